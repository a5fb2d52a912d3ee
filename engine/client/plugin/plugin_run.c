/* One step of a plugin in the foreground, in a host of its own, as the daemon would run it.
 *
 * The happy path:
 * 1. Inputs come from --input and -f, by the kinds that the plugin declares; what does not fit is
 *    told before anything runs.
 * 2. The call is carried out. Its clock stands still: `now` is what --now says.
 * 3. A step that parks is woken: by the answer of -a if it waits for one, else by its time, to
 * which the clock goes at once. So a month passes in a moment.
 * 4. The outcome is printed; the exit status tells it to scripts.
 *
 * With --gdb the host is stopped before each call, and gdb attached to it: set a breakpoint in the
 * step, continue, look. The call then has all the time it takes. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/when.h"
#include "client/plugin/plugin.h"
#include "system/system.h"
#include "workbench/workbench.h"

enum { PARKS_MAX = 1000, CLIENT_PLUGIN_FAILED = 9 };

/* NULL where there is none, or what it begins with is not there. */
static const char *absolute(struct client *client, const char *path)
{
    char room[PATH_MAX];

    if (!path || !realpath(path, room))
        return path;
    return text_copy(client->arena, text_from(room)).bytes;
}

struct foreground {
    struct client *client;
    struct workbench_hosts hosts;
    const struct plugin_step_type *type;
    struct run_call call;
    struct value answer; /* VALUE_NULL: none is given */
};

/* ---- What it is given. ---- */

/* Fields as forms have them, so that -f is read as everywhere. */
static struct value form_of(struct client *client, struct plugin_fields fields)
{
    struct value form = value_list(client->arena);

    for (size_t i = 0; i < fields.count; i++) {
        const struct plugin_field *field = &fields.items[i];
        struct value line = value_map(client->arena);
        bool is_list = field->kind == PLUGIN_TEXTS;
        value_put(&line, "field", value_string(field->name));
        value_put(&line, "type",
                  is_list ? value_cstring("list") : value_cstring(plugin_kind_name(field->kind)));
        if (is_list)
            value_put(&line, "of", value_cstring("text"));
        value_append(&form, line);
    }
    return form;
}

static bool fits(struct client *client, struct plugin_fields fields, const char *what,
                 const struct value *given)
{
    struct text why;

    if (plugin_fits(fields, true, what, given, client->arena, &why))
        return true;
    complain("%.*s", TEXT_ARG(why));
    complain("`sankofa plugin inspect %s` lists what it takes.", client->arguments[0]);
    return false;
}

int plugin_inputs(struct client *client, struct plugin_fields fields, struct value *inputs_out)
{
    struct value form = form_of(client, fields);

    return form_data(client, &form, inputs_out);
}

static int read_inputs(struct foreground *foreground)
{
    struct client *client = foreground->client;
    int result = plugin_inputs(client, foreground->type->inputs, &foreground->call.inputs);

    if (result != CLIENT_DONE)
        return result;
    return fits(client, foreground->type->inputs, "input", &foreground->call.inputs)
               ? CLIENT_DONE
               : CLIENT_WRONG_USE;
}

static int read_answer(struct foreground *foreground)
{
    struct client *client = foreground->client;
    struct client answering = *client;
    struct value form = form_of(client, foreground->type->answers);

    if (client->answers.count == 0)
        return CLIENT_DONE;
    answering.fields = client->answers;
    answering.form = NULL;
    int result = form_data(&answering, &form, &foreground->answer);
    if (result != CLIENT_DONE)
        return result;
    return fits(client, foreground->type->answers, "answer", &foreground->answer)
               ? CLIENT_DONE
               : CLIENT_WRONG_USE;
}

/* A moment, or a day at its beginning. */
static int read_now(struct foreground *foreground)
{
    struct client *client = foreground->client;
    struct port_clock clock = system_clock();
    struct instant now;

    foreground->call.now_ms = clock.wall_ms(clock.self);
    if (!client->now)
        return CLIENT_DONE;
    if (!when_read_timestamp(text_from(client->now), &now) &&
        !when_read_date(text_from(client->now), &now)) {
        complain("\"%s\" is no time.", client->now);
        complain("Write 2026-01-05 or 2026-01-05T08:00:00Z.");
        return CLIENT_WRONG_USE;
    }
    foreground->call.now_ms = when_to_ms(now);
    return CLIENT_DONE;
}

/* ---- What it is granted: as an administrator would, in sankofad.yaml. ---- */

static struct jail_paths paths_of(struct client *client, const char *path)
{
    const char **items = ARENA_NEW(client->arena, const char *);

    *items = path;
    return (struct jail_paths){items, path ? 1 : 0};
}

const struct steps_plugin *plugin_granted(struct client *client, struct text name)
{
    struct steps_plugin *plugin = ARENA_NEW(client->arena, struct steps_plugin);
    size_t count = client->secrets.count;
    struct steps_secret *secrets = ARENA_ARRAY(client->arena, struct steps_secret, count + 1);

    for (size_t i = 0; i < count; i++)
        secrets[i] =
            (struct steps_secret){text_copy(client->arena, client->secrets.items[i].name).bytes,
                                  absolute(client, client->secrets.items[i].value.bytes)};
    *plugin = (struct steps_plugin){.name = name.bytes, .secrets = secrets, .secret_count = count};
    plugin->grant.network = client->network;
    plugin->grant.read = paths_of(client, absolute(client, client->read));
    plugin->grant.write = paths_of(client, absolute(client, client->write));
    plugin->grant.programs = paths_of(client, absolute(client, client->program));
    return plugin;
}

/* A need that is not granted is told before the step fails for it in a way that is hard to read. */
static void warn_of_needs(const struct foreground *foreground, const struct steps_grant *grant)
{
    static const char *const words[] = {
        N_("the network, which is not granted: --network"),
        N_("files, of which none is granted: --read PATH, --write PATH"),
        N_("programs, of which none is granted: --program PATH")};

    bool is_granted[] = {grant->network, grant->read.count + grant->write.count > 0,
                         grant->programs.count > 0};

    for (size_t i = 0; i < 3; i++) /* by bit, as in step.h */
        if ((foreground->type->needs & 1U << i) && !is_granted[i])
            say(foreground->client, "It needs %s", _(words[i]));
}

/* ---- What it comes to. ---- */

static struct text moment(struct foreground *foreground, int64_t ms)
{
    return when_write_timestamp(foreground->client->arena, when_from_ms(ms));
}

static void print_map(struct client *client, const struct value *map)
{
    for (size_t i = 0; i < value_count(map); i++) {
        const struct value_member *member = value_member(map, i);
        printf("%.*s = %.*s\n", TEXT_ARG(member->key),
               TEXT_ARG(print_value(client, &member->value)));
    }
}

static int tell_done(struct client *client, const struct run_outcome *outcome)
{
    say(client, "done");
    print_map(client, &outcome->outputs);
    return CLIENT_DONE;
}

static int tell_refused(struct client *client, const struct run_outcome *outcome)
{
    complain("refused");
    for (size_t i = 0; i < value_count(&outcome->reasons); i++) {
        const struct value *reason = value_item(&outcome->reasons, i);
        struct text input = value_text_at(reason, "input");
        complain("  %.*s%s%.*s", TEXT_ARG(input), input.size > 0 ? ": " : "",
                 TEXT_ARG(value_text_at(reason, "message")));
    }
    (void)client;
    return CLIENT_REFUSED;
}

static int tell(struct foreground *foreground, const struct run_outcome *outcome)
{
    struct client *client = foreground->client;
    struct value whole = run_outcome_value(client->arena, outcome);
    bool is_told = print_json(client, &whole);

    switch (outcome->kind) {
    case RUN_DONE:
        return is_told ? CLIENT_DONE : tell_done(client, outcome);
    case RUN_REFUSED:
        return is_told ? CLIENT_REFUSED : tell_refused(client, outcome);
    case RUN_PARKED:
        if (!is_told)
            complain("It waits for an answer: give it by -a NAME=VALUE.");
        return CLIENT_DONE;
    case RUN_FAILED:
    case RUN_BROKEN:
    case RUN_DROPPED:
        if (!is_told)
            complain("%s%s: %.*s", outcome->kind == RUN_FAILED ? _("failed") : _("broken"),
                     outcome->retry ? _(", another try may do") : "", TEXT_ARG(outcome->message));
        return CLIENT_PLUGIN_FAILED;
    }
    return CLIENT_PLUGIN_FAILED;
}

/* ---- Running. ---- */

static void carry_out(struct foreground *foreground, struct run_outcome *outcome_out)
{
    foreground->call.number++;
    foreground->hosts.call(foreground->hosts.self, &foreground->call, foreground->client->arena,
                           outcome_out);
}

/* True: the call is now what wakes it. */
static bool wake(struct foreground *foreground, const struct run_outcome *outcome)
{
    struct client *client = foreground->client;
    struct run_call *call = &foreground->call;
    bool is_answered = outcome->wakes_on_answer && foreground->answer.kind != VALUE_NULL;

    if (!is_answered && !outcome->wakes_on_time)
        return false;
    call->verb = RUN_RESUME;
    call->cookie = outcome->cookie;
    call->woken_by_time = !is_answered;
    call->answer = is_answered ? foreground->answer : value_null();
    if (is_answered) {
        say(client, "parked; it is answered");
        foreground->answer = value_null();
    } else {
        say(client, "parked until %.*s; the clock goes there",
            TEXT_ARG(moment(foreground, outcome->until_ms)));
        call->now_ms = outcome->until_ms > call->now_ms ? outcome->until_ms : call->now_ms;
    }
    return true;
}

static int run(struct foreground *foreground)
{
    struct run_outcome outcome;
    int parks = 0;

    say(foreground->client, "now %.*s", TEXT_ARG(moment(foreground, foreground->call.now_ms)));
    carry_out(foreground, &outcome);
    while (outcome.kind == RUN_PARKED && parks++ < PARKS_MAX && wake(foreground, &outcome))
        carry_out(foreground, &outcome);
    return tell(foreground, &outcome);
}

static int find_type(struct client *client, const struct plugin_description *description,
                     const struct plugin_step_type **type_out)
{
    struct text step = text_from(client->arguments[1]);
    struct text names[PLUGIN_STEP_TYPES_MAX];

    *type_out = plugin_step_type(description, step);
    if (*type_out)
        return CLIENT_DONE;
    for (size_t i = 0; i < description->step_type_count; i++)
        names[i] = description->step_types[i].name;
    struct text nearest = text_nearest(step, names, description->step_type_count);
    complain("%.*s has no step or check \"%s\".", TEXT_ARG(description->name),
             client->arguments[1]);
    if (text_is_empty(nearest))
        complain("`sankofa plugin inspect %s` lists them.", client->arguments[0]);
    else
        complain("Did you mean \"%.*s\"?", TEXT_ARG(nearest));
    return CLIENT_NOT_FOUND;
}

int plugin_run(struct client *client)
{
    struct foreground foreground = {.client = client, .answer = value_null()};
    struct plugin_source source;
    struct text name;
    int result = plugin_open_file(client, client->arguments[0], &source, &name);

    if (result != CLIENT_DONE)
        return result;
    const struct plugin_description *description =
        plugin_describe_file(&source, client->arguments[0], name);
    if (!description)
        return CLIENT_REFUSED;
    result = find_type(client, description, &foreground.type);
    if (result == CLIENT_DONE)
        result = read_inputs(&foreground);
    if (result == CLIENT_DONE)
        result = read_answer(&foreground);
    if (result == CLIENT_DONE)
        result = read_now(&foreground);
    if (result != CLIENT_DONE)
        return result;
    foreground.call.verb = foreground.type->is_check ? RUN_CHECK : RUN_STEP;
    foreground.call.plugin = name;
    foreground.call.step = foreground.type->name;
    foreground.call.key = client->key ? text_from(client->key) : TEXT("foreground");
    struct client_plugins *plugins = source.self;
    plugins->granted = plugin_granted(client, name);
    plugins->rights = foreground.type->needs;
    plugins->in_debugger = client->gdb;
    warn_of_needs(&foreground, &plugins->granted->grant);
    plugins_hosts(&source, &foreground.hosts);
    result = run(&foreground);
    plugins_close(&source);
    return result;
}
