"""Which calls can fail here, and how: the errors that each may give."""

WRITES = ["EIO", "ENOSPC", "EINTR", "short", "EIO+", "ENOSPC+"]
READS = ["EIO", "EINTR", "short"]
SYNCS = ["EIO", "ENOSPC", "EINTR", "EIO+"]
NAMES = ["EIO", "ENOSPC", "EACCES"]
FAULTS = {
    # Files.
    "openat": ["EIO", "ENOSPC", "EMFILE", "EACCES", "EINTR"],
    "read": READS,
    "pread64": READS,
    "write": ["EIO", "ENOSPC", "EINTR", "short"],  # for ever: no word could be written either
    "pwrite64": WRITES,
    "writev": WRITES,
    "pwritev": WRITES,
    "fsync": SYNCS,
    "fdatasync": SYNCS,
    "ftruncate": ["EIO", "ENOSPC", "EINTR"],
    "lseek": ["EIO"],
    "fstat": ["EIO"],
    "newfstatat": ["EIO", "EACCES"],
    "fstatfs": ["EIO", "EINTR"],
    "statfs": ["EIO", "EINTR"],
    "flock": ["EIO", "EINTR"],
    "fcntl": ["EIO", "EINTR"],
    "close": ["EIO", "ENOSPC", "EINTR"],
    "access": ["EIO", "EACCES"],
    "faccessat2": ["EIO", "EACCES"],
    "readlink": ["EIO"],
    "chmod": ["EIO"],
    "mkdir": NAMES,
    "rename": NAMES,
    "renameat2": NAMES,
    "unlink": ["EIO"],
    "rmdir": ["EIO"],
    # Sockets and the loop.
    "socket": ["EMFILE", "EACCES"],
    "connect": ["EIO", "EINTR"],
    "bind": ["EIO", "EACCES"],
    "listen": ["EIO"],
    "accept4": ["EIO", "EINTR", "EMFILE", "ECONNABORTED"],
    "recvfrom": READS,
    "sendto": ["EIO", "EINTR", "EPIPE", "short"],
    "sendmsg": ["EIO", "EINTR", "EPIPE"],
    "getsockopt": ["EIO"],
    "setsockopt": ["EIO"],
    "getsockname": ["EIO"],
    "shutdown": ["EIO"],
    "epoll_create1": ["EMFILE"],
    "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "epoll_wait": ["EINTR"],
    "epoll_pwait": ["EINTR"],
    "poll": ["EINTR"],
    "eventfd2": ["EMFILE"],
    "pipe2": ["EMFILE"],
    "ioctl": ["EIO"],
    # The process apart that looks at the data file.
    "execve": ["EIO", "ENOMEM"],
    "dup2": ["EMFILE"],
    "wait4": ["EINTR"],
    "fadvise64": ["EIO"],
    "seccomp": ["EPERM"],
    "capset": ["EPERM"],
    "chdir": ["EACCES"],
    "landlock_create_ruleset": ["EMFILE"],
    "landlock_restrict_self": ["EPERM"],
    # Memory, threads, chance, limits.
    "mmap": ["ENOMEM"],
    "munmap": ["ENOMEM"],
    "mprotect": ["ENOMEM"],
    "mremap": ["ENOMEM"],
    "brk": ["ENOMEM"],
    "mlock": ["ENOMEM", "EPERM"],
    "mlock2": ["ENOMEM", "EPERM"],
    "clone": ["EAGAIN"],
    "clone3": ["EAGAIN"],
    "getrandom": ["EIO", "EINTR", "ENOSYS"],
    "prlimit64": ["EPERM"],
    "prctl": ["EPERM"],
}
UNNAMED = ["EIO"]  # of a call that has no row yet
# These do not fail as they are used here, or failing is libc's own affair.
SPARED = {"futex", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "umask", "uname"}
SPARED |= {"rt_sigaction", "rt_sigprocmask", "set_robust_list", "rseq", "sched_yield", "madvise"}
SPARED |= {"exit", "exit_group", "rt_sigreturn", "restart_syscall", "sched_getaffinity", "sysinfo"}
SPARED |= {"clock_nanosleep", "tgkill", "kill", "arch_prctl", "set_tid_address", "close_range"}
SPARED |= {"getppid"}
