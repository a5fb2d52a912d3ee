/* A text with a cursor: letters stay whole, whatever they are made of. */
#include <locale.h>

#include "client/ask/ask.h"
#include "client/kit.h"

static char room[64];

/* A text typed so far; "|" is the cursor. */
static struct edit edit_of(const char *typed)
{
    const char *cursor = strchr(typed, '|');
    struct edit edit = {.bytes = room, .room = sizeof(room)};

    assert_true(edit_insert(&edit, text_from(cursor + 1), true));
    edit.at = 0;
    assert_true(edit_insert(&edit, (struct text){typed, (size_t)(cursor - typed)}, true));
    return edit;
}

static void assert_edit(const struct edit *edit, const char *wanted)
{
    char shown[2 * sizeof(room)];

    snprintf(shown, sizeof(shown), "%.*s|%.*s", (int)edit->at, edit->bytes,
             (int)(edit->size - edit->at), edit->bytes + edit->at);
    assert_string_equal(shown, wanted);
}

static void each_key_does_what_it_says(void **state)
{
    static const struct {
        const char *before;
        void (*key)(struct edit *edit);
        const char *behind;
    } all[] = {
        {"Awa|", edit_back, "Aw|"},
        {"|Awa", edit_back, "|Awa"},
        {"A|wa", edit_delete, "A|a"},
        {"Awa|", edit_delete, "Awa|"},
        {"Awa|", edit_left, "Aw|a"},
        {"|Awa", edit_left, "|Awa"},
        {"|Awa", edit_right, "A|wa"},
        {"Awa|", edit_right, "Awa|"},
        {"Aw|a", edit_home, "|Awa"},
        {"|Awa", edit_end, "Awa|"},
        {"Awa Ndiaye |", edit_word_left, "Awa |Ndiaye "},
        {"|Awa", edit_word_left, "|Awa"},
        {"Awa| Ndiaye", edit_word_right, "Awa Ndiaye|"},
        {"Awa|", edit_word_right, "Awa|"},
        {"Awa| Ndiaye", edit_kill_begin, "| Ndiaye"},
        {"Awa| Ndiaye", edit_kill_end, "Awa|"},
        {"Awa Ndi|aye", edit_kill_word, "Awa |aye"},
        /* Of several bytes; and of several code points: a dot below, then an accent. */
        {"\u00c9b\u00e8ne|", edit_left, "\u00c9b\u00e8n|e"},
        {"\u00c9b\u00e8|", edit_back, "\u00c9b|"},
        {"|\u00c9b\u00e8", edit_delete, "|b\u00e8"},
        {"O\u0323\u0301la|", edit_left, "O\u0323\u0301l|a"},
        {"O\u0323\u0301|la", edit_left, "|O\u0323\u0301la"},
        {"O\u0323\u0301|la", edit_back, "|la"},
        {"|O\u0323\u0301la", edit_delete, "|la"},
        {"|O\u0323\u0301la", edit_right, "O\u0323\u0301|la"},
        {"\u7f8e|", edit_back, "|"}, /* as wide as two */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct edit edit = edit_of(all[i].before);
        all[i].key(&edit);
        assert_edit(&edit, all[i].behind);
    }
}

static void what_is_inserted_stands_before_the_cursor(void **state)
{
    struct edit edit = edit_of("A|a");

    (void)state;
    assert_true(edit_insert(&edit, TEXT("w\u00e9"), false));
    assert_edit(&edit, "Aw\u00e9|a");
    edit_replace(&edit, TEXT("Binta"));
    assert_edit(&edit, "Binta|");
}

static void control_characters_become_spaces(void **state)
{
    struct edit edit = edit_of("|!");

    (void)state;
    assert_true(edit_insert(&edit,
                            TEXT("a\x1b[2Jb\tc\xc2\x85"
                                 "d\ne"),
                            false));
    assert_edit(&edit, "a [2Jb c d e|!");
    edit = edit_of("|!");
    assert_true(edit_insert(&edit, TEXT("a\nb\r"), true));
    assert_edit(&edit, "a\nb |!");
}

static void what_has_no_room_or_is_no_text_is_not_taken(void **state)
{
    struct edit edit = edit_of("A|a");
    char long_text[sizeof(room)];

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    assert_false(edit_insert(&edit, (struct text){long_text, sizeof(long_text)}, false));
    assert_false(edit_insert(&edit, TEXT("\xc3"), false));
    assert_edit(&edit, "A|a");
    assert_true(edit_insert(&edit, (struct text){long_text, sizeof(room) - 2}, false));
    assert_int_equal(edit.size, sizeof(room));
    edit_replace(&edit, TEXT("\xff"));
    assert_int_equal(edit.size, sizeof(room));
}

static int in_utf8(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(each_key_does_what_it_says),
        KIT_TEST(what_is_inserted_stands_before_the_cursor),
        KIT_TEST(control_characters_become_spaces),
        KIT_TEST(what_has_no_room_or_is_no_text_is_not_taken),
    };
    return cmocka_run_group_tests(tests, in_utf8, NULL);
}
