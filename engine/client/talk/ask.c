/* Asking a person at the terminal, a line at a time: words on stderr, answers from stdin. Lines are
 * edited by the terminal itself, so that a dumb one will do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"

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

enum ask_answer ask_line(struct client *client, const char *prompt, struct text *line_out)
{
    char *line = NULL;
    size_t room = 0;

    *line_out = TEXT_NONE;
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
    return size < 0                  ? ASK_ENDED
           : line_out->size == 0     ? ASK_LEFT_OUT
           : text_is(*line_out, "<") ? ASK_BACK
           : text_is(*line_out, "?") ? ASK_HELP
                                     : ASK_GIVEN;
}

enum ask_answer ask_number(struct client *client, const char *prompt, size_t count,
                           size_t *index_out)
{
    struct text line;
    int64_t number;

    for (;;) {
        enum ask_answer answer = ask_line(client, prompt, &line);
        if (answer == ASK_ENDED || answer == ASK_BACK)
            return answer;
        if (text_to_int(line, &number) && number >= 1 && number <= (int64_t)count) {
            *index_out = (size_t)number - 1;
            return ASK_GIVEN;
        }
        complain("Write a number from 1 to %zu; Ctrl-D gives up.", count);
    }
}
