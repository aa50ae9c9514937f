"""A real server of its own, for tests of faults and for measuring: `diem06 serve` on a data folder, and a browser of few words."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60


def environment(data: Path, database: str = "", *, warms: bool = False) -> dict[str, str]:
    """Return the environment of a diem06 that lives in `data`, on SQLite or on the database of an address. `warms`: its pages beforehand."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIEM06_")}
    return kept | {
        "DIEM06_DATA": str(data),
        "DIEM06_DATABASE": database,
        "DIEM06_WARM": "1" if warms else "0",
        "DJANGO_SETTINGS_MODULE": "diem06.config.settings",
    }


def diem06(data: Path, *arguments: str, check: bool = True, database: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "diem06.config.command_line", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment(data, database), capture_output=True, text=True, check=check
    )


def python(data: Path, code: str, database: str = "") -> str:
    """Run a few lines in a process of that diem06 and return what they print."""
    lines = f"import django\ndjango.setup()\n{code}"
    command = [sys.executable, "-c", lines]
    ended = subprocess.run(
        command, cwd=REPOSITORY, env=environment(data, database), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


class Server:
    """A running `diem06 serve`, in a process group of its own."""

    def __init__(self, data: Path, *, database: str = "", port: int = 0, warms: bool = False) -> None:
        """`port`: where one before it was, so that who knew that one finds this one; 0 takes a free one."""
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "serve.log"
        command = [sys.executable, "-m", "diem06.config.command_line", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=environment(data, database, warms=warms),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health/", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"The server did not come up: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill -9 the parent and every process below it: nobody gets the time to finish what it was doing."""
        # Listed first: whoever has lost its parent is not found any more. The parent first: it would start others.
        for pid in [self.process.pid, *_descendants(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_SECONDS)


def _descendants(pid: int) -> list[int]:
    """Return the processes that `pid` started and those that these started, nearest first."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # After the name, which may hold anything, in brackets: state, parent.
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for above in found:
        found += [child for child, parent in parents.items() if parent == above]
    return found[1:]


@contextmanager
def serving(data: Path, *, warms: bool = False) -> Iterator[Server]:
    """Serve `data` while the block runs."""
    server = Server(data, warms=warms)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def _cookie(name: str, value: str) -> http.cookiejar.Cookie:
    return http.cookiejar.Cookie(
        0, name, value, None, False, "127.0.0.1", True, False, "/", True, False, None, True, None, None, {}
    )


class Browser:
    """Cookies, forms and JSON; no more."""

    def __init__(self, url: str, *, session: str = "") -> None:
        """`session`: the key of a session that was made beforehand; without it `submit` the sign-in form."""
        self._url = url
        cookies = http.cookiejar.CookieJar()
        if session:
            cookies.set_cookie(_cookie("sessionid", session))
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies)).open
        self._token = ""

    def get(self, path: str) -> str:
        """Return a page. Raises urllib.error.HTTPError."""
        with self._open(f"{self._url}{path}", timeout=30) as answer:
            text: str = answer.read().decode()
        if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text):
            self._token = found[1]
        return text

    def submit(self, path: str, **fields: str) -> str:
        """Open the form at `path`, fill it in and send it."""
        self.get(path)
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self._token}).encode()
        request = urllib.request.Request(f"{self._url}{path}", body, {"Referer": f"{self._url}{path}"})
        with self._open(request, timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def post_json(self, path: str, body: Any) -> tuple[int, Any]:
        """Send JSON and return status and answer. Raises OSError where the server is gone, in the middle of its answer too."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",  # who is not signed in then gets 401, not the sign-in page
            "X-CSRFToken": self._token,
            "Referer": self._url,
        }
        request = urllib.request.Request(f"{self._url}{path}", json.dumps(body).encode(), headers)
        try:
            with self._open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, None
        except http.client.HTTPException as cut_off:
            raise ConnectionError(str(cut_off)) from cut_off
