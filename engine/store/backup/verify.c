/* Reading a backup: the members of its archive, and whether the data file in it is whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/backup/internal.h"
#include "store/state.h"

int backup_next(struct age_reader *reader, uint64_t *offset, struct backup_member *member_out)
{
    static const uint8_t end[TAR_BLOCK_BYTES];
    uint8_t block[TAR_BLOCK_BYTES];
    int result = age_read(reader, *offset, block, sizeof(block));

    if (result < 0)
        return result;
    if (memcmp(block, end, sizeof(end)) == 0)
        return -ENOENT;
    if (!tar_read_header(block, &member_out->tar))
        return -EBADMSG;
    member_out->at = *offset + sizeof(block);
    uint64_t left = age_size(reader) - member_out->at;
    if (member_out->tar.size > left ||
        tar_padding(member_out->tar.size) > left - member_out->tar.size)
        return -EBADMSG;
    *offset = member_out->at + member_out->tar.size + tar_padding(member_out->tar.size);
    return 0;
}

/* ---- The data file. ---- */

struct data {
    struct age_reader *reader;
    uint64_t at;
};

static int read_data(void *self, uint64_t offset, void *bytes_out, size_t size)
{
    const struct data *data = self;

    return age_read(data->reader, data->at + offset, bytes_out, size);
}

/* Whether a sealed record is what vault_peek calls one: a header, padded text, a tag. */
static bool is_sealed(const struct walk_record *record, struct vault_case_id *id_out,
                      uint64_t *generation_out)
{
    enum { LEAST = VAULT_HEADER_BYTES + VAULT_PAD_BYTES + VAULT_TAG_BYTES };
    _Static_assert((int)LEAST <= (int)WALK_HEAD_BYTES, "its header is shown");

    return record->size >= LEAST && (record->size - LEAST) % VAULT_PAD_BYTES == 0 &&
           vault_peek((struct text){record->head, LEAST}, id_out, generation_out) == 0;
}

static bool check_record(void *self, const struct walk_record *record)
{
    struct backup_facts *facts = self;
    struct vault_case_id id;
    uint64_t generation = 0, seq;

    switch (record->table) {
    case TABLE_JOURNAL:
        memcpy(&seq, record->key, sizeof(seq));
        return is_sealed(record, &id, &generation) && generation == seq && seq == ++facts->seq;
    case TABLE_CASE:
    case TABLE_CARD:
        return is_sealed(record, &id, &generation) && record->key_size == sizeof(id.bytes) &&
               memcmp(record->key, id.bytes, sizeof(id.bytes)) == 0;
    case TABLE_KEY:
        return record->key_size == sizeof(id.bytes) && record->size <= VAULT_WRAPPED_KEY_BYTES_MAX;
    case TABLE_WORKFLOW:
        return record->key_size == VAULT_HASH_BYTES && is_sealed(record, &id, &generation);
    case TABLE_DOCUMENT:
        return is_sealed(record, &id, &generation) &&
               record->size <=
                   STORE_CHUNK_BYTES + VAULT_HEADER_BYTES + VAULT_PAD_BYTES + VAULT_TAG_BYTES;
    default: /* clear facts, and what other parts of the store keep: their own readers prove them */
        return true;
    }
}

int backup_verify_data(struct age_reader *reader, const struct backup_member *data,
                       struct backup_facts *facts_out, char why_out[WALK_WHY_BYTES])
{
    struct data source = {reader, data->at};
    struct walk_options options = {
        .source = {&source, data->tar.size, read_data}, .self = facts_out, .record = check_record};
    struct walk_result found;

    facts_out->seq = 0;
    int result = walk(&options, &found);
    if (result < 0) {
        walk_explain(&found, result, why_out);
        return result;
    }
    facts_out->cases = found.entries[TABLE_KEY] - 1; /* one is of what belongs to no case */
    if (facts_out->seq == found.entries[TABLE_JOURNAL] && found.entries[TABLE_KEY] > 0 &&
        found.entries[TABLE_CARD] == found.entries[TABLE_CASE])
        return 0;
    snprintf(why_out, WALK_WHY_BYTES, "entries, snapshots or cards are missing");
    return -EBADMSG;
}
