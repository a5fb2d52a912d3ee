/* The feed: what happened, read from the journal by cursor. Ids and kinds, no field of a case.
 *
 * One request reads at most FEED_ENTRIES; whoever follows asks again from where it ended. What is
 * read is durable. Rights are those of the moment of reading, so an entry of a case that the person
 * may not see leaves a gap in the seqs, as does an entry that says who read. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/when.h"
#include "case/view.h"
#include "run/internal.h"

enum { FEED_ENTRIES = 256 };

static const struct vault_case_id of_no_case;

struct reading {
    struct wheel *wheel;
    const struct queued *queued;
    const struct card *only; /* the case that is asked for; NULL: all */
    struct value events;
    uint64_t next; /* the last seq that was looked at */
};

static void copy_text(struct value *line, const char *name, const struct value *entry,
                      struct arena *arena)
{
    struct text text = value_text_at(entry, name);

    if (text.size > 0)
        value_put(line, name, value_string(text_copy(arena, text)));
}

static struct value line_of(const struct reading *reading, uint64_t seq, const struct value *entry)
{
    static const char *const names[] = {"kind", "event", "by", "step"};
    struct arena *arena = reading->wheel->turn;
    struct value line = value_map(arena);

    value_put(&line, "seq", value_int((int64_t)seq));
    value_put(&line, "at", value_timestamp(when_from_ms(value_int_at(entry, "at", 0))));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        copy_text(&line, names[i], entry, arena);
    return line;
}

/* To people, who ask in a language; programs go by the ids. */
static void put_titles(const struct reading *reading, struct value *line, const struct value *entry,
                       const struct card *card)
{
    const struct workflow *workflow = rights_workflow(reading->wheel, card);
    struct text language = reading->queued->request.language;
    const struct value *states = value_get(line, TEXT("states"));

    if (language.size == 0 || !workflow)
        return;
    struct text title = case_entry_title(workflow, entry, language);
    if (title.size > 0)
        value_put(line, "title", value_string(title));
    value_put(line, "titles", case_state_titles(workflow, states, language, reading->wheel->turn));
}

/* Of a case: who sees it learns what happened to it. */
static void tell_case(struct reading *reading, const struct store_read_entry *read,
                      const struct value *entry, const struct card *card)
{
    struct arena *arena = reading->wheel->turn;
    struct value line = line_of(reading, read->seq, entry), states = value_list(arena);
    const struct value *after = value_at(entry, "states");

    for (size_t i = 0; i < value_count(after); i++)
        value_append(&states, value_string(text_copy(arena, value_item(after, i)->string)));
    value_put(&line, "code", value_string(text_copy(arena, card->code)));
    value_put(&line, "workflow", value_string(text_copy(arena, card->workflow)));
    value_put(&line, "states", states);
    put_titles(reading, &line, entry, card);
    value_append(&reading->events, line);
}

static void tell_erased(struct reading *reading, uint64_t seq)
{
    struct value line = value_map(reading->wheel->turn);

    value_put(&line, "seq", value_int((int64_t)seq));
    value_put(&line, "erased", value_bool(true));
    value_append(&reading->events, line);
}

/* Definitions and the clock are everybody's; the rest of the daemon's own entries is nobody's. */
static void tell_daemon(struct reading *reading, const struct store_read_entry *read,
                        const struct value *entry)
{
    static const char *const names[] = {"workflow", "version"};
    struct text kind = value_text_at(entry, "kind");

    if (!text_is(kind, "workflow.loaded") && !text_is(kind, "clock.advanced"))
        return;
    struct value line = line_of(reading, read->seq, entry);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        copy_text(&line, names[i], entry, reading->wheel->turn);
    value_append(&reading->events, line);
}

static bool take(void *self, const struct store_read_entry *read)
{
    struct reading *reading = self;
    struct wheel *wheel = reading->wheel;
    bool is_daemon = memcmp(&read->id, &of_no_case, sizeof(read->id)) == 0;
    const struct card *card = is_daemon ? NULL : roster_find(&wheel->roster, &read->id);
    struct value entry;

    reading->next = read->seq;
    if (reading->only ? card != reading->only
                      : card && !rights_see(wheel, &reading->queued->asker, card))
        return true;
    if (read->is_erased) {
        tell_erased(reading, read->seq);
        return true;
    }
    ARENA_SCOPED struct arena *arena = arena_create("entry");
    if (json_read(arena, read->body, &entry, NULL) != 0)
        return true; /* it was written by this program: verify tells of it */
    if (is_daemon)
        tell_daemon(reading, read, &entry);
    else if (!card)
        tell_erased(reading, read->seq);
    else if (!value_is_string(value_at(&entry, "kind"), "read"))
        tell_case(reading, read, &entry, card);
    return true;
}

/* An entry that does not open: of an erased case there is no key any more; else it is damaged,
 * which the administrator hears of. Either way the feed goes on behind it. */
static void pass(struct reading *reading, uint64_t seq)
{
    struct wheel *wheel = reading->wheel;
    struct store_read_entry read = {0};

    reading->next = seq;
    (void)store_read_one(wheel->store, wheel->turn, seq, &read);
    if (memcmp(&read.id, &of_no_case, sizeof(read.id)) != 0 &&
        !roster_find(&wheel->roster, &read.id)) {
        if (!reading->only)
            tell_erased(reading, seq);
        return;
    }
    log_event(LOG_ERROR, "entry.unreadable", "seq=%llu", (unsigned long long)seq);
}

void read_feed(struct wheel *wheel, struct queued *queued)
{
    const struct run_request *request = &queued->request;
    struct reading reading = {.wheel = wheel,
                              .queued = queued,
                              .events = value_list(wheel->turn),
                              .next = request->after};
    struct run_reply reply = {.status = 200, .body = value_map(wheel->turn)};
    uint64_t last = store_last_seq(wheel->store), bad = 0;

    if (!text_is_empty(request->case_name) && !(reading.only = read_card(wheel, queued)))
        return;
    if (request->after < last &&
        store_read(wheel->store, request->after + 1, FEED_ENTRIES, take, &reading, &bad) < 0)
        pass(&reading, bad);
    value_put(&reply.body, "events", reading.events);
    value_put(&reply.body, "next", value_int((int64_t)reading.next));
    value_put(&reply.body, "more", value_bool(reading.next < last));
    wheel_reply(wheel, queued, 0, &reply);
}
