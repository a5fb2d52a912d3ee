"""Who may do what: role x country x assignment on every route, broken glass, people who leave.

The table names every route of the daemon; a route that is not in it fails the test.
"""

import re
import unittest

from daemon import ROOT, Daemon

PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "moussa": {"roles": ["clerk"], "countries": ["SN"]},
    "guest": {"roles": ["guest"], "countries": ["SN"]},
    "binta": {"roles": ["chief"], "countries": ["SN"]},
    "gil": {"grants": {"GW": ["clerk", "chief"]}},
    "mixed": {"grants": {"GW": ["clerk"], "SN": ["other"]}},
    # A role here, another one there: never the other one here (pairs.py holds both against every route).
    "both": {"grants": {"SN": ["clerk"], "GW": ["chief"]}},
    "other": {"roles": ["other"], "countries": ["SN"]},
    "ada": {"roles": ["administrator"]},
    "dpo": {"roles": ["dpo"]},
    "aud": {"roles": ["auditor"]},
}
# Kinds of people, by what a case of SN, assigned to awa as its clerk, is to them.
SEE = ("awa", "binta", "guest")
HIDDEN = ("moussa", "gil", "mixed", "both", "other", "ada", "dpo", "aud")
STRANGER = "nobody"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

ABSENT = "SN-2020-00007-0"  # a code that is well formed
CASE = "/v1/cases/{case}"
# Writes and reads of a case: whom the case is hidden from gets what an absent one gets.
CASE_ROUTES = {
    ("GET", CASE): None,
    ("GET", CASE + "/history"): None,
    ("GET", CASE + "/diagram.svg"): None,
    ("POST", CASE + "/transitions/{event}"): {},
    ("POST", CASE + "/steps/{step}/answer"): {},
    ("POST", CASE + "/steps/{step}/settle"): {"outcome": "again", "reason": "x"},
    ("GET", CASE + "/explain"): None,
    ("POST", CASE + "/proposals/{proposal}/approve"): {},
    ("POST", CASE + "/proposals/{proposal}/reject"): {"reason": "x"},
    ("POST", CASE + "/assign"): {"person": "awa"},
    ("POST", CASE + "/notes"): {"text": "x"},
    ("POST", CASE + "/flags"): {"flag": "x"},
    ("POST", CASE + "/links"): {"case": "SN-2026-00001-K", "kind": "sibling"},
    ("PATCH", CASE + "/data"): {"set": {"place": "x"}, "reason": "x"},
    ("POST", CASE + "/break-glass/{glass}/review"): {},
    ("GET", CASE + "/documents"): None,
    ("POST", CASE + "/documents"): b"x",
    ("GET", CASE + "/documents/{document}"): None,
    ("GET", CASE + "/erase"): None,
    ("POST", CASE + "/erase/approve"): {},
    ("POST", CASE + "/export/approve"): {},
}
# The dpo asks, who otherwise sees no case; whoever sees it is told that it is not theirs to ask.
ERASE = ("POST", CASE + "/erase")
EXPORT = ("POST", CASE + "/export")
FETCH = ("GET", CASE + "/export")
# Who read a case is for those who otherwise see none of it; whoever sees it is told so.
READS = ("GET", CASE + "/reads")
MAY_AUDIT = ("dpo", "aud")
# For whom a case's glass may be broken; to the others it is as absent, too.
GLASS = ("POST", CASE + "/break-glass")
MAY_BREAK = ("awa", "guest", "moussa", "gil", "mixed", "both")
# Routes of no case: who is let in. The others are told so, whatever they ask for.
EVERYBODY = (*SEE, *HIDDEN)
OPEN_ROUTES = {
    ("GET", "/v1/status"): EVERYBODY,
    ("GET", "/v1/whoami"): EVERYBODY,
    ("GET", "/v1/workflows"): EVERYBODY,
    ("GET", "/v1/workflows/{workflow}"): EVERYBODY,
    ("POST", "/v1/workflows"): ("ada",),
    ("POST", "/v1/cases"): ("awa", "moussa", "both"),
    ("GET", "/v1/cases"): EVERYBODY,
    ("GET", "/v1/inbox"): EVERYBODY,
    ("GET", "/v1/events"): EVERYBODY,
    ("GET", "/v1/metrics"): EVERYBODY,
    ("GET", "/v1/openapi.json"): EVERYBODY,
    ("POST", "/v1/cases/search"): EVERYBODY,
}
BODIES = {"/v1/cases/search": {"text": "x"}, "/v1/cases": {"workflow": "rights", "data": {"place": "Dakar"}}}


def routes_of_the_daemon():
    """(method, pattern, socket) of the table in engine/api/routes.c."""
    text = (ROOT / "engine/api/routes.c").read_text(encoding="utf-8")
    table = text[text.index("routes[] = {") : text.index("ROUTE_COUNT")]
    found = re.findall(r'\{"([A-Z]+)",\s*"([^"]+)",\s*(ROUTE_\w+)', table)
    assert len(found) > 20, table
    return found


class RightsTest(unittest.TestCase):
    """Each test has a daemon of its own: people leave."""

    def setUp(self):
        self.daemon = Daemon(dict(PEOPLE))
        self.addCleanup(self.daemon.__exit__)
        self.daemon.start()
        loaded = self.daemon.load("tests/system/rights.yaml", who="ada")
        assert loaded.status == 201, loaded

    def open_case(self, who="awa", data=None):
        body = {"workflow": "rights", "data": data or {"place": "Dakar", "name": "Binetou"}}
        answer = self.daemon.post("/v1/cases", body, who)
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def post(self, case, what, body, who, status=200, **named):
        answer = self.daemon.post(f"/v1/cases/{case}/{what}", body, who, **named)
        self.assertEqual(answer.status, status, answer)
        return answer.body

    def show(self, case, who, status=200):
        answer = self.daemon.get(f"/v1/cases/{case}", who)
        self.assertEqual(answer.status, status, answer)
        return answer.body

    def codes(self, path, who):
        answer = self.daemon.get(path, who)
        self.assertEqual(answer.status, 200, answer)
        return [case["code"] for case in answer.body["cases"]]

    def waits(self, who):
        """{code: why it waits} of an inbox."""
        answer = self.daemon.get("/v1/inbox", who)
        self.assertEqual(answer.status, 200, answer)
        return {case["code"]: case["waits"] for case in answer.body["cases"]}

    def leave(self, who, is_stopped=True):
        """The people table without that account: after a restart, or in a daemon that goes on."""
        del self.daemon.settings["people"][who]
        self.daemon.write_config()
        if is_stopped:
            self.daemon.restart()
            return
        answer = self.daemon.post("/v1/admin/reload", {}, "ada", socket_path=self.daemon.admin)
        self.assertEqual(answer.status, 200, answer)


class Table(RightsTest):
    """Every route against every kind of person."""

    def ask(self, route, case, who):
        method, pattern = route
        path = pattern.replace("{case}", case).replace("{event}", "write").replace("{step}", "s")
        path = path.replace("{glass}", "1").replace("{proposal}", "1").replace("{workflow}", "rights")
        path = path.replace("{document}", "1")
        body = CASE_ROUTES.get(route, BODIES.get(pattern, {} if method != "GET" else None))
        if route in (GLASS, ERASE, EXPORT):
            body = {"reason": "x"}
        if route == EXPORT:
            body["recipient"] = RECIPIENT
        headers = {"Content-Type": "application/yaml"} if path == "/v1/workflows" else None
        if body == b"x":
            headers = {"Content-Type": "text/plain", "Sankofa-File": "x.txt"}
        elif headers and method == "POST":
            body = (ROOT / "tests/system/rights.yaml").read_bytes()
        return self.daemon.ask(method, path, body, who, headers=headers)

    def same_as_absent(self, route, case, who):
        hidden, absent = self.ask(route, case, who), self.ask(route, ABSENT, who)
        for answer, name in ((hidden, case), (absent, ABSENT)):
            self.assertEqual((answer.status, answer.code), (404, "no-such-case"), (route, who))
            answer.body.pop("request_id")
            answer.body["detail"] = answer.body["detail"].replace(name, "CODE")
        self.assertEqual(hidden.body, absent.body, (route, who))
        self.assertEqual(set(hidden.headers), set(absent.headers), (route, who))

    def test_every_route_against_every_kind_of_person(self):
        known = {*CASE_ROUTES, *OPEN_ROUTES, GLASS, ERASE, READS, EXPORT, FETCH}
        for method, pattern, where in routes_of_the_daemon():
            if where != "ROUTE_ADMIN":
                self.assertIn((method, pattern), known, "a route without a row in this table")
        case = self.open_case()
        self.post(case, "assign", {"person": "awa"}, "awa")
        for route in CASE_ROUTES:
            for who in SEE:
                self.assertNotEqual(self.ask(route, case, who).code, "no-such-case", (route, who))
            for who in HIDDEN:
                self.same_as_absent(route, case, who)
        for who in ("other", "ada", "dpo", "aud"):
            self.same_as_absent(GLASS, case, who)
        for who in EVERYBODY:
            if who in MAY_AUDIT:
                self.assertEqual(self.ask(READS, case, who).status, 200, who)
            elif who in SEE:
                self.assertEqual(self.ask(READS, case, who).code, "not-permitted", who)
            else:
                self.same_as_absent(READS, case, who)
        for route, allowed in OPEN_ROUTES.items():
            for who in EVERYBODY:
                answer = self.ask(route, case, who)
                if who in allowed:
                    self.assertIn(answer.status, (200, 201), (route, who, answer))
                else:
                    self.assertEqual((answer.status, answer.code), (403, "not-permitted"), (route, who))
        for route in known:
            answer = self.ask(route, case, STRANGER)
            self.assertEqual((answer.status, answer.code), (403, "not-permitted"), route)
        for who in HIDDEN:
            for path in ("/v1/cases", "/v1/inbox"):
                self.assertNotIn(case, self.codes(path, who), (path, who))
        for who in MAY_BREAK:
            self.assertEqual(self.ask(GLASS, case, who).status, 200, who)
        for who in SEE:
            self.assertEqual(self.ask(ERASE, case, who).code, "not-permitted", who)
            self.assertEqual(self.ask(EXPORT, case, who).code, "not-permitted", who)
            # Who supervises could have been one of the two.
            code = "not-available" if who == "binta" else "not-permitted"
            self.assertEqual(self.ask(FETCH, case, who).code, code, who)
        other = self.open_case()
        self.post(other, "assign", {"person": "awa"}, "awa")
        for who in HIDDEN:
            if who != "dpo":
                for route in (ERASE, EXPORT, FETCH):
                    self.same_as_absent(route, other, who)
        self.assertEqual(self.ask(FETCH, other, "dpo").code, "not-available")
        self.assertEqual(self.ask(EXPORT, other, "dpo").status, 200)
        self.assertEqual(self.ask(ERASE, other, "dpo").status, 200)
        # Nobody supervises a chief, so nobody would be told.
        self.assertEqual(self.ask(GLASS, case, "binta").code, "not-available")

    def test_a_cursor_tells_nothing_of_hidden_cases(self):
        case = self.open_case()
        for cursor in (case, "SN-2020-00007-1"):
            answer = self.daemon.get(f"/v1/cases?cursor={cursor}", "gil")
            self.assertEqual((answer.status, answer.code), (400, "bad-request"))

    def test_a_person_who_left_is_a_stranger(self):
        case = self.open_case("moussa")
        self.leave("moussa")
        for path in ("/v1/whoami", f"/v1/cases/{case}", "/v1/inbox"):
            answer = self.daemon.get(path, "moussa")
            self.assertEqual((answer.status, answer.code), (403, "not-permitted"))

    def test_sensitive_fields_are_for_roles_that_see_them(self):
        case = self.open_case()
        self.assertEqual(self.show(case, "binta")["data"]["name"], "Binetou")
        seen = self.show(case, "guest")
        self.assertEqual(seen["data"], {"place": "Dakar"})
        self.assertEqual(seen["hidden"], ["name"])
        history = self.daemon.get(f"/v1/cases/{case}/history", "guest").raw
        self.assertNotIn(b"Binetou", history)

    def test_why_a_hidden_field_was_corrected_is_as_hidden(self):
        case = self.open_case()
        for field, reason in (("name", "She is Binetou Sarr."), ("place", "It was Thies.")):
            body = {"set": {field: "other"}, "reason": reason}
            self.assertEqual(self.daemon.ask("PATCH", f"/v1/cases/{case}/data", body, "awa").status, 200)

        def reasons(who):
            entries = self.daemon.get(f"/v1/cases/{case}/history", who).body["entries"]
            return [entry.get("comment") for entry in entries if entry["kind"] == "correction"]

        for who in ("awa", "binta"):
            self.assertEqual(reasons(who), ["She is Binetou Sarr.", "It was Thies."])
        self.assertEqual(reasons("guest"), [None, "It was Thies."])


class Assignment(RightsTest):
    """Whose a case is."""

    def test_a_case_is_in_the_pool_until_somebody_takes_it(self):
        case = self.open_case()
        self.assertEqual(self.waits("awa"), {case: ["pool"]})
        self.assertEqual(self.waits("moussa"), {case: ["pool"]})
        self.post(case, "assign", {"person": "moussa"}, "moussa")
        self.assertEqual(self.waits("moussa"), {case: ["mine"]})
        self.assertEqual(self.waits("awa"), {})
        self.assertEqual(self.codes("/v1/cases?mine=1", "moussa"), [case])
        self.assertEqual(self.codes("/v1/cases?mine=1", "awa"), [])
        assigned = self.show(case, "binta")["assigned"]
        self.assertEqual([(a["role"], a["person"], a["by"]) for a in assigned], [("clerk", "moussa", "moussa")])
        self.post(case, "assign", {"pool": "clerk"}, "moussa")
        self.assertEqual(self.waits("awa"), {case: ["pool"]})

    def test_mine_is_also_what_i_opened_and_nobody_has(self):
        case = self.open_case()
        self.assertEqual(self.codes("/v1/cases?mine=1", "awa"), [case])
        self.assertEqual(self.codes("/v1/cases?mine=1", "moussa"), [])

    def test_who_gives_a_case_away_does_not_see_it_any_more(self):
        case = self.open_case()
        headers = {"Prefer": "return=representation"}
        told = self.post(case, "assign", {"person": "moussa"}, "binta", headers=headers)
        self.assertIn("data", told)
        told = self.post(case, "assign", {"person": "awa"}, "moussa", headers=headers)
        self.assertNotIn("data", told)
        self.show(case, "moussa", 404)
        self.show(case, "awa")

    def test_only_supervisors_take_a_case_from_somebody(self):
        case = self.open_case()
        self.post(case, "assign", {"person": "moussa"}, "guest", 403)
        self.post(case, "assign", {"person": "moussa"}, "awa", 403)
        self.post(case, "assign", {"person": "moussa"}, "binta")
        self.show(case, "awa", 404)

    def test_a_case_is_given_to_people_who_hold_the_role_there(self):
        case = self.open_case()
        for body, pointer in (
            ({"person": "gil"}, "/person"),
            ({"person": "nobody"}, "/person"),
            ({"person": "ada"}, "/person"),
            ({"person": "guest", "role": "clerk"}, "/person"),
            ({"pool": "driver"}, "/pool"),
            ({"person": "awa", "role": "driver"}, "/role"),
            ({"pool": "clerk", "role": "clerk"}, "/role"),
            ({}, "/person"),
            ({"person": "awa", "pool": "clerk"}, "/person"),
        ):
            told = self.post(case, "assign", body, "binta", 422)
            self.assertEqual([e["pointer"] for e in told["errors"]], [pointer], body)

    def test_a_repeat_of_the_opening_shows_nothing_of_a_case_given_away(self):
        body = {"workflow": "rights", "data": {"place": "Dakar", "name": "Binetou"}}
        named = {"key": "k", "headers": {"Prefer": "return=representation"}}
        case = self.daemon.post("/v1/cases", body, "awa", **named).body["code"]
        self.post(case, "assign", {"person": "moussa"}, "binta")
        answer = self.daemon.post("/v1/cases", body, "awa", **named)
        self.assertEqual(answer.status, 201)
        self.assertNotIn(b"Binetou", answer.raw)

    def test_cases_and_proposals_of_who_left_are_the_supervisors(self):
        self.check_who_left(is_stopped=True)

    def test_so_they_are_at_once_where_the_configuration_is_read_anew(self):
        self.check_who_left(is_stopped=False)

    def check_who_left(self, is_stopped):
        case, other = self.open_case("moussa"), self.open_case("awa")
        self.post(case, "assign", {"person": "moussa"}, "moussa")
        self.post(other, "transitions/submit", {"data": {"budget": 3}}, "moussa", 202)
        self.assertEqual(self.waits("binta")[case], ["pool"])
        self.leave("moussa", is_stopped)
        self.assertEqual(self.waits("binta")[case], ["pool", "left"])
        self.assertEqual(self.waits("binta")[other], ["pool", "left"])
        self.post(other, "proposals/1/reject", {"reason": "Moussa has left."}, "binta")
        self.assertEqual(self.waits("binta")[other], ["pool"])
        self.assertNotIn(case, self.waits("awa"))
        self.show(case, "awa", 404)
        self.post(case, "assign", {"person": "awa"}, "binta")
        self.assertIn("mine", self.waits("awa")[case])
        self.assertNotIn("left", self.waits("binta")[case])


class Glass(RightsTest):
    """Broken glass: one case, an hour, told and reviewed."""

    def test_glass_opens_one_case_for_an_hour(self):
        case, other = self.open_case(), self.open_case()
        for one in (case, other):
            self.post(one, "assign", {"person": "awa"}, "awa")
        self.show(case, "moussa", 404)
        self.post(case, "break-glass", {"reason": ""}, "moussa", 422)
        self.post(case, "break-glass", {"reason": "Awa is ill, the child is at the border"}, "moussa")
        self.assertEqual(self.show(case, "moussa")["data"]["name"], "Binetou")
        self.show(other, "moussa", 404)
        for somebody in HIDDEN:
            if somebody != "moussa":  # it is broken for nobody else
                self.show(case, somebody, 404)
        self.post(case, "transitions/write", {"data": {"name": "Bineta"}}, "moussa")
        self.assertEqual(self.daemon.advance("59min").status, 200)
        self.show(case, "moussa")
        self.assertEqual(self.daemon.advance("1min").status, 200)
        self.show(case, "moussa", 404)

    def test_a_read_by_broken_glass_is_marked(self):
        case = self.open_case()
        self.show(case, "binta")
        self.post(case, "assign", {"person": "awa"}, "awa")
        self.post(case, "break-glass", {"reason": "Awa is ill"}, "moussa")
        self.show(case, "moussa")
        reads = self.daemon.get(f"/v1/cases/{case}/reads", "aud").body["reads"]
        told = [(read["by"], read["roles"], read.get("glass", False)) for read in reads]
        self.assertEqual(told, [("binta", ["chief"], False), ("moussa", ["clerk"], True)])
        shown = self.daemon.run("case", "reads", case, who="aud").stdout
        self.assertIn("case, by broken glass", shown)
        # Once it is over, nothing is read any more, and nothing written down.
        self.assertEqual(self.daemon.advance("60min").status, 200)
        self.show(case, "moussa", 404)
        self.assertEqual(len(self.daemon.get(f"/v1/cases/{case}/reads", "dpo").body["reads"]), 2)

    def test_the_supervisor_is_told_and_reviews(self):
        case = self.open_case()
        self.post(case, "break-glass", {"reason": "At the border"}, "gil")
        notices = self.show(case, "binta")["notices"]
        self.assertEqual([(n["kind"], n["by"]) for n in notices], [("glass", "gil")])
        self.assertIn("review", self.waits("binta")[case])
        self.assertNotIn("review", self.waits("awa")[case])
        self.assertEqual(self.show(case, "awa")["glass"], [])
        broken = self.show(case, "binta")["glass"]
        self.assertEqual([(g["glass"], g["by"], g["reason"]) for g in broken], [(1, "gil", "At the border")])
        self.daemon.restart()
        self.post(case, "transitions/end", {}, "binta")
        self.assertEqual(self.waits("binta")[case], ["review"])
        # gil is a chief, too, and sees it by the glass; nobody reviews what they did themselves.
        self.post(case, "break-glass/1/review", {}, "gil", 403)
        self.post(case, "break-glass/1/review", {}, "awa", 403)
        self.post(case, "break-glass/2/review", {}, "binta", 404)
        self.post(case, "break-glass/1/review", {"comment": "Right so."}, "binta")
        self.assertEqual(self.waits("binta"), {})
        self.post(case, "break-glass/1/review", {}, "binta", 409)
        self.assertEqual(self.show(case, "binta")["glass"][0]["reviewed"]["by"], "binta")


class Care(RightsTest):
    """Notes, flags, links, corrections."""

    def test_notes_are_for_who_sees_sensitive_fields_and_their_author(self):
        case = self.open_case()
        self.post(case, "notes", {"text": "  "}, "awa", 422)
        self.post(case, "notes", {"text": "The uncle called."}, "awa")
        self.post(case, "notes", {"text": "I saw her."}, "guest")

        def notes(who):
            entries = self.daemon.get(f"/v1/cases/{case}/history", who).body["entries"]
            return [e.get("comment") for e in entries if e["kind"] == "note"]

        self.assertEqual(notes("binta"), ["The uncle called.", "I saw her."])
        self.assertEqual(notes("guest"), [None, "I saw her."])

    def test_flags_are_raised_and_lowered(self):
        case = self.open_case()
        self.post(case, "flags", {"flag": "Not a word"}, "awa", 422)
        self.post(case, "flags", {"flag": "missing"}, "awa")
        self.assertEqual([f["flag"] for f in self.show(case, "guest")["flags"]], ["missing"])
        self.assertEqual(self.daemon.get("/v1/cases", "awa").body["cases"][0]["flags"], ["missing"])
        self.daemon.restart()
        self.assertEqual(self.daemon.get("/v1/cases", "awa").body["cases"][0]["flags"], ["missing"])
        self.post(case, "flags", {"flag": "missing", "raised": False}, "awa")
        self.post(case, "flags", {"flag": "missing", "raised": False}, "awa", 422)
        self.assertEqual(self.show(case, "awa")["flags"], [])

    def test_links_are_told_from_both_sides_to_who_may_see_the_other(self):
        mother, child = self.open_case(), self.open_case()
        self.post(child, "links", {"case": mother, "kind": "mother"}, "awa")
        self.assertEqual(self.show(child, "awa")["links"], [{"code": mother, "kind": "mother"}])
        self.assertEqual(self.show(mother, "awa")["links"], [{"code": child, "kind": "child"}])
        self.post(mother, "assign", {"person": "awa"}, "awa")
        self.assertEqual(self.show(child, "moussa")["links"], [])
        self.post(child, "links", {"case": mother, "kind": "sibling"}, "moussa", 422)
        self.post(child, "links", {"case": child, "kind": "sibling"}, "awa", 422)
        self.post(child, "links", {"case": mother, "kind": "aunt"}, "awa", 422)
        self.post(child, "links", {"case": mother, "linked": False}, "awa")
        self.assertEqual(self.show(mother, "awa")["links"], [])

    def test_a_link_is_changed_where_it_is_kept_and_the_history_says_which(self):
        one, other = self.open_case(), self.open_case()
        self.post(one, "links", {"case": other, "kind": "mother"}, "awa")
        for body in ({"case": one, "kind": "mother"}, {"case": one, "linked": False}):
            refused = self.post(other, "links", body, "awa", status=422)["errors"][0]
            self.assertEqual(refused["pointer"], "/case")
            self.assertIn(f"kept in {one}", refused["message"])
        self.assertEqual(self.show(other, "awa")["links"], [{"code": one, "kind": "child"}])
        self.post(one, "links", {"case": other, "linked": False}, "awa")
        self.assertEqual(self.show(other, "awa")["links"], [])
        self.post(other, "links", {"case": one, "kind": "sibling"}, "awa")
        told = [entry["link"] for entry in self.history(one, "awa") if entry["kind"] == "link"]
        self.assertEqual(told, [{"code": other, "kind": "mother", "linked": True}, {"code": other, "linked": False}])
        shown = self.daemon.run("case", "history", one, who="awa").stdout
        self.assertIn(f"a link was set ({other}, its mother)", shown)
        self.assertIn(f"a link was taken away ({other})", shown)
        # Of a case that one may not see, not even that.
        self.post(other, "assign", {"person": "moussa"}, "binta")
        links = [entry for entry in self.history(one, "awa") if entry["kind"] == "link"]
        self.assertEqual(len(links), 2)
        self.assertFalse([entry for entry in links if "link" in entry])

    def history(self, case, who):
        return self.daemon.get(f"/v1/cases/{case}/history", who).body["entries"]

    def test_a_correction_keeps_the_old_value_in_the_journal(self):
        case = self.open_case()
        fix = lambda who, body: self.daemon.ask("PATCH", f"/v1/cases/{case}/data", body, who)
        wrong = {"set": {"name": "Bineta"}, "reason": "Her own word."}
        for who, body, status, pointer in (
            ("awa", {"set": {}, "reason": "x"}, 422, "/set"),
            ("awa", {"set": {"name": "x"}, "reason": " "}, 422, "/reason"),
            ("awa", {"set": {"age": 99}, "reason": "x"}, 422, "/set/age"),
            ("awa", {"set": {"nam": "x"}, "reason": "x"}, 422, "/set/nam"),
            ("guest", {"set": {"place": "x"}, "reason": "x"}, 422, "/set/place"),
        ):
            answer = fix(who, body)
            self.assertEqual(answer.status, status, answer)
            self.assertEqual([e["pointer"] for e in answer.body["errors"]], [pointer])
        self.assertEqual(fix("awa", wrong).status, 200)
        self.assertEqual(self.show(case, "binta")["data"]["name"], "Bineta")
        entries = self.daemon.get(f"/v1/cases/{case}/history", "binta").body["entries"]
        self.assertEqual(entries[0]["data"]["name"], "Binetou")
        self.assertEqual((entries[1]["kind"], entries[1]["comment"]), ("correction", "Her own word."))
        # What the workflow decides by the data, it decides anew.
        self.assertEqual(fix("awa", {"set": {"age": 19}, "reason": "x"}).status, 200)
        self.assertEqual([s["id"] for s in self.show(case, "binta")["states"]], ["grown"])


class Client(RightsTest):
    """The same by the commands of staff."""

    def test_a_day_of_the_office(self):
        run, case = self.daemon.run, self.open_case()
        run("case", "assign", case, "moussa", who="binta")
        run("show", case, who="awa", status=5)
        run("note", case, "The uncle called.", who="moussa")
        run("case", "flag", case, "missing", who="moussa")
        run("case", "flag", case, "missing", "--lower", who="moussa")
        other = self.open_case()
        run("case", "link", case, other, "sibling", who="moussa")
        run("case", "link", case, other, "--unlink", who="moussa")
        run("case", "correct", case, "-f", "age=9", "--reason", "Her papers came.", who="moussa")
        self.assertEqual(self.show(case, "moussa")["data"]["age"], 9)
        run("case", "correct", case, "-f", "age=", "--reason", "They were another's.", who="moussa")
        self.assertNotIn("age", self.show(case, "moussa")["data"])
        run("case", "break-glass", case, "--reason", "At the border", who="awa")
        run("case", "flag", case, "urgent", who="moussa")
        run("case", "link", case, other, "sibling", who="moussa")
        shown = run("show", case, who="binta").stdout
        for words in (r"given to moussa \(.+\) by binta  ", r"flag urgent by moussa  ", rf"{other}  its brother or sister$",
                      r"glass 1 broken by awa  .*, until .*: At the border$",
                      rf"  once looked into: sankofa case review {case} 1$"):
            self.assertRegex(shown, f"(?m)^  {words}")
        self.assertNotIn("glass", run("show", case, who="moussa").stdout)
        run("show", case, who="awa")
        run("case", "review", case, "1", "--comment", "Right so.", who="binta")
        run("case", "assign", case, "--pool", "clerk", who="binta")
        events = run("watch", "--after", "0", "--once", "--case", case, who="binta").stdout
        for name in ("the case was given to somebody by binta", "a note by moussa", "data were corrected",
                     "the glass was broken by awa", "broken glass was reviewed"):
            self.assertIn(name, events)
        self.assertNotIn("uncle", events)
        self.assertRegex(run("show", case, who="binta").stdout, r"(?m)^    reviewed by binta  ")
        told = run("history", case, who="binta").stdout
        for words in (r"the case was given to somebody \(moussa\) +binta", r"a note: The uncle called\. +moussa",
                      r"a flag was set \(missing\) +moussa", r"a flag was taken away \(missing\) +moussa",
                      r"data were corrected \(age\): Her papers came\. +moussa", r"the glass was broken: At the border +awa"):
            self.assertRegex(told, words)

    def test_the_inbox_says_why_a_case_waits(self):
        run, case, other = self.daemon.run, self.open_case("moussa"), self.open_case("moussa")
        self.assertNotIn("WAITS", run("inbox", who="moussa").stdout)
        run("case", "assign", case, "moussa", who="binta")
        self.assertRegex(run("inbox", who="moussa").stdout, rf"(?m)^CODE .*WAITS\n(.*\n)*{case} .*for you$")
        self.assertNotIn("for you", run("inbox", who="binta").stdout)
        run("case", "break-glass", case, "--reason", "At the border", who="awa")
        self.leave("moussa")
        told = run("inbox", "--lang", "fr", who="binta").stdout
        self.assertRegex(told, rf"(?m)^{case} .*la personne en charge est partie, glace brisée$")
        self.assertRegex(told, rf"(?m)^{other} .*[^é]$")

    def test_wrong_words_are_told(self):
        case = self.open_case()
        for words in (
            ["case", "assign", case],
            ["case", "assign", case, "awa", "--pool", "clerk"],
            ["case", "link", case, case],
            ["case", "correct", case, "-f", "age=9"],
            ["case", "break-glass", case],
            ["watch", "--after", "soon"],
        ):
            done = self.daemon.run(*words, who="awa", status=2)
            self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)
        self.daemon.run("watch", "--once", "--case", "SN-2020-00007-1", who="awa", status=5)


if __name__ == "__main__":
    unittest.main()
