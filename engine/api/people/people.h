/* Who is at the other end of the socket: the peer's user and groups, as the kernel tells them,
 * looked up in the people table of the configuration. */
#ifndef SANKOFA_API_PEOPLE_H
#define SANKOFA_API_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/diag.h"
#include "case/case.h"
#include "yaml/yaml.h"

struct arena;
struct people;

/* What is known of the store that the people are for. */
enum people_store { PEOPLE_OF_STORE, PEOPLE_OF_DEMO, PEOPLE_OF_EITHER };

/* Reads `people: {ID: {user or group, person, roles, countries or grants}}`. An entry with `user`
 * is an account; `person` (left out: the ID) is the human being. An entry with `group` gives its
 * members roles and countries; without an account of their own they are the login name. In a demo
 * store `user` may be left out (a warning where the store is not known). Users and groups that this
 * machine does not have are warnings. Lives in diags->arena; NULL with errors added. */
const struct people *people_read(const struct yaml_node *node, enum people_store store,
                                 struct diag_list *diags);

/* The person behind a uid and its groups: false if neither is in the table, or the uid is 65534 (a
 * user of another namespace). The grants of all entries that fit add up, each a role in a
 * country. Lives in `arena`. */
bool people_find(const struct people *people, uid_t uid, const gid_t *gids, size_t gid_count,
                 struct arena *arena, struct case_person *person_out);
/* By ID: demo stores alone. */
bool people_named(const struct people *people, struct text id, struct arena *arena,
                  struct case_person *person_out);
/* An account by its ID, with what the groups of its user add; or a user without one whom a group
 * makes a person. Asks the machine's user database. */
bool people_account(const struct people *people, struct text id, struct arena *arena,
                    struct case_person *person_out);
/* How many people hold one of the roles in that country (empty: in none); SIZE_MAX where a group
 * does, whose members are not counted. */
size_t people_holding(const struct people *people, const struct text *roles, size_t role_count,
                      struct text country);
/* The ID nearest to one that is not there. */
struct text people_nearest(const struct people *people, struct text id, struct arena *arena);

#endif
