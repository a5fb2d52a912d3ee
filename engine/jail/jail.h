/* What a process gives up before it runs what is not ours, for the rest of its life and for
 * everything it starts.
 *
 * Layers, from the outside in, each of which holds without the others:
 *   user      an own user and group, no other groups, no capability (where the caller is root)
 *   limits    memory, size of files, open files, processes; first to go when memory runs out
 *   landlock  which files, which TCP ports, no signal to anybody outside (as far as the kernel has
 *             it: jail_landlock_abi)
 *   seccomp   an allow-list of system calls
 *   guard     what it starts ends with it
 *
 * A *right* widens the jail. Nothing else does. */
#ifndef SANKOFA_JAIL_JAIL_H
#define SANKOFA_JAIL_JAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct jail_limits {
    uint64_t memory_bytes;  /* RLIMIT_AS; 0: leave as it is (sanitized builds) */
    uint64_t file_bytes;    /* RLIMIT_FSIZE */
    uint64_t file_count;    /* RLIMIT_NOFILE */
    uint64_t process_count; /* RLIMIT_NPROC; counts all of the user's, does not bind root */
};

enum jail_kind {
    JAIL_HOST,  /* runs a plugin: memory, threads, files of the system to read, its socket */
    JAIL_READER /* reads what it holds open, answers on what it holds open, opens nothing */
};

enum { JAIL_NETWORK = 1, JAIL_FILES = 2, JAIL_PROGRAMS = 4 }; /* rights; as in sankofa/step.h */

struct jail_paths {
    const char *const *items; /* absolute */
    size_t count;
};

struct jail {
    enum jail_kind kind;
    unsigned rights; /* of JAIL_HOST */
    struct jail_limits limits;
    uid_t uid; /* and gid of the same number; 0: stays who it is */
    /* JAIL_NETWORK: the TCP ports to connect to; none: every one. Never listens. */
    const uint16_t *ports;
    size_t port_count;
    struct jail_paths read, write; /* JAIL_FILES: folders with all below, or files */
    struct jail_paths programs;    /* JAIL_PROGRAMS: what may be executed, files or folders */
    int landlock_abi;              /* how much of Landlock is used; 0: nothing */
    bool is_traceable;             /* the same user's debugger may look in: author's tools alone */
};

/* The narrowest of that kind: 512 MiB, 16 MiB, 64 files, 64 processes; all that the kernel has of
 * Landlock. */
struct jail jail_default(enum jail_kind kind);
/* The version of Landlock that this kernel has; 0: none. */
int jail_landlock_abi(void);

/* Enters. Closes every descriptor above `last_fd`; dies with the parent, which is the thread that
 * started this process: it must live as long as the process shall; a parent that is gone before
 * the call is not noticed here. Limits that are lower already stay as they are. The process has
 * one thread. 0; or -errno with *what_out, a literal naming what failed: then the process must
 * end. */
int jail_enter(const struct jail *jail, int last_fd, const char **what_out);

#endif
