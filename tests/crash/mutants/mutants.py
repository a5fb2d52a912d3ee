#!/usr/bin/env python3
"""Faults planted in the engine on purpose, each of which some test must notice.

    mutants.py [--only NAME[,NAME...]] [--jobs J]
    mutants.py --list

 1. The tree is copied; what catches mutants is built there once, and must pass on the tree as it
    is: a test that fails anyway catches nothing.
 2. Each mutant (table.py) is one text replaced by another. It is built, only as far as its test
    needs it, and its test must fail: by saying so, or by a broken promise of the engine's own.
 3. What each was caught by is printed. One whose text is no longer there, that does not build, or
    that survives, is a failure.

The last line counts mutants.
"""

import argparse
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))

from table import MUTANTS  # pylint: disable=wrong-import-position

TEST_S = 600
LAST_LINE = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
# The first line that says what is wrong, by who says it.
SIGNS = [
    re.compile(r"^\[  ERROR   \] --- (?!Test)(.*)$", re.MULTILINE),
    re.compile(r"check failed at (.*)$", re.MULTILINE),
    re.compile(r"^\[  FAILED  \] (.*)$", re.MULTILINE),
    re.compile(r"^.*?(LOST.*)$", re.MULTILINE),
    re.compile(r"^  life \d+: (.*)$", re.MULTILINE),
    re.compile(r"^(seed \d+: (?:image|its two).*)$", re.MULTILINE),
    re.compile(r"^(round \d+: .*)$", re.MULTILINE),
    re.compile(r"^((?:data\.mdb|slots|head|key) byte .*)$", re.MULTILINE),
    re.compile(r"^((?:serve|init).*: .*)$", re.MULTILINE),
    re.compile(r"^(.*(?:FAIL|Error|error).*)$", re.MULTILINE),
]
DAEMON = ["sankofad", "sankofa-host", "sankofa", "tests/system/bad-plugins/probe.so"]
DAEMON += ["tests/system/secrets"]
RECOVERY = ["tests/crash/crash-recover"]


class Catcher:
    """A test by its name here: what it needs built, and how it is run.

    unit FOLDER/NAME      a unit test
    system NAME           a system test
    simulate COUNT        seeds of the simulator
    power-cut COUNT       images
    kill9 COUNT           rounds
    bitflip STEP          every STEPth byte
    faults WHAT           kinds of calls made to fail
    """

    def __init__(self, words):
        self.words = words
        self.kind, self.argument = words.split(" ", 1)

    def targets(self):
        if self.kind == "unit":
            return ["tests/unit/unit-" + self.argument.replace("/", "-")]
        return {
            "system": DAEMON,
            "simulate": ["tests/sim/simulate"],
            "power-cut": [*DAEMON, *RECOVERY, "tests/crash/record.so"],
            "kill9": DAEMON,
            "bitflip": [*DAEMON, *RECOVERY],
            "faults": [*DAEMON, *RECOVERY, "tests/crash/crash-fault", "tests/crash/starve.so"],
        }[self.kind]

    def command(self, tree):
        if self.kind == "unit":
            return [tree / "build" / self.targets()[0]]
        return {
            "system": ["/usr/bin/python3", tree / f"tests/system/{self.argument}.py"],
            "simulate": [tree / "build/tests/sim/simulate", self.argument],
            "power-cut": [tree / "tests/crash/power_cut.py", self.argument, "--seed", "7"],
            "kill9": [tree / "tests/crash/kill9.py", self.argument, "--seed", "7"],
            "bitflip": [tree / "tests/crash/bitflip.py", "--step", self.argument],
            "faults": [tree / "tests/crash/faults/faults.py", "--only", self.argument],
        }[self.kind]


class Tree:
    """A copy of the tree, and its build."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = {
            **os.environ,
            "SANKOFA_SOURCE": str(self.folder),
            "SANKOFA_BUILD": str(self.folder / "build"),
            "CCACHE_NOHASHDIR": "1",
            "CCACHE_BASEDIR": str(self.folder),
        }
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")
        for name in names:
            if name and (ROOT / name).exists():
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
        self.run(["meson", "setup", self.folder / "build"], check=True)

    def run(self, command, check=False, seconds=TEST_S):
        try:
            return subprocess.run(
                ["timeout", "-k", "5", str(seconds), *map(str, command)],
                cwd=self.folder, env=self.environment, check=check, errors="replace",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                text=True,
            )
        except subprocess.CalledProcessError as fault:
            raise RuntimeError(f"{command}: {fault.output[-2000:]}") from fault

    def build(self, targets):
        """"" or what the compiler says."""
        done = self.run(["ninja", "-C", "build", *targets], seconds=600)
        lines = [line for line in done.stdout.split("\n") if "error" in line]
        return "" if done.returncode == 0 else (lines or [done.stdout[-300:]])[0]

    def test(self, catcher):
        """(whether it passes, what it says of what is wrong)"""
        done = self.run(catcher.command(self.folder))
        if done.returncode == 0:
            return True, ""
        return False, sign_of(done)


def sign_of(done):
    """The line that tells it; "" where a test has broken down without a word of what is wrong."""
    last = LAST_LINE.search(done.stdout)
    if last and last.group(2) == "0":
        return ""
    for sign in SIGNS:
        found = sign.search(done.stdout)
        if found and found.group(1).strip():
            return found.group(1).strip()[:110]
    return "it runs for ever" if done.returncode == 124 else ""


# ---- Mutants.


def edit(folder, mutant):
    """Replaces; gives what was there. None: it no longer applies."""
    held = {}
    for name, text, other in mutant.edits:
        path = folder / name
        code = path.read_text(encoding="utf-8") if path.exists() else ""
        if code.count(text) != 1:
            restore(held)
            return None
        held.setdefault(path, code)
        path.write_text(code.replace(text, other), encoding="utf-8")
    return held


def restore(held):
    for path, code in held.items():
        path.write_text(code, encoding="utf-8")


TREE = []  # of this process


def tree(top):
    if not TREE:
        TREE.append(Tree(tempfile.mkdtemp(prefix="tree-", dir=top)))
    return TREE[0]


def try_catcher(task):
    """What is wrong with a catcher on the tree as it is."""
    top, words = task
    mine, catcher = tree(top), Catcher(words)
    fault = mine.build(catcher.targets())
    if fault:
        return words, f"is not built: {fault}"
    passes, sign = mine.test(catcher)
    return words, "" if passes else f"fails without a mutant: {sign or 'no word'}"


def try_mutant(task):
    """(the mutant, whether it is caught, words)"""
    top, mutant = task
    mine, catcher = tree(top), Catcher(mutant.catcher)
    held = edit(mine.folder, mutant)
    if held is None:
        return mutant, False, "its text is not there, or not once: it no longer applies"
    fault = mine.build(catcher.targets())
    passes, sign = (True, "") if fault else mine.test(catcher)
    restore(held)
    if fault:
        return mutant, False, f"it does not build: {fault}"
    if passes:
        return mutant, False, f"SURVIVED {mutant.catcher}"
    return mutant, bool(sign), sign or f"{mutant.catcher} broke down without a word"


def battery(mutants, jobs, top):
    catchers = sorted({mutant.catcher for mutant in mutants})
    passed = failed = 0
    broken = set()
    with multiprocessing.Pool(min(jobs, len(mutants))) as pool:
        for words, fault in pool.imap_unordered(try_catcher, [(top, name) for name in catchers]):
            if fault:
                print(f"{words} {fault}", flush=True)
                broken.add(words)
        failed = sum(mutant.catcher in broken for mutant in mutants)
        mutants = [mutant for mutant in mutants if mutant.catcher not in broken]
        for mutant, is_caught, words in pool.imap_unordered(try_mutant, [(top, m) for m in mutants]):
            by = f"caught by {mutant.catcher}: {words}" if is_caught else f"NOT CAUGHT: {words}"
            print(f"{mutant.name}: {by}", flush=True)
            passed += is_caught
            failed += not is_caught
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", help="names of mutants, with commas between")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else [mutant.name for mutant in MUTANTS]
    mutants = [mutant for mutant in MUTANTS if mutant.name in names]
    if len(mutants) != len(names):
        parser.error("no such mutant: " + ", ".join(set(names) - {m.name for m in mutants}))
    if options.list:
        for mutant in mutants:
            print(f"{mutant.name}: {mutant.words} ({mutant.catcher})")
        return 0
    room = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    top = tempfile.mkdtemp(prefix="sankofa-mutants-", dir=room)
    try:
        return battery(mutants, options.jobs, top)
    finally:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
