"""What stands in the memory of a process: only root may look."""

import re
import subprocess


def memory_finds(pid, needles):
    """Which of these stand anywhere in the writable memory of a process."""
    found = set()
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            begin, end, flags = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if "rw" not in flags:
                continue
            try:
                mem.seek(int(begin, 16))
                held = mem.read(int(end, 16) - int(begin, 16))
            except OSError:
                continue  # a guard page
            found |= {needle for needle in needles if needle in held}
    return found


def memory_has(pid, needle):
    return bool(memory_finds(pid, [needle]))


def children(pid):
    done = subprocess.run(
        ["pgrep", "-P", str(pid), "-f", "sankofa-host"], capture_output=True, text=True, check=False
    )
    return [int(word) for word in done.stdout.split()]
