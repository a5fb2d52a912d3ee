/* document: fills in a letter, a certificate or a form, as plain text and as PDF.
 *
 * The happy path of the step `fill`:
 * 1. The template is a file of the administrator's folder (secret `templates`):
 *    NAME.LANGUAGE.txt, in the language of the case.
 * 2. Each of its lines is looked at as it stands there: a line that begins with `# ` is a heading,
 *    `***` alone begins a new page, anything else is a paragraph.
 * 3. Then its places are filled: {{name}} by the field of that name, on one line; {{name:lines}} by
 *    one that may have several. What a field holds is never looked at as a template: it can make no
 *    heading, no page, no place. A place without a field fails the step, and so does a sign that
 * the font cannot show: no document leaves with a hole in it.
 * 4. The text is broken into lines, once for paper and once for the screen.
 *
 * The text is a value of the case, sealed with it. A PDF is for a printer: it is laid as a file
 * into the folder of the secret `print`, under a name made of the call's key, for somebody else to
 * take from there. The same call gives the same file with the same bytes. */
#include <sankofa/step.h>

#include <errno.h>
#include <fcntl.h>
#include <hpdf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The rules. */

#define FONT_DEFAULT                                                                               \
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" /* Debian: fonts-dejavu-core */
enum {
    NAME_BYTES_MAX = 60,
    PATH_BYTES_MAX = 1000,
    TEMPLATE_BYTES_MAX = 64 << 10,
    TEXT_BYTES_MAX = 128 << 10,
    PDF_BYTES_MAX = 1 << 20,
    FIELDS_MAX = 100,
    COLUMNS = 78, /* of the plain text */
    PAGES_MAX = 20
};
/* Points: 1/72 inch. */
static const float margin = 71, body_size = 11, heading_size = 15, line_height = 1.35F,
                   foot_size = 8;

/* Inputs and outputs. */

static const struct sankofa_field *const inputs[] = {
    SANKOFA_FIELD(.name = "template", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Which template: a name in the folder of the secret `templates`."),
    SANKOFA_FIELD(.name = "language", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS("en", "fr", "pt"),
                  .doc = "The language of the template."),
    SANKOFA_FIELD(.name = "case_code", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The code of the case, at the foot of each page: = case.code."),
    SANKOFA_FIELD(.name = "fields", .kind = SANKOFA_TEXTS,
                  .doc = "What stands in the template's places: a list of name=value."),
    SANKOFA_FIELD(.name = "format", .kind = SANKOFA_TEXT, .initial = "text",
                  .options = SANKOFA_OPTIONS("text", "pdf"),
                  .doc = "Whether a PDF is made beside the text."),
    NULL,
};

static const struct sankofa_field *const outputs[] = {
    SANKOFA_FIELD(.name = "text", .kind = SANKOFA_TEXT, .doc = "The document as plain text."),
    SANKOFA_FIELD(.name = "file", .kind = SANKOFA_TEXT, .doc = "The PDF's name in the folder."),
    SANKOFA_FIELD(.name = "pages", .kind = SANKOFA_INTEGER, .doc = "How many pages the PDF has."),
    NULL,
};

/* A document in the making. */

struct text {
    char *bytes;
    size_t size, size_max;
    bool is_full;
};

/* A font file, to ask which signs it has: libharu draws an empty box for those it has not. */
struct signs {
    unsigned char *bytes;
    size_t size;
    size_t table; /* of characters: `cmap`, format 4 of the OpenType specification; 0: none */
};

struct paper {
    struct signs signs;
    HPDF_Doc pdf;
    HPDF_Font font;
    HPDF_Page page;
    float y;
    int page_count;
    HPDF_STATUS error;
};

struct document {
    const struct sankofa_host *host;
    struct sankofa_call *call;
    char template[TEMPLATE_BYTES_MAX + 1];
    struct sankofa_text names[FIELDS_MAX], values[FIELDS_MAX];
    size_t field_count;
    struct text plain;  /* for the screen */
    struct text filled; /* one line of the template */
    struct paper paper;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct document *document, int retry,
                                                       const char *format, ...)
{
    char reason[300];
    va_list list;

    va_start(list, format);
    vsnprintf(reason, sizeof(reason), format, list);
    va_end(list);
    document->host->fail(document->call, retry, reason);
    return false;
}

static void text_add(struct text *text, const char *bytes, size_t size)
{
    if (!text->bytes || size > text->size_max - text->size) {
        text->is_full = true;
        return;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

static bool text_init(struct text *text, size_t size_max)
{
    text->bytes = calloc(1, size_max + 1);
    text->size_max = size_max;
    return text->bytes != NULL;
}

/* The bytes of the sign that begins here; the host lets nothing pass that is not UTF-8. */
static size_t sign_size(const char *at)
{
    unsigned char first = (unsigned char)*at;

    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static uint32_t sign_code(const char *at)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t size = sign_size(at);
    uint32_t code = (unsigned char)at[0] & masks[size];

    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3fU);
    return code;
}

/* Reading. */

static bool is_name(struct sankofa_text name)
{
    return name.size > 0 && name.size <= NAME_BYTES_MAX &&
           strspn(name.bytes, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= name.size;
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static bool read_fields(struct document *document)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    if (document->host->get(document->call, "fields", &value) != 1)
        return true;
    if (value.text_count > FIELDS_MAX)
        return fail(document, 0, "There are more than %d fields.", FIELDS_MAX);
    for (size_t i = 0; i < value.text_count; i++) {
        const char *bytes = value.texts[i].bytes;
        const char *sign = memchr(bytes, '=', value.texts[i].size);
        struct sankofa_text name = {bytes, sign ? (size_t)(sign - bytes) : 0};
        if (!is_name(name))
            return fail(document, 0, "Field %zu is not name=value.", i + 1);
        document->names[i] = name;
        document->values[i] = (struct sankofa_text){sign + 1, value.texts[i].size - name.size - 1};
    }
    document->field_count = value.text_count;
    return true;
}

static bool is_utf8(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t sign = sign_size(bytes + i);
        if (((unsigned char)bytes[i] >= 0x80 && (unsigned char)bytes[i] < 0xc2) ||
            (unsigned char)bytes[i] > 0xf4 || i + sign > size)
            return false;
        for (size_t k = 1; k < sign; k++)
            if (((unsigned char)bytes[i + k] & 0xc0) != 0x80)
                return false;
        i += sign;
    }
    return true;
}

static bool read_template_of(struct document *document, int fd, const char *name)
{
    size_t size = 0;

    while (size < sizeof(document->template)) {
        ssize_t some = read(fd, document->template + size, sizeof(document->template) - size);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0)
            return fail(document, 1, "The template %s cannot be read: %s.", name, strerror(errno));
        if (some == 0)
            break;
        size += (size_t)some;
    }
    if (size > TEMPLATE_BYTES_MAX)
        return fail(document, 0, "The template %s is larger than %d bytes.", name,
                    TEMPLATE_BYTES_MAX);
    document->template[size] = '\0';
    return (!memchr(document->template, '\0', size) && is_utf8(document->template, size)) ||
           fail(document, 0, "The template %s is no text in UTF-8.", name);
}

static bool read_template(struct document *document)
{
    struct sankofa_text name = sankofa_text_of(document->host, document->call, "template");
    struct sankofa_text language = sankofa_text_of(document->host, document->call, "language");
    struct sankofa_text folder = sankofa_secret(document->host, document->call, "templates");
    char path[PATH_BYTES_MAX + NAME_BYTES_MAX + 20];

    while (folder.size > 0 && strchr("\r\n ", folder.bytes[folder.size - 1]))
        folder.size--;
    if (!is_name(name))
        return fail(document, 0, "The template's name is not one of small letters and digits.");
    if (folder.size == 0 || folder.size > PATH_BYTES_MAX)
        return fail(document, 0, "The plugin was given no `templates`: the folder of templates.");
    snprintf(path, sizeof(path), "%.*s/%s.%s.txt", (int)folder.size, folder.bytes, name.bytes,
             language.bytes);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(document, 0, "There is no template %s.%s.txt: %s.", name.bytes, language.bytes,
                    strerror(errno));
    bool is_read = read_template_of(document, fd, name.bytes);
    close(fd);
    return is_read;
}

/* Filling the places of one line. */

static const struct sankofa_text *find_field(const struct document *document, const char *name,
                                             size_t size)
{
    for (size_t i = 0; i < document->field_count; i++)
        if (document->names[i].size == size && memcmp(document->names[i].bytes, name, size) == 0)
            return &document->values[i];
    return NULL;
}

/* `place` is what stands between the braces. */
static bool fill_place(struct document *document, const char *place, size_t size, int number)
{
    static const char several[] = ":lines";
    size_t suffix = sizeof(several) - 1;
    bool may_be_lines = size > suffix && memcmp(place + size - suffix, several, suffix) == 0;
    size_t name_size = may_be_lines ? size - suffix : size;
    const struct sankofa_text *value = find_field(document, place, name_size);

    if (!value)
        return fail(document, 0,
                    "Line %d of the template has the place {{%.*s}}, and no such field "
                    "was given.",
                    number, (int)(size < NAME_BYTES_MAX ? size : NAME_BYTES_MAX), place);
    for (size_t i = 0; i < value->size; i++)
        if (is_control(value->bytes[i]) && !(may_be_lines && value->bytes[i] == '\n'))
            return fail(document, 0,
                        "The field %.*s has signs that line %d of the template does not take.",
                        (int)name_size, place, number);
    text_add(&document->filled, value->bytes, value->size);
    return true;
}

static bool fill_line(struct document *document, const char *line, size_t size, int number)
{
    const char *end = line + size;

    document->filled.size = 0;
    document->filled.bytes[0] = '\0';
    while (line < end) {
        const char *open = memmem(line, (size_t)(end - line), "{{", 2);
        if (!open) {
            text_add(&document->filled, line, (size_t)(end - line));
            break;
        }
        text_add(&document->filled, line, (size_t)(open - line));
        const char *close = memmem(open, (size_t)(end - open), "}}", 2);
        if (!close)
            return fail(document, 0, "Line %d of the template opens a place and does not close it.",
                        number);
        if (!fill_place(document, open + 2, (size_t)(close - open - 2), number))
            return false;
        line = close + 2;
    }
    return !document->filled.is_full || fail(document, 0, "The document is too long.");
}

/* The screen. */

/* Breaks at spaces; a word that is longer than a line is cut. */
static void show_line(struct text *plain, const char *line, size_t size)
{
    while (size > 0) {
        size_t end = 0, space = 0, columns = 0;
        while (end < size && columns < COLUMNS) {
            if (line[end] == ' ')
                space = end;
            end += sign_size(line + end);
            columns++;
        }
        if (end < size && line[end] != ' ' && space > 0)
            end = space;
        text_add(plain, line, end);
        text_add(plain, "\n", 1);
        while (end < size && line[end] == ' ')
            end++;
        line += end;
        size -= end;
    }
}

static size_t columns_of(const char *line, size_t size)
{
    size_t columns = 0;

    for (size_t i = 0; i < size; i += sign_size(line + i))
        columns++;
    return columns < COLUMNS ? columns : COLUMNS;
}

static void show(struct document *document, const char *line, size_t size, bool is_heading)
{
    if (size == 0) {
        text_add(&document->plain, "\n", 1);
        return;
    }
    show_line(&document->plain, line, size);
    if (!is_heading)
        return;
    for (size_t i = columns_of(line, size); i > 0; i--)
        text_add(&document->plain, "=", 1);
    text_add(&document->plain, "\n", 1);
}

/* Which signs a font has. */

enum { FONT_BYTES_MAX = 16 << 20 };

/* Big-endian numbers; 0 behind the end. */
static uint32_t word_at(const struct signs *signs, size_t at)
{
    return at + 2 <= signs->size ? (uint32_t)signs->bytes[at] << 8 | signs->bytes[at + 1] : 0;
}

static uint32_t long_at(const struct signs *signs, size_t at)
{
    return word_at(signs, at) << 16 | word_at(signs, at + 2);
}

static size_t find_table(const struct signs *signs)
{
    uint32_t count = word_at(signs, 4);
    size_t cmap = 0;

    for (uint32_t i = 0; i < count; i++)
        if (long_at(signs, 12 + 16 * i) == 0x636d6170) /* "cmap" */
            cmap = long_at(signs, 12 + 16 * i + 8);
    count = cmap > 0 ? word_at(signs, cmap + 2) : 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t record = cmap + 4 + 8 * i, table = cmap + long_at(signs, record + 4);
        bool is_unicode = word_at(signs, record) == 3 && word_at(signs, record + 2) == 1;
        if (is_unicode && word_at(signs, table) == 4)
            return table;
    }
    return 0;
}

static bool has_sign(const struct signs *signs, uint32_t code)
{
    size_t table = signs->table;
    uint32_t twice = table > 0 ? word_at(signs, table + 6) : 0;

    for (uint32_t i = 0; i < twice; i += 2) {
        uint32_t last = word_at(signs, table + 14 + i);
        uint32_t first = word_at(signs, table + 16 + twice + i);
        if (code > last)
            continue;
        size_t offset_at = table + 16 + 3 * (size_t)twice + i;
        uint32_t offset = word_at(signs, offset_at);
        uint32_t delta = word_at(signs, table + 16 + 2 * twice + i);
        if (code < first)
            return false;
        if (offset == 0)
            return ((code + delta) & 0xffff) != 0;
        return word_at(signs, offset_at + offset + 2 * (size_t)(code - first)) != 0;
    }
    return false;
}

static bool signs_read(struct document *document, const char *path)
{
    struct signs *signs = &document->paper.signs;
    FILE *file = fopen(path, "rb");

    if (!file)
        return fail(document, 0, "The font cannot be opened: %s.", strerror(errno));
    signs->bytes = malloc(FONT_BYTES_MAX);
    signs->size = signs->bytes ? fread(signs->bytes, 1, FONT_BYTES_MAX, file) : 0;
    fclose(file);
    signs->table = find_table(signs);
    return signs->table > 0 || fail(document, 0, "The font is no TrueType file of Unicode signs.");
}

/* Paper. */

static void on_paper_error(HPDF_STATUS error, HPDF_STATUS detail, void *self)
{
    struct paper *paper = self;

    (void)detail;
    if (paper->error == 0)
        paper->error = error;
}

static bool paper_open(struct document *document)
{
    struct paper *paper = &document->paper;
    struct sankofa_text given = sankofa_secret(document->host, document->call, "font");
    char path[PATH_BYTES_MAX] = FONT_DEFAULT;

    while (given.size > 0 && strchr("\r\n ", given.bytes[given.size - 1]))
        given.size--;
    if (given.size >= sizeof(path))
        return fail(document, 0, "The path of the font is too long.");
    if (given.size > 0)
        snprintf(path, sizeof(path), "%.*s", (int)given.size, given.bytes);
    if (!signs_read(document, path))
        return false;
    paper->pdf = HPDF_New(on_paper_error, paper);
    if (!paper->pdf)
        return fail(document, 1, "There is no memory for the PDF.");
    HPDF_UseUTFEncodings(paper->pdf);
    HPDF_SetCompressionMode(paper->pdf, HPDF_COMP_ALL);
    const char *name = HPDF_LoadTTFontFromFile(paper->pdf, path, HPDF_TRUE);
    paper->font = name ? HPDF_GetFont(paper->pdf, name, "UTF-8") : NULL;
    return paper->font || fail(document, 0, "The font cannot be read (libharu's error %#lx).",
                               (unsigned long)paper->error);
}

static bool paper_turn(struct document *document)
{
    struct paper *paper = &document->paper;

    if (paper->page_count == PAGES_MAX)
        return fail(document, 0, "The document has more than %d pages.", PAGES_MAX);
    paper->page = HPDF_AddPage(paper->pdf);
    HPDF_Page_SetSize(paper->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    paper->y = HPDF_Page_GetHeight(paper->page) - margin;
    paper->page_count++;
    return true;
}

static bool has_all_signs(struct document *document, const char *line, size_t size)
{
    for (size_t i = 0; i < size; i += sign_size(line + i)) {
        uint32_t code = sign_code(line + i);
        if (!has_sign(&document->paper.signs, code))
            return fail(document, 0, "The font cannot show the sign U+%04X.", (unsigned)code);
    }
    return true;
}

static bool write_row(struct document *document, const char *row, float size)
{
    struct paper *paper = &document->paper;

    if ((!paper->page || paper->y - size * line_height < margin) && !paper_turn(document))
        return false;
    paper->y -= size * line_height;
    HPDF_Page_SetFontAndSize(paper->page, paper->font, size);
    HPDF_Page_BeginText(paper->page);
    HPDF_Page_TextOut(paper->page, margin, paper->y, row);
    HPDF_Page_EndText(paper->page);
    return true;
}

/* As many bytes as the width takes, broken at a space where there is one. */
static size_t row_size(struct paper *paper, const char *line, size_t size, float font_size)
{
    float width = 595.276F - 2 * margin, used = 0;
    size_t end = 0, space = 0;

    while (end < size) {
        used += (float)HPDF_Font_GetUnicodeWidth(paper->font, (HPDF_UNICODE)sign_code(line + end)) *
                font_size / 1000;
        if (used > width)
            return space > 0 ? space : end > 0 ? end : sign_size(line);
        if (line[end] == ' ')
            space = end;
        end += sign_size(line + end);
    }
    return size;
}

static bool write_line(struct document *document, const char *line, size_t size, bool is_heading)
{
    float font_size = is_heading ? heading_size : body_size;
    char row[2000];

    if (!has_all_signs(document, line, size))
        return false;
    if (size == 0)
        return write_row(document, "", font_size);
    while (size > 0) {
        size_t end = row_size(&document->paper, line, size, font_size);
        end = end < sizeof(row) ? end : sizeof(row) - 1;
        memcpy(row, line, end);
        row[end] = '\0';
        if (!write_row(document, row, font_size))
            return false;
        while (end < size && line[end] == ' ')
            end++;
        line += end;
        size -= end;
    }
    return true;
}

static void write_feet(struct document *document)
{
    struct paper *paper = &document->paper;
    const char *code = sankofa_text_of(document->host, document->call, "case_code").bytes;
    char foot[200];

    for (int i = 0; i < paper->page_count; i++) {
        HPDF_Page page = HPDF_GetPageByIndex(paper->pdf, (HPDF_UINT)i);
        snprintf(foot, sizeof(foot), "%s   %d / %d", code, i + 1, paper->page_count);
        HPDF_Page_SetFontAndSize(page, paper->font, foot_size);
        HPDF_Page_BeginText(page);
        HPDF_Page_TextOut(page, margin, margin / 2, foot);
        HPDF_Page_EndText(page);
    }
}

/* The whole. */

static bool take_row(struct document *document, const char *line, size_t size, bool is_heading)
{
    show(document, line, size, is_heading);
    return !document->paper.pdf || write_line(document, line, size, is_heading);
}

static bool take_line(struct document *document, const char *line, size_t size, int number)
{
    bool is_heading = size > 2 && memcmp(line, "# ", 2) == 0;

    if (size == 3 && memcmp(line, "***", 3) == 0) {
        text_add(&document->plain, "\n", 1);
        return !document->paper.pdf || paper_turn(document);
    }
    if (!fill_line(document, line + (is_heading ? 2 : 0), size - (is_heading ? 2 : 0), number))
        return false;
    /* A field of several lines. */
    const char *at = document->filled.bytes, *stop;
    for (; (stop = strchr(at, '\n')); at = stop + 1)
        if (!take_row(document, at, (size_t)(stop - at), is_heading))
            return false;
    return take_row(document, at, strlen(at), is_heading);
}

static bool take_template(struct document *document)
{
    const char *at = document->template;

    for (int number = 1; *at; number++) {
        size_t size = strcspn(at, "\n"), kept = size;
        while (kept > 0 && strchr(" \t\r", at[kept - 1]))
            kept--;
        for (size_t i = 0; i < kept; i++)
            if (is_control(at[i]))
                return fail(document, 0,
                            "Line %d of the template has a tab or another control sign.", number);
        if (!take_line(document, at, kept, number))
            return false;
        at += size + (at[size] == '\n' ? 1 : 0);
    }
    return true;
}

/* The same for every try of one step, and for no other: FNV-1a of the call's key, in two halves. */
static void write_name(struct document *document, char name[40])
{
    struct sankofa_text key = document->host->idempotency_key(document->call);
    uint64_t sums[2] = {0xcbf29ce484222325U, 0x84222325cbf29ce4U};

    for (size_t i = 0; i < key.size; i++)
        for (int half = 0; half < 2; half++)
            sums[half] = (sums[half] ^ (unsigned char)key.bytes[i]) * 0x100000001b3U;
    snprintf(name, 40, "%016" PRIx64 "%016" PRIx64 ".pdf", sums[0], sums[1]);
}

static bool write_all(int fd, const unsigned char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(fd, bytes + done, size - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        done += (size_t)wrote;
    }
    return true;
}

/* Whole and on the disk before it has its name. */
static bool lay(struct document *document, const unsigned char *bytes, size_t size)
{
    struct sankofa_text folder = sankofa_secret(document->host, document->call, "print");
    char name[40], part[PATH_BYTES_MAX + 60], path[PATH_BYTES_MAX + 60];

    if (folder.size == 0 || folder.size > PATH_BYTES_MAX)
        return fail(document, 0,
                    "The plugin was given no `print`: the folder for what is printed.");
    write_name(document, name);
    snprintf(part, sizeof(part), "%.*s/.%s.part", (int)folder.size, folder.bytes, name);
    snprintf(path, sizeof(path), "%.*s/%s", (int)folder.size, folder.bytes, name);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(document, 1, "The folder `print` takes nothing: %s.", strerror(errno));
    bool is_whole = write_all(fd, bytes, size) && fsync(fd) == 0;
    int error = errno;
    close(fd);
    if (is_whole && rename(part, path) == 0)
        return sankofa_put_text(document->host, document->call, "file", name) == 0;
    error = is_whole ? errno : error;
    unlink(part);
    return fail(document, 1, "The PDF cannot be laid into the folder `print`: %s.",
                strerror(error));
}

static bool put_pdf(struct document *document)
{
    HPDF_Doc pdf = document->paper.pdf;
    HPDF_UINT32 size = 0;

    write_feet(document);
    HPDF_SaveToStream(pdf);
    size = HPDF_GetStreamSize(pdf);
    if (document->paper.error != 0 || size == 0)
        return fail(document, 1, "The PDF cannot be made (libharu's error %#lx).",
                    (unsigned long)document->paper.error);
    if (size > PDF_BYTES_MAX)
        return fail(document, 0, "The PDF is larger than %d bytes.", PDF_BYTES_MAX);
    unsigned char *bytes = malloc(size);
    if (!bytes)
        return fail(document, 1, "There is no memory for the PDF.");
    HPDF_ReadFromStream(pdf, bytes, &size);
    bool is_laid = lay(document, bytes, size);
    free(bytes);
    return is_laid && sankofa_put_integer(document->host, document->call, "pages",
                                          document->paper.page_count) == 0;
}

static bool put_all(struct document *document)
{
    if (document->plain.is_full)
        return fail(document, 0, "The document is too long.");
    if (document->paper.pdf && document->paper.page_count == 0)
        return fail(document, 0, "The template is empty.");
    return (!document->paper.pdf || put_pdf(document)) &&
           sankofa_put_text(document->host, document->call, "text", document->plain.bytes) == 0;
}

static enum sankofa_outcome fill(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct document *document = calloc(1, sizeof(*document));
    bool is_done = false;

    if (!document)
        return host->fail(call, 1, "There is no memory for this call."), SANKOFA_FAILED;
    document->host = host;
    document->call = call;
    bool wants_pdf = strcmp(sankofa_text_of(host, call, "format").bytes, "pdf") == 0;
    if (!text_init(&document->plain, TEXT_BYTES_MAX) ||
        !text_init(&document->filled, TEXT_BYTES_MAX))
        fail(document, 1, "There is no memory for this call.");
    else
        is_done = read_fields(document) && read_template(document) &&
                  (!wants_pdf || paper_open(document)) && take_template(document) &&
                  put_all(document);
    if (document->paper.pdf)
        HPDF_Free(document->paper.pdf);
    free(document->paper.signs.bytes);
    free(document->plain.bytes);
    free(document->filled.bytes);
    free(document);
    return is_done ? SANKOFA_DONE : SANKOFA_FAILED;
}

static const struct sankofa_step_type fill_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .needs = SANKOFA_FILES,
    .name = "fill",
    .summary = "Fills in a template, as plain text and as PDF.",
    .inputs = inputs,
    .outputs = outputs,
    .run = fill,
};

static const struct sankofa_step_type *const step_types[] = {&fill_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "document",
    .version = "1.0.0",
    .summary = "Letters, certificates and forms from templates.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
