/* Time zones of the system's zone data, each read once. */
#include <stdlib.h>

#include "base/arena.h"
#include "system/system.h"

/* The largest file of the zone data has some 4 KB. */
enum { ZONE_BYTES_MAX = 65536, NAME_BYTES_MAX = 64 };

struct known_zone {
    struct known_zone *next;
    struct text name;
    const struct zone *zone;
};

struct zones {
    struct arena *arena;
    struct known_zone *known;
};

/* Words of letters, digits, _ + and -, joined by single slashes: Africa/Dakar, Etc/GMT+1. No dot is
 * among them, so no name leads out of the folder. */
static bool is_clean(struct text name)
{
    if (text_is_empty(name) || name.size > NAME_BYTES_MAX)
        return false;
    char before = '/';
    for (size_t i = 0; i < name.size; i++) {
        char c = name.bytes[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '+' || c == '-';
        if (!word && (c != '/' || before == '/'))
            return false;
        before = c;
    }
    return before != '/';
}

static const char *zone_folder(void)
{
    const char *folder = getenv("TZDIR");
    return folder == NULL || folder[0] == '\0' ? "/usr/share/zoneinfo" : folder;
}

static const struct zone *read_zone(struct zones *zones, struct text name)
{
    /* Known without zone data, which a small machine may not have. */
    if (text_is(name, "UTC"))
        return zone_fixed(zones->arena, 0);
    ARENA_SCOPED struct arena *turn = arena_create("zone");
    struct text path = text_printf(turn, "%s/%.*s", zone_folder(), TEXT_ARG(name));
    struct port_files files = system_files();
    struct text bytes;
    if (files.read(files.self, turn, path.bytes, ZONE_BYTES_MAX, &bytes) != 0)
        return NULL;
    return zone_parse(zones->arena, bytes.bytes, bytes.size);
}

static const struct zone *load(void *self, struct text name)
{
    struct zones *zones = self;
    for (struct known_zone *known = zones->known; known != NULL; known = known->next)
        if (text_equal(known->name, name))
            return known->zone;
    if (!is_clean(name))
        return NULL;
    const struct zone *zone = read_zone(zones, name);
    /* An unknown name is not kept: names come from outside and the arena lives long. */
    if (zone == NULL)
        return NULL;
    struct known_zone *known = ARENA_NEW(zones->arena, struct known_zone);
    *known = (struct known_zone){zones->known, text_copy(zones->arena, name), zone};
    zones->known = known;
    return zone;
}

struct zone_source system_zones(struct arena *arena)
{
    struct zones *zones = ARENA_NEW(arena, struct zones);
    zones->arena = arena;
    return (struct zone_source){.self = zones, .load = load};
}
