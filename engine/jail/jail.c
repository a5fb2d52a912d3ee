/* The measures, one after the other. Each is a line of a table, so that the one that fails can be
 * named. Their order matters: what needs a privilege comes before it is given up, and a change of
 * user forgets the death with the parent. */
#include "jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/internal.h"

enum { OF_HOST = 1 << JAIL_HOST, OF_READER = 1 << JAIL_READER, OF_ALL = OF_HOST | OF_READER };

struct jail jail_default(enum jail_kind kind)
{
    return (struct jail){.kind = kind,
                         .limits = {.memory_bytes = 512ULL << 20,
                                    .file_bytes = 16ULL << 20,
                                    .file_count = 64,
                                    .process_count = 64},
                         .landlock_abi = jail_landlock_abi()};
}

/* Who it is. */

static int guard(const struct jail *jail)
{
    return jail->rights & JAIL_PROGRAMS ? guard_start(jail) : 0;
}

static int go_to_root(const struct jail *jail)
{
    (void)jail;
    return chdir("/") == 0 ? 0 : -errno;
}

/* When memory runs out the kernel looks here first, not at the daemon. */
static int be_expendable(const struct jail *jail)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    (void)jail;
    if (fd < 0)
        return -errno;
    int result = write(fd, "1000", 4) == 4 ? 0 : -errno;
    close(fd);
    return result;
}

static int change_user(const struct jail *jail)
{
    if (jail->uid == 0)
        return 0;
    gid_t gid = (gid_t)jail->uid;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(jail->uid, jail->uid, jail->uid) != 0)
        return -errno;
    return 0;
}

/* What has none already does not ask to drop them: a service's own filter may refuse the call. */
static int drop_capabilities(const struct jail *jail)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3];
    (void)jail;
    if (syscall(SYS_capget, &head, now) != 0)
        return -errno;
    if (memcmp(now, none, sizeof none) == 0)
        return 0;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return -errno;
    return syscall(SYS_capset, &head, none) == 0 ? 0 : -errno;
}

static int die_with_parent(const struct jail *jail)
{
    (void)jail;
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : -errno;
}

static int gain_nothing(const struct jail *jail)
{
    (void)jail;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

/* Neither ptrace nor /proc of the same user sees into it, and it leaves no core. */
static int hide(const struct jail *jail)
{
    return jail->is_traceable || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}

/* What it may use. */

/* Sets both limits, and never raises one. */
static int limit(int resource, uint64_t value)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0)
        return -errno;
    rlim_t wanted = value < now.rlim_max ? (rlim_t)value : now.rlim_max;
    struct rlimit set = {.rlim_cur = wanted, .rlim_max = wanted};
    return setrlimit((__rlimit_resource_t)resource, &set) == 0 ? 0 : -errno;
}

static int limit_core(const struct jail *jail)
{
    (void)jail;
    return limit(RLIMIT_CORE, 0);
}

static int limit_memory(const struct jail *jail)
{
    return jail->limits.memory_bytes == 0 ? 0 : limit(RLIMIT_AS, jail->limits.memory_bytes);
}

static int limit_file_size(const struct jail *jail)
{
    return limit(RLIMIT_FSIZE, jail->limits.file_bytes);
}

static int limit_files(const struct jail *jail)
{
    return limit(RLIMIT_NOFILE, jail->limits.file_count);
}

static int limit_processes(const struct jail *jail)
{
    return limit(RLIMIT_NPROC, jail->limits.process_count);
}

static const struct {
    unsigned kinds;
    int (*take)(const struct jail *jail);
    const char *name;
} measures[] = {
    {OF_HOST, guard, "the guard of what it starts"},
    {OF_ALL, go_to_root, "chdir"},
    {OF_HOST, be_expendable, "/proc/self/oom_score_adj"},
    {OF_ALL, change_user, "the change of the user"},
    {OF_ALL, drop_capabilities, "capset"},
    {OF_ALL, die_with_parent, "prctl(PR_SET_PDEATHSIG)"},
    {OF_ALL, gain_nothing, "prctl(PR_SET_NO_NEW_PRIVS)"},
    {OF_ALL, hide, "prctl(PR_SET_DUMPABLE)"},
    {OF_ALL, landlock_enter, "landlock"}, /* opens what it names: before files are limited */
    {OF_ALL, limit_core, "setrlimit(RLIMIT_CORE)"},
    {OF_ALL, limit_memory, "setrlimit(RLIMIT_AS)"},
    {OF_ALL, limit_file_size, "setrlimit(RLIMIT_FSIZE)"},
    {OF_ALL, limit_files, "setrlimit(RLIMIT_NOFILE)"},
    {OF_ALL, limit_processes, "setrlimit(RLIMIT_NPROC)"},
    {OF_ALL, filter_enter, "seccomp"},
};

int jail_enter(const struct jail *jail, int last_fd, const char **what_out)
{
    *what_out = "close_range";
    if (last_fd < 2)
        return -EINVAL;
    if (close_range((unsigned)last_fd + 1, ~0U, 0) != 0)
        return -errno;
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        *what_out = measures[i].name;
        int result = measures[i].kinds & (1U << jail->kind) ? measures[i].take(jail) : 0;
        if (result != 0)
            return result;
    }
    return 0;
}
