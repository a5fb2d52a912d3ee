/* Base 64, the standard alphabet, padded; read as strictly as it is written. */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t encoded_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

struct text text_base64(struct arena *arena, const void *bytes, size_t size)
{
    const uint8_t *in = bytes;
    char *out = arena_alloc(arena, encoded_size(size) + 1);
    size_t at = 0;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)in[i] << 16;

        group |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        group |= left > 2 ? in[i + 2] : 0;
        out[at++] = alphabet[group >> 18];
        out[at++] = alphabet[group >> 12 & 63];
        out[at++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
        out[at++] = left > 2 ? alphabet[group & 63] : '=';
    }
    return (struct text){out, at};
}

/* -1: it is no letter of the alphabet. */
static int letter_value(char letter)
{
    const char *at = letter ? strchr(alphabet, letter) : NULL;

    return at ? (int)(at - alphabet) : -1;
}

/* Four letters, of which the last 3 - `bytes` are padding, whose unused bits are zero. */
static bool read_group(const char *letters, size_t bytes, uint8_t *out)
{
    uint32_t group = 0;

    for (size_t i = 0; i < 4; i++) {
        int value = i <= bytes ? letter_value(letters[i]) : letters[i] == '=' ? 0 : -1;

        if (value < 0)
            return false;
        group = group << 6 | (uint32_t)value;
    }
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(group >> (16 - 8 * i));
    return (group & ((1u << (8 * (3 - bytes))) - 1)) == 0;
}

bool text_from_base64(struct text base64, void *bytes_out, size_t size)
{
    uint8_t *out = bytes_out;

    if (base64.size != encoded_size(size))
        return false;
    for (size_t i = 0; i < size; i += 3)
        if (!read_group(base64.bytes + i / 3 * 4, size - i < 3 ? size - i : 3, out + i))
            return false;
    return true;
}
