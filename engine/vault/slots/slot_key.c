/* Keys of slots, by the kind of their openers. */
#include "vault/slots/slot_key.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "vault/bound.h"
#include "vault/bytes.h"
#include "vault/slots/shares.h"
#include "vault/tree/tree.h"

const struct crypto_scrypt_cost slot_cost_usual = {.log2_n = 17, .r = 8, .p = 1};

/* Beyond these a slot is not tried: a changed file must not take all memory or all time. */
enum { COST_MEMORY_MAX = 512 << 20, COST_P_MAX = 16, COST_LOG2_N_MAX = 24, COST_R_MAX = 64 };

/* By the kind of the opener. The labels are part of the format: never changed. */
static const struct {
    enum slots_kind kind;
    const char *name, *label;
    size_t secret_min, secret_max;
} kinds[VAULT_OPENER_KIND_COUNT] = {
    [VAULT_KEY_FILE] = {SLOTS_KIND_KEY_FILE, "key file", "sankofa 1 key file slot",
                        VAULT_KEY_BYTES_MIN, VAULT_KEY_BYTES_MAX},
    [VAULT_PASSPHRASE] = {SLOTS_KIND_PASSPHRASE, "passphrase", "sankofa 1 passphrase slot",
                          VAULT_PASSPHRASE_BYTES_MIN, VAULT_PASSPHRASE_BYTES_MAX},
    [VAULT_CREDENTIAL] = {SLOTS_KIND_CREDENTIAL, "credential", "sankofa 1 credential slot",
                          VAULT_KEY_BYTES_MIN, VAULT_KEY_BYTES_MAX},
    [VAULT_RECOVERY] = {SLOTS_KIND_RECOVERY_SHARE, "recovery shares", "sankofa 1 recovery slot",
                        SHARES_SECRET_BYTES, SHARES_SECRET_BYTES},
};

/* As they stand in the slot. */
struct passphrase_parameters {
    uint8_t log2_n[4], r[4], p[4];
};
struct recovery_parameters {
    uint8_t needed[4], made[4], set[2];
};
/* What is told about a slot, before it is sealed. */
struct facts {
    uint8_t added_ms[8];
    char label[VAULT_LABEL_BYTES_MAX];
};
_Static_assert(sizeof(struct facts) + CRYPTO_TAG_BYTES == sizeof(((struct slots_slot *)0)->facts),
               "the facts fill their place");

const char *vault_opener_name(enum vault_opener_kind kind)
{
    return kinds[kind].name;
}

bool slot_kind_of(const struct slots_slot *slot, enum vault_opener_kind *kind_out)
{
    for (int i = 0; i < VAULT_OPENER_KIND_COUNT; i++)
        if (bytes_u32(slot->kind) == kinds[i].kind &&
            bytes_u32(slot->format) == SLOTS_KIND_FORMAT) {
            *kind_out = (enum vault_opener_kind)i;
            return true;
        }
    return false;
}

/* What the wrapped key is bound to: all that stands in the slot in clear. */
static struct bound slot_bound(const struct slots_slot *slot, const uint8_t *store_id,
                               enum vault_opener_kind kind)
{
    struct bound bound = {.size = 0};

    bound_add(&bound, kinds[kind].label, strlen(kinds[kind].label));
    bound_add(&bound, store_id, VAULT_STORE_ID_BYTES);
    bound_add(&bound, slot, offsetof(struct slots_slot, nonce));
    bound_add(&bound, slot->parameters, sizeof(slot->parameters));
    return bound;
}

/* ---- The key of a slot. ---- */

static void write_parameters(struct slots_slot *slot, const struct vault_opener *opener,
                             const struct crypto_scrypt_cost *cost)
{
    struct passphrase_parameters passphrase;
    struct recovery_parameters recovery;
    uint16_t set;

    memset(slot->parameters, 0, sizeof(slot->parameters));
    switch (opener->kind) {
    case VAULT_KEY_FILE:
    case VAULT_CREDENTIAL:
        break;
    case VAULT_PASSPHRASE:
        bytes_put_u32(passphrase.log2_n, cost->log2_n);
        bytes_put_u32(passphrase.r, cost->r);
        bytes_put_u32(passphrase.p, cost->p);
        memcpy(slot->parameters, &passphrase, sizeof(passphrase));
        break;
    case VAULT_RECOVERY:
        set = shares_set_of((const uint8_t *)opener->secret.bytes);
        bytes_put_u32(recovery.needed, SHARES_NEEDED);
        bytes_put_u32(recovery.made, SHARES_MADE);
        recovery.set[0] = (uint8_t)(set >> 8);
        recovery.set[1] = (uint8_t)set;
        memcpy(slot->parameters, &recovery, sizeof(recovery));
        break;
    }
}

/* False: more than is ever spent. */
static bool read_cost(const struct slots_slot *slot, struct crypto_scrypt_cost *cost_out)
{
    struct passphrase_parameters parameters;

    memcpy(&parameters, slot->parameters, sizeof(parameters));
    *cost_out = (struct crypto_scrypt_cost){.log2_n = bytes_u32(parameters.log2_n),
                                            .r = bytes_u32(parameters.r),
                                            .p = bytes_u32(parameters.p)};
    return cost_out->log2_n >= 1 && cost_out->log2_n <= COST_LOG2_N_MAX && cost_out->r >= 1 &&
           cost_out->r <= COST_R_MAX && cost_out->p >= 1 && cost_out->p <= COST_P_MAX &&
           ((uint64_t)128 << cost_out->log2_n) * cost_out->r <= COST_MEMORY_MAX;
}

static int derive(const struct slots_slot *slot, const struct vault_opener *opener,
                  uint8_t *key_out)
{
    const char *label = kinds[opener->kind].label;
    struct crypto_scrypt_cost cost;

    if (opener->kind == VAULT_PASSPHRASE) {
        if (!read_cost(slot, &cost))
            return -EOPNOTSUPP;
        return crypto_scrypt(opener->secret.bytes, opener->secret.size, slot->salt,
                             sizeof(slot->salt), &cost, key_out, CRYPTO_KEY_BYTES);
    }
    crypto_hkdf(opener->secret.bytes, opener->secret.size, slot->salt, sizeof(slot->salt), label,
                strlen(label), key_out, CRYPTO_KEY_BYTES);
    return 0;
}

static bool has_fitting_size(const struct vault_opener *opener)
{
    return opener->secret.size >= kinds[opener->kind].secret_min &&
           opener->secret.size <= kinds[opener->kind].secret_max;
}

int slot_wrap_root(struct slots_slot *slot, const uint8_t *store_id,
                   const struct vault_opener *opener, const struct crypto_scrypt_cost *cost,
                   const uint8_t root[CRYPTO_KEY_BYTES])
{
    uint8_t *key = crypto_thread_key();
    struct bound bound;
    int result;

    if (!has_fitting_size(opener))
        return -EINVAL;
    bytes_put_u32(slot->kind, kinds[opener->kind].kind);
    bytes_put_u32(slot->format, SLOTS_KIND_FORMAT);
    write_parameters(slot, opener, cost);
    bound = slot_bound(slot, store_id, opener->kind);
    result = derive(slot, opener, key);
    if (result == 0)
        crypto_xaes_seal(&(struct crypto_job){.key = key,
                                              .nonce = slot->nonce,
                                              .aad = bound.bytes,
                                              .aad_size = bound.size,
                                              .in = root,
                                              .in_size = CRYPTO_KEY_BYTES},
                         slot->wrapped);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    return result;
}

int slot_unwrap_root(const struct slots_slot *slot, const uint8_t *store_id,
                     const struct vault_opener *opener, uint8_t root_out[CRYPTO_KEY_BYTES])
{
    uint8_t *key = crypto_thread_key();
    struct bound bound;
    int result;

    if (bytes_u32(slot->kind) != kinds[opener->kind].kind || !has_fitting_size(opener))
        return -EACCES;
    if (bytes_u32(slot->format) != SLOTS_KIND_FORMAT)
        return -EOPNOTSUPP;
    bound = slot_bound(slot, store_id, opener->kind);
    result = derive(slot, opener, key);
    if (result == 0 && crypto_xaes_open(&(struct crypto_job){.key = key,
                                                             .nonce = slot->nonce,
                                                             .aad = bound.bytes,
                                                             .aad_size = bound.size,
                                                             .in = slot->wrapped,
                                                             .in_size = SLOTS_WRAPPED_BYTES},
                                        root_out) < 0)
        result = -EACCES;
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    return result;
}

/* ---- What is told about it. The key is of the slot's own salt, which is random: so the nonce may
 * be nothing. ---- */

static const uint8_t facts_nonce[CRYPTO_NONCE_BYTES];

static struct crypto_job facts_job(const struct slots_slot *slot, const uint8_t *store_id,
                                   const uint8_t *root)
{
    uint8_t *key = crypto_thread_key();

    key_derive(root, store_id, KEY_OF_SLOT_FACTS, slot->salt, sizeof(slot->salt), key);
    return (struct crypto_job){
        .key = key, .nonce = facts_nonce, .aad = slot->kind, .aad_size = sizeof(slot->kind)};
}

void slot_write_facts(struct slots_slot *slot, const uint8_t *store_id,
                      const uint8_t root[CRYPTO_KEY_BYTES], struct text label, int64_t added_ms)
{
    struct crypto_job job = facts_job(slot, store_id, root);
    struct facts facts = {.label = {0}};

    CHECK(label.size <= sizeof(facts.label));
    bytes_put_u64(facts.added_ms, (uint64_t)added_ms);
    if (label.size > 0)
        memcpy(facts.label, label.bytes, label.size);
    job.in = (const uint8_t *)&facts;
    job.in_size = sizeof(facts);
    crypto_xaes_seal(&job, slot->facts);
    crypto_wipe(crypto_thread_key(), CRYPTO_KEY_BYTES);
}

bool slot_read_facts(const struct slots_slot *slot, const uint8_t *store_id,
                     const uint8_t root[CRYPTO_KEY_BYTES], char label_out[], int64_t *added_ms_out)
{
    struct crypto_job job = facts_job(slot, store_id, root);
    struct facts facts;
    int result;

    job.in = slot->facts;
    job.in_size = sizeof(slot->facts);
    result = crypto_xaes_open(&job, (uint8_t *)&facts);
    crypto_wipe(crypto_thread_key(), CRYPTO_KEY_BYTES);
    if (result < 0)
        return false;
    memcpy(label_out, facts.label, sizeof(facts.label));
    label_out[sizeof(facts.label)] = '\0';
    *added_ms_out = (int64_t)bytes_u64(facts.added_ms);
    return true;
}
