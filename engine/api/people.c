/* Two arrays: accounts of users, and what groups add. Users and groups are numbers here; names are
 * resolved once, when the configuration is read. */
#include "api/people.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/arena.h"

enum { USER_NOBODY = 65534, ROLES_MAX = 100 };

struct texts {
    const struct text *items;
    size_t count;
};

struct account {
    struct text id, person;
    bool has_user, has_group;
    uid_t uid;
    gid_t gid;
    struct texts roles, countries;
};

struct people {
    const struct account *accounts;
    size_t count;
};

/* ---- Reading the table. ---- */

struct reader {
    struct diag_list *diags;
    bool is_demo;
    struct account *account;
};

static struct diag *fault(struct reader *reader, const char *code, struct place place,
                          const char *message)
{
    return diag_add(reader->diags, DIAG_ERROR, code, place, "%s", message);
}

static bool is_scalar(struct reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR && !text_is_empty(node->text))
        return true;
    fault(reader, "E821", node->place, "A single value is expected here.");
    return false;
}

static void read_user(struct reader *reader, const struct yaml_node *node)
{
    int64_t number;

    if (!is_scalar(reader, node))
        return;
    const struct passwd *user = getpwnam(text_copy(reader->diags->arena, node->text).bytes);
    if (user || (text_to_int(node->text, &number) && number >= 0 && number < UINT32_MAX)) {
        reader->account->has_user = true;
        reader->account->uid = user ? user->pw_uid : (uid_t)number;
        return;
    }
    struct diag *diag = diag_add(reader->diags, DIAG_WARNING, "E822", node->place,
                                 "This machine has no user \"%.*s\"; nobody can be this person.",
                                 TEXT_ARG(node->text));
    diag_help(reader->diags, diag, "`getent passwd` lists the users");
}

static void read_group(struct reader *reader, const struct yaml_node *node)
{
    int64_t number;

    if (!is_scalar(reader, node))
        return;
    const struct group *group = getgrnam(text_copy(reader->diags->arena, node->text).bytes);
    if (group || (text_to_int(node->text, &number) && number >= 0 && number < UINT32_MAX)) {
        reader->account->has_group = true;
        reader->account->gid = group ? group->gr_gid : (gid_t)number;
        return;
    }
    struct diag *diag =
        diag_add(reader->diags, DIAG_WARNING, "E822", node->place,
                 "This machine has no group \"%.*s\"; nobody is in it.", TEXT_ARG(node->text));
    diag_help(reader->diags, diag, "`getent group` lists the groups");
}

static void read_person(struct reader *reader, const struct yaml_node *node)
{
    if (is_scalar(reader, node))
        reader->account->person = node->text;
}

static void read_texts(struct reader *reader, const struct yaml_node *node, struct texts *texts_out)
{
    if (node->kind != YAML_LIST || node->count > ROLES_MAX) {
        diag_help(reader->diags, fault(reader, "E821", node->place, "A list is expected here."),
                  "write it in brackets, as in [caseworker, supervisor]");
        return;
    }
    struct text *items = ARENA_ARRAY(reader->diags->arena, struct text, node->count);
    for (size_t i = 0; i < node->count; i++)
        if (is_scalar(reader, node->entries[i].value))
            items[i] = node->entries[i].value->text;
    *texts_out = (struct texts){items, node->count};
}

static void read_roles(struct reader *reader, const struct yaml_node *node)
{
    read_texts(reader, node, &reader->account->roles);
}

static void read_countries(struct reader *reader, const struct yaml_node *node)
{
    const struct texts *countries = &reader->account->countries;

    read_texts(reader, node, &reader->account->countries);
    for (size_t i = 0; i < countries->count; i++)
        if (countries->items[i].size != 2)
            diag_help(reader->diags, fault(reader, "E821", node->place, "This is no country code."),
                      "write two capitals, as in [SN, GW]");
}

static const struct {
    const char *name;
    void (*read)(struct reader *reader, const struct yaml_node *node);
} keys[] = {
    {"user", read_user},   {"group", read_group},         {"person", read_person},
    {"roles", read_roles}, {"countries", read_countries},
};

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

static void read_key(struct reader *reader, const struct yaml_entry *entry)
{
    struct text names[KEY_COUNT];

    for (size_t i = 0; i < KEY_COUNT; i++) {
        names[i] = text_from(keys[i].name);
        if (text_equal(entry->key, names[i])) {
            keys[i].read(reader, entry->value);
            return;
        }
    }
    struct diag *diag = diag_add(reader->diags, DIAG_ERROR, "E820", entry->key_place,
                                 "unknown key \"%.*s\"", TEXT_ARG(entry->key));
    struct text nearest = text_nearest(entry->key, names, KEY_COUNT);
    if (!text_is_empty(nearest))
        diag_help(reader->diags, diag, "did you mean \"%.*s\"?", TEXT_ARG(nearest));
}

static void check_account(struct reader *reader, const struct yaml_entry *entry)
{
    const struct yaml_node *node = entry->value;
    bool names_user = yaml_get(node, "user"), names_group = yaml_get(node, "group");

    if (names_user && names_group)
        diag_help(
            reader->diags,
            fault(reader, "E823", entry->key_place, "\"user\" and \"group\" exclude each other."),
            "make two entries of it");
    if (names_group && yaml_get(node, "person"))
        diag_help(reader->diags,
                  fault(reader, "E823", entry->key_place,
                        "An entry with \"group\" stands for many people: it has no \"person\"."),
                  "leave \"person\" out, or name a \"user\"");
    if (!names_user && !names_group && !reader->is_demo)
        diag_help(reader->diags,
                  fault(reader, "E824", entry->key_place, "Nobody can be this person."),
                  "name a \"user\" or a \"group\"; only a demo store goes without");
}

static void read_account(struct reader *reader, const struct yaml_entry *entry,
                         struct account *account)
{
    account->id = account->person = entry->key;
    reader->account = account;
    if (entry->value->kind != YAML_MAP) {
        fault(reader, "E821", entry->value->place,
              "A map of user, person, roles, countries is "
              "expected here.");
        return;
    }
    for (size_t i = 0; i < entry->value->count; i++)
        read_key(reader, &entry->value->entries[i]);
    check_account(reader, entry);
}

const struct people *people_read(const struct yaml_node *node, bool is_demo,
                                 struct diag_list *diags)
{
    struct reader reader = {.diags = diags, .is_demo = is_demo};
    struct people *people = ARENA_NEW(diags->arena, struct people);
    size_t errors = diags->error_count;

    if (node->kind != YAML_MAP) {
        fault(&reader, "E821", node->place, "A map of people by ID is expected here.");
        return NULL;
    }
    struct account *accounts = ARENA_ARRAY(diags->arena, struct account, node->count);
    for (size_t i = 0; i < node->count; i++)
        read_account(&reader, &node->entries[i], &accounts[i]);
    people->accounts = accounts;
    people->count = node->count;
    return diags->error_count == errors ? people : NULL;
}

/* ---- Finding. ---- */

static bool is_member(gid_t gid, const gid_t *gids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gids[i] == gid)
            return true;
    return false;
}

/* Roles and countries of several entries together; an entry without countries is for every one. */
struct sum {
    struct text *roles, *countries;
    size_t role_count, country_count;
    bool is_everywhere;
};

static void add(struct sum *sum, const struct account *account)
{
    for (size_t i = 0; i < account->roles.count; i++)
        sum->roles[sum->role_count++] = account->roles.items[i];
    for (size_t i = 0; i < account->countries.count; i++)
        sum->countries[sum->country_count++] = account->countries.items[i];
    sum->is_everywhere = sum->is_everywhere || account->countries.count == 0;
}

static struct sum sum_create(const struct people *people, struct arena *arena)
{
    size_t roles = 0, countries = 0;

    for (size_t i = 0; i < people->count; i++) {
        roles += people->accounts[i].roles.count;
        countries += people->accounts[i].countries.count;
    }
    return (struct sum){.roles = ARENA_ARRAY(arena, struct text, roles),
                        .countries = ARENA_ARRAY(arena, struct text, countries)};
}

static void fill(const struct sum *sum, struct text id, struct text person,
                 struct case_person *person_out)
{
    *person_out = (struct case_person){
        .id = id,
        .person = person,
        .roles = sum->roles,
        .role_count = sum->role_count,
        .countries = sum->countries,
        .country_count = sum->is_everywhere ? 0 : sum->country_count,
    };
}

bool people_find(const struct people *people, uid_t uid, const gid_t *gids, size_t gid_count,
                 struct arena *arena, struct case_person *person_out)
{
    const struct account *own = NULL;
    bool is_in_group = false;

    if (uid == USER_NOBODY)
        return false;
    struct sum sum = sum_create(people, arena);
    for (size_t i = 0; i < people->count; i++) {
        const struct account *account = &people->accounts[i];
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
    if (!own && !user)
        return false; /* nobody knows what to call it */
    struct text name = own ? own->id : text_copy(arena, text_from(user->pw_name));
    fill(&sum, name, own ? own->person : name, person_out);
    return true;
}

bool people_named(const struct people *people, struct text id, struct arena *arena,
                  struct case_person *person_out)
{
    for (size_t i = 0; i < people->count; i++) {
        const struct account *account = &people->accounts[i];
        if (account->has_group || !text_equal(account->id, id))
            continue;
        struct sum sum = sum_create(people, arena);
        add(&sum, account);
        fill(&sum, account->id, account->person, person_out);
        return true;
    }
    return false;
}

struct text people_nearest(const struct people *people, struct text id, struct arena *arena)
{
    struct text *ids = ARENA_ARRAY(arena, struct text, people->count);

    for (size_t i = 0; i < people->count; i++)
        ids[i] = people->accounts[i].id;
    return text_nearest(id, ids, people->count);
}
