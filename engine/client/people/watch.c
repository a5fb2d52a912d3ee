/* `sankofa watch`: the event feed, a line for each event as it comes. A feed that breaks (the
 * daemon is started again, or waits to be unlocked) is taken up behind the last event that was
 * printed: for a minute it is tried again without a word. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/people/people.h"

enum { LINE_INDENT = 8, LINE_BYTES_MAX = 1 << 20, AGAIN_MAX = 120, AGAIN_MS = 500 };

struct watch {
    struct client *client;
    struct arena *arena; /* of a line */
    int64_t after;
};

static void print_event(const struct watch *watch, const struct value *event)
{
    struct arena *own = watch->client->arena;
    struct text by = value_text_at(event, "by");

    watch->client->arena = watch->arena; /* it may run for months */
    struct text states = titles_states(watch->client, event);
    struct text name = value_bool_at(event, "erased") ? text_from(_("a case was erased"))
                                                      : entry_words(watch->client, event);
    struct text line = text_printf(watch->arena, "%-6lld  %.*s  %-17.*s %.*s%s%.*s%s%.*s",
                                   (long long)value_int_at(event, "seq", 0),
                                   TEXT_ARG(print_time(watch->client, value_text_at(event, "at"))),
                                   TEXT_ARG(value_text_at(event, "code")), TEXT_ARG(name),
                                   by.size > 0 ? _(" by ") : "", TEXT_ARG(by),
                                   states.size > 0 ? "  " : "", TEXT_ARG(states));
    look_write(stdout, line, 0, LINE_INDENT);
    putchar('\n');
    watch->client->arena = own;
}

static void take_line(void *self, struct text line)
{
    struct watch *watch = self;
    struct value event;

    if (line.size == 0 || json_read(watch->arena, line, &event, NULL) != 0)
        return;
    watch->after = value_int_at(&event, "seq", watch->after);
    if (watch->client->json)
        printf("%.*s\n", TEXT_ARG(line));
    else
        print_event(watch, &event);
    fflush(stdout);
    arena_reset(watch->arena);
}

/* Whoever read the lines has gone: the next event may be days away. */
static bool is_read(void *self)
{
    struct pollfd output = {.fd = STDOUT_FILENO};

    (void)self;
    return poll(&output, 1, 0) <= 0 || (output.revents & (POLLERR | POLLNVAL)) == 0;
}

static struct text path_of(const struct watch *watch)
{
    struct client *client = watch->client;
    struct text_buffer path;

    text_buffer_init(&path, client->arena);
    text_append_printf(&path, "/v1/events?after=%lld%s", (long long)watch->after,
                       client->once ? "" : "&follow=1");
    if (client->case_name)
        text_append_printf(&path, "&case=%.*s", TEXT_ARG(http_escape(client, client->case_name)));
    return text_buffer_text(&path);
}

/* From now on where --after does not say else. */
static int find_end(struct watch *watch)
{
    struct value body;
    int result = http_get(watch->client, false, TEXT("/v1/status"), &body);

    watch->after = value_int_at(&body, "seq", 0);
    return result;
}

static bool is_away(int result)
{
    return result == CLIENT_NO_DAEMON || result == CLIENT_BUSY;
}

int work_watch(struct client *client)
{
    struct watch watch = {.client = client, .arena = arena_create("line")};
    struct client_feed feed = {.line = take_line, .tick = is_read, .fd = -1};
    int result = CLIENT_DONE;

    if (client->after &&
        (!text_to_int(text_from(client->after), &watch.after) || watch.after < 0)) {
        complain("--after takes the seq of an event, not \"%s\".", client->after);
        complain("--after 0 shows all that there was.");
        result = CLIENT_WRONG_USE;
    } else if (!client->after) {
        result = find_end(&watch);
    }
    for (int tries = 0; result == CLIENT_DONE && tries <= AGAIN_MAX; tries++) {
        feed.is_patient = tries > 0 && tries < AGAIN_MAX;
        result = http_follow(client, path_of(&watch), &feed, &watch);
        if (client->once || ferror(stdout) || !is_read(NULL))
            break;
        if (result == CLIENT_DONE)
            tries = 0; /* it was there */
        if (is_away(result) && feed.is_patient)
            result = CLIENT_DONE;
        usleep(AGAIN_MS * 1000);
    }
    arena_destroy(watch.arena);
    return result;
}
