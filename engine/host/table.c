/* From the plugin's structs to a description. Here is checked what only the memory shows: sizes,
 * the ABI number, NULL where something must be, lists without end; the rest is plugin_check's. */
#include "host/table.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

/* What the first header of this ABI number had, and a size that no struct will ever reach. */
enum {
    PLUGIN_BYTES_MIN = offsetof(struct sankofa_plugin, step_types) + sizeof(void *),
    STEP_TYPE_BYTES_MIN = offsetof(struct sankofa_step_type, run) + sizeof(void *),
    FIELD_BYTES_MIN = offsetof(struct sankofa_field, required) + sizeof(int),
    STRUCT_BYTES_MAX = 65536,
    LOADER_WORDS_BYTES_MAX = 800
};

struct reader {
    struct arena *arena;
    struct text *why_out;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct reader *reader,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *reader->why_out = text_vprintf(reader->arena, format, arguments);
    va_end(arguments);
    return false;
}

/* A text of the plugin, cut behind what any rule allows. NULL gives TEXT_NONE. */
static struct text words(const char *cstring)
{
    if (cstring == NULL)
        return TEXT_NONE;
    return (struct text){cstring, strnlen(cstring, PLUGIN_WORDS_BYTES_MAX + 1)};
}

/* Copies a struct that begins with its size; what theirs does not have is zero in ours. */
static bool copy_sized(void *ours, size_t ours_size, const void *theirs, size_t size_min)
{
    uint32_t size;
    memcpy(&size, theirs, sizeof size);
    if (size < size_min || size > STRUCT_BYTES_MAX)
        return false;
    memset(ours, 0, ours_size);
    memcpy(ours, theirs, size < ours_size ? size : ours_size);
    return true;
}

/* The items of a list that is ended by NULL; more than `max` if there are too many. */
static size_t list_count(const void *const *list, size_t max)
{
    size_t count = 0;
    while (list != NULL && count <= max && list[count] != NULL)
        count++;
    return count;
}

static bool read_options(const struct reader *reader, const struct sankofa_field *theirs,
                         struct plugin_field *field_out)
{
    size_t count = list_count((const void *const *)theirs->options, PLUGIN_OPTIONS_MAX);
    if (theirs->options != NULL && count == 0)
        return refuse(reader, "The field %.*s has an empty list of options.",
                      TEXT_ARG(field_out->name));
    struct text *options = ARENA_ARRAY(reader->arena, struct text, count);
    for (size_t i = 0; i < count; i++)
        options[i] = words(theirs->options[i]);
    field_out->options = options;
    field_out->option_count = count;
    return true;
}

static bool read_field(const struct reader *reader, const struct sankofa_field *theirs,
                       struct plugin_field *field_out)
{
    struct sankofa_field field;
    if (!copy_sized(&field, sizeof field, theirs, FIELD_BYTES_MIN))
        return refuse(reader, "A field has a size that no sankofa_field has.");
    *field_out = (struct plugin_field){
        .name = words(field.name),
        .kind = (enum plugin_kind)field.kind,
        .required = field.required != 0,
        .has_initial = field.initial != NULL,
        .initial = words(field.initial),
        .unit = words(field.unit),
        .doc = words(field.doc),
    };
    if (!text_is_id(field_out->name))
        return refuse(reader, "A field has a name that is not of the form [a-z][a-z0-9_]*.");
    return read_options(reader, &field, field_out);
}

static bool read_fields(const struct reader *reader, const struct sankofa_field *const *list,
                        struct plugin_fields *fields_out)
{
    size_t count = list_count((const void *const *)list, PLUGIN_FIELDS_MAX);
    struct plugin_field *items = ARENA_ARRAY(reader->arena, struct plugin_field, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_field(reader, list[i], &items[i]))
            return false;
    }
    *fields_out = (struct plugin_fields){items, count};
    return true;
}

static bool read_step_type(const struct reader *reader, const struct sankofa_step_type *theirs,
                           struct sankofa_step_type *ours_out, struct plugin_step_type *type_out)
{
    if (!copy_sized(ours_out, sizeof *ours_out, theirs, STEP_TYPE_BYTES_MIN))
        return refuse(reader, "A step type has a size that no sankofa_step_type has.");
    struct text name = words(ours_out->name);
    if (!text_is_id(name))
        return refuse(reader, "A step type has a name that is not of the form [a-z][a-z0-9_]*.");
    if (ours_out->run == NULL)
        return refuse(reader, "The step type %.*s has no run function.", TEXT_ARG(name));
    if ((ours_out->flags & ~(uint32_t)(SANKOFA_CHECK | SANKOFA_IDEMPOTENT)) != 0)
        return refuse(reader, "The step type %.*s has a flag that does not exist.", TEXT_ARG(name));
    *type_out = (struct plugin_step_type){
        .name = name,
        .summary = words(ours_out->summary),
        .is_check = (ours_out->flags & SANKOFA_CHECK) != 0,
        .is_idempotent = (ours_out->flags & SANKOFA_IDEMPOTENT) != 0,
        .parks = ours_out->resume != NULL,
        .has_drop = ours_out->drop != NULL,
        .needs = ours_out->needs,
        .timeout_ms = ours_out->timeout_ms,
    };
    return read_fields(reader, ours_out->inputs, &type_out->inputs) &&
           read_fields(reader, ours_out->outputs, &type_out->outputs) &&
           read_fields(reader, ours_out->answers, &type_out->answers);
}

bool table_read(const struct sankofa_plugin *plugin, struct arena *arena, struct table *table_out,
                struct text *why_out)
{
    struct reader reader = {arena, why_out};
    struct sankofa_plugin ours;
    if (plugin == NULL)
        return refuse(&reader, "The function sankofa_plugin returns no table.");
    if (!copy_sized(&ours, sizeof ours, plugin, PLUGIN_BYTES_MIN))
        return refuse(&reader, "The table has a size that no sankofa_plugin has.");
    if (ours.abi != SANKOFA_ABI)
        return refuse(&reader, "The plugin is built for the ABI %u; this host has the ABI %d.",
                      ours.abi, SANKOFA_ABI);

    size_t count = list_count((const void *const *)ours.step_types, PLUGIN_STEP_TYPES_MAX);
    struct sankofa_step_type *step_types = ARENA_ARRAY(arena, struct sankofa_step_type, count);
    struct plugin_step_type *types = ARENA_ARRAY(arena, struct plugin_step_type, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_step_type(&reader, ours.step_types[i], &step_types[i], &types[i]))
            return false;
    }
    *table_out = (struct table){.description = {.name = words(ours.name),
                                                .version = words(ours.version),
                                                .summary = words(ours.summary),
                                                .step_types = types,
                                                .step_type_count = count},
                                .step_types = step_types};
    return plugin_check(&table_out->description, arena, why_out);
}

/* The loader's words without the path, which names a descriptor and helps nobody. */
static bool refuse_to_load(const struct reader *reader, const char *path)
{
    const char *error = dlerror();
    size_t size = strlen(path);
    if (error == NULL)
        error = "for an unknown reason";
    if (strncmp(error, path, size) == 0 && strncmp(error + size, ": ", 2) == 0)
        error += size + 2;
    struct text words = {error, strnlen(error, LOADER_WORDS_BYTES_MAX)};
    if (!text_is_utf8(words))
        words = TEXT("the loader's words are not UTF-8");
    return refuse(reader, "The file cannot be loaded: %.*s.", TEXT_ARG(words));
}

bool table_load(int fd, struct arena *arena, struct table *table_out, struct text *why_out)
{
    struct reader reader = {arena, why_out};
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL)
        return refuse_to_load(&reader, path);
    const struct sankofa_plugin *(*get)(void) =
        (const struct sankofa_plugin *(*)(void))dlsym(object, "sankofa_plugin");
    if (get == NULL)
        return refuse(&reader, "The file exports no function sankofa_plugin.");
    return table_read(get(), arena, table_out, why_out);
}
