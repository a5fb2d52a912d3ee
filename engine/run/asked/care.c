/* What people do about a case beside its chart: from what the request says to the event that the
 * core takes. */
#include "base/arena.h"
#include "case/view.h"
#include "run/internal.h"

static bool refuse(struct wheel *wheel, struct queued *queued, const char *pointer,
                   const char *code, struct text message)
{
    struct problem problem;

    problem_set(&problem, queued->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&problem, queued->arena, text_from(pointer), code, message, TEXT_NONE);
    wheel_refuse(wheel, queued, 0, &problem);
    return false;
}

/* ---- Assigning: which role is meant, and does the person hold it. ---- */

/* The one role of the workflow that the account holds there; with several, the one that whoever
 * asks holds or supervises. False: it is not clear, *count_out tells how many there are. */
static bool guess_role(const struct queued *queued, const struct card *card,
                       const struct workflow *workflow, const struct case_person *account,
                       struct text *role_out, size_t *count_out)
{
    size_t held = 0, near = 0;
    struct text only = TEXT_NONE, nearest = TEXT_NONE;

    for (size_t i = 0; i < workflow->role_count; i++) {
        struct text role = workflow->roles[i].id;
        if (!case_person_holds_in(account, role, card->country))
            continue;
        held++;
        only = role;
        if (case_person_holds_in(&queued->asker, role, card->country) ||
            case_person_supervises(&queued->asker, card->country, workflow, role)) {
            near++;
            nearest = role;
        }
    }
    *role_out = held == 1 ? only : nearest;
    *count_out = held;
    return held == 1 || near == 1;
}

static bool read_person(struct wheel *wheel, struct queued *queued, const struct card *card,
                        struct text person, struct text *role)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    const struct run_people *people = &wheel->ports.people;
    struct case_person account;
    size_t held = 0;

    if (!people->find(people->self, person, queued->arena, &account))
        return refuse(wheel, queued, "/person", "unknown",
                      TEXT(N_("Nobody of that name works on such cases.")));
    if (!text_is_empty(*role))
        return case_person_holds_in(&account, *role, card->country) ||
               refuse(wheel, queued, "/person", "unknown",
                      TEXT(N_("This person does not hold that role in the case's country.")));
    if (guess_role(queued, card, workflow, &account, role, &held))
        return true;
    if (held == 0)
        return refuse(wheel, queued, "/person", "unknown",
                      TEXT(N_("Nobody of that name works on such cases.")));
    return refuse(wheel, queued, "/role", "required",
                  TEXT(N_("This person holds several roles here: say for which.")));
}

/* One of the workflow's, or none at all. */
static bool is_role(struct wheel *wheel, struct queued *queued, const struct workflow *workflow,
                    const char *pointer, struct text role)
{
    struct text *ids = ARENA_ARRAY(queued->arena, struct text, workflow->role_count);
    struct problem problem;

    if (text_is_empty(role) || workflow_role(workflow, role))
        return true;
    for (size_t i = 0; i < workflow->role_count; i++)
        ids[i] = workflow->roles[i].id;
    problem_set(&problem, queued->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&problem, queued->arena, text_from(pointer), "unknown",
                TEXT(N_("The workflow has no such role.")),
                text_nearest(role, ids, workflow->role_count));
    wheel_refuse(wheel, queued, 0, &problem);
    return false;
}

static bool read_assignment(struct wheel *wheel, struct queued *queued, const struct card *card)
{
    const struct value *data = &queued->request.data;
    struct text person = value_text_at(data, "person"), pool = value_text_at(data, "pool");
    struct text role = value_text_at(data, "role");
    const struct workflow *workflow = rights_workflow(wheel, card);
    struct value event = value_map(queued->arena);

    if (!is_role(wheel, queued, workflow, "/role", role) ||
        !is_role(wheel, queued, workflow, "/pool", pool))
        return false;
    if (!text_is_empty(role) && !text_is_empty(pool))
        return refuse(wheel, queued, "/role", "unknown",
                      TEXT(N_("The pool is a role: leave this one out.")));
    if (text_is_empty(person) == text_is_empty(pool))
        return refuse(wheel, queued, "/person", "required",
                      TEXT(N_("Name a person, or the role whose pool the case goes back to.")));
    if (!text_is_empty(person) && !read_person(wheel, queued, card, person, &role))
        return false;
    value_put(&event, "role", value_string(text_is_empty(pool) ? role : pool));
    if (!text_is_empty(person))
        value_put(&event, "person", value_string(person));
    queued->request.data = event;
    return true;
}

/* ---- Links: the other case must be one that the person may know of. ---- */

static bool has_link(const struct card *from, const struct card *to, struct arena *arena)
{
    struct text id = text_hex(arena, to->id.bytes, sizeof(to->id.bytes));

    for (size_t i = 0; i < from->marks.count; i++)
        if (from->marks.rows[i].kind == MARK_LINK && text_equal(from->marks.rows[i].name, id))
            return true;
    return false;
}

static bool refuse_there(struct wheel *wheel, struct queued *queued, const struct card *other)
{
    struct text message = text_printf(
        queued->arena,
        N_("These two are linked, and that is kept in %.*s: change it, or take it away, there."),
        TEXT_ARG(other->code));
    struct problem problem;

    problem_set(&problem, queued->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&problem, queued->arena, TEXT("/case"), "invalid", message, TEXT_NONE);
    wheel_refuse(wheel, queued, 0, &problem);
    return false;
}

static bool read_link(struct wheel *wheel, struct queued *queued, const struct card *card)
{
    struct text name = value_text_at(&queued->request.data, "case");
    const struct card *other = rights_card(wheel, &queued->asker, name);

    if (!other)
        return refuse(wheel, queued, "/case", "unknown", TEXT(N_("There is no such case.")));
    /* Kept in one of the two, and told of both: there alone it is changed. */
    if (!has_link(card, other, queued->arena) && has_link(other, card, queued->arena))
        return refuse_there(wheel, queued, other);
    value_put(&queued->request.data, "case",
              value_string(text_hex(queued->arena, other->id.bytes, sizeof(other->id.bytes))));
    return true;
}

bool care_read(struct wheel *wheel, struct queued *queued, const struct card *card)
{
    switch (queued->event.kind) {
    case CASE_ASSIGN:
        return read_assignment(wheel, queued, card);
    case CASE_LINK:
        return read_link(wheel, queued, card);
    case CASE_DOCUMENT:
        return document_read(wheel, queued);
    case CASE_EXPORT:
        return export_read(wheel, queued);
    case CASE_RELEASE:
    case CASE_OPEN:
    case CASE_TRANSITION:
    case CASE_ANSWER:
    case CASE_APPROVE:
    case CASE_REJECT:
    case CASE_TIMER:
    case CASE_OUTCOME:
    case CASE_START:
    case CASE_SETTLE:
    case CASE_SIGNAL:
    case CASE_NOTE:
    case CASE_FLAG:
    case CASE_CORRECT:
    case CASE_GLASS:
    case CASE_REVIEW:
    case CASE_ERASURE:
        break;
    }
    return true;
}

/* ---- Links as a reader sees them: from both sides, to cases they may know of. ---- */

static void add_link(struct value *list, const struct card *other, struct text kind,
                     struct arena *arena)
{
    struct value one = value_map(arena);

    value_put(&one, "code", value_string(text_copy(arena, other->code)));
    value_put(&one, "kind", value_string(text_copy(arena, kind)));
    value_append(list, one);
}

void care_tell_link(struct wheel *wheel, const struct case_person *asker, const struct value *entry,
                    struct value *line)
{
    const struct value *links = value_at(entry, "patch/links");
    const struct value_member *link = value_count(links) > 0 ? value_member(links, 0) : NULL;
    const struct card *other = link ? rights_card(wheel, asker, link->key) : NULL;
    struct value told = value_map(wheel->turn);

    if (!other)
        return;
    value_put(&told, "code", value_string(text_copy(wheel->turn, other->code)));
    if (value_get(&link->value, TEXT("kind")))
        value_put(&told, "kind", *value_get(&link->value, TEXT("kind")));
    value_put(&told, "linked", value_bool(link->value.kind != VALUE_NULL));
    value_put(line, "link", told);
}

struct value care_links(struct wheel *wheel, const struct case_person *asker,
                        const struct card *card, struct arena *arena)
{
    struct text id = text_hex(arena, card->id.bytes, sizeof(card->id.bytes));
    struct value list = value_list(arena);

    for (size_t i = 0; i < card->marks.count; i++) {
        const struct mark *mark = &card->marks.rows[i];
        const struct card *other =
            mark->kind == MARK_LINK ? rights_card(wheel, asker, mark->name) : NULL;
        if (other)
            add_link(&list, other, mark->person, arena);
    }
    for (size_t c = 0; c < wheel->roster.count; c++) {
        const struct card *other = wheel->roster.cards[c];
        for (size_t i = 0; i < other->marks.count; i++) {
            const struct mark *mark = &other->marks.rows[i];
            if (mark->kind == MARK_LINK && text_equal(mark->name, id) &&
                rights_see(wheel, asker, other))
                add_link(&list, other, case_link_back(mark->person), arena);
        }
    }
    return list;
}
