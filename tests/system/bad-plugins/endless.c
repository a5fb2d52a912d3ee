/* Answers without end: a frame as large as may stand in the stream, of nothing, and then ever more.
 */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static const char head[16] = {0, 0, 1, 0, 7, 0, 0, 0, 1};
    static char bytes[65536];
    (void)host;
    (void)call;
    for (ssize_t sent = write(3, head, 16); sent >= 0;)
        sent = write(3, bytes, sizeof bytes);
    return SANKOFA_DONE;
}

BAD_PLUGIN("endless")
