#!/usr/bin/env python3
"""The inbox drawn anew as things happen: `sankofa inbox --watch`."""

import os
import re
import signal
import subprocess
import time
import unittest

from daemon import BUILD, ROOT, Daemon
from terminal import Terminal

DESK = ROOT / "tests/system/desk.yaml"
PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "ada": {"roles": ["administrator"]},
}
ENTER, LEAVE, HOME = "\x1b[?1049h", "\x1b[?1049l", "\x1b[H"


class Watching(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(PEOPLE, ["probe", "crash"])
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        self.daemon.run("workflow", "load", DESK, who="ada")
        self.case = self.new_case()

    def new_case(self):
        return self.daemon.run("case", "new", "desk", "-f", "place=Dakar", who="awa").stdout.strip()

    def watch(self, *words, term="xterm-256color", columns=80, lines=24):
        environment = {**os.environ, "TERM": term, "SANKOFA_SOCKET": str(self.daemon.staff), "LC_ALL": "C.UTF-8"}
        return Terminal([BUILD / "sankofa", "inbox", "--watch", "--as", "awa", *words], environment, columns, lines)

    @staticmethod
    def frames(terminal):
        return terminal.shown.split(HOME)[1:]

    def test_what_happens_is_drawn_over_and_ctrl_c_ends_it_clean(self):
        with self.watch() as terminal:
            terminal.expect(ENTER)
            terminal.expect(self.case)
            other = self.new_case()
            terminal.expect(other)
            terminal.type("\x03")
            shown = terminal.ends(0)
        self.assertTrue(shown.endswith(LEAVE), repr(shown[-40:]))
        self.assertIn("\x1b[?25h", shown)  # the cursor is back
        # No frame blanks the screen: each line is written over, and what is below is cleared last.
        self.assertNotIn("\x1b[2J", shown)
        for frame in self.frames(terminal):
            lines = frame.split("\x1b[J")[0].split("\n")[:-1]
            self.assertTrue(lines and all(line.rstrip("\r").endswith("\x1b[K") for line in lines), frame)

    def test_an_idle_inbox_is_not_drawn_again_and_a_burst_is_drawn_once_or_twice(self):
        with self.watch() as terminal:
            terminal.expect(self.case)
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                terminal.read(0.1)
            self.assertEqual(len(self.frames(terminal)), 1)
            for _ in range(20):
                self.daemon.post(f"/v1/cases/{self.case}/transitions/count", {}, "awa")
                time.sleep(0.03)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                terminal.read(0.1)
            self.assertLess(len(self.frames(terminal)), 8)
            self.assertGreater(len(self.frames(terminal)), 1)

    def test_it_follows_the_size_of_the_terminal(self):
        for _ in range(10):
            self.new_case()
        with self.watch(columns=120, lines=40) as terminal:
            terminal.expect("Ctrl-C ends.")
            terminal.expect("\x1b[J")
            terminal.resize(50, 6)
            terminal.expect("\x1b[J")
            frame = self.frames(terminal)[-1].split("\x1b[J")[0]
            lines = [re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", line).rstrip("\r") for line in frame.split("\n")[:-1]]
            self.assertEqual(len(lines), 5)
            self.assertLessEqual(max(len(line) for line in lines), 50)

    def test_a_daemon_that_is_started_again_is_followed_on(self):
        with self.watch() as terminal:
            terminal.expect(self.case)
            self.daemon.restart()
            terminal.expect(HOME)
            other = self.new_case()
            terminal.expect(other)
            terminal.type("\x03")
            terminal.ends(0)

    def test_a_daemon_that_does_not_come_back_is_told_where_it_stays(self):
        with self.watch() as terminal:
            terminal.expect(self.case)
            self.daemon.stop()
            shown = terminal.ends(10)
        self.assertIn("No daemon answers", shown.split(LEAVE)[-1])

    def test_a_hangup_and_a_sigterm_end_it_clean_too(self):
        for number in (signal.SIGHUP, signal.SIGTERM):
            with self.watch() as terminal:
                terminal.expect(self.case)
                os.kill(terminal.pid, number)
                self.assertTrue(terminal.ends(0).endswith(LEAVE))

    def test_where_lines_cannot_be_written_over_it_is_refused(self):
        with self.watch(term="dumb") as terminal:
            terminal.expect("--watch needs a terminal whose lines can be written over.")
            self.assertNotIn("\x1b", terminal.ends(2))
        self.assertIn("--watch needs a terminal", self.daemon.run("inbox", "--watch", who="awa", status=2).stderr)
        self.assertIn("no --json", self.daemon.run("inbox", "--watch", "--json", who="awa", status=2).stderr)

    def test_scripts_watch_the_feed(self):
        done = subprocess.run([BUILD / "sankofa", "watch", "--after", "0", "--once", "--as", "awa"], text=True,
                              capture_output=True, timeout=30, check=True,
                              env={**os.environ, "SANKOFA_SOCKET": str(self.daemon.staff)})
        self.assertIn(self.case, done.stdout)

    def watch_feed(self, *words):
        environment = {**os.environ, "SANKOFA_SOCKET": str(self.daemon.staff), "LC_ALL": "C.UTF-8"}
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", BUILD / "sankofa", "watch", "--as", "awa", *words],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_a_script_goes_on_behind_its_last_event_when_the_daemon_is_back(self):
        process = self.watch_feed("--after", "0")
        self.assertIn("a workflow was loaded", process.stdout.readline())
        self.assertIn(self.case, process.stdout.readline())
        for away_s in (0, 2):
            self.daemon.stop()
            time.sleep(away_s)
            self.assertIsNone(process.poll(), "it ended while the daemon was away")
            self.daemon.start()
            self.assertIn(self.new_case(), process.stdout.readline())
        process.kill()
        self.assertEqual(process.stdout.read(), "", "an event came twice")
        self.assertEqual(process.stderr.read(), "")

    def test_a_script_is_told_that_there_is_no_daemon(self):
        self.daemon.stop()
        process = self.watch_feed("--after", "0")
        self.assertEqual(process.wait(30), 10)
        self.assertIn("No daemon answers", process.stderr.read())


if __name__ == "__main__":
    unittest.main()
