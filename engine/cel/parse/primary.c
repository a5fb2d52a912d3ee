/* The parser's leaves: literals, names, brackets, calls, members and indexes. */
#include "cel/parse/parser.h"

static const char *const RESERVED[] = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

static bool refuse_optional(struct parser *parser)
{
    static const struct refusal optional = {"?", N_("optionals"),
                                            N_("ask with has() before reading")};

    cel_refuse(parser->compile, parser->token.span, &optional);
    return false;
}

/* Expressions up to `close`, which is taken; a comma may stand before it. */
static bool parse_items(struct parser *parser, const char *close, bool are_pairs,
                        struct node_list *items)
{
    while (!cel_token_is(&parser->token, close)) {
        if (cel_token_is(&parser->token, "?"))
            return refuse_optional(parser);
        struct node *item = cel_parse_expression(parser);
        if (!item)
            return false;
        cel_node_list_add(parser->compile->arena, items, item);
        if (are_pairs) {
            if (!cel_parse_expect(parser, ":", "a colon and a value"))
                return false;
            item = cel_parse_expression(parser);
            if (!item)
                return false;
            cel_node_list_add(parser->compile->arena, items, item);
        }
        if (!cel_token_is(&parser->token, ","))
            break;
        if (!cel_parse_advance(parser))
            return false;
        if (cel_token_is(&parser->token, close) && *close == ')') {
            cel_parse_refuse(parser, N_("a value"));
            return false;
        }
    }
    return cel_parse_expect(parser, close,
                            *close == ')'   ? "\")\""
                            : *close == ']' ? "\"]\""
                                            : "\"}\"");
}

static struct node *parse_bracketed(struct parser *parser)
{
    bool is_list = cel_token_is(&parser->token, "[");
    uint32_t start = parser->token.span.start;
    struct node_list items = {0};

    if (!cel_parse_advance(parser) || !parse_items(parser, is_list ? "]" : "}", !is_list, &items))
        return NULL;
    return cel_parse_build(parser, is_list ? NODE_LIST : NODE_MAP,
                           (struct span){start, parser->last.span.end}, items.items, items.count);
}

/* name(...); for a method, `items` already holds what stands before the dot. */
static struct node *parse_call(struct parser *parser, const struct token *name, uint32_t start,
                               struct node_list *items)
{
    bool is_method = items->count > 0;

    if (!cel_parse_advance(parser) || !parse_items(parser, ")", false, items))
        return NULL;
    struct node *node = cel_parse_build(
        parser, NODE_CALL, (struct span){start, parser->last.span.end}, items->items, items->count);
    if (node) {
        node->name = name->text;
        node->name_span = name->span;
        node->is_method = is_method;
    }
    return node;
}

static bool refuse_message(struct parser *parser, uint32_t start)
{
    static const struct refusal message = {"{", N_("messages"),
                                           N_("a map is written {'key': value}")};

    cel_refuse(parser->compile, (struct span){start, parser->token.span.end}, &message);
    return false;
}

static struct node *parse_name(struct parser *parser)
{
    uint32_t start = parser->token.span.start;
    bool is_rooted = cel_token_is(&parser->token, ".");

    if (is_rooted && !cel_parse_advance(parser))
        return NULL;
    struct token name = parser->token;
    if (name.kind != TOKEN_NAME)
        return cel_parse_refuse(parser, N_("a name"));
    for (size_t i = 0; i < sizeof(RESERVED) / sizeof(*RESERVED); i++) {
        if (text_is(name.text, RESERVED[i])) {
            cel_compile_error(parser->compile, name.span, E_SYNTAX,
                              "\"%s\" is a reserved word and no name", RESERVED[i]);
            return NULL;
        }
    }
    if (!cel_parse_advance(parser))
        return NULL;
    if (cel_token_is(&parser->token, "(")) {
        struct node_list items = {0};
        return parse_call(parser, &name, start, &items);
    }
    if (cel_token_is(&parser->token, "{")) {
        refuse_message(parser, start);
        return NULL;
    }
    struct node *node =
        cel_parse_build(parser, NODE_NAME, (struct span){start, name.span.end}, NULL, 0);
    node->name = name.text;
    node->name_span = name.span;
    node->is_rooted = is_rooted;
    return node;
}

static struct node *parse_primary(struct parser *parser)
{
    struct token token = parser->token;

    if (token.kind == TOKEN_LITERAL) {
        struct node *node = cel_parse_build(parser, NODE_LITERAL, token.span, NULL, 0);
        node->value = token.value;
        return cel_parse_advance(parser) ? node : NULL;
    }
    if (token.kind == TOKEN_INT_MIN) {
        cel_compile_error(parser->compile, token.span, E_NUMBER,
                          "%.*s is out of the range of int: -9223372036854775808 to "
                          "9223372036854775807",
                          TEXT_ARG(cel_compile_text(parser->compile, token.span)));
        return NULL;
    }
    if (cel_token_is(&token, "[") || cel_token_is(&token, "{"))
        return parse_bracketed(parser);
    if (cel_token_is(&token, "(")) {
        if (!cel_parse_advance(parser))
            return NULL;
        struct node *node = cel_parse_expression(parser);
        if (!node || !cel_parse_expect(parser, ")", "\")\""))
            return NULL;
        node->span = (struct span){token.span.start, parser->last.span.end};
        node->is_bracketed = true;
        return node;
    }
    if (token.kind == TOKEN_NAME || cel_token_is(&token, "."))
        return parse_name(parser);
    return cel_parse_refuse(parser, N_("a value"));
}

/* .name, .`name`, .name(...) behind `operand`. */
static struct node *parse_member(struct parser *parser, struct node *operand)
{
    struct node_list items = {0};

    if (!cel_parse_advance(parser))
        return NULL;
    if (cel_token_is(&parser->token, "?")) {
        refuse_optional(parser);
        return NULL;
    }
    struct token name = parser->token;
    if (name.kind != TOKEN_NAME && name.kind != TOKEN_QUOTED)
        return cel_parse_refuse(parser, "the name of a member");
    if (!cel_parse_advance(parser))
        return NULL;
    cel_node_list_add(parser->compile->arena, &items, operand);
    if (cel_token_is(&parser->token, "(") && name.kind == TOKEN_NAME)
        return parse_call(parser, &name, operand->span.start, &items);
    if (cel_token_is(&parser->token, "{")) {
        refuse_message(parser, operand->span.start);
        return NULL;
    }
    struct node *node =
        cel_parse_build(parser, NODE_SELECT, (struct span){operand->span.start, name.span.end},
                        items.items, items.count);
    if (node) {
        node->name = name.text;
        node->name_span = name.span;
        node->is_quoted = name.kind == TOKEN_QUOTED;
    }
    return node;
}

static struct node *parse_index(struct parser *parser, struct node *operand)
{
    struct token bracket = parser->token;

    bracket.text = TEXT("[]");
    if (!cel_parse_advance(parser))
        return NULL;
    if (cel_token_is(&parser->token, "?")) {
        refuse_optional(parser);
        return NULL;
    }
    struct node *index = cel_parse_expression(parser);
    if (!index || !cel_parse_expect(parser, "]", "\"]\""))
        return NULL;
    struct node *node = cel_parse_build_operator(parser, &bracket, operand, index);
    if (node)
        node->span.end = parser->last.span.end;
    return node;
}

struct node *cel_parse_postfix(struct parser *parser)
{
    struct node *node = parse_primary(parser);

    while (node) {
        if (cel_token_is(&parser->token, "."))
            node = parse_member(parser, node);
        else if (cel_token_is(&parser->token, "["))
            node = parse_index(parser, node);
        else
            break;
    }
    return node;
}
