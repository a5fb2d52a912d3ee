/* Events that a workflow makes itself: `raise`, `send`, `cancel`, and the data that events bear. */
#include <string.h>

#include "workflow/load.h"

/* ---- Names that are noted, to be held against each other once all are read. ---- */

static void note(struct load *load, struct load_noted *noted, struct text text, struct place place)
{
    if (noted->count == noted->capacity) {
        size_t capacity = noted->capacity > 0 ? 2 * noted->capacity : 16;
        struct text *texts = ARENA_ARRAY(load->arena, struct text, capacity);
        struct place *places = ARENA_ARRAY(load->arena, struct place, capacity);

        if (noted->count > 0) {
            memcpy(texts, noted->texts, noted->count * sizeof(*texts));
            memcpy(places, noted->places, noted->count * sizeof(*places));
        }
        noted->texts = texts;
        noted->places = places;
        noted->capacity = capacity;
    }
    noted->texts[noted->count] = text;
    noted->places[noted->count++] = place;
}

bool load_text_or_expression(struct load *load, const struct yaml_node *node, uint16_t around,
                             struct text *literal_out, const struct cel_program **program_out)
{
    if (node == NULL || node->kind != YAML_SCALAR || node->text.size == 0)
        return false;
    if (!load_is_expression(node)) {
        *literal_out = node->text;
        return true;
    }
    *program_out = load_expression(load, around, node, cel_type_of(CEL_STRING));
    return *program_out != NULL;
}

/* ---- Data. ---- */

/* Nothing says of which type a value of an event's data is. A whole number, true and false are what
 * they look like, unless they stand in quotes; 1.10 and "12" may be meant either way and are
 * refused; anything else is a text. */
enum look { LOOKS_TEXT, LOOKS_WHOLE, LOOKS_BOOL, LOOKS_BOTH };

static enum look look_of(struct load *load, const struct yaml_node *scalar)
{
    struct text text = scalar->text;
    /* A stored definition, which has no places, keeps no quotes: there were none that mattered. */
    bool is_quoted = !scalar->plain && scalar->place.line > 0;
    int64_t whole;
    double number;

    if (text_is(text, "true") || text_is(text, "false"))
        return is_quoted ? LOOKS_BOTH : LOOKS_BOOL;
    if (!text_to_double(text, &number) && !text_to_int(text, &whole))
        return LOOKS_TEXT;
    /* 007 is a text to somebody. */
    if (!is_quoted && text_to_int(text, &whole) &&
        text_equal(text, text_printf(load->arena, "%lld", (long long)whole)))
        return LOOKS_WHOLE;
    return LOOKS_BOTH;
}

static struct value read_as(enum look look, struct text text)
{
    int64_t whole = 0;

    if (look == LOOKS_BOOL)
        return value_bool(text_is(text, "true"));
    if (look != LOOKS_WHOLE)
        return value_string(text);
    text_to_int(text, &whole);
    return value_int(whole);
}

static void refuse_both(struct load *load, const struct yaml_node *scalar)
{
    struct diag *diag =
        load_fault(load, E_AMBIGUOUS, scalar->place, "which of them?",
                   "%.*s may be meant as it looks, or as a text", TEXT_ARG(scalar->text));

    diag_help(load->diags, diag, "write \"= %.*s\", or for the text \"= '%.*s'\"",
              TEXT_ARG(scalar->text), TEXT_ARG(scalar->text));
}

/* The items of a list have one type: texts as soon as one of them can be nothing else. */
static enum look look_of_all(struct load *load, const struct yaml_node *list)
{
    enum look common = LOOKS_TEXT;

    for (size_t i = 0; i < list->count; i++) {
        enum look look = look_of(load, list->entries[i].value);

        if (look == LOOKS_TEXT)
            return LOOKS_TEXT;
        common = i == 0 || look == common ? look : LOOKS_BOTH;
    }
    return common;
}

static struct value untyped_literal(struct load *load, const struct yaml_node *node)
{
    enum look look = node->kind == YAML_SCALAR ? look_of(load, node) : look_of_all(load, node);
    struct value list;

    if (node->kind == YAML_MAP) /* told */
        return value_null();
    if (look == LOOKS_BOTH)
        refuse_both(load, node->kind == YAML_SCALAR ? node : node->entries[0].value);
    if (node->kind == YAML_SCALAR)
        return read_as(look, node->text);
    list = value_list(load->arena);
    for (size_t i = 0; i < node->count; i++)
        value_append(&list, read_as(look, node->entries[i].value->text));
    return list;
}

struct workflow_inputs load_data(struct load *load, const struct yaml_node *map, const char *key,
                                 uint16_t around)
{
    const struct yaml_node *node = load_get(map, key, YAML_MAP);
    size_t count = node != NULL ? node->count : 0;
    struct workflow_input *items = ARENA_ARRAY(load->arena, struct workflow_input, count);
    struct workflow_inputs data = {.items = items};

    for (size_t i = 0; i < count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        struct workflow_input *input = &items[data.count++];

        input->name = entry->key;
        if (load_is_expression(entry->value))
            input->program = load_expression(load, around, entry->value, NULL);
        else
            input->literal = untyped_literal(load, entry->value);
    }
    return data;
}

/* ---- raise, send ---- */

bool load_raise(struct load *load, const struct yaml_node *node, uint16_t around,
                struct workflow_action *action)
{
    const struct yaml_node *event =
        node->kind == YAML_SCALAR ? node : load_get(node, "event", YAML_SCALAR);

    if (event == NULL || event->text.size == 0 ||
        !load_event_check(load, event->text, event->place))
        return false;
    action->kind = WORKFLOW_RAISE;
    action->text = event->text;
    action->data = load_data(load, node, "data", around);
    note(load, &load->raised, event->text, event->place);
    return true;
}

static void read_id(struct load *load, const struct yaml_node *map, struct workflow_action *action)
{
    const struct yaml_node *id = load_get(map, "id", YAML_SCALAR);
    struct diag *diag;

    if (id == NULL || id->text.size == 0)
        return;
    action->id = id->text;
    if (load->sent.count == WORKFLOW_SENDS_MAX)
        load_fault(load, E_TOO_MANY, id->place, "too many", "%d sends with an id are the most",
                   (int)WORKFLOW_SENDS_MAX);
    if (load->sent.count <= WORKFLOW_SENDS_MAX)
        note(load, &load->sent, id->text, id->place);
    if (text_is_id(id->text))
        return;
    diag =
        load_fault(load, E_ID, id->place, "not an id", "\"%.*s\" is not an id", TEXT_ARG(id->text));
    diag_help(load->diags, diag,
              "an id begins with a letter a-z and goes on with a-z, 0-9 and _, at most 64");
}

bool load_send(struct load *load, const struct yaml_node *node, uint16_t around,
               struct workflow_action *action)
{
    const struct yaml_node *event = load_get(node, "event", YAML_SCALAR);
    const struct yaml_node *delay = load_get(node, "delay", YAML_SCALAR);

    action->kind = WORKFLOW_SEND;
    action->data = load_data(load, node, "data", around);
    read_id(load, node, action);
    if (delay != NULL && load_is_expression(delay))
        action->delay = load_expression(load, around, delay, cel_type_of(CEL_DURATION));
    else
        load_wait(load, delay, 0, &action->wait);
    if (!load_text_or_expression(load, event, around, &action->text, &action->program))
        return false;
    if (action->program != NULL)
        load->sends_any = true;
    else if (load_event_check(load, action->text, event->place))
        note(load, &load->raised, action->text, event->place);
    return true;
}

/* ---- cancel ---- */

bool load_cancel(struct load *load, const struct yaml_node *node, uint16_t around,
                 struct workflow_action *action)
{
    action->kind = WORKFLOW_CANCEL;
    if (!load_text_or_expression(load, node, around, &action->text, &action->program))
        return false;
    if (action->program == NULL)
        note(load, &load->cancelled, action->text, node->place);
    return true;
}

void load_cancels_check(struct load *load)
{
    struct load_names sends;

    load_names_init(load, &sends, E_SEND, load->sent.count);
    for (size_t i = 0; i < load->sent.count; i++)
        load_names_add(&sends, load->sent.texts[i], load->sent.places[i]);
    for (size_t i = 0; i < load->cancelled.count; i++)
        load_names_need(load, &sends, load->cancelled.texts[i], load->cancelled.places[i]);
}
