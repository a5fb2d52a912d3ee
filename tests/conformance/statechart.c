/* Runs the public statechart suite against the interpreter: statechart-conformance SOURCE_ROOT
 *
 * The suite is found at $SANKOFA_SHARED, else at SOURCE_ROOT/../shared; without it the program
 * exits 77, which is a test that was skipped. Each pair NAME.yaml and NAME.test.yaml is read here
 * rather than by the engine's loader, so that the interpreter is judged before, and without, the
 * rest of the language. A line is printed for each failure, the tally at the end.
 *
 * The happy path of a pair: the workflow becomes a chart (statechart_subject.c); each test opens it
 * anew; each item sends, waits, or expects the active atomic states (statechart_action.c). */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "statechart_subject.h"

enum { FILE_BYTES_MAX = 1 << 20, SKIPPED = 77 };

/* ---- Expectations ---- */

static bool is_listed(const struct yaml_node *list, struct text id)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->entries[i].value->text, id))
            return true;
    return false;
}

/* The active atomic states, in any order. */
static bool expect(struct subject *subject, const struct yaml_node *expected)
{
    const struct yaml_node *states = yaml_get(expected, "states");
    struct text_buffer got;
    size_t count = 0;
    bool fits = true;

    if (states == NULL || expected->count != 1)
        return SUBJECT_FAULT(subject, expected, "only `states` can be expected here");
    text_buffer_init(&got, subject->arena);
    for (uint16_t s = 1; s < subject->chart.state_count; s++) {
        const struct chart_state *state = &subject->chart.states[s];
        if (!subject->configuration.active[s] || state->child_count > 0)
            continue;
        text_append_printf(&got, " %.*s", TEXT_ARG(state->id));
        fits = fits && is_listed(states, state->id);
        count++;
    }
    if (fits && count == states->count)
        return true;
    return SUBJECT_FAULT(subject, states, "these states are active:%.*s",
                         TEXT_ARG(text_buffer_text(&got)));
}

static bool run_item(struct subject *subject, const struct yaml_node *item)
{
    int64_t span_ms;
    for (size_t i = 0; i < item->count; i++) {
        struct text key = item->entries[i].key;
        const struct yaml_node *value = item->entries[i].value;
        bool done;
        if (text_is(key, "send")) {
            done = subject_send(
                subject, (struct chart_event){.name = value->text, .transition = CHART_NONE});
        } else if (text_is(key, "wait")) {
            done = when_read_span(value->text, &span_ms) && subject_wait(subject, span_ms);
        } else if (text_is(key, "expect")) {
            done = expect(subject, value);
        } else {
            done = SUBJECT_FAULT(subject, item, "%.*s is not known to this suite", TEXT_ARG(key));
        }
        /* Expressions of the suite do not err, so an error on the way is a failure too. */
        if (!done || subject->diags->error_count > 0)
            return false;
    }
    return true;
}

static bool run_test(const struct yaml_node *workflow, const struct yaml_node *items,
                     struct diag_list *diags)
{
    struct subject subject = {.arena = diags->arena, .diags = diags};
    if (!subject_read(&subject, workflow) || !subject_start(&subject))
        return false;
    for (size_t i = 0; i < items->count; i++)
        if (!run_item(&subject, items->entries[i].value))
            return false;
    return items->count > 0 && diags->error_count == 0;
}

/* ---- Files ---- */

static struct yaml_node *read_yaml(struct text path, struct diag_list *diags)
{
    char *bytes = arena_alloc(diags->arena, FILE_BYTES_MAX);
    FILE *file = fopen(path.bytes, "r");
    if (file == NULL) {
        diag_add(diags, DIAG_ERROR, "T3", (struct place){.file = path}, "cannot be read");
        return NULL;
    }
    size_t size = fread(bytes, 1, FILE_BYTES_MAX, file);
    fclose(file);
    return yaml_parse((struct text){bytes, size}, path, diags);
}

/* A pair, by the path of its test. */
static bool run_pair(struct arena *arena, struct text test_path)
{
    struct diag_list diags;
    struct text stem = {test_path.bytes, test_path.size - strlen(".test.yaml")};
    diag_list_init(&diags, arena);
    struct yaml_node *test = read_yaml(test_path, &diags);
    struct yaml_node *workflow = read_yaml(text_printf(arena, "%.*s.yaml", TEXT_ARG(stem)), &diags);
    const struct yaml_node *tests = yaml_get(test, "tests");
    bool passed = workflow && tests && tests->count > 0;
    for (size_t i = 0; passed && i < tests->count; i++)
        passed = run_test(workflow, tests->entries[i].value, &diags);
    for (size_t i = 0; i < diags.count; i++) {
        struct text line = diag_write_gcc(arena, &diags.items[i]);
        printf("%.*s", TEXT_ARG(line));
    }
    if (!passed)
        printf("FAILED %.*s\n", TEXT_ARG(test_path));
    return passed;
}

static int run_all(const glob_t *paths)
{
    unsigned passed = 0, failed = 0;
    for (size_t i = 0; i < paths->gl_pathc; i++) {
        ARENA_SCOPED struct arena *arena = arena_create("pair");
        if (run_pair(arena, text_from(paths->gl_pathv[i])))
            passed++;
        else
            failed++;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 ? 1 : 0;
}

int main(int argument_count, char **arguments)
{
    ARENA_SCOPED struct arena *arena = arena_create("main");
    const char *shared = getenv("SANKOFA_SHARED");
    glob_t paths;
    if (argument_count != 2) {
        fputs("usage: statechart-conformance SOURCE_ROOT\n", stderr);
        return 2;
    }
    struct text pattern =
        shared
            ? text_printf(arena, "%s/conformance/statechart/*/*.test.yaml", shared)
            : text_printf(arena, "%s/../shared/conformance/statechart/*/*.test.yaml", arguments[1]);
    if (glob(pattern.bytes, 0, NULL, &paths) != 0) {
        printf("skipped: no statecharts at %.*s\n", TEXT_ARG(pattern));
        return SKIPPED;
    }
    int status = run_all(&paths);
    globfree(&paths);
    return status;
}
