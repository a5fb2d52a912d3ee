/* What a plugin's hosts may do: what its step types declare to need, and the administrator granted;
 * never more than both. */
#ifndef SANKOFA_STEPS_GRANT_H
#define SANKOFA_STEPS_GRANT_H

#include "jail/jail.h"
#include "steps/steps.h"

struct arena;

/* The rights that checks, or that steps, declare to need. */
unsigned grant_needs(const struct plugin_description *description, bool of_checks);
/* Whether each need is granted, and each path of a grant that is needed is there; else *why_out, a
 * sentence that names the need. */
bool grant_covers(const struct steps_plugin *plugin, const struct plugin_description *description,
                  struct arena *arena, struct text *why_out);
/* The user of its hosts: the one that is configured, or one made of its name; 0 where this process
 * is not root: the user of this process. */
uid_t grant_uid(const struct steps_plugin *plugin);
/* The jail of a host with these rights. Borrows the plugin's lists. `memory_bytes`: 0: the jail's
 * default; UINT64_MAX: unlimited. */
struct jail grant_jail(const struct steps_plugin *plugin, unsigned rights, uint64_t memory_bytes);

/* As data: "needs" a list of names; "granted" as in sankofad.yaml; "jail" the layers in force on
 * this kernel. */
struct value grant_list(unsigned rights, struct arena *arena);
struct value grant_value(const struct steps_plugin *plugin, struct arena *arena);
struct value grant_layers(const struct steps_plugin *plugin, struct arena *arena);

#endif
