/* Conversions between types, and the readers and writers of their texts.
 *
 * Errors name the source of what does not convert, never its value: they are shown to people and
 * may reach a log. */
#include "cel/run/convert.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cel/run/functions.h"

enum { NUMBER_BYTES_MAX = 400 };

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t skip_digits(struct text text, size_t offset)
{
    while (offset < text.size && is_digit(text.bytes[offset]))
        offset++;
    return offset;
}

/* Brings the number into the form of JSON: no plus, no leading zeros, digits on both sides of the
 * point. */
bool cel_convert_read_double(struct text text, double *number_out)
{
    char bytes[NUMBER_BYTES_MAX + 8];
    size_t size = 0, offset = 0;

    if (text.size > NUMBER_BYTES_MAX)
        return false;
    if (offset < text.size && (text.bytes[offset] == '+' || text.bytes[offset] == '-')) {
        if (text.bytes[offset++] == '-')
            bytes[size++] = '-';
    }
    size_t whole = offset, point = skip_digits(text, whole), end = point;
    if (point < text.size && text.bytes[point] == '.')
        end = skip_digits(text, point + 1);
    if (point == whole && end <= point + 1)
        return false;
    while (whole < point && text.bytes[whole] == '0')
        whole++;
    if (whole == point)
        bytes[size++] = '0';
    memcpy(bytes + size, text.bytes + whole, point - whole);
    size += point - whole;
    if (end > point + 1) {
        memcpy(bytes + size, text.bytes + point, end - point);
        size += end - point;
    }
    memcpy(bytes + size, text.bytes + end, text.size - end);
    size += text.size - end;
    return text_to_double((struct text){bytes, size}, number_out);
}

/* The fewest digits that are read back as the same number, and the decimal exponent of the first.
 */
static int find_digits(double number, char digits_out[24], int *exponent_out)
{
    char bytes[48];
    int count = 0;

    for (int precision = 0; precision <= 16; precision++) {
        snprintf(bytes, sizeof(bytes), "%.*e", precision, number);
        if (strtod(bytes, NULL) == number)
            break;
    }
    char *exponent = strchr(bytes, 'e');
    for (char *byte = bytes; byte < exponent; byte++) {
        if (is_digit(*byte))
            digits_out[count++] = *byte;
    }
    while (count > 1 && digits_out[count - 1] == '0')
        count--;
    *exponent_out = atoi(exponent + 1);
    return count;
}

struct text cel_convert_write_double(struct arena *arena, double number)
{
    char digits[24];
    struct text_buffer buffer;
    int exponent, count;

    if (isnan(number))
        return TEXT("NaN");
    if (isinf(number))
        return number > 0 ? TEXT("Infinity") : TEXT("-Infinity");
    count = find_digits(fabs(number), digits, &exponent);
    text_buffer_init(&buffer, arena);
    if (signbit(number))
        text_append(&buffer, TEXT("-"));
    if (exponent < -7 || exponent > 20) {
        text_append_printf(&buffer, "%c%s%.*se%+d", digits[0], count > 1 ? "." : "", count - 1,
                           digits + 1, exponent);
    } else if (exponent < 0) {
        text_append_printf(&buffer, "0.%.*s%.*s", -exponent - 1, "000000", count, digits);
    } else if (count <= exponent + 1) {
        text_append_printf(&buffer, "%.*s%.*s", count, digits, exponent + 1 - count,
                           "00000000000000000000");
    } else {
        text_append_printf(&buffer, "%.*s.%.*s", exponent + 1, digits, count - exponent - 1,
                           digits + exponent + 1);
    }
    return text_copy(arena, text_buffer_text(&buffer));
}

/* The items of a conversion as they are written: names and literals, not values. */
static struct text source_of(const struct evaluation *evaluation, const struct node *node)
{
    struct span span = node->item_count > 0 ? node->items[0]->span : node->span;

    return (struct text){evaluation->program->source.bytes + span.start, span.end - span.start};
}

CEL_RUN(cel_run_same)
{
    (void)evaluation;
    (void)node;
    *value_out = items[0];
    return 0;
}

CEL_RUN(cel_run_to_bool)
{
    static const char *const TRUE[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const FALSE[] = {"0", "f", "F", "false", "FALSE", "False"};

    for (size_t i = 0; i < sizeof(TRUE) / sizeof(*TRUE); i++) {
        bool is_true = text_is(items[0].string, TRUE[i]);
        if (is_true || text_is(items[0].string, FALSE[i])) {
            *value_out = value_bool(is_true);
            return 0;
        }
    }
    return cel_evaluation_fail(evaluation, "%.*s is no bool: it must be true or false",
                               TEXT_ARG(source_of(evaluation, node)));
}

static bool read_int(struct text text, int64_t *number_out)
{
    if (text.size > 1 && text.bytes[0] == '+' && is_digit(text.bytes[1]))
        text = (struct text){text.bytes + 1, text.size - 1};
    return text_to_int(text, number_out);
}

CEL_RUN(cel_run_to_int)
{
    struct text source = source_of(evaluation, node);

    *value_out = value_int(0);
    if (items[0].kind == VALUE_TIMESTAMP) {
        value_out->integer = items[0].instant.seconds;
    } else if (items[0].kind == VALUE_STRING) {
        if (!read_int(items[0].string, &value_out->integer))
            return cel_evaluation_fail(evaluation, "%.*s is no whole number", TEXT_ARG(source));
    } else {
        /* Both ends are 2^63, the next doubles inside are well within. */
        if (!(items[0].real > -0x1p63 && items[0].real < 0x1p63))
            return cel_evaluation_fail(evaluation, "%.*s is out of the range of int",
                                       TEXT_ARG(source));
        value_out->integer = (int64_t)items[0].real;
    }
    return 0;
}

CEL_RUN(cel_run_to_double)
{
    double number = 0;

    if (items[0].kind == VALUE_INT)
        number = (double)items[0].integer;
    else if (!cel_convert_read_double(items[0].string, &number))
        return cel_evaluation_fail(evaluation, "%.*s is no number",
                                   TEXT_ARG(source_of(evaluation, node)));
    *value_out = value_double(number);
    return 0;
}

CEL_RUN(cel_run_to_string)
{
    struct arena *arena = evaluation->arena;
    struct text text = TEXT_NONE;

    (void)node;
    switch (items[0].kind) {
    case VALUE_BOOL:
        text = items[0].boolean ? TEXT("true") : TEXT("false");
        break;
    case VALUE_INT:
        text = text_printf(arena, "%lld", (long long)items[0].integer);
        break;
    case VALUE_DOUBLE:
        text = cel_convert_write_double(arena, items[0].real);
        break;
    case VALUE_TIMESTAMP:
        text = when_write_timestamp(arena, items[0].instant);
        break;
    case VALUE_DURATION:
        text = cel_convert_write_duration(arena, items[0].instant);
        break;
    case VALUE_STRING:
        text = items[0].string;
        break;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
        return cel_evaluation_fail(evaluation, "a %s has no text", cel_kind_name(items[0].kind));
    }
    *value_out = value_string(text);
    return 0;
}

CEL_RUN(cel_run_to_timestamp)
{
    struct text source = source_of(evaluation, node);
    struct instant instant = {0, 0};

    if (items[0].kind == VALUE_INT) {
        instant.seconds = items[0].integer;
    } else if (!when_read_timestamp(items[0].string, &instant)) {
        if (when_read_date(items[0].string, &instant))
            return cel_evaluation_fail(evaluation,
                                       "%.*s is a date without a time: write date(%.*s)",
                                       TEXT_ARG(source), TEXT_ARG(source));
        return cel_evaluation_fail(evaluation,
                                   "%.*s is no timestamp of the years 0001 to 9999: it is written "
                                   "as 2012-01-31T08:30:00Z",
                                   TEXT_ARG(source));
    }
    if (!cel_convert_is_timestamp(instant))
        return cel_evaluation_fail(evaluation, "%.*s is out of the range of the years 0001 to 9999",
                                   TEXT_ARG(source));
    *value_out = value_timestamp(instant);
    return 0;
}

CEL_RUN(cel_run_to_date)
{
    struct instant instant;

    if (!when_read_date(items[0].string, &instant))
        return cel_evaluation_fail(evaluation, "%.*s is no date: it is written as 2012-01-31",
                                   TEXT_ARG(source_of(evaluation, node)));
    *value_out = value_timestamp(instant);
    return 0;
}

/* "10d" and "2w", which workflow files know and CEL does not: in hours. 0 for anything else. */
static int64_t hours_of(struct text text)
{
    size_t end = skip_digits(text, 0);
    int64_t count;

    if (end == 0 || end > 6 || end + 1 != text.size ||
        !text_to_int((struct text){text.bytes, end}, &count))
        return 0;
    return text.bytes[end] == 'd' ? count * 24 : text.bytes[end] == 'w' ? count * 168 : 0;
}

CEL_RUN(cel_run_to_duration)
{
    struct text source = source_of(evaluation, node);
    struct instant duration;

    if (cel_convert_read_duration(items[0].string, &duration)) {
        *value_out = value_duration(duration);
        return 0;
    }
    bool is_literal = node->item_count > 0 && node->items[0]->kind == NODE_LITERAL;
    int64_t hours = is_literal ? hours_of(items[0].string) : 0;
    if (hours > 0)
        return cel_evaluation_fail(evaluation, "%.*s is no duration: write '%lldh'",
                                   TEXT_ARG(source), (long long)hours);
    return cel_evaluation_fail(
        evaluation,
        "%.*s is no duration of at most 292 years: it is written in h, m, s, "
        "ms, us and ns, such as 1h30m",
        TEXT_ARG(source));
}
