"""
What is looked at before a packet is believed: named checks, each with what it found. Plain Python.

Later checks are left out where an earlier one makes them void: what is not signed is not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.seal import figure_record
from diem06.cube.engine.rollup import rolled
from diem06.cube.engine.runner import DuckDBRunner
from diem06.cube.packets.content import Content, FigureRow, personal, unresolved
from diem06.cube.packets.definitions import Definitions, differences, faults
from diem06.cube.packets.form import FormError, Packet, changed_members, content_of, opened, signer
from diem06.cube.packets.months import Months
from diem06.cube.packets.rolling import answers, own_cells, request_of

LONGEST_LIST = 20
"""Faults of one check that are named; of more, how many there are."""
_LARGEST = 2**63


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at. `words` are faults, empty where it holds; `counted`: what was looked at, in words."""

    name: str
    words: tuple[str, ...] = ()
    counted: str = ""

    @property
    def is_good(self) -> bool:
        return not self.words


@dataclass(frozen=True, kw_only=True)
class Known:
    """
    What who checks knows already of the packet's period: keys trusted for its province, definitions, days and areas (with their
    province) of packets loaded from others, and the packet that was loaded from this province.
    """

    keys: frozenset[str]
    definitions: Definitions | None = None
    first_day: date | None = None
    last_day: date | None = None
    areas: Mapping[str, str] = field(default_factory=dict)
    loaded: str = ""  # SHA-256 of the packet loaded from this province
    may_replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The checks in their order; `packet` and `content` as far as they could be read."""

    checks: tuple[Check, ...]
    packet: Packet | None = None
    content: Content | None = None

    @property
    def is_good(self) -> bool:
        return all(check.is_good for check in self.checks)


def checked(content: bytes) -> Checked:
    """Check a packet by itself. Raises nothing: whatever is wrong is a check that fails. `checks_beside` asks what else is known."""
    try:
        packet = opened(content)
    except FormError as fault:
        return Checked(checks=(Check(name="form", words=(str(fault),)),))
    checks = [Check(name="form", counted=f"{packet.size} bytes"), *_signed(packet)]
    if not all(check.is_good for check in checks):
        return Checked(checks=tuple(checks), packet=packet)
    try:
        read = content_of(packet)
    except FormError as fault:
        return Checked(checks=(*checks, Check(name="content", words=(str(fault),))), packet=packet)
    return Checked(checks=(*checks, *_of_content(packet, read)), packet=packet, content=read)


def _signed(packet: Packet) -> Iterator[Check]:
    changed = changed_members(packet)
    yield Check(name="members", words=tuple(f"{name}: changed since it was packed" for name in changed))
    try:
        key = signer(packet)
    except FormError as fault:
        yield Check(name="signature", words=(str(fault),))
        return
    yield Check(name="signature", counted=key)


def _of_content(packet: Packet, content: Content) -> Iterator[Check]:
    yield _check("seal", _faults_of_seal(packet, content), f"number {content.seal.number}, {content.seal.hash}")
    odd = [*faults(content.definitions), *unresolved(content), *_faults_of_days(content)]
    yield _check("content", odd, f"{content.facts.num_rows} facts, {len(content.figures)} figures")
    yield _check("personal data", personal(content), "no place, person or record")
    if not odd:
        yield _check("figures", _faults_of_figures(content), "those that add up are what the facts give")


def _faults_of_seal(packet: Packet, content: Content) -> Iterator[str]:
    seal = content.seal
    if packet.about.seal_hash != seal.hash:
        yield "the seal's content is not what was sealed (its hash differs)"
    if not seal.is_signed(content.seal_signature):
        yield "the seal's signature does not fit"
    records = sorted(figure_record(vars(figure)) for figure in content.figures)
    if (len(records), root_of(records)) != (seal.figures, seal.figures_root):
        yield f"the figures are not those that were sealed: {len(records)} are here, {seal.figures} were sealed"


def _faults_of_days(content: Content) -> Iterator[str]:
    seal = content.seal
    if not seal.first_day <= seal.last_day or (seal.last_day - seal.first_day).days > 366:
        yield f"the window from {seal.first_day} to {seal.last_day} is none"
    for day in content.facts["day"].unique().to_pylist():
        if not seal.first_day.toordinal() - 1 <= day.toordinal() <= seal.last_day.toordinal():
            yield f"a fact of {day} lies outside the window"
    for figure in content.figures:
        numbers = [number for number in (figure.numerator, figure.denominator) if number is not None]
        if any(abs(number) >= _LARGEST for number in numbers):
            yield f"figure {figure.key} is out of range"


def _faults_of_figures(content: Content) -> Iterator[str]:
    """Compute every figure that adds up from the packet's facts, by the packet's definitions."""
    lines, definitions = content.definitions.line_of, content.definitions
    additive = [definitions.is_additive(lines[figure.code]) for figure in content.figures]
    month = Months(window=content.seal.period, packets=(content,))
    try:
        with DuckDBRunner() as runner:
            found = answers(rolled(request_of([month]), runner), definitions, list(own_cells(content)))
    except (duckdb.Error, pa.ArrowException, ValueError, OverflowError) as fault:
        yield f"they cannot be computed: {str(fault)[:200]}"
        return
    for figure, answer, adds_up in zip(content.figures, found, additive, strict=True):
        if adds_up and (answer.numerator, answer.denominator) != (figure.numerator, figure.denominator):
            yield f"{_named(figure)}: {_pair(figure.numerator, figure.denominator)} is written, the facts give {_pair(answer.numerator, answer.denominator)}"
        elif adds_up and (value := answer.ratio(lines[figure.code], date.min).value) is not None:
            if figure.value != f"{value:f}":
                yield f"{_named(figure)}: the value {figure.value} is written, the facts give {value:f}"
        elif adds_up and figure.value is not None:
            yield f"{_named(figure)}: the value {figure.value} is written, the facts give none"


def _named(figure: FigureRow) -> str:
    return f"figure {figure.key}"


def _pair(numerator: int | None, denominator: int | None) -> str:
    words = ["not known" if number is None else str(number) for number in (numerator, denominator)]
    return words[0] if denominator is None else "/".join(words)


def checks_beside(packet: Packet, content: Content, known: Known) -> Iterator[Check]:
    """Check a packet that holds by itself against what is known beside it."""
    about = packet.about
    key = about.seal.public_key
    trusted = [] if key in known.keys else [f"{key} is not trusted for province {about.province}"]
    yield Check(name="key", words=tuple(trusted), counted=key)
    if known.definitions is not None:
        yield _check("definitions", differences(content.definitions, known.definitions), content.definitions.hash)
    yield _check("period", _faults_of_period(packet, content, known), about.period)


def _faults_of_period(packet: Packet, content: Content, known: Known) -> Iterator[str]:
    days = (content.seal.first_day, content.seal.last_day)
    if known.first_day and known.last_day and days != (known.first_day, known.last_day):
        yield f"it is from {days[0]} to {days[1]}, the packets of others from {known.first_day} to {known.last_day}"
    taken = [(area.code, known.areas[area.code]) for area in content.areas if area.code in known.areas]
    yield from (f"area {code} is in the packet of {province} too" for code, province in taken)
    if known.loaded and known.loaded != packet.sha256 and not known.may_replace:
        yield f"another packet of {packet.about.province} is loaded: {known.loaded}. Replace it with --replace REASON."


def _check(name: str, words: Iterable[str], counted: str) -> Check:
    found = tuple(words)
    if len(found) > LONGEST_LIST:
        found = (*found[:LONGEST_LIST], f"and {len(found) - LONGEST_LIST} more")
    return Check(name=name, words=found, counted=counted)


def failed(checks: Collection[Check]) -> list[str]:
    """Return the faults of all checks, each with the name of its check."""
    return [f"{check.name}: {words}" for check in checks for words in check.words]
