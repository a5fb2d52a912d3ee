/* The plugin ABI of Sankofa: all that a plugin includes.
 *
 * A plugin is a shared object that exports exactly one function, sankofa_plugin, which returns its
 * table: name, version, step types. Each step type is a *check* (pure, quick, asked before a
 * transition is accepted) or a *step* (work, done while a state is active). A plugin runs in a
 * process of its own, one call at a time; it may block; its crash or hang costs its own call.
 *
 * Rules that keep old plugins loading: every struct begins with its size and grows only at its end;
 * SANKOFA_ABI changes only when a plugin built before could not work. Texts are UTF-8 with a size,
 * followed by a NUL that is not counted. What the host hands out is borrowed until the call
 * returns; what the plugin hands in is copied. Only the thread that was called may use a call.
 *
 *     static enum sankofa_outcome run(const struct sankofa_host *host, struct sankofa_call *call) {
 *         struct sankofa_text name = sankofa_text_of(host, call, "name");
 *         if (name.size == 0)
 *             return host->refuse(call, "name", "There is no name."), SANKOFA_REFUSED;
 *         sankofa_put_integer(host, call, "length", (int64_t)name.size);
 *         return SANKOFA_DONE;
 *     }
 */
#ifndef SANKOFA_STEP_H
#define SANKOFA_STEP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SANKOFA_ABI 1

struct sankofa_text {
    const char *bytes;
    size_t size;
};

/* Kinds of inputs, outputs and answers, named as the field types of workflow files. */
enum sankofa_kind {
    SANKOFA_TEXT = 1, /* text, choice, person, document, case */
    SANKOFA_INTEGER = 2,
    SANKOFA_NUMBER = 3,
    SANKOFA_BOOLEAN = 4,
    SANKOFA_DATE = 5,      /* as text: YYYY-MM-DD */
    SANKOFA_TIMESTAMP = 6, /* as text: RFC 3339, UTC */
    SANKOFA_TEXTS = 7      /* a list of texts */
};

/* One value. `kind` tells which of the members counts. */
struct sankofa_value {
    uint32_t size;
    uint32_t kind;
    int64_t integer; /* also SANKOFA_BOOLEAN: 0 or 1 */
    double number;
    struct sankofa_text text;
    const struct sankofa_text *texts;
    size_t text_count;
};

/* What a step type takes, gives, or is answered. Declared once; the daemon validates workflows by
 * it before they run, and the reference page is made of it. */
struct sankofa_field {
    uint32_t size;
    uint32_t kind;
    const char *name;    /* [a-z][a-z0-9_]*, as in `with:` and `into:` */
    int required;        /* of inputs and answers */
    const char *initial; /* an input's value where none is given, as text; NULL: stays unset */
    const char *unit;    /* "days", "XOF"; NULL: none */
    const char *doc;     /* one sentence */
    const char *const *options; /* the only texts allowed, ended by NULL; NULL: any */
};

/* A field where a list of them stands, without a name of its own; outside of functions. */
#define SANKOFA_FIELD(...)                                                                         \
    &(const struct sankofa_field)                                                                  \
    {                                                                                              \
        .size = sizeof(struct sankofa_field), __VA_ARGS__                                          \
    }

/* The options of a field, each a text. */
#define SANKOFA_OPTIONS(...)                                                                       \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

enum sankofa_outcome {
    SANKOFA_DONE = 1,    /* outputs were put */
    SANKOFA_REFUSED = 2, /* checks only: reasons were given by refuse */
    SANKOFA_FAILED = 3,  /* a reason was given by fail */
    SANKOFA_PARKED = 4   /* steps only: park told what wakes it */
};

/* Flags. A step that is IDEMPOTENT may be begun again, under the same key, when its outcome was
 * lost. One that is not is begun once: if its host or the daemon dies meanwhile it waits for a
 * person, who finds out whether it happened. It may still ask for another try by fail. */
enum { SANKOFA_CHECK = 1, SANKOFA_IDEMPOTENT = 2 };
enum { SANKOFA_NETWORK = 1, SANKOFA_FILES = 2, SANKOFA_PROGRAMS = 4 }; /* needs */
enum { SANKOFA_ANSWER = 1, SANKOFA_TIME = 2 }; /* what wakes a parked step */
enum { SANKOFA_DEBUG = 0, SANKOFA_INFO = 1, SANKOFA_WARNING = 2, SANKOFA_ERROR = 3 };

enum { SANKOFA_COOKIE_BYTES_MAX = 4096 };

struct sankofa_call; /* one call; opaque */

/* The services of the host. A plugin built for this header may run in a newer host; `size` tells
 * what an older one has. Functions that return int give 0, or -1 where the host had to say no (the
 * call then fails with the reason in the log). */
struct sankofa_host {
    uint32_t size;
    uint32_t abi;
    /* 1 and *value_out (whose `size` the caller has set), or 0: the input is not set. */
    int (*get)(struct sankofa_call *call, const char *input, struct sankofa_value *value_out);
    /* In resume, after an answer: a field of the answer. As get. */
    int (*answer)(struct sankofa_call *call, const char *field, struct sankofa_value *value_out);
    /* In resume: SANKOFA_ANSWER or SANKOFA_TIME, and the cookie given to park. */
    int (*woken_by)(struct sankofa_call *call, struct sankofa_text *cookie_out);
    /* Sets an output that the step type declares, of its kind. */
    int (*put)(struct sankofa_call *call, const char *output, const struct sankofa_value *value);
    /* A reason to refuse, for one input (NULL: for the whole); may be called several times. */
    int (*refuse)(struct sankofa_call *call, const char *input, const char *reason);
    /* Why the step failed. `retry`: another try may do. The reason stands in the history, for roles
     * that see no sensitive field, too: quote no input in it. */
    int (*fail)(struct sankofa_call *call, int retry, const char *reason);
    /* What wakes the step: SANKOFA_ANSWER, SANKOFA_TIME at `until_ms` (since 1970 UTC), or both.
     * `cookie` is given back to resume or drop, perhaps of a newer version of this plugin; at most
     * SANKOFA_COOKIE_BYTES_MAX. A parked step costs no process, for as long as it takes. */
    int (*park)(struct sankofa_call *call, int wakes, int64_t until_ms, const void *cookie,
                size_t cookie_size);
    /* Not 0 once nobody waits for the outcome any more. */
    int (*cancelled)(struct sankofa_call *call);
    /* The time of the event that made the step due (of the answer, of the waking), milliseconds
     * since 1970 UTC. Checks and steps use this, never the machine's clock. */
    int64_t (*now_ms)(struct sankofa_call *call);
    /* The same for every try of one step of one case, and for no other. */
    struct sankofa_text (*idempotency_key)(struct sankofa_call *call);
    /* A line in the daemon's log. Never a name, never a value of a case. A secret that stands in
     * it, or in what fail is told, is replaced by ***. */
    void (*log)(struct sankofa_call *call, int level, const char *event);
    /* What the administrator gave this plugin under that name, borrowed until the call returns;
     * {NULL, 0}: nothing. Bytes, not always UTF-8. Not for checks: they depend on their inputs
     * alone. */
    struct sankofa_text (*secret)(struct sankofa_call *call, const char *name);
    /* Waits so many milliseconds, or until nobody waits for the outcome any more. As cancelled. */
    int (*wait)(struct sankofa_call *call, int64_t timeout_ms);
    /* Which try this is, from 1, since the step became due or parked; of a check always 1. */
    int64_t (*attempt)(struct sankofa_call *call);
    /* How often the step had parked before this call: 0 in its first run. */
    int64_t (*park_count)(struct sankofa_call *call);
};

/* Whether the host in which the plugin runs has a service: it may be older than this header. What
 * stands before `secret` is always there. */
#define SANKOFA_HAS(host, service)                                                                 \
    ((host)->size >= offsetof(struct sankofa_host, service) + sizeof((host)->service))

struct sankofa_step_type {
    uint32_t size;
    uint32_t flags;      /* SANKOFA_CHECK, SANKOFA_IDEMPOTENT */
    uint32_t needs;      /* SANKOFA_NETWORK, ... */
    uint32_t timeout_ms; /* of one call; 0: 2 s for a check, 60 s for a step */
    const char *name;
    const char *summary;                       /* one sentence */
    const struct sankofa_field *const *inputs; /* each list is ended by NULL; NULL: none */
    const struct sankofa_field *const *outputs;
    const struct sankofa_field *const *answers;
    enum sankofa_outcome (*run)(const struct sankofa_host *host, struct sankofa_call *call);
    /* For steps that park: continues after its wake. NULL: it never parks. */
    enum sankofa_outcome (*resume)(const struct sankofa_host *host, struct sankofa_call *call);
    /* A parked step is not needed any more (its state was left). NULL: nothing to do. */
    void (*drop)(const struct sankofa_host *host, struct sankofa_call *call);
};

struct sankofa_plugin {
    uint32_t size;
    uint32_t abi; /* SANKOFA_ABI */
    const char *name;
    const char *version;
    const char *summary;
    const struct sankofa_step_type *const *step_types; /* ended by NULL */
};

/* The one exported function. */
__attribute__((visibility("default"))) const struct sankofa_plugin *sankofa_plugin(void);

/* Shorthands over the table, for plugins. */

/* The input's text; {"", 0} where it is not set. Also dates and timestamps. */
static inline struct sankofa_text sankofa_text_of(const struct sankofa_host *host,
                                                  struct sankofa_call *call, const char *input)
{
    struct sankofa_value value;
    struct sankofa_text none = {"", 0};

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    return host->get(call, input, &value) == 1 && value.text.bytes ? value.text : none;
}

/* The input's integer (booleans: 0 or 1); `absent` where it is not set. */
static inline int64_t sankofa_integer_of(const struct sankofa_host *host, struct sankofa_call *call,
                                         const char *input, int64_t absent)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    return host->get(call, input, &value) == 1 ? value.integer : absent;
}

static inline int sankofa_put_text(const struct sankofa_host *host, struct sankofa_call *call,
                                   const char *output, const char *text)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    value.kind = SANKOFA_TEXT;
    value.text.bytes = text;
    value.text.size = strlen(text);
    return host->put(call, output, &value);
}

static inline int sankofa_put_integer(const struct sankofa_host *host, struct sankofa_call *call,
                                      const char *output, int64_t integer)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    value.kind = SANKOFA_INTEGER;
    value.integer = integer;
    return host->put(call, output, &value);
}

static inline int sankofa_put_boolean(const struct sankofa_host *host, struct sankofa_call *call,
                                      const char *output, int holds)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    value.kind = SANKOFA_BOOLEAN;
    value.integer = holds != 0;
    return host->put(call, output, &value);
}

static inline int sankofa_put_date(const struct sankofa_host *host, struct sankofa_call *call,
                                   const char *output, const char *date)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    value.kind = SANKOFA_DATE;
    value.text.bytes = date;
    value.text.size = strlen(date);
    return host->put(call, output, &value);
}

/* The secret of that name; {NULL, 0} where there is none, or the host is older. */
static inline struct sankofa_text sankofa_secret(const struct sankofa_host *host,
                                                 struct sankofa_call *call, const char *name)
{
    struct sankofa_text none = {NULL, 0};

    return SANKOFA_HAS(host, secret) ? host->secret(call, name) : none;
}

/* Dates: a *day* is the number of days since 1970-01-01, so that days are added and subtracted as
 * numbers. Years 1 to 9999 of the calendar that is in use, also before it was. */

enum { SANKOFA_DATE_BYTES = 11 }; /* YYYY-MM-DD and a NUL */

struct sankofa_date {
    int year, month, day;
};

/* 1 and *date_out, or 0 where the text is no date. */
static inline int sankofa_date_read(struct sankofa_text text, struct sankofa_date *date_out)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int parts[3] = {0, 0, 0};
    int part = 0, is_leap;

    if (text.size != SANKOFA_DATE_BYTES - 1)
        return 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.bytes[i];
        if (i == 4 || i == 7) {
            if (byte != '-')
                return 0;
            part++;
        } else {
            if (byte < '0' || byte > '9')
                return 0;
            parts[part] = parts[part] * 10 + (byte - '0');
        }
    }
    is_leap = (parts[0] % 4 == 0 && parts[0] % 100 != 0) || parts[0] % 400 == 0;
    if (parts[0] < 1 || parts[1] < 1 || parts[1] > 12 || parts[2] < 1 ||
        parts[2] > lengths[parts[1] - 1] + (parts[1] == 2 && is_leap ? 1 : 0))
        return 0;
    date_out->year = parts[0];
    date_out->month = parts[1];
    date_out->day = parts[2];
    return 1;
}

/* Years are counted from March here, so that a leap day ends one. */
static inline int64_t sankofa_day_of(struct sankofa_date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;

    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

/* The inverse, of the years 1 to 9999. */
static inline struct sankofa_date sankofa_date_of(int64_t day)
{
    struct sankofa_date date;
    int64_t era = (day + 719468) / 146097; /* of 400 years */
    int64_t in_era = (day + 719468) % 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153; /* 0 is March */

    date.year = (int)(era * 400 + year + (month >= 10 ? 1 : 0));
    date.month = (int)(month + 3 - (month >= 10 ? 12 : 0));
    date.day = (int)(in_year - (153 * month + 2) / 5 + 1);
    return date;
}

/* YYYY-MM-DD into `room`, which is returned. */
static inline char *sankofa_date_write(struct sankofa_date date, char room[SANKOFA_DATE_BYTES])
{
    static const char digits[] = "0123456789";
    unsigned year = (unsigned)date.year;

    room[0] = digits[year / 1000 % 10];
    room[1] = digits[year / 100 % 10];
    room[2] = digits[year / 10 % 10];
    room[3] = digits[year % 10];
    room[4] = room[7] = '-';
    room[5] = digits[(unsigned)date.month / 10 % 10];
    room[6] = digits[(unsigned)date.month % 10];
    room[8] = digits[(unsigned)date.day / 10 % 10];
    room[9] = digits[(unsigned)date.day % 10];
    room[10] = '\0';
    return room;
}

/* 1 and *day_out, or 0 where the text is no date. */
static inline int sankofa_day_read(struct sankofa_text text, int64_t *day_out)
{
    struct sankofa_date date;

    if (!sankofa_date_read(text, &date))
        return 0;
    *day_out = sankofa_day_of(date);
    return 1;
}

static inline char *sankofa_day_write(int64_t day, char room[SANKOFA_DATE_BYTES])
{
    return sankofa_date_write(sankofa_date_of(day), room);
}

/* The day, in UTC, of milliseconds since 1970; and when a day begins. */
static inline int64_t sankofa_day_of_ms(int64_t ms)
{
    return ms / 86400000 - (ms % 86400000 < 0 ? 1 : 0);
}

static inline int64_t sankofa_ms_of_day(int64_t day)
{
    return day * 86400000;
}

/* Whole years from one date to another: an age. Born on 29 February: 1 March in common years. */
static inline int sankofa_years_between(struct sankofa_date born, struct sankofa_date on)
{
    int is_before = on.month < born.month || (on.month == born.month && on.day < born.day);

    return on.year - born.year - is_before;
}

#endif
