/* One test: a case of its own, item by item, up to the first that fails. */
#include <string.h>

#include "base/arena.h"
#include "base/when.h"
#include "case/view.h"
#include "workbench/test/test.h"

enum { SERIAL = 42 };

/* ---- The case. ---- */

static struct text code_of(struct test_run *run)
{
    const struct workflow *workflow = run->file->workflow;
    struct instant now = when_from_ms(run->now_ms);
    struct civil civil = when_civil(now, zone_offset_s(workflow->zone, now.seconds));

    return case_code(run->report_arena, workflow->country, civil.year, SERIAL);
}

static struct problem open_case(struct test_run *run, const struct case_person *person,
                                struct value data)
{
    struct case_event event = {.kind = CASE_OPEN,
                               .person = person != NULL ? person : &run->file->someone,
                               .data = data,
                               .code = code_of(run)};

    return test_play(run, &event);
}

/* Where the test does not say who opens the case, and with what. */
static bool open_by_someone(struct test_run *run, const struct test *test)
{
    struct problem problem;

    if (test->item_count > 0 &&
        (test->items[0].verb == TEST_OPEN || test->items[0].verb == TEST_GIVEN))
        return true;
    problem = open_case(run, NULL, value_null());
    if (problem.code == PROBLEM_NONE)
        return test_settle(run);
    test_fail(run, test->place,
              "no case can be opened without data: %.*s Write `- open: {as: WHO, with: {...}}`.",
              TEXT_ARG(problem.detail));
    return false;
}

/* ---- Items. ---- */

static void give(struct test_run *run, const struct test_item *item)
{
    struct case_event event = {.kind = CASE_OPEN,
                               .now_ms = run->now_ms,
                               .seq = run->state.last + 1,
                               .person = &run->file->someone,
                               .data = item->data,
                               .code = code_of(run),
                               .watch = &run->coverage->watch};
    struct value doc;
    struct text why;

    if (!case_given(&run->state, &event, item->states, item->state_count, run->arena, &doc, &why)) {
        test_fail(run, item->place, "the case cannot be put there: %.*s", TEXT_ARG(why));
        return;
    }
    run->state.doc = doc;
    run->state.revision = run->state.last = event.seq;
}

static struct problem act(struct test_run *run, const struct test_item *item,
                          enum case_event_kind kind)
{
    struct case_event event = {.kind = kind,
                               .name = item->name,
                               .person = item->person,
                               .data = item->data,
                               .comment = item->comment};

    return test_play(run, &event);
}

static struct problem do_item(struct test_run *run, const struct test_item *item)
{
    struct problem none = {.code = PROBLEM_NONE};

    switch (item->verb) {
    case TEST_NOTHING:
    case TEST_VERB_COUNT:
        return none;
    case TEST_OPEN:
        return open_case(run, item->person, item->data);
    case TEST_GIVEN:
        give(run, item);
        return none;
    case TEST_DO:
        return act(run, item, CASE_TRANSITION);
    case TEST_ANSWER:
        return act(run, item, CASE_ANSWER);
    case TEST_WAIT:
        test_wait(run, item->wait_ms);
        return none;
    case TEST_SEND:
        return act(run, item, CASE_SIGNAL);
    case TEST_APPROVE:
    case TEST_REJECT:
        return test_judge(run, item);
    }
    return none;
}

/* Those of an item come before all others. */
static void change_stand_ins(struct test_run *run, const struct test_stand_ins *more)
{
    size_t count = run->stand_ins.count + more->count;
    struct test_stand_in *items;

    if (more->count == 0)
        return;
    items = ARENA_ARRAY(run->report_arena, struct test_stand_in, count);
    memcpy(items, more->items, more->count * sizeof(*items));
    if (run->stand_ins.count > 0)
        memcpy(items + more->count, run->stand_ins.items, run->stand_ins.count * sizeof(*items));
    run->stand_ins = (struct test_stand_ins){items, count};
}

static void run_item(struct test_run *run, const struct test_item *item)
{
    struct problem problem;

    run->item = item;
    run->event_count = 0;
    change_stand_ins(run, &item->stand_ins);
    if (run->state.doc.kind == VALUE_NULL && item->verb != TEST_OPEN && item->verb != TEST_GIVEN) {
        test_fail(run, item->place, "there is no case: its opening was refused");
        return;
    }
    problem = do_item(run, item);
    test_expect_refusal(run, &problem);
    if (run->state.doc.kind == VALUE_NULL || !test_settle(run))
        return;
    coverage_look(run->coverage, &run->state.doc, run->now_ms);
    test_expect(run);
}

void test_run(const struct test_file *file, const struct test *test,
              const struct workbench_hosts *hosts, struct coverage *coverage, struct arena *arena,
              struct test_result *result_out)
{
    ARENA_SCOPED struct arena *first = arena_create("test");
    ARENA_SCOPED struct arena *second = arena_create("test");
    struct test_run run = {.arena = first,
                           .other_arena = second,
                           .report_arena = arena,
                           .file = file,
                           .hosts = hosts,
                           .coverage = coverage,
                           .stand_ins = file->stand_ins,
                           .state = {.workflow = file->workflow, .doc = value_null()},
                           .now_ms = file->at_ms,
                           .result = result_out};

    *result_out = (struct test_result){.test = test, .faults = value_list(arena)};
    memset(run.state.id.bytes, 0xab, sizeof(run.state.id.bytes));
    if (!open_by_someone(&run, test))
        return;
    for (size_t i = 0; i < test->item_count && result_out->failure_count == 0; i++)
        run_item(&run, &test->items[i]);
}
