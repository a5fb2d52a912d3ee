/* Limits and privileges, by prctl and setrlimit. Each step is a line of a table, so that the one
 * that fails can be named. */
#include "jail/jail.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct jail_limits jail_limits_default(void)
{
    return (struct jail_limits){.memory_bytes = 512ULL << 20,
                                .file_bytes = 16ULL << 20,
                                .file_count = 64,
                                .process_count = 32};
}

/* Sets both limits, and never raises one. */
static int limit(int resource, uint64_t value)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return -errno;
    rlim_t wanted = value < now.rlim_max ? (rlim_t)value : now.rlim_max;
    struct rlimit set = {.rlim_cur = wanted, .rlim_max = wanted};
    return setrlimit(resource, &set) == 0 ? 0 : -errno;
}

static int gain_nothing(const struct jail_limits *limits)
{
    (void)limits;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

static int die_with_parent(const struct jail_limits *limits)
{
    (void)limits;
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : -errno;
}

/* Neither ptrace nor /proc of the same user sees into it, and it leaves no core. */
static int hide(const struct jail_limits *limits)
{
    (void)limits;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}

static int limit_core(const struct jail_limits *limits)
{
    (void)limits;
    return limit(RLIMIT_CORE, 0);
}

static int limit_memory(const struct jail_limits *limits)
{
    return limits->memory_bytes == 0 ? 0 : limit(RLIMIT_AS, limits->memory_bytes);
}

static int limit_file_size(const struct jail_limits *limits)
{
    return limit(RLIMIT_FSIZE, limits->file_bytes);
}

static int limit_files(const struct jail_limits *limits)
{
    return limit(RLIMIT_NOFILE, limits->file_count);
}

static int limit_processes(const struct jail_limits *limits)
{
    return limit(RLIMIT_NPROC, limits->process_count);
}

static const struct {
    int (*take)(const struct jail_limits *limits);
    const char *name;
} measures[] = {
    {die_with_parent, "prctl(PR_SET_PDEATHSIG)"},
    {gain_nothing, "prctl(PR_SET_NO_NEW_PRIVS)"},
    {hide, "prctl(PR_SET_DUMPABLE)"},
    {limit_core, "setrlimit(RLIMIT_CORE)"},
    {limit_memory, "setrlimit(RLIMIT_AS)"},
    {limit_file_size, "setrlimit(RLIMIT_FSIZE)"},
    {limit_files, "setrlimit(RLIMIT_NOFILE)"},
    {limit_processes, "setrlimit(RLIMIT_NPROC)"},
};

int jail_enter(const struct jail_limits *limits, int last_fd, const char **what_out)
{
    *what_out = "close_range";
    if (last_fd < 2)
        return -EINVAL;
    if (close_range((unsigned)last_fd + 1, ~0U, 0) != 0)
        return -errno;
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        *what_out = measures[i].name;
        int result = measures[i].take(limits);
        if (result != 0)
            return result;
    }
    return 0;
}
