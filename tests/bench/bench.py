#!/usr/bin/env python3
"""The bench 'return case': the load of return_case.c on a real daemon, with 1 and with 64 clients.

    bench.py [--seconds N] [--folder DIR]

Everything acknowledged is durable first, so the disk decides: what a bare write and fdatasync costs
on the same disk is printed beside it. The store is on the disk of the build folder.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from daemon import BUILD, Daemon, plugin_entry  # pylint: disable=wrong-import-position

PEOPLE = {"awa": {"roles": ["caseworker"]}, "ada": {"roles": ["administrator"]}}
CLIENTS = (1, 64)


def disk_us(folder):
    """What a write of 4 KiB and its fdatasync takes, the median of 200, in microseconds."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for i in range(200):
            begin = time.perf_counter()
            os.pwrite(file.fileno(), os.urandom(4096), i % 16 * 4096)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times)


def run_load(daemon, clients, seconds):
    """One load; how much of a core it took itself, which the daemon did not have."""
    load = [BUILD / "tests/bench/return-case", daemon.staff, str(clients), str(seconds)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        load, check=True, timeout=seconds + 60, stdout=subprocess.PIPE, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    share = 100 * spent / seconds
    print(f"{done.stdout.rstrip()}  (the load: {share:.0f} % of a core)", flush=True)


def run(folder, seconds):
    """Both loads on one daemon, and what it holds at the end."""
    plugins = {"measure": plugin_entry("measure", BUILD / "tests/bench/measure.so")}
    with Daemon(PEOPLE, plugins, folder=folder) as daemon:
        daemon.start()
        loaded = daemon.load(HERE / "return_case.yaml", who="ada")
        if loaded.status != 201:
            raise RuntimeError(f"return_case.yaml was not loaded: {loaded}")
        for clients in CLIENTS:
            run_load(daemon, clients, seconds)
        status = daemon.get("/v1/status", who="ada").body
        size = (daemon.store / "data.mdb").stat().st_size
        print(f"  {status['cases']} cases, {status['seq']} entries, a store of {size >> 20} MiB")
        daemon.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--folder", default=BUILD, help="on whose disk the store is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-") as folder:
        cores = len(os.sched_getaffinity(0))
        print("return-case: a case of 600 bytes, 8 transitions of 200 bytes, checked by a host")
        print(f"  {cores} cores; a bare 4 KiB write and fdatasync: {disk_us(folder):.0f} us")
        sys.stdout.flush()
        run(folder, options.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
