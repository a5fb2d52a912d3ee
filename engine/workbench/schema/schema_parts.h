/* Building the schema; internal to workbench/. schema.c makes maps of tables, schema_key.c what
 * stands under one key, schema_variant.c the rules that hang on what a map is. */
#ifndef SANKOFA_WORKBENCH_SCHEMA_PARTS_H
#define SANKOFA_WORKBENCH_SCHEMA_PARTS_H

#include "base/value.h"
#include "workbench/schema/schema.h"
#include "workflow/shape/tables.h"

/* The definitions that are there, and those that were asked for: one for each table and variant;
 * and of overlays once more, where nothing must stand and null deletes. */
struct schema {
    struct arena *arena;
    struct schema_wanted {
        const struct table *table;
        uint32_t where; /* ANYWHERE: the map tells by its own keys */
        bool is_patch;
        struct text name;
    } * wanted;
    size_t count, capacity;
};

/* {"$ref": ...}; the definition is made later. */
struct value schema_reference(struct schema *schema, const struct table *table, uint32_t where,
                              bool is_patch);
/* What may stand under a key. */
struct value schema_key(struct schema *schema, const struct key *key, bool is_patch);
/* The rules of states, fields and actions, by what they are; an empty list for other tables. */
struct value schema_variants(struct schema *schema, const struct table *table);

/* {"type": type}, {"enum": [words]}, {"required": [name]} and their like. */
struct value schema_type(struct schema *schema, const char *type);
/* A text, as an editor takes it; and {"$ref": ...} to that. */
struct value schema_text(struct schema *schema);
struct value schema_scalar(struct schema *schema);
struct value schema_words(struct schema *schema, const char *const *words);
struct value schema_required(struct schema *schema, const char *name);

#endif
