/* What cases are searched by: the words of their text fields, folded and as they sound, in memory
 * alone. Nothing of it is ever written. A case's words are borrowed fields' ids and one block. */
#ifndef SANKOFA_RUN_INDEX_H
#define SANKOFA_RUN_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/case.h"
#include "run/memory/table.h"

struct arena;

/* A word, and how it sounds. A search compares millions: what makes nearly all of them differ
 * stands first, beside each other. */
struct index_sound {
    uint32_t letters; /* a bit for each that is in it */
    uint32_t key_sum, bones_sum;
    struct text word, key, bones;
};

/* One word of one field. */
struct index_word {
    struct index_sound sound;
    bool is_sensitive;
    bool is_name;  /* of a field that says `name`; where none does, of a short, sensitive text */
    bool is_first; /* of its field's value */
    bool is_pair;  /* of a name: the words before and behind it, as if they were written as one */
    struct text field; /* the workflow's */
};

struct index_case {
    struct vault_case_id id;
    struct index_word *words;
    size_t count;
    uint64_t asked; /* the last index_alike that has it */
};

struct index {
    struct table by_id;
    struct table by_sound; /* cases by the bones of their names' words and pairs */
    uint64_t asked;
};

void index_init(struct index *index);
void index_finish(struct index *index);
/* The words of the case as its data is now, in place of those before. */
void index_put(struct index *index, const struct case_state *state);
/* Whether a change of a case, as a merge patch of it, is one of words. */
bool index_is_touched(const struct workflow *workflow, const struct value *patch);
/* Whether it is one of names. */
bool index_is_named(const struct workflow *workflow, const struct value *patch);
void index_drop(struct index *index, const struct vault_case_id *id);
/* NULL: it was not put yet. */
const struct index_case *index_find(const struct index *index, const struct vault_case_id *id);

/* The other cases with a name's word that sounds alike, in whichever field, each once; their
 * number. */
size_t index_alike(struct index *index, const struct index_case *one, struct arena *arena,
                   const struct index_case ***alike_out);

/* A search: the words that are looked for, and each with the one behind it as if they were written
 * as one (N Diaye), made once. */
enum { INDEX_WORDS_MAX = 8 };
struct index_query {
    struct index_sound words[INDEX_WORDS_MAX], pairs[INDEX_WORDS_MAX];
    size_t count;
};
/* Lives in `arena`. Words beyond INDEX_WORDS_MAX are left out. */
struct index_query index_query(struct arena *arena, struct text text);
/* How well a word fits one that is looked for: 0 (not at all) to 8 (the very word). */
int index_fit(const struct index_sound *wanted, const struct index_word *word);
/* The same where either is a pair: parts of it do not fit. */
int index_fit_whole(const struct index_sound *wanted, const struct index_word *word);
/* Whether two words of names may be one. */
bool index_is_alike(const struct index_word *a, const struct index_word *b);

#endif
