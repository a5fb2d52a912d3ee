/* A plugin: its image, what it says of itself, and how it fares. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "steps/grant.h"
#include "steps/internal.h"

void plugin_init(struct plugin *plugin, struct steps *steps, const struct steps_plugin *options)
{
    size_t hosts = options->hosts == 0 ? STEP_HOSTS_DEFAULT : options->hosts;
    *plugin = (struct plugin){.steps = steps, .image = {.fd = -1}};
    plugin->arena = arena_create("plugin");
    plugin->options = upgrade_copy(plugin->arena, options);
    lane_init(&plugin->lanes[LANE_CHECKS], plugin, LANE_CHECKS, 1);
    lane_init(&plugin->lanes[LANE_STEPS], plugin, LANE_STEPS,
              hosts <= STEPS_HOSTS_MAX ? hosts : STEPS_HOSTS_MAX);
}

void plugin_finish(struct plugin *plugin)
{
    for (size_t i = 0; i < LANE_COUNT; i++)
        lane_finish(&plugin->lanes[i]);
    image_close(&plugin->image);
    arena_destroy(plugin->arena);
}

/* A sentence may quote what a host said; in the log it stays one line in quotes. */
__attribute__((format(printf, 2, 0))) static void set_why(struct plugin *plugin, const char *format,
                                                          va_list arguments)
{
    vsnprintf(plugin->why, sizeof plugin->why, format, arguments);
    for (char *at = plugin->why; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == '"' || *at == 0x7f)
            *at = '?';
    }
}

void plugin_note(struct plugin *plugin, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_why(plugin, format, arguments);
    va_end(arguments);
}

void plugin_fail(struct plugin *plugin, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_why(plugin, format, arguments);
    va_end(arguments);
    plugin->state = PLUGIN_FAILED;
    log_event(LOG_ERROR, "plugin.failed", "plugin=%s why=\"%s\"", plugin->options->name,
              plugin->why);
    steps_tell_later(plugin);
    plugin_pump(plugin);
}

static void drain(struct plugin *plugin)
{
    struct plugin *successor = steps_find(plugin->steps, text_from(plugin->options->name));
    size_t hosts = 0;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        lane_drain(&plugin->lanes[i], successor != NULL ? &successor->lanes[i] : NULL);
        hosts += lane_host_count(&plugin->lanes[i]);
    }
    if (hosts == 0)
        image_close(&plugin->image);
}

void plugin_retire(struct plugin *plugin)
{
    plugin->role = PLUGIN_RETIRED;
    drain(plugin);
}

void plugin_pump(struct plugin *plugin)
{
    if (plugin->role == PLUGIN_REJECTED)
        return;
    if (plugin->role == PLUGIN_RETIRED) {
        drain(plugin);
        return;
    }
    for (size_t i = 0; i < LANE_COUNT; i++)
        lane_pump(&plugin->lanes[i]);
}

static bool is_in_use(const struct plugin *plugin)
{
    return plugin->role == PLUGIN_CURRENT || plugin->role == PLUGIN_CANDIDATE;
}

/* Two plugins of one user could reach each other's files, and send each other signals. */
static bool has_own_user(struct plugin *plugin, struct text *why_out)
{
    const struct steps *steps = plugin->steps;
    const char *name = plugin->options->name;
    uid_t uid = grant_uid(plugin->options);
    if (uid != 0 && geteuid() != 0) {
        *why_out = text_printf(plugin->arena,
                               "The plugin %s is to have a user of its own, %u; only root can "
                               "start a process of another user.",
                               name, uid);
        return false;
    }
    for (size_t i = 0; i < steps->plugin_count && uid != 0; i++) {
        const struct steps_plugin *other = steps->plugins[i]->options;
        if (!is_in_use(steps->plugins[i]) || strcmp(other->name, name) == 0 ||
            grant_uid(other) != uid)
            continue;
        *why_out = text_printf(plugin->arena,
                               "The plugins %s and %s would have the same user, %u; \"uid\" in "
                               "the configuration gives one of them another.",
                               name, other->name, uid);
        return false;
    }
    return true;
}

void plugin_start(struct plugin *plugin)
{
    struct text why;
    const struct steps_plugin *options = plugin->options;
    if (options->hosts > STEPS_HOSTS_MAX)
        plugin_fail(plugin, "The plugin %s is configured with more than %d hosts.", options->name,
                    STEPS_HOSTS_MAX);
    else if (!has_own_user(plugin, &why))
        plugin_fail(plugin, "%.*s", TEXT_ARG(why));
    else if (image_open(options->file, options->sha256, plugin->arena, &plugin->image, &why) != 0)
        plugin_fail(plugin, "%.*s", TEXT_ARG(why));
    else
        plugin_pump(plugin);
}

static bool has_checks(const struct plugin *plugin)
{
    for (size_t i = 0; i < plugin->description.step_type_count; i++) {
        if (plugin->description.step_types[i].is_check)
            return true;
    }
    return false;
}

/* A plugin without checks has no use for a host of its checks. A host that may do nothing is of no
 * use where something is needed. */
static void settle_first_host(struct plugin *plugin, struct slot *slot)
{
    bool of_checks = has_checks(plugin);
    if (grant_needs(&plugin->description, of_checks) != 0)
        slot_drop_host(slot);
    else if (!of_checks)
        slot_move(slot, &plugin->lanes[LANE_STEPS].slots[0]);
}

static bool describe(struct plugin *plugin, const struct value *body, struct text *how_out)
{
    struct arena *judging = plugin->steps->judging;
    struct plugin_description read;
    struct text why;
    arena_reset(judging);
    if (plugin_read(judging, body, &read, &why) != 0) {
        *how_out = text_printf(judging, N_("describes itself wrongly (%.*s)"), TEXT_ARG(why));
        return false;
    }
    if (!text_is(read.name, plugin->options->name)) {
        plugin_fail(plugin, "The plugin that is configured as %s calls itself %.*s.",
                    plugin->options->name, TEXT_ARG(read.name));
        return false;
    }
    if (!grant_covers(plugin->options, &read, judging, &why)) {
        plugin_fail(plugin, "%.*s", TEXT_ARG(why));
        return false;
    }
    plugin->table = json_write(plugin->arena, body);
    return plugin_read(plugin->arena, body, &plugin->description, &why) == 0;
}

static bool describes_the_same(struct plugin *plugin, const struct value *body,
                               struct text *how_out)
{
    arena_reset(plugin->steps->judging);
    struct text table = json_write(plugin->steps->judging, body);
    *how_out = TEXT(N_("describes itself otherwise than before"));
    return text_equal(table, plugin->table);
}

bool plugin_loaded(struct plugin *plugin, struct slot *slot, const struct value *body,
                   struct text *how_out)
{
    struct lane *lane = slot->lane;
    bool is_news = lane->is_down || plugin->state == PLUGIN_STARTING;
    if (plugin->state == PLUGIN_DESCRIBED) {
        if (!describes_the_same(plugin, body, how_out))
            return false;
    } else {
        if (!describe(plugin, body, how_out))
            return false;
        plugin->state = PLUGIN_DESCRIBED;
        log_event(LOG_INFO, "plugin.described", "plugin=%s version=%.*s", plugin->options->name,
                  TEXT_ARG(plugin->description.version));
        settle_first_host(plugin, slot);
    }
    lane->is_down = false;
    if (is_news)
        steps_tell_later(plugin);
    plugin_pump(plugin);
    return true;
}

/* Status. */

static bool is_paused(const struct plugin *plugin)
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (plugin->lanes[i].pause_ms != 0 && lane_host_count(&plugin->lanes[i]) == 0)
            return true;
    }
    return false;
}

static const char *state_name(const struct plugin *plugin)
{
    switch (plugin->state) {
    case PLUGIN_FAILED:
        return "failed";
    case PLUGIN_STARTING:
        return is_paused(plugin) ? "waiting" : "starting";
    case PLUGIN_DESCRIBED:
        break;
    }
    return is_paused(plugin) ? "waiting" : "ready";
}

struct value plugin_status(const struct plugin *plugin, struct arena *arena)
{
    struct value status = value_map(arena);
    size_t hosts = 0, calls = 0;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        hosts += lane_host_count(&plugin->lanes[i]);
        calls += lane_call_count(&plugin->lanes[i]);
    }
    value_put(&status, "name", value_cstring(plugin->options->name));
    if (plugin->state == PLUGIN_DESCRIBED)
        value_put(&status, "version", value_string(plugin->description.version));
    value_put(&status, "state", value_cstring(state_name(plugin)));
    if (plugin->state == PLUGIN_FAILED || is_paused(plugin))
        value_put(&status, "why", value_string(text_copy(arena, text_from(plugin->why))));
    value_put(&status, "hosts", value_int((int64_t)hosts));
    value_put(&status, "calls", value_int((int64_t)calls));
    value_put(&status, "crashes", value_int((int64_t)plugin->crash_count));
    return status;
}

struct value plugin_care(const struct plugin *plugin, struct arena *arena)
{
    struct value care = plugin_status(plugin, arena);
    const struct steps_plugin *options = plugin->options;
    value_put(&care, "file", value_string(text_copy(arena, text_from(options->file))));
    value_put(&care, "sha256", value_string(text_copy(arena, text_from(options->sha256))));
    if (plugin->state == PLUGIN_DESCRIBED)
        value_put(&care, "needs",
                  grant_list(grant_needs(&plugin->description, true) |
                                 grant_needs(&plugin->description, false),
                             arena));
    value_put(&care, "granted", grant_value(options, arena));
    value_put(&care, "jail", grant_layers(options, arena));
    return care;
}
