/* Checks beside libyaml, on the bytes that its events span (strict.h). */
#include "yaml/strict.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void refuse_comment(const struct source *source, size_t line, size_t column,
                           struct diag_list *diags)
{
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, "E018", yaml_source_place(source, line, column, 1),
                 "A comment cannot begin here.");
    diag_help(diags, diag, "write a space before the #");
}

/* Inside brackets and braces libyaml leaves the question mark of ?a out. */
static void refuse_question(const struct source *source, size_t line, size_t column,
                            struct diag_list *diags)
{
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, "E017", yaml_source_place(source, line, column, 1),
                 "A value cannot begin with \"?\" here.");
    diag_help(diags, diag, "write the text in quotes");
}

void yaml_strict_gap(struct source *source, const yaml_mark_t *from, const yaml_mark_t *to,
                     struct diag_list *diags)
{
    size_t line = from->line, column = from->column;
    bool after_blank = column == 0, in_comment = false;

    for (size_t index = from->index; index < to->index; index++, column++) {
        char c = yaml_source_char(source, index);

        if (c == '#' && !in_comment && !after_blank)
            refuse_comment(source, line, column, diags);
        if (c == '?' && !in_comment && !is_blank(yaml_source_char(source, index + 1)))
            refuse_question(source, line, column, diags);
        in_comment = c != '\n' && (in_comment || c == '#');
        after_blank = is_blank(c);
        if (c != '\n')
            continue;
        line++;
        column = (size_t)-1; /* 0 for the next one */
    }
}

static size_t spaces_of(struct text line)
{
    size_t count = 0;

    while (count < line.size && line.bytes[count] == ' ')
        count++;
    return count;
}

static bool is_empty(struct text line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!is_blank(line.bytes[i]))
            return false;
    return true;
}

static const char *const begun[] = {
    [STRICT_OF_TEXT] =
        N_("This line belongs to the text that begins in line %zu, and is not as far "
           "in as it must be."),
    [STRICT_OF_LIST] =
        N_("This line belongs to the list that begins in line %zu, and is not as far "
           "in as it must be."),
    [STRICT_OF_MAP] =
        N_("This line belongs to the map that begins in line %zu, and is not as far in "
           "as it must be."),
};

/* False, and told, if it is not as far in. */
static bool check_line(const struct source *source, size_t line, size_t begin, size_t indent,
                       bool in_text, enum strict_of of, struct diag_list *diags)
{
    struct text text = yaml_source_line(source, line);
    size_t spaces = spaces_of(text), tab;
    struct diag *diag;

    if (spaces >= indent || is_empty(text))
        return true;
    if (yaml_source_leading_tab(source, line, &tab)) {
        /* Outside of texts every such line is told of, at the end. */
        if (in_text)
            yaml_source_add_tab(source, line, tab, diags);
        return !in_text;
    }
    if (text.bytes[spaces] == '#' && !in_text)
        return true;
    diag = diag_add(diags, DIAG_ERROR, "E016", yaml_source_place(source, line, spaces, 1),
                    begun[of], begin + 1);
    diag_help(diags, diag,
              indent == 1 ? N_("begin it with %zu space or more")
                          : N_("begin it with %zu spaces or more"),
              indent);
    return false;
}

void yaml_strict_lines(const struct source *source, const yaml_mark_t *begin,
                       const yaml_mark_t *end, size_t indent, const bool *in_text,
                       enum strict_of of, struct diag_list *diags)
{
    bool goes_on = true;

    for (size_t line = begin->line + 1; goes_on && line <= end->line; line++)
        goes_on = line >= source->line_count ||
                  check_line(source, line, begin->line, indent, in_text[line], of, diags);
}

/* The empty lines that a block text begins with tell how far in its lines are, unless the first of
 * these is less far in: then nobody can say what was meant. */
static void check_first_lines(const struct source *source, size_t header, size_t indent,
                              struct diag_list *diags)
{
    size_t most = 0, line = header + 1;
    struct text text = yaml_source_line(source, line);
    struct diag *diag;

    for (; line < source->line_count && spaces_of(text) == text.size;
         text = yaml_source_line(source, ++line))
        most = text.size > most ? text.size : most;
    if (line >= source->line_count || spaces_of(text) < indent || spaces_of(text) >= most)
        return;
    diag = diag_add(diags, DIAG_ERROR, "E016", yaml_source_place(source, line, spaces_of(text), 1),
                    "An empty line above has more spaces than this first line of the text.");
    diag_help(diags, diag, "remove the spaces of the empty lines");
}

void yaml_strict_block(struct source *source, const yaml_mark_t *begin, size_t indent,
                       struct diag_list *diags)
{
    bool is_explicit = false;
    size_t index = begin->index + 1;
    char c = yaml_source_char(source, index);

    for (; c != '\0' && strchr("+-0123456789", c) != NULL; c = yaml_source_char(source, ++index))
        is_explicit |= c != '+' && c != '-';
    if (c == '#')
        refuse_comment(source, begin->line, begin->column + (index - begin->index), diags);
    if (!is_explicit)
        check_first_lines(source, begin->line, indent, diags);
}

void yaml_strict_plain(struct source *source, const yaml_mark_t *begin, struct text text,
                       struct diag_list *diags)
{
    struct diag *diag;

    /* Before a colon it is a key, as in -: 1. */
    if (!text_is(text, "-") || yaml_source_char(source, begin->index + 1) == ':')
        return;
    diag = diag_add(diags, DIAG_ERROR, "E017",
                    yaml_source_place(source, begin->line, begin->column, 1),
                    "A value cannot be \"-\" alone.");
    diag_help(diags, diag, "write the text in quotes");
}
