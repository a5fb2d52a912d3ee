/* The care of the machine: the plugins and their jails; the configuration read anew. */
#include <stdio.h>

#include "base/arena.h"
#include "client/client.h"

struct text state_words(struct text state)
{
    static const struct worded states[] = {
        /* of the daemon */
        {"sealed", N_("sealed")},
        {"describing", N_("starting: plugins are asked what they offer")},
        {"recovering", N_("starting: the journal is taken up")},
        {"serving", N_("serving")},
        {"draining", N_("ending: what is under way is finished")},
        {"closing", N_("ending")},
        /* of a plugin */
        {"ready", N_("ready")},
        {"starting", N_("starting")},
        {"waiting", N_("waits")},
        {"failed", N_("has failed")},
        /* of a reload */
        {"kept", N_("kept")},
        {"added", N_("added")},
        {"replaced", N_("replaced")},
        {"removed", N_("removed")},
        {"refused", N_("was refused")},
        {NULL, NULL},
    };

    return words_for(states, state, state);
}

struct text plugin_line(struct client *client, const struct value *plugin, bool with_why)
{
    struct text version = value_text_at(plugin, "version"),
                why = heard(client, value_text_at(plugin, "why"));
    bool has_why = with_why && why.size > 0;

    return text_printf(client->arena, "%.*s%s%.*s%s%.*s%s%.*s",
                       TEXT_ARG(value_text_at(plugin, "name")), version.size ? " " : "",
                       TEXT_ARG(version), colon(client),
                       TEXT_ARG(state_words(value_text_at(plugin, "state"))), has_why ? ", " : "",
                       TEXT_ARG(has_why ? why : TEXT_NONE));
}

/* "a, b" of a list of texts. */
static struct text joined(struct client *client, const struct value *list)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(list); i++)
        text_append_printf(&buffer, "%s%.*s", i > 0 ? ", " : "",
                           TEXT_ARG(print_value(client, value_item(list, i))));
    return text_buffer_text(&buffer);
}

enum { NAME_COLUMNS = 15 }; /* "  hospedeiros" and two spaces */

static void put_named(const char *name, struct text text)
{
    printf("  %s", name);
    look_beside(stdout, text, 2 + look_width(text_from(name)), NAME_COLUMNS, 6);
    putchar('\n');
}

static void print_list(struct client *client, const char *name, const struct value *list,
                       const char *none)
{
    if (value_count(list) > 0)
        put_named(name, joined(client, list));
    else if (none)
        put_named(name, text_from(none));
}

static void print_granted(struct client *client, const struct value *granted)
{
    const struct value *files = value_get(granted, TEXT("files"));
    const struct value *network = value_get(granted, TEXT("network"));

    if (value_count(granted) == 0)
        put_named(_("granted"), text_from(_("nothing")));
    if (network && network->kind == VALUE_LIST)
        print_list(client, _("ports"), network, NULL);
    else if (network)
        put_named(_("network"), text_from(_("every port")));
    print_list(client, _("reads"), value_get(files, TEXT("read")), NULL);
    print_list(client, _("writes"), value_get(files, TEXT("write")), NULL);
    print_list(client, _("programs"), value_get(granted, TEXT("programs")), NULL);
}

static void print_jail(struct client *client, const struct value *jail)
{
    const struct value *missing = value_get(jail, TEXT("missing"));

    put_named(_("jail"), text_printf(client->arena, _("seccomp, landlock %lld, user %lld"),
                                     (long long)value_int_at(jail, "landlock", 0),
                                     (long long)value_int_at(jail, "uid", 0)));
    for (size_t i = 0; i < value_count(missing); i++)
        put_named(_("lacks"), print_value(client, value_item(missing, i)));
}

static void print_plugin(struct client *client, const struct value *plugin)
{
    struct text why = heard(client, value_text_at(plugin, "why"));

    printf("%.*s\n", TEXT_ARG(plugin_line(client, plugin, false)));
    if (why.size > 0)
        put_named(_("why"), why);
    put_named("sha256", value_text_at(plugin, "sha256"));
    put_named(_("hosts"), text_printf(client->arena, _("%lld, with %lld calls; crashes: %lld"),
                                      (long long)value_int_at(plugin, "hosts", 0),
                                      (long long)value_int_at(plugin, "calls", 0),
                                      (long long)value_int_at(plugin, "crashes", 0)));
    if (value_get(plugin, TEXT("needs")))
        print_list(client, _("needs"), value_get(plugin, TEXT("needs")), _("nothing"));
    print_granted(client, value_get(plugin, TEXT("granted")));
    print_jail(client, value_get(plugin, TEXT("jail")));
}

int admin_plugins(struct client *client)
{
    struct value body;
    int result = http_get(client, true, TEXT("/v1/admin/plugins"), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *plugins = value_get(&body, TEXT("plugins"));
    for (size_t i = 0; i < value_count(plugins); i++)
        print_plugin(client, value_item(plugins, i));
    if (value_count(plugins) == 0)
        say(client, "No plugin is configured.");
    return CLIENT_DONE;
}

/* One plugin that was refused is a refusal: the daemon goes on with the old one. */
int admin_reload(struct client *client)
{
    struct value none = value_map(client->arena), body;
    int result = http_post(client, true, TEXT("/v1/admin/reload"), &none, &body);

    if (result != CLIENT_DONE)
        return result;
    const struct value *plugins = value_get(&body, TEXT("plugins"));
    bool is_printed = print_json(client, &body);
    for (size_t i = 0; i < value_count(plugins); i++) {
        const struct value *plugin = value_item(plugins, i);
        struct text outcome = value_text_at(plugin, "outcome");
        struct text why = heard(client, value_text_at(plugin, "why"));
        if (text_is(outcome, "refused"))
            result = CLIENT_REFUSED;
        if (!is_printed)
            printf("%-20.*s %.*s%s%.*s\n", TEXT_ARG(value_text_at(plugin, "name")),
                   TEXT_ARG(state_words(outcome)), why.size ? colon(client) : "", TEXT_ARG(why));
    }
    return result;
}
