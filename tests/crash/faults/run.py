"""One life of a daemon in which something fails, what people were told in it, and what must be true
of its store afterwards.

What is done in such a life: scenarios.py.
"""

import collections
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import facts  # pylint: disable=wrong-import-position
import keeper  # pylint: disable=wrong-import-position
import keeping  # pylint: disable=wrong-import-position
from disk import read  # pylint: disable=wrong-import-position
from load import BUILD, Connection, Daemon, headers_of  # pylint: disable=wrong-import-position
from power_cut import Recoverer  # pylint: disable=wrong-import-position

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}, **keeper.PEOPLE}
READY_S, REQUEST_S, STOP_S = 20, 10, 20
GONE = (http.client.HTTPException, OSError)

# What fails is one client's connection, and its breaking tells that client all there is to tell.
TOLD_BY_BREAKING = {"recvfrom", "sendto", "sendmsg", "shutdown", "allocation", "allocation place"}
WORDS = ("error ", "warning ", "error[", "sankofad:", "sankofa:", "libc", "Fatal", "terminate")
# Nothing is damaged in these runs: whoever says so lies.
DAMAGE = re.compile(r"damaged|E816|E819|record_failed|errno=74|error=74|error[= ]\"?Bad message")


class Run:
    """One life of a daemon, with a fault or without, and what it told.

    A fault is (what, number, how): a kind of system call and its error, or "allocation" or
    "allocation place" (see fault.c and starve.c) with "once" or "on" for all that follow. Where it
    waits, nothing fails before begin_faults().
    """

    def __init__(self, folder, fault=(), waits=False):
        self.folder, self.fault, self.waits = folder, fault, waits
        self.staff = folder / "staff.sock"
        self.acknowledged, self.refused, self.shown = [], [], []
        self.done = []  # as the marks of keeper.py
        self.problems = []  # what a person would notice
        self.stalls = []
        self.status = None

    # ---- The daemon.

    def command(self):
        """The program that the daemon runs under, and variables for it."""
        what = self.fault[0] if self.fault else ""
        if not what.startswith("allocation"):
            fault = [str(BUILD / "tests/crash/crash-fault"), str(self.folder / "counts")]
            return [*fault, *map(str, self.fault), "--"], {}
        variables = {
            "LD_PRELOAD": str(BUILD / "tests/crash/starve.so"),
            "STARVE_COUNTS": str(self.folder / "counts"),
            "STARVE_AT": f"{self.fault[1]}{'+' if self.fault[2] == 'on' else ''}",
        }
        if what == "allocation place":
            variables["STARVE_PLACES"] = "1"
        return [], variables

    def start(self, *options):
        command, variables = self.command()
        if self.waits:
            variables["FAULT_WAITS"] = "1"
        command = ["setpriv", "--pdeathsig", "KILL", *command, str(BUILD / "sankofad")]
        command += ["--config", str(self.folder / "sankofad.yaml"), *options]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **variables},
                cwd=self.folder,
            )

    def begin_faults(self):
        """Whoever makes them hears it before anything else that the daemon is asked."""
        self.process.send_signal(signal.SIGUSR2)

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
                self.connection = Connection(self.staff, timeout=REQUEST_S)
                self.admin = Connection(self.folder / "admin.sock", timeout=REQUEST_S)
                return True
            except OSError:
                time.sleep(0.002)
            finally:
                connection.close()
        self.stalls.append(f"it is not ready after {READY_S} s")
        return False

    def stop(self):
        self.connection.close()
        self.admin.close()
        self.process.send_signal(signal.SIGTERM)

    # ---- People.

    def ask(self, method, path, body=None, key=None, who="awa"):
        """The answer; None where there was none. Nobody asks the socket of administrators."""
        connection = self.connection if who else self.admin
        if self.process.poll() is not None:
            self.problems.append(f"{path}: nobody is there")
            return None
        try:
            return connection.ask(method, path, body, headers_of(who, key))
        except TimeoutError:
            self.stalls.append(f"{method} {path}: no answer after {REQUEST_S} s")
        except GONE as fault:
            self.problems.append(f"{path}: {type(fault).__name__}")
        connection.close()
        return None

    def wait_for(self, path, who, is_over):
        """Asks until it is over; the last answer's body. None where there is none to wait for."""
        end = time.monotonic() + REQUEST_S
        while time.monotonic() < end:
            answer = self.ask("GET", path, who=who)
            if answer is None:
                return None
            if answer.status != 200:
                self.problems.append(f"{path}: {answer.status} {answer.code}")
                return None
            if is_over(answer.body):
                return answer.body
            time.sleep(0.005)
        self.stalls.append(f"{path}: not over after {REQUEST_S} s")
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
            if not answer.code and answer.status < 500:
                self.stalls.append(f"{key} got no problem but {answer}")

    def read(self, path):
        answer = self.ask("GET", path)
        if answer is None:
            return
        if answer.status == 200:
            self.shown += [int(seq) for seq in revealed(answer.raw)]
        else:
            self.problems.append(f"{path}: {answer.status} {answer.code}")

    # ---- What is left.

    def counts(self):
        """{} where it ended too early to count."""
        path = self.folder / "counts"
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines if line}

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def revealed(raw):
    return [a or b for a, b in facts.REVEALED.findall(raw)]


class Base:
    """A store with two cases, each one entry before its snapshot, and its configuration."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        with Daemon(PEOPLE, [], folder=folder) as daemon:
            daemon.settings["map_bytes"] = 64 << 20
            daemon.settings["backup_recipients"] = "recipients"
            daemon.write_config()
            recipient = daemon.run("admin", "backup-key", str(folder / "identity")).stdout
            (folder / "recipients").write_text(recipient, encoding="utf-8")
            daemon.start()
            answer = daemon.load(HERE / "faults.yaml", who="ada")
            if answer.status != 201:
                raise RuntimeError(f"faults.yaml was not loaded: {answer}")
            self.cases = [self.open_case(daemon, count) for count in (6, 7)]
            if daemon.stop() != 0:
                raise RuntimeError(daemon.log())
        (folder / "sankofad.log").unlink()
        self.entries = self.read_entries()
        self.slots = (folder / "store/slots").read_bytes()

    def read_entries(self):
        recoverer = Recoverer()
        copy = self.folder.parent / "base-copy"
        shutil.copytree(self.folder, copy)
        lines, status = recoverer.ask("look", copy)
        shutil.rmtree(copy)
        recoverer.close()
        entries = facts.openings(lines)[0].entries
        if status != "0" or len(entries) < 15:
            raise RuntimeError(f"the base does not open: {status}")
        return entries

    def open_case(self, daemon, count):
        body = {"workflow": "faults", "data": {"note": keeping.PLAIN}}
        code = daemon.post("/v1/cases", body, "awa").body["code"]
        for _ in range(count):
            data = {"data": {"amount": 1}}
            daemon.post(f"/v1/cases/{code}/transitions/add", data, "awa")
        return code


# ---- What must be true afterwards.


def check_words(run):
    """What went wrong must stand in the log, and nothing that did not."""
    told = [line for line in run.log().split("\n") if "store.disk_volatile" not in line]
    faults = [f"it lies: {line}" for line in told if DAMAGE.search(line)]
    faults += [f"it lies: {problem}" for problem in run.problems if DAMAGE.search(problem)]
    is_told = any(line.startswith(WORDS) or ": error" in line for line in told)
    breaks = run.fault and run.fault[0] in TOLD_BY_BREAKING and run.status == 0
    if run.problems and not is_told and not breaks:
        faults.append(f"no word of it in the log ({'; '.join(run.problems[:3])})")
    return faults


def held_by(run):
    """{name: bytes} of the store's files."""
    return read(run.folder / "store")


def check_store(run, base, recoverer):
    """The store after the run, against what was told before and in it."""
    held = held_by(run)
    lines, status = recoverer.ask("go-on", run.folder)
    seen = facts.openings(lines)
    first = seen[0]
    if not first.results.get("wheel", "").startswith("0") or status != "0":
        return [f"it does not open: {first.results} (end {status})", *first.faults[:3]]
    faults = list(first.faults)
    bodies = [{} if body == facts.ERASED else json.loads(body) for _, _, body in first.entries]
    erasures = keeping.Erasures(enumerate(bodies, 1))
    gone = set(erasures.ids.values())
    before = [
        (seq, case, facts.ERASED if case in gone else body) for seq, case, body in base.entries
    ]
    if first.entries[: len(before)] != before:
        return ["what was there before has changed"]
    cases = facts.Cases()
    by_comment = collections.Counter()
    bodies[: len(before)] = [json.loads(body) for _, _, body in base.entries]
    for (seq, case, _), entry in zip(first.entries, bodies):
        cases.take(seq, case, entry)
        by_comment[entry.get("comment")] += seq > len(before)
    faults += cases.check(first)
    faults += erasures.check_list(first.erased, len(bodies))
    faults += keeping.check_told(first, run.done)
    for _, code in erasures.begun:
        erasures.take_moment(code, base.slots)
    faults += [f"{key} was refused, and is there" for key in run.refused if by_comment[key]]
    faults += [f"{key} is there {n} times" for key, n in by_comment.items() if key and n > 1]
    for fact in run.acknowledged:
        faults += check_fact(fact, first.entries)
    if run.shown and max(run.shown) > len(first.entries):
        faults.append(f"LOST: {max(run.shown)} was shown, the journal ends at {len(first.entries)}")
    faults += erasures.check_files(held, set(first.erased_for_good()))
    for later in seen[1:]:
        faults += later.faults
        faults += erasures.check_files(held_by(run), set(later.erased))
        if later.entries[: len(first.entries)] != first.entries:
            faults.append("working on has changed the journal")
    return faults


def check_fact(fact, entries):
    if fact["seq"] > len(entries):
        return [f"LOST: {fact['comment']} was acknowledged as {fact['seq']}"]
    if entries[fact["seq"] - 1][2] == facts.ERASED:
        return []  # of an erased case
    entry = json.loads(entries[fact["seq"] - 1][2])
    found = {name: entry.get(name) for name in fact if name != "seq"} | {"seq": fact["seq"]}
    return [] if found == fact else [f"told {fact}, found {found}"]
