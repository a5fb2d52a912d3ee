/* Plugins without a daemon: what the files that find, start and run them share. */
#ifndef SANKOFA_CLIENT_PLUGIN_H
#define SANKOFA_CLIENT_PLUGIN_H

#include "client/client.h"
#include "steps/spawn.h"
#include "steps/steps.h"

struct known;
struct running;

struct client_plugins {
    struct client *client;
    const char *folder, *host_program;
    struct known *known;     /* described */
    struct running *running; /* hosts that carry out calls */
    /* What hosts that carry out calls are granted and given; rights by needs. NULL: nothing. */
    const struct steps_plugin *granted;
    unsigned rights;
    bool in_debugger;      /* each call waits for a debugger, and as long as it takes */
    bool cancels;          /* each call is told at once that nobody waits for it */
    uint64_t memory_bytes; /* of a host; 0: the jail's default */
    int last_status;       /* how the last host that broke off ended, as waitpid tells it */
};

/* Starts a host of its own for FOLDER/NAME.so, with what it is granted and given, and hears what it
 * offers. False and *why_out, words
 * that go on "unknown plugin: ". The host is ended by plugin_stop. */
bool plugin_start(struct client_plugins *plugins, struct text name, struct spawned *host_out,
                  struct plugin_description *description_out, struct text *why_out);
/* How it ended, which may have been before, goes into *status_out (NULL: not wanted). */
void plugin_stop(struct spawned *host, int *status_out);

/* ---- plugin_inspect.c ---- */
/* The plugin of one file, FOLDER/NAME.so. 0, or CLIENT_WRONG_USE, told. */
int plugin_open_file(struct client *client, const char *file, struct plugin_source *source_out,
                     struct text *name_out);
/* Finds it. NULL: it is not loaded, told; the command ends with CLIENT_REFUSED. */
const struct plugin_description *plugin_describe_file(const struct plugin_source *source,
                                                      const char *file, struct text name);

/* ---- plugin_run.c ---- */
/* What --secret, --read, --write, --program and --network give and grant. */
const struct steps_plugin *plugin_granted(struct client *client, struct text name);
/* What --input and -f say, by these fields. 0, or CLIENT_WRONG_USE, told. */
int plugin_inputs(struct client *client, struct plugin_fields fields, struct value *inputs_out);

/* ---- plugin_samples.c ---- */
/* A value that a field takes: its initial one where it has one. */
struct value plugin_sample(const struct plugin_field *field, struct arena *arena);
/* The ends of its kind, by number; VALUE_NULL behind the last. */
struct value plugin_end(const struct plugin_field *field, size_t index, struct arena *arena);

#endif
