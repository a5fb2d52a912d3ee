/* What a card knows beside states and times, as rows: whose the case is, its flags and links, who
 * broke its glass, who has something submitted. */
#ifndef SANKOFA_RUN_MARKS_H
#define SANKOFA_RUN_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/value.h"

enum mark_kind {
    MARK_ASSIGNED,  /* `name`: the role, `person`: the account */
    MARK_FLAG,      /* `name` */
    MARK_LINK,      /* `name`: the other case's id in hexadecimal, `person`: the kind */
    MARK_GLASS,     /* `person`: the account, `until_ms` */
    MARK_REVIEW,    /* of broken glass: `name`: a role that may, `person`: the human who may not */
    MARK_SUBMITTER, /* `person`: the account */
};

struct mark {
    enum mark_kind kind;
    struct text name, person;
    int64_t until_ms;
};

/* Rows and texts are one block, to be freed. */
struct marks {
    struct mark *rows;
    size_t count;
};

/* Of a card as case_card makes it. */
struct marks marks_create(const struct value *card);
void marks_destroy(struct marks *marks);
/* Whom the role is assigned to; empty: it is anybody's. */
struct text marks_holder(const struct marks *marks, struct text role);

#endif
