/* Inside steps/: plugins, their lanes and what they share.
 *
 * Words: a plugin has two *lanes*, its checks and its steps, each with a queue of calls that wait
 * and *slots* that each hold one host or none. A lane that crashes again and again *pauses*; the
 * other lane does not. Answers that are not a host's are given *later*, so that nobody is answered
 * from within what he calls. */
#ifndef SANKOFA_STEPS_INTERNAL_H
#define SANKOFA_STEPS_INTERNAL_H

#include "steps/call_queue.h"
#include "steps/host.h"
#include "steps/image.h"
#include "steps/steps.h"

enum {
    LOAD_TIME_MS = 9000, /* `described` is promised within 10 s */
    CHECK_TIME_MS = 2000,
    STEP_TIME_MS = 60000,
    PAUSE_FIRST_MS = 2000,
    PAUSE_MAX_MS = 60000,
    STEP_HOSTS_DEFAULT = 2,
    WAITING_BYTES_MAX = 64 << 20, /* of a lane's queue */
    SENT_BYTES_MAX = 1 << 20      /* of the calls that one host has; one call may be larger */
};

struct plugin;

struct slot {
    struct lane *lane;
    struct host *host; /* NULL: none */
    bool is_ready;     /* its plugin is loaded */
    bool is_deaf;      /* it has closed its socket, and will be lost */
    struct call_queue sent;
    int64_t deadline_ms; /* of loading, or of the oldest call; INT64_MAX: none */
    unsigned log_lines;  /* of the oldest call */
};

enum lane_kind { LANE_CHECKS, LANE_STEPS, LANE_COUNT };

struct lane {
    struct plugin *plugin;
    enum lane_kind kind;
    struct call_queue waiting;
    struct slot *slots;
    size_t slot_count;
    unsigned crash_streak; /* without a good answer between */
    int64_t pause_ms;      /* no host is started before that; 0: at once */
    bool is_down;          /* calls were turned away since a host was last loaded */
};

enum plugin_state {
    PLUGIN_STARTING, /* no host has described it yet */
    PLUGIN_DESCRIBED,
    PLUGIN_FAILED /* and will not be tried again */
};

/* What a plugin is to the others of its name. */
enum plugin_role {
    PLUGIN_CURRENT,   /* calls go to it */
    PLUGIN_CANDIDATE, /* it is being tried */
    PLUGIN_RETIRED,   /* it answers what it was sent; what it had not been sent went to another */
    PLUGIN_REJECTED   /* a candidate that nobody has heard of: to be forgotten */
};

struct plugin {
    struct steps *steps;
    enum plugin_role role;
    const struct steps_plugin *options; /* its own copy */
    struct image image;
    struct arena *arena; /* for its life */
    enum plugin_state state;
    struct plugin_description description;
    struct text table;           /* as JSON: every host must say the same */
    char why[1200];              /* the last thing that went wrong, a sentence; "" */
    bool is_down;                /* calls were turned away since it was last described */
    bool is_told, is_to_be_told; /* `described` was called once; is to be called */
    struct lane lanes[LANE_COUNT];
    uint64_t crash_count;
};

struct steps {
    struct steps_options options;
    struct plugin **plugins; /* of every role: the current ones in the order of the configuration */
    size_t plugin_count, plugin_capacity;
    uint64_t host_number; /* of the last host that was started */
    size_t host_count;    /* processes that are not reaped yet */
    struct arena *turn;   /* for making a frame */
    struct arena *judging;
    struct arena *later_arena, *later_spare;
    struct later *later_first, **later_end;
    uv_timer_t alarm, later_timer;
    int64_t alarm_ms; /* INT64_MAX: not set */
    unsigned handles_open;
    bool is_closing;
    void (*closed)(void *self);
    void *closed_self;
};

/* steps.c */
int64_t steps_now_ms(const struct steps *steps);
/* Asks for lane_tick of every lane at that time, at the latest. */
void steps_wake_at(struct steps *steps, int64_t at_ms);
/* What a call that is answered RUN_BROKEN had come to. */
enum steps_break {
    STEPS_HOPELESS, /* it can never do */
    STEPS_AWAY,     /* turned away before it ran: another try may do */
    STEPS_RAN       /* its host was lost while it ran: the same */
};
/* Answers RUN_BROKEN, not from within here. `why` is a sentence, and copied. */
void steps_break_later(struct steps *steps, uint64_t call, enum steps_break how, struct text why);
/* The same, and destroys the call; one that is cancelled is not answered. */
void steps_answer_later(struct steps *steps, struct step_call *call, enum steps_break how,
                        struct text why);
void steps_answer(struct steps *steps, uint64_t call, const struct run_outcome *outcome);
void steps_tell_later(struct plugin *plugin);
/* The current plugin of that name; NULL. */
struct plugin *steps_find(const struct steps *steps, struct text name);
/* Adds one, not started. */
struct plugin *steps_add(struct steps *steps, const struct steps_plugin *options,
                         enum plugin_role role);
void steps_host_gone(void *steps);

/* upgrade.c */
const struct steps_plugin *upgrade_copy(struct arena *arena, const struct steps_plugin *plugin);

/* plugin.c */
void plugin_init(struct plugin *plugin, struct steps *steps, const struct steps_plugin *options);
void plugin_finish(struct plugin *plugin);
/* Opens its image and starts its first host. */
void plugin_start(struct plugin *plugin);
/* A host of it is loaded. False: what it says cannot be used; the plugin has failed for good, or
 * *how_out says why. */
bool plugin_loaded(struct plugin *plugin, struct slot *slot, const struct value *body,
                   struct text *how_out);
/* It is given up for good, with a sentence. */
__attribute__((format(printf, 2, 3))) void plugin_fail(struct plugin *plugin, const char *format,
                                                       ...);
void plugin_pump(struct plugin *plugin);
/* From now on it ends: what waits goes to the current plugin of its name, and hosts without calls
 * are ended. What it said of itself stays. */
void plugin_retire(struct plugin *plugin);
/* The last thing that went wrong, a sentence. */
__attribute__((format(printf, 2, 3))) void plugin_note(struct plugin *plugin, const char *format,
                                                       ...);
struct value plugin_status(const struct plugin *plugin, struct arena *arena);
struct value plugin_care(const struct plugin *plugin, struct arena *arena);

/* lane.c */
void lane_init(struct lane *lane, struct plugin *plugin, enum lane_kind kind, size_t slot_count);
void lane_finish(struct lane *lane);
/* Gives what waits to another lane, or turns it away for good where there is none (NULL), and ends
 * hosts that have no calls. */
void lane_drain(struct lane *lane, struct lane *successor);
/* Takes the call over. */
void lane_begin(struct lane *lane, struct step_call *call);
/* False: it has no such call. */
bool lane_cancel(struct lane *lane, uint64_t number);
/* Sends what can be sent, starts hosts that are wanted, turns away what cannot be served. */
void lane_pump(struct lane *lane);
/* Kills what is over its time, ends the pause. */
void lane_tick(struct lane *lane, int64_t now_ms);
/* The next time that lane_tick has something to do; INT64_MAX. */
int64_t lane_due_ms(const struct lane *lane);
void lane_kill(struct lane *lane);
size_t lane_host_count(const struct lane *lane);
size_t lane_call_count(const struct lane *lane);

/* slot.c */
void slot_init(struct slot *slot, struct lane *lane);
/* Starts a host. A start that fails counts as a crash. */
void slot_start(struct slot *slot);
/* The host of one slot goes on in another, empty one. */
void slot_move(struct slot *from, struct slot *to);
/* Takes the call over. False: its host is at its end, and never gets the call. */
bool slot_send(struct slot *slot, struct step_call *call);
void slot_cancel(struct slot *slot, struct step_call *call);
/* Ends its host, which has no calls; that is nobody's fault. */
void slot_drop_host(struct slot *slot);
/* The host did not keep its time: it is killed, and its oldest call answered. */
void slot_expire(struct slot *slot);

/* What a lane does when a host is lost, and when it has answered (lane.c). */
void lane_crashed(struct lane *lane, struct call_queue *unanswered);
void lane_answered(struct lane *lane);

#endif
