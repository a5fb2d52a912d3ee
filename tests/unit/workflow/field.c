/* Values of fields: what is taken, what is refused with which words, and the way to CEL and back.
 */
#include "workflow/kit.h"

static const struct field_option options[] = {{.id = {"safe", 4}}, {.id = {"unsafe", 6}}};

static struct workflow_field field(enum field_type type)
{
    struct workflow_field made = {.id = TEXT("x"), .type = type};

    made.options = type == FIELD_CHOICE ? options : NULL;
    made.option_count = type == FIELD_CHOICE ? 2 : 0;
    return made;
}

static struct workflow_field list_of(enum field_type of)
{
    struct workflow_field made = field(of);

    made.type = FIELD_LIST;
    made.of = of;
    return made;
}

static void takes(struct kit *kit, struct workflow_field f, struct value given, struct value want)
{
    struct value stored;
    struct text why = TEXT_NONE, suggest;

    if (!field_accept(&f, &given, kit->arena, &stored, &why, &suggest))
        fail_msg("refused: %.*s", TEXT_ARG(why));
    assert_true(value_equal(&stored, &want));
}

static void refuses(struct kit *kit, struct workflow_field f, struct value given, const char *words)
{
    struct value stored;
    struct text why = TEXT_NONE, suggest;

    assert_false(field_accept(&f, &given, kit->arena, &stored, &why, &suggest));
    assert_string_equal(why.bytes, words);
}

static void a_text_is_taken_as_it_is_with_newlines_and_tabs(void **state)
{
    takes(*state, field(FIELD_TEXT), value_cstring("Awa\n\tN'Diaye é"),
          value_cstring("Awa\n\tN'Diaye é"));
}

static void a_text_of_control_characters_is_refused(void **state)
{
    const char *const bad[] = {"a\rb", "a\x1b[0m", "a\x7f", "a\xc2\x85"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses(*state, field(FIELD_TEXT), value_cstring(bad[i]),
                "The text holds control characters.");
    refuses(*state, field(FIELD_PERSON), value_cstring("a\nb"),
            "The text holds control characters.");
    refuses(*state, field(FIELD_TEXT), value_string((struct text){"a\0b", 3}),
            "The text holds control characters.");
}

static void a_text_that_is_not_utf8_is_refused(void **state)
{
    refuses(*state, field(FIELD_TEXT), value_cstring("a\xff"), "The text is not UTF-8.");
}

static void a_blank_text_is_refused(void **state)
{
    refuses(*state, field(FIELD_TEXT), value_cstring(""),
            "The text is blank; leave the field out instead.");
    refuses(*state, field(FIELD_CASE), value_cstring("  "),
            "The text is blank; leave the field out instead.");
}

static void length_is_counted_in_characters_not_in_bytes(void **state)
{
    struct workflow_field f = field(FIELD_TEXT);

    f.length_max = 3;
    takes(*state, f, value_cstring("ééé"), value_cstring("ééé"));
    refuses(*state, f, value_cstring("éééé"), "The text has 4 characters; 3 are allowed.");
}

static void a_text_without_a_rule_has_a_bound_all_the_same(void **state)
{
    struct kit *kit = *state;
    char *bytes = arena_alloc(kit->arena, FIELD_LENGTH_MAX + 1);

    memset(bytes, 'a', FIELD_LENGTH_MAX + 1);
    takes(kit, field(FIELD_TEXT), value_string((struct text){bytes, FIELD_LENGTH_MAX}),
          value_string((struct text){bytes, FIELD_LENGTH_MAX}));
    refuses(kit, field(FIELD_TEXT), value_string((struct text){bytes, FIELD_LENGTH_MAX + 1}),
            "The text has 4001 characters; 4000 are allowed.");
}

static void an_integer_is_a_whole_number_however_it_is_written(void **state)
{
    takes(*state, field(FIELD_INTEGER), value_int(INT64_MIN), value_int(INT64_MIN));
    takes(*state, field(FIELD_INTEGER), value_double(4.0), value_int(4));
    refuses(*state, field(FIELD_INTEGER), value_double(4.5), "A whole number is needed here.");
    refuses(*state, field(FIELD_INTEGER), value_double(1e300), "A whole number is needed here.");
    refuses(*state, field(FIELD_INTEGER), value_cstring("4"), "A whole number is needed here.");
    refuses(*state, field(FIELD_INTEGER), value_bool(true), "A whole number is needed here.");
}

static void a_number_is_stored_as_a_double(void **state)
{
    takes(*state, field(FIELD_NUMBER), value_int(4), value_double(4.0));
    takes(*state, field(FIELD_NUMBER), value_double(0.5), value_double(0.5));
    refuses(*state, field(FIELD_NUMBER), value_cstring("0.5"), "A number is needed here.");
    refuses(*state, field(FIELD_NUMBER), value_double(1.0 / 0.0), "A number is needed here.");
}

static void min_and_max_are_allowed_themselves(void **state)
{
    struct workflow_field f = field(FIELD_INTEGER), g = field(FIELD_NUMBER);

    f.has_min = f.has_max = g.has_min = g.has_max = true;
    f.max = g.max = 10;
    takes(*state, f, value_int(0), value_int(0));
    takes(*state, f, value_int(10), value_int(10));
    refuses(*state, f, value_int(-1), "The least that is allowed is 0.");
    refuses(*state, g, value_double(10.5), "The most that is allowed is 10.");
}

static void a_boolean_is_no_text(void **state)
{
    takes(*state, field(FIELD_BOOLEAN), value_bool(false), value_bool(false));
    refuses(*state, field(FIELD_BOOLEAN), value_cstring("true"), "true or false is needed here.");
}

static void a_date_must_be_in_the_calendar(void **state)
{
    takes(*state, field(FIELD_DATE), value_cstring("2012-02-29"), value_cstring("2012-02-29"));
    refuses(*state, field(FIELD_DATE), value_cstring("2013-02-29"),
            "A date is needed here, as 2012-05-04.");
    refuses(*state, field(FIELD_DATE), value_int(20120229),
            "A date is needed here, as 2012-05-04.");
}

static void a_time_is_hours_and_minutes_of_a_day(void **state)
{
    const char *const bad[] = {"24:00", "12:60", "8:30", "12-30", "1a:00", "23:5x", "12:30 "};

    takes(*state, field(FIELD_TIME), value_cstring("00:00"), value_cstring("00:00"));
    takes(*state, field(FIELD_TIME), value_cstring("23:59"), value_cstring("23:59"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses(*state, field(FIELD_TIME), value_cstring(bad[i]),
                "A time of the day is needed here, as 08:30.");
    refuses(*state, field(FIELD_TIME), value_int(830),
            "A time of the day is needed here, as 08:30.");
}

static void a_choice_tells_its_options_and_the_nearest(void **state)
{
    struct kit *kit = *state;
    struct workflow_field f = field(FIELD_CHOICE);
    struct value given = value_cstring("save"), stored;
    struct text why, suggest;

    takes(kit, f, value_cstring("safe"), value_cstring("safe"));
    refuses(kit, f, value_int(1), "This must be one of its options: \"safe\" or \"unsafe\".");
    assert_false(field_accept(&f, &given, kit->arena, &stored, &why, &suggest));
    assert_string_equal(suggest.bytes, "safe");
}

static void a_list_tells_which_item_is_wrong(void **state)
{
    struct kit *kit = *state;
    struct workflow_field f = list_of(FIELD_INTEGER);
    struct value list = value_list(kit->arena), want = value_list(kit->arena);

    value_append(&list, value_double(1));
    value_append(&want, value_int(1));
    takes(kit, f, list, want);
    value_append(&list, value_cstring("two"));
    refuses(kit, f, list, "Item 2: A whole number is needed here.");
    f.items_max = 1;
    refuses(kit, f, list, "The list has 2 items; 1 are allowed.");
    refuses(kit, f, value_int(1), "A list is needed here.");
}

static void a_list_holds_no_null(void **state)
{
    struct kit *kit = *state;
    struct value list = value_list(kit->arena);

    value_append(&list, value_null());
    refuses(kit, list_of(FIELD_TEXT), list, "Item 1 is null.");
}

static void null_unsets_whatever_the_type(void **state)
{
    for (int type = FIELD_TEXT; type <= FIELD_CASE; type++)
        if (type != FIELD_LIST)
            takes(*state, field((enum field_type)type), value_null(), value_null());
    takes(*state, list_of(FIELD_TEXT), value_null(), value_null());
}

static void a_literal_is_read_by_the_type_of_its_field(void **state)
{
    struct kit *kit = *state;
    struct workflow_field text = field(FIELD_TEXT), integer = field(FIELD_INTEGER);
    struct workflow_field number = field(FIELD_NUMBER), boolean = field(FIELD_BOOLEAN);
    struct workflow_field choice = field(FIELD_CHOICE);
    struct value stored;
    struct text why;

    assert_true(field_read(&text, TEXT("1.10"), kit->arena, &stored, &why));
    assert_true(value_is_string(&stored, "1.10"));
    assert_true(field_read(&integer, TEXT("-4"), kit->arena, &stored, &why));
    assert_int_equal(stored.integer, -4);
    assert_true(field_read(&number, TEXT("4"), kit->arena, &stored, &why));
    assert_int_equal(stored.kind, VALUE_DOUBLE);
    assert_true(field_read(&boolean, TEXT("true"), kit->arena, &stored, &why));
    assert_true(stored.boolean);
    assert_false(field_read(&boolean, TEXT("yes"), kit->arena, &stored, &why));
    assert_false(field_read(&choice, TEXT("unsave"), kit->arena, &stored, &why));
    assert_non_null(strstr(why.bytes, "Did you mean \"unsafe\"?"));
}

static void a_date_is_a_timestamp_to_expressions(void **state)
{
    struct kit *kit = *state;
    struct workflow_field f = field(FIELD_DATE), list = list_of(FIELD_DATE);
    struct value stored = value_cstring("1970-01-02"), dates = value_list(kit->arena);
    struct value typed = field_typed(&f, &stored, kit->arena), back;
    struct text why;

    assert_int_equal(typed.kind, VALUE_TIMESTAMP);
    assert_int_equal(typed.instant.seconds, 86400);
    assert_true(field_store(&f, &typed, kit->arena, &back, &why));
    assert_true(value_equal(&back, &stored));
    value_append(&dates, stored);
    typed = field_typed(&list, &dates, kit->arena);
    assert_int_equal(value_item(&typed, 0)->kind, VALUE_TIMESTAMP);
    assert_true(field_store(&list, &typed, kit->arena, &back, &why));
    assert_true(value_equal(&back, &dates));
}

static void a_moment_of_the_day_is_no_date(void **state)
{
    struct kit *kit = *state;
    struct workflow_field f = field(FIELD_DATE);
    struct value typed = value_timestamp((struct instant){86401, 0}), stored;
    struct text why;

    assert_false(field_store(&f, &typed, kit->arena, &stored, &why));
    typed = value_timestamp((struct instant){86400, 1});
    assert_false(field_store(&f, &typed, kit->arena, &stored, &why));
    assert_string_equal(why.bytes, "A date is needed here, as 2012-05-04.");
}

static void a_result_is_held_against_the_rules_of_its_field(void **state)
{
    struct kit *kit = *state;
    struct workflow_field f = field(FIELD_INTEGER), text = field(FIELD_TEXT);
    struct value typed = value_int(11), stored;
    struct text why;

    f.has_max = true;
    f.max = 10;
    assert_false(field_store(&f, &typed, kit->arena, &stored, &why));
    typed = value_timestamp((struct instant){0, 0});
    assert_false(field_store(&text, &typed, kit->arena, &stored, &why));
    assert_string_equal(why.bytes, "A text is needed here.");
}

static void a_stored_number_is_a_double_to_expressions(void **state)
{
    struct kit *kit = *state;
    struct workflow_field f = field(FIELD_NUMBER);
    struct value stored = value_int(4), typed = field_typed(&f, &stored, kit->arena);

    assert_int_equal(typed.kind, VALUE_DOUBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(a_text_is_taken_as_it_is_with_newlines_and_tabs),
        KIT_TEST(a_text_of_control_characters_is_refused),
        KIT_TEST(a_text_that_is_not_utf8_is_refused),
        KIT_TEST(a_blank_text_is_refused),
        KIT_TEST(length_is_counted_in_characters_not_in_bytes),
        KIT_TEST(a_text_without_a_rule_has_a_bound_all_the_same),
        KIT_TEST(an_integer_is_a_whole_number_however_it_is_written),
        KIT_TEST(a_number_is_stored_as_a_double),
        KIT_TEST(min_and_max_are_allowed_themselves),
        KIT_TEST(a_boolean_is_no_text),
        KIT_TEST(a_date_must_be_in_the_calendar),
        KIT_TEST(a_time_is_hours_and_minutes_of_a_day),
        KIT_TEST(a_choice_tells_its_options_and_the_nearest),
        KIT_TEST(a_list_tells_which_item_is_wrong),
        KIT_TEST(a_list_holds_no_null),
        KIT_TEST(null_unsets_whatever_the_type),
        KIT_TEST(a_literal_is_read_by_the_type_of_its_field),
        KIT_TEST(a_date_is_a_timestamp_to_expressions),
        KIT_TEST(a_moment_of_the_day_is_no_date),
        KIT_TEST(a_result_is_held_against_the_rules_of_its_field),
        KIT_TEST(a_stored_number_is_a_double_to_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
