/* The evaluator: walks the checked tree over bindings.
 *
 * Every node costs a step, every element walked or compared another, long texts one for 64 bytes.
 * && and ||, and so all() and exists(), absorb errors: what decides the result wins over an error
 * beside it. Only the end of the steps is never absorbed. */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "cel/run/functions.h"

static int evaluate(struct evaluation *evaluation, const struct node *node,
                    struct value *value_out);

int cel_evaluation_fail(struct evaluation *evaluation, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    evaluation->error = text_vprintf(evaluation->arena, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

int cel_evaluation_charge(struct evaluation *evaluation, size_t steps)
{
    if (!evaluation->is_spent && steps <= CEL_COST_MAX - evaluation->cost) {
        evaluation->cost += (uint32_t)steps;
        return 0;
    }
    evaluation->is_spent = true;
    return cel_evaluation_fail(evaluation, "the expression takes more than %d steps", CEL_COST_MAX);
}

/* Whether a value that came from outside is of the type that was declared; CEL_UNKNOWN takes all.
 */
static bool has_type(const struct value *value, const struct cel_type *type)
{
    if (type->kind == CEL_UNKNOWN)
        return true;
    if (value->kind != cel_kind_of(type->kind))
        return false;
    for (size_t i = 0; type->kind == CEL_LIST && i < value_count(value); i++) {
        if (!has_type(value_item(value, i), type->element))
            return false;
    }
    for (size_t i = 0; type->kind == CEL_MAP && i < value_count(value); i++) {
        if (!has_type(&value_member(value, i)->value, type->element))
            return false;
    }
    return true;
}

static int read_declared(struct evaluation *evaluation, const struct node *node,
                         struct value *value_out)
{
    const struct cel_bindings *bindings = evaluation->bindings;
    const struct cel_name *declared = node->declared;

    if (!bindings->read(bindings->self, declared->name, value_out))
        return cel_evaluation_fail(evaluation, N_("%.*s has no value yet"),
                                   TEXT_ARG(declared->name));
    if (!has_type(value_out, declared->type)) {
        struct text type = cel_type_write(evaluation->arena, declared->type);
        return cel_evaluation_fail(evaluation, "%.*s holds %s where %.*s was declared",
                                   TEXT_ARG(declared->name), cel_kind_name(value_out->kind),
                                   TEXT_ARG(type));
    }
    return cel_evaluation_charge(evaluation, value_count(value_out));
}

/* The map before a member's dot; only one typed at run time can be something else. */
static int read_map(struct evaluation *evaluation, const struct node *node, struct value *map_out)
{
    int result = evaluate(evaluation, node->items[0], map_out);

    if (result < 0)
        return result;
    if (map_out->kind != VALUE_MAP)
        return cel_evaluation_fail(evaluation, "%s has no member \"%.*s\"",
                                   cel_kind_name(map_out->kind), TEXT_ARG(node->name));
    return 0;
}

static int select_member(struct evaluation *evaluation, const struct node *node,
                         struct value *value_out)
{
    struct value map;
    int result = read_map(evaluation, node, &map);

    if (result < 0)
        return result;
    const struct value *found = value_get(&map, node->name);
    if (!found)
        return cel_evaluation_fail(evaluation, "there is no member \"%.*s\"", TEXT_ARG(node->name));
    *value_out = *found;
    return 0;
}

static int ask_has(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    const struct node *member = node->items[0];
    const struct cel_bindings *bindings = evaluation->bindings;
    struct value value;

    if (member->kind == NODE_DECLARED) {
        *value_out = value_bool(bindings->read(bindings->self, member->declared->name, &value));
        return 0;
    }
    int result = read_map(evaluation, member, &value);
    if (result == 0)
        *value_out = value_bool(value_get(&value, member->name) != NULL);
    return result;
}

static int call(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    const struct overload *overload = node->overload;
    struct value items[CALL_ITEMS_MAX];

    for (uint32_t i = 0; i < node->item_count; i++) {
        int result = evaluate(evaluation, node->items[i], &items[i]);
        if (result < 0)
            return result;
    }
    if (!overload)
        overload = cel_overload_for(node, items);
    if (!overload)
        return cel_evaluation_fail(evaluation, "%.*s() cannot take %s", TEXT_ARG(node->name),
                                   cel_kind_name(items[0].kind));
    return overload->run(evaluation, node, items, value_out);
}

/* One item of && (or ||, which differs only in what decides). Keeps the first error for the end. */
static int absorb(struct evaluation *evaluation, const struct node *item, bool decider,
                  struct text *error_io, bool *is_decided_out)
{
    struct value value;
    int result = evaluate(evaluation, item, &value);

    *is_decided_out = result == 0 && value.boolean == decider;
    if (result < 0 && evaluation->is_spent)
        return result;
    if (result < 0 && text_is_empty(*error_io))
        *error_io = evaluation->error;
    return 0;
}

/* What && and || come to when all was asked: an error that nothing absorbed, or `result`. */
static int settle(struct evaluation *evaluation, bool is_decided, struct text error, bool result,
                  struct value *value_out)
{
    *value_out = value_bool(result);
    if (is_decided || text_is_empty(error))
        return 0;
    evaluation->error = error;
    return -EINVAL;
}

static int join(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    bool decider = node->kind == NODE_OR, is_decided = false;
    struct text error = TEXT_NONE;

    for (uint32_t i = 0; i < node->item_count && !is_decided; i++) {
        int result = absorb(evaluation, node->items[i], decider, &error, &is_decided);
        if (result < 0)
            return result;
    }
    return settle(evaluation, is_decided, error, is_decided == decider, value_out);
}

static int choose(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    struct value condition;
    int result = evaluate(evaluation, node->items[0], &condition);

    if (result < 0)
        return result;
    return evaluate(evaluation, node->items[condition.boolean ? 1 : 2], value_out);
}

static int make_list(struct evaluation *evaluation, const struct node *node,
                     struct value *value_out)
{
    *value_out = value_list(evaluation->arena);
    for (uint32_t i = 0; i < node->item_count; i++) {
        struct value item;
        int result = evaluate(evaluation, node->items[i], &item);
        if (result < 0)
            return result;
        value_append(value_out, item);
    }
    return 0;
}

static int make_map(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    *value_out = value_map(evaluation->arena);
    for (uint32_t i = 0; i < node->item_count; i += 2) {
        struct value key, item;
        int result = evaluate(evaluation, node->items[i], &key);
        if (result == 0)
            result = cel_evaluation_charge(evaluation, i / 2);
        if (result == 0)
            result = evaluate(evaluation, node->items[i + 1], &item);
        if (result < 0)
            return result;
        if (memchr(key.string.bytes, '\0', key.string.size)) /* nor has JSON one */
            return cel_evaluation_fail(evaluation, "a key of a map holds a NUL character");
        if (value_get(value_out, key.string))
            return cel_evaluation_fail(evaluation, "a key stands twice in the map");
        value_set(value_out, key.string, item);
    }
    return 0;
}

static struct value element_at(const struct value *range, size_t index)
{
    return range->kind == VALUE_MAP ? value_string(value_member(range, index)->key)
                                    : *value_item(range, index);
}

/* all() and exists(): && and || over the elements. */
static int loop_absorbing(struct evaluation *evaluation, const struct node *node,
                          const struct value *range, struct value *value_out)
{
    bool decider = node->loop == LOOP_EXISTS, is_decided = false;
    struct text error = TEXT_NONE;

    for (size_t i = 0; i < value_count(range) && !is_decided; i++) {
        evaluation->locals[node->slot] = element_at(range, i);
        int result = absorb(evaluation, node->items[1], decider, &error, &is_decided);
        if (result < 0)
            return result;
    }
    return settle(evaluation, is_decided, error, is_decided == decider, value_out);
}

/* exists_one(), filter() and map(): every error counts. A map() without a filter takes all. */
static int loop_strict(struct evaluation *evaluation, const struct node *node,
                       const struct value *range, struct value *value_out)
{
    bool has_filter = node->loop != LOOP_MAP || node->item_count == 3;
    const struct node *last = node->items[node->item_count - 1];
    struct value list = value_list(evaluation->arena);

    for (size_t i = 0; i < value_count(range); i++) {
        struct value element = element_at(range, i), taken = value_bool(true), item = element;
        int result = 0;
        evaluation->locals[node->slot] = element;
        if (has_filter)
            result = evaluate(evaluation, node->items[1], &taken);
        if (result == 0 && taken.boolean && node->loop == LOOP_MAP)
            result = evaluate(evaluation, last, &item);
        if (result < 0)
            return result;
        if (taken.boolean)
            value_append(&list, item);
    }
    *value_out = node->loop == LOOP_EXISTS_ONE ? value_bool(value_count(&list) == 1) : list;
    return 0;
}

static int loop(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    struct value range;
    int result = evaluate(evaluation, node->items[0], &range);

    if (result == 0)
        result = cel_evaluation_charge(evaluation, value_count(&range));
    if (result < 0)
        return result;
    if (node->loop == LOOP_ALL || node->loop == LOOP_EXISTS)
        return loop_absorbing(evaluation, node, &range, value_out);
    return loop_strict(evaluation, node, &range, value_out);
}

static int evaluate(struct evaluation *evaluation, const struct node *node, struct value *value_out)
{
    int result = cel_evaluation_charge(evaluation, 1);

    if (result < 0)
        return result;
    switch (node->kind) {
    case NODE_LITERAL:
        *value_out = node->value;
        return 0;
    case NODE_DECLARED:
        return read_declared(evaluation, node, value_out);
    case NODE_LOCAL:
        *value_out = evaluation->locals[node->slot];
        return 0;
    case NODE_SELECT:
        return select_member(evaluation, node, value_out);
    case NODE_CALL:
        return call(evaluation, node, value_out);
    case NODE_AND:
    case NODE_OR:
        return join(evaluation, node, value_out);
    case NODE_CONDITIONAL:
        return choose(evaluation, node, value_out);
    case NODE_LIST:
        return make_list(evaluation, node, value_out);
    case NODE_MAP:
        return make_map(evaluation, node, value_out);
    case NODE_HAS:
        return ask_has(evaluation, node, value_out);
    case NODE_LOOP:
        return loop(evaluation, node, value_out);
    case NODE_NAME:
        break;
    }
    CHECK(!"a name was left unresolved");
    return -EINVAL;
}

CEL_RUN(cel_run_in_state)
{
    const struct cel_bindings *bindings = evaluation->bindings;

    (void)node;
    *value_out = value_bool(bindings->in_state(bindings->self, items[0].string));
    return 0;
}

CEL_RUN(cel_run_acted)
{
    const struct cel_bindings *bindings = evaluation->bindings;

    (void)node;
    *value_out = value_bool(bindings->acted(bindings->self, items[0].string, items[1].string));
    return 0;
}

/* Whether a copy of the value fits. Values share their parts: [a, a] of [a, a] of [a, a] and so on
 * is small until it is copied. */
static bool fits_when_copied(const struct value *value, size_t *bytes)
{
    size_t own = sizeof(*value) + (value->kind == VALUE_STRING ? value->string.size : 0);

    for (size_t i = 0; *bytes <= CEL_RESULT_BYTES_MAX && i < value_count(value); i++) {
        const struct value_member *member =
            value->kind == VALUE_MAP ? value_member(value, i) : NULL;
        *bytes += member ? member->key.size : 0;
        fits_when_copied(member ? &member->value : value_item(value, i), bytes);
    }
    *bytes += own;
    return *bytes <= CEL_RESULT_BYTES_MAX;
}

int cel_evaluate(const struct cel_program *program, const struct cel_bindings *bindings,
                 struct arena *arena, struct value *value_out, struct text *error_out)
{
    struct evaluation evaluation = {.program = program, .bindings = bindings, .arena = arena};
    struct value value;
    size_t bytes = 0;
    int result = evaluate(&evaluation, program->root, &value);

    if (result == 0 && !fits_when_copied(&value, &bytes))
        result = cel_evaluation_fail(&evaluation, "the result is larger than %d MiB",
                                     CEL_RESULT_BYTES_MAX >> 20);
    if (result == 0 && program->wanted && !has_type(&value, program->wanted)) {
        struct text type = cel_type_write(arena, program->wanted);
        result = cel_evaluation_fail(&evaluation, "%.*s is needed here, this is %s", TEXT_ARG(type),
                                     cel_kind_name(value.kind));
    }
    if (result < 0) {
        *error_out = evaluation.error;
        return result;
    }
    *value_out = value_copy(arena, &value);
    return 0;
}
