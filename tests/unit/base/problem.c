/* Problems: the table holds together, and what is told holds what RFC 9457 asks for. */
#include "fixture.h"

#include "base/problem.h"

static void every_code_is_found_by_its_name(void **state)
{
    (void)state;
    for (int code = PROBLEM_NONE; code < PROBLEM_COUNT; code++) {
        const struct problem_kind *kind = problem_kind((enum problem_code)code);
        /* `busy` and `too-large` are two; whoever goes by the name alone gets the first. */
        assert_ptr_equal(problem_kind_named(text_from(kind->name)),
                         code == PROBLEM_TOO_MANY         ? problem_kind(PROBLEM_BUSY)
                         : code == PROBLEM_HEAD_TOO_LARGE ? problem_kind(PROBLEM_TOO_LARGE)
                                                          : kind);
        assert_true(strlen(kind->title) > 0);
        assert_true(code == PROBLEM_NONE || (kind->status >= 400 && kind->status < 600));
        assert_true(code == PROBLEM_NONE || (kind->exit_status >= 2 && kind->exit_status <= 9));
    }
    assert_null(problem_kind_named(TEXT("no-such-code")));
    assert_null(problem_kind_named(TEXT("")));
}

static void statuses_are_those_of_the_interface(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status, exit_status;
        bool retryable;
    } rows[] = {
        {"bad-request", 400, 2, false},
        {"not-permitted", 403, 4, false},
        {"no-such-case", 404, 5, false},
        {"not-available", 409, 6, false},
        {"erased", 410, 5, false},
        {"stale-revision", 412, 6, false},
        {"too-large", 413, 2, false},
        {"field-invalid", 422, 3, false},
        {"guard-failed", 422, 3, false},
        {"check-refused", 422, 3, false},
        {"busy", 503, 7, true},
        {"disk-full", 503, 7, true},
        {"plugin-failed", 502, 9, true},
        {"internal", 500, 8, false},
        {"idempotency-key-reused", 422, 6, false},
        {"workflow-fault", 422, 3, false},
        {"stopping", 503, 7, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct problem_kind *kind = problem_kind_named(text_from(rows[i].name));
        assert_non_null(kind);
        assert_int_equal(kind->status, rows[i].status);
        assert_int_equal(kind->exit_status, rows[i].exit_status);
        assert_int_equal(kind->retryable, rows[i].retryable);
    }
}

static void busy_is_told_to_who_is_over_a_limit_of_their_own_as_429(void **state)
{
    (void)state;
    const struct problem_kind *own = problem_kind(PROBLEM_TOO_MANY);
    assert_string_equal(own->name, "busy");
    assert_int_equal(own->status, 429);
    assert_int_equal(own->exit_status, problem_kind(PROBLEM_BUSY)->exit_status);
    assert_true(own->retryable);
}

static void a_problem_tells_all_that_was_said(void **state)
{
    (void)state;
    struct problem problem;
    memset(&problem, 0xa5, sizeof problem);
    problem_set(&problem, arena, PROBLEM_FIELD_INVALID, "%d fields are wrong.", 2);
    problem_hint(&problem, arena, "Give %s.", "both");
    problem_add(&problem, arena, TEXT("/data/birth_date"), "missing", TEXT("It is required."),
                TEXT(""));
    problem_add(&problem, arena, TEXT("/data/hosehold"), "unknown", TEXT("No such field."),
                TEXT("household"));
    assert_value(problem_value(arena, &problem, TEXT("r-1")),
                 "{'type': 'urn:sankofa:problem:field-invalid',"
                 " 'title': 'Fields are missing or wrong', 'status': 422,"
                 " 'detail': '2 fields are wrong.', 'code': 'field-invalid', 'hint': 'Give both.',"
                 " 'errors': [{'pointer': '/data/birth_date', 'code': 'missing',"
                 " 'message': 'It is required.'}, {'pointer': '/data/hosehold', 'code': 'unknown',"
                 " 'message': 'No such field.', 'suggest': 'household'}],"
                 " 'retryable': false, 'request_id': 'r-1'}");
}

static void extra_members_are_added_and_may_say_otherwise(void **state)
{
    (void)state;
    struct problem problem;
    problem_set(&problem, arena, PROBLEM_PLUGIN_FAILED, "It crashed.");
    problem.extra = json("{'retryable': false, 'plugin': 'assessment'}");
    assert_value(problem_value(arena, &problem, TEXT_NONE),
                 "{'type': 'urn:sankofa:problem:plugin-failed', 'title': 'A plugin failed',"
                 " 'status': 502, 'detail': 'It crashed.', 'code': 'plugin-failed',"
                 " 'retryable': false, 'plugin': 'assessment'}");
}

static void a_name_that_was_likely_meant_is_asked_for_and_listed(void **state)
{
    (void)state;
    struct problem problem;
    problem_set(&problem, arena, PROBLEM_NO_SUCH_STEP, "No step.");
    problem_hint(&problem, arena, "Look.");
    problem_suggest(&problem, arena, TEXT_NONE);
    assert_true(text_is(problem.hint, "Look."));
    assert_int_equal(problem.extra.kind, VALUE_NULL);
    problem.extra = json("{'available': []}");
    problem_suggest(&problem, arena, TEXT("letter"));
    assert_value(problem_value(arena, &problem, TEXT_NONE),
                 "{'type': 'urn:sankofa:problem:no-such-step', 'title': 'No such step',"
                 " 'status': 404, 'detail': 'No step.', 'code': 'no-such-step',"
                 " 'hint': 'Did you mean letter?', 'retryable': false, 'available': [],"
                 " 'suggest': ['letter']}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(every_code_is_found_by_its_name),
        WITH_ARENA(statuses_are_those_of_the_interface),
        WITH_ARENA(busy_is_told_to_who_is_over_a_limit_of_their_own_as_429),
        WITH_ARENA(a_problem_tells_all_that_was_said),
        WITH_ARENA(extra_members_are_added_and_may_say_otherwise),
        WITH_ARENA(a_name_that_was_likely_meant_is_asked_for_and_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
