/* The wheel: what is told is durable, what is durable is told, and a restart changes nothing. */
#include "world.h"

/* ---- The gate. ---- */

static void a_reply_waits_until_its_batch_is_durable(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct world_reply *reply = world_post(world, 0, world_opening(world, TEXT_NONE));
    wheel_turn(world->wheel);
    assert_false(reply->has_come);
    world_commit(world);
    assert_true(reply->has_come);
    assert_int_equal(reply->status, 201);
}

static void a_refusal_that_speaks_of_an_undurable_case_waits_for_it(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct world_reply *other = world_post(world, 1, world_event(world, code, "nothing"));
    wheel_turn(world->wheel);
    assert_true(other->has_come); /* everything is durable: at once */
    assert_int_equal(other->problem, PROBLEM_NOT_AVAILABLE);

    struct world_reply *first = world_post(world, 2, world_event(world, code, "work"));
    struct world_reply *second = world_post(world, 3, world_event(world, code, "write"));
    wheel_turn(world->wheel);
    assert_false(first->has_come);
    assert_false(second->has_come);
    world_commit(world);
    assert_int_equal(first->status, 200);
    assert_int_equal(second->problem, PROBLEM_NOT_AVAILABLE);
}

static void a_list_waits_for_the_newest_batch_in_flight(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_post(world, 0, world_opening(world, TEXT_NONE));
    wheel_turn(world->wheel);
    struct world_reply *list =
        world_post(world, 1, (struct run_request){.kind = RUN_LIST, .person = &world_awa});
    wheel_turn(world->wheel);
    assert_false(list->has_come);
    world_commit(world);
    assert_true(list->has_come);
}

static void events_that_come_while_a_batch_is_written_fill_one_next_batch(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_post(world, 0, world_opening(world, TEXT_NONE));
    wheel_turn(world->wheel);
    unsigned before = world->commit_count;
    for (unsigned i = 1; i <= 20; i++)
        world_post(world, i, world_opening(world, TEXT_NONE));
    wheel_turn(world->wheel);
    world_commit(world);
    wheel_turn(world->wheel);
    world_commit(world);
    assert_int_equal(world->commit_count, before + 2);
    assert_int_equal(world->largest_batch, 20);
    for (unsigned i = 0; i <= 20; i++)
        assert_int_equal(world->replies[i].status, 201);
}

/* ---- Restart. ---- */

static void what_was_not_committed_is_gone_and_was_not_told(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct world_reply *reply = world_post(world, 0, world_event(world, code, "write"));
    wheel_turn(world->wheel);
    world_crash(world);
    assert_false(reply->has_come);
    struct value body = world_show(world, code);
    assert_int_equal(value_int_at(&body, "data/count", -1), 0);
}

static void a_restart_changes_nothing_whatever_the_snapshots(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    for (int i = 1; i <= 30; i++) {
        struct world_reply *reply = world_ask(world, world_event(world, code, "write"));
        assert_int_equal(reply->status, 200);
        struct value before = world_show(world, code);
        world_crash(world);
        struct value after = world_show(world, code);
        assert_true(value_equal(&before, &after));
        assert_int_equal(value_int_at(&after, "data/count", -1), i);
    }
    assert_true(store_horizon(world->store) > 8);
}

static void codes_go_on_after_a_restart(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text first = world_new_case(world);
    world_crash(world);
    struct text second = world_new_case(world);
    assert_true(text_begins(first, "SN-2026-00001-"));
    assert_true(text_begins(second, "SN-2026-00002-"));
}

static void a_case_is_found_again_after_memory_had_no_room_for_it(void **state)
{
    struct world *world = *state;
    struct text codes[20];

    world_load(world);
    world->cases_max = 4;
    world_crash(world);
    for (int i = 0; i < 20; i++)
        codes[i] = world_new_case(world);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 20; i++)
            assert_int_equal(world_ask(world, world_event(world, codes[i], "write"))->status, 200);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_true(value_int_at(&status, "in_memory", 100) <= 6);
    world_crash(world);
    for (int i = 0; i < 20; i++) {
        struct value body = world_show(world, codes[i]);
        assert_int_equal(value_int_at(&body, "data/count", -1), 3);
    }
}

/* ---- Idempotency. ---- */

static void a_repeat_gets_the_first_answer_after_a_crash_too(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct run_request request = world_event(world, code, "write");
    request.key = TEXT("k1");
    struct world_reply first = *world_ask(world, request);
    world_crash(world);
    struct world_reply second = *world_ask(world, request);
    assert_true(second.is_repeat);
    assert_int_equal(value_int_at(&first.body, "seq", 0), value_int_at(&second.body, "seq", 1));
    struct value body = world_show(world, code);
    assert_int_equal(value_int_at(&body, "data/count", -1), 1);
    request.request = TEXT("another body");
    assert_int_equal(world_ask(world, request)->problem, PROBLEM_IDEMPOTENCY_KEY_REUSED);
}

static void one_key_opens_one_case(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct world_reply *first = world_post(world, 0, world_opening(world, TEXT("open-1")));
    struct world_reply *again = world_post(world, 1, world_opening(world, TEXT("open-1")));
    world_settle(world);
    assert_int_equal(first->status, 201);
    assert_true(again->is_repeat);
    world_crash(world);
    struct world_reply *later = world_ask(world, world_opening(world, TEXT("open-1")));
    assert_true(later->is_repeat);
    assert_true(
        text_equal(value_text_at(&first->body, "code"), value_text_at(&later->body, "code")));
    struct run_request other = world_opening(world, TEXT("open-1"));
    other.person = &world_binta;
    assert_false(world_ask(world, other)->is_repeat);
}

/* ---- Order and limits. ---- */

static void more_than_sixteen_waiting_for_one_case_are_busy(void **state)
{
    struct world *world = *state;
    unsigned busy = 0, done = 0;

    world_load(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "score")); /* waits for its check */
    wheel_turn(world->wheel);
    for (unsigned i = 1; i <= 20; i++)
        world_post(world, i, world_event(world, code, "write"));
    wheel_turn(world->wheel);
    for (unsigned i = 1; i <= 20; i++)
        busy += world->replies[i].problem == PROBLEM_BUSY;
    assert_int_equal(busy, 4);
    world_answer(world, RUN_BROKEN);
    world_settle(world);
    for (unsigned i = 1; i <= 20; i++)
        done += world->replies[i].status == 200;
    assert_int_equal(done, 16);
}

static void while_stopping_what_was_applied_is_written_and_the_rest_refused(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct world_reply *applied = world_post(world, 0, world_event(world, code, "write"));
    wheel_turn(world->wheel);
    wheel_stop(world->wheel);
    assert_false(wheel_is_idle(world->wheel));
    struct world_reply *late = world_post(world, 1, world_event(world, code, "write"));
    world_settle(world);
    assert_int_equal(applied->status, 200);
    assert_int_equal(late->problem, PROBLEM_STOPPING);
    assert_true(wheel_is_idle(world->wheel));
}

static void a_full_map_refuses_people_and_loses_nothing(void **state)
{
    struct world *world = *state;
    struct text code;
    bool is_full = false;

    world_load(world);
    code = world_new_case(world);
    world_close(world);
    world->map_bytes = 40 << 20;
    world_open(world);
    int64_t count = 0;
    for (int i = 0; i < 200 && !is_full; i++) {
        struct run_request request = world_event(world, code, "write");
        struct text_buffer big;
        text_buffer_init(&big, world->arena);
        while (big.size < 3900)
            text_append(&big, TEXT("0123456789"));
        value_put(&request.data, "note", value_string(text_buffer_text(&big)));
        struct world_reply *reply = world_ask(world, request);
        count += reply->status == 200;
        is_full = reply->problem == PROBLEM_DISK_FULL;
        assert_true(is_full || reply->status == 200);
    }
    struct value body = world_show(world, code);
    assert_int_equal(value_int_at(&body, "data/count", -1), count);
}

/* ---- Timers. ---- */

static void a_timer_that_fell_due_while_nobody_ran_fires_once(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    assert_int_equal(world->alarm_ms, world->now_ms + 60000); /* the checkpoint */
    world->steady_ms += 60000;
    world_settle(world);
    assert_int_equal(world->alarm_ms, world->now_ms + (int64_t)10 * DAY_MS);
    world->now_ms += (int64_t)20 * DAY_MS;
    world_crash(world);
    world_settle(world);
    assert_true(world_is_in(world, code, "overdue"));
    struct value body = world_show(world, code);
    world_settle(world);
    world_crash(world);
    world_settle(world);
    struct value again = world_show(world, code);
    assert_int_equal(value_int_at(&body, "revision", 0), value_int_at(&again, "revision", 1));
}

static void many_timers_due_at_once_come_a_few_at_a_time_and_all_of_them(void **state)
{
    struct world *world = *state;
    enum { COUNT = 700 };
    unsigned turns = 0;

    world_load(world);
    for (int i = 0; i < COUNT; i++)
        world_new_case(world);
    world->cases_max = 300;
    world->now_ms += (int64_t)20 * DAY_MS;
    world_crash(world);
    do {
        wheel_turn(world->wheel);
        turns++;
        if (world->batch)
            world_commit(world);
        struct value status = wheel_status(world->wheel, world->arena);
        assert_true(value_int_at(&status, "in_memory", 0) <= 700);
    } while (world->alarm_ms <= world->now_ms);
    assert_true(turns >= 3);
    struct world_reply *list =
        world_ask(world, (struct run_request){.kind = RUN_LIST,
                                              .person = &world_awa,
                                              .filter = {.state = TEXT("overdue"), .limit = 500}});
    assert_int_equal(value_count(value_at(&list->body, "cases")), 500);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "seq", 0), 1 + 2 * COUNT);
}

static void time_never_goes_back_behind_the_newest_entry(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    int64_t before = wheel_now_ms(world->wheel);
    world->now_ms -= DAY_MS;
    assert_int_equal(wheel_now_ms(world->wheel), before);
    world_crash(world);
    assert_int_equal(wheel_now_ms(world->wheel), before);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
}

static struct run_request advance(int64_t milliseconds)
{
    return (struct run_request){
        .kind = RUN_ADVANCE_CLOCK, .person = &world_dibor, .advance_ms = milliseconds};
}

static void the_demo_clock_stops_at_each_due_time_and_survives_a_crash(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    int64_t begin = wheel_now_ms(world->wheel);
    struct world_reply *reply = world_post(world, 0, advance((int64_t)31 * DAY_MS));
    for (int i = 0; i < 20 && !reply->has_come; i++) {
        if (wheel_is_ready(world->wheel)) /* as the daemon asks before it sleeps */
            wheel_turn(world->wheel);
        if (world->batch)
            world_commit(world);
    }
    assert_int_equal(reply->status, 200);
    assert_int_equal(wheel_now_ms(world->wheel), begin + (int64_t)31 * DAY_MS);
    struct value body = world_show(world, code);
    assert_int_equal(when_to_ms(value_at(&body, "changed/at")->instant),
                     begin + (int64_t)10 * DAY_MS);
    world_crash(world);
    assert_int_equal(wheel_now_ms(world->wheel), begin + (int64_t)31 * DAY_MS);
}

static void a_demo_clock_that_moved_halfway_goes_on_from_there(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    int64_t begin = wheel_now_ms(world->wheel);
    world_post(world, 0, advance((int64_t)31 * DAY_MS));
    wheel_turn(world->wheel);
    world_commit(world); /* the timer of day 10 */
    world_crash(world);
    world->now_ms += 5000;
    assert_int_equal(wheel_now_ms(world->wheel), begin + (int64_t)10 * DAY_MS + 5000);
}

static void only_a_demo_store_has_a_clock_that_moves(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, advance(DAY_MS))->problem, PROBLEM_NOT_PERMITTED);
}

static void the_clock_moves_forward_only(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, advance(0))->problem, PROBLEM_BAD_REQUEST);
}

/* ---- Clocks that are wrong. ---- */

static int64_t stamp_of_newest(struct world *world)
{
    struct store_read_entry read;
    struct value entry;

    assert_int_equal(
        store_read_one(world->store, world->arena, store_last_seq(world->store), &read), 0);
    assert_int_equal(json_read(world->arena, read.body, &entry, NULL), 0);
    return value_int_at(&entry, "at", 0);
}

/* There would be no way back from an entry of that year. */
static void a_clock_that_is_decades_ahead_is_not_followed(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    const int64_t right_ms = world->now_ms;
    static const int64_t years[] = {36, 300, 9000, 100000};
    for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++) {
        world->now_ms = right_ms + years[i] * 366 * DAY_MS;
        for (int life = 0; life < 2; life++) {
            assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
            world_settle(world); /* its deadline of three days waits */
            assert_int_equal(stamp_of_newest(world), right_ms);
            assert_true(world_is_in(world, code, "begun"));
            /* It is looked at again before long, and not at once for ever. */
            assert_true(world->alarm_ms > world->now_ms);
            assert_true(world->alarm_ms <= world->now_ms + 60000);
            world_crash(world);
        }
    }
    world->now_ms = right_ms + DAY_MS;
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    assert_int_equal(stamp_of_newest(world), right_ms + DAY_MS);
    world->now_ms = right_ms + INT64_C(9) * 366 * DAY_MS; /* that it rested so long is believed */
    world_settle(world);
    assert_true(world_is_in(world, code, "overdue"));
    assert_int_equal(stamp_of_newest(world), world->now_ms);
}

static void a_clock_that_comes_from_1970_is_believed_where_nothing_else_is_known(void **state)
{
    struct world *world = *state;
    const int64_t right_ms = world->now_ms;

    world->now_ms = DAY_MS;
    world_load(world);
    assert_int_equal(stamp_of_newest(world), DAY_MS);
    world->now_ms = right_ms;
    world_new_case(world);
    assert_int_equal(stamp_of_newest(world), right_ms);
}

static void a_clock_on_its_way_is_busy_and_a_stop_leaves_it_where_it_is(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    struct world_reply *first = world_post(world, 0, advance((int64_t)31 * DAY_MS));
    wheel_turn(world->wheel);
    struct world_reply *second = world_post(world, 1, advance(DAY_MS));
    wheel_turn(world->wheel);
    assert_int_equal(second->problem, PROBLEM_BUSY);
    wheel_stop(world->wheel);
    assert_int_equal(first->problem, PROBLEM_STOPPING);
    world_settle(world);
    assert_true(wheel_is_idle(world->wheel));
}

/* ---- Reads. ---- */

static void what_a_person_may_not_see_is_as_if_it_were_not_there(void **state)
{
    struct world *world = *state;
    static const struct text countries[] = {{"GW", 2}};
    struct case_person stranger = world_awa;

    world_load(world);
    struct text code = world_new_case(world);
    stranger.countries = countries;
    const struct case_person *const strangers[] = {&stranger, &world_dibor};
    struct text absent_detail = TEXT_NONE;
    for (size_t i = 0; i < 2; i++) {
        struct run_request show = {.kind = RUN_SHOW, .person = strangers[i], .case_name = code};
        struct world_reply hidden = *world_ask(world, show);
        assert_int_equal(hidden.problem, PROBLEM_NO_SUCH_CASE);
        show.kind = RUN_HISTORY;
        assert_int_equal(world_ask(world, show)->problem, PROBLEM_NO_SUCH_CASE);
        struct world_reply *list =
            world_ask(world, (struct run_request){.kind = RUN_LIST, .person = strangers[i]});
        assert_int_equal(value_count(value_at(&list->body, "cases")), 0);
        absent_detail = hidden.detail;
    }
    assert_true(text_begins(absent_detail, "There is no case"));
}

static void lists_come_in_pages_and_the_inbox_by_urgency(void **state)
{
    struct world *world = *state;
    struct text codes[5];

    world_load(world);
    for (int i = 0; i < 5; i++) {
        codes[i] = world_new_case(world);
        world->now_ms += 3600000;
    }
    struct run_request list = {.kind = RUN_LIST, .person = &world_awa, .filter = {.limit = 2}};
    struct value body = world_ask(world, list)->body;
    assert_int_equal(value_count(value_at(&body, "cases")), 2);
    list.filter.cursor = value_text_at(&body, "cursor");
    body = world_ask(world, list)->body;
    assert_true(
        text_equal(value_text_at(value_item(value_at(&body, "cases"), 0), "code"), codes[2]));
    list.filter.cursor = TEXT("SN-2020-00001-Z");
    assert_int_equal(world_ask(world, list)->problem, PROBLEM_BAD_REQUEST);

    assert_int_equal(world_ask(world, world_event(world, codes[0], "work"))->status, 200);
    struct run_request inbox = {.kind = RUN_INBOX, .person = &world_awa};
    body = world_ask(world, inbox)->body;
    assert_int_equal(value_int_at(&body, "total", 0), 5);
    assert_true(
        text_equal(value_text_at(value_item(value_at(&body, "cases"), 0), "code"), codes[1]));
    inbox.person = &world_binta;
    assert_int_equal(value_int_at(&world_ask(world, inbox)->body, "total", 0), 4);
}

static void a_history_is_told_oldest_first_page_by_page(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    for (int i = 0; i < 5; i++)
        world_ask(world, world_event(world, code, "write"));
    struct run_request history = {
        .kind = RUN_HISTORY, .person = &world_awa, .case_name = code, .filter = {.limit = 4}};
    struct value body = world_ask(world, history)->body;
    const struct value *entries = value_at(&body, "entries");
    assert_int_equal(value_count(entries), 4);
    assert_int_equal(value_int_at(value_item(entries, 3), "seq", 0), 7);
    history.filter.cursor = value_text_at(&body, "cursor");
    body = world_ask(world, history)->body;
    entries = value_at(&body, "entries");
    assert_int_equal(value_count(entries), 2);
    assert_int_equal(value_int_at(value_item(entries, 0), "seq", 0), 2);
    history.filter.cursor = TEXT("1"); /* an entry, but none of this case */
    assert_int_equal(world_ask(world, history)->problem, PROBLEM_BAD_REQUEST);
    history.filter.cursor = TEXT("x");
    assert_int_equal(world_ask(world, history)->problem, PROBLEM_BAD_REQUEST);
}

static void a_history_asked_for_too_early_waits_for_its_newest_entry(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "write"));
    wheel_turn(world->wheel);
    struct world_reply *history = world_post(
        world, 1,
        (struct run_request){.kind = RUN_HISTORY, .person = &world_awa, .case_name = code});
    wheel_turn(world->wheel);
    assert_false(history->has_come);
    world_settle(world);
    assert_int_equal(value_count(value_at(&history->body, "entries")), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define DEMO(name) cmocka_unit_test_setup_teardown(name, world_setup_demo, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reply_waits_until_its_batch_is_durable),
        TEST(a_refusal_that_speaks_of_an_undurable_case_waits_for_it),
        TEST(a_list_waits_for_the_newest_batch_in_flight),
        TEST(events_that_come_while_a_batch_is_written_fill_one_next_batch),
        TEST(what_was_not_committed_is_gone_and_was_not_told),
        TEST(a_restart_changes_nothing_whatever_the_snapshots),
        TEST(codes_go_on_after_a_restart),
        TEST(a_case_is_found_again_after_memory_had_no_room_for_it),
        TEST(a_repeat_gets_the_first_answer_after_a_crash_too),
        TEST(one_key_opens_one_case),
        TEST(more_than_sixteen_waiting_for_one_case_are_busy),
        TEST(while_stopping_what_was_applied_is_written_and_the_rest_refused),
        TEST(a_full_map_refuses_people_and_loses_nothing),
        TEST(a_timer_that_fell_due_while_nobody_ran_fires_once),
        TEST(many_timers_due_at_once_come_a_few_at_a_time_and_all_of_them),
        TEST(time_never_goes_back_behind_the_newest_entry),
        DEMO(the_demo_clock_stops_at_each_due_time_and_survives_a_crash),
        DEMO(a_demo_clock_that_moved_halfway_goes_on_from_there),
        TEST(only_a_demo_store_has_a_clock_that_moves),
        DEMO(the_clock_moves_forward_only),
        TEST(a_clock_that_is_decades_ahead_is_not_followed),
        TEST(a_clock_that_comes_from_1970_is_believed_where_nothing_else_is_known),
        DEMO(a_clock_on_its_way_is_busy_and_a_stop_leaves_it_where_it_is),
        TEST(what_a_person_may_not_see_is_as_if_it_were_not_there),
        TEST(lists_come_in_pages_and_the_inbox_by_urgency),
        TEST(a_history_is_told_oldest_first_page_by_page),
        TEST(a_history_asked_for_too_early_waits_for_its_newest_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
