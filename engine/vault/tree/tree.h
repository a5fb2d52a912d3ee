/* The key tree below the root: epochs' keys -> data keys, each wrapped by the one above it, and the
 * purpose keys derived from them by HKDF with a label. Pure: chance comes in as bytes. */
#ifndef SANKOFA_VAULT_TREE_H
#define SANKOFA_VAULT_TREE_H

#include "vault/primitives/crypto.h"
#include "vault/slots/slots.h"
#include "vault/vault.h"

/* What keys are derived for. */
enum key_purpose {
    KEY_OF_SLOTS_MAC,    /* root: the MAC of the slots file */
    KEY_OF_EPOCH_WRAP,   /* root: wraps the epochs' keys */
    KEY_OF_DATA_WRAP,    /* epoch: wraps data keys */
    KEY_OF_CARDS,        /* epoch: seals cards */
    KEY_OF_COMMITMENT,   /* data key: what is stored to know it again */
    KEY_OF_LABELLED_MAC, /* root: vault_mac, `context` is the label */
    KEY_OF_SLOT_FACTS,   /* root: what is told about a slot, `context` is its salt */
    KEY_OF_SIGNATURES,   /* root: the seed of the store's Ed25519 key */
    KEY_PURPOSE_COUNT
};

void key_derive(const uint8_t parent[CRYPTO_KEY_BYTES], const uint8_t *store_id,
                enum key_purpose purpose, const void *context, size_t context_size,
                uint8_t child_out[CRYPTO_KEY_BYTES]);

/* The epoch's number, state and nonce are already there. */
void key_wrap_epoch(struct slots_epoch *epoch, const uint8_t *store_id,
                    const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                    const uint8_t epoch_key[CRYPTO_KEY_BYTES]);
bool key_unwrap_epoch(const struct slots_epoch *epoch, const uint8_t *store_id,
                      const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                      uint8_t epoch_key_out[CRYPTO_KEY_BYTES]);

/* A wrapped data key, as the store's table `key` holds it: 114 bytes. The commitment is what only
 * this data key gives: AES-GCM alone would let one ciphertext be made that opens under two keys. */
struct key_wrapped {
    uint8_t version[1], algorithm[1], epoch[4], key_version[4];
    uint8_t commitment[CRYPTO_HASH_BYTES];
    uint8_t nonce[CRYPTO_NONCE_BYTES], wrapped[SLOTS_WRAPPED_BYTES];
};
_Static_assert(sizeof(struct key_wrapped) == 114, "bytes only: no padding");
_Static_assert(sizeof(struct key_wrapped) <= VAULT_WRAPPED_KEY_BYTES_MAX, "fits its bound");

/* Epoch, key version and nonce are already there. */
void key_wrap_data(struct key_wrapped *wrapped, const uint8_t *store_id,
                   const struct vault_case_id *id, const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                   const uint8_t data_key[CRYPTO_KEY_BYTES]);
/* 0, or -EBADMSG with data_key_out wiped. */
int key_unwrap_data(const struct key_wrapped *wrapped, const uint8_t *store_id,
                    const struct vault_case_id *id, const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                    uint8_t data_key_out[CRYPTO_KEY_BYTES]);
bool key_wrapped_is_known(const struct key_wrapped *wrapped);

#endif
