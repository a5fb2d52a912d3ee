"""What the tests of the socket share: a daemon with the workflow `registry`, and what must not change."""

import contextlib
import json
import os
import traceback
import unittest

from daemon import ROOT, Connection, Daemon, headers_of

WORKFLOW = ROOT / "tests/system/registry.yaml"
PLUGINS = ["probe"]
PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "bea": {"roles": ["clerk"]},
    "codou": {"roles": ["chief"], "countries": ["SN"]},
    "gil": {"roles": ["clerk", "chief"], "countries": ["GW"]},
    "ada": {"roles": ["administrator"]},
}
IS_ROOT = os.geteuid() == 0
NEEDS_ROOT = "only root can be several users"


def as_user(uid, groups, work):
    """What `work()` returns, done by another user in a process of its own; its value must be JSON."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups(groups)
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.write(into, json.dumps(work()).encode())
            status = 0
        except BaseException:  # pylint: disable=broad-exception-caught
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(into)
    with open(out, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the process of user {uid} failed"
    return json.loads(said)


class ApiTest(unittest.TestCase):
    """One daemon for all tests of a class."""

    people = PEOPLE
    limits = None
    plugins = PLUGINS
    demo = True

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(cls.people, cls.plugins, limits=cls.limits, demo=cls.demo)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.configure()
        cls.daemon.start()
        loaded = cls.daemon.load(WORKFLOW, who="ada")
        assert loaded.status == 201, loaded

    @classmethod
    def configure(cls):
        """For what a class changes in the configuration before the start."""

    def open_case(self, who="awa", **named):
        body = {"workflow": "registry", "data": {"place": "Dakar"}}
        answer = self.daemon.post("/v1/cases", body, who, **named)
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def do(self, case, event, data=None, who="awa", **named):
        return self.daemon.post(
            f"/v1/cases/{case}/transitions/{event}", {"data": data or {}}, who, **named
        )

    def done(self, case, event, data=None, who="awa", **named):
        answer = self.do(case, event, data, who, **named)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def show(self, case, who="awa"):
        answer = self.daemon.get(f"/v1/cases/{case}", who)
        self.assertEqual(answer.status, 200, answer)
        return answer.body

    def history(self, case, who="awa"):
        answer = self.daemon.get(f"/v1/cases/{case}/history?limit=200", who)
        self.assertEqual(answer.status, 200, answer)
        return answer.body["entries"]

    def states(self, case):
        return [state["id"] for state in self.show(case)["states"]]

    def wait_states(self, case, states, seconds=20):
        def is_so(answer):
            return [state["id"] for state in answer.body["states"]] == states

        return self.daemon.wait_for(f"/v1/cases/{case}", is_so, "awa", seconds).body

    @contextlib.contextmanager
    def unchanged(self, *cases):
        """Neither these cases, their histories nor the journal change in it."""

        def look():
            # The first look is an entry of its own; the second, soon after, makes none.
            seen = [(self.show(case), self.history(case)) for case in cases]
            status = self.daemon.get("/v1/status").body
            return status["seq"], status["cases"], seen

        before = look()
        yield
        self.assertEqual(look(), before)

    def refused(self, answer, status, code, *words):
        """A problem of that status and code, which says these words somewhere."""
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        for word in words:
            self.assertIn(word, answer.raw.decode())
        return answer.body

    def ask_alone(self, method, path, body=None, socket_path=None, **named):
        """On a connection of its own."""
        with contextlib.closing(Connection(socket_path or self.daemon.staff)) as connection:
            return connection.ask(method, path, body, headers_of(**named))
