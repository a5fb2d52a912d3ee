#!/usr/bin/env python3
"""The unit of the service: how exposed systemd says it is; and that it lets the hosts of plugins into
their jail."""

import re
import shutil
import subprocess
import unittest

from daemon import BUILD

UNIT = BUILD / "contrib/sankofa.service"
EXPOSURE_MAX = 0.5


class Service(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze here")
    def test_it_is_hardly_exposed(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", UNIT],
                              capture_output=True, text=True, timeout=60, check=False)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertIsNotNone(level, done.stdout + done.stderr)
        self.assertLessEqual(float(level.group(1)), EXPOSURE_MAX, done.stdout)

    def test_the_users_at_the_socket_stay_who_they_are(self):
        settings = UNIT.read_text(encoding="utf-8").splitlines()
        self.assertNotIn("PrivateUsers=yes", settings)

    def test_the_calls_of_the_jail_are_allowed(self):
        settings = UNIT.read_text(encoding="utf-8")
        for call in ("seccomp", "landlock_create_ruleset", "landlock_add_rule",
                     "landlock_restrict_self"):
            self.assertRegex(settings, rf"(?m)^SystemCallFilter=[^~\n]*\b{call}\b")


if __name__ == "__main__":
    unittest.main()
