/* Search, and the cases that look like one that is opened.
 *
 * The happy path:
 * 1. From the start on the index is made: a few cases at each turn, while everything else goes on;
 *    what needs it before it is whole waits.
 * 2. Every event that changes a text keeps it true.
 * 3. A search looks at every case that the person may see, at the fields that their roles there may
 *    see. What it tells of a case is what a list tells, and which fields fitted. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "case/view.h"
#include "run/internal.h"

enum {
    AT_ONCE = 16,
    LIMIT_DEFAULT = 20,
    LIMIT_MAX = 100,
    SIMILAR_MAX = 5,
    CODE_LEAST = 3,
    CODE_SCORE = 100
};

/* ---- Making the index. ---- */

static void index_stored(struct wheel *wheel, const struct card *card)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    struct case_state state = {.id = card->id, .workflow = workflow};
    struct text body;
    uint64_t seq;

    /* What is damaged is found by nobody; who opens it is told. */
    if (workflow && store_load_case(wheel->store, wheel->turn, &card->id, &seq, &body) == 0 &&
        json_read(wheel->turn, body, &state.doc, NULL) == 0)
        index_put(&wheel->search.index, &state);
    arena_reset(wheel->turn);
}

static void index_next(struct wheel *wheel)
{
    const struct card *card = wheel->roster.cards[wheel->search.next++];
    struct run_case *one = cases_find(&wheel->cases, &card->id);

    if (card->is_quarantined || index_find(&wheel->search.index, &card->id))
        return; /* put aside, or an event came before */
    if (one && one->state.doc.kind != VALUE_NULL)
        index_put(&wheel->search.index, &one->state);
    else
        index_stored(wheel, card);
}

static void release(struct wheel *wheel)
{
    struct queued *queued = wheel->search.waiting;

    wheel->search.waiting = NULL;
    wheel->search.waiting_last = &wheel->search.waiting;
    while (queued) {
        struct queued *next = queued->next;
        wheel_enqueue(wheel, queued);
        queued = next;
    }
}

bool search_is_being_made(const struct wheel *wheel)
{
    return !wheel->search.is_whole;
}

void search_turn(struct wheel *wheel)
{
    struct search *search = &wheel->search;

    if (!search_is_being_made(wheel))
        return;
    for (int i = 0; i < AT_ONCE && search->next < wheel->roster.count; i++)
        index_next(wheel);
    search->is_whole = search->next >= wheel->roster.count;
    if (search->is_whole)
        release(wheel);
}

void search_stop(struct wheel *wheel)
{
    release(wheel); /* to be refused */
}

bool search_is_ready(struct wheel *wheel, struct queued *queued)
{
    struct search *search = &wheel->search;

    if (search->is_whole)
        return true;
    queued->next = NULL;
    *search->waiting_last = queued;
    search->waiting_last = &queued->next;
    return false;
}

void search_forget(struct wheel *wheel, const struct vault_case_id *id)
{
    const struct card *card = roster_find(&wheel->roster, id);

    /* Those behind it move up: the next one is still the next one. */
    if (card && card->index < wheel->search.next)
        wheel->search.next--;
    index_drop(&wheel->search.index, id);
}

void search_follow(struct wheel *wheel, const struct run_case *one, const struct value *patch)
{
    if (!index_find(&wheel->search.index, &one->state.id) ||
        index_is_touched(one->state.workflow, patch))
        index_put(&wheel->search.index, &one->state);
}

void search_begin(struct wheel *wheel)
{
    wheel->search.is_whole = wheel->roster.count == 0;
}

void search_init(struct wheel *wheel)
{
    index_init(&wheel->search.index);
    wheel->search.waiting_last = &wheel->search.waiting;
}

void search_finish(struct wheel *wheel)
{
    while (wheel->search.waiting) {
        struct queued *next = wheel->search.waiting->next;
        wheel_drop(wheel->search.waiting);
        wheel->search.waiting = next;
    }
    index_finish(&wheel->search.index);
}

/* ---- Looking. ---- */

struct found {
    const struct card *card;
    int score;
    struct value fields; /* that fitted, by id */
};

struct looking {
    struct wheel *wheel;
    const struct queued *queued;
    const struct case_person *asker;
    struct arena *arena;
    struct index_query query;
    struct text code; /* as it was typed, in capitals */
    struct found *found;
    size_t count;
};

static void add_field(struct value *fields, struct text field)
{
    for (size_t i = 0; i < value_count(fields); i++)
        if (text_equal(value_item(fields, i)->string, field))
            return;
    value_append(fields, value_string(field));
}

/* Which fields this person may see in the case: all of them, or those that are not sensitive. */
static bool sees_sensitive(const struct looking *looking, const struct card *card)
{
    struct case_person person = rights_in(looking->wheel, looking->asker, card, looking->arena);

    return case_person_sees_sensitive(&person, rights_workflow(looking->wheel, card));
}

/* Every word that is looked for must fit one of the case's; the best fit counts. */
static int fit_words(const struct looking *looking, const struct card *card, struct value *fields)
{
    const struct index_case *one = index_find(&looking->wheel->search.index, &card->id);
    int score = 0;
    bool is_asked = false, may_all = false;

    for (size_t i = 0; one && i < looking->query.count; i++) {
        const struct index_word *best = NULL;
        int best_fit = 0;
        for (size_t k = 0; k < one->count; k++) {
            int fit = index_fit(&looking->query, i, &one->words[k]);
            if (fit <= best_fit)
                continue;
            if (one->words[k].is_sensitive && !is_asked) {
                may_all = sees_sensitive(looking, card);
                is_asked = true;
            }
            if (one->words[k].is_sensitive && !may_all)
                continue;
            best = &one->words[k];
            best_fit = fit;
        }
        if (!best)
            return 0;
        score += best_fit;
        add_field(fields, best->field);
    }
    return score;
}

static void look_at(struct looking *looking, const struct card *card)
{
    struct value fields = value_list(looking->arena);
    bool is_code =
        looking->code.size >= CODE_LEAST &&
        memmem(card->code.bytes, card->code.size, looking->code.bytes, looking->code.size) != NULL;

    /* First of all, so that a hidden case takes the same time whatever it holds. */
    if (!rights_see(looking->wheel, looking->asker, card))
        return;
    int score = is_code ? CODE_SCORE : fit_words(looking, card, &fields);
    if (score > 0)
        looking->found[looking->count++] = (struct found){card, score, fields};
}

/* The best first; then what changed last. */
static int compare(const void *left, const void *right)
{
    const struct found *a = left, *b = right;

    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->card->changed_ms != b->card->changed_ms)
        return a->card->changed_ms > b->card->changed_ms ? -1 : 1;
    return text_compare(a->card->code, b->card->code);
}

static struct text in_capitals(struct arena *arena, struct text text)
{
    struct text copy = text_copy(arena, text);

    for (size_t i = 0; i < copy.size; i++) {
        char *c = (char *)(uintptr_t)copy.bytes + i;
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    return copy;
}

enum hit { HIT_TOLD, HIT_DAMAGED, HIT_UNWRITTEN };

/* That a word stands in a field is data of the case: a line of the journal tells who learnt it. The
 * answer waits for every batch in flight, so for that one too. */
static enum hit log_hit(const struct looking *looking, const struct found *found)
{
    uint64_t batch = 0;
    int error = 0;

    if (value_count(&found->fields) == 0)
        return HIT_TOLD;
    struct run_case *one = event_case(looking->wheel, &found->card->id, &error);
    if (!one)
        return HIT_DAMAGED;
    return read_log(looking->wheel, looking->queued, found->card, one, "search", &batch)
               ? HIT_TOLD
               : HIT_UNWRITTEN;
}

/* False: the disk is too full to write down who is told, so that none may be shown. */
static bool lines_of(const struct looking *looking, size_t limit, struct value *lines_out)
{
    *lines_out = value_list(looking->arena);
    for (size_t i = 0; i < looking->count && i < limit; i++) {
        const struct found *found = &looking->found[i];
        enum hit hit = log_hit(looking, found);
        if (hit == HIT_UNWRITTEN)
            return false;
        if (hit == HIT_DAMAGED)
            continue;
        struct value line = read_line(looking->wheel, looking->queued, found->card);
        value_put(&line, "fields", found->fields);
        value_append(lines_out, line);
    }
    return true;
}

static void look(struct looking *looking)
{
    struct roster *roster = &looking->wheel->roster;

    looking->found = ARENA_ARRAY(looking->arena, struct found, roster->count);
    for (size_t i = 0; i < roster->count; i++)
        look_at(looking, roster->cards[i]);
    if (looking->count > 0)
        qsort(looking->found, looking->count, sizeof(*looking->found), compare);
}

void read_search(struct wheel *wheel, struct queued *queued)
{
    const struct run_request *request = &queued->request;
    size_t limit = request->filter.limit > 0 ? request->filter.limit : LIMIT_DEFAULT;
    struct looking looking = {.wheel = wheel,
                              .queued = queued,
                              .asker = &queued->asker,
                              .arena = wheel->turn,
                              .query = index_query(wheel->turn, request->name),
                              .code = in_capitals(wheel->turn, request->name)};
    struct value body = value_map(wheel->turn), lines;

    if (looking.query.count == 0) {
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "There is no word in that text.",
                   "Write a name or a part of one, or of a code.");
        return;
    }
    look(&looking);
    if (!lines_of(&looking, limit < LIMIT_MAX ? limit : LIMIT_MAX, &lines)) {
        read_log_refuse(wheel, queued);
        return;
    }
    value_put(&body, "cases", lines);
    value_put(&body, "total", value_int((int64_t)looking.count));
    read_reply_list(wheel, queued, body);
}

/* ---- Cases like this one. ---- */

/* How many words of one field of names the two have in common, all of the shorter one's. */
static int in_common(const struct index_case *a, const struct index_case *b, struct text field)
{
    int words = 0, fits = 0;

    for (size_t i = 0; i < a->count; i++) {
        const struct index_word *word = &a->words[i];
        bool has_fit = false;
        if (!word->is_name || !text_equal(word->field, field))
            continue;
        words++;
        for (size_t k = 0; k < b->count; k++)
            has_fit =
                has_fit || (b->words[k].is_name && text_equal(b->words[k].field, field) &&
                            (text_equal(b->words[k].key, word->key) ||
                             (word->bones.size > 2 && text_equal(b->words[k].bones, word->bones))));
        fits += has_fit;
    }
    return words == fits ? words : 0;
}

static int likeness(const struct index_case *a, const struct index_case *b, struct value *fields)
{
    int score = 0;

    for (size_t i = 0; i < a->count; i++) {
        if (!a->words[i].is_name || !a->words[i].is_first)
            continue;
        int common = in_common(a, b, a->words[i].field);
        if (common == 0)
            common = in_common(b, a, a->words[i].field);
        if (common > 0)
            add_field(fields, a->words[i].field);
        score += common;
    }
    return score;
}

struct value search_similar(struct wheel *wheel, const struct queued *queued,
                            const struct run_case *one)
{
    const struct index_case *new = index_find(&wheel->search.index, &one->state.id);
    struct looking looking = {
        .wheel = wheel, .queued = queued, .asker = &queued->asker, .arena = wheel->turn};
    const struct index_case **alike;
    struct value lines;
    size_t count = new ? index_alike(&wheel->search.index, new, wheel->turn, &alike) : 0;

    looking.found = ARENA_ARRAY(wheel->turn, struct found, count);
    for (size_t i = 0; i < count; i++) {
        const struct card *card = roster_find(&wheel->roster, &alike[i]->id);
        struct value fields = value_list(wheel->turn);
        int score = likeness(new, alike[i], &fields);
        if (score > 0 && card && rights_see(wheel, looking.asker, card) &&
            sees_sensitive(&looking, card))
            looking.found[looking.count++] = (struct found){card, score, fields};
    }
    if (looking.count > 0)
        qsort(looking.found, looking.count, sizeof(*looking.found), compare);
    return lines_of(&looking, SIMILAR_MAX, &lines) ? lines : value_list(wheel->turn);
}
