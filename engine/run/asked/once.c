/* Writes of no case that are carried out once, however often they are sent: the store keeps what
 * the last of them were answered, by person and Idempotency-Key, in the batch that carries them
 * out.
 *
 * What a request was is kept as a MAC: its body may hold a passphrase. */
#include <errno.h>

#include "base/arena.h"
#include "base/json.h"
#include "run/internal.h"

#define META_NAME "once"

enum { KEPT_MAX = 64 };

static struct text mac_of(struct wheel *wheel, const struct queued *queued)
{
    struct text request = queued->request.request;
    uint8_t mac[VAULT_HASH_BYTES];

    vault_mac(store_vault(wheel->store), "request of no case", request.bytes, request.size, mac);
    return text_hex(queued->arena, mac, sizeof(mac));
}

const struct value *once_find(struct wheel *wheel, const struct queued *queued)
{
    for (size_t i = 0; i < value_count(&wheel->once); i++) {
        const struct value *one = value_item(&wheel->once, i);
        if (text_equal(value_text_at(one, "by"), queued->person.id) &&
            text_equal(value_text_at(one, "key"), queued->request.key))
            return text_is_empty(queued->request.key) ? NULL : one;
    }
    return NULL;
}

bool once_is_answered(struct wheel *wheel, const struct queued *queued)
{
    const struct value *before = once_find(wheel, queued);

    if (!before)
        return false;
    if (!text_equal(value_text_at(before, "request"), mac_of(wheel, queued))) {
        wheel_fail(wheel, queued, PROBLEM_IDEMPOTENCY_KEY_REUSED,
                   "This key was used for another request of yours.",
                   "Send a new key with a new request.");
        return true;
    }
    struct run_reply reply = {.status = (int)value_int_at(before, "status", 200),
                              .body = value_copy(queued->arena, value_at(before, "body")),
                              .is_repeat = true};
    wheel_reply(wheel, queued, wheel->once_batch, &reply);
    return true;
}

/* The list anew, without its oldest where it is full. */
static void keep(struct wheel *wheel, const struct value *one)
{
    struct arena *arena = arena_create("once");
    struct value list = value_list(arena);
    size_t count = value_count(&wheel->once);

    for (size_t i = count < KEPT_MAX ? 0 : count - KEPT_MAX + 1; i < count; i++)
        value_append(&list, value_copy(arena, value_item(&wheel->once, i)));
    value_append(&list, value_copy(arena, one));
    arena_destroy(wheel->once_arena);
    wheel->once_arena = arena;
    wheel->once = list;
}

void once_keep(struct wheel *wheel, const struct queued *queued, int status,
               const struct value *body)
{
    struct value one = value_map(queued->arena), meta = value_map(queued->arena);

    if (text_is_empty(queued->request.key))
        return;
    value_put(&one, "by", value_string(queued->person.id));
    value_put(&one, "key", value_string(queued->request.key));
    value_put(&one, "request", value_string(mac_of(wheel, queued)));
    value_put(&one, "status", value_int(status));
    value_put(&one, "body", *body);
    keep(wheel, &one);
    value_put(&meta, "kept", wheel->once);
    batch_set_meta(wheel->filling, META_NAME, &meta);
    wheel->once_batch = wheel->filling->number;
}

int once_recover(struct wheel *wheel)
{
    struct text body;
    struct value meta;
    int result = store_read_meta(wheel->store, wheel->turn, META_NAME, &body);

    wheel->once_arena = arena_create("once");
    wheel->once = value_list(wheel->once_arena);
    if (result == 0)
        result = json_read(wheel->turn, body, &meta, NULL);
    if (result == 0)
        wheel->once = value_copy(wheel->once_arena, value_at(&meta, "kept"));
    return result == -ENOENT ? 0 : result;
}

void once_finish(struct wheel *wheel)
{
    arena_destroy(wheel->once_arena);
}
