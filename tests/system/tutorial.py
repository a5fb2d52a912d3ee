#!/usr/bin/env python3
"""Does what docs/tutorial/first-plugin.md says, block by block, as a reader would.

    tutorial.py BUILD DOCUMENT

A block ```sh is run; one with file=NAME is written there; ```yaml and others without a name are only
read. `cd` in one block holds for those that follow. Everything stands in a temporary folder.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.M | re.S)


def run(script, folder, environment):
    """Runs a block; the folder that it leaves the reader in."""
    done = subprocess.run(
        ["sh", "-euxc", script + "\npwd > \"$SANKOFA_PWD\""],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        sys.exit(f"tutorial: this block ends with status {done.returncode}:\n{script}")
    return pathlib.Path(environment["SANKOFA_PWD"]).read_text(encoding="utf-8").strip()


def main():
    build, document = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    blocks = BLOCK.findall(document.read_text(encoding="utf-8"))
    ran = written = 0
    with tempfile.TemporaryDirectory(prefix="sankofa-tutorial-") as top:
        folder = top
        environment = dict(os.environ, SANKOFA_PWD=os.path.join(top, ".pwd"))
        environment["PATH"] = f"{build}:{environment['PATH']}"
        environment["PKG_CONFIG_PATH"] = str(build / "contrib")
        for kind, name, text in blocks:
            if kind == "sh":
                folder = run(text, folder, environment)
                ran += 1
            elif name:
                pathlib.Path(folder, name).write_text(text, encoding="utf-8")
                written += 1
    if ran < 5 or written < 4:
        sys.exit(f"tutorial: only {ran} blocks were run and {written} files written")
    print(f"tutorial: {ran} blocks run, {written} files written")


main()
