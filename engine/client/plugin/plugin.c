/* Plugins without a daemon: as they describe themselves, for checking workflow files;
 * plugin_hosts.c runs their steps, for testing them.
 *
 * The happy path of a name that is asked for the first time:
 * 1. FOLDER/NAME.so goes into a sealed memory file (steps/image.h).
 * 2. sankofa-host, beside this program, loads it in its jail and says what it offers.
 * 3. The description is read and kept by name; the host is killed.
 * What went wrong is kept likewise: no plugin is started twice. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "client/client.h"
#include "client/plugin/plugin.h"
#include "steps/grant.h"
#include "steps/image.h"
#include "steps/secrets.h"
#include "wire/wire.h"
#include "words/place.h"

enum { LOAD_TIME_MS = 10000 };

/* The jail's bound on memory ends a sanitized host at once: it reserves terabytes. */
#if defined(__SANITIZE_ADDRESS__)
static const bool host_is_sanitized = true;
#else
static const bool host_is_sanitized = false;
#endif

struct known {
    struct known *next;
    struct text name;
    bool is_found;
    struct plugin_description description;
    struct text why; /* a sentence, where it is not */
};

static bool is_folder(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* What a host sent first. */
static bool read_first(struct arena *arena, const struct wire_frame *frame, struct text name,
                       struct plugin_description *description_out, struct text *why_out)
{
    if (frame->kind == WIRE_UNLOADED) {
        *why_out = value_text_at(&frame->body, "message");
        return false;
    }
    if (frame->kind != WIRE_LOADED) {
        *why_out = text_from(_("its host broke the protocol"));
        return false;
    }
    if (plugin_read(arena, &frame->body, description_out, why_out) != 0)
        return false;
    if (text_equal(description_out->name, name))
        return true;
    *why_out = text_printf(arena, _("it calls itself \"%.*s\""), TEXT_ARG(description_out->name));
    return false;
}

/* The developer's own user runs it: files that are granted are theirs. */
static struct jail jail_of(const struct client_plugins *plugins)
{
    struct jail jail = plugins->granted
                           ? grant_jail(plugins->granted, plugins->rights, plugins->memory_bytes)
                           : jail_default(JAIL_HOST);

    jail.uid = 0;
    jail.is_traceable = plugins->in_debugger;
    if (host_is_sanitized)
        jail.limits.memory_bytes = 0;
    return jail;
}

/* Hears what it offers, and gives it its secrets. */
static bool greet(struct client_plugins *plugins, struct text name, struct spawned *host,
                  struct plugin_description *description_out, struct text *why_out)
{
    const struct steps_plugin *granted = plugins->granted;
    struct arena *arena = plugins->client->arena;
    struct wire_frame frame;
    int result = wire_receive(host->socket, arena, LOAD_TIME_MS, &frame);

    *why_out = result == -ETIMEDOUT ? text_from(_("it did not load within 10 s"))
               : result == -EPIPE   ? text_from(_("it ended its host while it was loaded"))
                                    : text_from(_("its host broke the protocol"));
    if (result != 0 || !read_first(arena, &frame, name, description_out, why_out))
        return false;
    return !granted || granted->secret_count == 0 ||
           secrets_send(granted->secrets, granted->secret_count, host->socket, arena, why_out) == 0;
}

static bool start_image(struct client_plugins *plugins, int image_fd, struct text name,
                        struct spawned *host_out, struct plugin_description *description_out,
                        struct text *why_out)
{
    struct spawn_options options = {.program = plugins->host_program,
                                    .image_fd = image_fd,
                                    .jail = jail_of(plugins),
                                    .keeps_words = plugins->granted != NULL};
    int result = spawn_host(&options, host_out);

    if (result != 0) {
        *why_out = text_printf(plugins->client->arena, _("%s cannot be started: %s"),
                               plugins->host_program, strerror(-result));
        return false;
    }
    if (greet(plugins, name, host_out, description_out, why_out))
        return true;
    plugin_stop(host_out, NULL);
    return false;
}

bool plugin_start(struct client_plugins *plugins, struct text name, struct spawned *host_out,
                  struct plugin_description *description_out, struct text *why_out)
{
    struct arena *arena = plugins->client->arena;
    struct text path = text_printf(arena, "%s/%.*s.so", plugins->folder, TEXT_ARG(name));
    struct image image;

    if (!text_is_id(name) || access(path.bytes, F_OK) != 0) {
        *why_out = text_printf(arena, _("there is no file %.*s"), TEXT_ARG(path));
        return false;
    }
    if (image_open(path.bytes, NULL, arena, &image, why_out) != 0)
        return false;
    bool is_started = start_image(plugins, image.fd, name, host_out, description_out, why_out);
    image_close(&image);
    return is_started;
}

void plugin_stop(struct spawned *host, int *status_out)
{
    spawn_kill(host);
    spawn_reap(host, status_out);
}

static bool load(struct client_plugins *plugins, struct known *known)
{
    struct spawned host;

    if (!plugin_start(plugins, known->name, &host, &known->description, &known->why))
        return false;
    plugin_stop(&host, NULL);
    return true;
}

static const struct plugin_description *find(void *self, struct text name, struct text *why_out)
{
    struct client_plugins *plugins = self;
    struct known *known = plugins->known;

    while (known && !text_equal(known->name, name))
        known = known->next;
    if (!known) {
        known = ARENA_NEW(plugins->client->arena, struct known);
        known->name = text_copy(plugins->client->arena, name);
        known->is_found = load(plugins, known);
        known->next = plugins->known;
        plugins->known = known;
    }
    *why_out = known->why;
    return known->is_found ? &known->description : NULL;
}

int plugins_open(struct client *client, struct plugin_source *source_out, bool *is_known_out)
{
    const char *folder = client->plugins ? client->plugins : place_plugins(client->arena);

    *is_known_out = is_folder(folder);
    if (client->plugins && !*is_known_out) {
        complain("There is no folder %s.", folder);
        complain("--plugins takes the folder where NAME.so of each plugin is.");
        return CLIENT_WRONG_USE;
    }
    if (!*is_known_out)
        say(client, "No plugins at %s: what workflows use of them is not checked (--plugins DIR).",
            folder);
    struct client_plugins *plugins = ARENA_NEW(client->arena, struct client_plugins);
    *plugins = (struct client_plugins){.client = client,
                                       .folder = folder,
                                       .host_program = place_beside(client->arena, "sankofa-host")};
    *source_out = (struct plugin_source){plugins, find};
    return CLIENT_DONE;
}
