#!/usr/bin/env python3
"""The client speaks English, French and Portuguese, whatever locales the machine has: its own words,
and those of the daemon."""

import datetime
import json
import os
import re
import subprocess
import unittest

from daemon import BUILD, ROOT, Daemon
from fake import FakeDaemon, answer

DESK = ROOT / "tests/system/desk.yaml"
PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "binta": {"roles": ["chief"], "countries": ["SN"]},
    "ada": {"roles": ["administrator"]},
}
WORDS = {"en": "There is no command", "fr": "Il n'y a pas de commande", "pt": "Não há o comando"}


def said(*words, **environment):
    """What the client says without a daemon, in no environment but this."""
    done = subprocess.run([BUILD / "sankofa", *words], capture_output=True, encoding="utf-8", timeout=60, check=False,
                          env={"PATH": os.environ["PATH"], "SANKOFA_SOCKET": "/nonexistent/s", **environment})
    return done.stdout + done.stderr


class Language(unittest.TestCase):
    def speaks(self, language, *words, **environment):
        told = said("xyzzyx", *words, **environment)
        self.assertIn(WORDS[language], told, environment)

    def test_the_environment_is_followed_though_no_such_locale_is_there(self):
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout
        absent = [name for name in ("fr_FR.UTF-8", "pt_PT.UTF-8", "pt_GW.UTF-8", "fr_SN")
                  if name.replace("UTF-8", "utf8") not in known.split()]
        self.assertGreater(len(absent), 1, "this machine has the locales: nothing is shown here")
        for name in absent:
            self.speaks(name[:2], LANG=name)
            self.speaks(name[:2], LC_MESSAGES=name, LANG="C")
            self.speaks(name[:2], LC_ALL=name, LANG="en_US.UTF-8")

    def test_the_list_of_languages_comes_before_the_locale_and_the_option_before_all(self):
        self.speaks("pt", LANG="fr_FR.UTF-8", LANGUAGE="wo:pt_BR:fr")
        self.speaks("pt", LANG="pt_PT.UTF-8", LANGUAGE="wo")  # none of it is spoken
        self.speaks("en", LANG="fr_FR.UTF-8", LANGUAGE="en:fr")
        self.speaks("en", "--lang", "en", LANG="fr_FR.UTF-8", LANGUAGE="pt")
        self.speaks("pt", "--lang=pt", LC_ALL="fr_FR.UTF-8")
        self.speaks("fr", "--lang", "fr", LC_ALL="C")
        self.speaks("fr", "--lang", "fr-SN")

    def test_without_a_language_or_with_one_not_spoken_it_is_english(self):
        for environment in ({}, {"LANG": "C", "LANGUAGE": "fr"}, {"LC_ALL": "C.UTF-8", "LANGUAGE": "fr"},
                            {"LC_ALL": "POSIX", "LANG": "fr_FR"}, {"LANG": "wo_SN"}, {"LANG": "frisian"}, {"LANG": ""}):
            self.speaks("en", **environment)

    def test_a_language_that_is_none_is_told_in_that_of_the_environment(self):
        self.assertIn("--lang leva o código de uma língua", said("inbox", "--lang", "xx!", LANG="pt_PT.UTF-8"))
        self.assertIn("--lang takes the code of a language", said("inbox", "--lang", "xx!"))

    def test_refusals_of_options_are_words_too(self):
        self.assertIn("Il n'y a pas d'option --nothing.", said("inbox", "--nothing", "--lang", "fr"))
        self.assertIn("Não há a opção --nothing.", said("inbox", "--nothing", LANG="pt_PT.UTF-8"))

    def test_help_and_manual_are_translated_whole(self):
        """Each line that holds a sentence is another one in another language."""
        for words in (["--help"], ["do", "--help"], ["manual"]):
            english = said(*words)
            lines = {line for line in english.splitlines() if len(re.findall(r" [a-z]{3,}", line)) > 3}
            self.assertGreater(len(lines), 3)
            for language in ("fr", "pt"):
                kept = lines & set(said(*words, "--lang", language).splitlines())
                # Examples are typed as they are.
                self.assertEqual({line for line in kept if "sankofa " not in line}, set(), language)


class Kept(unittest.TestCase):
    """What plugins have put into a case is said in the language of who reads it."""

    def shown(self, text, language):
        case = {"code": "SN-1", "workflow": "w", "title": "W", "revision": 1, "states": [], "data": {"why": text}}
        definition = {"definition": {"languages": ["en"], "fields": {"why": {"type": "text", "title": "Why"}}}}
        bodies = [answer(200, json.dumps(body).encode()) for body in (case, definition)]
        with FakeDaemon(bodies) as fake:
            told = said("show", "SN-1", "--lang", language, SANKOFA_SOCKET=fake.path)
        return re.search(r"(?m)^  Why +((?:.|\n {28})*)$", told).group(1)

    def test_sentences_of_plugins_are_known_again_in_texts(self):
        kept = "The family was found. (+2) The child wants to return. She said: no."
        self.assertEqual(self.shown(kept, "fr"), "La famille a été retrouvée. (+2) L'enfant veut rentrer. She said: no.")
        self.assertEqual(self.shown(kept, "pt"), "A família foi encontrada. (+2) A criança quer regressar. She said: no.")
        self.assertEqual(self.shown(kept, "en"), kept)
        self.assertEqual(self.shown("Nothing until the next; then visit M3, from 2027-03-01 to 2027-03-09.", "fr"),
                         "Rien d'ici la prochaine ; puis la visite M3, du 2027-03-01 au 2027-03-09.")

    def test_a_plugin_that_tells_all_that_is_wrong_is_heard_sentence_by_sentence(self):
        def told(language):
            why = ("The certificate of fitness is of 2026-01-05 and counts for 10 days: not on 2026-01-20. "
                   "The budget of 500000 XOF is above its ceiling of 400000 XOF.")
            case = {"code": "SN-1", "workflow": "w", "title": "W", "revision": 1, "states": [], "data": {},
                    "steps": [{"id": "authorization", "status": "quarantined", "why": why, "settle": {"by": ["travel"]}}]}
            definition = {"definition": {"languages": ["en"], "fields": {}}}
            bodies = [answer(200, json.dumps(body).encode()) for body in (case, definition)]
            with FakeDaemon(bodies) as fake:
                return said("show", "SN-1", "--lang", language, SANKOFA_SOCKET=fake.path)

        self.assertIn("Le certificat d'aptitude : du 2026-01-05, valable 10 jours, donc plus le 2026-01-20. "
                      "Le budget de 500000 XOF dépasse son plafond de 400000 XOF.", told("fr"))
        self.assertIn("O certificado de aptidão: de 2026-01-05, conta durante 10 dias, e já não em 2026-01-20. "
                      "O orçamento de 500000 XOF excede o limite de 400000 XOF.", told("pt"))
        self.assertIn("counts for 10 days: not on 2026-01-20. The budget of", told("en"))

    def test_what_an_entry_notes_is_heard_too(self):
        for note, french in (
            ("The child is not fit to travel. There is no budget. It is tried again at 2026-01-05T10:00:00Z, attempt 1 of 3.",
             "L'enfant n'est pas apte au voyage. Il n'y a pas de budget. Nouvel essai le 2026-01-05 10:00, essai 1 sur 3."),
            ("Nothing takes money.came: it was dropped.", "Rien ne prend money.came : il a été abandonné."),
            ("Proposal 3 was approved, and could not be carried out: guard-failed.",
             "La proposition 3 a été approuvée, mais n'a pas pu être appliquée : Une condition n'est pas remplie."),
        ):
            entry = {"seq": 7, "at": "2026-01-05T09:00:00Z", "kind": "dropped", "event": "x", "states": [], "titles": [],
                     "data": {}, "hidden": [], "note": note}
            body = {"workflow": "w", "entries": [entry]}
            with FakeDaemon([answer(200, json.dumps(body).encode())]) as fake:
                told = said("history", "SN-1", "--lang", "fr", SANKOFA_SOCKET=fake.path, TZ="UTC")
            self.assertIn(f"un événement a été abandonné : {french}", told)

    def test_what_people_wrote_stays_as_it_is(self):
        for text in ("Item 3: rice.", "(", "(a", "The family was found", "register needs the role chief.", "3.5 kg. (b) x."):
            self.assertEqual(self.shown(text, "fr"), text)


class Reader(unittest.TestCase):
    """What a reader of a language is told by a daemon."""

    daemon = None

    def both(self, *words, who="awa", status=None):
        """What is said in English and in French."""
        told = []
        for language in ("en", "fr"):
            done = self.daemon.run(*words, "--lang", language, who=who, status=status)
            told.append(done.stdout + done.stderr)
        return told

    def refused(self, *words, english, french, who="awa"):
        told = self.both(*words, who=who)
        self.assertIn(english, told[0])
        self.assertIn(french, told[1])


class Daemons(Reader):
    """What the daemon says comes in the language, too: with the values that it had."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, ["probe", "crash"])
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        cls.daemon.run("workflow", "load", DESK, who="ada")
        cls.case = cls.daemon.run("case", "new", "desk", "-f", "place=Dakar", who="awa").stdout.strip()

    def test_refusals_are_translated_with_their_values(self):
        self.refused("do", self.case, "stamp", english='"Stamp" (stamp) needs the role Chief.\nNothing has changed. `sankofa case explain',
                     french="« Tamponner » (stamp) demande le rôle Chef.\nRien n'a changé. `sankofa case explain")
        self.refused("do", self.case, "leave", english='leave is not available now.',
                     french="leave n'est pas possible maintenant.")
        self.refused("show", "SN-2026-09999-X", english='There is no case "SN-2026-09999-X".',
                     french="Il n'y a pas de dossier « SN-2026-09999-X ».")
        self.refused("workflow", "load", DESK, english='Only the role "administrator" may load workflows.',
                     french='Seul le rôle « administrator » peut charger des procédures.')
        self.refused("list", who="nobody", english='There is nobody called "nobody" here.',
                     french="Personne ne se nomme « nobody » ici.")

    def test_what_is_wrong_with_each_field_is_translated(self):
        words = ["-f", "age=old", "-f", "alone=perhaps", "-f", "wish=sty", "-f", "nme=Awa"]
        english, french = self.both("do", self.case, "register", *words, status=3)
        self.assertEqual(len(english.splitlines()), len(french.splitlines()))
        for line in english.splitlines():
            self.assertNotIn(line, french)
        for line in (r"  Âge \(age\) : Il faut ici un nombre entier\.", r"  Seul \(alone\) : Il faut ici oui ou non \(true ou false\)\.",
                     r"  nme : Ce champ n'existe pas\. \(vouliez-vous dire name \?\)",
                     r"  Nom \(name\) : Ce champ est requis\."):
            self.assertRegex(french, line)

    def test_states_events_and_roles_go_by_their_titles(self):
        """Ids are for programs; those that are typed stand beside the title."""
        for words, french, english in (
            (["list"], "Au guichet", "At the counter"),
            (["inbox"], "Au guichet", "At the counter"),
            (["history", self.case], "Au guichet", "At the counter"),
            (["show", self.case], "  Au guichet\n", "  At the counter\n"),
            (["show", self.case], "Impossible maintenant\n  Tamponner : demande le rôle Chef\n",
             "Not possible now\n  Stamp: needs the role Chief\n"),
            (["show", self.case], "-f wish=  Souhait, au choix stay (Rester), go (Partir) ; facultatif",
             "-f wish=  Wish, one of stay (Stay), go (Go); optional"),
            (["case", "explain", self.case], "Enregistrer (register) -> En attente", "Register (register) -> Waiting"),
            (["watch", "--after", "0", "--once"], "le dossier a été ouvert par awa  Au guichet",
             "the case was opened by awa  At the counter"),
            (["note", self.case, "A call."], "  la note est gardée\n", "  the note is kept\n"),
            (["history", self.case], "une note : A call.", "a note: A call."),
        ):
            with self.subTest(words=words):
                told = self.both(*words, status=0)
                for text, title in zip(told, (english, french)):
                    self.assertIn(title, text)
                self.assertNotRegex(told[1], r"\bcounter\b|\bchief\b")

    def test_an_event_is_named_by_its_title_too(self):
        done = self.daemon.run("do", self.case, "compter", "--lang", "fr", who="awa")
        self.assertEqual(done.stdout, f"{self.case}  Au guichet\n")
        self.assertEqual(done.stderr, f"Enregistré. `sankofa do {self.case}` demande la suite.\n")
        self.refused("do", self.case, "cuont", english="Did you mean \"Count\" (count)?",
                     french="Vouliez-vous dire « Compter » (count) ?")

    def test_what_became_of_a_plugin_is_told_in_the_language(self):
        told = self.both("do", self.case, "broken", status=9)[1]
        self.assertRegex(told, r"^Le contrôle crash \(crash/work\) a échoué : Le module crash s'est (écrasé|terminé) .* pendant qu'il exécutait work\.\n")
        listed = self.daemon.run("plugin", "list", "--lang", "pt", who="awa").stdout
        self.assertRegex(listed, r"O módulo crash (foi abaixo|terminou) .* enquanto executava work\.")

    def test_administrators_are_told_in_their_language(self):
        for words, french in ((["admin", "keys", "list"], "1       fichier de clé"),
                              (["admin", "plugins"], "  prison       seccomp, landlock"), (["admin", "plugins"], "  accordé      rien\n")):
            self.assertIn(french, self.daemon.run(*words, "--lang", "fr").stdout)
        for line in self.daemon.run("admin", "plugins", "--lang", "pt").stdout.splitlines():
            self.assertRegex(line, r"^(\w+ \S+: pronto|  .{11}  \S.*)$")  # no label breaks its column

    def test_numbers_are_counted_as_the_language_counts_them(self):
        self.daemon.run("case", "attach", self.case, DESK, who="awa")
        told = self.daemon.run("case", "documents", self.case, "--lang", "fr", who="binta").stderr
        self.assertEqual(told, "1 autre que vous ne pouvez pas lire.\n")
        self.daemon.run("case", "attach", self.case, DESK, who="awa")
        told = self.daemon.run("case", "documents", self.case, "--lang", "fr", who="binta").stderr
        self.assertEqual(told, "2 autres que vous ne pouvez pas lire.\n")

    def test_programs_get_ids_with_the_titles_beside_them(self):
        for words, member in ((["list"], "cases"), (["inbox"], "cases"), (["history", self.case], "entries")):
            done = self.daemon.run(*words, "--json", "--lang", "fr", who="awa")
            for line in json.loads(done.stdout)[member]:
                self.assertEqual((line["states"], line["titles"]), (["counter"], ["Au guichet"]))
        receipt = json.loads(self.daemon.run("note", self.case, "x", "--json", "--lang", "fr", who="awa").stdout)
        self.assertEqual((receipt["workflow"], receipt["titles"]), ("desk", ["Au guichet"]))

    def test_moments_are_those_of_the_clock_on_the_wall(self):
        told = []
        for zone in ("UTC", "Africa/Porto-Novo"):
            done = subprocess.run([BUILD / "sankofa", "history", self.case, "--as", "awa", "-q"], timeout=60, check=True,
                                  env={"SANKOFA_SOCKET": str(self.daemon.staff), "TZ": zone}, capture_output=True, text=True)
            told.append(datetime.datetime.fromisoformat(re.search(r"\d{4}-\S+ \d\d:\d\d", done.stdout).group()))
        self.assertEqual(told[1] - told[0], datetime.timedelta(hours=1))

    def test_what_a_case_waits_for_is_translated(self):
        english, french = self.both("case", "explain", self.case)
        sentences = {line.strip() for line in english.splitlines() if re.match(r" {8}needs .* .*", line)}
        self.assertGreater(len(sentences), 0, english)
        for sentence in sentences:
            self.assertNotIn(sentence, french)

    def test_data_and_json_stay_what_they_are(self):
        for words in (["show", self.case], ["list"], ["inbox"]):
            english, french = self.both(*words, "--json")
            strip = [json.loads(text) for text in (english, french)]
            self.assertEqual(set(strip[0]), set(strip[1]))
        english, french = self.both("do", self.case, "stamp", "--json", status=4)
        self.assertEqual(json.loads(english.splitlines()[0])["detail"], json.loads(french.splitlines()[0])["detail"])


LETTERS = """workflow: letters
title: {en: Letters, fr: Courriers}
languages: [en, fr]
country: SN
roles: {clerk: {title: {en: Clerk, fr: Agent}, sees: [sensitive]}, head: {title: {en: Head of the office, fr: Chef d'équipe}}}
fields:
  wish:   {type: choice, title: {en: Wish, fr: Souhait}, options: {study: {en: Study, fr: Étudier}, work: {en: Work, fr: Travailler}}}
  budget: {type: integer, title: {en: Budget, fr: Budget prévu}}
  told:   {type: boolean, title: {en: Told, fr: Prévenu}}
states:
  writing:
    title: {en: To be written, fr: À écrire}
    on:
      write: {by: [clerk], form: {wish: optional, budget: optional, told: optional}, title: {en: Write, fr: Écrire}}
      seal:
        title: {en: Seal, fr: Sceller}
        by: [clerk]
        check: {stamp: {title: {en: The stamp, fr: Le timbre}, use: probe/refuse, with: {reason: The child is not fit to travel.}}}
      send: {by: [clerk], guard: data.budget > 5, target: sending, title: {en: Send, fr: Envoyer}}
      send_little: {event: send, by: [clerk], guard: data.budget < 3, target: sending}
    always:
      over: {guard: has(data.budget) && data.budget > 9000000, target: done, explain: {en: The budget is small., fr: Le budget est petit.}}
  sending:
    title: {en: To be sent, fr: À envoyer}
    steps:
      post:
        title: {en: The post, fr: La poste}
        use: probe/fail
        with: {reason: "The child is not fit to travel. The budget of 7 XOF is above its ceiling of 5 XOF."}
        failed: {target: writing}
  done: {type: final, title: {en: Done, fr: Fini}}
"""


class Letters(Reader):
    """Checks, steps and fields that have titles; what is typed by them."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, ["probe"])
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        file = cls.daemon.folder / "letters.yaml"
        file.write_text(LETTERS, encoding="utf-8")
        cls.daemon.run("workflow", "load", file, who="ada")

    def setUp(self):
        self.letter = self.daemon.run("case", "new", "letters", who="awa").stdout.strip()

    def test_checks_and_steps_go_by_their_titles(self):
        self.refused("do", self.letter, "seal", english='The check "The stamp" refuses this.\n', french="Le contrôle « Le timbre » le refuse.\n")
        self.assertNotIn("-f FIELD", self.both("do", self.letter, "seal")[0])  # it has no form
        self.daemon.run("do", self.letter, "write", "-f", "budget=7", who="awa")
        self.daemon.run("do", self.letter, "send", who="awa")
        self.daemon.wait_for(f"/v1/cases/{self.letter}", lambda told: told.body["states"][0]["id"] == "writing", who="awa")
        english, french = self.both("case", "history", self.letter)
        self.assertRegex(english, r"a step has failed \(The post\): The child is not fit to travel\. The budget of 7 XOF")
        self.assertRegex(french, r"une étape a échoué \(La poste\) : L'enfant n'est pas apte au voyage\. Le budget de 7 XOF")

    def test_a_way_on_is_called_as_its_event_and_explained_in_the_language(self):
        self.assertIn("        La procédure a un défaut : Budget prévu (budget) n'a pas encore de valeur\n",
                      self.both("case", "explain", self.letter)[1])
        self.daemon.run("do", self.letter, "write", "-f", "budget=7", who="awa")
        french = self.both("case", "explain", self.letter)[1]
        self.assertEqual(french.count("    Envoyer (send) -> À envoyer\n"), 2, french)
        self.assertIn("        Le budget est petit.\n", french)

    def test_a_correction_names_its_fields(self):
        case = self.daemon.run("case", "new", "letters", who="awa").stdout.strip()
        self.daemon.run("do", case, "write", "-f", "wish=work", "-f", "told=no", who="awa")
        self.daemon.run("case", "correct", case, "-f", "wish=study", "-f", "told=yes", "--reason", "Misheard.", who="awa")
        self.assertIn("des données ont été corrigées (Souhait, Prévenu) : Misheard.", self.both("history", case)[1])
        printed = self.both("case", "print", case)[1]
        self.assertRegex(re.sub(r"\s+", " ", printed), r"des données ont été corrigées \(Souhait, Prévenu\), par awa Misheard\.")

    def test_roles_and_choices_are_typed_by_their_titles_everywhere(self):
        self.refused("case", "assign", self.letter, "awa", "--role", "agente",
                     english="The workflow has these roles: clerk (Clerk), head (Head of the office).",
                     french="La procédure a ces rôles : clerk (Agent), head (Chef d'équipe).")
        self.daemon.run("case", "assign", self.letter, "awa", "--role", "AGENT", "--lang", "fr", who="awa")
        self.assertIn("Agent", self.both("show", self.letter)[1])
        self.daemon.run("case", "assign", self.letter, "--pool", "agent", "--lang", "fr", who="awa")
        self.daemon.run("do", self.letter, "write", "-f", "wish=work", who="awa")
        self.daemon.run("case", "correct", self.letter, "-f", "souhait=etudier", "--reason", "x", "--lang", "fr", who="awa")
        self.assertEqual(self.daemon.get(f"/v1/cases/{self.letter}", who="awa").body["data"]["wish"], "study")

    def test_what_is_typed_is_taken_as_it_is_read(self):
        """Without regard to capitals and accents; numbers with spaces between thousands."""
        for words, data in ((["Souhait=étudier", "budget prevu=12 500", "PRÉVENU=Oui"], {"wish": "study", "budget": 12500, "told": True}),
                            (["wish=ETUDIER", "budget=1\u202f250\u00a0000", "told=NÃO"], {"wish": "study", "budget": 1250000, "told": False}),
                            (["wish=Travailler", "budget=-3"], {"wish": "work", "budget": -3})):
            case = self.daemon.run("case", "new", "letters", who="awa").stdout.strip()
            given = [word for field in words for word in ("-f", field)]
            self.daemon.run("do", case, "write", *given, "--lang", "fr", who="awa")
            told = self.daemon.get(f"/v1/cases/{case}", who="awa").body["data"]
            self.assertEqual({name: told[name] for name in data}, data)
        for budget in ("12 50", "1 2500", "12  500", "12 500 ", " ", "1.000", "12,500"):
            self.refused("do", self.letter, "write", "-f", f"budget={budget}", english="Budget (budget): A whole number is needed here.",
                         french="Budget prévu (budget) : Il faut ici un nombre entier.")
        for wish in ("etud", "study work"):
            self.refused("do", self.letter, "write", "-f", f"wish={wish}", english="one of its options: study (Study), work (Work).",
                         french="Souhait (wish) : Ce doit être l'un des choix : study (Étudier), work (Travailler).")


class Shipped(unittest.TestCase):
    """The workflows of this tree leave no id to their readers."""

    def parts(self, states):
        """(What it is, the path of its id, its title) of all that readers meet."""
        for name, state in states.items():
            yield "state", name, state.get("title")
            for kind in ("on", "always", "after"):
                for event, one in state.get(kind, {}).items():
                    yield kind, f"{name}.{event}", one.get("title") or one.get("event")
                    for check, told in one.get("check", {}).items():
                        yield "check", f"{name}.{event}.{check}", told.get("title")
            for step, told in state.get("steps", {}).items():
                yield "step", f"{name}.{step}", told.get("title")
                for end in ("done", "failed"):
                    yield end, f"{name}.{step}", told.get(end, {"title": True}).get("title")
            yield from self.parts(state.get("states", {}))

    def test_every_part_that_a_reader_meets_has_a_title(self):
        files = [file for file in (DESK.parents[2] / "workflows").rglob("*.yaml") if ".test." not in file.name]
        self.assertGreater(len(files), 2)
        for file in files:
            told = json.loads(said("workflow", "show", file, "--json"))
            shown = told.get("definition", told)
            parts = list(self.parts(shown["states"]))
            self.assertGreater(len(parts), 150)
            parts += [(kind, name, one.get("title")) for kind in ("roles", "fields") for name, one in shown[kind].items()]
            self.assertEqual([part[:2] for part in parts if not part[2]], [], file.name)


if __name__ == "__main__":
    unittest.main()
