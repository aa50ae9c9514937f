"""Reads of batches: what a batch would do, what is wrong in it, what was brought before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from diem06.core.sheets.comments import WrongCell
from diem06.core.sheets.models import CHANGING, Batch, BatchRow, Verdict


def batches(sheet: str, scope: str) -> QuerySet[Batch]:
    """Return the batches of a sheet and scope, newest first, without what undoing needs."""
    found = Batch.objects.filter(sheet=sheet, scope=scope).defer("undo", "after", "block")
    return found.select_related("file", "staged_by", "loaded_by", "undone_by")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many rows of a batch are what."""

    new: int
    changed: int
    removed: int
    same: int
    wrong: int
    conflicts: int

    @property
    def total(self) -> int:
        return self.new + self.changed + self.removed + self.same + self.wrong

    @property
    def changing(self) -> int:
        """Rows that would change something, those that others changed meanwhile included."""
        return self.new + self.changed + self.removed

    @property
    def good(self) -> int:
        """Rows that are loaded unless the person says otherwise."""
        return self.changing - self.conflicts


def tally(batch: Batch) -> Tally:
    """Return the counts of a batch, by one query."""
    found = batch.rows.aggregate(
        **{verdict.value: Count("pk", filter=Q(verdict=verdict)) for verdict in Verdict},
        conflicts=Count("pk", filter=Q(verdict__in=CHANGING) & ~Q(conflict="")),
    )
    return Tally(**found)


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One thing to put right: «E3: "12a" không phải số»."""

    position: int
    sheet: str
    coordinate: str
    text: str
    reason: str

    @property
    def says_text(self) -> bool:
        """Must the text be shown beside the reason, which does not repeat it?"""
        return bool(self.text) and "«" not in self.reason


def wrong_of(row: BatchRow) -> Iterator[Wrong]:
    """Yield what is wrong in a row: each wrong cell, or the row as a whole."""
    wrong_cells = [cell for cell in row.cells if cell.get("reason")]
    for cell in wrong_cells:
        yield Wrong(
            position=row.position,
            sheet=row.sheet,
            coordinate=cell.get("at", ""),
            text=cell.get("text", ""),
            reason=cell["reason"],
        )
    if row.reason:
        first: dict[str, Any] = next((cell for cell in row.cells if cell.get("at")), {})
        yield Wrong(
            position=row.position,
            sheet=row.sheet,
            coordinate=first.get("at", "") or row.at,
            text=first.get("text", "") if not wrong_cells else "",
            reason=row.reason,
        )


def wrong_cells(batch: Batch) -> Iterator[WrongCell]:
    """Yield the wrong cells of a batch as comments of its file."""
    for row in batch.rows.filter(verdict=Verdict.WRONG).iterator(chunk_size=1_000):
        for wrong in wrong_of(row):
            told = f"«{wrong.text[:40]}»: " if wrong.says_text else ""
            yield WrongCell(sheet=wrong.sheet, coordinate=wrong.coordinate, reason=f"{told}{wrong.reason}")


def proposals(batch: Batch, *, most: int = 20) -> list[tuple[str, str]]:
    """Return words in old fonts as they stand and as they would be."""
    found = []
    for row in batch.rows.iterator(chunk_size=1_000):
        for cell in row.cells:
            if cell.get("proposal"):
                found.append((cell.get("text", ""), cell["proposal"]))
                if len(found) == most:
                    return found
    return found


def ambiguous(batch: Batch) -> str:
    """Return the first number of a batch that can be read in two ways, "" for none."""
    for row in batch.rows.filter(verdict=Verdict.WRONG).iterator(chunk_size=1_000):
        for cell in row.cells:
            if cell.get("asks") == "dot":
                return str(cell.get("text", ""))
    return ""
