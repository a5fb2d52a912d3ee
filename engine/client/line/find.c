/* Which command is meant, and which may have been. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"

enum { COMMANDS_MAX = 256, SUMMARY_COLUMN = 33 };

static int word_count(const char *name)
{
    int count = 1;

    for (const char *at = name; *at; at++)
        count += *at == ' ';
    return count;
}

/* "list" and "history" are short for "case list" and "case history". */
static const char *const short_names[] = {"list", N_("history")};

static bool fits(const char *name, char **words, int count)
{
    if (count < word_count(name))
        return false;
    for (int i = 0; *name; i++) {
        size_t size = strcspn(name, " ");
        if (strlen(words[i]) != size || strncmp(words[i], name, size) != 0)
            return false;
        name += size + (name[size] == ' ');
    }
    return true;
}

/* "case" alone: what it goes on with. */
static void list_group(struct text words)
{
    size_t count = 0;

    for (size_t i = 0; command_at(i); i++) {
        const char *name = command_at(i)->name;
        if (strncmp(name, words.bytes, words.size) != 0 || name[words.size] != ' ')
            continue;
        if (count++ == 0)
            complain("`sankofa %.*s` goes on with another word:", TEXT_ARG(words));
        int size = fprintf(stderr, "  sankofa %s", name);
        look_beside(stderr, text_from(_(command_at(i)->summary)), (size_t)size, SUMMARY_COLUMN, 6);
        fputc('\n', stderr);
    }
}

/* So many of the words, from the first, as command names have them. */
static struct text joined(struct arena *arena, char **words, int count)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    for (int i = 0; i < count; i++)
        text_append_printf(&buffer, "%s%s", i > 0 ? " " : "", words[i]);
    return text_buffer_text(&buffer);
}

static bool is_group(struct text words)
{
    for (size_t i = 0; words.size > 0 && command_at(i); i++)
        if (strncmp(command_at(i)->name, words.bytes, words.size) == 0 &&
            command_at(i)->name[words.size] == ' ')
            return true;
    return false;
}

/* "export" is meant for "case export". */
static struct text ending_with(const char *word)
{
    for (size_t i = 0; command_at(i); i++) {
        const char *name = command_at(i)->name, *space = strrchr(name, ' ');
        if (space && strcmp(space + 1, word) == 0)
            return text_from(name);
    }
    return TEXT_NONE;
}

/* "chk" is meant for "check": its letters in their order, from the first on. */
static bool is_skeleton(struct text word, struct text of)
{
    size_t at = 0;

    for (size_t i = 0; i < of.size && at < word.size; i++)
        at += of.bytes[i] == word.bytes[at];
    return word.size > 2 && at == word.size && of.bytes[0] == word.bytes[0];
}

/* What may be meant, of the commands that begin with the group (empty: of all): by what comes
 * behind it. */
static struct text nearest_in(struct text group, struct text word)
{
    struct text names[COMMANDS_MAX], rests[COMMANDS_MAX];
    size_t skip = group.size > 0 ? group.size + 1 : 0, count = 0;

    for (size_t i = 0; command_at(i) && count < COMMANDS_MAX; i++) {
        struct text name = text_from(command_at(i)->name);
        if (group.size > 0 && (name.size <= skip || name.bytes[group.size] != ' ' ||
                               strncmp(name.bytes, group.bytes, group.size) != 0))
            continue;
        names[count] = name;
        rests[count++] = (struct text){name.bytes + skip, name.size - skip};
    }
    struct text rest = text_nearest(word, rests, count);
    for (size_t i = 0; i < count && rest.size == 0; i++)
        if (is_skeleton(word, rests[i]))
            rest = rests[i];
    for (size_t i = 0; i < count && rest.size > 0; i++)
        if (text_equal(rests[i], rest))
            return names[i];
    return TEXT_NONE;
}

static void suggest(char **words, int count)
{
    ARENA_SCOPED struct arena *arena = arena_create("suggestion");
    int size = 0;

    while (size < count && is_group(joined(arena, words, size + 1)))
        size++;
    struct text group = joined(arena, words, size);
    if (size == count) {
        list_group(group);
        return;
    }
    struct text nearest = TEXT_NONE;
    if (size == 0 && count > 1)
        nearest = nearest_in(group, joined(arena, words, 2));
    if (text_is_empty(nearest) && size == 0)
        nearest = ending_with(words[0]);
    if (text_is_empty(nearest))
        nearest = nearest_in(group, text_from(words[size]));
    complain("There is no command \"%.*s\".", TEXT_ARG(joined(arena, words, size + 1)));
    if (!text_is_empty(nearest))
        complain("Did you mean `sankofa %.*s`?", TEXT_ARG(nearest));
    else if (size > 0)
        complain("`sankofa %.*s` alone lists what it goes on with.", TEXT_ARG(group));
    else
        complain("`sankofa --help` lists them.");
}

const struct client_command *command_named(char **words, int count, int *word_count_out)
{
    for (size_t i = 0; command_at(i); i++) {
        if (!fits(command_at(i)->name, words, count))
            continue;
        *word_count_out = word_count(command_at(i)->name);
        return command_at(i);
    }
    for (size_t i = 0; count > 0 && i < sizeof(short_names) / sizeof(short_names[0]); i++)
        if (strcmp(words[0], short_names[i]) == 0) {
            char *both[] = {"case", words[0]};
            const struct client_command *command = command_named(both, 2, word_count_out);
            *word_count_out = 1;
            return command;
        }
    return NULL;
}

const struct client_command *command_find(char **words, int count, int *word_count_out)
{
    const struct client_command *command = command_named(words, count, word_count_out);

    if (!command)
        suggest(words, count);
    return command;
}
