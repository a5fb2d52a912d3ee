/* The bytes of a YAML file, before and beside the parser: what may stand in them, and what stands
 * where. Inside yaml/ alone. */
#ifndef SANKOFA_YAML_SOURCE_H
#define SANKOFA_YAML_SOURCE_H

#include "base/diag.h"

struct source {
    struct text text; /* without a byte order mark */
    struct text file;
    const size_t *lines; /* offset of each line's first byte */
    size_t line_count;
    size_t cursor_index, cursor_offset; /* of yaml_source_char: code points and bytes passed */
};

/* Sizes and characters; false with an error added for what no parser shall see. */
bool yaml_source_open(struct text text, struct text file, struct diag_list *diags,
                      struct source *source_out);
/* The place of a 0-based line and column. */
struct place yaml_source_place(const struct source *source, size_t line, size_t column,
                               size_t width);
/* Line `line`, 0-based, without its end; empty behind the last. */
struct text yaml_source_line(const struct source *source, size_t line);
/* The column (0-based) of a tab in the white space that a line begins with; false if
 * there is none. */
bool yaml_source_leading_tab(const struct source *source, size_t line, size_t *column_out);
/* The ASCII character at code point `index`, '?' for any other, 0 at the end. Asked with growing
 * indices it reads the file once. */
/* The first blank of that line that is no space, behind a colon. False: there is none. */
bool yaml_source_false_space(const struct source *source, size_t line, size_t *column_out);
char yaml_source_char(struct source *source, size_t index);

/* Adds the error of a line that is indented by a tab. */
void yaml_source_add_tab(const struct source *source, size_t line, size_t column,
                         struct diag_list *diags);

#endif
