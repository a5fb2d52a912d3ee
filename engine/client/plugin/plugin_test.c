/* A plugin held against the contract, from outside, in hosts of its own.
 *
 * The happy path, for each step and check that it offers:
 * 1. Inputs are made up from what it declares, or taken from --input and -f.
 * 2. It is called with them; with the same key again, where that must give the same; with the ends
 * of every kind; with an answer, by time, and with a cookie that is not its own, where it parks;
 * with less and less memory; and nobody waits for it any more.
 * 3. Whatever it says must be an outcome that it may give, within its time, by a host that lives.
 *
 * What a call means is for the plugin's own tests to say. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/plugin/plugin.h"
#include "workbench/workbench.h"

enum { MEMORY_STEPS = 48, MEMORY_TIME_S = 5, CLIENT_PLUGIN_FAILED = 9 };
static const uint64_t memory_step_bytes = 256 << 10, memory_base_bytes = 6 << 20;
static const int64_t now_ms = 1767600000000; /* 2026-01-05T08:00:00Z */

struct contract {
    struct client *client;
    struct client_plugins *plugins;
    struct workbench_hosts hosts;
    struct text plugin;
    const struct plugin_step_type *type;
    struct value given; /* by --input and -f */
    uint64_t calls;
    size_t passed, failed;
    struct value trials; /* [{plugin, step, trial, passed, why?}] */
};

/* ---- One call. ---- */

static struct value samples(struct contract *contract, struct plugin_fields fields)
{
    struct value map = value_map(contract->client->arena);

    for (size_t i = 0; i < fields.count; i++) {
        const struct value *given = value_get(&contract->given, fields.items[i].name);
        value_set(&map, fields.items[i].name,
                  given ? *given : plugin_sample(&fields.items[i], contract->client->arena));
    }
    return map;
}

static struct run_call call_of(struct contract *contract, const struct value *inputs)
{
    return (struct run_call){.number = ++contract->calls,
                             .verb = contract->type->is_check ? RUN_CHECK : RUN_STEP,
                             .plugin = contract->plugin,
                             .step = contract->type->name,
                             .inputs = *inputs,
                             .key = TEXT("contract"),
                             .now_ms = now_ms};
}

static void carry_out(struct contract *contract, const struct run_call *call,
                      struct run_outcome *outcome_out)
{
    contract->hosts.call(contract->hosts.self, call, contract->client->arena, outcome_out);
}

/* What it parks for, with what it is woken by; the call becomes that. */
static void wake(struct contract *contract, struct run_call *call, const struct run_outcome *parked,
                 bool by_time, const struct value *answer)
{
    call->number = ++contract->calls;
    call->verb = RUN_RESUME;
    call->cookie = parked->cookie;
    call->woken_by_time = by_time;
    call->answer = by_time ? value_null() : *answer;
    if (by_time && parked->until_ms > call->now_ms)
        call->now_ms = parked->until_ms;
}

static struct text because(struct contract *contract, const struct run_outcome *outcome)
{
    return text_printf(contract->client->arena, _("broken: %.*s"), TEXT_ARG(outcome->message));
}

/* ---- The trials: TEXT_NONE, or what is wrong. ---- */

static struct text answers(struct contract *contract)
{
    struct value inputs = samples(contract, contract->type->inputs);
    struct run_call call = call_of(contract, &inputs);
    struct run_outcome outcome;

    carry_out(contract, &call, &outcome);
    return outcome.kind == RUN_BROKEN ? because(contract, &outcome) : TEXT_NONE;
}

/* The second time in another host: nothing may be kept in the first. */
static struct text gives_the_same_again(struct contract *contract)
{
    struct arena *arena = contract->client->arena;
    struct value inputs = samples(contract, contract->type->inputs);
    struct run_call call = call_of(contract, &inputs);
    struct run_outcome first, second;

    if (!contract->type->is_check && !contract->type->is_idempotent)
        return TEXT_NONE;
    carry_out(contract, &call, &first);
    struct value before = run_outcome_value(arena, &first);
    plugins_close(&(struct plugin_source){.self = contract->plugins});
    call.number = ++contract->calls;
    carry_out(contract, &call, &second);
    struct value after = run_outcome_value(arena, &second);
    return value_equal(&before, &after)
               ? TEXT_NONE
               : text_from(
                     _("with the same key and inputs it says something else the second time"));
}

static struct text bears_inputs_left_out(struct contract *contract)
{
    struct plugin_fields fields = contract->type->inputs;
    struct value inputs = value_map(contract->client->arena), all = samples(contract, fields);
    struct run_outcome outcome;

    for (size_t i = 0; i < fields.count; i++)
        if (fields.items[i].required)
            value_set(&inputs, fields.items[i].name, *value_get(&all, fields.items[i].name));
    struct run_call call = call_of(contract, &inputs);
    carry_out(contract, &call, &outcome);
    return outcome.kind == RUN_BROKEN ? because(contract, &outcome) : TEXT_NONE;
}

/* It is never asked with what it did not declare: that ends before it. */
static struct text is_spared_what_does_not_fit(struct contract *contract)
{
    struct arena *arena = contract->client->arena;
    struct plugin_fields fields = contract->type->inputs;
    struct value strange = samples(contract, fields), torn = samples(contract, fields);
    struct value wrong = samples(contract, fields);
    struct value *const given[] = {&strange, &torn, &wrong};

    value_set(&strange, TEXT("no_such_input_of_any_plugin"), value_int(1));
    value_set(&torn, fields.count > 0 ? fields.items[0].name : TEXT("any"),
              value_string((struct text){"\xc3\x28\xff", 3})); /* no UTF-8 */
    value_set(&wrong, fields.count > 0 ? fields.items[0].name : TEXT("any"), value_map(arena));
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        struct run_call call = call_of(contract, given[i]);
        struct run_outcome outcome;
        carry_out(contract, &call, &outcome);
        if (outcome.kind != RUN_BROKEN)
            return text_from(_("its host let through what it does not declare"));
    }
    return TEXT_NONE;
}

static struct text bears_end(struct contract *contract, const struct plugin_field *field,
                             const struct value *end)
{
    struct arena *arena = contract->client->arena;
    struct value inputs = samples(contract, contract->type->inputs);
    struct run_outcome outcome;

    value_set(&inputs, field->name, *end);
    struct run_call call = call_of(contract, &inputs);
    carry_out(contract, &call, &outcome);
    if (outcome.kind != RUN_BROKEN)
        return TEXT_NONE;
    struct text shown = json_write(arena, end);
    return text_printf(arena, "%.*s = %.*s%s: %.*s", TEXT_ARG(field->name),
                       (int)(shown.size < 60 ? shown.size : 60), shown.bytes,
                       shown.size < 60 ? "" : "...", TEXT_ARG(outcome.message));
}

static struct text bears_the_ends_of_every_kind(struct contract *contract)
{
    struct arena *arena = contract->client->arena;
    struct plugin_fields fields = contract->type->inputs;
    struct text why = TEXT_NONE;

    for (size_t i = 0; i < fields.count; i++)
        for (size_t k = 0; text_is_empty(why); k++) {
            struct value end = plugin_end(&fields.items[i], k, arena);
            if (end.kind == VALUE_NULL)
                break;
            why = bears_end(contract, &fields.items[i], &end);
        }
    return why;
}

/* By an answer, by time, and by what another version may have parked. */
static struct text wakes(struct contract *contract)
{
    struct value inputs = samples(contract, contract->type->inputs);
    struct value answer = samples(contract, contract->type->answers);
    struct run_call call = call_of(contract, &inputs);
    struct run_outcome parked, outcome;

    carry_out(contract, &call, &parked);
    for (int way = 0; way < 4 && parked.kind == RUN_PARKED; way++) {
        struct run_outcome strange = parked;
        bool by_time = way % 2 == 1;
        if (way >= 2)
            strange.cookie = way == 2 ? TEXT("") : TEXT("00ff2025732573");
        if (by_time ? !parked.wakes_on_time : !parked.wakes_on_answer)
            continue;
        struct run_call woken = call;
        wake(contract, &woken, &strange, by_time, &answer);
        carry_out(contract, &woken, &outcome);
        if (outcome.kind == RUN_BROKEN)
            return text_printf(contract->client->arena, _("woken by %s%s: %.*s"),
                               by_time ? _("time") : _("an answer"),
                               way >= 2 ? _(" with a cookie that is not its own") : "",
                               TEXT_ARG(outcome.message));
    }
    return TEXT_NONE;
}

static struct text is_dropped(struct contract *contract)
{
    struct value inputs = samples(contract, contract->type->inputs);
    struct run_call call = call_of(contract, &inputs);
    struct run_outcome parked, outcome;

    carry_out(contract, &call, &parked);
    if (parked.kind != RUN_PARKED || !contract->type->has_drop)
        return TEXT_NONE;
    call.number = ++contract->calls;
    call.verb = RUN_DROP;
    call.cookie = parked.cookie;
    carry_out(contract, &call, &outcome);
    return outcome.kind == RUN_BROKEN ? because(contract, &outcome) : TEXT_NONE;
}

static struct text ends_when_nobody_waits(struct contract *contract)
{
    struct value inputs = samples(contract, contract->type->inputs);
    struct run_call call = call_of(contract, &inputs);
    struct run_outcome outcome;

    contract->plugins->cancels = true;
    carry_out(contract, &call, &outcome);
    contract->plugins->cancels = false;
    return outcome.kind == RUN_BROKEN ? because(contract, &outcome) : TEXT_NONE;
}

/* With less memory it may fail, and its host may give up: what it may not is touch memory that it
 * was not given. */
static struct text bears_little_memory(struct contract *contract)
{
    struct client_plugins *plugins = contract->plugins;
    struct value inputs = samples(contract, contract->type->inputs);
    struct text why = TEXT_NONE;
    time_t end = time(NULL) + MEMORY_TIME_S; /* slow steps are tried less often */

    for (uint64_t i = 0; i < MEMORY_STEPS && text_is_empty(why) && time(NULL) < end; i++) {
        struct run_call call = call_of(contract, &inputs);
        struct run_outcome outcome;
        plugins_close(&(struct plugin_source){.self = plugins});
        plugins->memory_bytes = memory_base_bytes + i * memory_step_bytes;
        plugins->last_status = 0;
        carry_out(contract, &call, &outcome);
        int status = plugins->last_status;
        if (outcome.kind == RUN_BROKEN && WIFSIGNALED(status) &&
            (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS))
            why = text_printf(contract->client->arena, _("with %llu KiB it ends by %s"),
                              (unsigned long long)(plugins->memory_bytes >> 10),
                              strsignal(WTERMSIG(status)));
    }
    plugins_close(&(struct plugin_source){.self = plugins});
    plugins->memory_bytes = 0;
    return why;
}

static const struct {
    const char *name;
    struct text (*run)(struct contract *contract);
} trials[] = {
    {N_("answers with an outcome that it may give"), answers},
    {N_("says the same again with the same key"), gives_the_same_again},
    {N_("bears inputs that are left out"), bears_inputs_left_out},
    {N_("is spared what does not fit"), is_spared_what_does_not_fit},
    {N_("bears the ends of every kind"), bears_the_ends_of_every_kind},
    {N_("wakes, and bears a cookie that is not its own"), wakes},
    {N_("is dropped"), is_dropped},
    {N_("ends when nobody waits"), ends_when_nobody_waits},
    {N_("bears little memory"), bears_little_memory},
};

static void keep_trial(struct contract *contract, const char *name, struct text why)
{
    struct value trial = named_value(contract->client, "trial", name);

    value_put(&trial, "plugin", value_string(contract->plugin));
    value_put(&trial, "step", value_string(contract->type->name));
    value_put(&trial, "passed", value_bool(text_is_empty(why)));
    if (!text_is_empty(why))
        value_put(&trial, "why", value_string(why));
    value_append(&contract->trials, trial);
}

static void try_step_type(struct contract *contract)
{
    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        struct text why = trials[i].run(contract);
        bool has_passed = text_is_empty(why);
        *(has_passed ? &contract->passed : &contract->failed) += 1;
        keep_trial(contract, trials[i].name, why);
        if (!contract->client->json)
            printf("%s  %.*s/%.*s %s%s%.*s\n", has_passed ? _("ok    ") : _("FAILED"),
                   TEXT_ARG(contract->plugin), TEXT_ARG(contract->type->name), _(trials[i].name),
                   has_passed ? "" : colon(contract->client), TEXT_ARG(why));
    }
}

/* ---- Which plugins. ---- */

static int test_file(struct contract *contract, const char *file)
{
    struct client *client = contract->client;
    struct plugin_source source;
    int result = plugin_open_file(client, file, &source, &contract->plugin);

    if (result != CLIENT_DONE)
        return result;
    const struct plugin_description *description =
        plugin_describe_file(&source, file, contract->plugin);
    if (!description)
        return CLIENT_REFUSED;
    contract->plugins = source.self;
    contract->plugins->granted = plugin_granted(client, contract->plugin);
    plugins_hosts(&source, &contract->hosts);
    for (size_t i = 0; i < description->step_type_count && result == CLIENT_DONE; i++) {
        contract->type = &description->step_types[i];
        contract->plugins->rights = contract->type->needs;
        plugins_close(&source);
        result = plugin_inputs(client, contract->type->inputs, &contract->given);
        if (result == CLIENT_DONE)
            try_step_type(contract);
    }
    plugins_close(&source);
    return result;
}

static int test_folder(struct contract *contract, const char *folder, DIR *open)
{
    int result = CLIENT_DONE;
    size_t count = 0;

    for (struct dirent *one; result == CLIENT_DONE && (one = readdir(open));) {
        size_t size = strlen(one->d_name);
        if (size < 4 || strcmp(one->d_name + size - 3, ".so") != 0)
            continue;
        count++;
        result = test_file(
            contract, text_printf(contract->client->arena, "%s/%s", folder, one->d_name).bytes);
    }
    if (result == CLIENT_DONE && count == 0) {
        complain("There is no plugin in %s.", folder);
        complain("Build it first: meson setup build && ninja -C build");
        return CLIENT_NOT_FOUND;
    }
    return result;
}

int plugin_test(struct client *client)
{
    struct contract contract = {.client = client, .trials = value_list(client->arena)};
    const char *what = client->argument_count > 0 ? client->arguments[0] : "build";
    DIR *open = opendir(what);
    int result = open ? test_folder(&contract, what, open) : test_file(&contract, what);

    if (open)
        closedir(open);
    if (result != CLIENT_DONE)
        return result;
    struct value report = value_map(client->arena);
    value_put(&report, "trials", contract.trials);
    value_put(&report, "passed", value_int((int64_t)contract.passed));
    value_put(&report, "failed", value_int((int64_t)contract.failed));
    if (!print_json(client, &report))
        print("%zu passed, %zu failed\n", contract.passed, contract.failed);
    return contract.failed == 0 ? CLIENT_DONE : CLIENT_PLUGIN_FAILED;
}
