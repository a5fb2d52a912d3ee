#!/usr/bin/env python3
"""The configuration read anew: a plugin is replaced while its calls go on, a bad one is refused and
the old one stays; people and limits change; what cannot change is told."""

import json
import pathlib
import shutil
import signal
import socket
import threading
import time
import unittest

from daemon import Connection, Daemon, plugin_entry, plugin_file

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}


class Reload(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(PEOPLE, {"versioned": plugin_entry("versioned-1")})
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        loaded = self.daemon.load("tests/system/versions.yaml", "ada")
        self.assertEqual(loaded.status, 201, loaded)

    # ---- Asking.

    def reload(self, status=200, **plugins):
        self.daemon.settings["plugins"].update(plugins)
        self.daemon.write_config()
        answer = self.daemon.post("/v1/admin/reload", socket_path=self.daemon.admin)
        self.assertEqual(answer.status, status, answer)
        return answer.body

    def outcome(self, body, name="versioned"):
        return next(plugin for plugin in body["plugins"] if plugin["name"] == name)

    def plugin(self, name="versioned"):
        body = self.daemon.get("/v1/admin/plugins", socket_path=self.daemon.admin).body
        return next((plugin for plugin in body["plugins"] if plugin["name"] == name), None)

    def open_case(self):
        return self.daemon.post("/v1/cases", {"workflow": "versions"}, "awa").body["code"]

    def do(self, case, event, status=200):
        done = self.daemon.post(f"/v1/cases/{case}/transitions/{event}", None, "awa")
        self.assertEqual(done.status, status, done)

    def number(self, case):
        return self.daemon.get(f"/v1/cases/{case}", "awa").body["data"].get("number")

    def wait_idle(self, case):
        path = f"/v1/cases/{case}"
        self.daemon.wait_for(path, lambda got: got.body["states"][0]["id"] == "idle", "awa")

    def wait_parked(self, case):
        self.daemon.wait_for(f"/v1/cases/{case}", lambda got: any(
            step["status"] == "parked" for step in got.body["steps"]), "awa")

    def assert_old_one_works(self):
        case = self.open_case()
        self.do(case, "ask")
        self.assertEqual(self.number(case), "1.0")
        self.assertEqual(self.plugin()["version"], "1.0")

    # ---- Upgrades.

    def test_a_new_version_takes_over_and_the_old_one_ends_its_calls(self):
        parked, working = self.open_case(), self.open_case()
        self.do(parked, "apply")
        self.wait_parked(parked)
        self.do(working, "work")
        time.sleep(0.2)
        began = time.monotonic()
        self.assertEqual(self.outcome(self.reload(versioned=plugin_entry("versioned-2"))),
                         {"name": "versioned", "outcome": "replaced"})
        self.assertLess(time.monotonic() - began, 0.7, "nobody waits for the old calls")
        self.assertEqual(self.plugin()["version"], "2.0")

        asked = self.open_case()
        self.do(asked, "ask")
        self.assertEqual(self.number(asked), "2.0")
        self.wait_idle(working)
        self.assertEqual(self.number(working), "1.0", "begun by the old one")
        self.daemon.post(f"/v1/cases/{parked}/steps/paper/answer", {"data": {"granted": True}},
                         "awa")
        self.wait_idle(parked)
        self.assertEqual(self.number(parked), "2.0", "parked by the old one, woken in the new")
        self.assertEqual(self.plugin()["crashes"], 0)
        self.assertEqual(len(self.hosts()), self.plugin()["hosts"], "the old hosts have ended")

    def hosts(self):
        """The processes of sankofa-host that this daemon has."""
        end = time.monotonic() + 5
        while True:
            pid = self.daemon.process.pid
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
            if len(children) == self.plugin()["hosts"] or time.monotonic() > end:
                return children
            time.sleep(0.05)

    def test_requests_go_on_while_it_is_replaced_again_and_again(self):
        stop, failures, latencies = threading.Event(), [], []

        def ask():
            connection, case = Connection(self.daemon.staff), self.open_case_of(0)
            while not stop.is_set():
                begin = time.monotonic()
                done = connection.ask("POST", f"/v1/cases/{case}/transitions/ask", {},
                                      {"Sankofa-As": "awa"})
                latencies.append(time.monotonic() - begin)
                if done.status != 200:
                    failures.append(done)
            connection.close()

        thread = threading.Thread(target=ask)
        thread.start()
        for turn in range(10):
            version = "versioned-2" if turn % 2 == 0 else "versioned-1"
            got = self.outcome(self.reload(versioned=plugin_entry(version)))
            self.assertEqual(got["outcome"], "replaced")
        stop.set()
        thread.join(30)
        self.assertEqual(failures, [])
        self.assertGreater(len(latencies), 5)

    def open_case_of(self, _):
        connection = Connection(self.daemon.staff)
        opened = connection.ask("POST", "/v1/cases", {"workflow": "versions"}, {"Sankofa-As": "awa"})
        connection.close()
        return opened.body["code"]

    def test_a_bad_one_is_refused_with_the_reason_and_the_old_one_stays(self):
        wrong_hash = {**plugin_entry("versioned-2"), "sha256": "0" * 64}
        for entry, reason in (
            (wrong_hash, "SHA-256"),
            (plugin_entry("probe"), "calls itself probe"),
            (plugin_entry("empty"), "exports no function"),
            (plugin_entry("crash-at-load"), "crashed (signal 11"),
            (plugin_entry("versioned-lacks"), 'has no step type "work"'),
            (plugin_entry("versioned-renamed"), "number"),
            (plugin_entry("versioned-awake"), "does not park any more"),
            ({**plugin_entry("versioned-2"), "file": "/there/is/none.so"}, "cannot be found"),
        ):
            with self.subTest(reason):
                got = self.outcome(self.reload(versioned=entry))
                self.assertEqual(got["outcome"], "refused")
                self.assertIn(reason, got["why"])
                self.assert_old_one_works()
        done = self.daemon.run("admin", "reload", status=3)
        self.assertIn("versioned            was refused:", done.stdout)
        got = self.outcome(self.reload(versioned=plugin_entry("versioned-2")))
        self.assertEqual(got["outcome"], "replaced")

    def test_a_file_that_was_replaced_is_not_looked_at_until_it_is_asked_for(self):
        file = self.daemon.folder / "versioned.so"
        shutil.copy(plugin_file("versioned-1"), file)
        self.reload(versioned=plugin_entry("versioned-1", file))
        shutil.copy(plugin_file("versioned-2"), file)
        self.assert_old_one_works()
        self.reload(versioned=plugin_entry("versioned-2", file))
        self.assertEqual(self.plugin()["version"], "2.0")

    def test_plugins_come_and_go(self):
        self.assertEqual(self.outcome(self.reload(probe=plugin_entry("probe")), "probe"),
                         {"name": "probe", "outcome": "added"})
        self.assertEqual(self.plugin("probe")["state"], "ready")
        self.assertEqual(self.outcome(self.reload())["outcome"], "kept")
        del self.daemon.settings["plugins"]["probe"]
        self.assertEqual(self.outcome(self.reload(), "probe")["outcome"], "removed")
        self.assertIsNone(self.plugin("probe"))
        del self.daemon.settings["plugins"]["versioned"]
        got = self.outcome(self.reload())
        self.assertEqual(got["outcome"], "refused")
        self.assertIn("The workflow versions, which is in the store, uses it", got["why"])
        self.assert_old_one_works()

    # ---- The rest of the configuration.

    def test_people_and_limits_change(self):
        self.daemon.settings["people"]["eva"] = {"roles": ["clerk"]}
        self.daemon.settings["limits"]["body_bytes"] = 1024
        self.assertEqual(self.daemon.get("/v1/whoami", "eva").status, 403)
        self.reload()
        self.assertEqual(self.daemon.get("/v1/whoami", "eva").body["id"], "eva")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
            raw.settimeout(10)
            raw.connect(str(self.daemon.staff))
            raw.sendall(b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nSankofa-As: awa\r\n"
                        b"Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n")
            self.assertIn(b" 413 ", raw.recv(4096))

    def test_a_signal_does_the_same(self):
        self.daemon.settings["plugins"]["versioned"] = plugin_entry("versioned-2")
        self.daemon.write_config()
        self.daemon.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while self.plugin()["version"] != "2.0" and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(self.plugin()["version"], "2.0")

    def test_a_wrong_file_changes_nothing(self):
        self.daemon.settings["people"]["eva"] = {"rules": ["clerk"]}
        body = self.reload(422, versioned=plugin_entry("versioned-2"))
        self.assertEqual(body["code"], "definition-invalid")
        self.assertIn("rules", json.dumps(body["errors"]))
        self.assert_old_one_works()
        del self.daemon.settings["people"]["eva"]
        self.daemon.settings["store"] = "elsewhere"
        body = self.reload(422)
        self.assertIn('"store" cannot change', body["errors"][0]["message"])
        self.assert_old_one_works()

    def test_two_at_once_are_one_after_the_other_or_busy(self):
        answers = []

        def ask():
            connection = Connection(self.daemon.admin)
            answers.append(connection.ask("POST", "/v1/admin/reload", {}).status)
            connection.close()

        self.daemon.settings["plugins"]["versioned"] = plugin_entry("versioned-2")
        self.daemon.write_config()
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(len(answers), 8)
        self.assertLessEqual(set(answers), {200, 503})
        self.assertIn(200, answers)
        self.assertEqual(self.plugin()["version"], "2.0")

    # ---- What is told of plugins.

    def test_the_care_of_plugins_is_told(self):
        plugin = self.plugin()
        self.assertEqual(plugin["sha256"], self.daemon.settings["plugins"]["versioned"]["sha256"])
        self.assertEqual(plugin["needs"], [])
        self.assertEqual(plugin["granted"], {})
        self.assertTrue(plugin["jail"]["seccomp"])
        said = self.daemon.run("admin", "plugins").stdout
        for words in ("versioned 1.0: ready", plugin["sha256"], "  granted      nothing\n", "seccomp"):
            self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
