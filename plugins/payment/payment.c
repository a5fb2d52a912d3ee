/* payment: a ledger of assistance: who was paid for what, within ceilings, on two signatures.
 *
 * The happy path of the step `pay`:
 * 1. The amount, the signatures and the words are looked at. Two different people sign; below
 *    `two_from` one is enough.
 * 2. The ledger is locked and read from its beginning. A line with this call's key is there: the
 *    payment was made, and is told as it was told then. So the step may be run again without harm.
 * 3. What was paid for the case, in this currency, and the amount must not pass the ceilings.
 * 4. A line is appended, and is on the disk before the step is done.
 *
 * The step `reverse` appends a line that takes one payment back, whole, once.
 *
 * The ledger is one file of lines, which a spreadsheet reads; the administrator gives its folder as
 * the secret `ledger`. It names cases by their codes and people of the programme by their ids,
 * never a child, never who got the money. Each line ends with a checksum of itself and of all
 * before it: a line that was changed or taken out is noticed, and nothing is paid until somebody
 * has looked. A line that a power cut left unfinished was never acknowledged, and is cut off. */
#include <sankofa/step.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The rules. */

enum {
    WORD_BYTES_MAX = 100, /* of a code, a key, an id: one of them stands in each column */
    LINE_BYTES_MAX = 1000,
    PATH_BYTES_MAX = 1000
};
static const int64_t amount_max = 1000000000000; /* a sum of lines cannot overflow */
static const size_t ledger_bytes_max = (size_t)256 << 20;

#define CURRENCIES                                                                                 \
    "XOF", "XAF", "GNF", "NGN", "GHS", "SLE", "LRD", "GMD", "CVE", "MRU", "MAD", "EUR", "USD"
#define PURPOSES                                                                                   \
    "travel", "food", "lodging", "medical", "documents", "school", "training", "equipment",        \
        "family", "other"

/* Inputs and outputs. */

static const struct sankofa_field *const pay_inputs[] = {
    SANKOFA_FIELD(.name = "case_code", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The code of the case: = case.code."),
    SANKOFA_FIELD(.name = "purpose", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS(PURPOSES), .doc = "What it is for: the budget line."),
    SANKOFA_FIELD(.name = "amount", .kind = SANKOFA_INTEGER, .required = 1,
                  .doc = "What is paid, in whole units of the currency; more than nothing."),
    SANKOFA_FIELD(.name = "currency", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS(CURRENCIES), .doc = "ISO 4217."),
    SANKOFA_FIELD(.name = "case_ceiling", .kind = SANKOFA_INTEGER, .required = 1,
                  .doc = "What may be paid for this case in this currency, all told."),
    SANKOFA_FIELD(.name = "purpose_ceiling", .kind = SANKOFA_INTEGER,
                  .doc = "What may be paid of it for this purpose; left out: the whole."),
    SANKOFA_FIELD(.name = "first_signer", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The id of who signs, as in by.id."),
    SANKOFA_FIELD(.name = "second_signer", .kind = SANKOFA_TEXT,
                  .doc = "The id of somebody else who signs."),
    SANKOFA_FIELD(.name = "two_from", .kind = SANKOFA_INTEGER, .initial = "0",
                  .doc = "The amount from which two sign; left out: always."),
    NULL,
};

static const struct sankofa_field *const pay_outputs[] = {
    SANKOFA_FIELD(.name = "reference", .kind = SANKOFA_TEXT,
                  .doc = "The payment's number in the ledger: PAY-000042."),
    SANKOFA_FIELD(.name = "case_total", .kind = SANKOFA_INTEGER,
                  .doc = "What was paid for the case in this currency, this payment included."),
    SANKOFA_FIELD(.name = "case_left", .kind = SANKOFA_INTEGER, .doc = "What the ceiling leaves."),
    NULL,
};

static const struct sankofa_field *const reverse_inputs[] = {
    SANKOFA_FIELD(.name = "case_code", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The code of the case: = case.code."),
    SANKOFA_FIELD(.name = "reference", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The payment that is taken back."),
    SANKOFA_FIELD(.name = "first_signer", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The id of who signs, as in by.id."),
    SANKOFA_FIELD(.name = "second_signer", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The id of somebody else who signs."),
    NULL,
};

static const struct sankofa_field *const reverse_outputs[] = {
    SANKOFA_FIELD(.name = "reference", .kind = SANKOFA_TEXT, .doc = "The reversal's own number."),
    SANKOFA_FIELD(.name = "amount", .kind = SANKOFA_INTEGER, .doc = "What was taken back."),
    SANKOFA_FIELD(.name = "currency", .kind = SANKOFA_TEXT, .options = SANKOFA_OPTIONS(CURRENCIES),
                  .doc = "In this currency."),
    NULL,
};

/* One line of the ledger: its columns, and what it was found or will be written with. */

struct line {
    int64_t number;
    char at[24]; /* RFC 3339 */
    char key[WORD_BYTES_MAX + 1];
    char case_code[WORD_BYTES_MAX + 1];
    char purpose[24];
    char currency[8];
    int64_t amount; /* a reversal's: less than nothing */
    char first[WORD_BYTES_MAX + 1];
    char second[WORD_BYTES_MAX + 1]; /* "-": nobody */
    int64_t reverses;                /* 0: none */
};

static const char head[] = "number\tat\tkey\tcase\tpurpose\tcurrency\tamount\tfirst_signer\t"
                           "second_signer\treverses\tchecksum\n";

/* CRC-32 of ISO 3309, as in zlib: for accidents and for edits in good faith, not for forgers. */
static uint32_t checksum(uint32_t before, const char *bytes, size_t size)
{
    uint32_t sum = ~before;

    for (size_t i = 0; i < size; i++) {
        sum ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = (sum >> 1) ^ (sum & 1 ? 0xedb88320U : 0);
    }
    return ~sum;
}

/* The line without its checksum; its size. */
static size_t line_write(const struct line *line, char out[LINE_BYTES_MAX])
{
    int size = snprintf(out, LINE_BYTES_MAX,
                        "%" PRId64 "\t%s\t%s\t%s\t%s\t%s\t%" PRId64 "\t%s\t%s\t%" PRId64 "\t",
                        line->number, line->at, line->key, line->case_code, line->purpose,
                        line->currency, line->amount, line->first, line->second, line->reverses);

    return size > 0 && size < LINE_BYTES_MAX ? (size_t)size : 0;
}

/* Reads what line_write wrote; false where it is something else. */
static bool line_read(const char *text, struct line *line_out)
{
    int end = 0;

    return sscanf(text,
                  "%" SCNd64 "\t%23[^\t\n]\t%100[^\t\n]\t%100[^\t\n]\t%23[^\t\n]\t%7[^\t\n]\t"
                  "%" SCNd64 "\t%100[^\t\n]\t%100[^\t\n]\t%" SCNd64 "%n",
                  &line_out->number, line_out->at, line_out->key, line_out->case_code,
                  line_out->purpose, line_out->currency, &line_out->amount, line_out->first,
                  line_out->second, &line_out->reverses, &end) == 10 &&
           text[end] == '\t';
}

/* The ledger, locked and read. */

struct ledger {
    const struct sankofa_host *host;
    struct sankofa_call *call;
    int fd;
    char *bytes; /* whole lines alone, then a NUL */
    size_t size;
    uint32_t sum;  /* of all lines */
    int64_t count; /* of payments and reversals */
    /* What is wanted of it. */
    const char *key, *case_code, *currency, *purpose;
    int64_t wanted; /* the number of a payment; 0: none */
    /* What was found. */
    bool has_made;      /* a line with that key */
    struct line made;   /* that line */
    int64_t made_total; /* of the case, with it */
    struct line found;  /* the wanted one; number 0: there is none */
    bool is_reversed;
    int64_t case_total, purpose_total;
};

static bool fail(struct ledger *ledger, int retry, const char *reason)
{
    ledger->host->fail(ledger->call, retry, reason);
    return false;
}

static bool fail_errno(struct ledger *ledger, const char *what)
{
    char reason[200];

    snprintf(reason, sizeof(reason), "%s: %s.", what, strerror(errno));
    return fail(ledger, 1, reason);
}

/* The folder's file, made if there is none, and its name on the disk before anything stands in it.
 */
static bool ledger_open(struct ledger *ledger)
{
    struct sankofa_text folder = sankofa_secret(ledger->host, ledger->call, "ledger");
    char path[PATH_BYTES_MAX];

    if (folder.size == 0)
        return fail(ledger, 0, "The plugin was given no `ledger`: the folder of the ledger.");
    while (folder.size > 0 && strchr("\r\n ", folder.bytes[folder.size - 1]))
        folder.size--;
    int size = snprintf(path, sizeof(path), "%.*s/ledger.tsv", (int)folder.size, folder.bytes);
    if (size < 0 || (size_t)size >= sizeof(path))
        return fail(ledger, 0, "The path of the ledger is too long.");
    ledger->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (ledger->fd < 0)
        return fail_errno(ledger, "The ledger cannot be opened");
    *strrchr(path, '/') = '\0';
    int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_kept = parent >= 0 && fsync(parent) == 0;
    if (parent >= 0)
        close(parent);
    return is_kept || fail_errno(ledger, "The folder of the ledger cannot be kept");
}

static bool ledger_load(struct ledger *ledger)
{
    struct stat facts;

    if (flock(ledger->fd, LOCK_EX) != 0 || fstat(ledger->fd, &facts) != 0)
        return fail_errno(ledger, "The ledger cannot be locked");
    if (!S_ISREG(facts.st_mode) || (size_t)facts.st_size > ledger_bytes_max)
        return fail(ledger, 0, "The ledger is no file of at most 256 MiB.");
    size_t wanted = (size_t)facts.st_size, done = 0;
    ledger->bytes = malloc(wanted + 1);
    if (!ledger->bytes)
        return fail(ledger, 1, "There is no memory for the ledger.");
    while (done < wanted) {
        ssize_t size = pread(ledger->fd, ledger->bytes + done, wanted - done, (off_t)done);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return fail_errno(ledger, "The ledger cannot be read");
        done += (size_t)size;
    }
    /* What a power cut left without its end was never acknowledged. */
    while (done > 0 && ledger->bytes[done - 1] != '\n')
        done--;
    ledger->bytes[done] = '\0';
    ledger->size = done;
    if (done < wanted && ftruncate(ledger->fd, (off_t)done) != 0)
        return fail_errno(ledger, "The ledger's unfinished line cannot be cut off");
    return true;
}

static void take(struct ledger *ledger, const struct line *line)
{
    bool same_case = strcmp(line->case_code, ledger->case_code) == 0;

    if (same_case && strcmp(line->currency, ledger->currency) == 0) {
        ledger->case_total += line->amount;
        if (strcmp(line->purpose, ledger->purpose) == 0)
            ledger->purpose_total += line->amount;
    }
    if (same_case && ledger->wanted > 0 && line->number == ledger->wanted)
        ledger->found = *line;
    if (ledger->wanted > 0 && line->reverses == ledger->wanted)
        ledger->is_reversed = true;
    if (strcmp(line->key, ledger->key) == 0) {
        ledger->has_made = true;
        ledger->made = *line;
        ledger->made_total = ledger->case_total;
    }
}

/* One line: its number is the next, its checksum that of all until here. */
static bool take_text(struct ledger *ledger, char *text)
{
    struct line line;
    char *sum = strrchr(text, '\t');
    char *end = NULL;

    if (!sum || !line_read(text, &line) || line.number != ledger->count + 1)
        return false;
    ledger->sum = checksum(ledger->sum, text, (size_t)(sum + 1 - text));
    if (strtoul(sum + 1, &end, 16) != ledger->sum || *end != '\0' || end == sum + 1)
        return false;
    ledger->count++;
    take(ledger, &line);
    return true;
}

static bool ledger_scan(struct ledger *ledger)
{
    char reason[160];
    char *at = ledger->bytes;
    const char *end_of_all = at + ledger->size;
    int64_t number = 1;

    if (ledger->size == 0)
        return true;
    if (strncmp(at, head, sizeof(head) - 1) != 0)
        return fail(ledger, 0, "The ledger does not begin as one of this plugin.");
    for (at += sizeof(head) - 1; at < end_of_all; number++) {
        char *end = memchr(at, '\n', (size_t)(end_of_all - at)); /* the last byte at the latest */
        *end = '\0';
        if (!take_text(ledger, at)) {
            snprintf(reason, sizeof(reason),
                     "The ledger was changed or damaged at payment %" PRId64
                     ": nothing is paid until somebody has looked at it.",
                     number);
            return fail(ledger, 0, reason);
        }
        at = end + 1;
    }
    return true;
}

/* Appends, and is not done before the disk has it. What was written by half is cut off. */
static bool ledger_append(struct ledger *ledger, struct line *line)
{
    char text[LINE_BYTES_MAX + sizeof(head)];
    size_t start = ledger->size == 0 ? sizeof(head) - 1 : 0, done = 0;

    line->number = ledger->count + 1;
    memcpy(text, head, start);
    size_t size = line_write(line, text + start);
    if (size == 0 || size + 10 > LINE_BYTES_MAX)
        return fail(ledger, 0, "The texts are too long for one line of the ledger.");
    uint32_t sum = checksum(ledger->sum, text + start, size);
    size += start;
    size += (size_t)snprintf(text + size, 12, "%08" PRIx32 "\n", sum);
    while (done < size) {
        ssize_t wrote = pwrite(ledger->fd, text + done, size - done, (off_t)(ledger->size + done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    if (done == size && fdatasync(ledger->fd) == 0)
        return true;
    int error = done < size ? ENOSPC : errno;
    if (ftruncate(ledger->fd, (off_t)ledger->size) != 0)
        ledger->host->log(ledger->call, SANKOFA_ERROR, "ledger.not_cut");
    errno = error;
    return fail_errno(ledger, "The ledger cannot be written");
}

static void ledger_close(struct ledger *ledger)
{
    free(ledger->bytes);
    if (ledger->fd >= 0)
        close(ledger->fd); /* and the lock with it */
}

/* Inputs. */

/* A word for one column: something to read, and nothing that would begin another column. */
static bool read_word(struct ledger *ledger, struct sankofa_text text, const char *input,
                      char word[WORD_BYTES_MAX + 1])
{
    char reason[160];
    bool is_word = text.size > 0 && text.size <= WORD_BYTES_MAX;

    for (size_t i = 0; is_word && i < text.size; i++)
        is_word = (unsigned char)text.bytes[i] > ' ' && text.bytes[i] != 0x7f;
    if (!is_word) {
        snprintf(reason, sizeof(reason), "%s is not one word of at most %d bytes.", input,
                 WORD_BYTES_MAX);
        return fail(ledger, 0, reason);
    }
    memcpy(word, text.bytes, text.size);
    word[text.size] = '\0';
    return true;
}

static bool read_input(struct ledger *ledger, const char *input, char word[WORD_BYTES_MAX + 1])
{
    return read_word(ledger, sankofa_text_of(ledger->host, ledger->call, input), input, word);
}

/* Two different people; one is enough where `may_be_one`. */
static bool read_signers(struct ledger *ledger, bool may_be_one, struct line *line)
{
    struct sankofa_text second = sankofa_text_of(ledger->host, ledger->call, "second_signer");

    if (!read_input(ledger, "first_signer", line->first))
        return false;
    if (second.size == 0 && may_be_one) {
        strcpy(line->second, "-");
        return true;
    }
    if (second.size == 0)
        return fail(ledger, 0, "Two people sign this: there is no second signer.");
    if (!read_word(ledger, second, "second_signer", line->second))
        return false;
    return strcmp(line->first, line->second) != 0 ||
           fail(ledger, 0, "Two people sign this: both signatures are of one person.");
}

/* What every line begins with: time, key, case. */
static bool read_head(struct ledger *ledger, struct line *line)
{
    time_t now = (time_t)(ledger->host->now_ms(ledger->call) / 1000);
    struct tm tm;

    if (!gmtime_r(&now, &tm) ||
        strftime(line->at, sizeof(line->at), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return fail(ledger, 0, "The time of this call is no time.");
    return read_word(ledger, ledger->host->idempotency_key(ledger->call), "The call's key",
                     line->key) &&
           read_input(ledger, "case_code", line->case_code);
}

static bool read_sum(struct ledger *ledger, const char *input, int64_t absent, int64_t min,
                     int64_t *sum_out)
{
    char reason[160];

    *sum_out = sankofa_integer_of(ledger->host, ledger->call, input, absent);
    if (*sum_out >= min && *sum_out <= amount_max)
        return true;
    snprintf(reason, sizeof(reason), "%s is not from %" PRId64 " to %" PRId64 ".", input, min,
             amount_max);
    return fail(ledger, 0, reason);
}

/* The payment. */

struct ceilings {
    int64_t of_case, of_purpose;
};

static bool read_payment(struct ledger *ledger, struct line *line, struct ceilings *ceilings)
{
    struct sankofa_text purpose = sankofa_text_of(ledger->host, ledger->call, "purpose");
    struct sankofa_text currency = sankofa_text_of(ledger->host, ledger->call, "currency");
    int64_t two_from;

    if (!read_head(ledger, line) || !read_sum(ledger, "amount", 0, 1, &line->amount) ||
        !read_sum(ledger, "case_ceiling", -1, 0, &ceilings->of_case) ||
        !read_sum(ledger, "purpose_ceiling", ceilings->of_case, 0, &ceilings->of_purpose) ||
        !read_sum(ledger, "two_from", 0, 0, &two_from) ||
        !read_signers(ledger, line->amount < two_from, line))
        return false;
    /* The host has held both against their options. */
    snprintf(line->purpose, sizeof(line->purpose), "%s", purpose.bytes);
    snprintf(line->currency, sizeof(line->currency), "%s", currency.bytes);
    return true;
}

static bool is_within(struct ledger *ledger, const struct line *line,
                      const struct ceilings *ceilings)
{
    char reason[240];

    if (line->amount > ceilings->of_case - ledger->case_total)
        snprintf(reason, sizeof(reason),
                 "%" PRId64 " %s were paid for this case: another %" PRId64
                 " would pass its ceiling of %" PRId64 ".",
                 ledger->case_total, line->currency, line->amount, ceilings->of_case);
    else if (line->amount > ceilings->of_purpose - ledger->purpose_total)
        snprintf(reason, sizeof(reason),
                 "%" PRId64 " %s were paid for %s: another %" PRId64
                 " would pass that ceiling of %" PRId64 ".",
                 ledger->purpose_total, line->currency, line->purpose, line->amount,
                 ceilings->of_purpose);
    else
        return true;
    return fail(ledger, 0, reason);
}

/* The line that was made before for this call must be the same payment. */
static bool is_same(struct ledger *ledger, const struct line *line)
{
    const struct line *made = &ledger->made;

    return (made->amount == line->amount && strcmp(made->case_code, line->case_code) == 0 &&
            strcmp(made->currency, line->currency) == 0 &&
            strcmp(made->purpose, line->purpose) == 0) ||
           fail(ledger, 0, "The ledger has another payment under this call's key.");
}

static void put_reference(struct ledger *ledger, const struct line *line)
{
    char reference[40];

    snprintf(reference, sizeof(reference), "PAY-%06" PRId64, line->number);
    sankofa_put_text(ledger->host, ledger->call, "reference", reference);
}

static bool pay_line(struct ledger *ledger)
{
    struct line line = {.number = 0};
    struct ceilings ceilings;

    if (!read_payment(ledger, &line, &ceilings))
        return false;
    ledger->key = line.key;
    ledger->case_code = line.case_code;
    ledger->currency = line.currency;
    ledger->purpose = line.purpose;
    if (!ledger_open(ledger) || !ledger_load(ledger) || !ledger_scan(ledger))
        return false;
    if (ledger->has_made ? !is_same(ledger, &line)
                         : !is_within(ledger, &line, &ceilings) || !ledger_append(ledger, &line))
        return false;
    int64_t total = ledger->has_made ? ledger->made_total : ledger->case_total + line.amount;
    put_reference(ledger, ledger->has_made ? &ledger->made : &line);
    sankofa_put_integer(ledger->host, ledger->call, "case_total", total);
    sankofa_put_integer(ledger->host, ledger->call, "case_left", ceilings.of_case - total);
    return true;
}

static enum sankofa_outcome pay(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct ledger ledger = {.host = host, .call = call, .fd = -1};
    bool is_done = pay_line(&ledger);

    ledger_close(&ledger);
    return is_done ? SANKOFA_DONE : SANKOFA_FAILED;
}

/* The reversal. */

static bool reverse_line(struct ledger *ledger)
{
    struct line line = {.number = 0};
    char reference[WORD_BYTES_MAX + 1];
    int end = 0;

    if (!read_head(ledger, &line) || !read_input(ledger, "reference", reference) ||
        !read_signers(ledger, false, &line))
        return false;
    if (sscanf(reference, "PAY-%" SCNd64 "%n", &ledger->wanted, &end) != 1 ||
        reference[end] != '\0' || ledger->wanted < 1)
        return fail(ledger, 0, "The reference is not like PAY-000042.");
    ledger->key = line.key;
    ledger->case_code = line.case_code;
    ledger->currency = ledger->purpose = "";
    if (!ledger_open(ledger) || !ledger_load(ledger) || !ledger_scan(ledger))
        return false;
    if (ledger->found.number == 0 || ledger->found.reverses != 0)
        return fail(ledger, 0, "This case has no payment of that reference.");
    if (ledger->is_reversed && !ledger->has_made)
        return fail(ledger, 0, "That payment was taken back before.");
    if (ledger->has_made && ledger->made.reverses != ledger->wanted)
        return fail(ledger, 0, "The ledger has another payment under this call's key.");
    strcpy(line.purpose, ledger->found.purpose);
    strcpy(line.currency, ledger->found.currency);
    line.amount = -ledger->found.amount;
    line.reverses = ledger->wanted;
    if (!ledger->has_made && !ledger_append(ledger, &line))
        return false;
    put_reference(ledger, ledger->has_made ? &ledger->made : &line);
    sankofa_put_integer(ledger->host, ledger->call, "amount", ledger->found.amount);
    sankofa_put_text(ledger->host, ledger->call, "currency", ledger->found.currency);
    return true;
}

static enum sankofa_outcome reverse(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct ledger ledger = {.host = host, .call = call, .fd = -1};
    bool is_done = reverse_line(&ledger);

    ledger_close(&ledger);
    return is_done ? SANKOFA_DONE : SANKOFA_FAILED;
}

/* The table. */

static const struct sankofa_step_type pay_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .needs = SANKOFA_FILES,
    .name = "pay",
    .summary = "Writes a payment into the ledger, within ceilings, on two signatures.",
    .inputs = pay_inputs,
    .outputs = pay_outputs,
    .run = pay,
};

static const struct sankofa_step_type reverse_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .needs = SANKOFA_FILES,
    .name = "reverse",
    .summary = "Takes one payment back, on two signatures.",
    .inputs = reverse_inputs,
    .outputs = reverse_outputs,
    .run = reverse,
};

static const struct sankofa_step_type *const step_types[] = {&pay_type, &reverse_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "payment",
    .version = "1.0.0",
    .summary = "A ledger of assistance, with ceilings and two signatures.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
