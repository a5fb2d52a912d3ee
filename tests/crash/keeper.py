"""Who keeps the store beside the clients of load.py: erases cases, rotates keys, makes backups.

    keeper = Keeper(session, seed, disk)
    keeper.start() ... keeper.is_stopped = True; keeper.join()

Each of its cases is the keeper's own, so that all its entries are known when it is erased. In the
log stand, as marks:

    {"erasing": CODE}               everything of the case is in the store, its erasure is not asked
                                    for yet by the second person
    {"done": "backup", "file": NAME, "reached": SEQ}
    {"done": "rotation", "epoch": NUMBER}
    {"done": "erasure", "code": CODE}

What else it was told is found in the log by what the daemon sent.
"""

import random
import threading
import time

from daemon import Connection, headers_of
from keeping import PLAIN

PEOPLE = {"dado": {"roles": ["dpo"]}, "binta": {"roles": ["chief"]}}
BUSY = (409, 429, 503)
POLL_S = 0.004


class Keeper(threading.Thread):
    """Does one thing after the other until it is told to stop or the daemon is gone."""

    def __init__(self, session, seed, folder):
        super().__init__(daemon=True)
        self.session, self.folder = session, folder
        self.random = random.Random(seed)
        self.count, self.done_count, self.fault = 0, 0, ""
        self.is_stopped = False
        self.name = f"{session.name}-{session.run_number}-keeper"

    def run(self):
        self.staff = Connection(self.session.daemon.staff)
        self.admin = Connection(self.session.daemon.admin)
        acts = [self.erase, self.erase, self.rotate, self.back_up]
        try:
            while not self.is_stopped and not self.fault:
                self.random.choice(acts)()
        except self.session.gone as fault:
            if not self.is_stopped and not self.session.may_die:
                self.fault = f"{self.name}: the daemon is gone: {fault}"
        finally:
            self.staff.close()
            self.admin.close()

    def ask(self, who, method, path, body=None, more=None):
        self.count += 1
        key = f"{self.name}-{self.count}" if method == "POST" else None
        headers = headers_of(who, key, headers=more)
        answer = self.staff.ask(method, path, body, headers)
        if answer.status >= 400 and answer.status not in BUSY:
            self.fault = f"{self.name}: {method} {path}: {answer}"
        return answer

    # ---- A case that will not be.

    def erase(self):
        code = self.open_case()
        if not code:
            return
        path = f"/v1/cases/{code}/erase"
        if self.ask("dado", "POST", path, {"reason": "no reason"}).status != 200:
            return
        self.session.mark({"erasing": code})
        while not self.is_stopped:
            if self.ask("binta", "POST", f"{path}/approve", {}).status == 202:
                break
            time.sleep(POLL_S)
        while not self.is_stopped and not self.fault:
            if self.ask("binta", "GET", path).body.get("status") == "erased":
                self.tell_done({"done": "erasure", "code": code})
                break
            time.sleep(POLL_S)

    def open_case(self):
        """Its code, once it has some entries; None where the daemon has no time for it."""
        code = None
        for number in range(self.random.randint(1, 7)):
            event = "write" if number else "case.open"
            key = f"{self.name}-{self.count}"
            note = f"{PLAIN} {key} {'k' * self.random.randint(1, 2000)}"
            body = {"comment": key, "data": {"note": note}}
            path = f"/v1/cases/{code}/transitions/write"
            if not number:
                path, body["workflow"] = "/v1/cases", "cuts"
            answer = self.ask("clerk0", "POST", path, body)
            if answer.status not in (200, 201):
                return None
            fact = {"seq": answer.body["seq"], "event": event, "comment": key, "by": "clerk0"}
            self.session.mark({**fact, "states": answer.body["states"]})
            code = answer.body["code"]
        return code if self.attach(code) else None

    def attach(self, code):
        """Every other one has a document, which goes with it. False: the daemon has no time."""
        if self.random.random() < 0.5:
            return True
        key = f"{self.name}-{self.count}"
        fact, answer = self.session.attach(
            lambda path, body, headers: self.ask("clerk0", "POST", path, body, headers), code, key,
            70000,
        )  # fmt: skip
        if fact:
            self.session.mark({**fact, "by": "clerk0"})
        return answer.status == 201

    # ---- Administration.

    def rotate(self):
        result = self.operate("/v1/admin/keys/rotate", {})
        if result:
            self.tell_done({"done": "rotation", "epoch": result["epoch"]})

    def back_up(self):
        name = f"{self.name}-{self.count}.backup"
        result = self.operate("/v1/admin/backup", {"file": str(self.folder / name)})
        if result:
            self.tell_done({"done": "backup", "file": name, "reached": result["seq"]})

    def operate(self, path, body):
        """The result of an operation; None where it was not begun or not waited for."""
        self.count += 1
        answer = self.admin.ask("POST", path, body, headers_of(None, f"{self.name}-{self.count}"))
        if answer.status in BUSY:
            time.sleep(POLL_S)
            return None
        if answer.status != 202:
            self.fault = f"{self.name}: {path}: {answer}"
            return None
        while not self.is_stopped:
            now = self.admin.ask("GET", f"/v1/operations/{answer.body['id']}", None, {}).body
            if now["status"] == "done":
                return now["result"]
            if now["status"] == "failed" and now["problem"]["code"] != "stopping":
                self.fault = f"{self.name}: {path}: {now}"
            if now["status"] == "failed":
                return None
            time.sleep(POLL_S)
        return None

    def tell_done(self, fact):
        self.session.mark(fact)
        self.done_count += 1
