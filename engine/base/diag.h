/* Diagnostics: what is wrong in a file, where, and what to write instead. */
#ifndef SANKOFA_BASE_DIAG_H
#define SANKOFA_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

/* Lines and columns count from 1, columns in code points; line 0: no place. */
struct place {
    struct text file;
    uint32_t line, column, width;
};

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag {
    enum diag_severity severity;
    const char *code; /* "E114"; a literal */
    struct place place;
    struct text message; /* one sentence: what is wrong */
    struct text label;   /* a word under the caret; may be empty */
    struct text help;    /* what to write instead; may be empty */
};

/* A list in an arena. It holds the first DIAG_MAX, and counts the rest. */
enum { DIAG_MAX = 200 };
struct diag_list {
    struct arena *arena;
    struct diag *items;
    size_t count, capacity;
    size_t error_count; /* of all that were added */
};

void diag_list_init(struct diag_list *list, struct arena *arena);
/* Adds one and returns it for label and help, which are set by the caller from `list->arena`.
 * Borrowed until the next add. */
__attribute__((format(printf, 5, 6))) struct diag *diag_add(struct diag_list *list,
                                                            enum diag_severity severity,
                                                            const char *code, struct place place,
                                                            const char *format, ...);
__attribute__((format(printf, 3, 4))) void diag_help(struct diag_list *list, struct diag *diag,
                                                     const char *format, ...);

/* An error that has no place in a file, and what to do about it. Returns `result`, for the caller
 * to return. */
__attribute__((format(printf, 5, 6))) int diag_fail(struct diag_list *list, int result,
                                                    const char *code, const char *help,
                                                    const char *format, ...);

/* The shape of interfaces.md: message, arrow, source line with caret, help; its own words are those
 * of gettext's language. `source` is the file's text, from which the line is shown; TEXT_NONE shows
 * none. Ends with a newline. */
struct text diag_write_caret(struct arena *arena, const struct diag *diag, struct text source);
/* FILE:LINE:COLUMN: error: MESSAGE [CODE], as gcc writes; editors know these lines by the words
 * error and warning, which are those in every language. Ends with a newline. */
struct text diag_write_gcc(struct arena *arena, const struct diag *diag);
/* {severity, code, file, line, column, width, message, label, help} */
struct value diag_value(struct arena *arena, const struct diag *diag);

#endif
