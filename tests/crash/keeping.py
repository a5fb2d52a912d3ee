"""What an erasure, a rotation of keys and a backup promise of every image: for facts.py.

    An erased case opens nowhere once its erasure is in the journal; once that is finished, the
    epochs that its data key was under are in no file.
    A backup that was told of is there, whole; one that was not is whole or not there.
    A rotation that was told of is not taken back; what was told of is in the journal.
"""

import struct

PLAIN = "Kankalaba village"  # in every text of every case; in no file of a store
SLOTS = "store/slots"
COPY_BYTES, COPY_COUNT = 8192, 2  # engine/vault/slots/slots.h
EPOCHS_AT, EPOCH_BYTES, EPOCH_COUNT = 4352, 128, 24
EPOCH = struct.Struct(">II72s48s")  # number, state, nonce and wrapped key, reserved


def epochs_of(slots):
    """The epochs of a slots file: {their wrapped key as it stands there}."""
    found = set()
    for copy in range(COPY_COUNT):
        for number in range(EPOCH_COUNT):
            at = copy * COPY_BYTES + EPOCHS_AT + number * EPOCH_BYTES
            epoch, _, wrapped, _ = EPOCH.unpack_from(slots, at)
            if epoch:
                found.add(wrapped)
    return found


def set_backups_aside(image):
    """(what the engine opens, {name: bytes} of the backups beside it)"""
    backups = {name: held for name, held in image.items() if name.endswith(".backup")}
    rest = {
        name: held
        for name, held in image.items()
        if name not in backups and ".backup.part-" not in name
    }
    return rest, backups


class Erasures:
    """Those of a session's journal, and what must be gone of each."""

    def __init__(self, entries):
        """The entries are the journal's: (seq, what it holds)."""
        self.begun, self.finished = [], []  # (seq, code)
        self.ids = {}  # code -> case
        self.keys = {}  # code -> epochs that its data key was under
        for seq, entry in entries:
            if entry.get("kind") == "case.erased":
                self.begun.append((seq, entry["erased"]["code"]))
                self.ids[entry["erased"]["code"]] = entry["erased"]["id"]
            elif entry.get("kind") == "case.erasure_finished":
                self.finished += [(seq, code) for code in entry["cases"]]

    def take_moment(self, code, slots):
        """The slots file when the case was still whole."""
        self.keys[code] = epochs_of(slots)

    def of(self, last):
        """Codes of the erased, and of those whose erasure is finished, at that seq."""
        return (
            {code for seq, code in self.begun if seq <= last},
            {code for seq, code in self.finished if seq <= last},
        )

    def check_list(self, told, last):
        """The store's own list of them."""
        begun, finished = self.of(last)
        found = {code for code, erased in told.items() if "finished" in erased}
        if told.keys() == begun and found == finished:
            return []
        return [f"erased are {sorted(told)}, finished {sorted(found)}, not {begun}, {finished}"]

    def check_files(self, image, finished):
        """What stands in the files of a store."""
        faults = []
        held = {name: data for name, data in image.items() if data}
        for code in finished & self.keys.keys():
            for name, data in held.items():
                if any(wrapped in data for wrapped in self.keys[code]):
                    faults.append(f"the epoch of the erased {code} is still in {name}")
        for name, data in held.items():
            if PLAIN.encode() in data:
                faults.append(f"a text stands in clear in {name}")
        return faults


class Backups:
    """Those that a session made: {name: bytes}."""

    def __init__(self, made):
        self.made = made

    def check(self, found, done):
        faults = [
            f"LOST: the backup {fact['file']}"
            for fact in done
            if fact["done"] == "backup" and fact["file"] not in found
        ]
        for name, held in found.items():
            if held != self.made.get(name):
                faults.append(f"the backup {name} is not whole")
        return faults


def check_told(seen, done):
    """What was told to be done is in the journal and in the keys."""
    faults = []
    told = sum(fact["done"] == "backup" for fact in done)
    known = sum('"kind":"backup.made"' in body for _, _, body in seen.entries)
    if known < told:
        faults.append(f"LOST: {told} backups were told, {known} are known")
    for fact in done:
        if fact["done"] == "rotation" and seen.epoch < fact["epoch"]:
            faults.append(f"LOST: the rotation to epoch {fact['epoch']}: it is {seen.epoch}")
        if fact["done"] == "erasure" and "finished" not in seen.erased.get(fact["code"], {}):
            faults.append(f"LOST: the end of the erasure of {fact['code']}")
    return faults
