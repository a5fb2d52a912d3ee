#!/usr/bin/env python3
"""One bit flipped in every byte of a small store, one after the other: nothing wrong is shown.

    bitflip.py [--step N] [--jobs J] [--keep DIR]
    bitflip.py --self-test

Each flip is looked at by the engine's own recovery (recover/). What is shown must be what was
there before, word for word; what is no longer shown must be missed aloud: the store is
refused, or the damage is told. --step N flips every Nth byte only, for a short run.

The walker (engine/store/walk) looks at the file before LMDB opens it, whose pages bear no checksum:
crashes inside LMDB, and of what follows a size that it gave, are told apart, and are failures too.
The last line counts flips.
"""

import argparse
import collections
import multiprocessing
import os
import pathlib
import re
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import facts  # pylint: disable=wrong-import-position
from power_cut import Recoverer, room  # pylint: disable=wrong-import-position

FILES = ("data.mdb", "slots", "head", "lock.mdb", "key")
MENDED = ("slots", "lock.mdb")  # by opening the store: the good copy of the slots over the other
CASES = 3
CHUNK_BYTES = 65404
SHOWN_MAX = 20
BLOCK = 512  # bytes that one worker takes at a time
KINDS = ("unharmed", "refused", "told", "quarantined", "crash of LMDB", "crashed", "wrong")
FAILURES = ("crash of LMDB", "crashed", "wrong")


class Facts:
    """What was shown of a store, so that two showings can be compared."""

    def __init__(self, lines):
        seen = facts.openings(lines)[0]
        self.is_open = seen.results.get("wheel", "").startswith("0")
        self.told = bool(seen.faults) or not self.is_open
        self.shown = {("entry", entry[0]): entry[1:] for entry in seen.entries}
        self.shown.update({("case", case): facts for case, facts in seen.cases.items()})
        for case, documents in seen.documents.items():
            self.shown.update({("document", case, name): held for name, held in documents.items()})
        # One that is put aside tells which case it is, and nothing else.
        whole = {case: line for case, line in seen.lines.items() if '"quarantined":true' not in line}
        self.aside = any("case.quarantined" in fault for fault in seen.faults)
        self.shown.update({("line", case): line for case, line in whole.items()})
        self.shown["serials"] = dict(seen.serials)
        self.shown["last"] = seen.last

    def wrong(self, truth):
        """What is shown and is not so, or is silently not shown; "" where there is none."""
        for name, held in self.shown.items():
            if held and truth.shown.get(name) != held and not (name == "last" and self.told):
                return f"{name} is shown as {str(held)[:200]}"
        missing = [name for name in truth.shown if not self.shown.get(name)]
        return f"{missing[0]} is silently missing" if missing and not self.told else ""


def judge(lines, status, truth):
    """Which kind of outcome a flip has had, and a word about it."""
    if status.startswith("signal"):
        if status == "signal 14":
            return "crashed", "it takes for ever"
        kind = "crash of LMDB" if "crash of LMDB" in lines else "crashed"
        return kind, f"{status} {[line for line in lines if line.startswith('crash')]}"
    seen = Facts(lines)
    fault = seen.wrong(truth)
    if fault:
        return "wrong", fault
    if not seen.told:
        return "unharmed", ""
    if not seen.is_open:
        return "refused", ""
    return ("quarantined" if seen.aside else "told"), ""


def make_store(folder):
    """A few cases with snapshots and newer entries, documents short and long, a definition,
    serials; then what it holds."""
    recoverer = Recoverer()
    for number in range(CASES):
        lines, status = recoverer.ask("attach" if number == 0 else "go-on", folder)
        if status != "0":
            raise RuntimeError(f"the store cannot be made: {status} {lines}")
    lines, status = recoverer.ask("look", folder)
    recoverer.close()
    truth = Facts(lines)
    documents = [held[0] for name, held in truth.shown.items() if name[0] == "document"]
    if len(documents) != CASES or max(documents) <= CHUNK_BYTES:
        raise RuntimeError(f"the documents are {documents}")
    if status != "0" or truth.told or len(truth.shown) < CASES * 12:
        raise RuntimeError(f"the store is not whole: {status} {lines}")
    return truth


def path_of(folder, name):
    return folder / name if name == "key" else folder / "store" / name


def put(path, at, byte):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(bytes([byte]))


def flipped(byte, at):
    """One bit of it; each bit has its turn."""
    return byte ^ 1 << (at * 5 + at // 8) % 8


class Worker:
    """A copy of the store that is flipped, looked at and flipped back."""

    def __init__(self, folder, truth):
        self.folder = pathlib.Path(f"{folder}-{os.getpid()}")
        shutil.copytree(folder, self.folder)
        (self.folder / "key").chmod(0o600)
        self.truth = truth
        self.recoverer = Recoverer()

    def flip_all(self, name, places):
        path = path_of(self.folder, name)
        before = path.read_bytes()
        tally, words = collections.Counter(), []
        for at in places:
            put(path, at, flipped(before[at], at))
            lines, status = self.recoverer.ask("look", self.folder)
            put(path, at, before[at])
            if name in MENDED:
                path.write_bytes(before)
            kind, word = judge(lines, status, self.truth)
            tally[kind] += 1
            if word:
                words.append(f"{name} byte {at}: {kind}: {word}")
        if path.read_bytes() != before:
            words.append(f"{name} was written to by looking at it")
            tally["wrong"] += 1
        return name, tally, words


WORKER = []  # of this process


def run_block(task):
    folder, truth, name, places = task
    if not WORKER:
        WORKER.append(Worker(folder, truth))
    return WORKER[0].flip_all(name, places)


def battery(options, folder):
    truth = make_store(folder)
    tasks = []
    for name in FILES:
        size = path_of(folder, name).stat().st_size
        for first in range(0, size, BLOCK * options.step):
            last = min(size, first + BLOCK * options.step)
            tasks.append((folder, truth, name, range(first, last, options.step)))
    total, by_file, shown = collections.Counter(), {}, 0
    with multiprocessing.Pool(options.jobs) as pool:
        for name, tally, words in pool.imap(run_block, tasks):
            by_file.setdefault(name, collections.Counter()).update(tally)
            total += tally
            for word in words:
                shown += 1
                if shown <= SHOWN_MAX:
                    print(word[:400], flush=True)
    for name, tally in by_file.items():
        print(f"{name}: " + ", ".join(f"{tally[kind]} {kind}" for kind in KINDS if tally[kind]))
    print("bitflip: " + ", ".join(f"{total[kind]} {kind}" for kind in KINDS))
    failed = sum(total[kind] for kind in FAILURES)
    print(f"{sum(total.values()) - failed} passed, {failed} failed")
    return 1 if failed else 0


def self_test(folder):
    """A showing that was tampered with must be called wrong, one that misses something aloud not."""
    truth = make_store(folder)
    recoverer = Recoverer()
    lines, status = recoverer.ask("look", folder)
    recoverer.close()
    entries = [i for i, line in enumerate(lines) if line.startswith("entry ")]
    changed = [line.replace('"by":"awa"', '"by":"eva"') for line in lines]
    rolled_back = [line for i, line in enumerate(lines) if i not in entries[-3:]]
    silent = [line for line in lines if not line.startswith("case ")]
    other = [re.sub(r"^(document .*)..", r"\1zz", line) for line in lines]
    lost = [line for line in lines if not line.startswith("document ")]
    aloud = [line for i, line in enumerate(lines) if i != entries[4]] + ["bad entry 5 -74"]
    trials = [(lines, "unharmed"), (changed, "wrong"), (rolled_back, "wrong"), (silent, "wrong")]
    trials += [(aloud, "told"), (other, "wrong"), (lost, "wrong")]
    missed = 0
    for number, (told, expected) in enumerate(trials):
        kind, word = judge(told, status, truth)
        missed += kind != expected
        print(f"self-test: {number}: {kind} {word[:100]}{'' if kind == expected else ' NOT SO'}")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="keep the store here")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    top = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="sankofa-flip-", dir=room()))
    folder = top / "whole"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return self_test(folder) if options.self_test else battery(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
