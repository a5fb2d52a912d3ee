"""How long this machine keeps a thread waiting that only writes a few bytes to the disk and sleeps: what a
test may ask of a daemon beside it is as much slower.

    with Stalls() as stalls:
        ...                             # something that must be quick
    assert longest < 1.5 + stalls.allowance()
"""

import os
import tempfile
import threading
import time

PAUSE_S = 0.005
TURNS = 4  # of the daemon's threads and of its disk, in one answer


class Stalls(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.over, self.longest = threading.Event(), 0.0

    def run(self):
        with tempfile.TemporaryFile() as file:
            while not self.over.is_set():
                begin = time.monotonic()
                time.sleep(PAUSE_S)
                os.pwrite(file.fileno(), b"x", 0)
                os.fdatasync(file.fileno())
                self.longest = max(self.longest, time.monotonic() - begin - PAUSE_S)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(60)

    def allowance(self):
        return TURNS * self.longest
