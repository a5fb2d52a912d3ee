/* What the wheel says of itself. */
#include "base/arena.h"
#include "base/when.h"
#include "run/internal.h"

struct value wheel_status(struct wheel *wheel, struct arena *arena)
{
    int64_t now_ms = wheel_now_ms(wheel);
    int64_t open = 0, overdue = 0, held = 0;
    struct value status = value_map(arena);

    for (size_t i = 0; i < wheel->roster.count; i++) {
        const struct card *card = wheel->roster.cards[i];
        open += !card->is_closed;
        held += card->held_count;
        overdue +=
            !card->is_closed && card->deadline_ms != ROSTER_NEVER_MS && card->deadline_ms < now_ms;
    }
    value_put(&status, "now", value_timestamp(when_from_ms(now_ms)));
    value_put(&status, "demo", value_bool(store_is_demo(wheel->store)));
    value_put(&status, "cases", value_int((int64_t)wheel->roster.count));
    value_put(&status, "open", value_int(open));
    value_put(&status, "overdue", value_int(overdue));
    value_put(&status, "in_memory", value_int((int64_t)wheel->cases.by_id.count));
    value_put(&status, "quarantined", value_int((int64_t)wheel->quarantine.by_id.count));
    value_put(&status, "workflows", value_int((int64_t)wheel->registry.count));
    value_put(&status, "calls", value_int((int64_t)calls_count(wheel)));
    value_put(&status, "calls_away", value_int((int64_t)calls_away_count(wheel)));
    value_put(&status, "steps_to_settle", value_int(held));
    /* What is being written may yet be lost. */
    value_put(&status, "seq", value_int((int64_t)store_last_seq(wheel->store)));
    value_put(&status, "horizon", value_int((int64_t)store_horizon(wheel->store)));
    value_put(&status, "batches", value_int((int64_t)wheel->durable_batch));
    value_put(&status, "epoch", value_int(store_rotation(wheel->store).epoch));
    value_put(&status, "rotating", value_bool(store_rotation(wheel->store).is_pending));
    value_put(&status, "disk_full", value_bool(wheel->room != 0));
    return status;
}
