/* `workflow test`: finds NAME.test.yaml and NAME.yaml beside it, in folders and below. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "client/author/workflow_file.h"
#include "client/client.h"
#include "system/system.h"
#include "workbench/workbench.h"

enum { FILES_MAX = 10000, DEPTH_MAX = 32 };

static const char test_suffix[] = ".test.yaml", suffix[] = ".yaml";

struct paths {
    struct text *items;
    size_t count, capacity;
};

static void add_path(struct client *client, struct paths *paths, struct text path)
{
    if (paths->count == paths->capacity) {
        size_t capacity = paths->capacity * 2 + 16;
        struct text *items = ARENA_ARRAY(client->arena, struct text, capacity);
        if (paths->count > 0)
            memcpy(items, paths->items, paths->count * sizeof(*items));
        paths->items = items;
        paths->capacity = capacity;
    }
    paths->items[paths->count++] = path;
}

static bool is_folder(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* Hidden files and folders are left alone. */
static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int find_in(struct client *client, const char *folder, int depth, struct paths *paths)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_shown, alphasort);

    if (count < 0) {
        complain("%s cannot be read: %s.", folder, strerror(errno));
        complain("Name files NAME.test.yaml, or folders that hold some.");
        return CLIENT_WRONG_USE;
    }
    int result = CLIENT_DONE;
    for (int i = 0; i < count; i++) {
        struct text path =
            strcmp(folder, ".") == 0
                ? text_copy(client->arena, text_from(entries[i]->d_name))
                : text_printf(client->arena, "%s%s%s", folder,
                              folder[strlen(folder) - 1] == '/' ? "" : "/", entries[i]->d_name);
        if (result == CLIENT_DONE && depth < DEPTH_MAX && is_folder(path.bytes))
            result = find_in(client, path.bytes, depth + 1, paths);
        else if (text_ends(path, test_suffix) && paths->count < FILES_MAX)
            add_path(client, paths, path);
        free(entries[i]);
    }
    free(entries);
    return result;
}

/* NAME.yaml stands for NAME.test.yaml. */
static int find_tests(struct client *client, const char *argument, struct paths *paths)
{
    struct text path = text_from(argument);

    if (is_folder(argument))
        return find_in(client, argument, 0, paths);
    if (!text_ends(path, suffix)) {
        complain("%s is neither a folder nor a file NAME.yaml.", argument);
        complain("Name files NAME.test.yaml, or folders that hold some.");
        return CLIENT_WRONG_USE;
    }
    if (!text_ends(path, test_suffix))
        path = text_printf(client->arena, "%.*s%s", (int)(path.size - strlen(suffix)), path.bytes,
                           test_suffix);
    add_path(client, paths, path);
    return CLIENT_DONE;
}

/* The workflow beside a test file; one that is not there is for the tests to tell. */
static int read_pair(struct client *client, struct text path, struct workbench_pair *pair_out)
{
    size_t stem = path.size - strlen(test_suffix);
    struct text beside = text_printf(client->arena, "%.*s%s", (int)stem, path.bytes, suffix);
    struct port_files files = system_files();
    int result = workflow_file_read(client, path.bytes, &pair_out->test);

    pair_out->workflow = (struct workbench_file){.name = beside};
    if (result != CLIENT_DONE)
        return result;
    int status = files.read(files.self, client->arena, beside.bytes, WORKFLOW_FILE_BYTES_MAX,
                            &pair_out->workflow.source);
    if (status == 0 || status == -ENOENT)
        return CLIENT_DONE;
    return workflow_file_read(client, beside.bytes, &pair_out->workflow);
}

static int read_pairs(struct client *client, struct workbench_pair **pairs_out, size_t *count_out)
{
    struct paths paths = {0};
    int result = CLIENT_DONE;

    if (client->argument_count == 0)
        result = find_tests(client, ".", &paths);
    for (int i = 0; result == CLIENT_DONE && i < client->argument_count; i++)
        result = find_tests(client, client->arguments[i], &paths);
    if (result == CLIENT_DONE && paths.count == 0) {
        complain("There is no file NAME.test.yaml there.");
        complain("The tests of NAME.yaml stand beside it, in NAME.test.yaml.");
        return CLIENT_WRONG_USE;
    }
    *pairs_out = ARENA_ARRAY(client->arena, struct workbench_pair, paths.count);
    *count_out = paths.count;
    for (size_t i = 0; result == CLIENT_DONE && i < paths.count; i++)
        result = read_pair(client, paths.items[i], &(*pairs_out)[i]);
    return result;
}

int workflow_test(struct client *client)
{
    struct zone_source zones = system_zones(client->arena);
    struct workflow_parents parents = parents_beside(client);
    struct workflow_context context = {.zones = &zones, .parents = &parents};
    struct workbench_tester tester = {.context = &context, .coverage = client->coverage};
    struct workbench_hosts hosts;
    struct workbench_tested tested;
    struct workbench_pair *pairs = NULL;
    struct plugin_source plugins;
    bool is_known = false;
    size_t count = 0;
    int result = workflow_format_read(client, &tester.format);

    if (result == CLIENT_DONE)
        result = read_pairs(client, &pairs, &count);
    if (result == CLIENT_DONE)
        result = plugins_open(client, &plugins, &is_known);
    if (result != CLIENT_DONE)
        return result;
    context.plugins = is_known ? &plugins : NULL;
    plugins_hosts(&plugins, &hosts);
    tester.hosts = is_known ? &hosts : NULL;
    workbench_test(pairs, count, &tester, client->arena, &tested);
    plugins_close(&plugins);
    fwrite(tested.output.bytes, 1, tested.output.size, stdout);
    if (tester.format != WORKBENCH_JSON)
        printf("%.*s\n", TEXT_ARG(tested.summary));
    return tested.failed == 0 ? CLIENT_DONE : CLIENT_REFUSED;
}
