#!/usr/bin/env python3
"""Every code of a refusal and every status of the client is on its page with what to do, and is provoked
by a test: the tests that SHOWN names are run here, and what the daemon and the client then really said is
looked at. A code that none of them provokes fails, whatever a table says."""

import re
import shutil
import sys
import tempfile
import unittest

import lmdb

import daemon as kit
from daemon import ROOT, Daemon
from rights import PEOPLE, RightsTest

PAGE = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
FAULTY = """\
workflow: faulty
title: Faulty
country: SN
roles: {clerk: {title: Clerk}}
open: {by: [clerk]}
fields: {count: {type: integer, initial: 0}}
states:
  open: {on: {divide: {by: [clerk], guard: 10 / data.count > 1, target: closed}}}
  closed: {type: final}
"""

# The code (and its status, where it has several), or the client's status, and a test that provokes it. A new code needs a row of errors.md and
# one here.
SHOWN = {
    "bad-request": "errors.Rest.test_what_is_no_request_of_a_route",
    "not-permitted": "api_requests.Refusals.test_a_wrong_role_is_refused",
    "wrong-key": "keys.Sealed.test_wrong_passphrases_are_told_and_slow_down",
    "no-such-route": "errors.Rest.test_what_is_no_request_of_a_route",
    "no-such-case": "api_requests.Refusals.test_cases_of_other_countries_are_as_if_absent",
    "no-such-workflow": "api_requests.Refusals.test_opening_is_refused_like_any_event",
    "no-such-step": "errors.Rest.test_what_is_not_in_a_case",
    "no-such-operation": "errors.Rest.test_what_is_not_on_the_admin_socket",
    "no-such-proposal": "errors.Rest.test_what_is_not_in_a_case",
    "no-such-slot": "errors.Rest.test_what_is_not_on_the_admin_socket",
    "no-such-document": "errors.Rest.test_what_is_not_in_a_case",
    "no-such-glass": "errors.Rest.test_what_is_not_in_a_case",
    "method-not-allowed": "errors.Rest.test_what_is_no_request_of_a_route",
    "not-available": "api_requests.Refusals.test_an_unknown_event_is_refused_with_what_is_available",
    "erased": "errors.Rest.test_a_case_that_was_erased",
    "stale-revision": "errors.Rest.test_a_revision_that_is_stale",
    "too-large 413": "errors.Rest.test_a_body_over_the_limit",
    "too-large 431": "errors.Rest.test_headers_over_the_limit",
    "unsupported-media-type": "errors.Rest.test_what_is_no_request_of_a_route",
    "field-invalid": "api_requests.Refusals.test_missing_and_mistyped_fields_are_told_all_at_once",
    "guard-failed": "api_requests.Refusals.test_a_false_guard_is_refused_with_its_explanation",
    "check-refused": "api_requests.Refusals.test_a_refusing_check_is_told_with_its_reasons",
    "definition-invalid": "api_requests.Refusals.test_a_workflow_with_faults_is_refused_with_their_places",
    "idempotency-key-reused": "errors.Rest.test_a_key_that_was_used",
    "workflow-fault": "errors.Rest.test_a_guard_that_errs",
    "busy 429": "keys.Sealed.test_wrong_passphrases_are_told_and_slow_down",
    "busy 503": "api_requests.Races.test_more_than_16_that_wait_for_one_case_are_told_busy",
    "disk-full": "api_life.FullDisk.test_first_new_cases_are_refused_then_everything_and_then_all_goes_on",
    "stopping": "api_life.Clock.test_a_stop_ends_it_with_an_answer",
    "sealed": "keys.Sealed.test_sealed_daemon_answers_status_and_unlock_alone",
    "plugin-failed": "plugins.Crash.test_its_check_fails_with_a_reason_and_changes_nothing",
    "quarantined": "errors.Damaged.test_a_case_whose_snapshot_is_damaged",
    "internal": "errors.Damaged.test_an_old_entry_that_is_damaged",
    0: "errors.Rest.test_statuses_of_the_client",
    2: "errors.Rest.test_statuses_of_the_client",
    3: "errors.Rest.test_statuses_of_the_client",
    4: "errors.Rest.test_statuses_of_the_client",
    5: "errors.Rest.test_statuses_of_the_client",
    6: "errors.Rest.test_statuses_of_the_client",
    7: "client.Busy.test_a_daemon_that_stays_busy_is_status_7",
    8: "errors.Damaged.test_an_old_entry_that_is_damaged",
    9: "client.Refusals.test_statuses_tell_refusals_apart",
    10: "errors.Rest.test_statuses_of_the_client",
}


def kinds():
    """{(code, HTTP, status of the client)} of the table in base/problem.c."""
    source = (ROOT / "engine/base/problem.c").read_text(encoding="utf-8")
    statuses = dict(re.findall(r"(EXIT_\w+) = (\d+)", source))
    rows = re.findall(r'\{PROBLEM_\w+,\s+"([\w-]+)",\s+(\d+),\s+(EXIT_\w+)', source)
    return {(code, http, statuses[name]) for code, http, name in rows if code != "none"}


def names_of_codes():
    """As SHOWN calls them."""
    codes = [code for code, _, _ in kinds()]
    return {code if codes.count(code) == 1 else f"{code} {http}" for code, http, _ in kinds()}


def client_statuses():
    header = (ROOT / "engine/client/client.h").read_text(encoding="utf-8")
    own = {int(number) for number in re.findall(r"CLIENT_\w+ = (\d+),?\n", header) if int(number) <= 10}
    return own | {int(status) for _, _, status in kinds()} | {0}


class Rest(RightsTest):
    """Codes that no other test has."""

    def refused(self, answer, code):
        self.assertEqual(answer.code, code, answer)
        self.assertIn((code, str(answer.status)), {kind[:2] for kind in kinds()})

    def write(self, case, what, who):
        return self.daemon.post(f"/v1/cases/{case}/{what}", {}, who)

    def test_what_is_no_request_of_a_route(self):
        ask = self.daemon.ask
        self.refused(ask("GET", "/v1/case", who="awa"), "no-such-route")
        wrong = ask("DELETE", "/v1/cases", who="awa")
        self.refused(wrong, "method-not-allowed")
        self.assertEqual(wrong.headers["Allow"], "POST, GET, HEAD")
        self.refused(ask("POST", "/v1/cases", {"wrokflow": "rights"}, "awa"), "bad-request")
        self.refused(ask("POST", "/v1/cases", b"a=1", "awa", headers={"Content-Type": "text/plain"}),
                     "unsupported-media-type")

    def test_a_body_over_the_limit(self):
        # Refused by what it says of itself: nothing of it needs to come.
        headers = {"Content-Length": str(1 << 30)}
        self.refused(self.daemon.ask("POST", "/v1/cases", None, "awa", headers=headers), "too-large")

    def test_headers_over_the_limit(self):
        self.refused(self.daemon.get("/v1/cases", "awa", headers={"X-Long": "x" * 20000}), "too-large")

    def test_what_is_not_in_a_case(self):
        case = self.open_case()
        self.refused(self.write(case, "steps/nothing/answer", "awa"), "no-such-step")
        self.refused(self.write(case, "proposals/7/approve", "binta"), "no-such-proposal")
        self.refused(self.daemon.get(f"/v1/cases/{case}/documents/1", "awa"), "no-such-document")
        self.refused(self.write(case, "break-glass/1/review", "binta"), "no-such-glass")

    def test_what_is_not_on_the_admin_socket(self):
        admin = self.daemon.admin
        self.refused(self.daemon.get("/v1/operations/77", "ada", socket_path=admin), "no-such-operation")
        self.refused(self.daemon.post("/v1/admin/keys/slots/9/remove", {}, "ada", socket_path=admin),
                     "no-such-slot")

    def test_a_case_that_was_erased(self):
        case = self.open_case()
        self.post(case, "erase", {"reason": "The family asked."}, "dpo")
        self.post(case, "erase/approve", {}, "binta", status=202)
        self.refused(self.daemon.get(f"/v1/cases/{case}", "awa"), "erased")

    def test_a_revision_that_is_stale(self):
        path = f"/v1/cases/{self.open_case()}/notes"
        self.refused(self.daemon.post(path, {"text": "x"}, "awa", revision=1), "stale-revision")

    def test_a_key_that_was_used(self):
        path = f"/v1/cases/{self.open_case()}/notes"
        self.assertEqual(self.daemon.post(path, {"text": "x"}, "awa", key="k").status, 200)
        self.refused(self.daemon.post(path, {"text": "y"}, "awa", key="k"), "idempotency-key-reused")

    def test_a_guard_that_errs(self):
        file = self.daemon.folder / "faulty.yaml"
        file.write_text(FAULTY, encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="ada").status, 201)
        case = self.daemon.post("/v1/cases", {"workflow": "faulty"}, "awa").body["code"]
        self.refused(self.write(case, "transitions/divide", "awa"), "workflow-fault")

    def test_statuses_of_the_client(self):
        case, run = self.open_case(), self.daemon.run
        run("list", who="awa", status=0)
        run("lsit", who="awa", status=2)
        run("do", case, "write", "-f", "age=x", who="awa", status=3)
        run("do", case, "end", who="awa", status=4)
        run("show", "SN-2020-00001-0", who="awa", status=5)
        run("do", case, "write", "-f", "name=x", "--revision", "1", who="awa", status=6)
        self.daemon.stop()
        run("list", who="awa", status=10)


class Damaged(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sankofa-errors-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.daemon = Daemon(dict(PEOPLE), folder=self.folder)
        self.addCleanup(self.daemon.kill)
        self.daemon.start()
        assert self.daemon.load("tests/system/rights.yaml", who="ada").status == 201

    def case_with_a_snapshot(self):
        """A case that the start needs no entry of: its snapshot holds them all."""
        body = {"workflow": "rights", "data": {"place": "Dakar"}}
        case = self.daemon.post("/v1/cases", body, "awa").body["code"]
        for _ in range(20):
            self.daemon.post(f"/v1/cases/{case}/notes", {"text": "x"}, "awa")
            status = self.daemon.get("/v1/status", "awa").body
            if status["horizon"] == status["seq"]:
                break
        self.assertEqual(self.daemon.stop(), 0)
        return case

    def damage(self, table, which):
        with lmdb.open(str(self.daemon.store), max_dbs=32, map_size=1 << 30) as store:
            with store.begin(write=True) as transaction:
                place = store.open_db(table, transaction, create=False)
                key, value = list(transaction.cursor(place))[which]
                broken = bytearray(value)
                broken[-1] ^= 1
                transaction.put(key, bytes(broken), db=place)

    def test_a_case_whose_snapshot_is_damaged(self):
        case = self.case_with_a_snapshot()
        self.damage(b"case", 0)
        self.daemon.start()
        answer = self.daemon.get(f"/v1/cases/{case}", "awa")
        self.assertEqual((answer.status, answer.code), (500, "quarantined"), answer)
        self.assertIn("case.quarantined", self.daemon.log())
        self.assertEqual(self.daemon.get("/v1/inbox", "awa").status, 200)

    def test_an_old_entry_that_is_damaged(self):
        case = self.case_with_a_snapshot()
        self.damage(b"journal", 1)  # the case's first; the one before loaded the workflow
        self.daemon.start()
        self.assertEqual(self.daemon.get(f"/v1/cases/{case}", "awa").status, 200)
        answer = self.daemon.get(f"/v1/cases/{case}/history", "awa")
        self.assertEqual((answer.status, answer.code), (500, "internal"), answer)
        self.assertIn("case.unreadable", self.daemon.log())
        self.daemon.run("history", case, who="awa", status=8)


class Page(unittest.TestCase):
    def rows(self):
        codes = re.findall(r"(?m)^\| `([\w-]+)` \| (\d+) \| (\d+) \| (.+) \| (.+) \|$", PAGE)
        statuses = re.findall(r"(?m)^\| `(\d+)` \| (.+) \| (.*) \|$", PAGE)
        return codes, statuses

    def test_every_code_has_a_row_with_what_to_do_and_every_row_a_code(self):
        codes, _ = self.rows()
        told = {(code, http, status) for code, http, status, _, _ in codes}
        self.assertEqual(told, kinds(), "docs/reference/errors.md and engine/base/problem.c")
        self.assertEqual(len(codes), len(told))
        for code, _, _, meaning, advice in codes:
            self.assertGreater(len(meaning), 20, code)
            self.assertGreater(len(advice), 10, code)

    def test_every_status_of_the_client_has_a_row_and_every_row_a_status(self):
        _, statuses = self.rows()
        self.assertEqual({int(status) for status, _, _ in statuses}, client_statuses())
        for status, meaning, advice in statuses:
            self.assertTrue(meaning and (advice or status == "0"), status)

    def test_every_code_and_status_names_a_test(self):
        wanted = names_of_codes() | client_statuses()
        self.assertEqual(set(SHOWN) - wanted, set(), "no code any more: take it out of SHOWN")
        self.assertEqual(wanted - set(SHOWN), set(), "write a test that provokes it, and name it in SHOWN")


class Provoked(unittest.TestCase):
    def test_every_code_and_status_is_provoked_by_its_test(self):
        sys.modules.setdefault("errors", sys.modules["__main__"])
        loader, seen = unittest.TestLoader(), {}
        for name in sorted(set(SHOWN.values())):
            kit.SEEN = seen[name] = set()
            result = unittest.TestResult()
            loader.loadTestsFromName(name).run(result)
            kit.SEEN = None
            problems = [text for _, text in result.failures + result.errors]
            self.assertEqual(problems, [], name)
            if result.skipped:
                print(f"{name}: {result.skipped[0][1]}", file=sys.stderr)
                seen[name] = None
        for code, name in SHOWN.items():
            if seen[name] is not None:
                self.assertIn(code, seen[name], f"{name} does not provoke it")


if __name__ == "__main__":
    unittest.main()
