"""A daemon under load, recorded from --init on: what it did to its disk, and what it told to whom.

    session = Session(folder, seed, seconds)
    session.record()
    session.log      the log of record.c, with a mark for --init's end and for each acknowledgement
    session.start    the folder before it was recorded: empty, or the image of another session
    session.disk     the folder that was recorded, as it is at the end

A session is a few runs of the daemon on one store. A run ends by SIGTERM, or in the middle of a
write or sync by the daemon's sudden death: then the next one begins with what only the page cache
has, and what it tells of that must outlive a power cut, too.
"""

import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from daemon import BUILD, Connection, Daemon, headers_of  # pylint: disable=wrong-import-position

import disk  # pylint: disable=wrong-import-position
import keeper  # pylint: disable=wrong-import-position
from keeping import PLAIN  # pylint: disable=wrong-import-position

CLIENTS_MAX = 8
RUNS = 3
KEEPER_S = 5  # at most, for something of its own in each run
PEOPLE = {f"clerk{i}": {"roles": ["clerk"]} for i in range(CLIENTS_MAX)}
PEOPLE["ada"] = {"roles": ["administrator"]}
PEOPLE.update(keeper.PEOPLE)
GONE = (http.client.HTTPException, OSError)
INIT_DONE = b"init"
EVENTS = [("add", 40), ("confirm", 12), ("write", 10), ("open", 8), ("issue", 4)]
EVENTS += [("pause", 4), ("resume", 4), ("end", 2), ("look", 6), ("clock", 1)]
EVENTS += [("attach", 4), ("break off", 2)]
NOTES = [20, 200, 1500, 4000]
DOCUMENTS = [0, 1, 3000, 65404, 65405, 140000]  # up to, at and beyond the size of a chunk
BROKEN_AT = [0, 3000, 66000, 131000]


def attach(ask, case, name, size):
    """A document of that size: what a mark tells of it once it is acknowledged, and the answer."""
    body = (f"{PLAIN} {name} ".encode() * (size // 20 + 1))[:size]
    headers = {"Content-Type": "text/plain", "Sankofa-File": f"{PLAIN} {name}.txt"}
    answer = ask(f"/v1/cases/{case}/documents", body, headers)
    if answer.status != 201:
        return None, answer
    told = {"size": size, "sha256": hashlib.sha256(body).hexdigest()}
    told["number"] = answer.body["document"]["document"]
    return {"seq": answer.body["seq"], "attached": told}, answer


class Client(threading.Thread):
    """Writes, and now and then reads, until it is told to stop or the daemon is gone."""

    def __init__(self, session, number, seed):
        super().__init__(daemon=True)
        self.session, self.who = session, f"clerk{number}"
        self.random = random.Random(seed)
        self.count, self.fault = 0, ""
        self.is_stopped = False

    def run(self):
        self.connection = Connection(self.session.daemon.staff)
        try:
            self.look()
            while not self.is_stopped and not self.fault:
                event = self.random.choices(*zip(*EVENTS))[0]
                if event == "look":
                    self.look()
                elif event == "clock":
                    self.move_clock()
                elif event == "attach":
                    self.attach()
                elif event == "break off":
                    self.break_off()
                else:
                    self.write(event)
        except GONE:
            if not self.is_stopped and not self.session.may_die:
                self.fault = f"{self.who}: the daemon is gone"
        finally:
            self.connection.close()

    def ask(self, method, path, body=None, key=None, headers=None):
        headers = headers_of(self.who, key, headers=headers)
        return self.connection.ask(method, path, body, headers)

    def look(self):
        """What an answer tells is found in the log by what the daemon sent."""
        for path in ("/v1/cases?limit=500", "/v1/status"):
            self.ask("GET", path)
        if self.session.cases:
            self.look_at(self.random.choice(self.session.cases))

    def look_at(self, case):
        """Whoever is shown a case stands in the journal by then, since this start at the latest."""
        if self.ask("GET", f"/v1/cases/{case}").status == 200:
            self.session.mark({"shown": case, "to": self.who, "behind": self.session.began})

    def move_clock(self):
        connection = Connection(self.session.daemon.admin)
        answer = connection.ask("POST", "/v1/admin/clock", {"advance": "+2s"}, {})
        if answer.status == 200:
            self.session.mark({"now": answer.body["now"]})
        connection.close()

    def next_key(self):
        self.count += 1
        return f"{self.session.name}-{self.session.run_number}-{self.who}-{self.count}"

    def attach(self):
        if not self.session.cases:
            return
        key = self.next_key()
        fact, answer = attach(
            lambda path, body, headers: self.ask("POST", path, body, key, headers),
            self.random.choice(self.session.cases), key, self.random.choice(DOCUMENTS),
        )  # fmt: skip
        if fact:
            self.session.mark({**fact, "by": self.who})
        elif answer.status not in (409, 429, 503):
            self.fault = f"{key} attach: {answer}"

    def break_off(self):
        """A document that is not sent to its end: nothing of it may stay."""
        if not self.session.cases:
            return
        case, size = self.random.choice(self.session.cases), self.random.choice(BROKEN_AT)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as broken:
            broken.settimeout(10)
            broken.connect(str(self.session.daemon.staff))
            head = f"POST /v1/cases/{case}/documents HTTP/1.1\r\nHost: x\r\nSankofa-As: {self.who}\r\n"
            head += f"Content-Type: text/plain\r\nSankofa-File: x\r\nContent-Length: {size + 1}\r\n\r\n"
            broken.sendall(head.encode() + PLAIN.encode()[:size].ljust(size, b"."))
            time.sleep(self.random.choice((0, 0.002, 0.02)))

    def write(self, event):
        session = self.session
        case = self.random.choice(session.cases) if session.cases else None
        event = event if case else "open"
        key = self.next_key()
        body = {"comment": key, "data": {}}
        path = f"/v1/cases/{case}/transitions/{event}"
        if event in ("open", "write"):
            size = self.random.choice(NOTES)
            body["data"] = {"note": f"{PLAIN} {key} {'n' * self.random.randint(1, size)}"[:4000]}
        if event == "open":
            path = "/v1/cases"
            body["workflow"] = "cuts"
        elif event in ("add", "confirm"):
            body["data"] = {"amount": self.random.randint(1, 1000)}
        answer = self.ask("POST", path, body, key)
        if answer.status in (200, 201):
            self.acknowledge(event, key, answer.body)
        elif answer.status not in (409, 429, 503):
            self.fault = f"{key} {event}: {answer}"

    def acknowledge(self, event, key, told):
        name = "case.open" if event == "open" else event
        fact = {"seq": told["seq"], "event": name, "comment": key, "by": self.who}
        self.session.mark({**fact, "states": told["states"]})
        if event == "open":
            self.session.cases.append(told["code"])
        elif event == "end" and told["code"] in self.session.cases:
            self.session.cases.remove(told["code"])


class Session:
    """One store, from --init to its last stop; or from what a power cut has left of another's."""

    def __init__(self, folder, seed, seconds, image=None):
        self.folder = pathlib.Path(folder).resolve()
        self.name = self.folder.name  # keys of another session on the same store are others
        self.random = random.Random(seed)
        self.seconds = seconds
        self.disk = self.folder / "disk"
        self.log = self.folder / "log"
        disk.lay_out(image or {}, self.disk)
        self.start = disk.Start(self.disk)
        self.log.touch()
        self.log_fd = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        limits = {"cases_in_memory": 16} if self.random.random() < 0.5 else {}
        self.daemon = Daemon(PEOPLE, ["probe"], limits=limits, folder=self.folder)
        self.daemon.store = self.disk / "store"
        self.daemon.settings.update(store="disk/store", key_file="disk/key", map_bytes=64 << 20)
        self.make_backup_key()
        self.daemon.write_config()
        self.cases, self.is_told = [], False
        self.run_number, self.may_die = 0, False
        self.gone, self.attach = GONE, attach
        self.began = 0  # the last entry when the daemon was started

    def make_backup_key(self):
        self.identity = self.folder / "identity"
        recipient = self.daemon.run("admin", "backup-key", str(self.identity)).stdout
        (self.folder / "recipients").write_text(recipient, encoding="utf-8")
        self.daemon.settings["backup_recipients"] = "recipients"

    def restore(self, name, folder):
        """Makes the store of one of its backups, with its key file, in that folder."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(self.disk / "key", folder / "key")
        daemon = Daemon(PEOPLE, folder=folder)
        done = daemon.sankofad(
            "--restore", str(self.disk / name), "--identity", str(self.identity),
            "--reason", "the power was cut",
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{name} is not restored: {done.stderr}")

    def mark(self, fact):
        data = fact if isinstance(fact, bytes) else json.dumps(fact).encode()
        disk.mark(self.log_fd, data)

    def tell_made(self):
        if not self.is_told:
            self.mark(INIT_DONE)
        self.is_told = True

    def environment(self, die_at):
        return {
            "LD_PRELOAD": str(BUILD / "tests/crash/record.so"),
            "RECORD_FOLDER": str(self.disk),
            "RECORD_LOG": str(self.log),
            "RECORD_SYNC_US": str(self.random.choice((0, 200, 1000))),
            "RECORD_DIE_AT": str(die_at),
        }

    def record(self):
        """All of its runs. Raises where something is wrong that no power cut did."""
        if self.start.held:
            self.daemon.is_made = True
        else:
            self.init()
        for self.run_number in range(1, RUNS + 1):
            self.may_die = self.random.random() < 0.6 and self.run_number < RUNS
            die_at = self.random.choice((2, 5, 60, 150, 400)) if self.may_die else 0
            with Environment(self.environment(die_at and die_at + self.random.randrange(20))):
                self.daemon.start(wait=False)
            self.run()
        os.close(self.log_fd)

    def init(self):
        """Sometimes it dies, and is called again as people do. If it had made the store by then, it
        has told nobody; then the first start does."""
        if self.random.random() < 0.4:
            with Environment(self.environment(self.random.randint(1, 24))):
                self.daemon.sankofad("--init", "--demo")
        if not self.daemon.store.exists():
            with Environment(self.environment(0)):
                self.daemon.init()
            self.tell_made()
        self.daemon.is_made = True

    def run(self):
        clients = []
        try:
            self.daemon.wait_ready()
            self.tell_made()
            self.began = self.daemon.get("/v1/status").body["seq"]
            self.load_workflow()
            if self.start.held and not self.cases:
                self.find_cases()
            count = self.random.choice((1, 2, 4, CLIENTS_MAX))
            clients = [Client(self, i, self.random.random()) for i in range(count)]
            for client in clients:
                client.start()
            clients.append(keeper.Keeper(self, self.random.random(), self.disk))
            clients[-1].start()
            self.wait_for(clients)
        except GONE + (RuntimeError,):
            if not self.may_die:
                raise
            self.daemon.process.wait(10)
        for client in clients:
            client.is_stopped = True
        if self.daemon.is_running():
            status = self.daemon.stop()
            if status != 0 and not (self.may_die and status == -9):
                raise RuntimeError(f"sankofad stopped with {status}:\n{self.daemon.log()}")
        elif not self.may_die:
            raise RuntimeError(f"sankofad ended by itself:\n{self.daemon.log()}")
        self.daemon.kill()
        for client in clients:
            client.join(30)
            if client.fault:
                raise RuntimeError(client.fault)

    def wait_for(self, clients):
        """The clients first have enough, then the keeper, once something of its own is done."""
        begin = time.monotonic()
        while self.daemon.is_running() and time.monotonic() < begin + KEEPER_S:
            if time.monotonic() > begin + self.seconds:
                for client in clients[:-1]:
                    client.is_stopped = True
                if clients[-1].done_count or clients[-1].fault:
                    return
            time.sleep(0.005)

    def load_workflow(self):
        answer = self.daemon.load(HERE / "cuts.yaml", who="ada")
        if answer.status not in (200, 201):
            raise RuntimeError(f"cuts.yaml was not loaded: {answer}")

    def find_cases(self):
        """Those of the session that this one goes on from."""
        answer = self.daemon.get("/v1/cases?limit=500&state=counting", who="clerk0")
        known = [case["code"] for case in answer.body["cases"]]
        self.cases += [case for case in known if case not in self.cases][:20]


class Environment:
    """Variables that a program is started with."""

    def __init__(self, variables):
        self.variables = variables

    def __enter__(self):
        os.environ.update(self.variables)

    def __exit__(self, *_):
        for name in self.variables:
            os.environ.pop(name, None)
