/* Recovery shares as people write and type them. */
#include "vault/slots/shares.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/check.h"
#include "vault/primitives/crypto.h"
#include "vault/slots/shamir.h"

enum {
    SHARE_FORMAT = 1,
    LINE_PAYLOAD = 9,
    LINE_RAW = LINE_PAYLOAD + 1,
    LINE_CHARACTERS = LINE_RAW * 8 / 5,
    GROUP_CHARACTERS = 4,
    CRC_POLYNOMIAL = 0x07
};

struct share {
    uint8_t format[1], number[1], set[2], value[SHARES_SECRET_BYTES];
};
_Static_assert(sizeof(struct share) == SHARES_LINES * LINE_PAYLOAD, "a share fills its lines");
_Static_assert((int)SHARES_NEEDED <= (int)SHAMIR_NEEDED_MAX, "they can be combined");

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char set_label[] = "sankofa 1 recovery share set";

/* CRC-8; it begins with the line's number, so that lines cannot change places. */
static uint8_t check_of(const uint8_t *payload, unsigned line)
{
    uint8_t crc = (uint8_t)line;

    for (size_t i = 0; i < LINE_PAYLOAD; i++) {
        crc ^= payload[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint8_t)(crc << 1 ^ (CRC_POLYNOMIAL & -(crc >> 7)));
    }
    return crc;
}

uint16_t shares_set_of(const uint8_t secret[SHARES_SECRET_BYTES])
{
    uint8_t mac[CRYPTO_HASH_BYTES];

    crypto_hmac(secret, SHARES_SECRET_BYTES, set_label, sizeof(set_label) - 1, mac);
    return (uint16_t)(mac[0] << 8 | mac[1]);
}

/* ---- Writing. ---- */

static void write_line(const uint8_t *payload, unsigned line, char *text_out)
{
    uint32_t bits = 0;
    unsigned bit_count = 0, character_count = 0;

    for (size_t i = 0; i < LINE_RAW; i++) {
        bits = bits << 8 | (i < LINE_PAYLOAD ? payload[i] : check_of(payload, line));
        for (bit_count += 8; bit_count >= 5; bit_count -= 5) {
            *text_out++ = alphabet[bits >> (bit_count - 5) & 31];
            if (++character_count % GROUP_CHARACTERS == 0)
                *text_out++ = character_count < LINE_CHARACTERS ? ' ' : '\n';
        }
    }
}

static void write_share(const struct share *share, char text_out[SHARES_TEXT_BYTES])
{
    for (unsigned line = 0; line < SHARES_LINES; line++)
        write_line((const uint8_t *)share + line * LINE_PAYLOAD, line + 1,
                   text_out + line * SHARES_LINE_BYTES);
    text_out[SHARES_TEXT_BYTES - 1] = '\0';
}

/* What is needed for a moment, in the secure heap. */
struct making {
    uint8_t coefficients[(SHARES_NEEDED - 1) * SHARES_SECRET_BYTES];
    struct share share;
};

void shares_make(const struct port_random *random, struct shares *shares_out)
{
    struct making *making = crypto_secret_alloc(sizeof(*making));
    struct share *share = &making->share;
    uint16_t set;

    random->fill(random->self, shares_out->secret, sizeof(shares_out->secret));
    random->fill(random->self, making->coefficients, sizeof(making->coefficients));
    set = shares_set_of(shares_out->secret);
    share->format[0] = SHARE_FORMAT << 4 | SHARES_NEEDED;
    share->set[0] = (uint8_t)(set >> 8);
    share->set[1] = (uint8_t)set;
    for (uint8_t i = 0; i < SHARES_MADE; i++) {
        share->number[0] = (uint8_t)(i + 1);
        shamir_share(shares_out->secret, sizeof(shares_out->secret), making->coefficients,
                     SHARES_NEEDED, share->number[0], share->value);
        write_share(share, shares_out->texts[i]);
    }
    crypto_secret_free(making, sizeof(*making));
}

/* ---- Reading. ---- */

/* -1: it is none of the alphabet. */
static int digit_of(char character)
{
    if (character >= 'a' && character <= 'z')
        character = (char)(character - 'a' + 'A');
    if (character == 'O')
        character = '0';
    if (character == 'I' || character == 'L')
        character = '1';
    const char *at = character ? strchr(alphabet, character) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

static bool is_space(char character)
{
    return character != '\0' && strchr(" -\t\r\n", character) != NULL;
}

static bool line_is_good(const uint8_t raw[LINE_RAW], unsigned line)
{
    return check_of(raw, line) == raw[LINE_PAYLOAD];
}

/* 0, or -EINVAL with the line. */
static int read_share(struct text text, struct share *share_out, unsigned *line_out)
{
    uint8_t raw[LINE_RAW];
    unsigned line = 0, character_count = 0, bit_count = 0, bad_line = 0;
    uint32_t bits = 0;

    for (size_t i = 0; i < text.size; i++) {
        int digit = digit_of(text.bytes[i]);

        if (is_space(text.bytes[i]))
            continue;
        if (line == SHARES_LINES)
            return *line_out = 0, -EINVAL;
        if (digit < 0 && bad_line == 0)
            bad_line = line + 1;
        bits = bits << 5 | (digit < 0 ? 0 : (uint32_t)digit);
        bit_count += 5;
        if (bit_count >= 8) {
            bit_count -= 8;
            raw[character_count * 5 / 8] = (uint8_t)(bits >> bit_count);
        }
        if (++character_count < LINE_CHARACTERS)
            continue;
        if (bad_line == 0 && !line_is_good(raw, line + 1))
            bad_line = line + 1;
        memcpy((uint8_t *)share_out + line * LINE_PAYLOAD, raw, LINE_PAYLOAD);
        line++;
        character_count = 0;
    }
    crypto_wipe(raw, sizeof(raw));
    crypto_wipe(&bits, sizeof(bits));
    *line_out = line == SHARES_LINES && character_count == 0 ? bad_line : 0;
    return *line_out == 0 && line == SHARES_LINES && character_count == 0 ? 0 : -EINVAL;
}

static int read_all(const struct text *texts, size_t count, struct share *shares_out,
                    struct shares_fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        fault->share = i;
        if (read_share(texts[i], &shares_out[i], &fault->line) < 0)
            return -EINVAL;
        if (shares_out[i].format[0] >> 4 != SHARE_FORMAT || (shares_out[i].format[0] & 15) < 2 ||
            (shares_out[i].format[0] & 15) > SHAMIR_NEEDED_MAX || shares_out[i].number[0] == 0)
            return -EPROTONOSUPPORT;
        for (size_t j = 0; j < i; j++) {
            if (memcmp(shares_out[i].set, shares_out[j].set, sizeof(shares_out[i].set)) != 0 ||
                shares_out[i].format[0] != shares_out[j].format[0])
                return -EXDEV;
            if (shares_out[i].number[0] == shares_out[j].number[0])
                return -EEXIST;
        }
    }
    return 0;
}

static int combine(const struct share *shares, size_t count, uint8_t *secret_out,
                   struct shares_fault *fault)
{
    const uint8_t *values[SHAMIR_NEEDED_MAX];
    uint8_t numbers[SHAMIR_NEEDED_MAX];

    fault->needed = count > 0 ? shares[0].format[0] & 15 : SHARES_NEEDED;
    if (count < fault->needed)
        return -ENODATA;
    for (size_t i = 0; i < fault->needed; i++) {
        values[i] = shares[i].value;
        numbers[i] = shares[i].number[0];
    }
    shamir_combine(numbers, values, fault->needed, SHARES_SECRET_BYTES, secret_out);
    uint16_t set = shares_set_of(secret_out);
    return shares[0].set[0] == set >> 8 && shares[0].set[1] == (set & 255) ? 0 : -EBADMSG;
}

/* Where the next line begins; the line has no end. */
static size_t next_line(struct text typed, size_t at, struct text *line_out)
{
    size_t begin = at;

    while (at < typed.size && typed.bytes[at] != '\n')
        at++;
    *line_out = (struct text){typed.bytes + begin, at - begin};
    return at < typed.size ? at + 1 : at;
}

static bool is_empty(struct text line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!is_space(line.bytes[i]))
            return false;
    return true;
}

size_t shares_split(struct text typed, struct text shares_out[SHARES_MADE])
{
    size_t count = 0;
    bool is_within = false;

    for (size_t at = 0; at < typed.size;) {
        struct text line;

        at = next_line(typed, at, &line);
        if (is_empty(line)) {
            is_within = false;
            continue;
        }
        if (!is_within && count == SHARES_MADE)
            break;
        if (!is_within)
            shares_out[count++] = line;
        is_within = true;
        shares_out[count - 1].size = (size_t)(line.bytes + line.size - shares_out[count - 1].bytes);
    }
    return count;
}

int shares_combine(const struct text *texts, size_t count, uint8_t secret_out[SHARES_SECRET_BYTES],
                   struct shares_fault *fault_out)
{
    struct share *shares;
    int result;

    *fault_out = (struct shares_fault){.share = 0};
    if (count > SHARES_MADE)
        count = SHARES_MADE;
    CHECK(crypto_start() == 0); /* whoever types them may have nothing open yet */
    shares = crypto_secret_alloc(SHARES_MADE * sizeof(*shares));
    result = read_all(texts, count, shares, fault_out);
    if (result == 0)
        result = combine(shares, count, secret_out, fault_out);
    if (result < 0)
        crypto_wipe(secret_out, SHARES_SECRET_BYTES);
    crypto_secret_free(shares, SHARES_MADE * sizeof(*shares));
    return result;
}
