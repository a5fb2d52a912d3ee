/* One call: what the plugin is asked, and what it gives by the host's services. */
#ifndef SANKOFA_HOST_CALL_H
#define SANKOFA_HOST_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include <sankofa/step.h>

#include "host/link.h"
#include "host/secrets.h"
#include "host/table.h"

_Static_assert((int)WIRE_COOKIE_BYTES_MAX == (int)SANKOFA_COOKIE_BYTES_MAX,
               "frames and plugins agree how large a cookie may be");

/* Lives in the call's arena. */
struct sankofa_call {
    struct arena *arena;
    struct link *link;
    const struct secrets *secrets; /* NULL: none */
    const struct plugin_step_type *type;
    enum wire_kind verb; /* WIRE_RUN, WIRE_RESUME, WIRE_DROP */
    uint64_t number;

    struct value inputs, answer; /* maps; answer: VALUE_NULL unless an answer woke it */
    struct text key, cookie;     /* cookie: bytes; of WIRE_RESUME and WIRE_DROP */
    int64_t now_ms, attempt, park_count;
    bool woken_by_time;

    struct value outputs, reasons;
    struct text failure; /* empty: fail was not called */
    bool retry;
    int wakes; /* 0: park was not called */
    int64_t until_ms;
    struct text park_cookie; /* bytes */

    struct text fault; /* the first rule the plugin broke, a sentence; empty: none */
    bool ran;          /* the plugin was called */
    unsigned log_count;
};

/* The services handed to plugins (services.c). */
extern const struct sankofa_host call_services;
/* Notes the first fault; returns -1, for the services. */
__attribute__((format(printf, 2, 3))) int call_fault(struct sankofa_call *call, const char *format,
                                                     ...);

/* Carries out one RUN, RESUME or DROP and gives the body of its OUTCOME. 0; -EPROTO: the frame is
 * none of these, or lacks something. */
int call_carry_out(const struct table *table, struct link *link, const struct secrets *secrets,
                   struct arena *arena, const struct wire_frame *frame, struct value *outcome_out);

#endif
