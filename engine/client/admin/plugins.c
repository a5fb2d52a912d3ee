/* The care of the machine: the plugins and their jails; the configuration read anew. */
#include <stdio.h>

#include "base/arena.h"
#include "client/client.h"

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

static void print_list(struct client *client, const char *name, const struct value *list,
                       const char *none)
{
    if (value_count(list) > 0)
        printf("  %-9s %.*s\n", name, TEXT_ARG(joined(client, list)));
    else if (none)
        printf("  %-9s %s\n", name, none);
}

static void print_granted(struct client *client, const struct value *granted)
{
    const struct value *files = value_get(granted, TEXT("files"));
    const struct value *network = value_get(granted, TEXT("network"));

    if (value_count(granted) == 0)
        print("  granted   nothing\n");
    if (network && network->kind == VALUE_LIST)
        print_list(client, "ports", network, NULL);
    else if (network)
        print("  network   every port\n");
    print_list(client, "reads", value_get(files, TEXT("read")), NULL);
    print_list(client, "writes", value_get(files, TEXT("write")), NULL);
    print_list(client, "programs", value_get(granted, TEXT("programs")), NULL);
}

static void print_jail(struct client *client, const struct value *jail)
{
    const struct value *missing = value_get(jail, TEXT("missing"));

    print("  jail      seccomp, landlock %lld, user %lld\n",
          (long long)value_int_at(jail, "landlock", 0), (long long)value_int_at(jail, "uid", 0));
    for (size_t i = 0; i < value_count(missing); i++)
        print("  lacks     %.*s\n", TEXT_ARG(print_value(client, value_item(missing, i))));
}

static void print_plugin(struct client *client, const struct value *plugin)
{
    struct text version = value_text_at(plugin, "version"), why = value_text_at(plugin, "why");

    printf("%.*s%s%.*s: %.*s\n", TEXT_ARG(value_text_at(plugin, "name")), version.size ? " " : "",
           TEXT_ARG(version), TEXT_ARG(value_text_at(plugin, "state")));
    if (why.size > 0)
        print("  why       %.*s\n", TEXT_ARG(why));
    print("  sha256    %.*s\n", TEXT_ARG(value_text_at(plugin, "sha256")));
    print("  hosts     %lld, with %lld calls; crashes: %lld\n",
          (long long)value_int_at(plugin, "hosts", 0), (long long)value_int_at(plugin, "calls", 0),
          (long long)value_int_at(plugin, "crashes", 0));
    if (value_get(plugin, TEXT("needs")))
        print_list(client, "needs", value_get(plugin, TEXT("needs")), "nothing");
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
        struct text outcome = value_text_at(plugin, "outcome"), why = value_text_at(plugin, "why");
        if (text_is(outcome, "refused"))
            result = CLIENT_REFUSED;
        if (!is_printed)
            printf("%-20.*s %.*s%s%.*s\n", TEXT_ARG(value_text_at(plugin, "name")),
                   TEXT_ARG(outcome), why.size ? ": " : "", TEXT_ARG(why));
    }
    return result;
}
