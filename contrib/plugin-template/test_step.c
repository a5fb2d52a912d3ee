/* The step @NAME@/greet, driven through the test library: <sankofa/step_test.h> is a host that
 * holds the inputs of one call and ends the test where the plugin breaks the contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void somebody_is_greeted_by_name(void **state)
{
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "greet"), "2026-01-05");
    host_text(&call, "name", "Awa");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "text"), "Welcome home, Awa.");
    host_end(&call);
}

static void nobody_is_not_greeted(void **state)
{
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "greet"), "2026-01-05");
    host_text(&call, "name", "");
    assert_int_equal(host_run(&call), SANKOFA_FAILED);
    assert_int_equal(call.retry, 0);
    host_end(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        cmocka_unit_test(somebody_is_greeted_by_name),
        cmocka_unit_test(nobody_is_not_greeted),
    };

    return cmocka_run_group_tests_name("@NAME@", tests, NULL, NULL);
}
