/* The core: what an event does to a case. Pure: same workflow, same case, same event, same answer.
 *
 * The happy path of an event:
 * 1. case_plan looks at it: refuse, repeat what was answered before, ask these checks, or apply.
 * 2. The checks' outcomes are put into the event (case_event.checks), so that replay never calls a
 *    plugin.
 * 3. case_apply runs the macrostep and gives the entry (event and change, as a merge patch), the
 * new case, and the answer; or a refusal, and nothing has changed.
 * 4. case_calls tells what plugins must be doing for the case as it now is; whoever runs the case
 *    starts what is new there and cancels what is gone. Timers likewise stand in the case.
 *
 * A case is one value (JSON's kinds only, no nulls), `doc`:
 *   id, code, workflow {id, hash}, country, opened {by, at}, changed {by, at, event}, closed,
 *   states {ID: visit number of an active state}, visits {ID: times entered},
 *   memories {HISTORY: [what it remembers]}, data {FIELD: stored value},
 *   timers {KEY: {due, kind, state, visit, ...}} (timers.c),
 *   deadlines {STATE: due}, steps {STEP: {...}} (steps.c), drops {KEY: {...}} what steps had parked
 *   when they were left, until their plugins were told; acted {PERSON: {"state.transition": true}},
 *   proposals {N: {...}} (proposals.c), proposal_count; notices {KEY: {...}} (notices.c);
 *   keys {SLOT: {by, key, hash, status, seq, proposal?}} the last CASE_KEYS_MAX, key_count, opening
 *   {...};
 *   assigned {ROLE: {person, by, at}}, flags {FLAG: {by, at}}, links {CASE: {kind, by, at}},
 *   erasure {by, at, person, reason}: asked for, and not yet approved by somebody else;
 *   documents {N: {id, name, type, size, sha256, by, at, seq}}: what lies in the store's own table;
 *   export {by, at, person, reason, recipient, released? {by, at, person, until}}: the last one
 * that was asked for; glass {N: {by, person, at, until, roles, reason, reviewed? {by, at}}},
 *   glass_count (care/);
 *   closed_at once closed is true
 * All times are milliseconds since 1970 UTC. */
#ifndef SANKOFA_CASE_CASE_H
#define SANKOFA_CASE_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "base/text.h"
#include "base/value.h"
#include "vault/vault.h"
#include "workflow/workflow.h"

struct arena;

enum {
    CASE_KEYS_MAX = 64,
    CASE_COMMENT_BYTES_MAX = 2000,
    CASE_KEY_BYTES_MAX = 200,
    CASE_EVENT_BYTES_MAX = 64 << 10, /* of the data of an event that the workflow makes */
    CASE_EVENT_DEPTH_MAX = 16,
    CASE_SENDS_MAX = 256,  /* that wait in one case */
    CASE_CHAIN_MAX = 1000, /* timers due at once, each set off by the one before */
    CASE_LOGS_MAX = 50,    /* of one macrostep */
    CASE_LOG_BYTES_MAX = 2000
};

struct case_person {
    struct text id;     /* the account: the people table's key */
    struct text person; /* the human being: `by.id`; two accounts of one person count once */
    const struct text *roles;
    /* Where roles[i] is held: countries[i], empty: everywhere. NULL: all of them everywhere, as the
     * core takes people: case_person_in makes that of them for the country of a case. */
    const struct text *countries;
    size_t role_count;
};

struct case_state {
    struct vault_case_id id;
    const struct workflow *workflow;
    struct value doc;  /* VALUE_NULL before it is opened */
    uint64_t revision; /* seq of its last entry that changed it */
    uint64_t last;     /* seq of its last entry of its history */
    /* Seq of the last entry that tells who read it; 0: none. They change nothing and are a list of
     * their own: `read_prev` is the one before. */
    uint64_t read_last;
};

enum case_event_kind {
    CASE_OPEN,       /* by a person */
    CASE_TRANSITION, /* by a person: `name` is the event */
    CASE_ANSWER,     /* by a person: `name` is the parked step */
    CASE_APPROVE,    /* by a person: `name` is the proposal's number */
    CASE_REJECT,     /* the same; `comment` is the reason */
    CASE_TIMER,      /* `name` is the timer's key */
    CASE_OUTCOME,    /* of a plugin's call: `name` is the call's key (case_call.key) */
    CASE_START,      /* the call of that key, not idempotent, is about to begin */
    CASE_SETTLE,     /* by a person: `name` is a step that is lost or quarantined, `outcome` what
                        becomes of it, `comment` why */
    CASE_SIGNAL,     /* from outside, by nobody: `name` is the event; for the author's tools */
    /* By people, about the case and not through its chart (care/). `data` is a map. */
    CASE_ASSIGN,  /* {role, person}: the role in this case is that account's; without `person` it is
                     anybody's who holds it */
    CASE_NOTE,    /* `comment` */
    CASE_FLAG,    /* {flag, raised: bool} */
    CASE_LINK,    /* {case: id, kind, linked: bool} */
    CASE_CORRECT, /* {FIELD: value or null}; `comment` is the reason */
    CASE_GLASS,   /* `comment` is the reason */
    CASE_REVIEW,  /* `name` is the number of what was broken */
    CASE_ERASURE, /* `comment` is the reason: somebody else may now have the case erased */
    CASE_DOCUMENT, /* {id, name, type, size, sha256}: its bytes are in the store */
    CASE_EXPORT,   /* {recipient}; `comment` is the reason: somebody else may now release it */
    CASE_RELEASE   /* for a day both of them may fetch the export */
};

/* Told what a macrostep comes to, kept or not: for the coverage of workflow tests. States and
 * transitions by the chart's numbers. */
struct case_watch {
    void *self;
    void (*guard)(void *self, uint16_t transition, bool holds); /* one that errs does not hold */
    void (*take)(void *self, uint16_t transition);
    void (*enter)(void *self, uint16_t state);
};

struct case_event {
    enum case_event_kind kind;
    int64_t now_ms;
    uint64_t seq; /* that its entry will have */
    struct text name;
    struct value data; /* people's: form values, a map; a signal's, a map; else VALUE_NULL */
    const struct case_person *person; /* people's; else NULL */
    struct text comment;              /* may be empty */
    struct text key;                  /* Idempotency-Key; may be empty */
    struct text request;              /* hash of the request, hexadecimal */
    struct text language;             /* of texts in a refusal, as in base/language.h */
    int64_t park;                     /* CASE_ANSWER: the park it answers; 0: whichever */
    bool has_revision;                /* If-Match */
    uint64_t revision;
    struct text code;               /* CASE_OPEN: the code it gets */
    struct value outcome;           /* CASE_OUTCOME: see below; CASE_SETTLE: {"outcome": "done",
                                       "outputs"?}, {"outcome": "failed"} or {"outcome": "again"} */
    struct value checks;            /* the outcomes of the checks that case_plan asked, a map by
                                       case_check.key; VALUE_NULL before they were asked */
    const struct case_watch *watch; /* NULL: nobody watches */
};

enum case_plan_kind {
    CASE_REFUSE, /* `problem` */
    CASE_REPEAT, /* the same request was carried out before: `status`, `seq` */
    CASE_DROP,   /* an engine's event that means nothing any more: no entry */
    CASE_ASK,    /* ask `checks`, then case_plan again is not needed: case_apply */
    CASE_CARRY   /* case_apply */
};

struct case_check {
    struct text key; /* in case_event.checks */
    struct text plugin, step;
    struct value inputs;
    int64_t timeout_ms; /* 0: the step type's */
};

struct case_plan {
    enum case_plan_kind kind;
    struct problem problem;
    int status;
    uint64_t seq;
    int64_t proposal; /* CASE_REPEAT: that the request made or was about; 0: none */
    const struct case_check *checks;
    size_t check_count;
};

/* Everything in *plan_out lives in `arena`. */
void case_plan(const struct case_state *state, const struct case_event *event, struct arena *arena,
               struct case_plan *plan_out);

struct case_change {
    bool is_refused; /* `problem`; nothing else is set */
    struct problem problem;
    struct value doc;   /* the case after it; shares parts of the old one */
    struct value entry; /* {kind, at, by, person, roles, event, name, step, data, comment, checks,
                           outcome, key, request, status, prev, case, patch, states, taken, faults,
                           log, note}: what it does not need is absent. kind: open, transition,
                           answer, timer, outcome, started, settled, signal, assigned, note, flag,
                           link, correction, glass, review, document,
                             export, release; dropped where nothing took an engine's
                           event; of proposals: proposal, approval, rejection, carried, refused,
                           postponed. event: as the chart was told; name: as it came. taken:
                           ["state.transition"] of the event itself. faults: [{place, message}] of
                           the workflow. log: [{text, private?}] what the workflow told. proposal:
                           its number. */
    int status;         /* 200, 201, 202 */
    int64_t proposal;   /* that a person's event made or is about; 0: none */
};

/* Carries it out. `state` is not changed; everything in *change_out lives in `arena`, in the old
 * doc or in the workflow; nothing of the event is borrowed. Only people's events are refused. The
 * caller then sets doc, revision and last. Never to be called where case_plan said CASE_REPEAT or
 * CASE_DROP. */
void case_apply(const struct case_state *state, const struct case_event *event, struct arena *arena,
                struct case_change *change_out);

/* Puts a case into `states` as a workflow's test says, with their timers and steps but without what
 * leads there: no exit, no `do`, no entry, no checks, no `by`. States that hold others and name
 * none take their initial ones. `event` is of kind CASE_OPEN; its data are stored values, laid as
 * they are. A case that is not open yet is opened. True and *doc_out; or false and *why_out, a
 * sentence: such states cannot be active together, or a timer of theirs has a fault. */
bool case_given(const struct case_state *state, const struct case_event *event,
                const uint16_t *states, size_t count, struct arena *arena, struct value *doc_out,
                struct text *why_out);

/* Whether the case may be erased now, at the word of `approver`: an erasure was asked for, by
 * somebody else, and no legal hold is on it. False and *problem_out. */
bool case_may_be_erased(const struct case_state *state, const struct case_person *approver,
                        struct arena *arena, struct problem *problem_out);

/* Whether a legal hold keeps the case: true and *problem_out. */
bool case_is_held(const struct value *doc, struct arena *arena, struct problem *problem_out);

/* Whether this person may fetch the export of the case now. False and *problem_out. */
bool case_may_fetch_export(const struct case_state *state, const struct case_person *person,
                           int64_t now_ms, struct arena *arena, struct problem *problem_out);

/* How the approval of that person is answered, and its repeat: true and the status, with the
 * problem of a proposal that was not carried out (PROBLEM_NONE: it was, or this approval was not
 * the last one). False: its proposal is about to be carried out, by a timer that is due; ask again
 * after the case's next event. */
bool case_approval_answer(const struct case_state *state, int64_t proposal, struct text person,
                          struct arena *arena, int *status_out, struct problem *problem_out);

/* What an entry's patch makes of a case: recovery. `doc` is VALUE_NULL for its first. */
struct value case_recover(struct arena *arena, const struct value *doc, const struct value *entry);

/* The event that entry `seq` tells of: with it case_apply makes of the case as it was before,
 * `doc`, what it made of it then, as long as workflow and core are the same. Borrows from both.
 * False: it is of no kind that this core knows. */
bool case_event_again(const struct value *entry, const struct value *doc, uint64_t seq,
                      struct arena *arena, struct case_event *event_out);

/* The calls that plugins must be working on for this case. A call that was turned away before it
 * ran is the wheel's to begin again. One of a step type that is not idempotent begins once a
 * CASE_START has made it `is_started`, durably; where it is started already and nobody is at it,
 * the process has died meanwhile, and its outcome is "broken", "ran". An outcome that reaches the
 * core is final, or waits for another attempt, or for a person. */
enum case_verb { CASE_RUN, CASE_RESUME, CASE_STEP_DROP };
struct case_call {
    struct text key; /* stable for one try of one run or resume; the name of its CASE_OUTCOME */
    enum case_verb verb;
    struct text step_id, plugin, step;
    struct value inputs;
    struct text idempotency_key; /* case id, due seq, step id */
    int64_t now_ms;              /* of the event that made it due */
    int64_t timeout_ms;
    int64_t attempt, park_count;
    bool is_started;
    bool woken_by_time;
    struct value answer;
    struct text cookie;
};
const struct case_call *case_calls(const struct case_state *state, struct arena *arena,
                                   size_t *count_out);

/* An outcome as data, for case_event.outcome and case_event.checks:
 * {"outcome": "done", "outputs": {}} | {"outcome": "refused", "reasons": [{input, message}]} |
 * {"outcome": "failed", "message", "retry"} | {"outcome": "broken", "message", "retry", "ran"?:
 * true, the plugin had begun} |
 * {"outcome": "parked", "answer": bool, "time": bool, "until": ms, "cookie"} |
 * {"outcome": "dropped"}. The struct run_outcome of the floor above becomes this. An outcome whose
 * call is not there any more is CASE_DROP. */

/* The timer that is due first, of several the one made first; false if there is none. */
bool case_next_timer(const struct value *doc, struct text *key_out, int64_t *due_out);

#endif
