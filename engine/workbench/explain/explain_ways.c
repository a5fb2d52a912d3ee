/* What leads out of a state, and the steps in it, in words. */
#include "base/arena.h"
#include "workbench/explain/explain_words.h"

struct text explain_form(const struct explainer *explainer, const struct yaml_node *form)
{
    size_t count = form != NULL && form->kind == YAML_MAP ? form->count : 0;
    struct text *names = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++) {
        names[i] = explain_field(explainer, form->entries[i].key);
        if (text_is(form->entries[i].value->text, "optional"))
            names[i] = explain_say(explainer, PHRASE_OPTIONAL, names[i], TEXT_NONE);
    }
    return count == 0 ? TEXT_NONE
                      : explain_say(explainer, PHRASE_FORM,
                                    words_list(explainer->words, PHRASE_AND, names, count,
                                               explainer->arena),
                                    TEXT_NONE);
}

/* ---- Transitions. ---- */

static struct text guard_written(const struct explainer *explainer, const struct yaml_node *node)
{
    struct text guard = tree_text(node, "guard");
    struct text words =
        tree_words(&explainer->tree, tree_get(node, "explain"), words_code(explainer->words));

    if (text_is_empty(guard))
        return TEXT_NONE;
    return text_is_empty(words) ? explain_say(explainer, PHRASE_GUARD, guard, TEXT_NONE)
                                : explain_say(explainer, PHRASE_ONLY, words, guard);
}

static struct text checks_written(const struct explainer *explainer, const struct yaml_node *node)
{
    const struct yaml_node *checks = tree_get(node, "check");
    size_t count = checks != NULL && checks->kind == YAML_MAP ? checks->count : 0;
    struct text *uses = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        uses[i] = tree_text(checks->entries[i].value, "use");
    return count == 0 ? TEXT_NONE
                      : explain_say(
                            explainer, PHRASE_CHECK,
                            words_list(explainer->words, PHRASE_AND, uses, count, explainer->arena),
                            TEXT_NONE);
}

static struct text approval_written(const struct explainer *explainer, const struct yaml_node *node)
{
    const struct yaml_node *approve = tree_get(node, "approve");
    struct text need = tree_text(approve, "need");

    if (approve == NULL)
        return TEXT_NONE;
    bool is_one = text_is_empty(need) || text_is(need, "1");
    return explain_say(explainer, is_one ? PHRASE_APPROVE_ONE : PHRASE_APPROVE, need,
                       explain_roles(explainer, tree_get(approve, "by")));
}

/* Left out, it is whoever submits. */
static struct text exclusion_written(const struct explainer *explainer,
                                     const struct yaml_node *node)
{
    const struct yaml_node *approve = tree_get(node, "approve");
    const struct yaml_node *list = tree_get(approve, "exclude");
    size_t count = list == NULL ? 1 : list->kind == YAML_LIST ? list->count : 0;
    struct text *who = ARENA_ARRAY(explainer->arena, struct text, count);

    if (approve == NULL || count == 0)
        return TEXT_NONE;
    for (size_t i = 0; i < count; i++) {
        struct text id = list == NULL ? TEXT("submitter") : list->entries[i].value->text;
        who[i] = text_is(id, "submitter")
                     ? explain_say(explainer, PHRASE_SUBMITTER, TEXT_NONE, TEXT_NONE)
                     : explain_say(explainer, PHRASE_WHOM_FIELD_NAMES, explain_field(explainer, id),
                                   TEXT_NONE);
    }
    return explain_say(explainer, PHRASE_EXCLUDE,
                       words_list(explainer->words, PHRASE_OR, who, count, explainer->arena),
                       TEXT_NONE);
}

static struct text way_written(const struct explainer *explainer, const struct yaml_node *node)
{
    struct text targets = explain_states(explainer, tree_get(node, "target"));

    return text_is_empty(targets) ? explain_say(explainer, PHRASE_STAYS, TEXT_NONE, TEXT_NONE)
                                  : explain_say(explainer, PHRASE_TARGET, targets, TEXT_NONE);
}

/* The head says when, or who does what; then the rest, in the order in which it counts. */
static void write_transition(struct explainer *explainer, size_t column, struct text head,
                             const struct yaml_node *node)
{
    struct text actions = explain_actions(explainer, tree_get(node, "do"));
    struct text_buffer line;

    text_buffer_init(&line, explainer->arena);
    explain_sentence(&line, head);
    explain_sentence(&line, explain_form(explainer, tree_get(node, "form")));
    explain_sentence(&line, checks_written(explainer, node));
    explain_sentence(&line, guard_written(explainer, node));
    explain_sentence(&line, approval_written(explainer, node));
    explain_sentence(&line, exclusion_written(explainer, node));
    if (!text_is_empty(actions))
        explain_sentence(&line, explain_say(explainer, PHRASE_DO, actions, TEXT_NONE));
    explain_sentence(&line, way_written(explainer, node));
    explain_line(explainer, column, "- ", text_buffer_text(&line));
}

static struct text on_head(const struct explainer *explainer, const struct yaml_entry *entry)
{
    struct text event = tree_text(entry->value, "event");
    struct text title =
        tree_words(&explainer->tree, tree_get(entry->value, "title"), words_code(explainer->words));
    const struct yaml_node *by = tree_get(entry->value, "by");

    if (text_is_empty(event))
        event = entry->key;
    if (by == NULL)
        return explain_say(explainer, PHRASE_EVENT, event, TEXT_NONE);
    if (!text_is_empty(title))
        event = text_printf(explainer->arena, "%.*s (%.*s)", TEXT_ARG(title), TEXT_ARG(event));
    return explain_say(explainer, PHRASE_PERSON, event, explain_roles(explainer, by));
}

static struct text after_head(const struct explainer *explainer, const struct yaml_entry *entry)
{
    return explain_say(explainer, PHRASE_AFTER, explain_span(explainer, entry->value, "delay"),
                       TEXT_NONE);
}

static struct text always_head(const struct explainer *explainer, const struct yaml_entry *entry)
{
    (void)entry;
    return explain_say(explainer, PHRASE_ALWAYS, TEXT_NONE, TEXT_NONE);
}

static struct text done_head(const struct explainer *explainer, const struct yaml_entry *entry)
{
    (void)entry;
    return explain_say(explainer, PHRASE_DONE, TEXT_NONE, TEXT_NONE);
}

void explain_transitions(struct explainer *explainer, size_t column, const struct yaml_node *state)
{
    static const struct {
        const char *key;
        struct text (*head)(const struct explainer *explainer, const struct yaml_entry *entry);
    } keys[] = {
        {"always", always_head}, {"on", on_head}, {"after", after_head}, {"done", done_head}};

    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        const struct yaml_node *map = tree_transitions(state, keys[k].key, explainer->arena);

        for (size_t i = 0; map != NULL && i < map->count; i++)
            write_transition(explainer, column, keys[k].head(explainer, &map->entries[i]),
                             map->entries[i].value);
    }
}

/* ---- Steps. ---- */

static void write_outcome(struct explainer *explainer, size_t column, const struct yaml_entry *step,
                          const char *key, enum phrase phrase)
{
    const struct yaml_node *map = tree_transitions(step->value, key, explainer->arena);

    for (size_t i = 0; map != NULL && i < map->count; i++)
        write_transition(explainer, column, explain_say(explainer, phrase, step->key, TEXT_NONE),
                         map->entries[i].value);
}

void explain_step(struct explainer *explainer, size_t column, const struct yaml_entry *step)
{
    const struct yaml_node *answer = tree_get(step->value, "answer");
    const struct yaml_node *retry = tree_get(step->value, "retry");
    struct text_buffer line;

    text_buffer_init(&line, explainer->arena);
    explain_sentence(&line,
                     explain_say(explainer, PHRASE_STEP, step->key, tree_text(step->value, "use")));
    if (answer != NULL) {
        explain_sentence(&line,
                         explain_say(explainer, PHRASE_ANSWER,
                                     explain_roles(explainer, tree_get(answer, "by")), TEXT_NONE));
        explain_sentence(&line, explain_form(explainer, tree_get(answer, "form")));
    }
    if (retry != NULL)
        explain_sentence(&line, explain_say(explainer, PHRASE_RETRY, tree_text(retry, "attempts"),
                                            explain_span(explainer, retry, "wait")));
    explain_line(explainer, column, "", text_buffer_text(&line));
    write_outcome(explainer, column, step, "done", PHRASE_STEP_DONE);
    write_outcome(explainer, column, step, "failed", PHRASE_STEP_FAILED);
}
