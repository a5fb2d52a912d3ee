/* Words of cases, each case in one block; a search looks at all of them. */
#include "run/memory/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/sound.h"
#include "base/wipe.h"

/* What is longer is no name. */
enum { NAME_BYTES_MAX = 240, NAME_WORDS_MAX = 8, GUESSED_BYTES_MAX = 80, GUESSED_WORDS_MAX = 6 };
enum { TEXT_BYTES_MAX = 2000, CASE_WORDS_MAX = 1000 };
enum { WORDS_AT_FIRST = 32 };
/* How a word fits. */
enum { FIT_SAME = 8, FIT_SOUND = 6, FIT_BEGIN = 5, FIT_BONES = 3, FIT_WITHIN = 2 };

static struct text id_key(const void *item)
{
    const struct index_case *one = item;

    return (struct text){(const char *)one->id.bytes, sizeof(one->id.bytes)};
}

/* Cases that have a word of those bones in a field of names. */
struct sounding {
    struct text bones;
    struct index_case **cases;
    size_t count, capacity;
};

static struct text sound_of(const void *item)
{
    return ((const struct sounding *)item)->bones;
}

static void free_sounding(struct sounding *sounding)
{
    free(sounding->cases);
    wipe_free(sounding);
}

static void free_case(struct index_case *one)
{
    wipe_free(one->words);
    free(one);
}

void index_init(struct index *index)
{
    *index = (struct index){0};
    table_init(&index->by_id, id_key);
    table_init(&index->by_sound, sound_of);
}

void index_finish(struct index *index)
{
    for (size_t i = 0; i < index->by_id.capacity; i++)
        if (index->by_id.slots[i])
            free_case(index->by_id.slots[i]);
    table_finish(&index->by_id);
    for (size_t i = 0; i < index->by_sound.capacity; i++) {
        struct sounding *sounding = index->by_sound.slots[i];
        if (!sounding)
            continue;
        free_sounding(sounding);
    }
    table_finish(&index->by_sound);
}

const struct index_case *index_find(const struct index *index, const struct vault_case_id *id)
{
    return table_find(&index->by_id, (struct text){(const char *)id->bytes, sizeof(id->bytes)});
}

/* ---- Cases by the sound of names. ---- */

static bool has_sound(const struct index_word *word)
{
    return word->is_name && word->sound.bones.size > 0;
}

static struct sounding *sounding_of(struct index *index, const struct index_word *word)
{
    struct text bones = word->sound.bones;
    struct sounding *sounding = table_find(&index->by_sound, bones);

    if (sounding)
        return sounding;
    sounding = calloc(1, sizeof(*sounding) + bones.size);
    CHECK(sounding);
    memcpy(sounding + 1, bones.bytes, bones.size);
    sounding->bones = (struct text){(const char *)(sounding + 1), bones.size};
    table_add(&index->by_sound, sounding);
    return sounding;
}

static void list(struct index *index, struct index_case *one)
{
    for (size_t i = 0; i < one->count; i++) {
        if (!has_sound(&one->words[i]))
            continue;
        struct sounding *sounding = sounding_of(index, &one->words[i]);
        if (sounding->count == sounding->capacity) {
            sounding->capacity = sounding->capacity ? sounding->capacity * 2 : 2;
            sounding->cases =
                realloc(sounding->cases, sounding->capacity * sizeof(*sounding->cases));
            CHECK(sounding->cases);
        }
        sounding->cases[sounding->count++] = one;
    }
}

static void unlist(struct index *index, const struct index_case *one)
{
    for (size_t i = 0; i < one->count; i++) {
        if (!has_sound(&one->words[i]))
            continue;
        struct sounding *sounding = sounding_of(index, &one->words[i]);
        size_t at = 0;
        while (at < sounding->count && sounding->cases[at] != one)
            at++;
        CHECK(at < sounding->count);
        sounding->cases[at] = sounding->cases[--sounding->count];
        if (sounding->count == 0) {
            table_remove(&index->by_sound, sounding->bones);
            free_sounding(sounding);
        }
    }
}

size_t index_alike(struct index *index, const struct index_case *one, struct arena *arena,
                   const struct index_case ***alike_out)
{
    const struct index_case **alike;
    size_t most = 0, count = 0;

    index->asked++;
    for (size_t i = 0; i < one->count; i++)
        if (has_sound(&one->words[i]))
            most += sounding_of(index, &one->words[i])->count;
    *alike_out = alike = ARENA_ARRAY(arena, const struct index_case *, most);
    for (size_t i = 0; i < one->count; i++) {
        if (!has_sound(&one->words[i]))
            continue;
        struct sounding *sounding = sounding_of(index, &one->words[i]);
        for (size_t k = 0; k < sounding->count; k++) {
            struct index_case *other = sounding->cases[k];
            if (other == one || other->asked == index->asked)
                continue;
            other->asked = index->asked;
            alike[count++] = other;
        }
    }
    return count;
}

void index_drop(struct index *index, const struct vault_case_id *id)
{
    struct index_case *one = (struct index_case *)index_find(index, id);

    if (!one)
        return;
    table_remove(&index->by_id, id_key(one));
    unlist(index, one);
    free_case(one);
}

/* ---- The words of a case: gathered in an arena, then copied into one block. ---- */

struct gathering {
    struct arena *arena;
    bool are_names_marked; /* by the workflow */
    struct index_word *words;
    size_t count, capacity, bytes;
};

static struct index_word *add_word(struct gathering *gathering)
{
    if (gathering->count == gathering->capacity) {
        size_t capacity = gathering->capacity ? gathering->capacity * 2 : WORDS_AT_FIRST;
        struct index_word *more = ARENA_ARRAY(gathering->arena, struct index_word, capacity);
        for (size_t i = 0; i < gathering->count; i++)
            more[i] = gathering->words[i];
        gathering->words = more;
        gathering->capacity = capacity;
    }
    return &gathering->words[gathering->count++];
}

static size_t words_in(struct text folded)
{
    size_t at = 0, count = 0;

    while (sound_word(folded, &at).size > 0)
        count++;
    return count;
}

static bool are_names_marked(const struct workflow *workflow)
{
    for (size_t i = 0; i < workflow->field_count; i++)
        if (workflow->fields[i].is_name)
            return true;
    return false;
}

static bool may_hold_names(const struct workflow_field *field, bool are_marked)
{
    return are_marked ? field->is_name : field->type == FIELD_TEXT && field->sensitive;
}

static bool is_name(const struct gathering *gathering, const struct workflow_field *field,
                    struct text text, struct text folded)
{
    bool are_marked = gathering->are_names_marked;
    size_t bytes_max = are_marked ? NAME_BYTES_MAX : GUESSED_BYTES_MAX;
    size_t words_max = are_marked ? NAME_WORDS_MAX : GUESSED_WORDS_MAX;

    return may_hold_names(field, are_marked) && text.size <= bytes_max &&
           words_in(folded) <= words_max;
}

static uint32_t letters_of(struct text word)
{
    uint32_t letters = 0;

    for (size_t i = 0; i < word.size; i++)
        letters |= UINT32_C(1) << ((unsigned char)word.bytes[i] & 31);
    return letters;
}

/* FNV-1a */
static uint32_t sum_of(struct text text)
{
    uint32_t sum = 2166136261U;

    for (size_t i = 0; i < text.size; i++)
        sum = (sum ^ (unsigned char)text.bytes[i]) * 16777619U;
    return sum;
}

static struct index_sound sound_as(struct arena *arena, struct text word)
{
    struct text key = sound_key(arena, word), bones = sound_bones(arena, key);

    return (struct index_sound){letters_of(word), sum_of(key), sum_of(bones), word, key, bones};
}

static struct index_sound sound_as_one(struct arena *arena, struct text first, struct text second)
{
    return sound_as(arena, text_printf(arena, "%.*s%.*s", TEXT_ARG(first), TEXT_ARG(second)));
}

/* A word as `like`, of another sound. */
static void gather_word(struct gathering *gathering, const struct index_word *like,
                        struct index_sound sound)
{
    struct index_word *one = add_word(gathering);

    *one = *like;
    one->sound = sound;
    gathering->bytes += sound.word.size + sound.key.size + sound.bones.size;
}

static void gather_text(struct gathering *gathering, const struct workflow_field *field,
                        struct text text)
{
    struct arena *arena = gathering->arena;
    struct text folded = text.size <= TEXT_BYTES_MAX ? sound_fold(arena, text) : TEXT_NONE;
    struct index_word like = {.field = field->id,
                              .is_sensitive = field->sensitive,
                              .is_name = is_name(gathering, field, text, folded),
                              .is_first = true};
    struct text word, before = TEXT_NONE;
    size_t at = 0;

    while (gathering->count < CASE_WORDS_MAX && (word = sound_word(folded, &at)).size > 0) {
        like.is_pair = like.is_name && !like.is_first;
        if (like.is_pair)
            gather_word(gathering, &like, sound_as_one(arena, before, word));
        like.is_pair = false;
        gather_word(gathering, &like, sound_as(arena, word));
        like.is_first = false;
        before = word;
    }
}

static bool is_text(const struct workflow_field *field)
{
    return field->type == FIELD_TEXT || (field->type == FIELD_LIST && field->of == FIELD_TEXT);
}

bool index_is_touched(const struct workflow *workflow, const struct value *patch)
{
    const struct value *data = value_get(patch, TEXT("data"));

    for (size_t i = 0; i < workflow->field_count; i++)
        if (is_text(&workflow->fields[i]) && value_get(data, workflow->fields[i].id))
            return true;
    return false;
}

bool index_is_named(const struct workflow *workflow, const struct value *patch)
{
    const struct value *data = value_get(patch, TEXT("data"));
    bool are_marked = are_names_marked(workflow);

    for (size_t i = 0; i < workflow->field_count; i++) {
        const struct workflow_field *field = &workflow->fields[i];
        const struct value *value = value_get(data, field->id);
        if (value && value->kind != VALUE_NULL && may_hold_names(field, are_marked))
            return true;
    }
    return false;
}

static void gather(struct gathering *gathering, const struct case_state *state)
{
    const struct workflow *workflow = state->workflow;
    const struct value *data = value_get(&state->doc, TEXT("data"));

    gathering->are_names_marked = are_names_marked(workflow);
    for (size_t i = 0; i < workflow->field_count; i++) {
        const struct workflow_field *field = &workflow->fields[i];
        const struct value *value = value_get(data, field->id);
        if (!value || !is_text(field))
            continue;
        if (value->kind == VALUE_STRING)
            gather_text(gathering, field, value->string);
        for (size_t k = 0; value->kind == VALUE_LIST && k < value_count(value); k++)
            gather_text(gathering, field, value_item(value, k)->string);
    }
}

static struct text move(char **bytes, struct text text)
{
    struct text moved = {*bytes, text.size};

    if (text.size > 0)
        memcpy(*bytes, text.bytes, text.size);
    *bytes += text.size;
    return moved;
}

void index_put(struct index *index, const struct case_state *state)
{
    ARENA_SCOPED struct arena *arena = arena_create("words");
    struct gathering gathering = {.arena = arena};
    struct index_case *one = calloc(1, sizeof(*one));

    CHECK(one);
    gather(&gathering, state);
    one->id = state->id;
    one->count = gathering.count;
    one->words = malloc(gathering.count * sizeof(*one->words) + gathering.bytes + 1);
    CHECK(one->words);
    char *bytes = (char *)(one->words + one->count);
    for (size_t i = 0; i < one->count; i++) {
        one->words[i] = gathering.words[i];
        struct index_sound *sound = &one->words[i].sound;
        sound->word = move(&bytes, sound->word);
        sound->key = move(&bytes, sound->key);
        sound->bones = move(&bytes, sound->bones);
    }
    index_drop(index, &state->id);
    table_add(&index->by_id, one);
    list(index, one);
}

/* ---- Fitting. ---- */

struct index_query index_query(struct arena *arena, struct text text)
{
    struct text folded = sound_fold(arena, text), word;
    struct index_query query = {0};
    size_t at = 0;

    while (query.count < INDEX_WORDS_MAX && (word = sound_word(folded, &at)).size > 0)
        query.words[query.count++] = sound_as(arena, word);
    for (size_t i = 0; i + 1 < query.count; i++)
        query.pairs[i] = sound_as_one(arena, query.words[i].word, query.words[i + 1].word);
    return query;
}

static bool is_within(struct text part, struct text whole)
{
    return part.size > 0 && memmem(whole.bytes, whole.size, part.bytes, part.size) != NULL;
}

static bool are_keys_alike(const struct index_sound *a, const struct index_sound *b)
{
    return a->key_sum == b->key_sum && text_equal(a->key, b->key);
}

/* One or two consonants alone are too many names. */
static bool are_bones_alike(const struct index_sound *a, const struct index_sound *b)
{
    return a->bones_sum == b->bones_sum && a->bones.size > 2 && text_equal(a->bones, b->bones);
}

int index_fit_whole(const struct index_sound *wanted, const struct index_word *word)
{
    const struct index_sound *sound = &word->sound;

    if (wanted->letters == sound->letters && text_equal(wanted->word, sound->word))
        return FIT_SAME;
    if (are_keys_alike(wanted, sound) && wanted->word.size > 1)
        return FIT_SOUND;
    return are_bones_alike(wanted, sound) ? FIT_BONES : 0;
}

int index_fit(const struct index_sound *wanted, const struct index_word *word)
{
    struct text part = wanted->word, whole = word->sound.word;
    int fit = index_fit_whole(wanted, word);

    if (word->is_pair || fit > FIT_BEGIN || (wanted->letters & ~word->sound.letters) != 0)
        return fit;
    if (part.size > 1 && whole.size > part.size && memcmp(whole.bytes, part.bytes, part.size) == 0)
        return FIT_BEGIN;
    return fit > 0 || part.size <= 2 || !is_within(part, whole) ? fit : FIT_WITHIN;
}

bool index_is_alike(const struct index_word *a, const struct index_word *b)
{
    return (a->sound.key.size > 0 && are_keys_alike(&a->sound, &b->sound)) ||
           are_bones_alike(&a->sound, &b->sound);
}
