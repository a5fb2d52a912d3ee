/* Cuts an expression into tokens, one at a time. Comments and white space are left out. What people
 * write by habit (=, &, and curly quotes) is refused with what to write instead. */
#include <string.h>

#include "cel/tree.h"

/* The longest first. */
static const char *const MARKS[] = {
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/",
    "%",  "!",  "?",  ":",  ",",  ".",  "(", ")", "[", "]", "{", "}",
};

/* What is no mark of the language but is often meant as one. */
static const struct habit {
    const char *written, *meant;
} HABITS[] = {
    {"=", "=="},
    {"&", "&&"},
    {"|", "||"},
    {"~", "!"},
    {"\xe2\x80\x98", "'"},
    {"\xe2\x80\x99", "'"},
    {"\xe2\x80\x9c", "'"},
    {"\xe2\x80\x9d", "'"},
    {"\xc2\xab", "'"},
    {"\xc2\xbb", "'"},
    {"\xe2\x89\xa4", "<="},
    {"\xe2\x89\xa5", ">="},
    {"\xe2\x89\xa0", "!="},
    {"\xe2\x80\x93", "-"}, /* dashes, and the sign of mathematics */
    {"\xe2\x80\x94", "-"},
    {"\xe2\x88\x92", "-"},
    {"\xc3\x97", "*"},
    {"\xc3\xb7", "/"},
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool begins_name(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static char byte_at(const struct compile *compile, size_t offset)
{
    return offset < compile->source.size ? compile->source.bytes[offset] : '\0';
}

static struct text rest_at(const struct compile *compile, uint32_t offset)
{
    return (struct text){compile->source.bytes + offset, compile->source.size - offset};
}

static uint32_t skip_space(const struct compile *compile, uint32_t offset)
{
    for (; offset < compile->source.size; offset++) {
        char byte = compile->source.bytes[offset];
        if (byte == '/' && byte_at(compile, offset + 1) == '/') {
            while (offset < compile->source.size && compile->source.bytes[offset] != '\n' &&
                   compile->source.bytes[offset] != '\r')
                offset++;
            if (offset == compile->source.size)
                break;
        } else if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f') {
            break;
        }
    }
    return offset;
}

static bool refuse_character(struct compile *compile, uint32_t offset)
{
    struct text rest = rest_at(compile, offset);
    size_t size = 0;

    for (size_t i = 0; i < sizeof(HABITS) / sizeof(*HABITS); i++) {
        if (!text_begins(rest, HABITS[i].written))
            continue;
        size = strlen(HABITS[i].written);
        struct diag *diag =
            cel_compile_error(compile, (struct span){offset, offset + (uint32_t)size}, E_SYNTAX,
                              "\"%s\" means nothing here", HABITS[i].written);
        diag_help(compile->diags, diag, "write %s", HABITS[i].meant);
        return false;
    }
    uint32_t code_point = text_next_code_point(rest, &size);
    struct span span = {offset, offset + (uint32_t)size};
    if (text_is_false_space(code_point)) {
        struct diag *diag = cel_compile_error(compile, span, E_SYNTAX,
                                              "U+%04X looks like a space and is none", code_point);
        diag_help(compile->diags, diag, "delete it, and write a space");
    } else if (code_point < 0x20 || code_point == 0x7f)
        cel_compile_error(compile, span, E_SYNTAX,
                          "a control character (U+%04X) means nothing here", code_point);
    else
        cel_compile_error(compile, span, E_SYNTAX, "\"%.*s\" means nothing here", (int)size,
                          rest.bytes);
    return false;
}

/* `content-type`: letters, digits and _ . - / and space. */
static bool read_quoted(struct compile *compile, uint32_t *offset_io, struct token *token_out)
{
    uint32_t start = *offset_io, end = start + 1;

    while (end < compile->source.size) {
        char byte = compile->source.bytes[end];
        if (!begins_name(byte) && !is_digit(byte) && (byte == '\0' || !strchr("_.-/ ", byte)))
            break;
        end++;
    }
    if (byte_at(compile, end) != '`' || end == start + 1) {
        struct diag *diag = cel_compile_error(compile, (struct span){start, end}, E_SYNTAX,
                                              "this name in backquotes does not end");
        diag_help(compile->diags, diag,
                  "between ` and ` stand letters, digits, spaces and _ . - / only");
        return false;
    }
    token_out->kind = TOKEN_QUOTED;
    token_out->text = (struct text){compile->source.bytes + start + 1, (size_t)end - start - 1};
    token_out->span = (struct span){start, end + 1};
    *offset_io = end + 1;
    return true;
}

static const struct {
    const char *word;
    struct value value;
} WORDS[] = {
    {"true", {.kind = VALUE_BOOL, .boolean = true}},
    {"false", {.kind = VALUE_BOOL, .boolean = false}},
    {"null", {.kind = VALUE_NULL}},
};

static bool is_quote(char byte)
{
    return byte == '"' || byte == '\'';
}

/* A name or word; or a text literal, where the letters are its prefix. */
static bool read_name(struct compile *compile, uint32_t *offset_io, struct token *token_out)
{
    static const struct refusal bytes = {"bytes", "bytes", N_("write a text, as in 'SN'")};
    uint32_t start = *offset_io, end = start;

    while (begins_name(byte_at(compile, end)) || is_digit(byte_at(compile, end)))
        end++;
    struct text name = {compile->source.bytes + start, (size_t)end - start};
    if (is_quote(byte_at(compile, end)) && name.size <= 2) {
        if (text_is(name, "r") || text_is(name, "R"))
            return cel_literal_read_text(compile, offset_io, 1, token_out);
        if (strspn(name.bytes, "bBrR") >= name.size) {
            cel_refuse(compile, (struct span){start, end + 1}, &bytes);
            return false;
        }
    }
    token_out->kind = TOKEN_NAME;
    token_out->text = name;
    token_out->span = (struct span){start, end};
    *offset_io = end;
    if (text_is(name, "in"))
        token_out->kind = TOKEN_MARK;
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if (text_is(name, WORDS[i].word)) {
            token_out->kind = TOKEN_LITERAL;
            token_out->value = WORDS[i].value;
        }
    }
    return true;
}

static bool read_mark(struct compile *compile, uint32_t *offset_io, struct token *token_out)
{
    uint32_t start = *offset_io;
    struct text rest = rest_at(compile, start);

    for (size_t i = 0; i < sizeof(MARKS) / sizeof(*MARKS); i++) {
        if (!text_begins(rest, MARKS[i]))
            continue;
        token_out->kind = TOKEN_MARK;
        token_out->text = text_from(MARKS[i]);
        *offset_io = start + (uint32_t)token_out->text.size;
        token_out->span = (struct span){start, *offset_io};
        return true;
    }
    return refuse_character(compile, start);
}

bool cel_token_read(struct compile *compile, uint32_t *offset_io, struct token *token_out)
{
    uint32_t offset = *offset_io = skip_space(compile, *offset_io);
    char byte = byte_at(compile, offset);

    *token_out = (struct token){.kind = TOKEN_END, .span = {offset, offset}};
    if (offset == compile->source.size)
        return true;
    if (is_digit(byte) || (byte == '.' && is_digit(byte_at(compile, offset + 1))))
        return cel_literal_read_number(compile, offset_io, token_out);
    if (is_quote(byte))
        return cel_literal_read_text(compile, offset_io, 0, token_out);
    if (begins_name(byte))
        return read_name(compile, offset_io, token_out);
    if (byte == '`')
        return read_quoted(compile, offset_io, token_out);
    return read_mark(compile, offset_io, token_out);
}

bool cel_token_is(const struct token *token, const char *mark)
{
    return token->kind == TOKEN_MARK && text_is(token->text, mark);
}
