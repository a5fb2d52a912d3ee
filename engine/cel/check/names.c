/* Names: what the scope declares, what a macro binds, and what may have been meant instead.
 *
 * A chain `a.b.c` is looked up whole first, then without its last member, and so on: the longest
 * declared name wins, what remains selects members of its value. A macro's variable hides every
 * declared name that begins with it; a leading dot reaches past it. */
#include <string.h>

#include "cel/check/check.h"
#include "cel/run/functions.h"

void cel_suggest(struct compile *compile, struct diag *diag, struct text name,
                 const struct text *candidates, size_t count)
{
    struct text nearest = text_nearest(name, candidates, count);

    if (!text_is_empty(nearest))
        diag_help(compile->diags, diag, "did you mean %.*s?", TEXT_ARG(nearest));
}

static const struct local *find_local(const struct check *check, struct text name)
{
    for (size_t i = check->local_count; i > 0; i--) {
        if (text_equal(check->locals[i - 1].name, name))
            return &check->locals[i - 1];
    }
    return NULL;
}

/* The name at the left end of a chain of members, or NULL. */
static struct node *root_of(struct node *node)
{
    while (node->kind == NODE_SELECT) {
        node = node->items[0];
        if (node->is_bracketed)
            return NULL; /* (a.b).c asks for a member of the value a.b */
    }
    return node->kind == NODE_NAME ? node : NULL;
}

/* "data.risk" for a chain of members; TEXT_NONE if a member's own name has a dot. */
static struct text chain_name(struct arena *arena, const struct node *node)
{
    if (node->kind == NODE_NAME)
        return node->name;
    if (memchr(node->name.bytes, '.', node->name.size))
        return TEXT_NONE;
    struct text before = chain_name(arena, node->items[0]);
    if (text_is_empty(before))
        return TEXT_NONE;
    return text_printf(arena, "%.*s.%.*s", TEXT_ARG(before), TEXT_ARG(node->name));
}

/* The declared names, those of outer scopes last; NULL behind them. */
static const struct cel_name *name_at(const struct check *check, size_t index)
{
    const struct cel_scope *scope = check->compile->scope;

    while (scope && index >= scope->name_count) {
        index -= scope->name_count;
        scope = scope->outer;
    }
    return scope ? &scope->names[index] : NULL;
}

static const struct cel_name *find_declared(const struct check *check, struct text name)
{
    const struct cel_name *declared;

    for (size_t i = 0; (declared = name_at(check, i)) != NULL; i++) {
        if (text_equal(declared->name, name))
            return declared;
    }
    return NULL;
}

/* Adds the name to a list that grows, unless it stands there. */
static void note(struct arena *arena, struct text name, struct text **names_io, size_t *count_io,
                 size_t *capacity_io)
{
    for (size_t i = 0; i < *count_io; i++) {
        if (text_equal((*names_io)[i], name))
            return;
    }
    if (*count_io == *capacity_io) {
        size_t capacity = *capacity_io ? 2 * *capacity_io : 8;
        struct text *names = ARENA_ARRAY(arena, struct text, capacity);
        if (*count_io > 0)
            memcpy(names, *names_io, *count_io * sizeof(*names));
        *names_io = names;
        *capacity_io = capacity;
    }
    (*names_io)[(*count_io)++] = name;
}

static void note_read(struct check *check, struct text name)
{
    struct cel_program *program = check->compile->program;

    note(check->compile->arena, name, &program->reads, &program->read_count,
         &program->read_capacity);
}

void cel_check_note_state(struct check *check, struct text id)
{
    struct cel_program *program = check->compile->program;

    note(check->compile->arena, id, &program->states, &program->state_count,
         &program->state_capacity);
}

bool cel_check_local(struct check *check, struct node *node)
{
    const struct local *local = node->is_rooted ? NULL : find_local(check, node->name);

    if (!local)
        return false;
    node->kind = NODE_LOCAL;
    node->slot = (uint8_t)(local - check->locals);
    node->type = local->type;
    node->options = local->options;
    return true;
}

bool cel_check_declared(struct check *check, struct node *node)
{
    struct node *root = root_of(node);

    if (!root || (!root->is_rooted && find_local(check, root->name)))
        return false;
    struct text name = chain_name(check->compile->arena, node);
    const struct cel_name *declared = text_is_empty(name) ? NULL : find_declared(check, name);
    if (!declared)
        return false;
    node->kind = NODE_DECLARED;
    node->declared = declared;
    node->options = declared->options ? declared : NULL;
    node->type = cel_term_from(check->compile->arena, declared->type);
    note_read(check, declared->name);
    return true;
}

bool cel_check_resolves(struct check *check, struct node *node)
{
    struct node *root = root_of(node);

    if (!root || (!root->is_rooted && find_local(check, root->name)))
        return true;
    for (;; node = node->items[0]) {
        struct text name = chain_name(check->compile->arena, node);
        if (!text_is_empty(name) && find_declared(check, name))
            return true;
        if (node == root)
            return false;
    }
}

/* Whether declared names begin with `prefix` and a dot. */
static bool is_prefix(const struct check *check, struct text prefix)
{
    const struct cel_name *declared;

    for (size_t i = 0; prefix.size > 0 && (declared = name_at(check, i)) != NULL; i++) {
        struct text name = declared->name;
        if (name.size > prefix.size && name.bytes[prefix.size] == '.' &&
            memcmp(name.bytes, prefix.bytes, prefix.size) == 0)
            return true;
    }
    return false;
}

static size_t name_count(const struct check *check)
{
    size_t count = 0;

    for (const struct cel_scope *scope = check->compile->scope; scope; scope = scope->outer)
        count += scope->name_count;
    return count;
}

/* The words that may stand behind `prefix` (empty: at the beginning of a name); none where more
 * faults were told than are shown. */
static struct text *next_words(const struct check *check, struct text prefix, size_t *count_out)
{
    const struct cel_name *declared;
    size_t skip = prefix.size > 0 ? prefix.size + 1 : 0, count = 0;
    struct text *words;

    *count_out = 0;
    if (check->compile->diags->error_count > DIAG_MAX)
        return NULL;
    words = ARENA_ARRAY(check->compile->arena, struct text,
                        name_count(check) + check->local_count + 3u);
    for (size_t i = 0; (declared = name_at(check, i)) != NULL; i++) {
        struct text name = declared->name;
        if (skip > 0 && (name.size <= skip || name.bytes[prefix.size] != '.' ||
                         memcmp(name.bytes, prefix.bytes, prefix.size) != 0))
            continue;
        struct text word = {name.bytes + skip, name.size - skip};
        const char *dot = memchr(word.bytes, '.', word.size);
        if (dot)
            word.size = (size_t)(dot - word.bytes);
        words[count++] = word;
    }
    for (size_t i = 0; skip == 0 && i < check->local_count; i++)
        words[count++] = check->locals[i].name;
    if (skip == 0) {
        words[count++] = TEXT("true");
        words[count++] = TEXT("false");
        words[count++] = TEXT("null");
    }
    *count_out = count;
    return words;
}

/* A word without quotes that is an option of some choice field. */
static bool is_option(const struct check *check, struct text word)
{
    const struct cel_name *declared;

    for (size_t i = 0; (declared = name_at(check, i)) != NULL; i++) {
        for (size_t j = 0; j < declared->option_count; j++) {
            if (text_equal(declared->options[j], word))
                return true;
        }
    }
    return false;
}

static void unknown_first(struct check *check, struct node *root)
{
    struct compile *compile = check->compile;
    const struct refusal *refusal = cel_refused_type_name(root->name);
    size_t count;

    if (refusal) {
        cel_refuse(compile, root->name_span, refusal);
        return;
    }
    struct diag *diag = cel_compile_error(compile, root->name_span, E_NAME,
                                          "there is no name \"%.*s\"", TEXT_ARG(root->name));
    struct text *words = next_words(check, TEXT_NONE, &count);
    if (is_option(check, root->name))
        diag_help(compile->diags, diag, "an option is written in quotes: '%.*s'",
                  TEXT_ARG(root->name));
    else if (cel_function_is_known(root->name))
        diag_help(compile->diags, diag, "a function is written with its values: %.*s(...)",
                  TEXT_ARG(root->name));
    else
        cel_suggest(compile, diag, root->name, words, count);
}

/* `prefix` is no value by itself. */
static void bare_prefix(struct check *check, struct node *node, struct text prefix)
{
    struct compile *compile = check->compile;
    size_t count;
    struct text *words = next_words(check, prefix, &count);
    struct diag *diag = cel_compile_error(compile, node->span, E_NAME,
                                          "\"%.*s\" is no value by itself", TEXT_ARG(prefix));

    if (count > 0)
        diag_help(compile->diags, diag, "name one of its members, such as %.*s.%.*s",
                  TEXT_ARG(prefix), TEXT_ARG(words[0]));
}

void cel_check_unknown_name(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct node *root = root_of(node);
    struct text name = chain_name(compile->arena, node);

    if (node == root && !is_prefix(check, name)) {
        unknown_first(check, root);
    } else if (!text_is_empty(name) && is_prefix(check, name)) {
        bare_prefix(check, node, name);
    } else {
        /* The longest prefix is known, the member behind it is not. */
        while (node->items[0] != root &&
               !is_prefix(check, chain_name(compile->arena, node->items[0])))
            node = node->items[0];
        struct text prefix = chain_name(compile->arena, node->items[0]);
        if (!is_prefix(check, prefix)) {
            unknown_first(check, root);
            return;
        }
        size_t count;
        struct text *words = next_words(check, prefix, &count);
        struct diag *diag =
            cel_compile_error(compile, node->name_span, E_NAME, "%.*s has no member \"%.*s\"",
                              TEXT_ARG(prefix), TEXT_ARG(node->name));
        cel_suggest(compile, diag, node->name, words, count);
    }
}
