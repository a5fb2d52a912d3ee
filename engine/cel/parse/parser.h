/* The parser's state, shared by its two files; internal to cel/. A function that returns NULL or
 * false has added an error. */
#ifndef SANKOFA_CEL_PARSER_H
#define SANKOFA_CEL_PARSER_H

#include "cel/tree.h"

struct parser {
    struct compile *compile;
    struct token token; /* the one to be looked at next */
    struct token last;  /* the one before it */
    uint32_t offset;    /* behind `token` */
    uint32_t nesting;
};

bool cel_parse_advance(struct parser *parser);
bool cel_parse_expect(struct parser *parser, const char *mark, const char *wanted);
/* Says that `wanted` is missing before the token. Always NULL. */
void *cel_parse_refuse(struct parser *parser, const char *wanted);

/* A node over its items; refused if it is too deep. */
struct node *cel_parse_build(struct parser *parser, enum node_kind kind, struct span span,
                             struct node **items, size_t count);
/* The same for an operator; `right` is NULL for one that stands before its operand. */
struct node *cel_parse_build_operator(struct parser *parser, const struct token *token,
                                      struct node *left, struct node *right);

struct node *cel_parse_expression(struct parser *parser);
/* A value with all its .members, [indexes] and (calls): primary.c. */
struct node *cel_parse_postfix(struct parser *parser);

#endif
