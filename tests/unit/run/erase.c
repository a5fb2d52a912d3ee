/* What is told of an erasure, and when: nothing before it is durable. */
#include "world.h"

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
    assert_true(asked->has_come);
    assert_string_equal(value_text_at(&asked->body, "status").bytes, "erased");
    assert_int_equal(value_int_at(&asked->body, "finished_seq", 0), store_last_seq(world->store));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_asks_how_far_it_is_hears_of_it_with_its_batch),
        TEST(who_asks_for_the_case_hears_that_it_is_erased_with_its_batch),
        TEST(who_wants_to_attach_hears_of_it_with_its_bytes),
        TEST(its_end_is_told_with_the_batch_that_holds_it),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
