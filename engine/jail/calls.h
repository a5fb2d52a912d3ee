/* The system calls of the jail, as data: who may call what, and what becomes of the others. */
#ifndef SANKOFA_JAIL_CALLS_H
#define SANKOFA_JAIL_CALLS_H

#include <stddef.h>
#include <stdint.h>

/* Who has a call. A jail has several of these. */
enum {
    CALLS_COMMON = 1,    /* memory, time, threads' locks, descriptors that are open */
    CALLS_HOST = 2,      /* threads, reading files, waiting, its socket */
    CALLS_WRITING = 4,   /* files: making, writing, removing */
    CALLS_NETWORK = 8,   /* connections, and names */
    CALLS_PROGRAMS = 16, /* starting programs, and waiting for them */
    CALLS_SIGNALS = 32   /* to whoever the kernel lets it reach: where that is nobody outside */
};

enum calls_verdict {
    CALLS_ALLOWED,
    CALLS_UNKNOWN, /* ENOSYS: a C library then goes another way */
    CALLS_DEADLY   /* the process ends */
};

/* What an argument must be: equal, once masked. */
struct calls_argument {
    unsigned index;
    uint64_t mask, value; /* mask 0: no such condition */
};

enum { CALLS_ARGUMENTS_MAX = 3 };

struct calls_rule {
    int call;
    unsigned who; /* of CALLS_ALLOWED; 0 otherwise */
    enum calls_verdict verdict;
    unsigned of_itself; /* the first argument must be this process */
    struct calls_argument arguments[CALLS_ARGUMENTS_MAX];
};

/* What stands nowhere here is refused with EPERM. */
extern const struct calls_rule calls_rules[];
extern const size_t calls_rule_count;

#endif
