/* Writes what is no frame into the socket of its host. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static const char bytes[] = "HTTP/1.1 200 OK, and all is well";
    (void)host;
    (void)call;
    if (write(3, bytes, sizeof bytes) < 0)
        return SANKOFA_FAILED;
    for (;;)
        pause();
    return SANKOFA_DONE;
}

BAD_PLUGIN("garbage")
