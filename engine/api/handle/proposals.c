/* Approving and rejecting a submission that waits for others. */
#include "api/internal.h"

static void post(struct request *request, enum run_kind kind, const struct body *body)
{
    request->run.case_name = route_segment(request, "case");
    request->run.name = route_segment(request, "proposal");
    handle_post_write(request, kind, body);
}

void handle_approve(struct request *request)
{
    static const struct body_member members[] = {
        {"comment", BODY_TEXT, false, CASE_COMMENT_BYTES_MAX, offsetof(struct body, comment)}};
    struct body body;

    if (body_read(request, members, 1, &body))
        post(request, RUN_APPROVE, &body);
}

void handle_reject(struct request *request)
{
    static const struct body_member members[] = {
        {"reason", BODY_TEXT, true, CASE_COMMENT_BYTES_MAX, offsetof(struct body, reason)}};
    struct body body;

    if (!body_read(request, members, 1, &body))
        return;
    body.comment = body.reason;
    post(request, RUN_REJECT, &body);
}
