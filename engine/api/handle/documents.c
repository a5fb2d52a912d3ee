/* Documents that are kept: their list, and one of them, sent chunk by chunk as it is taken. */
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"

enum { BLOCK_BYTES = 64 << 10, TAKE_MS_MAX = 60000 };

struct download {
    struct request *request;
    struct arena *arena; /* of the chunk */
    struct value document;
    uint32_t next; /* chunk */
    struct text bytes;
    size_t sent; /* of them */
};

void handle_documents(struct request *request)
{
    request->run.kind = RUN_DOCUMENTS;
    request->run.case_name = route_segment(request, "case");
    request_post(request);
}

/* ---- What is said of it. ---- */

/* A name as old readers take it: what is not ASCII, or would end it, is _. */
static void append_plain(struct text_buffer *buffer, struct text name)
{
    for (size_t i = 0; i < name.size;) {
        uint32_t c = text_next_code_point(name, &i);
        char plain = c < 0x7f && c != '"' && c != '\\' && c != '%' ? (char)c : '_';
        text_append(buffer, (struct text){&plain, 1});
    }
}

/* RFC 8187. */
static void append_coded(struct text_buffer *buffer, struct text name)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (size_t i = 0; i < name.size; i++)
        if (memchr(plain, name.bytes[i], sizeof(plain) - 1))
            text_append(buffer, (struct text){name.bytes + i, 1});
        else
            text_append_printf(buffer, "%%%02X", (unsigned)(unsigned char)name.bytes[i]);
}

static void add(struct MHD_Response *response, const char *name, struct text value)
{
    CHECK(MHD_add_response_header(response, name, value.bytes) == MHD_YES);
}

/* It came from outside: whoever shows it takes it for what it was said to be, and runs nothing. */
static void add_headers(struct download *download, struct MHD_Response *response)
{
    struct arena *arena = download->request->arena;
    struct text name = value_text_at(&download->document, "name");
    struct text_buffer disposition;
    uint8_t hash[VAULT_HASH_BYTES];

    text_buffer_init(&disposition, arena);
    text_append(&disposition, TEXT("attachment; filename=\""));
    append_plain(&disposition, name);
    text_append(&disposition, TEXT("\"; filename*=UTF-8''"));
    append_coded(&disposition, name);
    add(response, "Content-Disposition", text_buffer_text(&disposition));
    add(response, "X-Content-Type-Options", TEXT("nosniff"));
    add(response, "Content-Security-Policy", TEXT("sandbox"));
    CHECK(text_from_hex(value_text_at(&download->document, "sha256"), hash, sizeof(hash)));
    add(response, "Content-Digest",
        text_printf(arena, "sha-256=:%.*s:", TEXT_ARG(text_base64(arena, hash, sizeof(hash)))));
}

/* ---- Its bytes. ---- */

/* What the library frees as it is: its own block, and the header with the name. The response may
 * outlive the download. */
struct sending {
    struct download *download;
    struct MHD_Response *response;
    char *bytes;
    size_t size;
};

static ssize_t give(void *self, uint64_t at, char *bytes, size_t size_max)
{
    struct sending *sending = self;
    struct download *download = sending->download;
    struct request *request = download->request;

    (void)at;
    sending->bytes = bytes;
    if (sending->size < size_max)
        sending->size = size_max;
    if (download->sent == download->bytes.size) {
        arena_reset(download->arena);
        download->sent = 0;
        if (wheel_read_chunk(request->api->options.wheel, &download->document, download->next++,
                             download->arena, &download->bytes) < 0) {
            download->bytes = TEXT_NONE;
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    size_t left = download->bytes.size - download->sent;
    size_t size = left < size_max ? left : size_max;
    memcpy(bytes, download->bytes.bytes + download->sent, size);
    download->sent += size;
    peer_allow(request->peer, TAKE_MS_MAX);
    return (ssize_t)size;
}

static void sent(void *self)
{
    struct sending *sending = self;
    char *name = (char *)(uintptr_t)MHD_get_response_header(sending->response,
                                                            MHD_HTTP_HEADER_CONTENT_DISPOSITION);

    if (sending->bytes)
        explicit_bzero(sending->bytes, sending->size);
    if (name)
        explicit_bzero(name, strlen(name));
    free(sending);
}

struct MHD_Response *download_response(struct request *request)
{
    struct download *download = request->download;
    struct sending *sending = calloc(1, sizeof(*sending));

    CHECK(sending);
    sending->download = download;
    struct MHD_Response *response = MHD_create_response_from_callback(
        (uint64_t)value_int_at(&download->document, "size", 0), BLOCK_BYTES, give, sending, sent);

    CHECK(response);
    sending->response = response;
    add_headers(download, response);
    return response;
}

void download_destroy(struct download *download)
{
    if (download)
        arena_destroy(download->arena);
}

static void found(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    if (!request_take_good(request, reply))
        return;
    struct download *download = ARENA_NEW(request->arena, struct download);
    download->request = request;
    download->arena = arena_create("document");
    download->document = value_copy(request->arena, &reply->body);
    request->download = download;
    request->status = MHD_HTTP_OK;
    request->type = value_text_at(&download->document, "type").bytes;
    request_wake(request);
}

void handle_document(struct request *request)
{
    request->run.kind = RUN_DOCUMENT;
    request->run.case_name = route_segment(request, "case");
    request->run.name = route_segment(request, "document");
    request_post_to(request, found);
}
