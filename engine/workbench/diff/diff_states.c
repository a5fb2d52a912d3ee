/* States are compared by id, wherever in the tree they stand: one that moved is no new one, and one
 * that only its id changed is told as that. */
#include "base/arena.h"
#include "workbench/diff/diff_parts.h"

struct found {
    const struct yaml_entry *entry;
    const struct found *parent; /* NULL: at the top */
    const struct found *same;   /* its other half in the other file */
};

struct states {
    struct found *items;
    size_t count;
};

static size_t count_states(const struct yaml_node *parent)
{
    const struct yaml_node *states = yaml_get(parent, "states");
    size_t count = 0;

    for (size_t i = 0; states != NULL && i < states->count; i++)
        count += 1 + count_states(states->entries[i].value);
    return count;
}

static void collect(struct states *all, const struct yaml_node *parent, const struct found *over)
{
    const struct yaml_node *states = yaml_get(parent, "states");

    for (size_t i = 0; states != NULL && i < states->count; i++) {
        struct found *found = &all->items[all->count++];

        *found = (struct found){.entry = &states->entries[i], .parent = over};
        collect(all, found->entry->value, found);
    }
}

static struct states states_of(const struct diff *diff, const struct tree *tree)
{
    struct states all = {ARENA_ARRAY(diff->arena, struct found, count_states(tree->root)), 0};

    collect(&all, tree->root, NULL);
    return all;
}

static struct found *named(struct states *states, struct text id)
{
    for (size_t i = 0; i < states->count; i++)
        if (text_equal(states->items[i].entry->key, id))
            return &states->items[i];
    return NULL;
}

static void pair(struct found *before, struct found *after)
{
    before->same = after;
    after->same = before;
}

/* By id; then, of those that are left, by content: one that says the same under another id. */
static void match(struct states *before, struct states *after)
{
    for (size_t i = 0; i < before->count; i++) {
        struct found *other = named(after, before->items[i].entry->key);

        if (other != NULL)
            pair(&before->items[i], other);
    }
    for (size_t i = 0; i < before->count; i++)
        for (size_t j = 0; before->items[i].same == NULL && j < after->count; j++)
            if (after->items[j].same == NULL &&
                diff_same(before->items[i].entry->value, after->items[j].entry->value) &&
                before->items[i].entry->value->count > 0)
                pair(&before->items[i], &after->items[j]);
}

static struct text state_name(const struct diff *diff, const struct tree *tree,
                              const struct found *found)
{
    return diff_name(diff, tree, diff_say(diff, N_("state")), found->entry->key,
                     found->entry->value);
}

static struct text home_of(const struct diff *diff, const struct found *found)
{
    return found->parent == NULL ? text_from(diff_say(diff, N_("at the top")))
                                 : text_printf(diff->arena, diff_say(diff, N_("in \"%.*s\"")),
                                               TEXT_ARG(found->parent->entry->key));
}

static struct diff_where all_states(const struct diff *diff)
{
    return (struct diff_where){.group = text_from(diff_say(diff, N_("States")))};
}

static void tell_removed(struct diff *diff, const struct states *before)
{
    const struct diff_where where = all_states(diff);

    for (size_t i = 0; i < before->count; i++) {
        const struct found *found = &before->items[i];

        if (found->same == NULL)
            diff_add(diff, DIFF_REMOVED, &where, TEXT_NONE, found->entry->key_place,
                     N_("the %.*s, %.*s, is gone"), TEXT_ARG(state_name(diff, diff->before, found)),
                     TEXT_ARG(home_of(diff, found)))
                ->before = found->entry->value;
    }
}

static void tell_place(struct diff *diff, const struct found *found)
{
    const struct diff_where where = all_states(diff);
    const struct found *was = found->same;
    struct text name = state_name(diff, diff->after, found);

    if (was == NULL) {
        diff_add(diff, DIFF_ADDED, &where, TEXT_NONE, found->entry->key_place,
                 N_("the %.*s, %.*s, is new"), TEXT_ARG(name), TEXT_ARG(home_of(diff, found)))
            ->after = found->entry->value;
        return;
    }
    if (!text_equal(was->entry->key, found->entry->key))
        diff_add(diff, DIFF_CHANGED, &where, TEXT_NONE, found->entry->key_place,
                 N_("the %.*s has another id (was \"%.*s\")"), TEXT_ARG(name),
                 TEXT_ARG(was->entry->key));
    if ((was->parent != NULL ? was->parent->same : NULL) != found->parent)
        diff_add(diff, DIFF_CHANGED, &where, TEXT_NONE, found->entry->key_place,
                 N_("the %.*s is now %.*s (was %.*s)"), TEXT_ARG(name),
                 TEXT_ARG(home_of(diff, found)), TEXT_ARG(home_of(diff, was)));
}

static void compare_order(struct diff *diff, const struct diff_where *where,
                          const struct yaml_node *before, const struct yaml_node *after)
{
    const struct yaml_node *is = yaml_get(after, "states");

    if (is != NULL && !diff_same_order(yaml_get(before, "states"), is))
        diff_add(diff, DIFF_CHANGED, where, TEXT("states"), is->place,
                 N_("the states in it stand in another order"));
}

/* "State" begins a heading. */
static struct text heading(const struct diff *diff, const struct found *found)
{
    return diff_name(diff, diff->after, diff_say(diff, N_("State")), found->entry->key,
                     found->entry->value);
}

void diff_states(struct diff *diff)
{
    const struct diff_where top = {.group = text_from(diff_say(diff, N_("The workflow")))};
    struct states before = states_of(diff, diff->before), after = states_of(diff, diff->after);

    match(&before, &after);
    tell_removed(diff, &before);
    for (size_t i = 0; i < after.count; i++)
        tell_place(diff, &after.items[i]);
    compare_order(diff, &top, diff->before->root, diff->after->root);
    for (size_t i = 0; i < after.count; i++) {
        const struct found *found = &after.items[i];
        struct diff_where where = {.group = heading(diff, found)};

        if (found->same == NULL)
            continue;
        diff_part(diff, &where, &workflow_table_state, found->same->entry->value,
                  found->entry->value);
        compare_order(diff, &where, found->same->entry->value, found->entry->value);
    }
}
