/* Lines of the log that anybody at the socket can cause: bounded, and never lost without a word. */
#include "fixture.h"

#include "api/internal.h"

enum { LINES = 20, MINUTE_MS = 60000, START_MS = 1000 };

static char last[256];
static size_t line_count;

static void keep(void *self, enum log_level level, const char *line)
{
    (void)self;
    (void)level;
    snprintf(last, sizeof(last), "%s", line);
    line_count++;
}

static int noise_up(void **state)
{
    world_up(state);
    line_count = 0;
    last[0] = '\0';
    log_set_sink(keep, NULL);
    return 0;
}

static int noise_down(void **state)
{
    log_set_sink(NULL, NULL);
    return world_down(state);
}

static size_t written(struct noise *noise, enum noise_kind kind, size_t count, int64_t at_ms)
{
    size_t count_written = 0;

    for (size_t i = 0; i < count; i++)
        count_written += noise_take(noise, kind, at_ms);
    return count_written;
}

static void the_first_of_a_minute_are_written_and_the_others_counted(void **state)
{
    (void)state;
    struct noise noise = {0};

    assert_int_equal(written(&noise, NOISE_FAULT, 16000, START_MS), LINES);
    assert_int_equal(line_count, 0);
    assert_int_equal(noise_tell(&noise, START_MS + MINUTE_MS - 1), START_MS + MINUTE_MS);
    assert_int_equal(line_count, 0);
    assert_true(noise_tell(&noise, START_MS + MINUTE_MS) == INT64_MAX);
    assert_int_equal(line_count, 1);
    assert_string_equal(last, "http.fault more=15980 seconds=60");
    assert_true(noise_tell(&noise, START_MS + 2 * MINUTE_MS) == INT64_MAX);
    assert_int_equal(line_count, 1);
}

static void the_next_minute_begins_with_what_the_last_one_held_back(void **state)
{
    (void)state;
    struct noise noise = {0};

    written(&noise, NOISE_STRANGER, LINES + 3, START_MS);
    assert_int_equal(written(&noise, NOISE_STRANGER, 1, START_MS + MINUTE_MS), 1);
    assert_string_equal(last, "request.stranger more=3 seconds=60");
    assert_int_equal(written(&noise, NOISE_STRANGER, LINES, START_MS + MINUTE_MS), LINES - 1);
}

static void one_kind_does_not_silence_another(void **state)
{
    (void)state;
    struct noise noise = {0};

    written(&noise, NOISE_FAULT, 1000, START_MS);
    assert_int_equal(written(&noise, NOISE_LATE, LINES, START_MS + 1), LINES);
    written(&noise, NOISE_LATE, 1, START_MS + 2);
    assert_int_equal(noise_tell(&noise, START_MS + 3), START_MS + MINUTE_MS);
    assert_int_equal(noise_tell(&noise, START_MS + MINUTE_MS), START_MS + MINUTE_MS + 1);
    noise_tell(&noise, INT64_MAX);
    assert_int_equal(line_count, 2);
    assert_string_equal(last, "connection.late more=1 seconds=60");
}

static void an_end_tells_what_was_held_back(void **state)
{
    (void)state;
    options.limits.request_ms_max = 1;
    open_api();
    for (int i = 0; i < 2 * LINES; i++)
        close(dial(staff_path));
    int fds[LINES + 5];
    for (size_t i = 0; i < LINES + 5; i++)
        fds[i] = dial(staff_path);
    turn_for(800);
    assert_int_equal(line_count, LINES);
    assert_non_null(strstr(last, "connection.late uid="));
    for (size_t i = 0; i < LINES + 5; i++)
        close(fds[i]);
    close_api();
    assert_int_equal(line_count, LINES + 1);
    assert_string_equal(last, "connection.late more=5 seconds=60");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_of_a_minute_are_written_and_the_others_counted,
                                        noise_up, noise_down),
        cmocka_unit_test_setup_teardown(the_next_minute_begins_with_what_the_last_one_held_back,
                                        noise_up, noise_down),
        cmocka_unit_test_setup_teardown(one_kind_does_not_silence_another, noise_up, noise_down),
        cmocka_unit_test_setup_teardown(an_end_tells_what_was_held_back, noise_up, noise_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
