/* The care of the machine: the plugins and their jails; the configuration read anew. */
#include "api/internal.h"

void handle_plugins(struct request *request)
{
    const struct api_options *options = &request->api->options;
    struct value body = value_map(request->arena);

    value_put(&body, "plugins", options->plugins(options->self, request->arena));
    request_answer(request, MHD_HTTP_OK, &body);
}

void handle_reload(struct request *request)
{
    struct body body;

    if (body_read(request, NULL, 0, &body))
        request_reload(request);
}
