/* What must be true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "sim.h"

enum { ENTRIES_MAX = 4000, SHOWN_BYTES_MAX = 65536, REPEATS = 3 };

void sim_fail(struct sim *sim, const char *format, ...)
{
    va_list arguments;

    sim->is_broken = true;
    if (!sim->is_talking)
        return;
    va_start(arguments, format);
    printf("  life %u: ", sim->life);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
}

/* ---- The journal. ---- */

void sim_check_revealed(struct sim *sim, const char *what, uint64_t seq)
{
    if (seq > store_last_seq(sim->store))
        sim_fail(sim, "%s speaks of %llu, the disk holds %llu", what, (unsigned long long)seq,
                 (unsigned long long)store_last_seq(sim->store));
}

struct reading {
    struct sim *sim;
    struct arena *arena;
    uint64_t next;
    int64_t at_ms;
    bool has_fact[SIM_FACTS_MAX];
    struct text outcomes[ENTRIES_MAX]; /* case id and call key of each, or proposal */
    size_t outcome_count;
    struct sim_consent *consent;
    struct sim_gone *gone;
};

/* What happens once: the outcome of a call, the carrying out of a proposal. */
static void check_once(struct reading *reading, const struct value *entry)
{
    struct text name = text_printf(
        reading->arena, "%.*s %.*s %lld", TEXT_ARG(value_text_at(entry, "case")),
        TEXT_ARG(value_text_at(entry, "name")), (long long)value_int_at(entry, "proposal", 0));

    for (size_t i = 0; i < reading->outcome_count; i++)
        if (text_equal(reading->outcomes[i], name))
            sim_fail(reading->sim, "%.*s happened twice", TEXT_ARG(name));
    if (reading->outcome_count < ENTRIES_MAX)
        reading->outcomes[reading->outcome_count++] = name;
}

static void find_facts(struct reading *reading, uint64_t seq, const struct value *entry)
{
    struct sim *sim = reading->sim;
    struct text key = value_text_at(entry, "key");
    int64_t number;

    if (text_begins(key, "key-") &&
        text_to_int((struct text){key.bytes + 4, key.size - 4}, &number) &&
        number < SIM_REFUSED_MAX && sim->is_refused[number])
        sim_fail(sim, "%.*s was refused, and is entry %llu", TEXT_ARG(key),
                 (unsigned long long)seq);

    for (size_t i = 0; i < sim->fact_count; i++)
        if (sim->facts[i].seq == seq && text_is(value_text_at(entry, "key"), sim->facts[i].key))
            reading->has_fact[i] = true;
}

/* An entry is what it was, and comes after the one in front of it. */
static void check_entry(struct reading *reading, const struct store_read_entry *read,
                        const struct value *entry)
{
    struct sim *sim = reading->sim;
    uint64_t hash = sim_hash(read->body.bytes, read->body.size);
    int64_t at_ms = value_int_at(entry, "at", 0);

    if (read->seq < SIM_ENTRIES_MAX && sim->hashes[read->seq] == 0)
        sim->hashes[read->seq] = hash;
    else if (read->seq < SIM_ENTRIES_MAX && sim->hashes[read->seq] != hash)
        sim_fail(sim, "entry %llu has become another", (unsigned long long)read->seq);
    if (at_ms < reading->at_ms)
        sim_fail(sim, "entry %llu is stamped %lld ms before the one in front of it",
                 (unsigned long long)read->seq, (long long)(reading->at_ms - at_ms));
    reading->at_ms = at_ms;
}

static bool read_entry(void *self, const struct store_read_entry *read)
{
    struct reading *reading = self;
    struct value entry;

    if (read->seq != reading->next)
        sim_fail(reading->sim, "the journal goes from %llu to %llu",
                 (unsigned long long)reading->next, (unsigned long long)read->seq);
    reading->next = read->seq + 1;
    sim_gone_read(reading->gone, read);
    if (read->is_erased)
        return true;
    if (json_read(reading->arena, read->body, &entry, NULL) != 0) {
        sim_fail(reading->sim, "entry %llu is no JSON", (unsigned long long)read->seq);
        return true;
    }
    check_entry(reading, read, &entry);
    if (value_is_string(value_at(&entry, "kind"), "outcome") ||
        value_is_string(value_at(&entry, "kind"), "carried"))
        check_once(reading, &entry);
    find_facts(reading, read->seq, &entry);
    sim_consent_entry(reading->consent, read->seq, &entry);
    sim_gone_entry(reading->gone, read->seq, &entry);
    return true;
}

void sim_check_journal(struct sim *sim)
{
    ARENA_SCOPED struct arena *arena = arena_create("journal");
    struct reading *reading = ARENA_NEW(arena, struct reading);
    uint64_t bad = 0, last = store_last_seq(sim->store);

    reading->sim = sim;
    reading->arena = arena;
    reading->next = 1;
    reading->consent = sim_consent_begin(sim, arena);
    reading->gone = sim_gone_begin(sim, arena);
    while (reading->next <= last) {
        int count = store_read(sim->store, reading->next, 256, read_entry, reading, &bad);
        if (count <= 0) {
            sim_fail(sim, "entry %llu does not open", (unsigned long long)bad);
            return;
        }
    }
    sim_consent_end(reading->consent);
    sim_gone_end(reading->gone);
    sim_check_tree(sim);
    sim_check_erased(sim, false);
    for (size_t i = 0; i < sim->fact_count; i++)
        if (!reading->has_fact[i] && !sim_gone_has(reading->gone, &sim->facts[i]))
            sim_fail(sim, "%s of %s was acknowledged with seq %llu, and is not there",
                     sim->facts[i].event, sim->facts[i].code,
                     (unsigned long long)sim->facts[i].seq);
    for (int i = 0; i < REPEATS && sim->fact_count > 0; i++) {
        /* A case keeps its last 64 keys: older ones are another promise. */
        size_t recent = sim->fact_count < 20 ? sim->fact_count : 20;
        sim_repeat(sim, &sim->facts[sim->fact_count - 1 - sim_dice(sim, recent)]);
    }
}

/* ---- Restarts. ---- */

struct shown {
    struct text json;
    struct arena *arena;
    bool has_come;
};

static void take_shown(void *self, const struct run_reply *reply)
{
    struct shown *shown = self;

    shown->has_come = true;
    shown->json = reply->problem ? TEXT("null") : json_write(shown->arena, &reply->body);
}

/* The answer, as JSON; null where it was refused. */
static struct text answer_of(struct sim *sim, struct arena *arena, struct run_request request)
{
    static const struct text roles[] = {{"worker", 6}};
    static const struct case_person awa = {
        .id = {"awa", 3}, .person = {"awa", 3}, .roles = roles, .role_count = 1};
    struct shown shown = {.arena = arena};

    request.person = &awa;
    request.reply = take_shown;
    request.self = &shown;
    wheel_post(sim->wheel, &request);
    for (int i = 0; i < 100 && !shown.has_come; i++) {
        wheel_turn(sim->wheel);
        sim_serve(sim, true);
    }
    CHECK(shown.has_come);
    return shown.json;
}

static struct text show(struct sim *sim, struct arena *arena, const char *code)
{
    return answer_of(sim, arena,
                     (struct run_request){.kind = RUN_SHOW, .case_name = text_from(code)});
}

/* The core makes of every case today what it made of it then. */
static void check_replay(struct sim *sim, struct arena *arena)
{
    struct text begun = answer_of(sim, arena, (struct run_request){.kind = RUN_REPLAY});
    struct value operation;

    CHECK(json_read(arena, begun, &operation, NULL) == 0);
    struct text id = value_text_at(&operation, "id"), now = begun;
    for (int i = 0; i < 1000 && value_is_string(value_at(&operation, "status"), "running"); i++) {
        now = answer_of(sim, arena, (struct run_request){.kind = RUN_OPERATION, .name = id});
        CHECK(json_read(arena, now, &operation, NULL) == 0);
    }
    if (!value_bool_at(&operation, "result/same") || value_int_at(&operation, "result/busy", 1) > 0)
        sim_fail(sim, "the journal, run through the core again: %.*s", TEXT_ARG(now));
}

/* Members may stand in another order: a patch does not tell it. */
static bool is_same(struct arena *arena, struct text before, struct text after)
{
    struct value a, b;

    return json_read(arena, before, &a, NULL) == 0 && json_read(arena, after, &b, NULL) == 0 &&
           value_equal(&a, &b);
}

/* How many entries there are behind `after`, and how many of them tell that awa read. */
static uint64_t count_behind(struct sim *sim, struct arena *arena, uint64_t after, uint64_t *reads)
{
    uint64_t last = store_last_seq(sim->store);

    *reads = 0;
    for (uint64_t seq = after + 1; seq <= last; seq++) {
        struct store_read_entry entry;
        CHECK(store_read_one(sim->store, arena, seq, &entry) == 0);
        *reads += text_begins(entry.body, "{\"kind\":\"read\",\"by\":\"awa\"");
    }
    return last - after;
}

void sim_check_restart(struct sim *sim)
{
    ARENA_SCOPED struct arena *arena = arena_create("restart");
    struct text before[SIM_CASES_MAX];

    sim_settle(sim);
    sim_check_erased(sim, true);
    check_replay(sim, arena);
    for (size_t i = 0; i < sim->code_count; i++)
        before[i] = show(sim, arena, sim->codes[i]);
    uint64_t last = store_last_seq(sim->store), reads;
    int64_t wall_ms = sim->wall_ms;
    sim_crash(sim);
    sim->wall_ms = wall_ms; /* the same moment: nothing has fallen due */
    if (!sim_begin(sim))
        return;
    for (size_t i = 0; i < sim->code_count; i++) {
        struct text after = show(sim, arena, sim->codes[i]);
        uint64_t count = count_behind(sim, arena, last, &reads);
        if (!text_is(after, "null") && reads == 0)
            sim_fail(sim, "%s was shown, and nothing tells so", sim->codes[i]);
        if (!is_same(arena, before[i], after) && count == reads)
            sim_fail(sim, "a restart changed %s from\n%.*s to\n%.*s", sim->codes[i],
                     TEXT_ARG(before[i]), TEXT_ARG(after));
    }
}
