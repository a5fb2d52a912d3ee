/* The checker: one walk over the tree, which gives every node its type and tells all faults. */
#include "cel/check/check.h"

#include "base/check.h"
#include "cel/run/functions.h"

void cel_check_give_up(struct check *check, struct node *node)
{
    node->type = cel_term_variable(check->compile->arena);
}

static struct term *type_of_literal(struct check *check, const struct value *value)
{
    static const enum cel_type_kind KINDS[] = {
        [VALUE_NULL] = CEL_NULL,         [VALUE_BOOL] = CEL_BOOL,
        [VALUE_INT] = CEL_INT,           [VALUE_DOUBLE] = CEL_DOUBLE,
        [VALUE_STRING] = CEL_STRING,     [VALUE_TIMESTAMP] = CEL_TIMESTAMP,
        [VALUE_DURATION] = CEL_DURATION,
    };
    CHECK(value->kind < VALUE_LIST);
    return cel_term_new(check->compile->arena, KINDS[value->kind], NULL);
}

static void check_name(struct check *check, struct node *node)
{
    if (cel_check_local(check, node) || cel_check_declared(check, node))
        return;
    cel_check_unknown_name(check, node);
    cel_check_give_up(check, node);
}

static void refuse_member(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct text type = cel_term_write(compile->arena, node->items[0]->type);
    struct diag *diag =
        cel_compile_error(compile, node->name_span, E_TYPE, "%.*s has no member \"%.*s\"",
                          TEXT_ARG(type), TEXT_ARG(node->name));

    if (cel_function_is_known(node->name))
        diag_help(compile->diags, diag, "a function is written with brackets: %.*s()",
                  TEXT_ARG(cel_compile_text(compile, node->span)));
}

void cel_check_member(struct check *check, struct node *node)
{
    struct arena *arena = check->compile->arena;
    struct term *operand = cel_term_find(node->items[0]->type);

    if (operand->is_variable) {
        node->type = cel_term_variable(arena);
        cel_term_unify(&check->trail, operand, cel_term_new(arena, CEL_MAP, node->type));
    } else if (operand->kind == CEL_MAP) {
        node->type = operand->element;
    } else if (operand->kind == CEL_UNKNOWN) {
        node->type = operand;
    } else {
        refuse_member(check, node);
        cel_check_give_up(check, node);
    }
}

static void check_select(struct check *check, struct node *node)
{
    if (cel_check_declared(check, node))
        return;
    if (!cel_check_resolves(check, node)) {
        cel_check_unknown_name(check, node);
        cel_check_give_up(check, node);
        return;
    }
    cel_check_node(check, node->items[0]);
    cel_check_member(check, node);
}

void cel_check_condition(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct term *wanted = cel_term_new(compile->arena, CEL_BOOL, NULL);

    if (cel_term_is(node->type, CEL_UNKNOWN)) {
        cel_explain_run_typed(check, node, CEL_BOOL);
    } else if (!cel_term_unify(&check->trail, node->type, wanted)) {
        struct text type = cel_term_write(compile->arena, node->type);
        cel_compile_error(compile, node->span, E_TYPE, "a condition is needed here, this is %.*s",
                          TEXT_ARG(type));
    }
}

static void check_logic(struct check *check, struct node *node)
{
    for (uint32_t i = 0; i < node->item_count; i++) {
        cel_check_node(check, node->items[i]);
        cel_check_condition(check, node->items[i]);
    }
    node->type = cel_term_new(check->compile->arena, CEL_BOOL, NULL);
}

/* Both must be one type; `what` says of what. */
static void check_same(struct check *check, struct term *type, struct node *node, const char *what)
{
    struct compile *compile = check->compile;

    if (cel_term_unify(&check->trail, type, node->type))
        return;
    struct text wanted = cel_term_write(compile->arena, type);
    struct text got = cel_term_write(compile->arena, node->type);
    if (cel_term_is(node->type, CEL_UNKNOWN)) {
        cel_explain_run_typed(check, node, cel_term_find(type)->kind);
        return;
    }
    if (cel_term_is(type, CEL_UNKNOWN)) {
        cel_compile_error(compile, node->span, E_RUN_TYPED,
                          "%s have one type: this is %.*s, what stands before is typed at run time",
                          what, TEXT_ARG(got));
        return;
    }
    struct diag *diag =
        cel_compile_error(compile, node->span, E_TYPE, "%s have one type: this is %.*s, not %.*s",
                          what, TEXT_ARG(got), TEXT_ARG(wanted));
    if (cel_term_is(node->type, CEL_NULL) || cel_term_is(type, CEL_NULL))
        diag_help(compile->diags, diag, "null is not mixed with other values");
}

static void check_conditional(struct check *check, struct node *node)
{
    for (uint32_t i = 0; i < node->item_count; i++)
        cel_check_node(check, node->items[i]);
    cel_check_condition(check, node->items[0]);
    node->type = node->items[1]->type;
    if (node->items[1]->options == node->items[2]->options)
        node->options = node->items[1]->options;
    check_same(check, node->type, node->items[2], "both sides of \":\"");
}

static void check_list(struct check *check, struct node *node)
{
    struct term *element = cel_term_variable(check->compile->arena);

    for (uint32_t i = 0; i < node->item_count; i++) {
        cel_check_node(check, node->items[i]);
        check_same(check, element, node->items[i], "the elements of a list");
    }
    node->type = cel_term_new(check->compile->arena, CEL_LIST, element);
}

static void check_key(struct check *check, struct node *map, uint32_t index)
{
    struct compile *compile = check->compile;
    struct node *key = map->items[index];

    if (!cel_term_unify(&check->trail, key->type, cel_term_new(compile->arena, CEL_STRING, NULL))) {
        struct text type = cel_term_write(compile->arena, key->type);
        cel_compile_error(compile, key->span, E_TYPE, "the keys of a map are strings, this is %.*s",
                          TEXT_ARG(type));
        return;
    }
    for (uint32_t i = 0; key->kind == NODE_LITERAL && i < index; i += 2) {
        if (map->items[i]->kind != NODE_LITERAL || !value_equal(&map->items[i]->value, &key->value))
            continue;
        cel_compile_error(compile, key->span, E_TYPE, "this key stands twice in the map");
        return;
    }
}

void cel_check_map(struct check *check, struct node *node, bool may_mix)
{
    struct arena *arena = check->compile->arena;
    struct term *element =
        may_mix ? cel_term_new(arena, CEL_UNKNOWN, NULL) : cel_term_variable(arena);

    for (uint32_t i = 0; i < node->item_count; i += 2) {
        cel_check_node(check, node->items[i]);
        check_key(check, node, i);
        cel_check_node(check, node->items[i + 1]);
        if (!may_mix)
            check_same(check, element, node->items[i + 1], "the values of a map");
    }
    node->type = cel_term_new(arena, CEL_MAP, element);
}

void cel_check_node(struct check *check, struct node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
        node->type = type_of_literal(check, &node->value);
        break;
    case NODE_NAME:
        check_name(check, node);
        break;
    case NODE_SELECT:
        check_select(check, node);
        break;
    case NODE_CALL:
        if (!cel_check_macro(check, node))
            cel_check_call(check, node);
        break;
    case NODE_AND:
    case NODE_OR:
        check_logic(check, node);
        break;
    case NODE_CONDITIONAL:
        check_conditional(check, node);
        break;
    case NODE_LIST:
        check_list(check, node);
        break;
    case NODE_MAP:
        cel_check_map(check, node, false);
        break;
    case NODE_DECLARED:
    case NODE_LOCAL:
    case NODE_HAS:
    case NODE_LOOP:
        CHECK(node->type != NULL); /* The checker made it: it has been here. */
        break;
    }
}
