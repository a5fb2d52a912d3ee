/* What cases are searched by: alike names are found, and nothing is left of a case that was
 * dropped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "run/memory/index.h"

static const char yaml[] = "workflow: test\ntitle: Test\ncountry: SN\nroles: {clerk: {title: C}}\n"
                           "open: {by: [clerk]}\n"
                           "fields: {name: {type: text, sensitive: true}, place: {type: text}}\n"
                           "states: {first: {on: {end: {by: [clerk], target: last}}}, "
                           "last: {type: final}}\n";

static struct arena *arena;
static const struct workflow *workflow;
static struct index words;

static int setup(void **state)
{
    struct workflow_context context = {0};
    struct diag_list diags;

    (void)state;
    arena = arena_create("test");
    diag_list_init(&diags, arena);
    workflow = workflow_load(text_from(yaml), TEXT("test.yaml"), &context, &diags);
    assert_non_null(workflow);
    index_init(&words);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    index_finish(&words);
    arena_destroy(arena);
    return 0;
}

static void put(uint8_t number, const char *name)
{
    struct case_state one = {.id = {{number}}, .workflow = workflow};
    struct text json =
        text_printf(arena, "{\"data\": {\"name\": \"%s\", \"place\": \"Dakar\"}}", name);

    assert_int_equal(json_read(arena, json, &one.doc, NULL), 0);
    index_put(&words, &one);
}

static size_t alike(uint8_t number)
{
    const struct vault_case_id id = {{number}};
    const struct index_case **found;

    return index_alike(&words, index_find(&words, &id), arena, &found);
}

static void drop(uint8_t number)
{
    const struct vault_case_id id = {{number}};

    index_drop(&words, &id);
    assert_null(index_find(&words, &id));
}

static void names_that_sound_alike_are_found_until_they_are_dropped(void **state)
{
    (void)state;
    put(1, "Aminata Diallo");
    put(2, "Aminatta Jallow");
    put(3, "Kadiatou Bah");
    put(4, "Amina Ta"); /* one word that was written as two */
    assert_int_equal(alike(1), 2);
    drop(4);
    assert_int_equal(alike(1), 1);
    assert_int_equal(alike(3), 0);
    put(2, "Kadiatu Ba");
    assert_int_equal(alike(1), 0);
    assert_int_equal(alike(3), 1);
    drop(2);
    assert_int_equal(alike(3), 0);
}

static void a_name_that_nobody_has_any_more_is_in_no_list(void **state)
{
    (void)state;
    put(1, "Aminata Diallo");
    size_t before = words.by_sound.count;
    put(2, "Ndeye Ndeye Coumba"); /* a word twice */
    assert_true(words.by_sound.count > before);
    put(2, "Aminata Diallo"); /* corrected */
    assert_int_equal(words.by_sound.count, before);
    drop(1);
    assert_int_equal(words.by_sound.count, before);
    drop(2);
    assert_int_equal(words.by_sound.count, 0);
    assert_int_equal(words.by_id.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_that_sound_alike_are_found_until_they_are_dropped,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_that_nobody_has_any_more_is_in_no_list, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
