/* Long work of administrators: begun with 202, asked about by its id. */
#include "api/internal.h"

void handle_operation(struct request *request)
{
    request->run.kind = RUN_OPERATION;
    request->run.name = route_segment(request, "operation");
    request_post(request);
}
