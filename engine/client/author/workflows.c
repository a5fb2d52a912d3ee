/* Workflow files: checked without a daemon, given to a daemon, and those that it has. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/problem.h"
#include "client/author/workflow_file.h"
#include "system/system.h"

enum { NAME_BYTES_MAX = 200 };

int workflow_file_read(struct client *client, const char *path, struct workbench_file *file_out)
{
    struct port_files files = system_files();
    int result =
        files.read(files.self, client->arena, path, WORKFLOW_FILE_BYTES_MAX, &file_out->source);

    file_out->name = text_from(path);
    if (result == 0)
        return CLIENT_DONE;
    complain("%s cannot be read: %s.", path, strerror(-result));
    complain("Name files of workflows, as in workflows/ecowas/child-return.yaml.");
    return CLIENT_WRONG_USE;
}

/* ---- Checking. ---- */

static const struct {
    const char *name;
    enum workbench_format format;
} formats[] = {{"caret", WORKBENCH_CARET}, {"gcc", WORKBENCH_GCC}, {"json", WORKBENCH_JSON}};

int workflow_format_read(const struct client *client, enum workbench_format *format_out)
{
    *format_out = isatty(STDOUT_FILENO) ? WORKBENCH_CARET : WORKBENCH_GCC;
    if (client->json)
        *format_out = WORKBENCH_JSON;
    if (!client->format)
        return CLIENT_DONE;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(client->format, formats[i].name) == 0) {
            *format_out = formats[i].format;
            return CLIENT_DONE;
        }
    complain("There is no format \"%s\".", client->format);
    complain("--format takes caret, gcc or json.");
    return CLIENT_WRONG_USE;
}

/* Whoever names *.yaml names the tests, too: they are no workflows, and are said to be run. */
static bool is_tests(struct client *client, const char *path)
{
    if (!text_ends(text_from(path), ".test.yaml"))
        return false;
    say(client, "%s holds tests: `sankofa workflow test` runs them.", path);
    return true;
}

int workflow_check_files(struct client *client)
{
    size_t count = 0;
    struct workbench_file *files =
        ARENA_ARRAY(client->arena, struct workbench_file, (size_t)client->argument_count);
    struct zone_source zones = system_zones(client->arena);
    struct workflow_parents parents = parents_beside(client);
    struct workflow_context context = {.zones = &zones, .parents = &parents};
    struct workbench_report report;
    struct plugin_source plugins;
    enum workbench_format format;
    bool is_known = false;
    int result = workflow_format_read(client, &format);

    for (int i = 0; result == CLIENT_DONE && i < client->argument_count; i++)
        if (!is_tests(client, client->arguments[i]))
            result = workflow_file_read(client, client->arguments[i], &files[count++]);
    if (result == CLIENT_DONE)
        result = plugins_open(client, &plugins, &is_known);
    if (result != CLIENT_DONE)
        return result;
    context.plugins = is_known ? &plugins : NULL;
    workbench_check(files, count, &context, format, client->arena, &report);
    fwrite(report.output.bytes, 1, report.output.size, stdout);
    if (format != WORKBENCH_JSON)
        say(client, "%.*s", TEXT_ARG(report.summary));
    return report.error_count == 0 ? CLIENT_DONE : CLIENT_REFUSED;
}

/* ---- Loading. ---- */

/* A diagnostic as the daemon tells it (diag_value), with the line of the file that is here. */
static void print_diagnostic(struct client *client, const struct value *told,
                             const struct workbench_file *file)
{
    struct diag diag = {
        .severity =
            value_is_string(value_at(told, "severity"), "warning") ? DIAG_WARNING : DIAG_ERROR,
        .code = text_copy(client->arena, value_text_at(told, "code")).bytes,
        .place = {.file = file->name,
                  .line = (uint32_t)value_int_at(told, "line", 0),
                  .column = (uint32_t)value_int_at(told, "column", 0),
                  .width = (uint32_t)value_int_at(told, "width", 0)},
        .message = value_text_at(told, "message"),
        .label = value_text_at(told, "label"),
        .help = value_text_at(told, "help"),
    };
    bool is_of_parent = diag.place.line == 0; /* the daemon keeps no lines of it */

    diag = heard_diag(client->arena, &diag);
    if (is_of_parent)
        diag.place.file = value_text_at(told, "file");
    complain("%.*s", TEXT_ARG(diag_write_caret(client->arena, &diag,
                                               is_of_parent ? TEXT_NONE : file->source)));
}

static void print_diagnostics(struct client *client, const struct value *list,
                              const struct workbench_file *file)
{
    for (size_t i = 0; i < value_count(list); i++)
        print_diagnostic(client, value_item(list, i), file);
}

/* A refused definition is shown as `workflow check` shows it, and not once more as fields. */
static int print_refusal(struct client *client, struct client_answer *answer,
                         const struct workbench_file *file)
{
    const struct value *diagnostics = value_at(&answer->body, "diagnostics");

    if (value_count(diagnostics) > 0 && !client->json) {
        print_diagnostics(client, diagnostics, file);
        value_remove(&answer->body, TEXT("errors"));
    }
    return print_problem(client, answer);
}

/* The last part of the path, for the daemon's words; NULL where no header can hold it. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return NULL;
    return strlen(name) <= NAME_BYTES_MAX && text_is_utf8(text_from(name)) ? name : NULL;
}

static int load_file(struct client *client, const char *path)
{
    struct workbench_file file;
    struct client_answer answer;
    int result = workflow_file_read(client, path, &file);

    if (result != CLIENT_DONE)
        return result;
    client->file = name_of(path);
    client->key = NULL; /* one for each request */
    result = http_ask(client, "POST", false, TEXT("/v1/workflows"), &file.source,
                      "application/yaml", &answer);
    if (result != CLIENT_DONE)
        return result;
    if (answer.status >= 400 || answer.body.kind != VALUE_MAP)
        return print_refusal(client, &answer, &file);
    if (print_json(client, &answer.body))
        return CLIENT_DONE;
    print_diagnostics(client, value_at(&answer.body, "warnings"), &file);
    printf("%.*s  %.*s  %s\n", TEXT_ARG(value_text_at(&answer.body, "id")),
           TEXT_ARG(value_text_at(&answer.body, "hash")),
           answer.status == 201 ? _("loaded") : _("was there already"));
    return CLIENT_DONE;
}

/* Each by itself; the first that is refused ends it. */
int workflow_load_files(struct client *client)
{
    int result = CLIENT_DONE;

    for (int i = 0; result == CLIENT_DONE && i < client->argument_count; i++)
        result = load_file(client, client->arguments[i]);
    return result;
}

/* ---- Listing. ---- */

static const char *const heads[] = {N_("WORKFLOW"), N_("VERSION"), N_("COUNTRY"), N_("LANGUAGES"),
                                    N_("TITLE")};
enum { COLUMNS = 5 };

int workflow_list(struct client *client)
{
    struct value body;
    int result = http_get(client, false, TEXT("/v1/workflows"), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *workflows = value_at(&body, "workflows");
    size_t count = value_count(workflows);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * COLUMNS);
    for (size_t i = 0; i < count; i++) {
        const struct value *line = value_item(workflows, i);
        struct text *row = &cells[i * COLUMNS];
        row[0] = value_text_at(line, "id");
        row[1] = value_text_at(line, "version");
        row[2] = value_text_at(line, "country");
        row[3] = print_value(client, value_at(line, "languages"));
        row[4] = value_text_at(line, "title");
    }
    print_table(client, heads, COLUMNS, cells, count);
    return CLIENT_DONE;
}
