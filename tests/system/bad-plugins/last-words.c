/* Answers by itself, in due form, and is gone before its host can. */
#include <stdlib.h>

#include "bad.h"
#include "frame.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    uint64_t number = strtoull(host->idempotency_key(call).bytes, NULL, 10);
    frame_write(FRAME_OUTCOME, number,
                "{\"outcome\":\"done\",\"outputs\":{\"words\":\"the last ones\"}}");
    _exit(0);
}

BAD_PLUGIN("last_words")
