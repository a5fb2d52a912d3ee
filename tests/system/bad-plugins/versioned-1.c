/* The first version. */
#define VERSION    "1.0"
#define STEP_TYPES &check_type, &work_type, &wait_type, &nap_type
#include "versioned.h"
