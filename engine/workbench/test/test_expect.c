/* What an item expects beside what is. */
#include "base/arena.h"
#include "base/json.h"
#include "workbench/test/test.h"

/* ---- Refusals. ---- */

static struct text refusal_written(struct test_run *run, const struct problem *problem)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, run->report_arena);
    text_append_printf(&buffer, N_("refused, %s: %.*s"), problem_kind(problem->code)->name,
                       TEXT_ARG(problem->detail));
    for (size_t i = 0; i < value_count(&problem->errors); i++) {
        const struct value *error = value_item(&problem->errors, i);
        struct text pointer = value_text_at(error, "pointer");

        text_append_printf(&buffer, "\n%.*s%s%.*s", TEXT_ARG(pointer),
                           text_is_empty(pointer) ? "" : ": ",
                           TEXT_ARG(value_text_at(error, "message")));
    }
    return text_buffer_text(&buffer);
}

void test_expect_refusal(struct test_run *run, const struct problem *problem)
{
    const struct test_expect *expect = run->item->expect;
    struct text wanted = expect != NULL ? expect->refused : TEXT_NONE;
    struct place place = expect != NULL ? expect->refused_place : run->item->place;
    struct test_failure *failure;
    struct text got = TEXT(N_("accepted"));

    if (problem->code == PROBLEM_NONE ? text_is_empty(wanted)
                                      : text_is(wanted, problem_kind(problem->code)->name))
        return;
    if (problem->code != PROBLEM_NONE)
        got = refusal_written(run, problem);
    failure = test_fail(run, place, "%s",
                        problem->code == PROBLEM_NONE ? N_("this is not refused")
                        : text_is_empty(wanted)       ? N_("this is refused")
                                                      : N_("this is refused for another reason"));
    failure->wanted = text_is_empty(wanted)
                          ? TEXT(N_("accepted"))
                          : text_printf(run->report_arena, N_("refused, %.*s"), TEXT_ARG(wanted));
    failure->got = got;
}

/* ---- States. ---- */

static struct text states_written(struct test_run *run, const bool *active)
{
    const struct chart *chart = &run->file->workflow->chart;
    struct text_buffer buffer;

    text_buffer_init(&buffer, run->report_arena);
    for (uint16_t s = 1; s < chart->state_count; s++)
        if (active[s])
            text_append_printf(&buffer, "%s%.*s", buffer.size > 0 ? ", " : "",
                               TEXT_ARG(chart->states[s].id));
    return text_buffer_text(&buffer);
}

static void expect_states(struct test_run *run, const struct test_expect *expect)
{
    const struct chart *chart = &run->file->workflow->chart;
    const struct value *states = value_get(&run->state.doc, TEXT("states"));
    bool *wanted = ARENA_ARRAY(run->arena, bool, chart->state_count);
    bool *got = ARENA_ARRAY(run->arena, bool, chart->state_count);
    bool is_same = true;

    for (size_t i = 0; i < expect->state_count; i++)
        wanted[expect->states[i]] = true;
    for (uint16_t s = 1; s < chart->state_count; s++) {
        enum chart_kind kind = chart->states[s].kind;

        got[s] = (kind == CHART_ATOMIC || kind == CHART_FINAL) &&
                 value_get(states, chart->states[s].id) != NULL;
        is_same &= got[s] == wanted[s];
    }
    if (is_same)
        return;
    struct test_failure *failure = test_fail(run, expect->states_place, "other states are active");
    failure->wanted = states_written(run, wanted);
    failure->got = states_written(run, got);
    failure->is_names = true;
}

/* ---- Data. ---- */

static struct text value_written(struct test_run *run, const struct value *value)
{
    if (value == NULL || value->kind == VALUE_NULL)
        return TEXT(N_("unset"));
    return json_write(run->report_arena, value);
}

static void expect_data(struct test_run *run, const struct test_wanted *wanted)
{
    const struct value *got =
        value_get(value_get(&run->state.doc, TEXT("data")), wanted->field->id);

    if (got == NULL ? wanted->stored.kind == VALUE_NULL : value_equal(got, &wanted->stored))
        return;
    struct test_failure *failure =
        test_fail(run, wanted->place, "%.*s has another value", TEXT_ARG(wanted->field->id));
    failure->wanted = value_written(run, &wanted->stored);
    failure->got = value_written(run, got);
}

void test_expect(struct test_run *run)
{
    const struct test_expect *expect = run->item->expect;

    if (expect == NULL)
        return;
    if (expect->has_states)
        expect_states(run, expect);
    if (expect->has_proposal)
        test_expect_proposal(run, expect);
    for (size_t i = 0; i < expect->data_count; i++)
        expect_data(run, &expect->data[i]);
}
