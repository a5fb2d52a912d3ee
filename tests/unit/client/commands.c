/* The table of commands: help and did-you-mean come out of it. */
#include <limits.h>

#include "client/kit.h"

static const struct client_command *find(struct kit *kit, char **words, int *word_count_out,
                                         const char **said_out)
{
    int count = 0;

    while (words[count])
        count++;
    struct caught caught = catch_begin(stderr);
    const struct client_command *command = command_find(words, count, word_count_out);
    *said_out = catch_end(kit, &caught);
    return command;
}

#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})

static void every_command_has_its_words(void **state)
{
    size_t have = 0;

    (void)state;
    for (size_t i = 0; command_at(i); i++) {
        const struct client_command *command = command_at(i);
        assert_non_null(command->name);
        assert_true(strlen(command->summary) > 0);
        assert_non_null(command->arguments);
        assert_true(command->argument_min <= command->argument_max);
        have += command->run != NULL;
        if (command->run)
            assert_memory_equal(command->example, "sankofa ", 8);
    }
    assert_true(have >= 12);
}

static void every_example_is_a_line_that_its_command_takes(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; command_at(i); i++) {
        const struct client_command *command = command_at(i);
        char *words[16] = {0}, *rest = NULL;
        int argc = 0, count = 0;
        const char *said;
        if (!command->run)
            continue;
        char *line = arena_copy(kit->arena, command->example, strlen(command->example));
        for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
            words[argc++] = word;
        assert_true(kit_read(kit, words, &said));
        assert_ptr_equal(find(kit, kit->words.words, &count, &said), command);
        int arguments = kit->words.count - count;
        assert_in_range(arguments, command->argument_min, command->argument_max);
        for (size_t k = 0; k < kit->words.given_count; k++)
            assert_true(command_takes(command, kit->words.given[k]));
    }
}

static void every_option_of_a_command_is_in_its_help(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; command_at(i); i++) {
        const struct client_command *command = command_at(i);
        char *rest = NULL;
        struct caught caught = catch_begin(stdout);
        command_help(command);
        const char *help = catch_end(kit, &caught);
        assert_holds(help, command->name);
        assert_holds(help, command->summary);
        if (!command->run) {
            assert_holds(help, "does not have it yet");
            continue;
        }
        assert_holds(help, command->example);
        assert_holds(help, "--socket");
        char *options = arena_copy(kit->arena, command->options, strlen(command->options));
        for (char *option = strtok_r(options, " ", &rest); option;
             option = strtok_r(NULL, " ", &rest)) {
            const char *dashes = strlen(option) == 1 ? "-" : "--";
            assert_holds(help, text_printf(kit->arena, "\n  %s%s", dashes, option).bytes);
        }
    }
}

static void the_help_of_all_lists_what_this_version_has(void **state)
{
    struct kit *kit = *state;
    struct caught caught = catch_begin(stdout);

    command_help(NULL);
    const char *help = catch_end(kit, &caught);
    for (size_t i = 0; command_at(i); i++) {
        bool is_listed =
            strstr(help, text_printf(kit->arena, "\n  %s ", command_at(i)->name).bytes) != NULL;
        assert_int_equal(is_listed, command_at(i)->run != NULL);
    }
}

static void commands_are_found_by_one_word_or_two(void **state)
{
    struct kit *kit = *state;
    const char *said;
    int count;

    const struct client_command *list = find(kit, WORDS("case", "list"), &count, &said);
    assert_string_equal(list->name, "case list");
    assert_int_equal(count, 2);
    assert_ptr_equal(find(kit, WORDS("list"), &count, &said), list);
    assert_int_equal(count, 1);
    const struct client_command *history = find(kit, WORDS("history", "SN-1"), &count, &said);
    assert_string_equal(history->name, "case history");
    assert_int_equal(count, 1);
    assert_string_equal(find(kit, WORDS("show", "SN-1"), &count, &said)->name, "show");
    assert_int_equal(count, 1);
}

static void a_mistyped_command_is_told_the_nearest(void **state)
{
    static const struct {
        char *words[4];
        const char *what, *help;
    } wrong[] = {
        {{"inbx"}, "no command \"inbx\"", "Did you mean `sankofa inbox`?"},
        {{"shwo", "SN-2026-00001-Y"}, "no command \"shwo\"", "Did you mean `sankofa show`?"},
        {{"workflow", "chek"}, "\"workflow chek\"", "Did you mean `sankofa workflow check`?"},
        {{"cases", "list"}, "no command \"cases\"", "Did you mean `sankofa case list`?"},
        {{"export", "SN-2026-00001-Y"}, "no command \"export\"", "`sankofa case export`?"},
        {{"admin", "keys", "lst"}, "\"admin keys lst\"", "`sankofa admin keys list`?"},
        {{"admin", "foo", "bar"}, "\"admin foo\"", "`sankofa admin` alone lists"},
        {{"quetzalcoatl"}, "no command \"quetzalcoatl\"", "`sankofa --help` lists them."},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct kit *kit = *state;
        const char *said;
        int count;
        assert_null(find(kit, (char **)wrong[i].words, &count, &said));
        assert_holds(said, wrong[i].what);
        assert_holds(said, wrong[i].help);
        assert_int_equal(line_count(said), 2);
    }
}

static void a_first_word_alone_lists_the_second_ones(void **state)
{
    struct kit *kit = *state;
    const char *said;
    int count;

    assert_null(find(kit, WORDS("case"), &count, &said));
    assert_holds(said, "sankofa case new");
    assert_holds(said, "sankofa case list");
    assert_null(find(kit, WORDS("admin"), &count, &said));
    assert_holds(said, "sankofa admin verify");
    assert_holds(said, "sankofa admin replay");
    assert_null(find(kit, WORDS("admin", "keys"), &count, &said));
    assert_holds(said, "`sankofa admin keys` goes on");
    assert_holds(said, "sankofa admin keys rotate");
}

static void options_are_whole_words_of_the_table(void **state)
{
    struct client_command command = {.options = "form key"};

    (void)state;
    assert_true(command_takes(&command, "form"));
    assert_true(command_takes(&command, "key"));
    assert_false(command_takes(&command, "f"));
    assert_false(command_takes(&command, "ke"));
    assert_false(command_takes(&command, "keys"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(every_command_has_its_words),
        KIT_TEST(every_example_is_a_line_that_its_command_takes),
        KIT_TEST(every_option_of_a_command_is_in_its_help),
        KIT_TEST(the_help_of_all_lists_what_this_version_has),
        KIT_TEST(commands_are_found_by_one_word_or_two),
        KIT_TEST(a_mistyped_command_is_told_the_nearest),
        KIT_TEST(a_first_word_alone_lists_the_second_ones),
        KIT_TEST(options_are_whole_words_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
