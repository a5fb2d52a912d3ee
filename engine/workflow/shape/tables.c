/* The keys of a workflow file: see tables.h. The order is the one of the language's page. */
#include "workflow/shape/tables.h"

#include "workflow/field.h"

#define FIELD_BIT(type) (1U << (type))
#define KEY(name, shape)                                                                           \
    {                                                                                              \
        (name), (shape), NULL, NULL, ANYWHERE, 0, 0, NULL                                          \
    }
#define KEY_NEEDED(name, shape)                                                                    \
    {                                                                                              \
        (name), (shape), NULL, NULL, ANYWHERE, ANYWHERE, 0, NULL                                   \
    }
#define KEY_OF(name, shape, of)                                                                    \
    {                                                                                              \
        (name), (shape), (of), NULL, ANYWHERE, 0, 0, NULL                                          \
    }
#define TABLE(noun, keys)                                                                          \
    {                                                                                              \
        (noun), (keys), sizeof(keys) / sizeof((keys)[0])                                           \
    }
/* What every part of a file may bear for the sake of overlays. Where an overlay is merged, its
 * `place` has done its work (overlay.h): what is left of it stands where it says nothing. */
#define PART                                                                                       \
    KEY("final", KEY_FLAG),                                                                        \
    {                                                                                              \
        "place", KEY_MAP, NULL, NULL, 0, 0, 0, N_("what is new in an overlay")                     \
    }

const char *const workflow_field_types[] = {
    [FIELD_TEXT] = "text",       [FIELD_INTEGER] = "integer", [FIELD_NUMBER] = "number",
    [FIELD_BOOLEAN] = "boolean", [FIELD_DATE] = "date",       [FIELD_TIME] = "time",
    [FIELD_CHOICE] = "choice",   [FIELD_LIST] = "list",       [FIELD_DOCUMENT] = "document",
    [FIELD_PERSON] = "person",   [FIELD_CASE] = "case",       NULL,
};
static const char *const words_state_type[] = {"parallel", "final", "history", NULL};
static const char *const words_sees[] = {"sensitive", NULL};
static const char *const words_form[] = {"required", "optional", NULL};
const char *const workflow_weekdays[] = {
    "sun",    "mon",     "tue",       "wed",      "thu",    "fri",      "sat", "sunday",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", NULL,
};

static const struct key top[] = {
    KEY_NEEDED("workflow", KEY_TEXT),
    KEY("version", KEY_TEXT),
    KEY("title", KEY_WORDS),
    KEY("languages", KEY_ID_LIST),
    KEY("country", KEY_TEXT),
    KEY("time_zone", KEY_TEXT),
    KEY("extends", KEY_TEXT),
    KEY("abstract", KEY_FLAG),
    KEY_OF("calendar", KEY_MAP, &workflow_table_calendar),
    KEY_OF("open", KEY_MAP, &workflow_table_open),
    KEY_OF("roles", KEY_MAPS, &workflow_table_role),
    KEY_OF("fields", KEY_MAPS, &workflow_table_field),
    KEY("initial", KEY_TARGETS),
    {"states", KEY_MAPS, &workflow_table_state, NULL, ANYWHERE, ANYWHERE, 0, NULL},
    KEY("final", KEY_FLAG),
};
const struct table workflow_table_top = TABLE(N_("a workflow"), top);

static const struct key calendar[] = {
    {"weekend", KEY_WORD_LIST, NULL, workflow_weekdays, ANYWHERE, 0, 0, NULL},
    KEY("holidays", KEY_DAYS),
    KEY("hours", KEY_TEXT),
    PART,
};
const struct table workflow_table_calendar = TABLE("`calendar`", calendar);

static const struct key open[] = {
    KEY("by", KEY_ID_LIST),
    {"form", KEY_WORD_BY_ID, NULL, words_form, ANYWHERE, 0, 0, NULL},
    PART,
};
const struct table workflow_table_open = TABLE("`open`", open);

static const struct key role[] = {
    KEY("title", KEY_WORDS),
    {"sees", KEY_WORD_LIST, NULL, words_sees, ANYWHERE, 0, 0, NULL},
    KEY("supervises", KEY_ID_LIST),
    PART,
};
const struct table workflow_table_role = TABLE(N_("a role"), role);

enum {
    FIELD_NUMERIC = FIELD_BIT(FIELD_INTEGER) | FIELD_BIT(FIELD_NUMBER),
    FIELD_OF_TEXT = FIELD_BIT(FIELD_TEXT) | FIELD_BIT(FIELD_DOCUMENT) | FIELD_BIT(FIELD_PERSON) |
                    FIELD_BIT(FIELD_CASE),
};

/* A list is of two variants at once: its own, and that of its items, whose rules it bears. */
static const struct key field[] = {
    {"type", KEY_WORD, NULL, workflow_field_types, ANYWHERE, ANYWHERE, 0, NULL},
    {"of", KEY_WORD, NULL, workflow_field_types, FIELD_BIT(FIELD_LIST), FIELD_BIT(FIELD_LIST), 0,
     N_("a list")},
    KEY("title", KEY_WORDS),
    KEY("sensitive", KEY_FLAG),
    {"name", KEY_FLAG, NULL, NULL, FIELD_BIT(FIELD_TEXT), 0, 0, "a text"},
    {"options", KEY_WORDS_BY_ID, NULL, NULL, FIELD_BIT(FIELD_CHOICE), FIELD_BIT(FIELD_CHOICE), 0,
     N_("a choice, or a list of choices")},
    {"min", KEY_NUMBER, NULL, NULL, FIELD_NUMERIC, 0, 0, N_("an integer or a number")},
    {"max", KEY_NUMBER, NULL, NULL, FIELD_NUMERIC, 0, 0, N_("an integer or a number")},
    {"max_length", KEY_COUNT, NULL, NULL, FIELD_OF_TEXT, 0, 0,
     N_("a text, a document, a person or a case")},
    {"max_items", KEY_COUNT, NULL, NULL, FIELD_BIT(FIELD_LIST), 0, 0, N_("a list")},
    KEY("initial", KEY_VALUE),
    PART,
};
const struct table workflow_table_field = TABLE(N_("a field"), field);

#define LIVING      N_("a state that is neither final nor a history")
#define NOT_HISTORY N_("a state that is no history")
static const struct key state[] = {
    KEY("title", KEY_WORDS),
    {"type", KEY_WORD, NULL, words_state_type, ANYWHERE, 0, 0, NULL},
    {"initial", KEY_TARGETS, NULL, NULL, STATE_COMPOUND, 0, 0,
     N_("a state with states, not parallel")},
    {"states", KEY_MAPS, &workflow_table_state, NULL, STATE_COMPOUND | STATE_PARALLEL,
     STATE_PARALLEL, 0, LIVING},
    {"entry", KEY_ACTIONS, &workflow_table_action, NULL, STATE_ENTERED, 0, 0, NOT_HISTORY},
    {"exit", KEY_ACTIONS, &workflow_table_action, NULL, STATE_ENTERED, 0, 0, NOT_HISTORY},
    {"on", KEY_MAPS, &workflow_table_transition, NULL, STATE_LIVING, 0, ON, LIVING},
    {"always", KEY_MAPS, &workflow_table_transition, NULL, STATE_LIVING, 0, ALWAYS, LIVING},
    {"after", KEY_MAPS, &workflow_table_transition, NULL, STATE_LIVING, 0, AFTER, LIVING},
    {"done", KEY_MAP_OR_MAPS, &workflow_table_transition, NULL, STATE_COMPOUND | STATE_PARALLEL, 0,
     DONE, N_("a state with states")},
    {"steps", KEY_MAPS, &workflow_table_step, NULL, STATE_LIVING, 0, 0, LIVING},
    {"deadline", KEY_MAP, &workflow_table_deadline, NULL, STATE_LIVING, 0, 0, LIVING},
    {"data", KEY_VALUES, NULL, NULL, STATE_FINAL, 0, 0, N_("a final state")},
    {"deep", KEY_FLAG, NULL, NULL, STATE_HISTORY, 0, 0, N_("a history")},
    {"default", KEY_MAP, &workflow_table_transition, NULL, STATE_HISTORY, STATE_HISTORY, DEFAULT,
     N_("a history")},
    PART,
};
const struct table workflow_table_state = TABLE(N_("a state"), state);

#define NOT_DEFAULT N_("a transition that is not a history's default")
static const struct key transition[] = {
    KEY("title", KEY_WORDS),
    {"event", KEY_TEXT, NULL, NULL, ON, 0, 0, N_("a transition under `on`")},
    {"delay", KEY_TEXT, NULL, NULL, AFTER, AFTER, 0, N_("a transition under `after`")},
    {"by", KEY_ID_LIST, NULL, NULL, ON, 0, 0, N_("a transition under `on`")},
    {"form", KEY_WORD_BY_ID, NULL, words_form, ON, 0, 0, N_("a transition under `on`")},
    {"guard", KEY_EXPRESSION, NULL, NULL, CHOSEN, 0, 0, NOT_DEFAULT},
    {"explain", KEY_WORDS, NULL, NULL, CHOSEN, 0, 0, NOT_DEFAULT},
    {"check", KEY_MAPS, &workflow_table_check, NULL, ON, 0, 0, N_("a transition under `on`")},
    {"approve", KEY_MAP, &workflow_table_approve, NULL, ON, 0, 0, N_("a transition under `on`")},
    KEY_OF("do", KEY_ACTIONS, &workflow_table_action),
    {"target", KEY_TARGETS, NULL, NULL, ANYWHERE, DEFAULT, 0, NULL},
    {"reenter", KEY_FLAG, NULL, NULL, CHOSEN, 0, 0, NOT_DEFAULT},
    PART,
};
const struct table workflow_table_transition = TABLE(N_("a transition"), transition);

static const struct key check[] = {
    KEY("title", KEY_WORDS),
    KEY_NEEDED("use", KEY_TEXT),
    KEY("with", KEY_VALUES),
    KEY("into", KEY_TEXT_BY_ID),
    KEY("timeout", KEY_TEXT),
    /* Whoever meets a check that fails repeats the event. */
    {"retry", KEY_MAP, NULL, NULL, 0, 0, 0, N_("a step")},
    PART,
};
const struct table workflow_table_check = TABLE(N_("a check"), check);

static const struct key approve[] = {
    KEY_NEEDED("by", KEY_ID_LIST),
    KEY("need", KEY_COUNT),
    KEY("exclude", KEY_NAME_LIST),
    PART,
};
const struct table workflow_table_approve = TABLE("`approve`", approve);

static const struct key step[] = {
    KEY("title", KEY_WORDS),
    KEY_NEEDED("use", KEY_TEXT),
    KEY("with", KEY_VALUES),
    KEY("into", KEY_TEXT_BY_ID),
    KEY("timeout", KEY_TEXT),
    KEY_OF("answer", KEY_MAP, &workflow_table_answer),
    KEY_OF("retry", KEY_MAP, &workflow_table_retry),
    {"done", KEY_MAP_OR_MAPS, &workflow_table_transition, NULL, ANYWHERE, 0, DONE, NULL},
    {"failed", KEY_MAP_OR_MAPS, &workflow_table_transition, NULL, ANYWHERE, 0, DONE, NULL},
    PART,
};
const struct table workflow_table_step = TABLE(N_("a step"), step);

static const struct key answer[] = {
    KEY_NEEDED("by", KEY_ID_LIST),
    {"form", KEY_WORD_BY_ID, NULL, words_form, ANYWHERE, 0, 0, NULL},
    PART,
};
const struct table workflow_table_answer = TABLE("`answer`", answer);

static const struct key retry[] = {
    KEY_NEEDED("attempts", KEY_COUNT),
    KEY_NEEDED("wait", KEY_TEXT),
    KEY("factor", KEY_NUMBER),
    KEY("wait_max", KEY_TEXT),
    PART,
};
const struct table workflow_table_retry = TABLE("`retry`", retry);

static const struct key deadline[] = {
    KEY_NEEDED("within", KEY_TEXT),
    KEY("remind", KEY_ID_LIST),
    KEY("escalate", KEY_TEXT),
    PART,
};
const struct table workflow_table_deadline = TABLE("`deadline`", deadline);

static const struct key action[] = {
    KEY("set", KEY_VALUES),
    KEY_OF("raise", KEY_TEXT_OR_MAP, &workflow_table_raise),
    KEY_OF("send", KEY_MAP, &workflow_table_send),
    KEY("cancel", KEY_TEXT),
    KEY("log", KEY_TEXT),
    KEY_OF("notify", KEY_MAP, &workflow_table_notify),
    KEY("if", KEY_EXPRESSION),
    {"then", KEY_ACTIONS, &workflow_table_action, NULL, ACTION_IF, 0, 0, N_("an action with `if`")},
    {"else", KEY_ACTIONS, &workflow_table_action, NULL, ACTION_IF, 0, 0, N_("an action with `if`")},
};
const struct table workflow_table_action = TABLE(N_("an action"), action);

static const struct key raise[] = {KEY_NEEDED("event", KEY_TEXT), KEY("data", KEY_VALUES)};
const struct table workflow_table_raise = TABLE("`raise`", raise);

static const struct key send[] = {
    KEY_NEEDED("event", KEY_TEXT),
    KEY("delay", KEY_TEXT),
    KEY("id", KEY_TEXT),
    KEY("data", KEY_VALUES),
};
const struct table workflow_table_send = TABLE("`send`", send);

static const struct key notify[] = {
    {"to", KEY_TARGETS, NULL, NULL, ANYWHERE, ANYWHERE, 0, NULL},
    KEY_NEEDED("text", KEY_WORDS),
};
const struct table workflow_table_notify = TABLE("`notify`", notify);

const struct key *workflow_table_key(const struct table *table, struct text name)
{
    for (size_t i = 0; i < table->count; i++)
        if (text_is(name, table->keys[i].name))
            return &table->keys[i];
    return NULL;
}
