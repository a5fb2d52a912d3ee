#!/usr/bin/env python3
"""Shows that the tests of the house can fail: each is run over a small tree of deliberate breaches,
and must report every one of them and nothing else.

breaches.py COMPILER...
"""

import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

import floors
import headers
import tidy

# A file, its text, and a word of each report it must get; none: it is clean.
FLOORS = [
    ("engine/base/arena.c", '#include "base/arena.h"\n#include <string.h>\n', []),
    ("engine/base/upward.c", '#include "cel/cel.h"\n', ["cel lies above base"]),
    ("engine/base/spaced.c", '  #  include   "store/store.h"\n', ["store lies above base"]),
    ("engine/base/bent.c", '#include \\\n  "run/run.h"\n', ["run lies above base"]),
    ("engine/base/commented.c", '#include /* why */ "case/case.h"\n', ["case lies above base"]),
    ("engine/base/spoken.c", '/* #include "cel/cel.h" */\n// #include <uv.h>\n', []),
    ("engine/base/quoted.c", 'const char *s = "dlopen(time(";\n', []),
    ("engine/base/macro.c", "#define H <uv.h>\n#include H\n", ["not a macro"]),
    ("engine/base/bare.c", '#include "arena.h"\n', ["names its folder"]),
    ("engine/base/dots.c", '#include "base/../cel/cel.h"\n', ["names its folder"]),
    ("engine/base/unknown.c", '#include "attic/box.h"\n', ["no folder attic"]),
    ("engine/base/angle.c", "#include <cel/cel.h>\n", ["stand in quotes"]),
    ("engine/base/loads.c", "void f(void) { dlopen(0, 0); }\n", ["only host loads"]),
    ("engine/base/json.c", "#include <jansson.h>\n", []),
    ("engine/base/test.c", "#include <cmocka.h>\n", ["only in tests"]),
    ("engine/cel/neighbour.c", '#include "vault/vault.h"\n', ["vault is a neighbour of cel"]),
    ("engine/cel/clock.c", "#include <time.h>\nlong t = time(0);\n", ["<time.h>", "time()"]),
    ("engine/cel/environment.c", 'char *h = getenv("HOME");\n', ["getenv()"]),
    ("engine/cel/overtime.c", "int a = overtime(1), b = x->time(2), c = x.open(3);\n", []),
    ("engine/chart/disk.c", "#include <unistd.h>\n", ["chart is pure"]),
    ("engine/case/chance.c", "#include <sys/random.h>\n", ["case is pure"]),
    ("engine/workflow/file.c", "int f = open(0, 0);\n", ["open()"]),
    ("engine/yaml/parse.c", "#include <yaml.h>\n", []),
    ("engine/workflow/parse.c", "#include <yaml.h>\n", ["only in yaml"]),
    ("engine/store/lmdb.c", "#include <lmdb.h>\n", []),
    ("engine/run/lmdb.c", "#include <lmdb.h>\n", ["only in store"]),
    ("engine/store/chance.c", "void f(void) { getrandom(0, 0, 0); }\n", ["from port.h"]),
    ("engine/store/chart.c", '#include "chart/chart.h"\n', ["chart is a neighbour of store"]),
    ("engine/vault/seal.c", "#include <openssl/evp.h>\n", []),
    ("engine/vault/chance.c", "void f(void) { RAND_bytes(0, 0); }\n", ["from port.h"]),
    ("engine/store/crypt.c", "#include <openssl/evp.h>\n", ["only in vault"]),
    ("engine/run/loop.c", "#include <uv.h>\n", ["only in api, daemon, steps"]),
    ("engine/run/clock.c", '#include "system/system.h"\n', ["main programs alone"]),
    ("engine/steps/loop.c", "#include <uv.h>\n", []),
    ("engine/steps/http.c", "#include <microhttpd.h>\n", ["only in api"]),
    ("engine/steps/routes.c", '#include "api/api.h"\n', ["api is a neighbour of steps"]),
    ("engine/workbench/json.c", "#include <jansson.h>\n", ["only in base"]),
    ("engine/api/curl.c", "#include <curl/curl.h>\n", ["only in client"]),
    ("engine/client/curl.c", '#include <curl/curl.h>\n#include "system/system.h"\n', []),
    ("engine/api/paper.c", "#include <hpdf.h>\n", ["only in client"]),
    ("engine/client/plugin.c", "#include <dlfcn.h>\n", ["only in api, host"]),
    ("engine/api/fault.c", '#include <dlfcn.h>\nvoid *f = dlsym(RTLD_NEXT, "f");\n', []),
    ("engine/api/load.c", "#include <dlfcn.h>\nvoid *f = dlopen(0, 0);\n", ["only host loads"]),
    ("engine/client/uv.c", "#include <uv.h>\n", ["only in api, daemon, steps"]),
    ("engine/jail/jail.c", "#include <seccomp.h>\n#include <linux/landlock.h>\n", []),
    ("engine/host/jail.c", "#include <linux/landlock.h>\n", ["only in jail"]),
    ("engine/host/filter.c", "#include <seccomp.h>\n", ["only in jail"]),
    ("engine/host/load.c", '#include <dlfcn.h>\n#include "wire/wire.h"\nvoid *f = dlopen(0);\n', []),
    ("engine/host/public.c", "#include <sankofa/step.h>\n", []),
    ("engine/host/cel.c", '#include "cel/cel.h"\n', ["host includes only"]),
    ("engine/host/clock.c", '#include "system/system.h"\n', ["host includes only"]),
    ("engine/host/daemon.c", '#include "daemon/daemon.h"\n', ["host includes only"]),
    ("engine/daemon/clock.c", '#include "system/system.h"\n#include <uv.h>\n', []),
    ("engine/daemon/client.c", '#include "client/client.h"\n', ["client is a neighbour of daemon"]),
    ("engine/include/sankofa/step.h", '#include "base/text.h"\n', ["include includes only nothing"]),
    ("engine/attic/box.c", "int x;\n", ["attic is on no floor"]),
    ("engine/loose.c", "int x;\n", ["lives in a folder of a floor"]),
    ("engine/base/inner/room.c", "int x;\n", []),
    ("engine/base/inner/most/deep.c", "int x;\n", ["no rooms of its own"]),
    ("plugins/good/good.c", "#include <sankofa/step.h>\n#include <string.h>\n", []),
    ("plugins/good/test_good.c", "#include <cmocka.h>\n#include <sankofa/step_test.h>\n", []),
    ("plugins/good/json.c", "#include <jansson.h>\n#include <curl/curl.h>\n", []),
    ("plugins/bad/test.c", "#include <sankofa/step_test.h>\n", ["<sankofa/step.h> alone"]),
    ("plugins/bad/bad.c", '#include "base/text.h"\n', ["<sankofa/step.h> alone"]),
    ("plugins/bad/angle.c", "#include <base/text.h>\n", ["<sankofa/step.h> alone"]),
    ("plugins/bad/path.c", '#include "../../engine/base/text.h"\n', ["<sankofa/step.h> alone"]),
    ("plugins/bad/other.c", "#include <sankofa/other.h>\n", ["<sankofa/step.h> alone"]),
    ("plugins/bad/two.c", '#include "helper.h"\n', ["a plugin is one file"]),
    ("plugins/bad/uv.c", "#include <uv.h>\n", ["not in a plugin"]),
    ("plugins/bad/test_bad.c", '#include "cel/cel.h"\n', ["<sankofa/step.h> alone"]),
]

LEFT = "TO" + "DO"
TIDY = [
    ("engine/base/good.c", b"/* Good. */\nint good;\n", []),
    ("engine/base/tab.c", b"int x;\t/* why */\n", ["a tab", "clang-format"]),
    ("engine/base/spaces.c", b"int x; \n", ["white space", "clang-format"]),
    ("engine/base/return.c", b"int x;\r\n", ["carriage return"]),
    ("engine/base/open.c", b"int x;", ["no newline"]),
    ("engine/base/latin.c", b"/* \xe9 */\nint x;\n", ["not UTF-8"]),
    ("engine/base/crooked.c", b"int   x ;\n", ["clang-format"]),
    ("engine/base/later.c", b"/* " + LEFT.encode() + b" */\nint x;\n", [LEFT]),
    ("engine/base/template.c", b'char *name = "/tmp/x-XXXXXX";\n', []),
    ("engine/base/long.c", b"int x;\n" * 451, ["451 lines"]),
    ("engine/base/full.c", b"int x;\n" * 450, []),
    ("tests/unit/base/long.c", b"int x;\n" * 600, []),
    ("tests/unit/base/longer.c", b"int x;\n" * 601, ["601 lines"]),
    ("workflows/tab.yaml", b"a:\n\tb: 1\n", ["a tab"]),
    ("workflows/inside.yaml", b"a: |\n  x\ty\n", []),
    ("docs/two-spaces.md", b"a line  \nbroken\n", []),
    ("contrib/run", b"#!/bin/sh\necho  \n", ["white space"]),
    ("build/ignored.c", b"int   x;\t\n", []),
]

HEADERS = [
    ("engine/base/good.h", "#ifndef G\n#define G\n#include <stddef.h>\nsize_t f(void);\n#endif\n", []),
    ("engine/base/lacks.h", "size_t f(void);\n", ["base/lacks.h"]),
    ("engine/base/unguarded.h", "struct twice { int x; };\n", ["base/unguarded.h"]),
    ("engine/include/sankofa/gnu.h", "int f(void) { return ({ 1; }); }\n", ["sankofa/gnu.h"]),
    ("engine/include/sankofa/ours.h", '#include "base/good.h"\n', ["sankofa/ours.h"]),
]


def build(root, rows):
    for name, content, _ in rows:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())


def compare(what, rows, reports, applies=lambda word: True):
    """Each row's words are reported for its file, in any order, and nothing else."""
    wrong = []
    for name, _, words in rows:
        mine = [line for line in reports if line.startswith(name + ":")]
        words = [word for word in words if applies(word)]
        for word in words:
            if not any(word in line for line in mine):
                wrong.append(f"{what}: {name}: not reported: {word}")
        if len(mine) != len(words):
            wrong.append(f"{what}: {name}: {len(words)} reports wanted, got {mine}")
    names = tuple(name + ":" for name, _, _ in rows)
    wrong += [f"{what}: of no file here: {line}" for line in reports if not line.startswith(names)]
    return wrong


def in_tree(rows, run):
    root = tempfile.mkdtemp(prefix="sankofa-house-")
    try:
        build(root, rows)
        return run(root)
    finally:
        shutil.rmtree(root)


def try_floors():
    return in_tree(FLOORS, lambda root: compare("floors", FLOORS, floors.check(root)[0]))


def try_tidy(configs):
    def run(root):
        for name in (".editorconfig", ".clang-format"):
            shutil.copy(os.path.join(configs, name), root)
        faults, _, has_format = tidy.check(root)
        return compare("tidy", TIDY, faults, lambda word: has_format or word != "clang-format")

    return in_tree(TIDY, run)


def try_headers(compiler):
    return in_tree(
        HEADERS, lambda root: compare("headers", HEADERS, headers.check(root, compiler)[0])
    )


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    wrong = try_floors() + try_tidy(os.path.join(here, "..", "..")) + try_headers(sys.argv[1:])
    for line in wrong:
        print(line)
    count = sum(len(words) for rows in (FLOORS, TIDY, HEADERS) for _, _, words in rows)
    print(f"breaches: {count} deliberate ones, {len(wrong)} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
