/* Workflow files: any text. What loads is opened again from its rendered form, as the store does
 * at every start: the same hash, the same workflow, without a word. */
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "workflows.h"

/* A state with all that hangs on it is a few hundred bytes of tables for a dozen bytes of text. */
enum { MEMORY_BASE = 1 << 20, MEMORY_EACH = 1 << 11 };

static void judge_same(const struct workflow *a, const struct workflow *b)
{
    CHECK(memcmp(a->hash, b->hash, sizeof a->hash) == 0);
    CHECK(text_equal(a->rendered, b->rendered));
    CHECK(text_equal(a->id, b->id));
    CHECK(a->chart.state_count == b->chart.state_count);
    CHECK(a->chart.transition_count == b->chart.transition_count);
    CHECK(a->field_count == b->field_count);
    CHECK(a->role_count == b->role_count);
    CHECK(a->step_count == b->step_count);
    for (uint16_t i = 0; i < a->chart.state_count; i++) {
        CHECK(text_equal(a->chart.states[i].id, b->chart.states[i].id));
        CHECK(a->chart.states[i].kind == b->chart.states[i].kind);
    }
    for (uint16_t i = 0; i < a->chart.transition_count; i++) {
        CHECK(text_equal(a->chart.transitions[i].id, b->chart.transitions[i].id));
        CHECK((a->transitions[i].guard == NULL) == (b->transitions[i].guard == NULL));
    }
}

static void judge_opened(const struct workflow *workflow, struct workflow_context context)
{
    ARENA_SCOPED struct arena *arena = arena_create("open");
    struct diag_list diags;

    diag_list_init(&diags, arena);
    context.lenient_plugins = true;
    const struct workflow *opened = workflow_open(workflow->rendered, &context, &diags);
    fuzz_judge_diags(&diags, workflow->rendered, false);
    CHECK(opened != NULL);
    judge_same(workflow, opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text source = {(const char *)data, size};
    struct workflow_context context = fuzz_context(source);
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct workflow *workflow = workflow_load(source, TEXT("fuzz.yaml"), &context, &diags);
    fuzz_judge_memory(arena, MEMORY_BASE, MEMORY_EACH, size);
    fuzz_judge_diags(&diags, source, workflow == NULL);
    if (workflow != NULL)
        judge_opened(workflow, context);
    return 0;
}
