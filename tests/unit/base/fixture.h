/* What the tests of base share: an arena for each test, and small numbers that look random. */
#ifndef SANKOFA_TESTS_BASE_FIXTURE_H
#define SANKOFA_TESTS_BASE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

static struct arena *arena;

static inline int arena_up(void **state)
{
    (void)state;
    arena = arena_create("test");
    return 0;
}

static inline int arena_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_up, arena_down)

static inline void assert_text(struct text text, const char *wanted)
{
    if (!text_is(text, wanted))
        fail_msg("got \"%.*s\", wanted \"%s\"", TEXT_ARG(text), wanted);
}

/* The value of a JSON text with ' for ". */
static inline struct value json(const char *quoted)
{
    struct text text = text_copy(arena, text_from(quoted));
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] == '\'')
            ((char *)(uintptr_t)text.bytes)[i] = '"';
    struct value value;
    struct json_fault fault;
    if (json_read(arena, text, &value, &fault) != 0)
        fail_msg("%s: %s", quoted, fault.message);
    return value;
}

static inline void assert_value(struct value value, const char *wanted)
{
    struct value other = json(wanted);
    if (!value_equal(&value, &other))
        fail_msg("got %s, wanted %s", json_write(arena, &value).bytes, wanted);
}

/* Numbers of a fixed sequence (xorshift), below `below`. */
static inline uint64_t next_number(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

#endif
