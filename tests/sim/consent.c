/* Proposals, as the journal tells of them: submitted once, approved by distinct people who did not
 * submit, carried out at most once, with enough approvals, and never after a rejection or after a
 * change of what it rests on. What was told to be carried out was. */
#include <string.h>

#include "base/check.h"
#include "sim.h"

enum { PROPOSALS_MAX = 2000, APPROVALS_MAX = 8 };

struct proposal {
    struct text id; /* of the case */
    int64_t number;
    size_t need;
    struct text submitter, approvers[APPROVALS_MAX];
    size_t approval_count;
    bool is_carried, is_over, is_stale;
};

struct sim_consent {
    struct sim *sim;
    struct arena *arena;
    struct proposal proposals[PROPOSALS_MAX];
    size_t count;
    struct text codes[SIM_CASES_MAX], ids[SIM_CASES_MAX]; /* of the cases that were opened */
    size_t code_count;
};

struct sim_consent *sim_consent_begin(struct sim *sim, struct arena *arena)
{
    struct sim_consent *consent = ARENA_NEW(arena, struct sim_consent);

    consent->sim = sim;
    consent->arena = arena;
    return consent;
}

static struct proposal *find(struct sim_consent *consent, struct text id, int64_t number)
{
    for (size_t i = 0; i < consent->count; i++)
        if (text_equal(consent->proposals[i].id, id) && consent->proposals[i].number == number)
            return &consent->proposals[i];
    return NULL;
}

static void submitted(struct sim_consent *consent, uint64_t seq, const struct value *entry)
{
    struct text id = value_text_at(entry, "case");
    int64_t number = value_int_at(entry, "proposal", 0);

    if (find(consent, id, number))
        sim_fail(consent->sim, "entry %llu submits proposal %lld again", (unsigned long long)seq,
                 (long long)number);
    if (consent->count == PROPOSALS_MAX)
        return;
    bool is_of_two = text_ends(value_text_at(entry, "event"), ".decide");
    consent->proposals[consent->count++] = (struct proposal){
        .id = id,
        .number = number,
        .need = is_of_two ? 2 : 1,
        .submitter = value_text_at(entry, "person"),
    };
}

static void approved(struct sim_consent *consent, uint64_t seq, const struct value *entry,
                     struct proposal *proposal)
{
    struct text person = value_text_at(entry, "person");

    if (text_equal(person, proposal->submitter))
        sim_fail(consent->sim, "entry %llu: %.*s approves what is their own",
                 (unsigned long long)seq, TEXT_ARG(person));
    for (size_t i = 0; i < proposal->approval_count; i++)
        if (text_equal(proposal->approvers[i], person))
            sim_fail(consent->sim, "entry %llu: %.*s approves twice", (unsigned long long)seq,
                     TEXT_ARG(person));
    if (proposal->approval_count >= proposal->need)
        sim_fail(consent->sim, "entry %llu: more approvals than are needed",
                 (unsigned long long)seq);
    if (proposal->approval_count < APPROVALS_MAX)
        proposal->approvers[proposal->approval_count++] = person;
}

static void carried(struct sim_consent *consent, uint64_t seq, struct proposal *proposal)
{
    const char *why = proposal->is_carried                         ? "twice"
                      : proposal->is_over                          ? "after its end"
                      : proposal->is_stale                         ? "on what has changed"
                      : proposal->approval_count != proposal->need ? "without its approvals"
                                                                   : NULL;
    if (why)
        sim_fail(consent->sim, "entry %llu carries out proposal %lld %s", (unsigned long long)seq,
                 (long long)proposal->number, why);
    proposal->is_carried = true;
}

/* Every proposal here rests on both fields, and a state that is left ends it. */
static bool changes_what_they_rest_on(const struct value *entry)
{
    return value_at(entry, "patch/data/limit") || value_at(entry, "patch/data/decided") ||
           text_is(value_text_at(entry, "event"), "leave");
}

static void open_case(struct sim_consent *consent, const struct value *entry)
{
    CHECK(consent->code_count <= SIM_CASES_MAX);
    if (consent->code_count == SIM_CASES_MAX)
        return;
    consent->codes[consent->code_count] = value_text_at(entry, "patch/code");
    consent->ids[consent->code_count++] = value_text_at(entry, "case");
}

void sim_consent_entry(struct sim_consent *consent, uint64_t seq, const struct value *entry)
{
    struct text kind = value_text_at(entry, "kind"), id = value_text_at(entry, "case");
    struct proposal *proposal = find(consent, id, value_int_at(entry, "proposal", 0));

    if (text_is(kind, "open"))
        open_case(consent, entry);
    else if (text_is(kind, "proposal"))
        submitted(consent, seq, entry);
    else if (text_is(kind, "approval") && proposal)
        approved(consent, seq, entry, proposal);
    else if (text_is(kind, "carried") && proposal)
        carried(consent, seq, proposal);
    else if ((text_is(kind, "rejection") || text_is(kind, "refused")) && proposal)
        proposal->is_over = true;
    else if (value_int_at(entry, "proposal", 0) > 0 && !proposal && consent->count < PROPOSALS_MAX)
        sim_fail(consent->sim, "entry %llu is about a proposal that nobody submitted",
                 (unsigned long long)seq);
    for (size_t i = 0; i < consent->count && changes_what_they_rest_on(entry); i++)
        if (text_equal(consent->proposals[i].id, id))
            consent->proposals[i].is_stale = true;
}

static struct text id_of(const struct sim_consent *consent, const char *code)
{
    for (size_t i = 0; i < consent->code_count; i++)
        if (text_is(consent->codes[i], code))
            return consent->ids[i];
    return TEXT_NONE;
}

void sim_consent_end(struct sim_consent *consent)
{
    const struct sim *sim = consent->sim;

    for (size_t i = 0; i < sim->fact_count; i++) {
        const struct sim_fact *fact = &sim->facts[i];
        struct text id = id_of(consent, fact->code);
        const struct proposal *proposal = find(consent, id, fact->proposal);
        if (!fact->is_carried || text_is_empty(id) || consent->count == PROPOSALS_MAX)
            continue;
        if (!proposal || !proposal->is_carried)
            sim_fail(consent->sim, "proposal %lld of %s was told to be carried out, and was not",
                     (long long)fact->proposal, fact->code);
    }
}
