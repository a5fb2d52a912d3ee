#!/usr/bin/env python3
"""Every system call of a daemon made to fail, one after the other: no lie, nothing lost, a word.

    faults.py [--only CALL[,CALL...]] [--jobs J] [--keep DIR]
    faults.py --self-test

 1. A run without faults is counted: a start, transitions, a snapshot, a new case, reads, a stop;
    and --init by itself.
 2. For each kind of call, each one of its calls and each error that it may give, the run is made
    anew on a copy of the store, with that fault (fault.c).
 3. The store is opened by the engine's own recovery without faults, works on, and is compared with
    what was told: all that was acknowledged is there, nothing that was refused, nothing by half. No
    request may stall, and what went wrong must stand in the log.

The last line counts runs.
"""

import argparse
import collections
import http.client
import json
import multiprocessing
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import facts  # pylint: disable=wrong-import-position
from load import BUILD, Connection, Daemon, headers_of  # pylint: disable=wrong-import-position
from power_cut import Recoverer, room  # pylint: disable=wrong-import-position

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}
READY_S, REQUEST_S, STOP_S = 15, 5, 20
TRIES = 3  # of a fault whose call did not come this time
SHOWN_MAX = 40
GONE = (http.client.HTTPException, OSError)

WRITES = ["EIO", "ENOSPC", "EINTR", "short", "EIO+", "ENOSPC+"]
READS = ["EIO", "EINTR", "short"]
SYNCS = ["EIO", "ENOSPC", "EINTR", "EIO+"]
NAMES = ["EIO", "ENOSPC", "EACCES"]
FAULTS = {
    # Files.
    "openat": ["EIO", "ENOSPC", "EMFILE", "EACCES", "EINTR"],
    "read": READS,
    "pread64": READS,
    "write": ["EIO", "ENOSPC", "EINTR", "short"],  # for ever: no word could be written either
    "pwrite64": WRITES,
    "writev": WRITES,
    "pwritev": WRITES,
    "fsync": SYNCS,
    "fdatasync": SYNCS,
    "ftruncate": ["EIO", "ENOSPC", "EINTR"],
    "lseek": ["EIO"],
    "fstat": ["EIO"],
    "newfstatat": ["EIO", "EACCES"],
    "fstatfs": ["EIO", "EINTR"],
    "statfs": ["EIO", "EINTR"],
    "flock": ["EIO", "EINTR"],
    "fcntl": ["EIO", "EINTR"],
    "close": ["EIO", "ENOSPC", "EINTR"],
    "access": ["EIO", "EACCES"],
    "faccessat2": ["EIO", "EACCES"],
    "readlink": ["EIO"],
    "chmod": ["EIO"],
    "mkdir": NAMES,
    "renameat2": NAMES,
    "unlink": ["EIO"],
    "rmdir": ["EIO"],
    # Sockets and the loop.
    "socket": ["EMFILE", "EACCES"],
    "connect": ["EIO", "EINTR"],
    "bind": ["EIO", "EACCES"],
    "listen": ["EIO"],
    "accept4": ["EIO", "EINTR", "EMFILE", "ECONNABORTED"],
    "recvfrom": READS,
    "sendto": ["EIO", "EINTR", "EPIPE", "short"],
    "sendmsg": ["EIO", "EINTR", "EPIPE"],
    "getsockopt": ["EIO"],
    "setsockopt": ["EIO"],
    "getsockname": ["EIO"],
    "shutdown": ["EIO"],
    "epoll_create1": ["EMFILE"],
    "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "epoll_wait": ["EINTR"],
    "epoll_pwait": ["EINTR"],
    "poll": ["EINTR"],
    "eventfd2": ["EMFILE"],
    "pipe2": ["EMFILE"],
    "ioctl": ["EIO"],
    # Memory, threads, chance, limits.
    "mmap": ["ENOMEM"],
    "munmap": ["ENOMEM"],
    "mprotect": ["ENOMEM"],
    "mremap": ["ENOMEM"],
    "brk": ["ENOMEM"],
    "mlock": ["ENOMEM", "EPERM"],
    "mlock2": ["ENOMEM", "EPERM"],
    "clone": ["EAGAIN"],
    "clone3": ["EAGAIN"],
    "getrandom": ["EIO", "EINTR", "ENOSYS"],
    "prlimit64": ["EPERM"],
    "prctl": ["EPERM"],
}
# These do not fail as they are used here, or failing is libc's own affair.
SPARED = {"futex", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "umask", "uname"}
SPARED |= {"rt_sigaction", "rt_sigprocmask", "set_robust_list", "rseq", "sched_yield", "madvise"}
SPARED |= {"exit", "exit_group", "rt_sigreturn", "restart_syscall", "sched_getaffinity", "sysinfo"}
SPARED |= {"clock_nanosleep", "tgkill", "wait4", "kill"}


# What fails is one client's connection, and its breaking tells that client all there is to tell.
TOLD_BY_BREAKING = {"recvfrom", "sendto", "sendmsg", "shutdown"}


class Run:
    """One life of a daemon, with a fault or without, and what it told."""

    def __init__(self, folder, fault=()):
        self.folder, self.fault = folder, fault
        self.staff = folder / "staff.sock"
        self.acknowledged, self.refused, self.shown = [], [], []
        self.problems = []  # what a person would notice
        self.stalls = []
        self.status = None

    def start(self, *options):
        command = ["setpriv", "--pdeathsig", "KILL", str(BUILD / "tests/crash/crash-fault")]
        command += [str(self.folder / "counts"), *map(str, self.fault), "--"]
        command += [str(BUILD / "sankofad"), "--config", str(self.folder / "sankofad.yaml")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                command + list(options), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self, seconds):
        try:
            self.status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stalls.append(f"it still runs after {seconds} s")
            self.process.kill()
            self.process.wait()
        if self.status != 0:
            self.problems.append(f"status {self.status}")

    def is_ready(self):
        """Whether its socket takes connections before it ends."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            connection = Connection(self.staff, timeout=REQUEST_S)
            try:
                connection.connect()
                return True
            except OSError:
                time.sleep(0.002)
            finally:
                connection.close()
        self.stalls.append(f"it is not ready after {READY_S} s")
        return False

    def serve(self, cases):
        self.start()
        if self.is_ready():
            self.connection = Connection(self.staff, timeout=REQUEST_S)
            for number, case in enumerate(cases):
                self.write(f"add-{number}", case, "add", {"amount": 1000 + number})
            self.read(f"/v1/cases/{cases[0]}")
            self.write("opening", None, "case.open", {"note": "o" * 3000})
            self.write("writing", cases[1], "write", {"note": "w" * 3000})
            self.read("/v1/cases")
            self.read(f"/v1/cases/{cases[0]}/history")
            self.connection.close()
            self.process.send_signal(signal.SIGTERM)
        self.wait(STOP_S)

    def ask(self, method, path, body=None, key=None):
        """The answer; None where there was none."""
        if self.process.poll() is not None:
            self.problems.append(f"{path}: nobody is there")
            return None
        try:
            return self.connection.ask(method, path, body, headers_of("awa", key))
        except TimeoutError:
            self.stalls.append(f"{method} {path}: no answer after {REQUEST_S} s")
        except GONE as fault:
            self.problems.append(f"{path}: {type(fault).__name__}")
        self.connection.close()
        return None

    def write(self, key, case, event, data):
        path = f"/v1/cases/{case}/transitions/{event}" if case else "/v1/cases"
        body = {"data": data, "comment": key, **({} if case else {"workflow": "faults"})}
        answer = self.ask("POST", path, body, key)
        if answer is None:
            return
        if answer.status in (200, 201):
            fact = {"seq": answer.body["seq"], "event": event, "comment": key, "by": "awa"}
            self.acknowledged.append({**fact, "states": answer.body["states"]})
        else:
            self.refused.append(key)
            self.problems.append(f"{key}: {answer.status} {answer.code}")
            if not answer.code:
                self.stalls.append(f"{key} got no problem but {answer}")

    def read(self, path):
        answer = self.ask("GET", path)
        if answer is None:
            return
        if answer.status == 200:
            self.shown += [int(seq) for seq in revealed(answer.raw)]
        else:
            self.problems.append(f"{path}: {answer.status} {answer.code}")

    def counts(self):
        lines = (self.folder / "counts").read_text(encoding="utf-8").split("\n")
        return {name: int(count) for name, count in (line.split() for line in lines if line)}

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def revealed(raw):
    return [a or b for a, b in facts.REVEALED.findall(raw)]


# ---- What must be true afterwards.

WORDS = ("error ", "warning ", "error[", "sankofad:", "sankofa:", "libc", "Fatal", "terminate")


def check_word(run):
    """What went wrong must stand in the log."""
    if not run.problems or (run.fault and run.fault[0] in TOLD_BY_BREAKING and run.status == 0):
        return []
    lines = [line for line in run.log().split("\n") if "store.disk_volatile" not in line]
    if any(line.startswith(WORDS) or ": error" in line for line in lines):
        return []
    return [f"no word of it in the log ({'; '.join(run.problems[:3])})"]


def check_store(run, base, recoverer):
    """The store after the run, against what was told before and in it."""
    lines, status = recoverer.ask("go-on", run.folder)
    seen = facts.openings(lines)
    first = seen[0]
    if not first.results.get("wheel", "").startswith("0") or status != "0":
        return [f"it does not open: {first.results} (end {status})", *first.faults[:3]]
    faults = list(first.faults)
    if first.entries[: len(base)] != base:
        return ["what was there before has changed"]
    cases = facts.Cases()
    by_comment = collections.Counter()
    for seq, case, body in first.entries:
        entry = json.loads(body)
        cases.take(seq, case, entry)
        by_comment[entry.get("comment")] += seq > len(base)
    faults += cases.check(first)
    faults += [f"{key} was refused, and is there" for key in run.refused if by_comment[key]]
    faults += [f"{key} is there {n} times" for key, n in by_comment.items() if key and n > 1]
    for fact in run.acknowledged:
        faults += check_fact(fact, first.entries)
    if run.shown and max(run.shown) > len(first.entries):
        faults.append(f"LOST: {max(run.shown)} was shown, the journal ends at {len(first.entries)}")
    for later in seen[1:]:
        faults += later.faults
        if later.entries[: len(first.entries)] != first.entries:
            faults.append("working on has changed the journal")
    return faults


def check_fact(fact, entries):
    if fact["seq"] > len(entries):
        return [f"LOST: {fact['comment']} was acknowledged as {fact['seq']}"]
    entry = json.loads(entries[fact["seq"] - 1][2])
    found = {name: entry.get(name) for name in fact if name != "seq"} | {"seq": fact["seq"]}
    return [] if found == fact else [f"told {fact}, found {found}"]


def check_init(run, recoverer):
    """--init may be repeated, or has made a store; never something between."""
    was_told = run.status == 0
    lines, status = recoverer.ask("go-on", run.folder)
    first = facts.openings(lines)[0]
    if was_told and first.is_new:
        return ["LOST: --init has told of a store that is not there"]
    if status != "0":
        return [f"--init cannot be repeated: {first.results} (end {status})", *first.faults[:3]]
    return list(first.faults)


# ---- Trials.


class Base:
    """A store with two cases, each one entry before its snapshot, and its configuration."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        with Daemon(PEOPLE, [], folder=folder) as daemon:
            daemon.settings["map_bytes"] = 64 << 20
            daemon.write_config()
            daemon.start()
            answer = daemon.load(HERE / "faults.yaml", who="ada")
            if answer.status != 201:
                raise RuntimeError(f"faults.yaml was not loaded: {answer}")
            self.cases = [self.open_case(daemon, count) for count in (6, 7)]
            if daemon.stop() != 0:
                raise RuntimeError(daemon.log())
        (folder / "sankofad.log").unlink()
        recoverer = Recoverer()
        copy = folder.parent / "base-copy"
        shutil.copytree(folder, copy)
        lines, status = recoverer.ask("look", copy)
        shutil.rmtree(copy)
        recoverer.close()
        self.entries = facts.openings(lines)[0].entries
        if status != "0" or len(self.entries) < 15:
            raise RuntimeError(f"the base does not open: {status}")

    def open_case(self, daemon, count):
        body = {"workflow": "faults", "data": {"note": "n"}}
        code = daemon.post("/v1/cases", body, "awa").body["code"]
        for _ in range(count):
            data = {"data": {"amount": 1}}
            daemon.post(f"/v1/cases/{code}/transitions/add", data, "awa")
        return code


def run_once(base, folder, scenario, fault):
    """A run with that fault on a fresh copy."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.folder, folder)
    run = Run(folder, fault)
    if scenario == "serve":
        run.serve(base.cases)
    else:
        shutil.rmtree(folder / "store")
        (folder / "key").unlink()
        run.start("--init", "--demo")
        run.wait(STOP_S)
    return run


WORKER = {}  # of this process


def run_fault(task):
    """What came of one fault: whether its call came, and the faults found."""
    base, scenario, fault = task
    if not WORKER:
        WORKER["folder"] = base.folder.parent / f"run-{os.getpid()}"
        WORKER["recoverer"] = Recoverer()
    name, number, _ = fault
    for _ in range(TRIES):
        run = run_once(base, WORKER["folder"], scenario, fault)
        if run.stalls or run.counts().get(name, 0) >= number:
            break
    else:
        return scenario, fault, False, [], []
    found = run.stalls + check_word(run)
    if scenario == "serve":
        found += check_store(run, base.entries, WORKER["recoverer"])
    else:
        found += check_init(run, WORKER["recoverer"])
    if found:
        found.append("log: " + " | ".join(run.log().strip().split("\n")[-4:])[:600])
    return scenario, fault, True, found, run.problems


def plan(base, folder, only):
    """Every fault of every call of every scenario."""
    tasks = []
    for scenario in ("serve", "init"):
        run = run_once(base, folder, scenario, ())
        if run.problems or run.stalls:
            raise RuntimeError(f"without a fault: {run.problems} {run.stalls} {run.log()}")
        counts = run.counts()
        unknown = counts.keys() - FAULTS.keys() - SPARED
        if unknown:
            raise RuntimeError(f"calls that no fault is named for: {sorted(unknown)}")
        words = " ".join(f"{name}:{counts[name]}" for name in sorted(counts.keys() - SPARED))
        print(f"{scenario}: {words}", flush=True)
        for name in sorted(counts.keys() & FAULTS.keys()):
            if only and name not in only:
                continue
            for number in range(1, counts[name] + 1):
                tasks += [(base, scenario, (name, number, error)) for error in FAULTS[name]]
    return tasks


def battery(options, top):
    base = Base(top / "base")
    tasks = plan(base, top / "plain", options.only.split(",") if options.only else [])
    passed = failed = missed = noticed = 0
    with multiprocessing.Pool(options.jobs) as pool:
        for scenario, fault, came, found, problems in pool.imap_unordered(run_fault, tasks):
            missed += not came
            passed += came and not found
            failed += bool(found)
            noticed += bool(problems)
            if found and failed <= SHOWN_MAX:
                words = " ".join(map(str, fault))
                print(f"{scenario}, {words}: {'; '.join(found)}"[:1000], flush=True)
    print(f"faults: {noticed} noticed by people, {missed} whose call did not come")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", help="kinds of calls, with commas between")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="keep the base here")
    options = parser.parse_args()
    top = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="sankofa-fault-", dir=room()))
    try:
        return battery(options, top)
    finally:
        if not options.keep:
            shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
