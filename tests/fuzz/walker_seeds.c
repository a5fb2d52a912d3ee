/* Makes small stores, as the daemon does, and leaves their data files: what fuzz-walker breeds
 * from.
 *
 *   walker-seeds FOLDER */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/diag.h"
#include "store/store.h"
#include "system/system.h"

enum { MAP_BYTES = 16 << 20, LONG_BYTES = 9000, CASES_MAX = 400 };

struct making {
    struct arena *arena;
    struct store *store;
    char folder[64];
    uint64_t batch;
};

/* How a store is filled. */
struct shape {
    const char *name;
    size_t case_count, batch_count; /* cases a batch, and how often each is written */
    bool has_long, has_documents, is_erased;
};
static const struct shape shapes[] = {
    {.name = "empty"},
    {.name = "few", .case_count = 3, .batch_count = 2},
    {.name = "long", .case_count = 4, .batch_count = 3, .has_long = true},
    {.name = "many", .case_count = 60, .batch_count = 2},
    {.name = "erased", .case_count = 4, .batch_count = 3, .has_long = true, .is_erased = true},
    {.name = "documents", .case_count = 3, .batch_count = 2, .has_documents = true},
    {.name = "tiles", .case_count = 130, .batch_count = 2},
};

static struct vault_case_id id_of(size_t number)
{
    return (struct vault_case_id){
        {(uint8_t)(number * 37), (uint8_t)number, (uint8_t)(number >> 8), 1}};
}

static void commit(struct making *making, struct store_batch *batch)
{
    batch->number = ++making->batch;
    batch->horizon = store_last_seq(making->store) + batch->entry_count;
    batch->is_checkpoint = true;
    CHECK(store_commit(making->store, batch) == 0);
}

static struct store_key new_key(struct making *making, struct vault_case_id id)
{
    uint8_t *wrapped = arena_alloc(making->arena, VAULT_WRAPPED_KEY_BYTES_MAX);
    struct store_key key = {.id = id, .wrapped = wrapped};

    CHECK(vault_key_create(store_vault(making->store), &id, wrapped, &key.size) == 0);
    return key;
}

static struct text body_of(struct making *making, const struct shape *shape, size_t number)
{
    size_t size = shape->has_long && number % 3 == 1 ? LONG_BYTES : 20 + number % 50;
    char *bytes = arena_alloc(making->arena, size);

    memset(bytes, 'a', size);
    return (struct text){bytes, size};
}

static void write_cases(struct making *making, const struct shape *shape, bool is_new)
{
    struct store_entry entries[CASES_MAX];
    struct store_snapshot snapshots[CASES_MAX];
    struct store_key keys[CASES_MAX];
    struct store_batch batch = {.entries = entries,
                                .entry_count = shape->case_count,
                                .snapshots = snapshots,
                                .snapshot_count = shape->case_count,
                                .keys = keys,
                                .key_count = is_new ? shape->case_count : 0};

    for (size_t i = 0; i < shape->case_count; i++) {
        struct text body = body_of(making, shape, i);
        uint64_t seq = store_last_seq(making->store) + 1 + i;

        if (is_new)
            keys[i] = new_key(making, id_of(i));
        entries[i] = (struct store_entry){.seq = seq, .id = id_of(i), .body = body};
        snapshots[i] = (struct store_snapshot){id_of(i), seq, body, TEXT("{}")};
    }
    commit(making, &batch);
}

/* One of two chunks, and one that no entry tells of yet. */
static void write_documents(struct making *making)
{
    char *bytes = arena_alloc(making->arena, STORE_CHUNK_BYTES);
    const struct store_document_id whole = {{7}}, under_way = {{8}};
    struct store_document_change changes[] = {
        {STORE_CHUNK, id_of(0), whole, 0, false, {bytes, STORE_CHUNK_BYTES}},
        {STORE_CHUNK, id_of(0), whole, 1, true, {bytes, 900}},
        {STORE_KEEP, id_of(0), whole, 0, false, TEXT_NONE},
        {STORE_CHUNK, id_of(1), under_way, 0, true, {bytes, 900}},
    };

    memset(bytes, 'd', STORE_CHUNK_BYTES);
    commit(making, &(struct store_batch){.documents = changes, .document_count = 4});
}

static void erase(struct making *making)
{
    struct store_entry entry = {.seq = store_last_seq(making->store) + 1, .body = TEXT("{}")};
    struct vault_case_id id = id_of(1);

    commit(making, &(struct store_batch){.entries = &entry,
                                         .entry_count = 1,
                                         .erasures = &id,
                                         .erasure_count = 1,
                                         .erased_seq = entry.seq,
                                         .begins_epoch = true});
    while (store_rotation(making->store).is_pending)
        commit(making, &(struct store_batch){.rewrap_count_max = 20});
}

static void fill(struct making *making, const struct shape *shape)
{
    for (size_t i = 0; i < shape->batch_count; i++)
        write_cases(making, shape, i == 0);
    if (shape->has_documents)
        write_documents(making);
    if (shape->is_erased)
        erase(making);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void make(const struct shape *shape, const char *folder)
{
    struct making making = {.arena = arena_create("seeds"), .folder = "/tmp/sankofa-seeds-XXXXXX"};
    struct store_options options = {
        .opener = {VAULT_KEY_FILE, TEXT("a key file holds at least 32 bytes, as this one")},
        .map_bytes = MAP_BYTES,
        .random = system_random()};
    struct diag_list diags;

    diag_list_init(&diags, making.arena);
    CHECK(mkdtemp(making.folder));
    options.path = text_printf(making.arena, "%s/store", making.folder).bytes;
    CHECK(store_create(&options, &diags) == 0);
    CHECK(store_open(&options, &diags, &making.store) == 0);
    fill(&making, shape);
    store_close(making.store);
    const char *from = text_printf(making.arena, "%s/data.mdb", options.path).bytes;
    const char *to = text_printf(making.arena, "%s/%s", folder, shape->name).bytes;
    const char *copy = text_printf(making.arena, "cp '%s' '%s'", from, to).bytes;
    CHECK(system(copy) == 0);
    nftw(making.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_destroy(making.arena);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        make(&shapes[i], argv[1]);
    return 0;
}
