/* Texts that stand for bytes and numbers: hexadecimal, integers, doubles. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/text.h"

enum { NUMBER_BYTES_MAX = 511 };

struct text text_hex(struct arena *arena, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    char *hex = arena_alloc(arena, 2 * size + 1);
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[from[i] >> 4];
        hex[2 * i + 1] = digits[from[i] & 0x0f];
    }
    return (struct text){hex, 2 * size};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_from_hex(struct text hex, void *bytes_out, size_t size)
{
    unsigned char *to = bytes_out;
    if (hex.size % 2 != 0 || hex.size / 2 != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(hex.bytes[2 * i]), low = hex_digit(hex.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static size_t digits_at(struct text text, size_t at)
{
    size_t count = 0;
    while (at + count < text.size && text.bytes[at + count] >= '0' && text.bytes[at + count] <= '9')
        count++;
    return count;
}

bool text_to_int(struct text text, int64_t *number_out)
{
    bool negative = text.size > 0 && text.bytes[0] == '-';
    size_t at = negative ? 1 : 0;
    if (digits_at(text, at) == 0 || at + digits_at(text, at) != text.size)
        return false;
    int64_t number = 0;
    for (; at < text.size; at++) {
        int64_t digit = text.bytes[at] - '0';
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digit, &number))
            return false;
    }
    /* Counted downwards, because the lowest number has no positive twin. */
    if (!negative && __builtin_sub_overflow(0, number, &number))
        return false;
    *number_out = number;
    return true;
}

/* The grammar of RFC 8259, section 6. */
static bool is_json_number(struct text text)
{
    size_t at = text.size > 0 && text.bytes[0] == '-' ? 1 : 0;
    size_t whole = digits_at(text, at);
    if (whole == 0 || (whole > 1 && text.bytes[at] == '0'))
        return false;
    at += whole;
    if (at < text.size && text.bytes[at] == '.') {
        size_t decimals = digits_at(text, at + 1);
        if (decimals == 0)
            return false;
        at += 1 + decimals;
    }
    if (at < text.size && (text.bytes[at] == 'e' || text.bytes[at] == 'E')) {
        at++;
        if (at < text.size && (text.bytes[at] == '+' || text.bytes[at] == '-'))
            at++;
        size_t digits = digits_at(text, at);
        if (digits == 0)
            return false;
        at += digits;
    }
    return at == text.size;
}

bool text_to_double(struct text text, double *number_out)
{
    if (!is_json_number(text) || text.size > NUMBER_BYTES_MAX)
        return false;
    char digits[NUMBER_BYTES_MAX + 1];
    memcpy(digits, text.bytes, text.size);
    digits[text.size] = '\0';
    /* In the C locale, whatever the program's own is. glibc hands out a static object for it. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    CHECK(c_locale != (locale_t)0);
    double number = strtod_l(digits, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(number))
        return false;
    *number_out = number;
    return true;
}
