/* Forms: what is typed is text; the form tells what it means. */
#include <sys/stat.h>

#include "client/kit.h"

static const char form_json[] = "[{\"field\": \"place\", \"title\": \"Lieu\", \"type\": \"text\"},"
                                "{\"field\": \"age\", \"type\": \"integer\"},"
                                "{\"field\": \"score\", \"type\": \"number\"},"
                                "{\"field\": \"safe\", \"type\": \"boolean\"},"
                                "{\"field\": \"born\", \"type\": \"date\"},"
                                "{\"field\": \"wish\", \"type\": \"choice\", \"options\": "
                                "[{\"id\": \"go\", \"title\": \"Rentrer\"}]},"
                                "{\"field\": \"names\", \"type\": \"list\", \"of\": \"text\"},"
                                "{\"field\": \"counts\", \"type\": \"list\", \"of\": \"integer\"}]";

/* The data of -f words, NULL at the end, as JSON. */
static const char *data_of(struct kit *kit, const char *const *fields, int status,
                           const char **said_out)
{
    struct value form = kit_json(kit, form_json), data;
    char *argv[32] = {"sankofa"};
    int argc = 1;
    const char *said;

    for (; *fields; fields++) {
        argv[argc++] = "-f";
        argv[argc++] = (char *)*fields;
    }
    assert_true(kit_read(kit, argv, &said));
    struct caught caught = catch_begin(stderr);
    int result = form_data(&kit->client, &form, &data);
    said = catch_end(kit, &caught);
    assert_int_equal(result, status);
    if (said_out)
        *said_out = said;
    return result == CLIENT_DONE ? json_write(kit->arena, &data).bytes : NULL;
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void fields_are_typed_by_the_form(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of(kit,
                                FIELDS("place=Dakar, 12", "age=11", "score=2.5", "safe=true",
                                       "born=2015-03-01", "wish=stay"),
                                CLIENT_DONE, NULL),
                        "{\"place\":\"Dakar, 12\",\"age\":11,\"score\":2.5,\"safe\":true,"
                        "\"born\":\"2015-03-01\",\"wish\":\"stay\"}");
}

static void a_field_is_named_by_its_title_too(void **state)
{
    struct kit *kit = *state;
    const char *said;

    assert_string_equal(data_of(kit, FIELDS("Lieu=Dakar"), CLIENT_DONE, NULL),
                        "{\"place\":\"Dakar\"}");
    data_of(kit, FIELDS("place=Dakar", "Lieu=Thies"), CLIENT_WRONG_USE, &said);
    assert_holds(said, "is given twice");
}

static void yes_and_no_are_booleans_only_where_the_form_says_so(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of(kit, FIELDS("safe=no", "place=no"), CLIENT_DONE, NULL),
                        "{\"safe\":false,\"place\":\"no\"}");
    assert_string_equal(data_of(kit, FIELDS("safe=yes", "place=12"), CLIENT_DONE, NULL),
                        "{\"safe\":true,\"place\":\"12\"}");
}

static void people_write_it_their_way(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of(kit,
                                FIELDS("score=31,5", "safe=Oui", "born=04/05/2012", "wish=Rentrer"),
                                CLIENT_DONE, NULL),
                        "{\"score\":31.5,\"safe\":true,\"born\":\"2012-05-04\",\"wish\":\"go\"}");
    assert_string_equal(data_of(kit, FIELDS("wish=go", "safe=não"), CLIENT_DONE, NULL),
                        "{\"wish\":\"go\",\"safe\":false}");
}

static void what_does_not_fit_stays_text_for_the_daemon_to_refuse(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(
        data_of(kit, FIELDS("age=eleven", "safe=maybe", "score=1,000", "wish=fly", "unknown=7"),
                CLIENT_DONE, NULL),
        "{\"age\":\"eleven\",\"safe\":\"maybe\",\"score\":\"1,000\",\"wish\":\"fly\","
        "\"unknown\":\"7\"}");
}

static void an_empty_value_empties_the_field(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of(kit, FIELDS("place=", "age=", "names="), CLIENT_DONE, NULL),
                        "{\"place\":null,\"age\":null,\"names\":[]}");
}

static void a_list_takes_its_field_several_times(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(
        data_of(kit, FIELDS("names=Awa", "counts=1", "names=Binta", "counts=2"), CLIENT_DONE, NULL),
        "{\"names\":[\"Awa\",\"Binta\"],\"counts\":[1,2]}");
}

static void any_other_field_is_given_once(void **state)
{
    struct kit *kit = *state;
    const char *said;

    data_of(kit, FIELDS("place=Dakar", "place=Thies"), CLIENT_WRONG_USE, &said);
    assert_holds(said, "-f place is given twice");
    assert_int_equal(line_count(said), 2);
}

/* ---- --form FILE. ---- */

static const char *form_file(struct kit *kit, const char *content)
{
    char *path = arena_copy(kit->arena, "/tmp/sankofa-form-XXXXXX", 24);
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    return path;
}

static const char *data_of_file(struct kit *kit, const char *content, const char *const *fields,
                                int status, const char **said_out)
{
    kit->client.form = form_file(kit, content);
    const char *data = data_of(kit, fields, status, said_out);
    unlink(kit->client.form);
    return data;
}

static void a_form_file_is_yaml_and_typed_alike(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of_file(kit,
                                     "place: Dakar\nage: 11\nsafe: yes\nnames: [Awa, \"7\"]\n"
                                     "counts: [1, 2]\nwish:\n",
                                     FIELDS(NULL), CLIENT_DONE, NULL),
                        "{\"place\":\"Dakar\",\"age\":11,\"safe\":true,\"names\":[\"Awa\",\"7\"],"
                        "\"counts\":[1,2],\"wish\":null}");
}

static void a_form_file_may_be_json(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of_file(kit, "{\"place\": \"Dakar\", \"safe\": true, \"age\": 11}",
                                     FIELDS(NULL), CLIENT_DONE, NULL),
                        "{\"place\":\"Dakar\",\"safe\":true,\"age\":11}");
}

static void fields_of_the_line_replace_those_of_the_file(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of_file(kit, "place: Dakar\nnames: [Awa, Binta]\n",
                                     FIELDS("place=Thies", "names=Codou"), CLIENT_DONE, NULL),
                        "{\"place\":\"Thies\",\"names\":[\"Codou\"]}");
}

/* The daemon refuses them by name; nothing becomes null or is left out on the way. */
static void what_no_field_takes_is_sent_as_it_is(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(data_of_file(kit,
                                     "place: {town: Dakar}\nage: [1]\nnames: [[a]]\nwish: \"\"",
                                     FIELDS(NULL), CLIENT_DONE, NULL),
                        "{\"place\":{\"town\":\"Dakar\"},\"age\":[\"1\"],\"names\":[[\"a\"]],"
                        "\"wish\":\"\"}");
}

static void a_form_that_cannot_be_used_is_told(void **state)
{
    struct kit *kit = *state;
    const char *said;

    data_of_file(kit, "- place\n- age\n", FIELDS(NULL), CLIENT_WRONG_USE, &said);
    assert_holds(said, "is no map of field: value.");
    assert_int_equal(line_count(said), 2);
    data_of_file(kit, "place: Dakar\nplace: Thies\n", FIELDS(NULL), CLIENT_WRONG_USE, &said);
    assert_holds(said, ":2:1");
    assert_holds(said, "^^^^^");
    kit->client.form = "/nonexistent/form.yaml";
    data_of(kit, FIELDS(NULL), CLIENT_WRONG_USE, &said);
    assert_holds(said, "cannot be read: No such file");
    assert_int_equal(line_count(said), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(fields_are_typed_by_the_form),
        KIT_TEST(a_field_is_named_by_its_title_too),
        KIT_TEST(yes_and_no_are_booleans_only_where_the_form_says_so),
        KIT_TEST(people_write_it_their_way),
        KIT_TEST(what_does_not_fit_stays_text_for_the_daemon_to_refuse),
        KIT_TEST(an_empty_value_empties_the_field),
        KIT_TEST(a_list_takes_its_field_several_times),
        KIT_TEST(any_other_field_is_given_once),
        KIT_TEST(a_form_file_is_yaml_and_typed_alike),
        KIT_TEST(a_form_file_may_be_json),
        KIT_TEST(fields_of_the_line_replace_those_of_the_file),
        KIT_TEST(what_no_field_takes_is_sent_as_it_is),
        KIT_TEST(a_form_that_cannot_be_used_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
