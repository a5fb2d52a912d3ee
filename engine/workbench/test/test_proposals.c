/* Submissions that wait, in a test: `approve: EVENT`, `reject: EVENT`, and whether one is open.
 *
 * A test names the event, as people do. The last approval is answered once its proposal was carried
 * out, so that a test may expect what kept it from that. */
#include "base/arena.h"
#include "workbench/test/test.h"

static bool is_open(const struct value *proposal)
{
    const struct value *status = value_get(proposal, TEXT("status"));

    return value_is_string(status, "open") || value_is_string(status, "approved");
}

/* The open one of that event (empty: of any), else the last that has ended; 0: there was none. */
static int64_t find(const struct test_run *run, struct text event, bool *is_open_out)
{
    const struct value *proposals = value_get(&run->state.doc, TEXT("proposals"));
    int64_t found = 0, number;

    *is_open_out = false;
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value_member *one = value_member(proposals, i);
        bool is_its =
            text_is_empty(event) || text_equal(value_text_at(&one->value, "event"), event);

        if (!is_its || !text_to_int(one->key, &number) || (*is_open_out && !is_open(&one->value)))
            continue;
        if (number > found || (is_open(&one->value) && !*is_open_out))
            found = number;
        *is_open_out = *is_open_out || is_open(&one->value);
    }
    return found;
}

struct problem test_judge(struct test_run *run, const struct test_item *item)
{
    bool is_open, is_approval = item->verb == TEST_APPROVE;
    int64_t number = find(run, item->name, &is_open);
    struct case_event event = {
        .kind = is_approval ? CASE_APPROVE : CASE_REJECT,
        .name = text_printf(run->arena, "%lld", (long long)number),
        .person = item->person,
        .comment = is_approval ? item->comment : item->reason,
    };
    struct problem problem = test_play(run, &event), told;
    int status;

    if (problem.code != PROBLEM_NONE || !is_approval || !test_settle(run))
        return problem;
    (void)case_approval_answer(&run->state, number, item->person->person, run->report_arena,
                               &status, &told);
    return told;
}

void test_expect_proposal(struct test_run *run, const struct test_expect *expect)
{
    bool is_open;
    int64_t number = find(run, expect->proposal, &is_open);
    struct test_failure *failure;

    if (is_open != text_is_empty(expect->proposal))
        return;
    failure = test_fail(run, expect->proposal_place, "%s",
                        is_open ? N_("a proposal is open") : N_("no such proposal is open"));
    failure->wanted = is_open ? TEXT(N_("none")) : expect->proposal;
    failure->got = TEXT(N_("none"));
    number = find(run, TEXT_NONE, &is_open);
    if (is_open)
        failure->got =
            text_copy(run->report_arena,
                      value_text_at(value_get(value_get(&run->state.doc, TEXT("proposals")),
                                              text_printf(run->arena, "%lld", (long long)number)),
                                    "event"));
}
