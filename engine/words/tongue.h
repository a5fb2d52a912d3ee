/* The language of our words: --lang, else that of the environment as gettext has it (LANGUAGE, then
 * LC_ALL, LC_MESSAGES, LANG; C and POSIX: English). */
#ifndef SANKOFA_WORDS_TONGUE_H
#define SANKOFA_WORDS_TONGUE_H

#include <locale.h>
#include <stdbool.h>

struct arena;

struct tongue {
    const char
        *language;      /* the code that is asked for, spoken here or not: workflows may have it */
    const char *speaks; /* "en", "fr" or "pt" */
};

/* Settles it by `asked` (NULL: nothing) and the environment, and has gettext find its catalogues.
 * False: `asked` is no code of a language. Before there are threads. */
bool tongue_settle(struct arena *arena, const char *asked, struct tongue *tongue_out);
/* From here on gettext, and strerror with it, speak that language: in the whole process. */
void tongue_speak(void);
/* The same in this thread, up to tongue_end: for one that speaks English otherwise, as a daemon
 * does to its clients and its log. */
struct tongue_aside {
    locale_t made, before;
};
struct tongue_aside tongue_begin(void);
void tongue_end(const struct tongue_aside *aside);

#endif
