/* The shape of a file: every key known and in its place, every value of the kind it must be, every
 * id an id, every text there in every language. Walks the tree by the tables. */
#include "base/check.h"
#include "workflow/field.h"
#include "workflow/load.h"

static void check_map(struct load *load, const struct yaml_node *node, struct place place,
                      const struct table *table, uint32_t where);

static const char *const kind_names[] = {
    [YAML_SCALAR] = "a text",
    [YAML_LIST] = "a list",
    [YAML_MAP] = "a map",
};

/* False, and an error, unless the entry's value is of that kind. */
static bool check_kind(struct load *load, const struct yaml_entry *entry, enum yaml_kind kind,
                       const char *example)
{
    struct diag *diag;

    if (entry->value->kind == kind)
        return true;
    diag = load_fault(load, E_KIND, entry->value->place, kind_names[entry->value->kind],
                      "`%.*s` takes %s, not %s", TEXT_ARG(entry->key), kind_names[kind],
                      kind_names[entry->value->kind]);
    diag_help(load->diags, diag, "write %.*s: %s", TEXT_ARG(entry->key), example);
    return false;
}

static bool check_filled(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *node = entry->value;

    if (node->kind == YAML_SCALAR ? node->text.size > 0 : node->count > 0)
        return true;
    load_fault(load, E_EMPTY, node->place, "empty", "`%.*s` is empty", TEXT_ARG(entry->key));
    return false;
}

static void check_text(struct load *load, const struct yaml_entry *entry)
{
    if (check_kind(load, entry, YAML_SCALAR, "TEXT"))
        check_filled(load, entry);
}

static void check_flag(struct load *load, const struct yaml_entry *entry)
{
    struct text text = entry->value->text;

    if (!check_kind(load, entry, YAML_SCALAR, "true") || text_is(text, "true") ||
        text_is(text, "false"))
        return;
    load_fault(load, E_KIND, entry->value->place, "true or false", "`%.*s` is true or false",
               TEXT_ARG(entry->key));
}

static void check_number(struct load *load, const struct yaml_entry *entry, bool is_count)
{
    int64_t integer;
    double number;

    if (!check_kind(load, entry, YAML_SCALAR, "10"))
        return;
    if (is_count ? text_to_int(entry->value->text, &integer) && integer > 0 && integer <= INT32_MAX
                 : text_to_double(entry->value->text, &number))
        return;
    load_fault(load, E_KIND, entry->value->place, is_count ? "a whole number from 1" : "a number",
               "`%.*s` is %s", TEXT_ARG(entry->key),
               is_count ? "a whole number from 1" : "a number");
}

/* One of the key's words. */
static void check_word(struct load *load, const struct yaml_node *node, const char *const *words,
                       struct text key)
{
    struct load_names names;
    struct diag *diag;
    size_t count = 0;

    if (node->kind != YAML_SCALAR) {
        load_fault(load, E_KIND, node->place, kind_names[node->kind], "`%.*s` takes a word here",
                   TEXT_ARG(key));
        return;
    }
    while (words[count] != NULL)
        count++;
    load_names_init(load, &names, "word", E_WORD, count);
    for (size_t i = 0; i < count; i++)
        load_names_add(&names, text_from(words[i]), (struct place){0});
    if (load_names_find(&names, node->text) != SIZE_MAX)
        return;
    diag = load_fault(load, E_WORD, node->place, "unknown word", "`%.*s` cannot be \"%.*s\"",
                      TEXT_ARG(key), TEXT_ARG(node->text));
    load_suggest(load, diag, node->text, &names);
}

/* A list of texts, none of them twice. */
static void check_list(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *list = entry->value;

    if (!check_kind(load, entry, YAML_LIST, "[FIRST, SECOND]") || !check_filled(load, entry))
        return;
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->entries[i].value;

        if (item->kind != YAML_SCALAR || yaml_is_null(item) || item->text.size == 0)
            load_fault(load, E_KIND, item->place, "a name", "the items of `%.*s` are names",
                       TEXT_ARG(entry->key));
        for (size_t j = 0; j < i && item->kind == YAML_SCALAR; j++) {
            const struct yaml_node *other = list->entries[j].value;

            if (other->kind == YAML_SCALAR && text_equal(other->text, item->text))
                load_fault(load, E_NAME_TWICE, item->place, "again",
                           "\"%.*s\" stands twice in `%.*s`", TEXT_ARG(item->text),
                           TEXT_ARG(entry->key));
        }
    }
}

static void check_word_list(struct load *load, const struct yaml_entry *entry,
                            const struct key *key)
{
    if (!check_kind(load, entry, YAML_LIST, "[WORD]"))
        return;
    for (size_t i = 0; i < entry->value->count; i++)
        check_word(load, entry->value->entries[i].value, key->words, entry->key);
}

static void check_value(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *node = entry->value;

    if (node->kind == YAML_MAP)
        load_fault(load, E_KIND, node->place, "a map", "`%.*s` takes a value, not a map",
                   TEXT_ARG(entry->key));
    if (node->kind != YAML_LIST)
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->entries[i].value;
        struct diag *diag;

        if (item->kind != YAML_SCALAR || yaml_is_null(item))
            load_fault(load, E_KIND, item->place, "a text", "the items of `%.*s` are texts",
                       TEXT_ARG(entry->key));
        else if (load_is_expression(item)) {
            diag = load_fault(load, E_EXPRESSION, item->place, "an expression",
                              "an expression cannot stand inside a list");
            diag_help(load->diags, diag, "make the whole list one: \"= ['a', data.b]\"");
        }
    }
}

static void check_null(struct load *load, const struct yaml_entry *entry)
{
    struct diag *diag = load_fault(load, E_KIND, entry->key_place, "no value",
                                   "`%.*s` has no value", TEXT_ARG(entry->key));

    diag_help(load->diags, diag, "write a value, {} or [] for nothing, or leave it out");
}

/* Each entry of a map by name: `each` checks the value. */
static void check_entries(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    if (!check_kind(load, entry, YAML_MAP, "{NAME: ...}"))
        return;
    if (key->shape == KEY_WORDS_BY_ID)
        check_filled(load, entry);
    for (size_t i = 0; i < entry->value->count; i++) {
        const struct yaml_entry *item = &entry->value->entries[i];

        if (yaml_is_null(item->value))
            check_null(load, item);
        else if (key->shape == KEY_WORD_BY_ID)
            check_word(load, item->value, key->words, item->key);
        else if (key->shape == KEY_TEXT_BY_ID)
            check_text(load, item);
        else if (key->shape == KEY_WORDS_BY_ID)
            load_words_check(load, item);
        else
            check_value(load, item);
    }
}

static void check_id(struct load *load, const struct yaml_entry *entry)
{
    struct diag *diag;

    if (text_is_id(entry->key))
        return;
    diag = load_fault(load, E_ID, entry->key_place, "not an id", "\"%.*s\" is not an id",
                      TEXT_ARG(entry->key));
    diag_help(load->diags, diag,
              "an id begins with a letter a-z and goes on with a-z, 0-9 and _, at most 64");
}

static void check_ids(struct load *load, const struct yaml_node *map)
{
    for (size_t i = 0; i < map->count; i++)
        check_id(load, &map->entries[i]);
}

/* The variant of a map where its table tells: by its own keys. */
static uint32_t table_variant(const struct table *table, const struct yaml_node *node)
{
    uint32_t variant = 0;

    if (table == &workflow_table_state)
        return load_state_variant(node);
    if (table != &workflow_table_field)
        return ANYWHERE;
    for (uint32_t i = 0; workflow_field_types[i] != NULL; i++)
        if (text_is(load_get_text(node, "type"), workflow_field_types[i]) ||
            (text_is(load_get_text(node, "type"), "list") &&
             text_is(load_get_text(node, "of"), workflow_field_types[i])))
            variant |= 1U << i;
    return variant != 0 ? variant : ANYWHERE;
}

static void check_one(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    uint32_t variant = key->of_where != 0 ? key->of_where : table_variant(key->of, entry->value);

    if (yaml_is_null(entry->value))
        check_null(load, entry);
    else if (check_kind(load, entry, YAML_MAP, "{...}"))
        check_map(load, entry->value, entry->key_place, key->of, variant);
}

static void check_maps(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    if (!check_kind(load, entry, YAML_MAP, "{NAME: {...}}"))
        return;
    if (key->of == &workflow_table_state)
        check_filled(load, entry);
    check_ids(load, entry->value);
    for (size_t i = 0; i < entry->value->count; i++)
        check_one(load, &entry->value->entries[i], key);
}

bool load_is_single_transition(const struct yaml_node *node)
{
    for (size_t i = 0; node != NULL && i < node->count; i++)
        if (workflow_table_key(&workflow_table_transition, node->entries[i].key) != NULL)
            return true;
    return false;
}

/* One action: a map with one key that this version knows. */
static void check_action(struct load *load, const struct yaml_node *node)
{
    size_t known = 0, later = 0;

    if (node->kind != YAML_MAP) {
        load_fault(load, E_ACTION, node->place, "not an action",
                   "an action is a map with one key, as {set: {FIELD: VALUE}}");
        return;
    }
    check_map(load, node, node->place, &workflow_table_action, ANYWHERE);
    for (size_t i = 0; i < node->count; i++) {
        const struct key *key = workflow_table_key(&workflow_table_action, node->entries[i].key);

        known += key != NULL && !key->is_later;
        later += key == NULL || key->is_later;
    }
    if (later == 0 && known != 1)
        load_fault(load, E_ACTION, node->place, known == 0 ? "empty" : "more than one",
                   "an action has one key; write a list item for each");
}

static void check_actions(struct load *load, const struct yaml_entry *entry)
{
    if (!check_kind(load, entry, YAML_LIST, "[{set: {FIELD: VALUE}}]"))
        return;
    for (size_t i = 0; i < entry->value->count; i++) {
        const struct yaml_node *item = entry->value->entries[i].value;

        for (size_t j = 0; item->kind == YAML_LIST && j < item->count; j++)
            check_action(load, item->entries[j].value);
        if (item->kind != YAML_LIST)
            check_action(load, item);
    }
}

static void check_shape(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    switch (key->shape) {
    case KEY_TEXT:
    case KEY_EXPRESSION:
        check_text(load, entry);
        return;
    case KEY_FLAG:
        check_flag(load, entry);
        return;
    case KEY_COUNT:
    case KEY_NUMBER:
        check_number(load, entry, key->shape == KEY_COUNT);
        return;
    case KEY_WORD:
        check_word(load, entry->value, key->words, entry->key);
        return;
    case KEY_WORD_LIST:
        check_word_list(load, entry, key);
        return;
    case KEY_ID_LIST:
        check_list(load, entry);
        return;
    case KEY_TARGETS:
        if (entry->value->kind == YAML_LIST)
            check_list(load, entry);
        else
            check_text(load, entry);
        return;
    case KEY_WORDS:
        load_words_check(load, entry);
        return;
    case KEY_VALUE:
        check_value(load, entry);
        return;
    case KEY_WORDS_BY_ID:
        if (entry->value->kind == YAML_MAP)
            check_ids(load, entry->value);
        check_entries(load, entry, key);
        return;
    case KEY_VALUES:
    case KEY_WORD_BY_ID:
    case KEY_TEXT_BY_ID:
        check_entries(load, entry, key);
        return;
    case KEY_MAP:
        check_one(load, entry, key);
        return;
    case KEY_MAPS:
        check_maps(load, entry, key);
        return;
    case KEY_MAP_OR_MAPS:
        if (load_is_single_transition(entry->value))
            check_one(load, entry, key);
        else
            check_maps(load, entry, key);
        return;
    case KEY_TEXT_OR_MAP:
        if (entry->value->kind == YAML_MAP)
            check_one(load, entry, key);
        else
            check_text(load, entry);
        return;
    case KEY_ACTIONS:
        check_actions(load, entry);
        return;
    }
}

static void unknown_key(struct load *load, const struct yaml_entry *entry,
                        const struct table *table)
{
    struct load_names names;
    struct diag *diag = load_fault(load, E_KEY_UNKNOWN, entry->key_place, "unknown key",
                                   "%s has no key \"%.*s\"", table->noun, TEXT_ARG(entry->key));

    load_names_init(load, &names, "key", E_KEY_UNKNOWN, table->count);
    for (size_t i = 0; i < table->count; i++)
        if (!table->keys[i].is_later)
            load_names_add(&names, text_from(table->keys[i].name), (struct place){0});
    load_suggest(load, diag, entry->key, &names);
}

static void check_key(struct load *load, const struct yaml_entry *entry, const struct table *table,
                      uint32_t where)
{
    const struct key *key = workflow_table_key(table, entry->key);

    if (key == NULL)
        unknown_key(load, entry, table);
    else if (key->is_later)
        load_fault(load, E_KEY_LATER, entry->key_place, "not in this version",
                   "`%s` is part of the language, but this version of Sankofa cannot run it yet",
                   key->name);
    else if ((key->where & where) == 0)
        load_fault(load, E_KEY_MISPLACED, entry->key_place, "not here", "`%s` belongs to %s",
                   key->name, key->only);
    else if (yaml_is_null(entry->value))
        check_null(load, entry);
    else
        check_shape(load, entry, key);
}

static void check_map(struct load *load, const struct yaml_node *node, struct place place,
                      const struct table *table, uint32_t where)
{
    for (size_t i = 0; i < node->count; i++)
        check_key(load, &node->entries[i], table, where);
    for (size_t i = 0; i < table->count; i++)
        if ((table->keys[i].required & where) != 0 && yaml_entry(node, table->keys[i].name) == NULL)
            load_fault(load, E_KEY_MISSING, place, NULL, "%s needs the key `%s`", table->noun,
                       table->keys[i].name);
}

unsigned load_state_variant(const struct yaml_node *node)
{
    struct text type = load_get_text(node, "type");

    if (text_is(type, "parallel"))
        return STATE_PARALLEL;
    if (text_is(type, "final"))
        return STATE_FINAL;
    return yaml_entry(node, "states") != NULL ? STATE_COMPOUND : STATE_ATOMIC;
}

void load_shape(struct load *load)
{
    if (load->root->kind == YAML_MAP)
        check_map(load, load->root, load->root->place, &workflow_table_top, ANYWHERE);
    else
        load_fault(load, E_KIND, load->root->place, kind_names[load->root->kind],
                   "a workflow is a map that begins with `workflow: NAME`");
}
