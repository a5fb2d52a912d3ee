/* Finds people: accounts by user, and what their groups add. */
#include "api/people/people.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "api/people/table.h"
#include "base/arena.h"

enum { ID_BYTES_MAX = 64, GROUPS_FIRST = 64 };

bool people_is_name(struct text text)
{
    static const char others[] = "._@+-";

    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       (c != '\0' && strchr(others, c));
        if (!is_fine)
            return false;
    }
    return text.size > 0 && text.size <= ID_BYTES_MAX;
}

static bool is_member(gid_t gid, const gid_t *gids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gids[i] == gid)
            return true;
    return false;
}

/* The grants of several entries together, side by side: what one gives in a country says nothing of
 * the roles that another gives. */
struct sum {
    struct text *roles, *countries;
    size_t count;
};

static void add(struct sum *sum, const struct people_account *account)
{
    for (size_t i = 0; i < account->grant_count; i++) {
        sum->roles[sum->count] = account->grants[i].role;
        sum->countries[sum->count++] = account->grants[i].country;
    }
}

static struct sum sum_create(const struct people *people, struct arena *arena)
{
    size_t count = 0;

    for (size_t i = 0; i < people->count; i++)
        count += people->accounts[i].grant_count;
    return (struct sum){.roles = ARENA_ARRAY(arena, struct text, count),
                        .countries = ARENA_ARRAY(arena, struct text, count)};
}

static void fill(const struct sum *sum, struct text id, struct text person,
                 struct case_person *person_out)
{
    *person_out = (struct case_person){
        .id = id,
        .person = person,
        .roles = sum->roles,
        .countries = sum->countries,
        .role_count = sum->count,
    };
}

bool people_find(const struct people *people, uid_t uid, const gid_t *gids, size_t gid_count,
                 struct arena *arena, struct case_person *person_out)
{
    const struct people_account *own = NULL;
    bool is_in_group = false;

    if (uid == PEOPLE_USER_NOBODY)
        return false;
    struct sum sum = sum_create(people, arena);
    for (size_t i = 0; i < people->count; i++) {
        const struct people_account *account = &people->accounts[i];
        bool is_own = account->has_user && account->uid == uid && !own;
        bool is_group = account->has_group && is_member(account->gid, gids, gid_count);
        own = is_own ? account : own;
        is_in_group = is_in_group || is_group;
        if (is_own || is_group)
            add(&sum, account);
    }
    if (!own && !is_in_group)
        return false;
    const struct passwd *user = own ? NULL : getpwuid(uid);
    if (!own && (!user || !people_is_name(text_from(user->pw_name))))
        return false; /* nobody knows what to call it */
    struct text name = own ? own->id : text_copy(arena, text_from(user->pw_name));
    fill(&sum, name, own ? own->person : name, person_out);
    return true;
}

bool people_named(const struct people *people, struct text id, struct arena *arena,
                  struct case_person *person_out)
{
    for (size_t i = 0; i < people->count; i++) {
        const struct people_account *account = &people->accounts[i];
        if (account->is_group || !text_equal(account->id, id))
            continue;
        struct sum sum = sum_create(people, arena);
        add(&sum, account);
        fill(&sum, account->id, account->person, person_out);
        return true;
    }
    return false;
}

static const gid_t *groups_of(const struct passwd *user, struct arena *arena, int *count_out)
{
    int count = GROUPS_FIRST;
    gid_t *gids = ARENA_ARRAY(arena, gid_t, (size_t)count);

    while (getgrouplist(user->pw_name, user->pw_gid, gids, &count) < 0)
        gids = ARENA_ARRAY(arena, gid_t, (size_t)count);
    *count_out = count;
    return gids;
}

static const struct people_account *account_named(const struct people *people, struct text id)
{
    for (size_t i = 0; i < people->count; i++)
        if (!people->accounts[i].is_group && text_equal(people->accounts[i].id, id))
            return &people->accounts[i];
    return NULL;
}

bool people_account(const struct people *people, struct text id, struct arena *arena,
                    struct case_person *person_out)
{
    const struct people_account *account = account_named(people, id);
    bool is_named = people_named(people, id, arena, person_out);

    if (account && !account->has_user)
        return is_named;
    const struct passwd *user =
        account ? getpwuid(account->uid) : getpwnam(text_copy(arena, id).bytes);
    if (!user)
        return is_named;
    int count;
    uid_t uid = user->pw_uid;
    const gid_t *gids = groups_of(user, arena, &count);
    return people_find(people, uid, gids, (size_t)count, arena, person_out) &&
           text_equal(person_out->id, id);
}

struct text people_nearest(const struct people *people, struct text id, struct arena *arena)
{
    struct text *ids = ARENA_ARRAY(arena, struct text, people->count);
    size_t count = 0;

    for (size_t i = 0; i < people->count; i++)
        if (!people->accounts[i].is_group)
            ids[count++] = people->accounts[i].id;
    return text_nearest(id, ids, count);
}

/* ---- How many there are. ---- */

static bool holds(const struct people_account *account, const struct text *roles, size_t role_count,
                  struct text country)
{
    struct text meant = text_is_empty(country) ? TEXT("ZZ") : country;

    for (size_t i = 0; i < account->grant_count; i++) {
        const struct people_grant *grant = &account->grants[i];
        if (!text_is_empty(grant->country) && !text_equal(grant->country, meant))
            continue;
        for (size_t k = 0; k < role_count; k++)
            if (text_equal(grant->role, roles[k]))
                return true;
    }
    return false;
}

size_t people_holding(const struct people *people, const struct text *roles, size_t role_count,
                      struct text country)
{
    size_t count = 0;

    for (size_t i = 0; i < people->count; i++) {
        const struct people_account *account = &people->accounts[i];
        bool is_counted = false;
        if (!holds(account, roles, role_count, country))
            continue;
        if (account->is_group)
            return SIZE_MAX;
        for (size_t k = 0; k < i && !is_counted; k++)
            is_counted = !people->accounts[k].is_group &&
                         text_equal(people->accounts[k].person, account->person) &&
                         holds(&people->accounts[k], roles, role_count, country);
        count += !is_counted;
    }
    return count;
}
