/* Writes a file without end into the folder that it was granted. */
#define BAD_NEEDS SANKOFA_FILES
#include <fcntl.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    static char bytes[1 << 16];
    int fd = open(sankofa_text_of(host, call, "words").bytes, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (fd >= 0 && write(fd, bytes, sizeof bytes) > 0)
        ;
    return SANKOFA_DONE;
}

BAD_PLUGIN("eater")
