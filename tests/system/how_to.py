#!/usr/bin/env python3
"""What docs/how-to shows is true: every plugin is compiled as strictly as ours, every workflow is
checked against the plugin above it, every test of a workflow runs with that plugin, and every part
of a configuration is one that the daemon takes. What is to be typed to bring a store back is typed,
line by line, on a machine that has nothing but a backup, its identity and three shares.

A block is known by its first line: /* NAME.c: ... */, workflow: ID, # ID.test.yaml, plugins:.
"""

import os
import pathlib
import re
import shutil
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
        block = block.replace("/usr/lib/sankofa/plugins/gateway.so", probe["file"])
        block = block.replace("0" * 64, probe["sha256"])
        with Daemon({}) as daemon:
            daemon.config.write_text(daemon.config.read_text() + block, encoding="utf-8")
            os.environ["CREDENTIALS_DIRECTORY"] = "/run/credentials/sankofad"
            done = daemon.sankofad("--check-config")
            del os.environ["CREDENTIALS_DIRECTORY"]
            self.assertEqual(done.returncode, 0, done.stderr)


NOTES = """workflow: notes
title: Notes
country: SN
roles: {clerk: {title: Clerk}}
open: {by: [clerk]}
states: {open: {on: {end: {by: [clerk], target: done}}}, done: {type: final}}
"""
PEOPLE = {"awa": {"roles": ["clerk"]}, "admin": {"roles": ["administrator"]}}
PASSPHRASE, NEW_PASSPHRASE = "four words of the old laptop", "four words of the new laptop"


class Restore(unittest.TestCase):
    """restore-on-another-machine.md: the old machine, then the page from its first line to its last."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("stick", "office", "etc", "var", "run", "work"):
            (self.folder / name).mkdir()
        for name, words in (("old", PASSPHRASE), ("new", NEW_PASSPHRASE)):
            (self.folder / name).write_text(words + "\n", encoding="utf-8")

    def old_machine(self):
        """What is left of it: a backup, the identity, shares; and what was entered behind the backup."""
        with Daemon(PEOPLE) as daemon:
            del daemon.settings["key_file"]
            daemon.settings["backup_recipients"] = str(self.folder / "etc/recipients")
            identity = self.folder / "office/office.identity"
            recipient = daemon.run("admin", "backup-key", str(identity)).stdout
            (self.folder / "etc/recipients").write_text(recipient, encoding="utf-8")
            daemon.write_config()
            done = daemon.sankofad("--init", "--demo", "--passphrase-file", str(self.folder / "old"))
            self.assertEqual(done.returncode, 0, done)
            daemon.start()
            daemon.run("admin", "unlock", "--passphrase-file", str(self.folder / "old"))
            printed = daemon.run("admin", "keys", "add-slot", "recovery").stdout
            self.shares = re.findall(r"(?m)(?:^(?:[0-9A-Z]{4} ?){4}\n?){4}", printed)
            self.assertEqual(len(self.shares), 5)
            headers = {"Content-Type": "application/yaml"}
            daemon.post("/v1/workflows", NOTES.encode(), "admin", headers=headers)
            self.code = self.open_case(daemon)
            daemon.run("admin", "backup", str(self.folder / "stick/monday.backup"))
            self.lost = self.open_case(daemon)

    def open_case(self, daemon):
        answer = daemon.post("/v1/cases", {"workflow": "notes"}, "awa")
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def here(self, text):
        """What the page says, for this machine."""
        for path, name in (("/media/stick", "stick"), ("/media/office", "office"), ("/etc/sankofa", "etc"),
                           ("/var/lib/sankofa", "var"), ("/run/sankofa", "run")):
            text = text.replace(path, str(self.folder / name))
        return text.replace("SN-2026-00001-Y", self.code)

    def new_machine(self):
        (block,) = blocks("restore-on-another-machine", "yaml")
        daemon = Daemon(PEOPLE, folder=self.folder)
        self.addCleanup(daemon.kill)
        daemon.config, daemon.store = self.folder / "etc/sankofad.yaml", self.folder / "var/store"
        daemon.staff, daemon.admin = self.folder / "run/staff.sock", self.folder / "run/admin.sock"
        daemon.is_made = True
        # Nobody here is called so, and a demo store needs no account.
        daemon.config.write_text(self.here(block).replace("user: awa.diouf, ", ""), encoding="utf-8")
        return daemon

    def type(self, daemon, line, status=0):
        """One line of the page; what it prints."""
        if line == "systemctl start sankofa":
            daemon.start()
            return ""
        line = self.here(line)
        line += f" --passphrase-file {self.folder / 'new'}" if "add-slot passphrase" in line else ""
        line += " --as awa" if line.startswith("sankofa show") else ""
        typed = "\n\n".join(self.shares[i] for i in (4, 0, 2)) if "--shares -" in line else ""
        done = subprocess.run(
            ["sh", "-c", line], input=typed, capture_output=True, text=True, timeout=60, check=False,
            cwd=self.folder / "work",
            env={**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
                 "SANKOFA_SOCKET": str(daemon.staff), "SANKOFA_ADMIN_SOCKET": str(daemon.admin)},
        )  # fmt: skip
        self.assertEqual(done.returncode, status, f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def test_the_page_from_its_first_line_to_its_last(self):
        self.old_machine()
        daemon = self.new_machine()
        lines = "".join(blocks("restore-on-another-machine", "sh")).splitlines()
        said = {line: self.type(daemon, line) for line in lines if line}

        def said_of(begin):
            return next(words for line, words in said.items() if line.startswith(begin))

        self.assertIn("The backup was made at 20", said_of("sankofa admin restore"))
        self.assertIn("0 not whole", said_of("sankofad --config /etc/sankofa/sankofad.yaml --verify"))
        self.assertIn("all whole", said_of("sankofa admin verify"))
        self.assertRegex(said_of("sankofa admin keys list"), r"1 +passphrase.*\n2 +recovery shares")
        self.assertTrue((self.folder / "work/cosigned.txt").read_text(encoding="utf-8").strip())
        # What came behind the backup is lost, and its code is nobody else's.
        self.assertEqual(daemon.get(f"/v1/cases/{self.lost}", "awa").code, "no-such-case")
        self.assertRegex(self.open_case(daemon), r"^SN-\d{4}-01002-")
        # Whoever has the old passphrase or the old shares opens nothing any more.
        daemon.restart()
        self.assertIn("opens nothing", self.type(daemon, "sankofa admin unlock --shares -", 4))
        daemon.wait_for("/v1/status", lambda answer: True)
        self.wait_unlock(daemon, "old", 4)
        self.wait_unlock(daemon, "new", 0)
        self.assertEqual(daemon.get(f"/v1/cases/{self.code}", "awa").status, 200)

    def wait_unlock(self, daemon, name, status):
        """The client itself waits as long as it is told to after a wrong try."""
        daemon.run("admin", "unlock", "--passphrase-file", str(self.folder / name), status=status)

    def test_a_mistyped_share_changes_nothing(self):
        self.old_machine()
        daemon = self.new_machine()
        (line,) = [line for line in "".join(blocks("restore-on-another-machine", "sh")).splitlines()
                   if line.startswith("sankofa admin restore")]
        good = self.shares[0]
        self.shares[0] = good[:22] + ("A" if good[22] != "A" else "B") + good[23:]
        self.assertIn("share 2 is mistyped in line 2", self.type(daemon, line, 1))
        self.assertEqual(list((self.folder / "var").iterdir()), [])
        self.shares[0] = self.shares[2]
        self.assertIn("the same as one before it", self.type(daemon, line, 1))
        self.shares[0] = good
        self.assertIn("The store is restored", self.type(daemon, line))
        shutil.rmtree(daemon.store)


if __name__ == "__main__":
    unittest.main()
