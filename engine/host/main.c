#include <stdio.h>
#include <unistd.h>

#include "host/host.h"

int main(int argc, char **argv)
{
    int status = host_main(argc, argv);
    /* What a plugin left to be done at the end of the process is not run. */
    fflush(NULL);
    _exit(status);
}
