/* The author's tools on any workflow: check, show, explain, draw and diff. The input is one file,
 * or several parted by ====: the last is the one that is shown and drawn, and is compared with the
 * first. What is shown is the workflow itself when it is read again. */
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "workbench/diff/diff.h"
#include "workbench/draw/draw.h"
#include "workbench/explain/explain.h"
#include "workbench/workbench.h"
#include "workflows.h"

enum { MEMORY_MAX = 256 << 20 };

static const enum workbench_format formats[] = {WORKBENCH_CARET, WORKBENCH_GCC, WORKBENCH_JSON};

static void judge_output(struct arena *arena, struct text input, struct text output, bool is_json)
{
    struct value value;

    CHECK(!text_is_utf8(input) || text_is_utf8(output));
    CHECK(output.size == 0 || text_ends(output, "\n"));
    CHECK(!is_json || json_read(arena, output, &value, NULL) == 0);
}

static void judge_check(struct arena *arena, struct text input, const struct workbench_file *file,
                        const struct workflow_context *context, bool loads,
                        struct fuzz_chance *chance)
{
    enum workbench_format format = formats[fuzz_pick(chance, 3)];
    struct workbench_report report;

    workbench_check(file, 1, context, format, arena, &report);
    CHECK((report.error_count == 0) == loads);
    CHECK(text_is_utf8(report.summary));
    judge_output(arena, input, report.output, format == WORKBENCH_JSON);
}

/* The definition as it runs, as YAML: the same workflow. */
static void judge_show(struct arena *arena, struct text input, const struct workbench_file *file,
                       const struct workflow_context *context, const struct workflow *workflow)
{
    struct workbench_showing showing = {WORKBENCH_JSON, false};
    struct text output;
    struct diag_list diags;

    bool is_shown = workbench_show(file, context, &showing, arena, &output);
    CHECK(workflow == NULL || is_shown);
    judge_output(arena, input, output, is_shown);
    showing = (struct workbench_showing){WORKBENCH_GCC, true};
    workbench_show(file, context, &showing, arena, &output);
    judge_output(arena, input, output, false);
    showing.layers = false;
    workbench_show(file, context, &showing, arena, &output);
    judge_output(arena, input, output, false);
    if (workflow == NULL)
        return;
    diag_list_init(&diags, arena);
    const struct workflow *again = workflow_load(output, TEXT("shown.yaml"), context, &diags);
    fuzz_judge_diags(&diags, output, again == NULL);
    CHECK(again != NULL);
    CHECK(memcmp(workflow->hash, again->hash, sizeof again->hash) == 0);
}

static void judge_explain(struct arena *arena, struct text input, const struct workbench_file *file,
                          const struct workflow_context *context, const struct workflow *workflow,
                          struct fuzz_chance *chance)
{
    static const char *const languages[] = {"", "en", "fr", "pt"};
    const char *language = languages[fuzz_pick(chance, 4)];
    struct workbench_explaining explaining = {TEXT_NONE, text_from(language), WORKBENCH_GCC};
    struct text output;
    enum workbench_explained end = workbench_explain(file, context, &explaining, arena, &output);

    CHECK((end == WORKBENCH_EXPLAINED) == (workflow != NULL));
    judge_output(arena, input, output, false);
    if (workflow == NULL)
        return;
    size_t state = fuzz_pick(chance, workflow->chart.state_count);
    explaining.state = state == 0 ? TEXT("stat") : workflow->chart.states[state].id;
    end = workbench_explain(file, context, &explaining, arena, &output);
    CHECK(state == 0 || end == WORKBENCH_EXPLAINED);
}

/* Every element is closed by its own name, and every & begins a reference. */
static void judge_svg(struct text svg)
{
    struct text open[256];
    size_t depth = 0;

    for (size_t i = 0; i < svg.size; i++) {
        CHECK(svg.bytes[i] != '&' || memchr(svg.bytes + i, ';', svg.size - i) != NULL);
        if (svg.bytes[i] != '<')
            continue;
        const char *begin = svg.bytes + i + 1, *end = memchr(begin, '>', svg.size - i - 1);
        CHECK(end != NULL);
        size_t size = (size_t)(end - begin);
        i += size + 1;
        if (*begin == '?' || *begin == '!' || end[-1] == '/')
            continue;
        if (*begin == '/') {
            CHECK(depth > 0);
            CHECK(text_equal(open[--depth], (struct text){begin + 1, size - 1}));
            continue;
        }
        const char *blank = memchr(begin, ' ', size);
        CHECK(depth < sizeof open / sizeof open[0]);
        open[depth++] = (struct text){begin, blank ? (size_t)(blank - begin) : size};
    }
    CHECK(depth == 0);
}

static void judge_draw(struct arena *arena, struct text input, const struct workbench_file *file,
                       const struct workflow_context *context, const struct workflow *workflow,
                       struct fuzz_chance *chance)
{
    enum workbench_picture picture = fuzz_pick(chance, 3) > 0 ? WORKBENCH_SVG : WORKBENCH_DOT;
    struct workbench_drawn drawn;

    workbench_draw(file, context, picture, TEXT("fr"), WORKBENCH_GCC, arena, &drawn);
    CHECK((drawn.error_count == 0) == (workflow != NULL));
    judge_output(arena, input, drawn.output, false);
    if (workflow != NULL && picture == WORKBENCH_SVG)
        judge_svg(drawn.output);
}

static void judge_diff(struct arena *arena, struct text input, const struct workbench_file *before,
                       const struct workbench_file *after, const struct workflow_context *context,
                       const struct workflow *workflow, struct fuzz_chance *chance)
{
    enum workbench_format format = formats[fuzz_pick(chance, 3)];
    struct workbench_differed differed;

    workbench_diff(before, after, context, TEXT("fr"), format, arena, &differed);
    judge_output(arena, input, differed.output, format == WORKBENCH_JSON);
    CHECK(text_is_utf8(differed.summary));
    if (workflow == NULL)
        return;
    workbench_diff(after, after, context, TEXT(""), format, arena, &differed);
    judge_output(arena, input, differed.output, format == WORKBENCH_JSON);
    CHECK(differed.added + differed.removed + differed.changed == 0);
}

/* The last file as a test of the first. */
static void judge_tests(struct arena *arena, struct text input, const struct fuzz_files *files,
                        const struct workflow_context *context, struct fuzz_chance *chance)
{
    struct workbench_pair pair = {{TEXT("fuzz.test.yaml"), files->items[files->count - 1]},
                                  {TEXT("fuzz.yaml"), files->items[0]}};
    struct workbench_tester tester = {.context = context,
                                      .format = formats[fuzz_pick(chance, 3)],
                                      .coverage = fuzz_pick(chance, 2) == 0};
    struct workbench_tested tested;

    workbench_test(&pair, 1, &tester, arena, &tested);
    CHECK(text_is_utf8(tested.summary));
    judge_output(arena, input, tested.output, tester.format == WORKBENCH_JSON);
}

static bool is_test(struct text file)
{
    return file.size > 0 && memmem(file.bytes, file.size, "tests:", 6) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text input = {(const char *)data, size};
    struct fuzz_files files = fuzz_split(input);
    struct workflow_parents parents = fuzz_parents(&files);
    struct workflow_context context = fuzz_context(input);
    struct workbench_file before = {TEXT("before.yaml"), files.items[0]},
                          file = {TEXT("fuzz.yaml"), files.items[files.count - 1]};
    struct diag_list diags;

    context.parents = &parents;
    diag_list_init(&diags, arena);
    struct fuzz_chance chance = fuzz_chance_of(input);
    if (is_test(file.source)) {
        judge_tests(arena, input, &files, &context, &chance);
        return 0;
    }
    const struct workflow *workflow = workflow_load(file.source, file.name, &context, &diags);
    /* What is refused is told by each tool in the same way: one of them will do. */
    size_t only = workflow == NULL ? fuzz_pick(&chance, 5) : 5;
    if (only == 0 || workflow != NULL)
        judge_check(arena, input, &file, &context, workflow != NULL, &chance);
    if (only == 1 || workflow != NULL)
        judge_show(arena, input, &file, &context, workflow);
    if (only == 2 || workflow != NULL)
        judge_explain(arena, input, &file, &context, workflow, &chance);
    if (only == 3 || workflow != NULL)
        judge_draw(arena, input, &file, &context, workflow, &chance);
    if (only == 4 || workflow != NULL)
        judge_diff(arena, input, &before, &file, &context, workflow, &chance);
    CHECK(arena_bytes(arena) < MEMORY_MAX);
    return 0;
}
