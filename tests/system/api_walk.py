#!/usr/bin/env python3
"""The API as somebody uses it who gets everything wrong: the description of the socket is walked, and each
route is sent what it does not take. Every answer has the right code and says what to do; none is a fault of
the daemon's, nothing hangs, and nothing is changed."""

import contextlib
import copy
import json
import re
import unittest

from daemon import Answer, Connection, headers_of
from openapi_world import DescribedTest

ANSWER_S = 10
# Nobody's idea of an id. The first ones cannot be read at all.
UNREADABLE = ("%", "%4", "%zz", "%00", "%ff", "%C0%AF", "%ED%A0%80", "1%00", "%0d%0aX:%20y")
STRANGE = ("..", "%2e%2e", "%2F", "a%2Fb", "%20", "+", "*", "{case}", "null", "-1", "0", "00", "1e3", "9" * 20, "01", "+1",
           "1.0", "1%20", "%F0%9F%98%80", "%25", "%2525", ";a=b", "$ref", "x" * 4000, "0" * 32, "F" * 32)
NOT_FOUND = {
    "case": (404, "no-such-case"), "workflow": (404, "no-such-workflow"), "event": (409, "not-available"),
    "step": (404, "no-such-step"), "proposal": (404, "no-such-proposal"), "glass": (404, "no-such-glass"),
    "document": (404, "no-such-document"), "slot": (404, "no-such-slot"), "operation": (404, "no-such-operation"),
}
# A value of each kind; a member takes one kind.
KINDS = {"string": "x", "integer": 7, "boolean": True, "object": {}, "array": [], "null": None, "number": 1.5}
NUMBERS = ("", "x", "-1", "1.5", "1e2", "0x10", "+5", "%2B5", "%D9%A3", "%205", "9" * 20)
QUERIES = {
    "limit": (*NUMBERS, "0", "501", "1000000000"), "after": NUMBERS, "seq": (*NUMBERS, "0"), "old": NUMBERS,
    "as": ("", "xml", "SVG", "svg,dot"), "country": ("sn", "SNX", "S", "%C3%A9%C3%A9"),
    "cursor": ("x", "0", "1", "-1", "eyJ", "a" * 3000, "%F0%9F%98%80", "9" * 20),
    **{flag: ("", "2", "true", "-1", "01") for flag in ("mine", "overdue", "closed", "dry_run", "follow")},
}


class WalkTest(DescribedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operations = [(method.upper(), path, operation) for path, item in cls.description.json["paths"].items()
                          for method, operation in item.items()]
        cls.made_before = {}

    def made(self, name):
        """What is refused changes nothing: one of each is enough."""
        if name in ("@operation", "@slot"):
            return "9"
        if name not in self.made_before:
            self.made_before[name] = super().made(name)
        return self.made_before[name]

    def request(self, method, path, operation):
        """(path, body, headers, who, socket) of an example that succeeds, where there is one."""
        examples = operation["x-sankofa-examples"]
        example = copy.deepcopy(next((one for one in examples if one["status"] < 300), examples[0]))
        for name, value in example.get("path", {}).items():
            path = path.replace("{" + name + "}", self.filled(value))
        headers = self.filled(example.get("headers", {}))
        body = self.filled(example.get("body"))
        body = body.encode() if isinstance(body, str) else body
        headers.setdefault("Content-Type", "application/yaml" if isinstance(body, bytes) else "application/json")
        headers = {name: value for name, value in headers.items() if name not in ("Idempotency-Key", "If-Match")}
        is_admin = operation["tags"] == ["admin"] or example.get("socket") == "admin"
        return path, body, headers, example["as"], self.daemon.admin if is_admin else self.daemon.staff

    def send(self, method, path, body, headers, who, socket_path):
        """The answer, on a connection of its own; bytes go as they are."""
        with contextlib.closing(Connection(socket_path, timeout=ANSWER_S)) as connection:
            raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
            connection.putrequest(method, path, skip_accept_encoding=True)
            lines = headers_of(who=who, headers=headers)
            if raw is not None:
                lines.setdefault("Content-Length", str(len(raw)))
            for name, value in lines.items():
                connection.putheader(name, value)
            connection.endheaders(raw)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        if method != "HEAD":
            self.description.check(method, path, answer)
        return answer

    def told(self, answer, status, code):
        """Refused like that, with what is wrong and what to do."""
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        self.assertTrue(answer.body["detail"], answer)
        self.assertTrue({"hint", "errors", "available"} & set(answer.body), answer)
        self.assertNotIn("%%", answer.raw.decode())
        return answer.body

    @contextlib.contextmanager
    def nothing_changes(self):
        for _, path, operation in self.operations:  # what examples stand on is made before
            self.request("", path, operation)
        if erased := self.made_before.get("@erased"):  # its end is an entry, too
            self.daemon.wait_for(f"/v1/cases/{erased}/erase", lambda answer: answer.body["status"] == "erased", "dpo")
        before = self.daemon.get("/v1/status").body
        yield
        after = self.daemon.get("/v1/status").body
        self.assertEqual((after["seq"], after["cases"]), (before["seq"], before["cases"]))
        self.assertTrue(self.daemon.is_running())


class Bodies(WalkTest):
    def json_routes(self):
        for method, path, operation in self.operations:
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content and path != "/v1/admin/unlock":  # the store is open
                yield method, path, operation, content["application/json"]["schema"]

    def test_a_member_of_another_kind_one_too_many_and_one_that_is_missing(self):
        count = 0
        with self.nothing_changes():
            for method, path, operation, schema in self.json_routes():
                target, body, headers, who, socket_path = self.request(method, path, operation)
                for name, member in schema["properties"].items():
                    for kind, value in KINDS.items():
                        if kind == member["type"]:
                            continue
                        with self.subTest(route=f"{method} {path}", member=name, kind=kind):
                            wrong = {**(body or {}), name: value}
                            said = self.told(self.send(method, target, wrong, headers, who, socket_path), 400, "bad-request")
                            self.assertEqual([one["pointer"] for one in said["errors"]], [f"/{name}"])
                            count += 1
                with self.subTest(route=f"{method} {path}"):
                    for name in schema["required"]:
                        less = {key: value for key, value in body.items() if key != name}
                        said = self.told(self.send(method, target, less, headers, who, socket_path), 400, "bad-request")
                        self.assertIn(f"/{name}", [one["pointer"] for one in said["errors"]])
                    more = {**(body or {}), "no_such": 1, "a/b~c": 2}
                    said = self.told(self.send(method, target, more, headers, who, socket_path), 400, "bad-request")
                    self.assertEqual([one["pointer"] for one in said["errors"]], ["/no_such", "/a~1b~0c"])
        self.assertGreater(count, 150)

    def test_what_is_no_json_and_json_that_no_two_readers_read_alike(self):
        def spliced(text):
            return lambda body: json.dumps(body).encode()[:-1] + (b", " if body else b"") + text + b"}"

        bodies = {
            "nothing": lambda body: b"", "null": lambda body: b"null", "a list": lambda body: b"[]",
            "half of it": lambda body: json.dumps(body).encode()[:-1], "two": lambda body: json.dumps(body).encode() * 2,
            "a mark of its order": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
            "quotes of Python": lambda body: b"{'a': 1}", "a comment": lambda body: b"/**/" + json.dumps(body).encode(),
            "a name twice": spliced(b'"zz": 1, "zz": 2'), "no number": spliced(b'"zz": NaN'),
            "a number too large": spliced(b'"zz": 1e999'), "400 digits": spliced(b'"zz": ' + b"9" * 400),
            "half a pair": spliced(b'"zz": "\\ud800"'), "no UTF-8": spliced(b'"zz": "\xff"'),
            "a NUL in a name": spliced(b'"z\\u0000z": 1'), "70 levels": spliced(b'"zz": ' + b"[" * 70 + b"]" * 70),
            "100,000 levels": spliced(b'"zz": ' + b"[" * 100000 + b"]" * 100000),
        }
        with self.nothing_changes():
            for method, path, operation, _ in self.json_routes():
                target, body, headers, who, socket_path = self.request(method, path, operation)
                for what, made in bodies.items():
                    with self.subTest(route=f"{method} {path}", what=what):
                        answer = self.send(method, target, made(body or {}), headers, who, socket_path)
                        self.assertIn("JSON", self.told(answer, 400, "bad-request")["detail"])

    def test_what_is_not_said_to_be_json_and_what_is_packed(self):
        with self.nothing_changes():
            for method, path, operation, _ in self.json_routes():
                target, body, headers, who, socket_path = self.request(method, path, operation)
                for name, values in (("Content-Type", ("text/plain", "application/jsonx", "")), ("Content-Encoding", ("gzip", "br"))):
                    for value in values:
                        with self.subTest(route=f"{method} {path}", header=f"{name}: {value}"):
                            answer = self.send(method, target, body or {}, {**headers, name: value}, who, socket_path)
                            self.told(answer, 415, "unsupported-media-type")

    def test_a_text_that_is_too_long_is_told_how_long_it_may_be(self):
        case = self.filled("@open")
        answer = self.daemon.post(f"/v1/cases/{case}/notes", {"text": "x" * 2001}, "awa")
        self.assertEqual(self.told(answer, 400, "bad-request")["errors"][0]["message"], "This text is longer than 2000 bytes.")


class Targets(WalkTest):
    def test_names_that_name_nothing(self):
        with self.nothing_changes():
            for method, path, operation in self.operations:
                target, body, headers, who, socket_path = self.request(method, path, operation)
                for name in re.findall(r"\{(\w+)\}", path):
                    at = path.split("/").index("{" + name + "}")
                    for value in (*UNREADABLE, *STRANGE):
                        parts = target.split("/")
                        parts[at] = value
                        with self.subTest(route=f"{method} {path}", name=name, value=value[:20]):
                            answer = self.send(method, "/".join(parts), body, headers, who, socket_path)
                            wanted = (400, "bad-request") if value in UNREADABLE else NOT_FOUND[name]
                            self.told(answer, *wanted)

    def test_queries_that_say_nothing(self):
        with self.nothing_changes():
            for method, path, operation in self.operations:
                target, body, headers, who, socket_path = self.request(method, path, operation)
                names = [one["name"] for one in operation["parameters"] if one.get("in") == "query"]
                asked = [f"{name}={value}" for name in names for value in QUERIES.get(name, ())]
                asked += ["no_such=1", "=1", "lang=fr&lang=en", "LANG=fr", "lang=%ff", "lang=%0", "&".join(f"a{i}=" for i in range(20))]
                for query in asked:
                    with self.subTest(route=f"{method} {path}", query=query[:40]):
                        answer = self.send(method, f"{target}?{query}", body, headers, who, socket_path)
                        self.told(answer, 400, "bad-request")
                answer = self.send(method, f"{target}?lnag=fr", body, headers, who, socket_path)
                self.assertEqual(self.told(answer, 400, "bad-request")["suggest"], ["lang"])

    def test_a_part_of_a_query_that_stands_twice_is_named(self):
        body = self.told(self.daemon.get("/v1/cases?limit=1&mine=1&limit=2", "awa"), 400, "bad-request")
        self.assertIn('"limit" twice', body["detail"])

    def test_cursors_are_of_their_list_and_of_cases_that_one_may_see(self):
        cases = [self.of_rights() for _ in range(4)]
        cursor = self.daemon.get("/v1/cases?limit=2", "awa").body["cursor"]
        self.assertEqual(self.daemon.get(f"/v1/cases?limit=2&cursor={cursor}", "awa").status, 200)
        self.told(self.daemon.get(f"/v1/cases?cursor={cursor}", "gil"), 400, "bad-request")
        for who in ("binta", "guest"):
            self.daemon.get(f"/v1/cases/{cases[0]}/history", who)
        self.daemon.post(f"/v1/cases/{cases[0]}/notes", {"text": "x"}, "awa")
        for what, who in (("history", "awa"), ("reads", "aud")):
            path = f"/v1/cases/{cases[0]}/{what}?limit=1"
            own = self.daemon.get(path, who).body["cursor"]
            self.assertEqual(self.daemon.get(f"{path}&cursor={own}", who).status, 200)
            self.told(self.daemon.get(f"/v1/cases/{cases[1]}/{what}?cursor={own}", who), 400, "bad-request")
            self.told(self.daemon.get(f"{path}&cursor={own}0", who), 400, "bad-request")

    def test_methods_that_a_path_does_not_take(self):
        methods = {}
        for method, path, operation in self.operations:
            methods.setdefault(path, {})[method] = operation
        with self.nothing_changes():
            for path, own in methods.items():
                target, _, headers, who, socket_path = self.request("", path, next(iter(own.values())))
                allowed = set(own) | ({"HEAD"} if "GET" in own else set())
                for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} - allowed:
                    with self.subTest(route=path, method=method):
                        answer = self.send(method, target, None, {}, who, socket_path)
                        self.assertEqual(set(answer.headers["Allow"].split(", ")), allowed)
                        if method == "HEAD":
                            self.assertEqual((answer.status, answer.raw), (405, b""))
                        else:
                            self.told(answer, 405, "method-not-allowed")

    def test_head_is_get_without_its_body(self):
        for method, path, operation in self.operations:
            if method != "GET" or "export" in path or path == "/v1/events":
                continue
            target, _, headers, who, socket_path = self.request(method, path, operation)
            with self.subTest(route=path):
                whole = self.send("GET", target, None, {}, who, socket_path)
                head = self.send("HEAD", target, None, {}, who, socket_path)
                self.assertEqual((head.status, head.raw), (whole.status, b""))
                self.assertEqual(head.headers["Content-Type"], whole.headers["Content-Type"])


class Headers(WalkTest):
    def test_revisions_that_are_none_and_where_there_is_none(self):
        with self.nothing_changes():
            for method, path, operation in self.operations:
                if method == "GET":
                    continue
                target, body, headers, who, socket_path = self.request(method, path, operation)
                values = ["abc", "1", 'W/"1"', '"1","2"', '"-1"', '""', '"x"', '"1.0"', '"' + "9" * 20 + '"']
                values += [] if "{case}" in path else ['"1"', '"7"']
                for value in values:
                    with self.subTest(route=f"{method} {path}", value=value):
                        answer = self.send(method, target, body, {**headers, "If-Match": value}, who, socket_path)
                        self.told(answer, 400, "bad-request")

    def test_keys_that_are_none(self):
        with self.nothing_changes():
            for method, path, operation in self.operations:
                target, body, headers, who, socket_path = self.request(method, path, operation)
                for value in ("", "a b", "k" * 201, "k\u00e9", "k\x7f"):
                    with self.subTest(route=f"{method} {path}", value=value[:10]):
                        answer = self.send(method, target, body, {**headers, "Idempotency-Key": value}, who, socket_path)
                        self.told(answer, 400, "bad-request")

    def test_a_key_is_of_one_request_of_one_person(self):
        case, other = self.of_rights(), self.of_rights()

        def write(what, body, who="awa", of=case):
            return self.daemon.post(f"/v1/cases/{of}/{what}", body, who, key="one")

        first = write("notes", {"text": "a"})
        again = write("notes", {"text": "a"})
        self.assertEqual((again.status, again.body["seq"]), (200, first.body["seq"]))
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        for what, body in (("notes", {"text": "b"}), ("flags", {"flag": "x"})):
            self.told(write(what, body), 422, "idempotency-key-reused")
        for answer in (write("notes", {"text": "a"}, "binta"), write("notes", {"text": "a"}, of=other)):
            self.assertEqual((answer.status, answer.headers["Idempotent-Replayed"]), (200, None))

    def test_writes_of_no_case_are_carried_out_once(self):
        for path, body, other in (
            ("/v1/admin/clock", {"advance": "1h"}, {"advance": "2h"}),
            ("/v1/admin/keys/slots", {"kind": "key_file", "key": "ab" * 32}, {"kind": "key_file", "key": "cd" * 32}),
        ):
            with self.subTest(path):
                first = self.admin_once(path, body)
                again = self.admin_once(path, body)
                self.assertEqual((again.status, again.body), (first.status, first.body))
                self.assertEqual((first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]), (None, "true"))
                self.told(self.admin_once(path, other), 422, "idempotency-key-reused")
        shares = self.admin_once("/v1/admin/keys/slots", {"kind": "recovery"}, "shares")
        self.assertEqual(len(shares.body["shares"]), 5)
        body = self.told(self.admin_once("/v1/admin/keys/slots", {"kind": "recovery"}, "shares"), 409, "not-available")
        self.assertIn("shares were shown", body["detail"])
        path = f"/v1/admin/keys/slots/{shares.body['slot']}/remove"
        self.assertEqual([self.admin_once(path, {}, "away").status for _ in range(2)], [200, 200])
        self.daemon.restart()
        self.assertEqual(self.admin_once(path, {}, "away").headers["Idempotent-Replayed"], "true")

    def admin_once(self, path, body, key="admin"):
        return self.daemon.post(path, body, "ada", key=key + path, socket_path=self.daemon.admin)

    def test_preferences_are_words_of_their_own(self):
        for prefer, is_whole in (("return=representation", True), ("wait=5, RETURN=representation; x=1", True),
                                 ("return=minimal", False), ("xreturn=representation", False), ("return=representations", False)):
            answer = self.daemon.post(f"/v1/cases/{self.of_rights()}/notes", {"text": "x"}, "awa", headers={"Prefer": prefer})
            self.assertEqual("available" in answer.body, is_whole, prefer)

    def test_every_write_of_a_case_may_be_answered_with_the_whole_case(self):
        for method, path, operation in self.operations:
            if not any(one.get("$ref", "").endswith("/Prefer") for one in operation["parameters"]):
                continue
            self.made_before.clear()
            target, body, headers, who, socket_path = self.request(method, path, operation)
            with self.subTest(route=f"{method} {path}"):
                answer = self.send(method, target, body, {**headers, "Prefer": "return=representation"}, who, socket_path)
                self.assertLess(answer.status, 300, answer)


if __name__ == "__main__":
    unittest.main()
