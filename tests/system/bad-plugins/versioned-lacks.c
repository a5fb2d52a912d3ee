/* A version without a step type of the first. */
#define VERSION    "3.0"
#define STEP_TYPES &check_type, &wait_type, &nap_type
#include "versioned.h"

const void *const unused = &work_type;
