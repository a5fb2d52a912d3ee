/* A workflow file on its way to a struct workflow; internal to workflow/.
 *
 * The happy path:
 * 1. shape/shape.c checks the tree by the tables: keys, kinds, ids, texts in every language.
 * 2. Of parts/, declare.c reads the head of the file: name, country, zone, roles; calendar.c the
 *    working days; fields.c the fields.
 * 3. states.c numbers the states, transitions.c the transitions and steps.
 * 4. forms.c, approve.c, steps.c, plugins.c, actions.c, tell.c and expression.c read what hangs on
 *    them.
 * 5. The chart is sealed, and, if nothing is wrong, warn/warn.c walks it for warnings.
 *
 * What has an ill shape was told of in 1; afterwards it counts as absent, so that one fault is told
 * once and all others with it. Everything lives in the arena of the diagnostics. */
#ifndef SANKOFA_WORKFLOW_LOAD_H
#define SANKOFA_WORKFLOW_LOAD_H

#include "base/arena.h"
#include "base/diag.h"
#include "workflow/codes.h"
#include "workflow/shape/tables.h"
#include "workflow/workflow.h"
#include "yaml/yaml.h"

enum {
    WORKFLOW_ROLES_MAX = 100,
    WORKFLOW_FIELDS_MAX = 500,
    WORKFLOW_OPTIONS_MAX = 500, /* of one field */
    WORKFLOW_TRANSITIONS_MAX = 4000,
    WORKFLOW_STEPS_MAX = 1000,
    WORKFLOW_SENDS_MAX = 1000, /* with an id */
    WORKFLOW_LANGUAGES_MAX = 50,
    WORKFLOW_LIST_MAX = 1000 /* names in one list */
};

/* Names that were declared, and where. */
struct load_names {
    const char *code; /* of an unknown one */
    struct text *ids;
    struct place *places;
    size_t count, capacity;
};

/* Names as they were met, one perhaps often. */
struct load_noted {
    struct text *texts;
    struct place *places;
    size_t count, capacity;
};

/* A transition before it is one. */
struct load_transition {
    const struct yaml_node *node;
    struct place place; /* of its id, or of the map itself */
    unsigned variant;   /* ON, ALWAYS, AFTER, DONE, DEFAULT */
    uint16_t source;
    struct text id, event;
    const struct workflow_step *step; /* of whose `done` or `failed` it is */
    bool bears_form;                  /* its own, not a copy */
    const struct cel_scope *scope;    /* of expressions that read its event's data; made once */
};

struct load {
    struct arena *arena;
    struct diag_list *diags;
    const struct workflow_context *context;
    const struct yaml_node *root;
    struct workflow *workflow;
    struct workflow_role *roles; /* what `workflow` will show as const */
    struct workflow_field *fields;
    struct workflow_state *states;
    struct workflow_transition *transitions;
    struct workflow_step *steps;
    struct load_names role_names, field_names, state_names, step_names;
    const struct yaml_node **state_nodes;   /* by number; the root's is the file's own map */
    const struct yaml_entry **step_entries; /* by place in `steps` */
    struct load_transition *drafts;         /* by number */
    size_t draft_count, draft_capacity;
    struct load_noted raised;    /* events that some action raises or sends */
    struct load_noted sent;      /* ids of sends */
    struct load_noted cancelled; /* and what is cancelled */
    bool sends_any;              /* an event whose name is an expression */
    bool *field_is_set;          /* by field: something can give it a value */
    bool *field_is_read;
    struct place *field_read_places; /* where the first expression reads it */
    bool *rests;                     /* by field, of a transition with `approve`: it reads it; NULL:
                                        nobody asks */
    struct cel_name *names;          /* around every scope */
    size_t name_count;
    const struct cel_scope *scope_outer; /* that holds them; NULL: not made yet */
    struct text *acts;                   /* what acted() may ask for */
    size_t act_count;
    /* Of expressions that are no transition's, or do not read what its event brings. */
    const struct cel_scope *scope, *scope_person;
};

/* Adds an error; the label is a literal, or NULL. */
__attribute__((format(printf, 5, 6))) struct diag *load_fault(struct load *load, const char *code,
                                                              struct place place, const char *label,
                                                              const char *format, ...);
__attribute__((format(printf, 5, 6))) struct diag *load_warn(struct load *load, const char *code,
                                                             struct place place, const char *label,
                                                             const char *format, ...);
/* A sentence as the end of another: without its capital and its full stop. */
struct text load_reason(struct load *load, struct text why);
/* Whether more errors were found than are shown: no more work is put into their words. */
bool load_is_told(const struct load *load);
/* Help: the nearest of those names and where it was declared; else all of them, if they are few. */
void load_suggest(struct load *load, struct diag *diag, struct text name,
                  const struct load_names *names);
void load_names_init(struct load *load, struct load_names *names, const char *code,
                     size_t capacity);
void load_names_add(struct load_names *names, struct text id, struct place place);
/* SIZE_MAX for an unknown one. */
size_t load_names_find(const struct load_names *names, struct text id);
/* As names_find, an unknown one being an error at `place`. */
size_t load_names_need(struct load *load, const struct load_names *names, struct text id,
                       struct place place);

/* The value of that key if it is of that kind (and not null), else NULL. */
const struct yaml_node *load_get(const struct yaml_node *map, const char *key, enum yaml_kind kind);
struct text load_get_text(const struct yaml_node *map, const char *key);
/* Places of what is written: of the key where there is a value, else of the map. */
struct place load_key_place(const struct yaml_node *map, const char *key);
/* "= data.risk" */
bool load_is_expression(const struct yaml_node *node);

/* shape.c */
void load_shape(struct load *load);
/* The variant a state is written as. */
unsigned load_state_variant(const struct yaml_node *node);
/* Whether a map under `done` or `failed` is a transition itself; else a map of such. */
bool load_is_single_transition(const struct yaml_node *node);

/* values.c: each tells of what is wrong with the value of an entry. */
extern const char *const load_kind_names[]; /* by yaml_kind: "a map" */
/* False unless it is of that kind. */
bool load_check_kind(struct load *load, const struct yaml_entry *entry, enum yaml_kind kind,
                     const char *example);
bool load_check_filled(struct load *load, const struct yaml_entry *entry);
void load_check_text(struct load *load, const struct yaml_entry *entry);
void load_check_flag(struct load *load, const struct yaml_entry *entry);
void load_check_number(struct load *load, const struct yaml_entry *entry, bool is_count);
/* One of `words`, which NULL ends. */
void load_check_word(struct load *load, const struct yaml_node *node, const char *const *words,
                     struct text key);
/* A list of texts, none of them twice. */
void load_check_list(struct load *load, const struct yaml_entry *entry);
void load_check_word_list(struct load *load, const struct yaml_entry *entry, const struct key *key);
void load_check_value(struct load *load, const struct yaml_entry *entry);
/* Tells that there is none. */
void load_check_null(struct load *load, const struct yaml_entry *entry);

/* words.c */
void load_languages(struct load *load);
void load_words_check(struct load *load, const struct yaml_entry *entry);
struct workflow_words load_words_of(struct load *load, const struct yaml_node *node);
struct workflow_words load_words(struct load *load, const struct yaml_node *map, const char *key);
/* Warns of an unquoted yes, no, on or off where a text is meant. */
void load_text_check(struct load *load, const struct yaml_node *scalar);

/* declare.c */
/* How many entries of the map are read: an error where there are more than `most`. */
size_t load_bounded(struct load *load, const struct yaml_node *map, size_t most, const char *noun);
void load_head(struct load *load);
/* A list of roles. */
struct workflow_roles load_roles(struct load *load, const struct yaml_node *map, const char *key);
/* A duration of the file, not in working days. False where there is none (NULL), or, with an error,
 * it is wrong or below `least_ms`; *ms_out is then 0. */
bool load_span(struct load *load, const struct yaml_node *scalar, int64_t least_ms,
               int64_t *ms_out);

/* calendar.c */
void load_calendar(struct load *load);
/* As load_span; working days too, of which there is at least one. */
bool load_wait(struct load *load, const struct yaml_node *scalar, int64_t least_ms,
               struct workflow_wait *wait_out);

/* fields.c */
void load_fields(struct load *load);
/* A literal by a field's rules; NULL or null gives false without a word. */
bool load_literal(struct load *load, const struct workflow_field *field,
                  const struct yaml_node *node, struct value *stored_out);

/* states.c */
void load_states(struct load *load);
/* What hangs on states: actions, deadlines, data. */
void load_states_finish(struct load *load);
/* Whether it lies below the ancestor. */
bool load_state_is_inside(const struct load *load, uint16_t state, uint16_t ancestor);
/* The nearest state that holds both or is one of them and holds the other. */
uint16_t load_state_common(const struct load *load, uint16_t a, uint16_t b);
/* Whether both can be active at one time. */
bool load_states_are_together(const struct load *load, uint16_t a, uint16_t b);
/* The states that `target` or `initial` names, unknown and clashing ones told of. */
const uint16_t *load_targets(struct load *load, const struct yaml_node *node, uint16_t *count_out);

/* transitions.c */
void load_transitions_collect(struct load *load);
/* Those under `done` and `failed` of a step. */
void load_transitions_of_step(struct load *load, const struct yaml_node *node,
                              const struct workflow_step *step);
void load_transitions(struct load *load);

/* events.c */
/* The name of one event. */
bool load_event_check(struct load *load, struct text event, struct place place);
/* What a transition listens to: a name, perhaps with a wildcard. */
void load_descriptor_check(struct load *load, struct text written, struct place place);
bool load_event_is_wildcard(struct text event);
/* done., error. and case. */
bool load_event_is_of_engine(struct text event);

/* forms.c */
struct workflow_form load_form(struct load *load, const struct yaml_node *map, const char *key);
void load_forms_share(struct load *load);

/* approve.c */
/* Reads `approve`, if it has one; from here on what its expressions read is noted, */
void load_approval(struct load *load, uint16_t transition);
/* and here what its proposals rest on. */
void load_approval_finish(struct load *load, uint16_t transition);

/* tell.c */
const struct workflow_deadline *load_deadline(struct load *load, const struct yaml_node *state);
/* `notify`. */
bool load_notify(struct load *load, const struct yaml_node *node, uint16_t around,
                 struct workflow_action *action);

/* steps.c */
void load_steps_collect(struct load *load, uint16_t state, const struct yaml_node *steps);
void load_steps(struct load *load);
void load_checks(struct load *load, uint16_t transition);

/* plugins.c */
struct plugin_use {
    const struct plugin_step_type *type; /* NULL: not known, or wrong; nothing is checked by it */
    struct text plugin, step;
    int64_t timeout_ms;
};
/* A fault of a file that is loaded; of a stored definition, which runs as well as it can with the
 * plugins as they are now, a warning. */
__attribute__((format(printf, 5, 6))) struct diag *
load_plugin_fault(struct load *load, const char *code, struct place place, const char *label,
                  const char *format, ...);
/* Help: the nearest of the fields, or all. */
void load_suggest_field(struct load *load, struct diag *diag, struct text name,
                        struct plugin_fields fields);
struct plugin_use load_use(struct load *load, const struct yaml_node *map, bool is_check);
struct workflow_inputs load_with(struct load *load, const struct yaml_node *map,
                                 const struct plugin_use *use, uint16_t around);
/* outputs.c */
const struct workflow_into *load_into(struct load *load, const struct yaml_node *map,
                                      const struct plugin_use *use, size_t *count_out);
void load_answers_check(struct load *load, const struct yaml_entry *entry,
                        struct workflow_step *step, const struct plugin_use *use);

/* actions.c; `around` as for load_expression. */
struct workflow_blocks load_actions(struct load *load, const struct yaml_node *map, const char *key,
                                    uint16_t around);
/* `guard` and `if`: always an expression, a bool. NULL where there is none (NULL) or it is wrong.
 */
const struct cel_program *load_condition(struct load *load, uint16_t around,
                                         const struct yaml_node *scalar, const char *key);

/* sends.c: the readers of actions are false where nothing can be made of them, which was told. */
/* A text, or an expression that gives one: the one of both that it is. */
bool load_text_or_expression(struct load *load, const struct yaml_node *node, uint16_t around,
                             struct text *literal_out, const struct cel_program **program_out);
bool load_raise(struct load *load, const struct yaml_node *node, uint16_t around,
                struct workflow_action *action);
bool load_send(struct load *load, const struct yaml_node *node, uint16_t around,
               struct workflow_action *action);
bool load_cancel(struct load *load, const struct yaml_node *node, uint16_t around,
                 struct workflow_action *action);
/* Each `cancel` names a send; once all actions are read. */
void load_cancels_check(struct load *load);
/* `data` of raise, of send and of final states. */
struct workflow_inputs load_data(struct load *load, const struct yaml_node *map, const char *key,
                                 uint16_t around);

/* expression.c */
/* Compiles the text of a scalar; the `=` before it is skipped. `wanted` NULL: any type. `around`:
 * the transition it belongs to, whose event it may read; CHART_NONE: it is of a state or a step. */
const struct cel_program *load_expression(struct load *load, uint16_t around,
                                          const struct yaml_node *scalar,
                                          const struct cel_type *wanted);
/* The CEL type of a plugin's kind. */
const struct cel_type *load_kind_type(enum plugin_kind kind);

/* warn.c */
void load_warn_of_chart(struct load *load);

#endif
