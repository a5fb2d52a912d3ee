/* What the files of the age format share. */
#ifndef SANKOFA_VAULT_AGE_INTERNAL_H
#define SANKOFA_VAULT_AGE_INTERNAL_H

#include "vault/age/age.h"
#include "vault/primitives/crypto.h"

enum {
    AGE_FILE_KEY_BYTES = 16,
    AGE_WRAPPED_BYTES = AGE_FILE_KEY_BYTES + CRYPTO_TAG_BYTES,
    AGE_NONCE_BYTES = 16, /* of the payload */
    AGE_PIECE_BYTES = 64 << 10,
    AGE_SEALED_PIECE_BYTES = AGE_PIECE_BYTES + CRYPTO_TAG_BYTES,
    AGE_HEADER_BYTES_MAX = 16 << 10,
    AGE_BASE64_BYTES = 44 /* of 32 bytes, NUL included */
};

#define AGE_FIRST_LINE  "age-encryption.org/v1\n"
#define AGE_STANZA      "-> X25519 "
#define AGE_LAST_LINE   "---"
#define AGE_X25519_INFO "age-encryption.org/v1/X25519"

/* In the secure heap. */
struct age_secrets {
    uint8_t file_key[AGE_FILE_KEY_BYTES];
    uint8_t payload[CRYPTO_KEY_BYTES];
    uint8_t ephemeral[AGE_KEY_BYTES], shared[AGE_KEY_BYTES], wrap[CRYPTO_KEY_BYTES];
};

/* ---- primitives.c ---- */
/* The public half of a secret. */
void age_x25519_public(const uint8_t secret[AGE_KEY_BYTES], uint8_t public_out[AGE_KEY_BYTES]);
/* False: the other key is of small order. */
bool age_x25519(const uint8_t secret[AGE_KEY_BYTES], const uint8_t other[AGE_KEY_BYTES],
                uint8_t shared_out[AGE_KEY_BYTES]);
/* ChaCha20-Poly1305 without associated data; sizes as in crypto_xaes_seal. */
void age_chacha_seal(const uint8_t key[CRYPTO_KEY_BYTES],
                     const uint8_t nonce[CRYPTO_GCM_NONCE_BYTES], const void *in, size_t size,
                     uint8_t *out);
bool age_chacha_open(const uint8_t key[CRYPTO_KEY_BYTES],
                     const uint8_t nonce[CRYPTO_GCM_NONCE_BYTES], const uint8_t *in, size_t size,
                     uint8_t *out);

/* ---- keys.c ---- */
/* Standard alphabet, no padding; `text_out` has room for a NUL. */
void age_base64_write(const uint8_t bytes[32], char text_out[AGE_BASE64_BYTES]);
/* False unless it is exactly the one form of 32 bytes. */
bool age_base64_read(struct text text, uint8_t bytes_out[32]);

/* ---- header.c ---- */
/* The key that wraps the file key, of secrets->shared and both public halves. */
void age_wrap_key(struct age_secrets *secrets, const uint8_t share[AGE_KEY_BYTES],
                  const uint8_t recipient[AGE_KEY_BYTES]);
/* The header's MAC, of its bytes up to and including "---". */
void age_header_mac(const struct age_secrets *secrets, struct text header,
                    uint8_t mac_out[CRYPTO_HASH_BYTES]);
void age_payload_key(struct age_secrets *secrets, const uint8_t nonce[AGE_NONCE_BYTES]);
/* Finds the file key: fills secrets->file_key, *size_out with the header's size. -EACCES, -EBADMSG.
 */
int age_header_open(struct text bytes, const struct age_keys *identities,
                    struct age_secrets *secrets, size_t *size_out);
/* Of piece `index`; 12 bytes. */
void age_piece_nonce(uint64_t index, bool is_last, uint8_t nonce_out[CRYPTO_GCM_NONCE_BYTES]);

struct age_writer {
    struct age_secrets *secrets;
    struct age_sink sink;
    uint64_t header_bytes; /* the nonce of the payload is not of them */
    uint64_t piece_index;
    size_t used; /* of `piece` */
    uint8_t piece[AGE_PIECE_BYTES], sealed[AGE_SEALED_PIECE_BYTES];
};

#endif
