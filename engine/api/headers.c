/* What headers and the query say. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"

enum { LANGUAGE_BYTES_MAX = 16 };

static const char *header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* ---- Framing: what the library lets pass, and RFC 9112 forbids. ---- */

struct framing {
    const char *length;
    unsigned length_count, encoding_count;
    bool differ;
};

static enum MHD_Result count_framing(void *self, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct framing *framing = self;

    (void)kind;
    if (strcasecmp(name, "Transfer-Encoding") == 0)
        framing->encoding_count++;
    if (strcasecmp(name, "Content-Length") == 0) {
        framing->differ =
            framing->differ || (framing->length && value && strcmp(framing->length, value) != 0);
        framing->length = value;
        framing->length_count++;
    }
    return MHD_YES;
}

bool headers_check_framing(struct request *request)
{
    struct framing framing = {0};
    size_t size_max = request->api->options.limits.body_bytes_max;
    int64_t length;

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_framing, &framing);
    if (framing.length_count > 1 || framing.encoding_count > 1 ||
        (framing.length_count > 0 && framing.encoding_count > 0)) {
        request->is_closing = true;
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "Send one Content-Length, or one Transfer-Encoding, not both.",
                     "It is not clear where this request ends.");
        return false;
    }
    if (framing.length && text_to_int(text_from(framing.length), &length) &&
        length > (int64_t)size_max) {
        request->is_closing = true;
        request_fail(request, PROBLEM_TOO_LARGE, "Send less at once.",
                     "The body is larger than %zu bytes.", size_max);
        return false;
    }
    return true;
}

/* ---- One header each. ---- */

static bool read_key(struct request *request)
{
    const char *key = header(request, "Idempotency-Key");
    size_t size = key ? strlen(key) : 0;

    if (!key)
        return true;
    for (size_t i = 0; i < size; i++)
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
    const char *match = header(request, "If-Match");
    struct text text = text_from(match);
    int64_t revision;

    if (!match || strcmp(match, "*") == 0)
        return true;
    if (text.size > 2 && text.bytes[0] == '"' && text.bytes[text.size - 1] == '"')
        text = (struct text){text.bytes + 1, text.size - 2};
    if (!text_to_int(text, &revision) || revision < 0) {
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "Give back the ETag of the case as it was: If-Match: \"42\".",
                     "If-Match is no revision of a case.");
        return false;
    }
    request->run.has_revision = true;
    request->run.revision = (uint64_t)revision;
    return true;
}

/* ?lang=fr, else the first tag of Accept-Language. */
static void read_language(struct request *request)
{
    const char *language = headers_query(request, "lang");

    if (!language)
        language = header(request, "Accept-Language");
    if (!language || !((language[0] >= 'a' && language[0] <= 'z')))
        return;
    size_t size = strspn(language, "abcdefghijklmnopqrstuvwxyz");
    if (size < LANGUAGE_BYTES_MAX)
        request->run.language = text_copy(request->arena, (struct text){language, size});
}

bool headers_read(struct request *request)
{
    const char *prefer = header(request, "Prefer");

    request->run.wants_case = prefer && strstr(prefer, "return=representation");
    read_language(request);
    return read_key(request) && read_revision(request);
}

bool headers_are_json(struct request *request)
{
    static const char json[] = "application/json";
    const char *type = header(request, "Content-Type");
    size_t size = type ? strcspn(type, "; \t") : 0;

    if (size == sizeof(json) - 1 && strncasecmp(type, json, size) == 0)
        return true;
    request_fail(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                 "Send it with Content-Type: application/json.",
                 "The body is not said to be JSON.");
    return false;
}

const char *headers_query(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}
