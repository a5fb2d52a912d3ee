#!/usr/bin/env python3
"""Completions and the manual are made of the table of commands: each command and each option of it is
in all of them, and bash really completes."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import unittest

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


def complete(*words):
    """What bash offers behind `sankofa WORDS`, the last of which is being typed."""
    script = sankofa("completion", "bash")
    script += "\nCOMP_WORDS=(sankofa %s); COMP_CWORD=%d; _sankofa; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (
        " ".join(f"'{word}'" for word in words), len(words))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True)
    return set(done.stdout.split())


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

    def test_the_other_shells_have_every_word_and_every_option(self):
        fish, zsh = sankofa("completion", "fish"), sankofa("completion", "zsh")
        self.assertTrue(zsh.startswith("#compdef sankofa\n"))
        for name, options in commands().items():
            self.assertRegex(fish, rf"-a {name.split()[-1]} -d ")
            for option in options:
                flag = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
                self.assertRegex(fish, rf"{flag}( -r)? -d \"\S")
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
            section = page.split(f".SS sankofa {shown} ", 1)[1].split(".SS ")[0]
            for option in options:
                words = option.replace("-", "\\-")
                self.assertTrue(f".B {words}" in section or f".B {words}" in page.split(".SH COMMANDS")[0], option)
        for line in page.split("\n"):
            self.assertRegex(line, r"^(\.(TH|SH|SS|TP|B|I|PP|nf|fi|RS|RE)\b|\\&|[^.'])|^$")


if __name__ == "__main__":
    unittest.main()
