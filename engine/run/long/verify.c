/* The store checked record by record, 256 in a turn, so that the daemon goes on serving. */
#include "store/verify.h"
#include "base/arena.h"
#include "run/internal.h"

enum { RECORDS_AT_ONCE = 256 };

static struct value finding_value(const struct store_finding *finding, struct arena *arena)
{
    struct value one = value_map(arena);

    value_put(&one, "table", value_cstring(finding->table));
    if (finding->seq != 0)
        value_put(&one, "seq", value_int((int64_t)finding->seq));
    if (!text_is_empty(finding->key))
        value_put(&one, "key", value_string(finding->key));
    value_put(&one, "what", value_cstring(finding->what));
    return one;
}

static struct value result_value(const struct store_verified *verified, struct arena *arena)
{
    struct value body = value_map(arena), findings = value_list(arena);

    for (size_t i = 0; i < verified->finding_count; i++)
        value_append(&findings, finding_value(&verified->findings[i], arena));
    value_put(&body, "whole", value_bool(verified->finding_count_all == 0));
    value_put(&body, "entries", value_int((int64_t)verified->entry_count));
    value_put(&body, "checkpoints", value_int((int64_t)verified->checkpoint_count));
    value_put(&body, "records", value_int((int64_t)verified->record_count));
    value_put(&body, "found", value_int((int64_t)verified->finding_count_all));
    value_put(&body, "findings", findings);
    return body;
}

static void fail(struct operation *operation)
{
    struct problem problem;

    problem_set(&problem, operation_arena(operation), PROBLEM_INTERNAL,
                "The store could not be read to its end.");
    problem_hint(&problem, operation_arena(operation),
                 "The daemon's log says more; check the disk.");
    operation_fail(operation, &problem);
}

static enum operation_step piece(void *self, struct operation *operation)
{
    struct store_verify *verify = self;
    int result = store_verify_piece(verify, RECORDS_AT_ONCE);
    struct store_verified verified = store_verify_result(verify);

    operation_set_total(operation, verified.total);
    operation_set_done(operation, verified.done);
    if (result > 0)
        return OPERATION_MORE;
    if (result < 0) {
        fail(operation);
    } else {
        struct value body = result_value(&verified, operation_arena(operation));
        operation_succeed(operation, &body);
    }
    return OPERATION_OVER;
}

static void ended(void *self, struct operation *operation)
{
    (void)operation;
    store_verify_destroy(self);
}

void long_verify(struct wheel *wheel, struct queued *queued)
{
    struct text against = queued->request.source;
    struct operation_work work = {.kind = "verify", .piece = piece, .ended = ended};

    if (operation_may_begin(wheel, queued, work.kind)) {
        struct store_verify *verify = store_verify_create(wheel->store);
        store_verify_entries(verify, wheel_look_at_entry, wheel->store);
        if (!text_is_empty(against) && store_verify_against(verify, against) < 0) {
            store_verify_destroy(verify);
            wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST,
                       "What it is to be compared with is no checkpoint that this store signed.",
                       "`sankofa admin checkpoint` prints one; was the file changed?");
        } else {
            work.self = verify;
            operation_begin(wheel, queued, &work);
        }
    }
    wheel_drop(queued);
}
