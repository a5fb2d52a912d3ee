/* Plugins described without a daemon, by a real host. */
#include <sys/stat.h>

#include "client/kit.h"

/* The host is looked for beside the program, which here is this test. */
static void stand_beside_the_host(struct kit *kit)
{
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);

    assert_true(size > 0);
    path[size] = '\0';
    *strrchr(path, '/') = '\0';
    struct text link = text_printf(kit->arena, "%s/sankofa-host", path);
    if (symlink(getenv("SANKOFA_HOST"), link.bytes) != 0)
        assert_int_equal(access(link.bytes, X_OK), 0);
}

static struct plugin_source open_plugins(struct kit *kit, const char *folder)
{
    struct plugin_source source;
    bool is_known;

    stand_beside_the_host(kit);
    kit->client.plugins = folder;
    assert_int_equal(plugins_open(&kit->client, &source, &is_known), CLIENT_DONE);
    assert_true(is_known);
    return source;
}

static void a_plugin_describes_itself_once(void **state)
{
    struct kit *kit = *state;
    struct plugin_source source = open_plugins(kit, getenv("SANKOFA_BAD_PLUGINS"));
    struct text why = TEXT_NONE;

    const struct plugin_description *probe = source.find(source.self, TEXT("probe"), &why);
    assert_non_null(probe);
    assert_true(text_is(probe->name, "probe"));
    assert_non_null(plugin_step_type(probe, TEXT("echo")));
    assert_ptr_equal(source.find(source.self, TEXT("probe"), &why), probe);
}

/* A folder in which built plugins stand under other names. */
struct named {
    const char *name, *built;
};

static const char *folder_of(struct kit *kit, const struct named *named, size_t count)
{
    char *folder = arena_copy(kit->arena, "/tmp/sankofa-plugins-XXXXXX", 27);

    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < count; i++) {
        struct text link = text_printf(kit->arena, "%s/%s.so", folder, named[i].name);
        struct text built =
            text_printf(kit->arena, "%s/%s.so", getenv("SANKOFA_BAD_PLUGINS"), named[i].built);
        assert_int_equal(symlink(built.bytes, link.bytes), 0);
    }
    return folder;
}

static void remove_folder(struct kit *kit, const char *folder, const struct named *named,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        unlink(text_printf(kit->arena, "%s/%s.so", folder, named[i].name).bytes);
    assert_int_equal(rmdir(folder), 0);
}

/* What cannot be had is told in words, and told the same the second time: nothing is started twice.
 */
static void what_is_wrong_with_a_plugin_is_told(void **state)
{
    static const struct named named[] = {
        {"crash_at_load", "crash-at-load"}, {"empty", "empty"}, {"other", "probe"}};
    static const struct {
        const char *name, *why;
    } wrong[] = {
        {"nobody", "there is no file"},
        {"../probe", "there is no file"},
        {"crash_at_load", "it ended its host while it was loaded"},
        {"empty", "sankofa_plugin"},
        {"other", "it calls itself \"probe\""},
    };
    struct kit *kit = *state;
    const char *folder = folder_of(kit, named, 3);
    struct plugin_source source = open_plugins(kit, folder);

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct text first = TEXT_NONE, second = TEXT_NONE;
        assert_null(source.find(source.self, text_from(wrong[i].name), &first));
        assert_holds(first.bytes, wrong[i].why);
        assert_null(source.find(source.self, text_from(wrong[i].name), &second));
        assert_ptr_equal(first.bytes, second.bytes);
    }
    remove_folder(kit, folder, named, 3);
}

static void a_plugin_that_others_can_write_to_is_not_loaded(void **state)
{
    static const struct named named[] = {{"probe", "probe"}};
    struct kit *kit = *state;
    const char *folder = folder_of(kit, named, 0);
    const char *file = text_printf(kit->arena, "%s/probe.so", folder).bytes;
    struct plugin_source source = open_plugins(kit, folder);
    struct text why = TEXT_NONE;

    FILE *stream = fopen(file, "w");
    assert_non_null(stream);
    fclose(stream);
    assert_int_equal(chmod(file, 0666), 0);
    assert_null(source.find(source.self, TEXT("probe"), &why));
    assert_holds(why.bytes, "can be written by others");
    remove_folder(kit, folder, named, 1);
}

static void a_folder_that_is_not_there_is_wrong_use_only_if_it_was_named(void **state)
{
    struct kit *kit = *state;
    struct plugin_source source;
    bool is_known = true;

    kit->client.plugins = "/nonexistent";
    struct caught caught = catch_begin(stderr);
    assert_int_equal(plugins_open(&kit->client, &source, &is_known), CLIENT_WRONG_USE);
    assert_holds(catch_end(kit, &caught), "There is no folder /nonexistent.");
    kit->client.plugins = NULL;
    caught = catch_begin(stderr);
    assert_int_equal(plugins_open(&kit->client, &source, &is_known), CLIENT_DONE);
    assert_holds(catch_end(kit, &caught), "is not checked");
    assert_false(is_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(a_plugin_describes_itself_once),
        KIT_TEST(what_is_wrong_with_a_plugin_is_told),
        KIT_TEST(a_plugin_that_others_can_write_to_is_not_loaded),
        KIT_TEST(a_folder_that_is_not_there_is_wrong_use_only_if_it_was_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
