#!/usr/bin/env python3
"""Each mutant of tests/crash/mutants still applies: what it replaces stands once in its file, and its
catcher is there. So a change that moves such a text finds out at once, and not a battery of an hour.

mutants.py ROOT
"""

import pathlib
import sys

sys.dont_write_bytecode = True


def faults_of(root, mutants):
    """What is wrong, a line each."""
    for mutant in mutants:
        for name, text, other in mutant.edits:
            path = root / name
            count = path.read_text(encoding="utf-8").count(text) if path.exists() else 0
            if count != 1:
                yield f"{mutant.name}: its text stands {count} times in {name}, not once"
            if text == other:
                yield f"{mutant.name}: it changes nothing"
        kind, argument = mutant.catcher.split(" ", 1)
        place = {"unit": f"tests/unit/{argument}.c", "system": f"tests/system/{argument}.py"}.get(kind)
        if place and not (root / place).exists():
            yield f"{mutant.name}: there is no {place}"


def main():
    root = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(root / "tests/crash/mutants"))
    from table import MUTANTS, Mutant  # pylint: disable=import-outside-toplevel

    faults = list(faults_of(root, MUTANTS))
    # That it can fail.
    breaches = [
        Mutant("gone", "", (("engine/base/arena.c", "no such text", "another"),), "simulate 1"),
        Mutant("twice", "", (("engine/base/arena.c", "arena", "another"),), "simulate 1"),
        Mutant("no-file", "", (("engine/base/attic.c", "a", "b"),), "simulate 1"),
        Mutant("no-change", "", (("engine/base/arena.c", "arena_destroy(NULL)", ""),), "unit base/attic"),
    ]
    for breach in breaches:
        if not list(faults_of(root, [breach])):
            faults.append(f"the breach {breach.name} is not seen")
    names = [mutant.name for mutant in MUTANTS]
    faults += [f"{name}: there are two of that name" for name in set(names) if names.count(name) > 1]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
