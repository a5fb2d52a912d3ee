/* Text: bytes with a size, UTF-8 unless said. Every text that an arena owns is followed by a NUL
 * that is not counted, so `bytes` may be handed to C functions where no NUL can be inside. */
#ifndef SANKOFA_BASE_TEXT_H
#define SANKOFA_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct text {
    const char *bytes;
    size_t size;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
/* A sentence for people where no function says so by its own name: the catalogues of engine/po hold
 * it, and the client says it in the language asked for. */
#define N_(literal) literal
#define TEXT_NONE   ((struct text){NULL, 0})
/* For printf: "%.*s", TEXT_ARG(t) */
#define TEXT_ARG(t) (int)(t).size, ((t).bytes ? (t).bytes : "")

/* Borrows `cstring`; NULL gives TEXT_NONE. */
struct text text_from(const char *cstring);
struct text text_copy(struct arena *arena, struct text text);
__attribute__((format(printf, 2, 3))) struct text text_printf(struct arena *arena,
                                                              const char *format, ...);
struct text text_vprintf(struct arena *arena, const char *format, va_list arguments);

bool text_is_empty(struct text text);
bool text_equal(struct text a, struct text b);
bool text_is(struct text text, const char *cstring);
bool text_begins(struct text text, const char *prefix);
bool text_ends(struct text text, const char *suffix);
/* By bytes, as memcmp; the shorter one first. Same as by code points for UTF-8. */
int text_compare(struct text a, struct text b);

bool text_is_utf8(struct text text);
/* Code points of valid UTF-8. */
size_t text_code_points(struct text utf8);
/* Decodes the code point at *offset of valid UTF-8 and moves *offset behind it. */
uint32_t text_next_code_point(struct text utf8, size_t *offset);
/* Writes `code_point` as UTF-8, returns the bytes written (1 to 4). */
size_t text_encode_code_point(uint32_t code_point, char bytes_out[4]);

/* As wide as a space or of no width, so that nobody sees that it is none: U+00A0 and its like. */
bool text_is_false_space(uint32_t code_point);

/* An id of the workflow language: [a-z][a-z0-9_]*, at most 64 bytes. */
bool text_is_id(struct text text);
/* Two capital letters, as a country has them in ISO 3166-1; whether there is such a country is not
 * known here. */
bool text_is_country(struct text text);

/* The candidate nearest to `name` by edit distance, where it is near enough to be meant (a third of
 * the longer one, at least 1), else TEXT_NONE. */
struct text text_nearest(struct text name, const struct text *candidates, size_t count);

struct text text_hex(struct arena *arena, const void *bytes, size_t size);
/* False unless `hex` is exactly 2 * size hexadecimal digits. */
bool text_from_hex(struct text hex, void *bytes_out, size_t size);

/* Base 64 of RFC 4648, section 4, padded. */
struct text text_base64(struct arena *arena, const void *bytes, size_t size);
/* False unless `base64` is exactly what text_base64 makes of `size` bytes. */
bool text_from_base64(struct text base64, void *bytes_out, size_t size);

/* Decimal with an optional minus; false on anything else or overflow. */
bool text_to_int(struct text text, int64_t *number_out);
/* A JSON number; false on anything else or if it is not finite. */
bool text_to_double(struct text text, double *number_out);

/* A text that grows in an arena. */
struct text_buffer {
    struct arena *arena;
    char *bytes;
    size_t size, capacity;
};

void text_buffer_init(struct text_buffer *buffer, struct arena *arena);
void text_append(struct text_buffer *buffer, struct text text);
__attribute__((format(printf, 2, 3))) void text_append_printf(struct text_buffer *buffer,
                                                              const char *format, ...);
/* The text so far; valid until the next append. */
struct text text_buffer_text(const struct text_buffer *buffer);

#endif
