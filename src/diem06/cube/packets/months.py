"""
Closed months of a province read as one window. Plain Python.

Flows of all months add up, a stock is that of the last month, as its packet states it. People counted once have no number: who came
in two months cannot be recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from diem06.cube.engine.request import CoverageRow, ExpectedRow
from diem06.cube.packets.content import AreaRow, Content, SourceRow
from diem06.cube.packets.definitions import Definitions

_WINDOW = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4])|-H([12]))?")


def months_of(window: str) -> tuple[str, ...]:
    """
    Return the months of `2023-07`, `2023-Q3`, `2023-H2` or `2023`; of anything else none.

    A run from the plan's first month (`ptd-2023-07`) is none: packets do not say when the plan of their province begins.
    """
    found = _WINDOW.fullmatch(window)
    if not found:
        return ()
    if found[2]:
        return (window,)
    first, count = 1, 12
    if found[3]:
        first, count = int(found[3]) * 3 - 2, 3
    elif found[4]:
        first, count = int(found[4]) * 6 - 5, 6
    return tuple(f"{found[1]}-{month:02d}" for month in range(first, first + count))


def windows_of(month: str) -> tuple[str, ...]:
    """Return the quarter, half-year and year that hold a month."""
    year, number = month[:4], int(month[5:])
    return f"{year}-Q{(number + 2) // 3}", f"{year}-H{(number + 5) // 6}", year


@dataclass(frozen=True, kw_only=True)
class Months:
    """The packets of one province in a window, each month's after the one before; one packet is a window too."""

    window: str
    packets: tuple[Content, ...]

    @property
    def last(self) -> Content:
        """The packet of the last month, whose lists and targets hold for the window."""
        return self.packets[-1]

    @property
    def is_month(self) -> bool:
        return len(self.packets) == 1

    @property
    def first_day(self) -> date:
        return self.packets[0].seal.first_day

    @property
    def last_day(self) -> date:
        return self.last.seal.last_day

    @property
    def definitions(self) -> Definitions:
        return self.last.definitions

    @property
    def areas(self) -> tuple[AreaRow, ...]:
        return self.last.areas

    @property
    def sources(self) -> tuple[SourceRow, ...]:
        """The sources of all months, as the last month that has them states them."""
        return tuple({source.code: source for packet in self.packets for source in packet.sources}.values())

    @cached_property
    def expected(self) -> tuple[ExpectedRow, ...]:
        """What was owed: flows in each month, by units that are still there, the rest in the last one."""
        flows, units = self.definitions.flows, {unit.code for unit in self.last.units}
        earlier = (row for packet in self.packets[:-1] for row in packet.expected if row.measure in flows)
        return (*(row for row in earlier if row.unit in units), *self.last.expected)

    @cached_property
    def coverage(self) -> tuple[CoverageRow, ...]:
        """What a source holds all of: of flows in every month, of the rest in the last one."""
        flows = self.definitions.flows
        rows = {row for row in self.last.coverage if row.measure not in flows}
        rows |= {
            row
            for packet in self.packets
            for row in packet.coverage
            if row.measure in flows and all(self._is_held(row, other) for other in self.packets)
        }
        return tuple(sorted(rows, key=lambda row: (row.source, row.measure, row.area, row.unit)))

    def _is_held(self, row: CoverageRow, packet: Content) -> bool:
        around = {"", *self._around(row.area)}
        return any(
            (wider.source, wider.measure) == (row.source, row.measure)
            and wider.area in around
            and wider.unit in ("", row.unit)
            for wider in packet.coverage
        )

    def _around(self, area: str) -> Iterator[str]:
        while area:
            yield area
            area = self._above.get(area, "")

    @cached_property
    def _above(self) -> dict[str, str]:
        return {area.code: area.parent for area in self.areas}

    def facts(self) -> Iterator[tuple[Content, pa.Table]]:
        """Yield each packet with those of its facts that say something of the window."""
        for packet in self.packets[:-1]:
            yield packet, flows_of(packet)
        yield self.last, self.last.facts


def flows_of(packet: Content) -> pa.Table:
    """Return the facts of flows: what a month that is not the last one gives to a window."""
    flows = pa.array(sorted(packet.definitions.flows), pa.string())
    return packet.facts.filter(pc.is_in(packet.facts["measure"], flows))


def is_counted_alike(one: Definitions, other: Definitions) -> bool:
    """Do two months count the same things? Targets, words and the order of sources are those of the last month."""
    return _counting(one) == _counting(other)


def _counting(definitions: Definitions) -> object:
    measures = {
        row.code: replace(row, name="", name_en="", order=(), levels=(), approximate=False)
        for row in definitions.measures
    }
    return definitions.calendar, measures, {row.code: (row.parts, row.pairing) for row in definitions.lines}
