/* Has no checks, and one step that has 150 ms and hangs. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    for (;;)
        pause();
    return SANKOFA_DONE;
}

static const struct sankofa_step_type quick_type = {.size = sizeof quick_type,
                                                    .timeout_ms = 150,
                                                    .flags = SANKOFA_IDEMPOTENT,
                                                    .name = "job",
                                                    .summary = "Hangs.",
                                                    .inputs = inputs,
                                                    .outputs = outputs,
                                                    .run = work};

BAD_TABLE("steps_only", SANKOFA_ABI, &quick_type)
