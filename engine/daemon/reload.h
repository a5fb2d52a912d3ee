/* The configuration read anew while the daemon serves.
 *
 * The happy path:
 *   1. reload_begin reads the file; what cannot change without a restart must be as it was
 *   2. each plugin that changed is tried beside the old one; one that is gone must not be used
 *   3. once each was tried: those that did take over, the others are refused with a reason and the
 *      old ones stay; people and limits take effect
 *   4. `over` tells what came of it
 * A file with an error changes nothing. */
#ifndef SANKOFA_DAEMON_RELOAD_H
#define SANKOFA_DAEMON_RELOAD_H

#include "daemon/config.h"
#include "run/wheel.h"

struct api;
struct reload;

struct reload_options {
    const char *path;            /* of the configuration */
    const struct config *config; /* as the daemon began; lives as long as it */
    bool is_demo;
    struct steps *steps;
    struct wheel *wheel;
    struct api *api;
    const struct people **people; /* the newest, for whoever asks later */
};

struct reload *reload_create(const struct reload_options *options);
/* After the loop. Accepts NULL. */
void reload_destroy(struct reload *reload);

/* `over` is called once, never from within (NULL: nobody asks; it is in the log). While one is
 * under way another is refused as busy. */
void reload_begin(struct reload *reload, void (*over)(void *self, const struct run_reply *reply),
                  void *self);
/* What steps_options.tried tells. */
void reload_tried(struct reload *reload, struct text plugin,
                  const struct plugin_description *description, struct text why);
/* Something to do in this turn of the loop: the end of one that has nothing left to wait for. */
void reload_turn(struct reload *reload);
bool reload_is_ready(const struct reload *reload);

#endif
