/* The language of the client's words.
 *
 * Which one: --lang, else that of the environment as gettext has it (LANGUAGE, then LC_ALL,
 * LC_MESSAGES, LANG; C and POSIX: English).
 * How: gettext translates in a locale other than C alone, and a bare Debian has no fr_FR. So the
 * locale is always C.UTF-8, which glibc has of itself, and LANGUAGE says what it is to speak. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "client/people/people.h"
#include "words/heard.h"

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

bool words_begin(struct client *client)
{
    const char *code;
    const char *asked = client->language;

    client->language = asked ? code_of(client->arena, asked) : NULL;
    bool is_known = client->language || !asked;
    if (!client->language)
        client->language = language_of_environment(client->arena);
    code = client->language ? spoken_of(client->language, strlen(client->language)) : NULL;
    client->speaks = code ? code : spoken[0];
    if (!client->language)
        client->language = client->speaks;
    setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_MESSAGES, "C.UTF-8");
    setenv("LANGUAGE", client->speaks, 1);
    bindtextdomain(domain, place_catalogues(client));
    bind_textdomain_codeset(domain, "UTF-8");
    textdomain(domain);
    if (is_known)
        return true;
    complain("--lang takes the code of a language, as en, fr or pt, not \"%s\".", asked);
    complain("Leave it out for the language of your LANG.");
    return false;
}

/* ---- What the daemon says. ---- */

enum { DEPTH_MAX = 4 };

struct text quoted(struct client *client, struct text text)
{
    static const struct {
        const char *language, *before, *behind;
    } marks[] = {{"fr", "« ", " »"}, {"pt", "«", "»"}};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (client->speaks && strcmp(client->speaks, marks[i].language) == 0)
            return text_printf(client->arena, "%s%.*s%s", marks[i].before, TEXT_ARG(text),
                               marks[i].behind);
    return text_printf(client->arena, "\"%.*s\"", TEXT_ARG(text));
}

const char *colon(const struct client *client)
{
    return client->speaks && strcmp(client->speaks, "fr") == 0 ? " : " : ": ";
}

/* A problem, how a proposal has ended, a role, a moment, or an event or a state, by its title and
 * the id that is typed. */
static struct text name_again(struct client *client, struct text name)
{
    static const struct text data = TEXT("data.");
    const struct problem_kind *problem =
        memchr(name.bytes, '-', name.size) ? problem_kind_named(name) : NULL;

    if (problem)
        return text_from(_(problem->title));
    if (text_begins(name, data.bytes))
        return titles_typed_field(client,
                                  (struct text){name.bytes + data.size, name.size - data.size});
    if (text_ends(name, "Z"))
        return print_time(client, name);
    struct text end = proposal_end(name), role = titles_role(client, name), title;

    if (!text_equal(end, name) || !text_equal(role, name))
        return text_equal(end, name) ? role : end;
    title = titles_name(client, name);
    if (text_equal(title, name)) {
        title = titles_check(client, name); /* nobody types its id */
        return title.size > 0 ? quoted(client, title) : name;
    }
    return text_printf(client->arena, "%.*s (%.*s)", TEXT_ARG(quoted(client, title)),
                       TEXT_ARG(name));
}

/* "caseworker, intake or supervisor": the roles by their titles, the word between them translated.
 */
static struct text list_again(struct client *client, struct text said)
{
    static const struct text or = TEXT(" or "), comma = TEXT(", ");
    struct text_buffer buffer;

    if (!said.bytes || said.size == 0)
        return said;
    const char *at = memmem(said.bytes, said.size, or.bytes, or.size);
    if (!at || memchr(said.bytes, '.', said.size))
        return name_again(client, said);
    size_t last = (size_t)(at - said.bytes);
    text_buffer_init(&buffer, client->arena);
    for (size_t begin = 0; begin <= last;) {
        const char *next = memmem(said.bytes + begin, last - begin, comma.bytes, comma.size);
        size_t end = next ? (size_t)(next - said.bytes) : last;
        struct text name = {said.bytes + begin, end - begin};
        text_append_printf(&buffer, "%s%.*s", begin > 0 ? ", " : "",
                           TEXT_ARG(name_again(client, name)));
        begin = next ? end + comma.size : last + 1;
    }
    struct text name = {said.bytes + last + or.size, said.size - last - or.size};
    /* xgettext: between the last two of a list: "caseworker or supervisor". */
    text_append_printf(&buffer, "%s%.*s", _(" or "), TEXT_ARG(name_again(client, name)));
    return text_buffer_text(&buffer);
}

/* Up to a full stop, and the points that may stand behind it: "Its risk is high. (+2) " */
static size_t sentence_size(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] == '.' && (i + 1 == text.size || strchr(" \n", text.bytes[i + 1])))
            return i + 1;
    return text.size;
}

static struct text again(struct client *client, struct text said, int depth);

/* Each sentence of a plugin by itself; *are_all_out: there was nothing else. */
static struct text plugin_sentences(struct client *client, struct text kept, int depth,
                                    bool *are_all_out)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE};
    struct text_buffer buffer;

    *are_all_out = kept.size > 0;
    text_buffer_init(&buffer, client->arena);
    while (kept.size > 0) {
        size_t skip = strspn(kept.bytes, " \n"), size;
        if (skip < kept.size && kept.bytes[skip] == '(')
            skip += strcspn(kept.bytes + skip, ")") + 1;
        skip = skip < kept.size ? skip + strspn(kept.bytes + skip, " \n") : kept.size;
        skip = skip < kept.size ? skip : kept.size;
        text_append(&buffer, (struct text){kept.bytes, skip});
        kept = (struct text){kept.bytes + skip, kept.size - skip};
        size = sentence_size(kept);
        struct text sentence = {kept.bytes, size};
        const char *format = size > 0 ? heard_find_plugin(sentence, values) : NULL;
        for (size_t i = 0; format && i < HEARD_VALUES_MAX; i++)
            values[i] = again(client, values[i], depth + 1);
        text_append(&buffer, format ? heard_fill(client->arena, _(format), values) : sentence);
        kept = (struct text){kept.bytes + size, kept.size - size};
        *are_all_out = *are_all_out && (format || size == 0);
    }
    return text_buffer_text(&buffer);
}

/* `depth`: how many sentences it is a value in; 0: it is one by itself. A plugin may tell several
 * at once. */
static struct text again(struct client *client, struct text said, int depth)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE};
    bool are_all;

    if (said.size == 0 || depth == DEPTH_MAX)
        return said;
    struct text sentences = plugin_sentences(client, said, depth, &are_all);
    if (are_all)
        return sentences;
    const char *sentence = heard_find(said, values);
    if (!sentence)
        return depth > 0 ? list_again(client, said) : said;
    for (size_t i = 0; i < HEARD_VALUES_MAX; i++)
        values[i] = again(client, values[i], depth + 1);
    return heard_fill(client->arena, _(sentence), values);
}

static bool is_english(const struct client *client)
{
    return !client->speaks || strcmp(client->speaks, spoken[0]) == 0;
}

struct text heard_kept(struct client *client, struct text kept)
{
    bool are_all;

    return is_english(client) ? kept : plugin_sentences(client, kept, 0, &are_all);
}

struct text heard(struct client *client, struct text said)
{
    return again(client, said, 0);
}
