/* Which language, and how gettext is brought to speak it.
 *
 * gettext translates in a locale other than C alone, and a bare Debian has no fr_FR. So the locale
 * is C.UTF-8, which glibc has of itself, and LANGUAGE says what it is to speak. */
#include "words/tongue.h"

#include <libintl.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/text.h"
#include "words/place.h"

static const char *const domain = "sankofa";
static const char *const spoken[] = {"en", "fr", "pt"};

/* "fr" of "fr_FR.UTF-8", "fr-FR" and "fr"; NULL: a language that is not spoken here. */
static const char *spoken_of(const char *value, size_t size)
{
    for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++)
        if (size >= 2 && strncmp(value, spoken[i], 2) == 0 &&
            (size == 2 || strchr("_-.@", value[2])))
            return spoken[i];
    return NULL;
}

/* The first of a list that is spoken, as LANGUAGE has it: "wo:fr". */
static const char *first_spoken(const char *list)
{
    const char *found = NULL;

    while (list && *list && !found) {
        size_t size = strcspn(list, ":");
        found = spoken_of(list, size);
        list += size + (list[size] == ':');
    }
    return found;
}

/* The code at the beginning, of whatever language; NULL: there is none. */
static const char *code_of(struct arena *arena, const char *value)
{
    size_t size = strspn(value, "abcdefghijklmnopqrstuvwxyz");

    bool is_code = (size == 2 || size == 3) && (!value[size] || strchr("_-.@", value[size]));

    return is_code ? text_copy(arena, (struct text){value, size}).bytes : NULL;
}

/* The one that the environment asks for, spoken here or not: workflows may have it. */
static const char *language_of_environment(struct arena *arena)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = NULL, *list = getenv("LANGUAGE");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (!value || !value[0]); i++)
        value = getenv(names[i]);
    if (!value || !value[0] || strcmp(value, "POSIX") == 0)
        return NULL;
    if (value[0] == 'C' && (value[1] == '\0' || value[1] == '.'))
        return NULL;
    if (first_spoken(list))
        return first_spoken(list);
    return code_of(arena, value);
}

bool tongue_settle(struct arena *arena, const char *asked, struct tongue *tongue_out)
{
    const char *language = asked ? code_of(arena, asked) : NULL, *code;
    bool is_known = language || !asked;

    if (!language)
        language = language_of_environment(arena);
    code = language ? spoken_of(language, strlen(language)) : NULL;
    tongue_out->speaks = code ? code : spoken[0];
    tongue_out->language = language ? language : tongue_out->speaks;
    setenv("LANGUAGE", tongue_out->speaks, 1);
    bindtextdomain(domain, place_catalogues(arena));
    bind_textdomain_codeset(domain, "UTF-8");
    textdomain(domain);
    return is_known;
}

void tongue_speak(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_MESSAGES, "C.UTF-8");
}

struct tongue_aside tongue_begin(void)
{
    struct tongue_aside aside = {.made = newlocale(LC_MESSAGES_MASK, "C.UTF-8", (locale_t)0)};

    CHECK(aside.made != (locale_t)0);
    aside.before = uselocale(aside.made);
    return aside;
}

void tongue_end(const struct tongue_aside *aside)
{
    uselocale(aside->before);
    freelocale(aside->made);
}
