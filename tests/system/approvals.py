#!/usr/bin/env python3
"""Submissions that others must approve, over the real socket and with the real client: who may, who
counts, what ends a proposal, and that a crash loses nothing of it."""

import http.client
import threading
import unittest

from daemon import Connection, Daemon, ROOT, headers_of

PEOPLE = {
    "awa": {"roles": ["clerk", "judge"]},
    "binta": {"roles": ["judge"]},
    "codou": {"roles": ["judge"]},
    "codou_at_court": {"roles": ["judge", "chief"], "person": "codou"},
    "dibor": {"roles": ["chief"]},
    "gil": {"roles": ["reader"]},
    "ada": {"roles": ["administrator"]},
}
PANEL = ROOT / "tests/system/panel.yaml"


class PanelTest(unittest.TestCase):
    """A daemon for each class, a case for each test."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, ["probe", "crash"])
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        loaded = cls.daemon.load(PANEL, who="ada")
        assert loaded.status == 201, loaded

    def setUp(self):
        opened = self.daemon.post("/v1/cases", {"workflow": "panel"}, "awa")
        self.assertEqual(opened.status, 201, opened)
        self.case = opened.body["code"]

    def do(self, event, data=None, who="awa", status=200, **named):
        path = f"/v1/cases/{self.case}/transitions/{event}"
        done = self.daemon.post(path, {"data": data or {}}, who, **named)
        self.assertEqual(done.status, status, done)
        return done

    def submit(self, **named):
        return self.do("decide", {"plan": "He goes home."}, status=202, **named)

    def judge(self, verb, who, status=200, code="", number=1, body=None, **named):
        path = f"/v1/cases/{self.case}/proposals/{number}/{verb}"
        done = self.daemon.post(path, body, who, **named)
        self.assertEqual((done.status, done.code), (status, code), done)
        return done

    def approve(self, who, status=200, code="", **named):
        return self.judge("approve", who, status, code, **named)

    def reject(self, who, reason, status=200, code=""):
        return self.judge("reject", who, status, code, body={"reason": reason})

    def show(self, who="awa"):
        return self.daemon.get(f"/v1/cases/{self.case}", who).body

    def states(self):
        return [state["id"] for state in self.show()["states"]]

    def inbox(self, who):
        """What of this case is in the inbox: (the line or None, the notices)."""
        body = self.daemon.get("/v1/inbox?limit=500", who).body
        lines = [line for line in body["cases"] if line["code"] == self.case]
        told = [notice for notice in body["notices"] if notice["code"] == self.case]
        return (lines[0] if lines else None), told

    def kinds(self, who):
        return [notice["kind"] for notice in self.inbox(who)[1]]


class Approving(PanelTest):
    def test_two_people_approve_and_it_is_carried_out_as_the_submitters(self):
        made = self.submit()
        self.assertEqual(made.body["proposal"]["status"], "open")
        self.assertEqual(made.body["proposal"]["missing"], 2)
        self.assertEqual(self.states(), ["drafting", "fine"])
        self.assertNotIn("plan", self.show()["data"])
        self.assertEqual(self.approve("binta").body["proposal"]["missing"], 1)
        last = self.approve("dibor", body={"comment": "Well argued."})
        self.assertEqual(last.body["proposal"]["status"], "carried")
        self.assertEqual(last.body["states"], ["decided"])
        shown = self.show()
        self.assertEqual(shown["data"]["decided_by"], "awa")
        self.assertEqual(shown["data"]["plan"], "He goes home.")
        approvals = shown["proposals"][0]["approvals"]
        self.assertEqual([one["by"] for one in approvals], ["binta", "dibor"])
        kinds = [e["kind"] for e in
                 self.daemon.get(f"/v1/cases/{self.case}/history", "awa").body["entries"]]
        self.assertEqual(kinds, ["open", "proposal", "approval", "approval", "carried"])

    def test_the_submitter_is_refused_though_the_role_fits(self):
        self.submit()
        refused = self.approve("awa", 403, "not-permitted")
        self.assertIn("somebody else", refused.body["detail"])
        self.judge("reject", "awa", 403, "not-permitted", body={"reason": "I think again."})

    def test_one_person_with_two_accounts_counts_once(self):
        self.submit()
        self.approve("codou")
        refused = self.approve("codou_at_court", 409, "not-available")
        self.assertIn("as codou", refused.body["detail"])
        self.assertEqual(self.show()["proposals"][0]["missing"], 1)
        self.approve("binta")
        self.assertEqual(self.states(), ["decided"])

    def test_a_role_that_may_not_approve_is_refused_and_a_stranger_sees_no_case(self):
        self.submit()
        refused = self.approve("gil", 403, "not-permitted")
        self.assertIn("judge or chief", refused.body["detail"])
        self.approve("ada", 404, "no-such-case")
        self.approve("binta", 404, "no-such-proposal", number=2)
        self.approve("binta", 404, "no-such-proposal", number="first")

    def test_a_rejection_ends_it_with_its_reason_which_who_took_part_is_told(self):
        self.submit()
        self.approve("binta")
        self.reject("dibor", "", 422, "field-invalid")
        self.judge("reject", "dibor", 400, "bad-request", body={})
        done = self.reject("dibor", "The family was not seen.")
        self.assertEqual(done.body["proposal"]["status"], "rejected")
        refused = self.approve("codou", 409, "not-available")
        self.assertIn("dibor rejected it", refused.body["detail"])
        self.assertIn("The family was not seen.", refused.body["hint"])
        for who in ("awa", "binta"):
            self.assertEqual(self.kinds(who), ["proposal"])
            self.assertEqual(self.show(who)["proposals"][0]["reason"], "The family was not seen.")
        self.assertEqual(self.kinds("dibor"), [])
        self.submit()  # it may be submitted anew, under the next number
        self.assertEqual(self.show()["proposals"][0]["proposal"], 2)

    def test_a_change_of_what_it_rests_on_ends_it_and_tells_who_approved(self):
        self.submit()
        self.approve("binta")
        self.do("set_risk", {"risk": 5}, who="codou")
        ended = self.show()["proposals"][0]
        self.assertEqual((ended["status"], ended["field"]), ("changed", "risk"))
        for who in ("awa", "binta"):
            told = self.inbox(who)[1]
            self.assertEqual([one["status"] for one in told], ["changed"])
        self.assertEqual(self.kinds("codou"), [])
        self.approve("dibor", 409, "not-available")
        self.assertEqual(self.states(), ["drafting", "fine"])

    def test_to_leave_its_state_ends_it(self):
        self.submit()
        self.do("leave")
        self.assertEqual(self.show()["proposals"][0]["status"], "left")
        self.do("back")
        self.approve("binta", 409, "not-available")

    def test_a_second_submission_is_refused_while_one_waits(self):
        self.submit()
        refused = self.do("decide", {"plan": "Otherwise."}, status=409)
        self.assertIn("proposal 1 waits for approval", refused.body["detail"])
        offers = {one["event"]: one for one in self.show()["available"]}
        self.assertFalse(offers["decide"]["allowed"])

    def test_a_guard_that_does_not_hold_makes_no_proposal(self):
        self.do("set_risk", {"risk": 6})
        refused = self.do("decide", {"plan": "x"}, status=422)
        self.assertEqual(refused.code, "guard-failed")
        self.assertEqual(self.show()["proposals"], [])

    def test_a_stale_reader_approves_nothing(self):
        revision = self.submit().body["revision"]
        self.approve("binta", revision=revision)
        self.approve("dibor", 412, "stale-revision", revision=revision)

    def test_who_sees_no_sensitive_field_judges_without_it(self):
        self.submit()
        self.assertEqual(self.show("dibor")["proposals"][0]["data"], {})
        self.assertEqual(self.show("dibor")["proposals"][0]["hidden"], ["plan"])
        self.assertEqual(self.show("binta")["proposals"][0]["data"], {"plan": "He goes home."})

    def test_an_approver_s_inbox_asks_until_they_have_answered(self):
        self.assertIsNone(self.inbox("dibor")[0])
        self.submit()
        asked = self.inbox("dibor")[0]["approve"]
        self.assertEqual(asked, [{"proposal": 1, "event": "decide", "title": "Decide", "by": "awa"}])
        self.approve("dibor")
        self.assertIsNone(self.inbox("dibor")[0])
        self.assertNotIn("approve", self.inbox("awa")[0])
        self.assertIn("approve", self.inbox("codou_at_court")[0])


class Loading(PanelTest):
    def test_approvals_that_too_few_could_give_are_warned_of(self):
        source = PANEL.read_text(encoding="utf-8").replace("by: [chief]}", "by: [chief], need: 3}")
        headers = {"Content-Type": "application/yaml"}
        answer = self.daemon.post("/v1/workflows?dry_run=1", source.encode(), "ada", headers=headers)
        self.assertEqual(answer.status, 200, answer)
        told = [(one["code"], one["message"]) for one in answer.body["warnings"]]
        self.assertEqual(told, [("W210", "3 must approve, and 2 of those this daemon knows may")])


class Repeats(PanelTest):
    def test_repeats_are_answered_as_before_after_a_restart_too(self):
        first = self.submit(key=f"{self.case}-submit")
        half = self.approve("binta", key=f"{self.case}-half")
        last = self.approve("dibor", key=f"{self.case}-last")
        for end in (lambda: None, self.daemon.kill, self.daemon.stop):
            end()
            if not self.daemon.is_running():
                self.daemon.start()
            for before, again in (
                (first, self.submit(key=f"{self.case}-submit")),
                (half, self.approve("binta", key=f"{self.case}-half")),
                (last, self.approve("dibor", key=f"{self.case}-last")),
            ):
                self.assertEqual(again.body["seq"], before.body["seq"])
                self.assertEqual(again.status, before.status)
                self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        self.approve("binta", 422, "idempotency-key-reused", key=f"{self.case}-half",
                     body={"comment": "other"})
        entries = self.daemon.get(f"/v1/cases/{self.case}/history", "awa").body["entries"]
        self.assertEqual(len(entries), 5)

    def test_kill_9_between_the_last_approval_and_the_carrying_out_loses_neither(self):
        self.submit()
        self.do("wind")  # its check now takes a while
        self.approve("binta")
        cut = []

        def approve_last():
            with_key = headers_of(who="dibor", key=f"{self.case}-last")
            try:
                Connection(self.daemon.staff).ask(
                    "POST", f"/v1/cases/{self.case}/proposals/1/approve", {}, with_key)
            except (http.client.HTTPException, OSError) as error:
                cut.append(error)

        thread = threading.Thread(target=approve_last)
        thread.start()
        self.daemon.wait_for(f"/v1/cases/{self.case}", who="awa",
                             is_so=lambda a: a.body["proposals"][0]["status"] == "approved")
        self.daemon.kill()
        thread.join(30)
        self.assertEqual(len(cut), 1)  # nobody was told anything
        self.daemon.start()
        again = self.approve("dibor", key=f"{self.case}-last")
        self.assertEqual(again.body["proposal"]["status"], "carried")
        self.assertEqual(self.states(), ["decided"])
        entries = self.daemon.get(f"/v1/cases/{self.case}/history", "awa").body["entries"]
        self.assertEqual([e["kind"] for e in entries].count("carried"), 1)

    def test_a_stop_answers_who_waits_and_the_next_start_carries_it_out(self):
        self.submit()
        self.do("wind")
        self.approve("binta")
        answers = []

        def approve_last():
            path = f"/v1/cases/{self.case}/proposals/1/approve"
            answers.append(Connection(self.daemon.staff).ask("POST", path, {}, headers_of("dibor")))

        thread = threading.Thread(target=approve_last)
        thread.start()
        self.daemon.wait_for(f"/v1/cases/{self.case}", who="awa",
                             is_so=lambda a: a.body["proposals"][0]["status"] == "approved")
        self.assertEqual(self.daemon.stop(), 0)
        thread.join(30)
        self.assertIn(answers[0].status, (200, 202), answers)
        self.daemon.start()
        self.daemon.wait_for(f"/v1/cases/{self.case}", who="awa",
                             is_so=lambda a: a.body["states"][0]["id"] == "decided")


class Checks(PanelTest):
    def test_a_check_that_fails_at_carrying_out_is_tried_again(self):
        self.do("hurry", status=202)
        self.do("ice")  # from now on its plugin crashes
        answer = self.approve("dibor", 202)
        self.assertEqual(answer.body["proposal"]["status"], "approved")
        self.assertIn("message", answer.body["proposal"])
        self.assertEqual(self.states(), ["drafting", "frost"])
        self.approve("codou_at_court", 409, "not-available")
        self.do("sun")
        self.daemon.advance("1min")
        self.daemon.wait_for(f"/v1/cases/{self.case}", who="awa",
                             is_so=lambda a: a.body["states"][0]["id"] == "decided")
        self.assertEqual(self.show()["proposals"][0]["status"], "carried")


class Telling(PanelTest):
    def test_reminders_and_escalation_come_by_the_clock_to_the_right_people(self):
        self.assertEqual(self.kinds("awa"), [])
        self.daemon.advance("+3d")
        self.assertEqual(self.kinds("awa"), ["remind"])
        self.assertEqual(self.kinds("dibor"), [])
        self.daemon.advance("+2d")
        self.assertEqual(self.kinds("awa"), ["overdue"])
        self.assertEqual(self.kinds("dibor"), ["overdue"])
        self.assertEqual(self.kinds("gil"), [])
        notice = self.inbox("dibor")[1][0]
        self.assertEqual((notice["state"], notice["title"]), ("drafting", "Draft"))
        said = self.daemon.run("inbox", "--limit", "500", who="dibor").stdout
        self.assertRegex(said, rf"(?m)^  \S+ \S+  {self.case}  Overdue: Draft  \(due .*\)$")
        said = self.daemon.run("inbox", "--limit", "500", "--lang", "fr", who="dibor").stdout
        self.assertIn("Projet", said)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.kinds("dibor"), ["overdue"])
        self.do("leave")
        self.assertEqual(self.kinds("dibor"), [])

    def test_what_the_workflow_tells_a_role_is_in_its_inbox_and_leaves_with_its_state(self):
        self.submit()
        self.approve("binta")
        self.approve("dibor")
        self.assertEqual([n["text"] for n in self.inbox("gil")[1]], ["A decision is to be read."])
        self.assertEqual(self.kinds("binta"), [])
        self.do("close")
        self.assertEqual(self.kinds("gil"), [])


class Client(PanelTest):
    def run_client(self, *words, **named):
        return self.daemon.run(*words, **named)

    def test_do_says_who_must_approve_and_how(self):
        done = self.run_client("do", self.case, "decide", "-f", "plan=Home", who="awa")
        self.assertEqual(done.stdout, f"{self.case}  Draft · fine\n")
        self.assertIn("proposal 1 (Decide) waits for 2 more approvals, by Judge or Chief", done.stderr)
        self.assertIn(f"sankofa approve {self.case} 1", done.stderr)
        self.assertIn(f"sankofa reject {self.case} 1 --reason", done.stderr)

    def test_show_and_inbox_tell_what_waits_and_for_whom(self):
        self.submit()
        self.approve("codou")
        shown = self.run_client("show", self.case, who="binta").stdout
        self.assertRegex(shown, r"(?m)^Waits for approval$")
        self.assertRegex(shown, r"(?m)^  1  Decide  by awa ")
        self.assertRegex(shown, r"(?m)^  Plan +He goes home\.$")
        self.assertRegex(shown, r"(?m)^      1 of 2 approvals, by Judge or Chief$")
        self.assertIn(f"you may: sankofa approve {self.case} 1", shown)
        self.assertIn("you may not: it is your own", self.run_client("show", self.case, who="awa").stdout)
        inbox = self.run_client("inbox", "--limit", "500", who="binta").stdout
        self.assertRegex(inbox, rf"(?m)^  {self.case}  Decide, by awa  \(sankofa approve {self.case} 1\)$")

    def test_the_only_proposal_needs_no_number_and_several_are_listed(self):
        self.submit()
        done = self.run_client("approve", self.case, "--comment", "Yes.", who="binta")
        self.assertIn("Approved; proposal 1 (Decide) waits for 1 more, by Judge or Chief.", done.stderr)
        self.do("hurry", status=202)
        done = self.run_client("approve", self.case, who="dibor", status=2)
        self.assertIn("2 proposals of", done.stderr)
        self.assertRegex(done.stdout, r"(?m)^  2  Hurry")
        done = self.run_client("approve", self.case, "1", who="dibor")
        self.assertEqual(done.stdout, f"{self.case}  Decided\n")
        self.assertIn("Proposal 1 was carried out.", done.stderr)
        done = self.run_client("approve", self.case, who="dibor", status=5)
        self.assertIn("No proposal of", done.stderr)

    def test_a_rejection_wants_its_reason_and_is_shown(self):
        self.submit()
        self.run_client("reject", self.case, who="binta", status=2)
        done = self.run_client("reject", self.case, "--reason", "Not seen.", who="binta")
        self.assertIn("rejected", done.stderr)
        shown = self.run_client("show", self.case, who="awa").stdout
        self.assertRegex(shown, r"(?m)^      rejected  .* by binta: Not seen\.$")
        self.assertRegex(shown, r"(?m)^You are told$")

    def test_statuses_tell_refusals_apart(self):
        self.submit()
        self.run_client("approve", self.case, "1", who="awa", status=4)
        self.run_client("approve", self.case, "1", who="gil", status=4)
        self.run_client("approve", self.case, "7", who="binta", status=5)
        self.run_client("approve", self.case, "1", who="binta")
        self.run_client("approve", self.case, "1", who="binta", status=6)


if __name__ == "__main__":
    unittest.main()
