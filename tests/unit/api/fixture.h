/* What the tests of the socket share: a server in a folder of its own, on a loop that the test
 * turns; a wheel that only notes what it gets; and clients that are plain sockets. */
#ifndef SANKOFA_TESTS_API_FIXTURE_H
#define SANKOFA_TESTS_API_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/api.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "system/system.h"

enum { POSTED_MAX = 64, TURN_MS_MAX = 5000 };

static struct arena *arena;
static struct diag_list diags;
static uv_loop_t loop;
static struct api *api;
static char folder[] = "/tmp/sankofa-api-XXXXXX";
static char staff_path[64], admin_path[64];
static struct api_options options;
static bool is_closed;

/* ---- The wheel of this test: what the socket asks of it. ---- */

static struct run_request posted[POSTED_MAX];
static size_t posted_count;

static inline struct text kept(struct text text)
{
    return text.bytes ? text_copy(arena, text) : TEXT_NONE;
}

static struct text stored_chunk = {"abc", 3}; /* of the only document that this wheel has */

bool wheel_may_attach(struct wheel *wheel, const struct run_request *request, uint64_t size,
                      struct arena *own, struct problem *problem_out)
{
    (void)wheel;
    (void)size;
    if (!text_is(request->case_name, "hidden"))
        return true;
    problem_set(problem_out, own, PROBLEM_NO_SUCH_CASE, "There is no such case.");
    return false;
}

int wheel_read_chunk(struct wheel *wheel, const struct value *document, uint32_t number,
                     struct arena *own, struct text *bytes_out)
{
    (void)wheel;
    (void)document;
    if (number > 0)
        return -EBADMSG;
    *bytes_out = text_copy(own, stored_chunk);
    return 0;
}

void wheel_post(struct wheel *wheel, const struct run_request *request)
{
    struct case_person *person = ARENA_NEW(arena, struct case_person);
    struct run_request *own = &posted[posted_count++];

    (void)wheel;
    assert_true(posted_count <= POSTED_MAX);
    *own = *request;
    *person = *request->person;
    person->id = kept(person->id);
    person->person = kept(person->person);
    own->person = person;
    own->case_name = kept(request->case_name);
    own->name = kept(request->name);
    own->data = value_copy(arena, &request->data);
    own->comment = kept(request->comment);
    own->key = kept(request->key);
    own->request = kept(request->request);
    own->language = kept(request->language);
    own->source = kept(request->source);
    own->file = kept(request->file);
    own->filter.state = kept(request->filter.state);
    own->filter.cursor = kept(request->filter.cursor);
}

/* The wheel's answer to the request noted at `index`. */
static inline void reply(size_t index, int status, const char *json)
{
    struct run_reply answer = {.status = status};

    assert_int_equal(json_read(arena, text_from(json), &answer.body, NULL), 0);
    posted[index].reply(posted[index].self, &answer);
}

/* ---- The world. ---- */

static inline void note_closed(void *self)
{
    (void)self;
    is_closed = true;
}

static inline void note_posted(void *self)
{
    (void)self;
}

static inline struct value tell_status(void *self, struct arena *into)
{
    struct value status = value_map(into);

    (void)self;
    value_put(&status, "state", value_cstring("serving"));
    return status;
}

static inline void drop_line(void *self, enum log_level level, const char *line)
{
    (void)self;
    (void)level;
    (void)line;
}

static inline const struct people *people_of(const char *yaml, enum people_store store)
{
    struct yaml_node *node = yaml_parse(text_from(yaml), TEXT("people.yaml"), &diags);

    assert_non_null(node);
    return people_read(node, store, &diags);
}

static inline int arena_up(void **state)
{
    (void)state;
    arena = arena_create("test");
    diag_list_init(&diags, arena);
    return 0;
}

static inline int arena_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_up, arena_down)

static inline int world_up(void **state)
{
    arena_up(state);
    log_set_sink(drop_line, NULL);
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(staff_path, sizeof(staff_path), "%s/staff", folder);
    snprintf(admin_path, sizeof(admin_path), "%s/admin", folder);
    assert_int_equal(uv_loop_init(&loop), 0);
    posted_count = 0;
    is_closed = false;
    api = NULL;
    options = (struct api_options){
        .loop = &loop,
        .wheel = (struct wheel *)&posted, /* never looked into: wheel_post is the one below */
        .people =
            people_of("awa: {roles: [caseworker], countries: [SN]}\ncodou: {}", PEOPLE_OF_DEMO),
        .is_demo = true,
        .staff_path = staff_path,
        .admin_path = admin_path,
        .staff_gid = (gid_t)-1,
        .random = system_random(),
        .posted = note_posted,
        .status = tell_status,
    };
    return 0;
}

static inline void open_api(void)
{
    int result = api_open(&options, &diags, &api);

    if (result != 0)
        fail_msg("%s", diag_write_gcc(arena, &diags.items[0]).bytes);
}

static inline void close_api(void)
{
    if (!api)
        return;
    api_close(api, note_closed, NULL);
    for (int i = 0; i < 1000 && !is_closed; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_true(is_closed);
    api_destroy(api);
    api = NULL;
}

static inline int world_down(void **state)
{
    (void)state;
    close_api();
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(rmdir(folder), 0); /* the sockets are gone, too */
    arena_destroy(arena);
    return 0;
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_up, world_down)

static inline int64_t now_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

/* One turn of the loop, as the daemon runs it: everything that is ready, then a short sleep. */
static inline void turn(void)
{
    uv_run(&loop, UV_RUN_NOWAIT);
    usleep(200);
}

static inline void turn_for(int64_t span_ms)
{
    for (int64_t end_ms = now_ms() + span_ms; now_ms() < end_ms;)
        turn();
}

static inline void turn_until_posted(size_t count)
{
    for (int64_t end_ms = now_ms() + TURN_MS_MAX; posted_count < count && now_ms() < end_ms;)
        turn();
    assert_int_equal(posted_count, count);
}

/* ---- Clients. ---- */

static inline int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Sends all of it, the loop turning meanwhile; false: the daemon closed the connection before. */
static inline bool say_bytes(int fd, const char *bytes, size_t size)
{
    int64_t end_ms = now_ms() + TURN_MS_MAX;

    while (size > 0 && now_ms() < end_ms) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        bytes += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
        turn();
    }
    assert_int_equal(size, 0);
    return true;
}

static inline bool say(int fd, const char *text)
{
    return say_bytes(fd, text, strlen(text));
}

struct response {
    int status; /* 0: the connection was closed without one */
    struct text headers, raw;
    struct value body; /* VALUE_NULL where it is no JSON */
};

static inline struct text header_of(const struct response *response, const char *name)
{
    char line[80];

    snprintf(line, sizeof(line), "\r\n%s: ", name);
    const char *at = strcasestr(response->headers.bytes, line);
    if (!at)
        return TEXT_NONE;
    at += strlen(line);
    return text_copy(arena, (struct text){at, strcspn(at, "\r")});
}

static inline bool receive(int fd, struct text_buffer *buffer, int64_t end_ms)
{
    char bytes[4096];

    while (now_ms() < end_ms) {
        ssize_t size = recv(fd, bytes, sizeof(bytes), 0);
        if (size == 0 || (size < 0 && errno != EAGAIN))
            return false;
        if (size > 0) {
            text_append(buffer, (struct text){bytes, (size_t)size});
            return true;
        }
        turn();
    }
    fail_msg("no answer, and the connection is still open");
    return false;
}

/* The next response. What came behind it is not looked at: pipelined answers are read by
 * `hear_all`.
 */
static inline struct response hear(int fd)
{
    struct response response = {0};
    struct text_buffer buffer;
    int64_t end_ms = now_ms() + TURN_MS_MAX;
    const char *end;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT(""));
    while (!(end = strstr(buffer.bytes, "\r\n\r\n")))
        if (!receive(fd, &buffer, end_ms))
            return response;
    response.headers = text_copy(arena, (struct text){buffer.bytes, (size_t)(end - buffer.bytes)});
    size_t head = (size_t)(end - buffer.bytes) + 4;
    int64_t length = 0;
    text_to_int(header_of(&response, "Content-Length"), &length);
    while (buffer.size < head + (size_t)length)
        if (!receive(fd, &buffer, end_ms))
            return response;
    response.status = atoi(response.headers.bytes + sizeof("HTTP/1.1 ") - 1);
    response.raw = text_copy(arena, (struct text){buffer.bytes + head, (size_t)length});
    if (json_read(arena, response.raw, &response.body, NULL) != 0)
        response.body = value_null();
    return response;
}

/* Everything until the connection is closed. */
static inline struct text hear_all(int fd)
{
    struct text_buffer buffer;
    int64_t end_ms = now_ms() + TURN_MS_MAX;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT(""));
    while (receive(fd, &buffer, end_ms))
        ;
    return text_buffer_text(&buffer);
}

/* One request on a connection of its own; `%s` is not expanded. */
static inline struct response ask_at(const char *path, const char *request)
{
    int fd = dial(path);

    say(fd, request);
    struct response response = hear(fd);
    close(fd);
    turn();
    return response;
}

static inline struct response ask(const char *request)
{
    return ask_at(staff_path, request);
}

#define HOST   "Host: sankofa\r\n"
#define AS_AWA HOST "Sankofa-As: awa\r\n"
#define JSON   "Content-Type: application/json\r\n"

/* A request of awa with a JSON body. */
static inline struct text post(const char *path, const char *headers, const char *json)
{
    return text_printf(arena, "POST %s HTTP/1.1\r\n" AS_AWA JSON "%sContent-Length: %zu\r\n\r\n%s",
                       path, headers, strlen(json), json);
}

static inline void assert_problem(const struct response *response, int status, const char *code)
{
    if (response->status != status || !text_is(value_text_at(&response->body, "code"), code))
        fail_msg("wanted %d %s, got %d %.*s", status, code, response->status,
                 TEXT_ARG(response->raw));
    assert_true(text_is(header_of(response, "Content-Type"), "application/problem+json"));
}

/* ---- Requests. ---- */

static inline struct text text_of(const char *cstring)
{
    return text_copy(arena, text_from(cstring));
}

static inline void assert_detail(const struct response *response, const char *part)
{
    struct text detail = value_text_at(&response->body, "detail"),
                hint = value_text_at(&response->body, "hint");

    if (!strstr(text_copy(arena, detail).bytes, part) &&
        !strstr(text_copy(arena, hint).bytes, part))
        fail_msg("\"%s\" is not in: %.*s", part, TEXT_ARG(response->raw));
}

/* One request that must be refused, and never reach the wheel. */
static inline struct response refused(const char *request, int status, const char *code)
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
static inline const struct run_request *taken(struct text request)
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

#endif
