/* What may stand in a YAML file at all, and where things stand in it.
 *
 * Characters are checked here, before the parser, so that each line break is a line feed: libyaml
 * would also count lone carriage returns and three breaks of Unicode, and an editor that does not
 * would show another line than the message names. */
#include "yaml/source.h"

#include "base/arena.h"
#include "yaml/yaml.h"

static bool is_refused(uint32_t code_point)
{
    return (code_point < 0x20 && code_point != '\t' && code_point != '\n' && code_point != '\r') ||
           (code_point >= 0x7f && code_point < 0xa0) || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0xfeff || code_point == 0xfffe ||
           code_point == 0xffff;
}

/* Where the bytes cease to be UTF-8. */
static size_t utf8_end(struct text text)
{
    size_t good = 0, size = 1;
    while (good < text.size) {
        struct text next = {text.bytes + good, size};
        if (text_is_utf8(next)) {
            good += size;
            size = 1;
        } else if (++size > 4 || good + size > text.size) {
            break;
        }
    }
    return good;
}

static void index_lines(struct source *source, struct arena *arena)
{
    size_t count = 1;
    for (size_t i = 0; i < source->text.size; i++)
        count += source->text.bytes[i] == '\n';
    size_t *lines = ARENA_ARRAY(arena, size_t, count);
    size_t line = 1;
    for (size_t i = 0; i < source->text.size; i++)
        if (source->text.bytes[i] == '\n')
            lines[line++] = i + 1;
    source->lines = lines;
    source->line_count = count;
}

static struct place place_of_offset(const struct source *source, size_t offset)
{
    size_t line = 0;
    while (line + 1 < source->line_count && source->lines[line + 1] <= offset)
        line++;
    struct text before = {source->text.bytes + source->lines[line], offset - source->lines[line]};
    return yaml_source_place(source, line, text_code_points(before), 1);
}

static void refuse_false_space(const struct source *source, size_t offset, uint32_t code_point,
                               struct diag_list *diags)
{
    struct place place = place_of_offset(source, offset);
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, "E005", place,
                 "Line %u begins with U+%04X, which looks like a space and is none.",
                 (unsigned)place.line, code_point);
    diag_help(diags, diag, "delete what stands before the text, and indent it with spaces");
}

static bool characters_are_allowed(const struct source *source, struct diag_list *diags)
{
    bool is_indentation = true;
    for (size_t offset = 0; offset < source->text.size;) {
        size_t begin = offset;
        uint32_t code_point = text_next_code_point(source->text, &offset);
        if (is_indentation && text_is_false_space(code_point)) {
            refuse_false_space(source, begin, code_point, diags);
            return false;
        }
        is_indentation = code_point == '\n' || (is_indentation && code_point == ' ');
        bool lone_return = code_point == '\r' &&
                           (offset == source->text.size || source->text.bytes[offset] != '\n');
        if (!lone_return && !is_refused(code_point))
            continue;
        struct diag *diag =
            diag_add(diags, DIAG_ERROR, "E002", place_of_offset(source, begin),
                     "The character U+%04X is not allowed in a file like this.", code_point);
        diag_help(diags, diag, "remove it; inside double quotes it may be written \"\\u%04X\"",
                  code_point);
        return false;
    }
    return true;
}

/* libyaml takes spaces at the very end for characters of a block text. */
static struct text with_last_break(struct text text, struct arena *arena)
{
    if (text.size == 0 || text.bytes[text.size - 1] != ' ')
        return text;
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    text_append(&buffer, text);
    text_append(&buffer, TEXT("\n"));
    return text_buffer_text(&buffer);
}

bool yaml_source_open(struct text text, struct text file, struct diag_list *diags,
                      struct source *source_out)
{
    struct place nowhere = {.file = file};
    if (text.size > YAML_BYTES_MAX) {
        struct diag *diag =
            diag_add(diags, DIAG_ERROR, "E003", nowhere,
                     "The file has %zu bytes; at most %d are read.", text.size, YAML_BYTES_MAX);
        diag_help(diags, diag, "move parts of it into a file of their own");
        return false;
    }
    if (text_begins(text, "\xef\xbb\xbf"))
        text = (struct text){text.bytes + 3, text.size - 3};
    *source_out = (struct source){.text = with_last_break(text, diags->arena), .file = file};
    text = source_out->text;
    index_lines(source_out, diags->arena);
    size_t good = utf8_end(text);
    if (good < text.size) {
        struct diag *diag = diag_add(diags, DIAG_ERROR, "E001", place_of_offset(source_out, good),
                                     "The file is not UTF-8: byte 0x%02X stands here.",
                                     (unsigned)(unsigned char)text.bytes[good]);
        diag_help(diags, diag, "save the file as UTF-8 in your editor");
        return false;
    }
    return characters_are_allowed(source_out, diags);
}

struct place yaml_source_place(const struct source *source, size_t line, size_t column,
                               size_t width)
{
    return (struct place){source->file, (uint32_t)line + 1, (uint32_t)column + 1, (uint32_t)width};
}

struct text yaml_source_line(const struct source *source, size_t line)
{
    if (line >= source->line_count)
        return TEXT("");
    size_t begin = source->lines[line];
    size_t end = line + 1 < source->line_count ? source->lines[line + 1] - 1 : source->text.size;
    if (end > begin && source->text.bytes[end - 1] == '\r')
        end--;
    return (struct text){source->text.bytes + begin, end - begin};
}

bool yaml_source_leading_tab(const struct source *source, size_t line, size_t *column_out)
{
    struct text text = yaml_source_line(source, line);
    bool found = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '\t' && !found) {
            *column_out = i;
            found = true;
        } else if (text.bytes[i] != ' ' && text.bytes[i] != '\t') {
            return found;
        }
    }
    return found;
}

bool yaml_source_false_space(const struct source *source, size_t line, size_t *column_out)
{
    struct text text = yaml_source_line(source, line);
    uint32_t before = 0;
    *column_out = 0;
    for (size_t i = 0; i < text.size; ++*column_out) {
        uint32_t code_point = text_next_code_point(text, &i);
        if (before == ':' && text_is_false_space(code_point))
            return true;
        before = code_point;
    }
    return false;
}

char yaml_source_char(struct source *source, size_t index)
{
    if (index < source->cursor_index)
        source->cursor_index = source->cursor_offset = 0;
    while (source->cursor_index < index && source->cursor_offset < source->text.size) {
        text_next_code_point(source->text, &source->cursor_offset);
        source->cursor_index++;
    }
    if (source->cursor_offset == source->text.size)
        return '\0';
    char c = source->text.bytes[source->cursor_offset];
    return (unsigned char)c < 0x80 ? c : '?';
}

void yaml_source_add_tab(const struct source *source, size_t line, size_t column,
                         struct diag_list *diags)
{
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, "E005", yaml_source_place(source, line, column, 1),
                 column == 0 ? "Line %zu begins with a tab. Use spaces."
                             : N_("Line %zu is indented with a tab. Use spaces."),
                 line + 1);
    diag_help(diags, diag, "replace each tab by two spaces");
}
