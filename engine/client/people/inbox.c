/* What waits for a person: once, or as it changes. */
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/people/people.h"

enum {
    REST_MS = 300,      /* between two frames: a burst of events is one */
    AGE_MS_MAX = 60000, /* deadlines pass without an event */
    AGAIN_MAX = 20,
    AGAIN_MS = 500
};

static int get_inbox(struct client *client, struct value *body_out)
{
    struct text limit = http_escape(client, client->limit ? client->limit : "50");
    struct text path = text_printf(client->arena, "/v1/inbox?limit=%.*s%s", TEXT_ARG(limit),
                                   client->overdue ? "&overdue=1" : "");

    return http_get(client, false, path, body_out);
}

static void print_inbox(struct client *client, const struct value *body)
{
    const struct value *cases = value_at(body, "cases");

    if (!print_cases(client, cases))
        say(client, client->overdue ? N_("Nothing that waits for you is overdue.")
                                    : N_("Nothing waits for you."));
    print_asked(client, cases);
    print_notices(client, value_at(body, "notices"));
}

static int show_once(struct client *client)
{
    struct value body;
    int result = get_inbox(client, &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    print_inbox(client, &body);
    int64_t total = value_int_at(&body, "total", 0);
    if (total > (int64_t)value_count(value_at(&body, "cases")))
        say(client, "%lld in all; --limit shows more.", (long long)total);
    return CLIENT_DONE;
}

/* ---- As it changes. ---- */

struct watching {
    struct client *client;
    struct screen screen;
    struct value *body; /* of the frame that is drawn */
    int64_t seq;        /* of the last event that was heard */
    int64_t drawn_ms;
    bool is_stale; /* something has happened since */
    int result;
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void draw(void *self)
{
    struct watching *watching = self;
    const struct value *body = watching->body;

    print("%sInbox%s  %lld waiting; Ctrl-C ends.\n", look(watching->client, stdout, LOOK_STRONG),
          look(watching->client, stdout, LOOK_PLAIN), (long long)value_int_at(body, "total", 0));
    putchar('\n');
    print_inbox(watching->client, body);
}

/* A frame of what the daemon says now, in an arena of its own: it may run for months. */
static void refresh(struct watching *watching)
{
    struct client *client = watching->client;
    struct arena *whole = client->arena;
    ARENA_SCOPED struct arena *arena = arena_create("frame");
    struct value body;

    client->arena = arena;
    watching->is_stale = false;
    watching->result = get_inbox(client, &body);
    watching->body = &body;
    if (watching->result == CLIENT_DONE)
        screen_draw(&watching->screen, draw, watching);
    client->arena = whole;
    watching->drawn_ms = now_ms();
}

static void hear(void *self, struct text line)
{
    struct watching *watching = self;
    ARENA_SCOPED struct arena *arena = arena_create("event");
    struct value event;

    if (line.size == 0 || json_read(arena, line, &event, NULL) != 0)
        return;
    watching->seq = value_int_at(&event, "seq", watching->seq);
    watching->is_stale = true;
}

static bool tick(void *self)
{
    struct watching *watching = self;
    int64_t age_ms = now_ms() - watching->drawn_ms;

    screen_read(&watching->screen);
    if (watching->screen.is_over)
        return false;
    if (watching->screen.is_resized || age_ms >= AGE_MS_MAX ||
        (watching->is_stale && age_ms >= REST_MS))
        refresh(watching);
    return watching->result == CLIENT_DONE;
}

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * 1000000L}, NULL);
}

/* A feed that breaks (the daemon is started again) is taken up behind the last event. */
static void follow(struct watching *watching)
{
    const struct client_feed feed = {.line = hear, .tick = tick, .fd = watching->screen.signals};
    struct client *client = watching->client;

    for (int i = 0; i < AGAIN_MAX && !watching->screen.is_over; i++) {
        struct text path =
            text_printf(client->arena, "/v1/events?after=%lld&follow=1", (long long)watching->seq);
        refresh(watching);
        if (watching->result == CLIENT_DONE) {
            i = 0;
            watching->result = http_follow(client, path, &feed, watching);
        }
        if (watching->result != CLIENT_DONE && watching->result != CLIENT_NO_DAEMON &&
            watching->result != CLIENT_BUSY)
            return;
        screen_read(&watching->screen);
        if (watching->screen.is_over)
            return;
        rest();
        screen_clear_words();
    }
}

static int watch(struct client *client)
{
    struct watching watching = {.client = client};
    struct value status;
    int result = http_get(client, false, TEXT("/v1/status"), &status);

    if (result != CLIENT_DONE || !screen_open(client, &watching.screen))
        return result != CLIENT_DONE ? result : CLIENT_WRONG_USE;
    watching.seq = value_int_at(&status, "seq", 0);
    follow(&watching);
    screen_close(&watching.screen);
    if (watching.screen.is_over || watching.result == CLIENT_DONE)
        return CLIENT_DONE;
    return get_inbox(client, &status); /* what went wrong is told again, where it stays */
}

int work_inbox(struct client *client)
{
    if (!client->watch)
        return show_once(client);
    if (client->json) {
        complain("--watch is for people; it has no --json.");
        complain("`sankofa watch --json` prints a line for each event.");
        return CLIENT_WRONG_USE;
    }
    return watch(client);
}
