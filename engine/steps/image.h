/* A plugin's file, verified: read once into a sealed memfd and hashed there. What was hashed cannot
 * change any more, and is what a host loads; the file is never looked at again. */
#ifndef SANKOFA_STEPS_IMAGE_H
#define SANKOFA_STEPS_IMAGE_H

#include "base/text.h"

struct arena;

enum { IMAGE_BYTES_MAX = 64 << 20, IMAGE_HASH_HEX_BYTES = 64 };

struct image {
    int fd; /* close-on-exec */
    char sha256[IMAGE_HASH_HEX_BYTES + 1];
};

/* Refuses a file, or a folder above it, that is not owned by root or by the user of this process,
 * or that others can write to (a sticky folder, like /tmp, is none); what is no regular file, or
 * larger than IMAGE_BYTES_MAX; and content whose SHA-256 is not `sha256`, 64 hexadecimal digits
 * (NULL: any, for the author's tools). 0, or -errno with *why_out, a sentence. */
int image_open(const char *path, const char *sha256, struct arena *arena, struct image *image_out,
               struct text *why_out);
/* Accepts an image of fd -1. */
void image_close(struct image *image);

#endif
