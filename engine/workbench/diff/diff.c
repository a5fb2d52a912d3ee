/* What changed between two workflow files, in words: the whole, and writing it down.
 *
 * The happy path:
 * 1. Both files are loaded as any is; one that is refused is told of, and that is all.
 * 2. What the top, roles and fields say is compared by the loader's tables (diff_part.c).
 * 3. States are found by id, wherever they stand (diff_states.c).
 * 4. The changes are written under headings, one line each, or as JSON. */
#include "workbench/diff/diff.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "words/heard.h"
#include "workbench/diff/diff_parts.h"
#include "workbench/render.h"

static const char *const kind_words[] = {
    [DIFF_ADDED] = "added", [DIFF_REMOVED] = "removed", [DIFF_CHANGED] = "changed"};
static const char kind_signs[] = {[DIFF_ADDED] = '+', [DIFF_REMOVED] = '-', [DIFF_CHANGED] = '~'};

const char *diff_say(const struct diff *diff, const char *words)
{
    return diff->is_data ? words : gettext(words);
}

struct diff_change *diff_add(struct diff *diff, enum diff_kind kind, const struct diff_where *where,
                             struct text key, struct place place, const char *words, ...)
{
    struct diff_change *change = ARENA_NEW(diff->arena, struct diff_change);
    va_list arguments;

    va_start(arguments, words);
    *change =
        (struct diff_change){.kind = kind,
                             .group = where->group,
                             .part = where->part,
                             .key = key,
                             .place = place,
                             .words = text_vprintf(diff->arena, diff_say(diff, words), arguments)};
    va_end(arguments);
    diff->counts[kind]++;
    if (diff->last != NULL)
        diff->last->next = change;
    else
        diff->first = change;
    diff->last = change;
    return change;
}

struct text diff_name(const struct diff *diff, const struct tree *tree, const char *noun,
                      struct text id, const struct yaml_node *part)
{
    struct text title = tree_words(tree, tree_get(part, "title"), diff->language);

    if (text_is_empty(title))
        return text_printf(diff->arena, "%s \"%.*s\"", noun, TEXT_ARG(id));
    return text_printf(diff->arena, "%s \"%.*s\" (%.*s)", noun, TEXT_ARG(id), TEXT_ARG(title));
}

static void compare(struct diff *diff)
{
    const struct yaml_node *before = diff->before->root, *after = diff->after->root;
    const struct diff_where top = {.group = text_from(diff_say(diff, N_("The workflow")))};

    diff_part(diff, &top, &workflow_table_top, before, after);
    diff_states(diff);
}

/* ---- Writing. ---- */

static void write_line(const struct diff_change *change, struct text_buffer *output)
{
    text_append_printf(output, "  %c ", kind_signs[change->kind]);
    if (!text_is_empty(change->part))
        text_append_printf(output, "%.*s: ", TEXT_ARG(change->part));
    text_append(output, change->words);
    if (change->place.line > 0)
        text_append_printf(output, "  [%.*s:%u]", TEXT_ARG(change->place.file), change->place.line);
    text_append(output, TEXT("\n"));
}

/* Each heading once, where its first change stands. */
static bool is_first_of_group(const struct diff *diff, const struct diff_change *change)
{
    const struct diff_change *at = diff->first;

    while (!text_equal(at->group, change->group))
        at = at->next;
    return at == change;
}

static struct text write_words(const struct diff *diff)
{
    struct text_buffer output;

    text_buffer_init(&output, diff->arena);
    for (const struct diff_change *head = diff->first; head != NULL; head = head->next) {
        if (!is_first_of_group(diff, head))
            continue;
        text_append_printf(&output, "%s%.*s\n", output.size > 0 ? "\n" : "", TEXT_ARG(head->group));
        for (const struct diff_change *at = head; at != NULL; at = at->next)
            if (text_equal(at->group, head->group))
                write_line(at, &output);
    }
    return text_buffer_text(&output);
}

static void put_text(struct value *map, const char *key, struct text text)
{
    if (!text_is_empty(text))
        value_put(map, key, value_string(text));
}

static struct value change_value(const struct diff *diff, const struct diff_change *change)
{
    struct value map = value_map(diff->arena);

    value_put(&map, "change", value_cstring(kind_words[change->kind]));
    put_text(&map, "group", change->group);
    put_text(&map, "part", change->part);
    put_text(&map, "key", change->key);
    put_text(&map, "words", change->words);
    if (change->before != NULL)
        value_put(&map, "before", yaml_to_value(diff->arena, change->before));
    if (change->after != NULL)
        value_put(&map, "after", yaml_to_value(diff->arena, change->after));
    if (change->place.line > 0) {
        put_text(&map, "file", change->place.file);
        value_put(&map, "line", value_int(change->place.line));
    }
    return map;
}

static struct value tree_value(const struct diff *diff, const struct tree *tree)
{
    struct value map = value_map(diff->arena);

    value_put(&map, "file", value_string(tree->file->name));
    value_put(&map, "workflow", value_string(tree->workflow->id));
    put_text(&map, "version", tree->workflow->version);
    value_put(&map, "hash",
              value_string(text_hex(diff->arena, tree->workflow->hash, VAULT_HASH_BYTES)));
    return map;
}

static struct text write_json(const struct diff *diff)
{
    struct value map = value_map(diff->arena), list = value_list(diff->arena);

    value_put(&map, "equal", value_bool(diff->first == NULL));
    value_put(&map, "before", tree_value(diff, diff->before));
    value_put(&map, "after", tree_value(diff, diff->after));
    for (const struct diff_change *at = diff->first; at != NULL; at = at->next)
        value_append(&list, change_value(diff, at));
    value_put(&map, "changes", list);
    return render_json(&map, diff->arena);
}

static struct text summarize(const struct diff *diff)
{
    if (diff->first == NULL)
        return text_from(_("nothing that runs differs"));
    return text_printf(diff->arena, _("%zu added, %zu removed, %zu changed"),
                       diff->counts[DIFF_ADDED], diff->counts[DIFF_REMOVED],
                       diff->counts[DIFF_CHANGED]);
}

void workbench_diff(const struct workbench_file *before, const struct workbench_file *after,
                    const struct workflow_context *context, struct text language,
                    enum workbench_format format, struct arena *arena,
                    struct workbench_differed *differed_out)
{
    struct tree trees[2];
    struct diff diff = {.arena = arena,
                        .before = &trees[0],
                        .after = &trees[1],
                        .language = language,
                        .is_data = format == WORKBENCH_JSON};

    *differed_out = (struct workbench_differed){0};
    tree_load(&trees[0], before, context, arena);
    tree_load(&trees[1], after, context, arena);
    if (trees[0].root == NULL || trees[1].root == NULL) {
        differed_out->output = tree_refusals(trees, 2, format, arena, &differed_out->error_count);
        differed_out->summary = text_from(_("nothing was compared"));
        return;
    }
    compare(&diff);
    differed_out->added = diff.counts[DIFF_ADDED];
    differed_out->removed = diff.counts[DIFF_REMOVED];
    differed_out->changed = diff.counts[DIFF_CHANGED];
    differed_out->summary = summarize(&diff);
    differed_out->output = format == WORKBENCH_JSON ? write_json(&diff) : write_words(&diff);
}
