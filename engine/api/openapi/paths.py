"""What each route of routes.c takes and answers. A new route gets an entry here, or the build says so."""

from schemas import CODE, DATA, DEFINITION_LINE, TITLES
from words import (ANYTHING, COUNT, FLAG, MOMENT, TEXT, answer, example, list_of, named, one_of, route,
                   said, thing)

COMMENT = said("At most 2000 bytes.", {"type": "string", "maxLength": 2000})
REASON = said("Why; at most 2000 bytes.", {"type": "string", "maxLength": 2000, "minLength": 1})

CHANGED = ("ETag", "Idempotent-Replayed")
NAMED = {"anyOf": [named("NamedReceipt"), named("NamedCase")]}
SIMILAR = "`similar`, where names were written: up to 5 cases whose names sound like this one's."
DONE = "Done and durable. The whole case with `Prefer: return=representation`."
WRITTEN = answer({"anyOf": [named("Receipt"), named("Case")]}, DONE, CHANGED)
NAMED_WRITTEN = answer(NAMED, f"{DONE} {SIMILAR}", CHANGED)
PROPOSED = {"anyOf": [named("ProposalReceipt"), named("ProposedCase")]}
ATTACHED = {"anyOf": [named("DocumentReceipt"), named("AttachedCase")]}
BEGUN = answer(named("Operation"), "Long work has begun.", ("Location", "Idempotent-Replayed"))
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}

# What every write of a case may be refused with.
OF_A_CASE = "no-such-case erased quarantined"
OF_A_WRITE = OF_A_CASE + " field-invalid not-available stale-revision idempotency-key-reused busy disk-full"
OF_AN_EVENT = OF_A_WRITE + " guard-failed check-refused workflow-fault plugin-failed"

ROUTES = {
    "GET /v1/status": route(
        "How the daemon is",
        {200: answer(named("Status"), "Of a sealed store no more than version, state and sealed.")},
        examples=[example("status", "awa"), example("status of the machine", "awa", socket="admin")]),
    "GET /v1/whoami": route(
        "Who the daemon takes the peer for",
        {200: answer(thing({
            "id": TEXT, "person": TEXT, "roles": list_of(TEXT), "countries": list_of(TEXT),
            "grants": list_of(thing({"role": TEXT, "country?": TEXT})), "demo": FLAG, "acting_as": FLAG,
        }))},
        examples=[example("whoami", "awa")]),
    "GET /v1/openapi.json": route(
        "This description", {200: answer(ANYTHING)}, examples=[example("openapi", "awa")]),
    "GET /v1/workflows": route(
        "The definitions that new cases get",
        {200: answer(thing({"workflows": list_of(thing(DEFINITION_LINE))}))},
        examples=[example("workflows", "awa")]),
    "POST /v1/workflows": route(
        "Load a definition",
        {200: answer(named("LoadedWorkflow"), "It is there already, or was only checked."),
         201: answer(named("LoadedWorkflow"), "It is what new cases get.", ("Location",))},
        problems="definition-invalid unsupported-media-type disk-full",
        body={"media": "application/yaml", "schema": TEXT},
        text="Role `administrator`. The file's name is sent in Sankofa-File.",
        examples=[
            example("a check", "ada", query={"dry_run": "1"}, headers={"Sankofa-File": "note.yaml"}, body=(
                "workflow: note\ntitle: Note\nroles: {clerk: {title: Clerk}}\nopen: {by: [clerk]}\nstates:\n"
                "  open: {on: {end: {by: [clerk], target: closed}}}\n  closed: {type: final}\n")),
            example("a definition", "ada", headers={"Sankofa-File": "note.yaml"}, status=201, body=(
                "workflow: note\ntitle: Note\nroles: {clerk: {title: Clerk}}\nopen: {by: [clerk]}\nstates:\n"
                "  open: {on: {end: {by: [clerk], target: closed}}}\n  closed: {type: final}\n")),
            example("one with a fault", "ada", headers={"Sankofa-File": "note.yaml"}, status=422, body=(
                "workflow: note\ntitle: Note\nstates: {}\n")),
        ]),
    "GET /v1/workflows/{workflow}": route(
        "A definition",
        {200: answer(named("Workflow"), "Or a file or a picture, as `as` says.")},
        problems="no-such-workflow",
        examples=[example("as JSON", "awa", path={"workflow": "rights"}),
                  example("as a picture", "awa", path={"workflow": "rights"}, query={"as": "svg"})]),
    "POST /v1/cases": route(
        "Open a case",
        {201: answer(NAMED, SIMILAR, (*CHANGED, "Location"))},
        problems=OF_AN_EVENT + " no-such-workflow",
        body=thing({"workflow": TEXT, "data?": DATA, "comment?": COMMENT}), is_write=True,
        examples=[
            example("a child in Dakar", "awa", status=201, headers={"Idempotency-Key": "@key"}, body={
                "workflow": "rights", "data": {"place": "Dakar", "name": "Fatoumata Diallo"}}),
            example("a name that sounds like another", "awa", status=201, body={
                "workflow": "rights", "data": {"place": "Kolda", "name": "Fatumata Djaló"}}),
            example("a field that is missing", "awa", status=422, body={"workflow": "rights", "data": {}}),
        ]),
    "GET /v1/cases": route(
        "Cases that one may see, in the order of their opening",
        {200: answer(thing({"cases": list_of(named("CaseLine")), "cursor?": TEXT}),
                     "`cursor`: there are more; give it back to get them.")},
        examples=[example("all", "binta"), example("a page of mine", "awa", query={"mine": "1", "limit": "1"})]),
    "POST /v1/cases/search": route(
        "Find cases by code, or by words of fields as they sound",
        {200: answer(thing({"cases": list_of(named("FoundCase")), "total": COUNT}), "The best first.")},
        body=thing({"text": {"type": "string", "minLength": 1, "maxLength": 200}}),
        text="A POST, since a name belongs in no URL.",
        examples=[example("a name", "awa", body={"text": "jallow"})]),
    "GET /v1/cases/{case}": route(
        "A case", {200: answer(named("Case"), "As far as one may see it.", ("ETag",))}, problems=OF_A_CASE,
        examples=[example("a case", "awa", path={"case": "@submitted"}),
                  example("one that is not there", "awa", path={"case": "SN-2020-00001-0"}, status=404)]),
    "GET /v1/cases/{case}/diagram.svg": route(
        "The picture of its workflow, with where it is",
        {200: answer(None, media="image/svg+xml")}, problems=OF_A_CASE,
        examples=[example("a picture", "awa", path={"case": "@open"})]),
    "GET /v1/metrics": route(
        "Numbers for Prometheus", {200: answer(None, media="text/plain; version=0.0.4")},
        examples=[example("metrics", "awa")]),
    "GET /v1/cases/{case}/history": route(
        "What happened in a case, a page of it, from the newest page back",
        {200: answer(thing({"entries": list_of(named("HistoryEntry")), "cursor?": TEXT}), "Oldest first.")},
        problems=OF_A_CASE,
        examples=[example("a page", "awa", path={"case": "@submitted"}, query={"limit": "1"})]),
    "GET /v1/cases/{case}/reads": route(
        "Who was shown data of a case, a page of it, from the newest page back",
        {200: answer(thing({"workflow": TEXT, "reads": list_of(named("Read")), "cursor?": TEXT}), "Oldest first.")},
        problems=OF_A_CASE, text="Roles `auditor` and `dpo`.",
        examples=[example("a page", "aud", path={"case": "@submitted"}, query={"limit": "5"})]),
    "GET /v1/cases/{case}/explain": route(
        "Why each transition is or is not possible now, and what steps wait for",
        {200: answer(thing({
            "code": CODE, "revision": COUNT, "closed": FLAG, "states": list_of(TEXT),
            "titles": TITLES,
            "transitions": list_of(thing({
                "id": TEXT, "title?": TEXT, "state": TEXT, "state_title": TEXT, "trigger": TEXT, "event?": TEXT,
                "targets": list_of(TEXT), "target_titles": TITLES, "possible": FLAG, "why?": TEXT})),
            "steps": list_of(thing({
                "id": TEXT, "title": TEXT, "state": TEXT, "state_title": TEXT, "uses": TEXT, "status": TEXT, "waits_for": TEXT})),
        }), headers=("ETag",))},
        problems=OF_A_CASE, examples=[example("why", "awa", path={"case": "@open"}),
                                      example("why it waits", "awa", path={"case": "@parked"})]),
    "POST /v1/cases/{case}/transitions/{event}": route(
        "An event of the case",
        {200: NAMED_WRITTEN,
         202: answer(PROPOSED, "Others must approve it: nothing has changed yet.", CHANGED)},
        problems=OF_AN_EVENT, body=thing({"data?": DATA, "comment?": COMMENT}), is_write=True,
        examples=[
            example("a form", "awa", path={"case": "@open", "event": "write"}, headers={"Idempotency-Key": "@key"},
                    body={"data": {"name": "Binetou Sarr"}, "comment": "As her aunt spells it."}),
            example("the whole case back", "awa", path={"case": "@open", "event": "write"},
                    headers={"Prefer": "return=representation"}, body={"data": {"name": "Binetou Sarr"}}),
            example("one that others approve", "awa", path={"case": "@open", "event": "submit"}, status=202,
                    body={"data": {"budget": 120000}}),
            example("none of this state", "awa", path={"case": "@open", "event": "wrtie"}, status=409, body={}),
            example("a revision that is stale", "awa", path={"case": "@open", "event": "write"}, status=412,
                    headers={"If-Match": '"1"'}, body={"data": {"name": "Binetou Sarr"}}),
        ]),
    "POST /v1/cases/{case}/steps/{step}/answer": route(
        "Answer a step that waits for a person",
        {200: NAMED_WRITTEN}, problems=OF_AN_EVENT + " no-such-step",
        body=thing({"data?": DATA, "comment?": COMMENT, "park?": said("Which of its parks is answered.", COUNT)}),
        is_write=True,
        examples=[example("granted", "awa", path={"case": "@parked", "step": "ask"},
                          body={"data": {"granted": True}})]),
    "POST /v1/cases/{case}/steps/{step}/settle": route(
        "Settle a step whose outcome is lost, or that is quarantined",
        {200: NAMED_WRITTEN}, problems=OF_AN_EVENT + " no-such-step",
        body=thing({"outcome": one_of("done", "failed", "again"), "reason": REASON, "data?": DATA}),
        is_write=True,
        examples=[example("it failed", "awa", path={"case": "@held", "step": "job"},
                          body={"outcome": "failed", "reason": "The office says that it never came."})]),
    "POST /v1/cases/{case}/proposals/{proposal}/approve": route(
        "Approve what somebody submitted",
        {200: answer(PROPOSED, "Approved; carried out with the last approval.", CHANGED),
         202: answer(PROPOSED, "A check failed: it is tried again.", CHANGED)},
        problems=OF_AN_EVENT + " no-such-proposal", body=thing({"comment?": COMMENT}), is_write=True,
        examples=[example("yes", "binta", path={"case": "@submitted", "proposal": "1"},
                          body={"comment": "I saw the family."})]),
    "POST /v1/cases/{case}/proposals/{proposal}/reject": route(
        "Reject what somebody submitted",
        {200: answer(PROPOSED, "It has ended.", CHANGED)},
        problems=OF_A_WRITE + " no-such-proposal", body=thing({"reason": REASON}), is_write=True,
        examples=[example("no", "binta", path={"case": "@submitted", "proposal": "1"},
                          body={"reason": "The budget is too small."})]),
    "POST /v1/cases/{case}/assign": route(
        "Whose the case is", {200: WRITTEN}, problems=OF_A_WRITE,
        body=thing({"person?": TEXT, "pool?": said("A role: anybody's who holds it.", TEXT), "role?": TEXT,
                    "comment?": COMMENT}),
        is_write=True,
        examples=[example("to a person", "binta", path={"case": "@open"}, body={"person": "moussa"}),
                  example("to nobody", "binta", path={"case": "@open"}, body={"pool": "clerk"})]),
    "POST /v1/cases/{case}/notes": route(
        "A note", {200: WRITTEN}, problems=OF_A_WRITE, body=thing({"text": REASON}), is_write=True,
        examples=[example("a note", "awa", path={"case": "@open"}, body={"text": "Her aunt called."})]),
    "POST /v1/cases/{case}/flags": route(
        "Raise a flag, or take it away", {200: WRITTEN}, problems=OF_A_WRITE,
        body=thing({"flag": TEXT, "raised?": FLAG, "comment?": COMMENT}), is_write=True,
        examples=[example("a flag", "awa", path={"case": "@open"}, body={"flag": "urgent"})]),
    "POST /v1/cases/{case}/links": route(
        "Link two cases", {200: WRITTEN}, problems=OF_A_WRITE,
        body=thing({"case": CODE, "linked?": FLAG, "comment?": COMMENT, "kind?": one_of(
            "sibling", "mother", "child", "earlier_episode", "later_episode", "duplicate")}),
        is_write=True,
        examples=[example("a sister", "awa", path={"case": "@open"},
                          body={"case": "@submitted", "kind": "sibling"})]),
    "PATCH /v1/cases/{case}/data": route(
        "Correct fields; the old values stay in the history", {200: NAMED_WRITTEN}, problems=OF_AN_EVENT,
        body=thing({"set": said("Field to value, or null to clear it.", DATA), "reason": REASON}), is_write=True,
        examples=[example("a place", "awa", path={"case": "@open"},
                          body={"set": {"place": "Kolda"}, "reason": "Misheard."})]),
    "POST /v1/cases/{case}/break-glass": route(
        "See a case of others, for 60 minutes; supervisors are told", {200: WRITTEN}, problems=OF_A_WRITE,
        body=thing({"reason": REASON}), is_write=True,
        examples=[example("in need", "moussa", path={"case": "@assigned"},
                          body={"reason": "Awa is ill, and the child is at the border."})]),
    "POST /v1/cases/{case}/break-glass/{glass}/review": route(
        "Review that the glass was broken", {200: WRITTEN}, problems=OF_A_WRITE + " no-such-glass",
        body=thing({"comment?": COMMENT}), is_write=True,
        examples=[example("reviewed", "binta", path={"case": "@broken", "glass": "1"}, body={})]),
    "POST /v1/cases/{case}/documents": route(
        "Attach a document", {201: answer(ATTACHED, "Durable.", (*CHANGED, "Location"))},
        problems=OF_A_WRITE + " unsupported-media-type", body={"media": "*/*", "schema": BINARY}, is_write=True,
        text="The file itself, its type in Content-Type, its name in Sankofa-File.",
        examples=[example("a letter", "awa", path={"case": "@open"}, status=201, body="Dear office, ...\n",
                          headers={"Content-Type": "text/plain", "Sankofa-File": "letter.txt"})]),
    "GET /v1/cases/{case}/documents": route(
        "The documents of a case",
        {200: answer(thing({"code": CODE, "documents": list_of(named("Document")),
                            "hidden": said("How many others there are.", COUNT)}))},
        problems=OF_A_CASE, examples=[example("a list", "awa", path={"case": "@attached"})]),
    "GET /v1/cases/{case}/documents/{document}": route(
        "A document",
        {200: answer(None, "The file, as it came.", ("Content-Disposition", "Content-Digest", "Content-Security-Policy",
                                                "X-Content-Type-Options"), media="*/*")},
        problems=OF_A_CASE + " no-such-document",
        examples=[example("a file", "awa", path={"case": "@attached", "document": "1"}),
                  example("none", "awa", path={"case": "@attached", "document": "9"}, status=404)]),
    "GET /v1/inbox": route(
        "What waits for me, overdue first",
        {200: answer(thing({
            "cases": list_of(named("InboxCase")), "total": COUNT, "notices": list_of(named("Notice")),
            "notices_total": COUNT}))},
        examples=[example("mine", "awa"), example("of a supervisor", "binta", query={"limit": "5"})]),
    "GET /v1/events": route(
        "What happened, from behind a seq",
        {200: answer(None, "An Event a line; or an event stream, with `Accept: text/event-stream`.",
                     media="application/x-ndjson")},
        problems=OF_A_CASE,
        text="Only of cases that the reader may see at that moment: seqs have gaps, and gaps tell how much "
             "else happened. A slow reader lags and loses nothing.",
        examples=[example("lines", "awa", query={"after": "1"}),
                  example("a stream", "awa", query={"after": "1"}, headers={"Accept": "text/event-stream"})]),
    "POST /v1/cases/{case}/erase": route(
        "Ask for a case to be erased", {200: WRITTEN}, problems=OF_A_WRITE, body=thing({"reason": REASON}),
        is_write=True,
        examples=[example("asked", "dpo", path={"case": "@open"}, body={"reason": "The family asked."})]),
    "GET /v1/cases/{case}/erase": route(
        "The certificate of a case that was erased",
        {200: answer(named("Certificate"))}, problems="no-such-case not-available",
        examples=[example("one that was only asked for", "binta", path={"case": "@asked"}, status=409),
                  example("the certificate", "dpo", path={"case": "@erased"})]),
    "POST /v1/cases/{case}/erase/approve": route(
        "The second person's yes: the case is erased for good",
        {202: answer(named("Certificate"), "It is gone; what is left of it on the disk is being overwritten.")},
        problems=OF_A_WRITE, body=thing({}), is_write=True,
        examples=[example("yes", "binta", path={"case": "@asked"}, body={}, status=202),
                  example("of one that is gone", "binta", path={"case": "@erased"}, body={}, status=410)]),
    "POST /v1/cases/{case}/export": route(
        "Ask for a case to be exported", {200: WRITTEN}, problems=OF_A_WRITE,
        body=thing({"reason": REASON, "recipient": said("A public key of age.", TEXT)}), is_write=True,
        examples=[example("asked", "dpo", path={"case": "@open"}, body={
            "reason": "She asks for her file.", "recipient": RECIPIENT})]),
    "POST /v1/cases/{case}/export/approve": route(
        "The second person's yes: for a day the two may fetch it", {200: WRITTEN}, problems=OF_A_WRITE,
        body=thing({}), is_write=True,
        examples=[example("yes", "binta", path={"case": "@wanted"}, body={}),
                  example("nobody asked", "binta", path={"case": "@open"}, body={}, status=409)]),
    "GET /v1/cases/{case}/export": route(
        "All of a case, encrypted for its recipient",
        {200: answer(None, "A tar archive in the age format.", ("Content-Disposition", "X-Content-Type-Options"),
                     media="application/octet-stream")},
        problems=OF_A_CASE + " not-available disk-full",
        examples=[example("the file", "binta", path={"case": "@released"}),
                  example("one that waits", "dpo", path={"case": "@wanted"}, status=409)]),
    "POST /v1/admin/clock": route(
        "Move the clock of a demo store on",
        {200: answer(thing({"now": MOMENT}), headers=("Idempotent-Replayed",))},
        problems="busy disk-full plugin-failed idempotency-key-reused", is_once=True,
        body=thing({"advance": said("A span: 31d, 12h.", TEXT)}),
        examples=[example("a day", "ada", body={"advance": "1d"})]),
    "POST /v1/admin/backup": route(
        "Write a backup", {202: BEGUN}, is_once=True,
        problems="busy field-invalid not-available disk-full idempotency-key-reused",
        body=thing({"file": said("An absolute path of the daemon's machine.", TEXT)}),
        examples=[example("a backup", "ada", body={"file": "@folder/office.backup"}, status=202)]),
    "POST /v1/admin/checkpoint": route(
        "The newest signed checkpoint, made now if there are newer entries",
        {200: answer(thing({"checkpoint?": TEXT, "key": TEXT, "proof?": TEXT}),
                     "With `old` the proof that the journal only grew since.")},
        problems="not-available disk-full", examples=[example("a checkpoint", "ada")]),
    "GET /v1/admin/checkpoints": route(
        "The checkpoints that are kept, newest first",
        {200: answer(thing({"checkpoints": list_of(thing({"size": COUNT, "checkpoint": TEXT})), "key": TEXT}))},
        examples=[example("all", "ada")]),
    "GET /v1/admin/quarantine": route(
        "Cases that are put aside, since records of them are damaged",
        {200: answer(thing({"cases": list_of(thing({
            "id": TEXT, "code?": TEXT, "what": said("entry, snapshot or definition.", TEXT),
            "seq?": said("Of the damaged entry.", COUNT)}))}))},
        examples=[example("none", "ada")]),
    "GET /v1/admin/proof": route(
        "The proof that an entry is in the journal",
        {200: answer(thing({"proof": TEXT, "key": TEXT}))}, problems="not-available disk-full",
        examples=[example("of the first", "ada", query={"seq": "1"})]),
    "POST /v1/admin/verify": route(
        "Check every record, while work goes on", {202: BEGUN}, is_once=True,
        problems="busy field-invalid disk-full idempotency-key-reused",
        body=thing({"against?": said("A checkpoint that somebody kept.", TEXT)}),
        examples=[example("all of it", "ada", body={}, status=202)]),
    "POST /v1/admin/replay": route(
        "Run the journal through the core again, while work goes on", {202: BEGUN}, is_once=True,
        problems="busy idempotency-key-reused", body=thing({}), examples=[example("all of it", "ada", body={}, status=202)]),
    "POST /v1/admin/unlock": route(
        "Open a store that waits sealed",
        {200: answer(thing({"sealed": FLAG}))}, problems="wrong-key not-available busy",
        body=thing({"passphrase?": TEXT, "key?": TEXT, "shares?": list_of(TEXT)}),
        examples=[example("one that is open", "ada", body={"passphrase": "river mango seven lamp"}, status=409)]),
    "GET /v1/admin/keys": route(
        "The slots and the epoch",
        {200: answer(thing({
            "slots": list_of(thing({"slot": COUNT, "kind": TEXT, "label?": TEXT, "added": MOMENT})),
            "epoch": COUNT, "rotating": FLAG}))},
        examples=[example("keys", "ada")]),
    "POST /v1/admin/keys/rotate": route(
        "A new epoch, while work goes on", {202: BEGUN}, is_once=True,
        problems="busy not-available disk-full idempotency-key-reused",
        examples=[example("rotate", "ada", status=202)]),
    "POST /v1/admin/keys/slots": route(
        "Add a way to open the store",
        {201: answer(thing({"slot": COUNT, "slot_kind": TEXT, "label?": TEXT, "shares?": list_of(TEXT),
                            "needed?": COUNT}), "Recovery shares are shown here, once.",
                     ("Location", "Idempotent-Replayed"))},
        problems="field-invalid busy not-available disk-full idempotency-key-reused", is_once=True,
        body=thing({"kind": one_of("key_file", "passphrase", "credential", "recovery"), "label?": TEXT,
                    "passphrase?": TEXT, "key?": TEXT}),
        examples=[example("recovery shares", "ada", body={"kind": "recovery", "label": "heads"}, status=201)]),
    "POST /v1/admin/keys/slots/{slot}/remove": route(
        "Take a way to open the store away; the last one stays",
        {200: answer(thing({"slot": COUNT, "slot_kind": TEXT, "label?": TEXT}), headers=("Idempotent-Replayed",))},
        problems="no-such-slot busy not-available disk-full idempotency-key-reused", is_once=True,
        examples=[example("a slot", "ada", path={"slot": "@slot"})]),
    "GET /v1/operations/{operation}": route(
        "How far long work is", {200: answer(named("Operation"))}, problems="no-such-operation",
        examples=[example("one", "ada", path={"operation": "@operation"})]),
    "GET /v1/admin/plugins": route(
        "The plugins, their hosts and their jails",
        {200: answer(thing({"plugins": list_of(named("Plugin"))}))}, examples=[example("plugins", "ada")]),
    "POST /v1/admin/reload": route(
        "Read the configuration anew",
        {200: answer(thing({"plugins": list_of(thing({
            "name": TEXT, "outcome": one_of("kept", "added", "replaced", "removed", "refused"), "why?": TEXT}))}))},
        problems="busy definition-invalid", body=thing({}), examples=[example("reload", "ada", body={})]),
}
