#!/usr/bin/python3
"""What is left of an erased case: in no file of the machine that the daemon writes, and nowhere in its
memory, is a text of it, or the key of one. Its texts were everywhere that texts can be: in fields, notes,
documents and their names, a search, a plugin's input, an export, a backup."""

import base64
import json
import os
import subprocess
import unittest
from unittest import mock
from urllib.parse import quote

import lmdb

import plain
from daemon import BUILD, Daemon
from erase_kit import SECRETS, epochs_of, files_of, forms, found
from memory import children, memory_finds

NOTES = """workflow: notes
title: Notes
country: SN
roles:
  clerk: {title: Clerk, sees: [sensitive]}
  chief: {title: Chief, supervises: [clerk]}
open: {by: [clerk], form: {title: required}}
fields: {title: {type: text}, name: {type: text, sensitive: true}, heard: {type: text}}
initial: open
states:
  open:
    deadline: {within: 3d}
    on:
      write: {by: [clerk], form: {title: required, name: required}}
      tell:
        by: [clerk]
        check: {heard: {use: probe/echo, with: {text: = data.title + " is told"}, into: {heard: text}}}
        target: telling
  telling:
    steps:
      told:
        use: probe/fail
        with: {reason: = "because of " + data.title}
        done: {target: open}
        failed: {target: open}
"""
PEOPLE = {
    "awa": {"roles": ["clerk"]},
    "binta": {"roles": ["chief"]},
    "dado": {"roles": ["dpo"]},
    "codou": {"roles": ["administrator"]},
}


class Residue(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(PEOPLE, ["probe"])
        self.addCleanup(self.daemon.__exit__)
        recipient = self.make_key("identity")
        (self.daemon.folder / "recipients").write_text(recipient + "\n", encoding="utf-8")
        self.daemon.settings["backup_recipients"] = "recipients"
        self.daemon.write_config()
        (self.daemon.folder / "tmp").mkdir()
        with mock.patch.dict(os.environ, {"TMPDIR": str(self.daemon.folder / "tmp")}):
            self.daemon.start()
        file = self.daemon.folder / "notes.yaml"
        file.write_text(NOTES, encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="codou").status, 201)

    def make_key(self, name):
        return self.daemon.run("admin", "backup-key", str(self.daemon.folder / name)).stdout.strip()

    # ---- A case, and what is done with it.

    def open(self, title):
        body = {"workflow": "notes", "data": {"title": title}}
        return self.good(self.daemon.post("/v1/cases", body, who="awa"))["code"]

    def good(self, answer):
        self.assertIn(answer.status, (200, 201, 202), answer)
        return answer.body

    def do(self, code, what, body, who="awa", **named):
        return self.good(self.daemon.post(f"/v1/cases/{code}/{what}", body, who=who, **named))

    def fill(self, code, secret):
        """Everywhere that a text can be."""
        self.do(code, "transitions/write", {"data": {"title": secret, "name": secret}, "comment": secret})
        self.do(code, "notes", {"text": f"it is {secret} again"})
        headers = {"Content-Type": "text/plain", "Sankofa-File": f"UTF-8''{quote(secret)}.txt"}
        document = f"of {secret}\n".encode() * 9000
        told = self.do(code, "documents", document, headers=headers)["document"]
        self.do(code, "transitions/tell", {})
        self.daemon.wait_for(
            f"/v1/cases/{code}", lambda a: a.body["states"][0]["id"] == "open", who="awa"
        )
        shown = self.good(self.daemon.get(f"/v1/cases/{code}", who="awa"))
        self.assertEqual(shown["data"]["heard"], f"{secret} is told")
        for path in ("history", "explain", "documents", "diagram.svg"):
            self.assertEqual(self.daemon.get(f"/v1/cases/{code}/{path}", who="awa").status, 200)
        path = f"/v1/cases/{code}/documents/{told['document']}"
        self.assertEqual(self.daemon.get(path, who="awa").raw, document)
        found_cases = self.good(self.daemon.post("/v1/cases/search", {"text": secret}, who="awa"))
        self.assertIn(code, [one["code"] for one in found_cases["cases"]])
        body = {"set": {"title": f"{secret} corrected"}, "reason": secret}
        self.good(self.daemon.ask("PATCH", f"/v1/cases/{code}/data", body, "awa"))
        body = {"set": {"title": secret}, "reason": "again"}
        self.good(self.daemon.ask("PATCH", f"/v1/cases/{code}/data", body, "awa"))

    def export(self, code):
        body = {"reason": "asked", "recipient": self.make_key("reader")}
        self.do(code, "export", body, who="dado")
        self.do(code, "export/approve", {}, who="binta")
        self.daemon.run("case", "export", code, str(self.daemon.folder / "file.tar.age"), who="dado")

    def erase(self, code):
        self.do(code, "erase", {"reason": "asked"}, who="dado")
        self.do(code, "erase/approve", {}, who="binta")
        path = f"/v1/cases/{code}/erase"
        self.daemon.wait_for(path, lambda a: a.body.get("status") == "erased", who="binta")

    # ---- What is found of it.

    def records_of(self, case_id):
        """Its records as they stand in the store, but those of the journal, which stay; of a long one,
        its last bytes: {table: [bytes]}."""
        records = {}
        with lmdb.open(str(self.daemon.store), max_dbs=32, map_size=1 << 30) as store:
            for table in ("key", "case", "card", "document"):
                with store.begin(db=store.open_db(table.encode())) as look:
                    held = [value for key, value in look.cursor() if key.startswith(case_id)]
                records[table] = [value[-200:] for value in held]
        return records

    def assert_nothing_of(self, keys):
        files = files_of(self.daemon)
        names = {path.name for path in files}
        expected = {"data.mdb", "slots", "head", "sankofad.log", "monday.backup", "file.tar.age"}
        self.assertLessEqual(expected, names)
        for secret in SECRETS:
            self.assertEqual(found(files, forms(secret)), [], secret)
        self.assertEqual(found(files, keys), [])

    def test_no_file_says_anything_of_it(self):
        kept = [self.open(f"{secret} of another") for secret in SECRETS]
        code = self.open("a title")
        for secret in SECRETS:
            self.fill(code, secret)
        self.export(code)
        case_id = bytes.fromhex(self.daemon.get(f"/v1/cases/{code}", who="awa").body["id"])
        self.daemon.restart()
        # The positive control: keys and records are found where they stand.
        epochs = epochs_of((self.daemon.store / "slots").read_bytes())
        self.assertEqual(found(files_of(self.daemon), epochs), ["slots"])
        records = sum(self.records_of(case_id).values(), [])
        self.assertGreater(len(records), 3 + len(SECRETS))
        for record in records:
            self.assertEqual(found(files_of(self.daemon), [record]), ["data.mdb"])
        self.daemon.run("admin", "backup", f"{self.daemon.folder}/monday.backup")
        self.erase(code)
        # While it runs, of what its people may still read as well, and after its end.
        self.assert_nothing_of([*records, *epochs])
        self.assertEqual(list((self.daemon.folder / "tmp").iterdir()), [])
        self.assertEqual(self.daemon.stop(), 0)
        self.assert_nothing_of([*records, *epochs])
        self.daemon.start()
        for number, other in enumerate(kept):
            shown = self.daemon.get(f"/v1/cases/{other}", who="awa").body["data"]["title"]
            self.assertEqual(shown, f"{SECRETS[number]} of another")

    def data_key(self, case_id):
        (wrapped,) = self.records_of(case_id)["key"]
        done = subprocess.run(
            [BUILD / "tests/system/secrets", self.daemon.store / "slots", self.daemon.folder / "key",
             case_id.hex(), wrapped.hex()],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        (key,) = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("data ")]
        return bytes.fromhex(key)

    @unittest.skipUnless(os.geteuid() == 0, "only root reads another process's memory")
    @plain.shows_alone("a sanitized program keeps what it freed for a while")
    def test_nothing_of_it_is_left_in_memory(self):
        code, other = self.open("a title"), self.open("Tambacounda")
        # Whole, and as single words, which is how they are searched by.
        needles = {SECRETS[0].encode(), b"kankalaba", b"coumba", *forms(SECRETS[-1])}
        for secret in (SECRETS[0], SECRETS[-1]):
            self.fill(code, secret)
        self.export(code)
        self.daemon.run("admin", "verify")
        self.daemon.run("admin", "replay")
        case_id = bytes.fromhex(self.daemon.get(f"/v1/cases/{code}", who="awa").body["id"])
        pid, key = self.daemon.process.pid, self.data_key(case_id)
        # The positive control: as long as it is there, it is found, and so is its key.
        self.assertTrue(memory_finds(pid, needles))
        self.assertEqual(memory_finds(pid, [key]), {key})
        self.erase(code)
        self.daemon.get("/v1/status")  # the request before it is over by then
        self.assertEqual(memory_finds(pid, [*needles, key]), set())
        hosts = children(pid)
        self.assertTrue(hosts)
        for host in hosts:
            self.assertEqual(memory_finds(host, needles), set())
        self.assertTrue(memory_finds(pid, [b"Tambacounda"]))
        self.assertEqual(self.daemon.get(f"/v1/cases/{other}", who="awa").status, 200)

    def test_the_search_finds_what_is_there(self):
        file = self.daemon.folder / "planted"
        for secret in SECRETS:
            for planted in (
                secret.encode(),
                secret.lower().encode("utf-16-le"),
                json.dumps({"title": f"of {secret}"}).encode(),
                json.dumps({"title": f"{secret}!"}, ensure_ascii=False).encode(),
                *(base64.b64encode(b"x" * n + secret.encode() + b"rest") for n in range(4)),
                base64.urlsafe_b64encode(b"title: " + secret.encode()),
                f"it is {secret} they say".encode().hex().encode(),
            ):
                file.write_bytes(b"something " + planted + b" something")
                self.assertEqual(found(files_of(self.daemon), forms(secret)), ["planted"], planted)
        file.unlink()



if __name__ == "__main__":
    plain.main()
