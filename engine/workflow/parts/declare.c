/* The head of a file: its name, where it belongs, roles, who may open a case; and durations. */
#include "workflow/load.h"

enum { SPAN_DAYS_MAX = 36525, VERSION_BYTES_MAX = 100 };

static bool is_workflow_id(struct text text)
{
    if (text.size == 0 || text.size > 64 || text.bytes[0] < 'a' || text.bytes[0] > 'z')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

static void name_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "workflow", YAML_SCALAR);
    struct diag *diag;

    if (node == NULL)
        return;
    load->workflow->id = node->text;
    if (is_workflow_id(node->text) || node->text.size == 0)
        return;
    diag = load_fault(load, E_ID, node->place, "not an id", "\"%.*s\" cannot name a workflow",
                      TEXT_ARG(node->text));
    diag_help(load->diags, diag, "it begins with a-z and goes on with a-z, 0-9 and -, at most 64");
}

static void version_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "version", YAML_SCALAR);

    if (node == NULL)
        return;
    load->workflow->version = node->text;
    if (node->text.size > VERSION_BYTES_MAX)
        load_fault(load, E_TOO_MANY, node->place, "too long", "a version has at most %d bytes",
                   (int)VERSION_BYTES_MAX);
}

static void country_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "country", YAML_SCALAR);
    struct diag *diag;

    if (node == NULL || node->text.size == 0)
        return;
    if (text_is_country(node->text)) {
        load->workflow->country = node->text;
        return;
    }
    diag = load_fault(load, E_COUNTRY, node->place, "not a country", "\"%.*s\" is not a country",
                      TEXT_ARG(node->text));
    diag_help(load->diags, diag, "write its two capital letters of ISO 3166-1, as SN");
}

static void zone_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "time_zone", YAML_SCALAR);
    const struct zone_source *zones = load->context->zones;
    struct diag *diag;

    if (node == NULL || node->text.size == 0)
        return;
    load->workflow->time_zone = node->text;
    if (text_is(node->text, "UTC"))
        return;
    if (zones != NULL)
        load->workflow->zone = zones->load(zones->self, node->text);
    if (load->workflow->zone != NULL)
        return;
    diag = load_fault(load, E_ZONE, node->place, "no such zone", "unknown time zone \"%.*s\"",
                      TEXT_ARG(node->text));
    diag_help(load->diags, diag, "write a name of the IANA time zones, as Africa/Dakar");
}

size_t load_bounded(struct load *load, const struct yaml_node *map, size_t most, const char *noun)
{
    if (map == NULL)
        return 0;
    if (map->count <= most)
        return map->count;
    load_fault(load, E_TOO_MANY, map->entries[most].key_place, "too many",
               "%zu %s; %zu are the most", map->count, noun, most);
    return most;
}

static void roles_declare(struct load *load)
{
    const struct yaml_node *map = load_get(load->root, "roles", YAML_MAP);
    size_t count = load_bounded(load, map, WORKFLOW_ROLES_MAX, "roles");

    load_names_init(load, &load->role_names, E_ROLE, count);
    load->roles = ARENA_ARRAY(load->arena, struct workflow_role, count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_entry *entry = &map->entries[i];
        const struct yaml_node *sees = load_get(entry->value, "sees", YAML_LIST);
        struct workflow_role *role = &load->roles[i];

        role->id = entry->key;
        role->title = load_words(load, entry->value, "title");
        for (size_t j = 0; sees != NULL && j < sees->count; j++)
            role->sees_sensitive |= text_is(sees->entries[j].value->text, "sensitive");
        load_names_add(&load->role_names, entry->key, entry->key_place);
    }
    load->workflow->roles = load->roles;
    load->workflow->role_count = count;
}

/* Once every role has its name. */
static void supervisors_read(struct load *load)
{
    const struct yaml_node *map = load_get(load->root, "roles", YAML_MAP);

    for (size_t i = 0; i < load->workflow->role_count; i++)
        load->roles[i].supervises = load_roles(load, map->entries[i].value, "supervises");
}

struct workflow_roles load_roles(struct load *load, const struct yaml_node *map, const char *key)
{
    const struct yaml_node *list = load_get(map, key, YAML_LIST);
    struct workflow_roles roles = {0};
    struct text *ids = ARENA_ARRAY(load->arena, struct text, list != NULL ? list->count : 0);

    roles.ids = ids;
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct yaml_node *item = list->entries[i].value;

        if (item->kind == YAML_SCALAR && item->text.size > 0 &&
            load_names_need(load, &load->role_names, item->text, item->place) != SIZE_MAX)
            ids[roles.count++] = item->text;
    }
    return roles;
}

bool load_span(struct load *load, const struct yaml_node *scalar, int64_t least_ms, int64_t *ms_out)
{
    struct diag *diag;

    *ms_out = 0;
    if (scalar == NULL || scalar->kind != YAML_SCALAR || scalar->text.size == 0)
        return false;
    if (text_ends(scalar->text, "wd")) {
        diag = load_fault(load, E_WORKDAYS, scalar->place, "working days",
                          "working days cannot be counted here");
        diag_help(load->diags, diag, "write it as 90s, 30min, 48h, 10d or 2w");
        return false;
    }
    if (when_read_span(scalar->text, ms_out) && *ms_out >= least_ms &&
        *ms_out <= (int64_t)SPAN_DAYS_MAX * 86400000)
        return true;
    *ms_out = 0;
    diag = load_fault(load, E_SPAN, scalar->place, "not a duration",
                      "\"%.*s\" is not a duration here", TEXT_ARG(scalar->text));
    diag_help(load->diags, diag, "write it as 90s, 30min, 48h, 10d or 2w, up to 100 years");
    return false;
}

void load_head(struct load *load)
{
    const struct yaml_node *open = load_get(load->root, "open", YAML_MAP);

    name_read(load);
    version_read(load);
    country_read(load);
    zone_read(load);
    load->workflow->is_abstract = text_is(load_get_text(load->root, "abstract"), "true");
    load_calendar(load);
    load->workflow->title = load_words(load, load->root, "title");
    roles_declare(load);
    supervisors_read(load);
    load_fields(load);
    load->workflow->has_open_by = yaml_entry(open, "by") != NULL;
    load->workflow->open_by = load_roles(load, open, "by");
    load->workflow->open_form = load_form(load, open, "form");
}
