/* Makes a case's stored state wrong, as a fault of the engine would: one text of its snapshot is
 * another, and it is sealed again with the store's own keys, so that no check of seals sees it.
 *
 *   wrong-state STORE KEY-FILE FROM TO
 *
 * The first case whose snapshot holds FROM gets TO, of the same length, in its place. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "store/store.h"
#include "system/system.h"

enum { STATUS_WRONG = 2 };

struct search {
    struct store *store;
    struct arena *arena;
    struct text from, to;
    struct store_snapshot found; /* card empty: none */
};

static bool look_at(void *self, const struct vault_case_id *id, uint64_t seq, struct text card)
{
    struct search *search = self;
    struct text body;

    if (store_load_case(search->store, search->arena, id, &seq, &body) != 0)
        return true;
    char *bytes = arena_copy(search->arena, body.bytes, body.size);
    char *place = memmem(bytes, body.size, search->from.bytes, search->from.size);
    if (!place)
        return true;
    memcpy(place, search->to.bytes, search->to.size);
    search->found = (struct store_snapshot){
        .id = *id, .seq = seq, .body = {bytes, body.size}, .card = text_copy(search->arena, card)};
    return false;
}

static int change(struct search *search)
{
    if (store_each_card(search->store, look_at, search) != 0 || search->found.seq == 0) {
        fputs("wrong-state: no snapshot holds that\n", stderr);
        return STATUS_WRONG;
    }
    struct store_batch batch = {.number = 1,
                                .snapshots = &search->found,
                                .snapshot_count = 1,
                                .horizon = store_horizon(search->store)};
    return store_commit(search->store, &batch) == 0 ? 0 : STATUS_WRONG;
}

int main(int argc, char **argv)
{
    static char key[VAULT_KEY_BYTES_MAX];
    FILE *file = argc == 5 ? fopen(argv[2], "r") : NULL;
    struct store_options options = {.opener = {VAULT_KEY_FILE, {key, 0}},
                                    .random = system_random()};
    ARENA_SCOPED struct arena *arena = arena_create("wrong-state");
    struct search search = {.arena = arena};
    struct diag_list diags;

    if (!file || strlen(argv[3]) != strlen(argv[4]))
        return STATUS_WRONG;
    options.path = argv[1];
    options.opener.secret.size = fread(key, 1, sizeof(key), file);
    fclose(file);
    search.from = text_from(argv[3]);
    search.to = text_from(argv[4]);
    diag_list_init(&diags, arena);
    if (store_open(&options, &diags, &search.store) != 0) {
        fprintf(stderr, "wrong-state: %.*s\n", TEXT_ARG(diags.items[0].message));
        return STATUS_WRONG;
    }
    int status = change(&search);
    store_close(search.store);
    return status;
}
