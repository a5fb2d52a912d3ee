/* What the tests of vault and store share: chance that repeats, a folder of their own, messages. */
#ifndef SANKOFA_TESTS_VAULT_FIXTURE_H
#define SANKOFA_TESTS_VAULT_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/port.h"
#include "base/text.h"
#include "vault/vault.h"

/* SplitMix64: any seed gives bytes that look random and come again. */
static inline void fake_random_fill(void *self, void *bytes_out, size_t size)
{
    uint64_t *state = self;
    uint8_t *bytes = bytes_out;

    for (size_t i = 0; i < size; i++) {
        uint64_t mixed = *state += 0x9e3779b97f4a7c15u;

        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        bytes[i] = (uint8_t)(mixed >> 56);
    }
}

struct fixture {
    struct arena *arena;
    uint64_t seed;
    struct port_random random;
    struct diag_list diags;
    struct text key; /* of the key file */
    struct vault_opener opener;
    char folder[64];
    char path[128]; /* something in it: the slots file, or the store */
};

static inline int fixture_init(struct fixture *fixture, const char *name)
{
    char *folder;

    fixture->arena = arena_create("test");
    fixture->seed = 2026;
    fixture->random = (struct port_random){&fixture->seed, fake_random_fill};
    diag_list_init(&fixture->diags, fixture->arena);
    fixture->key = TEXT("a key file holds at least 32 bytes, this one for instance");
    fixture->opener = (struct vault_opener){VAULT_KEY_FILE, fixture->key};
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/sankofa-unit-XXXXXX");
    folder = mkdtemp(fixture->folder);
    assert_non_null(folder);
    snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->folder, name);
    return 0;
}

static inline int fixture_remove_one(const char *path, const struct stat *status, int kind,
                                     struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static inline void fixture_finish(struct fixture *fixture)
{
    nftw(fixture->folder, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_destroy(fixture->arena);
}

static inline void fixture_forget_diags(struct fixture *fixture)
{
    diag_list_init(&fixture->diags, fixture->arena);
}

/* That exactly one message of that code was given, and forgets it. */
static inline void fixture_expect_diag(struct fixture *fixture, const char *code)
{
    assert_int_equal(fixture->diags.count, 1);
    assert_string_equal(fixture->diags.items[0].code, code);
    assert_true(fixture->diags.items[0].message.size > 0);
    fixture_forget_diags(fixture);
}

static inline struct vault_case_id fixture_id(uint64_t number)
{
    struct vault_case_id id = {{0}};

    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

/* The whole content of a file; it lives in the fixture's arena. */
static inline struct text fixture_read(struct fixture *fixture, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    char *bytes;
    ssize_t got;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    bytes = arena_alloc(fixture->arena, (size_t)status.st_size + 1);
    got = read(fd, bytes, (size_t)status.st_size);
    assert_int_equal(got, status.st_size);
    close(fd);
    return (struct text){bytes, (size_t)got};
}

static inline void fixture_write_at(const char *path, off_t offset, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written;

    assert_true(fd >= 0);
    written = pwrite(fd, bytes, size, offset);
    assert_int_equal(written, size);
    close(fd);
}

static inline void fixture_flip(struct fixture *fixture, const char *path, off_t offset)
{
    uint8_t byte = (uint8_t)fixture_read(fixture, path).bytes[offset] ^ 0x10;

    fixture_write_at(path, offset, &byte, 1);
}

#endif
