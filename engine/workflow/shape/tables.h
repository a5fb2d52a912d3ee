/* The keys of a workflow file, as tables: one per kind of map. The loader checks the shape of a
 * file by them (shape.h), and they tell everything that a schema for editors needs.
 *
 * Words: a key's *shape* is what may stand under it; `where` is in which variants of its map it
 * has a meaning (bits of the enums below), `required` in which it must stand. */
#ifndef SANKOFA_WORKFLOW_TABLES_H
#define SANKOFA_WORKFLOW_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum key_shape {
    KEY_TEXT,        /* one text */
    KEY_FLAG,        /* true or false */
    KEY_COUNT,       /* a whole number from 1 */
    KEY_NUMBER,      /* a number */
    KEY_WORD,        /* one of `words` */
    KEY_WORD_LIST,   /* a list of such */
    KEY_ID_LIST,     /* a list of names declared elsewhere */
    KEY_NAME_LIST,   /* the same, which may be empty */
    KEY_TARGETS,     /* the name of a state (of `to`: of a role), or a list of such */
    KEY_WORDS,       /* a text for people: a text, or a map of language to text */
    KEY_WORDS_BY_ID, /* a map of id to such */
    KEY_DAYS,        /* a map of day to such */
    KEY_EXPRESSION,  /* CEL */
    KEY_VALUE,       /* a text, a list of texts, or `= CEL` */
    KEY_VALUES,      /* a map of name to such */
    KEY_WORD_BY_ID,  /* a map of name to one of `words` */
    KEY_TEXT_BY_ID,  /* a map of name to text */
    KEY_MAP,         /* a map by the table `of` */
    KEY_MAPS,        /* a map of id to such */
    KEY_MAP_OR_MAPS, /* either: the first where one of its keys is a key of `of` */
    KEY_TEXT_OR_MAP, /* a text, or a map by the table `of` */
    KEY_ACTIONS      /* a list of maps by the table `of`, or of lists of such */
};

/* Variants of maps. */
enum {
    STATE_ATOMIC = 1,
    STATE_COMPOUND = 2,
    STATE_PARALLEL = 4,
    STATE_FINAL = 8,
    STATE_HISTORY = 16,
    STATE_LIVING = STATE_ATOMIC | STATE_COMPOUND | STATE_PARALLEL, /* something may happen in it */
    STATE_ENTERED = STATE_LIVING | STATE_FINAL
};
enum {
    ON = 1,
    ALWAYS = 2,
    AFTER = 4,
    DONE = 8,
    DEFAULT = 16, /* of a history */
    CHOSEN = ON | ALWAYS | AFTER | DONE
};
enum { ACTION_PLAIN = 1, ACTION_IF = 2 };
/* Fields: 1 << enum field_type. A map of one variant alone: ANYWHERE. */
#define ANYWHERE UINT32_MAX

struct table;

struct key {
    const char *name;
    enum key_shape shape;
    const struct table *of;
    const char *const *words; /* ended by NULL */
    uint32_t where;
    uint32_t required;
    uint32_t of_where; /* the variant of the maps under it; 0: ask the table */
    const char *only;  /* what it belongs to: "a choice, or a list of choices" */
};

struct table {
    const char *noun; /* "a transition" */
    const struct key *keys;
    size_t count;
};

extern const struct table workflow_table_top, workflow_table_open, workflow_table_role,
    workflow_table_field, workflow_table_state, workflow_table_transition, workflow_table_check,
    workflow_table_step, workflow_table_answer, workflow_table_retry, workflow_table_deadline,
    workflow_table_action, workflow_table_raise, workflow_table_send;

extern const struct table workflow_table_calendar, workflow_table_approve, workflow_table_notify;

extern const char *const workflow_field_types[]; /* by enum field_type */
extern const char *const workflow_weekdays[];    /* sun to sat, then sunday to saturday */

/* NULL for an unknown one. */
const struct key *workflow_table_key(const struct table *table, struct text name);

#endif
