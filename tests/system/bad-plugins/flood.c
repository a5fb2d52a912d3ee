/* Fills the log with frames of its own. */
#include <stdlib.h>

#include "bad.h"
#include "frame.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    uint64_t number = strtoull(host->idempotency_key(call).bytes, NULL, 10);
    while (frame_write(FRAME_LOG, number, "{\"level\":\"info\",\"event\":\"flood\"}") == 0)
        ;
    return SANKOFA_DONE;
}

BAD_PLUGIN("flood")
