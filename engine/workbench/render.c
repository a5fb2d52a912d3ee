/* Showing diagnostics: with carets for people, in lines as gcc writes for editors. */
#include "workbench/render.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "words/heard.h"

enum { ALIKE_SHOWN = 10 };

/* ---- The files. ---- */

static bool find(void *self, struct text id, struct text child, struct arena *arena,
                 struct workflow_parent *parent_out, struct text *why_out)
{
    struct render_sources *sources = self;

    if (!sources->found_by->find(sources->found_by->self, id, child, arena, parent_out, why_out))
        return false;
    if (!parent_out->is_rendered)
        render_sources_add(sources, parent_out->file, parent_out->source);
    return true;
}

void render_sources_init(struct render_sources *sources, const struct workflow_context *context,
                         struct arena *arena)
{
    *sources =
        (struct render_sources){.arena = arena, .context = *context, .found_by = context->parents};
    sources->parents = (struct workflow_parents){sources, find};
    if (context->parents != NULL)
        sources->context.parents = &sources->parents;
}

void render_sources_add(struct render_sources *sources, struct text name, struct text source)
{
    if (sources->count == sources->capacity) {
        size_t capacity = sources->capacity * 2 + 4;
        struct workbench_file *items = ARENA_ARRAY(sources->arena, struct workbench_file, capacity);

        if (sources->count > 0)
            memcpy(items, sources->items, sources->count * sizeof(*items));
        sources->items = items;
        sources->capacity = capacity;
    }
    sources->items[sources->count++] = (struct workbench_file){name, source};
}

static struct text source_of(const struct diag *diag, const struct render_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (text_equal(sources->items[i].name, diag->place.file))
            return sources->items[i].source;
    return TEXT_NONE;
}

/* ---- Diagnostics. ---- */

size_t render_untold(const struct diag_list *diags)
{
    size_t told = 0;

    for (size_t i = 0; i < diags->count; i++)
        told += diags->items[i].severity == DIAG_ERROR;
    return diags->error_count - told;
}

/* How many before it have the same code. */
static size_t alike_before(const struct diag_list *diags, size_t index)
{
    size_t count = 0;

    for (size_t i = 0; i < index; i++)
        count += strcmp(diags->items[i].code, diags->items[index].code) == 0;
    return count;
}

/* One wrong letter may be wrong in a hundred places: of so many people are shown the first, editors
 * and programs all. */
static void note_alike(const struct diag_list *diags, struct text_buffer *output)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        size_t count = 0;

        if (alike_before(diags, i) != ALIKE_SHOWN)
            continue;
        for (size_t k = i; k < diags->count; k++)
            count += strcmp(diags->items[k].code, diag->code) == 0;
        text_append_printf(output,
                           _("%.*s: %zu more like these [%s], which may all come of one\n\n"),
                           TEXT_ARG(diag->place.file), count, diag->code);
    }
}

void render_diags(const struct diag_list *diags, const struct render_sources *sources,
                  enum workbench_format format, struct text_buffer *output)
{
    size_t untold = render_untold(diags);

    for (size_t i = 0; i < diags->count; i++) {
        struct diag diag = heard_diag(output->arena, &diags->items[i]);

        if (format == WORKBENCH_GCC) {
            text_append(output, diag_write_gcc(output->arena, &diag));
            continue;
        }
        if (alike_before(diags, i) >= ALIKE_SHOWN)
            continue;
        text_append(output, diag_write_caret(output->arena, &diag, source_of(&diag, sources)));
        text_append(output, TEXT("\n"));
    }
    if (format != WORKBENCH_GCC)
        note_alike(diags, output);
    if (untold > 0)
        text_append_printf(output,
                           format == WORKBENCH_GCC ? _("%.*s: note: and %zu errors more\n")
                                                   : _("%.*s: and %zu errors more\n\n"),
                           TEXT_ARG(diags->items[0].place.file), untold);
}

struct text render_json(const struct value *value, struct arena *arena)
{
    struct text json = json_write_pretty(arena, value);

    return text_ends(json, "\n") ? json : text_printf(arena, "%.*s\n", TEXT_ARG(json));
}
