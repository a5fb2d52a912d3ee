/* A YAML file as a tree with places.
 *
 * Scalars are text: what `3` or `no` means is decided by whoever reads the tree. Refused here, with
 * a place and what to write instead: anchors, aliases, tags, merge keys, duplicate keys, tabs as
 * indentation, a second document, more than YAML_BYTES_MAX, more than YAML_DEPTH_MAX levels, text
 * that is not UTF-8, keys that are not scalars. */
#ifndef SANKOFA_YAML_YAML_H
#define SANKOFA_YAML_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"

struct arena;

enum { YAML_BYTES_MAX = 1 << 20, YAML_DEPTH_MAX = 32 };

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_entry;

struct yaml_node {
    enum yaml_kind kind;
    struct place place; /* of the node's first character; a scalar's width is that of its text */
    bool plain;         /* a scalar written without quotes */
    struct text text;   /* of a scalar */
    struct yaml_entry *entries; /* of a map: key and value; of a list: value alone */
    size_t count;
};

struct yaml_entry {
    struct text key;
    struct place key_place;
    struct yaml_node *value;
};

/* Parses a whole file. `file` is the name shown in places. The tree lives in `diags->arena`.
 * Returns NULL with at least one error added; a file without a document is an error. */
struct yaml_node *yaml_parse(struct text source, struct text file, struct diag_list *diags);

/* The tree of a value (strings, lists, maps, nulls), without places: for stored definitions. */
struct yaml_node *yaml_from_value(struct arena *arena, const struct value *value);
/* The value of a tree: scalars as strings, but a plain empty scalar, ~ or null as null. */
struct value yaml_to_value(struct arena *arena, const struct yaml_node *node);

/* The entry of that key in a map, or NULL; also where `node` is NULL or no map. */
const struct yaml_entry *yaml_entry(const struct yaml_node *node, const char *key);
/* Its value, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);
/* A plain empty scalar, ~ or null. */
bool yaml_is_null(const struct yaml_node *node);

#endif
