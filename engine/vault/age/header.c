/* The header: for each recipient the file key, wrapped with what an ephemeral key and theirs give;
 * then a MAC by the file key over all of it.
 *
 *   age-encryption.org/v1
 *   -> X25519 <ephemeral share>
 *   <wrapped file key>
 *   --- <MAC> */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "vault/age/internal.h"

enum { BASE64_SIZE = AGE_BASE64_BYTES - 1, BODY_LINE_BYTES = 64 };

void age_wrap_key(struct age_secrets *secrets, const uint8_t share[AGE_KEY_BYTES],
                  const uint8_t recipient[AGE_KEY_BYTES])
{
    uint8_t salt[2 * AGE_KEY_BYTES];

    memcpy(salt, share, AGE_KEY_BYTES);
    memcpy(salt + AGE_KEY_BYTES, recipient, AGE_KEY_BYTES);
    crypto_hkdf(secrets->shared, sizeof(secrets->shared), salt, sizeof(salt), AGE_X25519_INFO,
                sizeof(AGE_X25519_INFO) - 1, secrets->wrap, sizeof(secrets->wrap));
}

void age_header_mac(const struct age_secrets *secrets, struct text header,
                    uint8_t mac_out[CRYPTO_HASH_BYTES])
{
    /* No salt is as many zeros as the hash is long (RFC 5869); OpenSSL 3.0 refuses an empty one. */
    static const uint8_t no_salt[CRYPTO_HASH_BYTES];
    uint8_t *key = crypto_thread_key();

    crypto_hkdf(secrets->file_key, sizeof(secrets->file_key), no_salt, sizeof(no_salt), "header", 6,
                key, CRYPTO_KEY_BYTES);
    crypto_hmac(key, CRYPTO_KEY_BYTES, header.bytes, header.size, mac_out);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
}

void age_payload_key(struct age_secrets *secrets, const uint8_t nonce[AGE_NONCE_BYTES])
{
    crypto_hkdf(secrets->file_key, sizeof(secrets->file_key), nonce, AGE_NONCE_BYTES, "payload", 7,
                secrets->payload, sizeof(secrets->payload));
}

void age_piece_nonce(uint64_t index, bool is_last, uint8_t nonce_out[CRYPTO_GCM_NONCE_BYTES])
{
    memset(nonce_out, 0, CRYPTO_GCM_NONCE_BYTES);
    for (size_t i = 0; i < 8; i++)
        nonce_out[3 + i] = (uint8_t)(index >> (56 - 8 * i));
    nonce_out[CRYPTO_GCM_NONCE_BYTES - 1] = is_last;
}

/* ---- Reading. ---- */

/* A line of the header, without its end; false: there is no end. */
static bool take_line(struct text *rest, struct text *line_out)
{
    const char *end = memchr(rest->bytes, '\n', rest->size);

    if (!end)
        return false;
    *line_out = (struct text){rest->bytes, (size_t)(end - rest->bytes)};
    *rest = (struct text){end + 1, rest->size - line_out->size - 1};
    return true;
}

static bool unwrap(const uint8_t share[AGE_KEY_BYTES], const uint8_t wrapped[AGE_WRAPPED_BYTES],
                   const uint8_t identity[AGE_KEY_BYTES], struct age_secrets *secrets)
{
    static const uint8_t nonce[CRYPTO_GCM_NONCE_BYTES];
    uint8_t recipient[AGE_KEY_BYTES];

    age_x25519_public(identity, recipient);
    if (!age_x25519(identity, share, secrets->shared))
        return false;
    age_wrap_key(secrets, share, recipient);
    return age_chacha_open(secrets->wrap, nonce, wrapped, AGE_WRAPPED_BYTES, secrets->file_key);
}

/* A stanza's first line was read; its body follows. Those of other kinds are read over. */
static int read_stanza(struct text *rest, struct text line, const struct age_keys *identities,
                       struct age_secrets *secrets, bool *is_open)
{
    size_t prefix = sizeof(AGE_STANZA) - 1;
    uint8_t share[AGE_KEY_BYTES], wrapped[AGE_WRAPPED_BYTES];
    bool is_ours = text_begins(line, AGE_STANZA);
    struct text body;

    do {
        if (!take_line(rest, &body) || body.size > BODY_LINE_BYTES)
            return -EBADMSG;
    } while (body.size == BODY_LINE_BYTES);
    if (!is_ours)
        return 0;
    if (!age_base64_read((struct text){line.bytes + prefix, line.size - prefix}, share) ||
        !age_base64_read(body, wrapped))
        return -EBADMSG;
    for (size_t i = 0; i < identities->count && !*is_open; i++)
        *is_open = unwrap(share, wrapped, identities->keys[i], secrets);
    return 0;
}

int age_header_open(struct text bytes, const struct age_keys *identities,
                    struct age_secrets *secrets, size_t *size_out)
{
    uint8_t mac[CRYPTO_HASH_BYTES], told[CRYPTO_HASH_BYTES];
    struct text rest = bytes, line;
    bool is_open = false;

    if (!text_begins(bytes, AGE_FIRST_LINE) || !take_line(&rest, &line))
        return -EBADMSG;
    for (;;) {
        if (!take_line(&rest, &line))
            return -EBADMSG;
        if (!text_begins(line, "-> "))
            break;
        int result = read_stanza(&rest, line, identities, secrets, &is_open);
        if (result < 0)
            return result;
    }
    if (!text_begins(line, AGE_LAST_LINE " ") || line.size != 4 + BASE64_SIZE ||
        !age_base64_read((struct text){line.bytes + 4, BASE64_SIZE}, told))
        return -EBADMSG;
    if (!is_open)
        return -EACCES;
    age_header_mac(secrets, (struct text){bytes.bytes, (size_t)(line.bytes - bytes.bytes) + 3},
                   mac);
    *size_out = bytes.size - rest.size;
    return crypto_equal(mac, told, sizeof(mac)) ? 0 : -EBADMSG;
}
