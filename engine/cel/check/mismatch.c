/* Words for calls that no overload takes: what is wrong, and what to write instead. */
#include "cel/check/check.h"
#include "cel/run/functions.h"

#include "base/when.h"

static bool are(const struct node *node, enum cel_type_kind a, enum cel_type_kind b)
{
    return (cel_term_is(node->items[0]->type, a) && cel_term_is(node->items[1]->type, b)) ||
           (cel_term_is(node->items[0]->type, b) && cel_term_is(node->items[1]->type, a));
}

/* The item of that type. */
static struct node *item_of(const struct node *node, enum cel_type_kind kind)
{
    return node->items[cel_term_is(node->items[0]->type, kind) ? 0 : 1];
}

static struct text source_of(struct check *check, const struct node *node)
{
    return cel_compile_text(check->compile, node->span);
}

/* Adds `item.convert` to the call as it is written: double(data.risk) > 5.5 */
static void help_convert(struct check *check, struct diag *diag, const struct node *node,
                         const struct node *item, const char *convert)
{
    bool is_left = item == node->items[0];
    struct text left = source_of(check, node->items[0]), right = source_of(check, node->items[1]);

    struct text call =
        text_printf(check->compile->arena, "%s%.*s%s %.*s %s%.*s%s", is_left ? convert : "",
                    TEXT_ARG(left), is_left ? ")" : "", TEXT_ARG(node->name),
                    is_left ? "" : convert, TEXT_ARG(right), is_left ? "" : ")");
    diag_help(check->compile->diags, diag, "write %.*s", TEXT_ARG(call));
}

static void help_numbers(struct check *check, struct diag *diag, const struct node *node)
{
    struct node *whole = item_of(node, CEL_INT);

    if (whole->kind == NODE_LITERAL)
        diag_help(check->compile->diags, diag, "write %.*s.0, or convert the other one with int()",
                  TEXT_ARG(source_of(check, whole)));
    else
        help_convert(check, diag, node, whole, "double(");
}

static void help_null(struct check *check, struct diag *diag, const struct node *node)
{
    struct node *other = node->items[cel_term_is(node->items[0]->type, CEL_NULL) ? 1 : 0];
    bool asks_unset = text_is(node->name, "==");

    diag_help(check->compile->diags, diag,
              "nothing is null here; to ask whether there is a value write %shas(%.*s)",
              asks_unset ? "!" : "", TEXT_ARG(source_of(check, other)));
}

static void help_time(struct check *check, struct diag *diag, const struct node *node)
{
    struct node *text = item_of(node, CEL_STRING);
    struct instant instant;

    if (text->kind == NODE_LITERAL && !when_read_date(text->value.string, &instant))
        help_convert(check, diag, node, text, "timestamp(");
    else
        help_convert(check, diag, node, text, "date(");
}

static void help_text(struct check *check, struct diag *diag, const struct node *node)
{
    struct node *text = item_of(node, CEL_STRING);
    struct node *number = node->items[text == node->items[0] ? 1 : 0];
    double real;

    if (text->kind == NODE_LITERAL && text_to_double(text->value.string, &real))
        diag_help(check->compile->diags, diag, "write %.*s without quotes",
                  TEXT_ARG(text->value.string));
    else
        help_convert(check, diag, node, number, "string(");
}

/* A list where one of its elements is meant, or the other way round. */
static void help_list(struct check *check, struct diag *diag, const struct node *node)
{
    struct node *list = item_of(node, CEL_LIST);
    struct node *other = node->items[list == node->items[0] ? 1 : 0];

    if (cel_term_is(other->type, CEL_LIST) || text_is(node->name, "in"))
        return;
    diag_help(check->compile->diags, diag, "to ask whether the list has it write %.*s in %.*s",
              TEXT_ARG(source_of(check, other)), TEXT_ARG(source_of(check, list)));
}

/* Pairs of types that have their own advice. */
static const struct {
    enum cel_type_kind a, b;
    const char *advice;
} ADVICE[] = {
    {CEL_TIMESTAMP, CEL_INT,
     N_("age(), days_between() and getFullYear() make numbers of dates; date('2012-01-01') is a "
        "date")},
    {CEL_DURATION, CEL_INT, N_("write a duration such as duration('240h')")},
    {CEL_DURATION, CEL_DOUBLE, N_("write a duration such as duration('240h')")},
    {CEL_DURATION, CEL_STRING, N_("write a duration such as duration('240h')")},
    {CEL_TIMESTAMP, CEL_DURATION, N_("a duration is compared with the difference of two dates")},
    {CEL_BOOL, CEL_STRING, N_("true and false are written without quotes")},
};

static void advise(struct check *check, struct diag *diag, const struct node *node)
{
    bool is_sum = text_is(node->name, "+") || text_is(node->name, "-");

    for (size_t i = 0; i < sizeof(ADVICE) / sizeof(*ADVICE); i++) {
        if (are(node, ADVICE[i].a, ADVICE[i].b) &&
            !(is_sum && ADVICE[i].a == CEL_TIMESTAMP && ADVICE[i].b == CEL_DURATION))
            diag_help(check->compile->diags, diag, "%s", ADVICE[i].advice);
    }
}

static void help_binary(struct check *check, struct diag *diag, const struct node *node)
{
    if (are(node, CEL_INT, CEL_DOUBLE))
        help_numbers(check, diag, node);
    else if (cel_term_is(node->items[0]->type, CEL_NULL) ||
             cel_term_is(node->items[1]->type, CEL_NULL))
        help_null(check, diag, node);
    else if (are(node, CEL_TIMESTAMP, CEL_STRING))
        help_time(check, diag, node);
    else if (are(node, CEL_INT, CEL_STRING) || are(node, CEL_DOUBLE, CEL_STRING))
        help_text(check, diag, node);
    else if (cel_term_is(node->items[0]->type, CEL_LIST) ||
             cel_term_is(node->items[1]->type, CEL_LIST))
        help_list(check, diag, node);
    else
        advise(check, diag, node);
}

static void explain_operator(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    struct text left = cel_term_write(compile->arena, node->items[0]->type);

    if (node->item_count == 1) {
        cel_compile_error(compile, node->span, E_TYPE, "\"%.*s\" cannot take %.*s",
                          TEXT_ARG(node->name), TEXT_ARG(left));
        return;
    }
    struct text right = cel_term_write(compile->arena, node->items[1]->type);
    if (text_is(node->name, "[]")) {
        struct diag *diag =
            cel_compile_error(compile, node->span, E_TYPE, "%.*s has no element [%.*s]",
                              TEXT_ARG(left), TEXT_ARG(right));
        diag_help(compile->diags, diag, "list[0] and map['key'] have elements");
        return;
    }
    struct diag *diag = cel_compile_error(compile, node->span, E_TYPE,
                                          "\"%.*s\" cannot stand between %.*s and %.*s",
                                          TEXT_ARG(node->name), TEXT_ARG(left), TEXT_ARG(right));
    help_binary(check, diag, node);
}

/* "(timestamp, timestamp)", without what stands before a method's dot. */
static struct text write_items(struct check *check, const struct node *node)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, check->compile->arena);
    for (uint32_t i = node->is_method ? 1 : 0; i < node->item_count; i++) {
        struct text type = cel_term_write(check->compile->arena, node->items[i]->type);
        text_append_printf(&buffer, "%s%.*s", buffer.size > 0 ? ", " : "", TEXT_ARG(type));
    }
    return text_copy(check->compile->arena, text_buffer_text(&buffer));
}

/* "(string, int)" */
static struct text write_row(struct arena *arena, const struct overload *overload)
{
    static const struct cel_type any = {CEL_UNKNOWN, NULL};
    uint32_t first = overload->shape == CALL_METHOD ? 1 : 0;
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    for (uint32_t i = first; i < overload->item_count; i++) {
        struct cel_type type = {overload->items[i], &any};
        text_append_printf(&buffer, "%s%.*s", i > first ? ", " : "",
                           TEXT_ARG(cel_type_write(arena, &type)));
    }
    return text_printf(arena, "(%.*s)", TEXT_ARG(text_buffer_text(&buffer)));
}

/* "(string) or (list<?>)": the rows of that name and shape. */
static struct text write_rows(struct check *check, const struct node *node)
{
    struct arena *arena = check->compile->arena;
    struct text rows = TEXT_NONE;

    for (size_t i = CEL_OVERLOAD_COUNT; i-- > 0;) {
        if (CEL_OVERLOADS[i].shape != cel_node_shape(node) ||
            !text_is(node->name, CEL_OVERLOADS[i].name))
            continue;
        struct text row = write_row(arena, &CEL_OVERLOADS[i]);
        rows = rows.size == 0 ? row
                              : text_printf(arena, N_("%.*s or (%.*s"), TEXT_ARG(row),
                                            (int)rows.size - 1, rows.bytes + 1);
    }
    return rows;
}

/* Whether some row of a method goes with what stands before its dot. */
static bool is_receiver(const struct node *node)
{
    for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
        if (CEL_OVERLOADS[i].shape == CALL_METHOD && text_is(node->name, CEL_OVERLOADS[i].name) &&
            cel_term_is(node->items[0]->type, CEL_OVERLOADS[i].items[0]))
            return true;
    }
    return false;
}

void cel_explain_mismatch(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;

    if (node->is_operator) {
        explain_operator(check, node);
        return;
    }
    if (node->is_method && !is_receiver(node)) {
        struct text type = cel_term_write(compile->arena, node->items[0]->type);
        cel_compile_error(compile, node->name_span, E_TYPE, "%.*s has no %.*s()", TEXT_ARG(type),
                          TEXT_ARG(node->name));
        return;
    }
    struct text got = write_items(check, node), rows = write_rows(check, node);
    struct diag *diag = cel_compile_error(compile, node->span, E_TYPE, "%.*s() cannot take (%.*s)",
                                          TEXT_ARG(node->name), TEXT_ARG(got));
    diag_help(compile->diags, diag, "%.*s() takes %.*s", TEXT_ARG(node->name), TEXT_ARG(rows));
}

void cel_explain_count(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    uint32_t count = node->item_count - (node->is_method ? 1 : 0);
    struct text rows = write_rows(check, node);
    struct diag *diag = cel_compile_error(compile, node->span, E_TYPE,
                                          count == 1 ? N_("%.*s() cannot take %u value")
                                                     : N_("%.*s() cannot take %u values"),
                                          TEXT_ARG(node->name), count);

    diag_help(compile->diags, diag, "%.*s() takes %.*s", TEXT_ARG(node->name), TEXT_ARG(rows));
}

void cel_explain_unknown_function(struct check *check, struct node *node)
{
    struct compile *compile = check->compile;
    size_t count;

    struct diag *diag = cel_compile_error(compile, node->name_span, E_FUNCTION,
                                          "there is no function \"%.*s\"", TEXT_ARG(node->name));
    struct text *names = cel_function_names(compile->arena, cel_node_shape(node), &count);
    if (!cel_function_is_known(node->name))
        cel_suggest(compile, diag, node->name, names, count);
    else if (node->is_method)
        diag_help(compile->diags, diag, "it stands before its values: %.*s(%.*s, ...)",
                  TEXT_ARG(node->name), TEXT_ARG(cel_compile_text(compile, node->items[0]->span)));
    else
        diag_help(compile->diags, diag, "it stands behind a value and a dot: value.%.*s(...)",
                  TEXT_ARG(node->name));
}

void cel_explain_run_typed(struct check *check, struct node *node, enum cel_type_kind wanted)
{
    struct compile *compile = check->compile;
    struct text text = cel_compile_text(compile, node->span);
    struct diag *diag =
        cel_compile_error(compile, node->span, E_RUN_TYPED,
                          "the type of %.*s is known only at run time", TEXT_ARG(text));

    if (wanted == CEL_LIST || wanted == CEL_MAP)
        diag_help(compile->diags, diag, "only == != and has() take it; keep it in a field first");
    else if (wanted == CEL_UNKNOWN || wanted == CEL_NULL)
        diag_help(compile->diags, diag, "convert it first, as in int(%.*s) or string(%.*s)",
                  TEXT_ARG(text), TEXT_ARG(text));
    else
        diag_help(compile->diags, diag, "convert it first: %.*s(%.*s)",
                  TEXT_ARG(cel_type_write(compile->arena, cel_type_of(wanted))), TEXT_ARG(text));
}
