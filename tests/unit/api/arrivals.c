/* When a request begins and ends: its time runs from its first byte, on a kept connection, too; and
 * who only stops sending gets every answer. */
#include "fixture.h"

static const char status_request[] = "GET /v1/status HTTP/1.1\r\n" HOST "\r\n";
static const char show_request[] = "GET /v1/cases/SN-2026-00001-K HTTP/1.1\r\n" AS_AWA "\r\n";
static const char half_line[] = "GET /v1/sta";

/* Long between two requests, short in one. */
enum { REQUEST_MS = 300, PAUSE_MS = 800 };

static int short_up(void **state)
{
    world_up(state);
    options.limits.request_ms_max = REQUEST_MS;
    open_api();
    return 0;
}

static void assert_served(int fd)
{
    say(fd, status_request);
    assert_int_equal(hear(fd).status, 200);
}

static void assert_cut(int fd, int64_t began_ms)
{
    hear_all(fd);
    assert_in_range(now_ms() - began_ms, REQUEST_MS - 50, REQUEST_MS + 1500);
    close(fd);
}

static void half_a_first_line_on_a_kept_connection_is_cut(void **state)
{
    (void)state;
    int fd = dial(staff_path);
    assert_served(fd);
    turn_for(PAUSE_MS);
    assert_served(fd);
    turn_for(PAUSE_MS);
    say(fd, half_line);
    assert_cut(fd, now_ms());
}

static void bytes_of_a_first_line_buy_no_time(void **state)
{
    (void)state;
    int fd = dial(staff_path);
    assert_served(fd);
    int64_t began_ms = now_ms();
    bool is_open = true;
    for (size_t i = 0; is_open && i < 100; i++) {
        is_open = say(fd, i == 0 ? "GET /" : "x");
        turn_for(40);
    }
    assert_false(is_open);
    assert_in_range(now_ms() - began_ms, REQUEST_MS - 50, REQUEST_MS + 1500);
    close(fd);
}

static void a_request_is_whole_in_its_time_from_the_first_byte(void **state)
{
    (void)state;
    int fd = dial(staff_path);
    assert_served(fd);
    int64_t began_ms = now_ms();
    say(fd, half_line);
    turn_for(REQUEST_MS * 2 / 3);
    say(fd, "tus HTTP/1.1\r\nHost: s"); /* its line is whole: that is no new beginning */
    assert_cut(fd, began_ms);
}

static void half_a_line_that_came_with_the_request_before_is_cut(void **state)
{
    (void)state;
    struct text whole = post("/v1/cases/SN-1/notes", "", "{\"text\": \"x\"}");
    struct text both = text_printf(arena, "%s%.*s%s", status_request, TEXT_ARG(whole), half_line);
    int fd = dial(staff_path);
    say_bytes(fd, both.bytes, both.size);
    turn_until_posted(1);
    turn_for(PAUSE_MS); /* that is ours */
    reply(0, 200, "{\"ok\": true}");
    assert_cut(fd, now_ms());
}

static void half_a_line_that_came_while_the_request_before_was_under_way_is_cut(void **state)
{
    (void)state;
    int fd = dial(staff_path);
    say(fd, show_request);
    turn_until_posted(1);
    say(fd, half_line);
    turn_for(PAUSE_MS);
    reply(0, 200, "{\"ok\": true}");
    assert_cut(fd, now_ms());
}

static void who_sent_a_whole_request_in_pieces_may_wait_afterwards(void **state)
{
    (void)state;
    struct text whole = post("/v1/cases/SN-1/notes", "", "{\"text\": \"x\"}");
    int fd = dial(staff_path);
    for (size_t i = 0; i < 2; i++) {
        say_bytes(fd, whole.bytes, whole.size - 5);
        say_bytes(fd, whole.bytes + whole.size - 5, 5);
        turn_until_posted(i + 1);
        reply(i, 200, "{\"ok\": true}");
        assert_int_equal(hear(fd).status, 200);
        turn_for(PAUSE_MS);
    }
    say(fd, "POST /v1/cases/SN-1/notes HTTP/1.1\r\n" AS_AWA JSON
            "Transfer-Encoding: chunked\r\n\r\nd\r\n{\"text\": \"x\"}\r\n0\r\n\r\n");
    turn_until_posted(3);
    reply(2, 200, "{\"ok\": true}");
    assert_int_equal(hear(fd).status, 200);
    turn_for(PAUSE_MS);
    assert_served(fd);
    close(fd);
}

/* ---- Who stops sending. ---- */

static size_t count_of(struct text text, const char *part)
{
    size_t count = 0;

    for (const char *at = text.bytes; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static void who_only_stops_sending_is_answered_whatever_was_sent(void **state)
{
    (void)state;
    struct text write = post("/v1/cases/SN-1/notes", "", "{\"text\": \"x\"}");
    struct text all = text_printf(arena, "%.*s%s%.*s%s%s", TEXT_ARG(write), show_request,
                                  TEXT_ARG(write), status_request, show_request);
    int older =
        dial(staff_path); /* the library looks after its oldest connection in another order */
    assert_served(older);
    int fd = dial(staff_path);
    /* The end is there before the daemon reads anything. */
    assert_int_equal(send(fd, all.bytes, all.size, 0), all.size);
    shutdown(fd, SHUT_WR);
    for (size_t i = 0; i < 4; i++) {
        turn_until_posted(i + 1);
        turn_for(10);
        reply(i, 200, "{\"ok\": true}");
    }
    struct text heard = hear_all(fd);
    assert_int_equal(count_of(heard, "HTTP/1.1 200"), 5);
    assert_int_equal(count_of(heard, "{\"ok\":true}"), 4);
    close(fd);
    close(older);
}

static void half_a_request_of_who_stops_sending_is_none(void **state)
{
    (void)state;
    struct text write = post("/v1/cases/SN-1/notes", "", "{\"text\": \"x\"}");
    struct text all =
        text_printf(arena, "%.*s%.*s", TEXT_ARG(write), (int)write.size - 1, write.bytes);
    int fd = dial(staff_path);
    say_bytes(fd, all.bytes, all.size);
    shutdown(fd, SHUT_WR);
    turn_until_posted(1);
    turn_for(10);
    reply(0, 200, "{\"ok\": true}");
    assert_int_equal(count_of(hear_all(fd), "HTTP/1.1 "), 1);
    assert_int_equal(posted_count, 1);
    close(fd);
}

#define SHORT(test) cmocka_unit_test_setup_teardown(test, short_up, world_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHORT(half_a_first_line_on_a_kept_connection_is_cut),
        SHORT(bytes_of_a_first_line_buy_no_time),
        SHORT(a_request_is_whole_in_its_time_from_the_first_byte),
        SHORT(half_a_line_that_came_with_the_request_before_is_cut),
        SHORT(half_a_line_that_came_while_the_request_before_was_under_way_is_cut),
        SHORT(who_sent_a_whole_request_in_pieces_may_wait_afterwards),
        SHORT(who_only_stops_sending_is_answered_whatever_was_sent),
        SHORT(half_a_request_of_who_stops_sending_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
