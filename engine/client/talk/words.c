/* The language of the client's words.
 *
 * Which one: --lang, else that of the environment as gettext has it (LANGUAGE, then LC_ALL,
 * LC_MESSAGES, LANG; C and POSIX: English).
 * How: gettext translates in a locale other than C alone, and a bare Debian has no fr_FR. So the
 * locale is always C.UTF-8, which glibc has of itself, and LANGUAGE says what it is to speak. */
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"
#include "client/talk/heard.h"

static const char *const domain = "sankofa";
static const char *const spoken[] = {"en", "fr", "pt"};

/* ---- Which. ---- */

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

    return size == 2 || size == 3 ? text_copy(arena, (struct text){value, size}).bytes : NULL;
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

/* ---- Where the catalogues are. ---- */

/* Beside the program in a build, else where it was installed to. */
static const char *catalogues(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *slash = size > 0 ? memrchr(path, '/', (size_t)size) : NULL;

    if (!slash)
        return SANKOFA_LOCALES;
    const char *built = text_printf(arena, "%.*s/engine/po", (int)(slash - path), path).bytes;
    return access(built, X_OK) == 0 ? built : SANKOFA_LOCALES;
}

void words_begin(struct client *client)
{
    const char *code;

    if (!client->language)
        client->language = language_of_environment(client->arena);
    code = client->language ? spoken_of(client->language, strlen(client->language)) : NULL;
    client->speaks = code ? code : spoken[0];
    setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_MESSAGES, "C.UTF-8");
    setenv("LANGUAGE", client->speaks, 1);
    bindtextdomain(domain, catalogues(client->arena));
    bind_textdomain_codeset(domain, "UTF-8");
    textdomain(domain);
}

/* ---- What the daemon says. ---- */

enum { DEPTH_MAX = 4 };

/* "caseworker or supervisor": the roles stand as they are, the word between them does not. */
static struct text list_again(struct client *client, struct text said)
{
    static const struct text or = TEXT(" or ");
    const char *at = memmem(said.bytes, said.size, or.bytes, or.size);

    if (!at || memchr(said.bytes, '.', said.size))
        return said;
    size_t before = (size_t)(at - said.bytes), behind = before + or.size;
    /* xgettext: between the last two of a list: "caseworker or supervisor". */
    return text_printf(client->arena, "%.*s%s%.*s", (int)before, said.bytes, _(" or "),
                       (int)(said.size - behind), said.bytes + behind);
}

/* `depth`: how many sentences it is a value in; 0: it is one by itself. */
static struct text again(struct client *client, struct text said, int depth)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE};
    const char *sentence = said.size > 0 && depth < DEPTH_MAX ? heard_find(said, values) : NULL;

    if (!sentence)
        return depth > 0 ? list_again(client, said) : said;
    for (size_t i = 0; i < HEARD_VALUES_MAX; i++)
        values[i] = again(client, values[i], depth + 1);
    return heard_fill(client->arena, _(sentence), values);
}

struct text heard(struct client *client, struct text said)
{
    bool is_english = !client->speaks || strcmp(client->speaks, spoken[0]) == 0;

    return is_english ? said : again(client, said, 0);
}
