"""What a disk may hold after a power cut, made from the log of record.c.

    disk = Disk(folder)             # empty, as the recorded folder was
    for record in read_log(path):
        disk.take(record)           # from here to the next one, the power may go
        image = disk.image(random)  # {path: bytes or None for a folder}

The rules:
 - What a sync that has ended covers is there. A write to a file opened with O_DSYNC is its own sync.
 - Of everything else, each sector of 512 bytes is there or is not, on its own, as any of the bytes
   that it has held since its last sync; a file has any of the sizes that it has had since.
 - A sector of a file that grew without that sector being written reads as zeros, or, on a careless
   file system, as whatever was there before.
 - A change of a folder is whole or not at all; without a sync of the folder it may or may not have
   happened, in order or on its own.
 - A file that was mapped for writing may hold anything at all.
"""

import os
import pathlib
import shutil
import struct

SECTOR = 512
PAGE = 4096
WRITE, SYNC, END, OPEN, TRUNCATE, RENAME, UNLINK, MKDIR, SENT, MARK, MAPPED = range(1, 12)
IS_SYNCED = IS_CREATED = 1  # flags of a WRITE and of an OPEN
HEADER = struct.Struct("=IIIIIIQq")
ZEROS = bytes(SECTOR)
NEVER_SYNCED = ("lock.mdb", "head")


class Record:
    """One line of the log."""

    __slots__ = ("kind", "flags", "file", "offset", "path", "other", "data")

    def __init__(self, kind, flags=0, file=0, offset=0, path="", other="", data=b""):
        self.kind, self.flags, self.file, self.offset = kind, flags, file, offset
        self.path, self.other, self.data = path, other, data


def read_log(path):
    """Every record of a log, in order."""
    log = pathlib.Path(path).read_bytes()
    records, at = [], 0
    while at < len(log):
        size, kind, flags, path_size, other_size, _, file, offset = HEADER.unpack_from(log, at)
        names = at + HEADER.size
        data = names + path_size + other_size
        records.append(
            Record(
                kind,
                flags,
                file,
                offset,
                log[names : names + path_size].decode(),
                log[names + path_size : data].decode(),
                log[data : at + size],
            )
        )
        at += size
    return records


def mark(log_fd, data):
    """A client's line in the log: bytes of its own choice."""
    header = HEADER.pack(HEADER.size + len(data), MARK, 0, 0, 0, 0, 0, 0)
    os.write(log_fd, header + data)


def lay_out(image, folder):
    """Writes an image into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, held in image.items():
        if held is None:
            (folder / path).mkdir(mode=0o700)
        else:
            with open(folder / path, "wb", opener=open_private) as file:
                file.write(held)


def read(folder):
    """The image that a folder is; without the ballast, which record.c passes over."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_dir() or (path.is_file() and path.name != "ballast")
    }


def open_private(path, flags):
    return os.open(path, flags, 0o600)


class File:
    """A file: what it holds for its readers, and what of that may not be on the disk."""

    def __init__(self, name, held=b""):
        self.name = name
        self.current = bytearray(held)
        self.durable = bytearray(held)
        self.sectors = {}  # number -> what it has held since its last sync, the newest last
        self.sizes = []  # likewise
        self.writes = []  # (first sector, end) of each write since the last sync of the file
        self.is_wild = False
        self.whole = None  # what is durable, as long as that stays

    def write(self, offset, data):
        end = offset + len(data)
        if end > len(self.current):
            self.current.extend(bytes(end - len(self.current)))
            self.sizes.append(end)
        self.current[offset:end] = data
        first, last = offset // SECTOR, (end + SECTOR - 1) // SECTOR
        for number in range(first, last):
            self.sectors.setdefault(number, []).append(self.sector(number))
        self.writes.append((first, last))

    def sector(self, number):
        held = bytes(self.current[number * SECTOR : (number + 1) * SECTOR])
        return held if len(held) == SECTOR else held + bytes(SECTOR - len(held))

    def truncate(self, size):
        if size < len(self.current):
            del self.current[size:]
            for number in [n for n in self.sectors if n * SECTOR >= size]:
                self.sectors[number].append(ZEROS)
        else:
            self.current.extend(bytes(size - len(self.current)))
        self.sizes.append(size)

    def settled(self):
        """What is durable; of a file that rests, always the same bytes."""
        if self.whole is None:
            self.whole = bytes(self.durable)
        return self.whole

    def sync_sectors(self, first, last):
        """These are on the disk as they are now: what they held before is on no disk any more."""
        self.whole = None
        self.grow(min(last * SECTOR, len(self.current)))
        for number in range(first, last):
            self.sectors.pop(number, None)
            held = self.current[number * SECTOR : (number + 1) * SECTOR]
            self.durable[number * SECTOR : number * SECTOR + len(held)] = held

    def grow(self, size):
        if size > len(self.durable):
            self.durable.extend(bytes(size - len(self.durable)))
            self.sizes = [one for one in self.sizes if one > size]

    def sync(self):
        """All of it is on the disk. Only what was open is copied: a file may be large."""
        self.whole = None
        del self.durable[len(self.current) :]
        self.durable.extend(bytes(len(self.current) - len(self.durable)))
        for number in self.sectors:
            at = number * SECTOR
            held = self.current[at : at + SECTOR]
            self.durable[at : at + len(held)] = held
        self.sectors, self.sizes, self.writes = {}, [], []

    # ---- Images.

    def image(self, random):
        """What it may hold: the bytes, and what tells this image from others."""
        if not self.sectors and not self.sizes and not self.is_wild:
            return self.settled(), (len(self.durable), ())
        size = random.choice([len(self.durable), *self.sizes])
        if self.is_wild:
            return random.choice((b"", bytes(size), random.randbytes(size))), None
        chosen = self.choose(random)
        held = bytearray(self.durable)
        if size > len(held):
            held.extend(bytes(size - len(held)))
        if self.sizes and random.random() < 0.2:
            self.fill_holes(held, chosen, random)
        for number, version in chosen.items():
            at = number * SECTOR
            held[at : at + SECTOR] = self.sectors[number][version]
        del held[size:]
        return bytes(held), (size, tuple(chosen.items()))

    def fill_holes(self, held, chosen, random):
        """What a careless file system leaves where nothing was written."""
        for at in range(len(self.durable), len(held), SECTOR):
            if at // SECTOR not in chosen:
                held[at : at + SECTOR] = random.randbytes(len(held[at : at + SECTOR]))

    def choose(self, random):
        """Which sectors are there, by number, and as which of their versions."""
        numbers = sorted(self.sectors)
        if not numbers:
            return {}
        chosen = random.choice(STRATEGIES)(self, numbers, random)
        if random.random() < 0.7:
            return {number: len(self.sectors[number]) - 1 for number in chosen}
        return {number: random.randrange(len(self.sectors[number])) for number in chosen}

    # Each gives the numbers of the sectors that came to the disk.

    def choose_none(self, _numbers, _random):
        return []

    def choose_all(self, numbers, _random):
        return numbers

    def choose_sectors(self, numbers, random):
        share = random.choice((0.03, 0.2, 0.5, 0.8, 0.97))
        return [number for number in numbers if random.random() < share]

    def choose_pages(self, numbers, random):
        share = random.choice((0.1, 0.5, 0.9))
        pages = {n * SECTOR // PAGE for n in numbers}
        pages = {page for page in sorted(pages) if random.random() < share}
        return [number for number in numbers if number * SECTOR // PAGE in pages]

    def choose_all_but_one(self, numbers, random):
        left_out = random.choice(numbers)
        return [number for number in numbers if number != left_out]

    def choose_one(self, numbers, random):
        return [random.choice(numbers)]

    def choose_first_writes(self, numbers, random):
        """The first ones whole, the next one torn, none of the others."""
        last = random.randrange(len(self.writes)) if self.writes else 0
        there = set()
        for first, end in self.writes[:last]:
            there.update(range(first, end))
        there.update(torn(self.writes[last], random) if self.writes else ())
        return [number for number in numbers if number in there]

    def choose_all_but_a_write(self, numbers, random):
        """All, but one of the writes is torn or missing."""
        if not self.writes:
            return numbers
        first, end = random.choice(self.writes)
        there = set(torn((first, end), random))
        return [number for number in numbers if not first <= number < end or number in there]


STRATEGIES = [
    File.choose_none,
    File.choose_all,
    File.choose_sectors,
    File.choose_sectors,
    File.choose_pages,
    File.choose_all_but_one,
    File.choose_one,
    File.choose_first_writes,
    File.choose_first_writes,
    File.choose_all_but_a_write,
    File.choose_all_but_a_write,
]


def torn(write, random):
    """A beginning or an end of it, perhaps nothing."""
    first, end = write
    at = random.randint(first, end)
    return range(first, at) if random.random() < 0.7 else range(at, end)


class Folder:
    """A folder: names, and the changes of them that may not be on the disk."""

    def __init__(self):
        self.current, self.durable = {}, {}
        self.changes = []  # each a list of (name, what it names or None)

    def change(self, *names):
        apply(self.current, names)
        self.changes.append(names)

    def sync(self):
        self.durable, self.changes = dict(self.current), []

    def image(self, random):
        """The names that may be there, and what tells this choice from others."""
        if random.random() < 0.6:
            chosen = tuple(range(random.randint(0, len(self.changes))))
        else:
            chosen = tuple(i for i in range(len(self.changes)) if random.random() < 0.5)
        names = dict(self.durable)
        for i in chosen:
            apply(names, self.changes[i])
        return names, chosen


def apply(names, change):
    """A rename of something that is not there changes nothing."""
    if len(change) == 2 and change[0][0] not in names:
        return
    for name, node in change:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


class Mutant:
    """A disk that breaks a rule, by its name: what a store must be caught with."""

    NAMES = ("nosync", "nometasync", "nofoldersync")

    def __init__(self, name=None):
        self.ignores_file_sync = name == "nosync"
        self.ignores_synced_write = name in ("nosync", "nometasync")
        self.ignores_folder_sync = name == "nofoldersync"


class Start:
    """A folder as it is before it is recorded: all of it is on the disk."""

    def __init__(self, folder):
        self.top = str(folder)
        self.held = {}  # path -> (inode, bytes or None for a folder)
        for path in sorted(pathlib.Path(folder).rglob("*")):
            held = None if path.is_dir() else path.read_bytes()
            self.held[str(path)] = (path.stat().st_ino, held)
        self.inode = os.stat(folder).st_ino


class Disk:
    """The folder that was recorded, from its start."""

    def __init__(self, start, mutant=None):
        self.top = start.top
        self.root = Folder()
        self.nodes = {start.inode: self.root}
        for path, (inode, held) in start.held.items():
            folder, name = self.find(path)
            self.nodes[inode] = Folder() if held is None else File(name, held)
            folder.change((name, self.nodes[inode]))
            folder.sync()
        self.mutant = Mutant(mutant)
        self.begun = None  # a write or sync whose end has not come yet
        self.acts = {WRITE: self.write, SYNC: self.sync, END: self.end, OPEN: self.open}
        self.acts.update({TRUNCATE: self.truncate, RENAME: self.rename, UNLINK: self.unlink})
        self.acts.update({MKDIR: self.mkdir, MAPPED: self.map})

    def take(self, record):
        act = self.acts.get(record.kind)
        if act:
            act(record)

    def find(self, path):
        """The folder that a path's last name stands in, and that name."""
        names = path[len(self.top) :].strip("/").split("/")
        folder = self.root
        for name in names[:-1]:
            folder = folder.current[name]
        return folder, names[-1]

    # ---- Records.

    def open(self, record):
        folder, name = self.find(record.path)
        if record.flags & IS_CREATED:
            self.nodes[record.file] = File(name)
            folder.change((name, self.nodes[record.file]))
        elif record.file not in self.nodes:
            raise ValueError(f"{record.path} was there before the recording, or came unseen")

    def mkdir(self, record):
        folder, name = self.find(record.path)
        self.nodes[record.file] = Folder()
        folder.change((name, self.nodes[record.file]))

    def rename(self, record):
        old_folder, old = self.find(record.path)
        new_folder, new = self.find(record.other)
        if old_folder is not new_folder:
            raise ValueError(f"{record.path} is moved to another folder: no rule for that yet")
        old_folder.change((old, None), (new, old_folder.current[old]))

    def unlink(self, record):
        folder, name = self.find(record.path)
        folder.change((name, None))

    def write(self, record):
        self.nodes[record.file].write(record.offset, record.data)
        self.begun = record

    def truncate(self, record):
        self.nodes[record.file].truncate(record.offset)

    def sync(self, record):
        self.begun = record

    def map(self, record):
        """Only LMDB's table of readers may be: what is written through a map, nobody orders."""
        node = self.nodes[record.file]
        if node.name != "lock.mdb":
            raise ValueError(f"{node.name} is mapped for writing")
        node.is_wild = True

    def end(self, record):
        begun, self.begun = self.begun, None
        node = self.nodes[begun.file]
        if begun.kind == WRITE:
            if record.offset != len(begun.data):
                raise ValueError(f"a write of {len(begun.data)} bytes gave {record.offset}")
            if begun.flags & IS_SYNCED and not self.mutant.ignores_synced_write:
                last = begun.offset + len(begun.data)
                node.sync_sectors(begun.offset // SECTOR, (last + SECTOR - 1) // SECTOR)
        elif isinstance(node, Folder):
            if not self.mutant.ignores_folder_sync:
                node.sync()
        elif not self.mutant.ignores_file_sync:
            node.sync()

    # ---- Images.

    def image(self, random):
        """What the disk may hold now: {path: bytes, or None for a folder}, and what tells this
        image from the others of this moment."""
        image, choices = {}, []
        build(self.root, "", random, image, choices)
        return image, hash(tuple(choices))

    def is_settled(self):
        """Nothing is open but what is never synced: a few images tell all of this moment."""
        return not any(
            node.changes if isinstance(node, Folder) else (node.sectors or node.sizes)
            for node in self.nodes.values()
            if isinstance(node, Folder) or node.name not in NEVER_SYNCED
        )

    def running(self):
        """What its readers see now, whether it is on the disk or not."""
        image = {}
        flatten(self.root, "", image)
        return image

    def differences(self, folder):
        """Where the folder is not what the log makes of it: then the recorder has missed a call."""
        image, found = self.running(), read(folder)
        names = sorted(image.keys() | found.keys())
        return [
            name
            for name in names
            if name not in image
            or name not in found
            or (image[name] is not WILD and image[name] != found[name])
        ]


WILD = object()


def build(folder, path, random, image, choices):
    names, chosen = folder.image(random)
    choices.append(chosen)
    for name, node in sorted(names.items()):
        full = f"{path}{name}"
        if isinstance(node, Folder):
            image[full] = None
            build(node, f"{full}/", random, image, choices)
        else:
            image[full], choice = node.image(random)
            choices.append(choice)


def flatten(folder, path, image):
    for name, node in folder.current.items():
        full = f"{path}{name}"
        if isinstance(node, Folder):
            image[full] = None
            flatten(node, f"{full}/", image)
        else:
            image[full] = WILD if node.is_wild else bytes(node.current)
