/* notify: tells somebody of the programme by mail that a case needs them.
 *
 * The happy path of the step `mail`:
 * 1. Whom: the input names a person or office, and the secret `addresses` has a line for each of
 *    them, `awa awa@example.org`. No address comes from a case.
 * 2. What: one of the kinds below, in one of three languages. The subject is made of fixed words
 * and the code of the case: there is no way to put anything else in it.
 * 3. How: the message is given to the local `sendmail` (secret `sendmail`, its path), or laid as a
 *    file into a spool folder (secret `spool`), from which something else takes it.
 *
 * A mail leaves the house, and is read by whoever runs the mailbox. So the body too says only which
 * case, and what for; a `note` of the workflow may add one line, which its author answers for. The
 * message's id is made of the call's key: a second try of one step is the same message, and in a
 * spool the same file. */
#include <sankofa/step.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The rules. */

enum {
    ADDRESS_BYTES_MAX = 254, /* RFC 5321 */
    NOTE_BYTES_MAX = 300,
    KEY_BYTES_MAX = 200,
    PATH_BYTES_MAX = 1000,
    MESSAGE_BYTES_MAX = 4000
};

enum language { ENGLISH, FRENCH, PORTUGUESE, LANGUAGE_COUNT };
static const char *const language_names[LANGUAGE_COUNT] = {"en", "fr", "pt"};

static const struct kind {
    const char *name;
    struct {
        const char *subject, *body;
    } words[LANGUAGE_COUNT];
} kinds[] = {
    {"waiting",
     {{"waits for you", "The case waits for something that you may do."},
      {"attend votre action", "Le dossier attend une action de votre part."},
      {"aguarda a sua ação", "O processo aguarda uma ação sua."}}},
    {"approval",
     {{"waits for your approval", "Something was submitted that needs your approval."},
      {"attend votre accord", "Une proposition attend votre accord."},
      {"aguarda a sua aprovação", "Uma proposta aguarda a sua aprovação."}}},
    {"due",
     {{"is due soon", "A deadline of the case is near."},
      {"arrive à échéance", "Une échéance du dossier approche."},
      {"tem um prazo próximo", "Um prazo do processo está próximo."}}},
    {"overdue",
     {{"is overdue", "A deadline of the case has passed."},
      {"est en retard", "Une échéance du dossier est dépassée."},
      {"está em atraso", "Um prazo do processo foi ultrapassado."}}},
    {"travel",
     {{"is about to travel", "A journey of the case is near."},
      {"va voyager", "Un voyage du dossier approche."},
      {"vai viajar", "Uma viagem do processo está próxima."}}},
    {"alert",
     {{"needs you at once", "The case needs you at once."},
      {"exige votre attention immédiate", "Le dossier exige votre attention immédiate."},
      {"exige a sua atenção imediata", "O processo exige a sua atenção imediata."}}},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static const struct {
    const char *note, *foot;
} common[LANGUAGE_COUNT] = {
    {"Note", "Look at it with: sankofa show %s\nThis message names nobody. Do not answer it."},
    {"Note", "Pour le voir : sankofa show %s\nCe message ne nomme personne. N'y répondez pas."},
    {"Nota", "Para ver: sankofa show %s\nEsta mensagem não nomeia ninguém. Não responda."},
};

/* Inputs and outputs. */

static const struct sankofa_field *const mail_inputs[] = {
    SANKOFA_FIELD(.name = "to", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Who is told: a name in the secret `addresses`."),
    SANKOFA_FIELD(.name = "case_code", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The code of the case: = case.code."),
    SANKOFA_FIELD(.name = "kind", .kind = SANKOFA_TEXT, .required = 1,
                  .options =
                      SANKOFA_OPTIONS("waiting", "approval", "due", "overdue", "travel", "alert"),
                  .doc = "What for."),
    SANKOFA_FIELD(.name = "language", .kind = SANKOFA_TEXT, .initial = "en",
                  .options = SANKOFA_OPTIONS("en", "fr", "pt"),
                  .doc = "The language of the message."),
    SANKOFA_FIELD(.name = "note", .kind = SANKOFA_TEXT,
                  .doc =
                      "One line more in the body; it leaves the house, so never a person's name."),
    NULL,
};

static const struct sankofa_field *const mail_outputs[] = {
    SANKOFA_FIELD(.name = "message_id", .kind = SANKOFA_TEXT, .doc = "The message's id."),
    NULL,
};

/* The message in the making. */

struct mail {
    const struct sankofa_host *host;
    struct sankofa_call *call;
    const struct kind *kind;
    enum language language;
    char address[ADDRESS_BYTES_MAX + 1], from[ADDRESS_BYTES_MAX + 1];
    char case_code[20], id[80];
    char text[MESSAGE_BYTES_MAX];
    size_t size;
};

static bool fail(struct mail *mail, int retry, const char *reason)
{
    mail->host->fail(mail->call, retry, reason);
    return false;
}

static bool fail_errno(struct mail *mail, const char *what, int error)
{
    char reason[200];

    snprintf(reason, sizeof(reason), "%s: %s.", what, strerror(error));
    return fail(mail, 1, reason);
}

__attribute__((format(printf, 2, 3))) static void add(struct mail *mail, const char *format, ...)
{
    size_t room = mail->size < sizeof(mail->text) ? sizeof(mail->text) - mail->size : 0;
    va_list list;

    va_start(list, format);
    int size = vsnprintf(room > 0 ? mail->text + mail->size : NULL, room, format, list);
    va_end(list);
    if (size > 0)
        mail->size += (size_t)size; /* over the end: told once it is whole */
}

/* What the administrator gave. */

/* A secret of one line; false where there is none. */
static bool given(struct mail *mail, const char *name, char *out, size_t out_size)
{
    struct sankofa_text text = sankofa_secret(mail->host, mail->call, name);

    while (text.size > 0 && strchr("\r\n ", text.bytes[text.size - 1]))
        text.size--;
    if (text.size == 0 || text.size >= out_size || memchr(text.bytes, '\n', text.size))
        return false;
    memcpy(out, text.bytes, text.size);
    out[text.size] = '\0';
    return true;
}

/* One mailbox, as RFC 5321 has them where nobody is clever. */
static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at != text && at[1] != '\0' && text[0] != '-' && !strchr(at + 1, '@') &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        ".!#$%&'*+/=?^_`{|}~-@") == strlen(text);
}

/* The line of `addresses` that begins with the name. */
static bool find_address(struct mail *mail, struct sankofa_text name, struct sankofa_text lines)
{
    const char *at = lines.bytes, *end = lines.bytes + lines.size;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        if (size > name.size && memcmp(at, name.bytes, name.size) == 0 &&
            (at[name.size] == ' ' || at[name.size] == '\t')) {
            const char *value = at + name.size;
            size -= name.size;
            while (size > 0 && (*value == ' ' || *value == '\t'))
                value++, size--;
            while (size > 0 && strchr(" \t\r", value[size - 1]))
                size--;
            snprintf(mail->address, sizeof(mail->address), "%.*s", (int)size, value);
            return size <= ADDRESS_BYTES_MAX && is_address(mail->address);
        }
        at = stop ? stop + 1 : end;
    }
    return false;
}

static bool read_people(struct mail *mail)
{
    struct sankofa_text to = sankofa_text_of(mail->host, mail->call, "to");
    struct sankofa_text lines = sankofa_secret(mail->host, mail->call, "addresses");

    if (to.size == 0 || strcspn(to.bytes, " \t\r\n") != to.size)
        return fail(mail, 0, "Say in one word who is told.");
    if (lines.size == 0)
        return fail(mail, 0, "The plugin was given no `addresses`.");
    if (!find_address(mail, to, lines))
        return fail(mail, 0, "In `addresses` there is no good line for who is told.");
    if (!given(mail, "from", mail->from, sizeof(mail->from)) || !is_address(mail->from))
        return fail(mail, 0, "The plugin was given no `from`: the sender's address.");
    return true;
}

/* SN-2026-00042-G and nothing else: country, year, serial, check character. */
static bool is_code(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits[] = "0123456789";
    static const struct {
        const char *set;
        size_t min, max;
    } parts[] = {{letters, 2, 2},
                 {digits, 4, 4},
                 {digits, 5, 10},
                 {"0123456789"
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                  1, 1}};

    for (size_t i = 0; i < 4; i++) {
        size_t size = strspn(text, parts[i].set);
        if (size < parts[i].min || size > parts[i].max || text[size] != (i < 3 ? '-' : '\0'))
            return false;
        text += size + 1;
    }
    return true;
}

static bool read_code(struct mail *mail)
{
    struct sankofa_text code = sankofa_text_of(mail->host, mail->call, "case_code");

    if (code.size >= sizeof(mail->case_code) || strlen(code.bytes) != code.size ||
        !is_code(code.bytes))
        return fail(mail, 0, "The case code is none.");
    memcpy(mail->case_code, code.bytes, code.size + 1);
    return true;
}

static bool read_words(struct mail *mail)
{
    struct sankofa_text kind = sankofa_text_of(mail->host, mail->call, "kind");
    struct sankofa_text language = sankofa_text_of(mail->host, mail->call, "language");

    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].name, kind.bytes) == 0)
            mail->kind = &kinds[i];
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        if (strcmp(language_names[i], language.bytes) == 0)
            mail->language = (enum language)i;
    return mail->kind || fail(mail, 0, "Say what the message is for.");
}

/* The message: RFC 5322, its words in base64 (RFC 2045, 2047), so that no line of them can be taken
 * for a header and every relay lets them through. */

static void add_base64(struct mail *mail, const char *text, size_t size, size_t line_max)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t width = 0;

    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (i + k < size ? (unsigned char)text[i + k] : 0);
        add(mail, "%c%c%c%c", digits[group >> 18], digits[group >> 12 & 63],
            i + 1 < size ? digits[group >> 6 & 63] : '=', i + 2 < size ? digits[group & 63] : '=');
        width += 4;
        if (width >= line_max && i + 3 < size) {
            add(mail, "\r\n");
            width = 0;
        }
    }
}

/* A name for the message that is the same for every try of one step, and for no other: FNV-1a of
 * the call's key, in two halves. */
static bool read_id(struct mail *mail)
{
    struct sankofa_text key = mail->host->idempotency_key(mail->call);
    uint64_t sums[2] = {0xcbf29ce484222325U, 0x84222325cbf29ce4U};

    if (key.size == 0 || key.size > KEY_BYTES_MAX)
        return fail(mail, 0, "The call has no key.");
    for (size_t i = 0; i < key.size; i++)
        for (int half = 0; half < 2; half++)
            sums[half] = (sums[half] ^ (unsigned char)key.bytes[i]) * 0x100000001b3U;
    snprintf(mail->id, sizeof(mail->id), "%016" PRIx64 "%016" PRIx64, sums[0], sums[1]);
    return true;
}

/* RFC 5322's way of writing a moment; never the machine's language. */
static bool add_date(struct mail *mail)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)(mail->host->now_ms(mail->call) / 1000);
    struct tm tm;

    if (!gmtime_r(&now, &tm))
        return fail(mail, 0, "The time of this call is no time.");
    add(mail, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
        months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return true;
}

static void add_subject(struct mail *mail)
{
    char subject[200];
    int size = snprintf(subject, sizeof(subject), "%s %s", mail->case_code,
                        mail->kind->words[mail->language].subject);

    add(mail, "Subject: =?UTF-8?B?");
    add_base64(mail, subject, (size_t)size, SIZE_MAX);
    add(mail, "?=\r\n");
}

static bool add_body(struct mail *mail)
{
    struct sankofa_text note = sankofa_text_of(mail->host, mail->call, "note");
    char body[1200], foot[200];

    if (note.size > NOTE_BYTES_MAX)
        return fail(mail, 0, "The note is longer than 300 bytes.");
    for (size_t i = 0; i < note.size; i++)
        if ((unsigned char)note.bytes[i] < ' ' || note.bytes[i] == 0x7f)
            return fail(mail, 0, "The note is more than one line.");
    snprintf(foot, sizeof(foot), common[mail->language].foot, mail->case_code);
    int size = snprintf(body, sizeof(body), "%s: %s\n%s%s%s%s\n%s\n", mail->case_code,
                        mail->kind->words[mail->language].body,
                        note.size > 0 ? common[mail->language].note : "", note.size > 0 ? ": " : "",
                        note.bytes, note.size > 0 ? "\n" : "", foot);
    add(mail, "\r\n");
    add_base64(mail, body, (size_t)size, 76);
    add(mail, "\r\n");
    return true;
}

static bool write_mail(struct mail *mail)
{
    if (!add_date(mail))
        return false;
    add(mail, "From: %s\r\nTo: %s\r\n", mail->from, mail->address);
    add_subject(mail);
    add(mail, "Message-ID: <%s@sankofa.invalid>\r\n", mail->id);
    add(mail, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    add(mail, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n");
    return add_body(mail) &&
           (mail->size < sizeof(mail->text) || fail(mail, 0, "The message is too long."));
}

/* Giving it away. */

static bool write_all(int fd, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(fd, bytes + done, size - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        done += (size_t)wrote;
    }
    return true;
}

/* A file of its own, whole and on the disk before it has its name. */
static bool lay_into(struct mail *mail, const char *folder)
{
    char path[PATH_BYTES_MAX + 100], name[PATH_BYTES_MAX + 100];

    snprintf(path, sizeof(path), "%s/.%s.part", folder, mail->id);
    snprintf(name, sizeof(name), "%s/%s.eml", folder, mail->id);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return fail_errno(mail, "The spool folder takes nothing", errno);
    bool is_whole = write_all(fd, mail->text, mail->size) && fsync(fd) == 0;
    int error = errno;
    close(fd);
    if (is_whole && rename(path, name) == 0)
        return true;
    error = is_whole ? errno : error;
    unlink(path);
    return fail_errno(mail, "The message cannot be laid into the spool folder", error);
}

/* sendmail's own interface: the message on its standard input, the receiver behind `--`. */
static bool feed(struct mail *mail, const char *program, int pipes[2])
{
    posix_spawn_file_actions_t actions;
    char *const words[] = {(char *)(uintptr_t) "sendmail",
                           (char *)(uintptr_t) "-i",
                           (char *)(uintptr_t) "-f",
                           mail->from,
                           (char *)(uintptr_t) "--",
                           mail->address,
                           NULL};
    char *const environment[] = {(char *)(uintptr_t) "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    pid_t child;
    int status = 0;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[0], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int error = posix_spawn(&child, program, &actions, NULL, words, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[0]);
    bool is_fed = error == 0 && write_all(pipes[1], mail->text, mail->size);
    close(pipes[1]);
    if (error != 0)
        return fail_errno(mail, "sendmail cannot be started", error);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (is_fed && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    char reason[100];
    snprintf(reason, sizeof(reason), "sendmail did not take the message (status %d).",
             WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fail(mail, 1, reason);
}

static bool hand_to(struct mail *mail, const char *program)
{
    int pipes[2];

    if (pipe2(pipes, O_CLOEXEC) != 0)
        return fail_errno(mail, "There is no pipe to sendmail", errno);
    return feed(mail, program, pipes);
}

static bool give(struct mail *mail)
{
    char path[PATH_BYTES_MAX];

    if (given(mail, "spool", path, sizeof(path)))
        return lay_into(mail, path);
    if (given(mail, "sendmail", path, sizeof(path)))
        return hand_to(mail, path);
    return fail(mail, 0, "The plugin was given neither `spool` nor `sendmail`.");
}

static enum sankofa_outcome mail(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct mail mail = {.host = host, .call = call};

    /* Who reads the other end of a pipe may go away. */
    signal(SIGPIPE, SIG_IGN);
    if (!read_people(&mail) || !read_code(&mail) || !read_words(&mail) || !read_id(&mail) ||
        !write_mail(&mail) || !give(&mail))
        return SANKOFA_FAILED;
    sankofa_put_text(host, call, "message_id", mail.id);
    return SANKOFA_DONE;
}

static const struct sankofa_step_type mail_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .needs = SANKOFA_FILES | SANKOFA_PROGRAMS,
    .name = "mail",
    .summary = "Tells somebody of the programme by mail that a case needs them.",
    .inputs = mail_inputs,
    .outputs = mail_outputs,
    .run = mail,
};

static const struct sankofa_step_type *const step_types[] = {&mail_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "notify",
    .version = "1.0.0",
    .summary = "Mail to people of the programme, with nobody's name in it.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
