/* Keys as text: Bech32 (BIP 173) without its bound of 90 characters, and base64. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "vault/age/internal.h"

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
static const char recipient_prefix[] = "age", identity_prefix[] = "age-secret-key-";

enum { GROUPS = (AGE_KEY_BYTES * 8 + 4) / 5, CHECKSUM_GROUPS = 6 };

/* ---- Bech32. ---- */

static uint32_t polymod_step(uint32_t sum, uint8_t value)
{
    static const uint32_t generators[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = sum >> 25;

    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (size_t i = 0; i < 5; i++)
        if (top >> i & 1)
            sum ^= generators[i];
    return sum;
}

/* Of the prefix and the groups. */
static uint32_t polymod(const char *prefix, const uint8_t *groups, size_t count)
{
    uint32_t sum = 1;

    for (const char *at = prefix; *at; at++)
        sum = polymod_step(sum, (uint8_t)*at >> 5);
    sum = polymod_step(sum, 0);
    for (const char *at = prefix; *at; at++)
        sum = polymod_step(sum, *at & 31);
    for (size_t i = 0; i < count; i++)
        sum = polymod_step(sum, groups[i]);
    return sum;
}

static void to_groups(const uint8_t key[AGE_KEY_BYTES], uint8_t groups_out[GROUPS])
{
    for (size_t i = 0; i < GROUPS; i++) {
        unsigned group = 0;

        for (size_t bit = i * 5; bit < i * 5 + 5; bit++)
            group = group << 1 |
                    (bit < AGE_KEY_BYTES * 8 ? (unsigned)key[bit / 8] >> (7 - bit % 8) & 1u : 0u);
        groups_out[i] = (uint8_t)group;
    }
}

/* False where a bit behind the key is set. */
static bool from_groups(const uint8_t groups[GROUPS], uint8_t key_out[AGE_KEY_BYTES])
{
    memset(key_out, 0, AGE_KEY_BYTES);
    for (size_t bit = 0; bit < GROUPS * 5; bit++) {
        unsigned value = (unsigned)groups[bit / 5] >> (4 - bit % 5) & 1u;

        if (bit < AGE_KEY_BYTES * 8)
            key_out[bit / 8] = (uint8_t)(key_out[bit / 8] | value << (7 - bit % 8));
        else if (value)
            return false;
    }
    return true;
}

static void encode(const char *prefix, const uint8_t key[AGE_KEY_BYTES],
                   char text_out[AGE_TEXT_BYTES])
{
    uint8_t groups[GROUPS + CHECKSUM_GROUPS] = {0};
    size_t size = strlen(prefix);

    to_groups(key, groups);
    uint32_t sum = polymod(prefix, groups, GROUPS + CHECKSUM_GROUPS) ^ 1;
    for (size_t i = 0; i < CHECKSUM_GROUPS; i++)
        groups[GROUPS + i] = sum >> 5 * (CHECKSUM_GROUPS - 1 - i) & 31;
    CHECK(size + 1 + sizeof(groups) < AGE_TEXT_BYTES);
    memcpy(text_out, prefix, size);
    text_out[size++] = '1';
    for (size_t i = 0; i < sizeof(groups); i++)
        text_out[size++] = alphabet[groups[i]];
    text_out[size] = '\0';
    crypto_wipe(groups, sizeof(groups));
}

/* All lower case, or all upper case. */
static bool decode(struct text text, const char *prefix, bool is_upper,
                   uint8_t key_out[AGE_KEY_BYTES])
{
    uint8_t groups[GROUPS + CHECKSUM_GROUPS];
    size_t size = strlen(prefix);
    char lower[AGE_TEXT_BYTES];

    if (text.size != size + 1 + sizeof(groups))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (is_upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
            return false;
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    bool good = memcmp(lower, prefix, size) == 0 && lower[size] == '1';
    for (size_t i = 0; i < sizeof(groups) && good; i++) {
        const char *found = memchr(alphabet, lower[size + 1 + i], sizeof(alphabet) - 1);
        good = found != NULL;
        groups[i] = found ? (uint8_t)(found - alphabet) : 0;
    }
    good = good && polymod(prefix, groups, sizeof(groups)) == 1 && from_groups(groups, key_out);
    crypto_wipe(groups, sizeof(groups));
    crypto_wipe(lower, sizeof(lower));
    return good;
}

/* ---- Files of keys. ---- */

static struct text next_line(struct text *lines)
{
    size_t size = 0;

    while (size < lines->size && lines->bytes[size] != '\n')
        size++;
    struct text line = {lines->bytes, size};
    size += size < lines->size;
    *lines = (struct text){lines->bytes + size, lines->size - size};
    while (line.size > 0 && (line.bytes[line.size - 1] == '\r' || line.bytes[line.size - 1] == ' '))
        line.size--;
    return line;
}

static bool read_keys(struct text lines, const char *prefix, bool is_upper,
                      struct age_keys *keys_out, size_t *line_out)
{
    keys_out->count = 0;
    for (*line_out = 1; lines.size > 0; ++*line_out) {
        struct text line = next_line(&lines);

        if (line.size == 0 || line.bytes[0] == '#')
            continue;
        if (keys_out->count == AGE_RECIPIENTS_MAX) {
            *line_out = 0;
            return false;
        }
        if (!decode(line, prefix, is_upper, keys_out->keys[keys_out->count]))
            return false;
        keys_out->count++;
    }
    *line_out = 0;
    return keys_out->count > 0;
}

bool age_read_recipients(struct text lines, struct age_keys *keys_out, size_t *line_out)
{
    return read_keys(lines, recipient_prefix, false, keys_out, line_out);
}

bool age_read_identities(struct text lines, struct age_keys *keys_out, size_t *line_out)
{
    return read_keys(lines, identity_prefix, true, keys_out, line_out);
}

void age_identity_create(const struct port_random *random, char identity_out[AGE_TEXT_BYTES],
                         char recipient_out[AGE_TEXT_BYTES])
{
    uint8_t public[AGE_KEY_BYTES];

    CHECK(crypto_start() == 0);
    uint8_t *secret = crypto_secret_alloc(AGE_KEY_BYTES);
    random->fill(random->self, secret, AGE_KEY_BYTES);
    age_x25519_public(secret, public);
    encode(recipient_prefix, public, recipient_out);
    encode(identity_prefix, secret, identity_out);
    for (char *at = identity_out; *at; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    crypto_secret_free(secret, AGE_KEY_BYTES);
}

/* ---- Base64. ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void age_base64_write(const uint8_t bytes[32], char text_out[AGE_BASE64_BYTES])
{
    size_t size = 0;

    for (size_t bit = 0; bit < 32 * 8; bit += 6) {
        unsigned digit = 0;

        for (size_t i = bit; i < bit + 6; i++)
            digit = digit << 1 | (i < 32 * 8 ? (unsigned)bytes[i / 8] >> (7 - i % 8) & 1u : 0u);
        text_out[size++] = digits[digit];
    }
    text_out[size] = '\0';
}

bool age_base64_read(struct text text, uint8_t bytes_out[32])
{
    char again[AGE_BASE64_BYTES];

    if (text.size != AGE_BASE64_BYTES - 1)
        return false;
    memset(bytes_out, 0, 32);
    for (size_t i = 0; i < text.size; i++) {
        const char *found = memchr(digits, text.bytes[i], sizeof(digits) - 1);

        if (!found)
            return false;
        for (size_t k = 0; k < 6; k++) {
            size_t bit = i * 6 + k;
            unsigned value = (unsigned)(found - digits) >> (5 - k) & 1u;
            if (bit < 32 * 8)
                bytes_out[bit / 8] = (uint8_t)(bytes_out[bit / 8] | value << (7 - bit % 8));
        }
    }
    age_base64_write(bytes_out, again); /* one form only: the bits behind are zero */
    return memcmp(again, text.bytes, text.size) == 0;
}
