"""A real daemon for a test: its own folder, configuration, store and sockets, and clients of it.

    with Daemon({"awa": {"roles": ["caseworker"]}}, plugins=["assessment"]) as daemon:
        daemon.start()
        daemon.load("workflows/ecowas/child-return.yaml", who="codou")
        answer = daemon.post("/v1/cases", {"workflow": "child-return"}, who="awa")
        assert answer.status == 201, answer
        daemon.kill()       # -9
        daemon.start()
        print(daemon.run("show", answer.body["code"], who="awa").stdout)

Only what was started here is ended, by its own number; every wait is bounded. A daemon dies with
the thread that started it, so that a test that is killed leaves nothing behind. Standard library
only.

The programs are those of $SANKOFA_BUILD, else of build/ in the tree. Where $SANKOFA_DESCRIBED is set (meson
sets it) every answer is held to the description of the socket: see openapi_kit.py.
"""

import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SANKOFA_BUILD", ROOT / "build")).resolve()
# A sanitized host needs more address space than a limit leaves it.
IS_SANITIZED = b"__asan_init" in (BUILD / "sankofa-host").read_bytes()
START_S = 30  # until the sockets answer
STOP_S = 30  # from SIGTERM to the end
REQUEST_S = 90  # bounds what hangs; unlocking took 12 s on a machine that was busy with builds
PROGRAM_S = 60  # of a client, and of --init
SEEN = None  # a set: of every code that an answer had, alone and with its status, and every status of the client
DESCRIPTION = None
if os.environ.get("SANKOFA_DESCRIBED"):
    from openapi_kit import Description

    DESCRIPTION = Description((BUILD / "engine/api/openapi.json").read_text(encoding="utf-8"))


def takes_connections(path):
    """Whether somebody listens there."""
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        probe.connect(str(path))
        return True
    except OSError:
        return False
    finally:
        probe.close()


class Answer:
    """What a request got: status, headers, body (JSON where it is), raw bytes."""

    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw
        is_json = headers.get("Content-Type", "") in ("application/json", "application/problem+json")
        self.body = json.loads(raw) if is_json and raw else None  # HEAD has none

    @property
    def code(self):
        """The stable code of a problem; "" where it is none."""
        is_problem = self.headers.get("Content-Type") == "application/problem+json"
        return self.body.get("code", "") if is_problem else ""

    def __repr__(self):
        return f"{self.status} {self.raw.decode('utf-8', 'replace')[:2000]}"


class Connection(http.client.HTTPConnection):
    """A connection over a Unix socket that is kept from one request to the next."""

    def __init__(self, path, timeout=REQUEST_S):
        super().__init__("sankofa", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None, headers=None):
        """One request, not repeated: bytes are sent as they are, anything else as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        self.request(method, path, body=body, headers=headers)
        response = self.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if SEEN is not None:
            SEEN.update((answer.code, f"{answer.code} {answer.status}"))
        if DESCRIPTION:
            DESCRIPTION.check(method, path, answer)
        return answer


def headers_of(who=None, key=None, revision=None, language=None, headers=None):
    """The headers that requests take most, by their names here."""
    named = {"Sankofa-As": who, "Idempotency-Key": key, "Accept-Language": language}
    if revision is not None:
        named["If-Match"] = f'"{revision}"'
    named = {name: value for name, value in named.items() if value is not None}
    return {**named, **(headers or {})}


def plugin_file(name):
    """The built plugin of that name, a real one or a bad one."""
    for folder in (BUILD / "plugins", BUILD / "tests/system/bad-plugins"):
        if (folder / f"{name}.so").exists():
            return folder / f"{name}.so"
    raise FileNotFoundError(f"no plugin {name}.so in {BUILD}")


def plugin_entry(name, file=None, **more):
    """An entry of `plugins:`, with the hash of the file as it is."""
    file = pathlib.Path(file or plugin_file(name))
    return {"file": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest(), **more}


def yaml(value, indent=""):
    """Maps, lists, texts and numbers as YAML that people can read; texts as JSON writes them."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    lines = []
    for name, member in value.items():
        is_large = isinstance(member, dict) and any(isinstance(m, dict) for m in member.values())
        if is_large:
            lines.append(f"{indent}{name}:\n{yaml(member, indent + '  ')}")
        elif isinstance(member, dict):
            flow = ", ".join(f"{key}: {yaml(item)}" for key, item in member.items())
            lines.append(f"{indent}{name}: {{{flow}}}")
        else:
            lines.append(f"{indent}{name}: {yaml(member)}")
    return "\n".join(lines)


class Daemon:
    """One store and the daemon that serves it, in a folder of their own.

    people   {ID: {roles, countries, user, person}}, as in sankofad.yaml
    plugins  names of built plugins, or {NAME: entry} as plugin_entry makes them
    limits   as in sankofad.yaml
    demo     a demo store: `who` names whom a request acts as
    folder   kept where it is named; else made, and removed at the end
    """

    def __init__(self, people, plugins=(), limits=None, demo=True, folder=None):
        if not isinstance(plugins, dict):
            plugins = {name: plugin_entry(name) for name in plugins}
        self.is_kept = folder is not None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="sankofa-"))
        self.config = self.folder / "sankofad.yaml"
        self.store = self.folder / "store"
        self.staff = self.folder / "staff.sock"
        self.admin = self.folder / "admin.sock"
        self.log_file = self.folder / "sankofad.log"
        self.process = None
        self.connections = {}
        self.settings = {
            "store": "store",
            "key_file": "key",
            "sockets": {"staff": "staff.sock", "admin": "admin.sock"},
            "people": people,
            "plugins": plugins,
            "limits": {**({"host_bytes": "unlimited"} if IS_SANITIZED else {}), **(limits or {})},
        }
        self.write_config()
        self.demo = demo
        self.is_made = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def write_config(self):
        """Writes self.settings; what a running daemon has read stays as it is."""
        settings = {name: part for name, part in self.settings.items() if part or name == "people"}
        self.config.write_text(yaml(settings) + "\n", encoding="utf-8")

    # ---- Its life.

    def sankofad(self, *options):
        """Runs sankofad to its end (--init, --check-config)."""
        return subprocess.run(
            [BUILD / "sankofad", "--config", self.config, *options],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PROGRAM_S,
            check=False,
        )

    def init(self):
        """Makes key file and store."""
        done = self.sankofad("--init", *(["--demo"] if self.demo else []))
        if done.returncode != 0:
            raise RuntimeError(f"sankofad --init ended with {done.returncode}:\n{done.stderr}")
        self.is_made = True

    def start(self, wait=True):
        """Starts it, and waits until both sockets take connections."""
        if not self.is_made and not self.store.exists():
            self.init()
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", BUILD / "sankofad", "--config", self.config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_ready()

    def wait_ready(self):
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"sankofad ended with {self.process.returncode}:\n{self.log()}")
            if takes_connections(self.staff) and takes_connections(self.admin):
                return
            time.sleep(0.005)
        raise RuntimeError(f"sankofad does not answer after {START_S} s:\n{self.log()}")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9; nothing if it does not run."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_S)
        self.gone()

    def stop(self):
        """SIGTERM, and the exit status of a clean stop."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self.gone()
        return status

    def restart(self):
        status = self.stop()
        if status != 0:
            raise RuntimeError(f"sankofad stopped with {status}:\n{self.log()}")
        self.start()

    def gone(self):
        self.process = None
        for connection in self.connections.values():
            connection.close()
        self.connections = {}

    def log(self):
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    # ---- Requests.

    def connection(self, path):
        """The kept connection to one of the sockets, for one thread."""
        path = str(path)
        if path not in self.connections:
            self.connections[path] = Connection(path)
        return self.connections[path]

    def ask(self, method, path, body=None, who=None, socket_path=None, **named):
        """One request; a kept connection that the daemon has closed is opened again once."""
        connection = self.connection(socket_path or self.staff)
        headers = headers_of(who=who, **named)
        was_open = connection.sock is not None
        try:
            return connection.ask(method, path, body, headers)
        except (http.client.HTTPException, OSError):
            connection.close()
            # A fresh connection that breaks is the daemon's answer, and no write is sent twice
            # unless its key makes that safe.
            if not was_open or not (method == "GET" or "Idempotency-Key" in headers):
                raise
            return connection.ask(method, path, body, headers)

    def get(self, path, who=None, **named):
        return self.ask("GET", path, None, who, **named)

    def post(self, path, body=None, who=None, **named):
        return self.ask("POST", path, {} if body is None else body, who, **named)

    def load(self, file, who=None):
        """POST /v1/workflows with a file of the tree, or any other."""
        file = ROOT / file
        headers = {"Content-Type": "application/yaml", "Sankofa-File": file.name}
        return self.post("/v1/workflows", file.read_bytes(), who, headers=headers)

    def advance(self, span):
        """Moves a demo store's clock on."""
        return self.post("/v1/admin/clock", {"advance": span}, socket_path=self.admin)

    def wait_for(self, path, is_so, who=None, seconds=20):
        """Asks until is_so(answer); the last answer."""
        end = time.monotonic() + seconds
        while True:
            answer = self.get(path, who=who)
            if is_so(answer) or time.monotonic() > end:
                assert is_so(answer), f"not so after {seconds} s: {answer}"
                return answer
            time.sleep(0.02)

    # ---- The client.

    def run(self, *words, who=None, status=0, **environment):
        """Runs the client `sankofa`; its exit status must be `status` (None: any)."""
        done = subprocess.run(
            [BUILD / "sankofa", *words, *(["--as", who] if who else [])],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PROGRAM_S,
            check=False,
            env={
                **os.environ,
                "LC_ALL": "C.UTF-8",
                "SANKOFA_SOCKET": str(self.staff),
                "SANKOFA_ADMIN_SOCKET": str(self.admin),
                **environment,
            },
        )
        if SEEN is not None:
            SEEN.add(done.returncode)
        assert status is None or done.returncode == status, (
            f"sankofa {' '.join(map(str, words))}: status {done.returncode}, not {status}\n"
            f"{done.stdout}{done.stderr}"
        )
        return done
