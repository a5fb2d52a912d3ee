/* Erasing a case, at the word of two people.
 *
 * The happy path:
 * 1. One person asks (CASE_ERASURE, an entry of the case); another approves. The approval is an
 * event in the case's queue, so what began before it has ended.
 * 2. One batch: an entry of no case tells of it, the case's data key, snapshot and card are
 * deleted, a new epoch begins. What waited for the case is refused, its calls of plugins are
 * cancelled, it is forgotten. From now on it is `erased`.
 * 3. As an operation, beside everything else: what is left of its documents is removed, the living
 * are brought under the new epoch, and the old one is destroyed in the slots file (store_rotation);
 * the data file is replaced by its compact copy; an entry tells that it is done. A crash before 2
 * is durable leaves the case as it was; after it, 3 goes on at the next start. */
#include <errno.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "base/when.h"
#include "case/view.h"
#include "run/internal.h"
#include "run/long/erase.h"

/* ---- What was erased: {CODE, or id where that is not known: {id, country, workflow, seq, at, by,
 *      person, asked, approved_by, approved_person, reason, damaged?, finished?}}, in the store's
 *      meta and in memory. ---- */

static const struct value *find(const struct wheel *wheel, struct text name)
{
    const struct value *found = value_get(&wheel->erased, name);

    for (size_t i = 0; !found && i < value_count(&wheel->erased); i++)
        if (text_equal(value_text_at(&value_member(&wheel->erased, i)->value, "id"), name))
            found = &value_member(&wheel->erased, i)->value;
    return found;
}

bool erase_knows(const struct wheel *wheel, const struct vault_case_id *id)
{
    return find(wheel, text_hex(wheel->turn, id->bytes, sizeof(id->bytes))) != NULL;
}

bool erase_refuse_id(struct wheel *wheel, const struct queued *queued)
{
    const struct value *erased =
        find(wheel, text_hex(wheel->turn, queued->id.bytes, sizeof(queued->id.bytes)));

    if (erased)
        erase_refuse(wheel, queued, erased);
    return erased != NULL;
}

/* Whether somebody who asks by that name may learn that there was such a case. */
const struct value *erase_find(struct wheel *wheel, const struct case_person *asker,
                               struct text name)
{
    const struct value *erased = find(wheel, name);
    struct text country = value_text_at(erased, "country");

    for (size_t i = 0; erased && i < asker->role_count; i++)
        if (case_person_holds_in(asker, asker->roles[i], country))
            return erased;
    return erased && rights_is_dpo(asker, country) ? erased : NULL;
}

void erase_refuse(struct wheel *wheel, const struct queued *queued, const struct value *erased)
{
    struct problem problem;
    struct text at = when_write_timestamp(wheel->turn, when_from_ms(value_int_at(erased, "at", 0)));

    problem_set(&problem, queued->arena, PROBLEM_ERASED, "The case was erased on %.10s.", at.bytes);
    problem_hint(&problem, queued->arena, "Nobody can read it any more, on this machine at least.");
    problem.extra = value_map(queued->arena);
    value_put(&problem.extra, "erased", value_int(value_int_at(erased, "seq", 0)));
    wheel_refuse(wheel, queued, read_newest_batch(wheel), &problem);
}

bool erase_knows_entry(const struct wheel *wheel, uint64_t seq)
{
    for (size_t i = 0; i < value_count(&wheel->erased); i++) {
        const struct value *damaged = value_at(&value_member(&wheel->erased, i)->value, "damaged");

        for (size_t k = 0; k < value_count(damaged); k++)
            if (value_item(damaged, k)->integer == (int64_t)seq)
                return true;
    }
    return false;
}

int erase_recover(struct wheel *wheel)
{
    struct text body;
    int result = store_read_meta(wheel->store, wheel->turn, "erased", &body);

    wheel->erased = value_map(wheel->erased_arena);
    if (result == 0)
        result = json_read(wheel->erased_arena, text_copy(wheel->erased_arena, body),
                           &wheel->erased, NULL);
    return result == -ENOENT ? 0 : result;
}

/* ---- What goes on when it is durable. ---- */

enum stage { COMMITTING, REMOVING, REWRAPPING, COMPACTING, SWAPPING };

struct erasing {
    struct wheel *wheel;
    struct arena *arena;
    enum stage stage;
    uint64_t batch; /* that is waited for */
};

/* The writer may have needed the keys until now. */
static void forget_keys(struct wheel *wheel)
{
    for (size_t i = 0; i < value_count(&wheel->erased); i++) {
        struct vault_case_id id;
        const struct value *erased = &value_member(&wheel->erased, i)->value;

        if (text_from_hex(value_text_at(erased, "id"), id.bytes, sizeof(id.bytes)))
            vault_key_forget(store_vault(wheel->store), &id);
    }
}

/* A share of what is left of their documents, which nobody can open any more; false: nothing is. */
static bool remove_documents(struct wheel *wheel)
{
    bool any = false;

    for (size_t i = 0; i < value_count(&wheel->erased) && !any; i++) {
        const struct value *erased = &value_member(&wheel->erased, i)->value;
        struct store_document_change change = {.act = STORE_REMOVE};

        if (value_get(erased, TEXT("finished")) ||
            !text_from_hex(value_text_at(erased, "id"), change.id.bytes, sizeof(change.id.bytes)))
            continue;
        any = store_has_documents(wheel->store, &change.id) > 0;
        if (any)
            batch_add_document(wheel->filling, &change);
    }
    return any;
}

static struct value finish_all(struct wheel *wheel, uint64_t seq, int64_t now_ms)
{
    struct value codes = value_list(wheel->turn);

    for (size_t i = 0; i < value_count(&wheel->erased); i++) {
        const struct value_member *member = value_member(&wheel->erased, i);
        struct value erased = member->value;

        if (value_get(&erased, TEXT("finished")))
            continue;
        value_put(&erased, "finished", value_int(now_ms));
        value_put(&erased, "finished_seq", value_int((int64_t)seq));
        value_append(&codes, value_string(member->key));
    }
    batch_set_meta(wheel->filling, "erased", &wheel->erased);
    return codes;
}

static void record_end(struct wheel *wheel, struct operation *operation, bool is_compacted)
{
    struct value entry = value_map(wheel->turn), result = value_map(wheel->turn);
    struct value codes = finish_all(wheel, wheel->next_seq, wheel_now_ms(wheel));

    value_put(&entry, "kind", value_cstring("case.erasure_finished"));
    value_put(&entry, "cases", codes);
    value_put(&entry, "compacted", value_bool(is_compacted));
    wheel_append(wheel, &entry);
    value_put(&result, "cases", codes);
    operation_succeed(operation, &result);
}

static enum operation_step over(struct wheel *wheel, struct operation *operation, int result)
{
    if (result < 0)
        log_event(LOG_WARNING, "erase.not_compacted", "errno=%d", -result);
    record_end(wheel, operation, result == 0);
    return OPERATION_OVER;
}

static enum operation_step swap(struct wheel *wheel, struct operation *operation)
{
    CHECK(!wheel->writing);
    int result = store_compact(wheel->store);
    CHECK(result != -ENOTRECOVERABLE);
    return over(wheel, operation, result);
}

static enum operation_step erase_piece(void *self, struct operation *operation)
{
    struct erasing *erasing = self;
    struct wheel *wheel = erasing->wheel;
    struct store_rotation rotation = store_rotation(wheel->store);
    int room;

    if (wheel->durable_batch < erasing->batch || !wheel_may_make_room(wheel))
        return OPERATION_WAITS;
    switch (erasing->stage) {
    case COMMITTING:
        forget_keys(wheel);
        erasing->stage = REMOVING;
        return OPERATION_MORE;
    case REMOVING:
        if (remove_documents(wheel)) {
            erasing->batch = wheel->filling->number;
            return OPERATION_WAITS;
        }
        erasing->stage = REWRAPPING;
        return OPERATION_MORE;
    case REWRAPPING:
        operation_set_total(operation, rotation.total_count);
        operation_set_done(operation, rotation.done_count);
        if (rotation.is_pending)
            return OPERATION_WAITS;
        erasing->stage = COMPACTING;
        return OPERATION_MORE;
    case COMPACTING:
        room = store_may_compact(wheel->store);
        if (room < 0)
            return over(wheel, operation, room);
        wheel->filling->compacts = true;
        erasing->batch = wheel->filling->number;
        erasing->stage = SWAPPING;
        return OPERATION_WAITS;
    case SWAPPING:
        return swap(wheel, operation);
    }
    return OPERATION_OVER;
}

static void erase_ended(void *self, struct operation *operation)
{
    (void)operation;
    arena_destroy(((struct erasing *)self)->arena);
}

static void start(struct wheel *wheel, uint64_t batch, struct text by)
{
    struct arena *arena = arena_create("erasing");
    struct erasing *erasing = ARENA_NEW(arena, struct erasing);
    struct operation_work work = {
        .kind = "erase", .self = erasing, .piece = erase_piece, .ended = erase_ended};

    *erasing = (struct erasing){.wheel = wheel, .arena = arena, .batch = batch};
    operation_start(wheel, by, &work);
}

bool erase_is_under_way(const struct wheel *wheel)
{
    for (size_t i = 0; i < value_count(&wheel->erased); i++)
        if (!value_get(&value_member(&wheel->erased, i)->value, TEXT("finished")))
            return true;
    return false;
}

void erase_resume(struct wheel *wheel)
{
    if (erase_is_under_way(wheel))
        start(wheel, 0, TEXT(""));
}

/* ---- The batch. ---- */

/* Entries that the next start could not tell to be of the case: its key is gone by then. */
static struct value damaged_of(const struct quarantined *aside, struct arena *arena)
{
    struct value seqs = value_list(arena);

    for (size_t i = 0; i < aside->damaged_count; i++)
        value_append(&seqs, value_int((int64_t)aside->damaged[i]));
    return seqs;
}

static struct value *remember(struct wheel *wheel, const struct erasure *erasure,
                              const struct queued *queued, uint64_t seq)
{
    struct arena *arena = wheel->erased_arena;
    struct value erased = value_map(arena);
    struct text id = text_hex(arena, erasure->id.bytes, sizeof(erasure->id.bytes));
    struct text name = text_is_empty(erasure->code) ? id : text_copy(arena, erasure->code);
    const struct {
        const char *name;
        struct text text;
    } texts[] = {
        {"id", id},
        {"country", erasure->country},
        {"workflow", erasure->workflow},
        {"by", value_text_at(erasure->asked, "by")},
        {"person", value_text_at(erasure->asked, "person")},
        {"approved_by", queued->person.id},
        {"approved_person", queued->person.person},
        {"reason", value_text_at(erasure->asked, "reason")},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        value_put(&erased, texts[i].name, value_string(text_copy(arena, texts[i].text)));
    value_put(&erased, "asked", value_int(value_int_at(erasure->asked, "at", 0)));
    value_put(&erased, "seq", value_int((int64_t)seq));
    value_put(&erased, "at", value_int(wheel_stamp(wheel)));
    if (erasure->aside && erasure->aside->damaged_count > 0)
        value_put(&erased, "damaged", damaged_of(erasure->aside, arena));
    value_set(&wheel->erased, name, erased);
    return (struct value *)(uintptr_t)value_get(&wheel->erased, name);
}

static const struct value *record(struct wheel *wheel, const struct erasure *erasure,
                                  const struct queued *queued)
{
    uint64_t seq = wheel->next_seq;
    struct value *erased = remember(wheel, erasure, queued, seq);
    struct value entry = value_map(wheel->turn);

    value_put(&entry, "kind", value_cstring("case.erased"));
    value_put(&entry, "by", value_string(queued->person.id));
    value_put(&entry, "person", value_string(queued->person.person));
    value_put(&entry, "erased", certificate_facts(erased, erasure->code, wheel->turn));
    CHECK(wheel_append(wheel, &entry) == seq);
    batch_set_meta(wheel->filling, "erased", &wheel->erased);
    batch_add_erasure(wheel->filling, &erasure->id, seq);
    wheel->filling->begins_epoch = true;
    return erased;
}

bool erase_may_begin(struct wheel *wheel, struct problem *problem)
{
    if (operation_is_free(wheel, "erase") && store_rotation(wheel->store).may_begin &&
        !wheel->filling->begins_epoch)
        return true;
    problem_set(problem, wheel->turn, PROBLEM_BUSY,
                "A backup, a check, a rotation of keys or another erasure is under way.");
    problem_hint(problem, wheel->turn, "Nothing was changed. Repeat when it is over.");
    return false;
}

const struct value *erase_begin(struct wheel *wheel, const struct erasure *erasure,
                                struct queued *queued)
{
    struct text code = text_copy(queued->arena, erasure->code);
    const struct value *erased = record(wheel, erasure, queued);
    struct run_reply reply = {.status = 202,
                              .body = certificate_facts(erased, code, queued->arena)};

    log_event(LOG_INFO, "case.erased", "case=%.*s by=%.*s seq=%lld",
              TEXT_ARG(text_is_empty(code) ? value_text_at(erased, "id") : code),
              TEXT_ARG(queued->person.id), (long long)value_int_at(erased, "seq", 0));
    wheel_reply(wheel, queued, wheel->filling->number, &reply);
    start(wheel, wheel->filling->number, queued->person.id);
    return erased;
}

/* What waited for the case, people's requests and the engine's own. */
static void drop_waiting(struct wheel *wheel, struct run_case *one, const struct value *erased)
{
    while (one->waiting) {
        struct queued *queued = one->waiting;

        one->waiting = queued->next;
        if (queued->event.kind == CASE_TIMER)
            wheel->timers_in_flight--;
        if (queued->is_person)
            erase_refuse(wheel, queued, erased);
        wheel_drop(queued);
    }
    one->waiting_last = &one->waiting;
    one->people_waiting = 0;
    approvals_abandon(wheel, one);
}

static void forget(struct wheel *wheel, struct run_case *one, const struct value *erased)
{
    struct vault_case_id id = one->state.id;

    one->current = NULL;
    one->newest_batch = wheel->filling->number;
    drop_waiting(wheel, one, erased);
    calls_drop(wheel, one);
    cases_clean(&wheel->cases, one, wheel->filling->number);
    search_forget(wheel, &id);
    document_abandon(wheel, &id);
    roster_remove(&wheel->roster, &id);
    cases_drop(&wheel->cases, one);
}

void erase_approve(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    struct problem problem;

    if (!case_may_be_erased(&one->state, &queued->person, wheel->turn, &problem) ||
        !erase_may_begin(wheel, &problem)) {
        event_refuse(wheel, one, queued, &problem);
        return;
    }
    struct erasure erasure = {.id = one->state.id,
                              .code = value_text_at(&one->state.doc, "code"),
                              .workflow = one->state.workflow->id,
                              .country = one->state.workflow->country,
                              .asked = value_at(&one->state.doc, "erasure")};
    forget(wheel, one, erase_begin(wheel, &erasure, queued));
    wheel_drop(queued);
}
