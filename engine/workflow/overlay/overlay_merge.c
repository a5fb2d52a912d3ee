/* JSON Merge Patch on trees that keep their places; parts that are final, and places among
 * siblings. */
#include "workflow/overlay/overlay_merge.h"

#include <string.h>

#include "base/arena.h"
#include "workflow/codes.h"
#include "workflow/load.h"
#include "workflow/shape/tables.h"

/* ---- RFC 7396, and nothing else. ---- */

/* A map under way: room for every entry of both. */
static struct yaml_node *map_begin(struct arena *arena, const struct yaml_node *target,
                                   const struct yaml_node *patch)
{
    struct yaml_node *map = ARENA_NEW(arena, struct yaml_node);
    bool has_target = target != NULL && target->kind == YAML_MAP;

    *map = has_target ? *target : *patch;
    map->count = has_target ? target->count : 0;
    map->entries = ARENA_ARRAY(arena, struct yaml_entry, map->count + patch->count);
    if (map->count > 0)
        memcpy(map->entries, target->entries, map->count * sizeof(*map->entries));
    return map;
}

static size_t map_find(const struct yaml_node *map, struct text key)
{
    size_t i = 0;

    while (i < map->count && !text_equal(map->entries[i].key, key))
        i++;
    return i;
}

static void map_remove(struct yaml_node *map, size_t index)
{
    memmove(&map->entries[index], &map->entries[index + 1],
            (map->count - index - 1) * sizeof(*map->entries));
    map->count--;
}

/* A map that is merged still stands where it stood; anything else is where it was written last. */
static void map_put(struct yaml_node *map, size_t index, const struct yaml_entry *entry,
                    const struct yaml_node *value)
{
    bool is_new = index == map->count;

    if (is_new || value->kind != YAML_MAP || map->entries[index].value->kind != YAML_MAP)
        map->entries[index] = *entry;
    map->entries[index].value = (struct yaml_node *)value;
    map->count += is_new;
}

const struct yaml_node *overlay_patch(struct arena *arena, const struct yaml_node *target,
                                      const struct yaml_node *patch)
{
    struct yaml_node *map;

    if (yaml_is_null(patch))
        return NULL;
    if (patch->kind != YAML_MAP)
        return patch;
    map = map_begin(arena, target, patch);
    for (size_t i = 0; i < patch->count; i++) {
        const struct yaml_entry *entry = &patch->entries[i];
        size_t index = map_find(map, entry->key);
        const struct yaml_node *before = index < map->count ? map->entries[index].value : NULL;
        const struct yaml_node *value = overlay_patch(arena, before, entry->value);

        if (value != NULL)
            map_put(map, index, entry, value);
        else if (before != NULL)
            map_remove(map, index);
    }
    return map;
}

/* ---- Parts that are final. ---- */

static bool is_final(const struct table *table, const struct yaml_node *part)
{
    const struct yaml_node *mark = yaml_get(part, "final");

    return workflow_table_key(table, TEXT("final")) != NULL && mark != NULL &&
           mark->kind == YAML_SCALAR && text_is(mark->text, "true");
}

/* By what the key says of what stands under it: one part, or a map of parts. */
static bool is_one_part(const struct key *key, const struct yaml_node *node)
{
    return key->shape == KEY_MAP || key->shape == KEY_TEXT_OR_MAP ||
           (key->shape == KEY_MAP_OR_MAPS && load_is_single_transition(node));
}

static bool has_parts(const struct key *key)
{
    return key != NULL && key->of != NULL && key->shape != KEY_ACTIONS;
}

static const struct yaml_node *final_in_part(const struct table *table,
                                             const struct yaml_node *part);

/* The first final part in what stands under a key, or NULL. */
static const struct yaml_node *final_under(const struct key *key, const struct yaml_node *node)
{
    if (!has_parts(key) || node->kind != YAML_MAP)
        return NULL;
    if (is_one_part(key, node))
        return final_in_part(key->of, node);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *found = final_in_part(key->of, node->entries[i].value);

        if (found != NULL)
            return found;
    }
    return NULL;
}

static const struct yaml_node *final_in_part(const struct table *table,
                                             const struct yaml_node *part)
{
    if (part->kind != YAML_MAP)
        return NULL;
    if (is_final(table, part))
        return part;
    for (size_t i = 0; i < part->count; i++) {
        const struct yaml_node *found =
            final_under(workflow_table_key(table, part->entries[i].key), part->entries[i].value);

        if (found != NULL)
            return found;
    }
    return NULL;
}

static void refuse_final(struct overlay *overlay, const struct yaml_entry *entry,
                         const struct yaml_node *part, bool is_itself)
{
    const struct place *mark = &yaml_entry(part, "final")->key_place;
    struct diag *diag =
        diag_add(overlay->diags, DIAG_ERROR, E_FINAL, entry->key_place,
                 is_itself ? "\"%.*s\" is final: no overlay may change it"
                           : N_("\"%.*s\" holds what is final: no overlay may remove it"),
                 TEXT_ARG(entry->key));

    diag->label = TEXT(N_("final"));
    if (mark->line > 0)
        diag_help(overlay->diags, diag, "it is marked at %.*s:%u; leave it as it is",
                  TEXT_ARG(mark->file), mark->line);
    else
        diag_help(overlay->diags, diag, "its parent marks it; leave it as it is");
}

/* ---- Places among siblings. ---- */

static struct diag *place_fault(struct overlay *overlay, struct place place, const char *label,
                                const char *message)
{
    struct diag *diag = diag_add(overlay->diags, DIAG_ERROR, E_PLACE, place, "%s", message);

    diag->label = text_from(label);
    return diag;
}

static void unknown_sibling(struct overlay *overlay, const struct yaml_node *map,
                            const struct yaml_node *id)
{
    struct text *names = ARENA_ARRAY(overlay->arena, struct text, map->count);
    struct text nearest;
    struct diag *diag = diag_add(overlay->diags, DIAG_ERROR, E_PLACE, id->place,
                                 "there is no \"%.*s\" beside it", TEXT_ARG(id->text));

    diag->label = TEXT(N_("nothing here"));
    for (size_t i = 0; i + 1 < map->count; i++)
        names[i] = map->entries[i].key;
    nearest = text_nearest(id->text, names, map->count - 1);
    if (!text_is_empty(nearest))
        diag_help(overlay->diags, diag, "did you mean \"%.*s\"?", TEXT_ARG(nearest));
}

/* Moves the last entry of the map before or after its sibling. */
static void move_last(struct yaml_node *map, size_t index)
{
    struct yaml_entry last = map->entries[map->count - 1];

    memmove(&map->entries[index + 1], &map->entries[index],
            (map->count - 1 - index) * sizeof(*map->entries));
    map->entries[index] = last;
}

static void put_in_place(struct overlay *overlay, struct yaml_node *map,
                         const struct yaml_node *place)
{
    const struct yaml_node *before = yaml_get(place, "before"), *after = yaml_get(place, "after");
    const struct yaml_node *id = before != NULL ? before : after;
    size_t index;

    if (place->kind != YAML_MAP || place->count != 1 || id == NULL || id->kind != YAML_SCALAR) {
        diag_help(overlay->diags,
                  place_fault(overlay, place->place, "before or after",
                              "`place` is {before: ID} or {after: ID}"),
                  "name one that stands beside it");
        return;
    }
    index = map_find(map, id->text);
    if (index + 1 >= map->count)
        unknown_sibling(overlay, map, id);
    else
        move_last(map, index + (before == NULL));
}

/* ---- Parts. ---- */

static const struct yaml_node *merge_part(struct overlay *overlay, const struct table *table,
                                          const struct yaml_node *target,
                                          const struct yaml_node *patch);

static const struct yaml_node *merge_parts(struct overlay *overlay, const struct table *table,
                                           const struct yaml_node *target,
                                           const struct yaml_node *patch);

/* What stands under a key that both have, or that is new (`target` NULL). NULL: nothing. */
static const struct yaml_node *merge_value(struct overlay *overlay, const struct key *key,
                                           const struct yaml_node *target,
                                           const struct yaml_entry *entry)
{
    const struct yaml_node *patch = entry->value;
    const struct yaml_node *final = target != NULL ? final_under(key, target) : NULL;
    bool are_maps = patch->kind == YAML_MAP && (target == NULL || target->kind == YAML_MAP);

    if (has_parts(key) && are_maps)
        return is_one_part(key, target != NULL ? target : patch)
                   ? merge_part(overlay, key->of, target, patch)
                   : merge_parts(overlay, key->of, target, patch);
    if (final == NULL)
        return overlay_patch(overlay->arena, target, patch);
    refuse_final(overlay, entry, final, false);
    return target;
}

static void warn_of_nothing(struct overlay *overlay, const struct yaml_entry *entry)
{
    struct diag *diag =
        diag_add(overlay->diags, DIAG_WARNING, W_NOTHING, entry->key_place,
                 "\"%.*s\" is deleted here, and its parent has none", TEXT_ARG(entry->key));

    diag->label = TEXT(N_("nothing"));
}

static const struct yaml_node *merge_part(struct overlay *overlay, const struct table *table,
                                          const struct yaml_node *target,
                                          const struct yaml_node *patch)
{
    struct yaml_node *map = map_begin(overlay->arena, target, patch);

    for (size_t i = 0; i < patch->count; i++) {
        const struct yaml_entry *entry = &patch->entries[i];
        const struct key *key = workflow_table_key(table, entry->key);
        size_t index = map_find(map, entry->key);
        const struct yaml_node *before = index < map->count ? map->entries[index].value : NULL;
        const struct yaml_node *value;

        if (before != NULL && key != NULL && has_parts(key) && is_one_part(key, before) &&
            is_final(key->of, before)) {
            refuse_final(overlay, entry, before, true);
            continue;
        }
        value = merge_value(overlay, key, before, entry);
        if (value != NULL)
            map_put(map, index, entry, value);
        else if (before != NULL)
            map_remove(map, index);
        else
            warn_of_nothing(overlay, entry);
    }
    return map;
}

/* A new part without its `place`. */
static const struct yaml_node *without_place(struct arena *arena, const struct yaml_node *part)
{
    struct yaml_node *rest = ARENA_NEW(arena, struct yaml_node);

    *rest = *part;
    rest->entries = ARENA_ARRAY(arena, struct yaml_entry, part->count);
    rest->count = 0;
    for (size_t i = 0; i < part->count; i++)
        if (!text_is(part->entries[i].key, "place"))
            rest->entries[rest->count++] = part->entries[i];
    return rest;
}

static void add_part(struct overlay *overlay, const struct table *table, struct yaml_node *map,
                     const struct yaml_entry *entry)
{
    const struct yaml_node *part = entry->value, *place = yaml_get(part, "place");

    if (yaml_is_null(part)) {
        warn_of_nothing(overlay, entry);
        return;
    }
    if (part->kind == YAML_MAP && workflow_table_key(table, TEXT("place")) != NULL) {
        part = without_place(overlay->arena, part);
        part = merge_part(overlay, table, NULL, part);
    } else {
        part = overlay_patch(overlay->arena, NULL, part);
        place = NULL;
    }
    map_put(map, map->count, entry, part);
    if (place != NULL)
        put_in_place(overlay, map, place);
}

static void change_part(struct overlay *overlay, const struct table *table, struct yaml_node *map,
                        size_t index, const struct yaml_entry *entry)
{
    const struct yaml_node *part = map->entries[index].value;
    const struct yaml_node *final = final_in_part(table, part);
    const struct yaml_entry *place = yaml_entry(entry->value, "place");

    if (part->kind == YAML_MAP && is_final(table, part)) {
        refuse_final(overlay, entry, part, true);
    } else if (entry->value->kind == YAML_MAP) {
        if (place != NULL)
            diag_help(overlay->diags,
                      place_fault(overlay, place->key_place, "it has a place",
                                  "only what is new is put in a place"),
                      "the parent has it already; leave `place` out");
        map_put(map, index, entry, merge_part(overlay, table, part, entry->value));
    } else if (final != NULL) {
        refuse_final(overlay, entry, final, false);
    } else if (yaml_is_null(entry->value)) {
        map_remove(map, index);
    } else {
        map_put(map, index, entry, entry->value);
    }
}

static const struct yaml_node *merge_parts(struct overlay *overlay, const struct table *table,
                                           const struct yaml_node *target,
                                           const struct yaml_node *patch)
{
    struct yaml_node *map = map_begin(overlay->arena, target, patch);

    for (size_t i = 0; i < patch->count; i++) {
        size_t index = map_find(map, patch->entries[i].key);

        if (index == map->count)
            add_part(overlay, table, map, &patch->entries[i]);
        else
            change_part(overlay, table, map, index, &patch->entries[i]);
    }
    return map;
}

const struct yaml_node *overlay_merge(struct overlay *overlay, const struct yaml_node *target,
                                      const struct yaml_node *patch)
{
    if (!is_final(&workflow_table_top, target))
        return merge_part(overlay, &workflow_table_top, target, patch);
    for (size_t i = 0; i < patch->count; i++)
        if (text_is(patch->entries[i].key, "workflow"))
            refuse_final(overlay, &patch->entries[i], target, true);
    return target;
}
