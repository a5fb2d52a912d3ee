/* YAML files: the tree with its places, and every refusal with its code, place and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "tongues.h"
#include "yaml/yaml.h"

static struct arena *arena;
static struct diag_list diags;

static int arena_up(void **state)
{
    (void)state;
    arena = arena_create("test");
    diag_list_init(&diags, arena);
    return 0;
}

static int arena_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_up, arena_down)

static struct yaml_node *parse_text(struct text source)
{
    diag_list_init(&diags, arena);
    struct yaml_node *root = yaml_parse(source, TEXT("f.yaml"), &diags);
    tongues_check(arena, &diags);
    return root;
}

static struct yaml_node *parse_good(const char *source)
{
    struct yaml_node *root = parse_text(text_from(source));
    if (root == NULL)
        fail_msg("%s", diag_write_caret(arena, &diags.items[0], text_from(source)).bytes);
    assert_int_equal(diags.count, 0);
    return root;
}

/* What the tree of `source` is as JSON. */
static void assert_tree(const char *source, const char *wanted)
{
    struct value value = yaml_to_value(arena, parse_good(source));
    struct text got = json_write(arena, &value);
    if (!text_is(got, wanted))
        fail_msg("got %s, wanted %s", got.bytes, wanted);
}

static void assert_place(struct place place, uint32_t line, uint32_t column, uint32_t width)
{
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
    assert_int_equal(place.width, width);
    assert_true(text_is(place.file, "f.yaml"));
}

static void scalars_stay_text(void **state)
{
    (void)state;
    assert_tree("{a: NO, b: 1.10, c: 0x1F, d: 12:30, e: 2026-01-01, f: on}",
                "{\"a\":\"NO\",\"b\":\"1.10\",\"c\":\"0x1F\",\"d\":\"12:30\",\"e\":\"2026-01-01\","
                "\"f\":\"on\"}");
    assert_tree("a:\nb: ~\nc: null\nd: 'null'\ne: \"\"\nf: Null",
                "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"null\",\"e\":\"\",\"f\":\"Null\"}");
    assert_tree("= data.x", "\"= data.x\"");
}

static void the_shapes_of_yaml_are_read(void **state)
{
    (void)state;
    assert_tree(
        "# a comment\n"
        "workflow: w # another\n"
        "by: [a, b]\n"
        "list:\n"
        "- 1\n"
        "-   - 2\n"
        "    # between\n"
        "- {x: [], y: {}}\n"
        "text: |\n"
        "  one\n"
        "  \ttwo\n"
        "folded: >-\n"
        "  three\n"
        "  four\n"
        "single: 'it''s'\n"
        "double: \"\\u00e9\\n\\\"\"\n"
        "two lines: a\n"
        "  b\n",
        "{\"workflow\":\"w\",\"by\":[\"a\",\"b\"],\"list\":[\"1\",[\"2\"],{\"x\":[],\"y\":{}"
        "}],\"text\":\"one\\n\\ttwo\\n\",\"folded\":\"three four\",\"single\":\"it's\","
        "\"double\":\"é\\n\\\"\",\"two lines\":\"a b\"}");
    assert_tree("---\na: 1\n...\n", "{\"a\":\"1\"}");
    assert_tree("a: 1\r\nb: 2\r\n", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_tree("\xef\xbb\xbf"
                "a: 1",
                "{\"a\":\"1\"}");
    assert_tree("? a\n: 1\n", "{\"a\":\"1\"}");
}

static void places_count_code_points_from_one(void **state)
{
    (void)state;
    struct yaml_node *root = parse_good("\xef\xbb\xbfétat: {clé: 'où là', 漢: [x, yz]}\n"
                                        "b:\n"
                                        "  long: |\n"
                                        "    text\n");
    assert_place(root->place, 1, 1, 1);
    assert_place(root->entries[0].key_place, 1, 1, 4);
    const struct yaml_node *map = root->entries[0].value;
    assert_place(map->place, 1, 7, 1);
    assert_place(map->entries[0].value->place, 1, 13, 7);
    assert_false(map->entries[0].value->plain);
    assert_place(map->entries[1].key_place, 1, 22, 1);
    const struct yaml_node *list = map->entries[1].value;
    assert_place(list->place, 1, 25, 1);
    assert_place(list->entries[1].value->place, 1, 29, 2);
    assert_true(list->entries[1].value->plain);
    const struct yaml_node *inner = yaml_get(root, "b");
    assert_place(inner->place, 3, 3, 1);
    assert_place(yaml_get(inner, "long")->place, 3, 9, 1);
}

struct refusal {
    const char *source, *code;
    uint32_t line, column;
    const char *message;
};

static void assert_refused(const struct refusal *refusal)
{
    struct text source = text_from(refusal->source);
    if (parse_text(source) != NULL)
        fail_msg("accepted: %s", refusal->source);
    assert_true(diags.error_count > 0);
    const struct diag *diag = &diags.items[0];
    if (strcmp(diag->code, refusal->code) != 0 || diag->place.line != refusal->line ||
        diag->place.column != refusal->column || !text_is(diag->message, refusal->message))
        fail_msg("%s\ngot %s", refusal->source, diag_write_caret(arena, diag, source).bytes);
}

static void what_is_refused_is_told_in_plain_words(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"a: \xff\n", "E001", 1, 4, "The file is not UTF-8: byte 0xFF stands here."},
        {"é: 1\nb: é\xc3\n", "E001", 2, 5, "The file is not UTF-8: byte 0xC3 stands here."},
        {"a: \x01\n", "E002", 1, 4, "The character U+0001 is not allowed in a file like this."},
        {"a: 1\rb: 2\n", "E002", 1, 5, "The character U+000D is not allowed in a file like this."},
        {"a: 1\r", "E002", 1, 5, "The character U+000D is not allowed in a file like this."},
        {"é: \xe2\x80\xa8x", "E002", 1, 4,
         "The character U+2028 is not allowed in a file like this."},
        {"a: \xef\xbb\xbfx", "E002", 1, 4,
         "The character U+FEFF is not allowed in a file like this."},
        {"a:\n\tb: 1\n", "E005", 2, 1, "Line 2 begins with a tab. Use spaces."},
        {"a:\n  \tb: 1\n", "E005", 2, 3, "Line 2 is indented with a tab. Use spaces."},
        {"a: {\n\tb: 1}\n", "E005", 2, 1, "Line 2 begins with a tab. Use spaces."},
        {"a: |\n\ttext\n", "E005", 2, 1, "Line 2 begins with a tab. Use spaces."},
        {"a: 1\n\t\n", "E005", 2, 1, "Line 2 begins with a tab. Use spaces."},
        {"a: [1,\n \t2]\n", "E005", 2, 2, "Line 2 is indented with a tab. Use spaces."},
        {"a: &x 1\n", "E006", 1, 4, "The anchor &x is not used here."},
        {"a: *x\n", "E006", 1, 4, "The alias *x is not used here."},
        {"*x : 1\n", "E006", 1, 1, "The alias *x is not used here."},
        {"a: * b\n", "E006", 1, 5,
         "A value that begins with & or * would be an anchor or an alias, which are not used "
         "here."},
        {"a: !!int 3\n", "E007", 1, 4, "The tag tag:yaml.org,2002:int is not used here."},
        {"a: !own 3\n", "E007", 1, 4, "The tag !own is not used here."},
        {"a: ! 3\n", "E007", 1, 4, "The tag ! is not used here."},
        {"! a: 3\n", "E007", 1, 1, "The tag ! is not used here."},
        {"a: ! {b: 1}\n", "E007", 1, 4, "The tag ! is not used here."},
        {"a: ! [b]\n", "E007", 1, 4, "The tag ! is not used here."},
        {"a: !x!y 3\n", "E007", 1, 4, "Tags are not used here."},
        {"a: !<x 3\n", "E007", 1, 7,
         "A value that begins with ! would be a tag, which is not used here."},
        {"a: !%zz 3\n", "E007", 1, 5,
         "A value that begins with ! would be a tag, which is not used here."},
        {"a:\n  <<: {b: 1}\n", "E008", 2, 3, "The merge key << is not used here."},
        {"a: 1\nb: 2\n\"a\": 3\n", "E009", 3, 1, "The key \"a\" stands twice in one map."},
        {"{a: 1}: 2\n", "E010", 1, 1, "A key must be a text."},
        {"? [a]\n: 2\n", "E010", 1, 3, "A key must be a text."},
        {"a:\n  \"b\\0\": 2\n", "E010", 2, 3, "A key holds a NUL character."},
        {"?\n: 2\n", "E010", 1, 2, "A key is missing before the colon."},
        {"a: {b: 1, ? : 2}\n", "E010", 1, 13, "A key is missing before the colon."},
        {": 2\n", "E016", 1, 1, "Only keys of the map that begins in line 1 can stand here."},
        {"a: 1\n---\nb: 2\n", "E011", 2, 1, "A second document begins here."},
        {"a: 1\n---\n", "E011", 2, 1, "A second document begins here."},
        {"", "E012", 0, 0, "There is nothing in the file."},
        {"# only a comment\n", "E012", 0, 0, "There is nothing in the file."},
        {"---\n", "E012", 0, 0, "There is nothing in the file."},
        {"a: 1\nb: \"open\n", "E013", 2, 4, "The quote that begins in line 2 is not closed."},
        {"a: 'x\n---\n'", "E013", 1, 4, "The quote that begins in line 1 is not closed."},
        {"a: [1, 2\nb: 3\n", "E014", 2, 2,
         "The list that begins with [ in line 1 is not closed, or a comma is missing."},
        {"a: {b: 1\nc: 3\n", "E014", 2, 2,
         "The map that begins with { in line 1 is not closed, or a comma is missing."},
        {"a: [1, 2}\n", "E014", 1, 9,
         "The list that begins with [ in line 1 is not closed, or a comma is missing."},
        {"a: b: c\n", "E015", 1, 5, "A colon cannot stand here."},
        {"a: {b: c: d, e: f}\n", "E015", 1, 9, "A colon cannot stand here."},
        {"a: [b: c: d]\n", "E015", 1, 9, "A colon cannot stand here."},
        {"a: {b: c #d, e: f}\ng: h\n", "E014", 1, 10,
         "A comment begins here, and what begins with { in line 1 is not closed before it."},
        {"a: [\n  b, c #d]\ng: h\n", "E014", 2, 8,
         "A comment begins here, and what begins with [ in line 1 is not closed before it."},
        {"a:\xc2\xa0"
         "b\nc: d\n",
         "E015", 1, 3, "What stands behind this colon looks like a space and is none."},
        {"a:\n\xc2\xa0 b: c\n", "E005", 2, 1,
         "Line 2 begins with U+00A0, which looks like a space and is none."},
        {"a:\n  \xe3\x80\x80"
         "b: c\n",
         "E005", 2, 3, "Line 2 begins with U+3000, which looks like a space and is none."},
        {"a: 1\nb\nc: 2\n", "E015", 2, 1, "A key and a colon are expected here."},
        {"a: x\n  b: 2\n", "E015", 2, 4, "A colon cannot stand here."},
        {"a:\n    b: 1\n  c: 2\n", "E016", 3, 3,
         "Only keys of the map that begins in line 1 can stand here."},
        {"- a\nb: 1\n", "E016", 2, 1,
         "Only items of the list that begins in line 1 can stand here."},
        {"a: - b\n", "E016", 1, 4, "A list item cannot stand here."},
        {"a: ? b\n", "E016", 1, 4, "A key cannot stand here."},
        {"a: \"x\" y\n", "E016", 1, 8,
         "Only keys of the map that begins in line 1 can stand here."},
        {"a: @b\n", "E017", 1, 4, "A value cannot begin with \"@\"."},
        {"--- @b\n", "E017", 1, 5, "A value cannot begin with \"@\"."},
        {"a: `b`\n", "E017", 1, 4, "A value cannot begin with \"`\"."},
        {"é: %b\n", "E017", 1, 4, "A value cannot begin with \"%\"."},
        {"a: \"\\d\"\n", "E018", 1, 5, "There is no such escape after a backslash."},
        {"a: \"\\u00\"\n", "E018", 1, 7, "Hexadecimal digits are missing behind \\x, \\u or \\U."},
        {"a: \"\\ud800\"\n", "E018", 1, 7, "The escape stands for no character."},
        {"a: |x\n  b\n", "E018", 1, 5,
         "Behind | or > only an indentation of 1 to 9, + or -, and a comment may follow."},
        {"a: [,]\n", "E018", 1, 5, "A value is missing here."},
        {"%YAML 1.1\n---\na: 1\n", "E018", 1, 1, "Directives are not used here."},
        {"%TAG ! x\n---\na: 1\n", "E018", 1, 1, "Directives are not used here."},
        {"%YAML 3.0\n---\na: 1\n", "E018", 1, 1, "Directives are not used here."},
        {"%YAML 1.1\n%YAML 1.1\n---\na: 1\n", "E018", 2, 1, "Directives are not used here."},
        {"%YAML x\n---\na: 1\n", "E018", 1, 7,
         "A line that begins with % would be a directive, which is not used here."},
        {"{a: 1} b\n", "E018", 1, 8, "Something stands behind the end of the document."},
        {"a: [b]#c\n", "E018", 1, 7, "A comment cannot begin here."},
        {"a: [b,#c\n  d]\n", "E018", 1, 7, "A comment cannot begin here."},
        {"é: 'b'#c\n", "E018", 1, 7, "A comment cannot begin here."},
        {"a: |2-#c\n  b\n", "E018", 1, 7, "A comment cannot begin here."},
        {"a: # b#c\n  [d,\n  e,\n  ]#f\n", "E018", 4, 4, "A comment cannot begin here."},
        {"a:\n  b: [c,\n  d]\n", "E016", 3, 3,
         "This line belongs to the list that begins in line 2, and is not as far in as it must "
         "be."},
        {"a: {\n  b: 1\n}\n", "E016", 3, 1,
         "This line belongs to the map that begins in line 1, and is not as far in as it must be."},
        {"a: 'b\n\nc'\n", "E016", 3, 1,
         "This line belongs to the text that begins in line 1, and is not as far in as it must "
         "be."},
        {"- [a, 'b\n#c']\n", "E016", 2, 1,
         "This line belongs to the list that begins in line 1, and is not as far in as it must "
         "be."},
        {"a: 'b\n\tc'\n", "E005", 2, 1, "Line 2 begins with a tab. Use spaces."},
        {"a: >\n   \n  b\n", "E016", 3, 3,
         "An empty line above has more spaces than this first line of the text."},
        {"{a: 1, ?b: 2}\n", "E017", 1, 8, "A value cannot begin with \"?\" here."},
        {"[?a]\n", "E017", 1, 2, "A value cannot begin with \"?\" here."},
        {"[-]\n", "E017", 1, 2, "A value cannot be \"-\" alone."},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        assert_refused(&refusals[i]);
}

static void what_looks_like_that_is_read(void **state)
{
    (void)state;
    assert_tree("{\n\"a\": [\n1],\n\"b\":\n\"c\nd\"}\n", "{\"a\":[\"1\"],\"b\":\"c d\"}");
    assert_tree("a: [b,\n# c\n\n d # e\n ]\n", "{\"a\":[\"b\",\"d\"]}");
    assert_tree("a:\n- [b,\n c]\n- 'd\n\n e'\n", "{\"a\":[[\"b\",\"c\"],\"d\\ne\"]}");
    assert_tree("a: b#c\nd: e #f# #g\n", "{\"a\":\"b#c\",\"d\":\"e\"}");
    assert_tree("a: >2 # b\n   \n  c\nd: |\n \n  e\n", "{\"a\":\" \\nc\\n\",\"d\":\"\\ne\\n\"}");
    assert_tree("a: |\n    \n# b\nc: 1\n", "{\"a\":\"\",\"c\":\"1\"}");
    assert_tree("- |+\n   ", "[\"\\n\"]");
    assert_tree("{? a : 1, ?\nb: 2} # ?c\n", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_tree("-: 1\n?: 2\n::\n", "{\"-\":\"1\",\"?\":\"2\",\":\":null}");
}

static void a_tab_in_a_text_is_a_character(void **state)
{
    (void)state;
    assert_tree("a: |\n  x\n  \ty\n\n\nb: \"one\n \t two\"\nc: 'x\ty'\t# z\n",
                "{\"a\":\"x\\n\\ty\\n\",\"b\":\"one two\",\"c\":\"x\\ty\"}");
}

static void a_duplicate_key_shows_both_places(void **state)
{
    (void)state;
    assert_null(parse_text(TEXT("x:\n  a: 1\n  b: 2\n  a: 3\n")));
    assert_true(text_is(diags.items[0].label, "first at f.yaml:2:3"));
    assert_true(text_is(diags.items[0].help, "remove one of the two, in line 2 or line 4"));
    assert_place(diags.items[0].place, 4, 3, 1);
}

static void all_refusals_of_a_file_are_told_at_once(void **state)
{
    (void)state;
    assert_null(parse_text(TEXT("a: &x 1\nb: *x\nc: !t 2\nc: 3\n<<: 4\n---\n5\n")));
    static const char *const codes[] = {"E006", "E006", "E007", "E009", "E008", "E011"};
    assert_int_equal(diags.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(diags.items[i].code, codes[i]);
    /* Earlier errors of other files are not this one's. */
    assert_non_null(yaml_parse(TEXT("a: 1"), TEXT("g.yaml"), &diags));
}

static struct text repeated(const char *part, size_t count)
{
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < count; i++)
        text_append(&buffer, text_from(part));
    return text_buffer_text(&buffer);
}

static void assert_first_code(struct text source, const char *code)
{
    assert_null(parse_text(source));
    assert_string_equal(diags.items[0].code, code);
}

static void size_depth_and_count_are_bounded(void **state)
{
    (void)state;
    struct text longest = repeated("# 345678\n", YAML_BYTES_MAX / 9);
    assert_first_code(longest, "E012");
    assert_first_code(repeated("x", YAML_BYTES_MAX + 1), "E003");
    assert_non_null(parse_text(text_printf(arena, "%s1%s", repeated("[", YAML_DEPTH_MAX).bytes,
                                           repeated("]", YAML_DEPTH_MAX).bytes)));
    assert_first_code(repeated("[", YAML_DEPTH_MAX + 1), "E004");
    assert_first_code(repeated("{a: ", YAML_DEPTH_MAX + 1), "E004");
    assert_first_code(repeated("- ", 200000), "E004");
    assert_first_code(text_printf(arena, "[%s]", repeated("1,", 300000).bytes), "E019");
    assert_first_code(repeated("[", 500000), "E004");
}

static void a_map_of_many_keys_is_read_in_time(void **state)
{
    (void)state;
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    for (int i = 0; i < 60000; i++)
        text_append_printf(&buffer, "key_%d: x\n", i);
    struct yaml_node *root = parse_text(text_buffer_text(&buffer));
    assert_int_equal(root->count, 60000);
}

static void no_bytes_cut_short_or_turned_over_do_harm(void **state)
{
    (void)state;
    static const char source[] = "a: {b: [1, 'x', \"\\u00e9\"]} # c\n? k\n: |2-\n  t\n- &a !t *b\n";
    for (size_t size = 0; size < sizeof source; size++) {
        char *copy = arena_alloc(arena, size);
        memcpy(copy, source, size);
        struct yaml_node *root = parse_text((struct text){copy, size});
        assert_true((root == NULL) == (diags.error_count > 0));
        for (int bit = 0; bit < 8 && size > 0; bit++) {
            copy[size / 2] = (char)(source[size / 2] ^ 1 << bit);
            root = parse_text((struct text){copy, size});
            assert_true((root == NULL) == (diags.error_count > 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(scalars_stay_text),
        WITH_ARENA(the_shapes_of_yaml_are_read),
        WITH_ARENA(places_count_code_points_from_one),
        WITH_ARENA(what_is_refused_is_told_in_plain_words),
        WITH_ARENA(what_looks_like_that_is_read),
        WITH_ARENA(a_tab_in_a_text_is_a_character),
        WITH_ARENA(a_duplicate_key_shows_both_places),
        WITH_ARENA(all_refusals_of_a_file_are_told_at_once),
        WITH_ARENA(size_depth_and_count_are_bounded),
        WITH_ARENA(a_map_of_many_keys_is_read_in_time),
        WITH_ARENA(no_bytes_cut_short_or_turned_over_do_harm),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
