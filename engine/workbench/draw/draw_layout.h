/* Where everything of a picture stands; internal to workbench/. All in whole pixels. */
#ifndef SANKOFA_WORKBENCH_DRAW_LAYOUT_H
#define SANKOFA_WORKBENCH_DRAW_LAYOUT_H

#include "workbench/draw/draw_model.h"

enum draw_style { DRAW_HEAD, DRAW_ID, DRAW_FACT, DRAW_ACTION, DRAW_TARGET, DRAW_NOTE };
enum { DRAW_STYLES = DRAW_NOTE + 1 };

struct draw_font {
    int size;    /* pixels of an em */
    int line;    /* from one line to the next */
    int percent; /* of the width of the plain face */
    const char *css;
};
extern const struct draw_font draw_fonts[DRAW_STYLES];

/* One line of text, where its baseline begins; in the box that holds it. */
struct draw_text {
    enum draw_style style;
    struct text text;
    struct text tip;
    uint16_t link; /* the state it leads to; CHART_NONE: none */
    int x, y;
};

struct draw_box {
    uint16_t state;          /* 0: the whole */
    int x, y, width, height; /* x, y: in the box around it */
    struct draw_text *texts;
    size_t text_count;
    struct draw_box *children; /* as the chart's */
};

/* The width that a text will take, by the metrics of DejaVu Sans: other faces are narrower. */
int draw_width(struct text text, enum draw_style style);
/* Boxes in boxes, each as wide as its words and what is in it. */
struct draw_box draw_layout(const struct draw *draw);

#endif
