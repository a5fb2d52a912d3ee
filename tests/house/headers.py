#!/usr/bin/env python3
"""Compiles each header of engine/ alone, and twice over.

headers.py ROOT COMPILER... - prints one line for each header that does not, and ends with 1 if there
is any. The public header must compile without any of our switches, by a strict C11 compiler.
"""

import os
import subprocess
import sys

OURS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Iengine", "-Iengine/include"]
PUBLIC = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Iengine/include"]


def headers(root):
    for where, folders, names in os.walk(os.path.join(root, "engine")):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".h"):
                yield os.path.relpath(os.path.join(where, name), os.path.join(root, "engine"))


def compile_alone(root, compiler, header):
    """None, or the first line that the compiler says."""
    public = header.startswith("include/")
    line = f"#include <{header[8:]}>\n" if public else f'#include "{header}"\n'
    # An empty translation unit is no fault of the header.
    source = line * 2 + "extern int this_compiles_alone;\n"
    result = subprocess.run(
        compiler + (PUBLIC if public else OURS) + ["-fsyntax-only", "-x", "c", "-"],
        cwd=root,
        input=source.encode(),
        capture_output=True,
        check=False,
    )
    if result.returncode == 0:
        return None
    lines = result.stderr.decode("utf-8", "replace").splitlines()
    return next((line for line in lines if "error" in line), lines[0] if lines else "no words")


def check(root, compiler):
    faults, count = [], 0
    for header in headers(root):
        count += 1
        said = compile_alone(root, compiler, header)
        if said is not None:
            faults.append(f"engine/{header}: does not compile alone: {said}")
    return faults, count


def main():
    faults, count = check(sys.argv[1], sys.argv[2:])
    for fault in faults:
        print(fault)
    print(f"headers: {count} headers, {len(faults)} faults")
    return 1 if faults or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
