/* The running daemon: what its files share. */
#ifndef SANKOFA_DAEMON_ENGINE_H
#define SANKOFA_DAEMON_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "api/api.h"
#include "daemon/config.h"
#include "daemon/unlock.h"
#include "run/wheel.h"
#include "steps/steps.h"

enum state { SEALED, DESCRIBING, RECOVERING, SERVING, DRAINING, CLOSING, STATE_COUNT };

struct engine {
    const char *config_path;
    const struct config *config;
    struct store **store; /* the caller's */
    struct unlock unlock;
    struct {
        void (*done)(void *self, const struct problem *problem); /* NULL: nobody waits */
        void *self;
    } unlocker;
    struct diag_list *diags;
    struct arena *boot;
    enum state state;
    int exit_status;
    uv_loop_t loop;
    uv_signal_t terminate, interrupt, hangup;
    uv_prepare_t turn;
    uv_timer_t alarm, drain;
    bool alarm_rang;
    uint64_t drain_began_ms;
    struct port_clock clock;
    struct port_random random;
    struct zone_source zones;
    struct steps *steps;
    size_t described_count;
    struct writer *writer;
    struct wheel *wheel;
    struct api *api;
    struct reload *reload; /* once it serves */
    const struct people *people;
    unsigned open_count; /* parts that still have something in the loop */
};

extern const char *const engine_state_names[STATE_COUNT];

/* ---- daemon.c ---- */
/* By the table of moves. */
void engine_move(struct engine *engine, enum state state);

/* ---- closing.c ---- */
/* Ends every part; the loop then ends by itself. */
void engine_close(struct engine *engine);
/* SIGTERM and SIGINT. */
void engine_signalled(uv_signal_t *signal, int number);

#endif
