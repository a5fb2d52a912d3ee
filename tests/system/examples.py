#!/usr/bin/env python3
"""The example of every command, in its help and in the manual, does what it says: each is typed to a
shell as it stands there, in a world where it has something to do.

A command that has no example, or none that is prepared here, fails the test."""

import json
import os
import re
import shutil
import subprocess
import unittest

from daemon import BUILD, ROOT, Daemon
from walk import Walk, action_words, proposal_number, today

ECOWAS = ROOT / "workflows/ecowas"
PLUGINS = ["assessment", "handover", "reintegration", "travel_authorization", "crash"]
MORE_PEOPLE = {
    "binta": {"roles": ["cw_host"], "countries": ["SN"]},
    "dieynaba": {"roles": ["dpo"], "countries": ["SN"]},
}
OPENING = """found_on: 2026-03-01
found_place: Dakar
referred_by: ngo
immediate_danger: false
sex: female
apparent_age: 11
spoken_language: Wolof
"""
# A step that breaks its plugin, and so waits for a person.
BREAKS = """workflow: breaks
title: Breaks
country: SN
roles: {cw_host: {title: Clerk}, sup_host: {title: Chief, supervises: [cw_host]}}
open: {by: [cw_host]}
initial: work
states:
  work:
    title: Work
    steps: {authorization: {use: crash/job, done: {target: end}, failed: {target: end}}}
  end: {type: final, title: End}
"""
# In this order, by whom ("": nobody in particular), and how many actions of the walk come before.
ORDER = [
    ("completion", "", 0), ("manual", "", 0), ("workflow check", "", 0), ("workflow test", "", 0),
    ("workflow show", "", 0), ("workflow diff", "", 0), ("workflow draw", "", 0), ("workflow schema", "", 0),
    ("workflow explain", "", 0), ("plugin inspect", "", 0), ("plugin run", "", 0), ("plugin test", "", 0),
    ("plugin new", "", 0), ("admin backup-key", "", 0),
    ("workflow load", "ada", 0), ("workflow list", "awa", 1), ("plugin list", "ada", 1), ("inbox", "awa", 1),
    ("show", "awa", 1), ("case explain", "awa", 1), ("case list", "awa", 1), ("case diagram", "awa", 1),
    ("watch", "awa", 1), ("note", "awa", 1), ("case flag", "awa", 1),
    ("do", "awa", 4), ("case correct", "awa", 8), ("search", "awa", 8), ("case history", "awa", 8),
    ("case print", "awa", 8), ("case attach", "awa", 8), ("case documents", "awa", 8), ("case fetch", "awa", 8),
    ("case new", "awa", 8), ("case link", "awa", 8), ("case assign", "moussa", 8),
    ("case break-glass", "binta", 8), ("case review", "moussa", 8), ("case reads", "dieynaba", 8),
    ("approve", "moussa", 13), ("reject", "moussa", 21), ("answer", "babacar", 46), ("case settle", "moussa", 46),
    ("api", "awa", 46), ("admin status", "", 46), ("admin plugins", "", 46), ("admin reload", "", 46),
    ("admin quarantine", "", 46),
    ("admin unlock", "", 46), ("admin keys list", "", 46), ("admin keys add-slot", "", 46),
    ("admin keys remove-slot", "", 46), ("admin keys rotate", "", 46), ("admin clock", "", 46),
    ("admin checkpoint", "", 46), ("admin verify", "", 46), ("admin replay", "", 46), ("admin proof", "", 46), ("admin key", "", 46),
    ("admin check", "", 46), ("admin witness", "", 46), ("admin cosign", "", 46), ("admin backup", "", 46),
    ("case export", "moussa", 46), ("case erase", "moussa", 46), ("admin restore", "", 46),
]


# What has no --json, and why.
NO_JSON = {
    "completion": "its output is a script that a shell reads",
    "manual": "its output is a page that man reads",
    "workflow draw": "its output is a picture",
    "case diagram": "its output is a picture",
    "admin restore": "sankofad takes its place, and speaks for itself",
}
# What makes a file or a folder cannot do so twice: with --json another one.
OTHERS = {
    "admin backup-key": ("office.identity", "again.identity"),
    "plugin new": ("visit_report", "again_report"),
    "admin witness": (" stick ", " other-stick "),
    "admin cosign": (" stick ", " other-stick "),
}


def sankofa(*words):
    return subprocess.run([BUILD / "sankofa", *words], capture_output=True, text=True, timeout=30, check=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


def names():
    """Of the commands, as the help lists them."""
    listed = sankofa("--help").split("\n\nEverywhere:")[0].split("\n")[2:]
    return [re.match(r"  (\S+(?: [a-z-]+)*)(?:  |$| [A-Z\[])", line).group(1) for line in listed]


def example(name):
    return sankofa(*name.split(), "--help").split("\nExample: ")[1].strip()


class Examples(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.walk = Walk(ROOT / "tests/system/child-return.walk.json")
        self.daemon = Daemon({**self.walk.people(), **MORE_PEOPLE}, PLUGINS)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.settings["backup_recipients"] = "recipients"
        self.daemon.write_config()
        self.folder = self.daemon.folder / "work"
        self.folder.mkdir()
        self.played, self.code, self.replaced, self.said, self.status = 0, None, {}, "", 0
        self.prepare_files()

    def prepare_files(self):
        """The folder that the examples are typed in."""
        for name in ("return.yaml", "old.yaml", "new.yaml"):
            shutil.copy(ECOWAS / "child-return.yaml", self.folder / name)
        new = self.folder / "new.yaml"
        new.write_text(new.read_text(encoding="utf-8").replace("within: 7d", "within: 6d", 1), encoding="utf-8")
        (self.folder / "workflows").symlink_to(ROOT / "workflows")
        (self.folder / "build").symlink_to(BUILD)
        (self.folder / "opening.yaml").write_text(OPENING, encoding="utf-8")
        (self.folder / "scan.pdf").write_bytes(b"%PDF-1.4 a scan")
        (self.folder / "request.txt").touch()

    def type(self, line, who="", status=0):
        """To a shell, with the build first in the path; what it prints."""
        environment = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
                       "SANKOFA_SOCKET": str(self.daemon.staff), "SANKOFA_ADMIN_SOCKET": str(self.daemon.admin)}
        done = subprocess.run(["sh", "-c", line + (f" --as {who}" if who else "")], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False,
                              env=environment)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{line}\n{done.stdout[-600:]}{done.stderr}")
        self.said, self.status = done.stderr, done.returncode
        return done.stdout

    def play_to(self, count):
        for action in self.walk.actions[self.played:count]:
            who = action.get("as")
            number = proposal_number(self.daemon, self.code, action) if self.code else None
            words = action_words(self.walk, action, self.code, self.day, number)
            done = self.daemon.run(*words, who=who, status=None if "refused" in action else 0)
            self.code = done.stdout.split()[0] if "open" in action else self.code
            wanted = set(action.get("states", []))
            if wanted:
                self.daemon.wait_for(f"/v1/cases/{self.code}", lambda answer, wanted=wanted: wanted <= {
                    state["id"] for state in answer.body["states"]}, who)
        self.played = max(self.played, count)

    def json(self, line, who):
        printed = self.type(line, who, None)
        for part in [printed] if printed.startswith(("{\n", "[\n")) else printed.splitlines():
            json.loads(part)
        # What the client refuses by itself is told on stderr alone.
        self.assertTrue(printed or self.status != 0, line)

    # ---- What an example needs besides.

    def before_workflow_load(self):
        recipient = self.type("sankofa admin backup-key other.identity").strip()
        (self.daemon.folder / "recipients").write_text(recipient + "\n", encoding="utf-8")
        self.daemon.start()
        self.day = today(self.daemon)

    def before_case_fetch(self):
        (self.folder / "scan.pdf").unlink()

    def before_reject(self):
        numbers = [one["proposal"] for one in self.daemon.get(f"/v1/cases/{self.code}", "moussa").body["proposals"]
                   if one["status"] == "open"]
        self.assertEqual(numbers, [2])

    def after_approve(self):
        self.played = 14  # the walk does the same

    def after_reject(self):
        """The walk goes on as if nothing had been refused."""
        self.played = 20

    def before_case_settle(self):
        path = self.folder / "breaks.yaml"
        path.write_text(BREAKS, encoding="utf-8")
        self.type("sankofa workflow load breaks.yaml", "ada")
        case = self.type("sankofa case new breaks", "awa").strip()
        self.daemon.wait_for(f"/v1/cases/{case}", lambda a: a.body["steps"][0]["status"] == "quarantined", "awa", 60)
        self.replaced = {"SN-2026-00001-Y": case}

    def after_case_settle(self):
        self.replaced = {}

    def before_admin_verify(self):
        self.type("sankofa admin checkpoint > checkpoint.txt")

    def before_admin_check(self):
        self.type("sankofa admin proof 42 > 42.tlog-proof")
        shutil.copy(self.daemon.store / "audit.pub", self.folder / "audit.pub")

    def before_admin_witness(self):
        name = (self.folder / "audit.pub").read_text(encoding="utf-8").split("+")[0]
        self.assertTrue(name)

    def before_admin_cosign(self):
        self.type("sankofa admin checkpoint --old 0 > request.txt")

    def before_admin_backup(self):
        self.replaced = {"/media/stick/": f"{self.folder}/"}

    def after_admin_backup(self):
        self.replaced = {}

    def before_case_export(self):
        recipient = self.type("sankofa admin backup-key reader.identity").strip()
        self.type(f"sankofa case export {self.code} --reason asked --recipient {recipient}", "dieynaba")

    def before_case_erase(self):
        self.type(f"sankofa case erase {self.code} --reason asked", "dieynaba")

    def before_admin_restore(self):
        self.daemon.stop()
        shutil.move(self.folder / "other.identity", self.folder / "office.identity")
        config = self.daemon.config.read_text(encoding="utf-8").replace('"store"', '"again"', 1)
        (self.folder / "sankofad.yaml").write_text(config, encoding="utf-8")
        shutil.copy(self.daemon.folder / "key", self.folder / "key")

    # ---- The test.

    def test_every_example_does_what_it_says(self):
        self.assertEqual(sorted(name for name, _, _ in ORDER), sorted(names()))
        manual = sankofa("manual").replace("\\-", "-").replace("\\e", "\\")
        for name, who, played in ORDER:
            line = example(name)
            self.assertTrue(line.startswith(f"sankofa {name}"), line)
            self.assertIn(f"\n{line}\n", manual)
            self.play_to(played)
            word = name.replace(" ", "_").replace("-", "_")
            getattr(self, f"before_{word}", lambda: None)()
            for told, real in self.replaced.items():
                line = line.replace(told, real)
            with self.subTest(line=line):
                printed = self.type(line, who)
                self.assertTrue(printed or self.said, f"{line} says nothing")
            with self.subTest(line=line, json=True):
                if name in NO_JSON:
                    self.type(f"{line} --json", who, 2)
                    self.assertRegex(self.said, rf"^`sankofa {name}` .* --json.*\n.*--json.*\n$")
                elif name in OTHERS:
                    json.loads(self.type(line.replace(*OTHERS[name]) + " --json", who))
                else:
                    # What changes something is refused the second time: that is JSON, too.
                    self.json(f"{line} --json", who)
            getattr(self, f"after_{word}", lambda: None)()
        self.assertEqual(self.code, "SN-2026-00001-Y")  # as the examples call it



if __name__ == "__main__":
    unittest.main()
