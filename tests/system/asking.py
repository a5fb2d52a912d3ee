#!/usr/bin/env python3
"""Forms asked field by field at a terminal, each checked by the daemon's rules before the next; and
never a question where nobody is there to answer. At a dumb terminal: asking_keys.py has the others."""

import json
import os
import re
import subprocess
import unittest

from daemon import BUILD, ROOT, Daemon
from terminal import Terminal

DESK = ROOT / "tests/system/desk.yaml"
PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "binta": {"roles": ["chief"], "countries": ["SN"]},
    "ada": {"roles": ["administrator"]},
}
# The fields of `register`, in order, each left out but those that must be there.
LEFT_OUT = {"Name": "Awa Ndiaye", "Age": "12", "Weight": "", "Born": "", "Alone": "", "Wish": "", "Words": ""}


class AskingTest(unittest.TestCase):
    """One daemon, and a person at a terminal."""

    term = "dumb"

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, ["probe", "crash"])
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        cls.daemon.run("workflow", "load", DESK, who="ada")

    def new_case(self):
        return self.daemon.run("case", "new", "desk", "-f", "place=Dakar", who="awa").stdout.strip()

    def terminal(self, *words, who="awa", term=None, language="en"):
        environment = {**os.environ, "TERM": term or self.term, "SANKOFA_SOCKET": str(self.daemon.staff), "LC_ALL": "C.UTF-8"}
        return Terminal([BUILD / "sankofa", *words, "--as", who, "--lang", language], environment)

    def data(self, case):
        return json.loads(self.daemon.run("show", case, "--json", who="awa").stdout)["data"]


class Asking(AskingTest):
    def fill(self, terminal, **answers):
        """Answers every field, and says yes."""
        for title, line in {**LEFT_OUT, **answers}.items():
            terminal.expect(f"\n{title}")
            for part in line if isinstance(line, list) else [line]:
                terminal.answer("> ", part)
        terminal.answer("Send it? yes, no, or < to go back: ", "yes")

    def test_each_field_is_asked_with_what_may_stand_in_it_and_sent_at_the_end(self):
        case = self.new_case()
        with self.terminal("do", case, "register") as terminal:
            self.fill(terminal, Weight="31,5", Born="04/05/2012", Alone="oui", Wish="2", Words=["one", "two", ""])
            shown = terminal.ends(0)
        self.assertEqual({**self.data(case), "place": "Dakar", "count": 0},
                         {"place": "Dakar", "count": 0, "name": "Awa Ndiaye", "age": 12, "weight": 31.5,
                          "born": "2012-05-04", "alone": True, "wish": "go", "words": ["one", "two"]})
        for words in ("Name  (required)", "a whole number, from 0 to 120", "a date, as 2012-05-04", "yes or no",
                      "    1  Stay", "    2  Go", "each line a text; an empty line ends it", "  Wish    Go"):
            self.assertIn(words, shown)

    def test_it_is_asked_in_the_language(self):
        case = self.new_case()
        with self.terminal("do", case, "register", language="fr") as terminal:
            terminal.expect("Nom  (requis)")
            terminal.answer("> ", "Awa")
            terminal.expect("un nombre entier, de 0 à 120")
            terminal.answer("> ", "douze")
            terminal.expect("Il faut ici un nombre entier.")

    def test_what_will_not_do_is_told_at_once_and_asked_again(self):
        case = self.new_case()
        with self.terminal("do", case, "register") as terminal:
            terminal.answer("> ", "")
            terminal.expect("This field is required")
            terminal.answer("> ", "Awa")
            for wrong, why in (("old", "A whole number is needed here."), ("121", "The most that is allowed is 120."),
                               ("-1", "The least that is allowed is 0.")):
                terminal.answer("> ", wrong)
                terminal.expect(why)
            terminal.answer("> ", "12")
            terminal.expect("\nWeight")
            terminal.answer("> ", "")
            terminal.expect("\nBorn")
            terminal.answer("> ", "31/02/2012")
            terminal.expect("A date is needed here")
            terminal.answer("> ", "2012-02-28")
            terminal.expect("\nAlone")
            terminal.answer("> ", "perhaps")
            terminal.expect("Answer yes or no.")
            terminal.answer("> ", "n")
            terminal.answer("> ", "3")
            terminal.expect("Write the number of one of them.")

    def test_back_keeps_what_was_typed_and_no_sends_nothing(self):
        case = self.new_case()
        before = self.data(case)
        with self.terminal("do", case, "register") as terminal:
            terminal.answer("> ", "Awa")
            terminal.answer("> ", "<")
            terminal.expect("\nName")
            terminal.expect("now: Awa")
            terminal.answer("> ", "")
            terminal.expect("\nAge")
            terminal.answer("> ", "12")
            for _ in range(5):
                terminal.answer("> ", "")
            terminal.answer("Send it?", "<")
            terminal.expect("\nWords")
            terminal.answer("> ", "")
            terminal.answer("Send it?", "perhaps")
            terminal.answer("Send it?", "no")
            shown = terminal.ends(1)
        self.assertIn("Nothing was sent.", shown)
        self.assertIn("  -f name='Awa'\n  -f age='12'\n", shown)
        self.assertEqual(self.data(case), before)

    def test_an_end_of_input_gives_up_and_loses_nothing_that_was_typed(self):
        with self.terminal("do", self.new_case(), "register") as terminal:
            terminal.answer("> ", "Awa")
            terminal.expect("\nAge")
            terminal.answer("> ", "?")
            terminal.expect("goes back to the field before")
            terminal.expect("> ")
            terminal.type("\x04")
            self.assertIn("Nothing was sent.\nWhat you typed, to go on with later:\n  -f name='Awa'", terminal.ends(1))

    def test_what_the_daemon_refuses_is_asked_again_with_what_was_typed(self):
        case = self.new_case()
        with self.terminal("do", case, "register") as terminal:
            self.fill(terminal, Age="30")
            terminal.expect("Only children under 18 are registered here.")
            self.fill(terminal, Name="", Age="13")
            self.assertIn("  now: Awa Ndiaye\n> \n\nAge  (required)", terminal.ends(0))
        self.assertEqual(self.data(case)["age"], 13)

    def test_without_an_event_the_possible_ones_are_listed_by_number(self):
        case = self.new_case()
        with self.terminal("do", case) as terminal:
            terminal.expect("   1  Register")
            terminal.expect("   2  Count")
            terminal.answer("Which one? ", "9")
            terminal.expect("Write a number from 1 to")
            terminal.answer("Which one? ", "2")
            terminal.expect("Nothing is filled in.")
            terminal.answer("Send it?", "y")
            terminal.ends(0)
        self.assertEqual(self.data(case)["count"], 1)
        with self.terminal("do", case) as terminal:
            terminal.expect("Which one? ")
            terminal.type("\x04")
            terminal.ends(1)
        with self.terminal("do", case, who="binta") as terminal:
            terminal.expect("   1  Stamp")

    def test_opening_and_answering_are_asked_too(self):
        with self.terminal("case", "new", "desk") as terminal:
            terminal.expect("Place  (required)\n  a text, at most 80 letters")
            terminal.answer("> ", "Kaolack")
            terminal.answer("Send it?", "yes")
            shown = terminal.ends(0)
        case = next(word for word in shown.split() if word.startswith("SN-"))
        self.assertEqual(self.data(case)["place"], "Kaolack")
        self.daemon.run("do", case, "apply", who="awa")
        self.daemon.wait_for(f"/v1/cases/{case}", lambda a: a.body["steps"][0]["status"] == "parked", who="binta")
        with self.terminal("answer", case, "paper", who="binta") as terminal:
            terminal.expect("Granted  (required)")
            terminal.answer("> ", "sim")
            terminal.answer("Send it?", "yes")
            terminal.ends(0)

    def test_nothing_is_asked_where_nobody_can_answer(self):
        """No terminal, fields that are given, or --json: the daemon says what is missing."""
        case = self.new_case()
        done = subprocess.run([BUILD / "sankofa", "do", case, "register", "--as", "awa"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False,
                              env={**os.environ, "SANKOFA_SOCKET": str(self.daemon.staff), "LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("  Name (name): This field is required.\n", done.stderr)
        self.assertIn("Give each field by -f FIELD=VALUE, or all by --form FILE.\n", done.stderr)
        for half in ("</dev/null", "2>/dev/null"):
            environment = {**os.environ, "SANKOFA_SOCKET": str(self.daemon.staff), "LC_ALL": "C.UTF-8"}
            line = f"exec {BUILD}/sankofa do {case} register --as awa {half}"
            with Terminal(["sh", "-c", line], environment) as terminal:
                terminal.ends(3)
        for words in (["-f", "name=Awa"], ["--json"]):
            with self.terminal("do", case, "register", *words) as terminal:
                self.assertNotIn("> ", terminal.ends(3))

    def test_colours_are_for_terminals_that_have_them(self):
        for term, more, has in (("xterm-256color", [], True), ("dumb", [], False), ("xterm", ["--no-color"], False)):
            with self.terminal("do", self.new_case(), "register", *more, term=term) as terminal:
                terminal.expect("> ")
                self.assertEqual(re.search(r"\x1b\[[0-9;]*m", terminal.shown) is not None, has, term)
                self.assertEqual("\x1b" in terminal.shown, term != "dumb")


if __name__ == "__main__":
    unittest.main()
