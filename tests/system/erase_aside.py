#!/usr/bin/python3
"""A case that is put aside, since records of it are damaged, is erased by two people like any other:
nothing of it is left, nothing else is lost, and what is damaged of the journal is told as before."""

import json
import random
import re
import struct
import subprocess
import time
import unittest

import lmdb

from daemon import ROOT
from erase_kit import PEOPLE, SECRETS, EraseTest, epochs_of, files_of, wrapped_of

VERIFY_JOURNAL = ROOT / "contrib/verify-journal"


def native(number):
    return struct.pack("=Q", number)


class Aside(EraseTest):
    people = {**PEOPLE, "dibor": {"roles": ["dpo"]}, "sadio": {"roles": ["dpo"], "countries": ["SN"]}}

    def flip(self, table, key, at=-1):
        """One bit of a record, while nobody has the store open; all of the table's, where key is None."""
        with lmdb.open(str(self.daemon.store), max_dbs=32, map_size=1 << 30) as store:
            place = store.open_db(table)
            with store.begin(write=True, db=place) as change:
                keys = [key] if key else [bytes(found) for found, _ in change.cursor()]
                for one in keys:
                    value = bytearray(change.get(one))
                    value[at] ^= 1
                    change.put(one, bytes(value))

    def fill(self):
        """A case of secrets, with a document: its code and id, and the seq of its last entry."""
        code = self.open()
        headers = {"Content-Type": "text/plain", "Sankofa-File": "the blue house.txt"}
        body = " ".join(SECRETS).encode() * 5000
        answer = self.daemon.post(f"/v1/cases/{code}/documents", body, "awa", headers=headers)
        self.assertEqual(answer.status, 201, answer)
        for _ in range(3):
            for secret in SECRETS:
                answer = self.write(code, secret)
                self.assertEqual(answer.status, 200, answer)
        shown = self.daemon.get(f"/v1/cases/{code}", who="awa").body
        return code, bytes.fromhex(shown["id"]), answer.body["seq"]

    def aside(self):
        answer = self.daemon.ask("GET", "/v1/admin/quarantine", socket_path=self.daemon.admin)
        return [one.get("code", one["id"]) for one in answer.body["cases"]]

    def independent(self):
        """What a program that has no key finds wrong with the journal."""
        words = [VERIFY_JOURNAL, self.daemon.store / "data.mdb", self.daemon.store / "audit.pub"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(done.returncode, (0, 1), done)
        return re.findall(r"^(?:journal|tree|checkpoint) .*$", done.stdout, re.M)

    def found(self):
        done = self.daemon.run("--json", "admin", "verify", status=None)
        return [(one["table"], one.get("seq", 0)) for one in json.loads(done.stdout)["findings"]]

    def assert_gone(self, code, keys):
        self.wait_erased(code)
        self.assertEqual(self.aside(), [])
        self.assert_nothing_of(keys)
        for restarts in range(2):
            self.assertEqual(self.daemon.get(f"/v1/cases/{code}", who="awa").code, "erased")
            self.assertEqual(self.search("Mariama"), [])
            self.assertEqual(self.daemon.get("/v1/status").body["quarantined"], 0)
            self.assertEqual(self.daemon.stop(), 0)
            self.assert_nothing_of(keys)
            self.daemon.start()
        self.assertEqual(self.aside(), [])

    def test_a_damaged_entry_keeps_nobody_from_erasing_the_case(self):
        other = self.open("stays")
        code, case_id, seq = self.fill()
        self.daemon.run("admin", "checkpoint")
        self.assertEqual(self.daemon.stop(), 0)
        keys = [*wrapped_of(self.daemon, case_id), *epochs_of((self.daemon.store / "slots").read_bytes())]
        self.assertGreater(len(keys), 1)
        self.flip(b"journal", native(seq))
        self.daemon.start()
        self.assertEqual(self.aside(), [code])
        damaged, told = self.independent(), self.found()
        self.assertTrue(damaged)
        self.assertIn(("journal", seq), told)
        self.assertEqual(self.ask(code, who="awa").code, "not-permitted")
        self.assertEqual(self.approve(code).code, "not-available")
        self.daemon.run("case", "erase", code, "--reason", "the family asked", who="dado")
        self.assertIn("the family asked", self.daemon.run("case", "erase", code, "--certificate", who="binta",
                                                          status=6).stderr)
        self.assertEqual(self.approve(code, who="dado2").code, "not-permitted")
        # The history that was signed is not what is there: nothing proves where the entry stands in it.
        done = self.daemon.run("case", "erase", code, "--approve", who="binta")
        self.assertIn("The case is erased", done.stderr)
        self.assertIn("comes without a proof", done.stderr)
        certificate = self.daemon.folder / "certificate"
        certificate.write_text(done.stdout, encoding="utf-8")
        self.daemon.run("admin", "check", certificate, self.daemon.store / "audit.pub")
        self.assert_gone(code, keys)
        self.assertEqual(self.daemon.run("admin", "quarantine").stderr, "No case is put aside.\n")
        self.assertEqual(self.independent(), damaged)
        self.assertEqual([one for one in self.found() if one[0] != "journal"],
                         [one for one in told if one[0] != "journal"])
        self.assertEqual(self.daemon.get(f"/v1/cases/{other}", who="awa").body["data"]["title"], "stays")

    def test_a_damaged_snapshot_goes_and_the_store_is_whole_again(self):
        code, case_id, _ = self.fill()
        for _ in range(4):
            self.write(code, SECRETS[0])
        self.assertEqual(self.daemon.stop(), 0)
        keys = wrapped_of(self.daemon, case_id)
        self.flip(b"case", case_id)
        self.daemon.start()
        self.assertEqual(self.daemon.get(f"/v1/cases/{code}", who="awa").code, "quarantined")
        self.assertEqual(self.ask(code).status, 200)
        done = self.daemon.run("case", "erase", code, "--approve", who="binta")
        self.assertIn(f"code {code}\n", done.stdout)
        self.assert_gone(code, keys)
        self.verify()
        self.assertEqual(self.independent(), [])

    def test_what_is_known_by_its_id_alone_takes_two_of_all_countries(self):
        code, case_id, _ = self.fill()
        self.assertEqual(self.daemon.stop(), 0)
        self.flip(b"case", None)
        self.flip(b"card", None)
        self.daemon.start()
        told = self.daemon.run("admin", "quarantine").stdout
        name = case_id.hex()
        self.assertTrue(told.startswith(f"{name} "), told)
        self.assertEqual(self.ask(code).code, "no-such-case")
        for who in ("awa", "binta", "codou"):
            self.assertEqual(self.ask(name, who=who).code, "no-such-case")
        done = self.daemon.run("case", "erase", name, "--reason", "asked", who="sadio", status=4)
        self.assertIn("in all countries", done.stderr)
        self.assertEqual(self.ask(name).status, 200)
        self.assertEqual(self.approve(name, who="binta").code, "no-such-case")
        self.assertEqual(self.approve(name, who="dado").code, "not-permitted")
        done = self.daemon.run("case", "erase", name, "--approve", who="dibor")
        self.assertIn(f"case {name}\nasked ", done.stdout)
        self.assertEqual(self.aside(), [])
        self.assert_nothing_of([])
        self.daemon.restart()
        self.assertEqual(self.daemon.get(f"/v1/cases/{name}/erase", who="dado").body["status"], "erased")

    def test_asking_is_repeated_by_its_key_like_any_other_write(self):
        code, _, _ = self.fill()
        seq = self.write(code, "the last").body["seq"]
        self.daemon.kill()
        self.flip(b"journal", native(seq))
        self.daemon.start()
        path, body = f"/v1/cases/{code}/erase", {"reason": "the family asked"}
        first = self.daemon.post(path, body, "dado", key="k")
        self.assertEqual((first.status, first.headers["Idempotent-Replayed"]), (200, None), first)
        for _ in range(2):
            again = self.daemon.post(path, body, "dado", key="k")
            self.assertEqual((again.status, again.headers["Idempotent-Replayed"]), (200, "true"), again)
            self.assertEqual(again.body, first.body)
            other = self.daemon.post(path, {"reason": "somebody else asked"}, "dado", key="k")
            self.assertEqual((other.status, other.code), (422, "idempotency-key-reused"), other)
            self.daemon.restart()
        asked = self.daemon.run("case", "erase", code, "--certificate", who="binta", status=6).stderr
        self.assertIn("the family asked", asked)
        # A key is of one person: with it another one asks anew.
        theirs = self.daemon.post(path, body, "dado2", key="k")
        self.assertEqual((theirs.status, theirs.headers["Idempotent-Replayed"]), (200, None), theirs)
        self.assertGreater(theirs.body["seq"], first.body["seq"])

    def test_a_legal_hold_that_is_known_blocks_it(self):
        code, _, _ = self.fill()
        flag = {"flag": "legal_hold", "raised": True}
        self.assertEqual(self.daemon.post(f"/v1/cases/{code}/flags", flag, who="binta").status, 200)
        self.write(code, "in the snapshot")
        seq = self.write(code, "the last").body["seq"]
        self.daemon.kill()
        self.flip(b"journal", native(seq))
        self.daemon.start()
        self.assertEqual(self.aside(), [code])
        answer = self.ask(code)
        self.assertEqual(answer.code, "not-available")
        self.assertIn("legal hold", answer.body["detail"])

    def test_kill_9_at_any_time_leaves_it_aside_or_gone(self):
        dice = random.Random(7)
        kept = self.open("stays")
        for number in range(10):
            code = self.open(f"case {number}")
            seq = self.write(code, f"text {number}").body["seq"]
            self.daemon.kill()
            self.flip(b"journal", native(seq), 18 + 7 if number % 2 else -1)
            self.daemon.start()
            self.assertEqual(self.aside(), [code])
            self.assertEqual(self.ask(code).status, 200)
            wait = dice.random() * 0.02
            told = None
            if number % 3:
                told = self.approve(code).status
            else:
                self.daemon.connection(self.daemon.staff).request(
                    "POST", f"/v1/cases/{code}/erase/approve", b"{}",
                    {"Sankofa-As": "binta", "Content-Type": "application/json"},
                )
            time.sleep(wait)
            self.daemon.kill()
            self.daemon.start()
            if told == 202:
                self.assertEqual(self.daemon.get(f"/v1/cases/{code}", who="awa").code, "erased")
            if self.aside():
                self.assertEqual(self.approve(code).status, 202)
            self.wait_erased(code)
            self.assertEqual(self.aside(), [])
        self.assertEqual(self.daemon.get(f"/v1/cases/{kept}", who="awa").body["data"]["title"], "stays")
        self.assertTrue(files_of(self.daemon))


if __name__ == "__main__":
    unittest.main()
