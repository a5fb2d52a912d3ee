/* A route's request of the wheel: bodies and queries become its members. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/json.h"

enum {
    NAME_BYTES_MAX = 200,
    QUERY_BYTES_MAX = 200,
    SOURCE_NAME_BYTES_MAX = 200,
    LIMIT_MAX = 500,
    SPAN_BYTES_MAX = 100
};

/* ---- Of the daemon. ---- */

void handle_status(struct request *request)
{
    const struct api_options *options = &request->api->options;
    struct value status = options->status(options->self, request->arena);

    request_answer(request, MHD_HTTP_OK, &status);
}

static struct value list_of(struct arena *arena, const struct text *texts, size_t count)
{
    struct value list = value_list(arena);

    for (size_t i = 0; i < count; i++)
        value_append(&list, value_string(texts[i]));
    return list;
}

void handle_whoami(struct request *request)
{
    const struct case_person *person = &request->person;
    struct value body = value_map(request->arena);

    value_put(&body, "id", value_string(person->id));
    value_put(&body, "person", value_string(person->person));
    value_put(&body, "roles", list_of(request->arena, person->roles, person->role_count));
    value_put(&body, "countries",
              list_of(request->arena, person->countries, person->country_count));
    value_put(&body, "demo", value_bool(request->api->options.is_demo));
    value_put(&body, "acting_as", value_bool(request->is_acting_as));
    request_answer(request, MHD_HTTP_OK, &body);
}

void handle_clock(struct request *request)
{
    static const struct body_member members[] = {
        {"advance", BODY_TEXT, true, SPAN_BYTES_MAX, offsetof(struct body, advance)}};
    struct body body;

    if (!body_read(request, members, 1, &body))
        return;
    if (body.advance.size > 0 && body.advance.bytes[0] == '+')
        body.advance = (struct text){body.advance.bytes + 1, body.advance.size - 1};
    if (!when_read_span(body.advance, &request->run.advance_ms)) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Say, for instance, \"31d\" or \"2h 30min\".",
                     "\"advance\" is no span of time.");
        return;
    }
    request->run.kind = RUN_ADVANCE_CLOCK;
    request_post(request);
}

/* ---- Definitions. ---- */

void handle_workflows(struct request *request)
{
    request->run.kind = RUN_WORKFLOWS;
    request_post(request);
}

void handle_workflow(struct request *request)
{
    if (headers_query(request, "as")) {
        request_fail(request, PROBLEM_NOT_YET, "Leave it out: the definition is JSON.",
                     "?as= is part of the design, but this version does not have it yet.");
        return;
    }
    request->run.kind = RUN_WORKFLOW;
    request->run.name = route_segment(request, "workflow");
    request_post(request);
}

static bool is_yaml(const char *type)
{
    static const char *const types[] = {"application/yaml", "text/yaml", "text/plain",
                                        "application/x-yaml"};
    size_t size = type ? strcspn(type, "; \t") : 0;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strlen(types[i]) == size && strncasecmp(types[i], type, size) == 0)
            return true;
    return false;
}

void handle_load_workflow(struct request *request)
{
    const char *type =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Content-Type");
    const char *file =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Sankofa-File");
    const char *dry = headers_query(request, "dry_run");

    if (!is_yaml(type)) {
        request_fail(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                     "Send the file with Content-Type: application/yaml.",
                     "The body is not said to be YAML.");
        return;
    }
    if (file && (strlen(file) > SOURCE_NAME_BYTES_MAX || !text_is_utf8(text_from(file))))
        file = NULL;
    request->run.kind = RUN_LOAD_WORKFLOW;
    request->run.source = text_buffer_text(&request->body);
    request->run.file = file ? text_from(file) : TEXT("workflow.yaml");
    request->run.is_dry_run = dry && strcmp(dry, "1") == 0;
    request_post(request);
}

/* ---- Cases: writes. ---- */

/* SHA-256 of method, path and body: what makes two requests with one key the same. */
static struct text hash_request(struct request *request)
{
    struct text_buffer whole;
    uint8_t hash[VAULT_HASH_BYTES];

    text_buffer_init(&whole, request->arena);
    text_append_printf(&whole, "%s %s\n", request->method, request->path);
    text_append(&whole, text_buffer_text(&request->body));
    struct text text = text_buffer_text(&whole);
    vault_hash(text.bytes, text.size, hash);
    return text_hex(request->arena, hash, sizeof(hash));
}

static void post_write(struct request *request, enum run_kind kind, const struct body *body)
{
    request->run.kind = kind;
    request->run.data = body->data;
    request->run.comment = body->comment;
    request->run.request = hash_request(request);
    request_post(request);
}

void handle_open_case(struct request *request)
{
    static const struct body_member members[] = {
        {"workflow", BODY_TEXT, true, NAME_BYTES_MAX, offsetof(struct body, workflow)},
        {"data", BODY_MAP, false, 0, offsetof(struct body, data)},
        {"comment", BODY_TEXT, false, CASE_COMMENT_BYTES_MAX, offsetof(struct body, comment)},
    };
    struct body body;

    if (!body_read(request, members, 3, &body))
        return;
    request->run.name = body.workflow;
    post_write(request, RUN_OPEN_CASE, &body);
}

static const struct body_member event_members[] = {
    {"data", BODY_MAP, false, 0, offsetof(struct body, data)},
    {"comment", BODY_TEXT, false, CASE_COMMENT_BYTES_MAX, offsetof(struct body, comment)},
};

void handle_transition(struct request *request)
{
    struct body body;

    if (!body_read(request, event_members, 2, &body))
        return;
    request->run.case_name = route_segment(request, "case");
    request->run.name = route_segment(request, "event");
    post_write(request, RUN_TRANSITION, &body);
}

void handle_answer(struct request *request)
{
    struct body body;

    if (!body_read(request, event_members, 2, &body))
        return;
    request->run.case_name = route_segment(request, "case");
    request->run.name = route_segment(request, "step");
    post_write(request, RUN_ANSWER, &body);
}

/* ---- Cases: reads. ---- */

struct query {
    struct request *request;
    bool is_bad;
};

static bool read_flag(struct query *query, const char *name, const char *value)
{
    if (strcmp(value, "1") == 0)
        return true;
    if (strcmp(value, "0") != 0 && !query->is_bad) {
        query->is_bad = true;
        request_fail(query->request, PROBLEM_BAD_REQUEST, "Write 1 or 0.",
                     "%s=%s is neither 1 nor 0.", name, value);
    }
    return false;
}

static void read_limit(struct query *query, const char *value)
{
    int64_t limit;

    if (text_to_int(text_from(value), &limit) && limit > 0 && limit <= LIMIT_MAX) {
        query->request->run.filter.limit = (size_t)limit;
    } else if (!query->is_bad) {
        query->is_bad = true;
        request_fail(query->request, PROBLEM_BAD_REQUEST, "Write a number from 1 to 500.",
                     "limit=%s is no such number.", value);
    }
}

static enum MHD_Result read_argument(void *self, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct query *query = self;
    struct run_filter *filter = &query->request->run.filter;
    const struct {
        const char *name;
        struct text *place;
    } texts[] = {
        {"state", &filter->state}, {"workflow", &filter->workflow}, {"country", &filter->country},
        {"code", &filter->code},   {"cursor", &filter->cursor},
    };

    (void)kind;
    value = value ? value : "";
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].place = text_from(value);
            return MHD_YES;
        }
    if (strcmp(name, "mine") == 0) {
        filter->mine = read_flag(query, name, value);
    } else if (strcmp(name, "overdue") == 0) {
        filter->overdue = read_flag(query, name, value);
    } else if (strcmp(name, "closed") == 0) {
        filter->closed = read_flag(query, name, value);
        filter->has_closed = true;
    } else if (strcmp(name, "limit") == 0) {
        read_limit(query, value);
    } else if (strcmp(name, "lang") != 0 && name[0] != '\0' && !query->is_bad) {
        query->is_bad = true;
        request_fail(query->request, PROBLEM_BAD_REQUEST,
                     "Lists know: state workflow country code mine overdue closed limit cursor "
                     "lang.",
                     "There is no query parameter \"%s\".", name);
    }
    return MHD_YES;
}

static void post_read(struct request *request, enum run_kind kind)
{
    struct query query = {.request = request};

    request->run.kind = kind;
    request->run.case_name = route_segment(request, "case");
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, read_argument, &query);
    if (!query.is_bad)
        request_post(request);
}

void handle_list(struct request *request)
{
    post_read(request, RUN_LIST);
}

void handle_inbox(struct request *request)
{
    post_read(request, RUN_INBOX);
}

void handle_history(struct request *request)
{
    post_read(request, RUN_HISTORY);
}

void handle_show(struct request *request)
{
    post_read(request, RUN_SHOW);
}
