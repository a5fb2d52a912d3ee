/* Tar archives (ustar): regular files one after the other, each behind a header of 512 bytes. */
#ifndef SANKOFA_STORE_BACKUP_TAR_H
#define SANKOFA_STORE_BACKUP_TAR_H

#include <stdbool.h>
#include <stdint.h>

enum { TAR_BLOCK_BYTES = 512, TAR_NAME_BYTES = 100 };

struct tar_member {
    char name[TAR_NAME_BYTES + 1];
    uint64_t size;
};

/* Sizes of 8 GiB and more are written in base 256, as GNU tar does and every tar reads. */
void tar_header(const char *name, uint64_t size, int64_t modified_s,
                uint8_t block_out[TAR_BLOCK_BYTES]);
/* False: it is no header of a regular file, or its sum is wrong. */
bool tar_read_header(const uint8_t block[TAR_BLOCK_BYTES], struct tar_member *member_out);
/* What follows a member of that size up to the next header. */
uint64_t tar_padding(uint64_t size);

#endif
