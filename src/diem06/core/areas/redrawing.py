"""
An area on the map of another day: which areas of that day hold it, each with the share of its people that lies there.

Forward by what an area became, backward by what it came from. Shares have SHARE_PLACES decimals; the largest takes the rounding,
so that all shares, with what lies outside of the map, add up to exactly 1. Pure: rows in, shares out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from diem06.core.areas.area_list import WIDEST_FIRST, Identity
from diem06.plan.model import Level

SHARE_PLACES = 6
BASES = ("official", "press", "derived", "assumed")
"""What a share of the area list rests on, the strongest first."""
_DERIVED = BASES.index("derived")
_OUTSIDE: Identity = ("", date.max)


@dataclass(frozen=True)
class Row:
    """An area of the list: [first, ends), its level and, where it is known, how many people live there."""

    first: date
    ends: date | None
    level: Level
    population: int | None


@dataclass(frozen=True)
class Link:
    """On the day `on`, `share` of the people of `old` came to `new`."""

    old: Identity
    new: Identity
    share: Decimal
    basis: str
    on: date


@dataclass(frozen=True)
class History:
    """The area list as rows and links, by their old and by their new end; `parent_of` gives a code (empty: none) on a day."""

    rows: Mapping[Identity, Row]
    out_of: Mapping[Identity, Sequence[Link]]
    into: Mapping[Identity, Sequence[Link]]
    parent_of: Callable[[Identity, date], str]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """
    The part of an area that lies in one area of the map. `share` None: not known, for nobody knows how many lived where.

    `basis` is the weakest of the links on the way, `days` are the days of their changes; both empty where nothing changed.
    `by_people`: the share was worked out from populations of older areas.
    """

    code: str
    valid_from: date
    share: Decimal | None
    basis: str = ""
    days: tuple[date, ...] = ()
    by_people: bool = False

    @property
    def identity(self) -> Identity:
        return self.code, self.valid_from


@dataclass(frozen=True, kw_only=True)
class Laid:
    """
    An area laid on the map of another day.

    `pieces` are the areas of the map that it consists of, the largest share first. `holder` is the nearest area of the map that
    holds all of it, empty where none does. `shares` has every area of the map, at each level, in which some of it lies: what lies
    in a commune lies in its district and province too. `outside` is the share in no area of the map, None where that is not
    known; `unknown` are the older areas whose population is not known, and would be needed.
    """

    code: str
    valid_from: date
    pieces: tuple[Piece, ...]
    outside: Decimal | None
    holder: str
    shares: Mapping[str, Piece]
    unknown: tuple[Identity, ...] = ()

    @property
    def is_outside(self) -> bool:
        """Does nothing of it lie on the map?"""
        return not self.pieces

    @property
    def is_partly_outside(self) -> bool:
        """Does some of it, or maybe some of it, lie in no area of the map?"""
        return self.outside is None or self.outside > 0


Chain = Sequence[tuple[str, date, Level]]
"""An area of the map and all that it lies in, the nearest first."""


def lay(identity: Identity, *, history: History, on: date, chain_of: Callable[[str], Chain]) -> Laid:
    """
    Lay an area on the map of the day `on`; `chain_of` tells in what an area of that map lies.

    Raises KeyError for an area that is not in the list.
    """
    way = _Way(history, on)
    if history.rows[identity].first <= on:
        way.forward(identity)
    else:
        way.backward(identity)
    atoms = _Atoms(way)
    pieces = sorted(
        atoms.pieces({each: each for each in way.here}),
        key=lambda piece: (piece.share is None, -(piece.share or 0), piece.identity),
    )
    chains = {piece.identity: chain_of(piece.code) for piece in pieces}
    shares: dict[str, Piece] = {}
    for level in WIDEST_FIRST:
        inside = {each: up[:2] for each, chain in chains.items() for up in chain if up[2] is level}
        shares |= {piece.code: piece for piece in atoms.pieces(inside)}
    outside = atoms.share_of({_OUTSIDE})
    holder = ""
    if chains and outside == 0:
        first, *others = [[up[0] for up in chain] for chain in chains.values()]
        holder = next((code for code in first if all(code in each for each in others)), "")
    return Laid(
        code=identity[0],
        valid_from=identity[1],
        pieces=tuple(pieces),
        outside=outside,
        holder=holder,
        shares=shares,
        unknown=tuple(sorted(way.unknown)) if any(piece.share is None for piece in pieces) else (),
    )


# -- the way there ---------------------------------------------------------------------------------------------------------
_Lump = tuple[Identity, str]
"""People of whom is known how many there are, and not in which of some areas: those of an area that came from one district."""


@dataclass(kw_only=True)
class _Part:
    """What has come to an area so far: a share, and lumps that lie here or in others."""

    share: Fraction = Fraction()
    lumps: set[_Lump] = field(default_factory=set)
    basis: int = -1
    days: set[date] = field(default_factory=set)
    by_people: bool = False

    def add(self, other: _Part, link: Link, share: Fraction | None, lump: _Lump | None = None) -> None:
        """Take over a part of what is elsewhere: a share, or some of a lump."""
        self.share += other.share * (share or 0)
        self.lumps |= other.lumps
        if lump:
            self.lumps.add(lump)
        self.by_people |= other.by_people
        self.basis = max(self.basis, other.basis, BASES.index(link.basis))
        self.days |= {*other.days, link.on}


class _Way:
    """Where the people of one area are on the map of a day, exactly."""

    def __init__(self, history: History, on: date) -> None:
        self.history = history
        self.on = on
        self.here: dict[Identity, _Part] = {}
        self.outside = _Part()
        self.lumps: dict[_Lump, Fraction] = {}
        self.unknown: set[Identity] = set()

    def forward(self, identity: Identity) -> None:
        """Follow what the area became."""
        ahead = {identity: _Part(share=Fraction(1))}
        while ahead:
            # The earliest to end goes first, so that all that flows into an area is there before it is split further.
            now = min(ahead, key=lambda each: self.history.rows[each].ends or date.max)
            part = ahead.pop(now)
            ends = self.history.rows[now].ends
            if ends is None or ends > self.on:
                self.here[now] = part
                continue
            links = [link for link in self.history.out_of.get(now, ()) if link.share]
            if not links:
                self.outside.share += part.share
            for link in links:
                ahead.setdefault(link.new, _Part()).add(part, link, Fraction(link.share))

    def backward(self, identity: Identity) -> None:
        """Follow what the area came from."""
        behind = {identity: _Part(share=Fraction(1))}
        while behind:
            # The latest to begin goes first, for the same reason.
            now = max(behind, key=lambda each: self.history.rows[each].first)
            part = behind.pop(now)
            if self.history.rows[now].first <= self.on:
                self.here[now] = part
                continue
            by_level = self._origins(now)
            if not by_level:
                self.outside.share += part.share
                self.outside.lumps |= part.lumps
                continue
            # Districts of 2023 and their communes both became communes of 2025, and speak of the same people: the narrowest count.
            narrowest, *wider = by_level
            for link, share, lump in self._divided(now, part, narrowest, wider):
                known = behind.setdefault(link.old, _Part())
                known.add(part, link, share, lump)
                if len(narrowest) > 1:
                    known.by_people = True
                    known.basis = max(known.basis, _DERIVED)

    def _origins(self, identity: Identity) -> list[list[Link]]:
        """Return the links into an area, the narrowest level first; those without people only where no others are."""
        found: dict[Level, list[Link]] = defaultdict(list)
        for link in self.history.into.get(identity, ()):
            found[self.history.rows[link.old].level].append(link)
        levels = sorted(found, key=WIDEST_FIRST.index, reverse=True)
        return [[link for link in found[level] if link.share] or found[level] for level in levels]

    def _divided(
        self, now: Identity, part: _Part, links: list[Link], wider: list[list[Link]]
    ) -> Iterable[tuple[Link, Fraction | None, _Lump | None]]:
        """Yield each link with its share of the people; where that is not known, with the lump that they are in."""
        shares = self._of_people(now, links)
        if shares:
            return [(link, share, None) for link, share in zip(links, shares, strict=True)]
        self.unknown |= {link.old for link in links if self.history.rows[link.old].population is None}
        lump_of = self._lumps(now, part, links, wider)
        return [(link, None, lump_of[link.old] if part.share else None) for link in links]

    def _of_people(self, now: Identity, links: Sequence[Link]) -> list[Fraction] | None:
        """
        Return which share of the new area's people came by each link; None where that is not known.

        Where one older population alone is not known and the new one is, it has what the others leave.
        """
        if len(links) == 1:
            return [Fraction(1)]
        people = [self.history.rows[link.old].population for link in links]
        came = [Fraction(link.share) * (number or 0) for link, number in zip(links, people, strict=True)]
        if people.count(None) == 1:
            rest = (self.history.rows[now].population or 0) - sum(came)
            came[people.index(None)] = Fraction(rest) if rest > 0 else Fraction()
            if rest <= 0:
                return None
        elif None in people:
            return None
        return [number / sum(came) for number in came] if sum(came) else None

    def _lumps(
        self, now: Identity, part: _Part, links: list[Link], wider: list[list[Link]]
    ) -> Mapping[Identity, _Lump]:
        """Return the lump of each older area: by the district it lay in, where the districts' shares are known, else one for all."""
        day = links[0].on - timedelta(days=1)
        parents = {link.old: self.history.parent_of(link.old, day) for link in links}
        for of_level in wider:
            shares = self._of_people(now, of_level)
            by_code = {link.old[0]: share for link, share in zip(of_level, shares, strict=True)} if shares else {}
            if set(parents.values()) == by_code.keys():
                self.lumps |= {(now, code): part.share * share for code, share in by_code.items() if part.share}
                return {old: (now, parent) for old, parent in parents.items()}
        if part.share:
            self.lumps[now, ""] = part.share
        return dict.fromkeys(parents, (now, ""))


class _Atoms:
    """Shares and lumps, rounded so that they add up to exactly 1: whatever is added up of them is exact."""

    def __init__(self, way: _Way) -> None:
        self.parts = {identity: part for identity, part in way.here.items() if part.share or part.lumps}
        self._outside = way.outside
        exact: dict[Identity | _Lump, Fraction] = {identity: part.share for identity, part in self.parts.items()}
        exact |= {_OUTSIDE: way.outside.share} | way.lumps
        unit = Decimal(1).scaleb(-SHARE_PLACES)
        self._rounded = {
            name: (Decimal(share.numerator) / Decimal(share.denominator)).quantize(unit)
            for name, share in exact.items()
        }
        largest = max(exact, key=lambda name: (exact[name], str(name)))
        self._rounded[largest] += 1 - sum(self._rounded.values())

    def share_of(self, identities: set[Identity]) -> Decimal | None:
        """Add up what lies in these areas; None where a lump lies partly here and partly elsewhere."""
        everywhere = {**self.parts, _OUTSIDE: self._outside}
        here = {lump for identity in identities for lump in everywhere[identity].lumps}
        for identity, part in everywhere.items():
            if identity not in identities and here & part.lumps:
                return None
        return sum((self._rounded[each] for each in identities), Decimal()) + sum(
            (self._rounded[each] for each in here), Decimal()
        )

    def pieces(self, inside: Mapping[Identity, Identity]) -> list[Piece]:
        """Return what lies in each area that `inside` names for the areas it holds."""
        parts: dict[Identity, set[Identity]] = defaultdict(set)
        for identity, area in inside.items():
            if identity in self.parts:
                parts[area].add(identity)
        found = []
        for (code, valid_from), identities in parts.items():
            share = self.share_of(identities)
            used = [self.parts[each] for each in identities]
            basis = max(part.basis for part in used)
            found.append(
                Piece(
                    code=code,
                    valid_from=valid_from,
                    share=share,
                    basis=BASES[basis] if basis >= 0 else "",
                    days=tuple(sorted({day for part in used for day in part.days})),
                    by_people=share != 1 and any(part.by_people for part in used),
                )
            )
        return [piece for piece in found if piece.share != 0]
