#!/usr/bin/env python3
"""Keys of a store by its real programs: sealed and unlocked, slots, shares, rotation under load and
kill -9, and where in memory no key may be."""

import os
import pathlib
import re
import subprocess
import threading
import time
import unittest

import plain
from api_kit import PEOPLE, WORKFLOW
from daemon import BUILD, Connection, Daemon
from memory import children, memory_has

PASSPHRASE = "quatre mots que personne ne devine"
SECRETS = BUILD / "tests/system/secrets"
IS_ROOT = os.geteuid() == 0


class KeysTest(unittest.TestCase):
    """Each test has a store of its own."""

    settings = {}
    init_options = ()
    plugins = ()

    def setUp(self):
        self.daemon = Daemon(PEOPLE, self.plugins)
        self.addCleanup(self.daemon.__exit__)
        self.passphrase_file = self.daemon.folder / "passphrase"
        self.passphrase_file.write_text(PASSPHRASE + "\n", encoding="utf-8")
        self.daemon.settings.update(self.settings)
        self.daemon.write_config()
        done = self.daemon.sankofad("--init", "--demo", *self.init_words())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.daemon.is_made = True
        self.daemon.start()

    def init_words(self):
        return ()

    def admin(self, method, path, body=None):
        return self.daemon.ask(method, path, body, socket_path=self.daemon.admin)

    def unlock(self, **body):
        return self.admin("POST", "/v1/admin/unlock", body)

    def status(self):
        return self.admin("GET", "/v1/status").body

    def keys(self):
        return self.admin("GET", "/v1/admin/keys").body

    def kinds(self):
        return [slot["kind"] for slot in self.keys()["slots"]]

    def wait_unlocked(self, **body):
        """Tries again as often as the daemon says that it is too early."""
        while True:
            answer = self.unlock(**body)
            if answer.code != "busy":
                return answer
            time.sleep(int(answer.headers["Retry-After"]))

    def wait_rotated(self, seconds=60):
        end = time.monotonic() + seconds
        while self.keys()["rotating"]:
            self.assertLess(time.monotonic(), end, "the rotation does not end")
            time.sleep(0.02)


class Sealed(KeysTest):
    """A store that only a passphrase opens."""

    settings = {"key_file": None}
    plugins = ("probe",)

    def init_words(self):
        return ("--passphrase-file", str(self.passphrase_file))

    def test_sealed_daemon_answers_status_and_unlock_alone(self):
        self.assertEqual(self.status()["state"], "sealed")
        self.assertTrue(self.status()["sealed"])
        for method, path in [
            ("GET", "/v1/whoami"),
            ("GET", "/v1/cases"),
            ("POST", "/v1/cases"),
            ("GET", "/v1/inbox"),
            ("GET", "/v1/workflows"),
        ]:
            answer = self.daemon.ask(method, path, {} if method == "POST" else None, "awa")
            self.assertEqual((answer.status, answer.code), (503, "sealed"), path)
            self.assertEqual(answer.headers["Retry-After"], "30")
        for path in ["/v1/admin/keys", "/v1/operations/1"]:
            self.assertEqual(self.admin("GET", path).code, "sealed")
        # Nobody unlocks it from the staff socket.
        self.assertEqual(self.daemon.post("/v1/admin/unlock", {}).code, "no-such-route")
        self.assertEqual(self.daemon.get("/v1/status").body["state"], "sealed")
        self.assertEqual(self.daemon.stop(), 0)

    def test_unlocking_opens_everything_and_a_restart_seals_again(self):
        answer = self.unlock(passphrase=PASSPHRASE)
        self.assertEqual((answer.status, answer.body), (200, {"sealed": False}))
        self.assertEqual(self.status()["state"], "serving")
        self.assertEqual(self.daemon.load(WORKFLOW, who="ada").status, 201)
        body = {"workflow": "registry", "data": {"place": "Dakar"}}
        self.assertEqual(self.daemon.post("/v1/cases", body, "awa").status, 201)
        self.assertEqual(self.unlock(passphrase=PASSPHRASE).code, "not-available")
        self.daemon.restart()
        self.assertEqual(self.daemon.get("/v1/cases", who="awa").code, "sealed")
        self.assertEqual(self.unlock(passphrase=PASSPHRASE).status, 200)
        self.assertEqual(len(self.daemon.get("/v1/cases", who="awa").body["cases"]), 1)

    def test_who_watches_the_feed_waits_until_it_is_unlocked(self):
        self.assertEqual(self.unlock(passphrase=PASSPHRASE).status, 200)
        self.assertEqual(self.daemon.load(WORKFLOW, who="ada").status, 201)
        watch = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", BUILD / "sankofa", "watch", "--after", "0", "--as", "awa"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "SANKOFA_SOCKET": str(self.daemon.staff), "LC_ALL": "C.UTF-8"})
        self.addCleanup(watch.communicate)
        self.addCleanup(watch.kill)
        self.assertIn("a workflow was loaded", watch.stdout.readline())
        self.daemon.restart()
        time.sleep(1.5)
        self.assertIsNone(watch.poll(), "it ended while the store was sealed")
        self.assertEqual(self.unlock(passphrase=PASSPHRASE).status, 200)
        body = {"workflow": "registry", "data": {"place": "Dakar"}}
        code = self.daemon.post("/v1/cases", body, "awa").body["code"]
        self.assertIn(code, watch.stdout.readline())

    def offline(self, *words, said=None):
        """sankofad to its end, with the passphrase on the standard input where it is `said`."""
        return subprocess.run(
            [BUILD / "sankofad", "--config", self.daemon.config, *words],
            input=said,
            stdin=None if said is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,  # no terminal to ask at
            check=False,
        )

    def test_such_a_store_is_checked_and_restored_without_a_terminal(self):
        identity, backup = self.daemon.folder / "identity", self.daemon.folder / "monday.backup"
        recipient = self.daemon.run("admin", "backup-key", identity).stdout
        (self.daemon.folder / "recipients").write_text(recipient, encoding="utf-8")
        self.daemon.settings["backup_recipients"] = "recipients"
        self.daemon.write_config()
        self.daemon.restart()
        self.assertEqual(self.unlock(passphrase=PASSPHRASE).status, 200)
        self.assertEqual(self.daemon.load(WORKFLOW, who="ada").status, 201)
        opened = self.daemon.post("/v1/cases", {"workflow": "registry", "data": {"place": "Dakar"}}, "awa")
        self.assertEqual(opened.status, 201, opened)
        self.daemon.run("admin", "backup", backup)
        self.assertEqual(self.daemon.stop(), 0)

        with_file = ("--passphrase-file", self.passphrase_file)
        for words, said in ((with_file, None), (("--passphrase-file", "-"), PASSPHRASE + "\n")):
            done = self.offline("--verify", *words, said=said)
            self.assertEqual(done.returncode, 0, done)
            self.assertIn(" 0 not whole", done.stdout)
        wrong = self.offline("--verify", "--passphrase-file", "-", said="another one\n")
        self.assertEqual((wrong.returncode, wrong.stdout), (1, ""), wrong)
        absent = self.offline("--verify", "--passphrase-file", "/nowhere/at/all")
        self.assertEqual(absent.returncode, 1, absent)
        for done in (self.offline("--verify"), absent):
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("--passphrase-file", done.stderr)
        for verb in ((), ("--check-config",)):
            self.assertEqual(self.offline(*verb, *with_file).returncode, 2)

        self.daemon.store.rename(self.daemon.folder / "old")
        restore = ["admin", "restore", backup, "--config", self.daemon.config, "--identity", identity,
                   "--reason", "the disk broke"]
        done = self.daemon.run(*restore, "--passphrase-file", "/nowhere/at/all", status=1)
        self.assertFalse(self.daemon.store.exists())
        self.daemon.run(*restore, *with_file)
        self.daemon.start()
        self.assertEqual(self.unlock(passphrase=PASSPHRASE).status, 200)
        self.assertEqual(self.daemon.get(f"/v1/cases/{opened.body['code']}", "awa").status, 200)

    def test_wrong_passphrases_are_told_and_slow_down(self):
        waits = []
        for _ in range(3):
            answer = self.wait_unlocked(passphrase="not the one that opens it")
            self.assertEqual((answer.status, answer.code), (403, "wrong-key"), answer)
            self.assertIn("passphrase", answer.body["detail"])
            waits.append(answer.body["retry_after"])
            early = self.unlock(passphrase=PASSPHRASE)
            self.assertEqual((early.status, early.code), (429, "busy"), early)
            self.assertLessEqual(int(early.headers["Retry-After"]), waits[-1])
        self.assertEqual(waits, [1, 2, 4])
        self.assertEqual(self.status()["state"], "sealed")
        self.assertEqual(self.wait_unlocked(passphrase=PASSPHRASE).status, 200)

    def test_bodies_that_hold_no_one_secret_are_refused(self):
        for body in [{}, {"passphrase": PASSPHRASE, "shares": []}, {"passphrase": 7}, {"words": ""}]:
            self.assertEqual(self.unlock(**body).code, "bad-request", body)
        self.assertEqual(self.unlock(shares=[]).code, "wrong-key")
        self.assertEqual(self.unlock(shares=[7]).code, "bad-request")
        self.assertEqual(self.unlock(key="0g").code, "bad-request")

    def test_client_unlocks_by_file_and_never_prompts_without_a_terminal(self):
        done = self.daemon.run("show", "SN-2026-00001-A", who="awa", status=7)
        self.assertIn("sankofa admin unlock", done.stderr)
        done = subprocess.run(
            ["setsid", BUILD / "sankofa", "--socket", self.daemon.admin, "admin", "unlock"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("no terminal", done.stderr)
        self.daemon.run("admin", "unlock", "--passphrase-file", self.passphrase_file)
        done = self.daemon.run("admin", "unlock", "--passphrase-file", self.passphrase_file)
        self.assertIn("open already", done.stderr)

    def test_stop_while_somebody_unlocks_is_clean(self):
        answers = []

        def unlock():
            connection = Connection(self.daemon.admin)
            answers.append(connection.ask("POST", "/v1/admin/unlock", {"passphrase": PASSPHRASE}))
            connection.close()

        thread = threading.Thread(target=unlock)
        thread.start()
        time.sleep(0.1)
        self.assertEqual(self.daemon.stop(), 0)
        thread.join(20)
        self.assertIn(answers[0].code, ("", "stopping"))

    @unittest.skipUnless(IS_ROOT, "only root reads another process's memory")
    @plain.shows_alone("terabytes of a sanitized program's shadow are not searched")
    def test_passphrase_is_nowhere_in_memory_after_unlocking(self):
        connection = Connection(self.daemon.admin)
        answer = connection.ask("POST", "/v1/admin/unlock", {"passphrase": PASSPHRASE})
        self.assertEqual(answer.status, 200)
        connection.ask("GET", "/v1/status")  # the request before it is over by then
        pid = self.daemon.process.pid
        self.assertFalse(memory_has(pid, PASSPHRASE.encode()))
        # The same search finds what is there: a name of the people table.
        self.assertTrue(memory_has(pid, b"codou"))
        connection.close()


class KeyFile(KeysTest):
    """A store with a key file: it opens by itself."""

    plugins = ("probe",)

    def load(self, case_count):
        self.assertEqual(self.daemon.load(WORKFLOW, who="ada").status, 201)
        for _ in range(case_count):
            self.open_case()

    def open_case(self):
        body = {"workflow": "registry", "data": {"place": "Dakar"}}
        answer = self.daemon.post("/v1/cases", body, "awa")
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def add_shares(self):
        answer = self.admin("POST", "/v1/admin/keys/slots", {"kind": "recovery", "label": "heads"})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual((len(answer.body["shares"]), answer.body["needed"]), (5, 3))
        return answer.body["shares"]

    def test_laptop_is_lost_and_three_of_five_shares_recover(self):
        self.load(3)
        shares = self.add_shares()
        self.assertEqual(self.kinds(), ["key file", "recovery shares"])
        self.assertEqual(self.keys()["slots"][1]["label"], "heads")
        removed = self.admin("POST", "/v1/admin/keys/slots/1/remove", {})
        self.assertEqual((removed.status, removed.body["slot_kind"]), (200, "key file"))
        self.assertEqual(self.kinds(), ["recovery shares"])
        last = self.admin("POST", "/v1/admin/keys/slots/2/remove", {})
        self.assertEqual((last.status, last.code), (409, "not-available"))
        self.assertEqual(self.admin("POST", "/v1/admin/keys/slots/9/remove", {}).code, "no-such-slot")

        # The key file opens nothing any more: the daemon says so, or waits where it may.
        self.assertEqual(self.daemon.stop(), 0)
        with self.assertRaisesRegex(RuntimeError, "E804"):
            self.daemon.start()
        self.daemon.settings["wait_for_key"] = True
        self.daemon.config.write_text(
            self.daemon.config.read_text(encoding="utf-8") + "wait_for_key: true\n", encoding="utf-8"
        )
        self.daemon.start()
        self.assertIn("daemon.key_not_used code=E804", self.daemon.log())
        two = self.wait_unlocked(shares=shares[:2])
        self.assertEqual(two.code, "wrong-key", two)
        self.assertIn("3 shares are needed", two.body["detail"])
        mistyped = shares[4][:25] + ("X" if shares[4][25] != "X" else "Y") + shares[4][26:]
        wrong = self.wait_unlocked(shares=[shares[0], mistyped, shares[2]])
        self.assertIn("Share 2 is mistyped in line 2", wrong.body["detail"])
        file = self.daemon.folder / "shares"
        file.write_text("\n\n".join([shares[4], shares[1], shares[2]]) + "\n", encoding="utf-8")
        self.daemon.run("admin", "unlock", "--shares", file)
        self.assertEqual(len(self.daemon.get("/v1/cases", who="awa").body["cases"]), 3)

    def test_slots_by_the_client(self):
        key = self.daemon.folder / "second-key"
        self.daemon.run("admin", "keys", "add-slot", "key-file", key, "--label", "stick")
        self.assertEqual((key.stat().st_size, key.stat().st_mode & 0o777), (64, 0o400))
        self.daemon.run(
            "admin", "keys", "add-slot", "passphrase", "--passphrase-file", self.passphrase_file
        )
        shown = self.daemon.run("admin", "keys", "list").stdout
        self.assertRegex(shown, r"1 +key file")
        self.assertRegex(shown, r"2 +key file +stick +20")
        self.assertRegex(shown, r"3 +passphrase")
        shown = self.daemon.run("admin", "keys", "add-slot", "recovery").stdout
        self.assertEqual(len(re.findall(r"(?:[0-9A-HJKMNP-TV-Z]{4} ?){4}\n", shown)), 20)
        self.daemon.run("admin", "keys", "remove-slot", "1")
        self.daemon.run("admin", "keys", "remove-slot", "1", status=5)
        done = self.daemon.run("admin", "keys", "add-slot", "keyfile", key, status=2)
        self.assertIn("key-file FILE", done.stderr)
        self.daemon.run("admin", "keys", "add-slot", "key-file", status=2)
        short = self.daemon.folder / "short"
        short.write_text("short", encoding="utf-8")
        self.daemon.run("admin", "keys", "add-slot", "key-file", short, status=3)
        done = self.daemon.run(
            "admin", "keys", "add-slot", "passphrase", "--passphrase-file", short, status=3
        )
        self.assertIn("12", done.stderr)
        # The second key opens it, too.
        self.assertEqual(self.daemon.stop(), 0)
        os.replace(key, self.daemon.folder / "key")
        self.daemon.start()

    def test_systemds_credential_opens_the_store(self):
        folder = self.daemon.folder / "credentials"
        folder.mkdir()
        (folder / "store-key").write_bytes(os.urandom(48))
        self.daemon.run("admin", "keys", "add-slot", "credential", folder / "store-key")
        self.daemon.run("admin", "keys", "remove-slot", "1")
        self.assertEqual(self.daemon.stop(), 0)
        text = self.daemon.config.read_text(encoding="utf-8")
        self.daemon.config.write_text(
            text.replace('key_file: "key"', "key_credential: store-key"), encoding="utf-8"
        )
        with self.assertRaisesRegex(RuntimeError, "the credential cannot be read"):
            self.daemon.start()
        os.environ["CREDENTIALS_DIRECTORY"] = str(folder)
        try:
            self.daemon.start()
        finally:
            del os.environ["CREDENTIALS_DIRECTORY"]
        self.assertEqual(self.status()["state"], "serving")

    def test_rotation_by_the_client_under_load(self):
        self.load(20)
        answers, is_over = [], threading.Event()

        def work():
            connection = Connection(self.daemon.staff)
            body = {"workflow": "registry", "data": {"place": "Dakar"}}
            while not is_over.is_set():
                answers.append(
                    connection.ask("POST", "/v1/cases", body, {"Sankofa-As": "awa"}).status
                )
            connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for epoch in range(2, 6):
                done = self.daemon.run("admin", "keys", "rotate")
                self.assertIn(f"Epoch {epoch};", done.stderr)
        finally:
            is_over.set()
            thread.join(20)
        self.assertEqual(set(answers), {201})
        self.daemon.restart()
        self.assertEqual((self.keys()["epoch"], self.keys()["rotating"]), (5, False))
        self.assertEqual(self.status()["cases"], 20 + len(answers))

    def test_killed_rotation_is_finished_by_the_next_start(self):
        self.load(100)
        cases = [one["code"] for one in self.daemon.get("/v1/cases?limit=500", "awa").body["cases"]]
        self.assertEqual(len(cases), 100)
        for i in range(6):
            began = self.admin("POST", "/v1/admin/keys/rotate", {})
            self.assertEqual(began.status, 202, began)
            time.sleep(0.006 * i)
            self.daemon.kill()
            self.daemon.start()
            code = self.open_case()
            self.assertEqual(self.daemon.get(f"/v1/cases/{code}", "awa").status, 200)
            self.wait_rotated()
        for code in cases[::10]:
            self.assertEqual(self.daemon.get(f"/v1/cases/{code}", "awa").status, 200)
        self.assertNotIn("damaged", self.daemon.log())
        self.assertIn("vault.epochs_ended", self.daemon.log())

    @unittest.skipUnless(IS_ROOT, "only root reads another process's memory")
    @plain.shows_alone("terabytes of a sanitized program's shadow are not searched")
    def test_no_key_is_in_a_host_or_left_lying_about(self):
        self.load(1)
        done = subprocess.run(
            [SECRETS, self.daemon.store / "slots", self.daemon.folder / "key"],
            capture_output=True,
            text=True,
            check=True,
        )
        secrets = [bytes.fromhex(line.split()[1]) for line in done.stdout.splitlines()]
        self.assertEqual(len(secrets), 2)
        pid = self.daemon.process.pid
        hosts = children(pid)
        self.assertTrue(hosts)
        for secret in secrets:
            self.assertTrue(memory_has(pid, secret))  # the search finds what is there
            for host in hosts:
                self.assertFalse(memory_has(host, secret))
        key = (self.daemon.folder / "key").read_bytes()
        self.assertFalse(memory_has(pid, key))
        for host in hosts:
            self.assertFalse(memory_has(host, key))

    def test_process_cannot_be_dumped(self):
        status = pathlib.Path(f"/proc/{self.daemon.process.pid}/limits").read_text(encoding="utf-8")
        self.assertRegex(status, r"Max core file size +0 +0")
        # What is not dumpable belongs to root, whoever runs it; its secrets are locked.
        self.assertEqual(os.stat(f"/proc/{self.daemon.process.pid}/mem").st_uid, 0)
        locked = re.search(
            r"VmLck:\s+(\d+) kB",
            pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text(encoding="utf-8"),
        )
        self.assertGreaterEqual(int(locked.group(1)), 1024)

    def test_memory_that_cannot_be_locked_is_told(self):
        self.assertEqual(self.daemon.stop(), 0)
        with open(self.daemon.log_file, "ab") as log:
            self.daemon.process = subprocess.Popen(
                # fmt: off
                ["setpriv", "--pdeathsig", "KILL", "--bounding-set=-ipc_lock", "--inh-caps=-all",
                 "prlimit", "--memlock=0:0", BUILD / "sankofad", "--config", self.daemon.config],
                # fmt: on
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.daemon.wait_ready()
        self.assertIn("vault.memory_unlocked", self.daemon.log())


if __name__ == "__main__":
    plain.main(verbosity=2)
