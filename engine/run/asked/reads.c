/* Reads: nothing is changed, and nothing is told that is not durable. A list waits for the newest
 * batch in flight, one case for the newest batch that holds an entry of it, or tells of this read
 * (read_log.c). */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "base/when.h"
#include "case/view.h"
#include "run/internal.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, HISTORY_MAX = 200 };

size_t read_limit(const struct run_filter *filter, size_t limit_max)
{
    size_t limit = filter->limit > 0 ? filter->limit : LIMIT_DEFAULT;

    return limit < limit_max ? limit : limit_max;
}

uint64_t read_newest_batch(const struct wheel *wheel)
{
    if (wheel->filling->entry_count > 0)
        return wheel->filling->number;
    return wheel->writing ? wheel->writing->number : 0;
}

static void reply(struct wheel *wheel, struct queued *queued, uint64_t batch, struct value body)
{
    struct run_reply reply = {.status = 200, .body = body};

    wheel_reply(wheel, queued, batch, &reply);
}

void read_reply_list(struct wheel *wheel, struct queued *queued, struct value body)
{
    reply(wheel, queued, read_newest_batch(wheel), body);
}

/* ---- Lists. ---- */

static bool has_state(const struct card *card, struct text state)
{
    for (size_t i = 0; i < card->state_count; i++)
        if (text_equal(card->states[i], state))
            return true;
    return false;
}

/* Assigned to the person; or opened by them, where it is assigned to nobody. */
static bool is_mine(const struct card *card, const struct case_person *person)
{
    bool is_assigned = false;

    for (size_t i = 0; i < card->marks.count; i++) {
        const struct mark *mark = &card->marks.rows[i];
        if (mark->kind != MARK_ASSIGNED)
            continue;
        if (text_equal(mark->person, person->id))
            return true;
        is_assigned = true;
    }
    return !is_assigned && text_equal(card->opener, person->id);
}

bool read_fits(const struct card *card, const struct run_filter *filter,
               const struct case_person *person, int64_t now_ms)
{
    return (text_is_empty(filter->workflow) || text_equal(filter->workflow, card->workflow)) &&
           (text_is_empty(filter->country) || text_equal(filter->country, card->country)) &&
           (text_is_empty(filter->code) || text_equal(filter->code, card->code)) &&
           (text_is_empty(filter->state) || has_state(card, filter->state)) &&
           (!filter->has_closed || filter->closed == card->is_closed) &&
           (!filter->mine || is_mine(card, person)) &&
           (!filter->overdue ||
            (card->deadline_ms != ROSTER_NEVER_MS && card->deadline_ms < now_ms));
}

struct value read_line(struct wheel *wheel, const struct queued *queued, const struct card *card)
{
    struct value line = roster_line(card, wheel_now_ms(wheel), wheel->turn);
    const struct value *states = value_get(&line, TEXT("states"));
    const struct workflow *workflow = rights_workflow(wheel, card);
    struct text language = queued->request.language;

    if (!states || !workflow)
        return line; /* put aside */
    value_put(&line, "titles", case_state_titles(workflow, states, language, wheel->turn));
    struct text title = workflow_say(workflow, &workflow->title, language);
    value_put(&line, "title", value_string(title.size > 0 ? title : workflow->id));
    return line;
}

static void list(struct wheel *wheel, struct queued *queued)
{
    const struct run_filter *filter = &queued->request.filter;
    int64_t now_ms = wheel_now_ms(wheel);
    size_t limit = read_limit(filter, LIMIT_MAX), first = 0;
    struct value body = value_map(wheel->turn), lines = value_list(wheel->turn);

    if (!text_is_empty(filter->cursor)) {
        const struct card *last = roster_find_code(&wheel->roster, filter->cursor);
        if (!last || !rights_see(wheel, &queued->asker, last)) {
            wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "That cursor is none of ours.",
                       "Give back `cursor` as the page before had it, or leave it out.");
            return;
        }
        first = last->index + 1;
    }
    const struct card *last = NULL;
    for (size_t i = first; i < wheel->roster.count; i++) {
        const struct card *card = wheel->roster.cards[i];
        if (!read_fits(card, filter, &queued->asker, now_ms) ||
            !rights_see(wheel, &queued->asker, card))
            continue;
        if (value_count(&lines) == limit) {
            value_put(&body, "cursor", value_string(last->code));
            break;
        }
        value_append(&lines, read_line(wheel, queued, card));
        last = card;
    }
    value_put(&body, "cases", lines);
    read_reply_list(wheel, queued, body);
}

/* ---- One case. ---- */

static void show(struct wheel *wheel, struct queued *queued)
{
    uint64_t batch = 0;
    struct run_case *one = read_case_logged(wheel, queued, &batch);

    if (!one)
        return;
    struct run_reply answer = {.status = 200,
                               .has_revision = true,
                               .revision = one->state.revision,
                               .body =
                                   case_view(&one->state, &queued->person, queued->request.language,
                                             wheel_now_ms(wheel), wheel->turn)};
    const struct card *card = roster_find(&wheel->roster, &queued->id);
    value_put(&answer.body, "links", care_links(wheel, &queued->asker, card, wheel->turn));
    wheel_reply(wheel, queued, batch, &answer);
}

/* Reads one entry of the chain. */
static int read_entry(struct wheel *wheel, uint64_t seq, struct value *entry_out)
{
    struct store_read_entry read;
    int result = store_read_one(wheel->store, wheel->turn, seq, &read);

    return result == 0 ? json_read(wheel->turn, read.body, entry_out, NULL) : result;
}

/* The chain leads from the newest entry to the oldest; the page is turned round. */
static void history_page(struct wheel *wheel, struct queued *queued, const struct card *card,
                         uint64_t newest)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    size_t limit = read_limit(&queued->request.filter, HISTORY_MAX), count = 0;
    struct value *lines = ARENA_ARRAY(wheel->turn, struct value, limit);
    struct value body = value_map(wheel->turn), list = value_list(wheel->turn);
    uint64_t seq = newest;

    for (; seq != 0 && count < limit; count++) {
        struct value entry;
        int error = read_entry(wheel, seq, &entry);
        if (error != 0) {
            read_refuse_damaged(wheel, queued, error);
            return;
        }
        lines[count] = case_entry_view(workflow, seq, &entry, &queued->person,
                                       queued->request.language, wheel->turn);
        care_tell_link(wheel, &queued->asker, &entry, &lines[count]);
        seq = (uint64_t)value_int_at(&entry, "prev", 0);
    }
    while (count > 0)
        value_append(&list, lines[--count]);
    value_put(&body, "entries", list);
    if (seq != 0) {
        struct text cursor = text_printf(wheel->turn, "%llu", (unsigned long long)seq);
        value_put(&body, "cursor", value_string(cursor));
    }
    uint64_t batch = 0;
    int error = 0;
    if (read_log(wheel, queued, card, event_case(wheel, &card->id, &error), "case", &batch))
        reply(wheel, queued, batch, body);
    else
        read_log_refuse(wheel, queued);
}

/* Whether `seq` is an entry of that case's history: a cursor comes from outside. */
static bool is_entry_of(struct wheel *wheel, uint64_t seq, const struct card *card)
{
    struct store_read_entry read;

    return store_read_one(wheel->store, wheel->turn, seq, &read) == 0 &&
           memcmp(read.id.bytes, card->id.bytes, sizeof(card->id.bytes)) == 0 &&
           !read_log_is(read.body);
}

/* True: the request waits, and is queued again, until the case's newest entry can be read. */
static bool wait_for_entries(struct wheel *wheel, struct queued *queued, const struct card *card)
{
    struct run_case *one = cases_find(&wheel->cases, &card->id);
    struct batch *gate = one ? wheel_gate(wheel, one->newest_batch) : NULL;

    if (!gate)
        return false;
    batch_add_effect(gate, EFFECT_REQUEST)->request = queued;
    return true;
}

/* True: `queued` lives on. */
static bool history(struct wheel *wheel, struct queued *queued)
{
    const struct card *card = read_card(wheel, queued);
    struct text cursor = queued->request.filter.cursor;
    int64_t newest = 0;

    if (!card)
        return false;
    if (wait_for_entries(wheel, queued, card))
        return true;
    if (text_is_empty(cursor))
        newest = (int64_t)card->last;
    else if (!text_to_int(cursor, &newest) || newest <= 0 ||
             !is_entry_of(wheel, (uint64_t)newest, card)) {
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "That cursor is none of this case.",
                   "Give back `cursor` as the page before had it, or leave it out.");
        return false;
    }
    history_page(wheel, queued, card, (uint64_t)newest);
    return false;
}

/* ---- Definitions. ---- */

static void workflows(struct wheel *wheel, struct queued *queued)
{
    struct value body = value_map(wheel->turn), lines = value_list(wheel->turn);

    for (size_t i = 0; i < wheel->registry.count; i++) {
        const struct registered *one = wheel->registry.items[i];
        if (registry_current(&wheel->registry, one->workflow->id) == one)
            value_append(&lines, registry_line(one, queued->request.language, wheel->turn));
    }
    value_put(&body, "workflows", lines);
    read_reply_list(wheel, queued, body);
}

static void refuse_name(struct wheel *wheel, struct queued *queued)
{
    struct problem problem;

    problem_set(&problem, queued->arena, PROBLEM_NO_SUCH_WORKFLOW,
                "No workflow of this name is loaded.");
    problem_hint(&problem, queued->arena,
                 "`sankofa workflow list` lists them; `sankofa workflow load FILE` loads one.");
    problem_suggest(&problem, queued->arena,
                    registry_nearest(&wheel->registry, queued->request.name, queued->arena));
    wheel_refuse(wheel, queued, 0, &problem);
}

static void workflow(struct wheel *wheel, struct queued *queued)
{
    const struct registered *one = registry_current(&wheel->registry, queued->request.name);
    struct text language = queued->request.language;

    if (!one) {
        refuse_name(wheel, queued);
        return;
    }
    struct value body = registry_line(one, language, wheel->turn), source;
    value_put(&body, "open",
              case_form(one->workflow, &one->workflow->open_form, language, wheel->turn));
    CHECK(json_read(wheel->turn, one->workflow->rendered, &source, NULL) == 0);
    value_put(&body, "definition", source);
    read_reply_list(wheel, queued, body);
}

/* Where a case is, in the definition it is pinned to. No field of it. */
static void diagram(struct wheel *wheel, struct queued *queued)
{
    struct value body = value_map(wheel->turn), states = value_list(wheel->turn), definition;
    uint64_t batch = 0;

    if (!read_case_logged(wheel, queued, &batch))
        return;
    const struct card *card = roster_find(&wheel->roster, &queued->id);
    CHECK(json_read(wheel->turn, rights_workflow(wheel, card)->rendered, &definition, NULL) == 0);
    for (size_t i = 0; i < card->state_count; i++)
        value_append(&states, value_string(text_copy(wheel->turn, card->states[i])));
    value_put(&body, "states", states);
    value_put(&body, "definition", definition);
    read_reply_list(wheel, queued, body); /* not before `batch` either */
}

void read_run(struct wheel *wheel, struct queued *queued)
{
    bool lives_on = false;

    switch (queued->request.kind) {
    case RUN_SHOW:
        show(wheel, queued);
        break;
    case RUN_LIST:
        list(wheel, queued);
        break;
    case RUN_INBOX:
        read_inbox(wheel, queued);
        break;
    case RUN_SEARCH:
        lives_on = !search_is_ready(wheel, queued);
        if (!lives_on)
            read_search(wheel, queued);
        break;
    case RUN_DIAGRAM:
        diagram(wheel, queued);
        break;
    case RUN_EVENTS:
        read_feed(wheel, queued);
        break;
    case RUN_HISTORY:
        lives_on = history(wheel, queued);
        break;
    case RUN_READS:
        lives_on = read_log_show(wheel, queued);
        break;
    case RUN_WORKFLOWS:
        workflows(wheel, queued);
        break;
    case RUN_WORKFLOW:
        workflow(wheel, queued);
        break;
    case RUN_OPEN_CASE:
    case RUN_TRANSITION:
    case RUN_ANSWER:
    case RUN_APPROVE:
    case RUN_REJECT:
    case RUN_SETTLE:
    case RUN_EXPLAIN:
    case RUN_LOAD_WORKFLOW:
    case RUN_ASSIGN:
    case RUN_NOTE:
    case RUN_FLAG:
    case RUN_LINK:
    case RUN_CORRECT:
    case RUN_BREAK_GLASS:
    case RUN_REVIEW:
    case RUN_ASK_ERASURE:
    case RUN_APPROVE_ERASURE:
    case RUN_ERASURE:
    case RUN_ASK_EXPORT:
    case RUN_APPROVE_EXPORT:
    case RUN_EXPORT:
    case RUN_CHUNK:
    case RUN_ATTACH:
    case RUN_DROP_UPLOAD:
    case RUN_DOCUMENTS:
    case RUN_DOCUMENT:
    case RUN_ADVANCE_CLOCK:
    case RUN_CHECKPOINT:
    case RUN_CHECKPOINTS:
    case RUN_PROOF:
    case RUN_VERIFY:
    case RUN_REPLAY:
    case RUN_KEYS:
    case RUN_ADD_SLOT:
    case RUN_REMOVE_SLOT:
    case RUN_ROTATE_KEYS:
    case RUN_OPERATION:
    case RUN_BACKUP:
    case RUN_QUARANTINE:
        CHECK(!"a read");
    }
    if (!lives_on)
        wheel_drop(queued);
}
