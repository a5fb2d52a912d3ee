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

static bool is_decimal(struct text text)
{
    double number;

    return text_to_double(text, &number);
}

/* Nothing says of which type a value of an event's data is: a whole number, true and false are what
 * they look like, anything else is a text. A stored definition, which has no places, keeps no
 * quotes; the file that it was made of had none where they matter. */
static struct value untyped_scalar(struct load *load, const struct yaml_node *node)
{
    struct text text = node->text;
    bool is_bool = text_is(text, "true") || text_is(text, "false");
    bool is_stored = node->place.line == 0;
    int64_t integer;
    struct diag *diag;
    /* 007 and 1.10 are texts to somebody. */
    bool is_int = text_to_int(text, &integer) &&
                  text_equal(text, text_printf(load->arena, "%lld", (long long)integer));

    if (is_int && (node->plain || is_stored))
        return value_int(integer);
    if (is_bool && (node->plain || is_stored))
        return value_bool(text_is(text, "true"));
    if (!is_int && !is_bool && !is_decimal(text))
        return value_string(text);
    diag = load_fault(load, E_AMBIGUOUS, node->place, "which of them?",
                      "%.*s may be meant as it looks, or as a text", TEXT_ARG(text));
    diag_help(load->diags, diag, "write \"= %.*s\", or for the text \"= '%.*s'\"", TEXT_ARG(text),
              TEXT_ARG(text));
    return value_string(text);
}

static struct value untyped_literal(struct load *load, const struct yaml_node *node)
{
    struct value list;

    if (node->kind == YAML_SCALAR)
        return untyped_scalar(load, node);
    list = value_list(load->arena);
    for (size_t i = 0; node->kind == YAML_LIST && i < node->count; i++)
        if (node->entries[i].value->kind == YAML_SCALAR)
            value_append(&list, untyped_scalar(load, node->entries[i].value));
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
        load_span(load, delay, 0, &action->delay_ms);
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

    load_names_init(load, &sends, "send", E_SEND, load->sent.count);
    for (size_t i = 0; i < load->sent.count; i++)
        load_names_add(&sends, load->sent.texts[i], load->sent.places[i]);
    for (size_t i = 0; i < load->cancelled.count; i++)
        load_names_need(load, &sends, load->cancelled.texts[i], load->cancelled.places[i]);
}
