"""What the tests of documents share: a desk whose cases have them."""

import functools
import pathlib
import random
import re
import shutil
import socket
import tempfile
import time
import unittest

from daemon import Daemon, headers_of

DESK = """workflow: desk
title: Desk
country: SN
roles:
  clerk: {title: Clerk}
  worker: {title: Worker, sees: [sensitive]}
  chief: {title: Chief, sees: [sensitive], supervises: [clerk, worker]}
open: {by: [clerk, worker], form: {title: required}}
fields: {title: {type: text}}
states:
  open: {on: {write: {by: [clerk, worker], form: {title: required}}}}
"""
PEOPLE = {
    "awa": {"roles": ["worker"]},
    "carla": {"roles": ["clerk"]},
    "binta": {"roles": ["chief"]},
    "gil": {"grants": {"GW": ["worker"]}},
    "ada": {"roles": ["administrator"]},
    "dado": {"roles": ["dpo"]},
}
CHUNK = 65404
LIMIT = 1 << 20
NAME = "Kankalaba birth certificate.pdf"


@functools.lru_cache(maxsize=64)
def content(size, seed=b"x"):
    """Bytes that repeat nowhere."""
    return random.Random(seed).randbytes(size)


def headers_for(who="awa", name=NAME, kind="application/pdf", **named):
    headers = {"Content-Type": kind, "Sankofa-File": name}
    return headers_of(who=who, headers={k: v for k, v in headers.items() if v is not None}, **named)


class DocumentsTest(unittest.TestCase):
    limits = {"document_bytes": LIMIT}

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sankofa-documents-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.daemon = Daemon(PEOPLE, limits=self.limits, folder=self.folder)
        self.addCleanup(self.daemon.kill)
        self.configure()
        self.daemon.start()
        file = pathlib.Path(self.folder) / "desk.yaml"
        file.write_text(DESK, encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="ada").status, 201)

    def configure(self):
        """For what a class changes before the start."""

    def open(self, who="carla"):
        body = {"workflow": "desk", "data": {"title": "a title"}}
        answer = self.daemon.post("/v1/cases", body, who)
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def send(self, code, body, **named):
        path = f"/v1/cases/{code}/documents"
        return self.daemon.connection(self.daemon.staff).ask("POST", path, body, headers_for(**named))

    def attach(self, code, body, **named):
        answer = self.send(code, body, **named)
        self.assertEqual(answer.status, 201, answer)
        return answer.body["document"]["document"]

    def fetch(self, code, number, who="awa"):
        return self.daemon.get(f"/v1/cases/{code}/documents/{number}", who)

    def list(self, code, who="awa"):
        answer = self.daemon.get(f"/v1/cases/{code}/documents", who)
        self.assertEqual(answer.status, 200, answer)
        return answer.body

    def refused(self, answer, status, code, *words):
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        for word in words:
            self.assertIn(word, answer.raw.decode())

    def half(self, code, size, sent, **headers):
        """A connection on which a document of that size has begun."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(connection.close)
        connection.settimeout(30)
        connection.connect(str(self.daemon.staff))
        lines = {"Host": "x", "Content-Length": str(size), **headers_for(), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.sendall(f"POST /v1/cases/{code}/documents HTTP/1.1\r\n{head}\r\n".encode())
        if sent > 0:
            connection.sendall(content(size)[:sent])
        return connection

    def verify(self, status=0):
        done = self.daemon.run("admin", "verify", status=None)
        self.assertEqual(done.returncode, status, done)
        return done.stdout

    def records(self):
        """Other records than entries, as verify counts them."""
        return int(re.search(r"(\d+) other records", self.verify()).group(1))

    def wait_records(self, count):
        end = time.monotonic() + 20
        while self.records() != count and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(self.records(), count)
