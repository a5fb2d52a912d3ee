/* Answers by itself, in due form, and is gone before its host can. */
#include <stdint.h>
#include <stdlib.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static const char body[] = "{\"outcome\":\"done\",\"outputs\":{\"words\":\"the last ones\"}}";
    struct {
        uint32_t size;
        uint16_t kind, zeros;
        uint64_t call;
    } head = {sizeof body - 1, 7, 0, strtoull(host->idempotency_key(call).bytes, NULL, 10)};
    if (write(3, &head, sizeof head) < 0 || write(3, body, sizeof body - 1) < 0)
        return SANKOFA_FAILED;
    _exit(0);
}

BAD_PLUGIN("last_words")
