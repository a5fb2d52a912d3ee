/* Frames over a socket, waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "wire/wire.h"

struct pair {
    struct arena *arena;
    int ours, theirs;
};

static int set_up(void **state)
{
    struct pair *pair = test_malloc(sizeof *pair);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    *pair = (struct pair){arena_create("test"), fds[0], fds[1]};
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    close(pair->ours);
    if (pair->theirs >= 0)
        close(pair->theirs);
    arena_destroy(pair->arena);
    test_free(pair);
    return 0;
}

static struct wire_frame frame_of(struct arena *arena, size_t size)
{
    struct wire_frame frame = {.kind = WIRE_RUN, .call = 9, .body = value_map(arena)};
    char *words = arena_alloc(arena, size + 1);
    memset(words, 'x', size);
    value_put(&frame.body, "words", value_string((struct text){words, size}));
    return frame;
}

static void frames_arrive_one_by_one(void **state)
{
    struct pair *pair = *state;
    struct wire_frame sent = frame_of(pair->arena, 5), received;
    for (int i = 0; i < 3; i++) {
        sent.call = (uint64_t)i + 1;
        assert_int_equal(wire_send(pair->ours, pair->arena, &sent), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wire_receive(pair->theirs, pair->arena, 1000, &received), 0);
        assert_int_equal(received.call, i + 1);
        assert_int_equal(value_text_at(&received.body, "words").size, 5);
    }
}

enum { MANY = 60 };

/* The last frame that did not come as it was sent; 0: all did. */
static void *receive_many(void *self)
{
    struct pair *pair = self;
    struct arena *arena = arena_create("receiver");
    uintptr_t wrong = 0;
    for (uintptr_t i = 1; i <= MANY; i++) {
        struct wire_frame received;
        arena_reset(arena);
        if (i == 1)
            usleep(100000); /* by then the socket is full */
        if (wire_receive(pair->theirs, arena, 10000, &received) != 0 || received.call != i ||
            value_text_at(&received.body, "words").size != i % 2 * 30000 + 50000)
            wrong = i;
    }
    arena_destroy(arena);
    return (void *)wrong;
}

/* More than the socket holds, small and large; also where the ends do not wait by themselves. */
static void frames_are_sent_while_others_are_received(void **state)
{
    struct pair *pair = *state;
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        void *wrong;
        assert_int_equal(pthread_create(&thread, NULL, receive_many, pair), 0);
        for (uint64_t call = 1; call <= MANY; call++) {
            struct wire_frame sent = frame_of(pair->arena, call % 2 * 30000 + 50000);
            sent.call = call;
            assert_int_equal(wire_send(pair->ours, pair->arena, &sent), 0);
        }
        assert_int_equal(pthread_join(thread, &wrong), 0);
        assert_null(wrong);
        assert_int_equal(fcntl(pair->ours, F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(fcntl(pair->theirs, F_SETFL, O_NONBLOCK), 0);
    }
}

static void the_other_sides_end_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame sent = frame_of(pair->arena, 5), received;
    assert_int_equal(write(pair->theirs, "\1\0\0", 3), 3);
    close(pair->theirs);
    pair->theirs = -1;
    assert_int_equal(wire_receive(pair->ours, pair->arena, -1, &received), -EPIPE);
    assert_int_equal(wire_send(pair->ours, pair->arena, &sent), -EPIPE);
}

static void an_end_with_unread_frames_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame sent = frame_of(pair->arena, 5), received;
    assert_int_equal(wire_send(pair->ours, pair->arena, &sent), 0);
    close(pair->theirs);
    pair->theirs = -1;
    assert_int_equal(wire_receive(pair->ours, pair->arena, -1, &received), -EPIPE);
}

static void silence_is_a_timeout(void **state)
{
    struct pair *pair = *state;
    struct wire_frame received;
    assert_int_equal(wire_receive(pair->ours, pair->arena, 0, &received), -ETIMEDOUT);
    /* The time is the whole frame's: a head without its body does not begin it anew. */
    assert_int_equal(write(pair->theirs, "\2\0\0\0\3\0\0\0\1\0\0\0\0\0\0\0", 16), 16);
    assert_int_equal(wire_receive(pair->ours, pair->arena, 50, &received), -ETIMEDOUT);
}

static void garbage_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame received;
    assert_int_equal(write(pair->theirs, "HTTP/1.1 200 OK\r\n", 17), 17);
    assert_int_equal(wire_receive(pair->ours, pair->arena, 1000, &received), -EPROTO);
}

static void a_body_that_is_garbage_is_told(void **state)
{
    struct pair *pair = *state;
    struct wire_frame received;
    assert_int_equal(write(pair->theirs, "\2\0\0\0\3\0\0\0\1\0\0\0\0\0\0\0[]", 18), 18);
    assert_int_equal(wire_receive(pair->ours, pair->arena, 1000, &received), -EPROTO);
}

static void what_cannot_be_written_is_not_sent(void **state)
{
    struct pair *pair = *state;
    struct wire_frame sent = frame_of(pair->arena, WIRE_BODY_BYTES_MAX), received;
    assert_int_equal(wire_send(pair->ours, pair->arena, &sent), -EMSGSIZE);
    assert_int_equal(wire_receive(pair->theirs, pair->arena, 0, &received), -ETIMEDOUT);
    assert_int_equal(wire_receive(-1, pair->arena, 100, &received), -ETIMEDOUT);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    sent = frame_of(pair->arena, 1);
    assert_int_equal(wire_send(pipes[1], pair->arena, &sent), -ENOTSOCK);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_arrive_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frames_are_sent_while_others_are_received, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_other_sides_end_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_end_with_unread_frames_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_is_a_timeout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(garbage_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_is_garbage_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_not_sent, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
