/* A definition as it runs, written as YAML again; with the file and line that set each line of it.
 */
#include <string.h>

#include "base/arena.h"
#include "workbench/render.h"
#include "yaml/yaml.h"

enum { LINE_COLUMNS = 100, INDENT = 2 };

struct writer {
    struct text_buffer *output;
    bool layers;
    size_t layer_columns; /* of the widest "FILE:LINE" */
};

/* ---- Scalars. ---- */

static bool is_indicator(char c)
{
    return strchr("-?:,[]{}#&*!|>'\"%@`=~ ", c) != NULL;
}

/* Whether it can stand without quotes wherever a value stands. Types come from the loader's tables:
 * a flag may be written true, and so may a text. */
static bool is_plain(struct text text)
{
    static const char *const words[] = {"yes", "no", "on", "off", "null"};

    if (text.size == 0 || is_indicator(text.bytes[0]) || text.bytes[text.size - 1] == ' ')
        return false;
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.bytes[i] < 0x20 || strchr(",[]{}#\"", text.bytes[i]) != NULL ||
            (text.bytes[i] == ':' && (i + 1 == text.size || text.bytes[i + 1] == ' ')))
            return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_is(text, words[i]))
            return false;
    return true;
}

static void append_quoted(struct text_buffer *output, struct text text)
{
    static const char hex[] = "0123456789abcdef";

    text_append(output, TEXT("\""));
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];

        if (c == '"' || c == '\\')
            text_append_printf(output, "\\%c", c);
        else if (c == '\n')
            text_append(output, TEXT("\\n"));
        else if (c == '\t')
            text_append(output, TEXT("\\t"));
        else if (c < 0x20)
            text_append_printf(output, "\\x%c%c", hex[c >> 4], hex[c & 15]);
        else
            text_append(output, (struct text){&text.bytes[i], 1});
    }
    text_append(output, TEXT("\""));
}

static void append_scalar(struct text_buffer *output, const struct yaml_node *node)
{
    if (yaml_is_null(node))
        text_append(output, TEXT("null"));
    else if (is_plain(node->text))
        text_append(output, node->text);
    else
        append_quoted(output, node->text);
}

/* ---- On one line. ---- */

static void append_flow(struct text_buffer *output, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        append_scalar(output, node);
        return;
    }
    text_append(output, node->kind == YAML_MAP ? TEXT("{") : TEXT("["));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];

        text_append_printf(output, "%s", i > 0 ? ", " : "");
        if (node->kind == YAML_MAP)
            text_append_printf(output, "%.*s: ", TEXT_ARG(entry->key));
        append_flow(output, entry->value);
    }
    text_append(output, node->kind == YAML_MAP ? TEXT("}") : TEXT("]"));
}

/* Whether all of it was set by one file: else its lines tell which. */
static bool is_of_file(const struct yaml_node *node, struct text file)
{
    if (!text_equal(node->place.file, file))
        return false;
    for (size_t i = 0; i < node->count; i++)
        if ((node->kind == YAML_MAP && !text_equal(node->entries[i].key_place.file, file)) ||
            !is_of_file(node->entries[i].value, file))
            return false;
    return true;
}

static bool holds_map(const struct yaml_node *node)
{
    for (size_t i = 0; node->kind != YAML_SCALAR && i < node->count; i++)
        if (node->entries[i].value->kind == YAML_MAP)
            return true;
    return false;
}

/* What a person would write on one line. */
static bool fits(const struct writer *writer, const struct yaml_entry *entry, size_t column)
{
    struct text_buffer line;

    if (entry->value->kind == YAML_SCALAR || entry->value->count == 0)
        return true;
    if (entry->value->kind == YAML_MAP && holds_map(entry->value))
        return false;
    if (writer->layers && !is_of_file(entry->value, entry->key_place.file))
        return false;
    text_buffer_init(&line, writer->output->arena);
    append_flow(&line, entry->value);
    return column + entry->key.size + 2 + text_code_points(text_buffer_text(&line)) <= LINE_COLUMNS;
}

/* ---- Line by line. ---- */

static struct text layer_of(const struct writer *writer, const struct place *place)
{
    if (place->line == 0)
        return place->file;
    return text_printf(writer->output->arena, "%.*s:%u", TEXT_ARG(place->file), place->line);
}

static void begin_line(const struct writer *writer, const struct place *place, size_t column)
{
    if (writer->layers)
        text_append_printf(writer->output, "%-*s  ", (int)writer->layer_columns,
                           layer_of(writer, place).bytes);
    text_append_printf(writer->output, "%*s", (int)column, "");
}

static void write_block(const struct writer *writer, const struct yaml_node *node, size_t column);

static void write_entry(const struct writer *writer, const struct yaml_entry *entry, size_t column)
{
    begin_line(writer, &entry->key_place, column);
    text_append_printf(writer->output, "%.*s:", TEXT_ARG(entry->key));
    if (fits(writer, entry, column)) {
        text_append(writer->output, TEXT(" "));
        append_flow(writer->output, entry->value);
        text_append(writer->output, TEXT("\n"));
        return;
    }
    text_append(writer->output, TEXT("\n"));
    write_block(writer, entry->value, column + INDENT);
}

/* Items of lists stand on one line each: no list of the language holds more than that. */
static void write_item(const struct writer *writer, const struct yaml_node *item, size_t column)
{
    begin_line(writer, &item->place, column);
    text_append(writer->output, TEXT("- "));
    append_flow(writer->output, item);
    text_append(writer->output, TEXT("\n"));
}

static void write_block(const struct writer *writer, const struct yaml_node *node, size_t column)
{
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_LIST)
            write_item(writer, node->entries[i].value, column);
        else
            write_entry(writer, &node->entries[i], column);
    }
}

static void measure(struct writer *writer, const struct yaml_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        size_t key = layer_of(writer, &node->entries[i].key_place).size;
        size_t item = layer_of(writer, &node->entries[i].value->place).size;

        if (node->kind == YAML_MAP && key > writer->layer_columns)
            writer->layer_columns = key;
        if (node->kind == YAML_LIST && item > writer->layer_columns)
            writer->layer_columns = item;
        measure(writer, node->entries[i].value);
    }
}

struct text workbench_write_yaml(const struct yaml_node *root, bool layers, struct arena *arena)
{
    struct text_buffer output;
    struct writer writer = {.output = &output, .layers = layers};

    text_buffer_init(&output, arena);
    if (layers)
        measure(&writer, root);
    write_block(&writer, root, 0);
    return text_buffer_text(&output);
}

bool workbench_show(const struct workbench_file *file, const struct workflow_context *context,
                    const struct workbench_showing *showing, struct arena *arena,
                    struct text *output_out)
{
    struct render_sources sources;
    struct diag_list diags;
    struct text_buffer faults;
    const struct yaml_node *root;

    diag_list_init(&diags, arena);
    render_sources_init(&sources, context, arena);
    render_sources_add(&sources, file->name, file->source);
    root = workflow_render(file->source, file->name, &sources.context, &diags);
    if (root != NULL && diags.error_count == 0) {
        struct value value = yaml_to_value(arena, root);

        *output_out = showing->format == WORKBENCH_JSON
                          ? render_json(&value, arena)
                          : workbench_write_yaml(root, showing->layers, arena);
        return true;
    }
    text_buffer_init(&faults, arena);
    render_diags(&diags, &sources, showing->format, &faults);
    *output_out = text_buffer_text(&faults);
    return false;
}
