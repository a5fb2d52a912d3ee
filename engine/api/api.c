/* Two servers over one set of requests. */
#include "api/api.h"

#include <stdlib.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/check.h"

enum {
    BODY_BYTES = 1 << 20,
    DOCUMENT_BYTES = 25 << 20,
    HEADER_BYTES = 16 << 10,
    CONNECTIONS = 256,
    USER_CONNECTIONS = 16,
    REQUEST_MS = 10000
};

static void fill_limits(struct api_limits *limits)
{
    if (limits->body_bytes_max == 0)
        limits->body_bytes_max = BODY_BYTES;
    if (limits->document_bytes_max == 0)
        limits->document_bytes_max = DOCUMENT_BYTES;
    if (limits->header_bytes_max == 0)
        limits->header_bytes_max = HEADER_BYTES;
    if (limits->connection_count_max == 0)
        limits->connection_count_max = CONNECTIONS;
    if (limits->user_connection_count_max == 0)
        limits->user_connection_count_max = USER_CONNECTIONS;
    if (limits->request_ms_max == 0)
        limits->request_ms_max = REQUEST_MS;
}

static int open_server(struct api *api, const char *path, mode_t mode, gid_t gid, bool is_admin,
                       struct diag_list *diags)
{
    int fd = -1;
    int result = listen_open(path, mode, gid, diags, &fd);

    if (result != 0)
        return result;
    result = server_open(api, fd, is_admin, &api->servers[is_admin]);
    if (result != 0) {
        close(fd);
        listen_remove(path);
        diag_add(diags, DIAG_ERROR, "E831", (struct place){0}, "libmicrohttpd does not start on %s",
                 path);
    }
    return result;
}

int api_open(const struct api_options *options, struct diag_list *diags, struct api **api_out)
{
    struct api *api = calloc(1, sizeof(*api));

    CHECK(api);
    api->options = *options;
    fill_limits(&api->options.limits);
    feed_open(api);
    noise_open(api);
    *api_out = api; /* also when only one of the sockets opened: api_close ends it */
    int result = open_server(api, options->staff_path, 0660, options->staff_gid, false, diags);
    if (result == 0 && options->admin_path)
        result = open_server(api, options->admin_path, 0600, (gid_t)-1, true, diags);
    return result;
}

void api_unseal(struct api *api, struct wheel *wheel, struct vault *vault,
                const struct people *people, bool is_demo)
{
    api->options.wheel = wheel;
    api->options.vault = vault;
    api->options.people = people;
    api->options.is_demo = is_demo;
}

void api_stop(struct api *api)
{
    api->is_stopping = true;
    feed_stop_all(api);
    for (size_t i = 0; i < 2; i++)
        if (api->servers[i])
            server_stop(api->servers[i]);
}

bool api_is_idle(const struct api *api)
{
    return api->owed_count == 0;
}

void api_close(struct api *api, void (*closed)(void *self), void *self)
{
    api->closed = closed;
    api->closed_self = self;
    api->is_stopping = api->is_closing = true;
    request_abandon_all(api);
    feed_close(api);
    noise_close(api);
    for (size_t i = 0; i < 2; i++) {
        if (!api->servers[i])
            continue;
        server_close(api->servers[i]);
        listen_remove(i == 0 ? api->options.staff_path : api->options.admin_path);
    }
}

size_t api_owed_count(const struct api *api)
{
    return api->owed_count;
}

void api_renew(struct api *api, const struct people *people, const struct api_limits *limits)
{
    struct api_limits renewed = *limits;

    fill_limits(&renewed);
    renewed.header_bytes_max = api->options.limits.header_bytes_max;
    renewed.connection_count_max = api->options.limits.connection_count_max;
    api->options.people = people;
    api->options.limits = renewed;
    feed_renew_all(api);
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    request_free_all(api);
    for (size_t i = 0; i < 2; i++)
        server_destroy(api->servers[i]);
    free(api);
}
