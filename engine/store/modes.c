/* A store that was copied about may have come with modes that let everybody in. What is sealed is
 * still sealed: the modes are mended, and nobody in a field office has to know about them. But a
 * copy of the slots file is all that somebody needs to try passphrases at leisure: that is for
 * people to know, so it is refused until they have looked. */
#include "store/modes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/state.h"

enum { ALL_BITS = 07777, OTHERS = 077, OTHERS_WRITE = 022 };

static const struct kept {
    const char *name;
    mode_t closed; /* bits that must not be set */
    bool is_secret;
} kept[] = {
    {STORE_SLOTS_FILE, OTHERS, true},
    {".", OTHERS, false},
    {STORE_DATA_FILE, OTHERS, false},
    {STORE_COPY_FILE, OTHERS, false},
    {"lock.mdb", OTHERS, false},
    {STORE_LOCK_FILE, OTHERS, false},
    {STORE_HEAD_FILE, OTHERS, false},
    {STORE_BALLAST_FILE, OTHERS, false},
    {STORE_AUDIT_FILE, OTHERS_WRITE, false},
};

static int refuse_owner(struct diag_list *diags, const char *path, uid_t owner)
{
    return disk_explain(
        diags, path, -EPERM, "E810",
        N_("run this as that user, or give the whole store to this one with chown -R"),
        N_("it belongs to the user %u, who may read and change it"), (unsigned)owner);
}

static int refuse_secret(struct diag_list *diags, const char *path, mode_t mode)
{
    return disk_explain(diags, path, -EPERM, "E810",
                        N_("close the store with chmod -R go= on its folder; if anybody can have "
                           "copied this file, do as after a theft (docs/reference/keys.md)"),
                        N_("others may read it (mode %04o), and with a copy of it try passphrases"),
                        (unsigned)mode);
}

/* Some disks take a mode and keep none: FAT. */
static int mend(struct diag_list *diags, const char *path, const struct kept *one, int fd,
                mode_t mode)
{
    mode_t wanted = mode & ~one->closed;
    struct stat facts;
    int result = fchmod(fd, wanted) < 0 || fstat(fd, &facts) < 0 ? -errno : 0;

    if (result == 0 && (facts.st_mode & one->closed) != 0)
        result = -EOPNOTSUPP;
    if (result < 0)
        return disk_explain(diags, path, -EPERM, "E810",
                            N_("put the store on a disk that keeps modes: ext4, xfs or btrfs"),
                            N_("others may read or change it (mode %04o), and that cannot be "
                               "mended: %s"),
                            (unsigned)mode, strerror(-result));
    log_event(LOG_WARNING, "store.mode_mended",
              "file=%s was=%04o now=%04o hint=\"others could read or change it; verify tells what "
              "was changed\"",
              one->name, (unsigned)mode, (unsigned)wanted);
    return 0;
}

static int check(struct diag_list *diags, const char *path, const struct kept *one, int fd)
{
    struct stat facts;

    if (fstat(fd, &facts) < 0)
        return disk_explain(diags, path, -errno, "E811", disk_help(-errno),
                            N_("it cannot be looked at: %s"), strerror(errno));
    mode_t mode = facts.st_mode & ALL_BITS;
    if (facts.st_uid != geteuid() && facts.st_uid != 0)
        return refuse_owner(diags, path, facts.st_uid);
    if ((mode & one->closed) == 0)
        return 0;
    return one->is_secret ? refuse_secret(diags, path, mode) : mend(diags, path, one, fd, mode);
}

int modes_check(const char *path, struct diag_list *diags)
{
    int result = 0;

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]) && result == 0; i++) {
        const char *file = text_printf(diags->arena, "%s/%s", path, kept[i].name).bytes;
        int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

        if (fd < 0)
            continue; /* whoever needs it says what is wrong */
        result = check(diags, file, &kept[i], fd);
        close(fd);
    }
    return result;
}
