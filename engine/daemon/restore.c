/* The happy path:
 * 1. the backup is unpacked into a new folder beside the place of the store;
 * 2. the store there is opened as ever (walked, its keys, its facts), and every record in it;
 * 3. an entry tells by whom, why, from what, and what is known to be missing;
 * 4. the folder gets its name, and its parent is synced. */
#include "daemon/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/value.h"
#include "base/when.h"
#include "run/wheel.h"
#include "store/backup/backup.h"
#include "system/system.h"
#include "words/heard.h"

enum { REASON_BYTES_MAX = 2000, ENTRIES_AT_ONCE = 4096, PER_CENT = 100, SERIALS_SKIPPED = 1000 };

struct restoring {
    const struct config *config;
    const struct restore_options *options;
    struct diag_list *diags;
    struct arena *arena;
    const char *folder; /* until it has its name */
    struct store *store;
    struct backup_label label;
    uint64_t seq;     /* the last one of the backup */
    uint64_t old_seq; /* what the old head tells of; 0: nothing is known */
    size_t damaged_count;
    bool is_terminal;
    int shown_per_cent;
};

static int complain(struct restoring *restoring, int result, const char *code, const char *what,
                    const char *help)
{
    return diag_fail(restoring->diags, result, code, help, "%s", what);
}

/* ---- Progress. ---- */

static void show(struct restoring *restoring, const char *what, uint64_t done, uint64_t total)
{
    int per_cent = total > 0 ? (int)((double)done / (double)total * PER_CENT) : 0;

    if (!restoring->is_terminal || per_cent == restoring->shown_per_cent)
        return;
    restoring->shown_per_cent = per_cent;
    fprintf(stderr, "\r%s: %d %%\x1b[K%s", what, per_cent, per_cent == PER_CENT ? "\r\x1b[K" : "");
}

static bool tell(void *self, uint64_t done, uint64_t total)
{
    show(self, "unpacking", done, total);
    return true;
}

/* ---- What is asked for. ---- */

static int check_options(struct restoring *restoring)
{
    const struct restore_options *options = restoring->options;
    struct stat facts;

    if (!options->identity || !options->reason || options->reason[0] == '\0')
        return complain(
            restoring, -EINVAL, "E860", "--restore needs --identity and --reason",
            N_("the reason stays in the journal: say why the store had to be restored"));
    if (strlen(options->reason) > REASON_BYTES_MAX || !text_is_utf8(text_from(options->reason)))
        return complain(restoring, -EINVAL, "E860", N_("the reason is too long, or no UTF-8"),
                        N_("write at most 2000 bytes"));
    if (lstat(restoring->config->store, &facts) == 0)
        return complain(restoring, -EEXIST, "E861",
                        N_("there is something where the store shall be; nothing was changed"),
                        N_("move the old store away, and name it with --old"));
    return 0;
}

static int read_identities(struct restoring *restoring, struct age_keys *keys_out)
{
    struct port_files files = system_files();
    struct text lines;
    size_t line;
    int result = files.read(files.self, restoring->arena, restoring->options->identity,
                            AGE_FILE_BYTES_MAX, &lines);

    if (result < 0)
        return complain(restoring, result, "E862", N_("the file of the identity cannot be read"),
                        N_("name it with --identity; `sankofa admin backup-key` made it"));
    bool good = age_read_identities(lines, keys_out, &line);
    explicit_bzero((char *)(uintptr_t)lines.bytes, lines.size);
    return good
               ? 0
               : complain(restoring, -EINVAL, "E862", N_("the file of the identity holds none"),
                          N_("it is one line, AGE-SECRET-KEY-1 and 58 characters; lines that begin "
                             "with # are notes"));
}

/* ---- Every record. ---- */

struct reading {
    struct restoring *restoring;
    uint64_t next;
};

static bool count_entry(void *self, const struct store_read_entry *entry)
{
    struct reading *reading = self;

    reading->next = entry->seq + 1;
    return true;
}

static void check_entries(struct restoring *restoring)
{
    struct reading reading = {restoring, 1};
    uint64_t bad = 0;

    while (reading.next <= restoring->seq) {
        int count = store_read(restoring->store, reading.next, ENTRIES_AT_ONCE, count_entry,
                               &reading, &bad);
        if (count >= 0) {
            show(restoring, "checking", reading.next - 1, restoring->seq);
            continue;
        }
        diag_add(restoring->diags, DIAG_WARNING, "E863", (struct place){0},
                 "entry %llu of the journal cannot be opened", (unsigned long long)bad);
        restoring->damaged_count++;
        reading.next = bad + 1;
    }
}

static bool check_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    struct restoring *restoring = self;
    ARENA_SCOPED struct arena *arena = arena_create("case");
    struct text snapshot;
    uint64_t of;

    (void)seq;
    if (!text_is_empty(body) && store_load_case(restoring->store, arena, id, &of, &snapshot) == 0)
        return true;
    struct text name = text_hex(restoring->arena, id->bytes, sizeof(id->bytes));
    diag_add(restoring->diags, DIAG_WARNING, "E863", (struct place){0},
             "the snapshot or card of case %.*s cannot be opened", TEXT_ARG(name));
    restoring->damaged_count++;
    return true;
}

static bool check_workflow(void *self, const struct store_workflow *workflow)
{
    struct restoring *restoring = self;

    if (!text_is_empty(workflow->rendered))
        return true;
    diag_add(restoring->diags, DIAG_WARNING, "E863", (struct place){0},
             "a definition, loaded by entry %llu, cannot be opened",
             (unsigned long long)workflow->seq);
    restoring->damaged_count++;
    return true;
}

static int check_all(struct restoring *restoring)
{
    restoring->seq = store_last_seq(restoring->store);
    if (restoring->seq < restoring->label.seq)
        return complain(restoring, -EBADMSG, "E826", N_("the backup holds less than it says"),
                        N_("take another one"));
    check_entries(restoring);
    int result = store_each_card(restoring->store, check_card, restoring);
    if (result == 0)
        result = store_each_workflow(restoring->store, check_workflow, restoring);
    return result < 0 ? complain(restoring, result, "E826", N_("the backup is damaged"),
                                 N_("take another one"))
                      : 0;
}

/* ---- What it forked from. ---- */

/* Whether the old store went further. That it cannot be told is no reason not to go on. */
static void look_at_old(struct restoring *restoring)
{
    const char *old = restoring->options->old;
    int result = old ? backup_head_seq(restoring->store, old, &restoring->old_seq) : 0;

    if (result < 0) {
        restoring->old_seq = 0;
        diag_add(restoring->diags, DIAG_WARNING, "E864", (struct place){0},
                 "the head of the old store cannot be read (%s): how far it went is not known",
                 strerror(-result));
    } else if (restoring->old_seq > restoring->seq) {
        struct diag *diag = diag_add(
            restoring->diags, DIAG_WARNING, "E865", (struct place){0},
            "entries %llu to %llu of the old store are not in this backup: what they told "
            "is lost",
            (unsigned long long)restoring->seq + 1, (unsigned long long)restoring->old_seq);
        diag_help(restoring->diags, diag,
                  "keep the old store; a case that was erased since is back: erase it again, its "
                  "certificate names it");
    }
}

static int64_t last_ms(struct restoring *restoring)
{
    struct store_read_entry read;
    struct value entry;

    if (restoring->seq == 0 ||
        store_read_one(restoring->store, restoring->arena, restoring->seq, &read) != 0 ||
        json_read(restoring->arena, read.body, &entry, NULL) != 0)
        return 0;
    return value_int_at(&entry, "at", 0);
}

/* Who sits before it: behind sudo, whoever called it. */
static struct text who(struct restoring *restoring)
{
    const char *name = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *user = name ? NULL : getpwuid(getuid());

    if (!name && user)
        name = user->pw_name;
    return name ? text_copy(restoring->arena, text_from(name))
                : text_printf(restoring->arena, "uid-%u", (unsigned)getuid());
}

static struct value fork_entry(struct restoring *restoring)
{
    struct arena *arena = restoring->arena;
    struct value entry = value_map(arena), from = value_map(arena);
    struct port_clock clock = system_clock();
    int64_t now_ms = clock.wall_ms(clock.self), newest_ms = last_ms(restoring);
    struct text by = who(restoring);

    value_put(&entry, "kind", value_cstring("store.restored"));
    value_put(&entry, "by", value_string(by));
    value_put(&entry, "person", value_string(by));
    value_put(&entry, "reason", value_cstring(restoring->options->reason));
    value_put(&from, "seq", value_int((int64_t)restoring->seq));
    value_put(&from, "made", value_timestamp(when_from_ms(restoring->label.made_ms)));
    value_put(&from, "bytes", value_int((int64_t)restoring->label.bytes));
    value_put(&from, "damaged", value_int((int64_t)restoring->damaged_count));
    value_put(&from, "serials_skipped", value_int(SERIALS_SKIPPED));
    if (restoring->old_seq > restoring->seq)
        value_put(&from, "old_seq", value_int((int64_t)restoring->old_seq));
    value_put(&entry, "from", from);
    bool is_good = now_ms > newest_ms && clock_is_plausible(newest_ms, now_ms);
    value_put(&entry, "at", value_int(is_good ? now_ms : newest_ms));
    return entry;
}

/* ---- Codes: one that a lost case had stands on papers, and must not become another's. ---- */

static void skip(struct restoring *restoring, struct value *serials, struct text name)
{
    const struct value *last = value_get(serials, name);

    value_set(serials, text_copy(restoring->arena, name),
              value_int((last ? last->integer : 0) + SERIALS_SKIPPED));
}

static int year_of(int64_t ms)
{
    return when_civil(when_from_ms(ms), 0).year;
}

/* {"SN-2026": 42}, of each country also the years that have begun since the backup. -ENOENT: no
 * case was ever opened. */
static int skip_serials(struct restoring *restoring, int64_t now_ms, struct text *body_out)
{
    struct arena *arena = restoring->arena;
    struct value before, serials;
    struct text body;
    int result = store_read_meta(restoring->store, arena, "serials", &body);

    if (result == 0)
        result = json_read(arena, body, &before, NULL);
    if (result < 0)
        return result;
    serials = value_copy(arena, &before);
    for (size_t i = 0; i < value_count(&before); i++)
        skip(restoring, &serials, value_member(&before, i)->key);
    for (size_t i = 0; i < value_count(&before); i++)
        for (int year = year_of(restoring->label.made_ms); year <= year_of(now_ms); year++) {
            struct text name =
                text_printf(arena, "%.2s-%d", value_member(&before, i)->key.bytes, year);
            if (!value_get(&serials, name))
                skip(restoring, &serials, name);
        }
    *body_out = json_write(arena, &serials);
    return 0;
}

static int add_entry(struct restoring *restoring)
{
    struct port_clock clock = system_clock();
    struct value entry = fork_entry(restoring);
    struct store_entry line = {.seq = restoring->seq + 1,
                               .body = json_write(restoring->arena, &entry)};
    struct store_meta serials = {.name = "serials"};
    struct store_batch batch = {.number = 1,
                                .entries = &line,
                                .entry_count = 1,
                                .metas = &serials,
                                .horizon = store_horizon(restoring->store)};
    int result = skip_serials(restoring, clock.wall_ms(clock.self), &serials.body);

    batch.meta_count = result == 0;
    if (result == 0 || result == -ENOENT)
        result = store_commit(restoring->store, &batch);

    return result < 0
               ? complain(restoring, result, "E866", N_("the restored store cannot be written"),
                          N_("look at its disk, and whether it is full"))
               : 0;
}

/* ---- The whole. ---- */

static int open_store(struct restoring *restoring)
{
    struct store_options options = {.path = restoring->folder,
                                    .map_bytes = restoring->config->map_bytes,
                                    .walker = "/proc/self/exe",
                                    .random = system_random()};
    int result = opener_offline(restoring->config, &restoring->options->opener, restoring->diags,
                                &options.opener);

    if (result < 0)
        return result;
    result = store_open(&options, restoring->diags, &restoring->store);
    explicit_bzero((char *)(uintptr_t)options.opener.secret.bytes, options.opener.secret.size);
    return result;
}

static int publish(struct restoring *restoring)
{
    const char *path = restoring->config->store;
    int result = 0;

    if (renameat2(AT_FDCWD, restoring->folder, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return complain(restoring, -errno, "E861", N_("the store cannot get its name"),
                        N_("is something at its path now?"));
    int fd = open(dirname(arena_copy(restoring->arena, path, strlen(path))),
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        result = -errno;
    if (fd >= 0)
        close(fd);
    return result < 0
               ? complain(restoring, result, "E866",
                          N_("the restored store cannot be made durable"), N_("look at its disk"))
               : 0;
}

static int fill(struct restoring *restoring)
{
    int result = open_store(restoring);

    if (result == 0)
        result = check_all(restoring);
    if (result == 0) {
        look_at_old(restoring);
        result = add_entry(restoring);
    }
    store_close(restoring->store);
    return result == 0 ? publish(restoring) : result;
}

static const char *new_folder(struct restoring *restoring)
{
    struct port_random random = system_random();
    uint8_t suffix[4];

    random.fill(random.self, suffix, sizeof(suffix));
    return text_printf(restoring->arena, "%s.new-%.*s", restoring->config->store,
                       TEXT_ARG(text_hex(restoring->arena, suffix, sizeof(suffix))))
        .bytes;
}

static void report(const struct restoring *restoring)
{
    struct text made =
        when_write_timestamp(restoring->arena, when_from_ms(restoring->label.made_ms));

    printf(_("The store is restored: %s\n"), restoring->config->store);
    printf(_("The backup was made at %.*s; what was entered since is not in it.\n"),
           TEXT_ARG(made));
    printf(
        _("It goes up to entry %llu of the backup; entry %llu tells that it was restored, by whom "
          "and why.\n"),
        (unsigned long long)restoring->seq, (unsigned long long)restoring->seq + 1);
    if (restoring->damaged_count > 0)
        printf(_("%zu records of it cannot be opened; they are named above.\n"),
               restoring->damaged_count);
}

int restore_store(const struct config *config, const struct restore_options *options,
                  struct diag_list *diags)
{
    struct restoring restoring = {.config = config,
                                  .options = options,
                                  .diags = diags,
                                  .arena = diags->arena,
                                  .is_terminal = isatty(STDERR_FILENO) == 1,
                                  .shown_per_cent = -1};
    struct age_keys identities;
    int result = check_options(&restoring);

    if (result == 0)
        result = read_identities(&restoring, &identities);
    if (result < 0)
        return result;
    restoring.folder = new_folder(&restoring);
    result = backup_unpack(options->file, &identities, restoring.folder, tell, &restoring, diags,
                           &restoring.label);
    explicit_bzero(&identities, sizeof(identities));
    if (result < 0)
        return result;
    result = fill(&restoring);
    if (result < 0)
        backup_remove(restoring.folder);
    else
        report(&restoring);
    return result;
}
