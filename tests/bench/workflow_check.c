/* The bench 'workflow': how long an author waits for `workflow check`, and how long the core takes
 * for one event of a large workflow.
 *
 *     workflow-check [--write FILE]
 *
 * Prints the medians beside what they must stay under, and ends with 1 if one does not. --write
 * puts the file of 500 lines there, for whoever measures the whole program. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "case/case.h"
#include "workbench/workbench.h"

enum {
    LINES = 500,
    STAGES = 20, /* compound states of the large workflow, each with PARTS inside */
    PARTS = 24,
    TRANSITIONS = 4, /* of each state */
    CHECK_RUNS = 200,
    LOAD_RUNS = 50,
    STEP_RUNS = 20000,
    CASE_EVENTS = 40
};

static const char head[] =
    "workflow: bench\n"
    "version: \"1\"\n"
    "title: {en: A bench, fr: Un banc}\n"
    "languages: [en, fr]\n"
    "country: SN\n"
    "time_zone: Africa/Dakar\n"
    "open: {by: [caseworker], form: {child_name: required, birth_date: required}}\n"
    "roles:\n"
    "  caseworker: {title: {en: Case worker, fr: Assistant social}, sees: [sensitive]}\n"
    "  supervisor: {title: {en: Supervisor, fr: Superviseur}}\n"
    "fields:\n"
    "  child_name: {type: text, title: {en: Name, fr: Nom}, sensitive: true, max_length: 120}\n"
    "  birth_date: {type: date, sensitive: true}\n"
    "  risk: {type: integer, min: 0, max: 1000000, initial: 0}\n"
    "  notes: {type: list, of: text, max_items: 20}\n"
    "states:\n";

/* One state of the file that is checked: ten lines, as people write them. */
static const char state[] = "  state_%zu:\n"
                            "    title: {en: State %zu, fr: État %zu}\n"
                            "    deadline: {within: 3d}\n"
                            "    on:\n"
                            "      go_on:\n"
                            "        title: {en: Go on, fr: Continuer}\n"
                            "        by: [caseworker]\n"
                            "        form: {risk: required, notes: optional}\n"
                            "        guard: data.risk < 7 && age(data.birth_date, today) < 18\n"
                            "        explain: {en: The risk is too high., fr: Risque trop grand.}\n"
                            "        do: [{set: {risk: = data.risk + 1}}]\n"
                            "        target: state_%zu\n";

/* ---- Time: of this thread on a core, whatever else the machine does. ---- */

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static bool report(const char *what, double *times_us, size_t count, double most_us)
{
    qsort(times_us, count, sizeof(*times_us), compare);
    double median = times_us[count / 2];
    bool is_large = most_us >= 1000;

    printf("  %-58s %8.2f %s  p99 %8.2f  (under %g)\n", what, is_large ? median / 1e3 : median,
           is_large ? "ms" : "us", times_us[count * 99 / 100] / (is_large ? 1e3 : 1.0),
           is_large ? most_us / 1e3 : most_us);
    return median < most_us;
}

/* ---- Workflows. ---- */

static size_t count_lines(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += text.bytes[i] == '\n';
    return count;
}

static struct text write_file(struct arena *arena)
{
    struct text_buffer buffer;
    size_t each = count_lines(text_from(state)),
           count = (LINES - count_lines(text_from(head))) / each;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, text_from(head));
    for (size_t i = 1; i < count; i++)
        text_append_printf(&buffer, state, i, i, i, i + 1);
    text_append_printf(&buffer, "  state_%zu: {type: final}\n", count);
    while (count_lines(text_buffer_text(&buffer)) < LINES)
        text_append(&buffer, TEXT("# A comment.\n"));
    return text_buffer_text(&buffer);
}

/* A part: two transitions whose guards say no, one that goes on, one that waits. */
static void write_part(struct text_buffer *buffer, size_t stage, size_t part)
{
    size_t next = part + 1 < PARTS ? part + 1 : 0, other = part + 1 < PARTS ? stage : stage + 1;

    if (other == STAGES)
        other = 0;
    text_append_printf(buffer,
                       "      part_%zu_%zu:\n"
                       "        on:\n"
                       "          never: {event: go, by: [caseworker], form: {notes: optional}, "
                       "guard: data.risk < 0, target: part_0_0}\n"
                       "          far: {event: go, by: [caseworker], guard: data.risk > 900000 && "
                       "in_state('stage_0'), target: stage_%zu}\n"
                       "          go: {by: [caseworker], guard: data.risk >= 0, do: "
                       "[{set: "
                       "{risk: = data.risk + 1}}], target: part_%zu_%zu}\n"
                       "        after: {late: {delay: 30d, target: stage_0}}\n",
                       stage, part, stage, other, next);
}

static struct text write_large(struct arena *arena)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, text_from(head));
    for (size_t stage = 0; stage < STAGES; stage++) {
        text_append_printf(&buffer,
                           "  stage_%zu:\n    on:\n"
                           "      back: {by: [supervisor], target: stage_0}\n"
                           "      over: {by: [supervisor], guard: data.risk > 3, target: end}\n"
                           "      told: {do: [{log: told}]}\n"
                           "    after: {stage_late: {delay: 90d, target: end}}\n"
                           "    states:\n",
                           stage);
        for (size_t part = 0; part < PARTS; part++)
            write_part(&buffer, stage, part);
    }
    text_append(&buffer, TEXT("  end: {type: final}\n"));
    return text_buffer_text(&buffer);
}

static const struct zone *load_zone(void *self, struct text name)
{
    return text_is(name, "Africa/Dakar") ? zone_fixed(self, 0) : NULL;
}

static const struct workflow *load(struct arena *arena, struct text source)
{
    struct zone_source zones = {arena, load_zone};
    struct workflow_context context = {.zones = &zones};
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct workflow *workflow = workflow_load(source, TEXT("bench.yaml"), &context, &diags);
    for (size_t i = 0; !workflow && i < diags.count && i < 3; i++)
        fputs(diag_write_gcc(arena, &diags.items[i]).bytes, stderr);
    CHECK(workflow != NULL);
    return workflow;
}

/* ---- What is measured. ---- */

static bool measure_check(struct text source)
{
    double times_us[CHECK_RUNS];

    for (size_t i = 0; i < CHECK_RUNS; i++) {
        double begin = now_us();
        ARENA_SCOPED struct arena *arena = arena_create("check");
        struct zone_source zones = {arena, load_zone};
        struct workflow_context context = {.zones = &zones};
        struct workbench_file file = {TEXT("bench.yaml"), source};
        struct workbench_report found;

        workbench_check(&file, 1, &context, WORKBENCH_CARET, arena, &found);
        CHECK(found.error_count == 0);
        times_us[i] = now_us() - begin;
    }
    char what[80];
    snprintf(what, sizeof(what), "check of %zu lines, in the process", count_lines(source));
    return report(what, times_us, CHECK_RUNS, 20000);
}

static bool measure_load(struct text source)
{
    double times_us[LOAD_RUNS];
    size_t states = 0, transitions = 0;

    for (size_t i = 0; i < LOAD_RUNS; i++) {
        double begin = now_us();
        ARENA_SCOPED struct arena *arena = arena_create("load");
        const struct workflow *workflow = load(arena, source);

        states = (size_t)workflow->chart.state_count - 1;
        transitions = workflow->chart.transition_count;
        times_us[i] = now_us() - begin;
    }
    char what[80];
    snprintf(what, sizeof(what), "load of %zu states and %zu transitions", states, transitions);
    return report(what, times_us, LOAD_RUNS, 50000);
}

static struct case_person person_of(struct arena *arena)
{
    struct text *roles = ARENA_NEW(arena, struct text);

    *roles = TEXT("caseworker");
    return (struct case_person){
        .id = TEXT("awa"), .person = TEXT("awa"), .roles = roles, .role_count = 1};
}

/* Plans and applies one event; the new case in `arena`. */
static void carry_out(struct case_state *state, struct case_event *event, struct arena *arena)
{
    struct case_plan plan;
    struct case_change change;

    case_plan(state, event, arena, &plan);
    CHECK(plan.kind == CASE_CARRY);
    case_apply(state, event, arena, &change);
    CHECK(!change.is_refused);
    state->doc = change.doc;
    state->revision = state->last = event->seq;
}

static struct case_state open_case(struct arena *arena, const struct workflow *workflow,
                                   const struct case_person *person)
{
    struct case_state state = {.workflow = workflow, .doc = value_null()};
    struct case_event event = {.kind = CASE_OPEN,
                               .now_ms = 1767254400000,
                               .seq = 1,
                               .person = person,
                               .code = TEXT("SN-2026-00042-G"),
                               .data = value_map(arena)};

    value_put(&event.data, "child_name", value_cstring("A"));
    value_put(&event.data, "birth_date", value_cstring("2012-05-04"));
    carry_out(&state, &event, arena);
    return state;
}

/* Events of cases, as the core carries them out; a case lives for some dozen of them. What an event
 * took is given back after each, and keeping the case is not measured: this is of the core, not of
 * the kernel's pages. */
static bool measure_events(const struct workflow *workflow)
{
    static double times_us[STEP_RUNS];
    struct arena *turn = arena_create("turn"), *cases = arena_create("case");
    struct case_person person = {0};
    struct case_state state = {0};

    for (size_t i = 0; i < STEP_RUNS; i++) {
        if (i % CASE_EVENTS == 0) {
            arena_reset(cases);
            person = person_of(cases);
            state = open_case(cases, workflow, &person);
        }
        struct case_event event = {.kind = CASE_TRANSITION,
                                   .now_ms = 1767254400000 + (int64_t)i * 1000,
                                   .seq = state.last + 1,
                                   .person = &person,
                                   .name = TEXT("go")};
        double begin = now_us();
        carry_out(&state, &event, turn);
        times_us[i] = now_us() - begin;
        state.doc = value_copy(cases, &state.doc);
        arena_reset(turn);
    }
    arena_destroy(turn);
    arena_destroy(cases);
    return report("an event on it: planned, its macrostep, its entry", times_us, STEP_RUNS, 20);
}

static int write_out(const char *path, struct text source)
{
    FILE *file = fopen(path, "w");

    if (!file || fwrite(source.bytes, 1, source.size, file) != source.size || fclose(file) != 0) {
        perror(path);
        return 2;
    }
    return 0;
}

int main(int argc, char **argv)
{
    ARENA_SCOPED struct arena *boot = arena_create("boot");
    struct text file = write_file(boot), large = write_large(boot);

    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_out(argv[2], file);
    if (argc != 1) {
        fputs("usage: workflow-check [--write FILE]\n", stderr);
        return 2;
    }
    bool all = measure_check(file);
    all &= measure_load(large);
    all &= measure_events(load(boot, large));
    return all ? 0 : 1;
}
