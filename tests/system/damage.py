#!/usr/bin/env python3
"""A data file that is damaged where LMDB would follow it is refused with a word, and nothing crashes."""

import shutil
import tempfile
import unittest

from daemon import Daemon
from erase_kit import NOTES

PAGE = 4096
CASES = 20


class Damage(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sankofa-damage-")
        people = {"ada": {"roles": ["administrator"]}, "awa": {"roles": ["clerk"]}}
        self.daemon = Daemon(people, folder=self.folder)
        self.daemon.start()
        headers = {"Content-Type": "application/yaml"}
        answer = self.daemon.post("/v1/workflows", NOTES.encode(), "ada", headers=headers)
        self.assertEqual(answer.status, 201, answer)
        for number in range(CASES):
            body = {"workflow": "notes", "data": {"title": f"case {number}"}}
            self.assertEqual(self.daemon.post("/v1/cases", body, "awa").status, 201)
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

    def test_a_file_that_was_cut_anywhere_is_refused_in_words_or_whole(self):
        """Of the pages at its end, those that no root reaches are missed by nobody."""
        refused, last = 0, len(self.whole) // PAGE
        for size in [*range(PAGE, len(self.whole), PAGE), *(PAGE * n - 1 for n in (3, last - 1, last))]:
            self.data.write_bytes(self.whole[:size])
            done = self.daemon.sankofad("--verify")
            if done.returncode != 0:
                refused += 1
                self.assertEqual(done.returncode, 1, (size, done))
                self.assertRegex(done.stderr, r"error\[E816\]: the store is damaged: page \d+: \w+ .*\n.*/data\.mdb\n"
                                              r"help: restore the store from a backup\n", (size, done))
            else:
                self.assertIn(" 0 not whole", done.stdout, (size, done))
        self.assertGreater(refused, last // 2)

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

    def test_a_missing_head_is_told_with_what_to_do(self):
        (self.daemon.store / "head").unlink()
        self.daemon.start()
        self.assertIn("store.head_missing", self.daemon.log())
        self.assertIn("compare with a checkpoint that was kept, sankofa admin verify --against FILE", self.daemon.log())
        kept = self.daemon.folder / "kept"
        kept.write_text(self.daemon.run("admin", "checkpoint").stdout, encoding="utf-8")
        self.daemon.run("admin", "verify", "--against", kept)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        self.assertEqual(self.daemon.log().count("store.head_missing"), 1)

    def test_a_loose_store_is_closed_and_slots_or_keys_that_others_may_read_are_refused(self):
        slots, key = self.daemon.store / "slots", self.daemon.folder / "key"
        for path, mode, closed in ((self.daemon.store, 0o777, 0o700), (self.data, 0o666, 0o600), (self.data, 0o644, 0o600)):
            path.chmod(mode)
            self.daemon.start()
            self.assertIn(f"store.mode_mended file={'.' if path.is_dir() else path.name} was=0{mode:o} now=0{closed:o}",
                          self.daemon.log())
            self.assertEqual(path.stat().st_mode & 0o7777, closed)
            self.assertEqual(self.daemon.stop(), 0)
        for path, code, say in ((slots, "E810", "chmod -R go= "), (key, "E848", "chmod 0400")):
            was = path.stat().st_mode & 0o7777
            for mode in (0o644, 0o666, 0o777, 0o640):
                path.chmod(mode)
                for done in (self.daemon.sankofad(), self.daemon.sankofad("--verify")):
                    self.assertEqual(done.returncode, 1, done)
                    self.assertIn(f"error[{code}]: ", done.stderr)
                    self.assertIn(str(path), done.stderr)
                    self.assertIn(say, done.stderr)
            path.chmod(was)
        self.daemon.start()

    def test_what_was_whole_is_opened_again(self):
        self.data.write_bytes(self.whole)
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
