/* Landlock: which files and ports are left. Everything that the kernel can handle is handled, and
 * what is not listed here is refused.
 *
 * The happy path:
 *   1. a ruleset of all that this version handles
 *   2. a rule for each path and port that is left; a path that is not there is left out
 *   3. the ruleset binds this process and what it starts */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/internal.h"

/* What came after the headers of Debian 12. */
enum { RULE_NET_PORT = 2, ACCESS_NET_CONNECT_TCP = 1 << 1 };
#define ACCESS_FS_TRUNCATE  (1ULL << 14)
#define ACCESS_FS_IOCTL_DEV (1ULL << 15)
#define ACCESS_NET_ALL      3ULL /* bind and connect, of TCP */
#define SCOPE_ALL           3ULL /* abstract sockets and signals */

struct ruleset {
    uint64_t fs, net, scoped;
};

struct port_rule {
    uint64_t access, port;
};

/* What each version added. */
static const struct version {
    size_t attr_bytes;
    uint64_t fs, net, scoped;
} versions[] = {
    {8, (1ULL << 13) - 1, 0, 0}, {8, LANDLOCK_ACCESS_FS_REFER, 0, 0}, {8, ACCESS_FS_TRUNCATE, 0, 0},
    {16, 0, ACCESS_NET_ALL, 0},  {16, ACCESS_FS_IOCTL_DEV, 0, 0},     {24, 0, 0, SCOPE_ALL},
};
enum { VERSION_COUNT = sizeof versions / sizeof versions[0] };
_Static_assert((int)VERSION_COUNT == (int)LANDLOCK_ABI_SIGNALS, "the last one keeps signals");

#define FILE_READ  LANDLOCK_ACCESS_FS_READ_FILE
#define READ       (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTE    (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define FILE_WRITE (FILE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_FS_TRUNCATE)
/* No links, no devices, no sockets: what is written there may be read by somebody with more
 * rights. */
#define WRITE                                                                                      \
    (READ | FILE_WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | FILE_WRITE | ACCESS_FS_IOCTL_DEV)

/* What libraries read; nothing of it is secret. `rights`: only with one of these; 0: always. */
static const struct {
    const char *path;
    uint64_t access;
    unsigned rights;
} system_paths[] = {
    {"/usr", READ, 0},
    {"/lib", READ, 0},
    {"/lib64", READ, 0},
    {"/etc/ld.so.cache", FILE_READ, 0},
    {"/etc/localtime", FILE_READ, 0},
    {"/dev/urandom", FILE_READ, 0},
    {"/dev/null", FILE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE, 0},
    /* names, and who is to be trusted */
    {"/etc/resolv.conf", FILE_READ, JAIL_NETWORK},
    {"/run/systemd/resolve", READ, JAIL_NETWORK},
    {"/etc/hosts", FILE_READ, JAIL_NETWORK},
    {"/etc/host.conf", FILE_READ, JAIL_NETWORK},
    {"/etc/nsswitch.conf", FILE_READ, JAIL_NETWORK},
    {"/etc/gai.conf", FILE_READ, JAIL_NETWORK},
    {"/etc/services", FILE_READ, JAIL_NETWORK},
    {"/etc/protocols", FILE_READ, JAIL_NETWORK},
    {"/etc/ssl/certs", READ, JAIL_NETWORK},
    {"/etc/ssl/openssl.cnf", FILE_READ, JAIL_NETWORK},
    /* the loader of every program, by the names it has on the machines of Debian */
    {"/lib64/ld-linux-x86-64.so.2", EXECUTE, JAIL_PROGRAMS},
    {"/lib/ld-linux-aarch64.so.1", EXECUTE, JAIL_PROGRAMS},
    {"/lib/ld-linux-armhf.so.3", EXECUTE, JAIL_PROGRAMS},
    {"/lib/ld-linux.so.2", EXECUTE, JAIL_PROGRAMS},
};

int jail_landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

static int create(const struct jail *jail, struct ruleset *handled_out)
{
    bool any_port = (jail->rights & JAIL_NETWORK) != 0 && jail->port_count == 0;
    size_t bytes = 0;
    *handled_out = (struct ruleset){0};
    for (int i = 0; i < jail->landlock_abi && i < VERSION_COUNT; i++) {
        bytes = versions[i].attr_bytes;
        handled_out->fs |= versions[i].fs;
        handled_out->net |= versions[i].net;
        handled_out->scoped |= versions[i].scoped;
    }
    if (any_port)
        handled_out->net &= ~(uint64_t)ACCESS_NET_CONNECT_TCP;
    int fd = (int)syscall(SYS_landlock_create_ruleset, handled_out, bytes, 0);
    return fd < 0 ? -errno : fd;
}

/* A file cannot have the rights that only a folder has. */
static int add_path(int ruleset, const struct ruleset *handled, const char *path, uint64_t access)
{
    struct stat facts;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : -errno;
    struct landlock_path_beneath_attr rule = {.allowed_access = access & handled->fs,
                                              .parent_fd = fd};
    int result = fstat(fd, &facts) == 0 ? 0 : -errno;
    if (!S_ISDIR(facts.st_mode))
        rule.allowed_access &= OF_FILES;
    if (result == 0 && rule.allowed_access != 0 &&
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        result = -errno;
    close(fd);
    return result;
}

static int add_paths(int ruleset, const struct ruleset *handled, const struct jail_paths *paths,
                     uint64_t access)
{
    int result = 0;
    for (size_t i = 0; i < paths->count && result == 0; i++)
        result = add_path(ruleset, handled, paths->items[i], access);
    return result;
}

static int add_system(int ruleset, const struct ruleset *handled, unsigned rights)
{
    int result = 0;
    for (size_t i = 0; i < sizeof system_paths / sizeof system_paths[0] && result == 0; i++) {
        if (system_paths[i].rights == 0 || (system_paths[i].rights & rights) != 0)
            result = add_path(ruleset, handled, system_paths[i].path, system_paths[i].access);
    }
    return result;
}

static int add_ports(int ruleset, const struct jail *jail)
{
    for (size_t i = 0; i < jail->port_count; i++) {
        struct port_rule rule = {ACCESS_NET_CONNECT_TCP, jail->ports[i]};
        if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) != 0)
            return -errno;
    }
    return 0;
}

static int add_rules(int ruleset, const struct ruleset *handled, const struct jail *jail)
{
    if (jail->kind != JAIL_HOST)
        return 0;
    int result = add_system(ruleset, handled, jail->rights);
    if (result == 0 && jail->rights & JAIL_FILES)
        result = add_paths(ruleset, handled, &jail->read, READ);
    if (result == 0 && jail->rights & JAIL_FILES)
        result = add_paths(ruleset, handled, &jail->write, WRITE);
    if (result == 0 && jail->rights & JAIL_PROGRAMS)
        result = add_paths(ruleset, handled, &jail->programs, EXECUTE);
    if (result == 0 && jail->rights & JAIL_NETWORK && handled->net != 0)
        result = add_ports(ruleset, jail);
    return result;
}

int landlock_enter(const struct jail *jail)
{
    struct ruleset handled;
    if (jail->landlock_abi == 0)
        return 0;
    int ruleset = create(jail, &handled);
    if (ruleset < 0)
        return ruleset;
    int result = add_rules(ruleset, &handled, jail);
    if (result == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        result = -errno;
    close(ruleset);
    return result;
}
