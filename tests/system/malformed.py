#!/usr/bin/env python3
"""What is no request, or only half of one, on a real daemon's socket: a clear answer or a closed
connection, and everybody else is served meanwhile.

    malformed.py [--seconds S]     S seconds of mutated bytes (left out: 4)
"""

import contextlib
import json
import pathlib
import random
import re
import signal
import socket
import sys
import threading
import time
import unittest

from daemon import Connection, Daemon, headers_of
from rights import PEOPLE
from stalls import Stalls

SECONDS = 4
HEAD = b"Host: s\r\nSankofa-As: awa\r\n"
JSON = HEAD + b"Content-Type: application/json\r\n"
CASE = b'{"workflow": "rights", "data": {"place": "Dakar"}}'
LENGTH = b"Content-Length: %d\r\n" % len(CASE)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(CASE) + CASE + b"\r\n0\r\n\r\n"
POST = b"POST /v1/cases HTTP/1.1\r\n"
# A good answer while the others do what they do, in seconds; and as much longer as the machine is busy.
GOOD_S_MAX = 2

# (what, its bytes, statuses that it may get; 0: the connection is closed without one; None: silence)
GET = b"GET /v1/status HTTP/1.1\r\n"
MALFORMED = (
    ("a length beside an encoding", POST + JSON + LENGTH + CHUNKED, {400}),
    ("two lengths that differ", POST + JSON + LENGTH + b"Content-Length: 3\r\n\r\n" + CASE, {400}),
    ("one length twice", POST + JSON + LENGTH * 2 + b"\r\n" + CASE, {400}),
    ("a length that is none", POST + JSON + b"Content-Length: many\r\n\r\n" + CASE, {400}),
    ("a negative length", POST + JSON + b"Content-Length: -5\r\n\r\n" + CASE, {400}),
    ("a length beyond all numbers", POST + JSON + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + CASE, {413}),
    ("another encoding", POST + JSON + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400}),
    ("a chunk without a size", POST + JSON + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + CASE, {400}),
    ("a chunk of more than all", POST + JSON + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n", {413}),
    ("a chunk that ends elsewhere", POST + JSON + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n", {400}),
    ("a header of 64 KiB", GET + HEAD + b"X: " + b"x" * 65536 + b"\r\n\r\n", {431}),
    ("10,000 headers", GET + HEAD + b"X: y\r\n" * 10000 + b"\r\n", {431}),
    ("a path of 64 KiB", b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", {431}),
    ("no host", GET + b"Sankofa-As: awa\r\n\r\n", {400}),
    ("a space before the colon", GET + b"Host : s\r\n\r\n", {400}),
    ("a header without a colon", GET + HEAD + b"nonsense\r\n\r\n", {400}),
    ("a control character in a header", GET + HEAD + b"X: a\x01b\r\n\r\n", {400}),
    ("a NUL in the path", b"GET /v1/sta\x00tus HTTP/1.1\r\n" + HEAD + b"\r\n", {404}),
    ("no UTF-8 in the path", b"GET /v1/cases/\xff HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    ("a space in the path", b"GET /v1/sta tus HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    ("two spaces", b"GET  /v1/status  HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    ("half a percent sign", b"GET /v1/cases/%4 HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    ("a query twice", b"GET /v1/cases?limit=1&limit=2 HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    ("a header twice", GET + HEAD + b"Sankofa-As: binta\r\n\r\n", {400}),
    ("another version", b"GET /v1/status HTTP/3.9\r\n" + HEAD + b"\r\n", {400}),
    ("no version", b"GET /v1/status\r\n" + HEAD + b"\r\n", {400}),
    ("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    ("words", b"hello, is there anybody?\r\n\r\n", {400}),
    ("one word", b"hello\r\n\r\n", {0}),
    ("TLS at once", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)) + b"\r\n\r\n", {400, 0}),
    ("a method of our own", b"BREW /v1/cases HTTP/1.1\r\n" + HEAD + b"\r\n", {405}),
    ("a method in small letters", b"get /v1/status HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    ("CONNECT", b"CONNECT s:443 HTTP/1.1\r\n" + HEAD + b"\r\n", {404}),
    ("no JSON", POST + JSON + b"Content-Length: 1\r\n\r\n{", {400}),
    ("JSON of 10,000 levels", POST + JSON + b"Content-Length: 10000\r\n\r\n" + b"[" * 10000, {400}),
    ("nothing but line ends", b"\r\n" * 2000, {None}),
)


def dial(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(str(path))
    return client


def heard(client, seconds=5):
    """All that comes until the connection is closed, or is silent for so long."""
    client.settimeout(seconds)
    said = b""
    with contextlib.suppress(OSError):
        while part := client.recv(65536):
            said += part
    return said


def first(client):
    """The status of the first answer, and all that came; 0: closed without one; None: silence."""
    client.settimeout(3)
    said = b""
    try:
        while b"\r\n\r\n" not in said:
            part = client.recv(65536)
            if not part:
                return 0, b""
            said += part
    except TimeoutError:
        return None, b""
    except OSError:
        return 0, b""
    return int(said.split(b" ", 2)[1]), said


def send(client, data):
    with contextlib.suppress(OSError):  # it may answer and close before all has come
        client.sendall(data)


class Good(threading.Thread):
    """Somebody who works while the others do what they do; how long each answer took."""

    def __init__(self, daemon):
        super().__init__()
        self.daemon_under_test, self.times, self.failures = daemon, [], []
        self.over = threading.Event()
        self.start()

    def run(self):
        body = json.loads(CASE)
        with contextlib.closing(Connection(self.daemon_under_test.staff)) as connection:
            while not self.over.is_set():
                begin = time.monotonic()
                answer = connection.ask("POST", "/v1/cases", body, headers_of(who="awa"))
                self.times.append(time.monotonic() - begin)
                if answer.status != 201:
                    self.failures.append(answer)
                time.sleep(0.005)

    def end(self):
        self.over.set()
        self.join(60)
        return sorted(self.times)


class MalformedTest(unittest.TestCase):
    limits = None

    def setUp(self):
        self.daemon = Daemon(dict(PEOPLE), limits=self.limits)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        loaded = self.daemon.load("tests/system/rights.yaml", who="ada")
        self.assertEqual(loaded.status, 201, loaded)

    @contextlib.contextmanager
    def others_are_served(self):
        good, stalls = Good(self.daemon), self.enterContext(Stalls())
        yield
        end = time.monotonic() + 10
        while len(good.times) <= 5 and good.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        times = good.end()
        self.assertEqual(good.failures, [])
        self.assertGreater(len(times), 5)
        self.assertLess(times[-1], GOOD_S_MAX + stalls.allowance())
        self.assertTrue(self.daemon.is_running(), self.daemon.log()[-2000:])


class Malformed(MalformedTest):
    def is_one_problem(self, status, said):
        """The answer is one, whole, and says what is wrong and what to do."""
        head, body = said.split(b"\r\n\r\n", 1)
        self.assertEqual(said.count(b"HTTP/1.1 "), 1, said)
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual(int(headers["Content-Length"]), len(body))
        told = json.loads(body)
        self.assertEqual((told["status"], told["request_id"]), (status, headers["Sankofa-Request"]))
        self.assertTrue(told["code"] and told["detail"] and told["hint"], told)

    def test_what_the_library_refuses_is_in_the_log_by_its_number(self):
        with contextlib.closing(dial(self.daemon.staff)) as client:
            send(client, b"hello, is there anybody?\r\n\r\n")
            told = json.loads(heard(client).split(b"\r\n\r\n", 1)[1])
        self.assertIn(f'http.fault id={told["request_id"]} why="{told["detail"]}"', self.daemon.log())

    def test_whatever_is_read_before_is_answered_before(self):
        with contextlib.closing(dial(self.daemon.staff)) as client:
            send(client, GET + HEAD + b"\r\n" + GET + HEAD + b"nonsense\r\n\r\n" + GET + HEAD + b"\r\n")
            said = heard(client)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+) ", said), [b"200", b"400"])

    def test_what_is_longer_than_it_says_is_no_next_request(self):
        """Who counts characters where bytes are meant: the rest may be words of anybody."""
        words = "é" * 80 + "\r\nGET /v1/status HTTP/1.1\r\nHost: s\r\n\r\n"
        text = json.dumps({"workflow": "rights", "data": {"place": words}}, ensure_ascii=False).replace("\\r\\n", "\r\n")
        for body in (text, '{"workflow": "rights", "data": {"place": "Thiès"}}'):
            with contextlib.closing(dial(self.daemon.staff)) as client:
                send(client, POST + JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body.encode())
                said = heard(client)
            self.is_one_problem(400, said)
        self.assertIn(b"counts its bytes", said)

    def test_a_list_may_stand_in_several_lines(self):
        for request, wanted in (
            (POST + JSON + b"Prefer: wait=5\r\nPrefer: return=representation\r\n" + LENGTH + b"\r\n" + CASE, b'"available"'),
            (b"GET /v1/events HTTP/1.1\r\n" + HEAD + b"Accept: text/html\r\nAccept: text/event-stream\r\n\r\n",
             b"Content-Type: text/event-stream\r\n"),
        ):
            with contextlib.closing(dial(self.daemon.staff)) as client:
                send(client, request)
                self.assertIn(wanted, heard(client, 1))

    def test_a_target_may_be_absolute(self):
        """As it is sent to a proxy (RFC 9112)."""
        for origin in (b"http://sankofa", b"HTTP://localhost:80"):
            with contextlib.closing(dial(self.daemon.staff)) as client:
                send(client, b"GET " + origin + b"/v1/cases?limit=0 HTTP/1.1\r\n" + HEAD + b"\r\n")
                status, body = first(client)
                self.assertEqual((status, b"limit" in body), (400, True), body)
        with contextlib.closing(dial(self.daemon.staff)) as client:
            send(client, b"GET http://sankofa HTTP/1.1\r\n" + HEAD + b"\r\n")
            self.assertEqual(first(client)[0], 404)

    def test_each_gets_a_clear_answer_or_is_closed(self):
        with self.others_are_served():
            for what, data, statuses in MALFORMED:
                with self.subTest(what), contextlib.closing(dial(self.daemon.staff)) as client:
                    send(client, data)
                    status, said = first(client)
                    self.assertIn(status, statuses, said)
                    if status:
                        self.is_one_problem(status, said + heard(client, 0.2))
        self.assertNotIn("Dakar", self.daemon.log())

    def test_who_asks_and_is_gone_leaves_nothing_of_the_request_in_the_log(self):
        # The library tells the path of whoever it could not answer.
        request = b"GET /v1/cases/Fatoumata\xff\x1b[2J HTTP/1.1\r\n" + HEAD + b"\r\n"
        self.daemon.process.send_signal(signal.SIGSTOP)  # nobody listens any more when it answers
        client = self.enterContext(contextlib.closing(dial(self.daemon.staff)))
        send(client, request)
        client.shutdown(socket.SHUT_RD)
        self.daemon.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.daemon.get("/v1/status", "awa").status, 200)
        end = time.monotonic() + 10
        while b"http.fault" not in (log := self.daemon.log_file.read_bytes()) and time.monotonic() < end:
            time.sleep(0.01)
        self.assertIn(b"http.fault", log)
        for part in (b"Fatoumata", b"\xff", b"\x1b"):
            self.assertNotIn(part, log)

    def test_nothing_of_them_was_carried_out(self):
        before = self.daemon.get("/v1/status", "awa").body["seq"]
        for _, data, _ in MALFORMED:
            with contextlib.closing(dial(self.daemon.staff)) as client:
                send(client, data)
                first(client)
        self.assertEqual(self.daemon.get("/v1/status", "awa").body["seq"], before)

    def test_many_requests_at_once_are_answered_in_order(self):
        request = b"GET /v1/cases?limit=%d HTTP/1.1\r\n" + HEAD + b"\r\n"
        with self.others_are_served(), contextlib.closing(dial(self.daemon.staff)) as client:
            client.sendall(b"".join(request % (number % 3) for number in range(200)))
            said = heard(client, 2)
        statuses = list(map(int, re.findall(rb"HTTP/1\.1 (\d{3}) ", said)))
        self.assertEqual(statuses, [400 if number % 3 == 0 else 200 for number in range(200)])

    def test_who_stops_sending_gets_every_answer(self):
        """As socat and nc -N do when their input ends."""
        write = POST + JSON + LENGTH + b"\r\n" + CASE
        document = (b"POST /v1/cases/%s/documents HTTP/1.1\r\n" + HEAD + b"Content-Type: application/pdf\r\n"
                    b"Sankofa-File: a.pdf\r\nContent-Length: 263000\r\n\r\n" + bytes(263000))
        read = b"GET /v1/cases?limit=2 HTTP/1.1\r\n" + HEAD + b"\r\n"
        feed = b"GET /v1/events HTTP/1.1\r\n" + HEAD + b"\r\n"
        made = self.daemon.post("/v1/cases", json.loads(CASE), "awa").body["code"].encode()
        for what in ([write], [write] * 3, [read, write, read, write], [document % made, read], [feed, write]):
            before = self.daemon.get("/v1/status", "awa").body["cases"]
            with contextlib.closing(dial(self.daemon.staff)) as client:
                client.sendall(b"".join(what))
                client.shutdown(socket.SHUT_WR)
                statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", heard(client, 10))
            wanted = [b"200" if one in (read, feed) else b"201" for one in what]
            self.assertEqual(statuses, wanted, [one[:40] for one in what])
            self.assertEqual(self.daemon.get("/v1/status", "awa").body["cases"] - before, what.count(write))

    def test_a_document_in_chunks_has_its_answer_whenever_its_sender_stops(self):
        """Its end may come while the daemon waits for the disk, and holds what is left of it."""
        code = self.daemon.post("/v1/cases", json.loads(CASE), "awa").body["code"].encode()
        head = (b"POST /v1/cases/%s/documents HTTP/1.1\r\n" + HEAD + b"Content-Type: application/pdf\r\n"
                b"Sankofa-File: a.pdf\r\nTransfer-Encoding: chunked\r\n\r\n") % code
        dice = random.Random(5)
        for size in (300000, 262144 + 16384, 530000, 1 << 20, 3 << 20):
            for piece, pause in ((16 << 10, 0), (70000, 0), (65536, 0.002), (1 << 22, 0)):
                content = dice.randbytes(size)
                parts = [content[at:at + piece] for at in range(0, size, piece)]
                with contextlib.closing(dial(self.daemon.staff)) as client:
                    client.sendall(head)
                    for part in parts:
                        client.sendall(b"%x\r\n" % len(part) + part + b"\r\n")
                        time.sleep(pause)
                    client.sendall(b"0\r\n\r\n")
                    client.shutdown(socket.SHUT_WR)
                    said = heard(client, 20)
                self.assertTrue(said.startswith(b"HTTP/1.1 201 "), (size, piece, said[:300]))
                number = json.loads(said.split(b"\r\n\r\n", 1)[1])["document"]["document"]
                path = f"/v1/cases/{code.decode()}/documents/{number}"
                self.assertEqual(self.daemon.get(path, "awa").raw, content)

    def test_a_body_without_end_is_told_so(self):
        with contextlib.closing(dial(self.daemon.staff)) as client:
            send(client, POST + JSON + b"Transfer-Encoding: chunked\r\n\r\n")
            with contextlib.suppress(OSError):
                for _ in range(200):
                    client.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
            said = heard(client)
        self.is_one_problem(413, said)

    def test_mutated_bytes_stall_nobody(self):
        good = (
            POST + JSON + LENGTH + b"\r\n" + CASE,
            POST + JSON + CHUNKED,
            b"GET /v1/cases?mine=1&limit=3 HTTP/1.1\r\n" + HEAD + b"Accept-Language: fr\r\n\r\n",
            b"GET /v1/events?after=1&follow=1 HTTP/1.1\r\n" + HEAD + b"Accept: text/event-stream\r\n\r\n",
            *(data for _, data, _ in MALFORMED if len(data) < 4096),
        )
        end, counts = time.monotonic() + SECONDS, []

        def mutate(seed):
            dice, count = random.Random(seed), 0
            while time.monotonic() < end:
                data = bytearray(dice.choice(good))
                for _ in range(dice.choice((0, 1, 1, 2, 4, 16))):
                    at = dice.randrange(len(data) + 1)
                    what = dice.randrange(4)
                    if what == 0:
                        data[at:at] = dice.choice((b"\r\n", b"\0", b" ", b":", b"\xff", b"0", bytes(data[:at])))
                    elif what == 1:
                        del data[at:at + dice.randrange(1, 9)]
                    elif at < len(data):
                        data[at] = dice.randrange(256)
                    if not data:
                        break
                with contextlib.closing(dial(self.daemon.staff)) as client:
                    while data:
                        size = dice.choice((1, 7, 100, len(data)))
                        send(client, bytes(data[:size]))
                        del data[:size]
                    client.settimeout(0.02)
                    with contextlib.suppress(OSError):
                        client.recv(65536)
                count += 1
            counts.append(count)

        with self.others_are_served():
            threads = [threading.Thread(target=mutate, args=(seed,)) for seed in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(len(counts), 6)
        self.assertGreater(sum(counts), 20 * SECONDS)
        self.assertEqual(self.daemon.stop(), 0)
        # However many there were, the log stays one that people can read; and none is kept silent.
        log, minutes = self.daemon.log(), SECONDS // 60 + 2
        for event in ("http.fault", "connection.late", "request.stranger"):
            self.assertLessEqual(log.count(f" {event} "), 21 * minutes)
        lines = re.findall(r" http\.fault (?:more=(\d+)|why)", log)
        self.assertGreater(sum(int(more or 1) for more in lines), 20)


class Late(MalformedTest):
    limits = {"request_time": "1s"}

    def ends_after(self, client, begin):
        """How long it took until the daemon closed the connection, and what it said."""
        said = heard(client, 20)
        return time.monotonic() - begin, said

    def test_half_a_request_and_silence_is_cut_in_time(self):
        halves = (b"", b"GET /v1/sta", b"GET /v1/status HTTP/1.1\r\nHost: s", POST + JSON + LENGTH + b"\r\n{",
                  POST + JSON + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab")
        with self.others_are_served():
            begin = time.monotonic()
            clients = [dial(self.daemon.staff) for _ in halves]
            for client, half in zip(clients, halves):
                client.sendall(half)
            for client, half in zip(clients, halves):
                with contextlib.closing(client):
                    seconds, _ = self.ends_after(client, begin)
                    self.assertGreater(seconds, 0.8, half)
                    self.assertLess(seconds, 6, half)

    def test_a_byte_now_and_then_is_cut_in_time(self):
        with self.others_are_served(), contextlib.closing(dial(self.daemon.staff)) as client:
            begin = time.monotonic()
            with contextlib.suppress(OSError):
                for byte in POST + JSON + LENGTH + b"\r\n" + CASE:
                    client.sendall(bytes([byte]))
                    time.sleep(0.1)
            self.assertLess(time.monotonic() - begin, 6)

    def test_one_who_waits_between_two_requests_is_let_be_and_one_late_later_is_cut(self):
        request = b"GET /v1/status HTTP/1.1\r\n" + HEAD + b"\r\n"
        with contextlib.closing(dial(self.daemon.staff)) as client:
            for _ in range(2):
                client.sendall(request)
                self.assertEqual(first(client)[0], 200)
                time.sleep(1.6)  # longer than a request may take
            begin = time.monotonic()
            client.sendall(request[:-2])
            seconds, _ = self.ends_after(client, begin)
            self.assertGreater(seconds, 0.8)
            self.assertLess(seconds, 6)

    def test_half_a_first_line_on_a_kept_connection_is_cut_in_time(self):
        request = b"GET /v1/status HTTP/1.1\r\n" + HEAD + b"\r\n"
        for pieces in ((request, b"GET /v1/sta"), (request + b"GET /v1/sta",)):
            with contextlib.closing(dial(self.daemon.staff)) as client:
                client.sendall(pieces[0])
                self.assertEqual(first(client)[0], 200)
                begin = time.monotonic()
                client.sendall(b"".join(pieces[1:]))
                seconds, _ = self.ends_after(client, begin)
                self.assertGreater(seconds, 0.8)
                self.assertLess(seconds, 6)

    def test_a_daemon_with_idle_connections_sleeps(self):
        clients = [dial(self.daemon.staff) for _ in range(20)]
        for client in clients:
            client.sendall(b"GET /v1/status HTTP/1.1\r\n" + HEAD + b"\r\n")
            self.assertEqual(first(client)[0], 200)
        time.sleep(1.5)

        def wakes():
            text = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text(encoding="ascii")
            return int(text.split("voluntary_ctxt_switches:")[1].split()[0])

        before = wakes()
        time.sleep(3)
        self.assertLess(wakes() - before, 12)
        for client in clients:
            client.close()


if __name__ == "__main__":
    if "--seconds" in sys.argv:
        at = sys.argv.index("--seconds")
        SECONDS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main()
