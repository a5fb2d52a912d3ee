/* What is wrong in files is told in French and Portuguese, too: tests of those who find it look at
 * each diagnostic that they meet. */
#ifndef SANKOFA_TESTS_UNIT_TONGUES_H
#define SANKOFA_TESTS_UNIT_TONGUES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "words/heard.h"

static size_t tongues_looked, tongues_missed;
static uint64_t tongues_known[1 << 16]; /* by their hash: most are met again and again */

/* gettext(3): what a change of LANGUAGE has to be followed by. */
extern int _nl_msg_cat_cntr;

static inline void tongues_speak(const char *language)
{
    const char *catalogues = getenv("SANKOFA_PO");

    assert_non_null(catalogues);
    setlocale(LC_MESSAGES, "C.UTF-8");
    setenv("LANGUAGE", language, 1);
    bindtextdomain("sankofa", catalogues);
    bind_textdomain_codeset("sankofa", "UTF-8");
    textdomain("sankofa");
    _nl_msg_cat_cntr++;
}

/* Without what stands in quotes, which is the file's or is typed as it is. */
static inline struct text tongues_unquoted(struct arena *arena, struct text text)
{
    static const char *const begins[] = {"\"", "`", "«"}, *const ends[] = {"\"", "`", "»"};
    struct text_buffer buffer;
    const char *end = NULL;

    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < text.size; i++) {
        struct text rest = {text.bytes + i, text.size - i};
        const char *begin = NULL;
        for (size_t k = 0; !end && !begin && k < 3; k++)
            if (text_begins(rest, begins[k])) {
                begin = begins[k];
                end = ends[k];
            }
        if (!end)
            text_append(&buffer, (struct text){text.bytes + i, 1});
        else if (!begin && text_begins(rest, end))
            end = NULL;
    }
    return text_buffer_text(&buffer);
}

/* The kinds of values that stand under a caret as the file has them, and what is one in all. */
static inline bool tongues_is_keyword(struct text text)
{
    static const char *const words[] = {"text",      "integer", "number", "boolean",        "date",
                                        "timestamp", "texts",   "final",  "before or after"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_is(text, words[i]))
            return true;
    return false;
}

/* What a plugin says of its inputs is its author's, and a key that was a comment is the file's. */
static inline bool tongues_is_of_somebody(struct text text)
{
    return text_ends(text, "How safe the household is.") ||
           text_begins(text, "write open: , with what; left out,");
}

/* Without the system's own words at the end, which are English where libc-l10n is not installed. */
static inline struct text tongues_ours(struct text text)
{
    for (int number = 1; number <= EHWPOISON; number++) {
        const char *said = strerrordesc_np(number);
        if (said && text_ends(text, said))
            text.size -= strlen(said);
    }
    return text;
}

/* Words that no sentence of the other languages has. */
static inline bool tongues_is_english(struct arena *arena, struct text text)
{
    static const char *const words[] = {" the ",   " is ",    " are ", " cannot ",
                                        " takes ", " needs ", " not ", " with ",
                                        " must ",  " write ", " and ", " of "};
    struct text ours = tongues_unquoted(arena, tongues_ours(text));
    struct text padded = text_printf(arena, " %.*s ", TEXT_ARG(ours));

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (memmem(padded.bytes, padded.size, words[i], strlen(words[i])))
            return true;
    return false;
}

static inline bool tongues_is_known(struct text text)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */

    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.bytes[i]) * 1099511628211U;
    uint64_t *place = &tongues_known[hash >> 48];
    bool is_known = *place == hash;
    *place = hash;
    return is_known;
}

static inline void tongues_check_text(struct arena *arena, struct text english)
{
    static const char *const languages[] = {"fr", "pt"};

    if (english.size == 0 || tongues_is_keyword(english) || tongues_is_of_somebody(english) ||
        tongues_is_known(english))
        return;
    for (size_t i = 0; i < 2; i++) {
        tongues_speak(languages[i]);
        struct text said = heard_author(arena, english);
        tongues_looked++;
        if (!text_equal(said, english) && !tongues_is_english(arena, said))
            continue;
        if (++tongues_missed < 100)
            print_error("%s: \"%.*s\" is said as \"%.*s\"\n", languages[i], TEXT_ARG(english),
                        TEXT_ARG(said));
    }
    tongues_speak("en");
}

static inline void tongues_check(struct arena *arena, const struct diag_list *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        tongues_check_text(arena, diags->items[i].message);
        tongues_check_text(arena, diags->items[i].label);
        tongues_check_text(arena, diags->items[i].help);
    }
}

/* The last test of each that looks. */
static inline void what_was_told_is_told_in_other_languages_too(void **state)
{
    (void)state;
    print_message("%zu texts looked at\n", tongues_looked);
    assert_true(tongues_looked > 20); /* a test that read nothing has shown nothing */
    assert_int_equal(tongues_missed, 0);
}

#endif
