"""Late facts of a closed period: what was recorded and what was taken back since it was closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from diem06.core.areas.queries import areas_on, stands_for
from diem06.cube.closing.canonical import LATE, LATE_FIELDS, encode, text_of
from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.reading import changed_facts
from diem06.cube.facts import BEGINNING
from diem06.cube.models import Closing

_CELL = ("measure", "source", "day", "area", "area_valid_from", "unit", "place", "dimensions", "entity")


@dataclass(frozen=True, kw_only=True)
class ChangedFact:
    """
    A cell of facts that changed after a closing: what it held (None: nothing) and what it holds now (None: nothing any more).

    `changed_at` is when the change was recorded; `record` and `before_record` lead to the records, which know by whom.
    """

    measure: str
    source: str
    day: date
    area: str  # as it was recorded
    area_valid_from: date
    area_now: str  # the area of the period's last day that stands for it
    unit: str
    place: str
    dimensions: str
    entity: str
    before: int | None
    after: int | None
    changed_at: datetime
    record: str
    before_record: str


def changes(
    closing: Closing, measures: Collection[str], *, first: date = BEGINNING, until: datetime | None = None
) -> tuple[ChangedFact, ...]:
    """
    Return the cells of facts dated up to the period's end (from `first` on) that changed since its closing, the newest first.

    What went and what came are brought together by the cell they speak of; several of one cell are paired in the order in which
    they were recorded, so that the answer is the same whenever it is asked for.
    """
    tree = areas_on(closing.last_day)
    gone: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    found: list[ChangedFact] = []

    def made(before: dict[str, Any] | None, after: dict[str, Any] | None) -> ChangedFact:
        row = after or before
        assert row is not None  # one of the two is there
        area, valid_from = str(row["area"]), row["area_valid_from"]
        is_here = area in tree and tree.get(area).valid_from == valid_from
        return ChangedFact(
            **{name: row[name] for name in _CELL},
            area_now=area if is_here else stands_for(area, valid_from, closing.last_day) or area,
            before=before["value"] if before else None,
            after=after["value"] if after else None,
            changed_at=after["recorded_at"] if after else row["superseded_at"],
            record=str(after["record"]) if after else "",
            before_record=str(before["record"]) if before else "",
        )

    since = closing.closed_at
    rows = changed_facts(first=first, last=closing.last_day, since=since, until=until, measures=measures)
    for row in sorted(rows, key=lambda row: (row["recorded_at"], str(row["record"]))):
        cell = tuple(row[name] for name in _CELL)
        if row["recorded_at"] <= since:
            gone.setdefault(cell, []).append(row)
        else:
            found.append(made(gone[cell].pop(0) if gone.get(cell) else None, row))
    found += [made(row, None) for rows in gone.values() for row in rows]
    # What was written again with the same value moves nothing.
    moved = (fact for fact in found if fact.before != fact.after)
    return tuple(sorted(moved, key=lambda fact: fact.changed_at, reverse=True))


def late_facts(closing: Closing, *, until: datetime) -> Iterator[bytes]:
    """
    Yield the bytes of the cells of a closed period's own facts that changed between its closing and `until`, in no order.

    Of the measures that were sealed, whatever the plan has become since.
    """
    measures = [row.measure for row in closing.measures.all()]
    for fact in changes(closing, measures, first=closing.facts_from, until=until):
        row = vars(fact) | {"period": closing.period}
        yield encode([LATE, *(text_of(row[name]) for name in LATE_FIELDS)])


def late_digest(closings: Iterable[Closing], *, until: datetime) -> tuple[int, str]:
    """Return how many late facts of these closings were known at `until`, and the root over them."""
    records = sorted(record for closing in closings for record in late_facts(closing, until=until))
    return len(records), root_of(records)
