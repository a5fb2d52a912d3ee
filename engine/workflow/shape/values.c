/* The shape of single values: texts, numbers, words, lists of such. */
#include "workflow/load.h"

const char *const load_kind_names[] = {
    [YAML_SCALAR] = N_("a text"),
    [YAML_LIST] = N_("a list"),
    [YAML_MAP] = N_("a map"),
};

bool load_check_kind(struct load *load, const struct yaml_entry *entry, enum yaml_kind kind,
                     const char *example)
{
    struct diag *diag;

    if (entry->value->kind == kind)
        return true;
    diag = load_fault(load, E_KIND, entry->value->place, load_kind_names[entry->value->kind],
                      "`%.*s` takes %s, not %s", TEXT_ARG(entry->key), load_kind_names[kind],
                      load_kind_names[entry->value->kind]);
    diag_help(load->diags, diag, "write %.*s: %s", TEXT_ARG(entry->key), example);
    return false;
}

bool load_check_filled(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *node = entry->value;

    if (node->kind == YAML_SCALAR ? node->text.size > 0 : node->count > 0)
        return true;
    load_fault(load, E_EMPTY, node->place, N_("empty"), "`%.*s` is empty", TEXT_ARG(entry->key));
    return false;
}

void load_check_text(struct load *load, const struct yaml_entry *entry)
{
    if (load_check_kind(load, entry, YAML_SCALAR, "TEXT"))
        load_check_filled(load, entry);
}

void load_check_flag(struct load *load, const struct yaml_entry *entry)
{
    struct text text = entry->value->text;

    if (!load_check_kind(load, entry, YAML_SCALAR, "true") || text_is(text, "true") ||
        text_is(text, "false"))
        return;
    load_fault(load, E_KIND, entry->value->place, "true or false", "`%.*s` is true or false",
               TEXT_ARG(entry->key));
}

void load_check_number(struct load *load, const struct yaml_entry *entry, bool is_count)
{
    int64_t integer;
    double number;

    if (!load_check_kind(load, entry, YAML_SCALAR, "10"))
        return;
    if (is_count ? text_to_int(entry->value->text, &integer) && integer > 0 && integer <= INT32_MAX
                 : text_to_double(entry->value->text, &number))
        return;
    load_fault(load, E_KIND, entry->value->place,
               is_count ? "a whole number from 1" : N_("a number"), "`%.*s` is %s",
               TEXT_ARG(entry->key), is_count ? "a whole number from 1" : N_("a number"));
}

void load_check_word(struct load *load, const struct yaml_node *node, const char *const *words,
                     struct text key)
{
    struct load_names names;
    struct diag *diag;
    size_t count = 0;

    if (node->kind != YAML_SCALAR) {
        load_fault(load, E_KIND, node->place, load_kind_names[node->kind],
                   "`%.*s` takes a word here", TEXT_ARG(key));
        return;
    }
    for (; words[count] != NULL; count++)
        if (text_is(node->text, words[count]))
            return;
    diag = load_fault(load, E_WORD, node->place, "unknown word", "`%.*s` cannot be \"%.*s\"",
                      TEXT_ARG(key), TEXT_ARG(node->text));
    if (load_is_told(load))
        return;
    load_names_init(load, &names, E_WORD, count);
    for (size_t i = 0; i < count; i++)
        load_names_add(&names, text_from(words[i]), (struct place){0});
    load_suggest(load, diag, node->text, &names);
}

/* Whether the item at `index` stands in the list before. */
static bool is_again(const struct yaml_node *list, size_t index)
{
    const struct yaml_node *item = list->entries[index].value;

    for (size_t i = 0; i < index; i++)
        if (list->entries[i].value->kind == YAML_SCALAR &&
            text_equal(list->entries[i].value->text, item->text))
            return true;
    return false;
}

void load_check_list(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *list = entry->value;

    if (!load_check_kind(load, entry, YAML_LIST, "[FIRST, SECOND]") ||
        !load_check_filled(load, entry))
        return;
    if (list->count > WORKFLOW_LIST_MAX) {
        load_fault(load, E_TOO_MANY, list->place, "too many", "%zu names; %d are the most",
                   list->count, (int)WORKFLOW_LIST_MAX);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->entries[i].value;

        if (item->kind != YAML_SCALAR || yaml_is_null(item) || item->text.size == 0)
            load_fault(load, E_KIND, item->place, N_("a name"), "the items of `%.*s` are names",
                       TEXT_ARG(entry->key));
        else if (is_again(list, i))
            load_fault(load, E_NAME_TWICE, item->place, "again", "\"%.*s\" stands twice in `%.*s`",
                       TEXT_ARG(item->text), TEXT_ARG(entry->key));
    }
}

void load_check_word_list(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    if (!load_check_kind(load, entry, YAML_LIST, "[WORD]"))
        return;
    for (size_t i = 0; i < entry->value->count; i++)
        load_check_word(load, entry->value->entries[i].value, key->words, entry->key);
}

void load_check_value(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *node = entry->value;

    if (node->kind == YAML_MAP)
        load_fault(load, E_KIND, node->place, N_("a map"), "`%.*s` takes a value, not a map",
                   TEXT_ARG(entry->key));
    if (node->kind != YAML_LIST)
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->entries[i].value;
        struct diag *diag;

        if (item->kind != YAML_SCALAR || yaml_is_null(item))
            load_fault(load, E_KIND, item->place, N_("a text"), "the items of `%.*s` are texts",
                       TEXT_ARG(entry->key));
        else if (load_is_expression(item)) {
            diag = load_fault(load, E_EXPRESSION, item->place, N_("an expression"),
                              "an expression cannot stand inside a list");
            diag_help(load->diags, diag, "make the whole list one: \"= ['a', data.b]\"");
        }
    }
}

void load_check_null(struct load *load, const struct yaml_entry *entry)
{
    struct diag *diag = load_fault(load, E_KIND, entry->key_place, "no value",
                                   "`%.*s` has no value", TEXT_ARG(entry->key));

    diag_help(load->diags, diag, "write a value, {} or [] for nothing, or leave it out");
}
