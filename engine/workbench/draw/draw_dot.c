/* A workflow in the DOT language of graphviz: states with states are clusters, a final state is
 * drawn double, a dot leads to where a state begins.
 *
 * An arrow of DOT joins nodes, never clusters: one that means a cluster is tied to a node in it,
 * and cut at its border (lhead, ltail). */
#include "base/arena.h"
#include "workbench/draw/draw_model.h"

/* Between quotes. Control characters are none of a workflow's texts; a line may end. */
static void quote(struct text_buffer *output, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.bytes[i];

        if (byte == '"' || byte == '\\')
            text_append_printf(output, "\\%c", byte);
        else if (byte == '\n')
            text_append(output, TEXT("\\n"));
        else
            text_append(output, (struct text){&byte, 1});
    }
}

static struct text id_of(const struct draw *draw, uint16_t state)
{
    return draw->chart->states[state].id;
}

static bool is_cluster(const struct draw *draw, uint16_t state)
{
    return draw->chart->states[state].child_count > 0;
}

/* The node that stands for a state: its own, or the one that its cluster begins with. */
static uint16_t node_of(const struct draw *draw, uint16_t state)
{
    while (is_cluster(draw, state)) {
        const struct chart_state *facts = &draw->chart->states[state];

        state = facts->kind == CHART_COMPOUND && facts->initial_count > 0 ? facts->initial[0]
                                                                          : facts->children[0];
    }
    return state;
}

static void indent(struct text_buffer *output, const struct draw *draw, uint16_t state)
{
    text_append_printf(output, "%*s", 2 * draw->chart->states[state].depth, "");
}

/* Title, what kind it is, deadline and steps; and moves that stay, which need no arrow. */
static void write_label(struct text_buffer *output, const struct draw *draw, uint16_t state)
{
    const struct draw_state *shown = &draw->states[state];
    struct text kind = draw_kind_words(draw, state);

    text_append(output, TEXT("label=\""));
    quote(output, shown->title);
    if (!text_is_empty(kind)) {
        text_append(output, TEXT("\\n"));
        quote(output, kind);
    }
    for (size_t i = 0; i < shown->line_count; i++) {
        if (shown->lines[i].target_count > 0)
            continue;
        text_append(output, shown->lines[i].kind == DRAW_MOVE ? TEXT("\\n↺ ") : TEXT("\\n"));
        quote(output, shown->lines[i].text);
    }
    text_append(output, TEXT("\""));
}

static void write_start(struct text_buffer *output, const struct draw *draw, uint16_t parent)
{
    const struct chart_state *facts = &draw->chart->states[parent];

    if (facts->kind != CHART_COMPOUND)
        return;
    for (uint16_t i = 0; i < facts->initial_count; i++) {
        uint16_t first = facts->initial[i];

        indent(output, draw, parent);
        text_append_printf(output, "  \"%.*s.%u\" [shape=point, width=0.12, label=\"\"];\n",
                           TEXT_ARG(id_of(draw, parent)), i);
        indent(output, draw, parent);
        text_append_printf(output, "  \"%.*s.%u\" -> \"%.*s\"", TEXT_ARG(id_of(draw, parent)), i,
                           TEXT_ARG(id_of(draw, node_of(draw, first))));
        if (is_cluster(draw, first))
            text_append_printf(output, " [lhead=\"cluster_%.*s\"]", TEXT_ARG(id_of(draw, first)));
        text_append(output, TEXT(";\n"));
    }
}

static const char *shape_of(enum chart_kind kind)
{
    switch (kind) {
    case CHART_FINAL:
        return ", peripheries=2";
    case CHART_HISTORY:
        return ", shape=ellipse";
    case CHART_ATOMIC:
    case CHART_COMPOUND:
    case CHART_PARALLEL:
        return "";
    }
    return "";
}

static void write_states(struct text_buffer *output, const struct draw *draw, uint16_t parent)
{
    const struct chart_state *facts = &draw->chart->states[parent];

    write_start(output, draw, parent);
    for (uint16_t i = 0; i < facts->child_count; i++) {
        uint16_t child = facts->children[i];

        indent(output, draw, child);
        if (!is_cluster(draw, child)) {
            text_append_printf(output, "\"%.*s\" [", TEXT_ARG(id_of(draw, child)));
            write_label(output, draw, child);
            text_append_printf(output, "%s];\n", shape_of(draw->chart->states[child].kind));
            continue;
        }
        text_append_printf(output, "subgraph \"cluster_%.*s\" {\n", TEXT_ARG(id_of(draw, child)));
        indent(output, draw, child);
        text_append(output, TEXT("  "));
        write_label(output, draw, child);
        text_append_printf(output, "; style=\"rounded%s\";\n",
                           facts->kind == CHART_PARALLEL ? ",dashed" : "");
        write_states(output, draw, child);
        indent(output, draw, child);
        text_append(output, TEXT("}\n"));
    }
}

/* A border is cut only where the other end lies outside it. */
static bool is_cut(const struct draw *draw, uint16_t cluster, uint16_t other)
{
    return is_cluster(draw, cluster) && cluster != other &&
           !chart_is_descendant(draw->chart, other, cluster);
}

static void write_arrow(struct text_buffer *output, const struct draw *draw, uint16_t state,
                        uint16_t target, const struct draw_line *line)
{
    text_append_printf(output, "  \"%.*s\" -> \"%.*s\" [label=\"",
                       TEXT_ARG(id_of(draw, node_of(draw, state))),
                       TEXT_ARG(id_of(draw, node_of(draw, target))));
    quote(output, line->text);
    if (!text_is_empty(line->note)) {
        text_append(output, TEXT("\\n("));
        quote(output, line->note);
        text_append(output, TEXT(")"));
    }
    text_append(output, TEXT("\""));
    if (is_cut(draw, state, target))
        text_append_printf(output, ", ltail=\"cluster_%.*s\"", TEXT_ARG(id_of(draw, state)));
    if (is_cut(draw, target, state))
        text_append_printf(output, ", lhead=\"cluster_%.*s\"", TEXT_ARG(id_of(draw, target)));
    text_append(output, TEXT("];\n"));
}

struct text draw_dot(const struct draw *draw)
{
    struct text_buffer output;

    text_buffer_init(&output, draw->arena);
    text_append(&output, TEXT("digraph \""));
    quote(&output, draw->tree->workflow->id);
    text_append(&output, TEXT("\" {\n  compound=true;\n  rankdir=TB;\n  label=\""));
    quote(&output, draw->title);
    text_append(&output, TEXT("\";\n  labelloc=t;\n  fontname=\"DejaVu Sans\";\n"
                              "  node [shape=box, style=rounded, fontname=\"DejaVu Sans\"];\n"
                              "  edge [fontname=\"DejaVu Sans\", fontsize=10];\n"));
    write_states(&output, draw, 0);
    for (uint16_t state = 1; state < draw->chart->state_count; state++)
        for (size_t i = 0; i < draw->states[state].line_count; i++)
            for (size_t j = 0; j < draw->states[state].lines[i].target_count; j++)
                write_arrow(&output, draw, state, draw->states[state].lines[i].targets[j],
                            &draw->states[state].lines[i]);
    text_append(&output, TEXT("}\n"));
    return text_buffer_text(&output);
}
