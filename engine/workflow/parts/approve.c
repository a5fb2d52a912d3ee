/* `approve`: who must agree before a submission is carried out, and what a proposal rests on. */
#include "workflow/load.h"

static const char *const daemon_roles[] = {"administrator", "dpo", "auditor"};

bool workflow_role_is_of_daemon(struct text id)
{
    for (size_t i = 0; i < sizeof(daemon_roles) / sizeof(daemon_roles[0]); i++)
        if (text_is(id, daemon_roles[i]))
            return true;
    return false;
}

/* How many people hold a role is not known here; that nobody can is. */
static void check_approvers(struct load *load, const struct yaml_node *node,
                            const struct workflow_roles *by)
{
    struct diag *diag;

    for (size_t i = 0; i < by->count; i++)
        if (!workflow_role_is_of_daemon(by->ids[i]))
            return;
    if (by->count == 0)
        return;
    diag = load_fault(load, E_APPROVERS, load_key_place(node, "by"), "nobody can",
                      "the role \"%.*s\" is the daemon's own: it may do nothing in a case",
                      TEXT_ARG(by->ids[0]));
    diag_help(load->diags, diag, "name a role of people who work on cases");
}

static bool names_people(const struct workflow_field *field)
{
    return field->type == FIELD_PERSON || (field->type == FIELD_LIST && field->of == FIELD_PERSON);
}

/* Where the people are known: a proposal that too few may approve waits for ever. */
static void warn_of_too_few(struct load *load, const struct yaml_node *node,
                            const struct workflow_approval *approval)
{
    const struct workflow_people *people = load->context->people;
    const struct workflow_roles *by = &approval->by;
    struct diag *diag;

    if (people == NULL || load->workflow->is_abstract || by->count == 0)
        return;
    size_t count = people->count(people->self, by->ids, by->count, load->workflow->country);
    if (count >= (size_t)approval->need)
        return;
    diag =
        load_warn(load, W_TOO_FEW, load_key_place(node, "need"), "too few",
                  "%d must approve, and %zu of those this daemon knows may", approval->need, count);
    diag_help(load->diags, diag,
              "give the role \"%.*s\" to more people in sankofad.yaml, or lower `need`",
              TEXT_ARG(by->ids[0]));
}

/* A field whose persons may not approve; NULL: a fault. */
static const struct workflow_field *excluded_field(struct load *load, const struct yaml_node *item)
{
    size_t number = load_names_find(&load->field_names, item->text);
    struct diag *diag;

    if (number != SIZE_MAX && names_people(&load->fields[number])) {
        load->field_is_read[number] = true;
        load->field_read_places[number] = item->place;
        load->rests[number] = true;
        return &load->fields[number];
    }
    if (number != SIZE_MAX) {
        diag = load_fault(load, E_EXCLUDE, item->place, "not of a person",
                          "the field \"%.*s\" holds no person", TEXT_ARG(item->text));
        diag_help(load->diags, diag,
                  "`exclude` takes \"submitter\" and fields of the type person, or a list of them");
        return NULL;
    }
    diag = load_fault(load, E_EXCLUDE, item->place, "neither", "whom does \"%.*s\" exclude?",
                      TEXT_ARG(item->text));
    struct text names[] = {item->text, TEXT("submitter")};
    if (!text_is_empty(text_nearest(item->text, names + 1, 1)))
        diag_help(load->diags, diag, "did you mean \"submitter\"?");
    else
        load_suggest(load, diag, item->text, &load->field_names);
    return NULL;
}

/* Left out, it excludes whoever submits. */
static void load_exclusion(struct load *load, const struct yaml_node *node,
                           struct workflow_approval *approval)
{
    const struct yaml_node *list = load_get(node, "exclude", YAML_LIST);
    size_t count = list != NULL ? list->count : 0;
    const struct workflow_field **fields =
        ARENA_ARRAY(load->arena, const struct workflow_field *, count);

    approval->excludes_submitter = list == NULL;
    approval->excluded = fields;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list->entries[i].value;
        const struct workflow_field *field;

        if (item->kind != YAML_SCALAR || item->text.size == 0)
            continue;
        if (text_is(item->text, "submitter"))
            approval->excludes_submitter = true;
        else if ((field = excluded_field(load, item)) != NULL)
            fields[approval->excluded_count++] = field;
    }
}

void load_approval(struct load *load, uint16_t number)
{
    const struct yaml_node *node = load_get(load->drafts[number].node, "approve", YAML_MAP);
    struct workflow_approval *approval;
    int64_t need;

    if (load->drafts[number].variant != ON || node == NULL)
        return;
    approval = ARENA_NEW(load->arena, struct workflow_approval);
    approval->by = load_roles(load, node, "by");
    approval->need = text_to_int(load_get_text(node, "need"), &need) ? (int32_t)need : 1;
    check_approvers(load, node, &approval->by);
    warn_of_too_few(load, node, approval);
    load->transitions[number].approve = approval;
    load->rests = ARENA_ARRAY(load->arena, bool, load->workflow->field_count);
    load_exclusion(load, node, approval);
}

void load_approval_finish(struct load *load, uint16_t number)
{
    struct workflow_transition *transition = &load->transitions[number];
    struct workflow_approval *approval = (struct workflow_approval *)transition->approve;
    const struct workflow_field **fields;

    if (approval == NULL)
        return;
    for (size_t i = 0; i < transition->form.count; i++)
        load->rests[transition->form.items[i].field - load->fields] = true;
    fields = ARENA_ARRAY(load->arena, const struct workflow_field *, load->workflow->field_count);
    approval->fields = fields;
    for (size_t i = 0; i < load->workflow->field_count; i++)
        if (load->rests[i])
            fields[approval->field_count++] = &load->fields[i];
    load->rests = NULL;
}
