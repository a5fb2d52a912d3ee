/* A route's request of the wheel: bodies and queries become its members. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/json.h"

enum {
    NAME_BYTES_MAX = 200,
    SOURCE_NAME_BYTES_MAX = 200,
    LIMIT_MAX = 500,
    SPAN_BYTES_MAX = 100,
    SEARCH_BYTES_MAX = 200
};

/* ---- The query: false and a refusal, or true. ---- */

static bool read_flag(struct request *request, const char *name, bool *flag_out)
{
    struct text text = target_query(request, name);

    *flag_out = text_is(text, "1");
    if (!text.bytes || *flag_out || text_is(text, "0"))
        return true;
    request_fail(request, PROBLEM_BAD_REQUEST, "Write 1 or 0.", "%s=%.*s is neither 1 nor 0.", name,
                 TEXT_ARG(text));
    return false;
}

static bool read_limit(struct request *request, size_t *limit_out)
{
    struct text text = target_query(request, "limit");
    int64_t limit = 0;

    if (text.bytes && (!text_to_int(text, &limit) || limit < 1 || limit > LIMIT_MAX)) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Write a number from 1 to 500.",
                     "limit=%.*s is no such number.", TEXT_ARG(text));
        return false;
    }
    *limit_out = (size_t)limit;
    return true;
}

/* ---- Of the daemon. ---- */

void handle_status(struct request *request)
{
    const struct api_options *options = &request->api->options;
    struct value status = options->status(options->self, request->arena);

    request_answer(request, MHD_HTTP_OK, &status);
}

static bool holds(const struct value *list, struct text text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (text_equal(value_item(list, i)->string, text))
            return true;
    return false;
}

/* Each once; empty ones say nothing. */
static struct value list_of(struct arena *arena, const struct text *texts, size_t count)
{
    struct value list = value_list(arena);

    for (size_t i = 0; texts && i < count; i++)
        if (texts[i].size > 0 && !holds(&list, texts[i]))
            value_append(&list, value_string(texts[i]));
    return list;
}

static struct value grants_of(struct arena *arena, const struct case_person *person)
{
    struct value list = value_list(arena);

    for (size_t i = 0; i < person->role_count; i++) {
        struct value one = value_map(arena);
        value_put(&one, "role", value_string(person->roles[i]));
        if (person->countries && person->countries[i].size > 0)
            value_put(&one, "country", value_string(person->countries[i]));
        value_append(&list, one);
    }
    return list;
}

void handle_whoami(struct request *request)
{
    const struct case_person *person = &request->person;
    struct value body = value_map(request->arena);

    value_put(&body, "id", value_string(person->id));
    value_put(&body, "person", value_string(person->person));
    value_put(&body, "roles", list_of(request->arena, person->roles, person->role_count));
    value_put(&body, "countries", list_of(request->arena, person->countries, person->role_count));
    value_put(&body, "grants", grants_of(request->arena, person));
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
    request->run.request = handle_hash(request);
    request_post(request);
}

/* ---- Definitions. ---- */

void handle_workflows(struct request *request)
{
    request->run.kind = RUN_WORKFLOWS;
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
    struct text file = text_from(headers_get(request, "Sankofa-File"));

    if (!is_yaml(headers_get(request, "Content-Type"))) {
        request_fail(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                     "Send the file with Content-Type: application/yaml.",
                     "The body is not said to be YAML.");
        return;
    }
    if (file.size > SOURCE_NAME_BYTES_MAX) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Send the last part of its path alone.",
                     "The name in Sankofa-File is longer than %d bytes.", SOURCE_NAME_BYTES_MAX);
        return;
    }
    request->run.kind = RUN_LOAD_WORKFLOW;
    request->run.source = text_buffer_text(&request->body);
    request->run.file = file.size > 0 ? file : TEXT("workflow.yaml");
    if (read_flag(request, "dry_run", &request->run.is_dry_run))
        request_post(request);
}

/* ---- Cases: writes. ---- */

struct text handle_hash(struct request *request)
{
    struct text_buffer whole;
    uint8_t hash[VAULT_HASH_BYTES];

    text_buffer_init(&whole, request->arena);
    text_append_printf(&whole, "%.*s %.*s\n", TEXT_ARG(request->method), TEXT_ARG(request->path));
    text_append(&whole, text_buffer_text(&request->body));
    struct text text = text_buffer_text(&whole);
    vault_hash(text.bytes, text.size, hash);
    return text_hex(request->arena, hash, sizeof(hash));
}

void handle_post_write(struct request *request, enum run_kind kind, const struct body *body)
{
    request->run.kind = kind;
    request->run.data = body->data;
    request->run.comment = body->comment;
    request->run.request = handle_hash(request);
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
    request->run.wants_similar = true;
    handle_post_write(request, RUN_OPEN_CASE, &body);
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
    handle_post_write(request, RUN_TRANSITION, &body);
}

/* ---- Cases: reads. ---- */

static bool read_country(struct request *request, struct text *country_out)
{
    struct text text = target_query(request, "country");

    *country_out = text;
    if (text.size == 0 || text_is_country(text))
        return true;
    request_fail(request, PROBLEM_BAD_REQUEST, "Write two capitals, as in SN.",
                 "country=%.*s is no code of a country.", TEXT_ARG(text));
    return false;
}

/* Lists and pages: what the query says. */
static bool read_filter(struct request *request)
{
    struct run_filter *filter = &request->run.filter;

    filter->state = target_query(request, "state");
    filter->workflow = target_query(request, "workflow");
    filter->code = target_query(request, "code");
    filter->cursor = target_query(request, "cursor");
    filter->has_closed = target_query(request, "closed").bytes;
    return read_country(request, &filter->country) && read_flag(request, "mine", &filter->mine) &&
           read_flag(request, "overdue", &filter->overdue) &&
           read_flag(request, "closed", &filter->closed) && read_limit(request, &filter->limit);
}

static void post_read(struct request *request, enum run_kind kind)
{
    request->run.kind = kind;
    request->run.case_name = route_segment(request, "case");
    if (read_filter(request))
        request_post(request);
}

void handle_list(struct request *request)
{
    post_read(request, RUN_LIST);
}

void handle_search(struct request *request)
{
    static const struct body_member members[] = {
        {"text", BODY_TEXT, true, SEARCH_BYTES_MAX, offsetof(struct body, text)}};
    struct body body;

    if (!body_read(request, members, 1, &body) || !read_limit(request, &request->run.filter.limit))
        return;
    request->run.kind = RUN_SEARCH;
    request->run.name = body.text;
    request_post(request);
}

void handle_inbox(struct request *request)
{
    post_read(request, RUN_INBOX);
}

void handle_history(struct request *request)
{
    post_read(request, RUN_HISTORY);
}

void handle_reads(struct request *request)
{
    post_read(request, RUN_READS);
}

void handle_show(struct request *request)
{
    post_read(request, RUN_SHOW);
}
