#!/usr/bin/env python3
"""A case exported by two people: everything of it, for the holder of one key alone; with Debian's own
age and tar."""

import io
import json
import pathlib
import shutil
import socket
import subprocess
import tarfile
import unittest

from documents_kit import CHUNK, PEOPLE, DocumentsTest, content

ENTRIES = 70  # more than one part of the history holds


@unittest.skipUnless(shutil.which("age"), "there is no `age` here")
class Export(DocumentsTest):
    def setUp(self):
        super().setUp()
        self.identity = pathlib.Path(self.folder) / "reader"
        subprocess.run(["age-keygen", "-o", self.identity], capture_output=True, check=True)
        self.recipient = subprocess.run(
            ["age-keygen", "-y", self.identity], capture_output=True, text=True, check=True
        ).stdout.strip()

    def configure(self):
        self.daemon.settings["people"] = {
            **PEOPLE,
            "dado2": {"roles": ["dpo", "chief"], "person": "dado"},
            "bob": {"roles": ["chief"]},
        }
        self.daemon.write_config()

    def ask(self, code, who="dado", **body):
        body = {"reason": "she asks for it", "recipient": self.recipient, **body}
        return self.daemon.post(f"/v1/cases/{code}/export", body, who)

    def approve(self, code, who="binta"):
        return self.daemon.post(f"/v1/cases/{code}/export/approve", {}, who)

    def fetch_export(self, code, who="binta"):
        return self.daemon.get(f"/v1/cases/{code}/export", who)

    def open_archive(self, raw):
        """{name: bytes} of what only the identity opens."""
        done = subprocess.run(
            ["age", "-d", "-i", self.identity], input=raw, capture_output=True, check=True
        )
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            return {one.name: archive.extractfile(one).read() for one in archive.getmembers()}

    def released(self):
        code = self.open()
        self.assertEqual(self.ask(code).status, 200)
        self.assertEqual(self.approve(code).status, 200)
        return code

    def test_it_takes_two_people(self):
        code = self.open()
        self.refused(self.approve(code), 409, "not-available", "Nobody has asked")
        self.refused(self.fetch_export(code), 409, "not-available", "Nobody has asked")
        self.refused(self.ask(code, "awa"), 403, "not-permitted", "dpo")
        self.refused(self.ask(code, "binta"), 403, "not-permitted")
        for who in ("gil", "ada"):
            self.refused(self.ask(code, who), 404, "no-such-case")
            self.refused(self.approve(code, who), 404, "no-such-case")
            self.refused(self.fetch_export(code, who), 404, "no-such-case")
        self.refused(self.ask(code, reason=""), 422, "field-invalid")
        self.refused(self.ask(code, recipient="age1x"), 422, "field-invalid", "recipient")
        self.assertEqual(self.ask(code).status, 200)
        self.refused(self.fetch_export(code), 409, "not-available", "another person")
        self.refused(self.approve(code, "awa"), 403, "not-permitted")
        self.refused(self.approve(code, "dado"), 404, "no-such-case")
        self.refused(self.approve(code, "dado2"), 403, "not-permitted", "yourself")
        self.assertEqual(self.approve(code).status, 200)
        self.refused(self.approve(code, "bob"), 409, "not-available")
        self.refused(self.fetch_export(code, "bob"), 403, "not-permitted")
        self.refused(self.fetch_export(code, "awa"), 403, "not-permitted")
        for who in ("dado", "binta"):
            self.assertEqual(self.fetch_export(code, who).status, 200)
        kinds = [
            (entry["kind"], entry["by"])
            for entry in self.daemon.get(f"/v1/cases/{code}/history", "awa").body["entries"]
        ]
        self.assertEqual(kinds[1:], [("export", "dado"), ("release", "binta")])
        # Asked for anew, it waits for another yes.
        self.assertEqual(self.ask(code).status, 200)
        self.refused(self.fetch_export(code), 409, "not-available")

    def test_it_is_for_a_day_and_survives_a_crash(self):
        code = self.released()
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.fetch_export(code).status, 200)
        self.assertEqual(self.daemon.advance("25h").status, 200)
        self.refused(self.fetch_export(code), 409, "not-available", "more than a day ago")

    def test_everything_of_the_case_is_in_it(self):
        code = self.open()
        bodies = [b"", content(3 * CHUNK + 5), content(CHUNK)]
        for number, body in enumerate(bodies):
            self.attach(code, body, name=f"UTF-8''%C3%89t%C3%A9%20{number}.PDF")
        self.daemon.post(f"/v1/cases/{code}/notes", {"text": "Mariama called"}, "awa")
        for number in range(ENTRIES):
            self.daemon.post(
                f"/v1/cases/{code}/transitions/write", {"data": {"title": f"{number}"}}, "awa"
            )
        self.daemon.run("admin", "checkpoint")
        self.assertEqual(self.ask(code).status, 200)
        self.assertEqual(self.approve(code).status, 200)
        raw = self.fetch_export(code).raw
        self.assertNotIn(b"Mariama", raw)
        members = self.open_archive(raw)
        case = json.loads(members[f"{code}/case.json"])
        self.assertEqual((case["code"], case["data"]["title"]), (code, str(ENTRIES - 1)))
        listed = json.loads(members[f"{code}/documents.json"])
        self.assertEqual([one["name"] for one in listed], [f"Été {n}.PDF" for n in range(3)])
        for number, body in enumerate(bodies, 1):
            self.assertEqual(members[f"{code}/documents/{number}.PDF"], body)
        history = [
            json.loads(text) for name, text in sorted(members.items()) if "/history/" in name
        ]
        told = self.daemon.get(f"/v1/cases/{code}/history?limit=200", "awa").body["entries"]
        self.assertEqual(len(history), 4 + 1 + ENTRIES + 2)
        self.assertEqual([one["seq"] for one in history], [one["seq"] for one in told])
        self.assertIn("Mariama called", [one.get("comment") for one in history])
        definition = json.loads(members[f"{code}/definition.json"])
        self.assertEqual(definition["workflow"], "desk")
        proofs = sorted(name for name in members if "/proofs/" in name)
        self.assertGreaterEqual(len(proofs), ENTRIES)
        out = pathlib.Path(self.folder) / "proof"
        key = pathlib.Path(self.folder) / "audit.pub"
        key.write_bytes(members[f"{code}/audit.pub"])
        out.write_bytes(members[proofs[0]])
        self.daemon.run("admin", "check", out, key)
        out.write_bytes(members[proofs[0]].replace(b"index 1", b"index 2"))
        self.daemon.run("admin", "check", out, key, status=3)

    def test_it_is_written_down_who_fetched_it(self):
        code = self.released()
        self.assertEqual(self.fetch_export(code, "dado").status, 200)
        self.daemon.kill()
        self.daemon.start()
        reads = self.daemon.get(f"/v1/cases/{code}/reads", "dado").body
        self.assertIn(("dado", "export"), [(one["by"], one["what"]) for one in reads["reads"]])

    def test_another_key_does_not_open_it(self):
        raw = self.fetch_export(self.released()).raw
        other = pathlib.Path(self.folder) / "other"
        subprocess.run(["age-keygen", "-o", other], capture_output=True, check=True)
        for data, identity in ((raw, other), (raw[:-1], self.identity), (raw[:200], self.identity)):
            done = subprocess.run(
                ["age", "-d", "-i", identity], input=data, capture_output=True, check=False
            )
            self.assertNotEqual(done.returncode, 0)

    def test_an_erasure_cuts_one_that_is_on_its_way(self):
        code = self.open()
        for _ in range(4):
            self.attach(code, content(1 << 20))
        self.ask(code)
        self.approve(code)
        reader = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(reader.close)
        reader.settimeout(30)
        reader.connect(str(self.daemon.staff))
        path = f"GET /v1/cases/{code}/export HTTP/1.1\r\nHost: x\r\nSankofa-As: binta\r\n\r\n"
        reader.sendall(path.encode())
        got = reader.recv(1000)
        self.daemon.post(f"/v1/cases/{code}/erase", {"reason": "asked"}, "dado")
        self.daemon.post(f"/v1/cases/{code}/erase/approve", {}, "binta")
        self.daemon.wait_for(
            f"/v1/cases/{code}/erase", lambda a: a.body.get("status") == "erased", who="binta"
        )
        while more := reader.recv(1 << 20):
            got += more
        self.assertLess(len(got), 4 << 20)
        self.refused(self.fetch_export(code), 410, "erased")

    def test_the_client_does_it(self):
        code = self.open()
        self.attach(code, content(2 * CHUNK), name="a.txt")
        words = ("case", "export", code)
        target = pathlib.Path(self.folder) / "out.tar.age"
        self.daemon.run(*words, "--reason", "asked", who="dado", status=2)
        self.daemon.run(*words, who="dado", status=2)
        done = self.daemon.run(
            *words, "--reason", "asked", "--recipient", self.recipient, who="dado"
        )
        self.assertIn("--approve", done.stderr)
        self.daemon.run(*words, target, who="binta", status=6)
        self.assertFalse(target.exists())
        done = self.daemon.run(*words, "--approve", who="binta")
        self.assertIn(f"sankofa case export {code}", done.stderr)
        done = self.daemon.run(*words, target, who="binta")
        self.assertEqual(done.stdout, f"{target}\n")
        self.assertEqual(target.stat().st_mode & 0o777, 0o600)
        members = self.open_archive(target.read_bytes())
        self.assertEqual(members[f"{code}/documents/1.txt"], content(2 * CHUNK))
        self.daemon.run(*words, target, who="binta", status=2)
        told = json.loads(self.daemon.run(*words, target, "--force", "--json", who="binta").stdout)
        self.assertEqual(told, {"file": str(target)})


if __name__ == "__main__":
    unittest.main()
