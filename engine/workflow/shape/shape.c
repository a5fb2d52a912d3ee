/* The shape of a file: every key known and in its place, every value of the kind it must be, every
 * id an id, every text there in every language. Walks the tree by the tables. */
#include "workflow/field.h"
#include "workflow/load.h"

static void check_map(struct load *load, const struct yaml_node *node, struct place place,
                      const struct table *table, uint32_t where);

/* Each entry of a map by name. */
static void check_entries(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    if (!load_check_kind(load, entry, YAML_MAP, "{NAME: ...}"))
        return;
    if (key->shape == KEY_WORDS_BY_ID)
        load_check_filled(load, entry);
    for (size_t i = 0; i < entry->value->count; i++) {
        const struct yaml_entry *item = &entry->value->entries[i];

        if (yaml_is_null(item->value))
            load_check_null(load, item);
        else if (key->shape == KEY_WORD_BY_ID)
            load_check_word(load, item->value, key->words, item->key);
        else if (key->shape == KEY_TEXT_BY_ID)
            load_check_text(load, item);
        else if (key->shape == KEY_WORDS_BY_ID || key->shape == KEY_DAYS)
            load_words_check(load, item);
        else
            load_check_value(load, item);
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
    if (table == &workflow_table_action)
        return yaml_entry(node, "if") != NULL ? ACTION_IF : ACTION_PLAIN;
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
        load_check_null(load, entry);
    else if (load_check_kind(load, entry, YAML_MAP, "{...}"))
        check_map(load, entry->value, entry->key_place, key->of, variant);
}

static void check_maps(struct load *load, const struct yaml_entry *entry, const struct key *key)
{
    if (!load_check_kind(load, entry, YAML_MAP, "{NAME: {...}}"))
        return;
    if (key->of == &workflow_table_state)
        load_check_filled(load, entry);
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

/* One action: a map with one key; `if` has `then` and `else` beside it. */
static void check_action(struct load *load, const struct yaml_node *node)
{
    size_t known = 0, told = 0;
    uint32_t variant;

    if (node->kind != YAML_MAP) {
        load_fault(load, E_ACTION, node->place, "not an action",
                   "an action is a map with one key, as {set: {FIELD: VALUE}}");
        return;
    }
    variant = table_variant(&workflow_table_action, node);
    check_map(load, node, node->place, &workflow_table_action, variant);
    for (size_t i = 0; i < node->count; i++) {
        const struct key *key = workflow_table_key(&workflow_table_action, node->entries[i].key);

        told += key == NULL || (key->where & variant) == 0;
        known += key != NULL && key->where == ANYWHERE;
    }
    if (told == 0 && known != 1)
        load_fault(load, E_ACTION, node->place, known == 0 ? N_("empty") : N_("more than one"),
                   "an action has one key; write a list item for each");
    else if (variant == ACTION_IF && yaml_entry(node, "then") == NULL &&
             yaml_entry(node, "else") == NULL)
        load_fault(load, E_ACTION, node->place, "nothing follows", "`if` needs `then` or `else`");
}

static void check_actions(struct load *load, const struct yaml_entry *entry)
{
    if (!load_check_kind(load, entry, YAML_LIST, "[{set: {FIELD: VALUE}}]"))
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
        load_check_text(load, entry);
        return;
    case KEY_FLAG:
        load_check_flag(load, entry);
        return;
    case KEY_COUNT:
    case KEY_NUMBER:
        load_check_number(load, entry, key->shape == KEY_COUNT);
        return;
    case KEY_WORD:
        load_check_word(load, entry->value, key->words, entry->key);
        return;
    case KEY_WORD_LIST:
        load_check_word_list(load, entry, key);
        return;
    case KEY_ID_LIST:
        load_check_list(load, entry);
        return;
    case KEY_NAME_LIST:
        if (entry->value->kind != YAML_LIST || entry->value->count > 0)
            load_check_list(load, entry);
        return;
    case KEY_TARGETS:
        if (entry->value->kind == YAML_LIST)
            load_check_list(load, entry);
        else
            load_check_text(load, entry);
        return;
    case KEY_WORDS:
        load_words_check(load, entry);
        return;
    case KEY_VALUE:
        load_check_value(load, entry);
        return;
    case KEY_WORDS_BY_ID:
        if (entry->value->kind == YAML_MAP)
            check_ids(load, entry->value);
        check_entries(load, entry, key);
        return;
    case KEY_DAYS:
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
            load_check_text(load, entry);
        return;
    case KEY_ACTIONS:
        check_actions(load, entry);
        return;
    }
}

/* Help for a key that is no slip of a letter: a blank or a space that is missing, or a part that
 * stands a level too high. */
static bool told_by_looks(struct load *load, struct diag *diag, const struct yaml_entry *entry,
                          const struct table *table)
{
    struct text key = entry->key;
    bool is_map = entry->value->kind == YAML_MAP;

    for (size_t i = 0; i < key.size;) {
        size_t begin = i;
        uint32_t code_point = text_next_code_point(key, &i);
        if (text_is_false_space(code_point)) {
            diag_help(load->diags, diag,
                      "U+%04X stands in it, which looks like a space and is none: write it anew",
                      code_point);
            return true;
        }
        if (code_point == ':' && begin > 0 && i < key.size) {
            diag_help(load->diags, diag, "write %.*s: %.*s, with a space behind the colon",
                      (int)begin, key.bytes, (int)(key.size - i), key.bytes + i);
            return true;
        }
    }
    if (table != &workflow_table_state || !is_map)
        return false;
    if (load_is_single_transition(entry->value))
        diag_help(load->diags, diag, "a transition stands under `on`, `always`, `after` or `done`");
    else if (yaml_entry(entry->value, "on") != NULL || yaml_entry(entry->value, "type") != NULL)
        diag_help(load->diags, diag, "a state inside a state stands under `states`");
    else
        return false;
    return true;
}

static void unknown_key(struct load *load, const struct yaml_entry *entry,
                        const struct table *table)
{
    struct load_names names;
    struct diag *diag = load_fault(load, E_KEY_UNKNOWN, entry->key_place, "unknown key",
                                   "%s has no key \"%.*s\"", table->noun, TEXT_ARG(entry->key));

    if (load_is_told(load) || told_by_looks(load, diag, entry, table))
        return;
    load_names_init(load, &names, E_KEY_UNKNOWN, table->count);
    for (size_t i = 0; i < table->count; i++)
        load_names_add(&names, text_from(table->keys[i].name), (struct place){0});
    load_suggest(load, diag, entry->key, &names);
}

static void check_key(struct load *load, const struct yaml_entry *entry, const struct table *table,
                      uint32_t where)
{
    const struct key *key = workflow_table_key(table, entry->key);

    if (key == NULL)
        unknown_key(load, entry, table);
    else if ((key->where & where) == 0)
        load_fault(load, E_KEY_MISPLACED, entry->key_place, "not here", "`%s` belongs to %s",
                   key->name, key->only);
    else if (yaml_is_null(entry->value))
        load_check_null(load, entry);
    else
        check_shape(load, entry, key);
}

/* Where the variant could not be told, only what every variant needs. */
static bool is_required(const struct key *key, uint32_t where)
{
    return where == ANYWHERE ? key->required == ANYWHERE : (key->required & where) != 0;
}

static void check_map(struct load *load, const struct yaml_node *node, struct place place,
                      const struct table *table, uint32_t where)
{
    for (size_t i = 0; i < node->count; i++)
        check_key(load, &node->entries[i], table, where);
    for (size_t i = 0; i < table->count; i++)
        if (is_required(&table->keys[i], where) && yaml_entry(node, table->keys[i].name) == NULL)
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
    if (text_is(type, "history"))
        return STATE_HISTORY;
    return yaml_entry(node, "states") != NULL ? STATE_COMPOUND : STATE_ATOMIC;
}

void load_shape(struct load *load)
{
    if (load->root->kind == YAML_MAP)
        check_map(load, load->root, load->root->place, &workflow_table_top, ANYWHERE);
    else
        load_fault(load, E_KIND, load->root->place, load_kind_names[load->root->kind],
                   "a workflow is a map that begins with `workflow: NAME`");
}
