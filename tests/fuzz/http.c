/* Requests as bytes of a connection, behind the parsing: target, headers, body, query, ids. The
 * socket is the real one, on a loop that this file turns; the wheel below only answers. The first
 * byte says which socket, in what pieces the rest is sent, and how the connection ends; the second
 * what the wheel answers. Whatever was sent, each answer is one of HTTP, with JSON that is JSON,
 * and nothing of it is left once the connection is gone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"
#include "api/internal.h"
#include "base/json.h"
#include "base/log.h"
#include "fuzz.h"
#include "system/system.h"

enum {
    TURNS_MAX = 200,  /* for an answer, and for the end */
    QUIET_TURNS = 3,  /* without a byte: nothing more comes */
    POSTED_MAX = 256, /* requests that wait for the wheel */
    WORK_MAX = 16,
    HEARD_BYTES_MAX = 4 << 20
};

/* How the connection is used: bits of the first byte. */
enum { ON_ADMIN = 1, HALF_CLOSED = 2, GONE_UNHEARD = 4, IN_PIECES = 8 };

static uv_loop_t loop;
static struct api *api;
static char staff_path[64], admin_path[64];
static struct fuzz_bytes decisions;

/* ---- The wheel. ---- */

struct waiting {
    void (*reply)(void *self, const struct run_reply *reply);
    void *self;
    enum run_kind kind;
};
static struct waiting posted[POSTED_MAX];
static size_t posted_count;

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
    *bytes_out = text_copy(own, TEXT("abc"));
    return number > 0 ? -EBADMSG : 0;
}

void wheel_post(struct wheel *wheel, const struct run_request *request)
{
    (void)wheel;
    CHECK(posted_count < POSTED_MAX);
    posted[posted_count++] = (struct waiting){request->reply, request->self, request->kind};
}

/* What the socket counts on of each kind. */
static const char *good_answer(enum run_kind kind)
{
    switch ((unsigned)kind) {
    case RUN_DOCUMENT:
        return "{\"name\": \"a \\\"b\\\" \\u00e9\", \"type\": \"text/plain\", \"size\": 3, "
               "\"sha256\": "
               "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}";
    case RUN_EVENTS:
        return "{\"events\": [{\"seq\": 3, \"kind\": \"open\"}, {\"seq\": 5, \"erased\": true}],"
               " \"next\": 5, \"more\": false}";
    case RUN_WORKFLOW:
    case RUN_DIAGRAM:
        return "{\"definition\": {\"workflow\": \"a\"}, \"states\": [\"open\"]}";
    case RUN_CHUNK:
        return "{\"upload\": 7}";
    default:
        return "{\"code\": \"SN-2026-00001-Y\", \"id\": \"7\", \"total\": 1}";
    }
}

static void answer_one(const struct waiting *one)
{
    static const int statuses[] = {200, 201, 202};
    ARENA_SCOPED struct arena *arena = arena_create("reply");
    unsigned how = fuzz_below(&decisions, 5);
    struct run_reply reply = {.has_revision = true, .revision = 42, .is_repeat = how == 1};
    struct problem problem;

    if (how < 3) {
        reply.status = statuses[how];
        CHECK(json_read(arena, text_from(good_answer(one->kind)), &reply.body, NULL) == 0);
    } else {
        problem_set(&problem, arena, how == 3 ? PROBLEM_NO_SUCH_CASE : PROBLEM_BUSY, "It is so.");
        reply.problem = &problem;
        reply.status = problem_kind(problem.code)->status;
    }
    one->reply(one->self, &reply);
}

static bool answer_all(void)
{
    size_t count = posted_count;
    struct waiting now[POSTED_MAX];

    memcpy(now, posted, sizeof(now));
    posted_count = 0;
    for (size_t i = 0; i < count; i++)
        answer_one(&now[i]);
    return count > 0;
}

/* ---- Threads: their work is left out, since it is the vault's; its end comes from the loop. ----
 */

static struct {
    uv_work_t *work;
    uv_after_work_cb after;
} works[WORK_MAX];
static size_t work_count;

int uv_queue_work(uv_loop_t *its_loop, uv_work_t *work, uv_work_cb begin, uv_after_work_cb after)
{
    (void)its_loop;
    (void)begin;
    CHECK(work_count < WORK_MAX);
    works[work_count].work = work;
    works[work_count++].after = after;
    return 0;
}

static bool end_works(void)
{
    bool any = work_count > 0;

    while (work_count > 0) {
        work_count--;
        works[work_count].after(works[work_count].work, 0);
    }
    return any;
}

/* ---- What the daemon gives. ---- */

static void nothing(void *self)
{
    (void)self;
}

static struct value tell(void *self, struct arena *arena)
{
    struct value value = value_map(arena);

    (void)self;
    value_put(&value, "state", value_cstring("serving"));
    return value;
}

static struct text draw(void *self, enum api_form form, struct text definition,
                        struct text language, const struct value *active, struct arena *arena)
{
    (void)self;
    (void)form;
    (void)language;
    (void)active;
    return text_copy(arena, definition);
}

/* It reads nothing; its answer comes as the wheel's do. */
static void reload(void *self, void (*over)(void *over_self, const struct run_reply *reply),
                   void *over_self)
{
    (void)self;
    CHECK(posted_count < POSTED_MAX);
    posted[posted_count++] = (struct waiting){over, over_self, RUN_KEYS};
}

static void drop_line(void *self, enum log_level level, const char *line)
{
    (void)self;
    (void)level;
    CHECK(text_is_utf8(text_from(line)));
}

static char folder[] = "/tmp/sankofa-fuzz-XXXXXX";

static void remove_folder(void)
{
    unlink(staff_path);
    unlink(admin_path);
    rmdir(folder);
}

static void open_once(void)
{
    static struct diag_list diags;
    struct arena *arena = arena_create("boot");
    struct text people = TEXT("awa: {roles: [caseworker, administrator], countries: [SN]}\n");

    CHECK(mkdtemp(folder));
    atexit(remove_folder);
    snprintf(staff_path, sizeof(staff_path), "%s/staff", folder);
    snprintf(admin_path, sizeof(admin_path), "%s/admin", folder);
    log_set_sink(drop_line, NULL);
    diag_list_init(&diags, arena);
    CHECK(uv_loop_init(&loop) == 0);
    struct yaml_node *node = yaml_parse(people, TEXT("people.yaml"), &diags);
    const struct api_options options = {
        .loop = &loop,
        .wheel = (struct wheel *)&posted, /* never looked into */
        .people = people_read(node, PEOPLE_OF_DEMO, &diags),
        .is_demo = true,
        .staff_path = staff_path,
        .admin_path = admin_path,
        .staff_gid = (gid_t)-1,
        .limits = {.body_bytes_max = 4096, .document_bytes_max = 8192},
        .random = system_random(),
        .clock = system_clock(),
        .posted = nothing,
        .draw = draw,
        .status = tell,
        .plugins = tell,
        .reload = reload,
    };
    CHECK(api_open(&options, &diags, &api) == 0);
}

/* ---- The client. ---- */

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    CHECK(fd >= 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static bool hear(int fd, struct text_buffer *heard)
{
    char bytes[16384];
    ssize_t size = recv(fd, bytes, sizeof(bytes), 0);

    if (size > 0)
        text_append(heard, (struct text){bytes, (size_t)size});
    CHECK(heard->size < HEARD_BYTES_MAX);
    return size > 0;
}

static bool turn(int fd, struct text_buffer *heard)
{
    bool moved;

    uv_run(&loop, UV_RUN_NOWAIT);
    moved = answer_all();
    moved = end_works() || moved;
    return hear(fd, heard) || moved;
}

static void settle(int fd, struct text_buffer *heard)
{
    for (int i = 0, quiet = 0; i < TURNS_MAX && quiet < QUIET_TURNS; i++)
        quiet = turn(fd, heard) ? 0 : quiet + 1;
}

static void send_all(int fd, struct text input, unsigned how, struct text_buffer *heard)
{
    size_t piece = how & IN_PIECES ? 1 + (how >> 4) * 7 : input.size;

    for (size_t at = 0; at < input.size;) {
        size_t left = input.size - at;
        ssize_t sent = send(fd, input.bytes + at, left < piece ? left : piece, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return; /* it was closed: what was sent cannot be followed */
        at += sent > 0 ? (size_t)sent : 0;
        turn(fd, heard);
    }
}

/* ---- What was heard. ---- */

static struct text header(struct text head, const char *name)
{
    const char *at = memmem(head.bytes, head.size, name, strlen(name));

    if (!at)
        return TEXT_NONE;
    at += strlen(name);
    const char *end = memchr(at, '\r', (size_t)(head.bytes + head.size - at));
    return (struct text){at, end ? (size_t)(end - at) : 0};
}

static void judge_body(struct arena *arena, int status, struct text head, struct text body)
{
    struct text type = header(head, "\r\nContent-Type: ");
    struct value value;

    if (text_is(type, "application/problem+json")) {
        CHECK(json_read(arena, body, &value, NULL) == 0);
        CHECK(value_int_at(&value, "status", 0) == status);
        CHECK(problem_kind_named(value_text_at(&value, "code")));
        CHECK(value_text_at(&value, "detail").size > 0);
    } else {
        CHECK(status < 300);
    }
    if (text_is(type, "application/json"))
        CHECK(json_read(arena, body, &value, NULL) == 0);
}

/* One answer after the other; the last may be cut, and bodies without a length are not followed. */
static void judge(struct arena *arena, struct text heard)
{
    while (heard.size > 0) {
        const char *end = memmem(heard.bytes, heard.size, "\r\n\r\n", 4);
        int64_t size = 0;
        if (!end)
            return;
        struct text head = {heard.bytes, (size_t)(end - heard.bytes) + 2};
        struct text rest = {end + 4, heard.size - head.size - 2};
        CHECK(head.size > 12 && memcmp(head.bytes, "HTTP/1.", 7) == 0);
        int status = atoi(head.bytes + 9);
        CHECK(status >= 100 && status < 600);
        if (status == 100) {
            heard = rest;
            continue;
        }
        /* The answer to HEAD has a length and no body: nothing behind it can be told apart. */
        if (!text_to_int(header(head, "\r\nContent-Length: "), &size) ||
            size > (int64_t)rest.size ||
            (rest.size >= 5 && size > 0 && memcmp(rest.bytes, "HTTP/", 5) == 0))
            return;
        judge_body(arena, status, head, (struct text){rest.bytes, (size_t)size});
        heard = (struct text){rest.bytes + size, rest.size - (size_t)size};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("input");
    struct text_buffer heard;

    if (!api)
        open_once();
    if (size < 2)
        return 0;
    unsigned how = data[0];
    decisions = (struct fuzz_bytes){data + 1, size - 1};
    text_buffer_init(&heard, arena);
    int fd = dial(how & ON_ADMIN ? admin_path : staff_path);
    send_all(fd, (struct text){(const char *)data + 2, size - 2}, how, &heard);
    if (how & HALF_CLOSED)
        shutdown(fd, SHUT_WR);
    if (!(how & GONE_UNHEARD))
        settle(fd, &heard);
    close(fd);
    feed_stop_all(api); /* that a reader is gone is noticed at the next beat alone */
    for (int i = 0; i < TURNS_MAX && (api->requests || posted_count > 0 || work_count > 0); i++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        answer_all();
        end_works();
    }
    CHECK(!api->requests);
    CHECK(api_is_idle(api));
    judge(arena, text_buffer_text(&heard));
    return 0;
}
