#!/usr/bin/env python3
"""Forms at a terminal that can be drawn on: what is typed is checked at every key."""

import os
import re
import signal
import termios
import time
import unittest

from asking import LEFT_OUT, AskingTest

STRONG, PLAIN, DIM, ALARM = "\x1b[1m", "\x1b[0m", "\x1b[2m", "\x1b[1;31m"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"
COMBINED = "O\u0323\u0301la"  # a dot below and an accent: no letter of its own


class Keys(AskingTest):
    term = "xterm-256color"

    def at(self, title, language="en", titles=LEFT_OUT, event="register"):
        """A form whose fields are filled in, up to that one."""
        terminal = self.terminal("do", self.new_case(), event, language=language)
        self.addCleanup(terminal.__exit__)
        for name, line in titles.items():
            terminal.expect(f"{STRONG}{name}{PLAIN}")
            terminal.expect(f"> {PLAIN}")
            if name == title:
                break
            terminal.type(line + "\r")
        return terminal

    def end(self, terminal, title):
        """Leaves out what is behind that field, and says yes; the data that the case then has."""
        behind = list(LEFT_OUT)[list(LEFT_OUT).index(title) + 1:]
        for name in behind:
            terminal.expect(f"{STRONG}{name}{PLAIN}")
            terminal.expect("> ")
            terminal.type(LEFT_OUT[name] + "\r")
        terminal.expect("Send it?")
        terminal.type("y\r")
        terminal.ends(0)
        return self.data(re.search(r"SN-\d{4}-\d{5}-\w", terminal.shown).group())

    def test_what_cannot_be_right_any_more_is_told_at_the_key(self):
        terminal = self.at("Age")
        terminal.expect(f"{DIM}required")
        terminal.type("12")
        terminal.expect("12\x1b[K")
        terminal.type("1")
        terminal.expect(f"121  {ALARM}The most that is allowed is 120.")
        terminal.type("\x7f")
        terminal.expect("12\x1b[K")
        terminal.type("\r")
        self.assertEqual(self.end(terminal, "Age")["age"], 12)

    def test_what_may_become_right_is_told_in_another_voice(self):
        terminal = self.at("Born")
        terminal.expect(f"{DIM}Enter leaves it out")
        for typed, hint in (("31/0", f"31/0  {DIM}2012-05-04 or 04/05/2012"), ("2/2012", f"{ALARM}A date is needed here"),
                            ("\x0b\x15" + "29022012", f"{ALARM}A date is needed here"),
                            ("\x15" + "04/05/2012", f"04/05/2012  {DIM}= 2012-05-04")):
            terminal.type(typed)
            terminal.expect(hint)
        terminal.type("\r")
        self.assertEqual(self.end(terminal, "Born")["born"], "2012-05-04")

    def test_enter_does_not_take_what_is_wrong(self):
        terminal = self.at("Name")
        terminal.type("\r")
        terminal.expect(f"{ALARM}This field is required")
        terminal.type("Awa\r")
        terminal.expect("Age")
        terminal.type("old\r\r")
        terminal.expect(f"old  {ALARM}A whole number is needed here.")
        terminal.type("\x15" + "7\r")
        data = self.end(terminal, "Age")
        self.assertEqual((data["name"], data["age"]), ("Awa", 7))

    def test_tab_completes_choices_and_they_are_known_by_their_beginning(self):
        terminal = self.at("Souhait", "fr", {"Nom": "Awa", "Âge": "7", "Poids": "", "Né le": "", "Seul": "non", "Souhait": ""})
        terminal.type("r")
        terminal.expect(f"r  {DIM}= Rester")
        terminal.type("\t")
        terminal.expect("> \x1b[0mRester\x1b[K")
        terminal.type("\x15" + "PAR\r")
        terminal.expect(f"PAR  {DIM}= Partir")
        terminal.expect("1> ")
        terminal.type("\r")
        terminal.expect("Partir")
        terminal.expect("non, ou < pour revenir : ")
        terminal.type("o")
        terminal.expect(f"o  {DIM}c'est envoyé")
        terminal.type("\r")
        terminal.ends(0)

    def test_letters_of_several_bytes_go_as_one(self):
        terminal = self.at("Name")
        terminal.type("Ébènes\x7f Ọláyínká")
        terminal.expect("Ébène Ọláyínká\x1b[K\x1b[J\r\x1b[16C")
        terminal.type("\x1b[D\x7f\x7f")
        terminal.expect("Ébène Ọláyíá\x1b[K\x1b[J\r\x1b[13C")
        terminal.type("\x1b[H" + COMBINED + "ni")
        terminal.expect(f"{COMBINED}niÉbène")
        terminal.type("\x1b[H\x1b[C\x7f")
        terminal.expect(f"{STRONG}> {PLAIN}laniÉbène")
        terminal.type("\r")
        self.assertEqual(self.end(terminal, "Name")["name"], "laniÉbène Ọláyíá")

    def test_a_paste_of_several_lines_is_one_answer(self):
        terminal = self.at("Name")
        terminal.type(f"{PASTE}Awa\r\tNdiaye\n{PASTED}")
        terminal.expect("\r\n  ")
        terminal.type("\r")
        terminal.expect("Age")
        terminal.type(f"{PASTE}1\n2{PASTED}")
        terminal.expect(f"1 2  {ALARM}A whole number")
        terminal.type("\x1712\r")
        terminal.type("\x15" + "12\r")
        data = self.end(terminal, "Age")
        self.assertEqual((data["name"], data["age"]), ("Awa\n Ndiaye", 12))

    def test_ctrl_c_leaves_and_saves_nothing(self):
        for keys in ("\x03", "\x15\x04", "Bi\x03"):
            with self.subTest(keys=keys):
                terminal = self.at("Age")
                before = termios.tcgetattr(terminal.file)
                self.assertFalse(before[3] & termios.ICANON)
                terminal.type(keys)
                shown = terminal.ends(1)
                self.assertIn("Nothing was sent.\nWhat you typed, to go on with later:\n  -f name='Awa Ndiaye'\n", shown)
                self.assertNotIn("SN-", shown)

    def test_what_was_given_of_a_list_is_not_lost(self):
        terminal = self.at("Words")
        terminal.type("l'ami\rtwo\r")
        terminal.expect(f"3> {PLAIN}")
        terminal.type("\x03")
        self.assertIn("  -f words='l'\\''ami'\n  -f words='two'\n", terminal.ends(1))

    def test_the_terminal_is_as_it_was_whatever_ends_the_program(self):
        for how in ("\x03", signal.SIGTERM, signal.SIGHUP):
            with self.subTest(how=how):
                case = self.new_case()
                terminal = self.terminal("do", case, "register")
                before = termios.tcgetattr(terminal.file)
                self.addCleanup(terminal.__exit__)
                terminal.expect(f"{DIM}required")
                self.assertNotEqual(termios.tcgetattr(terminal.file), before)
                if how == "\x03":
                    terminal.type(how)
                    terminal.ends(1)
                else:
                    os.kill(terminal.pid, how)
                    terminal.ends(-how)
                self.assertEqual(termios.tcgetattr(terminal.file), before)
                self.assertTrue(terminal.shown.rindex("\x1b[?2004l") > terminal.shown.rindex("\x1b[?2004h"))

    def test_what_is_typed_ahead_is_not_lost(self):
        terminal = self.terminal("do", self.new_case(), "register")
        self.addCleanup(terminal.__exit__)
        terminal.expect(f"{DIM}required")
        terminal.type("Awa\r7\r\r\r\r\r\ry\r")
        terminal.ends(0)

    def test_shift_tab_goes_back(self):
        terminal = self.at("Weight")
        terminal.type("\x1b[Z")
        terminal.expect(f"{STRONG}Age{PLAIN}")
        terminal.expect(f"{DIM}Enter keeps 12")
        terminal.type("\r")
        terminal.expect(f"> {PLAIN}  {DIM}= 12")
        terminal.expect("Weight")

    def test_another_width_draws_it_anew(self):
        terminal = self.at("Name")
        terminal.type("Awa Ndiaye of the night team at the bus station")
        terminal.expect("station\x1b[K")
        terminal.resize(40)
        terminal.expect("\n  bus station")
        self.assertIn("Awa Ndiaye of the night team at the ", terminal.shown)

    def test_without_colours_a_hint_is_in_brackets(self):
        with self.terminal("do", self.new_case(), "register", "--no-color") as terminal:
            terminal.expect("> " + "  (required)")
            self.assertNotIn("\x1b[2m", terminal.shown)

    def test_a_number_of_a_list_says_what_it_stands_for(self):
        with self.terminal("do", self.new_case()) as terminal:
            terminal.expect("Which one? ")
            terminal.type("9")
            terminal.expect(f"{ALARM}Write a number from 1 to")
            terminal.type("\r")
            terminal.type("\x7f2")
            terminal.expect(f"2  {DIM}Count")
            terminal.type("\r")
            terminal.expect("Nothing is filled in.")
            terminal.type("perhaps\r")
            terminal.expect(f"{ALARM}yes or no")
            terminal.type("\x15n\r")
            terminal.ends(1)


if __name__ == "__main__":
    unittest.main()
