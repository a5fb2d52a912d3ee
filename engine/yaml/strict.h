/* What YAML 1.2 forbids and libyaml reads all the same. Inside yaml/ alone.
 *
 * Another reader of the same file would refuse it, or read something else; an administrator's
 * editor marks it red. So it is refused here, too. */
#ifndef SANKOFA_YAML_STRICT_H
#define SANKOFA_YAML_STRICT_H

#include <stdbool.h>
#include <yaml.h>

#include "yaml/source.h"

/* What stands between two events: indicators, blanks, comments. A comment needs a blank before its
 * #. To be asked from the front of the file to its end. */
void yaml_strict_gap(struct source *source, const yaml_mark_t *from, const yaml_mark_t *to,
                     struct diag_list *diags);
/* The lines behind the first of a list in brackets, a map in braces or a text in quotes: each is
 * indented by `indent` spaces at least, unless it is empty or a comment; the first that is not is
 * told. `in_text`, by line: it is of a text, in which nothing is a comment. */
enum strict_of { STRICT_OF_TEXT, STRICT_OF_LIST, STRICT_OF_MAP };
void yaml_strict_lines(const struct source *source, const yaml_mark_t *begin,
                       const yaml_mark_t *end, size_t indent, const bool *in_text,
                       enum strict_of of, struct diag_list *diags);
/* The header of a block text, which begins at `begin`, and the empty lines before its first one;
 * `indent` as above. */
void yaml_strict_block(struct source *source, const yaml_mark_t *begin, size_t indent,
                       struct diag_list *diags);
/* A plain text that is no more than a dash. */
void yaml_strict_plain(struct source *source, const yaml_mark_t *begin, struct text text,
                       struct diag_list *diags);

#endif
