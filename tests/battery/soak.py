#!/usr/bin/env python3
"""The battery 'soak': 64 clients of mixed work on one daemon, some slow, some silent, some garbage.

    soak.py [SECONDS]

Good clients open cases, act in them, read, list, search and follow the feed. Beside them are clients
that send a byte now and then, that connect and say nothing, that send what is no request, that break
off in the middle, and readers of the feed that hardly read. At the end everything that was
acknowledged must be there once, after kill -9 too; memory must not have grown; and the good ones
must have been answered in time: their p50, p99 and longest are printed.
"""

import contextlib
import json
import pathlib
import random
import socket
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from daemon import Connection, Daemon, headers_of  # pylint: disable=wrong-import-position

GOOD, SLOW, SILENT, GARBAGE, BROKEN, LAGGING = 40, 6, 6, 6, 3, 3
P99_MS_MAX = 1000
STALL_MS_MAX = 10000
GROWTH_MIB_MAX = 16
CASES_EACH = 4  # then they are worked on: memory has nothing to grow by
PEOPLE = {
    "ada": {"roles": ["administrator"]},
    "binta": {"roles": ["chief"], "countries": ["SN"]},
    **{f"c{i}": {"roles": ["clerk"], "countries": ["SN"]} for i in range(8)},
}
NAMES = "Awa Binetou Moussa Fatou Ibrahima Khadija Lamin Isatou".split()


class Soak:
    def __init__(self, daemon, seconds):
        self.daemon = daemon
        self.end = time.monotonic() + seconds
        self.lock = threading.Lock()
        self.times = []
        self.facts = []  # (code, seq) that were acknowledged
        self.failures = []
        self.busy = 0

    def is_on(self):
        return time.monotonic() < self.end and not self.failures

    def fail(self, what):
        with self.lock:
            self.failures.append(what)

    def ask(self, connection, method, path, who, body=None, key=None):
        """Asks until it is not told `busy`, timed from the last try."""
        while True:
            begin = time.monotonic()
            answer = connection.ask(method, path, body, headers_of(who=who, key=key))
            took = (time.monotonic() - begin) * 1e3
            with self.lock:
                self.times.append(took)
                self.busy += answer.status == 503
            if answer.status != 503 or not self.is_on():
                return answer
            time.sleep(0.05)

    # ---- Good ones.

    def write(self, connection, dice, who, mine):
        if len(mine) < CASES_EACH:
            data = {"place": "Dakar", "name": f"{dice.choice(NAMES)} {dice.randrange(1000)}"}
            answer = self.ask(
                connection, "POST", "/v1/cases", who, {"workflow": "rights", "data": data},
                key=f"{who}-{dice.randrange(1 << 60)}",
            )
        else:
            case = dice.choice(mine)
            what, body = dice.choice((
                ("transitions/write", {"data": {"name": dice.choice(NAMES), "age": dice.randrange(17)}}),
                ("notes", {"text": "The uncle called."}),
                ("flags", {"flag": "missing"}),
            ))
            answer = self.ask(
                connection, "POST", f"/v1/cases/{case}/{what}", who, body,
                key=f"{who}-{dice.randrange(1 << 60)}",
            )
        if answer.status in (200, 201):
            if answer.status == 201:
                mine.append(answer.body["code"])
            with self.lock:
                self.facts.append((answer.body["code"], answer.body["seq"]))
        elif answer.status != 503:
            self.fail(f"a write was answered {answer}")

    def read(self, connection, dice, who, mine):
        case = dice.choice(mine) if mine else "SN-2020-00007-1"
        method, path, body = dice.choice((
            ("GET", f"/v1/cases/{case}", None),
            ("GET", f"/v1/cases/{case}/history", None),
            ("GET", "/v1/inbox", None),
            ("GET", "/v1/cases?mine=1", None),
            ("GET", "/v1/status", None),
            ("POST", "/v1/cases/search", {"text": dice.choice(NAMES)}),
        ))
        answer = self.ask(connection, method, path, who, body)
        if answer.status not in (200, 503) and case in (mine or [None]):
            self.fail(f"{path} was answered {answer}")

    def good(self, seed):
        dice, mine = random.Random(seed), []
        who = f"c{seed % 8}"
        with contextlib.closing(Connection(self.daemon.staff)) as connection:
            while self.is_on():
                act = self.write if dice.random() < 0.5 else self.read
                act(connection, dice, who, mine)
                time.sleep(dice.random() * 0.02)

    # ---- Bad ones: whatever becomes of them.

    def socket(self):
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(5)
        one.connect(str(self.daemon.staff))
        return one

    def slow(self, seed):
        """A request, a byte at a time."""
        dice = random.Random(seed)
        with self.socket() as one:
            for byte in b"GET /v1/status HTTP/1.1\r\nHost: s\r\nSankofa-As: c0\r\n\r\n":
                if not self.is_on():
                    return
                one.sendall(bytes([byte]))
                time.sleep(dice.random() * 0.6)
            one.recv(65536)

    def silent(self, seed):
        with self.socket():
            time.sleep(random.Random(seed).random() * 5)

    def garbage(self, seed):
        dice = random.Random(seed)
        with self.socket() as one:
            one.sendall(dice.choice((
                dice.randbytes(dice.randrange(1, 5000)),
                b"POST /v1/cases HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"GET /v1/status HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
                b"POST /v1/cases HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"GET /v1/%00%ff HTTP/1.1\r\n\r\n",
                b"GET /v1/inbox HTTP/1.1\r\nSankofa-As: c0\r\n\r\n" * 50,
            )))
            one.recv(65536)

    def broken(self, seed):
        """Breaks off in the middle of a body, or before the answer."""
        dice = random.Random(seed)
        body = json.dumps({"workflow": "rights", "data": {"place": "Kolda"}}).encode()
        head = f"POST /v1/cases HTTP/1.1\r\nHost: s\r\nSankofa-As: c0\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        with self.socket() as one:
            one.sendall(head + body[: dice.randrange(len(body) + 1)])

    def lagging(self, seed):
        """Follows the feed and hardly reads."""
        with self.socket() as one:
            one.sendall(b"GET /v1/events?after=0&follow=1 HTTP/1.1\r\nHost: s\r\nSankofa-As: binta\r\n\r\n")
            for _ in range(20 + seed % 20):
                if not self.is_on():
                    return
                one.recv(256)
                time.sleep(0.5)

    def bad(self, act, seed):
        while self.is_on():
            with contextlib.suppress(OSError):
                act(seed)
            seed += 1000
            time.sleep(0.05)

    def run(self):
        bad = (self.slow, SLOW), (self.silent, SILENT), (self.garbage, GARBAGE), (self.broken, BROKEN), (self.lagging, LAGGING)
        work = [(self.guarded, (i,)) for i in range(GOOD)]
        work += [(self.bad, (act, i)) for act, count in bad for i in range(count)]
        threads = [threading.Thread(target=target, args=words) for target, words in work]
        for thread in threads:
            thread.start()
        return threads

    def guarded(self, seed):
        try:
            self.good(seed)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.fail(f"a good client broke: {error!r}")


def memory_mib(daemon):
    """What is its own: pages of the store that it has looked at can be had back."""
    for line in pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no RssAnon")


def lost(daemon, facts):
    """Codes and seqs that were acknowledged, and are not in the feed of who sees all."""
    answer = daemon.get("/v1/events", "binta")
    told = {}
    for line in answer.raw.decode().splitlines():
        if line:
            event = json.loads(line)
            told[event["seq"]] = event.get("code")
    return [(code, seq) for code, seq in facts if told.get(seq) != code]


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    passed, failed = [], []

    def check(is_so, what):
        (passed if is_so else failed).append(what)
        print(f"{'ok' if is_so else 'FAILED'}: {what}", flush=True)

    with Daemon(PEOPLE) as daemon:
        daemon.start()
        loaded = daemon.load(HERE.parent / "system/rights.yaml", who="ada")
        assert loaded.status == 201, loaded
        soak = Soak(daemon, seconds)
        threads = soak.run()
        time.sleep(seconds * 0.4)
        early = memory_mib(daemon)
        for thread in threads:
            thread.join()
        late = memory_mib(daemon)
        times = sorted(soak.times)
        print(f"{len(times)} answers to {GOOD} good clients beside {SLOW + SILENT + GARBAGE + BROKEN + LAGGING} others; "
              f"p50 {statistics.median(times):.1f} ms, p99 {times[len(times) * 99 // 100]:.1f} ms, "
              f"longest {times[-1]:.0f} ms; {soak.busy} times busy; {len(soak.facts)} writes; "
              f"{early:.1f} MiB early, {late:.1f} MiB late")
        check(daemon.is_running() and not soak.failures, f"no good client was let down {soak.failures[:3]}")
        check(times[len(times) * 99 // 100] < P99_MS_MAX, f"p99 under {P99_MS_MAX} ms")
        check(times[-1] < STALL_MS_MAX, f"nobody waited {STALL_MS_MAX} ms")
        check(late - early < GROWTH_MIB_MAX, f"memory grew by less than {GROWTH_MIB_MAX} MiB")
        check(not lost(daemon, soak.facts), "everything acknowledged is in the feed")
        daemon.kill()
        daemon.start()
        check(not lost(daemon, soak.facts), "so it is after kill -9")
        check(daemon.stop() == 0, "it stops cleanly")
    print(f"{len(passed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
