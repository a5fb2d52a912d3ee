/* How texts of lines are bred: beside libFuzzer's own ways, whole lines are doubled, dropped, moved
 * in and out, and words of the text take the place of others, so that more of what comes is still a
 * workflow. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed);

/* A part of the text. */
struct part {
    size_t begin, size;
};

/* Puts `by` in the place of a part; the new size, or the old one where there is no room. */
static size_t replace(uint8_t *data, size_t size, size_t size_max, struct part part,
                      const uint8_t *by, size_t by_size)
{
    size_t behind = size - part.begin - part.size;

    if (size - part.size + by_size > size_max)
        return size;
    memmove(data + part.begin + by_size, data + part.begin + part.size, behind);
    memcpy(data + part.begin, by, by_size);
    return size - part.size + by_size;
}

/* Some line with its end. */
static struct part pick_line(struct fuzz_chance *chance, const uint8_t *data, size_t size)
{
    size_t at = fuzz_pick(chance, size), begin = at, end = at;

    while (begin > 0 && data[begin - 1] != '\n')
        begin--;
    while (end < size && data[end] != '\n')
        end++;
    return (struct part){begin, (end < size ? end + 1 : end) - begin};
}

static bool is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c >= 0x80;
}

/* Some word; of size 0 where there is none. */
static struct part pick_word(struct fuzz_chance *chance, const uint8_t *data, size_t size)
{
    size_t begin = fuzz_pick(chance, size), end;

    while (begin < size && !is_of_word(data[begin]))
        begin++;
    while (begin > 0 && begin < size && is_of_word(data[begin - 1]))
        begin--;
    for (end = begin; end < size && is_of_word(data[end]);)
        end++;
    return (struct part){begin, end - begin};
}

/* Some lines behind each other, with what is further in below the first. */
static struct part pick_block(struct fuzz_chance *chance, const uint8_t *data, size_t size)
{
    struct part block = pick_line(chance, data, size);
    size_t lines = fuzz_pick(chance, 6);

    while (lines-- > 0 && block.begin + block.size < size) {
        const uint8_t *at = data + block.begin + block.size;
        const uint8_t *end = memchr(at, '\n', (size_t)(data + size - at));
        block.size = (size_t)((end ? end + 1 : data + size) - (data + block.begin));
    }
    return block;
}

static size_t mutate(struct fuzz_chance *chance, uint8_t *data, size_t size, size_t size_max,
                     uint8_t *copy)
{
    struct part from = pick_block(chance, data, size), to = pick_line(chance, data, size);

    switch (fuzz_pick(chance, 5)) {
    case 0: /* drop lines */
        return replace(data, size, size_max, from, copy, 0);
    case 1: /* double lines elsewhere */
        memcpy(copy, data + from.begin, from.size);
        to.size = 0;
        return replace(data, size, size_max, to, copy, from.size);
    case 2: /* move a line in, or out */
        if (fuzz_pick(chance, 2) == 0)
            return replace(data, size, size_max, (struct part){to.begin, 0}, (const uint8_t *)"  ",
                           2);
        to.size = to.size > 2 && memcmp(data + to.begin, "  ", 2) == 0 ? 2 : 0;
        return replace(data, size, size_max, to, copy, 0);
    default: /* another word */
        from = pick_word(chance, data, size);
        to = pick_word(chance, data, size);
        memcpy(copy, data + from.begin, from.size);
        return replace(data, size, size_max, to, copy, from.size);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    struct fuzz_chance chance = {seed};

    if (size == 0 || fuzz_pick(&chance, 3) == 0)
        return LLVMFuzzerMutate(data, size, size_max);
    uint8_t *copy = malloc(size_max);
    CHECK(copy != NULL);
    for (size_t i = 1 + fuzz_pick(&chance, 3); i > 0 && size > 0; i--)
        size = mutate(&chance, data, size, size_max, copy);
    free(copy);
    return size > 0 ? size : LLVMFuzzerMutate(data, size, size_max);
}
