/* No unlogged read: whoever is shown data of a case stands in the journal before they see it.
 *
 * The happy path:
 * 1. What shows data of a case asks read_log once it has its answer. The first time in a while it
 *    makes an entry of the case, `read`, in the batch that fills, and opens a window.
 * 2. The answer waits for that batch, as does every other one of the same window until then.
 * 3. An auditor asks who read the case: the entries are a list of their own, from the newest to the
 *    oldest, beside the case's history.
 *
 * Such an entry changes nothing: it counts for no revision, and no snapshot is due because of it.
 * The case is dirty all the same until its next one, since its card knows where the list begins. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/when.h"
#include "run/internal.h"

enum {
    READ_WINDOW_MS = 600000,
    READS_LIMIT_MAX = 200,
    /* On a disk that is too full for anybody's work people go on reading, as long as these fit: an
     * entry is some 600 bytes, and each person makes one for a case in a window. */
    READS_WITHOUT_ROOM = 256,
    READS_BYTES = 1 << 20 /* down to the 8 MiB that an erasure is left, with the ballast */
};

/* ---- Writing them down. ---- */

static bool has_room(const struct wheel *wheel)
{
    return wheel->room == 0 || (wheel->filling->entry_count < READS_WITHOUT_ROOM &&
                                store_has_room(wheel->store, READS_BYTES, false) == 0);
}

static struct text window_key(const struct queued *queued, const struct card *card,
                              const char *what, bool has_glass, struct arena *arena)
{
    struct text_buffer key;

    text_buffer_init(&key, arena);
    text_append(&key, (struct text){(const char *)card->id.bytes, sizeof(card->id.bytes)});
    text_append_printf(&key, "%d%s %.*s", has_glass, what, TEXT_ARG(queued->asker.id));
    return text_buffer_text(&key);
}

static struct value entry_of(struct wheel *wheel, const struct case_person *asker,
                             const struct card *card, const char *what, bool has_glass)
{
    struct value entry = value_map(wheel->turn), roles = value_list(wheel->turn);
    struct case_person person = rights_in(wheel, asker, card, wheel->turn);

    for (size_t i = 0; i < person.role_count; i++)
        value_append(&roles, value_string(person.roles[i]));
    value_put(&entry, "kind", value_cstring("read")); /* first: see read_log_is */
    value_put(&entry, "by", value_string(asker->id));
    value_put(&entry, "person", value_string(asker->person));
    value_put(&entry, "roles", roles);
    value_put(&entry, "what", value_cstring(what));
    if (has_glass)
        value_put(&entry, "glass", value_bool(true));
    if (card->read_last != 0)
        value_put(&entry, "read_prev", value_int((int64_t)card->read_last));
    return entry;
}

bool read_log_is(struct text body)
{
    return text_begins(body, "{\"kind\":\"read\",");
}

static void write_down(struct wheel *wheel, const struct card *card, struct run_case *one,
                       struct value *entry)
{
    uint64_t seq = wheel_append_of(wheel, &card->id, entry);

    roster_set_read(card, seq);
    if (!one)
        return;
    one->state.read_last = seq;
    cases_soil_read(&wheel->cases, one, seq);
}

bool read_log(struct wheel *wheel, const struct queued *queued, const struct card *card,
              struct run_case *one, const char *what, uint64_t *batch)
{
    bool has_glass = rights_has_glass(wheel, &queued->asker, card);
    struct text key = window_key(queued, card, what, has_glass, wheel->turn);
    int64_t now_ms = wheel_now_ms(wheel);
    const struct window *window = windows_find(&wheel->windows, key, now_ms);

    if (!window && !has_room(wheel))
        return false;
    if (!window) {
        struct value entry = entry_of(wheel, &queued->asker, card, what, has_glass);
        write_down(wheel, card, one, &entry);
        window = windows_add(&wheel->windows, key, now_ms + READ_WINDOW_MS, wheel->filling->number);
    }
    if (window->batch > *batch)
        *batch = window->batch;
    return true;
}

struct run_case *read_case_logged(struct wheel *wheel, struct queued *queued, uint64_t *batch_out)
{
    struct run_case *one = read_case(wheel, queued);

    if (!one)
        return NULL;
    *batch_out = one->newest_batch;
    if (!read_log(wheel, queued, roster_find(&wheel->roster, &queued->id), one, "case",
                  batch_out)) {
        read_log_refuse(wheel, queued);
        return NULL;
    }
    return one;
}

void read_log_refuse(struct wheel *wheel, const struct queued *queued)
{
    wheel_fail(wheel, queued, PROBLEM_DISK_FULL,
               "The disk is too full to write down who reads this, so it is not shown.",
               "Free some space on the disk of the store, and repeat.");
}

/* ---- Who read a case. ---- */

static int open_entry(struct wheel *wheel, uint64_t seq, const struct card *card,
                      struct value *entry_out)
{
    struct store_read_entry read;
    int result = store_read_one(wheel->store, wheel->turn, seq, &read);

    if (result == 0 &&
        (memcmp(&read.id, &card->id, sizeof(read.id)) != 0 || !read_log_is(read.body)))
        return -ENOENT;
    return result == 0 ? json_read(wheel->turn, read.body, entry_out, NULL) : result;
}

static struct value line_of(uint64_t seq, const struct value *entry, struct arena *arena)
{
    static const char *const names[] = {"by", "person", "roles", "what", "glass"};
    struct value line = value_map(arena);

    value_put(&line, "seq", value_int((int64_t)seq));
    value_put(&line, "at", value_timestamp(when_from_ms(value_int_at(entry, "at", 0))));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (value_at(entry, names[i]))
            value_put(&line, names[i], *value_at(entry, names[i]));
    return line;
}

/* From `seq` on to older ones; the page is turned round, as the history's is. */
static void page(struct wheel *wheel, const struct queued *queued, const struct card *card,
                 uint64_t seq)
{
    size_t limit = read_limit(&queued->request.filter, READS_LIMIT_MAX), count = 0;
    struct value *lines = ARENA_ARRAY(wheel->turn, struct value, limit);
    struct value list = value_list(wheel->turn);
    struct run_reply reply = {.status = 200, .body = value_map(wheel->turn)};

    for (; seq != 0 && count < limit; count++) {
        struct value entry;
        int error = open_entry(wheel, seq, card, &entry);
        if (error != 0) {
            read_refuse_damaged(wheel, queued, error);
            return;
        }
        lines[count] = line_of(seq, &entry, wheel->turn);
        seq = (uint64_t)value_int_at(&entry, "read_prev", 0);
    }
    while (count > 0)
        value_append(&list, lines[--count]);
    value_put(&reply.body, "workflow", value_string(text_copy(wheel->turn, card->workflow)));
    value_put(&reply.body, "reads", list);
    if (seq != 0)
        value_put(&reply.body, "cursor",
                  value_string(text_printf(wheel->turn, "%llu", (unsigned long long)seq)));
    wheel_reply(wheel, queued, 0, &reply);
}

/* True: the newest is on its way to the disk; the request comes again when it is there. */
static bool wait_for(struct wheel *wheel, struct queued *queued, uint64_t seq)
{
    const struct batch *filling = wheel->filling;
    bool fills = filling->entry_count > 0 && seq >= filling->entries[0].seq;

    if (seq <= store_last_seq(wheel->store))
        return false;
    batch_add_effect(fills ? wheel->filling : wheel->writing, EFFECT_REQUEST)->request = queued;
    return true;
}

bool read_log_show(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = read_card(wheel, queued);
    struct text cursor = queued->request.filter.cursor;
    struct value entry;
    int64_t first = 0;

    if (!card)
        return false;
    if (text_is_empty(cursor) && wait_for(wheel, queued, card->read_last))
        return true;
    if (text_is_empty(cursor)) {
        first = (int64_t)card->read_last;
    } else if (!text_to_int(cursor, &first) || first <= 0 ||
               open_entry(wheel, (uint64_t)first, card, &entry) != 0) {
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "That cursor is none of this case.",
                   "Give back `cursor` as the page before had it, or leave it out.");
        return false;
    }
    page(wheel, queued, card, (uint64_t)first);
    return false;
}
