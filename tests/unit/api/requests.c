/* Requests: what is refused before the wheel sees it, with which words; and what the wheel gets. */
#include "fixture.h"

static struct text text_of(const char *cstring)
{
    return text_copy(arena, text_from(cstring));
}

static void assert_detail(const struct response *response, const char *part)
{
    struct text detail = value_text_at(&response->body, "detail"),
                hint = value_text_at(&response->body, "hint");

    if (!strstr(text_copy(arena, detail).bytes, part) &&
        !strstr(text_copy(arena, hint).bytes, part))
        fail_msg("\"%s\" is not in: %.*s", part, TEXT_ARG(response->raw));
}

/* One request that must be refused, and never reach the wheel. */
static struct response refused(const char *request, int status, const char *code)
{
    size_t before = posted_count;
    struct response response = ask(request);

    assert_problem(&response, status, code);
    assert_int_equal(posted_count, before);
    assert_true(text_is(header_of(&response, "Sankofa-Demo"), "true"));
    assert_true(text_equal(header_of(&response, "Sankofa-Request"),
                           value_text_at(&response.body, "request_id")));
    return response;
}

/* One that must reach it: answered, so that the connection ends. */
static const struct run_request *taken(struct text request)
{
    size_t before = posted_count;
    int fd = dial(staff_path);

    say_bytes(fd, request.bytes, request.size);
    turn_until_posted(before + 1);
    reply(before, 200, "{}");
    struct response response = hear(fd);
    assert_int_equal(response.status, 200);
    close(fd);
    return &posted[before];
}

/* ---- Routes. ---- */

static void every_route_becomes_its_request(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *body;
        enum run_kind kind;
        const char *case_name, *name;
    } cases[] = {
        {"GET", "/v1/workflows", NULL, RUN_WORKFLOWS, "", ""},
        {"GET", "/v1/workflows/child-return", NULL, RUN_WORKFLOW, "", "child-return"},
        {"POST", "/v1/cases", "{\"workflow\": \"w\"}", RUN_OPEN_CASE, "", "w"},
        {"GET", "/v1/cases", NULL, RUN_LIST, "", ""},
        {"GET", "/v1/inbox", NULL, RUN_INBOX, "", ""},
        {"GET", "/v1/cases/SN-1", NULL, RUN_SHOW, "SN-1", ""},
        {"GET", "/v1/cases/SN-1/history", NULL, RUN_HISTORY, "SN-1", ""},
        {"POST", "/v1/cases/SN-1/transitions/register", "{}", RUN_TRANSITION, "SN-1", "register"},
        {"POST", "/v1/cases/SN-1/transitions/a.b.c", "{}", RUN_TRANSITION, "SN-1", "a.b.c"},
        {"POST", "/v1/cases/SN-1/steps/letter/answer", "{}", RUN_ANSWER, "SN-1", "letter"},
    };

    open_api();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *body = cases[i].body ? cases[i].body : "";
        const struct run_request *got = taken(text_printf(
            arena, "%s %s HTTP/1.1\r\n" AS_AWA "%sContent-Length: %zu\r\n\r\n%s", cases[i].method,
            cases[i].path, cases[i].body ? JSON : "", strlen(body), body));
        assert_int_equal(got->kind, cases[i].kind);
        assert_true(text_is(got->case_name, cases[i].case_name));
        assert_true(text_is(got->name, cases[i].name));
        assert_true(text_is(got->person->id, "awa"));
    }
}

static void an_unknown_path_suggests_the_nearest(void **state)
{
    (void)state;
    open_api();
    struct response response =
        refused("GET /v1/workflow HTTP/1.1\r\n" AS_AWA "\r\n", 404, "no-such-route");
    assert_detail(&response, "Did you mean /v1/workflows?");
    response = refused("GET /api HTTP/1.1\r\n" AS_AWA "\r\n", 404, "no-such-route");
    assert_detail(&response, "Every route begins with /v1/");
    static const char *const paths[] = {
        "/",
        "//",
        "/v1",
        "/v1/",
        "/v1/status/",
        "//v1/status",
        "/v1/cases//history",
        "/v1/./status",
        "/v1/cases/a/b/c/d/e/f/g/h/i",
        "/V1/status",
        "/v1/cases/..",
        "*",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        bool is_case = strcmp(paths[i], "/v1/cases/..") == 0;
        if (!is_case) /* two dots are a name like any other */
            refused(text_printf(arena, "GET %s HTTP/1.1\r\n" AS_AWA "\r\n", paths[i]).bytes, 404,
                    "no-such-route");
    }
}

static void another_method_is_told_which_there_are(void **state)
{
    (void)state;
    open_api();
    struct response response =
        refused("DELETE /v1/cases HTTP/1.1\r\n" AS_AWA "\r\n", 405, "method-not-allowed");
    assert_true(text_is(header_of(&response, "Allow"), "POST, GET"));
    response = refused("POST /v1/status HTTP/1.1\r\n" AS_AWA "Content-Length: 0\r\n\r\n", 405,
                       "method-not-allowed");
    assert_true(text_is(header_of(&response, "Allow"), "GET"));
    response = refused("BREW /v1/metrics HTTP/1.1\r\n" AS_AWA "\r\n", 405, "method-not-allowed");
    assert_true(text_is(header_of(&response, "Allow"), "GET"));
    refused("get /v1/status HTTP/1.1\r\n" AS_AWA "\r\n", 400, "bad-request");
    refused("G\xff"
            "T /v1/status HTTP/1.1\r\n" AS_AWA "\r\n",
            400, "bad-request");
}

static void what_this_version_lacks_is_refused_by_name(void **state)
{
    (void)state;
    open_api();
    struct response response =
        refused(post("/v1/cases/SN-1/erase", "", "{\"any\": 1}").bytes, 501, "not-yet");
    assert_detail(&response, "POST /v1/cases/{case}/erase");
    refused("GET /v1/events HTTP/1.1\r\n" AS_AWA "\r\n", 501, "not-yet");
    refused("GET /v1/workflows/w?as=dot HTTP/1.1\r\n" AS_AWA "\r\n", 501, "not-yet");
    refused("PATCH /v1/cases/SN-1/data HTTP/1.1\r\n" AS_AWA "Content-Length: 2\r\n\r\n{}", 501,
            "not-yet");
}

static void each_socket_has_its_own_routes(void **state)
{
    (void)state;
    open_api();
    struct response response =
        refused(post("/v1/admin/clock", "", "{}").bytes, 404, "no-such-route");
    assert_detail(&response, "admin socket");
    response = ask_at(admin_path, "GET /v1/cases HTTP/1.1\r\n" AS_AWA "\r\n");
    assert_problem(&response, 404, "no-such-route");
    assert_detail(&response, "staff socket");
    response = ask_at(admin_path, "GET /v1/status HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(response.status, 200);
}

static void head_is_get_without_the_body(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, "HEAD /v1/status HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    struct text heard = hear_all(fd);
    assert_true(text_begins(heard, "HTTP/1.1 200 "));
    assert_true(text_ends(heard, "\r\n\r\n"));
    close(fd);
}

/* ---- The target. ---- */

static void percent_signs_are_decoded_in_their_own_segment(void **state)
{
    (void)state;
    open_api();
    const struct run_request *got =
        taken(text_of("GET /v1/cases/SN%2d1 HTTP/1.1\r\n" AS_AWA "\r\n"));
    assert_true(text_is(got->case_name, "SN-1"));
    got = taken(text_of("GET /v1/cases/a%2Fhistory HTTP/1.1\r\n" AS_AWA "\r\n"));
    assert_int_equal(got->kind, RUN_SHOW); /* one segment, with a slash in it */
    assert_true(text_is(got->case_name, "a/history"));
    got = taken(text_of("GET /v1/workflows/caf%C3%A9+x HTTP/1.1\r\n" AS_AWA "\r\n"));
    assert_true(text_is(got->name, "caf\xc3\xa9+x"));
    got = taken(text_of("GET /v1/%63ases HTTP/1.1\r\n" AS_AWA "\r\n"));
    assert_int_equal(got->kind, RUN_LIST);
}

static void a_target_that_is_no_clean_text_is_refused(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "/v1/cases/a%00b",
        "/v1/cases/a%ffb",
        "/v1/cases/a\xff"
        "b",
        "/v1/cases/%",
        "/v1/cases/%4",
        "/v1/cases/%zz",
        "/v1/cases/a%0ab",
        "/v1/cases/%7f",
        "/v1/cases/%C3",
        "/v1/cases?state=%",
        "/v1/cases?state=%00",
        "/v1/cases?%ff=1",
        "/v1/cases?limit=1&limit=2",
        "/v1/cases?a%ED%A0%80=1",
    };

    open_api();
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        refused(text_printf(arena, "GET %s HTTP/1.1\r\n" AS_AWA "\r\n", targets[i]).bytes, 400,
                "bad-request");
}

static void a_query_becomes_the_filter(void **state)
{
    (void)state;
    open_api();
    const struct run_request *got =
        taken(text_of("GET /v1/cases?state=in%20care&mine=1&overdue=0&&closed=0&limit=500&cursor="
                      "SN+1&lang=fr HTTP/1.1\r\n" AS_AWA "\r\n"));
    assert_true(text_is(got->filter.state, "in care"));
    assert_true(text_is(got->filter.cursor, "SN 1"));
    assert_true(got->filter.mine);
    assert_false(got->filter.overdue);
    assert_true(got->filter.has_closed);
    assert_false(got->filter.closed);
    assert_int_equal(got->filter.limit, 500);
    assert_true(text_is(got->language, "fr"));
    got = taken(text_of("GET /v1/cases? HTTP/1.1\r\n" AS_AWA "\r\n"));
    assert_false(got->filter.has_closed);
    assert_int_equal(got->filter.limit, 0);
}

static void a_query_that_means_nothing_here_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *target, *part;
    } cases[] = {
        {"/v1/cases?colour=red", "colour"},   {"/v1/cases?mine=yes", "mine=yes"},
        {"/v1/cases?closed=", "closed="},     {"/v1/cases?limit=0", "limit=0"},
        {"/v1/cases?limit=501", "limit=501"}, {"/v1/cases?limit=99999999999999999999", "limit="},
        {"/v1/cases/SN-1?limit=2", "limit"},  {"/v1/inbox?cursor=1", "cursor"},
        {"/v1/status?verbose", "verbose"},
    };

    open_api();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct response response =
            refused(text_printf(arena, "GET %s HTTP/1.1\r\n" AS_AWA "\r\n", cases[i].target).bytes,
                    400, "bad-request");
        assert_detail(&response, cases[i].part);
    }
    refused(post("/v1/workflows?dry_run=true", "", "{}").bytes, 415, "unsupported-media-type");
    refused("POST /v1/workflows?dry_run=true HTTP/1.1\r\n" AS_AWA
            "Content-Type: application/yaml\r\nContent-Length: 2\r\n\r\na:",
            400, "bad-request");
}

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

/* What the library itself refuses gets its own short answer; all that matters is that it is one,
 * that nothing was carried out, and that the daemon lives on. */
static void what_is_no_http_is_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "\r\n\r\n\r\nnonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /v1/inbox\r\n\r\n",
        "GET /v1/inbox HTTP/9.9\r\n" AS_AWA "\r\n",
        "GET /v1/inbox HTTP/1.1\r\nSankofa-As: awa\r\n\r\n", /* no Host */
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
        if (heard.size > 0 && !text_begins(heard, "HTTP/1.1 4") &&
            !text_begins(heard, "HTTP/1.1 5") && !text_begins(heard, "HTTP/1.0 "))
            fail_msg("request %zu: %s", i, heard.bytes);
        assert_null(strstr(heard.bytes, " 200 "));
        close(fd);
    }
    assert_int_equal(posted_count, 0);
    struct response response = ask("GET /v1/status HTTP/1.1\r\n" HOST "\r\n");
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

/* ---- Headers. ---- */

static void headers_reach_the_request(void **state)
{
    (void)state;
    open_api();
    const struct run_request *got =
        taken(post("/v1/cases/SN-1/transitions/go",
                   "Idempotency-Key: k-1\r\nIf-Match: \"42\"\r\nPrefer: return=representation\r\n"
                   "Accept-Language: pt-BR,en;q=0.5\r\n",
                   "{\"data\": {\"a\": 1}, \"comment\": \"so\"}"));
    assert_true(text_is(got->key, "k-1"));
    assert_true(got->has_revision);
    assert_int_equal(got->revision, 42);
    assert_true(got->wants_case);
    assert_true(text_is(got->language, "pt"));
    assert_true(text_is(got->comment, "so"));
    assert_int_equal(value_int_at(&got->data, "a", 0), 1);
    assert_int_equal(got->request.size, 64);
    got = taken(post("/v1/cases/SN-1/transitions/go", "If-Match: *\r\n", "{}"));
    assert_false(got->has_revision);
    assert_false(got->wants_case);
    assert_true(text_is_empty(got->key));
    assert_true(text_is_empty(got->language));
}

static void the_same_request_has_the_same_hash(void **state)
{
    (void)state;
    open_api();
    struct text first = taken(post("/v1/cases/A/transitions/go", "", "{\"data\": {}}"))->request;
    struct text same =
        taken(post("/v1/cases/%41/transitions/go", "If-Match: \"1\"\r\n", "{\"data\": {}}"))
            ->request;
    struct text other = taken(post("/v1/cases/A/transitions/go", "", "{\"data\": {} }"))->request;
    struct text elsewhere =
        taken(post("/v1/cases/B/transitions/go", "", "{\"data\": {}}"))->request;
    assert_true(text_equal(first, same));
    assert_false(text_equal(first, other));
    assert_false(text_equal(first, elsewhere));
}

static void a_header_that_cannot_be_used_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Idempotency-Key: a b\r\n",
        "Idempotency-Key:\r\n",
        "Idempotency-Key: caf\xc3\xa9\r\n",
        "Idempotency-Key: a\r\nIdempotency-Key: b\r\n",
        "If-Match: 42\r\n",
        "If-Match: W/\"42\"\r\n",
        "If-Match: \"42\", \"43\"\r\n",
        "If-Match: \"-1\"\r\n",
        "If-Match: \"\"\r\n",
        "If-Match: \"99999999999999999999\"\r\n",
        "If-Match: \"1\"\r\nIf-Match: \"2\"\r\n",
        "Accept-Language: \xff\r\n",
        "X-Any: a\x01z\r\n",
        "X-Any: a\x7fz\r\n",
        "X-Any : a\r\n",
        "X Any: a\r\n",
        "Caf\xc3\xa9: a\r\n",
        "Sankofa-As: codou\r\n",
    };

    open_api();
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        refused(post("/v1/cases/A/transitions/go", headers[i], "{}").bytes, 400, "bad-request");
    char key[400] = "Idempotency-Key: ";
    memset(key + strlen(key), 'k', 201);
    strcat(key, "\r\n");
    refused(post("/v1/cases/A/transitions/go", key, "{}").bytes, 400, "bad-request");
}

/* The library ends lines and headers at a NUL: what stands behind one is read by nobody. */
static void what_stands_behind_a_nul_is_not_read(void **state)
{
    (void)state;
    static const char in_path[] = "GET /v1/inbox\0/history HTTP/1.1\r\n" AS_AWA "\r\n";
    static const char in_header[] =
        "GET /v1/inbox HTTP/1.1\r\n" HOST "Sankofa-As: codou\0awa\r\n\r\n";
    static const char in_name[] = "GET /v1/inbox HTTP/1.1\r\n" AS_AWA "X\0Y: z\r\n\r\n";
    static const char in_body[] = "{\"workflow\": \"a\0b\"}";

    open_api();
    const struct run_request *got = taken((struct text){in_path, sizeof(in_path) - 1});
    assert_int_equal(got->kind, RUN_INBOX);
    got = taken((struct text){in_header, sizeof(in_header) - 1});
    assert_true(text_is(got->person->id, "codou"));
    int fd = dial(staff_path);
    say_bytes(fd, in_name, sizeof(in_name) - 1);
    assert_true(text_begins(hear_all(fd), "HTTP/1.1 400 "));
    close(fd);
    fd = dial(staff_path);
    say(fd,
        text_printf(arena, "POST /v1/cases HTTP/1.1\r\n" AS_AWA JSON "Content-Length: %zu\r\n\r\n",
                    sizeof(in_body) - 1)
            .bytes);
    say_bytes(fd, in_body, sizeof(in_body) - 1);
    struct response response = hear(fd);
    assert_problem(&response, 400, "bad-request");
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

/* ---- Who asks. ---- */

static void acting_as_somebody_is_for_the_owner_of_a_demo(void **state)
{
    (void)state;
    open_api();
    struct response response =
        refused("GET /v1/inbox HTTP/1.1\r\n" HOST "Sankofa-As: awaa\r\n\r\n", 403, "not-permitted");
    assert_detail(&response, "Did you mean awa?");
    response = refused("GET /v1/inbox HTTP/1.1\r\n" HOST "\r\n", 403, "not-permitted");
    assert_detail(&response, "Sankofa-As");
    response = ask("GET /v1/whoami HTTP/1.1\r\n" AS_AWA "\r\n");
    assert_true(value_bool_at(&response.body, "acting_as"));
    assert_true(value_bool_at(&response.body, "demo"));
    response = ask("GET /v1/whoami HTTP/1.1\r\n" HOST "\r\n");
    assert_true(text_is(value_text_at(&response.body, "id"), "local"));
}

static void nobody_acts_as_another_in_a_real_store(void **state)
{
    (void)state;
    options.is_demo = false;
    open_api();
    struct response response = ask("GET /v1/inbox HTTP/1.1\r\n" AS_AWA "\r\n");
    assert_problem(&response, 403, "not-permitted");
    assert_detail(&response, "no demo store");
    assert_true(text_is_empty(header_of(&response, "Sankofa-Demo")));
    response = ask("GET /v1/inbox HTTP/1.1\r\n" HOST "Sankofa-As:\r\n\r\n");
    assert_problem(&response, 403, "not-permitted");
}

/* ---- Answers. ---- */

static void answers_carry_revision_location_and_repetition(void **state)
{
    (void)state;
    struct run_reply answer = {
        .status = 201, .has_revision = true, .revision = 7, .is_repeat = true};

    open_api();
    int fd = dial(staff_path);
    struct text request = post("/v1/cases", "", "{\"workflow\": \"w\"}");
    say_bytes(fd, request.bytes, request.size);
    turn_until_posted(1);
    json_read(arena, TEXT("{\"code\": \"SN-2026-00001-K\"}"), &answer.body, NULL);
    posted[0].reply(posted[0].self, &answer);
    struct response response = hear(fd);
    assert_int_equal(response.status, 201);
    assert_true(text_is(header_of(&response, "ETag"), "\"7\""));
    assert_true(text_is(header_of(&response, "Location"), "/v1/cases/SN-2026-00001-K"));
    assert_true(text_is(header_of(&response, "Idempotent-Replayed"), "true"));
    assert_true(text_is(header_of(&response, "Cache-Control"), "no-store"));
    assert_true(text_is(header_of(&response, "Content-Type"), "application/json"));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(every_route_becomes_its_request),
        WITH_WORLD(an_unknown_path_suggests_the_nearest),
        WITH_WORLD(another_method_is_told_which_there_are),
        WITH_WORLD(what_this_version_lacks_is_refused_by_name),
        WITH_WORLD(each_socket_has_its_own_routes),
        WITH_WORLD(head_is_get_without_the_body),
        WITH_WORLD(percent_signs_are_decoded_in_their_own_segment),
        WITH_WORLD(a_target_that_is_no_clean_text_is_refused),
        WITH_WORLD(a_query_becomes_the_filter),
        WITH_WORLD(a_query_that_means_nothing_here_is_refused),
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
        WITH_WORLD(headers_reach_the_request),
        WITH_WORLD(the_same_request_has_the_same_hash),
        WITH_WORLD(a_header_that_cannot_be_used_is_refused),
        WITH_WORLD(what_stands_behind_a_nul_is_not_read),
        WITH_WORLD(a_body_that_is_not_said_to_be_json_is_refused),
        WITH_WORLD(a_body_that_is_no_json_object_is_refused),
        WITH_WORLD(all_faults_of_a_body_are_told_at_once),
        WITH_WORLD(texts_of_a_body_have_their_limits),
        WITH_WORLD(a_body_of_faults_alone_does_not_make_a_huge_answer),
        WITH_WORLD(a_workflow_file_is_taken_as_it_is),
        WITH_WORLD(the_clock_takes_spans),
        WITH_WORLD(acting_as_somebody_is_for_the_owner_of_a_demo),
        WITH_WORLD(nobody_acts_as_another_in_a_real_store),
        WITH_WORLD(answers_carry_revision_location_and_repetition),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
