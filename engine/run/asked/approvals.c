/* The answer to an approval. That to the last one tells what came of the proposal, so it waits
 * until the proposal is carried out.
 *
 * The happy path:
 * 1. The approval is applied, and set a timer that is due now: its request is kept with the case.
 * 2. The timer's event is applied, perhaps after others that were queued before it.
 * 3. After each event of the case the core is asked again, until it knows the answer.
 *
 * The approval itself is durable, whatever comes: while nothing can be carried out (the disk is
 * full, the daemon stops) the answer is 202, as where a check failed and is tried again. */
#include "run/internal.h"

static bool is_carried_out_soon(const struct wheel *wheel)
{
    return !wheel->is_stopping && wheel->room == 0;
}

/* True: it is answered. */
static bool try_answer(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    struct problem problem;
    int status = 0;

    if (!case_approval_answer(&one->state, queued->owed.proposal, queued->person.person,
                              wheel->turn, &status, &problem) &&
        is_carried_out_soon(wheel))
        return false;
    queued->owed.status = status;
    if (problem.code != PROBLEM_NONE)
        wheel_refuse(wheel, queued, one->newest_batch, &problem);
    else
        event_answer(wheel, one, queued);
    return true;
}

static void keep(struct run_case *one, struct queued *queued)
{
    queued->owed.is_kept = true;
    queued->next = NULL;
    *one->approvals_last = queued;
    one->approvals_last = &queued->next;
}

void approval_answer(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    if (!try_answer(wheel, one, queued))
        keep(one, queued);
}

void approvals_review(struct wheel *wheel, struct run_case *one)
{
    struct queued *queued = one->approvals;

    one->approvals = NULL;
    one->approvals_last = &one->approvals;
    while (queued) {
        struct queued *next = queued->next;
        if (try_answer(wheel, one, queued))
            wheel_drop(queued);
        else
            keep(one, queued);
        queued = next;
    }
}

void approvals_release(struct wheel *wheel)
{
    for (struct run_case *one = wheel->cases.oldest; one; one = one->younger)
        approvals_review(wheel, one);
}

void approvals_abandon(struct wheel *wheel, struct run_case *one)
{
    while (one->approvals) {
        struct queued *queued = one->approvals;
        one->approvals = queued->next;
        wheel_fail(wheel, queued, PROBLEM_ERASED, "The case is erased.", "Nothing can be done.");
        wheel_drop(queued);
    }
    one->approvals_last = &one->approvals;
}
