/* Problems: the table of refusals, and how one is told. */
#include "base/problem.h"

#include "base/arena.h"
#include "base/check.h"

/* Exit statuses of the client (interfaces.md). */
enum {
    EXIT_DONE = 0,
    EXIT_WRONG_USE = 2,
    EXIT_REFUSED = 3,
    EXIT_NOT_PERMITTED = 4,
    EXIT_NOT_FOUND = 5,
    EXIT_CONFLICT = 6,
    EXIT_BUSY = 7,
    EXIT_INTERNAL = 8,
    EXIT_PLUGIN = 9
};

static const struct problem_kind kinds[] = {
    {PROBLEM_NONE, "none", 200, EXIT_DONE, N_("No problem"), false},
    {PROBLEM_BAD_REQUEST, "bad-request", 400, EXIT_WRONG_USE, N_("The request is malformed"),
     false},
    {PROBLEM_NOT_PERMITTED, "not-permitted", 403, EXIT_NOT_PERMITTED, N_("Not permitted"), false},
    {PROBLEM_WRONG_KEY, "wrong-key", 403, EXIT_NOT_PERMITTED, N_("This does not open the store"),
     false},
    {PROBLEM_NO_SUCH_ROUTE, "no-such-route", 404, EXIT_NOT_FOUND, N_("No such route"), false},
    {PROBLEM_NO_SUCH_CASE, "no-such-case", 404, EXIT_NOT_FOUND, N_("No such case"), false},
    {PROBLEM_NO_SUCH_WORKFLOW, "no-such-workflow", 404, EXIT_NOT_FOUND, N_("No such workflow"),
     false},
    {PROBLEM_NO_SUCH_STEP, "no-such-step", 404, EXIT_NOT_FOUND, N_("No such step"), false},
    {PROBLEM_NO_SUCH_PROPOSAL, "no-such-proposal", 404, EXIT_NOT_FOUND, N_("No such proposal"),
     false},
    {PROBLEM_NO_SUCH_OPERATION, "no-such-operation", 404, EXIT_NOT_FOUND, N_("No such operation"),
     false},
    {PROBLEM_NO_SUCH_SLOT, "no-such-slot", 404, EXIT_NOT_FOUND, N_("No such slot"), false},
    {PROBLEM_NO_SUCH_DOCUMENT, "no-such-document", 404, EXIT_NOT_FOUND, N_("No such document"),
     false},
    {PROBLEM_NO_SUCH_GLASS, "no-such-glass", 404, EXIT_NOT_FOUND, N_("No such broken glass"),
     false},
    {PROBLEM_METHOD_NOT_ALLOWED, "method-not-allowed", 405, EXIT_WRONG_USE,
     N_("Method not allowed"), false},
    {PROBLEM_NOT_AVAILABLE, "not-available", 409, EXIT_CONFLICT, N_("Not available now"), false},
    {PROBLEM_ERASED, "erased", 410, EXIT_NOT_FOUND, N_("The case was erased"), false},
    {PROBLEM_STALE_REVISION, "stale-revision", 412, EXIT_CONFLICT,
     N_("The case has changed in the meantime"), false},
    {PROBLEM_TOO_LARGE, "too-large", 413, EXIT_WRONG_USE, N_("The request is too large"), false},
    {PROBLEM_HEAD_TOO_LARGE, "too-large", 431, EXIT_WRONG_USE, N_("The request is too large"),
     false},
    {PROBLEM_UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", 415, EXIT_WRONG_USE,
     N_("The body is of another type"), false},
    {PROBLEM_FIELD_INVALID, "field-invalid", 422, EXIT_REFUSED, N_("Fields are missing or wrong"),
     false},
    {PROBLEM_GUARD_FAILED, "guard-failed", 422, EXIT_REFUSED, N_("A condition is not met"), false},
    {PROBLEM_CHECK_REFUSED, "check-refused", 422, EXIT_REFUSED, N_("A check refused"), false},
    {PROBLEM_DEFINITION_INVALID, "definition-invalid", 422, EXIT_REFUSED,
     N_("The workflow has errors"), false},
    {PROBLEM_IDEMPOTENCY_KEY_REUSED, "idempotency-key-reused", 422, EXIT_CONFLICT,
     N_("The idempotency key was used for another request"), false},
    {PROBLEM_WORKFLOW_FAULT, "workflow-fault", 422, EXIT_REFUSED, N_("The workflow has a fault"),
     false},
    {PROBLEM_BUSY, "busy", 503, EXIT_BUSY, N_("Busy"), true},
    {PROBLEM_TOO_MANY, "busy", 429, EXIT_BUSY, N_("Busy"), true},
    {PROBLEM_DISK_FULL, "disk-full", 503, EXIT_BUSY, N_("The disk is full"), true},
    {PROBLEM_STOPPING, "stopping", 503, EXIT_BUSY, N_("The daemon is stopping"), true},
    {PROBLEM_SEALED, "sealed", 503, EXIT_BUSY, N_("The store is sealed"), false},
    {PROBLEM_PLUGIN_FAILED, "plugin-failed", 502, EXIT_PLUGIN, N_("A plugin failed"), true},
    {PROBLEM_QUARANTINED, "quarantined", 500, EXIT_INTERNAL, N_("Records of the case are damaged"),
     false},
    {PROBLEM_INTERNAL, "internal", 500, EXIT_INTERNAL, N_("An error of our own"), false},
};
_Static_assert(sizeof kinds / sizeof kinds[0] == PROBLEM_COUNT, "each code has its row");

const struct problem_kind *problem_kind(enum problem_code code)
{
    CHECK((size_t)code < PROBLEM_COUNT);
    CHECK(kinds[code].code == code);
    return &kinds[code];
}

const struct problem_kind *problem_kind_named(struct text name)
{
    for (size_t i = 0; i < PROBLEM_COUNT; i++)
        if (text_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

void problem_set(struct problem *problem, struct arena *arena, enum problem_code code,
                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *problem = (struct problem){.code = code, .detail = text_vprintf(arena, format, arguments)};
    va_end(arguments);
}

void problem_hint(struct problem *problem, struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    problem->hint = text_vprintf(arena, format, arguments);
    va_end(arguments);
}

void problem_suggest(struct problem *problem, struct arena *arena, struct text nearest)
{
    struct value list = value_list(arena);

    if (text_is_empty(nearest))
        return;
    problem_hint(problem, arena, "Did you mean %.*s?", TEXT_ARG(nearest));
    value_append(&list, value_string(text_copy(arena, nearest)));
    if (problem->extra.kind == VALUE_NULL)
        problem->extra = value_map(arena);
    value_set(&problem->extra, TEXT("suggest"), list);
}

void problem_add(struct problem *problem, struct arena *arena, struct text pointer,
                 const char *code, struct text message, struct text suggest)
{
    if (problem->errors.kind == VALUE_NULL)
        problem->errors = value_list(arena);
    struct value error = value_map(arena);
    value_put(&error, "pointer", value_string(text_copy(arena, pointer)));
    value_put(&error, "code", value_string(text_copy(arena, text_from(code))));
    value_put(&error, "message", value_string(text_copy(arena, message)));
    if (!text_is_empty(suggest))
        value_put(&error, "suggest", value_string(text_copy(arena, suggest)));
    value_append(&problem->errors, error);
}

struct value problem_value(struct arena *arena, const struct problem *problem,
                           struct text request_id)
{
    const struct problem_kind *kind = problem_kind(problem->code);
    struct value value = value_map(arena);
    value_put(&value, "type",
              value_string(text_printf(arena, "urn:sankofa:problem:%s", kind->name)));
    value_put(&value, "title", value_cstring(kind->title));
    value_put(&value, "status", value_int(kind->status));
    value_put(&value, "detail", value_string(problem->detail));
    value_put(&value, "code", value_cstring(kind->name));
    if (!text_is_empty(problem->hint))
        value_put(&value, "hint", value_string(problem->hint));
    if (problem->errors.kind != VALUE_NULL)
        value_put(&value, "errors", problem->errors);
    value_put(&value, "retryable", value_bool(kind->retryable));
    if (!text_is_empty(request_id))
        value_put(&value, "request_id", value_string(request_id));
    for (size_t i = 0; i < value_count(&problem->extra); i++) {
        const struct value_member *member = value_member(&problem->extra, i);
        value_set(&value, member->key, member->value);
    }
    return value;
}
