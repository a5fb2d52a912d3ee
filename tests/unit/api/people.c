/* The people table: every fault of it, and who is found in it. */
#include "fixture.h"
#include "tongues.h"

#include <grp.h>
#include <pwd.h>

static const struct people *read_good(const char *yaml, enum people_store store)
{
    const struct people *people = people_of(yaml, store);

    if (!people || diags.count > 0)
        fail_msg("%s", diag_write_caret(arena, &diags.items[0], text_from(yaml)).bytes);
    return people;
}

/* One fault of that code at that line and column, and no people. */
static void assert_fault(const char *yaml, const char *code, unsigned line, unsigned column,
                         const char *help)
{
    diag_list_init(&diags, arena);
    assert_null(people_of(yaml, PEOPLE_OF_STORE));
    tongues_check(arena, &diags);
    const struct diag *diag = &diags.items[0];
    if (diags.count != 1 || strcmp(diag->code, code) != 0 || diag->place.line != line ||
        diag->place.column != column || !strstr(text_copy(arena, diag->help).bytes, help))
        fail_msg("%zu faults of %s; the first: %s", diags.count, yaml,
                 diag_write_caret(arena, diag, text_from(yaml)).bytes);
}

static void every_fault_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *code;
        unsigned line, column;
        const char *help;
    } cases[] = {
        {"[awa]", "E821", 1, 1, ""},
        {"awa: caseworker", "E821", 1, 6, ""},
        {"awa: {user: 1, rolls: [a]}", "E820", 1, 16, "did you mean \"roles\"?"},
        {"awa: {user: 1, zzz: 1}", "E820", 1, 16, ""},
        {"awa: {user: [1]}", "E821", 1, 13, ""},
        {"awa: {group: {a: 1}}", "E821", 1, 14, ""},
        {"awa: {user: 1, person: [a]}", "E821", 1, 24, ""},
        {"awa: {user: 1, person: \"a b\"}", "E821", 1, 24, ""},
        {"awa: {user: 1, roles: caseworker}", "E821", 1, 23, "[caseworker, supervisor]"},
        {"awa: {user: 1, roles: [[a]]}", "E821", 1, 24, ""},
        {"awa: {user: 1, roles: [Case Worker]}", "E821", 1, 24, "[caseworker, supervisor]"},
        {"awa: {user: 1, grants: [SN]}", "E821", 1, 24, "SN: [caseworker]"},
        {"awa: {user: 1, grants: {sn: [a]}}", "E821", 1, 25, "two capitals"},
        {"awa: {user: 1, grants: {SN: a}}", "E821", 1, 29, "in brackets"},
        {"awa: {user: 1, grants: {SN: [A B]}}", "E821", 1, 30, "[caseworker"},
        {"awa: {user: 1, grants: {SN: [a]}, roles: [b]}", "E823", 1, 1, "under its country"},
        {"awa: {user: 1, countries: SN}", "E821", 1, 27, "[SN, GW]"},
        {"awa: {user: 1, countries: [sn]}", "E821", 1, 28, "[SN, GW]"},
        {"awa: {user: 1, countries: [SEN]}", "E821", 1, 28, "[SN, GW]"},
        {"awa: {user: 1, countries: [\"\"]}", "E821", 1, 28, ""},
        {"a b: {user: 1}", "E821", 1, 1, ""},
        {"\"\": {user: 1}", "E821", 1, 1, ""},
        {"\xc3\xa9: {user: 1}", "E821", 1, 1, ""},
        {"awa: {user: 1, group: 2}", "E823", 1, 1, "two entries"},
        {"awa: {group: 2, person: x}", "E823", 1, 1, "leave \"person\" out"},
        {"awa: {roles: [a]}", "E824", 1, 1, "demo"},
        {"awa: {user: 1}\nbea: {user: 1}", "E825", 2, 13, ""},
        {"awa: {user: 65534}", "E826", 1, 13, "namespaces"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fault(cases[i].yaml, cases[i].code, cases[i].line, cases[i].column, cases[i].help);
}

static void an_id_has_at_most_64_bytes(void **state)
{
    (void)state;
    char yaml[100];

    memset(yaml, 'a', 65);
    strcpy(yaml + 64, ": {user: 1}");
    read_good(yaml, PEOPLE_OF_STORE);
    memset(yaml, 'a', 65);
    strcpy(yaml + 65, ": {user: 1}");
    assert_fault(yaml, "E821", 1, 1, "");
}

static void faults_are_told_all_at_once(void **state)
{
    (void)state;
    assert_null(people_of("a: {user: 1, rolls: 1}\nb: {}\nc: 1\n", PEOPLE_OF_STORE));
    assert_int_equal(diags.error_count, 3);
}

static void users_and_groups_that_are_not_here_are_warnings(void **state)
{
    (void)state;
    struct case_person person;
    const struct people *people = people_of(
        "a: {user: there-is-no-such-user}\nb: {group: there-is-no-such-group}\nc: {user: -1}\n"
        "d: {user: 4294967295}\n",
        PEOPLE_OF_STORE);

    assert_non_null(people);
    assert_int_equal(diags.error_count, 0);
    assert_int_equal(diags.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(diags.items[i].code, "E822");
        assert_int_equal(diags.items[i].severity, DIAG_WARNING);
    }
    /* Nobody is them: not root, and not the user -1. */
    assert_false(people_find(people, 0, NULL, 0, arena, &person));
    assert_false(people_find(people, (uid_t)-1, NULL, 0, arena, &person));
}

static void a_person_of_nobody_is_for_demo_stores(void **state)
{
    (void)state;
    read_good("awa: {roles: [a]}", PEOPLE_OF_DEMO);
    assert_non_null(people_of("awa: {roles: [a]}", PEOPLE_OF_EITHER));
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.items[0].code, "E824");
    assert_int_equal(diags.items[0].severity, DIAG_WARNING);
}

static void nobody_at_all_is_a_table_too(void **state)
{
    (void)state;
    struct case_person person;
    const struct people *people = read_good("{}", PEOPLE_OF_STORE);

    assert_false(people_find(people, 0, NULL, 0, arena, &person));
    assert_true(text_is_empty(people_nearest(people, TEXT("awa"), arena)));
}

/* Grants: "caseworker@SN auditor", the latter held everywhere. */
static void assert_person(const struct case_person *person, const char *id, const char *human,
                          const char *grants)
{
    struct text_buffer buffer;

    assert_true(text_is(person->id, id));
    assert_true(text_is(person->person, human));
    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT(""));
    for (size_t i = 0; i < person->role_count; i++)
        text_append_printf(&buffer, "%s%.*s%s%.*s", i > 0 ? " " : "", TEXT_ARG(person->roles[i]),
                           person->countries[i].size > 0 ? "@" : "",
                           TEXT_ARG(person->countries[i]));
    assert_string_equal(buffer.bytes, grants);
}

static void an_account_is_found_by_its_user(void **state)
{
    (void)state;
    struct case_person person;
    const struct people *people =
        read_good("awa: {user: 70001, person: awa-diop, roles: [caseworker], countries: [SN, GW]}\n"
                  "awa.boss: {user: 70002, person: awa-diop, roles: [supervisor]}\n"
                  "me: {user: root}\n",
                  PEOPLE_OF_STORE);

    assert_true(people_find(people, 70001, NULL, 0, arena, &person));
    assert_person(&person, "awa", "awa-diop", "caseworker@SN caseworker@GW");
    assert_true(people_find(people, 70002, NULL, 0, arena, &person));
    assert_person(&person, "awa.boss", "awa-diop", "supervisor");
    assert_true(people_find(people, 0, NULL, 0, arena, &person));
    assert_person(&person, "me", "me", "");
    assert_false(people_find(people, 70003, NULL, 0, arena, &person));
    assert_false(people_find(people, 65534, NULL, 0, arena, &person));
}

static void people_who_hold_a_role_are_counted_once_each(void **state)
{
    const struct text judge = TEXT("judge"), both[] = {TEXT("judge"), TEXT("chief")};
    const struct people *people = read_good("awa: {roles: [judge], countries: [SN]}\n"
                                            "awa_too: {roles: [judge, chief], person: awa}\n"
                                            "binta: {roles: [chief], countries: [SN]}\n"
                                            "codou: {roles: [judge], countries: [GW]}\n",
                                            PEOPLE_OF_DEMO);

    (void)state;
    assert_int_equal(people_holding(people, &judge, 1, TEXT("SN")), 1);
    assert_int_equal(people_holding(people, both, 2, TEXT("SN")), 2);
    assert_int_equal(people_holding(people, &judge, 1, TEXT("GW")), 2);
    assert_int_equal(people_holding(people, &judge, 1, TEXT_NONE), 1);
    people = read_good("awa: {roles: [judge]}\nall: {group: 0, roles: [judge]}\n", PEOPLE_OF_DEMO);
    assert_true(people_holding(people, &judge, 1, TEXT("SN")) == SIZE_MAX);
}

static void a_group_gives_its_members_roles(void **state)
{
    (void)state;
    struct case_person person;
    gid_t gids[] = {5, 70100, 9};
    const struct people *people =
        read_good("judges: {group: 70100, roles: [judge], countries: [SN]}\n"
                  "travel: {group: 70200, roles: [travel_officer], countries: [GW]}\n"
                  "awa: {user: 70001, roles: [caseworker], countries: [GW]}\n",
                  PEOPLE_OF_STORE);

    /* Without an account of their own they are the login name; root has one on every machine. */
    assert_true(people_find(people, 0, gids, 3, arena, &person));
    assert_person(&person, "root", "root", "judge@SN");
    /* With one, grants add up, each in its own country. */
    assert_true(people_find(people, 70001, gids, 3, arena, &person));
    assert_person(&person, "awa", "awa", "judge@SN caseworker@GW");
    assert_false(people_find(people, 0, gids, 1, arena, &person));
    /* A user whom this machine has no name for is nobody, whatever its groups. */
    assert_null(getpwuid(70009));
    assert_false(people_find(people, 70009, gids, 3, arena, &person));
    assert_false(people_find(people, 65534, gids, 3, arena, &person));
}

static void an_entry_without_countries_lifts_nobodys_bounds(void **state)
{
    (void)state;
    struct case_person person;
    gid_t gid = 70100;
    const struct people *people = read_good("auditors: {group: 70100, roles: [auditor]}\n"
                                            "awa: {user: 70001, roles: [a], countries: [SN]}\n",
                                            PEOPLE_OF_STORE);

    assert_true(people_find(people, 70001, &gid, 1, arena, &person));
    assert_person(&person, "awa", "awa", "auditor a@SN");
    assert_true(people_find(people, 0, &gid, 1, arena, &person));
    assert_person(&person, "root", "root", "auditor");
}

static void grants_name_roles_by_country(void **state)
{
    (void)state;
    struct case_person person;
    const struct people *people = read_good(
        "awa: {user: 70001, grants: {SN: [clerk, chief], GW: [clerk]}}\n", PEOPLE_OF_STORE);

    assert_true(people_find(people, 70001, NULL, 0, arena, &person));
    assert_person(&person, "awa", "awa", "clerk@SN chief@SN clerk@GW");
}

static void groups_are_found_by_name(void **state)
{
    (void)state;
    struct case_person person;
    gid_t gid = getgrnam("root")->gr_gid;
    const struct people *people = read_good("wheel: {group: root, roles: [a]}", PEOPLE_OF_STORE);

    assert_true(people_find(people, 0, &gid, 1, arena, &person));
    assert_person(&person, "root", "root", "a");
}

static void people_are_named_but_groups_are_not(void **state)
{
    (void)state;
    struct case_person person;
    const struct people *people =
        people_of("awa: {roles: [a]}\njudges: {group: 70100, roles: [judge]}\n"
                  "gone: {group: there-is-no-such-group, roles: [b]}\n",
                  PEOPLE_OF_DEMO);

    assert_true(people_named(people, TEXT("awa"), arena, &person));
    assert_person(&person, "awa", "awa", "a");
    assert_false(people_named(people, TEXT("judges"), arena, &person));
    assert_false(people_named(people, TEXT("gone"), arena, &person));
    assert_false(people_named(people, TEXT("Awa"), arena, &person));
    assert_true(text_is(people_nearest(people, TEXT("awo"), arena), "awa"));
    assert_true(text_is_empty(people_nearest(people, TEXT("judge"), arena)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(every_fault_is_told_with_its_place),
        WITH_ARENA(an_id_has_at_most_64_bytes),
        WITH_ARENA(faults_are_told_all_at_once),
        WITH_ARENA(users_and_groups_that_are_not_here_are_warnings),
        WITH_ARENA(a_person_of_nobody_is_for_demo_stores),
        WITH_ARENA(nobody_at_all_is_a_table_too),
        WITH_ARENA(an_account_is_found_by_its_user),
        WITH_ARENA(a_group_gives_its_members_roles),
        WITH_ARENA(people_who_hold_a_role_are_counted_once_each),
        WITH_ARENA(an_entry_without_countries_lifts_nobodys_bounds),
        WITH_ARENA(grants_name_roles_by_country),
        WITH_ARENA(groups_are_found_by_name),
        WITH_ARENA(people_are_named_but_groups_are_not),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
