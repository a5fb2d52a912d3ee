/* Who may: people, roles, countries. */
#include "case/turn.h"

/* Roles of the daemon itself read no case and do nothing in one, whatever a workflow calls its own
 * roles. */
bool case_person_holds(const struct case_person *person, struct text role)
{
    if (workflow_role_is_of_daemon(role))
        return false;
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

bool case_person_has_country(const struct case_person *person, struct text country)
{
    struct text meant = text_is_empty(country) ? TEXT("ZZ") : country;
    for (size_t i = 0; i < person->country_count; i++)
        if (text_equal(person->countries[i], meant))
            return true;
    return person->country_count == 0;
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

bool case_is_visible(const struct case_person *person, struct text country,
                     const struct workflow *workflow)
{
    return case_person_has_country(person, country) &&
           (workflow == NULL || case_person_takes_part(person, workflow));
}
