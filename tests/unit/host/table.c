/* A plugin's table, read from its memory: what is missing or wrong is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "host/table.h"

static enum sankofa_outcome run(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

/* A table that is sound, and that each test spoils in one place. */
struct fixture {
    struct arena *arena;
    struct sankofa_field field;
    const struct sankofa_field *fields[80];
    const char *options[300];
    struct sankofa_step_type type;
    const struct sankofa_step_type *types[80];
    struct sankofa_plugin plugin;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    fixture->arena = arena_create("test");
    fixture->field = (struct sankofa_field){
        .size = sizeof fixture->field, .kind = SANKOFA_TEXT, .name = "colour", .initial = "red"};
    fixture->fields[0] = &fixture->field;
    fixture->type = (struct sankofa_step_type){.size = sizeof fixture->type,
                                               .flags = SANKOFA_CHECK,
                                               .name = "score",
                                               .summary = "Scores.",
                                               .inputs = fixture->fields,
                                               .run = run};
    fixture->types[0] = &fixture->type;
    fixture->plugin = (struct sankofa_plugin){.size = sizeof fixture->plugin,
                                              .abi = SANKOFA_ABI,
                                              .name = "sketch",
                                              .version = "1.0",
                                              .summary = "For tests.",
                                              .step_types = fixture->types};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_destroy(fixture->arena);
    test_free(fixture);
    return 0;
}

static struct table takes(struct fixture *fixture)
{
    struct table table;
    struct text why = TEXT_NONE;
    if (!table_read(&fixture->plugin, fixture->arena, &table, &why))
        fail_msg("%.*s", TEXT_ARG(why));
    return table;
}

static void refuses(struct fixture *fixture, const char *words)
{
    struct table table;
    struct text why = TEXT_NONE;
    assert_false(table_read(&fixture->plugin, fixture->arena, &table, &why));
    assert_string_equal(why.bytes, words);
}

static void a_sound_table_is_taken(void **state)
{
    struct table table = takes(*state);
    assert_true(text_is(table.description.name, "sketch"));
    assert_int_equal(table.description.step_type_count, 1);
    assert_true(table.description.step_types[0].is_check);
    assert_false(table.description.step_types[0].parks);
    assert_ptr_equal(table.step_types[0].run, run);
    const struct plugin_field *field = &table.description.step_types[0].inputs.items[0];
    assert_true(field->has_initial && text_is(field->initial, "red"));
}

static void no_table_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct table table;
    struct text why;
    assert_false(table_read(NULL, fixture->arena, &table, &why));
    assert_string_equal(why.bytes, "The function sankofa_plugin returns no table.");
}

/* A plugin of an older header: what it does not have is zero, even if memory behind it is not. */
static void a_smaller_struct_is_an_older_plugins(void **state)
{
    struct fixture *fixture = *state;
    fixture->type.flags = 0;
    fixture->type.resume = run;
    fixture->type.size = offsetof(struct sankofa_step_type, resume);
    fixture->field.initial = "not read";
    fixture->field.size = offsetof(struct sankofa_field, initial);
    struct table table = takes(fixture);
    assert_null(table.step_types[0].resume);
    assert_false(table.description.step_types[0].parks);
    assert_false(table.description.step_types[0].inputs.items[0].has_initial);
}

static void a_larger_struct_is_a_newer_plugins(void **state)
{
    struct fixture *fixture = *state;
    struct {
        struct sankofa_plugin plugin;
        char more[64];
    } newer = {.plugin = fixture->plugin};
    struct table table;
    struct text why;
    newer.plugin.size = sizeof newer;
    assert_true(table_read(&newer.plugin, fixture->arena, &table, &why));
}

static void a_struct_that_is_too_small_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->field.size = offsetof(struct sankofa_field, required);
    refuses(fixture, "A field has a size that no sankofa_field has.");
    fixture->field.size = sizeof fixture->field;
    fixture->type.size = offsetof(struct sankofa_step_type, run);
    refuses(fixture, "A step type has a size that no sankofa_step_type has.");
    fixture->type.size = 1 << 20;
    refuses(fixture, "A step type has a size that no sankofa_step_type has.");
    fixture->plugin.size = 8;
    refuses(fixture, "The table has a size that no sankofa_plugin has.");
}

static void another_abi_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->plugin.abi = 2;
    refuses(fixture, "The plugin is built for the ABI 2; this host has the ABI 1.");
}

static void what_must_be_there_is_named(void **state)
{
    struct fixture *fixture = *state;
    fixture->type.run = NULL;
    refuses(fixture, "The step type score has no run function.");
    fixture->type.run = run;
    fixture->type.flags = 4;
    refuses(fixture, "The step type score has a flag that does not exist.");
    fixture->type.flags = 0;
    fixture->type.name = NULL;
    refuses(fixture, "A step type has a name that is not of the form [a-z][a-z0-9_]*.");
    fixture->type.name = "caf\xe9";
    refuses(fixture, "A step type has a name that is not of the form [a-z][a-z0-9_]*.");
    fixture->type.name = "score";
    fixture->type.summary = NULL;
    refuses(fixture, "The step type score has no summary of one line.");
    fixture->type.summary = "Scores.";
    fixture->field.name = NULL;
    refuses(fixture, "A field has a name that is not of the form [a-z][a-z0-9_]*.");
    fixture->field.name = "colour";
    fixture->field.options = fixture->options;
    refuses(fixture, "The field colour has an empty list of options.");
    fixture->plugin.step_types = NULL;
    refuses(fixture, "The plugin has no step types.");
    fixture->plugin.step_types = fixture->types;
    fixture->field.options = NULL;
    fixture->plugin.name = NULL;
    refuses(fixture, "The plugin has a name that is not of the form [a-z][a-z0-9_]*.");
}

static void a_check_that_parks_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->type.resume = run;
    refuses(fixture, "The step type score is a check and has resume: checks do not park.");
}

static void an_initial_value_of_another_kind_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->field.kind = SANKOFA_INTEGER;
    refuses(fixture, "The step type score gives the input colour an initial value that it does not "
                     "accept.");
}

/* The lists here are longer than any bound and have no NULL within it. */
static void a_list_without_end_is_refused(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 79; i++)
        fixture->fields[i] = &fixture->field;
    refuses(fixture, "The step type score has more than 64 inputs.");
    fixture->fields[1] = NULL;
    for (size_t i = 0; i < 79; i++)
        fixture->types[i] = &fixture->type;
    refuses(fixture, "The plugin has more than 64 step types.");
    fixture->types[1] = NULL;
    for (size_t i = 0; i < 299; i++)
        fixture->options[i] = "red";
    fixture->field.options = fixture->options;
    refuses(fixture, "The step type score gives the field colour more than 256 options.");
}

static void what_is_no_shared_object_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct table table;
    struct text why;
    int fd = memfd_create("text", MFD_CLOEXEC);
    assert_int_equal(write(fd, "no object", 9), 9);
    assert_false(table_load(fd, fixture->arena, &table, &why));
    assert_string_equal(why.bytes, "The file cannot be loaded: file too short.");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sound_table_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_table_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_smaller_struct_is_an_older_plugins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_larger_struct_is_a_newer_plugins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_struct_that_is_too_small_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_abi_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_must_be_there_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_check_that_parks_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_initial_value_of_another_kind_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_list_without_end_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_shared_object_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
