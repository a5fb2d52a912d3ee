/* A version that cannot wake what the first has parked. */
#define VERSION    "5.0"
#define STEP_TYPES &check_type, &work_type, &wait_type, &nap_type
#define NAP_RESUME NULL
#include "versioned.h"
