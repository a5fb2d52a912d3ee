#!/usr/bin/env python3
"""Every member of the ABI stands where it stood in the first release, and structs only grow.

layout.py RELEASED PRESENT - the two programs print what they were compiled with.
"""

import subprocess
import sys


def read(program):
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    return [tuple(line.rsplit(" ", 1)) for line in lines]


def faults_of(released, present):
    for (name, was), (also, now) in zip(released, present, strict=True):
        assert name == also
        grows = name.startswith("size ")
        if int(now) < int(was) or (not grows and now != was):
            yield f"{name}: was {was}, is {now}: plugins that are built already would not work"


def main():
    released = read(sys.argv[1])
    # The comparison itself is tried: a member that moved is found, a struct that grew is none.
    moved = [(name, str(int(value) + 8)) for name, value in released]
    found = list(faults_of(released, moved))
    assert found and not any(fault.startswith("size ") for fault in found)
    assert list(faults_of(moved, released))
    faults = list(faults_of(released, read(sys.argv[2])))
    for fault in faults:
        print(fault)
    print(f"layout: {len(released)} facts, {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
