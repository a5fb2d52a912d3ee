/* One entry of a case's history, as one person may read it. */
#include <string.h>

#include "base/arena.h"
#include "case/shown/show.h"

static void copy_member(struct value *view, const struct value *entry, const char *name)
{
    const struct value *member = value_get(entry, text_from(name));
    if (member != NULL)
        value_put(view, name, *member);
}

/* What the person filled in, and what the entry changed in the data, by whatever hand. */
static struct value told_data(const struct value *entry, struct arena *arena)
{
    struct value told = case_map_copy(arena, value_get(entry, TEXT("data")));
    const struct value *changed = value_at(entry, "patch/data");
    for (size_t i = 0; i < value_count(changed); i++)
        value_set(&told, value_member(changed, i)->key, value_member(changed, i)->value);
    return told;
}

struct text case_entry_title(const struct workflow *workflow, const struct value *entry,
                             struct text language)
{
    static const char *const about[] = {"case.propose.", "case.approve.", "case.reject."};
    const struct value *taken = value_get(entry, TEXT("taken"));
    struct text event = value_text_at(entry, "event");
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        size_t size = strlen(about[i]);
        if (text_begins(event, about[i]))
            return case_event_title(workflow, (struct text){event.bytes + size, event.size - size},
                                    language);
    }
    if (value_count(taken) == 0)
        return TEXT_NONE;
    uint16_t number = case_transition_named(workflow, value_item(taken, 0)->string);
    if (number == CHART_NONE)
        return TEXT_NONE;
    return workflow_say(workflow, &workflow->transitions[number].title, language);
}

static void put_titles(struct value *view, const struct workflow *workflow,
                       const struct value *entry, struct text language, struct arena *arena)
{
    const struct value *states = value_get(entry, TEXT("states"));
    struct text title = case_entry_title(workflow, entry, language);
    if (!text_is_empty(title))
        value_put(view, "title", value_string(title));
    if (states != NULL)
        value_put(view, "titles", case_state_titles(workflow, states, language, arena));
}

/* Faults of the workflow may quote values: they are told to who may see all of them. */
static void put_faults(struct value *view, const struct workflow *workflow,
                       const struct value *entry, const struct case_person *viewer,
                       struct arena *arena)
{
    const struct value *faults = value_get(entry, TEXT("faults"));
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(faults); i++) {
        struct value one = case_map_copy(arena, value_item(faults, i));
        if (!case_person_sees_sensitive(viewer, workflow))
            value_remove(&one, TEXT("message"));
        value_append(&list, one);
    }
    if (faults != NULL)
        value_put(view, "faults", list);
}

/* What the workflow told; where a sensitive field may speak, to who may see all of them. */
static void put_log(struct value *view, const struct workflow *workflow, const struct value *entry,
                    const struct case_person *viewer, struct arena *arena)
{
    const struct value *log = value_get(entry, TEXT("log"));
    struct value told = value_list(arena);
    for (size_t i = 0; i < value_count(log); i++) {
        const struct value *line = value_item(log, i);
        if (!value_bool_at(line, "private") || case_person_sees_sensitive(viewer, workflow))
            value_append(&told, *value_get(line, TEXT("text")));
    }
    if (value_count(&told) > 0)
        value_put(view, "log", told);
}

/* Notes, why glass was broken, and why a field that is hidden from the viewer was corrected are for
 * who may see all fields, and for whose words they are. */
static bool is_private(const struct workflow *workflow, const struct value *entry,
                       const struct case_person *viewer, const struct value *hidden)
{
    const struct value *kind = value_get(entry, TEXT("kind"));
    return (value_is_string(kind, "note") || value_is_string(kind, "glass") ||
            (value_is_string(kind, "correction") && value_count(hidden) > 0)) &&
           !text_equal(value_text_at(entry, "by"), viewer->id) &&
           !case_person_sees_sensitive(viewer, workflow);
}

/* What was attached: its number to all, the rest to who may see it. */
static void put_document(struct value *view, const struct workflow *workflow,
                         const struct value *entry, const struct case_person *viewer,
                         struct arena *arena)
{
    const struct value *attached = value_at(entry, "patch/documents");
    if (value_count(attached) == 0)
        return;
    const struct value_member *member = value_member(attached, 0);
    struct value shown = value_map(arena);
    if (case_document_is_seen(workflow, &member->value, viewer))
        shown = case_document_view(member->key, &member->value, arena);
    else
        value_put(&shown, "document", value_int(case_proposal_number(member->key)));
    value_put(view, "document", shown);
}

/* What was set or taken away: a flag; a role, and whose it is now. */
static void put_marks(struct value *view, const struct value *entry)
{
    const struct value *flags = value_at(entry, "patch/flags");
    const struct value *assigned = value_at(entry, "patch/assigned");
    if (value_count(flags) > 0) {
        const struct value_member *flag = value_member(flags, 0);
        value_put(view, "flag", value_string(flag->key));
        value_put(view, "raised", value_bool(flag->value.kind != VALUE_NULL));
    }
    if (value_count(assigned) > 0) {
        const struct value *person = value_get(&value_member(assigned, 0)->value, TEXT("person"));
        value_put(view, "role", value_string(value_member(assigned, 0)->key));
        if (person != NULL)
            value_put(view, "person", *person);
    }
}

struct value case_entry_view(const struct workflow *workflow, uint64_t seq,
                             const struct value *entry, const struct case_person *viewer,
                             struct text language, struct arena *arena)
{
    static const char *const plain[] = {"kind",   "event", "by",   "comment",
                                        "states", "step",  "note", "proposal"};
    struct value view = value_map(arena), data = value_map(arena), hidden = value_list(arena);
    struct value told = told_data(entry, arena);
    case_show_data(workflow, viewer, &told, false, &data, &hidden);
    value_put(&view, "seq", value_int((int64_t)seq));
    value_put(&view, "at", case_moment(value_int_at(entry, "at", 0)));
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        copy_member(&view, entry, plain[i]);
    if (is_private(workflow, entry, viewer, &hidden))
        value_remove(&view, TEXT("comment"));
    put_titles(&view, workflow, entry, language, arena);
    value_put(&view, "data", data);
    value_put(&view, "hidden", hidden);
    if (value_at(entry, "outcome/outcome") != NULL)
        value_put(&view, "outcome", *value_at(entry, "outcome/outcome"));
    put_marks(&view, entry);
    put_document(&view, workflow, entry, viewer, arena);
    put_log(&view, workflow, entry, viewer, arena);
    put_faults(&view, workflow, entry, viewer, arena);
    return view;
}
