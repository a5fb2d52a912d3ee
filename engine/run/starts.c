/* Calls that may run only once: each has a start of its own, durable before it begins (CASE_START).
 *
 * A start that is written and whose host has not come to it yet is lost if the daemon ends. So no
 * more are written than the plugin has hosts; the others wait here, in order.
 *
 * The happy path:
 * 1. starts_ask: the plugin has a host to spare, and the case is told; else the call waits.
 * 2. The start is durable, and the call begins.
 * 3. The call is over (starts_end): the next one's case is told. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "run/internal.h"

enum { HOSTS_DEFAULT = 2 };

/* Of one plugin. */
struct starts {
    struct text plugin; /* behind the struct */
    size_t open_count;  /* starts that are asked for or written, and whose calls are not over */
    struct call *first, **last; /* that wait */
    struct starts *next;
};

static struct starts *find(struct wheel *wheel, struct text plugin)
{
    struct starts *starts = wheel->starts;

    while (starts && !text_equal(starts->plugin, plugin))
        starts = starts->next;
    if (starts)
        return starts;
    starts = malloc(sizeof(*starts) + plugin.size);
    CHECK(starts);
    memcpy(starts + 1, plugin.bytes, plugin.size);
    *starts = (struct starts){.plugin = {(const char *)(starts + 1), plugin.size},
                              .last = &starts->first,
                              .next = wheel->starts};
    wheel->starts = starts;
    return starts;
}

void starts_finish(struct wheel *wheel)
{
    while (wheel->starts) {
        struct starts *next = wheel->starts->next;
        free(wheel->starts);
        wheel->starts = next;
    }
}

static size_t host_count(struct wheel *wheel, struct text plugin)
{
    if (!wheel->ports.hosts.count)
        return HOSTS_DEFAULT;
    size_t count = wheel->ports.hosts.count(wheel->ports.hosts.self, plugin);
    return count > 0 ? count : 1;
}

static void ask(struct wheel *wheel, struct starts *starts, struct call *call)
{
    starts->open_count++;
    call->start = START_ASKED;
    calls_tell(wheel, call, CASE_START, NULL);
}

void starts_ask(struct wheel *wheel, struct call *call)
{
    struct starts *starts = find(wheel, call->frame.plugin);

    CHECK(call->start == START_NONE);
    if (starts->open_count < host_count(wheel, starts->plugin)) {
        ask(wheel, starts, call);
        return;
    }
    call->start = START_WAITS;
    call->next_start = NULL;
    *starts->last = call;
    starts->last = &call->next_start;
}

static void unlink_call(struct starts *starts, struct call *call)
{
    struct call **link = &starts->first;

    while (*link != call)
        link = &(*link)->next_start;
    *link = call->next_start;
    if (!*link)
        starts->last = link;
}

void starts_end(struct wheel *wheel, struct call *call)
{
    if (call->start == START_NONE)
        return;
    struct starts *starts = find(wheel, call->frame.plugin);
    if (call->start == START_WAITS) {
        unlink_call(starts, call);
        return;
    }
    starts->open_count--;
    while (starts->first && starts->open_count < host_count(wheel, starts->plugin)) {
        struct call *next = starts->first;
        unlink_call(starts, next);
        ask(wheel, starts, next);
    }
}
