#!/usr/bin/env python3
"""What a refusal offers instead: the name that was likely meant, what is possible now, who changed the
case meanwhile. Never a case, and nothing of a case that is hidden from who asks."""

import unittest

from daemon import Daemon
from rights import PEOPLE as OF_RIGHTS

PEOPLE = {**OF_RIGHTS, "eve": {"roles": ["clerk"], "countries": ["SN"]}}
WORKFLOW = """\
workflow: papers
title: {en: Papers, fr: Papiers}
languages: [en, fr]
country: SN
roles: {clerk: {title: Clerk}, chief: {title: Chief, supervises: [clerk]}}
open: {by: [clerk], form: {place: required}}
fields: {place: {type: text}, budget: {type: integer}, granted: {type: boolean}}
states:
  open:
    on:
      write:  {by: [clerk], title: {en: Write it, fr: Écrire}, form: {place: optional}}
      submit: {by: [clerk], form: {budget: required}, approve: {by: [chief]}, target: closed}
      lock:   {by: [clerk], target: locked}
  locked:
    on: {unlock: {by: [clerk], target: open}}
    steps: {letter: {use: probe/park_on_answer, answer: {by: [clerk], form: {granted: required}}, done: {target: closed}, failed: {target: closed}}}
  closed: {type: final}
"""


class SuggestionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, ["probe"])
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        file = cls.daemon.folder / "papers.yaml"
        file.write_text(WORKFLOW, encoding="utf-8")
        loaded = cls.daemon.load(file, who="ada")
        assert loaded.status == 201, loaded

    def open_case(self):
        answer = self.daemon.post("/v1/cases", {"workflow": "papers", "data": {"place": "Dakar"}}, "awa")
        self.assertEqual(answer.status, 201, answer)
        return answer.body["code"]

    def write(self, case, what, body=None, who="awa", **named):
        return self.daemon.post(f"/v1/cases/{case}/{what}", body or {}, who, **named)

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        return answer.body

    def suggested(self, answer, status, code, name):
        """A refusal that offers the name, in words and for programs; None: it offers nothing."""
        body = self.refused(answer, status, code)
        self.assertEqual(body.get("suggest"), [name] if name else None)
        self.assertTrue(body["hint"], body)
        self.assertEqual(body["hint"] == f"Did you mean {name}?", name is not None, body)


class Names(SuggestionsTest):
    def test_of_routes_queries_and_people(self):
        get = self.daemon.get
        self.suggested(get("/v1/workflow", "awa"), 404, "no-such-route", "/v1/workflows")
        self.suggested(get("/nothing/like/it", "awa"), 404, "no-such-route", None)
        self.suggested(get("/v1/admin/backup", "awa"), 404, "no-such-route", None)  # see the admin socket
        self.suggested(get("/v1/cases?stat=open", "awa"), 400, "bad-request", "state")
        self.suggested(get("/v1/cases?colour=red", "awa"), 400, "bad-request", None)
        self.suggested(get("/v1/inbox?lnag=fr", "awa"), 400, "bad-request", "lang")
        self.suggested(get("/v1/inbox", "awaa"), 403, "not-permitted", "awa")  # a demo store alone

    def test_of_workflows(self):
        opening = {"workflow": "paper", "data": {"place": "x"}}
        self.suggested(self.daemon.post("/v1/cases", opening, "awa"), 404, "no-such-workflow", "papers")
        self.suggested(self.daemon.get("/v1/workflows/pappers", "awa"), 404, "no-such-workflow", "papers")
        self.suggested(self.daemon.get("/v1/workflows/return", "awa"), 404, "no-such-workflow", None)

    def test_of_steps_and_events(self):
        case = self.open_case()
        self.suggested(self.write(case, "steps/leter/answer"), 404, "no-such-step", "letter")
        settling = {"outcome": "again", "reason": "x"}
        self.suggested(self.write(case, "steps/lettre/settle", settling), 404, "no-such-step", "letter")
        self.suggested(self.write(case, "steps/visa/answer"), 404, "no-such-step", None)
        self.suggested(self.write(case, "transitions/wirte"), 409, "not-available", "write")

    def test_of_fields_members_roles_kinds_and_flags(self):
        case, other = self.open_case(), self.open_case()
        self.write(case, "flags", {"flag": "urgent"})
        for what, body, status, pointer, name in (
            ("transitions/write", {"data": {"plase": "x"}}, 422, "/data/plase", "place"),
            ("transitions/write", {"dta": {}}, 400, "/dta", "data"),
            ("assign", {"pool": "clerck"}, 422, "/pool", "clerk"),
            ("assign", {"person": "eve", "role": "chef"}, 422, "/role", "chief"),
            ("links", {"case": other, "kind": "siblin"}, 422, "/kind", "sibling"),
            ("flags", {"flag": "urgemt", "raised": False}, 422, "/flag", "urgent"),
        ):
            body = self.write(case, what, body).body
            self.assertEqual(body["status"], status, body)
            self.assertEqual([(one["pointer"], one.get("suggest")) for one in body["errors"]], [(pointer, name)])

    def test_never_of_cases_documents_or_proposals(self):
        case = self.open_case()
        for name in (case[:-1] + ("A" if case[-1] != "A" else "B"), case[:-1], case.lower()):
            answer = self.daemon.get(f"/v1/cases/{name}", "awa")
            self.assertNotIn("suggest", self.refused(answer, 404, "no-such-case"))
            self.assertNotIn(case, answer.raw.decode())
        answer = self.write(case, "links", {"case": "SN-2026-00001-A", "kind": "sibling"})
        self.assertNotIn("suggest", self.refused(answer, 422, "field-invalid")["errors"][0])
        self.assertNotIn("suggest", self.refused(self.write(case, "proposals/1/approve", who="binta"), 404,
                                                 "no-such-proposal"))
        self.assertNotIn("suggest", self.refused(self.daemon.get(f"/v1/cases/{case}/documents/7", "awa"), 404,
                                                 "no-such-document"))


class Instead(SuggestionsTest):
    def events(self, answer):
        body = self.refused(answer, 409, "not-available")
        return {one["event"]: one for one in body["available"]}

    def test_every_refusal_of_a_state_tells_what_is_possible(self):
        case = self.open_case()
        self.assertEqual(self.write(case, "transitions/submit", {"data": {"budget": 7}}).status, 202)
        again = self.write(case, "transitions/submit", {"data": {"budget": 8}})
        self.assertEqual(set(self.events(again)), {"write", "submit", "lock"})
        self.assertFalse(self.events(again)["submit"]["allowed"])
        self.assertNotIn("suggest", again.body)  # of itself
        self.assertEqual(self.write(case, "proposals/1/reject", {"reason": "too dear"}, "binta").status, 200)
        for what, body, who in (
            ("transitions/unlock", None, "awa"),
            ("steps/letter/answer", None, "awa"),
            ("steps/letter/settle", {"outcome": "again", "reason": "x"}, "awa"),
            ("proposals/1/approve", None, "binta"),
            ("proposals/1/reject", {"reason": "x"}, "binta"),
        ):
            with self.subTest(what):
                found = self.events(self.write(case, what, body, who))
                self.assertEqual(set(found), {"write", "submit", "lock"})
                self.assertEqual(found["write"]["allowed"], who == "awa")

    def test_of_a_closed_case_there_is_nothing(self):
        case = self.open_case()
        self.write(case, "transitions/submit", {"data": {"budget": 7}})
        self.assertEqual(self.write(case, "proposals/1/approve", who="binta").status, 200)
        for what, body in (("transitions/write", None), ("assign", {"person": "awa"})):
            self.assertEqual(self.events(self.write(case, what, body)), {})

    def test_in_the_language_that_is_asked_for(self):
        case = self.open_case()
        found = self.events(self.write(case, "transitions/unlock", language="fr"))
        self.assertEqual(found["write"]["title"], "Écrire")
        found = self.events(self.write(case, "transitions/unlock"))
        self.assertEqual(found["write"]["title"], "Write it")

    def test_whoever_may_not_see_the_case_is_told_nothing_of_it(self):
        case = self.open_case()
        self.write(case, "flags", {"flag": "legal_hold"})
        body = self.refused(self.write(case, "erase", {"reason": "x"}, "dpo"), 409, "not-available")
        self.assertNotIn("available", body)
        body = self.refused(self.write(case, "export/approve", {}, "binta"), 409, "not-available")
        self.assertNotIn("available", body)

    def test_who_is_late_learns_who_did_what(self):
        case = self.open_case()
        path, before = f"/v1/cases/{case}", self.daemon.get(f"/v1/cases/{case}", "awa").body["revision"]
        for what, body, who, event in (
            ("transitions/write", {"data": {"place": "Thiès"}}, "eve", "write"),
            ("notes", {"text": "x"}, "binta", "case.note"),
            ("assign", {"person": "eve"}, "binta", "case.assign"),
        ):
            self.assertEqual(self.write(case, what, body, who).status, 200)
            now = self.daemon.get(path, "binta").body
            late = self.write(case, "notes", {"text": "y"}, "binta", revision=before)
            body = self.refused(late, 412, "stale-revision")
            said = (body["changed_by"], body["changed_event"], body["changed_at"], body["revision"])
            self.assertEqual(said, (who, event, now["changed"]["at"], now["revision"]))
        # It is eve's now: whoever it was taken from learns nothing more of it.
        body = self.refused(self.write(case, "notes", {"text": "z"}, "awa", revision=before), 404, "no-such-case")
        self.assertNotIn("changed_by", body)


if __name__ == "__main__":
    unittest.main()
