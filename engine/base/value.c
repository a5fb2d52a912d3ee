/* Values: making, reading and comparing them.
 *
 * A map of up to INDEX_FROM members is searched in order, which for a handful of keys is the
 * fastest way; a larger one keeps positions by hash of the key, so that an outsider's map of many
 * thousand keys costs no more than its size. The index is written when the map is, never by a
 * look-up: reading a value changes nothing. */
#include "base/value.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"

enum { INDEX_FROM = 16, CAPACITY_FIRST = 4 };

struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

struct value value_bool(bool boolean)
{
    return (struct value){.kind = VALUE_BOOL, .boolean = boolean};
}

struct value value_int(int64_t integer)
{
    return (struct value){.kind = VALUE_INT, .integer = integer};
}

struct value value_double(double real)
{
    return (struct value){.kind = VALUE_DOUBLE, .real = real};
}

struct value value_string(struct text text)
{
    return (struct value){.kind = VALUE_STRING, .string = text};
}

struct value value_cstring(const char *cstring)
{
    return value_string(text_from(cstring));
}

struct value value_timestamp(struct instant instant)
{
    return (struct value){.kind = VALUE_TIMESTAMP, .instant = instant};
}

struct value value_duration(struct instant instant)
{
    return (struct value){.kind = VALUE_DURATION, .instant = instant};
}

struct value value_list(struct arena *arena)
{
    struct value value = {.kind = VALUE_LIST, .list = ARENA_NEW(arena, struct value_list)};
    value.list->arena = arena;
    return value;
}

struct value value_map(struct arena *arena)
{
    struct value value = {.kind = VALUE_MAP, .map = ARENA_NEW(arena, struct value_map)};
    value.map->arena = arena;
    return value;
}

/* Twice the room for items of `size` bytes. */
static void *grow(struct arena *arena, const void *items, size_t count, size_t size,
                  size_t *capacity)
{
    *capacity = *capacity == 0 ? CAPACITY_FIRST : *capacity * 2;
    void *grown = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(grown, items, count * size);
    return grown;
}

void value_append(struct value *list, struct value item)
{
    CHECK(list->kind == VALUE_LIST);
    struct value_list *to = list->list;
    if (to->count == to->capacity)
        to->items = grow(to->arena, to->items, to->count, sizeof *to->items, &to->capacity);
    to->items[to->count++] = item;
}

/* FNV-1a, begun with the map's own address so that keys which collide are hard to prepare. */
static size_t hash_key(const struct value_map *map, struct text key)
{
    uint64_t hash = 0xcbf29ce484222325U ^ ((uint64_t)(uintptr_t)map * 0x9e3779b97f4a7c15U);
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.bytes[i]) * 0x100000001b3U;
    return (size_t)(hash ^ hash >> 32);
}

/* Slots hold position + 1; 0 is free. At most half of them are taken. */
static void index_add(struct value_map *map, size_t position)
{
    size_t slot = hash_key(map, map->members[position].key) & (map->index_size - 1);
    while (map->index[slot] != 0)
        slot = (slot + 1) & (map->index_size - 1);
    map->index[slot] = (uint32_t)position + 1;
}

static void index_build(struct value_map *map)
{
    size_t size = 4 * INDEX_FROM;
    while (size < 4 * map->count)
        size *= 2;
    if (size > map->index_size) {
        map->index = ARENA_ARRAY(map->arena, uint32_t, size);
        map->index_size = size;
    } else {
        memset(map->index, 0, map->index_size * sizeof *map->index);
    }
    for (size_t i = 0; i < map->count; i++)
        index_add(map, i);
}

static struct value_member *find(const struct value_map *map, struct text key)
{
    if (map->index == NULL) {
        for (size_t i = 0; i < map->count; i++)
            if (text_equal(map->members[i].key, key))
                return &map->members[i];
        return NULL;
    }
    size_t slot = hash_key(map, key) & (map->index_size - 1);
    for (; map->index[slot] != 0; slot = (slot + 1) & (map->index_size - 1)) {
        struct value_member *member = &map->members[map->index[slot] - 1];
        if (text_equal(member->key, key))
            return member;
    }
    return NULL;
}

void value_set(struct value *map, struct text key, struct value value)
{
    CHECK(map->kind == VALUE_MAP);
    struct value_map *to = map->map;
    struct value_member *member = find(to, key);
    if (member != NULL) {
        member->value = value;
        return;
    }
    CHECK(to->count < UINT32_MAX / 4);
    if (to->count == to->capacity)
        to->members = grow(to->arena, to->members, to->count, sizeof *to->members, &to->capacity);
    to->members[to->count++] = (struct value_member){key, value};
    if (to->index != NULL && to->count <= to->index_size / 2)
        index_add(to, to->count - 1);
    else if (to->count > INDEX_FROM)
        index_build(to);
}

void value_put(struct value *map, const char *key, struct value value)
{
    value_set(map, text_from(key), value);
}

void value_remove(struct value *map, struct text key)
{
    CHECK(map->kind == VALUE_MAP);
    struct value_map *from = map->map;
    struct value_member *member = find(from, key);
    if (member == NULL)
        return;
    size_t behind = (size_t)(from->members + from->count - (member + 1));
    memmove(member, member + 1, behind * sizeof *member);
    from->count--;
    if (from->index != NULL)
        index_build(from);
}

const struct value *value_get(const struct value *map, struct text key)
{
    if (map == NULL || map->kind != VALUE_MAP)
        return NULL;
    const struct value_member *member = find(map->map, key);
    return member == NULL ? NULL : &member->value;
}

const struct value *value_at(const struct value *map, const char *path)
{
    const struct value *at = map;
    for (;;) {
        const char *slash = strchr(path, '/');
        struct text step = {path, slash == NULL ? strlen(path) : (size_t)(slash - path)};
        at = value_get(at, step);
        if (slash == NULL || at == NULL)
            return at;
        path = slash + 1;
    }
}

struct text value_text_at(const struct value *map, const char *path)
{
    const struct value *value = value_at(map, path);
    return value != NULL && value->kind == VALUE_STRING ? value->string : TEXT_NONE;
}

int64_t value_int_at(const struct value *map, const char *path, int64_t absent)
{
    const struct value *value = value_at(map, path);
    return value != NULL && value->kind == VALUE_INT ? value->integer : absent;
}

bool value_bool_at(const struct value *map, const char *path)
{
    const struct value *value = value_at(map, path);
    return value != NULL && value->kind == VALUE_BOOL && value->boolean;
}

size_t value_count(const struct value *value)
{
    if (value == NULL)
        return 0;
    if (value->kind == VALUE_LIST)
        return value->list->count;
    return value->kind == VALUE_MAP ? value->map->count : 0;
}

const struct value *value_item(const struct value *list, size_t index)
{
    CHECK(list->kind == VALUE_LIST);
    CHECK(index < list->list->count);
    return &list->list->items[index];
}

const struct value_member *value_member(const struct value *map, size_t index)
{
    CHECK(map->kind == VALUE_MAP);
    CHECK(index < map->map->count);
    return &map->map->members[index];
}

bool value_is_string(const struct value *value, const char *cstring)
{
    return value != NULL && value->kind == VALUE_STRING && text_is(value->string, cstring);
}

static bool lists_equal(const struct value_list *a, const struct value_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!value_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

static bool maps_equal(const struct value_map *a, const struct value_map *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct value_member *other = find(b, a->members[i].key);
        if (other == NULL || !value_equal(&a->members[i].value, &other->value))
            return false;
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_DOUBLE:
        return a->real == b->real;
    case VALUE_STRING:
        return text_equal(a->string, b->string);
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        return a->instant.seconds == b->instant.seconds && a->instant.nanos == b->instant.nanos;
    case VALUE_LIST:
        return lists_equal(a->list, b->list);
    case VALUE_MAP:
        return maps_equal(a->map, b->map);
    }
    CHECK(false && "a value has one of the kinds");
    return false;
}

struct value value_copy(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_STRING)
        return value_string(text_copy(arena, value->string));
    if (value->kind == VALUE_LIST) {
        struct value copy = value_list(arena);
        for (size_t i = 0; i < value->list->count; i++)
            value_append(&copy, value_copy(arena, &value->list->items[i]));
        return copy;
    }
    if (value->kind == VALUE_MAP) {
        struct value copy = value_map(arena);
        for (size_t i = 0; i < value->map->count; i++) {
            const struct value_member *member = &value->map->members[i];
            value_set(&copy, text_copy(arena, member->key), value_copy(arena, &member->value));
        }
        return copy;
    }
    return *value;
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",           [VALUE_BOOL] = "bool",         [VALUE_INT] = "int",
        [VALUE_DOUBLE] = "double",       [VALUE_STRING] = "string",     [VALUE_LIST] = "list",
        [VALUE_TIMESTAMP] = "timestamp", [VALUE_DURATION] = "duration", [VALUE_MAP] = "map",
    };
    CHECK((size_t)kind < sizeof names / sizeof names[0]);
    return names[kind];
}
