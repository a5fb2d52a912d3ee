/* Showing diagnostics: with carets for people, in lines as gcc writes for editors. */
#include "workbench/render.h"

#include "base/json.h"

size_t render_untold(const struct diag_list *diags)
{
    size_t told = 0;

    for (size_t i = 0; i < diags->count; i++)
        told += diags->items[i].severity == DIAG_ERROR;
    return diags->error_count - told;
}

static struct text source_of(const struct diag *diag, const struct workbench_file *files,
                             size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(files[i].name, diag->place.file))
            return files[i].source;
    return TEXT_NONE;
}

void render_diags(const struct diag_list *diags, const struct workbench_file *files, size_t count,
                  enum workbench_format format, struct text_buffer *output)
{
    size_t untold = render_untold(diags);

    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        if (format == WORKBENCH_GCC) {
            text_append(output, diag_write_gcc(output->arena, diag));
            continue;
        }
        text_append(output, diag_write_caret(output->arena, diag, source_of(diag, files, count)));
        text_append(output, TEXT("\n"));
    }
    if (untold > 0)
        text_append_printf(output,
                           format == WORKBENCH_GCC ? "%.*s: note: and %zu errors more\n"
                                                   : "%.*s: and %zu errors more\n\n",
                           TEXT_ARG(diags->items[0].place.file), untold);
}

struct text render_json(const struct value *value, struct arena *arena)
{
    struct text json = json_write_pretty(arena, value);

    return text_ends(json, "\n") ? json : text_printf(arena, "%.*s\n", TEXT_ARG(json));
}
