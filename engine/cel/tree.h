/* The syntax tree of one expression, and the compilation that makes it; internal to cel/.
 *
 * The happy path of a compilation:
 * 1. parse/lexer.c cuts the source into tokens, parse/parser.c makes a tree of them.
 * 2. check/check.c walks the tree once: names are looked up (names.c), macros recognised, every
 *    node gets its type (types.c), every call its overload (run/calls.c, run/functions.c).
 * 3. run/evaluate.c runs the checked tree.
 *
 * Spans are bytes of the source; cel_compile_error makes lines and columns of them. */
#ifndef SANKOFA_CEL_TREE_H
#define SANKOFA_CEL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"
#include "cel/cel.h"

struct overload;
struct term;

enum { CEL_SOURCE_BYTES_MAX = 32768 };

/* Codes of the diagnostics; docs and tests know them by these. */
#define E_SYNTAX     "E301"
#define E_TEXT       "E302" /* a text literal: quotes, escapes, UTF-8 */
#define E_NUMBER     "E303"
#define E_BOUND      "E304" /* too long, too deep */
#define E_PROFILE    "E305" /* CEL has it, the profile does not */
#define E_NAME       "E306"
#define E_FUNCTION   "E307"
#define E_TYPE       "E308"
#define E_OPTION     "E309"
#define E_CONVERSION "E310" /* of a literal, done at load */
#define E_LITERAL    "E311" /* a literal is needed here, or names nothing */
#define E_RESULT     "E312"
#define E_RUN_TYPED  "E314" /* a value typed at run time where a type is needed */
#define E_MACRO      "E315"
#define E_CALENDAR   "E316" /* working days where the scope has no calendar */

struct span {
    uint32_t start, end;
};

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_QUOTED, /* `content-type`, only after a dot */
    TOKEN_LITERAL,
    TOKEN_INT_MIN, /* 9223372036854775808: an int only with a minus before it */
    TOKEN_MARK     /* an operator or bracket: `text` says which */
};

struct token {
    enum token_kind kind;
    struct span span;
    struct text text;   /* a name, or a mark such as "&&" */
    struct value value; /* of a literal */
};

enum node_kind {
    NODE_LITERAL,  /* value */
    NODE_NAME,     /* name; is_rooted with a leading dot. The checker makes one of the next two */
    NODE_DECLARED, /* a name of the scope: declared */
    NODE_LOCAL,    /* a macro's variable: slot */
    NODE_SELECT,   /* items[0].name */
    NODE_CALL,     /* name(items); is_method: items[0] is what stands before the dot */
    NODE_AND,      /* items, two or more */
    NODE_OR,       /* items, two or more */
    NODE_CONDITIONAL, /* items: condition, then, else */
    NODE_LIST,        /* items */
    NODE_MAP,         /* items: key, value, key, value */
    NODE_HAS,         /* items[0]: NODE_DECLARED, or a NODE_SELECT whose member is asked for */
    NODE_LOOP         /* items: range, body or filter, and transform of a map with a filter; slot */
};

enum loop_kind { LOOP_ALL, LOOP_EXISTS, LOOP_EXISTS_ONE, LOOP_FILTER, LOOP_MAP };

struct node {
    enum node_kind kind;
    enum loop_kind loop;
    struct span span;
    struct text name; /* identifier, member, function, or operator as it is written */
    struct span name_span;
    bool is_rooted, is_quoted, is_method, is_operator, is_bracketed;
    uint8_t depth;
    uint8_t slot;
    uint32_t item_count;
    struct node **items;
    struct value value;
    /* Filled by the checker: */
    struct term *type;
    const struct cel_name *declared;
    const struct cel_name *options;  /* the choice field whose options the value is one of */
    const struct overload *overload; /* NULL in a checked call: found by the values' kinds */
    const struct zone *zone;         /* of the call's literal time zone; NULL is UTC */
    const struct calendar *calendar; /* of a call about working days */
};

struct node_list {
    struct node **items;
    size_t count, capacity;
};

struct cel_program {
    struct text source;
    struct node *root;
    const struct cel_type *type;
    const struct cel_type *wanted; /* checked at run time where `type` is not known */
    struct text *reads;
    size_t read_count, read_capacity;
    struct text *states; /* asked for by in_state() */
    size_t state_count, state_capacity;
};

/* One compilation. */
struct compile {
    struct arena *arena;
    const struct cel_scope *scope;
    struct text source;
    struct place place;
    struct diag_list *diags;
    struct cel_program *program;
};

/* compile.c */
__attribute__((format(printf, 4, 5))) struct diag *cel_compile_error(struct compile *compile,
                                                                     struct span span,
                                                                     const char *code,
                                                                     const char *format, ...);
/* The source under a span, for suggestions. */
struct text cel_compile_text(const struct compile *compile, struct span span);
void cel_node_list_add(struct arena *arena, struct node_list *list, struct node *node);

/* parse/lexer.c: the token at *offset_io, which moves behind it. False: an error was added. */
bool cel_token_read(struct compile *compile, uint32_t *offset_io, struct token *token_out);
bool cel_token_is(const struct token *token, const char *mark);

/* literal.c: the value of a number or text that begins at *offset_io. `prefix_size` letters (r, R)
 * stand before the quotes. */
bool cel_literal_read_number(struct compile *compile, uint32_t *offset_io, struct token *token_out);
bool cel_literal_read_text(struct compile *compile, uint32_t *offset_io, uint32_t prefix_size,
                           struct token *token_out);

/* parse/parser.c: NULL with an error added. */
struct node *cel_tree_parse(struct compile *compile);
struct node *cel_node_create(struct compile *compile, enum node_kind kind, struct span span);

/* A word that CEL has and the profile does not, and what to write instead, as printf has it. */
struct refusal {
    const char *word, *what, *instead;
};
/* refused.c: for functions, methods, names before a dot and type names; NULL if the word is no
 * such word. */
const struct refusal *cel_refused_function(struct text name);
const struct refusal *cel_refused_namespace(struct text name);
const struct refusal *cel_refused_type_name(struct text name);
void cel_refuse(struct compile *compile, struct span span, const struct refusal *refusal);

#endif
