/* JSON bodies: every member is known, of its type, and within its size; every fault is told. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/json.h"

enum { FAULTS_MAX = 100 };

static const struct body_member *find(const struct body_member *members, size_t count,
                                      struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(name, members[i].name))
            return &members[i];
    return NULL;
}

/* RFC 6901: ~ and / of a name are written ~0 and ~1. */
static struct text pointer_to(struct arena *arena, struct text name)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT("/"));
    for (size_t i = 0; i < name.size; i++) {
        char c = name.bytes[i];
        text_append(&buffer, c == '~'   ? TEXT("~0")
                             : c == '/' ? TEXT("~1")
                                        : (struct text){name.bytes + i, 1});
    }
    return text_buffer_text(&buffer);
}

/* Beyond FAULTS_MAX nobody reads on. */
static void add_fault(struct request *request, struct problem *problem, struct text name,
                      const char *message, struct text suggest)
{
    if (value_count(&problem->errors) < FAULTS_MAX)
        problem_add(problem, request->arena, pointer_to(request->arena, name), "bad-request",
                    text_from(message), suggest);
}

static void hint_at_members(struct request *request, struct problem *problem,
                            const struct body_member *members, size_t count)
{
    struct text_buffer names;

    text_buffer_init(&names, request->arena);
    for (size_t i = 0; i < count; i++)
        text_append_printf(&names, "%s%s", i > 0 ? ", " : "", members[i].name);
    if (count > 0)
        problem_hint(problem, request->arena, "What it may have is: %.*s.",
                     TEXT_ARG(text_buffer_text(&names)));
    else
        problem_hint(problem, request->arena, "Send {}: it has no members here.");
}

static void refuse_unknown(struct request *request, struct problem *problem,
                           const struct body_member *members, size_t count, struct text name)
{
    struct text *names = ARENA_ARRAY(request->arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        names[i] = text_from(members[i].name);
    add_fault(request, problem, name, "There is no such member.", text_nearest(name, names, count));
    hint_at_members(request, problem, members, count);
}

static void take(struct request *request, struct problem *problem, const struct body_member *member,
                 const struct value *value, struct body *body)
{
    char *place = (char *)body + member->offset;
    struct text name = text_from(member->name);

    switch (member->kind) {
    case BODY_TEXT:
        if (value->kind != VALUE_STRING)
            add_fault(request, problem, name, "A text is expected here.", TEXT_NONE);
        else if (value->string.size > member->size_max)
            add_fault(request, problem, name,
                      text_printf(request->arena, N_("This text is longer than %zu bytes."),
                                  member->size_max)
                          .bytes,
                      TEXT_NONE);
        else
            *(struct text *)(void *)place = value->string;
        break;
    case BODY_LIST:
        if (value->kind != VALUE_LIST)
            add_fault(request, problem, name, "A list is expected here.", TEXT_NONE);
        else
            *(struct value *)(void *)place = *value;
        break;
    case BODY_MAP:
        if (value->kind != VALUE_MAP)
            add_fault(request, problem, name, "An object is expected here.", TEXT_NONE);
        else
            *(struct value *)(void *)place = *value;
        break;
    case BODY_FLAG:
        if (value->kind != VALUE_BOOL)
            add_fault(request, problem, name, "true or false is expected here.", TEXT_NONE);
        else
            *(bool *)(void *)place = value->boolean;
        break;
    case BODY_INTEGER:
        if (value->kind != VALUE_INT)
            add_fault(request, problem, name, "A whole number is expected here.", TEXT_NONE);
        else
            *(int64_t *)(void *)place = value->integer;
        break;
    }
}

static bool parse(struct request *request, struct value *json_out)
{
    struct text text = text_buffer_text(&request->body);
    struct json_fault fault;

    if (json_read(request->arena, text, json_out, &fault) != 0) {
        /* Who counts characters for Content-Length sends more than it says, and the rest would be
         * taken for the next request, whoever wrote the text that it is of. */
        request->is_closing = true;
        if (fault.is_cut && text.size > 0)
            request_fail(request, PROBLEM_BAD_REQUEST,
                         "Send one JSON object; Content-Length counts its bytes, not characters.",
                         "The body ends before its JSON does.");
        else
            request_fail(request, PROBLEM_BAD_REQUEST, "Send one JSON object, {} at least.",
                         "The body is no JSON: line %zu, column %zu: %s", fault.line, fault.column,
                         fault.message);
        return false;
    }
    if (json_out->kind != VALUE_MAP) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Send one JSON object, {} at least.",
                     "The body is no JSON object.");
        return false;
    }
    return true;
}

bool body_read(struct request *request, const struct body_member *members, size_t count,
               struct body *body_out)
{
    struct problem problem;
    struct value json;

    *body_out = (struct body){.data = value_map(request->arena), .raised = true, .linked = true};
    if (!headers_are_json(request) || !parse(request, &json))
        return false;
    problem_set(&problem, request->arena, PROBLEM_BAD_REQUEST,
                "The body is not what this route takes.");
    for (size_t i = 0; i < value_count(&json); i++) {
        const struct value_member *given = value_member(&json, i);
        const struct body_member *member = find(members, count, given->key);
        if (member)
            take(request, &problem, member, &given->value, body_out);
        else if (value_count(&problem.errors) < FAULTS_MAX)
            refuse_unknown(request, &problem, members, count, given->key);
    }
    for (size_t i = 0; i < count; i++)
        if (members[i].is_required && !value_get(&json, text_from(members[i].name)))
            add_fault(request, &problem, text_from(members[i].name), "This member is missing.",
                      TEXT_NONE);
    if (value_count(&problem.errors) == 0)
        return true;
    request_refuse(request, &problem);
    return false;
}
