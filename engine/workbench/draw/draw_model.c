/* What each state tells of itself in a picture: its deadline, its steps, what leads out of it. */
#include "workbench/draw/draw_model.h"

#include "base/arena.h"
#include "base/language.h"

static const struct draw_words all_words[] = {
    {"en", "Deadline", "Step", "at once", "after", "when all in it is done", "done", "failed",
     "on a condition", "after a check", "after approval", "at the same time",
     "back to where it was", "back to where it was, in detail"},
    {"fr", "Délai", "Étape", "aussitôt", "après", "quand tout y est terminé", "terminée", "échouée",
     "sous condition", "après vérification", "après approbation", "en même temps",
     "retour à l'état d'avant", "retour à l'état d'avant, en détail"},
    {"pt", "Prazo", "Passo", "de imediato", "após", "quando tudo nele termina", "feito", "falhou",
     "sob condição", "após verificação", "após aprovação", "ao mesmo tempo",
     "volta ao estado anterior", "volta ao estado anterior, em detalhe"},
};

static const struct draw_words *words_of(struct text wanted)
{
    struct text tags[sizeof(all_words) / sizeof(all_words[0])];
    size_t count = sizeof(tags) / sizeof(tags[0]);

    for (size_t i = 0; i < count; i++)
        tags[i] = text_from(all_words[i].language);
    struct text best = language_choose(wanted, tags, count);
    for (size_t i = 0; i < count; i++)
        if (text_equal(best, tags[i]))
            return &all_words[i];
    return &all_words[0];
}

/* ---- One transition. ---- */

static void read_targets(const struct draw *draw, const struct yaml_node *node,
                         struct draw_line *line)
{
    const struct yaml_node *target = tree_get(node, "target");
    size_t count = target == NULL ? 0 : target->kind == YAML_LIST ? target->count : 1;
    uint16_t *targets = ARENA_ARRAY(draw->arena, uint16_t, count);

    for (size_t i = 0; i < count; i++)
        targets[i] = chart_state_named(
            draw->chart, target->kind == YAML_LIST ? target->entries[i].value->text : target->text);
    line->targets = targets;
    line->target_count = count;
}

static void add_to_note(struct text_buffer *note, struct text words)
{
    text_append_printf(note, "%s%.*s", note->size > 0 ? "; " : "", TEXT_ARG(words));
}

static struct text role_title(const struct draw *draw, struct text id)
{
    const struct yaml_node *role = tree_get(tree_get(draw->tree->root, "roles"), id.bytes);
    struct text title = tree_words(draw->tree, tree_get(role, "title"), draw->language);

    return text_is_empty(title) ? id : title;
}

/* "Case worker, Supervisor; on a condition" */
static struct text note_of(const struct draw *draw, const struct yaml_node *node)
{
    const struct yaml_node *by = tree_get(node, "by");
    struct text_buffer note;

    text_buffer_init(&note, draw->arena);
    for (size_t i = 0; by != NULL && by->kind == YAML_LIST && i < by->count; i++)
        text_append_printf(&note, "%s%.*s", i > 0 ? ", " : "",
                           TEXT_ARG(role_title(draw, by->entries[i].value->text)));
    if (tree_get(node, "guard") != NULL)
        add_to_note(&note, text_from(draw->words->condition));
    if (tree_get(node, "check") != NULL)
        add_to_note(&note, text_from(draw->words->check));
    if (tree_get(node, "approve") != NULL)
        add_to_note(&note, text_from(draw->words->approval));
    return text_buffer_text(&note);
}

/* ---- The lines of a state. ---- */

struct lines {
    const struct draw *draw;
    struct draw_line *items; /* NULL: they are being counted */
    size_t count;
};

static void add_line(struct lines *lines, struct draw_line line)
{
    if (lines->items != NULL)
        lines->items[lines->count] = line;
    lines->count++;
}

/* What a transition is called without a title, by where it stands. */
static struct text name_of(const struct draw *draw, const char *key, const struct yaml_entry *entry)
{
    struct text delay = tree_text(entry->value, "delay");
    struct text event = tree_text(entry->value, "event");

    if (text_is(text_from(key), "always"))
        return text_from(draw->words->at_once);
    if (text_is(text_from(key), "after"))
        return text_printf(draw->arena, "%s %.*s", draw->words->after,
                           TEXT_ARG(text_begins(delay, "=") ? entry->key : delay));
    if (text_is(text_from(key), "done"))
        return text_from(draw->words->complete);
    return text_is_empty(event) ? entry->key : event;
}

static void add_moves(struct lines *lines, const struct yaml_node *state, const char *key,
                      struct text called)
{
    const struct draw *draw = lines->draw;
    const struct yaml_node *map = tree_transitions(state, key, draw->arena);

    for (size_t i = 0; map != NULL && i < map->count; i++) {
        const struct yaml_entry *entry = &map->entries[i];
        struct draw_line line = {.kind = DRAW_MOVE};

        if (entry->value->kind != YAML_MAP)
            continue;
        line.text = tree_words(draw->tree, tree_get(entry->value, "title"), draw->language);
        if (text_is_empty(line.text))
            line.text = text_is_empty(called) ? name_of(draw, key, entry) : called;
        line.note = note_of(draw, entry->value);
        line.tip = tree_text(entry->value, "guard");
        read_targets(draw, entry->value, &line);
        add_line(lines, line);
    }
}

static void add_step(struct lines *lines, const struct yaml_entry *step)
{
    const struct draw *draw = lines->draw;
    struct text use = tree_text(step->value, "use");

    add_line(lines, (struct draw_line){.kind = DRAW_STEP,
                                       .text = text_printf(draw->arena, "%s: %.*s (%.*s)",
                                                           draw->words->step, TEXT_ARG(step->key),
                                                           TEXT_ARG(use))});
    add_moves(lines, step->value, "done",
              text_printf(draw->arena, "%.*s: %s", TEXT_ARG(step->key), draw->words->done));
    add_moves(lines, step->value, "failed",
              text_printf(draw->arena, "%.*s: %s", TEXT_ARG(step->key), draw->words->failed));
}

static void collect(struct lines *lines, const struct yaml_node *node)
{
    const struct draw *draw = lines->draw;
    const struct yaml_node *steps = tree_get(node, "steps");
    struct text within = tree_text(tree_get(node, "deadline"), "within");

    lines->count = 0;
    if (!text_is_empty(within))
        add_line(lines,
                 (struct draw_line){.kind = DRAW_DEADLINE,
                                    .text = text_printf(draw->arena, "%s: %.*s",
                                                        draw->words->deadline, TEXT_ARG(within))});
    for (size_t i = 0; steps != NULL && i < steps->count; i++)
        add_step(lines, &steps->entries[i]);
    add_moves(lines, node, "on", TEXT_NONE);
    add_moves(lines, node, "always", TEXT_NONE);
    add_moves(lines, node, "after", TEXT_NONE);
    add_moves(lines, node, "done", TEXT_NONE);
    add_moves(lines, node, "default", TEXT(" "));
}

static void read_state(struct draw *draw, const struct yaml_entry *entry)
{
    uint16_t number = chart_state_named(draw->chart, entry->key);
    struct draw_state *state = &draw->states[number];
    struct lines lines = {.draw = draw};

    state->title = tree_words(draw->tree, tree_get(entry->value, "title"), draw->language);
    if (text_is_empty(state->title))
        state->title = entry->key;
    collect(&lines, entry->value);
    lines.items = ARENA_ARRAY(draw->arena, struct draw_line, lines.count);
    collect(&lines, entry->value);
    state->lines = lines.items;
    state->line_count = lines.count;
}

static void read_states(struct draw *draw, const struct yaml_node *parent)
{
    const struct yaml_node *states = tree_get(parent, "states");

    for (size_t i = 0; states != NULL && i < states->count; i++) {
        read_state(draw, &states->entries[i]);
        read_states(draw, states->entries[i].value);
    }
}

/* ---- The whole. ---- */

void draw_read(struct draw *draw, const struct tree *tree, struct text language,
               struct arena *arena)
{
    *draw = (struct draw){.arena = arena,
                          .tree = tree,
                          .chart = &tree->workflow->chart,
                          .language = workflow_language(tree->workflow, language),
                          .words = words_of(language)};
    draw->title = workflow_say(tree->workflow, &tree->workflow->title, language);
    if (text_is_empty(draw->title))
        draw->title = tree->workflow->id;
    draw->states = ARENA_ARRAY(arena, struct draw_state, draw->chart->state_count);
    read_states(draw, tree->root);
}

struct text draw_target(const struct draw *draw, const struct draw_line *line)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, draw->arena);
    for (size_t i = 0; i < line->target_count; i++)
        text_append_printf(&buffer, "%s%.*s", i > 0 ? " + " : "",
                           TEXT_ARG(draw->states[line->targets[i]].title));
    return text_buffer_text(&buffer);
}

struct text draw_kind_words(const struct draw *draw, uint16_t state)
{
    const struct chart_state *facts = &draw->chart->states[state];

    switch (facts->kind) {
    case CHART_PARALLEL:
        return text_from(draw->words->parallel);
    case CHART_HISTORY:
        return text_from(facts->deep ? draw->words->deep_history : draw->words->history);
    case CHART_ATOMIC:
    case CHART_COMPOUND:
    case CHART_FINAL:
        return TEXT_NONE;
    }
    return TEXT_NONE;
}

bool draw_is_initial(const struct draw *draw, uint16_t state)
{
    const struct chart_state *parent = &draw->chart->states[draw->chart->states[state].parent];

    for (uint16_t i = 0; parent->kind == CHART_COMPOUND && i < parent->initial_count; i++)
        if (parent->initial[i] == state ||
            chart_is_descendant(draw->chart, parent->initial[i], state))
            return true;
    return false;
}
