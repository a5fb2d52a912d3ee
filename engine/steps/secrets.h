/* Secrets on their way to a host: read from their files when it is started, sent, wiped. Nothing of
 * them stays in this process. */
#ifndef SANKOFA_STEPS_SECRETS_H
#define SANKOFA_STEPS_SECRETS_H

#include <stddef.h>

#include "base/text.h"

struct arena;

/* What a plugin is given under a name: the bytes of a file, without one newline at its end. */
struct steps_secret {
    const char *name;
    const char *file; /* absolute */
};

/* Reads the files and sends them, as one frame, through a fresh socket, which takes them whole.
 * Refuses a file that others may read or write, that is no regular one, that is empty, and more
 * than WIRE_SECRET_BYTES_MAX together. 0; or -errno with *why_out, a sentence without their
 * content. */
int secrets_send(const struct steps_secret *secrets, size_t count, int socket, struct arena *arena,
                 struct text *why_out);

#endif
