/* The processes that run plugins: started, described, spoken to, timed, killed and restarted. No
 * policy: what is called when, and what an outcome means, is the wheel's.
 *
 * Words: a *host* is one process with one plugin; a plugin has one host for its checks (calls
 * pipelined) and up to `hosts` for its steps (one call at a time each). Loop's thread only, which
 * must live as long as the hosts: they die with it.
 *
 * A call is answered RUN_BROKEN with `retry` when its host crashes, is over its time or answers
 * with garbage, and while the plugin pauses after such things; without `retry` when the call itself
 * can never do: no such plugin or step type, inputs that the step type does not accept, a plugin
 * that breaks its own declaration or does not load. */
#ifndef SANKOFA_STEPS_STEPS_H
#define SANKOFA_STEPS_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/diag.h"
#include "base/port.h"
#include "jail/jail.h"
#include "run/ports.h"
#include "steps/secrets.h"
#include "wire/describe.h"

struct arena;
struct steps;

enum { STEPS_HOSTS_MAX = 64, STEPS_GRANTS_MAX = 64 /* of one list */ };

/* What an administrator lets a plugin do (docs/reference/plugins-security.md). */
struct steps_grant {
    bool network;
    const uint16_t *ports; /* TCP; none: every one */
    size_t port_count;
    struct jail_paths read, write, programs;
};

struct steps_plugin {
    const char *name;
    const char *file;   /* absolute */
    const char *sha256; /* 64 hexadecimal digits; the host loads these very bytes or nothing */
    unsigned hosts;     /* for steps; 0: 2; at most STEPS_HOSTS_MAX */
    const struct steps_secret *secrets; /* at most WIRE_SECRETS_MAX; each host gets them */
    size_t secret_count;
    uid_t uid; /* of its hosts; 0: made of its name, or this process's where it is not root */
    struct steps_grant grant;
};

struct steps_options {
    uv_loop_t *loop;
    const char *host_program; /* path of sankofa-host */
    const struct steps_plugin *plugins;
    size_t plugin_count;
    uint64_t memory_bytes; /* of a host; 0: the jail's default; UINT64_MAX: leave as it is
                              (sanitized builds) */
    struct port_clock clock;
    void *self;
    /* The outcome of a call; never from within steps_begin. */
    void (*answered)(void *self, uint64_t call, const struct run_outcome *outcome);
    /* A plugin was described (`why` empty), or could not be. Once for each within 10 s; after that
     * again when a plugin is back after its calls were turned away. Never from within steps_start.
     */
    void (*described)(void *self, struct text plugin, struct text why);
    /* What came of steps_try: a description, or NULL and why not. Never from within steps_try.
     * Whoever is called accepts it or rejects it, at once or later. NULL: nothing is ever tried. */
    void (*tried)(void *self, struct text plugin, const struct plugin_description *description,
                  struct text why);
};

/* Borrows the program's path for its life; plugins are copied. Starts nothing yet. Once created it
 * must be closed. */
struct steps *steps_create(const struct steps_options *options);
/* Starts a host for every plugin; `described` follows. */
void steps_start(struct steps *steps);
/* Ends every host; `closed` is called when none is left and nothing of it is in the loop. Calls
 * under way are not answered any more. */
void steps_close(struct steps *steps, void (*closed)(void *self), void *self);
/* After `closed`. Accepts NULL. */
void steps_destroy(struct steps *steps);

/* Begins a call. A plugin that is not there, or a step type it does not have, is answered
 * RUN_BROKEN. */
void steps_begin(struct steps *steps, const struct run_call *call);
/* Nobody waits for it any more: it is told; a call that does not end within its time is killed. */
void steps_cancel(struct steps *steps, uint64_t call);

/* How many of its steps run at the same time; 0: there is no such plugin. */
size_t steps_host_count(const struct steps *steps, struct text plugin);

/* Upgrading: another file, another grant, another plugin.
 *
 * The happy path: steps_try starts a first host of the new one beside the old; `tried` tells what
 * it offers; steps_accept sends calls to it from then on. The old one answers what it was sent, and
 * ends. */
void steps_try(struct steps *steps, const struct steps_plugin *plugin);
/* The candidate of that name becomes the current plugin, which may be there or not. */
void steps_accept(struct steps *steps, struct text name);
/* It is ended, and forgotten. */
void steps_reject(struct steps *steps, struct text name);
/* No calls go to the plugin any more; what waits is answered RUN_BROKEN. */
void steps_remove(struct steps *steps, struct text name);
/* As it was configured; NULL: there is none of that name, or it has failed for good. */
const struct steps_plugin *steps_options_of(struct steps *steps, struct text name);
/* Of hosts that are started from now on. As steps_options.memory_bytes. */
void steps_set_memory(struct steps *steps, uint64_t memory_bytes);

/* Described plugins; what is found lives as long as `steps`, also of a plugin that was replaced. */
struct plugin_source steps_source(struct steps *steps);
/* [{name, version, state: "ready" | "starting" | "waiting" | "failed", why?, hosts, calls,
 * crashes}] */
struct value steps_status(struct steps *steps, struct arena *arena);
/* The same for whoever takes care of the machine, and {sha256, file, needs, granted, jail}. */
struct value steps_care(struct steps *steps, struct arena *arena);

#endif
