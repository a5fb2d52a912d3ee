/* What a plugin says of itself, in words: it is loaded in a host of its own, never in this process.
 */
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/plugin/plugin.h"

/* ---- The file. ---- */

int plugin_open_file(struct client *client, const char *file, struct plugin_source *source_out,
                     struct text *name_out)
{
    struct text path = text_copy(client->arena, text_from(file));
    struct text base = text_from(basename((char *)(uintptr_t)text_copy(client->arena, path).bytes));
    bool is_known;

    if (base.size < 4 || strcmp(base.bytes + base.size - 3, ".so") != 0) {
        complain("%s is no file of a plugin.", file);
        complain("Name the built plugin, for instance build/plugins/assessment.so.");
        return CLIENT_WRONG_USE;
    }
    *name_out = text_copy(client->arena, (struct text){base.bytes, base.size - 3});
    client->plugins = dirname((char *)(uintptr_t)path.bytes);
    return plugins_open(client, source_out, &is_known);
}

const struct plugin_description *plugin_describe_file(const struct plugin_source *source,
                                                      const char *file, struct text name)
{
    struct text why;
    const struct plugin_description *description = source->find(source->self, name, &why);

    if (!description) {
        complain("%s is not loaded: %.*s.", file, TEXT_ARG(why));
        complain("A plugin exports sankofa_plugin alone, and is called as its file.");
    }
    return description;
}

/* ---- Words. ---- */

static struct text needs_of(struct client *client, uint32_t needs)
{
    static const char *const names[] = {N_("network"), N_("files"),
                                        N_("programs")}; /* by bit, as in step.h */
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (needs & 1U << i)
            text_append_printf(&buffer, "%s%s", buffer.size > 0 ? ", " : "", _(names[i]));
    return text_buffer_text(&buffer);
}

static void print_step_type(struct client *client, const struct plugin_step_type *type)
{
    struct text needs = needs_of(client, type->needs);

    printf("\n%s %.*s\n  %.*s\n", type->is_check ? _("check") : _("step"), TEXT_ARG(type->name),
           TEXT_ARG(type->summary));
    if (!type->is_check)
        printf("  %s%s\n",
               type->is_idempotent ? _("may be tried again with the same key")
                                   : _("must not be run twice: a lost outcome waits for a person"),
               type->parks ? _("; parks") : "");
    if (type->timeout_ms > 0)
        print("  has %lld ms\n", (long long)type->timeout_ms);
    if (needs.size > 0)
        print("  needs %.*s, which the administrator must grant\n", TEXT_ARG(needs));
}

static struct text detail_of(struct client *client, const struct plugin_field *field)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    text_append(&buffer, field->doc);
    for (size_t i = 0; i < field->option_count; i++)
        text_append_printf(&buffer, "%s%.*s",
                           i > 0             ? ", "
                           : buffer.size > 0 ? _(" One of ")
                                             : _("One of "),
                           TEXT_ARG(field->options[i]));
    if (field->has_initial)
        text_append_printf(&buffer, "%s%s%.*s", buffer.size > 0 ? " " : "", _("Left out: "),
                           TEXT_ARG(field->initial));
    return text_buffer_text(&buffer);
}

static void print_fields(struct client *client, const char *title, struct plugin_fields fields)
{
    static const char *const heads[] = {"", "", "", "", ""};
    struct text *cells = ARENA_ARRAY(client->arena, struct text, fields.count * 5 + 1);
    bool is_quiet = client->quiet;

    if (fields.count == 0)
        return;
    printf("  %s\n", _(title));
    for (size_t i = 0; i < fields.count; i++) {
        const struct plugin_field *field = &fields.items[i];
        cells[i * 5] = text_printf(client->arena, "    %.*s", TEXT_ARG(field->name));
        cells[i * 5 + 1] = text_from(plugin_kind_name(field->kind));
        cells[i * 5 + 2] = field->required ? text_from(_("required")) : TEXT("");
        cells[i * 5 + 3] = field->unit;
        cells[i * 5 + 4] = detail_of(client, field);
    }
    client->quiet = true; /* no heads */
    print_table(client, heads, 5, cells, fields.count);
    client->quiet = is_quiet;
}

static void print_description(struct client *client, const struct plugin_description *description)
{
    printf("%.*s %.*s\n%.*s\n", TEXT_ARG(description->name), TEXT_ARG(description->version),
           TEXT_ARG(description->summary));
    for (size_t i = 0; i < description->step_type_count; i++) {
        const struct plugin_step_type *type = &description->step_types[i];
        print_step_type(client, type);
        print_fields(client, N_("inputs"), type->inputs);
        print_fields(client, N_("outputs"), type->outputs);
        print_fields(client, N_("answers"), type->answers);
    }
}

int plugin_inspect(struct client *client)
{
    struct plugin_source source;
    struct text name;
    int result = plugin_open_file(client, client->arguments[0], &source, &name);

    if (result != CLIENT_DONE)
        return result;
    const struct plugin_description *description =
        plugin_describe_file(&source, client->arguments[0], name);
    if (!description)
        return CLIENT_REFUSED;
    struct value described = plugin_describe(client->arena, description);
    if (!print_json(client, &described))
        print_description(client, description);
    return CLIENT_DONE;
}

int plugin_list(struct client *client)
{
    static const char *const heads[] = {N_("PLUGIN"), N_("VERSION"), N_("STATE"),
                                        N_("HOSTS"),  N_("CRASHES"), N_("WHY")};
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]) };
    static const char *const members[COLUMNS] = {"name",  "version", "state",
                                                 "hosts", "crashes", "why"};
    struct value body;
    int result = http_get(client, false, TEXT("/v1/status"), &body);
    const struct value *plugins = value_at(&body, "plugins");
    size_t count = value_count(plugins);

    if (result != CLIENT_DONE || (plugins && print_json(client, plugins)))
        return result;
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * COLUMNS + 1);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < COLUMNS; c++) {
            struct text text = print_value(client, value_at(value_item(plugins, i), members[c]));
            cells[i * COLUMNS + c] = state_words(heard(client, text));
        }
    print_table(client, heads, COLUMNS, cells, count);
    return CLIENT_DONE;
}
