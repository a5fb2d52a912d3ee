/* The case that a request names by its code or id, for whoever may know of it by that request. To
 * all others it is not there. */
#include <errno.h>

#include "case/view.h"
#include "run/internal.h"
#include "run/long/erase.h"

/* Whoever may know of it. */
static const struct card *card_named(struct wheel *wheel, struct text name)
{
    struct vault_case_id id;

    return text_from_hex(name, id.bytes, sizeof(id.bytes)) ? roster_find(&wheel->roster, &id)
                                                           : roster_find_code(&wheel->roster, name);
}

/* Glass is broken of a case that is hidden: for whom its workflow has a role anywhere. */
static const struct card *find_to_break(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = card_named(wheel, queued->request.case_name);

    if (!card || !rights_may_break(wheel, &queued->asker, card))
        return NULL;
    queued->id = card->id;
    queued->person = rights_through_glass(wheel, &queued->asker, card, queued->arena);
    return card;
}

/* Whoever has to do with an erasure may name a case that is hidden from them otherwise. */
static const struct card *find_to_erase(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = card_named(wheel, queued->request.case_name);
    bool approves = queued->request.kind == RUN_APPROVE_ERASURE;

    if (!card || !(approves ? rights_may_approve_erasure(wheel, &queued->asker, card)
                            : rights_may_ask_erasure(&queued->asker, card)))
        return NULL;
    queued->id = card->id;
    queued->person = case_person_in(&queued->asker, card->country, queued->arena);
    return card;
}

static bool is_of_export(enum run_kind kind)
{
    return kind == RUN_ASK_EXPORT || kind == RUN_APPROVE_EXPORT || kind == RUN_EXPORT;
}

/* The same two as of an erasure; either of them fetches it. */
static const struct card *find_to_export(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = card_named(wheel, queued->request.case_name);
    enum run_kind kind = queued->request.kind;
    bool asks = card && kind != RUN_APPROVE_EXPORT && rights_may_ask_erasure(&queued->asker, card);
    bool approves =
        card && kind != RUN_ASK_EXPORT && rights_may_approve_erasure(wheel, &queued->asker, card);

    if (!asks && !approves)
        return NULL;
    queued->id = card->id;
    queued->person = case_person_in(&queued->asker, card->country, queued->arena);
    return card;
}

/* Auditors, who see nothing else of a case. */
static const struct card *find_to_audit(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = card_named(wheel, queued->request.case_name);

    if (!card || !rights_may_audit(&queued->asker, card))
        return NULL;
    queued->id = card->id;
    return card;
}

/* Whoever may not, and sees the case, is told so; to others it is not there. */
static bool refuse_audit(struct wheel *wheel, struct queued *queued)
{
    if (queued->request.kind != RUN_READS ||
        !rights_card(wheel, &queued->asker, queued->request.case_name))
        return false;
    wheel_fail(wheel, queued, PROBLEM_NOT_PERMITTED,
               "Only the roles \"auditor\" and \"dpo\" may ask who read a case.",
               "`sankofa history CASE` shows you what was done in it.");
    return true;
}

static bool refuse_erasure(struct wheel *wheel, struct queued *queued)
{
    bool approves = queued->request.kind == RUN_APPROVE_ERASURE;

    if ((!approves && queued->request.kind != RUN_ASK_ERASURE) ||
        !rights_card(wheel, &queued->asker, queued->request.case_name))
        return false;
    wheel_fail(wheel, queued, PROBLEM_NOT_PERMITTED,
               approves ? N_("Only who supervises a role of the workflow may approve this.")
                        : "Only the role \"dpo\" may ask for a case to be erased.",
               "Two people erase a case: the dpo asks, a supervisor approves.");
    return true;
}

static bool refuse_export(struct wheel *wheel, struct queued *queued)
{
    if (!is_of_export(queued->request.kind) ||
        !rights_card(wheel, &queued->asker, queued->request.case_name))
        return false;
    wheel_fail(wheel, queued, PROBLEM_NOT_PERMITTED,
               "An export is asked for by the role \"dpo\" and approved by who supervises.",
               "Two people export a case: the dpo asks, a supervisor approves.");
    return true;
}

static const struct card *find(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = rights_card(wheel, &queued->asker, queued->request.case_name);

    if (!card)
        return NULL;
    queued->id = card->id;
    queued->person = rights_in(wheel, &queued->asker, card, queued->arena);
    return card;
}

static const struct card *find_by_kind(struct wheel *wheel, struct queued *queued)
{
    if (queued->request.kind == RUN_BREAK_GLASS)
        return find_to_break(wheel, queued);
    if (queued->request.kind == RUN_READS)
        return find_to_audit(wheel, queued);
    if (queued->request.kind == RUN_ASK_ERASURE || queued->request.kind == RUN_APPROVE_ERASURE)
        return find_to_erase(wheel, queued);
    if (is_of_export(queued->request.kind))
        return find_to_export(wheel, queued);
    return find(wheel, queued);
}

const struct card *read_card(struct wheel *wheel, struct queued *queued)
{
    struct text name = queued->request.case_name;
    struct problem problem;
    const struct card *card = find_by_kind(wheel, queued);

    if (card && card->is_quarantined && !quarantine_shows(wheel, queued)) {
        read_refuse_damaged(wheel, queued, -EBADMSG);
        return NULL;
    }
    if (card)
        return card;
    const struct value *erased = erase_find(wheel, &queued->asker, name);
    if (erased) {
        erase_refuse(wheel, queued, erased);
        return NULL;
    }
    if (refuse_erasure(wheel, queued) || refuse_export(wheel, queued) ||
        refuse_audit(wheel, queued))
        return NULL;
    problem_set(&problem, queued->arena, PROBLEM_NO_SUCH_CASE, "There is no case \"%.*s\".",
                TEXT_ARG(name));
    if (name.size == sizeof("SN-2026-00001-K") - 1 && !case_code_is_valid(name))
        problem_hint(&problem, queued->arena,
                     "The check character at its end does not fit: look for a mistyped digit.");
    else
        problem_hint(&problem, queued->arena, "`sankofa list` shows the cases you may see.");
    wheel_refuse(wheel, queued, 0, &problem);
    return NULL;
}

struct run_case *read_case(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = read_card(wheel, queued);
    int error = 0;

    if (!card)
        return NULL;
    struct run_case *one = event_case(wheel, &card->id, &error);
    if (!one)
        read_refuse_damaged(wheel, queued, error);
    return one;
}
