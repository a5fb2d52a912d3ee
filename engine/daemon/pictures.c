/* A stored definition is a file that the author's tools read. Where a case is, is one rule of style
 * for each active state: the picture's boxes bear their states' ids. */
#include "daemon/pictures.h"

#include <string.h>

#include "base/arena.h"
#include "workbench/draw/draw.h"

static struct text mark(struct text picture, const struct value *active, struct arena *arena)
{
    static const char end[] = "</style>";
    struct text_buffer marked;
    const char *at = memmem(picture.bytes, picture.size, end, sizeof(end) - 1);

    if (!at || value_count(active) == 0)
        return picture;
    size_t before = (size_t)(at - picture.bytes);
    text_buffer_init(&marked, arena);
    text_append(&marked, (struct text){picture.bytes, before});
    for (size_t i = 0; i < value_count(active); i++)
        text_append_printf(&marked, "#%.*s>rect{stroke:#15803d;stroke-width:4}\n",
                           TEXT_ARG(value_item(active, i)->string));
    text_append(&marked, (struct text){at, picture.size - before});
    return text_buffer_text(&marked);
}

struct text pictures_draw(const struct workflow_context *context, enum api_form form,
                          struct text definition, struct text language, const struct value *active,
                          struct arena *arena)
{
    const struct workbench_file file = {.name = TEXT("definition"), .source = definition};
    const struct workbench_showing showing = {.format = WORKBENCH_CARET};
    struct workbench_drawn drawn;
    struct text yaml;

    switch (form) {
    case API_YAML:
        workbench_show(&file, context, &showing, arena, &yaml);
        return yaml;
    case API_DOT:
        workbench_draw(&file, context, WORKBENCH_DOT, language, WORKBENCH_CARET, arena, &drawn);
        return drawn.output;
    case API_SVG:
        workbench_draw(&file, context, WORKBENCH_SVG, language, WORKBENCH_CARET, arena, &drawn);
        return mark(drawn.output, active, arena);
    }
    return TEXT_NONE;
}
