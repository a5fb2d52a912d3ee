#!/usr/bin/env python3
"""Keeps the tree tidy: .editorconfig, .clang-format, lengths of files, nothing left to do.

Run with the tree's root; prints one line for each fault and ends with 1 if there is any.
"""

import os
import re
import shutil
import subprocess
import sys

# What fuzzing found is kept as it was found.
SKIPPED = re.compile(
    r"^(\.git|\.cache|build[^/]*|tests/fuzz/corpus)(/|$)|(^|/)__pycache__/"
)
BINARY = (".pyc", ".so", ".o", ".a", ".png", ".gz", ".mo", ".mdb")

# When a room grows past this, it wants a wall. A plugin and a public header are one file by
# design, and a test holds its tables of cases: they get more.
LINES_MAX = [("engine/include/", 700), ("engine/", 450), ("plugins/", 750), ("", 600)]

# Assembled, so that this file does not hold what it looks for.
LEFT_TO_DO = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")


def tree(root):
    """The files of the tree: what git knows and does not ignore, else all that is there."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and os.path.exists(os.path.join(root, ".git")):
        names = listed.stdout.decode().split("\0")
    else:
        names = [
            os.path.relpath(os.path.join(where, name), root)
            for where, _, files in os.walk(root)
            for name in files
        ]
    for name in sorted(names):
        path = os.path.join(root, name)
        if name and not SKIPPED.search(name) and not name.endswith(BINARY) and os.path.isfile(path):
            yield name


def pattern_of(glob):
    """A section of .editorconfig as a regular expression: *, **, ? and {a,b}."""
    out, depth, at = "", 0, 0
    while at < len(glob):
        c = glob[at]
        if glob.startswith("**", at):
            out, at = out + ".*", at + 1
        elif c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c in "{}":
            out, depth = out + ("(?:" if c == "{" else ")"), depth + (1 if c == "{" else -1)
        elif c == "," and depth > 0:
            out += "|"
        else:
            out += re.escape(c)
        at += 1
    return re.compile(out if "/" in glob else "(?:.*/)?" + out)


def read_rules(root):
    """The sections of .editorconfig in their order: (pattern, {key: value})."""
    sections = []
    with open(os.path.join(root, ".editorconfig"), encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line.startswith("[") and line.endswith("]"):
                sections.append((pattern_of(line[1:-1]), {}))
            elif "=" in line and line[0] not in "#;" and sections:
                key, value = line.split("=", 1)
                sections[-1][1][key.strip()] = value.strip()
    return sections


def rules_for(sections, name):
    rules = {}
    for pattern, values in sections:
        if pattern.fullmatch(name):
            rules.update(values)
    return rules


def check_whitespace(name, data, rules):
    faults = []
    if rules.get("charset") == "utf-8":
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            return [f"{name}:{line}: this is not UTF-8"]
    if rules.get("insert_final_newline") == "true" and data and not data.endswith(b"\n"):
        faults.append(f"{name}:{data.count(10) + 1}: the last line has no newline")
    is_code = name.endswith((".c", ".h"))
    for number, line in enumerate(data.split(b"\n"), 1):
        if rules.get("end_of_line") == "lf" and b"\r" in line:
            faults.append(f"{name}:{number}: a carriage return")
        if rules.get("trim_trailing_whitespace") == "true" and line != line.rstrip(b" \t"):
            faults.append(f"{name}:{number}: white space at the end of the line")
        indent = line[: len(line) - len(line.lstrip(b" \t"))]
        if rules.get("indent_style") == "space" and b"\t" in (line if is_code else indent):
            faults.append(f"{name}:{number}: a tab")
    return faults


def check_words(name, data):
    faults = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        word = LEFT_TO_DO.search(line)
        if word:
            faults.append(f"{name}:{number}: {word.group(1)}: do it, or say where it is decided")
    return faults


def check_length(name, data):
    if not name.endswith((".c", ".h", ".py")):
        return []
    most = next(lines for prefix, lines in LINES_MAX if name.startswith(prefix))
    count = data.count(b"\n")
    if count <= most:
        return []
    return [f"{name}:{most + 1}: {count} lines; from {most} on look for the wall it wants"]


def check_format(root, names):
    """None where there is no clang-format."""
    program = shutil.which("clang-format")
    if program is None:
        return None
    first = {}
    result = subprocess.run(
        [program, "--dry-run", "--Werror", *names], cwd=root, capture_output=True, check=False
    )
    for line in result.stderr.decode("utf-8", "replace").splitlines():
        found = re.match(r"(\S+):(\d+):\d+: error: ", line)
        if found:
            first.setdefault(found.group(1), found.group(2))
    if result.returncode != 0 and not first:
        return ["clang-format:1: it failed: " + result.stderr.decode("utf-8", "replace")[:200]]
    return [
        f"{name}:{line}: not as clang-format writes it; clang-format -i {name}"
        for name, line in first.items()
    ]


def check(root):
    """The faults of the tree at `root`, the number of files read, and whether format was asked."""
    sections = read_rules(root)
    faults, names = [], list(tree(root))
    for name in names:
        with open(os.path.join(root, name), "rb") as file:
            data = file.read()
        faults += check_whitespace(name, data, rules_for(sections, name))
        faults += check_words(name, data)
        faults += check_length(name, data)
    formatted = check_format(root, [name for name in names if name.endswith((".c", ".h"))])
    return faults + (formatted or []), len(names), formatted is not None


def main():
    faults, count, has_format = check(sys.argv[1])
    for fault in faults:
        print(fault)
    if not has_format:
        print("tidy: no clang-format here; the format of .c and .h was not looked at")
    print(f"tidy: {count} files, {len(faults)} faults")
    return 1 if faults or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
