#!/usr/bin/env python3
"""A role is held in a country. Who has one role here by an entry of their user and another one there by a
group's is in each country exactly who they are in that country: on every route, in every list, they get
what somebody gets who holds that one role alone."""

import json
import re
import unittest

from api_kit import IS_ROOT, NEEDS_ROOT, as_user
from daemon import ROOT, Connection, Daemon, headers_of
from rights import CASE, CASE_ROUTES, ERASE, EXPORT, FETCH, READS

GATE = 100  # `users`: its members may open the socket
# Name: (user, groups). The last three are somebody else in each country; the others are one thing in one.
USERS = {
    "clerk_sn": (70011, ()),
    "chief_gn": (70012, ()),
    "guest_sn": (70013, ()),
    "clerk_gn": (70014, ()),
    "dpo_sn": (70015, ()),
    "auditor_gn": (70016, ()),
    "clerk_chief": (70021, (70501,)),
    "guest_clerk": (70022, (70502,)),
    "dpo_auditor": (70023, (70503,)),
}
# Whom they are to be told apart from nowhere, by country.
PAIRS = {
    "clerk_chief": {"SN": "clerk_sn", "GN": "chief_gn"},
    "guest_clerk": {"SN": "guest_sn", "GN": "clerk_gn"},
    "dpo_auditor": {"SN": "dpo_sn", "GN": "auditor_gn"},
}
PEOPLE = {
    "clerk_sn": {"user": "70011", "roles": ["clerk"], "countries": ["SN"]},
    "chief_gn": {"user": "70012", "roles": ["chief"], "countries": ["GN"]},
    "guest_sn": {"user": "70013", "roles": ["guest"], "countries": ["SN"]},
    "clerk_gn": {"user": "70014", "roles": ["clerk"], "countries": ["GN"]},
    "dpo_sn": {"user": "70015", "roles": ["dpo"], "countries": ["SN"]},
    "auditor_gn": {"user": "70016", "roles": ["auditor"], "countries": ["GN"]},
    "clerk_chief": {"user": "70021", "roles": ["clerk"], "countries": ["SN"]},
    "chiefs": {"group": "70501", "roles": ["chief"], "countries": ["GN"]},
    "guest_clerk": {"user": "70022", "grants": {"SN": ["guest"]}},
    "clerks": {"group": "70502", "grants": {"GN": ["clerk"]}},
    "dpo_auditor": {"user": "70023", "roles": ["dpo"], "countries": ["SN"]},
    "auditors": {"group": "70503", "roles": ["auditor"], "countries": ["GN"]},
    # Those who prepare.
    "awa": {"roles": ["clerk"]},
    "binta": {"roles": ["chief"]},
    "ada": {"roles": ["administrator"]},
    "sada": {"grants": {"SN": ["administrator"], "GN": ["clerk", "chief"]}},
}
WORKFLOWS = {"SN": "rights", "GN": "rights-gn"}
# What an expression is told of who acts.
VISIT = "      visit:  {by: [guest]}\n"
VOUCH = "      vouch:  {by: [clerk, chief, guest], guard: '\"chief\" in by.roles', explain: No chief.}\n"
ROUTES = {**CASE_ROUTES, ("POST", CASE + "/transitions/vouch"): {}, ERASE: {"reason": "x"}, EXPORT: {"reason": "x", "recipient": "age1x"}, FETCH: None,
          READS: None, ("GET", "/v1/events?case={case}"): None}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@unittest.skipUnless(IS_ROOT, NEEDS_ROOT)
class Pairs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, limits={"connections_per_user": 60})
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.folder.chmod(0o711)
        cls.daemon.settings["sockets"]["group"] = "users"
        cls.daemon.write_config()
        cls.daemon.start()
        text = (ROOT / "tests/system/rights.yaml").read_text(encoding="utf-8").replace(VISIT, VISIT + VOUCH)
        for country, name in WORKFLOWS.items():
            file = cls.daemon.folder / f"{name}.yaml"
            own = text.replace("workflow: rights", f"workflow: {name}").replace("country: SN", f"country: {country}")
            file.write_text(own, encoding="utf-8")
            loaded = cls.daemon.load(file, who="ada")
            assert loaded.status == 201, loaded

    def ask(self, name, requests):
        """[(status, body)] of requests [(method, path, body)] that this user makes."""
        uid, groups = USERS[name]

        def work():
            answers = []
            connection = Connection(self.daemon.staff)
            for method, path, body in requests:
                headers = {"Content-Type": "application/pdf", "Sankofa-File": "a.pdf"} if body == "FILE" else {}
                answer = connection.ask(method, path, b"x" if body == "FILE" else body, headers_of(headers=headers))
                answers.append([answer.status, answer.body if answer.body is not None else answer.raw.decode()])
            connection.close()
            return answers

        return as_user(uid, [GATE, *groups], work)

    def open_case(self, country, assigned_to=None):
        """With a note, a document, a proposal that waits, and what is sensitive."""
        post = self.daemon.post
        data = {"place": "Dakar", "name": "Binetou"}
        opened = post("/v1/cases", {"workflow": WORKFLOWS[country], "data": data}, "awa")
        self.assertEqual(opened.status, 201, opened)
        path = f"/v1/cases/{opened.body['code']}"
        headers = {"Content-Type": "application/pdf", "Sankofa-File": "a.pdf"}
        for answer in (post(f"{path}/notes", {"text": "Binetou"}, "binta"),
                       post(f"{path}/documents", b"x", "binta", headers=headers),
                       post(f"{path}/transitions/submit", {"data": {"budget": 7}}, "awa")):
            self.assertLess(answer.status, 300, answer)
        if assigned_to:
            answer = post(f"{path}/assign", {"person": assigned_to, "role": "clerk"}, "binta")
            self.assertEqual(answer.status, 200, answer)
        return opened.body

    def plain(self, value, case, name):
        """The answer, without what differs between two cases and two people who do the same."""
        status, body = value
        if isinstance(body, str) and body.startswith("{"):
            body = [json.loads(line) for line in body.splitlines()]
        text = MOMENT.sub("MOMENT", json.dumps([status, body], ensure_ascii=False, sort_keys=True))
        text = text.replace(case["code"], "CODE").replace(f'"{name}"', '"ME"')
        text = re.sub(r'"(seq|revision|request_id|id|size|sha256|next)": ("[0-9a-f]{16,}"|\d+)', r'"\1": 0', text)
        return text

    def requests_for(self, case):
        made = []
        for (method, pattern), body in ROUTES.items():
            path = pattern.replace("{case}", case["code"]).replace("{event}", "end")
            path = re.sub(r"\{(step|proposal|glass|document)\}", "1", path)
            made.append((method, path, "FILE" if isinstance(body, bytes) else body))
        return made

    def same(self, name, country, assigned_to):
        """On every route, each on a case of its own, as the one who holds that role alone: {route: status}."""
        single = PAIRS[name][country]
        cases = [[self.open_case(country, assigned_to) for _ in ROUTES] for _ in range(2)]
        mine, theirs = ([self.requests_for(case)[at] for at, case in enumerate(own)] for own in cases)
        told = self.ask(name, mine), self.ask(single, theirs)
        for at, route in enumerate(ROUTES):
            with self.subTest(route=route, name=name, country=country, assigned_to=assigned_to):
                self.assertEqual(self.plain(told[0][at], cases[0][at], name),
                                 self.plain(told[1][at], cases[1][at], single))
        return {route: told[0][at][0] for at, route in enumerate(ROUTES)}

    def test_on_every_route_in_every_country(self):
        for name, countries in PAIRS.items():
            for country in countries:
                for assigned_to in (None, "awa"):
                    statuses = self.same(name, country, assigned_to)
                    if name == "clerk_chief" and assigned_to:
                        # So that the comparison is of something: a chief sees what is another clerk's.
                        self.assertEqual(statuses[("GET", CASE)], 404 if country == "SN" else 200)

    def test_nobody_is_given_the_work_of_a_role_that_they_hold_elsewhere(self):
        for who in ("clerk_chief", "clerk_sn"):
            for role, status in (("clerk", 200), ("chief", 422), ("guest", 422)):
                path = f"/v1/cases/{self.open_case('SN')['code']}/assign"
                answer = self.daemon.post(path, {"person": who, "role": role}, "binta")
                self.assertEqual(answer.status, status, (who, role, answer))

    def test_lists_inboxes_searches_and_the_feed_are_of_both_and_of_nothing_else(self):
        for country in WORKFLOWS:
            for assigned_to in (None, "awa"):
                self.open_case(country, assigned_to)
        asked = [("GET", "/v1/cases?limit=500", None), ("GET", "/v1/inbox?limit=500", None),
                 ("POST", "/v1/cases/search?limit=100", {"text": "Binetou"}), ("GET", "/v1/events", None)]

        def lines(name):
            listed, inbox, found, feed = self.ask(name, asked)
            self.assertEqual({listed[0], inbox[0], found[0], feed[0]}, {200}, (listed, inbox, found, feed))
            notices = [{**one, "person": "ME"} for one in inbox[1]["notices"]]
            return [{json.dumps(one, sort_keys=True) for one in part} for part in (
                listed[1]["cases"], inbox[1]["cases"], notices, found[1]["cases"],
                map(json.loads, feed[1].splitlines()))]

        for name, countries in PAIRS.items():
            singles = [lines(single) for single in countries.values()]
            for part, one, other in zip(lines(name), *singles):
                self.assertEqual(part, one | other, name)
            if name != "dpo_auditor":
                self.assertTrue(all(part for part in singles[0][:2]), name)

    def test_opening_takes_the_role_in_the_workflows_country(self):
        for name, countries in PAIRS.items():
            for country, single in countries.items():
                body = {"workflow": WORKFLOWS[country], "data": {"place": "Dakar"}}
                statuses = [self.ask(who, [("POST", "/v1/cases", body)])[0][0] for who in (name, single)]
                self.assertEqual(statuses[0], statuses[1], (name, country))

    def test_whoami_tells_pairs(self):
        body = self.ask("clerk_chief", [("GET", "/v1/whoami", None)])[0][1]
        grants = {(one["role"], one["country"]) for one in body["grants"]}
        self.assertEqual(grants, {("clerk", "SN"), ("chief", "GN")})

    def test_an_administrator_of_one_country_loads_nothing_of_another(self):
        text = (ROOT / "tests/system/rights.yaml").read_text(encoding="utf-8")

        def load(name, country, who, dry=False):
            body = text.replace("workflow: rights", f"workflow: {name}").replace("country: SN\n", country)
            path = "/v1/workflows" + ("?dry_run=1" if dry else "")
            return self.daemon.post(path, body.encode(), who, headers={"Content-Type": "application/yaml"})

        self.assertEqual(load("own", "country: SN\n", "sada").status, 201)
        self.assertEqual(load("theirs", "country: GN\n", "sada", dry=True).status, 200)
        for name, country in (("theirs", "country: GN\n"), ("nobodys", ""), ("rights-gn", "country: SN\n")):
            answer = load(name, country, "sada")
            self.assertEqual((answer.status, answer.code), (403, "not-permitted"), (name, country))
            self.assertIn("administrator", answer.body["hint"])
        self.assertEqual(load("nobodys", "", "ada").status, 201)
        self.assertEqual(load("nobodys", "country: SN\n", "sada").code, "not-permitted")


if __name__ == "__main__":
    unittest.main()
