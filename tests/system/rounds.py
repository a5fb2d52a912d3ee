"""A daemon with the workflow of rounds.yaml, and what its tests ask most."""

import unittest

from daemon import ROOT, Daemon

PEOPLE = {"awa": {"roles": ["clerk"]}, "ada": {"roles": ["administrator"]}}
SOURCE = (ROOT / "tests/system/rounds.yaml").read_text(encoding="utf-8")


class RoundsTest(unittest.TestCase):
    """Each test with a daemon of its own, and one bad plugin beside the good one."""

    bad = "crash"

    def setUp(self):
        self.daemon = Daemon(PEOPLE, ["probe", self.bad])
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        self.load()

    def load(self):
        headers = {"Content-Type": "application/yaml"}
        source = SOURCE.replace("{BAD}", self.bad).encode()
        loaded = self.daemon.post("/v1/workflows", source, "ada", headers=headers)
        self.assertEqual(loaded.status, 201, loaded)

    def open_case(self, key=None):
        opened = self.daemon.post("/v1/cases", {"workflow": "rounds"}, "awa", key=key)
        self.assertEqual(opened.status, 201, opened)
        return opened.body["code"]

    def do(self, case, event, status=200, **named):
        done = self.daemon.post(f"/v1/cases/{case}/transitions/{event}", None, "awa", **named)
        self.assertEqual(done.status, status, done)
        return done

    def answer(self, case, step, data, status=200):
        path = f"/v1/cases/{case}/steps/{step}/answer"
        done = self.daemon.post(path, {"data": data}, "awa")
        self.assertEqual(done.status, status, done)
        return done

    def show(self, case):
        return self.daemon.get(f"/v1/cases/{case}", "awa").body

    def states(self, case):
        return [state["id"] for state in self.show(case)["states"]]

    def data(self, case):
        return self.show(case)["data"]

    def entries(self, case):
        return self.daemon.get(f"/v1/cases/{case}/history?limit=200", "awa").body["entries"]

    def wait_until(self, case, is_so):
        """Until is_so(the case as shown)."""
        path = f"/v1/cases/{case}"
        return self.daemon.wait_for(path, lambda answer: is_so(answer.body), "awa").body

    def wait_parked(self, case):
        self.wait_until(case, lambda shown: any(s["status"] == "parked" for s in shown["steps"]))
