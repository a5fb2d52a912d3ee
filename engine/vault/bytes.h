/* Numbers in the files and records of vault and store: big-endian, unaligned. */
#ifndef SANKOFA_VAULT_BYTES_H
#define SANKOFA_VAULT_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline void bytes_put_u32(uint8_t bytes_out[4], uint32_t number)
{
    number = htobe32(number);
    memcpy(bytes_out, &number, sizeof(number));
}

static inline void bytes_put_u64(uint8_t bytes_out[8], uint64_t number)
{
    number = htobe64(number);
    memcpy(bytes_out, &number, sizeof(number));
}

static inline uint32_t bytes_u32(const uint8_t bytes[4])
{
    uint32_t number;

    memcpy(&number, bytes, sizeof(number));
    return be32toh(number);
}

static inline uint64_t bytes_u64(const uint8_t bytes[8])
{
    uint64_t number;

    memcpy(&number, bytes, sizeof(number));
    return be64toh(number);
}

#endif
