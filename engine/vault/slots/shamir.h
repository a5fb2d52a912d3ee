/* Shamir's secret sharing over GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1, byte by
 * byte. `needed` points of a polynomial of degree needed - 1 give its value at 0, which is the
 * secret; fewer say nothing of it. Nothing here branches or looks up by a secret. Pure. */
#ifndef SANKOFA_VAULT_SHAMIR_H
#define SANKOFA_VAULT_SHAMIR_H

#include <stddef.h>
#include <stdint.h>

enum { SHAMIR_NEEDED_MAX = 8 };

/* The value at `x`, which is not 0. `coefficients` are (needed - 1) * size random bytes, the same
 * for every share of one secret. */
void shamir_share(const uint8_t *secret, size_t size, const uint8_t *coefficients, size_t needed,
                  uint8_t x, uint8_t *share_out);
/* The value at 0 of the polynomial through the points; `xs` are not 0 and differ. */
void shamir_combine(const uint8_t *xs, const uint8_t *const *shares, size_t count, size_t size,
                    uint8_t *secret_out);

#endif
