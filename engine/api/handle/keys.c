/* The keys of the store: what opens it, a new epoch, unlocking.
 *
 * The happy path of adding a slot:
 * 1. The secret leaves the body for locked memory; body and request are wiped when they end.
 * 2. A thread of the pool wraps the root key for it: a passphrase takes its second there.
 * 3. The wheel puts the slot and its entry into a batch; the answer comes when both are durable.
 * Recovery shares are made here and shown once, in that answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle/secret.h"
#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"

enum { KIND_BYTES_MAX = 20, KEY_HEX_MAX = 2 * VAULT_KEY_BYTES_MAX };

/* As they are called in a request. */
static const struct {
    const char *name;
    enum vault_opener_kind kind;
} kinds[] = {
    {"key_file", VAULT_KEY_FILE},
    {"passphrase", VAULT_PASSPHRASE},
    {"credential", VAULT_CREDENTIAL},
    {"recovery", VAULT_RECOVERY},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

void handle_keys(struct request *request)
{
    request->run.kind = RUN_KEYS;
    request_post(request);
}

void handle_rotate_keys(struct request *request)
{
    request->run.kind = RUN_ROTATE_KEYS;
    request_post(request);
}

void handle_remove_slot(struct request *request)
{
    request->run.kind = RUN_REMOVE_SLOT;
    request->run.name = route_segment(request, "slot");
    request->run.request = handle_hash(request);
    request_post(request);
}

/* ---- Adding a slot. ---- */

struct adding {
    uv_work_t work;
    struct request *request;
    struct vault *vault;
    struct secret secret;
    struct shares *shares; /* of a recovery slot */
    struct text label;
    int64_t now_ms;
    struct vault_slot_change change;
    int result;
};

static void adding_destroy(struct adding *adding)
{
    secret_finish(&adding->secret);
    vault_secret_destroy(adding->shares, sizeof(*adding->shares));
    free(adding);
}

static void prepare(uv_work_t *work)
{
    struct adding *adding = work->data;

    adding->result = vault_slot_prepare(adding->vault, &adding->secret.opener, adding->label,
                                        adding->now_ms, &adding->change);
}

static void refuse_opener(struct request *request, int result, enum vault_opener_kind kind)
{
    if (result == -ENOMEM)
        request_fail(request, PROBLEM_BUSY, "Repeat when other programs need less.",
                     "There is too little memory for a passphrase: it needs 128 MiB for a moment.");
    else if (kind == VAULT_PASSPHRASE)
        request_fail(request, PROBLEM_FIELD_INVALID,
                     "Take four or five words that nobody would guess together.",
                     "A passphrase has %d to %d bytes.", VAULT_PASSPHRASE_BYTES_MIN,
                     VAULT_PASSPHRASE_BYTES_MAX);
    else
        request_fail(request, PROBLEM_FIELD_INVALID, "`head -c 64 /dev/urandom > FILE` makes one.",
                     "A key has %d to %d random bytes.", VAULT_KEY_BYTES_MIN, VAULT_KEY_BYTES_MAX);
}

/* Shown once, and nowhere kept. */
static void add_shares(struct request *request, struct value *body)
{
    const struct shares *shares = request->complete_self;
    struct value list = value_list(request->arena);

    for (size_t i = 0; i < SHARES_MADE; i++)
        value_append(&list, value_string(text_copy(request->arena, text_from(shares->texts[i]))));
    value_put(body, "shares", list);
    value_put(body, "needed", value_int(SHARES_NEEDED));
}

static void drop_shares(struct request *request)
{
    vault_secret_destroy(request->complete_self, sizeof(struct shares));
}

static void prepared(uv_work_t *work, int status)
{
    struct adding *adding = work->data;
    struct request *request = adding->request;

    CHECK(status == 0); /* nothing cancels it */
    if (request_let_go(request)) {
        if (adding->result < 0) {
            refuse_opener(request, adding->result, adding->secret.opener.kind);
        } else {
            request->run.kind = RUN_ADD_SLOT;
            request->run.slot_change = &adding->change;
            request->run.name = text_from(vault_opener_name(adding->secret.opener.kind));
            request->run.comment = adding->label;
            if (adding->shares) {
                request->complete = add_shares;
                request->complete_end = drop_shares;
                request->complete_self = adding->shares;
                adding->shares = NULL;
            }
            request_post(request);
        }
    }
    adding_destroy(adding);
}

static void begin_adding(struct request *request, struct adding *adding)
{
    const struct api_options *options = &request->api->options;

    adding->request = request;
    adding->vault = options->vault;
    adding->now_ms = options->clock.wall_ms(options->clock.self);
    adding->work.data = adding;
    request_hold(request);
    CHECK(uv_queue_work(request->api->options.loop, &adding->work, prepare, prepared) == 0);
}

static bool find_kind(struct request *request, struct text name, enum vault_opener_kind *kind_out)
{
    struct text names[KIND_COUNT];

    for (size_t i = 0; i < KIND_COUNT; i++) {
        names[i] = text_from(kinds[i].name);
        if (text_equal(name, names[i])) {
            *kind_out = kinds[i].kind;
            return true;
        }
    }
    struct text nearest = text_nearest(name, names, KIND_COUNT);
    request_fail_near(request, PROBLEM_BAD_REQUEST, nearest,
                      "Write key_file, passphrase, credential or recovery.",
                      "There is no such kind of slot.");
    return false;
}

/* The secret of the new slot: sent, or made here for recovery shares. */
static bool find_secret(struct request *request, const struct body *body,
                        enum vault_opener_kind kind, struct adding *adding)
{
    bool has_one = body->passphrase.bytes || body->key.bytes;

    if (kind == VAULT_RECOVERY && !has_one) {
        adding->shares = vault_secret_create(sizeof(*adding->shares));
        shares_make(&request->api->options.random, adding->shares);
        adding->secret.opener = (struct vault_opener){
            kind, {(const char *)adding->shares->secret, sizeof(adding->shares->secret)}};
        return true;
    }
    if (kind == VAULT_RECOVERY || (kind == VAULT_PASSPHRASE) != (body->passphrase.bytes != NULL)) {
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "passphrase: \"passphrase\"; key_file and credential: \"key\"; recovery: "
                     "nothing, the shares are made here.",
                     "This kind of slot is made with something else.");
        return false;
    }
    if (!secret_read(request, body, &adding->secret))
        return false;
    adding->secret.opener.kind = kind;
    return true;
}

void handle_add_slot(struct request *request)
{
    static const struct body_member members[] = {
        {"kind", BODY_TEXT, true, KIND_BYTES_MAX, offsetof(struct body, kind)},
        {"label", BODY_TEXT, false, VAULT_LABEL_BYTES_MAX, offsetof(struct body, label)},
        {"passphrase", BODY_TEXT, false, VAULT_PASSPHRASE_BYTES_MAX,
         offsetof(struct body, passphrase)},
        {"key", BODY_TEXT, false, KEY_HEX_MAX, offsetof(struct body, key)},
    };
    enum vault_opener_kind kind;
    struct adding *adding;
    struct body body;

    if (!body_read(request, members, sizeof(members) / sizeof(members[0]), &body) ||
        !find_kind(request, body.kind, &kind))
        return;
    adding = calloc(1, sizeof(*adding));
    CHECK(adding);
    adding->label = body.label; /* the request lives until it is let go */
    request->run.request = handle_hash(request);
    if (find_secret(request, &body, kind, adding))
        begin_adding(request, adding);
    else
        adding_destroy(adding);
}

/* ---- Unlocking. ---- */

struct unlocking {
    struct request *request;
    struct secret secret;
};

static void unlocked(void *self, const struct problem *problem)
{
    struct unlocking *unlocking = self;
    struct request *request = unlocking->request;
    struct value body = value_map(request->arena);

    if (request_let_go(request)) {
        if (problem) {
            request_refuse(request, problem);
        } else {
            value_put(&body, "sealed", value_bool(false));
            request_answer(request, MHD_HTTP_OK, &body);
        }
    }
    secret_finish(&unlocking->secret);
    free(unlocking);
}

void handle_unlock(struct request *request)
{
    static const struct body_member members[] = {
        {"passphrase", BODY_TEXT, false, VAULT_PASSPHRASE_BYTES_MAX,
         offsetof(struct body, passphrase)},
        {"shares", BODY_LIST, false, 0, offsetof(struct body, shares)},
        {"key", BODY_TEXT, false, KEY_HEX_MAX, offsetof(struct body, key)},
    };
    const struct api_options *options = &request->api->options;
    struct unlocking *unlocking;
    struct body body;

    if (options->wheel) {
        request_fail(request, PROBLEM_NOT_AVAILABLE, "There is nothing to do.",
                     "The store is open already.");
        return;
    }
    if (!body_read(request, members, sizeof(members) / sizeof(members[0]), &body))
        return;
    unlocking = calloc(1, sizeof(*unlocking));
    CHECK(unlocking);
    unlocking->request = request;
    if (!secret_read(request, &body, &unlocking->secret)) {
        free(unlocking);
        return;
    }
    request_hold(request);
    options->unlock(options->self, &unlocking->secret.opener, unlocked, unlocking);
}
