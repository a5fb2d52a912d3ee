/* Random charts and random events, as many as one likes: charts COUNT [--seed S]
 *
 * Each chart is tried as tests/unit/chart does (legal configurations, every exit has its entry,
 * Appendix D by the letter), twice from the beginning, which must give the same digest. The last
 * line is "N passed, M failed"; the status is 0 if M is 0.
 *
 * The happy path:
 * 1. A chunk of charts is tried in a child, so that what crashes costs no more than its chunk.
 * 2. Where a child fails, the charts of its chunk are tried one by one, and those that fail are
 *    told by their seeds. */
#include "chart/random.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 500 };

/* Whether a chart could be made of the seed. */
static bool try_twice(uint64_t seed)
{
    struct random_tally first = {0}, second = {0};
    for (int i = 0; i < 2; i++) {
        ARENA_SCOPED struct arena *arena = arena_create("chart");
        random_try(arena, seed, i == 0 ? &first : &second);
    }
    assert_int_equal(first.charts, second.charts);
    assert_true(first.digest == second.digest);
    return first.charts > 0;
}

/* `one`: that chart of the chunk alone; -1: all. Seeds of which no chart can be made are passed
 * over. The seed that was tried last is in *seed_io. */
static void try_chunk(uint64_t *seed_io, unsigned count, int one)
{
    for (unsigned made = 0; made < count; ++*seed_io) {
        if (one >= 0 && (int)made != one) {
            ARENA_SCOPED struct arena *arena = arena_create("chart");
            made += random_read(arena, random_make(arena, *seed_io), 1) != NULL;
            continue;
        }
        if (one >= 0)
            fprintf(stderr, "seed %llu\n", (unsigned long long)*seed_io);
        made += try_twice(*seed_io);
        if (one >= 0 && (int)made > one)
            return;
    }
}

/* True: the child came to its end. */
static bool run_child(uint64_t seed, unsigned count, int one)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        if (one < 0)
            fclose(stderr); /* what fails is told when it is tried alone */
        try_chunk(&seed, count, one);
        _exit(0);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* How many of the chunk's charts fail. */
static unsigned count_failures(uint64_t seed, unsigned count)
{
    unsigned failed = 0;
    if (run_child(seed, count, -1))
        return 0;
    for (unsigned i = 0; i < count; i++)
        failed += !run_child(seed, count, (int)i);
    return failed > 0 ? failed : 1;
}

static bool read_number(const char *text, uint64_t *number_out)
{
    char *end;
    *number_out = strtoull(text, &end, 10);
    return end != text && *end == '\0' && text[0] != '-';
}

int main(int argument_count, char **arguments)
{
    uint64_t count, seed = 1;
    unsigned long long failed = 0;
    bool has_seed = argument_count == 4 && strcmp(arguments[2], "--seed") == 0;
    if ((argument_count != 2 && !has_seed) || !read_number(arguments[1], &count) || count == 0 ||
        (has_seed && !read_number(arguments[3], &seed))) {
        fputs("usage: charts COUNT [--seed S]\n", stderr);
        return 2;
    }
    /* A chunk's seeds are its own, however many of them give no chart. */
    for (uint64_t done = 0; done < count; done += CHUNK)
        failed += count_failures((seed << 40) + done * 1000,
                                 (unsigned)(count - done < CHUNK ? count - done : CHUNK));
    printf("%llu passed, %llu failed\n", (unsigned long long)count - failed, failed);
    return failed > 0;
}
