#!/usr/bin/env python3
"""Holds contrib/workflow.schema.json against the examples of the loader and the shipped workflows.

schema.py ROOT - what the loader takes, the schema takes; what the loader refuses for its shape (a key
that is unknown, missing or not there, a value of another kind), the schema refuses. Prints a line for
each file that is judged otherwise. Ends with 77 (skipped) where python3-jsonschema or python3-yaml is
not installed: contrib/setup --test names them.
"""

import glob
import json
import os
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"schema: skipped: {error}")
    sys.exit(77)

# Faults that a schema can see, by the code that the head of a bad example tells; see codes.h.
SHAPE = {"E100", "E101", "E103", "E104", "E105", "E113", "E143"}
# How an editor must mark what administrators get wrong, beyond the examples.
BREACHES = {
    "an unknown key of a state": "workflow: w\nstates: {x: {titel: X}}",
    "an unknown key in a nested state": "workflow: w\nstates: {x: {states: {y: {ons: {}}}}}",
    "a list where a map is needed": "workflow: w\nstates: [x]",
    "a map where a list is needed": "workflow: w\nstates: {x: {on: {go: {by: {cw: x}}}}}",
    "a text where a flag is needed": "workflow: w\nabstract: perhaps\nstates: {x: {}}",
    "a state without states that is parallel": "workflow: w\nstates: {x: {type: parallel}}",
    "a transition in a final state": "workflow: w\nstates: {x: {type: final, on: {}}}",
    "options of a text": "workflow: w\nfields: {a: {type: text, options: {x: X}}}\nstates: {x: {}}",
    "a choice without options": "workflow: w\nfields: {a: {type: choice}}\nstates: {x: {}}",
    "a list without `of`": "workflow: w\nfields: {a: {type: list}}\nstates: {x: {}}",
    "two actions in one": "workflow: w\nstates: {x: {entry: [{raise: a, log: b}]}}",
    "`then` without `if`": "workflow: w\nstates: {x: {entry: [{then: [raise: a]}]}}",
    "`by` of a transition under `after`": "workflow: w\nstates: {x: {after: {t: {delay: 3d, by: [a]}}}}",
    "an unknown key of a single transition": "workflow: w\nstates: {x: {done: {target: x, bye: 1}}}",
    "null in a file that is no overlay": "workflow: w\nstates: {x: null}",
    "`place` in a file that is no overlay": "workflow: w\nstates: {x: {place: {before: y}}}",
    "an unknown key in an overlay": "workflow: w\nextends: v\nstates: {x: {titel: X}}",
    "two places in an overlay": "workflow: w\nextends: v\nstates: {x: {place: {before: y, after: z}}}",
}


class Core(yaml.SafeLoader):
    """Scalars as YAML 1.2 guesses them, and so the language server of editors."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def told(text):
    """The codes at the head of a bad example."""
    codes = set()
    for line in text.splitlines():
        found = re.match(r"# ([EW]\d+) ", line)
        if not found:
            break
        codes.add(found.group(1))
    return codes


def refusal(validator, text):
    """Where and why, or None. Keys that are no texts to an editor are texts to the loader."""
    document = yaml.load(text, Core)
    error = jsonschema.exceptions.best_match(validator.iter_errors(texts(document)))
    return None if error is None else f"/{'/'.join(map(str, error.path))}: {error.message[:160]}"


def texts(node):
    if isinstance(node, dict):
        return {key if isinstance(key, str) else str(key): texts(node[key]) for key in node}
    return [texts(item) for item in node] if isinstance(node, list) else node


def check(root):
    schema = json.loads(read(os.path.join(root, "contrib/workflow.schema.json")))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    examples = os.path.join(root, "tests/unit/workflow/examples")
    good = glob.glob(examples + "/E*-good.yaml") + [
        name
        for name in glob.glob(root + "/workflows/**/*.yaml", recursive=True)
        if not name.endswith(".test.yaml")
    ]
    faults, count = [], 0
    for name in sorted(good):
        count += 1
        why = refusal(validator, read(name))
        if why:
            faults.append(f"{name}: the loader takes it; the schema says {why}")
    for name in sorted(glob.glob(examples + "/E*-bad.yaml")):
        text = read(name)
        if not told(text) & SHAPE:
            continue
        count += 1
        if refusal(validator, text) is None:
            faults.append(f"{name}: the loader refuses its shape; the schema takes it")
    for what, text in BREACHES.items():
        count += 1
        if refusal(validator, text) is None:
            faults.append(f"the schema takes {what}")
    return faults, count


def main():
    faults, count = check(sys.argv[1])
    for fault in faults:
        print(fault)
    print(f"schema: {count} files, {len(faults)} faults")
    return 1 if faults or count < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
