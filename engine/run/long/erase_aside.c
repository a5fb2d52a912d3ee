/* Erasing a case that is put aside: a family's right to it does not end where the disk has a
 * flipped bit.
 *
 * The happy path:
 * 1. The dpo asks. Nothing can be written into the case itself: an entry of no case tells of it,
 * and the store's meta keeps it.
 * 2. Somebody else approves. Who may is decided by what can be known of the case: its card names
 *    country and workflow; where the workflow cannot be read, it takes another dpo; where there is
 *    no card, two dpos of all countries.
 * 3. It goes on as with any other case (erase.c). The horizon is held no more by what was damaged.
 */
#include <errno.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/when.h"
#include "run/internal.h"
#include "run/long/erase.h"

#define META_NAME "asked"

struct aside {
    struct vault_case_id id;
    struct text id_text;
    const struct card *card;           /* NULL: none can be read */
    const struct workflow *workflow;   /* NULL: likewise */
    const struct quarantined *damaged; /* NULL: only its definition is missing */
    const struct value *asked;         /* {by, person, reason, at, seq}; NULL: nobody has */
};

/* ---- What can be known of it. ---- */

/* By code or id; false: it is whole, or nothing of that name is here. */
static bool find(struct wheel *wheel, struct text name, struct arena *arena,
                 struct aside *aside_out)
{
    const struct card *card = roster_find_code(&wheel->roster, name);
    struct aside aside = {.card = card};

    if (card)
        aside.id = card->id;
    else if (!text_from_hex(name, aside.id.bytes, sizeof(aside.id.bytes)))
        return false;
    aside.card = roster_find(&wheel->roster, &aside.id);
    aside.workflow = aside.card ? rights_workflow(wheel, aside.card) : NULL;
    aside.damaged = quarantine_find(&wheel->quarantine, &aside.id);
    aside.id_text = text_hex(arena, aside.id.bytes, sizeof(aside.id.bytes));
    aside.asked = value_get(&wheel->aside_asked, aside.id_text);
    *aside_out = aside;
    return aside.damaged || (aside.card && !aside.workflow);
}

static struct text country_of(const struct aside *aside)
{
    return aside->card ? aside->card->country : TEXT_NONE;
}

static struct text name_of(const struct aside *aside)
{
    return aside->card ? aside->card->code : aside->id_text;
}

/* ---- Who may. ---- */

static bool may_ask(const struct aside *aside, const struct case_person *asker)
{
    return rights_is_dpo(asker, country_of(aside));
}

static bool may_approve(struct wheel *wheel, const struct aside *aside,
                        const struct case_person *asker)
{
    return aside->workflow ? rights_may_approve_erasure(wheel, asker, aside->card)
                           : may_ask(aside, asker);
}

/* To a dpo of one country it is told why another one has to do it: `admin quarantine` names the
 * case. All others learn what they would of a whole one. */
static bool refuse_stranger(struct wheel *wheel, const struct queued *queued,
                            const struct aside *aside)
{
    const struct case_person everywhere = {.roles = queued->asker.roles,
                                           .role_count = queued->asker.role_count};

    if (aside->card || !may_ask(aside, &everywhere))
        return false;
    wheel_fail(
        wheel, queued, PROBLEM_NOT_PERMITTED,
        "Which country this case belongs to cannot be read any more: it takes two people with "
        "the role \"dpo\" in all countries.",
        "In sankofad.yaml they have that role and no \"countries\".");
    return true;
}

/* What a case would say of itself: what was asked for, and a hold as far as the card tells. */
static struct value doc_of(const struct aside *aside, struct arena *arena)
{
    struct value doc = value_map(arena), flags = value_map(arena);
    size_t count = aside->card ? aside->card->marks.count : 0;

    for (size_t i = 0; i < count; i++)
        if (aside->card->marks.rows[i].kind == MARK_FLAG)
            value_set(&flags, aside->card->marks.rows[i].name, value_map(arena));
    value_put(&doc, "flags", flags);
    if (aside->asked)
        value_put(&doc, "erasure", *aside->asked);
    return doc;
}

/* ---- Asking. ---- */

static bool may_be_asked(const struct aside *aside, const struct queued *queued,
                         struct problem *problem)
{
    struct value doc = doc_of(aside, queued->arena);

    if (text_is_empty(queued->request.comment)) {
        problem_set(problem, queued->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
        problem_add(problem, queued->arena, TEXT("/reason"), "required",
                    TEXT(N_("Erasing a case needs its reason.")), TEXT_NONE);
        return false;
    }
    return !case_is_held(&doc, queued->arena, problem);
}

static void keep(struct wheel *wheel, const struct aside *aside, const struct queued *queued,
                 uint64_t seq)
{
    struct arena *arena = wheel->erased_arena;
    struct value asked = value_map(arena);
    const struct {
        const char *name;
        struct text text;
    } texts[] = {{"by", queued->asker.id},
                 {"person", queued->asker.person},
                 {"reason", queued->request.comment}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        value_put(&asked, texts[i].name, value_string(text_copy(arena, texts[i].text)));
    value_put(&asked, "at", value_int(wheel_stamp(wheel)));
    value_put(&asked, "seq", value_int((int64_t)seq));
    value_set(&wheel->aside_asked, text_copy(arena, aside->id_text), asked);
    batch_set_meta(wheel->filling, META_NAME, &wheel->aside_asked);
}

static void record(struct wheel *wheel, const struct aside *aside, const struct queued *queued)
{
    struct value entry = value_map(wheel->turn);

    keep(wheel, aside, queued, wheel->next_seq);
    value_put(&entry, "kind", value_cstring("case.erasure_asked"));
    value_put(&entry, "by", value_string(queued->asker.id));
    value_put(&entry, "person", value_string(queued->asker.person));
    value_put(&entry, "id", value_string(aside->id_text));
    value_put(&entry, "code", value_string(name_of(aside)));
    value_put(&entry, "reason", value_string(queued->request.comment));
    wheel_append(wheel, &entry);
    log_event(LOG_INFO, "case.erasure_asked", "case=%.*s by=%.*s", TEXT_ARG(name_of(aside)),
              TEXT_ARG(queued->asker.id));
}

/* As of any write; of its states nothing is known. The keys that the case itself keeps cannot be
 * read: a repeat is known by the list of writes of no case. */
static void answer(struct wheel *wheel, const struct aside *aside, const struct queued *queued)
{
    const struct value *asked = value_get(&wheel->aside_asked, aside->id_text);
    uint64_t revision = aside->card ? aside->card->revision : 0;
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};

    value_put(&reply.body, "code", value_string(name_of(aside)));
    value_put(&reply.body, "workflow",
              value_string(aside->card ? aside->card->workflow : TEXT("")));
    value_put(&reply.body, "states", value_list(queued->arena));
    value_put(&reply.body, "titles", value_list(queued->arena));
    value_put(&reply.body, "revision", value_int((int64_t)revision));
    value_put(&reply.body, "seq", value_int(value_int_at(asked, "seq", 0)));
    once_keep(wheel, queued, reply.status, &reply.body);
    wheel_reply(wheel, queued, read_newest_batch(wheel), &reply);
}

static void ask(struct wheel *wheel, const struct aside *aside, const struct queued *queued)
{
    struct problem problem;

    if (!may_be_asked(aside, queued, &problem)) {
        wheel_refuse(wheel, queued, read_newest_batch(wheel), &problem);
        return;
    }
    record(wheel, aside, queued);
    answer(wheel, aside, queued);
}

/* ---- Approving. ---- */

static void forget(struct wheel *wheel, const struct aside *aside)
{
    struct vault_case_id id = aside->id;

    value_remove(&wheel->aside_asked, aside->id_text);
    batch_set_meta(wheel->filling, META_NAME, &wheel->aside_asked);
    quarantine_remove(&wheel->quarantine, &id);
    search_forget(wheel, &id);
    document_abandon(wheel, &id);
    roster_remove(&wheel->roster, &id);
}

static void approve(struct wheel *wheel, const struct aside *aside, struct queued *queued)
{
    struct case_state state = {.doc = doc_of(aside, queued->arena)};
    struct problem problem;

    if (!case_may_be_erased(&state, &queued->person, queued->arena, &problem) ||
        !erase_may_begin(wheel, &problem)) {
        wheel_refuse(wheel, queued, read_newest_batch(wheel), &problem);
        return;
    }
    struct erasure erasure = {.id = aside->id,
                              .code = aside->card ? aside->card->code : TEXT_NONE,
                              .workflow = aside->card ? aside->card->workflow : TEXT_NONE,
                              .country = country_of(aside),
                              .asked = aside->asked,
                              .aside = aside->damaged};
    erase_begin(wheel, &erasure, queued);
    forget(wheel, aside);
}

/* ---- What is asked of it. ---- */

bool aside_run(struct wheel *wheel, struct queued *queued)
{
    bool approves = queued->request.kind == RUN_APPROVE_ERASURE;
    struct aside aside;

    if (!find(wheel, queued->request.case_name, queued->arena, &aside))
        return false;
    bool may =
        approves ? may_approve(wheel, &aside, &queued->asker) : may_ask(&aside, &queued->asker);
    if (!may && !refuse_stranger(wheel, queued, &aside))
        return false;
    queued->id = aside.id;
    queued->person = queued->asker;
    if (may && queued->request.has_revision)
        read_refuse_damaged(wheel, queued, -EBADMSG); /* nobody knows which one is the last */
    else if (may && !approves && once_is_answered(wheel, queued))
        ; /* it was asked before */
    else if (may && !wheel_may_make_room(wheel))
        wheel_fail(wheel, queued, PROBLEM_DISK_FULL, "The disk is too full to take this in.",
                   "Nothing was changed. Free some space on the disk of the store, and repeat.");
    else if (may && approves)
        approve(wheel, &aside, queued);
    else if (may)
        ask(wheel, &aside, queued);
    wheel_drop(queued);
    return true;
}

bool aside_show(struct wheel *wheel, struct queued *queued)
{
    struct problem problem;
    struct aside aside;

    if (!find(wheel, queued->request.case_name, queued->arena, &aside) ||
        !(may_ask(&aside, &queued->asker) || may_approve(wheel, &aside, &queued->asker)))
        return false;
    if (!aside.asked) {
        wheel_fail(
            wheel, queued, PROBLEM_NOT_AVAILABLE, "The case was not erased.",
            "Records of it are damaged. It can be erased all the same: `sankofa case erase CASE "
            "--reason TEXT`.");
        return true;
    }
    struct text at =
        when_write_timestamp(queued->arena, when_from_ms(value_int_at(aside.asked, "at", 0)));
    problem_set(&problem, queued->arena, PROBLEM_NOT_AVAILABLE,
                "The case was not erased. \"%.*s\" asked for it on %.10s: %.*s",
                TEXT_ARG(value_text_at(aside.asked, "by")), at.bytes,
                TEXT_ARG(value_text_at(aside.asked, "reason")));
    problem_hint(&problem, queued->arena,
                 "Another person erases it: `sankofa case erase CASE --approve`.");
    wheel_refuse(wheel, queued, read_newest_batch(wheel), &problem);
    return true;
}

int aside_recover(struct wheel *wheel)
{
    struct text body;
    int result = store_read_meta(wheel->store, wheel->turn, META_NAME, &body);

    wheel->aside_asked = value_map(wheel->erased_arena);
    if (result == 0)
        result = json_read(wheel->erased_arena, text_copy(wheel->erased_arena, body),
                           &wheel->aside_asked, NULL);
    return result == -ENOENT ? 0 : result;
}
