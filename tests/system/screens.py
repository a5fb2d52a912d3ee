#!/usr/bin/env python3
"""What a person sees: a session in French in a real terminal (tmux), a dumb one and one with colours,
40, 80 and 200 columns wide, kept in tests/system/screens/ and compared.

After a change that is meant: SANKOFA_SCREENS=write python3 tests/system/screens.py writes them anew;
look at them as whoever has to read them would. Codes and times are made steady, and what moves the
cursor or colours is written with a visible escape.
"""

import os
import pathlib
import re
import subprocess
import time
import unittest

from daemon import BUILD, ROOT, Daemon
from walk import Walk, play, today

GOLDEN = ROOT / "tests/system/screens"
PLUGINS = ["assessment", "handover", "reintegration", "travel_authorization"]
ACTIONS = 13  # of the walk: a proposal waits, some fields are filled in
WAIT_S = 30
PROMPT = "bureau$ "


class Tmux:
    """A terminal of its own, with a shell in it."""

    def __init__(self, folder, environment, term, columns, lines=40):
        self.socket = folder / f"tmux-{term}-{columns}"
        words = [f"{name}={value}" for name, value in environment.items()]
        shell = ["env", "-i", *words, f"TERM={term}", f"PS1={PROMPT}", "sh"]
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), *shell)
        self.run("set-option", "-g", "history-limit", "5000")
        self.wait(PROMPT.strip())

    def run(self, *words):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *words], capture_output=True, encoding="utf-8",
                              timeout=WAIT_S, check=True).stdout

    def close(self):
        self.run("kill-server")

    def screen(self):
        """All that was shown, colours too, without what is empty at the end."""
        return self.run("capture-pane", "-p", "-e", "-S", "-").rstrip() + "\n"

    def last_line(self):
        return self.screen().rstrip().split("\n")[-1]

    def wait(self, end):
        """Until the last line that is not empty ends so."""
        until = time.monotonic() + WAIT_S
        while True:
            shown = re.sub(r"\x1b\[[0-9;]*m", "", self.run("capture-pane", "-p", "-S", "-")).rstrip()
            if shown.endswith(end):
                return
            if time.monotonic() > until:
                raise AssertionError(f"{end!r} is not at the end of:\n{shown}")
            time.sleep(0.02)

    def type(self, line, end=PROMPT.strip(), key="Enter"):
        """Types a line, and waits for what then ends the screen."""
        self.run("send-keys", "-l", line)
        if key:
            self.run("send-keys", key)
        time.sleep(0.1)
        self.wait(end)


def steady(shown):
    """Without what another day, year or folder would change, each as wide as it was."""
    shown = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", lambda m: "2026-01-05 08:00" if m.group(1) else "2026-01-05", shown)
    shown = re.sub(r"(?<![\d:])\d\d:\d\d(?![\d:])", "08:00", shown)
    # How often somebody looked before is numbered, too.
    shown = re.sub(r"révision \d+", "révision 0", shown)
    shown = re.sub(r"(?m)^(\S*?)(\d+ +)(?=2026-01-05 08:00)", lambda m: m.group(1) + "0".ljust(len(m.group(2))), shown)
    shown = re.sub(r"SN-\d{4}-(\d{5})-[A-Z]", r"SN-2026-\1-X", shown)
    shown = re.sub(r"\x1b", "␛", shown)
    return "".join(line.rstrip() + "\n" for line in shown.splitlines())


class Screens(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        walk = Walk(ROOT / "tests/system/child-return.walk.json")
        cls.daemon = Daemon(walk.people(), PLUGINS)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        cls.daemon.run("workflow", "load", ROOT / walk.file, who="ada")
        cls.code = play(walk, cls.daemon, walk.actions[:ACTIONS], today(cls.daemon))
        cls.fresh = play(walk, cls.daemon, walk.actions[:4], today(cls.daemon))

    def session(self, tmux, term, columns):
        """What one types in a morning."""
        for command in ("inbox --limit 5", "show $A", "approve $A 9", "case explain $B", "history $B", "inbx", "do --help", "search djallo"):
            tmux.type(f"sankofa {command}")
        if columns < 80:
            return
        # A form that is given up in the end: the next terminal finds the case as it was.
        tmux.type("sankofa do $B", "Lequel ?")
        if term == "dumb":
            for line in ("2", "enfer", "3", "Wolof", "perhaps", "oui", "?", "<"):
                tmux.type(line, ">")
        else:
            self.seen_keys = self.keys(tmux)
        tmux.type("", key="C-d")
        if term == "dumb":
            tmux.type("sankofa inbox --watch")

    @staticmethod
    def keys(tmux):
        """What the line looks like at each key, which the next one draws over."""
        seen = []
        for line, key, end in (
            ("2", None, "2  Noter le consentement"), ("", "Enter", ">   requis"),
            ("enfer", "Enter", "Écrivez le numéro de l'un d'eux."), ("", "C-u", ">   requis"),
            ("enf", None, "= Enfant"), ("", "Tab", "> Enfant"), ("", "Enter", ">   requis"),
            ("Wolof", "Enter", ">   requis"), ("o", "Enter", ">   requis"), ("?", "Enter", ">   requis"),
            ("", "BTab", ">   Entrée garde oui"), ("", "Enter", ">   requis"), ("perh", None, "Répondez par oui ou non."),
            ("", "C-u", ">   requis"), ("", "BTab", ">   Entrée garde oui"),
        ):
            tmux.type(line, end, key)
            seen.append(f"{line + (f'<{key}>' if key else ''):14}{tmux.last_line()}")
        return "\n".join(seen) + "\n"

    def test_what_is_seen_is_what_was_looked_at(self):
        for term in ("dumb", "tmux-256color"):
            for columns in (40, 80, 200):
                # The codes, which another year would break elsewhere, are not typed.
                environment = {"A": self.code, "B": self.fresh, "PATH": f"{BUILD}:/usr/bin:/bin",
                               "LANG": "fr_FR.UTF-8", "HOME": "/nonexistent",
                               "SANKOFA_SOCKET": self.daemon.staff, "SANKOFA_ADMIN_SOCKET": self.daemon.admin}
                with self.subTest(term=term, columns=columns):
                    self.compare(environment, term, columns)

    def compare(self, environment, term, columns):
        tmux = Tmux(self.daemon.folder, environment, term, columns)
        self.addCleanup(tmux.close)
        tmux.type("sankofa() { command sankofa \"$@\" --as awa; }")
        self.session(tmux, term, columns)
        self.hold(f"fr-{'dumb' if term == 'dumb' else 'colour'}-{columns}.txt", steady(tmux.screen()))
        if term != "dumb" and columns >= 80:
            self.hold(f"fr-keys-{columns}.txt", steady(self.seen_keys))

    def hold(self, name, seen):
        path = GOLDEN / name
        if os.environ.get("SANKOFA_SCREENS") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(seen, encoding="utf-8")
        self.assertTrue(path.exists(), f"{path} is not there; see the head of this file")
        self.assertEqual(seen, path.read_text(encoding="utf-8"))
        self.assertEqual("␛" in seen, "dumb" not in name)


if __name__ == "__main__":
    pathlib.Path(GOLDEN).mkdir(exist_ok=True)
    unittest.main()
