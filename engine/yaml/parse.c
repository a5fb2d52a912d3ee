/* A YAML file becomes a tree.
 *
 * The happy path:
 * 1. The bytes are checked: size, UTF-8, characters.
 * 2. libyaml's events are taken one by one; each becomes a node, refused or not, so that all that
 *    is wrong with a file is told at once.
 * 3. What libyaml cannot read ends the parse; its message is put into plain words (fault.c).
 * 4. What libyaml reads though YAML forbids it is refused (strict.c), and so is a line that is
 *    indented by tabs. */
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/check.h"
#include "yaml/fault.h"
#include "yaml/source.h"
#include "yaml/strict.h"
#include "yaml/yaml.h"

/* A bound on memory: a megabyte can hold half a million empty items. */
enum { NODES_MAX = 200000, ENTRIES_FIRST = 4 };

struct parse {
    struct diag_list *diags;
    struct source source;
    yaml_parser_t parser;
    yaml_event_t event; /* the one at hand */
    bool has_event;
    yaml_mark_t end;     /* of all events so far */
    bool *content_lines; /* lines within a quoted or block text, where a tab is a character */
    size_t indent;       /* how far in, at least, lines of a value are that go on */
    size_t flow_depth;   /* of brackets and braces around the event */
    size_t node_count;
    size_t tag_index; /* where the last tag was refused: a map begins where its first key does */
    bool has_tag;
    bool stopped; /* an error behind which nothing can be read */
};

static struct arena *arena_of(const struct parse *parse)
{
    return parse->diags->arena;
}

static struct place place_at(const struct parse *parse, const yaml_mark_t *mark, size_t width)
{
    return yaml_source_place(&parse->source, mark->line, mark->column, width);
}

/* Looks at what stands between the last event and the one at hand. A pair in brackets begins with
 * its question mark. */
static void close_gap(struct parse *parse)
{
    const yaml_event_t *event = &parse->event;
    bool is_bare_map = event->type == YAML_MAPPING_START_EVENT &&
                       event->data.mapping_start.anchor == NULL &&
                       event->data.mapping_start.tag == NULL;
    const yaml_mark_t *to = is_bare_map ? &event->end_mark : &event->start_mark;
    if (to->index > parse->end.index)
        yaml_strict_gap(&parse->source, &parse->end, to, parse->diags);
    if (event->end_mark.index > parse->end.index)
        parse->end = event->end_mark;
}

/* Moves to the next event; false when the file ends in a fault. */
static bool advance(struct parse *parse)
{
    if (parse->stopped)
        return false;
    if (parse->has_event)
        yaml_event_delete(&parse->event);
    parse->has_event = yaml_parser_parse(&parse->parser, &parse->event) != 0;
    if (!parse->has_event) {
        yaml_fault_add(&parse->parser, &parse->source, parse->diags);
        parse->stopped = true;
        return false;
    }
    close_gap(parse);
    return true;
}

static void refuse_properties(struct parse *parse, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    struct place place = place_at(parse, &parse->event.start_mark, 1);
    if (anchor != NULL) {
        struct diag *diag = diag_add(parse->diags, DIAG_ERROR, "E006", place,
                                     "The anchor &%s is not used here.", (const char *)anchor);
        diag_help(parse->diags, diag,
                  "leave it out; a text that begins with & is written in quotes");
    }
    /* The tag ! by itself is swallowed by libyaml. */
    size_t index = parse->event.start_mark.index;
    bool bare = yaml_source_char(&parse->source, index) == '!';
    bool told = parse->has_tag && parse->tag_index == index;
    if ((tag != NULL || bare) && !told) {
        parse->has_tag = true;
        parse->tag_index = index;
        struct diag *diag =
            diag_add(parse->diags, DIAG_ERROR, "E007", place, "The tag %s is not used here.",
                     tag == NULL ? "!" : (const char *)tag);
        diag_help(parse->diags, diag,
                  "leave it out; a text that begins with ! is written in quotes");
    }
}

static size_t width_of_event(const yaml_event_t *event)
{
    bool one_line = event->start_mark.line == event->end_mark.line;
    bool wide = one_line && event->end_mark.column > event->start_mark.column;
    return wide ? event->end_mark.column - event->start_mark.column : 1;
}

static struct yaml_node *node_create(struct parse *parse, enum yaml_kind kind)
{
    struct yaml_node *node = ARENA_NEW(arena_of(parse), struct yaml_node);
    node->kind = kind;
    size_t width = kind == YAML_SCALAR ? width_of_event(&parse->event) : 1;
    node->place = place_at(parse, &parse->event.start_mark, width);
    if (++parse->node_count == NODES_MAX) {
        struct diag *diag = diag_add(parse->diags, DIAG_ERROR, "E019", node->place,
                                     "The file holds more than %d values.", NODES_MAX);
        diag_help(parse->diags, diag, "move parts of it into a file of their own");
        parse->stopped = true;
    }
    return node;
}

static void check_scalar(struct parse *parse, const struct yaml_node *node, bool block)
{
    const yaml_event_t *event = &parse->event;
    bool has_properties = event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    if (block && !has_properties)
        yaml_strict_block(&parse->source, &event->start_mark, parse->indent, parse->diags);
    else if (node->plain)
        yaml_strict_plain(&parse->source, &event->start_mark, node->text, parse->diags);
    else if (!block && parse->flow_depth == 0)
        yaml_strict_lines(&parse->source, &event->start_mark, &event->end_mark, parse->indent,
                          parse->content_lines, STRICT_OF_TEXT, parse->diags);
}

static struct yaml_node *parse_scalar(struct parse *parse)
{
    const yaml_event_t *event = &parse->event;
    refuse_properties(parse, event->data.scalar.anchor, event->data.scalar.tag);
    struct yaml_node *node = node_create(parse, YAML_SCALAR);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = text_copy(arena_of(parse), (struct text){(const char *)event->data.scalar.value,
                                                          event->data.scalar.length});
    /* The end of a block text is the first column of the line behind it. */
    bool block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                 event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    size_t end = event->end_mark.line + !block;
    for (size_t i = event->start_mark.line + 1; !node->plain && i < end; i++)
        if (i < parse->source.line_count)
            parse->content_lines[i] = true;
    check_scalar(parse, node, block);
    return node;
}

static struct yaml_node *refuse_alias(struct parse *parse)
{
    struct yaml_node *node = node_create(parse, YAML_SCALAR);
    struct diag *diag =
        diag_add(parse->diags, DIAG_ERROR, "E006", node->place, "The alias *%s is not used here.",
                 (const char *)parse->event.data.alias.anchor);
    diag_help(parse->diags, diag,
              "write the value itself; a text that begins with * is written in quotes");
    node->plain = true;
    node->text = TEXT("");
    return node;
}

static struct yaml_entry *entry_add(struct parse *parse, struct yaml_node *node, size_t *capacity)
{
    if (node->count == *capacity) {
        *capacity = *capacity == 0 ? ENTRIES_FIRST : *capacity * 2;
        struct yaml_entry *entries = ARENA_ARRAY(arena_of(parse), struct yaml_entry, *capacity);
        if (node->count > 0)
            memcpy(entries, node->entries, node->count * sizeof *entries);
        node->entries = entries;
    }
    return &node->entries[node->count++];
}

static struct yaml_node *parse_node(struct parse *parse, size_t depth);

static bool is_too_deep(struct parse *parse, size_t depth)
{
    if (depth <= YAML_DEPTH_MAX)
        return false;
    struct diag *diag =
        diag_add(parse->diags, DIAG_ERROR, "E004", place_at(parse, &parse->event.start_mark, 1),
                 "This is nested more than %d levels deep.", YAML_DEPTH_MAX);
    diag_help(parse->diags, diag, "a workflow needs far fewer: close what is still open above");
    parse->stopped = true;
    return true;
}

/* Where a list or map begins and how it is written, and what was around it. */
struct collection {
    yaml_mark_t begin;
    size_t indent_before;
    bool is_flow;
};

static struct collection collection_enter(struct parse *parse, bool is_flow)
{
    struct collection collection = {parse->event.start_mark, parse->indent, is_flow};
    if (is_flow)
        parse->flow_depth++;
    else
        parse->indent = parse->event.start_mark.column + 1;
    return collection;
}

/* Behind its end, whose event is at hand. */
static void collection_leave(struct parse *parse, const struct collection *collection,
                             enum strict_of of)
{
    parse->indent = collection->indent_before;
    if (!collection->is_flow || --parse->flow_depth > 0)
        return;
    yaml_strict_lines(&parse->source, &collection->begin, &parse->event.end_mark, parse->indent,
                      parse->content_lines, of, parse->diags);
}

static struct yaml_node *parse_list(struct parse *parse, size_t depth)
{
    const yaml_event_t *event = &parse->event;
    bool is_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    refuse_properties(parse, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    struct yaml_node *node = node_create(parse, YAML_LIST);
    size_t capacity = 0;
    if (is_too_deep(parse, depth))
        return node;
    struct collection collection = collection_enter(parse, is_flow);
    while (advance(parse) && event->type != YAML_SEQUENCE_END_EVENT) {
        struct yaml_node *item = parse_node(parse, depth);
        struct yaml_entry *entry = entry_add(parse, node, &capacity);
        *entry = (struct yaml_entry){.key_place = item->place, .value = item};
    }
    if (!parse->stopped)
        collection_leave(parse, &collection, STRICT_OF_LIST);
    return node;
}

/* Reports a key that cannot be one; `seen` holds the index of each key so far. */
static void check_key(struct parse *parse, const struct yaml_node *map, const struct yaml_node *key,
                      struct value *seen)
{
    if (key->kind != YAML_SCALAR || (key->plain && text_is_empty(key->text))) {
        struct diag *diag = diag_add(parse->diags, DIAG_ERROR, "E010", key->place,
                                     key->kind == YAML_SCALAR ? "A key is missing before the colon."
                                                              : N_("A key must be a text."));
        diag_help(parse->diags, diag, "write KEY: VALUE; a text in braces is written in quotes");
        return;
    }
    if (memchr(key->text.bytes, '\0', key->text.size)) { /* in JSON, which keeps it, none may */
        diag_add(parse->diags, DIAG_ERROR, "E010", key->place, "A key holds a NUL character.");
        return;
    }
    if (key->plain && text_is(key->text, "<<")) {
        struct diag *diag = diag_add(parse->diags, DIAG_ERROR, "E008", key->place,
                                     "The merge key << is not used here.");
        diag_help(parse->diags, diag,
                  "write the members themselves; a country's changes go into "
                  "an overlay");
        return;
    }
    const struct value *first = value_get(seen, key->text);
    if (first == NULL) {
        value_set(seen, key->text, value_int((int64_t)map->count));
        return;
    }
    struct place place = map->entries[first->integer].key_place;
    struct diag *diag = diag_add(parse->diags, DIAG_ERROR, "E009", key->place,
                                 "The key \"%.*s\" stands twice in one map.", TEXT_ARG(key->text));
    diag->label = text_printf(arena_of(parse), N_("first at %.*s:%u:%u"), TEXT_ARG(place.file),
                              place.line, place.column);
    diag_help(parse->diags, diag, "remove one of the two, in line %u or line %u", place.line,
              key->place.line);
}

static struct yaml_node *parse_map(struct parse *parse, size_t depth)
{
    const yaml_event_t *event = &parse->event;
    bool is_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    refuse_properties(parse, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    struct yaml_node *node = node_create(parse, YAML_MAP);
    struct value seen = value_map(arena_of(parse));
    size_t capacity = 0;
    if (is_too_deep(parse, depth))
        return node;
    struct collection collection = collection_enter(parse, is_flow);
    while (advance(parse) && event->type != YAML_MAPPING_END_EVENT) {
        struct yaml_node *key = parse_node(parse, depth);
        check_key(parse, node, key, &seen);
        if (!advance(parse))
            break;
        struct yaml_node *value = parse_node(parse, depth);
        struct yaml_entry *entry = entry_add(parse, node, &capacity);
        *entry = (struct yaml_entry){key->text, key->place, value};
    }
    if (!parse->stopped)
        collection_leave(parse, &collection, STRICT_OF_MAP);
    return node;
}

/* The node that begins with the event at hand; `depth` is the number of levels around it. */
static struct yaml_node *parse_node(struct parse *parse, size_t depth)
{
    switch (parse->event.type) {
    case YAML_SCALAR_EVENT:
        return parse_scalar(parse);
    case YAML_ALIAS_EVENT:
        return refuse_alias(parse);
    case YAML_SEQUENCE_START_EVENT:
        return parse_list(parse, depth + 1);
    case YAML_MAPPING_START_EVENT:
        return parse_map(parse, depth + 1);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        break;
    }
    CHECK(!"libyaml sends a node where a node begins");
    return NULL;
}

static void refuse_directives(struct parse *parse)
{
    const yaml_event_t *event = &parse->event;
    if (event->data.document_start.version_directive == NULL &&
        event->data.document_start.tag_directives.start ==
            event->data.document_start.tag_directives.end)
        return;
    struct diag *diag =
        diag_add(parse->diags, DIAG_ERROR, "E018", place_at(parse, &event->start_mark, 1),
                 "Directives are not used here.");
    diag_help(parse->diags, diag, "leave the lines that begin with %% out");
}

static void refuse_empty(struct parse *parse)
{
    struct place nowhere = {.file = parse->source.file};
    diag_add(parse->diags, DIAG_ERROR, "E012", nowhere, "There is nothing in the file.");
}

static struct yaml_node *parse_stream(struct parse *parse)
{
    if (!advance(parse) || !advance(parse))
        return NULL;
    if (parse->event.type == YAML_STREAM_END_EVENT) {
        refuse_empty(parse);
        return NULL;
    }
    refuse_directives(parse);
    if (!advance(parse))
        return NULL;
    struct yaml_node *root = parse_node(parse, 0);
    if (root->kind == YAML_SCALAR && root->plain && text_is_empty(root->text))
        refuse_empty(parse);
    /* The document's end, then the stream's. */
    if (!advance(parse) || !advance(parse))
        return NULL;
    if (parse->event.type != YAML_STREAM_END_EVENT) {
        struct diag *diag =
            diag_add(parse->diags, DIAG_ERROR, "E011", place_at(parse, &parse->event.start_mark, 3),
                     "A second document begins here.");
        diag_help(parse->diags, diag, "remove the line ---, or make it a file of its own");
    }
    return root;
}

static void refuse_tabs(struct parse *parse)
{
    for (size_t line = 0; line < parse->source.line_count; line++) {
        size_t column;
        if (!parse->content_lines[line] && yaml_source_leading_tab(&parse->source, line, &column))
            yaml_source_add_tab(&parse->source, line, column, parse->diags);
    }
}

struct yaml_node *yaml_parse(struct text source, struct text file, struct diag_list *diags)
{
    struct parse parse = {.diags = diags};
    size_t errors_before = diags->error_count;
    if (!yaml_source_open(source, file, diags, &parse.source))
        return NULL;
    parse.content_lines = ARENA_ARRAY(diags->arena, bool, parse.source.line_count);
    CHECK(yaml_parser_initialize(&parse.parser) == 1);
    yaml_parser_set_encoding(&parse.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parse.parser, (const unsigned char *)parse.source.text.bytes,
                                 parse.source.text.size);
    struct yaml_node *root = parse_stream(&parse);
    if (parse.has_event)
        yaml_event_delete(&parse.event);
    yaml_parser_delete(&parse.parser);
    if (!parse.stopped)
        refuse_tabs(&parse);
    return diags->error_count == errors_before ? root : NULL;
}
