/* The log: one line, one write, whatever is said. */
#include "fixture.h"

#include <pthread.h>
#include <unistd.h>

#include "base/log.h"

static char last[4096];
static enum log_level last_level;
static int line_count;

static void keep_line(void *self, enum log_level level, const char *line)
{
    assert_ptr_equal(self, &line_count);
    snprintf(last, sizeof last, "%s", line);
    last_level = level;
    line_count++;
}

static int sink_up(void **state)
{
    (void)state;
    line_count = 0;
    log_set_sink(keep_line, &line_count);
    log_set_level(LOG_INFO);
    return 0;
}

static int sink_down(void **state)
{
    (void)state;
    log_set_sink(NULL, NULL);
    return 0;
}

#define WITH_SINK(test) cmocka_unit_test_setup_teardown(test, sink_up, sink_down)

static void an_event_and_its_pairs_make_a_line(void **state)
{
    (void)state;
    log_event(LOG_INFO, "case.opened", "case=%s by=%s", "SN-2026-00042-K", "awa");
    assert_string_equal(last, "case.opened case=SN-2026-00042-K by=awa");
    log_event(LOG_WARNING, "daemon.stopping", "");
    assert_string_equal(last, "daemon.stopping");
    assert_int_equal(last_level, LOG_WARNING);
}

static void lines_below_the_level_are_dropped(void **state)
{
    (void)state;
    log_event(LOG_DEBUG, "a.b", "");
    assert_int_equal(line_count, 0);
    log_set_level(LOG_DEBUG);
    log_event(LOG_DEBUG, "a.b", "");
    assert_int_equal(line_count, 1);
    log_set_level(LOG_ERROR);
    log_event(LOG_WARNING, "a.b", "");
    assert_int_equal(line_count, 1);
}

static void a_line_never_breaks_in_two(void **state)
{
    (void)state;
    log_event(LOG_INFO, "a.b", "x=%s", "1\ncase.opened\tby=\x1b[0m\x7f");
    assert_string_equal(last, "a.b x=1?case.opened?by=?[0m?");
}

static void a_line_that_is_too_long_ends_with_dots(void **state)
{
    (void)state;
    char long_value[5000];
    memset(long_value, 'x', sizeof long_value - 1);
    long_value[sizeof long_value - 1] = '\0';
    log_event(LOG_INFO, "a.b", "x=%s", long_value);
    assert_int_equal(strlen(last), 2047);
    assert_string_equal(last + 2043, "x...");
    log_event(LOG_INFO, long_value, "x=%s", "y");
    assert_int_equal(strlen(last), 2047);
    assert_string_equal(last + 2043, "x...");
}

static void *log_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++)
        log_event(LOG_INFO, "thread.line", "number=%03d", i);
    return NULL;
}

static void standard_error_gets_whole_lines_from_many_threads(void **state)
{
    (void)state;
    log_set_sink(NULL, NULL);
    FILE *file = tmpfile();
    int standard_error = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_many, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    dup2(standard_error, STDERR_FILENO);
    close(standard_error);
    rewind(file);
    char line[256];
    int count = 0, number;
    while (fgets(line, sizeof line, file) != NULL) {
        assert_int_equal(sscanf(line, "info thread.line number=%3d\n", &number), 1);
        assert_int_equal(strlen(line), strlen("info thread.line number=000\n"));
        count++;
    }
    assert_int_equal(count, 2000);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SINK(an_event_and_its_pairs_make_a_line),
        WITH_SINK(lines_below_the_level_are_dropped),
        WITH_SINK(a_line_never_breaks_in_two),
        WITH_SINK(a_line_that_is_too_long_ends_with_dots),
        WITH_SINK(standard_error_gets_whole_lines_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
