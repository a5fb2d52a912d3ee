/* Puts an output of another kind than it declares. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_integer(host, call, "words", 7);
    return SANKOFA_DONE;
}

BAD_PLUGIN("wrong_kind")
