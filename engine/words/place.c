/* Where this program stands, and what was installed with it.
 *
 * An installed tree may be moved as a whole: what belongs to it is looked for from the program on,
 * and only a program that stands alone asks the prefix that it was built for. */
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/text.h"
#include "words/installed.h"
#include "words/place.h"

static const char *program_folder(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);

    CHECK(size > 0);
    path[size] = '\0';
    return text_copy(arena, text_from(dirname(path))).bytes;
}

const char *place_beside(struct arena *arena, const char *name)
{
    return text_printf(arena, "%s/%s", program_folder(arena), name).bytes;
}

/* What stands before /bin; NULL: this program is not in a folder of that name. */
static const char *prefix(struct arena *arena)
{
    struct text folder = text_from(program_folder(arena));
    const char *programs = "/" INSTALLED_PROGRAMS;

    if (!text_ends(folder, programs))
        return NULL;
    folder.size -= strlen(programs);
    return text_copy(arena, folder).bytes;
}

const char *place_catalogues(struct arena *arena)
{
    const char *built = place_beside(arena, "engine/po");
    const char *before = prefix(arena);

    if (access(built, X_OK) == 0)
        return built;
    return text_printf(arena, "%s/%s", before ? before : INSTALLED_PREFIX, INSTALLED_LOCALES).bytes;
}

const char *place_plugins(struct arena *arena)
{
    const char *beside = place_beside(arena, "plugins");
    const char *before = prefix(arena);

    if (access(beside, X_OK) == 0 || !before)
        return beside;
    return text_printf(arena, "%s/%s", before, INSTALLED_PLUGINS).bytes;
}
