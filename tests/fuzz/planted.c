/* A target with a fault, which run.py must find before it trusts that the others have none. */
#include "base/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct value value;

    if (json_read(arena, (struct text){(const char *)data, size}, &value, NULL) == 0)
        CHECK(value_at(&value, "no") == NULL);
    return 0;
}
