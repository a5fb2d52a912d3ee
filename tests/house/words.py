#!/usr/bin/env python3
"""The catalogues hold what the source says, and contrib/words sees each way in which they may not.

Run with the tree's root. The tree itself is checked; then a copy of what is read of it, with one
fault at a time."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FRENCH = "engine/po/fr.po"
CASES = "engine/client/people/care.c"


def check(root):
    """(Whether it is faultless, what is said of it.)"""
    done = subprocess.run([sys.executable, root / "contrib/words", "--check"], capture_output=True, text=True,
                          check=False)
    return done.returncode == 0, done.stdout + done.stderr


def replace(pattern, by):
    return lambda text: re.sub(pattern, by, text, count=1)


# (what is done to which file, what is said of it)
FAULTS = [
    ("a sentence that no catalogue holds", CASES, replace(r'complain\("A note', r'complain("Nobody knows this.");complain("A note'),
     "Nobody knows this."),
    ("a sentence that nothing gathers", CASES, replace(r'"A note needs its text\."', r'mine("No one gathers this")'),
     "No one gathers this"),
    ("one that is said no more", "engine/client/main.c", replace(r"Is a variable of your", "Is any variable of your"),
     'Is a variable of your script unset?" is said no more'),
    ("a sentence of a plugin that no catalogue holds", "plugins/handover/handover.c",
     replace(r'"This is not a day\."', '"This is no day at all."'), "This is no day at all."),
    ("one of the loader that no catalogue holds", "engine/workflow/parts/declare.c",
     replace(r'"a version has at most', '"one version has at most'), "one version has at most"),
    ("one of the loader that nothing gathers", "engine/workflow/shape/tables.c",
     replace(r'N_\("a final state"\)', '"some final state"'), "some final state"),
    ("an untranslated one", FRENCH, replace(r'msgstr "Une note demande un texte\."', 'msgstr ""'), "is not translated"),
    ("a fuzzy one", FRENCH, replace(r'msgid "A note needs its text\."', '#, fuzzy\nmsgid "A note needs its text."'),
     "fuzzy"),
    ("one that asks for another value", FRENCH, replace(r'lu : %s\."\n', 'lu : %d."\n'), "format spec"),
    ("one with its values turned round", FRENCH, replace(r"de %d à %d octets\.", "de %1$d à %2$d octets."),
     "another order"),
    ("a plural without its second form", FRENCH, replace(r'msgstr\[1\] ".*"', 'msgstr[1] ""'), "format spec"),
]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    is_good, said = check(root)
    print(said, end="")
    failed = not is_good
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        (copy / "contrib").mkdir()
        shutil.copy(root / "contrib/words", copy / "contrib/words")
        shutil.copytree(root / "engine", copy / "engine")
        shutil.copytree(root / "plugins", copy / "plugins")
        for what, file, change, wanted in FAULTS if is_good else []:
            before = (copy / file).read_text(encoding="utf-8")
            after = change(before)
            (copy / file).write_text(after, encoding="utf-8")
            passes, said = check(copy)
            (copy / file).write_text(before, encoding="utf-8")
            if passes or after == before or wanted not in said:
                failed = True
                print(f"words: {what} is not seen in {file}:\n{said}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
