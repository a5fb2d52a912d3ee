/* Codes of cases: SN-2026-00042-G. The last character is a check by ISO 7064 MOD 37,36 over the
 * letters and digits before it, so that a code read out over a bad line is not another case's. */
#include "base/arena.h"
#include "base/check.h"
#include "case/view.h"

enum { MODULUS = 36, SERIAL_DIGITS = 5, CODE_BYTES_MAX = 40 };

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* -1 for what is not in the alphabet. */
static int alphabet_position(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

/* What the characters so far double to, by the standard's hybrid system: modulo 37 between
 * characters, modulo 36 where one is added. Dashes do not count. */
static int doubled(struct text text)
{
    int check = MODULUS;
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '-')
            continue;
        int sum = (check + alphabet_position(text.bytes[i])) % MODULUS;
        check = (sum == 0 ? MODULUS : sum) * 2 % (MODULUS + 1);
    }
    return check;
}

static char check_character(struct text text)
{
    return alphabet[(MODULUS + 1 - doubled(text)) % MODULUS];
}

struct text case_code(struct arena *arena, struct text country, int year, uint64_t serial)
{
    struct text shown = text_is_empty(country) ? TEXT("ZZ") : country;
    CHECK(year >= 0);
    CHECK(year <= 9999);
    struct text body = text_printf(arena, "%.*s-%04d-%0*llu", TEXT_ARG(shown), year, SERIAL_DIGITS,
                                   (unsigned long long)serial);
    return text_printf(arena, "%.*s-%c", TEXT_ARG(body), check_character(body));
}

/* The characters from *at that lie between `low` and `high`; *at is moved behind them. */
static size_t span(struct text text, size_t *at, char low, char high)
{
    size_t from = *at;
    while (*at < text.size && text.bytes[*at] >= low && text.bytes[*at] <= high)
        (*at)++;
    return *at - from;
}

static bool dash(struct text text, size_t *at)
{
    return *at < text.size && text.bytes[(*at)++] == '-';
}

bool case_code_is_valid(struct text code)
{
    size_t at = 0;
    if (code.size > CODE_BYTES_MAX || span(code, &at, 'A', 'Z') != 2 || !dash(code, &at) ||
        span(code, &at, '0', '9') != 4 || !dash(code, &at) ||
        span(code, &at, '0', '9') < SERIAL_DIGITS || !dash(code, &at) || at + 1 != code.size)
        return false;
    return check_character((struct text){code.bytes, code.size - 2}) == code.bytes[at];
}
