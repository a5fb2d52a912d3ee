/* Parents of overlays: files of workflows beside the overlay's own. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "client/author/workflow_file.h"
#include "system/system.h"

struct search {
    struct client *client;
    struct arena *arena;
    struct text id;
    struct workflow_parent *parent;
    struct text *ids; /* of all files, for a suggestion */
    size_t id_count;
    size_t found;
};

enum { IDS_MAX = 1000 };

static int is_workflow(const struct dirent *entry)
{
    struct text name = text_from(entry->d_name);

    return name.bytes[0] != '.' && text_ends(name, ".yaml") && !text_ends(name, ".test.yaml");
}

/* The name that a file gives itself; empty where it is no workflow. */
static struct text name_of(struct search *search, struct text path, struct text source)
{
    struct diag_list diags;

    diag_list_init(&diags, search->arena);
    const struct yaml_node *root = yaml_parse(source, path, &diags);
    const struct yaml_node *name = root ? yaml_get(root, "workflow") : NULL;
    return name && name->kind == YAML_SCALAR ? name->text : TEXT_NONE;
}

static void look_at(struct search *search, struct text path)
{
    struct port_files files = system_files();
    struct text source, name;

    if (files.read(files.self, search->arena, path.bytes, WORKFLOW_FILE_BYTES_MAX, &source) != 0)
        return;
    name = name_of(search, path, source);
    if (name.size > 0 && search->id_count < IDS_MAX)
        search->ids[search->id_count++] = name;
    if (!text_equal(name, search->id))
        return;
    search->found++;
    search->parent->file = path;
    search->parent->source = source;
}

static struct text folder_of(struct text path)
{
    const char *slash = path.size > 0 ? memrchr(path.bytes, '/', path.size) : NULL;

    return slash ? (struct text){path.bytes, (size_t)(slash - path.bytes) + 1} : TEXT_NONE;
}

static bool find(void *self, struct text id, struct text child, struct arena *arena,
                 struct workflow_parent *parent_out, struct text *why_out)
{
    struct text folder = text_copy(arena, folder_of(child));
    struct search search = {
        .client = self, .arena = arena, .id = id, .parent = parent_out, .ids = NULL};
    struct dirent **entries;
    int count = scandir(folder.size > 0 ? folder.bytes : ".", &entries, is_workflow, alphasort);

    *parent_out = (struct workflow_parent){0};
    search.ids = ARENA_ARRAY(arena, struct text, IDS_MAX);
    for (int i = 0; i < count; i++) {
        look_at(&search, text_printf(arena, "%.*s%s", TEXT_ARG(folder), entries[i]->d_name));
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    if (search.found == 1)
        return true;
    *why_out = search.found == 0
                   ? TEXT(N_("no file beside this one is called so in its line `workflow:`"))
                   : TEXT(N_("two files beside this one are called so in their lines `workflow:`"));
    parent_out->suggest =
        search.found == 0 ? text_nearest(id, search.ids, search.id_count) : TEXT_NONE;
    return false;
}

struct workflow_parents parents_beside(struct client *client)
{
    return (struct workflow_parents){client, find};
}
