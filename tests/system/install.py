#!/usr/bin/env python3
"""docs/how-to/install.md from its first line to its last, in a folder: what `meson install` lays down is set
up as the page says, and opened, and worked with. What changes the machine itself (users, groups, systemd)
is left out, and what systemd would start is started."""

import grp
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from daemon import BUILD, IS_SANITIZED, ROOT, START_S

PAGE = ROOT / "docs/how-to/install.md"
PASSPHRASE = "five words that nobody guesses"
OF_THE_MACHINE = ("contrib/setup", "meson setup", "ninja", "meson install", "systemd-sysusers", "adduser", "chgrp", "systemctl")
ASKED = "-f found_on=2026-01-04 -f found_place=Dakar -f referred_by=ngo -f immediate_danger=no -f sex=male -f apparent_age=11 -f spoken_language=Fula"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@unittest.skipUnless(os.geteuid() == 0, "only root can be several people")
class Install(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sankofa-install-")))
        self.folder.chmod(0o755)
        for name in ("etc", "run", "stick", "root"):
            (self.folder / name).mkdir()
        (self.folder / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
        (self.folder / "passphrase").chmod(0o600)
        self.path = os.environ["PATH"]
        self.ok("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", self.folder / "dest")
        (client,) = (self.folder / "dest").rglob("bin/sankofa")
        self.prefix = client.parent.parent
        self.path = f"{client.parent}:{self.path}"
        self.daemon = None

    def ok(self, *words, **options):
        environment = {**os.environ, "PATH": self.path, "LC_ALL": "C.UTF-8",
                       "SANKOFA_SOCKET": f"{self.folder}/run/staff.sock", "SANKOFA_ADMIN_SOCKET": f"{self.folder}/run/admin.sock"}
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, env=environment, **options)
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def here(self, text):
        """What the page says, for this folder and for users that are there."""
        ours = {
            "/usr/local": self.prefix, "/etc/sankofa": self.folder / "etc", "/var/lib/sankofa": self.folder / "var",
            "/run/sankofa": self.folder / "run", "/media/stick": self.folder / "stick", "/root": self.folder / "root",
            "group: sankofa-staff": f"group: {grp.getgrgid(os.getegid()).gr_name}",
            "user: awa.diouf": "user: 61001", "user: moussa.sarr": "user: 61002",
            "-o sankofa -g sankofa ": "", "runuser -u sankofa -- ": "",
        }  # fmt: skip
        for word, our in ours.items():
            text = text.replace(word, str(our))
        return re.sub(r"(--init|admin unlock)\b", rf"\1 --passphrase-file {self.folder}/passphrase", text)

    def start(self):
        log = self.folder / "log"
        with log.open("w", encoding="utf-8") as output:
            self.daemon = subprocess.Popen(  # what ExecStart= says
                [self.prefix / "bin/sankofad", "--config", self.folder / "etc/sankofad.yaml"], stderr=output)
        self.addCleanup(self.daemon.wait, 60)
        self.addCleanup(self.daemon.terminate)
        until = time.monotonic() + START_S
        while not (self.folder / "run/admin.sock").exists():
            self.assertTrue(time.monotonic() < until and self.daemon.poll() is None, log.read_text(encoding="utf-8"))
            time.sleep(0.05)

    def type(self, block):
        """The lines of a block; systemd's as what they would do."""
        lines = []
        for line in self.here(block).splitlines():
            if line.startswith("systemctl enable --now sankofa"):
                self.ok("sh", "-euc", "\n".join(lines))
                lines = []
                self.start()
            elif not line.startswith(OF_THE_MACHINE):
                lines.append(line)
        return self.ok("sh", "-euc", "\n".join(lines))

    def as_awa(self, block):
        block = block.replace("case new child-return", f"case new child-return {ASKED}")
        return self.ok("setpriv", "--reuid", "61001", "--regid", str(os.getegid()), "--clear-groups", "sh", "-euc", block)

    def test_the_page_from_its_first_line_to_its_last(self):
        build, people, hashes, check, store, load, work, backup = blocks("sh")
        (configuration,) = blocks("yaml")
        self.assertEqual(self.type(build) + self.type(people), "")
        head, plugins, _ = self.here(configuration).partition("plugins:\n")
        limits = "limits: {host_bytes: unlimited}\n" if IS_SANITIZED else ""
        (self.folder / "etc/sankofad.yaml").write_text(limits + head + plugins + self.type(hashes), encoding="utf-8")
        self.type(check)
        said = self.type(store)
        self.assertEqual(len(re.findall(r"(?m)(?:^(?:[0-9A-Z]{4} ?){4}\n?){4}", said)), 5, said)
        self.assertIn("child-return", self.type(load))
        self.assertRegex(self.as_awa(work), r"SN-\d{4}-00001-")
        self.type(backup)
        self.assertTrue((self.folder / "stick/first.backup").is_file())

    def test_the_service_runs_what_is_installed(self):
        unit = (self.prefix / "lib/systemd/system/sankofa.service").read_text(encoding="utf-8")
        program = re.search(r"(?m)^ExecStart=(\S+) --config /etc/sankofa/sankofad.yaml$", unit)[1]
        self.assertTrue((self.folder / "dest" / program.lstrip("/")).is_file(), program)
        documentation = re.search(r"(?m)^Documentation=file:(\S+)$", unit)[1]
        self.assertTrue((self.folder / "dest" / documentation.lstrip("/")).is_file(), documentation)
        users = (self.prefix / "lib/sysusers.d/sankofa.conf").read_text(encoding="utf-8")
        name = re.search(r"(?m)^User=(\S+)$", unit)[1]
        self.assertRegex(users, rf"(?m)^u {name} ")
        self.assertRegex(users, rf"(?m)^m {name} sankofa-staff$")


if __name__ == "__main__":
    unittest.main()
