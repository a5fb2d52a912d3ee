/* A case that is put aside is erased by the same two people, as far as it can be told who they are.
 */
#include "damage.h"

#include <errno.h>

#include "store/audit.h"
#include "store/tree/certificate.h"
#include "store/verify.h"

static const struct text dpo[] = {{"dpo", 3}};
static const struct text senegal[] = {{"SN", 2}}, guinea[] = {{"GW", 2}};
#define DPO(name, where)                                                                           \
    {                                                                                              \
        .id = TEXT(name), .person = TEXT(name), .roles = dpo, .countries = where, .role_count = 1  \
    }
static const struct case_person dado = DPO("dado", NULL), dudu = DPO("dudu", NULL);
static const struct case_person sadio = DPO("sadio", senegal), sidi = DPO("sidi", senegal);
static const struct case_person gana = DPO("gana", guinea);
static const struct case_person dado_too = {
    .id = {"dado2", 5}, .person = {"dado", 4}, .roles = dpo, .role_count = 1};

static struct world_reply *ask(struct world *world, const struct case_person *person,
                               struct text name)
{
    return world_ask(world, (struct run_request){.kind = RUN_ASK_ERASURE,
                                                 .person = person,
                                                 .case_name = name,
                                                 .comment = TEXT("the family asked")});
}

static struct world_reply *approve(struct world *world, const struct case_person *person,
                                   struct text name)
{
    return world_ask(world, (struct run_request){
                                .kind = RUN_APPROVE_ERASURE, .person = person, .case_name = name});
}

static struct world_reply *look(struct world *world, const struct case_person *person,
                                struct text name)
{
    return world_ask(
        world, (struct run_request){.kind = RUN_ERASURE, .person = person, .case_name = name});
}

static size_t aside_count(struct world *world)
{
    struct world_reply *reply =
        world_ask(world, (struct run_request){.kind = RUN_QUARANTINE, .person = &world_awa});

    return value_count(value_at(&reply->body, "cases"));
}

/* The name of the only one that is put aside, as `admin quarantine` tells it: its id. */
static struct text id_of_aside(struct world *world)
{
    struct world_reply *reply =
        world_ask(world, (struct run_request){.kind = RUN_QUARANTINE, .person = &world_awa});
    const struct value *cases = value_at(&reply->body, "cases");

    assert_int_equal(value_count(cases), 1);
    assert_null(value_at(value_item(cases, 0), "code"));
    return value_text_at(value_item(cases, 0), "id");
}

static void finish(struct world *world)
{
    for (int i = 0; i < 20; i++)
        world_settle(world);
}

/* A case with entries that no snapshot holds; the last of them is *seq_out. */
static struct text some_case(struct world *world, uint64_t *seq_out)
{
    struct text code = world_new_case(world);

    *seq_out = world_ask(world, world_event(world, code, "write"))->revision;
    return code;
}

static void damage_case(struct world *world, const char *table, uint64_t seq, damage_change *change)
{
    world_close(world);
    damage_record(world, table, seq, change);
    world_open(world);
}

/* Gone for everybody, in this life and the next; nothing of it holds up the others. */
static void assert_erased(struct world *world, struct text name, const struct case_person *asker)
{
    for (int life = 0; life < 3; life++) {
        finish(world);
        struct world_reply *reply = look(world, asker, name);
        assert_int_equal(reply->status, 200);
        assert_string_equal(value_text_at(&reply->body, "status").bytes, "erased");
        assert_int_equal(approve(world, asker, name)->problem, PROBLEM_ERASED);
        assert_int_equal(ask(world, asker, name)->problem, PROBLEM_ERASED);
        assert_int_equal(aside_count(world), 0);
        struct value status = wheel_status(world->wheel, world->arena);
        assert_int_equal(value_int_at(&status, "quarantined", -1), 0);
        world_crash(world);
    }
}

static void the_same_two_erase_a_case_with_a_damaged_entry(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    damage_case(world, "journal", seq, damage_last_byte);
    assert_int_equal(approve(world, &dudu, code)->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(ask(world, &world_awa, code)->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(ask(world, &gana, code)->problem, PROBLEM_NO_SUCH_CASE);
    struct world_reply *reply = ask(world, &sadio, code);
    assert_int_equal(reply->status, 200);
    assert_int_equal(value_int_at(&reply->body, "seq", 0), store_last_seq(world->store));
    assert_true(text_equal(value_text_at(&reply->body, "code"), code));
    /* What was asked for lasts, and is told to who has to do with it. */
    world_crash(world);
    reply = look(world, &sidi, code);
    assert_int_equal(reply->problem, PROBLEM_NOT_AVAILABLE);
    assert_non_null(strstr(reply->detail.bytes, "\"sadio\" asked for it on 2026-01-01"));
    assert_non_null(strstr(reply->detail.bytes, "the family asked"));
    assert_int_equal(look(world, &gana, code)->problem, PROBLEM_NO_SUCH_CASE);
    assert_int_equal(approve(world, &sadio, code)->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(approve(world, &world_awa, code)->problem, PROBLEM_NOT_PERMITTED);
    reply = approve(world, &sidi, code);
    assert_int_equal(reply->status, 202);
    assert_string_equal(value_text_at(&reply->body, "asked_by").bytes, "sadio");
    assert_erased(world, code, &sadio);
    /* The horizon goes on. */
    struct text other = world_new_case(world);
    for (int i = 0; i < 16; i++)
        assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    assert_true(store_horizon(world->store) > seq);
    assert_int_equal(world_ask(world, world_opening(world, TEXT_NONE))->status, 201);
}

static void an_account_of_the_same_person_does_not_approve(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    damage_case(world, "journal", seq, damage_last_byte);
    assert_int_equal(ask(world, &dado, code)->status, 200);
    assert_int_equal(approve(world, &dado_too, code)->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(aside_count(world), 1);
}

static void asking_needs_a_reason_no_revision_and_is_repeated_by_its_key(void **state)
{
    struct world *world = *state;
    struct run_request request = {.kind = RUN_ASK_ERASURE, .person = &dado};
    uint64_t seq;

    world_load(world);
    request.case_name = some_case(world, &seq);
    damage_case(world, "journal", seq, damage_last_byte);
    uint64_t before = store_last_seq(world->store);
    assert_int_equal(world_ask(world, request)->problem, PROBLEM_FIELD_INVALID);
    request.comment = TEXT("the family asked");
    request.has_revision = true;
    assert_int_equal(world_ask(world, request)->problem, PROBLEM_QUARANTINED);
    request.has_revision = false;
    request.key = TEXT("once");
    for (int i = 0; i < 3; i++) {
        struct world_reply *reply = world_ask(world, request);
        assert_int_equal(reply->status, 200);
        assert_int_equal(reply->is_repeat, i > 0);
        assert_int_equal(value_int_at(&reply->body, "seq", 0), before + 1);
    }
    assert_int_equal(store_last_seq(world->store), before + 1);
    /* Somebody else's asking is one of its own. */
    request.person = &dudu;
    assert_false(world_ask(world, request)->is_repeat);
}

/* Its id was hit: by its key it was found to be of the case, and that key is gone then. */
static void an_entry_that_no_longer_tells_whose_it_is_keeps_no_start_away(void **state)
{
    struct world *world = *state;
    uint64_t before, seq;

    world_load(world);
    /* Another case holds the horizon before the damage. */
    struct text other = some_case(world, &before), code = some_case(world, &seq);
    damage_case(world, "journal", seq, damage_id);
    assert_int_equal(aside_count(world), 1);
    assert_int_equal(ask(world, &dado, code)->status, 200);
    assert_int_equal(approve(world, &dudu, code)->status, 202);
    assert_true(store_horizon(world->store) < seq);
    assert_erased(world, code, &dado);
    assert_true(store_horizon(world->store) < seq);
    assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    /* Another entry that tells nothing might be anybody's, as ever. */
    seq = world_ask(world, world_event(world, other, "write"))->revision;
    struct text third = some_case(world, &seq);
    assert_true(third.size > 0);
    world_close(world);
    damage_record(world, "journal", seq, damage_id);
    damage_record(world, "journal", seq, damage_last_byte);
    struct diag_list diags;
    assert_int_equal(world_try(world, &diags), -EBADMSG);
}

static void a_case_known_by_its_id_alone_takes_two_dpos_of_all_countries(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    for (int i = 0; i < 6; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    world_close(world);
    damage_record(world, "case", 0, damage_last_byte);
    damage_record(world, "card", 0, damage_last_byte);
    world_open(world);
    struct text id = id_of_aside(world);
    assert_int_equal(ask(world, &dado, code)->problem, PROBLEM_NO_SUCH_CASE);
    struct world_reply *reply = ask(world, &sadio, id);
    assert_int_equal(reply->problem, PROBLEM_NOT_PERMITTED);
    assert_non_null(strstr(reply->detail.bytes, "in all countries"));
    assert_int_equal(ask(world, &world_binta, id)->problem, PROBLEM_NO_SUCH_CASE);
    assert_int_equal(look(world, &sadio, id)->problem, PROBLEM_NO_SUCH_CASE);
    assert_int_equal(look(world, &dado, id)->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(ask(world, &dado, id)->status, 200);
    assert_int_equal(approve(world, &sadio, id)->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(approve(world, &dado, id)->problem, PROBLEM_NOT_PERMITTED);
    assert_int_equal(approve(world, &dudu, id)->status, 202);
    assert_erased(world, id, &dado);
    assert_int_equal(look(world, &sadio, id)->problem, PROBLEM_NO_SUCH_CASE);
    /* The damaged records are gone; the journal is as it was: so there is a signed certificate. */
    struct value body = look(world, &dado, id)->body;
    struct certificate_file file;
    assert_true(certificate_read(world->arena, value_text_at(&body, "note"), &file));
    assert_true(text_is_empty(file.certificate.code));
    assert_true(text_is_empty(file.certificate.country));
    assert_true(text_equal(file.certificate.id, id));
}

static void damage_first_byte(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    damage_bytes(cursor, key, value, 0, 1);
}

/* With what the case needs to be understood gone, nobody supervises anybody in it. */
static void a_case_without_its_definition_takes_another_dpo(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    damage_case(world, "workflow", 0, damage_first_byte);
    assert_int_equal(ask(world, &world_awa, code)->problem, PROBLEM_NO_SUCH_CASE);
    struct text id = id_of_aside(world);
    assert_int_equal(ask(world, &dado, id)->status, 200);
    assert_int_equal(approve(world, &dudu, id)->status, 202);
    assert_erased(world, id, &dado);
}

static void so_does_one_that_has_a_snapshot(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    for (int i = 0; i < 6; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    damage_case(world, "workflow", 0, damage_first_byte);
    assert_int_equal(aside_count(world), 0); /* it waits for its definition */
    assert_int_equal(ask(world, &gana, code)->problem, PROBLEM_NO_SUCH_CASE);
    assert_int_equal(ask(world, &sadio, code)->status, 200);
    assert_int_equal(approve(world, &gana, code)->problem, PROBLEM_NO_SUCH_CASE);
    assert_int_equal(approve(world, &sidi, code)->status, 202);
    assert_erased(world, code, &sadio);
}

static void a_damaged_snapshot_leaves_a_whole_store_behind(void **state)
{
    struct world *world = *state;
    uint64_t seq;
    int result;

    world_load(world);
    struct text code = some_case(world, &seq);
    for (int i = 0; i < 6; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    damage_case(world, "case", 0, damage_last_byte);
    /* Nobody has looked at it yet: the asking finds it. */
    assert_int_equal(aside_count(world), 0);
    assert_int_equal(ask(world, &dado, code)->status, 200);
    assert_int_equal(aside_count(world), 1);
    assert_int_equal(look(world, &dado, code)->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->problem,
                     PROBLEM_QUARANTINED);
    assert_int_equal(approve(world, &dudu, code)->status, 202);
    assert_erased(world, code, &dado);
    struct store_verify *verify = store_verify_create(world->store);
    do
        result = store_verify_piece(verify, 1000);
    while (result > 0);
    assert_int_equal(result, 0);
    assert_int_equal(store_verify_result(verify).finding_count_all, 0);
    store_verify_destroy(verify);
}

/* Two at once: the second waits until the first is over, as with any other case. */
static void one_erasure_is_under_way_at_a_time(void **state)
{
    struct world *world = *state;
    uint64_t first, second;

    world_load(world);
    struct text codes[] = {some_case(world, &first), some_case(world, &second)};
    world_close(world);
    damage_record(world, "journal", first, damage_last_byte);
    damage_record(world, "journal", second, damage_last_byte);
    world_open(world);
    assert_int_equal(aside_count(world), 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask(world, &dado, codes[i])->status, 200);
    for (int i = 0; i < 2; i++)
        world_post(world, (unsigned)i,
                   (struct run_request){
                       .kind = RUN_APPROVE_ERASURE, .person = &dudu, .case_name = codes[i]});
    world_settle(world);
    assert_int_equal(world->replies[0].status, 202);
    assert_int_equal(world->replies[1].problem, PROBLEM_BUSY);
    finish(world);
    assert_int_equal(aside_count(world), 1);
    assert_int_equal(approve(world, &dudu, codes[1])->status, 202);
    assert_erased(world, codes[1], &dado);
}

static void a_full_disk_leaves_room_for_it_until_nothing_is_left(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    world_close(world);
    damage_record(world, "journal", seq, damage_last_byte);
    world->map_bytes = 4 << 20;
    world_open(world);
    assert_int_equal(ask(world, &dado, code)->problem, PROBLEM_DISK_FULL);
    world_close(world);
    world->map_bytes = 16 << 20;
    world_open(world);
    assert_int_equal(world_ask(world, world_opening(world, TEXT_NONE))->problem, PROBLEM_DISK_FULL);
    assert_int_equal(ask(world, &dado, code)->status, 200);
    assert_int_equal(approve(world, &dudu, code)->status, 202);
    assert_erased(world, code, &dado);
}

/* A case that is whole again is one like any other: what was asked for while it was put aside is of
 * no use any more. */
static void a_case_that_is_whole_again_is_asked_for_anew(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    world_load(world);
    struct text code = some_case(world, &seq);
    damage_case(world, "journal", seq, damage_last_byte);
    assert_int_equal(ask(world, &dado, code)->status, 200);
    damage_case(world, "journal", seq, damage_last_byte);
    assert_int_equal(aside_count(world), 0);
    assert_int_equal(approve(world, &dudu, code)->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(ask(world, &dado, code)->status, 200);
    assert_int_equal(approve(world, &dudu, code)->status, 202);
    assert_erased(world, code, &dado);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup_quiet, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_two_erase_a_case_with_a_damaged_entry),
        TEST(an_account_of_the_same_person_does_not_approve),
        TEST(asking_needs_a_reason_no_revision_and_is_repeated_by_its_key),
        TEST(an_entry_that_no_longer_tells_whose_it_is_keeps_no_start_away),
        TEST(a_case_known_by_its_id_alone_takes_two_dpos_of_all_countries),
        TEST(a_case_without_its_definition_takes_another_dpo),
        TEST(so_does_one_that_has_a_snapshot),
        TEST(a_damaged_snapshot_leaves_a_whole_store_behind),
        TEST(one_erasure_is_under_way_at_a_time),
        TEST(a_full_disk_leaves_room_for_it_until_nothing_is_left),
        TEST(a_case_that_is_whole_again_is_asked_for_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
