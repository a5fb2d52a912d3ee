/* Problems: the refusals that people and programs get, by stable code (RFC 9457). The table of
 * codes is here, because the core decides them, the socket sends them and the client maps them to
 * exit statuses. */
#ifndef SANKOFA_BASE_PROBLEM_H
#define SANKOFA_BASE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

enum problem_code {
    PROBLEM_NONE,
    PROBLEM_BAD_REQUEST,       /* 400 */
    PROBLEM_NOT_PERMITTED,     /* 403 */
    PROBLEM_WRONG_KEY,         /* 403: a passphrase, or shares, that open nothing */
    PROBLEM_NO_SUCH_ROUTE,     /* 404 */
    PROBLEM_NO_SUCH_CASE,      /* 404; also for a case that is hidden */
    PROBLEM_NO_SUCH_WORKFLOW,  /* 404 */
    PROBLEM_NO_SUCH_STEP,      /* 404 */
    PROBLEM_NO_SUCH_PROPOSAL,  /* 404 */
    PROBLEM_NO_SUCH_OPERATION, /* 404 */
    PROBLEM_NO_SUCH_SLOT,
    PROBLEM_NO_SUCH_DOCUMENT,       /* 404 */
    PROBLEM_NO_SUCH_GLASS,          /* 404 */
    PROBLEM_METHOD_NOT_ALLOWED,     /* 405 */
    PROBLEM_NOT_AVAILABLE,          /* 409, extra: available */
    PROBLEM_ERASED,                 /* 410 */
    PROBLEM_STALE_REVISION,         /* 412, extra: revision, changed_by, ... */
    PROBLEM_TOO_LARGE,              /* 413 */
    PROBLEM_HEAD_TOO_LARGE,         /* 431, "too-large" too: the first line and the headers */
    PROBLEM_UNSUPPORTED_MEDIA_TYPE, /* 415 */
    PROBLEM_FIELD_INVALID,          /* 422, errors */
    PROBLEM_GUARD_FAILED,           /* 422 */
    PROBLEM_CHECK_REFUSED,          /* 422, errors: reasons per input */
    PROBLEM_DEFINITION_INVALID,     /* 422, errors */
    PROBLEM_IDEMPOTENCY_KEY_REUSED, /* 422 */
    PROBLEM_WORKFLOW_FAULT,         /* 422: a guard erred, or too many microsteps */
    PROBLEM_BUSY,                   /* 503, retryable: others are the reason */
    PROBLEM_TOO_MANY,               /* 429, "busy" too: a limit of the one who asks */
    PROBLEM_DISK_FULL,              /* 503, retryable */
    PROBLEM_STOPPING,               /* 503, retryable */
    PROBLEM_SEALED,                 /* 503: nobody has unlocked the store yet */
    PROBLEM_PLUGIN_FAILED,          /* 502, retryable unless said */
    PROBLEM_QUARANTINED,            /* 500: records of this case are damaged */
    PROBLEM_INTERNAL,               /* 500 */
    PROBLEM_COUNT
};

struct problem_kind {
    enum problem_code code;
    const char *name; /* "guard-failed"; two have "busy", of 429 and of 503, two "too-large", of 413
                         and 431 */
    int status;       /* HTTP */
    int exit_status;  /* of the client, by interfaces.md */
    const char *title; /* English; clients translate by name */
    bool retryable;
};

/* Never NULL. */
const struct problem_kind *problem_kind(enum problem_code code);
/* By name, the first of two; NULL for an unknown one. */
const struct problem_kind *problem_kind_named(struct text name);

/* A refusal on its way to a person. Everything lives in the arena of whoever made it. */
struct problem {
    enum problem_code code;
    struct text detail;  /* what is wrong with this request */
    struct text hint;    /* what to do; may be empty */
    struct value errors; /* VALUE_NULL, or a list of {pointer, code, message, suggest} */
    struct value extra;  /* VALUE_NULL, or a map of members to be added */
};

/* Sets code and detail, clears the rest. */
__attribute__((format(printf, 4, 5))) void problem_set(struct problem *problem, struct arena *arena,
                                                       enum problem_code code, const char *format,
                                                       ...);
__attribute__((format(printf, 3, 4))) void
problem_hint(struct problem *problem, struct arena *arena, const char *format, ...);
/* The name that was likely meant (empty: none): the hint asks for it, and programs find it in the
 * member `suggest`, a list. Never of what whoever asks may not see. */
void problem_suggest(struct problem *problem, struct arena *arena, struct text nearest);
/* Adds one to `errors`. `pointer` is an RFC 6901 pointer into the request ("/data/birth_date"),
 * `suggest` may be empty. */
void problem_add(struct problem *problem, struct arena *arena, struct text pointer,
                 const char *code, struct text message, struct text suggest);
/* The members of RFC 9457 and ours; `request_id` may be empty. */
struct value problem_value(struct arena *arena, const struct problem *problem,
                           struct text request_id);

#endif
