/* Closes the socket of its host, and goes on. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    usleep(200000); /* by then other calls stand in it, unread */
    close(3);
    for (;;)
        pause();
    return SANKOFA_DONE;
}

BAD_PLUGIN("shut")
