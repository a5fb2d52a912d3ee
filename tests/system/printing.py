#!/usr/bin/env python3
"""A case on paper: what its reader may see, in their language, page by page, as text and as PDF."""

import json
import stat
import subprocess
import unicodedata
import unittest

from daemon import ROOT, Daemon
from walk import Walk, play, today

PLUGINS = ["assessment", "handover", "reintegration", "travel_authorization"]
PAGE_ROWS, PAGE_COLUMNS = 60, 78
ACTIONS = 30  # of the walk: enough for three pages


def width(line):
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line
               if not unicodedata.combining(sign))


def bare(text):
    """Letters and digits, without marks, forms and spaces."""
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    return "".join(sign for sign in text if unicodedata.category(sign)[0] in "LN")


class Printing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.walk = Walk(ROOT / "tests/system/child-return.walk.json")
        cls.daemon = Daemon({**cls.walk.people(), "efe": {"roles": ["cw_host"], "countries": ["NG"]}}, PLUGINS)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        cls.daemon.run("workflow", "load", ROOT / cls.walk.file, who="ada")
        cls.code = play(cls.walk, cls.daemon, cls.walk.actions[:ACTIONS], today(cls.daemon))

    def print(self, *words, who="awa", **named):
        return self.daemon.run("case", "print", self.code, *words, who=who, **named)

    def view(self, who):
        return json.loads(self.daemon.run("show", self.code, "--json", who=who).stdout)

    def test_pages_have_their_length_and_width_and_are_numbered(self):
        for language in ("en", "fr", "pt"):
            pages = self.print("--lang", language).stdout.split("\f")
            self.assertGreater(len(pages), 2)
            for number, page in enumerate(pages, 1):
                lines = page.split("\n")
                self.assertEqual(len(lines) - 1, PAGE_ROWS)
                self.assertLessEqual(max(width(line) for line in lines), PAGE_COLUMNS)
                self.assertIn(self.code, lines[-2])
                self.assertRegex(lines[-2], rf"{number} \w+ {len(pages)}$")

    def test_all_that_the_reader_may_see_is_on_it(self):
        told = " ".join(self.print("--lang", "en").stdout.split())
        view = self.view("awa")
        texts = [value for value in view["data"].values() if isinstance(value, str) and " " in value]
        self.assertGreater(len(texts), 10)
        for text in texts:
            for word in text.split():
                self.assertIn(word, told)
        told = " ".join(self.print("--lang", "fr").stdout.split())
        for words in ("Retour et réintégration d'un enfant", "Prénom Mamadu", "Souhait de l'enfant Veut rentrer",
                      "En danger immédiat oui", "Enregistrer l'enfant, par awa", "page 1 sur",
                      "La famille a été retrouvée."):
            self.assertIn(words, told)

    def test_what_a_role_does_not_see_is_counted_and_never_named(self):
        """Samba, who referred the child, sees nothing that is sensitive."""
        view, whole = self.view("samba"), self.view("awa")
        hidden = [field for field in view["hidden"] if field in whole["data"]]
        self.assertGreater(len(hidden), 5)
        printed = self.print(who="samba").stdout
        self.assertIn(f"{len(view['hidden'])} fields are not shown to your role.", printed)
        fields = self.daemon.get("/v1/workflows/child-return", "awa").body["definition"]["fields"]
        seen = " ".join(str(value) for value in view["data"].values())
        shown_titles = {fields[field]["title"]["en"] for field in view["data"]}
        lines = [line.strip() for line in printed.splitlines()]
        for field in hidden:
            title = fields[field]["title"]["en"]
            if title not in shown_titles:
                self.assertFalse([line for line in lines if line == title or line.startswith(title + "  ")])
            value = str(whole["data"][field])
            if value not in seen and len(value) > 4:
                self.assertNotIn(value, printed)
        for text in self.walk.texts():
            if text in printed:
                self.assertIn(text, json.dumps(view, ensure_ascii=False))

    def test_the_pdf_says_the_same_and_nobody_else_may_read_it(self):
        path = self.daemon.folder / "case.pdf"
        said = self.print("--lang", "pt", "--pdf", path)
        self.assertEqual(said.stdout, "")
        self.assertIn("páginas", said.stderr)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", timeout=60,
                              check=True).stdout
        pages = self.print("--lang", "pt").stdout.split("\f")
        self.assertEqual(read.count("\f"), len(pages))
        self.assertEqual(read.split(), " ".join(pages).split())

    def test_a_pdf_is_never_written_over_another_file(self):
        path = self.daemon.folder / "there.pdf"
        path.write_text("precious", encoding="utf-8")
        self.assertIn("File exists", self.print("--pdf", path, status=2).stderr)
        self.assertEqual(path.read_text(encoding="utf-8"), "precious")
        self.assertIn("No such file", self.print("--pdf", "/nonexistent/case.pdf", status=2).stderr)
        self.assertIn("Name a file that is not there yet", self.print("--pdf", "/dev/full", status=2).stderr)

    def test_programs_get_what_it_is_made_of(self):
        whole = json.loads(self.print("--json").stdout)
        self.assertEqual(whole["case"]["code"], self.code)
        self.assertGreater(len(whole["history"]), 10)

    def new_case(self, nickname="Saliu"):
        data = {"found_on": "2026-01-05", "found_place": "Dakar", "referred_by": "ngo", "immediate_danger": False,
                "sex": "male", "apparent_age": 11, "spoken_language": "Fula", "circumstances": nickname}
        answer = self.daemon.post("/v1/cases", {"workflow": "child-return", "data": data}, "awa")
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def test_a_history_of_any_length_is_whole(self):
        code = self.new_case()
        for i in range(230):
            self.assertEqual(self.daemon.post(f"/v1/cases/{code}/notes", {"text": f"Note {i}."}, "awa").status, 200)
        printed = self.daemon.run("case", "print", code, who="awa").stdout
        for i in (0, 1, 100, 228, 229):
            self.assertIn(f"Note {i}.\n", printed)

    def test_whose_it_is_flags_links_and_documents_are_on_it(self):
        code, other, hidden = self.new_case(), self.new_case(), self.new_case()
        post = self.daemon.post
        for path, body in (("links", {"case": other, "kind": "sibling"}), ("links", {"case": hidden, "kind": "mother"}),
                           ("flags", {"flag": "missing"}), ("assign", {"person": "awa"})):
            answer = post(f"/v1/cases/{code}/{path}", body, "awa")
            self.assertEqual(answer.status, 200, answer)
        scan = self.daemon.folder / "Extrait de naissance n° 3.pdf"
        scan.write_bytes(b"x" * 1536)
        self.daemon.run("case", "attach", code, scan, who="awa")
        printed = self.daemon.run("case", "print", code, who="awa").stdout
        for words in ("Given to                    awa (Case worker (host))", "Flag                        missing",
                      f"Linked case                 {other}, its brother or sister",
                      "Extrait de naissance n° 3.pdf, 1.5 KiB, by awa", "a flag was set (missing), by awa",
                      f"a link was set ({other}, its brother or sister), by awa"):
            self.assertIn(" ".join(words.split()), " ".join(printed.split()))
        whole = json.loads(self.daemon.run("case", "print", code, "--json", who="awa").stdout)
        self.assertEqual([document["size"] for document in whole["documents"]], [1536])
        # A referrer sees neither the document nor its name.
        printed = self.daemon.run("case", "print", code, who="samba").stdout
        self.assertIn("1 document is not shown to your role.", printed)
        self.assertNotIn("naissance", printed)

    def test_letters_of_the_region_are_drawn_where_they_belong(self):
        names = ("Aïssatou N’Diaye", "Mɛnsa Kɔfi Ŋaŋ Aƒi Ɖzifa", "Ẹniọlá Ṣadé Ƙarama Ɓala",
                 "Ọlájùmọ̀kẹ́", "Ai\u0308ssa")
        code = self.new_case(", ".join(names) + "; محمد بن أحمد 42 (الطفل) end")
        path = self.daemon.folder / "letters.pdf"
        said = self.daemon.run("case", "print", code, "--pdf", path, who="awa")
        self.assertNotIn("boxes", said.stderr)
        read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", timeout=60,
                              check=True).stdout
        # What is copied out of it, without the marks that are drawn over a letter.
        words = bare(read)
        for name in (*names, *"محمد بن أحمد 42 الطفل end".split()):
            self.assertIn(bare(name), words)
        path = self.daemon.folder / "boxes.pdf"
        code = self.new_case("𞤀𞤣𞤤𞤢𞤥 is Adlam")
        self.assertIn("Some letters are boxes", self.daemon.run("case", "print", code, "--pdf", path, who="awa").stderr)
        read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", timeout=60,
                              check=True).stdout
        self.assertIn("□□□□□ is Adlam", read)

    def test_what_is_hidden_altogether_is_not_there(self):
        self.assertIn("There is no case", self.print(who="efe", status=5).stderr)


if __name__ == "__main__":
    unittest.main()
