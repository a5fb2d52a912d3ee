/* What a plugin says of itself, as data: made by the host from the plugin's table, checked and read
 * by the daemon and the author's tools. */
#ifndef SANKOFA_WIRE_DESCRIBE_H
#define SANKOFA_WIRE_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

enum {
    PLUGIN_STEP_TYPES_MAX = 64,
    PLUGIN_FIELDS_MAX = 64, /* of one list */
    PLUGIN_OPTIONS_MAX = 256,
    PLUGIN_WORDS_BYTES_MAX = 1000, /* of a summary, a doc, an initial value */
    PLUGIN_OPTION_BYTES_MAX = 100,
    PLUGIN_VERSION_BYTES_MAX = 64,
    PLUGIN_NEEDS_ALL = 7,
    PLUGIN_TIMEOUT_MS_MAX = 24 * 3600 * 1000
};

enum plugin_kind { /* the numbers of sankofa/step.h */
                   PLUGIN_TEXT = 1,
                   PLUGIN_INTEGER,
                   PLUGIN_NUMBER,
                   PLUGIN_BOOLEAN,
                   PLUGIN_DATE,
                   PLUGIN_TIMESTAMP,
                   PLUGIN_TEXTS
};

struct plugin_field {
    struct text name, initial, unit, doc; /* empty where there is none */
    enum plugin_kind kind;
    bool required, has_initial;
    const struct text *options;
    size_t option_count;
};

struct plugin_fields {
    const struct plugin_field *items;
    size_t count;
};

struct plugin_step_type {
    struct text name, summary;
    bool is_check, is_idempotent, parks; /* parks: it has `resume` */
    bool has_drop;
    uint32_t needs;
    int64_t timeout_ms;
    struct plugin_fields inputs, outputs, answers;
};

struct plugin_description {
    struct text name, version, summary;
    const struct plugin_step_type *step_types;
    size_t step_type_count;
};

/* The body of a LOADED frame. */
struct value plugin_describe(struct arena *arena, const struct plugin_description *description);
/* Whether a description keeps the rules: names are ids and stand once, a check does not park,
 * initial values are of their kind, all within the bounds above. Else *why_out, a sentence. */
bool plugin_check(const struct plugin_description *description, struct arena *arena,
                  struct text *why_out);
/* Reads and checks one, which may come from anybody. Copies its texts. 0; or -EINVAL with *why_out,
 * a sentence naming what is wrong. */
int plugin_read(struct arena *arena, const struct value *body,
                struct plugin_description *description_out, struct text *why_out);

const struct plugin_step_type *plugin_step_type(const struct plugin_description *description,
                                                struct text name);
const struct plugin_field *plugin_field(struct plugin_fields fields, struct text name);
/* Whether a JSON value (or a timestamp that is still a value) is of the field's kind and among its
 * options; else *why_out, a sentence that names the field and not the value. */
bool plugin_accepts(const struct plugin_field *field, const struct value *value,
                    struct arena *arena, struct text *why_out);
/* Whether a map holds only fields that are declared, each accepted, and, if `required`, all that
 * are required. A member that is null counts as absent. `what` is "input", "output" or "answer".
 * Sentences name fields, never values. */
bool plugin_fits(struct plugin_fields fields, bool required, const char *what,
                 const struct value *map, struct arena *arena, struct text *why_out);
/* The value that `initial` stands for; VALUE_NULL where there is none. False: it is not of the
 * field's kind. */
bool plugin_initial(const struct plugin_field *field, struct arena *arena, struct value *value_out);
const char *plugin_kind_name(enum plugin_kind kind);

/* Finds plugins by name, for whoever checks a workflow. `find` returns NULL for one that is not
 * there, with *why_out a sentence ("no plugin of this name is configured"). */
struct plugin_source {
    void *self;
    const struct plugin_description *(*find)(void *self, struct text name, struct text *why_out);
};

#endif
