/* A short list: a country's office has tens of definitions, not thousands. */
#include "run/memory/registry.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"

static struct text hash_key(const void *item)
{
    return ((const struct registered *)item)->hash;
}

void registry_init(struct registry *registry)
{
    *registry = (struct registry){0};
    table_init(&registry->by_hash, hash_key);
}

void registry_finish(struct registry *registry)
{
    for (size_t i = 0; i < registry->count; i++) {
        arena_destroy(registry->items[i]->arena);
        free(registry->items[i]);
    }
    free(registry->items);
    table_finish(&registry->by_hash);
    *registry = (struct registry){0};
}

struct registered *registry_add(struct registry *registry, const struct workflow *workflow,
                                struct arena *arena, uint64_t loaded)
{
    struct text hash = text_hex(arena, workflow->hash, sizeof(workflow->hash));
    struct registered *one = table_find(&registry->by_hash, hash);

    if (one) {
        arena_destroy(arena);
        one->loaded = loaded;
        return one;
    }
    if (registry->count == registry->capacity) {
        registry->capacity = registry->capacity ? registry->capacity * 2 : 16;
        registry->items = realloc(registry->items, registry->capacity * sizeof(*registry->items));
        CHECK(registry->items);
    }
    one = calloc(1, sizeof(*one));
    CHECK(one);
    *one = (struct registered){workflow, hash, loaded, arena};
    registry->items[registry->count++] = one;
    table_add(&registry->by_hash, one);
    return one;
}

const struct registered *registry_hash(const struct registry *registry, struct text hash)
{
    return table_find(&registry->by_hash, hash);
}

const struct registered *registry_current(const struct registry *registry, struct text id)
{
    const struct registered *newest = NULL;

    for (size_t i = 0; i < registry->count; i++) {
        const struct registered *one = registry->items[i];
        if (text_equal(one->workflow->id, id) && (!newest || one->loaded > newest->loaded))
            newest = one;
    }
    return newest;
}

struct text registry_nearest(const struct registry *registry, struct text id, struct arena *arena)
{
    struct text *ids = ARENA_ARRAY(arena, struct text, registry->count);

    for (size_t i = 0; i < registry->count; i++)
        ids[i] = registry->items[i]->workflow->id;
    return text_nearest(id, ids, registry->count);
}

static bool find_parent(void *self, struct text id, struct text child, struct arena *arena,
                        struct workflow_parent *parent_out, struct text *why_out)
{
    const struct registered *one = registry_current(self, id);

    (void)child;
    if (one) {
        *parent_out = (struct workflow_parent){
            .file = one->workflow->id, .source = one->workflow->rendered, .is_rendered = true};
        return true;
    }
    parent_out->suggest = registry_nearest(self, id, arena);
    *why_out = TEXT(N_("no workflow of this name is loaded"));
    return false;
}

struct workflow_parents registry_parents(struct registry *registry)
{
    return (struct workflow_parents){registry, find_parent};
}

struct value registry_line(const struct registered *one, struct text language, struct arena *arena)
{
    const struct workflow *workflow = one->workflow;
    struct value line = value_map(arena), languages = value_list(arena);

    for (size_t i = 0; i < workflow->language_count; i++)
        value_append(&languages, value_string(workflow->languages[i]));
    value_put(&line, "id", value_string(workflow->id));
    value_put(&line, "version", value_string(workflow->version));
    value_put(&line, "title", value_string(workflow_say(workflow, &workflow->title, language)));
    value_put(&line, "country", value_string(workflow->country));
    value_put(&line, "hash", value_string(one->hash));
    value_put(&line, "languages", languages);
    if (workflow->is_abstract)
        value_put(&line, "abstract", value_bool(true));
    return line;
}
