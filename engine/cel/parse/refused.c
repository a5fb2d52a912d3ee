/* What CEL has and the profile of workflow-language.md has not: refused by name. */
#include "cel/tree.h"

static const char STRINGS[] = "the string extension";
static const char MATH[] = "the math extension";
static const char LISTS[] = "the list extension";
static const char TWO[] = "two-variable macros";
static const char OPTIONALS[] = "optionals";
static const char HAS[] = "ask with has() before reading";
static const char STRING_HELP[] = "texts have size(), contains(), startsWith() and endsWith()";
static const char LIST_HELP[] =
    "lists have size(), in, all(), exists(), exists_one(), filter() and map()";
static const char NUMBER_HELP[] = "numbers have + - * / % and comparisons";
static const char TYPE_HELP[] = "types are known when the workflow is loaded";

static const struct refusal FUNCTIONS[] = {
    {"uint", "uint", "whole numbers are int"},
    {"bytes", "bytes", "write a text"},
    {"dyn", "dyn", "every value has one type; convert with string(), int() or double()"},
    {"type", "type()", TYPE_HELP},
    {"matches", "matches", "texts have contains(), startsWith() and endsWith()"},
    {"existsOne", TWO, "write exists_one(x, ...)"},
    {"transformList", TWO, "write map(x, ...)"},
    {"transformMap", TWO, "write map(x, ...)"},
    {"transformMapEntry", TWO, "write map(x, ...)"},
    {"optMap", OPTIONALS, HAS},
    {"optFlatMap", OPTIONALS, HAS},
    {"orValue", OPTIONALS, HAS},
    {"hasValue", OPTIONALS, HAS},
    {"value", OPTIONALS, HAS},
    {"or", OPTIONALS, HAS},
    {"charAt", STRINGS, STRING_HELP},
    {"indexOf", STRINGS, STRING_HELP},
    {"lastIndexOf", STRINGS, STRING_HELP},
    {"join", STRINGS, STRING_HELP},
    {"lowerAscii", STRINGS, STRING_HELP},
    {"upperAscii", STRINGS, STRING_HELP},
    {"replace", STRINGS, STRING_HELP},
    {"split", STRINGS, STRING_HELP},
    {"substring", STRINGS, STRING_HELP},
    {"trim", STRINGS, STRING_HELP},
    {"format", STRINGS, "join texts with +"},
    {"reverse", STRINGS, STRING_HELP},
    {"distinct", LISTS, LIST_HELP},
    {"flatten", LISTS, LIST_HELP},
    {"slice", LISTS, LIST_HELP},
    {"sort", LISTS, LIST_HELP},
    {"sortBy", LISTS, LIST_HELP},
};

static const struct refusal NAMESPACES[] = {
    {"cel", "cel.bind", "write the value out where it is used"},
    {"math", MATH, NUMBER_HELP},
    {"strings", STRINGS, STRING_HELP},
    {"lists", LISTS, LIST_HELP},
    {"sets", "the set extension", LIST_HELP},
    {"base64", "the encoder extension", "write a text"},
    {"regex", "matches", "texts have contains(), startsWith() and endsWith()"},
    {"optional", OPTIONALS, HAS},
    {"google", "messages", "a map is written {'key': value}"},
};

static const struct refusal TYPES[] = {
    {"bool", "type values", TYPE_HELP},
    {"int", "type values", TYPE_HELP},
    {"uint", "type values", TYPE_HELP},
    {"double", "type values", TYPE_HELP},
    {"string", "type values", TYPE_HELP},
    {"bytes", "type values", TYPE_HELP},
    {"list", "type values", TYPE_HELP},
    {"map", "type values", TYPE_HELP},
    {"null_type", "type values", TYPE_HELP},
    {"type", "type values", TYPE_HELP},
    {"dyn", "type values", TYPE_HELP},
    {"google", "messages", "a map is written {'key': value}"},
};

static const struct refusal *find(const struct refusal *table, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(name, table[i].word))
            return &table[i];
    }
    return NULL;
}

const struct refusal *cel_refused_function(struct text name)
{
    return find(FUNCTIONS, sizeof(FUNCTIONS) / sizeof(*FUNCTIONS), name);
}

const struct refusal *cel_refused_namespace(struct text name)
{
    return find(NAMESPACES, sizeof(NAMESPACES) / sizeof(*NAMESPACES), name);
}

const struct refusal *cel_refused_type_name(struct text name)
{
    return find(TYPES, sizeof(TYPES) / sizeof(*TYPES), name);
}

void cel_refuse(struct compile *compile, struct span span, const struct refusal *refusal)
{
    struct text text = cel_compile_text(compile, span);
    struct diag *diag =
        text_is(text, refusal->what)
            ? cel_compile_error(compile, span, E_PROFILE, "%s is not in the profile", refusal->what)
            : cel_compile_error(compile, span, E_PROFILE, "\"%.*s\" is not in the profile: %s",
                                TEXT_ARG(text), refusal->what);
    diag_help(compile->diags, diag, "%s", refusal->instead);
}
