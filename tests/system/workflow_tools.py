#!/usr/bin/env python3
"""`sankofa workflow`, without a daemon: what an administrator does with files before any case
depends on them."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from daemon import BUILD, ROOT, Daemon

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


BASE = """workflow: base
abstract: true
roles: {clerk: {}}
states:
  open: {on: {close: {by: [clerk], target: closed}, keep: {final: true, by: [clerk], target: closed}}}
  closed: {type: final}
"""
COUNTRY = """workflow: country
extends: base
country: GW
states:
  heard: {place: {before: closed}, always: {on: {target: closed}}}
  open: {on: {close: {target: heard}}}
"""


class Overlays(FolderTest):
    def setUp(self):
        super().setUp()
        self.write("base.yaml", BASE)
        self.country = self.write("country.yaml", COUNTRY)

    def test_tests_among_the_files_to_check_are_no_workflows(self):
        done = sankofa("workflow", "check", ROOT / "workflows/ecowas/senegal.yaml",
                       ROOT / "workflows/ecowas/senegal.test.yaml")
        self.assertIn("holds tests: `sankofa workflow test` runs them", done.stderr)
        self.assertIn("in 1 file", done.stderr)

    def test_an_overlay_is_checked_with_the_parent_beside_it(self):
        sankofa("workflow", "check", self.country)
        self.write("country.yaml", COUNTRY.replace("{target: heard}", "{target: herd}"))
        done = sankofa("workflow", "check", "country.yaml", folder=self.folder, status=3)
        self.assertIn('country.yaml:6:31: error: unknown state "herd"', done.stdout)
        self.write("country.yaml", COUNTRY.replace("extends: base", "extends: bass"))
        done = sankofa("workflow", "check", "country.yaml", "--format", "caret",
                       folder=self.folder, status=3)
        self.assertIn('help: did you mean "base"?', done.stdout)
        self.write("country.yaml", COUNTRY)
        self.write("again.yaml", BASE)
        done = sankofa("workflow", "check", "country.yaml", folder=self.folder, status=3)
        self.assertIn("two files beside this one are called so", done.stdout)

    def test_what_runs_is_shown_and_who_set_each_line(self):
        plain = sankofa("workflow", "show", "country.yaml", folder=self.folder).stdout
        self.assertEqual(plain, """workflow: country
roles:
  clerk: {}
states:
  open:
    on:
      close: {by: [clerk], target: heard}
      keep: {final: true, by: [clerk], target: closed}
  heard:
    always:
      on: {target: closed}
  closed: {type: final}
country: GW
""")
        layers = sankofa("workflow", "show", "country.yaml", "--layers", folder=self.folder).stdout
        self.assertEqual([line.split("  ")[0].strip() for line in layers.splitlines()], [
            "country.yaml:1", "base.yaml:3", "base.yaml:3", "base.yaml:4", "base.yaml:5",
            "base.yaml:5", "base.yaml:5", "base.yaml:5", "country.yaml:6", "base.yaml:5",
            "country.yaml:5", "country.yaml:5", "country.yaml:5", "base.yaml:6", "country.yaml:3",
        ])

    def test_what_is_shown_is_the_same_definition(self):
        for path in sorted((ROOT / "workflows/ecowas").glob("*.yaml")):
            if path.name.endswith(".test.yaml"):
                continue
            shown = self.write("shown.yaml", sankofa("workflow", "show", path).stdout)
            hashes = [json.loads(sankofa("workflow", "check", one, "--json").stdout)["files"][0]["hash"]
                      for one in (path, shown)]
            self.assertEqual(hashes[0], hashes[1], path)

    def test_faults_of_an_overlay_are_told(self):
        self.write("country.yaml", COUNTRY + "      keep: {by: null}\n".replace("      keep", "roles"))
        self.write("country.yaml", COUNTRY.replace("close: {target", "keep: {target"))
        done = sankofa("workflow", "show", "country.yaml", folder=self.folder, status=3)
        self.assertIn('"keep" is final: no overlay may change it [E161]', done.stdout)

    def test_a_daemon_finds_the_parent_among_those_it_has(self):
        people = {"ada": {"roles": ["administrator"]}, "awa": {"roles": ["clerk"]}}
        with Daemon(people, []) as daemon:
            daemon.start()
            refused = daemon.run("workflow", "load", self.country, who="ada", status=3)
            self.assertIn("no workflow of this name is loaded", refused.stderr)
            daemon.run("workflow", "load", self.folder / "base.yaml", self.country, who="ada")
            self.assertIn("heard:", daemon.run("workflow", "show", "country", who="ada").stdout)
            self.assertIn("--layers takes a file", daemon.run(
                "workflow", "show", "country", "--layers", who="ada", status=2).stderr)
            self.assertIn("is a base", daemon.run("case", "new", "base", who="awa", status=6).stderr)
            code = daemon.run("case", "new", "country", who="awa").stdout.strip()
            self.assertTrue(code.startswith("GW-"), code)
            broken = self.write("broken.yaml", COUNTRY.replace("place: {before: closed}, ", "")
                                + "  closed: null\n")
            refused = daemon.run("workflow", "load", broken, who="ada", status=3)
            self.assertIn("--> base\n", refused.stderr)  # a place in the parent has no line there

    def test_a_dry_run_tells_what_the_check_tells(self):
        faulty = {
            "faulty.yaml": "workflow: a\nstates: {x: {always: {g: {target: zz}}}, y: {}}\nroles: {r: 1}\n",
            "doubtful.yaml": "workflow: a\nstates: {x: {}}\n",
            "no.yaml": "workflow: [\n",
            "orphan.yaml": COUNTRY.replace("extends: base", "extends: nothing"),
        }
        with Daemon({"ada": {"roles": ["administrator"]}}, []) as daemon:
            daemon.start()
            for name, source in faulty.items():
                path = self.write(name, source)
                here = json.loads(subprocess.run(
                    [str(BUILD / "sankofa"), "workflow", "check", str(path), "--json"],
                    capture_output=True, text=True, check=False).stdout)["files"][0]["diagnostics"]
                answer = daemon.post("/v1/workflows?dry_run=1", source.encode(), who="ada",
                                     headers={"Content-Type": "application/yaml"})
                there = answer.body.get("diagnostics", answer.body.get("warnings"))
                self.assertEqual([(one["code"], one["line"], one["column"], one["severity"]) for one in here],
                                 [(one["code"], one["line"], one["column"], one["severity"]) for one in there])
                self.assertTrue(here)
            self.assertEqual(daemon.get("/v1/workflows", who="ada").body["workflows"], [])


class Explain(FolderTest):
    def test_a_workflow_is_told_in_words_in_the_asked_language(self):
        path = "workflows/ecowas/guinea-bissau.yaml"
        whole = sankofa("workflow", "explain", path, "--lang", "fr").stdout
        self.assertIn("Un dossier est ouvert par Signalant ou Assistant social (accueil).", whole)
        self.assertIn("- Contresigner la remise (countersign) : par Institut de la femme", whole)
        alone = sankofa("workflow", "explain", path, "received", "--lang", "pt").stdout
        self.assertIn("Não deve demorar mais de 48 horas.", alone)
        self.assertNotIn("identification", alone)
        told = json.loads(sankofa("workflow", "explain", path, "received", "--lang", "pt", "--json").stdout)
        self.assertEqual(told, {"text": alone})

    def test_what_cannot_be_explained_is_told(self):
        path = "workflows/ecowas/child-return.yaml"
        done = sankofa("workflow", "explain", path, "identificaton", status=5)
        self.assertIn("Did you mean identification?", done.stderr)
        faulty = self.write("a.yaml", "workflow: a\n")
        done = sankofa("workflow", "explain", faulty, status=3)
        self.assertIn("a workflow needs the key `states` [E100]", done.stdout)
        sankofa("workflow", "explain", self.folder / "none.yaml", status=2)


if __name__ == "__main__":
    unittest.main()
