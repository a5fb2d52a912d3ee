#!/usr/bin/env python3
"""Enforces the floors and nevers of the architecture by reading every #include line.

A file includes its own folder, whose rooms are folders inside it, or a lower floor; never a neighbour
on its floor, never upward. Each
library of the outside has the folders it may be seen in. Run with the tree's root; prints one line
for each breach and ends with 1 if there is any.
"""

import os
import re
import sys

FLOORS = [
    ["base"],
    ["cel", "vault", "wire", "words", "yaml", "system", "jail", "include"],
    ["chart", "store"],
    ["workflow"],
    ["case"],
    ["run"],
    ["api", "steps", "workbench"],
    ["daemon", "client", "host"],
]
FLOOR_OF = {folder: number for number, floor in enumerate(FLOORS, 1) for folder in floor}

# What a folder may see of ours, where that is less than all floors below it.
ONLY = {
    "host": {"host", "base", "wire", "include", "jail"},
    "include": {"include"},
}
# What may be seen by some alone.
SEEN_BY = {"system": {"system", "daemon", "client"}}

# Headers of the outside, and the folders that may include them.
OUTSIDE = [
    (r"uv\.h|uv/.*", {"steps", "api", "daemon"}),
    (r"lmdb\.h", {"store"}),
    (r"microhttpd\.h", {"api"}),
    (r"openssl/.*", {"vault"}),
    (r"yaml\.h", {"yaml"}),
    (r"jansson(_config)?\.h", {"base"}),
    (r"curl/.*", {"client"}),
    (r"hpdf.*\.h", {"client"}),
    (r"dlfcn\.h", {"host", "api"}),
    (r"seccomp\.h|linux/(landlock|seccomp|filter|audit)\.h", {"jail"}),
    (r"cmocka\.h", set()),
]

# Of these, plugins may have their own copy: a host loads it with them.
PLUGINS_OWN = re.compile(r"jansson\.h|curl/curl\.h|hpdf\.h")

# The pure folders know no clock, environment, randomness or disk.
PURE = {"cel", "yaml", "chart", "workflow", "case"}
IMPURE_HEADERS = re.compile(
    r"(time|fcntl|unistd|dirent|ftw|glob|sys/(time|times|random|stat|statvfs|file|mman|socket))\.h"
)
IMPURE_CALLS = re.compile(
    r"(?<![\w.>])(getenv|secure_getenv|getrandom|getentropy|s?random|s?rand|rand_r|arc4random\w*"
    r"|time|clock|clock_gettime|gettimeofday|localtime(_r)?|gmtime(_r)?|fopen|open|openat|creat)\("
)
# vault and store take chance and time from port.h alone.
PORTED = {"vault", "store"}
PORTED_CALLS = re.compile(
    r"(?<![\w.>])(getrandom|getentropy|s?random|s?rand|rand_r|arc4random\w*|RAND_\w+|time"
    r"|clock_gettime|gettimeofday)\("
)
LOADING_CALLS = re.compile(r"(?<![\w.>])(dlopen|dlmopen)\(")

INCLUDE = re.compile(r"^\s*#\s*include\s*(.*?)\s*$")


def without_comments(text):
    """The text with its comments blanked out; its lines keep their numbers."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)

    def blank(match):
        found = match.group()
        return found if found[0] == '"' else re.sub(r"[^\n]", " ", found)

    return pattern.sub(blank, text)


def code_lines(text):
    """(number, line) of what the compiler sees: without comments, broken lines joined."""
    number, begun = 0, ""
    for at, line in enumerate(without_comments(text).split("\n"), 1):
        number = number if begun else at
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        yield number, begun + line
        begun = ""


def without_strings(line):
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', line)


class Breaches:
    def __init__(self):
        self.lines = []

    def add(self, path, number, what):
        self.lines.append(f"{path}:{number}: {what}")


def check_ours(breaches, path, number, folder, target):
    wanted = target.split("/")[0]
    if "/" not in target or ".." in target.split("/"):
        breaches.add(path, number, f'"{target}": an include names its folder: "FOLDER/FILE.h"')
    elif wanted not in FLOOR_OF:
        breaches.add(path, number, f'"{target}": there is no folder {wanted} on any floor')
    elif folder in ONLY and wanted not in ONLY[folder]:
        few = ", ".join(sorted(ONLY[folder] - {folder})) or "nothing"
        breaches.add(path, number, f'"{target}": {folder} includes only {few} beside itself')
    elif wanted in SEEN_BY and folder not in SEEN_BY[wanted]:
        breaches.add(path, number, f'"{target}": {wanted} is for main programs alone')
    elif wanted != folder and FLOOR_OF[wanted] == FLOOR_OF[folder]:
        breaches.add(path, number, f'"{target}": {wanted} is a neighbour of {folder}')
    elif FLOOR_OF[wanted] > FLOOR_OF[folder]:
        breaches.add(path, number, f'"{target}": {wanted} lies above {folder}')


def check_outside(breaches, path, number, folder, target):
    if target.startswith("sankofa/"):
        check_ours(breaches, path, number, folder, "include/" + target)
        return
    for pattern, folders in OUTSIDE:
        if re.fullmatch(pattern, target) and folder not in folders:
            where = ", ".join(sorted(folders)) or "tests"
            breaches.add(path, number, f"<{target}>: only in {where}")
    if folder in PURE and IMPURE_HEADERS.fullmatch(target):
        breaches.add(path, number, f"<{target}>: {folder} is pure: no clock, disk or chance")
    if target.split("/")[0] in FLOOR_OF:
        breaches.add(path, number, f'<{target}>: our own headers stand in quotes: "{target}"')


def check_calls(breaches, path, number, folder, line):
    rules = [(folder != "host", LOADING_CALLS, "only host loads plugins")]
    rules.append((folder in PURE, IMPURE_CALLS, f"{folder} is pure: no clock, disk or chance"))
    rules.append((folder in PORTED, PORTED_CALLS, f"{folder} takes chance and time from port.h"))
    for applies, pattern, why in rules:
        match = pattern.search(without_strings(line)) if applies else None
        if match:
            breaches.add(path, number, f"{match.group(1)}(): {why}")


def check_engine_file(breaches, path, folder, text):
    for number, line in code_lines(text):
        include = INCLUDE.match(line)
        if not include:
            check_calls(breaches, path, number, folder, line)
            continue
        target = include.group(1)
        if re.fullmatch(r'"[^"]+"', target):
            check_ours(breaches, path, number, folder, target[1:-1])
        elif re.fullmatch(r"<[^>]+>", target):
            check_outside(breaches, path, number, folder, target[1:-1])
        else:
            breaches.add(path, number, f"{target}: an include names a file, not a macro")


def check_plugin_file(breaches, path, text):
    """A plugin includes of ours the public header alone, its test the test library too."""
    is_test = os.path.basename(path).startswith("test_")
    for number, line in code_lines(text):
        include = INCLUDE.match(line)
        if not include:
            continue
        target = include.group(1)
        bare = target.strip('"<>')
        if bare.split("/")[0] in FLOOR_OF or "engine/" in bare:
            breaches.add(path, number, f"{target}: of ours a plugin includes <sankofa/step.h> alone")
        elif is_test and target == "<sankofa/step_test.h>":
            continue
        elif bare.startswith("sankofa/") and target != "<sankofa/step.h>":
            breaches.add(path, number, f"{target}: of ours a plugin includes <sankofa/step.h> alone")
        elif not target.startswith("<"):
            breaches.add(path, number, f"{target}: a plugin is one file")
        elif not is_test:
            for pattern, _ in OUTSIDE:
                if re.fullmatch(pattern, bare) and not PLUGINS_OWN.fullmatch(bare):
                    breaches.add(path, number, f"{target}: not in a plugin")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def sources_below(folder):
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.join(where, name)


def check_engine(root, breaches):
    engine = os.path.join(root, "engine")
    count = 0
    for path in sources_below(engine):
        shown = os.path.relpath(path, root)
        parts = os.path.relpath(path, engine).split(os.sep)
        count += 1
        if len(parts) == 1:
            breaches.add(shown, 1, "a source file lives in a folder of a floor")
        elif parts[0] not in FLOOR_OF:
            breaches.add(shown, 1, f"the folder {parts[0]} is on no floor")
        elif len(parts) > 3 and parts[0] != "include":
            breaches.add(shown, 1, "a room of a folder has no rooms of its own")
        else:
            check_engine_file(breaches, shown, parts[0], read(path))
    return count


def check_plugins(root, breaches):
    count = 0
    for path in sources_below(os.path.join(root, "plugins")):
        check_plugin_file(breaches, os.path.relpath(path, root), read(path))
        count += 1
    return count


def check(root):
    """The breaches in the tree at `root`, one line each, and the number of files read."""
    breaches = Breaches()
    count = check_engine(root, breaches) + check_plugins(root, breaches)
    return breaches.lines, count


def main():
    lines, count = check(sys.argv[1])
    for line in lines:
        print(line)
    print(f"floors: {count} files, {len(lines)} breaches")
    # A test that read nothing has shown nothing.
    return 1 if lines or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
