/* Puts an output that is within bounds as it is, and not once it is JSON. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static char quotes[3 << 20];
    memset(quotes, '"', sizeof quotes - 1);
    sankofa_put_text(host, call, "words", quotes);
    return SANKOFA_DONE;
}

BAD_PLUGIN("large")
