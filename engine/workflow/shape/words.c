/* Texts for people: one for all languages, or one for each that the workflow declares. */
#include <string.h>
#include <strings.h>

#include "base/language.h"
#include "workflow/load.h"

/* en, fr, pt, pt-BR: letters, and subtags behind hyphens. */
static bool is_language(struct text text)
{
    size_t letters = 0;

    while (letters < text.size && text.bytes[letters] >= 'a' && text.bytes[letters] <= 'z')
        letters++;
    if (letters < 2 || letters > 3 || text.size > 35)
        return false;
    for (size_t i = letters; i < text.size; i++) {
        bool alnum = (text.bytes[i] >= 'a' && text.bytes[i] <= 'z') ||
                     (text.bytes[i] >= 'A' && text.bytes[i] <= 'Z') ||
                     (text.bytes[i] >= '0' && text.bytes[i] <= '9');
        bool hyphen = text.bytes[i] == '-' && text.bytes[i - 1] != '-' && i + 1 < text.size;

        if (i == letters ? !hyphen : !alnum && !hyphen)
            return false;
    }
    return true;
}

static bool language_check(struct load *load, struct text language, struct place place)
{
    struct diag *diag;

    if (is_language(language))
        return true;
    diag = load_fault(load, E_LANGUAGE, place, "not a language", "\"%.*s\" is not a language",
                      TEXT_ARG(language));
    diag_help(load->diags, diag, "write its ISO 639 code, as en, fr, pt");
    return false;
}

void load_languages(struct load *load)
{
    const struct yaml_node *list = load_get(load->root, "languages", YAML_LIST);
    size_t count = list != NULL ? list->count : 0;
    struct text *languages;

    if (count > WORKFLOW_LANGUAGES_MAX) {
        load_fault(load, E_TOO_MANY, list->place, "too many", "%zu languages; %d are the most",
                   count, (int)WORKFLOW_LANGUAGES_MAX);
        count = WORKFLOW_LANGUAGES_MAX;
    }
    languages = ARENA_ARRAY(load->arena, struct text, count);
    load->workflow->languages = languages;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list->entries[i].value;

        if (item->kind == YAML_SCALAR && language_check(load, item->text, item->place))
            languages[load->workflow->language_count++] = item->text;
    }
}

void load_text_check(struct load *load, const struct yaml_node *scalar)
{
    static const char *const words[] = {"yes", "no", "on", "off"};
    struct diag *diag;

    for (size_t i = 0; scalar->plain && i < sizeof(words) / sizeof(words[0]); i++) {
        if (scalar->text.size != strlen(words[i]) ||
            strncasecmp(scalar->text.bytes, words[i], scalar->text.size) != 0)
            continue;
        diag = load_warn(load, W_YES_NO, scalar->place, "without quotes",
                         "some tools read %.*s as true or false; here it is a text",
                         TEXT_ARG(scalar->text));
        diag_help(load->diags, diag, "write \"%.*s\"", TEXT_ARG(scalar->text));
    }
}

/* What a terminal would obey: a title goes to many. */
static bool has_control(struct text text)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t c = text_next_code_point(text, &at);

        if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0))
            return true;
    }
    return false;
}

static void text_needed(struct load *load, const struct yaml_entry *entry)
{
    if (entry->value->kind != YAML_SCALAR || yaml_is_null(entry->value))
        load_fault(load, E_KIND, entry->value->place, N_("a text"), "`%.*s` is a text for people",
                   TEXT_ARG(entry->key));
    else if (entry->value->text.size == 0)
        load_fault(load, E_EMPTY, entry->value->place, N_("empty"), "`%.*s` is empty",
                   TEXT_ARG(entry->key));
    else if (has_control(entry->value->text))
        load_fault(load, E_KIND, entry->value->place, "control characters",
                   "`%.*s` holds control characters", TEXT_ARG(entry->key));
    else
        load_text_check(load, entry->value);
}

/* The first language of a text that the file does not declare; empty: none. */
static struct text undeclared_language(const struct workflow *workflow, const struct yaml_node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        bool is_declared = false;
        for (size_t k = 0; k < workflow->language_count; k++)
            is_declared = is_declared || text_equal(map->entries[i].key, workflow->languages[k]);
        if (!is_declared)
            return map->entries[i].key;
    }
    return TEXT_NONE;
}

static void all_languages_needed(struct load *load, const struct yaml_entry *entry)
{
    const struct workflow *workflow = load->workflow;
    struct text_buffer missing;
    struct diag *diag;

    text_buffer_init(&missing, load->arena);
    for (size_t i = 0; i < workflow->language_count; i++) {
        size_t j = 0;

        while (j < entry->value->count &&
               !text_equal(entry->value->entries[j].key, workflow->languages[i]))
            j++;
        if (j == entry->value->count)
            text_append_printf(&missing, "%s%.*s", missing.size == 0 ? "" : ", ",
                               TEXT_ARG(workflow->languages[i]));
    }
    if (missing.size == 0)
        return;
    diag =
        load_fault(load, E_WORDS, entry->key_place, NULL, "the text of `%.*s` is missing in %.*s",
                   TEXT_ARG(entry->key), TEXT_ARG(text_buffer_text(&missing)));
    struct text stray = undeclared_language(workflow, entry->value);
    if (text_is_empty(stray))
        diag_help(load->diags, diag, "`languages` declares what each text is needed in");
    else
        diag_help(load->diags, diag, "\"%.*s\" is not among `languages`: is it meant?",
                  TEXT_ARG(stray));
}

void load_words_check(struct load *load, const struct yaml_entry *entry)
{
    const struct yaml_node *map = entry->value;

    if (map->kind != YAML_MAP) {
        text_needed(load, entry);
        return;
    }
    if (map->count == 0)
        load_fault(load, E_EMPTY, map->place, N_("empty"), "`%.*s` is empty", TEXT_ARG(entry->key));
    for (size_t i = 0; i < map->count; i++) {
        language_check(load, map->entries[i].key, map->entries[i].key_place);
        text_needed(load, &map->entries[i]);
    }
    if (map->count > 0)
        all_languages_needed(load, entry);
}

struct workflow_words load_words_of(struct load *load, const struct yaml_node *node)
{
    struct workflow_words words = {0};
    struct workflow_word *items;

    if (node == NULL || node->kind == YAML_LIST)
        return words;
    if (node->kind == YAML_SCALAR) {
        words.any = node->text;
        return words;
    }
    items = ARENA_ARRAY(load->arena, struct workflow_word, node->count);
    words.items = items;
    for (size_t i = 0; i < node->count; i++) {
        if (node->entries[i].value->kind != YAML_SCALAR)
            continue;
        items[words.count++] =
            (struct workflow_word){node->entries[i].key, node->entries[i].value->text};
    }
    return words;
}

struct workflow_words load_words(struct load *load, const struct yaml_node *map, const char *key)
{
    return load_words_of(load, yaml_get(map, key));
}

static const struct workflow_word *find_word(const struct workflow_words *words,
                                             struct text language)
{
    for (size_t i = 0; i < words->count; i++)
        if (text_equal(words->items[i].language, language))
            return &words->items[i];
    return NULL;
}

struct text workflow_language(const struct workflow *workflow, struct text wanted)
{
    struct text best = language_choose(wanted, workflow->languages, workflow->language_count);

    return best.bytes || workflow->language_count == 0 ? best : workflow->languages[0];
}

struct text workflow_say(const struct workflow *workflow, const struct workflow_words *words,
                         struct text wanted)
{
    const struct workflow_word *word = find_word(words, workflow_language(workflow, wanted));

    if (word == NULL && !text_is_empty(words->any))
        return words->any;
    if (word == NULL && workflow->language_count > 0)
        word = find_word(words, workflow->languages[0]);
    if (word == NULL && words->count > 0)
        word = &words->items[0];
    return word != NULL ? word->text : TEXT_NONE;
}
