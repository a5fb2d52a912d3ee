/* What the layers of the jail keep out. Each attack is tried twice by the same function in a child:
 * outside, where it must do, and inside. A jail that refuses what nobody could do shows nothing. */
#include "attacks.h"

/* ---- Inside and outside. ---- */

static const struct {
    const char *name;
    int (*attempt)(void);
    int inside;
} attacks[] = {
    {"reading a file", read_secret, EACCES},
    {"making a file", make_file, EPERM},
    {"emptying a file by opening it", empty_secret, EPERM},
    {"emptying a file by its path", empty_secret_by_path, EPERM},
    {"opening a file to everybody", open_secret_to_all, EPERM},
    {"making a link", make_link, EPERM},
    {"reading another process's memory", read_memory, ENDS},
    {"opening another process's memory", open_memory, EACCES},
    {"tracing another process", trace, ENDS},
    {"a signal to another process", signal_victim, EPERM},
    {"a signal to everybody", signal_everybody, EPERM},
    {"a signal by the owner of a descriptor", signal_by_owner_of_descriptor, EPERM},
    {"the limits of another process", limit_victim, EPERM},
    {"the priority of another process", slow_victim, EPERM},
    {"a Unix socket", connect_to_socket, EPERM},
    {"a socket that sends to names", send_to_name, EPERM},
    {"a socket of IPv4", open_inet, EPERM},
    {"a socket of IPv6", open_inet6, EPERM},
    {"a socket to the kernel", open_netlink, EPERM},
    {"starting a program", start_program, EPERM},
    {"starting a process", start_process, EPERM},
    {"outliving the daemon", outlive_daemon, EPERM},
    {"another user", become_root, EPERM},
    {"a namespace", own_namespace, ENDS},
    {"a ring of calls", ask_for_ring, ENOSYS},
    {"memory that outlives its process", share_memory_for_ever, EPERM},
};

static void an_attack_that_works_outside_does_not_inside(void **state)
{
    struct jail jail = of_a_host(0);
    (void)state;
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        int outside = outcome_of(attacks[i].attempt, NULL);
        int inside = outcome_of(attacks[i].attempt, &jail);
        if (outside != 0 || inside != attacks[i].inside)
            fail_msg("%s: outside %d, inside %d, not %d", attacks[i].name, outside, inside,
                     attacks[i].inside);
    }
}

/* On a kernel without Landlock what the user may read can be read, and nothing else is opened. */
static void the_other_layers_hold_without_landlock(void **state)
{
    struct jail jail = of_a_host(0);
    (void)state;
    jail.landlock_abi = 0;
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        int inside = outcome_of(attacks[i].attempt, &jail);
        bool by_landlock = attacks[i].attempt == read_secret || attacks[i].attempt == open_memory;
        if (!by_landlock && inside != attacks[i].inside)
            fail_msg("%s: inside %d, not %d", attacks[i].name, inside, attacks[i].inside);
    }
    /* An own user keeps them, too; the daemon's memory is also kept by its not being dumpable. */
    assert_int_equal(outcome_of(open_memory, &jail), jail.uid != 0 ? EACCES : 0);
    assert_int_equal(outcome_of(read_secret, &jail), jail.uid != 0 ? EACCES : 0);
}

/* Each version that there ever was. */
static void every_version_of_landlock_keeps_files(void **state)
{
    (void)state;
    if (jail_landlock_abi() == 0)
        skip();
    for (int abi = 1; abi <= jail_landlock_abi(); abi++) {
        struct jail jail = of_a_host(0);
        jail.uid = 0;
        jail.landlock_abi = abi;
        assert_int_equal(outcome_of(read_secret, &jail), EACCES);
        assert_int_equal(outcome_of(read_library, &jail), 0);
    }
}

static void what_a_step_needs_to_compute_is_there(void **state)
{
    struct jail jail = of_a_host(0);
    (void)state;
    assert_int_equal(outcome_of(start_thread, &jail), 0);
    assert_int_equal(outcome_of(do_ordinary_things, &jail), 0);
    assert_int_equal(outcome_of(read_library, &jail), 0);
}

/* ---- The reader. ---- */

static int held;

static int read_what_is_held(void)
{
    char bytes[8];
    if (pread(held, bytes, sizeof bytes, 0) != sizeof bytes)
        return errno;
    void *mapped = mmap(NULL, 8, PROT_READ, MAP_SHARED, held, 0);
    return mapped != MAP_FAILED && memcmp(mapped, bytes, 8) == 0 ? 0 : 1;
}

static void a_reader_reads_what_it_holds_and_opens_nothing(void **state)
{
    struct jail jail = jail_default(JAIL_READER);
    (void)state;
    jail.limits.memory_bytes = 0; /* a sanitized program cannot be limited */
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
        assert_int_not_equal(outcome_of(attacks[i].attempt, &jail), 0);
    assert_int_not_equal(outcome_of(read_library, &jail), 0);
    assert_int_not_equal(outcome_of(start_thread, &jail), 0);
    int status, opened;
    renew_secret();
    opened = open(secret, O_RDONLY);
    held = dup2(opened, 3);
    if (opened != held)
        close(opened);
    pid_t pid = fork();
    if (pid == 0) {
        const char *what;
        if (jail_enter(&jail, held, &what) != 0)
            _exit(255);
        _exit(read_what_is_held());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attack_that_works_outside_does_not_inside),
        cmocka_unit_test(the_other_layers_hold_without_landlock),
        cmocka_unit_test(every_version_of_landlock_keeps_files),
        cmocka_unit_test(what_a_step_needs_to_compute_is_there),
        cmocka_unit_test(a_reader_reads_what_it_holds_and_opens_nothing),
    };
    return cmocka_run_group_tests(tests, set_stage, clear_stage);
}
