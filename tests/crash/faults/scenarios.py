"""What is done in a life in which something fails, and how its store is judged afterwards.

A scenario starts the daemon of a Run, asks it things and ends it; see SCENARIOS at the end. Of what
is done rarely, only that fails, and the stop: the start is another scenario's.
"""

import shutil

import facts
from load import Daemon
from run import PEOPLE, STOP_S, Run, check_store, check_words

def serve(run, base):
    """A start, transitions, snapshots, a new case, reads, a stop."""
    cases = base.cases
    run.start()
    if run.is_ready():
        for number, case in enumerate(cases):
            run.write(f"add-{number}", case, "add", {"amount": 1000 + number})
        run.read(f"/v1/cases/{cases[0]}")
        run.write("opening", None, "case.open", {"note": "o" * 3000})
        run.write("writing", cases[1], "write", {"note": "w" * 3000})
        run.read("/v1/cases")
        run.read(f"/v1/cases/{cases[0]}/history")
        run.stop()
    run.wait(STOP_S)


def init(run, _base):
    """--init by itself."""
    shutil.rmtree(run.folder / "store")
    (run.folder / "key").unlink()
    run.start("--init", "--demo")
    run.wait(STOP_S)


def serve_keeping(act):
    """A life in which that is done, and people go on working; it alone is in danger."""

    def serve_and_keep(run, base):
        run.start()
        if run.is_ready():
            run.write("before", base.cases[1], "add", {"amount": 1000})
            run.begin_faults()
            act(run, base)
            run.write("after", base.cases[1], "add", {"amount": 2000})
            run.stop()
        run.wait(STOP_S)

    return serve_and_keep


def erase(run, base):
    path = f"/v1/cases/{base.cases[0]}/erase"
    asked = run.ask("POST", path, {"reason": "no reason"}, "asking", "dado")
    if not is_so(run, path, asked, 200):
        return
    approved = run.ask("POST", f"{path}/approve", {}, "approving", "binta")
    if not is_so(run, path, approved, 202):
        return
    run.acknowledged.append({"seq": approved.body["seq"], "kind": "case.erased", "by": "binta"})
    if run.wait_for(path, "binta", lambda body: body["status"] == "erased"):
        run.done.append({"done": "erasure", "code": base.cases[0]})


def rotate(run, _base):
    result = operate(run, "/v1/admin/keys/rotate", {})
    if result:
        run.done.append({"done": "rotation", "epoch": result["epoch"]})


def back_up(run, _base):
    result = operate(run, "/v1/admin/backup", {"file": str(run.folder / BACKUP)})
    if result:
        run.done.append({"done": "backup", "file": BACKUP, "reached": result["seq"]})


def operate(run, path, body):
    """The result of an operation that has come to its end."""
    begun = run.ask("POST", path, body, "operating", who=None)
    if not is_so(run, path, begun, 202):
        return None
    over = run.wait_for(
        f"/v1/operations/{begun.body['id']}", None, lambda body: body["status"] != "running"
    )
    if over and over["status"] == "failed":
        run.problems.append(f"{path}: {over['problem']}")
    return over["result"] if over and over["status"] == "done" else None


def is_so(run, path, answer, status):
    if answer is not None and answer.status != status:
        run.problems.append(f"{path}: {answer.status} {answer.code}")
        run.stalls += [] if answer.code else [f"{path} got no problem but {answer}"]
    return answer is not None and answer.status == status


# ---- What must be true of a new store, and of a backup.


def check_init(run, _base, recoverer):
    """--init may be repeated, or has made a store; never something between."""
    was_told = run.status == 0
    lines, status = recoverer.ask("go-on", run.folder)
    first = facts.openings(lines)[0]
    if was_told and first.is_new:
        return ["LOST: --init has told of a store that is not there"]
    if status != "0":
        return [f"--init cannot be repeated: {first.results} (end {status})", *first.faults[:3]]
    return list(first.faults)


def check_backup(run, base, recoverer):
    """Under its name it is whole, or it is not there; of what was begun nothing is left."""
    faults = restore(run, base, recoverer) if (run.folder / BACKUP).exists() else []
    if run.done and not (run.folder / BACKUP).exists():
        faults.append("LOST: the backup")
    # Whoever cannot remove it, or is dead, cannot; nothing takes it for a backup.
    is_able = run.status == 0 and run.fault and run.fault[0] not in ("unlink", "allocation place")
    if is_able and list(run.folder.glob(f"{BACKUP}.part-*")):
        faults.append("a part of a backup is left")
    return faults + check_store(run, base, recoverer)


def restore(run, base, recoverer):
    """What comes of it, in a folder of its own."""
    folder = run.folder / "restored"
    folder.mkdir()
    shutil.copy(run.folder / "key", folder / "key")
    daemon = Daemon(PEOPLE, folder=folder)
    done = daemon.sankofad(
        "--restore", str(run.folder / BACKUP), "--identity", str(run.folder / "identity"),
        "--reason", "a test",
    )  # fmt: skip
    if done.returncode != 0:
        return [f"the backup is not restored: {done.stderr}"]
    lines, status = recoverer.ask("look", folder)
    seen = facts.openings(lines)[0]
    whole, _ = recoverer.ask("look", run.folder)
    journal = facts.openings(whole)[0].entries
    last = len(seen.entries) - 1  # the entry that tells of the restoring
    if status != "0" or last < len(base.entries) or seen.entries[:last] != journal[:last]:
        return ["the backup is not the beginning of the journal", *seen.faults]
    return seen.faults


BACKUP = "a.backup"
# What is done, how it is judged, whether only that fails which comes after begin_faults().
SCENARIOS = {
    "serve": (serve, check_store, False),
    "init": (init, check_init, False),
    "erase": (serve_keeping(erase), check_store, True),
    "rotate": (serve_keeping(rotate), check_store, True),
    "backup": (serve_keeping(back_up), check_backup, True),
}


def run_once(base, folder, scenario, fault=()):
    """A run with that fault on a fresh copy."""
    shutil.rmtree(folder, ignore_errors=True)
    # The ballast is made anew, in danger like everything else.
    shutil.copytree(base.folder, folder, ignore=shutil.ignore_patterns("ballast"))
    act, _, waits = SCENARIOS[scenario]
    run = Run(folder, fault, waits)
    act(run, base)
    return run


def check(run, scenario, base, recoverer):
    """All that is wrong with it."""
    return run.stalls + check_words(run) + SCENARIOS[scenario][1](run, base, recoverer)
