#!/usr/bin/env python3
"""Power cuts of a real daemon under load: nothing told is lost, every store opens.

    power_cut.py IMAGES [--seed S] [--jobs J] [--keep DIR] [--mutant NAME]
    power_cut.py --self-test

 1. A daemon is recorded from --init on, run after run, while clients write (load.py, record.c),
    cases are erased, keys rotated, backups made (keeper.py). Some of what they write are documents.
 2. At moments of that log, disks are made that a power cut could leave then (disk.py).
 3. Each is opened with the engine's own recovery (recover/); what it holds is compared with what
    was told before that moment (facts.py, keeping.py). Then it works on, and is opened again; of a
    long battery's images, every third does.

At least 20 sessions, each with a seed of its own. --mutant breaks a rule on purpose: a disk that
ignores syncs, a daemon that answers before its commit. --self-test shows that each is caught.
"""

import argparse
import collections
import contextlib
import io
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import disk  # pylint: disable=wrong-import-position
import facts  # pylint: disable=wrong-import-position
import keeping  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position

SESSIONS_MIN = 20
IMAGES_PER_SESSION = 1000  # above this there are more sessions
IMAGES_PER_CUT = 4
IMAGES_SHORT = 10000  # up to this many, all of them work on; above, every third
PASSES_MAX = 20
SECONDS = 0.12  # of load in a run
FAULTS_SHOWN = 5
SHOWN = ("between writes and their sync", "without a store yet", "that worked on", "with documents under way")
MUTANTS = disk.Mutant.NAMES + facts.MUTANTS


class Recoverer:
    """crash-recover, asked for one folder after the other."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", load.BUILD / "tests/crash/crash-recover"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1 << 16,
        )

    def ask(self, word, folder):
        """The lines it told, and how it ended: "0", "3", "signal 6"."""
        self.process.stdin.write(f"{word} {folder}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith("end "):
                return lines, line[4:].strip()
            lines.append(line.rstrip("\n"))
        raise RuntimeError("crash-recover is gone")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Trial:
    """One session and the images of it."""

    def __init__(self, plan, seed):
        self.plan, self.seed = plan, seed
        self.folder = pathlib.Path(plan.folder) / f"seed-{seed}"
        self.random = random.Random(seed)
        self.count = self.failed_count = 0
        self.faults, self.tally = [], collections.Counter()

    def run(self):
        """A session and its images; then, of a store that was cut, another session and its."""
        self.recoverer = Recoverer()
        try:
            image = self.run_session("first", None, self.plan.images * 2 // 3)
            if image and not self.faults:
                self.run_session("second", image, self.plan.images)
        finally:
            self.recoverer.close()
        if not self.faults:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run_session(self, name, image, until):
        """Gives one of its images that has a store."""
        self.until, self.has_store = until, None
        session = load.Session(self.folder / name, self.random.random(), self.plan.seconds, image)
        session.record()
        self.records = disk.read_log(session.log)
        self.tally["told"] += sum(record.kind == disk.MARK for record in self.records)
        self.look(session)
        if not self.faults:
            self.cut(session)
        return self.has_store

    def look(self, session):
        """The truth, of copies: looking at it must not change what was recorded."""
        folder = self.folder / "whole"
        moments, earlier = self.moments(session), []
        for _, image in moments:
            disk.lay_out(image, folder)
            earlier.append(self.look_at(folder)[0])
        whole, backups = keeping.set_backups_aside(disk.read(session.disk))
        disk.lay_out(whole, folder)
        seen, lines = self.look_at(folder)
        self.truth = facts.Truth(lines, self.records, earlier, self.plan.mutant)
        self.faults += self.truth.faults
        if not seen.entries:
            self.faults.append("the session's own store is empty")
        for code, image in moments:
            self.truth.erasures.take_moment(code, image[keeping.SLOTS])
        self.backups = keeping.Backups(backups)
        for name in backups:
            if name.startswith(session.name):  # another session's has been looked at there
                self.faults += self.check_backup(session, name, folder)
        self.tally["documents"] += sum(
            record.kind == disk.MARK and b'"attached"' in record.data for record in self.records
        )
        for _, fact in self.truth.told.done:
            self.tally[f"{fact['done']}s"] += 1
        shutil.rmtree(folder)

    def look_at(self, folder):
        lines, status = self.recoverer.ask("look", folder)
        if status != "0":
            self.faults.append(f"the session's own store does not open: {status}")
        return facts.openings(lines)[0], lines

    def moments(self, session):
        """(the code of a case, the disk as its readers see it just before it is erased)"""
        state, found = disk.Disk(session.start), []
        for record in self.records:
            state.take(record)
            if record.kind == disk.MARK and record.data.startswith(b'{"erasing"'):
                image, _ = keeping.set_backups_aside(state.running())
                image = {name: b"" if held is disk.WILD else held for name, held in image.items()}
                found.append((json.loads(record.data)["erasing"], image))
        return found

    def check_backup(self, session, name, folder):
        """Restored, it is the journal's beginning, and one entry that tells of the restoring."""
        session.restore(name, folder)
        seen, _ = self.look_at(folder)
        last = len(seen.entries) - 1
        added = json.loads(seen.entries[-1][2]) if seen.entries else {}
        if seen.entries[:-1] != self.truth.journal(last) or added.get("kind") != "store.restored":
            return [f"the backup {name} is not the beginning of the journal"]
        cases = self.truth.beginnings[last].copy()
        cases.take(last + 1, "", added)
        return seen.faults + cases.check(seen)

    def cut(self, session):
        """Walks through the log until there are enough images, each pass at other moments."""
        known = set()
        for _ in range(PASSES_MAX):
            state = disk.Disk(session.start, self.plan.mutant)
            places = self.places()
            for place, record in enumerate(self.records):
                state.take(record)
                if place in places and self.count < self.until:
                    self.cut_here(state, place, known)
            if self.count >= self.until:
                break
        differences = state.differences(session.disk)
        if differences:
            self.faults.append(f"the recorder has missed what was done to {differences}")

    def places(self):
        """Moments: some while the store is made, the others at any time after."""
        made_at, last = self.truth.told.made_at, len(self.records)
        count = self.plan.images // 2 + 1
        early = {self.random.randrange(made_at + 1) for _ in range(count // 10 + 1)}
        return early | {self.random.randrange(made_at, last) for _ in range(count)}

    def cut_here(self, state, place, known):
        """Images of this moment, each another one."""
        tries = 1 if state.is_settled() else IMAGES_PER_CUT
        for _ in range(tries):
            image, choice = state.image(self.random)
            if (place, choice) not in known:
                known.add((place, choice))
                self.tally["between writes and their sync"] += tries > 1
                self.check(image, place)

    def check(self, image, place):
        folder = self.folder / "image"
        opened, backups = keeping.set_backups_aside(image)
        disk.lay_out(opened, folder)
        word = "look" if self.count % self.plan.works_on_every else "go-on"
        lines, status = self.recoverer.ask(word, folder)
        seen, cut = facts.openings(lines), self.truth.told.at(place)
        faults = self.truth.check(seen, cut, status)
        faults += self.truth.check_files(seen, opened, folder)
        faults += self.backups.check(backups, cut.done)
        self.count += 1
        if faults and len(self.faults) < self.plan.shown:
            kept = self.folder / f"image-{self.count}"
            disk.lay_out(image, kept)
            self.faults.append(f"{kept.name}, cut at {place}: " + "; ".join(faults[:3]))
        self.failed_count += bool(faults)
        self.tally["that worked on"] += word == "go-on"
        self.tally["without a store yet"] += "store" not in image
        self.tally["with documents under way"] += seen[0].under_way > 0
        self.tally["document looks"] += sum(len(held) for look in seen for held in look.documents.values())
        if "store" in image and (not self.has_store or self.random.random() < 0.1):
            self.has_store = image


class Plan:
    """What the trials share; passed to other processes."""

    def __init__(self, options, folder):
        self.session_count = max(SESSIONS_MIN, options.images // IMAGES_PER_SESSION)
        self.images = -(-options.images // self.session_count)
        self.seconds = SECONDS
        self.works_on_every = 1 if options.images <= IMAGES_SHORT else 3
        self.folder, self.mutant, self.shown = str(folder), options.mutant, FAULTS_SHOWN


def run_trial(task):
    plan, seed = task
    trial = Trial(plan, seed)
    try:
        trial.run()
    except Exception as fault:  # pylint: disable=broad-except
        trial.faults.append(f"{type(fault).__name__}: {fault}")
    trial.tally.update(images=trial.count, failed=trial.failed_count)
    return seed, trial.tally, trial.faults


def run_trials(plan, seed, jobs):
    """Every session; what came of them, counted."""
    tasks = [(plan, seed + i) for i in range(plan.session_count)]
    total = collections.Counter()
    with multiprocessing.Pool(jobs) as pool:
        for number, tally, faults in pool.imap_unordered(run_trial, tasks):
            for fault in faults:
                print(f"seed {number}: {fault}", flush=True)
            total += tally
            # A session that went wrong by itself is a failure, too.
            total["failed"] += bool(faults) and not tally["failed"]
            if sys.stderr.isatty():
                print(f"seed {number}: {tally['images']} images", flush=True)
    return total


def room():
    """Memory where there is some: images come and go by the thousand."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def battery(options):
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="sankofa-cut-", dir=room()))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"power-cut: {options.images} images, --seed {options.seed}", flush=True)
    plan = Plan(options, folder)
    total = run_trials(plan, options.seed, options.jobs)
    failed = total["failed"]
    details = ", ".join(f"{total[name]} {name}" for name in SHOWN)
    print(
        f"power-cut: {plan.session_count} seeds, {total['told']} facts told, {total['erasures']} "
        f"erasures, {total['rotations']} rotations, {total['backups']} backups, {total['documents']} "
        f"documents, read {total['document looks']} times; images: {details}"
    )
    if failed:
        print(f"power-cut: sessions with faults are kept in {folder}")
    elif not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{total['images'] - failed} passed, {failed} failed")
    return 1 if failed else 0


def self_test(options):
    """Each rule is broken in turn, and that must be seen."""
    missed = []
    for mutant in MUTANTS:
        options.mutant = mutant
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sankofa-cut-", dir=room()))
        plan = Plan(options, folder)
        plan.session_count, plan.images, plan.shown = 2, 60, 60
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            run_trials(plan, options.seed, options.jobs)
        # Only what an image shows counts: a session that went wrong has caught nothing.
        said = output.getvalue().splitlines()
        shown = [line for line in said if "image-" in line]
        shown.sort(key=lambda line: "LOST" not in line)
        missing = f"NOT CAUGHT; a session went wrong: {said[0]}" if said else "NOT CAUGHT"
        print(f"self-test: {mutant}: {shown[0] if shown else missing}"[:300], flush=True)
        missed += [] if shown else [mutant]
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("images", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="keep the sessions' folders here")
    parser.add_argument("--mutant", choices=MUTANTS)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    return self_test(options) if options.self_test else battery(options)


if __name__ == "__main__":
    sys.exit(main())
