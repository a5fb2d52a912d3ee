/* Comparing, key by key. */
#include "daemon/config_same.h"

#include <string.h>
#include <strings.h>

static bool same_text(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

const char *config_fixed_change(const struct config *before, const struct config *after)
{
    const struct {
        const char *key;
        bool is_same;
    } keys[] = {
        {"store", same_text(before->store, after->store)},
        {"key_file", same_text(before->key_file, after->key_file)},
        {"key_credential", same_text(before->key_credential, after->key_credential)},
        {"wait_for_key", before->waits_for_key == after->waits_for_key},
        {"staff", same_text(before->staff_socket, after->staff_socket)},
        {"admin", same_text(before->admin_socket, after->admin_socket)},
        {"group", before->staff_gid == after->staff_gid},
        {"map_bytes", before->map_bytes == after->map_bytes},
        {"header_bytes", before->limits.header_bytes_max == after->limits.header_bytes_max},
        {"connections", before->limits.connection_count_max == after->limits.connection_count_max},
        {"cases_in_memory", before->cases_max == after->cases_max},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!keys[i].is_same)
            return keys[i].key;
    return NULL;
}

static bool same_paths(const struct jail_paths *one, const struct jail_paths *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++)
        if (strcmp(one->items[i], other->items[i]) != 0)
            return false;
    return true;
}

static bool same_grant(const struct steps_grant *one, const struct steps_grant *other)
{
    return one->network == other->network && one->port_count == other->port_count &&
           (one->port_count == 0 ||
            memcmp(one->ports, other->ports, one->port_count * sizeof(one->ports[0])) == 0) &&
           same_paths(&one->read, &other->read) && same_paths(&one->write, &other->write) &&
           same_paths(&one->programs, &other->programs);
}

static bool same_secrets(const struct steps_plugin *one, const struct steps_plugin *other)
{
    if (one->secret_count != other->secret_count)
        return false;
    for (size_t i = 0; i < one->secret_count; i++)
        if (strcmp(one->secrets[i].name, other->secrets[i].name) != 0 ||
            strcmp(one->secrets[i].file, other->secrets[i].file) != 0)
            return false;
    return true;
}

bool config_same_plugin(const struct steps_plugin *one, const struct steps_plugin *other)
{
    return strcmp(one->file, other->file) == 0 && strcasecmp(one->sha256, other->sha256) == 0 &&
           one->hosts == other->hosts && one->uid == other->uid &&
           same_grant(&one->grant, &other->grant) && same_secrets(one, other);
}
