/* What a host gives up before it loads a plugin. In this version: privileges that could be gained,
 * and resources (seccomp and Landlock are the next layers, behind this same function). */
#ifndef SANKOFA_JAIL_JAIL_H
#define SANKOFA_JAIL_JAIL_H

#include <stdint.h>

struct jail_limits {
    uint64_t memory_bytes;  /* RLIMIT_AS; 0: leave as it is (sanitized builds) */
    uint64_t file_bytes;    /* RLIMIT_FSIZE */
    uint64_t file_count;    /* RLIMIT_NOFILE */
    uint64_t process_count; /* RLIMIT_NPROC; counts all of the user's, does not bind root */
};

/* 512 MiB, 16 MiB, 64 files, 32 processes. */
struct jail_limits jail_limits_default(void);

/* Sets no_new_privs, no core dumps, not dumpable, the limits, death with the parent, and closes
 * every descriptor above `last_fd`. For the rest of the process's life; limits that are already
 * lower stay as they are. The parent is the thread that started this process: it must live as long
 * as the process shall; a parent that is gone before the call is not noticed here. 0 or -errno with
 * *what_out, a literal naming the call that failed. */
int jail_enter(const struct jail_limits *limits, int last_fd, const char **what_out);

#endif
