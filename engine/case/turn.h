/* One event under way: what the files of this folder share.
 *
 *   admit.c    may this event be tried at all: repeats, revision, roles, form
 *   plan.c     case_plan          apply.c    case_apply
 *   hooks.c    what the chart asks for while the macrostep runs; actions.c the blocks of actions
 *   entry.c    what is written down      keys.c     idempotency
 *   forms.c, people.c, scope.c           values, roles and names
 *   work/      checks and steps of plugins: what they are asked, what their outcomes mean
 *   time/      after, deadlines, events that are sent
 *   consent/   submissions that wait for approvals, and what people are told
 *   care/      what people do about a case beside its chart: assignment, notes, flags, links,
 *              corrections, documents, broken glass
 *   shown/     what people see of a case (view.h) */
#ifndef SANKOFA_CASE_TURN_H
#define SANKOFA_CASE_TURN_H

#include "case/case.h"
#include "case/scope.h"

/* The maps of a case that events change. Each is copied before it is first written to; what no
 * event touches stays shared with the case as it was. */
enum case_part {
    PART_STATES,
    PART_VISITS,
    PART_MEMORIES,
    PART_DATA,
    PART_TIMERS,
    PART_DEADLINES,
    PART_STEPS,
    PART_DROPS,
    PART_ACTED,
    PART_KEYS,
    PART_PROPOSALS,
    PART_NOTICES,
    PART_OPENED, /* up to here a case has them from its opening */
    PART_ASSIGNED = PART_OPENED,
    PART_FLAGS,
    PART_LINKS,
    PART_GLASS,
    PART_DOCUMENTS,
    PART_COUNT
};

/* A transition that checks let through, and what they put into the data. */
struct case_passed {
    uint16_t transition;
    struct value outputs; /* {FIELD: stored value or null} */
};

struct case_turn {
    const struct case_state *state;
    const struct workflow *workflow;
    const struct case_event *event;
    struct arena *arena;

    /* The case as it becomes. */
    struct value doc;
    struct value parts[PART_COUNT];
    bool is_own[PART_COUNT];
    struct chart_configuration configuration;
    bool *entered; /* by state: entered in this macrostep, and not left since */
    bool is_closed;

    /* What was let in. */
    const uint16_t *candidates; /* transitions whose `by` fits, in selection order */
    size_t candidate_count;
    const struct workflow_form *asked; /* the form; NULL: none */
    struct value form;                 /* {FIELD: stored value or null} */
    struct value laid;                 /* the data with the form laid over it */
    const struct workflow_step *step;  /* of an answer, an outcome, a step's timer */
    uint16_t transition;               /* of an `after` timer, else CHART_NONE */
    const struct case_person *person;  /* who acts: of the event; of what is carried out, whoever
                                          submitted it; NULL: nobody */
    struct case_person submitter;
    struct text name;     /* of the event as people name it */
    struct text proposal; /* key of the one that the event is about; empty: of none */
    bool is_carrying;     /* it is carried out: only its transition may be taken */

    /* The macrostep. */
    struct chart_run *run;
    struct case_scope scope;
    struct value bound_data; /* of the event that is bound: it stays so while steps are started */
    struct case_passed *passed;
    size_t passed_count;
    struct problem reason;   /* why the first candidate fell; PROBLEM_NONE: none did */
    struct problem broken;   /* a check that failed */
    struct value faults;     /* of the workflow: a list of {place, message} */
    struct value taken;      /* "state.transition" of those that took the event itself */
    bool is_dropped;         /* nothing took it */
    uint16_t needs_approval; /* what a submission takes once it is approved: nothing is done yet;
                                else CHART_NONE */
    uint16_t told_in;        /* the state that notices belong to; CHART_NONE: the case */
    size_t notice_count;     /* made by this event */
    const char *kind;        /* of the entry, where the event's does not say it; else NULL */
    /* What is left of an engine's event whose macrostep did not end: what it consumed is gone, and
     * nothing else happens. Else it would come again for ever. */
    bool is_abridged;
    struct text event_name; /* as the chart was told */
    size_t send_count;      /* how many events it sent */
    int64_t chain;          /* of the timer that fired: how many in a row were due soon */
    struct value logs;      /* what `log` told: a list of {text, private?} */
    struct text_buffer note;
};

/* turn.c */
void case_turn_init(struct case_turn *turn, const struct case_state *state,
                    const struct case_event *event, struct arena *arena);
/* A map of the case, ready to be changed. */
struct value *case_part(struct case_turn *turn, enum case_part part);
/* The same to be read; NULL members where there is none. */
const struct value *case_peek(const struct case_turn *turn, enum case_part part);
struct value case_map_copy(struct arena *arena, const struct value *map);
/* Sets what `patch` sets, removes what is null there. */
void case_lay(struct value *map, const struct value *patch);
/* What is wrong with the workflow, for its staff; `place` may be NULL. */
void case_fault(struct case_turn *turn, const struct place *place, struct text message);
/* The same, as error.execution of the macrostep, if one is under way. */
void case_fault_raise(struct case_turn *turn, const struct place *place, struct text message);
/* A sentence of the entry. */
__attribute__((format(printf, 2, 3))) void case_note(struct case_turn *turn, const char *format,
                                                     ...);
/* "state.transition" */
struct text case_transition_name(const struct workflow *workflow, uint16_t transition,
                                 struct arena *arena);
/* CHART_NONE if there is none of this name. */
uint16_t case_transition_named(const struct workflow *workflow, struct text name);
struct chart_configuration case_configuration(const struct case_state *state, struct arena *arena);
/* Writes what the histories remember into the case. */
void case_memories_keep(struct case_turn *turn);
/* The active states that hold no others, by id, in document order. */
struct value case_atomic_states(const struct workflow *workflow, const bool *active,
                                struct arena *arena);
/* A moment `delay_ms` from now, within what can be written; a negative delay is none. */
int64_t case_due(int64_t now_ms, int64_t delay_ms);
/* The same of a wait that may count working days. */
int64_t case_due_after(const struct workflow *workflow, int64_t from_ms,
                       const struct workflow_wait *wait);

/* people.c */
bool case_person_holds(const struct case_person *person, struct text role);
bool case_person_holds_any(const struct case_person *person, const struct workflow_roles *roles);
/* Whether the person holds any role of this workflow. */
bool case_person_takes_part(const struct case_person *person, const struct workflow *workflow);
/* "caseworker, judge or supervisor" */
struct text case_roles_written(const struct workflow_roles *roles, struct arena *arena);
struct value case_roles_value(const struct workflow_roles *roles, struct arena *arena);

/* forms.c */
/* Reads what a person filled in: true and *stored_out, {FIELD: stored value, or null to unset};
 * else every fault at once in *problem_out. */
bool case_form_read(const struct workflow *workflow, const struct workflow_form *form,
                    const struct value *given, struct arena *arena, struct value *stored_out,
                    struct problem *problem_out);
/* A form's values as expressions see them. */
struct value case_form_typed(const struct workflow_form *form, const struct value *stored,
                             struct arena *arena);
/* An RFC 6901 pointer to a member of the request's data. */
struct text case_pointer(struct text member, struct arena *arena);

/* apply.c */
/* The case as it is before anything happens in it: its head, empty parts, initial data. */
void case_doc_open(struct case_turn *turn);

/* keys.c */
enum case_key_match { KEY_NEW, KEY_REPEATED, KEY_REUSED };
/* KEY_REPEATED fills status, seq and proposal of the plan. */
enum case_key_match case_key_find(const struct value *doc, const struct case_event *event,
                                  struct case_plan *plan);
void case_key_keep(struct case_turn *turn, int status);

/* A form's values as a case can keep them, {values, unset: [FIELD]}; and back. */
struct value case_form_pack(const struct value *form, struct arena *arena);
struct value case_form_unpack(const struct value *packed, struct arena *arena);

/* consent/approvers.c */
/* CASE_APPROVE, CASE_REJECT: whether the person may, or why not. */
bool case_may_approve(struct case_turn *turn, struct case_plan *plan);
bool case_may_reject(struct case_turn *turn, struct case_plan *plan);
/* Whom `exclude` keeps from it: NULL, "submitter", or the id of a field that names the person.
 * `doc`: the case. */
const char *case_excluded_as(const struct workflow_approval *approval, const struct value *proposal,
                             const struct value *doc, struct text person);

/* consent/proposals.c */
bool case_proposal_is_open(const struct value *proposal);
/* The open one of that event, or of one of these transitions; NULL if there is none. */
const struct value_member *case_proposal_of(const struct workflow *workflow,
                                            const struct value *proposals, struct text event,
                                            const uint16_t *transitions, size_t count);
/* The transition that it is about. */
uint16_t case_proposal_transition(const struct workflow *workflow, const struct value *proposal);
int64_t case_proposal_number(struct text key);
/* Keeps the submission: turn->needs_approval. */
void case_propose(struct case_turn *turn);
int case_approval_take(struct case_turn *turn);
int case_rejection_take(struct case_turn *turn);
/* Ends the one of that key: carried, rejected, refused, changed, left. What `facts` holds is kept
 * with it (NULL: nothing). Who took part is told, but for the person who acts. */
void case_proposal_end(struct case_turn *turn, struct text key, const char *status,
                       const struct value *facts);
/* Ends those that rest on what the event has changed. */
void case_proposals_review(struct case_turn *turn);
/* Sets the timer that carries it out. */
void case_proposal_schedule(struct case_turn *turn, struct text key, int64_t due_ms);

/* consent/carry.c */
/* A timer's proposal, let in as its submitter's event. */
void case_carry_admit(struct case_turn *turn, const struct value *timer);
int case_carry_out(struct case_turn *turn, const struct value *timer);
/* What becomes of a proposal whose event was carried out with that result. */
void case_carry_settle(struct case_turn *turn, int result);

/* consent/awaited.c */
/* Whether the role may trigger something in the active states at or inside `within` (0: anywhere),
 * guards not asked, or answer a step that is parked for it. */
bool case_role_may_act(const struct workflow *workflow, const struct value *doc, const bool *active,
                       uint16_t within, struct text role);
/* The same, or approve a proposal. */
bool case_role_is_awaited(const struct workflow *workflow, const struct value *doc,
                          const bool *active, uint16_t within, struct text role);

/* consent/notices.c */
/* Whether it was made first. */
bool case_notice_is_before(const struct value *a, const struct value *b);
bool case_notify(struct case_turn *turn, const struct workflow_action *action);
/* A proposal of theirs has ended. */
void case_tell_person(struct case_turn *turn, struct text person, struct text proposal);
/* Of a deadline: `remind` or `overdue`. */
void case_tell_role(struct case_turn *turn, struct text role, const char *kind, uint16_t state,
                    int64_t due_ms);
void case_notices_leave(struct case_turn *turn, uint16_t state);
/* Reminders of that state are out of date. */
void case_notices_replace(struct case_turn *turn, uint16_t state);
/* The person who acts has seen what was for them. */
void case_notices_read(struct case_turn *turn);
void case_notices_clear(struct case_turn *turn);
/* Who broke glass, until when. */
void case_tell_glass(struct case_turn *turn, struct text role, int64_t until_ms);

/* care/: whether the person may, or why not; and its carrying out, 0 or -ELOOP. */
bool case_may_assign(struct case_turn *turn, struct case_plan *plan);
int case_assignment_take(struct case_turn *turn);
bool case_may_note(struct case_turn *turn, struct case_plan *plan);
int case_note_take(struct case_turn *turn);
bool case_may_flag(struct case_turn *turn, struct case_plan *plan);
int case_flag_take(struct case_turn *turn);
bool case_may_link(struct case_turn *turn, struct case_plan *plan);
int case_link_take(struct case_turn *turn);
bool case_may_correct(struct case_turn *turn, struct case_plan *plan);
int case_correction_take(struct case_turn *turn);
bool case_may_break(struct case_turn *turn, struct case_plan *plan);
int case_glass_take(struct case_turn *turn);
bool case_may_review(struct case_turn *turn, struct case_plan *plan);
int case_review_take(struct case_turn *turn);
bool case_may_ask_erasure(struct case_turn *turn, struct case_plan *plan);
int case_erasure_take(struct case_turn *turn);
bool case_may_attach(struct case_turn *turn, struct case_plan *plan);
int case_document_take(struct case_turn *turn);
bool case_may_ask_export(struct case_turn *turn, struct case_plan *plan);
int case_export_take(struct case_turn *turn);
bool case_may_release(struct case_turn *turn, struct case_plan *plan);
int case_release_take(struct case_turn *turn);
/* Whether a role of the person's supervises those that the glass was broken with. */
bool case_glass_may_review(const struct workflow *workflow, const struct value *broken,
                           const struct case_person *person);
/* Roles that do. */
struct value case_glass_reviewers(const struct workflow *workflow, const struct value *broken,
                                  struct arena *arena);
/* {by, at} */
struct value case_care_mark(const struct case_turn *turn);
/* A reason or a text that is needed: true, or *plan refuses what `pointer` names. */
bool case_care_says(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                    const char *message);
struct case_names {
    const struct text *items;
    size_t count;
};
/* Refuses a member of the request that names none of `names`; the nearest is suggested. */
bool case_care_refuse_name(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                           const char *message, struct text name, struct case_names names);
/* Refuses one member of the request. */
bool case_care_refuse(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                      const char *code, struct text message);

/* time/deadlines.c */
void case_deadline_begin(struct case_turn *turn, uint16_t state);
/* Its timers, `remind` and `escalate`. */
int case_deadline_tell(struct case_turn *turn, const struct value *timer);

/* admit.c */
/* Whether the event may be carried out: CASE_CARRY, or why it is not. Everything but checks and
 * guards. Fills what was let in. */
void case_admit(struct case_turn *turn, struct case_plan *plan_out);
/* turn->step, by the event's name; or why there is none. */
bool case_admit_step(struct case_turn *turn, struct case_plan *plan);

/* work/checks.c */
struct text case_check_key(const struct workflow *workflow, uint16_t transition,
                           const struct workflow_check *check, struct arena *arena);
/* The outcomes of a candidate's checks: true and *outputs_out; else why it falls is kept in
 * turn->reason, turn->broken or turn->faults (*is_fault_out). */
bool case_checks_pass(struct case_turn *turn, uint16_t transition, struct value *outputs_out,
                      bool *is_fault_out);
/* What `into` keeps of a call's outputs: {FIELD: stored value, or null where it has none}. False
 * and *why_out where one is against its field's rule. */
bool case_into(const struct workflow_into *into, size_t count, const struct value *outputs,
               struct arena *arena, struct value *patch_out, struct text *why_out);
/* `explain`, or the guard in words. */
struct text case_explain(const struct workflow *workflow, uint16_t transition, struct text language,
                         struct arena *arena);

/* hooks.c */
/* One macrostep. 0 or -ELOOP. */
int case_macrostep(struct case_turn *turn, const struct chart_event *event);
/* The same for an event of the engine; of an abridged one nothing but its name is kept. */
int case_event_tell(struct case_turn *turn, const struct chart_event *event);

/* actions.c */
/* The text of an action: a literal, or what its expression gives. False and *why_out. */
bool case_action_text(struct case_turn *turn, const struct workflow_action *action,
                      struct text *text_out, struct text *why_out);
void case_act(struct case_turn *turn, const struct workflow_blocks *blocks);

/* apply.c */
/* Why nothing took a person's event, or which check failed; PROBLEM_NONE: it was taken. */
void case_judge(struct case_turn *turn, struct problem *problem);
void case_explain_endless(struct case_turn *turn, struct problem *problem);

/* time/timers.c */
void case_timers_enter(struct case_turn *turn, uint16_t state);
void case_timers_leave(struct case_turn *turn, uint16_t state);
void case_timer_set(struct case_turn *turn, struct text key, const char *kind, int64_t due_ms,
                    int64_t rank, struct value timer);
/* CASE_TIMER. 0 or -ELOOP. */
int case_timer_fire(struct case_turn *turn);

/* time/sends.c */
/* `send` and `cancel`. False: it errs, which is told. */
bool case_send(struct case_turn *turn, const struct workflow_action *action);
bool case_cancel(struct case_turn *turn, const struct workflow_action *action);
/* 0 or -ELOOP. */
int case_send_fire(struct case_turn *turn, const struct value *timer);
void case_sends_drop(struct case_turn *turn);

/* work/retries.c */
/* Whether the step waits for another attempt after this outcome. */
bool case_step_retry(struct case_turn *turn, const struct value *outcome);
int case_step_again(struct case_turn *turn);

/* The same wait, of a step without `retry`. */
void case_step_pause(struct case_turn *turn, int64_t pause_ms, struct text message);

/* work/breaks.c */
/* Whether the step waits after this outcome "broken": for another attempt, or for a person. */
bool case_step_breaks(struct case_turn *turn, const struct value *outcome);
int case_start_take(struct case_turn *turn);

/* work/settle.c */
/* Whether the step's record waits for a person. */
bool case_step_is_held(const struct value *record);
bool case_person_may_settle(const struct workflow *workflow, const struct workflow_step *step,
                            const struct case_person *person);
struct workflow_roles case_settle_roles(const struct workflow *workflow,
                                        const struct workflow_step *step, struct arena *arena);
bool case_may_settle(struct case_turn *turn, struct case_plan *plan);
int case_settle_take(struct case_turn *turn);

/* work/steps.c */
struct text case_run_key(const struct value *step, struct text id, struct arena *arena);
/* Ends a step that the macrostep left, or that is done. `is_left`: what it parked is to be
 * dropped. */
void case_step_end(struct case_turn *turn, struct text id, bool is_left);
void case_step_timer_remove(struct case_turn *turn, struct text id);
void case_steps_leave(struct case_turn *turn, uint16_t state);
/* Makes the steps due of states that were entered and are still active. */
void case_steps_start(struct case_turn *turn);
/* The step of the call that has this key now, be it a run, a resumption or a drop; else NULL. */
const struct workflow_step *case_call_step(const struct case_turn *turn, struct text key);
bool case_step_takes_answer(const struct value *step);

/* work/outcomes.c */
int case_outcome_take(struct case_turn *turn);
int case_answer_take(struct case_turn *turn);
int case_step_wake(struct case_turn *turn);
/* Tells the chart that it is done, with what `into` keeps; its outputs may be against a field's
 * rule, then it failed. */
int case_step_done(struct case_turn *turn, const struct value *outputs);
/* Tells the chart that a step failed, and ends it. */
int case_step_give_up(struct case_turn *turn, struct text message); /* what it parked is dropped */
int case_step_fail(struct case_turn *turn, struct text message);

/* entry.c, and given.c: a case put where a test says */
struct value case_entry(struct case_turn *turn, int status);

#endif
