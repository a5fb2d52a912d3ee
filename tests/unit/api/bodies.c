/* Bodies: where they end, how large they are, what stands in them. */
#include "fixture.h"

/* ---- Framing. ---- */

static void unclear_ends_of_a_request_are_refused_and_closed(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
    };

    open_api();
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        int fd = dial(staff_path);
        struct text request =
            text_printf(arena,
                        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
                        "%s\r\n2\r\n{}\r\n0\r\n\r\nGET /v1/inbox HTTP/1.1\r\n" AS_AWA "\r\n",
                        headers[i]);
        say_bytes(fd, request.bytes, request.size);
        struct text heard = hear_all(fd); /* closed, and what follows is not read as a request */
        assert_true(text_begins(heard, "HTTP/1.1 400 "));
        assert_null(strstr(heard.bytes + 1, "HTTP/1.1 "));
        close(fd);
    }
    assert_int_equal(posted_count, 0);
}

/* What the library itself refuses is a problem all the same, or cut without a word where its first
 * line has no space; nothing is carried out, and the daemon lives on. */
static void what_is_no_http_is_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "\r\n\r\n\r\nnonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /v1/inbox\r\n\r\n",
        "GET /v1/inbox HTTP/9.9\r\n" AS_AWA "\r\n",
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: -1\r\n\r\n{}",
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: 2x\r\n\r\n{}",
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
        "Content-Length: 99999999999999999999999\r\n\r\n{}",
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}nonsense\r\n0\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", /* TLS */
    };

    options.limits.request_ms_max = 300;
    open_api();
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        int fd = dial(staff_path);
        say(fd, requests[i]);
        struct text heard = hear_all(fd);
        bool is_one_word = strncmp(requests[i] + strspn(requests[i], "\r\n"), "GET ", 4) != 0 &&
                           strncmp(requests[i], "POST ", 5) != 0;
        if (is_one_word
                ? heard.size > 0
                : !text_begins(heard, "HTTP/1.1 4") ||
                      !strstr(heard.bytes, "\r\nContent-Type: application/problem+json\r\n"))
            fail_msg("request %zu: %s", i, heard.bytes);
        close(fd);
    }
    assert_int_equal(posted_count, 0);
    struct response response = ask("GET /v1/status HTTP/1.1\r\nSankofa-As: awa\r\n\r\n");
    assert_int_equal(response.status, 400); /* no Host, which HTTP/1.0 does not ask for */
    response = ask("GET /v1/status HTTP/1.0\r\nSankofa-As: awa\r\n\r\n");
    assert_int_equal(response.status, 200);
}

static void huge_headers_are_refused_and_closed(void **state)
{
    (void)state;
    char line[2001];

    memset(line, 'a', 2000);
    line[2000] = '\0';
    open_api();
    int fd = dial(staff_path);
    bool is_open = say(fd, "GET /v1/status HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 40 && is_open; i++)
        is_open = say(fd, text_printf(arena, "X-%d: %s\r\n", i, line).bytes);
    struct text heard = hear_all(fd);
    assert_true(text_begins(heard, "HTTP/1.1 431 "));
    close(fd);
}

static void a_body_over_the_limit_is_refused_unread(void **state)
{
    (void)state;
    options.limits.body_bytes_max = 1000;
    open_api();
    int fd = dial(staff_path);
    say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: 1001\r\n\r\n");
    struct response response = hear(fd); /* before a byte of it was sent */
    assert_problem(&response, 413, "too-large");
    assert_detail(&response, "larger than 1000 bytes");
    assert_int_equal(hear_all(fd).size, 0);
    close(fd);
    struct text exact = text_printf(arena, "{\"workflow\": \"w\"%*s}", 983, "");
    assert_int_equal(exact.size, 1000);
    taken(post("/v1/cases", "", exact.bytes));
}

static void a_client_that_sends_on_after_the_refusal_still_reads_it(void **state)
{
    (void)state;
    static char body[4 << 20];

    memset(body, ' ', sizeof(body));
    open_api();
    int fd = dial(staff_path);
    struct text head =
        text_printf(arena, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: %zu\r\n\r\n",
                    sizeof(body));
    say_bytes(fd, head.bytes, head.size);
    assert_false(say_bytes(fd, body, sizeof(body)));
    struct response response = hear(fd);
    assert_problem(&response, 413, "too-large");
    close(fd);
}

static void a_chunked_body_over_the_limit_is_refused_at_its_end(void **state)
{
    (void)state;
    char chunk[500];

    memset(chunk, ' ', sizeof(chunk));
    options.limits.body_bytes_max = 1000;
    open_api();
    int fd = dial(staff_path);
    say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; i++) {
        say(fd, "1f4\r\n");
        say_bytes(fd, chunk, sizeof(chunk));
        say(fd, "\r\n");
    }
    say(fd, "0\r\n\r\n");
    struct response response = hear(fd);
    assert_problem(&response, 413, "too-large");
    assert_int_equal(hear_all(fd).size, 0);
    close(fd);
}

static void a_chunked_body_without_end_is_cut(void **state)
{
    (void)state;
    char chunk[500];
    bool is_open = true;

    memset(chunk, ' ', sizeof(chunk));
    options.limits.body_bytes_max = 1000;
    open_api();
    int fd = dial(staff_path);
    say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 1000 && is_open; i++)
        is_open = say(fd, "1f4\r\n") && say_bytes(fd, chunk, sizeof(chunk)) && say(fd, "\r\n");
    assert_false(is_open);
    close(fd);
}

static void a_chunked_body_is_a_body(void **state)
{
    (void)state;
    open_api();
    const struct run_request *got = taken(text_of(
        "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
        "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"wor\r\ne\r\nkflow\": \"abc\"}\r\n0\r\n\r\n"));
    assert_true(text_is(got->name, "abc"));
}

static void a_refusal_leaves_the_connection_usable(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    struct text bad = post("/v1/casas", "", "{\"workflow\": \"w\"}");
    say_bytes(fd, bad.bytes, bad.size);
    struct response response = hear(fd);
    assert_problem(&response, 404, "no-such-route");
    say(fd, "GET /v1/casas HTTP/1.1\r\n" AS_AWA "\r\n");
    response = hear(fd);
    assert_problem(&response, 404, "no-such-route");
    say(fd, "GET /v1/whoami HTTP/1.1\r\n" AS_AWA "\r\n");
    response = hear(fd);
    assert_int_equal(response.status, 200);
    close(fd);
}

static void who_expects_100_is_told_before_the_body(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, "POST /v1/casas HTTP/1.1\r\n" AS_AWA JSON
            "Expect: 100-continue\r\nContent-Length: 17\r\n\r\n");
    struct text heard = hear_all(fd);
    assert_true(text_begins(heard, "HTTP/1.1 404 "));
    close(fd);

    fd = dial(staff_path);
    say(fd, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON
            "Expect: 100-continue\r\nContent-Length: 17\r\n\r\n");
    char bytes[25] = "";
    turn_for(20);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 25);
    assert_memory_equal(bytes, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    say(fd, "{\"workflow\": \"w\"}");
    turn_until_posted(1);
    reply(0, 200, "{}");
    struct response response = hear(fd);
    assert_int_equal(response.status, 200);
    close(fd);
}

/* ---- Bodies. ---- */

static void a_body_that_is_not_said_to_be_json_is_refused(void **state)
{
    (void)state;
    static const char *const types[] = {"", "Content-Type: text/plain\r\n",
                                        "Content-Type: application/jsonx\r\n",
                                        "Content-Type: application/x-www-form-urlencoded\r\n",
                                        "Content-Type: multipart/form-data; boundary=x\r\n"};

    open_api();
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        refused(text_printf(arena,
                            "POST /v1/cases HTTP/1.1\r\n" AS_AWA "%sContent-Length: 2\r\n\r\n{}",
                            types[i])
                    .bytes,
                415, "unsupported-media-type");
    const struct run_request *got =
        taken(text_of("POST /v1/cases HTTP/1.1\r\n" AS_AWA
                      "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 17\r\n\r\n"
                      "{\"workflow\": \"w\"}"));
    assert_true(text_is(got->name, "w"));
}

static void a_body_that_is_no_json_object_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "[]",
        "1",
        "null",
        "{",
        "{\"a\":1}x",
        "{\"a\":1,\"a\":2}",
        "{\"workflow\": \"\xff\"}",
        "{\"workflow\": \"\\ud800\"}",
        "{'a': 1}",
        "\xef\xbb\xbf{}",
        "{\"workflow\": NaN}",
    };

    open_api();
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        refused(post("/v1/cases", "", bodies[i]).bytes, 400, "bad-request");
    char deep[400] = "";
    for (int i = 0; i < 70; i++)
        strcat(deep, "[");
    struct response response = refused(post("/v1/cases", "", deep).bytes, 400, "bad-request");
    assert_detail(&response, "line 1");
}

static void all_faults_of_a_body_are_told_at_once(void **state)
{
    (void)state;
    open_api();
    struct response response = refused(
        post("/v1/cases", "", "{\"workflov\": 1, \"data\": [], \"comment\": 7, \"a/b~c\": 0}")
            .bytes,
        400, "bad-request");
    const struct value *errors = value_at(&response.body, "errors");
    static const char *const pointers[] = {"/workflov", "/data", "/comment", "/a~1b~0c",
                                           "/workflow"};
    assert_int_equal(value_count(errors), 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(text_is(value_text_at(value_item(errors, i), "pointer"), pointers[i]));
    assert_true(text_is(value_text_at(value_item(errors, 0), "suggest"), "workflow"));
}

static void texts_of_a_body_have_their_limits(void **state)
{
    (void)state;
    char text[3000];

    memset(text, 'a', sizeof(text));
    text[CASE_COMMENT_BYTES_MAX] = '\0';
    open_api();
    struct text body = text_printf(arena, "{\"comment\": \"%s\"}", text);
    taken(post("/v1/cases/A/transitions/go", "", body.bytes));
    text[CASE_COMMENT_BYTES_MAX] = 'a';
    text[CASE_COMMENT_BYTES_MAX + 1] = '\0';
    body = text_printf(arena, "{\"comment\": \"%s\"}", text);
    refused(post("/v1/cases/A/transitions/go", "", body.bytes).bytes, 400, "bad-request");
    refused(post("/v1/cases", "", text_printf(arena, "{\"workflow\": \"%s\"}", text).bytes).bytes,
            400, "bad-request");
}

static void a_body_of_faults_alone_does_not_make_a_huge_answer(void **state)
{
    (void)state;
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT("{\"x\": 1"));
    for (int i = 0; i < 50000; i++)
        text_append_printf(&buffer, ",\"workflow%d\":1", i);
    text_append(&buffer, TEXT("}"));
    open_api();
    struct response response =
        refused(post("/v1/cases", "", text_buffer_text(&buffer).bytes).bytes, 400, "bad-request");
    assert_int_equal(value_count(value_at(&response.body, "errors")), 100);
}

static void a_workflow_file_is_taken_as_it_is(void **state)
{
    (void)state;
    open_api();
    const struct run_request *got = taken(text_of(
        "POST /v1/workflows?dry_run=1 HTTP/1.1\r\n" AS_AWA
        "Content-Type: application/yaml\r\nSankofa-File: a.yaml\r\nContent-Length: 4\r\n\r\n"
        "a: b"));
    assert_int_equal(got->kind, RUN_LOAD_WORKFLOW);
    assert_true(text_is(got->source, "a: b"));
    assert_true(text_is(got->file, "a.yaml"));
    assert_true(got->is_dry_run);
    got = taken(text_of("POST /v1/workflows?dry_run=0 HTTP/1.1\r\n" AS_AWA
                        "Content-Type: text/yaml\r\nContent-Length: 0\r\n\r\n"));
    assert_false(got->is_dry_run);
    assert_true(text_is_empty(got->source));
    assert_true(text_is(got->file, "workflow.yaml"));
    char name[202];
    memset(name, 'n', 201);
    name[201] = '\0';
    refused(text_printf(arena,
                        "POST /v1/workflows HTTP/1.1\r\n" AS_AWA "Content-Type: text/yaml\r\n"
                        "Sankofa-File: %s\r\nContent-Length: 0\r\n\r\n",
                        name)
                .bytes,
            400, "bad-request");
}

static void the_clock_takes_spans(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}",
                                      "{\"advance\": 5}",
                                      "{\"advance\": \"\"}",
                                      "{\"advance\": \"+\"}",
                                      "{\"advance\": \"soon\"}",
                                      "{\"advance\": \"-1d\"}"};

    open_api();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct response response = ask_at(admin_path, post("/v1/admin/clock", "", bad[i]).bytes);
        assert_problem(&response, 400, "bad-request");
    }
    int fd = dial(admin_path);
    struct text good = post("/v1/admin/clock", "", "{\"advance\": \"+1d 2h\"}");
    say_bytes(fd, good.bytes, good.size);
    turn_until_posted(1);
    assert_int_equal(posted[0].kind, RUN_ADVANCE_CLOCK);
    assert_int_equal(posted[0].advance_ms, 26 * 3600000);
    reply(0, 200, "{}");
    assert_int_equal(hear(fd).status, 200);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(unclear_ends_of_a_request_are_refused_and_closed),
        WITH_WORLD(what_is_no_http_is_refused),
        WITH_WORLD(huge_headers_are_refused_and_closed),
        WITH_WORLD(a_body_over_the_limit_is_refused_unread),
        WITH_WORLD(a_client_that_sends_on_after_the_refusal_still_reads_it),
        WITH_WORLD(a_chunked_body_over_the_limit_is_refused_at_its_end),
        WITH_WORLD(a_chunked_body_without_end_is_cut),
        WITH_WORLD(a_chunked_body_is_a_body),
        WITH_WORLD(a_refusal_leaves_the_connection_usable),
        WITH_WORLD(who_expects_100_is_told_before_the_body),
        WITH_WORLD(a_body_that_is_not_said_to_be_json_is_refused),
        WITH_WORLD(a_body_that_is_no_json_object_is_refused),
        WITH_WORLD(all_faults_of_a_body_are_told_at_once),
        WITH_WORLD(texts_of_a_body_have_their_limits),
        WITH_WORLD(a_body_of_faults_alone_does_not_make_a_huge_answer),
        WITH_WORLD(a_workflow_file_is_taken_as_it_is),
        WITH_WORLD(the_clock_takes_spans),
    };
    return cmocka_run_group_tests_name("bodies", tests, NULL, NULL);
}
