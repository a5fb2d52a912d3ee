/* The people table as it is held: people_read.c makes it, people.c looks people up in it. */
#ifndef SANKOFA_API_PEOPLE_TABLE_H
#define SANKOFA_API_PEOPLE_TABLE_H

#include "api/people/people.h"

enum { PEOPLE_USER_NOBODY = 65534 };

/* A role, and where it is held; country empty: everywhere. */
struct people_grant {
    struct text role, country;
};

struct people_account {
    struct text id, person;
    bool is_group;            /* for its members; else a person */
    bool has_user, has_group; /* and this machine has it */
    uid_t uid;
    gid_t gid;
    const struct people_grant *grants;
    size_t grant_count;
};

struct people {
    const struct people_account *accounts;
    size_t count;
};

/* Whether it can be an ID or a person: these stand in entries, answers and lines of the log. */
bool people_is_name(struct text text);

#endif
