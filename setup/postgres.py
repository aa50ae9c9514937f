"""
Run a command with a PostgreSQL server of its own.

    python setup/postgres.py COMMAND...

The server of Debian's package `postgresql` is started in a new temporary folder on a free port of this machine, with
a password made for this run. The command finds its address in `DIEM06_TEST_DATABASE`. Server and folder are gone
afterwards. Where `DIEM06_TEST_DATABASE` is set already, that server is used and none is started.

Ends with the command's own code; 2 if no server could be had.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = "DIEM06_TEST_DATABASE"
BINARIES = Path("/usr/lib/postgresql")
# Nothing here outlives the run, so no write need wait for the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PATIENCE_SECONDS = 60


class NoServerError(Exception):
    """No server could be started; the message says what to do."""


def main(command: list[str]) -> int:
    if not command:
        print(__doc__)
        return 2
    if os.environ.get(ADDRESS):
        return subprocess.run(command, check=False).returncode
    # An ended run must stop its server too: SystemExit unwinds the context managers below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with server() as address:
            return subprocess.run(command, check=False, env={**os.environ, ADDRESS: address}).returncode
    except NoServerError as fault:
        print(fault, file=sys.stderr)
        return 2


@contextmanager
def server(*, is_durable: bool = False) -> Iterator[str]:
    """
    Give the address of a new, empty server: `postgresql://diem06:PASSWORD@127.0.0.1:PORT/postgres`.

    `is_durable`: it waits for the disk as a real one does; for measuring.
    """
    binaries = _binaries()
    # PostgreSQL refuses to run as root.
    account = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="diem06-postgres-"))
    password = secrets.token_urlsafe(24)
    port = _free_port()
    try:
        (folder / "password").write_text(password, encoding="utf-8")
        if os.geteuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, account, account)
        initdb: list[str | Path] = [
            binaries / "initdb",
            *("--pgdata", folder / "data"),
            *("--username", "diem06", "--pwfile", folder / "password", "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ]
        _as(account, initdb, folder).wait()
        options = (
            f"port={port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "max_connections=50",
            *(() if is_durable else FAST),
        )
        flags = [word for option in options for word in ("-c", option)]
        process = _as(account, [binaries / "postgres", "-D", folder / "data", *flags], folder)
        try:
            _wait_until_ready(binaries, port, process, folder / "log")
            yield f"postgresql://diem06:{password}@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # its "fast" shutdown
            process.wait(timeout=PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda file: int(file.parent.parent.name))
    if not found:
        raise NoServerError("PostgreSQL is missing: sudo apt-get install -y postgresql")
    return found[-1].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as(account: str, command: list[str | Path], folder: Path) -> subprocess.Popen[bytes]:
    """Start `command` as `account`, its words kept in the log."""
    as_other = {"user": account, "group": account, "extra_groups": []} if os.geteuid() == 0 else {}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **as_other)  # type: ignore[call-overload, no-any-return]


def _wait_until_ready(binaries: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    ready: list[str | Path] = [binaries / "pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > until:
            raise NoServerError("PostgreSQL did not start:\n" + log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
