#!/usr/bin/env python3
"""`sankofa workflow`, without a daemon: what an administrator does with files before any case
depends on them."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from daemon import BUILD, ROOT

SHARED = Path(os.environ.get("SANKOFA_SHARED", ROOT / "../shared"))
STATECHARTS = SHARED / "conformance/statechart"

SCORED = """workflow: scored
roles: {clerk: {}}
fields: {household: {type: choice, options: {safe: Safe, unsafe: Unsafe}}, heard: {type: date},
  risk: {type: integer}}
states:
  open:
    on:
      score:
        by: [clerk]
        form: {household: required, heard: required}
        check:
          evidence:
            use: assessment/score
            with: {family_found: "yes", child_wish: wants_return, child_heard_on: = data.heard,
              retrafficking_risk: low, household: = data.household, carer_agrees: "yes",
              proof_of_relationship: document, prior_involvement: none,
              family_assessed_on: = data.heard, protection_claim: false, threshold: 6,
              evidence_days: 90}
            into: {risk: risk}
        target: scored
  scored: {type: final}
"""
SCORED_TEST = """workflow: scored
people: {awa: [clerk]}
tests:
  fresh evidence is weighed:
    - {do: score, as: awa, with: {household: safe, heard: 2025-12-30}, expect: {states: [scored]}}
  old evidence is refused:
    - {do: score, as: awa, with: {household: safe, heard: 2025-06-01}, expect: {refused: check-refused}}
"""


def sankofa(*words, status=0, folder=None):
    done = subprocess.run(
        [str(BUILD / "sankofa"), *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False, cwd=folder or ROOT,
    )
    if done.returncode != status:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class FolderTest(unittest.TestCase):
    """Each test has a folder of its own to write workflows into."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sankofa-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


class TestsOfWorkflows(FolderTest):
    def test_the_workflows_that_are_shipped_pass_their_tests(self):
        done = sankofa("workflow", "test", "workflows")
        self.assertRegex(done.stdout.splitlines()[-1], r"^[1-9]\d* passed, 0 failed$")

    @unittest.skipUnless(STATECHARTS.is_dir(), "no statechart suite at $SANKOFA_SHARED or ../shared")
    def test_the_public_statechart_suite_passes(self):
        done = sankofa("workflow", "test", STATECHARTS)
        self.assertEqual(done.stdout.splitlines()[-1], "119 passed, 0 failed")

    def test_a_plugin_without_stand_in_is_really_run(self):
        self.write("scored.yaml", SCORED)
        test = self.write("scored.test.yaml", SCORED_TEST)
        self.assertEqual(sankofa("workflow", "test", test).stdout.splitlines()[-1],
                         "2 passed, 0 failed")

    def test_a_plugin_that_is_not_there_is_told(self):
        self.write("scored.yaml", SCORED)
        test = self.write("scored.test.yaml", SCORED_TEST)
        done = sankofa("workflow", "test", test, "--plugins", self.folder, status=3)
        self.assertIn('unknown plugin "assessment"', done.stdout)
        done = sankofa("workflow", "test", test, "--plugins", self.folder / "none", status=2)
        self.assertIn("There is no folder", done.stderr)

    def test_a_folder_is_searched_and_failures_are_status_3(self):
        good = "workflow: a\nstates: {x: {type: final}}\n"
        self.write("a/a.yaml", good)
        self.write("a/a.test.yaml", "workflow: a\ntests: {t: [expect: {states: [x]}]}\n")
        self.write("b/c/a.yaml", good)
        self.write("b/c/a.test.yaml", "workflow: a\ntests:\n  t:\n  - expect: {states: []}\n")
        self.write(".hidden/a.test.yaml", "nonsense")
        done = sankofa("workflow", "test", folder=self.folder, status=3)
        self.assertEqual(done.stdout, (
            "ok     a/a.test.yaml: 1 test\n"
            "FAILED b/c/a.test.yaml:3: t\n"
            "  b/c/a.test.yaml:4:22: other states are active\n"
            "    wanted  \n"
            "    got     x\n"
            "1 passed, 1 failed\n"))
        told = json.loads(sankofa("workflow", "test", "--json", folder=self.folder, status=3).stdout)
        self.assertEqual((told["passed"], told["failed"], len(told["files"])), (1, 1, 2))

    def test_a_workflow_stands_for_its_tests(self):
        self.write("a.yaml", "workflow: a\nstates: {x: {type: final}}\n")
        self.write("a.test.yaml", "workflow: a\ntests: {t: [expect: {states: [x]}]}\n")
        done = sankofa("workflow", "test", "a.yaml", "--coverage", folder=self.folder)
        self.assertIn("covered: states 1 of 1", done.stdout)

    def test_wrong_use_is_status_2(self):
        for words, says in (
            ([], "There is no file NAME.test.yaml there."),
            (["none"], "none is neither a folder nor a file NAME.yaml."),
            (["none.yaml"], "none.test.yaml cannot be read"),
            ([".", "--format", "xml"], 'There is no format "xml".'),
        ):
            self.assertIn(says, sankofa("workflow", "test", *words, folder=self.folder,
                                        status=2).stderr)

    def test_tests_without_their_workflow_fail(self):
        self.write("a.test.yaml", "workflow: a\ntests: {}\n")
        done = sankofa("workflow", "test", folder=self.folder, status=3)
        self.assertIn("there is no workflow a.yaml beside it", done.stdout)


if __name__ == "__main__":
    unittest.main()
