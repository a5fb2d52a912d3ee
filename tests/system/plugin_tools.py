#!/usr/bin/env python3
"""`sankofa plugin inspect`, `run` and `new`: what they print, how they end, what they refuse."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import plain
from daemon import BUILD

PLUGINS = BUILD / "plugins"
CARELESS = BUILD / "tests/system/bad-plugins/careless.so"
PAY = ["-f", "case_code=SN-2026-00042-G", "-f", "purpose=school", "-f", "amount=500", "-f", "currency=XOF"]
PAY += ["-f", "case_ceiling=1000", "-f", "first_signer=awa", "-f", "second_signer=binta"]
# A step that parks until the next window opens, started again by the chart's own loop.
FOLLOW_UP = """workflow: follow-up
title: Follow-up
roles: {worker: {title: Worker}}
open: {by: [worker], form: {placed_on: required}}
fields:
  placed_on: {type: date}
  window: {type: text}
  opens: {type: date}
  closes: {type: date}
states:
  between:
    steps:
      next_visit:
        use: reintegration/schedule
        with: {counted_from: "= data.placed_on", last: "= data.window"}
        into: {window: window, opens: opens, closes: closes}
        done: {target: due}
        failed: {target: over}
  due:
    on:
      visit:
        by: [worker]
        target: between
    after: {missed: {delay: "= data.closes + duration('24h') - now", target: late}}
  late: {on: {visit: {by: [worker], target: between}}}
  over: {type: final}
"""
FOLLOW_UP_TEST = """workflow: follow-up
people: {awa: [worker]}
at: 2026-03-01T08:00:00Z
tests:
  a year of visits:
    - {open: {as: awa, with: {placed_on: 2026-03-01}}, expect: {states: [between]}}
    - {wait: 22d, expect: {states: [between]}}
    - {wait: 1d, expect: {states: [due], data: {window: M1, opens: 2026-03-24, closes: 2026-04-07}}}
    - {do: visit, as: awa, expect: {states: [between]}}
    - {wait: 54d, expect: {states: [due], data: {window: M3, opens: 2026-05-17}}}
    - {wait: 28d, expect: {states: [due]}}
    - {wait: 1d, expect: {states: [late]}}
    - {do: visit, as: awa}
    - {wait: 60d, expect: {states: [due], data: {window: M6}}}
    - {do: visit, as: awa}
    - {wait: 200d, expect: {states: [due], data: {window: M12}}}
    - {do: visit, as: awa, expect: {states: [over]}}
"""
NEW_YEAR = ["--now", "2026-01-05"]


class PluginTools(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory(prefix="sankofa-plugin-tools-")
        self.folder = pathlib.Path(self.top.name)
        self.environment = dict(os.environ, LC_ALL="C.UTF-8")

    def tearDown(self):
        self.top.cleanup()

    def sankofa(self, *words, status=0):
        done = subprocess.run(
            [str(BUILD / "sankofa"), *map(str, words)], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, timeout=100, check=False,
        )
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def run_step(self, plugin, step, *words, status=0):
        return self.sankofa("plugin", "run", PLUGINS / f"{plugin}.so", step, *words, status=status)

    # ---- inspect ----

    def test_inspect_tells_all_that_a_plugin_offers(self):
        told = self.sankofa("plugin", "inspect", PLUGINS / "payment.so").stdout
        for words in ("payment 1.0.0", "step pay\n", "step reverse\n", "needs files", "XOF", "Left out: 0"):
            self.assertIn(words, told)
        told = self.sankofa("plugin", "inspect", PLUGINS / "exec.so").stdout
        self.assertIn("must not be run twice", told)
        table = json.loads(self.sankofa("plugin", "inspect", "--json", PLUGINS / "payment.so").stdout)
        self.assertEqual(table["name"], "payment")
        self.assertEqual(len(table["step_types"]), 2)

    def test_what_is_no_plugin_is_told(self):
        told = self.sankofa("plugin", "inspect", BUILD / "sankofad", status=2).stderr
        self.assertIn("is no file of a plugin", told)
        told = self.sankofa("plugin", "inspect", self.folder / "absent.so", status=3).stderr
        self.assertIn("there is no file", told)
        (self.folder / "text.so").write_text("no ELF", encoding="utf-8")
        told = self.sankofa("plugin", "inspect", self.folder / "text.so", status=3).stderr
        self.assertIn("is not loaded", told)
        self.sankofa("plugin", "inspect", "/nowhere/at/all.so", status=2)

    # ---- run ----

    def test_a_check_is_done_or_refused(self):
        words = ["-f", "travel_date=2026-01-15"]
        done = self.run_step("travel_authorization", "clear", *words, *NEW_YEAR, status=3)
        self.assertIn("refused\n  authorization_valid_until: There is no such day", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_parked_step_is_woken_on_a_clock_of_its_own(self):
        done = self.run_step("reintegration", "schedule", "-f", "counted_from=2026-03-01", "--now", "2026-03-01")
        self.assertEqual(done.stdout, "window = M1\nopens = 2026-03-24\ncloses = 2026-04-07\n")
        self.assertIn("parked until 2026-03-24T00:00:00Z; the clock goes there", done.stderr)
        form = self.folder / "inputs.yaml"
        form.write_text("counted_from: 2026-03-01\nlast: M1\n", encoding="utf-8")
        told = self.run_step("reintegration", "schedule", "--input", form, "--json", "--now", "2026-06-01").stdout
        self.assertEqual(json.loads(told)["outputs"]["window"], "M3")

    def test_a_loop_in_the_chart_starts_the_schedule_again(self):
        (self.folder / "follow-up.yaml").write_text(FOLLOW_UP, encoding="utf-8")
        (self.folder / "follow-up.test.yaml").write_text(FOLLOW_UP_TEST, encoding="utf-8")
        done = self.sankofa("workflow", "test", "--plugins", PLUGINS, "follow-up.test.yaml")
        self.assertIn("1 passed, 0 failed", done.stdout + done.stderr)

    def test_a_step_that_waits_for_a_person_is_answered(self):
        form = self.folder / "inputs.yaml"
        form.write_text(
            "{case_code: SN-2026-00042-G, authority: DPETV, child: A, travel_date: 2026-01-15, document_kind: passport,"
            " document_number: P1, document_valid_until: 2026-12-31, route: Dakar, escort: B, escort_agency: C,"
            " fitness: fit, fitness_issued_on: 2026-01-05, receiver: D, receiver_confirmed_on: 2026-01-04, budget: 1,"
            " budget_ceiling: 2}", encoding="utf-8")
        words = ["travel_authorization", "issue", "--input", form, *NEW_YEAR]
        done = self.run_step(*words, "-a", "granted=true", "-a", "authorization_number=N7")
        self.assertIn("number = N7\n", done.stdout)
        done = self.run_step(*words, status=9)
        self.assertIn("failed: The authority gave no answer", done.stderr)
        done = self.run_step(*words, "-a", "granted=perhaps", status=2)
        self.assertIn("granted", done.stderr)
        done = self.run_step(*words, "-a", "granted", status=2)
        self.assertIn("-a takes NAME=VALUE", done.stderr)

    def test_what_does_not_fit_is_told_before_anything_runs(self):
        done = self.run_step("reintegration", "shedule", status=5)
        self.assertIn('Did you mean "schedule"?', done.stderr)
        done = self.run_step("reintegration", "xyz", status=5)
        self.assertIn("plugin inspect", done.stderr)
        done = self.run_step("reintegration", "schedule", status=2)
        self.assertIn("counted_from", done.stderr)
        done = self.run_step("reintegration", "schedule", "-f", "counted_from=2026-03-01", "--now", "noon", status=2)
        self.assertIn('"noon" is no time.', done.stderr)

    def test_a_step_gets_what_it_is_given_and_nothing_else(self):
        ledger = self.folder / "ledger"
        ledger.mkdir()
        secret = self.folder / "secret"
        secret.write_text(f"{ledger}\n", encoding="utf-8")
        secret.chmod(0o600)
        done = self.run_step("payment", "pay", *PAY, status=9)
        self.assertIn("The plugin was given no `ledger`", done.stderr)
        done = self.run_step("payment", "pay", *PAY, "--secret", f"ledger={secret}", status=9)
        self.assertIn("It needs files, of which none is granted", done.stderr)
        self.assertIn("The ledger cannot be opened", done.stderr)
        done = self.run_step("payment", "pay", *PAY, "--secret", f"ledger={secret}", "--write", ledger, "--key", "k7")
        self.assertIn("reference = PAY-000001\n", done.stdout)
        self.assertIn("\tk7\t", (ledger / "ledger.tsv").read_text(encoding="utf-8"))
        secret.chmod(0o644)
        done = self.run_step("payment", "pay", *PAY, "--secret", f"ledger={secret}", "--write", ledger, status=9)
        self.assertIn("broken", done.stderr)

    def test_a_debugger_is_attached_before_each_call(self):
        tools = self.folder / "bin"
        tools.mkdir()
        words = self.folder / "words"
        gdb = tools / "gdb"
        gdb.write_text(f'#!/bin/sh\necho "$@" >> {words}\ngrep -q "State:.*T (stopped)" /proc/$3/status\n'
                       f'echo $? >> {words}\n', encoding="utf-8")
        gdb.chmod(0o755)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        self.run_step("reintegration", "schedule", "-f", "counted_from=2026-03-01", "--gdb", "--now", "2026-03-01")
        lines = words.read_text(encoding="utf-8").split("\n")
        self.assertEqual(len(lines), 5)
        self.assertRegex(lines[0], r"^-q -p \d+$")
        self.assertEqual([lines[1], lines[3]], ["0", "0"])

    # ---- test ----

    def test_the_contract_is_kept_by_what_is_shipped(self):
        for name in ("travel_authorization", "reintegration"):
            done = self.sankofa("plugin", "test", PLUGINS / f"{name}.so")
            self.assertRegex(done.stdout, r"\n18 passed, 0 failed\n$")

    @plain.shows_alone("a sanitized host has no limit of memory to break")
    def test_each_breach_of_the_contract_is_found_and_reported(self):
        wanted = {
            "greedy": "bears little memory: with",
            "fickle": "says the same again with the same key: with the same key",
            "deaf": "ends when nobody waits: broken: it did not answer",
            "narrow": "bears the ends of every kind: words = ",
            "trusting": "wakes, and bears a cookie that is not its own: woken by time",
        }
        # Half a minute each, of waiting for what does not answer.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            told, reported = pool.map(
                lambda words: self.sankofa("plugin", "test", CARELESS, *words, status=9).stdout, [[], ["--json"]])
        failed = [line for line in told.split("\n") if line.startswith("FAILED")]
        self.assertRegex(told, r"\n40 passed, 5 failed\n$")
        for step, words in wanted.items():
            self.assertEqual(sum(f"careless/{step} {words}" in line for line in failed), 1, step)
        report = json.loads(reported)
        self.assertEqual((report["passed"], report["failed"], len(report["trials"])), (40, 5, 45))
        failed = {trial["step"]: trial for trial in report["trials"] if not trial["passed"]}
        self.assertEqual(set(failed), set(wanted))
        self.assertEqual((failed["deaf"]["plugin"], failed["deaf"]["trial"]), ("careless", "ends when nobody waits"))
        self.assertIn("it did not answer", failed["deaf"]["why"])

    def test_a_folder_without_a_plugin_is_told(self):
        done = self.sankofa("plugin", "test", self.folder, status=5)
        self.assertIn("There is no plugin in", done.stderr)
        done = self.sankofa("plugin", "test", status=2)
        self.assertIn("is no file of a plugin", done.stderr)

    # ---- new ----

    def test_new_makes_four_files_and_overwrites_nothing(self):
        done = self.sankofa("plugin", "new", "visit_report")
        self.assertEqual(
            sorted(done.stdout.split()),
            ["visit_report/README.md", "visit_report/meson.build", "visit_report/test_visit_report.c",
             "visit_report/visit_report.c"])
        for file in (self.folder / "visit_report").iterdir():
            text = file.read_text(encoding="utf-8")
            self.assertIn("visit_report", text)
            self.assertNotIn("@NAME@", text)
        made = json.loads(self.sankofa("plugin", "new", "other", "--json").stdout)
        self.assertEqual((made["plugin"], len(made["files"]), "other/other.c" in made["files"]), ("other", 4, True))
        done = self.sankofa("plugin", "new", "visit_report", status=2)
        self.assertIn("File exists", done.stderr)
        done = self.sankofa("plugin", "new", "Visit-Report", status=2)
        self.assertIn("is no name of a plugin", done.stderr)
        done = self.sankofa("plugin", "new", "x" * 65, status=2)
        self.assertIn("is no name of a plugin", done.stderr)


if __name__ == "__main__":
    plain.main()
