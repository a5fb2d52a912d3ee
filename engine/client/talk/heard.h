/* What the daemon says, said again in the language asked for. The daemon speaks English and codes
 * (interfaces.md); the client holds the sentences it can say, with their values left open, knows by
 * them which one an answer is, and puts the values into the translated one. */
#ifndef SANKOFA_CLIENT_HEARD_H
#define SANKOFA_CLIENT_HEARD_H

#include "base/text.h"

struct arena;

/* Every sentence of the daemon, as printf has it, then those of plugins, NULL behind the last: made
 * by contrib/words. */
extern const char *const heard_sentences[];
extern const size_t heard_plugins_begin;

/* The sentence that `said` is: the one with the most letters of its own. NULL: none. What stands in
 * place of its values, in order, is put into values_out, at most HEARD_VALUES_MAX of them. */
enum { HEARD_VALUES_MAX = 8 };
const char *heard_find(struct text said, struct text *values_out);
/* The same among those of plugins alone: what is kept in a case may also be somebody's own words.
 */
const char *heard_find_plugin(struct text said, struct text *values_out);
/* `format` with the values in place of what it asks for. */
struct text heard_fill(struct arena *arena, const char *format, const struct text *values);
/* How much of `format` at its beginning is a value to be put in; 0: none. "%%" is none. */
size_t heard_value_size(const char *format);

#endif
