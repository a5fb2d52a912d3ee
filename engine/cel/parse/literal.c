/* Literals: numbers and texts as cel-spec writes them, to values. */
#include <string.h>

#include "cel/run/convert.h"
#include "cel/tree.h"

static char byte_at(const struct compile *compile, size_t offset)
{
    return offset < compile->source.size ? compile->source.bytes[offset] : '\0';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* 16 where the byte is no hexadecimal digit. */
static uint32_t digit_of(char byte)
{
    if (is_digit(byte))
        return (uint32_t)(byte - '0');
    if (byte >= 'a' && byte <= 'f')
        return (uint32_t)(byte - 'a' + 10);
    if (byte >= 'A' && byte <= 'F')
        return (uint32_t)(byte - 'A' + 10);
    return 16;
}

static uint32_t skip_digits(const struct compile *compile, uint32_t offset)
{
    while (is_digit(byte_at(compile, offset)))
        offset++;
    return offset;
}

/* The end of a double's text, or 0 if what begins here is an int. */
static uint32_t find_double_end(const struct compile *compile, uint32_t start)
{
    uint32_t end = skip_digits(compile, start), behind;
    bool is_double = false;

    if (byte_at(compile, end) == '.' && is_digit(byte_at(compile, end + 1))) {
        end = skip_digits(compile, end + 1);
        is_double = true;
    }
    if (byte_at(compile, end) == 'e' || byte_at(compile, end) == 'E') {
        behind = end + 1;
        if (byte_at(compile, behind) == '+' || byte_at(compile, behind) == '-')
            behind++;
        if (is_digit(byte_at(compile, behind))) {
            end = skip_digits(compile, behind);
            is_double = true;
        }
    }
    return is_double ? end : 0;
}

/* Digits of `base` to an int. False: over the range of an int; 2^63 alone sets *is_min_out. */
static bool read_int(struct text digits, uint32_t base, int64_t *number_out, bool *is_min_out)
{
    uint64_t number = 0;

    for (size_t i = 0; i < digits.size; i++) {
        if (__builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit_of(digits.bytes[i]), &number))
            return false;
    }
    *is_min_out = number == (uint64_t)INT64_MAX + 1;
    *number_out = (int64_t)number;
    return number <= INT64_MAX;
}

static bool is_word(char byte)
{
    return is_digit(byte) || byte == '_' || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* Letters behind a number: 6u, 10d, 3days. */
static bool refuse_suffix(struct compile *compile, uint32_t start, uint32_t end)
{
    static const struct refusal uint = {"uint", "uint",
                                        N_("leave out the u: whole numbers are int")};
    struct text suffix = {compile->source.bytes + end, 0};

    for (; is_word(byte_at(compile, end)); end++)
        suffix.size++;
    struct span span = {start, end};
    if (text_is(suffix, "u") || text_is(suffix, "U")) {
        cel_refuse(compile, span, &uint);
        return false;
    }
    struct diag *diag = cel_compile_error(compile, span, E_NUMBER, "\"%.*s\" is no number",
                                          TEXT_ARG(cel_compile_text(compile, span)));
    if (suffix.size == 1 && strchr("dhmsw", suffix.bytes[0]))
        diag_help(compile->diags, diag,
                  "a duration is written duration('36h'), in h, m and s; a day is 24h");
    return false;
}

bool cel_literal_read_number(struct compile *compile, uint32_t *offset_io, struct token *token_out)
{
    uint32_t start = *offset_io, digits = start, base = 10;
    uint32_t end = find_double_end(compile, start);
    bool is_double = end > 0, fits, is_min = false;

    token_out->kind = TOKEN_LITERAL;
    if (is_double) {
        token_out->value = value_double(0);
        fits = cel_convert_read_double(cel_compile_text(compile, (struct span){start, end}),
                                       &token_out->value.real);
    } else {
        end = skip_digits(compile, start);
        if (end == start + 1 && byte_at(compile, start) == '0' && byte_at(compile, end) == 'x' &&
            digit_of(byte_at(compile, end + 1)) < 16) {
            base = 16;
            digits = ++end;
            while (digit_of(byte_at(compile, end)) < 16)
                end++;
        }
        token_out->value = value_int(0);
        fits = read_int(cel_compile_text(compile, (struct span){digits, end}), base,
                        &token_out->value.integer, &is_min);
    }
    token_out->span = (struct span){start, end};
    *offset_io = end;
    if (is_word(byte_at(compile, end)))
        return refuse_suffix(compile, start, end);
    if (is_min)
        token_out->kind = TOKEN_INT_MIN;
    else if (!fits)
        cel_compile_error(compile, token_out->span, E_NUMBER, "%.*s is out of the range of %s",
                          TEXT_ARG(cel_compile_text(compile, token_out->span)),
                          is_double ? "double"
                                    : "int: -9223372036854775808 to 9223372036854775807");
    return fits || is_min;
}

/* An escape that stands for one character: the letter behind the backslash, and the character. */
static const char ESCAPES[][2] = {
    {'a', '\a'}, {'b', '\b'},  {'f', '\f'}, {'n', '\n'}, {'r', '\r'},  {'t', '\t'},
    {'v', '\v'}, {'\\', '\\'}, {'?', '?'},  {'"', '"'},  {'\'', '\''}, {'`', '`'},
};

/* Escapes by digits: the letter, how many digits behind it, their base. */
static const struct {
    char letter;
    uint32_t digits, base;
} CODES[] = {{'x', 2, 16}, {'X', 2, 16}, {'u', 4, 16}, {'U', 8, 16}};

static bool refuse_escape(struct compile *compile, uint32_t start, uint32_t end, const char *why)
{
    if (end > compile->source.size)
        end = (uint32_t)compile->source.size;
    struct diag *diag = cel_compile_error(compile, (struct span){start, end}, E_TEXT, "%s", why);
    diag_help(compile->diags, diag,
              "write \\\\ for a backslash, \\n for a new line, \\u00e9 for a character by number");
    return false;
}

/* Digits at `offset`: a code point, appended as UTF-8. */
static bool read_code(struct compile *compile, uint32_t start, uint32_t offset, uint32_t digits,
                      uint32_t base, struct text_buffer *buffer)
{
    uint64_t code_point = 0;
    char bytes[4];

    for (uint32_t i = 0; i < digits; i++) {
        uint32_t digit = digit_of(byte_at(compile, offset + i));
        if (digit >= base)
            return refuse_escape(compile, start, offset + i + 1, "this escape is not complete");
        code_point = code_point * base + digit;
    }
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff) ||
        (base == 8 && code_point > 0377))
        return refuse_escape(compile, start, offset + digits, "this escape names no character");
    size_t size = text_encode_code_point((uint32_t)code_point, bytes);
    text_append(buffer, (struct text){bytes, size});
    return true;
}

/* The escape at *offset_io, a backslash. */
static bool read_escape(struct compile *compile, uint32_t *offset_io, struct text_buffer *buffer)
{
    uint32_t start = *offset_io;
    char letter = byte_at(compile, start + 1);

    for (size_t i = 0; i < sizeof(ESCAPES) / sizeof(*ESCAPES); i++) {
        if (letter == ESCAPES[i][0]) {
            text_append(buffer, (struct text){&ESCAPES[i][1], 1});
            *offset_io = start + 2;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(CODES) / sizeof(*CODES); i++) {
        if (letter == CODES[i].letter) {
            *offset_io = start + 2 + CODES[i].digits;
            return read_code(compile, start, start + 2, CODES[i].digits, CODES[i].base, buffer);
        }
    }
    if (letter >= '0' && letter <= '7') {
        *offset_io = start + 4;
        return read_code(compile, start, start + 1, 3, 8, buffer);
    }
    return refuse_escape(compile, start, start + 2, "there is no such escape");
}

static bool refuse_open_text(struct compile *compile, uint32_t start, uint32_t end, bool is_triple)
{
    struct diag *diag = cel_compile_error(compile, (struct span){start, end}, E_TEXT,
                                          "this text does not end: its closing quote is missing");

    if (end < compile->source.size && !is_triple)
        diag_help(compile->diags, diag,
                  "a text over several lines stands between ''' and ''', or write \\n");
    return false;
}

bool cel_literal_read_text(struct compile *compile, uint32_t *offset_io, uint32_t prefix_size,
                           struct token *token_out)
{
    uint32_t start = *offset_io, offset = start + prefix_size;
    char quote = byte_at(compile, offset);
    bool is_triple = byte_at(compile, offset + 1) == quote && byte_at(compile, offset + 2) == quote;
    uint32_t quote_size = is_triple ? 3 : 1;
    struct text_buffer buffer;

    text_buffer_init(&buffer, compile->arena);
    for (offset += quote_size;;) {
        char byte = byte_at(compile, offset);
        if (offset >= compile->source.size || (!is_triple && (byte == '\n' || byte == '\r')))
            return refuse_open_text(compile, start, offset, is_triple);
        if (byte == quote && (!is_triple || (byte_at(compile, offset + 1) == quote &&
                                             byte_at(compile, offset + 2) == quote)))
            break;
        if (byte == '\\' && prefix_size == 0) {
            if (!read_escape(compile, &offset, &buffer))
                return false;
        } else {
            text_append(&buffer, (struct text){&compile->source.bytes[offset++], 1});
        }
    }
    *offset_io = offset + quote_size;
    token_out->kind = TOKEN_LITERAL;
    token_out->span = (struct span){start, *offset_io};
    token_out->value = value_string(text_copy(compile->arena, text_buffer_text(&buffer)));
    return true;
}
