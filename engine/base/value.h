/* The one kind of data: JSON's, and CEL's timestamp and duration.
 *
 * A value is held by value and owns nothing; what it points to lives in an arena. Lists and maps
 * are built by appending and are not changed once somebody else holds them. Maps keep document
 * order; their keys are unique. */
#ifndef SANKOFA_BASE_VALUE_H
#define SANKOFA_BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct arena;

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_STRING,
    VALUE_TIMESTAMP,
    VALUE_DURATION,
    VALUE_LIST,
    VALUE_MAP
};

/* A point or a span of time. 0 <= nanos < 1e9; a negative span has negative seconds. */
struct instant {
    int64_t seconds;
    int32_t nanos;
};

struct value_list;
struct value_map;

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct text string;
        struct instant instant; /* VALUE_TIMESTAMP since 1970 UTC, VALUE_DURATION */
        struct value_list *list;
        struct value_map *map;
    };
};

struct value_list {
    struct arena *arena;
    struct value *items;
    size_t count, capacity;
};

struct value_member {
    struct text key;
    struct value value;
};

struct value_map {
    struct arena *arena;
    struct value_member *members;
    size_t count, capacity;
    uint32_t *index; /* of value.c: positions by hash of the key, for larger maps */
    size_t index_size;
};

struct value value_null(void);
struct value value_bool(bool boolean);
struct value value_int(int64_t integer);
struct value value_double(double real);
/* Borrows the text. */
struct value value_string(struct text text);
/* Borrows the NUL-terminated string. */
struct value value_cstring(const char *cstring);
struct value value_timestamp(struct instant instant);
struct value value_duration(struct instant instant);
struct value value_list(struct arena *arena);
struct value value_map(struct arena *arena);

void value_append(struct value *list, struct value item);
/* Replaces the member of that key in place, or appends one. Borrows the key. */
void value_set(struct value *map, struct text key, struct value value);
/* As value_set, the key a literal or otherwise outliving the map. */
void value_put(struct value *map, const char *key, struct value value);
/* Removes the member of that key if there is one. */
void value_remove(struct value *map, struct text key);

/* The member, or NULL: absent, or `map` is NULL or no map. Borrowed from the map. */
const struct value *value_get(const struct value *map, struct text key);
/* As value_get; the path's steps are separated by '/': value_at(case, "timers/review/due"). */
const struct value *value_at(const struct value *map, const char *path);
/* Readers for members that our own code wrote; the default where absent or of another kind. */
struct text value_text_at(const struct value *map, const char *path);
int64_t value_int_at(const struct value *map, const char *path, int64_t absent);
bool value_bool_at(const struct value *map, const char *path);

/* 0 for NULL and for what is neither list nor map. */
size_t value_count(const struct value *value);
/* Position `index` of a list or map; index < value_count. */
const struct value *value_item(const struct value *list, size_t index);
const struct value_member *value_member(const struct value *map, size_t index);

bool value_is_string(const struct value *value, const char *cstring);
/* Same kind and same content; members of maps in any order. Doubles as by ==. */
bool value_equal(const struct value *a, const struct value *b);
/* A deep copy, texts included. */
struct value value_copy(struct arena *arena, const struct value *value);
const char *value_kind_name(enum value_kind kind);

/* RFC 7396. What `patch` makes of `target`; the result may share parts of both. */
struct value value_patch_apply(struct arena *arena, const struct value *target,
                               const struct value *patch);
/* The merge patch that makes `after` of `before`, both maps without nulls; an empty map when they
 * are equal. A member's new place in the order is not told. */
struct value value_patch_between(struct arena *arena, const struct value *before,
                                 const struct value *after);

#endif
