/* Connections: how long they may take, how many there may be, how they end. */
#include "fixture.h"

#include "api/internal.h"

static const char status_request[] = "GET /v1/status HTTP/1.1\r\n" HOST "\r\n";
static const char show_request[] = "GET /v1/cases/SN-2026-00001-K HTTP/1.1\r\n" AS_AWA "\r\n";

static void a_connection_serves_one_request_after_another(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    for (int i = 0; i < 3; i++) {
        say(fd, status_request);
        struct response response = hear(fd);
        assert_int_equal(response.status, 200);
        assert_true(text_is(value_text_at(&response.body, "state"), "serving"));
    }
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    struct text all = text_printf(arena, "%s%s%s", show_request, status_request,
                                  "GET /v1/whoami HTTP/1.1\r\n" AS_AWA "Connection: close\r\n\r\n");
    say_bytes(fd, all.bytes, all.size);
    turn_until_posted(1);
    turn_for(20); /* the second one waits for the answer to the first */
    reply(0, 200, "{\"first\": 1}");
    struct text heard = hear_all(fd);
    const char *first = strstr(heard.bytes, "\"first\""),
               *second = strstr(heard.bytes, "\"state\""),
               *third = strstr(heard.bytes, "\"acting_as\"");
    assert_non_null(first);
    assert_true(first < second);
    assert_true(second < third);
    close(fd);
}

/* The wheel replies from within the loop's prepare phase; nothing else may wake it. */
static void reply_from_prepare(uv_prepare_t *prepare)
{
    reply(0, 200, "{\"ok\": true}");
    uv_close((uv_handle_t *)prepare, NULL);
}

static void count_ticks(uv_timer_t *timer)
{
    ++*(int *)timer->data;
}

static void a_reply_before_the_loop_sleeps_goes_out_at_once(void **state)
{
    (void)state;
    static uv_prepare_t prepare; /* the loop holds on to them until the test is over */
    static uv_timer_t timer;
    int ticks = 0;

    open_api();
    int fd = dial(staff_path);
    say(fd, show_request);
    turn_until_posted(1);
    uv_prepare_init(&loop, &prepare);
    uv_prepare_start(&prepare, reply_from_prepare);
    timer.data = &ticks;
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, count_ticks, 3000, 0);
    char bytes[512];
    int64_t began_ms = now_ms();
    while (recv(fd, bytes, sizeof(bytes), 0) < 0 && ticks == 0)
        uv_run(&loop, UV_RUN_ONCE); /* sleeps for as long as nothing happens */
    assert_int_equal(ticks, 0);
    assert_true(now_ms() - began_ms < 1000);
    uv_close((uv_handle_t *)&timer, NULL);
    close(fd);
}

static void a_client_that_went_away_harms_nobody(void **state)
{
    (void)state;
    open_api();
    for (size_t i = 0; i < 3; i++) {
        int fd = dial(staff_path);
        say(fd, show_request);
        turn_until_posted(i + 1);
        close(fd);
        turn_for(5);
    }
    for (size_t i = 0; i < 3; i++)
        reply(i, 200, "{}");
    turn_for(10);
    struct response response = ask(status_request);
    assert_int_equal(response.status, 200);
    assert_true(api_is_idle(api));
    assert_null(api->requests);
}

static void a_client_that_only_stops_sending_is_answered(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, show_request);
    shutdown(fd, SHUT_WR);
    turn_until_posted(1);
    reply(0, 200, "{\"ok\": true}");
    struct response response = hear(fd);
    assert_int_equal(response.status, 200);
    close(fd);
}

static void assert_cut_after(int fd, int64_t began_ms, int64_t least_ms, int64_t most_ms)
{
    struct text heard = hear_all(fd);

    assert_int_equal(heard.size, 0);
    assert_in_range(now_ms() - began_ms, least_ms, most_ms);
    close(fd);
}

static void whoever_says_nothing_is_cut(void **state)
{
    (void)state;
    options.limits.request_ms_max = 200;
    open_api();
    assert_cut_after(dial(staff_path), now_ms(), 150, 1500);
}

static void half_a_request_and_silence_is_cut(void **state)
{
    (void)state;
    options.limits.request_ms_max = 200;
    open_api();
    int fd = dial(staff_path);
    say(fd, "GET /v1/status HTTP/1.1\r\nHost: san");
    assert_cut_after(fd, now_ms(), 150, 1500);
    fd = dial(staff_path);
    say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: 100\r\n\r\n{\"work");
    assert_cut_after(fd, now_ms(), 150, 1500);
    assert_int_equal(posted_count, 0);
}

static void a_byte_now_and_then_does_not_buy_time(void **state)
{
    (void)state;
    options.limits.request_ms_max = 400;
    open_api();
    int fd = dial(staff_path);
    int64_t began_ms = now_ms();
    bool is_open =
        say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: 1000\r\n\r\n");
    while (is_open && now_ms() - began_ms < 3000) {
        is_open = say(fd, " ");
        turn_for(20);
    }
    assert_false(is_open);
    assert_in_range(now_ms() - began_ms, 350, 2000);
    close(fd);
}

static void time_in_the_wheel_is_not_the_clients(void **state)
{
    (void)state;
    options.limits.request_ms_max = 100;
    open_api();
    int fd = dial(staff_path);
    say(fd, show_request);
    turn_until_posted(1);
    turn_for(700);
    reply(0, 200, "{\"ok\": true}");
    struct response response = hear(fd);
    assert_int_equal(response.status, 200);
    say(fd, status_request);
    response = hear(fd);
    assert_int_equal(response.status, 200);
    close(fd);
}

static void a_connection_too_many_is_told_busy(void **state)
{
    (void)state;
    int fds[4];

    options.limits.connection_count_max = 3;
    open_api();
    for (int i = 0; i < 3; i++)
        fds[i] = dial(staff_path);
    turn_for(5);
    fds[3] = dial(staff_path);
    say(fds[3], status_request);
    struct response response = hear(fds[3]);
    assert_problem(&response, 503, "busy");
    assert_true(text_is(header_of(&response, "Retry-After"), "1"));
    assert_int_equal(hear_all(fds[3]).size, 0); /* and closed */
    close(fds[3]);
    say(fds[0], status_request);
    response = hear(fds[0]);
    assert_int_equal(response.status, 200);
    close(fds[0]);
    turn_for(5);
    response = ask(status_request);
    assert_int_equal(response.status, 200);
    close(fds[1]);
    close(fds[2]);
}

static void one_over_the_limit_that_does_not_ask_is_cut_soon(void **state)
{
    (void)state;
    options.limits.connection_count_max = 1;
    open_api();
    int first = dial(staff_path);
    turn_for(5);
    assert_cut_after(dial(staff_path), now_ms(), 900, 2500);
    close(first);
}

static void when_all_are_taken_the_next_waits_until_one_ends(void **state)
{
    (void)state;
    int fds[1 + 64]; /* the library takes no more */

    options.limits.connection_count_max = 1;
    open_api();
    for (size_t i = 0; i < 65; i++)
        fds[i] = dial(staff_path);
    turn_for(20);
    int next = dial(staff_path);
    say(next, status_request);
    turn_for(20);
    close(fds[64]);
    int64_t began_ms = now_ms();
    struct response response = hear(next);
    assert_problem(&response, 503, "busy");
    assert_true(now_ms() - began_ms < 500); /* not only once the others are cut */
    close(next);
    for (size_t i = 0; i < 64; i++)
        close(fds[i]);
}

static void many_clients_at_once_are_all_answered(void **state)
{
    (void)state;
    int fds[40];

    open_api();
    for (size_t i = 0; i < 40; i++) {
        fds[i] = dial(staff_path);
        say(fds[i], show_request);
    }
    turn_until_posted(40);
    for (size_t i = 0; i < 40; i++)
        reply(39 - i, 200, "{\"ok\": true}");
    for (size_t i = 0; i < 40; i++) {
        struct response response = hear(fds[i]);
        assert_int_equal(response.status, 200);
        close(fds[i]);
    }
}

static void a_slow_reader_holds_up_nobody(void **state)
{
    (void)state;
    static char large[(1 << 20) + 16];

    memset(large, 'x', sizeof(large) - 1);
    memcpy(large, "{\"a\":\"", 6);
    memcpy(large + sizeof(large) - 3, "\"}", 2);
    open_api();
    int fd = dial(staff_path);
    say(fd, show_request);
    turn_until_posted(1);
    reply(0, 200, large);
    turn_for(50); /* it does not read */
    assert_false(api_is_idle(api));
    struct response response = ask(status_request);
    assert_int_equal(response.status, 200);
    response = hear(fd);
    assert_int_equal(response.status, 200);
    assert_int_equal(response.raw.size, sizeof(large) - 1);
    turn_for(5);
    assert_true(api_is_idle(api));
    close(fd);
}

/* ---- The end. ---- */

static void closing_answers_whoever_still_waits(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, show_request);
    turn_until_posted(1);
    assert_false(api_is_idle(api));
    close_api();
    struct response response = hear(fd);
    assert_problem(&response, 503, "stopping");
    assert_int_equal(hear_all(fd).size, 0);
    close(fd);
}

static void closing_does_not_begin_what_was_pipelined(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    struct text both = text_printf(arena, "%s%s", show_request, show_request);
    say_bytes(fd, both.bytes, both.size);
    turn_until_posted(1);
    close_api();
    assert_int_equal(posted_count, 1);
    struct response response = hear(fd);
    assert_problem(&response, 503, "stopping");
    close(fd);
}

static void closing_refuses_what_has_just_come(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path), other = dial(staff_path), third = dial(staff_path);
    struct text half = post("/v1/cases", "", "{\"workflow\": \"w\"}");
    say_bytes(third, half.bytes, half.size - 5);
    turn_for(5);
    /* Whole, half, and the rest of one, in the socket; nobody has looked yet. */
    assert_true(send(fd, show_request, strlen(show_request), 0) > 0);
    assert_true(send(other, half.bytes, half.size - 5, 0) > 0);
    assert_true(send(third, half.bytes + half.size - 5, 5, 0) > 0);
    close_api();
    assert_int_equal(posted_count, 0);
    struct response response = hear(fd);
    assert_problem(&response, 503, "stopping");
    response = hear(other);
    assert_problem(&response, 503, "stopping");
    response = hear(third);
    assert_problem(&response, 503, "stopping");
    close(fd);
    close(other);
    close(third);
}

static void closing_with_half_a_request_closes_it(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path), other = dial(staff_path);
    say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: 100\r\n\r\n{");
    turn_for(5);
    assert_true(api_is_idle(api));
    close_api();
    assert_int_equal(hear_all(fd).size, 0);
    assert_int_equal(hear_all(other).size, 0);
    close(fd);
    close(other);
}

static void a_reply_after_the_client_left_and_the_end_is_harmless(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, show_request);
    turn_until_posted(1);
    close(fd);
    turn_for(5);
    close_api(); /* the wheel never answers: its request is dropped with it */
}

static void stopping_takes_no_new_connection_and_ends_the_old(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path), waiting = dial(staff_path);
    say(waiting, show_request);
    turn_until_posted(1);
    api_stop(api);
    turn_for(5);
    int late = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, staff_path);
    assert_int_equal(connect(late, (struct sockaddr *)&address, sizeof(address)), -1);
    assert_int_equal(errno, ECONNREFUSED);
    close(late);
    say(fd, status_request);
    struct response response = hear(fd);
    assert_int_equal(response.status, 200);
    assert_true(text_is(header_of(&response, "Connection"), "close"));
    assert_int_equal(hear_all(fd).size, 0);
    reply(0, 200, "{\"ok\": true}");
    response = hear(waiting);
    assert_int_equal(response.status, 200);
    close(fd);
    close(waiting);
}

/* ---- The files. ---- */

static unsigned mode_of(const char *path)
{
    struct stat facts;

    assert_int_equal(stat(path, &facts), 0);
    return facts.st_mode & 07777;
}

static void staff_and_admin_have_their_own_modes(void **state)
{
    (void)state;
    open_api();
    assert_int_equal(mode_of(staff_path), 0660);
    assert_int_equal(mode_of(admin_path), 0600);
}

static void without_an_admin_path_there_is_one_socket(void **state)
{
    (void)state;
    options.admin_path = NULL;
    open_api();
    assert_int_equal(access(admin_path, F_OK), -1);
    struct response response = ask(status_request);
    assert_int_equal(response.status, 200);
}

static void a_file_that_nobody_serves_is_replaced(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(address.sun_path, staff_path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    close(fd); /* a crash: the file stays */
    assert_int_equal(access(staff_path, F_OK), 0);
    open_api();
    struct response response = ask(status_request);
    assert_int_equal(response.status, 200);
}

static void assert_refused(int wanted, const char *code)
{
    assert_int_equal(api_open(&options, &diags, &api), wanted);
    assert_int_equal(diags.error_count, 1);
    assert_string_equal(diags.items[0].code, code);
    close_api();
    is_closed = false;
}

static void a_file_that_somebody_serves_is_left_alone(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), callers[3];

    strcpy(address.sun_path, staff_path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 0), 0);
    /* Its queue is full: whoever waited for an answer would wait for ever. */
    for (int i = 0; i < 3; i++) {
        callers[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(callers[i], (struct sockaddr *)&address, sizeof(address));
    }
    assert_refused(-EADDRINUSE, "E830");
    assert_int_equal(access(staff_path, F_OK), 0);
    for (int i = 0; i < 3; i++)
        close(callers[i]);
    close(fd);
    unlink(staff_path);
}

static void what_is_no_socket_is_not_removed(void **state)
{
    (void)state;
    FILE *file = fopen(admin_path, "w");

    fclose(file);
    assert_refused(-EEXIST, "E830");
    assert_int_equal(access(admin_path, F_OK), 0);
    assert_int_equal(access(staff_path, F_OK), -1); /* the one that did open is gone again */
    unlink(admin_path);
}

static void a_path_too_long_or_without_a_folder_is_refused(void **state)
{
    (void)state;
    char path[200];

    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    options.staff_path = path;
    assert_refused(-ENAMETOOLONG, "E830");
    diag_list_init(&diags, arena);
    options.staff_path = "/tmp/there-is-no-such-folder-here/staff";
    assert_refused(-ENOENT, "E830");
}

static void the_group_of_the_staff_socket_is_set(void **state)
{
    (void)state;
    struct stat facts;

    if (geteuid() != 0) {
        skip();
        return;
    }
    options.staff_gid = 12345;
    open_api();
    assert_int_equal(stat(staff_path, &facts), 0);
    assert_int_equal(facts.st_gid, 12345);
    assert_int_equal(stat(admin_path, &facts), 0);
    assert_int_not_equal(facts.st_gid, 12345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_connection_serves_one_request_after_another),
        WITH_WORLD(pipelined_requests_are_answered_in_order),
        WITH_WORLD(a_reply_before_the_loop_sleeps_goes_out_at_once),
        WITH_WORLD(a_client_that_went_away_harms_nobody),
        WITH_WORLD(a_client_that_only_stops_sending_is_answered),
        WITH_WORLD(whoever_says_nothing_is_cut),
        WITH_WORLD(half_a_request_and_silence_is_cut),
        WITH_WORLD(a_byte_now_and_then_does_not_buy_time),
        WITH_WORLD(time_in_the_wheel_is_not_the_clients),
        WITH_WORLD(a_connection_too_many_is_told_busy),
        WITH_WORLD(one_over_the_limit_that_does_not_ask_is_cut_soon),
        WITH_WORLD(when_all_are_taken_the_next_waits_until_one_ends),
        WITH_WORLD(many_clients_at_once_are_all_answered),
        WITH_WORLD(a_slow_reader_holds_up_nobody),
        WITH_WORLD(closing_answers_whoever_still_waits),
        WITH_WORLD(closing_does_not_begin_what_was_pipelined),
        WITH_WORLD(closing_refuses_what_has_just_come),
        WITH_WORLD(closing_with_half_a_request_closes_it),
        WITH_WORLD(a_reply_after_the_client_left_and_the_end_is_harmless),
        WITH_WORLD(stopping_takes_no_new_connection_and_ends_the_old),
        WITH_WORLD(staff_and_admin_have_their_own_modes),
        WITH_WORLD(without_an_admin_path_there_is_one_socket),
        WITH_WORLD(a_file_that_nobody_serves_is_replaced),
        WITH_WORLD(a_file_that_somebody_serves_is_left_alone),
        WITH_WORLD(what_is_no_socket_is_not_removed),
        WITH_WORLD(a_path_too_long_or_without_a_folder_is_refused),
        WITH_WORLD(the_group_of_the_staff_socket_is_set),
    };
    return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
