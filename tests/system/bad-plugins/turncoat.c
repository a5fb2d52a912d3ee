/* Says by itself that it cannot be loaded, in words that are made to break the log. */
#include "bad.h"
#include "frame.h"

__attribute__((constructor)) static void refuse(void)
{
    frame_write(FRAME_UNLOADED, 0, "{\"message\":\"two\\nlines and \\\"quotes\\\"\"}");
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("turncoat")
