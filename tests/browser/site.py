"""A real installation of the demo for browser tests: its own data folder, `diem06 serve`, hashed static files."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "diem06-so-lieu-gia-dinh"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """Where the installation answers, and where its data lie."""

    url: str
    data: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """Run `diem06 COMMAND` on its data and return what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "django", *command],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@contextmanager
def demo_site(data: Path, *, months: int) -> Iterator[Site]:
    """Make the demo of the first `months` months in `data` and serve it on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site(url=f"http://127.0.0.1:{port}", data=data, environment=environment(data))
    site.run("demo", "--no-serve", "--months", str(months))
    server = subprocess.Popen(
        [sys.executable, "-m", "django", "serve", "--port", str(port)],
        env=site.environment,
        stderr=(data / "serve.log").open("wb"),
    )
    try:
        _wait_until_it_answers(site, server)
        yield site
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def environment(data: Path) -> dict[str, str]:
    """Return the environment of a process that works on `data` with SQLite and the product's own settings."""
    return {
        **os.environ,
        "DIEM06_DATA": str(data),
        "DIEM06_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "diem06.config.settings",
    }


def _wait_until_it_answers(site: Site, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{site.url}/account/login/", timeout=5).close()
        except OSError:
            log = (site.data / "serve.log").read_text(encoding="utf-8", errors="replace")
            assert server.poll() is None, f"the server ended:\n{log}"
            assert time.monotonic() < until, f"the server did not come up:\n{log}"
            time.sleep(0.2)
        else:
            return
