/* What people see: by role, by country, in their language; and the card, which tells no data. */
#include "case/plugins.h"

static const char yaml[] =
    "workflow: test\ntitle: {en: Return, fr: Retour}\nlanguages: [en, fr]\ncountry: SN\n"
    "roles:\n"
    "  worker: {title: {en: Case worker, fr: Assistant}, sees: [sensitive]}\n"
    "  officer: {title: {en: Officer, fr: Agent}}\n"
    "  judge: {title: {en: Judge, fr: Juge}}\n"
    "open: {by: [worker], form: {name: required, town: optional}}\n"
    "fields:\n"
    "  name: {type: text, title: {en: Name, fr: Nom}, sensitive: true}\n"
    "  town: {type: text}\n"
    "  health: {type: text, sensitive: true}\n"
    "  wish: {type: choice, options: {go: {en: Go, fr: Partir}, stay: {en: Stay, fr: Rester}}}\n"
    "  risk: {type: integer, min: 0, max: 10}\n"
    "  granted: {type: boolean}\n"
    "states:\n"
    "  one:\n"
    "    title: {en: Beginning, fr: Début}\n"
    "    deadline: {within: 1d}\n"
    "    on:\n"
    "      decide: {title: {en: Decide, fr: Décider}, by: [worker], form: {wish: required, risk: "
    "optional}, guard: data.wish == 'go', explain: {en: No., fr: Non.}, target: both}\n"
    "      rush: {by: [worker, officer], guard: data.town == 'Dakar', explain: {en: Only in "
    "Dakar., fr: Seulement à Dakar.}, target: both}\n"
    "      sentence: {by: [judge], target: both}\n"
    "      faulty: {by: [worker], guard: data.risk > 1, target: both}\n"
    "      internal: {target: both}\n"
    "  both:\n"
    "    type: parallel\n"
    "    title: {en: Two things, fr: Deux choses}\n"
    "    states:\n"
    "      left: {title: {en: Left, fr: Gauche}, steps: {paper: {title: {en: Paper, fr: Papier}, "
    "use: sketch/issue, answer: {by: "
    "[officer], form: {granted: required}}}}}\n"
    "      right: {title: {en: Right, fr: Droite}, on: {end: {by: [worker], target: over}}}\n"
    "    after: {late: {delay: 5d, target: over}}\n"
    "  over: {type: final, title: {en: Over, fr: Fini}}\n";

static struct world world;
static struct case_person worker, officer, stranger, administrator;

static int setup(void **state)
{
    (void)state;
    world_start_with(&world, yaml, &sketch_source);
    worker = world_person(world.arena, "awa", "worker");
    officer = world_person(world.arena, "dibor", "officer");
    stranger = world_person(world.arena, "x", "other");
    administrator = world_person(world.arena, "root", "administrator");
    return world_open(&world, "worker", "{\"name\": \"Aminata\", \"town\": \"Dakar\"}") !=
           PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static struct value view_of(const struct case_person *viewer, const char *language)
{
    return case_view(&world.state, viewer, text_from(language), world.now_ms, world.arena);
}

#define assert_at(value, path, expected)                                                           \
    assert_json_at(&world, value_at((value), (path)), (expected), __LINE__)

/* ---- Who sees. ---- */

static void a_case_is_seen_by_roles_of_its_workflow_in_their_countries(void **state)
{
    (void)state;
    const struct text guinea = TEXT("GN");
    struct case_person abroad = worker;
    abroad.countries = &guinea;
    assert_true(case_is_visible(&worker, TEXT("SN"), world.workflow));
    assert_false(case_is_visible(&abroad, TEXT("SN"), world.workflow));
    assert_true(case_is_visible(&abroad, TEXT("GN"), world.workflow));
    assert_false(case_is_visible(&abroad, TEXT_NONE, world.workflow));
    assert_false(case_is_visible(&stranger, TEXT("SN"), world.workflow));

    /* A role in one country and another in another are two roles, not four. */
    const struct text roles[] = {TEXT("guest"), TEXT("caseworker"), TEXT("caseworker")};
    const struct text countries[] = {TEXT("GN"), TEXT("SN"), TEXT_NONE};
    struct case_person both = {.id = TEXT("bo"), .roles = roles, .countries = countries};
    both.role_count = 2;
    assert_true(case_person_holds_in(&both, TEXT("caseworker"), TEXT("SN")));
    assert_false(case_person_holds_in(&both, TEXT("caseworker"), TEXT("GN")));
    assert_false(case_person_holds_in(&both, TEXT("guest"), TEXT("SN")));
    assert_false(case_person_holds_in(&both, TEXT("caseworker"), TEXT_NONE));
    struct case_person here = case_person_in(&both, TEXT("SN"), world.arena);
    assert_int_equal(here.role_count, 1);
    assert_null(here.countries);
    assert_true(text_is(here.roles[0], "caseworker"));
    both.role_count = 3;
    assert_int_equal(case_person_in(&both, TEXT("GN"), world.arena).role_count, 2);
    assert_true(case_person_holds_in(&both, TEXT("caseworker"), TEXT_NONE));
}

static void roles_of_the_daemon_see_no_case(void **state)
{
    (void)state;
    static const char *const roles[] = {"administrator", "dpo", "auditor"};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        struct case_person person = world_person(world.arena, "root", roles[i]);
        assert_false(case_is_visible(&person, TEXT("SN"), world.workflow));
    }
    struct value view = view_of(&administrator, "en");
    assert_at(&view, "data", "{}");
}

static void sensitive_fields_are_for_roles_that_see_them(void **state)
{
    (void)state;
    struct value view = view_of(&worker, "en");
    assert_at(&view, "data", "{\"name\": \"Aminata\", \"town\": \"Dakar\"}");
    assert_at(&view, "hidden", "[]");
    view = view_of(&officer, "en");
    assert_at(&view, "data", "{\"town\": \"Dakar\"}");
    /* Also the one that is not set: that would tell something. */
    assert_at(&view, "hidden", "[\"name\", \"health\"]");
}

/* ---- The whole. ---- */

static void a_view_tells_where_the_case_stands_in_the_readers_language(void **state)
{
    (void)state;
    struct value view = view_of(&worker, "fr");
    assert_at(&view, "code", "\"SN-2026-00042-G\"");
    assert_at(&view, "workflow", "\"test\"");
    assert_at(&view, "title", "\"Retour\"");
    assert_at(&view, "country", "\"SN\"");
    assert_at(&view, "revision", "1");
    assert_at(&view, "closed", "false");
    assert_at(&view, "opened", "{\"by\": \"awa\", \"at\": \"2026-01-01T08:00:00Z\"}");
    assert_at(&view, "changed",
              "{\"by\": \"awa\", \"at\": \"2026-01-01T08:00:00Z\", \"event\": \"case.open\"}");
    assert_at(&view, "states", "[{\"id\": \"one\", \"title\": \"Début\"}]");
    assert_at(&view, "steps", "[]");
    view = view_of(&worker, "pt"); /* which it does not have: the first one */
    assert_at(&view, "title", "\"Return\"");
}

static void a_deadline_that_passed_is_overdue(void **state)
{
    (void)state;
    struct value view = view_of(&worker, "en");
    assert_at(&view, "deadlines",
              "[{\"state\": \"one\", \"title\": \"Beginning\", \"due\": \"2026-01-02T08:00:00Z\", "
              "\"overdue\": false}]");
    world.now_ms += WORLD_DAY_MS + 1;
    view = view_of(&worker, "en");
    assert_true(value_bool_at(value_item(value_at(&view, "deadlines"), 0), "overdue"));
}

static void a_parked_step_shows_its_form_and_who_may_answer(void **state)
{
    (void)state;
    world_do(&world, "awa", "worker", "decide", "{\"wish\": \"go\"}");
    struct value view = view_of(&officer, "en");
    assert_at(&view, "states",
              "[{\"id\": \"left\", \"title\": \"Left\"}, {\"id\": \"right\", \"title\": "
              "\"Right\"}]");
    assert_text(value_text_at(value_item(value_at(&view, "steps"), 0), "status"), "due");
    world_outcome(&world, "{\"outcome\": \"parked\", \"answer\": true, \"time\": true, \"until\": "
                          "1767340800000, \"cookie\": \"c0ffee\"}");
    view = view_of(&officer, "en");
    assert_at(
        &view, "steps",
        "[{\"id\": \"paper\", \"title\": \"Paper\", \"status\": \"parked\", \"wakes\": "
        "[\"answer\", \"time\"], "
        "\"until\": \"2026-01-02T08:00:00Z\", \"park\": 1, \"answer\": {\"may\": true, \"by\": "
        "[\"officer\"], \"form\": [{\"field\": \"granted\", \"title\": \"granted\", \"type\": "
        "\"boolean\", \"required\": true}]}}]");
    view = view_of(&worker, "en");
    assert_false(value_bool_at(value_item(value_at(&view, "steps"), 0), "answer/may"));
}

/* ---- Available. ---- */

static const struct value *offer(const struct value *list, const char *event)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (value_is_string(value_get(value_item(list, i), TEXT("event")), event))
            return value_item(list, i);
    fail_msg("%s is not listed", event);
    return NULL;
}

static struct value available_to(const struct case_person *viewer, const char *language)
{
    return case_available(&world.state, viewer, text_from(language), world.now_ms, world.arena);
}

static void events_are_listed_in_document_order_but_not_the_engines(void **state)
{
    (void)state;
    static const char *const events[] = {"decide", "rush", "sentence", "faulty"};
    struct value list = available_to(&worker, "en");
    assert_int_equal(value_count(&list), 4);
    for (size_t i = 0; i < 4; i++)
        assert_text(value_text_at(value_item(&list, i), "event"), events[i]);
}

static void an_offer_shows_its_form_in_the_readers_language(void **state)
{
    (void)state;
    struct value list = available_to(&worker, "fr");
    assert_json(&world, offer(&list, "decide"),
                "{\"event\": \"decide\", \"title\": \"Décider\", \"allowed\": true, \"by\": "
                "[\"worker\"], \"form\": [{\"field\": \"wish\", \"title\": \"wish\", \"type\": "
                "\"choice\", \"required\": true, \"options\": [{\"id\": \"go\", \"title\": "
                "\"Partir\"}, {\"id\": \"stay\", \"title\": \"Rester\"}]}, {\"field\": \"risk\", "
                "\"title\": \"risk\", \"type\": \"integer\", \"required\": false, \"min\": 0, "
                "\"max\": 10}]}");
}

static void a_form_tells_which_fields_are_sensitive(void **state)
{
    (void)state;
    struct value form =
        case_form(world.workflow, &world.workflow->open_form, TEXT("fr"), world.arena);
    assert_json(&world, &form,
                "[{\"field\": \"name\", \"title\": \"Nom\", \"type\": \"text\", \"required\": "
                "true, \"sensitive\": true}, {\"field\": \"town\", \"title\": \"town\", \"type\": "
                "\"text\", \"required\": false}]");
}

static void bounds_no_integer_reaches_are_shown_as_they_are(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, "workflow: test\nroles: {worker: {}}\nfields: {n: {type: integer, min: "
                        "-1e300, max: 5}}\nstates: {one: {on: {go: {by: [worker], form: {n: "
                        "required}}}}}\n");
    struct value form =
        case_form(other.workflow, &other.workflow->transitions[0].form, TEXT_NONE, other.arena);
    assert_json(&other, value_get(value_item(&form, 0), TEXT("min")), "-1e300");
    assert_json(&other, value_get(value_item(&form, 0), TEXT("max")), "5");
    world_end(&other);
}

static void a_guard_on_the_form_is_not_asked_beforehand(void **state)
{
    (void)state;
    struct value list = available_to(&worker, "en");
    assert_true(value_bool_at(offer(&list, "decide"), "allowed"));
}

static void a_guard_on_the_data_is_asked_and_explained(void **state)
{
    (void)state;
    struct value list = available_to(&officer, "en");
    assert_true(value_bool_at(offer(&list, "rush"), "allowed"));
    struct world other;
    world_start_with(&other, yaml, &sketch_source);
    world_open(&other, "worker", "{\"name\": \"Bakary\", \"town\": \"Thiès\"}");
    list = case_available(&other.state, &officer, TEXT("fr"), other.now_ms, other.arena);
    assert_false(value_bool_at(offer(&list, "rush"), "allowed"));
    assert_text(value_text_at(offer(&list, "rush"), "why_not"), "Seulement à Dakar.");
    world_end(&other);
}

static void a_missing_role_is_told(void **state)
{
    (void)state;
    struct value list = available_to(&officer, "en");
    assert_false(value_bool_at(offer(&list, "sentence"), "allowed"));
    assert_text(value_text_at(offer(&list, "sentence"), "why_not"), "needs the role judge");
}

static void a_guard_that_errs_is_not_allowed_and_says_so(void **state)
{
    (void)state;
    struct value list = available_to(&worker, "en");
    assert_false(value_bool_at(offer(&list, "faulty"), "allowed"));
    assert_true(text_begins(value_text_at(offer(&list, "faulty"), "why_not"),
                            "The workflow has a fault: "));
}

/* ---- The card and the receipt. ---- */

static void a_card_tells_what_lists_need_and_no_data(void **state)
{
    (void)state;
    struct value card = case_card(&world.state, world.arena);
    value_remove(&card, TEXT("hash"));
    assert_json(&world, &card,
                "{\"code\": \"SN-2026-00042-G\", \"workflow\": \"test\", \"country\": \"SN\", "
                "\"states\": [\"one\"], \"opened\": 1767254400000, \"changed\": 1767254400000, "
                "\"closed\": false, \"revision\": 1, \"last\": 1, \"deadline\": 1767340800000, "
                "\"calls\": false, \"roles\": [\"worker\", \"officer\", \"judge\"], \"opener\": "
                "\"awa\"}");
}

static void a_card_knows_of_calls_timers_and_who_may_answer(void **state)
{
    (void)state;
    world_do(&world, "awa", "worker", "decide", "{\"wish\": \"go\"}");
    struct value card = case_card(&world.state, world.arena);
    assert_at(&card, "calls", "true");
    assert_at(&card, "roles", "[\"worker\"]");
    assert_at(&card, "timer", "1767686400000");
    assert_at(&card, "deadline", "null");
    world_outcome(&world, "{\"outcome\": \"parked\", \"answer\": true, \"cookie\": \"\"}");
    card = case_card(&world.state, world.arena);
    assert_at(&card, "calls", "false");
    assert_at(&card, "roles", "[\"worker\", \"officer\"]");
    world_do(&world, "awa", "worker", "end", NULL);
    card = case_card(&world.state, world.arena);
    assert_at(&card, "closed", "true");
    assert_at(&card, "calls", "true"); /* the drop */
    assert_at(&card, "roles", "[]");
    assert_at(&card, "timer", "null");
}

static void a_receipt_tells_code_states_revision_and_seq(void **state)
{
    (void)state;
    struct value receipt = case_receipt(&world.state, 1, TEXT_NONE, world.arena);
    assert_json(&world, &receipt,
                "{\"code\": \"SN-2026-00042-G\", \"workflow\": \"test\", \"states\": [\"one\"], "
                "\"titles\": [\"Beginning\"], \"revision\": 1, \"seq\": 1}");
}

static void states_are_called_as_the_workflow_says_it_in_the_language(void **state)
{
    (void)state;
    world_do(&world, "awa", "worker", "decide", "{\"wish\": \"go\"}");
    struct value receipt = case_receipt(&world.state, 1, TEXT("fr"), world.arena);
    assert_at(&receipt, "states", "[\"left\", \"right\"]");
    assert_at(&receipt, "titles", "[\"Gauche\", \"Droite\"]");
    receipt = case_receipt(&world.state, 1, TEXT("wo"), world.arena);
    assert_at(&receipt, "titles", "[\"Left\", \"Right\"]");
    struct value ids = value_list(world.arena);
    value_append(&ids, value_cstring("gone")); /* of another version */
    struct value titles = case_state_titles(world.workflow, &ids, TEXT("fr"), world.arena);
    assert_json(&world, &titles, "[\"gone\"]");
    struct value told = case_explanation(&world.state, &worker, TEXT("fr"), 0, world.arena);
    assert_at(&told, "titles", "[\"Gauche\", \"Droite\"]");
    const struct value *way = value_item(value_at(&told, "transitions"), 0);
    assert_at(way, "state_title", "\"Droite\"");
    assert_at(way, "target_titles", "[\"Fini\"]");
    assert_at(value_item(value_at(&told, "steps"), 0), "state_title", "\"Gauche\"");
    assert_at(value_item(value_at(&told, "steps"), 0), "title", "\"Papier\"");
}

static void an_event_has_one_title_whichever_of_its_transitions_bears_it(void **state)
{
    static const struct {
        const char *id, *title;
    } rows[] = {{"early", "Elsewhere"},
                {"second", "Here"},
                {"again", "Here"},
                {"own", "Mine"},
                {"none", ""}};
    struct world other;

    (void)state;
    world_start(
        &other,
        "workflow: test\nroles: {w: {}}\nstates:\n"
        "  one: {on: {early: {event: far, by: [w]}, second: {event: go, by: [w], guard: 1 > 2}, "
        "go: {by: [w], title: Here, guard: 2 > 3}, "
        "again: {event: go, by: [w]}, own: {event: go, by: [w], title: Mine}, none: {by: [w]}}}\n"
        "  two: {on: {go: {by: [w], title: There}, far: {by: [w], title: Elsewhere}}}\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint16_t t = 0; t < other.workflow->chart.transition_count; t++)
            if (text_is(other.workflow->chart.transitions[t].id, rows[i].id))
                assert_text(
                    workflow_say(other.workflow, &other.workflow->transitions[t].title, TEXT_NONE),
                    rows[i].title);
    world_end(&other);
}

/* ---- History. ---- */

static struct value told_to(const struct case_person *viewer, const char *language)
{
    return case_entry_view(world.workflow, world.seq, &world.change.entry, viewer,
                           text_from(language), world.arena);
}

static void an_entry_shows_who_did_what_and_the_fields_one_may_see(void **state)
{
    (void)state;
    struct value told = told_to(&worker, "fr");
    assert_json(&world, &told,
                "{\"seq\": 1, \"at\": \"2026-01-01T08:00:00Z\", \"kind\": \"open\", \"event\": "
                "\"case.open\", \"by\": \"awa\", \"states\": [\"one\"], \"titles\": [\"Début\"], "
                "\"data\": {\"name\": \"Aminata\", \"town\": \"Dakar\"}, \"hidden\": []}");
    told = told_to(&officer, "fr");
    assert_at(&told, "data", "{\"town\": \"Dakar\"}");
    assert_at(&told, "hidden", "[\"name\"]");
}

static void an_entry_names_its_transition_and_comment(void **state)
{
    (void)state;
    world.comment = TEXT("He wants to go.");
    world_do(&world, "awa", "worker", "decide", "{\"wish\": \"go\"}");
    struct value told = told_to(&worker, "fr");
    assert_at(&told, "title", "\"Décider\"");
    assert_at(&told, "comment", "\"He wants to go.\"");
    assert_at(&told, "kind", "\"transition\"");
    assert_at(&told, "data", "{\"wish\": \"go\"}");
    told = told_to(&administrator, "fr");
    assert_at(&told, "data", "{}");
}

static void an_entry_of_a_step_names_it_and_its_outcome(void **state)
{
    (void)state;
    world_do(&world, "awa", "worker", "decide", "{\"wish\": \"go\"}");
    world_outcome(&world, "{\"outcome\": \"done\", \"outputs\": {\"number\": \"secret\"}}");
    struct value told = told_to(&worker, "en");
    assert_at(&told, "step", "\"paper\"");
    assert_at(&told, "outcome", "\"done\"");
    assert_at(&told, "kind", "\"dropped\"");
    assert_null(strstr(json_write(world.arena, &told).bytes, "secret"));
}

static void faults_are_told_in_full_to_who_sees_everything(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, "workflow: test\nroles: {worker: {sees: [sensitive]}, officer: {}}\n"
                        "fields: {n: {type: integer, max: 3}}\nstates: {one: {on: {go: {by: "
                        "[worker], do: [{set: {n: = 2 + 3}}]}}}}\n");
    world_open(&other, "worker", NULL);
    assert_int_equal(world_do(&other, "awa", "worker", "go", NULL), PROBLEM_NONE);
    struct value told =
        case_entry_view(other.workflow, 2, &other.change.entry, &worker, TEXT("en"), other.arena);
    assert_non_null(value_get(value_item(value_at(&told, "faults"), 0), TEXT("message")));
    told =
        case_entry_view(other.workflow, 2, &other.change.entry, &officer, TEXT("en"), other.arena);
    assert_null(value_get(value_item(value_at(&told, "faults"), 0), TEXT("message")));
    assert_non_null(value_get(value_item(value_at(&told, "faults"), 0), TEXT("place")));
    world_end(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_case_is_seen_by_roles_of_its_workflow_in_their_countries),
        TEST(roles_of_the_daemon_see_no_case),
        TEST(sensitive_fields_are_for_roles_that_see_them),
        TEST(a_view_tells_where_the_case_stands_in_the_readers_language),
        TEST(a_deadline_that_passed_is_overdue),
        TEST(a_parked_step_shows_its_form_and_who_may_answer),
        TEST(events_are_listed_in_document_order_but_not_the_engines),
        TEST(an_offer_shows_its_form_in_the_readers_language),
        TEST(a_form_tells_which_fields_are_sensitive),
        TEST(bounds_no_integer_reaches_are_shown_as_they_are),
        TEST(a_guard_on_the_form_is_not_asked_beforehand),
        TEST(a_guard_on_the_data_is_asked_and_explained),
        TEST(a_missing_role_is_told),
        TEST(a_guard_that_errs_is_not_allowed_and_says_so),
        TEST(a_card_tells_what_lists_need_and_no_data),
        TEST(a_card_knows_of_calls_timers_and_who_may_answer),
        TEST(a_receipt_tells_code_states_revision_and_seq),
        cmocka_unit_test(an_event_has_one_title_whichever_of_its_transitions_bears_it),
        TEST(states_are_called_as_the_workflow_says_it_in_the_language),
        TEST(an_entry_shows_who_did_what_and_the_fields_one_may_see),
        TEST(an_entry_names_its_transition_and_comment),
        TEST(an_entry_of_a_step_names_it_and_its_outcome),
        TEST(faults_are_told_in_full_to_who_sees_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
