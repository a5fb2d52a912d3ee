/* assessment: what the evidence says about a child's return, before the panel decides.
 *
 * The happy path of the check `score`:
 * 1. Every indicator that the rules demand must be there and known; what was heard or seen too long
 *    ago does not count. What is missing is refused, each with its reason, all at once.
 * 2. Each indicator gives points (the tables below); their sum, at most 10, is the risk.
 * 3. The first rule that holds gives the recommendation; the reasons say which points and which
 *    rule.
 *
 * The panel decides, never this table: it recommends no third country, because nothing it is told
 * speaks for or against one. Every number here is the programme's proposal, an editable default. */
#include <sankofa/step.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* The rules. */

#define THRESHOLD_DEFAULT     "6"
#define EVIDENCE_DAYS_DEFAULT "90"
enum { RISK_MAX = 10, EVIDENCE_DAYS_MAX = 365 };

/* Whether tracing was done, and what it found, decides what evidence there can be. */
enum demand { DEMAND_ALWAYS, DEMAND_SOUGHT, DEMAND_FOUND };

struct grade {
    const char *option;
    int points;
    const char *reason;
};

static const struct grade family_found_grades[] = {
    {"yes", 0, "The family was found."},
    {"no", 3, "The family was not found."},
    {"not_sought", 3, "The family was not looked for."},
    {NULL, 0, NULL},
};

static const struct grade child_wish_grades[] = {
    {"wants_return", 0, "The child wants to return."},
    {"unsure", 1, "The child is unsure: hear the child again before the decision."},
    {"refuses", 2, "The child refuses to return."},
    {NULL, 0, NULL},
};

static const struct grade retrafficking_risk_grades[] = {
    {"low", 0, "The risk of being trafficked again is low."},
    {"medium", 1, "The risk of being trafficked again is medium."},
    {"high", 3, "The risk of being trafficked again is high."},
    {NULL, 0, NULL},
};

static const struct grade household_grades[] = {
    {"safe", 0, "The household is safe."},
    {"safe_with_measures", 2, "The household is safe only with the measures named."},
    {"unsafe", 4, "The household is unsafe."},
    {NULL, 0, NULL},
};

static const struct grade carer_agrees_grades[] = {
    {"yes", 0, "The carer agrees and is able."},
    {"conditional", 1, "The carer agrees on conditions."},
    {"no", 3, "The carer does not agree."},
    {NULL, 0, NULL},
};

static const struct grade proof_of_relationship_grades[] = {
    {"document", 0, "A document proves the relationship."},
    {"dna", 0, "A DNA test proves the relationship."},
    {"chief", 1, "The chief vouches for the relationship."},
    {"photo", 1, "A photograph speaks for the relationship."},
    {"child_recognition", 1, "The child recognised the family."},
    {"none", 2, "Nothing proves the relationship."},
    {NULL, 0, NULL},
};

static const struct grade prior_involvement_grades[] = {
    {"none", 0, "The family had no part in the departure."},
    {"suspected", 2, "The family is suspected of a part in the departure."},
    {"known", 4, "The family is known to have had a part in the departure."},
    {NULL, 0, NULL},
};

enum {
    FAMILY_FOUND,
    CHILD_WISH,
    RETRAFFICKING_RISK,
    HOUSEHOLD,
    CARER_AGREES,
    PROOF_OF_RELATIONSHIP,
    PRIOR_INVOLVEMENT,
    INDICATOR_COUNT
};

static const struct indicator {
    const char *input;
    enum demand demand;
    const struct grade *grades;
    const char *missing;
} indicators[INDICATOR_COUNT] = {
    [FAMILY_FOUND] = {"family_found", DEMAND_ALWAYS, family_found_grades,
                      "Say whether the family was found."},
    [CHILD_WISH] = {"child_wish", DEMAND_ALWAYS, child_wish_grades,
                    "The child must be heard before anything is recommended."},
    [RETRAFFICKING_RISK] = {"retrafficking_risk", DEMAND_SOUGHT, retrafficking_risk_grades,
                            "The risk of being trafficked again is not assessed."},
    [HOUSEHOLD] = {"household", DEMAND_FOUND, household_grades,
                   "The safety of the household is not assessed."},
    [CARER_AGREES] = {"carer_agrees", DEMAND_FOUND, carer_agrees_grades,
                      "Nobody has asked whether the carer agrees and is able."},
    [PROOF_OF_RELATIONSHIP] = {"proof_of_relationship", DEMAND_FOUND, proof_of_relationship_grades,
                               "Say what proves the relationship, or that nothing does."},
    [PRIOR_INVOLVEMENT] = {"prior_involvement", DEMAND_FOUND, prior_involvement_grades,
                           "The family's part in the departure is not assessed."},
};

/* Evidence that ages. */
static const struct dated {
    const char *input;
    enum demand demand;
    const char *what;
} dated[] = {
    {"child_heard_on", DEMAND_ALWAYS, "The child was heard"},
    {"family_assessed_on", DEMAND_FOUND, "The family was assessed"},
};

/* What forbids to recommend a return to any place, then what forbids one to the family. The first
 * that holds is told. */
static const struct bar {
    int indicator;
    const char *option;
    bool any_return;
    const char *reason;
} bars[] = {
    {CHILD_WISH, "refuses", true, "No return is recommended against the child's will."},
    {FAMILY_FOUND, "not_sought", true, "Without tracing no return is recommended."},
    {RETRAFFICKING_RISK, "high", true,
     "No child is returned to where it would likely be trafficked again."},
    {FAMILY_FOUND, "no", false, "There is no family to return to."},
    {HOUSEHOLD, "unsafe", false, "No child is returned to an unsafe household."},
    {PRIOR_INVOLVEMENT, "known", false, "No child is returned to those who sent it away."},
    {CARER_AGREES, "no", false, "A child is returned only to a carer who agrees and is able."},
    {PROOF_OF_RELATIONSHIP, "none", false, "A child is returned only to proven relatives."},
};

/* Inputs and outputs. */

static const struct sankofa_field *const score_inputs[] = {
    SANKOFA_FIELD(.name = "family_found", .kind = SANKOFA_TEXT, .required = 1,
                  .options = SANKOFA_OPTIONS("yes", "no", "not_sought"),
                  .doc = "What tracing found; not_sought where it was not done."),
    SANKOFA_FIELD(.name = "child_wish", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("wants_return", "unsure", "refuses", "unknown"),
                  .doc = "What the child says about a return."),
    SANKOFA_FIELD(.name = "child_heard_on", .kind = SANKOFA_DATE,
                  .doc = "The day the child was heard."),
    SANKOFA_FIELD(.name = "retrafficking_risk", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("low", "medium", "high", "unknown"),
                  .doc = "The risk of being trafficked again; demanded where tracing was done."),
    SANKOFA_FIELD(.name = "household", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("safe", "safe_with_measures", "unsafe", "unknown"),
                  .doc = "The safety of the household; demanded where the family was found."),
    SANKOFA_FIELD(.name = "measures", .kind = SANKOFA_TEXT,
                  .doc = "The measures; demanded where the household is safe with measures."),
    SANKOFA_FIELD(.name = "carer_agrees", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("yes", "conditional", "no", "unknown"),
                  .doc =
                      "Whether the carer agrees and is able; demanded where the family was found."),
    SANKOFA_FIELD(.name = "proof_of_relationship", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("document", "chief", "photo", "child_recognition",
                                             "dna", "none", "unknown"),
                  .doc = "The best proof there is; demanded where the family was found."),
    SANKOFA_FIELD(.name = "prior_involvement", .kind = SANKOFA_TEXT,
                  .options = SANKOFA_OPTIONS("none", "suspected", "known", "unknown"),
                  .doc =
                      "The family's part in the departure; demanded where the family was found."),
    SANKOFA_FIELD(.name = "family_assessed_on", .kind = SANKOFA_DATE,
                  .doc = "The day the family was assessed; demanded where it was found."),
    SANKOFA_FIELD(.name = "protection_claim", .kind = SANKOFA_BOOLEAN, .initial = "false",
                  .doc = "Whether a claim for international protection is open."),
    SANKOFA_FIELD(
            .name = "threshold", .kind = SANKOFA_INTEGER, .initial = THRESHOLD_DEFAULT,
            .doc = "The highest risk, 0 to 10, with which a return to the family is recommended."),
    SANKOFA_FIELD(.name = "evidence_days", .kind = SANKOFA_INTEGER,
                  .initial = EVIDENCE_DAYS_DEFAULT, .unit = "days",
                  .doc = "How old evidence may be, 1 to 365."),
    NULL,
};

static const struct sankofa_field *const score_outputs[] = {
    SANKOFA_FIELD(.name = "risk", .kind = SANKOFA_INTEGER, .doc = "0 (low) to 10."),
    SANKOFA_FIELD(.name = "recommendation", .kind = SANKOFA_TEXT,
                  .options =
                      SANKOFA_OPTIONS("return_family", "return_alternative", "local_solution"),
                  .doc = "What the evidence speaks for; the panel decides."),
    SANKOFA_FIELD(
            .name = "reasons", .kind = SANKOFA_TEXT,
            .doc = "Each indicator with its points, then the rule that gave the recommendation."),
    NULL,
};

static bool text_is(struct sankofa_text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.bytes, word, text.size) == 0;
}

/* NULL where the input is unset, unknown or none of the options. */
static const struct grade *grade_of(const struct indicator *indicator, struct sankofa_text text)
{
    for (const struct grade *grade = indicator->grades; grade->option; grade++)
        if (text_is(text, grade->option))
            return grade;
    return NULL;
}

static enum demand demand_met(const struct grade *family_found)
{
    if (!family_found || strcmp(family_found->option, "not_sought") == 0)
        return DEMAND_ALWAYS;
    return strcmp(family_found->option, "no") == 0 ? DEMAND_SOUGHT : DEMAND_FOUND;
}

/* Grades every indicator that is demanded; the others stay NULL. Returns how many are missing. */
static int grade_all(const struct sankofa_host *host, struct sankofa_call *call,
                     const struct grade *grades[INDICATOR_COUNT], enum demand *demand_out)
{
    int missing = 0;

    *demand_out = demand_met(
        grade_of(&indicators[FAMILY_FOUND], sankofa_text_of(host, call, "family_found")));
    for (int i = 0; i < INDICATOR_COUNT; i++) {
        grades[i] = NULL;
        if (indicators[i].demand > *demand_out)
            continue;
        grades[i] = grade_of(&indicators[i], sankofa_text_of(host, call, indicators[i].input));
        if (!grades[i]) {
            host->refuse(call, indicators[i].input, indicators[i].missing);
            missing++;
        }
    }
    return missing;
}

/* Refuses one dated evidence that is missing, too old, or of the future. */
static int refuse_by_age(const struct sankofa_host *host, struct sankofa_call *call,
                         const struct dated *evidence, int64_t days_max)
{
    char reason[160];
    int64_t day;
    int64_t today = sankofa_day_of_ms(host->now_ms(call));
    struct sankofa_text text = sankofa_text_of(host, call, evidence->input);

    if (!sankofa_day_read(text, &day))
        snprintf(reason, sizeof(reason), "%s: on which day is not said.", evidence->what);
    else if (day > today)
        snprintf(reason, sizeof(reason), "%s on a day that is still to come.", evidence->what);
    else if (today - day > days_max)
        snprintf(reason, sizeof(reason),
                 "%s %" PRId64 " days ago; evidence counts for %" PRId64 " days.", evidence->what,
                 today - day, days_max);
    else
        return 0;
    host->refuse(call, evidence->input, reason);
    return 1;
}

static int refuse_all(const struct sankofa_host *host, struct sankofa_call *call,
                      const struct grade *grades[INDICATOR_COUNT])
{
    enum demand demand;
    int refused = grade_all(host, call, grades, &demand);
    int64_t threshold = sankofa_integer_of(host, call, "threshold", -1);
    int64_t days_max = sankofa_integer_of(host, call, "evidence_days", 0);

    if (threshold < 0 || threshold > RISK_MAX) {
        host->refuse(call, "threshold", "The threshold is a risk from 0 to 10.");
        refused++;
    }
    if (days_max < 1 || days_max > EVIDENCE_DAYS_MAX) {
        host->refuse(call, "evidence_days", "Evidence counts for 1 to 365 days.");
        return refused + 1;
    }
    for (size_t i = 0; i < sizeof(dated) / sizeof(dated[0]); i++)
        if (dated[i].demand <= demand)
            refused += refuse_by_age(host, call, &dated[i], days_max);
    if (grades[HOUSEHOLD] && strcmp(grades[HOUSEHOLD]->option, "safe_with_measures") == 0 &&
        sankofa_text_of(host, call, "measures").size == 0) {
        host->refuse(call, "measures", "Name the measures that make the household safe.");
        refused++;
    }
    return refused;
}

/* The reasons: sentences of this file alone, so that their room is known. */
struct reasons {
    char text[1600];
    size_t size;
};

static void reason_add(struct reasons *reasons, const char *sentence, int points)
{
    int size = points > 0
                   ? snprintf(reasons->text + reasons->size, sizeof(reasons->text) - reasons->size,
                              "%s%s (+%d)", reasons->size ? " " : "", sentence, points)
                   : snprintf(reasons->text + reasons->size, sizeof(reasons->text) - reasons->size,
                              "%s%s", reasons->size ? " " : "", sentence);

    reasons->size += (size_t)size;
}

static const struct bar *bar_of(const struct grade *const grades[INDICATOR_COUNT])
{
    for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++)
        if (grades[bars[i].indicator] &&
            strcmp(grades[bars[i].indicator]->option, bars[i].option) == 0)
            return &bars[i];
    return NULL;
}

/* What the evidence speaks for, and why. */
static const char *recommend(const struct grade *const grades[INDICATOR_COUNT], bool has_claim,
                             bool is_above, struct reasons *reasons)
{
    const struct bar *bar = bar_of(grades);

    if (has_claim) {
        reason_add(reasons, "A claim for international protection is open: no return.", 0);
        return "local_solution";
    }
    if (bar) {
        reason_add(reasons, bar->reason, 0);
        return bar->any_return ? "local_solution" : "return_alternative";
    }
    if (is_above) {
        reason_add(reasons, "The risk is above what a return to the family allows.", 0);
        return "return_alternative";
    }
    reason_add(reasons, "Nothing forbids a return to the family.", 0);
    return "return_family";
}

static enum sankofa_outcome score(const struct sankofa_host *host, struct sankofa_call *call)
{
    const struct grade *grades[INDICATOR_COUNT];
    struct reasons reasons = {"", 0};
    int risk = 0;

    if (refuse_all(host, call, grades) > 0)
        return SANKOFA_REFUSED;
    for (int i = 0; i < INDICATOR_COUNT; i++) {
        if (!grades[i])
            continue;
        risk += grades[i]->points;
        reason_add(&reasons, grades[i]->reason, grades[i]->points);
    }
    risk = risk > RISK_MAX ? RISK_MAX : risk;
    bool has_claim = sankofa_integer_of(host, call, "protection_claim", 0) != 0;
    bool is_above = risk > sankofa_integer_of(host, call, "threshold", 0);
    const char *recommendation = recommend(grades, has_claim, is_above, &reasons);
    sankofa_put_integer(host, call, "risk", risk);
    sankofa_put_text(host, call, "recommendation", recommendation);
    sankofa_put_text(host, call, "reasons", reasons.text);
    return SANKOFA_DONE;
}

static const struct sankofa_step_type score_type = {
    .size = sizeof(struct sankofa_step_type),
    .flags = SANKOFA_CHECK | SANKOFA_IDEMPOTENT,
    .name = "score",
    .summary = "Scores the evidence about a return and recommends what it speaks for.",
    .inputs = score_inputs,
    .outputs = score_outputs,
    .run = score,
};

static const struct sankofa_step_type *const step_types[] = {&score_type, NULL};

static const struct sankofa_plugin plugin = {
    .size = sizeof(struct sankofa_plugin),
    .abi = SANKOFA_ABI,
    .name = "assessment",
    .version = "1.0.0",
    .summary = "Risk and recommendation from the evidence about a child's return.",
    .step_types = step_types,
};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
