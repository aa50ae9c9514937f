"""Made-up provinces with facts of their own, their packets, and a brute force that adds them up fact by fact."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.public import public_key
from diem06.cube.closing.seal import Seal, figure_record
from diem06.cube.engine import request as engine
from diem06.cube.engine.request import CoverageRow, ExpectedRow
from diem06.cube.engine.rollup import rolled
from diem06.cube.engine.runner import DuckDBRunner
from diem06.cube.packets import form
from diem06.cube.packets.content import AreaRow, Content, FigureRow, SourceRow, UnitRow
from diem06.cube.packets.definitions import (
    Definitions,
    LineDefinition,
    MeasureDefinition,
    PartDefinition,
    TargetDefinition,
    TermDefinition,
)
from diem06.cube.packets.rolling import Answer, Asked, answers
from diem06.cube.packets.summing import summed
from diem06.cube.standing import Ratio, Standing
from diem06.plan.model import Label

CODES = ("90", "91", "92", "93", "94")
FIRST, LAST = date(2023, 6, 15), date(2023, 7, 14)


@dataclass(frozen=True)
class Month:
    code: str
    first: date
    last: date


MONTHS = (
    Month("2023-07", FIRST, LAST),
    Month("2023-08", date(2023, 7, 15), date(2023, 8, 14)),
    Month("2023-09", date(2023, 8, 15), date(2023, 9, 14)),
)
JULY = MONTHS[:1]
SINCE, BEFORE = date(2021, 1, 1), date(2004, 1, 1)
CLOSED = datetime(2023, 7, 22, 2, 25, tzinfo=UTC)
PERSON, PERSON_NUMBER = "Nguyễn Văn Mẫu", "024087012345"

SOURCES = (
    SourceRow(code="desk", rank=0, carries=False),
    SourceRow(code="register", rank=0, carries=False),
    SourceRow(code="file", rank=1, carries=True),
    SourceRow(code="declared", rank=2, carries=False),
)
RECORDS = frozenset({"register"})
RANK = {source.code: source.rank for source in SOURCES}
KINDS = {"dossiers": "flow", "visits": "flow", "points": "stock", "kits": "stock", "people": "distinct"}
DIMENSIONS = {
    "dossiers": (("channel", ("online", "counter")),),
    "points": (("kind", ("post", "shop")),),
    "kits": (("state", ("works", "broken")),),
    "visits": (("note", ()),),
    "people": (),
}


def _terms(*terms: tuple[int, str, str]) -> tuple[TermDefinition, ...]:
    found = []
    for sign, measure, text in terms:
        where = tuple(
            (name, tuple(values.split("|"))) for name, values in (pair.split("=") for pair in text.split(";") if pair)
        )
        found.append(TermDefinition(sign=sign, measure=measure, where=where))
    return tuple(found)


def _line(code: str, kind: str, *parts: tuple[Any, ...], pairing: str = "none", target: str = "") -> LineDefinition:
    targets = (TargetDefinition(value=Decimal(target), from_day=BEFORE, deadline=None, level=""),) if target else ()
    return LineDefinition(
        code=code,
        indicator=code,
        name=f"Chỉ tiêu {code}",
        name_en=f"Indicator {code}",
        reading="",
        reading_en="",
        kind=kind,
        direction="up",
        counted="hồ sơ",
        counted_en="dossiers",
        pairing=pairing,
        parts=tuple(PartDefinition(numerator=_terms(*num), denominator=_terms(*den)) for num, den in parts),
        targets=targets,
    )


ONLINE = (((1, "dossiers", "channel=online"),), ((1, "dossiers", ""),))
POSTS = (((1, "points", "kind=post"),), ((1, "points", ""),))
DEFINITIONS = Definitions(
    calendar="nd09",
    measures=tuple(
        MeasureDefinition(
            code=code,
            kind=kind,
            name=code,
            name_en=code,
            dimensions=DIMENSIONS[code],
            levels=(),
            order=engine.ORDER,
            approximate=False,
        )
        for code, kind in KINDS.items()
    ),
    lines=(
        _line("F1", "flow", ONLINE, pairing="cell", target="0.5"),
        _line("F2", "flow", (((1, "visits", ""),), ()), target="1000"),
        _line("S1", "stock", POSTS),
        _line("S2", "stock", (((1, "points", ""), (-1, "kits", "state=broken")), ())),
        _line("L1", "flow", ONLINE, POSTS),
        _line("D1", "distinct", (((1, "people", ""),), ())),
    ),
    labels=(
        Label(dimension="channel", vi="Kênh", en="Channel"),
        Label(dimension="channel", value="online", vi="trực tuyến", en="online"),
    ),
)


@dataclass(frozen=True)
class Province:
    """A province with its facts as they were recorded: people, places and records named."""

    code: str
    areas: tuple[AreaRow, ...]
    units: tuple[UnitRow, ...]
    facts: tuple[Mapping[str, Any], ...]
    coverage: tuple[CoverageRow, ...]
    expected: tuple[ExpectedRow, ...]
    moved: Mapping[tuple[str, date], str]

    @cached_property
    def above(self) -> Mapping[str, tuple[str, ...]]:
        """Each area with itself and all that it lies in."""
        parents = {area.code: area.parent for area in self.areas}
        found = {}
        for code in parents:
            chain, at = [], code
            while at:
                chain.append(at)
                at = parents[at]
            found[code] = tuple(chain)
        return found


def make_province(code: str, *, seed: int, size: int) -> Province:
    """Make up a province with about `size` facts: few communes hold most of them, and each province has another shape."""
    chance = Random(f"{seed}/{code}")
    districts = [f"{code}{number}" for number in range(1, 3 + int(code) % 3)]
    communes = [
        (f"{district}{number:02d}", district) for district in districts for number in range(1, 3 + chance.randrange(9))
    ]
    areas = [AreaRow(code=code, valid_from=BEFORE, level="province", name=f"Tỉnh {code}", parent="")]
    areas += [
        AreaRow(code=each, valid_from=BEFORE, level="district", name=f"Huyện {each}", parent=code) for each in districts
    ]
    areas += [
        AreaRow(code=each, valid_from=SINCE, level="commune", name=f"Xã {each}", parent=up) for each, up in communes
    ]
    units = [UnitRow(code="so-a", name="Sở A", name_en="Department A", kind="office", parent="")]
    units += [
        UnitRow(code=f"huyen-{each}", name=f"UBND {each}", name_en=each, kind="committee", parent="so-a")
        for each in districts
    ]
    moved = {(f"{communes[0][0]}9", BEFORE): communes[0][0], (communes[1][0], BEFORE): communes[1][0]}
    facts = [_fact(chance, number, communes, moved) for number in range(size)]
    coverage = (
        CoverageRow(source="desk", measure="visits", area=districts[0], unit=""),
        CoverageRow(source="register", measure="kits", area="", unit=""),
    )
    expected = tuple(
        ExpectedRow(measure="dossiers", dimensions=f"channel={channel}", area=commune, unit=f"huyen-{up}", day=LAST)
        for commune, up in communes
        for channel in ("online", "counter")
    )
    return Province(code, tuple(areas), tuple(units), tuple(facts), coverage, expected, moved)


def lasting(province: Province, *, seed: int, size: int) -> Province:
    """Let the province go on into August and September, with about `size` more facts in each: what records say changes."""
    chance = Random(f"{seed}/{province.code}/lasting")
    communes = [(area.code, area.parent) for area in province.areas if area.level == "commune"]
    more = [
        _fact(chance, 10_000 * at + number, communes, province.moved, month)
        for at, month in enumerate(MONTHS[1:], start=1)
        for number in range(size)
    ]
    return replace(province, facts=(*province.facts, *more))


def _fact(
    chance: Random,
    number: int,
    communes: list[tuple[str, str]],
    moved: Mapping[tuple[str, date], str],
    month: Month = MONTHS[0],
) -> dict[str, Any]:
    measure = chance.choice(tuple(KINDS))
    source = (
        "register"
        if measure == "kits"
        else "desk"
        if measure == "people"
        else chance.choice(("desk", "file", "declared", "declared"))
    )
    place = int(len(communes) * chance.random() ** 3)
    area, up = communes[place]
    since = SINCE
    if chance.random() < 0.1:
        area, since = chance.choice(list(moved))
        up = next(district for commune, district in communes if commune == moved[area, since])
    values = DIMENSIONS[measure]
    dimensions = f"{values[0][0]}={chance.choice(values[0][1] or ('a1', 'b-2'))}" if values else ""
    day = month.first + timedelta(days=chance.randrange(-40 if month.code == "2023-07" else 0, 30))
    if source == "declared":
        day = chance.choice((month.last, month.last, month.last, month.last.replace(day=1)))
    return {
        "measure": measure,
        "source": source,
        "day": day,
        "recorded_at": datetime.combine(month.last, time(), UTC) + timedelta(seconds=number),
        "area": area,
        "area_valid_from": since,
        "unit": chance.choice(("so-a", f"huyen-{up}")),
        "place": chance.choice(("", f"gate:{PERSON_NUMBER}-{number % 3}", f"post:{PERSON} {number % 2}")),
        "dimensions": dimensions,
        "entity": f"{PERSON_NUMBER}{chance.randrange(1 + number // 3)}" if measure == "people" else "",
        "value": chance.randrange(1, 40),
        "record": f"{PERSON} {chance.randrange(200)}",
        "n": 1,
    }


# -- its packet -----------------------------------------------------------------------------------------------------------
def raw_request(province: Province, months: tuple[Month, ...] = JULY) -> engine.Request:
    """Return what a province asks of its own facts, in a month or in several as one window."""
    return engine.Request(
        facts=pa.Table.from_pylist(list(province.facts), schema=engine.FACTS),
        sources=tuple(
            engine.SourceRow(code=s.code, rank=s.rank, is_record_stock=s.code in RECORDS, carries=s.carries)
            for s in SOURCES
        ),
        kinds=KINDS,
        terms=DEFINITIONS.terms(),
        root=province.code,
        spans=(
            engine.Span(
                code=months[-1].code,
                first_day=months[0].first,
                last_day=months[-1].last,
                stock_from=months[-1].first,
                is_period=len(months) == 1,
                closure=tuple((code, up) for code, chain in province.above.items() for up in chain),
                levels={area.code: area.level for area in province.areas},
                taken_over=tuple((old, since, now) for (old, since), now in province.moved.items()),
                coverage=province.coverage,
                expected=tuple(replace(row, day=month.last) for month in months for row in province.expected),
                pairing=DEFINITIONS.pairing(),
            ),
        ),
        by_place=True,
    )


def cells_of(province: Province) -> list[Asked]:
    """Return every cell that has a figure: each line in each area, and of each unit in the province."""
    codes = [line.code for line in DEFINITIONS.lines]
    cells = [Asked(line=code, area=area.code) for code in codes for area in province.areas]
    return cells + [Asked(line=code, area=province.code, unit=unit.code) for code in codes for unit in province.units]


def own_board(province: Province, months: tuple[Month, ...] = JULY) -> dict[Asked, Answer]:
    """Return what the province computes of its own facts."""
    cells = cells_of(province)
    with DuckDBRunner() as runner:
        return dict(zip(cells, answers(rolled(raw_request(province, months), runner), DEFINITIONS, cells), strict=True))


def content_of(province: Province, month: Month = MONTHS[0], definitions: Definitions = DEFINITIONS) -> Content:
    """Return what the province's packet of a month holds."""
    board = own_board(province, (month,))
    figures = tuple(_figure(province, cell, answer, month) for cell, answer in board.items())
    records = sorted(figure_record(vars(figure)) for figure in figures)
    key = key_of(province.code)
    seal = Seal(
        number=1,
        plan=f"ke-hoach-{province.code}",
        plan_version="1",
        plan_hash="0" * 64,
        calendar="nd09",
        period=month.code,
        first_day=month.first,
        last_day=month.last,
        facts_from=date(2000, 1, 1),
        closed_at=CLOSED,
        closed_by=None,
        revision=1,
        facts=len(province.facts),
        facts_root="0" * 64,
        figures=len(figures),
        figures_root=root_of(records),
        public_key=public_key(key),
        previous=None,
    )
    return Content(
        province=province.code,
        name=f"Tỉnh {province.code}",
        is_made_up=True,
        seal=seal,
        seal_signature=seal.signed(key),
        definitions=definitions,
        areas=province.areas,
        units=province.units,
        sources=SOURCES,
        coverage=province.coverage,
        expected=tuple(replace(row, day=month.last) for row in province.expected),
        facts=summed(raw_request(province, (month,))),
        figures=figures,
    )


def _figure(province: Province, cell: Asked, answer: Answer, month: Month) -> FigureRow:
    line = DEFINITIONS.line_of[cell.line]
    now = answer.ratio(line, month.last)
    value = now.value
    standing = (
        Standing.NO_DATA
        if not now.is_known
        else Standing.NOT_APPLICABLE
        if now.denominator == 0
        else Standing.NO_TARGET
    )
    return FigureRow(
        key=f"k{province.code}:{cell.line}:{'-' if cell.unit else cell.area}:{cell.unit or '-'}:{month.code}:1",
        numerator=answer.numerator,
        denominator=answer.denominator,
        value=None if value is None else f"{value:f}",
        target=None,
        grade=None,
        standing=standing.value,
        code=cell.line,
        area="" if cell.unit else cell.area,
        unit=cell.unit,
        cell_area=cell.area,
        cell_unit=cell.unit,
    )


def key_of(code: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(code.encode()).digest())


def packet_of(province: Province, month: Month = MONTHS[0], definitions: Definitions = DEFINITIONS) -> bytes:
    return form.write(content_of(province, month, definitions), key_of(province.code))


def five(*, seed: int, size: int) -> list[Province]:
    """Return five provinces: each has about twice as many facts as the one before."""
    return [make_province(code, seed=seed, size=size << number) for number, code in enumerate(CODES)]


# -- brute force ------------------------------------------------------------------------------------------------------------
class BruteForce:
    """The numbers of all provinces together, by looking at every fact; knows nothing of packets and of the rollup's program."""

    def __init__(self, provinces: list[Province]) -> None:
        self.provinces = provinces
        self._counted = [list(_counted(province)) for province in provinces]

    def numbers(self, line: LineDefinition, area: str, province: str, unit: str) -> tuple[int | None, int | None]:
        """Return numerator and denominator of a line that adds up: `area` «VN» is the country, `unit` empty everybody."""
        pairs = [self._part(line, number, area, province, unit) for number in range(len(line.parts))]
        ratios = [_ratio(line, pair) for pair in pairs]
        for ratio, part in zip(ratios, line.parts, strict=True):
            if not ratio.is_known and self._is_owed(part, area, province, unit):
                return None, None
        known = [(ratio.value, pair) for ratio, pair in zip(ratios, pairs, strict=True) if ratio.value is not None]
        if known:
            return min(known, key=lambda each: each[0])[1]  # type: ignore[arg-type,return-value]
        return pairs[0] if ratios[0].is_known else (None, None)

    def _is_owed(self, part: PartDefinition, area: str, province: str, unit: str) -> bool:
        return any(
            row.measure == term.measure and _falls_under(row.dimensions, term) and unit in ("", row.unit)
            for each in self.provinces
            if province in ("", each.code)
            for row in each.expected
            if area == "VN" or area in each.above[row.area]
            for term in (*part.numerator, *part.denominator)
        )

    def _part(
        self, line: LineDefinition, number: int, area: str, province: str, unit: str
    ) -> tuple[int | None, int | None]:
        part = line.parts[number]
        sums: list[int | None] = [None, None]
        for each, facts in zip(self.provinces, self._counted, strict=True):
            if province not in ("", each.code):
                continue
            sides = [_leaves(facts, part.numerator), _leaves(facts, part.denominator)]
            if line.pairing == "cell":
                both = sides[0].keys() & sides[1].keys()
                sides = [{leaf: value for leaf, value in side.items() if leaf in both} for side in sides]
            for which, side in enumerate(sides):
                for (at, who), value in side.items():
                    if (area == "VN" or area in each.above[at]) and unit in ("", who):
                        sums[which] = (sums[which] or 0) + value
            if not unit:
                self._fill_zeros(part, sums, each, area)
        return sums[0], sums[1] if line.is_ratio else None

    def _fill_zeros(self, part: PartDefinition, sums: list[int | None], each: Province, area: str) -> None:
        """Where a source holds everything, no fact is a zero."""
        for which, terms in enumerate((part.numerator, part.denominator)):
            for row in each.coverage:
                whole = row.area or each.code
                touches = area == "VN" or area in each.above[whole] or whole in each.above.get(area, ())
                if touches and any(term.measure == row.measure for term in terms) and sums[which] is None:
                    sums[which] = 0


def _ratio(line: LineDefinition, pair: tuple[int | None, int | None]) -> Ratio:
    return Answer(numerator=pair[0], denominator=pair[1], expected=0, reported=0).ratio(line, LAST)


def _leaves(facts: list[dict[str, Any]], terms: tuple[TermDefinition, ...]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for term in terms:
        for fact in facts:
            if fact["measure"] == term.measure and _falls_under(fact["dimensions"], term):
                found[fact["area"], fact["unit"]] += term.sign * fact["value"]
    return dict(found)


def _falls_under(dimensions: str, term: TermDefinition) -> bool:
    held = dict(pair.split("=") for pair in dimensions.split(";") if pair)
    return all(held.get(name) in values for name, values in term.where)


def _counted(province: Province) -> Iterator[dict[str, Any]]:
    """Yield the facts of flows and stocks that count, on the map of the last day."""
    facts = [
        {**f, "area": province.moved.get((f["area"], f["area_valid_from"]), f["area"])}
        for f in province.facts
        if f["day"] <= LAST
    ]
    held = [f for f in facts if KINDS[f["measure"]] == "flow" and f["day"] >= FIRST]
    held += _states([f for f in facts if KINDS[f["measure"]] == "stock"])
    speaking: dict[Any, set[int]] = defaultdict(set)
    for fact in held:
        speaking[fact["measure"], fact["area"], fact["unit"]].add(RANK[fact["source"]])
    for fact in held:
        ranks = speaking[fact["measure"], fact["area"], fact["unit"]]
        whole = ranks & {RANK["declared"]}
        whole |= {
            RANK[row.source]
            for row in province.coverage
            if row.measure == fact["measure"] and (not row.area or row.area in province.above[fact["area"]])
        }
        if RANK[fact["source"]] == min(whole or ranks):
            yield fact


def _states(facts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the last state of each record, the last snapshot of each place, what was declared for the last day."""
    records: dict[Any, dict[str, Any]] = {}
    last: dict[Any, date] = {}
    for fact in facts:
        if fact["source"] in RECORDS:
            key = fact["measure"], fact["record"]
            if key not in records or (records[key]["day"], records[key]["recorded_at"]) < (
                fact["day"],
                fact["recorded_at"],
            ):
                records[key] = fact
        elif fact["source"] != "declared" and (fact["source"] == "file" or fact["day"] >= FIRST):
            last[_snapshot(fact)] = max(last.get(_snapshot(fact), fact["day"]), fact["day"])
    yield from records.values()
    for fact in facts:
        if fact["source"] == "declared":
            if fact["day"] == LAST:
                yield fact
        elif fact["source"] not in RECORDS and last.get(_snapshot(fact)) == fact["day"]:
            yield fact


def _snapshot(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(fact[name] for name in ("measure", "source", "area", "unit", "place", "dimensions"))
