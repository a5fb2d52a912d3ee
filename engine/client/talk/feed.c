/* The event feed, line by line, until it ends, breaks, or somebody has had enough. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "client/client.h"

enum { WAIT_MS = 1000, LINE_BYTES_MAX = 16 << 20 };

struct following {
    CURL *curl;
    struct client *client;
    struct text_buffer rest; /* of a line, or of a problem */
    struct arena *arena;     /* of the rest */
    const struct client_feed *feed;
    void *self;
};

static void give_lines(struct following *following)
{
    struct text text = text_buffer_text(&following->rest);
    struct arena *next = arena_create("rest");
    const char *newline;

    while (text.size > 0 && (newline = memchr(text.bytes, '\n', text.size))) {
        size_t size = (size_t)(newline - text.bytes);
        following->feed->line(following->self, (struct text){text.bytes, size});
        text = (struct text){newline + 1, text.size - size - 1};
    }
    text_buffer_init(&following->rest, next);
    text_append(&following->rest, text);
    arena_destroy(following->arena);
    following->arena = next;
}

static size_t follow(char *bytes, size_t size, size_t count, void *self)
{
    struct following *following = self;
    long status = 0;

    if (following->rest.size + size * count > LINE_BYTES_MAX)
        return 0;
    text_append(&following->rest, (struct text){bytes, size * count});
    curl_easy_getinfo(following->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200)
        give_lines(following);
    return ferror(stdout) ? 0 : size * count;
}

static int refused(struct client *client, int status, struct text raw)
{
    struct client_answer answer = {.status = status, .raw = text_copy(client->arena, raw)};

    if (json_read(client->arena, answer.raw, &answer.body, NULL) != 0)
        answer.body = value_null();
    return print_problem(client, &answer);
}

/* Until the transfer is over, or `feed` says so. */
static CURLcode transfer(struct following *following)
{
    CURLM *multi = curl_multi_init();
    struct curl_waitfd other = {.fd = following->feed->fd, .events = CURL_WAIT_POLLIN};
    unsigned int other_count = following->feed->fd >= 0;
    CURLcode result = CURLE_OK;
    int running = 1, queued;

    CHECK(multi);
    CHECK(curl_multi_add_handle(multi, following->curl) == CURLM_OK);
    while (running > 0) {
        CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
        if (following->feed->tick && !following->feed->tick(following->self))
            break;
        if (running > 0)
            CHECK(curl_multi_poll(multi, &other, other_count, WAIT_MS, NULL) == CURLM_OK);
    }
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued));)
        if (message->msg == CURLMSG_DONE)
            result = message->data.result;
    curl_multi_remove_handle(multi, following->curl);
    curl_multi_cleanup(multi);
    return result;
}

int http_follow(struct client *client, struct text path, const struct client_feed *feed, void *self)
{
    const char *socket = http_socket(client, false);
    struct following following = {
        .client = client, .arena = arena_create("rest"), .feed = feed, .self = self};
    struct curl_slist *list = http_headers(client, false, NULL);
    long status = 0;

    text_buffer_init(&following.rest, following.arena);
    following.curl = curl_easy_init();
    CHECK(following.curl);
    curl_easy_setopt(following.curl, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_easy_setopt(following.curl, CURLOPT_URL,
                     text_printf(client->arena, "http://sankofa%.*s", TEXT_ARG(path)).bytes);
    curl_easy_setopt(following.curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(following.curl, CURLOPT_WRITEFUNCTION, follow);
    curl_easy_setopt(following.curl, CURLOPT_WRITEDATA, &following);
    curl_easy_setopt(following.curl, CURLOPT_PROXY, "");
    CURLcode result = transfer(&following);
    curl_easy_getinfo(following.curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(following.curl);
    curl_slist_free_all(list);
    int told = CLIENT_DONE;
    if (result == CURLE_COULDNT_CONNECT)
        told = feed->is_patient ? CLIENT_NO_DAEMON : http_explain(socket, (int)result);
    else if (status == 503 && feed->is_patient)
        told = CLIENT_BUSY;
    else if (status != 0 && status != 200)
        told = refused(client, (int)status, text_buffer_text(&following.rest));
    arena_destroy(following.arena);
    return told;
}
