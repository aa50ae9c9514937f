"""A standalone Spark cluster on this machine: a master and two workers, each a process of its own, gone at the end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

WORKERS = 2
PATIENCE_SECONDS = 120
_HOME = Path(pyspark.__file__).parent
# Short-lived processes: compiling thoroughly would cost more than it saves.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = {
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.executor.memory": "1g",
    "spark.executor.cores": "1",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # Compiling code and planning anew at each step would take longer than the few rows do.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
"""For a session of small data on this machine: one executor on each worker."""


@contextmanager
def cluster(*, worker_memory: str = "1g") -> Iterator[str]:
    """Start the cluster and give its address once both workers have joined."""
    port, page = _free_port(), _free_port()
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="diem06-spark-"))
        at = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
        stack.enter_context(_process("master.Master", at, folder))
        for number in range(WORKERS):
            work = ["--cores", "1", "--memory", worker_memory, "--host", "127.0.0.1", "--webui-port", "0"]
            work += ["--work-dir", f"{folder}/worker-{number}", address]
            stack.enter_context(_process("worker.Worker", work, folder))
        _wait_for_workers(page, folder)
        yield address


@contextmanager
def _process(what: str, arguments: list[str], folder: str) -> Iterator[None]:
    log = Path(folder) / f"{what}-{time.monotonic_ns()}.log"
    environment = {
        **os.environ,
        "SPARK_HOME": str(_HOME),
        "SPARK_LOCAL_DIRS": folder,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_JAVA_OPTS": _JAVA,
        "SPARK_DAEMON_MEMORY": "256m",
        "TZ": "America/New_York",  # workers stand elsewhere: no answer may depend on it
    }
    with log.open("wb") as out:
        # A session of its own, so that the workers' executors end with it.
        started = subprocess.Popen(
            [str(_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}", *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def _wait_for_workers(page: int, folder: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=5) as answer:
                if json.load(answer)["aliveworkers"] == WORKERS:
                    return
        except (OSError, ValueError):
            pass
        time.sleep(0.2)
    logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in Path(folder).glob("*.log"))
    raise RuntimeError(f"The Spark cluster did not come up in {PATIENCE_SECONDS} s:\n{logs}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
