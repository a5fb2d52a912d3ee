/* The steps payment/pay and payment/reverse: every rule, and a ledger that stays whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[200], file[220];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test-payment-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof(file), "%s/ledger.tsv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static void begin_pay(struct sankofa_call *call, const char *key)
{
    host_begin(call, host_step_type(sankofa_plugin(), "pay"), "2026-01-05");
    host_secret(call, "ledger", folder);
    call->key = key;
    host_text(call, "case_code", "SN-2026-00042-G");
    host_text(call, "purpose", "school");
    host_integer(call, "amount", 40000);
    host_text(call, "currency", "XOF");
    host_integer(call, "case_ceiling", 100000);
    host_text(call, "first_signer", "binta");
    host_text(call, "second_signer", "codou");
}

static void expect_paid(struct sankofa_call *call, const char *reference, int64_t total,
                        int64_t left)
{
    if (host_run(call) != SANKOFA_DONE)
        fail_msg("failed: %s", call->failure);
    assert_string_equal(host_output(call, "reference"), reference);
    assert_int_equal(host_output_integer(call, "case_total"), total);
    assert_int_equal(host_output_integer(call, "case_left"), left);
}

static void expect_failed(struct sankofa_call *call, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_FAILED);
    assert_string_equal(call->failure, reason);
    assert_int_equal(call->retry, 0);
}

static void pay(const char *key, const char *reference, int64_t total)
{
    struct sankofa_call call;

    begin_pay(&call, key);
    expect_paid(&call, reference, total, 100000 - total);
    host_end(&call);
}

static size_t read_ledger(char *bytes, size_t size)
{
    FILE *stream = fopen(file, "r");

    assert_non_null(stream);
    size_t count = fread(bytes, 1, size - 1, stream);
    bytes[count] = '\0';
    fclose(stream);
    return count;
}

static void write_ledger(const char *bytes, size_t size)
{
    FILE *stream = fopen(file, "w");

    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    fclose(stream);
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_payment_is_one_line_that_names_no_child(void **state)
{
    char bytes[2000];
    struct stat facts;

    (void)state;
    pay("k1", "PAY-000001", 40000);
    read_ledger(bytes, sizeof(bytes));
    /* The checksum is zlib's crc32 of the line until there. */
    assert_string_equal(
        bytes, "number\tat\tkey\tcase\tpurpose\tcurrency\tamount\tfirst_signer\tsecond_signer\t"
               "reverses\tchecksum\n"
               "1\t2026-01-05T12:00:00Z\tk1\tSN-2026-00042-G\tschool\tXOF\t40000\tbinta\tcodou\t0\t"
               "7258f01d\n");
    assert_int_equal(stat(file, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void the_same_call_pays_once_however_often_it_runs(void **state)
{
    struct sankofa_call call;
    char before[2000], after[2000];

    (void)state;
    pay("k1", "PAY-000001", 40000);
    pay("k2", "PAY-000002", 80000);
    read_ledger(before, sizeof(before));
    pay("k1", "PAY-000001", 40000);
    pay("k2", "PAY-000002", 80000);
    read_ledger(after, sizeof(after));
    assert_string_equal(before, after);
    begin_pay(&call, "k1");
    host_integer(&call, "amount", 39999);
    expect_failed(&call, "The ledger has another payment under this call's key.");
    host_end(&call);
}

static void ceilings_hold_to_the_last_franc(void **state)
{
    struct sankofa_call call;

    (void)state;
    pay("k1", "PAY-000001", 40000);
    begin_pay(&call, "k2");
    host_integer(&call, "amount", 60001);
    expect_failed(&call, "40000 XOF were paid for this case: another 60001 would pass its ceiling "
                         "of 100000.");
    host_integer(&call, "amount", 60000);
    expect_paid(&call, "PAY-000002", 100000, 0);
    host_end(&call);
    begin_pay(&call, "k3");
    host_text(&call, "case_code", "SN-2026-00043-E");
    host_integer(&call, "purpose_ceiling", 50000);
    expect_paid(&call, "PAY-000003", 40000, 60000);
    call.key = "k4";
    expect_failed(&call, "40000 XOF were paid for school: another 40000 would pass that ceiling of "
                         "50000.");
    host_text(&call, "purpose", "travel");
    expect_paid(&call, "PAY-000004", 80000, 20000);
    call.key = "k5";
    host_text(&call, "currency", "GNF");
    host_text(&call, "purpose", "school");
    expect_paid(&call, "PAY-000005", 40000, 60000);
    host_end(&call);
}

static void two_different_people_sign(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_pay(&call, "k1");
    host_text(&call, "second_signer", "binta");
    expect_failed(&call, "Two people sign this: both signatures are of one person.");
    host_unset(&call, "second_signer");
    expect_failed(&call, "Two people sign this: there is no second signer.");
    host_integer(&call, "two_from", 40000);
    expect_failed(&call, "Two people sign this: there is no second signer.");
    host_integer(&call, "two_from", 40001);
    expect_paid(&call, "PAY-000001", 40000, 60000);
    host_text(&call, "first_signer", "bin\tta");
    expect_failed(&call, "first_signer is not one word of at most 100 bytes.");
    host_end(&call);
}

static void sums_that_are_none_are_refused(void **state)
{
    static const int64_t bad[] = {0, -1, INT64_MIN, INT64_MAX, 1000000000001};
    struct sankofa_call call;

    (void)state;
    begin_pay(&call, "k1");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        host_integer(&call, "amount", bad[i]);
        expect_failed(&call, "amount is not from 1 to 1000000000000.");
    }
    host_integer(&call, "amount", 1);
    host_integer(&call, "case_ceiling", -1);
    expect_failed(&call, "case_ceiling is not from 0 to 1000000000000.");
    host_integer(&call, "case_ceiling", 0);
    expect_failed(&call, "0 XOF were paid for this case: another 1 would pass its ceiling of 0.");
    host_end(&call);
}

static void without_a_ledger_nothing_is_paid(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_pay(&call, "k1");
    host_secret(&call, "ledger", "");
    expect_failed(&call, "The plugin was given no `ledger`: the folder of the ledger.");
    host_secret(&call, "ledger", "/nowhere/at/all");
    assert_int_equal(host_run(&call), SANKOFA_FAILED);
    assert_string_equal(call.failure, "The ledger cannot be opened: No such file or directory.");
    assert_int_equal(call.retry, 1);
    host_end(&call);
}

static void a_line_cut_by_a_power_cut_was_never_paid(void **state)
{
    char bytes[2000];

    (void)state;
    pay("k1", "PAY-000001", 40000);
    pay("k2", "PAY-000002", 80000);
    size_t size = read_ledger(bytes, sizeof(bytes));
    const char *second = strstr(bytes, "\n2\t") + 1;
    for (size_t cut = (size_t)(second - bytes) + 1; cut < size; cut++) {
        write_ledger(bytes, cut);
        pay("k3", "PAY-000002", 80000);
    }
    /* A head that was cut is begun anew. */
    write_ledger(bytes, 5);
    pay("k1", "PAY-000001", 40000);
}

static void a_ledger_that_was_changed_pays_nothing(void **state)
{
    struct sankofa_call call;
    char bytes[2000];
    size_t size;

    (void)state;
    pay("k1", "PAY-000001", 40000);
    pay("k2", "PAY-000002", 80000);
    size = read_ledger(bytes, sizeof(bytes));
    begin_pay(&call, "k3");
    for (size_t i = 0; i + 1 < size; i++) {
        bytes[i] ^= 1;
        write_ledger(bytes, size);
        if (host_run(&call) != SANKOFA_FAILED || call.retry != 0)
            fail_msg("byte %zu: paid", i);
        bytes[i] ^= 1;
    }
    /* A line that was taken out, whole. */
    char *second = strstr(bytes, "\n2\t") + 1, *first = strstr(bytes, "\n1\t") + 1;
    memmove(first, second, strlen(second) + 1);
    write_ledger(bytes, strlen(bytes));
    expect_failed(&call, "The ledger was changed or damaged at payment 1: nothing is paid until "
                         "somebody has looked at it.");
    host_end(&call);
}

static void a_zero_byte_hides_no_payment(void **state)
{
    struct sankofa_call call;
    char bytes[2000];

    (void)state;
    pay("k1", "PAY-000001", 40000);
    size_t size = read_ledger(bytes, sizeof(bytes));
    *(strstr(bytes, "\n1\t") + 1) = '\0';
    write_ledger(bytes, size);
    begin_pay(&call, "k2");
    expect_failed(&call, "The ledger was changed or damaged at payment 1: nothing is paid until "
                         "somebody has looked at it.");
    host_end(&call);
}

static void a_full_disk_leaves_the_ledger_as_it_was(void **state)
{
    char before[2000], after[2000];

    (void)state;
    pay("k1", "PAY-000001", 40000);
    size_t size = read_ledger(before, sizeof(before));
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {size + 20, size + 20};
        struct sankofa_call call;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        begin_pay(&call, "k2");
        _exit(host_run(&call) == SANKOFA_FAILED && call.retry == 1 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    read_ledger(after, sizeof(after));
    assert_string_equal(before, after);
    pay("k2", "PAY-000002", 80000);
}

static void payments_at_the_same_time_keep_their_ceiling(void **state)
{
    pid_t children[8];
    char bytes[4000];
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        struct sankofa_call call;
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        begin_pay(&call, key);
        _exit(host_run(&call) == SANKOFA_DONE ? 1 : 0);
    }
    int paid = 0, status = 0;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        paid += WEXITSTATUS(status);
    }
    assert_int_equal(paid, 2);
    read_ledger(bytes, sizeof(bytes));
    for (const char *at = bytes; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 3);
}

/* ---- reverse ---- */

static void begin_reverse(struct sankofa_call *call, const char *key, const char *reference)
{
    host_begin(call, host_step_type(sankofa_plugin(), "reverse"), "2026-01-06");
    host_secret(call, "ledger", folder);
    call->key = key;
    host_text(call, "case_code", "SN-2026-00042-G");
    host_text(call, "reference", reference);
    host_text(call, "first_signer", "binta");
    host_text(call, "second_signer", "codou");
}

static void a_payment_is_taken_back_whole_and_once(void **state)
{
    struct sankofa_call call;

    (void)state;
    pay("k1", "PAY-000001", 40000);
    pay("k2", "PAY-000002", 80000);
    begin_reverse(&call, "r1", "PAY-000001");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(host_run(&call), SANKOFA_DONE);
        assert_string_equal(host_output(&call, "reference"), "PAY-000003");
        assert_int_equal(host_output_integer(&call, "amount"), 40000);
        assert_string_equal(host_output(&call, "currency"), "XOF");
    }
    call.key = "r2";
    expect_failed(&call, "That payment was taken back before.");
    host_text(&call, "reference", "PAY-000003");
    expect_failed(&call, "This case has no payment of that reference.");
    host_end(&call);
    pay("k3", "PAY-000004", 80000);
}

static void only_what_was_paid_for_the_case_is_taken_back(void **state)
{
    struct sankofa_call call;

    (void)state;
    pay("k1", "PAY-000001", 40000);
    begin_reverse(&call, "r1", "PAY-000002");
    expect_failed(&call, "This case has no payment of that reference.");
    host_text(&call, "reference", "PAY-1x");
    expect_failed(&call, "The reference is not like PAY-000042.");
    host_text(&call, "reference", "PAY--1");
    expect_failed(&call, "The reference is not like PAY-000042.");
    host_text(&call, "reference", "PAY-000001");
    host_text(&call, "case_code", "SN-2026-00043-E");
    expect_failed(&call, "This case has no payment of that reference.");
    host_text(&call, "case_code", "SN-2026-00042-G");
    host_text(&call, "second_signer", "binta");
    expect_failed(&call, "Two people sign this: both signatures are of one person.");
    host_text(&call, "second_signer", "codou");
    call.key = "k1";
    expect_failed(&call, "The ledger has another payment under this call's key.");
    host_end(&call);
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        LEDGER_TEST(a_payment_is_one_line_that_names_no_child),
        LEDGER_TEST(the_same_call_pays_once_however_often_it_runs),
        LEDGER_TEST(ceilings_hold_to_the_last_franc),
        LEDGER_TEST(two_different_people_sign),
        LEDGER_TEST(sums_that_are_none_are_refused),
        LEDGER_TEST(without_a_ledger_nothing_is_paid),
        LEDGER_TEST(a_line_cut_by_a_power_cut_was_never_paid),
        LEDGER_TEST(a_ledger_that_was_changed_pays_nothing),
        LEDGER_TEST(a_zero_byte_hides_no_payment),
        LEDGER_TEST(a_full_disk_leaves_the_ledger_as_it_was),
        LEDGER_TEST(payments_at_the_same_time_keep_their_ceiling),
        LEDGER_TEST(a_payment_is_taken_back_whole_and_once),
        LEDGER_TEST(only_what_was_paid_for_the_case_is_taken_back),
    };

    return cmocka_run_group_tests_name("payment", tests, NULL, NULL);
}
