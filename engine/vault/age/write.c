/* Writing: the header, the payload's nonce, then pieces of 64 KiB; the last one says that it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "vault/age/internal.h"

/* The file key for one recipient: two lines. */
static bool write_stanza(struct age_secrets *secrets, const struct port_random *random,
                         const uint8_t recipient[AGE_KEY_BYTES], char *header, size_t *size)
{
    static const uint8_t nonce[CRYPTO_GCM_NONCE_BYTES];
    uint8_t share[AGE_KEY_BYTES], wrapped[AGE_WRAPPED_BYTES];
    char share_text[AGE_BASE64_BYTES], wrapped_text[AGE_BASE64_BYTES];

    random->fill(random->self, secrets->ephemeral, sizeof(secrets->ephemeral));
    age_x25519_public(secrets->ephemeral, share);
    if (!age_x25519(secrets->ephemeral, recipient, secrets->shared))
        return false;
    age_wrap_key(secrets, share, recipient);
    age_chacha_seal(secrets->wrap, nonce, secrets->file_key, sizeof(secrets->file_key), wrapped);
    age_base64_write(share, share_text);
    age_base64_write(wrapped, wrapped_text);
    *size += (size_t)snprintf(header + *size, AGE_HEADER_BYTES_MAX - *size, AGE_STANZA "%s\n%s\n",
                              share_text, wrapped_text);
    return true;
}

static int write_header(struct age_writer *writer, const struct age_keys *recipients,
                        const struct port_random *random)
{
    char header[AGE_HEADER_BYTES_MAX], mac_text[AGE_BASE64_BYTES];
    uint8_t mac[CRYPTO_HASH_BYTES];
    size_t size = sizeof(AGE_FIRST_LINE) - 1;

    memcpy(header, AGE_FIRST_LINE, size);
    for (size_t i = 0; i < recipients->count; i++)
        if (!write_stanza(writer->secrets, random, recipients->keys[i], header, &size))
            return -EINVAL;
    memcpy(header + size, AGE_LAST_LINE, 3);
    size += 3;
    age_header_mac(writer->secrets, (struct text){header, size}, mac);
    age_base64_write(mac, mac_text);
    size += (size_t)snprintf(header + size, sizeof(header) - size, " %s\n", mac_text);
    writer->header_bytes = size;
    return writer->sink.write(writer->sink.self, header, size);
}

int age_writer_create(const struct age_keys *recipients, const struct port_random *random,
                      const struct age_sink *sink, struct age_writer **writer_out)
{
    struct age_writer *writer = calloc(1, sizeof(*writer));
    uint8_t nonce[AGE_NONCE_BYTES];

    CHECK(writer);
    CHECK(crypto_start() == 0);
    CHECK(recipients->count > 0 && recipients->count <= AGE_RECIPIENTS_MAX);
    writer->secrets = crypto_secret_alloc(sizeof(*writer->secrets));
    writer->sink = *sink;
    random->fill(random->self, writer->secrets->file_key, sizeof(writer->secrets->file_key));
    random->fill(random->self, nonce, sizeof(nonce));
    int result = write_header(writer, recipients, random);
    if (result == 0)
        result = sink->write(sink->self, nonce, sizeof(nonce));
    age_payload_key(writer->secrets, nonce);
    if (result < 0)
        age_writer_destroy(writer);
    else
        *writer_out = writer;
    return result;
}

static int write_piece(struct age_writer *writer, bool is_last)
{
    uint8_t nonce[CRYPTO_GCM_NONCE_BYTES];

    age_piece_nonce(writer->piece_index++, is_last, nonce);
    age_chacha_seal(writer->secrets->payload, nonce, writer->piece, writer->used, writer->sealed);
    size_t size = writer->used + CRYPTO_TAG_BYTES;
    writer->used = 0;
    return writer->sink.write(writer->sink.self, writer->sealed, size);
}

/* A full piece is written when more comes: only then is it known not to be the last. */
int age_write(struct age_writer *writer, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    int result = 0;

    while (size > 0 && result == 0) {
        if (writer->used == AGE_PIECE_BYTES)
            result = write_piece(writer, false);
        size_t some = AGE_PIECE_BYTES - writer->used;
        some = some < size ? some : size;
        memcpy(writer->piece + writer->used, at, some);
        writer->used += some;
        at += some;
        size -= some;
    }
    return result;
}

int age_finish(struct age_writer *writer)
{
    return write_piece(writer, true);
}

void age_writer_destroy(struct age_writer *writer)
{
    if (!writer)
        return;
    crypto_secret_free(writer->secrets, sizeof(*writer->secrets));
    crypto_wipe(writer->piece, sizeof(writer->piece));
    explicit_bzero(writer, sizeof(*writer));
    free(writer);
}
