/* The steps exec/run and exec/run_once, with small programs in sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[200], path[300];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test-exec-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/program", folder);
    return 0;
}

static int remove_folder(void **state)
{
    DIR *open = opendir(folder);
    char name[600];

    (void)state;
    for (struct dirent *one; open && (one = readdir(open));) {
        snprintf(name, sizeof(name), "%s/%s", folder, one->d_name);
        unlink(name);
    }
    closedir(open);
    return rmdir(folder);
}

static void write_program(const char *script)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    fprintf(stream, "#!/bin/sh\n%s\n", script);
    fclose(stream);
    assert_int_equal(chmod(path, 0700), 0);
}

static void begin_type(struct sankofa_call *call, const char *type, const char *script)
{
    char programs[1000];

    write_program(script);
    snprintf(programs, sizeof(programs), "other = /bin/false\n\nlabel  =\t%s --plain  two\r\n",
             path);
    host_begin(call, host_step_type(sankofa_plugin(), type), "2026-01-05");
    host_secret(call, "programs", programs);
    host_text(call, "program", "label");
}

static void begin(struct sankofa_call *call, const char *script)
{
    begin_type(call, "run", script);
}

static void expect_failed(struct sankofa_call *call, int retry, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_FAILED);
    assert_string_equal(call->failure, reason);
    assert_int_equal(call->retry, retry);
}

static void expect_done(struct sankofa_call *call)
{
    if (host_run(call) != SANKOFA_DONE)
        fail_msg("failed: %s", call->failure);
}

static const char *read_file(const char *name)
{
    static char bytes[8000];
    char file[500];

    snprintf(file, sizeof(file), "%s/%s", folder, name);
    FILE *stream = fopen(file, "r");
    assert_non_null(stream);
    bytes[fread(bytes, 1, sizeof(bytes) - 1, stream)] = '\0';
    fclose(stream);
    return bytes;
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_program_gets_json_and_gives_json(void **state)
{
    static const char *const fields[] = {"name=Awa \"B\" = x", "empty="};
    struct sankofa_call call;

    (void)state;
    begin(&call, "printf '%s|' \"$@\" > ${0%/*}/words; env > ${0%/*}/env; cat > ${0%/*}/input\n"
                 "echo '{\"done\": {\"text\": \"é\", \"integer\": 7, \"flag\": true, "
                 "\"date\": \"2026-02-28\", \"list\": [\"a\", \"b\"]}}'");
    call.key = "case:7:label";
    host_texts(&call, "fields", fields, 2);
    expect_done(&call);
    assert_string_equal(read_file("words"), "--plain|two|");
    assert_string_equal(
        read_file("input"),
        "{\"verb\":\"run\",\"key\":\"case:7:label\",\"now\":\"2026-01-05T12:00:00Z\","
        "\"fields\":{\"name\":\"Awa \\\"B\\\" = x\",\"empty\":\"\"}}");
    assert_null(strstr(read_file("env"), "HOME="));
    assert_string_equal(host_output(&call, "text"), "é");
    assert_int_equal(host_output_integer(&call, "integer"), 7);
    assert_int_equal(host_output_integer(&call, "flag"), 1);
    assert_string_equal(host_output(&call, "date"), "2026-02-28");
    const struct sankofa_value *list = &host_value_find(&call.outputs, "list")->value;
    assert_int_equal(list->text_count, 2);
    assert_string_equal(list->texts[1].bytes, "b");
    host_end(&call);
}

static void a_program_that_reads_nothing_may_still_answer(void **state)
{
    struct sankofa_call call;
    const char *fields[1];
    char *large = malloc(300001);

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 300000);
    memcpy(large, "x=", 2);
    large[300000] = '\0';
    fields[0] = large;
    begin(&call, "exec <&-; echo '{\"done\": {}}'");
    host_texts(&call, "fields", fields, 1);
    expect_done(&call);
    host_end(&call);
    begin(&call, "wc -c > ${0%/*}/size; echo '{\"done\": {}}'");
    host_texts(&call, "fields", fields, 1);
    expect_done(&call);
    assert_true(atoi(read_file("size")) > 300000);
    free(large);
    host_end(&call);
}

static void only_named_programs_run(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin(&call, "echo '{\"done\": {}}'");
    host_text(&call, "program", "labe");
    expect_failed(&call, 0, "The plugin was given no line in `programs` for \"labe\".");
    host_text(&call, "program", "/bin/sh");
    expect_failed(&call, 0, "The program's name is not one of small letters and digits.");
    host_text(&call, "program", "label");
    host_secret(&call, "programs", "label = relative/path");
    expect_failed(&call, 0, "The plugin was given no line in `programs` for \"label\".");
    host_secret(&call, "programs", "label = /nowhere/at/all");
    expect_failed(&call, 0, "The program cannot be started: No such file or directory.");
    host_secret(&call, "programs", "");
    expect_failed(&call, 0, "The plugin was given no line in `programs` for \"label\".");
    host_end(&call);
}

static void fields_are_names_and_values(void **state)
{
    static const char *const bad[] = {"no sign"}, *const empty[] = {"=x"};
    struct sankofa_call call;

    (void)state;
    begin(&call, "echo '{\"done\": {}}'");
    host_texts(&call, "fields", bad, 1);
    expect_failed(&call, 0, "Field 1 is not name=value.");
    host_texts(&call, "fields", empty, 1);
    expect_failed(&call, 0, "Field 1 is not name=value.");
    host_end(&call);
}

static void a_program_may_fail_for_good_or_for_now(void **state)
{
    static const struct {
        const char *script, *reason;
        int retry;
    } rows[] = {
        {"echo '{\"failed\": \"No such school.\"}'", "No such school.", 0},
        {"echo '{\"failed\": \"Later.\", \"retry\": true}'", "Later.", 1},
        {"echo '{\"failed\": \"\"}'", "The program failed.", 0},
        {"exit 75", "The program ended with status 75.", 1},
        {"echo '{\"done\": {}}'; exit 1", "The program ended with status 1.", 0},
        {"kill -9 $$", "The program ended with status 137.", 0},
        {"exit 0", "The program's answer is not one JSON object with done, failed or parked.", 0},
        {"echo '{\"done\": {}} x'",
         "The program's answer is not one JSON object with done, failed or parked.", 0},
        {"echo '{\"done\": {}, \"done\": {}}'",
         "The program's answer is not one JSON object with done, failed or parked.", 0},
        {"echo '[]'", "The program's answer is not one JSON object with done, failed or parked.",
         0},
        {"echo '{\"done\": {\"colour\": \"red\"}}'",
         "The program gave an output that is none of text, integer, flag, date and list.", 0},
        {"echo '{\"done\": {\"integer\": \"7\"}}'",
         "The program gave an output that is none of text, integer, flag, date and list.", 0},
        {"echo '{\"done\": {\"list\": [1]}}'",
         "The program gave an output that is none of text, integer, flag, date and list.", 0},
        {"head -c 300000 /dev/zero", "The program answered more than 262144 bytes.", 0},
        {"echo '{\"parked\": {\"answer\": true}}'",
         "The program parks for an answer: that is the step `ask`.", 0},
        {"echo '{\"parked\": {}}'", "The program parks for nothing, or with too large a cookie.",
         0},
        {"echo '{\"parked\": {\"until\": \"tomorrow\"}}'",
         "The program parks until no time like 2026-01-05T08:00:00Z.", 0},
        {"echo '{\"parked\": {\"until\": \"2026-02-30T08:00:00Z\"}}'",
         "The program parks until no time like 2026-01-05T08:00:00Z.", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin(&call, rows[i].script);
        if (host_run(&call) != SANKOFA_FAILED || strcmp(call.failure, rows[i].reason) != 0 ||
            call.retry != rows[i].retry)
            fail_msg("%s: %s", rows[i].script, call.failure ? call.failure : "not failed");
        host_forget(&call);
        host_end(&call);
    }
}

static void a_program_parks_and_is_told_what_woke_it(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_type(&call, "ask",
               "cat > ${0%/*}/input\n"
               "if grep -q '\"verb\":\"run\"' ${0%/*}/input; then\n"
               "echo '{\"parked\": {\"until\": \"2026-01-06T08:00:01Z\", \"answer\": true, "
               "\"cookie\": \"c-1\"}}'\nelse echo '{\"done\": {\"text\": \"ok\"}}'; fi");
    assert_int_equal(host_run(&call), SANKOFA_PARKED);
    assert_int_equal(call.wakes, SANKOFA_ANSWER | SANKOFA_TIME);
    assert_true(call.until_ms == host_ms("2026-01-06") + (8 * 3600 + 1) * 1000LL);
    host_answer_integer(&call, "answer_flag", 0);
    host_answer_text(&call, "answer_text", "no");
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    assert_string_equal(read_file("input"),
                        "{\"verb\":\"resume\",\"key\":\"test\",\"now\":\"2026-01-05T12:00:00Z\","
                        "\"woken_by\":\"answer\",\"cookie\":\"c-1\","
                        "\"answer\":{\"answer_flag\":false,\"answer_text\":\"no\"},\"fields\":{}}");
    assert_int_equal(host_run(&call), SANKOFA_PARKED);
    assert_int_equal(host_resume(&call, SANKOFA_TIME), SANKOFA_DONE);
    assert_non_null(
        strstr(read_file("input"), "\"woken_by\":\"time\",\"cookie\":\"c-1\",\"fields\""));
    host_end(&call);
}

static void when_nobody_waits_the_program_is_killed(void **state)
{
    struct sankofa_call call;
    time_t begun = time(NULL);

    (void)state;
    begin(&call, "exec sleep 3600");
    call.is_cancelled = 1;
    expect_failed(&call, 1, "Nobody waits for the program any more.");
    assert_true(time(NULL) - begun < 60); /* it was reaped, too, or this would wait for it */
    host_end(&call);
}

static void what_a_program_leaves_behind_is_not_waited_for(void **state)
{
    struct sankofa_call call;
    time_t begun = time(NULL);

    (void)state;
    /* It keeps the program's output open, and ends by itself soon after the test. */
    begin(&call, "sleep 20 & echo '{\"done\": {\"text\": \"ok\"}}'");
    expect_done(&call);
    assert_string_equal(host_output(&call, "text"), "ok");
    assert_true(time(NULL) - begun < 15);
    host_end(&call);
}

static void run_once_says_that_it_is_not_idempotent(void **state)
{
    (void)state;
    assert_int_equal(host_step_type(sankofa_plugin(), "run")->flags, SANKOFA_IDEMPOTENT);
    assert_int_equal(host_step_type(sankofa_plugin(), "run_once")->flags, 0);
}

#define PROGRAM_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        PROGRAM_TEST(a_program_gets_json_and_gives_json),
        PROGRAM_TEST(a_program_that_reads_nothing_may_still_answer),
        PROGRAM_TEST(only_named_programs_run),
        PROGRAM_TEST(fields_are_names_and_values),
        PROGRAM_TEST(a_program_may_fail_for_good_or_for_now),
        PROGRAM_TEST(a_program_parks_and_is_told_what_woke_it),
        PROGRAM_TEST(when_nobody_waits_the_program_is_killed),
        PROGRAM_TEST(what_a_program_leaves_behind_is_not_waited_for),
        cmocka_unit_test(run_once_says_that_it_is_not_idempotent),
    };

    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
