/* The unwrapped data keys in memory: at most KEY_TABLE_MAX, the least recently used one goes first,
 * each wiped on its way out. Any thread. */
#ifndef SANKOFA_VAULT_TABLE_H
#define SANKOFA_VAULT_TABLE_H

#include "vault/primitives/crypto.h"
#include "vault/vault.h"

enum { KEY_TABLE_MAX = 4096 };

struct arena;
struct key_table;

/* Lives in `arena`, its keys in the secure heap. */
struct key_table *key_table_create(struct arena *arena);
/* Wipes every key. Accepts NULL. */
void key_table_destroy(struct key_table *table);

/* Keeps a copy of `key`; one that is already there under that id is replaced. */
void key_table_put(struct key_table *table, const struct vault_case_id *id, uint32_t version,
                   const uint8_t key[CRYPTO_KEY_BYTES]);
/* Copies the key into `key_out` (secure memory, wiped by the caller). False if it is not there. */
bool key_table_get(struct key_table *table, const struct vault_case_id *id, uint32_t *version_out,
                   uint8_t key_out[CRYPTO_KEY_BYTES]);
bool key_table_has(struct key_table *table, const struct vault_case_id *id);
void key_table_forget(struct key_table *table, const struct vault_case_id *id);

#endif
