/* What people see of a case: the whole of it by role, what they may do now, its card for lists, its
 * history. Pure; everything is made in the given arena, or lives in the case or its workflow.
 * Moments are timestamps here (RFC 3339 in JSON), but milliseconds in the card. `language`: those
 * that are wanted (base/language.h); none: the workflow's first. */
#ifndef SANKOFA_CASE_VIEW_H
#define SANKOFA_CASE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/value.h"
#include "case/case.h"

/* The person with the roles held in that country (empty: ZZ, a case of none), as the core and the
 * views take people. */
struct case_person case_person_in(const struct case_person *person, struct text country,
                                  struct arena *arena);
bool case_person_holds_in(const struct case_person *person, struct text role, struct text country);
/* Of a person as the core takes them: whether a role of theirs sees sensitive fields. */
bool case_person_sees_sensitive(const struct case_person *person, const struct workflow *workflow);
/* Whether this person holds a role of that workflow in that country. A case that is hidden is
 * answered as one that is absent. */
bool case_is_visible(const struct case_person *person, struct text country,
                     const struct workflow *workflow);

/* {id, code, workflow, title, country, revision, opened {by, at}, changed {by?, at, event}, closed,
 * closed_at?, states: [{id, title}] (those that hold no others), data (fields the roles may see),
 * hidden (the ids of fields that they may not, set or not), deadlines: [{state, title, due,
 * overdue}], steps: [{id, status, wakes, until?, park?, why?, since?, settle?: {may, by, outputs:
 * [{field, type, of?}]}, attempts?: {made, most}, answer?: {may, by, form}}], proposals: [...],
 * notices: [...],
 * assigned: [{role, person, by, at}], flags: [{flag, by, at}], glass: [{glass, by, at, until,
 * reason, reviewed?}] (to whoever broke it, and to whom the review is), available: [...]} */
struct value case_view(const struct case_state *state, const struct case_person *viewer,
                       struct text language, int64_t now_ms, struct arena *arena);
/* [{event, title, allowed, why_not?, by: [role], approve?: {need, by: [role]}, form}], by event, in
 * document order; the form as case_form makes it. `allowed` tells of `by` and of the guard on the
 * data as it is; where the guard reads what the form or a check will put in, it is not evaluated.
 */
struct value case_available(const struct case_state *state, const struct case_person *viewer,
                            struct text language, int64_t now_ms, struct arena *arena);
/* Why each transition of an active state is or is not possible now, and what each step waits for:
 * {code, revision, closed, states: [id], titles, transitions: [{id, title?, state, state_title,
 * trigger: "person" | "event" | "always" | "after", event?, targets: [id], target_titles, possible,
 * why?}], steps: [{id, state, state_title, uses, status, waits_for}]} */
struct value case_explanation(const struct case_state *state, const struct case_person *viewer,
                              struct text language, int64_t now_ms, struct arena *arena);
/* The proposals of a case, the newest first, those that have ended lately included:
 * [{proposal, event, title, status, by, at, approvals: [{by, at, comment?}],
 *   data, hidden, comment?, need, missing, approve: {may, why_not?, by: [role]}, message?
 *   or ended: {at, seq, by?}, reason?, field?, refusal?: {code, detail?, errors?}}] */
struct value case_proposals_view(const struct case_state *state, const struct case_person *viewer,
                                 struct text language, struct arena *arena);
/* One of them; VALUE_NULL if there is none of that number. */
struct value case_proposal_view(const struct case_state *state, int64_t number,
                                const struct case_person *viewer, struct text language,
                                struct arena *arena);
/* Those of the notices of a card that are for this person, each once whatever roles they hold:
 * [{kind, text, at, to?, state?, title?, due?, proposal?, event?, status?}], the newest last. */
struct value case_notice_view(const struct workflow *workflow, const struct value *notices,
                              const struct case_person *viewer, struct text language,
                              struct arena *arena);
/* Those of the asks of a card that this person may approve now: [{proposal, event, title, by}]. */
struct value case_ask_view(const struct workflow *workflow, const struct value *asks,
                           const struct case_person *viewer, struct text language,
                           struct arena *arena);
/* What a link is called from the other side: mother, child. Empty: there is no such kind. */
struct text case_link_back(struct text kind);
/* Whether anybody supervises the role; whether this person does, in that country. */
bool case_role_has_supervisor(const struct workflow *workflow, struct text role);
bool case_person_supervises(const struct case_person *person, struct text country,
                            const struct workflow *workflow, struct text role);
/* A form as people fill it, for case_available, parked steps and the opening of a case:
 * [{field, title, type, of?, required, sensitive?, options?: [{id, title}], min?, max?,
 * max_length?, max_items?}] */
struct value case_form(const struct workflow *workflow, const struct workflow_form *form,
                       struct text language, struct arena *arena);
/* What people call the states of these ids, a list, in the same order. An id that the workflow does
 * not have stays. */
struct value case_state_titles(const struct workflow *workflow, const struct value *ids,
                               struct text language, struct arena *arena);
/* What people call the event that an entry of the journal tells of, or the proposal it is about;
 * empty where it is none. */
struct text case_entry_title(const struct workflow *workflow, const struct value *entry,
                             struct text language);
/* {code, workflow, states, titles (of the states), revision, seq}: the answer to a write. */
struct value case_receipt(const struct case_state *state, uint64_t seq, struct text language,
                          struct arena *arena);
/* The document of that number, if this person may see it: whoever sees sensitive fields, and who
 * attached it. Else NULL. */
const struct value *case_document(const struct case_state *state, struct text number,
                                  const struct case_person *viewer);
bool case_document_is_seen(const struct workflow *workflow, const struct value *document,
                           const struct case_person *viewer);
/* {document, name, type, size, sha256, by, at} */
struct value case_document_view(struct text number, const struct value *document,
                                struct arena *arena);
/* The one that the entry of that seq attached; NULL: none that this person may see. */
const struct value_member *case_document_of(const struct case_state *state, uint64_t seq,
                                            const struct case_person *viewer);
/* {code, documents: [...], hidden: how many others there are} */
struct value case_documents_view(const struct case_state *state, const struct case_person *viewer,
                                 struct arena *arena);
/* One entry of the history as this person may read it: {seq, at, kind, event, title, by, comment,
 * states, titles (of the states), data (what was filled in and what changed, visible fields; null:
 * unset), hidden, step, outcome (its kind), log: [text], note, proposal (its number), flag and
 * raised, role and person (left out: of all who hold it), document, faults: [{place, message}]}. */
struct value case_entry_view(const struct workflow *workflow, uint64_t seq,
                             const struct value *entry, const struct case_person *viewer,
                             struct text language, struct arena *arena);

/* The card: {code, workflow, hash, country, states, opened, changed, closed, revision, last,
 * read (the last entry of a read), timer (next due), deadline (first), calls (plugins have work),
 * roles (that may trigger something now or answer a parked step), opener; where single people are
 * told or asked something: told {notices (for case_notice_view), asks (for case_ask_view)},
 * audience {roles, persons} whom told is for; assigned {ROLE: account}, flags [FLAG], links {CASE:
 * kind}, glass [{by, person, until, review [role]}] (review: of those that were not reviewed yet),
 * submitters [account] of open proposals}. No field of the case's data. */
struct value case_card(const struct case_state *state, struct arena *arena);

/* The code of a case: SN-2026-00042-G. `country` empty: ZZ. Check character: ISO 7064 MOD 37,36
 * over letters and digits. */
struct text case_code(struct arena *arena, struct text country, int year, uint64_t serial);
bool case_code_is_valid(struct text code);

#endif
