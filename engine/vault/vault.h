/* Keys and sealing. OpenSSL is known here alone.
 *
 * Words: the *slots file* holds the *root key*, wrapped once per slot (keys.h: a key file, a
 * passphrase, a credential, recovery shares), and the *epochs*' keys, wrapped by the root key. An
 * epoch's key wraps *data keys*, one per case, and one of id zero for what belongs to no case.
 * A *purpose key* is derived from an epoch or the root by HKDF with a label. A record is *sealed*:
 * XAES-256-GCM with a random 24-byte nonce, bound to its store, table and LMDB key.
 *
 * A vault may be used from several threads: sealing and opening only read it, and the table of
 * unwrapped data keys has its own lock; `random` must bear it too. That table is bounded (4,096):
 * beyond it the key that was used longest ago is wiped, and -ENOKEY asks for it again. What writes
 * the slots file is called by one thread at a time, while others seal and open. */
#ifndef SANKOFA_VAULT_VAULT_H
#define SANKOFA_VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/port.h"
#include "base/text.h"
#include "vault/keys.h"

struct arena;
struct vault;

enum {
    VAULT_CASE_ID_BYTES = 16,
    VAULT_STORE_ID_BYTES = 16,
    VAULT_HEADER_BYTES = 1 + 1 + 4 + 4 + 8 + 16 + 24,
    VAULT_TAG_BYTES = 16,
    VAULT_PAD_BYTES = 128,
    VAULT_HASH_BYTES = 32,
    VAULT_WRAPPED_KEY_BYTES_MAX = 256
};

struct vault_case_id {
    uint8_t bytes[VAULT_CASE_ID_BYTES]; /* all zero: no case */
};

/* Runs the known-answer tests (XAES-256-GCM of C2SP, AES-GCM, CMAC, HKDF, scrypt, HMAC, SHA-256).
 * 0, or -EIO: this libcrypto does not compute what it must, nothing may be sealed or opened with
 * it. */
int vault_self_test(void);

/* Makes a slots file (fixed size, two copies; fails with -EEXIST if there is one) with a new root
 * key, store id and epoch 1, and one slot for `opener`. -EINVAL: its secret is too short. The file
 * is synced, not its folder. A message for people goes to `diags`. */
int vault_create(const char *slots_path, const struct vault_opener *opener, int64_t now_ms,
                 const struct port_random *random, struct diag_list *diags);
/* Opens the newest good copy of the slots file. -EACCES: the opener opens no slot; -EBADMSG: both
 * copies are damaged; -EPROTONOSUPPORT: a newer format; -ENOMEM: too little for a passphrase; -EIO:
 * libcrypto lacks an algorithm; or -errno. */
int vault_open(const char *slots_path, const struct vault_opener *opener,
               const struct port_random *random, struct diag_list *diags, struct vault **vault_out);
/* Wipes every key. Accepts NULL. */
void vault_close(struct vault *vault);

/* Makes the copies of the slots file alike, where one was damaged or a crash came between the two
 * writes. 0 or -errno. */
int vault_mend(struct vault *vault);

/* VAULT_STORE_ID_BYTES bytes, borrowed. */
const uint8_t *vault_store_id(const struct vault *vault);
/* The number of the current epoch. */
uint32_t vault_epoch(const struct vault *vault);

/* Epochs. One is *current*: it wraps data keys and seals cards. *Retired* ones only open what is
 * under them. A rotation, and the end of an erase:
 * 1. vault_epoch_begin: a new one is current, the one before is retired;
 * 2. what is under retired ones is brought under the current one, piece by piece, in the store's
 *    own commits (vault_key_rewrap, vault_card_reseal);
 * 3. vault_epoch_end_retired: their keys are gone from the slots file and from memory.
 * A crash anywhere between is harmless: the slots file has the retired epochs until 3 is done.
 * The store does all of it: store.h, `begins_epoch` and `rewrap_count_max`. */

/* Retired epochs; 0: nothing is left to bring under the current one. */
size_t vault_epoch_retired_count(const struct vault *vault);
/* Whether the slots file has a place for one more. */
bool vault_epoch_may_begin(const struct vault *vault);
/* Both copies are written and synced. After -errno what the file holds is unknown, and the vault
 * goes on as before: end the process. */
int vault_epoch_begin(struct vault *vault);
/* Nothing may be under a retired epoch any more: it could not be opened again. The same. */
int vault_epoch_end_retired(struct vault *vault);
/* Wraps anew what table `key` holds. 1: `wrapped_out` has it; 0: it is under the current epoch
 * already; -EBADMSG: it is damaged. */
int vault_key_rewrap(struct vault *vault, const struct vault_case_id *id, const void *wrapped,
                     size_t size, uint8_t wrapped_out[VAULT_WRAPPED_KEY_BYTES_MAX],
                     size_t *size_out);

/* A new data key for `id`, wrapped by the current epoch with its commitment: what the store's table
 * `key` holds. The key itself is at once known to the vault. `size_out` <=
 * VAULT_WRAPPED_KEY_BYTES_MAX. -EEXIST: the key of that id is in memory already. */
int vault_key_create(struct vault *vault, const struct vault_case_id *id, uint8_t *wrapped_out,
                     size_t *size_out);
/* Unwraps what the table holds and keeps the key. -EBADMSG if it is damaged or of another id;
 * -ESTALE: its epoch has ended, read the table again. */
int vault_key_load(struct vault *vault, const struct vault_case_id *id, const void *wrapped,
                   size_t size);
/* The epoch that a wrapped key says it is under; 0: it is none. */
uint32_t vault_wrapped_epoch(const void *wrapped, size_t size);
/* Whether that epoch's key is there, be it current or retired. */
bool vault_epoch_is_known(struct vault *vault, uint32_t epoch);
/* Whether the key of `id` is in memory. */
int vault_key_is_loaded(struct vault *vault, const struct vault_case_id *id);
/* Wipes the unwrapped key. */
void vault_key_forget(struct vault *vault, const struct vault_case_id *id);

/* Where a record stands: bound into it, and checked when it is opened. */
struct vault_place {
    const char *table;
    const void *key; /* the LMDB key's bytes */
    size_t key_size;
};

enum vault_key_use {
    VAULT_USE_DATA, /* the data key of the case id (or of id zero) */
    VAULT_USE_CARD  /* the epoch's key for cards */
};

/* Seals `plain` (padded here to a multiple of VAULT_PAD_BYTES) for that place. `generation` is the
 * seq. 0; -ENOKEY if the data key is not loaded. The sealed bytes live in `arena`. */
int vault_seal(struct vault *vault, struct arena *arena, enum vault_key_use use,
               const struct vault_place *place, const struct vault_case_id *id, uint64_t generation,
               struct text plain, struct text *sealed_out);
/* The case id and generation that a sealed record's header claims; not yet proven. -EBADMSG if it
 * is too short or of an unknown version or algorithm. */
int vault_peek(struct text sealed, struct vault_case_id *id_out, uint64_t *generation_out);
/* Opens one. -EBADMSG: it was changed, cut, moved or sealed for another place; -ENOKEY: the data
 * key is not loaded, or the card's epoch has ended. */
int vault_unseal(struct vault *vault, struct arena *arena, enum vault_key_use use,
                 const struct vault_place *place, struct text sealed, struct vault_case_id *id_out,
                 uint64_t *generation_out, struct text *plain_out);

/* The id in the header of a record that is damaged; not proven. False: it is too short to have one.
 */
bool vault_claimed_id(struct text sealed, struct vault_case_id *id_out);
/* Whether a record under the data key of `id`, whose own id was changed, opens as one of `id`: 0,
 * or as vault_unseal. Its plaintext is left in `arena`. */
int vault_unseal_as(struct vault *vault, struct arena *arena, const struct vault_place *place,
                    struct text sealed, const struct vault_case_id *id);

/* Seals a card anew under the current epoch, its id and generation as they were. 1: `resealed_out`
 * has it, in `arena`; 0: it is under the current epoch already; -EBADMSG: it is damaged. */
int vault_card_reseal(struct vault *vault, struct arena *arena, const struct vault_place *place,
                      struct text sealed, struct text *resealed_out);

/* HMAC-SHA-256 with a purpose key of the root: the same for the store's whole life. `label` names
 * the purpose ("case id"). */
void vault_mac(struct vault *vault, const char *label, const void *bytes, size_t size,
               uint8_t mac_out[VAULT_HASH_BYTES]);
/* The same key for many MACs, derived once. One thread at a time. */
struct vault_mac_key;
struct vault_mac_key *vault_mac_key_create(struct vault *vault, const char *label);
/* Accepts NULL. */
void vault_mac_key_destroy(struct vault_mac_key *key);
void vault_mac_by(const struct vault_mac_key *key, const void *bytes, size_t size,
                  uint8_t mac_out[VAULT_HASH_BYTES]);
/* SHA-256. */
void vault_hash(const void *bytes, size_t size, uint8_t hash_out[VAULT_HASH_BYTES]);
/* The same piece by piece: add as often as needed, end once. */
struct vault_hasher;
struct vault_hasher *vault_hasher_create(void);
void vault_hasher_add(struct vault_hasher *hasher, const void *bytes, size_t size);
void vault_hasher_end(struct vault_hasher *hasher, uint8_t hash_out[VAULT_HASH_BYTES]);
/* Accepts NULL. */
void vault_hasher_destroy(struct vault_hasher *hasher);
/* The same of two pieces, one after the other. */
void vault_hash_two(const void *first, size_t first_size, const void *second, size_t second_size,
                    uint8_t hash_out[VAULT_HASH_BYTES]);

#endif
