/* Describes itself, before its host can, by what is no description. */
#include "bad.h"
#include "frame.h"

__attribute__((constructor)) static void describe(void)
{
    frame_write(FRAME_LOADED, 0, "{\"name\":\"stranger\"}");
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("stranger")
