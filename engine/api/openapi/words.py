"""The words in which routes are described: short makers of OpenAPI's schemas."""

MOMENT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}


def named(name):
    """A schema of components.schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(members, **more):
    """An object. A member whose name ends with ? may be missing."""
    return {
        "type": "object",
        "properties": {name.rstrip("?"): schema for name, schema in members.items()},
        "required": [name for name in members if not name.endswith("?")],
        **more,
    }


def list_of(schema):
    return {"type": "array", "items": schema}


def map_of(schema, **more):
    """An object whose names are not ours to know."""
    return {"type": "object", "additionalProperties": schema, **more}


def one_of(*words):
    return {"type": "string", "enum": list(words)}


def said(text, schema):
    """The schema with a sentence about it."""
    return {**schema, "description": text}


ANYTHING = map_of(True)


def answer(schema, text="", headers=(), media="application/json"):
    """What a route answers; `schema` None: bytes, or text, of that media type."""
    return {"schema": schema, "text": text, "headers": tuple(headers), "media": media}


def example(name, who, *, path=None, query=None, headers=None, body=None, status=200, socket=None):
    """A request that is replayed by tests/system/openapi.py. Texts that begin with @ stand for what
    the test makes before: @open is a case that is open."""
    made = {"name": name, "as": who, "path": path, "query": query, "headers": headers, "body": body,
            "status": status, "socket": socket}
    return {key: value for key, value in made.items() if value is not None}


def route(summary, answers, *, problems="", body=None, is_write=False, is_once=False, text="",
          examples=()):
    """What paths.py says of a route; its method, path, query and sockets stand in routes.c.

    answers    {status: answer(...)}
    problems   codes of base/problem.c that it refuses with, beside those of every route
    body       a schema; or {"media": ..., "schema": ...} of what is no JSON
    is_write   of a case: takes Idempotency-Key, If-Match and Prefer
    is_once    of no case: takes Idempotency-Key
    """
    return {"summary": summary, "answers": answers, "problems": problems.split(), "body": body,
            "is_write": is_write, "is_once": is_once, "text": text, "examples": list(examples)}
