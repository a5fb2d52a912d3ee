/* How two trees are compared; internal to workbench/. diff_states.c takes the states, which move;
 * diff_part.c what a part says, diff_words.c calls it by words; diff.c the whole, and writing it.
 */
#ifndef SANKOFA_WORKBENCH_DIFF_PARTS_H
#define SANKOFA_WORKBENCH_DIFF_PARTS_H

#include "workbench/diff/diff.h"
#include "workbench/tree.h"
#include "workflow/shape/tables.h"

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };

struct diff_change {
    enum diff_kind kind;
    struct text group;                      /* a heading: "Roles", "State \"travel\" (Travel)" */
    struct text part;                       /* in it: "transition \"decide\""; may be empty */
    struct text key;                        /* of the file; may be empty */
    struct text words;                      /* "the guard is now `x` (was `y`)" */
    struct place place;                     /* in the file that has it */
    const struct yaml_node *before, *after; /* NULL: not there, or the whole part */
    const struct diff_change *next;
};

struct diff {
    struct arena *arena;
    const struct tree *before, *after;
    struct text language; /* of titles */
    bool is_data;         /* as JSON: what is said is English */
    struct diff_change *first, *last;
    size_t counts[3]; /* by enum diff_kind */
};

/* What contrib/words gathers, in the language of gettext; English where it goes into data. */
__attribute__((format_arg(2))) const char *diff_say(const struct diff *diff, const char *words);

/* Where a comparison stands. */
struct diff_where {
    struct text group, part;
};

/* `words` is said in the language, too. */
__attribute__((format(printf, 6, 7))) struct diff_change *
diff_add(struct diff *diff, enum diff_kind kind, const struct diff_where *where, struct text key,
         struct place place, const char *words, ...);

/* Same content; places and quotes are no difference. NULL equals NULL. */
bool diff_same(const struct yaml_node *a, const struct yaml_node *b);
/* What two maps of one table say, by its keys; `states` is left to diff_states. */
void diff_part(struct diff *diff, const struct diff_where *where, const struct table *table,
               const struct yaml_node *before, const struct yaml_node *after);
/* Parts of a kind: roles, fields, transitions. */
void diff_maps(struct diff *diff, const struct diff_where *where, const struct key *key,
               const struct yaml_node *before, const struct yaml_node *after);
/* All states of both, wherever they stand. */
void diff_states(struct diff *diff);
/* "state \"travel\" (Travel)" */
struct text diff_name(const struct diff *diff, const struct tree *tree, const char *noun,
                      struct text id, const struct yaml_node *part);
/* "transition" for what stands under `on`, and "transitions"; the key itself for what has no noun.
 */
const char *diff_noun(const struct diff *diff, const char *key);
const char *diff_nouns(const struct diff *diff, const char *key);
/* How a key is called in a sentence; one that has no words is called as in the file. */
struct diff_label {
    const char *key, *words;
    bool is_many; /* "the roles are" */
};
struct diff_label diff_label(const struct diff *diff, const char *key);
/* What a flag says of its part: "sensitive". */
struct diff_label diff_flag(const struct diff *diff, const char *key);
/* What stands under a key, for a sentence: not longer than a few lines. */
struct text diff_shown(const struct diff *diff, const struct key *key, const struct tree *tree,
                       const struct yaml_node *node);
/* Whether those that both maps have stand in the same order. */
bool diff_same_order(const struct yaml_node *before, const struct yaml_node *after);

#endif
