/* A disk, a libcrypto and a log that the tests of refusals and failures have in hand. Included by
 * one file of a program. */
#ifndef SANKOFA_TESTS_STORE_FAULTS_H
#define SANKOFA_TESTS_STORE_FAULTS_H

#include "fixture.h"

#include <dirent.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/log.h"

/* These stand in for libc's in this program; a countdown says which call fails. */
static long fake_magic;
static int fail_statfs, fail_statvfs, fail_fdatasync, fail_fsync;
static int fail_rename, fail_self_test;
static uint64_t fake_free_bytes;

static inline bool fails(int *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

int statfs(const char *path, struct statfs *status)
{
    int result = (int)syscall(SYS_statfs, path, status);

    if (fails(&fail_statfs)) {
        errno = EIO;
        return -1;
    }
    if (fake_magic)
        status->f_type = fake_magic;
    return result;
}

int fstatvfs(int fd, struct statvfs *status)
{
    (void)fd;
    if (fails(&fail_statvfs)) {
        errno = EIO;
        return -1;
    }
    memset(status, 0, sizeof(*status));
    status->f_frsize = 4096;
    status->f_blocks = ((uint64_t)100 << 30) / 4096;
    status->f_bavail = fake_free_bytes / 4096;
    return 0;
}

int fdatasync(int fd)
{
    if (fails(&fail_fdatasync)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    if (fails(&fail_fsync)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags)
{
    if (fails(&fail_rename)) {
        errno = EEXIST;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

/* Stands in for the vault's. */
int vault_self_test(void)
{
    return fails(&fail_self_test) ? -EIO : 0;
}

static char last_line[300];

static inline void keep(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static inline int faults_setup(void **state)
{
    fake_magic = 0;
    fail_statfs = fail_statvfs = fail_fdatasync = fail_fsync = 0;
    fail_rename = fail_self_test = 0;
    fake_free_bytes = (uint64_t)50 << 30;
    last_line[0] = '\0';
    log_set_sink(keep, NULL);
    return store_setup(state);
}

static inline size_t files_in(const char *path)
{
    struct dirent *entry;
    size_t count = 0;
    DIR *folder = opendir(path);

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static inline int create_at(struct fixture *fixture, const char *name)
{
    struct store_options options = options_of(fixture);

    options.path = text_printf(fixture->arena, "%s/%s", fixture->folder, name).bytes;
    return store_create(&options, &fixture->diags);
}

#endif
