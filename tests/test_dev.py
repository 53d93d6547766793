"""What is easy to get wrong in ``./dev``: order, interruption, locks, selections."""

import signal
import smtplib
import subprocess
import sys
import textwrap
import time
import types
from pathlib import Path

import pytest

from devtools import (
    apt,
    children,
    locks,
    neighbours,
    node_env,
    odoo_tests_command,
    postgres,
    python_env,
    run_command,
    source,
    templates,
    test_command,
)
from devtools.console import Problem, run
from devtools.settings import ROOT


def make_source(folder, version="19, 0"):
    package = folder / "odoo"
    package.mkdir(parents=True)
    (package / "release.py").write_text(f"version_info = ({version}, 0, FINAL, 0, '')")
    return folder


def python_process(code, **options):
    """A Python of its own, in the checkout, that prints a line when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout.readline() == "ready\n"
    return process


class TestSource:
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path, monkeypatch):
        monkeypatch.setattr(source, "SOURCES", tmp_path / "cache")
        monkeypatch.delenv(source.VARIABLE, raising=False)

    def test_the_named_folder_comes_first(self, tmp_path, monkeypatch):
        monkeypatch.setenv(source.VARIABLE, str(make_source(tmp_path / "mine")))
        found = source.find_source((source.from_user, self.never))
        assert found.root == tmp_path / "mine"
        assert found.origin == source.VARIABLE

    def test_an_installed_root_is_a_source(self, tmp_path, monkeypatch):
        packages = tmp_path / "root/usr/lib/python3/dist-packages"
        make_source(packages)
        monkeypatch.setenv(source.VARIABLE, str(tmp_path / "root"))
        assert source.from_user().root == packages

    def test_another_series_is_refused(self, tmp_path):
        with pytest.raises(Problem, match=r"has Odoo 18\.0, not 19\.0"):
            source.read_source(make_source(tmp_path, version="18, 0"), "")

    def test_failures_lead_to_the_next_place(self, tmp_path, capsys):
        def from_elsewhere():
            return source.read_source(make_source(tmp_path / "odoo"), "elsewhere")

        found = source.find_source((source.from_user, self.fails, from_elsewhere))
        assert found.origin == "elsewhere"
        assert "the mirror is down" in capsys.readouterr().out

    def test_all_failing_is_one_sentence_that_helps(self):
        with pytest.raises(Problem, match=f"set {source.VARIABLE} to a folder"):
            source.find_source((source.from_user, self.fails))

    def test_the_file_that_debian_leaves_out_is_added(self, tmp_path):
        make_source(tmp_path)
        (tmp_path / "odoo/addons/mail").mkdir(parents=True)
        source.read_source(tmp_path, "").add_left_out_file()
        assert (tmp_path / "odoo" / source.LEFT_OUT).is_file()

    def test_a_checkout_has_its_addons_beside_the_package(self, tmp_path):
        make_source(tmp_path)
        account = tmp_path / "addons/account"
        account.mkdir(parents=True)
        (account / "__manifest__.py").write_text("{}")
        paths = source.read_source(tmp_path, "").addons_paths
        assert paths == [tmp_path / "odoo/addons", tmp_path / "addons"]

    @staticmethod
    def fails():
        raise Problem("the mirror is down")

    @staticmethod
    def never():
        raise AssertionError("a later place was asked")


class TestDebianMirror:
    def answer(self, monkeypatch, targets, release):
        monkeypatch.setattr(apt, "os_release", lambda: release)
        monkeypatch.setattr(apt, "is_available", lambda: True)
        monkeypatch.setattr(apt, "run", lambda *args, **kwargs: targets)

    def test_the_machine_s_own_mirror_is_taken(self, monkeypatch):
        self.answer(
            monkeypatch,
            "nodistro main https://other.example/\n"
            "bookworm-security main http://mirror.example/security/\n"
            "bookworm main http://mirror.example/debian/\n",
            {"ID": "debian", "VERSION_CODENAME": "bookworm"},
        )
        assert apt.debian_mirror() == "http://mirror.example/debian/"

    def test_ubuntu_has_none(self, monkeypatch):
        self.answer(monkeypatch, "", {"ID": "ubuntu", "VERSION_CODENAME": "noble"})
        with pytest.raises(Problem, match="not a Debian one"):
            apt.debian_mirror()

    def test_no_mirror_is_said(self, monkeypatch):
        self.answer(monkeypatch, "", {"ID": "debian", "VERSION_CODENAME": "bookworm"})
        with pytest.raises(Problem, match="no Debian mirror"):
            apt.debian_mirror()


class TestAnotherUpdateIsRunning:
    """A new machine updates itself while its first user starts ``./dev``."""

    HOLDER = (
        "import fcntl, sys, time\n"
        "lock = open(sys.argv[1], 'a')\n"
        "fcntl.lockf(lock, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "time.sleep(1)\n"
        "open(sys.argv[2], 'w').close()\n"
    )

    def test_the_lists_are_fetched_after_it(self, monkeypatch, tmp_path):
        lock, over = tmp_path / "lists" / "lock", tmp_path / "over"
        lock.parent.mkdir()
        seen = []
        monkeypatch.setattr(apt, "SYSTEM_LISTS_LOCK", lock)
        monkeypatch.setattr(apt, "run", lambda *a, **k: seen.append(over.exists()))
        command = [sys.executable, "-c", self.HOLDER, lock, over]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            apt._update_system_lists.__wrapped__()
        assert seen == [True]

    def test_an_image_without_the_lists_folder(self, monkeypatch, tmp_path):
        seen = []
        monkeypatch.setattr(apt, "SYSTEM_LISTS_LOCK", tmp_path / "lists" / "lock")
        monkeypatch.setattr(apt, "run", lambda *a, **k: seen.append(a))
        apt._update_system_lists.__wrapped__()
        assert len(seen) == 1


class TestFolderMadeWhole:
    def test_it_appears_when_it_is_complete(self, tmp_path):
        target = tmp_path / "odoo"
        with locks.folder_made_whole(target, "key") as part:
            (part / "file").touch()
            assert not target.exists()
        assert (target / "file").exists()
        assert locks.is_complete(target, "key")
        assert not locks.is_complete(target, "another key")

    def test_a_failure_leaves_what_was_there(self, tmp_path):
        target = tmp_path / "odoo"
        with locks.folder_made_whole(target) as part:
            (part / "old").touch()
        with pytest.raises(OSError), locks.folder_made_whole(target) as part:
            (part / "new").touch()
            raise OSError("the disk is full")
        assert [path.name for path in tmp_path.iterdir()] == ["odoo"]
        assert (target / "old").exists()

    def test_a_killed_command_leaves_nothing_that_counts(self, tmp_path):
        target = tmp_path / "odoo"
        code = f"""
            import time
            from pathlib import Path
            from devtools.locks import folder_made_whole
            with folder_made_whole(Path({str(target)!r})) as part:
                (part / "half").touch()
                print("ready", flush=True)
                time.sleep(60)
        """
        process = python_process(code)
        process.kill()
        process.wait()
        assert not locks.is_complete(target)
        with locks.folder_made_whole(target) as part:
            assert not list(part.iterdir())
        assert [path.name for path in tmp_path.iterdir()] == ["odoo"]


class TestLocks:
    CODE = """
        import time
        from pathlib import Path
        from devtools.locks import exclusive
        with exclusive(Path({path!r})):
            print("ready", flush=True)
            time.sleep({seconds})
    """

    def test_a_second_command_waits_and_says_so(self, tmp_path, capsys):
        path = tmp_path / "lock"
        process = python_process(self.CODE.format(path=str(path), seconds=1))
        started = time.monotonic()
        with locks.exclusive(path, "another one is at it"):
            assert time.monotonic() - started > 0.5
        process.wait()
        assert "another one is at it" in capsys.readouterr().out

    def test_a_killed_holder_gives_the_lock_back(self, tmp_path):
        path = tmp_path / "lock"
        process = python_process(self.CODE.format(path=str(path), seconds=60))
        process.kill()
        process.wait()
        with locks.exclusive(path):
            pass


class TestPythonEnv:
    def test_it_is_the_same_one_from_inside_and_outside(self):
        """These tests run in it: they must not get, or make, another one."""
        assert python_env.PythonEnv("odoo").folder == Path(sys.prefix)


class TestPostgres:
    def test_a_taken_port_leads_to_the_next(self):
        first = postgres.free_port()
        with postgres.socket.socket() as taken:
            taken.bind((postgres.LOOPBACK, first))
            taken.listen()
            assert postgres.free_port(first) > first

    def test_a_private_folder_above_shuts_others_out(self, tmp_path):
        inside = tmp_path / "private" / "checkout"
        inside.mkdir(parents=True)
        inside.parent.chmod(0o700)
        assert not postgres.can_be_entered_by_all(inside)

    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            ("12|t|me", "PostgreSQL 13 or newer"),
            ("16|t|postgres", "refuses the role postgres"),
            ("16|f|me", "right to create databases"),
        ],
    )
    def test_an_unsuitable_server_is_explained(self, monkeypatch, answer, sentence):
        monkeypatch.setattr(postgres.Server, "psql", lambda *args, **kwargs: answer)
        with pytest.raises(Problem, match=sentence):
            postgres.own_server("psql")

    def test_the_server_stops_with_its_last_user(self, tmp_path, monkeypatch):
        """The second of two users leaves first: the server goes on for the first."""
        monkeypatch.setattr(postgres, "LOCK_DIR", tmp_path)
        server = postgres.EmbeddedServer(tmp_path)
        calls = []
        monkeypatch.setattr(server, "_pg_ctl", lambda *arguments: calls.append("stop"))
        with open(server.users_lock, "a") as one, open(server.users_lock, "a") as two:
            for users in (one, two):
                postgres.fcntl.flock(users, postgres.fcntl.LOCK_SH)
            server.release(two)
            assert not calls
            two.close()
            server.release(one)
        assert calls == ["stop"]


class TestChildren:
    def test_a_program_is_stopped_with_its_context(self):
        with children.running(["sleep", "60"]) as process:
            assert process.poll() is None
        assert process.returncode == -signal.SIGTERM

    def test_a_failing_program_becomes_a_sentence(self):
        with pytest.raises(Problem, match=r"It broke\. .*ended with 3.*\n *why"):
            run(["sh", "-c", "echo why; exit 3"], failure="It broke.", show=False)

    def test_a_missing_program_becomes_a_sentence(self):
        with pytest.raises(Problem, match="program no-such-program is missing"):
            run(["no-such-program"], failure="It broke.")


class TestDemonstration:
    def test_mail_is_kept_and_goes_nowhere(self, tmp_path, monkeypatch):
        monkeypatch.setattr(run_command, "MAIL_DIR", tmp_path / "mail")
        with run_command.kept_mail() as options:
            place = dict(option.removeprefix("--").split("=") for option in options)
            mail = "Subject: Receipt\r\n\r\nThank you."
            deadline = time.monotonic() + 20
            while True:
                try:
                    server = smtplib.SMTP(place["smtp"], int(place["smtp-port"]))
                    break
                except ConnectionRefusedError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            with server:
                server.sendmail("desk@example.com", ["client@example.com"], mail)
            [kept] = (tmp_path / "mail" / "new").iterdir()
            assert "Subject: Receipt" in kept.read_text()
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP(place["smtp"], int(place["smtp-port"]))


class TestSelections:
    @pytest.fixture
    def checkout(self, tmp_path, monkeypatch):
        for name in ("noshow_fees/tests/test_fee.py", "tests/test_dev.py"):
            path = tmp_path / name
            path.parent.mkdir(parents=True)
            path.touch()
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_without_a_path_all_tests_are_run(self, checkout):
        options, addon, system = test_command.split_arguments(["-k", "fee"], checkout)
        assert (options, addon, system) == (
            ["-k", "fee"],
            ["noshow_fees/tests"],
            ["tests"],
        )

    def test_a_path_chooses_its_group(self, checkout):
        selected = "noshow_fees/tests/test_fee.py::TestFee"
        options, addon, system = test_command.split_arguments([selected], checkout)
        assert (options, addon, system) == ([], [selected], [])
        _options, addon, system = test_command.split_arguments(["tests"], checkout)
        assert (addon, system) == ([], ["tests"])

    def test_the_whole_suite_is_run_in_parts(self, tmp_path):
        for name in ("fee", "rights", "practice", "of_tomorrow"):
            folder = tmp_path / "noshow_fees" / "tests" / name
            folder.mkdir(parents=True)
            (folder / "__init__.py").touch()
        whole = ["noshow_fees/tests"]
        parts = test_command.shards(whole, 2, tmp_path)
        assert parts == [
            ["noshow_fees/tests/fee", "noshow_fees/tests/of_tomorrow"],
            ["noshow_fees/tests/practice", "noshow_fees/tests/rights"],
        ]
        assert test_command.shards(whole, 1, tmp_path) == [whole]
        few = ["noshow_fees/tests/fee"]
        assert test_command.shards(few, 2, tmp_path) == [few]

    def test_a_test_does_not_change_the_prepared_database(self, tmp_path):
        addon = tmp_path / "noshow_fees"
        for folder in ("models", "tests"):
            (addon / folder).mkdir(parents=True)
        before = templates.addon_key(addon)
        (addon / "tests" / "test_fee.py").touch()
        assert templates.addon_key(addon) == before
        (addon / "models" / "fee.py").touch()
        assert templates.addon_key(addon) != before

    def test_a_script_changes_only_what_browsers_load(self, tmp_path):
        addon = tmp_path / "noshow_fees"
        (addon / "static" / "src").mkdir(parents=True)

        def keys():
            scripts = [templates.script_key(one, addon) for one in templates.SCRIPTS]
            return [templates.addon_key(addon), *scripts]

        before = keys()
        (addon / "static" / "src" / "schedule.js").touch()
        assert [a == b for a, b in zip(before, keys(), strict=True)] == [
            True,
            True,
            False,
        ]

    @pytest.mark.parametrize(
        ("addon_first", "expected"),
        [
            (False, ["base", "with", "with_addon"]),
            (True, ["base", "addon", "addon_with"]),
        ],
    )
    def test_neighbours_are_a_layer_of_their_own(self, addon_first, expected):
        beside = neighbours.Neighbours("oca,crm", addon_first)
        assert {"crm", "auditlog"} < set(beside.modules.split(","))
        key = types.SimpleNamespace(key="k", version_key="k")
        bench = types.SimpleNamespace(
            server=types.SimpleNamespace(prefix="noshow"),
            databases=None,
            source=key,
            python_env=key,
            neighbours=beside,
        )
        prepared = templates.Templates(bench)
        layers = prepared._layers(with_addon=True)
        names = [name.replace(f"_{beside.key}", "") for name, *_rest in layers]
        assert names == [f"noshow_template_{name}" for name in expected]
        # A database is made anew when one below it is.
        assert len({note for *_rest, note in layers}) == 3
        above = prepared._layers(with_addon=True, scripts=("practice", "bundles"))
        assert above[:3] == layers
        assert [name for name, *_rest in above[3:]] == [
            f"{layers[-1][0]}_practice",
            f"{layers[-1][0]}_practice_bundles",
        ]

    def test_modules_are_read_from_tags(self):
        tags = "/portal,-/website,+/calendar:TestA.test_b,post_install/payment"
        modules = odoo_tests_command.modules_of(tags)
        assert modules == ["calendar", "payment", "portal"]

    def test_failures_are_read_from_odoo_s_log(self):
        log = (
            "… 7 ERROR db odoo.addons.calendar.tests.test_x: FAIL: TestX.test_one\n"
            "… 7 ERROR db odoo.addons.calendar.tests.test_x: ERROR:"
            " Subtest TestX.test_two (n=1)\n"
            "… 7 ERROR db odoo.addons.portal.tests.test_y: ERROR:"
            " setUpClass (odoo.addons.portal.tests.test_y.TestY)\n"
        )
        assert odoo_tests_command.failed_tests(log) == [
            "/calendar:TestX.test_one",
            "/calendar:TestX.test_two",
            "/portal:TestY",
        ]

    @pytest.mark.parametrize(
        ("version", "suitable"),
        [((18, 20), False), ((20, 19), True), ((21, 7), False), ((24, 0), True)],
    )
    def test_node_js_has_to_be_one_that_eslint_runs_on(self, version, suitable):
        assert node_env.is_suitable(version) is suitable


def test_a_killed_command_s_databases_are_dropped_by_the_next(bench, templates):
    """Neither a database nor its attachments outlive the process they were for."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    leftover = f"{templates.copies}{dead.pid}_1"
    bench.databases.create(leftover)
    with templates.copy(with_addon=False) as name:
        assert name in bench.databases.names()
        assert leftover not in bench.databases.names()
    assert name not in bench.databases.names()
