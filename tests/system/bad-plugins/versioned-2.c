/* The next version, which does all that the first did. */
#define VERSION    "2.0"
#define STEP_TYPES &check_type, &work_type, &wait_type, &nap_type
#include "versioned.h"
