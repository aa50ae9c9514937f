"""What is wrong in a plan's files, where, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, order=True)
class Fault:
    """
    One fault. `line` counts from 1 and is that of the key, or of the header where a key is missing.

    `path` counts tables from 0: `indicator[1].target[0].value`.
    """

    file: str
    line: int
    path: str
    wrong: str
    write: str

    def __str__(self) -> str:
        """Print the fault as an editor can follow it: `file:line: path: what is wrong`, then what to write."""
        where = f"{self.file}:{self.line}: {self.path}: " if self.path else f"{self.file}:{self.line}: "
        return f"{where}{self.wrong}\n  {self.write}"


class PlanErrors(Exception):
    """Every fault of a plan at once, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))
