/* Writes large frames into the socket of its host with descriptors that are none of theirs: which,
 * its input `words` says; without it, a pipe. Asked for nothing, it behaves. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bad.h"
#include "frame.h"

enum { LARGE = 100000, SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* A memfd with an answer that would be taken, if only it were sealed as it must be. */
static int memory(size_t size, int seals)
{
    static char body[LARGE + 1];
    int fd = memfd_create("body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    memset(body, ' ', sizeof body);
    memcpy(body, "{\"outcome\":\"done\",\"outputs\":{}}", 31);
    if (write(fd, body, size) != (ssize_t)size || fcntl(fd, F_ADD_SEALS, seals) != 0)
        return -1;
    return fd;
}

static int pipe_end(void)
{
    int pipes[2];
    return pipe(pipes) == 0 ? pipes[0] : -1;
}

static void smuggle(const char *what)
{
    size_t size = LARGE, count = 1;
    int fds[8];
    if (strcmp(what, "none") == 0)
        count = 0;
    else if (strcmp(what, "unsealed") == 0)
        fds[0] = memory(LARGE, 0);
    else if (strcmp(what, "writable") == 0)
        fds[0] = memory(LARGE, SEALS & ~F_SEAL_WRITE);
    else if (strcmp(what, "short") == 0)
        fds[0] = memory(LARGE - 1, SEALS);
    else if (strcmp(what, "long") == 0)
        fds[0] = memory(LARGE + 1, SEALS);
    else if (strcmp(what, "file") == 0)
        fds[0] = open("/etc/localtime", O_RDONLY | O_CLOEXEC);
    else if (strcmp(what, "two") == 0)
        count = 2;
    else if (strcmp(what, "eight") == 0)
        count = 8;
    else if (strcmp(what, "small") == 0)
        size = 31;
    else
        fds[0] = pipe_end();
    if (count > 1 || size < LARGE) {
        for (size_t i = 0; i < count; i++)
            fds[i] = memory(size, SEALS);
    }
    frame_write_with(FRAME_OUTCOME, 1, size, fds, count);
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    const char *what = sankofa_text_of(host, call, "words").bytes;
    if (strcmp(what, "nothing") == 0)
        return SANKOFA_DONE;
    smuggle(what);
    for (;;)
        pause();
    return SANKOFA_DONE;
}

BAD_PLUGIN("smuggler")
