/* Another version of a plugin beside the one that works, and the change from one to the other. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "steps/internal.h"

static const char *copy_text(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : text_copy(arena, text_from(text)).bytes;
}

static struct jail_paths copy_paths(struct arena *arena, const struct jail_paths *paths)
{
    const char **items = ARENA_ARRAY(arena, const char *, paths->count);
    for (size_t i = 0; i < paths->count; i++)
        items[i] = copy_text(arena, paths->items[i]);
    return (struct jail_paths){items, paths->count};
}

static const struct steps_secret *copy_secrets(struct arena *arena,
                                               const struct steps_plugin *plugin)
{
    struct steps_secret *secrets = ARENA_ARRAY(arena, struct steps_secret, plugin->secret_count);
    for (size_t i = 0; i < plugin->secret_count; i++)
        secrets[i] = (struct steps_secret){.name = copy_text(arena, plugin->secrets[i].name),
                                           .file = copy_text(arena, plugin->secrets[i].file)};
    return secrets;
}

const struct steps_plugin *upgrade_copy(struct arena *arena, const struct steps_plugin *plugin)
{
    struct steps_plugin *copy = ARENA_NEW(arena, struct steps_plugin);
    const struct steps_grant *grant = &plugin->grant;
    *copy = *plugin;
    copy->name = copy_text(arena, plugin->name);
    copy->file = copy_text(arena, plugin->file);
    copy->sha256 = copy_text(arena, plugin->sha256);
    copy->secrets = copy_secrets(arena, plugin);
    if (grant->port_count > 0)
        copy->grant.ports =
            arena_copy(arena, grant->ports, grant->port_count * sizeof *grant->ports);
    copy->grant.read = copy_paths(arena, &grant->read);
    copy->grant.write = copy_paths(arena, &grant->write);
    copy->grant.programs = copy_paths(arena, &grant->programs);
    return copy;
}

static struct plugin *candidate(struct steps *steps, struct text name)
{
    for (size_t i = 0; i < steps->plugin_count; i++) {
        struct plugin *plugin = steps->plugins[i];
        if (plugin->role == PLUGIN_CANDIDATE && text_is(name, plugin->options->name))
            return plugin;
    }
    return NULL;
}

/* No host knows them any more; nobody was given what they said of themselves. */
static void forget_rejected(struct steps *steps)
{
    size_t kept = 0;
    for (size_t i = 0; i < steps->plugin_count; i++) {
        struct plugin *plugin = steps->plugins[i];
        if (plugin->role != PLUGIN_REJECTED) {
            steps->plugins[kept++] = plugin;
            continue;
        }
        plugin_finish(plugin);
        free(plugin);
    }
    steps->plugin_count = kept;
}

void steps_try(struct steps *steps, const struct steps_plugin *plugin)
{
    CHECK(steps->options.tried != NULL);
    CHECK(candidate(steps, text_from(plugin->name)) == NULL);
    forget_rejected(steps);
    log_event(LOG_INFO, "plugin.tried", "plugin=%s sha256=%s", plugin->name, plugin->sha256);
    plugin_start(steps_add(steps, plugin, PLUGIN_CANDIDATE));
}

/* The order of the configuration as it was; a new one comes last. */
static void put_in_place_of(struct steps *steps, struct plugin *from, struct plugin *to)
{
    size_t at_from = 0, at_to = 0;
    for (size_t i = 0; i < steps->plugin_count; i++) {
        if (steps->plugins[i] == from)
            at_from = i;
        if (steps->plugins[i] == to)
            at_to = i;
    }
    steps->plugins[at_from] = to;
    steps->plugins[at_to] = from;
}

void steps_accept(struct steps *steps, struct text name)
{
    struct plugin *next = candidate(steps, name), *old = steps_find(steps, name);
    CHECK(next != NULL);
    CHECK(next->state == PLUGIN_DESCRIBED);
    next->role = PLUGIN_CURRENT;
    log_event(LOG_INFO, "plugin.accepted", "plugin=%s version=%.*s", next->options->name,
              TEXT_ARG(next->description.version));
    if (old != NULL) {
        put_in_place_of(steps, old, next);
        plugin_retire(old);
    }
    plugin_pump(next);
}

void steps_reject(struct steps *steps, struct text name)
{
    struct plugin *plugin = candidate(steps, name);
    CHECK(plugin != NULL);
    plugin->role = PLUGIN_REJECTED;
    for (size_t i = 0; i < LANE_COUNT; i++)
        lane_kill(&plugin->lanes[i]);
    image_close(&plugin->image);
}

void steps_remove(struct steps *steps, struct text name)
{
    struct plugin *plugin = steps_find(steps, name);
    CHECK(plugin != NULL);
    log_event(LOG_INFO, "plugin.removed", "plugin=%s", plugin->options->name);
    plugin_retire(plugin);
}

const struct steps_plugin *steps_options_of(struct steps *steps, struct text name)
{
    struct plugin *plugin = steps_find(steps, name);
    return plugin == NULL || plugin->state == PLUGIN_FAILED ? NULL : plugin->options;
}

void steps_set_memory(struct steps *steps, uint64_t memory_bytes)
{
    steps->options.memory_bytes = memory_bytes;
}
