/* A workflow in words: what the file says, and nothing else, in three languages. */
#include "workbench/explain/explain.h"
#include "workbench/explain/explain_words.h"
#include "workbench/kit.h"

static const char yaml[] =
    "workflow: a\n"
    "version: \"2\"\n"
    "title: {en: Return, fr: Retour}\n"
    "languages: [en, fr]\n"
    "country: SN\n"
    "open: {by: [clerk, chief], form: {name: required, day: optional}}\n"
    "roles: {clerk: {title: {en: Clerk, fr: Commis}}, chief: {}}\n"
    "fields: {name: {type: text, title: {en: Name, fr: Nom}}, day: {type: date}, n: {type: "
    "integer, "
    "initial: 0}, tags: {type: list, of: text}}\n"
    "states:\n"
    "  begin:\n"
    "    title: {en: Begin, fr: Début}\n"
    "    deadline: {within: 1d}\n"
    "    entry: [set: {n: 1, day: = null, tags: [a, b]}, raise: soon, log: it begins]\n"
    "    exit: [cancel: late]\n"
    "    on:\n"
    "      go: {title: {en: Go on, fr: Continuer}, by: [clerk, chief], form: {day: required}, "
    "check: "
    "{c: {use: sketch/score}}, guard: data.n > 0, explain: {en: Count first., fr: Comptez "
    "d'abord.}, do: [set: {n: = data.n + 1}], target: both}\n"
    "      soon: {guard: data.n > 3, do: [{if: data.n > 5, then: [send: {event: late, delay: "
    "2h30min, id: late}], "
    "else: [send: {event: now}, raise: {event: x.y}]}]}\n"
    "    always: {end: {guard: data.n > 9, target: over}}\n"
    "    after: {old: {delay: 2w, target: over}, older: {delay: \"= duration('1h')\", target: "
    "over}}\n"
    "  both:\n"
    "    type: parallel\n"
    "    done: {target: over}\n"
    "    states:\n"
    "      left: {states: {h: {type: history, deep: true, default: {target: l1}}, l1: {on: {x: "
    "{target: "
    "l2}}}, l2: {type: final}}}\n"
    "      right:\n"
    "        initial: r2\n"
    "        states:\n"
    "          r1: {type: final}\n"
    "          r2:\n"
    "            steps: {paper: {use: sketch/issue, answer: {by: [chief], form: {name: required}}, "
    "retry: {attempts: 3, wait: 1h}, done: {target: r1}, failed: {do: [set: {n: 0}]}}}\n"
    "            on: {back: {by: [chief], target: [l1, r2]}, h: {by: [clerk], target: h}}\n"
    "  over: {type: final}\n";

static enum workbench_explained explain(const char *source, const char *state, const char *language,
                                        struct text *output)
{
    const struct workbench_file file = {TEXT("a.yaml"), text_from(source)};
    const struct workflow_context context = {0};
    const struct workbench_explaining explaining = {
        .state = text_from(state), .language = text_from(language), .format = WORKBENCH_GCC};

    return workbench_explain(&file, &context, &explaining, kit_arena, output);
}

static void all_that_a_file_says_is_told_in_its_order(void **state)
{
    struct text output;
    (void)state;

    if (explain(yaml, NULL, "en", &output) != WORKBENCH_EXPLAINED)
        fail_msg("%s", output.bytes);
    assert_string_equal(
        output.bytes,
        "Return (a, version 2, country SN)\n"
        "\n"
        "A case is opened by Clerk or chief.\n"
        "To fill in: Name and day (if known).\n"
        "It begins with Begin (begin).\n"
        "\n"
        "Begin (begin)\n"
        "  It should not take longer than 1 day.\n"
        "  On arrival n becomes 1, day is emptied and tags becomes (a, b), soon happens and it is "
        "noted: it begins.\n"
        "  - At once. Only if [data.n > 9]. Then: over.\n"
        "  - Go on (go): by Clerk or chief. To fill in: day. It is checked by sketch/score. Only "
        "if: "
        "Count first. [data.n > 0] With that n becomes [data.n + 1]. Then: both.\n"
        "  - When soon happens. Only if [data.n > 3]. With that if [data.n > 5] late is sent after "
        "2 "
        "hours 30 minutes, otherwise now is sent and x.y happens. The case stays where it is.\n"
        "  - After 2 weeks. Then: over.\n"
        "  - After [duration('1h')]. Then: over.\n"
        "  On leaving the sending of late is cancelled.\n"
        "\n"
        "both\n"
        "  At the same time: left and right.\n"
        "  - When all of it is done. Then: over.\n"
        "\n"
        "  left\n"
        "    It begins with l1.\n"
        "\n"
        "    h\n"
        "      Here left goes on exactly where it was left.\n"
        "      If it was never left: l1.\n"
        "\n"
        "    l1\n"
        "      - When x happens. Then: l2.\n"
        "\n"
        "    l2\n"
        "      This part is done.\n"
        "\n"
        "  right\n"
        "    It begins with r2.\n"
        "\n"
        "    r1\n"
        "      This part is done.\n"
        "\n"
        "    r2\n"
        "      The step paper is at work (sketch/issue). It may be answered by chief. To fill in: "
        "Name. Where it fails it is tried again, 3 times in all, first after 1 hour.\n"
        "      - Once paper is done. Then: r1.\n"
        "      - If paper fails. With that n becomes 0. The case stays where it is.\n"
        "      - back: by chief. Then: l1 and r2.\n"
        "      - h: by Clerk. Then: h.\n"
        "\n"
        "over\n"
        "  The case is closed here.\n");
}

static void words_come_in_the_asked_language(void **state)
{
    struct text output;
    (void)state;

    explain(yaml, "begin", "fr", &output);
    assert_non_null(
        strstr(output.bytes, "Début (begin)\n  Cela ne devrait pas durer plus de 1 jour."));
    assert_non_null(
        strstr(output.bytes, "- Continuer (go) : par Commis ou chief. À remplir : day."));
    /* Texts that the workflow lacks come in its first language, ours in the asked one. */
    explain(yaml, "begin", "pt", &output);
    assert_non_null(strstr(output.bytes, "- Go on (go): por Clerk ou chief. A preencher: day."));
    explain(yaml, "over", "pt-BR", &output);
    assert_string_equal(output.bytes, "\nover\n  O processo encerra-se aqui.\n");
}

static void without_a_language_it_is_the_first_of_the_workflow(void **state)
{
    static const char french[] = "workflow: a\nlanguages: [fr]\nstates: {x: {type: final}}\n";
    static const char swahili[] = "workflow: a\nlanguages: [sw]\nstates: {x: {type: final}}\n";
    struct text output;
    (void)state;

    explain(french, "x", NULL, &output);
    assert_string_equal(output.bytes, "\nx\n  Le dossier est clos ici.\n");
    explain(swahili, "x", "sw", &output);
    assert_string_equal(output.bytes, "\nx\n  The case is closed here.\n");
}

static void a_state_is_explained_with_what_it_holds_and_nothing_else(void **state)
{
    struct text output;
    (void)state;

    assert_int_equal(explain(yaml, "left", "en", &output), WORKBENCH_EXPLAINED);
    assert_true(text_begins(output, "\nleft\n"));
    assert_non_null(strstr(output.bytes, "\n  l2\n    This part is done.\n"));
    assert_null(strstr(output.bytes, "right"));
}

static void an_unknown_state_is_told_by_the_nearest(void **state)
{
    struct text output;
    (void)state;

    assert_int_equal(explain(yaml, "begn", "en", &output), WORKBENCH_STATELESS);
    assert_string_equal(output.bytes, "begin");
    assert_int_equal(explain(yaml, "nothing_like_it", "en", &output), WORKBENCH_STATELESS);
    assert_true(text_is_empty(output));
}

static void what_is_faulty_is_not_explained(void **state)
{
    struct text output;
    (void)state;

    assert_int_equal(explain("workflow: a\n", NULL, "en", &output), WORKBENCH_FAULTY);
    assert_string_equal(output.bytes,
                        "a.yaml:1:1: error: a workflow needs the key `states` [E100]\n");
}

static void a_base_is_called_one(void **state)
{
    struct text output;
    (void)state;

    explain("workflow: a\nabstract: true\ninitial: y\nstates: {x: {type: final}, y: {always: {g: "
            "{target: x}}}}\n",
            NULL, "en", &output);
    assert_non_null(strstr(output.bytes,
                           "a (a)\n\nThis is a base: no case is opened on it.\nA case is "
                           "opened by anybody who has a role in it.\nIt begins with "
                           "y.\n"));
}

static void every_phrase_is_there_in_every_language(void **state)
{
    (void)state;
    for (int language = 0; language < WORDS_LANGUAGE_COUNT; language++)
        for (int phrase = 0; phrase < PHRASE_COUNT; phrase++) {
            struct text english =
                words_say(WORDS_EN, (enum phrase)phrase, TEXT("<"), TEXT(">"), kit_arena);
            struct text said = words_say((enum words_language)language, (enum phrase)phrase,
                                         TEXT("<"), TEXT(">"), kit_arena);

            assert_true(said.size > 0);
            assert_int_equal(strchr(said.bytes, '<') != NULL, strchr(english.bytes, '<') != NULL);
            assert_int_equal(strchr(said.bytes, '>') != NULL, strchr(english.bytes, '>') != NULL);
        }
}

static void spans_are_told_in_words(void **state)
{
    static const struct {
        const char *span, *words;
    } spans[] = {{"1wd", "1 jour ouvrable"},
                 {"5wd", "5 jours ouvrables"},
                 {"90s", "90 secondes"},
                 {"1w 2d", "1 semaine 2 jours"},
                 {"30", "30"},
                 {"[now]", "[now]"},
                 {"5x", "5x"}};
    (void)state;

    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
        assert_string_equal(words_span(WORDS_FR, text_from(spans[i].span), kit_arena).bytes,
                            spans[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_a_file_says_is_told_in_its_order),
        cmocka_unit_test(words_come_in_the_asked_language),
        cmocka_unit_test(without_a_language_it_is_the_first_of_the_workflow),
        cmocka_unit_test(a_state_is_explained_with_what_it_holds_and_nothing_else),
        cmocka_unit_test(an_unknown_state_is_told_by_the_nearest),
        cmocka_unit_test(what_is_faulty_is_not_explained),
        cmocka_unit_test(a_base_is_called_one),
        cmocka_unit_test(every_phrase_is_there_in_every_language),
        cmocka_unit_test(spans_are_told_in_words),
    };
    return cmocka_run_group_tests_name("explain", tests, kit_setup, kit_teardown);
}
