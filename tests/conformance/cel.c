/* Runs the conformance cases of expressions: cel-conformance FILE.jsonl...
 *
 * One case a line, as the README beside the cases describes. A line is printed for each case that
 * fails, and the tally at the end. Exits 1 if any failed, 2 if a file cannot be read or a line
 * cannot be understood.
 *
 * The happy path of a case:
 * 1. its variables, states and acts become a scope and bindings (case_read);
 * 2. the expression is compiled, and evaluated unless only its type is asked for (case_run);
 * 3. what came of it is held against what was expected (case_judge). */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/when.h"
#include "cel/cel.h"

enum { FILE_BYTES_MAX = 1 << 24 };

struct variable {
    const struct cel_type *type;
    bool is_set;
    struct value value;
};

struct conformance_case {
    struct arena *arena;
    struct value json;
    struct text expression;
    struct cel_name *names;
    struct variable *variables;
    size_t name_count;
    struct cel_scope scope;
    const struct value *active; /* states */
    const struct value *acted;  /* pairs of person and transition */
};

/* What came of a case. */
struct outcome {
    enum { REFUSED, FAILED, TYPED, GAVE } end;
    struct text message; /* of an error, with label and help */
    const struct cel_type *type;
    struct value value;
};

struct tally {
    unsigned passed, failed, skipped;
};

/* --- reading a case --- */

static const struct cel_type *type_read(struct arena *arena, struct text text)
{
    static const enum cel_type_kind KINDS[] = {CEL_UNKNOWN,   CEL_NULL,    CEL_BOOL,
                                               CEL_INT,       CEL_DOUBLE,  CEL_STRING,
                                               CEL_TIMESTAMP, CEL_DURATION};
    size_t skip = text_begins(text, "list<") ? 5 : text_begins(text, "map<string,") ? 11 : 0;

    if (skip > 0 && text_ends(text, ">")) {
        struct cel_type *type = ARENA_NEW(arena, struct cel_type);
        type->kind = skip == 5 ? CEL_LIST : CEL_MAP;
        type->element = type_read(arena, (struct text){text.bytes + skip, text.size - skip - 1});
        return type->element ? type : NULL;
    }
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++) {
        const struct cel_type *type = cel_type_of(KINDS[i]);
        if (text_equal(cel_type_write(arena, type), text))
            return type;
    }
    return NULL;
}

/* "-0.5s" */
static bool duration_read(struct text text, struct instant *duration_out)
{
    bool is_negative = text_begins(text, "-");
    int64_t seconds = 0, nanos = 0, scale = 0;

    if (!text_ends(text, "s"))
        return false;
    for (size_t i = is_negative ? 1 : 0; i < text.size - 1; i++) {
        char byte = text.bytes[i];
        if (byte == '.' && scale == 0) {
            scale = 100000000;
        } else if (byte < '0' || byte > '9') {
            return false;
        } else if (scale > 0) {
            nanos += (byte - '0') * scale;
            scale /= 10;
        } else {
            seconds = seconds * 10 + (byte - '0');
        }
    }
    if (is_negative) {
        seconds = nanos > 0 ? -seconds - 1 : -seconds;
        nanos = nanos > 0 ? 1000000000 - nanos : 0;
    }
    *duration_out = (struct instant){seconds, (int32_t)nanos};
    return true;
}

static bool double_read(const struct value *json, struct value *value_out)
{
    static const struct {
        const char *text;
        double number;
    } WORDS[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};

    if (json->kind == VALUE_DOUBLE) {
        *value_out = *json;
        return true;
    }
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if (value_is_string(json, WORDS[i].text)) {
            *value_out = value_double(WORDS[i].number);
            return true;
        }
    }
    return false;
}

static bool value_read(struct arena *arena, const struct cel_type *type, const struct value *json,
                       struct value *value_out);

static bool items_read(struct arena *arena, const struct cel_type *type, const struct value *json,
                       struct value *value_out)
{
    bool is_list = type->kind == CEL_LIST;

    if (json->kind != (is_list ? VALUE_LIST : VALUE_MAP))
        return false;
    *value_out = is_list ? value_list(arena) : value_map(arena);
    for (size_t i = 0; i < value_count(json); i++) {
        struct value item;
        const struct value *from = is_list ? value_item(json, i) : &value_member(json, i)->value;
        if (!value_read(arena, type->element, from, &item))
            return false;
        if (is_list)
            value_append(value_out, item);
        else
            value_set(value_out, value_member(json, i)->key, item);
    }
    return true;
}

/* The value that JSON writes for a type. */
static bool value_read(struct arena *arena, const struct cel_type *type, const struct value *json,
                       struct value *value_out)
{
    struct instant instant = {0, 0};
    int64_t integer;

    *value_out = *json;
    switch (type->kind) {
    case CEL_UNKNOWN:
        return true;
    case CEL_NULL:
        return json->kind == VALUE_NULL;
    case CEL_BOOL:
        return json->kind == VALUE_BOOL;
    case CEL_STRING:
        return json->kind == VALUE_STRING;
    case CEL_INT:
        if (json->kind == VALUE_STRING && text_to_int(json->string, &integer))
            *value_out = value_int(integer);
        return value_out->kind == VALUE_INT;
    case CEL_DOUBLE:
        return double_read(json, value_out);
    case CEL_TIMESTAMP:
        if (json->kind != VALUE_STRING || !when_read_timestamp(json->string, &instant))
            return false;
        *value_out = value_timestamp(instant);
        return true;
    case CEL_DURATION:
        if (json->kind != VALUE_STRING || !duration_read(json->string, &instant))
            return false;
        *value_out = value_duration(instant);
        return true;
    case CEL_LIST:
    case CEL_MAP:
        return items_read(arena, type, json, value_out);
    }
    return false;
}

/* A list of strings as texts; also NULL. */
static struct text *texts_read(struct arena *arena, const struct value *list)
{
    struct text *texts = ARENA_ARRAY(arena, struct text, value_count(list) + 1);

    for (size_t i = 0; i < value_count(list); i++)
        texts[i] = value_item(list, i)->string;
    return texts;
}

static bool variable_read(struct conformance_case *one, const struct value_member *member)
{
    struct cel_name *name = &one->names[one->name_count];
    struct variable *variable = &one->variables[one->name_count++];
    const struct value *options = value_get(&member->value, TEXT("options"));
    const struct value *value = value_get(&member->value, TEXT("value"));

    variable->type = type_read(one->arena, value_text_at(&member->value, "type"));
    if (!variable->type)
        return false;
    *name = (struct cel_name){.name = member->key, .type = variable->type};
    if (options) {
        name->options = texts_read(one->arena, options);
        name->option_count = value_count(options);
    }
    variable->is_set = value != NULL;
    return !value || value_read(one->arena, variable->type, value, &variable->value);
}

/* The transitions that `acted` speaks of, alone and behind a state. */
static void acts_read(struct conformance_case *one)
{
    struct text *transitions = ARENA_ARRAY(one->arena, struct text, value_count(one->acted) + 1);

    for (size_t i = 0; i < value_count(one->acted); i++)
        transitions[i] = value_item(value_item(one->acted, i), 1)->string;
    one->scope.transitions = one->acted ? transitions : NULL;
    one->scope.transition_count = value_count(one->acted);
}

static bool case_read(struct conformance_case *one)
{
    const struct value *variables = value_get(&one->json, TEXT("vars"));
    const struct value *states = value_at(&one->json, "states/all");

    one->expression = value_text_at(&one->json, "expr");
    one->names = ARENA_ARRAY(one->arena, struct cel_name, value_count(variables) + 1);
    one->variables = ARENA_ARRAY(one->arena, struct variable, value_count(variables) + 1);
    for (size_t i = 0; i < value_count(variables); i++) {
        if (!variable_read(one, value_member(variables, i)))
            return false;
    }
    one->scope.names = one->names;
    one->scope.name_count = one->name_count;
    one->scope.states = states ? texts_read(one->arena, states) : NULL;
    one->scope.state_count = value_count(states);
    one->active = value_at(&one->json, "states/active");
    one->acted = value_get(&one->json, TEXT("acted"));
    acts_read(one);
    return value_get(&one->json, TEXT("expr")) && value_get(&one->json, TEXT("expect"));
}

/* --- running it --- */

static bool read_name(void *self, struct text name, struct value *value_out)
{
    struct conformance_case *one = self;

    for (size_t i = 0; i < one->name_count; i++) {
        if (text_equal(one->names[i].name, name)) {
            *value_out = one->variables[i].value;
            return one->variables[i].is_set;
        }
    }
    return false;
}

static bool in_state(void *self, struct text state)
{
    struct conformance_case *one = self;

    for (size_t i = 0; i < value_count(one->active); i++) {
        if (text_equal(value_item(one->active, i)->string, state))
            return true;
    }
    return false;
}

static bool acted(void *self, struct text person, struct text transition)
{
    struct conformance_case *one = self;

    for (size_t i = 0; i < value_count(one->acted); i++) {
        const struct value *pair = value_item(one->acted, i);
        if (text_equal(value_item(pair, 0)->string, person) &&
            text_equal(value_item(pair, 1)->string, transition))
            return true;
    }
    return false;
}

/* Zones from the system's zone data; `self` is the arena they live in. */
static const struct zone *zone_load(void *self, struct text name)
{
    char path[256], bytes[1 << 16];

    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%.*s", TEXT_ARG(name));
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return zone_parse(self, bytes, size);
}

static struct outcome case_run(struct conformance_case *one)
{
    struct zone_source zones = {one->arena, zone_load};
    struct cel_bindings bindings = {one, read_name, in_state, acted};
    bool is_guard = value_is_string(value_get(&one->json, TEXT("use")), "guard");
    struct outcome outcome = {0};
    struct diag_list diags;

    diag_list_init(&diags, one->arena);
    one->scope.zones = &zones;
    const struct cel_program *program =
        cel_compile(&one->scope, one->expression, (struct place){0},
                    is_guard ? cel_type_of(CEL_BOOL) : NULL, &diags);
    if (!program) {
        const struct diag *diag = &diags.items[0];
        outcome.end = REFUSED;
        outcome.message = text_printf(one->arena, "%.*s; %.*s %.*s", TEXT_ARG(diag->message),
                                      TEXT_ARG(diag->label), TEXT_ARG(diag->help));
        return outcome;
    }
    outcome.type = cel_program_type(program);
    outcome.end = TYPED;
    if (!value_bool_at(&one->json, "check_only"))
        outcome.end =
            cel_evaluate(program, &bindings, one->arena, &outcome.value, &outcome.message) < 0
                ? FAILED
                : GAVE;
    return outcome;
}

/* --- judging it --- */

static bool types_match(const struct cel_type *wanted, const struct cel_type *got)
{
    if (wanted->kind == CEL_UNKNOWN)
        return true;
    if (wanted->kind != got->kind)
        return false;
    return !wanted->element || types_match(wanted->element, got->element);
}

static bool values_match(const struct value *wanted, const struct value *got)
{
    if (wanted->kind != got->kind || value_count(wanted) != value_count(got))
        return false;
    for (size_t i = 0; wanted->kind == VALUE_LIST && i < value_count(wanted); i++) {
        if (!values_match(value_item(wanted, i), value_item(got, i)))
            return false;
    }
    for (size_t i = 0; wanted->kind == VALUE_MAP && i < value_count(wanted); i++) {
        const struct value_member *member = value_member(wanted, i);
        const struct value *other = value_get(got, member->key);
        if (!other || !values_match(&member->value, other))
            return false;
    }
    if (wanted->kind == VALUE_LIST || wanted->kind == VALUE_MAP)
        return true;
    if (wanted->kind == VALUE_DOUBLE && isnan(wanted->real))
        return isnan(got->real);
    return value_equal(wanted, got);
}

static bool text_contains(struct text text, struct text part)
{
    return part.size == 0 ||
           (text.size > 0 && memmem(text.bytes, text.size, part.bytes, part.size) != NULL);
}

static bool error_matches(const struct value *expect, const struct outcome *outcome)
{
    const struct value *at = value_get(expect, TEXT("at"));
    bool is_then = outcome->end == REFUSED  ? !value_is_string(at, "run")
                   : outcome->end == FAILED ? !value_is_string(at, "load")
                                            : false;

    return is_then && text_contains(outcome->message, value_text_at(expect, "says"));
}

/* 1 passed, 0 failed, -1 the case cannot be understood. */
static int case_judge(struct conformance_case *one, const struct outcome *outcome)
{
    const struct value *expect = value_get(&one->json, TEXT("expect"));
    const struct value *value = value_get(expect, TEXT("value"));
    struct value wanted;

    if (value_bool_at(expect, "error"))
        return error_matches(expect, outcome);
    const struct cel_type *type = type_read(one->arena, value_text_at(expect, "type"));
    if (!type)
        return -1;
    if (!value)
        return outcome->end == TYPED && types_match(type, outcome->type);
    if (!value_read(one->arena, type, value, &wanted))
        return -1;
    return outcome->end == GAVE && types_match(type, outcome->type) &&
           values_match(&wanted, &outcome->value);
}

/* --- telling --- */

/* Control characters escaped. */
static void print_text(struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < 0x20 || byte == 0x7f)
            printf("\\x%02x", byte);
        else
            putchar(byte);
    }
}

static void print_value(struct arena *arena, const struct value *value)
{
    size_t count = value_count(value);

    if (value->kind == VALUE_DOUBLE) {
        printf("%.17g", value->real);
    } else if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < count; i++) {
            printf(i > 0 ? ", " : "[");
            print_value(arena, value_item(value, i));
        }
        printf(count > 0 ? "]" : "[]");
    } else if (value->kind == VALUE_MAP) {
        for (size_t i = 0; i < count; i++) {
            printf(i > 0 ? ", " : "{");
            print_text(value_member(value, i)->key);
            printf(": ");
            print_value(arena, &value_member(value, i)->value);
        }
        printf(count > 0 ? "}" : "{}");
    } else {
        print_text(json_write(arena, value));
    }
}

static void print_failure(struct conformance_case *one, const struct outcome *outcome)
{
    const struct value *expect = value_get(&one->json, TEXT("expect"));

    printf("%.*s/%.*s/%.*s: ", TEXT_ARG(value_text_at(&one->json, "file")),
           TEXT_ARG(value_text_at(&one->json, "section")),
           TEXT_ARG(value_text_at(&one->json, "name")));
    print_text(one->expression);
    printf(": wanted ");
    print_text(json_write(one->arena, expect));
    printf(", got ");
    if (outcome->end == REFUSED || outcome->end == FAILED) {
        printf("an error at %s: ", outcome->end == REFUSED ? "load" : "run");
        print_text(outcome->message);
    } else {
        if (outcome->end == GAVE)
            print_value(one->arena, &outcome->value);
        printf(" (%.*s)", TEXT_ARG(cel_type_write(one->arena, outcome->type)));
    }
    printf("\n");
}

/* --- files --- */

/* Whether every key is one that the README names. */
static bool is_known(const struct value *json)
{
    static const char *const KEYS[] = {"file",       "section", "name",   "expr",
                                       "vars",       "expect",  "states", "acted",
                                       "check_only", "adapted", "use"};

    for (size_t i = 0; i < value_count(json); i++) {
        bool is_found = false;
        for (size_t j = 0; j < sizeof(KEYS) / sizeof(*KEYS); j++)
            is_found = is_found || text_is(value_member(json, i)->key, KEYS[j]);
        if (!is_found)
            return false;
    }
    return true;
}

/* False: the line cannot be understood. */
static bool line_run(struct text line, struct tally *tally)
{
    ARENA_SCOPED struct arena *arena = arena_create("conformance case");
    struct conformance_case one = {.arena = arena};

    if (json_read(arena, line, &one.json, NULL) < 0 || one.json.kind != VALUE_MAP)
        return false;
    if (!is_known(&one.json)) {
        tally->skipped++;
        return true;
    }
    if (!case_read(&one))
        return false;
    struct outcome outcome = case_run(&one);
    int verdict = case_judge(&one, &outcome);
    if (verdict == 0)
        print_failure(&one, &outcome);
    tally->passed += verdict == 1;
    tally->failed += verdict == 0;
    return verdict >= 0;
}

/* 0, or 2 after a word on standard error. */
static int file_run(const char *path, struct tally *tally)
{
    ARENA_SCOPED struct arena *arena = arena_create("conformance file");
    char *bytes = arena_alloc(arena, FILE_BYTES_MAX);
    FILE *file = fopen(path, "rb");

    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 2;
    }
    struct text text = {bytes, fread(bytes, 1, FILE_BYTES_MAX, file)};
    bool is_whole = !ferror(file) && text.size < FILE_BYTES_MAX;
    fclose(file);
    if (!is_whole) {
        fprintf(stderr, "%s: cannot be read whole\n", path);
        return 2;
    }
    for (unsigned number = 1; text.size > 0; number++) {
        const char *end = memchr(text.bytes, '\n', text.size);
        struct text line = {text.bytes, end ? (size_t)(end - text.bytes) : text.size};
        if (line.size > 0 && !line_run(line, tally)) {
            fprintf(stderr, "%s:%u: cannot be understood\n", path, number);
            return 2;
        }
        size_t skip = line.size + (end ? 1 : 0);
        text = (struct text){text.bytes + skip, text.size - skip};
    }
    return 0;
}

int main(int argument_count, char **arguments)
{
    struct tally tally = {0};

    if (argument_count < 2) {
        fprintf(stderr, "usage: cel-conformance FILE.jsonl...\n");
        return 2;
    }
    for (int i = 1; i < argument_count; i++) {
        if (file_run(arguments[i], &tally) != 0)
            return 2;
    }
    printf("%u passed, %u failed, %u skipped\n", tally.passed, tally.failed, tally.skipped);
    return tally.failed > 0 ? 1 : 0;
}
