#!/usr/bin/env python3
"""Documents by the client: attached, listed, fetched into files that nothing else had."""

import json
import os
import pathlib
import subprocess
import unittest

from daemon import BUILD
from documents_kit import CHUNK, LIMIT, DocumentsTest, content


class Client(DocumentsTest):
    def setUp(self):
        super().setUp()
        self.code = self.open()
        self.desk = pathlib.Path(self.folder) / "desk"
        self.desk.mkdir()

    def run_client(self, *words, who="awa", status=0, **named):
        return self.daemon.run(*words, who=who, status=status, **named)

    def file(self, name, body):
        path = self.desk / name
        path.write_bytes(body)
        return path

    def test_there_and_back(self):
        body = content(5 * CHUNK + 7)
        path = self.file("Été – scan.PDF", body)
        done = self.run_client("case", "attach", self.code, path)
        self.assertEqual(done.stdout, "1\n")
        self.assertIn(f"sankofa case fetch {self.code} 1", done.stderr)
        self.run_client("case", "attach", self.code, path, "--name", "x.bin", "--type", "image/x")
        listed = self.run_client("case", "documents", self.code).stdout.splitlines()
        self.assertEqual(listed[0].split(), ["NO", "NAME", "TYPE", "SIZE", "BY", "WHEN"])
        self.assertRegex(listed[1], r"^1 +Été – scan.PDF +application/pdf +319 KiB +awa +20")
        self.assertRegex(listed[2], r"^2 +x.bin +image/x +")
        target = self.desk / "back.pdf"
        done = self.run_client("case", "fetch", self.code, "1", target)
        self.assertEqual((done.stdout, target.read_bytes()), (f"{target}\n", body))
        self.assertEqual(target.stat().st_mode & 0o777, 0o600)
        self.assertEqual([p.name for p in self.desk.iterdir() if "part" in p.name], [])

    def test_nothing_is_written_over(self):
        self.run_client("case", "attach", self.code, self.file("a.txt", b"new"))
        target = self.file("old.txt", b"old")
        done = self.run_client("case", "fetch", self.code, "1", target, status=2)
        self.assertIn("--force", done.stderr)
        self.assertEqual(target.read_bytes(), b"old")
        self.run_client("case", "fetch", self.code, "1", target, "--force")
        self.assertEqual(target.read_bytes(), b"new")

    def test_under_its_own_name_and_to_the_output(self):
        self.run_client("case", "attach", self.code, self.file("a.txt", b"abc"), "--name", ".bashrc")
        done = subprocess.run(
            [BUILD / "sankofa", "case", "fetch", self.code, "1", "--as", "awa"],
            cwd=self.desk, capture_output=True, check=True,
            env={**os.environ, "SANKOFA_SOCKET": str(self.daemon.staff)},
        )
        self.assertEqual(done.stdout, b"_.bashrc\n")
        self.assertEqual((self.desk / "_.bashrc").read_bytes(), b"abc")
        self.assertEqual(self.run_client("case", "fetch", self.code, "1", "-").stdout, "abc")

    def test_what_is_wrong_is_said_in_two_lines(self):
        path = self.file("a.txt", b"abc")
        self.run_client("case", "attach", self.code, path, who="awa")
        for words, who, status, says in (
            (("attach", self.code, self.desk / "none"), "awa", 2, "cannot be read"),
            (("attach", self.code, self.desk), "awa", 2, "no file"),
            (("attach", "SN-2026-00077-X", path), "awa", 5, "no case"),
            (("attach", self.code, path, "--name", "a/b"), "awa", 3, "field"),
            (("attach", self.code, path, "--type", "x"), "awa", 2, "type of the document"),
            (("attach", self.code, self.file("big", content(LIMIT + 1))), "awa", 2, "larger"),
            (("fetch", self.code, "9"), "awa", 5, "no document 9"),
            (("fetch", self.code, "x"), "awa", 5, "no document x"),
            (("fetch", self.code, "1"), "carla", 5, "no document 1"),
            (("fetch", self.code, "1", self.desk / "none" / "x"), "awa", 2, "cannot be written"),
        ):
            done = self.run_client("case", *words, who=who, status=status)
            self.assertEqual(done.stdout, "")
            self.assertIn(says, done.stderr)
        done = self.run_client("case", "documents", self.code, who="carla")
        self.assertEqual((done.stdout, done.stderr), ("", "1 more that you may not read.\n"))
        self.assertEqual(sorted(p.name for p in self.desk.iterdir()), ["a.txt", "big"])

    def test_json_is_the_answer(self):
        path = self.file("a.txt", b"abc")
        said = json.loads(self.run_client("--json", "case", "attach", self.code, path).stdout)
        self.assertEqual(said["document"]["size"], 3)
        said = json.loads(self.run_client("--json", "case", "documents", self.code).stdout)
        self.assertEqual(said["documents"][0]["name"], "a.txt")

    def test_a_repeat_by_its_key(self):
        path = self.file("a.txt", b"abc")
        for _ in range(2):
            done = self.run_client("case", "attach", self.code, path, "--key", "once")
            self.assertEqual(done.stdout, "1\n")


if __name__ == "__main__":
    unittest.main()
