#!/usr/bin/env python3
"""Whoever writes workflows is told in their language what is wrong in them: by the client, by the
daemon through it, by tests and comparisons. Codes, places and what programs read stay.

Every sentence is looked at by tests/unit/tongues.h, where it is made."""

import json
import os
import re
import subprocess
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from daemon import BUILD, ROOT, Daemon

EXAMPLES = ROOT / "tests/unit/workflow/examples"
# Names, a value, an expression, and a slip of the pen, each with its place.
BAD = """workflow: visit
roles: {worker: {}}
fields: {age: {type: integer, max: 5, initial: old}}
states:
  open: {on: {go: {by: [wurker], guard: data.agee > 3, target: closd}}}
  closed: {type: final}
"""
TAB = "workflow: a\nstates:\n\topen: {}\n"
BRACE = "workflow: a\nroles: {a: {}\nstates: {}\n"
GOOD = """workflow: good
roles: {worker: {}}
fields: {age: {type: integer}}
states:
  open:
    on:
      go: {by: [worker], form: {age: required}, guard: data.age > 3, target: closed}
      stay: {by: [worker], form: {age: required}}
  closed: {type: final}
"""
TESTS = """workflow: good
people: {awa: [worker]}
tests:
  one:
    - {do: go, as: awa, with: {age: 9}, expect: {states: [open], data: {age: 8}}}
  two:
    - {do: go, as: awa, with: {age: old}}
"""
PEOPLE = {"ada": {"roles": ["administrator"]}}


class Folder(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def said(self, language, *words, status=None, folder=None):
        """What the client says in that language, in the folder."""
        done = subprocess.run([BUILD / "sankofa", *words, "--lang", language], capture_output=True, encoding="utf-8",
                              timeout=60, check=False, cwd=folder or self.folder)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr


class Files(Folder):
    def test_a_fault_comes_with_its_names_and_places_in_the_language(self):
        self.write("bad.yaml", BAD)
        french = self.said("fr", "workflow", "check", "--format", "caret", "bad.yaml", status=3)
        for part in (
            "erreur[E127] : « old » n'est pas une valeur du champ age : il faut ici un nombre entier\n --> bad.yaml:3:48\n",
            "erreur[E110] : rôle inconnu : « wurker »\n --> bad.yaml:5:25\n  |\n",
            "  |                         ^^^^^^ aucun rôle ne porte ce nom\n"
            "aide : vouliez-vous dire « worker », défini à bad.yaml:2:9 ?\n",
            "erreur[E306] : data n'a pas de membre « agee »\n",
            "aide : vouliez-vous dire age ?\n",
            "aide : vouliez-vous dire « closed », défini à bad.yaml:6:3 ?\n",
            "\n4 erreurs et aucun avertissement dans 1 fichier\n",
        ):
            self.assertIn(part, french)
        portuguese = self.said("pt", "workflow", "check", "--format", "caret", "bad.yaml", status=3)
        for part in (
            "erro[E127]: «old» não é um valor do campo age: é preciso aqui um número inteiro\n --> bad.yaml:3:48\n",
            "erro[E110]: função desconhecida: «wurker»\n --> bad.yaml:5:25\n",
            "ajuda: queria dizer «worker», definido em bad.yaml:2:9?\n",
            "\n4 erros e nenhum aviso em 1 ficheiro\n",
        ):
            self.assertIn(part, portuguese)

    def test_what_no_reader_of_yaml_can_read_is_told_in_the_language(self):
        self.write("tab.yaml", TAB)
        self.write("brace.yaml", BRACE)
        self.assertIn("La ligne 3 commence par une tabulation. Mettez des espaces.",
                      self.said("fr", "workflow", "check", "tab.yaml", status=3))
        self.assertIn("A linha 3 começa com uma tabulação. Use espaços.",
                      self.said("pt", "workflow", "check", "tab.yaml", status=3))
        self.assertIn("Le bloc qui commence par { à la ligne 2 n'est pas fermé, ou il manque une virgule.",
                      self.said("fr", "workflow", "check", "brace.yaml", status=3))
        self.assertIn("O bloco que começa com { na linha 2 não está fechado, ou falta uma vírgula.",
                      self.said("pt", "workflow", "check", "brace.yaml", status=3))

    def test_editors_find_place_severity_and_code_where_they_were(self):
        self.write("bad.yaml", BAD)
        lines = {}
        for language in ("en", "fr", "pt"):
            told = self.said(language, "workflow", "check", "--format", "gcc", "bad.yaml", status=3)
            lines[language] = re.findall(r"(?m)^(bad\.yaml:\d+:\d+: error: )(.*)( \[E\d+\])$", told)
            self.assertEqual(len(lines[language]), 4, told)
        for language in ("fr", "pt"):
            self.assertEqual([(line[0], line[2]) for line in lines[language]],
                             [(line[0], line[2]) for line in lines["en"]])
            self.assertFalse({line[1] for line in lines[language]} & {line[1] for line in lines["en"]})

    def test_programs_read_the_same_in_every_language(self):
        self.write("bad.yaml", BAD)
        self.write("good.yaml", GOOD)
        self.write("other.yaml", GOOD.replace("> 3", "> 4"))
        self.write("good.test.yaml", TESTS)
        for words in (["check", "bad.yaml"], ["test", "good.test.yaml", "--coverage"], ["diff", "good.yaml", "other.yaml"],
                      ["diff", "bad.yaml", "good.yaml"], ["explain", "bad.yaml"]):
            english = self.said("en", "workflow", *words, "--json")
            json.loads(english)
            for language in ("fr", "pt"):
                self.assertEqual(self.said(language, "workflow", *words, "--json"), english, words)

    def test_every_example_of_a_fault_is_told_in_other_words(self):
        """A line of English is left in none; a source line, and what is a word in both, stays."""
        count = 0
        for path in sorted(EXAMPLES.glob("*-bad.yaml")):
            told = {language: self.said(language, "workflow", "check", "--format", "caret", path.name, folder=EXAMPLES).splitlines()
                    for language in ("en", "fr", "pt")}
            for language in ("fr", "pt"):
                self.assertEqual(len(told[language]), len(told["en"]), path.name)
                for line, english in zip(told[language], told["en"]):
                    if re.match(r" *(\d* \||-->|$)", line) and not re.search(r"\^ ", line):
                        continue
                    count += 1
                    if not re.search(r"\^ final$", line):
                        self.assertNotEqual(line, english, (path.name, language))
        self.assertGreater(count, 400)


class Tools(Folder):
    def setUp(self):
        super().setUp()
        self.write("good.yaml", GOOD)
        self.write("good.test.yaml", TESTS)

    def test_what_a_test_wanted_and_got_is_told_in_the_language(self):
        told = self.said("fr", "workflow", "test", "good.test.yaml", "--coverage", status=3)
        self.assertEqual(told, """ÉCHEC  good.test.yaml:4: one
  good.test.yaml:5:58: d'autres états sont actifs
    attendu open
    obtenu  closed
  good.test.yaml:5:78: age a une autre valeur
    attendu 8
    obtenu  9
ÉCHEC  good.test.yaml:6: two
  good.test.yaml:7:7: ceci est refusé
    attendu accepté
    obtenu  refusé, field-invalid : 1 champ manque ou est faux.
            /data/age: Il faut ici un nombre entier.
  couverts : états 2 sur 2, transitions 1 sur 2, conditions dans les deux sens 0 sur 1, échéances dépassées 0 sur 0
  good.yaml:8: jamais suivie : open.stay
  good.yaml:7: la condition de open.go n'a jamais été false
0 réussis, 2 en échec
""")
        self.write("good.test.yaml", TESTS.replace("age: old", "age: 1").replace("people", "peple"))
        told = self.said("pt", "workflow", "test", "good.test.yaml", status=3)
        self.assertIn("um ficheiro de testes não tem a chave «peple»", told)
        self.assertIn("FALHA  good.test.yaml: não pode ser executado\n", told)

    def test_the_names_of_states_are_no_words_of_ours(self):
        self.write("good.yaml", GOOD.replace("closed", "accepted"))
        self.write("good.test.yaml", TESTS.replace("[open], data: {age: 8}", "[open]").replace("two:\n    - {do: go, as: awa, with: {age: old}}", "two: []"))
        self.assertIn("    obtenu  accepted\n", self.said("fr", "workflow", "test", "good.test.yaml", status=3))

    def test_what_differs_is_told_in_the_language(self):
        self.write("other.yaml", GOOD.replace("> 3", "> 4").replace("worker: {}", "worker: {}, chief: {}"))
        self.assertEqual(self.said("fr", "workflow", "diff", "good.yaml", "other.yaml", status=0), """Rôles
  + nouveau : rôle "chief"  [other.yaml:2]

État "open"
  ~ transition "go": condition : maintenant `data.age > 4` (avant : `data.age > 3`)  [other.yaml:7]
1 ajoutés, 0 supprimés, 1 modifiés
""")


class Loading(Folder):
    """The daemon says it in English; the client, in the language of who asked."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()

    def test_a_workflow_that_is_refused_is_told_in_the_language(self):
        path = self.folder / self.write("bad.yaml", BAD.replace("guard:", "check: {c: {use: nowhere/score}}, guard:"))
        french = self.daemon.run("workflow", "load", path, "--lang", "fr", who="ada", status=3).stderr
        for part in ("erreur[E110] : rôle inconnu : « wurker »\n", "aucun rôle ne porte ce nom",
                     "défini à bad.yaml:2:9 ?", "module inconnu : « nowhere » : aucun module de ce nom n'est configuré"):
            self.assertIn(part, french)
        self.assertNotRegex(french, r"\b(unknown|error|help|did you mean)\b")
        body = self.daemon.run("workflow", "load", path, "--lang", "fr", "--json", who="ada", status=3).stdout
        self.assertIn('unknown role', body)

    def test_warnings_are_told_in_the_language(self):
        path = self.folder / self.write("good.yaml", GOOD.replace("  closed:", "  lost: {}\n  closed:"))
        told = self.daemon.run("workflow", "load", path, "--lang", "pt", who="ada", status=0)
        self.assertIn("aviso[W200]: nenhum processo pode chegar ao estado «lost»", told.stderr)


class Service(Folder):
    """sankofad at a terminal, and while it serves."""

    def sankofad(self, text, *words, **environment):
        path = self.folder / self.write("sankofad.yaml", text)
        done = subprocess.run([BUILD / "sankofad", "--config", path, *words], capture_output=True, encoding="utf-8", timeout=60,
                              check=False, env={"PATH": os.environ["PATH"], **environment})
        return done.stdout + done.stderr

    def test_a_wrong_configuration_is_told_in_the_language(self):
        wrong = "store: s\nkey_file: k\nsokets: {}\nsockets: {staff: a}\npeople: {awa: {roles: a}}\n"
        french = self.sankofad(wrong, "--check-config", LANG="fr_FR.UTF-8")
        for part in ("erreur[E841] : clé inconnue : « sokets »\n", "aide : vouliez-vous dire « sockets » ?\n"):
            self.assertIn(part, french)
        portuguese = self.sankofad(wrong.replace("sokets: {}\n", ""), "--check-config", LC_ALL="pt_PT.UTF-8")
        self.assertIn("erro[E821]: É precisa aqui uma lista de no máximo 100.\n", portuguese)
        self.assertIn("error[E841]: unknown key", self.sankofad(wrong, "--check-config", LANG="C"))

    def test_a_store_is_made_in_the_language(self):
        told = self.sankofad("store: s\nkey_file: k\nsockets: {staff: a}\npeople: {}\n", "--init", LANG="fr_FR.UTF-8")
        self.assertRegex(told, r"(?m)^Le dépôt est créé : .*/s$")
        self.assertRegex(told, r"(?m)^Sa clé : .*/k\. Gardez-en une copie ailleurs")

    def test_a_daemon_speaks_english_to_programs_whatever_its_language(self):
        with unittest.mock.patch.dict(os.environ, {"LANG": "fr_FR.UTF-8", "LC_ALL": "", "LANGUAGE": ""}):
            with Daemon(PEOPLE) as daemon:
                daemon.start()
                self.assertEqual(daemon.get("/v1/nothing", "ada").body["title"], "No such route")
                daemon.settings["people"]["ada"]["roles"] = "administrator"
                daemon.write_config()
                told = daemon.run("admin", "reload", "--lang", "fr", status=None).stderr
                self.assertRegex(told, r"  \d+:\d+ : Il faut ici une liste de 100 au plus\. \[E821\]\n    écrivez-la entre crochets")
                told = daemon.run("admin", "reload", status=None).stderr
                self.assertRegex(told, r"  \d+:\d+: A list of at most 100 is expected here\. \[E821\]\n    write it in brackets")


if __name__ == "__main__":
    unittest.main()
