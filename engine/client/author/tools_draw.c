/* `workflow diff`, `draw` and `schema`: workflows compared and drawn, and what editors know of
 * them; without a daemon. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/author/workflow_file.h"
#include "system/system.h"
#include "workbench/diff/diff.h"
#include "workbench/draw/draw.h"
#include "workbench/schema/schema.h"

static void print_output(struct text output)
{
    fwrite(output.bytes, 1, output.size, stdout);
}

/* 0 both where nothing differs and where something does: a difference is no failure. */
int workflow_diff(struct client *client)
{
    struct zone_source zones = system_zones(client->arena);
    struct workflow_parents parents = parents_beside(client);
    /* Plugins are not asked for: an old version may use one that is gone. */
    struct workflow_context context = {.zones = &zones, .parents = &parents};
    struct workbench_file before, after;
    struct workbench_differed differed;
    enum workbench_format format;
    int result = workflow_format_read(client, &format);

    if (result == CLIENT_DONE)
        result = workflow_file_read(client, client->arguments[0], &before);
    if (result == CLIENT_DONE)
        result = workflow_file_read(client, client->arguments[1], &after);
    if (result != CLIENT_DONE)
        return result;
    workbench_diff(&before, &after, &context, text_from(client->language), format, client->arena,
                   &differed);
    print_output(differed.output);
    if (format != WORKBENCH_JSON)
        say(client, "%.*s", TEXT_ARG(differed.summary));
    return differed.error_count == 0 ? CLIENT_DONE : CLIENT_REFUSED;
}

static int picture_read(const struct client *client, enum workbench_picture *picture_out)
{
    *picture_out = WORKBENCH_SVG;
    if (!client->output || strcmp(client->output, "svg") == 0)
        return CLIENT_DONE;
    *picture_out = WORKBENCH_DOT;
    if (strcmp(client->output, "dot") == 0)
        return CLIENT_DONE;
    complain("There is no kind of picture \"%s\".", client->output);
    complain("-o takes svg or dot; the picture goes to the standard output.");
    return CLIENT_WRONG_USE;
}

int workflow_draw(struct client *client)
{
    struct zone_source zones = system_zones(client->arena);
    struct workflow_parents parents = parents_beside(client);
    struct workflow_context context = {.zones = &zones, .parents = &parents};
    struct workbench_file file;
    struct workbench_drawn drawn;
    enum workbench_picture picture;
    enum workbench_format format;
    int result = workflow_format_read(client, &format);

    if (result == CLIENT_DONE)
        result = picture_read(client, &picture);
    if (result == CLIENT_DONE)
        result = workflow_file_read(client, client->arguments[0], &file);
    if (result != CLIENT_DONE)
        return result;
    workbench_draw(&file, &context, picture, text_from(client->language), format, client->arena,
                   &drawn);
    print_output(drawn.output);
    return drawn.error_count == 0 ? CLIENT_DONE : CLIENT_REFUSED;
}

int workflow_schema(struct client *client)
{
    print_output(workbench_schema(client->arena));
    return CLIENT_DONE;
}
