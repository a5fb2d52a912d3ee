/* Secrets in the host. They come once, before the first call, and are looked for in whatever the
 * plugin says that somebody could read. */
#include "host/secrets.h"

#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "wire/wire.h"

enum { SHOWN_BYTES_MIN = 4 };

_Static_assert(sizeof((struct secrets *)NULL)->items / sizeof(struct secret) == WIRE_SECRETS_MAX,
               "there is room for every secret");

void secrets_finish(struct secrets *secrets)
{
    if (secrets->bytes != NULL) {
        explicit_bzero(secrets->bytes, secrets->mapped_bytes);
        munmap(secrets->bytes, secrets->mapped_bytes);
    }
    *secrets = (struct secrets){0};
}

/* Names and secrets, each with a NUL behind it; 0: this is no map of secrets. */
static size_t bytes_needed(const struct value *list)
{
    size_t size = 0, secret_bytes = 0;
    if (list == NULL || list->kind != VALUE_MAP || value_count(list) > WIRE_SECRETS_MAX)
        return 0;
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value_member *member = value_member(list, i);
        if (!text_is_id(member->key) || member->value.kind != VALUE_STRING ||
            member->value.string.size % 2 != 0)
            return 0;
        secret_bytes += member->value.string.size / 2;
        size += member->key.size + 1 + member->value.string.size / 2 + 1;
    }
    return secret_bytes <= WIRE_SECRET_BYTES_MAX ? size : 0;
}

/* Locked where the limits allow it: swap is no place for it. */
static bool map(struct secrets *secrets, size_t size)
{
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED)
        return false;
    (void)mlock(bytes, size);
    (void)madvise(bytes, size, MADV_DONTDUMP);
    secrets->bytes = bytes;
    secrets->mapped_bytes = size;
    return true;
}

static bool keep(struct secrets *secrets, const struct value *list)
{
    char *at = secrets->bytes;
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value_member *member = value_member(list, i);
        struct secret *item = &secrets->items[secrets->count++];
        size_t size = member->value.string.size / 2;
        memcpy(at, member->key.bytes, member->key.size);
        item->name = (struct text){at, member->key.size};
        at += member->key.size + 1;
        if (!text_from_hex(member->value.string, at, size))
            return false;
        item->bytes = (struct text){at, size};
        at += size + 1;
    }
    return true;
}

static void wipe(const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *value = &value_member(list, i)->value;
        if (value->kind == VALUE_STRING)
            explicit_bzero((char *)(uintptr_t)value->string.bytes, value->string.size);
    }
}

bool secrets_take(struct secrets *secrets, const struct value *body)
{
    const struct value *list = value_get(body, TEXT("secrets"));
    size_t size = bytes_needed(list);
    secrets_finish(secrets);
    bool is_taken = size > 0 && map(secrets, size) && keep(secrets, list);
    wipe(list);
    if (!is_taken)
        secrets_finish(secrets);
    return is_taken;
}

struct text secrets_find(const struct secrets *secrets, struct text name)
{
    for (size_t i = 0; secrets != NULL && i < secrets->count; i++) {
        if (text_equal(secrets->items[i].name, name))
            return secrets->items[i].bytes;
    }
    return TEXT_NONE;
}

/* The secret that begins at the front of `words`, the longest of several; 0: none does. */
static size_t shown_at(const struct secrets *secrets, struct text words)
{
    size_t longest = 0;
    for (size_t i = 0; secrets != NULL && i < secrets->count; i++) {
        struct text secret = secrets->items[i].bytes;
        if (secret.size >= SHOWN_BYTES_MIN && secret.size <= words.size && secret.size > longest &&
            memcmp(secret.bytes, words.bytes, secret.size) == 0)
            longest = secret.size;
    }
    return longest;
}

bool secrets_show_in(const struct secrets *secrets, struct text words)
{
    for (size_t i = 0; i < words.size; i++) {
        if (shown_at(secrets, (struct text){words.bytes + i, words.size - i}) > 0)
            return true;
    }
    return false;
}

struct text secrets_hide(const struct secrets *secrets, struct text words, struct arena *arena)
{
    struct text_buffer hidden;
    if (!secrets_show_in(secrets, words))
        return words;
    text_buffer_init(&hidden, arena);
    for (size_t i = 0; i < words.size;) {
        size_t size = shown_at(secrets, (struct text){words.bytes + i, words.size - i});
        text_append(&hidden, size > 0 ? TEXT("***") : (struct text){words.bytes + i, 1});
        i += size > 0 ? size : 1;
    }
    return text_buffer_text(&hidden);
}
