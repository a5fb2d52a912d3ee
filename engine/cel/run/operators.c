/* Operators, and the functions of texts and lists. */
#include <string.h>

#include "base/check.h"
#include "cel/run/functions.h"

enum { TEXT_BYTES_A_STEP = 64 };

enum comparison { SAME, DIFFERENT, MIXED };

/* Compares deeply; MIXED where two values of different types would decide. Negative: the cost. */
static int compare(struct evaluation *evaluation, const struct value *a, const struct value *b);

static int compare_lists(struct evaluation *evaluation, const struct value *a,
                         const struct value *b)
{
    int result = SAME;

    if (value_count(a) != value_count(b))
        return DIFFERENT;
    for (size_t i = 0; i < value_count(a); i++) {
        int item = compare(evaluation, value_item(a, i), value_item(b, i));
        if (item < 0 || item == DIFFERENT)
            return item;
        if (item == MIXED)
            result = MIXED;
    }
    return result;
}

static int compare_maps(struct evaluation *evaluation, const struct value *a, const struct value *b)
{
    int result = SAME;

    if (value_count(a) != value_count(b))
        return DIFFERENT;
    for (size_t i = 0; i < value_count(a); i++) {
        const struct value_member *member = value_member(a, i);
        const struct value *other = value_get(b, member->key);
        int item = other ? compare(evaluation, &member->value, other) : DIFFERENT;
        if (item < 0 || item == DIFFERENT)
            return item;
        if (item == MIXED)
            result = MIXED;
    }
    return result;
}

static int compare(struct evaluation *evaluation, const struct value *a, const struct value *b)
{
    int result = cel_evaluation_charge(evaluation, 1);

    if (result < 0)
        return result;
    if (a->kind != b->kind)
        return MIXED;
    switch (a->kind) {
    case VALUE_LIST:
        return compare_lists(evaluation, a, b);
    case VALUE_MAP:
        result = cel_evaluation_charge(evaluation, value_count(a));
        return result < 0 ? result : compare_maps(evaluation, a, b);
    case VALUE_STRING:
        result = cel_evaluation_charge(evaluation, a->string.size / TEXT_BYTES_A_STEP);
        if (result < 0)
            return result;
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_DOUBLE:
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        break;
    }
    return value_equal(a, b) ? SAME : DIFFERENT;
}

/* Whether one side is written `null`: then another type only means that it is not null. */
static bool asks_null(const struct node *node)
{
    for (uint32_t i = 0; i < node->item_count; i++) {
        if (node->items[i]->kind == NODE_LITERAL && node->items[i]->value.kind == VALUE_NULL)
            return true;
    }
    return false;
}

CEL_RUN(cel_run_equal)
{
    int result = compare(evaluation, &items[0], &items[1]);

    if (result < 0)
        return result;
    if (result == MIXED && asks_null(node))
        result = DIFFERENT;
    if (result == MIXED && items[0].kind == items[1].kind)
        return cel_evaluation_fail(evaluation,
                                   "two %ss with values of different types cannot be compared",
                                   cel_kind_name(items[0].kind));
    if (result == MIXED)
        return cel_evaluation_fail(evaluation, "%s and %s cannot be compared",
                                   cel_kind_name(items[0].kind), cel_kind_name(items[1].kind));
    *value_out = value_bool(result == SAME);
    return 0;
}

CEL_RUN(cel_run_unequal)
{
    int result = cel_run_equal(evaluation, node, items, value_out);

    if (result == 0)
        value_out->boolean = !value_out->boolean;
    return result;
}

/* -1, 0, 1; 2 where a NaN has no order. */
static int order_of(const struct value *a, const struct value *b)
{
    switch (a->kind) {
    case VALUE_BOOL:
        return (a->boolean > b->boolean) - (a->boolean < b->boolean);
    case VALUE_INT:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case VALUE_DOUBLE:
        if (a->real != a->real || b->real != b->real)
            return 2;
        return (a->real > b->real) - (a->real < b->real);
    case VALUE_STRING: {
        int order = text_compare(a->string, b->string);
        return (order > 0) - (order < 0);
    }
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        if (a->instant.seconds != b->instant.seconds)
            return a->instant.seconds > b->instant.seconds ? 1 : -1;
        return (a->instant.nanos > b->instant.nanos) - (a->instant.nanos < b->instant.nanos);
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
        break;
    }
    CHECK(!"no row orders these");
    return 2;
}

CEL_RUN(cel_run_order)
{
    int order = order_of(&items[0], &items[1]);
    bool is_less = node->name.bytes[0] == '<', may_be_equal = node->name.size == 2;

    (void)evaluation;
    *value_out = value_bool(order == (is_less ? -1 : 1) || (may_be_equal && order == 0));
    return 0;
}

CEL_RUN(cel_run_not)
{
    (void)evaluation;
    (void)node;
    *value_out = value_bool(!items[0].boolean);
    return 0;
}

static int overflow(struct evaluation *evaluation, const struct node *node)
{
    return cel_evaluation_fail(evaluation, "\"%.*s\" goes out of the range of int",
                               TEXT_ARG(node->name));
}

CEL_RUN(cel_run_negate_int)
{
    *value_out = value_int(0);
    if (__builtin_sub_overflow((int64_t)0, items[0].integer, &value_out->integer))
        return overflow(evaluation, node);
    return 0;
}

CEL_RUN(cel_run_negate_double)
{
    (void)evaluation;
    (void)node;
    *value_out = value_double(-items[0].real);
    return 0;
}

CEL_RUN(cel_run_int)
{
    int64_t a = items[0].integer, b = items[1].integer, result = 0;
    char mark = node->name.bytes[0];
    bool overflows = false;

    if ((mark == '/' || mark == '%') && b == 0)
        return cel_evaluation_fail(evaluation, N_("a number is divided by zero"));
    if (mark == '+')
        overflows = __builtin_add_overflow(a, b, &result);
    else if (mark == '-')
        overflows = __builtin_sub_overflow(a, b, &result);
    else if (mark == '*')
        overflows = __builtin_mul_overflow(a, b, &result);
    else if (a == INT64_MIN && b == -1)
        overflows = true;
    else
        result = mark == '/' ? a / b : a % b;
    if (overflows)
        return overflow(evaluation, node);
    *value_out = value_int(result);
    return 0;
}

CEL_RUN(cel_run_double)
{
    double a = items[0].real, b = items[1].real;
    char mark = node->name.bytes[0];

    (void)evaluation;
    *value_out = value_double(mark == '+'   ? a + b
                              : mark == '-' ? a - b
                              : mark == '*' ? a * b
                                            : a / b);
    return 0;
}

CEL_RUN(cel_run_in_list)
{
    (void)node;
    *value_out = value_bool(false);
    for (size_t i = 0; i < value_count(&items[1]); i++) {
        int result = compare(evaluation, &items[0], value_item(&items[1], i));
        if (result < 0)
            return result;
        if (result == SAME) {
            value_out->boolean = true;
            break;
        }
    }
    return 0;
}

CEL_RUN(cel_run_in_map)
{
    int result = cel_evaluation_charge(evaluation, value_count(&items[1]));

    (void)node;
    if (result == 0)
        *value_out = value_bool(value_get(&items[1], items[0].string) != NULL);
    return result;
}

CEL_RUN(cel_run_index_list)
{
    int64_t index = items[1].integer;
    size_t count = value_count(&items[0]);

    (void)node;
    if (index < 0 || (uint64_t)index >= count)
        return cel_evaluation_fail(evaluation, N_("there is no element [%lld]: the list has %zu"),
                                   (long long)index, count);
    *value_out = *value_item(&items[0], (size_t)index);
    return 0;
}

CEL_RUN(cel_run_index_map)
{
    const struct value *found = value_get(&items[0], items[1].string);
    int result = cel_evaluation_charge(evaluation, value_count(&items[0]));

    (void)node;
    if (result < 0)
        return result;
    if (!found)
        return cel_evaluation_fail(evaluation, N_("the map has no such key"));
    *value_out = *found;
    return 0;
}

CEL_RUN(cel_run_join_text)
{
    struct text a = items[0].string, b = items[1].string;
    struct text_buffer buffer;
    int result = cel_evaluation_charge(evaluation, (a.size + b.size) / TEXT_BYTES_A_STEP);

    (void)node;
    if (result < 0)
        return result;
    text_buffer_init(&buffer, evaluation->arena);
    text_append(&buffer, a);
    text_append(&buffer, b);
    *value_out = value_string(text_buffer_text(&buffer));
    return 0;
}

CEL_RUN(cel_run_join_list)
{
    int result = cel_evaluation_charge(evaluation, value_count(&items[0]) + value_count(&items[1]));

    (void)node;
    if (result < 0)
        return result;
    *value_out = value_list(evaluation->arena);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < value_count(&items[i]); j++)
            value_append(value_out, *value_item(&items[i], j));
    }
    return 0;
}

CEL_RUN(cel_run_size)
{
    bool is_text = items[0].kind == VALUE_STRING;
    int result =
        cel_evaluation_charge(evaluation, is_text ? items[0].string.size / TEXT_BYTES_A_STEP : 0);

    (void)node;
    size_t size = is_text ? text_code_points(items[0].string) : value_count(&items[0]);
    *value_out = value_int((int64_t)size);
    return result;
}

CEL_RUN(cel_run_contains)
{
    struct text text = items[0].string, part = items[1].string;
    int result = cel_evaluation_charge(evaluation, (text.size + part.size) / TEXT_BYTES_A_STEP);

    (void)node;
    *value_out = value_bool(
        part.size == 0 ||
        (text.size >= part.size && memmem(text.bytes, text.size, part.bytes, part.size) != NULL));
    return result;
}

static bool is_at(struct text text, size_t offset, struct text part)
{
    return part.size == 0 || memcmp(text.bytes + offset, part.bytes, part.size) == 0;
}

CEL_RUN(cel_run_begins)
{
    struct text text = items[0].string, part = items[1].string;

    (void)node;
    *value_out = value_bool(text.size >= part.size && is_at(text, 0, part));
    return cel_evaluation_charge(evaluation, part.size / TEXT_BYTES_A_STEP);
}

CEL_RUN(cel_run_ends)
{
    struct text text = items[0].string, part = items[1].string;

    (void)node;
    *value_out = value_bool(text.size >= part.size && is_at(text, text.size - part.size, part));
    return cel_evaluation_charge(evaluation, part.size / TEXT_BYTES_A_STEP);
}
