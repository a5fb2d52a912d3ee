/* A slot: one host and the calls it was sent.
 *
 * The happy path:
 *   1. a host is started; it says LOADED within its time, and the plugin has a look at it
 *   2. calls are sent; the time of the oldest runs
 *   3. its OUTCOME comes, is checked and told; the next one is the oldest
 * Whatever else happens is a crash: the oldest call is answered with it, the others go back to the
 * lane. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "steps/grant.h"
#include "steps/internal.h"
#include "steps/outcome.h"

void slot_init(struct slot *slot, struct lane *lane)
{
    *slot = (struct slot){.lane = lane, .deadline_ms = INT64_MAX};
    call_queue_init(&slot->sent);
}

static struct steps *steps_of(const struct slot *slot)
{
    return slot->lane->plugin->steps;
}

static void set_deadline(struct slot *slot, int64_t timeout_ms)
{
    slot->deadline_ms = steps_now_ms(steps_of(slot)) + timeout_ms;
    steps_wake_at(steps_of(slot), slot->deadline_ms);
}

static const struct plugin_step_type *type_of(const struct slot *slot, const struct step_call *call)
{
    return plugin_step_type(&slot->lane->plugin->description, call->step);
}

static int64_t timeout_of(const struct slot *slot, const struct step_call *call)
{
    const struct plugin_step_type *type = type_of(slot, call);
    if (call->timeout_ms > 0)
        return call->timeout_ms;
    if (type->timeout_ms > 0)
        return type->timeout_ms;
    return type->is_check ? CHECK_TIME_MS : STEP_TIME_MS;
}

/* The time of the oldest call runs from now. */
static void begin_oldest(struct slot *slot)
{
    slot->log_lines = 0;
    if (slot->sent.first == NULL)
        slot->deadline_ms = INT64_MAX;
    else
        set_deadline(slot, timeout_of(slot, slot->sent.first));
}

/* The host is lost; `how` goes on "The plugin NAME ...". */
static void crash(struct slot *slot, struct text how)
{
    struct lane *lane = slot->lane;
    struct plugin *plugin = lane->plugin;
    struct step_call *oldest = call_queue_pop(&slot->sent);

    if (oldest != NULL)
        plugin_note(plugin, "The plugin %s %.*s while it ran %.*s.", plugin->options->name,
                    TEXT_ARG(how), TEXT_ARG(oldest->step));
    else
        plugin_note(plugin, "The plugin %s %.*s.", plugin->options->name, TEXT_ARG(how));
    log_event(LOG_WARNING, "host.lost", "plugin=%s host=%llu why=\"%s\"", plugin->options->name,
              slot->host != NULL ? (unsigned long long)host_number(slot->host) : 0, plugin->why);
    slot->host = NULL;
    slot->is_ready = slot->is_deaf = false;
    slot->deadline_ms = INT64_MAX;
    if (oldest != NULL)
        steps_answer_later(plugin->steps, oldest, STEPS_RAN, text_from(plugin->why));
    lane_crashed(lane, &slot->sent);
}

static void give_up(struct slot *slot, struct text how)
{
    host_kill(slot->host);
    crash(slot, how);
}

void slot_expire(struct slot *slot)
{
    struct step_call *oldest = slot->sent.first;
    int64_t time_ms = slot->is_ready ? timeout_of(slot, oldest) : LOAD_TIME_MS;
    struct arena *arena = steps_of(slot)->judging;
    arena_reset(arena);
    give_up(slot, text_printf(arena,
                              slot->is_ready ? N_("did not answer within %lld ms")
                                             : N_("did not describe itself within %lld ms"),
                              (long long)time_ms));
}

void slot_drop_host(struct slot *slot)
{
    CHECK(slot->sent.first == NULL);
    host_kill(slot->host);
    slot->host = NULL;
    slot->is_ready = slot->is_deaf = false;
    slot->deadline_ms = INT64_MAX;
}

/* Frames. */

static void take_loaded(struct slot *slot, const struct wire_frame *frame)
{
    struct text how;
    if (slot->is_ready) {
        give_up(slot, TEXT("answered with garbage: it was loaded twice"));
        return;
    }
    slot->is_ready = true;
    slot->deadline_ms = INT64_MAX;
    if (plugin_loaded(slot->lane->plugin, slot, &frame->body, &how))
        return;
    slot->is_ready = false;
    if (slot->lane->plugin->state == PLUGIN_FAILED)
        slot_drop_host(slot);
    else
        give_up(slot, how);
}

/* At first that is the plugin's fault, and final; later something else must be the matter. */
static void take_unloaded(struct slot *slot, const struct wire_frame *frame)
{
    struct plugin *plugin = slot->lane->plugin;
    struct text why = outcome_message(&frame->body);
    if (slot->is_ready) {
        give_up(slot, TEXT("answered with garbage: it was unloaded"));
        return;
    }
    if (plugin->state == PLUGIN_DESCRIBED) {
        give_up(slot, TEXT(N_("cannot be loaded any more")));
        return;
    }
    slot_drop_host(slot);
    plugin_fail(plugin, "%.*s", TEXT_ARG(why));
}

static void take_outcome(struct slot *slot, const struct wire_frame *frame)
{
    struct steps *steps = steps_of(slot);
    struct step_call *oldest = slot->sent.first;
    struct run_outcome outcome;
    struct text why;
    if (oldest == NULL || oldest->number != frame->call) {
        give_up(slot, TEXT("answered with garbage: an outcome of another call"));
        return;
    }
    arena_reset(steps->judging);
    if (!outcome_read(type_of(slot, oldest), oldest->verb, &frame->body, steps->judging, &outcome,
                      &why)) {
        give_up(slot,
                text_printf(steps->judging, N_("answered with garbage: %.*s"), TEXT_ARG(why)));
        return;
    }
    call_queue_pop(&slot->sent);
    begin_oldest(slot);
    lane_answered(slot->lane);
    if (!oldest->is_cancelled)
        steps_answer(steps, oldest->number, &outcome);
    arena_reset(steps->judging);
    step_call_destroy(oldest);
}

/* A plugin's words, made fit for one line of the log. */
static struct text log_words(struct arena *arena, struct text event)
{
    char *bytes = arena_copy(arena, event.bytes, event.size);
    for (size_t i = 0; i < event.size; i++) {
        if ((unsigned char)bytes[i] < ' ' || bytes[i] == '"' || bytes[i] == 0x7f)
            bytes[i] = '?';
    }
    return (struct text){bytes, event.size};
}

static bool read_level(const struct value *body, enum log_level *level_out)
{
    static const char *const names[] = {[LOG_DEBUG] = "debug",
                                        [LOG_INFO] = "info",
                                        [LOG_WARNING] = "warning",
                                        [LOG_ERROR] = "error"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (text_is(value_text_at(body, "level"), names[i])) {
            *level_out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static void take_log(struct slot *slot, const struct wire_frame *frame)
{
    enum log_level level;
    struct arena *arena = steps_of(slot)->judging;
    struct text event = value_text_at(&frame->body, "event");
    const struct step_call *oldest = slot->sent.first;
    if (oldest == NULL || oldest->number != frame->call || event.size == 0 ||
        event.size > WIRE_MESSAGE_BYTES_MAX || !read_level(&frame->body, &level)) {
        give_up(slot, TEXT("answered with garbage: a line for the log that is none"));
        return;
    }
    if (++slot->log_lines > WIRE_LOG_LINES_MAX) {
        give_up(slot, TEXT("answered with garbage: lines for the log without end"));
        return;
    }
    arena_reset(arena);
    log_event(level, "plugin.says", "plugin=%s step=%.*s event=\"%.*s\"",
              slot->lane->plugin->options->name, TEXT_ARG(oldest->step),
              TEXT_ARG(log_words(arena, event)));
}

static void take_frame(void *self, const struct wire_frame *frame)
{
    struct slot *slot = self;
    switch (frame->kind) {
    case WIRE_LOADED:
        take_loaded(slot, frame);
        return;
    case WIRE_UNLOADED:
        take_unloaded(slot, frame);
        return;
    case WIRE_OUTCOME:
        take_outcome(slot, frame);
        return;
    case WIRE_LOG:
        take_log(slot, frame);
        return;
    case WIRE_RUN:
    case WIRE_RESUME:
    case WIRE_DROP:
    case WIRE_CANCEL:
    case WIRE_SECRETS:
        give_up(slot, TEXT("answered with garbage: a frame that only the daemon sends"));
        return;
    }
}

static void take_loss(void *self, struct text how)
{
    struct slot *slot = self;
    struct arena *arena = steps_of(slot)->judging;
    arena_reset(arena);
    if (!slot->is_ready)
        how = text_printf(arena, "%.*s while it was loaded", TEXT_ARG(how));
    crash(slot, how);
}

/* Doing. */

/* A plugin is described in the narrowest jail; checks and steps have what they need, each. */
static struct jail jail_of(const struct lane *lane)
{
    const struct plugin *plugin = lane->plugin;
    unsigned rights = plugin->state == PLUGIN_DESCRIBED
                          ? grant_needs(&plugin->description, lane->kind == LANE_CHECKS)
                          : 0;
    return grant_jail(plugin->options, rights, plugin->steps->options.memory_bytes);
}

void slot_start(struct slot *slot)
{
    struct steps *steps = steps_of(slot);
    struct host_options options = {.loop = steps->options.loop,
                                   .program = steps->options.host_program,
                                   .image_fd = slot->lane->plugin->image.fd,
                                   .jail = jail_of(slot->lane),
                                   .secrets = slot->lane->plugin->options->secrets,
                                   .secret_count = slot->lane->plugin->options->secret_count,
                                   .number = ++steps->host_number,
                                   .self = slot,
                                   .frame = take_frame,
                                   .lost = take_loss,
                                   .owner = steps,
                                   .gone = steps_host_gone};
    struct text why;
    CHECK(slot->host == NULL);
    arena_reset(steps->judging);
    if (host_start(&options, steps->judging, &slot->host, &why) != 0) {
        slot->host = NULL;
        crash(slot, text_printf(steps->judging, N_("has no host: %.*s"), TEXT_ARG(why)));
        return;
    }
    steps->host_count++;
    set_deadline(slot, LOAD_TIME_MS);
    log_event(LOG_INFO, "host.started", "plugin=%s host=%llu", slot->lane->plugin->options->name,
              (unsigned long long)options.number);
}

void slot_move(struct slot *from, struct slot *to)
{
    CHECK(to->host == NULL);
    CHECK(from->sent.first == NULL);
    to->host = from->host;
    to->is_ready = from->is_ready;
    from->host = NULL;
    from->is_ready = false;
    host_hand_over(to->host, to);
}

bool slot_send(struct slot *slot, struct step_call *call)
{
    if (!host_send(slot->host, call->frame)) {
        slot->is_deaf = true;
        return false;
    }
    bool is_oldest = slot->sent.first == NULL;
    call_queue_push(&slot->sent, call);
    if (is_oldest)
        begin_oldest(slot);
    return true;
}

void slot_cancel(struct slot *slot, struct step_call *call)
{
    struct arena *arena = steps_of(slot)->judging;
    arena_reset(arena);
    struct wire_frame frame = {.kind = WIRE_CANCEL, .call = call->number, .body = value_map(arena)};
    struct text bytes;
    CHECK(wire_write(arena, &frame, &bytes) == 0);
    call->is_cancelled = true;
    host_send(slot->host, bytes);
}
