/* A document being taken in: its bytes go on to the store while they come.
 *
 * The happy path:
 * 1. The headers say what it is; whether it may come at all is asked before the first byte.
 * 2. Bytes are collected and hashed. Some chunks together are posted; while they are not durable
 *    and more has come, the connection sleeps, so that a sender who is faster than the disk waits
 * in his own socket, and nothing but these chunks is ever in memory.
 * 3. Behind the last byte the rest is posted, then the event that attaches the document to its
 * case. A request that ends otherwise has its upload dropped. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/wipe.h"

enum {
    POST_BYTES = 4 * STORE_CHUNK_BYTES, /* at once */
    TYPE_BYTES_MAX = 100,
    NAME_BYTES_MAX = 200
};

struct upload_in {
    struct request *request;
    struct text name, type;
    struct vault_hasher *hasher;
    uint64_t number; /* the wheel's; 0: it knows of none yet */
    uint64_t size;   /* that came */
    uint64_t length; /* that was said; 0: none was */
    char *bytes;     /* that were not posted */
    size_t used, capacity;
    bool is_posted; /* some were, and are not durable yet */
    bool is_whole;  /* the last byte has come */
};

/* ---- What the headers say: false and a refusal, or true. ---- */

static bool is_token(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] <= ' ' || text.bytes[i] >= 0x7f ||
            strchr("\"(),/:;<=>?@[\\]{}", text.bytes[i]))
            return false;
    return text.size > 0;
}

static bool read_type(struct request *request, struct text *type_out)
{
    const char *given = headers_get(request, "Content-Type");
    size_t size = given ? strcspn(given, "; \t") : 0;
    struct text type = text_copy(request->arena, (struct text){given ? given : "", size});
    const char *slash = memchr(type.bytes, '/', type.size);
    size_t before = slash ? (size_t)(slash - type.bytes) : 0;

    for (size_t i = 0; i < size; i++)
        if (type.bytes[i] >= 'A' && type.bytes[i] <= 'Z')
            ((char *)(uintptr_t)type.bytes)[i] = (char)(type.bytes[i] | 0x20);
    *type_out = type;
    if (slash && type.size <= TYPE_BYTES_MAX && is_token((struct text){type.bytes, before}) &&
        is_token((struct text){slash + 1, type.size - before - 1}) &&
        !text_begins(type, "multipart/"))
        return true;
    request_fail(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                 "Send the file itself, with its type: Content-Type: application/pdf.",
                 text_begins(type, "multipart/")
                     ? "The body is a form with a file in it, not the file."
                     : "The type of the document is not said.");
    return false;
}

/* RFC 8187: what ASCII cannot say stands there as %C3%A9. */
static bool decode(struct arena *arena, struct text coded, struct text *name_out)
{
    return target_decode(arena, coded, false, name_out) && text_is_utf8(*name_out);
}

static bool read_name(struct request *request, struct text *name_out)
{
    static const char coded[] = "UTF-8''";
    struct text given = text_from(headers_get(request, "Sankofa-File"));
    bool is_good = given.size > 0;

    *name_out = given;
    if (given.size >= sizeof(coded) - 1 && strncasecmp(given.bytes, coded, sizeof(coded) - 1) == 0)
        is_good =
            decode(request->arena,
                   (struct text){given.bytes + sizeof(coded) - 1, given.size - (sizeof(coded) - 1)},
                   name_out);
    if (is_good && name_out->size <= NAME_BYTES_MAX)
        return true;
    request_fail(request, PROBLEM_BAD_REQUEST,
                 "Send Sankofa-File: scan.pdf; what is not ASCII as RFC 8187 writes it.",
                 "The header Sankofa-File does not say how the document is called, in at most %d "
                 "bytes.",
                 NAME_BYTES_MAX);
    return false;
}

static uint64_t length_of(const struct request *request)
{
    const char *length = headers_get(request, "Content-Length");
    int64_t size = 0;

    return length && text_to_int(text_from(length), &size) ? (uint64_t)size : 0;
}

static bool is_wanted(struct request *request)
{
    struct problem problem;

    request->run.case_name = route_segment(request, "case");
    request->run.person = &request->person;
    if (wheel_may_attach(request->api->options.wheel, &request->run, length_of(request),
                         request->arena, &problem))
        return true;
    request_refuse(request, &problem);
    return false;
}

void upload_begin(struct request *request)
{
    struct text name, type;

    if (!read_type(request, &type) || !read_name(request, &name) || !is_wanted(request))
        return;
    struct upload_in *upload = ARENA_NEW(request->arena, struct upload_in);
    *upload = (struct upload_in){.request = request,
                                 .name = name,
                                 .type = type,
                                 .length = length_of(request),
                                 .hasher = vault_hasher_create()};
    request->upload = upload;
}

uint64_t upload_size(const struct upload_in *upload)
{
    return upload->size;
}

/* ---- Bytes. ---- */

static void post(struct upload_in *upload, size_t size, bool is_last,
                 void (*reply)(void *self, const struct run_reply *reply))
{
    struct request *request = upload->request;

    request->run.kind = RUN_CHUNK;
    request->run.upload = upload->number;
    request->run.source = (struct text){upload->bytes ? upload->bytes : "", size};
    request->run.is_last = is_last;
    request_post_to(request, reply);
    upload->used -= size;
    if (upload->used > 0)
        memmove(upload->bytes, upload->bytes + size, upload->used);
    request->run.source = TEXT_NONE;
}

/* Also where nobody waits any more: then it is dropped by this number. */
static bool take_reply(struct request *request, const struct run_reply *reply)
{
    if (!reply->problem)
        request->upload->number = (uint64_t)value_int_at(&reply->body, "upload", 0);
    if (!request_take(request))
        return false;
    peer_allow(request->peer, request->api->options.limits.request_ms_max);
    if (!reply->problem)
        return true;
    request_refuse(request, reply->problem);
    return false;
}

static void post_last(struct upload_in *upload);

static void stored(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    if (!take_reply(request, reply))
        return;
    request->upload->is_posted = false;
    if (request->upload->is_whole)
        post_last(request->upload);
    else
        request_wake(request);
}

static void keep(struct upload_in *upload, const char *bytes, size_t size)
{
    if (upload->used + size > upload->capacity) {
        upload->capacity = 2 * (upload->used + size);
        upload->bytes = wipe_grow(upload->bytes, upload->used, upload->capacity);
    }
    memcpy(upload->bytes + upload->used, bytes, size);
    upload->used += size;
}

/* Whether the sender has more for us than the library holds already. If not, the connection must
 * not sleep: woken, the library reads before it looks at what it holds, and takes the sender's end
 * for a broken connection. */
static bool has_more(const struct peer *peer)
{
    char byte;

    return recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void upload_take(struct upload_in *upload, const char *bytes, size_t size)
{
    struct request *request = upload->request;

    vault_hasher_add(upload->hasher, bytes, size);
    keep(upload, bytes, size);
    if (upload->size / STORE_CHUNK_BYTES != (upload->size + size) / STORE_CHUNK_BYTES)
        peer_allow(request->peer, request->api->options.limits.request_ms_max);
    upload->size += size;
    /* More than that: what is posted is not the last of it. */
    if (upload->used <= POST_BYTES)
        return;
    if (!upload->is_posted) {
        upload->is_posted = request->is_awaited = true;
        post(upload, POST_BYTES, false, stored);
    }
    if (request->is_awaited && has_more(request->peer)) {
        request->peer->deadline_ms = INT64_MAX;
        request_sleep(request);
    }
}

/* ---- The end. ---- */

/* What makes two requests with one key the same. */
static struct text hash_of(struct request *request, struct text sha256)
{
    const struct upload_in *upload = request->upload;
    struct text text = text_printf(
        request->arena, "%.*s %.*s\n%.*s\n%.*s\n%.*s", TEXT_ARG(request->method),
        TEXT_ARG(request->path), TEXT_ARG(upload->name), TEXT_ARG(upload->type), TEXT_ARG(sha256));
    uint8_t hash[VAULT_HASH_BYTES];

    vault_hash(text.bytes, text.size, hash);
    return text_hex(request->arena, hash, sizeof(hash));
}

static void attach(void *self, const struct run_reply *reply)
{
    struct request *request = self;
    struct upload_in *upload = request->upload;
    uint8_t hash[VAULT_HASH_BYTES];

    if (!take_reply(request, reply))
        return;
    request->peer->deadline_ms = INT64_MAX;
    vault_hasher_end(upload->hasher, hash);
    struct text sha256 = text_hex(request->arena, hash, sizeof(hash));
    struct value data = value_map(request->arena);
    value_put(&data, "name", value_string(upload->name));
    value_put(&data, "type", value_string(upload->type));
    value_put(&data, "sha256", value_string(sha256));
    request->run.kind = RUN_ATTACH;
    request->run.upload = upload->number;
    request->run.data = data;
    request->run.request = hash_of(request, sha256);
    request_post(request);
}

static void post_last(struct upload_in *upload)
{
    upload->request->peer->deadline_ms = INT64_MAX;
    post(upload, upload->used, true, attach);
}

void handle_attach(struct request *request)
{
    struct upload_in *upload = request->upload;

    CHECK(upload);
    upload->is_whole = true;
    if (upload->is_posted)
        request->is_awaited = false; /* as of any request whose body has just come */
    else
        post_last(upload);
}

static void nobody(void *self, const struct run_reply *reply)
{
    (void)self;
    (void)reply;
}

void upload_destroy(struct upload_in *upload)
{
    if (!upload)
        return;
    struct request *request = upload->request;
    struct api *api = request->api;
    struct run_request run = {.kind = RUN_DROP_UPLOAD,
                              .person = &request->person,
                              .upload = upload->number,
                              .reply = nobody};
    /* A daemon that closes leaves it to its next start. */
    if (upload->number != 0 && !api->is_closing) {
        wheel_post(api->options.wheel, &run);
        api->options.posted(api->options.self);
    }
    vault_hasher_destroy(upload->hasher);
    wipe_free(upload->bytes);
}
