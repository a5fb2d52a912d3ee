/* Where paths lead, links followed. */
#include "daemon/path.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/diag.h"

static void complain(struct diag_list *diags, struct text path, int error)
{
    diag_fail(diags, -error, "E840", "check the folders on the way to it, and the disk",
              "%.*s cannot be looked up: %s", TEXT_ARG(path), strerror(error));
}

/* False, and errno set: the disk does not know it. */
static bool look_up(struct arena *arena, const char *path, struct text *real_out)
{
    char *real = realpath(path, NULL);

    if (!real)
        return false;
    *real_out = text_copy(arena, text_from(real));
    free(real);
    return true;
}

/* Also where its last parts do not exist yet. */
static struct text resolved(struct diag_list *diags, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct text real;

    if (look_up(diags->arena, path, &real))
        return real;
    if (errno != ENOENT && errno != ENOTDIR)
        complain(diags, text_from(path), errno);
    if (!slash || slash == path)
        return text_from(path);
    struct text parent = text_copy(diags->arena, (struct text){path, (size_t)(slash - path)});
    return text_printf(diags->arena, "%.*s%s", TEXT_ARG(resolved(diags, parent.bytes)), slash);
}

const char *path_folder(const char *path, struct diag_list *diags)
{
    const char *slash = strrchr(path, '/');
    struct text folder = slash ? (struct text){path, (size_t)(slash - path) + 1} : TEXT("./");
    struct text real;

    if (look_up(diags->arena, text_copy(diags->arena, folder).bytes, &real))
        return real.bytes;
    complain(diags, folder, errno);
    return NULL;
}

bool path_is_inside(const char *path, const char *folder, struct diag_list *diags)
{
    struct text outer = resolved(diags, folder);

    if (!text_is(outer, "/"))
        outer = text_printf(diags->arena, "%.*s/", TEXT_ARG(outer));
    return text_begins(resolved(diags, path), outer.bytes);
}

const char *path_beside_program(const char *name, struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);

    CHECK(size > 0);
    path[size] = '\0';
    return text_printf(arena, "%s/%s", dirname(path), name).bytes;
}
