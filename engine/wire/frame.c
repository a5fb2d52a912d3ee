/* Frames to bytes and back. */
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "wire/wire.h"

/* What the number of the call must be, by kind. */
static const struct frame_kind {
    bool known, of_call, of_plugin; /* of_call: the number counts; of_plugin: it must be 0 */
} frame_kinds[] = {
    [WIRE_LOADED] = {.known = true, .of_plugin = true},
    [WIRE_UNLOADED] = {.known = true, .of_plugin = true},
    [WIRE_RUN] = {.known = true, .of_call = true},
    [WIRE_RESUME] = {.known = true, .of_call = true},
    [WIRE_DROP] = {.known = true, .of_call = true},
    [WIRE_CANCEL] = {.known = true, .of_call = true},
    [WIRE_OUTCOME] = {.known = true, .of_call = true},
    [WIRE_LOG] = {.known = true},
    [WIRE_SECRETS] = {.known = true, .of_plugin = true},
};

struct head {
    uint32_t size;
    uint16_t kind, zeros;
    uint64_t call;
};
_Static_assert(sizeof(struct head) == WIRE_HEAD_BYTES, "a head is laid out as it is sent");

/* Whether wire_read will take what json_write makes of it. */
static bool is_sound(const struct value *value, unsigned depth)
{
    switch (value->kind) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        return true;
    case VALUE_DOUBLE:
        return isfinite(value->real);
    case VALUE_STRING:
        return text_is_utf8(value->string);
    case VALUE_LIST:
        if (depth == JSON_DEPTH_MAX)
            return false;
        for (size_t i = 0; i < value_count(value); i++) {
            if (!is_sound(value_item(value, i), depth + 1))
                return false;
        }
        return true;
    case VALUE_MAP:
        if (depth == JSON_DEPTH_MAX)
            return false;
        for (size_t i = 0; i < value_count(value); i++) {
            const struct value_member *member = value_member(value, i);
            if (!text_is_utf8(member->key) || !is_sound(&member->value, depth + 1))
                return false;
        }
        return true;
    }
    return false;
}

void wire_write_head(char head_out[WIRE_HEAD_BYTES], enum wire_kind kind, uint64_t call,
                     size_t body_bytes)
{
    struct head head = {.size = htole32((uint32_t)body_bytes),
                        .kind = htole16((uint16_t)kind),
                        .call = htole64(call)};
    memcpy(head_out, &head, sizeof head);
}

int wire_write(struct arena *arena, const struct wire_frame *frame, struct text *bytes_out)
{
    CHECK(frame->body.kind == VALUE_MAP);
    if (!is_sound(&frame->body, 0))
        return -EINVAL;
    struct text body = json_write(arena, &frame->body);
    if (body.size > WIRE_BODY_BYTES_MAX)
        return -EMSGSIZE;

    char *bytes = arena_alloc(arena, WIRE_HEAD_BYTES + body.size + 1);
    wire_write_head(bytes, frame->kind, frame->call, body.size);
    memcpy(bytes + WIRE_HEAD_BYTES, body.bytes, body.size);
    *bytes_out = (struct text){bytes, WIRE_HEAD_BYTES + body.size};
    return 0;
}

/* NULL, or what is wrong with a head. */
static const char *head_fault(const struct head *head)
{
    if (head->kind >= sizeof frame_kinds / sizeof frame_kinds[0] || !frame_kinds[head->kind].known)
        return "its kind is unknown";
    if (head->zeros != 0)
        return "its head holds something where zeros belong";
    if (head->size > WIRE_BODY_BYTES_MAX)
        return "it is larger than 4 MiB";
    if (frame_kinds[head->kind].of_call && head->call == 0)
        return "it names no call";
    if (frame_kinds[head->kind].of_plugin && head->call != 0)
        return "it names a call where none belongs";
    return NULL;
}

/* False while the head is not whole. */
static bool read_head(struct text bytes, struct head *head_out)
{
    if (bytes.size < sizeof *head_out)
        return false;
    memcpy(head_out, bytes.bytes, sizeof *head_out);
    head_out->size = le32toh(head_out->size);
    head_out->kind = le16toh(head_out->kind);
    head_out->zeros = le16toh(head_out->zeros);
    head_out->call = le64toh(head_out->call);
    return true;
}

int64_t wire_head(struct text bytes, struct wire_frame *frame_out, const char **why_out)
{
    struct head head;
    if (!read_head(bytes, &head))
        return 0;
    *why_out = head_fault(&head);
    if (*why_out != NULL)
        return -EPROTO;
    *frame_out = (struct wire_frame){
        .kind = (enum wire_kind)head.kind, .call = head.call, .body = value_null()};
    return (int64_t)sizeof head + head.size;
}

int64_t wire_read(struct arena *arena, struct text bytes, struct wire_frame *frame_out,
                  const char **why_out)
{
    int64_t size = wire_head(bytes, frame_out, why_out);
    if (size <= 0)
        return size;
    if (bytes.size < (size_t)size)
        return 0;

    struct text body = {bytes.bytes + WIRE_HEAD_BYTES, (size_t)size - WIRE_HEAD_BYTES};
    if (json_read(arena, body, &frame_out->body, NULL) != 0) {
        *why_out = "its body is not JSON";
        return -EPROTO;
    }
    if (frame_out->body.kind != VALUE_MAP) {
        *why_out = "its body is no object";
        return -EPROTO;
    }
    return size;
}
