/* What the wheel needs of the world, as tables of functions: the daemon brings the real ones, the
 * simulator its own. Everything is called on, and answers come back on, the loop's thread. */
#ifndef SANKOFA_RUN_PORTS_H
#define SANKOFA_RUN_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/port.h"
#include "base/text.h"
#include "base/value.h"
#include "case/case.h"
#include "store/store.h"

enum run_verb { RUN_CHECK, RUN_STEP, RUN_RESUME, RUN_DROP };

/* One call of a plugin. Borrowed until the port's function returns. */
struct run_call {
    uint64_t number; /* chosen by the wheel, never used again in this process */
    enum run_verb verb;
    struct text plugin, step;    /* "assessment", "score" */
    struct value inputs;         /* a map */
    struct text key;             /* the idempotency key; empty for checks */
    int64_t attempt, park_count; /* of this run or resumption, from 1; parks before it, from 0 */
    int64_t now_ms;
    int64_t timeout_ms;  /* 0: what the step type says */
    bool woken_by_time;  /* RUN_RESUME; else by an answer */
    struct value answer; /* RUN_RESUME by an answer: a map; else VALUE_NULL */
    struct text cookie;  /* RUN_RESUME, RUN_DROP: hexadecimal */
};

enum run_outcome_kind {
    RUN_DONE,
    RUN_REFUSED, /* checks alone */
    RUN_FAILED,  /* the plugin said so */
    RUN_PARKED,
    RUN_DROPPED,
    RUN_BROKEN /* crash, deadline, garbage, no such plugin now: the plugin said nothing usable */
};

/* Borrowed for the call. */
struct run_outcome {
    enum run_outcome_kind kind;
    struct value outputs; /* RUN_DONE: a map */
    struct value reasons; /* RUN_REFUSED: a list of {input, message} */
    struct text message;  /* RUN_FAILED, RUN_BROKEN: a sentence for staff; names no person */
    bool retry;           /* RUN_FAILED, RUN_BROKEN: another try may do */
    bool ran;             /* RUN_BROKEN: the plugin had begun; nobody knows how far it came */
    bool wakes_on_answer; /* RUN_PARKED */
    bool wakes_on_time;
    int64_t until_ms;
    struct text cookie; /* hexadecimal */
};

/* As data: what case_event.outcome and case_event.checks hold (case/case.h). Copied into `arena`.
 */
struct value run_outcome_value(struct arena *arena, const struct run_outcome *outcome);

struct operation;

/* The people table. `find`: the account of that id with all its roles, made in `arena`; false where
 * it is not there, or not any more. `count`: as workflow_people.count; may be NULL. */
struct run_people {
    void *self;
    bool (*find)(void *self, struct text id, struct arena *arena, struct case_person *person_out);
    size_t (*count)(void *self, const struct text *roles, size_t role_count, struct text country);
};

struct run_ports {
    struct run_people people;
    struct port_clock clock;
    struct port_random random;
    /* Begins to write a batch; answered once by wheel_committed. The batch is borrowed until then.
     * One at a time. */
    struct {
        void *self;
        void (*begin)(void *self, const struct store_batch *batch);
    } writer;
    /* Begins a call; answered once by wheel_answered, never from within `begin`, unless it was
     * cancelled: then perhaps not at all. */
    struct {
        void *self;
        void (*begin)(void *self, const struct run_call *call);
        void (*cancel)(void *self, uint64_t number);
        /* How many steps of a plugin run at the same time; NULL: 2. */
        size_t (*count)(void *self, struct text plugin);
    } hosts;
    /* Carries out an operation (operation_run) on a thread of its own; answered once by
     * wheel_operation_ended, never from within `begin`. */
    struct {
        void *self;
        void (*begin)(void *self, struct operation *operation);
    } workers;
    /* Asks for wheel_turn at `wall_ms` of the wheel's clock (INT64_MAX: not before something else
     * happens). A later call replaces an earlier one. */
    struct {
        void *self;
        void (*arm)(void *self, int64_t wall_ms);
    } alarm;
};

#endif
