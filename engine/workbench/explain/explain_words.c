/* The words of `workflow explain`: English, French, Portuguese. */
#include "workbench/explain/explain_words.h"

#include "base/arena.h"
#include "base/check.h"

static const char *const codes[WORDS_LANGUAGE_COUNT] = {
    [WORDS_EN] = "en", [WORDS_FR] = "fr", [WORDS_PT] = "pt"};

static const char *const phrases[PHRASE_COUNT][WORDS_LANGUAGE_COUNT] = {
    [PHRASE_VERSION] = {"version {1}", "version {1}", "versão {1}"},
    [PHRASE_COUNTRY] = {"country {1}", "pays {1}", "país {1}"},
    [PHRASE_BASE] = {"This is a base: no case is opened on it.",
                     "Ceci est une base : aucun dossier n'y est ouvert.",
                     "Isto é uma base: nenhum processo é aberto nela."},
    [PHRASE_OPEN_BY] = {"A case is opened by {1}.", "Un dossier est ouvert par {1}.",
                        "Um processo é aberto por {1}."},
    [PHRASE_OPEN_ANY] = {"A case is opened by anybody who has a role in it.",
                         "Un dossier est ouvert par toute personne qui y a un rôle.",
                         "Um processo é aberto por quem tiver nele uma função."},
    [PHRASE_STARTS] = {"It begins with {1}.", "Il commence par {1}.", "Começa com {1}."},
    [PHRASE_FORM] = {"To fill in: {1}.", "À remplir : {1}.", "A preencher: {1}."},
    [PHRASE_OPTIONAL] = {"{1} (if known)", "{1} (facultatif)", "{1} (opcional)"},
    [PHRASE_AND] = {" and ", " et ", " e "},
    [PHRASE_OR] = {" or ", " ou ", " ou "},
    [PHRASE_FINAL] = {"The case is closed here.", "Le dossier est clos ici.",
                      "O processo encerra-se aqui."},
    [PHRASE_FINAL_PART] = {"This part is done.", "Cette partie est terminée.",
                           "Esta parte está concluída."},
    [PHRASE_PARALLEL] = {"At the same time: {1}.", "En même temps : {1}.", "Ao mesmo tempo: {1}."},
    [PHRASE_COMPOUND] = {"It begins with {1}.", "Cela commence par {1}.", "Começa com {1}."},
    [PHRASE_HISTORY] = {"Here {1} goes on with the part it was in when it was left.",
                        "Ici {1} reprend dans la partie où on l'a quitté.",
                        "Aqui {1} continua na parte em que foi deixado."},
    [PHRASE_HISTORY_DEEP] = {"Here {1} goes on exactly where it was left.",
                             "Ici {1} reprend exactement là où on l'a quitté.",
                             "Aqui {1} continua exatamente onde foi deixado."},
    [PHRASE_HISTORY_NEVER] = {"If it was never left: {1}.", "Si on ne l'a jamais quitté : {1}.",
                              "Se nunca foi deixado: {1}."},
    [PHRASE_DEADLINE] = {"It should not take longer than {1}.",
                         "Cela ne devrait pas durer plus de {1}.", "Não deve demorar mais de {1}."},
    [PHRASE_REMIND] = {"People are reminded {1} before.", "Un rappel est envoyé {1} avant.",
                       "É enviado um lembrete {1} antes."},
    [PHRASE_ESCALATE] = {"After that {1} is told.", "Ensuite {1} en est informé.",
                         "Depois disso {1} é informado."},
    [PHRASE_ENTRY] = {"On arrival {1}.", "À l'arrivée, {1}.", "À chegada, {1}."},
    [PHRASE_EXIT] = {"On leaving {1}.", "Au départ, {1}.", "À saída, {1}."},
    [PHRASE_STEP] = {"The step {1} is at work ({2}).", "L'étape {1} est en cours ({2}).",
                     "A etapa {1} está em curso ({2})."},
    [PHRASE_ANSWER] = {"It may be answered by {1}.", "Peut y répondre : {1}.",
                       "Pode responder: {1}."},
    [PHRASE_RETRY] = {"Where it fails it is tried again, {1} times in all, first after {2}.",
                      "En cas d'échec, on essaie {1} fois en tout, d'abord après {2}.",
                      "Se falhar, tenta-se {1} vezes ao todo, primeiro após {2}."},
    [PHRASE_STEP_DONE] = {"Once {1} is done.", "Quand {1} est terminée.",
                          "Quando {1} estiver concluída."},
    [PHRASE_STEP_FAILED] = {"If {1} fails.", "Si {1} échoue.", "Se {1} falhar."},
    [PHRASE_PERSON] = {"{1}: by {2}.", "{1} : par {2}.", "{1}: por {2}."},
    [PHRASE_EVENT] = {"When {1} happens.", "Quand {1} se produit.", "Quando {1} acontece."},
    [PHRASE_ALWAYS] = {"At once.", "Aussitôt.", "De imediato."},
    [PHRASE_AFTER] = {"After {1}.", "Après {1}.", "Após {1}."},
    [PHRASE_DONE] = {"When all of it is done.", "Quand tout est terminé.",
                     "Quando tudo estiver concluído."},
    [PHRASE_CHECK] = {"It is checked by {1}.", "C'est vérifié par {1}.", "É verificado por {1}."},
    [PHRASE_ONLY] = {"Only if: {1} [{2}]", "Seulement si : {1} [{2}]", "Só se: {1} [{2}]"},
    [PHRASE_GUARD] = {"Only if [{1}].", "Seulement si [{1}].", "Só se [{1}]."},
    [PHRASE_APPROVE] = {"Before that happens {1} of these must approve: {2}.",
                        "Avant cela, {1} de ces personnes doivent approuver : {2}.",
                        "Antes disso, {1} destas pessoas devem aprovar: {2}."},
    [PHRASE_APPROVE_ONE] = {"Before that happens one of these must approve: {2}.",
                            "Avant cela, l'une de ces personnes doit approuver : {2}.",
                            "Antes disso, uma destas pessoas deve aprovar: {2}."},
    [PHRASE_YES] = {"yes", "oui", "sim"},
    [PHRASE_NO] = {"no", "non", "não"},
    [PHRASE_EXCLUDE] = {"Not {1}.", "Pas {1}.", "Não {1}."},
    [PHRASE_SUBMITTER] = {"the person who submits it", "la personne qui le soumet",
                          "a pessoa que o submete"},
    [PHRASE_WHOM_FIELD_NAMES] = {"the person named in \"{1}\"",
                                 "la personne qui figure sous « {1} »",
                                 "a pessoa que consta em «{1}»"},
    [PHRASE_TARGET] = {"Then: {1}.", "Ensuite : {1}.", "Depois: {1}."},
    [PHRASE_STAYS] = {"The case stays where it is.", "Le dossier reste où il est.",
                      "O processo fica onde está."},
    [PHRASE_DO] = {"With that {1}.", "Alors {1}.", "Com isso {1}."},
    [PHRASE_SET] = {"{1} becomes {2}", "{1} devient {2}", "{1} passa a ser {2}"},
    [PHRASE_UNSET] = {"{1} is emptied", "{1} est vidé", "{1} é esvaziado"},
    [PHRASE_RAISE] = {"{1} happens", "{1} se produit", "acontece {1}"},
    [PHRASE_SEND] = {"{1} is sent", "{1} est envoyé", "é enviado {1}"},
    [PHRASE_SEND_LATER] = {"{1} is sent after {2}", "{1} est envoyé après {2}",
                           "é enviado {1} após {2}"},
    [PHRASE_CANCEL] = {"the sending of {1} is cancelled", "l'envoi de {1} est annulé",
                       "o envio de {1} é cancelado"},
    [PHRASE_LOG] = {"it is noted: {1}", "il est noté : {1}", "fica anotado: {1}"},
    [PHRASE_NOTIFY] = {"{1} is told: {2}", "{1} est informé : {2}", "{1} é informado: {2}"},
    [PHRASE_IF] = {"if [{1}] {2}", "si [{1}] {2}", "se [{1}] {2}"},
    [PHRASE_ELSE] = {"otherwise {1}", "sinon {1}", "senão {1}"},
};

bool words_language(struct text code, enum words_language *language_out)
{
    for (int i = 0; i < WORDS_LANGUAGE_COUNT; i++) {
        /* pt-BR is Portuguese. */
        bool is_it = text_begins(code, codes[i]) && (code.size == 2 || code.bytes[2] == '-');

        if (!is_it)
            continue;
        *language_out = (enum words_language)i;
        return true;
    }
    return false;
}

struct text words_code(enum words_language language)
{
    return text_from(codes[language]);
}

struct text words_say(enum words_language language, enum phrase phrase, struct text first,
                      struct text second, struct arena *arena)
{
    const char *at = phrases[phrase][language];
    struct text_buffer buffer;

    CHECK(at != NULL);
    text_buffer_init(&buffer, arena);
    for (; *at != '\0'; at++) {
        if (at[0] == '{' && (at[1] == '1' || at[1] == '2') && at[2] == '}') {
            text_append(&buffer, at[1] == '1' ? first : second);
            at += 2;
        } else {
            text_append(&buffer, (struct text){at, 1});
        }
    }
    return text_buffer_text(&buffer);
}

/* ---- Spans. ---- */

static const struct {
    const char *unit;
    const char *one[WORDS_LANGUAGE_COUNT], *many[WORDS_LANGUAGE_COUNT];
} units[] = {
    {"wd",
     {"working day", "jour ouvrable", "dia útil"},
     {"working days", "jours ouvrables", "dias úteis"}},
    {"min", {"minute", "minute", "minuto"}, {"minutes", "minutes", "minutos"}},
    {"s", {"second", "seconde", "segundo"}, {"seconds", "secondes", "segundos"}},
    {"h", {"hour", "heure", "hora"}, {"hours", "heures", "horas"}},
    {"d", {"day", "jour", "dia"}, {"days", "jours", "dias"}},
    {"w", {"week", "semaine", "semana"}, {"weeks", "semaines", "semanas"}},
};

/* Reads a number and its unit at *at; false: there is none. */
static bool append_unit(enum words_language language, struct text span, size_t *at,
                        struct text_buffer *buffer)
{
    size_t digits = *at, end;

    while (digits < span.size && span.bytes[digits] >= '0' && span.bytes[digits] <= '9')
        digits++;
    for (end = digits; end < span.size && span.bytes[end] >= 'a' && span.bytes[end] <= 'z';)
        end++;
    for (size_t i = 0; digits > *at && i < sizeof(units) / sizeof(units[0]); i++) {
        struct text number = {span.bytes + *at, digits - *at};

        if (!text_is((struct text){span.bytes + digits, end - digits}, units[i].unit))
            continue;
        text_append_printf(buffer, "%s%.*s %s", buffer->size > 0 ? " " : "", TEXT_ARG(number),
                           text_is(number, "1") ? units[i].one[language] : units[i].many[language]);
        *at = end;
        while (*at < span.size && span.bytes[*at] == ' ')
            ++*at;
        return true;
    }
    return false;
}

struct text words_span(enum words_language language, struct text span, struct arena *arena)
{
    struct text_buffer buffer;
    size_t at = 0;

    text_buffer_init(&buffer, arena);
    while (at < span.size)
        if (!append_unit(language, span, &at, &buffer))
            return span;
    return text_buffer_text(&buffer);
}

/* ---- Lists. ---- */

struct text words_list(enum words_language language, enum phrase last, const struct text *items,
                       size_t count, struct arena *arena)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 == count)
            text_append(&buffer, text_from(phrases[last][language]));
        else if (i > 0)
            text_append(&buffer, TEXT(", "));
        text_append(&buffer, items[i]);
    }
    return text_buffer_text(&buffer);
}
