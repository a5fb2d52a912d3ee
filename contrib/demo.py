"""What contrib/demo shows once everything is built: two cases, a crash, and a search of the store.

Every command is printed as it could be typed, with what it answered, and checked: the demo ends
with status 1 at the first thing that is not as it says. The programs are those of $SANKOFA_BUILD,
else of build/.
"""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/system"))
from daemon import Daemon  # pylint: disable=wrong-import-position
from walk import Walk, play, today  # pylint: disable=wrong-import-position

WALK = ROOT / "tests/system/child-return.walk.json"
PLUGINS = ["assessment", "handover", "reintegration", "travel_authorization"]


def section(title):
    print(f"\n=== {title}\n", flush=True)


def say(words):
    print(f"# {words}")


def shown(words):
    print("$ " + " ".join(shlex.quote(str(word)) for word in words), flush=True)


def program(words, status=0):
    """Runs a program of the system, shown; its output."""
    shown(words)
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    print(done.stdout + done.stderr, end="", flush=True)
    if done.returncode != status:
        raise RuntimeError(f"it ended with {done.returncode}, not with {status}")
    return done.stdout


class Demo:
    def __init__(self, daemon, walk):
        self.daemon, self.walk = daemon, walk

    def run(self, *words, who=None, status=0):
        """Runs the client, shown."""
        before = ["sankofa", *(["--as", who] if who else [])]
        shown([*before, *words])
        done = self.daemon.run(*words, who=who, status=status)
        print(done.stdout + done.stderr, end="")
        if status != 0:
            say(f"refused, as it should be (status {done.returncode})")
        print(flush=True)
        return done

    def act(self, action, words, who, status):
        if "say" in action:
            say(action["say"])
        return self.run(*words, who=who, status=status)

    def play(self, actions):
        return play(self.walk, self.daemon, actions, today(self.daemon), self.act)

    def start(self):
        shown(["sankofad", "--config", self.daemon.config])
        self.daemon.start()
        say(f"it serves at {self.daemon.staff}\n")

    # ---- The parts.

    def prepare(self):
        section("A demo store, a daemon, a workflow")
        shown(["sankofad", "--config", self.daemon.config, "--init", "--demo"])
        self.daemon.init()
        self.start()
        self.run("workflow", "load", self.walk.file, who="ada")

    def whole_case(self):
        section("The way of a boy of 11, from Dakar to his family in Gabú")
        print(f"# {self.walk.about}\n")
        code = self.play(self.walk.actions)
        section("What happened, as the journal has it")
        self.run("history", code, who="fatumata")
        closed = self.daemon.get(f"/v1/cases/{code}", who="fatumata").body["closed"]
        if not closed:
            raise RuntimeError(f"case {code} is not closed")
        return code

    def crash(self):
        section("A second case, and kill -9 in the middle of it")
        until = next(i for i, action in enumerate(self.walk.actions) if "clock" in action)
        code = self.play(self.walk.actions[: until - 1])
        last = self.walk.actions[until - 1]
        say(last["say"])
        words = ["do", code, last["do"], "--key", "demo-last-words", "--json"]
        before = self.run(*words, who=last["as"])
        shown(["kill", "-9", self.daemon.process.pid])
        self.daemon.kill()
        say("the daemon is gone; what it has acknowledged is not:\n")
        self.start()
        self.run("show", code, who="awa")
        self.run("history", code, who="awa")
        say("the same request with the same key once more: answered as before, not done twice")
        after = self.run(*words, who=last["as"])
        if after.stdout != before.stdout:
            raise RuntimeError("the repeat was answered otherwise")
        return code

    def names(self):
        """The child's names, and the form JSON might give one of them."""
        form = next(a["form"] for a in self.walk.actions if a.get("do") == "register")
        names = [form[field] for field in ("first_name", "last_name", "nickname") if field in form]
        escaped = [name.encode("ascii", "backslashreplace").decode() for name in names]
        escaped = [name.replace("\\x", "\\u00") for name in escaped]
        return list(dict.fromkeys(names + escaped))

    def search(self):
        section("No file of the store holds the child's name")
        patterns = [word for name in self.names() for word in ("-e", name)]
        grep = ["grep", "-r", "-a", "-l", "-F", "-D", "skip", *patterns]
        say("the store, the log and the configuration: grep ends with 1, it has found nothing")
        program([*grep, self.daemon.folder], status=1)
        say("grep would find it: in a copy of the store with the name written behind its end")
        with tempfile.TemporaryDirectory(prefix="sankofa-control-") as folder:
            copy = pathlib.Path(folder) / "store"
            shutil.copytree(self.daemon.store, copy)
            with open(copy / "data.mdb", "ab") as file:
                file.write(self.names()[0].encode())
            if str(copy / "data.mdb") not in program([*grep, copy]):
                raise RuntimeError("grep does not find what is there")


def main():
    os.chdir(ROOT)  # what is printed can be typed there
    walk = Walk(WALK)
    keep = sys.argv[1] if len(sys.argv) > 1 else None
    if keep:
        os.makedirs(keep, mode=0o700, exist_ok=True)
    with Daemon(walk.people(), PLUGINS, folder=keep) as daemon:
        demo = Demo(daemon, walk)
        try:
            demo.prepare()
            code = demo.whole_case()
            demo.crash()
            daemon.stop()
            demo.search()
        except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            print(f"\ndemo: failed: {error}\n\nThe daemon's log ends with:", file=sys.stderr)
            print("\n".join(daemon.log().splitlines()[-20:]), file=sys.stderr)
            return 1
    if keep:
        print(f"\nKept in {keep}; to go on:\n  build/sankofad --config {keep}/sankofad.yaml &")
        print(f"  build/sankofa --socket {keep}/staff.sock --as fatumata show {code}")
    print(f"\ndemo: case {code} closed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
