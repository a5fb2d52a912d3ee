/* What the fuzz targets share. Each is one file with LLVMFuzzerTestOneInput, which libFuzzer calls
 * with inputs that it breeds; whatever they are, no CHECK may fail, nothing may be read or written
 * out of bounds, and time and memory stay within the bounds of run.py. */
#ifndef SANKOFA_TESTS_FUZZ_H
#define SANKOFA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as decisions: what is asked behind its end is 0. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

static inline unsigned fuzz_byte(struct fuzz_bytes *bytes)
{
    if (bytes->left == 0)
        return 0;
    bytes->left--;
    return *bytes->at++;
}

/* A number below `bound`, which is 1 or more. */
static inline unsigned fuzz_below(struct fuzz_bytes *bytes, unsigned bound)
{
    unsigned high = bound > 256 ? fuzz_byte(bytes) << 8 : 0;

    return (high | fuzz_byte(bytes)) % bound;
}

/* Decisions where the input is a text that is needed whole: the same ones for the same text. */
struct fuzz_chance {
    uint64_t state;
};

static inline struct fuzz_chance fuzz_chance_of(struct text text)
{
    struct fuzz_chance chance = {0xcbf29ce484222325U};

    for (size_t i = 0; i < text.size; i++)
        chance.state = (chance.state ^ (unsigned char)text.bytes[i]) * 0x100000001b3U;
    return chance;
}

static inline uint64_t fuzz_next(struct fuzz_chance *chance)
{
    uint64_t mixed = chance->state += 0x9e3779b97f4a7c15U;

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebU;
    return mixed ^ mixed >> 31;
}

static inline size_t fuzz_pick(struct fuzz_chance *chance, size_t bound)
{
    return (size_t)(fuzz_next(chance) % bound);
}

/* values.c: values of every kind with those at the limits, at most `depth` levels deep. The doubles
 * are finite. */
struct value fuzz_value(struct fuzz_chance *chance, struct arena *arena, enum value_kind kind,
                        unsigned depth);
/* Of a kind that JSON has. */
struct value fuzz_json(struct fuzz_chance *chance, struct arena *arena, unsigned depth);

/* judge.c: what holds of every list of diagnostics for `source`: each has its words in UTF-8, a
 * place that the file has, and can be written in each shape. `failed`: it goes with a failure. */
void fuzz_judge_diags(const struct diag_list *diags, struct text source, bool failed);
/* What is written as JSON is read as the same value. `value` holds JSON's kinds alone. */
void fuzz_judge_json(struct arena *arena, const struct value *value);
/* That memory grows with the input and no faster: `base + each * size` bytes at most. */
void fuzz_judge_memory(const struct arena *arena, size_t base, size_t each, size_t size);

#endif
