/* The table of overloads: everything that can be called, with its types. */
#include "cel/run/functions.h"

#include "base/check.h"
#include "cel/parse/macros.h"

#define ORDER(mark)                                                                                \
    {mark, CALL_OPERATOR, 2, {CEL_BOOL, CEL_BOOL}, CEL_BOOL, cel_run_order, RULE_NONE, false},     \
        {mark, CALL_OPERATOR, 2, {CEL_INT, CEL_INT}, CEL_BOOL, cel_run_order, RULE_NONE, false},   \
        {mark,     CALL_OPERATOR, 2,         {CEL_DOUBLE, CEL_DOUBLE},                             \
         CEL_BOOL, cel_run_order, RULE_NONE, false},                                               \
        {mark,     CALL_OPERATOR, 2,         {CEL_STRING, CEL_STRING},                             \
         CEL_BOOL, cel_run_order, RULE_NONE, false},                                               \
        {mark,     CALL_OPERATOR, 2,         {CEL_TIMESTAMP, CEL_TIMESTAMP},                       \
         CEL_BOOL, cel_run_order, RULE_NONE, false},                                               \
    {                                                                                              \
        mark, CALL_OPERATOR, 2, {CEL_DURATION, CEL_DURATION}, CEL_BOOL, cel_run_order, RULE_NONE,  \
            false                                                                                  \
    }
#define OPERATOR(mark, left, right, result, run)                                                   \
    {                                                                                              \
        mark, CALL_OPERATOR, 2, {left, right}, result, run, RULE_NONE, false                       \
    }
#define UNARY(mark, kind, run)                                                                     \
    {                                                                                              \
        mark, CALL_OPERATOR, 1, {kind, CEL_UNKNOWN}, kind, run, RULE_NONE, false                   \
    }
#define CONVERT(name, from, to, run)                                                               \
    {                                                                                              \
        name, CALL_FUNCTION, 1, {from, CEL_UNKNOWN}, to, run, RULE_NONE, true                      \
    }
#define SIZE(shape, kind)                                                                          \
    {                                                                                              \
        "size", shape, 1, {kind, CEL_UNKNOWN}, CEL_INT, cel_run_size, RULE_NONE, false             \
    }
#define TEXT_METHOD(name, run)                                                                     \
    {                                                                                              \
        name, CALL_METHOD, 2, {CEL_STRING, CEL_STRING}, CEL_BOOL, run, RULE_NONE, false            \
    }
#define TIME_PART(name)                                                                            \
    {name,    CALL_METHOD,       1,         {CEL_TIMESTAMP, CEL_UNKNOWN},                          \
     CEL_INT, cel_run_time_part, RULE_NONE, false},                                                \
    {                                                                                              \
        name, CALL_METHOD, 2, {CEL_TIMESTAMP, CEL_STRING}, CEL_INT, cel_run_time_part, RULE_ZONE,  \
            false                                                                                  \
    }
#define DURATION_PART(name)                                                                        \
    {                                                                                              \
        name, CALL_METHOD, 1, {CEL_DURATION, CEL_UNKNOWN}, CEL_INT, cel_run_duration_part,         \
            RULE_NONE, false                                                                       \
    }

const struct overload CEL_OVERLOADS[] = {
    OPERATOR("==", CEL_UNKNOWN, CEL_UNKNOWN, CEL_BOOL, cel_run_equal),
    OPERATOR("!=", CEL_UNKNOWN, CEL_UNKNOWN, CEL_BOOL, cel_run_unequal),
    ORDER("<"),
    ORDER("<="),
    ORDER(">="),
    ORDER(">"),
    OPERATOR("in", CEL_UNKNOWN, CEL_LIST, CEL_BOOL, cel_run_in_list),
    OPERATOR("in", CEL_STRING, CEL_MAP, CEL_BOOL, cel_run_in_map),
    OPERATOR("[]", CEL_LIST, CEL_INT, CEL_UNKNOWN, cel_run_index_list),
    OPERATOR("[]", CEL_MAP, CEL_STRING, CEL_UNKNOWN, cel_run_index_map),
    UNARY("!", CEL_BOOL, cel_run_not),
    UNARY("-", CEL_INT, cel_run_negate_int),
    UNARY("-", CEL_DOUBLE, cel_run_negate_double),
    OPERATOR("+", CEL_INT, CEL_INT, CEL_INT, cel_run_int),
    OPERATOR("-", CEL_INT, CEL_INT, CEL_INT, cel_run_int),
    OPERATOR("*", CEL_INT, CEL_INT, CEL_INT, cel_run_int),
    OPERATOR("/", CEL_INT, CEL_INT, CEL_INT, cel_run_int),
    OPERATOR("%", CEL_INT, CEL_INT, CEL_INT, cel_run_int),
    OPERATOR("+", CEL_DOUBLE, CEL_DOUBLE, CEL_DOUBLE, cel_run_double),
    OPERATOR("-", CEL_DOUBLE, CEL_DOUBLE, CEL_DOUBLE, cel_run_double),
    OPERATOR("*", CEL_DOUBLE, CEL_DOUBLE, CEL_DOUBLE, cel_run_double),
    OPERATOR("/", CEL_DOUBLE, CEL_DOUBLE, CEL_DOUBLE, cel_run_double),
    OPERATOR("+", CEL_STRING, CEL_STRING, CEL_STRING, cel_run_join_text),
    OPERATOR("+", CEL_LIST, CEL_LIST, CEL_LIST, cel_run_join_list),
    OPERATOR("+", CEL_TIMESTAMP, CEL_DURATION, CEL_TIMESTAMP, cel_run_add_time),
    OPERATOR("+", CEL_DURATION, CEL_TIMESTAMP, CEL_TIMESTAMP, cel_run_add_time),
    OPERATOR("+", CEL_DURATION, CEL_DURATION, CEL_DURATION, cel_run_add_time),
    OPERATOR("-", CEL_TIMESTAMP, CEL_TIMESTAMP, CEL_DURATION, cel_run_subtract_time),
    OPERATOR("-", CEL_TIMESTAMP, CEL_DURATION, CEL_TIMESTAMP, cel_run_subtract_time),
    OPERATOR("-", CEL_DURATION, CEL_DURATION, CEL_DURATION, cel_run_subtract_time),
    CONVERT("bool", CEL_BOOL, CEL_BOOL, cel_run_same),
    CONVERT("bool", CEL_STRING, CEL_BOOL, cel_run_to_bool),
    CONVERT("int", CEL_INT, CEL_INT, cel_run_same),
    CONVERT("int", CEL_DOUBLE, CEL_INT, cel_run_to_int),
    CONVERT("int", CEL_STRING, CEL_INT, cel_run_to_int),
    CONVERT("int", CEL_TIMESTAMP, CEL_INT, cel_run_to_int),
    CONVERT("double", CEL_DOUBLE, CEL_DOUBLE, cel_run_same),
    CONVERT("double", CEL_INT, CEL_DOUBLE, cel_run_to_double),
    CONVERT("double", CEL_STRING, CEL_DOUBLE, cel_run_to_double),
    CONVERT("string", CEL_STRING, CEL_STRING, cel_run_same),
    CONVERT("string", CEL_BOOL, CEL_STRING, cel_run_to_string),
    CONVERT("string", CEL_INT, CEL_STRING, cel_run_to_string),
    CONVERT("string", CEL_DOUBLE, CEL_STRING, cel_run_to_string),
    CONVERT("string", CEL_TIMESTAMP, CEL_STRING, cel_run_to_string),
    CONVERT("string", CEL_DURATION, CEL_STRING, cel_run_to_string),
    CONVERT("timestamp", CEL_TIMESTAMP, CEL_TIMESTAMP, cel_run_same),
    CONVERT("timestamp", CEL_STRING, CEL_TIMESTAMP, cel_run_to_timestamp),
    CONVERT("timestamp", CEL_INT, CEL_TIMESTAMP, cel_run_to_timestamp),
    CONVERT("duration", CEL_DURATION, CEL_DURATION, cel_run_same),
    CONVERT("duration", CEL_STRING, CEL_DURATION, cel_run_to_duration),
    CONVERT("date", CEL_STRING, CEL_TIMESTAMP, cel_run_to_date),
    SIZE(CALL_FUNCTION, CEL_STRING),
    SIZE(CALL_FUNCTION, CEL_LIST),
    SIZE(CALL_FUNCTION, CEL_MAP),
    SIZE(CALL_METHOD, CEL_STRING),
    SIZE(CALL_METHOD, CEL_LIST),
    SIZE(CALL_METHOD, CEL_MAP),
    TEXT_METHOD("contains", cel_run_contains),
    TEXT_METHOD("startsWith", cel_run_begins),
    TEXT_METHOD("endsWith", cel_run_ends),
    TIME_PART("getFullYear"),
    TIME_PART("getMonth"),
    TIME_PART("getDayOfYear"),
    TIME_PART("getDayOfMonth"),
    TIME_PART("getDate"),
    TIME_PART("getDayOfWeek"),
    TIME_PART("getHours"),
    TIME_PART("getMinutes"),
    TIME_PART("getSeconds"),
    TIME_PART("getMilliseconds"),
    DURATION_PART("getHours"),
    DURATION_PART("getMinutes"),
    DURATION_PART("getSeconds"),
    DURATION_PART("getMilliseconds"),
    {"age",
     CALL_FUNCTION,
     2,
     {CEL_TIMESTAMP, CEL_TIMESTAMP},
     CEL_INT,
     cel_run_age,
     RULE_NONE,
     false},
    {"days_between",
     CALL_FUNCTION,
     2,
     {CEL_TIMESTAMP, CEL_TIMESTAMP},
     CEL_INT,
     cel_run_days_between,
     RULE_NONE,
     false},
    {"add_workdays",
     CALL_FUNCTION,
     2,
     {CEL_TIMESTAMP, CEL_INT},
     CEL_TIMESTAMP,
     cel_run_add_workdays,
     RULE_CALENDAR,
     false},
    {"workdays_between",
     CALL_FUNCTION,
     2,
     {CEL_TIMESTAMP, CEL_TIMESTAMP},
     CEL_INT,
     cel_run_workdays_between,
     RULE_CALENDAR,
     false},
    {"in_state",
     CALL_FUNCTION,
     1,
     {CEL_STRING, CEL_UNKNOWN},
     CEL_BOOL,
     cel_run_in_state,
     RULE_STATE,
     false},
    {"acted",
     CALL_FUNCTION,
     2,
     {CEL_STRING, CEL_STRING},
     CEL_BOOL,
     cel_run_acted,
     RULE_TRANSITION,
     false},
};
const size_t CEL_OVERLOAD_COUNT = sizeof(CEL_OVERLOADS) / sizeof(*CEL_OVERLOADS);

enum call_shape cel_node_shape(const struct node *node)
{
    return node->is_operator ? CALL_OPERATOR : node->is_method ? CALL_METHOD : CALL_FUNCTION;
}

bool cel_overload_fits(const struct overload *overload, const struct node *node)
{
    return overload->shape == cel_node_shape(node) && overload->item_count == node->item_count &&
           text_is(node->name, overload->name);
}

bool cel_function_is_known(struct text name)
{
    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (CEL_OVERLOADS[i].shape != CALL_OPERATOR && text_is(name, CEL_OVERLOADS[i].name))
            return true;
    }
    for (size_t i = 0; i < CEL_MACRO_COUNT; i++) {
        if (text_is(name, CEL_MACROS[i].name))
            return true;
    }
    return text_is(name, "has");
}

struct text *cel_function_names(struct arena *arena, enum call_shape shape, size_t *count_out)
{
    struct text *names = ARENA_ARRAY(arena, struct text, CEL_OVERLOAD_COUNT + CEL_MACRO_COUNT + 1);
    size_t count = 0;

    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (CEL_OVERLOADS[i].shape == shape)
            names[count++] = text_from(CEL_OVERLOADS[i].name);
    }
    for (size_t i = 0; shape == CALL_METHOD && i < CEL_MACRO_COUNT; i++)
        names[count++] = text_from(CEL_MACROS[i].name);
    if (shape == CALL_FUNCTION)
        names[count++] = TEXT("has");
    *count_out = count;
    return names;
}

enum value_kind cel_kind_of(enum cel_type_kind kind)
{
    static const enum value_kind KINDS[] = {
        [CEL_UNKNOWN] = VALUE_NULL,        [CEL_NULL] = VALUE_NULL,
        [CEL_BOOL] = VALUE_BOOL,           [CEL_INT] = VALUE_INT,
        [CEL_DOUBLE] = VALUE_DOUBLE,       [CEL_STRING] = VALUE_STRING,
        [CEL_TIMESTAMP] = VALUE_TIMESTAMP, [CEL_DURATION] = VALUE_DURATION,
        [CEL_LIST] = VALUE_LIST,           [CEL_MAP] = VALUE_MAP,
    };
    return KINDS[kind];
}

const char *cel_kind_name(enum value_kind kind)
{
    static const char *const NAMES[] = {
        [VALUE_NULL] = "null",         [VALUE_BOOL] = "bool",     [VALUE_INT] = "int",
        [VALUE_DOUBLE] = "double",     [VALUE_STRING] = "string", [VALUE_TIMESTAMP] = "timestamp",
        [VALUE_DURATION] = "duration", [VALUE_LIST] = "list",     [VALUE_MAP] = "map",
    };
    return NAMES[kind];
}

const struct overload *cel_overload_for(const struct node *node, const struct value *items)
{
    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        const struct overload *overload = &CEL_OVERLOADS[i];
        bool fits = cel_overload_fits(overload, node);
        for (size_t j = 0; fits && j < overload->item_count; j++)
            fits = overload->items[j] == CEL_UNKNOWN ||
                   cel_kind_of(overload->items[j]) == items[j].kind;
        if (fits)
            return overload;
    }
    return NULL;
}
