/* What a field says while it is typed, and at Enter: the rules are the daemon's, besides what may
 * still become right. */
#include <locale.h>

#include "client/ask/ask.h"
#include "client/kit.h"

static const struct field_option options[] = {
    {.id = TEXT("stay")}, {.id = TEXT("go")}, {.id = TEXT("gone")}};

static struct asked asked_of(struct kit *kit, struct workflow_field field, const char *json)
{
    struct value *parsed = ARENA_NEW(kit->arena, struct value);

    *parsed = kit_json(kit, json);
    return (struct asked){.client = &kit->client, .json = parsed, .field = field};
}

struct said {
    const char *typed;
    enum hint_kind kind, whole; /* while it is typed; at Enter */
    const char *text;           /* while it is typed; NULL: whatever */
};

static void assert_said(struct asked asked, const struct said *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hint hint = hint_say(&asked, text_from(all[i].typed), false);
        struct hint whole = hint_say(&asked, text_from(all[i].typed), true);
        if (hint.kind != all[i].kind || whole.kind != all[i].whole)
            fail_msg("\"%s\": %d, at Enter %d", all[i].typed, (int)hint.kind, (int)whole.kind);
        if (all[i].text)
            assert_string_equal(text_copy(asked.client->arena, hint.text).bytes, all[i].text);
    }
}

#define ASSERT_SAID(asked, all) assert_said(asked, all, sizeof(all) / sizeof((all)[0]))

static void numbers_are_told_as_soon_as_they_cannot_be_right(void **state)
{
    static const struct said whole[] = {
        {"1", HINT_NONE, HINT_NONE, ""},
        {"12", HINT_NONE, HINT_NONE, ""},
        {"120", HINT_NONE, HINT_NONE, ""},
        {"121", HINT_WRONG, HINT_WRONG, "The most that is allowed is 120."},
        {"-1", HINT_WRONG, HINT_WRONG, "The least that is allowed is 0."},
        {"1a", HINT_WRONG, HINT_WRONG, "A whole number is needed here."},
        {"1.5", HINT_WRONG, HINT_WRONG, NULL},
        {"old", HINT_WRONG, HINT_WRONG, NULL},
    };
    static const struct said real[] = {
        {"3", HINT_EXPECTS, HINT_WRONG, "from 10 to 99.5"}, /* may become 31 */
        {"31", HINT_NONE, HINT_NONE, NULL},
        {"31,", HINT_EXPECTS, HINT_WRONG, NULL},
        {"31,5", HINT_MEANS, HINT_MEANS, "= 31.5"},
        {"100", HINT_WRONG, HINT_WRONG, "The most that is allowed is 99.5."},
        {"31,5,", HINT_WRONG, HINT_WRONG, NULL},
        {",", HINT_WRONG, HINT_WRONG, NULL},
    };
    static const struct said below[] = {
        {"-", HINT_EXPECTS, HINT_EXPECTS, "empties it"},
        {"-5", HINT_EXPECTS, HINT_WRONG, "from -50 to -10"},
        {"-50", HINT_NONE, HINT_NONE, NULL},
        {"-51", HINT_WRONG, HINT_WRONG, NULL},
        {"5", HINT_WRONG, HINT_WRONG, NULL},
    };
    struct kit *kit = *state;

    ASSERT_SAID(asked_of(kit,
                         (struct workflow_field){
                             .type = FIELD_INTEGER, .has_min = true, .has_max = true, .max = 120},
                         "{}"),
                whole);
    ASSERT_SAID(
        asked_of(
            kit,
            (struct workflow_field){
                .type = FIELD_NUMBER, .has_min = true, .has_max = true, .min = 10, .max = 99.5},
            "{}"),
        real);
    ASSERT_SAID(
        asked_of(
            kit,
            (struct workflow_field){
                .type = FIELD_INTEGER, .has_min = true, .has_max = true, .min = -50, .max = -10},
            "{}"),
        below);
}

static void dates_and_times_are_told_while_they_are_typed(void **state)
{
    static const struct said dates[] = {
        {"2", HINT_EXPECTS, HINT_WRONG, "2012-05-04 or 04/05/2012"},
        {"2012-0", HINT_EXPECTS, HINT_WRONG, NULL},
        {"2012-13", HINT_WRONG, HINT_WRONG, NULL},
        {"2012-05-3", HINT_EXPECTS, HINT_WRONG, NULL},
        {"2012-05-4", HINT_WRONG, HINT_WRONG, NULL}, /* no day begins so */
        {"2012-05-04", HINT_NONE, HINT_NONE, NULL},
        {"2012-02-30", HINT_WRONG, HINT_WRONG, "A date is needed here, as 2012-05-04."},
        {"04/0", HINT_EXPECTS, HINT_WRONG, NULL},
        {"04/13", HINT_WRONG, HINT_WRONG, NULL},
        {"32", HINT_EXPECTS, HINT_WRONG, NULL}, /* the year 32.. */
        {"32/", HINT_WRONG, HINT_WRONG, NULL},
        {"04.05.2012", HINT_MEANS, HINT_MEANS, "= 2012-05-04"},
        {"31/04/2012", HINT_WRONG, HINT_WRONG, NULL},
        {"May", HINT_WRONG, HINT_WRONG, NULL},
    };
    static const struct said times[] = {
        {"0", HINT_EXPECTS, HINT_WRONG, "08:30"}, {"08:", HINT_EXPECTS, HINT_WRONG, NULL},
        {"08:30", HINT_NONE, HINT_NONE, NULL},    {"24", HINT_WRONG, HINT_WRONG, NULL},
        {"3", HINT_WRONG, HINT_WRONG, NULL},      {"08:6", HINT_WRONG, HINT_WRONG, NULL},
        {"8h", HINT_WRONG, HINT_WRONG, NULL},
    };
    struct kit *kit = *state;

    ASSERT_SAID(asked_of(kit, (struct workflow_field){.type = FIELD_DATE}, "{}"), dates);
    ASSERT_SAID(asked_of(kit, (struct workflow_field){.type = FIELD_TIME}, "{}"), times);
}

static struct asked choice_of(struct kit *kit, const char *more)
{
    struct workflow_field field = {.type = FIELD_CHOICE, .options = options, .option_count = 3};

    return asked_of(
        kit, field,
        text_printf(kit->arena,
                    "{%s\"options\": [{\"id\": \"stay\", \"title\": \"\u00c9tudier ici\"}, "
                    "{\"id\": \"go\", \"title\": \"Partir\"}, {\"id\": \"gone\", \"title\": "
                    "\"Parti d\u00e9j\u00e0\"}]}",
                    more)
            .bytes);
}

static void a_choice_is_known_by_its_number_and_by_its_beginning(void **state)
{
    static const struct said all[] = {
        {"1", HINT_MEANS, HINT_MEANS, "= \u00c9tudier ici"},
        {"4", HINT_WRONG, HINT_WRONG, "Write the number of one of them."},
        {"0", HINT_WRONG, HINT_WRONG, NULL},
        {"e", HINT_MEANS, HINT_MEANS, "= \u00c9tudier ici"},
        {"ETUDIER ici", HINT_MEANS, HINT_MEANS, NULL},
        {"Partir", HINT_NONE, HINT_NONE, ""},
        {"part", HINT_EXPECTS, HINT_WRONG, "Partir \u00b7 Parti d\u00e9j\u00e0"},
        {"parti d", HINT_MEANS, HINT_MEANS, "= Parti d\u00e9j\u00e0"},
        {"go", HINT_MEANS, HINT_MEANS, "= Partir"},
        {"rester", HINT_WRONG, HINT_WRONG, NULL},
        {".", HINT_WRONG, HINT_WRONG, NULL},
    };
    struct kit *kit = *state;

    ASSERT_SAID(choice_of(kit, ""), all);
}

static void tab_completes_what_the_choices_have_in_common(void **state)
{
    static const struct {
        const char *typed, *whole;
    } all[] = {{"e", "\u00c9tudier ici"},
               {"p", "Parti"},
               {"PARTI ", "Parti"},
               {"parti d", "Parti d\u00e9j\u00e0"},
               {"x", "x"},
               {"", ""},
               {"2", "2"}};
    struct kit *kit = *state;
    struct asked asked = choice_of(kit, "");

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_string_equal(
            text_copy(kit->arena, hint_complete(&asked, text_from(all[i].typed))).bytes,
            all[i].whole);
    asked = asked_of(kit, (struct workflow_field){.type = FIELD_BOOLEAN}, "{}");
    assert_true(text_is(hint_complete(&asked, TEXT("o")), "yes"));
    assert_true(text_is(hint_complete(&asked, TEXT("x")), "x"));
}

static void yes_and_no_are_known_in_each_language(void **state)
{
    static const struct said all[] = {
        {"o", HINT_MEANS, HINT_MEANS, "= yes"},
        {"ou", HINT_EXPECTS, HINT_WRONG, "yes or no"},
        {"Oui", HINT_MEANS, HINT_MEANS, "= yes"},
        {"si", HINT_EXPECTS, HINT_WRONG, NULL},
        {"yes", HINT_NONE, HINT_NONE, NULL},
        {"nao", HINT_MEANS, HINT_MEANS, "= no"},
        {"perhaps", HINT_WRONG, HINT_WRONG, "Answer yes or no."},
    };
    struct kit *kit = *state;

    ASSERT_SAID(asked_of(kit, (struct workflow_field){.type = FIELD_BOOLEAN}, "{}"), all);
}

static void a_text_tells_how_much_of_it_is_left(void **state)
{
    static const struct said all[] = {
        {"Awa", HINT_NONE, HINT_NONE, ""},
        {"0123456789", HINT_EXPECTS, HINT_EXPECTS, "20 letters left"},
        {"\u00e901234567890123456789012345678", HINT_NONE, HINT_NONE, NULL},
    };
    static const struct said end[] = {
        {"01234567890123456789012345678", HINT_EXPECTS, HINT_EXPECTS, "1 letter left"},
        {"012345678901234567890123456789", HINT_EXPECTS, HINT_EXPECTS, "0 letters left"},
        {"0123456789012345678901234567890", HINT_WRONG, HINT_WRONG,
         "The text has 31 characters; 30 are allowed."},
    };
    struct kit *kit = *state;

    ASSERT_SAID(asked_of(kit, (struct workflow_field){.type = FIELD_TEXT, .length_max = 30}, "{}"),
                ((struct said[]){all[1], end[0], end[1], end[2]}));
    ASSERT_SAID(asked_of(kit, (struct workflow_field){.type = FIELD_TEXT}, "{}"),
                ((struct said[]){all[0], all[2]}));
}

static void an_empty_line_tells_what_enter_would_do(void **state)
{
    static const struct said must[] = {{"", HINT_EXPECTS, HINT_WRONG, "required"},
                                       {"-", HINT_EXPECTS, HINT_WRONG, "required"}};
    static const struct said may[] = {{"", HINT_EXPECTS, HINT_NONE, "Enter leaves it out"},
                                      {"-", HINT_EXPECTS, HINT_EXPECTS, "empties it"},
                                      {"<", HINT_EXPECTS, HINT_EXPECTS, "back"},
                                      {"?", HINT_EXPECTS, HINT_EXPECTS, "tells more"}};
    static const struct said has[] = {{"", HINT_EXPECTS, HINT_MEANS, "Enter keeps Partir"}};
    static const struct said item[] = {{"", HINT_EXPECTS, HINT_EXPECTS, "Enter ends the list"},
                                       {"-", HINT_WRONG, HINT_WRONG, NULL}};
    struct kit *kit = *state;
    struct value now = value_cstring("go");
    struct asked asked = choice_of(kit, "\"required\": true, ");

    ASSERT_SAID(asked, must);
    asked.now = &now;
    ASSERT_SAID(asked, has);
    ASSERT_SAID(choice_of(kit, ""), may);
    asked = choice_of(kit, "");
    asked.is_item = true;
    ASSERT_SAID(asked, item);
}

static int in_utf8(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(numbers_are_told_as_soon_as_they_cannot_be_right),
        KIT_TEST(dates_and_times_are_told_while_they_are_typed),
        KIT_TEST(a_choice_is_known_by_its_number_and_by_its_beginning),
        KIT_TEST(tab_completes_what_the_choices_have_in_common),
        KIT_TEST(yes_and_no_are_known_in_each_language),
        KIT_TEST(a_text_tells_how_much_of_it_is_left),
        KIT_TEST(an_empty_line_tells_what_enter_would_do),
    };
    return cmocka_run_group_tests(tests, in_utf8, NULL);
}
