/* `plugins:` of the configuration: which may run, from which file, and what each is granted. */
#include "daemon/config_parts.h"

#include <string.h>

#include "base/arena.h"
#include "daemon/config_secrets.h"
#include "daemon/path.h"

enum { SHA256_HEX = 64 };

static void read_hash(struct reader *reader, const struct yaml_node *node, void *place)
{
    uint8_t bytes[SHA256_HEX / 2];

    if (!config_is_scalar(reader, node))
        return;
    if (text_from_hex(node->text, bytes, sizeof(bytes)))
        *(const char **)place = text_copy(reader->diags->arena, node->text).bytes;
    else
        diag_help(
            reader->diags,
            config_fault(reader, "E843", node->place, N_("This is no SHA-256 in hexadecimal.")),
            "`sha256sum FILE` prints the 64 digits");
}

/* ---- Grants. ---- */

/* False, with a fault: it is no list of `most` values at most. */
static bool is_list(struct reader *reader, const struct yaml_node *node, size_t most,
                    const char *help)
{
    if (node->kind == YAML_LIST && node->count > 0 && node->count <= most)
        return true;
    diag_help(reader->diags,
              config_fault(reader, "E843", node->place, N_("A list is expected here.")), "%s",
              help);
    return false;
}

static void read_paths(struct reader *reader, const struct yaml_node *node, void *place)
{
    struct jail_paths *paths = place;
    struct arena *arena = reader->diags->arena;

    if (!is_list(reader, node, STEPS_GRANTS_MAX,
                 N_("write paths in brackets, as in [/srv/letters]")))
        return;
    const char **items = ARENA_ARRAY(arena, const char *, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->entries[i].value;
        if (!config_is_scalar(reader, item))
            return;
        items[i] = config_absolute(reader, item->text);
    }
    *paths = (struct jail_paths){items, node->count};
}

static void read_files(struct reader *reader, const struct yaml_node *node, void *place)
{
    static const struct key keys[] = {
        {"read", read_paths, offsetof(struct steps_grant, read), false, 0, 0},
        {"write", read_paths, offsetof(struct steps_grant, write), false, 0, 0},
    };

    config_map(reader, node, keys, COUNT(keys), place);
}

static bool read_port(struct reader *reader, const struct yaml_node *node, uint16_t *port_out)
{
    int64_t port;

    if (node->kind == YAML_SCALAR && text_to_int(node->text, &port) && port >= 1 &&
        port <= UINT16_MAX) {
        *port_out = (uint16_t)port;
        return true;
    }
    diag_help(reader->diags,
              config_fault(reader, "E843", node->place, N_("This is no TCP port, 1 to 65535.")),
              "a port alone: which machine a plugin connects to, the kernel cannot judge");
    return false;
}

static void read_network(struct reader *reader, const struct yaml_node *node, void *place)
{
    struct steps_grant *grant = place;

    if (node->kind == YAML_SCALAR &&
        (text_is(node->text, "true") || text_is(node->text, "false"))) {
        grant->network = text_is(node->text, "true");
        return;
    }
    if (!is_list(reader, node, STEPS_GRANTS_MAX, N_("write true, or TCP ports as in [443]")))
        return;
    uint16_t *ports = ARENA_ARRAY(reader->diags->arena, uint16_t, node->count);
    for (size_t i = 0; i < node->count; i++)
        if (!read_port(reader, node->entries[i].value, &ports[i]))
            return;
    grant->network = true;
    grant->ports = ports;
    grant->port_count = node->count;
}

static void read_grant(struct reader *reader, const struct yaml_node *node, void *place)
{
    static const struct key keys[] = {
        {"network", read_network, 0, false, 0, 0},
        {"files", read_files, 0, false, 0, 0},
        {"programs", read_paths, offsetof(struct steps_grant, programs), false, 0, 0},
    };

    config_map(reader, node, keys, COUNT(keys), place);
}

/* ---- Plugins. ---- */

static void read_secrets(struct reader *reader, const struct yaml_node *node, void *place)
{
    config_read_secrets(reader->diags, reader->folder, node, place);
}

static void read_plugin(struct reader *reader, const struct yaml_entry *entry,
                        struct steps_plugin *plugin)
{
    static const struct key keys[] = {
        {"file", config_path, offsetof(struct steps_plugin, file), true, 0, 0},
        {"sha256", read_hash, offsetof(struct steps_plugin, sha256), true, 0, 0},
        {"hosts", config_count, offsetof(struct steps_plugin, hosts), false, 1, STEPS_HOSTS_MAX},
        {"uid", config_count, offsetof(struct steps_plugin, uid), false, 1, INT32_MAX},
        {"secrets", read_secrets, 0, false, 0, 0},
        {"grant", read_grant, offsetof(struct steps_plugin, grant), false, 0, 0},
    };

    if (!text_is_id(entry->key))
        diag_add(reader->diags, DIAG_ERROR, "E843", entry->key_place,
                 "\"%.*s\" is no name of a plugin: a-z, 0-9 and _, beginning with a letter",
                 TEXT_ARG(entry->key));
    plugin->name = text_copy(reader->diags->arena, entry->key).bytes;
    config_map(reader, entry->value, keys, COUNT(keys), plugin);
}

void config_plugins(struct reader *reader, const struct yaml_node *node, void *place)
{
    struct config *config = reader->config;

    (void)place;
    if (node->kind != YAML_MAP) {
        config_fault(reader, "E843", node->place, N_("A map of plugins by name is expected here."));
        return;
    }
    struct steps_plugin *plugins =
        ARENA_ARRAY(reader->diags->arena, struct steps_plugin, node->count);
    for (size_t i = 0; i < node->count; i++)
        read_plugin(reader, &node->entries[i], &plugins[i]);
    config->plugins = plugins;
    config->plugin_count = node->count;
}

/* ---- What nobody is granted. ---- */

/* Whether one path is the other, or lies in it. */
static bool overlap(struct diag_list *diags, const char *one, const char *other)
{
    const char *in_one = text_printf(diags->arena, "%s/x", one).bytes;
    const char *in_other = text_printf(diags->arena, "%s/x", other).bytes;

    return path_is_inside(in_one, other, diags) || path_is_inside(in_other, one, diags);
}

/* The first thing of the daemon that the paths would open; NULL. */
static const char *opened_by(const struct config *config, struct diag_list *diags,
                             const struct jail_paths *paths)
{
    const char *const own[] = {config->store, config->key_file, config->staff_socket,
                               config->admin_socket};

    for (size_t i = 0; i < paths->count; i++)
        for (size_t k = 0; k < COUNT(own); k++)
            if (own[k] && paths->items[i] && overlap(diags, paths->items[i], own[k]))
                return own[k];
    return NULL;
}

void config_check_grants(struct reader *reader, const struct yaml_node *top)
{
    const struct config *config = reader->config;
    const struct yaml_node *plugins = yaml_get(top, "plugins");

    for (size_t i = 0; i < config->plugin_count; i++) {
        const struct steps_grant *grant = &config->plugins[i].grant;
        const struct jail_paths *const lists[] = {&grant->read, &grant->write, &grant->programs};
        for (size_t k = 0; k < COUNT(lists); k++) {
            const char *own = opened_by(config, reader->diags, lists[k]);
            if (!own)
                continue;
            struct diag *diag =
                diag_add(reader->diags, DIAG_ERROR, "E845",
                         yaml_get(plugins->entries[i].value, "grant")->place,
                         "the grant of \"%s\" would open %s, which is the daemon's alone",
                         config->plugins[i].name, own);
            diag_help(reader->diags, diag, "grant a folder that holds what the plugin needs alone");
        }
    }
}
