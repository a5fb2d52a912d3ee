/* Arenas: alignment, zeroes, lifetimes, and the end of a process that asks for too much. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

static void every_allocation_is_aligned_and_zeroed(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 3000; size += 7) {
            unsigned char *bytes = arena_alloc(arena, size);
            assert_int_equal((uintptr_t)bytes % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(bytes[i], 0);
            memset(bytes, 0xa5, size);
        }
        arena_reset(arena);
    }
}

static void allocations_do_not_overlap(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    unsigned char *blocks[COUNT];
    size_t sizes[COUNT];
    uint64_t seed = 7;
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = (size_t)next_number(&seed, i % 50 == 0 ? 300000 : 600);
        blocks[i] = arena_alloc(arena, sizes[i]);
        memset(blocks[i], (int)(i & 0xff), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(blocks[i][at], i & 0xff);
}

static void allocations_of_nothing_have_addresses_of_their_own(void **state)
{
    (void)state;
    assert_ptr_not_equal(arena_alloc(arena, 0), arena_alloc(arena, 0));
}

static void a_copy_ends_with_a_nul_that_is_not_counted(void **state)
{
    (void)state;
    char *copy = arena_copy(arena, "abc", 2);
    assert_string_equal(copy, "ab");
    assert_string_equal(arena_copy(arena, NULL, 0), "");
}

static void bytes_are_counted_since_the_last_reset(void **state)
{
    (void)state;
    arena_alloc(arena, 100);
    arena_alloc(arena, 1000000);
    assert_int_equal(arena_bytes(arena), 1000100);
    arena_reset(arena);
    assert_int_equal(arena_bytes(arena), 0);
}

/* Under AddressSanitizer nobody may look at what is not handed out. */
#if !defined(__SANITIZE_ADDRESS__)
static void what_was_in_it_is_wiped_before_it_is_used_again(void **state)
{
    (void)state;
    const volatile char *copy = arena_copy(arena, "Kankalaba", 9);
    assert_int_equal(copy[0], 'K');
    arena_reset(arena);
    for (int i = 0; i < 9; i++)
        assert_int_equal(copy[i], 0);
}
#endif

static void destroying_nothing_is_allowed(void **state)
{
    (void)state;
    arena_destroy(NULL);
}

static void ask_for_too_much(void)
{
    arena_alloc(arena, SIZE_MAX - 100);
}

static void multiply_beyond_size(void)
{
    arena_array(arena, SIZE_MAX / 2, 4);
}

static void break_a_promise(void)
{
    CHECK(arena == NULL);
}

/* Runs `deed` in a child, which must abort with `line` on standard error. */
static void assert_aborts(void (*deed)(void), const char *line)
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(pipe_ends[1], STDERR_FILENO);
        deed();
        _exit(0);
    }
    close(pipe_ends[1]);
    char output[4096] = "";
    size_t used = 0;
    ssize_t got;
    while ((got = read(pipe_ends[0], output + used, sizeof output - 1 - used)) > 0)
        used += (size_t)got;
    close(pipe_ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (strstr(output, line) == NULL)
        fail_msg("got: %s", output);
}

static void out_of_memory_ends_the_process_with_a_line(void **state)
{
    (void)state;
    assert_aborts(ask_for_too_much, "sankofa: out of memory: arena test asked for ");
    assert_aborts(multiply_beyond_size, "sankofa: out of memory: arena test asked for ");
}

static void a_broken_promise_ends_the_process_with_the_fact(void **state)
{
    (void)state;
    assert_aborts(break_a_promise, "arena == NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(every_allocation_is_aligned_and_zeroed),
        WITH_ARENA(allocations_do_not_overlap),
        WITH_ARENA(allocations_of_nothing_have_addresses_of_their_own),
        WITH_ARENA(a_copy_ends_with_a_nul_that_is_not_counted),
        WITH_ARENA(bytes_are_counted_since_the_last_reset),
#if !defined(__SANITIZE_ADDRESS__)
        WITH_ARENA(what_was_in_it_is_wiped_before_it_is_used_again),
#endif
        cmocka_unit_test(destroying_nothing_is_allowed),
        WITH_ARENA(out_of_memory_ends_the_process_with_a_line),
        WITH_ARENA(a_broken_promise_ends_the_process_with_the_fact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
