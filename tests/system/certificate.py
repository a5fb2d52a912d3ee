#!/usr/bin/python3
"""The certificate of an erasure, as whoever receives it checks it: without the daemon, by the client,
by a program that shares no code with it, by openssl; and nothing that was changed passes."""

import importlib.machinery
import importlib.util
import io
import json
import contextlib
import re
import shutil
import struct
import subprocess
import unittest

import lmdb

import erase_kit
from daemon import BUILD, ROOT, Daemon
from fake import FakeDaemon, answer

VERIFY_JOURNAL = ROOT / "contrib/verify-journal"
PAGE = (ROOT / "docs/reference/erase.md").read_text(encoding="utf-8")
REASON = 'the family asked;\n"file 12/2026", dépôt'


def load_verifier():
    loader = importlib.machinery.SourceFileLoader("verify_journal", str(VERIFY_JOURNAL))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Certificate(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(erase_kit.PEOPLE)
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        notes = self.daemon.folder / "notes.yaml"
        notes.write_text(erase_kit.NOTES, encoding="utf-8")
        self.assertEqual(self.daemon.load(notes, who="codou").status, 201)
        self.code = self.open()
        self.open()
        self.file = self.daemon.folder / f"{self.code}.erased"
        self.public = self.daemon.folder / "audit.pub"
        shutil.copy(self.daemon.store / "audit.pub", self.public)

    def open(self):
        body = {"workflow": "notes", "data": {"title": "a title"}}
        return self.daemon.post("/v1/cases", body, who="awa").body["code"]

    def erase(self):
        """By the client; what it prints is the certificate, and is kept."""
        self.daemon.run("case", "erase", self.code, "--reason", REASON, who="dado")
        done = self.daemon.run("case", "erase", self.code, "--approve", who="binta")
        self.file.write_text(done.stdout, encoding="utf-8")
        return done

    def check(self, file, *keys, status=0):
        return self.daemon.run("admin", "check", file, *keys, status=status)

    def independent(self, *words):
        return subprocess.run([VERIFY_JOURNAL, *words], capture_output=True, text=True, timeout=60, check=False)

    def test_it_is_checked_without_the_daemon_by_three_programs(self):
        done = self.erase()
        self.assertIn("Keep this certificate", done.stderr)
        again = self.daemon.run("case", "erase", self.code, "--certificate", who="dado")
        self.assertEqual(again.stdout, done.stdout)
        told = self.daemon.get(f"/v1/cases/{self.code}/erase", who="binta").body
        self.assertEqual(f"{told['note']}\n{told['proof']}", done.stdout)
        for line in (f"code {self.code}", "country SN", "asked_by dado", "approved_by binta", f"seq {told['seq']}",
                     f"finished {told['finished']}", f"reason {json.dumps(REASON, ensure_ascii=False)}"):
            self.assertIn(f"\n{line}\n", told["note"])
        # Of somebody who may not know of the case there is none.
        self.daemon.run("case", "erase", self.code, "--certificate", who="fatou", status=5)
        self.daemon.stop()
        said = self.check(self.file, self.public).stdout
        self.assertIn(f"the case {self.code} was erased for good\n", said)
        self.assertIn("asked for by dado, approved by binta at ", said)
        self.assertIn(f"entry {told['seq']} is one of ", said)
        alone = self.daemon.folder / "alone"
        alone.write_text(told["note"], encoding="utf-8")
        self.assertNotIn("entry", self.check(alone, self.public).stdout)
        for file in (self.file, alone):
            for words in ([self.public], [self.daemon.store / "data.mdb", self.public]):
                done = self.independent(*words, "--certificate", file)
                self.assertEqual(done.returncode, 0, done)
                self.assertIn(f"case {self.code} was erased at ", done.stdout)

    def test_the_page_shows_how_with_openssl_alone(self):
        self.erase()
        script = re.search(r"```sh\n(sed .*?)```", PAGE, re.S).group(1).replace("SN-2026-00042-K", self.code)
        shell = ["sh", "-e", "-c", script]
        done = subprocess.run(shell, cwd=self.daemon.folder, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "Signature Verified Successfully\n"), done)
        text = self.file.read_text(encoding="utf-8")
        self.file.write_text(text.replace("approved_by binta", "approved_by bintu"), encoding="utf-8")
        done = subprocess.run(shell, cwd=self.daemon.folder, capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0, done)
        shown = PAGE.split("sankofa erasure certificate v1\n")[1].split("\n\n")[0]
        names = [line.split(" ")[0] for line in shown.split("\n")[1:]]
        self.assertEqual(names, load_verifier().LINES)
        self.assertTrue(text.startswith("sankofa erasure certificate v1\n" + shown.split("\n", maxsplit=1)[0]))

    def test_a_flipped_byte_is_seen_wherever_it_is(self):
        self.erase()
        raw = self.file.read_bytes()
        changed = self.daemon.folder / "changed"
        verifier = load_verifier()
        key = verifier.Key(self.public)
        findings = verifier.Findings()
        with contextlib.redirect_stdout(io.StringIO()):
            for at in range(len(raw)):
                changed.write_bytes(raw[:at] + bytes([raw[at] ^ (1 << at % 8)]) + raw[at + 1 :])
                before = findings.count
                verifier.check_certificates([changed], key, [], None, findings)
                self.assertEqual(findings.count, before + 1, (at, raw[at : at + 20]))
                if at % 7 == 0:
                    self.check(changed, self.public, status=3)
            changed.write_bytes(raw)
            verifier.check_certificates([changed], key, [], None, findings)
        self.assertEqual(findings.count, len(raw))

    def test_another_store_has_not_signed_it(self):
        self.erase()
        with Daemon(erase_kit.PEOPLE) as other:
            other.init()
            theirs = other.store / "audit.pub"
            self.assertIn("It is not signed by", self.check(self.file, theirs, status=3).stderr)
            done = self.independent(theirs, "--certificate", self.file)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("is not signed by this store", done.stdout)
            # The name of ours with the key of theirs.
            name = self.public.read_text(encoding="utf-8").split("+")[0]
            forged = self.daemon.folder / "forged.pub"
            line = theirs.read_text(encoding="utf-8").split("\n")[0]
            forged.write_text(f"{name}+{line.split('+', 1)[1]}\n", encoding="utf-8")
            self.check(self.file, forged, status=2)
            self.assertEqual(self.independent(forged, "--certificate", self.file).returncode, 2)

    def test_it_is_never_taken_for_a_checkpoint_nor_one_for_it(self):
        self.erase()
        checkpoint = self.daemon.folder / "checkpoint"
        checkpoint.write_text(self.daemon.run("admin", "checkpoint").stdout, encoding="utf-8")
        note = self.daemon.folder / "note"
        note.write_text(self.daemon.get(f"/v1/cases/{self.code}/erase", who="binta").body["note"], encoding="utf-8")
        self.assertIn("a checkpoint up to entry", self.check(checkpoint, self.public).stdout)
        done = self.independent(self.public, "--certificate", checkpoint)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("is no certificate", done.stdout)
        for file in (note, self.file):
            done = self.independent(self.public, "--checkpoint", file)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("is no checkpoint", done.stdout)
            self.daemon.run("admin", "verify", "--against", file, status=2)
        folder = self.daemon.folder / "witness"
        self.daemon.run("admin", "witness", folder, "bissau.example/audit", self.public)
        self.assertEqual(self.daemon.run("admin", "cosign", folder, note, status=3).stdout, "")

    def test_a_witness_cosigns_the_checkpoint_of_its_proof(self):
        self.erase()
        folder = self.daemon.folder / "witness"
        witness = folder / "witness.pub"
        self.daemon.run("admin", "witness", folder, "bissau.example/audit", self.public)
        self.check(self.file, self.public, witness, status=3)
        self.assertIn("audit.pub first", self.check(self.file, witness, status=2).stderr)
        done = self.independent(self.public, "--certificate", self.file, "--witness", witness)
        self.assertIn("is not cosigned by bissau.example/audit", done.stdout)
        request = self.daemon.folder / "request"
        request.write_text(self.daemon.run("admin", "checkpoint", "--old", "0").stdout, encoding="utf-8")
        line = self.daemon.run("admin", "cosign", folder, request).stdout.rstrip("\n").split("\n")[-1]
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        said = self.check(self.file, self.public, witness).stdout
        self.assertIn("cosigned by bissau.example/audit", said)
        done = self.independent(self.public, "--certificate", self.file, "--witness", witness)
        self.assertEqual(done.returncode, 0, done)
        # Without its proof there is nothing that a witness has seen.
        note = self.daemon.folder / "note"
        note.write_text(self.daemon.get(f"/v1/cases/{self.code}/erase", who="binta").body["note"], encoding="utf-8")
        self.assertIn("without a proof", self.check(note, self.public, witness, status=3).stderr)
        done = self.independent(self.public, "--certificate", note, "--witness", witness)
        self.assertIn("comes without a proof", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_the_proof_of_another_entry_and_a_store_without_it_are_told(self):
        self.erase()
        told = self.daemon.get(f"/v1/cases/{self.code}/erase", who="binta").body
        wrong = self.daemon.folder / "wrong"
        proof = self.daemon.run("admin", "proof", str(told["seq"] - 1)).stdout
        wrong.write_text(f"{told['note']}\n{proof}", encoding="utf-8")
        self.assertIn("does not hold", self.check(wrong, self.public, status=3).stderr)
        done = self.independent(self.public, "--certificate", wrong)
        self.assertIn("is followed by the proof of another entry", done.stdout)
        self.assertEqual(self.independent(self.public).returncode, 2)  # nothing to check
        self.daemon.stop()
        copy = self.daemon.folder / "data.mdb"
        shutil.copy(self.daemon.store / "data.mdb", copy)
        with lmdb.open(str(copy), subdir=False, lock=False, max_dbs=32, map_size=1 << 30) as store:
            journal = store.open_db(b"journal", integerkey=True, create=False)
            with store.begin(write=True) as txn:
                number = struct.pack("=Q", told["seq"])
                entry = bytearray(txn.get(number, db=journal))
                entry[-1] ^= 1
                txn.put(number, bytes(entry), db=journal)
        done = self.independent(copy, self.public, "--certificate", self.file)
        self.assertIn("tells of an entry that the journal does not have", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_the_client_says_why_there_is_none(self):
        self.assertIn("--certificate", self.daemon.run("case", "erase", self.code, "--certificate", "--approve",
                                                       who="dado", status=2).stderr)
        self.daemon.run("case", "erase", self.code, "--certificate", who="binta", status=6)
        base = {"code": self.code, "status": "erased", "note": "a note\n"}
        for told, status, said in (
            ({**base, "proof": "a proof\n"}, 0, ""),
            ({**base, "unproven": "no-checkpoint"}, 0, "no proof"),
            ({**base, "unproven": "history-differs"}, 0, "without a proof"),
            ({"unsigned": "erasing"}, 7, "no certificate yet"),
            ({"unsigned": "damaged"}, 8, "is damaged"),
        ):
            raw = answer(200, json.dumps(told).encode()).replace(b"\r\n", b"\r\nContent-Type: application/json\r\n", 1)
            with FakeDaemon([raw]) as fake:
                done = subprocess.run(
                    [BUILD / "sankofa", "case", "erase", self.code, "--certificate", "--socket", fake.path],
                    capture_output=True, text=True, timeout=60, check=False, env={"LC_ALL": "C.UTF-8"})
            self.assertEqual(done.returncode, status, done)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stdout, {0: "a note\n" + ("" if said else "\na proof\n")}.get(status, ""))


if __name__ == "__main__":
    unittest.main()
