/* The root key in a slot: wrapped by a key of the slot's opener, and what is told about the slot,
 * sealed by a key of the root. */
#ifndef SANKOFA_VAULT_SLOT_KEY_H
#define SANKOFA_VAULT_SLOT_KEY_H

#include "vault/keys.h"
#include "vault/primitives/crypto.h"
#include "vault/slots/slots.h"

/* False: it is free, or of a kind or format to come. */
bool slot_kind_of(const struct slots_slot *slot, enum vault_opener_kind *kind_out);

/* What a passphrase's slot costs whoever opens it: 128 MiB for about a second. */
extern const struct crypto_scrypt_cost slot_cost_usual;

/* The slot begins as zeros but for salt and nonce, which are random. -EINVAL: the opener's secret
 * is too short or too long; -ENOMEM. */
int slot_wrap_root(struct slots_slot *slot, const uint8_t *store_id,
                   const struct vault_opener *opener, const struct crypto_scrypt_cost *cost,
                   const uint8_t root[CRYPTO_KEY_BYTES]);
/* -EACCES: the slot is of another kind, or opens with another secret; -EOPNOTSUPP: of a format to
 * come, or costs more than is ever spent; -ENOMEM. */
int slot_unwrap_root(const struct slots_slot *slot, const uint8_t *store_id,
                     const struct vault_opener *opener, uint8_t root_out[CRYPTO_KEY_BYTES]);

/* After slot_wrap_root. The label has at most VAULT_LABEL_BYTES_MAX bytes. */
void slot_write_facts(struct slots_slot *slot, const uint8_t *store_id,
                      const uint8_t root[CRYPTO_KEY_BYTES], struct text label, int64_t added_ms);
/* False: it has none, as the slots of the first version. */
bool slot_read_facts(const struct slots_slot *slot, const uint8_t *store_id,
                     const uint8_t root[CRYPTO_KEY_BYTES], char label_out[], int64_t *added_ms_out);

#endif
