#!/usr/bin/env python3
"""Does what a page of docs/tutorial says, block by block, as a reader would.

    tutorial.py BUILD DOCUMENT

A block ```sh is run, and ends with 0 or with what `status=` says; `sh background` goes on to the end.
A block with file=NAME is written there; ```text shows lines that the block before it printed, dates
aside. Others are only read. `cd` and `export` of one block hold for those that follow, and the code of
a case on the page stands for the one that was given here. Everything is in a temporary folder.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
CODE = re.compile(r"\b[A-Z]{2}-\d{4}-\d{5}-[0-9A-Z*](?!\w)")
DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")
# What a block leaves to the next: its variables and its folder.
KEEP = """trap 'ended=$?; export -p > "$READER/env"; pwd > "$READER/pwd"; exit $ended' EXIT
[ ! -e "$READER/env" ] || . "$READER/env"
"""


class Reader:
    def __init__(self, build, top):
        self.home = pathlib.Path(top, "reader")
        self.home.mkdir()
        self.folder = pathlib.Path(top, "work")
        self.folder.mkdir()
        self.environment = dict(os.environ, READER=str(self.home))
        self.environment["PATH"] = f"{build}:{self.environment['PATH']}"
        self.environment["PKG_CONFIG_PATH"] = str(build / "contrib")
        self.background, self.printed, self.codes = [], "", {}
        self.done = {"run": 0, "written": 0, "compared": 0}

    def here(self, text):
        """A text of the page, with the codes of this store."""
        return CODE.sub(lambda found: self.codes.get(found[0], found[0]), text)

    def run(self, script, status):
        done = subprocess.run(
            ["sh", "-euc", f"{KEEP}set -x\n{self.here(script)}"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=240, check=False,
        )
        self.printed = done.stdout + done.stderr
        if done.returncode != status:
            sys.exit(f"tutorial: this block ends with status {done.returncode}:\n{script}\n{self.printed}")
        self.folder = pathlib.Path((self.home / "pwd").read_text(encoding="utf-8").strip())
        self.done["run"] += 1

    def start(self, script):
        """What a second terminal runs; returns when it serves."""
        log = self.home / "background"
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                ["sh", "-euc", f"exec {script}"], cwd=self.folder, env=self.environment, stderr=output
            )
        self.background.append(process)
        until = time.monotonic() + 60
        while "daemon.serving" not in log.read_text(encoding="utf-8"):
            if time.monotonic() > until or process.poll() is not None:
                sys.exit(f"tutorial: this does not serve:\n{script}\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        self.done["run"] += 1

    def compare(self, text):
        for line in text.splitlines():
            for code, ours in zip(CODE.findall(line), CODE.findall(self.printed)):
                self.codes.setdefault(code, ours)
            if DATE.sub("", self.here(line)) not in DATE.sub("", self.printed):
                sys.exit(f"tutorial: the page shows a line that was not printed:\n{line}\n\n{self.printed}")
            self.done["compared"] += 1

    def take(self, kind, detail, text):
        word, _, value = detail.partition("=")
        if kind == "sh" and word == "background":
            self.start(text)
        elif kind == "sh":
            self.run(text, int(value or 0))
        elif kind == "text":
            self.compare(text)
        elif word == "file":
            (self.folder / value).write_text(text, encoding="utf-8")
            self.done["written"] += 1

    def end(self):
        for process in self.background:
            process.terminate()
            if process.wait(timeout=30) != 0:
                sys.exit("tutorial: what ran in the background did not end well")


def main():
    build, document = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    top = tempfile.mkdtemp(prefix="sankofa-tutorial-")
    reader = Reader(build, top)
    try:
        for block in BLOCK.findall(document.read_text(encoding="utf-8")):
            reader.take(*block)
    finally:
        reader.end()
        shutil.rmtree(top)
    if reader.done["run"] < 5 or reader.done["written"] < 4:
        sys.exit(f"tutorial: too little was done: {reader.done}")
    print(f"tutorial: {reader.done}")


main()
