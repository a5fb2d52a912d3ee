/* Requests: which route they take, what their headers say, who sends them. */
#include "fixture.h"

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
    assert_true(text_is(header_of(&response, "Allow"), "POST, GET, HEAD"));
    response = refused("POST /v1/status HTTP/1.1\r\n" AS_AWA "Content-Length: 0\r\n\r\n", 405,
                       "method-not-allowed");
    assert_true(text_is(header_of(&response, "Allow"), "GET, HEAD"));
    response = refused("BREW /v1/metrics HTTP/1.1\r\n" AS_AWA "\r\n", 405, "method-not-allowed");
    assert_true(text_is(header_of(&response, "Allow"), "GET, HEAD"));
    refused("get /v1/status HTTP/1.1\r\n" AS_AWA "\r\n", 400, "bad-request");
    refused("G\xff"
            "T /v1/status HTTP/1.1\r\n" AS_AWA "\r\n",
            400, "bad-request");
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
    assert_true(text_is(got->language, "pt-br pt en"));
    assert_true(text_is(got->comment, "so"));
    assert_int_equal(value_int_at(&got->data, "a", 0), 1);
    assert_int_equal(got->request.size, 64);
    got = taken(post("/v1/cases/SN-1/transitions/go", "If-Match: *\r\n", "{}"));
    assert_false(got->has_revision);
    assert_false(got->wants_case);
    assert_true(text_is_empty(got->key));
    assert_true(text_is_empty(got->language));
}

static void the_languages_that_are_wanted_reach_the_request_and_the_query_wins(void **state)
{
    (void)state;
    open_api();
    const struct run_request *got =
        taken(post("/v1/cases/SN-1/transitions/go", "Accept-Language: de;q=0.2, fr-CI\r\n", "{}"));
    assert_true(text_is(got->language, "fr-ci fr de"));
    got = taken(post("/v1/cases/SN-1/transitions/go?lang=pt", "Accept-Language: fr\r\n", "{}"));
    assert_true(text_is(got->language, "pt"));
    got = taken(post("/v1/cases/SN-1/transitions/go?lang=", "Accept-Language: fr\r\n", "{}"));
    assert_true(text_is_empty(got->language)); /* the workflow's own */
    got = taken(post("/v1/cases/SN-1/transitions/go", "Accept-Language: ,,;\r\n", "{}"));
    assert_true(text_is_empty(got->language));
}

static void a_case_that_is_not_there_has_no_revision(void **state)
{
    (void)state;
    open_api();
    struct text request = post("/v1/cases", "If-Match: \"1\"\r\n", "{\"workflow\": \"a\"}");
    struct response response = refused(request.bytes, 400, "bad-request");
    assert_detail(&response, "has no revision");
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
        WITH_WORLD(each_socket_has_its_own_routes),
        WITH_WORLD(head_is_get_without_the_body),
        WITH_WORLD(percent_signs_are_decoded_in_their_own_segment),
        WITH_WORLD(a_target_that_is_no_clean_text_is_refused),
        WITH_WORLD(a_query_becomes_the_filter),
        WITH_WORLD(a_query_that_means_nothing_here_is_refused),
        WITH_WORLD(headers_reach_the_request),
        WITH_WORLD(the_languages_that_are_wanted_reach_the_request_and_the_query_wins),
        WITH_WORLD(a_case_that_is_not_there_has_no_revision),
        WITH_WORLD(the_same_request_has_the_same_hash),
        WITH_WORLD(a_header_that_cannot_be_used_is_refused),
        WITH_WORLD(what_stands_behind_a_nul_is_not_read),
        WITH_WORLD(acting_as_somebody_is_for_the_owner_of_a_demo),
        WITH_WORLD(nobody_acts_as_another_in_a_real_store),
        WITH_WORLD(answers_carry_revision_location_and_repetition),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
