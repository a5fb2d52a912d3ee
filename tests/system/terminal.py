"""A program at a terminal: what it shows is waited for, what a person types is sent.

    with Terminal(["sankofa", "do", code], environment) as terminal:
        terminal.answer("Which one? ", "1")
        terminal.ends(0)
"""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

WAIT_S = 30


class Terminal:
    """One program behind a pseudo-terminal of its own; killed at the end if it still runs."""

    def __init__(self, words, environment, columns=80, lines=24):
        self.shown, self.seen = "", 0
        self.raw = b""
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.execvpe(str(words[0]), [str(word) for word in words], environment)
        self.resize(columns, lines)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.file)

    def resize(self, columns, lines=24):
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds):
        """More of what is shown; False where the program has ended."""
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            more = os.read(self.file, 65536)
        except OSError:
            return False
        self.raw += more
        self.shown = self.raw.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(more)

    def expect(self, text):
        """Waits until it is shown, behind what was waited for before."""
        end = time.monotonic() + WAIT_S
        while text not in self.shown[self.seen:]:
            left = end - time.monotonic()
            if left <= 0 or (not self.read(left) and text not in self.shown[self.seen:]):
                raise AssertionError(f"{text!r} is not shown behind {self.seen}:\n{self.shown}")
        self.seen = self.shown.index(text, self.seen) + len(text)

    def type(self, text):
        os.write(self.file, text.encode())

    def answer(self, prompt, line):
        self.expect(prompt)
        self.type(line + "\n")

    def ends(self, status):
        """Reads to the end; its exit status must be `status`. All that was shown."""
        end = time.monotonic() + WAIT_S
        while self.read(max(0, end - time.monotonic())):
            if time.monotonic() > end:
                raise AssertionError(f"it does not end:\n{self.shown}")
        _, ended = os.waitpid(self.pid, 0)
        self.pid = None
        if os.waitstatus_to_exitcode(ended) != status:
            raise AssertionError(f"{os.waitstatus_to_exitcode(ended)}, not {status}:\n{self.shown}")
        return self.shown
