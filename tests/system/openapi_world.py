"""A daemon with what the examples of the description of the socket stand on."""

import uuid

from api_kit import ApiTest
from daemon import BUILD, plugin_entry
from openapi_kit import Description
from rights import PEOPLE, RECIPIENT

WORKFLOW = """\
workflow: waiting
title: Waiting
country: SN
roles: {clerk: {title: Clerk}}
open: {by: [clerk]}
fields: {granted: {type: boolean}, words: {type: text}}
initial: start
states:
  start:
    on:
      ask:  {by: [clerk], target: asking}
      work: {by: [clerk], target: working}
  asking:
    steps:
      ask:
        use: versions/ask
        into: {words: words}
        answer: {by: [clerk], form: {granted: required}}
        done: {target: over}
  working:
    steps: {job: {use: crash/job, timeout: 2s, done: {target: over}, failed: {target: over}}}
  over: {type: final}
"""


class DescribedTest(ApiTest):
    people = PEOPLE
    plugins = None

    @classmethod
    def setUpClass(cls):
        cls.plugins = {
            "versions": plugin_entry("versions", BUILD / "tests/system/versions-1.so"),
            "crash": plugin_entry("crash"),
            "probe": plugin_entry("probe"),
        }
        super().setUpClass()
        for name, text in (("waiting", WORKFLOW), ("rights", None)):
            file = cls.daemon.folder / f"{name}.yaml"
            if text:
                file.write_text(text, encoding="utf-8")
            loaded = cls.daemon.load(file if text else "tests/system/rights.yaml", who="ada")
            assert loaded.status == 201, loaded
        cls.description = Description((BUILD / "engine/api/openapi.json").read_text(encoding="utf-8"))

    @classmethod
    def configure(cls):
        recipient = cls.daemon.run("admin", "backup-key", str(cls.daemon.folder / "identity")).stdout
        (cls.daemon.folder / "recipients").write_text(recipient, encoding="utf-8")
        cls.daemon.settings["backup_recipients"] = "recipients"
        cls.daemon.write_config()

    # ---- What examples stand on.

    def of_rights(self, *writes):
        body = {"workflow": "rights", "data": {"place": "Dakar", "name": "Binetou"}}
        answer = self.daemon.post("/v1/cases", body, "awa")
        self.assertEqual(answer.status, 201, answer)
        for what, data, who in writes:
            done = self.daemon.post(f"/v1/cases/{answer.body['code']}/{what}", data, who)
            self.assertLess(done.status, 300, done)
        return answer.body["code"]

    def of_waiting(self, event, status):
        case = self.daemon.post("/v1/cases", {"workflow": "waiting"}, "awa").body["code"]
        self.daemon.post(f"/v1/cases/{case}/transitions/{event}", {}, "awa")
        self.daemon.wait_for(f"/v1/cases/{case}", lambda a: a.body["steps"] and
                             a.body["steps"][0]["status"] == status, "awa", seconds=30)
        return case

    def made(self, name):
        """What a text @NAME of an example stands for."""
        submit = ("transitions/submit", {"data": {"budget": 3}}, "awa")
        assign = ("assign", {"person": "awa"}, "binta")
        ask = ("erase", {"reason": "The family asked."}, "dpo")
        want = ("export", {"reason": "She asks.", "recipient": RECIPIENT}, "dpo")
        simple = {
            "@wanted": (want,),
            "@released": (want, ("export/approve", {}, "binta")),
            "@open": (),
            "@submitted": (submit,),
            "@assigned": (assign,),
            "@broken": (assign, ("break-glass", {"reason": "Awa is ill."}, "moussa")),
            "@asked": (ask,),
            "@erased": (ask, ("erase/approve", {}, "binta")),
        }
        if name in simple:
            return self.of_rights(*simple[name])
        if name.startswith("@folder"):
            return str(self.daemon.folder) + name[len("@folder"):]
        more = {
            "@key": lambda: str(uuid.uuid4()),
            "@parked": lambda: self.of_waiting("ask", "parked"),
            "@held": lambda: self.of_waiting("work", "quarantined"),
            "@attached": self.attached,
            "@operation": lambda: self.admin("POST", "/v1/admin/verify", {}).body["id"],
            "@slot": lambda: str(self.admin("POST", "/v1/admin/keys/slots", {"kind": "recovery"}).body["slot"]),
        }
        return more[name]()

    def attached(self):
        case = self.of_rights()
        headers = {"Content-Type": "text/plain", "Sankofa-File": "letter.txt"}
        done = self.daemon.post(f"/v1/cases/{case}/documents", b"Dear office", "awa", headers=headers)
        self.assertEqual(done.status, 201, done)
        return case

    def admin(self, method, path, body=None, who="ada"):
        return self.daemon.ask(method, path, body, who, socket_path=self.daemon.admin)

    def filled(self, value):
        if isinstance(value, dict):
            return {name: self.filled(part) for name, part in value.items()}
        return self.made(value) if isinstance(value, str) and value.startswith("@") else value
