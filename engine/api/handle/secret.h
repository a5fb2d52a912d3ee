/* Secrets that a request brings: in locked memory, wiped when they were used. */
#ifndef SANKOFA_API_SECRET_H
#define SANKOFA_API_SECRET_H

#include "api/internal.h"
#include "vault/keys.h"
#include "vault/slots/shares.h"

/* An opener and the memory that its secret lives in. Begins as zeros. */
struct secret {
    struct vault_opener opener;
    void *memory;
    size_t size;
};

/* From `passphrase`, `key` (hexadecimal) or `shares`, whichever the body has: false and a refusal,
 * or true. */
bool secret_read(struct request *request, const struct body *body, struct secret *secret_out);
/* Accepts a zeroed object. */
void secret_finish(struct secret *secret);

#endif
