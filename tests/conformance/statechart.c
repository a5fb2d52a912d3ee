/* Runs the public statechart suite through the loader and the core: statechart-conformance
 * SOURCE_ROOT
 *
 * The suite is found at $SANKOFA_SHARED, else at SOURCE_ROOT/../shared; without it the program
 * exits 77, which is a test that was skipped. A line is printed for each failure, the tally at the
 * end.
 *
 * The happy path of a pair:
 * 1. NAME.yaml is loaded, once as a file and once as the definition that is stored of it.
 * 2. Each test of NAME.test.yaml opens a case, and sends, waits and expects in virtual time
 *    (statechart_case.c). What is due is carried out before anything is expected. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "statechart_case.h"

enum { FILE_BYTES_MAX = 1 << 20, SKIPPED = 77 };

/* A pair under way. */
struct pair {
    struct arena *arena;
    struct diag_list diags;
};

#define FAULT(pair, node, ...)                                                                     \
    (diag_add(&(pair)->diags, DIAG_ERROR, "T1", (node)->place, __VA_ARGS__), false)

/* ---- Items ---- */

static bool is_listed(const struct yaml_node *list, struct text id)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->entries[i].value->text, id))
            return true;
    return false;
}

/* The active atomic states, in any order. */
static bool expect(struct pair *pair, struct subject *subject, const struct yaml_node *expected)
{
    const struct yaml_node *states = yaml_get(expected, "states");
    struct value got = subject_states(subject);
    struct text_buffer written;
    bool fits = true;

    if (states == NULL || expected->count != 1)
        return FAULT(pair, expected, "only `states` can be expected here");
    text_buffer_init(&written, pair->arena);
    for (size_t i = 0; i < value_count(&got); i++) {
        struct text id = value_item(&got, i)->string;
        text_append_printf(&written, " %.*s", TEXT_ARG(id));
        fits = fits && is_listed(states, id);
    }
    if (fits && value_count(&got) == states->count)
        return true;
    return FAULT(pair, states, "these states are active:%.*s",
                 TEXT_ARG(text_buffer_text(&written)));
}

static bool run_item(struct pair *pair, struct subject *subject, const struct yaml_node *item)
{
    int64_t span_ms;

    for (size_t i = 0; i < item->count; i++) {
        struct text key = item->entries[i].key;
        const struct yaml_node *value = item->entries[i].value;

        if (text_is(key, "send"))
            subject_send(subject, value->text);
        else if (text_is(key, "wait") && when_read_span(value->text, &span_ms))
            subject_wait(subject, span_ms);
        else if (!text_is(key, "expect"))
            return FAULT(pair, item, "%.*s is not known to this suite", TEXT_ARG(key));
        else if (!expect(pair, subject, value))
            return false;
        /* Expressions of the suite do not err. */
        if (!text_is_empty(subject->fault))
            return FAULT(pair, item, "%.*s", TEXT_ARG(subject->fault));
    }
    return true;
}

static bool run_tests(struct pair *pair, const struct workflow *workflow,
                      const struct yaml_node *tests)
{
    for (size_t i = 0; i < tests->count; i++) {
        const struct yaml_node *items = tests->entries[i].value;
        struct subject subject;

        if (!subject_open(&subject, workflow, pair->arena))
            return FAULT(pair, tests, "the case cannot be opened");
        for (size_t k = 0; k < items->count; k++)
            if (!run_item(pair, &subject, items->entries[k].value))
                return false;
    }
    return true;
}

/* ---- Files ---- */

static struct text read_file(struct pair *pair, struct text path)
{
    char *bytes = arena_alloc(pair->arena, FILE_BYTES_MAX);
    FILE *file = fopen(path.bytes, "r");
    size_t size;

    if (file == NULL)
        return TEXT_NONE;
    size = fread(bytes, 1, FILE_BYTES_MAX, file);
    fclose(file);
    return (struct text){bytes, size};
}

static bool run_pair(struct pair *pair, struct text test_path)
{
    static const struct workflow_context context;
    struct text path = text_printf(pair->arena, "%.*s.yaml",
                                   (int)(test_path.size - strlen(".test.yaml")), test_path.bytes);
    const struct yaml_node *test = yaml_parse(read_file(pair, test_path), test_path, &pair->diags);
    const struct yaml_node *tests = yaml_get(test, "tests");
    const struct workflow *loaded =
        workflow_load(read_file(pair, path), path, &context, &pair->diags);
    const struct workflow *stored =
        loaded != NULL ? workflow_open(loaded->rendered, &context, &pair->diags) : NULL;

    return stored != NULL && tests != NULL && tests->count > 0 && run_tests(pair, loaded, tests) &&
           run_tests(pair, stored, tests);
}

/* Warnings are the checker's word on charts that nobody wrote for people. */
static bool run_one(struct text test_path)
{
    ARENA_SCOPED struct arena *arena = arena_create("pair");
    struct pair pair = {.arena = arena};
    bool passed;

    diag_list_init(&pair.diags, arena);
    passed = run_pair(&pair, test_path) && pair.diags.error_count == 0;
    for (size_t i = 0; !passed && i < pair.diags.count; i++)
        if (pair.diags.items[i].severity == DIAG_ERROR)
            printf("%s", diag_write_gcc(arena, &pair.diags.items[i]).bytes);
    if (!passed)
        printf("FAILED %.*s\n", TEXT_ARG(test_path));
    return passed;
}

int main(int argument_count, char **arguments)
{
    ARENA_SCOPED struct arena *arena = arena_create("main");
    const char *shared = getenv("SANKOFA_SHARED");
    unsigned passed = 0, failed = 0;
    struct text pattern;
    glob_t paths;

    if (argument_count != 2) {
        fputs("usage: statechart-conformance SOURCE_ROOT\n", stderr);
        return 2;
    }
    pattern =
        shared != NULL
            ? text_printf(arena, "%s/conformance/statechart/*/*.test.yaml", shared)
            : text_printf(arena, "%s/../shared/conformance/statechart/*/*.test.yaml", arguments[1]);
    if (glob(pattern.bytes, 0, NULL, &paths) != 0) {
        printf("skipped: no statecharts at %.*s\n", TEXT_ARG(pattern));
        return SKIPPED;
    }
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        bool is_passed = run_one(text_from(paths.gl_pathv[i]));

        passed += is_passed;
        failed += !is_passed;
    }
    globfree(&paths);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 ? 1 : 0;
}
