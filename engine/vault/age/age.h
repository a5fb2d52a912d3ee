/* Files that only the holder of another key can open, in the age format, version 1 (C2SP age.md):
 * the tool `age` of any machine opens them too.
 *
 * Words: a *recipient* is a public key, "age1..."; its *identity* is the private half,
 * "AGE-SECRET-KEY-1...". The *payload* is encrypted in pieces of 64 KiB, each proven by its own
 * tag, so that it can be read at any place. */
#ifndef SANKOFA_VAULT_AGE_H
#define SANKOFA_VAULT_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/port.h"
#include "base/text.h"

struct age_reader;
struct age_writer;

enum {
    AGE_KEY_BYTES = 32,
    AGE_RECIPIENTS_MAX = 16,
    AGE_TEXT_BYTES = 96,          /* of a recipient or an identity as text, its NUL included */
    AGE_FILE_BYTES_MAX = 16 << 10 /* of a file of them */
};

struct age_keys {
    uint8_t keys[AGE_RECIPIENTS_MAX][AGE_KEY_BYTES];
    size_t count;
};

/* A new identity and its recipient. The caller wipes `identity_out`. */
void age_identity_create(const struct port_random *random, char identity_out[AGE_TEXT_BYTES],
                         char recipient_out[AGE_TEXT_BYTES]);
/* Reads a file's lines: one key each, empty ones and those that begin with # apart. False: the line
 * *line_out (from 1) is none; 0: there is no key, or there are more than AGE_RECIPIENTS_MAX. */
bool age_read_recipients(struct text lines, struct age_keys *keys_out, size_t *line_out);
/* The caller wipes `keys_out`. */
bool age_read_identities(struct text lines, struct age_keys *keys_out, size_t *line_out);

/* ---- Writing. ---- */

/* Where the encrypted bytes go; 0 or -errno. */
struct age_sink {
    void *self;
    int (*write)(void *self, const void *bytes, size_t size);
};

/* Writes the header. `sink` is copied. 0 or the sink's -errno; -EINVAL: a recipient is no good key.
 */
int age_writer_create(const struct age_keys *recipients, const struct port_random *random,
                      const struct age_sink *sink, struct age_writer **writer_out);
int age_write(struct age_writer *writer, const void *bytes, size_t size);
/* Writes what is left. No age_write comes after it. */
int age_finish(struct age_writer *writer);
/* Wipes the keys. Accepts NULL. */
void age_writer_destroy(struct age_writer *writer);

/* ---- Reading, at any place. ---- */

/* What was written. */
struct age_source {
    void *self;
    uint64_t size;
    /* 0 or -errno; what is asked for lies within `size`. */
    int (*read)(void *self, uint64_t offset, void *bytes_out, size_t size);
};

/* -EACCES: none of the identities opens it; -EBADMSG: it is damaged, cut, or no age file; or the
 * source's -errno. */
int age_reader_create(const struct age_keys *identities, const struct age_source *source,
                      struct age_reader **reader_out);
/* Of what a writer has written, while it still knows its key: no identity is needed. */
int age_reader_of(const struct age_writer *writer, const struct age_source *source,
                  struct age_reader **reader_out);
/* Bytes of the payload. */
uint64_t age_size(const struct age_reader *reader);
/* Exactly `size` bytes. -EBADMSG: a piece was changed, or there are not as many. */
int age_read(struct age_reader *reader, uint64_t offset, void *bytes_out, size_t size);
/* Wipes the keys and what was read. Accepts NULL. */
void age_reader_destroy(struct age_reader *reader);

#endif
