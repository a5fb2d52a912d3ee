/* The simulator's world: everything the wheel needs of the outside, by one seed, in virtual time.
 *
 *   ports.c     clock, chance, writer, hosts: slow, late, broken, hung, repeated, as the dice say
 *   disk.c      a disk that is full, fails, or is cut off in the middle of a commit
 *   flips.c     a bit flipped in a copy of the store
 *   people.c    what people ask, and what they were told
 *   oracles.c   what must be true after every crash; consent.c the same of proposals, erased.c of
 *               erased cases and of the tree
 *   simulate.c  seeds, turns, crashes, verdicts */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "run/wheel.h"

enum { SIM_ENTRIES_MAX = 8192, SIM_REFUSED_MAX = 2048, SIM_ONCE_MAX = 1024 };
enum { SIM_CALLS_MAX = 64, SIM_FACTS_MAX = 600, SIM_CASES_MAX = 12, SIM_OPEN_MAX = 24 };
enum { SIM_ERASED_MAX = 256 };

/* Something a person was told: it must be true for ever. */
struct sim_fact {
    char code[24];
    char event[24]; /* "open" for an opening */
    char key[24];
    uint64_t seq;
    unsigned who;
    int status;
    char name[24];    /* of an approval or rejection: the proposal's number */
    int64_t proposal; /* that it made or was about; 0: none */
    bool is_carried;  /* it was told to be carried out */
};

/* A case that two people had erased, and whoever asked was told. */
struct sim_erased {
    char code[24], id[40];
    uint64_t seq; /* of the entry that tells of it */
};

/* A request that is not answered yet. */
struct sim_open {
    struct sim *sim;
    bool is_used;
    unsigned life; /* the process's number in which it was posted */
    char code[24], event[24], key[24], name[24];
    unsigned who;
    unsigned number; /* of its key */
    bool is_write;
};

struct sim_call {
    bool is_used;
    uint64_t number;
    enum run_verb verb;
    uint64_t once;  /* what may run only once: its try, as begun_once has it; 0: it may run again */
    unsigned delay; /* turns until it answers */
    unsigned repeats;
    bool is_broken; /* its host hangs or has died */
};

enum sim_room { SIM_ROOM_PLENTY, SIM_ROOM_FOR_OPEN_CASES, SIM_ROOM_NONE };

struct sim {
    uint64_t dice, trace;
    struct arena *arena; /* of one life */
    char path[128];
    struct store *store;
    struct wheel *wheel;
    int64_t wall_ms, steady_ms;
    const struct store_batch *batch;
    unsigned commit_delay;
    unsigned life;
    struct sim_call calls[SIM_CALLS_MAX];
    struct sim_open open[SIM_OPEN_MAX];
    struct sim_fact facts[SIM_FACTS_MAX];
    size_t fact_count;
    char codes[SIM_CASES_MAX][24];
    size_t code_count;
    int64_t proposals[SIM_CASES_MAX]; /* the newest of each case that somebody was told of */
    struct sim_erased erased[SIM_ERASED_MAX];
    size_t erased_count;
    bool is_unreadable[SIM_ENTRIES_MAX]; /* of each seq, when a bit is flipped */
    unsigned key_count;
    bool is_refused[SIM_REFUSED_MAX];  /* by the number of the key: nothing of it may be there */
    uint64_t begun_once[SIM_ONCE_MAX]; /* tries of what may run only once, that have begun */
    size_t begun_once_count;
    uint64_t hashes[SIM_ENTRIES_MAX]; /* of the entry of each seq; 0: nobody has seen it yet */
    bool has_died;                    /* in a commit: the life ends at once */
    size_t crash_count, told_count, flip_count, death_count;
    bool is_broken; /* an oracle spoke */
    bool is_talking;
};

/* ports.c */
uint64_t sim_dice(struct sim *sim, uint64_t below);
void sim_trace(struct sim *sim, const void *bytes, size_t size);
uint64_t sim_hash(const void *bytes, size_t size);
void sim_make_store(struct sim *sim);
int sim_open_store(struct sim *sim, const char *path, struct diag_list *diags,
                   struct store **store_out);
/* A life begins: the store is opened, the wheel recovers. False: it cannot; told. */
bool sim_begin(struct sim *sim);
/* It ends as after kill -9, what the writer holds being lost or, as the dice say, just written. */
void sim_crash(struct sim *sim);
/* One step of the outside: commits and hosts' answers that are due. */
void sim_serve(struct sim *sim, bool at_once);

/* disk.c */
void sim_disk_fill(enum sim_room room);
/* One of the next writes or syncs fails, or is the last that the process gets to the disk. */
void sim_disk_break(struct sim *sim, bool is_for_ever);
/* Whether it was the last. */
bool sim_disk_mend(void);

/* flips.c */
void sim_check_flip(struct sim *sim);

/* people.c */
void sim_load(struct sim *sim);
/* The people table. */
bool sim_find_person(void *self, struct text id, struct arena *arena,
                     struct case_person *person_out);
/* Somebody asks something. */
void sim_ask(struct sim *sim);
/* Asks for what was acknowledged under a key once more: the answer must be the first one's. */
void sim_repeat(struct sim *sim, const struct sim_fact *fact);

/* oracles.c */
__attribute__((format(printf, 2, 3))) void sim_fail(struct sim *sim, const char *format, ...);
/* What is told or begun speaks of nothing beyond what is durable. */
void sim_check_revealed(struct sim *sim, const char *what, uint64_t seq);
/* The journal: no gap, every entry opens and is what it was, none is stamped before the one in
 * front of it, no outcome twice, every fact is there, no refused request. */
void sim_check_journal(struct sim *sim);
/* consent.c: what proposals must be, entry by entry of a journal. */
struct sim_consent;
struct sim_consent *sim_consent_begin(struct sim *sim, struct arena *arena);
void sim_consent_entry(struct sim_consent *consent, uint64_t seq, const struct value *entry);
void sim_consent_end(struct sim_consent *consent);
/* erased.c: what was told to be erased, by the certificate. */
struct sim_gone;
const struct sim_erased *sim_find_erased(const struct sim *sim, const char *code);
void sim_remember_erased(struct sim *sim, const struct value *certificate);
/* Of a journal: each entry, then those that open; whether a fact's entry is one that does not. */
struct sim_gone *sim_gone_begin(struct sim *sim, struct arena *arena);
void sim_gone_read(struct sim_gone *gone, const struct store_read_entry *read);
void sim_gone_entry(struct sim_gone *gone, uint64_t seq, const struct value *entry);
void sim_gone_end(struct sim_gone *gone);
bool sim_gone_has(const struct sim_gone *gone, const struct sim_fact *fact);
/* Nobody is shown an erased case; where nothing is under way, its erasure is finished. */
void sim_check_erased(struct sim *sim, bool is_at_rest);
/* The tree, its checkpoints, every record. */
void sim_check_tree(struct sim *sim);
/* With nothing under way: a restart changes no case. */
void sim_check_restart(struct sim *sim);

/* Removes a folder of files; nothing where there is none. */
void sim_remove_folder(const char *path);
/* Turns until nothing is left to do. */
void sim_settle(struct sim *sim);

#endif
