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
#include "cel/cel.h"
#include "cel_case.h"

enum { FILE_BYTES_MAX = 1 << 24 };

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
        if (text_equal(text_of_item(one->active, i), state))
            return true;
    }
    return false;
}

static bool acted(void *self, struct text person, struct text transition)
{
    struct conformance_case *one = self;

    for (size_t i = 0; i < value_count(one->acted); i++) {
        const struct value *pair = value_item(one->acted, i);
        if (text_equal(text_of_item(pair, 0), person) &&
            text_equal(text_of_item(pair, 1), transition))
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
