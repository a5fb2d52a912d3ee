/* Certificates of erasures. Read strictly: what is not exactly as it would be written is none. */
#include "store/tree/certificate.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/tree/lines.h"

#define HEAD "sankofa erasure certificate v1\n"
/* Part of the format, in English alone: `sankofa admin check` says it in the reader's language. */
#define SENTENCE "This case was erased: the keys that its records were sealed with are destroyed.\n"

/* In the order of their lines. */
static const struct {
    const char *name;
    size_t offset; /* of a struct text */
} texts[] = {
    {"store", offsetof(struct certificate, store)},
    {"case", offsetof(struct certificate, id)},
    {"code", offsetof(struct certificate, code)},
    {"workflow", offsetof(struct certificate, workflow)},
    {"country", offsetof(struct certificate, country)},
    {"asked", offsetof(struct certificate, asked)},
    {"asked_by", offsetof(struct certificate, asked_by)},
    {"asked_person", offsetof(struct certificate, asked_person)},
    {"erased", offsetof(struct certificate, erased)},
    {"approved_by", offsetof(struct certificate, approved_by)},
    {"approved_person", offsetof(struct certificate, approved_person)},
    {"finished", offsetof(struct certificate, finished)},
};

enum { TEXT_COUNT = sizeof(texts) / sizeof(texts[0]) };

static struct text *member(struct certificate *certificate, size_t index)
{
    return (struct text *)(void *)((char *)certificate + texts[index].offset);
}

struct text certificate_body(struct arena *arena, const struct certificate *certificate)
{
    struct certificate shown = *certificate;
    struct value reason = value_string(certificate->reason);
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT(HEAD SENTENCE));
    for (size_t i = 0; i < TEXT_COUNT; i++)
        if (!text_is_empty(*member(&shown, i)))
            text_append_printf(&buffer, "%s %.*s\n", texts[i].name, TEXT_ARG(*member(&shown, i)));
    text_append_printf(&buffer, "reason %.*s\n", TEXT_ARG(json_write(arena, &reason)));
    text_append_printf(
        &buffer, "seq %llu\nleaf %.*s\nfinished_seq %llu\n", (unsigned long long)certificate->seq,
        TEXT_ARG(text_base64(arena, certificate->leaf.bytes, sizeof(certificate->leaf))),
        (unsigned long long)certificate->finished_seq);
    return text_buffer_text(&buffer);
}

/* ---- Reading. ---- */

/* The value of a line of that name; false, and nothing taken, if the next line is another one. */
static bool take(struct text *rest, const char *name, struct text *value_out)
{
    struct text left = *rest, word;

    if (!lines_take(&left, ' ', &word) || !text_is(word, name) ||
        !lines_take(&left, '\n', value_out))
        return false;
    *rest = left;
    return true;
}

static bool take_count(struct text *rest, const char *name, uint64_t *count_out)
{
    struct text digits;

    return take(rest, name, &digits) && lines_count(digits, count_out);
}

static bool take_reason(struct arena *arena, struct text *rest, struct text *reason_out)
{
    struct text json;
    struct value reason;

    if (!take(rest, "reason", &json) || json_read(arena, json, &reason, NULL) < 0 ||
        reason.kind != VALUE_STRING)
        return false;
    *reason_out = reason.string;
    return true;
}

static bool read_body(struct arena *arena, struct text body, struct certificate *certificate)
{
    struct text rest = body, leaf;

    if (!text_begins(body, HEAD SENTENCE))
        return false;
    rest.bytes += sizeof(HEAD SENTENCE) - 1;
    rest.size -= sizeof(HEAD SENTENCE) - 1;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        take(&rest, texts[i].name, member(certificate, i));
    return take_reason(arena, &rest, &certificate->reason) &&
           take_count(&rest, "seq", &certificate->seq) && take(&rest, "leaf", &leaf) &&
           text_from_base64(leaf, certificate->leaf.bytes, sizeof(certificate->leaf)) &&
           take_count(&rest, "finished_seq", &certificate->finished_seq) && rest.size == 0 &&
           text_equal(certificate_body(arena, certificate), body);
}

/* The note ends where its signature lines do: with the text, or at an empty line. */
static struct text note_of(struct text text, struct text *behind_out)
{
    static const struct text empty = TEXT("\n\n");
    const char *body_end = memmem(text.bytes, text.size, empty.bytes, empty.size);
    const char *signatures = body_end ? body_end + empty.size : text.bytes + text.size;
    size_t left = (size_t)(text.bytes + text.size - signatures);
    const char *end = memmem(signatures, left, empty.bytes, empty.size);

    *behind_out = TEXT_NONE;
    if (!end)
        return text;
    *behind_out = (struct text){end + empty.size, left - (size_t)(end + empty.size - signatures)};
    return (struct text){text.bytes, (size_t)(end + 1 - text.bytes)};
}

bool certificate_read(struct arena *arena, struct text text, struct certificate_file *file_out)
{
    struct text behind;

    memset(file_out, 0, sizeof(*file_out));
    if (!text_begins(text, HEAD))
        return false;
    if (!note_split(note_of(text, &behind), &file_out->note) ||
        !read_body(arena, file_out->note.body, &file_out->certificate))
        return false;
    file_out->has_proof = behind.bytes != NULL;
    return !file_out->has_proof ||
           (proof_read(arena, behind, &file_out->proof) && !file_out->proof.is_growth);
}

bool certificate_is_proven(const struct certificate_file *file)
{
    const struct proof_text *proof = &file->proof;
    const struct checkpoint *checkpoint = &proof->note.checkpoint;

    return proof->number + 1 == file->certificate.seq &&
           memcmp(&proof->leaf, &file->certificate.leaf, sizeof(proof->leaf)) == 0 &&
           merkle_check_leaf(&proof->proof, &proof->leaf, proof->number, checkpoint->size,
                             &checkpoint->root);
}
