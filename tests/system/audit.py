#!/usr/bin/python3
"""The journal can be checked by others: checkpoints, proofs, witnesses, and two verifiers that share
no code, over a good store and over ones that were edited."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

import lmdb

from daemon import BUILD, ROOT, Daemon
from rounds import RoundsTest

VERIFY_JOURNAL = ROOT / "contrib/verify-journal"
ENTRIES = 300
TILE = 256


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def fold(hashes):
    while len(hashes) > 1:
        hashes = [
            hashlib.sha256(b"\x01" + hashes[i] + hashes[i + 1]).digest()
            for i in range(0, len(hashes), 2)
        ]
    return hashes[0]


def native(number):
    return struct.pack("=Q", number)


class Copy:
    """A store that is edited: a copy of one, with a configuration of its own."""

    def __init__(self, daemon):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sankofa-audit-"))
        shutil.copytree(daemon.store, self.folder / "store")
        shutil.copy(daemon.folder / "key", self.folder / "key")
        shutil.copy(daemon.config, self.folder / "sankofad.yaml")
        self.public = self.folder / "kept.pub"
        shutil.copy(daemon.store / "audit.pub", self.public)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def edit(self, change):
        with lmdb.open(str(self.folder / "store"), max_dbs=32, map_size=1 << 30) as store:
            tables = {
                name: store.open_db(name.encode(), integerkey=name != "tree", create=False)
                for name in ("journal", "tree", "checkpoint")
            }
            with store.begin(write=True) as txn:
                change(txn, tables)

    def offline(self, *options):
        """sankofad --verify: status and lines."""
        return run([BUILD / "sankofad", "--config", self.folder / "sankofad.yaml", "--verify", *options])

    def independent(self, *options):
        return run([VERIFY_JOURNAL, self.folder / "store/data.mdb", self.public, *options])


def run(words, status=None):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    if status is not None:
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def findings(done, tables=("tree", "checkpoint", "against")):
    """{(table, where)} of what both can see: opening an entry takes the key."""
    found = re.findall(r"^(\w+) (\S*) [a-z].*$", done.stdout, re.M)
    return {(table, where) for table, where in found if table in tables}


class Audit(RoundsTest):
    def setUp(self):
        super().setUp()
        self.case = self.open_case()
        while self.daemon.get("/v1/status").body["seq"] < ENTRIES:
            self.do(self.case, "count")

    def checkpoint(self, name, *options):
        path = self.daemon.folder / name
        path.write_text(self.daemon.run("admin", "checkpoint", *options).stdout, encoding="utf-8")
        return path

    def admin_verify(self, *options, status=0):
        return json.loads(self.daemon.run("admin", "verify", "--json", *options, status=status).stdout)

    def test_a_good_store_is_whole_by_both_and_openssl_knows_its_signature(self):
        kept = self.checkpoint("kept")
        result = self.admin_verify("--against", kept)
        self.assertTrue(result["whole"], result)
        self.assertGreaterEqual(result["entries"], ENTRIES)
        self.assertIn("all whole", self.daemon.run("admin", "verify").stdout)
        # openssl: body, signature, public key, nothing of ours.
        body, _, line = kept.read_text(encoding="utf-8").rpartition("\n\n")
        (self.daemon.folder / "body").write_text(body + "\n", encoding="utf-8")
        signature = subprocess.run(
            ["base64", "-d"], input=line.split()[2].encode(), capture_output=True, check=True
        ).stdout[4:]
        (self.daemon.folder / "signature").write_bytes(signature)
        openssl = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", self.daemon.store / "audit.pub",
                   "-rawin", "-in", "body", "-sigfile", "signature"]
        done = subprocess.run(openssl, cwd=self.daemon.folder, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        (self.daemon.folder / "body").write_text(body.replace("\n", "\n1", 1) + "\n", encoding="utf-8")
        done = subprocess.run(openssl, cwd=self.daemon.folder, capture_output=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.daemon.stop(), 0)
        with Copy(self.daemon) as copy:
            for done in (copy.offline("--against", kept), copy.independent("--checkpoint", kept)):
                self.assertEqual(done.returncode, 0, done)
        self.daemon.start()

    def test_a_store_of_no_entry_has_a_key_and_nothing_to_sign(self):
        with Daemon({"awa": {"roles": ["clerk"]}}) as daemon:
            daemon.start()
            key = daemon.run("admin", "key").stdout
            self.assertEqual(key, (daemon.store / "audit.pub").read_text(encoding="utf-8"))
            done = daemon.run("admin", "checkpoint", status=6)
            self.assertIn("The journal has no entry yet.", done.stderr)

    def test_a_proof_of_an_entry_holds_without_the_daemon_and_not_once_it_is_changed(self):
        key = self.daemon.store / "audit.pub"
        for seq in (1, TILE, ENTRIES):
            proof = self.daemon.folder / "proof"
            proof.write_text(self.daemon.run("admin", "proof", str(seq)).stdout, encoding="utf-8")
            said = self.daemon.run("admin", "check", proof, key).stdout
            self.assertIn(f"entry {seq} is one of ", said)
            found = json.loads(self.daemon.run("admin", "check", proof, key, "--json").stdout)
            self.assertEqual((found["kind"], found["entry"], [list(one) for one in found["signed"]]),
                             ("proof", seq, [["by"]]))
            text = proof.read_text(encoding="utf-8")
            for changed in (text.replace("extra A", "extra B", 1), text.replace("index ", "index 1", 1)):
                self.assertNotEqual(changed, text)
                proof.write_text(changed, encoding="utf-8")
                self.daemon.run("admin", "check", proof, key, status=3)
                self.assertEqual(self.daemon.run("admin", "check", proof, key, "--json", status=3).stdout, "")
        self.daemon.run("admin", "proof", "999999", status=2)

    def test_a_witness_cosigns_what_only_grew(self):
        folder = self.daemon.folder / "witness"
        key = self.daemon.store / "audit.pub"
        self.daemon.run("admin", "witness", folder, "bissau.example/audit", key)
        first = self.checkpoint("first", "--old", "0")
        cosigned = self.daemon.folder / "cosigned"
        cosigned.write_text(self.daemon.run("admin", "cosign", folder, first).stdout, encoding="utf-8")
        said = self.daemon.run("admin", "check", cosigned, key, folder / "witness.pub").stdout
        self.assertIn("cosigned by bissau.example/audit", said)
        found = json.loads(self.daemon.run("admin", "check", cosigned, key, folder / "witness.pub", "--json").stdout)
        self.assertEqual((found["kind"], found["signed"][1]["by"]), ("checkpoint", "bissau.example/audit"))
        self.assertRegex(found["signed"][1]["at"], r"^\d{4}-\d\d-\d\dT")
        size = cosigned.read_text(encoding="utf-8").split("\n")[1]
        for _ in range(3):
            self.do(self.case, "count")
        # From another size than it saw: told which.
        wrong = self.checkpoint("wrong", "--old", "5")
        done = self.daemon.run("admin", "cosign", folder, wrong, status=3)
        self.assertIn(f"--old {size}", done.stderr)
        second = self.checkpoint("second", "--old", size)
        text = second.read_text(encoding="utf-8")
        # A proof that does not hold.
        lines = text.split("\n")
        lines[1] = lines[2]
        second.write_text("\n".join(lines), encoding="utf-8")
        self.daemon.run("admin", "cosign", folder, second, status=3)
        second.write_text(text, encoding="utf-8")
        told = json.loads(self.daemon.run("admin", "cosign", folder, second, "--json").stdout)
        self.assertEqual(told["by"], "bissau.example/audit")
        self.assertEqual(told["size"], int(told["checkpoint"].split("\n")[1]))
        cosigned.write_text(told["checkpoint"], encoding="utf-8")
        self.assertTrue(self.admin_verify("--against", cosigned)["whole"])
        self.daemon.stop()
        with Copy(self.daemon) as copy:
            done = copy.independent("--checkpoint", cosigned, "--witness", folder / "witness.pub")
            self.assertEqual(done.returncode, 0, done)
            done = copy.independent("--checkpoint", first, "--witness", folder / "witness.pub")
            self.assertNotEqual(done.returncode, 0, done)
        self.daemon.start()

    def test_edited_stores_are_told_by_both_alike(self):
        kept = self.checkpoint("kept")
        self.assertEqual(self.daemon.stop(), 0)

        def flip(txn, tables):
            entry = bytearray(txn.get(native(7), db=tables["journal"]))
            entry[80] ^= 1
            txn.put(native(7), bytes(entry), db=tables["journal"])

        def remove(txn, tables):
            txn.delete(native(100), db=tables["journal"])

        def swap(txn, tables):
            seven, eight = (bytes(txn.get(native(n), db=tables["journal"])) for n in (7, 8))
            txn.put(native(7), eight, db=tables["journal"])
            txn.put(native(8), seven, db=tables["journal"])

        def forge(txn, tables):
            """A new tree over the changed entry, without the key that signs."""
            flip(txn, tables)
            leaves = [leaf_hash(v) for _, v in txn.cursor(db=tables["journal"])]
            txn.put(bytes(9), b"".join(leaves[:TILE]), db=tables["tree"])

        def flip_tile(txn, tables):
            tile = bytearray(txn.get(bytes(9), db=tables["tree"]))
            tile[32 * 50] ^= 1
            txn.put(bytes(9), bytes(tile), db=tables["tree"])

        def cut_note(txn, tables):
            cursor = txn.cursor(db=tables["checkpoint"])
            cursor.last()
            size, note = bytes(cursor.key()), bytes(cursor.value())
            txn.put(size, note[:-30], db=tables["checkpoint"])

        expected = {
            flip: {("tree", "7")},
            remove: {("tree", "100")},
            swap: {("tree", "7"), ("tree", "8")},
            forge: None,
            flip_tile: {("tree", "51")},
            cut_note: None,
        }
        for change, where in expected.items():
            with self.subTest(change.__name__), Copy(self.daemon) as copy:
                copy.edit(change)
                offline = copy.offline("--against", kept)
                independent = copy.independent("--checkpoint", kept)
                self.assertEqual((offline.returncode, independent.returncode), (1, 1), (offline, independent))
                self.assertEqual(findings(offline), findings(independent))
                if where:
                    self.assertLessEqual(where, findings(independent))
                if change is forge:
                    self.assertEqual({t for t, _ in findings(independent)}, {"checkpoint", "against"})
        self.daemon.start()

    def test_a_store_that_was_put_back_is_older_than_a_checkpoint_that_was_kept(self):
        self.assertEqual(self.daemon.stop(), 0)
        older = self.daemon.folder / "older"
        shutil.copytree(self.daemon.store, older)
        self.daemon.start()
        self.do(self.case, "count")
        kept = self.checkpoint("kept")
        self.assertEqual(self.daemon.stop(), 0)
        shutil.rmtree(self.daemon.store)
        os.rename(older, self.daemon.store)
        with Copy(self.daemon) as copy:
            # Whole in itself, and yet not the newest.
            self.assertEqual(copy.offline().returncode, 0)
            self.assertEqual(copy.independent().returncode, 0)
            offline, independent = copy.offline("--against", kept), copy.independent("--checkpoint", kept)
            self.assertEqual((offline.returncode, independent.returncode), (1, 1))
            self.assertEqual(findings(offline), findings(independent))
        self.daemon.start()
        self.assertFalse(self.admin_verify("--against", kept, status=3)["whole"])
        self.daemon.run("admin", "verify", "--against", self.daemon.config, status=2)


if __name__ == "__main__":
    unittest.main()
