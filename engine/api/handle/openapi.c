/* What this socket is, for programs. */
#include "api/openapi/openapi.h"
#include "api/internal.h"

void handle_openapi(struct request *request)
{
    request_answer_text(request, "application/json", text_from(openapi_json));
}
