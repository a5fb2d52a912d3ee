/* Making a backup.
 *
 * The happy path:
 * 1. a file beside the wanted one, under another name;
 * 2. the label, the slots file, the head;
 * 3. a thread lets LMDB write its compacting copy into a pipe; what comes out goes into the
 *    archive, encrypted: no byte of it is on a disk otherwise;
 * 4. the file is synced, dropped from the page cache, and read again from the disk;
 * 5. it gets its name, and its folder is synced. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/value.h"
#include "base/when.h"
#include "store/backup/internal.h"
#include "store/disk.h"
#include "store/head.h"
#include "store/state.h"
#include "store/walk/page.h"

struct making {
    struct store *store;
    const struct backup_options *options;
    struct arena *arena;
    struct diag_list *diags;
    const char *part; /* the file's name until it is whole */
    int fd;
    struct age_writer *writer;
    uint64_t begin_seq;                 /* durable when it was begun: the copy has it */
    uint64_t written, copied, expected; /* encrypted; of the copy; both passes over it */
    char why[WALK_WHY_BYTES];
};

/* ---- Bytes. ---- */

int backup_write_all(int fd, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    while (size > 0) {
        ssize_t some = write(fd, at, size);
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return some < 0 ? -errno : -EIO;
        at += some;
        size -= (size_t)some;
    }
    return 0;
}

static int write_sealed(void *self, const void *bytes, size_t size)
{
    struct making *making = self;
    int result = backup_write_all(making->fd, bytes, size);

    making->written += size;
    return result;
}

static int pad(struct making *making, uint64_t size)
{
    static const uint8_t zeros[TAR_BLOCK_BYTES];

    return age_write(making->writer, zeros, (size_t)tar_padding(size));
}

static int begin_member(struct making *making, const char *name, uint64_t size)
{
    uint8_t block[TAR_BLOCK_BYTES];

    tar_header(name, size, making->options->now_ms / 1000, block);
    return age_write(making->writer, block, sizeof(block));
}

static int put_member(struct making *making, const char *name, const void *bytes, size_t size)
{
    int result = begin_member(making, name, size);

    if (result == 0)
        result = age_write(making->writer, bytes, size);
    return result == 0 ? pad(making, size) : result;
}

/* ---- The small members. ---- */

static int put_label(struct making *making)
{
    struct value label = value_map(making->arena);
    struct text id =
        text_hex(making->arena, vault_store_id(making->store->vault), VAULT_STORE_ID_BYTES);

    value_put(&label, "format", value_int(BACKUP_FORMAT));
    value_put(&label, "store", value_string(id));
    value_put(&label, "made", value_timestamp(when_from_ms(making->options->now_ms)));
    value_put(&label, "made_ms", value_int(making->options->now_ms));
    value_put(&label, "seq", value_int((int64_t)making->begin_seq));
    struct text text = json_write(making->arena, &label);
    return put_member(making, BACKUP_LABEL_FILE, text.bytes, text.size);
}

static int put_file(struct making *making, const char *name)
{
    char *folder =
        arena_copy(making->arena, making->store->data_path, strlen(making->store->data_path));
    const char *path = text_printf(making->arena, "%s/%s", dirname(folder), name).bytes;
    uint8_t bytes[64 << 10];
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result = fd < 0 ? -errno : 0;

    if (result == 0 && fstat(fd, &facts) < 0)
        result = -errno;
    if (result == 0 && (size_t)facts.st_size > sizeof(bytes))
        result = -EFBIG;
    if (result == 0)
        result = disk_read(&fd, 0, bytes, (size_t)facts.st_size);
    if (result == 0)
        result = put_member(making, name, bytes, (size_t)facts.st_size);
    if (fd >= 0)
        close(fd);
    return result;
}

/* The copy holds at least the entries that are durable now. */
static int put_head(struct making *making)
{
    struct head head;

    head_fill(&head, making->store->vault, making->begin_seq);
    return put_member(making, STORE_HEAD_FILE, &head, sizeof(head));
}

/* ---- The copy. ---- */

struct copier {
    struct store *store;
    int pipe;
    int result;
};

static void *copy(void *self)
{
    struct copier *copier = self;

    copier->result = tables_copy(&copier->store->tables, copier->pipe);
    close(copier->pipe);
    return NULL;
}

/* Fills the buffer, or less where the copy ends. */
static int read_some(int fd, uint8_t *buffer, size_t size, size_t *got_out)
{
    *got_out = 0;
    while (*got_out < size) {
        ssize_t got = read(fd, buffer + *got_out, size - *got_out);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        *got_out += (size_t)got;
    }
    return 0;
}

/* How long the copy will be stands in its second page, a root of its own. */
static int size_of_copy(const uint8_t *bytes, size_t size, uint64_t *size_out)
{
    struct page_meta metas[2];
    size_t page_bytes = 0;

    if (size < PAGE_BYTES_MIN || page_read_meta(bytes, 0, &metas[0]))
        return -EBADMSG;
    page_bytes = metas[0].free.pad;
    if (size < 2 * page_bytes || page_read_meta(bytes + page_bytes, 1, &metas[1]))
        return -EBADMSG;
    *size_out = (metas[1].last_page + 1) * page_bytes;
    return 0;
}

static int tell(struct making *making, uint64_t done)
{
    const struct backup_options *options = making->options;

    return options->progress(options->self, done, making->expected) ? 0 : -ECANCELED;
}

static int take_copy(struct making *making, int fd)
{
    uint8_t *buffer = arena_alloc(making->arena, BACKUP_BUFFER_BYTES);
    uint64_t size = 0;
    size_t got;
    int result = read_some(fd, buffer, BACKUP_BUFFER_BYTES, &got);

    if (result == 0)
        result = size_of_copy(buffer, got, &size);
    if (result == 0)
        result = begin_member(making, STORE_DATA_FILE, size);
    making->expected = 2 * size;
    while (result == 0 && got > 0) {
        making->copied += got;
        result = making->copied > size ? -EBADMSG : age_write(making->writer, buffer, got);
        if (result == 0)
            result = tell(making, making->copied);
        if (result == 0)
            result = read_some(fd, buffer, BACKUP_BUFFER_BYTES, &got);
    }
    if (result == 0 && making->copied != size)
        result = -EBADMSG;
    return result == 0 ? pad(making, size) : result;
}

static int put_data(struct making *making)
{
    struct copier copier = {.store = making->store};
    int ends[2];
    pthread_t thread;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    copier.pipe = ends[1];
    int result = -pthread_create(&thread, NULL, copy, &copier);
    if (result < 0) {
        close(ends[0]);
        close(ends[1]);
        return result;
    }
    result = take_copy(making, ends[0]);
    close(ends[0]); /* where this one gave up, the other one does so too */
    CHECK(pthread_join(thread, NULL) == 0);
    return result == 0 || result == -EBADMSG ? (copier.result < 0 ? copier.result : result)
                                             : result;
}

/* ---- The whole file. ---- */

static int write_archive(struct making *making)
{
    static const uint8_t end[2 * TAR_BLOCK_BYTES];
    struct age_sink sink = {making, write_sealed};
    int result = age_writer_create(making->options->recipients, &making->options->random, &sink,
                                   &making->writer);

    if (result == 0)
        result = put_label(making);
    if (result == 0)
        result = put_file(making, STORE_SLOTS_FILE);
    if (result == 0)
        result = put_head(making);
    if (result == 0)
        result = put_data(making);
    if (result == 0)
        result = age_write(making->writer, end, sizeof(end));
    if (result == 0)
        result = age_finish(making->writer);
    if (result == 0 && fsync(making->fd) < 0)
        result = -errno;
    return result;
}

/* Every piece of it, in order. */
static int read_all(struct making *making, struct age_reader *reader)
{
    uint8_t *buffer = arena_alloc(making->arena, BACKUP_BUFFER_BYTES);
    uint64_t size = age_size(reader), done = 0;
    int result = 0;

    while (done < size && result == 0) {
        size_t some =
            size - done < BACKUP_BUFFER_BYTES ? (size_t)(size - done) : (size_t)BACKUP_BUFFER_BYTES;
        result = age_read(reader, done, buffer, some);
        done += some;
        if (result == 0)
            result = tell(making, making->copied + done);
    }
    return result;
}

static int verify_archive(struct making *making, struct age_reader *reader,
                          struct backup_facts *facts_out)
{
    struct backup_member member;
    uint64_t offset = 0;
    int result;

    do
        result = backup_next(reader, &offset, &member);
    while (result == 0 && strcmp(member.tar.name, STORE_DATA_FILE) != 0);
    if (result == 0)
        result = backup_verify_data(reader, &member, facts_out, making->why);
    if (result == 0 && facts_out->seq < making->begin_seq)
        result = -EBADMSG;
    return result == -ENOENT ? -EBADMSG : result;
}

static int verify(struct making *making, struct backup_facts *facts_out)
{
    int fd = open(making->part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct age_source source = {&fd, making->written, disk_read};
    struct age_reader *reader = NULL;
    struct stat facts;
    int result = fd < 0 || fstat(fd, &facts) < 0 ? -errno : 0;

    if (result == 0 && (uint64_t)facts.st_size != making->written)
        result = -EBADMSG;
    if (result == 0)
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (result == 0)
        result = age_reader_of(making->writer, &source, &reader);
    if (result == 0)
        result = read_all(making, reader);
    if (result == 0)
        result = verify_archive(making, reader, facts_out);
    age_reader_destroy(reader);
    if (fd >= 0)
        close(fd);
    facts_out->bytes = making->written;
    return result;
}

static int publish(struct making *making)
{
    const char *path = making->options->path;
    char *copy = arena_copy(making->arena, path, strlen(path));

    if (renameat2(AT_FDCWD, making->part, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return -errno;
    return disk_sync(dirname(copy));
}

static int explain(struct making *making, int result)
{
    const char *path = making->options->path;

    if (result == -EEXIST)
        return disk_explain(making->diags, path, result, "E820", "give another name",
                            "there is something at this path already; nothing was written over it");
    if (result == -ENOSPC || result == -EDQUOT)
        return disk_explain(making->diags, path, -ENOSPC, "E821",
                            "make room there, or name another place; nothing was left there",
                            "the disk of the backup is full");
    if (result == -EBADMSG)
        return disk_explain(making->diags, path, result, "E822",
                            "look at the disks; `sankofa admin verify` looks at the store",
                            "the copy is not whole%s%s", making->why[0] ? ": " : "", making->why);
    if (result == -EINVAL)
        return disk_explain(making->diags, path, result, "E823",
                            "name the recipients that `sankofa admin backup-key` printed",
                            "a recipient of backups is no good key");
    return disk_explain(making->diags, path, result, "E824",
                        "check that the folder is there, and that the daemon may write to it",
                        "the backup cannot be made: %s", strerror(-result));
}

static int make(struct making *making, struct backup_facts *facts_out)
{
    struct stat facts;
    uint8_t suffix[4];
    struct port_random random = making->options->random;

    if (lstat(making->options->path, &facts) == 0)
        return -EEXIST;
    random.fill(random.self, suffix, sizeof(suffix));
    making->part = text_printf(making->arena, "%s.part-%.*s", making->options->path,
                               TEXT_ARG(text_hex(making->arena, suffix, sizeof(suffix))))
                       .bytes;
    making->fd = open(making->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (making->fd < 0)
        return -errno;
    int result = write_archive(making);
    close(making->fd);
    if (result == 0)
        result = verify(making, facts_out);
    if (result == 0)
        result = publish(making);
    if (result < 0)
        unlink(making->part);
    return result;
}

int backup_make(struct store *store, const struct backup_options *options, struct diag_list *diags,
                struct backup_facts *facts_out)
{
    ARENA_SCOPED struct arena *arena = arena_create("backup");
    struct making making = {.store = store,
                            .options = options,
                            .arena = arena,
                            .diags = diags,
                            .begin_seq = store_last_seq(store)};

    *facts_out = (struct backup_facts){0};
    int result = make(&making, facts_out);
    age_writer_destroy(making.writer);
    return result < 0 ? explain(&making, result) : 0;
}
