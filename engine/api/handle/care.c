/* What people do about a case beside its chart: bodies become requests of the wheel. */
#include "api/internal.h"
#include "base/arena.h"

enum { NAME_BYTES_MAX = 64, CODE_BYTES_MAX = 64 };

#define TEXT_MEMBER(name, place, needed, most)                                                     \
    {                                                                                              \
        name, BODY_TEXT, needed, most, offsetof(struct body, place)                                \
    }

static void post(struct request *request, enum run_kind kind, struct value data,
                 struct text comment)
{
    struct body body = {.data = data, .comment = comment};

    request->run.case_name = route_segment(request, "case");
    handle_post_write(request, kind, &body);
}

static void put_text(struct value *map, const char *name, struct text text)
{
    if (text.size > 0)
        value_put(map, name, value_string(text));
}

void handle_assign(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("person", person, false, NAME_BYTES_MAX),
        TEXT_MEMBER("pool", pool, false, NAME_BYTES_MAX),
        TEXT_MEMBER("role", role, false, NAME_BYTES_MAX),
        TEXT_MEMBER("comment", comment, false, CASE_COMMENT_BYTES_MAX),
    };
    struct value data = value_map(request->arena);
    struct body body;

    if (!body_read(request, members, 4, &body))
        return;
    put_text(&data, "person", body.person);
    put_text(&data, "pool", body.pool);
    put_text(&data, "role", body.role);
    post(request, RUN_ASSIGN, data, body.comment);
}

void handle_note(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("text", text, true, CASE_COMMENT_BYTES_MAX)};
    struct body body;

    if (body_read(request, members, 1, &body))
        post(request, RUN_NOTE, value_null(), body.text);
}

void handle_flag(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("flag", flag, true, NAME_BYTES_MAX),
        {"raised", BODY_FLAG, false, 0, offsetof(struct body, raised)},
        TEXT_MEMBER("comment", comment, false, CASE_COMMENT_BYTES_MAX),
    };
    struct value data = value_map(request->arena);
    struct body body;

    if (!body_read(request, members, 3, &body))
        return;
    value_put(&data, "flag", value_string(body.flag));
    value_put(&data, "raised", value_bool(body.raised));
    post(request, RUN_FLAG, data, body.comment);
}

void handle_link(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("case", other, true, CODE_BYTES_MAX),
        TEXT_MEMBER("kind", kind, false, NAME_BYTES_MAX),
        {"linked", BODY_FLAG, false, 0, offsetof(struct body, linked)},
        TEXT_MEMBER("comment", comment, false, CASE_COMMENT_BYTES_MAX),
    };
    struct value data = value_map(request->arena);
    struct body body;

    if (!body_read(request, members, 4, &body))
        return;
    value_put(&data, "case", value_string(body.other));
    put_text(&data, "kind", body.kind);
    value_put(&data, "linked", value_bool(body.linked));
    post(request, RUN_LINK, data, body.comment);
}

void handle_correct(struct request *request)
{
    static const struct body_member members[] = {
        {"set", BODY_MAP, true, 0, offsetof(struct body, data)},
        TEXT_MEMBER("reason", reason, true, CASE_COMMENT_BYTES_MAX),
    };
    struct body body;

    if (body_read(request, members, 2, &body))
        post(request, RUN_CORRECT, body.data, body.reason);
}

void handle_break_glass(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("reason", reason, true, CASE_COMMENT_BYTES_MAX)};
    struct body body;

    if (body_read(request, members, 1, &body))
        post(request, RUN_BREAK_GLASS, value_null(), body.reason);
}

void handle_review(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("comment", comment, false, CASE_COMMENT_BYTES_MAX)};
    struct body body;

    if (!body_read(request, members, 1, &body))
        return;
    request->run.name = route_segment(request, "glass");
    post(request, RUN_REVIEW, value_null(), body.comment);
}

void handle_ask_erasure(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("reason", reason, true, CASE_COMMENT_BYTES_MAX)};
    struct body body;

    if (body_read(request, members, 1, &body))
        post(request, RUN_ASK_ERASURE, value_null(), body.reason);
}

void handle_approve_erasure(struct request *request)
{
    struct body body;

    if (body_read(request, NULL, 0, &body))
        post(request, RUN_APPROVE_ERASURE, value_null(), TEXT_NONE);
}

void handle_ask_export(struct request *request)
{
    static const struct body_member members[] = {
        TEXT_MEMBER("reason", reason, true, CASE_COMMENT_BYTES_MAX),
        TEXT_MEMBER("recipient", recipient, true, NAME_BYTES_MAX),
    };
    struct value data = value_map(request->arena);
    struct body body;

    if (!body_read(request, members, 2, &body))
        return;
    value_put(&data, "recipient", value_string(body.recipient));
    post(request, RUN_ASK_EXPORT, data, body.reason);
}

void handle_approve_export(struct request *request)
{
    struct body body;

    if (body_read(request, NULL, 0, &body))
        post(request, RUN_APPROVE_EXPORT, value_null(), TEXT_NONE);
}

void handle_erasure(struct request *request)
{
    request->run.kind = RUN_ERASURE;
    request->run.case_name = route_segment(request, "case");
    request_post(request);
}
