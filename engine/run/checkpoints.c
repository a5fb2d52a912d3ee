/* When the journal's tree is signed: at the latest a minute after an entry that no checkpoint
 * covers yet, and at the stop. Signing is a part of the commit (store/audit.h). */
#include "base/arena.h"
#include "run/internal.h"
#include "store/audit.h"

void checkpoint_init(struct wheel *wheel)
{
    struct text note;

    wheel->checkpoint_due_ms = INT64_MAX;
    if (store_newest_checkpoint(wheel->store, wheel->turn, &wheel->checkpoint_seq, &note) < 0)
        wheel->checkpoint_seq = 0;
}

static bool has_uncovered(const struct wheel *wheel)
{
    return wheel->next_seq - 1 > wheel->checkpoint_seq && !store_history_differs(wheel->store);
}

void checkpoint_follow(struct wheel *wheel)
{
    const struct port_clock *clock = &wheel->ports.clock;

    if (has_uncovered(wheel) && wheel->checkpoint_due_ms == INT64_MAX)
        wheel->checkpoint_due_ms = clock->steady_ms(clock->self) + WHEEL_CHECKPOINT_MS;
}

bool checkpoint_is_due(const struct wheel *wheel)
{
    const struct port_clock *clock = &wheel->ports.clock;

    if (!has_uncovered(wheel))
        return false;
    if (wheel->is_stopping)
        return wheel_may_make_room(wheel);
    return wheel->room == 0 && clock->steady_ms(clock->self) >= wheel->checkpoint_due_ms;
}

void checkpoint_taken(struct wheel *wheel)
{
    wheel->checkpoint_seq = wheel->next_seq - 1;
    wheel->checkpoint_due_ms = INT64_MAX;
}

bool checkpoint_ask(struct wheel *wheel)
{
    if (!has_uncovered(wheel) || wheel->room != 0)
        return false;
    wheel->checkpoint_due_ms = wheel->ports.clock.steady_ms(wheel->ports.clock.self);
    return true;
}
