#!/usr/bin/env python3
"""Makes the description of the socket, OpenAPI 3.1, of the tables of the daemon itself and paths.py.

    make.py ROUTES.C PROBLEM.C VERSION OUT.JSON OUT.C

Methods, paths, queries and sockets come from the table of routes, codes and statuses from the table of
problems. A route that paths.py does not know, and one that routes.c does not have, end the build with
what to do.
"""

import json
import re
import sys

sys.dont_write_bytecode = True  # the tree stays as it is

from paths import ROUTES
from schemas import SCHEMAS
from words import TEXT

ANY_ROUTE = ("bad-request", "not-permitted", "internal", "stopping", "sealed", "busy")
ON_BODIES = ("too-large", "unsupported-media-type")
HEAD_TOO_LARGE = (431, "too-large")  # on any route, also where nothing else can be too large

PATH_WORDS = {
    "case": "A case's code (SN-2026-00042-K) or id. One that the person may not see is as one that is not there.",
    "document": "Its number in the case.",
    "event": "An event of the active states.",
    "glass": "The number of what was broken.",
    "operation": "As the 202 that began it told.",
    "proposal": "Its number in the case.",
    "slot": "Its number.",
    "step": "A step's id.",
    "workflow": "A definition's id.",
}
FLAG_WORD = {"type": "string", "enum": ["0", "1"]}
NUMBER = {"type": "integer", "minimum": 0}
QUERY = {
    "after": ("Behind this seq.", NUMBER),
    "as": ("The form of the answer.", {"type": "string", "enum": ["json", "yaml", "dot", "svg"]}),
    "case": ("Only of this case.", TEXT),
    "closed": ("Only closed cases, or only open ones.", FLAG_WORD),
    "code": ("Of this code.", TEXT),
    "country": ("Of this country.", TEXT),
    "cursor": ("As the page before had it.", TEXT),
    "dry_run": ("Only check.", FLAG_WORD),
    "follow": ("Do not end at the journal's end.", FLAG_WORD),
    "limit": ("So many at most.", {"type": "integer", "minimum": 1, "maximum": 500}),
    "mine": ("Only what is assigned to me, or was opened by me and is nobody's.", FLAG_WORD),
    "old": ("The size of a tree that the asker knows.", NUMBER),
    "overdue": ("Only what is overdue.", FLAG_WORD),
    "seq": ("Of this entry.", {"type": "integer", "minimum": 1}),
    "state": ("Where this state is active.", TEXT),
    "workflow": ("Of this workflow.", TEXT),
}
HEADERS_IN = {
    "Idempotency-Key": ("1 to 200 visible ASCII characters. A repeat gets the first status and seq, and "
                        "Idempotent-Replayed.", {"type": "string", "minLength": 1, "maxLength": 200},
                        "4f8c1d2e-6a3b-4d5e-9f70-1b2c3d4e5f60"),
    "If-Match": ("Only if the case is at this revision: its ETag.", {"type": "string"}, '"42"'),
    "Prefer": ("return=representation: answer with the whole case.", {"type": "string"},
               "return=representation"),
    "Sankofa-As": ("Demo stores alone: whom the request acts as.", {"type": "string"}, "awa"),
    "Sankofa-File": ("The name of the file that is sent, without its folders; RFC 8187 for what is not ASCII.",
                     {"type": "string", "maxLength": 200}, "letter.pdf"),
    "Last-Event-ID": ("Behind this seq, whatever `after` says: a stream that broke goes on.", NUMBER, "42"),
    "Accept-Language": ("The languages of the workflow's texts that are wanted, by weight: the best that it has is taken.",
                        {"type": "string"}, "fr-CI, pt;q=0.8, en;q=0.5"),
}
HEADERS_OUT = {
    "Sankofa-Request": ("The number of the request; it stands in the log.", TEXT),
    "Sankofa-Demo": ("`true` in every answer of a demo store.", TEXT),
    "ETag": ("The revision of the case, quoted: what If-Match takes.", TEXT),
    "Location": ("What was made, or the operation that was begun.", TEXT),
    "Idempotent-Replayed": ("`true`: this was carried out before.", TEXT),
    "Retry-After": ("Seconds.", NUMBER),
    "Allow": ("The methods that the path takes.", TEXT),
    "Content-Disposition": ("attachment, and the name.", TEXT),
    "Content-Digest": ("SHA-256 (RFC 9530).", TEXT),
    "Content-Security-Policy": ("`sandbox`: a browser runs nothing of it.", TEXT),
    "X-Content-Type-Options": ("`nosniff`: a browser takes it for what it is said to be.", TEXT),
}


def fail(text):
    sys.exit(f"openapi: {text}")


def read_routes(text):
    """[(method, pattern, socket, query names)] of the table in routes.c."""
    shared = dict(re.findall(r'^#define (\w+) "([^"]*)"$', text, re.M))
    table = text[text.index("routes[] = {"):text.index("ROUTE_COUNT")]
    rows = re.findall(r'\{"([A-Z]+)",\s*"([^"]+)",\s*ROUTE_(\w+),\s*\w+,\s*([^,]+?),\s*(?:true|false)[^}]*\}', table)
    if len(rows) != len(re.findall(r'"/v1/', table)):
        fail("a row of the table in routes.c is not read: write it as the others are, or teach "
             "read_routes in engine/api/openapi/make.py")

    def names(query):
        words = [shared[word] if word in shared else word.strip('"') for word in re.findall(r'\w+|"[^"]*"', query)]
        return [] if words == ["NULL"] else " ".join(words).split()

    return [(method, path, socket, names(query)) for method, path, socket, query in rows]


def read_problems(text):
    """{code: its statuses} of the table in problem.c."""
    found = re.findall(r'\{PROBLEM_\w+,\s*"([a-z-]+)",\s*(\d{3}),', text)
    if not found:
        fail("the table of problem.c is not read")
    made = {}
    for code, status in found:
        if code != "none":
            made.setdefault(code, []).append(int(status))
    return made


def header_refs(names):
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals(codes, statuses):
    """Responses by status, each with the codes that it may have."""
    made = {}
    told = {(status, code) for code in codes for status in statuses[code]} | {HEAD_TOO_LARGE}
    for status, code in sorted(told):
        made.setdefault(str(status), {"description": "", "codes": []})["codes"].append(code)
    for status, one in made.items():
        codes_here = one.pop("codes")
        one["description"] = ", ".join(f"`{code}`" for code in codes_here)
        one["headers"] = header_refs(
            ["Sankofa-Request", "Sankofa-Demo"] + (["Retry-After"] if status in ("429", "503") else []) + (["Allow"] if status == "405" else []))
        one["content"] = {"application/problem+json": {"schema": {
            "$ref": "#/components/schemas/Problem", "properties": {"code": {"enum": codes_here}}}}}
    return made


def parameters(pattern, query, said, examples):
    made = []
    for name in re.findall(r"\{(\w+)\}", pattern):
        if name not in PATH_WORDS:
            fail(f"{pattern}: say what {{{name}}} is, in PATH_WORDS of engine/api/openapi/make.py")
        made.append({"name": name, "in": "path", "required": True, "schema": TEXT, "description": PATH_WORDS[name]})
    for name in query:
        if name not in QUERY:
            fail(f"{pattern}: say what the query's {name} is, in QUERY of engine/api/openapi/make.py")
        text, schema = QUERY[name]
        made.append({"name": name, "in": "query", "schema": schema, "description": text})
    made.append({"$ref": "#/components/parameters/lang"})
    names = ["Sankofa-As", "Accept-Language"]
    names += ["Idempotency-Key"] if said["is_write"] or said["is_once"] else []
    names += ["Prefer"] if said["is_write"] else []
    names += ["If-Match"] if said["is_write"] and "{case}" in pattern else []
    names += ["Last-Event-ID"] if pattern == "/v1/events" else []
    names += ["Sankofa-File"] if any("Sankofa-File" in one.get("headers", {}) for one in examples) else []
    made += [{"$ref": f"#/components/parameters/{name}"} for name in names]
    return made


def body_of(said):
    body = said["body"]
    media, schema = (body["media"], body["schema"]) if "media" in body else ("application/json", body)
    shown = {one["name"]: {"value": one["body"]} for one in said["examples"] if "body" in one}
    return {"required": True, "content": {media: {"schema": schema, **({"examples": shown} if shown else {})}}}


def media_of(answer):
    if answer["schema"] is None:
        return {answer["media"]: {"schema": {"type": "string"}}}
    return {answer["media"]: {"schema": answer["schema"]}}


def operation(method, pattern, socket, query, said, statuses):
    problems = {*ANY_ROUTE, *said["problems"], *(ON_BODIES if said["body"] or method != "GET" else ())}
    unknown = problems - set(statuses)
    if unknown:
        fail(f"{method} {pattern}: problem.c has no code {', '.join(sorted(unknown))}")
    responses = {}
    for status, one in said["answers"].items():
        responses[str(status)] = {
            "description": one["text"] or said["summary"], "content": media_of(one),
            "headers": header_refs(("Sankofa-Request", "Sankofa-Demo", *one["headers"])),
        }
        if pattern == "/v1/workflows/{workflow}":
            for media in ("application/yaml", "text/vnd.graphviz", "image/svg+xml"):
                responses[str(status)]["content"][media] = {"schema": {"type": "string"}}
        if pattern == "/v1/events":
            responses[str(status)]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    responses.update(refusals(problems, statuses))
    made = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}_{pattern[4:]}").strip("_"),
        "summary": said["summary"],
        "tags": {"STAFF": ["staff"], "ADMIN": ["admin"], "BOTH": ["staff", "admin"]}[socket],
        "parameters": parameters(pattern, query, said, said["examples"]),
        "responses": dict(sorted(responses.items())),
        "x-sankofa-examples": said["examples"],
    }
    if said["text"]:
        made["description"] = said["text"]
    if said["body"]:
        made["requestBody"] = body_of(said)
    return made


def components():
    parameters_of = {
        name: {"name": name, "in": "header", "schema": schema, "description": text, "example": shown}
        for name, (text, schema, shown) in HEADERS_IN.items()
    }
    parameters_of["lang"] = {"name": "lang", "in": "query", "schema": TEXT, "example": "fr",
                             "description": "The language of the workflow's texts, before Accept-Language."}
    headers = {name: {"schema": schema, "description": text} for name, (text, schema) in HEADERS_OUT.items()}
    return {"schemas": SCHEMAS, "parameters": parameters_of, "headers": headers}


def describe(routes, statuses, version):
    paths = {}
    known = {f"{method} {pattern}" for method, pattern, *_ in routes}
    for name in ROUTES:
        if name not in known:
            fail(f"engine/api/openapi/paths.py has {name}, and the table of engine/api/routes.c does not: "
                 "take it away here, or add it there")
    for method, pattern, socket, query in routes:
        name = f"{method} {pattern}"
        if name not in ROUTES:
            fail(f"engine/api/routes.c has {name}, and engine/api/openapi/paths.py does not: add an entry "
                 "there, with what it takes and answers and an example that tests/system/openapi.py replays")
        paths.setdefault(pattern, {})[method.lower()] = operation(method, pattern, socket, query, ROUTES[name], statuses)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sankofa", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "HTTP/1.1 with JSON over Unix sockets. Everything is below /v1, and only grows: unknown "
                           "members of a request are refused, a client ignores unknown members of an answer. Who asks "
                           "is told by the kernel. Any path answers 404 `no-such-route` and 405 "
                           "`method-not-allowed` besides what stands here.",
        },
        "servers": [{"url": "http://sankofa", "description": "curl --unix-socket /run/sankofa/staff.sock http://sankofa/v1/whoami"}],
        "tags": [{"name": "staff", "description": "The staff socket."},
                 {"name": "admin", "description": "The admin socket: care of the machine."}],
        "paths": paths,
        "components": components(),
    }


def write_c(path, text):
    data = text.encode() + b"\0"
    with open(path, "w", encoding="ascii") as out:
        out.write('#include "api/openapi/openapi.h"\n\nconst char openapi_json[] = {')
        for at in range(0, len(data), 20):
            out.write("\n    " + " ".join(f"{byte}," for byte in data[at:at + 20]))
        out.write("\n};\n")


def main():
    routes_file, problems_file, version, out_json, out_c = sys.argv[1:]
    with open(routes_file, encoding="utf-8") as file:
        routes = read_routes(file.read())
    with open(problems_file, encoding="utf-8") as file:
        statuses = read_problems(file.read())
    made = describe(routes, statuses, version)
    with open(out_json, "w", encoding="utf-8") as out:
        json.dump(made, out, ensure_ascii=False, indent=1)
        out.write("\n")
    write_c(out_c, json.dumps(made, ensure_ascii=True, separators=(",", ":")))


if __name__ == "__main__":
    main()
