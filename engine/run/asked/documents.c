/* Documents: what comes in is written down chunk by chunk, before there is an entry of it.
 *
 * The happy path:
 * 1. The first RUN_CHUNK of an upload finds the case, as any request does, and gives the document
 *    an id of its own. Its chunks go into the batch, the answer waits until that is durable; so do
 *    those that follow. Nobody can see them.
 * 2. RUN_ATTACH is an event of the case like any other: its batch has the entry, and takes the
 *    document's mark away (store.h). From then on it is one of the case's.
 * 3. An upload that ends otherwise is dropped; what a crash has left is dropped at the start. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "case/view.h"
#include "run/internal.h"

enum { CHUNK_BYTES_MAX = 1 << 20 /* of documents in one batch */ };

struct upload {
    struct upload *next;
    uint64_t number;
    struct vault_case_id id;
    struct store_document_id document;
    uint32_t chunk_count;
    uint64_t size;
    bool is_whole;
};

static struct upload **find(struct wheel *wheel, uint64_t number)
{
    struct upload **place = &wheel->uploads;

    while (*place && (*place)->number != number)
        place = &(*place)->next;
    return place;
}

static void forget(struct upload **place)
{
    struct upload *upload = *place;

    *place = upload->next;
    free(upload);
}

static void change(struct wheel *wheel, const struct upload *upload, enum store_document_act act)
{
    batch_add_document(wheel->filling,
                       &(struct store_document_change){
                           .act = act, .id = upload->id, .document = upload->document});
}

/* ---- Taking it in. ---- */

static bool has_room(struct wheel *wheel, const struct queued *queued, uint64_t more)
{
    if (wheel->room == 0 && store_has_room_for(wheel->store, BATCH_BYTES_MAX, more) == 0)
        return true;
    wheel_fail(wheel, queued, PROBLEM_DISK_FULL, "The disk is too full to take this document in.",
               "Nothing was kept of it. Free some space on the disk of the store, and repeat.");
    return false;
}

static struct upload *begin(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = read_card(wheel, queued);

    if (!card)
        return NULL;
    struct upload *upload = calloc(1, sizeof(*upload));
    CHECK(upload);
    upload->number = ++wheel->upload_number;
    upload->id = card->id;
    wheel->ports.random.fill(wheel->ports.random.self, upload->document.bytes,
                             sizeof(upload->document.bytes));
    upload->next = wheel->uploads;
    wheel->uploads = upload;
    return upload;
}

/* The one that the request goes on with, or begins. NULL: it was refused. */
static struct upload *upload_of(struct wheel *wheel, struct queued *queued)
{
    if (queued->request.upload == 0)
        return begin(wheel, queued);
    struct upload *upload = *find(wheel, queued->request.upload);

    if (!upload && read_card(wheel, queued)) /* its case was erased meanwhile: refused by that */
        wheel_fail(wheel, queued, PROBLEM_NOT_AVAILABLE, "This upload has ended.",
                   "Nothing was kept of it. Send the document again.");
    return upload;
}

static void take(struct wheel *wheel, struct upload *upload, struct text bytes, bool is_last)
{
    size_t at = 0;

    CHECK(!upload->is_whole);
    CHECK(is_last || bytes.size % STORE_CHUNK_BYTES == 0);
    do {
        size_t left = bytes.size - at;
        size_t size = left < STORE_CHUNK_BYTES ? left : (size_t)STORE_CHUNK_BYTES;
        batch_add_document(wheel->filling,
                           &(struct store_document_change){.act = STORE_CHUNK,
                                                           .id = upload->id,
                                                           .document = upload->document,
                                                           .number = upload->chunk_count++,
                                                           .is_last = is_last && size == left,
                                                           .bytes = {bytes.bytes + at, size}});
        at += size;
    } while (at < bytes.size);
    upload->size += bytes.size;
    upload->is_whole = is_last;
}

/* True: `queued` lives on. */
static bool chunk(struct wheel *wheel, struct queued *queued)
{
    struct text bytes = queued->request.source;
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};

    /* No batch becomes so long that others feel it. */
    if (wheel->filling->document_bytes + bytes.size > CHUNK_BYTES_MAX &&
        wheel->filling->document_bytes > 0) {
        batch_add_effect(wheel->filling, EFFECT_REQUEST)->request = queued;
        return true;
    }
    if (!has_room(wheel, queued, bytes.size))
        return false;
    struct upload *upload = upload_of(wheel, queued);
    if (!upload)
        return false;
    take(wheel, upload, bytes, queued->request.is_last);
    value_put(&reply.body, "upload", value_int((int64_t)upload->number));
    wheel_reply(wheel, queued, wheel->filling->number, &reply);
    return false;
}

static void drop(struct wheel *wheel, struct queued *queued)
{
    struct upload **place = find(wheel, queued->request.upload);
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};

    if (*place) {
        change(wheel, *place, STORE_DROP);
        forget(place);
    }
    wheel_reply(wheel, queued, 0, &reply);
}

bool document_read(struct wheel *wheel, struct queued *queued)
{
    const struct upload *upload = *find(wheel, queued->request.upload);
    struct value *data = &queued->request.data;

    if (!upload || !upload->is_whole) {
        wheel_fail(wheel, queued, PROBLEM_NOT_AVAILABLE, "This upload has ended.",
                   "Nothing was kept of it. Send the document again.");
        return false;
    }
    value_put(data, "id",
              value_string(
                  text_hex(queued->arena, upload->document.bytes, sizeof(upload->document.bytes))));
    value_put(data, "size", value_int((int64_t)upload->size));
    return true;
}

void document_keep(struct wheel *wheel, const struct queued *queued)
{
    struct upload **place = find(wheel, queued->request.upload);

    CHECK(*place);
    change(wheel, *place, STORE_KEEP);
    forget(place);
}

void document_abandon(struct wheel *wheel, const struct vault_case_id *id)
{
    struct upload **place = &wheel->uploads;

    while (*place) {
        if (memcmp(&(*place)->id, id, sizeof(*id)) != 0) {
            place = &(*place)->next;
            continue;
        }
        change(wheel, *place, STORE_DROP);
        forget(place);
    }
}

/* ---- Before a byte of it came. ---- */

struct refusal {
    struct arena *arena;
    struct problem *problem;
    bool is_refused;
};

static void note(void *self, const struct run_reply *reply)
{
    struct refusal *refusal = self;
    struct arena *arena = refusal->arena;

    refusal->is_refused = true;
    *refusal->problem = (struct problem){.code = reply->problem->code,
                                         .detail = text_copy(arena, reply->problem->detail),
                                         .hint = text_copy(arena, reply->problem->hint),
                                         .errors = value_copy(arena, &reply->problem->errors),
                                         .extra = value_copy(arena, &reply->problem->extra)};
}

bool wheel_may_attach(struct wheel *wheel, const struct run_request *request, uint64_t size,
                      struct arena *arena, struct problem *problem_out)
{
    struct refusal refusal = {.arena = arena, .problem = problem_out};
    struct queued *queued = wheel_queued(wheel);

    queued->request = *request;
    queued->request.kind = RUN_CHUNK;
    queued->request.reply = note;
    queued->request.self = &refusal;
    queued->asker = *request->person;
    queued->is_fleeting = true;
    if (read_card(wheel, queued))
        has_room(wheel, queued, size);
    wheel_drop(queued);
    return !refusal.is_refused;
}

/* ---- Whether it is there. ---- */

static uint32_t chunk_count(int64_t size)
{
    return size > 0 ? (uint32_t)((size + STORE_CHUNK_BYTES - 1) / STORE_CHUNK_BYTES) : 1;
}

static const char *look_at(struct store *store, const struct store_read_entry *entry,
                           const struct value *documents)
{
    for (size_t i = 0; i < value_count(documents); i++) {
        const struct value *document = &value_member(documents, i)->value;
        uint32_t last = chunk_count(value_int_at(document, "size", 0)) - 1;
        struct store_document_id own;
        if (!text_from_hex(value_text_at(document, "id"), own.bytes, sizeof(own.bytes)) ||
            store_has_last_chunk(store, &entry->id, &own, last) != 1)
            return "tells of a document that is not there, or not all of it";
    }
    return NULL;
}

/* The kind is an entry's first member: others are not read. */
const char *wheel_look_at_entry(void *self, const struct store_read_entry *entry)
{
    static const char kind[] = "{\"kind\":\"document\"";
    struct value value;

    if (!text_begins(entry->body, kind))
        return NULL;
    ARENA_SCOPED struct arena *arena = arena_create("entry");
    if (json_read(arena, entry->body, &value, NULL) != 0)
        return NULL;
    return look_at(self, entry, value_at(&value, "patch/documents"));
}

/* ---- What is there. ---- */

/* Once it is written down who is shown it. */
static void answer(struct wheel *wheel, struct queued *queued, struct run_case *one,
                   const char *what, const struct run_reply *reply)
{
    const struct card *card = roster_find(&wheel->roster, &queued->id);
    uint64_t batch = one->newest_batch;

    if (read_log(wheel, queued, card, one, what, &batch))
        wheel_reply(wheel, queued, batch, reply);
    else
        read_log_refuse(wheel, queued);
}

static void list(struct wheel *wheel, struct queued *queued)
{
    struct run_case *one = read_case(wheel, queued);

    if (!one)
        return;
    struct run_reply reply = {
        .status = 200, .body = case_documents_view(&one->state, &queued->person, queued->arena)};
    answer(wheel, queued, one, "case", &reply);
}

int wheel_read_chunk(struct wheel *wheel, const struct value *document, uint32_t number,
                     struct arena *arena, struct text *bytes_out)
{
    struct vault_case_id id;
    struct store_document_id own;
    int64_t size = value_int_at(document, "size", 0);
    bool is_last = number + 1 == chunk_count(size);

    CHECK(text_from_hex(value_text_at(document, "case"), id.bytes, sizeof(id.bytes)));
    CHECK(text_from_hex(value_text_at(document, "id"), own.bytes, sizeof(own.bytes)));
    int result = store_read_chunk(wheel->store, arena, &id, &own, number, is_last, bytes_out);
    size_t expected =
        is_last ? (size_t)(size - (int64_t)number * STORE_CHUNK_BYTES) : (size_t)STORE_CHUNK_BYTES;
    if (result == 0 && bytes_out->size != expected)
        result = -EBADMSG;
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "document.unreadable", "id=%.*s document=%.*s chunk=%u",
                  TEXT_ARG(value_text_at(document, "case")),
                  TEXT_ARG(value_text_at(document, "id")), (unsigned)number);
    return result;
}

static void show(struct wheel *wheel, struct queued *queued)
{
    struct run_case *one = read_case(wheel, queued);
    struct run_reply reply = {.status = 200};
    struct text bytes;

    if (!one)
        return;
    const struct value *document =
        case_document(&one->state, queued->request.name, &queued->person);
    if (!document) {
        wheel_fail(wheel, queued, PROBLEM_NO_SUCH_DOCUMENT,
                   "The case has no document of this number that you may read.",
                   "`sankofa case documents CASE` lists them.");
        return;
    }
    reply.body = value_copy(queued->arena, document);
    value_put(&reply.body, "case",
              value_string(text_hex(queued->arena, queued->id.bytes, sizeof(queued->id.bytes))));
    /* Damage is told before anything was said. */
    int result = wheel_read_chunk(wheel, &reply.body, 0, queued->arena, &bytes);
    struct text what = text_printf(queued->arena, "document %.*s", TEXT_ARG(queued->request.name));
    if (result < 0)
        read_refuse_damaged(wheel, queued, result);
    else
        answer(wheel, queued, one, what.bytes, &reply);
}

void document_run(struct wheel *wheel, struct queued *queued)
{
    bool lives_on = false;

    if (queued->request.kind == RUN_CHUNK)
        lives_on = chunk(wheel, queued);
    else if (queued->request.kind == RUN_DROP_UPLOAD)
        drop(wheel, queued);
    else if (queued->request.kind == RUN_DOCUMENTS)
        list(wheel, queued);
    else
        show(wheel, queued);
    if (!lives_on)
        wheel_drop(queued);
}

/* ---- The start, and the end. ---- */

static void sweep(void *self, const struct vault_case_id *id,
                  const struct store_document_id *document)
{
    struct wheel *wheel = self;

    change(wheel, &(struct upload){.id = *id, .document = *document}, STORE_DROP);
}

int document_recover(struct wheel *wheel)
{
    int result = store_each_under_way(wheel->store, sweep, wheel);

    if (wheel->filling->document_count > 0)
        log_event(LOG_INFO, "documents.swept", "count=%zu", wheel->filling->document_count);
    return result;
}

void document_finish(struct wheel *wheel)
{
    while (wheel->uploads)
        forget(&wheel->uploads);
}
