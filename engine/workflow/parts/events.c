/* Names of events, and what transitions listen to: a name, or the beginning of many. */
#include <string.h>

#include "workflow/load.h"

bool workflow_is_event(struct text event)
{
    size_t begin = 0;

    for (size_t at = 0; at <= event.size; at++) {
        if (at < event.size && event.bytes[at] != '.')
            continue;
        if (!text_is_id((struct text){event.bytes + begin, at - begin}))
            return false;
        begin = at + 1;
    }
    return true;
}

/* done.state.ID, done.step.ID and error.step.ID name what is there. */
static bool check_engine_event(struct load *load, struct text event, struct place place)
{
    static const char *const step_prefixes[] = {"done.step.", "error.step."};
    size_t prefix = strlen("done.state.");

    if (text_begins(event, "done.state."))
        return load_names_need(load, &load->state_names,
                               (struct text){event.bytes + prefix, event.size - prefix},
                               place) != SIZE_MAX;
    for (size_t i = 0; i < sizeof(step_prefixes) / sizeof(step_prefixes[0]); i++) {
        prefix = strlen(step_prefixes[i]);
        if (text_begins(event, step_prefixes[i]))
            return load_names_need(load, &load->step_names,
                                   (struct text){event.bytes + prefix, event.size - prefix},
                                   place) != SIZE_MAX;
    }
    return true;
}

bool load_event_is_wildcard(struct text event)
{
    return text_is(event, "*") || text_ends(event, ".*");
}

/* `written`: the event, perhaps with a wildcard behind it. */
static bool check_name(struct load *load, struct text event, struct text written,
                       struct place place)
{
    struct diag *diag;

    if (workflow_is_event(event))
        return check_engine_event(load, event, place);
    diag = load_fault(load, E_EVENT, place, "not an event", "\"%.*s\" is not the name of an event",
                      TEXT_ARG(written));
    diag_help(load->diags, diag, "write ids joined by dots, as visit or visit.late");
    return false;
}

bool load_event_check(struct load *load, struct text event, struct place place)
{
    struct diag *diag;

    if (!load_event_is_wildcard(event))
        return check_name(load, event, event, place);
    diag = load_fault(load, E_WILDCARD, place, "which one?",
                      "\"%.*s\" stands for many events, and one is needed here", TEXT_ARG(event));
    diag_help(load->diags, diag, "write the whole name of one event");
    return false;
}

void load_descriptor_check(struct load *load, struct text written, struct place place)
{
    struct text event = written;

    if (text_is(event, "*"))
        return;
    if (text_ends(event, ".*"))
        event.size -= 2;
    check_name(load, event, written, place);
}

bool load_event_is_of_engine(struct text event)
{
    return text_begins(event, "done.") || text_begins(event, "error.") ||
           text_begins(event, "case.");
}
