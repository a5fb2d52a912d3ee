/* The request target: path and query, taken from the line as it came.
 *
 * Percent signs are decoded after the path was split, so that %2F never makes two segments of one;
 * what does not decode to clean UTF-8 is refused, since it could name nothing here and would
 * otherwise stand in answers and in the log. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"

static bool is_clean(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.bytes[i] < 0x20 || text.bytes[i] == 0x7f)
            return false;
    return text_is_utf8(text);
}

bool target_decode(struct arena *arena, struct text coded, bool plus_is_space,
                   struct text *text_out)
{
    char *bytes = arena_alloc(arena, coded.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < coded.size; i++) {
        char c = coded.bytes[i];
        if (c == '%') {
            if (i + 2 >= coded.size || !text_from_hex((struct text){coded.bytes + i + 1, 2}, &c, 1))
                return false;
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        bytes[size++] = c;
    }
    *text_out = (struct text){bytes, size};
    return true;
}

/* False: it does not decode, or to control characters, or to no UTF-8. */
static bool decode(struct arena *arena, struct text raw, bool plus_is_space, struct text *text_out)
{
    return target_decode(arena, raw, plus_is_space, text_out) && is_clean(*text_out);
}

/* The part of *rest before `separator`, which is taken off. */
static struct text cut(struct text *rest, char separator)
{
    const char *end = rest->size > 0 ? memchr(rest->bytes, separator, rest->size) : NULL;
    struct text part = {rest->bytes, end ? (size_t)(end - rest->bytes) : rest->size};
    size_t taken = end ? part.size + 1 : part.size;

    *rest = end ? (struct text){rest->bytes + taken, rest->size - taken} : TEXT_NONE;
    return part;
}

size_t target_split(struct text path, struct text segments_out[API_SEGMENTS_MAX])
{
    struct text rest = path;
    size_t count = 0;

    if (path.size == 0 || cut(&rest, '/').size > 0 || !rest.bytes)
        return 0;
    do {
        if (count == API_SEGMENTS_MAX)
            return 0;
        segments_out[count++] = cut(&rest, '/');
    } while (rest.bytes);
    return count;
}

static bool read_path(struct request *request, struct text raw)
{
    request->segment_count = target_split(raw, request->segments);
    if (!decode(request->arena, raw, false, &request->path))
        return false;
    for (size_t i = 0; i < request->segment_count; i++)
        if (!decode(request->arena, request->segments[i], false, &request->segments[i]))
            return false;
    return true;
}

static bool add_query(struct request *request, struct text raw)
{
    struct query_item item;
    struct text name = cut(&raw, '=');

    if (!decode(request->arena, name, true, &item.name) ||
        !decode(request->arena, raw, true, &item.value)) {
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "Write name=value&name=value, every name once, in UTF-8.",
                     "The query of this request cannot be read.");
        return false;
    }
    for (size_t i = 0; i < request->query_count; i++)
        if (text_equal(request->query[i].name, item.name)) {
            request_fail(request, PROBLEM_BAD_REQUEST, "Write every name once.",
                         "The query says \"%.*s\" twice.", TEXT_ARG(item.name));
            return false;
        }
    if (request->query_count == API_QUERY_MAX) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Leave out what this route does not take.",
                     "The query has more than %d parts.", API_QUERY_MAX);
        return false;
    }
    request->query[request->query_count++] = item;
    return true;
}

static bool read_query(struct request *request, struct text raw)
{
    while (raw.bytes) {
        struct text one = cut(&raw, '&');
        if (one.size > 0 && !add_query(request, one))
            return false;
    }
    return true;
}

/* RFC 9112: a server takes http://anything/v1/status, too, as it is sent to a proxy. */
static struct text without_origin(struct text uri)
{
    static const char scheme[] = "http://";
    const char *slash;

    if (uri.size < sizeof(scheme) - 1 || strncasecmp(uri.bytes, scheme, sizeof(scheme) - 1) != 0)
        return uri;
    struct text rest = {uri.bytes + sizeof(scheme) - 1, uri.size - (sizeof(scheme) - 1)};
    slash = memchr(rest.bytes, '/', rest.size);
    return slash ? (struct text){slash, (size_t)(rest.bytes + rest.size - slash)} : uri;
}

bool target_read(struct request *request)
{
    struct text rest = without_origin(request->uri), path = cut(&rest, '?');

    if (memchr(request->uri.bytes, ' ', request->uri.size) || !read_path(request, path)) {
        request_fail(request, PROBLEM_BAD_REQUEST,
                     "Write what is not ASCII as percent and two digits for each byte of UTF-8.",
                     "The path of this request cannot be read.");
        return false;
    }
    return read_query(request, rest);
}

static bool is_known(struct text name, const char *names)
{
    struct text rest = text_from(names);

    while (rest.bytes)
        if (text_equal(cut(&rest, ' '), name))
            return true;
    return text_is(name, "lang");
}

static struct text nearest_to(struct text name, const char *names)
{
    struct text known[API_QUERY_MAX] = {TEXT("lang")}, rest = text_from(names);
    size_t count = 1;

    while (rest.bytes && count < API_QUERY_MAX)
        known[count++] = cut(&rest, ' ');
    return text_nearest(name, known, count);
}

bool target_check_query(struct request *request, const char *names)
{
    for (size_t i = 0; i < request->query_count; i++) {
        struct text name = request->query[i].name;
        if (is_known(name, names))
            continue;
        struct text hint = text_printf(request->arena, "What stands here is: %s%slang.",
                                       names ? names : "", names ? " " : "");
        request_fail_near(request, PROBLEM_BAD_REQUEST, nearest_to(name, names), hint.bytes,
                          "There is no query parameter \"%.*s\" here.", TEXT_ARG(name));
        return false;
    }
    return true;
}

struct text target_query(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++)
        if (text_is(request->query[i].name, name))
            return request->query[i].value;
    return TEXT_NONE;
}
