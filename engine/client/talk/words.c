/* The client's words in its language, and those of the daemon. */
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "client/people/people.h"
#include "words/heard.h"
#include "words/tongue.h"

bool words_begin(struct client *client)
{
    const char *asked = client->language;
    struct tongue tongue;
    bool is_known = tongue_settle(client->arena, asked, &tongue);

    client->language = tongue.language;
    client->speaks = tongue.speaks;
    tongue_speak();
    if (is_known)
        return true;
    complain("--lang takes the code of a language, as en, fr or pt, not \"%s\".", asked);
    complain("Leave it out for the language of your LANG.");
    return false;
}

struct text words_for(const struct worded *all, struct text code, struct text otherwise)
{
    for (; all->code; all++)
        if (text_is(code, all->code))
            return text_from(_(all->words));
    return otherwise;
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
    return !client->speaks || strcmp(client->speaks, "en") == 0;
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
