/* The host's end of the socket: frames in order, and a look whether a call was cancelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "host/link.h"

struct fixture {
    struct arena *arena;
    struct link link;
    int theirs;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    fixture->arena = arena_create("test");
    link_init(&fixture->link, fds[0]);
    fixture->theirs = fds[1];
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->link.fd);
    if (fixture->theirs >= 0)
        close(fixture->theirs);
    link_finish(&fixture->link);
    link_finish(&fixture->link);
    arena_destroy(fixture->arena);
    test_free(fixture);
    return 0;
}

static void send_frame(struct fixture *fixture, enum wire_kind kind, uint64_t call, size_t size)
{
    struct wire_frame frame = {.kind = kind, .call = call, .body = value_map(fixture->arena)};
    char *words = arena_alloc(fixture->arena, size + 1);
    memset(words, 'x', size);
    value_put(&frame.body, "words", value_string((struct text){words, size}));
    assert_int_equal(wire_send(fixture->theirs, fixture->arena, &frame), 0);
}

static void receives(struct fixture *fixture, enum wire_kind kind, uint64_t call)
{
    struct wire_frame frame;
    assert_int_equal(link_receive(&fixture->link, fixture->arena, &frame), 0);
    assert_int_equal(frame.kind, kind);
    assert_int_equal(frame.call, call);
}

static void a_cancel_is_seen_behind_other_calls_and_none_is_lost(void **state)
{
    struct fixture *fixture = *state;
    send_frame(fixture, WIRE_RUN, 1, 10);
    receives(fixture, WIRE_RUN, 1);
    assert_false(link_is_cancelled(&fixture->link, 1));
    send_frame(fixture, WIRE_RUN, 2, 10);
    send_frame(fixture, WIRE_CANCEL, 2, 0);
    assert_false(link_is_cancelled(&fixture->link, 1));
    send_frame(fixture, WIRE_CANCEL, 1, 0);
    assert_true(link_is_cancelled(&fixture->link, 1));
    receives(fixture, WIRE_RUN, 2);
    assert_true(link_is_cancelled(&fixture->link, 2));
    receives(fixture, WIRE_CANCEL, 2);
    receives(fixture, WIRE_CANCEL, 1);
}

static void half_a_frame_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    static const char frame[] = "\2\0\0\0\6\0\0\0\1\0\0\0\0\0\0\0{}";
    assert_int_equal(write(fixture->theirs, frame, 8), 8);
    assert_false(link_is_cancelled(&fixture->link, 1));
    assert_int_equal(write(fixture->theirs, frame + 8, 8), 8);
    assert_true(link_is_cancelled(&fixture->link, 1)); /* its head says it */
    assert_int_equal(write(fixture->theirs, frame + 16, 2), 2);
    receives(fixture, WIRE_CANCEL, 1);
}

static void a_large_call_is_taken(void **state)
{
    struct fixture *fixture = *state;
    struct wire_frame frame;
    send_frame(fixture, WIRE_RUN, 1, 3 << 20);
    assert_false(link_is_cancelled(&fixture->link, 1));
    assert_int_equal(link_receive(&fixture->link, fixture->arena, &frame), 0);
    assert_int_equal(value_text_at(&frame.body, "words").size, 3 << 20);
}

/* While a call runs, others may come without end: what is not taken stays in the socket. */
static void calls_that_wait_do_not_fill_the_memory(void **state)
{
    struct fixture *fixture = *state;
    char bytes[16 + 60000] = "\x60\xea\0\0\3\0\0\0\1\0\0\0\0\0\0\0";
    size_t sent = 0;
    memset(bytes + 16, ' ', sizeof bytes - 16);
    bytes[16] = '{';
    bytes[17] = '}';
    for (int i = 0; i < 200; i++) {
        ssize_t size = send(fixture->theirs, bytes + sent % sizeof bytes,
                            sizeof bytes - sent % sizeof bytes, MSG_DONTWAIT);
        sent += size > 0 ? (size_t)size : 0;
        assert_false(link_is_cancelled(&fixture->link, 1));
    }
    assert_true(wire_inbox_is_full(&fixture->link.inbox));
    assert_true(sent < 2 * WIRE_INBOX_BYTES_MAX);
    assert_true(fixture->link.inbox.buffer.capacity <= 2 * WIRE_INBOX_BYTES_MAX);
    assert_false(link_wait(&fixture->link, 1, 20)); /* which sleeps, though more could be read */
    for (size_t i = 0; i < sent / sizeof bytes; i++)
        receives(fixture, WIRE_RUN, 1);
}

static void large_calls_that_wait_are_bounded_and_none_is_lost(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t i = 1; i <= WIRE_INBOX_PARCELS_MAX + 4; i++)
        send_frame(fixture, WIRE_RUN, i, 100000);
    send_frame(fixture, WIRE_CANCEL, 1, 0);
    assert_false(link_is_cancelled(&fixture->link, 1)); /* it stands behind what is not taken */
    assert_int_equal(fixture->link.inbox.parcel_count, WIRE_INBOX_PARCELS_MAX);
    for (uint64_t i = 1; i <= 6; i++)
        receives(fixture, WIRE_RUN, i);
    assert_true(link_is_cancelled(&fixture->link, 1));
    for (uint64_t i = 7; i <= WIRE_INBOX_PARCELS_MAX + 4; i++)
        receives(fixture, WIRE_RUN, i);
    receives(fixture, WIRE_CANCEL, 1);
}

static void the_end_cancels_everything(void **state)
{
    struct fixture *fixture = *state;
    struct wire_frame frame;
    send_frame(fixture, WIRE_RUN, 1, 1);
    close(fixture->theirs);
    fixture->theirs = -1;
    assert_true(link_is_cancelled(&fixture->link, 7));
    assert_int_equal(link_receive(&fixture->link, fixture->arena, &frame), 0);
    assert_int_equal(link_receive(&fixture->link, fixture->arena, &frame), -EPIPE);
}

static void garbage_is_an_error_and_no_cancel(void **state)
{
    struct fixture *fixture = *state;
    struct wire_frame frame;
    assert_int_equal(write(fixture->theirs, "GET / HTTP/1.1\r\n", 16), 16);
    assert_false(link_is_cancelled(&fixture->link, 1));
    assert_int_equal(link_receive(&fixture->link, fixture->arena, &frame), -EPROTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cancel_is_seen_behind_other_calls_and_none_is_lost,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_a_frame_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_call_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_that_wait_do_not_fill_the_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_calls_that_wait_are_bounded_and_none_is_lost, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_end_cancels_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(garbage_is_an_error_and_no_cancel, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
