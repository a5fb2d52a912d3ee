#!/usr/bin/env python3
"""The battery 'parked': what steps cost while they wait.

    parked.py [N] [--seconds S]

N cases (left out: 100,000), each with a step that parks. Measured before and after: the memory that
the daemon holds (Rss), and the processor it takes in S seconds (10) in which nothing happens; then
after a restart. At the end some of them are answered. A parked step must cost its record and no
process: passed are
  - every step is parked, and no call is under way
  - a parked case costs at most CASE_BYTES_MAX of memory
  - an idle daemon with all of them takes at most IDLE_MAX of a core
  - after a restart it is the same, and the answered ones are done
The last line is "N passed, M failed".
"""

import argparse
import concurrent.futures
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from daemon import BUILD, Connection, Daemon, headers_of, plugin_entry  # noqa: E402

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}
CLIENTS = 16
ANSWERS = 100
CASES_IN_MEMORY = 200  # the default is 4,000; fewer, so that the rest is seen
CASE_BYTES_MAX = 2048  # a card, its place in three tables, and what the allocator adds
IDLE_MAX = 0.005


def rss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no RssAnon")


def cpu_seconds(pid):
    """What its threads took, in nanoseconds of the scheduler: a tick of /proc/PID/stat is too coarse."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="utf-8").split()[0]) for task in tasks) / 1e9


def idle_share(pid, seconds):
    """The share of a core that it takes while nothing is asked."""
    time.sleep(1)
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


class Clients:
    """Each thread has a connection of its own."""

    def __init__(self, daemon):
        self.daemon, self.local = daemon, threading.local()

    def post(self, path, body, key):
        if not hasattr(self.local, "connection"):
            self.local.connection = Connection(self.daemon.staff)
        return self.local.connection.ask("POST", path, body, headers_of("awa", key))

    def open(self, number):
        answer = self.post("/v1/cases", {"workflow": "parked-battery"}, f"case-{number}")
        if answer.status != 201:
            raise RuntimeError(f"a case was not opened: {answer}")
        return answer.body["code"]

    def open_all(self, numbers):
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(self.open, numbers, chunksize=64))


def wait_for_rest(daemon, seconds):
    """Until no call is under way."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if daemon.get("/v1/status").body["calls"] == 0:
            return True
        time.sleep(0.1)
    return False


class Measures:
    """What was found, and what was wanted."""

    def __init__(self):
        self.passed = self.failed = 0

    def judge(self, is_so, words):
        self.passed += is_so
        self.failed += not is_so
        print(("ok      " if is_so else "FAILED  ") + words, flush=True)


def answer_some(daemon, codes):
    """How many of those that are answered are done."""
    for code in codes:
        path = f"/v1/cases/{code}/steps/a/answer"
        answer = daemon.post(path, {"data": {"granted": True}, "park": 1}, who="awa")
        if answer.status != 200:
            raise RuntimeError(f"{code} took no answer: {answer}")
    wait_for_rest(daemon, 60)
    return sum(daemon.get(f"/v1/cases/{code}", who="awa").body["closed"] for code in codes)


def run(count, seconds, measures):
    # Its other step types need files, and are not used.
    grant = {"files": {"write": ["/dev/null"]}}
    entry = plugin_entry("count_a", BUILD / "tests/battery/count_a.so", hosts=4, grant=grant)
    with Daemon(PEOPLE, {"count_a": entry}, {"cases_in_memory": CASES_IN_MEMORY}) as daemon:
        daemon.start()
        loaded = daemon.load(HERE / "parked.yaml", who="ada")
        if loaded.status != 201:
            raise RuntimeError(f"parked.yaml was not loaded: {loaded}")
        clients = Clients(daemon)
        # The memory that is kept for cases in any event is full before anything is measured.
        few = min(count // 4, 25 * CASES_IN_MEMORY)
        codes = clients.open_all(range(few))
        wait_for_rest(daemon, 120)
        pid = daemon.process.pid
        memory, idle = rss_bytes(pid), idle_share(pid, seconds)
        print(f"{few} parked: {memory / 1e6:.1f} MB, idle {100 * idle:.2f} % of a core", flush=True)

        begin = time.monotonic()
        codes += clients.open_all(range(few, count))
        is_at_rest = wait_for_rest(daemon, 600)
        took = time.monotonic() - begin
        measures.judge(is_at_rest, f"{count} steps are parked after {took:.0f} s, no call is left")
        after, idle = rss_bytes(pid), idle_share(pid, seconds)
        each = (after - memory) / (count - few)
        measures.judge(
            each <= CASE_BYTES_MAX, f"{count} parked: {after / 1e6:.1f} MB, {each:.0f} bytes each more"
        )
        measures.judge(idle <= IDLE_MAX, f"idle {100 * idle:.2f} % of a core")

        begin = time.monotonic()
        daemon.restart()
        pid = daemon.process.pid
        took = time.monotonic() - begin
        calls = daemon.get("/v1/status").body["calls"]
        measures.judge(calls == 0, f"after a restart of {took:.1f} s no call is begun")
        again, idle = rss_bytes(pid), idle_share(pid, seconds)
        measures.judge(
            idle <= IDLE_MAX and again <= after * 1.1,
            f"then {again / 1e6:.1f} MB, idle {100 * idle:.2f} % of a core",
        )
        some = codes[:: max(1, count // ANSWERS)]
        done = answer_some(daemon, some)
        measures.judge(done == len(some), f"{done} of {len(some)} that are answered are done")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=100000)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    measures = Measures()
    run(max(arguments.count, 100), arguments.seconds, measures)
    print(f"{measures.passed} passed, {measures.failed} failed")
    return 1 if measures.failed else 0


if __name__ == "__main__":
    sys.exit(main())
