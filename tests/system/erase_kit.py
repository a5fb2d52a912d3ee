"""What the tests of erasing share: a daemon with notes in which secrets stand, and the search for
what is left of them in every file."""

import base64
import json
import pathlib
import shutil
import tempfile
import unicodedata
import unittest

from daemon import Daemon

NOTES = """workflow: notes
title: Notes
country: SN
roles:
  clerk: {title: Clerk}
  chief: {title: Chief, supervises: [clerk]}
open: {by: [clerk], form: {title: required}}
fields: {title: {type: text}}
states:
  open:
    deadline: {within: 3d}
    on: {write: {by: [clerk], form: {title: required}}, end: {by: [clerk], target: done}}
  done: {type: final}
"""
PEOPLE = {
    "awa": {"roles": ["clerk"]},
    "binta": {"roles": ["chief"]},
    "dado": {"roles": ["dpo"]},
    "dado2": {"roles": ["dpo", "chief"], "person": "dado"},
    "codou": {"roles": ["administrator"]},
    "fatou": {"roles": ["clerk"], "countries": ["GW"]},
}
SECRETS = ["Kankalaba village", "the blue house", "Mariama Sow", "Ndèye Coumba Fañ \"la grande\""]
SLOTS_COPY_BYTES, EPOCHS_AT, EPOCH_BYTES, EPOCH_COUNT = 8192, 4352, 128, 24


def files_of(daemon):
    """Every file there is: the store's with its ballast, the log, the configuration, a backup."""
    return [path for path in pathlib.Path(daemon.folder).rglob("*") if path.is_file()]


def found(paths, needles):
    """Which of the files hold one of these."""
    names = []
    for path in paths:
        held = path.read_bytes().strip(b"\0")  # a ballast is large, and holds nothing
        names += [path.name] if any(needle in held for needle in needles) else []
    return names


def forms(text):
    """The bytes that a text may stand as: its encodings, as JSON escapes it, folded, as base64
    wherever it begins, as hexadecimal digits."""
    bare = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    texts = {text, text.lower(), text.upper(), text.casefold(), bare, bare.lower(), bare.upper()}
    texts |= {unicodedata.normalize("NFD", text), json.dumps(text)[1:-1]}
    texts |= {json.dumps(text, ensure_ascii=False)[1:-1], text.replace(" ", "")}
    plain = {t.encode(code) for t in texts for code in ("utf-8", "utf-16-le", "utf-16-be")}
    coded = {raw.hex().encode() for raw in plain} | {raw.hex().upper().encode() for raw in plain}
    for raw in plain:
        for before in range(3):
            whole = base64.b64encode(bytes(before) + raw)
            # The digits that what stands before or behind it would change are left away.
            inner = whole[0 if before == 0 else before + 1 : len(whole) // 4 * 4 - 4]
            coded |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return plain | coded


def wrapped_of(daemon, case_id):
    """The case's wrapped data key, wherever it stands behind the id in the data file."""
    data = (daemon.store / "data.mdb").read_bytes()
    places = [i for i in range(len(data)) if data.startswith(case_id, i)]
    assert len(places) > 3, "the id stands in clear before its records"
    return [
        data[i + 16 : i + 16 + 114]
        for i in places
        if data[i + 16 : i + 22] == b"\x01\x01\x00\x00\x00\x01"
    ]


def epochs_of(slots):
    """The wrapped keys of the epochs in both copies of a slots file."""
    places = [
        copy * SLOTS_COPY_BYTES + EPOCHS_AT + number * EPOCH_BYTES
        for copy in range(2)
        for number in range(EPOCH_COUNT)
    ]
    return {slots[at + 8 : at + 80] for at in places if any(slots[at : at + 4])}


class EraseTest(unittest.TestCase):
    people = PEOPLE

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sankofa-erase-")
        self.daemon = Daemon(self.people, folder=self.folder)
        self.daemon.start()
        file = pathlib.Path(self.folder) / "notes.yaml"
        file.write_text(NOTES, encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="codou").status, 201)

    def tearDown(self):
        self.daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, title="a title", **named):
        body = {"workflow": "notes", "data": {"title": title}}
        answer = self.daemon.post("/v1/cases", body, who="awa", **named)
        self.assertIn(answer.status, (200, 201), answer)
        return answer.body["code"]

    def write(self, code, title, who="awa"):
        path = f"/v1/cases/{code}/transitions/write"
        return self.daemon.post(path, {"data": {"title": title}}, who=who)

    def ask(self, code, who="dado", reason="the family asked"):
        return self.daemon.post(f"/v1/cases/{code}/erase", {"reason": reason}, who=who)

    def approve(self, code, who="binta"):
        return self.daemon.post(f"/v1/cases/{code}/erase/approve", {}, who=who)

    def search(self, text):
        found_cases = self.daemon.post("/v1/cases/search", {"text": text}, who="awa").body["cases"]
        return [line["code"] for line in found_cases]

    def verify(self):
        """Everything that is there: the tree, the signatures, every record."""
        done = self.daemon.run("--json", "admin", "verify", status=None)
        self.assertEqual(done.returncode, 0, done)

    def wait_erased(self, code):
        return self.daemon.wait_for(
            f"/v1/cases/{code}/erase", lambda a: a.body.get("status") == "erased", who="binta"
        ).body

    def assert_nothing_of(self, keys):
        files = files_of(self.daemon)
        names = {path.name for path in files}
        self.assertLessEqual({"data.mdb", "slots", "head", "sankofad.log"}, names)
        for secret in SECRETS:
            self.assertEqual(found(files, forms(secret)), [], secret)
        self.assertEqual(found(files, keys), [])
