/* People: what they ask, and what they were told. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "sim.h"

static const char workflow[] =
    "workflow: sim\n"
    "title: Simulated\n"
    "country: SN\n"
    "roles: {worker: {title: Worker}, boss: {title: Boss, supervises: [worker]}}\n"
    "fields:\n"
    "  note: {type: text}\n"
    "  count: {type: integer, initial: 0}\n"
    "  risk: {type: integer}\n"
    "  ok: {type: boolean}\n"
    "  plan: {type: text}\n"
    "  limit: {type: integer, initial: 0}\n"
    "  decided: {type: integer, initial: 0}\n"
    "states:\n"
    "  work:\n"
    "    type: parallel\n"
    "    states:\n"
    "      desk:\n"
    "        states:\n"
    "          begun:\n"
    "            deadline: {within: 3d}\n"
    "            after: {late: {delay: 2d, target: overdue}}\n"
    "            on:\n"
    "              write: {by: [worker], form: {note: required},\n"
    "                      do: [{set: {count: = data.count + 1}}]}\n"
    "              score:\n"
    "                by: [worker]\n"
    "                check: {risk: {use: probe/check, with: {x: = data.count}, into: {risk: y}}}\n"
    "                target: scored\n"
    "          scored: {on: {again: {by: [worker], target: begun}}}\n"
    "          overdue: {on: {again: {by: [worker, boss], target: begun}}}\n"
    "      field:\n"
    "        states:\n"
    "          idle: {on: {go: {by: [worker], target: busy}}}\n"
    "          busy:\n"
    "            steps:\n"
    "              job: {use: probe/job, with: {x: 3}, into: {risk: y},\n"
    "                    answer: {by: [worker], form: {ok: required}},\n"
    "                    done: {target: idle}, failed: {target: idle}}\n"
    "              pay: {use: probe/once, with: {x: 3},\n"
    "                    answer: {by: [worker], form: {ok: required}}}\n"
    "            on: {stop: {by: [worker], target: idle}}\n"
    "      panel:\n"
    "        states:\n"
    "          sitting:\n"
    "            deadline: {within: 2d, remind: [1d], escalate: boss}\n"
    "            on:\n"
    "              decide: {by: [worker, boss], form: {plan: required}, guard: data.limit >= 0,\n"
    "                       approve: {by: [worker, boss], need: 2},\n"
    "                       do: [{set: {decided: = data.decided + 1}}]}\n"
    "              judge:\n"
    "                by: [worker]\n"
    "                check: {risk: {use: probe/check, with: {x: = data.limit}, into: {risk: y}}}\n"
    "                approve: {by: [boss]}\n"
    "                do: [{set: {decided: = data.decided + 1}}, {notify: {to: boss, text: Done}}]\n"
    "              shift: {by: [worker], do: [{set: {limit: = data.limit + 1}}]}\n"
    "              leave: {by: [boss], target: away}\n"
    "          away: {on: {back: {by: [boss, worker], target: sitting}}}\n"
    "    on: {end: {by: [boss], target: ended}}\n"
    "  ended: {type: final}\n";

static const struct text worker[] = {{"worker", 6}};
static const struct text boss[] = {{"boss", 4}};
static const struct text admin[] = {{"administrator", 13}};
static const struct text dpo[] = {{"dpo", 3}};
enum { KEEPING_RARELY = 25 }; /* one in so many asks for each kind of it */
enum {
    ASKERS = 4,
    ADMIN = 4,
    DPO = 5,
    BOSS = 2
}; /* of `people`; the fourth is the first one's other account */
static const struct case_person people[] = {
    {.id = {"awa", 3}, .person = {"awa", 3}, .roles = worker, .role_count = 1},
    {.id = {"moussa", 6}, .person = {"moussa", 6}, .roles = worker, .role_count = 1},
    {.id = {"binta", 5}, .person = {"binta", 5}, .roles = boss, .role_count = 1},
    {.id = {"awa_too", 7}, .person = {"awa", 3}, .roles = boss, .role_count = 1},
    {.id = {"dibor", 5}, .person = {"dibor", 5}, .roles = admin, .role_count = 1},
    {.id = {"dado", 4}, .person = {"dado", 4}, .roles = dpo, .role_count = 1},
};

bool sim_find_person(void *self, struct text id, struct arena *arena,
                     struct case_person *person_out)
{
    (void)self;
    (void)arena;
    for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
        if (text_equal(people[i].id, id)) {
            *person_out = people[i];
            return true;
        }
    return false;
}

/* ---- What they are told. ---- */

static void remember_code(struct sim *sim, const char *code)
{
    for (size_t i = 0; i < sim->code_count; i++)
        if (strcmp(sim->codes[i], code) == 0)
            return;
    if (sim->code_count < SIM_CASES_MAX && !sim_find_erased(sim, code))
        memcpy(sim->codes[sim->code_count++], code, sizeof(sim->codes[0]));
}

/* The newest proposal of a case that somebody was told of: the one they approve or reject. */
static void remember_proposal(struct sim *sim, const struct sim_fact *fact)
{
    for (size_t i = 0; i < sim->code_count; i++)
        if (strcmp(sim->codes[i], fact->code) == 0 && fact->proposal > sim->proposals[i])
            sim->proposals[i] = fact->proposal;
}

/* The highest seq that an answer speaks of. */
static uint64_t highest(const struct value *value, const char *name)
{
    uint64_t found = 0;

    if (value->kind == VALUE_INT && (strcmp(name, "seq") == 0 || strcmp(name, "revision") == 0))
        return (uint64_t)value->integer;
    if (value->kind != VALUE_MAP && value->kind != VALUE_LIST)
        return 0;
    for (size_t i = 0; i < value_count(value); i++) {
        bool is_map = value->kind == VALUE_MAP;
        const struct value_member *member = is_map ? value_member(value, i) : NULL;
        uint64_t one =
            is_map ? highest(&member->value, member->key.bytes) : highest(value_item(value, i), "");
        found = one > found ? one : found;
    }
    return found;
}

static void told(void *self, const struct run_reply *reply)
{
    struct sim_open *open = self;
    struct sim *sim = open->sim;

    CHECK(open->is_used);
    open->is_used = false;
    sim->told_count++;
    sim_trace(sim, &reply->status, sizeof(reply->status));
    if (!reply->problem)
        sim_check_revealed(sim, "an answer", highest(&reply->body, ""));
    if (reply->has_revision)
        sim_check_revealed(sim, "a revision", reply->revision);
    /* An approval that was the last one is durable, whatever comes of its proposal. */
    if (open->is_write && reply->problem && open->number < SIM_REFUSED_MAX &&
        strcmp(open->event, "approve") != 0)
        sim->is_refused[open->number] = true;
    if (strcmp(open->event, "erase") == 0 && !reply->problem)
        sim_remember_erased(sim, &reply->body);
    if (!open->is_write || reply->problem || sim->fact_count == SIM_FACTS_MAX)
        return;
    struct sim_fact *fact = &sim->facts[sim->fact_count++];
    struct text code = value_text_at(&reply->body, "code");
    memcpy(fact->event, open->event, sizeof(fact->event));
    memcpy(fact->key, open->key, sizeof(fact->key));
    snprintf(fact->code, sizeof(fact->code), "%.*s", TEXT_ARG(code));
    fact->seq = (uint64_t)value_int_at(&reply->body, "seq", 0);
    fact->who = open->who;
    fact->status = reply->status;
    fact->proposal = value_int_at(&reply->body, "proposal/proposal", 0);
    fact->is_carried = value_is_string(value_at(&reply->body, "proposal/status"), "carried");
    memcpy(fact->name, open->name, sizeof(fact->name));
    remember_proposal(sim, fact);
    sim_trace(sim, &fact->seq, sizeof(fact->seq));
    remember_code(sim, fact->code);
}

/* ---- What they ask. ---- */

static struct sim_open *place(struct sim *sim)
{
    for (size_t i = 0; i < SIM_OPEN_MAX; i++)
        if (!sim->open[i].is_used) {
            sim->open[i] = (struct sim_open){.sim = sim, .is_used = true, .life = sim->life};
            return &sim->open[i];
        }
    return NULL;
}

static void post(struct sim *sim, struct sim_open *open, struct run_request request)
{
    request.person = &people[open->who];
    request.key = text_from(open->key);
    request.request = text_from(open->event);
    request.reply = told;
    request.self = open;
    wheel_post(sim->wheel, &request);
}

static struct run_request request_of(struct sim *sim, const char *event, const char *code,
                                     const char *name)
{
    struct run_request request = {
        .kind = RUN_TRANSITION, .case_name = text_from(code), .name = text_from(event)};

    request.data = value_map(sim->arena);
    if (strcmp(event, "open") == 0) {
        request.kind = RUN_OPEN_CASE;
        request.name = TEXT("sim");
    } else if (strcmp(event, "answer") == 0) {
        request.kind = RUN_ANSWER;
        request.name = TEXT("job");
        value_put(&request.data, "ok", value_bool(true));
    } else if (strcmp(event, "answer_pay") == 0) {
        request.kind = RUN_ANSWER;
        request.name = TEXT("pay");
        value_put(&request.data, "ok", value_bool(true));
    } else if (strncmp(event, "settle_", 7) == 0) {
        static const char *const outcomes[] = {"done", "failed", "again"};
        request.kind = RUN_SETTLE;
        request.name = strstr(event, "job") ? TEXT("job") : TEXT("pay");
        request.outcome = text_from(outcomes[event[strlen(event) - 1] - '0']);
        request.comment = TEXT("as the dice say");
    } else if (strcmp(event, "approve") == 0 || strcmp(event, "reject") == 0) {
        request.kind = event[0] == 'a' ? RUN_APPROVE : RUN_REJECT;
        request.name = text_from(name);
        request.comment = TEXT("as the dice say");
    } else if (strcmp(event, "ask_erasure") == 0) {
        request.kind = RUN_ASK_ERASURE;
        request.comment = TEXT("as the dice say");
    } else if (strcmp(event, "erase") == 0) {
        request.kind = RUN_APPROVE_ERASURE;
    } else if (strcmp(event, "rotate") == 0) {
        request.kind = RUN_ROTATE_KEYS;
    } else if (strcmp(event, "decide") == 0) {
        value_put(&request.data, "plan", value_cstring("what is to be done"));
    } else if (strcmp(event, "write") == 0) {
        value_put(&request.data, "note", value_cstring("a note of some length, as people write"));
    }
    return request;
}

void sim_load(struct sim *sim)
{
    struct sim_open *open = place(sim);

    open->who = ADMIN;
    post(sim, open,
         (struct run_request){
             .kind = RUN_LOAD_WORKFLOW, .source = TEXT(workflow), .file = TEXT("sim.yaml")});
}

static void ask_to_read(struct sim *sim, struct sim_open *open, const char *code)
{
    static const enum run_kind kinds[] = {RUN_SHOW, RUN_LIST, RUN_INBOX, RUN_HISTORY};

    post(sim, open,
         (struct run_request){.kind = kinds[sim_dice(sim, 4)], .case_name = text_from(code)});
}

/* The dpo's, a supervisor's, an administrator's. False: none of them has anything to ask. */
static bool ask_to_keep(struct sim *sim, struct sim_open *open, const char *code)
{
    static const struct {
        const char *event;
        unsigned who;
        bool is_write;
    } acts[] = {{"ask_erasure", DPO, true}, {"erase", BOSS, false}, {"rotate", ADMIN, false}};
    uint64_t dice = sim_dice(sim, KEEPING_RARELY);

    if (dice >= sizeof(acts) / sizeof(acts[0]))
        return false;
    open->who = acts[dice].who;
    open->is_write = acts[dice].is_write;
    open->number = sim->key_count;
    snprintf(open->event, sizeof(open->event), "%s", acts[dice].event);
    snprintf(open->key, sizeof(open->key), "key-%u", sim->key_count++);
    memcpy(open->code, code, strlen(code) + 1);
    post(sim, open, request_of(sim, open->event, code, ""));
    return true;
}

void sim_ask(struct sim *sim)
{
    static const char *const events[] = {
        "write",      "write",       "score",       "go",          "stop",        "again",
        "answer",     "end",         "write",       "nothing",     "decide",      "decide",
        "judge",      "shift",       "leave",       "back",        "approve",     "approve",
        "approve",    "approve",     "approve",     "reject",      "go",          "go",
        "answer_pay", "settle_job0", "settle_job2", "settle_pay0", "settle_pay1", "settle_pay2"};
    struct sim_open *open = place(sim);
    bool is_opening =
        sim->code_count == 0 || (sim->code_count < SIM_CASES_MAX && sim_dice(sim, 12) == 0);
    size_t place = sim->code_count > 0 ? sim_dice(sim, sim->code_count) : 0;
    const char *code = sim->code_count > 0 ? sim->codes[place] : "";

    if (!open)
        return;
    open->who = (unsigned)sim_dice(sim, ASKERS);
    if (!is_opening && sim_dice(sim, 4) == 0) {
        ask_to_read(sim, open, code);
        return;
    }
    if (!is_opening && ask_to_keep(sim, open, code))
        return;
    const char *event =
        is_opening ? "open" : events[sim_dice(sim, sizeof(events) / sizeof(events[0]))];
    if (strcmp(event, "end") == 0 && sim_dice(sim, 10) != 0)
        event = "write";
    open->is_write = true;
    open->number = sim->key_count;
    snprintf(open->name, sizeof(open->name), "%lld", (long long)sim->proposals[place]);
    snprintf(open->event, sizeof(open->event), "%s", event);
    snprintf(open->key, sizeof(open->key), "key-%u", sim->key_count++);
    memcpy(open->code, code, strlen(code) + 1);
    post(sim, open, request_of(sim, event, code, open->name));
}

/* ---- A repeat. ---- */

struct repeat {
    struct sim *sim;
    const struct sim_fact *fact;
    bool has_come;
};

static void repeated(void *self, const struct run_reply *reply)
{
    struct repeat *repeat = self;
    const struct sim_fact *fact = repeat->fact;
    uint64_t seq = (uint64_t)value_int_at(&reply->body, "seq", 0);

    repeat->has_come = true;
    if (sim_find_erased(repeat->sim, fact->code)) {
        if (!reply->problem || reply->problem->code != PROBLEM_ERASED)
            sim_fail(repeat->sim, "the repeat of %s, of an erased case, got status %d", fact->key,
                     reply->status);
        return;
    }
    /* An approval whose proposal was to be tried again is told what came of that. */
    if (reply->problem && fact->event[0] == 'a' && fact->status == 202)
        return;
    if (reply->problem || !reply->is_repeat || seq != fact->seq)
        sim_fail(repeat->sim, "the repeat of %s (%s, seq %llu) got status %d, seq %llu", fact->key,
                 fact->event, (unsigned long long)fact->seq, reply->status,
                 (unsigned long long)seq);
}

void sim_repeat(struct sim *sim, const struct sim_fact *fact)
{
    struct repeat repeat = {sim, fact, false};
    struct run_request request = request_of(sim, fact->event, fact->code, fact->name);

    request.person = &people[fact->who];
    request.key = text_from(fact->key);
    request.request = text_from(fact->event);
    request.reply = repeated;
    request.self = &repeat;
    wheel_post(sim->wheel, &request);
    for (int i = 0; i < 1000 && !repeat.has_come; i++) {
        wheel_turn(sim->wheel);
        sim_serve(sim, true);
    }
    if (!repeat.has_come)
        sim_fail(sim, "the repeat of %s is never answered", fact->key);
}
