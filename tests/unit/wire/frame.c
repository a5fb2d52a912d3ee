/* Frames to bytes and back, and what can never be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "wire/wire.h"

static int set_up(void **state)
{
    *state = arena_create("test");
    return 0;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct wire_frame frame_of(struct arena *arena, enum wire_kind kind, uint64_t call)
{
    struct wire_frame frame = {.kind = kind, .call = call, .body = value_map(arena)};
    value_put(&frame.body, "step", value_cstring("score"));
    return frame;
}

static struct text bytes_of(struct arena *arena, enum wire_kind kind, uint64_t call)
{
    struct wire_frame frame = frame_of(arena, kind, call);
    struct text bytes;
    assert_int_equal(wire_write(arena, &frame, &bytes), 0);
    return bytes;
}

static void a_frame_is_laid_out_as_the_header_says(void **state)
{
    static const char expected[] = "\x10\0\0\0"
                                   "\3\0\0\0"
                                   "\xef\xcd\xab\x89\x67\x45\x23\x01"
                                   "{\"step\":\"score\"}";
    struct text bytes = bytes_of(*state, WIRE_RUN, 0x0123456789abcdef);
    assert_int_equal(bytes.size, sizeof expected - 1);
    assert_memory_equal(bytes.bytes, expected, bytes.size);
}

static void every_kind_is_read_as_it_was_written(void **state)
{
    struct arena *arena = *state;
    for (enum wire_kind kind = WIRE_LOADED; kind <= WIRE_SECRETS; kind++) {
        bool is_of_plugin = kind <= WIRE_UNLOADED || kind == WIRE_SECRETS;
        struct wire_frame read;
        const char *why;
        struct text bytes = bytes_of(arena, kind, is_of_plugin ? 0 : 7);
        assert_int_equal(wire_read(arena, bytes, &read, &why), bytes.size);
        assert_int_equal(read.kind, kind);
        assert_int_equal(read.call, is_of_plugin ? 0 : 7);
        assert_true(text_is(value_text_at(&read.body, "step"), "score"));
    }
}

/* Also that no byte behind the given ones is read: the copy ends where they end. */
static void a_frame_that_is_not_whole_is_waited_for(void **state)
{
    struct arena *arena = *state;
    struct text bytes = bytes_of(arena, WIRE_RUN, 1);
    for (size_t size = 0; size < bytes.size; size++) {
        struct wire_frame read;
        const char *why;
        char *part = test_malloc(size + 1);
        memcpy(part, bytes.bytes, size);
        assert_int_equal(wire_read(arena, (struct text){part, size}, &read, &why), 0);
        test_free(part);
    }
}

static void one_frame_is_taken_and_the_next_one_left(void **state)
{
    struct arena *arena = *state;
    struct text first = bytes_of(arena, WIRE_RUN, 1), second = bytes_of(arena, WIRE_CANCEL, 1);
    struct text both = text_printf(arena, "%*s", (int)(first.size + second.size), "");
    memcpy((char *)both.bytes, first.bytes, first.size);
    memcpy((char *)both.bytes + first.size, second.bytes, second.size);
    struct wire_frame read;
    const char *why;
    int64_t size = wire_read(arena, both, &read, &why);
    assert_int_equal(size, first.size);
    assert_int_equal(
        wire_head((struct text){both.bytes + size, both.size - (size_t)size}, &read, &why),
        second.size);
    assert_int_equal(read.kind, WIRE_CANCEL);
}

static void refuses(struct arena *arena, const void *bytes, size_t size, const char *words)
{
    struct wire_frame read;
    const char *why = NULL;
    assert_int_equal(wire_read(arena, (struct text){bytes, size}, &read, &why), -EPROTO);
    assert_string_equal(why, words);
}

static void what_is_no_frame_is_refused_by_its_head(void **state)
{
    refuses(*state, "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16, "its kind is unknown");
    refuses(*state, "\1\0\0\0\x0a\0\0\0\1\0\0\0\0\0\0\0", 16, "its kind is unknown");
    refuses(*state, "\1\0\0\0\xff\xff\0\0\1\0\0\0\0\0\0\0", 16, "its kind is unknown");
    refuses(*state, "\1\0\0\0\7\0\1\0\1\0\0\0\0\0\0\0", 16,
            "its head holds something where zeros belong");
    refuses(*state, "\1\0\x40\0\7\0\0\0\1\0\0\0\0\0\0\0", 16, "it is larger than 4 MiB");
    refuses(*state, "\xff\xff\xff\xff\7\0\0\0\1\0\0\0\0\0\0\0", 16, "it is larger than 4 MiB");
    refuses(*state, "\2\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0", 16, "it names no call");
    refuses(*state, "\2\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0", 16, "it names a call where none belongs");
}

static void a_body_that_is_no_json_object_is_refused(void **state)
{
    refuses(*state, "\2\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0[]", 18, "its body is no object");
    refuses(*state, "\2\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0{\"", 18, "its body is not JSON");
    refuses(*state, "\0\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0", 16, "its body is not JSON");
    refuses(*state, "\4\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0{} x", 20, "its body is not JSON");
}

static void what_no_reader_takes_is_not_written(void **state)
{
    struct arena *arena = *state;
    struct wire_frame frame = frame_of(arena, WIRE_RUN, 1);
    struct text bytes;
    struct value deep = value_list(arena);
    struct value bad[] = {value_double(NAN), value_double(INFINITY), value_cstring("caf\xe9")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct value list = value_list(arena);
        value_append(&list, bad[i]);
        value_put(&frame.body, "inputs", list);
        assert_int_equal(wire_write(arena, &frame, &bytes), -EINVAL);
    }
    for (int i = 2; i < JSON_DEPTH_MAX; i++) {
        struct value outer = value_list(arena);
        value_append(&outer, deep);
        deep = outer;
    }
    value_put(&frame.body, "inputs", deep);
    assert_int_equal(wire_write(arena, &frame, &bytes), 0);
    struct wire_frame read;
    const char *why;
    assert_int_equal(wire_read(arena, bytes, &read, &why), bytes.size);

    struct value too_deep = value_list(arena);
    value_append(&too_deep, deep);
    value_put(&frame.body, "inputs", too_deep);
    assert_int_equal(wire_write(arena, &frame, &bytes), -EINVAL);
    struct value map = value_map(arena);
    value_put(&map, "deep", deep);
    value_put(&frame.body, "inputs", map);
    assert_int_equal(wire_write(arena, &frame, &bytes), -EINVAL);
    frame = frame_of(arena, WIRE_RUN, 1);
    value_put(&frame.body, "caf\xe9", value_null());
    assert_int_equal(wire_write(arena, &frame, &bytes), -EINVAL);
}

static void a_body_that_is_too_large_is_not_written(void **state)
{
    struct arena *arena = *state;
    struct wire_frame frame = frame_of(arena, WIRE_RUN, 1);
    struct text bytes;
    size_t size = WIRE_BODY_BYTES_MAX - strlen("{\"step\":\"\"}");
    char *large = arena_alloc(arena, size + 1);
    memset(large, 'x', size + 1);
    value_put(&frame.body, "step", value_string((struct text){large, size}));
    assert_int_equal(wire_write(arena, &frame, &bytes), 0);
    assert_int_equal(bytes.size, WIRE_HEAD_BYTES + WIRE_BODY_BYTES_MAX);
    value_put(&frame.body, "step", value_string((struct text){large, size + 1}));
    assert_int_equal(wire_write(arena, &frame, &bytes), -EMSGSIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_frame_is_laid_out_as_the_header_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_kind_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_frame_that_is_not_whole_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_frame_is_taken_and_the_next_one_left, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_frame_is_refused_by_its_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_is_no_json_object_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_no_reader_takes_is_not_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_is_too_large_is_not_written, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
