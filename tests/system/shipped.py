#!/usr/bin/env python3
"""The plugins that touch the world, each in its jail under a real daemon, with what it is given and
granted: a ledger, templates, a program, a spool, a service."""

import http.server
import os
import pathlib
import shutil
import tempfile
import threading
import unittest

from daemon import Daemon, plugin_entry

HERE = pathlib.Path(__file__).resolve().parent
WORDS = {"template": "# Attestation\n\nPaiement {{reference}}.\n"}


class Service(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):  # pylint: disable=invalid-name
        self.asked.append((self.path, self.headers.get("Authorization"), self.headers.get("Idempotency-Key")))
        body = "{\"é\": 1}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Shipped(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sankofa-shipped-"))
        self.folder.chmod(0o755)
        self.service = http.server.HTTPServer(("127.0.0.1", 0), Service)
        Service.asked.clear()
        threading.Thread(target=self.service.serve_forever, daemon=True).start()
        for name in ("ledger", "spool", "templates", "print", "programs"):
            folder = self.folder / name
            folder.mkdir()
            folder.chmod(0o777 if os.geteuid() == 0 else 0o755)  # plugins run as users of their own
        template = self.folder / "templates/letter.fr.txt"
        template.write_text(WORDS["template"], encoding="utf-8")
        card = self.folder / "programs/card"
        card.write_text("#!/bin/sh\ncat >/dev/null\necho '{\"done\": {\"text\": \"C-7\"}}'\n", encoding="utf-8")
        card.chmod(0o755)

    def tearDown(self):
        self.service.shutdown()
        self.service.server_close()
        shutil.rmtree(self.folder)

    def secret(self, name, words):
        path = self.folder / f"secret-{name}"
        path.write_text(words + "\n", encoding="utf-8")
        path.chmod(0o600)
        return {"file": str(path)}

    def plugins(self):
        port = self.service.server_address[1]
        folder = {name: str(self.folder / name) for name in ("ledger", "spool", "templates", "print", "programs")}
        hosts = f"registry = http://127.0.0.1:{port}/api\nregistry: Authorization: Bearer t0ken"
        given = {
            "payment": ({"ledger": folder["ledger"]}, {"files": {"write": [folder["ledger"]]}}),
            "document": ({"templates": folder["templates"], "print": folder["print"]},
                         {"files": {"read": [folder["templates"]], "write": [folder["print"]]}}),
            "exec": ({"programs": f"card = {folder['programs']}/card"},
                     {"programs": [folder["programs"], "/bin/sh", "/usr/bin/cat"]}),
            "notify": ({"addresses": "awa awa@example.org", "from": "s@example.org", "spool": folder["spool"]},
                       {"files": {"write": [folder["spool"]]}, "programs": ["/bin/true"]}),
            "http": ({"hosts": hosts}, {"network": [port]}),
        }
        return {
            name: plugin_entry(
                name, secrets={key: self.secret(f"{name}-{key}", words) for key, words in secrets.items()},
                grant=grant)
            for name, (secrets, grant) in given.items()
        }

    def go(self, daemon, wanted):
        opened = daemon.post("/v1/cases", {"workflow": "shipped"}, who="awa")
        self.assertEqual(opened.status, 201, opened.body)
        opened = opened.body["code"]
        daemon.post(f"/v1/cases/{opened}/transitions/go", {}, who="awa")
        shown = daemon.wait_for(
            f"/v1/cases/{opened}", lambda shown: shown.body["states"][0]["id"] in ("over", "broken"), who="awa")
        if shown.body["states"][0]["id"] != wanted:
            history = daemon.get(f"/v1/cases/{opened}/history", who="awa").body
            self.fail(f"{shown.body['states']}: {history}\n{daemon.log()}")
        return opened, shown.body["data"]

    def test_each_does_its_work_in_its_jail(self):
        people = {"awa": {"roles": ["worker", "administrator"]}}
        with Daemon(people, plugins=self.plugins()) as daemon:
            daemon.init()
            daemon.start()
            loaded = daemon.load(HERE / "shipped.yaml", who="awa")
            self.assertEqual(loaded.status, 201, loaded.body)
            code, data = self.go(daemon, "over")
            self.assertEqual(data["reference"], "PAY-000001")
            self.assertEqual(data["letter"], "Attestation\n===========\n\nPaiement PAY-000001.\n")
            self.assertEqual((self.folder / "print" / data["pdf"]).read_bytes()[:5], b"%PDF-")
            self.assertEqual(data["card"], "C-7")
            self.assertEqual(data["answer"], '{"é": 1}')
            self.assertEqual(len(Service.asked), 1)
            self.assertEqual(Service.asked[0][:2], ("/api/children", "Bearer t0ken"))
            mail = (self.folder / "spool" / f"{data['message']}.eml").read_text(encoding="utf-8")
            self.assertIn("To: awa@example.org", mail)
            line = (self.folder / "ledger/ledger.tsv").read_text(encoding="utf-8").split("\n")[1]
            self.assertIn(f"\t{code}\tschool\tXOF\t40000\tawa\tbinta\t", line)
            log = daemon.log()
            for secret in ("t0ken", "awa@example.org"):
                self.assertNotIn(secret, log)

    def test_what_is_not_granted_is_not_done(self):
        people = {"awa": {"roles": ["worker", "administrator"]}}
        plugins = self.plugins()
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        plugins["payment"]["grant"] = {"files": {"write": [str(elsewhere)]}}
        with Daemon(people, plugins=plugins) as daemon:
            daemon.init()
            daemon.start()
            loaded = daemon.load(HERE / "shipped.yaml", who="awa")
            self.assertEqual(loaded.status, 201, loaded.body)
            self.go(daemon, "broken")
        self.assertEqual(list((self.folder / "ledger").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
