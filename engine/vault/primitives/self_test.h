/* Known answers that libcrypto must give at every start before anything is sealed with it. */
#ifndef SANKOFA_VAULT_SELF_TEST_H
#define SANKOFA_VAULT_SELF_TEST_H

#include <stddef.h>
#include <stdint.h>

enum { SELF_TEST_BYTES_MAX = 128 };

/* The bytes of a test's hexadecimal columns. */
struct self_test_bytes {
    uint8_t bytes[SELF_TEST_BYTES_MAX];
    size_t size;
};
struct self_test_given {
    struct self_test_bytes key, nonce, aad, input;
};

struct self_test {
    const char *name;
    void (*compute)(const struct self_test_given *given, struct self_test_bytes *answer_out);
    /* Hexadecimal. `nonce` is HKDF's salt, `aad` its info. */
    const char *key, *nonce, *aad, *input, *answer;
};

extern const struct self_test self_tests[];
extern const size_t self_test_count;

/* 0, or -EIO with the name of the first that failed in the log. */
int self_test_run(const struct self_test *tests, size_t count);

#endif
