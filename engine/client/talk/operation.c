/* Long work of the daemon, followed until it is over. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problem.h"
#include "client/client.h"

enum {
    FIRST_PAUSE_MS = 20, /* doubled from one question to the next */
    LAST_PAUSE_MS = 500,
    QUIET_MS = 1000, /* shorter work shows no progress */
    LINE_MS = 10000, /* between lines, where there is no terminal */
    BAR_CELLS = 30,
    PER_MILLE = 1000
};

/* What was shown, and when. */
struct progress {
    struct client *client;
    struct text kind;
    bool is_terminal, is_drawn;
    int64_t began_ms, line_ms;
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

/* "12 s", "3 min", "2 h"; empty where nobody can say yet. */
static struct text left(struct client *client, const struct value *operation)
{
    int64_t eta = value_int_at(operation, "eta", -1);

    if (eta < 0)
        return TEXT("");
    if (eta < 120)
        return text_printf(client->arena, _(", %lld s left"), (long long)eta);
    if (eta < 7200)
        return text_printf(client->arena, _(", %lld min left"), (long long)(eta + 30) / 60);
    return text_printf(client->arena, _(", %lld h left"), (long long)(eta + 1800) / 3600);
}

/* How much of it is done, in thousandths. */
static int share(const struct value *operation)
{
    int64_t done = value_int_at(operation, "done", 0), total = value_int_at(operation, "total", 0);

    if (total <= 0 || done <= 0)
        return 0;
    return done >= total ? PER_MILLE : (int)((double)done / (double)total * PER_MILLE);
}

static void draw(struct progress *progress, const struct value *operation)
{
    int per_mille = share(operation), cells = per_mille * BAR_CELLS / PER_MILLE;

    fprintf(stderr, "\r%.*s [", TEXT_ARG(progress->kind));
    for (int i = 0; i < BAR_CELLS; i++)
        fputc(i < cells ? '#' : '-', stderr);
    fprintf(stderr, "] %d %%%.*s\x1b[K", per_mille / 10,
            TEXT_ARG(left(progress->client, operation)));
    fflush(stderr);
    progress->is_drawn = true;
}

static void show(struct progress *progress, const struct value *operation)
{
    int64_t now = now_ms();

    if (progress->client->quiet || now - progress->began_ms < QUIET_MS)
        return;
    if (progress->is_terminal) {
        draw(progress, operation);
    } else if (now - progress->line_ms >= LINE_MS) {
        progress->line_ms = now;
        say(progress->client, "%.*s: %d %%%.*s", TEXT_ARG(progress->kind), share(operation) / 10,
            TEXT_ARG(left(progress->client, operation)));
    }
}

static void rub_out(struct progress *progress)
{
    if (progress->is_drawn)
        fputs("\r\x1b[K", stderr);
}

static int tell_problem(struct client *client, const struct value *operation)
{
    const struct value *problem = value_at(operation, "problem");
    struct client_answer answer = {.body = problem ? *problem : value_null()};

    answer.status = (int)value_int_at(problem, "status", 500);
    return print_problem(client, &answer);
}

int operation_follow(struct client *client, const struct value *begun, struct value *result_out)
{
    struct text path =
        text_printf(client->arena, "/v1/operations/%.*s", TEXT_ARG(value_text_at(begun, "id")));
    struct progress progress = {.client = client,
                                .kind = value_text_at(begun, "kind"),
                                .is_terminal = isatty(STDERR_FILENO) == 1,
                                .began_ms = now_ms(),
                                .line_ms = now_ms() - LINE_MS};
    struct value operation = *begun;
    long wait_ms = FIRST_PAUSE_MS;
    int result = CLIENT_DONE;

    while (result == CLIENT_DONE && value_is_string(value_at(&operation, "status"), "running")) {
        show(&progress, &operation);
        pause_ms(wait_ms);
        wait_ms = wait_ms * 2 < LAST_PAUSE_MS ? wait_ms * 2 : LAST_PAUSE_MS;
        result = http_get(client, true, path, &operation);
    }
    rub_out(&progress);
    if (result != CLIENT_DONE)
        return result;
    if (!value_is_string(value_at(&operation, "status"), "done"))
        return tell_problem(client, &operation);
    const struct value *found = value_at(&operation, "result");
    *result_out = found ? *found : value_null();
    return CLIENT_DONE;
}
