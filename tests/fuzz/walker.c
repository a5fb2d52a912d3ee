/* The walker of data files: any bytes, bred from small real stores (walker_seeds.c). It reads
 * within the file alone, and ends. What it lets pass, LMDB reads from end to end, with as many
 * records as were counted; and once LMDB has written into it, it passes again. */
#include "store/walk/walk.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/walk/page.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed);

enum { PAGE = PAGE_BYTES_MIN, MAP_BYTES = 16 << 20, TABLES_MAX = 32, LONG_BYTES = 3 * PAGE };

/* ---- The walk. ---- */

static volatile uint8_t sum; /* of what was read, so that it is read */

struct memory {
    const uint8_t *bytes;
    size_t size;
};

static int read_memory(void *self, uint64_t offset, void *bytes_out, size_t size)
{
    const struct memory *memory = self;

    CHECK(offset <= memory->size && size <= memory->size - offset);
    memcpy(bytes_out, memory->bytes + offset, size);
    return 0;
}

/* What a record is shown with is there. */
static bool look(void *self, const struct walk_record *record)
{
    size_t shown = record->size < WALK_HEAD_BYTES ? (size_t)record->size : WALK_HEAD_BYTES;

    CHECK(record->table < TABLE_COUNT && record->key_size <= KEY_BYTES_MAX);
    for (size_t i = 0; i < record->key_size; i++)
        sum += ((const uint8_t *)record->key)[i];
    for (size_t i = 0; i < shown; i++)
        sum += ((const uint8_t *)record->head)[i];
    return self == NULL;
}

static int walk_bytes(const uint8_t *bytes, size_t size, struct walk_result *result_out)
{
    struct memory memory = {bytes, size};
    struct walk_options options = {{&memory, size, read_memory}, NULL, look};
    char why[WALK_WHY_BYTES];
    int result = walk(&options, result_out);

    CHECK(result == 0 || result == -EBADMSG);
    CHECK(result == 0 || result_out->fault);
    if (result < 0)
        walk_explain(result_out, result, why);
    return result;
}

/* ---- LMDB, with what passed. ---- */

static void end_on_assert(MDB_env *env, const char *message)
{
    (void)env;
    check_failed(message, "lmdb", 0);
}

/* MDB_MAP_FULL and its like are no damage. */
static bool is_full(int error)
{
    return error == MDB_MAP_FULL || error == MDB_TXN_FULL || error == ENOMEM || error == ENOSPC;
}

static MDB_env *open_env(int fd)
{
    char path[64];
    MDB_env *env;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    CHECK(mdb_env_create(&env) == 0);
    CHECK(mdb_env_set_maxdbs(env, TABLES_MAX) == 0);
    CHECK(mdb_env_set_mapsize(env, MAP_BYTES) == 0);
    CHECK(mdb_env_set_assert(env, end_on_assert) == 0);
    int error = mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS | MDB_NOSYNC, 0600);
    if (error != 0) {
        CHECK(is_full(error) || error == EINVAL); /* the size of a map that it asks for */
        mdb_env_close(env);
        return NULL;
    }
    return env;
}

static void read_table(MDB_txn *txn, MDB_dbi handle, uint64_t counted)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t count = 0;

    CHECK(mdb_cursor_open(txn, handle, &cursor) == 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        const uint8_t *bytes = value.mv_data;
        for (size_t i = 0; i < value.mv_size; i += 64)
            sum += bytes[i];
        if (value.mv_size > 0)
            sum += bytes[value.mv_size - 1];
        CHECK(mdb_get(txn, handle, &key, &value) == 0);
        count++;
    }
    CHECK(count == counted);
    mdb_cursor_close(cursor);
}

/* The tables that are there; TABLE_COUNT handles, 0: none. */
static void read_all(MDB_env *env, const struct walk_result *walked, MDB_dbi *handles_out)
{
    MDB_txn *txn;

    CHECK(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0);
    for (int i = 0; i < TABLE_COUNT; i++) {
        const char *name = table_name((enum table)i);
        int flags;

        CHECK(table_named(name, strlen(name), &flags) == (enum table)i);
        int error = mdb_dbi_open(txn, name, (unsigned)flags, &handles_out[i]);
        CHECK(error == 0 || error == MDB_NOTFOUND);
        if (error == 0)
            read_table(txn, handles_out[i], walked->entries[i]);
        else
            handles_out[i] = 0;
    }
    CHECK(mdb_txn_commit(txn) == 0); /* handles outlive it */
}

/* A new record, a long one, and the first one gone. */
static int write_table(MDB_txn *txn, MDB_dbi handle, bool has_integer_keys)
{
    static uint8_t bytes[LONG_BYTES];
    uint64_t number[2] = {0x123456789abcdefU, 1};
    MDB_val key = {has_integer_keys ? sizeof(number[0]) : sizeof(number), number}, value;
    MDB_cursor *cursor;
    int error = mdb_put(txn, handle, &key, &(MDB_val){100, bytes}, 0);

    number[0]++;
    if (error == 0)
        error = mdb_put(txn, handle, &key, &(MDB_val){sizeof(bytes), bytes}, 0);
    if (error == 0)
        error = mdb_cursor_open(txn, handle, &cursor);
    if (error != 0)
        return error;
    error = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    if (error == 0)
        error = mdb_cursor_del(cursor, 0);
    mdb_cursor_close(cursor);
    return error;
}

/* Twice, so that pages freed by the first are used by the second. */
static bool write_some(MDB_env *env, const MDB_dbi *handles)
{
    for (int round = 0; round < 3; round++) {
        MDB_txn *txn;
        int error = mdb_txn_begin(env, NULL, 0, &txn);

        CHECK(error == 0 || is_full(error));
        if (error != 0)
            return false;
        for (int i = 0; i < TABLE_COUNT && error == 0; i++)
            if (handles[i])
                error = write_table(txn, handles[i], i == TABLE_JOURNAL || i == TABLE_CHECKPOINT);
        CHECK(error == 0 || is_full(error));
        if (error == 0)
            error = mdb_txn_commit(txn);
        else
            mdb_txn_abort(txn);
        CHECK(error == 0 || is_full(error));
        if (error != 0)
            return false;
    }
    return true;
}

static void walk_again(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t *bytes = malloc((size_t)size);
    struct walk_result result;

    CHECK(bytes && pread(fd, bytes, (size_t)size, 0) == size);
    if (walk_bytes(bytes, (size_t)size, &result) < 0) {
        fprintf(stderr, "page %llu: %s\n", (unsigned long long)result.fault_page, result.fault);
        CHECK(!"what LMDB has written is refused");
    }
    free(bytes);
}

static void judge_lmdb(const uint8_t *data, size_t size, const struct walk_result *walked)
{
    MDB_dbi handles[TABLE_COUNT];
    int fd = memfd_create("walker", MFD_CLOEXEC);

    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    MDB_env *env = open_env(fd);
    if (env) {
        read_all(env, walked, handles);
        bool is_written = write_some(env, handles);
        mdb_env_close(env);
        if (is_written)
            walk_again(fd);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct walk_result result;

    if (walk_bytes(data, size, &result) == 0)
        judge_lmdb(data, size, &result);
    return 0;
}

/* ---- Breeding: a page is not changed at random alone, but where its fields are. ---- */

static const uint16_t telling[] = {
    0,    1,    2,    7,    8,    15,   16,   17,   18,   24,     48,     511,    512,    513, 4080,
    4088, 4094, 4095, 4096, 4097, 8192, 0x7f, 0x80, 0xff, 0xfff0, 0x7fff, 0x8000, 0xffff, 3,   4};

/* A number of 16 bits at `at` becomes another one, that is near it or tells much. */
static void change_u16(uint8_t *at, struct fuzz_chance *chance)
{
    uint16_t number;

    memcpy(&number, at, sizeof(number));
    switch (fuzz_pick(chance, 4)) {
    case 0:
        number = (uint16_t)(number + 1 + fuzz_pick(chance, 8));
        break;
    case 1:
        number = (uint16_t)(number - 1 - fuzz_pick(chance, 8));
        break;
    case 2:
        number = telling[fuzz_pick(chance, sizeof(telling) / sizeof(telling[0]))];
        break;
    case 3:
        number ^= (uint16_t)(1u << fuzz_pick(chance, 16));
        break;
    }
    memcpy(at, &number, sizeof(number));
}

/* In a meta page: magic to map, one of the two trees, the last page, the number of the commit. */
static void change_meta(uint8_t *page, struct fuzz_chance *chance)
{
    size_t at = PAGE_HEADER_BYTES + 2 * fuzz_pick(chance, (24 + 2 * PAGE_TREE_BYTES + 16) / 2);

    change_u16(page + at, chance);
}

static void change_header(uint8_t *page, struct fuzz_chance *chance)
{
    change_u16(page + 2 * fuzz_pick(chance, PAGE_HEADER_BYTES / 2), chance);
}

/* One node's offset, header, or the first words of its key and value. */
static void change_node(uint8_t *page, struct fuzz_chance *chance)
{
    size_t lower = page_u16(page + 12), count = lower > 16 && lower <= PAGE ? (lower - 16) / 2 : 0;
    size_t index = count > 0 ? fuzz_pick(chance, count) : 0;
    size_t at = page_u16(page + PAGE_HEADER_BYTES + 2 * index) & ~1u;
    size_t behind = 2 * fuzz_pick(chance, 40);

    if (fuzz_pick(chance, 4) == 0)
        change_u16(page + PAGE_HEADER_BYTES + 2 * index, chance);
    else if (at + behind + 2 <= PAGE)
        change_u16(page + at + behind, chance);
}

static void swap_nodes(uint8_t *page, struct fuzz_chance *chance)
{
    size_t lower = page_u16(page + 12), count = lower > 16 && lower <= PAGE ? (lower - 16) / 2 : 0;

    if (count < 2)
        return;
    uint8_t *one = page + PAGE_HEADER_BYTES + 2 * fuzz_pick(chance, count);
    uint8_t *two = page + PAGE_HEADER_BYTES + 2 * fuzz_pick(chance, count), held[2];
    memcpy(held, one, sizeof(held));
    memcpy(one, two, sizeof(held));
    memcpy(two, held, sizeof(held));
}

static void change_bytes(uint8_t *page, struct fuzz_chance *chance)
{
    uint8_t some[64];
    size_t at = fuzz_pick(chance, PAGE - sizeof(some));

    memcpy(some, page + at, sizeof(some));
    LLVMFuzzerMutate(some, sizeof(some), sizeof(some));
    memcpy(page + at, some, sizeof(some));
}

static void change_page(uint8_t *page, size_t number, struct fuzz_chance *chance)
{
    static void (*const ways[])(uint8_t * page, struct fuzz_chance * chance) = {
        change_header, change_node, change_node, change_node, swap_nodes, change_bytes};

    if (number < 2 && fuzz_pick(chance, 4) > 0)
        change_meta(page, chance);
    else
        ways[fuzz_pick(chance, sizeof(ways) / sizeof(ways[0]))](page, chance);
}

/* One page becomes a copy of another, with its own number or the other's. */
static void copy_page(uint8_t *data, size_t count, struct fuzz_chance *chance)
{
    uint8_t *to = data + fuzz_pick(chance, count) * PAGE, number[8];
    const uint8_t *from = data + fuzz_pick(chance, count) * PAGE;

    memcpy(number, to, sizeof(number));
    memmove(to, from, PAGE);
    if (fuzz_pick(chance, 4) > 0)
        memcpy(to, number, sizeof(number));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed)
{
    struct fuzz_chance chance = {seed};
    size_t count = size / PAGE;

    if (count < 2 || fuzz_pick(&chance, 50) == 0)
        return LLVMFuzzerMutate(data, size, size_max);
    for (size_t i = 1 + fuzz_pick(&chance, 3); i > 0; i--) {
        size_t number =
            fuzz_pick(&chance, 3) == 0 ? fuzz_pick(&chance, 2) : fuzz_pick(&chance, count);
        change_page(data + number * PAGE, number, &chance);
    }
    if (fuzz_pick(&chance, 20) == 0)
        copy_page(data, count, &chance);
    if (fuzz_pick(&chance, 40) == 0)
        size = PAGE * (2 + fuzz_pick(&chance, count - 1));
    return size;
}
