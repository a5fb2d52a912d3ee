/* Steps: answered, settled, and why a case waits. */
#include "api/internal.h"
#include "base/arena.h"

static void post(struct request *request, enum run_kind kind, const struct body *body)
{
    request->run.case_name = route_segment(request, "case");
    request->run.name = route_segment(request, "step");
    handle_post_write(request, kind, body);
}

void handle_answer(struct request *request)
{
    static const struct body_member members[] = {
        {"data", BODY_MAP, false, 0, offsetof(struct body, data)},
        {"comment", BODY_TEXT, false, CASE_COMMENT_BYTES_MAX, offsetof(struct body, comment)},
        {"park", BODY_INTEGER, false, 0, offsetof(struct body, park)},
    };
    struct body body;

    if (!body_read(request, members, 3, &body))
        return;
    request->run.park = body.park;
    post(request, RUN_ANSWER, &body);
}

void handle_settle(struct request *request)
{
    static const struct body_member members[] = {
        {"outcome", BODY_TEXT, true, 16, offsetof(struct body, outcome)},
        {"reason", BODY_TEXT, true, CASE_COMMENT_BYTES_MAX, offsetof(struct body, reason)},
        {"data", BODY_MAP, false, 0, offsetof(struct body, data)},
    };
    struct body body;

    if (!body_read(request, members, 3, &body))
        return;
    request->run.outcome = body.outcome;
    body.comment = body.reason;
    post(request, RUN_SETTLE, &body);
}

void handle_explain(struct request *request)
{
    request->run.kind = RUN_EXPLAIN;
    request->run.case_name = route_segment(request, "case");
    request_post(request);
}
