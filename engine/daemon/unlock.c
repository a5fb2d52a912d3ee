/* Opening the store.
 *
 * The happy path of a sealed daemon:
 * 1. unlock_at_start finds no key; the sockets are opened all the same.
 * 2. Somebody sends a passphrase or shares: the whole of store_open runs on a thread, since a
 *    passphrase takes a second.
 * 3. The loop gets the open store and goes on as at any start. */
#include "daemon/unlock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "daemon/init.h"
#include "system/system.h"

enum { BALLAST_BYTES = 64 << 20 };
enum { PAUSE_MS_FIRST = 1000, PAUSE_MS_MAX = 60000, PAUSE_DOUBLINGS_MAX = 6 };

static struct store_options options_of(const struct config *config)
{
    return (struct store_options){.path = config->store,
                                  .map_bytes = config->map_bytes,
                                  .ballast_bytes = BALLAST_BYTES,
                                  .walker = "/proc/self/exe",
                                  .random = system_random()};
}

/* ---- At the start. ---- */

static int open_with(const struct config *config, enum vault_opener_kind kind,
                     struct diag_list *diags, struct store **store_out)
{
    struct store_options options = options_of(config);
    int result = init_read_opener(config, kind, diags, &options.opener);

    if (result != 0)
        return result;
    result = store_open(&options, diags, store_out);
    explicit_bzero((char *)(uintptr_t)options.opener.secret.bytes, options.opener.secret.size);
    return result;
}

/* Another opener may do, or somebody who comes. */
static bool is_about_the_key(int result)
{
    return result == -ENOENT || result == -EACCES || result == -EPERM || result == -EFBIG;
}

/* The daemon goes on: what was wrong is told in the log, and is no error. */
static void forgive(struct diag_list *diags, size_t count, size_t error_count)
{
    for (size_t i = count; i < diags->count; i++)
        log_event(LOG_WARNING, "daemon.key_not_used", "code=%s why=\"%.*s\"", diags->items[i].code,
                  TEXT_ARG(diags->items[i].message));
    diags->count = count;
    diags->error_count = error_count;
}

int unlock_at_start(const struct config *config, struct diag_list *diags, struct store **store_out)
{
    const enum vault_opener_kind kinds[] = {VAULT_KEY_FILE, VAULT_CREDENTIAL};
    const char *const named[] = {config->key_file, config->key_credential};
    bool waits = config->waits_for_key || (!config->key_file && !config->key_credential);
    size_t count = diags->count, error_count = diags->error_count;
    int result = -ENOKEY;

    for (size_t i = 0; i < 2 && (result == -ENOKEY || is_about_the_key(result)); i++)
        if (named[i])
            result = open_with(config, kinds[i], diags, store_out);
    if (result != 0 && is_about_the_key(result) && waits)
        result = -ENOKEY;
    if (result == 0 || result == -ENOKEY)
        forgive(diags, count, error_count);
    if (result == -ENOKEY) {
        int probed = store_probe(config->store, diags); /* nobody waits for what is not there */
        return probed != 0 ? probed : result;
    }
    return result;
}

/* ---- Tries of people. ---- */

struct
try {
    uv_work_t work;
    struct unlock *unlock;
    const struct vault_opener *opener;
    struct arena *arena;
    struct diag_list diags;
    struct store *store;
    int result;
    void (*ended)(void *self, const struct unlock_outcome *outcome);
    void *self;
};

static uint64_t steady_ms(void)
{
    return uv_hrtime() / 1000000;
}

static void open_store(uv_work_t *work)
{
    struct try *try = work->data;
    struct store_options options = options_of(try->unlock->config);

    options.opener = *try->opener;
    try->result = store_open(&options, &try->diags, &try->store);
}

/* Whole seconds until something may be tried again. */
static int64_t pause_s(const struct unlock *unlock)
{
    uint64_t now_ms = steady_ms();

    return unlock->not_before_ms > now_ms ? (int64_t)((unlock->not_before_ms - now_ms + 999) / 1000)
                                          : 0;
}

static void slow_down(struct unlock *unlock)
{
    uint64_t pause_ms = PAUSE_MS_FIRST;

    for (unsigned i = 0; i < unlock->failure_count && i < PAUSE_DOUBLINGS_MAX; i++)
        pause_ms *= 2;
    unlock->failure_count++;
    unlock->not_before_ms = steady_ms() + (pause_ms < PAUSE_MS_MAX ? pause_ms : PAUSE_MS_MAX);
    log_event(LOG_WARNING, "daemon.unlock_refused", "failures=%u", unlock->failure_count);
}

static void add_pause(struct problem *problem, struct arena *arena, int64_t seconds)
{
    problem->extra = value_map(arena);
    value_put(&problem->extra, "retry_after", value_int(seconds));
}

/* What store_open said, for whoever tried. */
static void explain(const struct try *try, struct problem *problem_out)
{
    const struct diag *diag = &try->diags.items[try->diags.count - 1];

    CHECK(try->diags.count > 0);
    if (try->result == -EACCES) {
        problem_set(problem_out, try->arena, PROBLEM_WRONG_KEY,
                    "This opens nothing: %.*s. The next try may come in %lld s.",
                    TEXT_ARG(diag->message), (long long)pause_s(try->unlock));
        add_pause(problem_out, try->arena, pause_s(try->unlock));
    } else {
        problem_set(problem_out, try->arena, PROBLEM_INTERNAL, "The store cannot be opened: %.*s.",
                    TEXT_ARG(diag->message));
        log_event(LOG_ERROR, "daemon.unlock_failed", "code=%s", diag->code);
    }
    problem_hint(problem_out, try->arena, "%.*s", TEXT_ARG(diag->help));
}

static void tried(uv_work_t *work, int status)
{
    struct try *try = work->data;
    struct unlock_outcome outcome = {.store = NULL};
    struct problem problem;

    CHECK(status == 0);                        /* nothing cancels it */
    try->unlock->is_trying = try->result == 0; /* it stays so: there is nothing more to try */
    if (try->result == 0) {
        outcome.store = try->store;
    } else {
        if (try->result == -EACCES)
            slow_down(try->unlock);
        explain(try, &problem);
        outcome.problem = &problem;
    }
    try->ended(try->self, &outcome);
    arena_destroy(try->arena);
    free(try);
}

bool unlock_may_try(const struct unlock *unlock, struct arena *arena, struct problem *problem_out)
{
    int64_t seconds = pause_s(unlock);

    if (!unlock->is_trying && seconds == 0)
        return true;
    if (unlock->is_trying)
        problem_set(problem_out, arena, PROBLEM_BUSY,
                    "Somebody else is just trying to unlock the store.");
    else
        problem_set(problem_out, arena, PROBLEM_TOO_MANY,
                    "The last try opened nothing: the next one may come in %lld s.",
                    (long long)seconds);
    problem_hint(problem_out, arena,
                 "Each wrong try makes the next one wait longer, up to a minute.");
    add_pause(problem_out, arena, seconds > 0 ? seconds : 1);
    return false;
}

void unlock_try(struct unlock *unlock, const struct vault_opener *opener,
                void (*ended)(void *self, const struct unlock_outcome *outcome), void *self)
{
    struct try *try = calloc(1, sizeof(*try));

    CHECK(try);
    CHECK(!unlock->is_trying);
    try->unlock = unlock;
    try->opener = opener;
    try->arena = arena_create("unlock");
    diag_list_init(&try->diags, try->arena);
    try->ended = ended;
    try->self = self;
    try->work.data = try;
    unlock->is_trying = true;
    CHECK(uv_queue_work(unlock->loop, &try->work, open_store, tried) == 0);
}
