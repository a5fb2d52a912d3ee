/* From a backup back to a store's folder.
 *
 * The happy path:
 * 1. an identity opens the file; its label says which store it is of;
 * 2. slots, head and data are written into a new folder, under their own names, and synced;
 * 3. the archive's end is looked at: nothing may follow that nobody knows. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/value.h"
#include "store/backup/internal.h"
#include "store/disk.h"
#include "store/head.h"
#include "store/state.h"

struct unpacking {
    const char *file, *folder;
    struct arena *arena;
    struct diag_list *diags;
    struct age_reader *reader;
    struct backup_label *label;
    bool (*progress)(void *self, uint64_t done, uint64_t total);
    void *self;
    bool has_slots, has_data;
};

static const char *const names[] = {STORE_SLOTS_FILE, STORE_HEAD_FILE, STORE_DATA_FILE};
static const size_t name_count = sizeof(names) / sizeof(names[0]);

/* ---- The label. ---- */

static int read_label(struct unpacking *unpacking, const struct backup_member *member)
{
    char bytes[BACKUP_LABEL_BYTES_MAX];
    struct backup_label *label = unpacking->label;
    struct value value;

    if (member->tar.size > sizeof(bytes))
        return -EBADMSG;
    int result = age_read(unpacking->reader, member->at, bytes, (size_t)member->tar.size);
    if (result < 0)
        return result;
    struct text text = text_copy(unpacking->arena, (struct text){bytes, (size_t)member->tar.size});
    if (json_read(unpacking->arena, text, &value, NULL) != 0 ||
        !text_from_hex(value_text_at(&value, "store"), label->store_id, sizeof(label->store_id)))
        return -EBADMSG;
    if (value_int_at(&value, "format", 0) != BACKUP_FORMAT)
        return -EPROTONOSUPPORT;
    label->made_ms = value_int_at(&value, "made_ms", 0);
    label->seq = (uint64_t)value_int_at(&value, "seq", 0);
    return 0;
}

/* ---- Files. ---- */

static const char *in_folder(struct unpacking *unpacking, const char *name)
{
    return text_printf(unpacking->arena, "%s/%s", unpacking->folder, name).bytes;
}

static int write_member(struct unpacking *unpacking, const struct backup_member *member)
{
    int fd = open(in_folder(unpacking, member->tar.name),
                  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    uint8_t *buffer = arena_alloc(unpacking->arena, BACKUP_BUFFER_BYTES);
    uint64_t done = 0, size = member->tar.size;
    int result = fd < 0 ? -errno : 0;

    while (result == 0 && done < size) {
        size_t some =
            size - done < BACKUP_BUFFER_BYTES ? (size_t)(size - done) : (size_t)BACKUP_BUFFER_BYTES;
        result = age_read(unpacking->reader, member->at + done, buffer, some);
        if (result == 0)
            result = backup_write_all(fd, buffer, some);
        done += some;
        if (result == 0 &&
            !unpacking->progress(unpacking->self, member->at + done, age_size(unpacking->reader)))
            result = -ECANCELED;
    }
    if (result == 0 && fsync(fd) < 0)
        result = -errno;
    if (fd >= 0)
        close(fd);
    return result;
}

static int take_member(struct unpacking *unpacking, const struct backup_member *member)
{
    if (strcmp(member->tar.name, BACKUP_LABEL_FILE) == 0)
        return read_label(unpacking, member);
    for (size_t i = 0; i < name_count; i++)
        if (strcmp(member->tar.name, names[i]) == 0) {
            unpacking->has_slots |= strcmp(names[i], STORE_SLOTS_FILE) == 0;
            unpacking->has_data |= strcmp(names[i], STORE_DATA_FILE) == 0;
            return write_member(unpacking, member);
        }
    return -EBADMSG;
}

static int make_lock_file(struct unpacking *unpacking)
{
    int fd =
        open(in_folder(unpacking, STORE_LOCK_FILE), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static int take_all(struct unpacking *unpacking)
{
    struct backup_member member;
    uint64_t offset = 0;
    int result;

    while ((result = backup_next(unpacking->reader, &offset, &member)) == 0) {
        result = take_member(unpacking, &member);
        if (result < 0)
            return result;
    }
    if (result != -ENOENT)
        return result;
    if (!unpacking->has_slots || !unpacking->has_data)
        return -EBADMSG;
    result = make_lock_file(unpacking);
    return result == 0 ? disk_sync(unpacking->folder) : result;
}

/* ---- The whole. ---- */

static int explain(const struct unpacking *unpacking, int result)
{
    static const struct {
        int result;
        const char *code, *message, *help;
    } words[] = {
        {-EACCES, "E825", "this identity does not open the backup",
         "name the identity whose recipient the backup was made for"},
        {-EBADMSG, "E826", "the backup is damaged, cut, or no backup", "take another one"},
        {-EPROTONOSUPPORT, "E827", "the backup has another format",
         "use the version of Sankofa that wrote it"},
        {-ENOSPC, "E821", "the disk is full", "make room where the store shall be"},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].result == result)
            return disk_explain(unpacking->diags, unpacking->file, result, words[i].code,
                                words[i].help, "%s", words[i].message);
    return disk_explain(unpacking->diags, unpacking->file, result, "E828",
                        "check the paths, and who may read and write them",
                        "the backup cannot be unpacked: %s", strerror(-result));
}

static int unpack(struct unpacking *unpacking, const struct age_keys *identities)
{
    int fd = open(unpacking->file, O_RDONLY | O_CLOEXEC);
    struct age_source source = {&fd, 0, disk_read};
    struct stat facts;
    bool is_made = false;
    int result = fd < 0 || fstat(fd, &facts) < 0 ? -errno : 0;

    if (result == 0) {
        source.size = unpacking->label->bytes = (uint64_t)facts.st_size;
        result = age_reader_create(identities, &source, &unpacking->reader);
    }
    if (result == 0 && mkdir(unpacking->folder, 0700) < 0)
        result = -errno;
    else if (result == 0)
        is_made = true;
    if (result == 0)
        result = take_all(unpacking);
    if (result < 0 && is_made)
        backup_remove(unpacking->folder);
    age_reader_destroy(unpacking->reader);
    if (fd >= 0)
        close(fd);
    return result;
}

int backup_unpack(const char *file, const struct age_keys *identities, const char *folder,
                  bool (*progress)(void *self, uint64_t done, uint64_t total), void *self,
                  struct diag_list *diags, struct backup_label *label_out)
{
    ARENA_SCOPED struct arena *arena = arena_create("unpacking");
    struct unpacking unpacking = {.file = file,
                                  .folder = folder,
                                  .arena = arena,
                                  .diags = diags,
                                  .label = label_out,
                                  .progress = progress,
                                  .self = self};

    *label_out = (struct backup_label){0};
    int result = unpack(&unpacking, identities);
    return result < 0 ? explain(&unpacking, result) : 0;
}

void backup_remove(const char *folder)
{
    static const char *const all[] = {STORE_SLOTS_FILE, STORE_HEAD_FILE,  STORE_DATA_FILE,
                                      STORE_LOCK_FILE,  STORE_AUDIT_FILE, "lock.mdb"};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && fd >= 0; i++)
        unlinkat(fd, all[i], 0);
    if (fd >= 0)
        close(fd);
    rmdir(folder);
}

int backup_head_seq(const struct store *store, const char *folder, uint64_t *seq_out)
{
    ARENA_SCOPED struct arena *arena = arena_create("head");
    int fd = open(text_printf(arena, "%s/%s", folder, STORE_HEAD_FILE).bytes,
                  O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int result = fd < 0 ? -errno : head_read(fd, store->vault, seq_out);

    if (fd >= 0)
        close(fd);
    return result;
}
