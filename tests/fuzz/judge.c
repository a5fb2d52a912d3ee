/* Facts that hold whatever the input is. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "fuzz.h"

/* Lines of `source`, as an editor counts them. */
static size_t lines_of(struct text source)
{
    size_t count = 1;

    for (size_t i = 0; i < source.size; i++)
        count += source.bytes[i] == '\n';
    return count;
}

static void judge_diag(struct arena *arena, const struct diag *diag, struct text source)
{
    struct value value = diag_value(arena, diag);

    CHECK(diag->code != NULL);
    CHECK(diag->message.size > 0);
    CHECK(text_is_utf8(diag->message));
    CHECK(text_is_utf8(diag->label));
    CHECK(text_is_utf8(diag->help));
    CHECK(diag->place.line <= lines_of(source) + 1);
    CHECK(diag->place.line == 0 || diag->place.column > 0);
    CHECK(diag->place.line == 0 || diag->place.column <= source.size + 2);
    CHECK(text_is_utf8(diag_write_gcc(arena, diag)));
    CHECK(!text_is_utf8(source) || text_is_utf8(diag_write_caret(arena, diag, source)));
    fuzz_judge_json(arena, &value);
}

void fuzz_judge_diags(const struct diag_list *diags, struct text source, bool failed)
{
    ARENA_SCOPED struct arena *arena = arena_create("judge");
    size_t errors = 0;

    CHECK((diags->error_count > 0) == failed);
    for (size_t i = 0; i < diags->count; i++) {
        errors += diags->items[i].severity == DIAG_ERROR;
        judge_diag(arena, &diags->items[i], source);
    }
    CHECK(errors <= diags->error_count);
    CHECK(!failed || errors > 0);
}

void fuzz_judge_json(struct arena *arena, const struct value *value)
{
    struct text json = json_write(arena, value);
    struct json_fault fault;
    struct value read;

    CHECK(json_read(arena, json, &read, &fault) == 0);
    CHECK(value_equal(&read, value));
}

void fuzz_judge_memory(const struct arena *arena, size_t base, size_t each, size_t size)
{
    if (arena_bytes(arena) <= base + each * size)
        return;
    fprintf(stderr, "%zu bytes of memory for %zu bytes of input\n", arena_bytes(arena), size);
    abort();
}
