#!/usr/bin/env python3
"""The reference pages say what the tables of the code say: routes, keys, codes and statuses."""

import re
import unittest

from daemon import ROOT

SOCKET = (ROOT / "docs/reference/socket.md").read_text(encoding="utf-8")
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

    def test_every_problem_is_there_with_its_statuses(self):
        statuses = dict(re.findall(r"(EXIT_\w+) = (\d+)", source("base/problem.c")))
        row = r'\{PROBLEM_\w+,\s+"([\w-]+)",\s+(\d+),\s+(EXIT_\w+)'
        rows = re.findall(row, source("base/problem.c"))
        wanted = {(code, http, statuses[name]) for code, http, name in rows if code != "none"}
        told = set(re.findall(r"(?m)^\| `([\w-]+)`[^|]* \| (\d+) \| (\d+) \|$", SOCKET))
        self.assertGreater(len(wanted), 20)
        self.assertEqual(told, wanted)

    def test_every_key_of_the_configuration_is_there_and_no_other(self):
        wanted = set(re.findall(r'\{"(\w+)", (?:read|refuse)_\w+', source("daemon/config.c")))
        people = source("api/people_read.c")
        wanted |= set(re.findall(r'\{"(\w+)", read_\w+', people))
        self.assertGreater(len(wanted), 20)
        self.assertEqual(first_cells(CONFIG), wanted)

    def test_the_commands_of_the_readme_are_there(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        named = set(re.findall(r"contrib/\w+", readme))
        self.assertLessEqual({"contrib/demo", "contrib/test"}, named)
        for path in named | set(re.findall(r"\((docs/[^)]+)\)", readme)):
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
