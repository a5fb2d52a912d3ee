/* How keys and what stands under them are called in a sentence. */
#include "base/arena.h"
#include "workbench/diff/diff_parts.h"

enum { SHOWN_BYTES_MAX = 240 };

static const struct diff_label labels[] = {
    {"workflow", N_("id"), false},
    {"time_zone", N_("time zone"), false},
    {"extends", N_("workflow it extends"), false},
    {"by", N_("roles that may"), true},
    {"languages", N_("languages"), true},
    {"sees", N_("fields it sees beyond the others"), true},
    {"supervises", N_("roles that it supervises"), true},
    {"initial", N_("initial value"), false},
    {"initial state", N_("initial state"), false},
    {"min", N_("least value"), false},
    {"max", N_("greatest value"), false},
    {"max_length", N_("greatest length"), false},
    {"max_items", N_("greatest number of items"), false},
    {"of", N_("type of its items"), false},
    {"guard", N_("guard"), false},
    {"explain", N_("explanation of the guard"), false},
    {"use", N_("step of a plugin that it uses"), false},
    {"do", N_("actions on the way"), true},
    {"entry", N_("actions on entry"), true},
    {"exit", N_("actions on exit"), true},
    {"within", N_("time allowed"), false},
    {"attempts", N_("number of attempts"), false},
    {"wait", N_("wait before another attempt"), false},
    {"wait_max", N_("longest wait"), false},
    {"data", N_("data of the done event"), true},
};

/* What a flag says of its part. */
static const struct diff_label flags[] = {
    {"sensitive", N_("sensitive"), false},
    {"name", N_("a person's name"), false},
    {"abstract", N_("abstract: no case is opened on it"), false},
    {"final", N_("final: no overlay may touch it"), false},
    {"reenter", N_("one that leaves and enters its state again"), false},
    {"deep", N_("deep"), false},
};

static struct diff_label label_of(const struct diff *diff, const struct diff_label *list,
                                  size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(text_from(key), list[i].key))
            return (struct diff_label){key, diff_say(diff, list[i].words), list[i].is_many};
    return (struct diff_label){key, key, false};
}

struct diff_label diff_label(const struct diff *diff, const char *key)
{
    return label_of(diff, labels, sizeof(labels) / sizeof(labels[0]), key);
}

struct diff_label diff_flag(const struct diff *diff, const char *key)
{
    return label_of(diff, flags, sizeof(flags) / sizeof(flags[0]), key);
}

static const struct noun {
    const char *key, *one, *many;
} nouns[] = {
    {"roles", N_("role"), N_("roles")},
    {"fields", N_("field"), N_("fields")},
    {"states", N_("state"), N_("states")},
    {"on", N_("transition"), N_("transitions")},
    {"always", N_("transition"), N_("transitions")},
    {"after", N_("transition"), N_("transitions")},
    {"done", N_("transition"), N_("transitions")},
    {"failed", N_("transition"), N_("transitions")},
    {"default", N_("transition"), N_("transitions")},
    {"steps", N_("step"), N_("steps")},
    {"check", N_("check"), N_("checks")},
};

static const struct noun *noun_of(const char *key)
{
    for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++)
        if (text_is(text_from(key), nouns[i].key))
            return &nouns[i];
    return NULL;
}

const char *diff_noun(const struct diff *diff, const char *key)
{
    const struct noun *noun = noun_of(key);

    return noun != NULL ? diff_say(diff, noun->one) : key;
}

const char *diff_nouns(const struct diff *diff, const char *key)
{
    const struct noun *noun = noun_of(key);

    return noun != NULL ? diff_say(diff, noun->many) : key;
}

/* A text of several lines becomes one. */
static void append_line(struct text_buffer *buffer, struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        text_append(buffer, text.bytes[i] == '\n' ? TEXT(" ") : (struct text){&text.bytes[i], 1});
}

/* As it would be written on one line. */
static void append_flow(struct text_buffer *buffer, const struct yaml_node *node)
{
    const char *marks = node->kind == YAML_MAP ? "{}" : "[]";

    if (node->kind == YAML_SCALAR) {
        append_line(buffer, node->text);
        return;
    }
    text_append_printf(buffer, "%c", marks[0]);
    for (size_t i = 0; i < node->count; i++) {
        text_append_printf(buffer, "%s", i > 0 ? ", " : "");
        if (node->kind == YAML_MAP)
            text_append_printf(buffer, "%.*s: ", TEXT_ARG(node->entries[i].key));
        append_flow(buffer, node->entries[i].value);
    }
    text_append_printf(buffer, "%c", marks[1]);
}

static bool is_quoted(enum key_shape shape)
{
    return shape == KEY_TEXT || shape == KEY_WORDS || shape == KEY_WORDS_BY_ID ||
           shape == KEY_DAYS || shape == KEY_VALUE || shape == KEY_VALUES;
}

/* For a sentence: at most so long. */
static struct text shown(const struct diff *diff, const struct key *key, const struct tree *tree,
                         const struct yaml_node *node)
{
    bool is_words =
        key->shape == KEY_WORDS || key->shape == KEY_WORDS_BY_ID || key->shape == KEY_DAYS;
    const char *quote = is_quoted(key->shape) ? "\"" : "";
    struct text_buffer buffer;
    struct text text;
    size_t size = 0;

    text_buffer_init(&buffer, diff->arena);
    if (is_words && node->kind == YAML_MAP)
        append_line(&buffer, tree_words(tree, node, diff->language));
    else
        append_flow(&buffer, node);
    text = text_buffer_text(&buffer);
    if (key->shape == KEY_EXPRESSION)
        quote = "`";
    else if (node->kind != YAML_SCALAR && !is_words)
        quote = "";
    while (size < text.size && size < SHOWN_BYTES_MAX)
        text_next_code_point(text, &size);
    return text_printf(diff->arena, "%s%.*s%s%s", quote, (int)size, text.bytes,
                       size < text.size ? "..." : "", quote);
}

struct text diff_shown(const struct diff *diff, const struct key *key, const struct tree *tree,
                       const struct yaml_node *node)
{
    struct text_buffer buffer;

    if (node->kind != YAML_LIST || node->count == 0)
        return shown(diff, key, tree, node);
    for (size_t i = 0; i < node->count; i++)
        if (node->entries[i].value->kind != YAML_SCALAR)
            return shown(diff, key, tree, node);
    text_buffer_init(&buffer, diff->arena);
    for (size_t i = 0; i < node->count; i++)
        text_append_printf(&buffer, "%s%.*s", i > 0 ? ", " : "",
                           TEXT_ARG(node->entries[i].value->text));
    return text_buffer_text(&buffer);
}
