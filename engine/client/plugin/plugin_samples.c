/* Values that `plugin test` gives to plugins: a plain one of each kind, and the ends of each. */
#include "base/arena.h"
#include "client/plugin/plugin.h"

enum { LARGE_BYTES = 200000 };

struct value plugin_sample(const struct plugin_field *field, struct arena *arena)
{
    struct value value, list = value_list(arena);

    if (field->has_initial && plugin_initial(field, arena, &value) && value.kind != VALUE_NULL)
        return value;
    switch (field->kind) {
    case PLUGIN_TEXT:
        return value_string(field->option_count > 0 ? field->options[0] : TEXT("sample"));
    case PLUGIN_INTEGER:
        return value_int(1);
    case PLUGIN_NUMBER:
        return value_double(1);
    case PLUGIN_BOOLEAN:
        return value_bool(true);
    case PLUGIN_DATE:
        return value_cstring("2026-01-05");
    case PLUGIN_TIMESTAMP:
        return value_cstring("2026-01-05T08:00:00Z");
    case PLUGIN_TEXTS:
        value_append(&list, value_cstring("name=value"));
        return list;
    }
    return value_null();
}

static struct value large(struct arena *arena, const char *sign)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    while (buffer.size < LARGE_BYTES)
        text_append(&buffer, text_from(sign));
    return value_string(text_buffer_text(&buffer));
}

/* The ends of a kind; VALUE_NULL behind the last. Text on its way to a plugin is UTF-8, always:
 * what is not, no host takes. */
struct value plugin_end(const struct plugin_field *field, size_t index, struct arena *arena)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "%s%n%p",
                                        "a\nb\r\nc",
                                        "\x01\x1b[2J\x7f",
                                        "\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a",
                                        "\xf0\x9f\x9a\x8c",
                                        "e\xcc\x81",
                                        "\xef\xbf\xbf",
                                        "=",
                                        "'; -- \"<&>"};
    static const int64_t integers[] = {0, -1, INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN};
    static const double numbers[] = {0, -0.0, 1e308, -1e308, 5e-324, 0.1};
    static const char *const dates[] = {"0001-01-01", "9999-12-31", "2024-02-29", "1970-01-01"};
    static const char *const moments[] = {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"};
    struct value list = value_list(arena);

    switch (field->kind) {
    case PLUGIN_TEXT:
        if (field->option_count > 0)
            return index < field->option_count ? value_string(field->options[index]) : value_null();
        if (index < sizeof(texts) / sizeof(*texts))
            return value_cstring(texts[index]);
        index -= sizeof(texts) / sizeof(*texts);
        return index < 2 ? large(arena, index == 0 ? "x" : "\xc3\xa9") : value_null();
    case PLUGIN_INTEGER:
        return index < sizeof(integers) / sizeof(*integers) ? value_int(integers[index])
                                                            : value_null();
    case PLUGIN_NUMBER:
        return index < sizeof(numbers) / sizeof(*numbers) ? value_double(numbers[index])
                                                          : value_null();
    case PLUGIN_BOOLEAN:
        return index < 2 ? value_bool(index == 1) : value_null();
    case PLUGIN_DATE:
        return index < sizeof(dates) / sizeof(*dates) ? value_cstring(dates[index]) : value_null();
    case PLUGIN_TIMESTAMP:
        return index < 2 ? value_cstring(moments[index]) : value_null();
    case PLUGIN_TEXTS:
        if (index >= 1 + sizeof(texts) / sizeof(*texts))
            return value_null();
        for (size_t i = 0; i < (index == 0 ? 0 : 20); i++)
            value_append(&list, value_cstring(texts[index - 1]));
        return list;
    }
    return value_null();
}
