/* Definitions that are loaded: overlays upon what is there, and dry runs that leave nothing. */
#include "run/world.h"

static void the_same_definition_is_loaded_once(void **state)
{
    struct world *world = *state;
    struct run_request request = {.kind = RUN_LOAD_WORKFLOW,
                                  .person = &world_dibor,
                                  .source = TEXT(world_yaml),
                                  .file = TEXT("a.yaml")};

    request.is_dry_run = true;
    assert_int_equal(world_ask(world, request)->status, 200);
    assert_int_equal(world_ask(world, world_opening(world, TEXT_NONE))->problem,
                     PROBLEM_NO_SUCH_WORKFLOW);
    request.is_dry_run = false;
    assert_int_equal(world_ask(world, request)->status, 201);
    assert_int_equal(world_ask(world, request)->status, 200);
    request.person = &world_awa;
    assert_int_equal(world_ask(world, request)->problem, PROBLEM_NOT_PERMITTED);
    request.person = &world_dibor;
    request.source = TEXT("workflow: x\n");
    assert_int_equal(world_ask(world, request)->problem, PROBLEM_DEFINITION_INVALID);
    world_crash(world);
    assert_int_equal(world_ask(world, world_opening(world, TEXT_NONE))->status, 201);
}

static void a_case_keeps_the_definition_it_was_opened_on(void **state)
{
    struct world *world = *state;
    struct text_buffer changed;

    world_load(world);
    struct text code = world_new_case(world);
    text_buffer_init(&changed, world->arena);
    text_append(&changed, TEXT(world_yaml));
    text_append(&changed, TEXT("  added: {on: {end: {by: [boss], target: ended}}}\n"));
    struct run_request request = {.kind = RUN_LOAD_WORKFLOW,
                                  .person = &world_dibor,
                                  .source = text_buffer_text(&changed),
                                  .file = TEXT("a.yaml")};
    assert_int_equal(world_ask(world, request)->status, 201);
    world_crash(world);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "workflows", 0), 2);
}

static void an_overlay_finds_its_parent_among_what_is_loaded(void **state)
{
    struct world *world = *state;
    struct run_request request = {
        .kind = RUN_LOAD_WORKFLOW,
        .person = &world_dibor,
        .source = TEXT("workflow: child\nextends: base\ncountry: GW\nstates: {b: {type: final}}\n"),
        .file = TEXT("child.yaml")};
    struct world_reply *reply = world_ask(world, request);

    assert_int_equal(reply->problem, PROBLEM_DEFINITION_INVALID);
    request.source = TEXT("workflow: base\nabstract: true\nroles: {worker: {}}\n"
                          "states: {a: {on: {go: {by: [worker], target: b}}}, b: {type: final}}\n");
    assert_int_equal(world_ask(world, request)->status, 201);
    request.source =
        TEXT("workflow: child\nextends: base\ncountry: GW\nstates: {a: {on: {go: {target: "
             "c}}}}\n");
    reply = world_ask(world, request);
    assert_int_equal(reply->problem, PROBLEM_DEFINITION_INVALID);
    request.source = TEXT("workflow: child\nextends: base\ncountry: GW\n");
    request.is_dry_run = true;
    reply = world_ask(world, request);
    assert_int_equal(reply->status, 200);
    request.is_dry_run = false;
    assert_int_equal(world_ask(world, request)->status, 201);
    /* What is stored needs its parent no more. */
    world_crash(world);
    struct run_request opening = world_opening(world, TEXT_NONE);
    opening.name = TEXT("base");
    assert_int_equal(world_ask(world, opening)->problem, PROBLEM_NOT_AVAILABLE);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "workflows", 0), 2);
}

static void a_dry_run_tells_warnings_and_leaves_nothing(void **state)
{
    struct world *world = *state;
    struct run_request request = {.kind = RUN_LOAD_WORKFLOW,
                                  .person = &world_dibor,
                                  .source = TEXT("workflow: x\nstates: {a: {}}\n"),
                                  .file = TEXT("x.yaml"),
                                  .is_dry_run = true};
    struct world_reply *reply = world_ask(world, request);
    const struct value *warning = value_item(value_at(&reply->body, "warnings"), 0);

    assert_int_equal(reply->status, 200);
    assert_true(text_is(value_text_at(warning, "code"), "W201"));
    assert_true(text_is(value_text_at(warning, "message"),
                        "nothing leads out of the state \"a\", and it is not final"));
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "workflows", -1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_definition_is_loaded_once),
        TEST(a_case_keeps_the_definition_it_was_opened_on),
        TEST(an_overlay_finds_its_parent_among_what_is_loaded),
        TEST(a_dry_run_tells_warnings_and_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
