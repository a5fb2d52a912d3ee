/* Loaded before a daemon: fdatasync fails, as on a dying disk, once the file $FAULT_FILE is there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
    const char *file = getenv("FAULT_FILE");
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

    if (file && access(file, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}
