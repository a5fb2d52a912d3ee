/* The tests of workflows: file by file, and what is told of them. */
#include "workbench/test/test.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "words/heard.h"
#include "workbench/render.h"

/* One pair of files, run. */
struct tested {
    const struct workbench_pair *pair;
    struct render_sources sources;
    struct diag_list diags;
    const struct workflow *workflow; /* NULL: there is none, or it is refused */
    struct test_result *results;
    size_t result_count, passed, failed;
    struct value coverage;
};

/* ---- Running. ---- */

static const struct workflow *load(struct tested *tested, const struct yaml_node *root)
{
    const struct workbench_file *file = &tested->pair->workflow;
    struct workflow_context *context = &tested->sources.context;

    if (file->source.bytes == NULL) {
        diag_add(&tested->diags, DIAG_ERROR, E_TEST_WORKFLOW,
                 (struct place){.file = tested->pair->test.name},
                 "there is no workflow %.*s beside it", TEXT_ARG(file->name));
        return NULL;
    }
    context->stand_ins = test_stand_in_uses(root, tested->diags.arena, &context->stand_in_count);
    return workflow_load(file->source, file->name, context, &tested->diags);
}

static void run_tests(struct tested *tested, const struct test_file *file,
                      const struct workbench_tester *tester)
{
    struct arena *arena = tested->diags.arena;
    struct coverage coverage;

    coverage_init(&coverage, tested->workflow, arena);
    tested->results = ARENA_ARRAY(arena, struct test_result, file->test_count);
    tested->result_count = file->test_count;
    for (size_t i = 0; i < file->test_count; i++) {
        test_run(file, &file->tests[i], tester->hosts, &coverage, arena, &tested->results[i]);
        if (tested->results[i].failure_count == 0)
            tested->passed++;
        else
            tested->failed++;
    }
    if (tester->coverage)
        tested->coverage = coverage_value(&coverage, arena);
}

static void run_pair(struct tested *tested, const struct workbench_tester *tester)
{
    struct test_file *file = ARENA_NEW(tested->diags.arena, struct test_file);
    const struct workbench_file *source = &tested->pair->test;
    const struct yaml_node *root = yaml_parse(source->source, source->name, &tested->diags);
    size_t errors = tested->diags.error_count;

    render_sources_init(&tested->sources, tester->context, tested->diags.arena);
    render_sources_add(&tested->sources, source->name, source->source);
    render_sources_add(&tested->sources, tested->pair->workflow.name,
                       tested->pair->workflow.source);
    if (root != NULL)
        tested->workflow = load(tested, root);
    if (tested->workflow != NULL && tested->diags.error_count == errors &&
        test_read(root, tested->workflow, tester->context->plugins, &tested->diags, file))
        run_tests(tested, file, tester);
    else
        tested->failed = 1;
}

/* ---- For people. ---- */

/* A line of what was refused may point to what is wrong: "/data/risk: A number is needed here." */
static struct text said_line(struct arena *arena, struct text line)
{
    const char *colon = text_begins(line, "/") ? memchr(line.bytes, ':', line.size) : NULL;
    size_t before = colon ? (size_t)(colon - line.bytes) + 2 : 0;

    if (before >= line.size)
        return heard_author(arena, line);
    struct text rest = {line.bytes + before, line.size - before};
    return text_printf(arena, "%.*s%.*s", (int)before, line.bytes,
                       TEXT_ARG(heard_author(arena, rest)));
}

/* Heads are of one width, in each language: theirs. */
static void write_lines(struct text_buffer *output, const char *head, struct text lines,
                        bool is_names)
{
    size_t begin = 0;

    for (size_t i = 0; i <= lines.size; i++) {
        if (i < lines.size && lines.bytes[i] != '\n')
            continue;
        struct text line = {lines.bytes + begin, i - begin};
        line = is_names ? line : said_line(output->arena, line);
        text_append_printf(output, "    %*s %.*s\n", begin == 0 ? 0 : (int)strlen(head),
                           begin == 0 ? head : "", TEXT_ARG(line));
        begin = i + 1;
    }
}

static void write_failure(struct text_buffer *output, const struct test_failure *failure)
{
    struct text message = heard_author(output->arena, failure->message);

    text_append_printf(output, "  %.*s:%u:%u: %.*s\n", TEXT_ARG(failure->place.file),
                       failure->place.line, failure->place.column, TEXT_ARG(message));
    if (!text_is_empty(failure->wanted) || !text_is_empty(failure->got)) {
        write_lines(output, _("wanted "), failure->wanted, failure->is_names);
        write_lines(output, _("got    "), failure->got, failure->is_names);
    }
}

static void write_result(struct text_buffer *output, const struct test_result *result)
{
    if (result->failure_count > 0)
        text_append_printf(output, _("FAILED %.*s:%u: %.*s\n"), TEXT_ARG(result->test->place.file),
                           result->test->place.line, TEXT_ARG(result->test->name));
    for (size_t i = 0; i < result->failure_count; i++)
        write_failure(output, &result->failures[i]);
    for (size_t i = 0; i < value_count(&result->faults); i++) {
        const struct value *fault = value_item(&result->faults, i);
        struct text place = value_text_at(fault, "place");

        struct text message = heard_author(output->arena, value_text_at(fault, "message"));

        text_append_printf(output, _("  %.*s%sa fault of the workflow, in \"%.*s\": %.*s\n"),
                           TEXT_ARG(place), text_is_empty(place) ? "" : ": ",
                           TEXT_ARG(result->test->name), TEXT_ARG(message));
    }
}

/* `workflow check` is where warnings are told. */
static struct diag_list errors_of(const struct diag_list *diags)
{
    struct diag_list errors = *diags;

    errors.items = ARENA_ARRAY(diags->arena, struct diag, diags->count);
    errors.count = 0;
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].severity == DIAG_ERROR)
            errors.items[errors.count++] = diags->items[i];
    return errors;
}

static void write_tested(struct text_buffer *output, const struct tested *tested,
                         enum workbench_format format)
{
    struct diag_list errors = errors_of(&tested->diags);

    render_diags(&errors, &tested->sources, format, output);
    if (tested->result_count == 0 && tested->failed > 0)
        text_append_printf(output, _("FAILED %.*s: it cannot be run\n"),
                           TEXT_ARG(tested->pair->test.name));
    for (size_t i = 0; i < tested->result_count; i++)
        write_result(output, &tested->results[i]);
    if (tested->failed == 0)
        text_append_printf(
            output, ngettext("ok     %.*s: %zu test\n", "ok     %.*s: %zu tests\n", tested->passed),
            TEXT_ARG(tested->pair->test.name), tested->passed);
    if (tested->coverage.kind == VALUE_MAP)
        coverage_write(&tested->coverage, output);
}

/* ---- As data. ---- */

static struct value failure_value(const struct test_failure *failure, struct arena *arena)
{
    struct value map = value_map(arena);

    value_put(&map, "file", value_string(failure->place.file));
    value_put(&map, "line", value_int(failure->place.line));
    value_put(&map, "column", value_int(failure->place.column));
    value_put(&map, "message", value_string(failure->message));
    value_put(&map, "wanted", value_string(failure->wanted));
    value_put(&map, "got", value_string(failure->got));
    return map;
}

static struct value result_value(const struct test_result *result, struct arena *arena)
{
    struct value map = value_map(arena), failures = value_list(arena);

    for (size_t i = 0; i < result->failure_count; i++)
        value_append(&failures, failure_value(&result->failures[i], arena));
    value_put(&map, "name", value_string(result->test->name));
    value_put(&map, "line", value_int(result->test->place.line));
    value_put(&map, "passed", value_bool(result->failure_count == 0));
    value_put(&map, "failures", failures);
    value_put(&map, "faults", result->faults);
    return map;
}

static struct value tested_value(const struct tested *tested, struct arena *arena)
{
    struct value map = value_map(arena), diags = value_list(arena), tests = value_list(arena);

    for (size_t i = 0; i < tested->diags.count; i++)
        value_append(&diags, diag_value(arena, &tested->diags.items[i]));
    for (size_t i = 0; i < tested->result_count; i++)
        value_append(&tests, result_value(&tested->results[i], arena));
    value_put(&map, "file", value_string(tested->pair->test.name));
    if (tested->workflow != NULL)
        value_put(&map, "workflow", value_string(tested->workflow->id));
    value_put(&map, "passed", value_int((int64_t)tested->passed));
    value_put(&map, "failed", value_int((int64_t)tested->failed));
    value_put(&map, "diagnostics", diags);
    value_put(&map, "tests", tests);
    if (tested->coverage.kind == VALUE_MAP)
        value_put(&map, "coverage", tested->coverage);
    return map;
}

static struct text write_json(const struct tested *tested, size_t count,
                              const struct workbench_tested *sum, struct arena *arena)
{
    struct value map = value_map(arena), files = value_list(arena);

    for (size_t i = 0; i < count; i++)
        value_append(&files, tested_value(&tested[i], arena));
    value_put(&map, "passed", value_int((int64_t)sum->passed));
    value_put(&map, "failed", value_int((int64_t)sum->failed));
    value_put(&map, "files", files);
    return render_json(&map, arena);
}

void workbench_test(const struct workbench_pair *pairs, size_t count,
                    const struct workbench_tester *tester, struct arena *arena,
                    struct workbench_tested *tested_out)
{
    struct tested *tested = ARENA_ARRAY(arena, struct tested, count);
    struct text_buffer output;

    *tested_out = (struct workbench_tested){0};
    text_buffer_init(&output, arena);
    for (size_t i = 0; i < count; i++) {
        tested[i].pair = &pairs[i];
        diag_list_init(&tested[i].diags, arena);
        run_pair(&tested[i], tester);
        tested_out->passed += tested[i].passed;
        tested_out->failed += tested[i].failed;
        if (tester->format != WORKBENCH_JSON)
            write_tested(&output, &tested[i], tester->format);
    }
    tested_out->output = tester->format == WORKBENCH_JSON
                             ? write_json(tested, count, tested_out, arena)
                             : text_buffer_text(&output);
    tested_out->summary =
        text_printf(arena, _("%zu passed, %zu failed"), tested_out->passed, tested_out->failed);
}
