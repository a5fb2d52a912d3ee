/* What a picture shows of a workflow, in words; internal to workbench/.
 *
 * Words: a *line* is one thing that a state tells of itself: its deadline, a step, a *move* (a
 * transition, with who may and where it leads). */
#ifndef SANKOFA_WORKBENCH_DRAW_MODEL_H
#define SANKOFA_WORKBENCH_DRAW_MODEL_H

#include "workbench/draw/draw.h"
#include "workbench/tree.h"

/* The picture's own words, in the languages that the client speaks. */
struct draw_words {
    const char *language;
    const char *deadline, *step, *at_once, *after, *complete, *done, *failed;
    const char *condition, *check, *approval;
    const char *parallel, *history, *deep_history;
};

enum draw_kind { DRAW_DEADLINE, DRAW_STEP, DRAW_MOVE };

struct draw_line {
    enum draw_kind kind;
    struct text text;        /* "Deadline: 3d", "Register the child" */
    struct text note;        /* who may, and on what condition; may be empty */
    struct text tip;         /* the guard, as written; may be empty */
    const uint16_t *targets; /* of a move; none: it stays */
    size_t target_count;
};

struct draw_state {
    struct text title; /* without one: the id */
    const struct draw_line *lines;
    size_t line_count;
};

struct draw {
    struct arena *arena;
    const struct tree *tree;
    const struct chart *chart;
    struct text language, title;
    const struct draw_words *words;
    struct draw_state *states; /* by chart's number */
};

void draw_read(struct draw *draw, const struct tree *tree, struct text language,
               struct arena *arena);
/* "Travel", or several joined by " + "; empty where there are none. */
struct text draw_target(const struct draw *draw, const struct draw_line *line);
/* "at the same time" and the like, of a state's kind; empty for most. */
struct text draw_kind_words(const struct draw *draw, uint16_t state);
bool draw_is_initial(const struct draw *draw, uint16_t state);

struct text draw_svg(const struct draw *draw);
struct text draw_dot(const struct draw *draw);

#endif
