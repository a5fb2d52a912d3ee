/* Tables for people: as wide as their cells, and no wider than the terminal. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"

enum { GAP = 2 };

struct table {
    struct client *client;
    size_t column_count, row_count;
    const struct text *cells;
    struct text *heads;
    size_t *widths, *leasts;
};

static size_t widest(const struct table *table, size_t column)
{
    size_t width = look_width(table->heads[column]);

    for (size_t r = 0; r < table->row_count; r++) {
        size_t cell = look_width(table->cells[r * table->column_count + column]);
        width = cell > width ? cell : width;
    }
    return width;
}

/* The longest word of a column: what is not broken. */
static size_t longest_word(const struct table *table, size_t column)
{
    size_t longest = look_width(table->heads[column]);

    for (size_t r = 0; r < table->row_count; r++) {
        struct text rest = table->cells[r * table->column_count + column];
        while (rest.size > 0) {
            const char *space = memchr(rest.bytes, ' ', rest.size);
            size_t size = space ? (size_t)(space - rest.bytes) : rest.size;
            size_t width = look_width((struct text){rest.bytes, size});
            longest = width > longest ? width : longest;
            size += space != NULL;
            rest = (struct text){rest.bytes + size, rest.size - size};
        }
    }
    return longest;
}

/* The widest column but the first, which holds what people copy; 0: none may give way any more. */
static size_t widest_that_gives_way(const struct table *table)
{
    size_t found = 0;

    for (size_t c = 1; c < table->column_count; c++)
        if (table->widths[c] > table->leasts[c] &&
            (found == 0 || table->widths[c] > table->widths[found]))
            found = c;
    return found;
}

/* False: the terminal is too narrow for columns side by side. */
static bool fit(struct table *table)
{
    size_t columns = look_columns(stdout), total = GAP * (table->column_count - 1), widest;

    for (size_t c = 0; c < table->column_count; c++)
        total += table->widths[c];
    while (columns > 0 && total > columns && (widest = widest_that_gives_way(table)) > 0) {
        table->widths[widest]--;
        total--;
    }
    return columns == 0 || total <= columns;
}

/* What may move the cursor is shown as a question mark; lines of a text follow each other. */
static void put_cell(struct text cell)
{
    for (size_t i = 0; i < cell.size; i++) {
        unsigned char byte = (unsigned char)cell.bytes[i];
        putchar(byte == '\n' ? ' ' : byte < 0x20 || byte == 0x7f ? '?' : byte);
    }
}

static struct text without_end_spaces(struct text cell)
{
    while (cell.size > 0 && cell.bytes[cell.size - 1] == ' ')
        cell.size--;
    return cell;
}

/* Prints one line of a row, and takes it off the cells. True if something is left of one. */
static bool put_line(const struct table *table, struct text *rest)
{
    size_t last = table->column_count;
    bool is_left = false;

    while (last > 1 && rest[last - 1].size == 0)
        last--;
    for (size_t c = 0; c < last; c++) {
        size_t size = look_fit(rest[c], table->widths[c]);
        struct text part = without_end_spaces((struct text){rest[c].bytes, size});
        put_cell(part);
        if (c + 1 < last)
            printf("%*s", (int)(table->widths[c] - look_width(part) + GAP), "");
        rest[c] = (struct text){rest[c].bytes + size, rest[c].size - size};
        is_left = is_left || rest[c].size > 0;
    }
    putchar('\n');
    return is_left;
}

static void put_row(const struct table *table, const struct text *row)
{
    struct text *rest = ARENA_ARRAY(table->client->arena, struct text, table->column_count);

    for (size_t c = 0; c < table->column_count; c++)
        rest[c] = row[c];
    while (put_line(table, rest))
        continue;
}

/* A row as a paragraph: its first cell, then each other one below it by its head. */
static void put_paragraph(const struct table *table, const struct text *row)
{
    size_t width = 0;

    for (size_t c = 1; c < table->column_count; c++) {
        size_t head = look_width(table->heads[c]);
        width = head > width ? head : width;
    }
    fputs(look(table->client, stdout, LOOK_STRONG), stdout);
    put_cell(row[0]);
    fputs(look(table->client, stdout, LOOK_PLAIN), stdout);
    putchar('\n');
    for (size_t c = 1; c < table->column_count; c++) {
        if (row[c].size == 0)
            continue;
        printf("  %.*s%*s", TEXT_ARG(table->heads[c]),
               (int)(width - look_width(table->heads[c]) + GAP), "");
        look_write(stdout, row[c], width + 2 * GAP, width + 2 * GAP);
        putchar('\n');
    }
}

void print_table(struct client *client, const char *const *heads, size_t column_count,
                 const struct text *cells, size_t row_count)
{
    struct table table = {.client = client,
                          .column_count = column_count,
                          .row_count = row_count,
                          .cells = cells,
                          .heads = ARENA_ARRAY(client->arena, struct text, column_count),
                          .widths = ARENA_ARRAY(client->arena, size_t, column_count),
                          .leasts = ARENA_ARRAY(client->arena, size_t, column_count)};

    for (size_t c = 0; c < column_count; c++)
        table.heads[c] = heads[c][0] && !client->quiet ? text_from(_(heads[c])) : TEXT("");
    for (size_t c = 0; c < column_count; c++) {
        table.widths[c] = widest(&table, c);
        table.leasts[c] = longest_word(&table, c);
    }
    bool is_fitting = fit(&table);
    for (size_t r = 0; r < row_count && !is_fitting; r++)
        put_paragraph(&table, cells + r * column_count);
    if (!is_fitting)
        return;
    if (!client->quiet) {
        fputs(look(client, stdout, LOOK_STRONG), stdout);
        put_row(&table, table.heads);
        fputs(look(client, stdout, LOOK_PLAIN), stdout);
    }
    for (size_t r = 0; r < row_count; r++)
        put_row(&table, cells + r * column_count);
}
