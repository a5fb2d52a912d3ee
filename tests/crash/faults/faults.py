#!/usr/bin/env python3
"""Everything a daemon asks of the system made to fail, one after the other: no lie, nothing lost, a
word.

    faults.py [--step N] [--scenario NAME[,...]] [--only WHAT[,...]] [--jobs J] [--keep DIR]
    faults.py --self-test

 1. A run of each scenario (scenarios.py) without faults is counted: its system calls, of libc,
    LMDB and the loops as well, and its allocations of memory.
 2. For each call and each error that it may give (table.py), and for each allocation, the run is
    made anew on a copy of the store, with that fault (fault.c, starve.c). Memory also ends for
    good: at each place that asks for some, with all that follows.
 3. The store is opened by the engine's own recovery without faults, works on, and is compared with
    what was told: all that was acknowledged is there, nothing that was refused, nothing by half. No
    request may stall, what went wrong must stand in the log, and nobody may call damaged what is
    whole.

--step N takes every Nth fault alone, and of allocations one for each place: a short form. The last
line counts runs.
"""

import argparse
import multiprocessing
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

import scenarios  # pylint: disable=wrong-import-position
from run import Base  # pylint: disable=wrong-import-position
from power_cut import Recoverer, room  # pylint: disable=wrong-import-position
from table import FAULTS, SPARED, UNNAMED  # pylint: disable=wrong-import-position

TRIES = 3  # of a fault whose call did not come this time
SHOWN_MAX = 40
UNCOUNTED = {"spared"}

WORKER = {}  # of this process


def run_fault(task):
    """What came of one fault: whether its call came, and the faults found."""
    base, scenario, fault = task
    if not WORKER:
        WORKER["folder"] = base.folder.parent / f"run-{os.getpid()}"
        WORKER["recoverer"] = Recoverer()
    for _ in range(TRIES):
        run = scenarios.run_once(base, WORKER["folder"], scenario, fault)
        if run.stalls or run.status != 0 or has_come(run, fault):
            break
    else:
        return scenario, fault, "its call did not come", [], []
    if run.counts().get("spared"):
        return scenario, fault, "spared", [], []
    found = scenarios.check(run, scenario, base, WORKER["recoverer"])
    if found:
        found.append("log: " + " | ".join(run.log().strip().split("\n")[-4:])[:600])
    return scenario, fault, "", found, run.problems


def has_come(run, fault):
    return run.counts().get(fault[0], 0) >= fault[1]


def count_of(base, folder, scenario, fault):
    """How often each kind of call comes, in a run without a fault."""
    run = scenarios.run_once(base, folder, scenario, fault)
    if run.problems or run.stalls:
        raise RuntimeError(f"without a fault: {run.problems} {run.stalls} {run.log()}")
    return run.counts()


def plan_calls(base, folder, scenario):
    counts = count_of(base, folder, scenario, ())
    counts = {name: count for name, count in counts.items() if name not in SPARED | UNCOUNTED}
    words = " ".join(f"{name}:{counts[name]}" for name in sorted(counts))
    print(f"{scenario}: {words}", flush=True)
    for name in sorted(counts):
        for number in range(1, counts[name] + 1):
            yield from ((name, number, error) for error in FAULTS.get(name, UNNAMED))


def plan_allocations(base, folder, scenario, is_short):
    counts = count_of(base, folder, scenario, ("allocation place", 0, "once"))
    print(f"{scenario}: " + " ".join(f"{counts[name]} {name}s" for name in sorted(counts)))
    places = range(1, counts["allocation place"] + 1)
    if is_short:
        yield from (("allocation place", number, "once") for number in places)
        return
    yield from (("allocation place", number, "on") for number in places)
    for number in range(1, counts["allocation"] + 1):
        yield "allocation", number, "once"


def plan(base, folder, options):
    """Every fault of every call and allocation of every scenario."""
    only = options.only.split(",") if options.only else []
    tasks = []
    for scenario in options.scenario.split(","):
        faults = list(plan_calls(base, folder, scenario))
        faults += plan_allocations(base, folder, scenario, options.step > 1)
        if only:
            faults = [fault for fault in faults if fault[0] in only]
        tasks += [(base, scenario, fault) for fault in faults[:: options.step]]
    return tasks


def battery(options, top):
    base = Base(top / "base")
    tasks = plan(base, top / "plain", options)
    passed = failed = noticed = 0
    left_out = {"its call did not come": 0, "spared": 0}
    with multiprocessing.Pool(options.jobs) as pool:
        for scenario, fault, why, found, problems in pool.imap_unordered(run_fault, tasks, 4):
            if why:
                left_out[why] += 1
                continue
            passed += not found
            failed += bool(found)
            noticed += bool(problems)
            if found and failed <= SHOWN_MAX:
                words = " ".join(map(str, fault))
                print(f"{scenario}, {words}: {'; '.join(found)}"[:1000], flush=True)
    print(
        f"faults: {noticed} noticed by people; left out: {left_out['spared']} that no kernel makes, "
        f"{left_out['its call did not come']} whose call did not come"
    )
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


# ---- That it can fail.


def forget_a_fact(run):
    run.acknowledged.append({**run.acknowledged[-1], "seq": 10**6})


def tell_another_fact(run):
    run.acknowledged[0]["event"] = "write"


def refuse_what_is_there(run):
    run.refused.append(run.acknowledged[0]["comment"])


def show_what_is_not_there(run):
    run.shown.append(10**6)


def notice_something(run):
    run.problems.append("a person noticed it")


def cry_damage(run):
    with open(run.folder / "log", "a", encoding="utf-8") as log:
        log.write("error[E816]: data.mdb: the store is damaged\n")


def damage_the_store(run):
    with open(run.folder / "store/data.mdb", "r+b") as file:
        file.truncate(8192)


LIES = [forget_a_fact, tell_another_fact, refuse_what_is_there, show_what_is_not_there]
LIES += [notice_something, cry_damage, damage_the_store]


def self_test(top):
    """A run without a fault must pass, and each lie told of it must be found."""
    base = Base(top / "base")
    recoverer = Recoverer()
    missed = 0
    for lie in [None, *LIES]:
        run = scenarios.run_once(base, top / "run", "serve")
        if lie:
            lie(run)
        found = scenarios.check(run, "serve", base, recoverer)
        is_right = bool(found) == bool(lie)
        missed += not is_right
        name = lie.__name__ if lie else "no lie"
        print(f"self-test: {name}: {'; '.join(found)[:160]}{'' if is_right else ' NOT SO'}")
    recoverer.close()
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--only", help="kinds of calls, `allocation`; with commas between")
    parser.add_argument("--scenario", default=",".join(scenarios.SCENARIOS), help="likewise")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="keep the base here")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    top = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="sankofa-fault-", dir=room()))
    try:
        return self_test(top) if options.self_test else battery(options, top)
    finally:
        if not options.keep:
            shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
