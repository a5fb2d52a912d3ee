/* What is told of an erasure, and when: nothing before it is durable. */
#include "damage.h"

#include <errno.h>

#include "store/audit.h"
#include "store/tree/certificate.h"

static const struct text worker_and_boss[] = {{"worker", 6}, {"boss", 4}};
static const struct text dpo[] = {{"dpo", 3}};
static const struct case_person binta = {
    .id = {"binta", 5}, .person = {"binta", 5}, .roles = worker_and_boss, .role_count = 2};
static const struct case_person dado = {
    .id = {"dado", 4}, .person = {"dado", 4}, .roles = dpo, .role_count = 1};
static const struct case_person dudu = {
    .id = {"dudu", 4}, .person = {"dudu", 4}, .roles = dpo, .role_count = 1};

static struct run_request about(enum run_kind kind, const struct case_person *person,
                                struct text code)
{
    return (struct run_request){
        .kind = kind, .person = person, .case_name = code, .comment = TEXT("asked for")};
}

/* A case whose erasure is in a batch that the writer holds. */
static struct text begin_erasure(struct world *world, struct world_reply **approved_out)
{
    struct text code;

    world_load(world);
    code = world_new_case(world);
    assert_int_equal(world_ask(world, about(RUN_ASK_ERASURE, &dado, code))->status, 200);
    *approved_out = world_post(world, 0, about(RUN_APPROVE_ERASURE, &dudu, code));
    wheel_turn(world->wheel);
    assert_non_null(world->batch);
    return code;
}

static void who_asks_how_far_it_is_hears_of_it_with_its_batch(void **state)
{
    struct world *world = *state;
    struct world_reply *approved;
    struct text code = begin_erasure(world, &approved);
    struct world_reply *asked = world_post(world, 1, about(RUN_ERASURE, &binta, code));

    wheel_turn(world->wheel);
    assert_false(approved->has_come);
    assert_false(asked->has_come);
    world_commit(world);
    assert_int_equal(approved->status, 202);
    assert_true(asked->has_come);
    assert_int_equal(asked->status, 200);
    assert_string_equal(value_text_at(&asked->body, "status").bytes, "erasing");
}

static void who_asks_for_the_case_hears_that_it_is_erased_with_its_batch(void **state)
{
    struct world *world = *state;
    struct world_reply *approved;
    struct text code = begin_erasure(world, &approved);
    struct world_reply *shown = world_post(world, 1, about(RUN_SHOW, &binta, code));

    wheel_turn(world->wheel);
    assert_false(shown->has_come);
    world_commit(world);
    assert_int_equal(shown->problem, PROBLEM_ERASED);
}

static void who_wants_to_attach_hears_of_it_with_its_bytes(void **state)
{
    struct world *world = *state;
    struct world_reply *approved;
    struct run_request chunk = about(RUN_CHUNK, &binta, begin_erasure(world, &approved));
    struct problem problem;

    chunk.source = TEXT("x");
    chunk.is_last = true;
    assert_true(wheel_may_attach(world->wheel, &chunk, 1, world->arena, &problem));
    struct world_reply *taken = world_post(world, 1, chunk);
    wheel_turn(world->wheel);
    assert_false(taken->has_come);
    memset(&problem, 0xaa, sizeof(problem)); /* nobody writes there any more */
    const struct problem before = problem;
    world_commit(world);
    assert_memory_equal(&problem, &before, sizeof(problem));
    assert_int_equal(taken->problem, PROBLEM_ERASED);
    assert_false(wheel_may_attach(world->wheel, &chunk, 1, world->arena, &problem));
    assert_int_equal(problem.code, PROBLEM_ERASED);
}

/* What came before the approval is carried out, what came behind it is told why not. */
static void who_waits_behind_it_hears_that_it_is_erased(void **state)
{
    struct world *world = *state;
    struct text code;

    world_load(world);
    code = world_new_case(world);
    assert_int_equal(world_ask(world, about(RUN_ASK_ERASURE, &dado, code))->status, 200);
    struct world_reply *before = world_post(world, 0, world_event(world, code, "score"));
    world_settle(world); /* its check is under way */
    struct world_reply *approved = world_post(world, 1, about(RUN_APPROVE_ERASURE, &dudu, code));
    struct world_reply *behind = world_post(world, 2, world_event(world, code, "write"));
    struct world_reply *last = world_post(world, 3, world_event(world, code, "write"));
    world_settle(world);
    assert_false(before->has_come || approved->has_come || behind->has_come);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_int_equal(before->status, 200);
    assert_int_equal(approved->status, 202);
    assert_int_equal(behind->problem, PROBLEM_ERASED);
    assert_int_equal(last->problem, PROBLEM_ERASED);
}

static void its_calls_are_cancelled(void **state)
{
    struct world *world = *state;
    struct text code;

    world_load(world);
    code = world_new_case(world);
    assert_int_equal(world_ask(world, world_event(world, code, "work"))->status, 200);
    assert_int_equal(world_ask(world, about(RUN_ASK_ERASURE, &dado, code))->status, 200);
    assert_int_equal(world->cancel_count, 0);
    assert_int_equal(world_ask(world, about(RUN_APPROVE_ERASURE, &dudu, code))->status, 202);
    assert_int_equal(world->cancel_count, 1);
    /* One that answers all the same answers nobody. */
    uint64_t last = store_last_seq(world->store);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_int_equal(store_last_seq(world->store), last);
}

static void its_entry_names_the_roles_that_are_held_there(void **state)
{
    struct world *world = *state;
    static const struct text roles[] = {{"dpo", 3}, {"boss", 4}};
    static const struct text countries[] = {{"", 0}, {"GW", 2}};
    const struct case_person both = {.id = TEXT("both"),
                                     .person = TEXT("both"),
                                     .roles = roles,
                                     .countries = countries,
                                     .role_count = 2};
    static const enum run_kind kinds[] = {RUN_ASK_ERASURE, RUN_ASK_EXPORT};
    struct store_read_entry read;
    struct value entry;

    world_load(world);
    for (size_t i = 0; i < 2; i++) {
        struct run_request asking = about(kinds[i], &both, world_new_case(world));
        asking.data = value_map(world->arena);
        value_put(&asking.data, "recipient",
                  value_cstring("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"));
        assert_int_equal(world_ask(world, asking)->status, 200);
        uint64_t last = store_last_seq(world->store);
        assert_int_equal(store_read_one(world->store, world->arena, last, &read), 0);
        assert_int_equal(json_read(world->arena, read.body, &entry, NULL), 0);
        assert_string_equal(json_write(world->arena, value_at(&entry, "roles")).bytes, "[\"dpo\"]");
    }
}

static void its_end_is_told_with_the_batch_that_holds_it(void **state)
{
    struct world *world = *state;
    struct world_reply *approved, *asked;
    struct text code = begin_erasure(world, &approved);
    uint64_t last;

    do {
        last = store_last_seq(world->store);
        world_commit(world);
        wheel_turn(world->wheel);
        asked = world_post(world, 1, about(RUN_ERASURE, &binta, code));
        wheel_turn(world->wheel);
        if (asked->has_come)
            assert_string_equal(value_text_at(&asked->body, "status").bytes, "erasing");
    } while (asked->has_come || world->batch->entry_count == 0);
    assert_int_equal(store_last_seq(world->store), last);
    world_commit(world);
    world_settle(world); /* it asked for a checkpoint */
    assert_true(asked->has_come);
    assert_string_equal(value_text_at(&asked->body, "status").bytes, "erased");
    assert_int_equal(value_int_at(&asked->body, "finished_seq", 0), store_last_seq(world->store));
}

/* ---- The signed certificate. ---- */

/* All of an erasure; its pieces make no batch each. */
static void finish_erasure(struct world *world)
{
    for (int i = 0; i < 20; i++)
        world_settle(world);
}

static struct text erase(struct world *world)
{
    struct world_reply *approved;
    struct text code = begin_erasure(world, &approved);

    finish_erasure(world);
    return code;
}

static struct value certificate_of(struct world *world, struct text code)
{
    struct world_reply *reply = world_ask(world, about(RUN_ERASURE, &binta, code));

    assert_int_equal(reply->status, 200);
    assert_int_equal(value_at(&reply->body, "note") == NULL,
                     value_at(&reply->body, "unsigned") != NULL);
    assert_int_equal(value_at(&reply->body, "proof") != NULL,
                     value_at(&reply->body, "note") && !value_at(&reply->body, "unproven"));
    return reply->body;
}

static void a_certificate_is_signed_once_the_last_key_is_gone(void **state)
{
    struct world *world = *state;
    struct world_reply *approved;
    struct text code = begin_erasure(world, &approved);

    world_commit(world);
    assert_null(value_at(&approved->body, "note"));
    struct world_reply *asked = world_post(world, 1, about(RUN_ERASURE, &binta, code));
    wheel_turn(world->wheel);
    assert_true(asked->has_come);
    assert_true(value_is_string(value_at(&asked->body, "unsigned"), "erasing"));
    finish_erasure(world);

    struct value body = certificate_of(world, code);
    struct certificate_file file;
    struct text both =
        text_printf(world->arena, "%.*s\n%.*s", TEXT_ARG(value_text_at(&body, "note")),
                    TEXT_ARG(value_text_at(&body, "proof")));
    assert_true(certificate_read(world->arena, both, &file));
    assert_true(file.has_proof && certificate_is_proven(&file));
    const struct certificate *said = &file.certificate;
    assert_true(text_equal(said->code, code));
    assert_true(text_is(said->workflow, "sketch") && text_is(said->country, "SN"));
    assert_true(text_is(said->asked_by, "dado") && text_is(said->approved_by, "dudu"));
    assert_true(text_is(said->reason, "asked for"));
    assert_true(text_is(said->asked, "2026-01-01T08:00:00Z"));
    assert_int_equal(said->seq, value_int_at(&body, "seq", 0));
    assert_int_equal(said->finished_seq, value_int_at(&body, "finished_seq", 0));
    /* The same in the next life, to the byte. */
    struct text note = value_text_at(&body, "note");
    world_crash(world);
    body = certificate_of(world, code);
    assert_true(text_equal(note, value_text_at(&body, "note")));
}

static void on_a_full_disk_a_certificate_comes_without_a_proof(void **state)
{
    struct world *world = *state;
    struct text code = erase(world), note;
    uint64_t size;

    assert_int_equal(store_newest_checkpoint(world->store, world->arena, &size, &note), -ENOENT);
    world_close(world);
    world->map_bytes = 16 << 20;
    world_open(world);
    struct value body = certificate_of(world, code);
    assert_non_null(value_at(&body, "note"));
    assert_true(value_is_string(value_at(&body, "unproven"), "no-checkpoint"));
    world_close(world);
    world->map_bytes = 64 << 20;
    world_open(world);
    body = certificate_of(world, code);
    assert_non_null(value_at(&body, "proof"));
}

static void nothing_is_signed_that_the_journal_does_not_say(void **state)
{
    struct world *world = *state;
    struct text code = erase(world);
    struct value body = certificate_of(world, code);

    world_close(world);
    damage_record(world, "journal", (uint64_t)value_int_at(&body, "seq", 0), damage_last_byte);
    log_set_level(LOG_ERROR + 1);
    world_open(world);
    body = certificate_of(world, code);
    assert_true(value_is_string(value_at(&body, "unsigned"), "damaged"));
    assert_true(value_is_string(value_at(&body, "status"), "erased"));
}

static void nothing_is_proven_while_the_history_differs(void **state)
{
    struct world *world = *state;
    struct text code = erase(world);

    certificate_of(world, code);
    world_close(world);
    damage_record(world, "journal", 1, damage_last_byte); /* the definition's, of no case */
    log_set_level(LOG_ERROR + 1);
    world_open(world);
    assert_true(store_history_differs(world->store));
    struct value body = certificate_of(world, code);
    assert_non_null(value_at(&body, "note"));
    assert_true(value_is_string(value_at(&body, "unproven"), "history-differs"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_asks_how_far_it_is_hears_of_it_with_its_batch),
        TEST(who_asks_for_the_case_hears_that_it_is_erased_with_its_batch),
        TEST(who_wants_to_attach_hears_of_it_with_its_bytes),
        TEST(who_waits_behind_it_hears_that_it_is_erased),
        TEST(its_calls_are_cancelled),
        TEST(its_entry_names_the_roles_that_are_held_there),
        TEST(its_end_is_told_with_the_batch_that_holds_it),
        TEST(a_certificate_is_signed_once_the_last_key_is_gone),
        TEST(on_a_full_disk_a_certificate_comes_without_a_proof),
        TEST(nothing_is_signed_that_the_journal_does_not_say),
        TEST(nothing_is_proven_while_the_history_differs),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
