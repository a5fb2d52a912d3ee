/* Walks of a real workflow: the core and the real plugins, in virtual time, without a daemon.
 *
 *     walk WORKFLOW.yaml WALK.json PATHS.json PLUGIN.so...
 *
 * WALK.json is one way through the workflow, from the opening to the closure; the demo walks it
 * too. PATHS.json holds the other ways: each begins where the walk first enters a state, and goes
 * on by itself. Both say in their heads what their actions mean.
 *
 * The happy path of an action:
 *   1. dates told from the day of the opening are made days; the clock is moved, or an event played
 *   2. the checks that the core asks are put to the plugins, and the event is applied
 *   3. plugins work on the steps of the case until nothing is left to do but wait
 *   4. the case is where the action says, and no part of the workflow has failed on the way */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/when.h"
#include "case/case.h"
#include "host/call.h"
#include "host/table.h"
#include "system/system.h"
#include "workflow/workflow.h"

enum { PLUGINS_MAX = 16, FILE_BYTES_MAX = 1 << 20, DAY_MS = 86400000 };
#define OPENED_MS INT64_C(1767254400000) /* 2026-01-01T08:00:00Z */

struct walk {
    struct arena *arena;
    struct table tables[PLUGINS_MAX];
    size_t table_count;
    struct link link;         /* nobody speaks at its other end */
    struct value walk, paths; /* the files */
    struct case_state state;
    int64_t now_ms;
    const char *name; /* of the path that is walked */
    size_t number;    /* of the action, from 1 */
    struct problem problem;
    unsigned failures;
};

__attribute__((format(printf, 2, 3))) static void fail(struct walk *walk, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    printf("%s, action %zu: ", walk->name, walk->number);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    walk->failures++;
}

/* Plugins. */

static const struct plugin_description *find_plugin(void *self, struct text name,
                                                    struct text *why_out)
{
    struct walk *walk = self;

    *why_out = TEXT("It was not named on the command line.");
    for (size_t i = 0; i < walk->table_count; i++)
        if (text_equal(walk->tables[i].description.name, name))
            return &walk->tables[i].description;
    return NULL;
}

static bool load_plugin(struct walk *walk, const char *path)
{
    struct text why;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    CHECK(walk->table_count < PLUGINS_MAX);
    if (fd < 0 || !table_load(fd, walk->arena, &walk->tables[walk->table_count], &why)) {
        printf("%s: %.*s\n", path, fd < 0 ? 12 : (int)why.size,
               fd < 0 ? "not readable" : why.bytes);
        return false;
    }
    walk->table_count++;
    return true; /* The descriptor stays: the loader knows the object by its number. */
}

/* What the host says of a park, as the core takes it. */
static struct value park_of(struct walk *walk, const struct value *outcome)
{
    struct value park = value_map(walk->arena);
    const struct value *wakes = value_get(outcome, TEXT("wakes"));
    bool on_answer = false, on_time = false;

    for (size_t i = 0; i < value_count(wakes); i++) {
        on_answer |= value_is_string(value_item(wakes, i), "answer");
        on_time |= value_is_string(value_item(wakes, i), "time");
    }
    value_put(&park, "outcome", value_cstring("parked"));
    value_put(&park, "answer", value_bool(on_answer));
    value_put(&park, "time", value_bool(on_time));
    value_put(&park, "until", value_int(value_int_at(outcome, "until_ms", 0)));
    value_put(&park, "cookie", value_string(value_text_at(outcome, "cookie")));
    return park;
}

static struct value carry_out(struct walk *walk, struct text plugin, enum wire_kind kind,
                              struct value body)
{
    struct wire_frame frame = {.kind = kind, .call = 1, .body = body};
    struct value outcome = value_null();

    for (size_t i = 0; i < walk->table_count; i++)
        if (text_equal(walk->tables[i].description.name, plugin))
            CHECK(call_carry_out(&walk->tables[i], &walk->link, NULL, walk->arena, &frame,
                                 &outcome) == 0);
    CHECK(outcome.kind == VALUE_MAP);
    return value_is_string(value_get(&outcome, TEXT("outcome")), "parked") ? park_of(walk, &outcome)
                                                                           : outcome;
}

static struct value call_body(struct walk *walk, struct text step, struct value inputs,
                              struct text key, int64_t now_ms)
{
    struct value body = value_map(walk->arena);

    value_put(&body, "step", value_string(step));
    value_put(&body, "inputs", inputs);
    value_put(&body, "key", value_string(key));
    value_put(&body, "now_ms", value_int(now_ms));
    return body;
}

static struct value carry_out_step(struct walk *walk, const struct case_call *call)
{
    static const enum wire_kind kinds[] = {
        [CASE_RUN] = WIRE_RUN, [CASE_RESUME] = WIRE_RESUME, [CASE_STEP_DROP] = WIRE_DROP};
    struct value body =
        call_body(walk, call->step, call->inputs, call->idempotency_key, call->now_ms);

    if (call->verb != CASE_RUN)
        value_put(&body, "cookie", value_string(call->cookie));
    if (call->verb == CASE_RESUME)
        value_put(&body, "woken_by", value_cstring(call->woken_by_time ? "time" : "answer"));
    if (call->verb == CASE_RESUME && !call->woken_by_time)
        value_put(&body, "answer", call->answer);
    return carry_out(walk, call->plugin, kinds[call->verb], body);
}

/* Events. */

static struct value ask_checks(struct walk *walk, const struct case_plan *plan)
{
    struct value outcomes = value_map(walk->arena);

    for (size_t i = 0; i < plan->check_count; i++) {
        const struct case_check *check = &plan->checks[i];
        struct value body = call_body(walk, check->step, check->inputs, TEXT_NONE, walk->now_ms);
        value_set(&outcomes, check->key, carry_out(walk, check->plugin, WIRE_RUN, body));
    }
    return outcomes;
}

/* PROBLEM_NONE, or why it is refused: walk->problem. */
static enum problem_code play(struct walk *walk, struct case_event *event)
{
    struct case_plan plan;
    struct case_change change;

    event->now_ms = walk->now_ms;
    event->seq = walk->state.last + 1;
    case_plan(&walk->state, event, walk->arena, &plan);
    if (plan.kind == CASE_REFUSE) {
        walk->problem = plan.problem;
        return plan.problem.code;
    }
    CHECK(plan.kind == CASE_ASK || plan.kind == CASE_CARRY);
    if (plan.kind == CASE_ASK)
        event->checks = ask_checks(walk, &plan);
    case_apply(&walk->state, event, walk->arena, &change);
    if (change.is_refused) {
        walk->problem = change.problem;
        return change.problem.code;
    }
    walk->state.doc = change.doc;
    walk->state.revision = walk->state.last = event->seq;
    const struct value *faults = value_get(&change.entry, TEXT("faults"));
    if (faults != NULL)
        fail(walk, "faults of the workflow: %s", json_write(walk->arena, faults).bytes);
    return PROBLEM_NONE;
}

/* Lets plugins work until every step waits or has ended. */
static void settle(struct walk *walk)
{
    for (;;) {
        size_t count;
        const struct case_call *calls = case_calls(&walk->state, walk->arena, &count);
        if (count == 0)
            return;
        struct case_event event = {
            .kind = CASE_OUTCOME, .name = calls[0].key, .outcome = carry_out_step(walk, &calls[0])};
        CHECK(play(walk, &event) == PROBLEM_NONE);
    }
}

/* Moves the clock; what is due on the way happens at its own time. */
static void wait_for(struct walk *walk, int64_t span_ms)
{
    int64_t end_ms = walk->now_ms + span_ms, due_ms;
    struct case_event event = {.kind = CASE_TIMER};

    while (case_next_timer(&walk->state.doc, &event.name, &due_ms) && due_ms <= end_ms) {
        walk->now_ms = due_ms > walk->now_ms ? due_ms : walk->now_ms;
        CHECK(play(walk, &event) == PROBLEM_NONE);
        settle(walk);
    }
    walk->now_ms = end_ms;
}

/* Actions. */

/* A copy in which D+N and D-N are days. */
static struct value with_dates(struct walk *walk, const struct value *value)
{
    struct text text = value->kind == VALUE_STRING ? value->string : TEXT_NONE;
    struct value copy = *value;

    if (text_begins(text, "D+") || text_begins(text, "D-")) {
        int64_t days = strtoll(text.bytes + 1, NULL, 10);
        return value_string(
            when_write_date(walk->arena, when_from_ms(OPENED_MS + days * (int64_t)DAY_MS)));
    }
    if (value->kind == VALUE_LIST) {
        copy = value_list(walk->arena);
        for (size_t i = 0; i < value_count(value); i++)
            value_append(&copy, with_dates(walk, value_item(value, i)));
    } else if (value->kind == VALUE_MAP) {
        copy = value_map(walk->arena);
        for (size_t i = 0; i < value_count(value); i++)
            value_set(&copy, value_member(value, i)->key,
                      with_dates(walk, &value_member(value, i)->value));
    }
    return copy;
}

static struct case_person person_of(struct walk *walk, struct text id)
{
    const struct value *person = value_get(value_get(&walk->walk, TEXT("people")), id);

    if (person == NULL)
        person = value_get(value_get(&walk->paths, TEXT("people")), id);
    if (person == NULL)
        fail(walk, "nobody is called \"%.*s\"", TEXT_ARG(id));
    const struct value *roles = value_get(person, TEXT("roles"));
    struct text *ids = ARENA_ARRAY(walk->arena, struct text, value_count(roles));
    for (size_t i = 0; i < value_count(roles); i++)
        ids[i] = value_item(roles, i)->string;
    return (struct case_person){
        .id = id, .person = id, .roles = ids, .role_count = value_count(roles)};
}

/* The number of the newest proposal of that event. */
static struct text proposal_of(struct walk *walk, struct text event)
{
    const struct value *proposals = value_get(&walk->state.doc, TEXT("proposals"));
    int64_t newest = 0, number;

    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value_member *one = value_member(proposals, i);
        CHECK(text_to_int(one->key, &number));
        if (text_equal(value_text_at(&one->value, "event"), event) && number > newest)
            newest = number;
    }
    if (newest == 0)
        fail(walk, "nothing was submitted with \"%.*s\"", TEXT_ARG(event));
    return text_printf(walk->arena, "%lld", (long long)newest);
}

static void play_person(struct walk *walk, const struct value *action)
{
    struct case_person person = person_of(walk, value_text_at(action, "as"));
    struct text answer = value_text_at(action, "answer");
    struct text approve = value_text_at(action, "approve");
    struct text reject = value_text_at(action, "reject");
    struct text refused = value_text_at(action, "refused");
    const struct value *form = value_get(action, TEXT("form"));
    struct case_event event = {
        .kind = answer.size > 0 ? CASE_ANSWER : CASE_TRANSITION,
        .name = answer.size > 0 ? answer : value_text_at(action, "do"),
        .person = &person,
        .data = form != NULL ? with_dates(walk, form) : value_null(),
    };

    if (value_bool_at(action, "open")) {
        event.kind = CASE_OPEN;
        event.code = TEXT("SN-2026-00042-K");
    } else if (approve.size > 0 || reject.size > 0) {
        event.kind = approve.size > 0 ? CASE_APPROVE : CASE_REJECT;
        event.name = proposal_of(walk, approve.size > 0 ? approve : reject);
        event.comment = value_text_at(action, "reason");
    }
    enum problem_code code = play(walk, &event);
    struct text got = code != PROBLEM_NONE ? text_from(problem_kind(code)->name) : TEXT_NONE;
    if (!text_equal(got, refused))
        fail(walk, "wanted \"%.*s\", got \"%.*s\" (%.*s) %s", TEXT_ARG(refused), TEXT_ARG(got),
             TEXT_ARG(code != PROBLEM_NONE ? walk->problem.detail : TEXT_NONE),
             code != PROBLEM_NONE ? json_write(walk->arena, &walk->problem.errors).bytes : "");
    settle(walk);
    wait_for(walk, 0); /* what was approved is carried out */
}

static void expect(struct walk *walk, const struct value *action)
{
    const struct value *states = value_get(action, TEXT("states"));
    const struct value *data = value_get(action, TEXT("data"));
    const struct value *active = value_get(&walk->state.doc, TEXT("states"));

    for (size_t i = 0; i < value_count(states); i++)
        if (value_get(active, value_item(states, i)->string) == NULL)
            fail(walk, "\"%.*s\" is not among %s", TEXT_ARG(value_item(states, i)->string),
                 json_write(walk->arena, active).bytes);
    for (size_t i = 0; i < value_count(data); i++) {
        struct text field = value_member(data, i)->key;
        struct value wanted = with_dates(walk, &value_member(data, i)->value);
        const struct value *got = value_get(value_get(&walk->state.doc, TEXT("data")), field);
        if (got == NULL || !value_equal(got, &wanted))
            fail(walk, "%.*s is %s, wanted %s", TEXT_ARG(field),
                 got ? json_write(walk->arena, got).bytes : "unset",
                 json_write(walk->arena, &wanted).bytes);
    }
}

static void walk_until(struct walk *walk, struct text state);

static void act(struct walk *walk, const struct value *action)
{
    struct text clock = value_text_at(action, "clock");
    struct text until = value_text_at(action, "walk_until");
    int64_t span_ms;

    if (value_bool_at(action, "inbox"))
        return; /* of a daemon alone */
    if (until.size > 0) {
        walk_until(walk, until);
    } else if (clock.size > 0) {
        struct text span = {clock.bytes + 1, clock.size - 1};
        CHECK(clock.bytes[0] == '+' && when_read_span(span, &span_ms));
        wait_for(walk, span_ms);
    } else {
        play_person(walk, action);
    }
    expect(walk, action);
}

/* The walk from its beginning, until that state is active. */
static void walk_until(struct walk *walk, struct text state)
{
    const struct value *actions = value_get(&walk->walk, TEXT("actions"));

    for (size_t i = 0; i < value_count(actions); i++) {
        act(walk, value_item(actions, i));
        if (value_get(value_get(&walk->state.doc, TEXT("states")), state) != NULL)
            return;
    }
    fail(walk, "the walk never comes to \"%.*s\"", TEXT_ARG(state));
}

static void walk_path(struct walk *walk, const char *name, const struct value *actions)
{
    unsigned before = walk->failures;

    walk->name = name;
    walk->now_ms = OPENED_MS;
    walk->state.doc = value_null();
    walk->state.revision = walk->state.last = 0;
    for (size_t i = 0; i < value_count(actions); i++) {
        walk->number = i + 1;
        act(walk, value_item(actions, i));
    }
    printf("%s: %s\n", walk->failures == before ? "ok" : "FAILED", name);
}

/* Files. */

static struct text read_file(struct arena *arena, const char *path)
{
    char *bytes = arena_alloc(arena, FILE_BYTES_MAX);
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        printf("%s: %s\n", path, strerror(errno));
        exit(2);
    }
    size_t size = fread(bytes, 1, FILE_BYTES_MAX - 1, file);
    fclose(file);
    return (struct text){bytes, size};
}

static struct value read_json(struct arena *arena, const char *path)
{
    struct value value;
    struct json_fault fault;

    if (json_read(arena, read_file(arena, path), &value, &fault) != 0) {
        printf("%s:%zu:%zu: %s\n", path, fault.line, fault.column, fault.message);
        exit(2);
    }
    return value;
}

/* The workflow must load without a word against it. */
static bool load_workflow(struct walk *walk, const char *path)
{
    struct plugin_source plugins = {walk, find_plugin};
    struct zone_source zones = system_zones(walk->arena);
    struct workflow_context context = {.plugins = &plugins, .zones = &zones};
    struct diag_list diags;

    diag_list_init(&diags, walk->arena);
    walk->state.workflow =
        workflow_load(read_file(walk->arena, path), text_from(path), &context, &diags);
    for (size_t i = 0; i < diags.count; i++)
        printf("%s\n", diag_write_gcc(walk->arena, &diags.items[i]).bytes);
    return walk->state.workflow != NULL && diags.count == 0;
}

int main(int argc, char **argv)
{
    struct walk walk = {.arena = arena_create("walk")};
    int sockets[2];

    if (argc < 5) {
        printf("usage: walk WORKFLOW.yaml WALK.json PATHS.json PLUGIN.so...\n");
        return 2;
    }
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
    link_init(&walk.link, sockets[0]);
    for (int i = 4; i < argc; i++)
        if (!load_plugin(&walk, argv[i]))
            return 1;
    if (!load_workflow(&walk, argv[1]))
        return 1;
    memset(walk.state.id.bytes, 0xab, sizeof(walk.state.id.bytes));
    walk.walk = read_json(walk.arena, argv[2]);
    walk.paths = read_json(walk.arena, argv[3]);
    walk_path(&walk, "the walk", value_get(&walk.walk, TEXT("actions")));
    const struct value *paths = value_get(&walk.paths, TEXT("paths"));
    for (size_t i = 0; i < value_count(paths); i++)
        walk_path(&walk, value_member(paths, i)->key.bytes, &value_member(paths, i)->value);
    link_finish(&walk.link);
    arena_destroy(walk.arena);
    return walk.failures > 0;
}
