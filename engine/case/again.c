/* An entry made an event again: what the core was told then, so that it can be asked anew whether
 * it would do the same. */
#include "base/arena.h"
#include "case/case.h"

static const struct {
    const char *kind;
    enum case_event_kind event;
} kinds[] = {
    {"open", CASE_OPEN},           {"transition", CASE_TRANSITION},
    {"proposal", CASE_TRANSITION}, {"answer", CASE_ANSWER},
    {"approval", CASE_APPROVE},    {"rejection", CASE_REJECT},
    {"timer", CASE_TIMER},         {"carried", CASE_TIMER},
    {"refused", CASE_TIMER},       {"postponed", CASE_TIMER},
    {"dropped", CASE_TIMER},       {"outcome", CASE_OUTCOME},
    {"started", CASE_START},       {"settled", CASE_SETTLE},
    {"assigned", CASE_ASSIGN},     {"note", CASE_NOTE},
    {"flag", CASE_FLAG},           {"link", CASE_LINK},
    {"correction", CASE_CORRECT},  {"glass", CASE_GLASS},
    {"review", CASE_REVIEW},       {"erasure", CASE_ERASURE},
    {"document", CASE_DOCUMENT},   {"export", CASE_EXPORT},
    {"release", CASE_RELEASE},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

/* Of what is carried out the entry names the submitter, and nobody asked: no answer, no status. */
static const struct case_person *person_of(const struct value *entry, struct arena *arena)
{
    const struct value *roles = value_at(entry, "roles");
    size_t count = value_count(roles);
    if (value_at(entry, "status") == NULL)
        return NULL;
    struct case_person *person = ARENA_NEW(arena, struct case_person);
    struct text *held = ARENA_ARRAY(arena, struct text, count);
    for (size_t i = 0; i < count; i++)
        held[i] = value_item(roles, i)->string;
    *person = (struct case_person){.id = value_text_at(entry, "by"),
                                   .person = value_text_at(entry, "person"),
                                   .roles = held,
                                   .role_count = count};
    return person;
}

static struct value member_or_null(const struct value *entry, const char *name)
{
    const struct value *member = value_at(entry, name);
    return member == NULL ? value_null() : *member;
}

/* What came with a document stands in the change alone. */
static struct value document_of(const struct value *entry, struct arena *arena)
{
    static const char *const names[] = {"id", "name", "type", "size", "sha256"};
    const struct value *documents = value_at(entry, "patch/documents");
    struct value data = value_map(arena);
    for (size_t i = 0; value_count(documents) == 1 && i < sizeof names / sizeof names[0]; i++) {
        const struct value *member = value_at(&value_member(documents, 0)->value, names[i]);
        if (member != NULL)
            value_put(&data, names[i], *member);
    }
    return data;
}

/* For whom an export is encrypted stands there as well, unless it was for the same one before. */
static struct value recipient_of(const struct value *entry, const struct value *doc,
                                 struct arena *arena)
{
    const struct value *recipient = value_at(entry, "patch/export/recipient");
    struct value data = value_map(arena);
    if (recipient == NULL)
        recipient = value_at(doc, "export/recipient");
    if (recipient != NULL)
        value_put(&data, "recipient", *recipient);
    return data;
}

bool case_event_again(const struct value *entry, const struct value *doc, uint64_t seq,
                      struct arena *arena, struct case_event *event_out)
{
    size_t kind = 0;
    while (kind < KIND_COUNT && !value_is_string(value_at(entry, "kind"), kinds[kind].kind))
        kind++;
    if (kind == KIND_COUNT)
        return false;
    *event_out = (struct case_event){.kind = kinds[kind].event,
                                     .now_ms = value_int_at(entry, "at", 0),
                                     .seq = seq,
                                     .name = value_text_at(entry, "name"),
                                     .data = member_or_null(entry, "data"),
                                     .person = person_of(entry, arena),
                                     .comment = value_text_at(entry, "comment"),
                                     .key = value_text_at(entry, "key"),
                                     .request = value_text_at(entry, "request"),
                                     .code = value_text_at(entry, "patch/code"),
                                     .outcome = member_or_null(entry, "outcome"),
                                     .checks = member_or_null(entry, "checks")};
    if (event_out->kind == CASE_DOCUMENT)
        event_out->data = document_of(entry, arena);
    if (event_out->kind == CASE_EXPORT)
        event_out->data = recipient_of(entry, doc, arena);
    if (value_is_string(value_at(entry, "kind"), "dropped") &&
        event_out->outcome.kind != VALUE_NULL)
        event_out->kind = CASE_OUTCOME;
    return true;
}
