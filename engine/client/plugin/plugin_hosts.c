/* Steps of plugins carried out without a daemon, in blocking calls: for the tests of workflows.
 *
 * The happy path of a call:
 * 1. The plugin's host is started with its first call, and kept for the others.
 * 2. The call is sent; lines of the plugin's log are said; the outcome comes within its time and is
 *    checked against what the step type declares.
 * A host that is late or breaks off is killed: the next call starts another. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/plugin/plugin.h"
#include "steps/call_queue.h"
#include "steps/outcome.h"
#include "wire/wire.h"
#include "workbench/workbench.h"

enum {
    CHECK_TIME_MS = 2000,
    STEP_TIME_MS = 60000,
    CANCEL_TIME_MS = 2000,
    DEBUGGER_TIME_MS = 24 * 3600 * 1000
};

struct running {
    struct running *next;
    struct text name;
    bool is_up;
    struct spawned host;
    struct plugin_description description;
};

static void break_off(struct run_outcome *outcome, struct text message)
{
    *outcome = (struct run_outcome){.kind = RUN_BROKEN, .message = message};
}

static struct running *find(struct client_plugins *plugins, struct text name, struct text *why_out)
{
    struct running *running = plugins->running;

    while (running && !text_equal(running->name, name))
        running = running->next;
    if (!running) {
        running = ARENA_NEW(plugins->client->arena, struct running);
        running->name = text_copy(plugins->client->arena, name);
        running->next = plugins->running;
        plugins->running = running;
    }
    if (!running->is_up)
        running->is_up =
            plugin_start(plugins, running->name, &running->host, &running->description, why_out);
    return running->is_up ? running : NULL;
}

static void stop(struct running *running, int *status_out)
{
    plugin_stop(&running->host, status_out);
    running->is_up = false;
}

static int64_t steady_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for the outcome; what the plugin logs on the way is said. 0, or as wire_receive. */
static int receive(struct client_plugins *plugins, const struct running *running,
                   int64_t timeout_ms, struct arena *arena, struct wire_frame *frame_out)
{
    int64_t end_ms = steady_ms() + timeout_ms;

    for (;;) {
        int64_t left_ms = end_ms - steady_ms();
        int result = left_ms <= 0
                         ? -ETIMEDOUT
                         : wire_receive(running->host.socket, arena, (int)left_ms, frame_out);
        if (result != 0 || frame_out->kind != WIRE_LOG)
            return result;
        say(plugins->client, "%.*s: %.*s", TEXT_ARG(running->name),
            TEXT_ARG(value_text_at(&frame_out->body, "event")));
    }
}

static struct text lost(int result, int64_t timeout_ms, struct arena *arena)
{
    if (result == -ETIMEDOUT)
        return text_printf(arena, _("it did not answer within %lld ms"), (long long)timeout_ms);
    return result == -EPIPE ? text_from(_("it ended its host"))
                            : text_from(_("its host broke the protocol"));
}

/* Stops the host, gives it the call, and lets gdb at it: what is done there is the developer's, on
 * this terminal. gdb that has ended leaves the host running. */
static int debugger_begin(const struct running *running, struct arena *arena,
                          const struct wire_frame *frame)
{
    char *pid = (char *)(uintptr_t)text_printf(arena, "%d", (int)running->host.pid).bytes;
    char *const words[] = {(char *)(uintptr_t) "gdb", (char *)(uintptr_t) "-q",
                           (char *)(uintptr_t) "-p", pid, NULL};
    pid_t gdb;

    if (kill(running->host.pid, SIGSTOP) != 0 ||
        waitpid(running->host.pid, NULL, WUNTRACED) != running->host.pid)
        return -errno;
    int result = wire_send(running->host.socket, arena, frame);
    if (result != 0)
        return result;
    if (posix_spawnp(&gdb, words[0], NULL, NULL, words, environ) != 0)
        complain("gdb cannot be started: attach another debugger to process %s.", pid);
    else
        while (waitpid(gdb, NULL, 0) < 0 && errno == EINTR)
            ;
    kill(running->host.pid, SIGCONT);
    return 0;
}

/* From now on it has a short time to come to an end. */
static int cancel(const struct running *running, uint64_t number, struct arena *arena,
                  int64_t *timeout_ms_out)
{
    struct wire_frame frame = {.kind = WIRE_CANCEL, .call = number, .body = value_map(arena)};

    *timeout_ms_out = CANCEL_TIME_MS;
    return wire_send(running->host.socket, arena, &frame);
}

static void carry_out(struct client_plugins *plugins, struct running *running,
                      const struct plugin_step_type *type, const struct run_call *call,
                      struct arena *arena, struct run_outcome *outcome_out)
{
    struct wire_frame frame = step_call_frame(call, arena), answer;
    int64_t timeout_ms = call->timeout_ms > 0   ? call->timeout_ms
                         : type->timeout_ms > 0 ? type->timeout_ms
                         : type->is_check       ? CHECK_TIME_MS
                                                : STEP_TIME_MS;
    struct text why;

    if (plugins->in_debugger)
        timeout_ms = DEBUGGER_TIME_MS;
    int result = plugins->in_debugger ? debugger_begin(running, arena, &frame)
                                      : wire_send(running->host.socket, arena, &frame);
    if (result == 0 && plugins->cancels)
        result = cancel(running, call->number, arena, &timeout_ms);
    if (result == 0)
        result = receive(plugins, running, timeout_ms, arena, &answer);
    if (result != 0) {
        stop(running, &plugins->last_status);
        break_off(outcome_out, lost(result, timeout_ms, arena));
    } else if (answer.kind != WIRE_OUTCOME || answer.call != call->number) {
        stop(running, &plugins->last_status);
        break_off(outcome_out, text_from(_("its host broke the protocol")));
    } else if (!outcome_read(type, call->verb, &answer.body, arena, outcome_out, &why)) {
        stop(running, &plugins->last_status);
        break_off(outcome_out,
                  text_printf(arena, _("it answered with garbage: %.*s"), TEXT_ARG(why)));
    }
}

static void call(void *self, const struct run_call *call, struct arena *arena,
                 struct run_outcome *outcome_out)
{
    struct client_plugins *plugins = self;
    struct text why = TEXT_NONE;
    struct running *running = find(plugins, call->plugin, &why);
    const struct plugin_step_type *type =
        running ? plugin_step_type(&running->description, call->step) : NULL;

    if (!running)
        break_off(outcome_out, text_copy(arena, why));
    else if (!type)
        break_off(outcome_out, text_from(_("the plugin has no such step type")));
    else
        carry_out(plugins, running, type, call, arena, outcome_out);
}

void plugins_hosts(const struct plugin_source *plugins, struct workbench_hosts *hosts_out)
{
    *hosts_out = (struct workbench_hosts){plugins->self, call};
}

void plugins_close(const struct plugin_source *source)
{
    struct client_plugins *plugins = source->self;

    for (struct running *running = plugins->running; running; running = running->next)
        if (running->is_up)
            stop(running, NULL);
}
