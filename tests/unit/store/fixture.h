/* What the tests of the store share: a store in a folder of its own, batches of one thing. */
#ifndef SANKOFA_TESTS_STORE_FIXTURE_H
#define SANKOFA_TESTS_STORE_FIXTURE_H

#include "../vault/fixture.h"

#include <errno.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "store/store.h"

static struct store *store;

static inline struct store_options options_of(const struct fixture *fixture)
{
    return (struct store_options){.path = fixture->path,
                                  .opener = {VAULT_KEY_FILE, fixture->key},
                                  .map_bytes = (uint64_t)64 << 20,
                                  .random = fixture->random};
}

static inline int store_reopen(struct fixture *fixture)
{
    struct store_options options = options_of(fixture);

    store_close(store);
    store = NULL;
    return store_open(&options, &fixture->diags, &store);
}

static inline int store_setup(void **state)
{
    static struct fixture fixture;
    struct store_options options;

    *state = &fixture;
    fixture_init(&fixture, "store");
    options = options_of(&fixture);
    assert_int_equal(store_create(&options, &fixture.diags), 0);
    assert_int_equal(store_reopen(&fixture), 0);
    assert_int_equal(fixture.diags.count, 0);
    return 0;
}

static inline int store_teardown(void **state)
{
    store_close(store);
    store = NULL;
    fixture_finish(*state);
    return 0;
}

/* A new data key, as a batch carries it. The wrapped bytes live in the fixture's arena. */
static inline struct store_key new_key(struct fixture *fixture, struct vault_case_id id)
{
    uint8_t *wrapped = arena_alloc(fixture->arena, VAULT_WRAPPED_KEY_BYTES_MAX);
    struct store_key key = {.id = id, .wrapped = wrapped};

    assert_int_equal(vault_key_create(store_vault(store), &id, wrapped, &key.size), 0);
    return key;
}

static inline struct store_entry next_entry(struct vault_case_id id, struct text body)
{
    return (struct store_entry){.seq = store_last_seq(store) + 1, .id = id, .body = body};
}

/* Opens a case: its key, one entry, and a snapshot with its card. Returns the seq. */
static inline uint64_t open_case(struct fixture *fixture, struct vault_case_id id,
                                 const char *entry, const char *snapshot, const char *card)
{
    struct store_key key = new_key(fixture, id);
    struct store_entry first = next_entry(id, text_from(entry));
    struct store_snapshot whole = {id, first.seq, text_from(snapshot), text_from(card)};
    struct store_batch batch = {.number = first.seq,
                                .entries = &first,
                                .entry_count = 1,
                                .snapshots = &whole,
                                .snapshot_count = 1,
                                .keys = &key,
                                .key_count = 1,
                                .horizon = first.seq};

    assert_int_equal(store_commit(store, &batch), 0);
    return first.seq;
}

/* One more entry, no snapshot. */
static inline uint64_t add_entry(struct vault_case_id id, const char *body)
{
    struct store_entry entry = next_entry(id, text_from(body));
    struct store_batch batch = {
        .number = entry.seq, .entries = &entry, .entry_count = 1, .horizon = store_horizon(store)};

    assert_int_equal(store_commit(store, &batch), 0);
    return entry.seq;
}

/* `count` more entries in one batch, with or without a checkpoint. */
static inline void add_entries(struct vault_case_id id, size_t count, bool is_checkpoint)
{
    struct store_entry *entries = calloc(count + 1, sizeof(*entries));
    struct store_batch batch = {.number = 1,
                                .entries = entries,
                                .entry_count = count,
                                .horizon = store_horizon(store),
                                .is_checkpoint = is_checkpoint};

    assert_non_null(entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct store_entry){store_last_seq(store) + 1 + i, id, TEXT("{\"n\":1}")};
    assert_int_equal(store_commit(store, &batch), 0);
    free(entries);
}

static inline struct vault_case_id nobody(void)
{
    return (struct vault_case_id){{0}};
}

/* Runs `body` where it may end the process by CHECK; tells whether it did. */
static inline bool ends_process(void (*body)(void))
{
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fclose(stderr);
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
