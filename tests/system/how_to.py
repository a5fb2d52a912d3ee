#!/usr/bin/env python3
"""What docs/how-to shows is true: every plugin is compiled as strictly as ours, every workflow is
checked against the plugin above it, every test of a workflow runs with that plugin, and every part
of a configuration is one that the daemon takes.

A block is known by its first line: /* NAME.c: ... */, workflow: ID, # ID.test.yaml, plugins:.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from daemon import BUILD, ROOT, Daemon, plugin_entry

STRICT = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-D_GNU_SOURCE"]
PAGES = ("parking", "retries", "secrets")


def blocks(page, language):
    text = (ROOT / f"docs/how-to/{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def ok(self, *words):
        done = run(*words)
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}{done.stderr}")
        return done.stdout

    def build_plugins(self, page):
        names = []
        for source in blocks(page, "c"):
            name = re.match(r"/\* (\w+)\.c: ", source).group(1)
            file = self.folder / f"{name}.c"
            file.write_text(source, encoding="utf-8")
            compiler = os.environ.get("CC", "cc")
            include = f"-I{ROOT}/engine/include"
            self.ok(compiler, *STRICT, include, "-fPIC", "-shared", file, "-o", file.with_suffix(".so"))
            names.append(name)
        return names

    def write_workflows(self, page):
        """The files of the page's workflows and of their tests."""
        workflows = []
        for block in blocks(page, "yaml"):
            first = block.splitlines()[0]
            if first.startswith("workflow: "):
                workflows.append(self.folder / f"{first.split()[1]}.yaml")
                workflows[-1].write_text(block, encoding="utf-8")
            elif first.startswith("# ") and first.endswith(".test.yaml"):
                (self.folder / first[2:]).write_text(block, encoding="utf-8")
            else:
                self.assertEqual(first, "plugins:", "what is this block?")
        return workflows

    def try_page(self, page):
        plugins = self.build_plugins(page)
        self.assertTrue(plugins)
        for workflow in self.write_workflows(page):
            options = ["--plugins", self.folder]
            self.ok(BUILD / "sankofa", "workflow", "check", workflow, *options)
            tests = workflow.with_suffix(".test.yaml")
            self.assertTrue(tests.exists(), f"{workflow.name} has no tests")
            self.ok(BUILD / "sankofa", "workflow", "test", workflow, *options)

    def test_parking(self):
        self.try_page("parking")

    def test_retries(self):
        self.try_page("retries")

    def test_secrets(self):
        self.try_page("secrets")

    def test_a_block_that_is_wrong_is_found(self):
        source = blocks("parking", "c")[0].replace("host->park(", "host->parks(")
        file = self.folder / "wrong.c"
        file.write_text(source, encoding="utf-8")
        done = run("cc", *STRICT, f"-I{ROOT}/engine/include", "-fsyntax-only", file)
        self.assertNotEqual(done.returncode, 0)

    def test_the_configuration_is_one(self):
        (block,) = [b for b in blocks("secrets", "yaml") if b.startswith("plugins:")]
        probe = plugin_entry("probe")
        block = block.replace("/usr/lib/sankofa/gateway.so", probe["file"])
        block = block.replace("0" * 64, probe["sha256"])
        with Daemon({}) as daemon:
            daemon.config.write_text(daemon.config.read_text() + block, encoding="utf-8")
            os.environ["CREDENTIALS_DIRECTORY"] = "/run/credentials/sankofad"
            done = daemon.sankofad("--check-config")
            del os.environ["CREDENTIALS_DIRECTORY"]
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
