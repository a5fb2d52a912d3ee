/* An erased case in the tables: its snapshot and card are gone, and in the place of its data key
 * stands a stone with its id, so that it is told from a key that was lost. The journal's entries
 * stay: nobody can open them any more.
 *
 *   stone   kind 1, seq of the entry that tells of it 8, MAC 32 */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "store/state.h"
#include "vault/bytes.h"

enum { STONE_KIND = 0xe0 };

struct stone {
    uint8_t kind[1], seq[8], mac[VAULT_HASH_BYTES];
};
_Static_assert(sizeof(struct stone) == STORE_STONE_BYTES, "bytes only: no padding");

/* The MAC is over the id, the kind and the seq. */
static void fill(struct stone *stone, struct vault *vault, const struct vault_case_id *id,
                 uint64_t seq)
{
    uint8_t bytes[sizeof(id->bytes) + sizeof(stone->kind) + sizeof(stone->seq)];

    stone->kind[0] = STONE_KIND;
    bytes_put_u64(stone->seq, seq);
    memcpy(bytes, id->bytes, sizeof(id->bytes));
    memcpy(bytes + sizeof(id->bytes), stone->kind, sizeof(stone->kind) + sizeof(stone->seq));
    vault_mac(vault, "erased case", bytes, sizeof(bytes), stone->mac);
}

int erase_check(struct vault *vault, const struct vault_case_id *id, MDB_val value)
{
    struct stone stone, genuine;

    if (value.mv_size != sizeof(stone))
        return 0;
    memcpy(&stone, value.mv_data, sizeof(stone));
    fill(&genuine, vault, id, bytes_u64(stone.seq));
    return memcmp(&stone, &genuine, sizeof(stone)) == 0 ? -EIDRM : -EBADMSG;
}

static int remove_record(struct store *store, MDB_txn *txn, enum table table,
                         const struct vault_case_id *id)
{
    int result = tables_remove(&store->tables, txn, table, store_key_id(id));

    return result == -ENOENT ? 0 : result; /* a case that never had a snapshot */
}

int erase_case(struct store *store, MDB_txn *txn, const struct vault_case_id *id, uint64_t seq)
{
    struct stone stone;
    int result = remove_record(store, txn, TABLE_CASE, id);

    if (result == 0)
        result = sums_remove(store, txn, TABLE_CARD, store_key_id(id));
    if (result == 0)
        result = remove_record(store, txn, TABLE_CARD, id);
    fill(&stone, store->vault, id, seq);
    return result < 0 ? result
                      : tables_put(&store->tables, txn, TABLE_KEY, store_key_id(id),
                                   (MDB_val){sizeof(stone), &stone}, 0);
}
