/* Plugins without a daemon: what plugin.c and plugin_run.c share. */
#ifndef SANKOFA_CLIENT_PLUGIN_H
#define SANKOFA_CLIENT_PLUGIN_H

#include "client/client.h"
#include "steps/spawn.h"

struct known;
struct running;

struct client_plugins {
    struct client *client;
    const char *folder, *host_program;
    struct known *known;     /* described */
    struct running *running; /* hosts that carry out calls */
};

/* Starts a host of its own for FOLDER/NAME.so and hears what it offers. False and *why_out, words
 * that go on "unknown plugin: ". The host is ended by plugin_stop. */
bool plugin_start(struct client_plugins *plugins, struct text name, struct spawned *host_out,
                  struct plugin_description *description_out, struct text *why_out);
void plugin_stop(struct spawned *host);

#endif
