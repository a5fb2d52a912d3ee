/* The certificate of an erasure: what was erased, when, and at whose word; once the last key is
 * gone as a signed note too, which whoever receives it checks without this store
 * (store/tree/certificate.h), with the proof that the journal has its entry. */
#include <errno.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/when.h"
#include "run/internal.h"
#include "run/long/erase.h"
#include "store/audit.h"
#include "store/tree/certificate.h"

static const struct {
    const char *from, *to;
} certified[] = {
    {"id", "id"},       {"workflow", "workflow"},       {"country", "country"},
    {"by", "asked_by"}, {"approved_by", "approved_by"}, {"reason", "reason"},
};

struct value certificate_facts(const struct value *erased, struct text code, struct arena *arena)
{
    struct value body = value_map(arena);
    int64_t finished_ms = value_int_at(erased, "finished", 0);

    value_put(&body, "code",
              value_string(text_is_empty(code) ? value_text_at(erased, "id") : code));
    value_put(&body, "status", value_cstring(finished_ms ? "erased" : "erasing"));
    for (size_t i = 0; i < sizeof(certified) / sizeof(certified[0]); i++)
        value_put(&body, certified[i].to, value_string(value_text_at(erased, certified[i].from)));
    value_put(&body, "at", value_timestamp(when_from_ms(value_int_at(erased, "at", 0))));
    value_put(&body, "seq", value_int(value_int_at(erased, "seq", 0)));
    if (finished_ms) {
        value_put(&body, "finished", value_timestamp(when_from_ms(finished_ms)));
        value_put(&body, "finished_seq", value_int(value_int_at(erased, "finished_seq", 0)));
    }
    return body;
}

/* ---- The note. ---- */

static struct text time_at(const struct value *erased, const char *name, struct arena *arena)
{
    return when_write_timestamp(arena, when_from_ms(value_int_at(erased, name, 0)));
}

static struct certificate certificate_of(const struct value *erased, struct text code,
                                         struct arena *arena)
{
    return (struct certificate){
        .id = value_text_at(erased, "id"),
        .code = code,
        .workflow = value_text_at(erased, "workflow"),
        .country = value_text_at(erased, "country"),
        .asked = time_at(erased, "asked", arena),
        .asked_by = value_text_at(erased, "by"),
        .asked_person = value_text_at(erased, "person"),
        .erased = time_at(erased, "at", arena),
        .approved_by = value_text_at(erased, "approved_by"),
        .approved_person = value_text_at(erased, "approved_person"),
        .finished = time_at(erased, "finished", arena),
        .reason = value_text_at(erased, "reason"),
        .seq = (uint64_t)value_int_at(erased, "seq", 0),
        .finished_seq = (uint64_t)value_int_at(erased, "finished_seq", 0),
    };
}

/* Nothing is signed that the journal does not say. */
static bool journal_says(struct wheel *wheel, const struct certificate *certificate)
{
    struct store_read_entry read;
    struct value entry;

    return store_read_one(wheel->store, wheel->turn, certificate->seq, &read) == 0 &&
           json_read(wheel->turn, read.body, &entry, NULL) == 0 &&
           text_equal(value_text_at(&entry, "erased/id"), certificate->id);
}

/* That the journal has the entry: as far as it is the journal that was signed. */
static void prove(struct wheel *wheel, uint64_t seq, struct arena *arena, struct value *body)
{
    struct text proof;
    int result = store_prove_entry(wheel->store, arena, seq, &proof);
    bool is_early = result == -EAGAIN && !store_history_differs(wheel->store);

    if (result == 0)
        value_put(body, "proof", value_string(proof));
    else
        value_put(body, "unproven", value_cstring(is_early ? "no-checkpoint" : "history-differs"));
}

static void sign(struct wheel *wheel, const struct value *erased, struct text code,
                 struct arena *arena, struct value *body)
{
    struct certificate certificate = certificate_of(erased, code, arena);
    struct text note;

    if (certificate.finished_seq == 0) {
        value_put(body, "unsigned", value_cstring("erasing"));
    } else if (!journal_says(wheel, &certificate) ||
               store_certify(wheel->store, arena, &certificate, &note) < 0) {
        value_put(body, "unsigned", value_cstring("damaged"));
    } else {
        value_put(body, "note", value_string(note));
        prove(wheel, certificate.seq, arena, body);
    }
}

/* ---- Asking for it. ---- */

/* Empty where it was known by its id alone. */
static struct text code_of(const struct wheel *wheel, const struct value *erased)
{
    struct text id = value_text_at(erased, "id");

    for (size_t i = 0; i < value_count(&wheel->erased); i++) {
        const struct value_member *member = value_member(&wheel->erased, i);
        if (&member->value == erased && !text_equal(member->key, id))
            return member->key;
    }
    return TEXT_NONE;
}

static void show(struct wheel *wheel, struct queued *queued, const struct value *erased)
{
    struct text code = code_of(wheel, erased);
    struct run_reply reply = {.status = 200,
                              .body = certificate_facts(erased, code, queued->arena)};

    sign(wheel, erased, code, queued->arena, &reply.body);
    wheel_reply(wheel, queued, read_newest_batch(wheel), &reply);
}

void certificate_show(struct wheel *wheel, struct queued *queued)
{
    const struct value *erased = erase_find(wheel, &queued->asker, queued->request.case_name);

    /* The proof reaches as far as a checkpoint does. */
    if (erased && (uint64_t)value_int_at(erased, "finished_seq", 0) > wheel->checkpoint_seq &&
        audit_wait_for_checkpoint(wheel, queued))
        return;
    if (erased)
        show(wheel, queued, erased);
    else if (!aside_show(wheel, queued) && read_card(wheel, queued))
        wheel_fail(wheel, queued, PROBLEM_NOT_AVAILABLE, "The case was not erased.",
                   "`sankofa show CASE` tells whether somebody has asked for it.");
    wheel_drop(queued);
}
