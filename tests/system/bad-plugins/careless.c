/* Breaks the contract where only `sankofa plugin test` looks: each step in its own way. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sankofa/step.h>

static const struct sankofa_field number_output = {
    .size = sizeof(struct sankofa_field), .kind = SANKOFA_INTEGER, .name = "number", .doc = "Any."};
static const struct sankofa_field words_input = {.size = sizeof(struct sankofa_field),
                                                 .kind = SANKOFA_TEXT,
                                                 .name = "words",
                                                 .initial = "few",
                                                 .doc = "Any."};
static const struct sankofa_field *const outputs[] = {&number_output, NULL};
static const struct sankofa_field *const inputs[] = {&words_input, NULL};

/* Never asks whether there was memory. */
static enum sankofa_outcome greedy(const struct sankofa_host *host, struct sankofa_call *call)
{
    volatile char *bytes = malloc(4 << 20);

    bytes[0] = bytes[(4 << 20) - 1] = 'x';
    sankofa_put_integer(host, call, "number", bytes[0]);
    free((char *)(uintptr_t)bytes);
    return SANKOFA_DONE;
}

/* Says that it may be tried again, and says something else then. */
static enum sankofa_outcome fickle(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_integer(host, call, "number", getpid());
    return SANKOFA_DONE;
}

/* Never looks whether somebody waits. */
static enum sankofa_outcome deaf(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    sleep(3);
    return SANKOFA_DONE;
}

/* A page is enough for everybody. */
static enum sankofa_outcome narrow(const struct sankofa_host *host, struct sankofa_call *call)
{
    if (sankofa_text_of(host, call, "words").size > 4096)
        abort();
    return SANKOFA_DONE;
}

static enum sankofa_outcome trusting(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->park(call, SANKOFA_TIME, host->now_ms(call) + 1000, "mine", 4);
    return SANKOFA_PARKED;
}

/* Whatever comes was parked by this very version. */
static enum sankofa_outcome trust(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text cookie = {"", 0};

    host->woken_by(call, &cookie);
    if (cookie.size != 4)
        abort();
    return SANKOFA_DONE;
}

#define STEP(the_name, the_inputs, ...)                                                            \
    &(const struct sankofa_step_type)                                                              \
    {                                                                                              \
        .size = sizeof(struct sankofa_step_type), .flags = SANKOFA_IDEMPOTENT, .name = #the_name,  \
        .summary = "Careless.", .inputs = the_inputs, .outputs = outputs, .run = the_name,         \
        __VA_ARGS__                                                                                \
    }

static const struct sankofa_step_type *const step_types[] = {
    STEP(greedy, inputs, ),
    STEP(fickle, inputs, ),
    STEP(deaf, NULL, ),
    STEP(narrow, inputs, ),
    STEP(trusting, inputs, .resume = trust),
    NULL};

const struct sankofa_plugin *sankofa_plugin(void)
{
    static const struct sankofa_plugin plugin = {.size = sizeof(struct sankofa_plugin),
                                                 .abi = SANKOFA_ABI,
                                                 .name = "careless",
                                                 .version = "1",
                                                 .summary = "A bad plugin, for tests.",
                                                 .step_types = step_types};
    return &plugin;
}
