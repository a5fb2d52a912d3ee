#!/usr/bin/env python3
"""The main job on the real thing: a child's case from identification to closure through the
client, a crash at its end, and a store that tells nothing of it."""

import subprocess
import unittest

from daemon import ROOT, Daemon
from walk import Walk, play, today

PLUGINS = ["assessment", "handover", "reintegration", "travel_authorization"]

TABLES = {"document"}


class Closure(unittest.TestCase):
    def setUp(self):
        self.walk = Walk(ROOT / "tests/system/child-return.walk.json")
        self.daemon = Daemon(self.walk.people(), PLUGINS)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        self.daemon.run("workflow", "load", ROOT / self.walk.file, who="ada")

    def found_in(self, folder, texts):
        """The texts that some file below the folder holds."""
        patterns = [word for text in texts for word in ("-e", text)]
        grep = ["grep", "-r", "-a", "-h", "-o", "-F", "-D", "skip", *patterns, folder]
        done = subprocess.run(grep, capture_output=True, text=True, errors="replace",
                              timeout=60, check=False)
        return sorted(set(done.stdout.splitlines()))

    def test_a_child_comes_home_and_no_file_tells_of_it(self):
        walk, daemon = self.walk, self.daemon
        code = play(walk, daemon, walk.actions, today(daemon))
        shown = daemon.get(f"/v1/cases/{code}", "fatumata").body
        entries = daemon.get(f"/v1/cases/{code}/history?limit=200", "fatumata").body["entries"]
        self.assertTrue(shown["closed"])
        told = [a for a in walk.actions if "clock" not in a and "refused" not in a]
        self.assertGreaterEqual(len(entries), len(told))

        daemon.kill()
        daemon.start()
        self.assertEqual(daemon.get(f"/v1/cases/{code}", "fatumata").body, shown)
        again = daemon.get(f"/v1/cases/{code}/history?limit=200", "fatumata").body["entries"]
        self.assertEqual(again, entries)
        self.assertEqual(daemon.stop(), 0)

        # Names of the store's tables are words that a form may hold, too.
        texts = [text for text in walk.texts() if text not in TABLES]
        self.assertGreater(len(texts), 60)
        self.assertEqual(self.found_in(daemon.folder, texts), [])
        # And it would be found.
        (daemon.store / "control").write_text(texts[0] + texts[-1], encoding="utf-8")
        self.assertEqual(self.found_in(daemon.folder, texts), sorted({texts[0], texts[-1]}))


if __name__ == "__main__":
    unittest.main()
