/* A lane: which call goes to which host, when hosts are started, and when not.
 *
 * A host that is lost is started again: at once after a first crash; after a second one without a
 * good answer between, in 2 s, doubling to 60 s. What finds no host meanwhile is turned away. */
#include <stdlib.h>

#include "base/check.h"
#include "steps/internal.h"

void lane_init(struct lane *lane, struct plugin *plugin, enum lane_kind kind, size_t slot_count)
{
    *lane = (struct lane){.plugin = plugin, .kind = kind, .slot_count = slot_count};
    call_queue_init(&lane->waiting);
    lane->slots = calloc(slot_count, sizeof *lane->slots);
    CHECK(lane->slots != NULL);
    for (size_t i = 0; i < slot_count; i++)
        slot_init(&lane->slots[i], lane);
}

void lane_finish(struct lane *lane)
{
    call_queue_clear(&lane->waiting);
    for (size_t i = 0; i < lane->slot_count; i++)
        call_queue_clear(&lane->slots[i].sent);
    free(lane->slots);
}

size_t lane_host_count(const struct lane *lane)
{
    size_t count = 0;
    for (size_t i = 0; i < lane->slot_count; i++)
        count += lane->slots[i].host != NULL;
    return count;
}

size_t lane_call_count(const struct lane *lane)
{
    size_t count = lane->waiting.count;
    for (size_t i = 0; i < lane->slot_count; i++)
        count += lane->slots[i].sent.count;
    return count;
}

/* Sending. */

/* NULL, or why the plugin can never serve the call. */
static const char *fault_of(const struct plugin *plugin, const struct step_call *call)
{
    const struct plugin_step_type *type = plugin_step_type(&plugin->description, call->step);
    if (type == NULL)
        return "The plugin has no step type of that name.";
    if (type->is_check != (call->verb == RUN_CHECK))
        return type->is_check ? "The step type is a check, and was to be run as a step."
                              : "The step type is a step, and was to be asked as a check.";
    if (call->verb == RUN_RESUME && !type->parks)
        return "The step type does not park, and was to be resumed.";
    return NULL;
}

static bool can_take(const struct slot *slot, const struct step_call *call)
{
    if (slot->host == NULL || !slot->is_ready || slot->is_deaf)
        return false;
    if (slot->sent.count == 0)
        return true;
    return slot->lane->kind == LANE_CHECKS && slot->sent.bytes + call->frame.size <= SENT_BYTES_MAX;
}

static struct slot *slot_for(struct lane *lane, const struct step_call *call)
{
    for (size_t i = 0; i < lane->slot_count; i++) {
        if (can_take(&lane->slots[i], call))
            return &lane->slots[i];
    }
    return NULL;
}

/* It was not the call that ended the host. */
static void put_back(struct lane *lane, struct step_call *call)
{
    struct call_queue one;
    call_queue_init(&one);
    call_queue_push(&one, call);
    call_queue_put_back(&lane->waiting, &one);
}

static void send_waiting(struct lane *lane)
{
    struct steps *steps = lane->plugin->steps;
    for (struct step_call *call; (call = lane->waiting.first) != NULL;) {
        const char *fault = fault_of(lane->plugin, call);
        struct slot *slot = fault == NULL ? slot_for(lane, call) : NULL;
        if (fault == NULL && slot == NULL)
            return;
        call_queue_pop(&lane->waiting);
        if (fault != NULL)
            steps_answer_later(steps, call, STEPS_HOPELESS, text_from(fault));
        else if (!slot_send(slot, call))
            put_back(lane, call);
    }
}

/* Hosts. */

static bool has_checks(const struct plugin *plugin)
{
    for (size_t i = 0; i < plugin->description.step_type_count; i++) {
        if (plugin->description.step_types[i].is_check)
            return true;
    }
    return false;
}

/* The first host of a plugin stands in the lane of its checks, until it says what there is. Hosts
 * of steps are started when they are needed, and one to see whether the lane is back. */
static size_t wanted(const struct lane *lane)
{
    size_t busy = lane->waiting.count + lane->is_down;
    if (lane->plugin->state == PLUGIN_STARTING)
        return lane->kind == LANE_CHECKS ? 1 : 0;
    if (lane->kind == LANE_CHECKS)
        return has_checks(lane->plugin) ? 1 : 0;
    for (size_t i = 0; i < lane->slot_count; i++)
        busy += lane->slots[i].sent.count;
    return busy < lane->slot_count ? busy : lane->slot_count;
}

static struct slot *empty_slot(struct lane *lane)
{
    for (size_t i = 0; i < lane->slot_count; i++) {
        if (lane->slots[i].host == NULL)
            return &lane->slots[i];
    }
    return NULL;
}

static void start_wanted(struct lane *lane)
{
    while (lane->pause_ms == 0 && lane_host_count(lane) < wanted(lane))
        slot_start(empty_slot(lane));
}

static void turn_away(struct lane *lane, enum steps_break how)
{
    struct plugin *plugin = lane->plugin;
    for (struct step_call *call; (call = call_queue_pop(&lane->waiting)) != NULL;)
        steps_answer_later(plugin->steps, call, how, text_from(plugin->why));
    lane->is_down = true;
}

static bool is_hopeless(const struct lane *lane)
{
    if (lane->plugin->state == PLUGIN_STARTING)
        return lane_host_count(&lane->plugin->lanes[LANE_CHECKS]) == 0;
    return lane_host_count(lane) == 0;
}

void lane_pump(struct lane *lane)
{
    struct plugin *plugin = lane->plugin;
    if (plugin->steps->is_closing)
        return;
    if (plugin->role == PLUGIN_RETIRED || plugin->role == PLUGIN_REJECTED) {
        plugin_pump(plugin);
        return;
    }
    if (plugin->state == PLUGIN_FAILED) {
        turn_away(lane, lane->kind == LANE_CHECKS ? STEPS_HOPELESS : STEPS_AWAY);
        return;
    }
    if (plugin->state == PLUGIN_DESCRIBED)
        send_waiting(lane);
    start_wanted(lane);
    if (lane->waiting.count > 0 && is_hopeless(lane))
        turn_away(lane, STEPS_AWAY);
}

void lane_drain(struct lane *lane, struct lane *successor)
{
    if (successor != NULL) {
        for (struct step_call *call; (call = call_queue_pop(&lane->waiting)) != NULL;)
            call_queue_push(&successor->waiting, call);
        lane_pump(successor);
    } else {
        for (struct step_call *call; (call = call_queue_pop(&lane->waiting)) != NULL;)
            steps_answer_later(lane->plugin->steps, call,
                               call->verb == RUN_CHECK ? STEPS_HOPELESS : STEPS_AWAY,
                               TEXT(N_("No plugin of that name is configured.")));
    }
    for (size_t i = 0; i < lane->slot_count; i++) {
        if (lane->slots[i].host != NULL && lane->slots[i].sent.count == 0)
            slot_drop_host(&lane->slots[i]);
    }
    lane->pause_ms = 0;
}

/* What happens. */

void lane_begin(struct lane *lane, struct step_call *call)
{
    if (lane->waiting.bytes + call->frame.size > WAITING_BYTES_MAX) {
        steps_answer_later(lane->plugin->steps, call, STEPS_AWAY,
                           TEXT(N_("Too many calls wait for the plugin already.")));
        return;
    }
    call_queue_push(&lane->waiting, call);
    lane_pump(lane);
}

bool lane_cancel(struct lane *lane, uint64_t number)
{
    struct step_call *call = call_queue_find(&lane->waiting, number);
    if (call != NULL) {
        call_queue_remove(&lane->waiting, call);
        step_call_destroy(call);
        return true;
    }
    for (size_t i = 0; i < lane->slot_count; i++) {
        call = call_queue_find(&lane->slots[i].sent, number);
        if (call != NULL) {
            slot_cancel(&lane->slots[i], call);
            return true;
        }
    }
    return false;
}

void lane_answered(struct lane *lane)
{
    lane->crash_streak = 0;
    lane->pause_ms = 0;
    lane_pump(lane);
}

static int64_t pause_after(unsigned crash_streak)
{
    int64_t pause_ms = PAUSE_FIRST_MS;
    for (unsigned i = 2; i < crash_streak && pause_ms < PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

void lane_crashed(struct lane *lane, struct call_queue *unanswered)
{
    struct plugin *plugin = lane->plugin;
    plugin->crash_count++;
    if (++lane->crash_streak >= 2) {
        lane->pause_ms = steps_now_ms(plugin->steps) + pause_after(lane->crash_streak);
        steps_wake_at(plugin->steps, lane->pause_ms);
    }
    call_queue_put_back(&lane->waiting, unanswered);
    if (!plugin->is_told)
        steps_tell_later(plugin);
    plugin_pump(plugin);
}

/* Time. */

void lane_tick(struct lane *lane, int64_t now_ms)
{
    for (size_t i = 0; i < lane->slot_count; i++) {
        if (lane->slots[i].host != NULL && lane->slots[i].deadline_ms <= now_ms)
            slot_expire(&lane->slots[i]);
    }
    if (lane->pause_ms != 0 && lane->pause_ms <= now_ms) {
        lane->pause_ms = 0;
        lane_pump(lane);
    }
}

int64_t lane_due_ms(const struct lane *lane)
{
    int64_t due_ms = lane->pause_ms != 0 ? lane->pause_ms : INT64_MAX;
    for (size_t i = 0; i < lane->slot_count; i++) {
        if (lane->slots[i].deadline_ms < due_ms)
            due_ms = lane->slots[i].deadline_ms;
    }
    return due_ms;
}

void lane_kill(struct lane *lane)
{
    for (size_t i = 0; i < lane->slot_count; i++) {
        if (lane->slots[i].host != NULL)
            host_kill(lane->slots[i].host);
        lane->slots[i].host = NULL;
        call_queue_clear(&lane->slots[i].sent);
    }
    call_queue_clear(&lane->waiting);
}
