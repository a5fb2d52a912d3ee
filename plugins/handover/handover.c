/* handover: the moment one office gives a child into the hands of another.
 *
 * The happy path of the check `sign`:
 * 1. Giver and receiver are two different people, the place and the time are told, and the time is
 *    neither to come nor before the departure.
 * 2. The documents and the belongings that go with the child are listed, each on its own line.
 * 3. The certificate's number is made of the case code and the day of the handover: the same
 *    handover has the same number, always. The summary is what is printed above the signatures, in
 *    the language of the case.
 *
 * What is wrong is refused all at once, each beside its input. The numbers below are the
 * programme's proposal, editable here alone. */
#include <sankofa/step.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* The rules. */

enum {
    /* Clocks differ, and countries of the region are up to an hour east or west of UTC. */
    AHEAD_MIN_MAX = 120,
    ITEMS_MAX = 60,
    SUMMARY_BYTES_MAX = 4000, /* what a text field holds */
    DAY_MIN = 24 * 60
};

/* Texts that must be there, on one line each. */
static const struct line {
    const char *input;
    const char *missing;
} lines[] = {
    {"giver", "Say who gives the child into the other's care."},
    {"receiver", "Say who receives the child."},
    {"place", "Say where the child was handed over."},
};

/* Lists that go with the child. A child may own nothing; it never travels without a document. */
static const struct list {
    const char *input;
    size_t count_min;
    const char *missing;
} lists[] = {
    {"documents", 1, "List the documents handed over: at least the travel document."},
    {"belongings", 0, NULL},
};

/* What the summary says in front of what it was given. */
static const struct words {
    const char *language, *handover, *place, *time, *giver, *receiver;
    const char *lists[2]; /* as above */
} words[] = {
    {"en",
     "Handover",
     "Place: ",
     "Time: ",
     "Given by: ",
     "Received by: ",
     {"Documents: ", "Belongings: "}},
    {"fr",
     "Remise",
     "Lieu : ",
     "Date et heure : ",
     "Enfant confié par : ",
     "Enfant reçu par : ",
     {"Documents : ", "Effets personnels : "}},
    {"pt",
     "Entrega",
     "Lugar: ",
     "Data e hora: ",
     "Criança entregue por: ",
     "Criança recebida por: ",
     {"Documentos: ", "Pertences: "}},
};

/* Inputs and outputs. */

static const struct sankofa_field *const sign_inputs[] = {
    SANKOFA_FIELD(.name = "case_code", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The code of the case: = case.code."),
    SANKOFA_FIELD(.name = "giver", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Who gives the child into the other's care."),
    SANKOFA_FIELD(.name = "receiver", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Who receives the child; another person than the giver."),
    SANKOFA_FIELD(.name = "place", .kind = SANKOFA_TEXT, .required = 1, .doc = "Where."),
    SANKOFA_FIELD(.name = "handed_over_on", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "On which day."),
    SANKOFA_FIELD(.name = "handed_over_time", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "At what time of that day, HH:MM, as the clocks of the place say."),
    SANKOFA_FIELD(.name = "departed_on", .kind = SANKOFA_DATE,
                  .doc = "The day the child departed; the handover is not before it."),
    SANKOFA_FIELD(.name = "documents", .kind = SANKOFA_TEXTS,
                  .doc = "The documents handed over, at least one."),
    SANKOFA_FIELD(.name = "belongings", .kind = SANKOFA_TEXTS, .doc = "The child's belongings."),
    SANKOFA_FIELD(.name = "language", .kind = SANKOFA_TEXT, .initial = "en",
                  .options = SANKOFA_OPTIONS("en", "fr", "pt"),
                  .doc = "The language of the summary: = case.language."),
    NULL,
};

static const struct sankofa_field *const sign_outputs[] = {
    SANKOFA_FIELD(.name = "certificate", .kind = SANKOFA_TEXT,
                  .doc = "The certificate's number: the case code, /H, and the day."),
    SANKOFA_FIELD(.name = "summary", .kind = SANKOFA_TEXT,
                  .doc =
                      "The text above the signatures: place, time, people, documents, belongings."),
    NULL,
};

/* Whether a text is digits where the mask has a 9, a capital or digit where it has a #, a capital
 * where it has an A, and the mask's own character elsewhere. */
static bool has_mask(const char *bytes, size_t size, const char *mask)
{
    if (size != strlen(mask))
        return false;
    for (size_t i = 0; i < size; i++) {
        bool digit = bytes[i] >= '0' && bytes[i] <= '9';
        bool capital = bytes[i] >= 'A' && bytes[i] <= 'Z';
        if (mask[i] == '9'   ? !digit
            : mask[i] == 'A' ? !capital
            : mask[i] == '#' ? !digit && !capital
                             : bytes[i] != mask[i])
            return false;
    }
    return true;
}

static int number_of(const char *bytes, size_t size)
{
    int number = 0;

    for (size_t i = 0; i < size; i++)
        number = number * 10 + (bytes[i] - '0');
    return number;
}

/* Minutes since midnight of HH:MM; false where it is no time. */
static bool minute_of(struct sankofa_text text, int *minute_out)
{
    if (!has_mask(text.bytes, text.size, "99:99"))
        return false;
    int hour = number_of(text.bytes, 2);
    int minute = number_of(text.bytes + 3, 2);
    *minute_out = hour * 60 + minute;
    return hour < 24 && minute < 60;
}

/* SN-2026-00042-K, with five digits or more. */
static bool is_case_code(struct sankofa_text code)
{
    size_t serial = code.size - strlen("SN-2026-") - strlen("-K");

    if (code.size < strlen("SN-2026-00042-K") || code.size > strlen("SN-2026-0123456789-K"))
        return false;
    if (!has_mask(code.bytes, 8, "AA-9999-") || !has_mask(code.bytes + 8 + serial, 2, "-#"))
        return false;
    for (size_t i = 0; i < serial; i++)
        if (code.bytes[8 + i] < '0' || code.bytes[8 + i] > '9')
            return false;
    return true;
}

/* A line has something to read, and nothing that would begin another line. */
static bool is_line(struct sankofa_text text)
{
    bool seen = false;

    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.bytes[i] < ' ' || text.bytes[i] == 0x7f)
            return false;
        seen = seen || text.bytes[i] != ' ';
    }
    return seen;
}

/* The next byte of a name as it counts for a comparison: small letters, spaces folded into one and
 * none at the ends. 0 at the end. */
static char name_next(struct sankofa_text name, size_t *at)
{
    size_t start = *at;

    while (*at < name.size && name.bytes[*at] == ' ')
        (*at)++;
    if (*at == name.size)
        return '\0';
    if (*at > start && start > 0)
        return ' ';
    char byte = name.bytes[(*at)++];
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool name_is(struct sankofa_text a, struct sankofa_text b)
{
    size_t in_a = 0, in_b = 0;

    for (;;) {
        char x = name_next(a, &in_a);
        if (x != name_next(b, &in_b))
            return false;
        if (x == '\0')
            return true;
    }
}

static int refuse(const struct sankofa_host *host, struct sankofa_call *call, const char *input,
                  const char *reason)
{
    host->refuse(call, input, reason);
    return 1;
}

static int refuse_people(const struct sankofa_host *host, struct sankofa_call *call)
{
    int refused = 0;
    struct sankofa_text giver = sankofa_text_of(host, call, "giver");
    struct sankofa_text receiver = sankofa_text_of(host, call, "receiver");

    if (!is_case_code(sankofa_text_of(host, call, "case_code")))
        refused += refuse(host, call, "case_code", "This is not the code of a case.");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (!is_line(sankofa_text_of(host, call, lines[i].input)))
            refused += refuse(host, call, lines[i].input, lines[i].missing);
    if (is_line(giver) && is_line(receiver) && name_is(giver, receiver))
        refused += refuse(host, call, "receiver", "Nobody hands a child over to themselves.");
    return refused;
}

static int refuse_times(const struct sankofa_host *host, struct sankofa_call *call)
{
    int refused = 0;
    int minute = 0;
    int64_t day = 0, departed = 0;
    struct sankofa_text departed_on = sankofa_text_of(host, call, "departed_on");
    bool has_minute = minute_of(sankofa_text_of(host, call, "handed_over_time"), &minute);
    bool has_day = sankofa_day_read(sankofa_text_of(host, call, "handed_over_on"), &day);
    bool has_departed = departed_on.size > 0 && sankofa_day_read(departed_on, &departed);

    if (!has_minute)
        refused += refuse(host, call, "handed_over_time", "Say at what time, as 14:30.");
    if (departed_on.size > 0 && !has_departed)
        refused += refuse(host, call, "departed_on", "This is not a day.");
    if (!has_day)
        return refused + refuse(host, call, "handed_over_on", "Say on which day.");
    /* Without a time the day alone must not be to come: its first minute stands for it. */
    if (day * DAY_MIN + minute > host->now_ms(call) / 60000 + AHEAD_MIN_MAX)
        refused += refuse(host, call, has_minute ? "handed_over_time" : "handed_over_on",
                          "A handover to come cannot be signed.");
    if (has_departed && day < departed)
        refused += refuse(host, call, "handed_over_on", "This is before the child departed.");
    return refused;
}

/* The items of a list; none where it is not set. */
static struct sankofa_value list_of(const struct sankofa_host *host, struct sankofa_call *call,
                                    const char *input)
{
    struct sankofa_value value;

    memset(&value, 0, sizeof(value));
    value.size = (uint32_t)sizeof(value);
    if (host->get(call, input, &value) != 1)
        value.text_count = 0;
    return value;
}

static int refuse_lists(const struct sankofa_host *host, struct sankofa_call *call)
{
    int refused = 0;

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct sankofa_value list = list_of(host, call, lists[i].input);
        bool lines_only = true;
        for (size_t k = 0; k < list.text_count; k++)
            lines_only = lines_only && is_line(list.texts[k]);
        if (list.text_count < lists[i].count_min)
            refused += refuse(host, call, lists[i].input, lists[i].missing);
        else if (list.text_count > ITEMS_MAX)
            refused += refuse(host, call, lists[i].input, "List at most 60 things.");
        else if (!lines_only)
            refused += refuse(host, call, lists[i].input, "Each thing is named on one line.");
    }
    return refused;
}

/* A text that grows until it is full; what does not fit leaves it full and cut. */
struct page {
    char text[SUMMARY_BYTES_MAX + 1];
    size_t size;
    bool is_full;
};

__attribute__((format(printf, 2, 3))) static void page_add(struct page *page, const char *format,
                                                           ...)
{
    va_list list;
    size_t room = sizeof(page->text) - page->size;

    va_start(list, format);
    int size = vsnprintf(page->text + page->size, room, format, list);
    va_end(list);
    if (size < 0 || (size_t)size >= room)
        page->is_full = true;
    else
        page->size += (size_t)size;
}

/* NULL: no paper is written in that. */
static const struct words *words_of(struct sankofa_text language)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].language, language.bytes) == 0)
            return &words[i];
    return NULL;
}

/* Of texts that were found to be one line, or a day, or a time. */
static void page_fill(struct page *page, const struct words *say, const char *certificate,
                      const struct sankofa_host *host, struct sankofa_call *call)
{
    page_add(page, "%s %s\n", say->handover, certificate);
    page_add(page, "%s%s\n", say->place, sankofa_text_of(host, call, "place").bytes);
    page_add(page, "%s%s %s\n", say->time, sankofa_text_of(host, call, "handed_over_on").bytes,
             sankofa_text_of(host, call, "handed_over_time").bytes);
    page_add(page, "%s%s\n", say->giver, sankofa_text_of(host, call, "giver").bytes);
    page_add(page, "%s%s\n", say->receiver, sankofa_text_of(host, call, "receiver").bytes);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct sankofa_value list = list_of(host, call, lists[i].input);
        page_add(page, "%s%zu\n", say->lists[i], list.text_count);
        for (size_t k = 0; k < list.text_count; k++)
            page_add(page, "- %s\n", list.texts[k].bytes);
    }
}

static enum sankofa_outcome sign(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct page page = {.size = 0};
    char certificate[40];
    const struct words *say = words_of(sankofa_text_of(host, call, "language"));
    int refused = refuse_people(host, call);

    refused += refuse_times(host, call);
    refused += refuse_lists(host, call);
    if (!say)
        refused += refuse(host, call, "language", "The summary is written in en, fr or pt.");
    if (refused > 0)
        return SANKOFA_REFUSED;
    const char *code = sankofa_text_of(host, call, "case_code").bytes;
    const char *day = sankofa_text_of(host, call, "handed_over_on").bytes;
    snprintf(certificate, sizeof(certificate), "%s/H%.4s%.2s%.2s", code, day, day + 5, day + 8);
    page_fill(&page, say, certificate, host, call);
    if (page.is_full)
        return refuse(host, call, NULL, "The texts are too long for one certificate."),
               SANKOFA_REFUSED;
    sankofa_put_text(host, call, "certificate", certificate);
    sankofa_put_text(host, call, "summary", page.text);
    return SANKOFA_DONE;
}

static const struct sankofa_step_type sign_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_CHECK | SANKOFA_IDEMPOTENT,
    .name = "sign",
    .summary = "Checks a handover and gives its certificate a number.",
    .inputs = sign_inputs,
    .outputs = sign_outputs,
    .run = sign,
};

static const struct sankofa_step_type *const step_types[] = {&sign_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "handover",
    .version = "1.1.0",
    .summary = "The handover of a child from one office to another.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
