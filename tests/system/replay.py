#!/usr/bin/python3
"""The journal run through the core again by a real daemon: a store of a child's whole way home is the
same; one whose state was made wrong, and sealed so that every check of seals passes, is found."""

import json
import subprocess
import unittest

from daemon import BUILD, ROOT, Daemon
from walk import Walk, play, today

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}
PLUGINS = ["assessment", "handover", "reintegration", "travel_authorization"]
WALK = ROOT / "tests/system/child-return.walk.json"
NOTES = """workflow: notes
title: Notes
roles: {clerk: {title: Clerk}}
fields: {title: {type: text}, count: {type: integer, initial: 0}}
states:
  open:
    on: {write: {by: [clerk], form: {title: required}, do: [{set: {count: = data.count + 1}}]}}
"""


def replay(daemon, status=0):
    return json.loads(daemon.run("--json", "admin", "replay", status=status).stdout)


class ReplayTest(unittest.TestCase):
    def test_a_wrong_state_is_found_at_its_place_and_left_as_it_is(self):
        with Daemon(PEOPLE) as daemon:
            daemon.start()
            headers = {"Content-Type": "application/yaml"}
            loaded = daemon.post("/v1/workflows", NOTES.encode(), "ada", headers=headers)
            self.assertEqual(loaded.status, 201, loaded)
            codes = [daemon.post("/v1/cases", {"workflow": "notes"}, "awa").body["code"] for _ in range(3)]
            for number in range(16):
                body = {"data": {"title": f"secret number {number:02}"}}
                self.assertEqual(
                    daemon.post(f"/v1/cases/{codes[1]}/transitions/write", body, "awa").status, 200
                )
            result = replay(daemon)
            self.assertEqual((result["same"], result["cases"], result["differing"]), (True, 3, 0))
            self.assertGreaterEqual(result["entries"], 19)
            self.assertIn("all the same", daemon.run("admin", "replay").stdout)
            seq = daemon.get("/v1/status").body["seq"]
            self.assertEqual(daemon.stop(), 0)
            before = (daemon.store / "data.mdb").read_bytes()
            words = [BUILD / "tests/system/wrong-state", daemon.store, daemon.folder / "key"]
            done = subprocess.run([*words, "secret number", "another thing"], capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done)
            self.assertNotEqual((daemon.store / "data.mdb").read_bytes(), before)
            daemon.start()
            # Every seal holds.
            self.assertTrue(json.loads(daemon.run("--json", "admin", "verify").stdout)["whole"])
            for _ in range(2):
                result = replay(daemon, status=3)
                self.assertEqual(result["differing"], 1, result)
                found = result["differences"][0]
                self.assertEqual((found["code"], found["at"]), (codes[1], "/data/title"))
                self.assertIn("snapshot", found["what"])
                self.assertNotIn("another thing", json.dumps(result))
            told = daemon.run("admin", "replay", status=3).stdout
            self.assertIn(f"{codes[1]} {found['seq']} /data/title", told)
            self.assertIn("1 case differs", told)
            self.assertEqual(daemon.get("/v1/status").body["seq"], seq)
            self.assertIn("replay.differs", daemon.log())
            self.assertNotIn("another thing", daemon.log())

    def test_a_childs_whole_way_home_is_the_same_again(self):
        walk = Walk(WALK)
        with Daemon(walk.people(), PLUGINS) as daemon:
            daemon.start()
            daemon.run("workflow", "load", ROOT / walk.file, who="ada")
            play(walk, daemon, walk.actions, today(daemon))
            result = replay(daemon)
            self.assertEqual((result["same"], result["cases"]), (True, 1), result)
            self.assertGreater(result["entries"], 40)

    def test_only_the_admin_socket_has_it(self):
        with Daemon(PEOPLE) as daemon:
            daemon.start()
            answer = daemon.post("/v1/admin/replay", {}, "ada")
            self.assertEqual((answer.status, answer.code), (404, "no-such-route"))
            answer = daemon.post("/v1/admin/replay", {"case": "x"}, socket_path=daemon.admin)
            self.assertEqual((answer.status, answer.code), (400, "bad-request"))
            answer = daemon.post("/v1/admin/replay", {}, socket_path=daemon.admin)
            self.assertEqual((answer.status, answer.body["kind"]), (202, "replay"))


if __name__ == "__main__":
    unittest.main()
