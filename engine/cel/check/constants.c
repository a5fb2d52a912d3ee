/* Literals that mean something at load: time zones, states, transitions, options of choice fields,
 * and conversions; and calls that need a calendar. */
#include <string.h>

#include "cel/check/check.h"
#include "cel/run/convert.h"
#include "cel/run/functions.h"

static enum literal_rule rule_of(const struct node *node)
{
    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (cel_overload_fits(&CEL_OVERLOADS[i], node))
            return CEL_OVERLOADS[i].rule;
    }
    return RULE_NONE;
}

/* A zone's name is handed to code that may look for a file of that name. */
static bool is_zone_name(struct text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.bytes[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!is_letter && !(byte >= '0' && byte <= '9') && (byte == '\0' || !strchr("/_+-", byte)))
            return false;
    }
    return name.size > 0 && name.size <= 64 && name.bytes[0] != '/';
}

static void check_zone(struct check *check, struct node *node, struct node *literal)
{
    struct compile *compile = check->compile;
    const struct zone_source *zones = compile->scope->zones;
    struct text name = literal->value.string;
    int32_t offset_s;

    if (text_is(name, "UTC"))
        return;
    if (cel_convert_read_offset(name, &offset_s)) {
        node->zone = zone_fixed(compile->arena, offset_s);
        return;
    }
    if (zones && is_zone_name(name))
        node->zone = zones->load(zones->self, name);
    if (node->zone)
        return;
    struct diag *diag = cel_compile_error(compile, literal->span, E_LITERAL,
                                          "there is no time zone \"%.*s\"", TEXT_ARG(name));
    diag_help(compile->diags, diag,
              "write a name such as 'Africa/Dakar', or an offset such as '+01:00'");
}

/* `unknown`: the sentence that tells of it. */
static void check_id(struct check *check, struct node *literal, const char *unknown,
                     const struct text *known, size_t count)
{
    struct compile *compile = check->compile;

    for (size_t i = 0; i < count; i++) {
        if (text_equal(known[i], literal->value.string))
            return;
    }
    struct diag *diag = cel_compile_error(compile, literal->span, E_LITERAL, unknown,
                                          TEXT_ARG(literal->value.string));
    cel_suggest(compile, diag, literal->value.string, known, count);
}

/* Something else stands where the id or zone must be written out. */
static void refuse_unwritten(struct check *check, struct node *node, struct node *item,
                             const char *what)
{
    struct compile *compile = check->compile;
    struct diag *diag =
        cel_compile_error(compile, item->span, E_LITERAL,
                          "%.*s() takes a %s, written out in quotes", TEXT_ARG(node->name), what);

    if (item->kind == NODE_NAME)
        diag_help(compile->diags, diag, "write '%.*s'", TEXT_ARG(item->name));
    cel_check_give_up(check, item);
}

static void check_calendar(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct diag *diag;

    node->calendar = compile->scope->calendar;
    if (node->calendar)
        return;
    diag = cel_compile_error(compile, node->name_span, E_CALENDAR,
                             "%.*s() counts working days, and this workflow has no calendar",
                             TEXT_ARG(node->name));
    diag_help(compile->diags, diag, "write calendar: {weekend: [sat, sun]} at the top of the file");
}

void cel_check_literal_rule(struct check *check, struct node *node)
{
    static const char *const WHAT[] = {
        [RULE_ZONE] = N_("time zone"),
        [RULE_STATE] = N_("state"),
        [RULE_TRANSITION] = N_("transition"),
    };
    const struct cel_scope *scope = check->compile->scope;
    enum literal_rule rule = rule_of(node);

    if (rule == RULE_CALENDAR)
        check_calendar(check, node);
    if (rule == RULE_NONE || rule == RULE_CALENDAR)
        return;
    struct node *last = node->items[node->item_count - 1];
    if ((rule == RULE_STATE && !scope->states) ||
        (rule == RULE_TRANSITION && !scope->transitions)) {
        cel_compile_error(check->compile, node->name_span, E_FUNCTION,
                          "%.*s() cannot be asked here", TEXT_ARG(node->name));
        cel_check_give_up(check, last);
    } else if (last->kind != NODE_LITERAL || last->value.kind != VALUE_STRING) {
        refuse_unwritten(check, node, last, WHAT[rule]);
    } else if (rule == RULE_ZONE) {
        check_zone(check, node, last);
    } else if (rule == RULE_STATE) {
        check_id(check, last, N_("there is no state \"%.*s\""), scope->states, scope->state_count);
        cel_check_note_state(check, last->value.string);
    } else {
        check_id(check, last, N_("there is no transition \"%.*s\""), scope->transitions,
                 scope->transition_count);
    }
}

void cel_check_conversion(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct node *literal = node->items[0];

    if (literal->kind != NODE_LITERAL || !node->overload)
        return;
    struct evaluation evaluation = {.arena = compile->arena, .program = compile->program};
    if (node->overload->run(&evaluation, node, &literal->value, &node->value) < 0) {
        cel_compile_error(compile, literal->span, E_CONVERSION, "%.*s", TEXT_ARG(evaluation.error));
        return;
    }
    node->kind = NODE_LITERAL;
    node->item_count = 0;
    node->items = NULL;
}

static void check_option(struct check *check, struct node *node, const struct cel_name *field)
{
    struct compile *compile = check->compile;

    if (node->kind == NODE_CONDITIONAL) {
        check_option(check, node->items[1], field);
        check_option(check, node->items[2], field);
    }
    if (node->kind != NODE_LITERAL || node->value.kind != VALUE_STRING)
        return;
    for (size_t i = 0; i < field->option_count; i++) {
        if (text_equal(field->options[i], node->value.string))
            return;
    }
    struct diag *diag =
        cel_compile_error(compile, node->span, E_OPTION, "%.*s has no option \"%.*s\"",
                          TEXT_ARG(field->name), TEXT_ARG(node->value.string));
    struct text nearest = text_nearest(node->value.string, field->options, field->option_count);
    if (text_is_empty(nearest) && field->option_count > 0)
        nearest = field->options[0];
    diag_help(compile->diags, diag, "write one of its options, such as '%.*s'", TEXT_ARG(nearest));
}

void cel_check_options(struct check *check, struct node *node)
{
    if (!node->is_operator || node->item_count != 2)
        return;
    struct node *left = node->items[0], *right = node->items[1];
    if (text_is(node->name, "==") || text_is(node->name, "!=")) {
        if (left->options)
            check_option(check, right, left->options);
        if (right->options)
            check_option(check, left, right->options);
    } else if (text_is(node->name, "in")) {
        for (uint32_t i = 0; left->options && right->kind == NODE_LIST && i < right->item_count;
             i++)
            check_option(check, right->items[i], left->options);
        if (right->options)
            check_option(check, left, right->options);
    }
}
