/* Puts an output that it does not declare. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_text(host, call, "surprise", "!");
    return SANKOFA_DONE;
}

BAD_PLUGIN("undeclared")
