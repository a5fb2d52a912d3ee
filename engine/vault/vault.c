/* The vault: making, opening and closing it.
 *
 * The happy path of opening:
 * 1. both copies of the slots file are read; the newest that is whole goes first;
 * 2. the opener opens one of its slots: the root key;
 * 3. the root key proves the copy's MAC, and opens the epochs;
 * 4. vault_mend makes the other copy say the same, if it does not. */
#include "vault/vault.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "vault/bytes.h"
#include "vault/slots/slot_key.h"
#include "vault/state.h"
#include "vault/tree/tree.h"

enum { FIRST_EPOCH = 1 };

static int explain(struct diag_list *diags, const char *path, int result, const char *code,
                   const char *message, const char *help)
{
    struct place place = {.file = text_copy(diags->arena, text_from(path))};
    struct diag *diag = diag_add(diags, DIAG_ERROR, code, place, "%s", message);

    diag_help(diags, diag, "%s", help);
    return result;
}

static int explain_errno(struct diag_list *diags, const char *path, int result)
{
    struct place place = {.file = text_copy(diags->arena, text_from(path))};

    struct diag *diag = diag_add(diags, DIAG_ERROR, "E801", place,
                                 "the slots file cannot be used: %s", strerror(-result));
    diag_help(diags, diag, "%s",
              result == -ENOENT
                  ? N_("bring it back from a backup: no key opens the store without it")
                  : N_("check who may read and write it"));
    return result;
}

static int explain_libcrypto(struct diag_list *diags, const char *path)
{
    return explain(diags, path, -EIO, "E802", N_("libcrypto lacks an algorithm that keys need"),
                   N_("install Debian's libssl3 again"));
}

static void random_fill(const struct port_random *random, void *bytes_out, size_t size)
{
    random->fill(random->self, bytes_out, size);
}

/* The secrets of a store that is being made. */
struct new_secrets {
    uint8_t root[CRYPTO_KEY_BYTES], epoch[CRYPTO_KEY_BYTES];
    uint8_t wrap[CRYPTO_KEY_BYTES], mac[CRYPTO_KEY_BYTES];
};

/* -EINVAL, -ENOMEM. */
static int first_slot(struct slots *slots, const struct new_secrets *secrets,
                      const struct vault_opener *opener, int64_t now_ms,
                      const struct port_random *random)
{
    struct slots_slot *slot = &slots->slots[0];
    int result;

    random_fill(random, slot->salt, sizeof(slot->salt));
    random_fill(random, slot->nonce, sizeof(slot->nonce));
    result = slot_wrap_root(slot, slots->store_id, opener, &slot_cost_usual, secrets->root);
    if (result == 0)
        slot_write_facts(slot, slots->store_id, secrets->root, TEXT_NONE, now_ms);
    return result;
}

static void new_slots(struct slots *slots, struct new_secrets *secrets,
                      const struct port_random *random)
{
    struct slots_epoch *epoch = &slots->epochs[0];

    slots_init(slots);
    random_fill(random, slots->store_id, sizeof(slots->store_id));
    random_fill(random, secrets->root, sizeof(secrets->root));
    random_fill(random, secrets->epoch, sizeof(secrets->epoch));
    key_derive(secrets->root, slots->store_id, KEY_OF_EPOCH_WRAP, NULL, 0, secrets->wrap);
    key_derive(secrets->root, slots->store_id, KEY_OF_SLOTS_MAC, NULL, 0, secrets->mac);

    bytes_put_u32(slots->epoch, FIRST_EPOCH);
    bytes_put_u32(epoch->number, FIRST_EPOCH);
    bytes_put_u32(epoch->state, SLOTS_EPOCH_CURRENT);
    random_fill(random, epoch->nonce, sizeof(epoch->nonce));
    key_wrap_epoch(epoch, slots->store_id, secrets->wrap, secrets->epoch);
}

static int explain_create(struct diag_list *diags, const char *path, int result,
                          enum vault_opener_kind kind)
{
    if (result == -ENOMEM)
        return explain(diags, path, result, "E807",
                       N_("there is too little memory for a passphrase"),
                       N_("a passphrase needs 128 MiB for a moment, so that guessing it is dear"));
    if (result != -EINVAL)
        return explain_errno(diags, path, result);
    return kind == VAULT_PASSPHRASE
               ? explain(diags, path, result, "E803", N_("the passphrase is too short"),
                         N_("a passphrase has at least 12 characters: four or five words"))
               : explain(diags, path, result, "E803", N_("the key file is too short"),
                         N_("a key file has at least 32 random bytes"));
}

int vault_create(const char *slots_path, const struct vault_opener *opener, int64_t now_ms,
                 const struct port_random *random, struct diag_list *diags)
{
    struct new_secrets *secrets;
    struct slots slots;
    int result;

    if (crypto_start() < 0)
        return explain_libcrypto(diags, slots_path);
    secrets = crypto_secret_alloc(sizeof(*secrets));
    new_slots(&slots, secrets, random);
    result = first_slot(&slots, secrets, opener, now_ms, random);
    if (result == 0)
        result = slots_create(slots_path, &slots, secrets->mac);
    crypto_secret_free(secrets, sizeof(*secrets));
    return result < 0 ? explain_create(diags, slots_path, result, opener->kind) : 0;
}

static bool is_genuine(const struct slots *slots, const uint8_t *root)
{
    uint8_t *mac_key = crypto_secret_alloc(CRYPTO_KEY_BYTES);
    bool genuine;

    key_derive(root, slots->store_id, KEY_OF_SLOTS_MAC, NULL, 0, mac_key);
    genuine = slots_are_genuine(slots, mac_key);
    crypto_secret_free(mac_key, CRYPTO_KEY_BYTES);
    return genuine;
}

/* Tries one copy: 0 with the root key; -EACCES: no slot opens; -EBADMSG: it is not genuine;
 * -ENOMEM. */
static int open_copy(const struct slots *slots, const struct vault_opener *opener,
                     uint8_t *root_out)
{
    int result = -EACCES;

    for (size_t i = 0; i < SLOTS_SLOT_COUNT && result == -EACCES; i++) {
        result = slot_unwrap_root(&slots->slots[i], slots->store_id, opener, root_out);
        if (result == -EOPNOTSUPP) {
            log_event(LOG_WARNING, "vault.slot_skipped", "slot=%zu", i + 1);
            result = -EACCES;
        }
    }
    return result == 0 && !is_genuine(slots, root_out) ? -EBADMSG : result;
}

/* The newest copy that is whole and genuine. A whole copy that the key does not open ends the
 * search: the older one may have a slot that was taken away since. */
static int choose_copy(const struct slots copies[SLOTS_COPY_COUNT],
                       const struct vault_opener *opener, uint8_t *root_out,
                       const struct slots **slots_out)
{
    size_t newest = bytes_u64(copies[1].generation) > bytes_u64(copies[0].generation) ? 1 : 0;
    int result = -EBADMSG;

    for (size_t i = 0; i < SLOTS_COPY_COUNT && result == -EBADMSG; i++) {
        const struct slots *copy = &copies[i == 0 ? newest : 1 - newest];

        if (!slots_are_whole(copy))
            continue;
        if (bytes_u32(copy->format) != SLOTS_FORMAT)
            return -EPROTONOSUPPORT;
        result = open_copy(copy, opener, root_out);
        *slots_out = copy;
    }
    return result;
}

/* One good copy is enough, until it is the one that is written over. */
static bool tell_damaged(const struct slots copies[SLOTS_COPY_COUNT], const uint8_t *root)
{
    bool damaged = false;

    for (size_t i = 0; i < SLOTS_COPY_COUNT; i++)
        if (!slots_are_whole(&copies[i]) || !is_genuine(&copies[i], root)) {
            log_event(LOG_WARNING, "vault.slots_copy_damaged", "copy=%zu", i);
            damaged = true;
        }
    return damaged;
}

static int open_with(struct vault *vault, const char *slots_path, const struct vault_opener *opener)
{
    const struct slots *slots = NULL;
    struct slots *copies = ARENA_ARRAY(vault->arena, struct slots, SLOTS_COPY_COUNT);
    int result = slots_read(slots_path, copies);

    if (result == 0)
        result = choose_copy(copies, opener, vault->secrets->root, &slots);
    if (result < 0)
        return result;
    vault->copies_are_uneven =
        tell_damaged(copies, vault->secrets->root) || !slots_are_alike(&copies[0], &copies[1]);
    memcpy(vault->store_id, slots->store_id, sizeof(vault->store_id));
    *vault->slots = *slots;
    return vault_epochs_open(vault);
}

/* By what was tried. */
static const struct {
    const char *message, *help;
} refusals[VAULT_OPENER_KIND_COUNT] = {
    [VAULT_KEY_FILE] = {N_("the key file does not open this store"),
                        N_("give the key file that was made with the store; its backup will do")},
    [VAULT_PASSPHRASE] = {N_("the passphrase does not open this store"),
                          N_("look at the keyboard's layout and at Caps Lock, and try again")},
    [VAULT_CREDENTIAL] = {N_("the credential does not open this store"),
                          N_("give the one that was added to it: `sankofa admin keys add-slot`")},
    [VAULT_RECOVERY] = {N_("the recovery shares do not open this store"),
                        N_("they are of another store, or their slot was removed since")},
};

static int explain_open(struct diag_list *diags, const char *path, int result,
                        enum vault_opener_kind kind)
{
    if (result == -EACCES)
        return explain(diags, path, result, "E804", refusals[kind].message, refusals[kind].help);
    if (result == -ENOMEM)
        return explain(diags, path, result, "E807",
                       N_("there is too little memory for a passphrase"),
                       N_("a passphrase needs 128 MiB for a moment; end other programs"));
    if (result == -EBADMSG)
        return explain(diags, path, result, "E805",
                       N_("the slots file is damaged in both its copies"),
                       N_("restore it from a backup: without it the store cannot be read"));
    if (result == -EPROTONOSUPPORT)
        return explain(diags, path, result, "E806", N_("the slots file has a newer format"),
                       N_("use the version of Sankofa that wrote it"));
    return explain_errno(diags, path, result);
}

int vault_open(const char *slots_path, const struct vault_opener *opener,
               const struct port_random *random, struct diag_list *diags, struct vault **vault_out)
{
    struct arena *arena;
    struct vault *vault;
    int result;

    if (crypto_start() < 0)
        return explain_libcrypto(diags, slots_path);
    arena = arena_create("vault");
    vault = ARENA_NEW(arena, struct vault);
    vault->arena = arena;
    vault->random = *random;
    vault->slots_path = arena_copy(arena, slots_path, strlen(slots_path));
    vault->slots = ARENA_NEW(arena, struct slots);
    vault->secrets = crypto_secret_alloc(sizeof(*vault->secrets));
    vault->keys = key_table_create(arena);
    CHECK(pthread_rwlock_init(&vault->lock, NULL) == 0);
    result = open_with(vault, slots_path, opener);
    if (result < 0) {
        vault_close(vault);
        return explain_open(diags, slots_path, result, opener->kind);
    }
    *vault_out = vault;
    return 0;
}

void vault_close(struct vault *vault)
{
    if (!vault)
        return;
    key_table_destroy(vault->keys);
    pthread_rwlock_destroy(&vault->lock);
    crypto_secret_free(vault->secrets, sizeof(*vault->secrets));
    arena_destroy(vault->arena);
}

const uint8_t *vault_store_id(const struct vault *vault)
{
    return vault->store_id;
}

void vault_mac(struct vault *vault, const char *label, const void *bytes, size_t size,
               uint8_t mac_out[VAULT_HASH_BYTES])
{
    uint8_t *key = crypto_thread_key();

    key_derive(vault->secrets->root, vault->store_id, KEY_OF_LABELLED_MAC, label, strlen(label),
               key);
    crypto_hmac(key, CRYPTO_KEY_BYTES, bytes, size, mac_out);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
}

struct vault_mac_key {
    uint8_t bytes[CRYPTO_KEY_BYTES];
};

struct vault_mac_key *vault_mac_key_create(struct vault *vault, const char *label)
{
    struct vault_mac_key *key = crypto_secret_alloc(sizeof(*key));

    key_derive(vault->secrets->root, vault->store_id, KEY_OF_LABELLED_MAC, label, strlen(label),
               key->bytes);
    return key;
}

void vault_mac_key_destroy(struct vault_mac_key *key)
{
    if (key)
        crypto_secret_free(key, sizeof(*key));
}

void vault_mac_by(const struct vault_mac_key *key, const void *bytes, size_t size,
                  uint8_t mac_out[VAULT_HASH_BYTES])
{
    crypto_hmac(key->bytes, sizeof(key->bytes), bytes, size, mac_out);
}

void vault_hash(const void *bytes, size_t size, uint8_t hash_out[VAULT_HASH_BYTES])
{
    crypto_hash(bytes, size, hash_out);
}

void vault_hash_two(const void *first, size_t first_size, const void *second, size_t second_size,
                    uint8_t hash_out[VAULT_HASH_BYTES])
{
    crypto_hash_two(first, first_size, second, second_size, hash_out);
}

struct vault_hasher *vault_hasher_create(void)
{
    return (struct vault_hasher *)(void *)crypto_hasher_create();
}

void vault_hasher_add(struct vault_hasher *hasher, const void *bytes, size_t size)
{
    crypto_hasher_add((struct crypto_hasher *)(void *)hasher, bytes, size);
}

void vault_hasher_end(struct vault_hasher *hasher, uint8_t hash_out[VAULT_HASH_BYTES])
{
    crypto_hasher_end((struct crypto_hasher *)(void *)hasher, hash_out);
}

void vault_hasher_destroy(struct vault_hasher *hasher)
{
    crypto_hasher_destroy((struct crypto_hasher *)(void *)hasher);
}
