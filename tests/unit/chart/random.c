/* A few hundred random charts; contrib/battery charts tries as many as one likes. */
#include "chart/random.h"

enum { CHARTS = 600 };

static void the_interpreter_does_what_the_appendix_says(void **state)
{
    struct random_tally tally = {0};
    (void)state;
    for (uint64_t seed = 0; seed < CHARTS; seed++) {
        ARENA_SCOPED struct arena *arena = arena_create("chart");
        random_try(arena, seed, &tally);
    }
    print_message("%u charts, %u macrosteps, %u taken, %u closed, %u unsettled\n", tally.charts,
                  tally.macrosteps, tally.taken, tally.closed, tally.unsettled);
    /* The dice must give charts that do something. */
    assert_true(tally.charts > CHARTS / 4);
    assert_true(tally.taken > tally.macrosteps / 4);
    assert_true(tally.unsettled < tally.charts / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interpreter_does_what_the_appendix_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
