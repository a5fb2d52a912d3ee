#!/usr/bin/env python3
"""A case erased by two people: gone at once and for good, through crashes. What is left of it: residue.py."""

import json
import random
import time
import unittest

from erase_kit import SECRETS, EraseTest


class Erase(EraseTest):
    def test_it_takes_two_people(self):
        code = self.open()
        self.assertEqual(self.approve(code).code, "not-available")
        self.assertEqual(self.ask(code, who="awa").code, "not-permitted")
        self.assertEqual(self.ask(code, who="fatou").code, "no-such-case")
        self.assertEqual(self.ask(code, reason="").code, "field-invalid")
        self.assertEqual(self.ask(code).status, 200)
        self.assertEqual(self.approve(code, who="awa").code, "not-permitted")
        self.assertEqual(self.approve(code, who="dado").code, "no-such-case")
        self.assertEqual(self.approve(code, who="dado2").code, "not-permitted")
        answer = self.approve(code)
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(answer.body["asked_by"], "dado")
        self.assertEqual(answer.body["approved_by"], "binta")
        self.assertEqual(answer.body["reason"], "the family asked")
        self.wait_erased(code)

    def test_a_legal_hold_blocks_it(self):
        code = self.open()
        flag = {"flag": "legal_hold", "raised": True}
        self.assertEqual(self.ask(code).status, 200)
        self.assertEqual(self.daemon.post(f"/v1/cases/{code}/flags", flag, who="binta").status, 200)
        self.assertIn("legal hold", self.approve(code).body["detail"])
        self.assertIn("legal hold", self.ask(code).body["detail"])
        flag["raised"] = False
        self.assertEqual(self.daemon.post(f"/v1/cases/{code}/flags", flag, who="binta").status, 200)
        self.assertEqual(self.approve(code).status, 202)

    def test_an_erased_case_is_gone_for_everybody(self):
        code, other = self.open(key="first"), self.open("stays")
        for number in range(12):
            self.assertEqual(self.write(code, f"{SECRETS[number % 3]} {number}").status, 200)
        self.assertEqual(self.search("Mariama"), [code])
        self.ask(code)
        self.assertEqual(self.approve(code).status, 202)
        for restarts in range(2):
            self.assertEqual(self.search("Mariama"), [])
            events = self.daemon.get("/v1/events", who="awa").raw.decode()
            lines = [json.loads(line) for line in events.split("\n") if line]
            # Of the entry that tells of the search, too: nobody can open it to see what it was.
            self.assertEqual(sum("erased" in line for line in lines), 15)
            self.assertNotIn(code, events)
            for path in ("", "/history"):
                answer = self.daemon.get(f"/v1/cases/{code}{path}", who="awa")
                self.assertEqual((answer.status, answer.code), (410, "erased"), answer)
                answer = self.daemon.get(f"/v1/cases/{code}{path}", who="fatou")
                self.assertEqual(answer.code, "no-such-case")
            self.assertEqual(self.write(code, "again").code, "erased")
            self.assertEqual(self.ask(code).code, "erased")
            self.assertEqual(self.approve(code).code, "erased")
            body = {"workflow": "notes", "data": {"title": "a title"}}
            answer = self.daemon.post("/v1/cases", body, who="awa", key="first")
            self.assertEqual(answer.code, "erased")
            listed = [c["code"] for c in self.daemon.get("/v1/cases", who="awa").body["cases"]]
            self.assertEqual(listed, [other])
            self.assertEqual(self.daemon.get("/v1/status").body["cases"], 1)
            self.wait_erased(code)
            self.verify()
            if restarts == 0:
                self.daemon.restart()
        self.assertEqual(
            self.daemon.get(f"/v1/cases/{other}", who="awa").body["data"]["title"], "stays"
        )
        self.assertNotEqual(self.open("a new one"), code)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.daemon.get(f"/v1/cases/{code}", who="awa").code, "erased")

    def test_kill_9_at_any_time_leaves_it_whole_or_gone(self):
        dice = random.Random(7)
        kept = self.open("stays")
        for number in range(12):
            code = self.open(f"case {number}")
            for _ in range(9):
                self.write(code, f"text {number}")
            self.ask(code)
            wait = dice.random() * 0.03
            told = None
            if number % 3:
                told = self.approve(code).status
                time.sleep(wait)
            else:
                connection = self.daemon.connection(self.daemon.staff)
                connection.request(
                    "POST", f"/v1/cases/{code}/erase/approve", b"{}",
                    {"Sankofa-As": "binta", "Content-Type": "application/json"},
                )
                time.sleep(wait / 3)
            self.daemon.kill()
            self.daemon.start()
            answer = self.daemon.get(f"/v1/cases/{code}", who="awa")
            if told == 202:
                self.assertEqual(answer.code, "erased", answer)
            if answer.status == 200:
                self.assertEqual(answer.body["data"]["title"], f"text {number}")
                self.assertEqual(self.approve(code).status, 202)
            self.wait_erased(code)
        shown = self.daemon.get(f"/v1/cases/{kept}", who="awa").body["data"]["title"]
        self.assertEqual(shown, "stays")

    def test_the_client_does_it(self):
        code = self.open()
        self.daemon.run("case", "erase", code, who="dado", status=2)
        done = self.daemon.run("case", "erase", code, "--reason", "asked", who="dado")
        self.assertIn("--approve", done.stderr)
        done = self.daemon.run("--json", "case", "erase", code, "--approve", who="binta")
        certificate = json.loads(done.stdout)
        self.assertEqual(certificate["status"], "erased")
        self.assertEqual(certificate["code"], code)
        self.assertGreater(certificate["finished_seq"], certificate["seq"])
        done = self.daemon.run("show", code, who="awa", status=5)
        self.assertIn("was erased on", done.stderr)


if __name__ == "__main__":
    unittest.main()
