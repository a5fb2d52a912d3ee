/* Stand-ins: what plays a step type while a test runs.
 *
 *   done: {OUTPUT: VALUE}       failed: WHY, or {message: WHY, retry: true}
 *   refused: WHY, or {INPUT: WHY}   (a check)
 *   parked: {then: STAND-IN, wait: SPAN}   (a step) until it is answered, or the time is over
 */
#include "base/arena.h"
#include "workbench/test/test.h"

enum { STAND_INS_MAX = 1000 };

/* ---- What it is. ---- */

static void read_done(struct test_reader *reader, struct text use, const struct yaml_node *map,
                      struct test_stand_in *stand_in)
{
    stand_in->kind = STAND_DONE;
    stand_in->outputs = value_map(reader->arena);
    for (size_t i = 0; i < map->count; i++)
        if (!yaml_is_null(map->entries[i].value))
            value_set(&stand_in->outputs, map->entries[i].key,
                      test_read_output(reader, use, &map->entries[i]));
}

static void read_failed(struct test_reader *reader, const struct yaml_entry *entry,
                        struct test_stand_in *stand_in)
{
    static const struct test_key keys[] = {{"message", OF_TEXT, false}, {"retry", OF_TEXT, false}};
    const struct yaml_node *node = entry->value, *message, *retry;

    stand_in->kind = STAND_FAILED;
    stand_in->message = TEXT(N_("The stand-in says so."));
    if (node->kind == YAML_SCALAR) {
        if (!yaml_is_null(node))
            stand_in->message = node->text;
        return;
    }
    if (!test_check_keys(reader, node, entry->key_place, "`failed`", keys, 2))
        return;
    message = yaml_get(node, "message");
    retry = yaml_get(node, "retry");
    if (message != NULL)
        stand_in->message = message->text;
    stand_in->retry = retry != NULL && text_is(retry->text, "true");
    if (retry != NULL && !stand_in->retry && !text_is(retry->text, "false"))
        test_fault(reader, E_TEST_VALUE, retry->place, "`retry` is true or false");
}

static void add_reason(struct test_reader *reader, struct test_stand_in *stand_in,
                       struct text input, struct text message)
{
    struct value reason = value_map(reader->arena);

    value_put(&reason, "input", value_string(input));
    value_put(&reason, "message", value_string(message));
    value_append(&stand_in->reasons, reason);
}

static void read_refused(struct test_reader *reader, const struct yaml_node *node,
                         struct test_stand_in *stand_in)
{
    stand_in->kind = STAND_REFUSED;
    stand_in->reasons = value_list(reader->arena);
    for (size_t i = 0; node->kind == YAML_MAP && i < node->count; i++)
        add_reason(reader, stand_in, node->entries[i].key, node->entries[i].value->text);
    if (value_count(&stand_in->reasons) == 0)
        add_reason(reader, stand_in, TEXT(""),
                   node->kind == YAML_SCALAR && !yaml_is_null(node)
                       ? node->text
                       : TEXT(N_("The stand-in says so.")));
}

static void read_kind(struct test_reader *reader, struct text use, const struct yaml_node *node,
                      struct place place, struct test_stand_in *stand_in);

static void read_parked(struct test_reader *reader, struct text use, const struct yaml_entry *entry,
                        struct test_stand_in *stand_in)
{
    static const struct test_key keys[] = {{"then", OF_MAP, false}, {"wait", OF_TEXT, false}};
    const struct yaml_node *then = yaml_get(entry->value, "then");
    const struct yaml_node *wait = yaml_get(entry->value, "wait");
    struct test_stand_in *next = ARENA_NEW(reader->arena, struct test_stand_in);

    stand_in->kind = STAND_PARKED;
    if (!test_check_keys(reader, entry->value, entry->key_place, "`parked`", keys, 2))
        return;
    if (wait != NULL)
        stand_in->wait_ms = test_read_span(reader, wait);
    if (then == NULL)
        return;
    read_kind(reader, use, then, then->place, next);
    stand_in->then = next;
}

static void read_kind(struct test_reader *reader, struct text use, const struct yaml_node *node,
                      struct place place, struct test_stand_in *stand_in)
{
    static const struct test_key keys[] = {{"done", OF_MAP, false},
                                           {"failed", OF_TEXT | OF_MAP, false},
                                           {"refused", OF_TEXT | OF_MAP, false},
                                           {"parked", OF_MAP, false}};

    *stand_in = (struct test_stand_in){.place = place, .outputs = value_null()};
    if (!test_check_keys(reader, node, place, "a stand-in", keys, 4))
        return;
    if (node->count != 1) {
        test_fault(reader, E_TEST_STAND_IN, place,
                   "a stand-in is one of `done`, `failed`, `refused`, `parked`");
        return;
    }
    const struct yaml_entry *entry = &node->entries[0];
    if (text_is(entry->key, "done"))
        read_done(reader, use, entry->value, stand_in);
    else if (text_is(entry->key, "failed"))
        read_failed(reader, entry, stand_in);
    else if (text_is(entry->key, "refused"))
        read_refused(reader, entry->value, stand_in);
    else
        read_parked(reader, use, entry, stand_in);
}

/* ---- Who plays whom. ---- */

static void check_kind(struct test_reader *reader, const struct yaml_entry *entry,
                       const struct test_stand_in *stand_in, const struct test_use *use)
{
    if (stand_in->kind == STAND_REFUSED && !use->is_check)
        test_fault(reader, E_TEST_STAND_IN, stand_in->place,
                   "%.*s is a step: it fails, never refuses", TEXT_ARG(entry->key));
    if (stand_in->kind == STAND_PARKED && use->is_check)
        test_fault(reader, E_TEST_STAND_IN, stand_in->place, "%.*s is a check: it cannot park",
                   TEXT_ARG(entry->key));
}

struct test_stand_ins test_read_stand_ins(struct test_reader *reader, const struct yaml_node *map)
{
    size_t count = map != NULL && map->kind == YAML_MAP ? map->count : 0;
    struct test_stand_in *items = ARENA_ARRAY(reader->arena, struct test_stand_in, count);

    for (size_t i = 0; i < count; i++) {
        const struct yaml_entry *entry = &map->entries[i];
        const struct test_use *use = test_find_use(reader, entry);

        read_kind(reader, entry->key, entry->value, entry->key_place, &items[i]);
        items[i].use = entry->key;
        for (const struct test_stand_in *one = &items[i]; use != NULL && one != NULL;
             one = one->then)
            check_kind(reader, entry, one, use);
    }
    return (struct test_stand_ins){items, count};
}

struct names {
    struct text *items;
    size_t count, capacity;
};

static void add_names(const struct yaml_node *map, struct names *names)
{
    for (size_t i = 0; map != NULL && map->kind == YAML_MAP && i < map->count; i++)
        if (names->count < names->capacity)
            names->items[names->count++] = map->entries[i].key;
}

const struct text *test_stand_in_uses(const struct yaml_node *root, struct arena *arena,
                                      size_t *count_out)
{
    const struct yaml_node *tests = yaml_get(root, "tests");
    struct names names = {.capacity = STAND_INS_MAX};

    names.items = ARENA_ARRAY(arena, struct text, names.capacity);
    add_names(yaml_get(root, "steps"), &names);
    for (size_t i = 0; tests != NULL && tests->kind == YAML_MAP && i < tests->count; i++) {
        const struct yaml_node *list = tests->entries[i].value;

        for (size_t k = 0; list->kind == YAML_LIST && k < list->count; k++)
            add_names(yaml_get(list->entries[k].value, "steps"), &names);
    }
    *count_out = names.count;
    return names.items;
}
