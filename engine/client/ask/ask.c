/* Asking a person at the terminal, a line at a time: checked at every key where the line can be
 * drawn; else edited by the terminal itself, so that a dumb one will do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/ask/ask.h"

bool ask_may(const struct client *client)
{
    return !client->json && !client->form && client->fields.count == 0 &&
           isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

static struct text trimmed(struct text text)
{
    while (text.size > 0 && strchr(" \t\r\n", text.bytes[text.size - 1]))
        text.size--;
    while (text.size > 0 && strchr(" \t", text.bytes[0]))
        text = (struct text){text.bytes + 1, text.size - 1};
    return text;
}

/* False: the input has ended. */
static bool read_line(struct client *client, const char *prompt, struct text *line_out)
{
    char *line = NULL;
    size_t room = 0;

    fprintf(stderr, "%s%s%s", look(client, stderr, LOOK_STRONG), prompt,
            look(client, stderr, LOOK_PLAIN));
    fflush(stderr);
    ssize_t size = getline(&line, &room, stdin);
    if (size >= 0)
        *line_out = text_copy(client->arena, trimmed((struct text){line, (size_t)size}));
    if (line)
        explicit_bzero(line, room);
    free(line);
    if (size < 0)
        fputc('\n', stderr); /* Ctrl-D leaves the cursor behind the prompt */
    return size >= 0;
}

enum ask_answer ask_line(struct client *client, const char *prompt, const struct ask_help *help,
                         struct text *line_out)
{
    bool is_back = false, is_given;

    *line_out = TEXT_NONE;
    is_given = typing_may() ? typing_line(client, prompt, help, line_out, &is_back)
                            : read_line(client, prompt, line_out);
    return !is_given                            ? ASK_ENDED
           : is_back || text_is(*line_out, "<") ? ASK_BACK
           : line_out->size == 0                ? ASK_LEFT_OUT
           : text_is(*line_out, "?")            ? ASK_HELP
                                                : ASK_GIVEN;
}

/* ---- One of a list. ---- */

struct choosing {
    struct client *client;
    const struct text *titles;
    size_t count;
};

/* 0: none of them. */
static size_t number_of(const struct choosing *choosing, struct text typed)
{
    int64_t number;

    return text_to_int(typed, &number) && number >= 1 && number <= (int64_t)choosing->count
               ? (size_t)number
               : 0;
}

static struct hint say_number(void *self, struct text typed, bool is_whole)
{
    const struct choosing *choosing = self;
    size_t number = number_of(choosing, typed);

    if (number > 0)
        return (struct hint){HINT_MEANS, choosing->titles[number - 1]};
    if (text_is(typed, "<") || (typed.size == 0 && !is_whole))
        return (struct hint){HINT_NONE, TEXT_NONE};
    return (struct hint){HINT_WRONG,
                         text_printf(choosing->client->arena,
                                     _("Write a number from 1 to %zu; Ctrl-D gives up."),
                                     choosing->count)};
}

enum ask_answer ask_number(struct client *client, const char *prompt, const struct text *titles,
                           size_t count, size_t *index_out)
{
    struct choosing choosing = {client, titles, count};
    const struct ask_help help = {.self = &choosing, .say = say_number};
    struct text line;

    for (;;) {
        enum ask_answer answer = ask_line(client, prompt, &help, &line);
        if (answer == ASK_ENDED || answer == ASK_BACK)
            return answer;
        *index_out = number_of(&choosing, line) - 1;
        if (number_of(&choosing, line) > 0)
            return ASK_GIVEN;
        complain("Write a number from 1 to %zu; Ctrl-D gives up.", count);
    }
}
