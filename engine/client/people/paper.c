/* `sankofa case print`: the lines of a summary as plain text, or as PDF by libharu with a font
 * whose letters are all of one width, so that both are laid out alike. libharu knows neither marks
 * over letters nor Arabic: glyphs.c tells what is drawn where. */
#include <errno.h>
#include <fcntl.h>
#include <hpdf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/people/glyphs.h"
#include "client/people/summary.h"

#define FONTS "/usr/share/fonts/truetype/dejavu/" /* Debian: fonts-dejavu-core */

/* ---- Plain. ---- */

/* What may move a printer's head is a question mark. */
static void put_line(struct text line)
{
    for (size_t i = 0; i < line.size; i++) {
        unsigned char byte = (unsigned char)line.bytes[i];
        putchar(byte < 0x20 || byte == 0x7f ? '?' : byte);
    }
    putchar('\n');
}

void paper_print(const struct summary *summary)
{
    size_t pages = summary_page_count(summary);

    for (size_t page = 0; page < pages; page++) {
        size_t begin = page * SUMMARY_ROWS;
        for (size_t row = begin; row < begin + SUMMARY_ROWS; row++)
            put_line(row < summary->count ? summary->lines[row].text : TEXT(""));
        putchar('\n');
        put_line(summary_foot(summary, page));
        if (page + 1 < pages)
            putchar('\f');
    }
}

/* ---- PDF. ---- */

struct paper {
    const struct summary *summary;
    HPDF_Doc pdf;
    HPDF_Font fonts[2]; /* by summary_style */
    HPDF_STATUS error;
    bool lacks_some; /* letters that the font does not have */
};

static const float font_size = 9.5F, row_height = 12.6F, margin_left = 62, margin_top = 56;
static const float letter_width = 9.5F * 1233 / 2048; /* DejaVu Sans Mono's */

static void on_error(HPDF_STATUS error, HPDF_STATUS detail, void *self)
{
    struct paper *paper = self;

    (void)detail;
    if (paper->error == 0)
        paper->error = error;
}

/* From the glyph `first` on, those that stand side by side. */
static size_t run_of(const struct glyphs *glyphs, size_t first)
{
    size_t end = first + 1;

    while (!glyphs->items[first].is_mark && end < glyphs->count && !glyphs->items[end].is_mark)
        end++;
    return end;
}

static void write_line(struct paper *paper, HPDF_Page page, enum summary_style style, size_t row,
                       struct text text)
{
    struct arena *arena = paper->summary->client->arena;
    struct glyphs glyphs = glyphs_of(arena, text);
    float y = HPDF_Page_GetHeight(page) - margin_top - row_height * (float)row;

    paper->lacks_some |= glyphs.lacks_some;
    HPDF_Page_SetFontAndSize(page, paper->fonts[style], font_size);
    HPDF_Page_BeginText(page);
    for (size_t i = 0, end; i < glyphs.count; i = end) {
        struct text_buffer run;
        text_buffer_init(&run, arena);
        end = run_of(&glyphs, i);
        for (size_t k = i; k < end; k++)
            text_append(&run, glyphs.items[k].letter);
        HPDF_Page_TextOut(page, margin_left + letter_width * (float)glyphs.items[i].column, y,
                          text_copy(arena, text_buffer_text(&run)).bytes);
    }
    HPDF_Page_EndText(page);
}

static void write_page(struct paper *paper, size_t number)
{
    const struct summary *summary = paper->summary;
    HPDF_Page page = HPDF_AddPage(paper->pdf);
    size_t begin = number * SUMMARY_ROWS;

    HPDF_Page_SetSize(page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    for (size_t row = 0; row < SUMMARY_ROWS && begin + row < summary->count; row++)
        write_line(paper, page, summary->lines[begin + row].style, row,
                   summary->lines[begin + row].text);
    write_line(paper, page, SUMMARY_PLAIN, SUMMARY_ROWS + 1, summary_foot(summary, number));
}

static HPDF_Font load_font(struct paper *paper, const char *path)
{
    const char *name = HPDF_LoadTTFontFromFile(paper->pdf, path, HPDF_TRUE);

    return name ? HPDF_GetFont(paper->pdf, name, "UTF-8") : NULL;
}

/* The whole file, in memory; NULL: libharu could not. */
static struct text make_pdf(struct paper *paper)
{
    HPDF_UINT32 size;
    HPDF_BYTE *bytes;

    HPDF_UseUTFEncodings(paper->pdf);
    HPDF_SetCompressionMode(paper->pdf, HPDF_COMP_ALL);
    paper->fonts[SUMMARY_PLAIN] = load_font(paper, FONTS "DejaVuSansMono.ttf");
    paper->fonts[SUMMARY_HEAD] = load_font(paper, FONTS "DejaVuSansMono-Bold.ttf");
    if (paper->error != 0)
        return TEXT_NONE;
    for (size_t i = 0; i < summary_page_count(paper->summary); i++)
        write_page(paper, i);
    HPDF_SaveToStream(paper->pdf);
    size = HPDF_GetStreamSize(paper->pdf);
    bytes = arena_alloc(paper->summary->client->arena, size + 1);
    HPDF_ReadFromStream(paper->pdf, bytes, &size);
    return paper->error == 0 ? (struct text){(const char *)bytes, size} : TEXT_NONE;
}

static int write_file(const char *path, struct text bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t written = 0;
    int result = fd < 0 ? -errno : 0;

    while (result == 0 && written < bytes.size) {
        ssize_t size = write(fd, bytes.bytes + written, bytes.size - written);
        if (size < 0)
            result = -errno;
        else
            written += (size_t)size;
    }
    if (fd >= 0 && close(fd) != 0 && result == 0)
        result = -errno;
    if (fd >= 0 && result != 0)
        unlink(path); /* half a paper is none */
    return result;
}

int paper_write_pdf(const struct summary *summary, const char *path)
{
    struct paper paper = {.summary = summary};

    paper.pdf = HPDF_New(on_error, &paper);
    struct text bytes = paper.pdf ? make_pdf(&paper) : TEXT_NONE;
    if (paper.pdf)
        HPDF_Free(paper.pdf);
    if (bytes.size == 0) {
        complain("The PDF cannot be made (libharu's error %#lx).", (unsigned long)paper.error);
        complain("Is the package fonts-dejavu-core installed? Without --pdf it is plain text.");
        return CLIENT_INTERNAL;
    }
    int result = write_file(path, bytes);
    if (result == 0 && paper.lacks_some)
        complain(
            "Some letters are boxes in the PDF: its font lacks them. The plain text has them.");
    if (result == 0)
        return CLIENT_DONE;
    complain("%s cannot be written: %s.", path, strerror(-result));
    complain("Name a file that is not there yet, in a folder that is yours.");
    return CLIENT_WRONG_USE;
}

/* ---- The command. ---- */

int case_print(struct client *client)
{
    struct text path = text_printf(client->arena, "/v1/cases/%.*s",
                                   TEXT_ARG(http_escape(client, client->arguments[0])));
    struct summary summary = {.client = client};
    struct value view, fields, history, documents, whole = value_map(client->arena);
    int result = http_get(client, false, path, &view);

    if (result == CLIENT_DONE)
        result = titles_read(client, value_text_at(&view, "workflow"), &fields);
    if (result == CLIENT_DONE)
        result = http_get(client, false,
                          text_printf(client->arena, "%.*s/documents", TEXT_ARG(path)), &documents);
    if (result == CLIENT_DONE)
        result = history_read(client, &history);
    if (result != CLIENT_DONE)
        return result;
    value_put(&whole, "case", view);
    value_put(&whole, "documents", *value_at(&documents, "documents"));
    value_put(&whole, "history", *value_at(&history, "entries"));
    if (!client->pdf && print_json(client, &whole))
        return CLIENT_DONE;
    summary_lay_out(&summary, &view, &fields, &documents, value_at(&history, "entries"));
    if (!client->pdf)
        paper_print(&summary);
    else
        result = paper_write_pdf(&summary, client->pdf);
    if (result != CLIENT_DONE || !client->pdf)
        return result;
    struct value made = value_map(client->arena);
    value_put(&made, "file", value_cstring(client->pdf));
    value_put(&made, "pages", value_int((int64_t)summary_page_count(&summary)));
    if (!print_json(client, &made))
        say(client,
            ngettext("%s holds %zu page. Keep it locked away, and destroy it in its time.",
                     "%s holds %zu pages. Keep it locked away, and destroy it in its time.",
                     summary_page_count(&summary)),
            client->pdf, summary_page_count(&summary));
    return CLIENT_DONE;
}
