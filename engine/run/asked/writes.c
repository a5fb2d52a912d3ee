/* What administrators change: definitions, and the clock of a demo store. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/when.h"
#include "run/internal.h"

#define CLOCK_LAST_S 221845392000 /* 9000-01-01T00:00:00Z */

static bool holds_role(const struct queued *queued, const char *role)
{
    for (size_t i = 0; i < queued->asker.role_count; i++)
        if (text_is(queued->asker.roles[i], role))
            return true;
    return false;
}

/* ---- Definitions. ---- */

static void refuse_definition(struct wheel *wheel, struct queued *queued,
                              const struct diag_list *diags)
{
    struct problem problem;
    struct value diagnostics = value_list(wheel->turn);

    problem_set(&problem, queued->arena, PROBLEM_DEFINITION_INVALID,
                "The workflow has %zu error%s; nothing was loaded.", diags->error_count,
                diags->error_count == 1 ? "" : "s");
    problem_hint(&problem, queued->arena,
                 "`sankofa workflow check FILE` shows each with its line and what to write.");
    for (size_t i = 0; i < diags->count; i++) {
        value_append(&diagnostics, diag_value(wheel->turn, &diags->items[i]));
        if (diags->items[i].severity == DIAG_ERROR)
            problem_add(&problem, queued->arena,
                        text_printf(queued->arena, "/%u:%u", diags->items[i].place.line,
                                    diags->items[i].place.column),
                        diags->items[i].code, diags->items[i].message, diags->items[i].help);
    }
    problem.extra = value_map(wheel->turn);
    value_put(&problem.extra, "diagnostics", diagnostics);
    wheel_refuse(wheel, queued, 0, &problem);
}

/* They outlive the definition, which a dry run forgets at once. */
static struct value warnings(const struct diag_list *diags, struct arena *arena)
{
    struct value list = value_list(arena);

    for (size_t i = 0; i < diags->count; i++)
        value_append(&list, diag_value(arena, &diags->items[i]));
    return value_copy(arena, &list);
}

/* The entry, the record, and from now on the definition that new cases get. */
static const struct registered *record(struct wheel *wheel, const struct queued *queued,
                                       const struct workflow *workflow, struct arena *arena)
{
    struct value entry = value_map(wheel->turn);

    value_put(&entry, "kind", value_cstring("workflow.loaded"));
    value_put(&entry, "by", value_string(queued->person.id));
    value_put(&entry, "person", value_string(queued->person.person));
    value_put(&entry, "workflow", value_string(workflow->id));
    value_put(&entry, "version", value_string(workflow->version));
    value_put(&entry, "hash",
              value_string(text_hex(wheel->turn, workflow->hash, sizeof(workflow->hash))));
    uint64_t seq = wheel_append(wheel, &entry);
    batch_add_workflow(wheel->filling, seq, workflow->hash, workflow->rendered);
    log_event(LOG_INFO, "workflow.loaded", "workflow=%.*s by=%.*s", TEXT_ARG(workflow->id),
              TEXT_ARG(queued->person.id));
    return registry_add(&wheel->registry, workflow, arena, seq);
}

/* An administrator of one country changes nothing of another one's: neither of the country that the
 * file names, nor of the one whose definition it would take the place of. */
static bool may_load(const struct queued *queued, const struct workflow *workflow,
                     const struct registered *current)
{
    return rights_is_administrator(&queued->asker, workflow->country) &&
           (!current || rights_is_administrator(&queued->asker, current->workflow->country));
}

static void load(struct wheel *wheel, struct queued *queued)
{
    struct workflow_parents parents = registry_parents(&wheel->registry);
    const struct workflow_people people = {wheel->ports.people.self, wheel->ports.people.count};
    struct workflow_context context = {.plugins = &wheel->plugins,
                                       .zones = &wheel->zones,
                                       .parents = &parents,
                                       .people = people.count ? &people : NULL};
    struct arena *arena = arena_create("workflow");
    struct diag_list diags;
    struct run_reply reply = {.status = 200};

    diag_list_init(&diags, arena);
    const struct workflow *workflow =
        workflow_load(queued->request.source, queued->request.file, &context, &diags);
    if (!workflow) {
        refuse_definition(wheel, queued, &diags);
        arena_destroy(arena);
        return;
    }
    struct value found = warnings(&diags, queued->arena);
    struct text hash = text_hex(queued->arena, workflow->hash, sizeof(workflow->hash));
    const struct registered *current = registry_current(&wheel->registry, workflow->id);
    bool is_current = current && text_equal(current->hash, hash);
    if (queued->request.is_dry_run || is_current) {
        struct registered seen = {.workflow = workflow, .hash = hash};
        reply.body = registry_line(&seen, queued->request.language, queued->arena);
        reply.body = value_copy(queued->arena, &reply.body);
        arena_destroy(arena);
    } else if (!may_load(queued, workflow, current)) {
        wheel_fail(wheel, queued, PROBLEM_NOT_PERMITTED,
                   "You are no administrator in the country of this workflow.",
                   "Who loads workflows of every country, and those of none, has the role "
                   "\"administrator\" and no \"countries\".");
        arena_destroy(arena);
        return;
    } else {
        current = record(wheel, queued, workflow, arena);
        reply.status = 201;
        reply.body = registry_line(current, queued->request.language, queued->arena);
    }
    value_put(&reply.body, "warnings", found);
    wheel_reply(wheel, queued, reply.status == 201 ? wheel->filling->number : 0, &reply);
}

void write_workflow(struct wheel *wheel, struct queued *queued)
{
    if (!holds_role(queued, "administrator"))
        wheel_fail(wheel, queued, PROBLEM_NOT_PERMITTED,
                   "Only the role \"administrator\" may load workflows.",
                   "Ask an administrator of this daemon; `sankofa workflow check` needs no role.");
    else if (wheel->room != 0 && !queued->request.is_dry_run)
        wheel_fail(wheel, queued, PROBLEM_DISK_FULL, "The disk is too full to take this in.",
                   "Nothing was changed. Free some space on the disk of the store, and repeat.");
    else
        load(wheel, queued);
    wheel_drop(queued);
}

/* ---- The clock of a demo store. ----
 *
 * It moves from due time to due time, and lets what each timer began come to its end, so that
 * timers fire with their own `now`. Where it stands is in the store before the answer goes out. */

/* No clock goes beyond what a date can be written of. */
static bool is_too_far(struct wheel *wheel, int64_t advance_ms)
{
    return advance_ms > when_to_ms((struct instant){.seconds = CLOCK_LAST_S}) - wheel_now_ms(wheel);
}

void write_advance(struct wheel *wheel, struct queued *queued)
{
    if (!store_is_demo(wheel->store)) {
        wheel_fail(wheel, queued, PROBLEM_NOT_PERMITTED,
                   "Only a demo store has a clock that moves.",
                   "`sankofad --init --demo` makes such a store; this one was made without.");
    } else if (once_is_answered(wheel, queued)) {
        /* It has arrived there before. */
    } else if (wheel->advance.request) {
        wheel_fail(wheel, queued, PROBLEM_BUSY, "The clock is being moved already.",
                   "Repeat in a moment.");
    } else if (queued->request.advance_ms <= 0) {
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "The clock moves forward only.",
                   "Say by how much: +31d, +2h 30min.");
    } else if (is_too_far(wheel, queued->request.advance_ms)) {
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "The clock would leave the year 9000.",
                   "Say by how much: +31d, +2h 30min.");
    } else if (wheel->room != 0) {
        wheel_fail(wheel, queued, PROBLEM_DISK_FULL, "The disk is too full to take this in.",
                   "Nothing was changed. Free some space on the disk of the store, and repeat.");
    } else {
        wheel->advance.request = queued;
        wheel->advance.target_ms = wheel_now_ms(wheel) + queued->request.advance_ms;
        return;
    }
    wheel_drop(queued);
}

/* The wheel's time becomes `now_ms`, or stays where it is if that is later. */
static void set_now(struct wheel *wheel, int64_t now_ms)
{
    int64_t wall_ms = wheel->ports.clock.wall_ms(wheel->ports.clock.self);

    if (now_ms > wheel_now_ms(wheel))
        wheel->clock_offset_ms = now_ms - wall_ms;
}

static void record_clock(struct wheel *wheel)
{
    struct value entry = value_map(wheel->turn), meta = value_map(wheel->turn);
    const struct queued *queued = wheel->advance.request;

    value_put(&entry, "kind", value_cstring("clock.advanced"));
    value_put(&entry, "by", value_string(queued->person.id));
    value_put(&entry, "person", value_string(queued->person.person));
    value_put(&entry, "ms", value_int(queued->request.advance_ms));
    wheel_append(wheel, &entry);
    value_put(&meta, "offset_ms", value_int(wheel->clock_offset_ms));
    batch_set_meta(wheel->filling, "clock", &meta);
}

static void arrive(struct wheel *wheel)
{
    struct queued *queued = wheel->advance.request;
    struct run_reply reply = {.status = 200, .body = value_map(wheel->turn)};

    set_now(wheel, wheel->advance.target_ms);
    record_clock(wheel);
    value_put(&reply.body, "now", value_timestamp(when_from_ms(wheel_now_ms(wheel))));
    wheel->advance.request = NULL;
    once_keep(wheel, queued, reply.status, &reply.body);
    wheel_reply(wheel, queued, wheel->filling->number, &reply);
    wheel_drop(queued);
    arena_reset(wheel->turn);
}

void write_advance_stop(struct wheel *wheel)
{
    struct queued *queued = wheel->advance.request;

    if (!queued)
        return;
    wheel->advance.request = NULL;
    wheel_fail(wheel, queued, PROBLEM_STOPPING, "The daemon stops while the clock moves.",
               "It was moved a part of the way; `sankofa admin status` tells how far.");
    wheel_drop(queued);
}

bool write_advance_step(struct wheel *wheel)
{
    bool is_quiet = !wheel->queue && !wheel->ready && calls_count(wheel) == 0 && !wheel->writing &&
                    !batch_has_records(wheel->filling);

    if (!wheel->advance.request || !is_quiet || wheel->room != 0)
        return false;
    const struct card *card = roster_first_timer(&wheel->roster);
    if (card && card->timer_ms <= wheel->advance.target_ms) {
        set_now(wheel, card->timer_ms);
        return true;
    }
    arrive(wheel);
    return false;
}
