/* What changed in what a part says, key by key of its table. */
#include "base/arena.h"
#include "workbench/diff/diff_parts.h"

bool diff_same(const struct yaml_node *a, const struct yaml_node *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind || a->count != b->count)
        return a == b;
    if (a->kind == YAML_SCALAR)
        return text_equal(a->text, b->text) && yaml_is_null(a) == yaml_is_null(b);
    for (size_t i = 0; i < a->count; i++)
        if ((a->kind == YAML_MAP && !text_equal(a->entries[i].key, b->entries[i].key)) ||
            !diff_same(a->entries[i].value, b->entries[i].value))
            return false;
    return true;
}

bool diff_same_order(const struct yaml_node *before, const struct yaml_node *after)
{
    size_t next = 0;

    for (size_t i = 0; before != NULL && after != NULL && i < before->count; i++) {
        size_t at = 0;

        while (at < after->count && !text_equal(after->entries[at].key, before->entries[i].key))
            at++;
        if (at == after->count)
            continue;
        if (at < next)
            return false;
        next = at + 1;
    }
    return true;
}

/* One thing under a key: it came, went, or is another. */
static void compare_value(struct diff *diff, const struct diff_where *where, const struct key *key,
                          const struct diff_label *label, const struct yaml_node *before,
                          const struct yaml_node *after)
{
    struct text was = before != NULL ? diff_shown(diff, key, diff->before, before) : TEXT_NONE;
    struct text is = after != NULL ? diff_shown(diff, key, diff->after, after) : TEXT_NONE;
    struct diff_change *change;

    if (before == NULL && after != NULL)
        change = diff_add(diff, DIFF_ADDED, where, text_from(key->name), after->place,
                          label->is_many ? N_("the %s are new: %.*s") : N_("the %s is new: %.*s"),
                          label->words, TEXT_ARG(is));
    else if (after == NULL)
        change = diff_add(diff, DIFF_REMOVED, where, text_from(key->name), before->place,
                          label->is_many ? N_("the %s are gone (were %.*s)")
                                         : N_("the %s is gone (was %.*s)"),
                          label->words, TEXT_ARG(was));
    else
        change = diff_add(diff, DIFF_CHANGED, where, text_from(key->name), after->place,
                          label->is_many ? N_("the %s are now %.*s (were %.*s)")
                                         : N_("the %s is now %.*s (was %.*s)"),
                          label->words, TEXT_ARG(is), TEXT_ARG(was));
    change->before = before;
    change->after = after;
}

static void compare_flag(struct diff *diff, const struct diff_where *where, const struct key *key,
                         const struct yaml_node *before, const struct yaml_node *after)
{
    bool was = before != NULL && text_is(before->text, "true");
    bool is = after != NULL && text_is(after->text, "true");
    struct diff_label label = diff_flag(diff, key->name);
    struct diff_change *change;

    if (was == is)
        return;
    change = diff_add(diff, DIFF_CHANGED, where, text_from(key->name),
                      after != NULL ? after->place : before->place,
                      is ? N_("it is now %s") : N_("it is no longer %s"), label.words);
    change->before = before;
    change->after = after;
}

/* How an entry is called: `words` ("field \"%.*s\" of the form"), or, of a text in some language,
 * "title in fr". */
static struct diff_label entry_label(const struct diff *diff, const struct key *key,
                                     const char *words, struct text name)
{
    struct diff_label label = diff_label(diff, key->name);
    struct text called = words != NULL
                             ? text_printf(diff->arena, diff_say(diff, words), TEXT_ARG(name))
                             : text_printf(diff->arena, diff_say(diff, N_("%s in %.*s")),
                                           label.words, TEXT_ARG(name));

    return (struct diff_label){key->name, called.bytes, false};
}

/* A map of name to something small: texts by language, fields of a form, inputs. */
static void compare_entries(struct diff *diff, const struct diff_where *where,
                            const struct key *key, const char *words,
                            const struct yaml_node *before, const struct yaml_node *after)
{
    struct diff_label label;

    for (size_t i = 0; after != NULL && i < after->count; i++) {
        const struct yaml_entry *entry = &after->entries[i];
        const struct yaml_node *was = tree_get(before, entry->key.bytes);

        label = entry_label(diff, key, words, entry->key);
        if (!yaml_is_null(entry->value) && !diff_same(was, entry->value))
            compare_value(diff, where, key, &label, was, entry->value);
    }
    for (size_t i = 0; before != NULL && i < before->count; i++) {
        const struct yaml_entry *entry = &before->entries[i];

        label = entry_label(diff, key, words, entry->key);
        if (!yaml_is_null(entry->value) && tree_get(after, entry->key.bytes) == NULL)
            compare_value(diff, where, key, &label, entry->value, NULL);
    }
    if (!diff_same_order(before, after))
        diff_add(diff, DIFF_CHANGED, where, text_from(key->name), after->place,
                 N_("what `%s` names stands in another order"), key->name);
}

static bool is_map(const struct yaml_node *node)
{
    return node == NULL || node->kind == YAML_MAP;
}

/* A text for people; in one language or in each. */
static void compare_words(struct diff *diff, const struct diff_where *where, const struct key *key,
                          const struct yaml_node *before, const struct yaml_node *after)
{
    struct diff_label label = diff_label(diff, key->name);

    if (before != NULL && after != NULL && is_map(before) && is_map(after))
        compare_entries(diff, where, key, NULL, before, after);
    else
        compare_value(diff, where, key, &label, before, after);
}

static struct diff_where inside(const struct diff *diff, const struct diff_where *outer,
                                struct text part)
{
    struct diff_where where = *outer;

    where.part = text_is_empty(outer->part) ? part
                                            : text_printf(diff->arena, "%.*s, %.*s",
                                                          TEXT_ARG(outer->part), TEXT_ARG(part));
    return where;
}

/* A map by a table under one key: `deadline`, `answer`, `retry`. */
static void compare_map(struct diff *diff, const struct diff_where *where, const struct key *key,
                        const struct yaml_node *before, const struct yaml_node *after)
{
    struct diff_where part = inside(diff, where, text_from(key->name));
    struct diff_label label = diff_label(diff, key->name);

    if (before != NULL && after != NULL && key->of != NULL && is_map(before) && is_map(after))
        diff_part(diff, &part, key->of, before, after);
    else
        compare_value(diff, where, key, &label, before, after);
}

static const char *const entry_words[] = {
    [KEY_WORDS_BY_ID] = N_("option \"%.*s\""), [KEY_WORD_BY_ID] = N_("field \"%.*s\" of the form"),
    [KEY_VALUES] = N_("value of \"%.*s\""),    [KEY_TEXT_BY_ID] = N_("output kept in \"%.*s\""),
    [KEY_DAYS] = N_("holiday %.*s"),
};

static void compare_key(struct diff *diff, const struct diff_where *where, const struct key *key,
                        const struct yaml_node *before, const struct yaml_node *after)
{
    /* `initial` is a value in a field, and names a state elsewhere. */
    const char *name = key->shape == KEY_TARGETS && text_is(text_from(key->name), "initial")
                           ? "initial state"
                           : key->name;
    struct diff_label label = diff_label(diff, name);

    switch (key->shape) {
    case KEY_FLAG:
        compare_flag(diff, where, key, before, after);
        return;
    case KEY_WORDS:
        compare_words(diff, where, key, before, after);
        return;
    case KEY_WORDS_BY_ID:
    case KEY_WORD_BY_ID:
    case KEY_VALUES:
    case KEY_TEXT_BY_ID:
    case KEY_DAYS:
        compare_entries(diff, where, key, entry_words[key->shape], before, after);
        return;
    case KEY_MAP:
    case KEY_TEXT_OR_MAP:
        compare_map(diff, where, key, before, after);
        return;
    case KEY_MAPS:
    case KEY_MAP_OR_MAPS:
        diff_maps(diff, where, key, before, after);
        return;
    case KEY_TEXT:
    case KEY_COUNT:
    case KEY_NUMBER:
    case KEY_WORD:
    case KEY_WORD_LIST:
    case KEY_ID_LIST:
    case KEY_NAME_LIST:
    case KEY_TARGETS:
    case KEY_EXPRESSION:
    case KEY_VALUE:
    case KEY_ACTIONS:
        compare_value(diff, where, key, &label, before, after);
        return;
    }
}

void diff_part(struct diff *diff, const struct diff_where *where, const struct table *table,
               const struct yaml_node *before, const struct yaml_node *after)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];
        const struct yaml_node *was, *is;

        if (key->of == &workflow_table_state)
            continue;
        was = tree_get(before, key->name);
        is = tree_get(after, key->name);
        if (key->shape == KEY_MAPS || key->shape == KEY_MAP_OR_MAPS) {
            was = tree_transitions(before, key->name, diff->arena);
            is = tree_transitions(after, key->name, diff->arena);
        }
        if (!diff_same(was, is))
            compare_key(diff, where, key, was, is);
    }
}

/* Roles and fields are groups of their own; what a state or a transition has is told as its. */
static struct diff_where where_of(const struct diff *diff, const struct diff_where *where,
                                  const struct key *key)
{
    struct diff_where group = *where;

    if (key->of == &workflow_table_role)
        group.group = text_from(diff_say(diff, N_("Roles")));
    else if (key->of == &workflow_table_field)
        group.group = text_from(diff_say(diff, N_("Fields")));
    return group;
}

static void compare_one(struct diff *diff, const struct diff_where *where, const struct key *key,
                        const struct yaml_entry *entry, const struct yaml_node *before,
                        const struct yaml_node *after)
{
    const char *noun = diff_noun(diff, key->name);
    struct diff_where part;

    if (before == NULL)
        diff_add(diff, DIFF_ADDED, where, TEXT_NONE, entry->key_place, N_("the %.*s is new"),
                 TEXT_ARG(diff_name(diff, diff->after, noun, entry->key, after)))
            ->after = after;
    else if (after == NULL)
        diff_add(diff, DIFF_REMOVED, where, TEXT_NONE, entry->key_place, N_("the %.*s is gone"),
                 TEXT_ARG(diff_name(diff, diff->before, noun, entry->key, before)))
            ->before = before;
    else {
        part = inside(diff, where, diff_name(diff, diff->after, noun, entry->key, after));
        diff_part(diff, &part, key->of, before, after);
    }
}

void diff_maps(struct diff *diff, const struct diff_where *outer, const struct key *key,
               const struct yaml_node *before, const struct yaml_node *after)
{
    struct diff_where where = where_of(diff, outer, key);

    for (size_t i = 0; before != NULL && i < before->count; i++)
        if (tree_get(after, before->entries[i].key.bytes) == NULL)
            compare_one(diff, &where, key, &before->entries[i], before->entries[i].value, NULL);
    for (size_t i = 0; after != NULL && i < after->count; i++)
        compare_one(diff, &where, key, &after->entries[i],
                    tree_get(before, after->entries[i].key.bytes), after->entries[i].value);
    if (!diff_same_order(before, after))
        diff_add(diff, DIFF_CHANGED, &where, text_from(key->name), after->place,
                 N_("the %s under `%s` stand in another order"), diff_nouns(diff, key->name),
                 key->name);
}
