/* Large frames: what travels, and every way to send one wrongly. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pair.h"

enum { LARGE = 100000, CROWD_UID = 61077 };

/* ---- What travels. ---- */

static void a_body_of_every_size_arrives(void **state)
{
    static const size_t sizes[] = {
        12,      WIRE_INLINE_BYTES_MAX - 1, WIRE_INLINE_BYTES_MAX, WIRE_INLINE_BYTES_MAX + 1,
        1 << 20, WIRE_BODY_BYTES_MAX};
    struct pair *pair = *state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct wire_frame frame = frame_of_bytes(pair->arena, i + 1, sizes[i]);
        assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), 0);
        receives(pair->ours, pair->arena, i + 1, sizes[i]);
    }
}

/* One reading of the stream: its bytes, and the one descriptor that came with them, or -1. */
static size_t receive_by_hand(int socket, int *fd_out)
{
    char bytes[2 * WIRE_INLINE_BYTES_MAX];
    union {
        struct cmsghdr first;
        char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } control;
    struct iovec room = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(socket, &message, MSG_DONTWAIT);
    *fd_out = -1;
    assert_true(got > 0);
    if (message.msg_controllen == 0)
        return (size_t)got;
    assert_int_equal(control.first.cmsg_type, SCM_RIGHTS);
    assert_int_equal(control.first.cmsg_len, CMSG_LEN(sizeof(int)));
    memcpy(fd_out, CMSG_DATA(&control.first), sizeof *fd_out);
    return (size_t)got;
}

static void up_to_64_kib_stand_in_the_stream(void **state)
{
    struct pair *pair = *state;
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, WIRE_INLINE_BYTES_MAX);
    int fd;
    assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), 0);
    for (size_t got = 0; got < WIRE_HEAD_BYTES + WIRE_INLINE_BYTES_MAX;) {
        got += receive_by_hand(pair->ours, &fd);
        assert_int_equal(fd, -1);
    }
}

static void more_than_that_lies_in_a_memfd_that_nobody_can_change(void **state)
{
    struct pair *pair = *state;
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, WIRE_INLINE_BYTES_MAX + 1);
    struct text bytes = bytes_of(pair->arena, 1, WIRE_INLINE_BYTES_MAX + 1);
    struct stat facts;
    int fd;
    assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), 0);
    assert_int_equal(receive_by_hand(pair->ours, &fd), WIRE_HEAD_BYTES);
    assert_int_equal(fcntl(fd, F_GET_SEALS), ALL_SEALS);
    assert_int_equal(fstat(fd, &facts), 0);
    assert_int_equal(facts.st_size, WIRE_INLINE_BYTES_MAX + 1);
    char *body = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(body, MAP_FAILED);
    assert_memory_equal(body, bytes.bytes + WIRE_HEAD_BYTES, (size_t)facts.st_size);
    munmap(body, (size_t)facts.st_size);
    assert_int_equal(pwrite(fd, "y", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 1), -1);
    assert_int_equal(errno, EPERM);
    close(fd);
}

/* A descriptor belongs to the byte that it came with, however the stream is cut. */
static void a_head_in_pieces_brings_its_body(void **state)
{
    struct pair *pair = *state;
    struct text bytes = bytes_of(pair->arena, 7, LARGE);
    struct text body = {bytes.bytes + WIRE_HEAD_BYTES, LARGE};
    for (size_t first = 1; first < WIRE_HEAD_BYTES; first++) {
        for (int with_first = 0; with_first < 2; with_first++) {
            int fd = memory(body, ALL_SEALS);
            struct text rest = {bytes.bytes + first, WIRE_HEAD_BYTES - first};
            send_with(pair->theirs, (struct text){bytes.bytes, first}, &fd, (size_t)with_first);
            send_with(pair->theirs, rest, &fd, (size_t)!with_first);
            receives(pair->ours, pair->arena, 7, LARGE);
        }
    }
}

/* ---- Every way to send one wrongly. ---- */

static int sealed(struct text body)
{
    return memory(body, ALL_SEALS);
}

static int unsealed(struct text body)
{
    return memory(body, 0);
}

static int without_seal_seal(struct text body)
{
    return memory(body, ALL_SEALS & ~F_SEAL_SEAL);
}

static int without_seal_shrink(struct text body)
{
    return memory(body, ALL_SEALS & ~F_SEAL_SHRINK);
}

static int without_seal_grow(struct text body)
{
    return memory(body, ALL_SEALS & ~F_SEAL_GROW);
}

static int without_seal_write(struct text body)
{
    return memory(body, ALL_SEALS & ~F_SEAL_WRITE);
}

/* Whoever has it mapped already may still write. */
static int sealed_for_the_future_alone(struct text body)
{
    return memory(body, (ALL_SEALS & ~F_SEAL_WRITE) | F_SEAL_FUTURE_WRITE);
}

static int too_short(struct text body)
{
    return sealed((struct text){body.bytes, body.size - 1});
}

static int too_long(struct text body)
{
    char *bytes = test_calloc(1, body.size + 1);
    memcpy(bytes, body.bytes, body.size);
    int fd = sealed((struct text){bytes, body.size + 1});
    test_free(bytes);
    return fd;
}

static int garbage(struct text body)
{
    char *bytes = test_calloc(1, body.size);
    int fd = sealed((struct text){bytes, body.size});
    test_free(bytes);
    return fd;
}

/* The very memfd, by another way of opening it. */
static int reopened(struct text body, int flags)
{
    char path[32];
    int fd = sealed(body);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, flags | O_CLOEXEC);
    assert_true(again >= 0);
    close(fd);
    return again;
}

static int as_path(struct text body)
{
    return reopened(body, O_PATH);
}

/* A descriptor that may write cannot be had of one that is sealed, so it is had before. */
static int not_to_be_read(struct text body)
{
    char path[32];
    int fd = unsealed(body);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(again >= 0);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, ALL_SEALS), 0);
    close(fd);
    return again;
}

static int a_file(struct text body)
{
    char path[] = "/tmp/sankofa-parcel-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, body.bytes, body.size), body.size);
    return fd;
}

static int a_file_of_memory(struct text body)
{
    int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return a_file(body);
    assert_int_equal(write(fd, body.bytes, body.size), body.size);
    return fd;
}

static int a_folder(struct text body)
{
    (void)body;
    return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int a_device(struct text body)
{
    (void)body;
    return open("/dev/zero", O_RDONLY | O_CLOEXEC);
}

/* Reading it would wait for ever. */
static int a_pipe(struct text body)
{
    int pipes[2];
    (void)body;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    close(pipes[1]);
    return pipes[0];
}

static int a_socket(struct text body)
{
    (void)body;
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static const struct breach {
    const char *name;
    int (*make)(struct text body);
    size_t count; /* of descriptors */
    size_t size;  /* of the body */
    const char *why;
} breaches[] = {
    {"two", sealed, 2, LARGE, "it came with more than one descriptor"},
    {"three", sealed, 3, LARGE, "it came with descriptors that could not all be taken"},
    {"eight", sealed, 8, LARGE, "it came with descriptors that could not all be taken"},
    {"unsealed", unsealed, 1, LARGE, "it came with a memfd that is not sealed"},
    {"seal", without_seal_seal, 1, LARGE, "it came with a memfd that is not sealed"},
    {"shrink", without_seal_shrink, 1, LARGE, "it came with a memfd that is not sealed"},
    {"grow", without_seal_grow, 1, LARGE, "it came with a memfd that is not sealed"},
    {"write", without_seal_write, 1, LARGE, "it came with a memfd that is not sealed"},
    {"future", sealed_for_the_future_alone, 1, LARGE, "it came with a memfd that is not sealed"},
    {"short", too_short, 1, LARGE, "it came with a memfd of another size"},
    {"long", too_long, 1, LARGE, "it came with a memfd of another size"},
    {"garbage", garbage, 1, LARGE, "its body is not JSON"},
    {"path", as_path, 1, LARGE, "it came with a descriptor of no memfd"},
    {"unreadable", not_to_be_read, 1, LARGE, "it came with a memfd that cannot be read"},
    {"file", a_file, 1, LARGE, NULL}, /* of no memfd, or not sealed where /tmp is memory */
    {"memory", a_file_of_memory, 1, LARGE, NULL},
    {"folder", a_folder, 1, LARGE, NULL},
    {"device", a_device, 1, LARGE, NULL},
    {"pipe", a_pipe, 1, LARGE, "it came with a descriptor of no memfd"},
    {"socket", a_socket, 1, LARGE, "it came with a descriptor of no memfd"},
    {"small", sealed, 1, 100, "it came with a descriptor, and is small"},
    {"edge", sealed, 1, WIRE_INLINE_BYTES_MAX, "it came with a descriptor, and is small"},
    {"two and small", sealed, 2, 100, "it came with more than one descriptor"},
};

/* Reads what stands in the socket, waiting for nothing. 1, 0 or -EPROTO with its reason. */
static int read_inbox(struct pair *pair, struct wire_inbox *inbox, const char **why_out)
{
    struct wire_frame frame;
    int result = 0;
    while (result == 0 && wire_inbox_fill(inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX) == 0)
        result = wire_inbox_next(inbox, pair->arena, &frame, why_out);
    return result;
}

static void is_refused(struct pair *pair, const char *why)
{
    struct wire_inbox inbox = {0};
    const char *told = NULL;
    assert_int_equal(read_inbox(pair, &inbox, &told), -EPROTO);
    assert_non_null(told);
    if (why != NULL)
        assert_string_equal(told, why);
    wire_inbox_finish(&inbox);
}

static void send_breach(struct pair *pair, const struct breach *breach)
{
    int fds[DESCRIPTORS_MAX];
    struct text bytes = bytes_of(pair->arena, 1, breach->size);
    struct text body = {bytes.bytes + WIRE_HEAD_BYTES, breach->size};
    for (size_t i = 0; i < breach->count; i++)
        fds[i] = breach->make(body);
    if (breach->size > WIRE_INLINE_BYTES_MAX)
        bytes.size = WIRE_HEAD_BYTES;
    send_with(pair->theirs, bytes, fds, breach->count);
}

static void what_is_no_parcel_is_no_frame_and_is_closed(void **state)
{
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        struct pair *pair = *state;
        send_breach(pair, &breaches[i]);
        is_refused(pair, breaches[i].why);
        if (open_descriptors() != pair->descriptor_count)
            fail_msg("%s: a descriptor is left open", breaches[i].name);
        tear_down(state); /* nothing behind a breach is read: each has its own socket */
        set_up(state);
    }
}

/* Whoever waits is told the same. */
static void who_waits_is_told_too(void **state)
{
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        struct pair *pair = *state;
        struct wire_frame frame;
        send_breach(pair, &breaches[i]);
        assert_int_equal(wire_receive(pair->ours, pair->arena, 5000, &frame), -EPROTO);
        tear_down(state);
        set_up(state);
    }
}

static void a_large_body_in_the_stream_is_no_frame(void **state)
{
    struct pair *pair = *state;
    struct text bytes = bytes_of(pair->arena, 1, WIRE_INLINE_BYTES_MAX + 1);
    send_with(pair->theirs, bytes, NULL, 0);
    is_refused(pair, "it is larger than 64 KiB, and came without a descriptor");
}

static void a_head_without_its_descriptor_is_no_frame(void **state)
{
    struct pair *pair = *state;
    struct text bytes = bytes_of(pair->arena, 1, LARGE);
    int fd = sealed((struct text){bytes.bytes + WIRE_HEAD_BYTES, LARGE});
    send_with(pair->theirs, (struct text){bytes.bytes, WIRE_HEAD_BYTES}, NULL, 0);
    send_with(pair->theirs, TEXT("x"), &fd, 1); /* too late */
    is_refused(pair, "it is larger than 64 KiB, and came without a descriptor");
    assert_int_equal(recv(pair->ours, (char[8]){0}, 8, MSG_DONTWAIT), -1); /* it was read */
}

static void a_descriptor_for_each_half_of_a_head_is_one_too_many(void **state)
{
    struct pair *pair = *state;
    struct text bytes = bytes_of(pair->arena, 1, LARGE);
    for (size_t i = 0; i < 2; i++) {
        int fd = sealed((struct text){bytes.bytes + WIRE_HEAD_BYTES, LARGE});
        send_with(pair->theirs, (struct text){bytes.bytes + i * 8, 8}, &fd, 1);
    }
    is_refused(pair, "it came with more than one descriptor");
}

/* The frame before it takes a descriptor that came with its last byte; the large one has none. */
static void a_descriptor_that_comes_too_early_is_the_small_frames(void **state)
{
    struct pair *pair = *state;
    struct text small = bytes_of(pair->arena, 1, 100);
    struct text large = bytes_of(pair->arena, 2, LARGE);
    int fd = sealed((struct text){large.bytes + WIRE_HEAD_BYTES, LARGE});
    send_with(pair->theirs, (struct text){small.bytes, small.size - 1}, NULL, 0);
    send_with(pair->theirs, (struct text){small.bytes + small.size - 1, 1}, &fd, 1);
    send_with(pair->theirs, (struct text){large.bytes, WIRE_HEAD_BYTES}, NULL, 0);
    is_refused(pair, "it came with a descriptor, and is small");
}

static void a_small_frame_before_a_breach_is_still_taken(void **state)
{
    struct pair *pair = *state;
    struct wire_inbox inbox = {0};
    const char *why = NULL;
    send_with(pair->theirs, bytes_of(pair->arena, 1, 100), NULL, 0);
    send_breach(pair, &breaches[0]);
    assert_int_equal(read_inbox(pair, &inbox, &why), 1);
    struct wire_frame frame;
    assert_int_equal(wire_inbox_next(&inbox, pair->arena, &frame, &why), -EPROTO);
    assert_string_equal(why, breaches[0].why);
    wire_inbox_finish(&inbox);
}

static void a_size_beyond_the_bound_is_not_even_looked_at(void **state)
{
    struct pair *pair = *state;
    char head[WIRE_HEAD_BYTES];
    int fd = unsealed(TEXT("x"));
    wire_write_head(head, WIRE_RUN, 1, WIRE_BODY_BYTES_MAX + 1);
    send_with(pair->theirs, (struct text){head, sizeof head}, &fd, 1);
    is_refused(pair, "it is larger than 4 MiB");
}

/* What waits when the connection is given up is closed, too. */
static void parcels_that_nobody_took_are_closed(void **state)
{
    struct pair *pair = *state;
    struct wire_inbox inbox = {0};
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, LARGE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), 0);
        assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX), 0);
    }
    assert_int_equal(open_descriptors(), pair->descriptor_count + 3);
    wire_inbox_finish(&inbox);
}

/* ---- When there is no room for descriptors. ---- */

static rlim_t limit_descriptors(rlim_t count)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

/* Up to the first number that is free. */
static rlim_t no_more_descriptors(void)
{
    int fd = dup(0);
    close(fd);
    return limit_descriptors((rlim_t)fd);
}

static void a_receiver_without_room_for_it_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, LARGE);
    assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), 0);
    rlim_t before = no_more_descriptors();
    is_refused(pair, "it came with descriptors that could not all be taken");
    limit_descriptors(before);
}

static void a_sender_without_room_for_it_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, LARGE);
    rlim_t before = no_more_descriptors();
    assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), -EMFILE);
    limit_descriptors(before);
    frame = frame_of_bytes(pair->arena, 2, 100);
    assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), 0);
    receives(pair->ours, pair->arena, 2, 100); /* nothing of the other one stands before it */
}

static void a_sender_that_may_not_write_so_much_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, LARGE);
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = LARGE / 2;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(wire_send(pair->theirs, pair->arena, &frame), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

/* ---- When too many descriptors are on their way. ---- */

/* That bound is a user's, and does not bind root: a child of another user uses it up by messages to
 * itself. */
static int crowd(const int *private)
{
    int fds[DESCRIPTORS_MAX];
    for (int i = 0; i < 100; i++) {
        union {
            struct cmsghdr first;
            char bytes[CMSG_SPACE(sizeof fds)];
        } control = {.first = {.cmsg_len = CMSG_LEN(sizeof fds),
                               .cmsg_level = SOL_SOCKET,
                               .cmsg_type = SCM_RIGHTS}};
        struct iovec iovec = {"x", 1};
        struct msghdr message = {.msg_iov = &iovec,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        memset(fds, 0, sizeof fds); /* descriptor 0, again and again */
        memcpy(CMSG_DATA(&control.first), fds, sizeof fds);
        if (sendmsg(private[0], &message, 0) < 0)
            return errno;
    }
    return 0;
}

/* They are dropped where they are read by somebody who has no room for them. */
static void *disperse(void *self)
{
    const int *private = self;
    char byte;
    usleep(200000);
    while (recv(private[1], &byte, 1, MSG_DONTWAIT) == 1)
        ;
    return NULL;
}

/* 0, or the number of what was not as it shall be. */
static int send_in_a_crowd(struct pair *pair)
{
    struct wire_frame frame = frame_of_bytes(pair->arena, 1, LARGE);
    pthread_t thread;
    int private[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, private) != 0)
        return 1;
    if (geteuid() == 0 && setresuid(CROWD_UID, CROWD_UID, CROWD_UID) != 0)
        return 2;
    limit_descriptors((rlim_t) private[1] + 8);
    if (crowd(private) != ETOOMANYREFS)
        return 3;
    if (wire_send(pair->theirs, pair->arena, &frame) != -ETOOMANYREFS)
        return 4;
    if (pthread_create(&thread, NULL, disperse, private) != 0)
        return 5;
    if (wire_send(pair->theirs, pair->arena, &frame) != 0)
        return 6;
    return pthread_join(thread, NULL) == 0 ? 0 : 7;
}

static void a_crowd_is_waited_for_a_while(void **state)
{
    struct pair *pair = *state;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(send_in_a_crowd(pair));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    receives(pair->ours, pair->arena, 1, LARGE); /* once */
    assert_int_equal(recv(pair->ours, (char[8]){0}, 8, MSG_DONTWAIT), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_of_every_size_arrives),
        TEST(up_to_64_kib_stand_in_the_stream),
        TEST(more_than_that_lies_in_a_memfd_that_nobody_can_change),
        TEST(a_head_in_pieces_brings_its_body),
        TEST(what_is_no_parcel_is_no_frame_and_is_closed),
        TEST(who_waits_is_told_too),
        TEST(a_large_body_in_the_stream_is_no_frame),
        TEST(a_head_without_its_descriptor_is_no_frame),
        TEST(a_descriptor_for_each_half_of_a_head_is_one_too_many),
        TEST(a_descriptor_that_comes_too_early_is_the_small_frames),
        TEST(a_small_frame_before_a_breach_is_still_taken),
        TEST(a_size_beyond_the_bound_is_not_even_looked_at),
        TEST(parcels_that_nobody_took_are_closed),
        TEST(a_receiver_without_room_for_it_is_told),
        TEST(a_sender_without_room_for_it_is_told),
        TEST(a_sender_that_may_not_write_so_much_is_told),
        TEST(a_crowd_is_waited_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
