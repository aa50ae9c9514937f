"""`diem06 serve` on a real, empty database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
PATIENCE_SECONDS = 60
PARTS = ("gunicorn", "django worker", "cycle")


class Server:
    """A running `diem06 serve`."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "django", "serve", "--port", str(port)],
            env=environment,
            stderr=subprocess.DEVNULL,
        )

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/account/login/", timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def descendants(self) -> set[int]:
        """The processes that it started, and those that these started."""
        return _descendants(self.process.pid)

    def child(self, word: str) -> int:
        """Its own child whose command line holds `word`."""
        return next(pid for pid in _children(self.process.pid) if word in _command_line(pid))

    def has_child(self, word: str, *, other_than: int) -> bool:
        return any(word in _command_line(pid) for pid in _children(self.process.pid) - {other_than})


def _children(pid: int) -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which may hold anything, in brackets: state, parent.
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            found.add(int(folder.name))
    return found


def _descendants(pid: int) -> set[int]:
    children = _children(pid)
    return children.union(*(_descendants(child) for child in children))


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def environment(copy_migrated, tmp_path_factory) -> dict[str, str]:
    """A migrated, empty database of the product's own settings."""
    return {
        **os.environ,
        "DIEM06_DATA": str(copy_migrated(tmp_path_factory.mktemp("serve"))),
        "DIEM06_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "diem06.config.settings",
    }


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(environment, port):
    started = Server(environment, port)
    try:
        wait_until(started.answers)
        yield started
    finally:
        started.process.terminate()
        started.process.wait(PATIENCE_SECONDS)


def test_sigterm_stops_all_and_is_no_fault(server):
    """systemd's stop: exit 0, and no process of it is left."""
    processes = server.descendants()
    assert processes >= {server.child(part) for part in PARTS}
    assert len(processes) >= len(PARTS) + 2, "gunicorn's two workers are watched too"

    server.process.terminate()

    assert server.process.wait(PATIENCE_SECONDS) == 0
    assert not any(map(_is_alive, processes))


def test_kill_9_leaves_no_orphan(server):
    """The kernel ends the children of a server that was killed without a word."""
    processes = server.descendants()

    server.process.kill()
    server.process.wait()

    wait_until(lambda: not any(map(_is_alive, processes)))


def test_dead_child_is_started_again(server):
    """A part of it dies; another takes its place and pages are answered."""
    web = _descendants(server.child("gunicorn"))
    for part in PARTS:
        dead = server.child(part)
        os.kill(dead, signal.SIGKILL)
        wait_until(lambda part=part, dead=dead: server.has_child(part, other_than=dead))

    # The dead web server's own processes answer for a moment more: it is the new one that has to.
    wait_until(lambda: not any(map(_is_alive, web)))
    wait_until(server.answers)


def test_database_that_is_not_up_to_date_is_refused(environment, port, tmp_path):
    """Exit 2, and the line to run."""
    refused = run_serve({**environment, "DIEM06_DATA": str(tmp_path)}, port)

    assert refused.returncode == 2
    assert "diem06 migrate" in refused.stderr


def test_taken_port_is_refused(environment, port):
    """Exit 2, and how to choose another."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = run_serve(environment, port)

    assert refused.returncode == 2
    assert "--port" in refused.stderr


def run_serve(environment: dict[str, str], port: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "django", "serve", "--port", str(port)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_part_that_keeps_dying_ends_the_server(monkeypatch):
    """A child that cannot live is not started for ever: exit 1 with its name, and the others are stopped."""
    from django.core.management import CommandError

    from diem06.config.management.commands import serve

    monkeypatch.setattr(serve, "FIRST_WAIT_SECONDS", 0.01)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    good = serve.Child("web server", ["sleep", "60"])
    bad = serve.Child("task worker", ["false"])
    try:
        with pytest.raises(CommandError, match="task worker ended 6 times") as stopped:
            serve.watch([good, bad], say=lambda _: None, ready="")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert stopped.value.returncode == 1
    assert good.process is not None
    assert good.process.poll() == -signal.SIGTERM


def test_a_part_that_dies_young_is_given_more_and_more_time():
    """1, 2, 4 seconds; one that has lived for a while is started again at once."""
    from diem06.config.management.commands import serve

    child = serve.Child("task worker", ["false"])
    child.start()
    child.process.wait()
    states = [child.is_dead]
    waits = [child.note_death() for _ in range(3)]
    states.append(child.is_dead)

    assert states == [True, False], "its death is noted once"
    assert waits == [1, 2, 4]
    child.started_at -= serve.SHORT_LIFE_SECONDS
    assert child.note_death() == 0


def test_static_files_are_collected_only_when_changed(settings, tmp_path):
    """A second start copies nothing; module imports and pictures in styles carry their hash."""
    from django.contrib.staticfiles.storage import staticfiles_storage

    from diem06.config.management.commands.serve import collect_static

    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "diem06.config.static_files.ManifestStorage"},
    }

    assert collect_static()
    assert not collect_static()

    css = (settings.STATIC_ROOT / staticfiles_storage.stored_name("vendor/bootstrap/bootstrap.min.css")).read_text()
    assert "data:" not in css
    assert 'url("picture-1.' in css
    assert 'url("picture-1.svg")' not in css
    assert not (settings.STATIC_ROOT / "vendor/test").exists()
