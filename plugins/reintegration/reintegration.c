/* reintegration: the follow-up visits to a child: when the next one is due, and one of them as a
 * colour with its reasons.
 *
 * Words: a *visit checkpoint* is one of the follow-ups that every child gets, M1, M3, M6 and M12
 * (months after the placement); its *window* is the days on which a visit counts for it.
 *
 * The happy path of the check `visit`:
 * 1. The visit lies in the window of its checkpoint, and what must be seen was seen; what is
 *    missing is refused, all at once, each beside its input.
 * 2. Every sign of the table below that holds adds its reason; the worst colour wins.
 * 3. The colour gives what to do next: red a review, amber a call, green the next window.
 *
 * The happy path of the step `schedule`:
 * 1. The checkpoint behind the last one is found, and with it the window's first and last day.
 * 2. It parks until the first of them, and is done when that day begins; at once if it has begun.
 *    The chart's loop starts it again for the next; a window that closes is the chart's `after`.
 *
 * A visit before its window is refused: it is contact, and does not stand for the checkpoint. One
 * after it is refused too, unless the office says that it takes late visits for this checkpoint;
 * then it counts, and is amber at best. Every number here is the programme's proposal. */
#include <sankofa/step.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* The rules. */

static const struct checkpoint {
    const char *name;
    int64_t days;      /* after the placement */
    int64_t tolerance; /* days before and after */
} checkpoints[] = {
    {"M1", 30, 7},
    {"M3", 91, 14},
    {"M6", 182, 21},
    {"M12", 365, 30},
};
enum { CHECKPOINT_COUNT = 4 };

enum colour { GREEN, AMBER, RED };
static const char *const colour_names[] = {"green", "amber", "red"};

enum {
    ATTENDANCE_LOW_PCT = 75, /* below it is amber */
    WORK_AGE_YEARS = 15,     /* below it work is amber */
    REVIEW_HOURS = 72,       /* of a red visit */
    CALL_DAYS = 14           /* after an amber one */
};

/* What a visit says. Filled by `read`; -1 where a number was not told. */
struct visit {
    const struct checkpoint *checkpoint;
    int64_t day, counted_from, days_since;
    bool is_phone, seen_alone, violence, left_home, retrafficking;
    bool in_learning, in_work, is_idle; /* occupation */
    bool is_under_work_age, is_late;
    int64_t attendance, health, mood;
};

enum {
    RETRAFFICKING,
    VIOLENCE,
    LEFT_HOME,
    HEALTH_VERY_BAD,
    MOOD_VERY_BAD,
    BY_PHONE,
    SEEN_WITH_OTHERS,
    IDLE,
    ATTENDANCE_LOW,
    WORKS_TOO_YOUNG,
    HEALTH_BAD,
    MOOD_BAD,
    LATE,
    SIGN_COUNT
};

static const struct sign {
    enum colour colour;
    const char *reason;
} signs[SIGN_COUNT] = {
    [RETRAFFICKING] = {RED, "There are signs that the child is being trafficked again."},
    [VIOLENCE] = {RED, "There are signs of violence."},
    [LEFT_HOME] = {RED, "The child has left the home."},
    [HEALTH_VERY_BAD] = {RED, "The child's health is very bad."},
    [MOOD_VERY_BAD] = {RED, "The child's mood is very bad."},
    [BY_PHONE] = {AMBER, "The child was not seen: this was a call."},
    [SEEN_WITH_OTHERS] = {AMBER, "The child was not seen alone."},
    [IDLE] = {AMBER, "The child neither learns nor works."},
    [ATTENDANCE_LOW] = {AMBER, "The child attends less than three days in four."},
    [WORKS_TOO_YOUNG] = {AMBER, "The child works and is under 15."},
    [HEALTH_BAD] = {AMBER, "The child's health is bad."},
    [MOOD_BAD] = {AMBER, "The child's mood is bad."},
    [LATE] = {AMBER, "The visit came after its window."},
};

static void find_signs(const struct visit *visit, bool holds[SIGN_COUNT])
{
    holds[RETRAFFICKING] = visit->retrafficking;
    holds[VIOLENCE] = visit->violence;
    holds[LEFT_HOME] = visit->left_home;
    holds[HEALTH_VERY_BAD] = visit->health == 1;
    holds[MOOD_VERY_BAD] = visit->mood == 1;
    holds[BY_PHONE] = visit->is_phone;
    holds[SEEN_WITH_OTHERS] = !visit->is_phone && !visit->seen_alone;
    holds[IDLE] = visit->is_idle;
    holds[ATTENDANCE_LOW] = visit->in_learning && visit->attendance < ATTENDANCE_LOW_PCT;
    holds[WORKS_TOO_YOUNG] = visit->in_work && visit->is_under_work_age;
    holds[HEALTH_BAD] = visit->health == 2;
    holds[MOOD_BAD] = visit->mood == 2;
    holds[LATE] = visit->is_late;
}

/* Inputs and outputs. */

static const struct sankofa_field *const visit_inputs[] = {
    SANKOFA_FIELD(.name = "window", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS("M1", "M3", "M6", "M12"),
                  .doc = "The visit checkpoint."),
    SANKOFA_FIELD(.name = "counted_from", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day of the handover to the family or other carer."),
    SANKOFA_FIELD(.name = "visit_on", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day of the visit."),
    SANKOFA_FIELD(.name = "kind", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("visit", "phone"), .initial = "visit",
                  .doc = "Whether the child was visited or called."),
    SANKOFA_FIELD(.name = "late_allowed", .kind = SANKOFA_BOOLEAN, .initial = "false",
                  .doc = "Whether a visit after the window counts, amber at best."),
    SANKOFA_FIELD(.name = "child_seen_alone", .kind = SANKOFA_BOOLEAN, .required = 1,
                  .doc = "Whether the child could talk with nobody else present."),
    SANKOFA_FIELD(.name = "occupation", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS("school", "training", "work", "none"),
                  .doc = "What the child does in the day."),
    SANKOFA_FIELD(.name = "attendance_pct", .kind = SANKOFA_INTEGER, .unit = "%",
                  .doc =
                      "Days attended of 100; demanded where the child is in school or training."),
    SANKOFA_FIELD(.name = "birth_date", .kind = SANKOFA_DATE,
                  .doc = "The child's birth date; demanded where the child works."),
    SANKOFA_FIELD(.name = "health", .kind = SANKOFA_INTEGER, .required = 1,
                  .doc = "1 (very bad) to 5 (very good)."),
    SANKOFA_FIELD(.name = "mood", .kind = SANKOFA_INTEGER, .required = 1,
                  .doc = "1 (very bad) to 5 (very good)."),
    SANKOFA_FIELD(.name = "violence_signs", .kind = SANKOFA_BOOLEAN, .required = 1,
                  .doc = "Signs of violence against the child."),
    SANKOFA_FIELD(.name = "left_home", .kind = SANKOFA_BOOLEAN, .required = 1,
                  .doc = "Whether the child has left the home."),
    SANKOFA_FIELD(.name = "retrafficking_signs", .kind = SANKOFA_BOOLEAN, .required = 1,
                  .doc = "Signs that the child is being trafficked again."),
    NULL,
};

static const struct sankofa_field *const visit_outputs[] = {
    SANKOFA_FIELD(.name = "score", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("green", "amber", "red"),
                  .doc = "The colour of the visit."),
    SANKOFA_FIELD(.name = "reasons", .kind = SANKOFA_TEXT,
                  .doc = "Every sign that holds, worst first."),
    SANKOFA_FIELD(.name = "next_action", .kind = SANKOFA_TEXT,
                  .doc = "What to do next, and until when."),
    SANKOFA_FIELD(.name = "days_since", .kind = SANKOFA_INTEGER, .unit = "days",
                  .doc = "Days from counted_from to the visit."),
    NULL,
};

static const struct sankofa_field *const schedule_inputs[] = {
    SANKOFA_FIELD(.name = "counted_from", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day of the handover to the family or other carer."),
    SANKOFA_FIELD(.name = "last", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("M1", "M3", "M6", "M12"),
                  .doc = "The visit checkpoint that is over; left out: none yet."),
    NULL,
};

static const struct sankofa_field *const schedule_outputs[] = {
    SANKOFA_FIELD(.name = "window", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("M1", "M3", "M6", "M12"),
                  .doc = "The visit checkpoint that is now due."),
    SANKOFA_FIELD(.name = "opens", .kind = SANKOFA_DATE, .doc = "The first day of its window."),
    SANKOFA_FIELD(.name = "closes", .kind = SANKOFA_DATE, .doc = "The last day of its window."),
    NULL,
};

/* Days. */

struct day_text {
    char bytes[SANKOFA_DATE_BYTES];
};

static struct day_text day_write(int64_t day)
{
    struct day_text text;

    sankofa_day_write(day, text.bytes);
    return text;
}

/* Reading, with refusals. */

static int refuse(const struct sankofa_host *host, struct sankofa_call *call, const char *input,
                  const char *reason)
{
    host->refuse(call, input, reason);
    return 1;
}

static bool input_is(const struct sankofa_host *host, struct sankofa_call *call, const char *input,
                     const char *word)
{
    struct sankofa_text text = sankofa_text_of(host, call, input);

    return text.size == strlen(word) && memcmp(text.bytes, word, text.size) == 0;
}

/* A boolean that must be told. */
static int read_flag(const struct sankofa_host *host, struct sankofa_call *call, const char *input,
                     bool *flag_out)
{
    int64_t flag = sankofa_integer_of(host, call, input, -1);

    *flag_out = flag == 1;
    return flag == 0 || flag == 1 ? 0 : refuse(host, call, input, "Say yes or no.");
}

static int read_number(const struct sankofa_host *host, struct sankofa_call *call,
                       const char *input, int64_t min, int64_t max, int64_t *number_out)
{
    char reason[80];

    *number_out = sankofa_integer_of(host, call, input, INT64_MIN);
    if (*number_out >= min && *number_out <= max)
        return 0;
    snprintf(reason, sizeof(reason), "Give a number from %" PRId64 " to %" PRId64 ".", min, max);
    return refuse(host, call, input, reason);
}

static int read_occupation(const struct sankofa_host *host, struct sankofa_call *call,
                           struct visit *visit)
{
    struct sankofa_date born, on;
    struct sankofa_text visit_on = sankofa_text_of(host, call, "visit_on");

    visit->in_work = input_is(host, call, "occupation", "work");
    visit->is_idle = input_is(host, call, "occupation", "none");
    visit->in_learning = input_is(host, call, "occupation", "school") ||
                         input_is(host, call, "occupation", "training");
    if (visit->in_learning)
        return read_number(host, call, "attendance_pct", 0, 100, &visit->attendance);
    if (!visit->in_work)
        return visit->is_idle ? 0 : refuse(host, call, "occupation", "Say what the child does.");
    if (!sankofa_date_read(sankofa_text_of(host, call, "birth_date"), &born))
        return refuse(host, call, "birth_date", "The child works: the birth date is needed.");
    visit->is_under_work_age =
        sankofa_date_read(visit_on, &on) && sankofa_years_between(born, on) < WORK_AGE_YEARS;
    return 0;
}

static int read_signs(const struct sankofa_host *host, struct sankofa_call *call,
                      struct visit *visit)
{
    int refused = 0;

    visit->is_phone = input_is(host, call, "kind", "phone");
    refused += read_flag(host, call, "child_seen_alone", &visit->seen_alone);
    refused += read_occupation(host, call, visit);
    refused += read_number(host, call, "health", 1, 5, &visit->health);
    refused += read_number(host, call, "mood", 1, 5, &visit->mood);
    refused += read_flag(host, call, "violence_signs", &visit->violence);
    refused += read_flag(host, call, "left_home", &visit->left_home);
    refused += read_flag(host, call, "retrafficking_signs", &visit->retrafficking);
    if (!visit->is_phone && !input_is(host, call, "kind", "visit"))
        refused += refuse(host, call, "kind", "Say whether this was a visit or a call.");
    if (visit->is_phone && visit->seen_alone)
        refused += refuse(host, call, "child_seen_alone", "Nobody is seen by telephone.");
    return refused;
}

/* Refuses a visit outside the window of its checkpoint. */
static int refuse_outside(const struct sankofa_host *host, struct sankofa_call *call,
                          struct visit *visit)
{
    const struct checkpoint *checkpoint = visit->checkpoint;
    int64_t from = visit->counted_from + checkpoint->days - checkpoint->tolerance;
    int64_t until = visit->counted_from + checkpoint->days + checkpoint->tolerance;
    bool late_allowed = sankofa_integer_of(host, call, "late_allowed", 0) == 1;
    char reason[160];

    visit->is_late = visit->day > until;
    if (visit->day >= from && (visit->day <= until || late_allowed))
        return 0;
    snprintf(reason, sizeof(reason), "The window of %s is from %s to %s: this visit is too %s.",
             checkpoint->name, day_write(from).bytes, day_write(until).bytes,
             visit->is_late ? "late" : "early");
    return refuse(host, call, "visit_on", reason);
}

static int read_days(const struct sankofa_host *host, struct sankofa_call *call,
                     struct visit *visit)
{
    int refused = 0;
    bool has_day = sankofa_day_read(sankofa_text_of(host, call, "visit_on"), &visit->day);
    bool has_from =
        sankofa_day_read(sankofa_text_of(host, call, "counted_from"), &visit->counted_from);

    for (size_t i = 0; i < CHECKPOINT_COUNT; i++)
        if (input_is(host, call, "window", checkpoints[i].name))
            visit->checkpoint = &checkpoints[i];
    if (!visit->checkpoint)
        refused += refuse(host, call, "window", "Say which visit this is: M1, M3, M6 or M12.");
    if (!has_from)
        refused += refuse(host, call, "counted_from", "Say from which day the months count.");
    if (!has_day)
        return refused + refuse(host, call, "visit_on", "Say on which day the visit was.");
    if (visit->day > sankofa_day_of_ms(host->now_ms(call)))
        return refused + refuse(host, call, "visit_on", "This day is still to come.");
    if (refused > 0)
        return refused;
    visit->days_since = visit->day - visit->counted_from;
    return refuse_outside(host, call, visit);
}

/* What to do next. */

struct advice {
    char text[200];
};

static void advise(const struct visit *visit, enum colour colour, struct advice *advice_out)
{
    const struct checkpoint *next = visit->checkpoint + 1;
    bool is_last = next == checkpoints + CHECKPOINT_COUNT;
    char after[120];

    if (is_last)
        snprintf(after, sizeof(after), "then the final review of the case");
    else
        snprintf(after, sizeof(after), "then visit %s, from %s to %s", next->name,
                 day_write(visit->counted_from + next->days - next->tolerance).bytes,
                 day_write(visit->counted_from + next->days + next->tolerance).bytes);
    switch (colour) {
    case RED:
        snprintf(advice_out->text, sizeof(advice_out->text),
                 "The supervisor reviews the placement within %d hours; %s.", REVIEW_HOURS, after);
        break;
    case AMBER:
        snprintf(advice_out->text, sizeof(advice_out->text),
                 "See to the reasons and call by %s; %s.", day_write(visit->day + CALL_DAYS).bytes,
                 after);
        break;
    case GREEN:
        snprintf(advice_out->text, sizeof(advice_out->text), "Nothing until the next; %s.", after);
        break;
    }
}

static enum sankofa_outcome visit(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct visit visit = {.attendance = -1};
    struct advice advice;
    char reasons[1000] = "";
    size_t size = 0;
    enum colour colour = GREEN;
    bool holds[SIGN_COUNT];
    int refused = read_days(host, call, &visit);

    refused += read_signs(host, call, &visit);
    if (refused > 0)
        return SANKOFA_REFUSED;
    find_signs(&visit, holds);
    for (int i = 0; i < SIGN_COUNT; i++) {
        if (!holds[i])
            continue;
        colour = signs[i].colour > colour ? signs[i].colour : colour;
        size += (size_t)snprintf(reasons + size, sizeof(reasons) - size, "%s%s", size ? " " : "",
                                 signs[i].reason);
    }
    advise(&visit, colour, &advice);
    sankofa_put_text(host, call, "score", colour_names[colour]);
    sankofa_put_text(host, call, "reasons", size ? reasons : "The child is well.");
    sankofa_put_text(host, call, "next_action", advice.text);
    sankofa_put_integer(host, call, "days_since", visit.days_since);
    return SANKOFA_DONE;
}

/* When the next visit is due. */

/* The checkpoint behind `last`, which the input names; NULL: there is none. */
static const struct checkpoint *checkpoint_behind(struct sankofa_text last)
{
    for (size_t i = 0; i < CHECKPOINT_COUNT; i++)
        if (last.size == strlen(checkpoints[i].name) &&
            memcmp(last.bytes, checkpoints[i].name, last.size) == 0)
            return i + 1 < CHECKPOINT_COUNT ? &checkpoints[i + 1] : NULL;
    return last.size == 0 ? &checkpoints[0] : NULL;
}

/* Both at the beginning and when the time has come: what is parked is no more than a promise to be
 * woken, and all that is needed stands in the inputs. */
static enum sankofa_outcome schedule(const struct sankofa_host *host, struct sankofa_call *call)
{
    int64_t from;
    const struct checkpoint *next = checkpoint_behind(sankofa_text_of(host, call, "last"));

    if (!sankofa_day_read(sankofa_text_of(host, call, "counted_from"), &from))
        return host->fail(call, 0, "Say from which day the months count."), SANKOFA_FAILED;
    if (!next)
        return host->fail(call, 0, "There is no visit behind the last one, M12."), SANKOFA_FAILED;
    int64_t opens = from + next->days - next->tolerance;
    int64_t closes = from + next->days + next->tolerance;
    if (host->now_ms(call) < sankofa_ms_of_day(opens)) {
        host->park(call, SANKOFA_TIME, sankofa_ms_of_day(opens), next->name, strlen(next->name));
        return SANKOFA_PARKED;
    }
    sankofa_put_text(host, call, "window", next->name);
    sankofa_put_date(host, call, "opens", day_write(opens).bytes);
    sankofa_put_date(host, call, "closes", day_write(closes).bytes);
    return SANKOFA_DONE;
}

static void schedule_drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, SANKOFA_INFO, "schedule.dropped");
}

static const struct sankofa_step_type visit_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_CHECK | SANKOFA_IDEMPOTENT,
    .name = "visit",
    .summary = "Turns one follow-up visit into green, amber or red, with reasons.",
    .inputs = visit_inputs,
    .outputs = visit_outputs,
    .run = visit,
};

static const struct sankofa_step_type schedule_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .name = "schedule",
    .summary = "Waits until the window of the next visit opens.",
    .inputs = schedule_inputs,
    .outputs = schedule_outputs,
    .run = schedule,
    .resume = schedule,
    .drop = schedule_drop,
};

static const struct sankofa_step_type *const step_types[] = {&visit_type, &schedule_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "reintegration",
    .version = "1.0.0",
    .summary = "Follow-up of a child after the return.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
