/* The bytes of a response: they may hold recovery shares, so the library gets memory that is wiped.
 */
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "base/check.h"

/* The library frees it once it was sent. */
struct answer {
    size_t size;
    char bytes[];
};

static void answer_destroy(void *self)
{
    struct answer *answer = self;

    explicit_bzero(answer->bytes, answer->size);
    free(answer);
}

struct MHD_Response *response_create(const struct request *request)
{
    struct answer *answer = malloc(sizeof(*answer) + request->answer.size);

    CHECK(answer);
    answer->size = request->answer.size;
    memcpy(answer->bytes, request->answer.bytes, request->answer.size);
    return MHD_create_response_from_buffer_with_free_callback_cls(answer->size, answer->bytes,
                                                                  answer_destroy, answer);
}
