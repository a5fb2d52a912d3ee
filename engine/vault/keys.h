/* What opens a vault, and the slots of an open one.
 *
 * Words: an *opener* is what somebody or something has that opens a slot: the content of a key
 * file, a credential of systemd, a passphrase, the secret that recovery shares give. A *slot* holds
 * the root key, wrapped for one opener. Whoever has an opener and any copy of the slots file in
 * which its slot still stands has the root key: removing a slot does not take that back. */
#ifndef SANKOFA_VAULT_KEYS_H
#define SANKOFA_VAULT_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct vault;

enum vault_opener_kind { VAULT_KEY_FILE, VAULT_PASSPHRASE, VAULT_CREDENTIAL, VAULT_RECOVERY };
enum { VAULT_OPENER_KIND_COUNT = 4 };

struct vault_opener {
    enum vault_opener_kind kind;
    /* A key file or credential: its content, at least 32 bytes; a passphrase: at least 12; the
     * secret of recovery shares: 32. */
    struct text secret;
};

enum {
    VAULT_KEY_BYTES_MIN = 32,
    VAULT_KEY_BYTES_MAX = 4096,
    VAULT_PASSPHRASE_BYTES_MIN = 12,
    VAULT_PASSPHRASE_BYTES_MAX = 1024,
    VAULT_SLOTS_MAX = 16,
    VAULT_LABEL_BYTES_MAX = 40,
    VAULT_SLOT_BYTES = 256
};

/* "key file", "passphrase", "credential", "recovery shares". */
const char *vault_opener_name(enum vault_opener_kind kind);

/* Secrets in locked memory that no dump shows: `size` zeroed bytes. Never NULL. */
void *vault_secret_create(size_t size);
/* Wipes and frees. Accepts NULL. */
void vault_secret_destroy(void *secret, size_t size);

struct vault_slot {
    unsigned number;             /* from 1; that of a removed slot is given again */
    bool is_known;               /* else it is of a later version, and kept as it is */
    enum vault_opener_kind kind; /* where it is known */
    int64_t added_ms;            /* 0: not known */
    char label[VAULT_LABEL_BYTES_MAX + 1];
};
/* The slots in use, in the order of their numbers. Any thread. Returns how many. */
size_t vault_slots(struct vault *vault, struct vault_slot slots_out[VAULT_SLOTS_MAX]);

/* A slot to be added or removed; it holds nothing secret. */
struct vault_slot_change {
    bool removes;
    unsigned number;
    uint8_t slot[VAULT_SLOT_BYTES];
};
/* Wraps the root key for an opener. A passphrase takes about a second and 128 MiB; any thread. The
 * label tells people apart what is alike, at most VAULT_LABEL_BYTES_MAX bytes; it is sealed. The
 * caller fills in `number`. -EINVAL: the secret is too short or too long, or the label; -ENOMEM. */
int vault_slot_prepare(struct vault *vault, const struct vault_opener *opener, struct text label,
                       int64_t now_ms, struct vault_slot_change *change_out);
/* Carries it out, in both copies of the slots file. A slot is added where there is none, and one is
 * removed that is there and not the last: that is the caller's promise. By the store's writer
 * alone: store.h, `slot_change`. After -errno what the file holds is unknown: end the process. */
int vault_slot_change(struct vault *vault, const struct vault_slot_change *change);

#endif
