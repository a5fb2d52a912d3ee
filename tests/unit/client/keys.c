/* What terminals send, and what key it is. */
#include "client/ask/ask.h"
#include "client/kit.h"

struct sent {
    const char *bytes;
    bool is_all;
    enum key key;
    size_t size;
};

static void assert_sent(const struct sent *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum key key;
        assert_int_equal(keys_next(text_from(all[i].bytes), all[i].is_all, &key), all[i].size);
        assert_int_equal(key, all[i].key);
    }
}

static void keys_are_known_by_what_is_sent_for_them(void **state)
{
    static const struct sent all[] = {
        {"a", false, KEY_TEXT, 1},
        {"ab", false, KEY_TEXT, 1},
        {"\u00e9", false, KEY_TEXT, 2},
        {"\u7f8e", false, KEY_TEXT, 3},
        {"\U0001f600x", false, KEY_TEXT, 4},
        {"\r", false, KEY_ENTER, 1},
        {"\n", false, KEY_ENTER, 1},
        {"\t", false, KEY_TAB, 1},
        {"\x7f", false, KEY_BACK, 1},
        {"\b", false, KEY_BACK, 1},
        {"\x01", false, KEY_HOME, 1},
        {"\x03", false, KEY_INTERRUPT, 1},
        {"\x04", false, KEY_END_OF_INPUT, 1},
        {"\x15", false, KEY_KILL_BEGIN, 1},
        {"\x1a", false, KEY_SUSPEND, 1},
        {"\x1b[D", false, KEY_LEFT, 3},
        {"\x1bOD", false, KEY_LEFT, 3},
        {"\x1b[C", false, KEY_RIGHT, 3},
        {"\x1b[Hx", false, KEY_HOME, 3},
        {"\x1b[4~", false, KEY_END, 4},
        {"\x1b[3~", false, KEY_DELETE, 4},
        {"\x1b[Z", false, KEY_BACK_TAB, 3},
        {"\x1b[1;5D", false, KEY_WORD_LEFT, 6},
        {"\x1b"
         "b",
         false, KEY_WORD_LEFT, 2},
        {"\x1b[200~text", false, KEY_PASTE_BEGIN, 6},
        {"\x1b[201~", false, KEY_PASTE_END, 6},
    };

    (void)state;
    assert_sent(all, sizeof(all) / sizeof(all[0]));
}

static void a_part_of_a_key_waits_for_its_rest(void **state)
{
    static const struct sent all[] = {
        {"", false, KEY_UNKNOWN, 0},
        {"\xc3", false, KEY_UNKNOWN, 0},
        {"\xe7\xbe", false, KEY_UNKNOWN, 0},
        {"\x1b", false, KEY_UNKNOWN, 0},
        {"\x1b[", false, KEY_UNKNOWN, 0},
        {"\x1b[1;5", false, KEY_UNKNOWN, 0},
        {"\x1bO", false, KEY_UNKNOWN, 0},
        /* It does not come. */
        {"\xc3", true, KEY_UNKNOWN, 1},
        {"\x1b", true, KEY_UNKNOWN, 1},
        {"\x1b[1;5", true, KEY_UNKNOWN, 5},
    };

    (void)state;
    assert_sent(all, sizeof(all) / sizeof(all[0]));
}

static void what_nobody_knows_is_passed_whole(void **state)
{
    static const struct sent all[] = {
        {"\x1b[15~a", false, KEY_UNKNOWN, 5}, /* F5 */
        {"\x1bOP", false, KEY_UNKNOWN, 3},
        {"\x1bx", false, KEY_UNKNOWN, 2},
        {"\x02"
         "a",
         false, KEY_LEFT, 1},
        {"\x07", false, KEY_UNKNOWN, 1},
        {"\xff", false, KEY_UNKNOWN, 1},
        {"\xc3(", false, KEY_UNKNOWN, 1},
        {"\xe9t\xe9", false, KEY_UNKNOWN, 1}, /* Latin-1 */
    };

    (void)state;
    assert_sent(all, sizeof(all) / sizeof(all[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(keys_are_known_by_what_is_sent_for_them),
        KIT_TEST(a_part_of_a_key_waits_for_its_rest),
        KIT_TEST(what_nobody_knows_is_passed_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
