/* Opening the store: by what the daemon has itself when it starts, or by what somebody sends to a
 * sealed one. */
#ifndef SANKOFA_DAEMON_UNLOCK_H
#define SANKOFA_DAEMON_UNLOCK_H

#include <stdbool.h>
#include <uv.h>

#include "base/problem.h"
#include "daemon/config.h"
#include "store/store.h"

/* Tries the key file and the credential that the configuration names. 0; -ENOKEY: none of them is
 * there or opens it, and the configuration says to wait, or names none: the daemon serves sealed;
 * other -errno, explained in `diags`. */
int unlock_at_start(const struct config *config, struct diag_list *diags, struct store **store_out);

/* Tries of people, one at a time. Each that opens nothing makes the next one wait longer. Begins as
 * zeros; loop's thread. */
struct unlock {
    const struct config *config;
    uv_loop_t *loop;
    bool is_trying;
    unsigned failure_count;
    uint64_t not_before_ms; /* steady */
};

struct unlock_outcome {
    struct store *store;           /* it is open; or NULL */
    const struct problem *problem; /* why not; borrowed for the call */
};
/* False, with a problem: somebody else is trying, or the last try was wrong not long ago. */
bool unlock_may_try(const struct unlock *unlock, struct arena *arena, struct problem *problem_out);
/* Opens the store on a thread of the pool; `opener` is borrowed until `ended`, which is called once
 * on the loop's thread. */
void unlock_try(struct unlock *unlock, const struct vault_opener *opener,
                void (*ended)(void *self, const struct unlock_outcome *outcome), void *self);

#endif
