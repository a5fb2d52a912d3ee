/* Long work of the daemon, followed until it is over; or until somebody has seen enough of it: it
 * goes on without us. */
#include <signal.h>
#include <time.h>

#include "base/arena.h"
#include "base/problem.h"
#include "client/client.h"

enum {
    FIRST_PAUSE_MS = 20, /* doubled from one question to the next */
    LAST_PAUSE_MS = 500
};

static volatile sig_atomic_t is_left;

static void leave(int number)
{
    (void)number;
    is_left = 1;
}

static int tell_left(const struct value *operation)
{
    complain("The work goes on in the daemon.");
    complain("How it ends: sankofa api GET /v1/operations/%.*s",
             TEXT_ARG(value_text_at(operation, "id")));
    return CLIENT_GIVEN_UP;
}

/* What it is called. */
static struct text kind_words(struct text kind)
{
    static const struct worded kinds[] = {{"backup", N_("backup")},
                                          {"verify", N_("verifying")},
                                          {"replay", N_("replaying")},
                                          {"rotate", N_("new keys")},
                                          {NULL, NULL}};

    return words_for(kinds, kind, kind);
}

static void pause_ms(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
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
    struct client_progress progress =
        progress_begin(client, kind_words(value_text_at(begun, "kind")));
    const struct sigaction action = {.sa_handler = leave};
    struct sigaction before;
    struct value operation = *begun;
    long wait_ms = FIRST_PAUSE_MS;
    int result = CLIENT_DONE;

    sigaction(SIGINT, &action, &before);
    while (result == CLIENT_DONE && !is_left &&
           value_is_string(value_at(&operation, "status"), "running")) {
        progress_show(&progress, value_int_at(&operation, "done", 0),
                      value_int_at(&operation, "total", 0), value_int_at(&operation, "eta", -1));
        pause_ms(wait_ms);
        wait_ms = wait_ms * 2 < LAST_PAUSE_MS ? wait_ms * 2 : LAST_PAUSE_MS;
        result = http_get(client, true, path, &operation);
    }
    sigaction(SIGINT, &before, NULL);
    progress_end(&progress);
    if (result != CLIENT_DONE)
        return result;
    if (is_left && value_is_string(value_at(&operation, "status"), "running"))
        return tell_left(&operation);
    if (!value_is_string(value_at(&operation, "status"), "done"))
        return tell_problem(client, &operation);
    const struct value *found = value_at(&operation, "result");
    *result_out = found ? *found : value_null();
    return CLIENT_DONE;
}
