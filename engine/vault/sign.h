/* Ed25519 signatures (RFC 8032). A *seed* is the private key's 32 bytes; the store's own never
 * leaves the vault (vault_sign). */
#ifndef SANKOFA_VAULT_SIGN_H
#define SANKOFA_VAULT_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vault;

enum { SIGN_KEY_BYTES = 32, SIGN_BYTES = 64 };

void sign_public_key(const uint8_t seed[SIGN_KEY_BYTES], uint8_t public_key_out[SIGN_KEY_BYTES]);
void sign_bytes(const uint8_t seed[SIGN_KEY_BYTES], const void *bytes, size_t size,
                uint8_t signature_out[SIGN_BYTES]);
/* False too where `public_key` is no point of the curve. */
bool sign_is_genuine(const uint8_t public_key[SIGN_KEY_BYTES], const void *bytes, size_t size,
                     const uint8_t signature[SIGN_BYTES]);

/* With the key that is derived from the store's root key: the same for the store's whole life. Any
 * thread. */
void vault_sign(const struct vault *vault, const void *bytes, size_t size,
                uint8_t signature_out[SIGN_BYTES]);
void vault_public_key(const struct vault *vault, uint8_t public_key_out[SIGN_KEY_BYTES]);

#endif
