"""Search, the cases that look like a new one, definitions as files and pictures, numbers for
Prometheus: over the real socket."""

import re
import time
import unittest
from xml.etree import ElementTree

from rights import RightsTest


class Search(RightsTest):
    def case(self, name, place="Dakar", who="awa"):
        return self.open_case(who, {"place": place, "name": name})

    def find(self, text, who="awa", query=""):
        answer = self.daemon.post(f"/v1/cases/search{query}", {"text": text}, who)
        self.assertEqual(answer.status, 200, answer)
        return [case["code"] for case in answer.body["cases"]]

    def test_names_are_found_as_they_sound_in_parts_and_without_accents(self):
        diallo = self.case("Fatoumata Diallo")
        cisse = self.case("João Cissé", "Ziguinchor")
        self.daemon.restart()
        for text in ("Diallo", "djaló", "JALLOW", "fatumata", "Fatou Diallo", "diallo fatoumata"):
            self.assertEqual(self.find(text), [diallo], text)
        for text in ("joao", "Ceesay", "sissé", "ziguin", "chor"):
            self.assertEqual(self.find(text), [cisse], text)
        for text in ("Diallo Cisse", "Traoré", "xyz"):
            self.assertEqual(self.find(text), [], text)
        self.assertEqual(self.find("dakar"), [diallo])
        answer = self.daemon.post("/v1/cases/search", {"text": "jallow"}, "awa")
        self.assertEqual(answer.body["cases"][0]["fields"], ["name"])
        self.assertNotIn(b"Diallo", answer.raw)

    def test_codes_are_found_by_a_part(self):
        codes = [self.case("A"), self.case("B")]
        self.assertEqual(self.find(codes[0].lower()), [codes[0]])
        self.assertEqual(self.find(codes[1][8:13]), [codes[1]])
        self.assertEqual(sorted(self.find("SN-2")), sorted(codes))
        self.assertEqual(len(self.find("SN-2", query="?limit=1")), 1)

    def test_the_best_comes_first(self):
        within, exact, sound = self.case("Xamadoux"), self.case("Amadou"), self.case("Amadu")
        self.assertEqual(self.find("amadou"), [exact, sound, within])

    def test_only_what_one_may_see_is_found(self):
        case = self.case("Binetou", "Kolda")
        self.assertEqual(self.find("binetou", "guest"), [])
        self.assertEqual(self.find("kolda", "guest"), [case])
        for who in ("gil", "mixed", "other", "ada", "dpo", "aud"):
            for text in ("binetou", "kolda", case):
                self.assertEqual(self.find(text, who), [], who)
        self.post(case, "assign", {"person": "awa"}, "awa")
        self.assertEqual(self.find("binetou", "moussa"), [])
        self.assertEqual(self.find("binetou", "binta"), [case])

    def test_what_changes_is_found_anew(self):
        case = self.case("Binetou")
        self.assertEqual(self.find("binetou"), [case])
        body = {"set": {"name": "Khadija"}, "reason": "Misheard."}
        self.assertEqual(self.daemon.ask("PATCH", f"/v1/cases/{case}/data", body, "awa").status, 200)
        self.assertEqual(self.find("binetou"), [])
        self.assertEqual(self.find("cadija"), [case])

    def test_the_client_searches_and_draws(self):
        case = self.case("Fatoumata Diallo")
        self.assertIn(case, self.daemon.run("search", "jallow", who="awa").stdout)
        self.assertNotIn(case, self.daemon.run("search", "jallow", who="guest").stdout)
        self.daemon.run("search", "-q", "!", who="awa", status=2)
        drawn = self.daemon.run("case", "diagram", case, who="awa").stdout
        self.assertIn("#open>rect{", drawn)
        self.daemon.run("case", "diagram", case, who="gil", status=5)

    def test_a_search_needs_words(self):
        for body in ({"text": ""}, {"text": " -! "}, {}, {"text": "x" * 201}, {"text": "x", "y": 1}):
            self.assertEqual(self.daemon.post("/v1/cases/search", body, "awa").status, 400, body)
        self.assertEqual(self.daemon.post("/v1/cases/search?limit=0", {"text": "x"}, "awa").status, 400)

    def test_an_opening_tells_of_cases_that_look_like_it(self):
        first = self.case("Fatoumata Diallo")
        hidden = self.case("Fatoumata Diallo")
        self.case("Aminata Sow")
        self.post(hidden, "assign", {"person": "moussa"}, "binta")
        self.daemon.restart()
        body = {"workflow": "rights", "data": {"place": "Kolda", "name": "Fatumata Djaló"}}
        answer = self.daemon.post("/v1/cases", body, "awa", key="k")
        self.assertEqual([c["code"] for c in answer.body["similar"]], [first])
        self.assertEqual(answer.body["similar"][0]["fields"], ["name"])
        again = self.daemon.post("/v1/cases", body, "awa", key="k")
        self.assertEqual(again.status, 201)
        body["data"] = {"place": "Kolda"}
        self.assertEqual(self.daemon.post("/v1/cases", body, "awa").body["similar"], [])


# Each line is one name, as it is written down here and there.
SPELLINGS = """
Aïssatou / Aissata / Isatou / Ai\u0308ssatou / AÏSSATOU / Aisatu
Mamadou / Mamadu / Mahamadou / Muhammadu
N'Diaye / Ndiaye / N’Diaye / N Diaye / N' Diaye / Njie
Ouattara / Wattara / Uattara
Coulibaly / Kulibali / Coulibali
Djallo / Diallo / Jalloh / Djaló
Traoré / TRAORE / Trauré
Ouédraogo / Wedraogo / Uedraogo
Diop / Jobe / Joob
Jean-Marc / Jean\u2011Marc / Jean Marc / Jean\u00a0Marc / Jeanmarc
Fatoumata / Fatou Mata / Fatumata
Kwadwo / Kouadio
Adjoa / Adwoa
Mɛnsa / Mensah
Kɔfi / KƆFI / Kofi
Ɖzifa / Dzifa
Aƒi / Afi
Ẹniọlá / ẸNIỌLÁ / Eniola
Olúwaṣeun / Oluwaseun
Ọlájùmọ̀kẹ́ / Olajumoke
Ƙarama / Karama
محمد / مُحَمَّد
أحمد / احمد
فاطمة / فاطمه
"""


class Names(RightsTest):
    """Names as the region writes them, in fields of their own."""

    def setUp(self):
        super().setUp()
        loaded = self.daemon.load("tests/system/names.yaml", who="ada")
        self.assertEqual(loaded.status, 201, loaded)

    def named(self, who="awa", similar=(), **data):
        body = {"workflow": "names", "data": {"remark": "Begs at the market", **data}}
        answer = self.daemon.post("/v1/cases", body, who)
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(self.similar(answer), list(similar), answer)
        return answer.body["code"]

    def similar(self, answer):
        return [line["code"] for line in answer.body["similar"]]

    def find(self, text, who="awa"):
        answer = self.daemon.post("/v1/cases/search", {"text": text}, who)
        self.assertEqual(answer.status, 200, answer)
        return [case["code"] for case in answer.body["cases"]]

    def test_each_spelling_finds_each_other(self):
        for line in SPELLINGS.strip().splitlines():
            names = [name.strip() for name in line.split(" / ")]
            self.assertGreater(len(names), 1, line)
            codes = [self.named(similar=(), first=names[0])]
            for name in names[1:]:
                body = {"workflow": "names", "data": {"remark": "x", "first": name}}
                answer = self.daemon.post("/v1/cases", body, "awa")
                self.assertIn(codes[0], self.similar(answer), f"{name} of {line}")
                codes.append(answer.body["code"])
            for name in names:
                self.assertLessEqual(set(codes), set(self.find(name)), f"{name} of {line}")

    def test_given_and_family_names_may_stand_in_any_order_and_in_each_others_fields(self):
        first = self.named(first="Fatoumata", last="Diallo", mother="Awa Ba")
        for text in ("Diallo Fatoumata", "fatumata djalo", "diallo, fatou"):
            self.assertEqual(self.find(text), [first], text)
        second = self.named(first="Jallow", last="Fatumata", mother="Awa Bah", similar=[first])
        self.named(first="Fatou Mata Diallo", similar=[second, first])

    def test_one_word_of_many_is_no_likeness(self):
        self.named(first="Mamadou", last="Diallo", mother="Awa Ba")
        self.named(first="Mamadou", last="Sow")
        self.named(first="Moussa", last="Diallo", mother="Khady Fall")
        self.named(first="Awa", last="Sy")

    def test_brothers_are_told_of_and_a_remark_is_no_name(self):
        first = self.named(first="Mamadou", last="Diallo", mother="Awa Ba")
        self.named(first="Ibrahima", last="Djaló", mother="Aoua Bah", similar=[first])
        self.named()

    def test_who_writes_names_later_is_told_then(self):
        closed = self.named(first="Fatoumata", last="Diallo")
        self.post(closed, "transitions/end", {}, "awa")
        case = self.named()
        answer = self.daemon.post(
            f"/v1/cases/{case}/transitions/name", {"data": {"first": "Fatumata"}}, "awa", key="k")
        self.assertEqual(self.similar(answer), [closed], "one that is closed, too")
        again = self.daemon.post(
            f"/v1/cases/{case}/transitions/name", {"data": {"first": "Fatumata"}}, "awa", key="k")
        self.assertNotIn("similar", again.body)
        body = {"set": {"first": "Moussa"}, "reason": "Misheard."}
        answer = self.daemon.ask("PATCH", f"/v1/cases/{case}/data", body, "awa")
        self.assertEqual(self.similar(answer), [])
        body = {"set": {"remark": "Moussa"}, "reason": "Misheard."}
        self.assertNotIn("similar", self.daemon.ask("PATCH", f"/v1/cases/{case}/data", body, "awa").body)
        self.assertNotIn("similar", self.post(case, "notes", {"text": "Fatoumata"}, "awa"))

    def test_nobody_is_told_of_a_case_or_a_name_that_they_may_not_see(self):
        hidden = self.named(first="Fatoumata", last="Diallo")
        self.post(hidden, "assign", {"person": "moussa", "role": "clerk"}, "moussa")
        self.post(hidden, "assign", {"person": "guest", "role": "guest"}, "guest")
        case = self.named(first="Fatumata", last="Djalo")
        self.assertEqual(self.find("Fatoumata"), [case])
        # A guest sees the case, and no name in it; what a guest writes is compared with nothing.
        other = self.named("guest", first="Fatumata", last="Djalo")
        answer = self.daemon.post(
            f"/v1/cases/{other}/transitions/name", {"data": {"mother": "Awa"}}, "guest")
        self.assertEqual(self.similar(answer), [])
        reads = self.daemon.get(f"/v1/cases/{case}/reads", "aud").body["reads"]
        self.assertNotIn("guest", [read["by"] for read in reads])

    def test_the_client_tells_whose_names_are_alike(self):
        first = self.named(first="Fatoumata", last="Diallo")
        new = ("case", "new", "names", "-f", "remark=x", "-f", "first=Fatumata", "-f", "last=Jallow")
        done = self.daemon.run(*new, who="awa")
        self.assertRegex(done.stdout, r"^SN-\S+\n$")
        self.assertRegex(done.stderr, rf"Names like this one's stand in:\n  {first}  open\n")
        code = done.stdout.strip()
        self.assertIn(f"sankofa case link {code} CASE duplicate", done.stderr)
        self.assertNotIn(first, self.daemon.run(*new, "-q", who="awa").stderr)
        done = self.daemon.run("do", code, "name", "-f", "mother=Awa", who="awa")
        self.assertIn(first, done.stderr)
        done = self.daemon.run("case", "correct", code, "-f", "first=Moussa", "--reason", "x", who="awa")
        self.assertNotIn(first, done.stderr)


class IndexBeingMade(RightsTest):
    CASES = 1600  # in pieces of 16: an even number, so that the last one ends the loop's last turn

    def test_a_search_right_after_the_start_waits_for_the_index_and_misses_nothing(self):
        codes = [self.open_case("awa", {"place": "Kolda", "name": f"Binetou {i}"})
                 for i in range(self.CASES)]
        for _ in range(3):
            self.daemon.restart()
            begin = time.monotonic()
            answer = self.daemon.post("/v1/cases/search", {"text": "binetou"}, "awa")
            self.assertEqual(answer.body["total"], self.CASES)
            self.assertLess(time.monotonic() - begin, 5, "the loop slept over a search that waited")
        reason = {"reason": "The family asked."}
        asked = self.daemon.post(f"/v1/cases/{codes[0]}/erase", reason, "dpo")
        self.assertEqual(asked.status, 200, asked)
        self.daemon.restart()
        approved = self.daemon.post(f"/v1/cases/{codes[0]}/erase/approve", {}, "binta")
        self.assertEqual(approved.status, 202, approved)
        answer = self.daemon.post("/v1/cases/search", {"text": "binetou"}, "awa")
        self.assertEqual(answer.body["total"], self.CASES - 1)


class Pictures(RightsTest):
    def test_a_definition_comes_in_four_forms(self):
        get = self.daemon.get
        self.assertEqual(get("/v1/workflows/rights?as=json", "awa").body["id"], "rights")
        as_yaml = get("/v1/workflows/rights?as=yaml", "awa")
        self.assertEqual(as_yaml.headers["Content-Type"], "application/yaml")
        self.assertIn(b"workflow: rights", as_yaml.raw)
        dot = get("/v1/workflows/rights?as=dot", "awa")
        self.assertEqual(dot.headers["Content-Type"], "text/vnd.graphviz")
        self.assertTrue(dot.raw.startswith(b"digraph"), dot.raw[:80])
        svg = get("/v1/workflows/rights?as=svg", "awa")
        self.assertEqual(svg.headers["Content-Type"], "image/svg+xml")
        ElementTree.fromstring(svg.raw)
        for who in ("awa", "gil"):
            self.assertEqual(get("/v1/workflows/nope?as=svg", who).code, "no-such-workflow")
        self.assertEqual(get("/v1/workflows/rights?as=png", "awa").code, "bad-request")
        # What came out as YAML is the same definition.
        headers = {"Content-Type": "application/yaml"}
        answer = self.daemon.post("/v1/workflows?dry_run=1", as_yaml.raw, "ada", headers=headers)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.body["hash"], get("/v1/workflows/rights", "awa").body["hash"])

    def test_a_diagram_marks_where_the_case_is(self):
        case = self.open_case()
        path = f"/v1/cases/{case}/diagram.svg"
        picture = self.daemon.get(path, "awa")
        ElementTree.fromstring(picture.raw)
        self.assertIn(b"#open>rect{", picture.raw)
        self.assertNotIn(b"#closed>rect{", picture.raw)
        self.post(case, "transitions/end", {}, "binta")
        self.assertIn(b"#closed>rect{", self.daemon.get(path, "binta").raw)
        self.assertEqual(self.daemon.get(path, "gil").code, "no-such-case")

    def test_metrics_are_numbers_without_names(self):
        case = self.open_case()
        for socket_path in (self.daemon.staff, self.daemon.admin):
            answer = self.daemon.get("/v1/metrics", "awa", socket_path=socket_path)
            self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4")
            text = answer.raw.decode()
            for line in text.splitlines():
                self.assertRegex(line, r'^(# (HELP|TYPE) sankofa_\w+ .+|sankofa_\w+(\{status="[1-5]xx"\})? \d+)$')
            self.assertIn("\nsankofa_cases 1\n", text)
            for word in (case, "awa", "Dakar", "Binetou"):
                self.assertNotIn(word, text)
        before = int(re.search(r'status="4xx"\} (\d+)', text)[1])
        self.daemon.get("/v1/nothing", "awa")
        text = self.daemon.get("/v1/metrics", "awa").raw.decode()
        self.assertEqual(int(re.search(r'status="4xx"\} (\d+)', text)[1]), before + 1)


if __name__ == "__main__":
    unittest.main()
