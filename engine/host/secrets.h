/* What the administrator gave this plugin under names: passwords, tokens. Kept in pages of their
 * own that go into no core dump, wiped when they are replaced and at the end. */
#ifndef SANKOFA_HOST_SECRETS_H
#define SANKOFA_HOST_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

struct secrets {
    char *bytes; /* mapped */
    size_t mapped_bytes;
    struct secret {
        struct text name, bytes; /* each followed by a NUL that is not counted */
    } items[16];
    size_t count;
};

/* The body of a SECRETS frame, whose texts are wiped. False: it is none; nothing is kept. */
bool secrets_take(struct secrets *secrets, const struct value *body);
/* Accepts a zeroed one. */
void secrets_finish(struct secrets *secrets);

/* TEXT_NONE (bytes NULL): there is none of that name. Accepts NULL. */
struct text secrets_find(const struct secrets *secrets, struct text name);
/* Whether one of them stands in the text. What is shorter than 4 bytes is nobody's secret. */
bool secrets_show_in(const struct secrets *secrets, struct text words);
/* The text, with *** in place of each; itself where there is none. */
struct text secrets_hide(const struct secrets *secrets, struct text words, struct arena *arena);

#endif
