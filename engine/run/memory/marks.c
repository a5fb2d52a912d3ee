/* Reads a card's rows: counted first, so that they fit one block. */
#include "run/memory/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/wipe.h"

/* Rows are counted (`rows` NULL), or copied. */
struct filling {
    struct mark *rows;
    char *bytes;
    size_t count, byte_count;
};

static struct text keep(struct filling *filling, struct text text)
{
    struct text kept = {NULL, text.size};

    filling->byte_count += text.size;
    if (!filling->rows)
        return kept;
    kept.bytes = filling->bytes;
    if (text.size > 0)
        memcpy(filling->bytes, text.bytes, text.size);
    filling->bytes += text.size;
    return kept;
}

static void add(struct filling *filling, enum mark_kind kind, struct text name, struct text person,
                int64_t until_ms)
{
    struct mark row = {.kind = kind, .until_ms = until_ms};

    row.name = keep(filling, name);
    row.person = keep(filling, person);
    if (filling->rows)
        filling->rows[filling->count] = row;
    filling->count++;
}

static struct text text_of(const struct value *value)
{
    return value->kind == VALUE_STRING ? value->string : TEXT_NONE;
}

static void add_map(struct filling *filling, const struct value *map, enum mark_kind kind)
{
    for (size_t i = 0; i < value_count(map); i++) {
        const struct value_member *member = value_member(map, i);
        add(filling, kind, member->key, text_of(&member->value), 0);
    }
}

static void add_glass(struct filling *filling, const struct value *glass)
{
    for (size_t i = 0; i < value_count(glass); i++) {
        const struct value *broken = value_item(glass, i), *review = value_at(broken, "review");
        add(filling, MARK_GLASS, TEXT_NONE, value_text_at(broken, "by"),
            value_int_at(broken, "until", 0));
        for (size_t k = 0; k < value_count(review); k++)
            add(filling, MARK_REVIEW, text_of(value_item(review, k)),
                value_text_at(broken, "person"), 0);
    }
}

static void fill(struct filling *filling, const struct value *card)
{
    const struct value *flags = value_at(card, "flags"), *submitters = value_at(card, "submitters");

    add_map(filling, value_at(card, "assigned"), MARK_ASSIGNED);
    for (size_t i = 0; i < value_count(flags); i++)
        add(filling, MARK_FLAG, text_of(value_item(flags, i)), TEXT_NONE, 0);
    add_map(filling, value_at(card, "links"), MARK_LINK);
    add_glass(filling, value_at(card, "glass"));
    for (size_t i = 0; i < value_count(submitters); i++)
        add(filling, MARK_SUBMITTER, TEXT_NONE, text_of(value_item(submitters, i)), 0);
}

struct marks marks_create(const struct value *card)
{
    struct filling filling = {0};

    fill(&filling, card);
    if (filling.count == 0)
        return (struct marks){0};
    size_t count = filling.count;
    struct mark *rows = malloc(count * sizeof(*rows) + filling.byte_count);
    CHECK(rows);
    filling = (struct filling){.rows = rows, .bytes = (char *)(rows + count)};
    fill(&filling, card);
    return (struct marks){rows, count};
}

void marks_destroy(struct marks *marks)
{
    wipe_free(marks->rows);
    *marks = (struct marks){0};
}

struct text marks_holder(const struct marks *marks, struct text role)
{
    for (size_t i = 0; i < marks->count; i++)
        if (marks->rows[i].kind == MARK_ASSIGNED && text_equal(marks->rows[i].name, role))
            return marks->rows[i].person;
    return TEXT_NONE;
}
