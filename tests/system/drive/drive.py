#!/usr/bin/env python3
"""Brings a case of tests/system/rights.yaml from opening to closure with http.client: drive.py SOCKET"""

import http.client
import json
import socket
import sys
import uuid


class Client(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("sankofa")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, who, method, path, body=None):
        headers = {"Sankofa-As": who, "Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        self.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.getresponse()
        told = json.load(answer)
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {told}")
        return told


client = Client(sys.argv[1])
opened = client.ask("awa", "POST", "/v1/cases", {"workflow": "rights", "data": {"place": "Dakar"}})
case = f"/v1/cases/{opened['code']}"
client.ask("awa", "POST", f"{case}/assign", {"person": "awa"})
client.ask("awa", "POST", f"{case}/transitions/write", {"data": {"name": "Awa Ba", "age": 9}})
client.ask("awa", "POST", f"{case}/notes", {"text": "The uncle called."})
client.ask("binta", "POST", f"{case}/transitions/end", {})
if not client.ask("binta", "GET", case)["closed"]:
    sys.exit("it is not closed")
print(opened["code"])
