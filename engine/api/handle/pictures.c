/* Definitions as files and pictures, and where a case is in its picture. The drawing lies on this
 * floor, too: the daemon gives it as a function. */
#include "api/internal.h"
#include "base/arena.h"
#include "base/json.h"

static const struct {
    const char *name, *type;
    enum api_form form;
} forms[] = {
    {"yaml", "application/yaml", API_YAML},
    {"dot", "text/vnd.graphviz", API_DOT},
    {"svg", "image/svg+xml", API_SVG},
};

enum { FORM_COUNT = sizeof(forms) / sizeof(forms[0]) };

/* FORM_COUNT: JSON. */
static size_t form_of(const struct request *request)
{
    struct text as = target_query(request, "as");
    size_t i = 0;

    while (i < FORM_COUNT && !text_is(as, forms[i].name))
        i++;
    return i;
}

static void draw(struct request *request, const struct value *body, size_t form)
{
    const struct api_options *options = &request->api->options;
    struct text source = json_write(request->arena, value_at(body, "definition"));
    struct text picture =
        options->draw(options->self, forms[form].form, source, request->run.language,
                      value_at(body, "states"), request->arena);

    request_answer_text(request, forms[form].type, picture);
}

static void drawn(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    if (request_take_good(request, reply))
        draw(request, &reply->body,
             request->run.kind == RUN_DIAGRAM ? FORM_COUNT - 1 : form_of(request));
}

void handle_workflow(struct request *request)
{
    struct text as = target_query(request, "as");

    request->run.kind = RUN_WORKFLOW;
    request->run.name = route_segment(request, "workflow");
    if (!as.bytes || text_is(as, "json"))
        request_post(request);
    else if (form_of(request) < FORM_COUNT)
        request_post_to(request, drawn);
    else
        request_fail(request, PROBLEM_BAD_REQUEST, "Write yaml, json, dot or svg.",
                     "as=%.*s is none of the forms that a definition comes in.", TEXT_ARG(as));
}

void handle_diagram(struct request *request)
{
    request->run.kind = RUN_DIAGRAM;
    request->run.case_name = route_segment(request, "case");
    request_post_to(request, drawn);
}
