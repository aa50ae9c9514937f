"""Small made-up provinces whose areas stay, merge, split, move and go, in three states; for the rules of maps of another day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from diem06.core.areas.area_list import WIDEST_FIRST, Identity
from diem06.core.areas.queries import AreaOn, AreaTree
from diem06.core.areas.redrawing import History, Laid, Link, Row, lay
from diem06.plan.model import Level

DAYS = (date(2023, 4, 10), date(2024, 1, 1), date(2025, 1, 1))
_SHARES = (("1",), ("1",), ("0.25", "0.75"), ("0.333333", "0.666667"), ("0", "1"))
Choose = Callable[[Sequence[Any]], Any]


@dataclass
class Country:
    """A province over time, and its trees on DAYS."""

    rows: dict[Identity, Row] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    parents: dict[Identity, list[tuple[date, str]]] = field(default_factory=dict)
    trees: list[AreaTree] = field(default_factory=list)

    @property
    def history(self) -> History:
        out_of: dict[Identity, list[Link]] = {}
        into: dict[Identity, list[Link]] = {}
        for link in self.links:
            out_of.setdefault(link.old, []).append(link)
            into.setdefault(link.new, []).append(link)
        return History(self.rows, out_of, into, self.parent_of)

    def parent_of(self, identity: Identity, day: date) -> str:
        return next((code for since, code in reversed(self.parents.get(identity, [])) if since <= day), "")

    def lay(self, code: str, valid_from: date, on: date) -> Laid:
        tree = self.trees[DAYS.index(on)]
        return lay(
            (code, valid_from),
            history=self.history,
            on=on,
            chain_of=lambda area: [
                (up.code, up.valid_from, up.level) for up in (tree.get(area), *tree.ancestors(area))
            ],
        )

    # -- making it
    def living(self, level: Level) -> list[Identity]:
        return [identity for identity, row in self.rows.items() if row.ends is None and row.level is level]

    def begin(self, code: str, level: Level, day: date, population: int | None) -> Identity:
        self.rows[code, day] = Row(day, None, level, population)
        return code, day

    def end(self, identity: Identity, day: date, heirs: Sequence[Identity], shares: Sequence[str]) -> None:
        row = self.rows[identity]
        self.rows[identity] = Row(row.first, day, row.level, row.population)
        for heir, share in zip(heirs, shares, strict=True):
            self.links.append(Link(identity, heir, Decimal(share), "official", day))

    def settle(self, day: date, choose: Choose) -> None:
        """Put each district into the province, each commune into some district; keep the tree of the day."""
        (province,) = self.living(Level.PROVINCE)
        districts = self.living(Level.DISTRICT)
        for identity in districts:
            self.parents.setdefault(identity, []).append((day, province[0]))
        for identity in self.living(Level.COMMUNE):
            now = self.parent_of(identity, day)
            stays = now in {code for code, _since in districts} and choose((True, True, False))
            parent = now if stays else choose(districts)[0] if districts else province[0]
            self.parents.setdefault(identity, []).append((day, parent))
        self.trees.append(
            AreaTree(
                AreaOn(
                    code=code,
                    valid_from=since,
                    level=row.level,
                    type="",
                    name=code,
                    parent=self.parent_of((code, since), day),
                )
                for (code, since), row in self.rows.items()
                if row.ends is None
            )
        )


def make_country(choose: Choose, *, all_known: bool, with_districts_gone: bool = True) -> Country:
    """Make up a province: `all_known`: with the population of every area."""

    def people() -> int | None:
        return int(choose((0, 10, 70, 1000, 33333))) if all_known or choose((True, True, False)) else None

    country = Country()
    first, *later = DAYS
    country.begin("p", Level.PROVINCE, first, people())
    for code in ("d1", "d2"):
        country.begin(code, Level.DISTRICT, first, people())
    for code in ("c1", "c2", "c3", "c4"):
        country.begin(code, Level.COMMUNE, first, people())
    country.settle(first, choose)
    for number, day in enumerate(later, 1):
        _change(country, number, day, choose, people, with_districts_gone=with_districts_gone)
        country.settle(day, choose)
    return country


def _change(
    country: Country,
    number: int,
    day: date,
    choose: Choose,
    people: Callable[[], int | None],
    *,
    with_districts_gone: bool,
) -> None:
    if choose((False, True)):
        (province,) = country.living(Level.PROVINCE)
        country.end(province, day, [country.begin("p", Level.PROVINCE, day, people())], ["1"])
    going = [identity for identity in country.living(Level.COMMUNE) if choose((True, False))]
    codes = [*(code for code, _since in going[:1]), f"{number}n1", f"{number}n2"]
    new = [country.begin(code, Level.COMMUNE, day, people()) for code in codes]
    for identity in going:
        shares = choose(_SHARES)
        heirs = [choose(new)] if len(shares) == 1 else choose(((new[0], new[1]), (new[-1], new[0])))
        country.end(identity, day, heirs, shares)
    districts = country.living(Level.DISTRICT)
    match choose(("stay", "merge", "split", *(("gone",) if with_districts_gone else ()))):
        case "merge" if len(districts) > 1:
            heir = country.begin(f"{number}d", Level.DISTRICT, day, people())
            for identity in districts:
                country.end(identity, day, [heir], ["1"])
        case "split" if districts:
            heirs = [country.begin(code, Level.DISTRICT, day, people()) for code in (districts[0][0], f"{number}d")]
            country.end(districts[0], day, heirs, ["0.4", "0.6"])
        case "gone":
            for identity in districts:
                country.end(identity, day, (new[0], new[1]), ["0.5", "0.5"])


@st.composite
def countries(draw: Any, *, all_known: bool = False, with_districts_gone: bool = True) -> Country:
    return make_country(
        lambda options: draw(st.sampled_from(options)), all_known=all_known, with_districts_gone=with_districts_gone
    )


# -- by brute force ------------------------------------------------------------------------------------------------------
def shares_of(country: Country, identity: Identity, on: date) -> dict[Identity, Fraction] | None:
    """
    Follow every way from an area to the map of a day; None where a population is missing, or nobody lived there.

    What lies outside has the name ("", date.max).
    """
    row = country.rows[identity]
    if row.first <= on < (row.ends or date.max):
        return {identity: Fraction(1)}
    if row.first <= on:
        links = [link for link in country.links if link.old == identity]
        ways = [(Fraction(link.share), link.new) for link in links if link.share]
    else:
        into = [link for link in country.links if link.new == identity]
        narrowest = max((WIDEST_FIRST.index(country.rows[link.old].level) for link in into), default=0)
        of_level = [link for link in into if WIDEST_FIRST.index(country.rows[link.old].level) == narrowest]
        links = [link for link in of_level if link.share] or of_level
        people = [country.rows[link.old].population for link in links]
        came = [Fraction(link.share) * (number or 0) for link, number in zip(links, people, strict=True)]
        if len(links) > 1 and (None in people or not sum(came)):
            return None
        ways = [
            (Fraction(1) if len(links) == 1 else number / sum(came), link.old)
            for number, link in zip(came, links, strict=True)
        ]
    if not ways:
        return {("", date.max): Fraction(1)}
    found: dict[Identity, Fraction] = {}
    for share, there in ways:
        further = shares_of(country, there, on)
        if further is None:
            return None
        for each, part in further.items():
            found[each] = found.get(each, Fraction()) + share * part
    return found
