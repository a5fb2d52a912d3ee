/* `workflow explain`: a workflow in words, without a daemon. */
#include <stdio.h>

#include "base/arena.h"
#include "client/author/workflow_file.h"
#include "system/system.h"
#include "workbench/explain/explain.h"

static int refuse_state(struct client *client, struct text nearest)
{
    complain("The workflow has no state \"%s\".", client->arguments[1]);
    if (text_is_empty(nearest))
        complain("Leave the state out to have them all explained.");
    else
        complain("Did you mean %.*s?", TEXT_ARG(nearest));
    return CLIENT_NOT_FOUND;
}

int workflow_explain(struct client *client)
{
    struct zone_source zones = system_zones(client->arena);
    struct workflow_parents parents = parents_beside(client);
    /* Plugins are not asked for: words need none. */
    struct workflow_context context = {.zones = &zones, .parents = &parents};
    struct workbench_explaining explaining = {.language = text_from(client->language)};
    struct workbench_file file;
    struct text output;
    int result = workflow_format_read(client, &explaining.format);

    if (result == CLIENT_DONE)
        result = workflow_file_read(client, client->arguments[0], &file);
    if (result != CLIENT_DONE)
        return result;
    if (client->argument_count > 1)
        explaining.state = text_from(client->arguments[1]);
    switch (workbench_explain(&file, &context, &explaining, client->arena, &output)) {
    case WORKBENCH_STATELESS:
        return refuse_state(client, output);
    case WORKBENCH_FAULTY:
        result = CLIENT_REFUSED;
        break;
    case WORKBENCH_EXPLAINED:
        break;
    }
    struct value told = value_map(client->arena);
    value_put(&told, "text", value_string(output));
    if (result == CLIENT_DONE && print_json(client, &told))
        return result;
    fwrite(output.bytes, 1, output.size, stdout);
    return result;
}
