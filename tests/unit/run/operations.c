/* Long work: begun, done in pieces, asked about, given up. */
#include "world.h"

#include "run/internal.h"

/* Work that the test tells what to do. */
struct work {
    enum operation_step step;
    unsigned piece_count, end_count;
    bool succeeds, fails;
    struct wheel *writes_to; /* at its end, an entry */
};

/* It lives as long as the world: what is still under way then is given up. */
static struct work *new_work(struct world *world, struct work work)
{
    struct work *own = ARENA_NEW(world->arena, struct work);

    *own = work;
    return own;
}

static enum operation_step do_piece(void *self, struct operation *operation)
{
    struct work *work = self;

    work->piece_count++;
    operation_set_total(operation, 10);
    operation_set_done(operation, work->piece_count);
    return work->step;
}

static void work_ended(void *self, struct operation *operation)
{
    struct work *work = self;
    struct value result = value_map(operation_arena(operation));
    struct problem problem;

    work->end_count++;
    if (work->writes_to) {
        struct value entry = value_map(work->writes_to->turn);

        value_put(&entry, "kind", value_cstring("work.ended"));
        wheel_append(work->writes_to, &entry);
    }
    problem_set(&problem, operation_arena(operation), PROBLEM_DISK_FULL, "The disk is full.");
    value_put(&result, "file", value_cstring("a.backup"));
    if (work->succeeds)
        operation_succeed(operation, &result);
    if (work->fails)
        operation_fail(operation, &problem);
}

/* What a handler does with a request that reached the wheel; `reply` is its answer. */
static bool begin_keyed(struct world *world, struct work *work, const char *kind, bool is_threaded,
                        struct text key, struct text request, struct world_reply *reply)
{
    struct operation_work how = {.kind = kind,
                                 .is_threaded = is_threaded,
                                 .self = work,
                                 .piece = do_piece,
                                 .ended = work_ended};
    struct world_slot slot = {world, reply};
    struct queued *queued = wheel_queued(world->wheel);

    *reply = (struct world_reply){0};
    queued->request =
        (struct run_request){.key = key, .request = request, .reply = world_replied, .self = &slot};
    queued->person = world_dibor;
    bool may = operation_may_begin(world->wheel, queued, kind);
    if (may)
        operation_begin(world->wheel, queued, &how);
    wheel_drop(queued);
    assert_true(reply->has_come);
    return may;
}

static struct text begin(struct world *world, struct work *work, const char *kind, bool is_threaded)
{
    struct world_reply reply;

    assert_true(begin_keyed(world, work, kind, is_threaded, TEXT_NONE, TEXT_NONE, &reply));
    assert_int_equal(reply.status, 202);
    assert_string_equal(value_text_at(&reply.body, "status").bytes, "running");
    assert_string_equal(value_text_at(&reply.body, "by").bytes, "dibor");
    return value_text_at(&reply.body, "id");
}

static struct world_reply *look(struct world *world, struct text id)
{
    return world_ask(
        world, (struct run_request){.kind = RUN_OPERATION, .person = &world_dibor, .name = id});
}

static bool is_status(const struct world_reply *reply, const char *status)
{
    return reply->status == 200 && text_is(value_text_at(&reply->body, "status"), status);
}

static void a_piece_is_done_in_each_turn_until_it_is_over(void **state)
{
    struct world *world = *state;
    struct work work = {.step = OPERATION_MORE, .succeeds = true};
    struct text id = begin(world, &work, "count", false);

    assert_true(wheel_is_ready(world->wheel));
    assert_false(wheel_is_idle(world->wheel));
    world->steady_ms += 3000;
    struct world_reply *reply = look(world, id);
    assert_true(is_status(reply, "running"));
    assert_int_equal(work.piece_count, 1);
    wheel_turn(world->wheel);
    reply = look(world, id);
    assert_int_equal(value_int_at(&reply->body, "done", 0), 2);
    assert_int_equal(value_int_at(&reply->body, "total", 0), 10);
    assert_int_equal(value_int_at(&reply->body, "eta", 0), 12); /* 3 s for 2 of 10 */

    work.step = OPERATION_OVER;
    wheel_turn(world->wheel);
    assert_int_equal(work.end_count, 1);
    assert_false(wheel_is_ready(world->wheel));
    assert_true(wheel_is_idle(world->wheel));
    reply = look(world, id);
    assert_true(is_status(reply, "done"));
    assert_string_equal(value_text_at(&reply->body, "result/file").bytes, "a.backup");
    assert_null(value_at(&reply->body, "eta"));
    wheel_turn(world->wheel);
    assert_int_equal(work.piece_count, 4);
}

static void what_waits_goes_on_when_a_batch_is_durable(void **state)
{
    struct world *world = *state;
    struct work work = {.step = OPERATION_WAITS, .succeeds = true};

    begin(world, &work, "count", false);
    wheel_turn(world->wheel);
    assert_false(wheel_is_ready(world->wheel));
    wheel_turn(world->wheel);
    assert_int_equal(work.piece_count, 1);
    work.step = OPERATION_OVER;
    world_load(world); /* commits a batch */
    wheel_turn(world->wheel);
    assert_int_equal(work.piece_count, 2);
    assert_int_equal(work.end_count, 1);
}

static void that_it_is_over_is_told_once_its_entry_is_durable(void **state)
{
    struct world *world = *state;
    struct work work = {.step = OPERATION_OVER, .succeeds = true, .writes_to = world->wheel};
    struct text id = begin(world, &work, "count", false);
    struct world_reply reply = {0};
    struct world_slot slot = {world, &reply};
    struct run_request request = {.kind = RUN_OPERATION,
                                  .person = &world_dibor,
                                  .name = id,
                                  .reply = world_replied,
                                  .self = &slot};

    wheel_turn(world->wheel);
    assert_int_equal(work.end_count, 1);
    wheel_post(world->wheel, &request);
    wheel_turn(world->wheel);
    assert_false(reply.has_come);
    world_settle(world);
    assert_true(reply.has_come);
    assert_true(is_status(&reply, "done"));
}

static void a_thread_does_pieces_until_it_is_over(void **state)
{
    struct world *world = *state;
    struct work work = {.step = OPERATION_OVER, .fails = true};
    struct text id = begin(world, &work, "copy", true);

    wheel_turn(world->wheel);
    assert_int_equal(work.piece_count, 0);
    assert_false(wheel_is_ready(world->wheel));
    assert_false(wheel_is_idle(world->wheel));
    world_work(world);
    assert_int_equal(work.piece_count, 1);
    assert_true(wheel_is_idle(world->wheel));
    struct world_reply *reply = look(world, id);
    assert_true(is_status(reply, "failed"));
    assert_string_equal(value_text_at(&reply->body, "problem/code").bytes, "disk-full");
    assert_int_equal(value_int_at(&reply->body, "problem/status", 0), 503);
}

static void one_of_a_kind_is_under_way(void **state)
{
    struct world *world = *state;
    struct work endless = {.step = OPERATION_MORE};
    struct work *one = new_work(world, endless), *other = new_work(world, endless),
                *third = new_work(world, endless);
    struct world_reply reply;

    begin(world, one, "count", false);
    assert_false(begin_keyed(world, other, "count", false, TEXT_NONE, TEXT_NONE, &reply));
    assert_int_equal(reply.problem, PROBLEM_BUSY);
    begin(world, third, "copy", false);
    wheel_turn(world->wheel);
    assert_int_equal(one->piece_count, 1);
    assert_int_equal(other->piece_count, 0);
    assert_int_equal(third->piece_count, 1);
}

static void what_needs_the_keys_to_stay_is_alone(void **state)
{
    struct world *world = *state;
    struct work *one = new_work(world, (struct work){.step = OPERATION_MORE});
    struct world_reply reply;

    begin(world, one, "rotate", false);
    assert_false(begin_keyed(world, one, "backup", true, TEXT_NONE, TEXT_NONE, &reply));
    assert_int_equal(reply.problem, PROBLEM_BUSY);
    begin(world, one, "verify", false);
}

static void a_repeat_by_key_gets_the_same_operation(void **state)
{
    struct world *world = *state;
    struct work work = {.step = OPERATION_OVER, .succeeds = true};
    struct world_reply first, again;

    assert_true(begin_keyed(world, &work, "count", false, TEXT("k"), TEXT("aa"), &first));
    wheel_turn(world->wheel);
    assert_false(begin_keyed(world, &work, "count", false, TEXT("k"), TEXT("aa"), &again));
    assert_int_equal(again.status, 202);
    assert_true(again.is_repeat);
    assert_string_equal(value_text_at(&again.body, "id").bytes,
                        value_text_at(&first.body, "id").bytes);
    assert_string_equal(value_text_at(&again.body, "status").bytes, "done");
    assert_false(begin_keyed(world, &work, "count", false, TEXT("k"), TEXT("bb"), &again));
    assert_int_equal(again.problem, PROBLEM_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(work.piece_count, 1);
}

static void a_stop_gives_up_what_is_done_in_turns_and_waits_for_threads(void **state)
{
    struct world *world = *state;
    struct work turns = {.step = OPERATION_MORE}, thread = {.step = OPERATION_MORE};

    begin(world, &turns, "count", false);
    begin(world, &thread, "copy", true);
    wheel_turn(world->wheel);
    wheel_stop(world->wheel);
    assert_int_equal(turns.end_count, 1);
    assert_false(wheel_is_idle(world->wheel));
    wheel_turn(world->wheel);
    assert_int_equal(turns.piece_count, 1);
    world_work(world); /* it is told to end before its first piece */
    assert_int_equal(thread.piece_count, 0);
    assert_int_equal(thread.end_count, 1);
    assert_true(wheel_is_idle(world->wheel));
}

static void what_ends_without_a_word_is_called_failed(void **state)
{
    struct world *world = *state;
    struct work work = {.step = OPERATION_OVER};
    struct text id = begin(world, &work, "count", false);

    wheel_turn(world->wheel);
    struct world_reply *reply = look(world, id);
    assert_true(is_status(reply, "failed"));
    assert_string_equal(value_text_at(&reply->body, "problem/code").bytes, "internal");
}

static void the_oldest_that_are_over_are_forgotten(void **state)
{
    struct world *world = *state;
    struct work *endless = new_work(world, (struct work){.step = OPERATION_MORE});
    struct work quick = {.step = OPERATION_OVER};
    struct text running = begin(world, endless, "endless", false);
    struct text first = begin(world, &quick, "quick", false), last = first;

    for (int i = 0; i < 40; i++) {
        wheel_turn(world->wheel);
        last = begin(world, &quick, "quick", false);
    }
    wheel_turn(world->wheel);
    assert_int_equal(look(world, first)->problem, PROBLEM_NO_SUCH_OPERATION);
    assert_true(is_status(look(world, last), "failed"));
    assert_true(is_status(look(world, running), "running"));
    assert_int_equal(world->wheel->operations.count, 32);
}

static void an_operation_that_nobody_began_is_not_found(void **state)
{
    assert_int_equal(look(*state, TEXT("0123"))->problem, PROBLEM_NO_SUCH_OPERATION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_piece_is_done_in_each_turn_until_it_is_over),
        TEST(what_waits_goes_on_when_a_batch_is_durable),
        TEST(that_it_is_over_is_told_once_its_entry_is_durable),
        TEST(a_thread_does_pieces_until_it_is_over),
        TEST(one_of_a_kind_is_under_way),
        TEST(what_needs_the_keys_to_stay_is_alone),
        TEST(a_repeat_by_key_gets_the_same_operation),
        TEST(a_stop_gives_up_what_is_done_in_turns_and_waits_for_threads),
        TEST(what_ends_without_a_word_is_called_failed),
        TEST(the_oldest_that_are_over_are_forgotten),
        TEST(an_operation_that_nobody_began_is_not_found),
    };
    return cmocka_run_group_tests_name("operations", tests, NULL, NULL);
}
