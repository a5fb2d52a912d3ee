/* Documents: files that are kept with a case. Their bytes lie elsewhere in the store; the case
 * knows what each is called, what it is, how long it is, and its hash. */
#include "base/arena.h"
#include "base/when.h"
#include "case/turn.h"
#include "case/view.h"

enum { DOCUMENTS_MAX = 500, NAME_BYTES_MAX = 200 };

/* Control characters, and those that turn the direction of what follows: with them a name looks
 * like another one. */
static bool is_misleading(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* A name of a file, not the way to one. */
static bool is_file_name(struct text name)
{
    if (text_is_empty(name) || text_is(name, ".") || text_is(name, "..") || !text_is_utf8(name))
        return false;
    for (size_t at = 0; at < name.size;) {
        uint32_t c = text_next_code_point(name, &at);
        if (c == '/' || is_misleading(c))
            return false;
    }
    return true;
}

bool case_may_attach(struct case_turn *turn, struct case_plan *plan)
{
    struct text name = value_text_at(&turn->event->data, "name");
    if (name.size > NAME_BYTES_MAX)
        return case_care_refuse(
            turn, plan, "/name", "too-long",
            text_printf(turn->arena, N_("A name has at most %d bytes."), NAME_BYTES_MAX));
    if (!is_file_name(name))
        return case_care_refuse(turn, plan, "/name", "invalid",
                                TEXT(N_("A document needs the name of a file: without its folders, "
                                        "and without control characters.")));
    if (value_count(case_peek(turn, PART_DOCUMENTS)) >= DOCUMENTS_MAX)
        return case_care_refuse(
            turn, plan, "/name", "too-many",
            text_printf(turn->arena, N_("A case has at most %d documents."), DOCUMENTS_MAX));
    return true;
}

int case_document_take(struct case_turn *turn)
{
    static const char *const plain[] = {"id", "name", "type", "size", "sha256"};
    struct arena *arena = turn->arena;
    struct value document = case_care_mark(turn);
    turn->event_name = TEXT("case.document");
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        value_put(&document, plain[i],
                  value_copy(arena, value_get(&turn->event->data, text_from(plain[i]))));
    value_put(&document, "seq", value_int((int64_t)turn->event->seq));
    size_t number = value_count(case_peek(turn, PART_DOCUMENTS)) + 1;
    value_set(case_part(turn, PART_DOCUMENTS), text_printf(arena, "%zu", number), document);
    return 0;
}

/* ---- As people see them. ---- */

bool case_document_is_seen(const struct workflow *workflow, const struct value *document,
                           const struct case_person *viewer)
{
    return text_equal(value_text_at(document, "by"), viewer->id) ||
           case_person_sees_sensitive(viewer, workflow);
}

const struct value *case_document(const struct case_state *state, struct text number,
                                  const struct case_person *viewer)
{
    const struct value *document = value_get(value_get(&state->doc, TEXT("documents")), number);
    return document != NULL && case_document_is_seen(state->workflow, document, viewer) ? document
                                                                                        : NULL;
}

const struct value_member *case_document_of(const struct case_state *state, uint64_t seq,
                                            const struct case_person *viewer)
{
    const struct value *documents = value_get(&state->doc, TEXT("documents"));
    for (size_t i = 0; i < value_count(documents); i++) {
        const struct value_member *member = value_member(documents, i);
        if (value_int_at(&member->value, "seq", 0) == (int64_t)seq &&
            case_document_is_seen(state->workflow, &member->value, viewer))
            return member;
    }
    return NULL;
}

struct value case_document_view(struct text number, const struct value *document,
                                struct arena *arena)
{
    static const char *const plain[] = {"name", "type", "size", "sha256", "by"};
    struct value one = value_map(arena);
    value_put(&one, "document", value_int(case_proposal_number(number)));
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        value_put(&one, plain[i], *value_get(document, text_from(plain[i])));
    value_put(&one, "at", value_timestamp(when_from_ms(value_int_at(document, "at", 0))));
    return one;
}

struct value case_documents_view(const struct case_state *state, const struct case_person *viewer,
                                 struct arena *arena)
{
    const struct value *documents = value_get(&state->doc, TEXT("documents"));
    struct value body = value_map(arena), list = value_list(arena);
    for (size_t i = 0; i < value_count(documents); i++) {
        const struct value_member *member = value_member(documents, i);
        if (case_document_is_seen(state->workflow, &member->value, viewer))
            value_append(&list, case_document_view(member->key, &member->value, arena));
    }
    value_put(&body, "code", *value_get(&state->doc, TEXT("code")));
    value_put(&body, "documents", list);
    value_put(&body, "hidden", value_int((int64_t)(value_count(documents) - value_count(&list))));
    return body;
}
