#!/usr/bin/python3
"""A case whose records are damaged is put aside, and everybody else is served."""

import json
import struct
import unittest

import lmdb

from daemon import Daemon
from api_kit import PEOPLE, WORKFLOW


def native(number):
    return struct.pack("=Q", number)


class Quarantine(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(PEOPLE, ["probe"])
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        self.assertEqual(self.daemon.load(WORKFLOW, who="ada").status, 201)
        self.code, self.other = self.open("Dakar"), self.open("Thies")
        answer = self.note(self.code, "the goats are back")
        self.assertEqual(answer.status, 200, answer)
        self.seq = answer.body["seq"]

    def open(self, place):
        body = {"workflow": "registry", "data": {"place": place}}
        answer = self.daemon.post("/v1/cases", body, "awa")
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def note(self, code, text):
        return self.daemon.post(f"/v1/cases/{code}/notes", {"text": text}, "awa")

    def flip(self, table, key, at=-1):
        """One bit of a record, while nobody has the store open."""
        with lmdb.open(str(self.daemon.store), max_dbs=32, map_size=1 << 30) as store:
            place = store.open_db(table)
            with store.begin(write=True, db=place) as change:
                value = bytearray(change.get(key))
                value[at] ^= 1
                change.put(key, bytes(value))

    def flipped(self, *where):
        self.daemon.kill()
        self.flip(*where)
        self.daemon.start()

    def test_damaged_entry(self):
        self.flipped(b"journal", native(self.seq))
        answer = self.daemon.get(f"/v1/cases/{self.code}", who="awa")
        self.assertEqual((answer.status, answer.code), (500, "quarantined"), answer)
        self.assertIn("sankofa admin quarantine", answer.body["hint"])
        self.assertNotIn("goats", answer.raw.decode())
        self.assertEqual(self.note(self.code, "no").code, "quarantined")
        for what in ("history", "explain", "diagram.svg", "documents"):
            answer = self.daemon.get(f"/v1/cases/{self.code}/{what}", who="awa")
            self.assertEqual(answer.code, "quarantined", (what, answer))
        answer = self.note(self.other, "all is well")
        self.assertEqual(answer.status, 200)
        # The feed goes on behind it.
        path = f"/v1/events?after={self.seq - 1}"
        told = [json.loads(line)["seq"] for line in self.daemon.get(path, "awa").raw.splitlines()]
        self.assertNotIn(self.seq, told)
        self.assertIn(answer.body["seq"], told)
        self.assertIn(f"case={self.code} what=entry seq={self.seq}", self.daemon.log())

        lines = {
            line["code"]: line for line in self.daemon.get("/v1/cases", who="awa").body["cases"]
        }
        self.assertEqual(
            set(lines[self.code]), {"id", "code", "workflow", "country", "opened", "quarantined"}
        )
        self.assertIn("states", lines[self.other])
        asked = self.daemon.ask("GET", "/v1/admin/quarantine", socket_path=self.daemon.admin)
        self.assertEqual(len(asked.body["cases"]), 1)
        one = asked.body["cases"][0]
        self.assertEqual((one["code"], one["what"], one["seq"]), (self.code, "entry", self.seq))
        self.assertIn(
            b"sankofa_cases_quarantined 1\n", self.daemon.get("/v1/metrics", who="awa").raw
        )

        # Whatever the others do, the next start finds the same; and the case, once it is whole again.
        for number in range(30):
            self.assertEqual(self.note(self.other, f"day {number}").status, 200)
        self.daemon.restart()
        self.assertEqual(self.daemon.get(f"/v1/cases/{self.code}", who="awa").code, "quarantined")
        self.flipped(b"journal", native(self.seq))
        self.assertEqual(self.daemon.get(f"/v1/cases/{self.code}", who="awa").status, 200)
        history = self.daemon.get(f"/v1/cases/{self.code}/history", who="awa")
        self.assertIn("goats", history.raw.decode())
        self.assertEqual(self.note(self.code, "and the sheep").status, 200)

    def test_client(self):
        said = self.daemon.run("admin", "quarantine")
        self.assertEqual((said.stdout, said.stderr), ("", "No case is put aside.\n"))
        self.flipped(b"journal", native(self.seq))
        said = self.daemon.run("admin", "quarantine")
        self.assertEqual(
            said.stdout, f"{self.code} entry {self.seq} of the journal is damaged\n"
        )
        self.assertIn("backup", said.stderr)
        said = self.daemon.run("show", self.code, who="awa", status=8)
        self.assertIn("Records of this case are damaged", said.stderr)
        said = self.daemon.run("list", who="awa")
        self.assertIn(self.code, said.stdout)
        self.assertIn(self.other, said.stdout)

    def test_found_while_it_works_search_forgets_it(self):
        """A case that memory has let go of, so that its snapshot is read again."""
        self.daemon.kill()
        self.daemon.settings["limits"] = {"cases_in_memory": 16}
        self.daemon.write_config()
        self.daemon.start()
        where = self.open("Kedougou")
        case_id = bytes.fromhex(self.daemon.get(f"/v1/cases/{where}", who="awa").body["id"])

        def found():
            body = self.daemon.post("/v1/cases/search", {"text": "Kedougou"}, "awa").body
            return [one["code"] for one in body["cases"]]

        self.assertEqual(found(), [where])
        for number in range(20):
            self.note(self.open(f"Matam {number}"), "others come in its place")
        self.flip(b"case", case_id)
        answer = self.daemon.get(f"/v1/cases/{where}", who="awa")
        self.assertEqual(answer.code, "quarantined", answer)
        self.assertEqual(found(), [])

    def test_entry_that_tells_nothing(self):
        self.daemon.kill()
        for at in range(18, 60):  # the id in its header, and what it was sealed with
            self.flip(b"journal", native(self.seq), at)
        with self.assertRaises(RuntimeError) as caught:
            self.daemon.start()
        self.assertIn("E901", str(caught.exception))
        self.assertIn("does not tell whose it is", str(caught.exception))
        self.assertIn("--restore", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
