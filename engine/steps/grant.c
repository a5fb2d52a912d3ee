/* Needs against grants. */
#include "steps/grant.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

/* Between the users that an administrator makes and those that systemd and containers use. */
enum { UID_FIRST = 0x70000000, UID_COUNT = 0x04000000 };
/* From which version on Landlock knows ports, and keeps signals inside. */
enum { LANDLOCK_OF_PORTS = 4, LANDLOCK_OF_SIGNALS = 6 };

static bool has_network(const struct steps_grant *grant)
{
    return grant->network;
}

static bool has_files(const struct steps_grant *grant)
{
    return grant->read.count > 0 || grant->write.count > 0;
}

static bool has_programs(const struct steps_grant *grant)
{
    return grant->programs.count > 0;
}

static const struct right {
    unsigned bit;
    const char *name, *words, *example;
    bool (*is_granted)(const struct steps_grant *grant);
} rights[] = {
    {JAIL_NETWORK, "network", "the network", "network: true", has_network},
    {JAIL_FILES, "files", "files", "files: {read: [FOLDER], write: [FOLDER]}", has_files},
    {JAIL_PROGRAMS, "programs", "to start programs", "programs: [FILE]", has_programs},
};
enum { RIGHT_COUNT = sizeof rights / sizeof rights[0] };

unsigned grant_needs(const struct plugin_description *description, bool of_checks)
{
    unsigned needs = 0;
    for (size_t i = 0; i < description->step_type_count; i++) {
        if (description->step_types[i].is_check == of_checks)
            needs |= description->step_types[i].needs;
    }
    return needs;
}

static bool covers(const struct steps_plugin *plugin, const struct plugin_step_type *type,
                   struct arena *arena, struct text *why_out)
{
    for (size_t i = 0; i < RIGHT_COUNT; i++) {
        if ((type->needs & rights[i].bit) == 0 || rights[i].is_granted(&plugin->grant))
            continue;
        *why_out = text_printf(arena,
                               "The plugin %s needs %s for its %s %.*s, which is not granted; "
                               "\"grant: {%s}\" in the configuration would grant it.",
                               plugin->name, rights[i].words, type->is_check ? "check" : "step",
                               TEXT_ARG(type->name), rights[i].example);
        return false;
    }
    return true;
}

static bool are_there(const struct steps_plugin *plugin, const struct jail_paths *paths,
                      struct arena *arena, struct text *why_out)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (access(paths->items[i], F_OK) == 0)
            continue;
        *why_out = text_printf(arena, "%s, which is granted to the plugin %s, cannot be found: %s.",
                               paths->items[i], plugin->name, strerrordesc_np(errno));
        return false;
    }
    return true;
}

bool grant_covers(const struct steps_plugin *plugin, const struct plugin_description *description,
                  struct arena *arena, struct text *why_out)
{
    const struct steps_grant *grant = &plugin->grant;
    unsigned needs = grant_needs(description, true) | grant_needs(description, false);
    for (size_t i = 0; i < description->step_type_count; i++) {
        if (!covers(plugin, &description->step_types[i], arena, why_out))
            return false;
    }
    if ((needs & JAIL_FILES) != 0 && (!are_there(plugin, &grant->read, arena, why_out) ||
                                      !are_there(plugin, &grant->write, arena, why_out)))
        return false;
    return (needs & JAIL_PROGRAMS) == 0 || are_there(plugin, &grant->programs, arena, why_out);
}

/* FNV-1a: the same for a name in every version, so that what it owns stays its own. */
static uid_t uid_of_name(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return (uid_t)(UID_FIRST + hash % UID_COUNT);
}

uid_t grant_uid(const struct steps_plugin *plugin)
{
    if (plugin->uid != 0)
        return plugin->uid;
    return geteuid() == 0 ? uid_of_name(plugin->name) : 0;
}

struct jail grant_jail(const struct steps_plugin *plugin, unsigned rights, uint64_t memory_bytes)
{
    struct jail jail = jail_default(JAIL_HOST);
    jail.rights = rights;
    jail.uid = grant_uid(plugin);
    if (memory_bytes != 0)
        jail.limits.memory_bytes = memory_bytes == UINT64_MAX ? 0 : memory_bytes;
    if (rights & JAIL_NETWORK) {
        jail.ports = plugin->grant.ports;
        jail.port_count = plugin->grant.port_count;
    }
    if (rights & JAIL_FILES) {
        jail.read = plugin->grant.read;
        jail.write = plugin->grant.write;
    }
    if (rights & JAIL_PROGRAMS)
        jail.programs = plugin->grant.programs;
    return jail;
}

/* As data. */

struct value grant_list(unsigned bits, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < RIGHT_COUNT; i++) {
        if (bits & rights[i].bit)
            value_append(&list, value_cstring(rights[i].name));
    }
    return list;
}

static struct value path_list(const struct jail_paths *paths, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < paths->count; i++)
        value_append(&list, value_string(text_copy(arena, text_from(paths->items[i]))));
    return list;
}

struct value grant_value(const struct steps_plugin *plugin, struct arena *arena)
{
    const struct steps_grant *grant = &plugin->grant;
    struct value map = value_map(arena), ports = value_list(arena), files = value_map(arena);
    for (size_t i = 0; i < grant->port_count; i++)
        value_append(&ports, value_int(grant->ports[i]));
    if (grant->read.count > 0)
        value_put(&files, "read", path_list(&grant->read, arena));
    if (grant->write.count > 0)
        value_put(&files, "write", path_list(&grant->write, arena));
    if (grant->network)
        value_put(&map, "network", grant->port_count > 0 ? ports : value_bool(true));
    if (value_count(&files) > 0)
        value_put(&map, "files", files);
    if (grant->programs.count > 0)
        value_put(&map, "programs", path_list(&grant->programs, arena));
    return map;
}

/* Without a version of Landlock, or a user of its own, something does not hold; that is said. */
struct value grant_layers(const struct steps_plugin *plugin, struct arena *arena)
{
    int abi = jail_landlock_abi();
    uid_t uid = grant_uid(plugin);
    struct value map = value_map(arena), missing = value_list(arena);
    value_put(&map, "seccomp", value_bool(true));
    value_put(&map, "landlock", value_int(abi));
    value_put(&map, "uid", value_int((int64_t)(uid != 0 ? uid : geteuid())));
    if (uid == 0)
        value_append(&missing, value_cstring("a user of its own: the daemon does not run as root"));
    if (abi == 0)
        value_append(&missing, value_cstring("files: this kernel has no Landlock; what the user "
                                             "of the plugin may read, the plugin may read"));
    if (plugin->grant.port_count > 0 && abi < LANDLOCK_OF_PORTS)
        value_append(&missing, value_cstring("ports: this kernel's Landlock does not know them; "
                                             "every port can be connected to"));
    if (plugin->grant.programs.count > 0 && uid == 0 && abi < LANDLOCK_OF_SIGNALS)
        value_append(&missing, value_cstring("signals: its programs can be ended by their pidfd "
                                             "alone"));
    value_put(&map, "missing", missing);
    return map;
}
