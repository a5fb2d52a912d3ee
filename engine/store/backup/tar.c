/* The header: name 100, mode 8, uid 8, gid 8, size 12, time 12, sum 8, kind 1, link 100, magic 8;
 * numbers are octal digits. */
#include "store/backup/tar.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

enum { SUM_BYTES = 8, SIZE_BYTES = 12 };

struct header {
    char name[TAR_NAME_BYTES], mode[8], uid[8], gid[8], size[SIZE_BYTES], modified[12];
    char sum[SUM_BYTES], kind, link[100], magic[6], version[2];
    uint8_t rest[TAR_BLOCK_BYTES - 265];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK_BYTES, "a header is one block");

static const uint64_t octal_max = (uint64_t)1 << 33;

/* With spaces in the place of the sum itself. */
static unsigned sum_of(const struct header *header)
{
    const uint8_t *bytes = (const uint8_t *)header;
    unsigned sum = 0;

    for (size_t i = 0; i < sizeof(*header); i++) {
        bool is_sum = i >= offsetof(struct header, sum) &&
                      i < offsetof(struct header, sum) + sizeof(header->sum);
        sum += is_sum ? ' ' : bytes[i];
    }
    return sum;
}

void tar_header(const char *name, uint64_t size, int64_t modified_s,
                uint8_t block_out[TAR_BLOCK_BYTES])
{
    struct header header = {.kind = '0'};

    CHECK(strlen(name) < sizeof(header.name));
    strcpy(header.name, name);
    strcpy(header.mode, "0000600");
    strcpy(header.uid, "0000000");
    strcpy(header.gid, "0000000");
    if (size < octal_max) {
        snprintf(header.size, sizeof(header.size), "%011llo", (unsigned long long)size);
    } else {
        header.size[0] = (char)0x80;
        for (size_t i = 0; i < 8; i++)
            header.size[SIZE_BYTES - 1 - i] = (char)(size >> 8 * i & 0xff);
    }
    snprintf(header.modified, sizeof(header.modified), "%011llo",
             (unsigned long long)modified_s & (octal_max - 1));
    memcpy(header.magic, "ustar", 6);
    memcpy(header.version, "00", 2);
    snprintf(header.sum, sizeof(header.sum), "%06o", sum_of(&header));
    header.sum[7] = ' ';
    memcpy(block_out, &header, sizeof(header));
}

static bool read_octal(const char *digits, size_t count, uint64_t *number_out)
{
    *number_out = 0;
    for (size_t i = 0; i < count && digits[i] != '\0' && digits[i] != ' '; i++) {
        if (digits[i] < '0' || digits[i] > '7')
            return false;
        *number_out = *number_out << 3 | (uint64_t)(digits[i] - '0');
    }
    return true;
}

static bool read_size(const struct header *header, uint64_t *size_out)
{
    if ((uint8_t)header->size[0] != 0x80)
        return read_octal(header->size, sizeof(header->size), size_out);
    *size_out = 0;
    for (size_t i = SIZE_BYTES - 8; i < SIZE_BYTES; i++)
        *size_out = *size_out << 8 | (uint8_t)header->size[i];
    return *size_out < (uint64_t)1 << 62;
}

bool tar_read_header(const uint8_t block[TAR_BLOCK_BYTES], struct tar_member *member_out)
{
    struct header header;
    uint64_t sum;

    memcpy(&header, block, sizeof(header));
    if (memcmp(header.magic, "ustar", 5) != 0 || header.kind != '0' ||
        !read_octal(header.sum, sizeof(header.sum), &sum) || sum != sum_of(&header))
        return false;
    memcpy(member_out->name, header.name, sizeof(header.name));
    member_out->name[TAR_NAME_BYTES] = '\0';
    return read_size(&header, &member_out->size);
}

uint64_t tar_padding(uint64_t size)
{
    return (TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES;
}
