/* The fields of a workflow: what a case may hold, and how a value of the socket becomes one. */
#ifndef SANKOFA_WORKFLOW_FIELD_H
#define SANKOFA_WORKFLOW_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"
#include "cel/cel.h"

struct arena;

/* A text for people, by language; `any` is the one written without a language. */
struct workflow_words {
    struct text any;
    const struct workflow_word {
        struct text language, text;
    } * items;
    size_t count;
};

enum field_type {
    FIELD_TEXT,
    FIELD_INTEGER,
    FIELD_NUMBER,
    FIELD_BOOLEAN,
    FIELD_DATE,
    FIELD_TIME,
    FIELD_CHOICE,
    FIELD_LIST,
    FIELD_DOCUMENT,
    FIELD_PERSON,
    FIELD_CASE
};

struct field_option {
    struct text id;
    struct workflow_words title;
};

struct workflow_field {
    struct text id;
    enum field_type type, of; /* `of`: of a list's items */
    struct workflow_words title;
    bool sensitive;
    bool is_name;                       /* of a person: cases are compared by such */
    const struct field_option *options; /* of a choice, or of a list of choices */
    size_t option_count;
    bool has_min, has_max;
    double min, max;
    size_t length_max; /* code points; 0: FIELD_LENGTH_MAX */
    size_t items_max;  /* 0: FIELD_ITEMS_MAX */
    bool has_initial;
    struct value initial; /* stored form */
    const struct cel_type *cel_type;
};

enum { FIELD_LENGTH_MAX = 4000, FIELD_ITEMS_MAX = 200 };

/* A field has two forms of a value: *stored* (JSON's kinds: dates as "2012-05-04") and *typed*
 * (CEL's: dates as timestamps). Null is no value of any field: it unsets one, and every function
 * here lets it through as null. Text is UTF-8 without control characters but newline and tab, and
 * is not blank.
 *
 * Takes what came from outside. True and *stored_out (in `arena`; equal in meaning, dates checked,
 * integers for whole doubles of number fields as doubles), or false and *why_out, a sentence; the
 * nearest option in *suggest_out for a choice. */
bool field_accept(const struct workflow_field *field, const struct value *given,
                  struct arena *arena, struct value *stored_out, struct text *why_out,
                  struct text *suggest_out);
/* Reads a literal of a workflow file by the field's type (`initial`, `set`). As field_accept. */
bool field_read(const struct workflow_field *field, struct text literal, struct arena *arena,
                struct value *stored_out, struct text *why_out);
/* Stored to typed; `stored` was accepted before. */
struct value field_typed(const struct workflow_field *field, const struct value *stored,
                         struct arena *arena);
/* Typed (the result of an expression) to stored, with the field's rules checked. */
bool field_store(const struct workflow_field *field, const struct value *typed, struct arena *arena,
                 struct value *stored_out, struct text *why_out);
/* What the items of a list are: the list's rules with the type of one. */
struct workflow_field field_item(const struct workflow_field *list);
const char *field_type_name(enum field_type type);

#endif
