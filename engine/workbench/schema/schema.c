/* The JSON Schema of workflow files, made of the loader's tables: one definition for each kind of
 * map, and one more for what an overlay may write in its place. */
#include "workbench/schema/schema.h"

#include "base/arena.h"
#include "workbench/render.h"
#include "workbench/schema/schema_parts.h"

/* "a transition" and "`open`" are "transition" and "open". */
static struct text bare(struct text noun)
{
    if (text_begins(noun, "`"))
        return (struct text){noun.bytes + 1, noun.size - 2};
    while (noun.size > 0 && noun.bytes[0] != ' ')
        noun = (struct text){noun.bytes + 1, noun.size - 1};
    return (struct text){noun.bytes + 1, noun.size - 1};
}

static const char *variant_name(const struct table *table, uint32_t where)
{
    static const struct {
        uint32_t where;
        const char *name;
    } names[] = {{ON, "_on"},
                 {ALWAYS, "_always"},
                 {AFTER, "_after"},
                 {DONE, "_done"},
                 {DEFAULT, "_default"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (table == &workflow_table_transition && names[i].where == where)
            return names[i].name;
    return "";
}

static void want(struct schema *schema, const struct table *table, uint32_t where, bool is_patch,
                 struct text name)
{
    if (schema->count == schema->capacity) {
        size_t capacity = schema->capacity * 2 + 32;
        struct schema_wanted *wanted = ARENA_ARRAY(schema->arena, struct schema_wanted, capacity);

        for (size_t i = 0; i < schema->count; i++)
            wanted[i] = schema->wanted[i];
        schema->wanted = wanted;
        schema->capacity = capacity;
    }
    schema->wanted[schema->count++] = (struct schema_wanted){table, where, is_patch, name};
}

struct value schema_reference(struct schema *schema, const struct table *table, uint32_t where,
                              bool is_patch)
{
    struct text name =
        text_printf(schema->arena, "%.*s%s%s", TEXT_ARG(bare(text_from(table->noun))),
                    variant_name(table, where), is_patch ? "_in_overlay" : "");
    struct value map = value_map(schema->arena);
    size_t at = 0;

    while (at < schema->count && !text_equal(schema->wanted[at].name, name))
        at++;
    if (at == schema->count)
        want(schema, table, where, is_patch, name);
    value_put(&map, "$ref",
              value_string(text_printf(schema->arena, "#/definitions/%.*s", TEXT_ARG(name))));
    return map;
}

/* What stands elsewhere is no key here: an editor marks it. */
static bool has_place(const struct key *key, uint32_t where, bool is_patch)
{
    if (key->where == 0)
        return is_patch && key->of == NULL && text_is(text_from(key->name), "place");
    return (key->where & where) != 0;
}

static struct value definition(struct schema *schema, const struct schema_wanted *wanted)
{
    const struct table *table = wanted->table;
    struct value map = schema_type(schema, "object"), properties = value_map(schema->arena),
                 required = value_list(schema->arena), variants;

    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];

        if (!has_place(key, wanted->where, wanted->is_patch))
            continue;
        value_put(&properties, key->name, schema_key(schema, key, wanted->is_patch));
        if (!wanted->is_patch && (key->required == ANYWHERE ||
                                  (wanted->where != ANYWHERE && (key->required & wanted->where))))
            value_append(&required, value_cstring(key->name));
    }
    value_put(&map, "properties", properties);
    value_put(&map, "additionalProperties", value_bool(false));
    if (value_count(&required) > 0)
        value_put(&map, "required", required);
    variants = schema_variants(schema, table);
    if (!wanted->is_patch && value_count(&variants) > 0)
        value_put(&map, "allOf", variants);
    return map;
}

/* Each definition may ask for others behind it. */
static struct value definitions(struct schema *schema)
{
    struct value map = value_map(schema->arena);

    value_put(&map, "text", schema_text(schema));
    for (size_t i = 0; i < schema->count; i++) {
        struct schema_wanted wanted = schema->wanted[i];

        value_set(&map, wanted.name, definition(schema, &wanted));
    }
    return map;
}

struct text workbench_schema(struct arena *arena)
{
    struct schema schema = {.arena = arena};
    struct value map = value_map(arena);
    struct value whole, overlay;

    whole = schema_reference(&schema, &workflow_table_top, ANYWHERE, false);
    overlay = schema_reference(&schema, &workflow_table_top, ANYWHERE, true);
    value_put(&map, "$schema", value_cstring("http://json-schema.org/draft-07/schema#"));
    value_put(&map, "title", value_cstring("A workflow of Sankofa"));
    value_put(&map, "type", value_cstring("object"));
    value_put(&map, "if", schema_required(&schema, "extends"));
    value_put(&map, "then", overlay);
    value_put(&map, "else", whole);
    value_put(&map, "definitions", definitions(&schema));
    return render_json(&map, arena);
}
