/* The core: a workflow file, and a life of a case in it that the file's own text decides: people
 * who fill in what they like, steps that end as they may, timers. Whatever happens:
 *
 * - what goes into the journal is JSON that is read as the same, and a case that is recovered from
 *   its entries is the case;
 * - the same event does the same twice;
 * - what plugins are given can be sent to them, what people see can be sent to them. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "case/case.h"
#include "case/view.h"
#include "fuzz.h"
#include "wire/wire.h"
#include "workflows.h"

enum { EVENTS = 14, TIMERS = 8, NOW_MS_STEP = 3600 * 1000 };

struct life {
    struct fuzz_chance chance;
    struct arena *arena;
    const struct workflow *workflow;
    struct case_state state;
    struct case_person person;
    int64_t now_ms;
    uint64_t seq;
};

/* ---- What is given ---- */

static struct value value_for(struct life *life, const struct workflow_field *field)
{
    static const enum value_kind kinds[] = {
        [FIELD_TEXT] = VALUE_STRING,   [FIELD_INTEGER] = VALUE_INT, [FIELD_NUMBER] = VALUE_DOUBLE,
        [FIELD_BOOLEAN] = VALUE_BOOL,  [FIELD_DATE] = VALUE_STRING, [FIELD_TIME] = VALUE_STRING,
        [FIELD_CHOICE] = VALUE_STRING, [FIELD_LIST] = VALUE_LIST,   [FIELD_DOCUMENT] = VALUE_STRING,
        [FIELD_PERSON] = VALUE_STRING, [FIELD_CASE] = VALUE_STRING};
    struct fuzz_chance *chance = &life->chance;

    if (fuzz_pick(chance, 8) == 0)
        return fuzz_json(chance, life->arena, 3);
    if (field->type == FIELD_DATE)
        return value_cstring(fuzz_pick(chance, 3) == 0 ? "0001-01-01" : "2012-02-29");
    if (field->type == FIELD_TIME)
        return value_cstring("23:59");
    if (field->type == FIELD_CHOICE && field->option_count > 0)
        return value_string(field->options[fuzz_pick(chance, field->option_count)].id);
    if (field->type == FIELD_LIST) {
        struct workflow_field item = field_item(field);
        struct value list = value_list(life->arena);
        for (size_t i = fuzz_pick(chance, 4); i > 0; i--)
            value_append(&list, value_for(life, &item));
        return list;
    }
    return fuzz_value(chance, life->arena, kinds[field->type], 0);
}

static struct value fill(struct life *life, const struct workflow_form *form)
{
    struct value data = value_map(life->arena);

    for (size_t i = 0; i < form->count; i++)
        if (form->items[i].required || fuzz_pick(&life->chance, 3) > 0)
            value_set(&data, form->items[i].field->id, value_for(life, form->items[i].field));
    if (fuzz_pick(&life->chance, 20) == 0)
        value_put(&data, "stranger", fuzz_json(&life->chance, life->arena, 2));
    return data;
}

static struct value outputs_of(struct life *life)
{
    static const char *const names[] = {"risk", "weight", "advice", "number", "expires", "fee"};
    struct value outputs = value_map(life->arena);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (fuzz_pick(&life->chance, 4) > 0)
            value_put(
                &outputs, names[i],
                fuzz_pick(&life->chance, 3) == 0
                    ? value_cstring("2026-06-01")
                    : fuzz_json(&life->chance, life->arena, fuzz_pick(&life->chance, 2) ? 3 : 0));
    return outputs;
}

/* As an outcome is after the floor above has looked at it. */
static struct value outcome_of(struct life *life, bool is_check)
{
    static const char *const kinds[] = {"done",   "done",    "done",   "failed",
                                        "broken", "refused", "parked", "dropped"};
    struct fuzz_chance *chance = &life->chance;
    const char *kind = kinds[fuzz_pick(chance, is_check ? 6 : 8)];
    struct value outcome = value_map(life->arena);

    if (!is_check && strcmp(kind, "refused") == 0)
        kind = "parked";
    value_put(&outcome, "outcome", value_cstring(kind));
    if (strcmp(kind, "done") == 0)
        value_put(&outcome, "outputs", outputs_of(life));
    if (strcmp(kind, "refused") == 0)
        value_put(&outcome, "reasons", value_list(life->arena));
    if (strcmp(kind, "failed") == 0 || strcmp(kind, "broken") == 0) {
        value_put(&outcome, "message", value_cstring("No."));
        value_put(&outcome, "retry", value_bool(fuzz_pick(chance, 2) == 0));
        if (kind[0] == 'b' && fuzz_pick(chance, 2) == 0)
            value_put(&outcome, "ran", value_bool(true));
    }
    if (strcmp(kind, "parked") == 0) {
        bool time = fuzz_pick(chance, 2) == 0;
        value_put(&outcome, "answer", value_bool(!time || fuzz_pick(chance, 2) == 0));
        value_put(&outcome, "time", value_bool(time));
        value_put(&outcome, "until",
                  value_int(fuzz_pick(chance, 4) == 0 ? INT64_MAX : life->now_ms + NOW_MS_STEP));
        value_put(&outcome, "cookie", value_cstring("00ff"));
    }
    return outcome;
}

/* ---- What must hold ---- */

/* Something that is shown: it is JSON; moments in it are texts afterwards. */
static void judge_shown(struct arena *arena, const struct value *value)
{
    struct value read;

    CHECK(json_read(arena, json_write(arena, value), &read, NULL) == 0);
}

/* Something that a plugin is given. */
static void judge_sent(struct arena *arena, const struct value *inputs)
{
    struct wire_frame frame = {.kind = WIRE_RUN, .call = 1, .body = *inputs};
    struct text bytes;

    CHECK(inputs->kind == VALUE_MAP);
    CHECK(wire_write(arena, &frame, &bytes) != -EINVAL);
}

static void judge_state(const struct life *life, const struct value *entry)
{
    ARENA_SCOPED struct arena *arena = arena_create("judge");
    size_t count;
    const struct case_call *calls = case_calls(&life->state, arena, &count);
    struct value view = case_view(&life->state, &life->person, TEXT(""), life->now_ms, arena);
    struct value card = case_card(&life->state, arena);
    struct value shown =
        case_entry_view(life->workflow, life->seq, entry, &life->person, TEXT("fr"), arena);

    for (size_t i = 0; i < count; i++) {
        judge_sent(arena, &calls[i].inputs);
        if (calls[i].answer.kind != VALUE_NULL)
            judge_sent(arena, &calls[i].answer);
    }
    judge_shown(arena, &view);
    judge_shown(arena, &shown);
    fuzz_judge_json(arena, &card);
}

static void judge_problem(struct arena *arena, const struct problem *problem)
{
    CHECK(problem->code != PROBLEM_NONE);
    CHECK(text_is_utf8(problem->detail));
    judge_shown(arena, &problem->errors);
}

/* ---- One event ---- */

static void carry_out(struct life *life, struct case_event *event)
{
    struct case_change change, again;
    struct value before = value_copy(life->arena, &life->state.doc), read, recovered;

    case_apply(&life->state, event, life->arena, &change);
    case_apply(&life->state, event, life->arena, &again);
    CHECK(value_equal(&before, &life->state.doc));
    CHECK(change.is_refused == again.is_refused);
    if (change.is_refused) {
        judge_problem(life->arena, &change.problem);
        return;
    }
    CHECK(value_equal(&change.entry, &again.entry));
    CHECK(value_equal(&change.doc, &again.doc));
    fuzz_judge_json(life->arena, &change.entry);
    fuzz_judge_json(life->arena, &change.doc);
    CHECK(json_read(life->arena, json_write(life->arena, &change.entry), &read, NULL) == 0);
    recovered = case_recover(life->arena, &life->state.doc, &read);
    CHECK(value_equal(&recovered, &change.doc));
    life->state.doc = change.doc;
    life->state.revision = life->state.last = life->seq = event->seq;
    judge_state(life, &change.entry);
}

static bool play(struct life *life, struct case_event event)
{
    struct case_plan plan;

    event.now_ms = life->now_ms;
    event.seq = life->seq + 1;
    case_plan(&life->state, &event, life->arena, &plan);
    if (plan.kind == CASE_ASK) {
        event.checks = value_map(life->arena);
        for (size_t i = 0; i < plan.check_count; i++) {
            judge_sent(life->arena, &plan.checks[i].inputs);
            value_set(&event.checks, plan.checks[i].key, outcome_of(life, true));
        }
    }
    if (plan.kind == CASE_REFUSE)
        judge_problem(life->arena, &plan.problem);
    if (plan.kind == CASE_ASK || plan.kind == CASE_CARRY)
        carry_out(life, &event);
    return plan.kind != CASE_REFUSE && plan.kind != CASE_DROP;
}

static void open_case(struct life *life)
{
    play(life, (struct case_event){.kind = CASE_OPEN,
                                   .person = &life->person,
                                   .data = fill(life, &life->workflow->open_form),
                                   .code = TEXT("SN-2026-00042-G")});
}

static void do_some(struct life *life)
{
    const struct workflow *workflow = life->workflow;
    size_t count = workflow->chart.transition_count;
    const struct workflow_form none = {0};
    struct case_event event = {
        .kind = CASE_TRANSITION, .person = &life->person, .name = TEXT("nothing")};

    /* From somewhere on, the next one that a person may. */
    for (size_t i = 0, at = count ? fuzz_pick(&life->chance, count) : 0; i < count; i++) {
        size_t t = (at + i) % count;
        if (workflow->transitions[t].by.count == 0)
            continue;
        event.name = workflow->chart.transitions[t].event;
        event.data = fill(life, &workflow->transitions[t].form);
        play(life, event);
        return;
    }
    event.data = fill(life, &none);
    play(life, event);
}

static void answer_some(struct life *life)
{
    const struct workflow *workflow = life->workflow;

    if (workflow->step_count == 0)
        return;
    const struct workflow_step *step =
        &workflow->steps[fuzz_pick(&life->chance, workflow->step_count)];
    play(life, (struct case_event){.kind = CASE_ANSWER,
                                   .person = &life->person,
                                   .name = step->id,
                                   .data = fill(life, &step->answer_form)});
}

static void end_some_call(struct life *life)
{
    size_t count;
    const struct case_call *calls = case_calls(&life->state, life->arena, &count);

    if (count == 0)
        return;
    play(life, (struct case_event){.kind = CASE_OUTCOME,
                                   .name = calls[fuzz_pick(&life->chance, count)].key,
                                   .outcome = outcome_of(life, false)});
}

static void start_some_call(struct life *life)
{
    size_t count;
    const struct case_call *calls = case_calls(&life->state, life->arena, &count);

    if (count > 0)
        play(life, (struct case_event){.kind = CASE_START,
                                       .name = calls[fuzz_pick(&life->chance, count)].key});
}

static void settle_some(struct life *life)
{
    static const char *const outcomes[] = {"done", "failed", "again", "skipped"};
    const struct workflow *workflow = life->workflow;
    struct value outcome = value_map(life->arena);

    if (workflow->step_count == 0)
        return;
    value_put(&outcome, "outcome", value_cstring(outcomes[fuzz_pick(&life->chance, 4)]));
    if (fuzz_pick(&life->chance, 2) == 0)
        value_put(&outcome, "outputs", outputs_of(life));
    play(life, (struct case_event){
                   .kind = CASE_SETTLE,
                   .person = &life->person,
                   .comment = TEXT("As they say."),
                   .outcome = outcome,
                   .name = workflow->steps[fuzz_pick(&life->chance, workflow->step_count)].id});
}

static void fire_some(struct life *life)
{
    int64_t due_ms;
    struct text key;

    for (int i = 0; i < TIMERS && case_next_timer(&life->state.doc, &key, &due_ms); i++) {
        /* The end of time never comes. */
        if (due_ms > life->now_ms && due_ms - life->now_ms > (int64_t)400 * 24 * NOW_MS_STEP)
            return;
        if (due_ms > life->now_ms)
            life->now_ms = due_ms;
        play(life, (struct case_event){.kind = CASE_TIMER, .name = key});
    }
}

static void live(struct life *life)
{
    open_case(life);
    for (int i = 0; i < EVENTS && life->state.doc.kind != VALUE_NULL; i++) {
        life->now_ms += (int64_t)fuzz_pick(&life->chance, NOW_MS_STEP);
        switch (fuzz_pick(&life->chance, 10)) {
        case 0:
            fire_some(life);
            break;
        case 1:
            answer_some(life);
            break;
        case 2:
        case 3:
            end_some_call(life);
            break;
        case 8:
            start_some_call(life);
            break;
        case 9:
            settle_some(life);
            break;
        default:
            do_some(life);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text source = {(const char *)data, size};
    struct workflow_context context = fuzz_context(source);
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct workflow *workflow = workflow_load(source, TEXT("fuzz.yaml"), &context, &diags);
    if (workflow == NULL)
        return 0;
    struct text *roles = ARENA_ARRAY(arena, struct text, workflow->role_count);
    for (size_t i = 0; i < workflow->role_count; i++)
        roles[i] = workflow->roles[i].id;
    struct life life = {
        .chance = fuzz_chance_of(source),
        .arena = arena,
        .workflow = workflow,
        .state = {.workflow = workflow, .doc = value_null()},
        .person = {TEXT("awa"), TEXT("awa"), roles, NULL, workflow->role_count},
        .now_ms = 1767254400000,
    };
    live(&life);
    return 0;
}
