/* The load of the bench 'return case': clients that open a case with 600 bytes of data and take it
 * through 8 transitions of about 200 bytes each, over and over, each request sent when the one
 * before it is answered.
 *
 *     return-case SOCKET CLIENTS SECONDS
 *
 * One thread, one epoll, raw HTTP: it must cost little beside the daemon that shares its machine.
 * Prints one line: clients, transitions, transitions per second, and how long a transition took. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    TRANSITIONS = 8,
    OPEN_BYTES = 600,
    TRANSITION_BYTES = 200,
    CLIENTS_MAX = 1024,
    CODE_BYTES = 32,
    ANSWER_BYTES_MAX = 65536,
    WARMUP_PERCENT = 10 /* of the time; not counted */
};

struct client {
    int fd;
    char code[CODE_BYTES];
    int step; /* 0: opening; else the transition under way */
    uint64_t request;
    int64_t sent_us;
    char answer[ANSWER_BYTES_MAX];
    size_t answer_size;
};

struct load {
    struct client *clients;
    int client_count, epoll;
    char note_open[OPEN_BYTES + 1], note[TRANSITION_BYTES + 1];
    uint64_t request_count;
    uint32_t *times_us; /* of the transitions that count */
    size_t time_count, time_capacity;
    int64_t count_from_us, end_us;
};

__attribute__((format(printf, 1, 2))) static _Noreturn void die(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("return-case: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- Requests. ---- */

static void send_all(const struct client *client, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            die("a request could not be sent: %s", strerror(errno));
        bytes += sent;
        size -= (size_t)sent;
    }
}

static void post(struct load *load, struct client *client, const char *path, const char *body,
                 size_t body_size)
{
    char request[4096];

    client->request = ++load->request_count;
    int size = snprintf(request, sizeof(request),
                        "POST %s HTTP/1.1\r\nHost: sankofa\r\nSankofa-As: awa\r\n"
                        "Idempotency-Key: bench-%d-%" PRIu64 "\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                        path, (int)getpid(), client->request, body_size, body);
    if (size < 0 || (size_t)size >= sizeof(request))
        die("a request is too large");
    client->sent_us = now_us();
    send_all(client, request, (size_t)size);
}

static void ask_next(struct load *load, struct client *client)
{
    char path[128], body[2048];
    int size;

    if (client->step == 0) {
        size = snprintf(body, sizeof(body),
                        "{\"workflow\":\"bench-return-case\",\"data\":{\"referral\":\"%s\"}}",
                        load->note_open);
        snprintf(path, sizeof(path), "/v1/cases");
    } else {
        size = snprintf(body, sizeof(body), "{\"data\":{\"note\":\"%s\"}}", load->note);
        snprintf(path, sizeof(path), "/v1/cases/%s/transitions/go_%d", client->code, client->step);
    }
    post(load, client, path, body, (size_t)size);
}

/* ---- Answers. ---- */

/* The size of the whole answer once its head is there; 0 before. */
static size_t answer_size(const struct client *client)
{
    const char *end = memmem(client->answer, client->answer_size, "\r\n\r\n", 4);

    if (!end)
        return 0;
    const char *length = strcasestr(client->answer, "\r\nContent-Length:");
    if (!length || length > end)
        die("an answer without a length: %.200s", client->answer);
    return (size_t)(end - client->answer) + 4 + strtoul(length + 17, NULL, 10);
}

static void keep_code(struct client *client)
{
    static const char mark[] = "\"code\":\"";
    const char *code = strstr(client->answer, mark);

    if (!code)
        die("an opened case has no code: %s", client->answer);
    code += sizeof(mark) - 1;
    size_t size = strcspn(code, "\"");
    if (size >= CODE_BYTES)
        die("a code is too long");
    memcpy(client->code, code, size);
    client->code[size] = '\0';
}

static void keep_time(struct load *load, int64_t sent_us, int64_t done_us)
{
    if (sent_us < load->count_from_us || done_us > load->end_us)
        return;
    if (load->time_count == load->time_capacity) {
        load->time_capacity = load->time_capacity ? load->time_capacity * 2 : 65536;
        load->times_us = realloc(load->times_us, load->time_capacity * sizeof(*load->times_us));
        if (!load->times_us)
            die("no memory");
    }
    load->times_us[load->time_count++] = (uint32_t)(done_us - sent_us);
}

static void take_answer(struct load *load, struct client *client)
{
    const char *wanted = client->step == 0 ? "HTTP/1.1 201" : "HTTP/1.1 200";

    if (strncmp(client->answer, wanted, strlen(wanted)) != 0)
        die("step %d was answered: %s", client->step, client->answer);
    if (client->step == 0)
        keep_code(client);
    else
        keep_time(load, client->sent_us, now_us());
    client->step = client->step == TRANSITIONS ? 0 : client->step + 1;
    client->answer_size = 0;
    ask_next(load, client);
}

static void take_bytes(struct load *load, struct client *client)
{
    size_t room = sizeof(client->answer) - 1 - client->answer_size;
    ssize_t got = recv(client->fd, client->answer + client->answer_size, room, 0);

    if (got <= 0)
        die("the daemon closed a connection: %s", got < 0 ? strerror(errno) : "end");
    client->answer_size += (size_t)got;
    client->answer[client->answer_size] = '\0';
    size_t whole = answer_size(client);
    if (whole > sizeof(client->answer) - 1)
        die("an answer is too large");
    if (whole > 0 && client->answer_size >= whole)
        take_answer(load, client);
}

/* ---- The whole. ---- */

static void connect_all(struct load *load, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        die("the socket's path is too long");
    strcpy(address.sun_path, path);
    load->epoll = epoll_create1(0);
    for (int i = 0; i < load->client_count; i++) {
        struct client *client = &load->clients[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        client->fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (client->fd < 0 ||
            connect(client->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
            epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
            die("no connection to %s: %s", path, strerror(errno));
    }
}

static void run(struct load *load, double seconds)
{
    int64_t begin_us = now_us(), span_us = (int64_t)(seconds * 1e6);

    load->count_from_us = begin_us + span_us * WARMUP_PERCENT / 100;
    load->end_us = begin_us + span_us;
    for (int i = 0; i < load->client_count; i++)
        ask_next(load, &load->clients[i]);
    while (now_us() < load->end_us) {
        struct epoll_event events[64];
        int count = epoll_wait(load->epoll, events, 64, 100);
        for (int i = 0; i < count; i++)
            take_bytes(load, events[i].data.ptr);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static double percentile_ms(const struct load *load, double part)
{
    size_t index = (size_t)(part * (double)(load->time_count - 1));

    return load->times_us[index] / 1000.0;
}

static void report(struct load *load)
{
    double seconds = (double)(load->end_us - load->count_from_us) / 1e6;

    if (load->time_count == 0)
        die("no transition was answered in time");
    qsort(load->times_us, load->time_count, sizeof(*load->times_us), compare);
    printf("%4d clients  %8zu transitions  %8.0f/s  p50 %7.2f ms  p99 %7.2f ms\n",
           load->client_count, load->time_count, (double)load->time_count / seconds,
           percentile_ms(load, 0.50), percentile_ms(load, 0.99));
}

int main(int argc, char **argv)
{
    static struct load load;
    double seconds = argc == 4 ? strtod(argv[3], NULL) : 0;

    load.client_count = argc == 4 ? atoi(argv[2]) : 0;
    if (load.client_count < 1 || load.client_count > CLIENTS_MAX || seconds <= 0)
        die("usage: return-case SOCKET CLIENTS SECONDS");
    memset(load.note_open, 'o', OPEN_BYTES);
    memset(load.note, 't', TRANSITION_BYTES);
    load.clients = calloc((size_t)load.client_count, sizeof(*load.clients));
    if (!load.clients)
        die("no memory");
    connect_all(&load, argv[1]);
    run(&load, seconds);
    report(&load);
    return 0;
}
