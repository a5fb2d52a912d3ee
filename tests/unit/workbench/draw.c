/* Workflows as pictures: everything is in them, nothing overlaps, no text breaks them. */
#include "kit.h"

#include <stdlib.h>

#include "workbench/draw/draw.h"
#include "workbench/draw/draw_layout.h"

static const char nested[] =
    "workflow: w\n"
    "title: {en: \"R&D <of> \\\"it\\\"\", fr: Essai}\n"
    "languages: [en, fr]\n"
    "roles: {cw: {title: {en: Worker, fr: Agent}}, sup: {title: {en: Boss, fr: Chef}}}\n"
    "fields: {a: {type: integer}}\n"
    "states:\n"
    "  first:\n"
    "    title: {en: First & foremost, fr: D'abord}\n"
    "    deadline: {within: 3d}\n"
    "    steps: {s: {use: p/q, done: {target: both}, failed: {target: end}}}\n"
    "    on:\n"
    "      go: {title: {en: Go <on>, fr: Continuer}, by: [cw, sup], guard: 'has(data.a) && data.a "
    "< "
    "5', explain: {en: No, fr: Non}, target: both}\n"
    "      look: {title: {en: Look, fr: Regarder}, by: [cw]}\n"
    "    after: {late: {delay: 30d, target: end}}\n"
    "  both:\n"
    "    type: parallel\n"
    "    done: {target: end}\n"
    "    states:\n"
    "      left: {states: {l1: {always: {t: {target: l2}}}, l2: {type: final}}}\n"
    "      right: {states: {r1: {always: {t: {target: r2}}}, r2: {type: final}, h: {type: history, "
    "default: {target: r1}}}}\n"
    "  end: {type: final}\n";

static struct text draw(const char *source, enum workbench_picture picture, const char *language)
{
    const struct workbench_file file = {TEXT("a.yaml"), text_from(source)};
    const struct workflow_context context = {0};
    struct workbench_drawn drawn;

    workbench_draw(&file, &context, picture, text_from(language), WORKBENCH_GCC, kit_arena, &drawn);
    if (drawn.error_count > 0)
        fail_msg("%.*s", TEXT_ARG(drawn.output));
    return drawn.output;
}

static void assert_has(struct text output, const char *part)
{
    if (strstr(output.bytes, part) == NULL)
        fail_msg("not there: %s\nin:\n%.*s", part, TEXT_ARG(output));
}

static size_t count_of(struct text output, const char *part)
{
    size_t count = 0;

    for (const char *at = output.bytes; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static void every_state_has_a_box_with_what_it_tells(void **state)
{
    struct text svg = draw(nested, WORKBENCH_SVG, "en");

    (void)state;
    assert_int_equal(count_of(svg, "<g id="), 10);
    assert_int_equal(count_of(svg, "</g>"), 10);
    assert_has(svg, ">Deadline: 3d<");
    assert_has(svg, ">Step: s (p/q)<");
    assert_has(svg, ">s: done<");
    assert_has(svg, ">after 30d<");
    assert_has(svg, ">Worker, Boss; on a condition<");
    assert_has(svg, ">at the same time<");
    assert_has(svg, "back to where it was");
    assert_has(svg, "<a href=\"#both\">");
    assert_int_equal(count_of(svg, "class=\"inner\""), 3); /* final states */
    assert_int_equal(count_of(svg, "class=\"start\""), 3); /* one of each compound state */
}

static void no_text_breaks_the_xml(void **state)
{
    struct text svg = draw(nested, WORKBENCH_SVG, "en");

    (void)state;
    assert_has(svg, "<title>R&amp;D &lt;of&gt; &quot;it&quot;</title>");
    assert_has(svg, "First &amp; foremost");
    assert_has(svg, ">Go &lt;on&gt;<");
    assert_has(svg, "<title>has(data.a) &amp;&amp; data.a &lt; 5</title>");
    assert_null(strstr(svg.bytes, "&&"));
}

static void the_picture_speaks_the_language_asked_for(void **state)
{
    struct text svg = draw(nested, WORKBENCH_SVG, "fr");

    (void)state;
    assert_has(svg, "<title>Essai</title>");
    assert_has(svg, "D&#39;abord");
    assert_has(svg, ">Délai: 3d<");
    assert_has(svg, ">Agent, Chef; sous condition<");
    assert_has(draw(nested, WORKBENCH_SVG, "pt"), ">Prazo: 3d<");
    assert_has(draw(nested, WORKBENCH_SVG, "wo"), ">Deadline: 3d<");
}

static void assert_apart(const struct draw_box *a, const struct draw_box *b)
{
    assert_true(a->x + a->width <= b->x || b->x + b->width <= a->x || a->y + a->height <= b->y ||
                b->y + b->height <= a->y);
}

/* No box over another or over words, nothing outside its box. */
static void assert_tidy(const struct draw *draw, const struct draw_box *box)
{
    uint16_t count = draw->chart->states[box->state].child_count;
    int bottom = 0;

    for (size_t i = 0; i < box->text_count; i++) {
        const struct draw_text *text = &box->texts[i];

        assert_true(text->x >= 0 && text->y > bottom);
        assert_true(text->x + draw_width(text->text, text->style) <= box->width);
        bottom = text->y;
    }
    assert_true(bottom <= box->height);
    for (uint16_t i = 0; i < count; i++) {
        const struct draw_box *child = &box->children[i];

        assert_true(child->x >= 0 && child->y >= bottom);
        assert_true(child->x + child->width <= box->width);
        assert_true(child->y + child->height <= box->height);
        for (uint16_t j = 0; j < i; j++)
            assert_apart(child, &box->children[j]);
        assert_tidy(draw, child);
    }
}

static const struct zone *find_zone(void *self, struct text name)
{
    (void)self;
    (void)name;
    return zone_fixed(kit_arena, 0);
}

static void lay_out(const char *source)
{
    const struct workbench_file file = {TEXT("a.yaml"), text_from(source)};
    const struct zone_source zones = {NULL, find_zone};
    const struct workflow_context context = {.zones = &zones};
    struct tree tree;
    struct draw model;
    struct draw_box box;

    tree_load(&tree, &file, &context, kit_arena);
    assert_non_null(tree.root);
    draw_read(&model, &tree, TEXT("en"), kit_arena);
    box = draw_layout(&model);
    assert_tidy(&model, &box);
}

static void nothing_overlaps_and_all_words_are_in_their_boxes(void **state)
{
    (void)state;
    lay_out(nested);
}

static void the_shipped_workflow_can_be_read_on_its_picture(void **state)
{
    const char *root = getenv("SANKOFA_SOURCE");
    char *bytes = arena_alloc(kit_arena, YAML_BYTES_MAX + 1);

    (void)state;
    assert_non_null(root);
    FILE *file =
        fopen(text_printf(kit_arena, "%s/workflows/ecowas/child-return.yaml", root).bytes, "rb");
    assert_non_null(file);
    assert_true(fread(bytes, 1, YAML_BYTES_MAX, file) > 0);
    fclose(file);
    lay_out(bytes);
}

static void a_word_that_is_too_long_is_broken(void **state)
{
    struct text_buffer source;

    (void)state;
    text_buffer_init(&source, kit_arena);
    text_append(&source, TEXT("workflow: w\nstates: {x: {title: "));
    for (int i = 0; i < 200; i++)
        text_append(&source, TEXT("Éa"));
    text_append(&source, TEXT(", always: {t: {target: z}}}, z: {type: final}}\n"));
    lay_out(text_buffer_text(&source).bytes);
}

static void dot_has_clusters_arrows_and_double_borders(void **state)
{
    struct text dot = draw(nested, WORKBENCH_DOT, "en");

    (void)state;
    assert_true(text_begins(dot, "digraph \"w\" {\n"));
    assert_int_equal(count_of(dot, "{"), count_of(dot, "}"));
    assert_int_equal(count_of(dot, "subgraph \"cluster_"), 3);
    assert_int_equal(count_of(dot, "peripheries=2"), 3);
    assert_int_equal(count_of(dot, "shape=point"), 3);
    assert_has(dot, "label=\"R&D <of> \\\"it\\\"\"");
    assert_has(dot, "label=\"First & foremost\\nDeadline: 3d\\nStep: s (p/q)\\n↺ Look\"");
    assert_has(dot, "\"first\" -> \"l1\" [label=\"Go <on>\\n(Worker, Boss; on a condition)\", "
                    "lhead=\"cluster_both\"];");
    assert_has(dot,
               "\"l1\" -> \"end\" [label=\"when all in it is done\", ltail=\"cluster_both\"];");
    assert_has(dot, "\"h\" -> \"r1\"");
}

static void a_file_that_is_refused_is_not_drawn(void **state)
{
    const struct workbench_file file = {
        TEXT("a.yaml"), TEXT("workflow: w\nstates: {x: {always: {q: {target: zz}}}, z: {}}\n")};
    const struct workflow_context context = {0};
    struct workbench_drawn drawn;

    (void)state;
    workbench_draw(&file, &context, WORKBENCH_SVG, TEXT_NONE, WORKBENCH_GCC, kit_arena, &drawn);
    assert_int_equal(drawn.error_count, 1);
    assert_string_equal(drawn.output.bytes, "a.yaml:2:35: error: unknown state \"zz\" [E114]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_box_with_what_it_tells),
        cmocka_unit_test(no_text_breaks_the_xml),
        cmocka_unit_test(the_picture_speaks_the_language_asked_for),
        cmocka_unit_test(nothing_overlaps_and_all_words_are_in_their_boxes),
        cmocka_unit_test(the_shipped_workflow_can_be_read_on_its_picture),
        cmocka_unit_test(a_word_that_is_too_long_is_broken),
        cmocka_unit_test(dot_has_clusters_arrows_and_double_borders),
        cmocka_unit_test(a_file_that_is_refused_is_not_drawn),
    };

    return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
