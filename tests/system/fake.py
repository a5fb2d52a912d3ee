"""Something at a socket that answers what it is told to, one raw answer for each connection."""

import os
import socket
import tempfile
import threading


def answer(status, body):
    """A whole HTTP answer, after which the connection ends."""
    head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


class FakeDaemon:
    """Takes as many connections as it has answers; b"" closes without a word."""

    def __init__(self, answers):
        self.folder = tempfile.TemporaryDirectory(prefix="sankofa-fake-")
        self.path = os.path.join(self.folder.name, "staff.sock")
        self.answers, self.requests = answers, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(self.path)
        self.socket.listen(16)
        self.socket.settimeout(30)
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(30)
        self.socket.close()
        self.folder.cleanup()

    def serve(self):
        for raw in self.answers:
            connection, _ = self.socket.accept()
            with connection:
                connection.settimeout(30)
                self.requests.append(self.read_request(connection))
                connection.sendall(raw)

    @staticmethod
    def read_request(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body
