/* Cards by id, by code, in order of opening, and those with a timer in a heap. */
#include "run/memory/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/when.h"
#include "base/wipe.h"

static struct text id_key(const void *item)
{
    const struct card *card = item;

    return (struct text){(const char *)card->id.bytes, sizeof(card->id.bytes)};
}

static struct text code_key(const void *item)
{
    return ((const struct card *)item)->code;
}

void roster_init(struct roster *roster)
{
    *roster = (struct roster){.scratch = arena_create("roster")};
    table_init(&roster->by_id, id_key);
    table_init(&roster->by_code, code_key);
}

static void free_card(struct card *card)
{
    if (card) {
        wipe_free(card->block);
        marks_destroy(&card->marks);
    }
    free(card);
}

void roster_finish(struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++)
        free_card(roster->cards[i]);
    free(roster->cards);
    free(roster->heap);
    arena_destroy(roster->scratch);
    table_finish(&roster->by_id);
    table_finish(&roster->by_code);
    *roster = (struct roster){0};
}

/* ---- The card's block: its texts, then the arrays that point at them. ---- */

static size_t list_bytes(const struct value *list)
{
    size_t bytes = 0;

    for (size_t i = 0; i < value_count(list); i++)
        bytes += value_item(list, i)->string.size + sizeof(struct text);
    return bytes;
}

static const struct text *copy_list(const struct value *list, struct text **array, char **bytes)
{
    const struct text *first = *array;

    for (size_t i = 0; i < value_count(list); i++) {
        struct text item = value_item(list, i)->string;
        memcpy(*bytes, item.bytes, item.size);
        *(*array)++ = (struct text){*bytes, item.size};
        *bytes += item.size;
    }
    return first;
}

static bool is_text_list(const struct value *list)
{
    if (!list || list->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < value_count(list); i++)
        if (value_item(list, i)->kind != VALUE_STRING)
            return false;
    return true;
}

enum { TEXT_COUNT = 6, LIST_COUNT = 4 };
static const char *const list_names[LIST_COUNT] = {"states", "roles", "audience/roles",
                                                   "audience/persons"};

static void copy_texts(struct card *card, const struct value *facts, struct text told)
{
    const struct text texts[TEXT_COUNT] = {
        value_text_at(facts, "code"),   value_text_at(facts, "workflow"),
        value_text_at(facts, "hash"),   value_text_at(facts, "country"),
        value_text_at(facts, "opener"), told};
    struct text *const places[TEXT_COUNT] = {&card->code,    &card->workflow, &card->hash,
                                             &card->country, &card->opener,   &card->told};
    const struct text **const lists[LIST_COUNT] = {&card->states, &card->roles, &card->told_roles,
                                                   &card->told_persons};
    size_t *const counts[LIST_COUNT] = {&card->state_count, &card->role_count,
                                        &card->told_role_count, &card->told_person_count};
    size_t size = 0, item_count = 0;

    for (size_t i = 0; i < TEXT_COUNT; i++)
        size += texts[i].size;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        const struct value *list = value_at(facts, list_names[i]);
        *counts[i] = value_count(list);
        item_count += *counts[i];
        size += list_bytes(list);
    }
    card->block = malloc(size + 1);
    CHECK(card->block);

    struct text *array = card->block;
    char *bytes = (char *)(array + item_count);
    for (size_t i = 0; i < LIST_COUNT; i++)
        *lists[i] = copy_list(value_at(facts, list_names[i]), &array, &bytes);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (texts[i].size > 0)
            memcpy(bytes, texts[i].bytes, texts[i].size);
        *places[i] = (struct text){bytes, texts[i].size};
        bytes += texts[i].size;
    }
}

static void read_facts(struct roster *roster, struct card *card, const struct value *facts)
{
    const struct value *told = value_at(facts, "told");

    copy_texts(card, facts, told ? json_write(roster->scratch, told) : TEXT_NONE);
    arena_reset(roster->scratch);
    card->pinned = NULL;
    card->opened_ms = value_int_at(facts, "opened", 0);
    card->changed_ms = value_int_at(facts, "changed", 0);
    card->timer_ms = value_int_at(facts, "timer", ROSTER_NEVER_MS);
    card->deadline_ms = value_int_at(facts, "deadline", ROSTER_NEVER_MS);
    card->revision = (uint64_t)value_int_at(facts, "revision", 0);
    card->last = (uint64_t)value_int_at(facts, "last", 0);
    card->read_last = (uint64_t)value_int_at(facts, "read", 0);
    card->is_closed = value_bool_at(facts, "closed");
    card->has_calls = value_bool_at(facts, "calls");
    card->marks = marks_create(facts);
    card->held_count = (uint32_t)value_int_at(facts, "held", 0);
}

/* ---- The heap of timers. ---- */

static void place_in_heap(struct roster *roster, size_t place, struct card *card)
{
    roster->heap[place] = card;
    card->heap = place;
}

static void sift_up(struct roster *roster, struct card *card)
{
    size_t place = card->heap;

    while (place > 0 && roster->heap[(place - 1) / 2]->timer_ms > card->timer_ms) {
        place_in_heap(roster, place, roster->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    place_in_heap(roster, place, card);
}

static void sift_down(struct roster *roster, struct card *card)
{
    size_t place = card->heap;

    for (;;) {
        size_t child = 2 * place + 1;
        if (child + 1 < roster->heap_count &&
            roster->heap[child + 1]->timer_ms < roster->heap[child]->timer_ms)
            child++;
        if (child >= roster->heap_count || roster->heap[child]->timer_ms >= card->timer_ms)
            break;
        place_in_heap(roster, place, roster->heap[child]);
        place = child;
    }
    place_in_heap(roster, place, card);
}

static void heap_remove(struct roster *roster, struct card *card)
{
    size_t place = card->heap;

    if (place == SIZE_MAX)
        return;
    struct card *last = roster->heap[--roster->heap_count];
    card->heap = SIZE_MAX;
    if (last == card)
        return;
    place_in_heap(roster, place, last);
    sift_up(roster, last);
    sift_down(roster, last);
}

static void heap_add(struct roster *roster, struct card *card)
{
    if (roster->heap_count == roster->heap_capacity) {
        roster->heap_capacity = roster->heap_capacity ? roster->heap_capacity * 2 : 64;
        roster->heap = realloc(roster->heap, roster->heap_capacity * sizeof(*roster->heap));
        CHECK(roster->heap);
    }
    place_in_heap(roster, roster->heap_count++, card);
    sift_up(roster, card);
}

/* ---- Putting and finding. ---- */

static void append(struct roster *roster, struct card *card)
{
    if (roster->count == roster->capacity) {
        roster->capacity = roster->capacity ? roster->capacity * 2 : 64;
        roster->cards = realloc(roster->cards, roster->capacity * sizeof(*roster->cards));
        CHECK(roster->cards);
    }
    card->index = roster->count;
    roster->cards[roster->count++] = card;
    table_add(&roster->by_id, card);
}

bool roster_put(struct roster *roster, const struct vault_case_id *id, const struct value *facts)
{
    bool is_told = value_at(facts, "told");

    if (value_text_at(facts, "code").size == 0)
        return false;
    for (size_t i = 0; i < LIST_COUNT; i++) /* an audience where something is told */
        if ((i < 2 || is_told) && !is_text_list(value_at(facts, list_names[i])))
            return false;

    struct card *card = (struct card *)roster_find(roster, id);
    if (card) {
        heap_remove(roster, card);
        table_remove(&roster->by_code, card->code);
        wipe_free(card->block);
        marks_destroy(&card->marks);
    } else {
        card = calloc(1, sizeof(*card));
        CHECK(card);
        card->id = *id;
        card->heap = SIZE_MAX;
        append(roster, card);
    }
    read_facts(roster, card, facts);
    table_add(&roster->by_code, card);
    if (card->timer_ms != ROSTER_NEVER_MS)
        heap_add(roster, card);
    return true;
}

void roster_remove(struct roster *roster, const struct vault_case_id *id)
{
    struct card *card =
        table_find(&roster->by_id, (struct text){(const char *)id->bytes, sizeof(id->bytes)});

    if (!card)
        return;
    heap_remove(roster, card);
    table_remove(&roster->by_id, id_key(card));
    table_remove(&roster->by_code, code_key(card));
    roster->count--;
    for (size_t i = card->index; i < roster->count; i++) {
        roster->cards[i] = roster->cards[i + 1];
        roster->cards[i]->index = i;
    }
    free_card(card);
}

static int compare(const void *left, const void *right)
{
    const struct card *a = *(struct card *const *)left, *b = *(struct card *const *)right;

    if (a->opened_ms != b->opened_ms)
        return a->opened_ms < b->opened_ms ? -1 : 1;
    return text_compare(a->code, b->code);
}

void roster_sort(struct roster *roster)
{
    if (roster->count == 0)
        return;
    qsort(roster->cards, roster->count, sizeof(*roster->cards), compare);
    for (size_t i = 0; i < roster->count; i++)
        roster->cards[i]->index = i;
}

const struct card *roster_find(const struct roster *roster, const struct vault_case_id *id)
{
    return table_find(&roster->by_id, (struct text){(const char *)id->bytes, sizeof(id->bytes)});
}

const struct card *roster_find_code(const struct roster *roster, struct text code)
{
    return table_find(&roster->by_code, code);
}

const struct card *roster_first_timer(const struct roster *roster)
{
    return roster->heap_count > 0 ? roster->heap[0] : NULL;
}

void roster_hold_timer(struct roster *roster, const struct card *card)
{
    heap_remove(roster, (struct card *)card);
}

void roster_quarantine(struct roster *roster, const struct card *of)
{
    struct card *card = (struct card *)of;

    heap_remove(roster, card);
    card->is_quarantined = true;
    card->state_count = card->role_count = 0;
    card->told_role_count = card->told_person_count = 0;
    card->told = TEXT_NONE;
    card->timer_ms = card->deadline_ms = ROSTER_NEVER_MS;
    card->has_calls = false;
    card->held_count = 0;
}

void roster_pin(const struct card *card, const struct workflow *workflow)
{
    ((struct card *)card)->pinned = workflow;
}

void roster_set_read(const struct card *card, uint64_t seq)
{
    ((struct card *)card)->read_last = seq;
}

static void put_marks(struct value *line, const struct marks *marks, struct arena *arena)
{
    struct value assigned = value_map(arena), flags = value_list(arena);

    for (size_t i = 0; i < marks->count; i++) {
        const struct mark *mark = &marks->rows[i];
        if (mark->kind == MARK_ASSIGNED)
            value_set(&assigned, text_copy(arena, mark->name),
                      value_string(text_copy(arena, mark->person)));
        else if (mark->kind == MARK_FLAG)
            value_append(&flags, value_string(text_copy(arena, mark->name)));
    }
    if (value_count(&assigned) > 0)
        value_put(line, "assigned", assigned);
    if (value_count(&flags) > 0)
        value_put(line, "flags", flags);
}

struct value roster_line(const struct card *card, int64_t now_ms, struct arena *arena)
{
    struct value line = value_map(arena), states = value_list(arena);

    value_put(&line, "id", value_string(text_hex(arena, card->id.bytes, sizeof(card->id.bytes))));
    value_put(&line, "code", value_string(text_copy(arena, card->code)));
    value_put(&line, "workflow", value_string(text_copy(arena, card->workflow)));
    value_put(&line, "country", value_string(text_copy(arena, card->country)));
    value_put(&line, "opened", value_timestamp(when_from_ms(card->opened_ms)));
    if (card->is_quarantined) {
        value_put(&line, "quarantined", value_bool(true));
        return line;
    }
    for (size_t i = 0; i < card->state_count; i++)
        value_append(&states, value_string(text_copy(arena, card->states[i])));
    value_put(&line, "states", states);
    value_put(&line, "changed", value_timestamp(when_from_ms(card->changed_ms)));
    value_put(&line, "closed", value_bool(card->is_closed));
    value_put(&line, "revision", value_int((int64_t)card->revision));
    if (card->deadline_ms != ROSTER_NEVER_MS) {
        value_put(&line, "deadline", value_timestamp(when_from_ms(card->deadline_ms)));
        value_put(&line, "overdue", value_bool(card->deadline_ms < now_ms));
    }
    put_marks(&line, &card->marks, arena);
    return line;
}
