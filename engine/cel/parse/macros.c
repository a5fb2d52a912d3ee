/* Macros: calls with rules of their own. has() asks for a member without reading it; the others
 * bind a name to each element of a list, or each key of a map. */
#include "cel/parse/macros.h"

#include <string.h>

#include "base/check.h"
#include "cel/check/check.h"

const struct macro CEL_MACROS[] = {
    {"all", LOOP_ALL, true},
    {"exists", LOOP_EXISTS, true},
    {"exists_one", LOOP_EXISTS_ONE, true},
    {"filter", LOOP_FILTER, true},
    {"map", LOOP_MAP, false},
};
const size_t CEL_MACRO_COUNT = sizeof(CEL_MACROS) / sizeof(*CEL_MACROS);

static void check_has(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct node *member = node->item_count == 1 ? node->items[0] : NULL;

    node->type = cel_term_new(compile->arena, CEL_BOOL, NULL);
    if (!member || member->kind != NODE_SELECT) {
        struct diag *diag =
            cel_compile_error(compile, node->span, E_MACRO, "has() takes one member of something");
        diag_help(compile->diags, diag, "write it as in has(data.risk)");
        return;
    }
    node->kind = NODE_HAS;
    if (member->items[0]->kind != NODE_MAP) {
        cel_check_node(check, member);
        return;
    }
    /* Only a key is asked for: the values of a map that is written out may be of several types. */
    cel_check_map(check, member->items[0], true);
    cel_check_member(check, member);
}

/* The type of what the loop's variable is bound to; NULL after an error. */
static struct term *type_of_element(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct term *range = cel_term_find(node->items[0]->type), *element;

    if (range->is_variable) {
        element = cel_term_variable(compile->arena);
        cel_term_unify(&check->trail, range, cel_term_new(compile->arena, CEL_LIST, element));
        return element;
    }
    if (range->kind == CEL_LIST)
        return range->element;
    if (range->kind == CEL_MAP)
        return cel_term_new(compile->arena, CEL_STRING, NULL);
    if (range->kind == CEL_UNKNOWN) {
        cel_explain_run_typed(check, node->items[0], CEL_LIST);
        return NULL;
    }
    struct text type = cel_term_write(compile->arena, range);
    cel_compile_error(compile, node->items[0]->span, E_TYPE,
                      "%.*s() walks a list or the keys of a map, this is %.*s",
                      TEXT_ARG(node->name), TEXT_ARG(type));
    return NULL;
}

/* The items are range, variable, body and perhaps transform: the variable is taken out. */
static void check_loop(struct check *check, struct node *node, const struct macro *macro)
{
    struct arena *arena = check->compile->arena;

    cel_check_node(check, node->items[0]);
    struct term *element = type_of_element(check, node);
    if (!element) {
        cel_check_give_up(check, node);
        return;
    }
    CHECK(check->local_count <= CEL_DEPTH_MAX);
    node->slot = check->local_count++;
    check->locals[node->slot] =
        (struct local){node->items[1]->name, element, node->items[0]->options};
    node->item_count--;
    memmove(&node->items[1], &node->items[2], (node->item_count - 1) * sizeof(*node->items));
    for (uint32_t i = 1; i < node->item_count; i++)
        cel_check_node(check, node->items[i]);
    check->local_count--;

    struct node *last = node->items[node->item_count - 1];
    if (macro->is_predicate || node->item_count == 3)
        cel_check_condition(check, node->items[1]);
    node->kind = NODE_LOOP;
    node->loop = macro->loop;
    if (macro->loop == LOOP_FILTER) {
        node->type = cel_term_new(arena, CEL_LIST, element);
        node->options = node->items[0]->options;
    } else if (macro->loop == LOOP_MAP) {
        node->type = cel_term_new(arena, CEL_LIST, last->type);
    } else {
        node->type = cel_term_new(arena, CEL_BOOL, NULL);
    }
}

/* Whether the call is written as the macro is; else an error was added. */
static bool is_well_formed(struct check *check, struct node *node, const struct macro *macro)
{
    static const struct refusal two = {
        "", N_("two-variable macros"),
        N_("write one name for the element or key, and then the expression")};
    struct compile *compile = check->compile;
    bool may_be_four = macro->loop == LOOP_MAP;

    if (node->is_method && node->item_count == 4 && !may_be_four) {
        cel_refuse(compile, node->span, &two);
        return false;
    }
    if (node->is_method && (node->item_count == 3 || (node->item_count == 4 && may_be_four))) {
        struct node *variable = node->items[1];
        if (variable->kind == NODE_NAME && !variable->is_rooted)
            return true;
        struct diag *diag =
            cel_compile_error(compile, variable->span, E_MACRO,
                              "%s() needs a name for the element here", macro->name);
        diag_help(compile->diags, diag, "write a name of your own, such as x");
        return false;
    }
    struct diag *diag = cel_compile_error(compile, node->span, E_MACRO,
                                          "%s() takes a name and an expression", macro->name);
    diag_help(compile->diags, diag, "write it as in list.%s(x, x %s)", macro->name,
              macro->is_predicate ? "> 3" : "* 2");
    return false;
}

bool cel_check_macro(struct check *check, struct node *node)
{
    if (node->is_operator)
        return false;
    if (!node->is_method && text_is(node->name, "has")) {
        check_has(check, node);
        return true;
    }
    for (size_t i = 0; i < CEL_MACRO_COUNT; i++) {
        if (!text_is(node->name, CEL_MACROS[i].name))
            continue;
        if (is_well_formed(check, node, &CEL_MACROS[i]))
            check_loop(check, node, &CEL_MACROS[i]);
        else
            cel_check_give_up(check, node);
        return true;
    }
    return false;
}
