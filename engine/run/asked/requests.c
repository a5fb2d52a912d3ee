/* What people ask: reads go to reads.c, administration to writes.c, long work to long/, events to
 * the queue of their case. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "case/view.h"
#include "run/internal.h"
#include "run/long/erase.h"

/* The event that a request asks for, without what only its turn can tell. */
static void fill_event(struct queued *queued, enum case_event_kind kind)
{
    const struct run_request *request = &queued->request;

    queued->event = (struct case_event){.kind = kind,
                                        .name = request->name,
                                        .data = request->data,
                                        .person = &queued->person,
                                        .comment = request->comment,
                                        .key = request->key,
                                        .request = request->request,
                                        .language = request->language,
                                        .has_revision = request->has_revision,
                                        .revision = request->revision,
                                        .park = request->park};
}

static void fill_settling(struct queued *queued)
{
    struct value outcome = value_map(queued->arena);

    value_put(&outcome, "outcome", value_string(queued->request.outcome));
    if (value_count(&queued->request.data) > 0)
        value_put(&outcome, "outputs", queued->request.data);
    queued->event.outcome = outcome;
    queued->event.data = value_null();
}

static void enqueue(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    if (one->people_waiting >= wheel->event_count_max) {
        wheel_fail(wheel, queued, PROBLEM_BUSY,
                   "Too many requests are waiting for this case already.",
                   "Nothing was changed. Repeat in a moment.");
        wheel_drop(queued);
        return;
    }
    wheel_enqueue_case(wheel, one, queued);
}

/* ---- Opening. ---- */

/* The same person and key make the same id, so that a repeat finds the case without an index. */
static void choose_id(struct wheel *wheel, struct queued *queued)
{
    if (text_is_empty(queued->request.key)) {
        wheel->ports.random.fill(wheel->ports.random.self, queued->id.bytes,
                                 sizeof(queued->id.bytes));
        return;
    }
    uint8_t mac[VAULT_HASH_BYTES];
    struct text seed = text_printf(queued->arena, "%zu:%.*s%.*s", queued->person.id.size,
                                   TEXT_ARG(queued->person.id), TEXT_ARG(queued->request.key));
    vault_mac(store_vault(wheel->store), "case id", seed.bytes, seed.size, mac);
    memcpy(queued->id.bytes, mac, sizeof(queued->id.bytes));
}

static bool may_open(struct wheel *wheel, const struct queued *queued,
                     const struct registered *definition, struct problem *problem)
{
    struct text name = queued->request.name;

    if (!definition) {
        struct text nearest = registry_nearest(&wheel->registry, name, queued->arena);
        problem_set(problem, queued->arena, PROBLEM_NO_SUCH_WORKFLOW,
                    "No workflow of the name \"%.*s\" is loaded.", TEXT_ARG(name));
        problem_hint(problem, queued->arena, "`sankofa workflow list` shows those there are.");
        problem_suggest(problem, queued->arena, nearest);
        return false;
    }
    const struct workflow *workflow = definition->workflow;
    if (case_is_visible(&queued->asker, workflow->country, workflow))
        return true;
    problem_set(problem, queued->arena, PROBLEM_NOT_PERMITTED,
                "You hold no role of the workflow \"%.*s\" in its country.", TEXT_ARG(name));
    problem_hint(problem, queued->arena,
                 "Ask whoever keeps the people table of this daemon's configuration.");
    return false;
}

/* Whether the store knows this id, though the case cannot be had: its snapshot or card is damaged.
 */
static bool was_opened(struct wheel *wheel, const struct queued *queued)
{
    return roster_find(&wheel->roster, &queued->id) ||
           (!text_is_empty(queued->request.key) && store_has_case(wheel->store, &queued->id) != 0);
}

/* With a key that was used before, the case may be there, and somebody else's by now. */
static struct case_person opener_of(struct wheel *wheel, const struct queued *queued,
                                    const struct workflow *workflow)
{
    const struct card *card = roster_find(&wheel->roster, &queued->id);

    return card ? rights_in(wheel, &queued->asker, card, queued->arena)
                : case_person_in(&queued->asker, workflow->country, queued->arena);
}

static void open_case(struct wheel *wheel, struct queued *queued)
{
    const struct registered *definition = registry_current(&wheel->registry, queued->request.name);
    struct problem problem;
    int error = 0;

    if (!may_open(wheel, queued, definition, &problem)) {
        wheel_refuse(wheel, queued, 0, &problem);
        wheel_drop(queued);
        return;
    }
    if (queued->request.wants_similar && !search_is_ready(wheel, queued))
        return;
    choose_id(wheel, queued);
    queued->person = opener_of(wheel, queued, definition->workflow);
    fill_event(queued, CASE_OPEN);
    queued->workflow = definition->workflow;
    struct run_case *one = event_case(wheel, &queued->id, &error);
    if (!one && was_opened(wheel, queued)) {
        if (!erase_refuse_id(wheel, queued))
            read_refuse_damaged(wheel, queued, error);
        wheel_drop(queued);
        return;
    }
    if (!one) {
        one = cases_add(&wheel->cases, &queued->id);
        one->state.workflow = definition->workflow;
    }
    enqueue(wheel, one, queued);
}

/* ---- Events of a case that is there. ---- */

static void change_case(struct wheel *wheel, struct queued *queued, enum case_event_kind kind)
{
    const struct card *card = read_card(wheel, queued);
    int error = 0;

    if (!card) {
        wheel_drop(queued);
        return;
    }
    fill_event(queued, kind);
    if (!care_read(wheel, queued, card)) {
        wheel_drop(queued);
        return;
    }
    queued->event.data = queued->request.data;
    if (kind == CASE_SETTLE)
        fill_settling(queued);
    struct run_case *one = event_case(wheel, &queued->id, &error);
    if (one) {
        enqueue(wheel, one, queued);
        return;
    }
    if (kind == CASE_ERASURE && aside_run(wheel, queued))
        return; /* the damage was found just now */
    read_refuse_damaged(wheel, queued, error);
    wheel_drop(queued);
}

void request_run(struct wheel *wheel, struct queued *queued)
{
    if (wheel->is_stopping) {
        wheel_fail(wheel, queued, PROBLEM_STOPPING, "The daemon is stopping.",
                   "Nothing was changed. Repeat with the same Idempotency-Key once it runs again.");
        wheel_drop(queued);
        return;
    }
    switch (queued->request.kind) {
    case RUN_OPEN_CASE:
        open_case(wheel, queued);
        break;
    case RUN_TRANSITION:
        change_case(wheel, queued, CASE_TRANSITION);
        break;
    case RUN_ANSWER:
        change_case(wheel, queued, CASE_ANSWER);
        break;
    case RUN_SETTLE:
        change_case(wheel, queued, CASE_SETTLE);
        break;
    case RUN_EXPLAIN:
        explain_run(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_APPROVE:
        change_case(wheel, queued, CASE_APPROVE);
        break;
    case RUN_REJECT:
        change_case(wheel, queued, CASE_REJECT);
        break;
    case RUN_ASSIGN:
        change_case(wheel, queued, CASE_ASSIGN);
        break;
    case RUN_NOTE:
        change_case(wheel, queued, CASE_NOTE);
        break;
    case RUN_FLAG:
        change_case(wheel, queued, CASE_FLAG);
        break;
    case RUN_LINK:
        change_case(wheel, queued, CASE_LINK);
        break;
    case RUN_CORRECT:
        change_case(wheel, queued, CASE_CORRECT);
        break;
    case RUN_BREAK_GLASS:
        change_case(wheel, queued, CASE_GLASS);
        break;
    case RUN_REVIEW:
        change_case(wheel, queued, CASE_REVIEW);
        break;
    case RUN_ASK_ERASURE:
    case RUN_APPROVE_ERASURE:
        if (!aside_run(wheel, queued))
            change_case(wheel, queued, CASE_ERASURE);
        break;
    case RUN_ATTACH:
        change_case(wheel, queued, CASE_DOCUMENT);
        break;
    case RUN_ASK_EXPORT:
        change_case(wheel, queued, CASE_EXPORT);
        break;
    case RUN_APPROVE_EXPORT:
        change_case(wheel, queued, CASE_RELEASE);
        break;
    case RUN_EXPORT:
        export_run(wheel, queued);
        break;
    case RUN_CHUNK:
    case RUN_DROP_UPLOAD:
    case RUN_DOCUMENTS:
    case RUN_DOCUMENT:
        document_run(wheel, queued);
        break;
    case RUN_ERASURE:
        certificate_show(wheel, queued);
        break;
    case RUN_SHOW:
    case RUN_LIST:
    case RUN_INBOX:
    case RUN_SEARCH:
    case RUN_DIAGRAM:
    case RUN_EVENTS:
    case RUN_HISTORY:
    case RUN_READS:
    case RUN_WORKFLOWS:
    case RUN_WORKFLOW:
        read_run(wheel, queued);
        break;
    case RUN_LOAD_WORKFLOW:
        write_workflow(wheel, queued);
        break;
    case RUN_ADVANCE_CLOCK:
        write_advance(wheel, queued);
        break;
    case RUN_CHECKPOINT:
    case RUN_CHECKPOINTS:
    case RUN_PROOF:
        audit_run(wheel, queued);
        break;
    case RUN_VERIFY:
        long_verify(wheel, queued);
        break;
    case RUN_QUARANTINE:
        read_quarantine(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_REPLAY:
        long_replay(wheel, queued);
        break;
    case RUN_KEYS:
        keys_list(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_ADD_SLOT:
        keys_add_slot(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_REMOVE_SLOT:
        keys_remove_slot(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_ROTATE_KEYS:
        keys_rotate(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_OPERATION:
        operation_show(wheel, queued);
        wheel_drop(queued);
        break;
    case RUN_BACKUP:
        backup_begin(wheel, queued);
        wheel_drop(queued);
        break;
    }
    arena_reset(wheel->turn);
}
