/* From tokens to a tree, by recursive descent; binary operators by a table of precedences.
 *
 * Depth is bounded twice by CEL_DEPTH_MAX: nesting while parsing (brackets, the right side of `?:`,
 * unary operators), so that the parser's own stack is bounded, and the depth of the tree, so that
 * the stack of all that walks it is. `&&` and `||` in a row make one node: a long list of
 * conditions is not deep. */
#include <string.h>

#include "cel/parse/parser.h"

enum { AND_LEVEL = 2, OR_LEVEL = 1, RELATION_LEVEL = 3, UNARY_LEVEL = 6 };

static const struct {
    const char *mark;
    int level;
} BINARY[] = {
    {"||", OR_LEVEL},
    {"&&", AND_LEVEL},
    {"<", RELATION_LEVEL},
    {"<=", RELATION_LEVEL},
    {">=", RELATION_LEVEL},
    {">", RELATION_LEVEL},
    {"==", RELATION_LEVEL},
    {"!=", RELATION_LEVEL},
    {"in", RELATION_LEVEL},
    {"+", 4},
    {"-", 4},
    {"*", 5},
    {"/", 5},
    {"%", 5},
};

/* Words of other languages where an operator was meant. */
static const struct {
    const char *word, *meant;
} WORDS[] = {{"and", "&&"}, {"AND", "&&"}, {"or", "||"}, {"OR", "||"},
             {"not", "!"},  {"NOT", "!"},  {"is", "=="}, {"mod", "%"}};

/* The node gets the items and their depth; NULL if that is too much. */
struct node *cel_parse_build(struct parser *parser, enum node_kind kind, struct span span,
                             struct node **items, size_t count)
{
    struct node *node = cel_node_create(parser->compile, kind, span);

    node->items = items;
    node->item_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        if (items[i]->depth >= node->depth)
            node->depth = (uint8_t)(items[i]->depth + 1);
    }
    if (node->depth <= CEL_DEPTH_MAX)
        return node;
    cel_compile_error(
        parser->compile, span, E_BOUND,
        "this expression has more than %d operators, brackets or calls within each other",
        CEL_DEPTH_MAX);
    return NULL;
}

struct node *cel_parse_build_operator(struct parser *parser, const struct token *token,
                                      struct node *left, struct node *right)
{
    struct node_list items = {0};

    cel_node_list_add(parser->compile->arena, &items, left);
    if (right)
        cel_node_list_add(parser->compile->arena, &items, right);
    struct span span = {right ? left->span.start : token->span.start,
                        right ? right->span.end : left->span.end};
    struct node *node = cel_parse_build(parser, NODE_CALL, span, items.items, items.count);
    if (node) {
        node->name = token->text;
        node->name_span = token->span;
        node->is_operator = true;
    }
    return node;
}

bool cel_parse_advance(struct parser *parser)
{
    parser->last = parser->token;
    return cel_token_read(parser->compile, &parser->offset, &parser->token);
}

/* An expression stands before the token; says why the token cannot follow. */
void *cel_parse_refuse(struct parser *parser, const char *wanted)
{
    struct compile *compile = parser->compile;
    const struct token *token = &parser->token;
    struct text text = cel_compile_text(compile, token->span);
    struct diag *diag;

    if (token->kind == TOKEN_END)
        diag = cel_compile_error(compile, token->span, E_SYNTAX,
                                 "the expression ends where %s is missing", wanted);
    else
        diag = cel_compile_error(compile, token->span, E_SYNTAX, "%s is missing before \"%.*s\"",
                                 wanted, TEXT_ARG(text));
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if ((token->kind == TOKEN_NAME && text_is(token->text, WORDS[i].word)) ||
            (parser->last.kind == TOKEN_NAME && text_is(parser->last.text, WORDS[i].word)))
            diag_help(compile->diags, diag, "write %s", WORDS[i].meant);
    }
    return NULL;
}

bool cel_parse_expect(struct parser *parser, const char *mark, const char *wanted)
{
    if (cel_token_is(&parser->token, mark))
        return cel_parse_advance(parser);
    cel_parse_refuse(parser, wanted);
    return false;
}

static bool nest(struct parser *parser)
{
    if (parser->nesting++ <= CEL_DEPTH_MAX)
        return true;
    cel_compile_error(parser->compile, parser->token.span, E_BOUND,
                      "this expression is nested deeper than %d levels", CEL_DEPTH_MAX);
    return false;
}

/* A minus directly before a number belongs to it, so that the least int can be written. */
static struct node *parse_negative(struct parser *parser, uint32_t start)
{
    struct token *token = &parser->token;

    if (token->kind == TOKEN_INT_MIN)
        token->value.integer = INT64_MIN;
    else if (token->value.kind == VALUE_INT)
        token->value.integer = -token->value.integer;
    else
        token->value.real = -token->value.real;
    token->kind = TOKEN_LITERAL;
    token->span.start = start;
    return cel_parse_postfix(parser);
}

static struct node *parse_unary(struct parser *parser)
{
    struct token token = parser->token;

    if (!cel_token_is(&token, "-") && !cel_token_is(&token, "!"))
        return cel_parse_postfix(parser);
    if (!nest(parser) || !cel_parse_advance(parser))
        return NULL;
    const struct token *next = &parser->token;
    bool is_number = next->kind == TOKEN_INT_MIN ||
                     (next->kind == TOKEN_LITERAL &&
                      (next->value.kind == VALUE_INT || next->value.kind == VALUE_DOUBLE));
    struct node *node;
    if (is_number && cel_token_is(&token, "-")) {
        node = parse_negative(parser, token.span.start);
    } else {
        node = parse_unary(parser);
        node = node ? cel_parse_build_operator(parser, &token, node, NULL) : NULL;
    }
    parser->nesting--;
    return node;
}

static int level_of(const struct token *token)
{
    for (size_t i = 0; i < sizeof(BINARY) / sizeof(*BINARY); i++) {
        if (cel_token_is(token, BINARY[i].mark))
            return BINARY[i].level;
    }
    return 0;
}

static struct node *parse_binary(struct parser *parser, int level);

/* All that is joined by the same && or ||, behind the first. */
static struct node *parse_logic(struct parser *parser, struct node *first, int level)
{
    struct node_list items = {0};
    struct token mark = parser->token;

    cel_node_list_add(parser->compile->arena, &items, first);
    while (level_of(&parser->token) == level) {
        struct node *item = cel_parse_advance(parser) ? parse_binary(parser, level + 1) : NULL;
        if (!item)
            return NULL;
        cel_node_list_add(parser->compile->arena, &items, item);
    }
    struct node *node = cel_parse_build(parser, level == AND_LEVEL ? NODE_AND : NODE_OR,
                                        (struct span){first->span.start, parser->last.span.end},
                                        items.items, items.count);
    if (node) {
        node->name = mark.text;
        node->name_span = mark.span;
    }
    return node;
}

static struct node *parse_binary(struct parser *parser, int level)
{
    if (level == UNARY_LEVEL)
        return parse_unary(parser);
    struct node *left = parse_binary(parser, level + 1);
    if (level < RELATION_LEVEL)
        return left && level_of(&parser->token) == level ? parse_logic(parser, left, level) : left;
    while (left && level_of(&parser->token) == level) {
        struct token mark = parser->token;
        struct node *right = cel_parse_advance(parser) ? parse_binary(parser, level + 1) : NULL;
        left = right ? cel_parse_build_operator(parser, &mark, left, right) : NULL;
    }
    return left;
}

static struct node *parse_conditional(struct parser *parser, struct node *condition)
{
    struct node_list items = {0};

    cel_node_list_add(parser->compile->arena, &items, condition);
    if (!cel_parse_advance(parser))
        return NULL;
    struct node *node = parse_binary(parser, OR_LEVEL);
    if (!node)
        return NULL;
    cel_node_list_add(parser->compile->arena, &items, node);
    if (!cel_parse_expect(parser, ":", "\":\" and what holds otherwise"))
        return NULL;
    node = cel_parse_expression(parser);
    if (!node)
        return NULL;
    cel_node_list_add(parser->compile->arena, &items, node);
    return cel_parse_build(parser, NODE_CONDITIONAL,
                           (struct span){condition->span.start, node->span.end}, items.items,
                           items.count);
}

struct node *cel_parse_expression(struct parser *parser)
{
    if (!nest(parser))
        return NULL;
    struct node *node = parse_binary(parser, OR_LEVEL);
    if (node && cel_token_is(&parser->token, "?"))
        node = parse_conditional(parser, node);
    parser->nesting--;
    return node;
}

struct node *cel_tree_parse(struct compile *compile)
{
    struct parser parser = {.compile = compile};

    if (!cel_token_read(compile, &parser.offset, &parser.token))
        return NULL;
    if (parser.token.kind == TOKEN_END) {
        cel_compile_error(compile, parser.token.span, E_SYNTAX, "an expression is missing here");
        return NULL;
    }
    struct node *node = cel_parse_expression(&parser);
    if (node && parser.token.kind != TOKEN_END)
        return cel_parse_refuse(&parser, N_("an operator"));
    return node;
}

struct node *cel_node_create(struct compile *compile, enum node_kind kind, struct span span)
{
    struct node *node = ARENA_NEW(compile->arena, struct node);

    node->kind = kind;
    node->span = span;
    return node;
}

void cel_node_list_add(struct arena *arena, struct node_list *list, struct node *node)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 4;
        struct node **items = ARENA_ARRAY(arena, struct node *, capacity);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = node;
}
