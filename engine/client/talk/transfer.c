/* Files as bodies: sent and taken a piece at a time, by libcurl. */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "client/client.h"
#include "vault/vault.h"

/* The daemon may write for a long time to a slow disk, but it does not sleep so long. */
enum { SILENCE_S = 180, ANSWER_BYTES_MAX = 1 << 20, EXIT_DAMAGED = 8 };

struct transfer {
    struct client *client;
    CURL *curl;
    int fd;
    int64_t done, total;
    struct text_buffer answer; /* a JSON body, or a problem */
    struct vault_hasher *hasher;
    int error; /* of our own file */
    struct client_progress progress;
};

static void advance(struct transfer *transfer, size_t size)
{
    transfer->done += (int64_t)size;
    progress_show(&transfer->progress, transfer->done, transfer->total,
                  progress_left_s(&transfer->progress, transfer->done, transfer->total));
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *transfer = self;

    if (transfer->answer.size + size * count > ANSWER_BYTES_MAX)
        return 0;
    text_append(&transfer->answer, (struct text){bytes, size * count});
    return size * count;
}

static CURL *prepare(struct transfer *transfer, const char *socket, struct text path,
                     struct curl_slist *headers)
{
    CURL *curl = curl_easy_init();

    CHECK(curl);
    transfer->curl = curl;
    transfer->done = 0;
    text_buffer_init(&transfer->answer, transfer->client->arena);
    text_append(&transfer->answer, TEXT(""));
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_easy_setopt(
        curl, CURLOPT_URL,
        text_printf(transfer->client->arena, "http://sankofa%.*s", TEXT_ARG(path)).bytes);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    return curl;
}

/* ---- Sending. ---- */

static size_t give(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *transfer = self;
    ssize_t got;

    do
        got = pread(transfer->fd, bytes, size * count, (off_t)transfer->done);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        transfer->error = errno;
        return CURL_READFUNC_ABORT;
    }
    advance(transfer, (size_t)got);
    return (size_t)got;
}

static CURLcode send_once(struct transfer *transfer, const char *socket, struct text path,
                          struct curl_slist *headers, struct client_answer *answer_out)
{
    CURL *curl = prepare(transfer, socket, path, headers);
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "POST");
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->total);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    answer_out->status = (int)status;
    answer_out->raw = text_buffer_text(&transfer->answer);
    if (json_read(transfer->client->arena, answer_out->raw, &answer_out->body, NULL) != 0)
        answer_out->body = value_null();
    return result;
}

int transfer_send(struct client *client, struct text path, int fd, int64_t size, const char *type,
                  struct value *body_out)
{
    struct transfer transfer = {.client = client,
                                .fd = fd,
                                .total = size,
                                .progress = progress_begin(client, text_from(_("attaching")))};
    const char *socket = http_socket(client, false);
    struct client_answer answer = {0};
    CURLcode result = CURLE_OK;

    if (!client->key)
        client->key = http_random_key(client).bytes;
    /* A refusal that needs no body comes before it: curl asks first where there is much of it. */
    struct curl_slist *headers = http_headers(client, true, type);
    for (int i = 0; http_pause(i); i++) {
        result = send_once(&transfer, socket, path, headers, &answer);
        if (transfer.error != 0 || !http_is_worth_repeating((int)result, &answer))
            break;
    }
    curl_slist_free_all(headers);
    progress_end(&transfer.progress);
    if (transfer.error != 0) {
        complain("The file cannot be read to its end: %s.", strerror(transfer.error));
        complain("Nothing of it was kept.");
        return CLIENT_WRONG_USE;
    }
    if (answer.status == 0)
        return http_explain(socket, (int)result);
    if (answer.status >= 400 || answer.body.kind != VALUE_MAP)
        return print_problem(client, &answer);
    *body_out = answer.body;
    return CLIENT_DONE;
}

/* ---- Taking. ---- */

static size_t take(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *transfer = self;
    size_t done = 0;
    long status = 0;

    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return take_answer(bytes, size, count, self);
    while (done < size * count) {
        ssize_t some = write(transfer->fd, bytes + done, size * count - done);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0) {
            transfer->error = errno;
            return 0;
        }
        done += (size_t)some;
    }
    vault_hasher_add(transfer->hasher, bytes, done);
    advance(transfer, done);
    return done;
}

static int judge(struct transfer *transfer, const char *socket, CURLcode result, long status,
                 struct text sha256)
{
    struct client *client = transfer->client;
    struct client_answer answer = {.status = (int)status,
                                   .raw = text_buffer_text(&transfer->answer)};
    uint8_t hash[VAULT_HASH_BYTES];

    vault_hasher_end(transfer->hasher, hash);
    if (transfer->error != 0) {
        complain("The file cannot be written: %s.", strerror(transfer->error));
        complain("Make room there, or name another place.");
        return CLIENT_WRONG_USE;
    }
    if (status == 0)
        return http_explain(socket, (int)result);
    if (status != 200) {
        if (json_read(client->arena, answer.raw, &answer.body, NULL) != 0)
            answer.body = value_null();
        return print_problem(client, &answer);
    }
    bool is_whole =
        transfer->total < 0 || (transfer->done == transfer->total &&
                                text_equal(text_hex(client->arena, hash, sizeof(hash)), sha256));
    if (result == CURLE_OK && is_whole)
        return CLIENT_DONE;
    complain("What came is cut, or not as it was attached.");
    complain("Try again; if it stays so, the store is damaged: tell the administrator.");
    return EXIT_DAMAGED;
}

int transfer_get(struct client *client, const struct transfer_wanted *wanted, int fd)
{
    struct transfer transfer = {.client = client,
                                .fd = fd,
                                .total = wanted->size,
                                .hasher = wanted->hasher,
                                .progress = progress_begin(client, text_from(_("fetching")))};
    const char *socket = http_socket(client, false);
    struct curl_slist *headers = http_headers(client, false, NULL);
    CURL *curl = prepare(&transfer, socket, wanted->path, headers);
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    progress_end(&transfer.progress);
    return judge(&transfer, socket, result, status, wanted->sha256);
}
