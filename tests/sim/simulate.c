/* simulate COUNT [FIRST [KEPT]]: runs COUNT seeds, each twice, in virtual time over the production
 * wheel, core and store. A seed fails if an oracle speaks, or if its two runs differ in their
 * trace. KEPT is a file of seeds that have failed once, one a line: they are run first. simulate 1
 * SEED runs one that failed again.
 *
 * The happy path of a seed:
 * 1. A store is made, a workflow loaded.
 * 2. People ask, the writer is slow, hosts are late, broken, hung or say things twice, the clock
 * jumps, the disk is full.
 * 3. At any moment the process ends as by kill -9, or in the middle of a commit, or because one
 * failed, and begins again: everything that anybody was ever told must still be true. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "sim.h"

/* A turn may leave timers due: they fire one by one in those that follow. */
enum { QUIET_TURNS = 2 };
enum { LIVES = 5, TURNS_MAX = 60, SETTLE_TURNS_MAX = 3000, HOUR_MS = 3600000 };

void sim_settle(struct sim *sim)
{
    sim_disk_fill(SIM_ROOM_PLENTY);
    for (int i = 0, quiet = 0; i < SETTLE_TURNS_MAX && quiet < QUIET_TURNS; i++) {
        bool has_calls = false;
        uint64_t last = store_last_seq(sim->store);
        sim->steady_ms += 10000; /* broken hosts are tried again */
        wheel_turn(sim->wheel);
        sim_serve(sim, true);
        for (size_t k = 0; k < SIM_CALLS_MAX; k++)
            has_calls = has_calls || sim->calls[k].is_used;
        struct value status = wheel_status(sim->wheel, sim->arena);
        bool is_quiet = !has_calls && !sim->batch && value_int_at(&status, "calls", 0) == 0 &&
                        !wheel_is_ready(sim->wheel) && store_last_seq(sim->store) == last &&
                        !store_rotation(sim->store).is_pending;
        quiet = is_quiet ? quiet + 1 : 0;
        if (i == SETTLE_TURNS_MAX - 1)
            sim_fail(sim, "the wheel does not come to rest");
    }
}

static void live(struct sim *sim)
{
    for (uint64_t turns = 1 + sim_dice(sim, TURNS_MAX); turns > 0; turns--) {
        for (uint64_t asks = sim_dice(sim, 5); asks > 0; asks--)
            sim_ask(sim);
        wheel_turn(sim->wheel);
        sim_serve(sim, false);
        if (sim->has_died)
            return;
        if (sim_dice(sim, 30) == 0)
            sim_disk_fill((enum sim_room)sim_dice(sim, SIM_ROOM_NONE + 1));
        sim->wall_ms += (int64_t)sim_dice(sim, 2 * HOUR_MS);
        sim->steady_ms += (int64_t)sim_dice(sim, 5000);
        if (sim_dice(sim, 40) == 0) /* somebody sets the clock */
            sim->wall_ms += (int64_t)sim_dice(sim, 48) * HOUR_MS - 24 * (int64_t)HOUR_MS;
    }
}

static void run(struct sim *sim)
{
    sim_make_store(sim);
    if (!sim_begin(sim))
        return;
    sim_load(sim);
    for (int i = 0; i < LIVES && !sim->is_broken; i++) {
        live(sim);
        if (!sim->has_died && sim_dice(sim, 3) == 0)
            sim_check_restart(sim);
        else
            sim_crash(sim);
        if (!sim->wheel && !sim_begin(sim))
            return;
        sim_disk_fill(SIM_ROOM_PLENTY);
        sim_check_journal(sim);
        if (!sim->is_broken && sim_dice(sim, 4) == 0)
            sim_check_flip(sim);
    }
    sim_crash(sim);
}

void sim_remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *file;

    if (!folder)
        return;
    while ((file = readdir(folder)))
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
            CHECK(unlinkat(dirfd(folder), file->d_name, 0) == 0);
    closedir(folder);
    CHECK(rmdir(path) == 0);
}

struct verdict {
    bool is_broken;
    uint64_t trace;
    size_t facts, crashes, flips, deaths, erased;
};

static struct verdict run_seed(const char *folder, uint64_t seed, bool is_talking)
{
    struct sim *sim = calloc(1, sizeof(*sim));

    CHECK(sim);
    sim->dice = seed;
    sim->wall_ms = INT64_C(1767254400000); /* 2026-01-01T08:00:00Z */
    sim->is_talking = is_talking;
    snprintf(sim->path, sizeof(sim->path), "%s/store", folder);
    run(sim);
    struct verdict verdict = {sim->is_broken,  sim->trace,       sim->fact_count,  sim->crash_count,
                              sim->flip_count, sim->death_count, sim->erased_count};
    if (sim->store && !sim->is_broken)
        CHECK(!"a life left open");
    wheel_destroy(sim->wheel);
    store_close(sim->store);
    arena_destroy(sim->arena);
    sim_remove_folder(sim->path);
    free(sim);
    return verdict;
}

/* What came of all of them. */
struct total {
    size_t passed, failed, facts, crashes, flips, deaths, erased;
};

static void try_seed(const char *folder, uint64_t seed, struct total *total)
{
    struct verdict first = run_seed(folder, seed, true);
    struct verdict second = run_seed(folder, seed, false);

    total->facts += first.facts;
    total->crashes += first.crashes;
    total->flips += first.flips;
    total->deaths += first.deaths;
    total->erased += first.erased;
    if (first.is_broken)
        printf("seed %" PRIu64 " failed\n", seed);
    else if (first.trace != second.trace)
        printf("seed %" PRIu64 ": its two runs differ\n", seed);
    if (first.is_broken || first.trace != second.trace)
        total->failed++;
    else
        total->passed++;
}

static bool try_kept(const char *folder, const char *path, struct total *total)
{
    FILE *file = fopen(path, "re");
    uint64_t seed;

    if (!file) {
        perror(path);
        return false;
    }
    while (fscanf(file, "%" SCNu64, &seed) == 1)
        try_seed(folder, seed, total);
    fclose(file);
    return true;
}

/* ---- Seeds side by side. ---- */

/* One process's share, told through a pipe. */
static void run_share(uint64_t from, uint64_t end, uint64_t step, int out)
{
    char folder[] = "/dev/shm/sankofa-sim-XXXXXX";
    struct total total = {0};

    CHECK(mkdtemp(folder));
    for (uint64_t seed = from; seed < end; seed += step)
        try_seed(folder, seed, &total);
    CHECK(rmdir(folder) == 0);
    CHECK(write(out, &total, sizeof(total)) == sizeof(total));
}

static void add(struct total *sum, const struct total *share)
{
    sum->passed += share->passed;
    sum->failed += share->failed;
    sum->facts += share->facts;
    sum->crashes += share->crashes;
    sum->flips += share->flips;
    sum->deaths += share->deaths;
    sum->erased += share->erased;
}

/* A process that ends without its share's total has failed with all of it. */
static void run_all(uint64_t first, uint64_t count, struct total *sum)
{
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    int ends[2];

    CHECK(jobs > 0);
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    for (long i = 0; i < jobs; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            run_share(first + (uint64_t)i, first + count, (uint64_t)jobs, ends[1]);
            fflush(stdout);
            _exit(0);
        }
    }
    close(ends[1]);
    for (struct total share; read(ends[0], &share, sizeof(share)) == sizeof(share);)
        add(sum, &share);
    for (int status; wait(&status) > 0;)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            sum->failed++;
    close(ends[0]);
}

int main(int argc, char **argv)
{
    char folder[] = "/dev/shm/sankofa-sim-XXXXXX";
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct total total = {0};

    log_set_level(LOG_ERROR + 1);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mkdtemp(folder)) {
        perror("simulate: /dev/shm");
        return 2;
    }
    bool has_kept = argc <= 3 || try_kept(folder, argv[3], &total);
    CHECK(rmdir(folder) == 0);
    if (!has_kept)
        return 2;
    run_all(first, count, &total);
    printf("%zu acknowledged, %zu crashes, %zu of them in a commit, %zu flipped bits, "
           "%zu cases erased\n",
           total.facts, total.crashes, total.deaths, total.flips, total.erased);
    printf("%zu passed, %zu failed\n", total.passed, total.failed);
    return total.failed > 0;
}
