/* Bytes of TZif files, made here. */
#ifndef SANKOFA_TESTS_UNIT_BASE_TZIF_H
#define SANKOFA_TESTS_UNIT_BASE_TZIF_H

#include "fixture.h"

static inline void put_u32(struct text_buffer *out, uint32_t number)
{
    char bytes[4] = {(char)(number >> 24), (char)(number >> 16), (char)(number >> 8), (char)number};
    text_append(out, (struct text){bytes, 4});
}

static inline void put_header(struct text_buffer *out, char version, uint32_t times, uint32_t types)
{
    text_append(out, TEXT("TZif"));
    text_append(out, (struct text){&version, 1});
    text_append(out, TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    const uint32_t counts[] = {0, 0, 0, times, types, 4};
    for (size_t i = 0; i < 6; i++)
        put_u32(out, counts[i]);
}

static inline void put_type(struct text_buffer *out, int32_t offset_s)
{
    put_u32(out, (uint32_t)offset_s);
    text_append(out, TEXT("\0\0"));
}

/* A version 2 file: one hour east until the moment 1000, two hours from there, then the rule. */
static inline struct text file_with_rule(const char *rule)
{
    struct text_buffer out;
    text_buffer_init(&out, arena);
    put_header(&out, '2', 0, 1);
    put_type(&out, 0);
    text_append(&out, TEXT("UTC\0"));
    put_header(&out, '2', 1, 2);
    put_u32(&out, 0);
    put_u32(&out, 1000);
    text_append(&out, TEXT("\1"));
    put_type(&out, 3600);
    put_type(&out, 7200);
    text_append(&out, TEXT("ABC\0\n"));
    text_append(&out, text_from(rule));
    text_append(&out, TEXT("\n"));
    return text_buffer_text(&out);
}

#endif
