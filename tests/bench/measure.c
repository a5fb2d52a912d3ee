/* The plugin of the bench: checks that cost nothing, so that what is measured is the way to them
 * and back. `length` answers with a number, `echo` with all that it was given. */
#include <sankofa/step.h>

static const struct sankofa_field note_in = {
    .size = sizeof(struct sankofa_field), .kind = SANKOFA_TEXT, .name = "note", .required = 1};
static const struct sankofa_field bytes_out = {
    .size = sizeof(struct sankofa_field), .kind = SANKOFA_INTEGER, .name = "bytes"};
static const struct sankofa_field note_out = {
    .size = sizeof(struct sankofa_field), .kind = SANKOFA_TEXT, .name = "note"};
static const struct sankofa_field *const inputs[] = {&note_in, NULL};
static const struct sankofa_field *const length_outputs[] = {&bytes_out, NULL};
static const struct sankofa_field *const echo_outputs[] = {&note_out, NULL};

static enum sankofa_outcome run_length(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_value value = {.size = sizeof value, .kind = SANKOFA_INTEGER};

    value.integer = (int64_t)sankofa_text_of(host, call, "note").size;
    host->put(call, "bytes", &value);
    return SANKOFA_DONE;
}

static enum sankofa_outcome run_echo(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_value value = {.size = sizeof value, .kind = SANKOFA_TEXT};

    value.text = sankofa_text_of(host, call, "note");
    host->put(call, "note", &value);
    return SANKOFA_DONE;
}

static const struct sankofa_step_type length_type = {.size = sizeof(struct sankofa_step_type),
                                                     .name = "length",
                                                     .summary = "How long a note is.",
                                                     .flags = SANKOFA_CHECK,
                                                     .inputs = inputs,
                                                     .outputs = length_outputs,
                                                     .run = run_length};
static const struct sankofa_step_type echo_type = {.size = sizeof(struct sankofa_step_type),
                                                   .name = "echo",
                                                   .summary = "The note again.",
                                                   .flags = SANKOFA_CHECK,
                                                   .inputs = inputs,
                                                   .outputs = echo_outputs,
                                                   .run = run_echo};
static const struct sankofa_step_type *const step_types[] = {&length_type, &echo_type, NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "measure",
                                             .version = "1.0",
                                             .summary = "A plugin for the bench.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
