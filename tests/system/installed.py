#!/usr/bin/env python3
"""What `meson install` lays down works from where it lies: programs, catalogues, plugins, workflows, pages of man,
completions. It is installed into a folder of its own, on a machine that has no locale but C."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from daemon import BUILD

# No language; a sanitized build is told what to look for.
KEPT = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
SHELLS = ("bash-completion/completions/sankofa.bash", "zsh/site-functions/_sankofa",
          "fish/vendor_completions.d/sankofa.fish")
MANUALS = {"en": ("man1", "NAME", "what waits for you"), "fr": ("fr/man1", "NOM", "ce qui vous attend"),
           "pt": ("pt/man1", "NOME", "o que espera por si")}


def run(*words, **environment):
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
                          env={**KEPT, **environment})


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        done = run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", folder.name)
        assert done.returncode == 0, done.stdout + done.stderr
        found = [path for path in pathlib.Path(folder.name).rglob("sankofa") if path.parent.name == "bin"]
        assert len(found) == 1, found
        cls.prefix = found[0].parent.parent
        cls.share = cls.prefix / "share"

    def client(self, *words, **environment):
        return run(self.prefix / "bin/sankofa", *words, **environment)

    def test_the_client_finds_its_catalogues(self):
        for language, words in (("fr_FR.UTF-8", "Il n'y a pas d'option --nothing."), ("pt_PT", "Não há a opção --nothing."),
                                ("en_GB.UTF-8", "There is no option --nothing.")):
            done = self.client("inbox", "--nothing", LANG=language)
            self.assertEqual((done.returncode, done.stderr.splitlines()[0]), (2, words))

    def test_plugins_and_the_shipped_workflows_are_found_and_run(self):
        workflows = sorted((self.share / "sankofa/workflows/ecowas").glob("*.yaml"))
        self.assertGreater(len(workflows), 3)
        done = self.client("workflow", "check", *(path for path in workflows if ".test." not in path.name))
        self.assertEqual((done.returncode, done.stderr), (0, "no errors and no warnings in 3 files\n"), done.stdout)
        # The tests of a workflow run its steps in hosts.
        done = self.client("workflow", "test", self.share / "sankofa/workflows")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("No plugins", done.stderr)

    def test_the_way_back_finds_the_daemon(self):
        done = self.client("admin", "restore", "no.backup", "--config", "/nowhere/sankofad.yaml", "--identity", "x", "--reason", "y")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error[E846]: the configuration cannot be read", done.stderr)

    def test_a_client_that_is_a_link_from_elsewhere_finds_them_too(self):
        with tempfile.TemporaryDirectory() as folder:
            link = pathlib.Path(folder, "sankofa")
            link.symlink_to(self.prefix / "bin/sankofa")
            self.assertIn("Il n'y a pas", run(link, "inbox", "--nothing", LANG="fr_FR").stderr)

    def test_each_shell_has_its_completion(self):
        for path in SHELLS:
            self.assertIn("break-glass", (self.share / path).read_text(encoding="utf-8"))

    def test_the_manual_is_there_in_three_languages(self):
        for language, (folder, head, words) in MANUALS.items():
            page = (self.share / "man" / folder / "sankofa.1").read_text(encoding="utf-8")
            self.assertIn(f".SH {head}\n", page)
            self.assertIn(words, page)
            self.assertEqual(page, self.client("manual", "--lang", language).stdout)

    def test_man_shows_the_page_of_the_language_as_it_is_typed(self):
        for language, (_, head, words) in MANUALS.items():
            done = run("man", "-L", language, "sankofa", MANPATH=str(self.share / "man"), MANWIDTH="100", LC_ALL="C.UTF-8",
                       PAGER="cat", MANROFFOPT="-ww")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(f"\n{head}\n", done.stdout)
            self.assertIn(words, re.sub(r"\s+", " ", done.stdout))
            self.assertNotRegex(done.stdout, "[‘’−]")

    def test_what_a_plugin_is_built_with_and_the_pages_are_there(self):
        for path in ("include/sankofa/step.h", "include/sankofa/step_test.h", "share/doc/sankofa/reference/client.md",
                     "share/doc/sankofa/reference/sankofad-yaml.md", "bin/sankofad", "bin/sankofa-host"):
            self.assertTrue((self.prefix / path).is_file(), path)


if __name__ == "__main__":
    unittest.main()
