/* One request over the Unix socket, by libcurl.
 *
 * A write carries an Idempotency-Key, so it may be repeated while the daemon is away, starting or
 * busy: it is carried out once. A read is repeated likewise. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "client/client.h"

enum { TRIES = 6, FIRST_PAUSE_MS = 100, TIMEOUT_S = 180, ANSWER_BYTES_MAX = 64 << 20 };

static const char staff_socket[] = "/run/sankofa/staff.sock";
static const char admin_socket[] = "/run/sankofa/admin.sock";

const char *http_socket(const struct client *client, bool is_admin)
{
    const char *named = getenv(is_admin ? "SANKOFA_ADMIN_SOCKET" : "SANKOFA_SOCKET");

    if (client->socket)
        return client->socket;
    if (named && named[0] != '\0')
        return named;
    return is_admin ? admin_socket : staff_socket;
}

/* What the answer fills. */
struct sink {
    struct text_buffer body;
    bool is_too_large;
};

static size_t take(char *bytes, size_t size, size_t count, void *self)
{
    struct sink *sink = self;

    if (sink->body.size + size * count > ANSWER_BYTES_MAX) {
        sink->is_too_large = true;
        return 0;
    }
    text_append(&sink->body, (struct text){bytes, size * count});
    return size * count;
}

struct text http_random_key(struct client *client)
{
    uint8_t bytes[16];

    CHECK(getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
    return text_hex(client->arena, bytes, sizeof(bytes));
}

static struct curl_slist *add_header(struct client *client, struct curl_slist *list,
                                     const char *name, const char *value)
{
    if (!value || value[0] == '\0')
        return list;
    list = curl_slist_append(list, text_printf(client->arena, "%s: %s", name, value).bytes);
    CHECK(list);
    return list;
}

/* That which was asked for; else that of our own words; else the workflow's first. */
static const char *languages(const struct client *client)
{
    if (!client->language || strcmp(client->language, client->speaks) == 0)
        return client->language;
    return text_printf(client->arena, "%s, %s;q=0.5", client->language, client->speaks).bytes;
}

struct curl_slist *http_headers(struct client *client, bool is_write, const char *type)
{
    struct curl_slist *list = NULL;

    list = add_header(client, list, "Content-Type", type);
    list = add_header(client, list, "Sankofa-As", client->as);
    list = add_header(client, list, "Accept-Language", languages(client));
    list = add_header(client, list, "Sankofa-File", client->file);
    if (is_write)
        list = add_header(client, list, "Idempotency-Key", client->key);
    if (client->revision)
        list = add_header(client, list, "If-Match",
                          text_printf(client->arena, "\"%s\"", client->revision).bytes);
    return list;
}

/* What one attempt is made of. */
struct attempt {
    const char *method, *socket, *url;
    const struct text *body;
    struct curl_slist *headers;
};

static CURLcode try_once(struct client *client, const struct attempt *attempt,
                         struct client_answer *answer_out)
{
    CURL *curl = curl_easy_init();
    struct sink sink = {0};
    long status = 0;

    CHECK(curl);
    text_buffer_init(&sink.body, client->arena);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, attempt->socket);
    curl_easy_setopt(curl, CURLOPT_URL, attempt->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, attempt->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (attempt->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, attempt->body->bytes);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)attempt->body->size);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, attempt->method);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    answer_out->status = (int)status;
    answer_out->raw = text_buffer_text(&sink.body);
    return result;
}

static void pause_ms(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

bool http_pause(int attempt)
{
    if (attempt > 0 && attempt < TRIES)
        pause_ms((long)FIRST_PAUSE_MS << attempt);
    return attempt < TRIES;
}

/* That lasts until somebody comes. */
static bool is_sealed(const struct client_answer *answer)
{
    static const char code[] = "\"code\":\"sealed\"";

    return answer->raw.size > 0 &&
           memmem(answer->raw.bytes, answer->raw.size, code, sizeof(code) - 1);
}

bool http_is_worth_repeating(int result, const struct client_answer *answer)
{
    return result == CURLE_COULDNT_CONNECT || result == CURLE_RECV_ERROR ||
           result == CURLE_SEND_ERROR || result == CURLE_GOT_NOTHING ||
           (result == CURLE_OK && (answer->status == 429 || answer->status == 503) &&
            !is_sealed(answer));
}

int http_ask(struct client *client, const char *method, bool is_admin, struct text path,
             const struct text *body, const char *type, struct client_answer *answer_out)
{
    bool is_write = strcmp(method, "GET") != 0;
    CURLcode result = CURLE_OK;

    if (is_write && !client->key)
        client->key = http_random_key(client).bytes;
    struct attempt attempt = {
        .method = method,
        .socket = http_socket(client, is_admin),
        .url = text_printf(client->arena, "http://sankofa%.*s", TEXT_ARG(path)).bytes,
        .body = body,
        .headers = http_headers(client, is_write, type),
    };
    attempt.headers = curl_slist_append(attempt.headers, "Expect:"); /* no round trip before it */
    CHECK(attempt.headers);
    for (int i = 0; http_pause(i); i++) {
        result = try_once(client, &attempt, answer_out);
        if (!http_is_worth_repeating((int)result, answer_out))
            break;
        if (result == CURLE_COULDNT_CONNECT && i == 1)
            break; /* nobody is there; a daemon that restarts is worth one pause */
    }
    curl_slist_free_all(attempt.headers);
    if (result != CURLE_OK)
        return http_explain(attempt.socket, (int)result);
    answer_out->body = value_null();
    if (json_read(client->arena, answer_out->raw, &answer_out->body, NULL) != 0)
        answer_out->body = value_null();
    return CLIENT_DONE;
}

static int finish(struct client *client, const struct client_answer *answer, struct value *body_out)
{
    if (answer->status >= 400 || answer->body.kind != VALUE_MAP)
        return print_problem(client, answer);
    *body_out = answer->body;
    return CLIENT_DONE;
}

int http_get(struct client *client, bool is_admin, struct text path, struct value *body_out)
{
    struct client_answer answer;
    int result = http_ask(client, "GET", is_admin, path, NULL, NULL, &answer);

    return result == CLIENT_DONE ? finish(client, &answer, body_out) : result;
}

int http_post(struct client *client, bool is_admin, struct text path, const struct value *body,
              struct value *body_out)
{
    struct client_answer answer;
    struct text json = json_write(client->arena, body);
    int result = http_ask(client, "POST", is_admin, path, &json, "application/json", &answer);

    return result == CLIENT_DONE ? finish(client, &answer, body_out) : result;
}

int http_patch(struct client *client, struct text path, const struct value *body,
               struct value *body_out)
{
    struct client_answer answer;
    struct text json = json_write(client->arena, body);
    int result = http_ask(client, "PATCH", false, path, &json, "application/json", &answer);

    return result == CLIENT_DONE ? finish(client, &answer, body_out) : result;
}

/* ---- Paths. ---- */

struct text http_escape(struct client *client, const char *segment)
{
    static const char digits[] = "0123456789ABCDEF";
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (const char *at = segment; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        char escaped[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
            (byte >= '0' && byte <= '9') || strchr("-._~", byte))
            text_append(&buffer, (struct text){at, 1});
        else
            text_append(&buffer, (struct text){escaped, 3});
    }
    return text_buffer_text(&buffer);
}
