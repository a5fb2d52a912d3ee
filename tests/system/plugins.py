#!/usr/bin/env python3
"""Real bad plugins in a real daemon: their calls fail with a clear reason, everything else goes
on."""

import time
import unittest

from rounds import RoundsTest

CHECK_S = 2  # what a check has


class BadTest(RoundsTest):
    """Not run by itself: `bad` is set by the classes that are made of it below."""

    retryable = True

    def check_everything_else(self):
        """A check of the good plugin and a transition without one, at once."""
        case = self.open_case()
        begin = time.monotonic()
        self.do(case, "count")
        self.do(case, "ask_good")
        self.assertLess(time.monotonic() - begin, CHECK_S / 2)
        self.assertEqual(self.data(case)["count"], 2)

    def test_its_check_fails_with_a_reason_and_changes_nothing(self):
        case = self.open_case()
        begin = time.monotonic()
        failed = self.do(case, "ask_bad", status=502)
        self.assertLess(time.monotonic() - begin, CHECK_S + 3)
        self.assertEqual(failed.code, "plugin-failed")
        self.assertIn(self.bad, failed.body["detail"])
        self.assertEqual(failed.body["retryable"], self.retryable)
        self.assertEqual(self.data(case)["count"], 0)
        self.assertEqual(len(self.entries(case)), 1)
        self.check_everything_else()

    def wait_quarantined(self, case):
        return self.wait_until(case, lambda shown: shown["steps"][0]["status"] == "quarantined")

    def crashes(self):
        plugins = self.daemon.get("/v1/status", "awa").body["plugins"]
        return next(plugin["crashes"] for plugin in plugins if plugin["name"] == self.bad)

    def test_its_step_is_quarantined_until_a_person_settles_it(self):
        if not self.retryable:
            self.skipTest("it fails at once: see below")
        case = self.open_case()
        self.do(case, "work_bad")
        self.check_everything_else()
        self.assertIn(self.bad, self.wait_quarantined(case)["steps"][0]["why"])
        self.daemon.restart()
        # It breaks no host any more, restart included.
        time.sleep(3)
        self.assertEqual(self.crashes(), 0)
        told = self.daemon.run("case", "explain", case, who="awa").stdout
        self.assertIn("The same input broke its plugin's host again", told)
        words = ("case", "settle", case, "job", "--reason", "It never will")
        self.daemon.run(*words, who="awa", status=2)
        self.daemon.run(*words, "--outcome", "failed", who="awa")
        shown = self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
        self.assertEqual(shown["data"]["failed"], 1)
        self.assertEqual(self.entries(case)[-1]["kind"], "settled")

    def test_what_breaks_its_word_fails(self):
        if self.retryable:
            self.skipTest("it is quarantined: see above")
        case = self.open_case()
        self.do(case, "work_bad")
        self.check_everything_else()
        shown = self.wait_until(case, lambda shown: shown["states"][0]["id"] == "idle")
        self.assertEqual(shown["data"]["failed"], 1)


class Crash(BadTest):
    bad = "crash"


class Hang(BadTest):
    bad = "hang"


class Garbage(BadTest):
    bad = "garbage"


class Memory(BadTest):
    bad = "memory"


class Outcome(BadTest):
    """It breaks its own declaration: asking it again would not help."""

    bad, retryable = "outcome", False


del BadTest


class Replaced(RoundsTest):
    def test_a_file_that_is_not_the_configured_one_is_not_loaded(self):
        self.daemon.settings["plugins"]["probe"]["sha256"] = "0" * 64
        self.daemon.write_config()
        case = self.open_case()
        self.daemon.restart()
        plugins = self.daemon.get("/v1/status", "awa").body["plugins"]
        probe = next(plugin for plugin in plugins if plugin["name"] == "probe")
        self.assertEqual(probe["state"], "failed")
        self.assertIn("SHA-256", probe["why"])
        # A stored definition still runs; what asks the plugin fails, and nothing else.
        self.do(case, "count")
        self.assertEqual(self.do(case, "ask_good", status=502).code, "plugin-failed")


if __name__ == "__main__":
    unittest.main()
