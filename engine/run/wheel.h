/* The wheel: turns events into entries and effects, and holds every effect, replies included, until
 * its batch is durable.
 *
 * The happy path:
 * 1. wheel_post queues a request of a person; timers and plugins' outcomes queue themselves.
 * 2. wheel_turn takes events off the queue: plan, perhaps ask checks, apply; entry and effects go
 *    into the batch that is filling.
 * 3. The batch is handed to the writer (run_ports.writer); meanwhile the next one fills.
 * 4. wheel_committed opens the gate of that batch: replies go out, plugin calls begin.
 *
 * One thread. Nothing here waits, but for reads of the store. */
#ifndef SANKOFA_RUN_WHEEL_H
#define SANKOFA_RUN_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/problem.h"
#include "base/value.h"
#include "case/case.h"
#include "run/ports.h"
#include "store/store.h"
#include "workflow/workflow.h"

struct arena;
struct wheel;

enum run_kind {
    RUN_OPEN_CASE,  /* `name`: the workflow; 201 */
    RUN_TRANSITION, /* `name`: the event */
    RUN_ANSWER,     /* `name`: the parked step; `park`: the park it answers, 0: whichever it is */
    /* Steps that wait for a person (run/asked/explain.c, case/work/settle.c). */
    RUN_SETTLE,  /* `name`: the step; `outcome`, `data`: its outputs, `comment`: why */
    RUN_EXPLAIN, /* why the case waits: case_explanation */
    /* Of a proposal, `name` its number. The answer to the approval that was the last one waits for
     * the carrying out: 200, or why it was refused; 202 where it is tried again later. */
    RUN_APPROVE,
    RUN_REJECT,  /* `comment`: the reason */
    RUN_SHOW,    /* one case as this person may see it */
    RUN_LIST,    /* cards: {cases: [...], cursor?} */
    RUN_INBOX,   /* {cases: [...], total, notices: [...], notices_total}: what waits for this person
                    and what they are told, overdue first */
    RUN_HISTORY, /* {entries: [...], cursor?}, oldest first */
    RUN_READS,   /* {reads: [{seq, at, by, person, roles, what, glass?}], cursor?}, likewise: who
                    was shown data of the case; for auditors */
    RUN_WORKFLOWS, /* {workflows: [...]}: the current definitions */
    RUN_WORKFLOW,  /* `name`: one definition: titles, roles, fields, the form of opening, source */
    RUN_LOAD_WORKFLOW, /* `source`, `file`: 201, or 200 if it is already the current one */
    RUN_SEARCH,  /* `name`: {cases: [...], total}: by code and by the fields that the person may see
                  */
    RUN_DIAGRAM, /* {states, definition}: where one case is */
    RUN_EVENTS,  /* `after`: {events: [...], next, more}: at most 256 entries of the journal */
    /* Of a case, beside its chart: */
    RUN_ASSIGN,          /* `data`: {person or pool, role?} */
    RUN_NOTE,            /* `comment` */
    RUN_FLAG,            /* `data`: {flag, raised} */
    RUN_LINK,            /* `data`: {case, kind, linked} */
    RUN_CORRECT,         /* `data`: {FIELD: value or null}; `comment` is the reason */
    RUN_BREAK_GLASS,     /* `comment` is the reason */
    RUN_ASK_ERASURE,     /* `comment`: the reason */
    RUN_APPROVE_ERASURE, /* by somebody else; 202 and the certificate */
    RUN_ERASURE,         /* the certificate, and how far it is */
    RUN_ASK_EXPORT,      /* `data`: {recipient}; `comment`: the reason */
    RUN_APPROVE_EXPORT,  /* by somebody else */
    RUN_EXPORT,          /* `number`: how far it is, 0 at first; run/asked/export.c */
    RUN_REVIEW,          /* `name`: the number of the broken glass */
    /* Documents (asked/documents.c). */
    RUN_CHUNK,       /* `source`: bytes of an upload, whole chunks unless `is_last`; `upload` 0: its
                        first ones; {upload}, once they are durable */
    RUN_ATTACH,      /* `upload`, all of it; `data`: {name, type, sha256}; 201 */
    RUN_DROP_UPLOAD, /* `upload` has ended; if it is attached, that changes nothing */
    RUN_DOCUMENTS,   /* {code, documents: [...], hidden} */
    RUN_DOCUMENT, /* `name`: its number; what wheel_read_chunk takes, with {name, type, sha256} */
    RUN_ADVANCE_CLOCK, /* `advance_ms`, demo stores alone: from due time to due time */

    /* Of the journal itself, for auditors and witnesses. */
    RUN_CHECKPOINT,  /* {checkpoint, key}: the newest, made anew if there are newer entries; with
                        `number`, a size that the asker knows, the proof of growth from it */
    RUN_CHECKPOINTS, /* {checkpoints: [{size, checkpoint}]}, newest first */
    RUN_PROOF,       /* `number`: the seq of an entry; {proof, key} */
    /* Keys, of administrators. */
    RUN_KEYS,        /* {slots: [{slot, kind, label, added}], epoch, rotating} */
    RUN_ADD_SLOT,    /* `slot_change`, `name`: its kind, `comment`: its label; 201 */
    RUN_REMOVE_SLOT, /* `name`: its number */
    RUN_ROTATE_KEYS, /* long work: 202 */

    /* Long work (run/long/operations.h). */
    RUN_VERIFY,    /* `source`: a checkpoint to compare with, or empty; 202 */
    RUN_REPLAY,    /* 202 */
    RUN_OPERATION, /* `name`: the id of one that was begun */
    RUN_BACKUP,    /* `file`: where to, an absolute path; 202 */

    RUN_QUARANTINE /* {cases: [{id, code?, what, seq?}]}: those that are put aside */
};

struct run_filter {
    struct text state, workflow, country, code; /* empty: any */
    bool mine, overdue, has_closed, closed;
    size_t limit;       /* 0: 50; at most 500 */
    struct text cursor; /* of the page before */
};

struct run_reply;

/* A request of a person. Copied by wheel_post. */
struct run_request {
    enum run_kind kind;
    const struct case_person *person;
    struct text case_name; /* code or id in hexadecimal */
    struct text name;
    struct value data;                 /* VALUE_NULL where there is none */
    struct text comment, key, request; /* as in struct case_event */
    bool has_revision;
    uint64_t revision;
    struct text language; /* base/language.h; empty: each workflow's own */
    bool wants_case;      /* answer a write with the whole case */
    bool wants_similar;   /* answer an opening with the cases that look like it */
    struct run_filter filter;
    uint64_t after; /* RUN_EVENTS: the last seq that was read */
    struct text source, file;
    struct text outcome;
    int64_t park;
    bool is_dry_run;
    int64_t advance_ms;
    bool has_number;
    uint64_t number;
    uint64_t upload;
    bool is_last;
    const struct vault_slot_change *slot_change; /* RUN_ADD_SLOT */
    /* Called once, never from within wheel_post. */
    void (*reply)(void *self, const struct run_reply *reply);
    void *self;
};

/* Borrowed for the call. */
struct run_reply {
    int status;                    /* HTTP's; a problem's own */
    const struct problem *problem; /* NULL: `body` */
    struct value body;
    bool has_revision; /* of the case spoken of */
    uint64_t revision;
    bool is_repeat;
};

/* What backups need. */
struct wheel_backup {
    struct port_files files;
    const char *recipients; /* the file of their recipients; NULL: none is configured */
};

struct wheel_options {
    struct store *store; /* borrowed */
    struct run_ports ports;
    struct plugin_source plugins;
    struct zone_source zones;
    struct wheel_backup backup;
    size_t cases_max;       /* in memory; 0: 4,000 */
    size_t event_count_max; /* of people, waiting for one case; 0: 16 */
};

/* Recovers: definitions, cards, the entries after the horizon; nothing is called or armed before
 * the first wheel_turn. -EBADMSG and others with a sentence in `diags`. */
int wheel_create(const struct wheel_options *options, struct diag_list *diags,
                 struct wheel **wheel_out);
/* Requests that were not answered are dropped without a word: see wheel_stop. Accepts NULL. */
void wheel_destroy(struct wheel *wheel);

void wheel_post(struct wheel *wheel, const struct run_request *request);
/* The people of ports.people are others now: what is kept of them is asked anew. */
void wheel_people_changed(struct wheel *wheel);
/* Whether a document of so many bytes (0: not known) would be taken in, as far as can be told
 * before it comes, and at once: the request's person and case. What cannot be told before a batch
 * is durable, an erasure, its first bytes are refused for. False and *problem_out, in `arena`. */
bool wheel_may_attach(struct wheel *wheel, const struct run_request *request, uint64_t size,
                      struct arena *arena, struct problem *problem_out);
/* Chunk `number` of a document that RUN_DOCUMENT told of. -EBADMSG: it is damaged; -EIDRM: its case
 * was erased meanwhile; or -errno. */
int wheel_read_chunk(struct wheel *wheel, const struct value *document, uint32_t number,
                     struct arena *arena, struct text *bytes_out);
/* For store_verify_entries, with the store as `self`: whether the document that an entry tells of
 * is there. */
const char *wheel_look_at_entry(void *self, const struct store_read_entry *entry);
/* Carries out what is queued and due, and begins a batch if there is one to write. */
void wheel_turn(struct wheel *wheel);
/* Whether a turn has something to do now. */
bool wheel_is_ready(const struct wheel *wheel);
/* The batch that writer.begin got is durable. */
void wheel_committed(struct wheel *wheel);
/* The outcome of a call that hosts.begin got. */
void wheel_answered(struct wheel *wheel, uint64_t call, const struct run_outcome *outcome);

/* The pieces of an operation that workers.begin got are done, or given up. */
struct operation;
void wheel_operation_ended(struct wheel *wheel, struct operation *operation);

/* Whether the definitions of the store would do with `description` as the plugin of that name, as
 * they do now (NULL: without the plugin); else *why_out, a sentence in `arena`. */
bool wheel_allows_plugin(struct wheel *wheel, struct text name,
                         const struct plugin_description *description, struct arena *arena,
                         struct text *why_out);

/* From now on requests are refused as `stopping`; what was applied is still written. */
void wheel_stop(struct wheel *wheel);
/* After wheel_stop: nothing is queued for the disk, nothing waits at the gate. */
bool wheel_is_idle(const struct wheel *wheel);

/* {cases, open, overdue, in_memory, seq, horizon, queue, batches, workflows, clock (ms), demo} */
struct value wheel_status(struct wheel *wheel, struct arena *arena);
/* Milliseconds since 1970 UTC, as events will be stamped. */
int64_t wheel_now_ms(struct wheel *wheel);
/* Whether a clock that says `now_ms` may be right, in a store whose newest entry is of `newest_ms`;
 * 0: there is none. */
bool clock_is_plausible(int64_t newest_ms, int64_t now_ms);

#endif
