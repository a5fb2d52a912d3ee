#!/usr/bin/env python3
"""The description of the socket is served, keeps OpenAPI 3.1's rules, has every route of the daemon, and
is true: each of its examples is replayed against a real daemon, and each answer held to its schema."""

import copy
import json
import re
import time
import unittest

import jsonschema

from daemon import BUILD, ROOT, Answer
from openapi_kit import Untrue
from openapi_world import DescribedTest
from rights import routes_of_the_daemon

# What is answered with success elsewhere alone: a sealed store is unlocked in keys.py.
NO_SUCCESS = {"POST /v1/admin/unlock"}
KEYS_OF_A_PATH = {"get", "post", "patch", "put", "delete", "head", "options", "trace"}
KEYS_OF_AN_OPERATION = {"operationId", "summary", "description", "tags", "parameters", "requestBody", "responses"}
KEYS_OF_A_PARAMETER = {"name", "in", "required", "schema", "description", "example", "$ref"}
KEYS_OF_A_RESPONSE = {"description", "headers", "content"}


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


class Rules(unittest.TestCase):
    """Debian 12 has no validator of OpenAPI 3.1: its rules, as far as this document could break them."""

    @classmethod
    def setUpClass(cls):
        cls.json = json.loads((BUILD / "engine/api/openapi.json").read_text(encoding="utf-8"))
        cls.operations = [
            (method, path, operation)
            for path, item in cls.json["paths"].items() for method, operation in item.items()
        ]

    def look_up(self, reference):
        self.assertTrue(reference.startswith("#/"), reference)
        value = self.json
        for part in reference[2:].split("/"):
            self.assertIn(part, value, reference)
            value = value[part]
        return value

    def test_the_document_has_what_it_must(self):
        self.assertRegex(self.json["openapi"], r"^3\.1\.\d+$")
        self.assertLessEqual(set(self.json), {"openapi", "info", "servers", "tags", "paths", "components"})
        self.assertLessEqual({"title", "version"}, set(self.json["info"]))
        for reference in references(self.json):
            self.look_up(reference)

    def test_every_operation_keeps_the_rules(self):
        names = [operation["operationId"] for _, _, operation in self.operations]
        self.assertEqual(len(names), len(set(names)))
        tags = {tag["name"] for tag in self.json["tags"]}
        for method, path, operation in self.operations:
            with self.subTest(route=f"{method} {path}"):
                self.assertIn(method, KEYS_OF_A_PATH)
                self.assertTrue(path.startswith("/"))
                own = {key for key in operation if not key.startswith("x-")}
                self.assertLessEqual(own, KEYS_OF_AN_OPERATION)
                self.assertLessEqual(set(operation["tags"]), tags)
                self.check_parameters(path, operation["parameters"])
                self.check_responses(operation["responses"])
                if "requestBody" in operation:
                    self.assertTrue(operation["requestBody"]["content"])

    def check_parameters(self, path, parameters):
        parameters = [self.look_up(one["$ref"]) if "$ref" in one else one for one in parameters]
        keys = [(one["in"], one["name"].lower()) for one in parameters]
        self.assertEqual(len(keys), len(set(keys)))
        in_path = {one["name"] for one in parameters if one["in"] == "path"}
        self.assertEqual(in_path, set(re.findall(r"\{(\w+)\}", path)))
        for one in parameters:
            self.assertLessEqual(set(one), KEYS_OF_A_PARAMETER)
            self.assertIn(one["in"], ("path", "query", "header"))
            self.assertIn("schema", one)
            self.assertTrue(one["in"] != "path" or one["required"])
            # These three are no parameters of a description.
            self.assertNotIn(one["name"].lower(), ("accept", "content-type", "authorization"))

    def check_responses(self, responses):
        self.assertTrue(responses)
        for status, response in responses.items():
            self.assertRegex(status, r"^[1-5]\d\d$")
            self.assertLessEqual(set(response), KEYS_OF_A_RESPONSE)
            self.assertTrue(response["description"])

    def test_every_schema_is_one(self):
        schemas = list(self.json["components"]["schemas"].values())
        for _, _, operation in self.operations:
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            schemas += [part["schema"] for body in bodies for part in body.get("content", {}).values()]
        for schema in schemas:
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_every_route_of_the_daemon_is_in_it_and_no_other(self):
        ours = {(method.lower(), path) for method, path, _ in routes_of_the_daemon()}
        described = {(method, path) for method, path, _ in self.operations}
        self.assertEqual(ours - described, set(), "add them to engine/api/openapi/paths.py")
        self.assertEqual(described - ours, set(), "take them away from engine/api/openapi/paths.py")

    def test_every_header_that_the_daemon_asks_for_is_in_it(self):
        source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "engine/api").rglob("*.c"))
        asked = set(re.findall(r'headers_(?:get|list|weight)\(\w+, "([\w-]+)"', source))
        told = {one["name"] for one in self.json["components"]["parameters"].values() if one["in"] == "header"}
        # Those of HTTP itself, of which OpenAPI says that they are no parameters or tells otherwise.
        own = {"Accept", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Transfer-Encoding"}
        self.assertGreater(len(asked), 8)
        self.assertEqual(asked - own, told)
        used = json.dumps(self.json["paths"])
        for name in told:
            self.assertIn(f"#/components/parameters/{name}", used)

    def test_every_route_has_an_example_and_one_that_succeeds(self):
        for method, path, operation in self.operations:
            statuses = [one["status"] for one in operation["x-sankofa-examples"]]
            self.assertTrue(statuses, f"{method} {path}: give it an example in paths.py")
            if f"{method.upper()} {path}" not in NO_SUCCESS:
                self.assertTrue(any(status < 300 for status in statuses), f"{method} {path}")


class Replay(DescribedTest):
    def replay(self, method, path, operation, example):
        for name, value in example.get("path", {}).items():
            path = path.replace("{" + name + "}", self.filled(value))
        if "query" in example:
            path += "?" + "&".join(f"{name}={value}" for name, value in example["query"].items())
        body, headers = self.filled(example.get("body")), self.filled(example.get("headers", {}))
        if isinstance(body, str):
            headers.setdefault("Content-Type", "application/yaml")
            body = body.encode()
        is_admin = operation["tags"] == ["admin"] or example.get("socket") == "admin"
        end = time.monotonic() + 20
        while True:
            answer = self.daemon.ask(method, path, body, example["as"], headers=headers,
                                     socket_path=self.daemon.admin if is_admin else self.daemon.staff)
            # The long work of an example before this one goes on, as it may.
            if answer.code != "busy" or example["status"] == 503 or time.monotonic() > end:
                break
            time.sleep(0.1)
        self.assertEqual(answer.status, example["status"], answer)
        self.description.check(method, path, answer)
        return answer

    def test_every_example_is_answered_as_the_description_says(self):
        count = 0
        for path, item in self.description.json["paths"].items():
            for method, operation in item.items():
                for example in operation["x-sankofa-examples"]:
                    with self.subTest(route=f"{method.upper()} {path}", example=example["name"]):
                        self.replay(method.upper(), path, operation, copy.deepcopy(example))
                        count += 1
        self.assertGreater(count, 60)

    def test_every_body_of_an_example_is_as_the_description_says(self):
        for path, item in self.description.json["paths"].items():
            for method, operation in item.items():
                schema = operation.get("requestBody", {}).get("content", {}).get("application/json")
                for example in operation["x-sankofa-examples"]:
                    if schema and example["status"] < 400:
                        faults = self.description.faults((method, path), schema["schema"], example["body"])
                        self.assertEqual(faults, [], f"{method} {path}: {example['name']}")

    def test_it_is_served_on_both_sockets(self):
        for socket_path in (self.daemon.staff, self.daemon.admin):
            answer = self.daemon.get("/v1/openapi.json", "awa", socket_path=socket_path)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.body, self.description.json)

    def test_what_is_not_as_described_is_found(self):
        headers = {"Content-Type": "application/json"}

        def answer(status, body, **more):
            return Answer(status, {**headers, **more}, json.dumps(body).encode())

        check = self.description.check
        good = {"cases": [], "total": 0}
        check("POST", "/v1/cases/search", answer(200, good))
        for bad in (answer(200, {"cases": []}), answer(200, {**good, "more": 1}), answer(200, {**good, "total": "0"}),
                    answer(201, good), answer(200, {"cases": [{"code": "SN"}], "total": 1}),
                    answer(200, good, Location="/v1/x")):
            with self.assertRaises(Untrue):
                check("POST", "/v1/cases/search", bad)
        problem = self.daemon.get("/v1/cases/SN-2020-00001-0", "awa")
        check("GET", "/v1/cases/SN-2020-00001-0", problem)
        problem.body["code"] = "disk-full"
        with self.assertRaises(Untrue):
            check("GET", "/v1/cases/SN-2020-00001-0", problem)


if __name__ == "__main__":
    unittest.main()
