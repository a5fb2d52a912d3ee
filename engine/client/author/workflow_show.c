/* `workflow show`: a definition as it runs, of a file here or of one that the daemon has. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/author/workflow_file.h"
#include "system/system.h"

/* What looks like a path, or is there, is a file; no id of a workflow has a dot or a slash. */
bool workflow_is_file(const char *word)
{
    return strpbrk(word, "./") != NULL || access(word, F_OK) == 0;
}

static int show_file(struct client *client, const char *path)
{
    struct workflow_parents parents = parents_beside(client);
    struct workflow_context context = {.parents = &parents};
    struct workbench_showing showing = {.layers = client->layers};
    struct workbench_file file;
    struct text output;
    int result = workflow_format_read(client, &showing.format);

    if (result == CLIENT_DONE)
        result = workflow_file_read(client, path, &file);
    if (result != CLIENT_DONE)
        return result;
    bool is_shown = workbench_show(&file, &context, &showing, client->arena, &output);
    fwrite(output.bytes, 1, output.size, stdout);
    return is_shown ? CLIENT_DONE : CLIENT_REFUSED;
}

static int show_loaded(struct client *client, const char *id)
{
    struct text path =
        text_printf(client->arena, "/v1/workflows/%.*s", TEXT_ARG(http_escape(client, id)));
    struct value body;

    if (client->layers) {
        complain("The daemon keeps what is rendered, not the files it was made of.");
        complain("--layers takes a file: sankofa workflow show FILE --layers");
        return CLIENT_WRONG_USE;
    }
    int result = http_get(client, false, path, &body);
    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *definition = value_at(&body, "definition");
    struct value nothing = value_map(client->arena);
    struct text yaml = workbench_write_yaml(
        yaml_from_value(client->arena, definition ? definition : &nothing), false, client->arena);
    fwrite(yaml.bytes, 1, yaml.size, stdout);
    return CLIENT_DONE;
}

int workflow_show(struct client *client)
{
    return workflow_is_file(client->arguments[0]) ? show_file(client, client->arguments[0])
                                                  : show_loaded(client, client->arguments[0]);
}
