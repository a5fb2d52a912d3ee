/* The daemon's sentences are known again by their letters, and filled with what they were. */
#include "words/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"

struct known {
    const char *said, *sentence;
    const char *values[3];
};

static void sentences_of_the_daemon_are_known_with_their_values(void **state)
{
    static const struct known all[] = {
        {"This field is required.", "This field is required.", {NULL}},
        {"register needs the role caseworker or supervisor.",
         "%.*s needs the role %.*s.",
         {"register", "caseworker or supervisor"}},
        {"The text has 12 characters; 8 are allowed.",
         "The text has %zu characters; %zu are allowed.",
         {"12", "8"}},
        {"The least that is allowed is 0.5.", "The least that is allowed is %.15g.", {"0.5"}},
        /* It fits "%.*s needs the role %.*s." as well: more letters of its own are better. */
        {"To approve decide needs the role chief.",
         "To %s %.*s needs the role %.*s.",
         {"approve", "decide", "chief"}},
        {"3 fields are missing or wrong.", "%zu fields are missing or wrong.", {"3"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct text values[HEARD_VALUES_MAX];
        const char *sentence = heard_find(text_from(all[i].said), values);
        assert_non_null(sentence);
        assert_string_equal(sentence, all[i].sentence);
        for (size_t k = 0; k < 3 && all[i].values[k]; k++)
            assert_true(text_is(values[k], all[i].values[k]));
    }
}

static void what_the_daemon_does_not_say_is_no_sentence_of_it(void **state)
{
    static const char *const others[] = {
        "",
        "This field is required",
        "This field is required. ",
        "Only children under 18 are registered here.",
    };
    struct text values[HEARD_VALUES_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_null(heard_find(text_from(others[i]), values));
}

static void values_are_put_where_the_sentence_has_them(void **state)
{
    const struct text values[HEARD_VALUES_MAX] = {TEXT("a"), TEXT("b"), TEXT("c")};
    static const struct {
        const char *format, *filled;
    } all[] = {
        {"%.*s demande le rôle %.*s.", "a demande le rôle b."},
        {"%zu%lld %.15g", "ab c"},
        {"100 %% de %s", "100 % de a"},
        {"rien", "rien"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_true(text_is(heard_fill(*state, all[i].format, values), all[i].filled));
}

/* Without a language gettext says what it is given: what was taken apart is put together again. */
static void what_is_wrong_in_a_file_keeps_its_names_and_reasons(void **state)
{
    static const char *const all[] = {
        "unknown state \"traceing\"",
        "did you mean \"tracing\", defined at guinea/return.yaml:44:3?",
        "`by` takes a list, not a text",
        "int() takes (double) or (string) or (timestamp)",
        "\"x\" is no value of the field age: a whole number is needed here",
        "no sentence of ours",
        "",
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_true(text_is(heard_author(*state, text_from(all[i])), all[i]));
}

/* Whatever stands in a name: it is known, or left, at once. */
static void a_name_without_end_takes_no_time(void **state)
{
    static char part[] = "is not a, or is (b or (c takes has no. ";
    struct text_buffer buffer;

    for (size_t size = 1 << 8; size <= 1 << 20; size <<= 4) {
        text_buffer_init(&buffer, *state);
        text_append(&buffer, TEXT("unknown role \""));
        while (buffer.size < size)
            text_append(&buffer, text_from(part));
        text_append(&buffer, TEXT("\""));
        struct text said = text_buffer_text(&buffer);
        assert_true(text_equal(heard_author(*state, said), said));
    }
}

static int begin(void **state)
{
    *state = arena_create("test");
    return 0;
}

static int end(void **state)
{
    arena_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_of_the_daemon_are_known_with_their_values),
        cmocka_unit_test(what_the_daemon_does_not_say_is_no_sentence_of_it),
        cmocka_unit_test_setup_teardown(values_are_put_where_the_sentence_has_them, begin, end),
        cmocka_unit_test_setup_teardown(a_name_without_end_takes_no_time, begin, end),
        cmocka_unit_test_setup_teardown(what_is_wrong_in_a_file_keeps_its_names_and_reasons, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
