/* The wheel's own: what its files share.
 *
 *   wheel.c    the turn, the gate, batches
 *   queue.c    what is on its way: requests, events, cases that are ready
 *   events.c   one event of one case: plan, checks, apply, entry
 *   calls.c    calls of plugins under way
 *   checkpoints.c   when the journal's tree is signed
 *   recover.c  the start
 *   asked/     what people ask: to whom it goes, reads, writes
 *   long/      long work of administrators: operations
 *   memory/    what is kept: cases, cards, definitions, the batch and its gate */
#ifndef SANKOFA_RUN_INTERNAL_H
#define SANKOFA_RUN_INTERNAL_H

#include "run/long/operations.h"
#include "run/memory/batch.h"
#include "run/memory/cases.h"
#include "run/memory/index.h"
#include "run/memory/known.h"
#include "run/memory/quarantine.h"
#include "run/memory/registry.h"
#include "run/memory/roster.h"
#include "run/memory/windows.h"
#include "run/wheel.h"

enum {
    WHEEL_SNAPSHOT_ENTRIES = 8,    /* newer than the snapshot: time for the next */
    WHEEL_HORIZON_ENTRIES = 50000, /* no snapshot is further behind */
    WHEEL_CALL_PAUSE_MS = 2000,    /* before a call that was turned away is begun again, doubling */
    WHEEL_CALL_PAUSE_MAX_MS = 60000,
    WHEEL_DROP_TRIES = 2,        /* of a drop whose host broke while it ran */
    WHEEL_CHECKPOINT_MS = 60000, /* no entry waits longer for a signed checkpoint */
    WHEEL_ENGINE_COMMIT_BYTES = 1 << 20
};

/* An event or a request on its way. Everything it holds lives in its arena. */
struct queued {
    struct queued *next;
    struct arena *arena;
    bool is_person; /* request and person count */
    struct run_request request;
    struct case_person asker;        /* as they came */
    struct case_person person;       /* as they are in the case spoken of */
    struct vault_case_id id;         /* of the case it is about */
    const struct workflow *workflow; /* CASE_OPEN */
    struct case_event event;
    struct vault_slot_change slot_change;
    struct text timer;  /* CASE_TIMER: found when it leaves the queue */
    size_t checks_open; /* asked and not answered */
    bool has_waited;    /* RUN_CHECKPOINT, RUN_PROOF: for the batch that signs */
    bool is_fleeting;   /* asked in passing: an answer that would have to wait is not given */
    struct owed {       /* a person's answer, once the event is applied */
        int status;
        uint64_t seq;
        int64_t proposal; /* that the event made or is about; 0: none */
        bool is_repeat;
        bool is_named; /* the cases that look like this one are told */
        bool is_kept;  /* in run_case.approvals, which own it */
    } owed;
};

/* A call of a plugin: asked for by an event (a check) or by a case (a step). */
struct call {
    uint64_t number;
    struct arena *arena;
    struct queued *check_of; /* NULL: a step's */
    struct vault_case_id id;
    struct text key;       /* case_check.key or case_call.key */
    struct text step_id;   /* of a step's */
    struct run_call frame; /* what the host gets */
    bool is_begun;
    enum start {
        START_NONE,  /* it needs none, or has not asked for one */
        START_WAITS, /* for a host to be free */
        START_ASKED, /* its CASE_START is on its way */
        START_MADE   /* and was applied */
    } start;
    struct call *next_start; /* that waits */
    struct text why;         /* it was turned away; empty: it was not */
    bool is_answered;        /* its outcome is an event in the case's queue */
    unsigned tries;
    int64_t retry_at_ms; /* steady; 0: it is under way */
    struct call *next;   /* of the same case */
};

/* The demo clock on its way to `target_ms`. */
struct advance {
    struct queued *request; /* NULL: none is under way */
    int64_t target_ms;
};

/* What is searched, made from the start on. */
struct search {
    struct index index;
    bool is_whole;
    size_t next; /* of the roster, to be put in */
    struct queued *waiting, **waiting_last;
};

struct wheel {
    struct store *store;
    struct run_ports ports;
    struct plugin_source plugins;
    struct zone_source zones;
    size_t event_count_max;
    struct roster roster;
    struct cases cases;
    struct quarantine quarantine;
    struct registry registry;
    struct known known;
    struct search search;
    struct windows windows; /* of reads */
    struct value serials;   /* {"SN-2026": 42} */
    struct arena *serials_arena;
    uint64_t next_seq;
    int64_t last_ms;         /* of the newest entry */
    int64_t seen_ms;         /* the latest that the clock was believed: clock.c */
    int64_t clock_offset_ms; /* demo stores */
    struct advance advance;
    struct operations operations;
    struct value erased;        /* by code: long/erase.c */
    struct value aside_asked;   /* by id: long/erase_aside.c */
    struct arena *erased_arena; /* of both */
    struct value once;          /* [{by, key, request, status, body}]: asked/once.c */
    struct arena *once_arena;
    uint64_t once_batch; /* that keeps the last of them */
    struct wheel_backup backup;
    struct upload *uploads; /* documents on their way: asked/documents.c */
    uint64_t upload_number;
    struct queued *queue, **queue_last;
    size_t queue_count;
    struct run_case *ready, **ready_last;
    struct table calls; /* by number */
    struct starts *starts;
    size_t checks_count; /* of them, asked and not answered */
    uint64_t call_number;
    size_t timers_in_flight; /* events of timers that are queued */
    int64_t retry_first_ms;  /* steady; the earliest retry, INT64_MAX: none */
    struct batch batches[2];
    struct batch *filling, *writing; /* writing: NULL while the writer is free */
    uint64_t durable_batch;
    uint64_t checkpoint_seq;   /* the last entry under a checkpoint, signed or on its way */
    int64_t checkpoint_due_ms; /* steady; of the next, INT64_MAX: every entry is under one */
    int room;                  /* 0, or -ENOSPC: as of the filling batch's beginning */
    bool is_behind, is_ahead;  /* the wall clock, and it was told */
    int64_t ballast_due_ms;    /* of the steady clock: when the ballast is looked at again */
    int ballast_result;        /* of that: told when it changes */
    bool is_stopping;
    struct arena *turn; /* of one event; reset after each */
};

/* queue.c */
struct queued *wheel_queued(struct wheel *wheel);
void wheel_drop(struct queued *queued);
void wheel_enqueue(struct wheel *wheel, struct queued *queued);
/* Queues it for its case, which it makes ready. */
void wheel_enqueue_case(struct wheel *wheel, struct run_case *one, struct queued *queued);
void wheel_make_ready(struct wheel *wheel, struct run_case *one);
struct queued *wheel_dequeue(struct wheel *wheel);
struct run_case *wheel_take_ready(struct wheel *wheel);

/* wheel.c */
int64_t wheel_stamp(struct wheel *wheel);
/* Answers a request once `batch` (0: whatever is durable) is durable. */
void wheel_reply(struct wheel *wheel, const struct queued *queued, uint64_t batch,
                 const struct run_reply *reply);
void wheel_refuse(struct wheel *wheel, const struct queued *queued, uint64_t batch,
                  const struct problem *problem);
/* The same for a problem of two sentences, at once. */
void wheel_fail(struct wheel *wheel, const struct queued *queued, enum problem_code code,
                const char *detail, const char *hint);
/* The batch that an effect waits for, NULL if it is durable already. */
struct batch *wheel_gate(struct wheel *wheel, uint64_t batch);
/* Appends an entry of no case; returns its seq. */
uint64_t wheel_append(struct wheel *wheel, struct value *entry);
/* Whether what frees space on a full disk, or ends the work, may be written now. */
bool wheel_may_make_room(const struct wheel *wheel);
/* Tells of a wall clock that is behind the newest entry, and when it no longer is. */
void clock_watch(struct wheel *wheel);
/* At the start. */
void clock_read_last(struct wheel *wheel);
void clock_catch_up(struct wheel *wheel);
/* When the alarm is to ring for what is due then, on the wall. */
int64_t clock_alarm_ms(const struct wheel *wheel, int64_t due_ms);
/* The same of a case, beside its history. */
uint64_t wheel_append_of(struct wheel *wheel, const struct vault_case_id *id, struct value *entry);

/* events.c */
/* Answers a person's event that was applied, or its repeat: queued->owed. */
void event_answer(struct wheel *wheel, struct run_case *one, const struct queued *queued);
void event_run_case(struct wheel *wheel, struct run_case *one);
/* A case in memory; loaded if it must be. NULL: there is none of this id, or *error_out is set. */
struct run_case *event_case(struct wheel *wheel, const struct vault_case_id *id, int *error_out);
/* Puts a case aside that is not in memory: `one` says why. It is told in the log, once. */
void event_quarantine(struct wheel *wheel, const struct quarantined *one);
/* Refuses the event that is the case's current one, and lets the next one come. */
void event_refuse(struct wheel *wheel, struct run_case *one, struct queued *queued,
                  const struct problem *problem);
void event_snapshot(struct wheel *wheel, struct run_case *one);
/* Snapshots that are due, and cases that memory has no room for. */
void event_tidy(struct wheel *wheel);

/* calls.c */
void calls_init(struct wheel *wheel);
void calls_finish(struct wheel *wheel);
void calls_ask(struct wheel *wheel, struct queued *queued, const struct case_check *checks,
               size_t count);
/* Makes the calls under way those that the case now needs. */
void calls_follow(struct wheel *wheel, struct run_case *one);
/* Cancels all of the case's, once its newest batch is durable. */
void calls_drop(struct wheel *wheel, struct run_case *one);
void calls_begin(struct wheel *wheel, uint64_t number);
void calls_retry(struct wheel *wheel);
/* An event of the engine about a call; it stands in the case's queue. `outcome` NULL: none. */
void calls_tell(struct wheel *wheel, const struct call *call, enum case_event_kind kind,
                const struct run_outcome *outcome);
/* Calls begun or about to be. */
size_t calls_count(const struct wheel *wheel);
/* Those of them that were turned away, and are begun again. */
size_t calls_away_count(const struct wheel *wheel);
/* Why the call of that step of the case was turned away; empty: it was not. */
struct text calls_why_away(const struct run_case *one, struct text step);

/* starts.c */
/* The call may run only once: its case is told, now or when a host is free for it. */
void starts_ask(struct wheel *wheel, struct call *call);
/* The call is over, or not wanted any more. */
void starts_end(struct wheel *wheel, struct call *call);
void starts_finish(struct wheel *wheel);

/* checkpoints.c */
void checkpoint_init(struct wheel *wheel);
/* Entries may have come: their time begins to run. */
void checkpoint_follow(struct wheel *wheel);
/* Whether the next batch is to sign the tree, with or without records of its own. */
bool checkpoint_is_due(const struct wheel *wheel);
/* The batch that goes to the writer now signs it. */
void checkpoint_taken(struct wheel *wheel);
/* Asks for one with the batch that fills; false: there is nothing to sign, or no room to. */
bool checkpoint_ask(struct wheel *wheel);

/* asked/audit.c: `queued` is its. */
void audit_run(struct wheel *wheel, struct queued *queued);
/* True: `queued` lives on, and comes again once everything that is there is under a checkpoint.
 * Once: entries keep coming. */
bool audit_wait_for_checkpoint(struct wheel *wheel, struct queued *queued);
/* long/verify.c: `queued` is its. */
void long_verify(struct wheel *wheel, struct queued *queued);

/* long/replay.c: `queued` is its. */
void long_replay(struct wheel *wheel, struct queued *queued);

/* asked/requests.c */
void request_run(struct wheel *wheel, struct queued *queued);

/* asked/approvals.c */
/* Answers an approval that was applied, or keeps it with its case (queued->owed.is_kept) until its
 * proposal is carried out. */
void approval_answer(struct wheel *wheel, struct run_case *one, struct queued *queued);
/* After an event of the case: those that can be answered now. */
void approvals_review(struct wheel *wheel, struct run_case *one);
/* The case is gone. */
void approvals_abandon(struct wheel *wheel, struct run_case *one);
/* Nothing is carried out for now (the disk is full, the daemon stops): all are answered. */
void approvals_release(struct wheel *wheel);

/* asked/search.c */
void search_init(struct wheel *wheel);
/* The roster is whole: the index is made of it, from the next turn on. */
void search_begin(struct wheel *wheel);
void search_finish(struct wheel *wheel);
/* Puts a few cases more into the index, while it is being made. */
void search_turn(struct wheel *wheel);
bool search_is_being_made(const struct wheel *wheel);
/* What waits for the index goes on, to be refused: the daemon stops. */
void search_stop(struct wheel *wheel);
/* False: the index is being made; the request is kept, and comes again. */
bool search_is_ready(struct wheel *wheel, struct queued *queued);
/* The case is about to leave the roster: it is erased. */
void search_forget(struct wheel *wheel, const struct vault_case_id *id);
/* An event changed the case: by `patch`, as its entry has it. */
void search_follow(struct wheel *wheel, const struct run_case *one, const struct value *patch);
void read_search(struct wheel *wheel, struct queued *queued);
/* Cases that look like this one, for whoever opened it: lines as in a list, each with `fields`.
 * That is a read of them: the answer waits for the batch that fills. */
struct value search_similar(struct wheel *wheel, const struct queued *queued,
                            const struct run_case *one);

/* asked/documents.c */
/* `queued` is its. */
void document_run(struct wheel *wheel, struct queued *queued);
/* Makes the data of a RUN_ATTACH those of the event: false and a refusal, or true. */
bool document_read(struct wheel *wheel, struct queued *queued);
/* The event was applied: the batch that fills has its entry. */
void document_keep(struct wheel *wheel, const struct queued *queued);
/* The case is erased: its uploads end. */
void document_abandon(struct wheel *wheel, const struct vault_case_id *id);
/* What was under way when the process before this one ended is dropped. */
int document_recover(struct wheel *wheel);
void document_finish(struct wheel *wheel);

/* asked/export.c */
/* Whether the recipient of an export that is asked for is a key: false and a refusal, or true. */
bool export_read(struct wheel *wheel, struct queued *queued);
/* `queued` is its. */
void export_run(struct wheel *wheel, struct queued *queued);

/* asked/feed.c */
void read_feed(struct wheel *wheel, struct queued *queued);

/* asked/inbox.c */
void read_inbox(struct wheel *wheel, struct queued *queued);

/* asked/named.c */
/* The card that a request names by code or id, if this person may know of it; queued->id and
 * queued->person are its. NULL: refused. */
const struct card *read_card(struct wheel *wheel, struct queued *queued);
/* The same case in memory; queued->id is its. NULL: refused. */
struct run_case *read_case(struct wheel *wheel, struct queued *queued);

/* asked/reads.c */
void read_run(struct wheel *wheel, struct queued *queued);

/* What lists share: at most `limit_max` lines, which cards they hold, and their answer. */
/* The newest batch in flight that holds an entry; 0 if everything is durable. */
uint64_t read_newest_batch(const struct wheel *wheel);
size_t read_limit(const struct run_filter *filter, size_t limit_max);
bool read_fits(const struct card *card, const struct run_filter *filter,
               const struct case_person *person, int64_t now_ms);
/* A card as lists tell it: roster_line, and what people call its states and its workflow. */
struct value read_line(struct wheel *wheel, const struct queued *queued, const struct card *card);
void read_reply_list(struct wheel *wheel, struct queued *queued, struct value body);

/* asked/read_log.c */
/* Whoever shows data of a case to a person asks this, last before the answer: `one` is the case in
 * memory (NULL: its snapshot is damaged, and entries of it were opened); `what` is "case" or
 * another word for what is shown, each with a window of its own. Raises *batch to the batch that
 * the answer has to wait for. False: the disk is too full to write it down, so nothing may be
 * shown. */
bool read_log(struct wheel *wheel, const struct queued *queued, const struct card *card,
              struct run_case *one, const char *what, uint64_t *batch);
/* The case that a request names, whose data it is about to show: read_case, and read_log of "case".
 * *batch_out is the batch that the answer has to wait for. NULL: refused. */
struct run_case *read_case_logged(struct wheel *wheel, struct queued *queued, uint64_t *batch_out);
/* The answer then. */
void read_log_refuse(struct wheel *wheel, const struct queued *queued);
/* Whether the body of an entry of a case is that of a read. */
bool read_log_is(struct text body);
/* RUN_READS. True: `queued` lives on. */
bool read_log_show(struct wheel *wheel, struct queued *queued);

/* asked/explain.c */
void explain_run(struct wheel *wheel, struct queued *queued);

/* asked/quarantine.c */
/* Whether what is asked of a case that is put aside is whole all the same. */
bool quarantine_shows(const struct wheel *wheel, const struct queued *queued);
void read_quarantine(struct wheel *wheel, struct queued *queued);
/* A record that is there and cannot be read: told in the log, and to the person without its cause.
 */
void read_refuse_damaged(struct wheel *wheel, const struct queued *queued, int error);

/* asked/writes.c */
void write_workflow(struct wheel *wheel, struct queued *queued);
void write_advance(struct wheel *wheel, struct queued *queued);
/* Moves the demo clock on if nothing is under way any more; true if it did. */
bool write_advance_step(struct wheel *wheel);
/* Leaves it where it is: the daemon is stopping. */
void write_advance_stop(struct wheel *wheel);

/* asked/once.c */
int once_recover(struct wheel *wheel);
void once_finish(struct wheel *wheel);
/* What this person's write of that key was answered; NULL: there was none. */
const struct value *once_find(struct wheel *wheel, const struct queued *queued);
/* Whether it was carried out before, or its key was used for something else: then it is answered.
 */
bool once_is_answered(struct wheel *wheel, const struct queued *queued);
/* Keeps what it is answered, in the batch that fills. */
void once_keep(struct wheel *wheel, const struct queued *queued, int status,
               const struct value *body);

/* asked/rights.c */
enum rights_waits {
    RIGHTS_MINE = 1,  /* it is assigned to the person */
    RIGHTS_POOL = 2,  /* a role of theirs may do something, and the case is nobody's in it */
    RIGHTS_LEFT = 4,  /* whose it was, or who submitted something, is gone: for the supervisor */
    RIGHTS_REVIEW = 8 /* its glass was broken, and nobody has reviewed that */
};
/* The definition of the case; NULL where it is damaged. */
const struct workflow *rights_workflow(struct wheel *wheel, const struct card *card);
/* Who keeps the data duties, and who supervises somebody: they erase a case together. Where the
 * workflow names nobody who supervises, another of the former approves. */
bool rights_is_dpo(const struct case_person *asker, struct text country);
bool rights_may_ask_erasure(const struct case_person *asker, const struct card *card);
bool rights_may_approve_erasure(struct wheel *wheel, const struct case_person *asker,
                                const struct card *card);
/* Of workflows of that country; empty: of those of none, for which it takes the role everywhere. */
bool rights_is_administrator(const struct case_person *asker, struct text country);
/* Whether the person may know of the case at all. */
bool rights_see(struct wheel *wheel, const struct case_person *asker, const struct card *card);
/* The case of that code or id, if the person may know of it; else NULL. */
const struct card *rights_card(struct wheel *wheel, const struct case_person *asker,
                               struct text name);
/* The person as the core takes them: with the roles that reach the case. */
struct case_person rights_in(struct wheel *wheel, const struct case_person *asker,
                             const struct card *card, struct arena *arena);
/* Whether the person takes part in the workflow anywhere, so that its glass may be broken; and with
 * which roles. */
bool rights_may_break(struct wheel *wheel, const struct case_person *asker,
                      const struct card *card);
struct case_person rights_through_glass(struct wheel *wheel, const struct case_person *asker,
                                        const struct card *card, struct arena *arena);
/* Whether the person has broken its glass, and the hour is not over. */
bool rights_has_glass(struct wheel *wheel, const struct case_person *asker,
                      const struct card *card);
/* Whether the person may ask who read the case: auditors, and who keeps the data duties. */
bool rights_may_audit(const struct case_person *asker, const struct card *card);
/* Why the case stands in the person's inbox: bits of enum rights_waits; 0: it does not. */
unsigned rights_waits(struct wheel *wheel, const struct case_person *asker,
                      const struct card *card);
/* ["mine", "pool", ...] */
struct value rights_waits_value(unsigned waits, struct arena *arena);

/* asked/care.c */
/* Makes the request's data those of the event: false and a refusal, or true. */
bool care_read(struct wheel *wheel, struct queued *queued, const struct card *card);
/* Into a line of a history: `link`, which the entry set or took away. */
void care_tell_link(struct wheel *wheel, const struct case_person *asker, const struct value *entry,
                    struct value *line);
/* [{code, kind}]: kind is what the other case is. */
struct value care_links(struct wheel *wheel, const struct case_person *asker,
                        const struct card *card, struct arena *arena);

/* long/backup.c */
void backup_begin(struct wheel *wheel, const struct queued *queued);

/* asked/keys.c */
void keys_list(struct wheel *wheel, struct queued *queued);
void keys_add_slot(struct wheel *wheel, struct queued *queued);
void keys_remove_slot(struct wheel *wheel, struct queued *queued);
void keys_rotate(struct wheel *wheel, struct queued *queued);
/* The next batch's share of a rotation; 0: there is none, or it has to wait. */
size_t keys_rewraps(const struct wheel *wheel);

/* recover.c */
int recover(struct wheel *wheel, struct diag_list *diags);

#endif
