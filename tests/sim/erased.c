/* What an erasure that was told of promises: no entry of the case opens any more, nobody is shown
 * it, and the tree over all the entries verifies all the same. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "sim.h"
#include "store/audit.h"
#include "store/verify.h"

enum { RECORDS_PER_PIECE = 4096 };

/* ---- What is known of erasures. ---- */

const struct sim_erased *sim_find_erased(const struct sim *sim, const char *code)
{
    for (size_t i = 0; i < sim->erased_count; i++)
        if (strcmp(sim->erased[i].code, code) == 0)
            return &sim->erased[i];
    return NULL;
}

/* Nobody asks for it any more. */
static void forget_code(struct sim *sim, const char *code)
{
    for (size_t i = 0; i < sim->code_count; i++) {
        if (strcmp(sim->codes[i], code) != 0)
            continue;
        sim->code_count--;
        memcpy(sim->codes[i], sim->codes[sim->code_count], sizeof(sim->codes[i]));
        sim->proposals[i] = sim->proposals[sim->code_count];
        sim->proposals[sim->code_count] = 0;
        return;
    }
}

void sim_remember_erased(struct sim *sim, const struct value *certificate)
{
    char code[sizeof(sim->erased[0].code)];

    snprintf(code, sizeof(code), "%.*s", TEXT_ARG(value_text_at(certificate, "code")));
    if (sim_find_erased(sim, code))
        return;
    CHECK(sim->erased_count < SIM_ERASED_MAX);
    struct sim_erased *one = &sim->erased[sim->erased_count++];
    memcpy(one->code, code, sizeof(code));
    snprintf(one->id, sizeof(one->id), "%.*s", TEXT_ARG(value_text_at(certificate, "id")));
    one->seq = (uint64_t)value_int_at(certificate, "seq", 0);
    forget_code(sim, code);
}

/* ---- The journal. ---- */

struct sim_gone {
    struct sim *sim;
    bool is_certain[SIM_ERASED_MAX]; /* the journal has its certificate */
    char ids[SIM_ENTRIES_MAX][40];   /* of each entry's case */
    bool is_unreadable[SIM_ENTRIES_MAX];
    uint64_t last;
};

struct sim_gone *sim_gone_begin(struct sim *sim, struct arena *arena)
{
    struct sim_gone *gone = ARENA_NEW(arena, struct sim_gone);

    gone->sim = sim;
    return gone;
}

void sim_gone_read(struct sim_gone *gone, const struct store_read_entry *read)
{
    if (read->seq >= SIM_ENTRIES_MAX)
        return;
    for (size_t i = 0; i < sizeof(read->id.bytes); i++)
        snprintf(gone->ids[read->seq] + 2 * i, 3, "%02x", read->id.bytes[i]);
    gone->is_unreadable[read->seq] = read->is_erased;
    gone->last = read->seq;
}

void sim_gone_entry(struct sim_gone *gone, uint64_t seq, const struct value *entry)
{
    struct sim *sim = gone->sim;

    if (!text_is(value_text_at(entry, "kind"), "case.erased"))
        return;
    sim_remember_erased(sim, value_at(entry, "erased"));
    for (size_t i = 0; i < sim->erased_count; i++)
        if (sim->erased[i].seq == seq)
            gone->is_certain[i] = true;
}

static const struct sim_erased *erased_by_id(const struct sim *sim, const char *id)
{
    for (size_t i = 0; i < sim->erased_count; i++)
        if (strcmp(sim->erased[i].id, id) == 0)
            return &sim->erased[i];
    return NULL;
}

void sim_gone_end(struct sim_gone *gone)
{
    struct sim *sim = gone->sim;

    for (size_t i = 0; i < sim->erased_count; i++)
        if (!gone->is_certain[i])
            sim_fail(sim, "%s was told to be erased by %llu, and no entry says so",
                     sim->erased[i].code, (unsigned long long)sim->erased[i].seq);
    for (uint64_t seq = 1; seq <= gone->last; seq++) {
        bool is_erased = erased_by_id(sim, gone->ids[seq]) != NULL;
        if (is_erased && !gone->is_unreadable[seq])
            sim_fail(sim, "entry %llu of an erased case opens", (unsigned long long)seq);
        if (!is_erased && gone->is_unreadable[seq])
            sim_fail(sim, "entry %llu is of no erased case, and does not open",
                     (unsigned long long)seq);
    }
}

bool sim_gone_has(const struct sim_gone *gone, const struct sim_fact *fact)
{
    const struct sim_erased *erased =
        fact->seq < SIM_ENTRIES_MAX ? erased_by_id(gone->sim, gone->ids[fact->seq]) : NULL;

    return erased && strcmp(erased->code, fact->code) == 0 && gone->is_unreadable[fact->seq];
}

/* ---- What is shown. ---- */

struct asking {
    const struct run_reply *reply;
    enum problem_code problem;
    bool has_problem, is_finished, has_come;
};

static void take_answer(void *self, const struct run_reply *reply)
{
    struct asking *asking = self;

    asking->has_come = true;
    asking->has_problem = reply->problem != NULL;
    if (reply->problem)
        asking->problem = reply->problem->code;
    else
        asking->is_finished = text_is(value_text_at(&reply->body, "status"), "erased");
}

static struct asking ask(struct sim *sim, enum run_kind kind, const char *code)
{
    static const struct text roles[] = {{"worker", 6}, {"boss", 4}};
    static const struct case_person person = {
        .id = {"binta", 5}, .person = {"binta", 5}, .roles = roles, .role_count = 2};
    struct asking asking = {0};

    wheel_post(sim->wheel, &(struct run_request){.kind = kind,
                                                 .person = &person,
                                                 .case_name = text_from(code),
                                                 .reply = take_answer,
                                                 .self = &asking});
    for (int i = 0; i < 1000 && !asking.has_come; i++) {
        wheel_turn(sim->wheel);
        sim_serve(sim, true);
    }
    CHECK(asking.has_come);
    return asking;
}

void sim_check_erased(struct sim *sim, bool is_at_rest)
{
    static const enum run_kind kinds[] = {RUN_SHOW, RUN_HISTORY};
    static const int kind_count = sizeof(kinds) / sizeof(kinds[0]);

    for (size_t i = 0; i < sim->erased_count; i++) {
        for (int k = 0; k < kind_count; k++) {
            struct asking asking = ask(sim, kinds[k], sim->erased[i].code);
            if (!asking.has_problem || asking.problem != PROBLEM_ERASED)
                sim_fail(sim, "%s is erased, and is shown", sim->erased[i].code);
        }
        if (is_at_rest && !ask(sim, RUN_ERASURE, sim->erased[i].code).is_finished)
            sim_fail(sim, "the erasure of %s does not come to its end", sim->erased[i].code);
    }
    if (is_at_rest && store_rotation(sim->store).is_pending)
        sim_fail(sim, "a retired epoch stays in the slots file");
}

/* ---- The tree. ---- */

void sim_check_tree(struct sim *sim)
{
    struct store_verify *verify = store_verify_create(sim->store);
    int result;

    do
        result = store_verify_piece(verify, RECORDS_PER_PIECE);
    while (result > 0);
    struct store_verified verified = store_verify_result(verify);
    if (result < 0)
        sim_fail(sim, "the store cannot be verified: %s", strerror(-result));
    for (size_t i = 0; i < verified.finding_count; i++)
        sim_fail(sim, "verified: %s %llu: %s", verified.findings[i].table,
                 (unsigned long long)verified.findings[i].seq, verified.findings[i].what);
    if (store_history_differs(sim->store))
        sim_fail(sim, "the journal is not the one that was signed");
    store_verify_destroy(verify);
}
