/* One event of one case.
 *
 * The happy path:
 * 1. The case is in memory, or loaded; the event leaves the case's queue and is stamped.
 * 2. case_plan: refused, repeated, dropped; or checks are asked and the event waits for them.
 * 3. case_apply: the entry goes into the batch that fills, the case becomes what it now is, its
 * card goes into the roster, the calls of plugins follow, the answer waits at the gate. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "base/when.h"
#include "case/view.h"
#include "run/internal.h"
#include "run/long/erase.h"

/* ---- Cases in memory. ---- */

static int load(struct wheel *wheel, const struct vault_case_id *id, struct run_case **one_out)
{
    const struct card *card = roster_find(&wheel->roster, id);
    struct text body;
    uint64_t seq = 0;

    if (!card)
        return -ENOENT;
    if (card->is_quarantined)
        return -EBADMSG;
    struct run_case *one = cases_add(&wheel->cases, id);
    int result = store_load_case(wheel->store, one->arena, id, &seq, &body);
    if (result == 0)
        result = json_read(one->arena, body, &one->state.doc, NULL);
    const struct registered *definition = registry_hash(&wheel->registry, card->hash);
    if (result == 0 && !definition)
        result = -ENOEXEC;
    if (result != 0) {
        cases_drop(&wheel->cases, one);
        return result;
    }
    one->state.workflow = definition->workflow;
    one->state.revision = card->revision;
    one->state.last = card->last;
    one->state.read_last = card->read_last;
    one->compact_bytes = arena_bytes(one->arena);
    *one_out = one;
    return 0;
}

struct run_case *event_case(struct wheel *wheel, const struct vault_case_id *id, int *error_out)
{
    struct run_case *one = cases_find(&wheel->cases, id);

    *error_out = 0;
    if (!one)
        *error_out = load(wheel, id, &one);
    if (*error_out == -EBADMSG)
        event_quarantine(wheel, &(struct quarantined){.id = *id, .why = QUARANTINE_SNAPSHOT});
    if (one)
        cases_touch(&wheel->cases, one);
    return one;
}

void event_quarantine(struct wheel *wheel, const struct quarantined *one)
{
    const struct card *card = roster_find(&wheel->roster, &one->id);
    struct text id = text_hex(wheel->turn, one->id.bytes, sizeof(one->id.bytes));

    if (!quarantine_add(&wheel->quarantine, one))
        return;
    log_event(LOG_ERROR, "case.quarantined", "id=%.*s case=%.*s what=%s seq=%llu", TEXT_ARG(id),
              TEXT_ARG(card ? card->code : TEXT("-")), quarantine_why_name(one->why),
              (unsigned long long)one->seq);
    if (card)
        roster_quarantine(&wheel->roster, card);
    index_drop(&wheel->search.index, &one->id);
}

void event_snapshot(struct wheel *wheel, struct run_case *one)
{
    struct value card = case_card(&one->state, wheel->turn);

    batch_add_snapshot(wheel->filling, &one->state.id, one->state.last, &one->state.doc, &card);
    cases_clean(&wheel->cases, one, wheel->filling->number);
}

void event_tidy(struct wheel *wheel)
{
    struct cases *cases = &wheel->cases;
    bool may_write = wheel->room == 0;

    while (may_write && cases->dirty_first && !batch_is_full(wheel->filling) &&
           wheel->next_seq - cases->dirty_first->dirty_since > WHEEL_HORIZON_ENTRIES)
        event_snapshot(wheel, cases->dirty_first);

    struct run_case *one = cases->oldest;
    while (one && cases->by_id.count > cases->count_max && !batch_is_full(wheel->filling)) {
        struct run_case *next = one->younger;
        if (cases_may_drop(one, wheel->durable_batch)) {
            vault_key_forget(store_vault(wheel->store), &one->state.id);
            cases_drop(cases, one);
        } else if (may_write && one->dirty_since != 0 && !one->waiting && !one->current &&
                   !one->calls) {
            event_snapshot(wheel, one);
        }
        one = next;
    }
    arena_reset(wheel->turn);
}

/* ---- Codes. ---- */

static struct text serial_name(struct wheel *wheel, const struct workflow *workflow, int year)
{
    struct text country = text_is_empty(workflow->country) ? TEXT("ZZ") : workflow->country;

    return text_printf(wheel->turn, "%.*s-%d", TEXT_ARG(country), year);
}

static struct text next_code(struct wheel *wheel, const struct workflow *workflow, int64_t now_ms)
{
    int32_t offset_s = zone_offset_s(workflow->zone, now_ms / 1000);
    int year = when_civil(when_from_ms(now_ms), offset_s).year;
    const struct value *last = value_get(&wheel->serials, serial_name(wheel, workflow, year));

    return case_code(wheel->turn, workflow->country, year,
                     (uint64_t)(last ? last->integer : 0) + 1);
}

/* The code was given away: the next case gets the next one, restart included. */
static void count_code(struct wheel *wheel, const struct workflow *workflow, int64_t now_ms)
{
    int32_t offset_s = zone_offset_s(workflow->zone, now_ms / 1000);
    int year = when_civil(when_from_ms(now_ms), offset_s).year;
    struct text name = serial_name(wheel, workflow, year);
    const struct value *last = value_get(&wheel->serials, name);
    int64_t serial = last ? last->integer + 1 : 1;

    value_set(&wheel->serials, text_copy(wheel->serials_arena, name), value_int(serial));
    batch_set_meta(wheel->filling, "serials", &wheel->serials);
}

/* ---- After the event. ---- */

static void finish(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    const struct card *card = roster_find(&wheel->roster, &one->state.id);
    bool is_kept = queued->owed.is_kept;

    one->current = NULL;
    if (queued->event.kind == CASE_TIMER) {
        wheel->timers_in_flight--;
        CHECK(card);
        /* The timer was taken out of the order; as long as it stands in the case, it goes back. */
        struct value facts = case_card(&one->state, wheel->turn);
        CHECK(roster_put(&wheel->roster, &one->state.id, &facts));
    }
    approvals_review(wheel, one);
    if (!is_kept)
        wheel_drop(queued);
    if (one->waiting)
        wheel_make_ready(wheel, one);
    else if (one->state.doc.kind == VALUE_NULL && one->dirty_since == 0)
        cases_drop(&wheel->cases, one); /* an opening that was refused */
}

void event_refuse(struct wheel *wheel, struct run_case *one, struct queued *queued,
                  const struct problem *problem)
{
    if (queued->is_person)
        wheel_refuse(wheel, queued, one->newest_batch, problem);
    else
        log_event(LOG_WARNING, "event.refused", "case=%.*s problem=%s",
                  TEXT_ARG(value_text_at(&one->state.doc, "code")),
                  problem_kind(problem->code)->name);
    finish(wheel, one, queued);
}

/* Whether the answer may be more than a receipt. The event may have given the case away. A repeat
 * makes no entry of its own: where it shows the case as it is now, that is a read. */
static bool is_shown(struct wheel *wheel, struct run_case *one, const struct queued *queued,
                     uint64_t *batch)
{
    const struct card *card = roster_find(&wheel->roster, &one->state.id);
    bool is_repeat = queued->owed.is_repeat;

    if (!queued->request.wants_case && queued->owed.proposal == 0 &&
        (is_repeat || !queued->owed.is_named))
        return false;
    return card && rights_see(wheel, &queued->asker, card) &&
           (!is_repeat || read_log(wheel, queued, card, one, "case", batch));
}

void event_answer(struct wheel *wheel, struct run_case *one, const struct queued *queued)
{
    const struct owed *owed = &queued->owed;
    const struct run_request *request = &queued->request;
    struct run_reply reply = {.status = owed->status,
                              .has_revision = true,
                              .revision = one->state.revision,
                              .is_repeat = owed->is_repeat};

    uint64_t batch = one->newest_batch;
    const struct card *card = roster_find(&wheel->roster, &one->state.id);
    bool is_seen = is_shown(wheel, one, queued, &batch);
    struct case_person viewer =
        is_seen ? rights_in(wheel, &queued->asker, card, wheel->turn) : queued->person;
    if (request->wants_case && is_seen) {
        reply.body =
            case_view(&one->state, &viewer, request->language, queued->event.now_ms, wheel->turn);
        value_put(&reply.body, "links", care_links(wheel, &queued->asker, card, wheel->turn));
    } else {
        reply.body = case_receipt(&one->state, owed->seq, request->language, wheel->turn);
    }
    struct value proposal = is_seen ? case_proposal_view(&one->state, owed->proposal, &viewer,
                                                         request->language, wheel->turn)
                                    : value_null();
    if (proposal.kind != VALUE_NULL)
        value_put(&reply.body, "proposal", proposal);
    const struct value_member *document = queued->event.kind == CASE_DOCUMENT
                                              ? case_document_of(&one->state, owed->seq, &viewer)
                                              : NULL;
    if (document)
        value_put(&reply.body, "document",
                  case_document_view(document->key, &document->value, wheel->turn));
    if (owed->is_named && is_seen)
        value_put(&reply.body, "similar", search_similar(wheel, queued, one));
    wheel_reply(wheel, queued, batch, &reply);
}

static void answer(struct wheel *wheel, struct run_case *one, struct queued *queued,
                   struct owed owed)
{
    queued->owed = owed;
    if (queued->event.kind == CASE_APPROVE)
        approval_answer(wheel, one, queued);
    else if (queued->is_person)
        event_answer(wheel, one, queued);
}

/* ---- Applying. ---- */

static bool create_key(struct wheel *wheel, const struct vault_case_id *id)
{
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    size_t size = 0;

    if (vault_key_create(store_vault(wheel->store), id, wrapped, &size) != 0)
        return false;
    batch_add_key(wheel->filling, id, wrapped, size);
    return true;
}

static void record(struct wheel *wheel, struct run_case *one, const struct queued *queued,
                   struct case_change *change)
{
    uint64_t seq = wheel->next_seq++;
    bool is_opening = one->state.doc.kind == VALUE_NULL;

    if (is_opening) {
        CHECK(create_key(wheel, &one->state.id));
        count_code(wheel, one->state.workflow, queued->event.now_ms);
    }
    value_put(&change->entry, "prev", value_int((int64_t)one->state.last));
    batch_add_entry(wheel->filling, seq, &one->state.id, &change->entry);
    wheel->last_ms = queued->event.now_ms;
    one->state.doc = change->doc;
    one->state.revision = seq;
    one->state.last = seq;
    one->newest_batch = wheel->filling->number;
    cases_soil(&wheel->cases, one, seq);

    if (queued->event.kind == CASE_DOCUMENT)
        document_keep(wheel, queued);
    struct value facts = case_card(&one->state, wheel->turn);
    CHECK(roster_put(&wheel->roster, &one->state.id, &facts));
    calls_follow(wheel, one);
    search_follow(wheel, one, value_at(&change->entry, "patch"));
    if (one->newer >= WHEEL_SNAPSHOT_ENTRIES)
        event_snapshot(wheel, one);
}

/* Whether the answer is to tell which cases look like this one: an opening has waited for that. */
static bool is_named(const struct wheel *wheel, const struct run_case *one,
                     const struct queued *queued, const struct case_change *change)
{
    if (queued->event.kind == CASE_OPEN)
        return queued->request.wants_similar;
    return queued->is_person && !search_is_being_made(wheel) &&
           index_is_named(one->state.workflow, value_at(&change->entry, "patch"));
}

static void apply(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    struct case_change change = {0};
    int64_t now_ms = wheel_stamp(wheel);

    if (queued->event.now_ms < now_ms)
        queued->event.now_ms = now_ms; /* others were written while checks were asked */
    queued->event.seq = wheel->next_seq;
    if (queued->event.kind == CASE_OPEN)
        queued->event.code = next_code(wheel, queued->workflow, now_ms);
    case_apply(&one->state, &queued->event, one->arena, &change);
    if (change.is_refused) {
        event_refuse(wheel, one, queued, &change.problem);
        return;
    }
    record(wheel, one, queued, &change);
    answer(wheel, one, queued,
           (struct owed){.status = change.status,
                         .seq = queued->event.seq,
                         .proposal = change.proposal,
                         .is_named = is_named(wheel, one, queued, &change)});
    finish(wheel, one, queued);
    cases_compact(one);
}

/* ---- Planning. ---- */

/* The timer of the case that is due, if there still is one. */
static bool find_timer(struct run_case *one, struct queued *queued)
{
    int64_t due_ms;
    struct text key;

    if (!case_next_timer(&one->state.doc, &key, &due_ms) || due_ms > queued->event.now_ms)
        return false;
    queued->event.name = text_copy(queued->arena, key);
    return true;
}

/* Events before this one may have given the case to somebody else. */
static bool may_still(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    const struct card *card = roster_find(&wheel->roster, &one->state.id);
    struct problem problem;

    if (!card || queued->event.kind == CASE_OPEN || queued->event.kind == CASE_GLASS ||
        queued->event.kind == CASE_ERASURE || queued->event.kind == CASE_EXPORT ||
        queued->event.kind == CASE_RELEASE)
        return true;
    if (rights_see(wheel, &queued->asker, card)) {
        queued->person = rights_in(wheel, &queued->asker, card, queued->arena);
        return true;
    }
    problem_set(&problem, wheel->turn, PROBLEM_NO_SUCH_CASE, "There is no case \"%.*s\".",
                TEXT_ARG(queued->request.case_name));
    event_refuse(wheel, one, queued, &problem);
    return false;
}

static void plan(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    struct case_plan plan = {0};

    queued->event.now_ms = wheel_stamp(wheel);
    if (queued->event.kind == CASE_TIMER && !find_timer(one, queued)) {
        finish(wheel, one, queued);
        return;
    }
    if (queued->is_person && !may_still(wheel, one, queued))
        return;
    if (queued->is_person && queued->request.kind == RUN_APPROVE_ERASURE) {
        erase_approve(wheel, one, queued);
        return;
    }
    case_plan(&one->state, &queued->event, wheel->turn, &plan);
    switch (plan.kind) {
    case CASE_REFUSE:
        event_refuse(wheel, one, queued, &plan.problem);
        break;
    case CASE_REPEAT:
        answer(wheel, one, queued,
               (struct owed){.status = plan.status,
                             .seq = plan.seq,
                             .proposal = plan.proposal,
                             .is_repeat = true});
        finish(wheel, one, queued);
        break;
    case CASE_DROP:
        finish(wheel, one, queued);
        break;
    case CASE_ASK:
        calls_ask(wheel, queued, plan.checks, plan.check_count);
        break;
    case CASE_CARRY:
        apply(wheel, one, queued);
        break;
    }
}

static struct queued *take(struct run_case *one)
{
    struct queued *queued = one->waiting;

    one->waiting = queued->next;
    if (!one->waiting)
        one->waiting_last = &one->waiting;
    if (queued->is_person)
        one->people_waiting--;
    return queued;
}

static bool has_room(struct wheel *wheel, const struct queued *queued)
{
    enum run_kind kind = queued->request.kind;

    if (kind == RUN_ASK_ERASURE || kind == RUN_APPROVE_ERASURE)
        return wheel_may_make_room(wheel);
    if (wheel->room != 0)
        return false;
    return queued->event.kind != CASE_OPEN ||
           store_has_room(wheel->store, BATCH_BYTES_MAX, true) == 0;
}

static void refuse_full(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    struct problem problem;

    problem_set(&problem, wheel->turn, PROBLEM_DISK_FULL, "The disk is too full to take this in.");
    problem_hint(&problem, wheel->turn,
                 "Nothing was changed. Free some space on the disk of the store, and repeat.");
    event_refuse(wheel, one, queued, &problem);
}

void event_run_case(struct wheel *wheel, struct run_case *one)
{
    bool is_asked = one->current; /* its checks are answered, or still open */

    if (!is_asked && one->waiting)
        one->current = take(one);
    struct queued *queued = one->current;
    if (queued && (!is_asked || queued->checks_open == 0)) {
        if (queued->is_person && !has_room(wheel, queued))
            refuse_full(wheel, one, queued);
        else if (is_asked)
            apply(wheel, one, queued);
        else
            plan(wheel, one, queued);
    }
    arena_reset(wheel->turn);
}
