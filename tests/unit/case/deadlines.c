/* What people are told: reminders and escalations of deadlines, `notify`; and waits that are
 * counted in working days. */
#include "base/when.h"
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nlanguages: [en, fr]\n"
    "roles: {clerk: {}, judge: {}, boss: {}, other: {}}\n"
    "calendar: {weekend: [sat, sun], holidays: {2026-01-05: {en: Feast, fr: Fête}}, hours: "
    "08:00-17:00}\n"
    "fields: {n: {type: integer, initial: 0}}\n"
    "states:\n"
    "  calm:\n"
    "    on:\n"
    "      go: {by: [clerk], target: waiting}\n"
    "      plain: {by: [clerk], target: plain}\n"
    "      short: {by: [clerk], target: short}\n"
    "      days: {by: [clerk], target: days}\n"
    "      tell: {by: [clerk], do: [{notify: {to: boss, text: {en: Look here, fr: Regardez}}}]}\n"
    "      tell_many: {by: [clerk], do: [{notify: {to: [boss, judge], text: Both}}], target: "
    "told}\n"
    "      ask: {by: [clerk], approve: {by: [judge]}, target: plain}\n"
    "      close: {by: [clerk], target: over}\n"
    "  waiting:\n"
    "    title: {en: Waiting, fr: Attente}\n"
    "    deadline: {within: 4d, remind: [2d, 1d], escalate: boss}\n"
    "    states:\n"
    "      first: {on: {next: {by: [clerk], target: second}}}\n"
    "      second: {on: {next: {by: [judge], target: calm}}}\n"
    "    on: {leave: {by: [clerk, other], target: calm}}\n"
    "  plain:\n"
    "    deadline: {within: 1d}\n"
    "    on: {back: {by: [clerk], target: calm}}\n"
    "  short:\n"
    "    deadline: {within: 5wd, remind: [1wd, 30d], escalate: boss}\n"
    "    states: {quiet: {}}\n"
    "    on: {back: {by: [clerk], target: calm}}\n"
    "  days:\n"
    "    after: {soon: {delay: 3wd, do: [{set: {n: = data.n + 1}}]}}\n"
    "    on: {back: {by: [clerk], guard: \"workdays_between(today, add_workdays(today, 2)) == 2\", "
    "target: calm}}\n"
    "  told:\n"
    "    entry: [{notify: {to: clerk, text: Entered}}]\n"
    "    exit: [{notify: {to: clerk, text: Left}}]\n"
    "    on: {back: {by: [clerk], target: calm}}\n"
    "  over: {type: final}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code act(const char *event)
{
    return world_do(&world, "awa", "clerk", event, NULL);
}

/* What somebody of that role is shown, as texts. */
static struct value told(const char *role, const char *language)
{
    struct case_person person = world_person(world.arena, "dibor", role);
    struct value view =
        case_view(&world.state, &person, text_from(language), world.now_ms, world.arena);
    const struct value *notices = value_at(&view, "notices");
    struct value texts = value_list(world.arena);
    for (size_t i = 0; i < value_count(notices); i++)
        value_append(&texts, *value_at(value_item(notices, i), "text"));
    return texts;
}

#define assert_told(role, expected)                                                                \
    do {                                                                                           \
        struct value texts_ = told((role), "en");                                                  \
        assert_json(&world, &texts_, (expected));                                                  \
    } while (0)

#define assert_timers(expected)                                                                    \
    assert_int_equal(value_count(value_at(&world.state.doc, "timers")), expected)

/* ---- Deadlines. ---- */

static void a_deadline_of_its_own_sets_no_timer(void **state)
{
    (void)state;
    act("plain");
    assert_timers(0);
    assert_case(&world, "deadlines", "{\"plain\": 1767340800000}");
    world_wait(&world, 5 * WORLD_DAY_MS);
    assert_case(&world, "notices", "{}");
}

static void who_may_act_in_the_state_is_reminded_before_it_is_due(void **state)
{
    (void)state;
    act("go");
    assert_timers(3);
    world_wait(&world, 2 * WORLD_DAY_MS - 1);
    assert_told("clerk", "[]");
    world_wait(&world, 1);
    assert_entry(&world, "kind", "\"timer\"");
    assert_entry(&world, "event", "\"case.remind.waiting\"");
    assert_told("clerk", "[\"Due soon: Waiting\"]");
    assert_told("other", "[\"Due soon: Waiting\"]"); /* of the transition that leaves it */
    assert_told("judge", "[]");
    assert_told("boss", "[]");
}

static void a_reminder_goes_to_whom_the_case_waits_for_at_that_time(void **state)
{
    (void)state;
    act("go");
    act("next");
    world_wait(&world, 2 * WORLD_DAY_MS);
    assert_told("judge", "[\"Due soon: Waiting\"]");
}

static void a_reminder_takes_the_place_of_the_one_before(void **state)
{
    (void)state;
    act("go");
    world_wait(&world, 2 * WORLD_DAY_MS);
    assert_case(&world, "notices/3.0/at", "1767427200000");
    world_wait(&world, WORLD_DAY_MS);
    assert_told("clerk", "[\"Due soon: Waiting\"]");
    assert_case(&world, "notices/3.0", "null");
    assert_case(&world, "notices/4.0/at", "1767513600000");
}

static void when_it_is_past_it_goes_to_the_role_that_escalate_names_too(void **state)
{
    (void)state;
    act("go");
    world_wait(&world, 4 * WORLD_DAY_MS);
    assert_entry(&world, "event", "\"case.escalate.waiting\"");
    assert_told("boss", "[\"Overdue: Waiting\"]");
    assert_told("clerk", "[\"Overdue: Waiting\"]");
    assert_told("judge", "[]");
    assert_timers(0);
}

static void a_deadline_never_moves_the_case(void **state)
{
    (void)state;
    act("go");
    world_wait(&world, 30 * WORLD_DAY_MS);
    assert_case(&world, "states", "{\"waiting\": 1, \"first\": 1}");
    assert_case(&world, "visits", "{\"calm\": 1, \"waiting\": 1, \"first\": 1}");
    assert_entry(&world, "taken", "null");
    assert_case(&world, "data", "{\"n\": 0}");
}

static void leaving_the_state_ends_its_deadline_reminders_and_notices(void **state)
{
    (void)state;
    act("go");
    world_wait(&world, 4 * WORLD_DAY_MS);
    act("leave");
    assert_case(&world, "notices", "{}");
    assert_case(&world, "deadlines", "{}");
    act("go");
    act("leave");
    assert_timers(0);
    world_wait(&world, 9 * WORLD_DAY_MS);
    assert_case(&world, "notices", "{}");
}

static void each_visit_has_its_own_reminders(void **state)
{
    (void)state;
    act("go");
    act("leave");
    world.now_ms += WORLD_DAY_MS;
    act("go");
    assert_non_null(value_at(&world.state.doc, "timers/remind.waiting.2.0"));
    struct case_event event = {.kind = CASE_TIMER,
                               .name = TEXT("remind.waiting.1.0"),
                               .now_ms = world.now_ms + 9 * WORLD_DAY_MS};
    case_plan(&world.state, &event, world.arena, &world.plan);
    assert_int_equal(world.plan.kind, CASE_DROP);
}

static void after_a_stop_reminders_that_are_overdue_fire_in_order(void **state)
{
    (void)state;
    act("go");
    uint64_t seq = world.seq;
    world_wait(&world, 9 * WORLD_DAY_MS);
    assert_int_equal(world.seq, seq + 3);
    assert_told("clerk", "[\"Overdue: Waiting\"]");
}

static void where_nobody_may_act_inside_whoever_may_around_it_is_told(void **state)
{
    (void)state;
    act("short");
    world_wait(&world, 30 * WORLD_DAY_MS);
    assert_told("clerk", "[\"Overdue: short\"]");
    assert_told("boss", "[\"Overdue: short\"]");
}

static void who_may_approve_is_told_too(void **state)
{
    (void)state;
    act("ask");
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "audience/roles"), "[\"judge\"]");
}

static void a_notice_of_a_deadline_says_when_it_is_due(void **state)
{
    (void)state;
    act("go");
    world_wait(&world, 2 * WORLD_DAY_MS);
    struct case_person person = world_person(world.arena, "dibor", "clerk");
    struct value view = case_view(&world.state, &person, TEXT("fr"), world.now_ms, world.arena);
    assert_json(&world, value_item(value_at(&view, "notices"), 0),
                "{\"kind\": \"remind\", \"to\": \"clerk\", \"text\": \"Due soon: Attente\", "
                "\"at\": \"2026-01-03T08:00:00Z\", \"state\": \"waiting\", \"title\": "
                "\"Attente\", \"due\": \"2026-01-05T08:00:00Z\"}");
}

/* ---- notify. ---- */

static void notify_tells_a_role_in_its_language(void **state)
{
    (void)state;
    assert_int_equal(act("tell"), PROBLEM_NONE);
    assert_told("boss", "[\"Look here\"]");
    assert_told("clerk", "[]");
    struct value texts = told("boss", "fr");
    assert_json(&world, &texts, "[\"Regardez\"]");
    texts = told("boss", "pt"); /* not one of the workflow's: its first */
    assert_json(&world, &texts, "[\"Look here\"]");
}

static void a_notice_belongs_to_the_state_that_made_it_and_goes_with_it(void **state)
{
    (void)state;
    act("tell");
    act("tell_many");
    assert_told("boss", "[\"Both\"]"); /* that of calm is gone, that of the way leads to told */
    assert_told("judge", "[\"Both\"]");
    assert_told("clerk", "[\"Entered\"]");
    act("back");
    assert_told("boss", "[]");
    assert_told("clerk", "[\"Left\"]"); /* of the case: what was left stands in nothing */
    act("close");
    assert_case(&world, "notices", "{}");
}

static void who_holds_two_roles_is_told_once(void **state)
{
    (void)state;
    static const struct text roles[] = {{"boss", 4}, {"judge", 5}};
    struct case_person person = world_person(world.arena, "dibor", "boss");
    person.roles = roles;
    person.role_count = 2;
    act("tell");
    act("tell_many");
    struct value view = case_view(&world.state, &person, TEXT("en"), world.now_ms, world.arena);
    const struct value *notices = value_at(&view, "notices");
    assert_int_equal(value_count(notices), 1);
    assert_text(value_text_at(value_item(notices, 0), "text"), "Both");
}

static void of_each_role_the_newest_are_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        act("tell");
    assert_int_equal(value_count(value_at(&world.state.doc, "notices")), 32);
    assert_case(&world, "notices/9.0", "null");
    assert_non_null(value_at(&world.state.doc, "notices/10.0"));
    assert_non_null(value_at(&world.state.doc, "notices/41.0"));
}

static void the_card_bears_notices_and_nothing_of_the_data(void **state)
{
    (void)state;
    struct value card = case_card(&world.state, world.arena);
    assert_null(value_at(&card, "told"));
    act("tell");
    card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "audience"), "{\"roles\": [\"boss\"], \"persons\": []}");
    assert_json(&world, value_at(&card, "told/notices"),
                "[{\"kind\": \"notify\", \"to\": \"boss\", \"state\": \"calm\", \"at\": "
                "1767254400000, \"texts\": {\"en\": \"Look here\", \"fr\": \"Regardez\"}}]");
}

/* ---- Working days. The case is opened on Thursday 1 January 2026 at 08:00; Monday is a holiday.
 */

static int64_t due_of(const char *key)
{
    const struct value *timer = value_get(value_at(&world.state.doc, "timers"), text_from(key));
    assert_non_null(timer);
    return value_int_at(timer, "due", 0);
}

#define assert_moment(ms, expected)                                                                \
    assert_text(when_write_timestamp(world.arena, when_from_ms(ms)), (expected))

static void a_deadline_in_working_days_skips_weekend_and_holidays(void **state)
{
    (void)state;
    act("short");
    assert_moment(value_int_at(&world.state.doc, "deadlines/short", 0), "2026-01-09T08:00:00Z");
    assert_moment(due_of("escalate.short.1.0"), "2026-01-09T08:00:00Z");
}

static void a_reminder_in_working_days_is_counted_back(void **state)
{
    (void)state;
    act("short");
    assert_moment(due_of("remind.short.1.0"), "2026-01-08T08:00:00Z");
    /* 30 days before is before it began: no reminder. */
    assert_timers(2);
}

static void a_delay_in_working_days_begins_at_the_next_opening(void **state)
{
    (void)state;
    world.now_ms += 10 * 3600000; /* 18:00: closed */
    act("days");
    assert_moment(due_of("after.days.soon.1"), "2026-01-08T08:00:00Z");
    world_wait(&world, 7 * WORLD_DAY_MS);
    assert_case(&world, "data/n", "1");
}

static void expressions_count_by_the_same_calendar(void **state)
{
    (void)state;
    act("days");
    assert_int_equal(act("back"), PROBLEM_NONE);
}

static const struct zone *load_zone(void *self, struct text name)
{
    struct world *one = self;
    return text_is(name, "Test/East") ? zone_fixed(one->arena, 10 * 3600) : NULL;
}

static void working_days_are_those_of_the_workflows_zone(void **state)
{
    (void)state;
    static const char east[] =
        "workflow: test\ntime_zone: Test/East\nroles: {clerk: {}}\n"
        "calendar: {hours: 08:00-17:00}\n"
        "states: {one: {deadline: {within: 1wd}, on: {end: {by: [clerk], target: over}}}, over: "
        "{type: final}}\n";
    struct zone_source zones = {&world, load_zone};
    const struct workflow_context context = {.zones = &zones};
    world_end(&world);
    world_start_in(&world, east, &context);
    /* Thursday 18:00 there: from Friday's opening to Monday's. */
    world_open(&world, "clerk", NULL);
    assert_moment(value_int_at(&world.state.doc, "deadlines/one", 0), "2026-01-04T22:00:00Z");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_deadline_of_its_own_sets_no_timer),
        TEST(who_may_act_in_the_state_is_reminded_before_it_is_due),
        TEST(a_reminder_goes_to_whom_the_case_waits_for_at_that_time),
        TEST(a_reminder_takes_the_place_of_the_one_before),
        TEST(when_it_is_past_it_goes_to_the_role_that_escalate_names_too),
        TEST(a_deadline_never_moves_the_case),
        TEST(leaving_the_state_ends_its_deadline_reminders_and_notices),
        TEST(each_visit_has_its_own_reminders),
        TEST(after_a_stop_reminders_that_are_overdue_fire_in_order),
        TEST(where_nobody_may_act_inside_whoever_may_around_it_is_told),
        TEST(who_may_approve_is_told_too),
        TEST(a_notice_of_a_deadline_says_when_it_is_due),
        TEST(notify_tells_a_role_in_its_language),
        TEST(a_notice_belongs_to_the_state_that_made_it_and_goes_with_it),
        TEST(who_holds_two_roles_is_told_once),
        TEST(of_each_role_the_newest_are_kept),
        TEST(the_card_bears_notices_and_nothing_of_the_data),
        TEST(a_deadline_in_working_days_skips_weekend_and_holidays),
        TEST(a_reminder_in_working_days_is_counted_back),
        TEST(a_delay_in_working_days_begins_at_the_next_opening),
        TEST(expressions_count_by_the_same_calendar),
        TEST(working_days_are_those_of_the_workflows_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
