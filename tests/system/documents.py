#!/usr/bin/python3
"""Documents of a case: streamed in and out, sealed, kept or not there at all; beside others, through
cut connections, crashes, a full disk, an erasure, a backup."""

import concurrent.futures
import contextlib
import hashlib
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import unittest

import lmdb

import plain
from daemon import Connection, headers_of
from documents_kit import CHUNK, LIMIT, DocumentsTest, content, headers_for

IS_ROOT = os.geteuid() == 0


class Kept(DocumentsTest):
    def test_every_size_comes_back_as_it_was(self):
        code = self.open()
        sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 1, 9 * CHUNK, LIMIT]
        for number, size in enumerate(sizes, 1):
            body = content(size)
            self.assertEqual(self.attach(code, body), number)
            answer = self.fetch(code, number)
            self.assertEqual((answer.status, answer.raw == body), (200, True), size)
            self.assertEqual(answer.headers["Content-Length"], str(size))
        self.daemon.restart()
        for number, size in enumerate(sizes, 1):
            self.assertEqual(self.fetch(code, number).raw, content(size))
        listed = self.list(code)["documents"]
        self.assertEqual([one["size"] for one in listed], sizes)
        self.assertEqual(listed[3]["sha256"], hashlib.sha256(content(CHUNK)).hexdigest())
        self.verify()

    def test_what_is_said_of_it(self):
        code = self.open()
        answer = self.send(code, b"abc", name="UTF-8''r%C3%A9sum%C3%A9%20%22x%22.pdf", kind="Text/Plain; charset=x")
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.headers["Location"], f"/v1/cases/{code}/documents/1")
        document = answer.body["document"]
        self.assertEqual(document["name"], 'résumé "x".pdf')
        self.assertEqual((document["type"], document["by"], document["size"]), ("text/plain", "awa", 3))
        got = self.fetch(code, 1)
        self.assertEqual(
            got.headers["Content-Disposition"],
            "attachment; filename=\"r_sum_ _x_.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%22x%22.pdf",
        )
        self.assertEqual(got.headers["Content-Type"], "text/plain")
        self.assertEqual(got.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(got.headers["Cache-Control"], "no-store")
        self.assertIn("sandbox", got.headers["Content-Security-Policy"])
        self.assertEqual(
            got.headers["Content-Digest"], "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"
        )
        entry = self.daemon.get(f"/v1/cases/{code}/history", "awa").body["entries"][-1]
        self.assertEqual((entry["kind"], entry["document"]["name"]), ("document", 'résumé "x".pdf'))
        head = self.daemon.ask("HEAD", f"/v1/cases/{code}/documents/1", None, "awa")
        self.assertEqual((head.status, head.raw, head.headers["Content-Length"]), (200, b"", "3"))
        self.assertNotIn("sum", self.daemon.log())

    def test_who_may_read_it(self):
        code = self.open()
        self.attach(code, b"of awa", who="awa", name="secret.pdf")
        self.attach(code, b"of carla", who="carla", name="own.pdf")
        self.assertEqual([one["document"] for one in self.list(code, "binta")["documents"]], [1, 2])
        shown = self.list(code, "carla")
        self.assertEqual(([one["document"] for one in shown["documents"]], shown["hidden"]), ([2], 1))
        self.assertEqual(self.fetch(code, 2, "carla").raw, b"of carla")
        self.refused(self.fetch(code, 1, "carla"), 404, "no-such-document")
        self.refused(self.fetch(code, 9, "carla"), 404, "no-such-document")
        told = self.daemon.get(f"/v1/cases/{code}/history", "carla").raw.decode()
        self.assertNotIn("secret.pdf", told)
        self.assertIn("own.pdf", told)
        for who in ("gil", "ada", "dado"):
            self.refused(self.fetch(code, 1, who), 404, "no-such-case")
            self.refused(self.send(code, b"x", who=who), 404, "no-such-case")
            self.refused(self.daemon.get(f"/v1/cases/{code}/documents", who), 404, "no-such-case")
        events = self.daemon.get("/v1/events", "awa").raw.decode()
        self.assertIn('"kind":"document"', events)
        self.assertNotIn("secret", events)

    def test_a_repeat_is_kept_once(self):
        code = self.open()
        body = content(3 * CHUNK)
        first = self.send(code, body, key="once")
        records = self.records()
        again = self.send(code, body, key="once")
        self.assertEqual((again.status, again.body["document"]), (201, first.body["document"]))
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        self.refused(self.send(code, body + b"x", key="once"), 422, "idempotency-key-reused")
        self.refused(self.send(code, body, key="once", name="other"), 422, "idempotency-key-reused")
        self.assertEqual(len(self.list(code)["documents"]), 1)
        self.wait_records(records)
        revision = again.body["revision"]
        self.refused(self.send(code, body, revision=revision - 1), 412, "stale-revision")
        self.assertEqual(self.send(code, body, revision=revision).status, 201)


class Refused(DocumentsTest):
    def setUp(self):
        super().setUp()
        self.code = self.open()
        self.before = self.records()

    def tearDown(self):
        """Nothing was kept of any of them."""
        self.assertEqual(self.list(self.code)["documents"], [])
        self.wait_records(self.before)

    def test_what_cannot_be_taken(self):
        for named, status, code in (
            ({"kind": None}, 415, "unsupported-media-type"),
            ({"kind": "pdf"}, 415, "unsupported-media-type"),
            ({"kind": "a/b/c"}, 415, "unsupported-media-type"),
            ({"kind": "multipart/form-data; boundary=x"}, 415, "unsupported-media-type"),
            ({"name": None}, 400, "bad-request"),
            ({"name": "UTF-8''%C3"}, 400, "bad-request"),
            ({"name": "UTF-8''%zz"}, 400, "bad-request"),
            ({"name": "x" * 201}, 400, "bad-request"),
            ({"name": ".."}, 422, "field-invalid"),
            ({"name": "a/b"}, 422, "field-invalid"),
            ({"name": "UTF-8''a%E2%80%AEb"}, 422, "field-invalid"),
            ({"name": "UTF-8''a%00b"}, 422, "field-invalid"),
        ):
            self.refused(self.send(self.code, content(2 * CHUNK), **named), status, code)
        self.refused(self.send("SN-2026-00077-X", b"x"), 404, "no-such-case")

    def test_one_byte_too_many_is_refused_at_once(self):
        connection = self.half(self.code, LIMIT + 1, 0)
        self.assertIn(b" 413 ", connection.recv(65536))
        connection = self.half(self.code, LIMIT + 1, 0, Expect="100-continue")
        self.assertIn(b" 413 ", connection.recv(65536))
        connection = self.half(self.code, LIMIT, 0, Expect="100-continue")
        self.assertIn(b" 100 ", connection.recv(65536))

    def test_one_byte_too_many_that_was_not_announced(self):
        with contextlib.closing(Connection(self.daemon.staff)) as connection:
            pieces = (content(LIMIT)[at : at + 10000] for at in range(0, LIMIT + 10000, 10000))
            headers = {**headers_for(), "Transfer-Encoding": "chunked"}
            path = f"/v1/cases/{self.code}/documents"
            connection.request("POST", path, (*pieces, b"x"), headers, encode_chunked=True)
            response = connection.getresponse()
            self.assertEqual((response.status, b"too-large" in response.read()), (413, True))

    def test_a_cut_connection_leaves_nothing(self):
        for sent in (0, 10, CHUNK, 5 * CHUNK, 10 * CHUNK):
            self.half(self.code, LIMIT, sent).close()


class Silence(DocumentsTest):
    limits = {"document_bytes": LIMIT, "request_time": "2s"}

    def test_half_of_it_and_silence_is_cut_and_leaves_nothing(self):
        code = self.open()
        before = self.records()
        begun = time.monotonic()
        halves = [self.half(code, LIMIT, sent) for sent in (0, 100, 6 * CHUNK)]
        for half in halves:
            self.assertEqual(half.recv(100), b"")
        self.assertGreater(time.monotonic() - begun, 1.9)
        self.wait_records(before)

    def send_slowly(self, code):
        """The answer, and the longest that the daemon had to wait for the next piece."""
        connection, last, longest = self.half(code, LIMIT, 0), time.monotonic(), 0
        for at in range(0, LIMIT, LIMIT // 8):
            time.sleep(0.35)
            with contextlib.suppress(BrokenPipeError):
                connection.sendall(content(LIMIT)[at : at + LIMIT // 8])
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return connection.recv(65536), longest

    def test_a_slow_sender_who_goes_on_is_waited_for(self):
        code = self.open()
        for _ in range(5):
            said, longest = self.send_slowly(code)
            if longest < 1.8:  # else this machine was too busy to send in time
                break
        self.assertIn(b" 201 ", said, longest)
        self.assertEqual(self.fetch(code, 1).raw, content(LIMIT))


class Crash(DocumentsTest):
    def test_kill_9_in_the_middle_leaves_nothing(self):
        code = self.open()
        before = self.records()
        for sent in (CHUNK // 2, 5 * CHUNK, 9 * CHUNK):
            self.half(code, LIMIT, sent)
            time.sleep(0.05)
            self.daemon.kill()
            self.daemon.start()
            self.assertEqual(self.list(code)["documents"], [])
            self.wait_records(before)

    def test_kill_9_right_after_the_answer_loses_nothing(self):
        code = self.open()
        for number in range(1, 9):
            body = content(number * 50000)
            self.assertEqual(self.attach(code, body), number)
            self.daemon.kill()
            self.daemon.start()
            self.assertEqual(self.fetch(code, number).raw, body)
        self.verify()

    def test_a_stop_ends_an_upload_and_leaves_nothing(self):
        code = self.open()
        before = self.records()
        self.half(code, LIMIT, 6 * CHUNK)
        time.sleep(0.1)
        self.daemon.stop()
        self.daemon.start()
        self.wait_records(before)


class Beside(DocumentsTest):
    limits = {"document_bytes": 64 << 20}

    def test_slow_readers_and_senders_stall_nobody(self):
        code = self.open()
        body = content(8 << 20)
        self.attach(code, body)
        readers = []
        for _ in range(6):
            reader = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.addCleanup(reader.close)
            reader.settimeout(30)
            reader.connect(str(self.daemon.staff))
            reader.sendall(
                f"GET /v1/cases/{code}/documents/1 HTTP/1.1\r\nHost: x\r\nSankofa-As: awa\r\n\r\n".encode()
            )
            readers.append(reader)
            self.half(code, 8 << 20, 300000)
        times = []
        for number in range(60):
            begun = time.monotonic()
            answer = self.daemon.post(
                f"/v1/cases/{code}/transitions/write", {"data": {"title": f"{number}"}}, "awa"
            )
            times.append(time.monotonic() - begun)
            self.assertEqual(answer.status, 200)
            for reader in readers:
                self.assertTrue(reader.recv(1000))
        self.assertLess(sorted(times)[len(times) // 2], 1, times)
        for reader in readers:
            got = b""
            while len(got) < len(body) - 70000:
                got += reader.recv(1 << 20)
            self.assertIn(got[-5000:], body)

    def test_many_at_once_come_whole(self):
        code = self.open()
        bodies = [content(700000 + number, str(number).encode()) for number in range(12)]

        def send(body):
            with contextlib.closing(Connection(self.daemon.staff)) as connection:
                return connection.ask("POST", f"/v1/cases/{code}/documents", body, headers_for())

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(send, bodies))
        for body, answer in zip(bodies, answers):
            self.assertEqual(answer.status, 201, answer)
            self.assertEqual(self.fetch(code, answer.body["document"]["document"]).raw, body)
        self.verify()

    @plain.shows_alone("a sanitized program keeps what it has freed")
    def test_the_body_is_never_whole_in_memory(self):
        code = self.open()
        status = pathlib.Path(f"/proc/{self.daemon.process.pid}/status")

        def peak():
            return int(re.search(r"RssAnon:\s+(\d+)", status.read_text(encoding="ascii")).group(1))

        self.attach(code, content(1 << 20))
        before = peak()
        self.half(code, 12 << 20, 10 << 20)
        self.assertLess(peak() - before, 5 << 10)
        self.attach(code, content(12 << 20))
        reader = self.daemon.connection(self.daemon.staff)
        reader.request("GET", f"/v1/cases/{code}/documents/2", headers=headers_of(who="awa"))
        response = reader.getresponse()
        while response.read(1 << 20):
            self.assertLess(peak() - before, 5 << 10)


class FullDisk(DocumentsTest):
    limits = {"document_bytes": 64 << 20}

    def configure(self):
        disk = self.daemon.folder / "disk"
        disk.mkdir()
        mounted = IS_ROOT and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk], capture_output=True, check=False
        ).returncode == 0
        if not mounted:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        self.addCleanup(self.daemon.kill)
        self.disk = disk
        self.daemon.settings["store"] = str(disk / "store")
        self.daemon.store = disk / "store"
        self.daemon.write_config()

    def leave(self, mib):
        (self.disk / "filler").unlink(missing_ok=True)
        facts = os.statvfs(self.disk)
        with open(self.disk / "filler", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, facts.f_bavail * facts.f_frsize - (mib << 20))

    def test_a_document_does_not_eat_what_open_cases_need(self):
        code = self.open()
        self.leave(310)  # 256 MiB of it are kept for work on open cases
        before = self.records()
        refused = self.half(code, 64 << 20, 0).recv(65536)
        self.assertTrue(b" 503 " in refused and b"Nothing was kept" in refused, refused)
        body = content(CHUNK)
        self.attach(code, body)
        with contextlib.closing(Connection(self.daemon.staff)) as connection:
            path = f"/v1/cases/{code}/documents"
            pieces = (content(1 << 20) for _ in range(63))
            self.leave(290)
            headers = {**headers_for(), "Transfer-Encoding": "chunked"}
            connection.request("POST", path, pieces, headers, encode_chunked=True)
            response = connection.getresponse()
            self.assertEqual((response.status, b"disk-full" in response.read()), (503, True))
        self.wait_records(before + 1)
        self.leave(200)
        self.refused(self.send(code, b"x"), 503, "disk-full")
        self.assertEqual(self.fetch(code, 1).raw, body)
        (self.disk / "filler").unlink()
        self.attach(code, b"x")
        self.wait_records(before + 2)


class Elsewhere(DocumentsTest):
    def pages(self, case_id):
        """Where in the data file the sealed chunks of the case begin: pages of their own."""
        data = (self.daemon.store / "data.mdb").read_bytes()
        return [
            at + 16
            for at in range(0, len(data), 4096)
            if data[at + 16 + 18 : at + 16 + 34] == case_id and data[at + 16 : at + 18] == b"\1\1"
        ]

    def id_of(self, code):
        return bytes.fromhex(self.daemon.get(f"/v1/cases/{code}", "awa").body["id"])

    def swap(self, one, other):
        sealed = 58 + (CHUNK + 4) + 16
        with open(self.daemon.store / "data.mdb", "r+b") as file:
            file.seek(one)
            first = file.read(sealed)
            file.seek(other)
            second = file.read(sealed)
            file.seek(one)
            file.write(second)
            file.seek(other)
            file.write(first)

    def test_a_chunk_in_the_place_of_another_is_not_shown(self):
        code, other = self.open(), self.open()
        self.attach(code, content(4 * CHUNK))
        self.attach(code, content(2 * CHUNK, b"y"))
        self.attach(other, content(2 * CHUNK, b"z"))
        own, strange = self.pages(self.id_of(code)), self.pages(self.id_of(other))
        self.assertEqual((len(own), len(strange)), (6, 2))
        for one, two in ((own[0], own[1]), (own[2], own[4]), (own[1], strange[0])):
            self.daemon.stop()
            self.swap(one, two)
            self.daemon.start()
            answers = []
            for case, number in ((code, 1), (code, 2), (other, 1)):
                try:
                    answers.append(self.fetch(case, number).raw)
                except http.client.IncompleteRead as error:
                    answers.append(f"cut after {len(error.partial)} bytes")
                    self.daemon.connection(self.daemon.staff).close()
            whole = [content(4 * CHUNK), content(2 * CHUNK, b"y"), content(2 * CHUNK, b"z")]
            for answer, body in zip(answers, whole):
                self.assertTrue(answer == body or len(answer) < 1000, len(answer))
            self.assertNotEqual(answers, whole)
            self.assertIn("document", self.found())
            for case, number, body in zip((code, code, other), (1, 2, 1), whole):
                target = pathlib.Path(self.folder) / "fetched"
                words = ("case", "fetch", case, str(number), target)
                done = self.daemon.run(*words, who="awa", status=None)
                self.assertEqual(done.returncode == 0, target.exists(), done)
                self.assertIn(done.returncode, (0, 8))
                if done.returncode == 0:
                    self.assertEqual(target.read_bytes(), body)
                    target.unlink()
            self.daemon.stop()
            self.swap(one, two)
            self.daemon.start()
            self.verify()
        self.assertIn("http.fault why=\"Closing connection", self.daemon.log())

    def test_one_that_lost_a_chunk_or_all_of_them_is_told(self):
        code = self.open()
        self.attach(code, content(3 * CHUNK))
        self.attach(code, b"a page")
        case_id, number = self.id_of(code), 0
        for is_lost in (lambda key: key[-1] == 1, lambda key: key[-5:-1] == bytes(4), lambda key: True):
            self.daemon.stop()
            kept = self.daemon.folder / f"kept-{number}"
            shutil.copytree(self.daemon.store, kept)
            with lmdb.open(str(self.daemon.store), max_dbs=32, map_size=1 << 30) as store:
                with store.begin(write=True, db=store.open_db(b"document")) as change:
                    keys = [key for key, _ in change.cursor() if key.startswith(case_id) and is_lost(key)]
                    self.assertTrue(keys)
                    for key in keys:
                        change.delete(key)
            self.daemon.start()
            self.assertIn("document", self.found())
            self.daemon.stop()
            shutil.rmtree(self.daemon.store)
            shutil.move(kept, self.daemon.store)
            self.daemon.start()
            self.verify()
            number += 1

    def found(self):
        done = self.daemon.run("admin", "verify", status=None)
        self.assertNotEqual(done.returncode, 0, done)
        return done.stdout + done.stderr

    def test_an_erased_cases_documents_are_gone(self):
        code, other = self.open(), self.open()
        for number in range(3):
            self.attach(code, content(5 * CHUNK, b"%d" % number), name=f"Mariama {number}.pdf")
        self.attach(other, content(CHUNK))
        case_id = self.id_of(code)
        upload = self.half(code, LIMIT, 6 * CHUNK)
        time.sleep(0.1)
        self.daemon.restart()
        upload.close()
        places = self.pages(case_id)
        self.assertGreater(len(places), 14)
        data = (self.daemon.store / "data.mdb").read_bytes()
        pieces = [data[at + 58 : at + 158] for at in places]
        upload = self.half(code, LIMIT, 6 * CHUNK)
        self.daemon.post(f"/v1/cases/{code}/erase", {"reason": "asked"}, "dado")
        answer = self.daemon.post(f"/v1/cases/{code}/erase/approve", {}, "binta")
        self.assertEqual(answer.status, 202, answer)
        upload.sendall(content(LIMIT)[6 * CHUNK :])
        self.assertIn(b" 410 ", upload.recv(65536))
        self.refused(self.fetch(code, 1), 410, "erased")
        self.refused(self.send(code, b"x"), 410, "erased")
        self.daemon.wait_for(
            f"/v1/cases/{code}/erase", lambda a: a.body.get("status") == "erased", who="binta"
        )
        self.verify()
        self.assertEqual(self.daemon.stop(), 0)
        for path in self.daemon.store.iterdir():
            raw = path.read_bytes() if path.name != "ballast" else b""
            self.assertFalse(any(piece in raw for piece in pieces), path)
            self.assertNotIn(b"Mariama", raw)
        self.assertEqual(self.pages(case_id), [])
        self.daemon.start()
        self.assertEqual(self.fetch(other, 1).raw, content(CHUNK))

    def test_a_backup_brings_them_back(self):
        folder = pathlib.Path(self.folder)
        key = self.daemon.run("admin", "backup-key", folder / "identity").stdout
        (folder / "recipients").write_text(key, encoding="utf-8")
        self.daemon.settings["backup_recipients"] = "recipients"
        self.daemon.write_config()
        self.daemon.restart()
        code = self.open()
        bodies = [b"", content(3 * CHUNK), content(LIMIT, b"y")]
        for body in bodies:
            self.attach(code, body)
        under_way = self.half(code, LIMIT, 6 * CHUNK)
        time.sleep(0.1)
        self.daemon.run("admin", "backup", folder / "monday.backup")
        under_way.close()
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.store.rename(folder / "old")
        done = self.daemon.sankofad(
            "--restore", folder / "monday.backup", "--identity", folder / "identity",
            "--reason", "the disk broke", "--old", folder / "old",
        )
        self.assertEqual(done.returncode, 0, done)
        self.daemon.start()
        self.assertEqual(len(self.list(code)["documents"]), 3)
        for number, body in enumerate(bodies, 1):
            self.assertEqual(self.fetch(code, number).raw, body)
        self.verify()

    def test_kill_9_while_it_is_erased(self):
        for wait in (0, 0.01, 0.03, 0.08):
            code = self.open()
            for _ in range(4):
                self.attach(code, content(LIMIT))
            case_id = self.id_of(code)
            self.daemon.post(f"/v1/cases/{code}/erase", {"reason": "asked"}, "dado")
            self.assertEqual(
                self.daemon.post(f"/v1/cases/{code}/erase/approve", {}, "binta").status, 202
            )
            time.sleep(wait)
            self.daemon.kill()
            self.daemon.start()
            self.daemon.wait_for(
                f"/v1/cases/{code}/erase", lambda a: a.body.get("status") == "erased", who="binta"
            )
            self.assertEqual(self.pages(case_id), [])
        self.verify()

    def test_a_download_that_the_erasure_overtakes_is_cut(self):
        code = self.open()
        self.attach(code, content(LIMIT))
        reader = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(reader.close)
        reader.settimeout(30)
        reader.connect(str(self.daemon.staff))
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(
            f"GET /v1/cases/{code}/documents/1 HTTP/1.1\r\nHost: x\r\nSankofa-As: awa\r\n\r\n".encode()
        )
        got = reader.recv(1000)
        self.daemon.post(f"/v1/cases/{code}/erase", {"reason": "asked"}, "dado")
        self.daemon.post(f"/v1/cases/{code}/erase/approve", {}, "binta")
        self.daemon.wait_for(
            f"/v1/cases/{code}/erase", lambda a: a.body.get("status") == "erased", who="binta"
        )
        while True:
            more = reader.recv(1 << 20)
            if not more:
                break
            got += more
        self.assertLess(len(got), LIMIT)


if __name__ == "__main__":
    plain.main()
