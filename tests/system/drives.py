"""What other programs see: small scripts of curl, Python and node bring a case from opening to closure
over the socket."""

import subprocess
import sys
import unittest

from daemon import ROOT
from rights import RightsTest

DRIVES = ROOT / "tests/system/drive"


class Drives(RightsTest):
    def drive(self, *words):
        done = subprocess.run(
            [*words, self.daemon.staff], capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        code = done.stdout.strip()
        self.assertTrue(self.show(code, "binta")["closed"])
        entries = self.daemon.get(f"/v1/cases/{code}/history", "binta").body["entries"]
        self.assertEqual(
            [e["event"] for e in entries],
            ["case.open", "case.assign", "write", "case.note", "end"],
        )

    def test_curl(self):
        self.drive("sh", DRIVES / "drive.sh")

    def test_python(self):
        self.drive(sys.executable, DRIVES / "drive.py")

    def test_node(self):
        self.drive("node", DRIVES / "drive.js")


if __name__ == "__main__":
    unittest.main()
