/* Reads the people table of the configuration: one function for each key. Users and groups are
 * numbers from here on. */
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "api/people/table.h"
#include "base/arena.h"

enum { TEXTS_MAX = 100 };

#define NAME_RULE N_("This is no ID: 1 to 64 of A-Z a-z 0-9 . _ @ + - are.")

struct texts {
    const struct text *items;
    size_t count;
};

struct reader {
    struct diag_list *diags;
    enum people_store store;
    struct people_account *accounts; /* those before `account` are read */
    struct people_account *account;
    struct texts roles, countries; /* of the account */
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

static void take_user(struct reader *reader, const struct yaml_node *node, uid_t uid)
{
    if (uid == PEOPLE_USER_NOBODY) {
        diag_help(
            reader->diags,
            fault(reader, "E826", node->place, "The user 65534 cannot be told from strangers."),
            "users of other namespaces all look like it; name a user of their own");
        return;
    }
    for (const struct people_account *other = reader->accounts; other < reader->account; other++)
        if (other->has_user && other->uid == uid)
            diag_add(reader->diags, DIAG_ERROR, "E825", node->place,
                     "This is the user of \"%.*s\" already.", TEXT_ARG(other->id));
    reader->account->has_user = true;
    reader->account->uid = uid;
}

static void read_user(struct reader *reader, const struct yaml_node *node)
{
    int64_t number;

    if (!is_scalar(reader, node))
        return;
    const struct passwd *user = getpwnam(text_copy(reader->diags->arena, node->text).bytes);
    if (user || (text_to_int(node->text, &number) && number >= 0 && number < UINT32_MAX)) {
        take_user(reader, node, user ? user->pw_uid : (uid_t)number);
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

    reader->account->is_group = true;
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
    if (!is_scalar(reader, node))
        return;
    if (people_is_name(node->text))
        reader->account->person = node->text;
    else
        fault(reader, "E821", node->place, NAME_RULE);
}

static void read_texts(struct reader *reader, const struct yaml_node *node,
                       bool (*fits)(struct text text), const char *message, const char *help,
                       struct texts *texts_out)
{
    if (node->kind != YAML_LIST || node->count > TEXTS_MAX) {
        diag_help(reader->diags,
                  fault(reader, "E821", node->place, "A list of at most 100 is expected here."),
                  "write it in brackets, as in %s", help);
        return;
    }
    struct text *items = ARENA_ARRAY(reader->diags->arena, struct text, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->entries[i].value;
        if (!is_scalar(reader, item))
            continue;
        items[i] = item->text;
        if (!fits(item->text))
            diag_help(reader->diags, fault(reader, "E821", item->place, message), "write %s", help);
    }
    *texts_out = (struct texts){items, node->count};
}

static void read_roles(struct reader *reader, const struct yaml_node *node)
{
    read_texts(reader, node, text_is_id, N_("This is no name of a role."),
               "[caseworker, supervisor]", &reader->roles);
}

static void read_countries(struct reader *reader, const struct yaml_node *node)
{
    read_texts(reader, node, text_is_country, "This is no country code.", "[SN, GW]",
               &reader->countries);
}

/* `grants: {SN: [cw_host], GW: [cw_origin]}` */
static void read_grants(struct reader *reader, const struct yaml_node *node)
{
    struct arena *arena = reader->diags->arena;
    struct people_account *account = reader->account;
    struct texts *lists;
    size_t count = 0;

    if (node->kind != YAML_MAP || node->count > TEXTS_MAX) {
        diag_help(
            reader->diags,
            fault(reader, "E821", node->place, "A map of at most 100 countries is expected here."),
            "write, for instance, {SN: [caseworker], GW: [supervisor]}");
        return;
    }
    lists = ARENA_ARRAY(arena, struct texts, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        if (!text_is_country(entry->key))
            diag_help(reader->diags,
                      fault(reader, "E821", entry->key_place, "This is no country code."),
                      "write two capitals, as in SN");
        read_texts(reader, entry->value, text_is_id, N_("This is no name of a role."),
                   "[caseworker, supervisor]", &lists[i]);
        count += lists[i].count;
    }
    struct people_grant *grants = ARENA_ARRAY(arena, struct people_grant, count);
    account->grants = grants;
    for (size_t i = 0; i < node->count; i++)
        for (size_t k = 0; k < lists[i].count; k++)
            grants[account->grant_count++] =
                (struct people_grant){lists[i].items[k], node->entries[i].key};
}

/* Each role in each country. */
static void cross(struct reader *reader)
{
    const struct texts *roles = &reader->roles, *countries = &reader->countries;
    size_t places = countries->count > 0 ? countries->count : 1;
    struct people_grant *grants =
        ARENA_ARRAY(reader->diags->arena, struct people_grant, roles->count * places);

    reader->account->grants = grants;
    for (size_t i = 0; i < roles->count; i++)
        for (size_t k = 0; k < places; k++)
            grants[reader->account->grant_count++] = (struct people_grant){
                roles->items[i], countries->count > 0 ? countries->items[k] : TEXT_NONE};
}

static const struct {
    const char *name;
    void (*read)(struct reader *reader, const struct yaml_node *node);
} keys[] = {
    {"user", read_user},   {"group", read_group},         {"person", read_person},
    {"roles", read_roles}, {"countries", read_countries}, {"grants", read_grants},
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

    if (yaml_get(node, "grants") && (yaml_get(node, "roles") || yaml_get(node, "countries")))
        diag_help(reader->diags,
                  fault(reader, "E823", entry->key_place,
                        "\"grants\" says both: it excludes \"roles\" and \"countries\"."),
                  "name every role under its country in \"grants\"");
    else if (!yaml_get(node, "grants"))
        cross(reader);
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
    if (names_user || names_group || reader->store == PEOPLE_OF_DEMO)
        return;
    struct diag *diag =
        diag_add(reader->diags, reader->store == PEOPLE_OF_STORE ? DIAG_ERROR : DIAG_WARNING,
                 "E824", entry->key_place, "Nobody can be this person.");
    diag_help(reader->diags, diag,
              "name a \"user\" or a \"group\"; only a demo store goes without");
}

static void read_account(struct reader *reader, const struct yaml_entry *entry,
                         struct people_account *account)
{
    account->id = account->person = entry->key;
    reader->account = account;
    reader->roles = reader->countries = (struct texts){0};
    if (!people_is_name(entry->key))
        fault(reader, "E821", entry->key_place, NAME_RULE);
    if (entry->value->kind != YAML_MAP) {
        fault(reader, "E821", entry->value->place,
              "A map of user, person, roles, countries is expected here.");
        return;
    }
    for (size_t i = 0; i < entry->value->count; i++)
        read_key(reader, &entry->value->entries[i]);
    check_account(reader, entry);
}

const struct people *people_read(const struct yaml_node *node, enum people_store store,
                                 struct diag_list *diags)
{
    struct reader reader = {.diags = diags, .store = store};
    struct people *people = ARENA_NEW(diags->arena, struct people);
    size_t errors = diags->error_count;

    if (node->kind != YAML_MAP) {
        fault(&reader, "E821", node->place, "A map of people by ID is expected here.");
        return NULL;
    }
    struct people_account *accounts = ARENA_ARRAY(diags->arena, struct people_account, node->count);
    reader.accounts = accounts;
    for (size_t i = 0; i < node->count; i++)
        read_account(&reader, &node->entries[i], &accounts[i]);
    people->accounts = accounts;
    people->count = node->count;
    return diags->error_count == errors ? people : NULL;
}
