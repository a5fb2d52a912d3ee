#!/usr/bin/env python3
"""What the socket refuses, through the real socket: each a clear answer, and nothing has changed; and
what a repeated request gets."""

import concurrent.futures
import http.client
import json
import os
import socket
import stat
import time
import unittest
import uuid
from contextlib import ExitStack, closing, suppress

from api_kit import IS_ROOT, NEEDS_ROOT, PEOPLE, ApiTest, as_user
from daemon import Connection, Daemon, headers_of


class Refusals(ApiTest):
    def test_a_wrong_role_is_refused(self):
        case = self.open_case()
        with self.unchanged(case):
            self.refused(self.do(case, "promote"), 403, "not-permitted", "chief")

    def test_a_false_guard_is_refused_with_its_explanation(self):
        case = self.open_case()
        form = {"name": "Moussa", "age": 18}
        with self.unchanged(case):
            said = "Only children under 18 are registered here."
            self.refused(self.do(case, "register", form), 422, "guard-failed", said)
            answer = self.do(case, "register", form, language="fr")
            self.refused(answer, 422, "guard-failed", "Seuls les moins de 18 ans")

    def test_missing_and_mistyped_fields_are_told_all_at_once(self):
        case = self.open_case()
        form = {"age": "ten", "born": "2014-02-30", "alone": 1, "wish": "sty", "nme": "x", "count": 3}
        with self.unchanged(case):
            body = self.refused(self.do(case, "register", form), 422, "field-invalid")
        pointers = {error["pointer"]: error for error in body["errors"]}
        self.assertEqual(
            set(pointers),
            {f"/data/{name}" for name in ("name", "age", "born", "alone", "wish", "nme", "count")},
        )
        self.assertEqual(pointers["/data/wish"]["suggest"], "stay")
        self.assertEqual(pointers["/data/nme"]["suggest"], "name")

    def test_an_unknown_event_is_refused_with_what_is_available(self):
        case = self.open_case()
        with self.unchanged(case):
            body = self.refused(self.do(case, "regster"), 409, "not-available", "register")
        available = {event["event"]: event for event in body["available"]}
        self.assertTrue(available["register"]["allowed"])
        self.assertFalse(available["promote"]["allowed"])

    def test_an_event_of_a_closed_case_is_refused(self):
        case = self.open_case()
        self.done(case, "register", {"name": "Moussa", "age": 11})
        with self.unchanged(case):
            self.refused(self.do(case, "count"), 409, "not-available")

    def test_a_refusing_check_is_told_with_its_reasons(self):
        case = self.open_case()
        with self.unchanged(case):
            answer = self.do(case, "refused")
            body = self.refused(answer, 422, "check-refused", "The stamp is missing.")
        self.assertEqual(len(body["errors"]), 2)

    def test_a_body_over_the_limit_is_refused(self):
        case = self.open_case()
        big = json.dumps({"comment": "x" * (1 << 20)}).encode()
        headers = headers_of(who="awa", headers={"Content-Type": "application/json"})
        # With a Content-Length, which is refused unread, and without.
        for body in (big, (big[at : at + 65536] for at in range(0, len(big), 65536))):
            with self.unchanged(case), closing(Connection(self.daemon.staff)) as connection:
                with suppress(BrokenPipeError):
                    connection.request("POST", f"/v1/cases/{case}/transitions/count", body, headers)
                response = connection.getresponse()
                self.assertEqual(response.status, 413)
                said = json.loads(response.read())
                self.assertEqual(said["code"], "too-large")
                self.assertIn("1048576", said["detail"])

    def test_a_workflow_with_faults_is_refused_with_their_places(self):
        with self.unchanged():
            headers = {"Content-Type": "application/yaml", "Sankofa-File": "bad.yaml"}
            text = b"workflow: bad\ntitle: Bad\nstates:\n  a: {on: {go: {by: [clerk], target: b}}}\n"
            answer = self.daemon.post("/v1/workflows", text, "ada", headers=headers)
            body = self.refused(answer, 422, "definition-invalid", "bad.yaml")
            self.assertGreaterEqual(len(body["errors"]), 2)
            answer = self.daemon.post("/v1/workflows", text, "awa", headers=headers)
            self.refused(answer, 403, "not-permitted", "administrator")

    def test_a_dry_run_loads_nothing(self):
        text = (b"workflow: dry\ntitle: Dry\nroles: {clerk: {title: Clerk}}\nstates:\n"
                b"  a: {on: {go: {by: [clerk], target: b}}}\n  b: {type: final}\n")
        headers = {"Content-Type": "application/yaml"}
        with self.unchanged():
            answer = self.daemon.post("/v1/workflows?dry_run=1", text, "ada", headers=headers)
            self.assertEqual(answer.status, 200, answer)
            self.refused(self.daemon.get("/v1/workflows/dry", "awa"), 404, "no-such-workflow")

    def test_cases_of_other_countries_are_as_if_absent(self):
        case = self.open_case()
        with self.unchanged(case):
            hidden = self.refused(self.daemon.get(f"/v1/cases/{case}", "gil"), 404, "no-such-case")
            absent = self.refused(
                self.daemon.get("/v1/cases/SN-2020-00001-0", "gil"), 404, "no-such-case"
            )
            for body in (hidden, absent):
                for name in ("detail", "hint", "request_id"):
                    body.pop(name, None)
            self.assertEqual(hidden, absent)
            self.refused(self.do(case, "count", who="gil"), 404, "no-such-case")
            self.refused(self.daemon.get(f"/v1/cases/{case}", "ada"), 404, "no-such-case")
            listed = self.daemon.get("/v1/cases?limit=500", "gil").body["cases"]
            self.assertNotIn(case, [one["code"] for one in listed])

    def test_opening_is_refused_like_any_event(self):
        with self.unchanged():
            post = self.daemon.post
            body = {"workflow": "registri", "data": {"place": "Dakar"}}
            self.refused(post("/v1/cases", body, "awa"), 404, "no-such-workflow", "registry")
            body["workflow"] = "registry"
            self.refused(post("/v1/cases", body, "codou"), 403, "not-permitted")
            self.refused(post("/v1/cases", body, "gil"), 403, "not-permitted")
            body["data"] = {"plce": "Dakar"}
            refusal = self.refused(post("/v1/cases", body, "awa"), 422, "field-invalid")
            self.assertEqual(len(refusal["errors"]), 2)

    def test_an_unknown_name_is_refused(self):
        with self.unchanged():
            self.refused(self.daemon.get("/v1/inbox", "awo"), 403, "not-permitted", "awa")
            self.refused(self.daemon.get("/v1/inbox"), 403, "not-permitted", "Sankofa-As")

    def test_half_a_request_leaves_nothing_behind(self):
        case = self.open_case()
        with self.unchanged(case):
            for _ in range(20):
                half = socket.socket(socket.AF_UNIX)
                half.connect(str(self.daemon.staff))
                half.sendall(
                    f"POST /v1/cases/{case}/transitions/count HTTP/1.1\r\nHost: s\r\n"
                    "Sankofa-As: awa\r\nContent-Type: application/json\r\n"
                    "Content-Length: 2\r\n\r\n{".encode()
                )
                half.close()

    def test_text_that_is_no_utf8_never_comes_back(self):
        with self.unchanged():
            for path in ("/v1/cases/%ff", "/v1/cases?state=%c3", "/v1/cases/%00"):
                self.refused(self.daemon.get(path, "awa"), 400, "bad-request")
            raw = b'{"workflow": "registry", "data": {"place": "\xff"}}'
            headers = {"Content-Type": "application/json"}
            answer = self.daemon.post("/v1/cases", raw, "awa", headers=headers)
            self.refused(answer, 400, "bad-request", "UTF-8")

    def test_a_nul_in_a_text_is_kept_or_refused_but_never_cuts(self):
        body = {"workflow": "registry\u0000x", "data": {"place": "Dakar"}}
        with self.unchanged():
            self.refused(self.daemon.post("/v1/cases", body, "awa"), 404, "no-such-workflow")

    def test_the_log_names_nobody_and_tells_no_value(self):
        case = self.open_case()
        self.done(case, "register", {"name": "Moussa Ndiaye", "age": 11})
        self.refused(self.do(case, "register", {"name": "Ousmane"}), 409, "not-available")
        log = self.daemon.log()
        self.assertIn("route=/v1/cases/{case}/transitions/{event} status=200 by=awa", log)
        for word in ("Moussa", "Ousmane", "Dakar"):
            self.assertNotIn(word, log)
            self.assertNotIn(word, self.daemon.get("/v1/status").raw.decode())

    def test_a_body_of_50000_unknown_fields_does_not_stall(self):
        case = self.open_case()
        data = {f"registrar{i}": 1 for i in range(50000)}
        with self.unchanged(case):
            body = self.refused(self.do(case, "register", data), 422, "field-invalid")
            self.assertLessEqual(len(body["errors"]), 200)


class Races(ApiTest):
    def test_of_two_who_race_on_one_revision_one_is_told_the_other_was_first(self):
        for _ in range(20):
            case = self.open_case()
            revision = self.show(case)["revision"]

            def write(who):
                path = f"/v1/cases/{case}/transitions/count"
                return self.ask_alone("POST", path, {}, who=who, revision=revision)

            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                answers = list(pool.map(write, ["awa", "bea"]))
            self.assertEqual(sorted(answer.status for answer in answers), [200, 412], answers)
            late = max(answers, key=lambda answer: answer.status)
            first = "bea" if answers[0] is late else "awa"
            body = self.refused(late, 412, "stale-revision")
            self.assertEqual((body["changed_by"], body["changed_event"]), (first, "count"))
            self.assertEqual(self.show(case)["data"]["count"], 1)
            self.assertEqual(body["revision"], self.show(case)["revision"])
            self.assertEqual(len(self.history(case)), 2)

    def test_without_a_revision_both_are_carried_out(self):
        case = self.open_case()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            path = f"/v1/cases/{case}/transitions/count"
            answers = list(
                pool.map(lambda who: self.ask_alone("POST", path, {}, who=who), ["awa", "bea"] * 8)
            )
        self.assertEqual([answer.status for answer in answers], [200] * 16)
        self.assertEqual(self.show(case)["data"]["count"], 16)
        seqs = [answer.body["seq"] for answer in answers]
        self.assertEqual(len(set(seqs)), 16)

    def test_more_than_16_that_wait_for_one_case_are_told_busy(self):
        case = self.open_case()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            slow = pool.submit(self.ask_alone, "POST", f"/v1/cases/{case}/transitions/slow", {},
                               who="awa")
            self.daemon.wait_for("/v1/status", lambda answer: answer.body["calls"] > 0)
            path = f"/v1/cases/{case}/transitions/count"
            answers = list(
                pool.map(lambda _: self.ask_alone("POST", path, {}, who="awa"), range(20))
            )
        self.assertEqual(slow.result().status, 200)
        busy = [answer for answer in answers if answer.status == 503]
        self.assertEqual(len(busy), 4, answers)
        self.refused(busy[0], 503, "busy")
        self.assertEqual(busy[0].headers["Retry-After"], "1")
        self.assertEqual(self.show(case)["data"]["count"], 116)

    def test_the_event_of_a_client_that_left_is_carried_out(self):
        case = self.open_case()
        gone = socket.socket(socket.AF_UNIX)
        gone.connect(str(self.daemon.staff))
        gone.sendall(
            f"POST /v1/cases/{case}/transitions/slow HTTP/1.1\r\nHost: s\r\nSankofa-As: awa\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".encode()
        )
        self.daemon.wait_for("/v1/status", lambda answer: answer.body["calls"] > 0)
        gone.close()
        self.daemon.wait_for(
            f"/v1/cases/{case}", lambda answer: answer.body["data"]["count"] == 100, "awa"
        )


class Repeats(ApiTest):
    def repeated(self, first, again):
        self.assertEqual(again.status, first.status, again)
        self.assertEqual(again.body["seq"], first.body["seq"])
        self.assertEqual(again.body["code"], first.body["code"])
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        self.assertIsNone(first.headers["Idempotent-Replayed"])

    def test_a_repeat_gets_the_first_answer_also_after_kill_9(self):
        body = {"workflow": "registry", "data": {"place": "Dakar"}}
        opening, key = str(uuid.uuid4()), str(uuid.uuid4())
        opened = self.daemon.post("/v1/cases", body, "awa", key=opening)
        self.assertEqual(opened.status, 201, opened)
        case = opened.body["code"]
        self.assertEqual(opened.headers["Location"], f"/v1/cases/{case}")
        first = self.done(case, "count", key=key)
        self.repeated(opened, self.daemon.post("/v1/cases", body, "awa", key=opening))
        self.repeated(first, self.do(case, "count", key=key))
        self.daemon.kill()
        self.daemon.start()
        with self.unchanged(case):
            self.repeated(opened, self.daemon.post("/v1/cases", body, "awa", key=opening))
            self.repeated(first, self.do(case, "count", key=key))
            # A revision that is stale by now does not make a repeat fail.
            self.repeated(first, self.do(case, "count", key=key, revision=opened.body["revision"]))
        self.assertEqual(self.show(case)["data"]["count"], 1)

    def test_another_body_with_the_same_key_is_refused(self):
        case = self.open_case(key="k-1")
        self.done(case, "count", key="k-2")
        with self.unchanged(case):
            self.refused(
                self.daemon.post("/v1/cases", {"workflow": "registry", "data": {"place": "Thiès"}},
                                 "awa", key="k-1"),
                422, "idempotency-key-reused",
            )
            for event, data in (("count", {"age": 1}), ("refused", {})):
                answer = self.do(case, event, data, key="k-2")
                self.refused(answer, 422, "idempotency-key-reused")
        # Somebody else's key is another key.
        self.done(case, "count", who="bea", key="k-2")

    def test_a_refusal_is_not_remembered(self):
        case = self.open_case()
        form = {"name": "Moussa", "age": 18}
        self.refused(self.do(case, "register", form, key="k-3"), 422, "guard-failed")
        form["age"] = 11
        self.done(case, "register", form, key="k-3")

    def test_repeats_at_the_same_time_are_carried_out_once(self):
        case = self.open_case()
        path = f"/v1/cases/{case}/transitions/slow"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda _: self.ask_alone("POST", path, {}, who="awa", key="k-4"), range(8))
            )
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body["seq"] for answer in answers}), 1)
        self.assertEqual(
            sum(answer.headers["Idempotent-Replayed"] == "true" for answer in answers), 7
        )
        self.assertEqual(self.show(case)["data"]["count"], 100)

    def test_the_whole_case_comes_where_it_is_preferred(self):
        case = self.open_case()
        answer = self.done(case, "count", headers={"Prefer": "return=representation"})
        self.assertEqual(answer.body, self.show(case))
        self.assertEqual(answer.headers["ETag"], f'"{answer.body["revision"]}"')


class Languages(ApiTest):
    """Each workflow is told of in the best language that it has."""

    TITLES = {"en": "Papers", "fr": "Papiers", "pt": "Documentos", "wo": "Këyit"}

    def load(self, name, languages):
        titles = ", ".join(f"{language}: {self.TITLES[language]}" for language in languages)
        file = self.daemon.folder / f"{name}.yaml"
        file.write_text(
            f"workflow: {name}\ntitle: {{{titles}}}\nlanguages: [{', '.join(languages)}]\ncountry: SN\n"
            "roles: {clerk: {title: Clerk}}\nopen: {by: [clerk]}\n"
            f"states: {{open: {{title: {{{titles}}}, on: {{end: {{by: [clerk], target: closed, title: {{{titles}}}}}}}}}, "
            "closed: {type: final}}\n", encoding="utf-8")
        self.assertEqual(self.daemon.load(file, who="ada").status, 201)

    def test_of_several_that_are_wanted_each_workflow_takes_the_best_it_has(self):
        self.load("northern", ["en", "fr", "pt"])
        self.load("southern", ["wo", "pt"])
        for wanted, query, northern, southern in (
            ("fr-CI, pt;q=0.8, en;q=0.5", "", "fr", "pt"),
            ("pt;q=0.8, en;q=0.5, fr-CI;q=0.9", "", "fr", "pt"),
            ("de, wo;q=0.1, en;q=0", "", "en", "wo"),
            ("de, *;q=0.5, en;q=0, wo;q=0", "", "fr", "pt"),
            ("de", "", "en", "wo"),
            (None, "", "en", "wo"),
            ("fr", "&lang=pt", "pt", "pt"),
            ("pt", "&lang=fr-FR", "fr", "wo"),
            ("fr", "&lang=de", "en", "wo"),
        ):
            with self.subTest(wanted=wanted, query=query):
                answer = self.daemon.get(f"/v1/workflows?{query[1:]}", "awa", language=wanted)
                told = {one["id"]: one["title"] for one in answer.body["workflows"]}
                self.assertEqual((told["northern"], told["southern"]), (self.TITLES[northern], self.TITLES[southern]))
        for name, language in (("northern", "fr"), ("southern", "pt")):
            opened = self.daemon.post("/v1/cases", {"workflow": name}, "awa", language="fr-CI, pt;q=0.8",
                                      headers={"Prefer": "return=representation"})
            title = self.TITLES[language]
            self.assertEqual([opened.body["title"], opened.body["states"][0]["title"]], [title] * 2)
            self.assertEqual(opened.body["available"][0]["title"], title)
            path = f"/v1/cases/{opened.body['code']}/diagram.svg"
            drawn = self.daemon.get(path, "awa", language="fr-CI, pt;q=0.8").raw.decode()
            self.assertIn(title, drawn)
            self.assertNotIn(self.TITLES["wo"], drawn)


@unittest.skipUnless(IS_ROOT, NEEDS_ROOT)
class Users(ApiTest):
    """Real users: who they are is what the kernel says of them."""

    people = {
        **PEOPLE,
        "fatou": {"user": "70001", "roles": ["clerk"], "countries": ["SN"]},
        "chiefs": {"group": "70500", "roles": ["chief"], "countries": ["SN"]},
    }
    limits = {"connections": 40, "connections_per_user": 5}
    GATE = 100  # `users`: its members may open the socket

    @classmethod
    def configure(cls):
        cls.daemon.folder.chmod(0o711)
        cls.daemon.settings["sockets"]["group"] = "users"
        cls.daemon.write_config()

    def whoami(self, uid, groups=(), path="/v1/whoami", socket_path=None, **named):
        def work():
            answer = self.ask_alone("GET", path, socket_path=socket_path, **named)
            return [answer.status, answer.body]

        return as_user(uid, [self.GATE, *groups], work)

    def test_the_sockets_have_their_modes_and_group(self):
        staff, admin = self.daemon.staff.stat(), self.daemon.admin.stat()
        self.assertEqual((stat.S_IMODE(staff.st_mode), staff.st_gid), (0o660, self.GATE))
        self.assertEqual((stat.S_IMODE(admin.st_mode), admin.st_uid), (0o600, 0))

        def knock(path):
            with closing(Connection(path)) as connection:
                try:
                    connection.connect()
                except PermissionError:
                    return "refused"
                return "open"

        self.assertEqual(as_user(70001, [self.GATE], lambda: knock(self.daemon.admin)), "refused")
        self.assertEqual(as_user(70001, [self.GATE], lambda: knock(self.daemon.staff)), "open")
        self.assertEqual(as_user(70001, [], lambda: knock(self.daemon.staff)), "refused")

    def test_a_user_of_the_table_is_that_person(self):
        status, body = self.whoami(70001)
        self.assertEqual(status, 200)
        self.assertEqual((body["id"], body["roles"], body["acting_as"]), ("fatou", ["clerk"], False))

    def test_an_unknown_user_is_refused_everywhere(self):
        with self.unchanged():
            for path in ("/v1/whoami", "/v1/status", "/v1/inbox", "/v1/workflows", "/v1/metrics"):
                status, body = self.whoami(70002, path=path)
                self.assertEqual((status, body["code"]), (403, "not-permitted"), body)
            self.assertIn("uid=70002", self.daemon.log())

    def test_the_user_65534_is_refused(self):
        status, body = self.whoami(65534, [70500])
        self.assertEqual((status, body["code"]), (403, "not-permitted"))

    def test_groups_count_however_many_there_are(self):
        status, body = self.whoami(70001, [70500])
        self.assertEqual((status, set(body["roles"])), (200, {"clerk", "chief"}))
        status, body = self.whoami(70001, [*range(80000, 81000), 70500])
        self.assertEqual((status, set(body["roles"])), (200, {"clerk", "chief"}))
        # Its primary group counts, too; but a member without a name in this machine is nobody.
        status, body = self.whoami(70500)
        self.assertEqual(status, 403)
        status, body = self.whoami(1, [70500])  # daemon, on every Debian
        self.assertEqual((status, body["id"], body["roles"]), (200, "daemon", ["chief"]))

    def test_only_the_daemons_own_user_acts_as_others(self):
        with self.unchanged():
            status, body = self.whoami(70001, who="codou")
            self.assertEqual((status, body["code"]), (403, "not-permitted"), body)
            self.assertIn("only the user that the daemon runs as", body["detail"])

    def test_a_user_has_its_own_limit_of_connections(self):
        def work():
            said = []
            with ExitStack() as stack:
                for _ in range(20):
                    connection = stack.enter_context(closing(Connection(self.daemon.staff)))
                    try:
                        answer = connection.ask("GET", "/v1/whoami")
                        said.append([answer.status, answer.code, answer.headers["Retry-After"]])
                    except (OSError, http.client.HTTPException):
                        said.append("cut")
            return said

        said = as_user(70001, [self.GATE], work)
        self.assertEqual(said[:5], [[200, "", None]] * 5)
        self.assertEqual(said[5], [429, "busy", "1"])
        self.assertLessEqual({part if part == "cut" else part[0] for part in said[5:]}, {"cut", 429})
        # The others are not concerned, nor is that user a moment later.
        status, _ = self.whoami(1, [70500])
        self.assertEqual(status, 200)
        self.daemon.wait_for("/v1/status", lambda answer: answer.status == 200)
        self.assertEqual(self.whoami(70001)[0], 200)

    def test_who_holds_silent_connections_shuts_nobody_out(self):
        told, teller = os.pipe()

        def hold():
            with ExitStack() as stack:
                held = [
                    stack.enter_context(closing(socket.socket(socket.AF_UNIX))) for _ in range(120)
                ]
                for one in held:
                    one.connect(str(self.daemon.staff))
                os.write(teller, b"!")
                time.sleep(0.4)
                cut = 0
                for one in held:
                    one.setblocking(False)
                    with suppress(BlockingIOError):
                        cut += one.recv(1) == b""
                return cut

        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            cut = pool.submit(as_user, 70001, [self.GATE], hold)
            os.read(told, 1)
            began = time.monotonic()
            self.assertEqual(self.whoami(1, [70500])[0], 200)
            self.assertLess(time.monotonic() - began, 0.4)
            # Five are within the limit and four wait to be told; the others were cut at once.
            self.assertEqual(cut.result(), 120 - 5 - 4)
        os.close(told)
        os.close(teller)


class RealStore(unittest.TestCase):
    """A store that is no demo: nobody acts as anybody, and the clock stands."""

    def test_nobody_acts_as_another_and_the_clock_does_not_move(self):
        people = {"me": {"user": str(os.geteuid()), "roles": ["clerk", "administrator"]}}
        with Daemon(people, demo=False) as daemon:
            daemon.start()
            answer = daemon.get("/v1/whoami")
            self.assertEqual((answer.status, answer.body["id"]), (200, "me"), answer)
            self.assertIsNone(answer.headers["Sankofa-Demo"])
            for who in ("me", "awa"):
                answer = daemon.get("/v1/whoami", who=who)
                self.assertEqual((answer.status, answer.code), (403, "not-permitted"), answer)
            answer = daemon.advance("1d")
            self.assertEqual((answer.status, answer.code), (403, "not-permitted"), answer)
            self.assertEqual(daemon.get("/v1/status").body["seq"], 0)

    def test_people_need_a_user_or_a_group(self):
        with Daemon({"awa": {"roles": ["clerk"]}}, demo=False) as daemon:
            daemon.init()
            done = daemon.sankofad()
            self.assertEqual(done.returncode, 1)
            self.assertIn("E824", done.stderr)
            done = daemon.sankofad("--check-config")
            self.assertEqual(done.returncode, 0)
            self.assertIn("warning[E824]", done.stderr)


if __name__ == "__main__":
    unittest.main()
