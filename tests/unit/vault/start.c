/* A libcrypto or a machine that does not give what keys need. Each case is a process of its own,
 * because algorithms and secure heap are found once. */
#include "fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/wait.h>

#include "base/log.h"

enum { UNTOUCHED = -1 };
static bool without_gcm;
static int heap_answer = UNTOUCHED;

/* These stand in for OpenSSL's in this program. */
EVP_CIPHER *EVP_CIPHER_fetch(OSSL_LIB_CTX *library, const char *name, const char *properties)
{
    EVP_CIPHER *(*real)(OSSL_LIB_CTX *, const char *, const char *);

    *(void **)&real = dlsym(RTLD_NEXT, "EVP_CIPHER_fetch");
    return without_gcm && strstr(name, "GCM") ? NULL : real(library, name, properties);
}

int CRYPTO_secure_malloc_init(size_t size, size_t size_min)
{
    int (*real)(size_t, size_t);

    *(void **)&real = dlsym(RTLD_NEXT, "CRYPTO_secure_malloc_init");
    if (heap_answer == 0)
        return 0;
    return real(size, size_min) == 0 || heap_answer == UNTOUCHED ? 1 : heap_answer;
}

static char last_line[200];

static void keep(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static void in_process(void (*body)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        log_set_sink(keep, NULL);
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define EXPECT(fact) ((fact) ? (void)0 : _exit(__LINE__ & 0x7f))

static void expect_refusal(void)
{
    struct fixture fixture;
    struct vault *vault;

    fixture_init(&fixture, "slots");
    EXPECT(vault_self_test() == -EIO);
    EXPECT(strstr(last_line, "vault.self_test_failed test=algorithms") != NULL);
    EXPECT(vault_create(fixture.path, &fixture.opener, 0, &fixture.random, &fixture.diags) == -EIO);
    EXPECT(access(fixture.path, F_OK) == -1);
    EXPECT(vault_open(fixture.path, &fixture.opener, &fixture.random, &fixture.diags, &vault) ==
           -EIO);
    EXPECT(fixture.diags.count == 2);
    EXPECT(strcmp(fixture.diags.items[1].code, "E802") == 0);
    fixture_finish(&fixture);
}

static void without_algorithm(void)
{
    without_gcm = true;
    expect_refusal();
}

static void without_heap(void)
{
    heap_answer = 0;
    expect_refusal();
}

static void with_unlocked_heap(void)
{
    heap_answer = 2;
    EXPECT(vault_self_test() == 0);
    EXPECT(strstr(last_line, "vault.memory_unlocked") != NULL);
}

static void with_everything(void)
{
    EXPECT(vault_self_test() == 0);
    EXPECT(CRYPTO_secure_malloc_initialized());
    EXPECT(last_line[0] == '\0');
}

static void missing_algorithm_is_refused_everywhere(void **state)
{
    (void)state;
    in_process(without_algorithm);
}

static void missing_secure_heap_is_refused_everywhere(void **state)
{
    (void)state;
    in_process(without_heap);
}

static void memory_that_cannot_be_locked_is_told(void **state)
{
    (void)state;
    in_process(with_unlocked_heap);
}

static void start_is_silent_where_everything_is_there(void **state)
{
    (void)state;
    in_process(with_everything);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_algorithm_is_refused_everywhere),
        cmocka_unit_test(missing_secure_heap_is_refused_everywhere),
        cmocka_unit_test(memory_that_cannot_be_locked_is_told),
        cmocka_unit_test(start_is_silent_where_everything_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
