#!/usr/bin/env python3
"""Disks that fail under a daemon, files that are cut, clocks that jump, folders of another machine: it says what
is wrong and what to do, ends rather than lies, and what was acknowledged is there afterwards."""

import contextlib
import http.client
import os
import pwd
import shutil
import signal
import subprocess
import threading
import time
import unittest
from unittest import mock

import plain
from daemon import BUILD, IS_SANITIZED, Connection, Daemon, headers_of
from rounds import PEOPLE, RoundsTest

FAULT = BUILD / "tests/system/fault.so"
EXIT_COMMIT_FAILED = 74
DAY_MS = 24 * 3600 * 1000
GONE = (http.client.HTTPException, OSError)


@plain.shows_alone("a sanitized program loads nothing before itself")
class Faulty(RoundsTest):
    """A daemon whose calls fail as long as a file is there."""

    def make_daemon(self):
        return Daemon(PEOPLE, ["probe", "crash"])

    def setUp(self):
        self.daemon = self.make_daemon()
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        self.load()
        self.faults = self.daemon.folder / "faults"
        self.faults.mkdir()
        self.daemon.stop()
        self.start()

    def start(self):
        with self.preloaded():
            self.daemon.start()

    def preloaded(self):
        return mock.patch.dict(os.environ, {"LD_PRELOAD": str(FAULT), "FAULTS": str(self.faults)})

    @contextlib.contextmanager
    def fault(self, name, says=""):
        """As long as it lasts."""
        self.set_fault(name, says)
        yield
        (self.faults / name).unlink()

    def set_fault(self, name, says=""):
        """Put there at once, never half written."""
        written = self.daemon.folder / "fault"
        written.write_text(says, encoding="utf-8")
        written.rename(self.faults / name)

    def ended(self, status, *words):
        self.assertEqual(self.daemon.process.wait(10), status)
        for word in words:
            self.assertIn(word, self.daemon.log())
        self.daemon.gone()

    def refused_start(self, *words):
        with self.preloaded():
            done = self.daemon.sankofad()
        self.assertEqual(done.returncode, 1, done)
        for word in words:
            self.assertIn(word, done.stderr)


class FailingDisk(Faulty):
    def count_until_it_ends(self, case, told):
        connection = Connection(self.daemon.staff)
        path = f"/v1/cases/{case}/transitions/count"
        try:
            while True:
                told.append(connection.ask("POST", path, {}, headers_of("awa")).status)
        except GONE:
            connection.close()

    def test_after_a_failed_write_or_sync_nothing_is_acknowledged_and_nothing_is_lost(self):
        for name in ("fdatasync", "pwrite"):
            cases, told = [self.open_case() for _ in range(4)], {}
            threads = []
            for case in cases:
                told[case] = []
                work = threading.Thread(target=self.count_until_it_ends, args=(case, told[case]))
                work.start()
                threads.append(work)
            self.wait_until(cases[0], lambda shown: shown["data"]["count"] > 20)
            with self.fault(name):
                for work in threads:
                    work.join(20)
                self.ended(EXIT_COMMIT_FAILED, "store.commit_failed", "Input/output error")
            self.start()
            for case in cases:
                self.assertEqual(set(told[case]), {200})
                # The one under way may have come to the disk; no other may.
                self.assertIn(self.data(case)["count"] - len(told[case]), (0, 1), name)

    def test_a_disk_that_fails_at_the_start_is_told(self):
        self.daemon.stop()
        with self.fault("fsync"):
            self.refused_start("E811", "cannot be made durable: Input/output error", "look at the disk")
        self.start()


class CutFile(Faulty):
    """Somebody, or a failing disk, takes the end of the data file away under the daemon."""

    def test_it_has_a_last_word_and_loses_nothing(self):
        case = self.open_case()
        for _ in range(30):
            self.do(case, "count")
        data = self.daemon.store / "data.mdb"
        for ask in (
            lambda: self.entries(case),
            lambda: self.daemon.post(f"/v1/cases/{case}/transitions/count", {}, "awa"),
        ):
            whole = data.read_bytes()
            os.truncate(data, 8192)
            with self.assertRaises(GONE):
                ask()
            self.ended(-signal.SIGBUS, "daemon.crashed signal=SIGBUS", "look at the disk")
            self.refused_start("E816", "restore the store from a backup")
            data.write_bytes(whole)
            self.start()
            self.assertEqual(self.data(case)["count"], 30)


class OwnDaemon(Daemon):
    """Not a demo, whose clock is brought on at each start: whoever runs the test is awa, and ada."""

    def __init__(self):
        super().__init__(
            {"awa": {"user": pwd.getpwuid(os.getuid()).pw_name, "roles": ["clerk", "administrator"]}},
            ["probe", "crash"],
            demo=False,
        )

    def ask(self, method, path, body=None, who=None, socket_path=None, **named):
        return super().ask(method, path, body, None, socket_path, **named)


class Clock(Faulty):
    def make_daemon(self):
        return OwnDaemon()

    def now(self):
        return self.daemon.get("/v1/status", "awa").body["now"]

    def times(self, case):
        return [entry["at"] for entry in self.entries(case)]

    def test_a_year_forward_fires_what_is_due_once(self):
        case, before = self.open_case(), self.now()
        self.do(case, "sleep")
        with self.fault("clock", str(365 * DAY_MS)):
            self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
            self.assertEqual(self.data(case)["fired"], 1)
            self.assertEqual(int(self.now()[:4]), int(before[:4]) + 1)
            self.do(case, "count")
            times = self.times(case)
            self.assertEqual(times, sorted(times, reverse=times[0] > times[-1]))
        self.daemon.stop()
        self.start()
        self.assertEqual(self.data(case)["fired"], 1)

    def test_decades_forward_are_not_followed_since_nobody_could_come_back(self):
        case, year = self.open_case(), self.now()[:4]
        self.do(case, "rest")  # with a delay
        for years in (36, 300, 10000):
            with self.fault("clock", str(years * 365 * DAY_MS)):
                self.assertEqual(self.now()[:4], year)
                other = self.open_case()  # whose code has the year in it
                self.assertIn(f"-{year}-", other)
                self.assertEqual(self.states(case), ["resting"])
                self.daemon.stop()
                self.start()
                self.assertEqual(self.now()[:4], year)
                self.assertIn("clock.ahead", self.daemon.log())
        self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
        self.assertEqual(self.now()[:4], year)

    def test_a_day_back_no_entry_is_earlier_than_the_one_before(self):
        case = self.open_case()
        self.do(case, "count")
        before = self.now()
        with self.fault("clock", str(-DAY_MS)):
            for _ in range(3):
                self.do(case, "count")
            self.assertGreaterEqual(self.now()[:10], before[:10])
            self.assertIn("clock.behind", self.daemon.log())
            self.daemon.kill()
            self.start()
            self.assertGreaterEqual(self.now()[:10], before[:10])
            self.do(case, "rest")
            time.sleep(1.2)
            self.assertEqual(self.states(case), ["resting"])
        # The time that the delay ends at is there again.
        self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
        self.assertIn("clock.caught_up", self.daemon.log())
        self.assertEqual(self.data(case)["fired"], 1)
        times = self.times(case)
        self.assertEqual(times, sorted(times, reverse=times[0] > times[-1]))


class NetworkFolder(Faulty):
    def test_a_folder_of_another_machine_is_refused_before_anything_is_made(self):
        self.daemon.stop()
        kinds = {"6969": "NFS", "fe534d42": "SMB2", "65735546": "FUSE", "1021997": "9P"}
        for kind, name in kinds.items():
            with self.fault("statfs", kind):
                self.refused_start("E813", f"cannot be on {name}", "put the store on a local disk")
        shutil.move(self.daemon.store, self.daemon.folder / "away")
        with self.fault("statfs", "6969"), self.preloaded():
            done = self.daemon.sankofad("--init")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("E813", done.stderr)
        self.assertFalse(self.daemon.store.exists())
        shutil.move(self.daemon.folder / "away", self.daemon.store)
        self.start()

    def test_a_folder_in_memory_is_told(self):
        self.daemon.stop()
        with self.fault("statfs", "1021994"):
            self.start()
            self.assertIn("store.disk_volatile", self.daemon.log())



class Start(unittest.TestCase):
    """What keeps a store from being used is said, with what to do, before anything is changed."""

    def setUp(self):
        self.daemon = Daemon(PEOPLE)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.init()

    def refused(self, *words, limit="true"):
        """A start under a limit of the shell."""
        command = f'{limit} && exec "$0" --config "$1"'
        done = subprocess.run(
            ["sh", "-c", command, str(BUILD / "sankofad"), str(self.daemon.config)],
            capture_output=True, text=True, timeout=30, check=False,
        )
        self.assertEqual(done.returncode, 1, done)
        for word in words:
            self.assertIn(word, done.stderr)

    @plain.shows_more
    def test_limits_of_the_process(self):
        self.refused("E849", "LimitNOFILE", limit="ulimit -n 20")
        self.refused("E851", "LimitFSIZE", limit="ulimit -f 64")
        if not IS_SANITIZED:
            self.refused("E811", "LimitAS", limit="ulimit -v 200000")
        self.daemon.start()

    def test_files_that_are_missing(self):
        for name, code, word in (
            ("slots", "E801", "no key opens the store without it"),
            ("data.mdb", "E811", "restore the store from a backup"),
            ("lock", "E811", "restore the store from a backup"),
        ):
            with self.subTest(name):
                file = self.daemon.store / name
                file.rename(self.daemon.folder / "away")
                self.refused(code, word)
                (self.daemon.folder / "away").rename(file)
        self.daemon.start()

    def test_a_disk_that_is_mounted_for_reading(self):
        store = str(self.daemon.store)
        done = subprocess.run(["mount", "--bind", store, store], capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("no file system may be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", store], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", store], check=True)
        self.refused("E811", "Read-only file system", "mount the disk for writing")


if __name__ == "__main__":
    plain.main()
