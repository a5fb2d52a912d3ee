"""A walk: one case as several people carry it through its workflow, told as data.

A walk file (*.walk.json) says what its members mean. Here it becomes commands of the client, each
checked against what the walk says of it: the states after it, or the code it is refused with.
"""

import datetime
import json
import pathlib
import re

# What the client's exit status is for a refusal (interfaces.md).
REFUSED_STATUS = {"guard-failed": 3, "check-refused": 3, "field-invalid": 3, "not-permitted": 4,
                  "not-available": 6}
ADMINISTRATOR = {"ada": {"roles": ["administrator"]}}


class Walk:
    def __init__(self, file):
        told = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        self.workflow, self.file, self.about = told["workflow"], told["file"], told["about"]
        self.actions, self.people_told = told["actions"], told["people"]

    def people(self):
        """For sankofad.yaml, with an administrator who loads the workflow."""
        people = {
            name: {"roles": person["roles"], "countries": person["countries"]}
            for name, person in self.people_told.items()
        }
        return {**people, **ADMINISTRATOR}

    def texts(self, least=6):
        """Every free text of the forms that is long enough to be looked for."""
        found = set()
        for action in self.actions:
            for value in action.get("form", {}).values():
                for text in value if isinstance(value, list) else [value]:
                    is_date = isinstance(text, str) and re.fullmatch(r"D[+-]\d+", text)
                    if isinstance(text, str) and len(text) >= least and not is_date:
                        found.add(text)
        return sorted(found)


def day_text(value, day):
    """"D+12" as a date; anything else as it is."""
    found = re.fullmatch(r"D([+-]\d+)", value) if isinstance(value, str) else None
    return str(day + datetime.timedelta(days=int(found.group(1)))) if found else value


def form_words(form, day):
    """-f field=value, once for each item of a list."""
    words = []
    for field, value in form.items():
        for item in value if isinstance(value, list) else [value]:
            item = day_text(item, day)
            text = str(item).lower() if isinstance(item, bool) else str(item)
            words += ["-f", f"{field}={text}"]
    return words


def action_words(walk, action, code, day, number=None):
    """The words of the client for an action, without --as; `number`: of its proposal."""
    form = form_words(action.get("form", {}), day)
    if "clock" in action:
        return ["admin", "clock", action["clock"]]
    if "inbox" in action:
        return ["inbox"]
    if "open" in action:
        return ["case", "new", walk.workflow, *form]
    if "answer" in action:
        return ["answer", code, action["answer"], *form]
    comment = ["--comment", action["comment"]] if "comment" in action else []
    if "approve" in action:
        return ["approve", code, number, *comment]
    if "reject" in action:
        return ["reject", code, number, "--reason", action["reason"]]
    return ["do", code, action["do"], *form, *comment]


def proposal_number(daemon, code, action):
    """Of the open proposal that an action is about; it names the event, as people do."""
    event = action.get("approve", action.get("reject"))
    if event is None:
        return None
    proposals = daemon.get(f"/v1/cases/{code}", action["as"]).body["proposals"]
    return next(str(one["proposal"]) for one in proposals if one["event"] == event)


def play(walk, daemon, actions, day, run=None):
    """Carries the actions out, one client each; the case's code. `run(action, words, who, status)`
    runs the client (left out: daemon.run) and returns what it printed."""
    run = run or (lambda _, words, who, status: daemon.run(*words, who=who, status=status))
    code = None
    for action in actions:
        who, refused = action.get("as"), action.get("refused")
        words = action_words(walk, action, code, day, proposal_number(daemon, code, action))
        done = run(action, words, who, REFUSED_STATUS[refused] if refused else 0)
        if "open" in action:
            code = done.stdout.split()[0]
        if "states" in action:
            check_states(daemon, who, code, action)
    return code


def check_states(daemon, who, code, action):
    """The states after an action; a step that it has woken takes a moment."""

    def missing(answer):
        active = {state["id"] for state in answer.body["states"]}
        return set(action["states"]) - active

    daemon.wait_for(f"/v1/cases/{code}", lambda answer: not missing(answer), who)


def today(daemon):
    """The day of the daemon's clock."""
    return datetime.date.fromisoformat(daemon.get("/v1/status", who="ada").body["now"][:10])
