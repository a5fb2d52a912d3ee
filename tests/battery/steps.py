#!/usr/bin/env python3
"""The battery 'steps': many steps in flight over four plugins, their hosts killed at random.

    steps.py [N] [--seconds S] [--seed K]
    steps.py --self-test

N steps (left out: 10,000), four in each case, of four plugins: a and b are idempotent, c and d may
run only once. For S seconds (60) hosts are killed at random, by SIGKILL and by SIGSEGV, and half-way the daemon itself.
Each effect is a line that the plugin appends to a file it was granted. A step that is lost or quarantined waits for a person;
the battery is that person: it looks whether the effect is there, and settles the step by that.

In the end every step has ended exactly once in the journal, each idempotent one has its effect at
least once, each other exactly once, and none ran again by itself. The last line is "N passed, M
failed".
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from daemon import BUILD, Connection, Daemon, headers_of, plugin_entry  # noqa: E402

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}
STEPS = {"a": "count_a", "b": "count_b", "c": "count_c", "d": "count_d"}
ONCE = ("c", "d")
HOSTS = 4
CLIENTS = 8


def children(pid):
    """The processes of sankofa-host that this daemon has."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            words = pathlib.Path(f"/proc/{name}/stat").read_text(encoding="utf-8").rsplit(")", 1)
        except OSError:
            continue
        if int(words[1].split()[1]) == pid and "sankofa-host" in words[0]:
            found.append(int(name))
    return found


class Battery:
    """One daemon, and what was asked of it."""

    def __init__(self, daemon, effects_file, dice):
        self.daemon, self.effects_file, self.dice = daemon, effects_file, dice
        self.codes = {}  # id -> code
        self.kills = self.settled_done = self.settled_again = 0
        self.local = threading.local()

    def ask(self, method, path, body=None, key=None):
        """A request of this thread, repeated while the daemon is away."""
        for _ in range(400):
            try:
                if not hasattr(self.local, "connection"):
                    self.local.connection = Connection(self.daemon.staff)
                answer = self.local.connection.ask(method, path, body, headers_of("awa", key))
                if answer.status < 500:
                    return answer
            except OSError:
                self.forget()
            except Exception:  # pylint: disable=broad-except
                self.forget()
            time.sleep(0.05)
        raise RuntimeError(f"{method} {path} is not answered")

    def forget(self):
        if hasattr(self.local, "connection"):
            self.local.connection.close()
            del self.local.connection

    def open(self, number):
        answer = self.ask("POST", "/v1/cases", {"workflow": "steps-battery"}, key=f"case-{number}")
        if answer.status != 201:
            raise RuntimeError(f"a case was not opened: {answer}")
        return answer.body["code"]

    def open_all(self, count):
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            codes = list(pool.map(self.open, range(count)))
        return codes

    def effects(self):
        """How often each (case id, step) took effect."""
        counts = collections.Counter()
        for line in self.effects_file.read_text(encoding="utf-8").splitlines():
            case, _, step = line.split()[2].split(".")
            counts[(case, step)] += 1
        return counts

    # ---- Killing.

    def kill_one(self):
        hosts = children(self.daemon.process.pid) if self.daemon.process else []
        if hosts:
            try:
                os.kill(self.dice.choice(hosts), self.dice.choice([signal.SIGKILL, signal.SIGSEGV]))
                self.kills += 1
            except ProcessLookupError:
                pass

    def kill_for(self, seconds):
        begin, is_restarted = time.monotonic(), False
        while time.monotonic() - begin < seconds:
            self.kill_one()
            if not is_restarted and time.monotonic() - begin > seconds / 2:
                is_restarted = True
                self.daemon.kill()
                self.daemon.start()
            time.sleep(self.dice.uniform(0.02, 0.3))

    # ---- The person.

    def settle_case(self, code):
        """Settles what waits for a person in this case; True: the case is over."""
        body = self.ask("GET", f"/v1/cases/{code}").body
        effects = None
        for step in body["steps"]:
            if step["status"] not in ("lost", "quarantined"):
                continue
            effects = effects if effects is not None else self.effects()
            happened = effects[(body["id"], step["id"])] > 0
            outcome = "done" if step["status"] == "lost" and happened else "again"
            answer = self.ask(
                "POST",
                f"/v1/cases/{code}/steps/{step['id']}/settle",
                {"outcome": outcome, "reason": "looked for its effect"},
                key=f"{code}-{step['id']}-{step['since']}",
            )
            if answer.status != 200:
                raise RuntimeError(f"{code} {step['id']} was not settled: {answer}")
            self.settled_done += outcome == "done"
            self.settled_again += outcome == "again"
        return body["closed"]

    def finish(self, codes, seconds):
        """Settles until every case is over; those that are not in time."""
        end = time.monotonic() + seconds
        while codes and time.monotonic() < end:
            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                over = list(pool.map(self.settle_case, codes))
            codes = [code for code, is_over in zip(codes, over) if not is_over]
            time.sleep(0.2)
        return codes

    # ---- Looking.

    def history(self, code):
        entries, cursor = [], ""
        while True:
            query = f"limit=200{cursor}"
            body = self.ask("GET", f"/v1/cases/{code}/history?{query}").body
            entries = body["entries"] + entries
            if "cursor" not in body:
                return entries
            cursor = f"&cursor={body['cursor']}"

    def judge(self, code, effects):
        """The faults of one case."""
        body = self.ask("GET", f"/v1/cases/{code}").body
        entries = self.history(code)
        return faults_of(body["id"], entries, effects)


def faults_of(case, entries, effects):
    """What is wrong with a case's four steps, by its journal and the effects."""
    faults = []
    for step in STEPS:
        ends = [e for e in entries if e["event"] in (f"done.step.{step}", f"error.step.{step}")]
        failed = [e for e in ends if e["event"].startswith("error")]
        count = effects[(case, step)]
        if len(ends) != 1:
            faults.append(f"{case} {step}: ended {len(ends)} times in the journal")
        if failed:
            faults.append(f"{case} {step}: failed")
        if count < 1 or (step in ONCE and count != 1):
            faults.append(f"{case} {step}: took effect {count} times")
    return faults


def self_test():
    """A battery that cannot fail shows nothing."""
    good = [{"event": f"done.step.{step}"} for step in STEPS]
    effects = collections.Counter({("x", step): 1 for step in STEPS})
    assert not faults_of("x", good, effects)
    assert faults_of("x", good[:-1], effects) == ["x d: ended 0 times in the journal"]
    assert faults_of("x", good + good[:1], effects) == ["x a: ended 2 times in the journal"]
    doubled = effects + collections.Counter({("x", "c"): 1, ("x", "a"): 1})
    assert faults_of("x", good, doubled) == ["x c: took effect 2 times"]
    lost = effects - collections.Counter({("x", "b"): 1})
    assert faults_of("x", good, lost) == ["x b: took effect 0 times"]
    assert "x a: failed" in faults_of("x", [{"event": "error.step.a"}] + good[1:], effects)


def load(daemon, effects_file):
    """The workflow, with the file that its steps are given."""
    text = (HERE / "steps.yaml").read_text(encoding="utf-8").replace("EFFECTS", str(effects_file))
    file = daemon.folder / "steps.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = daemon.load(file, who="ada")
    if loaded.status != 201:
        raise RuntimeError(f"steps.yaml was not loaded: {loaded}")


def run(count, seconds, seed):
    """The whole battery; how many steps passed, and the faults."""
    shared = pathlib.Path(tempfile.mkdtemp(prefix="sankofa-effects-"))
    try:
        # Whoever the hosts run as may append.
        shared.chmod(0o711)
        (shared / "effects").touch()
        (shared / "effects").chmod(0o666)
        return run_in(shared / "effects", count, seconds, seed)
    finally:
        shutil.rmtree(shared)


def run_in(effects_file, count, seconds, seed):
    grant = {"files": {"write": [str(effects_file)]}}
    plugins = {
        name: plugin_entry(name, BUILD / f"tests/battery/{name}.so", hosts=HOSTS, grant=grant)
        for name in STEPS.values()
    }
    with Daemon(PEOPLE, plugins) as daemon:
        daemon.start()
        load(daemon, effects_file)
        battery = Battery(daemon, effects_file, random.Random(seed))
        codes = battery.open_all((count + 3) // 4)
        in_flight = daemon.get("/v1/status").body["calls"]
        battery.kill_for(seconds)
        left = battery.finish(codes, seconds + 120)
        effects = battery.effects()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            found = pool.map(lambda code: battery.judge(code, effects), codes)
            faults = [fault for faults in found for fault in faults]
        faults += [f"{code}: not over" for code in left]
        print(
            f"steps: {len(codes) * 4} over 4 plugins, {in_flight} in flight at the beginning; "
            f"{battery.kills} hosts and 1 daemon killed; {battery.settled_done} settled as done, "
            f"{battery.settled_again} run again; {sum(effects.values())} effects"
        )
        return len(codes) * 4, faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        self_test()
        return 0
    print(f"seed {arguments.seed}", flush=True)
    total, faults = run(arguments.count, arguments.seconds, arguments.seed)
    for fault in faults[:20]:
        print(fault)
    print(f"{total - len(faults)} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
