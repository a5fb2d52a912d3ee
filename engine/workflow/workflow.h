/* A workflow: an administrator's YAML file, checked and ready to run.
 *
 * The happy path:
 * 1. workflow_load parses the file (yaml), merges an overlay into its parents (overlay.h), renders
 * it into the JSON whose hash is its identity, and checks everything: every fault at once, each
 * with its place.
 * 2. The store keeps the rendered JSON; workflow_open makes the same struct of it again.
 *
 * The struct is immutable and lives in one arena. States and transitions are numbered as the chart
 * numbers them; `states[i]` and `transitions[i]` hold what the chart does not know. Pure. */
#ifndef SANKOFA_WORKFLOW_WORKFLOW_H
#define SANKOFA_WORKFLOW_WORKFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"
#include "base/when.h"
#include "cel/cel.h"
#include "chart/chart.h"
#include "vault/vault.h"
#include "wire/describe.h"
#include "workflow/field.h"

struct arena;

/* A value of the file: a literal (read by the type of what it is for), or `= expression`. A literal
 * is in stored form: JSON's kinds, dates as text; VALUE_NULL (`set` alone): unset the field. */
struct workflow_input {
    struct text name;
    const struct cel_program *program; /* NULL: the literal */
    struct value literal;
    enum plugin_kind kind; /* of the plugin's input it is for; 0: of none, or it is not known */
};
struct workflow_inputs {
    const struct workflow_input *items;
    size_t count;
};

struct workflow_form_field {
    const struct workflow_field *field;
    bool required;
};
struct workflow_form {
    const struct workflow_form_field *items;
    size_t count;
};

/* `by`: roles that may. */
struct workflow_roles {
    const struct text *ids;
    size_t count;
};

struct workflow_role {
    struct text id;
    struct workflow_words title;
    bool sees_sensitive;
    struct workflow_roles supervises; /* whose cases it assigns, and takes over when they leave */
};

/* A wait as it is written: a span of time, or working days of the workflow's calendar. */
struct workflow_wait {
    int64_t ms;
    int32_t workdays; /* not 0: `ms` is 0 */
};

/* `approve`: the submission becomes a proposal, and is carried out once others have agreed. */
struct workflow_approval {
    struct workflow_roles by;
    int32_t need; /* distinct people */
    bool excludes_submitter;
    /* Fields of persons whom it excludes, too. */
    const struct workflow_field *const *excluded;
    size_t excluded_count;
    /* What a proposal rests on, in document order: the fields of its form, those that guard, checks
     * and `do` read, and those that `exclude` names. */
    const struct workflow_field *const *fields;
    size_t field_count;
};

/* `deadline`: tells people, and never moves the case. */
struct workflow_deadline {
    struct workflow_wait within;
    const struct workflow_wait *reminders; /* before it is due */
    size_t reminder_count;
    struct text escalate; /* a role; may be empty */
};

/* `into: {field: output}` */
struct workflow_into {
    const struct workflow_field *field;
    struct text output;
};

struct workflow_check {
    struct text id, plugin, step; /* use: plugin/step */
    struct workflow_words title;
    struct workflow_inputs with;
    const struct workflow_into *into;
    size_t into_count;
    int64_t timeout_ms; /* 0: the step type's */
};

/* A list of actions is blocks: an error ends the block it happens in. A list within the list is a
 * block of its own; what stands around it is cut into blocks that bear `is_outer`: an error in one
 * of these also ends all that follow. */
struct workflow_block;
struct workflow_blocks {
    const struct workflow_block *items;
    size_t count;
};

enum workflow_action_kind {
    WORKFLOW_SET,
    WORKFLOW_RAISE,
    WORKFLOW_SEND,
    WORKFLOW_CANCEL,
    WORKFLOW_LOG,
    WORKFLOW_NOTIFY,
    WORKFLOW_IF
};

struct workflow_action {
    enum workflow_action_kind kind;
    struct place place;          /* for the faults of the workflow */
    struct workflow_inputs sets; /* WORKFLOW_SET: field names and values */
    /* What is raised, sent, cancelled or logged: the event, the id of the send, the text. */
    struct text text;                       /* a literal */
    const struct cel_program *program;      /* else; of WORKFLOW_IF the condition */
    struct workflow_inputs data;            /* of raise and send */
    struct text id;                         /* WORKFLOW_SEND; may be empty */
    struct workflow_wait wait;              /* WORKFLOW_SEND with a literal */
    const struct cel_program *delay;        /* WORKFLOW_SEND with an expression, a duration */
    bool is_private;                        /* WORKFLOW_LOG: it may tell of a sensitive field */
    struct workflow_roles to;               /* WORKFLOW_NOTIFY */
    struct workflow_words words;            /* of it */
    struct workflow_blocks then, otherwise; /* WORKFLOW_IF */
};

struct workflow_block {
    const struct workflow_action *actions;
    size_t count;
    bool is_outer;
};

/* A failure that another try may mend is tried again: the n-th wait is wait_ms * factor^(n-1), at
 * most wait_max_ms. */
struct workflow_retry {
    int64_t attempts; /* the first included; 0: a failure is final */
    int64_t wait_ms, wait_max_ms;
    double factor;
};

struct workflow_step {
    struct text id, plugin, step;
    struct workflow_words title;
    uint16_t state;
    struct workflow_inputs with;
    const struct workflow_into *into;
    size_t into_count;
    int64_t timeout_ms; /* 0: the step type's */
    struct workflow_retry retry;
    bool has_answer;
    struct workflow_roles answer_by;
    struct workflow_form answer_form;
    struct plugin_fields outputs; /* of the step type; empty where the plugin was not known */
};

struct workflow_state {
    struct workflow_words title; /* without one: the id */
    struct workflow_blocks entry, exit;
    const struct workflow_step *const *steps; /* document order */
    size_t step_count;
    const struct workflow_deadline *deadline; /* NULL: none */
    struct workflow_inputs data;              /* final states: of the done event */
    struct place place;                       /* of its id */
};

struct workflow_transition {
    struct workflow_words title; /* without one: that of another one on the same event */
    struct workflow_roles by;    /* count 0: no person can */
    struct workflow_form form;   /* where another transition of the same event bears it: a copy */
    const struct workflow_check *checks;
    size_t check_count;
    const struct cel_program *guard; /* NULL: none */
    struct workflow_words explain;
    const struct workflow_approval *approve; /* NULL: none is needed */
    struct workflow_blocks act;              /* `do` */
    struct workflow_wait wait;               /* CHART_AFTER with a literal */
    const struct cel_program *delay;         /* CHART_AFTER with an expression, a duration */
    struct place place;
};

struct workflow {
    struct text id, version, country; /* country: "SN", or empty */
    bool is_abstract;                 /* a base: no case is opened on it */
    struct text time_zone;            /* as written; empty: UTC */
    const struct zone *zone;
    const struct calendar *calendar; /* NULL: it counts no working days */
    struct workflow_words title;
    const struct text *languages; /* the first is the one to fall back to */
    size_t language_count;
    struct text rendered; /* JSON */
    uint8_t hash[VAULT_HASH_BYTES];
    const struct workflow_role *roles;
    size_t role_count;
    const struct workflow_field *fields;
    size_t field_count;
    bool has_open_by; /* false: any role may open a case */
    struct workflow_roles open_by;
    struct workflow_form open_form;
    struct chart chart;
    const struct workflow_state *states;           /* by chart's number */
    const struct workflow_transition *transitions; /* by chart's number */
    const struct workflow_step *steps;
    size_t step_count;
};

/* What an overlay extends. */
struct workflow_parent {
    struct text file, source; /* YAML, and its name as shown in places */
    bool is_rendered;         /* `source` is the JSON of a stored definition */
    struct text suggest;      /* where there is none: the nearest name; may be empty */
};

/* Finds parents by id, for the file `child`: beside it, or among those that are loaded. False and
 * *why_out, words that go on "cannot be extended: ". The parent lives in `arena`. */
struct workflow_parents {
    void *self;
    bool (*find)(void *self, struct text id, struct text child, struct arena *arena,
                 struct workflow_parent *parent_out, struct text *why_out);
};

/* Who there is to act, for approvals that too few could give. `count`: the distinct people who hold
 * one of the roles in that country (empty: in none); SIZE_MAX: that cannot be told. */
struct workflow_people {
    void *self;
    size_t (*count)(void *self, const struct text *roles, size_t role_count, struct text country);
};

struct workflow_context {
    const struct plugin_source
        *plugins; /* NULL: nothing is known of plugins, use and with are not checked against them */
    const struct zone_source *zones;
    const struct workflow_parents *parents; /* NULL: no overlay can be loaded */
    const struct workflow_people *people;   /* NULL: nothing is known of people */
    bool lenient_plugins; /* a plugin that is missing is no error (stored definitions) */
    /* Step types, as plugin/step, that stand-ins play: where their plugin is not there, nothing of
     * them is checked against it. */
    const struct text *stand_ins;
    size_t stand_in_count;
};

/* Loads one file. Everything lives in diags->arena. NULL with errors added; warnings are added
 * either way. */
const struct workflow *workflow_load(struct text source, struct text file,
                                     const struct workflow_context *context,
                                     struct diag_list *diags);
/* The tree of a file as it runs, an overlay merged into its parents; every node has its place in
 * the file that set it. NULL with errors added. Nothing else is checked. */
struct yaml_node;
const struct yaml_node *workflow_render(struct text source, struct text file,
                                        const struct workflow_context *context,
                                        struct diag_list *diags);
/* Makes a workflow of its rendered JSON. */
const struct workflow *workflow_open(struct text rendered, const struct workflow_context *context,
                                     struct diag_list *diags);

/* What an expression of `with` gave, in JSON's kinds as the plugin's input takes it: dates and
 * timestamps as text. `kind` 0: as it is. False and *why_out, a sentence. */
bool workflow_input_value(enum plugin_kind kind, const struct value *typed, struct arena *arena,
                          struct value *json_out, struct text *why_out);
/* A plugin's output, in JSON's kinds, as expressions see it in event.data: dates and timestamps as
 * timestamps. A name that is not among `outputs` stays as it is. */
struct value workflow_output_value(struct plugin_fields outputs, struct text name,
                                   const struct value *json);

/* Whether it can be the name of one event: ids joined by dots. */
bool workflow_is_event(struct text name);
/* Roles of the daemon itself: in cases they may do nothing, whatever a workflow calls its own. */
bool workflow_role_is_of_daemon(struct text id);
/* Whether `role` supervises `other`. */
bool workflow_role_supervises(const struct workflow *workflow, struct text role, struct text other);
/* NULL or CHART_NONE for what is not there. */
const struct workflow_role *workflow_role(const struct workflow *workflow, struct text id);
const struct workflow_field *workflow_field(const struct workflow *workflow, struct text id);
const struct workflow_step *workflow_step(const struct workflow *workflow, struct text id);
/* Of the languages that are wanted (base/language.h) the best that the workflow has; else its
 * first. TEXT_NONE: it declares none. */
struct text workflow_language(const struct workflow *workflow, struct text wanted);
/* The text in that language, else in the workflow's first. Empty if there is none. */
struct text workflow_say(const struct workflow *workflow, const struct workflow_words *words,
                         struct text wanted);

#endif
