#!/usr/bin/env python3
"""A data file that is damaged where LMDB would follow it is refused with a word, and nothing crashes."""

import shutil
import tempfile
import unittest

from daemon import Daemon

PAGE = 4096


class Damage(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sankofa-damage-")
        self.daemon = Daemon({"ada": {"roles": ["administrator"]}}, folder=self.folder)
        self.daemon.start()
        answer = self.daemon.load("workflows/ecowas/child-return.yaml", who="ada")
        self.assertIn(answer.status, (200, 201, 422), answer)
        self.assertEqual(self.daemon.stop(), 0)
        self.data = self.daemon.store / "data.mdb"
        self.whole = self.data.read_bytes()

    def tearDown(self):
        self.daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def refused(self, word):
        with self.assertRaises(RuntimeError) as caught:
            self.daemon.start()
        said = str(caught.exception)
        self.assertIn("sankofad ended with 1:", said)
        self.assertIn("E816", said)
        self.assertIn(word, said)

    def test_a_file_that_was_cut(self):
        for size in (0, 100, PAGE, 2 * PAGE, len(self.whole) // 2):
            self.data.write_bytes(self.whole[:size])
            self.refused("the store is damaged")

    def test_a_root_that_points_nowhere(self):
        newest = 1 if self.whole[PAGE + 144] > self.whole[144] else 0
        at = newest * PAGE + 40 + 48 + 40
        self.data.write_bytes(self.whole[:at] + b"\xee" * 7 + b"\x00" + self.whole[at + 8 :])
        self.refused("a page lies beyond the last one")

    def test_a_page_of_another_kind(self):
        bad = bytearray(self.whole)
        for page in range(2, len(bad) // PAGE):
            bad[page * PAGE + 10] ^= 0x40
        self.data.write_bytes(bad)
        self.refused("page ")

    def test_what_was_whole_is_opened_again(self):
        self.data.write_bytes(self.whole)
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
