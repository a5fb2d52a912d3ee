#!/usr/bin/env python3
"""Backups of a store in use, and the way back: through real processes, and through the tools age
and tar where they are there."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

from daemon import Connection, Daemon, headers_of

PEOPLE = {
    "awa": {"roles": ["clerk"]},
    "codou": {"roles": ["administrator"]},
}
NOTES = """workflow: notes
title: Notes
country: SN
roles: {clerk: {title: Clerk}}
open: {by: [clerk], form: {title: required}}
fields: {title: {type: text}}
states:
  open: {on: {write: {by: [clerk], form: {title: required}}, end: {by: [clerk], target: done}}}
  done: {type: final}
"""
SECRET = "Tambacounda bus station"


def new_daemon(folder=None, **more):
    daemon = Daemon(PEOPLE, folder=folder, **more)
    recipient = daemon.run("admin", "backup-key", str(daemon.folder / "identity")).stdout
    (daemon.folder / "recipients").write_text(f"# the office's\n{recipient}", encoding="utf-8")
    daemon.settings["backup_recipients"] = "recipients"
    daemon.write_config()
    return daemon


def work(daemon, cases=3):
    """A definition and some cases; their codes."""
    (daemon.folder / "notes.yaml").write_text(NOTES, encoding="utf-8")
    answer = daemon.load(daemon.folder / "notes.yaml", who="codou")
    assert answer.status in (200, 201), answer
    codes = []
    for number in range(cases):
        answer = daemon.post(
            "/v1/cases",
            {"workflow": "notes", "data": {"title": f"{SECRET} {number}"}},
            who="awa",
        )
        assert answer.status == 201, answer
        codes.append(answer.body["code"])
    return codes


def shown(daemon, codes):
    return [daemon.get(f"/v1/cases/{code}", who="awa").body["data"] for code in codes]


def restore(daemon, file, *more, identity=None, reason="the disk broke"):
    return daemon.sankofad(
        "--restore", str(file), "--identity", str(identity or daemon.folder / "identity"),
        "--reason", reason, *more,
    )


def leftovers(folder):
    return [path.name for path in folder.iterdir() if ".part-" in path.name or ".new-" in path.name]


class Backup(unittest.TestCase):
    def test_a_backup_under_load_comes_back(self):
        with new_daemon() as daemon:
            daemon.start()
            codes = work(daemon)
            before = shown(daemon, codes)
            stop = threading.Event()

            def go_on():
                other = Connection(daemon.staff)
                body = {"workflow": "notes", "data": {"title": "meanwhile"}}
                while not stop.is_set():
                    answer = other.ask("POST", "/v1/cases", body, headers_of(who="awa"))
                    assert answer.status == 201, answer

            load = threading.Thread(target=go_on)
            load.start()
            file = daemon.folder / "monday.backup"
            done = daemon.run("admin", "backup", str(file), status=None)
            stop.set()
            load.join()
            assert done.returncode == 0, done
            assert done.stdout.strip() == str(file) and "found whole" in done.stderr, done
            assert file.stat().st_mode & 0o777 == 0o600
            raw = file.read_bytes()
            assert raw.startswith(b"age-encryption.org/v1\n")
            assert SECRET.encode() not in raw and b"data.mdb" not in raw
            seq = daemon.get("/v1/status").body["seq"]
            assert daemon.stop() == 0
            old = daemon.folder / "old"
            daemon.store.rename(old)

            done = restore(daemon, file, "--old", str(old))
            assert done.returncode == 0, done
            assert f"to {seq}" in done.stderr and "is lost" in done.stderr, done.stderr
            assert not leftovers(daemon.folder)
            daemon.start()
            assert shown(daemon, codes) == before
            assert "store.recovered" in daemon.log()
            # It goes on: the serials of cases, a backup of the restored store.
            work(daemon, 1)
            daemon.run("admin", "backup", str(daemon.folder / "tuesday.backup"))

    def test_stock_tools_open_it(self):
        """age and tar alone, without a line of ours."""
        if not shutil.which("age"):
            self.skipTest("there is no `age` here")
        with new_daemon() as daemon:
            daemon.start()
            work(daemon)
            file = daemon.folder / "a.backup"
            daemon.run("admin", "backup", str(file))
            plain = subprocess.run(
                ["age", "-d", "-i", daemon.folder / "identity", file], capture_output=True, check=True
            ).stdout
            target = daemon.folder / "by-hand"
            target.mkdir()
            subprocess.run(["tar", "x", "-C", target], input=plain, check=True)
            names = sorted(path.name for path in target.iterdir())
            assert names == ["backup.json", "data.mdb", "head", "slots"], names
            label = json.loads((target / "backup.json").read_text(encoding="utf-8"))
            assert label["format"] == 1 and label["seq"] >= 4, label
            assert SECRET.encode() not in plain
            # What age itself has encrypted is read, too: a recipient among others.
            keys = daemon.folder / "keys"
            subprocess.run(["age-keygen", "-o", keys], capture_output=True, check=True)
            ours = (daemon.folder / "recipients").read_text(encoding="utf-8").split("\n")[1]
            other = subprocess.run(
                ["age-keygen", "-y", keys], capture_output=True, text=True, check=True
            ).stdout.strip()
            again = daemon.folder / "again.backup"
            subprocess.run(
                ["age", "-r", other, "-r", ours, "-o", again], input=plain, check=True
            )
            assert daemon.stop() == 0
            shutil.move(daemon.store, daemon.folder / "old")
            done = restore(daemon, again, identity=keys)
            assert done.returncode == 0, done
            shutil.rmtree(daemon.store)
            assert restore(daemon, again).returncode == 0
            daemon.start()
            daemon.stop()

    def test_what_cannot_be_done_is_told(self):
        with new_daemon() as daemon:
            daemon.start()
            work(daemon)
            taken = daemon.folder / "taken"
            taken.write_text("mine", encoding="utf-8")
            done = daemon.run("admin", "backup", str(taken), status=6)
            assert "nothing was written over it" in done.stderr and taken.read_text() == "mine", done
            done = daemon.run("admin", "backup", str(daemon.folder / "no" / "such"), status=2)
            assert "cannot be made" in done.stderr, done
            answer = daemon.post("/v1/admin/backup", {"file": "here"}, socket_path=daemon.admin)
            assert answer.status == 400 and "absolute" in answer.body["detail"], answer
            assert daemon.get("/v1/operations/77", socket_path=daemon.admin).code == "no-such-operation"
            (daemon.folder / "recipients").write_text("age1nonsense\n", encoding="utf-8")
            assert daemon.sankofad("--check-config").returncode == 1
            done = daemon.run("admin", "backup", str(daemon.folder / "b"), status=6)
            assert "no recipient" in done.stderr, done
            del daemon.settings["backup_recipients"]
            daemon.write_config()
            daemon.restart()
            done = daemon.run("admin", "backup", str(daemon.folder / "b"), status=6)
            assert "No key for backups" in done.stderr, done
            assert not leftovers(daemon.folder)

    def test_a_full_disk_is_told_and_nothing_is_left(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        with new_daemon() as daemon, tempfile.TemporaryDirectory() as disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", disk], check=True)
            try:
                daemon.start()
                codes = work(daemon)
                done = daemon.run("admin", "backup", f"{disk}/a.backup", status=7)
                assert "is full" in done.stderr and "nothing was left there" in done.stderr, done
                assert not list(pathlib.Path(disk).iterdir())
                assert len(shown(daemon, codes)) == len(codes)
                work(daemon, 1)
                daemon.run("admin", "backup", str(daemon.folder / "a.backup"))
            finally:
                subprocess.run(["umount", disk], check=True)

    def test_a_bad_backup_is_refused_and_nothing_is_left(self):
        with new_daemon() as daemon:
            daemon.start()
            work(daemon)
            file = daemon.folder / "a.backup"
            daemon.run("admin", "backup", str(file))
            assert daemon.stop() == 0
            done = restore(daemon, file)
            assert done.returncode == 1 and "E861" in done.stderr, done
            daemon.store.rename(daemon.folder / "old")
            stranger = daemon.folder / "stranger"
            daemon.run("admin", "backup-key", str(stranger))
            assert stranger.stat().st_mode & 0o777 == 0o400
            done = restore(daemon, file, identity=stranger)
            assert done.returncode == 1 and "E825" in done.stderr, done
            done = restore(daemon, file, identity=daemon.folder / "key")
            assert done.returncode == 1 and "E862" in done.stderr, done
            done = restore(daemon, file, reason="")
            assert done.returncode == 1 and "E860" in done.stderr, done
            raw = file.read_bytes()
            bad = daemon.folder / "bad.backup"
            for at in (30, 150, len(raw) // 2, len(raw) - 1):
                bad.write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
                done = restore(daemon, bad)
                assert done.returncode == 1 and ("E826" in done.stderr or "E825" in done.stderr), done
            for size in (0, 100, len(raw) // 2, len(raw) - 1):
                bad.write_bytes(raw[:size])
                assert restore(daemon, bad).returncode == 1, size
            assert not daemon.store.exists() and not leftovers(daemon.folder)
            assert daemon.sankofad("--reason", "why").returncode == 2
            done = daemon.run(
                "admin", "restore", str(file), "--config", str(daemon.config), "--identity",
                str(daemon.folder / "identity"), "--reason", "the disk broke",
            )
            assert "The store is restored" in done.stdout, done
            daemon.start()

    def test_a_store_put_back_beside_its_head_is_noticed(self):
        """The data file of an earlier day under today's head: rolled back, and told."""
        with new_daemon() as daemon:
            daemon.start()
            work(daemon)
            assert daemon.stop() == 0
            data = (daemon.store / "data.mdb").read_bytes()
            daemon.start()
            work(daemon)
            assert daemon.stop() == 0
            (daemon.store / "data.mdb").write_bytes(data)
            try:
                daemon.start()
            except RuntimeError as error:
                assert "E819" in str(error), error
            else:
                raise AssertionError("the daemon serves a store that was put back")


if __name__ == "__main__":
    unittest.main()
