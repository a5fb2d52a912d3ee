/* A case on paper: lines laid out once, for plain text and for PDF. */
#ifndef SANKOFA_CLIENT_SUMMARY_H
#define SANKOFA_CLIENT_SUMMARY_H

#include "client/people/people.h"

enum { SUMMARY_COLUMNS = 78, SUMMARY_ROWS = 58 }; /* of a page, its foot not counted */

enum summary_style { SUMMARY_PLAIN, SUMMARY_HEAD };

struct summary_line {
    enum summary_style style;
    struct text text; /* no wider than SUMMARY_COLUMNS */
};

struct summary {
    struct client *client;
    struct summary_line *lines;
    size_t count, room;
    struct text foot; /* of each page, before its number */
};

/* What the daemon shows this person of a case, with the titles of its workflow's fields. */
void summary_lay_out(struct summary *summary, const struct value *view, const struct value *fields,
                     const struct value *documents, const struct value *entries);
size_t summary_page_count(const struct summary *summary);
/* "SN-2026-00001-A  ...   page 1 of 3" */
struct text summary_foot(const struct summary *summary, size_t page);

/* ---- paper.c ---- */
/* On stdout, a form feed between two pages. */
void paper_print(const struct summary *summary);
/* A new file that nobody else may read. 0, or CLIENT_WRONG_USE or 8, told. */
int paper_write_pdf(const struct summary *summary, const char *path);

#endif
