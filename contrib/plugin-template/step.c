/* @NAME@: what it is for, in one sentence.
 *
 * The happy path of the step `greet`:
 * 1. It reads its inputs. They were checked against the table below before the step began.
 * 2. It puts its outputs and is done. */
#include <sankofa/step.h>

#include <stdio.h>

/* What it takes and gives. A workflow is checked by these tables before a case depends on it. */

static const struct sankofa_field name_input = {
    .size = sizeof(struct sankofa_field),
    .kind = SANKOFA_TEXT,
    .name = "name",
    .required = 1,
    .doc = "Whom to greet.",
};

static const struct sankofa_field text_output = {
    .size = sizeof(struct sankofa_field),
    .kind = SANKOFA_TEXT,
    .name = "text",
    .doc = "The greeting.",
};

static const struct sankofa_field *const greet_inputs[] = {&name_input, NULL};
static const struct sankofa_field *const greet_outputs[] = {&text_output, NULL};

/* The work. It may block; what is borrowed from the host is good until it returns. */

static enum sankofa_outcome greet(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text name = sankofa_text_of(host, call, "name");
    char text[200];

    if (name.size == 0 || name.size > 100)
        return host->fail(call, 0, "The name is empty, or longer than 100 bytes."), SANKOFA_FAILED;
    snprintf(text, sizeof(text), "Welcome home, %s.", name.bytes);
    sankofa_put_text(host, call, "text", text);
    return SANKOFA_DONE;
}

/* The table. */

static const struct sankofa_step_type greet_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT, /* it may be run again with the same key without harm */
    .name = "greet",
    .summary = "Greets somebody.",
    .inputs = greet_inputs,
    .outputs = greet_outputs,
    .run = greet,
};

static const struct sankofa_step_type *const step_types[] = {&greet_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "@NAME@",
    .version = "0.1.0",
    .summary = "Greetings.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
