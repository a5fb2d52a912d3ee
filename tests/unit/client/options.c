/* Options: where they stand, what they take, how a wrong one is refused. */
#include "client/kit.h"

static void options_stand_anywhere_among_the_words(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_true(kit_read(
        kit, ARGV("--json", "do", "--as", "awa", "SN-1", "-q", "register", "--socket=/s"), &said));
    assert_int_equal(kit->words.count, 3);
    assert_string_equal(kit->words.words[0], "do");
    assert_string_equal(kit->words.words[1], "SN-1");
    assert_string_equal(kit->words.words[2], "register");
    assert_true(kit->client.json);
    assert_true(kit->client.quiet);
    assert_string_equal(kit->client.as, "awa");
    assert_string_equal(kit->client.socket, "/s");
    assert_string_equal(said, "");
}

static void two_dashes_end_the_options(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_true(kit_read(kit, ARGV("note", "--", "--json", "-f"), &said));
    assert_int_equal(kit->words.count, 3);
    assert_false(kit->client.json);
}

static void a_dash_alone_is_a_word(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_true(kit_read(kit, ARGV("do", "-"), &said));
    assert_int_equal(kit->words.count, 2);
}

static void fields_keep_their_order_and_all_behind_the_first_equals_sign(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_true(kit_read(kit, ARGV("do", "-f", "b=1", "-f", "a=x=y", "-f", "c="), &said));
    assert_int_equal(kit->client.fields.count, 3);
    assert_true(text_is(kit->client.fields.items[0].name, "b"));
    assert_true(text_is(kit->client.fields.items[1].value, "x=y"));
    assert_int_equal(kit->client.fields.items[2].value.size, 0);
}

/* Each of them is told in two lines: what is wrong, what to do. */
static void wrong_options_are_refused_in_two_lines(void **state)
{
    static const struct {
        char *words[4];
        const char *what, *help;
    } wrong[] = {
        {{"sankofa", "--jsn"}, "There is no option --jsn.", "Did you mean --json?"},
        {{"sankofa", "--sockt=/s"}, "There is no option --sockt=/s.", "Did you mean --socket?"},
        {{"sankofa", "-x"}, "There is no option -x.", "Did you mean -"},
        {{"sankofa", "--quite-another-thing"}, "There is no option", "--help"},
        {{"sankofa", "--stat", "inbox"}, "There is no option --stat.", "Did you mean --state?"},
        {{"sankofa", "list", "--stat"}, "There is no option --stat.", "Did you mean --state?"},
        {{"sankofa", "inbox", "--stat"}, "There is no option --stat.", "`sankofa inbox --help`"},
        {{"sankofa", "inbox", "--oevrdue"}, "There is no option --oevrdue.", "--overdue?"},
        {{"sankofa", "--as"}, "--as needs a value.", "--help"},
        {{"sankofa", "-f"}, "-f needs a value.", "--help"},
        {{"sankofa", "-f", "name"}, "not \"name\"", "-f found_place=Dakar"},
        {{"sankofa", "-f", "=Awa"}, "not \"=Awa\"", "-f found_place=Dakar"},
        {{"sankofa", "--json=yes"}, "--json takes no value.", "Write it alone."},
        {{"sankofa", "--help=me"}, "--help takes no value.", "Write it alone."},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct kit *kit = *state;
        const char *said;
        assert_false(kit_read(kit, (char **)wrong[i].words, &said));
        assert_holds(said, wrong[i].what);
        assert_holds(said, wrong[i].help);
        assert_int_equal(line_count(said), 2);
    }
}

static void what_belongs_to_a_command_is_told_to_it(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_true(kit_read(kit, ARGV("do", "--revision", "7", "--json", "--key", "k"), &said));
    assert_int_equal(kit->words.given_count, 2);
    assert_string_equal(kit->words.given[0], "revision");
    assert_string_equal(kit->words.given[1], "key");
}

static void help_is_asked_for_in_two_ways(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_true(kit_read(kit, ARGV("inbox", "-h"), &said));
    assert_true(kit->words.help);
    assert_true(kit_read(kit, ARGV("--help"), &said));
    assert_true(kit->words.help);
    assert_int_equal(kit->words.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(options_stand_anywhere_among_the_words),
        KIT_TEST(two_dashes_end_the_options),
        KIT_TEST(a_dash_alone_is_a_word),
        KIT_TEST(fields_keep_their_order_and_all_behind_the_first_equals_sign),
        KIT_TEST(wrong_options_are_refused_in_two_lines),
        KIT_TEST(what_belongs_to_a_command_is_told_to_it),
        KIT_TEST(help_is_asked_for_in_two_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
