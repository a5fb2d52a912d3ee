/* libyaml's words are for people who know its insides. This table has ours: for each of its
 * messages what is wrong, and what to write instead, as printf has it. %zu stands for the line at
 * which the thing begins in which the fault was found.
 *
 * The codes of this folder, stable for ever:
 *
 *   E001 not UTF-8                 E008 merge key                 E015 a colon too many or missing
 *   E002 a character not allowed   E009 a key stands twice        E016 the indentation fits nothing
 *   E003 the file is too large     E010 a key that is no text     E017 a value cannot begin so
 *   E004 nested too deeply         E011 a second document         E018 directives, escapes, others
 *   E005 a tab as indentation      E012 nothing in the file       E019 too many values
 *   E006 anchor or alias           E013 a quote is not closed
 *   E007 tag                       E014 a bracket is not closed */
#include "yaml/fault.h"

#include <string.h>

#include "base/check.h"

enum shown_at { AT_PROBLEM, AT_CONTEXT };

struct fault {
    const char *context, *problem; /* what libyaml's begin with; NULL: any */
    const char *code;
    enum shown_at shown_at;
    const char *message, *help;
};

static const struct fault faults[] = {
    {"while scanning an a", NULL, "E006", AT_PROBLEM,
     N_("A value that begins with & or * would be an anchor or an alias, which are not used here."),
     "write the text in quotes"},
    {"while scanning a tag", NULL, "E007", AT_PROBLEM,
     N_("A value that begins with ! would be a tag, which is not used here."),
     "write the text in quotes"},
    {"while parsing a tag", NULL, "E007", AT_PROBLEM,
     N_("A value that begins with ! would be a tag, which is not used here."),
     "write the text in quotes"},
    {NULL, "found undefined tag handle", "E007", AT_PROBLEM, N_("Tags are not used here."),
     N_("leave it out, or write the text in quotes")},
    {"while scanning a quoted scalar", "found unexpected", "E013", AT_CONTEXT,
     N_("The quote that begins in line %zu is not closed."), N_("close it with the same quote")},
    {NULL, "found unknown escape character", "E018", AT_PROBLEM,
     N_("There is no such escape after a backslash."),
     N_("write \\\\ for a backslash, or use single quotes, in which it means itself")},
    {NULL, "did not find expected hexdecimal number", "E018", AT_PROBLEM,
     N_("Hexadecimal digits are missing behind \\x, \\u or \\U."),
     N_("write \\\\ for a backslash, or use single quotes, in which it means itself")},
    {NULL, "found invalid Unicode character escape code", "E018", AT_PROBLEM,
     N_("The escape stands for no character."), N_("write the character itself")},
    {"while parsing a flow sequence", NULL, "E014", AT_PROBLEM,
     N_("The list that begins with [ in line %zu is not closed, or a comma is missing."),
     N_("put a comma between items and ] behind the last")},
    {"while parsing a flow mapping", NULL, "E014", AT_PROBLEM,
     N_("The map that begins with { in line %zu is not closed, or a comma is missing."),
     N_("put a comma between members and } behind the last")},
    {NULL, "mapping values are not allowed", "E015", AT_PROBLEM, "A colon cannot stand here.",
     N_("write a text that holds a colon in quotes, and each key on a line of its own")},
    {NULL, "could not find expected ':'", "E015", AT_CONTEXT,
     N_("A key and a colon are expected here."),
     N_("write KEY: VALUE, with a space behind the colon")},
    {NULL, "mapping keys are not allowed", "E016", AT_PROBLEM, N_("A key cannot stand here."),
     N_("begin a new line for it")},
    {NULL, "block sequence entries are not allowed", "E016", AT_PROBLEM,
     N_("A list item cannot stand here."), N_("begin a new line for each item")},
    {"while parsing a block collection", NULL, "E016", AT_PROBLEM,
     N_("Only items of the list that begins in line %zu can stand here."),
     N_("begin with a dash, as far in as the other items")},
    {"while parsing a block mapping", NULL, "E016", AT_PROBLEM,
     N_("Only keys of the map that begins in line %zu can stand here."),
     N_("write KEY: VALUE, as far in as the other keys")},
    {"while scanning a block scalar", NULL, "E018", AT_PROBLEM,
     N_("Behind | or > only an indentation of 1 to 9, + or -, and a comment may follow."),
     N_("begin the text on the next line")},
    {NULL, "did not find expected node content", "E018", AT_PROBLEM, N_("A value is missing here."),
     N_("write it, or remove the comma")},
    {"while scanning a directive", NULL, "E018", AT_PROBLEM,
     N_("A line that begins with %% would be a directive, which is not used here."),
     N_("leave the line out")},
    {"while scanning a %", NULL, "E018", AT_PROBLEM,
     N_("A line that begins with %% would be a directive, which is not used here."),
     N_("leave the line out")},
    {NULL, "found duplicate %", "E018", AT_PROBLEM, N_("Directives are not used here."),
     N_("leave the lines that begin with %% out")},
    {NULL, "found incompatible YAML", "E018", AT_PROBLEM, N_("Directives are not used here."),
     N_("leave the line that begins with %%YAML out")},
    {NULL, "did not find expected <document start>", "E018", AT_PROBLEM,
     N_("Something stands behind the end of the document."),
     N_("remove it, or write it as a part of the map above")},
};

static bool begins(const char *text, const char *prefix)
{
    return prefix == NULL || (text != NULL && strncmp(text, prefix, strlen(prefix)) == 0);
}

static void add_unusable_character(const yaml_parser_t *parser, struct source *source,
                                   struct diag_list *diags)
{
    char c = yaml_source_char(source, parser->problem_mark.index);
    struct diag *diag = diag_add(
        diags, DIAG_ERROR, "E017",
        yaml_source_place(source, parser->problem_mark.line, parser->problem_mark.column, 1),
        "A value cannot begin with \"%c\".", c);
    diag_help(diags, diag, "write the text in quotes");
}

/* What people meet most where a map in braces, or a list in brackets, goes wrong. True: told. */
static bool add_of_flow(const yaml_parser_t *parser, struct source *source, struct diag_list *diags)
{
    const yaml_mark_t *mark = &parser->problem_mark;
    struct diag *diag;
    if (!begins(parser->context, "while parsing a flow"))
        return false;
    if (mark->line == parser->context_mark.line && yaml_source_char(source, mark->index) == ':') {
        diag = diag_add(diags, DIAG_ERROR, "E015",
                        yaml_source_place(source, mark->line, mark->column, 1),
                        "A colon cannot stand here.");
        diag_help(diags, diag, "write a text that holds a colon in quotes");
        return true;
    }
    for (size_t line = parser->context_mark.line; line < mark->line; line++) {
        struct text text = yaml_source_line(source, line);
        for (size_t i = 1; i < text.size; i++) {
            if (text.bytes[i] != '#' || text.bytes[i - 1] != ' ')
                continue;
            size_t column = text_code_points((struct text){text.bytes, i});
            diag = diag_add(diags, DIAG_ERROR, "E014", yaml_source_place(source, line, column, 1),
                            "A comment begins here, and what begins with %c in line %zu is not "
                            "closed before it.",
                            strstr(parser->context, "mapping") != NULL ? '{' : '[',
                            parser->context_mark.line + 1);
            diag_help(diags, diag, "write a text that holds # behind a space in quotes");
            return true;
        }
    }
    return false;
}

/* A blank that is no space, where YAML needs one. True: told. */
static bool add_false_space(const yaml_parser_t *parser, const struct source *source,
                            struct diag_list *diags)
{
    size_t problem = parser->problem_mark.line, column;
    const size_t lines[] = {parser->context_mark.line, problem > 0 ? problem - 1 : 0, problem};
    for (size_t i = 0; i < 3; i++) {
        if (!yaml_source_false_space(source, lines[i], &column))
            continue;
        struct diag *diag =
            diag_add(diags, DIAG_ERROR, "E015", yaml_source_place(source, lines[i], column, 1),
                     "What stands behind this colon looks like a space and is none.");
        diag_help(diags, diag, "delete it, and write a space");
        return true;
    }
    return false;
}

static void add_from_table(const struct fault *fault, const yaml_parser_t *parser,
                           const struct source *source, struct diag_list *diags)
{
    const yaml_mark_t *mark =
        fault->shown_at == AT_CONTEXT ? &parser->context_mark : &parser->problem_mark;
    struct place place = yaml_source_place(source, mark->line, mark->column, 1);
    struct diag *diag = diag_add(diags, DIAG_ERROR, fault->code, place, fault->message,
                                 parser->context_mark.line + 1);

    diag_help(diags, diag, fault->help, 0);
}

void yaml_fault_add(const yaml_parser_t *parser, struct source *source, struct diag_list *diags)
{
    /* The tree's allocator never fails, and neither shall libyaml's. */
    CHECK(parser->error != YAML_MEMORY_ERROR);
    size_t column;
    if (yaml_source_leading_tab(source, parser->problem_mark.line, &column)) {
        yaml_source_add_tab(source, parser->problem_mark.line, column, diags);
        return;
    }
    if (begins(parser->problem, "found character that cannot start any token")) {
        add_unusable_character(parser, source, diags);
        return;
    }
    if (add_false_space(parser, source, diags) || add_of_flow(parser, source, diags))
        return;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (begins(parser->context, faults[i].context) &&
            begins(parser->problem, faults[i].problem)) {
            add_from_table(&faults[i], parser, source, diags);
            return;
        }
    }
    diag_add(diags, DIAG_ERROR, "E018",
             yaml_source_place(source, parser->problem_mark.line, parser->problem_mark.column, 1),
             "This is not YAML.");
}
