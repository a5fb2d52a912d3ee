/* travel_authorization: asks an authority to let a child travel, and waits for its answer; and
 * tells, before the child leaves, whether everything is valid on the day of the travel.
 *
 * The happy path of the step `issue`:
 * 1. Everything is looked at as it will be on the travel date: document, fitness, escort, route,
 *    receiver, budget. What does not hold then fails the step, all faults in one sentence each:
 *    another try with the same papers would fail as well.
 * 2. The request gets a reference and a text, and the step parks, for days, until the authority
 *    answers or the time to answer is over. It ends with the travel date at the latest.
 * 3. The answer wakes it: granted, it is done, with the number of the authorization, its validity
 *    and the whole text; refused, granted for too short, or not answered in time, it has failed.
 *
 * The check `clear` asks the same of what the papers say when the travel is cleared, weeks later
 * perhaps: every validity must cover the travel date. What does not is refused, each beside its
 * input; what does tells its last day, and the earliest of these days is until when the child may
 * leave.
 *
 * Nothing leaves this process: the request is handed to the authority by people, on paper. So it
 * may be run again without harm, and dropped without a word to anybody. The cookie carries all that
 * is needed to go on. Every number here is the programme's proposal, editable in `with:`. */
#include <sankofa/step.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* The rules. */

#define MARGIN_DAYS_DEFAULT   "7"  /* the document outlives the travel */
#define FITNESS_DAYS_DEFAULT  "10" /* a certificate of fitness is valid */
#define RECEIVER_DAYS_DEFAULT "30" /* a receiver's word counts */
#define ANSWER_DAYS_DEFAULT   "14" /* the authority has to answer */
#define DECISION_DAYS_DEFAULT "90" /* a best-interests decision counts */
enum {
    DAYS_MAX = 365,
    REQUEST_BYTES_MAX = 3400, /* so that it fits a cookie, and the grant fits after it */
    NUMBER_BYTES_MAX = 200,
    TEXT_BYTES_MAX = 3800,
    DAY_MS = 86400000
};

/* Texts that must be there, on one line each: no text may pretend to be another line. */
static const struct line {
    const char *input;
    const char *missing;
} lines[] = {
    {"case_code", "There is no case code."},
    {"authority", "Say which authority is asked."},
    {"child", "There is no name of the child."},
    {"document_kind", "There is no travel document."},
    {"document_number", "The travel document has no number."},
    {"route", "There is no route."},
    {"escort", "There is no escort."},
    {"escort_agency", "The escort's agency is not told."},
    {"receiver", "There is no receiver."},
};

/* How many days something counts. An answer needs a day at least. */
static const struct span {
    const char *input;
    int days_min;
} spans[] = {
    {"document_margin_days", 0},
    {"fitness_days", 0},
    {"receiver_days", 0},
    {"answer_days", 1},
};

/* What the paper says, in the language of the case. */
enum language { ENGLISH, FRENCH, PORTUGUESE, LANGUAGE_COUNT };
static const char *const language_names[LANGUAGE_COUNT] = {"en", "fr", "pt"};

/* The inputs in their order, behind these words. */
static const struct entry {
    const char *input;
    bool is_option; /* one of the words below */
    const char *words[LANGUAGE_COUNT];
} entries[] = {
    {"authority", false, {"Authority: ", "Autorité : ", "Autoridade: "}},
    {"child", false, {"Child: ", "Enfant : ", "Criança: "}},
    {"travel_date", false, {"Travel date: ", "Date du voyage : ", "Data da viagem: "}},
    {"route", false, {"Route: ", "Itinéraire : ", "Itinerário: "}},
    {"document_kind", true, {"Document: ", "Document : ", "Documento: "}},
    {"document_number", false, {"Document number: ", "Numéro : ", "Número: "}},
    {"document_valid_until",
     false,
     {"Document valid until: ", "Valable jusqu'au : ", "Válido até: "}},
    {"escort", false, {"Escort: ", "Accompagnement : ", "Acompanhamento: "}},
    {"escort_agency", false, {"Escort's agency: ", "Structure : ", "Entidade: "}},
    {"fitness", true, {"Fitness: ", "Aptitude au voyage : ", "Aptidão para viajar: "}},
    {"fitness_issued_on", false, {"Fitness certified on: ", "Certifiée le : ", "Certificada em: "}},
    {"receiver", false, {"Receiver: ", "Accueil par : ", "Acolhimento por: "}},
    {"receiver_confirmed_on",
     false,
     {"Receiver confirmed on: ", "Confirmé le : ", "Confirmado em: "}},
};

static const struct {
    const char *word;
    const char *said[LANGUAGE_COUNT];
} words[] = {
    {"title", {"Travel authorization", "Autorisation de voyage", "Autorização de viagem"}},
    {"budget", {"Budget: ", "Budget : ", "Orçamento: "}},
    {"ceiling", {" XOF of at most ", " XOF, au plus ", " XOF, no máximo "}},
    {"granted", {"Granted: ", "Accordée : ", "Concedida: "}},
    {"until", {", valid until ", ", valable jusqu'au ", ", válida até "}},
    {"signed_on", {", signed on ", ", signée le ", ", assinada em "}},
    {"passport", {"Passport", "Passeport", "Passaporte"}},
    {"ecowas_id",
     {"ECOWAS identity card", "Carte d'identité CEDEAO", "Bilhete de identidade CEDEAO"}},
    {"ecowas_cert",
     {"ECOWAS travel certificate", "Carnet de voyage CEDEAO", "Certificado de viagem CEDEAO"}},
    {"consular_lp",
     {"Consular laissez-passer", "Laissez-passer consulaire", "Salvo-conduto consular"}},
    {"police_minor_pass",
     {"Police pass for minors", "Laissez-passer policier pour mineur",
      "Salvo-conduto policial para menores"}},
    {"parental_auth", {"Parental authorization", "Autorisation parentale", "Autorização parental"}},
    {"fit", {"Fit", "Apte", "Apta"}},
    {"fit_with_conditions", {"Fit with conditions", "Apte sous conditions", "Apta com condições"}},
};

/* What is no word of these stays as it is. */
static const char *say(const char *word, enum language language)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].said[language];
    return word;
}

/* LANGUAGE_COUNT: no paper is written in that. */
static enum language language_of(const char *name)
{
    enum language language = ENGLISH;

    while (language < LANGUAGE_COUNT && strcmp(language_names[language], name) != 0)
        language++;
    return language;
}

/* Inputs, outputs, answers. */

static const struct sankofa_field *const issue_inputs[] = {
    SANKOFA_FIELD(.name = "case_code", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The code of the case: = case.code."),
    SANKOFA_FIELD(.name = "authority", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The authority that is asked."),
    SANKOFA_FIELD(.name = "child", .kind = SANKOFA_TEXT, .required = 1, .doc = "The child's name."),
    SANKOFA_FIELD(.name = "travel_date", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day on which everything must be valid."),
    SANKOFA_FIELD(.name = "document_kind", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS("passport", "ecowas_id", "ecowas_cert", "consular_lp",
                                             "police_minor_pass", "parental_auth"),
                  .doc = "The kind of travel document."),
    SANKOFA_FIELD(.name = "document_number", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Its number."),
    SANKOFA_FIELD(.name = "document_valid_until", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "Its last day."),
    SANKOFA_FIELD(.name = "document_margin_days", .kind = SANKOFA_INTEGER,
                  .initial = MARGIN_DAYS_DEFAULT, .unit = "days",
                  .doc = "How long it must be valid after the travel date."),
    SANKOFA_FIELD(.name = "route", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "The places passed."),
    SANKOFA_FIELD(.name = "escort", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Who travels along."),
    SANKOFA_FIELD(.name = "escort_agency", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Whom the escort works for."),
    SANKOFA_FIELD(.name = "fitness", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS("fit", "fit_with_conditions", "unfit"),
                  .doc = "What the doctor found."),
    SANKOFA_FIELD(.name = "fitness_issued_on", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day of the certificate of fitness."),
    SANKOFA_FIELD(.name = "fitness_days", .kind = SANKOFA_INTEGER, .initial = FITNESS_DAYS_DEFAULT,
                  .unit = "days", .doc = "How long that certificate is valid."),
    SANKOFA_FIELD(.name = "receiver", .kind = SANKOFA_TEXT, .required = 1,
                  .doc = "Who receives the child on arrival."),
    SANKOFA_FIELD(.name = "receiver_confirmed_on", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day the receiver agreed."),
    SANKOFA_FIELD(.name = "receiver_days", .kind = SANKOFA_INTEGER,
                  .initial = RECEIVER_DAYS_DEFAULT, .unit = "days",
                  .doc = "How long that word counts."),
    SANKOFA_FIELD(.name = "budget", .kind = SANKOFA_INTEGER, .required = 1, .unit = "XOF",
                  .doc = "What the travel costs."),
    SANKOFA_FIELD(.name = "budget_ceiling", .kind = SANKOFA_INTEGER, .required = 1, .unit = "XOF",
                  .doc = "What it may cost."),
    SANKOFA_FIELD(.name = "answer_days", .kind = SANKOFA_INTEGER, .initial = ANSWER_DAYS_DEFAULT,
                  .unit = "days", .doc = "How long the authority has to answer."),
    SANKOFA_FIELD(.name = "language", .kind = SANKOFA_TEXT, .initial = "en",
                  .options = SANKOFA_OPTIONS("en", "fr", "pt"),
                  .doc = "The language of the authorization: = case.language."),
    NULL,
};

static const struct sankofa_field *const issue_outputs[] = {
    SANKOFA_FIELD(.name = "reference", .kind = SANKOFA_TEXT,
                  .doc = "The request's reference: TA, the case code, the day of the request."),
    SANKOFA_FIELD(.name = "number", .kind = SANKOFA_TEXT,
                  .doc =
                      "The authorization's number; the reference where the authority gave none."),
    SANKOFA_FIELD(.name = "valid_until", .kind = SANKOFA_DATE,
                  .doc = "The authorization's last day."),
    SANKOFA_FIELD(.name = "text", .kind = SANKOFA_TEXT, .doc = "The authorization, to be printed."),
    NULL,
};

static const struct sankofa_field *const issue_answers[] = {
    SANKOFA_FIELD(.name = "granted", .kind = SANKOFA_BOOLEAN, .required = 1,
                  .doc = "Whether the authority lets the child travel."),
    SANKOFA_FIELD(.name = "authorization_number", .kind = SANKOFA_TEXT,
                  .doc = "The number the authority gave."),
    SANKOFA_FIELD(.name = "authorization_valid_until", .kind = SANKOFA_DATE,
                  .doc = "Its last day; left out: the travel document's."),
    SANKOFA_FIELD(.name = "granted_on", .kind = SANKOFA_DATE,
                  .doc = "The day the authority signed."),
    NULL,
};

static const struct sankofa_field *const clear_inputs[] = {
    SANKOFA_FIELD(.name = "travel_date", .kind = SANKOFA_DATE, .required = 1,
                  .doc = "The day on which everything must be valid."),
    SANKOFA_FIELD(.name = "authorization_valid_until", .kind = SANKOFA_DATE,
                  .doc = "The authorization's last day."),
    SANKOFA_FIELD(.name = "document_valid_until", .kind = SANKOFA_DATE,
                  .doc = "The travel document's last day."),
    SANKOFA_FIELD(.name = "document_margin_days", .kind = SANKOFA_INTEGER,
                  .initial = MARGIN_DAYS_DEFAULT, .unit = "days",
                  .doc = "How long it must be valid after the travel date."),
    SANKOFA_FIELD(.name = "fitness", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("fit", "fit_with_conditions", "unfit"),
                  .doc = "What the doctor found."),
    SANKOFA_FIELD(.name = "fitness_issued_on", .kind = SANKOFA_DATE,
                  .doc = "The day of the certificate of fitness."),
    SANKOFA_FIELD(.name = "fitness_days", .kind = SANKOFA_INTEGER, .initial = FITNESS_DAYS_DEFAULT,
                  .unit = "days", .doc = "How long that certificate is valid."),
    SANKOFA_FIELD(.name = "receiver_confirmed_on", .kind = SANKOFA_DATE,
                  .doc = "The day the receiver agreed."),
    SANKOFA_FIELD(.name = "receiver_days", .kind = SANKOFA_INTEGER,
                  .initial = RECEIVER_DAYS_DEFAULT, .unit = "days",
                  .doc = "How long that word counts."),
    SANKOFA_FIELD(.name = "decision_on", .kind = SANKOFA_DATE,
                  .doc = "The day of the best-interests decision."),
    SANKOFA_FIELD(.name = "decision_days", .kind = SANKOFA_INTEGER,
                  .initial = DECISION_DAYS_DEFAULT, .unit = "days",
                  .doc = "How long that decision counts."),
    SANKOFA_FIELD(.name = "consent_valid_until", .kind = SANKOFA_DATE,
                  .doc = "The consent's last day; left out: it has none."),
    NULL,
};

static const struct sankofa_field *const clear_outputs[] = {
    SANKOFA_FIELD(.name = "clear_until", .kind = SANKOFA_DATE,
                  .doc =
                      "The last day on which everything is valid: the child may leave until then."),
    SANKOFA_FIELD(.name = "ends_first", .kind = SANKOFA_TEXT, .doc = "The input that ends first."),
    NULL,
};

/* Days. */

struct day_text {
    char bytes[SANKOFA_DATE_BYTES];
};

static struct day_text day_write(int64_t day)
{
    struct day_text text;

    sankofa_day_write(day, text.bytes);
    return text;
}

/* A text that grows until it is full; what does not fit leaves it full and whole as it was. */
struct page {
    char text[TEXT_BYTES_MAX + 1];
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
    if (size < 0 || (size_t)size >= room) {
        page->text[page->size] = '\0';
        page->is_full = true;
    } else {
        page->size += (size_t)size;
    }
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

static bool input_is(const struct sankofa_host *host, struct sankofa_call *call, const char *input,
                     const char *word)
{
    struct sankofa_text text = sankofa_text_of(host, call, input);

    return text.size == strlen(word) && memcmp(text.bytes, word, text.size) == 0;
}

/* What does not hold. Faults name days and sums, never a person. */

/* A day that must be there. */
static bool read_day(const struct sankofa_host *host, struct sankofa_call *call, const char *input,
                     const char *missing, struct page *faults, int64_t *day_out)
{
    if (sankofa_day_read(sankofa_text_of(host, call, input), day_out))
        return true;
    page_add(faults, " %s", missing);
    return false;
}

/* What was confirmed on a day counts for some days: it must still count on the travel date. */
static void fault_of_age(const struct sankofa_host *host, struct sankofa_call *call,
                         const char *what, int64_t day, int64_t days, int64_t travel,
                         struct page *faults)
{
    if (day > sankofa_day_of_ms(host->now_ms(call)))
        page_add(faults, " %s is of %s, a day to come.", what, day_write(day).bytes);
    else if (travel - day > days)
        page_add(faults, " %s is of %s and counts for %" PRId64 " days: not on %s.", what,
                 day_write(day).bytes, days, day_write(travel).bytes);
}

static void find_faults_of_texts(const struct sankofa_host *host, struct sankofa_call *call,
                                 struct page *faults)
{
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (!is_line(sankofa_text_of(host, call, lines[i].input)))
            page_add(faults, " %s", lines[i].missing);
    if (!input_is(host, call, "fitness", "fit") &&
        !input_is(host, call, "fitness", "fit_with_conditions"))
        page_add(faults, " The child is not fit to travel.");
    if (language_of(sankofa_text_of(host, call, "language").bytes) == LANGUAGE_COUNT)
        page_add(faults, " The authorization is written in en, fr or pt.");
}

static void find_faults_of_numbers(const struct sankofa_host *host, struct sankofa_call *call,
                                   struct page *faults)
{
    int64_t budget = sankofa_integer_of(host, call, "budget", -1);
    int64_t ceiling = sankofa_integer_of(host, call, "budget_ceiling", -1);

    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        int64_t days = sankofa_integer_of(host, call, spans[i].input, -1);
        if (days < spans[i].days_min || days > DAYS_MAX)
            page_add(faults, " %s is not from %d to %d.", spans[i].input, spans[i].days_min,
                     DAYS_MAX);
    }
    if (budget < 0)
        page_add(faults, " There is no budget.");
    else if (ceiling < 0)
        page_add(faults, " There is no ceiling of the budget.");
    else if (budget > ceiling)
        page_add(faults, " The budget of %" PRId64 " XOF is above its ceiling of %" PRId64 " XOF.",
                 budget, ceiling);
}

static void find_faults_of_days(const struct sankofa_host *host, struct sankofa_call *call,
                                struct page *faults)
{
    int64_t travel, until, fitness, confirmed;
    int64_t margin = sankofa_integer_of(host, call, "document_margin_days", 0);

    if (!read_day(host, call, "travel_date", "There is no travel date.", faults, &travel))
        return;
    if (travel < sankofa_day_of_ms(host->now_ms(call)))
        page_add(faults, " The travel date, %s, is over.", day_write(travel).bytes);
    if (read_day(host, call, "document_valid_until", "The document has no last day.", faults,
                 &until) &&
        until - travel < margin)
        page_add(faults, " The document ends on %s: it must outlive %s by %" PRId64 " days.",
                 day_write(until).bytes, day_write(travel).bytes, margin);
    if (read_day(host, call, "fitness_issued_on", "The certificate of fitness has no date.", faults,
                 &fitness))
        fault_of_age(host, call, "The certificate of fitness", fitness,
                     sankofa_integer_of(host, call, "fitness_days", 0), travel, faults);
    if (read_day(host, call, "receiver_confirmed_on", "The receiver has not confirmed.", faults,
                 &confirmed))
        fault_of_age(host, call, "The receiver's word", confirmed,
                     sankofa_integer_of(host, call, "receiver_days", 0), travel, faults);
}

/* The request: its text, and what resume must know. */

struct request {
    int64_t until_ms, travel, document_until;
    enum language language;
    char reference[80];
};

/* Of inputs that were found to be one line, or a day. */
static void write_request(const struct sankofa_host *host, struct sankofa_call *call,
                          const struct request *request, struct page *page)
{
    enum language language = request->language;

    page_add(page, "%s %s\n", say("title", language), request->reference);
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        const char *text = sankofa_text_of(host, call, entries[i].input).bytes;
        page_add(page, "%s%s\n", entries[i].words[language],
                 entries[i].is_option ? say(text, language) : text);
    }
    page_add(page, "%s%" PRId64 "%s%" PRId64 " XOF\n", say("budget", language),
             sankofa_integer_of(host, call, "budget", 0), say("ceiling", language),
             sankofa_integer_of(host, call, "budget_ceiling", 0));
}

static enum sankofa_outcome park(const struct sankofa_host *host, struct sankofa_call *call,
                                 const struct request *request, const struct page *text)
{
    char cookie[SANKOFA_COOKIE_BYTES_MAX];
    int size =
        snprintf(cookie, sizeof(cookie), "TA1 %" PRId64 " %" PRId64 " %" PRId64 " %s\n%s\n%s",
                 request->until_ms, request->travel, request->document_until,
                 language_names[request->language], request->reference, text->text);

    host->park(call, SANKOFA_ANSWER | SANKOFA_TIME, request->until_ms, cookie, (size_t)size);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome issue(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct page faults = {.size = 0}, text = {.size = 0};
    struct request request;
    int64_t now_ms = host->now_ms(call);

    find_faults_of_texts(host, call, &faults);
    find_faults_of_numbers(host, call, &faults);
    find_faults_of_days(host, call, &faults);
    if (faults.size > 0)
        return host->fail(call, 0, faults.text + 1), SANKOFA_FAILED;
    sankofa_day_read(sankofa_text_of(host, call, "travel_date"), &request.travel);
    sankofa_day_read(sankofa_text_of(host, call, "document_valid_until"), &request.document_until);
    /* An answer after the day of the travel is of no use. */
    request.until_ms = now_ms + sankofa_integer_of(host, call, "answer_days", 0) * DAY_MS;
    if (request.until_ms > (request.travel + 1) * DAY_MS)
        request.until_ms = (request.travel + 1) * DAY_MS;
    int size = snprintf(request.reference, sizeof(request.reference), "TA-%s-%s",
                        sankofa_text_of(host, call, "case_code").bytes,
                        day_write(sankofa_day_of_ms(now_ms)).bytes);
    request.language = language_of(sankofa_text_of(host, call, "language").bytes);
    write_request(host, call, &request, &text);
    if (text.is_full || text.size > REQUEST_BYTES_MAX || (size_t)size >= sizeof(request.reference))
        return host->fail(call, 0, "The texts are too long for one authorization."), SANKOFA_FAILED;
    return park(host, call, &request, &text);
}

/* The waking. */

/* The request's text of what park wrote (1.0 named no language); NULL where that is not it. */
static const char *read_cookie(struct sankofa_text cookie, struct request *request,
                               char buffer[SANKOFA_COOKIE_BYTES_MAX + 1])
{
    int head = 0, used = 0;
    char language[3] = "en";

    if (cookie.size > SANKOFA_COOKIE_BYTES_MAX)
        return NULL;
    memcpy(buffer, cookie.bytes, cookie.size);
    buffer[cookie.size] = '\0';
    if (sscanf(buffer, "TA1 %" SCNd64 " %" SCNd64 " %" SCNd64 "%n", &request->until_ms,
               &request->travel, &request->document_until, &head) != 3 ||
        (buffer[head] != '\n' && sscanf(buffer + head, "%*1[ ]%2[a-z]%n", language, &used) != 1))
        return NULL;
    request->language = language_of(language);
    head += used;
    if (buffer[head] != '\n' || request->language == LANGUAGE_COUNT)
        return NULL;
    const char *reference = buffer + head + 1;
    const char *end = strchr(reference, '\n');
    if (!end || (size_t)(end - reference) >= sizeof(request->reference))
        return NULL;
    memcpy(request->reference, reference, (size_t)(end - reference));
    request->reference[end - reference] = '\0';
    return end + 1;
}

/* All zero where the field is not set. */
static struct sankofa_value answer_of(const struct sankofa_host *host, struct sankofa_call *call,
                                      const char *field)
{
    struct sankofa_value value, none;

    memset(&none, 0, sizeof(none));
    none.size = (uint32_t)sizeof(none);
    value = none;
    return host->answer(call, field, &value) == 1 ? value : none;
}

/* The authority said yes: does it hold on the travel date? */
static void find_faults_of_grant(const struct sankofa_host *host, struct sankofa_call *call,
                                 const struct request *request, int64_t valid_until,
                                 struct page *faults)
{
    int64_t granted_on;
    int64_t today = sankofa_day_of_ms(host->now_ms(call));
    struct sankofa_text signed_on = answer_of(host, call, "granted_on").text;
    struct sankofa_text number = answer_of(host, call, "authorization_number").text;

    if (request->travel < today)
        page_add(faults, " The answer came after the travel date, %s.",
                 day_write(request->travel).bytes);
    if (valid_until < request->travel)
        page_add(faults, " The authorization ends on %s, before the travel date, %s.",
                 day_write(valid_until).bytes, day_write(request->travel).bytes);
    if (number.size > NUMBER_BYTES_MAX || (number.size > 0 && !is_line(number)))
        page_add(faults, " The authorization's number is not one short line.");
    if (signed_on.size > 0 && (!sankofa_day_read(signed_on, &granted_on) || granted_on > today))
        page_add(faults, " The authorization was signed on no day until today.");
}

static enum sankofa_outcome finish(const struct sankofa_host *host, struct sankofa_call *call,
                                   const struct request *request, const char *text)
{
    struct page faults = {.size = 0}, page = {.size = 0};
    int64_t valid_until = request->document_until;
    struct sankofa_text until = answer_of(host, call, "authorization_valid_until").text;
    struct sankofa_text given = answer_of(host, call, "authorization_number").text;
    struct sankofa_text signed_on = answer_of(host, call, "granted_on").text;

    if (until.size > 0 && !sankofa_day_read(until, &valid_until))
        page_add(&faults, " The authorization's last day is no day.");
    find_faults_of_grant(host, call, request, valid_until, &faults);
    if (faults.size > 0)
        return host->fail(call, 0, faults.text + 1), SANKOFA_FAILED;
    const char *number = given.size > 0 ? given.bytes : request->reference;
    page_add(&page, "%s%s%s%s%s%s%s\n", text, say("granted", request->language), number,
             say("until", request->language), day_write(valid_until).bytes,
             signed_on.size > 0 ? say("signed_on", request->language) : "",
             signed_on.size > 0 ? signed_on.bytes : "");
    sankofa_put_text(host, call, "reference", request->reference);
    sankofa_put_text(host, call, "number", number);
    sankofa_put_date(host, call, "valid_until", day_write(valid_until).bytes);
    sankofa_put_text(host, call, "text", page.text);
    return SANKOFA_DONE;
}

static enum sankofa_outcome resume(const struct sankofa_host *host, struct sankofa_call *call)
{
    char buffer[SANKOFA_COOKIE_BYTES_MAX + 1], reason[80];
    struct request request;
    struct sankofa_text cookie = {"", 0};
    int woken_by = host->woken_by(call, &cookie);
    const char *text = read_cookie(cookie, &request, buffer);

    if (!text)
        return host->fail(call, 0, "What was parked cannot be read."), SANKOFA_FAILED;
    if (woken_by == SANKOFA_TIME) {
        snprintf(reason, sizeof(reason), "The authority gave no answer until %s.",
                 day_write(sankofa_day_of_ms(request.until_ms - 1)).bytes);
        return host->fail(call, 0, reason), SANKOFA_FAILED;
    }
    if (answer_of(host, call, "granted").integer != 1)
        return host->fail(call, 0, "Refused by the authority."), SANKOFA_FAILED;
    return finish(host, call, &request, text);
}

/* The authority was asked on paper: people tell it, if it must be told. */
static void drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, SANKOFA_INFO, "travel_authorization.dropped");
}

/* Whether everything covers the travel date. */

/* What is valid until a day that is told; `margin` days before it for `margin_input`. */
static const struct validity {
    const char *input;
    const char *what;
    const char *margin_input; /* NULL: none */
    bool may_be_unset;
} validities[] = {
    {"authorization_valid_until", "The authorization", NULL, false},
    {"document_valid_until", "The travel document", "document_margin_days", false},
    {"consent_valid_until", "The consent", NULL, true},
};

/* What counts for some days from a day that is told. */
static const struct ageing {
    const char *input;
    const char *what;
    const char *days_input;
} ageings[] = {
    {"fitness_issued_on", "The certificate of fitness", "fitness_days"},
    {"receiver_confirmed_on", "The receiver's word", "receiver_days"},
    {"decision_on", "The best-interests decision", "decision_days"},
};

/* Where the clearing stands: refusals so far, and what ends first. */
struct clearing {
    const struct sankofa_host *host;
    struct sankofa_call *call;
    int64_t travel, today, until;
    const char *ends_first;
    int refused;
};

__attribute__((format(printf, 3, 4))) static void refuse(struct clearing *clearing,
                                                         const char *input, const char *format, ...)
{
    char reason[200];
    va_list list;

    va_start(list, format);
    vsnprintf(reason, sizeof(reason), format, list);
    va_end(list);
    clearing->host->refuse(clearing->call, input, reason);
    clearing->refused++;
}

/* Something is valid until that day. */
static void cover(struct clearing *clearing, const char *input, const char *what, int64_t until)
{
    if (until < clearing->travel)
        refuse(clearing, input, "%s covers %s, not the travel date, %s.", what,
               day_write(until).bytes, day_write(clearing->travel).bytes);
    else if (!clearing->ends_first || until < clearing->until) {
        clearing->until = until;
        clearing->ends_first = input;
    }
}

/* A span in days, which the workflow gives. */
static int64_t span_of(struct clearing *clearing, const char *input)
{
    int64_t days = sankofa_integer_of(clearing->host, clearing->call, input, -1);

    if (days < 0 || days > DAYS_MAX)
        refuse(clearing, input, "Give a number of days from 0 to %d.", DAYS_MAX);
    return days < 0 || days > DAYS_MAX ? 0 : days;
}

/* True: the day is there, and is one. */
static bool take_day(struct clearing *clearing, const char *input, bool may_be_unset,
                     int64_t *day_out)
{
    struct sankofa_text text = sankofa_text_of(clearing->host, clearing->call, input);

    if (text.size == 0 && may_be_unset)
        return false;
    if (sankofa_day_read(text, day_out))
        return true;
    refuse(clearing, input, "There is no such day: it is needed before the child leaves.");
    return false;
}

static void clear_validities(struct clearing *clearing)
{
    for (size_t i = 0; i < sizeof(validities) / sizeof(validities[0]); i++) {
        const struct validity *one = &validities[i];
        int64_t margin = one->margin_input ? span_of(clearing, one->margin_input) : 0, until;
        if (take_day(clearing, one->input, one->may_be_unset, &until))
            cover(clearing, one->input, one->what, until - margin);
    }
}

static void clear_ageings(struct clearing *clearing)
{
    for (size_t i = 0; i < sizeof(ageings) / sizeof(ageings[0]); i++) {
        const struct ageing *one = &ageings[i];
        int64_t days = span_of(clearing, one->days_input), from;
        if (!take_day(clearing, one->input, false, &from))
            continue;
        if (from > clearing->today)
            refuse(clearing, one->input, "%s is of %s, a day to come.", one->what,
                   day_write(from).bytes);
        else
            cover(clearing, one->input, one->what, from + days);
    }
}

static enum sankofa_outcome clear(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct clearing clearing = {
        .host = host, .call = call, .today = sankofa_day_of_ms(host->now_ms(call))};

    if (!take_day(&clearing, "travel_date", false, &clearing.travel))
        return SANKOFA_REFUSED;
    if (clearing.travel < clearing.today)
        refuse(&clearing, "travel_date", "The travel date, %s, is over.",
               day_write(clearing.travel).bytes);
    clear_validities(&clearing);
    clear_ageings(&clearing);
    if (!input_is(host, call, "fitness", "fit") &&
        !input_is(host, call, "fitness", "fit_with_conditions"))
        refuse(&clearing, "fitness", "The child is not fit to travel.");
    if (clearing.refused > 0)
        return SANKOFA_REFUSED;
    sankofa_put_date(host, call, "clear_until", day_write(clearing.until).bytes);
    sankofa_put_text(host, call, "ends_first", clearing.ends_first);
    return SANKOFA_DONE;
}

static const struct sankofa_step_type issue_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_IDEMPOTENT,
    .name = "issue",
    .summary = "Assembles a travel authorization and waits for the authority's answer.",
    .inputs = issue_inputs,
    .outputs = issue_outputs,
    .answers = issue_answers,
    .run = issue,
    .resume = resume,
    .drop = drop,
};

static const struct sankofa_step_type clear_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_CHECK | SANKOFA_IDEMPOTENT,
    .name = "clear",
    .summary = "Tells whether every validity covers the travel date.",
    .inputs = clear_inputs,
    .outputs = clear_outputs,
    .run = clear,
};

static const struct sankofa_step_type *const step_types[] = {&issue_type, &clear_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "travel_authorization",
    .version = "1.1.0",
    .summary = "The authorization without which no child of the programme travels.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
