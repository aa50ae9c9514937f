"""
What a plan says, as frozen data.

One `Plan` is read from one folder of TOML files (`reader.py`) and checked as a whole (`checks.py`).
Everything dated is a row with `from_day` and its source: an amendment adds a row, it never overwrites one.
In TOML the key of `from_day` is `from`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """How a measure adds up over time and over parts."""

    FLOW = "flow"  # summed over the period
    STOCK = "stock"  # its state at the end of the period
    DISTINCT = "distinct"  # entities counted once per cell at each level, never summed


class Level(StrEnum):
    """Levels of administrative areas, widest first."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Grain(StrEnum):
    """The finest place of a declared value; `UNIT` means by unit only, lying in the unit's own area."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    UNIT = "unit"


class Calendar(StrEnum):
    """`MONTH` runs from the 1st; `ND09` from the 15th of the month before to the 14th (Nghị định 09/2019/NĐ-CP)."""

    MONTH = "month"
    ND09 = "nd09"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One paragraph of the plan's text, verbatim. `style` is one of STYLES in `checks.py`."""

    address: str  # p001, p002, ... in reading order
    style: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """A paragraph, or the part of it that begins with `starts` and ends with `ends` (empty: the paragraph's own ends)."""

    paragraph: str
    starts: str = ""
    ends: str = ""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """«Đính chính»: the words that stand in the text and the words that should."""

    wrong: str
    right: str


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause of the plan. `information` gives the reason why nothing has to serve it; empty: something must."""

    id: str
    kind: str
    quote: str
    spans: tuple[Span, ...]
    pilot: str = ""
    also_kinds: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    information: str = ""
    record_types: tuple[
        str, ...
    ] = ()  # records of the product that serve it beside indicators: "unit_plan", "report", ...


@dataclass(frozen=True, kw_only=True)
class Pilot:
    code: str
    clause: str
    title: str
    title_en: str
    short_title: str  # fits a menu: «Công dân số»
    short_title_en: str
    annex_clause: str = ""


@dataclass(frozen=True, kw_only=True)
class UnitName:
    name: str
    short: str
    from_day: date | None = None  # None: since the plan's day or before
    document: str = ""  # by which it was renamed


@dataclass(frozen=True, kw_only=True)
class Unit:
    """
    An organisation unit as the plan data knows it.

    `key` (at most 12 characters) stands for `code` in figure keys. `signs` holds one signature block per way of
    signing (head, deputy, ...), each a tuple of lines. `header` is (superior body, issuing body) as at the top of a document.
    A rule row (`kind = commune_committee_rule`) stands for one unit per commune, coded `ubnd-{code}`.
    """

    code: str
    key: str
    names: tuple[UnitName, ...]
    name_en: str
    kind: str
    level: Level
    area: str = ""
    parent: str = ""
    head_title: str = ""
    signs: tuple[tuple[str, ...], ...] = ()
    symbol: str = ""
    header: tuple[str, ...] = ()
    named_in_plan: str = "no"  # yes | group | no
    reports: str = "no"  # yes | no | if_listed
    valid_from: date | None = None
    valid_to: date | None = None  # the last day
    successor: str = ""
    ended_by: str = ""  # the document by which it ended
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A named set of units. `members_if_listed` join when the standing office lists them (see `Listing`)."""

    code: str
    name: str
    clauses: tuple[str, ...]
    basis: str  # plan | opinion
    members: tuple[str, ...] = ()
    members_if_listed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The standing office lists a body as one that reports, by a document, from a day on."""

    unit: str
    from_day: date
    source: str


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """
    One of the assignments of a pilot to a unit (III.1-III.8).

    `replaces` is the unit that carried the pilot until the day before: what it owed for the pilot passes to `unit` (see
    `amending.py`); `source` then is the document that says so, and `unit_in_plan` the unit's name in it.
    """

    clause: str
    pilot: str
    unit: str
    unit_in_plan: str
    from_day: date
    source: str
    replaces: str = ""


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A lead or co-ordinating duty outside the assignments; `owed_by` is a unit or a group."""

    clause: str
    owed_by: str
    role: str  # lead | co-ordinate
    text: str
    from_day: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A dimension of a measure; no values: any text (it is then never split in a declared form)."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Label:
    """The words for one value of a dimension, or for the dimension itself (`value` empty)."""

    dimension: str
    vi: str
    en: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """
    A number that can be recorded or declared. `derived` is a formula; such a measure is never typed.

    `approximate`: entities that records name are estimated and not counted one by one (`distinct` alone); screens say so.
    """

    code: str
    name: str
    name_en: str
    entity: str
    kind: Kind
    grain: Grain
    dimensions: tuple[Dimension, ...] = ()
    derived: str = ""
    approximate: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ObligationRule:
    """
    Who declares which cells of a measure each period.

    `owed_by` holds units and groups. `where` narrows the dimension values that these units owe, `split_by` names the
    dimensions that are typed apart (the rest is typed as one). `grain` is the area grain of the cells inside the unit's
    area. A `distinct` measure is owed once per level in `levels` with its own total cell beside the split ones.
    `on` makes it an extra cell dated that day, owed once in the period that holds it (a deadline inside a period).
    """

    measure: str
    owed_by: tuple[str, ...]
    grain: Grain
    from_day: date
    source: str  # clause ids, or «ý kiến» with the reason
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    split_by: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    on: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    A target that the plan states, `value` a fraction (0.5 is 50%).

    Without `unit`, `area` and `level` it is the target of the province; areas and units inherit a share target.
    `document` names what changed it after the plan was issued; the quotes then are the words of that document.
    """

    value: Decimal
    from_day: date
    clause: str
    quote: str
    stated: str  # number | words
    deadline: date | None = None
    deadline_quote: str = ""
    unit: str = ""
    area: str = ""
    level: Level | None = None
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """
    A date that the plan states without a number (fn.1): shown, never judged.

    One that was changed by a `document` holds from `from_day` on, in place of those of the same clause before it.
    """

    day: date
    quote: str
    clause: str
    from_day: date | None = None
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A numerator and a denominator, as formulas: `measure[dimension=a|b;other=c]`, joined by + or -."""

    numerator: str
    denominator: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who chose a reading, by which document, from which day on."""

    from_day: date
    decided_by: str
    document: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """
    One way to read an indicator («cách hiểu»).

    With several parts each is a figure of its own and the lowest stands for the reading.
    """

    code: str
    text: str
    text_en: str
    kind: Kind
    parts: tuple[Part, ...]
    targets: tuple[Target, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """
    An indicator of the plan. `numerator` and `denominator` are formulas; no denominator: a count.

    An indicator with `readings` is computed by each of them and has a target only by a decided one.
    `owed_by` says whose result it is; who types a value is said by the obligation rules of its measures.
    """

    code: str
    clauses: tuple[str, ...]  # the main one first
    name: str
    name_en: str
    entity: str
    kind: Kind
    numerator: str
    owed_by: tuple[str, ...]
    levels: tuple[Level, ...]
    usual_sources: tuple[str, ...]
    counted: str  # the counted thing, in Vietnamese: «bộ phận»
    counted_en: str
    denominator: str = ""
    direction: str = "up"
    # "unit": only units that gave numerator and denominator count; empty: see cube/engine/request.py
    paired_by: str = ""
    targets: tuple[Target, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    quote: str = ""  # the plan's words where it gives no number
    readings: tuple[Reading, ...] = ()
    same_as: str = ""
    shown_apart: tuple[str, ...] = ()
    note: str = ""

    @property
    def own_part(self) -> Part:
        """Its own formulas; where it has readings, they only hold the place of the first (see plan/checks.py)."""
        return Part(numerator=self.numerator, denominator=self.denominator)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it is computed by: the parts of all its readings, or its own."""
        return tuple(part for reading in self.readings for part in reading.parts) or (self.own_part,)


@dataclass(frozen=True, kw_only=True)
class ScopeList:
    """«Danh mục ... thuộc phạm vi mô hình»: the base list behind a 100%; number and day stay empty until issued."""

    code: str
    title: str
    title_en: str
    indicators: tuple[str, ...]
    number: str = ""
    issued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document that the plan cites (its bases)."""

    clause: str
    title: str
    number: str
    issued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class StandingRule:
    """
    How a figure stands to its target.

    `with_deadline`: `straight_line` = on track on or above the line from the first known value to the target at its day.
    `without_deadline`: `met_or_below` = judged each period, never late.
    """

    from_day: date
    source: str
    with_deadline: str
    without_deadline: str


@dataclass(frozen=True, kw_only=True)
class Precedence:
    """
    Which source counts where several speak of the same cell: the first grade of `order` that is whole there.

    `measures` empty: of every measure that no other row in force names.
    """

    from_day: date
    source: str
    order: tuple[str, ...]  # evidenced, imported, declared: each once
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Periods:
    """The reporting periods: due until the end of the last day, edits until `lock_days` days after it."""

    calendar: Calendar
    first: str  # code of the first period: "2023-07"
    lock_days: int


@dataclass(frozen=True, kw_only=True)
class ReportKind:
    """One version of the compiled report. `issuer` empty: a section to merge, without head and signer."""

    code: str
    name: str
    name_en: str
    issuer: str = ""
    symbol: str = ""  # what follows the number: «BC-CAT-PC06»
    signs: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    late_annex: bool = False  # the annex on who sent when


@dataclass(frozen=True, kw_only=True)
class ReportText:
    """The words of the monthly report that belong to this plan and not to the form."""

    title: str  # «Kết quả triển khai các mô hình điểm Đề án 06»
    opening: str  # holds {issuer}
    section_heading: str
    place: str  # địa danh: «Bắc Giang»
    provincial_pilot: str  # code of the pilot that comes first in part II
    kinds: tuple[ReportKind, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole plan. Lists keep the order of the files, which is the order of the text."""

    id: str
    key: str  # at most 4 characters, in figure keys
    version: str
    title: str
    title_en: str
    number: str  # «…/KH-UBND» while the text leaves it blank
    issued_on: str  # words, for the day may be blank: «ngày … tháng 6 năm 2023»
    in_force_from: date
    issuer: str  # unit
    steering_unit: str
    office_unit: str
    lead_unit: str
    area: str  # code of the area that the plan covers
    periods: Periods
    report: ReportText
    paragraphs: tuple[Paragraph, ...]
    clauses: tuple[Clause, ...]
    pilots: tuple[Pilot, ...]
    units: tuple[Unit, ...]
    groups: tuple[Group, ...]
    assignments: tuple[Assignment, ...]
    duties: tuple[Duty, ...]
    measures: tuple[Measure, ...]
    labels: tuple[Label, ...]
    obligations: tuple[ObligationRule, ...]
    indicators: tuple[Indicator, ...]
    standing_rules: tuple[StandingRule, ...]
    precedences: tuple[Precedence, ...] = ()
    listings: tuple[Listing, ...] = ()
    scope_lists: tuple[ScopeList, ...] = ()
    documents: tuple[Document, ...] = ()
    # Where each path such as `indicator[1].target[0].value` was read from: (file, line). Says nothing of the plan itself.
    positions: Mapping[str, tuple[str, int]] = field(default_factory=dict, compare=False, repr=False)
