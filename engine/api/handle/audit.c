/* What auditors and witnesses ask of the journal: checkpoints, proofs, a check of every record, and
 * whether the core would make the same of it again. */
#include "api/internal.h"

enum { CHECKPOINT_BYTES_MAX = 16 << 10 };

/* A number of the query; false and a refusal where it is none. */
static bool read_number(struct request *request, const char *name, int64_t least)
{
    struct text text = target_query(request, name);
    int64_t number = 0;

    request->run.has_number = text.bytes != NULL;
    if (text.bytes && (!text_to_int(text, &number) || number < least)) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Write a number.", "%s=%.*s is no such number.",
                     name, TEXT_ARG(text));
        return false;
    }
    request->run.number = (uint64_t)number;
    return true;
}

void handle_checkpoint(struct request *request)
{
    request->run.kind = RUN_CHECKPOINT;
    if (read_number(request, "old", 0))
        request_post(request);
}

void handle_checkpoints(struct request *request)
{
    request->run.kind = RUN_CHECKPOINTS;
    request_post(request);
}

void handle_quarantine(struct request *request)
{
    request->run.kind = RUN_QUARANTINE;
    request_post(request);
}

void handle_proof(struct request *request)
{
    request->run.kind = RUN_PROOF;
    if (!read_number(request, "seq", 1))
        return;
    if (request->run.has_number)
        request_post(request);
    else
        request_fail(request, PROBLEM_BAD_REQUEST, "Ask with ?seq=NUMBER.",
                     "The query does not say which entry.");
}

void handle_verify(struct request *request)
{
    static const struct body_member members[] = {
        {"against", BODY_TEXT, false, CHECKPOINT_BYTES_MAX, offsetof(struct body, against)}};
    struct body body;

    if (!body_read(request, members, 1, &body))
        return;
    request->run.source = body.against;
    handle_post_write(request, RUN_VERIFY, &body);
}

void handle_replay(struct request *request)
{
    struct body body;

    if (body_read(request, NULL, 0, &body))
        handle_post_write(request, RUN_REPLAY, &body);
}
