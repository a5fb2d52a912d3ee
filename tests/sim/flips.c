/* A bit flipped in a copy of the store: what is shown of it then is what was written, or the damage
 * is told. Looked at by a process of its own, whose crash is a violation like any other. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "sim.h"

enum { FILES = 3, WRONG = 1, MISSING = 2 };

static const char *const files[FILES] = {"data.mdb", "slots", "head"};

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t size;

    CHECK(in >= 0);
    CHECK(out >= 0);
    while ((size = read(in, bytes, sizeof(bytes))) > 0)
        CHECK(write(out, bytes, (size_t)size) == size);
    CHECK(size == 0);
    close(in);
    close(out);
}

static void copy_store(const struct sim *sim, const char *folder)
{
    static const char *const names[] = {"data.mdb", "slots", "head", "lock"};
    char from[256], to[256];

    CHECK(mkdir(folder, 0700) == 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(from, sizeof(from), "%s/%s", sim->path, names[i]);
        snprintf(to, sizeof(to), "%s/%s", folder, names[i]);
        copy_file(from, to);
    }
}

static void flip(const char *folder, uint64_t dice)
{
    /* Most of it in the data. */
    const char *name = files[dice % 8 < FILES ? dice % 8 : 0];
    char path[256];
    struct stat status;
    uint8_t byte;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK(fstat(fd, &status) == 0);
    off_t at = (off_t)((dice >> 8) % (uint64_t)status.st_size);
    CHECK(pread(fd, &byte, 1, at) == 1);
    byte ^= (uint8_t)(1 << (dice >> 4) % 8);
    CHECK(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

struct look {
    const struct sim *sim;
    bool is_wrong;
};

/* Before the flip: what has come since the journal was last looked at. */
static bool know_entry(void *self, const struct store_read_entry *read)
{
    struct sim *sim = self;

    if (read->seq < SIM_ENTRIES_MAX && sim->hashes[read->seq] == 0 && !read->is_erased)
        sim->hashes[read->seq] = sim_hash(read->body.bytes, read->body.size);
    if (read->seq < SIM_ENTRIES_MAX)
        sim->is_unreadable[read->seq] = read->is_erased;
    return true;
}

static bool look_at_entry(void *self, const struct store_read_entry *read)
{
    struct look *look = self;

    if (read->seq >= SIM_ENTRIES_MAX)
        return true;
    look->is_wrong |= read->is_erased != look->sim->is_unreadable[read->seq];
    look->is_wrong |= !read->is_erased &&
                      look->sim->hashes[read->seq] != sim_hash(read->body.bytes, read->body.size);
    return true;
}

/* The exit status of the process that looks. */
static int look(struct sim *sim, const char *folder)
{
    ARENA_SCOPED struct arena *arena = arena_create("look");
    uint64_t last = store_last_seq(sim->store), next = 1, bad = 0;
    struct look look = {.sim = sim};
    struct store *store;
    struct diag_list diags;

    diag_list_init(&diags, arena);
    if (sim_open_store(sim, folder, &diags, &store) != 0)
        return diags.count > 0 ? 0 : MISSING;
    if (store_last_seq(store) != last)
        return MISSING;
    while (next <= last) {
        int count = store_read(store, next, 256, look_at_entry, &look, &bad);
        next = count < 0 ? bad + 1 : next + (uint64_t)count;
        if (count == 0)
            return MISSING;
    }
    return look.is_wrong ? WRONG : 0;
}

void sim_check_flip(struct sim *sim)
{
    uint64_t dice = sim_dice(sim, 0);
    char folder[160];
    int status = 0;

    uint64_t bad = 0;
    CHECK(store_read(sim->store, 1, SIM_ENTRIES_MAX, know_entry, sim, &bad) >= 0);
    snprintf(folder, sizeof(folder), "%s-flipped", sim->path);
    copy_store(sim, folder);
    flip(folder, dice);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(look(sim, folder));
    CHECK(waitpid(child, &status, 0) == child);
    sim_remove_folder(folder);
    sim->flip_count++;
    if (WIFSIGNALED(status))
        sim_fail(sim, "a flipped bit ends the process by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) == WRONG)
        sim_fail(sim, "a flipped bit is shown");
    else if (WEXITSTATUS(status) != 0)
        sim_fail(sim, "a flipped bit makes entries be missing without a word");
}
