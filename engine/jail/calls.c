/* Three verdicts beside "allowed":
 *
 *   refused (EPERM)   the default. What honest programs and libraries try, and can live without: a
 *                     socket for the system's log, a file to write, a lower priority.
 *   unknown (ENOSYS)  calls for which a C library has an older way that the filter can judge, as it
 *                     sees numbers and never what a pointer points to (clone3, openat2); and what
 *                     kernels learn after this was written (filter.c).
 *   deadly            what no step has a use for, and every attack: other processes' memory,
 *                     namespaces, mounts, modules. The end is in the log, with its signal.
 *
 * A call that takes a path is not confined by this table but by Landlock; so calls that Landlock
 * does not judge (chmod, chown, times, extended attributes, truncate by path) are not here. */
#include "jail/calls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>

#define ALL_BITS 0xffffffffULL
#define COMMON   CALLS_COMMON
#define HOST     CALLS_HOST
#define WRITING  CALLS_WRITING
#define NETWORK  CALLS_NETWORK
#define PROGRAMS CALLS_PROGRAMS

#define ALLOW(groups, name)                                                                        \
    {                                                                                              \
        .call = SCMP_SYS(name), .who = (groups)                                                    \
    }
#define ALLOW_IF(groups, name, ...)                                                                \
    {                                                                                              \
        .call = SCMP_SYS(name), .who = (groups), .arguments = { __VA_ARGS__ }                      \
    }
#define ALLOW_ITSELF(groups, name)                                                                 \
    {                                                                                              \
        .call = SCMP_SYS(name), .who = (groups), .of_itself = 1                                    \
    }
#define UNKNOWN(name)                                                                              \
    {                                                                                              \
        .call = SCMP_SYS(name), .verdict = CALLS_UNKNOWN                                           \
    }
#define DEADLY(name)                                                                               \
    {                                                                                              \
        .call = SCMP_SYS(name), .verdict = CALLS_DEADLY                                            \
    }
#define IS(at, number)                                                                             \
    {                                                                                              \
        .index = (at), .mask = ALL_BITS, .value = (uint64_t)(number)                               \
    }
#define MASKED(at, bits, number)                                                                   \
    {                                                                                              \
        .index = (at), .mask = (bits), .value = (uint64_t)(number)                                 \
    }

/* A namespace of one's own is a way to capabilities. */
#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
/* O_RDONLY is 0; and O_TRUNC writes whatever else is said. */
#define OPENED_TO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC)

#define FCNTL(groups, command) ALLOW_IF(groups, fcntl, IS(1, command))
#define IOCTL(command)         ALLOW_IF(HOST, ioctl, IS(1, command))
#define PRCTL(option)          ALLOW_IF(HOST, prctl, IS(0, option))
#define SOCKET(family, type, protocol)                                                             \
    ALLOW_IF(NETWORK, socket, IS(0, family), MASKED(1, 0xf, type), IS(2, protocol))
#define SOCKET_LEVEL(level)   ALLOW_IF(NETWORK, setsockopt, IS(1, level))
#define SOCKET_OPTION(option) ALLOW_IF(NETWORK, setsockopt, IS(1, SOL_SOCKET), IS(2, option))
/* MSG_FASTOPEN connects without connect. */
#define SENDING(name, at) ALLOW_IF(HOST, name, MASKED(at, MSG_FASTOPEN, 0))

const struct calls_rule calls_rules[] = {
    /* Descriptors that are open. */
    ALLOW(COMMON, read),
    ALLOW(COMMON, readv),
    ALLOW(COMMON, pread64),
    ALLOW(COMMON, preadv),
    ALLOW(COMMON, write),
    ALLOW(COMMON, writev),
    ALLOW(COMMON, lseek),
    ALLOW(COMMON, close),
    ALLOW(COMMON, close_range),
    ALLOW(COMMON, fstat),
    ALLOW(COMMON, newfstatat), /* a C library's fstat */
    ALLOW(COMMON, fadvise64),
    ALLOW(COMMON, poll),
    ALLOW(COMMON, ppoll),
    /* Never F_SETOWN: it sends signals to whom it names. */
    FCNTL(COMMON, F_GETFD),
    FCNTL(COMMON, F_SETFD),
    FCNTL(COMMON, F_GETFL),
    FCNTL(HOST, F_SETFL),
    FCNTL(HOST, F_DUPFD),
    FCNTL(HOST, F_DUPFD_CLOEXEC),
    FCNTL(HOST, F_GETLK),
    FCNTL(HOST, F_SETLK),
    FCNTL(HOST, F_SETLKW),
    FCNTL(HOST, F_OFD_GETLK),
    FCNTL(HOST, F_OFD_SETLK),
    FCNTL(HOST, F_OFD_SETLKW),
    FCNTL(HOST, F_GET_SEALS),
    FCNTL(HOST, F_ADD_SEALS),
    FCNTL(HOST, F_GETPIPE_SZ),
    ALLOW(HOST, flock),
    ALLOW(HOST, dup),
    ALLOW(HOST, dup2),
    ALLOW(HOST, dup3),
    ALLOW(HOST, pwrite64),
    ALLOW(HOST, pwritev),
    ALLOW(HOST, preadv2),
    ALLOW(HOST, pwritev2),
    ALLOW(HOST, readahead),
    ALLOW(HOST, sendfile),
    ALLOW(HOST, copy_file_range),
    IOCTL(TCGETS),
    IOCTL(TIOCGWINSZ),
    IOCTL(FIONREAD),
    IOCTL(FIONBIO),
    IOCTL(FIOCLEX),
    IOCTL(FIONCLEX),

    /* Memory. */
    ALLOW(COMMON, mmap),
    ALLOW(COMMON, munmap),
    ALLOW(COMMON, mprotect),
    ALLOW(COMMON, mremap),
    ALLOW(COMMON, madvise),
    ALLOW(COMMON, brk),
    ALLOW(HOST, mincore),
    ALLOW(HOST, msync),
    ALLOW(HOST, mlock), /* as far as RLIMIT_MEMLOCK goes */
    ALLOW(HOST, mlock2),
    ALLOW(HOST, munlock),
    ALLOW(HOST, get_mempolicy),
    ALLOW(HOST, pkey_alloc),
    ALLOW(HOST, pkey_free),
    ALLOW(HOST, pkey_mprotect),
    /* Never of huge pages: the machine's are few, and set aside for somebody. */
    ALLOW_IF(HOST, memfd_create, MASKED(1, MFD_HUGETLB, 0)),

    /* The process itself, its threads and signals. */
    ALLOW(COMMON, exit),
    ALLOW(COMMON, exit_group),
    ALLOW(COMMON, futex),
    ALLOW(COMMON, set_robust_list),
    ALLOW(COMMON, rseq),
    ALLOW(COMMON, sched_yield),
    ALLOW(COMMON, sched_getaffinity),
    ALLOW(COMMON, getpid),
    ALLOW(COMMON, gettid),
    ALLOW(COMMON, rt_sigaction),
    ALLOW(COMMON, rt_sigprocmask),
    ALLOW(COMMON, rt_sigreturn),
    ALLOW(COMMON, sigaltstack),
    ALLOW(COMMON, restart_syscall),
    ALLOW_ITSELF(COMMON, tgkill),
    ALLOW_ITSELF(COMMON, kill),
    ALLOW_IF(HOST, clone, MASKED(0, NAMESPACES | CLONE_THREAD, CLONE_THREAD)),
    ALLOW(HOST, set_tid_address),
    ALLOW(HOST, get_robust_list),
    ALLOW(HOST, membarrier),
    ALLOW(HOST, arch_prctl),
    ALLOW(HOST, rt_sigpending),
    ALLOW(HOST, rt_sigsuspend),
    ALLOW(HOST, rt_sigtimedwait),
    ALLOW(HOST, signalfd),
    ALLOW(HOST, signalfd4),
    ALLOW(HOST, pause),
    ALLOW(HOST, getppid),
    ALLOW(HOST, getpgrp),
    ALLOW(HOST, getpgid),
    ALLOW(HOST, getsid),
    ALLOW(HOST, getuid),
    ALLOW(HOST, geteuid),
    ALLOW(HOST, getgid),
    ALLOW(HOST, getegid),
    ALLOW(HOST, getresuid),
    ALLOW(HOST, getresgid),
    ALLOW(HOST, getgroups),
    ALLOW(HOST, getrusage),
    ALLOW(HOST, times),
    ALLOW(HOST, getrlimit),
    /* Asks, and sets nothing: the pointer to what is to be set is NULL. */
    ALLOW_IF(HOST, prlimit64, MASKED(2, ~0ULL, 0)),
    ALLOW(HOST, getpriority),
    ALLOW(HOST, sched_getparam),
    ALLOW(HOST, sched_getscheduler),
    ALLOW(HOST, sched_get_priority_max),
    ALLOW(HOST, sched_get_priority_min),
    ALLOW(HOST, getcpu),
    ALLOW(HOST, umask),
    ALLOW_IF(HOST, personality, IS(0, 0xffffffff)),
    /* Never PR_SET_PDEATHSIG: it ends with the daemon. */
    PRCTL(PR_SET_NAME),
    PRCTL(PR_GET_NAME),
    PRCTL(PR_GET_DUMPABLE),
    PRCTL(PR_GET_PDEATHSIG),
    PRCTL(PR_GET_NO_NEW_PRIVS),
    PRCTL(PR_SET_NO_NEW_PRIVS),
    PRCTL(PR_GET_SECCOMP),
    PRCTL(PR_CAPBSET_READ),
    PRCTL(PR_SET_TIMERSLACK),
    PRCTL(PR_SET_VMA),

    /* Time, chance, the machine. */
    ALLOW(COMMON, clock_gettime),
    ALLOW(COMMON, clock_getres),
    ALLOW(COMMON, gettimeofday),
    ALLOW(COMMON, time),
    ALLOW(COMMON, getrandom),
    ALLOW(COMMON, uname),
    ALLOW(HOST, sysinfo),
    ALLOW(HOST, nanosleep),
    ALLOW(HOST, clock_nanosleep),
    ALLOW(HOST, alarm),
    ALLOW(HOST, getitimer),
    ALLOW(HOST, setitimer),
    ALLOW(HOST, timer_create),
    ALLOW(HOST, timer_settime),
    ALLOW(HOST, timer_gettime),
    ALLOW(HOST, timer_getoverrun),
    ALLOW(HOST, timer_delete),
    ALLOW(HOST, timerfd_create),
    ALLOW(HOST, timerfd_settime),
    ALLOW(HOST, timerfd_gettime),

    /* Waiting, and talking to itself. */
    ALLOW(HOST, select),
    ALLOW(HOST, pselect6),
    ALLOW(HOST, epoll_create),
    ALLOW(HOST, epoll_create1),
    ALLOW(HOST, epoll_ctl),
    ALLOW(HOST, epoll_wait),
    ALLOW(HOST, epoll_pwait),
    ALLOW(HOST, epoll_pwait2),
    ALLOW(HOST, eventfd),
    ALLOW(HOST, eventfd2),
    ALLOW(HOST, pipe),
    ALLOW(HOST, pipe2),
    /* Of streams alone: a datagram could be sent to any socket that has a name. */
    ALLOW_IF(HOST, socketpair, IS(0, AF_UNIX), MASKED(1, 0xf, SOCK_STREAM)),
    ALLOW(HOST, recvfrom),
    ALLOW(HOST, recvmsg),
    ALLOW(HOST, recvmmsg),
    ALLOW(HOST, shutdown),
    ALLOW(HOST, getsockname),
    ALLOW(HOST, getpeername),
    ALLOW(HOST, getsockopt),
    SENDING(sendto, 3),
    SENDING(sendmsg, 2),
    SENDING(sendmmsg, 3),

    /* Files, to read. Which, says Landlock. */
    ALLOW_IF(HOST, open, MASKED(1, OPENED_TO_WRITE, 0)),
    ALLOW_IF(HOST, openat, MASKED(2, OPENED_TO_WRITE, 0)),
    ALLOW(HOST, stat),
    ALLOW(HOST, lstat),
    ALLOW(HOST, statx),
    ALLOW(HOST, statfs),
    ALLOW(HOST, fstatfs),
    ALLOW(HOST, access),
    ALLOW(HOST, faccessat),
    ALLOW(HOST, faccessat2),
    ALLOW(HOST, readlink),
    ALLOW(HOST, readlinkat),
    ALLOW(HOST, getdents),
    ALLOW(HOST, getdents64),
    ALLOW(HOST, getcwd),
    ALLOW(HOST, chdir),
    ALLOW(HOST, fchdir),

    /* Files, to write. Programs write at least to /dev/null. O_RDONLY with O_TRUNC stays refused:
     * an older Landlock takes it for reading. */
    ALLOW_IF(WRITING | PROGRAMS, open, MASKED(1, O_ACCMODE, O_WRONLY)),
    ALLOW_IF(WRITING | PROGRAMS, open, MASKED(1, O_ACCMODE, O_RDWR)),
    ALLOW_IF(WRITING | PROGRAMS, openat, MASKED(2, O_ACCMODE, O_WRONLY)),
    ALLOW_IF(WRITING | PROGRAMS, openat, MASKED(2, O_ACCMODE, O_RDWR)),
    ALLOW(WRITING | PROGRAMS, ftruncate),
    ALLOW(WRITING, fallocate),
    ALLOW(WRITING, fsync),
    ALLOW(WRITING, fdatasync),
    ALLOW(WRITING, sync_file_range),
    ALLOW(WRITING, mkdir),
    ALLOW(WRITING, mkdirat),
    ALLOW(WRITING, rmdir),
    ALLOW(WRITING, unlink),
    ALLOW(WRITING, unlinkat),
    ALLOW(WRITING, rename),
    ALLOW(WRITING, renameat),
    ALLOW(WRITING, renameat2),

    /* The network: TCP and UDP, never to listen; no Unix socket: among those are the daemon's. */
    SOCKET(AF_INET, SOCK_STREAM, 0),
    SOCKET(AF_INET, SOCK_STREAM, IPPROTO_TCP),
    SOCKET(AF_INET, SOCK_DGRAM, 0),
    SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
    SOCKET(AF_INET6, SOCK_STREAM, 0),
    SOCKET(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
    SOCKET(AF_INET6, SOCK_DGRAM, 0),
    SOCKET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
    ALLOW(NETWORK, connect),
    SOCKET_LEVEL(IPPROTO_IP),
    SOCKET_LEVEL(IPPROTO_IPV6),
    SOCKET_LEVEL(IPPROTO_TCP),
    /* Never SO_LINGER: who closes such a socket last waits, and that may be the daemon, to which a
     * plugin can pass one. */
    SOCKET_OPTION(SO_KEEPALIVE),
    SOCKET_OPTION(SO_REUSEADDR),
    SOCKET_OPTION(SO_RCVBUF),
    SOCKET_OPTION(SO_SNDBUF),
    SOCKET_OPTION(SO_RCVTIMEO),
    SOCKET_OPTION(SO_SNDTIMEO),

    /* Programs. Never setpgid and setsid: what is started is ended with its group. */
    ALLOW_IF(PROGRAMS, clone, MASKED(0, NAMESPACES, 0)),
    ALLOW(PROGRAMS, fork),
    ALLOW(PROGRAMS, vfork),
    ALLOW(PROGRAMS, execve),
    ALLOW(PROGRAMS, execveat),
    ALLOW(PROGRAMS, wait4),
    ALLOW(PROGRAMS, waitid),
    ALLOW(PROGRAMS, splice),
    ALLOW(PROGRAMS, tee),
    /* A pidfd comes from clone with CLONE_PIDFD alone, so it is of a child. */
    ALLOW(PROGRAMS, pidfd_send_signal),
    ALLOW(CALLS_SIGNALS, kill),
    ALLOW(CALLS_SIGNALS, tgkill),

    UNKNOWN(clone3),
    UNKNOWN(openat2),
    UNKNOWN(io_uring_setup),

    DEADLY(ptrace),
    DEADLY(process_vm_readv),
    DEADLY(process_vm_writev),
    DEADLY(process_madvise),
    DEADLY(pidfd_getfd),
    DEADLY(kcmp),
    DEADLY(unshare),
    DEADLY(setns),
    DEADLY(mount),
    DEADLY(umount2),
    DEADLY(move_mount),
    DEADLY(open_tree),
    DEADLY(fsopen),
    DEADLY(fsconfig),
    DEADLY(fsmount),
    DEADLY(fspick),
    DEADLY(mount_setattr),
    DEADLY(pivot_root),
    DEADLY(chroot),
    DEADLY(bpf),
    DEADLY(perf_event_open),
    DEADLY(userfaultfd),
    DEADLY(init_module),
    DEADLY(finit_module),
    DEADLY(delete_module),
    DEADLY(kexec_load),
    DEADLY(kexec_file_load),
    DEADLY(open_by_handle_at),
    DEADLY(reboot),
    DEADLY(swapon),
    DEADLY(swapoff),
    DEADLY(acct),
    DEADLY(settimeofday),
    DEADLY(clock_settime),
    DEADLY(adjtimex),
    DEADLY(clock_adjtime),
    DEADLY(sethostname),
    DEADLY(setdomainname),
    DEADLY(quotactl),
    DEADLY(syslog),
    DEADLY(vhangup),
#if defined(__x86_64__) || defined(__i386__)
    DEADLY(iopl),
    DEADLY(ioperm),
    DEADLY(modify_ldt),
#endif
};
const size_t calls_rule_count = sizeof calls_rules / sizeof calls_rules[0];
