/* What CEL has and the profile of workflow-language.md has not: refused by name. */
#include "cel/tree.h"

static const char STRINGS[] = N_("the string extension");
static const char MATH[] = N_("the math extension");
static const char LISTS[] = N_("the list extension");
static const char TWO[] = N_("two-variable macros");
static const char OPTIONALS[] = N_("optionals");
static const char HAS[] = N_("ask with has() before reading");
static const char STRING_HELP[] = N_("texts have size(), contains(), startsWith() and endsWith()");
static const char LIST_HELP[] =
    N_("lists have size(), in, all(), exists(), exists_one(), filter() and map()");
static const char NUMBER_HELP[] = N_("numbers have + - * / %% and comparisons");
static const char TYPE_HELP[] = N_("types are known when the workflow is loaded");

static const struct refusal FUNCTIONS[] = {
    {"uint", "uint", N_("whole numbers are int")},
    {"bytes", "bytes", N_("write a text")},
    {"dyn", "dyn", N_("every value has one type; convert with string(), int() or double()")},
    {"type", "type()", TYPE_HELP},
    {"matches", "matches", N_("texts have contains(), startsWith() and endsWith()")},
    {"existsOne", TWO, N_("write exists_one(x, ...)")},
    {"transformList", TWO, N_("write map(x, ...)")},
    {"transformMap", TWO, N_("write map(x, ...)")},
    {"transformMapEntry", TWO, N_("write map(x, ...)")},
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
    {"format", STRINGS, N_("join texts with +")},
    {"reverse", STRINGS, STRING_HELP},
    {"distinct", LISTS, LIST_HELP},
    {"flatten", LISTS, LIST_HELP},
    {"slice", LISTS, LIST_HELP},
    {"sort", LISTS, LIST_HELP},
    {"sortBy", LISTS, LIST_HELP},
};

static const struct refusal NAMESPACES[] = {
    {"cel", "cel.bind", N_("write the value out where it is used")},
    {"math", MATH, NUMBER_HELP},
    {"strings", STRINGS, STRING_HELP},
    {"lists", LISTS, LIST_HELP},
    {"sets", N_("the set extension"), LIST_HELP},
    {"base64", N_("the encoder extension"), N_("write a text")},
    {"regex", "matches", N_("texts have contains(), startsWith() and endsWith()")},
    {"optional", OPTIONALS, HAS},
    {"google", N_("messages"), N_("a map is written {'key': value}")},
};

static const struct refusal TYPES[] = {
    {"bool", N_("type values"), TYPE_HELP},
    {"int", N_("type values"), TYPE_HELP},
    {"uint", N_("type values"), TYPE_HELP},
    {"double", N_("type values"), TYPE_HELP},
    {"string", N_("type values"), TYPE_HELP},
    {"bytes", N_("type values"), TYPE_HELP},
    {"list", N_("type values"), TYPE_HELP},
    {"map", N_("type values"), TYPE_HELP},
    {"null_type", N_("type values"), TYPE_HELP},
    {"type", N_("type values"), TYPE_HELP},
    {"dyn", N_("type values"), TYPE_HELP},
    {"google", N_("messages"), N_("a map is written {'key': value}")},
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
    diag_help(compile->diags, diag, refusal->instead, 0);
}
