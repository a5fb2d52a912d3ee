/* RUN_BACKUP: a backup on a thread of its own; once it is made, an entry tells of it. */
#include <errno.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "run/internal.h"
#include "store/backup/backup.h"

struct backup {
    struct arena *arena; /* this one's, too */
    struct wheel *wheel;
    struct age_keys recipients;
    struct backup_options options;
    struct case_person by;
    struct operation *operation; /* while its piece is done */
    int result;
    struct backup_facts facts;
    struct diag_list diags;
};

/* ---- Before. ---- */

static bool refuse(struct wheel *wheel, const struct queued *queued, enum problem_code code,
                   const char *detail, const char *hint)
{
    wheel_fail(wheel, queued, code, detail, hint);
    return false;
}

static bool read_recipients(struct wheel *wheel, const struct queued *queued,
                            struct age_keys *keys_out)
{
    const struct wheel_backup *how = &wheel->backup;
    struct text lines;
    size_t line;

    if (!how->recipients)
        return refuse(
            wheel, queued, PROBLEM_NOT_AVAILABLE, "No key for backups is configured.",
            "`sankofa admin backup-key FILE` makes one; name the file of its recipient as "
            "backup_recipients in sankofad.yaml.");
    int result = how->files.read(how->files.self, queued->arena, how->recipients,
                                 AGE_FILE_BYTES_MAX, &lines);
    if (result != 0) {
        log_event(LOG_WARNING, "backup.recipients_unread", "errno=%d", -result);
        return refuse(wheel, queued, PROBLEM_NOT_AVAILABLE,
                      "The file of backup_recipients cannot be read.",
                      "Look at its path in sankofad.yaml, and who may read it.");
    }
    if (!age_read_recipients(lines, keys_out, &line))
        return refuse(wheel, queued, PROBLEM_NOT_AVAILABLE,
                      "The file of backup_recipients holds a line that is no recipient, none at "
                      "all, or more than 16.",
                      "A recipient is one line, age1 and 58 characters.");
    return true;
}

/* ---- On its thread. ---- */

static bool tell(void *self, uint64_t done, uint64_t total)
{
    struct backup *backup = self;

    operation_set_total(backup->operation, total);
    operation_set_done(backup->operation, done);
    return !operation_is_cancelled(backup->operation);
}

static enum operation_step make(void *self, struct operation *operation)
{
    struct backup *backup = self;

    backup->operation = operation;
    backup->result =
        backup_make(backup->wheel->store, &backup->options, &backup->diags, &backup->facts);
    return OPERATION_OVER;
}

/* ---- Afterwards. ---- */

static void fail(struct backup *backup, struct operation *operation)
{
    struct problem problem;
    struct arena *arena = operation_arena(operation);
    enum problem_code code = backup->result == -EEXIST    ? PROBLEM_NOT_AVAILABLE
                             : backup->result == -ENOSPC  ? PROBLEM_DISK_FULL
                             : backup->result == -EBADMSG ? PROBLEM_INTERNAL
                                                          : PROBLEM_BAD_REQUEST;
    const struct diag *diag = &backup->diags.items[0];

    CHECK(backup->diags.count > 0);
    problem_set(&problem, arena, code, "%s: %.*s.", backup->options.path, TEXT_ARG(diag->message));
    problem_hint(&problem, arena, "%.*s", TEXT_ARG(diag->help));
    operation_fail(operation, &problem);
}

static void record(struct backup *backup)
{
    struct wheel *wheel = backup->wheel;
    struct value entry = value_map(wheel->turn);

    value_put(&entry, "kind", value_cstring("backup.made"));
    value_put(&entry, "by", value_string(backup->by.id));
    value_put(&entry, "person", value_string(backup->by.person));
    value_put(&entry, "seq", value_int((int64_t)backup->facts.seq));
    value_put(&entry, "recipients", value_int((int64_t)backup->recipients.count));
    wheel_append(wheel, &entry);
}

static void succeed(struct backup *backup, struct operation *operation)
{
    struct value result = value_map(operation_arena(operation));

    value_put(&result, "file", value_cstring(backup->options.path));
    value_put(&result, "bytes", value_int((int64_t)backup->facts.bytes));
    value_put(&result, "seq", value_int((int64_t)backup->facts.seq));
    value_put(&result, "cases", value_int((int64_t)backup->facts.cases));
    operation_succeed(operation, &result);
}

static void ended(void *self, struct operation *operation)
{
    struct backup *backup = self;

    if (backup->operation && backup->result == 0) {
        succeed(backup, operation);
        record(backup);
    } else if (backup->operation && backup->result != -ECANCELED) {
        fail(backup, operation);
    }
    arena_destroy(backup->arena);
}

static struct backup *prepare(struct wheel *wheel, const struct queued *queued)
{
    struct arena *arena = arena_create("backup of the wheel");
    struct backup *backup = ARENA_NEW(arena, struct backup);

    backup->arena = arena;
    backup->wheel = wheel;
    backup->by = (struct case_person){.id = text_copy(arena, queued->person.id),
                                      .person = text_copy(arena, queued->person.person)};
    diag_list_init(&backup->diags, arena);
    backup->options.path = text_copy(arena, queued->request.file).bytes;
    backup->options.recipients = &backup->recipients;
    backup->options.random = wheel->ports.random;
    backup->options.now_ms = wheel_now_ms(wheel);
    backup->options.self = backup;
    backup->options.progress = tell;
    if (read_recipients(wheel, queued, &backup->recipients))
        return backup;
    arena_destroy(arena);
    return NULL;
}

void backup_begin(struct wheel *wheel, const struct queued *queued)
{
    struct operation_work work = {
        .kind = "backup", .is_threaded = true, .piece = make, .ended = ended};

    if (!text_begins(queued->request.file, "/")) {
        wheel_fail(wheel, queued, PROBLEM_BAD_REQUEST, "\"file\" is no absolute path.",
                   "Write where the daemon shall put it, from / on.");
        return;
    }
    if (!operation_may_begin(wheel, queued, work.kind))
        return;
    struct backup *backup = prepare(wheel, queued);
    if (!backup)
        return;
    work.self = backup;
    operation_begin(wheel, queued, &work);
}
