/* A workflow in words, state by state, as its file has them: for those who decide and do not read
 * YAML. Expressions stand in brackets; what explains them stands before. */
#include "workbench/explain/explain.h"

#include "base/arena.h"
#include "workbench/explain/explain_words.h"

enum { INDENT = 2 };

/* ---- States. ---- */

static struct text children_written(const struct explainer *explainer,
                                    const struct yaml_node *states)
{
    struct text *names = ARENA_ARRAY(explainer->arena, struct text, states->count);

    for (size_t i = 0; i < states->count; i++)
        names[i] = explain_state(explainer, states->entries[i].key);
    return words_list(explainer->words, PHRASE_AND, names, states->count, explainer->arena);
}

static struct text remind_written(const struct explainer *explainer, const struct yaml_node *list)
{
    size_t count = list != NULL && list->kind == YAML_LIST ? list->count : 0;
    struct text *spans = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        spans[i] = words_span(explainer->words, list->entries[i].value->text, explainer->arena);
    return words_list(explainer->words, PHRASE_AND, spans, count, explainer->arena);
}

static void write_deadline(struct explainer *explainer, size_t column, const struct yaml_node *node)
{
    struct text remind = remind_written(explainer, tree_get(node, "remind"));
    struct text escalate = explain_roles(explainer, tree_get(node, "escalate"));
    struct text_buffer line;

    if (node == NULL)
        return;
    text_buffer_init(&line, explainer->arena);
    explain_sentence(&line, explain_say(explainer, PHRASE_DEADLINE,
                                        explain_span(explainer, node, "within"), TEXT_NONE));
    if (!text_is_empty(remind))
        explain_sentence(&line, explain_say(explainer, PHRASE_REMIND, remind, TEXT_NONE));
    if (!text_is_empty(escalate))
        explain_sentence(&line, explain_say(explainer, PHRASE_ESCALATE, escalate, TEXT_NONE));
    explain_line(explainer, column, "", text_buffer_text(&line));
}

static void write_history(struct explainer *explainer, size_t column, const struct yaml_node *node,
                          uint16_t parent)
{
    bool is_deep = text_is(tree_text(node, "deep"), "true");
    struct text instead = explain_states(explainer, tree_get(tree_get(node, "default"), "target"));

    explain_phrase(explainer, column, is_deep ? PHRASE_HISTORY_DEEP : PHRASE_HISTORY,
                   explain_state(explainer, explainer->tree.workflow->chart.states[parent].id));
    explain_phrase(explainer, column, PHRASE_HISTORY_NEVER, instead);
}

/* Where a state that holds others begins; 0: the whole. */
static struct text initial_written(const struct explainer *explainer, uint16_t number)
{
    const struct chart *chart = &explainer->tree.workflow->chart;
    const struct chart_state *state = &chart->states[number];
    struct text *names = ARENA_ARRAY(explainer->arena, struct text, state->initial_count);

    for (uint16_t i = 0; i < state->initial_count; i++)
        names[i] = explain_state(explainer, chart->states[state->initial[i]].id);
    return words_list(explainer->words, PHRASE_AND, names, state->initial_count, explainer->arena);
}

/* What kind of state it is. */
static void write_kind(struct explainer *explainer, size_t column, const struct yaml_entry *entry)
{
    const struct yaml_node *node = entry->value;
    uint16_t number = chart_state_named(&explainer->tree.workflow->chart, entry->key);
    uint16_t parent = explainer->tree.workflow->chart.states[number].parent;
    const struct yaml_node *states = tree_get(node, "states");
    struct text type = tree_text(node, "type");

    if (text_is(type, "final"))
        explain_line(explainer, column, "",
                     explain_say(explainer, parent == 0 ? PHRASE_FINAL : PHRASE_FINAL_PART,
                                 TEXT_NONE, TEXT_NONE));
    else if (text_is(type, "history"))
        write_history(explainer, column, node, parent);
    else if (text_is(type, "parallel") && states != NULL)
        explain_phrase(explainer, column, PHRASE_PARALLEL, children_written(explainer, states));
    else if (states != NULL)
        explain_phrase(explainer, column, PHRASE_COMPOUND, initial_written(explainer, number));
}

static void write_state(struct explainer *explainer, const struct yaml_entry *entry, size_t depth)
{
    const struct yaml_node *node = entry->value, *states = tree_get(node, "states");
    const struct yaml_node *steps = tree_get(node, "steps");
    size_t column = depth * INDENT;

    text_append(&explainer->output, TEXT("\n"));
    explain_line(explainer, column, "", explain_state(explainer, entry->key));
    column += INDENT;
    write_kind(explainer, column, entry);
    write_deadline(explainer, column, tree_get(node, "deadline"));
    explain_phrase(explainer, column, PHRASE_ENTRY,
                   explain_actions(explainer, tree_get(node, "entry")));
    for (size_t i = 0; steps != NULL && steps->kind == YAML_MAP && i < steps->count; i++)
        explain_step(explainer, column, &steps->entries[i]);
    explain_transitions(explainer, column, node);
    explain_phrase(explainer, column, PHRASE_EXIT,
                   explain_actions(explainer, tree_get(node, "exit")));
    for (size_t i = 0; states != NULL && i < states->count; i++)
        write_state(explainer, &states->entries[i], depth + 1);
}

/* ---- The whole. ---- */

static void write_head(struct explainer *explainer)
{
    const struct yaml_node *root = explainer->tree.root, *open = tree_get(root, "open");
    const struct yaml_node *by = tree_get(open, "by");
    struct text title =
        tree_words(&explainer->tree, tree_get(root, "title"), words_code(explainer->words));
    struct text version = tree_text(root, "version"), country = tree_text(root, "country");
    struct text_buffer line;

    text_buffer_init(&line, explainer->arena);
    text_append(&line, text_is_empty(title) ? tree_text(root, "workflow") : title);
    text_append_printf(&line, " (%.*s", TEXT_ARG(tree_text(root, "workflow")));
    if (!text_is_empty(version))
        text_append_printf(&line, ", %.*s",
                           TEXT_ARG(explain_say(explainer, PHRASE_VERSION, version, TEXT_NONE)));
    if (!text_is_empty(country))
        text_append_printf(&line, ", %.*s",
                           TEXT_ARG(explain_say(explainer, PHRASE_COUNTRY, country, TEXT_NONE)));
    text_append(&line, TEXT(")"));
    explain_line(explainer, 0, "", text_buffer_text(&line));
    text_append(&explainer->output, TEXT("\n"));
    if (explainer->tree.workflow->is_abstract)
        explain_line(explainer, 0, "", explain_say(explainer, PHRASE_BASE, TEXT_NONE, TEXT_NONE));
    explain_line(
        explainer, 0, "",
        by != NULL ? explain_say(explainer, PHRASE_OPEN_BY, explain_roles(explainer, by), TEXT_NONE)
                   : explain_say(explainer, PHRASE_OPEN_ANY, TEXT_NONE, TEXT_NONE));
    explain_line(explainer, 0, "", explain_form(explainer, tree_get(open, "form")));
    explain_phrase(explainer, 0, PHRASE_STARTS, initial_written(explainer, 0));
}

static enum words_language choose_language(const struct explainer *explainer, struct text asked)
{
    const struct workflow *workflow = explainer->tree.workflow;
    enum words_language language = WORDS_EN;

    if (!words_language(asked, &language) && workflow->language_count > 0)
        words_language(workflow->languages[0], &language);
    return language;
}

static struct text nearest_state(const struct explainer *explainer, struct text id)
{
    const struct chart *chart = &explainer->tree.workflow->chart;
    struct text *names = ARENA_ARRAY(explainer->arena, struct text, chart->state_count);

    for (uint16_t s = 1; s < chart->state_count; s++)
        names[s - 1] = chart->states[s].id;
    return text_nearest(id, names, chart->state_count - 1U);
}

enum workbench_explained workbench_explain(const struct workbench_file *file,
                                           const struct workflow_context *context,
                                           const struct workbench_explaining *explaining,
                                           struct arena *arena, struct text *output_out)
{
    struct explainer explainer = {.arena = arena};
    const struct yaml_node *states;
    const struct yaml_entry *entry;
    size_t error_count;

    tree_load(&explainer.tree, file, context, arena);
    if (explainer.tree.root == NULL) {
        *output_out = tree_refusals(&explainer.tree, 1, explaining->format, arena, &error_count);
        return WORKBENCH_FAULTY;
    }
    explainer.words = choose_language(&explainer, explaining->language);
    text_buffer_init(&explainer.output, arena);
    states = tree_get(explainer.tree.root, "states");
    entry = explain_find(states, explaining->state);
    if (entry == NULL && !text_is_empty(explaining->state)) {
        *output_out = nearest_state(&explainer, explaining->state);
        return WORKBENCH_STATELESS;
    }
    if (entry != NULL) {
        write_state(&explainer, entry, 0);
    } else {
        write_head(&explainer);
        for (size_t i = 0; i < states->count; i++)
            write_state(&explainer, &states->entries[i], 0);
    }
    *output_out = text_buffer_text(&explainer.output);
    return WORKBENCH_EXPLAINED;
}
