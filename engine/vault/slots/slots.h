/* The slots file: the root key, wrapped once per slot, and the epochs' keys, wrapped by the root
 * key. Two copies of one fixed layout, so that a torn write leaves the other; overwritten in place,
 * so that what is destroyed is gone. This is the only place of the vault that touches the disk.
 *
 * The file is SLOTS_FILE_BYTES long: copy 0, copy 1. Generation N is written over copy N % 2, the
 * older one, and synced. Numbers are big-endian; what is unused is zero.
 *
 *   copy      offset  bytes
 *   magic          0      8  "SANKSLOT"
 *   format         8      4  SLOTS_FORMAT
 *   epoch         12      4  the number of the current epoch, from 1
 *   generation    16      8  from 1; counts the writes
 *   store id      24     16  random
 *   reserved      40    216
 *   slots        256  16 x 256
 *   epochs      4352  24 x 128
 *   reserved    7424    704
 *   digest      8128     32  SHA-256 of everything before it: tells torn from whole without a key
 *   mac         8160     32  HMAC-SHA-256 of everything before it, by a key of the root key
 *
 *   slot      offset  bytes
 *   kind           0      4  enum slots_kind
 *   format         4      4  of what the kind keeps below; 1
 *   reserved       8      8
 *   salt          16     32  random: of HKDF, or of scrypt
 *   nonce         48     24
 *   wrapped       72     48  the root key: ciphertext 32, tag 16
 *   parameters   120     64  passphrase: log2 N (4), r (4), p (4);
 *                            recovery: shares needed (4), shares made (4), set (2); others: none
 *   facts        184     64  label and when it was added, sealed: ciphertext 48, tag 16; a slot of
 *                            the first version has zeros here
 *   reserved     248      8
 *
 *   epoch     offset  bytes
 *   number         0      4  from 1; 0: this place is free
 *   state          4      4  enum slots_epoch_state
 *   nonce          8     24
 *   wrapped       32     48  the epoch's key: ciphertext 32, tag 16
 *   reserved      80     48
 *
 * A slot of a kind or format that this version does not have is skipped when the file is opened,
 * and kept when it is written. */
#ifndef SANKOFA_VAULT_SLOTS_H
#define SANKOFA_VAULT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/primitives/crypto.h"

enum {
    SLOTS_FORMAT = 1,
    SLOTS_KIND_FORMAT = 1,
    SLOTS_COPY_BYTES = 8192,
    SLOTS_COPY_COUNT = 2,
    SLOTS_FILE_BYTES = SLOTS_COPY_BYTES * SLOTS_COPY_COUNT,
    SLOTS_SLOT_COUNT = 16,
    SLOTS_EPOCH_COUNT = 24,
    SLOTS_WRAPPED_BYTES = CRYPTO_KEY_BYTES + CRYPTO_TAG_BYTES
};

/* Numbers on disk: never renumbered. */
enum slots_kind {
    SLOTS_KIND_FREE = 0,
    SLOTS_KIND_KEY_FILE = 1,
    SLOTS_KIND_PASSPHRASE = 2,
    SLOTS_KIND_CREDENTIAL = 3,
    SLOTS_KIND_RECOVERY_SHARE = 4
};
enum slots_epoch_state {
    SLOTS_EPOCH_CURRENT = 1, /* wraps new data keys */
    SLOTS_EPOCH_RETIRED = 2  /* still unwraps; a destroyed one is a free place */
};

/* The layout itself: bytes only, so it has no padding. */
struct slots_slot {
    uint8_t kind[4], format[4], reserved[8];
    uint8_t salt[32], nonce[CRYPTO_NONCE_BYTES], wrapped[SLOTS_WRAPPED_BYTES];
    uint8_t parameters[64];
    uint8_t facts[64];
    uint8_t reserved_too[8];
};
struct slots_epoch {
    uint8_t number[4], state[4];
    uint8_t nonce[CRYPTO_NONCE_BYTES], wrapped[SLOTS_WRAPPED_BYTES];
    uint8_t reserved[48];
};
struct slots {
    uint8_t magic[8], format[4], epoch[4], generation[8], store_id[16];
    uint8_t reserved[216];
    struct slots_slot slots[SLOTS_SLOT_COUNT];
    struct slots_epoch epochs[SLOTS_EPOCH_COUNT];
    uint8_t reserved_too[704];
    uint8_t digest[CRYPTO_HASH_BYTES];
    uint8_t mac[CRYPTO_HASH_BYTES];
};
_Static_assert(sizeof(struct slots_slot) == 256, "a slot is 256 bytes");
_Static_assert(sizeof(struct slots_epoch) == 128, "an epoch is 128 bytes");
_Static_assert(offsetof(struct slots, slots) == 256, "slots begin at 256");
_Static_assert(offsetof(struct slots, epochs) == 4352, "epochs begin at 4352");
_Static_assert(offsetof(struct slots, digest) == 8128, "the digest is at 8128");
_Static_assert(sizeof(struct slots) == SLOTS_COPY_BYTES, "a copy is 8192 bytes");

/* Fills in magic and format; the rest is the caller's and begins as zeros. */
void slots_init(struct slots *slots);

/* Makes the file (-EEXIST) and writes both copies: generations 1 and 2. The file is synced, its
 * folder is not. A file that could not be written whole is removed again. */
int slots_create(const char *path, struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES]);
/* Both copies as they are. -EBADMSG: the file has another size; or -errno. */
int slots_read(const char *path, struct slots copies_out[SLOTS_COPY_COUNT]);
/* Writes the next generation over the older copy and syncs it: after -errno the newer copy is
 * whole. To destroy something, write twice. */
int slots_write(const char *path, struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES]);

/* The same over both copies, one after the other: what was in the file before is gone. */
int slots_write_both(const char *path, struct slots *slots,
                     const uint8_t mac_key[CRYPTO_KEY_BYTES]);

/* Magic and digest fit: the copy was written whole. */
bool slots_are_whole(const struct slots *slots);
/* Written by somebody who had the root key. */
bool slots_are_genuine(const struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES]);
/* They say the same, whichever was written first. */
bool slots_are_alike(const struct slots *a, const struct slots *b);

#endif
