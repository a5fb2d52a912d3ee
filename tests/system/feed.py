"""The event feed over the real socket: everything once and in order, by rights, for fast and slow
readers, as lines and as an event stream, through restarts."""

import json
import socket
import threading
import time
import unittest
from contextlib import closing

from api_kit import ApiTest
from daemon import Connection, headers_of


class Reader:
    """One feed, read as it comes."""

    def __init__(self, daemon, query, who, **headers):
        self.connection = Connection(daemon.staff)
        self.connection.request("GET", f"/v1/events?{query}", headers=headers_of(who=who, headers=headers))
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()

    def line(self):
        """The next event; None at the end. Empty lines are a sign of life."""
        while True:
            line = self.response.readline()
            if not line:
                return None
            if line.strip():
                return json.loads(line)

    def until(self, seq):
        found = []
        while not found or found[-1]["seq"] < seq:
            found.append(self.line())
        return found

    def close(self):
        self.connection.close()


class Feed(ApiTest):
    def events(self, query="after=0", who="awa", **headers):
        answer = self.daemon.get(f"/v1/events?{query}", who, headers=headers)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/x-ndjson")
        return [json.loads(line) for line in answer.raw.decode().splitlines() if line]

    def seq(self):
        return self.daemon.get("/v1/status").body["seq"]

    def test_everything_once_in_order_and_by_rights(self):
        before = self.seq()
        case = self.open_case()
        for _ in range(5):
            self.done(case, "count")
        told = self.events(f"after={before}")
        self.assertEqual([e["event"] for e in told], ["case.open"] + ["count"] * 5)
        self.assertEqual([e["seq"] for e in told], sorted({e["seq"] for e in told}))
        self.assertEqual({e["code"] for e in told}, {case})
        self.assertEqual(told[0]["states"], ["counter"])
        self.assertNotIn("Dakar", json.dumps(told))
        for who in ("gil", "ada"):
            self.assertEqual(self.events(f"after={before}", who), [])
        self.assertEqual([e["kind"] for e in self.events(who="ada")], ["workflow.loaded"])
        self.assertEqual(self.events(f"case={case}", "awa"), told)
        self.refused(self.daemon.get(f"/v1/events?case={case}", "gil"), 404, "no-such-case")
        self.refused(self.daemon.get("/v1/events?after=-1", "awa"), 400, "bad-request")
        self.refused(self.daemon.get("/v1/events?after=x", "awa"), 400, "bad-request")
        self.refused(self.daemon.get("/v1/events?follow=yes", "awa"), 400, "bad-request")
        self.assertEqual(self.events("after=999999999"), [])

    def test_an_event_stream_goes_on_where_it_broke(self):
        before = self.seq()
        case = self.open_case()
        self.done(case, "count")
        accept = {"Accept": "text/event-stream"}
        answer = self.daemon.get(f"/v1/events?after={before}", "awa", headers=accept)
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        blocks = answer.raw.decode().strip().split("\n\n")
        self.assertEqual(len(blocks), 2)
        number, kind, data = blocks[0].split("\n")
        self.assertEqual((number, kind), (f"id: {before + 1}", "event: open"))
        self.assertEqual(json.loads(data.removeprefix("data: "))["code"], case)
        again = {**accept, "Last-Event-ID": str(before + 1)}
        # A browser that connects again asks for the same URL.
        for path in ("/v1/events", f"/v1/events?after={before}"):
            answer = self.daemon.get(path, "awa", headers=again)
            self.assertTrue(answer.raw.startswith(f"id: {before + 2}\n".encode()), answer)

    def test_who_follows_is_told_what_comes(self):
        case = self.open_case()
        with closing(Reader(self.daemon, f"after={self.seq()}&follow=1", "awa")) as reader:
            for i in range(3):
                self.done(case, "count")
                started = time.monotonic()
                event = reader.line()
                self.assertEqual((event["event"], event["code"]), ("count", case))
                self.assertLess(time.monotonic() - started, 5)

    def test_a_slow_reader_loses_nothing_and_keeps_nobody_waiting(self):
        before = self.seq()
        case = self.open_case()
        slow = Reader(self.daemon, f"after={before}&follow=1", "awa")
        self.addCleanup(slow.close)
        slow.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        writers = 8
        each = 150

        def write():
            with closing(Connection(self.daemon.staff)) as connection:
                for _ in range(each):
                    answer = connection.ask(
                        "POST", f"/v1/cases/{case}/transitions/count", {}, headers_of(who="awa")
                    )
                    assert answer.status in (200, 503), answer

        started = time.monotonic()
        threads = [threading.Thread(target=write) for _ in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLess(time.monotonic() - started, 60)
        wanted = [e["seq"] for e in self.events(f"after={before}")]
        self.assertGreater(len(wanted), 256)
        self.assertEqual([e["seq"] for e in slow.until(wanted[-1])], wanted)

    def test_a_follower_does_not_keep_the_daemon_from_stopping(self):
        case = self.open_case()
        with closing(Reader(self.daemon, "after=0&follow=1", "awa")) as reader:
            reader.until(self.seq())
            started = time.monotonic()
            self.assertEqual(self.daemon.stop(), 0)
            self.assertLess(time.monotonic() - started, 10)
            self.assertIsNone(reader.line())
        self.daemon.start()
        self.assertIn(case, {e.get("code") for e in self.events()})

    def test_who_has_left_reads_no_further(self):
        """Also where they were following when the configuration was read anew; and who has other rights by
        then goes on with those."""
        people = self.daemon.settings["people"]
        self.addCleanup(self.renew, dict(people))
        self.open_case()
        seq = self.seq()
        with closing(Reader(self.daemon, f"after={seq - 1}&follow=1", "awa")) as left, \
                closing(Reader(self.daemon, f"after={seq - 1}&follow=1", "bea")) as moved, \
                closing(Reader(self.daemon, f"after={seq - 1}&follow=1", "codou")) as stays:
            for reader in (left, moved, stays):
                self.assertEqual(reader.line()["seq"], seq)
            self.renew({**{name: of for name, of in people.items() if name != "awa"},
                        "bea": {"roles": ["clerk"], "countries": ["GW"]},
                        "dede": {"roles": ["clerk"], "countries": ["SN"]}})
            begun = time.monotonic()
            self.assertIsNone(left.line())
            self.assertLess(time.monotonic() - begun, 10)
            self.open_case("dede")
            self.open_case("dede")
            self.assertEqual([event["seq"] for event in stays.until(self.seq())], [seq + 1, seq + 2])
            self.renew(people)
            self.open_case("awa")
            self.assertEqual([event["seq"] for event in moved.until(self.seq())], [seq + 3])

    def renew(self, people):
        self.daemon.settings["people"] = people
        self.daemon.write_config()
        answer = self.daemon.post("/v1/admin/reload", {}, socket_path=self.daemon.admin)
        self.assertEqual(answer.status, 200, answer)

    def test_as_lines_or_as_an_event_stream_by_what_is_wanted_more(self):
        for accept, media in (("text/event-stream", "text/event-stream"), ("TEXT/Event-Stream", "text/event-stream"),
                              ("text/event-stream;q=0", "application/x-ndjson"),
                              ("application/x-ndjson, text/event-stream;q=0.5", "application/x-ndjson"),
                              ("application/x-ndjson;q=0.2, text/event-stream;q=0.5", "text/event-stream"),
                              ("text/event-stream-of-mine", "application/x-ndjson"), ("*/*", "application/x-ndjson")):
            answer = self.daemon.get("/v1/events", "awa", headers={"Accept": accept})
            self.assertEqual(answer.headers["Content-Type"], media, accept)

    def test_rights_are_those_of_the_moment_of_reading(self):
        case = self.open_case()
        before = self.seq()
        self.assertEqual(self.daemon.post(f"/v1/cases/{case}/assign", {"person": "bea"}, "bea").status, 200)
        self.done(case, "count", who="bea")
        self.assertEqual(self.events(f"after={before}", "awa"), [])
        self.assertEqual(len(self.events(f"after={before}", "codou")), 2)


if __name__ == "__main__":
    unittest.main()
