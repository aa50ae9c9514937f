"""
Which areas there were on a day, and what became of them.

The lists are small and change seldom: each process remembers them. `forget` is called by the action that changes
them; other processes see the change after REMEMBER_SECONDS at the latest.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from time import monotonic

from diem06.core.areas.area_list import WIDEST_FIRST, Identity
from diem06.core.areas.models import Area, AreaParent, Succession
from diem06.core.areas.redrawing import History, Laid, Link, Row, lay
from diem06.plan.model import Level

REMEMBER_SECONDS = 60
_CITY = "Thành phố"


class AreaUnknown(LookupError):
    """There is no such area, or not on that day."""


@dataclass(frozen=True)
class AreaOn:
    """An area as it is on a day. `parent` is a code, empty at the top."""

    code: str
    valid_from: date
    level: Level
    type: str  # «Huyện»
    name: str  # with its type: «Huyện Tân Yên»
    parent: str
    valid_to: date | None = None  # the first day on which it is no more

    @property
    def short_name(self) -> str:
        """Without its type: «Tân Yên»; a city keeps it, so that it is not taken for its province: «TP Bắc Giang»."""
        own_name = self.name[len(self.type) :].strip()
        return f"TP {own_name}" if self.type == _CITY else own_name


class AreaTree:
    """The areas of one day, widest first, then by code. Immutable."""

    __slots__ = ("_areas", "_children")

    def __init__(self, areas: Iterator[AreaOn]) -> None:
        ordered = sorted(areas, key=lambda area: (WIDEST_FIRST.index(area.level), area.code))
        children = defaultdict(list)
        for area in ordered:
            children[area.parent].append(area)
        self._areas = {area.code: area for area in ordered}
        self._children = {code: tuple(inner) for code, inner in children.items()}

    def __iter__(self) -> Iterator[AreaOn]:
        return iter(self._areas.values())

    def __len__(self) -> int:
        return len(self._areas)

    def __contains__(self, code: object) -> bool:
        return code in self._areas

    def get(self, code: str) -> AreaOn:
        """The area with this code. Raises AreaUnknown where the day has none: ask `code in tree` first."""
        try:
            return self._areas[code]
        except KeyError:
            raise AreaUnknown(f"No area has the code {code!r} on that day.") from None

    @property
    def roots(self) -> tuple[AreaOn, ...]:
        """The areas that lie in no other: one province, or each of several (24 and 27 in the first half of 2025)."""
        return self.children("")

    @property
    def province(self) -> AreaOn:
        """The first root by code. Raises AreaUnknown before the first list."""
        if not self.roots:
            raise AreaUnknown("There is no area on that day: load an area list that begins earlier.")
        return self.roots[0]

    def children(self, code: str) -> tuple[AreaOn, ...]:
        """What lies directly in the area."""
        return self._children.get(code, ())

    def ancestors(self, code: str) -> tuple[AreaOn, ...]:
        """What the area lies in, nearest first, without itself."""
        found = []
        parent = self.get(code).parent
        while parent:
            found.append(self._areas[parent])
            parent = found[-1].parent
        return tuple(found)

    def descendants(self, code: str, level: Level | str | None = None) -> tuple[AreaOn, ...]:
        """Everything that lies in the area, at any depth (or only of `level`), without itself; widest first, then by code."""
        self.get(code)
        found, last = [], [code]
        while last:
            inner = [child for each in last for child in self.children(each)]
            found += inner
            last = [child.code for child in inner]
        found.sort(key=lambda area: (WIDEST_FIRST.index(area.level), area.code))
        return tuple(area for area in found if level is None or area.level == level)


@dataclass(frozen=True)
class Share:
    """An area, and the part of an older area's people and land that came to it."""

    area_code: str
    valid_from: date
    population: Decimal
    area: Decimal


def areas_on(day: date) -> AreaTree:
    """The tree of the day; the same object for all days between two changes. Empty before the first list."""
    return _lists().tree(day)


def became(code: str, valid_from: date, on: date) -> list[Share]:
    """
    What became of the area until `on`: the areas of that day with their share of it, the largest part of its people first.

    Shares follow all changes in between and add up to 1. An area that is still there became itself. Districts of 2023
    end in communes: see the data's README.

    Raises AreaUnknown for an area that is not known, ValueError for a day before it began.
    """
    lists = _lists()
    if (code, valid_from) not in lists.areas:
        raise AreaUnknown(f"No area {code} begins on {valid_from}.")
    if on < valid_from:
        raise ValueError(f"{on} is before {code} began ({valid_from}).")
    here: dict[Identity, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(), Decimal()))
    ahead = {(code, valid_from): (Decimal(1), Decimal(1))}
    while ahead:
        # The earliest to end goes first, so that all that flows into an area is there before it is split further.
        identity = min(ahead, key=lambda each: lists.areas[each].valid_to or date.max)
        population, area = ahead.pop(identity)
        ends = lists.areas[identity].valid_to
        if ends is None or ends > on:
            here[identity] = population, area
            continue
        for edge in lists.successions.get(identity, ()):
            known = ahead.get(edge.new, (Decimal(), Decimal()))
            ahead[edge.new] = (
                known[0] + population * edge.share_population,
                known[1] + area * edge.share_area,
            )
    shares = [Share(*identity, *share) for identity, share in here.items()]
    return sorted(shares, key=lambda share: (-share.population, -share.area, share.area_code))


def stands_for(code: str, valid_from: date, on: date) -> str:
    """
    The code of the one area of the day `on` that stands for this one: itself while it is there, else whoever took the
    most of its people. Empty where nothing came after it.

    What cannot be divided goes this way: a fact is whole, and a share of it would be no count. Raises as `became` does.
    """
    shares = became(code, valid_from, on)
    return shares[0].area_code if shares else ""


def laid(code: str, valid_from: date, on: date) -> Laid:
    """
    Lay an area on the map of the day `on`, before or after its own time: in which areas of that day it lies, with what share.

    Raises AreaUnknown for an area that is not known.
    """
    lists = _lists()
    if (code, valid_from) not in lists.areas:
        raise AreaUnknown(f"No area {code} begins on {valid_from}.")
    return lists.laid(code, valid_from, on)


def name_of(code: str, valid_from: date) -> str:
    """The name of an area with its type, as it was called in its time. Raises AreaUnknown for an area that is not known."""
    try:
        return _lists().areas[code, valid_from].name
    except KeyError:
        raise AreaUnknown(f"No area {code} begins on {valid_from}.") from None


def population_basis(code: str, valid_from: date) -> str:
    """Source and date of an area's population; empty where it is not known. Raises AreaUnknown as `name_of` does."""
    area = _lists().areas.get((code, valid_from))
    if area is None:
        raise AreaUnknown(f"No area {code} begins on {valid_from}.")
    return area.population_basis if area.population is not None else ""


def states_of(code: str) -> list[date]:
    """The first days of the different states of the map of one area, with all that lies in it, earliest first."""
    found: list[date] = []
    before: frozenset[tuple[str, date, str]] = frozenset()
    for day in days_of_change():
        tree = areas_on(day)
        if code not in tree:
            continue
        inside = (tree.get(code), *tree.descendants(code))
        now = frozenset((area.code, area.valid_from, area.parent) for area in inside)
        if now != before:
            found.append(day)
        before = now
    return found


def first_days_of(code: str) -> list[date]:
    """The first days of the areas that have had this code, earliest first; none if nothing has."""
    return sorted(first for known, first in _lists().areas if known == code)


def days_of_change() -> list[date]:
    """The first days of each state of the map, the first list's included."""
    return list(_lists().days)


def forget() -> None:
    """Read the lists anew the next time."""
    _remembered.clear()


# -- what a process remembers ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Edge:
    new: Identity
    share_population: Decimal
    share_area: Decimal
    basis: str
    on: date


@dataclass
class _Lists:
    read_at: float
    areas: dict[Identity, Area]
    links: dict[Identity, list[tuple[date, date, str]]]  # from, to, code of the parent
    successions: dict[Identity, list[_Edge]]
    days: list[date]
    trees: dict[int, AreaTree] = field(default_factory=dict)
    laid_down: dict[tuple[Identity, int], Laid] = field(default_factory=dict)

    def laid(self, code: str, valid_from: date, on: date) -> Laid:
        state = bisect_right(self.days, on)
        key = ((code, valid_from), state)
        if key not in self.laid_down:
            tree = self.tree(on)
            self.laid_down[key] = lay(
                (code, valid_from),
                history=self.history,
                on=on,
                chain_of=lambda area: [
                    (up.code, up.valid_from, up.level) for up in (tree.get(area), *tree.ancestors(area))
                ],
            )
        return self.laid_down[key]

    @cached_property
    def history(self) -> History:
        """The list as the pure rules read it."""
        out_of: dict[Identity, list[Link]] = defaultdict(list)
        into: dict[Identity, list[Link]] = defaultdict(list)
        for old, edges in self.successions.items():
            for edge in edges:
                link = Link(old, edge.new, edge.share_population, edge.basis, edge.on)
                out_of[old].append(link)
                into[edge.new].append(link)
        rows = {
            identity: Row(area.valid_from, area.valid_to, Level(area.level), area.population)
            for identity, area in self.areas.items()
        }
        return History(rows, out_of, into, self._parent_of)

    def _parent_of(self, identity: Identity, day: date) -> str:
        return next((code for first, last, code in self.links[identity] if first <= day < last), "")

    def tree(self, day: date) -> AreaTree:
        state = bisect_right(self.days, day)
        if state not in self.trees:
            self.trees[state] = AreaTree(self._areas_on(day))
        return self.trees[state]

    def _areas_on(self, day: date) -> Iterator[AreaOn]:
        for identity, area in self.areas.items():
            if area.valid_from <= day < (area.valid_to or date.max):
                parents = [code for first, last, code in self.links[identity] if first <= day < last]
                yield AreaOn(
                    code=area.code,
                    valid_from=area.valid_from,
                    level=Level(area.level),
                    type=area.type,
                    name=area.name,
                    parent=parents[0] if parents else "",
                    valid_to=area.valid_to,
                )


_remembered: list[_Lists] = []


def _lists() -> _Lists:
    now = monotonic()
    if not _remembered or now - _remembered[0].read_at > REMEMBER_SECONDS:
        _remembered[:] = [_read(now)]
    return _remembered[0]


def _read(now: float) -> _Lists:
    areas = {area.pk: area for area in Area.objects.all()}
    identities: dict[int, Identity] = {pk: (area.code, area.valid_from) for pk, area in areas.items()}
    days = {area.valid_from for area in areas.values()} | {area.valid_to for area in areas.values()}
    links: dict[Identity, list[tuple[date, date, str]]] = defaultdict(list)
    for link in AreaParent.objects.all():
        days |= {link.from_day, link.to_day}
        links[identities[link.area_id]].append((link.from_day, link.to_day or date.max, areas[link.parent_id].code))
    successions: dict[Identity, list[_Edge]] = defaultdict(list)
    for edge in Succession.objects.all():
        successions[identities[edge.old_id]].append(
            _Edge(identities[edge.new_id], edge.share_population, edge.share_area, edge.basis, edge.effective)
        )
    return _Lists(
        read_at=now,
        areas={identities[pk]: area for pk, area in areas.items()},
        links=links,
        successions=successions,
        days=sorted(day for day in days if day is not None),
    )
