/* The host's whole life; the happy path is in host.h. */
#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "host/arguments.h"
#include "host/call.h"
#include "host/link.h"
#include "host/secrets.h"
#include "host/table.h"
#include "jail/jail.h"
#include "wire/wire.h"

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "sankofa-host: %s: %s\n", what, why);
    return 1;
}

/* Death with the parent is asked for in jail_enter; a parent that died before has closed its end
 * of the socket. */
static bool parent_is_gone(void)
{
    struct pollfd pollfd = {.fd = HOST_SOCKET_FD, .events = POLLRDHUP};
    return poll(&pollfd, 1, 0) == 1;
}

/* What the plugin starts does not inherit the socket. What it writes by itself goes to descriptor
 * 0, which leads nowhere: the daemon's log is written by the daemon alone. */
static int enter_jail(const struct arguments *arguments)
{
    const char *what;
    if (fcntl(HOST_SOCKET_FD, F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(arguments->plugin_fd, F_SETFD, FD_CLOEXEC) != 0)
        return complain("descriptors 3 and --plugin-fd must be open", strerror(errno));
    int result = jail_enter(&arguments->jail, arguments->plugin_fd, &what);
    if (result != 0)
        return complain(what, strerror(-result));
    if (!arguments->keeps_words &&
        (dup2(STDIN_FILENO, STDOUT_FILENO) < 0 || dup2(STDIN_FILENO, STDERR_FILENO) < 0))
        return complain("descriptor 0 must be open", strerror(errno));
    return 0;
}

static int send_table(struct arena *arena, bool loaded, const struct table *table, struct text why)
{
    struct wire_frame frame = {.kind = WIRE_LOADED};
    if (loaded) {
        frame.body = plugin_describe(arena, &table->description);
    } else {
        frame.kind = WIRE_UNLOADED;
        frame.body = value_map(arena);
        value_put(&frame.body, "message", value_string(why));
    }
    return wire_send(HOST_SOCKET_FD, arena, &frame);
}

/* An outcome that no frame can hold is answered as broken. */
static int send_outcome(struct arena *arena, uint64_t call, struct value outcome)
{
    struct wire_frame frame = {.kind = WIRE_OUTCOME, .call = call, .body = outcome};
    int result = wire_send(HOST_SOCKET_FD, arena, &frame);
    if (result != -EMSGSIZE)
        return result;
    frame.body = value_map(arena);
    value_put(&frame.body, "outcome", value_cstring("broken"));
    value_put(&frame.body, "message", value_cstring("The plugin's answer is larger than 4 MiB."));
    value_put(&frame.body, "ran", value_bool(true));
    return wire_send(HOST_SOCKET_FD, arena, &frame);
}

static int keep_secrets(struct secrets *secrets, struct link *link, const struct wire_frame *frame)
{
    bool is_taken = secrets_take(secrets, &frame->body);
    link_wipe(link);
    return is_taken ? 0 : -EPROTO;
}

/* One call, its secrets, or a CANCEL that came too late. 0, -EPIPE at the end, or another negative
 * error. */
static int serve_one(const struct table *table, struct link *link, struct secrets *secrets,
                     struct arena *arena)
{
    struct wire_frame frame;
    struct value outcome;
    int result = link_receive(link, arena, &frame);
    if (result != 0 || frame.kind == WIRE_CANCEL)
        return result;
    if (frame.kind == WIRE_SECRETS)
        return keep_secrets(secrets, link, &frame);
    result = call_carry_out(table, link, secrets, arena, &frame, &outcome);
    return result == 0 ? send_outcome(arena, frame.call, outcome) : result;
}

static int serve(const struct table *table)
{
    ARENA_SCOPED struct arena *arena = arena_create("call");
    struct secrets secrets = {0};
    struct link link;
    int result = 0;
    link_init(&link, HOST_SOCKET_FD);
    while (result == 0) {
        arena_reset(arena);
        result = serve_one(table, &link, &secrets, arena);
    }
    secrets_finish(&secrets);
    link_finish(&link);
    return result == -EPIPE ? 0 : complain("the other side's frames", strerror(-result));
}

int host_main(int argc, char **argv)
{
    struct arguments arguments;
    struct table table = {0};
    struct text why = TEXT_NONE;
    if (!arguments_read(argc, argv, &arguments)) {
        fputs(
            "sankofa-host is started by sankofad and sankofa:\n"
            "  sankofa-host --plugin-fd FD [--memory BYTES] [--words kept] [--uid NUMBER]\n"
            "               [--rights NUMBER] [--port PORT]... [--read PATH]... [--write PATH]...\n"
            "               [--program PATH]...\n",
            stderr);
        return 2;
    }
    if (enter_jail(&arguments) != 0)
        return 1;
    if (parent_is_gone())
        return 0;

    ARENA_SCOPED struct arena *boot = arena_create("boot");
    bool loaded = table_load(arguments.plugin_fd, boot, &table, &why);
    close(arguments.plugin_fd);
    int result = send_table(boot, loaded, &table, why);
    if (result != 0)
        return complain("descriptor 3", strerror(-result));
    return loaded ? serve(&table) : 1;
}
