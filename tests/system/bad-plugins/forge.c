/* Writes a frame of its own: an outcome with an output that is not declared. */
#include <stdint.h>
#include <stdlib.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static const char body[] = "{\"outcome\":\"done\",\"outputs\":{\"secret\":1}}";
    struct {
        uint32_t size;
        uint16_t kind, zeros;
        uint64_t call;
    } head = {sizeof body - 1, 7, 0, strtoull(host->idempotency_key(call).bytes, NULL, 10)};
    if (write(3, &head, sizeof head) < 0 || write(3, body, sizeof body - 1) < 0)
        return SANKOFA_FAILED;
    for (;;)
        pause();
    return SANKOFA_DONE;
}

BAD_PLUGIN("forge")
