/* exec: runs a program, in whatever language, as a step: JSON goes in, JSON comes out.
 *
 * The happy path:
 * 1. The input `program` is a name; the administrator's secret `programs` has a line for each name
 *    that may be run, `label = /usr/local/lib/sankofa/label --plain`. A workflow names programs, it
 *    never writes command lines.
 * 2. The program gets one JSON object on its standard input: what it is called for, the key, the
 *    time, the fields.
 * 3. It answers with one JSON object on its standard output, and ends with status 0:
 *    {"done": {"text": "...", "integer": 3, "flag": true, "date": "2026-01-05", "list": ["..."]}},
 *    {"failed": "why", "retry": true}, or {"parked": {"until": "...", "answer": true, "cookie":
 *    "..."}}.
 *
 * `run` is for programs that may be run again with the same key without harm; `ask` is the same for
 * those that wait for a person's answer; `run_once` for those that must not be run again: where the
 * outcome of one was lost, a person says what became of it. Status 75
 * (EX_TEMPFAIL of sysexits.h) asks for another try. What the program writes to its standard error
 * is thrown away: a log must not learn what a case holds. Nobody waits any more: the program and
 * its children are killed. */
#include <sankofa/step.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The rules. */

enum {
    NAME_BYTES_MAX = 60,
    LINE_BYTES_MAX = 1000, /* of `programs` */
    WORDS_MAX = 30,
    ANSWER_BYTES_MAX = 256 << 10,
    LOOK_MS = 100, /* how often the call is asked whether somebody still waits */
    STATUS_AGAIN = 75
};

/* Inputs and outputs. */

static const struct sankofa_field *const inputs[] = {
    SANKOFA_FIELD(.name = "program", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Which program: a name in the secret `programs`."),
    SANKOFA_FIELD(.name = "fields", .kind = SANKOFA_TEXTS,
                  .doc = "What the program is told: a list of name=value."),
    NULL,
};

static const struct sankofa_field *const outputs[] = {
    SANKOFA_FIELD(.name = "text", .kind = SANKOFA_TEXT, .doc = "What the program gave as text."),
    SANKOFA_FIELD(.name = "integer", .kind = SANKOFA_INTEGER,
                  .doc = "What it gave as a whole number."),
    SANKOFA_FIELD(.name = "flag", .kind = SANKOFA_BOOLEAN, .doc = "What it gave as true or false."),
    SANKOFA_FIELD(.name = "date", .kind = SANKOFA_DATE, .doc = "What it gave as a date."),
    SANKOFA_FIELD(.name = "list", .kind = SANKOFA_TEXTS, .doc = "What it gave as a list of texts."),
    NULL,
};

static const struct sankofa_field *const answers[] = {
    SANKOFA_FIELD(.name = "answer_flag", .kind = SANKOFA_BOOLEAN,
                  .doc = "What a person said: yes or no."),
    SANKOFA_FIELD(.name = "answer_text", .kind = SANKOFA_TEXT,
                  .doc = "What a person said, in words."),
    NULL,
};

/* One run of a program. */

struct run {
    bool may_ask; /* a person may be waited for */
    const struct sankofa_host *host;
    struct sankofa_call *call;
    char line[LINE_BYTES_MAX + 1]; /* of `programs`; the words point into it */
    char *words[WORDS_MAX + 1];
    char *asked; /* JSON */
    char answer[ANSWER_BYTES_MAX + 1];
    size_t answer_size;
    bool has_ended;
    int status;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct run *run, int retry,
                                                       const char *format, ...)
{
    char reason[200];
    va_list list;

    va_start(list, format);
    vsnprintf(reason, sizeof(reason), format, list);
    va_end(list);
    run->host->fail(run->call, retry, reason);
    return false;
}

/* The program. */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes `NAME = WORD WORD...` apart if it is of that name. */
static bool read_line(struct run *run, struct sankofa_text name)
{
    char *at = run->line;
    size_t count = 0;

    while (is_blank(*at))
        at++;
    if (strncmp(at, name.bytes, name.size) != 0)
        return false;
    at += name.size;
    while (is_blank(*at))
        at++;
    if (*at++ != '=')
        return false;
    while (*at && count < WORDS_MAX) {
        while (is_blank(*at))
            *at++ = '\0';
        if (*at)
            run->words[count++] = at;
        while (*at && !is_blank(*at))
            at++;
    }
    run->words[count] = NULL;
    return !*at && count > 0 && run->words[0][0] == '/';
}

static bool is_name(struct sankofa_text name)
{
    if (name.size == 0 || name.size > NAME_BYTES_MAX)
        return false;
    return strspn(name.bytes, "abcdefghijklmnopqrstuvwxyz0123456789_-") == name.size;
}

static bool find_program(struct run *run)
{
    struct sankofa_text name = sankofa_text_of(run->host, run->call, "program");
    struct sankofa_text lines = sankofa_secret(run->host, run->call, "programs");
    const char *at = lines.bytes, *end = lines.bytes + lines.size;

    if (!is_name(name))
        return fail(run, 0, "The program's name is not one of small letters and digits.");
    while (lines.size > 0 && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        if (size <= LINE_BYTES_MAX) {
            memcpy(run->line, at, size);
            run->line[size] = '\0';
            if (read_line(run, name))
                return true;
        }
        at = stop ? stop + 1 : end;
    }
    return fail(run, 0, "The plugin was given no line in `programs` for \"%s\".", name.bytes);
}

/* What it is told. */

static bool add_fields(struct run *run, json_t *fields)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    if (run->host->get(run->call, "fields", &value) != 1)
        return true;
    for (size_t i = 0; i < value.text_count; i++) {
        const char *text = value.texts[i].bytes;
        const char *sign = memchr(text, '=', value.texts[i].size);
        if (!sign || sign == text)
            return fail(run, 0, "Field %zu is not name=value.", i + 1);
        size_t name_size = (size_t)(sign - text);
        if (json_object_setn_new(fields, text, name_size,
                                 json_stringn(sign + 1, value.texts[i].size - name_size - 1)) != 0)
            return fail(run, 0, "Field %zu cannot be written as JSON.", i + 1);
    }
    return true;
}

static json_t *answer_of(struct run *run)
{
    struct sankofa_value value;
    json_t *answer = json_object();

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    if (run->host->answer(run->call, "answer_flag", &value) == 1)
        json_object_set_new(answer, "answer_flag", json_boolean(value.integer));
    if (run->host->answer(run->call, "answer_text", &value) == 1)
        json_object_set_new(answer, "answer_text", json_stringn(value.text.bytes, value.text.size));
    return answer;
}

static void add_waking(struct run *run, json_t *asked)
{
    struct sankofa_text cookie = {"", 0};
    int woken_by = run->host->woken_by(run->call, &cookie);

    json_object_set_new(asked, "woken_by",
                        json_string(woken_by == SANKOFA_ANSWER ? "answer" : "time"));
    json_object_set_new(asked, "cookie", json_stringn(cookie.bytes, cookie.size));
    if (woken_by == SANKOFA_ANSWER)
        json_object_set_new(asked, "answer", answer_of(run));
}

static bool write_asked(struct run *run, const char *verb)
{
    struct sankofa_text key = run->host->idempotency_key(run->call);
    json_t *asked = json_object(), *fields = json_object();
    time_t now = (time_t)(run->host->now_ms(run->call) / 1000);
    char at[40] = "";
    struct tm tm;

    if (gmtime_r(&now, &tm))
        strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
    json_object_set_new(asked, "verb", json_string(verb));
    json_object_set_new(asked, "key", json_stringn(key.bytes, key.size));
    json_object_set_new(asked, "now", json_string(at));
    if (strcmp(verb, "run") != 0)
        add_waking(run, asked);
    bool is_good = add_fields(run, fields);
    json_object_set_new(asked, "fields", fields);
    if (is_good && !(run->asked = json_dumps(asked, JSON_COMPACT)))
        is_good = fail(run, 1, "There is no memory for the program's input.");
    json_decref(asked);
    return is_good;
}

/* Running it: fed and read in turns. It stays in the host's process group: the jail keeps it there.
 */

static bool spawn(struct run *run, int in, int out, pid_t *child_out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char *const environment[] = {(char *)(uintptr_t) "PATH=/usr/local/bin:/usr/bin:/bin",
                                 (char *)(uintptr_t) "LANG=C.UTF-8", NULL};

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int error =
        posix_spawn(child_out, run->words[0], &actions, &attributes, run->words, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 || fail(run, 0, "The program cannot be started: %s.", strerror(error));
}

/* Takes what came; false at its end. */
static bool take_some(struct run *run, int out)
{
    size_t room = sizeof(run->answer) - run->answer_size;
    ssize_t size = read(out, run->answer + run->answer_size, room);

    if (size < 0)
        return errno == EINTR || errno == EAGAIN;
    run->answer_size += (size_t)size;
    return size > 0;
}

/* Whether the program itself has ended. */
static bool look_for_end(struct run *run, pid_t child)
{
    if (!run->has_ended)
        run->has_ended = waitpid(child, &run->status, WNOHANG) == child;
    return run->has_ended;
}

static void feed(struct run *run, int *in, size_t *done)
{
    size_t size = strlen(run->asked);
    ssize_t wrote = write(*in, run->asked + *done, size - *done);

    *done += wrote > 0 ? (size_t)wrote : 0;
    /* One that does not care what it is told may still answer. */
    if (*done == size || (wrote < 0 && errno != EINTR && errno != EAGAIN)) {
        close(*in);
        *in = -1;
    }
}

/* Until it has ended and all that it said was taken: a child that it left behind may hold its
 * output open, and is not waited for. False where it must be killed. */
static bool converse(struct run *run, int *in, int out, pid_t child)
{
    size_t done = 0;
    bool is_open = true;

    for (;;) {
        struct pollfd polls[2] = {{.fd = is_open ? out : -1, .events = POLLIN},
                                  {.fd = *in, .events = POLLOUT}};
        bool had_ended = look_for_end(run, child);
        int count = poll(polls, 2, had_ended ? 0 : is_open ? LOOK_MS : 5);
        if (count < 0 && errno != EINTR)
            return fail(run, 1, "The program cannot be waited for: %s.", strerror(errno));
        if (run->host->cancelled(run->call))
            return fail(run, 1, "Nobody waits for the program any more.");
        if (polls[1].revents != 0)
            feed(run, in, &done);
        if (polls[0].revents != 0)
            is_open = take_some(run, out);
        else if (had_ended)
            break;
        if (run->answer_size > ANSWER_BYTES_MAX)
            return fail(run, 0, "The program answered more than %d bytes.", ANSWER_BYTES_MAX);
    }
    return true;
}

static bool run_between(struct run *run, int in[2], int out[2])
{
    pid_t child;

    if (!spawn(run, in[0], out[1], &child))
        return false;
    close(in[0]);
    close(out[1]);
    in[0] = out[1] = -1;
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    bool is_whole = converse(run, &in[1], out[0], child);
    if (!run->has_ended && kill(child, SIGKILL) == 0)
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
    return is_whole;
}

static void close_all(int pipes[2])
{
    for (int i = 0; i < 2; i++)
        if (pipes[i] >= 0)
            close(pipes[i]);
}

static bool run_program(struct run *run)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    bool has_pipes = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0;
    bool is_whole = has_pipes ? run_between(run, in, out)
                              : fail(run, 1, "There are no pipes: %s.", strerror(errno));

    close_all(in);
    close_all(out);
    return is_whole;
}

/* Its answer. */

static bool put_list(struct run *run, const json_t *list)
{
    size_t count = json_array_size(list);
    struct sankofa_text *texts = calloc(count + 1, sizeof(*texts));
    struct sankofa_value value;
    bool is_good = texts != NULL;

    for (size_t i = 0; is_good && i < count; i++) {
        const json_t *item = json_array_get(list, i);
        is_good = json_is_string(item);
        if (is_good)
            texts[i] = (struct sankofa_text){json_string_value(item), json_string_length(item)};
    }
    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    value.kind = SANKOFA_TEXTS;
    value.texts = texts;
    value.text_count = count;
    is_good = is_good && run->host->put(run->call, "list", &value) == 0;
    free(texts);
    return is_good;
}

static bool put_output(struct run *run, const char *name, const json_t *value)
{
    if (strcmp(name, "text") == 0 && json_is_string(value))
        return sankofa_put_text(run->host, run->call, name, json_string_value(value)) == 0;
    if (strcmp(name, "date") == 0 && json_is_string(value))
        return sankofa_put_date(run->host, run->call, name, json_string_value(value)) == 0;
    if (strcmp(name, "integer") == 0 && json_is_integer(value))
        return sankofa_put_integer(run->host, run->call, name, json_integer_value(value)) == 0;
    if (strcmp(name, "flag") == 0 && json_is_boolean(value))
        return sankofa_put_boolean(run->host, run->call, name, json_is_true(value)) == 0;
    return strcmp(name, "list") == 0 && json_is_array(value) && put_list(run, value);
}

static enum sankofa_outcome take_done(struct run *run, json_t *done)
{
    const char *name;
    json_t *value;

    json_object_foreach(done, name, value) if (!put_output(run, name, value)) return fail(
        run, 0, "The program gave an output that is none of text, integer, flag, date and list."),
        SANKOFA_FAILED;
    return SANKOFA_DONE;
}

static enum sankofa_outcome take_failed(struct run *run, const json_t *answer)
{
    const char *why = json_string_value(json_object_get(answer, "failed"));

    run->host->fail(run->call, json_is_true(json_object_get(answer, "retry")),
                    why && *why ? why : "The program failed.");
    return SANKOFA_FAILED;
}

/* "2026-01-05T08:00:00Z"; false where it is none. */
static bool read_time(const char *text, int64_t *ms_out)
{
    struct sankofa_text date = {text, SANKOFA_DATE_BYTES - 1};
    int hour, minute, second, end = 0;
    int64_t day;

    if (!text || strlen(text) != 20 || !sankofa_day_read(date, &day) ||
        sscanf(text + 10, "T%2d:%2d:%2dZ%n", &hour, &minute, &second, &end) != 3 || end != 10 ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    *ms_out = sankofa_ms_of_day(day) + ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
    return true;
}

static enum sankofa_outcome take_parked(struct run *run, const json_t *parked)
{
    const json_t *until = json_object_get(parked, "until");
    const json_t *cookie = json_object_get(parked, "cookie");
    bool wants_answer = json_is_true(json_object_get(parked, "answer"));
    int wakes = wants_answer ? SANKOFA_ANSWER : 0;
    int64_t until_ms = 0;

    if (until && !read_time(json_string_value(until), &until_ms))
        return fail(run, 0, "The program parks until no time like 2026-01-05T08:00:00Z."),
               SANKOFA_FAILED;
    if (wants_answer && !run->may_ask)
        return fail(run, 0, "The program parks for an answer: that is the step `ask`."),
               SANKOFA_FAILED;
    wakes |= until ? SANKOFA_TIME : 0;
    if (wakes == 0 || json_string_length(cookie) > SANKOFA_COOKIE_BYTES_MAX)
        return fail(run, 0, "The program parks for nothing, or with too large a cookie."),
               SANKOFA_FAILED;
    run->host->park(run->call, wakes, until_ms, cookie ? json_string_value(cookie) : "",
                    json_string_length(cookie));
    return SANKOFA_PARKED;
}

static enum sankofa_outcome take_answer(struct run *run)
{
    json_t *answer, *done, *parked;
    enum sankofa_outcome outcome = SANKOFA_FAILED;

    if (!WIFEXITED(run->status) || WEXITSTATUS(run->status) != 0) {
        int code = WIFEXITED(run->status) ? WEXITSTATUS(run->status) : 128 + WTERMSIG(run->status);
        return fail(run, code == STATUS_AGAIN, "The program ended with status %d.", code),
               SANKOFA_FAILED;
    }
    answer = json_loadb(run->answer, run->answer_size, JSON_REJECT_DUPLICATES, NULL);
    done = json_object_get(answer, "done");
    parked = json_object_get(answer, "parked");
    if (json_is_object(done))
        outcome = take_done(run, done);
    else if (json_is_object(parked))
        outcome = take_parked(run, parked);
    else if (json_is_string(json_object_get(answer, "failed")))
        outcome = take_failed(run, answer);
    else
        fail(run, 0, "The program's answer is not one JSON object with done, failed or parked.");
    json_decref(answer);
    return outcome;
}

static enum sankofa_outcome carry_out(const struct sankofa_host *host, struct sankofa_call *call,
                                      const char *verb, bool may_ask)
{
    struct run *run = calloc(1, sizeof(*run));
    enum sankofa_outcome outcome = SANKOFA_FAILED;

    if (!run)
        return host->fail(call, 1, "There is no memory for this call."), SANKOFA_FAILED;
    signal(SIGPIPE, SIG_IGN); /* a program need not read what it is told */
    run->host = host;
    run->call = call;
    run->may_ask = may_ask;
    if (find_program(run) && write_asked(run, verb) && run_program(run))
        outcome = take_answer(run);
    free(run->asked);
    free(run);
    return outcome;
}

static enum sankofa_outcome begin(const struct sankofa_host *host, struct sankofa_call *call)
{
    return carry_out(host, call, "run", false);
}

static enum sankofa_outcome resume(const struct sankofa_host *host, struct sankofa_call *call)
{
    return carry_out(host, call, "resume", false);
}

static enum sankofa_outcome ask(const struct sankofa_host *host, struct sankofa_call *call)
{
    return carry_out(host, call, "run", true);
}

static enum sankofa_outcome go_on(const struct sankofa_host *host, struct sankofa_call *call)
{
    return carry_out(host, call, "resume", true);
}

/* The program is told that it is not needed any more; what it says to that does not matter. */
static void drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct run *run = calloc(1, sizeof(*run));

    if (!run)
        return;
    signal(SIGPIPE, SIG_IGN);
    run->host = host;
    run->call = call;
    if (!find_program(run) || !write_asked(run, "drop") || !run_program(run))
        host->log(call, SANKOFA_WARNING, "exec.not_dropped");
    free(run->asked);
    free(run);
}

/* The table. */

#define STEP_TYPE(the_name, the_flags, the_summary, ...)                                           \
    {                                                                                              \
        .size = sizeof(struct sankofa_step_type), .flags = (the_flags), .needs = SANKOFA_PROGRAMS, \
        .name = (the_name), .summary = (the_summary), .inputs = inputs, .outputs = outputs,        \
        .drop = drop, __VA_ARGS__                                                                  \
    }

static const struct sankofa_step_type run_type =
    STEP_TYPE("run", SANKOFA_IDEMPOTENT, "Runs a program that may be run again with the same key.",
              .run = begin, .resume = resume);
static const struct sankofa_step_type run_once_type =
    STEP_TYPE("run_once", 0, "Runs a program that must not be run twice for the same thing.",
              .run = begin, .resume = resume);
static const struct sankofa_step_type ask_type =
    STEP_TYPE("ask", SANKOFA_IDEMPOTENT, "Runs a program that waits for a person's answer.",
              .answers = answers, .run = ask, .resume = go_on);

static const struct sankofa_step_type *const step_types[] = {&run_type, &run_once_type, &ask_type,
                                                             NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "exec",
    .version = "1.0.0",
    .summary = "Steps in any language: a program, JSON in and JSON out.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
