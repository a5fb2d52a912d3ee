/* One plugin in two builds, -DVERSION=1 and -DVERSION=2: what the first has parked the second
 * resumes. Each writes its own number into its cookies. */
#include <stdio.h>

#include <sankofa/step.h>

#define STRING_OF(word) #word
#define STRING(word)    STRING_OF(word)

static const struct sankofa_field granted = {
    .size = sizeof granted, .kind = SANKOFA_BOOLEAN, .name = "granted", .required = 1};
static const struct sankofa_field words = {
    .size = sizeof words, .kind = SANKOFA_TEXT, .name = "words", .doc = "Who parked, who resumed."};
static const struct sankofa_field *const answers[] = {&granted, NULL};
static const struct sankofa_field *const outputs[] = {&words, NULL};

static enum sankofa_outcome begin(const struct sankofa_host *host, struct sankofa_call *call)
{
    static const char cookie[] = "of version " STRING(VERSION);

    host->park(call, SANKOFA_ANSWER, 0, cookie, sizeof cookie - 1);
    return SANKOFA_PARKED;
}

/* Is answered twice, so that the second version parks, too. */
static enum sankofa_outcome go_on(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text cookie;
    char text[100];

    host->woken_by(call, &cookie);
    if (host->park_count(call) < 2)
        return begin(host, call);
    snprintf(text, sizeof text, "%s, resumed by version " STRING(VERSION), cookie.bytes);
    sankofa_put_text(host, call, "words", text);
    return SANKOFA_DONE;
}

static void drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text cookie;
    char text[100];

    host->woken_by(call, &cookie);
    snprintf(text, sizeof text, "dropped %s by version " STRING(VERSION), cookie.bytes);
    host->log(call, SANKOFA_INFO, text);
}

static const struct sankofa_step_type ask = {.size = sizeof ask,
                                             .flags = SANKOFA_IDEMPOTENT,
                                             .name = "ask",
                                             .summary = "Parks twice.",
                                             .outputs = outputs,
                                             .answers = answers,
                                             .run = begin,
                                             .resume = go_on,
                                             .drop = drop};
static const struct sankofa_step_type *const step_types[] = {&ask, NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "versions",
                                             .version = STRING(VERSION),
                                             .summary = "Is there in two versions.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
