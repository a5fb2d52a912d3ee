#!/usr/bin/env python3
"""The daemon's own life: how it stops, in every state; what a failing or full disk does to it; how the
clock of a demo store moves."""

import concurrent.futures
import datetime
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import unittest
from contextlib import closing
from unittest import mock

import plain
from api_kit import IS_ROOT, PEOPLE, WORKFLOW, ApiTest
from daemon import (
    BUILD,
    IS_SANITIZED,
    Connection,
    Daemon,
    headers_of,
    plugin_entry,
    takes_connections,
)

FAULT = BUILD / "tests/system/fault.so"
GONE = (http.client.HTTPException, OSError)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class LifeTest(ApiTest):
    """A daemon for each test."""

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        type(self).daemon = Daemon(PEOPLE, self.plugins, limits=self.limits)
        self.addCleanup(self.daemon.__exit__)
        self.configure()
        self.daemon.start()
        loaded = self.daemon.load(WORKFLOW, who="ada")
        self.assertEqual(loaded.status, 201, loaded)

    def stop_in(self, seconds):
        began = time.monotonic()
        self.assertEqual(self.daemon.stop(), 0, self.daemon.log())
        self.assertLess(time.monotonic() - began, seconds)


class Stops(LifeTest):
    limits = {"request_time": "30s"}

    def test_a_stop_waits_for_checks_and_tells_their_answer(self):
        cases = [self.open_case() for _ in range(3)]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = [
                pool.submit(self.ask_alone, "POST", f"/v1/cases/{case}/transitions/slow", {},
                            who="awa")
                for case in cases
            ]
            self.daemon.wait_for("/v1/status", lambda answer: answer.body["calls"] == 3)
            self.stop_in(10)
            self.assertEqual({answer.result().status for answer in answers}, {200})
            self.assertEqual({a.result().headers["Connection"] for a in answers}, {"close"})
        self.daemon.start()
        for case in cases:
            self.assertEqual(self.show(case)["data"]["count"], 100)

    @plain.shows_more
    def test_a_stop_does_not_wait_for_steps_and_the_next_start_does_them(self):
        case = self.open_case()
        self.done(case, "linger")
        began = time.monotonic()
        self.stop_in(10)
        if not IS_SANITIZED:
            self.assertLess(time.monotonic() - began, 0.6)
        self.daemon.start()
        self.wait_states(case, ["registered"])
        self.assertEqual(len(self.history(case)), 3)

    def test_nobody_who_says_nothing_delays_a_stop(self):
        with closing(socket.socket(socket.AF_UNIX)) as silent, \
                closing(socket.socket(socket.AF_UNIX)) as half, \
                closing(Connection(self.daemon.staff)) as idle:
            silent.connect(str(self.daemon.staff))
            half.connect(str(self.daemon.staff))
            half.sendall(b"POST /v1/cases HTTP/1.1\r\nHost: s\r\nContent-Length: 9\r\n\r\n{")
            self.assertEqual(idle.ask("GET", "/v1/status").status, 200)
            self.stop_in(3)
            for one in (silent, half, idle.sock):
                self.assertEqual(one.recv(1), b"")

    def test_what_comes_while_it_stops_is_told_so(self):
        case = self.open_case()
        path = f"/v1/cases/{case}/transitions/"
        with concurrent.futures.ThreadPoolExecutor(1) as pool, \
                closing(Connection(self.daemon.staff)) as late:
            self.assertEqual(late.ask("GET", "/v1/status").status, 200)
            slow = pool.submit(self.ask_alone, "POST", path + "slow", {}, who="awa")
            self.daemon.wait_for("/v1/status", lambda answer: answer.body["calls"] == 1)
            self.daemon.process.send_signal(signal.SIGTERM)
            while not self.daemon.log().count("state=draining"):
                time.sleep(0.005)
            answer = late.ask("POST", path + "count", {}, headers_of("awa"))
            self.refused(answer, 503, "stopping")
            self.assertTrue(answer.body["retryable"])
            self.assertEqual(answer.headers["Connection"], "close")
            # Nobody is let in any more.
            with self.assertRaises(OSError):
                self.ask_alone("GET", "/v1/status")
            self.stop_in(10)  # a second signal changes nothing
            self.assertEqual(slow.result().status, 200)
        self.daemon.start()
        self.assertEqual(self.show(case)["data"]["count"], 100)

    def test_under_load_each_is_answered_or_its_connection_closed(self):
        cases = [self.open_case() for _ in range(8)]
        told, broke = [], []

        def work(number):
            connection = Connection(self.daemon.staff)
            try:
                for turn in range(100000):
                    case = cases[(number + turn) % len(cases)]
                    key = f"{number}-{turn}"
                    broke.append(key)
                    answer = connection.ask(
                        "POST", f"/v1/cases/{case}/transitions/count", {"data": {}},
                        headers_of("awa", key),
                    )
                    broke.remove(key)
                    told.append((key, case, answer))
            except GONE:
                connection.close()

        threads = [threading.Thread(target=work, args=[n], daemon=True) for n in range(16)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        self.stop_in(10)
        for thread in threads:
            thread.join(30)
            self.assertFalse(thread.is_alive())
        self.assertLessEqual({answer.status for _, _, answer in told}, {200, 503})
        done = [(key, case, answer) for key, case, answer in told if answer.status == 200]
        self.assertGreater(len(done), 20)
        self.daemon.start()
        total = sum(self.show(case)["data"]["count"] for case in cases)
        self.assertGreaterEqual(total, len(done))
        self.assertLessEqual(total, len(done) + len(broke))
        for key, case, answer in done[-50:]:
            again = self.done(case, "count", key=key)
            self.assertEqual(again.body["seq"], answer.body["seq"])

    def test_sigint_is_a_clean_stop_too(self):
        self.daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(self.daemon.process.wait(10), 0)
        self.assertFalse(self.daemon.staff.exists())
        self.assertFalse(self.daemon.admin.exists())
        self.daemon.gone()

    def test_sockets_that_a_crash_left_are_replaced(self):
        self.daemon.kill()
        self.assertTrue(self.daemon.staff.exists())
        self.daemon.start()
        self.assertEqual(self.daemon.get("/v1/status").status, 200)

    def test_a_second_daemon_leaves_the_first_alone(self):
        with Daemon(PEOPLE) as other:
            other.settings["sockets"] = {"staff": str(self.daemon.staff)}
            other.write_config()
            other.init()
            done = other.sankofad()
            self.assertEqual(done.returncode, 1)
            self.assertIn("E830", done.stderr)
            self.assertIn("another daemon serves there", done.stderr)
        self.assertEqual(self.ask_alone("GET", "/v1/status").status, 200)


class Beginnings(unittest.TestCase):
    def test_a_stop_while_plugins_are_described_is_clean(self):
        plugins = {"probe": plugin_entry("probe"), "stuck": plugin_entry("hang-at-load")}
        with Daemon(PEOPLE, plugins) as daemon:
            daemon.start(wait=False)
            while "host.started" not in daemon.log():
                time.sleep(0.01)
            time.sleep(0.1)
            self.assertFalse(takes_connections(daemon.staff))
            began = time.monotonic()
            self.assertEqual(daemon.stop(), 0, daemon.log())
            self.assertLess(time.monotonic() - began, 5)

    def test_a_plugin_that_cannot_be_had_is_told_and_the_rest_serves(self):
        plugins = {"probe": plugin_entry("probe"), "empty": plugin_entry("empty")}
        plugins["crash"] = {**plugin_entry("crash"), "sha256": "0" * 64}
        with Daemon(PEOPLE, plugins) as daemon:
            daemon.start()
            states = {one["name"]: one for one in daemon.get("/v1/status").body["plugins"]}
            self.assertEqual(states["probe"]["state"], "ready")
            for name in ("empty", "crash"):
                self.assertEqual(states[name]["state"], "failed")
                self.assertTrue(states[name]["why"])
            done = daemon.sankofad("--check-config")
            self.assertEqual(done.returncode, 1)
            self.assertIn("E847", done.stderr)
            self.assertIn('plugin "crash"', done.stderr)

    def test_warnings_are_told_at_the_start(self):
        people = {**PEOPLE, "fatou": {"user": "there-is-no-such-user"}}
        with Daemon(people) as daemon:
            daemon.start()
            self.assertIn("warning[E822]", daemon.log())

    def test_connections_need_open_files(self):
        with Daemon(PEOPLE, limits={"connections": 2000}) as daemon:
            daemon.init()
            command = ["prlimit", "--nofile=3000:3000", BUILD / "sankofad", "--config", daemon.config]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("E849", done.stderr)
            self.assertIn("LimitNOFILE", done.stderr)

    def test_wrong_use_is_told(self):
        with Daemon(PEOPLE) as daemon:
            for options in (["--demo"], ["--init", "--check-config"], ["more"], ["--what"]):
                done = daemon.sankofad(*options)
                self.assertEqual(done.returncode, 2, options)
                self.assertIn("sankofad --config FILE", done.stderr)
            done = subprocess.run([BUILD / "sankofad"], capture_output=True, check=False)
            self.assertEqual(done.returncode, 2)
            done = daemon.sankofad("--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn("--check-config", done.stdout)
            self.assertRegex(daemon.sankofad("--version").stdout, r"^\d+\.\d+\.\d+\n$")


class Clock(LifeTest):
    def test_it_moves_from_due_time_to_due_time(self):
        case = self.open_case()
        begun = self.done(case, "doze")
        at = moment(self.history(case)[-1]["at"])
        now = moment(self.daemon.advance("+10d").body["now"])
        self.assertGreaterEqual(now, at + datetime.timedelta(days=10))
        self.assertLess(now, at + datetime.timedelta(days=10, minutes=1))
        self.assertEqual(self.states(case), ["registered"])
        entries = self.history(case)
        self.assertEqual(len(entries), 4)
        # Each timer fired with its own now, and the second counts from the first.
        first, second = (moment(entry["at"]) for entry in entries[-2:])
        self.assertEqual(first, at + datetime.timedelta(days=3))
        self.assertEqual(second, at + datetime.timedelta(days=7))
        self.assertEqual(moment(self.show(case)["data"]["rang_at"]), first)
        self.assertGreater(entries[-1]["seq"], begun.body["seq"])

    def test_a_timer_due_while_nobody_ran_fires_at_the_start_and_once(self):
        case = self.open_case()
        self.done(case, "doze")
        self.daemon.advance("+2d 23h 59min 59s")
        self.daemon.kill()
        time.sleep(1.5)
        self.daemon.start()
        self.wait_states(case, ["rung"])
        self.daemon.restart()
        self.assertEqual(self.states(case), ["rung"])
        self.assertEqual(len(self.history(case)), 3)

    def test_it_survives_a_restart(self):
        now = self.daemon.advance("+400d").body["now"]
        for end in (self.daemon.kill, self.daemon.stop):
            end()
            self.daemon.start()
            self.assertGreaterEqual(self.daemon.get("/v1/status").body["now"], now)
        case = self.open_case()
        self.assertGreaterEqual(self.history(case)[0]["at"], now)

    def test_what_is_no_way_forward_is_refused(self):
        with self.unchanged():
            for span in ("-1d", "0s", "soon", "", "3 days", "99999999999999w", "400000w", "9" * 90):
                answer = self.daemon.advance(span)
                self.refused(answer, 400, "bad-request")

    def test_it_waits_for_steps_and_moves_once_at_a_time(self):
        case = self.open_case()
        self.done(case, "linger")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            first = pool.submit(
                self.ask_alone, "POST", "/v1/admin/clock", {"advance": "1d"},
                socket_path=self.daemon.admin,
            )
            time.sleep(0.2)
            self.refused(self.daemon.advance("1d"), 503, "busy")
            self.assertEqual(first.result().status, 200)
        self.assertEqual(self.states(case), ["registered"])

    def test_a_stop_ends_it_with_an_answer(self):
        case = self.open_case()
        self.done(case, "linger")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(
                self.ask_alone, "POST", "/v1/admin/clock", {"advance": "1d"},
                socket_path=self.daemon.admin,
            )
            time.sleep(0.2)
            self.stop_in(10)
            self.refused(answer.result(), 503, "stopping")
        self.daemon.start()
        self.wait_states(case, ["registered"])


class FailingDisk(LifeTest):
    @plain.shows_alone("a sanitized program loads nothing before itself")
    def test_a_commit_that_fails_ends_the_daemon_and_loses_nothing(self):
        case = self.open_case()
        switch = self.daemon.folder / "fail"
        self.daemon.stop()
        with mock.patch.dict(os.environ, {"LD_PRELOAD": str(FAULT), "FAULT_FILE": str(switch)}):
            self.daemon.start()
        told = [self.done(case, "count", key=f"k{i}") for i in range(5)]
        switch.touch()
        with self.assertRaises(GONE):
            self.ask_alone("POST", f"/v1/cases/{case}/transitions/count", {}, who="awa", key="last")
        self.assertEqual(self.daemon.process.wait(10), 74)
        self.assertIn("store.commit_failed", self.daemon.log())
        self.daemon.gone()
        switch.unlink()
        self.daemon.start()
        for i, answer in enumerate(told):
            again = self.done(case, "count", key=f"k{i}")
            self.assertEqual(again.body["seq"], answer.body["seq"])
        # Whether the last one came to the disk, nobody knew; repeated, it is there once.
        self.done(case, "count", key="last")
        self.assertEqual(self.show(case)["data"]["count"], 6)


class FullDisk(LifeTest):
    """A store on a file system of 400 MiB."""

    MIB = 1 << 20

    def configure(self):
        disk = self.daemon.folder / "disk"
        disk.mkdir()
        mounted = IS_ROOT and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk],
            capture_output=True, check=False,
        ).returncode == 0
        if not mounted:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        self.addCleanup(self.daemon.kill)
        self.filler = disk / "filler"
        self.daemon.settings["store"] = str(disk / "store")
        self.daemon.store = pathlib.Path(disk / "store")
        self.daemon.write_config()

    def leave(self, mib):
        """Fills the disk but for so many MiB."""
        self.filler.unlink(missing_ok=True)
        facts = os.statvfs(self.filler.parent)
        with open(self.filler, "wb") as file:
            os.posix_fallocate(
                file.fileno(), 0, facts.f_bavail * facts.f_frsize - mib * self.MIB
            )

    def test_first_new_cases_are_refused_then_everything_and_then_all_goes_on(self):
        case, dozing = self.open_case(), self.open_case()
        self.done(dozing, "doze")
        told = self.done(case, "count", key="before")

        self.leave(200)
        opening = {"workflow": "registry", "data": {"place": "Dakar"}}
        with self.unchanged(case):
            answer = self.daemon.post("/v1/cases", opening, "awa", key="opening")
            self.refused(answer, 503, "disk-full", "Free some space")
            self.assertTrue(answer.body["retryable"])
            self.assertIn("Retry-After", answer.headers)
        self.done(case, "count")

        self.leave(10)
        with self.unchanged(case, dozing):
            self.refused(self.do(case, "count", key="full"), 503, "disk-full")
            self.refused(self.do(case, "slow"), 503, "disk-full")
            self.refused(self.daemon.post("/v1/cases", opening, "awa"), 503, "disk-full")
            self.refused(self.daemon.load(WORKFLOW, who="ada"), 503, "disk-full")
            self.refused(self.daemon.advance("1d"), 503, "disk-full")
            self.assertTrue(self.daemon.get("/v1/status").body["disk_full"])

        self.filler.unlink()
        self.done(case, "count", key="full")
        self.open_case(key="opening")
        self.assertEqual(self.daemon.advance("4d").status, 200)
        self.assertEqual(self.states(dozing), ["rung"])
        self.assertEqual(self.show(case)["data"]["count"], 3)
        self.assertFalse(self.daemon.get("/v1/status").body["disk_full"])
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.show(case)["data"]["count"], 3)

    def test_a_check_that_was_asked_before_it_was_full_writes_nothing(self):
        case = self.open_case()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            slow = pool.submit(self.ask_alone, "POST", f"/v1/cases/{case}/transitions/slow", {},
                               who="awa")
            self.daemon.wait_for("/v1/status", lambda answer: answer.body["calls"] == 1)
            self.leave(10)
            self.refused(slow.result(), 503, "disk-full")
        self.filler.unlink()
        self.done(case, "slow")
        self.assertEqual(self.show(case)["data"]["count"], 100)

    def test_it_stops_and_starts_while_it_is_full_and_timers_wait(self):
        case = self.open_case()
        self.done(case, "linger")  # its outcome comes while there is no room
        self.leave(10)
        self.daemon.wait_for("/v1/status", lambda answer: answer.body["disk_full"], seconds=5)
        time.sleep(1)
        self.assertEqual(self.states(case), ["lingering"])
        self.stop_in(10)
        self.daemon.start()
        self.assertEqual(self.states(case), ["lingering"])
        self.filler.unlink()
        self.wait_states(case, ["registered"])


if __name__ == "__main__":
    plain.main()
