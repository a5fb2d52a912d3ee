/* What goes back to malloc holds nothing any more: free() itself is watched. Not under
 * AddressSanitizer, which has its own. */
#include "fixture.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/wipe.h"

#if !defined(__SANITIZE_ADDRESS__)

static size_t freed_count, found_count; /* and of those with the text in them */
static const char secret[] = "Kankalaba village, the blue house";

void __libc_free(void *bytes);
void free(void *bytes)
{
    if (bytes) {
        size_t size = malloc_usable_size(bytes);
        freed_count++;
        found_count += memmem(bytes, size, secret, sizeof(secret) - 1) != NULL;
    }
    __libc_free(bytes);
}

static char *new_secret(size_t size)
{
    char *bytes = malloc(size);

    assert_non_null(bytes);
    freed_count = found_count = 0;
    strcpy(bytes + size - sizeof(secret), secret);
    return bytes;
}

static void the_watch_finds_what_is_there(void **state)
{
    (void)state;
    void (*volatile give_back)(void *) = free; /* the compiler knows free(), and leaves it out */
    give_back(new_secret(1000));
    assert_int_equal(freed_count, 1);
    assert_int_equal(found_count, 1);
}

static void what_is_freed_is_wiped(void **state)
{
    (void)state;
    wipe_free(new_secret(1000));
    assert_int_equal(freed_count, 1);
    assert_int_equal(found_count, 0);
    wipe_free(NULL);
}

static void what_grows_is_kept_and_wiped_where_it_was(void **state)
{
    (void)state;
    char *bytes = wipe_grow(new_secret(100), 100, 100000);
    assert_int_equal(freed_count, 1);
    assert_int_equal(found_count, 0);
    assert_string_equal(bytes + 100 - sizeof(secret), secret);
    wipe_free(bytes);
    assert_int_equal(found_count, 0);
    wipe_free(wipe_grow(NULL, 0, 10));
}

static void blocks_of_an_arena_are_wiped(void **state)
{
    (void)state;
    struct arena *one = arena_create("test");

    freed_count = found_count = 0;
    for (int i = 0; i < 3; i++) {
        arena_copy(one, secret, sizeof(secret));
        for (int k = 0; k < 2000; k++)
            arena_copy(one, secret, sizeof(secret));
        arena_reset(one);
    }
    arena_destroy(one);
    assert_true(freed_count > 6);
    assert_int_equal(found_count, 0);
}

static void what_json_was_read_with_is_wiped(void **state)
{
    (void)state;
    struct arena *one = arena_create("test");
    struct text json = text_printf(one, "{\"title\": [\"%s\"], \"%s\": 1}", secret, secret);
    struct value value;

    freed_count = found_count = 0;
    assert_int_equal(json_read(one, json, &value, NULL), 0);
    arena_destroy(one);
    assert_true(freed_count > 4);
    assert_int_equal(found_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_watch_finds_what_is_there),
        cmocka_unit_test(what_is_freed_is_wiped),
        cmocka_unit_test(what_grows_is_kept_and_wiped_where_it_was),
        cmocka_unit_test(blocks_of_an_arena_are_wiped),
        cmocka_unit_test(what_json_was_read_with_is_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif
