"""The description of the socket (engine/api/openapi) as tests use it: whether an answer is as it says.

    description = Description(json)
    description.check("GET", "/v1/cases?mine=1", answer)    # raises Untrue

Answers are held to it strictly here: a member that it does not name is a fault, though a client must
ignore it. Debian's python3-jsonschema.
"""

import copy
import json
import re
import warnings

import jsonschema

WHERE = "engine/api/openapi/ (schemas.py, paths.py)"
PROBLEM = "application/problem+json"
# Of no route; or told before a route is looked for.
# Headers that say how an answer is sent.
OF_HTTP = ("Cache-Control", "Connection", "Content-Length", "Content-Type", "Date", "Transfer-Encoding")
EVERYWHERE = ("no-such-route", "method-not-allowed", "bad-request", "busy", "stopping", "too-large")


class Untrue(AssertionError):
    """An answer is not as the description says."""


def strict(schema):
    """Objects have the members that are named, and no others."""
    if isinstance(schema, dict):
        made = {name: strict(part) for name, part in schema.items()}
        if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
            made.setdefault("additionalProperties", False)
        return made
    return [strict(part) for part in schema] if isinstance(schema, list) else schema


def shape(value):
    """Of which members and kinds the value is made: what looks like another was checked with it. Short
    texts belong to it, since some must be one of a few words."""
    if isinstance(value, dict):
        return frozenset((name, shape(part)) for name, part in value.items())
    if isinstance(value, list):
        return ("list", frozenset(map(shape, value)))
    return (type(value), value if isinstance(value, str) and len(value) < 12 else None)


class Description:
    def __init__(self, text):
        self.json = json.loads(text)
        whole = copy.deepcopy(self.json)
        whole["components"]["schemas"] = strict(whole["components"]["schemas"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Debian 13 has another resolver beside this one
            self.resolver = jsonschema.RefResolver.from_schema(whole)
        self.routes = [
            (method.upper(), re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$"), path, operation)
            for path, item in self.json["paths"].items() for method, operation in item.items()
        ]
        # A path of words goes before one of names: /v1/cases/search is no case.
        self.routes.sort(key=lambda route: route[2].count("{"))
        self.validators = {}
        self.seen = set()

    def find(self, method, path):
        """(pattern, operation); None: no route."""
        path = path.split("?")[0]
        method = "GET" if method == "HEAD" else method
        for its_method, pattern, name, operation in self.routes:
            if its_method == method and pattern.match(path):
                return name, operation
        return None

    def faults(self, key, schema, value):
        """What is wrong with the value, as texts."""
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(strict(schema), resolver=self.resolver)
        found = []
        for error in self.validators[key].iter_errors(value):
            at = "/" + "/".join(str(part) for part in error.absolute_path)
            best = jsonschema.exceptions.best_match([error])
            deep = "/".join(str(part) for part in best.absolute_path)
            found.append(f"at {at}: {best.message[:300]} (at /{deep})")
        return found

    def check(self, method, path, answer):
        """Raises Untrue where the answer is not one that the description has."""
        found = self.find(method, path)
        if found is None or answer.code in EVERYWHERE:
            return
        name, operation = found
        where = f"{method} {name} answered {answer.status}"
        response = operation["responses"].get(str(answer.status))
        if response is None:
            raise Untrue(f"{where} ({answer.code or 'no problem'}), and {WHERE} does not say that it may: {answer}")
        media = answer.headers.get("Content-Type", "").split(";")[0]
        said = {kind.split(";")[0]: part for kind, part in response["content"].items()}
        if media not in said and "*/*" not in said:
            raise Untrue(f"{where} with {media}, and {WHERE} says {', '.join(said)}")
        for header in answer.headers:
            if header not in OF_HTTP and header not in response["headers"]:
                raise Untrue(f"{where} with the header {header}, of which {WHERE} says nothing")
        if media in said and answer.body is not None and method != "HEAD":
            key = (method, name, answer.status, media)
            if (key, shape(answer.body)) in self.seen:
                return
            faults = self.faults(key, said[media]["schema"], answer.body)
            if faults:
                raise Untrue(f"{where}, and not as {WHERE} says:\n  " + "\n  ".join(faults[:5]) + f"\n{answer}")
            self.seen.add((key, shape(answer.body)))
