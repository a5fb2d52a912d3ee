/* Puts an output that is not UTF-8. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_text(host, call, "words", "caf\xe9");
    return SANKOFA_DONE;
}

BAD_PLUGIN("utf8")
