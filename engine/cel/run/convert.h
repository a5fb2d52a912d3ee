/* Readers of text that literals and conversions share; internal to cel/. */
#ifndef SANKOFA_CEL_CONVERT_H
#define SANKOFA_CEL_CONVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

/* Digits with a fraction and an exponent, or without; a sign before. False: it is no number, or not
 * finite. */
bool cel_convert_read_double(struct text text, double *number_out);
/* The shortest digits that give the same double again: "0.1", "1e+21", "NaN". */
struct text cel_convert_write_double(struct arena *arena, double number);

/* A duration as CEL writes it: "1h30m", "-1.5s", "0". False: it is none, or too long. */
bool cel_convert_read_duration(struct text text, struct instant *duration_out);
/* "5400s", "-1.5s" */
struct text cel_convert_write_duration(struct arena *arena, struct instant duration);

/* HH:MM with an optional sign, below a day. */
bool cel_convert_read_offset(struct text text, int32_t *offset_s_out);

/* Within the years 0001 to 9999. */
bool cel_convert_is_timestamp(struct instant instant);
/* Within 2^63 nanoseconds, about 292 years, either way. */
bool cel_convert_is_duration(struct instant instant);
/* Carries nanoseconds into seconds until they are within 0 and 1e9. The seconds are far from the
 * limits of int64. */
struct instant cel_convert_carry(int64_t seconds, int64_t nanos);

#endif
