/* Sentences of ours that came as English text, said again in the language of gettext.
 *
 * The daemon speaks English and codes (interfaces.md), and so does the loader of workflow files,
 * which is a library. Here are the sentences that they can say, with their values left open: by
 * its letters a text is known to be one of them, its values are taken out and put into the
 * translated sentence. What is none of them stays as it came. */
#ifndef SANKOFA_WORDS_HEARD_H
#define SANKOFA_WORDS_HEARD_H

#include <libintl.h>

#include "base/diag.h"
#include "base/text.h"

struct arena;

/* What contrib/words gathers, and gettext says in the language asked for. */
#define _(literal) gettext(literal)

/* Every sentence as printf has it, NULL behind the last: those of the daemon, of plugins, and of
 * whatever reads the files that people write (*authors*). Made by contrib/words. */
extern const char *const heard_sentences[];
extern const size_t heard_plugins_begin, heard_authors_begin;

/* The sentence of the daemon or of plugins that `said` is: where several fit, one that begins with
 * letters of its own, and has the most of them. NULL: none. What stands in place of its values, in
 * order, is put into values_out, at most HEARD_VALUES_MAX of them. */
enum { HEARD_VALUES_MAX = 8 };
const char *heard_find(struct text said, struct text *values_out);
/* The same among those of plugins alone: what is kept in a case may also be somebody's own words.
 */
const char *heard_find_plugin(struct text said, struct text *values_out);
/* `format` with the values in place of what it asks for. */
struct text heard_fill(struct arena *arena, const char *format, const struct text *values);

/* What is wrong in a file, in the language of gettext. Values that are sentences or words of ours
 * are said again, too; what stands in quotes is a name of the file's, and stays. */
struct text heard_author(struct arena *arena, struct text said);
struct diag heard_diag(struct arena *arena, const struct diag *diag);

#endif
