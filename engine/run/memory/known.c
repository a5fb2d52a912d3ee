/* Accounts by id, those that are not there included. */
#include "run/memory/known.h"

#include "base/arena.h"
#include "case/view.h"

struct account {
    struct text id;
    bool is_there;
    struct case_person person;
};

static struct text key_of(const void *item)
{
    return ((const struct account *)item)->id;
}

void known_init(struct known *known, const struct run_people *people)
{
    *known = (struct known){.people = people, .arena = arena_create("known")};
    table_init(&known->by_id, key_of);
}

void known_finish(struct known *known)
{
    table_finish(&known->by_id);
    arena_destroy(known->arena);
    *known = (struct known){0};
}

static struct account *account_of(struct known *known, struct text id)
{
    struct account *account = table_find(&known->by_id, id);

    if (account)
        return account;
    account = ARENA_NEW(known->arena, struct account);
    account->id = text_copy(known->arena, id);
    account->is_there =
        known->people->find(known->people->self, account->id, known->arena, &account->person);
    table_add(&known->by_id, account);
    return account;
}

const struct case_person *known_find(struct known *known, struct text id)
{
    const struct account *account = account_of(known, id);

    return account->is_there ? &account->person : NULL;
}

bool known_holds(struct known *known, struct text id, struct text role, struct text country)
{
    const struct case_person *person = known_find(known, id);

    return person && case_person_holds_in(person, role, country);
}

bool known_takes_part(struct known *known, struct text id, struct text country,
                      const struct workflow *workflow)
{
    const struct case_person *person = known_find(known, id);

    return person && case_is_visible(person, country, workflow);
}
