/* The words of `workflow explain`, in the languages of the client; what its files share. */
#ifndef SANKOFA_WORKBENCH_EXPLAIN_WORDS_H
#define SANKOFA_WORKBENCH_EXPLAIN_WORDS_H

#include "workbench/tree.h"

enum words_language { WORDS_EN, WORDS_FR, WORDS_PT, WORDS_LANGUAGE_COUNT };

/* {1} and {2} stand for what is put in. */
enum phrase {
    PHRASE_VERSION, /* {1} */
    PHRASE_COUNTRY, /* {1} */
    PHRASE_BASE,
    PHRASE_OPEN_BY, /* {1}: roles */
    PHRASE_OPEN_ANY,
    PHRASE_STARTS,   /* {1}: states */
    PHRASE_FORM,     /* {1}: fields */
    PHRASE_OPTIONAL, /* {1}: a field */
    PHRASE_AND,      /* between the last two of a list */
    PHRASE_OR,
    PHRASE_FINAL,
    PHRASE_FINAL_PART,
    PHRASE_PARALLEL,      /* {1}: states */
    PHRASE_COMPOUND,      /* {1}: the first state */
    PHRASE_HISTORY,       /* {1}: the state around it */
    PHRASE_HISTORY_DEEP,  /* {1} */
    PHRASE_HISTORY_NEVER, /* {1}: states */
    PHRASE_DEADLINE,      /* {1}: span */
    PHRASE_REMIND,        /* {1}: spans */
    PHRASE_ESCALATE,      /* {1}: role */
    PHRASE_ENTRY,         /* {1}: actions */
    PHRASE_EXIT,          /* {1} */
    PHRASE_STEP,          /* {1}: step, {2}: plugin/type */
    PHRASE_ANSWER,        /* {1}: roles */
    PHRASE_RETRY,         /* {1}: attempts, {2}: wait */
    PHRASE_STEP_DONE,     /* {1}: step */
    PHRASE_STEP_FAILED,   /* {1}: step */
    PHRASE_PERSON,        /* {1}: title, {2}: roles */
    PHRASE_EVENT,         /* {1}: event */
    PHRASE_ALWAYS,
    PHRASE_AFTER, /* {1}: span */
    PHRASE_DONE,
    PHRASE_CHECK,       /* {1}: plugin/type */
    PHRASE_ONLY,        /* {1}: explain, {2}: guard */
    PHRASE_GUARD,       /* {1}: guard */
    PHRASE_APPROVE,     /* {1}: number, {2}: roles */
    PHRASE_APPROVE_ONE, /* {2}: roles */
    PHRASE_EXCLUDE,     /* {1}: who may not */
    PHRASE_SUBMITTER,
    PHRASE_YES,
    PHRASE_NO,
    PHRASE_WHOM_FIELD_NAMES, /* {1}: a field */
    PHRASE_TARGET,           /* {1}: states */
    PHRASE_STAYS,
    PHRASE_DO,         /* {1}: actions */
    PHRASE_SET,        /* {1}: field, {2}: value */
    PHRASE_UNSET,      /* {1}: field */
    PHRASE_RAISE,      /* {1}: event */
    PHRASE_SEND,       /* {1}: event */
    PHRASE_SEND_LATER, /* {1}: event, {2}: span */
    PHRASE_CANCEL,     /* {1}: id */
    PHRASE_LOG,        /* {1}: text */
    PHRASE_NOTIFY,     /* {1}: roles, {2}: text */
    PHRASE_IF,         /* {1}: expression, {2}: actions */
    PHRASE_ELSE,       /* {1}: actions */
    PHRASE_COUNT
};

/* False: it is none of ours. */
bool words_language(struct text code, enum words_language *language_out);
struct text words_code(enum words_language language);
struct text words_say(enum words_language language, enum phrase phrase, struct text first,
                      struct text second, struct arena *arena);
/* "3 days" of 3d; what is no span stays as it is. */
struct text words_span(enum words_language language, struct text span, struct arena *arena);
/* "a, b and c" */
struct text words_list(enum words_language language, enum phrase last, const struct text *items,
                       size_t count, struct arena *arena);

/* ---- What the files of an explanation share. ---- */

struct explainer {
    struct arena *arena;
    struct tree tree;
    enum words_language words;
    struct text_buffer output;
};

/* explain_names.c */
/* A phrase in the language of the explanation. */
struct text explain_say(const struct explainer *explainer, enum phrase phrase, struct text first,
                        struct text second);
/* A line of the output; none where it would be empty. `mark` stands before it: "- ". */
void explain_line(struct explainer *explainer, size_t column, const char *mark, struct text line);
/* A line of one phrase; none where `first` is empty. */
void explain_phrase(struct explainer *explainer, size_t column, enum phrase phrase,
                    struct text first);
void explain_sentence(struct text_buffer *line, struct text sentence);
const struct yaml_entry *explain_find(const struct yaml_node *states, struct text id);
/* "Title (id)", or the id. */
struct text explain_state(const struct explainer *explainer, struct text id);
/* A name, or a list of such. */
struct text explain_states(const struct explainer *explainer, const struct yaml_node *node);
/* The title, or the id. */
struct text explain_field(const struct explainer *explainer, struct text id);
struct text explain_roles(const struct explainer *explainer, const struct yaml_node *list);

/* A literal as it is, an expression in brackets as guards are. */
struct text explain_value(const struct explainer *explainer, const struct yaml_node *node);
/* The span under a key, in words; of an expression the expression. */
struct text explain_span(const struct explainer *explainer, const struct yaml_node *map,
                         const char *key);

/* explain_actions.c: a list of actions as one sentence; empty where there is none. */
struct text explain_actions(const struct explainer *explainer, const struct yaml_node *list);

/* explain_ways.c */
struct text explain_form(const struct explainer *explainer, const struct yaml_node *form);
void explain_step(struct explainer *explainer, size_t column, const struct yaml_entry *step);
void explain_transitions(struct explainer *explainer, size_t column, const struct yaml_node *state);

#endif
