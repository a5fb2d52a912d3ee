/* Has a step type without run. */
#include <sankofa/step.h>

static const struct sankofa_step_type type = {
    .size = sizeof type, .name = "job", .summary = "Has no run."};
static const struct sankofa_step_type *const step_types[] = {&type, NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "null_run",
                                             .version = "1.0",
                                             .summary = "A bad plugin, for tests.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
