/* Who may: people, roles, countries. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"
#include "case/view.h"

/* Roles of the daemon itself read no case and do nothing in one, whatever a workflow calls its own
 * roles. */
bool case_person_holds(const struct case_person *person, struct text role)
{
    if (workflow_role_is_of_daemon(role))
        return false;
    CHECK(person->countries == NULL);
    for (size_t i = 0; i < person->role_count; i++)
        if (text_equal(person->roles[i], role))
            return true;
    return false;
}

bool case_person_holds_any(const struct case_person *person, const struct workflow_roles *roles)
{
    for (size_t i = 0; i < roles->count; i++)
        if (case_person_holds(person, roles->ids[i]))
            return true;
    return false;
}

bool case_person_takes_part(const struct case_person *person, const struct workflow *workflow)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (case_person_holds(person, workflow->roles[i].id))
            return true;
    return false;
}

bool case_person_sees_sensitive(const struct case_person *person, const struct workflow *workflow)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (workflow->roles[i].sees_sensitive && case_person_holds(person, workflow->roles[i].id))
            return true;
    return false;
}

struct text case_roles_written(const struct workflow_roles *roles, struct arena *arena)
{
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < roles->count; i++) {
        const char *between = i == 0 ? "" : i + 1 < roles->count ? ", " : " or ";
        text_append_printf(&buffer, "%s%.*s", between, TEXT_ARG(roles->ids[i]));
    }
    return text_buffer_text(&buffer);
}

struct value case_roles_value(const struct workflow_roles *roles, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < roles->count; i++)
        value_append(&list, value_string(roles->ids[i]));
    return list;
}

static bool is_held_in(const struct case_person *person, size_t i, struct text country)
{
    struct text meant = text_is_empty(country) ? TEXT("ZZ") : country;
    return person->countries == NULL || text_is_empty(person->countries[i]) ||
           text_equal(person->countries[i], meant);
}

struct case_person case_person_in(const struct case_person *person, struct text country,
                                  struct arena *arena)
{
    struct text *roles = ARENA_ARRAY(arena, struct text, person->role_count);
    struct case_person there = {.id = person->id, .person = person->person, .roles = roles};
    for (size_t i = 0; i < person->role_count; i++)
        if (is_held_in(person, i, country) && !case_person_holds(&there, person->roles[i]))
            roles[there.role_count++] = person->roles[i];
    return there;
}

bool case_person_holds_in(const struct case_person *person, struct text role, struct text country)
{
    if (workflow_role_is_of_daemon(role))
        return false;
    for (size_t i = 0; i < person->role_count; i++)
        if (text_equal(person->roles[i], role) && is_held_in(person, i, country))
            return true;
    return false;
}

bool case_is_visible(const struct case_person *person, struct text country,
                     const struct workflow *workflow)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (case_person_holds_in(person, workflow->roles[i].id, country))
            return true;
    return false;
}
