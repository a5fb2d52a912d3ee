/* Notes and their signatures. Read strictly: what is not exactly as it would be written is none. */
#include "store/tree/note.h"

#include <string.h>

#include "base/arena.h"
#include "store/tree/lines.h"
#include "vault/bytes.h"
#include "vault/vault.h"

#define DASH "\xe2\x80\x94 " /* em dash, space: a signature line begins with it */

enum { TIME_BYTES = 8, LINE_SIGNATURE_BYTES_MAX = NOTE_ID_BYTES + TIME_BYTES + SIGN_BYTES };

bool note_name_is_valid(struct text name)
{
    if (name.size == 0 || name.size > NOTE_NAME_BYTES_MAX || !text_is_utf8(name))
        return false;
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.bytes[i] <= ' ' || name.bytes[i] == '+' || name.bytes[i] == 0x7f)
            return false;
    return true;
}

/* ---- Keys. ---- */

static void key_id(const struct note_key *key, uint8_t id_out[NOTE_ID_BYTES])
{
    char seed[NOTE_NAME_BYTES_MAX + 2 + SIGN_KEY_BYTES];
    uint8_t hash[VAULT_HASH_BYTES];
    size_t size = key->name.size;

    memcpy(seed, key->name.bytes, size);
    seed[size++] = '\n';
    seed[size++] = (char)key->kind;
    memcpy(seed + size, key->public_key, SIGN_KEY_BYTES);
    vault_hash(seed, size + SIGN_KEY_BYTES, hash);
    memcpy(id_out, hash, NOTE_ID_BYTES);
}

struct text note_key_text(struct arena *arena, const struct note_key *key)
{
    uint8_t typed[1 + SIGN_KEY_BYTES], id[NOTE_ID_BYTES];

    typed[0] = (uint8_t)key->kind;
    memcpy(typed + 1, key->public_key, SIGN_KEY_BYTES);
    key_id(key, id);
    return text_printf(arena, "%.*s+%.*s+%.*s", TEXT_ARG(key->name),
                       TEXT_ARG(text_hex(arena, id, sizeof(id))),
                       TEXT_ARG(text_base64(arena, typed, sizeof(typed))));
}

bool lines_take(struct text *rest, char end, struct text *piece_out)
{
    const char *at = rest->size ? memchr(rest->bytes, end, rest->size) : NULL;

    if (!at)
        return false;
    *piece_out = (struct text){rest->bytes, (size_t)(at - rest->bytes)};
    rest->size -= piece_out->size + 1;
    rest->bytes = at + 1;
    return true;
}

bool note_key_read(struct text text, struct note_key *key_out)
{
    uint8_t typed[1 + SIGN_KEY_BYTES], id[NOTE_ID_BYTES], expected[NOTE_ID_BYTES];
    struct text rest = text, hex;

    if (!lines_take(&rest, '+', &key_out->name) || !note_name_is_valid(key_out->name) ||
        !lines_take(&rest, '+', &hex) || !text_from_hex(hex, id, sizeof(id)) ||
        !text_from_base64(rest, typed, sizeof(typed)))
        return false;
    if (typed[0] != NOTE_LOG && typed[0] != NOTE_WITNESS)
        return false;
    key_out->kind = (enum note_kind)typed[0];
    memcpy(key_out->public_key, typed + 1, SIGN_KEY_BYTES);
    key_id(key_out, expected);
    return memcmp(id, expected, sizeof(id)) == 0;
}

/* ---- Writing. ---- */

struct text checkpoint_body(struct arena *arena, const struct checkpoint *checkpoint)
{
    return text_printf(
        arena, "%.*s\n%llu\n%.*s\n", TEXT_ARG(checkpoint->origin),
        (unsigned long long)checkpoint->size,
        TEXT_ARG(text_base64(arena, checkpoint->root.bytes, sizeof(checkpoint->root))));
}

static struct text signature_line(struct arena *arena, const struct note_key *key,
                                  const uint8_t *bytes, size_t size)
{
    return text_printf(arena, DASH "%.*s %.*s\n", TEXT_ARG(key->name),
                       TEXT_ARG(text_base64(arena, bytes, size)));
}

struct text note_log_line(struct arena *arena, const struct note_key *key,
                          const uint8_t signature[SIGN_BYTES])
{
    uint8_t bytes[NOTE_ID_BYTES + SIGN_BYTES];

    key_id(key, bytes);
    memcpy(bytes + NOTE_ID_BYTES, signature, SIGN_BYTES);
    return signature_line(arena, key, bytes, sizeof(bytes));
}

struct text note_witness_message(struct arena *arena, struct text body, uint64_t time_s)
{
    return text_printf(arena, "cosignature/v1\ntime %llu\n%.*s", (unsigned long long)time_s,
                       TEXT_ARG(body));
}

struct text note_witness_line(struct arena *arena, const struct note_key *key, uint64_t time_s,
                              const uint8_t signature[SIGN_BYTES])
{
    uint8_t bytes[NOTE_ID_BYTES + TIME_BYTES + SIGN_BYTES];

    key_id(key, bytes);
    bytes_put_u64(bytes + NOTE_ID_BYTES, time_s);
    memcpy(bytes + NOTE_ID_BYTES + TIME_BYTES, signature, SIGN_BYTES);
    return signature_line(arena, key, bytes, sizeof(bytes));
}

/* ---- Reading. ---- */

bool lines_count(struct text text, uint64_t *count_out)
{
    int64_t number;

    if (text.size == 0 || text.bytes[0] == '-' || (text.bytes[0] == '0' && text.size > 1) ||
        !text_to_int(text, &number))
        return false;
    *count_out = (uint64_t)number;
    return true;
}

static bool read_checkpoint(struct text body, struct checkpoint *checkpoint_out)
{
    struct text size, root;

    return lines_take(&body, '\n', &checkpoint_out->origin) &&
           note_name_is_valid(checkpoint_out->origin) && lines_take(&body, '\n', &size) &&
           lines_count(size, &checkpoint_out->size) && lines_take(&body, '\n', &root) &&
           text_from_base64(root, checkpoint_out->root.bytes, MERKLE_HASH_BYTES);
}

/* The last empty line parts body and signatures. */
bool note_split(struct text text, struct note *note_out)
{
    if (text.size == 0 || text.size > NOTE_BYTES_MAX || text.bytes[text.size - 1] != '\n' ||
        !text_is_utf8(text))
        return false;
    for (size_t i = text.size; i > 1; i--)
        if (text.bytes[i - 1] == '\n' && text.bytes[i - 2] == '\n') {
            note_out->body = (struct text){text.bytes, i - 1};
            note_out->signatures = (struct text){text.bytes + i, text.size - i};
            return note_out->signatures.size > 0;
        }
    return false;
}

bool note_read(struct text text, struct note *note_out)
{
    return note_split(text, note_out) && read_checkpoint(note_out->body, &note_out->checkpoint);
}

/* ---- Checking. ---- */

/* A line of this key? Then its bytes behind the key's id. */
static bool is_line_of(struct text line, const struct note_key *key, size_t size, uint8_t *bytes)
{
    uint8_t all[LINE_SIGNATURE_BYTES_MAX], id[NOTE_ID_BYTES];
    struct text name;

    if (!text_begins(line, DASH))
        return false;
    line = (struct text){line.bytes + sizeof(DASH) - 1, line.size - (sizeof(DASH) - 1)};
    if (!lines_take(&line, ' ', &name) || !text_equal(name, key->name) ||
        !text_from_base64(line, all, NOTE_ID_BYTES + size))
        return false;
    key_id(key, id);
    if (memcmp(all, id, sizeof(id)) != 0)
        return false;
    memcpy(bytes, all + NOTE_ID_BYTES, size);
    return true;
}

static bool verifies(struct arena *arena, const struct note *note, const struct note_key *key,
                     const uint8_t *bytes, uint64_t *time_s_out)
{
    struct text message = note->body;

    *time_s_out = 0;
    if (key->kind == NOTE_WITNESS) {
        *time_s_out = bytes_u64(bytes);
        message = note_witness_message(arena, note->body, *time_s_out);
        bytes += TIME_BYTES;
    }
    return sign_is_genuine(key->public_key, message.bytes, message.size, bytes);
}

enum note_verdict note_check(struct arena *arena, const struct note *note,
                             const struct note_key *key, uint64_t *time_s_out)
{
    size_t size = SIGN_BYTES + (key->kind == NOTE_WITNESS ? TIME_BYTES : 0);
    uint8_t bytes[TIME_BYTES + SIGN_BYTES];
    struct text rest = note->signatures, line;
    enum note_verdict verdict = NOTE_UNSIGNED;

    for (size_t i = 0; i < NOTE_SIGNATURES_MAX && lines_take(&rest, '\n', &line); i++) {
        if (!is_line_of(line, key, size, bytes))
            continue;
        if (!verifies(arena, note, key, bytes, time_s_out))
            return NOTE_FORGED;
        verdict = NOTE_SIGNED;
    }
    return verdict;
}
