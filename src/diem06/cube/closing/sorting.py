"""Sorting more records than fit in memory: sorted runs on disk, merged while they are read."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

RUN = 100_000
"""Records held in memory at once: some 35 MB of facts."""
RUNS = 100
"""Files that are open at once; more runs are merged into one first."""


@contextmanager
def sorted_records(records: Iterable[bytes], *, run: int = RUN, runs: int = RUNS) -> Iterator[Iterator[bytes]]:
    """Hand out the records in the order of their bytes; equal ones stay. What is on disk is removed at the end."""
    with TemporaryDirectory(prefix="diem06-closing-") as folder, ExitStack() as opened:
        files: list[Path] = []
        held: list[bytes] = []
        for record in records:
            held.append(record)
            if len(held) == run:
                files.append(_written(Path(folder) / str(len(files)), sorted(held)))
                held = []
                if len(files) == runs:
                    with ExitStack() as merging:
                        merged = heapq.merge(*[_read(merging.enter_context(file.open("rb"))) for file in files])
                        whole = _written(Path(folder) / "merged", merged)
                    for file in files:
                        file.unlink()
                    files = [whole.rename(Path(folder) / "0")]
        held.sort()
        yield heapq.merge(*[_read(opened.enter_context(file.open("rb"))) for file in files], held)


def _written(file: Path, records: Iterable[bytes]) -> Path:
    with file.open("wb") as out:
        for record in records:
            out.write(len(record).to_bytes(4, "big"))
            out.write(record)
    return file


def _read(file: BinaryIO) -> Iterator[bytes]:
    while length := file.read(4):
        yield file.read(int.from_bytes(length, "big"))
