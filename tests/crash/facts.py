"""What a store must hold after a power cut: all that was told, and nothing by half.

    truth = Truth(recovered, records, earlier)  # the whole session, looked at without a power cut
    faults = truth.check(openings(lines), cut, status)  # what crash-recover told of an image

The journal of an image must be the beginning of the session's journal, word for word, and reach at
least to what was told before the cut; of a case whose erasure it tells of, no entry opens.
Everything else must be what these entries make of it: the cases are made here once more, by merge
patches (RFC 7396) of this file's own.
"""

import bisect
import collections
import datetime
import json
import re

import keeping
from disk import MARK, SENT, SYNC, read

REVEALED = re.compile(
    rb'"(?:(?:finished_)?seq|revision)":(\d+)|"(?:run|resume)\.[0-9a-f]{32}\.(\d+)\.'
)
INIT_DONE = b"init"
MUTANTS = ("early-reply",)
ERASED = "erased"  # in the place of an entry's body

# Told of what is so where images are opened, in memory and without plugins; of a copy of the slots
# that was being written; of an erasure that was looked at and not waited for.
EXPECTED_LOG = ("store.disk_volatile", "step.away", "vault.slots_copy_damaged", "code=stopping")


class Cut:
    """What was told before a moment of the log."""

    def __init__(self, is_made, seq, now_ms, done, shown):
        self.is_made, self.seq, self.now_ms, self.done = is_made, seq, now_ms, done
        self.shown = shown  # [(case, to whom, behind which entry)]


class Told:
    """What was told to the world, by the place in the log where it was."""

    def __init__(self, records, mutant=None):
        self.places, self.seqs = [0], [0]
        self.clocks, self.clock_places = [0], [0]
        self.shown, self.shown_places = [], []
        self.made_at = len(records)
        self.done = []  # (place, what the keeper was told)
        last_sync = 0
        for place, record in enumerate(records):
            if record.kind == SYNC:
                last_sync = place
            elif record.kind == SENT:
                # A daemon that does not wait for the disk would have said it before the sync.
                self.reveal(last_sync - 1 if mutant == "early-reply" else place, record.data)
            elif record.kind == MARK:
                self.take_mark(place, record.data)

    def reveal(self, place, data):
        found = [int(a or b) for a, b in REVEALED.findall(data)]
        if found and max(found) > self.seqs[-1]:
            self.places.append(max(place, self.places[-1]))
            self.seqs.append(max(found))

    def take_mark(self, place, data):
        if data == INIT_DONE:
            self.made_at = place
            return
        fact = json.loads(data)
        if "done" in fact:
            self.done.append((place, fact))
        if "shown" in fact:
            self.shown_places.append(place)
            self.shown.append((fact["shown"], fact["to"], fact["behind"]))
        now = fact.get("now")
        if now:
            self.clock_places.append(place)
            self.clocks.append(max(self.clocks[-1], milliseconds(now)))

    def at(self, place):
        seq = self.seqs[bisect.bisect_right(self.places, place) - 1]
        now_ms = self.clocks[bisect.bisect_right(self.clock_places, place) - 1]
        done = [fact for at, fact in self.done if at <= place]
        shown = self.shown[: bisect.bisect_right(self.shown_places, place)]
        return Cut(place >= self.made_at, seq, now_ms, done, shown)


def milliseconds(timestamp):
    moment = datetime.datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    return int(moment.timestamp() * 1000)


def merged(value, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    value = dict(value) if isinstance(value, dict) else {}
    for name, member in patch.items():
        if member is None:
            value.pop(name, None)
        else:
            value[name] = merged(value.get(name), member)
    return value


class Cases:
    """The cases as the entries make them."""

    def __init__(self):
        self.docs, self.lasts, self.states = {}, {}, {}
        self.serials = collections.Counter()

    def copy(self):
        copy = Cases()
        copy.docs, copy.lasts = dict(self.docs), dict(self.lasts)
        copy.states, copy.serials = dict(self.states), self.serials.copy()
        return copy

    def take(self, seq, case, entry):
        if entry.get("kind") == "case.erased":
            self.forget(entry["erased"]["id"], entry["erased"]["code"])
        if entry.get("kind") == "store.restored":
            for name in self.serials:  # codes of lost cases are not given again
                self.serials[name] += entry["from"]["serials_skipped"]
        if "patch" not in entry:
            return
        if case not in self.docs:
            self.serials[entry["patch"]["code"].rsplit("-", 2)[0]] += 1
        self.docs[case] = merged(self.docs.get(case), entry["patch"])
        self.lasts[case], self.states[case] = seq, entry["states"]

    def forget(self, case, code):
        """Of one that was erased before this session nothing is known but its code."""
        if case not in self.docs:
            self.serials[code.rsplit("-", 2)[0]] += 1
        for facts in (self.docs, self.lasts, self.states):
            facts.pop(case, None)

    def check(self, seen):
        """Whether what was recovered is that."""
        faults = []
        for case in self.docs.keys() | seen.cases.keys():
            found = seen.cases.get(case)
            if found is None:
                faults.append(f"LOST: case {case} with {self.lasts[case]}")
            elif case not in self.docs:
                faults.append(f"case {case} is there without an entry")
            elif found[:2] != (self.lasts[case], self.lasts[case]):
                faults.append(f"case {case} is at {found[:2]}, not at {self.lasts[case]}")
            elif parsed(found[2]) != self.docs[case]:
                faults.append(f"case {case} is not what its entries make of it")
            else:
                faults += self.check_line(case, parsed(seen.lines[case]))
                faults += self.check_documents(case, seen.documents.get(case, {}))
        if seen.serials != self.serials:
            faults.append(f"serials are {dict(seen.serials)}, not {dict(self.serials)}")
        return faults

    def check_documents(self, case, found):
        """Each that an entry tells of is there, to the byte, and no other."""
        told = self.docs[case].get("documents", {})
        expected = {name: (one["size"], one["sha256"]) for name, one in told.items()}
        if found == expected:
            return []
        return [f"LOST: documents of case {case} are {found}, not {expected}"]

    def check_line(self, case, line):
        doc = self.docs[case]
        expected = (doc["code"], self.states[case], self.lasts[case], doc.get("closed", False))
        found = (line["code"], line["states"], line["revision"], line["closed"])
        return [] if found == expected else [f"its line in lists is {found}, not {expected}"]


class Reads:
    """Which entries tell that somebody read a case. Those of an erased one go with it."""

    def __init__(self, erased):
        self.erased = erased  # by code
        self.codes = {}
        self.seqs = collections.defaultdict(list)

    def take(self, seq, case, entry):
        if entry.get("kind") == "open":
            self.codes[case] = entry["patch"]["code"]
        elif entry.get("kind") == "read":
            self.seqs[self.codes[case], entry["by"]].append(seq)

    def check(self, shown, last):
        """Whether the journal up to `last` tells of all that was shown."""
        return [
            f"LOST: {case} was shown to {who}, and nothing tells so"
            for case, who, behind in shown
            if case not in self.erased
            and not any(behind < seq <= last for seq in self.seqs[case, who])
        ]


PARSED = {}  # most images of a session hold the same texts


def parsed(text):
    if len(PARSED) > 20000:
        PARSED.clear()
    if text not in PARSED:
        PARSED[text] = json.loads(text)
    return PARSED[text]


class Seen:
    """What crash-recover told of one opening of one store."""

    def __init__(self):
        self.entries, self.cases, self.lines = [], {}, {}
        self.documents = collections.defaultdict(dict)  # case -> {number: (size, hash)}
        self.under_way, self.left = 0, set()  # uploads; ids of erased cases that have chunks
        self.serials = collections.Counter()
        self.now_ms = self.epoch = 0
        self.results, self.faults, self.erased = {}, [], {}
        self.is_new = False
        self.last = None

    def erased_for_good(self):
        return [code for code, erased in self.erased.items() if "finished" in erased]

    def check_left(self):
        """Nothing of their documents stays, not even unreadable."""
        gone = [code for code in self.erased_for_good() if self.erased[code]["id"] in self.left]
        return [f"documents of the erased {code} are left" for code in gone]

    def take(self, line):
        word, _, rest = line.partition(" ")
        if word == "entry":
            seq, case, body = rest.split(" ", 2)
            self.entries.append((int(seq), case, body))
        elif word == "case":
            case, revision, last, doc = rest.split(" ", 3)
            self.cases[case] = (int(revision), int(last), doc)
        elif word == "line":
            case, body = rest.split(" ", 1)
            self.lines[case] = body
        elif word == "document":
            case, number, size, held = rest.split()
            self.documents[case][number] = (int(size), held)
        elif word == "under-way":
            self.under_way = int(rest)
        elif word == "left":
            self.left.add(rest)
        elif word in ("open", "wheel", "init"):
            self.results[word] = rest
        elif word == "journal":
            self.last = int(rest.split()[0])
        elif word == "now":
            self.now_ms = int(rest)
        elif line.startswith("meta serials "):
            self.serials = collections.Counter(json.loads(rest.split(" ", 1)[1]))
        elif line.startswith("meta erased "):
            self.erased = json.loads(rest.split(" ", 1)[1])
        elif word == "epoch":
            self.epoch = int(rest)
        elif word == "no-store":
            self.is_new = True
        elif word in ("bad", "log") and not any(told in line for told in EXPECTED_LOG):
            self.faults.append(line)


def openings(lines):
    """What was seen at each opening: before and after it has worked on."""
    seen = [Seen()]
    for line in lines:
        if line == "going-on":
            seen.append(Seen())
        elif line:
            seen[-1].take(line)
    return seen


class Truth:
    """A session's whole journal, and what each of its beginnings makes of the cases.

    `earlier` are openings of the same store before one of its cases was erased.
    """

    def __init__(self, lines, records, earlier=(), mutant=None):
        self.whole = openings(lines)[0]
        self.told = Told(records, mutant)
        self.faults = list(self.whole.faults)
        self.read_entries(earlier)
        for record in records:
            if record.kind == MARK and record.data != INIT_DONE:
                self.faults += self.check_mark(json.loads(record.data))

    def read_entries(self, earlier):
        entries = list(self.whole.entries)
        for look in earlier:
            for i, entry in enumerate(look.entries):
                entries[i] = entry if entries[i][2] == ERASED else entries[i]
        self.bodies = [{} if body == ERASED else json.loads(body) for _, _, body in entries]
        self.erasures = keeping.Erasures(enumerate(self.bodies, 1))
        # The journal before the first erasure, between it and the second one, ...
        self.versions = [entries]
        for _, code in self.erasures.begun:
            gone = self.erasures.ids[code]
            entries = [(seq, case, ERASED if case == gone else body) for seq, case, body in entries]
            self.versions.append(entries)
        if self.whole.entries != entries:
            self.faults.append("an erased case opens, or another one does not")
        self.beginnings = [Cases()]
        self.reads = Reads(self.erasures.ids)
        for number, (seq, case, _) in enumerate(entries, 1):
            cases = self.beginnings[-1].copy()
            cases.take(seq, case, self.bodies[number - 1])
            self.reads.take(seq, case, self.bodies[number - 1])
            self.beginnings.append(cases)
            if seq != number:
                self.faults.append(f"entry {number} has seq {seq}")
        self.faults += self.beginnings[-1].check(self.whole)

    def journal(self, last):
        """What a journal that ends there must hold."""
        version = len(self.erasures.of(last)[0])
        return self.versions[version][:last]

    def check_mark(self, fact):
        """What a client was told is in the journal."""
        if "seq" not in fact:
            return []
        if fact["seq"] > len(self.bodies):
            return [f"LOST: {fact}"]
        entry = self.bodies[fact["seq"] - 1]
        attached = fact.pop("attached", None)
        if attached and entry:
            document = entry["patch"]["documents"][str(attached["number"])]
            if any(document[name] != attached[name] for name in ("size", "sha256")):
                return [f"told {attached}, found {document}"]
        found = {**{name: entry.get(name) for name in fact}, "seq": fact["seq"]}
        return [] if found == fact else [f"told {fact}, found {found}"]

    def check(self, seen, cut, status):
        """The faults of an image of that cut, by its openings."""
        first = seen[0]
        if status == "0" and first.results.get("open", "").startswith("0"):
            return self.check_opened(seen, cut)
        if first.is_new and not cut.is_made and first.results.get("init") != "0":
            return [f"--init cannot be repeated: {first.results.get('init')}"]
        told = " ".join(f"{word} {result}" for word, result in first.results.items())
        return [f"it does not open: {told} (end {status})", *first.faults[:5]]

    def check_files(self, seen, image, folder):
        """What stands in the files of an image, and in those of the store that went on from it."""
        faults = self.erasures.check_files(image, set(seen[0].erased_for_good()))
        if len(seen) > 1 and seen[-1].erased:
            left = read(folder)
            faults += self.erasures.check_files(left, set(seen[-1].erased_for_good()))
        return faults

    def check_opened(self, seen, cut):
        first = seen[0]
        faults = list(first.faults)
        if first.is_new and cut.is_made:
            faults.append("LOST: the whole store")
        faults += self.check_journal(first, cut)
        last = len(first.entries)
        if not faults:
            faults += self.beginnings[last].check(first)
            faults += self.erasures.check_list(first.erased, last)
            faults += self.reads.check(cut.shown, last)
            faults += first.check_left()
        faults += keeping.check_told(first, cut.done)
        if first.now_ms < cut.now_ms:
            faults.append(f"the clock is at {first.now_ms}, {cut.now_ms} was told")
        for later in seen[1:]:
            faults += self.check_later(first, later)
        return faults

    def check_journal(self, seen, cut):
        last = len(seen.entries)
        if seen.last is None or last != seen.last:
            return [f"the journal has {last} entries that open, of {seen.last}"]
        if last > len(self.bodies):
            return [f"the journal has {last} entries, {len(self.bodies)} were written"]
        expected = self.journal(last)
        if seen.entries != expected:
            at = next(i for i in range(last) if seen.entries[i] != expected[i])
            return [f"entry {at + 1} is another: {seen.entries[at]}"]
        if last < cut.seq:
            return [f"LOST: {cut.seq} was told, the journal ends at {last}"]
        return []

    def check_later(self, first, later):
        """After it has worked on: nothing has changed but by new entries, and what was being erased
        is so for good."""
        faults = list(later.faults)
        last = len(first.entries)
        if not later.results.get("wheel", "").startswith("0"):
            return [f"it does not open again: {later.results}", *faults]
        if later.entries[:last] != first.entries or len(later.entries) < last + 13:
            return [f"working on has changed the journal, {last} to {len(later.entries)}", *faults]
        cases = self.beginnings[last].copy()
        for seq, case, body in later.entries[last:]:
            cases.take(seq, case, json.loads(body))
        faults += [
            f"the erasure of {code} does not come to its end"
            for code, erased in later.erased.items()
            if "finished" not in erased
        ]
        if later.under_way:
            faults.append(f"{later.under_way} documents are still under way")
        faults += later.check_left()
        return faults + cases.check(later)
