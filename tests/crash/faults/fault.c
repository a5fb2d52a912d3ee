/* Runs a program whose system calls fail where a test says, and counts them: all of them, those of
 * libc, LMDB and the loops included. A filter (seccomp's user notification) stops the program at
 * each call and asks this one, which lets it go on or answers in the kernel's place.
 *
 *   crash-fault COUNTS [CALL NUMBER ERROR] -- PROGRAM ARGUMENT...
 *
 *   COUNTS   a file that gets a line for each kind of call: NAME COUNT; and `spared COUNT`
 *   CALL     the kind that fails, by name or number; NUMBER: which one of them, from 1
 *   ERROR    EIO, ENOSPC, EINTR, ...; with a + behind it: this one and all that follow; or
 *            `short`: half of what was asked for is written or read
 *
 * A fault that the kernel never makes is spared, and counted so. Calls count from main() on:
 * before, it is the loader's business; with FAULT_WAITS set, from SIGUSR2 on. Ends as the program
 * ends (a signal as 128 and its number), and dies with whoever started it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS_MAX = 512, BYTES_MAX = 1 << 20, PIECES_MAX = 64, STATUS_BROKEN = 125 };

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR},   {"ENOMEM", ENOMEM},
    {"EMFILE", EMFILE}, {"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"ECONNABORTED", ECONNABORTED},
    {"EPERM", EPERM},   {"ENOSYS", ENOSYS}, {"EPIPE", EPIPE},
};

/* The kinds of calls that have a name here; others are counted by number. */
static const struct {
    const char *name;
    int number;
} names[] = {
#define CALL(name)                                                                                 \
    {                                                                                              \
#name, SYS_##name                                                                          \
    }
    CALL(accept4),
    CALL(access),
    CALL(arch_prctl),
    CALL(bind),
    CALL(brk),
    CALL(capset),
    CALL(chdir),
    CALL(clock_gettime),
    CALL(clock_nanosleep),
    CALL(clone),
    CALL(clone3),
    CALL(close),
    CALL(close_range),
    CALL(connect),
    CALL(dup),
    CALL(dup2),
    CALL(dup3),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_pwait),
    CALL(epoll_wait),
    CALL(eventfd2),
    CALL(execve),
    CALL(exit),
    CALL(exit_group),
    CALL(fadvise64),
    CALL(fallocate),
    CALL(fchmod),
    CALL(fchmodat),
    CALL(fchownat),
    CALL(fchown),
    CALL(fcntl),
    CALL(fdatasync),
    CALL(flock),
    CALL(fstat),
    CALL(fstatfs),
    CALL(fsync),
    CALL(ftruncate),
    CALL(futex),
    CALL(getdents64),
    CALL(getegid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getpid),
    CALL(getrandom),
    CALL(getsockname),
    CALL(getsockopt),
    CALL(gettid),
    CALL(getuid),
    CALL(ioctl),
    CALL(io_uring_setup),
    CALL(kill),
    CALL(listen),
    CALL(lseek),
    CALL(lstat),
    CALL(madvise),
    CALL(mkdir),
    CALL(mkdirat),
    CALL(mlock),
    CALL(mlock2),
    CALL(mlockall),
    CALL(mmap),
    CALL(mprotect),
    CALL(mremap),
    CALL(msync),
    CALL(munmap),
    CALL(newfstatat),
    CALL(open),
    CALL(openat),
    CALL(pidfd_open),
    CALL(pipe2),
    CALL(poll),
    CALL(prctl),
    CALL(pread64),
    CALL(prlimit64),
    CALL(pwrite64),
    CALL(pwritev),
    CALL(read),
    CALL(readlink),
    CALL(readlinkat),
    CALL(recvfrom),
    CALL(recvmsg),
    CALL(rename),
    CALL(renameat2),
    CALL(rmdir),
    CALL(rseq),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(seccomp),
    CALL(landlock_create_ruleset),
    CALL(landlock_add_rule),
    CALL(landlock_restrict_self),
    CALL(setpriority),
    CALL(setrlimit),
    CALL(getppid),
    CALL(sched_getaffinity),
    CALL(sched_yield),
    CALL(sendmsg),
    CALL(sendto),
    CALL(set_robust_list),
    CALL(set_tid_address),
    CALL(setsockopt),
    CALL(shutdown),
    CALL(sigaltstack),
    CALL(socket),
    CALL(socketpair),
    CALL(stat),
    CALL(statfs),
    CALL(statx),
    CALL(sysinfo),
    CALL(tgkill),
    CALL(umask),
    CALL(uname),
    CALL(unlink),
    CALL(unlinkat),
    CALL(vfork),
    CALL(wait4),
    CALL(waitid),
    CALL(write),
    CALL(writev),
    CALL(chmod),
    CALL(chown),
    CALL(times),
    CALL(getrusage),
    CALL(ppoll),
    CALL(restart_syscall),
    CALL(faccessat2),
#undef CALL
};

struct fault {
    int call; /* -1: none */
    unsigned long number;
    int error;
    bool is_short, is_for_ever;
};

static unsigned long counts[CALLS_MAX];
static unsigned long spared_count;
static volatile sig_atomic_t has_begun;
static bool waits; /* for SIGUSR2, to begin */
static pid_t program;
static int program_fd; /* a pidfd */

static void fail(const char *what)
{
    perror(what);
    exit(STATUS_BROKEN);
}

/* ---- What the arguments say. ---- */

static int call_number(const char *name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].number;
    if (name[0] >= '0' && name[0] <= '9' && atoi(name) < CALLS_MAX)
        return atoi(name);
    fprintf(stderr, "crash-fault: there is no call %s\n", name);
    exit(STATUS_BROKEN);
}

static int error_number(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (strlen(errors[i].name) == size && strncmp(errors[i].name, name, size) == 0)
            return errors[i].number;
    fprintf(stderr, "crash-fault: there is no error %s\n", name);
    exit(STATUS_BROKEN);
}

static struct fault read_fault(char **words)
{
    struct fault fault = {.call = call_number(words[0]), .number = strtoul(words[1], NULL, 10)};
    size_t size = strlen(words[2]);

    fault.is_for_ever = size > 0 && words[2][size - 1] == '+';
    fault.is_short = strcmp(words[2], "short") == 0;
    if (!fault.is_short)
        fault.error = error_number(words[2], size - fault.is_for_ever);
    return fault;
}

static void write_counts(const char *path)
{
    FILE *file = fopen(path, "we");

    if (!file)
        fail(path);
    for (int call = 0; call < CALLS_MAX; call++) {
        const char *name = NULL;

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (names[i].number == call)
                name = names[i].name;
        if (counts[call] > 0 && name)
            fprintf(file, "%s %lu\n", name, counts[call]);
        else if (counts[call] > 0)
            fprintf(file, "%d %lu\n", call, counts[call]);
    }
    if (spared_count > 0)
        fprintf(file, "spared %lu\n", spared_count);
    fclose(file);
}

/* ---- The program. ---- */

/* In the child: every call but those that cannot be answered asks. */
static int install_filter(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(steps) / sizeof(steps[0]), steps};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                        &program);
}

/* Starts it, stopped at its first call. Gives the listener, taken out of the child. */
static int start(char **words, pid_t *child_out)
{
    /* Without a call of its own the child can only tell by memory. */
    volatile int *child_fd =
        mmap(NULL, sizeof(*child_fd), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int listener;

    if (child_fd == MAP_FAILED)
        fail("mmap");
    *child_fd = -2;
    *child_out = fork();
    if (*child_out < 0)
        fail("fork");
    if (*child_out == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        *child_fd = install_filter();
        if (*child_fd >= 0)
            execv(words[0], words);
        _exit(STATUS_BROKEN);
    }
    while (*child_fd == -2)
        usleep(100);
    program = *child_out;
    program_fd = pidfd_open(*child_out, 0);
    listener = program_fd < 0 ? -1 : pidfd_getfd(program_fd, *child_fd, 0);
    if (listener < 0)
        fail("seccomp");
    return listener;
}

/* ---- Half of what was asked for. ---- */

struct request {
    pid_t thread;
    int fd;
    struct iovec pieces[PIECES_MAX]; /* in the program's memory */
    size_t piece_count, size;
    int64_t offset; /* -1: where the file is */
    bool is_read, is_socket;
};

static bool peek(pid_t thread, void *bytes, size_t size, uint64_t address)
{
    struct iovec here = {bytes, size}, there = {(void *)(uintptr_t)address, size};

    return process_vm_readv(thread, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* False: this call knows no half. */
static bool read_request(const struct seccomp_notif *notice, struct request *request_out)
{
    const uint64_t *words = (const uint64_t *)notice->data.args;
    int call = notice->data.nr;
    bool has_pieces = call == SYS_writev || call == SYS_pwritev;

    *request_out =
        (struct request){.thread = (pid_t)notice->pid, .fd = (int)words[0], .offset = -1};
    if (call != SYS_write && call != SYS_pwrite64 && call != SYS_writev && call != SYS_pwritev &&
        call != SYS_sendto && call != SYS_read && call != SYS_pread64 && call != SYS_recvfrom)
        return false;
    request_out->is_read = call == SYS_read || call == SYS_pread64 || call == SYS_recvfrom;
    request_out->is_socket = call == SYS_sendto || call == SYS_recvfrom;
    if (call == SYS_pwrite64 || call == SYS_pread64 || call == SYS_pwritev)
        request_out->offset = (int64_t)words[3];
    request_out->piece_count = has_pieces ? words[2] : 1;
    if (request_out->piece_count > PIECES_MAX)
        return false;
    if (has_pieces && !peek(request_out->thread, request_out->pieces,
                            request_out->piece_count * sizeof(struct iovec), words[1]))
        return false;
    if (!has_pieces)
        request_out->pieces[0] = (struct iovec){(void *)(uintptr_t)words[1], words[2]};
    for (size_t i = 0; i < request_out->piece_count; i++)
        request_out->size += request_out->pieces[i].iov_len;
    return request_out->size > 1 && request_out->size <= BYTES_MAX;
}

static ssize_t move_bytes(const struct request *request, int fd, void *bytes, size_t size)
{
    if (request->is_socket)
        return request->is_read ? recv(fd, bytes, size, MSG_DONTWAIT)
                                : send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (request->offset >= 0)
        return request->is_read ? pread(fd, bytes, size, request->offset)
                                : pwrite(fd, bytes, size, request->offset);
    return request->is_read ? read(fd, bytes, size) : write(fd, bytes, size);
}

/* The open file of the program itself, or of a process that it has started. -1: there is none. */
static int open_file_of(pid_t thread, int fd)
{
    char task[64];
    int process_fd, found;

    snprintf(task, sizeof(task), "/proc/%d/task/%d", program, thread);
    if (access(task, F_OK) == 0)
        return pidfd_getfd(program_fd, fd, 0);
    process_fd = pidfd_open(thread, 0);
    if (process_fd < 0)
        return -1;
    found = pidfd_getfd(process_fd, fd, 0);
    close(process_fd);
    return found;
}

/* Does half of it, through the program's own open file. False: it is left as it is. */
static bool do_half(const struct request *request, int64_t *result_out)
{
    static char bytes[BYTES_MAX];
    size_t half = request->size / 2;
    struct iovec here = {bytes, request->is_read ? half : request->size};
    int fd = open_file_of(request->thread, request->fd);
    ssize_t moved = -1;

    if (fd < 0)
        return false;
    if (request->is_read || process_vm_readv(request->thread, &here, 1, request->pieces,
                                             request->piece_count, 0) == (ssize_t)request->size)
        moved = move_bytes(request, fd, bytes, half);
    close(fd);
    here.iov_len = moved > 0 ? (size_t)moved : 0;
    if (moved > 0 && request->is_read &&
        process_vm_writev(request->thread, &here, 1, request->pieces, request->piece_count, 0) !=
            moved)
        fail("process_vm_writev");
    *result_out = moved;
    return moved > 0;
}

/* ---- Answers. ---- */

static bool is_beginning(const struct seccomp_notif *notice)
{
    return notice->data.nr == SYS_prctl && notice->data.args[0] == PR_SET_DUMPABLE;
}

static bool is_faulty(const struct seccomp_notif *notice, const struct fault *fault)
{
    unsigned long count = counts[notice->data.nr];

    return notice->data.nr == fault->call &&
           (count == fault->number || (fault->is_for_ever && count > fault->number));
}

/* What the kernel never answers: a pipe or an eventfd of the program's own knows no error but
 * EINTR, and nothing that reads LMDB's first pages, inside a file of this machine, gets a part of
 * them. */
static bool is_impossible(const struct seccomp_notif *notice, const struct fault *fault)
{
    char path[64], target[4096];
    size_t end = strlen("/data.mdb");
    ssize_t size;

    snprintf(path, sizeof(path), "/proc/%u/fd/%d", notice->pid, (int)notice->data.args[0]);
    size = readlink(path, target, sizeof(target) - 1);
    target[size < 0 ? 0 : size] = '\0';
    if (notice->data.nr == SYS_pread64)
        return fault->is_short && size > (ssize_t)end &&
               strcmp(target + size - end, "/data.mdb") == 0;
    if (notice->data.nr != SYS_close && (notice->data.nr != SYS_read || fault->error == EINTR) &&
        (notice->data.nr != SYS_write || fault->error == EINTR))
        return false;
    return strncmp(target, "pipe:", 5) == 0 || strcmp(target, "anon_inode:[eventfd]") == 0;
}

static void decide(const struct seccomp_notif *notice, const struct fault *fault,
                   struct seccomp_notif_resp *answer_out)
{
    struct request request;
    int64_t moved;

    *answer_out =
        (struct seccomp_notif_resp){.id = notice->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (!waits && is_beginning(notice))
        has_begun = true;
    if (!has_begun || notice->data.nr < 0 || notice->data.nr >= CALLS_MAX)
        return;
    counts[notice->data.nr]++;
    if (is_faulty(notice, fault) && is_impossible(notice, fault)) {
        spared_count++;
    } else if (is_faulty(notice, fault)) {
        if (notice->data.nr == SYS_brk) /* tells of failure by where the end is */
            *answer_out = (struct seccomp_notif_resp){.id = notice->id, .val = 0};
        else if (!fault->is_short)
            *answer_out = (struct seccomp_notif_resp){.id = notice->id, .error = -fault->error};
        else if (read_request(notice, &request) && do_half(&request, &moved))
            *answer_out = (struct seccomp_notif_resp){.id = notice->id, .val = moved};
    } else if (is_beginning(notice)) {
        /* Else its memory would be closed to a test that is not root. */
        *answer_out = (struct seccomp_notif_resp){.id = notice->id};
    }
}

static void answer(int listener, const struct fault *fault)
{
    struct seccomp_notif notice;
    struct seccomp_notif_resp reply;

    memset(&notice, 0, sizeof(notice));
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) < 0)
        return; /* the thread is gone */
    decide(&notice, fault, &reply);
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static void begin(int number)
{
    (void)number;
    has_begun = true;
}

static void pass_on(int number)
{
    syscall(SYS_pidfd_send_signal, program_fd, number, NULL, 0);
}

int main(int argc, char **argv)
{
    struct fault fault = {.call = -1};
    int first = 2, status;
    struct pollfd polled[2];
    pid_t child;

    if (argc > 6 && strcmp(argv[2], "--") != 0) {
        fault = read_fault(argv + 2);
        first = 5;
    }
    if (first + 1 >= argc || strcmp(argv[first], "--") != 0) {
        fprintf(stderr, "usage: crash-fault COUNTS [CALL NUMBER ERROR] -- PROGRAM ARGUMENT...\n");
        return STATUS_BROKEN;
    }
    waits = getenv("FAULT_WAITS") != NULL;
    polled[0] = (struct pollfd){.fd = start(argv + first + 1, &child), .events = POLLIN};
    polled[1] = (struct pollfd){.fd = program_fd, .events = POLLIN};
    signal(SIGTERM, pass_on);
    signal(SIGUSR2, begin);
    while (!(polled[1].revents & POLLIN)) {
        if (poll(polled, 2, -1) > 0 && (polled[0].revents & POLLIN))
            answer(polled[0].fd, &fault);
    }
    if (waitpid(child, &status, 0) != child)
        fail("waitpid");
    write_counts(argv[1]);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
