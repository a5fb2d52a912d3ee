/* Search, and the cases that look like one that is opened or named.
 *
 * A search looks at every case that the person may see, at the fields that their roles there may
 * see. What it tells of a case is what a list tells, and which fields fitted. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "case/view.h"
#include "run/internal.h"

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 100, SIMILAR_MAX = 5, CODE_LEAST = 3, CODE_SCORE = 100 };

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

/* A case as a search looks at it. */
struct sight {
    const struct looking *looking;
    const struct card *card;
    const struct index_case *words;
    bool is_asked, may_all; /* of what is sensitive: asked only where some of it fits */
};

static bool may_see(struct sight *sight, const struct index_word *word)
{
    if (word->is_sensitive && !sight->is_asked) {
        sight->may_all = sees_sensitive(sight->looking, sight->card);
        sight->is_asked = true;
    }
    return !word->is_sensitive || sight->may_all;
}

/* The case's word that fits best; 0: none. */
static int best_fit(struct sight *sight, const struct index_sound *wanted,
                    int (*fit_of)(const struct index_sound *, const struct index_word *),
                    const struct index_word **best_out)
{
    int best = 0;

    for (size_t k = 0; k < sight->words->count; k++) {
        const struct index_word *word = &sight->words->words[k];
        int fit = fit_of(wanted, word);
        if (fit <= best || !may_see(sight, word))
            continue;
        *best_out = word;
        best = fit;
    }
    return best;
}

/* Every word that is looked for must fit one of the case's, alone or with a neighbour; the best fit
 * counts. */
static int fit_words(const struct looking *looking, const struct card *card, struct value *fields)
{
    const struct index_query *query = &looking->query;
    struct sight sight = {looking, card, index_find(&looking->wheel->search.index, &card->id),
                          false, false};
    int score = 0;

    for (size_t i = 0; sight.words && i < query->count; i++) {
        const struct index_word *best = NULL;
        int fit = best_fit(&sight, &query->words[i], index_fit, &best);
        if (fit == 0 && i + 1 < query->count)
            fit = best_fit(&sight, &query->pairs[i], index_fit_whole, &best);
        if (fit == 0 && i > 0)
            fit = best_fit(&sight, &query->pairs[i - 1], index_fit_whole, &best);
        if (fit == 0)
            return 0;
        score += fit;
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

enum { NAMES_MAX = 64, WORDS_ENOUGH = 2 };

/* The words of a case's names that one may see. */
struct names {
    const struct index_word *words[NAMES_MAX];
    size_t count;
};

static void find_names(const struct index_case *one, bool may_all, struct names *names_out)
{
    names_out->count = 0;
    for (size_t i = 0; i < one->count && names_out->count < NAMES_MAX; i++)
        if (one->words[i].is_name && (may_all || !one->words[i].is_sensitive))
            names_out->words[names_out->count++] = &one->words[i];
}

/* Of one field, or of any where it is empty. */
static bool is_of(const struct index_word *word, struct text field)
{
    return text_is_empty(field) || text_equal(word->field, field);
}

static bool has_field(const struct names *names, struct text field)
{
    for (size_t i = 0; i < names->count; i++)
        if (is_of(names->words[i], field))
            return true;
    return false;
}

static bool has_alike(const struct names *names, const struct index_word *word, struct text field)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct index_word *other = names->words[i];
        if (is_of(other, field) && !(word->is_pair && other->is_pair) &&
            index_is_alike(other, word))
            return true;
    }
    return false;
}

/* How many words of `a` sound like one of `b`, if all do; else 0. A pair that does stands for the
 * words on both its sides. Without a field: all; or, `is_shared`, those of fields that both have.
 */
static int all_within(const struct names *a, const struct names *b, struct text field,
                      bool is_shared)
{
    uint64_t fits = 0;
    int words = 0;

    for (size_t i = 0; i < a->count; i++)
        if (is_of(a->words[i], field) && has_alike(b, a->words[i], field))
            fits |= a->words[i]->is_pair ? UINT64_C(5) << (i - 1) : UINT64_C(1) << i;
    for (size_t i = 0; i < a->count; i++) {
        const struct index_word *word = a->words[i];
        if (word->is_pair || !is_of(word, field) || (is_shared && !has_field(b, word->field)))
            continue;
        if (!(fits >> i & 1))
            return 0;
        words++;
    }
    return words;
}

/* All words of the one that has fewer in that field. */
static int in_common(const struct names *a, const struct names *b, struct text field)
{
    int common = all_within(a, b, field, false);

    return common > 0 ? common : all_within(b, a, field, false);
}

/* Names that stand in each other's fields: all of one case, and the other's in the same fields. */
static int in_other_fields(const struct names *a, const struct names *b)
{
    int words = all_within(a, b, TEXT_NONE, false);

    return words > 0 && all_within(b, a, TEXT_NONE, true) > 0 ? words : 0;
}

/* How many words of names are alike; 0 where it is a chance, as of one first name of many. */
static int likeness(const struct names *a, const struct names *b, struct value *fields)
{
    size_t shared = 0, common = 0;
    int score = 0;

    for (size_t i = 0; i < a->count; i++) {
        struct text field = a->words[i]->field;
        if (!a->words[i]->is_first || !has_field(b, field))
            continue;
        int words = in_common(a, b, field);
        shared++;
        common += words > 0;
        score += words;
        if (words > 0)
            add_field(fields, field);
    }
    if (score > 0 && (shared == 1 || (score >= WORDS_ENOUGH && 2 * common >= shared)))
        return score;
    score = in_other_fields(a, b);
    score = score > 0 ? score : in_other_fields(b, a);
    for (size_t i = 0; score >= WORDS_ENOUGH && i < a->count; i++)
        if (has_alike(b, a->words[i], TEXT_NONE))
            add_field(fields, a->words[i]->field);
    return score >= WORDS_ENOUGH ? score : 0;
}

static void compare_with(struct looking *looking, const struct names *names, bool may_all,
                         const struct index_case *other)
{
    const struct card *card = roster_find(&looking->wheel->roster, &other->id);
    struct value fields = value_list(looking->arena);
    struct names others;

    /* First of all, as in a search. */
    if (!card || !rights_see(looking->wheel, looking->asker, card))
        return;
    find_names(other, may_all && sees_sensitive(looking, card), &others);
    int score = likeness(names, &others, &fields);
    if (score > 0)
        looking->found[looking->count++] = (struct found){card, score, fields};
}

struct value search_similar(struct wheel *wheel, const struct queued *queued,
                            const struct run_case *one)
{
    const struct index_case *words = index_find(&wheel->search.index, &one->state.id);
    const struct card *card = roster_find(&wheel->roster, &one->state.id);
    struct looking looking = {
        .wheel = wheel, .queued = queued, .asker = &queued->asker, .arena = wheel->turn};
    const struct index_case **alike;
    struct names names = {.count = 0};
    struct value lines;
    size_t count = words ? index_alike(&wheel->search.index, words, wheel->turn, &alike) : 0;
    bool may_all = queued->event.kind == CASE_OPEN || sees_sensitive(&looking, card);

    if (words)
        find_names(words, may_all, &names);
    looking.found = ARENA_ARRAY(wheel->turn, struct found, count);
    for (size_t i = 0; i < count && names.count > 0; i++)
        compare_with(&looking, &names, may_all, alike[i]);
    if (looking.count > 0)
        qsort(looking.found, looking.count, sizeof(*looking.found), compare);
    return lines_of(&looking, SIMILAR_MAX, &lines) ? lines : value_list(wheel->turn);
}
