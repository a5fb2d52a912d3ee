/* Values at random, with a liking for the limits. */
#include <float.h>
#include <string.h>

#include "fuzz.h"

enum { ITEMS_MAX = 12, MANY = 400, LONG = 5000 };

static int64_t pick_int(struct fuzz_chance *chance)
{
    static const int64_t limits[] = {0,         1,         -1,        17,        18,
                                     INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, INT64_MAX - 1,
                                     1 << 20,   1LL << 53};
    size_t count = sizeof limits / sizeof limits[0], pick = fuzz_pick(chance, count + 3);

    return pick < count ? limits[pick] : (int64_t)fuzz_next(chance) >> fuzz_pick(chance, 64);
}

static double pick_double(struct fuzz_chance *chance)
{
    static const double limits[] = {0.0,     -0.0,        1.5,      -1.5, DBL_MAX, -DBL_MAX,
                                    DBL_MIN, DBL_EPSILON, 4.9e-324, 1e15, 9.3e18,  -9.3e18};
    size_t count = sizeof limits / sizeof limits[0], pick = fuzz_pick(chance, count + 2);

    return pick < count ? limits[pick] : (double)(int64_t)fuzz_next(chance) / 65536.0;
}

static struct text pick_text(struct fuzz_chance *chance, struct arena *arena)
{
    static const struct text texts[] = {TEXT(""),           TEXT("a"),
                                        TEXT("unsafe"),     TEXT("é漢\U0001f600"),
                                        TEXT("2012-02-29"), TEXT("2026-01-01T08:00:00.5Z"),
                                        TEXT("10h"),        TEXT("-9223372036854775808"),
                                        TEXT("1e308"),      TEXT("with\nlines\tand \"quotes\""),
                                        TEXT("awa"),        TEXT("decision"),
                                        TEXT("true"),       TEXT("9999-12-31T23:59:59.999999999Z")};
    size_t count = sizeof texts / sizeof texts[0], pick = fuzz_pick(chance, count + 1);

    if (pick < count)
        return texts[pick];
    char *bytes = arena_alloc(arena, LONG);
    memset(bytes, 'x', LONG);
    return (struct text){bytes, fuzz_pick(chance, LONG)};
}

/* Of the years 0001 to 9999. */
static struct instant pick_moment(struct fuzz_chance *chance)
{
    static const struct instant limits[] = {
        {0, 0}, {-62135596800, 0}, {253402300799, 999999999}, {1767254400, 0}, {-1, 999999999}};
    size_t count = sizeof limits / sizeof limits[0], pick = fuzz_pick(chance, count + 1);

    if (pick < count)
        return limits[pick];
    return (struct instant){(int64_t)(fuzz_next(chance) >> 26) % 4102444800,
                            (int32_t)fuzz_pick(chance, 1000000000)};
}

static struct instant pick_span(struct fuzz_chance *chance)
{
    static const struct instant limits[] = {
        {0, 0}, {1, 0}, {-1, 500000000}, {86400, 0}, {315576000000, 0}, {-315576000000, 0}};

    return limits[fuzz_pick(chance, sizeof limits / sizeof limits[0])];
}

static struct value pick_list(struct fuzz_chance *chance, struct arena *arena, unsigned depth)
{
    struct value list = value_list(arena);
    size_t count = fuzz_pick(chance, 20) == 0 ? MANY : fuzz_pick(chance, ITEMS_MAX);

    for (size_t i = 0; i < count; i++)
        value_append(&list, fuzz_json(chance, arena, count == MANY ? 0 : depth));
    return list;
}

static struct value pick_map(struct fuzz_chance *chance, struct arena *arena, unsigned depth)
{
    static const char *const keys[] = {"a", "b", "", "key with blanks", "é", "granted", "number"};
    struct value map = value_map(arena);
    size_t count = fuzz_pick(chance, ITEMS_MAX);

    for (size_t i = 0; i < count; i++)
        value_put(&map, keys[fuzz_pick(chance, sizeof keys / sizeof keys[0])],
                  fuzz_json(chance, arena, depth));
    return map;
}

struct value fuzz_value(struct fuzz_chance *chance, struct arena *arena, enum value_kind kind,
                        unsigned depth)
{
    switch (kind) {
    case VALUE_NULL:
        return value_null();
    case VALUE_BOOL:
        return value_bool(fuzz_pick(chance, 2) == 0);
    case VALUE_INT:
        return value_int(pick_int(chance));
    case VALUE_DOUBLE:
        return value_double(pick_double(chance));
    case VALUE_STRING:
        return value_string(pick_text(chance, arena));
    case VALUE_TIMESTAMP:
        return value_timestamp(pick_moment(chance));
    case VALUE_DURATION:
        return value_duration(pick_span(chance));
    case VALUE_LIST:
        return pick_list(chance, arena, depth > 0 ? depth - 1 : 0);
    case VALUE_MAP:
        return pick_map(chance, arena, depth > 0 ? depth - 1 : 0);
    }
    CHECK(!"a kind of value");
    return value_null();
}

struct value fuzz_json(struct fuzz_chance *chance, struct arena *arena, unsigned depth)
{
    static const enum value_kind kinds[] = {VALUE_NULL,   VALUE_BOOL, VALUE_INT, VALUE_DOUBLE,
                                            VALUE_STRING, VALUE_LIST, VALUE_MAP};

    return fuzz_value(chance, arena, kinds[fuzz_pick(chance, depth > 0 ? 7 : 5)], depth);
}
