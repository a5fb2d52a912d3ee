#!/usr/bin/env python3
"""Completions and the manual are made of the table of commands: each command and each option of it is
in all of them, and bash, zsh and fish really complete."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from terminal import Terminal

BUILD = pathlib.Path(os.environ.get("SANKOFA_BUILD", "build")).resolve()


@functools.lru_cache
def sankofa(*words, status=0):
    done = subprocess.run([str(BUILD / "sankofa"), *words], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


@functools.lru_cache
def commands():
    """{command: its options}, as the help has them."""
    found = {}
    for line in sankofa("--help").split("\n\nEverywhere:")[0].split("\n")[2:]:
        name = re.match(r"  (\S+(?: [a-z-]+)*)(?:  |$| [A-Z\[])", line).group(1)
        told = sankofa(*name.split(), "--help")
        found[name] = re.findall(r"^  (--?[a-z-]+)", told, re.MULTILINE)
    return found


def complete(*words, cwd=None):
    """What bash offers behind `sankofa WORDS`, the last of which is being typed."""
    script = sankofa("completion", "bash")
    script += "\nCOMP_WORDS=(sankofa %s); COMP_CWORD=%d; _sankofa; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (
        " ".join(f"'{word}'" for word in words), len(words))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True, cwd=cwd)
    return set(done.stdout.splitlines()) - {""}


# How each shell is started in an empty home, and told of the completion that lies there.
SHELLS = {
    "bash": (["bash", "--norc", "-i"], "bind 'set enable-bracketed-paste off'; . ./complete"),
    "zsh": (["zsh", "-f", "-i"], "cp complete _sankofa; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D"),
    "fish": (["fish", "--no-config", "-i"], "source ./complete"),
}


class Shell:
    """A shell at a terminal, in which Tab is pressed as people do."""

    def __init__(self, name):
        words, prepare = SHELLS[name]
        self.home = tempfile.TemporaryDirectory()
        home = pathlib.Path(self.home.name)
        (home / "complete").write_text(sankofa("completion", name), encoding="utf-8")
        (home / "scan été.yaml").touch()
        self.terminal = Terminal(["env", "-C", home, *words], {
            "PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8"}, columns=200)
        self.terminal.type(f"{prepare}; printf '<%s>' ready\n")
        self.terminal.expect("<ready>")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminal.__exit__()
        self.home.cleanup()

    def press_tab(self, line):
        """The words of the line, once Tab was pressed behind it."""
        self.terminal.type(line + "\t")
        time.sleep(0.3)  # a shell throws away what is typed while it completes
        self.terminal.type("\x01printf '<%s>' begin \x05 '' end\n")
        self.terminal.expect("<begin>")
        begun = self.terminal.seen
        self.terminal.expect("<end>")
        return re.findall("<([^<>]*)>", self.terminal.shown[begun:self.terminal.seen])[:-2]


class Completion(unittest.TestCase):
    def test_bash_completes_every_word_and_every_option(self):
        table = commands()
        self.assertGreater(len(table), 30)
        self.assertEqual(complete(""), {name.split()[0] for name in table})
        for name, options in table.items():
            words = name.split()
            for i in range(1, len(words)):
                self.assertIn(words[i], complete(*words[:i], ""))
            self.assertEqual(complete(*name.split(), "-"), set(options), name)

    def test_bash_completes_what_is_begun_and_passes_over_values(self):
        self.assertEqual(complete("workf"), {"workflow"})
        self.assertEqual(complete("workflow", "che"), {"check"})
        self.assertEqual(complete("admin", "keys", "add"), {"add-slot"})
        self.assertEqual(complete("--lang", "fr", "workflow", "che"), {"check"})
        self.assertEqual(complete("case", "list", "--over"), {"--overdue"})
        self.assertEqual(complete("case", "list", "--state", "--overdue", "--ove"), {"--overdue"})

    def test_bash_offers_what_a_value_or_an_argument_may_be(self):
        self.assertEqual(complete("--lang", ""), {"en", "fr", "pt"})
        self.assertEqual(complete("case", "list", "--lang", "=", "f"), {"fr"})
        self.assertEqual(complete("case", "list", "--lang", "="), {"en", "fr", "pt"})
        self.assertEqual(complete("case", "new", "-f", "place", "=", "Dakar", "--com"), {"--comment"})
        self.assertIn("--lang", complete("-"))
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a scan.pdf").touch()
            for words in (["case", "attach", "SN-2026-00001-Y", ""], ["do", "SN-2026-00001-Y", "--form", "a"],
                          ["workflow", "check", "a"], ["admin", "keys", "add-slot", "key-file", ""]):
                self.assertEqual(complete(*words, cwd=folder), {"a scan.pdf"}, words)
            for words in (["show", ""], ["case", "list", "--state", ""], ["admin", "checkpoint", ""], ["api", "GET", ""]):
                self.assertEqual(complete(*words, cwd=folder), set(), words)

    def test_what_is_offered_is_what_refusals_and_the_help_name(self):
        for words, telling, status in (
            (["--lang", ""], ["--lang", "none", "inbox"], 2),
            (["--format", ""], ["workflow", "check", "--format", "none", "file"], 2),
            (["-o", ""], ["workflow", "draw", "-o", "none", "file"], 2),
            (["completion", ""], ["completion", "none"], 2),
            (["--outcome", ""], ["case", "settle", "--help"], 0),
            (["admin", "keys", "add-slot", ""], ["admin", "keys", "add-slot", "--help"], 0),
        ):
            told = sankofa(*telling, status=status)
            self.assertGreater(len(complete(*words)), 1)
            for word in complete(*words):
                self.assertRegex(told, rf"\b{word}\b")

    def test_the_shells_complete_at_the_first_tab(self):
        for name in SHELLS:
            if not shutil.which(name):
                continue
            with Shell(name) as shell:
                for typed, word in (
                    ("workf", "workflow"),
                    ("workflow che", "check"),
                    ("case list --ov", "--overdue"),
                    ("admin keys add-", "add-slot"),
                    ("case erase SN-2026-00001-Y --cert", "--certificate"),
                    ("--lang f", "fr"),
                    ("--lang fr completion zs", "zsh"),
                    ("case list --state review --ove", "--overdue"),
                    ("workflow check sc", "scan été.yaml"),
                    ("do SN-2026-00001-Y --form sc", "scan été.yaml"),
                    ("show sc", "sc"),
                    ("case new ass", "ass"),
                ):
                    with self.subTest(name, typed=typed):
                        expected = ["sankofa", *typed.split()[:-1], word]
                        self.assertEqual(shell.press_tab(f"sankofa {typed}"), expected)

    def test_the_other_shells_have_every_word_and_every_option(self):
        fish, zsh = sankofa("completion", "fish"), sankofa("completion", "zsh")
        self.assertTrue(zsh.startswith("#compdef sankofa\n"))
        for name, options in commands().items():
            self.assertIn(f"__sankofa_at '{' '.join(name.split()[:-1])}'\" -a {name.split()[-1]} -d ", fish)
            for option in options:
                flag = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
                self.assertRegex(fish, rf"{flag}( -rF| -x| -x -a '[a-z ]+')? -d \"\S")
                self.assertIn(option, zsh)
        for shell, script in (("bash", sankofa("completion", "bash")), ("zsh", zsh), ("fish", fish)):
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, timeout=30, check=True)
        self.assertIn("one for bash, for zsh and for fish", sankofa("completion", "csh", status=2))

    def test_the_manual_has_every_command_and_every_option(self):
        page = sankofa("manual")
        self.assertTrue(page.startswith(".TH SANKOFA 1 "))
        for name, options in commands().items():
            shown = name.replace("-", "\\-")
            section = re.split(rf"\.SS sankofa {re.escape(shown)}[ \n]", page)[1].split(".SS ")[0]
            for option in options:
                words = option.replace("-", "\\-")
                self.assertTrue(f".B {words}" in section or f".B {words}" in page.split(".SH COMMANDS")[0], option)
        for line in page.split("\n"):
            self.assertRegex(line, r"^(\.(TH|SH|SS|TP|B|I|PP|nf|fi|RS|RE)\b|\\&|[^.'])|^$")


if __name__ == "__main__":
    unittest.main()
