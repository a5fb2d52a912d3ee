/* Documents on their way through the wheel: written down before there is an entry, kept with it,
 * dropped without it. */
#include "world.h"

#include "run/internal.h"
#include "store/verify.h"

static char bytes[2 * STORE_CHUNK_BYTES];

static struct run_request chunk(struct text code, uint64_t upload, size_t size, bool is_last)
{
    memset(bytes, 'x', sizeof(bytes));
    return (struct run_request){.kind = RUN_CHUNK,
                                .person = &world_awa,
                                .case_name = code,
                                .upload = upload,
                                .is_last = is_last,
                                .source = {bytes, size}};
}

static uint64_t upload_of(const struct world_reply *reply)
{
    assert_int_equal(reply->status, 200);
    return (uint64_t)value_int_at(&reply->body, "upload", 0);
}

static struct run_request attach(struct world *world, struct text code, uint64_t upload,
                                 const char *key)
{
    struct value data = value_map(world->arena);

    value_put(&data, "name", value_cstring("a.txt"));
    value_put(&data, "type", value_cstring("text/plain"));
    value_put(&data, "sha256", value_cstring("ba78"));
    return (struct run_request){.kind = RUN_ATTACH,
                                .person = &world_awa,
                                .case_name = code,
                                .upload = upload,
                                .data = data,
                                .key = text_from(key),
                                .request = TEXT("cc")};
}

static struct run_request drop(uint64_t upload)
{
    return (struct run_request){.kind = RUN_DROP_UPLOAD, .person = &world_awa, .upload = upload};
}

static void count(void *self, const struct vault_case_id *id,
                  const struct store_document_id *document)
{
    (void)id, (void)document;
    (*(size_t *)self)++;
}

static size_t under_way(struct world *world)
{
    size_t found = 0;

    assert_int_equal(store_each_under_way(world->store, count, &found), 0);
    return found;
}

static struct vault_case_id id_of(struct world *world, struct text code)
{
    return roster_find_code(&world->wheel->roster, code)->id;
}

static uint64_t findings(struct world *world)
{
    struct store_verify *verify = store_verify_create(world->store);

    store_verify_entries(verify, wheel_look_at_entry, world->store);
    while (store_verify_piece(verify, 1000) > 0)
        ;
    uint64_t found = store_verify_result(verify).finding_count_all;
    store_verify_destroy(verify);
    return found;
}

/* A document of one chunk and three bytes; its number in the case. */
static void put(struct world *world, struct text code)
{
    uint64_t upload = upload_of(world_ask(world, chunk(code, 0, STORE_CHUNK_BYTES, false)));

    upload_of(world_ask(world, chunk(code, upload, 3, true)));
    assert_int_equal(world_ask(world, attach(world, code, upload, ""))->status, 201);
    assert_int_equal(world_ask(world, drop(upload))->status, 200);
}

static void one_is_kept_with_its_entry(void **state)
{
    struct world *world = *state;
    struct text chunk_bytes;

    world_load(world);
    struct text code = world_new_case(world);
    put(world, code);
    assert_int_equal(under_way(world), 0);
    world_crash(world);
    struct world_reply *reply = world_ask(world, (struct run_request){.kind = RUN_DOCUMENT,
                                                                      .person = &world_awa,
                                                                      .case_name = code,
                                                                      .name = TEXT("1")});
    assert_int_equal(reply->status, 200);
    assert_int_equal(value_int_at(&reply->body, "size", 0), STORE_CHUNK_BYTES + 3);
    assert_int_equal(wheel_read_chunk(world->wheel, &reply->body, 1, world->arena, &chunk_bytes),
                     0);
    assert_true(text_is(chunk_bytes, "xxx"));
    assert_int_equal(findings(world), 0);
}

static void no_answer_before_its_chunks_are_durable(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct world_reply *reply = world_post(world, 0, chunk(code, 0, 3, true));
    wheel_turn(world->wheel);
    assert_false(reply->has_come);
    world_settle(world);
    uint64_t upload = upload_of(reply);
    reply = world_post(world, 1, attach(world, code, upload, ""));
    wheel_turn(world->wheel);
    assert_false(reply->has_come);
    assert_int_equal(world->batch->entry_count, 1);
    assert_int_equal(world->batch->document_count, 1); /* the mark goes with the entry */
    assert_int_equal(world->batch->documents[0].act, STORE_KEEP);
    world_settle(world);
    assert_int_equal(reply->status, 201);
}

static void one_that_a_crash_cut_short_is_gone(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    upload_of(world_ask(world, chunk(code, 0, STORE_CHUNK_BYTES, false)));
    assert_int_equal(under_way(world), 1);
    world_crash(world);
    world_settle(world);
    assert_int_equal(under_way(world), 0);
    struct vault_case_id id = id_of(world, code);
    assert_int_equal(store_has_documents(world->store, &id), 0);
}

static void a_repeat_is_answered_and_its_bytes_dropped(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t first = upload_of(world_ask(world, chunk(code, 0, 3, true)));
    assert_int_equal(world_ask(world, attach(world, code, first, "k"))->status, 201);
    uint64_t again = upload_of(world_ask(world, chunk(code, 0, 3, true)));
    assert_true(again != first);
    struct world_reply *reply = world_ask(world, attach(world, code, again, "k"));
    assert_int_equal(reply->status, 201);
    assert_true(reply->is_repeat);
    assert_int_equal(value_int_at(&reply->body, "document/document", 0), 1);
    assert_int_equal(under_way(world), 1);
    world_ask(world, drop(again));
    assert_int_equal(under_way(world), 0);
    assert_int_equal(findings(world), 0);
}

static void what_is_not_whole_or_not_there_is_attached_to_nothing(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t upload = upload_of(world_ask(world, chunk(code, 0, STORE_CHUNK_BYTES, false)));
    assert_int_equal(world_ask(world, attach(world, code, upload, ""))->problem,
                     PROBLEM_NOT_AVAILABLE);
    assert_int_equal(world_ask(world, attach(world, code, 99, ""))->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(world_ask(world, chunk(code, 99, 3, true))->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(world_ask(world, chunk(TEXT("SN-2026-00077-X"), 0, 3, true))->problem,
                     PROBLEM_NO_SUCH_CASE);
    assert_int_equal(under_way(world), 1);
}

static void many_at_once_do_not_make_one_long_batch(void **state)
{
    struct world *world = *state;
    struct world_reply *replies[24];
    size_t most = 0;

    world_load(world);
    struct text code = world_new_case(world);
    for (unsigned i = 0; i < 24; i++)
        replies[i] = world_post(world, i, chunk(code, 0, sizeof(bytes), false));
    for (int i = 0; i < 24; i++) {
        wheel_turn(world->wheel);
        if (!world->batch)
            break;
        most = world->batch->document_count > most ? world->batch->document_count : most;
        world_commit(world);
    }
    for (size_t i = 0; i < 24; i++)
        upload_of(replies[i]);
    assert_int_equal(most, 16); /* of 64 KiB */
}

static void a_document_that_vanished_is_found_by_its_entry(void **state)
{
    struct world *world = *state;
    struct store_document_change change = {.act = STORE_REMOVE};

    world_load(world);
    struct text code = world_new_case(world);
    put(world, code);
    assert_int_equal(findings(world), 0);
    change.id = id_of(world, code);
    struct store_batch batch = {.number = 1000000,
                                .horizon = store_horizon(world->store),
                                .documents = &change,
                                .document_count = 1};
    assert_int_equal(store_commit(world->store, &batch), 0);
    assert_int_equal(findings(world), 1);
    struct world_reply *reply = world_ask(world, (struct run_request){.kind = RUN_DOCUMENT,
                                                                      .person = &world_awa,
                                                                      .case_name = code,
                                                                      .name = TEXT("1")});
    assert_int_equal(reply->problem, PROBLEM_INTERNAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_is_kept_with_its_entry),
        TEST(no_answer_before_its_chunks_are_durable),
        TEST(one_that_a_crash_cut_short_is_gone),
        TEST(a_repeat_is_answered_and_its_bytes_dropped),
        TEST(what_is_not_whole_or_not_there_is_attached_to_nothing),
        TEST(many_at_once_do_not_make_one_long_batch),
        TEST(a_document_that_vanished_is_found_by_its_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
