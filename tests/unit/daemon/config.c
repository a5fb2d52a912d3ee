/* sankofad.yaml: every key, every fault with its code and place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "daemon/config.h"
#include "system/system.h"
#include "tongues.h"

#define HASH         "sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"
#define GRANT(grant) GOOD "plugins: {p: {file: a, grant: " grant ", " HASH "}}\n"
#define GOOD         "store: s\nkey_file: k\nsockets: {staff: a}\npeople: {}\n"

static struct arena *arena;
static struct diag_list diags;
static char folder[] = "/tmp/sankofa-config-XXXXXX";
static char path[64];
static struct text source;

static int up(void **state)
{
    (void)state;
    arena = arena_create("test");
    diag_list_init(&diags, arena);
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/sankofad.yaml", folder);
    return 0;
}

static int down(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    arena_destroy(arena);
    return 0;
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, up, down)

static const struct config *read_text(const char *yaml)
{
    struct port_files files = system_files();
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(yaml, file);
    fclose(file);
    diag_list_init(&diags, arena);
    const struct config *config = config_read(&files, path, &diags, &source);
    tongues_check(arena, &diags);
    return config;
}

static const struct config *read_good(const char *yaml)
{
    const struct config *config = read_text(yaml);

    if (!config || diags.count > 0)
        fail_msg("%s", diag_write_caret(arena, &diags.items[0], text_from(yaml)).bytes);
    return config;
}

static void assert_fault(const char *yaml, const char *code, unsigned line, unsigned column,
                         const char *part)
{
    assert_null(read_text(yaml));
    const struct diag *diag = &diags.items[0];
    struct text told = diag_write_caret(arena, diag, text_from(yaml));
    if (diags.count != 1 || strcmp(diag->code, code) != 0 || diag->place.line != line ||
        diag->place.column != column || !strstr(told.bytes, part))
        fail_msg("%zu faults of\n%s\n%s", diags.count, yaml, told.bytes);
}

static void a_short_file_leaves_the_rest_to_defaults(void **state)
{
    (void)state;
    const struct config *config = read_good(GOOD);

    assert_string_equal(config->store, text_printf(arena, "%s/s", folder).bytes);
    assert_string_equal(config->key_file, text_printf(arena, "%s/k", folder).bytes);
    assert_string_equal(config->staff_socket, text_printf(arena, "%s/a", folder).bytes);
    assert_null(config->admin_socket);
    assert_int_equal(config->staff_gid, (gid_t)-1);
    assert_int_equal(config->plugin_count, 0);
    assert_int_equal(config->map_bytes, 0);
    assert_int_equal(config->host_bytes, 0);
    assert_int_equal(config->limits.body_bytes_max, 0);
    assert_non_null(config->people);
}

static void every_key_goes_where_it_belongs(void **state)
{
    (void)state;
    const struct config *config =
        read_good("store: /var/lib/s\nkey_file: /etc/k\n"
                  "sockets: {staff: /run/staff, admin: /run/admin, group: root}\n"
                  "people: {awa: {user: root}}\n"
                  "plugins: {probe: {file: /p.so, hosts: 3, " HASH "}}\n"
                  "limits:\n"
                  "  body_bytes: 2048\n"
                  "  document_bytes: 4096\n"
                  "  header_bytes: 8192\n"
                  "  connections: 10\n"
                  "  connections_per_user: 2\n"
                  "  request_time: 2min\n"
                  "  cases_in_memory: 100\n"
                  "  host_bytes: 268435456\n"
                  "map_bytes: 1073741824\n");

    assert_string_equal(config->store, "/var/lib/s");
    assert_string_equal(config->key_file, "/etc/k");
    assert_string_equal(config->staff_socket, "/run/staff");
    assert_string_equal(config->admin_socket, "/run/admin");
    assert_int_equal(config->staff_gid, 0);
    assert_int_equal(config->people->count, 1);
    assert_int_equal(config->plugin_count, 1);
    assert_string_equal(config->plugins[0].name, "probe");
    assert_string_equal(config->plugins[0].file, "/p.so");
    assert_int_equal(config->plugins[0].hosts, 3);
    assert_int_equal(strlen(config->plugins[0].sha256), 64);
    assert_int_equal(config->limits.body_bytes_max, 2048);
    assert_int_equal(config->limits.document_bytes_max, 4096);
    assert_int_equal(config->limits.header_bytes_max, 8192);
    assert_int_equal(config->limits.connection_count_max, 10);
    assert_int_equal(config->limits.user_connection_count_max, 2);
    assert_int_equal(config->limits.request_ms_max, 120000);
    assert_int_equal(config->cases_max, 100);
    assert_int_equal(config->host_bytes, 268435456);
    assert_int_equal(config->map_bytes, 1073741824);
    config = read_good(GOOD "limits: {host_bytes: unlimited}\n");
    assert_true(config->host_bytes == UINT64_MAX);
}

static void paths_are_relative_to_the_file(void **state)
{
    (void)state;
    char here[4096];
    struct port_files files = system_files();

    read_good(GOOD);
    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(chdir(folder), 0);
    diag_list_init(&diags, arena);
    const struct config *config = config_read(&files, "sankofad.yaml", &diags, &source);
    assert_int_equal(chdir(here), 0);
    assert_non_null(config);
    assert_string_equal(config->store, text_printf(arena, "%s/s", folder).bytes);
}

static void every_fault_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *code;
        unsigned line, column;
        const char *part;
    } cases[] = {
        {"[store]\n", "E843", 1, 1, "A map"},
        {GOOD "stor: x\n", "E841", 5, 1, "did you mean \"store\"?"},
        {GOOD "zzzzz: x\n", "E841", 5, 1, "unknown key \"zzzzz\""},
        {"key_file: k\nsockets: {staff: a}\npeople: {}\n", "E842", 1, 1, "\"store\""},
        {"store: s\nkey_credential: a/b\nsockets: {staff: a}\npeople: {}\n", "E843", 2, 17,
         "slash"},
        {"store: s\nwait_for_key: yes\nsockets: {staff: a}\npeople: {}\n", "E843", 2, 15,
         "true nor false"},
        {"store: s\nkey_file: k\npeople: {}\n", "E842", 1, 1, "\"sockets\""},
        {"store: s\nkey_file: k\nsockets: {staff: a}\n", "E842", 1, 1, "\"people\""},
        {"store: s\nkey_file: k\nsockets: {}\npeople: {}\n", "E842", 3, 10, "\"staff\""},
        {"store: [s]\nkey_file: k\nsockets: {staff: a}\npeople: {}\n", "E843", 1, 8, "single"},
        {"store: \"\"\nkey_file: k\nsockets: {staff: a}\npeople: {}\n", "E843", 1, 8, "single"},
        {"store: s\nkey_file: k\nsockets: a\npeople: {}\n", "E843", 3, 10, "A map"},
        {"store: s\nkey_file: k\nsockets: {staff: a, group: there-is-no-such-group}\npeople: {}\n",
         "E843", 3, 28, "no group"},
        {GOOD "limits: {body_bytes: 1}\n", "E843", 5, 22, "from 1024 to 67108864"},
        {GOOD "limits: {body_bytes: 67108865}\n", "E843", 5, 22, "from 1024"},
        {GOOD "limits: {document_bytes: 1073741825}\n", "E843", 5, 26, "from 1024 to 1073741824"},
        {GOOD "limits: {body_bytes: -2048}\n", "E843", 5, 22, "from 1024"},
        {GOOD "limits: {body_bytes: 1MiB}\n", "E843", 5, 22, "whole number"},
        {GOOD "limits: {body_bytes: 99999999999999999999}\n", "E843", 5, 22, "whole number"},
        {GOOD "limits: {header_bytes: 100}\n", "E843", 5, 24, "from 4096"},
        {GOOD "limits: {connections: 0}\n", "E843", 5, 23, "from 1 to 10000"},
        {GOOD "limits: {connections_per_user: [1]}\n", "E843", 5, 32, "single"},
        {GOOD "limits: {request_time: 10}\n", "E843", 5, 24, "a number and a unit"},
        {GOOD "limits: {request_time: 2h}\n", "E843", 5, 24, "up to 1h"},
        {GOOD "limits: {request_time: [1s]}\n", "E843", 5, 24, "single"},
        {GOOD "limits: {host_bytes: many}\n", "E843", 5, 22, "whole number"},
        {GOOD "limits: {request_tim: 1s}\n", "E841", 5, 10, "\"request_time\""},
        {GOOD "limits: 5\n", "E843", 5, 9, "A map"},
        {GOOD "map_bytes: 5\n", "E843", 5, 12, "whole number"},
        {GOOD "plugins: [a]\n", "E843", 5, 10, "plugins by name"},
        {GOOD "plugins: {p: x}\n", "E843", 5, 14, "A map"},
        {GOOD "plugins: {P: {file: a, " HASH "}}\n", "E843", 5, 11, "no name of a plugin"},
        {GOOD "plugins: {p: {" HASH "}}\n", "E842", 5, 14, "\"file\""},
        {GOOD "plugins: {p: {file: a}}\n", "E842", 5, 14, "\"sha256\""},
        {GOOD "plugins: {p: {file: a, sha256: 123}}\n", "E843", 5, 32, "sha256sum"},
        {GOOD "plugins: {p: {file: a, sha256: [1]}}\n", "E843", 5, 32, "single"},
        {GOOD "plugins: {p: {file: a, hosts: 65, " HASH "}}\n", "E843", 5, 31, "from 1 to 64"},
        {GOOD "plugins: {p: {file: a, uid: 0, " HASH "}}\n", "E843", 5, 29, "from 1 to"},
        {GRANT("[network]"), "E843", 5, 31, "A map"},
        {GRANT("{networks: true}"), "E841", 5, 32, "\"network\""},
        {GRANT("{network: yes}"), "E843", 5, 41, "A list"},
        {GRANT("{network: [www.example.org:443]}"), "E843", 5, 42, "cannot judge"},
        {GRANT("{network: [0]}"), "E843", 5, 42, "1 to 65535"},
        {GRANT("{files: [/srv]}"), "E843", 5, 39, "A map"},
        {GRANT("{files: {reads: [/srv]}}"), "E841", 5, 40, "\"read\""},
        {GRANT("{files: {read: /srv}}"), "E843", 5, 46, "in brackets"},
        {GRANT("{files: {write: [[/srv]]}}"), "E843", 5, 48, "single"},
        {GRANT("{programs: []}"), "E843", 5, 42, "A list"},
        {GRANT("{files: {read: [s]}}"), "E845", 5, 31, "the daemon's alone"},
        {GRANT("{files: {write: [s/data.mdb]}}"), "E845", 5, 31, "/s,"},
        {GRANT("{files: {read: [.]}}"), "E845", 5, 31, "/s,"},
        {GRANT("{programs: [/]}"), "E845", 5, 31, "/s,"},
        {GRANT("{files: {read: [k]}}"), "E845", 5, 31, "/k,"},
        {GRANT("{files: {write: [a]}}"), "E845", 5, 31, "/a,"},
        {GOOD "plugins: {p: {fil: a, file: b, " HASH "}}\n", "E841", 5, 15, "\"file\""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fault(cases[i].yaml, cases[i].code, cases[i].line, cases[i].column, cases[i].part);
}

static void what_a_plugin_is_granted_is_read(void **state)
{
    (void)state;
    const struct config *config =
        read_good(GOOD "plugins:\n"
                       "  all: {file: a, uid: 61001, " HASH ",\n"
                       "    grant: {network: [443, 587], files: {read: [/srv/a], write: [w, /x]},\n"
                       "      programs: [/bin/true]}}\n"
                       "  web: {file: a, " HASH ", grant: {network: true}}\n"
                       "  none: {file: a, " HASH ", grant: {network: false}}\n");
    const struct steps_grant *all = &config->plugins[0].grant;

    assert_int_equal(config->plugins[0].uid, 61001);
    assert_true(all->network);
    assert_int_equal(all->port_count, 2);
    assert_int_equal(all->ports[1], 587);
    assert_int_equal(all->read.count, 1);
    assert_string_equal(all->read.items[0], "/srv/a");
    assert_int_equal(all->write.count, 2);
    assert_string_equal(all->write.items[0], text_printf(arena, "%s/w", folder).bytes);
    assert_string_equal(all->programs.items[0], "/bin/true");
    assert_true(config->plugins[1].grant.network);
    assert_int_equal(config->plugins[1].grant.port_count, 0);
    assert_false(config->plugins[2].grant.network);
    assert_int_equal(config->plugins[2].uid, 0);
}

static void faults_are_told_all_at_once(void **state)
{
    (void)state;
    assert_null(read_text("store: [s]\nkeyfile: k\nlimits: {connections: 0}\n"));
    assert_int_equal(diags.error_count, 5); /* three wrong, two missing */
}

static void what_is_no_yaml_is_told_as_such(void **state)
{
    (void)state;
    assert_null(read_text("store: [s\n"));
    assert_true(diags.error_count > 0);
    assert_null(read_text(""));
    assert_true(diags.error_count > 0);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    struct port_files files = system_files();

    assert_null(config_read(&files, "/there/is/no/such/file.yaml", &diags, &source));
    assert_int_equal(diags.error_count, 1);
    assert_string_equal(diags.items[0].code, "E846");
    diag_list_init(&diags, arena);
    assert_null(config_read(&files, folder, &diags, &source));
    assert_string_equal(diags.items[0].code, "E846");
}

static void a_file_that_is_too_large_is_told(void **state)
{
    (void)state;
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT(GOOD));
    for (int i = 0; i < 20000; i++)
        text_append_printf(&buffer, "# %060d\n", i);
    assert_null(read_text(text_buffer_text(&buffer).bytes));
    assert_string_equal(diags.items[0].code, "E846");
}

static void the_key_is_not_kept_inside_the_store(void **state)
{
    (void)state;
    char yaml[512], link[64];

    assert_fault("store: s\nkey_file: s/k\nsockets: {staff: a}\npeople: {}\n", "E844", 2, 11,
                 "another medium");
    assert_fault("store: s\nkey_file: ./s/../s/a/k\nsockets: {staff: a}\npeople: {}\n", "E844", 2,
                 11, "inside");
    read_good("store: s\nkey_file: s.key\nsockets: {staff: a}\npeople: {}\n");
    /* Also where a link leads there. */
    snprintf(yaml, sizeof(yaml), "%s/s", folder);
    assert_int_equal(mkdir(yaml, 0700), 0);
    snprintf(link, sizeof(link), "%s/l", folder);
    assert_int_equal(symlink("s", link), 0);
    assert_fault("store: s\nkey_file: l/k\nsockets: {staff: a}\npeople: {}\n", "E844", 2, 11,
                 "inside");
    assert_fault("store: l\nkey_file: s/k\nsockets: {staff: a}\npeople: {}\n", "E844", 2, 11,
                 "inside");
    unlink(link);
    rmdir(yaml);
}

static int read_anywhere(void *self, struct arena *into, const char *name, size_t size_max,
                         struct text *text_out)
{
    (void)self, (void)into, (void)name, (void)size_max;
    *text_out = TEXT(GOOD);
    return 0;
}

static void a_folder_that_cannot_be_looked_up_is_no_other_folder(void **state)
{
    (void)state;
    struct port_files files = {.read = read_anywhere};

    assert_null(config_read(&files, "/there/is/no/such/file.yaml", &diags, &source));
    assert_int_equal(diags.error_count, 1);
    assert_string_equal(diags.items[0].code, "E840");
}

static void a_path_that_leads_round_is_told(void **state)
{
    (void)state;
    char link[64];

    snprintf(link, sizeof(link), "%s/l", folder);
    assert_int_equal(symlink("l", link), 0);
    assert_null(read_text("store: l/s\nkey_file: k\nsockets: {staff: a}\npeople: {}\n"));
    assert_string_equal(diags.items[0].code, "E840");
    unlink(link);
}

#define SECRETS(map) GOOD "plugins: {p: {file: /p.so, " HASH ", secrets: " map "}}\n"

static void secrets_are_named_by_file_or_credential(void **state)
{
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/sankofad", 1);
    const struct config *config =
        read_good(SECRETS("{token: {file: t}, key_2: {file: /k}, pin: {credential: pin}}"));
    unsetenv("CREDENTIALS_DIRECTORY");
    const struct steps_plugin *plugin = &config->plugins[0];
    assert_int_equal(plugin->secret_count, 3);
    assert_string_equal(plugin->secrets[0].name, "token");
    assert_string_equal(plugin->secrets[0].file + strlen(folder), "/t");
    assert_string_equal(plugin->secrets[1].file, "/k");
    assert_string_equal(plugin->secrets[2].name, "pin");
    assert_string_equal(plugin->secrets[2].file, "/run/credentials/sankofad/pin");
}

static void what_names_no_secret_is_told(void **state)
{
    static const struct {
        const char *yaml, *code, *part;
    } cases[] = {
        {SECRETS("[a]"), "E843", "secrets by name"},
        {SECRETS("{Token: {file: t}}"), "E843", "no name of a secret"},
        {SECRETS("{token: hunter2}"), "E843", "{file: PATH}"},
        {SECRETS("{token: {}}"), "E843", "where the secret is"},
        {SECRETS("{token: {value: hunter2}}"), "E843", "where the secret is"},
        {SECRETS("{token: {file: a, credential: b}}"), "E843", "where the secret is"},
        {SECRETS("{token: {file: [a]}}"), "E843", "where the secret is"},
        {SECRETS("{token: {credential: a}}"), "E847", "LoadCredential"},
        {SECRETS("{token: {credential: ../a}}"), "E843", "without a slash"},
        {SECRETS("{a: {file: x}, b: {file: x}, c: {file: x}, d: {file: x}, e: {file: x}, "
                 "f: {file: x}, g: {file: x}, h: {file: x}, i: {file: x}, j: {file: x}, "
                 "k: {file: x}, l: {file: x}, m: {file: x}, n: {file: x}, o: {file: x}, "
                 "p: {file: x}, q: {file: x}}"),
         "E843", "at most 16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(read_text(cases[i].yaml));
        struct text told = diag_write_caret(arena, &diags.items[0], text_from(cases[i].yaml));
        if (diags.count != 1 || strcmp(diags.items[0].code, cases[i].code) != 0 ||
            !strstr(told.bytes, cases[i].part))
            fail_msg("%zu faults of\n%s\n%s", diags.count, cases[i].yaml, told.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(a_short_file_leaves_the_rest_to_defaults),
        WITH_FILE(every_key_goes_where_it_belongs),
        WITH_FILE(paths_are_relative_to_the_file),
        WITH_FILE(every_fault_is_told_with_its_place),
        WITH_FILE(what_a_plugin_is_granted_is_read),
        WITH_FILE(faults_are_told_all_at_once),
        WITH_FILE(what_is_no_yaml_is_told_as_such),
        WITH_FILE(a_file_that_cannot_be_read_is_told),
        WITH_FILE(a_file_that_is_too_large_is_told),
        WITH_FILE(the_key_is_not_kept_inside_the_store),
        WITH_FILE(a_folder_that_cannot_be_looked_up_is_no_other_folder),
        WITH_FILE(a_path_that_leads_round_is_told),
        WITH_FILE(secrets_are_named_by_file_or_credential),
        WITH_FILE(what_names_no_secret_is_told),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
