/* Reading at any place: pieces are opened as they are needed, and the last ones are kept. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "vault/age/internal.h"

enum { KEPT = 64 }; /* pieces, 4 MiB: each has one place, by its number */

struct age_reader {
    struct age_secrets *secrets;
    struct age_source source;
    uint64_t payload_at, piece_count, size;
    struct {
        bool is_full;
        uint64_t index;
        uint8_t bytes[AGE_PIECE_BYTES];
    } kept[KEPT];
    uint8_t sealed[AGE_SEALED_PIECE_BYTES];
};

static struct age_reader *create(const struct age_source *source)
{
    struct age_reader *reader = calloc(1, sizeof(*reader));

    CHECK(reader);
    CHECK(crypto_start() == 0);
    reader->source = *source;
    reader->secrets = crypto_secret_alloc(sizeof(*reader->secrets));
    return reader;
}

static int open_piece(struct age_reader *reader, uint64_t index, const uint8_t **bytes_out)
{
    const struct age_source *source = &reader->source;
    uint64_t at = reader->payload_at + index * AGE_SEALED_PIECE_BYTES;
    bool is_last = index + 1 == reader->piece_count;
    uint8_t nonce[CRYPTO_GCM_NONCE_BYTES];
    size_t slot = (size_t)(index % KEPT);

    *bytes_out = reader->kept[slot].bytes;
    if (reader->kept[slot].is_full && reader->kept[slot].index == index)
        return 0;
    reader->kept[slot].is_full = false;
    size_t size = is_last ? (size_t)(source->size - at) : (size_t)AGE_SEALED_PIECE_BYTES;
    int result = source->read(source->self, at, reader->sealed, size);
    if (result < 0)
        return result;
    age_piece_nonce(index, is_last, nonce);
    if (!age_chacha_open(reader->secrets->payload, nonce, reader->sealed, size,
                         reader->kept[slot].bytes))
        return -EBADMSG;
    reader->kept[slot].index = index;
    reader->kept[slot].is_full = true;
    return 0;
}

/* The payload begins with its nonce at `at`. An empty last piece is allowed only where it is the
 * only one: the form is one. The last piece is opened at once: a file that was cut has none. */
static int begin(struct age_reader *reader, uint64_t at)
{
    const struct age_source *source = &reader->source;
    uint8_t nonce[AGE_NONCE_BYTES];
    const uint8_t *piece;

    if (source->size < at + AGE_NONCE_BYTES + CRYPTO_TAG_BYTES)
        return -EBADMSG;
    int result = source->read(source->self, at, nonce, sizeof(nonce));
    if (result < 0)
        return result;
    age_payload_key(reader->secrets, nonce);
    uint64_t sealed = source->size - at - AGE_NONCE_BYTES;
    reader->payload_at = at + AGE_NONCE_BYTES;
    reader->piece_count = (sealed + AGE_SEALED_PIECE_BYTES - 1) / AGE_SEALED_PIECE_BYTES;
    reader->size = sealed - reader->piece_count * CRYPTO_TAG_BYTES;
    uint64_t last = sealed - (reader->piece_count - 1) * AGE_SEALED_PIECE_BYTES;
    if (last < CRYPTO_TAG_BYTES || (last == CRYPTO_TAG_BYTES && reader->piece_count > 1))
        return -EBADMSG;
    return open_piece(reader, reader->piece_count - 1, &piece);
}

static int finish_create(struct age_reader *reader, int result, struct age_reader **reader_out)
{
    if (result < 0)
        age_reader_destroy(reader);
    else
        *reader_out = reader;
    return result;
}

int age_reader_create(const struct age_keys *identities, const struct age_source *source,
                      struct age_reader **reader_out)
{
    struct age_reader *reader = create(source);
    char header[AGE_HEADER_BYTES_MAX];
    size_t size = source->size < sizeof(header) ? (size_t)source->size : sizeof(header);
    int result = source->read(source->self, 0, header, size);

    if (result == 0)
        result = age_header_open((struct text){header, size}, identities, reader->secrets, &size);
    if (result == 0)
        result = begin(reader, size);
    return finish_create(reader, result, reader_out);
}

int age_reader_of(const struct age_writer *writer, const struct age_source *source,
                  struct age_reader **reader_out)
{
    struct age_reader *reader = create(source);

    memcpy(reader->secrets->file_key, writer->secrets->file_key, AGE_FILE_KEY_BYTES);
    return finish_create(reader, begin(reader, writer->header_bytes), reader_out);
}

uint64_t age_size(const struct age_reader *reader)
{
    return reader->size;
}

int age_read(struct age_reader *reader, uint64_t offset, void *bytes_out, size_t size)
{
    uint8_t *to = bytes_out;

    if (offset > reader->size || size > reader->size - offset)
        return -EBADMSG;
    while (size > 0) {
        size_t within = (size_t)(offset % AGE_PIECE_BYTES), some = AGE_PIECE_BYTES - within;
        const uint8_t *piece;
        int result = open_piece(reader, offset / AGE_PIECE_BYTES, &piece);

        if (result < 0)
            return result;
        some = some < size ? some : size;
        memcpy(to, piece + within, some);
        to += some;
        offset += some;
        size -= some;
    }
    return 0;
}

void age_reader_destroy(struct age_reader *reader)
{
    if (!reader)
        return;
    crypto_secret_free(reader->secrets, sizeof(*reader->secrets));
    crypto_wipe(reader, sizeof(*reader));
    explicit_bzero(reader, sizeof(*reader));
    free(reader);
}
