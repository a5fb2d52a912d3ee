/* A laid out picture as SVG: one file that a browser shows as it is, without script or font of its
 * own. The name of a target leads to its state's box. */
#include "base/arena.h"
#include "workbench/draw/draw_layout.h"

/* As XML has it, in text and in attributes. */
static void escape(struct text_buffer *output, struct text text)
{
    static const struct {
        char byte;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (size_t i = 0; i < text.size; i++) {
        const char *entity = NULL;

        for (size_t j = 0; j < sizeof(entities) / sizeof(entities[0]); j++)
            if (entities[j].byte == text.bytes[i])
                entity = entities[j].entity;
        /* No XML may hold the other control characters, however they are written. */
        if ((unsigned char)text.bytes[i] < ' ' && text.bytes[i] != '\n')
            entity = " ";
        text_append(output, entity != NULL ? text_from(entity) : (struct text){&text.bytes[i], 1});
    }
}

static void write_text(struct text_buffer *output, const struct draw *draw,
                       const struct draw_text *text)
{
    bool is_link = text->link != CHART_NONE;

    if (is_link) {
        text_append(output, TEXT("<a href=\"#"));
        escape(output, draw->chart->states[text->link].id);
        text_append(output, TEXT("\">"));
    }
    text_append_printf(output, "<text x=\"%d\" y=\"%d\" class=\"t%d\">", text->x, text->y,
                       (int)text->style);
    if (!text_is_empty(text->tip)) {
        text_append(output, TEXT("<title>"));
        escape(output, text->tip);
        text_append(output, TEXT("</title>"));
    }
    escape(output, text->text);
    text_append(output, is_link ? TEXT("</text></a>\n") : TEXT("</text>\n"));
}

static void write_frame(struct text_buffer *output, const struct draw *draw,
                        const struct draw_box *box)
{
    const struct chart_state *facts = &draw->chart->states[box->state];
    bool is_region = draw->chart->states[facts->parent].kind == CHART_PARALLEL;

    text_append_printf(output, "<rect width=\"%d\" height=\"%d\" rx=\"6\" class=\"%s%s\"/>\n",
                       box->width, box->height, facts->depth % 2 == 1 ? "odd" : "even",
                       is_region ? " region" : "");
    if (facts->kind == CHART_FINAL)
        text_append_printf(output,
                           "<rect x=\"3\" y=\"3\" width=\"%d\" height=\"%d\" rx=\"4\" "
                           "class=\"inner\"/>\n",
                           box->width - 6, box->height - 6);
    if (draw_is_initial(draw, box->state))
        text_append(output, TEXT("<circle cx=\"16\" cy=\"18\" r=\"5\" class=\"start\"/>\n"));
}

static void write_box(struct text_buffer *output, const struct draw *draw,
                      const struct draw_box *box)
{
    const struct chart_state *facts = &draw->chart->states[box->state];

    if (box->state != 0) {
        text_append(output, TEXT("<g id=\""));
        escape(output, facts->id);
        text_append_printf(output, "\" transform=\"translate(%d %d)\">\n", box->x, box->y);
        write_frame(output, draw, box);
    }
    for (size_t i = 0; i < box->text_count; i++)
        write_text(output, draw, &box->texts[i]);
    for (uint16_t i = 0; i < facts->child_count; i++)
        write_box(output, draw, &box->children[i]);
    if (box->state != 0)
        text_append(output, TEXT("</g>\n"));
}

static void write_style(struct text_buffer *output)
{
    text_append(output,
                TEXT("<style>\n"
                     "text{font-family:'DejaVu Sans',Verdana,Arial,sans-serif;white-space:pre}\n"
                     "rect{stroke:#475569;stroke-width:1}\n"
                     ".odd{fill:#ffffff}.even{fill:#f1f5f9}.inner{fill:none}\n"
                     ".region{stroke-dasharray:5 3}.start{fill:#0b2545}\n"
                     "a:hover text{text-decoration:underline}\n"
                     "g:target>rect{stroke:#dc2626;stroke-width:3}\n"));
    for (int i = 0; i < DRAW_STYLES; i++)
        text_append_printf(output, ".t%d{%s}\n", i, draw_fonts[i].css);
    text_append(output, TEXT("</style>\n"));
}

struct text draw_svg(const struct draw *draw)
{
    struct draw_box box = draw_layout(draw);
    struct text_buffer output;

    text_buffer_init(&output, draw->arena);
    text_append_printf(&output,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                       "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
                       box.width, box.height, box.width, box.height);
    escape(&output, draw->title);
    text_append(&output, TEXT("</title>\n"));
    write_style(&output);
    text_append(&output, TEXT("<rect width=\"100%\" height=\"100%\" class=\"even\" "
                              "style=\"stroke:none\"/>\n"));
    write_box(&output, draw, &box);
    text_append(&output, TEXT("</svg>\n"));
    return text_buffer_text(&output);
}
