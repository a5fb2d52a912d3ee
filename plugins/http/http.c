/* http: asks a service of an authority or partner, over HTTPS, and gives back what it said.
 *
 * The happy path of the step `request`:
 * 1. The input `host` is a name; the administrator's secret `hosts` has a line for each name that
 * may be asked, `registry = https://registry.example.org/api`, and lines of headers for it,
 *    `registry: Authorization: Bearer ...`. A workflow names hosts, it never writes addresses.
 * 2. The request is made: method, the host's address, the path, the fields as one JSON object, and
 *    the call's key as Idempotency-Key, the same for every try.
 * 3. An answer of 200 to 299 is the outcome. What may be better later (no connection, 408, 425,
 * 429, 500 and above) fails and may be tried again; everything else fails for good. A reason tells
 * the status, never what the service said.
 *
 * Certificates are always checked and redirects are never followed: what was declared is what is
 * asked. Plain http is for this machine alone (127.0.0.1, [::1]). No installation has this plugin
 * unless somebody puts it into sankofad.yaml and grants the hosts. */
#include <sankofa/step.h>

#include <ctype.h>
#include <curl/curl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* The rules. */

enum {
    NAME_BYTES_MAX = 60,
    LINE_BYTES_MAX = 2000,
    PATH_BYTES_MAX = 1000,
    URL_BYTES_MAX = LINE_BYTES_MAX + PATH_BYTES_MAX,
    ANSWER_BYTES_MAX = 256 << 10,
    CONNECT_MS = 10000,
    WHOLE_MS = 50000 /* below what a step has */
};

/* Inputs and outputs. */

static const struct sankofa_field *const inputs[] = {
    SANKOFA_FIELD(.name = "host", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Whom to ask: a name in the secret `hosts`."),
    SANKOFA_FIELD(.name = "method", .kind = SANKOFA_TEXT, .initial = "GET",
                  .options = SANKOFA_OPTIONS("GET", "POST", "PUT"),
                  .doc = "The method of RFC 9110."),
    SANKOFA_FIELD(.name = "path", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "What stands behind the host's address; begins with a slash."),
    SANKOFA_FIELD(.name = "fields", .kind = SANKOFA_TEXTS,
                  .doc = "The body, of POST and PUT: a list of name=value."),
    NULL,
};

static const struct sankofa_field *const outputs[] = {
    SANKOFA_FIELD(.name = "status", .kind = SANKOFA_INTEGER, .doc = "The status of the answer."),
    SANKOFA_FIELD(.name = "body", .kind = SANKOFA_TEXT, .doc = "Its body, where that is text."),
    SANKOFA_FIELD(.name = "location", .kind = SANKOFA_TEXT, .doc = "Its header Location."),
    NULL,
};

/* One request. */

struct request {
    const struct sankofa_host *host;
    struct sankofa_call *call;
    CURL *curl;
    char base[LINE_BYTES_MAX + 1], url[URL_BYTES_MAX + 1];
    struct curl_slist *headers;
    char *body; /* JSON; NULL: none */
    char answer[ANSWER_BYTES_MAX + 1];
    size_t answer_size;
    char location[PATH_BYTES_MAX + 1];
    bool is_too_large;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct request *request, int retry,
                                                       const char *format, ...)
{
    char reason[300];
    va_list list;

    va_start(list, format);
    vsnprintf(reason, sizeof(reason), format, list);
    va_end(list);
    request->host->fail(request->call, retry, reason);
    return false;
}

/* What the administrator gave. */

static bool add_header(struct request *request, const char *header)
{
    struct curl_slist *list = curl_slist_append(request->headers, header);

    if (!list)
        return fail(request, 1, "There is no memory for the headers.");
    request->headers = list;
    return true;
}

/* `NAME = ADDRESS` or `NAME: HEADER: VALUE`; lines of other names pass by. */
static bool take_line(struct request *request, struct sankofa_text name, char *line)
{
    char *value = line + name.size;

    if (strncmp(line, name.bytes, name.size) != 0)
        return true;
    while (*value == ' ' || *value == '\t')
        value++;
    char sign = *value;
    if (sign != '=' && sign != ':')
        return true;
    value++;
    while (*value == ' ' || *value == '\t')
        value++;
    size_t size = strlen(value);
    while (size > 0 && strchr(" \t\r", value[size - 1]))
        value[--size] = '\0';
    if (sign == ':')
        return add_header(request, value);
    while (size > 0 && value[size - 1] == '/')
        value[--size] = '\0';
    snprintf(request->base, sizeof(request->base), "%s", value);
    return true;
}

/* https, or http to this very machine. */
static bool is_address(const char *url)
{
    static const char *const locals[] = {"http://127.0.0.1", "http://[::1]"};

    if (strncmp(url, "https://", 8) == 0)
        return url[8] != '\0' && url[8] != '/';
    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(locals[i]);
        if (strncmp(url, locals[i], size) == 0)
            return url[size] == '\0' || url[size] == ':' || url[size] == '/';
    }
    return false;
}

static bool find_host(struct request *request)
{
    struct sankofa_text name = sankofa_text_of(request->host, request->call, "host");
    struct sankofa_text lines = sankofa_secret(request->host, request->call, "hosts");
    const char *at = lines.bytes, *end = lines.bytes + lines.size;
    char line[LINE_BYTES_MAX + 1];

    if (name.size == 0 || name.size > NAME_BYTES_MAX ||
        strspn(name.bytes, "abcdefghijklmnopqrstuvwxyz0123456789_-") != name.size)
        return fail(request, 0, "The host's name is not one of small letters and digits.");
    while (lines.size > 0 && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        if (size <= LINE_BYTES_MAX) {
            memcpy(line, at, size);
            line[size] = '\0';
            if (!take_line(request, name, line))
                return false;
        }
        at = stop ? stop + 1 : end;
    }
    if (request->base[0] == '\0')
        return fail(request, 0, "The plugin was given no line in `hosts` for \"%s\".", name.bytes);
    return is_address(request->base) ||
           fail(request, 0, "The address of \"%s\" is neither https nor of this machine.",
                name.bytes);
}

/* What is asked. */

/* Bytes that stand in a path or a query as they are; what else is meant is written %XX. */
static bool is_path(struct sankofa_text path)
{
    static const char signs[] = "/-._~!$&'()*+,;=:@?%";

    if (path.size == 0 || path.size > PATH_BYTES_MAX || path.bytes[0] != '/' ||
        strstr(path.bytes, ".."))
        return false;
    for (size_t i = 0; i < path.size; i++) {
        unsigned char c = (unsigned char)path.bytes[i];
        if (c >= 0x80 || c == '\0' || (!isalnum(c) && !strchr(signs, c)))
            return false;
    }
    return true;
}

static bool add_fields(struct request *request, json_t *body)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    if (request->host->get(request->call, "fields", &value) != 1)
        return true;
    for (size_t i = 0; i < value.text_count; i++) {
        const char *text = value.texts[i].bytes;
        const char *sign = memchr(text, '=', value.texts[i].size);
        if (!sign || sign == text)
            return fail(request, 0, "Field %zu is not name=value.", i + 1);
        size_t size = (size_t)(sign - text);
        if (json_object_setn_new(body, text, size,
                                 json_stringn(sign + 1, value.texts[i].size - size - 1)) != 0)
            return fail(request, 0, "Field %zu cannot be written as JSON.", i + 1);
    }
    return true;
}

static bool write_body(struct request *request)
{
    json_t *body = json_object();
    bool is_good = add_fields(request, body);

    if (is_good && !(request->body = json_dumps(body, JSON_COMPACT)))
        is_good = fail(request, 1, "There is no memory for the body.");
    json_decref(body);
    return is_good && add_header(request, "Content-Type: application/json");
}

static bool write_request(struct request *request)
{
    struct sankofa_text path = sankofa_text_of(request->host, request->call, "path");
    struct sankofa_text key = request->host->idempotency_key(request->call);
    bool is_get = strcmp(sankofa_text_of(request->host, request->call, "method").bytes, "GET") == 0;
    char header[300];

    if (!is_path(path))
        return fail(request, 0,
                    "The path does not begin with a slash, or has signs that must be "
                    "written %%XX.");
    snprintf(request->url, sizeof(request->url), "%s%s", request->base, path.bytes);
    snprintf(header, sizeof(header), "Idempotency-Key: %.*s", (int)key.size, key.bytes);
    return add_header(request, header) && add_header(request, "Accept: application/json, text/*") &&
           (is_get || write_body(request));
}

/* Asking. */

static size_t take_answer(char *bytes, size_t size, size_t count, void *self)
{
    struct request *request = self;

    if (size * count > ANSWER_BYTES_MAX - request->answer_size) {
        request->is_too_large = true;
        return 0;
    }
    memcpy(request->answer + request->answer_size, bytes, size * count);
    request->answer_size += size * count;
    return size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *self)
{
    static const char name[] = "location:";
    struct request *request = self;
    size_t all = size * count, at = sizeof(name) - 1;

    if (all > at && strncasecmp(bytes, name, at) == 0) {
        while (at < all && (bytes[at] == ' ' || bytes[at] == '\t'))
            at++;
        while (all > at && strchr(" \t\r\n", bytes[all - 1]))
            all--;
        snprintf(request->location, sizeof(request->location), "%.*s", (int)(all - at), bytes + at);
    }
    return size * count;
}

static int look(void *self, curl_off_t down, curl_off_t downed, curl_off_t up, curl_off_t upped)
{
    struct request *request = self;

    (void)down, (void)downed, (void)up, (void)upped;
    return request->host->cancelled(request->call);
}

static CURLcode ask(struct request *request)
{
    CURL *curl = request->curl;

    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
                     sankofa_text_of(request->host, request->call, "method").bytes);
    if (request->body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, request);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request);
    return curl_easy_perform(curl);
}

/* A certificate that does not fit will not fit next time either. */
static bool may_be_better_later(CURLcode code)
{
    return code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CACERT_BADFILE &&
           code != CURLE_URL_MALFORMAT && code != CURLE_UNSUPPORTED_PROTOCOL;
}

static bool judge(struct request *request, CURLcode code)
{
    long status = 0;

    if (request->is_too_large)
        return fail(request, 0, "The answer is larger than %d bytes.", ANSWER_BYTES_MAX);
    if (code != CURLE_OK)
        return fail(request, may_be_better_later(code), "The service cannot be asked: %s.",
                    curl_easy_strerror(code));
    curl_easy_getinfo(request->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300)
        return sankofa_put_integer(request->host, request->call, "status", status) == 0;
    return fail(request, status == 408 || status == 425 || status == 429 || status >= 500,
                "The service answered with status %ld.", status);
}

/* Text is put as it is; other bodies are none of a workflow's. */
static bool put_answer(struct request *request)
{
    json_t *proof = json_stringn(request->answer, request->answer_size); /* it is UTF-8 */
    bool is_text = proof && !memchr(request->answer, '\0', request->answer_size);

    json_decref(proof);
    request->answer[request->answer_size] = '\0';
    if (is_text && request->answer_size > 0)
        sankofa_put_text(request->host, request->call, "body", request->answer);
    if (request->location[0] != '\0')
        sankofa_put_text(request->host, request->call, "location", request->location);
    return true;
}

static enum sankofa_outcome run(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct request *request = calloc(1, sizeof(*request));
    bool is_done = false;

    if (!request)
        return host->fail(call, 1, "There is no memory for this call."), SANKOFA_FAILED;
    request->host = host;
    request->call = call;
    request->curl = curl_easy_init();
    if (!request->curl)
        fail(request, 1, "libcurl cannot begin.");
    else
        is_done = find_host(request) && write_request(request) && judge(request, ask(request)) &&
                  put_answer(request);
    curl_easy_cleanup(request->curl);
    curl_slist_free_all(request->headers);
    free(request->body);
    explicit_bzero(request, sizeof(*request));
    free(request);
    return is_done ? SANKOFA_DONE : SANKOFA_FAILED;
}

static const struct sankofa_step_type request_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .needs = SANKOFA_NETWORK, /* with it come names of hosts and certificates */
    .name = "request",
    .summary = "Asks a declared service over HTTPS.",
    .inputs = inputs,
    .outputs = outputs,
    .run = run,
};

static const struct sankofa_step_type *const step_types[] = {&request_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "http",
    .version = "1.0.0",
    .summary = "Requests to declared services of authorities and partners.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
