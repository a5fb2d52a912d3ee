/* Languages: what an Accept-Language wants, and which of those that there are is nearest to it. */
#include "fixture.h"

#include "base/language.h"

static void weights_order_what_is_wanted_and_of_equal_ones_the_first_wins(void **state)
{
    (void)state;
    static const struct {
        const char *header, *wanted;
    } rows[] = {
        {"fr", "fr"},
        {"fr-CI, pt;q=0.8, en;q=0.5", "fr-ci fr pt en"},
        {"en;q=0.5, pt;q=0.8, fr-CI", "fr-ci fr pt en"},
        {"de;q=0.2,fr ; q=0.5,\tpt;q=0.4", "fr pt de"},
        {"en, fr, en;q=0.1", "en fr"},
        {"PT-br;Q=0.7, pt-PT", "pt-pt pt pt-br"},
        {"en;q=0, pt", "pt -en"},
        {"*, fr;q=0.1", "* fr"},
        {"fr;q=0.5, *;q=0", "fr"},
        {"fr;level=1;q=0.3, en;q=0.4", "en fr"},
        {"fr;q=x, pt;q=0.001", "pt -fr"},
        {"fr;q=1.5, en;q=-1, pt;q=", "-fr -en -pt"},
        {",,;,  ,", ""},
        {"abcdefghijklmnopqrst, f/r, -fr, fr-, fr--x, 12", ""},
        {"", ""},
        {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r", "a b c d e f g h i j k l m n o p"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text wanted = language_wanted(arena, text_from(rows[i].header));
        if (!text_is(wanted, rows[i].wanted))
            fail_msg("%s: %.*s", rows[i].header, TEXT_ARG(wanted));
    }
    assert_null(language_wanted(arena, TEXT_NONE).bytes);
}

static void the_best_of_those_that_there_are_is_chosen(void **state)
{
    (void)state;
    static const struct text two[] = {TEXT("en"), TEXT("fr")}, one[] = {TEXT("pt")},
                             regions[] = {TEXT("en"), TEXT("pt-PT"), TEXT("pt-BR"), TEXT("wo")};
    static const struct {
        const char *header, *chosen;
        const struct text *tags;
        size_t count;
    } rows[] = {
        {"fr-CI, pt;q=0.8, en;q=0.5", "fr", two, 2},
        {"fr-CI, pt;q=0.8, en;q=0.5", "pt", one, 1},
        {"fr-CI, pt;q=0.8, en;q=0.5", "pt-PT", regions, 4},
        {"pt-br", "pt-BR", regions, 4},
        {"pt", "pt-PT", regions, 4},
        {"wo-SN", "wo", regions, 4},
        {"w", "", regions, 4},
        {"de, *;q=0.5", "en", two, 2},
        {"de, *;q=0.5, en;q=0.1", "fr", two, 2},
        {"*, en;q=0", "fr", two, 2},
        {"*", "pt", one, 1},
        {"de", "", two, 2},
        {"en;q=0", "", two, 2},
        {"", "", two, 2},
        {"fr", "", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text wanted = language_wanted(arena, text_from(rows[i].header));
        struct text chosen = language_choose(wanted, rows[i].tags, rows[i].count);
        if (!text_is(chosen, rows[i].chosen))
            fail_msg("%s: %.*s", rows[i].header, TEXT_ARG(chosen));
    }
    assert_true(text_is(language_choose(TEXT("fr"), two, 2), "fr")); /* one tag is a list */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(weights_order_what_is_wanted_and_of_equal_ones_the_first_wins),
        WITH_ARENA(the_best_of_those_that_there_are_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
