/* What headers say. */
#include <string.h>

#include "api/internal.h"
#include "base/language.h"

const char *headers_get(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* ---- What makes a request unsafe to read. ---- */

/* Said twice, these could be read one way here and another way elsewhere. */
static const char *const single[] = {
    "Content-Length", "Transfer-Encoding", "Content-Type", "Idempotency-Key",
    "If-Match",       "Sankofa-As",        "Sankofa-File", "Host",
};

enum { SINGLE_COUNT = sizeof(single) / sizeof(single[0]) };

struct looking {
    unsigned counts[SINGLE_COUNT];
    const char *twice; /* a name of `single` */
    bool is_dirty;
};

static bool is_clean(const char *value)
{
    for (const char *at = value; *at; at++)
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
            return false;
    return text_is_utf8(text_from(value));
}

/* The library takes a space before the colon into the name, where a proxy would not. */
static bool is_token(const char *name)
{
    if (*name == '\0')
        return false;
    for (const char *at = name; *at; at++)
        if (*at <= 0x20 || *at >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", *at))
            return false;
    return true;
}

static enum MHD_Result look(void *self, enum MHD_ValueKind kind, const char *name,
                            const char *value)
{
    struct looking *looking = self;

    (void)kind;
    for (size_t i = 0; i < SINGLE_COUNT; i++)
        if (strcasecmp(name, single[i]) == 0 && ++looking->counts[i] > 1)
            looking->twice = single[i];
    looking->is_dirty = looking->is_dirty || !is_token(name) || (value && !is_clean(value));
    return MHD_YES;
}

/* The library takes a Content-Length beside a Transfer-Encoding, and two Content-Lengths, which RFC
 * 9112 forbids; and for another encoding than chunked it waits for a body without end. */
static bool is_framed(struct request *request, const struct looking *looking)
{
    const char *encoding = headers_get(request, "Transfer-Encoding");

    if (looking->counts[0] + looking->counts[1] <= 1 &&
        (!encoding || strcasecmp(encoding, "chunked") == 0))
        return true;
    request->is_closing = true;
    request_fail(request, PROBLEM_BAD_REQUEST,
                 "Send one Content-Length, or Transfer-Encoding: chunked.",
                 "It is not clear where this request ends.");
    return false;
}

bool headers_fit(struct request *request)
{
    size_t size_max = request_body_max(request);
    const char *length = headers_get(request, "Content-Length");
    int64_t size = 0;

    if (!length || (text_to_int(text_from(length), &size) && size <= (int64_t)size_max))
        return true;
    request->is_closing = true;
    if (!request->answer.bytes)
        request_fail(request, PROBLEM_TOO_LARGE, "Send less at once.",
                     "The body is larger than %zu bytes.", size_max);
    return false;
}

/* RFC 9112 asks for that, and who leaves it out would not be understood elsewhere. */
static bool has_host(struct request *request, const char *version)
{
    if (strcmp(version, "HTTP/1.0") == 0 || headers_get(request, "Host"))
        return true;
    request_fail(request, PROBLEM_BAD_REQUEST, "Send Host: sankofa; any name will do.",
                 "The header Host is missing.");
    return false;
}

bool headers_check(struct request *request, const char *version)
{
    struct looking looking = {0};

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, look, &looking);
    if (!is_framed(request, &looking))
        return false;
    if (looking.is_dirty)
        request_fail(request, PROBLEM_BAD_REQUEST, "Send UTF-8 without control characters.",
                     "A header of this request cannot be read.");
    else if (looking.twice)
        request_fail(request, PROBLEM_BAD_REQUEST, "Send it once.",
                     "The header %s stands there more than once.", looking.twice);
    return !looking.is_dirty && !looking.twice && has_host(request, version);
}

/* ---- One header each. ---- */

static bool read_key(struct request *request)
{
    const char *key = headers_get(request, "Idempotency-Key");
    size_t size = key ? strlen(key) : 0;

    if (!key)
        return true;
    for (size_t i = 0; key[i]; i++)
        if (key[i] < 0x21 || key[i] > 0x7e)
            size = 0;
    if (size == 0 || size > CASE_KEY_BYTES_MAX) {
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "Use 1 to 200 visible ASCII characters, such as a random UUID.",
                     "The Idempotency-Key cannot be used.");
        return false;
    }
    request->run.key = text_from(key);
    return true;
}

static bool read_revision(struct request *request)
{
    struct text text = text_from(headers_get(request, "If-Match"));
    bool is_quoted = text.size > 2 && text.bytes[0] == '"' && text.bytes[text.size - 1] == '"';
    int64_t revision;

    if (!text.bytes || text_is(text, "*"))
        return true;
    /* Somebody relies on it: where it would say nothing it is not passed over. */
    if (strcmp(request->route->method, "GET") != 0 && !route_segment(request, "case").bytes) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Leave If-Match out.",
                     "What this would change has no revision.");
        return false;
    }
    if (!is_quoted || !text_to_int((struct text){text.bytes + 1, text.size - 2}, &revision) ||
        revision < 0) {
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "Give back the ETag of the case as it was: If-Match: \"42\".",
                     "If-Match is no revision of a case.");
        return false;
    }
    request->run.has_revision = true;
    request->run.revision = (uint64_t)revision;
    return true;
}

struct joining {
    const char *name;
    struct text_buffer text;
};

static enum MHD_Result join(void *self, enum MHD_ValueKind kind, const char *name,
                            const char *value)
{
    struct joining *joining = self;

    (void)kind;
    if (strcasecmp(name, joining->name) == 0 && value)
        text_append_printf(&joining->text, "%s%s", joining->text.size > 0 ? ", " : "", value);
    return MHD_YES;
}

struct text headers_list(const struct request *request, const char *name)
{
    struct joining joining = {.name = name};

    text_buffer_init(&joining.text, request->arena);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, join, &joining);
    return joining.text.size > 0 ? text_buffer_text(&joining.text) : TEXT_NONE;
}

double headers_weight(const struct request *request, const char *name, const char *wanted)
{
    const char *list = headers_list(request, name).bytes;
    size_t wanted_size = strlen(wanted);

    for (const char *at = list; at && *at; at += *at == ',') {
        at += strspn(at, " \t");
        size_t size = strcspn(at, ","), own_size = strcspn(at, ",; \t");
        if (own_size == wanted_size && strncasecmp(at, wanted, wanted_size) == 0)
            return language_weight((struct text){at + own_size, size - own_size});
        at += size;
    }
    return 0;
}

/* What came packed would be taken for what is in it. */
static bool is_unpacked(struct request *request)
{
    const char *coding = headers_get(request, "Content-Encoding");

    if (!coding || strcasecmp(coding, "identity") == 0 ||
        strcmp(request->route->method, "GET") == 0)
        return true;
    request_fail(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Send it as it is, unpacked.",
                 "No Content-Encoding is taken here.");
    return false;
}

/* ?lang=fr, else Accept-Language; each workflow then has the best of those that are its own. */
static void read_language(struct request *request)
{
    struct text asked = target_query(request, "lang");

    if (!asked.bytes)
        asked = headers_list(request, "Accept-Language");
    request->run.language = language_wanted(request->arena, asked);
}

bool headers_read(struct request *request)
{
    request->run.wants_case = headers_weight(request, "Prefer", "return=representation") > 0;
    read_language(request);
    return is_unpacked(request) && read_key(request) && read_revision(request);
}

bool headers_are_json(struct request *request)
{
    static const char json[] = "application/json";
    const char *type = headers_get(request, "Content-Type");
    size_t size = type ? strcspn(type, "; \t") : 0;

    if (size == sizeof(json) - 1 && strncasecmp(type, json, size) == 0)
        return true;
    request_fail(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                 "Send it with Content-Type: application/json.",
                 "The body is not said to be JSON.");
    return false;
}
