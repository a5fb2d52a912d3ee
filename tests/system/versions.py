#!/usr/bin/env python3
"""A plugin is replaced by a newer build while its steps are parked: the new one gets the cookies of
the old, in resume and in drop. And one that is taken away, and comes back, finds its steps waiting."""

import unittest

from daemon import BUILD, Daemon, plugin_entry

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}
WORKFLOW = """\
workflow: versions
title: {en: Two versions}
languages: [en]
roles: {clerk: {title: {en: Clerk}}}
open: {by: [clerk]}
fields: {granted: {type: boolean}, words: {type: text}}
initial: waiting
states:
  waiting:
    steps:
      ask:
        use: versions/ask
        into: {words: words}
        answer: {by: [clerk], form: {granted: required}}
        done: {target: over}
    on: {leave: {by: [clerk], target: over}}
  over: {on: {again: {by: [clerk], target: waiting}}}
"""


class Versions(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(PEOPLE, {"versions": self.entry(1)}))
        self.daemon.start()
        file = self.daemon.folder / "versions.yaml"
        file.write_text(WORKFLOW, encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="ada").status, 201)
        self.case = self.daemon.post("/v1/cases", {"workflow": "versions"}, who="awa").body["code"]
        self.wait("parked")

    def entry(self, version):
        return plugin_entry("versions", BUILD / f"tests/system/versions-{version}.so")

    def show(self):
        return self.daemon.get(f"/v1/cases/{self.case}", who="awa").body

    def wait(self, status, park=None):
        def is_so(answer):
            steps = answer.body["steps"]
            return steps and steps[0]["status"] == status and park in (None, steps[0].get("park"))

        return self.daemon.wait_for(f"/v1/cases/{self.case}", is_so, who="awa").body["steps"][0]

    def answer(self, park, status=200):
        path = f"/v1/cases/{self.case}/steps/ask/answer"
        got = self.daemon.post(path, {"data": {"granted": True}, "park": park}, who="awa")
        self.assertEqual(got.status, status, got)

    def use(self, version):
        plugins = {} if version is None else {"versions": self.entry(version)}
        self.daemon.settings["plugins"] = plugins
        self.daemon.write_config()
        self.daemon.restart()

    def test_a_new_version_resumes_what_the_old_one_parked(self):
        self.use(2)
        self.answer(1)
        self.wait("parked", park=2)
        self.answer(1, status=409)
        self.use(1)  # and back again
        self.answer(2)
        path = f"/v1/cases/{self.case}"
        self.daemon.wait_for(path, lambda a: a.body["states"][0]["id"] == "over", who="awa")
        self.assertEqual(self.show()["data"]["words"], "of version 2, resumed by version 1")

    def test_a_new_version_drops_what_the_old_one_parked(self):
        self.use(2)
        left = self.daemon.post(f"/v1/cases/{self.case}/transitions/leave", who="awa")
        self.assertEqual(left.status, 200)
        path = f"/v1/cases/{self.case}/history"
        self.daemon.wait_for(
            path, lambda a: a.body["entries"][-1]["event"] == "case.drop.ask", who="awa"
        )
        self.assertIn("dropped of version 1 by version 2", self.daemon.log())

    def test_a_plugin_that_is_taken_away_finds_its_steps_waiting(self):
        self.use(None)
        self.answer(1)
        told = self.daemon.run("case", "explain", self.case, who="awa").stdout
        self.assertIn("could not take it yet", told)
        self.assertIn("no plugin of this name is configured", told)
        self.assertEqual(self.wait("resuming")["id"], "ask")
        self.assertEqual(self.daemon.get("/v1/status").body["calls_away"], 1)
        self.use(1)
        self.wait("parked", park=2)
        self.assertEqual(self.daemon.get("/v1/status").body["calls_away"], 0)


if __name__ == "__main__":
    unittest.main()
