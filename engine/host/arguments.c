/* Pairs of a name and a value; one row for each name. */
#include "host/arguments.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "host/host.h"

enum { DESCRIPTOR_MAX = 1023, RIGHTS_ALL = JAIL_NETWORK | JAIL_FILES | JAIL_PROGRAMS };

static bool read_number(const char *words, int64_t min, int64_t max, int64_t *number_out)
{
    return text_to_int(text_from(words), number_out) && *number_out >= min && *number_out <= max;
}

static bool take_plugin(struct arguments *arguments, const char *value)
{
    int64_t number;
    if (!read_number(value, HOST_SOCKET_FD + 1, DESCRIPTOR_MAX, &number))
        return false;
    arguments->plugin_fd = (int)number;
    return true;
}

static bool take_memory(struct arguments *arguments, const char *value)
{
    int64_t number;
    if (!read_number(value, 0, INT64_MAX, &number))
        return false;
    arguments->jail.limits.memory_bytes = (uint64_t)number;
    return true;
}

static bool take_words(struct arguments *arguments, const char *value)
{
    arguments->keeps_words = strcmp(value, "kept") == 0;
    return arguments->keeps_words;
}

static bool take_traceable(struct arguments *arguments, const char *value)
{
    arguments->jail.is_traceable = strcmp(value, "yes") == 0;
    return arguments->jail.is_traceable;
}

static bool take_rights(struct arguments *arguments, const char *value)
{
    int64_t number;
    if (!read_number(value, 0, RIGHTS_ALL, &number))
        return false;
    arguments->jail.rights = (unsigned)number;
    return true;
}

static bool take_uid(struct arguments *arguments, const char *value)
{
    int64_t number;
    if (!read_number(value, 1, INT32_MAX, &number))
        return false;
    arguments->jail.uid = (uid_t)number;
    return true;
}

static bool take_port(struct arguments *arguments, const char *value)
{
    int64_t number;
    if (arguments->jail.port_count == ARGUMENT_PORTS_MAX ||
        !read_number(value, 1, UINT16_MAX, &number))
        return false;
    arguments->ports[arguments->jail.port_count++] = (uint16_t)number;
    return true;
}

static bool take_path(struct jail_paths *paths, const char **room, const char *value)
{
    if (paths->count == ARGUMENT_PATHS_MAX || value[0] != '/')
        return false;
    room[paths->count++] = value;
    return true;
}

static bool take_read(struct arguments *arguments, const char *value)
{
    return take_path(&arguments->jail.read, arguments->read, value);
}

static bool take_write(struct arguments *arguments, const char *value)
{
    return take_path(&arguments->jail.write, arguments->write, value);
}

static bool take_program(struct arguments *arguments, const char *value)
{
    return take_path(&arguments->jail.programs, arguments->programs, value);
}

static const struct {
    const char *name;
    bool (*take)(struct arguments *arguments, const char *value);
} names[] = {
    {"--plugin-fd", take_plugin},    {"--memory", take_memory}, {"--words", take_words},
    {"--traceable", take_traceable}, {"--rights", take_rights}, {"--uid", take_uid},
    {"--port", take_port},           {"--read", take_read},     {"--write", take_write},
    {"--program", take_program},
};

static bool take(struct arguments *arguments, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0)
            return names[i].take(arguments, value);
    }
    return false;
}

bool arguments_read(int argc, char **argv, struct arguments *arguments_out)
{
    *arguments_out = (struct arguments){.plugin_fd = -1, .jail = jail_default(JAIL_HOST)};
    arguments_out->jail.ports = arguments_out->ports;
    arguments_out->jail.read.items = arguments_out->read;
    arguments_out->jail.write.items = arguments_out->write;
    arguments_out->jail.programs.items = arguments_out->programs;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!take(arguments_out, argv[i], argv[i + 1]))
            return false;
    }
    return argc % 2 == 1 && arguments_out->plugin_fd >= 0;
}
