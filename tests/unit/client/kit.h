/* A client whose words on stdout and stderr are caught. */
#ifndef TESTS_CLIENT_KIT_H
#define TESTS_CLIENT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/client.h"

struct kit {
    struct arena *arena;
    struct client client;
    struct client_words words;
};

static inline int kit_begin(void **state)
{
    struct arena *arena = arena_create("test");
    struct kit *kit = ARENA_NEW(arena, struct kit);

    kit->arena = kit->client.arena = arena;
    *state = kit;
    return 0;
}

static inline int kit_end(void **state)
{
    arena_destroy(((struct kit *)*state)->arena);
    return 0;
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_begin, kit_end)

/* What is written to one of the streams meanwhile. */
struct caught {
    FILE *file, *stream;
    int kept;
};

static inline struct caught catch_begin(FILE *stream)
{
    struct caught caught = {.file = tmpfile(), .stream = stream, .kept = dup(fileno(stream))};

    assert_non_null(caught.file);
    fflush(stream);
    assert_true(dup2(fileno(caught.file), fileno(stream)) >= 0);
    return caught;
}

static inline const char *catch_end(struct kit *kit, struct caught *caught)
{
    char *text = arena_alloc(kit->arena, 65536);

    fflush(caught->stream);
    assert_true(dup2(caught->kept, fileno(caught->stream)) >= 0);
    close(caught->kept);
    rewind(caught->file);
    text[fread(text, 1, 65535, caught->file)] = '\0';
    fclose(caught->file);
    return text;
}

/* The words of a command line, NULL at the end, read into the kit. */
static inline bool kit_read(struct kit *kit, char **argv, const char **said_out)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    struct caught caught = catch_begin(stderr);
    bool is_read = options_read(&kit->client, argc, argv, &kit->words);
    *said_out = catch_end(kit, &caught);
    return is_read;
}

#define ARGV(...) ((char *[]){"sankofa", __VA_ARGS__, NULL})

static inline void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not hold \"%s\"", text, part);
}

/* The number of lines: an error is two of them. */
static inline int line_count(const char *text)
{
    int count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static inline struct value kit_json(struct kit *kit, const char *json)
{
    struct value value;

    assert_int_equal(json_read(kit->arena, text_from(json), &value, NULL), 0);
    return value;
}

#endif
