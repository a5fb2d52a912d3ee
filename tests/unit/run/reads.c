/* No unlogged read: who is shown data of a case stands in the journal before they see it. */
#include "damage.h"

#include "run/memory/windows.h"

enum { MINUTE_MS = 60000 };

static const struct text auditor_roles[] = {{"auditor", 7}};
static const struct case_person auditor = {
    .id = {"abdou", 5}, .person = {"abdou", 5}, .roles = auditor_roles, .role_count = 1};

static struct run_request asking(enum run_kind kind, const struct case_person *person,
                                 struct text code)
{
    return (struct run_request){.kind = kind, .person = person, .case_name = code};
}

/* What the journal holds of kind `read`, from behind `after` on; the newest is left in *entry_out.
 */
static size_t reads_after(struct world *world, uint64_t after, struct value *entry_out)
{
    size_t count = 0;

    for (uint64_t seq = after + 1; seq <= store_last_seq(world->store); seq++) {
        struct store_read_entry read;
        struct value entry;
        assert_int_equal(store_read_one(world->store, world->arena, seq, &read), 0);
        assert_int_equal(json_read(world->arena, read.body, &entry, NULL), 0);
        if (!value_is_string(value_at(&entry, "kind"), "read"))
            continue;
        count++;
        if (entry_out)
            *entry_out = entry;
    }
    return count;
}

/* The first search has the index made, in turns of its own. */
static struct world_reply *look_for(struct world *world, const char *words)
{
    struct run_request search = asking(RUN_SEARCH, &world_awa, TEXT_NONE);

    search.name = text_from(words);
    struct world_reply *reply = world_ask(world, search);
    world_settle(world);
    assert_true(reply->has_come);
    return reply;
}

static struct value list_reads(struct world *world, struct text code, size_t limit,
                               struct text cursor)
{
    struct run_request request = asking(RUN_READS, &auditor, code);

    request.filter.limit = limit;
    request.filter.cursor = cursor;
    struct world_reply *reply = world_ask(world, request);
    assert_int_equal(reply->status, 200);
    return reply->body;
}

/* ---- One read. ---- */

static void a_read_is_answered_once_its_entry_is_durable(void **state)
{
    static const enum run_kind kinds[] = {RUN_SHOW, RUN_HISTORY, RUN_EXPLAIN, RUN_DIAGRAM};
    struct world *world = *state;
    struct value entry;

    world_load(world);
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct text code = world_new_case(world);
        uint64_t before = store_last_seq(world->store);
        struct world_reply *reply = world_post(world, i, asking(kinds[i], &world_awa, code));

        wheel_turn(world->wheel);
        assert_false(reply->has_come);
        world_commit(world);
        assert_int_equal(reply->status, 200);
        assert_int_equal(reads_after(world, before, &entry), 1);
        assert_true(text_is(value_text_at(&entry, "by"), "awa"));
        assert_true(text_is(value_text_at(&entry, "person"), "awa"));
        assert_true(text_is(value_text_at(&entry, "what"), "case"));
        assert_true(text_is(value_item(value_at(&entry, "roles"), 0)->string, "worker"));
        assert_null(value_at(&entry, "glass"));
        assert_int_equal(value_int_at(&entry, "at", 0), world->now_ms);
    }
}

static void what_was_not_written_down_was_not_shown(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t before = store_last_seq(world->store);
    struct world_reply *reply = world_post(world, 0, asking(RUN_SHOW, &world_awa, code));
    wheel_turn(world->wheel);
    assert_non_null(world->batch);
    world_crash(world);
    assert_false(reply->has_come);
    assert_int_equal(reads_after(world, before, NULL), 0);
}

static void a_second_look_while_the_first_is_written_waits_for_it_too(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t before = store_last_seq(world->store);
    world_post(world, 0, asking(RUN_SHOW, &world_awa, code));
    wheel_turn(world->wheel);
    struct world_reply *second = world_post(world, 1, asking(RUN_EXPLAIN, &world_awa, code));
    wheel_turn(world->wheel);
    assert_false(second->has_come);
    world_commit(world);
    assert_true(second->has_come);
    assert_int_equal(reads_after(world, before, NULL), 1);
}

static void one_person_makes_one_entry_of_a_case_in_ten_minutes(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world), other = world_new_case(world);
    uint64_t before = store_last_seq(world->store);
    for (int i = 0; i < 10; i++) {
        world_ask(world, asking(i % 2 ? RUN_SHOW : RUN_HISTORY, &world_awa, code));
        world->now_ms += MINUTE_MS - 1;
    }
    assert_int_equal(reads_after(world, before, NULL), 1);
    struct world_reply *at_once = world_post(world, 0, asking(RUN_SHOW, &world_awa, code));
    wheel_turn(world->wheel);
    assert_true(at_once->has_come);
    world_ask(world, asking(RUN_SHOW, &world_moussa, code));
    assert_int_equal(reads_after(world, before, NULL), 2);
    world_ask(world, asking(RUN_SHOW, &world_awa, other));
    assert_int_equal(reads_after(world, before, NULL), 3);
    world->now_ms += 10;
    world_ask(world, asking(RUN_SHOW, &world_awa, code));
    assert_int_equal(reads_after(world, before, NULL), 4);
    world_crash(world); /* it does not remember: one entry more */
    world_ask(world, asking(RUN_SHOW, &world_awa, code));
    assert_int_equal(reads_after(world, before, NULL), 5);
}

static void lists_refusals_and_writes_make_none(void **state)
{
    static const struct text countries[] = {{"GW", 2}};
    struct case_person stranger = world_awa;
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t before = store_last_seq(world->store);
    world_ask(world, asking(RUN_LIST, &world_awa, TEXT_NONE));
    world_ask(world, asking(RUN_INBOX, &world_awa, TEXT_NONE));
    world_ask(world, asking(RUN_EVENTS, &world_awa, code));
    stranger.countries = countries;
    world_ask(world, asking(RUN_SHOW, &stranger, code));
    world_ask(world, asking(RUN_HISTORY, &stranger, code));
    world_ask(world, asking(RUN_READS, &auditor, code));
    struct run_request write = world_event(world, code, "write");
    write.wants_case = true;
    assert_int_equal(world_ask(world, write)->status, 200);
    world_ask(world, world_opening(world, TEXT("k")));
    world_ask(world, world_opening(world, TEXT("k"))); /* a receipt alone */
    assert_int_equal(reads_after(world, before, NULL), 0);
}

static void a_repeat_that_shows_the_case_as_it_is_now_is_a_read(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct run_request write = world_event(world, code, "write");
    write.key = TEXT("k");
    write.wants_case = true;
    world_ask(world, write);
    uint64_t before = store_last_seq(world->store);
    struct world_reply *repeat = world_post(world, 0, write);
    wheel_turn(world->wheel);
    assert_false(repeat->has_come);
    world_commit(world);
    assert_true(repeat->is_repeat);
    assert_non_null(value_at(&repeat->body, "data"));
    assert_int_equal(reads_after(world, before, NULL), 1);
}

static void a_hit_that_tells_of_a_field_is_a_read_and_one_by_code_is_none(void **state)
{
    struct world *world = *state;
    struct run_request search = asking(RUN_SEARCH, &world_awa, TEXT_NONE);
    struct value entry;

    world_load(world);
    struct text code = world_new_case(world);
    world_new_case(world);
    world_ask(world, world_event(world, code, "write"));
    uint64_t before = store_last_seq(world->store);
    assert_int_equal(value_int_at(&look_for(world, "SN-2026")->body, "total", 0), 2);
    assert_int_equal(reads_after(world, before, NULL), 0);
    search.name = TEXT("something");
    struct world_reply *reply = world_post(world, 0, search);
    wheel_turn(world->wheel);
    assert_false(reply->has_come);
    world_commit(world);
    assert_int_equal(value_count(value_at(&reply->body, "cases")), 1);
    assert_int_equal(reads_after(world, before, &entry), 1);
    assert_true(text_is(value_text_at(&entry, "what"), "search"));
    world_ask(world, search);
    assert_int_equal(reads_after(world, before, NULL), 1);
    world_ask(world, asking(RUN_SHOW, &world_awa, code)); /* opening it is more than a hit */
    assert_int_equal(reads_after(world, before, NULL), 2);
}

/* ---- Beside the case's history. ---- */

static void reads_change_nothing_of_a_case(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct value first = world_show(world, code);
    int64_t revision = value_int_at(&first, "revision", 0);
    for (int i = 0; i < 20; i++) {
        world->now_ms += 10 * MINUTE_MS;
        world_show(world, code);
    }
    assert_int_equal(reads_after(world, 0, NULL), 21);
    assert_int_equal(store_horizon(world->store), revision - 1); /* no snapshot */
    struct run_request write = world_event(world, code, "write");
    write.has_revision = true;
    write.revision = (uint64_t)revision;
    assert_int_equal(world_ask(world, write)->status, 200);
    struct value body = world_ask(world, asking(RUN_HISTORY, &world_awa, code))->body;
    assert_int_equal(value_count(value_at(&body, "entries")), 2);
    struct run_request page = asking(RUN_HISTORY, &world_awa, code);
    page.filter.cursor = text_printf(world->arena, "%lld", (long long)revision + 1); /* a read */
    assert_int_equal(world_ask(world, page)->problem, PROBLEM_BAD_REQUEST);
}

/* ---- Who read it. ---- */

static void who_read_a_case_is_told_in_pages_oldest_first(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world), other = world_new_case(world);
    struct value empty = list_reads(world, code, 0, TEXT_NONE);
    assert_int_equal(value_count(value_at(&empty, "reads")), 0);
    for (int i = 0; i < 5; i++) {
        world_ask(world, asking(RUN_SHOW, i % 2 ? &world_binta : &world_awa, code));
        world_ask(world, asking(RUN_SHOW, &world_awa, other));
        world_ask(world, world_event(world, code, "write"));
        world->now_ms += 10 * MINUTE_MS;
    }
    struct value body = list_reads(world, code, 2, TEXT_NONE);
    const struct value *reads = value_at(&body, "reads");
    assert_int_equal(value_count(reads), 2);
    assert_true(text_is(value_text_at(value_item(reads, 0), "by"), "binta"));
    assert_true(text_is(value_text_at(value_item(reads, 1), "by"), "awa"));
    assert_true(value_int_at(value_item(reads, 0), "seq", 0) <
                value_int_at(value_item(reads, 1), "seq", 0));
    body = list_reads(world, code, 200, value_text_at(&body, "cursor"));
    assert_int_equal(value_count(value_at(&body, "reads")), 3);
    assert_null(value_at(&body, "cursor"));
    struct run_request page = asking(RUN_READS, &auditor, code);
    body = list_reads(world, other, 1, TEXT_NONE);
    const struct text wrong[] = {TEXT("x"), TEXT("0"), TEXT("2"), TEXT("99999"),
                                 value_text_at(&body, "cursor")};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        page.filter.cursor = wrong[i];
        assert_int_equal(world_ask(world, page)->problem, PROBLEM_BAD_REQUEST);
    }
}

static void a_list_of_reads_waits_for_the_newest(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_post(world, 0, asking(RUN_SHOW, &world_awa, code));
    struct world_reply *filling = world_post(world, 1, asking(RUN_READS, &auditor, code));
    wheel_turn(world->wheel);
    struct world_reply *writing = world_post(world, 2, asking(RUN_READS, &auditor, code));
    wheel_turn(world->wheel);
    assert_false(filling->has_come || writing->has_come);
    world_settle(world);
    assert_int_equal(value_count(value_at(&filling->body, "reads")), 1);
    assert_int_equal(value_count(value_at(&writing->body, "reads")), 1);
}

static void only_auditors_and_dpos_ask_who_read(void **state)
{
    static const struct text elsewhere[] = {{"GW", 2}};
    struct case_person abroad = auditor;
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    abroad.countries = elsewhere;
    assert_int_equal(world_ask(world, asking(RUN_READS, &world_awa, code))->problem,
                     PROBLEM_NOT_PERMITTED);
    const struct case_person *const strangers[] = {&world_dibor, &abroad};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(world_ask(world, asking(RUN_READS, strangers[i], code))->problem,
                         PROBLEM_NO_SUCH_CASE);
    assert_int_equal(
        world_ask(world, asking(RUN_READS, &auditor, TEXT("SN-2020-00007-1")))->problem,
        PROBLEM_NO_SUCH_CASE);
    assert_int_equal(world_ask(world, asking(RUN_SHOW, &auditor, code))->problem,
                     PROBLEM_NO_SUCH_CASE);
}

static void the_list_is_whole_after_restarts_and_behind_the_horizon(void **state)
{
    struct world *world = *state;
    struct text codes[12];

    world->cases_max = 4;
    world_crash(world);
    world_load(world);
    for (int i = 0; i < 12; i++)
        codes[i] = world_new_case(world);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 12; i++) {
            world_show(world, codes[i]);
            if (i % 3 == round % 3)
                world_ask(world, world_event(world, codes[i], "write"));
        }
        world->now_ms += 10 * MINUTE_MS;
        if (round % 2)
            world_crash(world);
    }
    assert_true(store_horizon(world->store) > store_last_seq(world->store) / 2);
    for (int i = 0; i < 12; i++) {
        struct value body = list_reads(world, codes[i], 200, TEXT_NONE);
        assert_int_equal(value_count(value_at(&body, "reads")), 6);
    }
    struct value status = wheel_status(world->wheel, world->arena);
    assert_true(value_int_at(&status, "in_memory", 100) <= 6);
}

/* ---- A disk without room. ---- */

static void reopen_with_map(struct world *world, uint64_t map_bytes)
{
    world_close(world);
    world->map_bytes = map_bytes;
    world_open(world);
}

static void on_a_disk_too_full_for_work_people_read_on_and_are_written_down(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t before = store_last_seq(world->store);
    reopen_with_map(world, 16 << 20);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->problem,
                     PROBLEM_DISK_FULL);
    assert_int_equal(world_ask(world, asking(RUN_SHOW, &world_awa, code))->status, 200);
    assert_int_equal(reads_after(world, before, NULL), 1);
}

static void a_read_that_cannot_be_written_down_is_refused(void **state)
{
    static const enum run_kind kinds[] = {RUN_SHOW, RUN_HISTORY, RUN_EXPLAIN, RUN_DIAGRAM};
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "write"));
    for (uint64_t mib = 4; mib <= 7; mib += 3) { /* 8 are an erasure's */
        reopen_with_map(world, mib << 20);
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            struct world_reply *reply = world_ask(world, asking(kinds[i], &world_awa, code));
            assert_int_equal(reply->problem, PROBLEM_DISK_FULL);
        }
    }
    assert_int_equal(look_for(world, "something")->problem, PROBLEM_DISK_FULL);
    assert_int_equal(reads_after(world, 0, NULL), 0);
    assert_int_equal(world_ask(world, asking(RUN_LIST, &world_awa, TEXT_NONE))->status, 200);
}

/* ---- Damage. ---- */

static void
a_case_whose_snapshot_is_damaged_after_a_read_does_not_keep_the_others_away(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    for (int i = 0; i < 7; i++)
        world_ask(world, world_event(world, code, "write"));
    world_show(world, code); /* behind the horizon: the next start reads it */
    struct text other = world_new_case(world);
    uint64_t before = store_last_seq(world->store);
    world_close(world);
    damage_record(world, "case", 0, damage_last_byte);
    log_set_level(LOG_ERROR + 1);
    world_open(world);
    assert_int_equal(world_ask(world, asking(RUN_SHOW, &world_awa, code))->problem,
                     PROBLEM_QUARANTINED);
    assert_int_equal(world_ask(world, asking(RUN_DIAGRAM, &world_awa, code))->problem,
                     PROBLEM_QUARANTINED);
    world_show(world, other);
    assert_int_equal(reads_after(world, before, NULL), 1);
    /* Its entries are whole: who reads them is written down all the same. */
    assert_int_equal(world_ask(world, asking(RUN_HISTORY, &world_awa, code))->status, 200);
    struct value body = list_reads(world, code, 0, TEXT_NONE);
    assert_int_equal(value_count(value_at(&body, "reads")), 2);
}

/* ---- Windows. ---- */

static void windows_end_in_their_order_and_are_bounded(void **state)
{
    struct windows windows;
    char key[32];

    (void)state;
    windows_init(&windows);
    for (int i = 0; i <= WINDOWS_MAX; i++) {
        snprintf(key, sizeof(key), "%d", i);
        windows_add(&windows, text_from(key), 1000 + i, (uint64_t)i);
    }
    assert_null(windows_find(&windows, TEXT("0"), 0)); /* the oldest had to go */
    assert_int_equal(windows_find(&windows, TEXT("1"), 1000)->batch, 1);
    assert_null(windows_find(&windows, TEXT("1"), 1001));
    assert_int_equal(windows_find(&windows, TEXT("2"), 1001)->batch, 2);
    assert_null(windows_find(&windows, TEXT("9"), 1000 + WINDOWS_MAX));
    assert_int_equal(windows.by_key.count, 0);
    windows_add(&windows, TEXT("1"), 5, 7);
    assert_int_equal(windows_find(&windows, TEXT("1"), 4)->batch, 7);
    windows_finish(&windows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_read_is_answered_once_its_entry_is_durable),
        TEST(what_was_not_written_down_was_not_shown),
        TEST(a_second_look_while_the_first_is_written_waits_for_it_too),
        TEST(one_person_makes_one_entry_of_a_case_in_ten_minutes),
        TEST(lists_refusals_and_writes_make_none),
        TEST(a_repeat_that_shows_the_case_as_it_is_now_is_a_read),
        TEST(a_hit_that_tells_of_a_field_is_a_read_and_one_by_code_is_none),
        TEST(reads_change_nothing_of_a_case),
        TEST(who_read_a_case_is_told_in_pages_oldest_first),
        TEST(a_list_of_reads_waits_for_the_newest),
        TEST(only_auditors_and_dpos_ask_who_read),
        TEST(the_list_is_whole_after_restarts_and_behind_the_horizon),
        TEST(on_a_disk_too_full_for_work_people_read_on_and_are_written_down),
        TEST(a_read_that_cannot_be_written_down_is_refused),
        TEST(a_case_whose_snapshot_is_damaged_after_a_read_does_not_keep_the_others_away),
        cmocka_unit_test(windows_end_in_their_order_and_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
