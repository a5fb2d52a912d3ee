/* JSON at the borders: socket, records, frames. Inside there are only values. */
#ifndef SANKOFA_BASE_JSON_H
#define SANKOFA_BASE_JSON_H

#include <stddef.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

struct json_fault {
    size_t line, column; /* 1-based */
    char message[160];
    bool is_cut; /* what is there is good as far as it goes */
};

enum { JSON_DEPTH_MAX = 64 };

/* Reads one JSON text. Members keep their order; duplicate names, names with U+0000, invalid UTF-8,
 * more than JSON_DEPTH_MAX levels and anything behind the text are refused. The value lives in
 * `arena`. Returns 0, or -EINVAL with *fault_out filled (which may be NULL). */
int json_read(struct arena *arena, struct text json, struct value *value_out,
              struct json_fault *fault_out);

/* Compact JSON, members in document order. Timestamps are written as RFC 3339 strings, durations as
 * "1.5s" strings. `value` holds no NaN or infinity. */
struct text json_write(struct arena *arena, const struct value *value);
/* The same, indented by two spaces, for people. */
struct text json_write_pretty(struct arena *arena, const struct value *value);

#endif
