/* Documents over the socket: what the wheel is asked for while one comes, and how one goes out. */
#include "fixture.h"

enum { FOUR_CHUNKS = 4 * STORE_CHUNK_BYTES };

static const char facts[] = "{\"case\": \"00\", \"id\": \"00\", \"name\": \"a\\\"b.txt\", "
                            "\"type\": \"text/plain\", \"size\": %d, \"sha256\": "
                            "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}";

static struct text head(const char *path, const char *more, size_t size)
{
    return text_printf(arena,
                       "POST %s HTTP/1.1\r\n" AS_AWA
                       "Content-Type: Text/Plain; charset=x\r\nSankofa-File: a.txt\r\n"
                       "%sContent-Length: %zu\r\n\r\n",
                       path, more, size);
}

static int begin(size_t size, const char *more)
{
    int fd = dial(staff_path);
    struct text text = head("/v1/cases/SN-1/documents", more, size);

    assert_true(say_bytes(fd, text.bytes, text.size));
    return fd;
}

static void fill(int fd, size_t size)
{
    char *bytes = arena_alloc(arena, size);

    memset(bytes, 'x', size);
    assert_true(say_bytes(fd, bytes, size));
}

static void a_small_one_is_a_last_chunk_and_an_event(void **state)
{
    (void)state;
    open_api();
    int fd = begin(3, "Idempotency-Key: k\r\n");
    say(fd, "abc");
    turn_until_posted(1);
    assert_int_equal(posted[0].kind, RUN_CHUNK);
    assert_int_equal(posted[0].upload, 0);
    assert_true(posted[0].is_last);
    assert_true(text_is(posted[0].source, "abc"));
    assert_true(text_is(posted[0].case_name, "SN-1"));
    reply(0, 200, "{\"upload\": 7}");
    turn_until_posted(2);
    assert_int_equal(posted[1].kind, RUN_ATTACH);
    assert_int_equal(posted[1].upload, 7);
    assert_true(text_is(value_text_at(&posted[1].data, "name"), "a.txt"));
    assert_true(text_is(value_text_at(&posted[1].data, "type"), "text/plain"));
    assert_true(text_begins(value_text_at(&posted[1].data, "sha256"), "ba7816bf"));
    assert_true(text_is(posted[1].key, "k"));
    assert_int_equal(posted[1].request.size, 64);
    reply(1, 201, "{\"code\": \"SN-1\", \"document\": {\"document\": 2}}");
    struct response response = hear(fd);
    assert_int_equal(response.status, 201);
    assert_true(text_is(header_of(&response, "Location"), "/v1/cases/SN-1/documents/2"));
    turn_until_posted(3);
    assert_int_equal(posted[2].kind, RUN_DROP_UPLOAD); /* it means nothing by now */
    close(fd);
}

static void an_empty_one_is_one_chunk(void **state)
{
    (void)state;
    open_api();
    int fd = begin(0, "");
    turn_until_posted(1);
    assert_int_equal(posted[0].source.size, 0);
    assert_true(posted[0].is_last);
    close(fd);
}

static void who_sends_faster_than_the_disk_waits(void **state)
{
    (void)state;
    options.limits.request_ms_max = 300;
    open_api();
    int fd = begin(FOUR_CHUNKS + 400000, "");
    fill(fd, FOUR_CHUNKS + 20000);
    turn_until_posted(1);
    assert_int_equal(posted[0].source.size, FOUR_CHUNKS);
    assert_false(posted[0].is_last);
    turn_for(900); /* nothing is read meanwhile, and nobody calls it late */
    assert_int_equal(posted_count, 1);
    reply(0, 200, "{\"upload\": 7}");
    fill(fd, 380000);
    turn_until_posted(2);
    assert_int_equal(posted[1].upload, 7);
    assert_int_equal(posted[1].source.size, FOUR_CHUNKS);
    reply(1, 200, "{\"upload\": 7}");
    turn_until_posted(3);
    assert_int_equal(posted[2].source.size, 400000 - FOUR_CHUNKS);
    assert_true(posted[2].is_last);
    close(fd);
}

static void a_cut_one_is_dropped(void **state)
{
    (void)state;
    open_api();
    int fd = begin(2 * FOUR_CHUNKS, "");
    fill(fd, FOUR_CHUNKS + 20000);
    turn_until_posted(1);
    close(fd);
    turn_for(50);
    reply(0, 200, "{\"upload\": 7}");
    turn_until_posted(2);
    assert_int_equal(posted[1].kind, RUN_DROP_UPLOAD);
    assert_int_equal(posted[1].upload, 7);
}

static void a_refusal_on_the_way_is_told_behind_the_body(void **state)
{
    struct problem problem;
    struct run_reply refusal = {.status = 503, .problem = &problem};

    (void)state;
    open_api();
    problem_set(&problem, arena, PROBLEM_DISK_FULL, "full");
    int fd = begin(2 * FOUR_CHUNKS, "");
    fill(fd, FOUR_CHUNKS + 20000);
    turn_until_posted(1);
    posted[0].reply(posted[0].self, &refusal);
    fill(fd, FOUR_CHUNKS - 20000);
    struct response response = hear(fd);
    assert_problem(&response, 503, "disk-full");
    assert_int_equal(posted_count, 1);
    close(fd);
}

static void what_is_hidden_is_refused_before_the_body(void **state)
{
    struct text text = head("/v1/cases/hidden/documents", "Expect: 100-continue\r\n", 100);

    (void)state;
    open_api();
    int fd = dial(staff_path);
    say_bytes(fd, text.bytes, text.size);
    struct response response = hear(fd);
    assert_problem(&response, 404, "no-such-case");
    close(fd);
}

static void it_goes_out_as_a_file(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, "GET /v1/cases/SN-1/documents/1 HTTP/1.1\r\n" AS_AWA "Connection: close\r\n\r\n");
    turn_until_posted(1);
    reply(0, 200, text_printf(arena, facts, 3).bytes);
    struct text heard = hear_all(fd);
    assert_true(text_begins(heard, "HTTP/1.1 200 "));
    assert_non_null(strstr(heard.bytes, "\r\nContent-Length: 3\r\n"));
    assert_non_null(strstr(heard.bytes, "filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt\r\n"));
    assert_true(text_ends(heard, "\r\n\r\nabc"));
    close(fd);
}

static void where_a_chunk_is_damaged_it_is_cut(void **state)
{
    (void)state;
    open_api();
    int fd = dial(staff_path);
    say(fd, "GET /v1/cases/SN-1/documents/1 HTTP/1.1\r\n" AS_AWA "\r\n");
    turn_until_posted(1);
    reply(0, 200, text_printf(arena, facts, 70000).bytes);
    struct text heard = hear_all(fd);
    assert_non_null(strstr(heard.bytes, "\r\nContent-Length: 70000\r\n"));
    assert_true(text_ends(heard, "abc"));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_small_one_is_a_last_chunk_and_an_event),
        WITH_WORLD(an_empty_one_is_one_chunk),
        WITH_WORLD(who_sends_faster_than_the_disk_waits),
        WITH_WORLD(a_cut_one_is_dropped),
        WITH_WORLD(a_refusal_on_the_way_is_told_behind_the_body),
        WITH_WORLD(what_is_hidden_is_refused_before_the_body),
        WITH_WORLD(it_goes_out_as_a_file),
        WITH_WORLD(where_a_chunk_is_damaged_it_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
