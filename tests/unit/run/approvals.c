/* Submissions that wait for others, through the wheel: who is answered what, when, and what a
 * restart, a full disk and a stop make of it. */
#include "run/world.h"

static const char approving_yaml[] =
    "workflow: sketch\ntitle: Sketch\ncountry: SN\n"
    "roles: {worker: {title: Worker}, boss: {title: Boss, sees: [sensitive]}, clerk: {title: C}}\n"
    "fields:\n"
    "  note: {type: text, sensitive: true}\n"
    "  risk: {type: integer}\n"
    "  limit: {type: integer, initial: 5}\n"
    "states:\n"
    "  begun:\n"
    "    deadline: {within: 3d, remind: [1d], escalate: boss}\n"
    "    on:\n"
    "      decide:\n"
    "        title: Decide\n"
    "        by: [worker]\n"
    "        form: {note: required}\n"
    "        guard: data.limit > 3\n"
    "        explain: The limit is too low.\n"
    "        approve: {by: [boss, worker], need: 2}\n"
    "        do: [{notify: {to: clerk, text: Decided.}}]\n"
    "        target: decided\n"
    "      score:\n"
    "        by: [worker]\n"
    "        check: {risk: {use: probe/check, with: {x: = data.limit}, into: {risk: y}}}\n"
    "        approve: {by: [boss]}\n"
    "        target: decided\n"
    "      lower: {by: [worker], do: [{set: {limit: = data.limit - 1}}]}\n"
    "  decided: {on: {end: {by: [worker], target: ended}}}\n"
    "  ended: {type: final}\n";

static const struct text boss_roles[] = {{"boss", 4}};
static const struct text clerk_roles[] = {{"clerk", 5}};
static const struct case_person codou = {
    .id = {"codou", 5}, .person = {"codou", 5}, .roles = boss_roles, .role_count = 1};
static const struct case_person codou_again = {
    .id = {"codou2", 6}, .person = {"codou", 5}, .roles = boss_roles, .role_count = 1};
static const struct case_person clerk = {
    .id = {"gil", 3}, .person = {"gil", 3}, .roles = clerk_roles, .role_count = 1};

static struct text begin(struct world *world)
{
    struct world_reply *reply =
        world_ask(world, (struct run_request){.kind = RUN_LOAD_WORKFLOW,
                                              .person = &world_dibor,
                                              .source = TEXT(approving_yaml),
                                              .file = TEXT("a.yaml")});

    assert_int_equal(reply->status, 201);
    return world_new_case(world);
}

static struct run_request submission(struct world *world, struct text code, const char *event)
{
    struct run_request request = world_event(world, code, event);

    request.key = text_from(event);
    if (strcmp(event, "decide") == 0)
        value_put(&request.data, "note", value_cstring("He wants to go home."));
    return request;
}

static struct run_request judgement(struct text code, enum run_kind kind,
                                    const struct case_person *person, const char *key)
{
    return (struct run_request){.kind = kind,
                                .person = person,
                                .case_name = code,
                                .name = TEXT("1"),
                                .key = text_from(key),
                                .request = TEXT("cc"),
                                .comment = kind == RUN_REJECT ? TEXT("Not seen.") : TEXT_NONE};
}

static struct run_request approval(struct text code, const struct case_person *person)
{
    return judgement(code, RUN_APPROVE, person, "approve");
}

#define assert_status(reply, expected)                                                             \
    assert_true(text_is(value_text_at(&(reply)->body, "proposal/status"), expected))

/* Turns until nothing is left to do, timers that are due now included. */
static void settle(struct world *world)
{
    for (int i = 0; i < 4; i++)
        world_settle(world);
}

static void a_submission_is_answered_with_its_proposal_and_changes_nothing(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);
    struct world_reply *reply = world_ask(world, submission(world, code, "decide"));

    assert_int_equal(reply->status, 202);
    assert_status(reply, "open");
    assert_int_equal(value_int_at(&reply->body, "proposal/proposal", 0), 1);
    assert_int_equal(value_int_at(&reply->body, "proposal/missing", 0), 2);
    assert_true(world_is_in(world, code, "begun"));
    struct value body = world_show(world, code);
    assert_int_equal(value_count(value_at(&body, "proposals")), 1);
    struct run_request again = submission(world, code, "decide");
    again.key = TEXT_NONE;
    assert_int_equal(world_ask(world, again)->problem, PROBLEM_NOT_AVAILABLE);
}

static void the_last_approval_is_answered_once_it_is_carried_out(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    struct world_reply *first = world_ask(world, approval(code, &world_binta));
    assert_int_equal(first->status, 200);
    assert_status(first, "open");
    struct world_reply *last = world_post(world, 0, approval(code, &codou));
    struct world_reply *repeat = world_post(world, 1, approval(code, &codou));
    wheel_turn(world->wheel);
    world_commit(world);
    assert_false(last->has_come);
    assert_false(repeat->has_come);
    settle(world);
    assert_int_equal(last->status, 200);
    assert_status(last, "carried");
    assert_false(last->is_repeat);
    assert_true(repeat->is_repeat);
    assert_int_equal(value_int_at(&repeat->body, "seq", -1), value_int_at(&last->body, "seq", -2));
    assert_true(world_is_in(world, code, "decided"));
}

static void who_submitted_who_has_approved_and_who_may_not_are_refused(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    assert_int_equal(world_ask(world, approval(code, &world_awa))->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(world_ask(world, approval(code, &clerk))->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(world_ask(world, approval(code, &codou))->status, 200);
    assert_int_equal(world_ask(world, approval(code, &codou_again))->problem,
                     PROBLEM_NOT_AVAILABLE);
    struct run_request other = approval(code, &world_binta);
    other.name = TEXT("2");
    assert_int_equal(world_ask(world, other)->problem, PROBLEM_NO_SUCH_PROPOSAL);
    assert_true(world_is_in(world, code, "begun"));
}

static void a_rejection_ends_it_with_its_reason(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);
    struct run_request bare = judgement(code, RUN_REJECT, &codou, "reject");

    world_ask(world, submission(world, code, "decide"));
    bare.comment = TEXT_NONE;
    assert_int_equal(world_ask(world, bare)->problem, PROBLEM_FIELD_INVALID);
    struct world_reply *reply = world_ask(world, judgement(code, RUN_REJECT, &codou, "reject"));
    assert_int_equal(reply->status, 200);
    assert_status(reply, "rejected");
    assert_true(text_is(value_text_at(&reply->body, "proposal/reason"), "Not seen."));
    reply = world_ask(world, approval(code, &world_binta));
    assert_int_equal(reply->problem, PROBLEM_NOT_AVAILABLE);
    assert_non_null(strstr(reply->detail.bytes, "codou rejected it"));
}

static void a_repeat_of_an_approval_is_answered_as_it_was_whatever_came_after(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    struct world_reply *first = world_post(world, 0, approval(code, &world_binta));
    settle(world);
    world_ask(world, judgement(code, RUN_REJECT, &codou, "reject"));
    world_crash(world);
    struct world_reply *again = world_ask(world, approval(code, &world_binta));
    assert_int_equal(again->status, 200);
    assert_true(again->is_repeat);
    assert_int_equal(value_int_at(&again->body, "seq", -1), value_int_at(&first->body, "seq", -2));
    assert_status(again, "rejected");
}

static void a_guard_that_no_longer_holds_is_told_to_who_approved_last(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    /* What it rests on changes: that ends it before it can be carried out. */
    world_ask(world, submission(world, code, "decide"));
    world_ask(world, approval(code, &world_binta));
    struct world_reply *last = world_post(world, 0, approval(code, &codou));
    struct world_reply *lower = world_post(world, 1, world_event(world, code, "lower"));
    settle(world);
    assert_int_equal(lower->status, 200);
    assert_int_equal(last->problem, PROBLEM_NOT_AVAILABLE);
    assert_non_null(strstr(last->detail.bytes, "limit, which it rests on, has changed"));
    assert_true(world_is_in(world, code, "begun"));
}

static void an_approval_that_a_crash_cuts_off_is_carried_out_once_after_it(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    world_ask(world, approval(code, &world_binta));
    struct world_reply *last = world_post(world, 0, approval(code, &codou));
    wheel_turn(world->wheel);
    world_commit(world); /* the approval is durable, and nothing else */
    assert_false(last->has_come);
    world_crash(world);
    struct world_reply *repeat = world_post(world, 1, approval(code, &codou));
    settle(world);
    assert_int_equal(repeat->status, 200);
    assert_true(repeat->is_repeat);
    assert_status(repeat, "carried");
    assert_true(world_is_in(world, code, "decided"));
    /* And the submission's repeat gets its number and status, with what became of it. */
    struct world_reply *again = world_ask(world, submission(world, code, "decide"));
    assert_int_equal(again->status, 202);
    assert_true(again->is_repeat);
    assert_status(again, "carried");
}

static void a_check_that_fails_is_answered_at_once_and_tried_again(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);
    struct world_reply *reply = world_post(world, 0, submission(world, code, "score"));

    settle(world);
    world_answer(world, RUN_DONE);
    settle(world);
    assert_int_equal(reply->status, 202);
    reply = world_post(world, 0, approval(code, &codou));
    settle(world);
    assert_false(reply->has_come); /* its check is under way */
    world_answer(world, RUN_BROKEN);
    settle(world);
    assert_int_equal(reply->status, 202);
    assert_status(reply, "approved");
    assert_true(world_is_in(world, code, "begun"));
    world->now_ms += 11000;
    settle(world);
    world_answer(world, RUN_DONE);
    settle(world);
    assert_true(world_is_in(world, code, "decided"));
}

static void a_daemon_that_stops_does_not_keep_who_approved_waiting(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    world_ask(world, approval(code, &world_binta));
    struct world_reply *before = world_post(world, 0, approval(code, &codou));
    wheel_turn(world->wheel);
    wheel_stop(world->wheel);
    settle(world);
    assert_true(wheel_is_idle(world->wheel));
    assert_int_equal(before->status, 202);
    assert_status(before, "approved");
    world_crash(world);
    settle(world);
    assert_true(world_is_in(world, code, "decided"));
}

static void an_approval_that_is_applied_while_stopping_is_answered(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    world_ask(world, approval(code, &world_binta));
    world_post(world, 0, submission(world, code, "score"));
    struct world_reply *reply = world_post(world, 1, approval(code, &codou));
    wheel_turn(world->wheel); /* the approval waits behind the check of the other */
    wheel_stop(world->wheel);
    settle(world);
    assert_false(reply->has_come);
    world_answer(world, RUN_DONE);
    settle(world);
    assert_int_equal(reply->status, 202);
    assert_status(reply, "approved");
    assert_true(wheel_is_idle(world->wheel));
}

/* ---- The inbox. ---- */

static struct value inbox_of(struct world *world, const struct case_person *person)
{
    struct world_reply *reply =
        world_ask(world, (struct run_request){.kind = RUN_INBOX, .person = person});

    assert_int_equal(reply->status, 200);
    return reply->body;
}

static void an_approver_is_asked_until_they_have_approved(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);
    struct value inbox = inbox_of(world, &codou);

    assert_int_equal(value_count(value_at(&inbox, "cases")), 0);
    world_ask(world, submission(world, code, "decide"));
    inbox = inbox_of(world, &codou);
    const struct value *line = value_item(value_at(&inbox, "cases"), 0);
    const struct value *ask = value_item(value_at(line, "approve"), 0);
    assert_int_equal(value_int_at(ask, "proposal", 0), 1);
    assert_true(text_is(value_text_at(ask, "title"), "Decide"));
    assert_true(text_is(value_text_at(ask, "by"), "awa"));
    world_ask(world, approval(code, &codou));
    inbox = inbox_of(world, &codou_again); /* the same person */
    assert_int_equal(value_count(value_at(&inbox, "cases")), 0);
    inbox = inbox_of(world, &world_binta);
    assert_int_equal(value_count(value_at(&inbox, "cases")), 1);
    /* Who submitted it has other things to do in it, and is not asked. */
    inbox = inbox_of(world, &world_awa);
    line = value_item(value_at(&inbox, "cases"), 0);
    assert_null(value_at(line, "approve"));
    assert_int_equal(value_int_at(&inbox, "total", 0), 1);
}

static void people_are_reminded_and_told_what_is_overdue(void **state)
{
    struct world *world = *state;

    begin(world);
    world->now_ms += 2 * (int64_t)DAY_MS + 1000;
    settle(world);
    struct value awa = inbox_of(world, &world_awa), boss = inbox_of(world, &codou);
    assert_true(
        value_is_string(value_at(value_item(value_at(&awa, "notices"), 0), "kind"), "remind"));
    assert_int_equal(value_int_at(&boss, "notices_total", -1), 0);
    world->now_ms += DAY_MS;
    settle(world);
    awa = inbox_of(world, &world_awa);
    boss = inbox_of(world, &codou);
    assert_int_equal(value_int_at(&awa, "notices_total", -1), 1); /* the reminder is out of date */
    for (int i = 0; i < 2; i++) {
        const struct value *told = value_item(value_at(i == 0 ? &awa : &boss, "notices"), 0);
        assert_true(value_is_string(value_at(told, "kind"), "overdue"));
        assert_true(text_begins(value_text_at(told, "code"), "SN-2026-00001-"));
        assert_int_equal(value_at(told, "due")->kind, VALUE_TIMESTAMP);
    }
    world_crash(world);
    boss = inbox_of(world, &codou);
    assert_int_equal(value_int_at(&boss, "notices_total", -1), 1);
}

static void what_is_overdue_comes_first_then_the_newest(void **state)
{
    struct world *world = *state;
    struct text first = begin(world);

    world->now_ms += DAY_MS;
    struct text second = world_new_case(world);
    world_ask(world, submission(world, second, "decide"));
    world_ask(world, judgement(second, RUN_REJECT, &codou, "no"));
    world->now_ms += 2 * (int64_t)DAY_MS + 1000;
    settle(world);
    struct value inbox = inbox_of(world, &world_awa);
    const struct value *notices = value_at(&inbox, "notices");
    assert_int_equal(value_count(notices), 3);
    static const char *const kinds[] = {"overdue", "remind", "proposal"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(value_is_string(value_at(value_item(notices, i), "kind"), kinds[i]));
        assert_true(
            text_equal(value_text_at(value_item(notices, i), "code"), i == 0 ? first : second));
    }
    assert_true(value_is_string(value_at(value_item(notices, 2), "status"), "rejected"));
    struct world_reply *one = world_ask(
        world,
        (struct run_request){.kind = RUN_INBOX, .person = &world_awa, .filter = {.limit = 1}});
    assert_int_equal(value_count(value_at(&one->body, "notices")), 1);
    assert_int_equal(value_int_at(&one->body, "notices_total", 0), 3);
}

static void a_notice_reaches_its_role_alone(void **state)
{
    struct world *world = *state;
    struct text code = begin(world);

    world_ask(world, submission(world, code, "decide"));
    world_ask(world, approval(code, &world_binta));
    world_post(world, 0, approval(code, &codou));
    settle(world);
    struct value gil = inbox_of(world, &clerk), boss = inbox_of(world, &codou);
    assert_true(
        value_is_string(value_at(value_item(value_at(&gil, "notices"), 0), "text"), "Decided."));
    assert_int_equal(value_int_at(&gil, "total", -1), 0);
    assert_int_equal(value_int_at(&boss, "notices_total", -1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_submission_is_answered_with_its_proposal_and_changes_nothing),
        TEST(the_last_approval_is_answered_once_it_is_carried_out),
        TEST(who_submitted_who_has_approved_and_who_may_not_are_refused),
        TEST(a_rejection_ends_it_with_its_reason),
        TEST(a_repeat_of_an_approval_is_answered_as_it_was_whatever_came_after),
        TEST(a_guard_that_no_longer_holds_is_told_to_who_approved_last),
        TEST(an_approval_that_a_crash_cuts_off_is_carried_out_once_after_it),
        TEST(a_check_that_fails_is_answered_at_once_and_tried_again),
        TEST(a_daemon_that_stops_does_not_keep_who_approved_waiting),
        TEST(an_approval_that_is_applied_while_stopping_is_answered),
        TEST(an_approver_is_asked_until_they_have_approved),
        TEST(people_are_reminded_and_told_what_is_overdue),
        TEST(what_is_overdue_comes_first_then_the_newest),
        TEST(a_notice_reaches_its_role_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
