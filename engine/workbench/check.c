/* Checking workflow files, and showing what was found: to people, to editors, to programs. */
#include "base/arena.h"
#include "words/heard.h"
#include "workbench/render.h"

/* One file, loaded. */
struct checked {
    const struct workbench_file *file;
    struct render_sources sources;
    const struct workflow *workflow; /* NULL: refused */
    struct diag_list diags;
    size_t warning_count;
};

static void check_file(struct checked *checked, const struct workbench_file *file,
                       const struct workflow_context *context, struct arena *arena)
{
    checked->file = file;
    diag_list_init(&checked->diags, arena);
    render_sources_init(&checked->sources, context, arena);
    render_sources_add(&checked->sources, file->name, file->source);
    checked->workflow =
        workflow_load(file->source, file->name, &checked->sources.context, &checked->diags);
    for (size_t i = 0; i < checked->diags.count; i++)
        checked->warning_count += checked->diags.items[i].severity == DIAG_WARNING;
}

static struct value file_value(const struct checked *checked, struct arena *arena)
{
    struct value map = value_map(arena), list = value_list(arena);

    value_put(&map, "file", value_string(checked->file->name));
    if (checked->workflow != NULL) {
        value_put(&map, "workflow", value_string(checked->workflow->id));
        value_put(&map, "hash",
                  value_string(text_hex(arena, checked->workflow->hash, VAULT_HASH_BYTES)));
    }
    value_put(&map, "errors", value_int((int64_t)checked->diags.error_count));
    value_put(&map, "warnings", value_int((int64_t)checked->warning_count));
    for (size_t i = 0; i < checked->diags.count; i++)
        value_append(&list, diag_value(arena, &checked->diags.items[i]));
    value_put(&map, "diagnostics", list);
    return map;
}

static struct text write_json(const struct checked *checked, size_t count,
                              const struct workbench_report *report, struct arena *arena)
{
    struct value map = value_map(arena), list = value_list(arena);

    value_put(&map, "errors", value_int((int64_t)report->error_count));
    value_put(&map, "warnings", value_int((int64_t)report->warning_count));
    for (size_t i = 0; i < count; i++)
        value_append(&list, file_value(&checked[i], arena));
    value_put(&map, "files", list);
    return render_json(&map, arena);
}

static struct text summarize(const struct workbench_report *report, size_t file_count,
                             struct arena *arena)
{
    size_t error_count = report->error_count, warning_count = report->warning_count;
    struct text errors = text_printf(
        arena, error_count ? ngettext("%zu error", "%zu errors", error_count) : _("no errors"),
        error_count);
    struct text warnings = text_printf(
        arena,
        warning_count ? ngettext("%zu warning", "%zu warnings", warning_count) : _("no warnings"),
        warning_count);
    struct text files = text_printf(
        arena, file_count ? ngettext("%zu file", "%zu files", file_count) : _("no files"),
        file_count);

    return text_printf(arena, _("%.*s and %.*s in %.*s"), TEXT_ARG(errors), TEXT_ARG(warnings),
                       TEXT_ARG(files));
}

static struct text render(const struct checked *checked, size_t count, enum workbench_format format,
                          const struct workbench_report *report, struct arena *arena)
{
    struct text_buffer output;

    if (format == WORKBENCH_JSON)
        return write_json(checked, count, report, arena);
    text_buffer_init(&output, arena);
    for (size_t i = 0; i < count; i++)
        render_diags(&checked[i].diags, &checked[i].sources, format, &output);
    return text_buffer_text(&output);
}

void workbench_check(const struct workbench_file *files, size_t count,
                     const struct workflow_context *context, enum workbench_format format,
                     struct arena *arena, struct workbench_report *report_out)
{
    struct checked *checked = ARENA_ARRAY(arena, struct checked, count);

    *report_out = (struct workbench_report){0};
    for (size_t i = 0; i < count; i++) {
        check_file(&checked[i], &files[i], context, arena);
        report_out->error_count += checked[i].diags.error_count;
        report_out->warning_count += checked[i].warning_count;
    }
    report_out->summary = summarize(report_out, count, arena);
    report_out->output = render(checked, count, format, report_out, arena);
}
