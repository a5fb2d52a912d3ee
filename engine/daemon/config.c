/* The readers that the parts share, and every part but the plugins. */
#include "daemon/config_parts.h"

#include <grp.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "daemon/path.h"

enum { CONFIG_BYTES_MAX = 1 << 20 };

struct diag *config_fault(struct reader *reader, const char *code, struct place place,
                          const char *message)
{
    return diag_add(reader->diags, DIAG_ERROR, code, place, "%s", message);
}

/* ---- Scalars. ---- */

bool config_is_scalar(struct reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR && !text_is_empty(node->text))
        return true;
    config_fault(reader, "E843", node->place, N_("A single value is expected here."));
    return false;
}

const char *config_absolute(struct reader *reader, struct text path)
{
    struct arena *arena = reader->diags->arena;

    if (path.bytes[0] == '/')
        return text_copy(arena, path).bytes;
    return text_printf(arena, "%s/%.*s", reader->folder, TEXT_ARG(path)).bytes;
}

void config_path(struct reader *reader, const struct yaml_node *node, void *place)
{
    if (config_is_scalar(reader, node))
        *(const char **)place = config_absolute(reader, node->text);
}

static void read_flag(struct reader *reader, const struct yaml_node *node, void *place)
{
    if (!config_is_scalar(reader, node))
        return;
    if (text_is(node->text, "true") || text_is(node->text, "false"))
        *(bool *)place = text_is(node->text, "true");
    else
        diag_help(reader->diags,
                  config_fault(reader, "E843", node->place, N_("This is neither true nor false.")),
                  "write true or false");
}

/* Of a file in a folder that somebody else names. */
static void read_name(struct reader *reader, const struct yaml_node *node, void *place)
{
    if (!config_is_scalar(reader, node))
        return;
    if (!memchr(node->text.bytes, '/', node->text.size))
        *(const char **)place = text_copy(reader->diags->arena, node->text).bytes;
    else
        config_fault(reader, "E843", node->place, N_("A credential is a name, without a slash."));
}

static bool read_number(struct reader *reader, const struct yaml_node *node, int64_t *number_out)
{
    const struct key *key = reader->key;

    if (!config_is_scalar(reader, node))
        return false;
    if (text_to_int(node->text, number_out) && *number_out >= key->least &&
        *number_out <= key->most)
        return true;
    struct diag *diag =
        config_fault(reader, "E843", node->place, N_("This number cannot be used here."));
    diag_help(reader->diags, diag, "write a whole number from %lld to %lld", (long long)key->least,
              (long long)key->most);
    return false;
}

static void read_u64(struct reader *reader, const struct yaml_node *node, void *place)
{
    int64_t number;

    if (read_number(reader, node, &number))
        *(uint64_t *)place = (uint64_t)number;
}

/* Sanitized builds of the host need more address space than any limit leaves them. */
static void read_host_bytes(struct reader *reader, const struct yaml_node *node, void *place)
{
    if (node->kind == YAML_SCALAR && text_is(node->text, "unlimited"))
        *(uint64_t *)place = UINT64_MAX;
    else
        read_u64(reader, node, place);
}

static void read_size(struct reader *reader, const struct yaml_node *node, void *place)
{
    int64_t number;

    if (read_number(reader, node, &number))
        *(size_t *)place = (size_t)number;
}

void config_count(struct reader *reader, const struct yaml_node *node, void *place)
{
    int64_t number;

    if (read_number(reader, node, &number))
        *(unsigned *)place = (unsigned)number;
}

static void read_span(struct reader *reader, const struct yaml_node *node, void *place)
{
    const struct key *key = reader->key;
    int64_t span_ms;

    if (!config_is_scalar(reader, node))
        return;
    if (when_read_span(node->text, &span_ms) && span_ms >= key->least && span_ms <= key->most) {
        *(int64_t *)place = span_ms;
        return;
    }
    struct diag *diag =
        config_fault(reader, "E843", node->place, N_("This is no span of time to use here."));
    diag_help(reader->diags, diag, "write a number and a unit, as in 10s or 2min, up to 1h");
}

static void read_group(struct reader *reader, const struct yaml_node *node, void *place)
{
    if (!config_is_scalar(reader, node))
        return;
    const struct group *group = getgrnam(text_copy(reader->diags->arena, node->text).bytes);
    if (group)
        *(gid_t *)place = group->gr_gid;
    else
        diag_help(reader->diags,
                  config_fault(reader, "E843", node->place,
                               N_("This machine has no group of this name.")),
                  "`getent group` lists the groups; `addgroup --system NAME` makes one");
}

static void read_node(struct reader *reader, const struct yaml_node *node, void *place)
{
    (void)reader;
    *(const struct yaml_node **)place = node;
}

/* ---- Maps. ---- */

static const struct key *find_key(const struct key *keys, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static void refuse_key(struct reader *reader, const struct key *keys, size_t count,
                       const struct yaml_entry *entry)
{
    struct text *names = ARENA_ARRAY(reader->diags->arena, struct text, count);
    struct diag *diag = diag_add(reader->diags, DIAG_ERROR, "E841", entry->key_place,
                                 "unknown key \"%.*s\"", TEXT_ARG(entry->key));

    for (size_t i = 0; i < count; i++)
        names[i] = text_from(keys[i].name);
    struct text nearest = text_nearest(entry->key, names, count);
    if (!text_is_empty(nearest))
        diag_help(reader->diags, diag, "did you mean \"%.*s\"?", TEXT_ARG(nearest));
}

void config_map(struct reader *reader, const struct yaml_node *node, const struct key *keys,
                size_t count, void *base)
{
    if (node->kind != YAML_MAP) {
        config_fault(reader, "E843", node->place, N_("A map of keys and values is expected here."));
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct key *key = find_key(keys, count, node->entries[i].key);
        reader->key = key;
        if (key)
            key->read(reader, node->entries[i].value, (char *)base + key->offset);
        else
            refuse_key(reader, keys, count, &node->entries[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].is_required && !yaml_get(node, keys[i].name))
            diag_add(reader->diags, DIAG_ERROR, "E842", node->place,
                     "the key \"%s\" is missing here", keys[i].name);
}

static void read_sockets(struct reader *reader, const struct yaml_node *node, void *place)
{
    static const struct key keys[] = {
        {"staff", config_path, offsetof(struct config, staff_socket), true, 0, 0},
        {"admin", config_path, offsetof(struct config, admin_socket), false, 0, 0},
        {"group", read_group, offsetof(struct config, staff_gid), false, 0, 0},
    };

    (void)place;
    config_map(reader, node, keys, COUNT(keys), reader->config);
}

static void read_limits(struct reader *reader, const struct yaml_node *node, void *place)
{
#define LIMIT(member) offsetof(struct config, limits.member)
    static const struct key keys[] = {
        {"body_bytes", read_size, LIMIT(body_bytes_max), false, 1 << 10, 64 << 20},
        {"document_bytes", read_size, LIMIT(document_bytes_max), false, 1 << 10, 1 << 30},
        {"header_bytes", read_size, LIMIT(header_bytes_max), false, 4 << 10, 1 << 20},
        {"connections", config_count, LIMIT(connection_count_max), false, 1, 10000},
        {"connections_per_user", config_count, LIMIT(user_connection_count_max), false, 1, 10000},
        {"request_time", read_span, LIMIT(request_ms_max), false, 1000, 3600000},
        {"cases_in_memory", read_size, offsetof(struct config, cases_max), false, 16, 10000000},
        {"host_bytes", read_host_bytes, offsetof(struct config, host_bytes), false, 16 << 20,
         1LL << 40},
    };

    (void)place;
    config_map(reader, node, keys, COUNT(keys), reader->config);
}

/* ---- The whole file. ---- */

static const struct key top_keys[] = {
    {"store", config_path, offsetof(struct config, store), true, 0, 0},
    {"key_file", config_path, offsetof(struct config, key_file), false, 0, 0},
    {"key_credential", read_name, offsetof(struct config, key_credential), false, 0, 0},
    {"wait_for_key", read_flag, offsetof(struct config, waits_for_key), false, 0, 0},
    {"sockets", read_sockets, 0, true, 0, 0},
    {"people", read_node, offsetof(struct config, people), true, 0, 0},
    {"plugins", config_plugins, 0, false, 0, 0},
    {"limits", read_limits, 0, false, 0, 0},
    {"backup_recipients", config_path, offsetof(struct config, backup_recipients), false, 0, 0},
    {"map_bytes", read_u64, offsetof(struct config, map_bytes), false, 64 << 20, 1LL << 46},
};

/* Whoever takes the store's disk must not find its key on it. */
static void refuse_key_in_store(struct reader *reader, const struct yaml_node *top)
{
    const struct config *config = reader->config;

    if (!config->store || !config->key_file ||
        !path_is_inside(config->key_file, config->store, reader->diags))
        return;
    struct diag *diag = config_fault(reader, "E844", yaml_get(top, "key_file")->place,
                                     N_("the key file lies inside the store"));
    diag_help(reader->diags, diag,
              "keep it elsewhere, best on another medium: whoever takes the store would have both");
}

const struct config *config_read(const struct port_files *files, const char *path,
                                 struct diag_list *diags, struct text *source_out)
{
    struct arena *arena = diags->arena;
    struct config *config = ARENA_NEW(arena, struct config);
    struct place whole = {.file = text_from(path)};

    *source_out = TEXT_NONE;
    int result = files->read(files->self, arena, path, CONFIG_BYTES_MAX, source_out);
    if (result != 0) {
        struct diag *diag = diag_add(diags, DIAG_ERROR, "E846", whole,
                                     "the configuration cannot be read: %s", strerror(-result));
        diag_help(diags, diag, "name it with --config FILE");
        return NULL;
    }
    const struct yaml_node *top = yaml_parse(*source_out, text_from(path), diags);
    if (!top)
        return NULL;

    struct reader reader = {.config = config, .diags = diags, .folder = path_folder(path, diags)};
    if (!reader.folder)
        return NULL;
    config->staff_gid = (gid_t)-1;
    config_map(&reader, top, top_keys, COUNT(top_keys), config);
    refuse_key_in_store(&reader, top);
    config_check_grants(&reader, top);
    return diags->error_count == 0 ? config : NULL;
}
