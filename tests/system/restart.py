#!/usr/bin/env python3
"""Stops, crashes and starts: what was told stays true, what fell due is made up for, once."""

import http.client
import shutil
import stat
import threading
import time
import unittest

from daemon import Connection, Daemon, headers_of
from rounds import PEOPLE, RoundsTest


class Restart(RoundsTest):
    def test_a_case_is_whole_after_kill_9_and_after_a_stop(self):
        case = self.open_case()
        for _ in range(20):
            self.do(case, "count")
        before, entries = self.show(case), self.entries(case)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.show(case), before)
        self.assertEqual(self.entries(case), entries)
        self.daemon.restart()
        self.assertEqual(self.show(case), before)
        self.assertEqual(self.entries(case), entries)

    def test_an_idempotent_repeat_after_kill_9_is_answered_as_before(self):
        case = self.open_case(key="opening")
        first = self.do(case, "count", key="once")
        self.daemon.kill()
        self.daemon.start()
        again = self.do(case, "count", key="once")
        self.assertEqual(again.body["seq"], first.body["seq"])
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        self.assertEqual(self.open_case(key="opening"), case)
        self.assertEqual(self.data(case)["count"], 1)
        other = self.daemon.post(f"/v1/cases/{case}/transitions/rest", None, "awa", key="once")
        self.assertEqual((other.status, other.code), (422, "idempotency-key-reused"))

    def test_a_parked_step_that_is_answered_after_a_restart_goes_on(self):
        for end in (self.daemon.kill, self.daemon.stop):
            case = self.open_case()
            self.do(case, "apply")
            self.wait_parked(case)
            end()
            self.daemon.start()
            self.assertEqual(self.states(case), ["applied"])
            self.answer(case, "paper", {"granted": True})
            shown = self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
            self.assertEqual(shown["data"]["number"], "LP-1")

    def test_a_step_that_was_under_way_at_a_crash_is_done_once_more(self):
        cases = [self.open_case() for _ in range(10)]
        for case in cases:
            self.do(case, "apply")
        self.daemon.kill()
        self.daemon.start()
        for case in cases:
            self.wait_parked(case)

    def test_a_timer_that_fell_due_while_nobody_ran_fires_once_at_start(self):
        for end in (self.daemon.kill, self.daemon.stop):
            case = self.open_case()
            self.do(case, "rest")
            end()
            time.sleep(1.2)
            self.daemon.start()
            self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
            self.daemon.restart()
            self.assertEqual(self.data(case)["fired"], 1)
            kinds = [entry["kind"] for entry in self.entries(case)]
            self.assertEqual(len(kinds), 3, kinds)  # opened, rest, the timer

    def test_a_moved_clock_stays_moved_and_fires_what_lies_between(self):
        case = self.open_case()
        self.do(case, "sleep")
        now = self.daemon.advance("+20d").body["now"]
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.states(case), ["sleeping"])
        self.assertGreaterEqual(self.daemon.get("/v1/status", "awa").body["now"], now)
        self.daemon.advance("+10d")
        self.assertEqual(self.states(case), ["idle"])
        self.assertEqual(self.data(case)["fired"], 1)

    def test_a_stop_answers_what_is_under_way(self):
        case, told = self.open_case(), []

        def count():
            connection = Connection(self.daemon.staff)
            path = f"/v1/cases/{case}/transitions/count"
            try:
                while True:
                    told.append(connection.ask("POST", path, {}, headers_of("awa")))
            except (http.client.HTTPException, OSError):
                connection.close()

        threads = [threading.Thread(target=count, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        self.assertEqual(self.daemon.stop(), 0)
        for thread in threads:
            thread.join(30)
        statuses = [answer.status for answer in told]
        self.assertGreater(statuses.count(200), 0)
        self.assertLessEqual(set(statuses), {200, 503})
        # None that was answered is lost, and none is there that broke off without an answer.
        self.daemon.start()
        self.assertEqual(self.data(case)["count"], statuses.count(200))


class Start(unittest.TestCase):
    """What keeps a daemon from starting is told in words, and nothing is touched."""

    def setUp(self):
        self.daemon = Daemon(PEOPLE, ["probe"])
        self.addCleanup(self.daemon.__exit__)

    def refused(self, *options, says):
        done = self.daemon.sankofad(*options)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(says, done.stderr)

    def test_a_store_is_made_once(self):
        self.daemon.init()
        key = (self.daemon.folder / "key").read_bytes()
        self.refused("--init", says="store")
        self.assertEqual((self.daemon.folder / "key").read_bytes(), key)
        mode = stat.S_IMODE((self.daemon.folder / "key").stat().st_mode)
        self.assertEqual(mode, 0o400)
        self.daemon.start()

    def test_without_a_store_or_its_key_it_does_not_start(self):
        self.refused(says="key file")
        self.daemon.init()
        (self.daemon.folder / "key").rename(self.daemon.folder / "key.away")
        self.refused(says="key file")
        (self.daemon.folder / "key").write_bytes(b"k" * 64)
        (self.daemon.folder / "key").chmod(0o400)
        self.refused(says="key")
        (self.daemon.folder / "key").unlink()
        (self.daemon.folder / "key.away").rename(self.daemon.folder / "key")
        self.daemon.start()

    def test_a_key_that_others_can_read_is_not_used(self):
        self.daemon.init()
        (self.daemon.folder / "key").chmod(0o644)
        self.refused(says="read by others")

    def test_two_daemons_do_not_share_a_store(self):
        self.daemon.start()
        self.refused(says="")
        self.assertEqual(self.daemon.get("/v1/status", "awa").status, 200)

    def test_a_configuration_is_checked_without_a_store(self):
        self.daemon.settings["people"] = {"awa": {"user": "root", "roles": ["clerk"]}}
        self.daemon.write_config()
        done = self.daemon.sankofad("--check-config")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.daemon.config.write_text("store: s\nkey_file: k\npeopl: {}\n", encoding="utf-8")
        done = self.daemon.sankofad("--check-config")
        self.assertEqual(done.returncode, 1)
        self.assertIn('did you mean "people"?', done.stderr)
        self.assertIn(":3:1", done.stderr)

    def test_a_damaged_store_is_not_served(self):
        self.daemon.init()
        shutil.copy(self.daemon.store / "data.mdb", self.daemon.folder / "whole.mdb")
        for size in (0, 100, 5000):
            with open(self.daemon.store / "data.mdb", "r+b") as file:
                file.truncate(size)
            self.assertNotEqual(self.daemon.sankofad().returncode, 0)
            shutil.copy(self.daemon.folder / "whole.mdb", self.daemon.store / "data.mdb")
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
