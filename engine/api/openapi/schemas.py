"""The shapes of answers that several routes share."""

from words import (ANYTHING, COUNT, FLAG, MOMENT, TEXT, WHOLE, list_of, map_of, named, one_of, said,
                   thing)

CODE = said("A case's code: country, year, number, check character. No name is in it.", TEXT)
ID = said("A case's id, 32 hexadecimal digits.", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
ROLES = said("Roles.", list_of(TEXT))
ACCOUNT = said("An account: a key of `people` of sankofad.yaml.", TEXT)
REVISION = said("The seq of the last entry that changed the case; its ETag.", COUNT)
DATA = said("Fields by id, as the workflow types them.", ANYTHING)
TITLES = said("What people call the states, in the same order.", list_of(TEXT))

LINE = {
    "id": ID, "code": CODE, "workflow": TEXT, "title?": TEXT, "country": TEXT, "states?": list_of(TEXT),
    "titles?": TITLES, "opened": MOMENT, "changed?": MOMENT, "closed?": FLAG, "revision?": REVISION, "deadline?": MOMENT,
    "overdue?": FLAG,
    "assigned?": said("Role to account.", map_of(TEXT)), "flags?": list_of(TEXT),
    "quarantined?": said("Records of it are damaged; the line tells nothing that may change.", FLAG),
}
FOUND = {**LINE, "fields": said("Which fields fitted; never their values.", list_of(TEXT))}
RECEIPT = {"code": CODE, "workflow": TEXT, "states": list_of(TEXT), "titles": TITLES, "revision": REVISION,
           "seq": said("Of the entry that this request made, or made first.", COUNT)}
OPERATION = {
    "id": TEXT, "kind": TEXT, "status": one_of("running", "done", "failed"), "by": TEXT, "began": MOMENT,
    "ended?": MOMENT, "done": COUNT, "total": COUNT, "eta?": said("Seconds.", COUNT), "result?": ANYTHING,
    "problem?": ANYTHING,
}
CERTIFICATE = {
    "code": CODE, "status": one_of("erasing", "erased"), "id": ID, "workflow": TEXT, "country": TEXT,
    "asked_by": ACCOUNT, "approved_by": ACCOUNT, "reason": TEXT, "at": MOMENT, "seq": COUNT,
    "finished?": MOMENT, "finished_seq?": COUNT,
    "note?": said("The certificate as a C2SP signed note, once it is finished.", TEXT),
    "proof?": said("That the journal has its entry `seq`, as a C2SP tlog-proof.", TEXT),
    "unsigned?": said("Why there is no note.", one_of("erasing", "damaged")),
    "unproven?": said("Why the note has no proof.", one_of("no-checkpoint", "history-differs")),
}
PLUGIN = {"name": TEXT, "version?": TEXT, "state": TEXT, "why?": TEXT, "hosts": COUNT, "calls": COUNT,
          "crashes": COUNT}
DIAGNOSTIC = {"severity": one_of("error", "warning"), "code": TEXT, "file?": TEXT, "line?": COUNT,
              "column?": COUNT, "width?": COUNT, "message": TEXT, "label?": TEXT, "help?": TEXT,
              "notes?": list_of(ANYTHING)}
DEFINITION_LINE = {"id": TEXT, "version": TEXT, "title": TEXT, "country": TEXT, "hash": TEXT,
                   "languages": list_of(TEXT), "abstract?": FLAG}
CASE = {
    "id": ID, "code": CODE, "workflow": TEXT, "title": TEXT, "country": TEXT, "revision": REVISION,
    "opened": thing({"by": ACCOUNT, "at": MOMENT}),
    "changed": thing({"by?": ACCOUNT, "at": MOMENT, "event": TEXT}),
    "closed": FLAG, "closed_at?": MOMENT, "states": list_of(thing({"id": TEXT, "title": TEXT})),
    "data": DATA, "hidden": said("Fields that are there and not shown.", list_of(TEXT)),
    "deadlines": list_of(thing({"state": TEXT, "title": TEXT, "due": MOMENT, "overdue": FLAG})),
    "steps": list_of(named("Step")), "proposals": list_of(named("Proposal")),
    "notices": list_of(named("Notice")),
    "assigned": list_of(thing({"role": TEXT, "person": ACCOUNT, "by": ACCOUNT, "at": MOMENT})),
    "flags": list_of(thing({"flag": TEXT, "by": ACCOUNT, "at": MOMENT})),
    "links": list_of(thing({"code": CODE, "kind": TEXT})),
    "glass": list_of(thing({
        "glass": COUNT, "by": ACCOUNT, "at": MOMENT, "until": MOMENT, "reason": TEXT,
        "reviewed?": thing({"by": ACCOUNT, "at": MOMENT, "comment?": TEXT}),
    })),
    "available": list_of(named("Available")),
}
APPROVAL_NEEDED = thing({"may": FLAG, "why_not?": TEXT, "by": ROLES})

SCHEMAS = {
    "CaseLine": thing(LINE),
    "FoundCase": thing(FOUND),
    "InboxCase": thing({
        **LINE,
        "waits": list_of(one_of("mine", "pool", "left", "review")),
        "approve?": list_of(thing({"proposal": COUNT, "event": TEXT, "title": TEXT, "by": ACCOUNT})),
    }),
    "FormField": thing({
        "field": TEXT, "title": TEXT, "type": TEXT, "of?": TEXT, "required": FLAG, "sensitive?": FLAG,
        "options?": list_of(thing({"id": TEXT, "title": TEXT})), "min?": {"type": ["number", "string"]},
        "max?": {"type": ["number", "string"]}, "max_length?": COUNT, "max_items?": COUNT,
    }),
    "Available": thing({
        "event": TEXT, "title": TEXT, "allowed": FLAG, "why_not?": TEXT, "by": ROLES,
        "approve?": thing({"need": COUNT, "by": ROLES}), "form": list_of(named("FormField")),
    }),
    "Proposal": thing({
        "proposal": COUNT, "event": TEXT, "title": TEXT, "status": TEXT, "by": ACCOUNT, "at": MOMENT,
        "approvals": list_of(thing({"by": ACCOUNT, "at": MOMENT, "comment?": TEXT})),
        "ended?": thing({"at": MOMENT, "seq": COUNT, "by?": ACCOUNT}), "field?": TEXT, "reason?": TEXT,
        "message?": TEXT, "comment?": TEXT, "data?": DATA, "hidden?": list_of(TEXT), "need?": COUNT, "missing?": COUNT,
        "approve?": APPROVAL_NEEDED,
    }),
    "Step": thing({
        "id": TEXT, "title": TEXT, "status": TEXT, "wakes": list_of(TEXT), "park?": COUNT, "until?": MOMENT,
        "why?": TEXT, "since?": MOMENT, "attempts?": thing({"made": COUNT, "most": COUNT}),
        "answer?": thing({"may": FLAG, "by": ROLES, "form": list_of(named("FormField"))}),
        "settle?": thing({
            "may": FLAG, "by": ROLES,
            "outputs": list_of(thing({"field": TEXT, "type": TEXT, "of?": TEXT})),
        }),
    }),
    "Notice": thing({
        "code?": CODE, "kind": TEXT, "text": TEXT, "at": MOMENT, "due?": MOMENT, "event?": TEXT,
        "status?": TEXT, "proposal?": COUNT, "to?": TEXT, "by?": ACCOUNT, "state?": TEXT, "title?": TEXT,
    }),
    "Document": thing({
        "document": COUNT, "name?": TEXT, "type?": TEXT, "size?": COUNT, "sha256?": TEXT, "by?": ACCOUNT,
        "at?": MOMENT,
    }),
    "Case": thing(CASE),
    "NamedCase": thing({**CASE, "similar?": list_of(named("FoundCase"))}),
    "Receipt": thing(RECEIPT),
    "NamedReceipt": thing({**RECEIPT, "similar?": list_of(named("FoundCase"))}),
    "ProposalReceipt": thing({**RECEIPT, "proposal": named("Proposal")}),
    "ProposedCase": thing({**CASE, "proposal": named("Proposal")}),
    "DocumentReceipt": thing({**RECEIPT, "document": named("Document")}),
    "AttachedCase": thing({**CASE, "document": named("Document")}),
    "HistoryEntry": thing({
        "seq": COUNT, "at": MOMENT, "kind": TEXT, "event": TEXT, "by?": ACCOUNT, "states": list_of(TEXT),
        "titles": TITLES, "data": DATA, "hidden": list_of(TEXT), "proposal?": COUNT, "comment?": TEXT, "title?": TEXT,
        "document?": named("Document"), "step?": TEXT, "outcome?": TEXT, "note?": TEXT, "flag?": TEXT,
        "raised?": FLAG, "link?": thing({"code": CODE, "kind?": TEXT, "linked": FLAG}), "role?": TEXT,
        "person?": said("Whose it is now; left out: of all who hold the role.", ACCOUNT),
        "faults?": list_of(ANYTHING), "log?": list_of(TEXT),
    }),
    "Read": thing({
        "seq": COUNT, "at": MOMENT, "by": ACCOUNT, "person": TEXT, "roles": ROLES, "what": TEXT,
        "glass?": FLAG,
    }),
    "Operation": thing(OPERATION),
    "Certificate": thing(CERTIFICATE),
    "Workflow": thing({
        **DEFINITION_LINE, "open?": list_of(named("FormField")), "definition?": ANYTHING,
    }),
    "LoadedWorkflow": thing({**DEFINITION_LINE, "warnings": list_of(named("Diagnostic"))}),
    "Diagnostic": thing(DIAGNOSTIC),
    "Plugin": thing({
        **PLUGIN, "file": TEXT, "sha256": TEXT, "needs?": list_of(TEXT), "granted": ANYTHING,
        "jail": thing({"seccomp": FLAG, "landlock": WHOLE, "uid": WHOLE, "missing": list_of(TEXT)}),
    }),
    "Status": thing({
        "version": TEXT, "state": TEXT, "sealed": FLAG, "now?": MOMENT, "demo?": FLAG, "cases?": COUNT,
        "open?": COUNT, "overdue?": COUNT, "in_memory?": COUNT, "quarantined?": COUNT, "workflows?": COUNT, "calls?": COUNT,
        "calls_away?": COUNT, "steps_to_settle?": COUNT, "seq?": COUNT, "horizon?": COUNT,
        "batches?": COUNT, "epoch?": COUNT, "rotating?": FLAG, "disk_full?": FLAG,
        "plugins?": list_of(thing(PLUGIN)),
    }),
    "Event": said(
        "A line of the feed: of an erased case there is `{seq, erased}` alone.",
        thing({
            "seq": COUNT, "erased?": FLAG, "at?": MOMENT, "kind?": TEXT, "event?": TEXT, "by?": TEXT,
            "code?": CODE, "workflow?": TEXT, "states?": list_of(TEXT), "title?": TEXT, "titles?": TITLES,
        }),
    ),
    "Problem": said(
        "RFC 9457. Clients go by `code`; docs/reference/errors.md says of each what to do.",
        thing({
            "type": TEXT, "title": TEXT, "status": COUNT, "detail": TEXT, "code": TEXT, "hint?": TEXT,
            "suggest?": said("Names that were likely meant, the nearest first.", list_of(TEXT)),
            "retryable": FLAG, "request_id?": TEXT,
            "errors?": list_of(thing({"pointer": TEXT, "code": TEXT, "message": TEXT, "suggest?": TEXT})),
            "available?": list_of(named("Available")), "explain?": map_of(TEXT), "revision?": REVISION,
            "changed_by?": ACCOUNT, "changed_event?": TEXT, "changed_at?": MOMENT, "erased?": COUNT, "retry_after?": COUNT,
            "diagnostics?": list_of(named("Diagnostic")),
        }),
    ),
}
