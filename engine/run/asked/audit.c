/* Checkpoints and proofs for whoever checks the journal. What was written since the last checkpoint
 * gets one first: the request waits for it. */
#include <errno.h>

#include "base/arena.h"
#include "run/internal.h"
#include "store/audit.h"

/* ---- A checkpoint of everything that is there. ---- */

bool audit_wait_for_checkpoint(struct wheel *wheel, struct queued *queued)
{
    if (queued->has_waited || !checkpoint_ask(wheel))
        return false;
    queued->has_waited = true;
    batch_add_effect(wheel->filling, EFFECT_REQUEST)->request = queued;
    return true;
}

/* Tiles or entries that a proof is made of are damaged. */
static void refuse_damaged(struct wheel *wheel, struct queued *queued)
{
    wheel_fail(wheel, queued, PROBLEM_INTERNAL,
               "The tree does not fit the journal: no proof can be made.",
               "`sankofa admin verify` tells which records were changed.");
}

static void refuse(struct wheel *wheel, struct queued *queued, int error)
{
    switch (error) {
    case -ENOENT:
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "The journal has no such entry.",
                   "`sankofa admin status` tells how many there are.");
        break;
    case -ERANGE:
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST,
                   "The journal is shorter than that: this store is older than that checkpoint.",
                   "Was it restored, or its files put back? `sankofa admin verify --against FILE` "
                   "compares it with the checkpoint.");
        break;
    case -EAGAIN:
        wheel_fail(wheel, queued, PROBLEM_INTERNAL, "There is no checkpoint of that entry.",
                   "The store signs none while its history differs from the last one, or its disk "
                   "is full: see `sankofa admin status` and the log.");
        break;
    default:
        refuse_damaged(wheel, queued);
        break;
    }
}

static void answer(struct wheel *wheel, struct queued *queued, const char *name, struct text text)
{
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};

    value_put(&reply.body, name, value_string(text));
    value_put(&reply.body, "key", value_string(store_audit_key(wheel->store, queued->arena)));
    wheel_reply(wheel, queued, 0, &reply);
}

/* `number`: the size of a tree that the asker knows; with it the answer is a proof of growth. */
static void checkpoint(struct wheel *wheel, struct queued *queued)
{
    struct text text = TEXT_NONE;
    uint64_t size;
    int result;

    if (queued->request.has_number)
        result = store_prove_growth(wheel->store, queued->arena, queued->request.number, &text);
    else
        result = store_newest_checkpoint(wheel->store, queued->arena, &size, &text);
    if (result == -ENOENT)
        result = -EAGAIN;
    if (result == -EAGAIN && store_last_seq(wheel->store) == 0)
        wheel_fail(wheel, queued, PROBLEM_NOT_AVAILABLE, "The journal has no entry yet.",
                   "There is nothing to sign before the first one.");
    else if (result < 0)
        refuse(wheel, queued, result);
    else
        answer(wheel, queued, "checkpoint", text);
}

static void prove(struct wheel *wheel, struct queued *queued)
{
    struct text text;
    int result = store_prove_entry(wheel->store, queued->arena, queued->request.number, &text);

    if (result < 0)
        refuse(wheel, queued, result);
    else
        answer(wheel, queued, "proof", text);
}

/* ---- Those that are kept. ---- */

struct listing {
    struct arena *arena;
    struct value list;
};

static bool take(void *self, uint64_t size, struct text note)
{
    struct listing *listing = self;
    struct value one = value_map(listing->arena);

    value_put(&one, "size", value_int((int64_t)size));
    value_put(&one, "checkpoint",
              text_is_utf8(note) ? value_string(text_copy(listing->arena, note)) : value_null());
    value_append(&listing->list, one);
    return true;
}

static void list(struct wheel *wheel, struct queued *queued)
{
    struct listing listing = {queued->arena, value_list(queued->arena)};
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};

    if (store_each_checkpoint(wheel->store, take, &listing) < 0) {
        refuse_damaged(wheel, queued);
        return;
    }
    value_put(&reply.body, "checkpoints", listing.list);
    value_put(&reply.body, "key", value_string(store_audit_key(wheel->store, queued->arena)));
    wheel_reply(wheel, queued, 0, &reply);
}

void audit_run(struct wheel *wheel, struct queued *queued)
{
    enum run_kind kind = queued->request.kind;

    if (kind != RUN_CHECKPOINTS && audit_wait_for_checkpoint(wheel, queued))
        return;
    if (kind == RUN_CHECKPOINT)
        checkpoint(wheel, queued);
    else if (kind == RUN_PROOF)
        prove(wheel, queued);
    else
        list(wheel, queued);
    wheel_drop(queued);
}
