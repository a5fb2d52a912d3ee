/* What people are told of cases whose records are damaged. */
#include "base/arena.h"
#include "base/log.h"
#include "run/internal.h"

void read_refuse_damaged(struct wheel *wheel, const struct queued *queued, int error)
{
    if (quarantine_find(&wheel->quarantine, &queued->id)) {
        wheel_fail(wheel, queued, PROBLEM_QUARANTINED,
                   "Records of this case are damaged. It is put aside, so that nothing wrong of it "
                   "is shown or written.",
                   "Nothing else is lost. Tell the administrator: `sankofa admin quarantine` says "
                   "which records, and a backup from before the damage has them.");
        return;
    }
    log_event(LOG_ERROR, "case.unreadable", "id=%.*s error=%d",
              TEXT_ARG(text_hex(queued->arena, queued->id.bytes, sizeof(queued->id.bytes))),
              -error);
    wheel_fail(wheel, queued, PROBLEM_INTERNAL, "The record of this case cannot be read.",
               "The daemon's log says more; tell the administrator.");
}

bool quarantine_shows(const struct wheel *wheel, const struct queued *queued)
{
    const struct quarantined *one = quarantine_find(&wheel->quarantine, &queued->id);

    /* The history is read from the journal, whose last entry of the case the card knows unless
     * entries are damaged, or newer than the snapshot. */
    if (queued->request.kind == RUN_HISTORY)
        return one && one->why == QUARANTINE_SNAPSHOT && one->since == 0;
    return queued->request.kind == RUN_READS;
}

static struct value quarantined_line(struct wheel *wheel, const struct quarantined *one,
                                     struct arena *arena)
{
    const struct card *card = roster_find(&wheel->roster, &one->id);
    struct value line = value_map(arena);

    value_put(&line, "id", value_string(text_hex(arena, one->id.bytes, sizeof(one->id.bytes))));
    if (card)
        value_put(&line, "code", value_string(card->code));
    value_put(&line, "what", value_cstring(quarantine_why_name(one->why)));
    if (one->seq != 0)
        value_put(&line, "seq", value_int((int64_t)one->seq));
    return line;
}

void read_quarantine(struct wheel *wheel, struct queued *queued)
{
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};
    struct value cases = value_list(queued->arena);

    for (const struct quarantined *one = wheel->quarantine.first; one; one = one->next)
        value_append(&cases, quarantined_line(wheel, one, queued->arena));
    value_put(&reply.body, "cases", cases);
    wheel_reply(wheel, queued, 0, &reply);
}
