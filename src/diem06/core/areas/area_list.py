"""
An area list: a folder with areas.csv, parents.csv and succession.csv, read and checked as a whole.

UTF-8, a header row, days as 2023-04-10, half-open intervals, an empty end for "still". The columns are those of
`data/`; any other list of areas with these columns is read the same way.
"""

import csv
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from diem06.plan.model import Level

Row = TypeVar("Row")
Identity = tuple[str, date]
"""Code and first day of an area."""
WIDEST_FIRST = list(Level)
FAR = date.max
COLUMNS = {
    "areas.csv": [
        "code",
        "valid_from",
        "valid_to",
        "level",
        "type",
        "name",
        "area_km2",
        "population",
        "population_basis",
    ],
    "parents.csv": ["code", "valid_from", "parent_code", "parent_valid_from", "from", "to"],
    "succession.csv": [
        "effective",
        "old_code",
        "old_valid_from",
        "new_code",
        "new_valid_from",
        "share_population",
        "share_area",
        "basis",
    ],
}


class AreaListError(ValueError):
    """The list is not a list of areas over time. `faults` names each: `parents.csv:12: what is wrong`."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class AreaRow:
    code: str
    valid_from: date
    valid_to: date | None
    level: Level
    type: str
    name: str
    area_km2: Decimal | None
    population: int | None
    population_basis: str

    @property
    def identity(self) -> Identity:
        return self.code, self.valid_from


@dataclass(frozen=True)
class ParentRow:
    area: Identity
    parent: Identity
    from_day: date
    to_day: date | None


@dataclass(frozen=True)
class SuccessionRow:
    effective: date
    old: Identity
    new: Identity
    share_population: Decimal
    share_area: Decimal
    basis: str


@dataclass(frozen=True)
class AreaList:
    areas: dict[Identity, AreaRow]
    parents: list[ParentRow]
    successions: list[SuccessionRow]
    sha256: str  # of the three files


def read(folder: Path) -> AreaList:
    """Read and check the list in `folder`. Raises AreaListError with every fault at once."""
    faults: list[str] = []
    found = AreaList(
        areas={},
        parents=_parsed(folder / "parents.csv", _parent, faults),
        successions=_parsed(folder / "succession.csv", _succession, faults),
        sha256=_digest(folder),
    )
    for row in _parsed(folder / "areas.csv", _area, faults):
        if row.identity in found.areas:
            faults.append(f"areas.csv: {_named(row.identity)} stands there twice")
        found.areas[row.identity] = row
    # What could not be read would only be reported again as missing.
    if not faults:
        faults = [*_overlaps(found), *_wrong_parents(found), *_wrong_successions(found)]
    if faults:
        raise AreaListError(faults)
    return found


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in COLUMNS:
        if (folder / name).exists():
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


# -- reading ---------------------------------------------------------------------------------------------------------
def _parsed(path: Path, parse: Callable[[dict[str, str]], Row], faults: list[str]) -> list[Row]:
    if not path.exists():
        faults.append(f"{path.name}: the file is missing")
        return []
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file, strict=True)
        if lines.fieldnames != COLUMNS[path.name]:
            faults.append(f"{path.name}:1: the columns must be {', '.join(COLUMNS[path.name])}")
            return []
        for line in lines:
            try:
                if None in line or None in line.values():
                    raise ValueError(f"expected {len(COLUMNS[path.name])} cells")  # noqa: TRY301 -- one place adds the line
                found.append(parse(line))
            except ValueError as fault:
                faults.append(f"{path.name}:{lines.line_num}: {fault}")
    return found


def _area(line: dict[str, str]) -> AreaRow:
    if line["level"] not in WIDEST_FIRST:
        raise ValueError(f"level {line['level']!r}: write one of {', '.join(WIDEST_FIRST)}")
    row = AreaRow(
        code=_text(line, "code"),
        valid_from=_day(line, "valid_from"),
        valid_to=_end(line, "valid_to", after="valid_from"),
        level=Level(line["level"]),
        type=_text(line, "type"),
        name=_text(line, "name"),
        area_km2=_number(line, "area_km2") if line["area_km2"] else None,
        population=int(_number(line, "population")) if line["population"] else None,
        population_basis=line["population_basis"],
    )
    if not row.name.casefold().startswith(row.type.casefold()):
        raise ValueError(f"name {row.name!r}: begin it with its type, {row.type!r}")
    return row


def _parent(line: dict[str, str]) -> ParentRow:
    return ParentRow(
        area=_identity(line, ""),
        parent=_identity(line, "parent_"),
        from_day=_day(line, "from"),
        to_day=_end(line, "to", after="from"),
    )


def _succession(line: dict[str, str]) -> SuccessionRow:
    return SuccessionRow(
        effective=_day(line, "effective"),
        old=_identity(line, "old_"),
        new=_identity(line, "new_"),
        share_population=_number(line, "share_population"),
        share_area=_number(line, "share_area"),
        basis=_text(line, "basis"),
    )


def _identity(line: dict[str, str], prefix: str) -> Identity:
    return _text(line, f"{prefix}code"), _day(line, f"{prefix}valid_from")


def _text(line: dict[str, str], column: str) -> str:
    if not line[column] or line[column] != line[column].strip():
        raise ValueError(f"{column}: write it, without spaces around it")
    return unicodedata.normalize("NFC", line[column])


def _day(line: dict[str, str], column: str) -> date:
    try:
        return date.fromisoformat(line[column])
    except ValueError:
        raise ValueError(f"{column} {line[column]!r}: write a day such as 2023-04-10") from None


def _end(line: dict[str, str], column: str, *, after: str) -> date | None:
    if not line[column]:
        return None
    end = _day(line, column)
    if end <= _day(line, after):
        raise ValueError(
            f"{column} {end}: it must be later than {after}; it is the first day on which this no longer holds"
        )
    return end


def _number(line: dict[str, str], column: str) -> Decimal:
    try:
        number = Decimal(line[column])
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or number < 0:
        raise ValueError(f"{column} {line[column]!r}: write a number such as 12.5")
    return number


# -- checking --------------------------------------------------------------------------------------------------------
def _overlaps(found: AreaList) -> Iterator[str]:
    for earlier, later in pairwise(sorted(found.areas.values(), key=lambda row: row.identity)):
        if earlier.code == later.code and (earlier.valid_to or FAR) > later.valid_from:
            yield f"areas.csv: {_named(earlier.identity)} goes on when {_named(later.identity)} begins"


def _wrong_parents(found: AreaList) -> Iterator[str]:
    links: dict[Identity, list[ParentRow]] = defaultdict(list)
    for link in found.parents:
        area, parent = found.areas.get(link.area), found.areas.get(link.parent)
        if area is None or parent is None:
            yield f"parents.csv: {_named(link.parent if area else link.area)} is not in areas.csv"
        elif WIDEST_FIRST.index(parent.level) >= WIDEST_FIRST.index(area.level):
            yield f"parents.csv: {_named(link.area)} ({area.level}) cannot lie in {_named(link.parent)} ({parent.level})"
        elif link.from_day < parent.valid_from or (link.to_day or FAR) > (parent.valid_to or FAR):
            yield f"parents.csv: {_named(link.area)} lies in {_named(link.parent)} on days when that one is not there"
        else:
            links[link.area].append(link)
    for identity, of_area in links.items():
        of_area.sort(key=lambda link: link.from_day)
        area = found.areas[identity]
        # Ends and beginnings must meet, from the area's first day to its last: one parent on each day, never two, never none.
        begins = [link.from_day for link in of_area] + [area.valid_to or FAR]
        ends = [area.valid_from] + [link.to_day or FAR for link in of_area]
        if begins != ends:
            yield f"parents.csv: {_named(identity)} must lie in exactly one area on each of its days"


def _wrong_successions(found: AreaList) -> Iterator[str]:
    totals: dict[Identity, list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
    for edge in found.successions:
        old, new = found.areas.get(edge.old), found.areas.get(edge.new)
        if old is None or new is None:
            yield f"succession.csv: {_named(edge.new if old else edge.old)} is not in areas.csv"
            continue
        if old.valid_to != edge.effective:
            yield f"succession.csv: {_named(edge.old)} does not end on {edge.effective}"
        if not new.valid_from <= edge.effective < (new.valid_to or FAR):
            yield f"succession.csv: {_named(edge.new)} is not there on {edge.effective}"
        totals[edge.old][0] += edge.share_population
        totals[edge.old][1] += edge.share_area
    for identity, (population, area) in totals.items():
        if (population, area) != (1, 1):
            yield f"succession.csv: the shares of {_named(identity)} add up to {population} and {area}, not to 1"


def _named(identity: Identity) -> str:
    return f"{identity[0]} of {identity[1]}"
