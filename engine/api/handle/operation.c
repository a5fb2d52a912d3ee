/* Long work of administrators: begun with 202, asked about by its id. */
#include <limits.h>

#include "api/internal.h"

void handle_operation(struct request *request)
{
    request->run.kind = RUN_OPERATION;
    request->run.name = route_segment(request, "operation");
    request_post(request);
}

void handle_backup(struct request *request)
{
    static const struct body_member members[] = {
        {"file", BODY_TEXT, true, PATH_MAX - 64, offsetof(struct body, file)}};
    struct body body;

    if (!body_read(request, members, 1, &body))
        return;
    request->run.kind = RUN_BACKUP;
    request->run.file = body.file;
    request->run.request = handle_hash(request);
    request_post(request);
}
