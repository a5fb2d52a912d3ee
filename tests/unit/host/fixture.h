/* A call of a plugin that does what each test tells it, carried out without a process. */
#ifndef TESTS_HOST_FIXTURE_H
#define TESTS_HOST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "host/call.h"

typedef int act(const struct sankofa_host *host, struct sankofa_call *call);
static act *acting; /* what the plugin does in this test */

static inline enum sankofa_outcome run(const struct sankofa_host *host, struct sankofa_call *call)
{
    return (enum sankofa_outcome)acting(host, call);
}

static inline void drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    acting(host, call);
}

#define FIELD(id, ...)                                                                             \
    static const struct sankofa_field id = {.size = sizeof(struct sankofa_field), __VA_ARGS__}
FIELD(text_field, .kind = SANKOFA_TEXT, .name = "text");
FIELD(integer_field, .kind = SANKOFA_INTEGER, .name = "integer", .initial = "7");
FIELD(number_field, .kind = SANKOFA_NUMBER, .name = "number");
FIELD(boolean_field, .kind = SANKOFA_BOOLEAN, .name = "boolean");
FIELD(time_field, .kind = SANKOFA_TIMESTAMP, .name = "time");
FIELD(texts_field, .kind = SANKOFA_TEXTS, .name = "texts");
FIELD(granted_field, .kind = SANKOFA_BOOLEAN, .name = "granted", .required = 1);
FIELD(since_field, .kind = SANKOFA_TIMESTAMP, .name = "since");
static const struct sankofa_field *const fields[] = {
    &text_field, &integer_field, &number_field, &boolean_field, &time_field, &texts_field, NULL};
static const struct sankofa_field *const answers[] = {&granted_field, &since_field, NULL};
/* Inputs and outputs must differ in the initial value, which is an input's alone. */
FIELD(integer_output, .kind = SANKOFA_INTEGER, .name = "integer");
static const struct sankofa_field *const outputs[] = {
    &text_field, &integer_output, &number_field, &boolean_field, &time_field, &texts_field, NULL};
static const struct sankofa_step_type check_type = {.size = sizeof check_type,
                                                    .flags = SANKOFA_CHECK,
                                                    .name = "check",
                                                    .summary = "Checks.",
                                                    .inputs = fields,
                                                    .outputs = outputs,
                                                    .run = run};
static const struct sankofa_step_type step_type = {.size = sizeof step_type,
                                                   .name = "step",
                                                   .summary = "Parks.",
                                                   .inputs = fields,
                                                   .outputs = outputs,
                                                   .answers = answers,
                                                   .run = run,
                                                   .resume = run,
                                                   .drop = drop};
static const struct sankofa_step_type plain_type = {
    .size = sizeof plain_type, .name = "plain", .summary = "Does not park.", .run = run};
static const struct sankofa_step_type *const types[] = {&check_type, &step_type, &plain_type, NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "sketch",
                                             .version = "1.0",
                                             .summary = "For tests.",
                                             .step_types = types};

struct fixture {
    struct arena *arena;
    struct table table;
    struct link link;
    const struct secrets *secrets;
    int theirs;
};

static inline int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    struct text why = TEXT_NONE;
    int fds[2];
    fixture->arena = arena_create("test");
    if (!table_read(&plugin, fixture->arena, &fixture->table, &why))
        fail_msg("%.*s", TEXT_ARG(why));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    link_init(&fixture->link, fds[0]);
    fixture->theirs = fds[1];
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->link.fd);
    close(fixture->theirs);
    link_finish(&fixture->link);
    arena_destroy(fixture->arena);
    test_free(fixture);
    return 0;
}

static inline int carry_out(struct fixture *fixture, enum wire_kind kind, const char *body,
                            struct value *outcome_out)
{
    struct wire_frame frame = {.kind = kind, .call = 1};
    assert_int_equal(json_read(fixture->arena, text_from(body), &frame.body, NULL), 0);
    return call_carry_out(&fixture->table, &fixture->link, fixture->secrets, fixture->arena, &frame,
                          outcome_out);
}

static inline void gives(struct fixture *fixture, act *what, enum wire_kind kind, const char *body,
                         const char *expected)
{
    struct value outcome;
    acting = what;
    assert_int_equal(carry_out(fixture, kind, body, &outcome), 0);
    assert_string_equal(json_write(fixture->arena, &outcome).bytes, expected);
}

#define RUN(step, inputs)                                                                          \
    "{\"step\":\"" step "\",\"inputs\":" inputs ",\"key\":\"k\",\"now_ms\":1000}"
#define RESUME(step, more)                                                                         \
    "{\"step\":\"" step "\",\"inputs\":{},\"key\":\"k\",\"now_ms\":1000,\"cookie\":\"6869\"," more \
    "}"
#define BROKEN(why) "{\"outcome\":\"broken\",\"message\":\"" why "\",\"ran\":false}"

static inline void breaks(struct fixture *fixture, act *what, enum wire_kind kind, const char *body,
                          const char *why)
{
    struct value outcome;
    acting = what;
    assert_int_equal(carry_out(fixture, kind, body, &outcome), 0);
    assert_true(text_is(value_text_at(&outcome, "outcome"), "broken"));
    struct text message = value_text_at(&outcome, "message");
    assert_true(value_bool_at(&outcome, "ran"));
    if (memmem(message.bytes, message.size, why, strlen(why)) == NULL)
        fail_msg("\"%.*s\" does not say \"%s\"", TEXT_ARG(message), why);
}

#endif
