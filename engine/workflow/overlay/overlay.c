/* Finding the parents of an overlay, and merging it into them: RFC 7396, with two words more.
 *
 * The happy path:
 * 1. The parent is found by its id, and rendered itself first: it may be an overlay, too.
 * 2. The patch is walked by the tables. A part that the parent marks `final: true` is not touched.
 * 3. What is new stands after what was there, or where its `place` says. */
#include "workflow/overlay/overlay.h"

#include "base/arena.h"
#include "base/json.h"
#include "workflow/codes.h"
#include "workflow/overlay/overlay_merge.h"

static struct diag *fault(struct overlay *overlay, const char *code, struct place place,
                          const char *label, struct text message)
{
    struct diag *diag =
        diag_add(overlay->diags, DIAG_ERROR, code, place, "%.*s", TEXT_ARG(message));

    diag->label = text_from(label);
    return diag;
}

/* ---- The parent. ---- */

/* A stored definition knows no lines; that it is of the parent can be told. */
static void set_file(struct yaml_node *node, struct text file)
{
    node->place.file = file;
    for (size_t i = 0; i < node->count; i++) {
        node->entries[i].key_place.file = file;
        set_file(node->entries[i].value, file);
    }
}

static const struct yaml_node *read_parent(struct overlay *overlay,
                                           const struct workflow_parent *parent)
{
    struct json_fault json_fault;
    struct yaml_node *root;
    struct value value;

    if (!parent->is_rendered)
        return yaml_parse(parent->source, parent->file, overlay->diags);
    if (json_read(overlay->arena, parent->source, &value, &json_fault) == 0) {
        root = yaml_from_value(overlay->arena, &value);
        set_file(root, parent->file);
        return root;
    }
    diag_add(overlay->diags, DIAG_ERROR, E_KIND, (struct place){.file = parent->file},
             "a stored definition is no JSON: %s", json_fault.message);
    return NULL;
}

static bool is_circle(struct overlay *overlay, const struct yaml_node *extends)
{
    struct text_buffer way;

    text_buffer_init(&way, overlay->arena);
    for (size_t i = 0; i < overlay->depth; i++) {
        if (way.size > 0 || text_equal(overlay->ids[i], extends->text))
            text_append_printf(&way, "%.*s, ", TEXT_ARG(overlay->ids[i]));
    }
    if (way.size == 0 && overlay->depth < OVERLAY_DEPTH_MAX)
        return false;
    if (way.size > 0)
        fault(overlay, E_EXTENDS, extends->place, N_("a circle"),
              text_printf(overlay->arena, N_("overlays go round in a circle: %.*s%.*s"),
                          TEXT_ARG(text_buffer_text(&way)), TEXT_ARG(extends->text)));
    else
        fault(overlay, E_EXTENDS, extends->place, "too many",
              text_printf(overlay->arena, N_("%d overlays upon each other are the most"),
                          OVERLAY_DEPTH_MAX));
    return true;
}

static const struct yaml_node *find_parent(struct overlay *overlay, const struct yaml_node *extends)
{
    const struct workflow_parents *parents = overlay->context->parents;
    struct workflow_parent parent = {0};
    struct text why = TEXT(N_("parents of overlays are not known here"));
    struct diag *diag;

    if (is_circle(overlay, extends))
        return NULL;
    if (parents != NULL && parents->find(parents->self, extends->text, extends->place.file,
                                         overlay->arena, &parent, &why))
        return read_parent(overlay, &parent);
    diag = fault(overlay, E_EXTENDS, extends->place, "no such workflow",
                 text_printf(overlay->arena, N_("the workflow \"%.*s\" cannot be extended: %.*s"),
                             TEXT_ARG(extends->text), TEXT_ARG(why)));
    if (!text_is_empty(parent.suggest))
        diag_help(overlay->diags, diag, "did you mean \"%.*s\"?", TEXT_ARG(parent.suggest));
    return NULL;
}

/* ---- The whole. ---- */

/* Without the keys that belong to one file alone. */
static struct yaml_node without(struct arena *arena, const struct yaml_node *map,
                                const char *const *keys, size_t key_count)
{
    struct yaml_node rest = *map;

    rest.entries = ARENA_ARRAY(arena, struct yaml_entry, map->count);
    rest.count = 0;
    for (size_t i = 0; i < map->count; i++) {
        bool is_kept = true;

        for (size_t k = 0; k < key_count; k++)
            is_kept &= !text_is(map->entries[i].key, keys[k]);
        if (is_kept)
            rest.entries[rest.count++] = map->entries[i];
    }
    return rest;
}

static bool is_overlay(struct overlay *overlay, const struct yaml_node *root)
{
    const struct yaml_entry *extends = yaml_entry(root, "extends");
    const struct yaml_node *name = yaml_get(root, "workflow");

    if (extends == NULL)
        return false;
    if (extends->value->kind != YAML_SCALAR || yaml_is_null(extends->value) ||
        extends->value->text.size == 0) {
        fault(overlay, E_KIND, extends->value->place, N_("a name"),
              TEXT(N_("`extends` takes the name of a workflow")));
        return false;
    }
    if (name == NULL || name->kind != YAML_SCALAR)
        fault(overlay, E_KEY_MISSING, root->place, "",
              TEXT(N_("an overlay needs the key `workflow`: a name of its own")));
    return name != NULL && name->kind == YAML_SCALAR;
}

static const struct yaml_node *render(struct overlay *overlay, const struct yaml_node *root)
{
    static const char *const of_parent[] = {"extends", "abstract"}, *const of_patch[] = {"extends"};
    size_t errors = overlay->diags->error_count;
    const struct yaml_node *parent;

    if (!is_overlay(overlay, root))
        return overlay->diags->error_count == errors ? root : NULL;
    overlay->ids[overlay->depth++] = yaml_get(root, "workflow")->text;
    parent = find_parent(overlay, yaml_get(root, "extends"));
    if (parent != NULL)
        parent = render(overlay, parent);
    if (parent == NULL)
        return NULL;
    if (parent->kind != YAML_MAP) {
        fault(overlay, E_EXTENDS, parent->place, "not a workflow",
              TEXT(N_("a workflow is a map that begins with `workflow: NAME`")));
        return NULL;
    }
    struct yaml_node target = without(overlay->arena, parent, of_parent, 2);
    struct yaml_node patch = without(overlay->arena, root, of_patch, 1);
    const struct yaml_node *merged = overlay_merge(overlay, &target, &patch);
    return overlay->diags->error_count == errors ? merged : NULL;
}

const struct yaml_node *overlay_render(const struct yaml_node *root,
                                       const struct workflow_context *context,
                                       struct diag_list *diags)
{
    struct overlay overlay = {.arena = diags->arena, .context = context, .diags = diags};

    return render(&overlay, root);
}
