/* Frames that wait for room in the socket: small and large ones keep their order, whole. */
#include <sys/resource.h>

#include "pair.h"

static void sends(struct pair *pair, struct wire_outbox *outbox, uint64_t call, size_t size)
{
    struct text bytes = bytes_of(pair->arena, call, size);
    assert_int_equal(wire_outbox_send(outbox, pair->theirs, bytes), 0);
}

/* Until a frame has to wait. */
static uint64_t fill(struct pair *pair, struct wire_outbox *outbox, uint64_t call, size_t size)
{
    for (; wire_outbox_is_empty(outbox); call++)
        sends(pair, outbox, call, size);
    return call;
}

static void what_the_socket_takes_is_gone_at_once(void **state)
{
    struct pair *pair = *state;
    struct wire_outbox outbox = {0};
    sends(pair, &outbox, 1, 100);
    sends(pair, &outbox, 2, WIRE_INLINE_BYTES_MAX + 1);
    sends(pair, &outbox, 3, WIRE_INLINE_BYTES_MAX);
    assert_true(wire_outbox_is_empty(&outbox));
    assert_null(outbox.buffer.bytes); /* nothing was kept on the way */
    receives(pair->ours, pair->arena, 1, 100);
    receives(pair->ours, pair->arena, 2, WIRE_INLINE_BYTES_MAX + 1);
    receives(pair->ours, pair->arena, 3, WIRE_INLINE_BYTES_MAX);
    wire_outbox_finish(&outbox);
}

/* Frames of every size behind one that was cut anywhere: they come in order, and the large ones
 * hold no descriptor while they wait. */
static void what_waits_keeps_its_order(void **state)
{
    static const size_t sizes[] = {100,    200000, 12,     50000, WIRE_INLINE_BYTES_MAX,
                                   100000, 100000, 100000, 300,   WIRE_BODY_BYTES_MAX};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    struct pair *pair = *state;
    for (size_t first = 1000; first < 1100; first += 7) { /* where it is cut */
        struct wire_outbox outbox = {0};
        uint64_t call = fill(pair, &outbox, 1, first), taken = 1;
        for (size_t i = 0; i < COUNT; i++)
            sends(pair, &outbox, call + i, sizes[i]);
        assert_int_equal(open_descriptors(), pair->descriptor_count);
        for (; taken < call; taken++) {
            receives(pair->ours, pair->arena, taken, first);
            assert_int_equal(wire_outbox_flush(&outbox, pair->theirs), 0);
        }
        for (size_t i = 0; i < COUNT; i++) {
            receives(pair->ours, pair->arena, call + i, sizes[i]);
            assert_int_equal(wire_outbox_flush(&outbox, pair->theirs), 0);
        }
        assert_true(wire_outbox_is_empty(&outbox));
        wire_outbox_finish(&outbox);
        arena_reset(pair->arena);
    }
}

/* As many heads as the socket takes, then the rest. */
static void large_frames_without_end_wait_too(void **state)
{
    struct pair *pair = *state;
    struct wire_outbox outbox = {0};
    uint64_t call = fill(pair, &outbox, 1, 70000);
    sends(pair, &outbox, call++, 100);
    for (uint64_t taken = 1; taken < call; taken++) {
        receives(pair->ours, pair->arena, taken, taken == call - 1 ? 100 : 70000);
        assert_int_equal(wire_outbox_flush(&outbox, pair->theirs), 0);
    }
    assert_true(wire_outbox_is_empty(&outbox));
    wire_outbox_finish(&outbox);
}

static void an_end_that_is_closed_is_told_and_all_is_forgotten(void **state)
{
    struct pair *pair = *state;
    struct wire_outbox outbox = {0};
    struct text large = bytes_of(pair->arena, 1, WIRE_INLINE_BYTES_MAX + 1);
    int other = pair->ours;
    fill(pair, &outbox, 1, 5000);
    pair->ours = pair->theirs; /* it goes on with one end */
    pair->theirs = other;
    close_theirs(pair);
    assert_int_equal(wire_outbox_flush(&outbox, pair->ours), -EPIPE);
    assert_true(wire_outbox_is_empty(&outbox));
    assert_int_equal(wire_outbox_send(&outbox, pair->ours, large), -EPIPE);
    assert_true(wire_outbox_is_empty(&outbox));
    wire_outbox_finish(&outbox);
}

static rlim_t limit_descriptors(rlim_t count)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void a_parcel_that_cannot_be_made_is_told_and_all_is_forgotten(void **state)
{
    struct pair *pair = *state;
    struct wire_outbox outbox = {0};
    struct text large = bytes_of(pair->arena, 1, WIRE_INLINE_BYTES_MAX + 1);
    int fd = dup(0);
    close(fd);
    rlim_t before = limit_descriptors((rlim_t)fd);
    assert_int_equal(wire_outbox_send(&outbox, pair->theirs, large), -EMFILE);
    assert_true(wire_outbox_is_empty(&outbox));
    limit_descriptors(before);

    uint64_t call = fill(pair, &outbox, 1, 5000); /* and when its turn comes */
    assert_int_equal(wire_outbox_send(&outbox, pair->theirs, large), 0);
    for (uint64_t taken = 1; taken < call - 1; taken++)
        receives(pair->ours, pair->arena, taken, 5000);
    limit_descriptors((rlim_t)fd);
    assert_int_equal(wire_outbox_flush(&outbox, pair->theirs), -EMFILE);
    assert_true(wire_outbox_is_empty(&outbox));
    limit_descriptors(before);
    wire_outbox_finish(&outbox);
}

static void an_inbox_says_what_it_lacks_and_what_it_holds(void **state)
{
    struct pair *pair = *state;
    struct wire_inbox inbox = {0};
    struct wire_frame frame;
    const char *why;
    struct text bytes = bytes_of(pair->arena, 3, 100);
    assert_int_equal(wire_inbox_lack(&inbox), WIRE_HEAD_BYTES);
    assert_int_equal(write(pair->theirs, bytes.bytes, 10), 10);
    assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, 4), 0);
    assert_int_equal(wire_inbox_lack(&inbox), 12);
    assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX), 0);
    assert_int_equal(wire_inbox_lack(&inbox), 6);
    assert_false(wire_inbox_holds(&inbox, WIRE_RUN, 3));
    assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX), -EAGAIN);
    assert_int_equal(write(pair->theirs, bytes.bytes + 10, 6), 6);
    assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX), 0);
    assert_int_equal(wire_inbox_lack(&inbox), 100);
    assert_true(wire_inbox_holds(&inbox, WIRE_RUN, 3));
    assert_false(wire_inbox_holds(&inbox, WIRE_RUN, 4));
    assert_false(wire_inbox_holds(&inbox, WIRE_CANCEL, 3));
    assert_int_equal(wire_inbox_next(&inbox, pair->arena, &frame, &why), 0);
    assert_int_equal(write(pair->theirs, bytes.bytes + 16, 100), 100);
    assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX), 0);
    assert_int_equal(wire_inbox_next(&inbox, pair->arena, &frame, &why), 1);
    assert_int_equal(frame.call, 3);
    close_theirs(pair);
    assert_int_equal(wire_inbox_fill(&inbox, pair->ours, MSG_DONTWAIT, SIZE_MAX), -EPIPE);
    wire_inbox_finish(&inbox);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_socket_takes_is_gone_at_once),
        TEST(what_waits_keeps_its_order),
        TEST(large_frames_without_end_wait_too),
        TEST(an_end_that_is_closed_is_told_and_all_is_forgotten),
        TEST(a_parcel_that_cannot_be_made_is_told_and_all_is_forgotten),
        TEST(an_inbox_says_what_it_lacks_and_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
