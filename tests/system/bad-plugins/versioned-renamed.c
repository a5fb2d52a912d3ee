/* A version whose output has another name. */
#define VERSION     "4.0"
#define NUMBER_NAME "figure"
#define STEP_TYPES  &check_type, &work_type, &wait_type, &nap_type
#include "versioned.h"
