#!/usr/bin/env python3
"""Fuzzes: each target for some seconds, from the kept corpus on.

run.py [SECONDS] [TARGET]... [--keep]

The targets are made with clang in build-fuzz/, under AddressSanitizer and
UndefinedBehaviorSanitizer. What libFuzzer breeds there stays in build-fuzz/corpus/TARGET for the
next run; a finding is written to build-fuzz/findings/ and told with the line that shows it again.
--keep then puts what reaches more than the kept corpus does into tests/fuzz/corpus/TARGET, the
smallest inputs alone. Before all this a target with a planted fault must fail.
"""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build-fuzz")
KEPT = os.path.join(ROOT, "tests/fuzz/corpus")
FINDINGS = os.path.join(BUILD, "findings")

# Bytes of the longest input. A second is long for any of them: a hang is told after ten.
TARGETS = {"yaml": 8192, "cel": 2048, "workflow": 12288, "overlay": 6144, "case": 6144,
           "tools": 4096, "chart": 768, "json": 8192, "wire": 8192, "http": 4096,
           "walker": 400000}
BOUNDS = ["-timeout=10", "-rss_limit_mb=1024", "-malloc_limit_mb=512", "-print_final_stats=1"]
# Folders of files that are kept elsewhere, and are good seeds.
SEEDS = {"workflow": ["tests/unit/workflow/examples", "workflows"],
         "case": ["tests/fuzz/corpus/workflow", "tests/unit/workflow/examples"],
         "overlay": ["tests/unit/workflow/examples"],
         "tools": ["tests/fuzz/corpus/workflow", "tests/fuzz/corpus/overlay",
                   "tests/unit/workflow/examples"],
         "yaml": ["tests/unit/workflow/examples"]}
# Programs that make seeds in a folder: too large to be kept.
MAKERS = {"walker": "walker-seeds"}
DICTIONARIES = {"case": "workflow", "overlay": "workflow", "tools": "workflow"}
KEPT_BYTES_MAX = 2048
KEPT_FILES_MAX = 45
PLANTED_RUNS = 2000000

SYMBOLIZER = "/usr/lib/llvm-14/bin/llvm-symbolizer"
ENVIRONMENT = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1",
               **({"ASAN_SYMBOLIZER_PATH": SYMBOLIZER} if os.path.exists(SYMBOLIZER) else {})}
FLAGS = ["-fsanitize=fuzzer-no-link", "-fno-sanitize-recover=all", "-Wno-string-conversion"]
SETUP = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1", "-Dwerror=false"]


def build(names):
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        subprocess.run(["meson", "setup", BUILD, f"-Dc_args={FLAGS}",
                        "-Dc_link_args=-fsanitize=address", *SETUP], cwd=ROOT,
                       env={**os.environ, "CC": "clang"}, check=True)
    programs = [f"fuzz-{name}" for name in names] + [MAKERS[name] for name in names if name in MAKERS]
    subprocess.run(["ninja", "-C", BUILD, *(f"tests/fuzz/{program}" for program in programs)],
                   check=True)


def program(name):
    return os.path.join(BUILD, "tests/fuzz", "fuzz-" + name)


def options_of(name):
    options = [f"-max_len={TARGETS.get(name, 256)}", f"-artifact_prefix={FINDINGS}/{name}-", *BOUNDS]
    if name == "chart":
        options.append("-len_control=0")  # short inputs are dull charts
    if name == "walker":
        # What is left of a store that was cut short is refused at once; so is one changed too much.
        options += ["-reduce_inputs=0", "-mutate_depth=2"]
    words = os.path.join(ROOT, "tests/fuzz", f"{DICTIONARIES.get(name, name)}.dict")
    return options + ([f"-dict={words}"] if os.path.exists(words) else [])


def made_seeds(name):
    folder = os.path.join(BUILD, "seeds", name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    subprocess.run([os.path.join(BUILD, "tests/fuzz", MAKERS[name]), folder], env=ENVIRONMENT, check=True)
    return folder


def corpora(name):
    """The one that grows, the kept one, what is kept elsewhere, and what is made."""
    grown = os.path.join(BUILD, "corpus", name)
    os.makedirs(grown, exist_ok=True)
    kept = os.path.join(KEPT, name)
    return [grown, *([kept] if os.path.isdir(kept) else []),
            *(os.path.join(ROOT, at) for at in SEEDS.get(name, [])),
            *([made_seeds(name)] if name in MAKERS else [])]


def planted_is_found():
    shutil.rmtree(os.path.join(BUILD, "corpus/planted"), ignore_errors=True)
    answer = subprocess.run(
        [program("planted"), f"-runs={PLANTED_RUNS}", "-seed=1", *options_of("planted"),
         *corpora("planted")],
        cwd=BUILD, env=ENVIRONMENT, capture_output=True, text=True)
    return answer.returncode != 0 and "value_at" in answer.stderr


def fuzz(name, seconds):
    """(name, whether nothing was found, the last words)"""
    command = [program(name), f"-max_total_time={seconds}", *options_of(name), *corpora(name)]
    answer = subprocess.run(command, cwd=BUILD, env=ENVIRONMENT, capture_output=True,
                            text=True, errors="replace")
    log = os.path.join(BUILD, f"fuzz-{name}.log")
    with open(log, "w", encoding="utf-8") as file:
        file.write(answer.stderr)
    runs = "?"
    for line in answer.stderr.splitlines():
        if line.startswith("stat::number_of_executed_units:"):
            runs = line.split()[-1]
    if answer.returncode == 0:
        return name, True, f"{runs} inputs"
    return name, False, "\n".join(told_of(answer.stderr.splitlines())) + f"\n    all of it: {log}"


def told_of(lines):
    """What is wrong, the first lines of where, and the input."""
    signs = ("ERROR:", "runtime error:", "sankofa: ", "bytes of memory")
    first = next((i for i, line in enumerate(lines) if any(sign in line for sign in signs)),
                 max(0, len(lines) - 20))
    found = [line for line in lines if "Test unit written to" in line]
    return [*lines[max(0, first - 1) : first + 14], *found]


def keep(name):
    """Merges the grown corpus into the kept one: small inputs that reach something new."""
    grown, kept = os.path.join(BUILD, "corpus", name), os.path.join(KEPT, name)
    os.makedirs(kept, exist_ok=True)
    merged = os.path.join(BUILD, "merged", name)
    shutil.rmtree(merged, ignore_errors=True)
    os.makedirs(merged)
    options = [option for option in options_of(name) if not option.startswith("-max_len")]
    subprocess.run([program(name), "-merge=1", "-use_value_profile=0",
                    f"-max_len={KEPT_BYTES_MAX}", *options, merged, kept, grown],
                   cwd=BUILD, check=True, capture_output=True)
    have = {entry for entry in os.listdir(kept)}
    paths = sorted((os.path.getsize(os.path.join(merged, entry)), entry)
                   for entry in os.listdir(merged))
    for size, entry in paths:
        if len(os.listdir(kept)) >= KEPT_FILES_MAX:
            break
        if entry not in have and size <= KEPT_BYTES_MAX:
            shutil.copy(os.path.join(merged, entry), os.path.join(kept, entry))
    print(f"{name}: {len(paths)} inputs reach all, {len(os.listdir(kept))} are kept")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", nargs="?", type=int, default=600)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS])
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    names = given.targets or list(TARGETS)

    build([*names, "planted"])
    os.makedirs(FINDINGS, exist_ok=True)
    failed = 0
    if not planted_is_found():
        print("planted: its fault was not found, so that the others show nothing")
        failed += 1
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, is_clean, words in pool.map(lambda name: fuzz(name, given.seconds), names):
            print(f"{name}: {'clean' if is_clean else 'FOUND'}, {words}", flush=True)
            failed += not is_clean
    for name in names if given.keep else []:
        if name not in MAKERS:
            keep(name)
    print(f"{len(names) + 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
