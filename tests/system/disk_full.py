#!/usr/bin/env python3
"""A disk that is really full, and a map that is: what is refused, what goes on, and that nothing is lost."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from daemon import Daemon

MIB = 1 << 20
DISK = 420 * MIB
BALLAST = 64 * MIB
NOTES = """workflow: notes
title: Notes
country: SN
roles:
  clerk: {title: Clerk}
  chief: {title: Chief, supervises: [clerk]}
open: {by: [clerk], form: {title: required}}
fields: {title: {type: text}}
states:
  open: {on: {write: {by: [clerk], form: {title: required}}}}
"""
PEOPLE = {
    "awa": {"roles": ["clerk"]},
    "binta": {"roles": ["chief"]},
    "dado": {"roles": ["dpo"]},
    "codou": {"roles": ["administrator"]},
}


class Notes(unittest.TestCase):
    """Cases that hold one text each, and what was acknowledged of them."""

    daemon = None

    def setUp(self):
        self.told = {}

    def begin(self):
        self.daemon.start()
        file = pathlib.Path(self.daemon.folder) / "notes.yaml"
        file.write_text(NOTES, encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="codou").status, 201)

    def open(self, title):
        body = {"workflow": "notes", "data": {"title": title}}
        answer = self.daemon.post("/v1/cases", body, who="awa")
        if answer.status == 201:
            self.told[answer.body["code"]] = title
        return answer

    def write(self, code, title):
        path = f"/v1/cases/{code}/transitions/write"
        answer = self.daemon.post(path, {"data": {"title": title}}, who="awa")
        if answer.status == 200:
            self.told[code] = title
        return answer

    def shown(self, code):
        return self.daemon.get(f"/v1/cases/{code}", who="awa")

    def check_all(self):
        for code, title in self.told.items():
            answer = self.shown(code)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.body["data"]["title"], title)

    def wait_log(self, word, count=1, seconds=20):
        end = time.monotonic() + seconds
        while self.daemon.log().count(word) < count:
            self.assertLess(time.monotonic(), end, f"no {word}:\n{self.daemon.log()}")
            time.sleep(0.02)


class Disk(Notes):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="sankofa-full-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.disk = pathlib.Path(self.folder) / "disk"
        self.disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.disk)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"no file system may be mounted here: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)], check=True)
        self.daemon = Daemon(PEOPLE, folder=self.disk)
        self.daemon.log_file = pathlib.Path(self.folder) / "sankofad.log"
        self.addCleanup(lambda: self.daemon.kill())
        self.begin()
        self.wait_log("store.ballast_made")

    @property
    def ballast(self):
        return self.daemon.store / "ballast"

    def free(self):
        status = os.statvfs(self.disk)
        return status.f_bavail * status.f_frsize

    def fill(self, left):
        """Another program's file takes all but `left` bytes."""
        with open(self.disk / "other", "ab") as other:
            size = other.tell() + self.free() - left
            os.posix_fallocate(other.fileno(), 0, size)
        self.assertEqual(self.free(), left)

    def make_room(self):
        (self.disk / "other").unlink()

    def erase(self, code):
        answer = self.daemon.post(f"/v1/cases/{code}/erase", {"reason": "asked"}, who="dado")
        self.assertEqual(answer.status, 200, answer)
        answer = self.daemon.post(f"/v1/cases/{code}/erase/approve", {}, who="binta")
        self.assertEqual(answer.status, 202, answer)
        del self.told[code]
        path = f"/v1/cases/{code}/erase"
        return self.daemon.wait_for(path, lambda a: a.body.get("status") == "erased", who="dado").body

    def refused_full(self, answer):
        self.assertEqual((answer.status, answer.code), (503, "disk-full"), answer)
        self.assertIn("Retry-After", answer.headers)

    def test_below_the_reserve_new_cases_are_refused_and_the_rest_goes_on(self):
        code = self.open("first").body["code"]
        self.fill(200 * MIB)
        self.refused_full(self.open("second"))
        self.assertEqual(self.write(code, "goes on").status, 200)
        self.assertFalse(self.daemon.get("/v1/status").body["disk_full"])
        self.make_room()
        self.assertEqual(self.open("third").status, 201)
        self.check_all()

    def test_of_the_ballast_work_takes_nothing(self):
        code = self.open("first").body["code"]
        self.assertGreaterEqual(self.ballast.stat().st_blocks * 512, BALLAST)
        self.fill(20 * MIB)
        for number in range(50):
            self.refused_full(self.write(code, f"text {number}"))
        self.refused_full(self.open("second"))
        self.assertTrue(self.ballast.exists())
        self.assertTrue(self.daemon.get("/v1/status").body["disk_full"])
        self.assertIn("of=disk", self.daemon.log())

    def test_two_people_erase_a_case_on_a_full_disk_and_the_ballast_comes_back(self):
        for number in range(40):
            self.open(f"case {number} " + "x" * 3900)
        code, other = list(self.told)[:2]
        self.fill(0)
        self.refused_full(self.write(other, "no room"))
        certificate = self.erase(code)
        self.assertGreater(certificate["finished_seq"], certificate["seq"])
        self.assertEqual(self.shown(code).code, "erased")
        self.assertFalse(self.ballast.exists())
        self.assertIn("store.ballast_released", self.daemon.log())
        # It was given up for that alone: nobody else's work takes it.
        self.assertGreater(self.free(), 36 * MIB)
        self.refused_full(self.write(other, "still no room"))
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        self.refused_full(self.write(other, "nor after a start"))
        self.make_room()
        self.wait_log("store.has_room")
        self.assertEqual(self.write(other, "room again").status, 200)
        self.assertEqual(self.open("new").status, 201)
        self.daemon.restart()
        self.wait_log("store.ballast_made", count=2)
        self.assertGreaterEqual(self.ballast.stat().st_blocks * 512, BALLAST)
        self.check_all()
        self.daemon.run("admin", "verify")

    def test_it_stops_and_starts_where_not_one_byte_is_free(self):
        code = self.open("first").body["code"]
        self.write(code, "second")
        self.fill(0)
        self.refused_full(self.write(code, "third"))
        self.assertEqual(self.daemon.stop(), 0)
        # The last checkpoint covers what came before.
        self.fill(0)
        self.daemon.start()
        self.refused_full(self.write(code, "third"))
        self.daemon.kill()
        self.fill(0)
        self.daemon.start()
        self.make_room()
        self.wait_log("store.has_room")
        self.check_all()
        self.assertEqual(self.write(code, "third").status, 200)
        self.daemon.run("admin", "verify")

    def test_a_disk_that_fills_in_the_middle_of_the_work_loses_nothing(self):
        codes = [self.open(f"case {number}").body["code"] for number in range(8)]
        self.fill(37 * MIB)
        statuses = []
        while len(statuses) < 400 and statuses[-3:] != [503] * 3:
            number = len(statuses)
            statuses.append(self.write(codes[number % 8], f"{number} " + "y" * 3900).status)
        self.assertEqual(set(statuses), {200, 503}, statuses)
        self.daemon.kill()
        self.daemon.start()
        self.make_room()
        self.wait_log("store.has_room")
        self.check_all()


class Map(Notes):
    """`map_bytes` is what the data file may grow to."""

    def setUp(self):
        super().setUp()
        self.daemon = Daemon(PEOPLE)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.settings["map_bytes"] = 64 * MIB
        self.daemon.write_config()
        self.begin()

    def attach(self, code, size):
        headers = {"Content-Type": "application/pdf", "Sankofa-File": "scan.pdf"}
        return self.daemon.post(f"/v1/cases/{code}/documents", os.urandom(size), "awa", headers=headers)

    def test_a_full_map_refuses_and_a_larger_one_goes_on(self):
        code = self.open("first").body["code"]
        # Documents leave free what work needs.
        statuses = []
        while len(statuses) < 100 and statuses[-1:] != [503]:
            statuses.append(self.attach(code, MIB).status)
        self.assertEqual((set(statuses[:-1]), statuses[-1]), ({201}, 503))
        answer, count = None, 0
        while count < 4000 and (answer is None or answer.status == 200):
            answer, count = self.write(code, f"{count} " + "z" * 3900), count + 1
        self.assertEqual((answer.status, answer.code), (503, "disk-full"), answer)
        self.assertGreater(count, 5)
        self.assertIn("of=map", self.daemon.log())
        self.daemon.restart()
        self.check_all()
        answer = self.write(code, "still full")
        self.assertEqual(answer.code, "disk-full", answer)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.settings["map_bytes"] = 512 * MIB
        self.daemon.write_config()
        self.daemon.start()
        self.assertEqual(self.write(code, "goes on").status, 200)
        self.assertEqual(self.open("new").status, 201)
        self.check_all()


if __name__ == "__main__":
    unittest.main()
