/* An export being sent: an archive, encrypted for its recipient while it is made; no file of it is
 * on the daemon's disk.
 *
 * The happy path:
 * 1. The wheel tells what the case is, and which documents it has; the archive begins with that.
 * 2. When what was made is out, more is made: a chunk of a document, else some entries of the
 *    history, which the wheel is asked for while the connection sleeps.
 * 3. The archive's end, and the encryption's: without it nobody takes the file for whole. */
#include <errno.h>
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "store/backup/tar.h"
#include "vault/age/age.h"

enum { BLOCK_BYTES = 64 << 10, TAKE_MS_MAX = 60000, EXTENSION_BYTES_MAX = 8 };

struct export
{
    struct request *request;
    struct arena *arena;      /* of what is made at once */
    struct text_buffer ready; /* encrypted, not sent yet */
    size_t sent;
    struct age_writer *writer;
    struct value documents;
    size_t document; /* that is being sent */
    uint32_t chunk;  /* of it, the next one */
    uint64_t next;   /* entry of the history; 0: there is none before */
    int64_t at_s;
    struct text code;
    bool is_over, is_broken;
};

static int keep(void *self, const void *bytes, size_t size)
{
    struct export *export = self;

    text_append(&export->ready, (struct text){bytes, size});
    return 0;
}

/* ---- The archive: keep() never fails, so none of this does. ---- */

static void add(struct export *export, struct text text)
{
    CHECK(age_write(export->writer, text.bytes, text.size) == 0);
}

static void write_padding(struct export *export, uint64_t size)
{
    static const char zeros[TAR_BLOCK_BYTES];

    add(export, (struct text){zeros, (size_t)tar_padding(size)});
}

static void write_header(struct export *export, struct text name, uint64_t size)
{
    uint8_t block[TAR_BLOCK_BYTES];
    struct text path =
        text_printf(export->arena, "%.*s/%.*s", TEXT_ARG(export->code), TEXT_ARG(name));

    CHECK(path.size <= TAR_NAME_BYTES);
    tar_header(path.bytes, size, export->at_s, block);
    add(export, (struct text){(const char *)block, sizeof(block)});
}

static void write_members(struct export *export, const struct value *members)
{
    for (size_t i = 0; i < value_count(members); i++) {
        const struct value *one = value_item(members, i);
        struct text text = value_text_at(one, "text");
        write_header(export, value_text_at(one, "name"), text.size);
        add(export, text);
        write_padding(export, text.size);
    }
}

static void write_end(struct export *export)
{
    static const char zeros[2 * TAR_BLOCK_BYTES];

    add(export, (struct text){zeros, sizeof(zeros)});
    CHECK(age_finish(export->writer) == 0);
    export->is_over = true;
}

/* ---- Documents. ---- */

/* ".pdf": what others open a file by. Of a strange name, nothing. */
static struct text extension_of(struct text name)
{
    size_t at = name.size;

    while (at > 0 && name.size - at < EXTENSION_BYTES_MAX && name.bytes[at - 1] != '.') {
        char c = (char)(name.bytes[at - 1] | 0x20);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return TEXT_NONE;
        at--;
    }
    return at > 1 && at < name.size && name.bytes[at - 1] == '.'
               ? (struct text){name.bytes + at - 1, name.size - at + 1}
               : TEXT_NONE;
}

/* Its next chunk. -errno: it is damaged. */
static int write_chunk(struct export *export)
{
    const struct value *document = value_item(&export->documents, export->document);
    uint64_t size = (uint64_t)value_int_at(document, "size", 0);
    struct text bytes;

    if (export->chunk == 0)
        write_header(export,
                     text_printf(export->arena, "documents/%.*s%.*s",
                                 TEXT_ARG(value_text_at(document, "number")),
                                 TEXT_ARG(extension_of(value_text_at(document, "name")))),
                     size);
    int result = wheel_read_chunk(export->request->api->options.wheel, document, export->chunk,
                                  export->arena, &bytes);
    if (result < 0)
        return result;
    add(export, bytes);
    export->chunk++;
    if ((uint64_t) export->chunk * STORE_CHUNK_BYTES >= size) {
        write_padding(export, size);
        export->chunk = 0;
        export->document++;
    }
    return 0;
}

/* ---- The response. ---- */

static void begin_part(struct export *export)
{
    arena_reset(export->arena);
    text_buffer_init(&export->ready, export->arena);
    export->sent = 0;
}

static void answered(void *self, const struct run_reply *reply)
{
    struct request *request = self;
    struct export *export = request->export;

    if (!request_take(request))
        return;
    if (reply->problem) {
        export->is_broken = true;
    } else {
        write_members(export, value_at(&reply->body, "members"));
        export->next = (uint64_t)value_int_at(&reply->body, "next", 0);
    }
    peer_allow(request->peer, TAKE_MS_MAX);
    request_wake(request);
}

static void ask_on(struct export *export)
{
    struct request *request = export->request;

    request->run.number = export->next;
    request->peer->deadline_ms = INT64_MAX;
    request_sleep(request);
    request_post_to(request, answered);
}

/* True: there may be something to send now; false: the wheel was asked. */
static bool make_more(struct export *export)
{
    begin_part(export);
    if (export->document < value_count(&export->documents)) {
        export->is_broken = write_chunk(export) < 0;
        return true;
    }
    if (export->next != 0) {
        ask_on(export);
        return false;
    }
    write_end(export);
    return true;
}

static ssize_t give(void *self, uint64_t at, char *bytes, size_t size_max)
{
    struct export *export = self;

    (void)at;
    while (export->sent == export->ready.size) {
        if (export->is_broken)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        if (export->is_over)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (!make_more(export))
            return 0;
    }
    size_t left = export->ready.size - export->sent, size = left < size_max ? left : size_max;
    memcpy(bytes, export->ready.bytes + export->sent, size);
    export->sent += size;
    peer_allow(export->request->peer, TAKE_MS_MAX);
    return (ssize_t)size;
}

struct MHD_Response *export_response(struct request *request)
{
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
                                                                      give, request->export, NULL);
    struct text name = text_printf(request->arena, "attachment; filename=\"%.*s.tar.age\"",
                                   TEXT_ARG(request->export->code));

    CHECK(response);
    CHECK(MHD_add_response_header(response, "Content-Disposition", name.bytes) == MHD_YES);
    CHECK(MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES);
    return response;
}

void export_destroy(struct export *export)
{
    if (!export)
        return;
    age_writer_destroy(export->writer);
    arena_destroy(export->arena);
}

/* ---- Beginning. ---- */

static void create(struct request *request, const struct value *body)
{
    struct export *export = ARENA_NEW(request->arena, struct export);
    struct age_sink sink = {export, keep};
    struct age_keys keys;
    size_t line;

    export->request = request;
    export->arena = arena_create("export");
    begin_part(export);
    /* It was read when it was asked for. */
    CHECK(age_read_recipients(value_text_at(body, "recipient"), &keys, &line));
    CHECK(age_writer_create(&keys, &request->api->options.random, &sink, &export->writer) == 0);
    export->code = text_copy(request->arena, value_text_at(body, "code"));
    export->documents = value_copy(request->arena, value_at(body, "documents"));
    export->next = (uint64_t)value_int_at(body, "next", 0);
    export->at_s = value_int_at(body, "at", 0) / 1000;
    write_members(export, value_at(body, "members"));
    request->export = export;
    request->type = "application/octet-stream";
    request->status = MHD_HTTP_OK;
}

static void begun(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    if (!request_take_good(request, reply))
        return;
    create(request, &reply->body);
    request_wake(request);
}

void handle_export(struct request *request)
{
    request->run.kind = RUN_EXPORT;
    request->run.case_name = route_segment(request, "case");
    request_post_to(request, begun);
}
