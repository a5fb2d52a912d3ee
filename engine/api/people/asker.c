/* Who sent a request: the peer, looked up in the people table; in a demo store also anybody that
 * the daemon's own user says to be. */
#include <unistd.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/log.h"

static void refuse_name(struct request *request, struct text name)
{
    struct text nearest = people_nearest(request->api->options.people, name, request->arena);

    request_fail_near(request, PROBLEM_NOT_PERMITTED, nearest,
                      "The people table of the configuration lists who there is.",
                      "There is nobody called \"%.*s\" here.", TEXT_ARG(name));
}

static bool act_as(struct request *request, struct text name)
{
    const struct api_options *options = &request->api->options;

    if (!options->is_demo || request->peer->uid != geteuid()) {
        request_fail(request, PROBLEM_NOT_PERMITTED, "Leave the header Sankofa-As (--as) out.",
                     "Nobody can act as somebody else here: %s.",
                     options->is_demo ? N_("only the user that the daemon runs as may")
                                      : N_("this is no demo store"));
        return false;
    }
    if (people_named(options->people, name, request->arena, &request->person)) {
        request->is_acting_as = true;
        return true;
    }
    refuse_name(request, name);
    return false;
}

/* The daemon's own user, and root, may see to the daemon, whatever the people table says. */
static bool is_local_owner(struct request *request)
{
    if (request->peer->uid != geteuid() && request->peer->uid != 0)
        return false;
    request->is_local_owner = true;
    request->person = (struct case_person){.id = TEXT("local"), .person = TEXT("local")};
    return request->route->needs_no_person;
}

static bool find(struct request *request)
{
    const struct peer *peer = request->peer;

    return people_find(request->api->options.people, peer->uid, peer->gids, peer->gid_count,
                       request->arena, &request->person) ||
           is_local_owner(request);
}

bool asker_is_still_there(struct request *request)
{
    const struct people *people = request->api->options.people;

    return request->is_acting_as
               ? people_named(people, request->person.id, request->arena, &request->person)
               : find(request);
}

bool asker_find(struct request *request)
{
    const struct api_options *options = &request->api->options;
    const char *name = headers_get(request, "Sankofa-As");

    if (name)
        return act_as(request, text_from(name));
    if (find(request))
        return true;
    if (api_may_log(request->api, NOISE_STRANGER))
        log_event(LOG_INFO, "request.stranger", "id=%.*s uid=%lld", TEXT_ARG(request->id),
                  (long long)(int32_t)request->peer->uid);
    request_fail(request, PROBLEM_NOT_PERMITTED,
                 request->is_local_owner && options->is_demo
                     ? N_("In this demo store, say who you are: --as NAME (the header Sankofa-As).")
                     : N_("Ask whoever keeps the people table of this daemon's configuration."),
                 "Your user is not among the people of this daemon.");
    return false;
}
