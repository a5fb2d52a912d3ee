/* The language of the client's words. */
#include "client/kit.h"

static void without_a_language_it_is_as_the_daemon_said(void **state)
{
    struct kit *kit = *state;

    assert_true(
        text_is(heard(&kit->client, TEXT("This field is required.")), "This field is required."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(without_a_language_it_is_as_the_daemon_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
