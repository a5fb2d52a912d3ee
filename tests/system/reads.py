#!/usr/bin/python3
"""No unlogged read, with real processes: what was shown is written down, through kill -9 at once; both
verifiers find a store with reads whole; an erased case's reads go with it."""

import json
import random
import threading
import time
import unittest

from audit import Copy
from daemon import Connection, Daemon, headers_of

PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "moussa": {"roles": ["clerk"], "countries": ["SN"]},
    "binta": {"roles": ["chief"], "countries": ["SN"]},
    "aud": {"roles": ["auditor"]},
    "dpo": {"roles": ["dpo"]},
    "ada": {"roles": ["administrator"]},
}
READERS = ("awa", "moussa", "binta")
KILLS = 12
PATHS = ("", "/history", "/explain", "/diagram.svg")


class Reader(threading.Thread):
    """Reads one case after another, and keeps what it was shown, until the daemon is gone."""

    def __init__(self, daemon, who, cases):
        super().__init__(daemon=True)
        self.socket, self.who, self.cases = daemon.staff, who, cases
        self.random = random.Random(who)
        self.shown = set()

    def run(self):
        connection = Connection(self.socket)
        try:
            while True:
                case = self.random.choice(self.cases)
                path = f"/v1/cases/{case}{self.random.choice(PATHS)}"
                if connection.ask("GET", path, None, headers_of(self.who)).status == 200:
                    self.shown.add(case)
        except Exception:  # pylint: disable=broad-exception-caught
            connection.close()  # killed


class Reads(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(PEOPLE)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        self.assertEqual(self.daemon.load("tests/system/rights.yaml", who="ada").status, 201)

    def open_case(self, name="Binetou"):
        body = {"workflow": "rights", "data": {"place": "Dakar", "name": name}}
        answer = self.daemon.post("/v1/cases", body, "awa")
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def reads(self, case, who="aud"):
        """All of them, page by page."""
        lines, cursor = [], ""
        while True:
            answer = self.daemon.get(f"/v1/cases/{case}/reads?limit=50{cursor}", who)
            self.assertEqual(answer.status, 200, answer)
            lines = answer.body["reads"] + lines
            if "cursor" not in answer.body:
                return lines
            cursor = f"&cursor={answer.body['cursor']}"

    def verify(self):
        """The daemon, the daemon's program without it, and the verifier that shares no code."""
        done = self.daemon.run("--json", "admin", "verify", status=None)
        self.assertTrue(json.loads(done.stdout)["whole"], done)
        self.assertEqual(self.daemon.stop(), 0)
        with Copy(self.daemon) as copy:
            for done in (copy.offline(), copy.independent()):
                self.assertEqual(done.returncode, 0, done)
        self.daemon.start()

    def test_what_was_shown_is_written_down_though_the_daemon_is_killed_at_once(self):
        cases = [self.open_case() for _ in range(6)]
        for number in range(KILLS):
            before = self.daemon.get("/v1/status").body["seq"]
            readers = [Reader(self.daemon, who, cases) for who in READERS]
            for reader in readers:
                reader.start()
            time.sleep(0.004 * number)
            self.daemon.kill()
            for reader in readers:
                reader.join(30)
            self.daemon.start()
            written = {
                (read["by"], case) for case in cases for read in self.reads(case) if read["seq"] > before
            }
            shown = {(reader.who, case) for reader in readers for case in reader.shown}
            self.assertLessEqual(shown, written)
        self.assertTrue(shown, "nothing was shown in the longest round")
        self.verify()

    def test_the_first_answer_alone_is_enough(self):
        case = self.open_case()
        self.assertEqual(self.daemon.get(f"/v1/cases/{case}", "awa").status, 200)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual([read["by"] for read in self.reads(case)], ["awa"])

    def test_reads_stay_out_of_the_feed_and_the_history(self):
        case = self.open_case()
        for who in READERS:
            self.daemon.get(f"/v1/cases/{case}", who)
        for who in (*READERS, "aud"):
            self.assertNotIn(b'"read"', self.daemon.get("/v1/events", who).raw)
        entries = self.daemon.get(f"/v1/cases/{case}/history", "awa").body["entries"]
        self.assertEqual([entry["kind"] for entry in entries], ["open"])
        self.assertEqual(len(self.reads(case)), 3)

    def test_who_finds_and_who_is_told_of_a_likeness_is_written_down(self):
        case = self.open_case("Mariama Diallo")
        self.daemon.post("/v1/cases/search", {"text": "djalo"}, "binta")
        other = {"workflow": "rights", "data": {"place": "Thiès", "name": "Mariama Jallow"}}
        opened = self.daemon.post("/v1/cases", other, "moussa")
        self.assertEqual([line["code"] for line in opened.body["similar"]], [case])
        told = [(read["by"], read["what"]) for read in self.reads(case)]
        self.assertEqual(told, [("binta", "search"), ("moussa", "search")])

    def test_each_document_that_is_fetched_is_written_down(self):
        case = self.open_case()
        for number in (1, 2):
            headers = {"Content-Type": "text/plain", "Sankofa-File": f"{number}.txt"}
            path, paper = f"/v1/cases/{case}/documents", f"paper {number}".encode()
            self.assertEqual(self.daemon.post(path, paper, "awa", headers=headers).status, 201)
        for path in ("", "/1", "/2", "/1"):
            self.assertEqual(self.daemon.get(f"/v1/cases/{case}/documents{path}", "binta").status, 200)
        self.daemon.kill()
        self.daemon.start()
        told = [read["what"] for read in self.reads(case) if read["by"] == "binta"]
        self.assertEqual(told, ["case", "document 1", "document 2"])

    def test_the_reads_of_an_erased_case_go_with_it(self):
        case, other = self.open_case(), self.open_case("Ousmane")
        for number in range(3):
            for who in READERS:
                self.daemon.get(f"/v1/cases/{case}", who)
                self.daemon.get(f"/v1/cases/{other}", who)
            self.daemon.restart()
            self.assertEqual(len(self.reads(case)), 3 * (number + 1))
        self.daemon.post(f"/v1/cases/{case}/erase", {"reason": "the family asked"}, "dpo")
        self.assertEqual(self.daemon.post(f"/v1/cases/{case}/erase/approve", {}, "binta").status, 202)
        self.daemon.wait_for(f"/v1/cases/{case}/erase", lambda a: a.body["status"] == "erased", "binta")
        for _ in range(2):
            answer = self.daemon.get(f"/v1/cases/{case}/reads", "dpo")
            self.assertEqual((answer.status, answer.code), (410, "erased"))
            self.assertEqual(len(self.reads(other)), 9)
            self.verify()

    def test_the_client_tells_it(self):
        case = self.open_case()
        for who in READERS:
            self.daemon.run("show", case, who=who)
        told = self.daemon.run("case", "reads", case, who="aud").stdout
        self.assertEqual([line.split()[3] for line in told.splitlines()[1:]], ["awa", "moussa", "binta"])
        first = json.loads(self.daemon.run("--json", "case", "reads", case, "--limit", "2", who="dpo").stdout)
        self.assertEqual([read["by"] for read in first["reads"]], ["moussa", "binta"])
        words = ["--json", "case", "reads", case, "--limit", "2", "--cursor", first["cursor"]]
        self.assertEqual(len(json.loads(self.daemon.run(*words, who="aud").stdout)["reads"]), 1)
        self.daemon.run("case", "reads", case, who="awa", status=4)
        self.daemon.run("case", "reads", case, who="ada", status=5)
        self.daemon.run("case", "reads", "SN-2020-00007-1", who="aud", status=5)


if __name__ == "__main__":
    unittest.main()
