/* A workflow's tests on their way; internal to workbench/.
 *
 * The happy path of a NAME.test.yaml:
 * 1. test_read.c, test_item.c and test_stand.c read it against its workflow: every name is there,
 *    every value is one. values.c reads values.
 * 2. test_run.c opens a case for each test, and goes through its items.
 * 3. test_play.c takes an event through the core, and lets happen what is due then: timers in the
 *    order of their time, the work of plugins at once; test_calls.c asks stand-ins, or the plugins.
 *    test_proposals.c approves and rejects.
 * 4. test_expect.c holds what is wanted beside what is.
 * 5. coverage.c counts what happened, test.c and test_report.c tell of it.
 *
 * Everything that is read lives as long as the report; what happens in a test dies with the test.
 */
#ifndef SANKOFA_WORKBENCH_TEST_H
#define SANKOFA_WORKBENCH_TEST_H

#include "case/case.h"
#include "workbench/workbench.h"
#include "yaml/yaml.h"

/* Faults of a test file, by stable code. */
#define E_TEST_KEY      "E350" /* a key that a test file does not have */
#define E_TEST_KIND     "E351" /* a value of another kind is needed */
#define E_TEST_MISSING  "E352" /* a key is missing */
#define E_TEST_ITEM     "E353" /* an item that does more than one thing, or what has no place in it */
#define E_TEST_NAME     "E354" /* a name that the workflow or the file does not have */
#define E_TEST_VALUE    "E355" /* a value that its field, output or time does not take */
#define E_TEST_WORKFLOW "E356" /* it is the test of another workflow */
#define E_TEST_STAND_IN "E357" /* a stand-in that its step cannot have */

/* ---- What is read. ---- */

enum test_stand_kind { STAND_DONE, STAND_FAILED, STAND_REFUSED, STAND_PARKED };

/* What plays a step type. */
struct test_stand_in {
    struct text use; /* plugin/step; empty within `then` */
    struct place place;
    enum test_stand_kind kind;
    struct value outputs; /* STAND_DONE: a map */
    struct value reasons; /* STAND_REFUSED: [{input, message}] */
    struct text message;  /* STAND_FAILED */
    bool retry;
    int64_t wait_ms;                  /* STAND_PARKED: 0: until it is answered */
    const struct test_stand_in *then; /* STAND_PARKED: NULL: done, without outputs */
};
struct test_stand_ins {
    const struct test_stand_in *items;
    size_t count;
};

enum test_verb {
    TEST_NOTHING, /* expects, or changes stand-ins */
    TEST_OPEN,
    TEST_GIVEN,
    TEST_DO,
    TEST_APPROVE,
    TEST_REJECT,
    TEST_ANSWER,
    TEST_SEND,
    TEST_WAIT,
    TEST_VERB_COUNT
};

struct test_wanted {
    const struct workflow_field *field;
    struct value stored; /* null: unset */
    struct place place;
};

struct test_expect {
    bool has_states, has_proposal;
    const uint16_t *states;
    size_t state_count;
    const struct test_wanted *data;
    size_t data_count;
    struct text refused;  /* empty: not refused */
    struct text proposal; /* the event of an open one; empty: none is open */
    struct place states_place, refused_place, proposal_place;
};

struct test_item {
    enum test_verb verb;
    struct place place;
    struct text name;                 /* event or step */
    const struct case_person *person; /* NULL: of `open` alone, someone invented */
    struct value data;                /* `with`, `data`: JSON's kinds; VALUE_NULL: none */
    struct text reason, comment;
    int64_t wait_ms;
    const uint16_t *states; /* of `given` */
    size_t state_count;
    struct test_stand_ins stand_ins;  /* from here on */
    const struct test_expect *expect; /* NULL: that it is not refused */
};

struct test {
    struct text name;
    struct place place;
    const struct test_item *items;
    size_t item_count;
};

struct test_file {
    const struct workflow *workflow;
    struct case_person someone; /* opens the cases that nobody is said to open */
    const struct case_person *people;
    size_t people_count;
    struct test_stand_ins stand_ins;
    int64_t at_ms;
    const struct test *tests;
    size_t test_count;
};

/* Reads a file that was parsed. False, with errors added to `diags`. */
bool test_read(const struct yaml_node *root, const struct workflow *workflow,
               const struct plugin_source *plugins, struct diag_list *diags,
               struct test_file *file_out);
/* The uses that a file has stand-ins for, as workflow_context.stand_ins; of any shape of file. */
const struct text *test_stand_in_uses(const struct yaml_node *root, struct arena *arena,
                                      size_t *count_out);

/* ---- Reading: what test_read.c, test_item.c and test_stand.c share. ---- */

/* A step or check of the workflow that uses a step type. */
struct test_use {
    struct text name; /* plugin/step */
    bool is_check;
    const struct workflow_into *into;
    size_t into_count;
};

struct test_reader {
    struct arena *arena;
    struct diag_list *diags;
    const struct workflow *workflow;
    const struct plugin_source *plugins; /* NULL: nothing is known of plugins */
    struct test_file *file;
    const struct test_use *uses; /* by test_uses */
    size_t use_count;
};

struct test_key {
    const char *name;
    unsigned kinds; /* bits: 1 << enum yaml_kind */
    bool is_required;
};
enum { OF_TEXT = 1 << YAML_SCALAR, OF_LIST = 1 << YAML_LIST, OF_MAP = 1 << YAML_MAP };

__attribute__((format(printf, 4, 5))) struct diag *test_fault(struct test_reader *reader,
                                                              const char *code, struct place place,
                                                              const char *format, ...);
/* Help: the nearest of the names. */
void test_suggest(struct test_reader *reader, struct diag *diag, struct text name,
                  const struct text *names, size_t count);
/* Whether a map holds what the table says and nothing else; each fault told. `noun`: "a test". */
bool test_check_keys(struct test_reader *reader, const struct yaml_node *node, struct place place,
                     const char *noun, const struct test_key *keys, size_t count);
/* The states of a list, unknown ones told. */
const uint16_t *test_read_states(struct test_reader *reader, const struct yaml_node *list,
                                 size_t *count_out);
/* A span of the file, as 31d; 0 and a fault where it is none. */
int64_t test_read_span(struct test_reader *reader, const struct yaml_node *scalar);
/* A person of the file, or NULL and a fault. */
const struct case_person *test_read_person(struct test_reader *reader,
                                           const struct yaml_node *scalar);
/* {FIELD: stored value or null}; every fault told. */
struct value test_read_data(struct test_reader *reader, const struct yaml_node *map);
bool test_read_item(struct test_reader *reader, const struct yaml_node *node,
                    struct test_item *item_out);
struct test_stand_ins test_read_stand_ins(struct test_reader *reader, const struct yaml_node *map);

/* test_uses.c */
void test_uses(struct test_reader *reader);
/* NULL, and a fault, where the workflow uses no such step type. */
const struct test_use *test_find_use(struct test_reader *reader, const struct yaml_entry *entry);
/* An output of a stand-in: by the plugin where it is known, by the field that the workflow keeps it
 * in, or by its looks. */
struct value test_read_output(struct test_reader *reader, struct text use,
                              const struct yaml_entry *entry);

/* ---- values.c ---- */

/* What stands there in JSON's kinds, by the field's type; where that does not fit, or no field is
 * known, the text itself, for whoever takes it to refuse. */
struct value test_value(const struct workflow_field *field, const struct yaml_node *node,
                        struct arena *arena);
/* By its looks: 4 is a number and "4" a text. */
struct value test_value_plain(const struct yaml_node *node, struct arena *arena);

/* ---- coverage.c ---- */

struct coverage {
    const struct workflow *workflow;
    bool *states, *deadlines;                     /* by state */
    bool *transitions, *guards_held, *guards_not; /* by transition */
    struct case_watch watch;
};
void coverage_init(struct coverage *coverage, const struct workflow *workflow, struct arena *arena);
/* Deadlines that have passed. */
void coverage_look(struct coverage *coverage, const struct value *doc, int64_t now_ms);
/* {states, transitions, guards, deadlines: {count, covered, missing: [{name, file, line}]}}; of a
 * guard both ways count, and `missing` says which: {.., never: "true" or "false"}. */
struct value coverage_value(const struct coverage *coverage, struct arena *arena);
/* For people. */
void coverage_write(const struct value *coverage, struct text_buffer *output);

/* ---- Running. ---- */

struct test_failure {
    struct place place;
    struct text message;
    struct text wanted, got; /* may be empty */
    bool is_names;           /* both are ids, and no words of ours */
};

/* What came of one test; lives as long as the report. */
struct test_result {
    const struct test *test; /* NULL: the file could not be read, `diags` tell */
    struct test_failure *failures;
    size_t failure_count, failure_capacity;
    struct value faults; /* of the workflow, that it met: a list of {place, message} */
};

struct test_run {
    struct arena *arena, *other_arena; /* of the test: what happens lives in the one or the other */
    struct arena *report_arena;        /* of what is told */
    const struct test_file *file;
    const struct workbench_hosts *hosts; /* NULL: stand-ins alone */
    struct coverage *coverage;
    struct test_stand_ins stand_ins;     /* those of items come before those of the file */
    const struct test_stand_in **parked; /* by cookie */
    size_t parked_count, parked_capacity;
    struct case_state state;
    int64_t now_ms;
    uint64_t call_number;
    size_t event_count;           /* of the item */
    const struct test_item *item; /* under way; NULL: the case is opened */
    struct test_result *result;
};

/* test_run.c: one test. Everything in *result_out lives in `arena`. */
void test_run(const struct test_file *file, const struct test *test,
              const struct workbench_hosts *hosts, struct coverage *coverage, struct arena *arena,
              struct test_result *result_out);

/* test_play.c */
__attribute__((format(printf, 3, 4))) struct test_failure *
test_fail(struct test_run *run, struct place place, const char *format, ...);
/* Plans, asks checks, applies. PROBLEM_NONE, or why it is refused. */
struct problem test_play(struct test_run *run, struct case_event *event);
/* Lets happen what is due now. False: it does not come to rest, which was told. */
bool test_settle(struct test_run *run);
/* Moves the clock; what is due on the way happens at its own time. */
void test_wait(struct test_run *run, int64_t span_ms);

/* test_calls.c: the outcome of a call, as case_event.outcome. */
struct value test_call(struct test_run *run, const struct case_call *call);
struct value test_check(struct test_run *run, const struct case_check *check);

/* test_proposals.c */
/* `approve` and `reject`; of the last approval, what came of the carrying out. */
struct problem test_judge(struct test_run *run, const struct test_item *item);
void test_expect_proposal(struct test_run *run, const struct test_expect *expect);

/* test_expect.c */
/* Whether the item is refused as it expects. */
void test_expect_refusal(struct test_run *run, const struct problem *problem);
/* The rest: states, data, proposals. */
void test_expect(struct test_run *run);

#endif
