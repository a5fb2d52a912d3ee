/* The faults of a workflow file, by stable code. A code is never used again for another fault.
 * tests/unit/workflow/examples holds a bad and a good file for each. */
#ifndef SANKOFA_WORKFLOW_CODES_H
#define SANKOFA_WORKFLOW_CODES_H

#include <stddef.h>

/* Of the shape: what a key is and what may stand under it. */
#define E_KEY_MISSING "E100"
#define E_KEY_UNKNOWN "E101"
/* E102 told of parts of the language that the first version could not run. */
#define E_KIND             "E103" /* a map, list, text or number where another is needed */
#define E_KEY_MISPLACED    "E104"
#define E_ID               "E105"
#define E_STATE_TWICE      "E106"
#define E_STEP_TWICE       "E107"
#define E_TRANSITION_TWICE "E108"
#define E_EMPTY            "E109"
/* Of names. */
#define E_ROLE         "E110"
#define E_FIELD        "E111"
#define E_STEP         "E112"
#define E_WORD         "E113"
#define E_STATE        "E114"
#define E_INITIAL      "E115"
#define E_TOGETHER     "E116"
#define E_NOBODY       "E117"
#define E_EVENT        "E118"
#define E_FORMS_DIFFER "E119"
#define E_CHECK_TWICE  "E120"
#define E_ENGINE_EVENT "E121"
/* Of values. */
#define E_SPAN        "E122"
#define E_WORDS       "E123"
#define E_LANGUAGE    "E124"
#define E_ZONE        "E125"
#define E_COUNTRY     "E126"
#define E_LITERAL     "E127"
#define E_INPUT_VALUE "E128"
#define E_RULE        "E129"
/* Of plugins. */
#define E_USE            "E130"
#define E_PLUGIN         "E131"
#define E_STEP_TYPE      "E132"
#define E_STEP_KIND      "E133"
#define E_INPUT          "E135"
#define E_INPUT_MISSING  "E136"
#define E_OUTPUT         "E137"
#define E_OUTPUT_KIND    "E138"
#define E_ANSWER_MISSING "E139"
#define E_ANSWER_KIND    "E140"
#define E_ANSWER_NEEDED  "E141"
#define E_ANSWER_IDLE    "E142"
/* Of the rest. */
#define E_ACTION     "E143"
#define E_TOO_MANY   "E144"
#define E_REGION     "E145"
#define E_NAME_TWICE "E146"
#define E_EXPRESSION "E147"
/* Of statecharts, beyond the names above. */
#define E_WILDCARD  "E150"
#define E_HISTORY   "E151"
#define E_DEFAULT   "E152"
#define E_SEND      "E153"
#define E_AMBIGUOUS "E154"
#define E_RETRY     "E155"

/* Of overlays. */
#define E_EXTENDS "E160"
#define E_FINAL   "E161"
#define E_PLACE   "E162"
/* Of the people's rules. */
#define E_APPROVERS   "E170"
#define E_REMINDER    "E171"
#define E_HOURS       "E172"
#define E_DAY         "E173"
#define E_NO_WORKDAY  "E174"
#define E_NO_CALENDAR "E175"
#define E_WORKDAYS    "E176"
#define E_EXCLUDE     "E177"

#define W_UNREACHABLE "W200"
#define W_DEAD_END    "W201"
#define W_STUCK       "W202"
#define W_NO_BY       "W203"
#define W_RESET       "W204"
#define W_YES_NO      "W205"
#define W_NEVER_SET   "W206"
#define W_NEVER_DONE  "W207"
#define W_PLUGIN      "W208" /* a stored definition that does not fit the plugin as it is now */
#define W_IN_HISTORY  "W209"
#define W_TOO_FEW     "W210" /* approvals that too few people can give, where people are known */
#define W_NOTHING     "W220" /* an overlay deletes what is not there */

struct workflow_code {
    const char *code;
    const char *title;
};

/* In order of their codes. */
extern const struct workflow_code workflow_codes[];
extern const size_t workflow_code_count;

#endif
