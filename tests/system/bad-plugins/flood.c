/* Fills the log with frames of its own. */
#include <stdlib.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static const char body[] = "{\"level\":\"info\",\"event\":\"flood\"}";
    struct {
        uint32_t size;
        uint16_t kind, zeros;
        uint64_t call;
    } head = {sizeof body - 1, 8, 0, strtoull(host->idempotency_key(call).bytes, NULL, 10)};
    for (;;) {
        if (write(3, &head, sizeof head) < 0 || write(3, body, sizeof body - 1) < 0)
            return SANKOFA_FAILED;
    }
}

BAD_PLUGIN("flood")
