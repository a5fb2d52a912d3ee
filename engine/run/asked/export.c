/* Exporting a case: the two people, and what the file holds, part by part.
 *
 * The happy path:
 * 1. The dpo asks, a supervisor approves: events of the case (case/care/export.c).
 * 2. RUN_EXPORT, the first: the case as who sees all of it sees it, its definition, the list of its
 *    documents, the key of the store's checkpoints.
 * 3. RUN_EXPORT again, with the seq that the answer before named: some entries of its history, each
 *    with the proof that it is in the journal, from the newest to the oldest. The documents' bytes
 *    the socket reads itself (wheel_read_chunk).
 * Each part looks anew whether the person may have it. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"

#include "base/json.h"
#include "case/view.h"
#include "run/internal.h"
#include "store/audit.h"
#include "vault/age/age.h"

enum { ENTRIES_AT_ONCE = 64 };

static const char readme[] =
    "This archive is one case of Sankofa, exported at the word of two people.\n"
    "\n"
    "  case.json        the case: states, data, who works on it, flags, deadlines\n"
    "  definition.json  the workflow that it runs on: what states and fields mean\n"
    "  documents.json   the files that were kept with it: their names, types and SHA-256\n"
    "  documents/       these files, by their numbers\n"
    "  history/         what happened, one JSON text for each entry of the journal; the name is\n"
    "                   its number\n"
    "  proofs/          for each of them the proof that the journal holds it (C2SP tlog-proof);\n"
    "                   an entry that is newer than the last signed checkpoint has none\n"
    "  audit.pub        the public key that the proofs' checkpoints are signed with\n"
    "\n"
    "`sankofa admin check PROOF audit.pub` checks a proof.\n";

bool export_read(struct wheel *wheel, struct queued *queued)
{
    struct text recipient = value_text_at(&queued->request.data, "recipient");
    struct problem problem;
    struct age_keys keys;
    size_t line;

    if (age_read_recipients(recipient, &keys, &line))
        return true;
    problem_set(&problem, queued->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&problem, queued->arena, TEXT("/recipient"), "invalid",
                TEXT(N_("A recipient is one line, age1 and 58 characters.")), TEXT_NONE);
    wheel_refuse(wheel, queued, 0, &problem);
    return false;
}

/* ---- Its parts. ---- */

static void add_text(struct value *members, struct arena *arena, struct text name, struct text text)
{
    struct value one = value_map(arena);

    value_put(&one, "name", value_string(name));
    value_put(&one, "text", value_string(text));
    value_append(members, one);
}

static void add_json(struct value *members, struct arena *arena, struct text name,
                     const struct value *value)
{
    struct text json = json_write(arena, value);

    add_text(members, arena, name, text_printf(arena, "%.*s\n", TEXT_ARG(json)));
}

/* Somebody who sees everything. */
static struct case_person everybody(const struct workflow *workflow, struct arena *arena)
{
    struct text *roles = ARENA_ARRAY(arena, struct text, workflow->role_count);

    for (size_t i = 0; i < workflow->role_count; i++)
        roles[i] = workflow->roles[i].id;
    return (struct case_person){
        .id = TEXT(""), .person = TEXT(""), .roles = roles, .role_count = workflow->role_count};
}

/* What the socket reads the bytes by. */
static struct value documents_of(const struct queued *queued, const struct value *documents,
                                 struct arena *arena)
{
    struct value list = value_list(arena);
    struct text id = text_hex(arena, queued->id.bytes, sizeof(queued->id.bytes));

    for (size_t i = 0; i < value_count(documents); i++) {
        struct value one = value_copy(arena, &value_member(documents, i)->value);
        value_put(&one, "case", value_string(id));
        value_put(&one, "number", value_string(value_member(documents, i)->key));
        value_append(&list, one);
    }
    return list;
}

static struct value begin(struct wheel *wheel, struct queued *queued, const struct run_case *one)
{
    struct arena *arena = queued->arena;
    const struct value *doc = &one->state.doc;
    const struct workflow *workflow = one->state.workflow;
    struct case_person all = everybody(workflow, arena);
    struct value body = value_map(arena), members = value_list(arena);
    struct value view =
        case_view(&one->state, &all, queued->request.language, wheel_now_ms(wheel), arena);
    struct value listed = case_documents_view(&one->state, &all, arena);

    value_remove(&view, TEXT("available")); /* of nobody in particular */
    value_remove(&view, TEXT("hidden"));
    add_text(&members, arena, TEXT("README.txt"), TEXT(readme));
    add_json(&members, arena, TEXT("case.json"), &view);
    add_text(&members, arena, TEXT("definition.json"), workflow->rendered);
    add_json(&members, arena, TEXT("documents.json"), value_get(&listed, TEXT("documents")));
    add_text(&members, arena, TEXT("audit.pub"), store_audit_key(wheel->store, arena));
    value_put(&body, "code", *value_get(doc, TEXT("code")));
    value_put(&body, "recipient", *value_at(doc, "export/recipient"));
    value_put(&body, "at", value_int(wheel_now_ms(wheel)));
    value_put(&body, "members", members);
    value_put(&body, "documents", documents_of(queued, value_get(doc, TEXT("documents")), arena));
    value_put(&body, "next", value_int((int64_t)one->state.last));
    return body;
}

/* One entry and its proof; the seq of the one before it. */
static int add_entry(struct wheel *wheel, const struct queued *queued, const struct run_case *one,
                     uint64_t *seq, struct value *members)
{
    struct arena *arena = queued->arena;
    struct case_person all = everybody(one->state.workflow, arena);
    struct text name = text_printf(arena, "%010llu", (unsigned long long)*seq), proof;
    struct store_read_entry read;
    struct value entry;
    int result = store_read_one(wheel->store, arena, *seq, &read);

    /* A number comes from outside. */
    if (result == 0 && memcmp(&read.id, &one->state.id, sizeof(read.id)) != 0)
        result = -ENOENT;
    if (result == 0)
        result = json_read(arena, read.body, &entry, NULL);
    if (result != 0)
        return result;
    struct value view =
        case_entry_view(one->state.workflow, *seq, &entry, &all, queued->request.language, arena);
    value_remove(&view, TEXT("hidden"));
    add_json(members, arena, text_printf(arena, "history/%.*s.json", TEXT_ARG(name)), &view);
    result = store_prove_entry(wheel->store, arena, *seq, &proof);
    if (result == 0)
        add_text(members, arena, text_printf(arena, "proofs/%.*s.tlog-proof", TEXT_ARG(name)),
                 proof);
    *seq = (uint64_t)value_int_at(&entry, "prev", 0);
    return result == -EAGAIN ? 0 : result;
}

static int go_on(struct wheel *wheel, const struct queued *queued, const struct run_case *one,
                 struct value *body_out)
{
    uint64_t seq = queued->request.number;
    struct value members = value_list(queued->arena);
    int result = 0;

    for (int i = 0; i < ENTRIES_AT_ONCE && seq != 0 && result == 0; i++)
        result = add_entry(wheel, queued, one, &seq, &members);
    *body_out = value_map(queued->arena);
    value_put(body_out, "members", members);
    value_put(body_out, "next", value_int((int64_t)seq));
    return result;
}

/* True: `queued` waits, and comes again. */
static bool give(struct wheel *wheel, struct queued *queued, const struct card *card,
                 struct run_case *one)
{
    struct run_reply reply = {.status = 200};
    struct batch *gate = wheel_gate(wheel, one->newest_batch);
    struct problem problem;

    if (gate) { /* its newest entries cannot be read yet */
        batch_add_effect(gate, EFFECT_REQUEST)->request = queued;
        return true;
    }
    if (!case_may_fetch_export(&one->state, &queued->asker, wheel_now_ms(wheel), queued->arena,
                               &problem)) {
        wheel_refuse(wheel, queued, 0, &problem);
        return false;
    }
    uint64_t batch = 0;
    int result = 0;
    if (!read_log(wheel, queued, card, one, "export", &batch)) {
        read_log_refuse(wheel, queued);
        return false;
    }
    if (queued->request.number == 0)
        reply.body = begin(wheel, queued, one);
    else
        result = go_on(wheel, queued, one, &reply.body);
    if (result == 0)
        wheel_reply(wheel, queued, batch, &reply);
    else
        read_refuse_damaged(wheel, queued, result);
    return false;
}

void export_run(struct wheel *wheel, struct queued *queued)
{
    struct run_case *one = read_case(wheel, queued);

    if (!one || !give(wheel, queued, roster_find(&wheel->roster, &queued->id), one))
        wheel_drop(queued);
}
