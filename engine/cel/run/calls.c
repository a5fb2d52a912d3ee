/* Calls: which overload takes the items, and so what type the call has. */
#include "cel/check/check.h"
#include "cel/run/functions.h"

/* The type of a place in a row, where T is `parameter`. */
static struct term *row_type(struct arena *arena, enum cel_type_kind kind, struct term *parameter)
{
    if (kind == CEL_UNKNOWN)
        return parameter;
    bool has_element = kind == CEL_LIST || kind == CEL_MAP;
    return cel_term_new(arena, kind, has_element ? parameter : NULL);
}

/* Unifies the items with the row; gives the result's type. NULL: it does not take them. */
static struct term *match(struct check *check, const struct overload *overload, struct node *node)
{
    struct arena *arena = check->compile->arena;
    struct term *parameter = cel_term_variable(arena);

    for (uint32_t i = 0; i < node->item_count; i++) {
        struct term *wanted = row_type(arena, overload->items[i], parameter);
        if (!cel_term_unify(&check->trail, wanted, node->items[i]->type))
            return NULL;
    }
    return row_type(arena, overload->result, parameter);
}

/* Several rows take items whose types are still open. What they agree on is known. */
static void settle_open(struct check *check, struct node *node, const struct overload *first,
                        bool is_agreed)
{
    if (is_agreed && first->result != CEL_UNKNOWN && first->result < CEL_LIST)
        node->type = cel_term_new(check->compile->arena, first->result, NULL);
    else
        node->type = cel_term_variable(check->compile->arena);
}

static void resolve(struct check *check, struct node *node)
{
    const struct overload *first = NULL;
    size_t mark = cel_trail_mark(&check->trail), count = 0;
    bool is_agreed = true;

    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (!cel_overload_fits(&CEL_OVERLOADS[i], node))
            continue;
        if (match(check, &CEL_OVERLOADS[i], node)) {
            first = first ? first : &CEL_OVERLOADS[i];
            is_agreed = is_agreed && CEL_OVERLOADS[i].result == first->result;
            count++;
        }
        cel_trail_undo(&check->trail, mark);
    }
    if (count == 1) {
        node->overload = first;
        node->type = match(check, first, node);
    } else if (count > 1) {
        settle_open(check, node, first, is_agreed);
    } else {
        cel_explain_mismatch(check, node);
        cel_check_give_up(check, node);
    }
}

/* == and !=: of one type, where what is typed at run time goes with everything. */
static void check_equality(struct check *check, struct node *node, const struct overload *overload)
{
    size_t mark = cel_trail_mark(&check->trail);

    node->overload = overload;
    node->type = cel_term_new(check->compile->arena, CEL_BOOL, NULL);
    if (cel_term_compare(&check->trail, node->items[0]->type, node->items[1]->type))
        return;
    cel_trail_undo(&check->trail, mark);
    cel_explain_mismatch(check, node);
}

/* A scalar type that stands beside the item, as a hint what it should be converted to. */
static enum cel_type_kind wanted_beside(const struct node *node, uint32_t index)
{
    for (uint32_t i = 0; node->is_operator && i < node->item_count; i++) {
        const struct term *type = cel_term_find(node->items[i]->type);
        if (i != index && !type->is_variable && type->kind < CEL_LIST)
            return type->kind;
    }
    return CEL_UNKNOWN;
}

/* Items typed at run time, in a call that is neither comparison nor conversion. True if told. */
static bool refuse_run_typed(struct check *check, struct node *node)
{
    bool is_told = false;

    for (uint32_t i = 0; i < node->item_count; i++) {
        if (!cel_term_is(node->items[i]->type, CEL_UNKNOWN))
            continue;
        cel_explain_run_typed(check, node->items[i], wanted_beside(node, i));
        is_told = true;
    }
    return is_told;
}

/* The first row of that name, shape and number of items. */
static const struct overload *first_row(const struct node *node)
{
    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (cel_overload_fits(&CEL_OVERLOADS[i], node))
            return &CEL_OVERLOADS[i];
    }
    return NULL;
}

static bool is_named(const struct node *node)
{
    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (CEL_OVERLOADS[i].shape == cel_node_shape(node) &&
            text_is(node->name, CEL_OVERLOADS[i].name))
            return true;
    }
    return false;
}

/* cel.bind(...): a name before the dot that the profile refuses, and nothing declares. */
static bool refuse_namespace(struct check *check, struct node *node)
{
    struct node *before = node->is_method ? node->items[0] : NULL;
    const struct refusal *refusal =
        before && before->kind == NODE_NAME ? cel_refused_namespace(before->name) : NULL;

    if (!refusal || cel_check_resolves(check, before))
        return false;
    cel_refuse(check->compile, (struct span){before->span.start, node->name_span.end}, refusal);
    return true;
}

/* Calls that no row has. What stands in a method's brackets is left alone: it may be the body of a
 * macro whose name was misspelt. */
static void refuse_call(struct check *check, struct node *node)
{
    const struct refusal *refusal = cel_refused_function(node->name);

    if (node->is_method)
        cel_check_node(check, node->items[0]);
    if (is_named(node))
        cel_explain_count(check, node);
    else if (refusal)
        cel_refuse(check->compile, node->name_span, refusal);
    else
        cel_explain_unknown_function(check, node);
    for (uint32_t i = 0; !node->is_method && i < node->item_count; i++)
        cel_check_node(check, node->items[i]);
    cel_check_give_up(check, node);
}

void cel_check_call(struct check *check, struct node *node)
{
    const struct overload *row = first_row(node);

    if (refuse_namespace(check, node)) {
        cel_check_give_up(check, node);
        return;
    }
    if (!row) {
        refuse_call(check, node);
        return;
    }
    cel_check_literal_rule(check, node);
    for (uint32_t i = 0; i < node->item_count; i++) {
        if (!node->items[i]->type)
            cel_check_node(check, node->items[i]);
    }
    if (row->run == cel_run_equal || row->run == cel_run_unequal) {
        check_equality(check, node, row);
        cel_check_options(check, node);
        return;
    }
    if (row->is_conversion && cel_term_is(node->items[0]->type, CEL_UNKNOWN)) {
        node->type = cel_term_new(check->compile->arena, row->result, NULL);
        return;
    }
    if (refuse_run_typed(check, node)) {
        cel_check_give_up(check, node);
        return;
    }
    resolve(check, node);
    cel_check_options(check, node);
    if (row->is_conversion)
        cel_check_conversion(check, node);
    else if (text_is(node->name, "[]"))
        node->options = node->items[0]->options;
}
