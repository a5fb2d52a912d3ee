/* What this socket is, for programs. */
#include "api/internal.h"
#include "api/openapi.h"

void handle_openapi(struct request *request)
{
    request_answer_text(request, "application/json", text_from(openapi_json));
}
