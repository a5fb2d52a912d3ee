#!/usr/bin/env python3
"""kill -9 at a random moment under load, again and again: nothing acknowledged is lost.

    kill9.py ROUNDS [--seed N] [--jobs J] [--keep DIR]
    kill9.py --self-test [--seed N]

A round:
 1. Clients open cases and trigger events, each with an Idempotency-Key, and look at cases; each keeps
    what it is told.
 2. The daemon is killed at a random moment, sometimes again while it starts, and started.
 3. What was in flight is repeated with its key: it has happened once by now, or is refused.
 4. Every acknowledged fact must be there: its entry by its seq, the states it was told, the case
    at that revision or a later one, its repeat with the same seq. No entry may be there twice, or
    be of a request that was refused; sums in the data must be the sums of the entries. Whoever
    was shown a case must be among those who read it.
A daemon lives through ROUNDS_MAX rounds on one store, so that a long battery has many stores, a few
at a time. At its end every case of every round is looked at once more, and none may be stuck.

--self-test takes one entry out of a history that was read: the round must notice it.
"""

import argparse
import collections
import http.client
import multiprocessing
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from daemon import Connection, Daemon, headers_of  # pylint: disable=wrong-import-position

CLIENTS = 8
SHARED_CASES = 2  # that all clients work on
SHARED_FACTS = 300  # until others take their place
LOAD_S = (0.03, 0.4)
ROUNDS_MAX = 100  # of one store
OLD_CASES = 5  # of earlier rounds, looked at in each round
LOOKS = 0.1  # of what a client does
REPEATS = 4  # acknowledged requests of a case that are repeated in each round
QUIET_S = 20
PEOPLE = {f"clerk{i}": {"roles": ["clerk"]} for i in range(CLIENTS)}
PEOPLE["ada"] = {"roles": ["administrator"]}
PEOPLE["aud"] = {"roles": ["auditor"]}
GONE = (http.client.HTTPException, OSError)
TRANSITIONS = "/v1/cases/{}/transitions/{}"

# What a client does next: event, and how often.
EVENTS = [("add", 50), ("confirm", 25), ("pause", 6), ("resume", 6), ("issue", 8), ("open", 2)]


class Request:
    """One write, with the key that makes it safe to repeat, and what came of it."""

    def __init__(self, who, number, event, case, amount):
        self.who, self.event, self.case = who, event, case
        self.key = f"{who}-{number}"
        self.amount = amount if event in ("add", "confirm") else 0
        self.body = {"comment": self.key}
        if event == "open":
            self.path = "/v1/cases"
            self.body.update(workflow="ledger", data={"note": "n" * 60})
        else:
            self.path = TRANSITIONS.format(case, event)
            self.body["data"] = {"amount": amount} if self.amount else {}
        self.seq = self.states = None

    def send(self, connection):
        return connection.ask("POST", self.path, self.body, headers_of(self.who, self.key))

    def acknowledge(self, answer):
        """Keeps what it was told; a problem, where the answer is none that may come."""
        if answer.status in (200, 201):
            self.seq, self.case = answer.body["seq"], answer.body["code"]
            # A repeat tells the states as they are now, which may be later ones.
            is_repeat = answer.headers.get("Idempotent-Replayed") == "true"
            self.states = None if is_repeat else answer.body["states"]
            return ""
        if answer.status in (409, 503):
            return ""
        return f"{self.key} {self.event}: {answer}"


class Client(threading.Thread):
    """Writes until the daemon is gone."""

    def __init__(self, model, number, seed):
        super().__init__(daemon=True)
        self.model, self.who = model, f"clerk{number}"
        self.random = random.Random(seed)
        self.acknowledged, self.faults = [], []
        self.in_flight = None
        self.shown = set()  # cases
        self.case = model.own_case.get(self.who)

    def next_request(self):
        event = self.random.choices(*zip(*EVENTS))[0]
        shared = self.model.shared
        case = self.random.choice(shared) if shared and self.random.random() < 0.3 else self.case
        event = event if case else "open"
        return Request(self.who, self.model.number(), event, case, self.random.randint(1, 1000))

    def look(self, connection):
        answer = connection.ask("GET", f"/v1/cases/{self.case}", None, headers_of(self.who))
        if answer.status == 200:
            self.shown.add(self.case)
        else:
            self.faults.append(f"{self.case} was not shown: {answer}")

    def run(self):
        connection = Connection(self.model.daemon.staff)
        try:
            while not self.faults:
                if self.case and self.random.random() < LOOKS:
                    self.look(connection)
                self.in_flight = self.next_request()
                fault = self.in_flight.acknowledge(self.in_flight.send(connection))
                self.faults += [fault] if fault else []
                if self.in_flight.seq is not None:
                    self.acknowledged.append(self.in_flight)
                    if self.in_flight.event == "open":
                        self.case = self.in_flight.case
                self.in_flight = None
        except GONE:
            pass  # killed
        finally:
            connection.close()


class Model:
    """What was acknowledged, by case, and the daemon that must know it."""

    def __init__(self, daemon, generator):
        self.daemon, self.random = daemon, generator
        self.facts = collections.defaultdict(list)  # case -> requests that happened
        self.own_case, self.shared = {}, []
        self.count, self.lock = 0, threading.Lock()
        self.acknowledged = self.in_doubt = self.looks = 0
        self.drops_entry, self.dropped = False, 0
        self.began = 0  # the last entry when the daemon was started

    def number(self):
        with self.lock:
            self.count += 1
            return self.count

    # ---- A round.

    def load(self):
        """Clients at work until the daemon is killed. The clients."""
        clients = [Client(self, i, self.random.random()) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(self.random.uniform(*LOAD_S))
        died = not self.daemon.is_running()
        self.daemon.kill()
        for client in clients:
            client.join(30)
            if client.is_alive():
                client.faults.append(f"{client.who} still waits for an answer")
        if died:
            clients[0].faults.append("the daemon ended by itself")
        return clients

    def start_again(self):
        if self.random.random() < 0.25:
            self.daemon.start(wait=False)
            time.sleep(self.random.uniform(0, 0.06))
            self.daemon.kill()
        self.daemon.start()
        self.began = self.daemon.get("/v1/status").body["seq"]

    def settle(self, request):
        """Repeats what was in flight. A fault, or ""."""
        fault = request.acknowledge(request.send(self.daemon.connection(self.daemon.staff)))
        if request.seq is not None:
            self.facts[request.case].append(request)
        return fault

    def round(self):
        """One round; its faults."""
        began = self.began
        clients = self.load()
        self.start_again()
        faults, touched = self.check_reads(clients, began), set()
        for client in clients:
            faults += client.faults
            for request in client.acknowledged:
                self.facts[request.case].append(request)
                touched.add(request.case)
            self.acknowledged += len(client.acknowledged)
            self.own_case[client.who] = client.case
        for request in [client.in_flight for client in clients if client.in_flight]:
            self.in_doubt += 1
            fault = self.settle(request)
            faults += [fault] if fault else []
            touched |= {request.case} & self.facts.keys()
        # A long history takes long to read: the shared cases are changed for others in time.
        if all(len(self.facts[case]) > SHARED_FACTS for case in self.shared):
            self.shared = self.random.sample(sorted(touched), min(SHARED_CASES, len(touched)))
        old = sorted(self.facts.keys() - touched)
        touched |= set(self.random.sample(old, min(OLD_CASES, len(old))))
        for case in sorted(touched):
            faults += self.check_case(case)
        return faults

    # ---- What must be true.

    def history(self, case):
        entries, cursor = [], ""
        while True:
            answer = self.daemon.get(f"/v1/cases/{case}/history?limit=200{cursor}", who="clerk0")
            if answer.status != 200:
                return []
            entries = answer.body["entries"] + entries
            if "cursor" not in answer.body:
                break
            cursor = f"&cursor={answer.body['cursor']}"
        if self.drops_entry:
            told = [entry for entry in entries if entry.get("comment")]
            self.dropped = self.dropped or self.random.choice(told)["seq"]
            entries = [entry for entry in entries if entry["seq"] != self.dropped]
        return entries

    def read_case(self, case):
        """The case and its history; read anew where a timer or a step has come between."""
        for _ in range(20):
            shown = self.daemon.get(f"/v1/cases/{case}", who="clerk0")
            entries = self.history(case)
            if shown.status != 200 or (entries and entries[-1]["seq"] == shown.body["revision"]):
                break
        return shown, entries

    def check_reads(self, clients, began):
        """Each start forgets who was written down: whoever was shown a case was so since then."""
        faults = []
        for case in sorted(set().union(*(client.shown for client in clients))):
            answer = self.daemon.get(f"/v1/cases/{case}/reads?limit=200", who="aud")
            reads = answer.body["reads"] if answer.status == 200 else []
            written = {read["by"] for read in reads if read["seq"] > began}
            shown = {client.who for client in clients if case in client.shown}
            faults += [f"LOST: {who} was shown {case}, unwritten" for who in sorted(shown - written)]
        self.looks += sum(len(client.shown) for client in clients)
        return faults

    def check_case(self, case):
        shown, entries = self.read_case(case)
        if shown.status != 200:
            return [f"{case} is lost: {shown}"]
        by_comment = {entry["comment"]: entry for entry in entries if entry.get("comment")}
        # A case keeps its last keys alone: the newest requests are those that can be repeated.
        facts = sorted(self.facts[case], key=lambda fact: fact.seq)
        faults = check_entries(case, entries)
        for fact in facts:
            faults += check_fact(fact, by_comment.get(fact.key))
        unknown = by_comment.keys() - {fact.key for fact in facts}
        faults += [f"{case}: {key} was not acknowledged and is there" for key in unknown]
        faults += check_case_whole(case, shown.body, facts, entries)
        for fact in facts[-REPEATS:]:
            faults += self.check_repeat(fact)
        return faults

    def check_repeat(self, fact):
        answer = fact.send(self.daemon.connection(self.daemon.staff))
        if answer.status not in (200, 201) or answer.body["seq"] != fact.seq:
            return [f"{fact.case}: the repeat of {fact.key} (seq {fact.seq}) got {answer}"]
        if answer.headers.get("Idempotent-Replayed") != "true":
            return [f"{fact.case}: the repeat of {fact.key} was carried out"]
        return []

    def check_all(self):
        """Every case of every round, once all of them are at rest."""
        faults, end = [], time.monotonic() + QUIET_S
        for case in sorted(self.facts):
            while True:
                shown = self.daemon.get(f"/v1/cases/{case}", who="clerk0")
                states = [state["id"] for state in shown.body.get("states", [])]
                if states == ["counting"] or time.monotonic() > end:
                    break
                time.sleep(0.05)
            if states != ["counting"]:
                faults.append(f"{case} is stuck in {states}")
            faults += self.check_case(case)
        return faults


def check_entries(case, entries):
    """The chain by itself: in order, and no request twice."""
    seqs = [entry["seq"] for entry in entries]
    faults = [] if seqs == sorted(set(seqs)) else [f"{case}: seqs are not in order: {seqs}"]
    comments = collections.Counter(e["comment"] for e in entries if e.get("comment"))
    faults += [f"{case}: {key} happened {n} times" for key, n in comments.items() if n > 1]
    return faults


def check_fact(fact, entry):
    if entry is None:
        return [f"LOST: {fact.case} seq {fact.seq} {fact.event} ({fact.key}): no such entry"]
    event = "case.open" if fact.event == "open" else fact.event
    told = (fact.seq, event, fact.who, fact.states or entry.get("states"))
    found = (entry["seq"], entry.get("event"), entry.get("by"), entry.get("states"))
    return [] if told == found else [f"{fact.case}: {fact.key} was told {told}, now it is {found}"]


def check_case_whole(case, shown, facts, entries):
    """The snapshot agrees with the entries: nothing by half."""
    faults = []
    newest = max((fact.seq for fact in facts), default=0)
    if shown["revision"] < newest:
        faults.append(f"LOST: {case} is at {shown['revision']}, seq {newest} was acknowledged")
    if not entries or entries[-1]["seq"] != shown["revision"]:
        faults.append(f"{case}: revision {shown['revision']} is not its last entry's")
    elif entries[-1]["states"] != [state["id"] for state in shown["states"]]:
        faults.append(f"{case}: its states are not those of its last entry")
    done = sum(1 for entry in entries if entry.get("outcome") == "done")
    sums = {"total": total(facts, "add"), "confirmed": total(facts, "confirm"), "issued": done}
    for field, expected in sums.items():
        if shown["data"].get(field) != expected:
            faults.append(f"{case}: {field} is {shown['data'].get(field)}, not {expected}")
    return faults


def total(facts, event):
    return sum(fact.amount for fact in facts if fact.event == event)


def open_model(daemon, generator):
    daemon.start()
    loaded = daemon.load(HERE / "ledger.yaml", who="ada")
    if loaded.status != 201:
        raise RuntimeError(f"ledger.yaml was not loaded: {loaded}")
    return Model(daemon, generator)


def run_rounds(model, count):
    """The number of rounds that found a fault that no round before them had found."""
    failed, known = 0, set()
    for number in range(1, count + 1):
        faults = sorted(set(model.round()) - known)
        known |= set(faults)
        failed += bool(faults)
        for fault in faults[:10]:
            print(f"round {number}: {fault}", flush=True)
    return failed


def run_store(task):
    """Some rounds on a store of its own: (rounds, failed ones, acknowledged, in doubt, cases, looks)"""
    seed, count, folder = task
    folder = pathlib.Path(folder) / f"seed-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    with Daemon(PEOPLE, ["probe"], folder=folder) as daemon:
        model = open_model(daemon, random.Random(seed))
        failed = run_rounds(model, count)
        faults = model.check_all()
    for fault in faults[:20]:
        print(f"seed {seed}, at the end: {fault}", flush=True)
    failed = max(failed, bool(faults))
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    return count, failed, model.acknowledged, model.in_doubt, len(model.facts), model.looks


def run_battery(options, folder):
    """Every store; what came of them, added up."""
    most = min(ROUNDS_MAX, -(-options.rounds // options.jobs))
    tasks = [
        (options.seed + i, min(most, options.rounds - first), folder)
        for i, first in enumerate(range(0, options.rounds, most))
    ]
    totals = [0] * 6
    with multiprocessing.Pool(min(options.jobs, len(tasks))) as pool:
        for counts in pool.imap_unordered(run_store, tasks):
            totals = [total + count for total, count in zip(totals, counts)]
            rounds, failed, acknowledged, in_doubt, _, _ = totals
            print(
                f"round {rounds}: {acknowledged} acknowledged, {in_doubt} in doubt, {failed} failed",
                flush=True,
            )
    return totals


def self_test(seed):
    """A round that must notice an entry that is missing."""
    with Daemon(PEOPLE, ["probe"]) as daemon:
        model = open_model(daemon, random.Random(seed))
        if any(model.round() for _ in range(2)):
            print("self-test: a round failed before anything was taken away")
            return 1
        model.drops_entry = True
        faults = [fault for fault in model.round() if "LOST" in fault]
    print(f"self-test: {faults[0] if faults else 'the missing entry was not noticed'}")
    return 0 if faults else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("rounds", type=int, nargs="?", default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="keep the daemons' folders here")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()

    if options.self_test:
        return self_test(options.seed)
    print(f"kill9: {options.rounds} rounds, --seed {options.seed}", flush=True)
    folder = options.keep or tempfile.mkdtemp(prefix="sankofa-kill9-")
    rounds, failed, acknowledged, _, cases, looks = run_battery(options, folder)
    if failed:
        print(f"kill9: stores and logs of failed rounds are kept in {folder}")
    elif not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"kill9: {acknowledged} acknowledged, {cases} cases, {looks} times shown and written down")
    print(f"{rounds - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
