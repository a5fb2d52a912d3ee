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
