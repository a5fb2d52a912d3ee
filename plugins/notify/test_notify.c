/* The step notify/mail: whom, what, how; and that nothing of a case but its code leaves the house.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[200];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test-notify-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    DIR *open = opendir(folder);
    char path[600];

    (void)state;
    for (struct dirent *one; open && (one = readdir(open));) {
        snprintf(path, sizeof(path), "%s/%s", folder, one->d_name);
        unlink(path);
    }
    closedir(open);
    return rmdir(folder);
}

static void begin_bare(struct sankofa_call *call)
{
    host_begin(call, host_step_type(sankofa_plugin(), "mail"), "2026-01-05");
    host_secret(call, "addresses",
                "awa   awa@example.org\nbin bin@example.org\nbinta\tBinta.D+s@example.org\r\n"
                "wrong nobody\ncodou -codou@example.org\ndibor dibor@example.org");
    host_secret(call, "from", "sankofa@example.org\n");
    host_text(call, "to", "awa");
    host_text(call, "case_code", "SN-2026-00042-G");
    host_text(call, "kind", "overdue");
}

static void begin_spool(struct sankofa_call *call)
{
    begin_bare(call);
    host_secret(call, "spool", folder);
}

static void expect_failed(struct sankofa_call *call, int retry, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_FAILED);
    assert_string_equal(call->failure, reason);
    assert_int_equal(call->retry, retry);
}

static void expect_sent(struct sankofa_call *call)
{
    if (host_run(call) != SANKOFA_DONE)
        fail_msg("failed: %s", call->failure);
}

/* The only file of the folder. */
static const char *read_only_file(void)
{
    static char bytes[8000];
    DIR *open = opendir(folder);
    char path[600] = "";
    int count = 0;

    for (struct dirent *one; (one = readdir(open));) {
        if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, one->d_name);
        count++;
    }
    closedir(open);
    assert_int_equal(count, 1);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    bytes[fread(bytes, 1, sizeof(bytes) - 1, stream)] = '\0';
    fclose(stream);
    return bytes;
}

/* Decodes the base64 between two places of the message. */
static const char *decode(const char *from, const char *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char out[4000];
    size_t size = 0;
    uint32_t group = 0;
    int bits = 0;

    for (; from < to && *from != '='; from++) {
        const char *digit = strchr(digits, *from);
        if (!digit || !*from)
            continue;
        group = group << 6 | (uint32_t)(digit - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[size++] = (char)(group >> bits & 0xff);
        }
    }
    out[size] = '\0';
    return out;
}

static const char *subject_of(const char *message)
{
    const char *from = strstr(message, "Subject: =?UTF-8?B?");

    assert_non_null(from);
    from += strlen("Subject: =?UTF-8?B?");
    return decode(from, strstr(from, "?="));
}

static const char *body_of(const char *message)
{
    const char *from = strstr(message, "\r\n\r\n");

    assert_non_null(from);
    return decode(from, message + strlen(message));
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_message_is_laid_whole_into_the_spool(void **state)
{
    struct sankofa_call call;
    char id[120];

    (void)state;
    begin_spool(&call);
    expect_sent(&call);
    const char *message = read_only_file();
    assert_non_null(strstr(message, "Date: Mon, 05 Jan 2026 12:00:00 +0000\r\n"));
    assert_non_null(strstr(message, "From: sankofa@example.org\r\nTo: awa@example.org\r\n"));
    snprintf(id, sizeof(id), "Message-ID: <%s@", host_output(&call, "message_id"));
    assert_non_null(strstr(message, id));
    assert_string_equal(subject_of(message), "SN-2026-00042-G is overdue");
    assert_string_equal(body_of(message), "SN-2026-00042-G: A deadline of the case has passed.\n\n"
                                          "Look at it with: sankofa show SN-2026-00042-G\n"
                                          "This message names nobody. Do not answer it.\n");
    host_end(&call);
}

static void a_second_try_is_the_same_message_and_another_step_another(void **state)
{
    struct sankofa_call call;
    char first[80];

    (void)state;
    begin_spool(&call);
    expect_sent(&call);
    snprintf(first, sizeof(first), "%s", host_output(&call, "message_id"));
    expect_sent(&call);
    assert_string_equal(host_output(&call, "message_id"), first);
    read_only_file();
    call.key = "tesu";
    expect_sent(&call);
    assert_string_not_equal(host_output(&call, "message_id"), first);
    host_end(&call);
}

static void every_kind_is_said_in_three_languages(void **state)
{
    static const char *const kinds[] = {"waiting", "approval", "due", "overdue", "travel", "alert"};
    static const char *const languages[] = {"en", "fr", "pt"};
    struct sankofa_call call;
    char seen[18][200];
    int count = 0;

    (void)state;
    begin_spool(&call);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++) {
            host_text(&call, "kind", kinds[i]);
            host_text(&call, "language", languages[k]);
            expect_sent(&call);
            snprintf(seen[count], sizeof(seen[0]), "%s", subject_of(read_only_file()));
            for (int before = 0; before < count; before++)
                assert_string_not_equal(seen[before], seen[count]);
            count++;
        }
    assert_string_equal(seen[10], "SN-2026-00042-G est en retard");
    host_end(&call);
}

static void nothing_but_the_code_gets_into_a_subject(void **state)
{
    static const char *const bad[] = {"Mamadu B.",          "SN-2026-00042-G Mamadu",
                                      "SN-2026-00042-",     "sn-2026-00042-G",
                                      "SN-2026-42-G",       "SN-26-00042-G",
                                      "SN-2026-00042-GG",   "SN-2026-00042-G\nBcc: x@example.org",
                                      "SNN-2026-00042-G",   "",
                                      "SN-2026-00042-G-X-Y"};
    struct sankofa_call call;

    (void)state;
    begin_spool(&call);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        host_text(&call, "case_code", bad[i]);
        expect_failed(&call, 0, "The case code is none.");
    }
    host_text(&call, "case_code", "GW-2026-1234567-7");
    host_text(&call, "note", "The visit is on Tuesday.");
    expect_sent(&call);
    const char *message = read_only_file();
    assert_string_equal(subject_of(message), "GW-2026-1234567-7 is overdue");
    assert_non_null(strstr(body_of(message), "\nNote: The visit is on Tuesday.\n"));
    assert_null(strstr(message, "Tuesday"));
    host_end(&call);
}

static void a_note_is_one_short_line(void **state)
{
    struct sankofa_call call;
    char note[302];

    (void)state;
    begin_spool(&call);
    host_text(&call, "note", "one\n\nBcc: x@example.org");
    expect_failed(&call, 0, "The note is more than one line.");
    memset(note, 'x', 301);
    note[301] = '\0';
    host_text(&call, "note", note);
    expect_failed(&call, 0, "The note is longer than 300 bytes.");
    note[300] = '\0';
    host_text(&call, "note", note);
    expect_sent(&call);
    host_end(&call);
}

static void addresses_come_from_the_administrator_alone(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_spool(&call);
    host_text(&call, "to", "binta");
    expect_sent(&call);
    assert_non_null(strstr(read_only_file(), "To: Binta.D+s@example.org\r\n"));
    host_text(&call, "to", "dibor");
    expect_sent(&call);
    assert_non_null(strstr(read_only_file(), "To: dibor@example.org\r\n"));
    for (int i = 0; i < 4; i++) {
        static const char *const bad[] = {"nobody@example.org", "b", "wrong", "codou"};
        host_text(&call, "to", bad[i]);
        expect_failed(&call, 0, "In `addresses` there is no good line for who is told.");
    }
    for (int i = 0; i < 3; i++) {
        static const char *const bad[] = {"", "awa ", "awa\nbin"};
        host_text(&call, "to", bad[i]);
        expect_failed(&call, 0, "Say in one word who is told.");
    }
    host_text(&call, "to", "awa");
    host_secret(&call, "from", "not an address");
    expect_failed(&call, 0, "The plugin was given no `from`: the sender's address.");
    host_secret(&call, "addresses", "");
    expect_failed(&call, 0, "The plugin was given no `addresses`.");
    host_end(&call);
}

static void what_cannot_be_given_away_may_be_tried_again(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_bare(&call);
    expect_failed(&call, 0, "The plugin was given neither `spool` nor `sendmail`.");
    host_secret(&call, "spool", "/nowhere/at/all");
    expect_failed(&call, 1, "The spool folder takes nothing: No such file or directory.");
    host_end(&call);
    begin_bare(&call);
    host_secret(&call, "sendmail", "/nowhere/sendmail");
    expect_failed(&call, 1, "sendmail cannot be started: No such file or directory.");
    host_end(&call);
}

/* A sendmail that keeps its words and its input. */
static void write_sendmail(char path[300], const char *end)
{
    snprintf(path, 300, "%s/sendmail.sh", folder);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fprintf(stream, "#!/bin/sh\nprintf '%%s|' \"$@\" > %s/words\ncat > %s/input\n%s\n", folder,
            folder, end);
    fclose(stream);
    assert_int_equal(chmod(path, 0700), 0);
}

static const char *read_file(const char *name)
{
    static char bytes[2][8000];
    static int turn;
    char path[300];

    turn = !turn;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    bytes[turn][fread(bytes[turn], 1, sizeof(bytes[turn]) - 1, stream)] = '\0';
    fclose(stream);
    return bytes[turn];
}

static void sendmail_gets_the_message_and_two_addresses(void **state)
{
    struct sankofa_call call;
    char path[300];

    (void)state;
    begin_bare(&call);
    write_sendmail(path, "exit 0");
    host_secret(&call, "sendmail", path);
    expect_sent(&call);
    assert_string_equal(read_file("words"), "-i|-f|sankofa@example.org|--|awa@example.org|");
    assert_string_equal(subject_of(read_file("input")), "SN-2026-00042-G is overdue");
    write_sendmail(path, "exit 75");
    expect_failed(&call, 1, "sendmail did not take the message (status 75).");
    write_sendmail(path, "kill -9 $$");
    expect_failed(&call, 1, "sendmail did not take the message (status 137).");
    host_end(&call);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        FOLDER_TEST(a_message_is_laid_whole_into_the_spool),
        FOLDER_TEST(a_second_try_is_the_same_message_and_another_step_another),
        FOLDER_TEST(every_kind_is_said_in_three_languages),
        FOLDER_TEST(nothing_but_the_code_gets_into_a_subject),
        FOLDER_TEST(a_note_is_one_short_line),
        FOLDER_TEST(addresses_come_from_the_administrator_alone),
        FOLDER_TEST(what_cannot_be_given_away_may_be_tried_again),
        FOLDER_TEST(sendmail_gets_the_message_and_two_addresses),
    };

    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
