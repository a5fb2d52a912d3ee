#!/usr/bin/env python3
"""The reference pages say what the tables of the code say: routes, keys, codes and statuses."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from daemon import BUILD, ROOT

SOCKET = (ROOT / "docs/reference/socket.md").read_text(encoding="utf-8")
LANGUAGE = (ROOT / "docs/reference/workflow-language.md").read_text(encoding="utf-8")
CONFIG = (ROOT / "docs/reference/sankofad-yaml.md").read_text(encoding="utf-8")


def source(file):
    return (ROOT / "engine" / file).read_text(encoding="utf-8")


def first_cells(page):
    """What stands in backquotes in the first cell of the rows of a page's tables."""
    return {
        name
        for row in re.findall(r"(?m)^\| (.*?) \|", page)
        for name in re.findall(r"`([^`]+)`", row)
    }


class Pages(unittest.TestCase):
    def test_every_route_of_this_version_is_on_its_page_and_no_other(self):
        rows = r'\{"(\w+)", "([^"]+)", (ROUTE_\w+), handle'
        staff, admin = SOCKET.split("## Routes of the admin socket")
        for page, socket in ((staff, "ROUTE_STAFF"), (admin, "ROUTE_ADMIN")):
            wanted = {
                f"{method} {path}"
                for method, path, where in re.findall(rows, source("api/routes.c"))
                if where in (socket, "ROUTE_BOTH")
            }
            told = {cell for cell in first_cells(page) if re.match(r"[A-Z]+ /v1/", cell)}
            self.assertGreater(len(wanted), 2)
            self.assertEqual(told, wanted)

    def test_every_exit_status_of_the_client_is_on_its_page_as_in_the_manual(self):
        source_table = re.findall(r'\{(\d+), N_\("([^"]+)"\)\}', source("client/line/manual.c"))
        told = re.findall(r"(?m)^\| (\d+) \| (.*) \|$", (ROOT / "docs/reference/client.md").read_text(encoding="utf-8"))
        self.assertGreater(len(told), 9)
        self.assertEqual(told, source_table)

    def test_every_key_of_the_configuration_is_there_and_no_other(self):
        wanted = set()
        for file in ("config.c", "config_plugins.c"):
            row = r'\{"(\w+)", (?:read|config)_\w+'
            wanted |= set(re.findall(row, source(f"daemon/{file}")))
        people = source("api/people/read.c")
        wanted |= set(re.findall(r'\{"(\w+)", read_\w+', people))
        self.assertGreater(len(wanted), 20)
        self.assertEqual(first_cells(CONFIG), wanted)

    def test_every_code_of_workflow_files_is_there_and_no_other(self):
        codes = dict(re.findall(r'#define (\w+)\s+"([EW]\d+)"', source("workflow/codes.h")))
        rows = re.findall(r'\{([EW]_\w+),\s*"([^"]+)"\}', source("workflow/codes.c"))
        wanted = {(codes[name], title) for name, title in rows}
        told = set(re.findall(r"(?m)^\| `([EW]\d+)` \| (.*) \|$", LANGUAGE))
        self.assertGreater(len(wanted), 60)
        self.assertEqual(told, wanted)

    def test_every_block_of_the_language_is_a_file_that_holds(self):
        blocks = re.findall(r"(?ms)^```(.*?)\n(.*?)^```$", LANGUAGE)
        self.assertGreater(len(blocks), 3)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            # A program without plugins beside it leaves out what workflows use of them.
            program = shutil.copy(BUILD / "sankofa", folder)
            files = []
            for kind, text in blocks:
                self.assertRegex(kind, r"^yaml [a-z-]+(\.test)?\.yaml$")
                files.append(folder / kind.split()[1])
                files[-1].write_text(text, encoding="utf-8")
            workflows = [file for file in files if not file.name.endswith(".test.yaml")]
            for words in (["check", *workflows], ["test", folder]):
                done = subprocess.run([program, "workflow", *words], capture_output=True,
                                      text=True, encoding="utf-8", timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done)
                self.assertNotIn("warning", done.stdout)
            self.assertIn("2 passed, 0 failed", done.stdout)

    def test_the_commands_of_the_readme_are_there(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        named = set(re.findall(r"contrib/\w+", readme))
        self.assertLessEqual({"contrib/demo", "contrib/test"}, named)
        for path in named | set(re.findall(r"\((docs/[^)]+)\)", readme)):
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
