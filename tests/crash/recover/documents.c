#include "documents.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

struct text documents_hash(struct arena *arena, struct text bytes)
{
    uint8_t hash[VAULT_HASH_BYTES];

    vault_hash(bytes.bytes, bytes.size, hash);
    return text_hex(arena, hash, sizeof(hash));
}

struct text documents_content(struct arena *arena, size_t size)
{
    char *bytes = arena_alloc(arena, size + 1);
    uint32_t state = (uint32_t)size;

    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (char)(state >> 24);
    }
    return (struct text){bytes, size};
}

/* ---- Of the cases. ---- */

static int read_all(struct wheel *wheel, const struct value *document, struct arena *arena,
                    struct text *whole_out)
{
    int64_t size = value_int_at(document, "size", 0);
    char *whole = arena_alloc(arena, (size_t)size + 1);
    int64_t at = 0;
    uint32_t number = 0;
    int result;

    do {
        struct text bytes;
        result = wheel_read_chunk(wheel, document, number++, arena, &bytes);
        if (result == 0) {
            memcpy(whole + at, bytes.bytes, bytes.size);
            at += (int64_t)bytes.size;
        }
    } while (result == 0 && at < size);
    *whole_out = (struct text){whole, (size_t)at};
    return result;
}

static bool tell_one(struct wheel *wheel, struct text id, const struct value_member *member)
{
    ARENA_SCOPED struct arena *arena = arena_create("document");
    struct value document = value_copy(arena, &member->value);
    struct text whole;

    value_put(&document, "case", value_string(id));
    int result = read_all(wheel, &document, arena, &whole);
    if (result < 0)
        printf("bad document %.*s %.*s %d\n", TEXT_ARG(id), TEXT_ARG(member->key), result);
    else
        printf("document %.*s %.*s %zu %.*s\n", TEXT_ARG(id), TEXT_ARG(member->key), whole.size,
               TEXT_ARG(documents_hash(arena, whole)));
    return result == 0;
}

bool documents_tell(struct wheel *wheel, const struct run_case *one)
{
    ARENA_SCOPED struct arena *arena = arena_create("documents");
    struct text id = text_hex(arena, one->state.id.bytes, sizeof(one->state.id.bytes));
    const struct value *documents = value_at(&one->state.doc, "documents");
    bool is_good = true;

    for (size_t i = 0; i < value_count(documents); i++)
        is_good &= tell_one(wheel, id, value_member(documents, i));
    return is_good;
}

/* ---- Beside them. ---- */

static void count(void *self, const struct vault_case_id *id,
                  const struct store_document_id *document)
{
    (void)id, (void)document;
    (*(size_t *)self)++;
}

static int tell_erased(struct store *store, struct arena *arena)
{
    struct text body;
    struct value erased;
    int result = store_read_meta(store, arena, "erased", &body);

    if (result == 0)
        result = json_read(arena, body, &erased, NULL);
    for (size_t i = 0; result == 0 && i < value_count(&erased); i++) {
        struct text name = value_text_at(&value_member(&erased, i)->value, "id");
        struct vault_case_id id;

        if (!text_from_hex(name, id.bytes, sizeof(id.bytes)))
            return -EBADMSG;
        int has = store_has_documents(store, &id);
        if (has > 0)
            printf("left %.*s\n", TEXT_ARG(name));
        result = has < 0 ? has : 0;
    }
    return result == -ENOENT ? 0 : result;
}

bool documents_tell_left(struct store *store)
{
    ARENA_SCOPED struct arena *arena = arena_create("left");
    size_t under_way = 0;
    int result = store_each_under_way(store, count, &under_way);

    printf("under-way %zu\n", under_way);
    if (result == 0)
        result = tell_erased(store, arena);
    return result == 0;
}
