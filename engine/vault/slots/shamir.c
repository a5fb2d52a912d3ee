/* Points of a polynomial over GF(2^8), and its value at 0 by Lagrange's formula. */
#include "vault/slots/shamir.h"

#include "base/check.h"

/* In a time that does not depend on the factors. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
    uint8_t product = 0;

    for (int i = 0; i < 8; i++) {
        product ^= (uint8_t)(a & -(b & 1));
        a = (uint8_t)(a << 1 ^ (0x1b & -(a >> 7)));
        b >>= 1;
    }
    return product;
}

/* a^254, which is 1/a. */
static uint8_t inverse(uint8_t a)
{
    uint8_t power = a, result = 1;

    for (int i = 1; i < 8; i++) {
        power = multiply(power, power);
        result = multiply(result, power);
    }
    return result;
}

void shamir_share(const uint8_t *secret, size_t size, const uint8_t *coefficients, size_t needed,
                  uint8_t x, uint8_t *share_out)
{
    CHECK(x != 0);
    CHECK(needed >= 2 && needed <= SHAMIR_NEEDED_MAX);
    for (size_t i = 0; i < size; i++) {
        uint8_t value = 0;

        for (size_t degree = needed - 1; degree > 0; degree--)
            value = multiply(value ^ coefficients[(degree - 1) * size + i], x);
        share_out[i] = value ^ secret[i];
    }
}

void shamir_combine(const uint8_t *xs, const uint8_t *const *shares, size_t count, size_t size,
                    uint8_t *secret_out)
{
    uint8_t weights[SHAMIR_NEEDED_MAX];

    CHECK(count >= 2 && count <= SHAMIR_NEEDED_MAX);
    for (size_t i = 0; i < count; i++) {
        weights[i] = 1;
        for (size_t j = 0; j < count; j++)
            if (j != i)
                weights[i] = multiply(weights[i], multiply(xs[j], inverse(xs[i] ^ xs[j])));
    }
    for (size_t i = 0; i < size; i++) {
        secret_out[i] = 0;
        for (size_t j = 0; j < count; j++)
            secret_out[i] ^= multiply(shares[j][i], weights[j]);
    }
}
