#!/usr/bin/env python3
"""The client as people and scripts use it, against a real daemon: what it prints, where, and with
which status it ends."""

import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from daemon import BUILD, ROOT, Daemon
from fake import FakeDaemon, answer

DESK = ROOT / "tests/system/desk.yaml"
SOURCE = DESK.read_text(encoding="utf-8")
MISTYPED = SOURCE.replace("target: waiting\n", "target: waitng\n", 1)
PEOPLE = {
    "awa": {"roles": ["clerk"], "countries": ["SN"]},
    "binta": {"roles": ["chief"], "countries": ["SN"]},
    "gil": {"roles": ["clerk"], "countries": ["GW"]},
    "ada": {"roles": ["administrator"]},
}


class ClientTest(unittest.TestCase):
    """One daemon with the workflow desk for all tests of a class."""

    limits = None

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PEOPLE, ["probe", "crash"], limits=cls.limits)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        cls.run_client("workflow", "load", DESK, who="ada")

    @classmethod
    def run_client(cls, *words, **named):
        return cls.daemon.run(*words, **named)

    def new_case(self):
        return self.run_client("case", "new", "desk", "-f", "place=Dakar", who="awa").stdout.strip()

    def json(self, *words):
        return json.loads(self.run_client(*words, "--json", who="awa").stdout)

    def refused(self, *words, status, says, who="awa", lines=2):
        """Ends with that status, says it on stderr in so many lines, and nothing on stdout."""
        done = self.run_client(*words, who=who, status=status)
        self.assertEqual(done.stdout, "", done)
        self.assertIn(says, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), lines, done.stderr)
        return done.stderr


class WrongUse(ClientTest):
    def test_wrong_words_are_told_in_two_lines_with_status_2(self):
        case = self.new_case()
        for words, says in (
            (["inbx"], "There is no command"),
            (["show"], "`sankofa show` takes CASE."),
            (["show", case, "more"], "`sankofa show` takes CASE."),
            (["show", ""], "An argument of `sankofa show` is empty."),
            (["show", case, "-f", "a=b"], "`sankofa show` takes no option -f."),
            (["show", case, "--key", "k"], "`sankofa show` takes no option --key."),
            (["inbox", "--jsn"], "There is no option --jsn."),
            (["list", "--open", "--closed"], "--open and --closed exclude each other."),
            (["list", "--limit", "0"], "limit"),
            (["workflow", "check", "/nonexistent.yaml"], "/nonexistent.yaml cannot be read"),
            (["workflow", "load", "/nonexistent.yaml"], "/nonexistent.yaml cannot be read"),
            (["workflow", "check", DESK, "--format", "xml"], 'There is no format "xml".'),
            (["workflow", "check", DESK, "--plugins", "/nonexistent"], "There is no folder"),
            (["admin", "clock", "soon"], '"soon" is no span of time.'),
            (["api", "get", "/v1/status"], "api takes a method in capitals"),
            (["api", "GET", "v1/status"], "api takes a method in capitals"),
        ):
            with self.subTest(words=words):
                self.refused(*words, status=2, says=says)

    def test_a_feed_ends_when_nobody_reads_it_any_more(self):
        self.new_case()
        line = f"{BUILD}/sankofa --socket {self.daemon.staff} --as awa watch --after 0 | head -1"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_no_words_at_all_show_the_help_and_are_wrong_use(self):
        self.assertIn("workflow check", self.run_client(status=2).stdout)
        self.assertIn("workflow check", self.run_client("--help").stdout)
        self.assertIn("Example: sankofa do", self.run_client("do", "--help").stdout)
        self.assertRegex(self.run_client("--version").stdout, r"^\d+\.\d+\.\d+\n$")

    def test_an_answer_that_cannot_be_written_is_no_success(self):
        self.new_case()
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [BUILD / "sankofa", "--socket", self.daemon.staff, "--as", "awa", "list"],
                stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
            )
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"could not be written", done.stderr)


class Refusals(ClientTest):
    def test_all_wrong_fields_are_told_at_once_with_status_3(self):
        case = self.new_case()
        words = ["-f", "age=old", "-f", "alone=perhaps", "-f", "wish=sty", "-f", "nme=Awa"]
        said = self.run_client("do", case, "register", *words, who="awa", status=3).stderr
        for field in (r"Name \(name\)", r"Age \(age\)", r"Alone \(alone\)", r"Wish \(wish\)", "nme"):
            self.assertRegex(said, rf"(?m)^  {field}: ")
        self.assertIn("did you mean", said)
        self.assertIn("\n  At the counter\n", self.run_client("show", case, who="awa").stdout)

    def test_a_false_guard_is_told_with_its_explanation_in_the_language(self):
        words = ["do", self.new_case(), "register", "-f", "name=Awa", "-f", "age=30"]
        said = self.run_client(*words, who="awa", status=3).stderr
        self.assertIn("Only children under 18 are registered here.", said)
        said = self.run_client(*words, "--lang", "fr", who="awa", status=3).stderr
        self.assertIn("Seuls les moins de 18 ans sont enregistrés ici.", said)

    def test_a_refusing_check_is_told_with_its_reason(self):
        said = self.run_client("do", self.new_case(), "refused", who="awa", status=3).stderr
        self.assertIn("The stamp is missing.", said)

    def test_statuses_tell_refusals_apart(self):
        case = self.new_case()
        self.run_client("do", case, "stamp", who="awa", status=4)
        self.run_client("workflow", "load", DESK, who="awa", status=4)
        self.run_client("list", who="nobody", status=4)
        self.run_client("show", "SN-2026-09999-X", who="awa", status=5)
        self.run_client("show", case, who="gil", status=5)  # another country's
        self.run_client("case", "new", "dsk", "-f", "place=Dakar", who="awa", status=5)
        self.run_client("answer", case, "nothing", who="awa", status=5)
        self.run_client("api", "GET", "/v1/nothing", who="awa", status=5)
        stale = self.run_client("do", case, "count", "--revision", "1", who="awa", status=6)
        self.assertRegex(stale.stderr, r"It is at revision \d+ now, changed .* by awa\.")
        self.run_client("do", case, "broken", who="awa", status=9)
        self.run_client("api", "POST", "/v1/cases", "-d", "{", who="awa", status=2)

    def test_what_is_not_available_is_told_with_what_is(self):
        said = self.run_client("do", self.new_case(), "leave", who="awa", status=6).stderr
        self.assertRegex(said, r"(?m)^  register +Register$")
        self.assertNotIn("stamp", said)

    def test_a_problem_is_whole_on_stdout_with_json(self):
        done = self.run_client("do", self.new_case(), "leave", "--json", who="awa", status=6)
        problem = json.loads(done.stdout)
        self.assertEqual((problem["code"], problem["status"]), ("not-available", 409))

    def test_no_daemon_is_status_10_and_why_in_two_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "staff.sock")
            self.refused("list", "--socket", path, status=10, says=f"No daemon answers at {path}")
            with socket.socket(socket.AF_UNIX) as left_over:
                left_over.bind(path)
                self.refused("list", "--socket", path, status=10, says=f"No daemon answers at {path}")
            self.refused("list", "--socket", folder, status=10, says=f"{folder} is no socket.")
            self.refused("list", "--socket", "/tmp/" + "x" * 200, status=10, says="longer than the system takes")

    def test_a_socket_that_one_may_not_use_is_told_as_such(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be somebody else")
        with tempfile.TemporaryDirectory() as folder, FakeDaemon([]) as fake:
            os.chmod(fake.folder.name, 0o755)
            words = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", BUILD / "sankofa", "list", "--socket", fake.path]
            for mode, who in ((0o660, "Its owner and its group may: "), (0o600, "Its owner alone may: ")):
                os.chmod(fake.path, mode)
                done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=30, check=False, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
                self.assertEqual((done.returncode, done.stdout), (10, ""))
                self.assertEqual(done.stderr.splitlines()[0], f"You may not use the socket {fake.path}.")
                self.assertTrue(done.stderr.splitlines()[1].startswith(who), done.stderr)

    def test_a_language_is_a_code(self):
        for language in ("french", "", "f", "日本"):
            self.refused("list", "--lang", language, status=2, says="--lang takes the code of a language")
        self.run_client("list", "--lang", "wo", who="awa")  # a workflow may have it


class Busy(ClientTest):
    limits = {"connections": 1}

    def test_a_daemon_that_stays_busy_is_status_7(self):
        # Keeps the only connection, once the one that looked whether it listens is gone.
        self.daemon.wait_for("/v1/status", lambda answer: answer.status == 200, who="awa")
        said = self.refused("list", status=7, says="Too many connections")
        self.assertIn("Repeat", said)


class Work(ClientTest):
    def test_a_case_goes_its_way_by_the_words_of_the_help(self):
        case = self.new_case()
        fields = ["name=Awa Ba", "age=11", "weight=31.5", "born=2015-02-28", "alone=yes", "wish=go",
                  "words=one", "words=two, three"]
        words = [word for field in fields for word in ("-f", field)]
        done = self.run_client("do", case, "register", *words, "--comment", "at last", who="awa")
        self.assertEqual(done.stdout, f"{case}  Waiting\n")
        shown = self.json("show", case)
        self.assertEqual(shown["data"], {
            "place": "Dakar", "name": "Awa Ba", "age": 11, "weight": 31.5, "born": "2015-02-28",
            "alone": True, "wish": "go", "words": ["one", "two, three"], "count": 0})
        self.assertTrue(shown["closed"])
        entries = self.json("history", case)["entries"]
        self.assertEqual(entries[-1]["comment"], "at last")

    def test_a_form_file_is_taken_and_fields_of_the_line_win(self):
        case = self.new_case()
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as form:
            form.write("name: Awa\nage: 40\nwords: [a, b]\n")
            form.flush()
            self.run_client("do", case, "register", "--form", form.name, "-f", "age=4", who="awa")
        data = self.json("show", case)["data"]
        self.assertEqual((data["name"], data["age"], data["words"]), ("Awa", 4, ["a", "b"]))

    def test_show_tells_states_deadline_data_and_what_can_be_done(self):
        said = self.run_client("show", self.new_case(), who="awa").stdout
        self.assertRegex(said, r"(?m)^  At the counter$")
        self.assertRegex(said, r"(?m)^  due \d{4}-\d\d-\d\d \d\d:\d\d: At the counter$")
        self.assertRegex(said, r"(?m)^  Place +Dakar$")
        self.assertRegex(said, r"(?m)^  register +Register$")
        self.assertRegex(said, r"(?m)^      -f wish=  Wish, one of stay \(Stay\), go \(Go\); optional$")
        self.assertRegex(said, r"(?m)^Not possible now\n  Stamp: needs the role Chief$")

    def test_do_without_an_event_tells_what_is_possible(self):
        case = self.new_case()
        done = self.run_client("do", case, who="awa")
        self.assertIn("      -f name=  Name, a text\n", done.stdout)
        self.assertIn(f"sankofa do {case} EVENT", done.stderr)

    def test_a_field_that_a_role_does_not_see_is_counted_and_not_shown(self):
        case = self.new_case()
        self.run_client("do", case, "register", "-f", "name=Secret", "-f", "age=3", who="awa")
        said = self.run_client("show", case, who="binta").stdout
        self.assertNotIn("Secret", said)
        self.assertIn("(1 field your role does not see)", said)

    def test_a_waiting_step_is_shown_and_answered_by_its_role(self):
        case = self.new_case()
        self.run_client("do", case, "apply", who="awa")
        self.daemon.wait_for(f"/v1/cases/{case}", who="awa",
                             is_so=lambda a: a.body["steps"][0]["status"] == "parked")
        self.assertRegex(self.run_client("show", case, who="binta").stdout,
                         r"(?m)^  paper +parked.*, you may answer$")
        self.run_client("answer", case, "paper", "-f", "granted=true", who="awa", status=4)
        self.run_client("answer", case, "paper", "-f", "granted=true", who="binta")
        self.daemon.wait_for(f"/v1/cases/{case}", who="awa", is_so=lambda a: a.body["closed"])
        shown = self.json("show", case)
        self.assertEqual(shown["data"]["number"], "LP-1")

    def test_a_key_makes_a_repeat_harmless(self):
        case = self.new_case()
        words = ["do", case, "count", "--key", "once", "--json"]
        first = self.run_client(*words, who="awa").stdout
        self.assertEqual(self.run_client(*words, who="awa").stdout, first)
        data = self.json("show", case)["data"]
        self.assertEqual(data["count"], 1)

    def test_the_inbox_and_lists_show_what_waits(self):
        case = self.new_case()
        for words in (["inbox"], ["list"], ["list", "--state", "counter"], ["list", "--mine"]):
            self.assertIn(case, self.run_client(*words, "--limit", "500", who="awa").stdout)
        self.assertNotIn(case, self.run_client("list", "--state", "waiting", who="awa").stdout)
        self.assertNotIn(case, self.run_client("list", "--closed", who="awa").stdout)
        self.assertNotIn(case, self.run_client("list", "--overdue", who="awa").stdout)
        self.assertNotIn(case, self.run_client("inbox", "--limit", "500", who="gil").stdout)

    def test_what_is_empty_says_so(self):
        for words, said in ((["inbox"], "Nothing waits for you."), (["inbox", "--overdue"], "Nothing that waits for you is overdue."),
                            (["list"], "No case that you may see."), (["search", "zzzz"], "No case with such a name")):
            done = self.run_client(*words, who="gil")
            self.assertEqual(done.stdout, "")
            self.assertIn(said, done.stderr)

    def test_what_a_list_is_narrowed_by_is_found_by_its_title_or_told(self):
        case = self.new_case()
        for words in (["--state", "counter"], ["--state", "at the counter"], ["--state", "Au guichet"], ["--workflow", "Desk"],
                      ["--workflow", "desk", "--state", "au GUICHET"]):
            self.assertIn(case, self.run_client("list", "--all", *words, who="awa").stdout, words)
        done = self.run_client("list", "--state", "waiting", who="gil")
        self.assertIn("No case that you may see.", done.stderr)
        self.refused("list", "--state", "countr", status=5, says="Did you mean counter?")
        self.refused("list", "--state", "quetzal", status=5, says='No workflow here has a state "quetzal".')
        self.refused("list", "--workflow", "dsek", status=5, says="Did you mean desk?")

    def test_hints_name_the_case(self):
        case = self.new_case()
        self.refused("approve", case, "9", status=5, says=f"`sankofa show {case}`")
        self.refused("answer", case, "quetzal", status=5, says=f"`sankofa case explain {case}`")

    def test_pages_are_joined(self):
        cases = [self.new_case() for _ in range(5)]
        one = self.run_client("list", "--limit", "2", "-q", who="awa")
        self.assertEqual(len(one.stdout.splitlines()), 2)
        paged = self.run_client("list", "--limit", "2", who="awa")
        self.assertIn("--cursor", paged.stderr)
        every = self.run_client("list", "--limit", "2", "--all", who="awa").stdout
        for case in cases:
            self.assertEqual(every.count(case), 1)

    def test_a_long_history_is_whole_and_in_order(self):
        case = self.new_case()
        for i in range(205):
            path = f"/v1/cases/{case}/transitions/count"
            self.assertEqual(self.daemon.post(path, who="awa", key=f"{case}-{i}").status, 200)
        entries = self.json("history", case)["entries"]
        seqs = [entry["seq"] for entry in entries]
        self.assertEqual(len(seqs), 206)
        self.assertEqual(seqs, sorted(seqs))
        newest = self.run_client("history", case, "--limit", "3", who="awa")
        self.assertEqual(len(newest.stdout.splitlines()), 4)  # with its head
        self.assertIn("older entries", newest.stderr)

    def test_quiet_leaves_data_alone_on_stdout(self):
        done = self.run_client("case", "new", "desk", "-f", "place=Dakar", "-q", who="awa")
        self.assertRegex(done.stdout, r"^SN-\d{4}-\d{5}-[0-9A-Z]\n$")
        self.assertEqual(done.stderr, "")

    def test_texts_come_in_the_language_of_the_environment(self):
        case = self.new_case()
        said = self.run_client("show", case, who="awa", LC_ALL="fr_FR.UTF-8").stdout
        self.assertIn("Au guichet", said)
        said = self.run_client("show", case, "--lang", "en", who="awa", LC_ALL="fr_FR.UTF-8").stdout
        self.assertIn("At the counter", said)

    def test_the_status_and_the_clock_are_the_administrators(self):
        said = self.run_client("admin", "status").stdout
        self.assertRegex(said, r"(?m)^state +serving$")
        self.assertRegex(said, r"(?m)^plugins +probe 1.0: ready$")
        said = self.run_client("admin", "status", "--lang", "fr").stdout
        self.assertRegex(said, r"(?m)^état +en service$")
        self.assertRegex(said, r"(?m)^modules +probe 1.0 : prêt$")
        self.assertNotRegex(said, r"\b(yes|no|cases|calls|ready|serving)\b")
        before = json.loads(self.run_client("admin", "status", "--json").stdout)["now"]
        after = self.run_client("admin", "clock", "+31d").stdout
        self.assertGreater(after[:10], before[:10])

    def test_a_request_as_it_is_answers_json(self):
        me = json.loads(self.run_client("api", "GET", "/v1/whoami", who="awa").stdout)
        self.assertEqual(me["id"], "awa")


class Files(ClientTest):
    """Workflow files, with a daemon and without."""

    def check(self, source, *words, status):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
            file.write(source)
            file.flush()
            plugins = ["--plugins", BUILD / "tests/system/bad-plugins"]
            done = self.run_client("workflow", "check", file.name, *plugins, *words,
                                   status=status, SANKOFA_SOCKET="/nonexistent")
            return done, file.name

    def test_a_good_file_is_checked_without_a_daemon(self):
        done, _ = self.check(SOURCE, status=0)
        self.assertEqual(done.stdout, "")
        self.assertIn("no errors", done.stderr)

    def test_a_fault_is_shown_for_people_editors_and_programs(self):
        done, name = self.check(MISTYPED, "--format", "caret", status=3)
        self.assertIn('unknown state "waitng"', done.stdout)
        self.assertIn("^^^^^^", done.stdout)
        self.assertIn('did you mean "waiting"', done.stdout)
        done, name = self.check(MISTYPED, status=3)
        self.assertRegex(done.stdout, rf"^{re.escape(name)}:\d+:\d+: error: .* \[E\d+\]\n")
        for words in (["--format", "json"], ["--json"]):
            report = json.loads(self.check(MISTYPED, *words, status=3)[0].stdout)
            self.assertEqual(report["errors"], 1)
            self.assertEqual(len(report["files"][0]["diagnostics"]), 1)

    def test_plugins_are_checked_by_what_they_say_of_themselves(self):
        bad = SOURCE.replace("reason: \"The", "raeson: \"The")
        done, _ = self.check(bad, "--format", "caret", status=3)
        self.assertIn("raeson", done.stdout)
        done, _ = self.check(bad.replace("probe/", "prob/"), status=3)
        self.assertIn("prob", done.stdout)

    def test_a_refused_definition_is_shown_as_the_check_shows_it(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
            file.write(MISTYPED)
            file.flush()
            done = self.run_client("workflow", "load", file.name, who="ada", status=3)
            self.assertEqual(done.stdout, "")
            self.assertIn(f"--> {file.name}:", done.stderr)
            self.assertIn("^^^^^^", done.stderr)
            self.assertIn("nothing was loaded", done.stderr)

    def test_a_definition_that_is_there_is_not_loaded_twice(self):
        done = self.run_client("workflow", "load", DESK, who="ada")
        self.assertRegex(done.stdout, r"^desk  [0-9a-f]{64}  was there already\n$")
        self.assertRegex(self.run_client("workflow", "list", who="awa").stdout,
                         r"(?m)^desk +SN +en, fr +Desk$")


class Answers(unittest.TestCase):
    """What the client does with a daemon that is away, slow, or of another kind."""

    def run_client(self, fake, *words, status):
        done = subprocess.run(
            [BUILD / "sankofa", "--socket", fake.path, *words],
            capture_output=True, text=True, timeout=60, check=False,
        )
        self.assertEqual(done.returncode, status, done)
        return done

    def test_what_is_typed_is_not_in_the_list_of_processes(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        with FakeDaemon([]) as fake:
            words = ["search", "Mamadu", "--lang", "fr"]
            client = subprocess.Popen([BUILD / "sankofa", "--socket", fake.path, *words], stderr=subprocess.PIPE)
            self.addCleanup(client.stderr.close)
            try:
                connection, _ = fake.socket.accept()
                with connection:
                    self.assertIn(b"Mamadu", fake.read_request(connection))
                    listed = pathlib.Path(f"/proc/{client.pid}/cmdline").read_bytes()
                    limits = pathlib.Path(f"/proc/{client.pid}/limits").read_text(encoding="ascii")
            finally:
                client.kill()
                client.wait()
        self.assertEqual(listed.strip(b"\0"), str(BUILD / "sankofa").encode())
        self.assertRegex(limits, r"(?m)^Max core file size +0 +0 ")

    def test_what_it_does_not_understand_is_status_8(self):
        for status, body in ((200, b"hello"), (500, b'{"code": "never-heard-of"}'), (404, b"")):
            raw = answer(status, body)
            with FakeDaemon([raw]) as fake:
                self.run_client(fake, "list", status=8)

    def test_an_answer_that_lacks_members_is_shown_as_far_as_it_goes(self):
        for words, count in ((["list"], 1), (["show", "SN-1"], 1), (["do", "SN-1"], 1),
                             (["do", "SN-1", "go"], 2), (["history", "SN-1"], 1), (["inbox"], 1),
                             (["admin", "status"], 1), (["workflow", "list"], 1),
                             (["case", "new", "desk"], 2), (["admin", "clock", "1d"], 1)):
            with self.subTest(words=words), FakeDaemon([answer(200, b"{}")] * count) as fake:
                self.run_client(fake, *words, status=0)
        with FakeDaemon([answer(200, b'{"cases": [{}], "entries": [7], "data": [1]}')]) as fake:
            self.run_client(fake, "list", status=0)

    def test_a_write_is_repeated_with_its_key_while_the_daemon_is_away(self):
        good = answer(200, b'{"code": "SN-1", "states": []}')
        busy = answer(503, b'{"code": "busy", "detail": "Too much.", "hint": "Wait."}')
        show = answer(200, b'{"available": []}')
        many = busy.replace(b" 503 ", b" 429 ")
        with FakeDaemon([show, b"", busy, many, good]) as fake:
            self.run_client(fake, "do", "SN-1", "go", status=0)
        keys = re.findall(rb"(?i)idempotency-key: (\S+)", b"".join(fake.requests))
        self.assertEqual(len(keys), 4)
        self.assertEqual(len(set(keys)), 1)

    def test_long_work_goes_on_without_who_waits_for_it(self):
        running = answer(200, b'{"id": "7", "kind": "verify", "status": "running", "done": 1, "total": 9}')
        with FakeDaemon([running] * 3) as fake:
            words = [BUILD / "sankofa", "admin", "verify"]
            client = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      env={"SANKOFA_ADMIN_SOCKET": fake.path, "LC_ALL": "C"})
            while len(fake.requests) < 2:
                time.sleep(0.01)
            client.send_signal(signal.SIGINT)
            out, said = client.communicate(timeout=30)
            self.drain(fake)
        self.assertEqual((client.returncode, out), (1, ""))
        self.assertEqual(said, "The work goes on in the daemon.\n"
                               "How it ends: sankofa api GET /v1/operations/7\n")

    @staticmethod
    def drain(fake):
        """Takes the answers that nobody has asked for."""
        while len(fake.requests) < len(fake.answers):
            with socket.socket(socket.AF_UNIX) as other:
                other.connect(fake.path)
                other.sendall(b"GET / HTTP/1.1\r\n\r\n")
                other.recv(4096)

    def test_a_problem_that_time_does_not_mend_is_not_repeated(self):
        problem = answer(500, b'{"code": "internal", "detail": "Oh.", "hint": "Look."}')
        with FakeDaemon([problem]) as fake:
            self.run_client(fake, "list", status=8)
        self.assertEqual(len(fake.requests), 1)


if __name__ == "__main__":
    unittest.main()
