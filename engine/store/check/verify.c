/* Pieces and findings. A piece has a read transaction of its own, so that no page is kept from
 * being used again for longer than that. */
#include "store/verify.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "store/check/check.h"

struct store_verify *store_verify_create(struct store *store)
{
    struct arena *arena = arena_create("verify");
    struct store_verify *verify = ARENA_NEW(arena, struct store_verify);

    verify->store = store;
    verify->arena = arena;
    verify->piece = arena_create("verify piece");
    verify->last = store->last_seq;
    verify->next = 1;
    verify->edge = ARENA_NEW(arena, struct merkle_edge);
    verify->notes = ARENA_ARRAY(arena, struct check_note, CHECK_NOTES_MAX);
    verify->findings = ARENA_ARRAY(arena, struct store_finding, STORE_FINDINGS_MAX);
    verify->total = verify->last;
    return verify;
}

void store_verify_destroy(struct store_verify *verify)
{
    if (!verify)
        return;
    arena_destroy(verify->piece);
    arena_destroy(verify->arena);
}

void check_find(struct store_verify *verify, const char *table, uint64_t seq, struct text key,
                const char *what)
{
    verify->finding_count_all++;
    if (verify->finding_count == STORE_FINDINGS_MAX)
        return;
    verify->findings[verify->finding_count++] = (struct store_finding){
        .table = table, .seq = seq, .key = text_copy(verify->arena, key), .what = what};
}

struct text check_key(struct store_verify *verify, MDB_val key)
{
    struct text name = {key.mv_data, key.mv_size};

    for (size_t i = 0; i < name.size; i++)
        if (name.bytes[i] <= ' ' || name.bytes[i] > '~')
            return text_hex(verify->arena, name.bytes, name.size);
    return name;
}

int store_verify_against(struct store_verify *verify, struct text text)
{
    struct note note;
    uint64_t time_s;

    CHECK(!verify->is_begun);
    if (!note_read(text, &note) ||
        !text_equal(note.checkpoint.origin, verify->store->audit_key.name) ||
        note_check(verify->arena, &note, &verify->store->audit_key, &time_s) != NOTE_SIGNED)
        return -EINVAL;
    CHECK(verify->note_count < CHECK_NOTES_MAX - CHECKPOINTS_KEPT);
    verify->notes[verify->note_count++] =
        (struct check_note){note.checkpoint.size, note.checkpoint.root, true};
    return 0;
}

void store_verify_entries(struct store_verify *verify,
                          const char *(*look)(void *self, const struct store_read_entry *entry),
                          void *self)
{
    CHECK(!verify->is_begun);
    verify->look = look;
    verify->look_self = self;
}

static int piece(struct store_verify *verify, MDB_txn *txn, size_t count_max)
{
    int result = 0;

    if (!verify->is_begun) {
        verify->is_begun = true;
        result = check_history_begin(verify, txn);
        if (result == 0)
            result = check_records_begin(verify, txn);
        if (result < 0)
            return result;
    }
    if (verify->next <= verify->last || verify->note_next < verify->note_count)
        result = check_history(verify, txn, count_max);
    else
        result = check_records(verify, txn, count_max);
    return result;
}

int store_verify_piece(struct store_verify *verify, size_t count_max)
{
    TABLES_READ MDB_txn *txn = NULL;
    int result = tables_begin_read(&verify->store->tables, &txn);

    if (result == 0)
        result = piece(verify, txn, count_max);
    arena_reset(verify->piece);
    return result;
}

struct store_verified store_verify_result(const struct store_verify *verify)
{
    return (struct store_verified){.entry_count = verify->entry_count,
                                   .checkpoint_count = verify->checkpoint_count,
                                   .record_count = verify->record_count,
                                   .done = verify->done,
                                   .total = verify->total,
                                   .findings = verify->findings,
                                   .finding_count = verify->finding_count,
                                   .finding_count_all = verify->finding_count_all};
}
