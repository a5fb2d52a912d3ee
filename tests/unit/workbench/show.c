/* A definition written as YAML again: what is read of it is what was there. */
#include "workbench/kit.h"
#include "yaml/yaml.h"

static struct value parsed(struct text source)
{
    struct diag_list diags;

    diag_list_init(&diags, kit_arena);
    const struct yaml_node *root = yaml_parse(source, TEXT("a.yaml"), &diags);
    if (root == NULL)
        fail_msg("%s%s", source.bytes, diag_write_gcc(kit_arena, &diags.items[0]).bytes);
    return yaml_to_value(kit_arena, root);
}

static const char *show(const char *source, bool layers, bool is_shown)
{
    const struct workbench_file file = {TEXT("a.yaml"), text_from(source)};
    const struct workflow_context context = {0};
    const struct workbench_showing showing = {.format = WORKBENCH_GCC, .layers = layers};
    struct text output;

    assert_int_equal(workbench_show(&file, &context, &showing, kit_arena, &output), is_shown);
    return output.bytes;
}

static void what_is_written_reads_the_same(void **state)
{
    static const char source[] =
        "a: 'it''s: a # text'\nb: \"- x\"\nc: \"\"\nd: \"null\"\ne: \"yes\"\nf: true\ng: 1.10\n"
        "h: \"line\\nand tab\\t and \\\"quotes\\\" and \\\\ and \\x07\"\ni: \" spaces \"\n"
        "j: \"= data.x\"\nk: [a, \"b, c\", {d: [e]}]\nl: {}\nm: []\nn: 'a: b'\no: Garçon\np: "
        "'end:'\n"
        "q: \"{x}\"\nr: a very long text that goes on and on and on and on and on and on and on "
        "and "
        "on and on and on and on and on\ns: {t: {u: {v: w}}}\n"
        "x: [a long item that fills the line, another long item that fills the line, and one more "
        "long item]\n";
    struct value before = parsed(text_from(source));
    struct value after = parsed(text_from(show(source, false, true)));
    (void)state;

    assert_true(value_equal(&before, &after));
}

static void what_fits_stands_on_one_line(void **state)
{
    (void)state;
    assert_string_equal(show("a: {b: 1,\n c: [x,\n  y]}\nd:\n  e: {f: {g: 1}}\n", false, true),
                        "a: {b: 1, c: [x, y]}\n"
                        "d:\n"
                        "  e:\n"
                        "    f: {g: 1}\n");
}

static void layers_stand_before_each_line(void **state)
{
    (void)state;
    assert_string_equal(show("a:\n  b: 1\n\n  c: {d: {e: 1}}\n", true, true),
                        "a.yaml:1  a:\n"
                        "a.yaml:2    b: 1\n"
                        "a.yaml:4    c:\n"
                        "a.yaml:4      d: {e: 1}\n");
}

static void faults_are_shown_instead(void **state)
{
    (void)state;
    assert_string_equal(show("workflow: a\nextends: b\n", false, false),
                        "a.yaml:2:10: error: the workflow \"b\" cannot be extended: parents of "
                        "overlays are not known here [E160]\n");
    assert_true(strncmp(show("a: [\n", false, false), "a.yaml:", 7) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_the_same),
        cmocka_unit_test(what_fits_stands_on_one_line),
        cmocka_unit_test(layers_stand_before_each_line),
        cmocka_unit_test(faults_are_shown_instead),
    };
    return cmocka_run_group_tests_name("show", tests, kit_setup, kit_teardown);
}
