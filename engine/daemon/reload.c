/* Reading the configuration anew; the happy path is in reload.h. */
#include "daemon/reload.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "daemon/config_same.h"
#include "system/system.h"

enum outcome { KEPT, WAITING, ADDED, REPLACED, REMOVED, REFUSED };

static const char *const outcome_names[] = {
    [KEPT] = "kept",         [WAITING] = "waiting", [ADDED] = "added",
    [REPLACED] = "replaced", [REMOVED] = "removed", [REFUSED] = "refused",
};

/* What becomes of one plugin. */
struct fate {
    struct text name, why;
    enum outcome outcome;
};

struct asker {
    struct asker *next;
    void (*over)(void *self, const struct run_reply *reply);
    void *self;
};

/* The texts that people are made of live as long as requests that borrow them. */
struct generation {
    struct generation *before;
    struct arena *arena;
};

struct reload {
    struct reload_options options;
    struct generation *newest;
    struct asker *under_way, *turned_away;
    struct arena *arena; /* of the one under way */
    const struct config *config;
    const struct people *people;
    struct fate *fates;
    size_t fate_count, waiting_count;
    struct problem problem; /* where nothing could be changed */
    bool has_problem;
};

struct reload *reload_create(const struct reload_options *options)
{
    struct reload *reload = calloc(1, sizeof(*reload));

    CHECK(reload);
    reload->options = *options;
    return reload;
}

static void free_askers(struct asker *asker)
{
    while (asker) {
        struct asker *next = asker->next;
        free(asker);
        asker = next;
    }
}

static void free_generations(struct generation *generation)
{
    while (generation) {
        struct generation *before = generation->before;
        arena_destroy(generation->arena);
        free(generation);
        generation = before;
    }
}

void reload_destroy(struct reload *reload)
{
    if (!reload)
        return;
    free_askers(reload->under_way);
    free_askers(reload->turned_away);
    free_generations(reload->newest);
    arena_destroy(reload->arena);
    free(reload);
}

/* ---- 1. Reading. ---- */

static void refuse(struct reload *reload, const struct diag_list *diags)
{
    struct problem *problem = &reload->problem;

    reload->has_problem = true;
    problem_set(problem, reload->arena, PROBLEM_DEFINITION_INVALID,
                N_("The configuration has %zu error%s; nothing was changed."), diags->error_count,
                diags->error_count == 1 ? "" : "s");
    problem_hint(problem, reload->arena, N_("`sankofad --config %s --check-config` shows each."),
                 reload->options.path);
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->severity == DIAG_ERROR)
            problem_add(problem, reload->arena,
                        text_printf(reload->arena, "/%u:%u", diag->place.line, diag->place.column),
                        diag->code, diag->message, diag->help);
    }
}

static void read_anew(struct reload *reload)
{
    struct port_files files = system_files();
    struct diag_list diags;
    struct text source;

    diag_list_init(&diags, reload->arena);
    reload->config = config_read(&files, reload->options.path, &diags, &source);
    const char *fixed =
        reload->config ? config_fixed_change(reload->options.config, reload->config) : NULL;
    if (fixed) {
        struct diag *diag = diag_add(&diags, DIAG_ERROR, "E848", (struct place){0},
                                     "\"%s\" cannot change while the daemon runs", fixed);
        diag_help(&diags, diag, "restart the daemon, or leave it as it was");
    }
    if (diags.error_count == 0)
        reload->people =
            people_read(reload->config->people,
                        reload->options.is_demo ? PEOPLE_OF_DEMO : PEOPLE_OF_STORE, &diags);
    if (diags.error_count > 0)
        refuse(reload, &diags);
}

/* ---- 2. Plugins. ---- */

static void settle(struct fate *fate, enum outcome outcome, struct text why)
{
    fate->outcome = outcome;
    fate->why = why;
    if (outcome == REFUSED)
        log_event(LOG_ERROR, "plugin.refused", "plugin=%.*s why=\"%.*s\"", TEXT_ARG(fate->name),
                  TEXT_ARG(why));
}

static bool is_configured(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->plugin_count; i++)
        if (strcmp(config->plugins[i].name, name) == 0)
            return true;
    return false;
}

static void try_plugin(struct reload *reload, const struct steps_plugin *plugin)
{
    const struct steps_plugin *now =
        steps_options_of(reload->options.steps, text_from(plugin->name));
    struct fate *fate = &reload->fates[reload->fate_count++];

    *fate = (struct fate){.name = text_from(plugin->name), .outcome = KEPT};
    if (now && config_same_plugin(now, plugin))
        return;
    fate->outcome = WAITING;
    reload->waiting_count++;
    steps_try(reload->options.steps, plugin);
}

/* Those that are current and not in the file any more. */
static void remove_plugins(struct reload *reload)
{
    struct value current = steps_status(reload->options.steps, reload->arena);
    struct text why;

    for (size_t i = 0; i < value_count(&current); i++) {
        struct text name = value_text_at(value_item(&current, i), "name");
        name = text_copy(reload->arena, name);
        if (is_configured(reload->config, name.bytes))
            continue;
        struct fate *fate = &reload->fates[reload->fate_count++];
        *fate = (struct fate){.name = name};
        if (wheel_allows_plugin(reload->options.wheel, name, NULL, reload->arena, &why)) {
            steps_remove(reload->options.steps, name);
            settle(fate, REMOVED, TEXT_NONE);
        } else {
            settle(fate, REFUSED, why);
        }
    }
}

static void try_plugins(struct reload *reload)
{
    struct value current = steps_status(reload->options.steps, reload->arena);
    const struct config *config = reload->config;

    reload->fates =
        ARENA_ARRAY(reload->arena, struct fate, config->plugin_count + value_count(&current));
    steps_set_memory(reload->options.steps, config->host_bytes);
    remove_plugins(reload);
    for (size_t i = 0; i < config->plugin_count; i++)
        try_plugin(reload, &config->plugins[i]);
}

void reload_tried(struct reload *reload, struct text plugin,
                  const struct plugin_description *description, struct text why)
{
    struct steps *steps = reload->options.steps;
    struct fate *fate = NULL;

    for (size_t i = 0; i < reload->fate_count; i++)
        if (reload->fates[i].outcome == WAITING && text_equal(reload->fates[i].name, plugin))
            fate = &reload->fates[i];
    if (!fate) /* it was judged already, and has crashed since */
        return;
    bool is_new = !steps_options_of(steps, plugin);
    bool is_accepted = description && wheel_allows_plugin(reload->options.wheel, plugin,
                                                          description, reload->arena, &why);
    reload->waiting_count--;
    if (is_accepted) {
        settle(fate, is_new ? ADDED : REPLACED, TEXT_NONE);
        steps_accept(steps, fate->name);
    } else {
        settle(fate, REFUSED, text_copy(reload->arena, why));
        steps_reject(steps, fate->name);
    }
}

/* ---- 3. and 4. The end. ---- */

/* Nobody borrows of the people of before where nobody waits for an answer. */
static void keep_generation(struct reload *reload)
{
    struct generation *generation = malloc(sizeof(*generation));

    CHECK(generation);
    if (reload->newest && api_owed_count(reload->options.api) <= 1) {
        free_generations(reload->newest->before);
        reload->newest->before = NULL;
    }
    *generation = (struct generation){reload->newest, reload->arena};
    reload->newest = generation;
    *reload->options.people = reload->people;
    wheel_people_changed(reload->options.wheel);
    api_renew(reload->options.api, reload->people, &reload->config->limits);
}

static struct value report(const struct reload *reload)
{
    struct value body = value_map(reload->arena), list = value_list(reload->arena);

    for (size_t i = 0; i < reload->fate_count; i++) {
        const struct fate *fate = &reload->fates[i];
        struct value one = value_map(reload->arena);
        value_put(&one, "name", value_string(fate->name));
        value_put(&one, "outcome", value_cstring(outcome_names[fate->outcome]));
        if (fate->why.size > 0)
            value_put(&one, "why", value_string(fate->why));
        value_append(&list, one);
    }
    value_put(&body, "plugins", list);
    return body;
}

static void answer(struct asker *asker, const struct run_reply *reply)
{
    if (asker->over)
        asker->over(asker->self, reply);
    free(asker);
}

static void finish(struct reload *reload)
{
    struct asker *asker = reload->under_way;
    struct run_reply reply = {.status = 200};

    reload->under_way = NULL;
    if (reload->has_problem) {
        reply.status = problem_kind(reload->problem.code)->status;
        reply.problem = &reload->problem;
        log_event(LOG_ERROR, "config.refused", "why=\"%.*s\"", TEXT_ARG(reload->problem.detail));
    } else {
        reply.body = report(reload);
        keep_generation(reload);
        log_event(LOG_INFO, "config.reloaded", "plugins=%zu", reload->fate_count);
    }
    answer(asker, &reply);
    if (reload->has_problem)
        arena_destroy(reload->arena);
    reload->arena = NULL;
}

static void turn_away(struct reload *reload)
{
    ARENA_SCOPED struct arena *arena = arena_create("turned away");
    struct problem problem;
    struct run_reply reply = {.problem = &problem};

    problem_set(&problem, arena, PROBLEM_BUSY, N_("The configuration is being read already."));
    problem_hint(&problem, arena, N_("Repeat in a moment."));
    reply.status = problem_kind(problem.code)->status;
    while (reload->turned_away) {
        struct asker *asker = reload->turned_away;
        reload->turned_away = asker->next;
        answer(asker, &reply);
    }
}

void reload_begin(struct reload *reload, void (*over)(void *self, const struct run_reply *reply),
                  void *self)
{
    struct asker *asker = malloc(sizeof(*asker));

    CHECK(asker);
    *asker = (struct asker){.over = over, .self = self};
    if (reload->under_way) {
        asker->next = reload->turned_away;
        reload->turned_away = asker;
        return;
    }
    reload->under_way = asker;
    reload->arena = arena_create("configuration");
    reload->has_problem = false;
    reload->fate_count = reload->waiting_count = 0;
    read_anew(reload);
    if (!reload->has_problem)
        try_plugins(reload);
}

bool reload_is_ready(const struct reload *reload)
{
    return reload->turned_away || (reload->under_way && reload->waiting_count == 0);
}

void reload_turn(struct reload *reload)
{
    turn_away(reload);
    if (reload->under_way && reload->waiting_count == 0)
        finish(reload);
}
