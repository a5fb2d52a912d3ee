#!/usr/bin/env python3
"""The bench 'workflow': what workflow-check measures inside its process, and the whole program
`sankofa workflow check` on the same file of 500 lines, from its start to its end.

    workflow_check.py

Ends with 1 if a median is not under what it must be.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ["SANKOFA_BUILD"])
PROGRAM = BUILD / "tests/bench/workflow-check"
RUNS = 50
MOST_MS = 20


def check_ms(file):
    """The median of whole runs, in milliseconds."""
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        subprocess.run(
            [BUILD / "sankofa", "workflow", "check", file],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


def main():
    cores = len(os.sched_getaffinity(0))
    print(f"workflow: medians; {cores} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    measured = subprocess.run([PROGRAM], check=False).returncode
    with tempfile.TemporaryDirectory(prefix="sankofa-bench-") as folder:
        file = os.path.join(folder, "bench.yaml")
        subprocess.run([PROGRAM, "--write", file], check=True)
        whole = check_ms(file)
    print(f"  {'check of it by the whole program':58} {whole:8.2f} ms  (under {MOST_MS})")
    return 1 if measured != 0 or whole >= MOST_MS else 0


if __name__ == "__main__":
    sys.exit(main())
