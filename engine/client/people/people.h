/* What the commands of staff share: what things are called, forms that are filled in, cases as they
 * are printed, a screen that is drawn anew. */
#ifndef SANKOFA_CLIENT_PEOPLE_H
#define SANKOFA_CLIENT_PEOPLE_H

#include "client/client.h"

/* ---- people/titles.c ---- */
/* The fields of a workflow, as its definition has them; from now on roles are called as there, too.
 * 0, or the exit status of a refusal. */
int titles_read(struct client *client, struct text workflow, struct value *fields_out);
/* What people call a field, in the language asked for; its name where it has no title. */
struct text titles_field(const struct client *client, const struct value *fields, struct text name);
/* Choices by their titles; lists an item a line. `field`: of the definition, NULL: unknown. */
struct text titles_value(struct client *client, const struct value *field,
                         const struct value *value);

/* "Name (name)": the title of a field and the id it is typed by, of the workflow that is known. */
struct text titles_typed_field(struct client *client, struct text id);
/* Its title alone; the id where there is none. */
struct text titles_known_field(struct client *client, struct text id);
/* "school (École), work (Travail)": the options of that field; empty where it has none. */
struct text titles_options(struct client *client, struct text field);
/* The same as a form has them: [{id, title}]. */
struct value titles_choices(const struct client *client, const struct value *field);
/* The title of a check; empty where there is none. */
struct text titles_check(struct client *client, struct text id);
/* From now on roles are called as in this workflow, which is asked for with the first of them; else
 * as in that of the case that the command names. */
void titles_about(struct client *client, struct text workflow);
/* What people call it; its id where there is no such role, or no workflow is known. */
struct text titles_role(struct client *client, struct text role);
/* The role that is typed by its id, or by its title whatever its capitals and accents; else as it
 * is. */
struct text titles_role_meant(struct client *client, struct text typed);
/* "cw_host (Case worker), ...": all of the workflow; empty where it is not known. */
struct text titles_all_roles(struct client *client);
/* The same of a role, an event or a state. */
struct text titles_name(struct client *client, struct text id);
/* "caseworker, intake or supervisor" of a list of ids. */
struct text titles_roles(struct client *client, const struct value *roles);
/* What people call the states of an answer: "Intake · Safe". */
struct text titles_states(struct client *client, const struct value *answer);

/* ---- people/filters.c ---- */
/* Makes ids of --workflow and --state, which may be titles. 0, or CLIENT_NOT_FOUND, told. */
int filters_settle(struct client *client);

/* ---- people/fill.c ---- */
/* Asks the fields of a form one by one, shows them, and asks whether to send them. `data` holds
 * what was typed before, and in the end what is to be sent; `before` what the case holds (NULL:
 * nothing). CLIENT_DONE, or CLIENT_GIVEN_UP, told. */
int fill_form(struct client *client, const struct value *form, const struct value *before,
              struct value *data);
/* Where nobody was asked, no field was given, and the daemon refused that. */
void say_how_to_fill(struct client *client, int result);

/* ---- people/cases.c, show.c, history.c: what several commands print ---- */
/* False: there are none, and nothing was printed. */
bool print_cases(struct client *client, const struct value *cases);
/* The answer to a write: the code, and where the case is now. */
void print_receipt(struct client *client, const struct value *answer);
/* What can be done now, with the fields it takes; then what cannot, and why. */
void print_available(struct client *client, const struct value *available);
void print_form(struct client *client, const struct value *form);

/* How a step is, in words. */
struct text step_words(struct text status);
/* What an entry of a history is about: the title of its event, else its kind in words, and what is
 * proposed. */
struct text entry_words(struct client *client, const struct value *entry);
/* The same with what it is about, in brackets: a step, a flag, a document, whose it is now. */
struct text entry_whole(struct client *client, const struct value *entry);
/* What was said of it: the comment, why a step failed. Empty: nothing. */
struct text entry_said(struct client *client, const struct value *entry);
/* All of a case's history: {entries, workflow?, cursor?: there is more}. */
int history_read(struct client *client, struct value *whole_out);

/* A field and what it holds; `fields`: of the workflow's definition. */
void show_field(struct client *client, const struct value *fields, struct text name,
                const struct value *value);

/* ---- people/care.c ---- */
/* What a case is to another: "its mother". */
struct text link_words(struct text kind);
/* Whose a case is, its flags and links, and broken glass, as far as one may see it. */
void care_show(struct client *client, const struct value *body);

/* The cases that have a name like this one's, where the answer to a write has them. */
void say_similar(struct client *client, const struct value *answer);

/* ---- people/documents.c ---- */
/* "1.5 MiB" */
struct text document_size(struct client *client, int64_t bytes);

/* ---- people/approvals.c ---- */
/* How a proposal has ended, in words; what is no such status as it is. */
struct text proposal_end(struct text status);
/* The proposals of a case: what waits, what has ended, and why. */
void print_proposals(struct client *client, const struct value *fields, struct text code,
                     const struct value *proposals);
/* What came of a submission (`is_own`), an approval or a rejection: in words. */
void say_proposal(struct client *client, struct text code, const struct value *proposal,
                  bool is_own);
/* Of an inbox: what this person may approve, and what they are told. */
void print_asked(struct client *client, const struct value *cases);
void print_notices(struct client *client, const struct value *notices);

/* ---- people/screen.c ---- */
/* A screen that is drawn anew as things change; signals that end it, or change its size, come
 * through a file. False, told: the terminal cannot do that. */
struct screen {
    struct client *client;
    int signals;
    bool is_over;    /* somebody pressed Ctrl-C, or the terminal is gone */
    bool is_resized; /* since the last frame */
};
bool screen_open(struct client *client, struct screen *screen_out);
/* Draws what `draw` prints on stdout: as many lines as there is room for. */
void screen_draw(struct screen *screen, void (*draw)(void *self), void *self);
/* Takes away what was said below the frame. */
void screen_clear_words(void);
/* Takes the signals that came. */
void screen_read(struct screen *screen);
/* The terminal is as it was before. */
void screen_close(struct screen *screen);

#endif
