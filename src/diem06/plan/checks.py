"""
Judge what a plan says: references, the plan's own words, formulas, obligations.

`reader` has seen to the form. Each `_check_*` yields (path, what is wrong, what to write); `check` puts file and line to them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations, pairwise

from diem06.plan import formula, text
from diem06.plan.changes import GRADES, assignments_on, precedence_row_on
from diem06.plan.faults import Fault
from diem06.plan.model import (
    Assignment,
    Clause,
    Grain,
    Indicator,
    Kind,
    Measure,
    ObligationRule,
    Paragraph,
    Part,
    Plan,
    Reading,
    Target,
    Unit,
)
from vnlib.text import plain_number

STYLES = (
    "number",  # Số: …/KH-UBND
    "place_day",  # địa danh, ngày tháng năm
    "title",  # KẾ HOẠCH
    "subject",  # trích yếu
    "heading1",  # I., II., III.
    "heading2",  # 1., 2.
    "heading3",  # 1.1.
    "para",
    "dash",  # begins with «- »
    "plus",  # begins with «+ »
    "note",  # a footnote
    "recipients",  # Nơi nhận:
    "recipient",  # one line of them
    "signer",  # signature block
    "appendix",  # Phụ lục
    "appendix_title",
    "appendix_note",  # (Kèm theo …)
)
CLAUSE_KINDS = ("purpose", "requirement", "target", "condition", "assignment", "deadline", "base", "recipient")
RECORD_TYPES = ("unit_plan", "report", "narrative")
UNIT_KINDS = (
    "department",
    "body",
    "police",
    "union",
    "central_body",
    "district_committee",
    "commune_committee",
    "school",
    "other",
    "commune_committee_rule",
)
COMMUNE_RULE = "commune_committee_rule"
SOURCES = GRADES
OPINION = "ý kiến"
FIGURE_KEY_LENGTH = 48
_LONGEST_PERIOD = len("ptd-2023-07")
_LONGEST_REVISION = 4
_LONGEST_AREA = 5

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MEASURE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_INDICATOR = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*")
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

Problem = tuple[str, str, str]
# Code of an area -> its rows: first day, day it ends (no longer in force on it; None: still in force), level.
KnownAreas = Mapping[str, Sequence[tuple[date, date | None, str]]]


def check(plan: Plan, known_areas: KnownAreas | None) -> list[Fault]:
    """
    Return every fault of the plan, in the order of its files; an empty list: it can be loaded.

    `known_areas` None: areas are not checked. An empty mapping means that no area is known.
    """
    book = _Book(plan, known_areas)
    problems = (problem for each in _CHECKS for problem in each(book))
    return sorted({_located(plan, problem) for problem in problems})


def _located(plan: Plan, problem: Problem) -> Fault:
    path, wrong, write = problem
    at = path
    while at and at not in plan.positions:
        at = at[: max(at.rfind("."), at.rfind("["), 0)]
    file, line = plan.positions.get(at, ("plan.toml", 1))
    return Fault(file, line, path, wrong, write)


@dataclass(frozen=True)
class _Book:
    """The plan with its rows by code."""

    plan: Plan
    known_areas: KnownAreas | None

    @cached_property
    def paragraphs(self) -> dict[str, Paragraph]:
        return {row.address: row for row in self.plan.paragraphs}

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        return {row.id: row for row in self.plan.clauses}

    @cached_property
    def clause_texts(self) -> dict[str, str]:
        return {row.id: text.clause_text(row, self.paragraphs) for row in self.plan.clauses}

    @cached_property
    def text(self) -> str:
        return text.folded(" ".join(row.text for row in self.plan.paragraphs))

    @cached_property
    def pilots(self) -> set[str]:
        return {row.code for row in self.plan.pilots}

    @cached_property
    def units(self) -> dict[str, Unit]:
        return {row.code: row for row in self.plan.units}

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        return {row.code: row.members + row.members_if_listed for row in self.plan.groups}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        return {row.code: row for row in self.plan.measures}

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        return {row.code: row for row in self.plan.indicators}

    @cached_property
    def dimensions(self) -> dict[str, dict[str, tuple[str, ...]]]:
        return {row.code: {each.name: each.values for each in row.dimensions} for row in self.plan.measures}

    def members(self, names: Iterable[str]) -> set[str]:
        """Return the units that a list of units and groups stands for."""
        return {unit for name in names for unit in self.groups.get(name, (name,))}

    def area_level(self, code: str, day: date) -> str | None:
        """Return the level of the area on that day, None where there is no such area; only with known areas."""
        for first, end, level in (self.known_areas or {}).get(code, ()):
            if first <= day and (end is None or day < end):
                return level
        return None


# --- References that many rows hold.


def _unknown(path: str, kind: str, value: str, known: Iterable[str]) -> Iterator[Problem]:
    if value not in (codes := list(known)):
        yield path, f"there is no {kind} {value!r}.", _nearest(kind, value, codes)


def _nearest(kind: str, value: str, known: list[str]) -> str:
    start = value[:3]
    near = [code for code in known if start and code.startswith(start)][:5] or known[:5]
    return f"Write the code of a {kind} of this plan, such as {', '.join(near)}." if near else f"Add the {kind} first."


def _units(book: _Book, path: str, codes: Sequence[str], *, groups: bool) -> Iterator[Problem]:
    known = [*book.units, *(book.groups if groups else ())]
    for index, code in enumerate(codes):
        yield from _unknown(f"{path}[{index}]", "unit or group" if groups else "unit", code, known)


def _clauses(book: _Book, path: str, ids: Sequence[str]) -> Iterator[Problem]:
    for index, clause in enumerate(ids):
        yield from _unknown(f"{path}[{index}]", "clause", clause, book.clauses)


def _one_of(path: str, value: str, allowed: Sequence[str]) -> Iterator[Problem]:
    if value not in allowed:
        yield path, f'expected one of the words below, got "{value}".', f"Write {', '.join(allowed)}."


def _repeated(name: str, key: str, values: Iterable[str]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in seen:
            yield f"{name}[{index}].{key}", f"{value!r} stands already in {name}[{seen[value]}].", "Give each its own."
        seen.setdefault(value, index)


def _source(book: _Book, path: str, source: str) -> Iterator[Problem]:
    """A source names clauses, or says that it is an opinion and why, or names another document."""
    if not source.strip():
        yield path, "has no words.", f"Name the clauses, or write «{OPINION}: ...» with the reason."
    elif source.startswith(OPINION) and len(source.removeprefix(OPINION).strip(" :")) < 3:
        yield path, "is an opinion without a reason.", f"Write «{OPINION}: ...» with the reason."
    elif not source.startswith(OPINION):
        for name in source.split(";"):
            yield from _unknown(path, "clause", name.strip(), book.clauses)


def _area(book: _Book, path: str, code: str, day: date, level: str = "") -> Iterator[Problem]:
    if book.known_areas is None:
        return
    found = book.area_level(code, day)
    if found is None:
        days = ", ".join(f"{first} to {end or 'now'}" for first, end, _ in book.known_areas.get(code, ()))
        known = f"It is known from {days}." if days else "Write the code of an area of the list."
        yield path, f"there is no area {code!r} on {day}.", known
    elif level and found != level:
        yield path, f"area {code!r} is a {found}, not a {level}.", f'Write the code of a {level}, or level = "{found}".'


# --- The plan itself, its text and clauses.


def _check_plan(book: _Book) -> Iterator[Problem]:
    plan = book.plan
    if not _ID.fullmatch(plan.id):
        yield "id", f"{plan.id!r} is not a short name.", "Write small letters, digits and hyphens: bac-giang-2023."
    if not re.fullmatch(r"[a-z][a-z0-9]{0,3}", plan.key):
        yield "key", f"{plan.key!r} does not fit in figure keys.", "Write at most 4 small letters and digits: bg23."
    for field in ("issuer", "steering_unit", "office_unit", "lead_unit"):
        yield from _unknown(field, "unit", getattr(plan, field), book.units)
    yield from _area(book, "area", plan.area, plan.in_force_from)
    if not _PERIOD.fullmatch(plan.periods.first):
        yield "periods.first", f"{plan.periods.first!r} is no month.", "Write a month as 2023-07."
    if not 0 <= plan.periods.lock_days <= 60:
        yield "periods.lock_days", f"{plan.periods.lock_days} days cannot be.", "Write 0 to 60 days."
    if not plan.standing_rules:
        yield "standing_rule", "no rule of standing.", "Add [[standing_rule]] with from, source and the two rules."
    for index, rule in enumerate(plan.standing_rules):
        path = f"standing_rule[{index}]"
        yield from _one_of(f"{path}.with_deadline", rule.with_deadline, ["straight_line"])
        yield from _one_of(f"{path}.without_deadline", rule.without_deadline, ["met_or_below"])
        yield from _source(book, f"{path}.source", rule.source)
    for index, document in enumerate(plan.documents):
        yield from _unknown(f"document[{index}].clause", "clause", document.clause, book.clauses)


def _check_report(book: _Book) -> Iterator[Problem]:
    report = book.plan.report
    if "{issuer}" not in report.opening:
        yield "report.opening", "does not say who reports.", "Write {issuer} where the name of the issuing unit stands."
    yield from _unknown("report.provincial_pilot", "pilot", report.provincial_pilot, book.pilots)
    yield from _repeated("report.kind", "code", [kind.code for kind in report.kinds])
    if not report.kinds:
        yield "report.kind", "there is no kind of report.", "Add [[report.kind]]."
    for index, kind in enumerate(report.kinds):
        path = f"report.kind[{index}]"
        if kind.issuer:
            yield from _unknown(f"{path}.issuer", "unit", kind.issuer, book.units)
            for field in ("symbol", "signs", "addressees", "recipients"):
                if not getattr(kind, field):
                    yield f"{path}.{field}", "is empty though the report has an issuer.", f"Write {field} = ..."
        elif kind.symbol or kind.signs or kind.recipients or kind.addressees or kind.late_annex:
            yield path, "a section without issuer has no head, signer or late annex.", "Name the issuer or drop them."


def _check_text(book: _Book) -> Iterator[Problem]:
    yield from _repeated("paragraph", "address", [row.address for row in book.plan.paragraphs])
    for index, row in enumerate(book.plan.paragraphs):
        path = f"paragraph[{index}]"
        if not re.fullmatch(r"p\d{3,4}", row.address):
            yield f"{path}.address", f"{row.address!r} is no address.", "Write p and three digits: p001."
        yield from _one_of(f"{path}.style", row.style, STYLES)
        if not row.text.strip():
            yield f"{path}.text", "is empty.", "Write the words of the plan, or drop the paragraph."
        if not unicodedata.is_normalized("NFC", row.text):
            yield f"{path}.text", "is not in Unicode NFC.", "Type the letters anew, or convert the file to NFC."


def _check_clauses(book: _Book) -> Iterator[Problem]:
    yield from _repeated("clause", "id", [row.id for row in book.plan.clauses])
    for index, row in enumerate(book.plan.clauses):
        path = f"clause[{index}]"
        yield from _one_of(f"{path}.kind", row.kind, CLAUSE_KINDS)
        for number, kind in enumerate(row.also_kinds):
            yield from _one_of(f"{path}.also_kinds[{number}]", kind, [k for k in CLAUSE_KINDS if k != row.kind])
        for number, name in enumerate(row.record_types):
            yield from _one_of(f"{path}.record_types[{number}]", name, RECORD_TYPES)
        if row.pilot:
            yield from _unknown(f"{path}.pilot", "pilot", row.pilot, book.pilots)
        yield from _clause_words(book, path, row)


def _clause_words(book: _Book, path: str, clause: Clause) -> Iterator[Problem]:
    if not clause.spans:
        yield f"{path}.span", "the clause has no place in the text.", "Add [[clause.span]] with its paragraph."
    found_all = bool(clause.spans)
    for number, span in enumerate(clause.spans):
        at = f"{path}.span[{number}]"
        paragraph = book.paragraphs.get(span.paragraph)
        if paragraph is None:
            yield from _unknown(f"{at}.paragraph", "paragraph", span.paragraph, book.paragraphs)
            found_all = False
        elif text.resolve(span, paragraph) is None:
            words = "starts" if span.starts and not _stands(span.starts, paragraph.text) else "ends"
            yield f"{at}.{words}", f"not found in {span.paragraph}.", "Copy the words from the text of that paragraph."
            found_all = False
    if found_all and not _stands(clause.quote, book.clause_texts[clause.id]):
        yield (
            f"{path}.quote",
            "these words are not in the spans of the clause.",
            "Copy them from the plan, errors included.",
        )
    located = {id(each.correction) for each in text.clause_corrections(clause, book.paragraphs)}
    for number, correction in enumerate(clause.corrections):
        at = f"{path}.correction[{number}]"
        if found_all and id(correction) not in located:
            yield (
                f"{at}.wrong",
                "these words are not in the spans of the clause.",
                "Copy the wrong words from the plan.",
            )
        if not correction.right or correction.right == correction.wrong:
            yield f"{at}.right", "corrects nothing.", "Write what should stand there."


def _stands(words: str, where: str) -> bool:
    sought = text.folded(words)
    return bool(sought) and sought in text.folded(where)


def _check_served(book: _Book) -> Iterator[Problem]:
    """Every clause is served by an indicator, an obligation or a record type, or is information with a reason."""
    served = {clause for indicator in book.plan.indicators for clause in indicator.clauses}
    for rule in book.plan.obligations:
        if not rule.source.startswith(OPINION):
            served |= {name.strip() for name in rule.source.split(";")}
    for index, row in enumerate(book.plan.clauses):
        if not (row.id in served or row.record_types or row.information.strip()):
            wrong = f"nothing serves clause {row.id}."
            yield (
                f"clause[{index}]",
                wrong,
                "Add an indicator, an obligation or record_types, or give information = the reason.",
            )


def _check_pilots(book: _Book) -> Iterator[Problem]:
    yield from _repeated("pilot", "code", [row.code for row in book.plan.pilots])
    for index, row in enumerate(book.plan.pilots):
        yield from _unknown(f"pilot[{index}].clause", "clause", row.clause, book.clauses)
        if row.annex_clause:
            yield from _unknown(f"pilot[{index}].annex_clause", "clause", row.annex_clause, book.clauses)


# --- Who.


def _check_units(book: _Book) -> Iterator[Problem]:
    yield from _repeated("unit", "code", [row.code for row in book.plan.units])
    yield from _repeated("unit", "key", [row.key for row in book.plan.units])
    for index, row in enumerate(book.plan.units):
        path = f"unit[{index}]"
        if not _ID.fullmatch(row.code):
            yield (
                f"{path}.code",
                f"{row.code!r} is not a short name.",
                "Write small letters, digits and hyphens: so-y-te.",
            )
        if not _ID.fullmatch(row.key) or len(row.key) > 12:
            yield (
                f"{path}.key",
                f"{row.key!r} does not fit in figure keys.",
                "Write at most 12 letters, digits, hyphens.",
            )
        yield from _one_of(f"{path}.kind", row.kind, UNIT_KINDS)
        yield from _one_of(f"{path}.named_in_plan", row.named_in_plan, ["yes", "group", "no"])
        yield from _one_of(f"{path}.reports", row.reports, ["yes", "no", "if_listed"])
        yield from _unit_names(path, row)
        yield from _unit_days(book, path, row)
        if row.parent:
            yield from _unknown(f"{path}.parent", "unit", row.parent, book.units)


def _unit_names(path: str, unit: Unit) -> Iterator[Problem]:
    if not unit.names:
        yield f"{path}.name", "the unit has no name.", "Add [[unit.name]] with name and short."
    days = [name.from_day or date.min for name in unit.names]
    for number, (before, after) in enumerate(pairwise(days), 1):
        if after <= before:
            yield (
                f"{path}.name[{number}].from",
                "is not later than the name before it.",
                "Write names in order of their days.",
            )
    if unit.signs and unit.head_title and not any(unit.head_title in block for block in unit.signs):
        yield (
            f"{path}.signs",
            f"no block is signed by {unit.head_title}.",
            "Write the title of the head as its own line.",
        )


def _unit_days(book: _Book, path: str, unit: Unit) -> Iterator[Problem]:
    first = max(unit.valid_from or date.min, book.plan.in_force_from)
    if unit.valid_to and unit.valid_to < first:
        yield (
            f"{path}.valid_to",
            f"{unit.valid_to} is before {first}, its first day.",
            "Write the last day of the unit.",
        )
        return
    if unit.kind == COMMUNE_RULE:
        if unit.area:
            yield f"{path}.area", "a rule for all communes has no area.", "Drop area."
    elif not unit.area:
        yield f"{path}.area", "is missing.", "Write the code of the area that the unit serves."
    else:
        for day in dict.fromkeys([first, unit.valid_to or first]):
            yield from _area(book, f"{path}.area", unit.area, day, unit.level)
    if unit.successor:
        yield from _successor(book, f"{path}.successor", unit)


def _successor(book: _Book, path: str, unit: Unit) -> Iterator[Problem]:
    successor = book.units.get(unit.successor)
    if successor is None:
        yield from _unknown(path, "unit", unit.successor, book.units)
    elif unit.valid_to is None:
        yield path, "the unit has no last day.", "Add valid_to, or drop successor."
    else:
        day = unit.valid_to + timedelta(days=1)
        if not ((successor.valid_from or date.min) <= day <= (successor.valid_to or date.max)):
            yield (
                path,
                f"{successor.code} is not there on {day}.",
                "Name a unit that is there on the day after valid_to.",
            )


def _check_groups(book: _Book) -> Iterator[Problem]:
    yield from _repeated("group", "code", [row.code for row in book.plan.groups])
    for index, row in enumerate(book.plan.groups):
        path = f"group[{index}]"
        if row.code in book.units:
            yield f"{path}.code", f"{row.code!r} is also a unit.", "Give the group a code of its own."
        yield from _one_of(f"{path}.basis", row.basis, ["plan", "opinion"])
        yield from _clauses(book, f"{path}.clauses", row.clauses)
        yield from _units(book, f"{path}.members", row.members, groups=False)
        yield from _units(book, f"{path}.members_if_listed", row.members_if_listed, groups=False)
        for number, code in enumerate(row.members_if_listed):
            if code in book.units and book.units[code].reports != "if_listed":
                wrong = f"{code} reports without being listed."
                yield f"{path}.members_if_listed[{number}]", wrong, 'Move it to members, or set reports = "if_listed".'
    for index, listing in enumerate(book.plan.listings):
        yield from _unknown(f"listing[{index}].unit", "unit", listing.unit, book.units)
        if listing.unit in book.units and book.units[listing.unit].reports != "if_listed":
            yield (
                f"listing[{index}].unit",
                f"{listing.unit} needs no listing.",
                'Name a unit with reports = "if_listed".',
            )
        if not listing.source.strip():
            yield f"listing[{index}].source", "has no words.", "Name the document by which it is listed."


def _check_assignments(book: _Book) -> Iterator[Problem]:
    seen: set[tuple[str, str, date]] = set()
    for index, row in enumerate(book.plan.assignments):
        path = f"assignment[{index}]"
        yield from _unknown(f"{path}.clause", "clause", row.clause, book.clauses)
        yield from _unknown(f"{path}.pilot", "pilot", row.pilot, book.pilots)
        yield from _unknown(f"{path}.unit", "unit", row.unit, book.units)
        if row.replaces:
            yield from _passed(book, path, row)
        elif row.clause in book.clauses and not _stands(row.unit_in_plan, book.clause_texts[row.clause]):
            yield f"{path}.unit_in_plan", f"clause {row.clause} does not name it so.", "Copy the name from the clause."
        if (row.pilot, row.unit, row.from_day) in seen:
            yield f"{path}.unit", f"{row.unit} is already assigned to {row.pilot}.", "Drop one of the two."
        seen.add((row.pilot, row.unit, row.from_day))
        if not row.source.strip():
            yield f"{path}.source", "has no words.", "Name the clause or the document that assigns it."
    for index, duty in enumerate(book.plan.duties):
        path = f"duty[{index}]"
        yield from _unknown(f"{path}.clause", "clause", duty.clause, book.clauses)
        yield from _unknown(f"{path}.owed_by", "unit or group", duty.owed_by, [*book.units, *book.groups])
        yield from _one_of(f"{path}.role", duty.role, ["lead", "co-ordinate"])


def _passed(book: _Book, path: str, row: Assignment) -> Iterator[Problem]:
    """An assignment that passes on: from a unit that carries the pilot until then, to one that does not yet."""
    yield from _unknown(f"{path}.replaces", "unit", row.replaces, book.units)
    before = {
        each.unit for each in assignments_on(book.plan, row.from_day - timedelta(days=1)) if _same_task(each, row)
    }
    if row.replaces in book.units and row.replaces not in before:
        wrong = f"{row.replaces} does not carry {row.pilot} before {row.from_day}."
        yield f"{path}.replaces", wrong, f"Name one that does: {', '.join(sorted(before)) or 'none'}."
    if row.unit in before:
        yield f"{path}.unit", f"{row.unit} is already assigned to {row.pilot}.", "Name a unit that is not."
    if row.from_day <= book.plan.in_force_from:
        yield f"{path}.from", "is not later than the plan itself.", "Write the day from which the document holds."
    if row.source in book.clauses:
        yield f"{path}.source", "names a clause of the plan.", "Name the document that passes it on."


def _same_task(one: Assignment, other: Assignment) -> bool:
    return (one.clause, one.pilot) == (other.clause, other.pilot)


# --- What is counted.


def _check_measures(book: _Book) -> Iterator[Problem]:
    yield from _repeated("measure", "code", [row.code for row in book.plan.measures])
    used = set(_used_measures(book))
    for index, row in enumerate(book.plan.measures):
        path = f"measure[{index}]"
        if not _MEASURE.fullmatch(row.code):
            yield (
                f"{path}.code",
                f"{row.code!r} is not a code.",
                "Write small letters, digits and _: dossiers_received.",
            )
        yield from _repeated(f"{path}.dimension", "name", [each.name for each in row.dimensions])
        for number, dimension in enumerate(row.dimensions):
            twice = [value for value, times in Counter(dimension.values).items() if times > 1]
            if twice:
                yield f"{path}.dimension[{number}].values", f"{twice[0]!r} stands twice.", "Name each value once."
        if row.derived:
            yield from _formula(book, f"{path}.derived", row.derived)
            if row.dimensions:
                yield f"{path}.dimension", "a derived measure has no dimensions.", "Drop them."
        if row.approximate and (row.kind is not Kind.DISTINCT or row.derived):
            what = "derived" if row.derived else f"a {row.kind}"
            yield (
                f"{path}.approximate",
                f"{row.code} is {what}.",
                "Only a recorded distinct count is estimated: drop it.",
            )
        if row.code not in used:
            yield f"{path}.code", f"no formula uses {row.code}.", "Drop the measure, or use it in an indicator."


def _used_measures(book: _Book) -> Iterator[str]:
    written = [each for _, each in _formulas(book)] + [row.derived for row in book.plan.measures if row.derived]
    for each in written:
        try:
            yield from (term.measure for term in formula.parse(each).terms)
        except formula.FormulaError:
            continue


def _formulas(book: _Book) -> Iterator[tuple[str, str]]:
    """Yield each formula of the indicators with its path."""
    for index, row in enumerate(book.plan.indicators):
        for path, part in _parts(f"indicator[{index}]", row):
            yield f"{path}.numerator", part.numerator
            if part.denominator:
                yield f"{path}.denominator", part.denominator
        for number, apart in enumerate(row.shown_apart):
            yield f"indicator[{index}].shown_apart[{number}]", apart


def _parts(path: str, indicator: Indicator) -> Iterator[tuple[str, Part]]:
    yield path, indicator.own_part
    for number, reading in enumerate(indicator.readings):
        for place, part in enumerate(reading.parts):
            yield f"{path}.reading[{number}].part[{place}]", part


def _formula(book: _Book, path: str, written: str) -> Iterator[Problem]:
    """Can it be read, are its measures and filters known?"""
    try:
        read = formula.parse(written)
    except formula.FormulaError as error:
        yield path, error.wrong, error.write
        return
    known = True
    for term in read.terms:
        if term.measure not in book.measures:
            known = False
            yield from _unknown(path, "measure", term.measure, book.measures)
            continue
        for dimension, values in term.where:
            yield from _filter(book, path, term.measure, dimension, values)
    if known:
        try:
            formula.expand(read, book.measures)
        except formula.FormulaError as error:
            yield path, error.wrong, error.write


def _filter(book: _Book, path: str, measure: str, dimension: str, values: Sequence[str]) -> Iterator[Problem]:
    known = book.dimensions[measure]
    if dimension not in known:
        names = ", ".join(known) or "none"
        yield path, f"{measure} has no dimension {dimension!r}.", f"Its dimensions are: {names}."
    elif known[dimension]:
        for value in values:
            if value not in known[dimension]:
                write = f"Write {', '.join(known[dimension])}."
                yield path, f"dimension {dimension} of {measure} has no value {value!r}.", write


def _check_precedence(book: _Book) -> Iterator[Problem]:
    """A plan without a row reads sources as `GRADES`; one with rows says for all of its time which source counts."""
    plan = book.plan
    recorded = [row.code for row in plan.measures if not row.derived]
    seen: dict[tuple[str, date], int] = {}
    for index, row in enumerate(plan.precedences):
        path = f"precedence[{index}]"
        yield from _source_or_document(book, f"{path}.source", row.source, since=row.from_day)
        for number, grade in enumerate(row.order):
            yield from _one_of(f"{path}.order[{number}]", grade, GRADES)
        if set(row.order) <= set(GRADES) and sorted(row.order) != sorted(GRADES):
            yield f"{path}.order", "does not name each grade once.", f"Write {', '.join(GRADES)} in your order."
        for number, measure in enumerate(row.measures):
            yield from _unknown(f"{path}.measures[{number}]", "recorded measure", measure, recorded)
        for measure in row.measures or ("",):
            if (measure, row.from_day) in seen:
                wrong = f"{measure or 'every measure'} has a rule from {row.from_day} in precedence[{seen[measure, row.from_day]}]."
                yield f"{path}.from", wrong, "Give the later one its own day, or drop one."
            seen.setdefault((measure, row.from_day), index)
    if plan.precedences and precedence_row_on(plan, "", plan.in_force_from) is None:
        wrong = f"no rule for every measure is in force on {plan.in_force_from}."
        yield "precedence", wrong, "Add [[precedence]] without measures, from the plan's first day."


def _source_or_document(book: _Book, path: str, source: str, *, since: date) -> Iterator[Problem]:
    """What came after the plan names the document that brought it; what came with it, clauses or an opinion."""
    if since <= book.plan.in_force_from or not source.strip():
        yield from _source(book, path, source)


def _check_labels(book: _Book) -> Iterator[Problem]:
    words = [(label.dimension, label.value) for label in book.plan.labels]
    names = ["=".join(pair) for pair in words]
    yield from _repeated("label", "value", names)
    known = {(name, "") for each in book.dimensions.values() for name in each}
    known |= {(name, value) for each in book.dimensions.values() for name, values in each.items() for value in values}
    for index, (dimension, value) in enumerate(words):
        if (dimension, value) not in known:
            wrong = f"no measure has {f'{dimension}={value}' if value else f'a dimension {dimension}'}."
            yield f"label[{index}].{'value' if value else 'dimension'}", wrong, "Correct the name, or drop the label."
    for index, measure in enumerate(book.plan.measures):
        for number, each in enumerate(measure.dimensions):
            path = f"measure[{index}].dimension[{number}]"
            for value in ("", *each.values):
                if (each.name, value) not in words:
                    what = f"{each.name}={value}" if value else each.name
                    yield path, f"{what} has no words.", "Add [[label]] with dimension, value, vi and en."


# --- Who declares what.


def _check_obligations(book: _Book) -> Iterator[Problem]:
    for index, row in enumerate(book.plan.obligations):
        path = f"obligation[{index}]"
        yield from _units(book, f"{path}.owed_by", row.owed_by, groups=True)
        yield from _source(book, f"{path}.source", row.source)
        if not row.owed_by:
            yield f"{path}.owed_by", "nobody owes it.", "Name units or groups."
        if row.until and row.until < row.from_day:
            yield f"{path}.until", f"{row.until} is before {row.from_day}.", "Write the last day on which it is owed."
        if row.on and row.on < row.from_day:
            yield f"{path}.on", f"the rule is not in force on {row.on}.", "Write a day from `from` on."
        measure = book.measures.get(row.measure)
        if measure is None:
            yield from _unknown(f"{path}.measure", "measure", row.measure, book.measures)
        else:
            yield from _obligation_of(book, path, row, measure)
    yield from _overlaps(book)


def _obligation_of(book: _Book, path: str, rule: ObligationRule, measure: Measure) -> Iterator[Problem]:
    if measure.derived:
        yield f"{path}.measure", f"{measure.code} is derived and never typed.", f"Let units owe: {measure.derived}."
    yield from _split(book, path, rule)
    grains = list(Grain)
    if rule.grain != Grain.UNIT and grains.index(rule.grain) > grains.index(measure.grain):
        yield f"{path}.grain", f"is finer than that of {measure.code}.", f"Write {measure.grain} or a wider one."
    if measure.kind is Kind.DISTINCT:
        if not rule.levels and rule.grain != Grain.UNIT:
            yield (
                f"{path}.levels",
                "a distinct count is owed once per level.",
                'Write levels = ["province", "district"].',
            )
    elif rule.levels:
        yield f"{path}.levels", f"a {measure.kind} adds up and is owed once.", "Drop levels."


def _split(book: _Book, path: str, rule: ObligationRule) -> Iterator[Problem]:
    known = book.dimensions[rule.measure]
    for dimension, values in rule.where.items():
        yield from _filter(book, f"{path}.where", rule.measure, dimension, values)
        if not values:
            yield f"{path}.where", f"{dimension} has no value.", "Name the values that are owed, or drop the dimension."
    for dimension in rule.split_by:
        yield from _filter(book, f"{path}.split_by", rule.measure, dimension, ())
    for dimension in {**rule.where, **dict.fromkeys(rule.split_by)}:
        if dimension in known and not known[dimension]:
            field = "where" if dimension in rule.where else "split_by"
            wrong = f"{dimension} of {rule.measure} has no list of values."
            yield f"{path}.{field}", wrong, "Drop it, or give the dimension its values."


def _overlaps(book: _Book) -> Iterator[Problem]:
    """The same unit must not owe the same cell by two rules; a coarser grain is a control total and may stand beside."""
    rows = list(enumerate(book.plan.obligations))
    for (first, one), (second, other) in combinations(rows, 2):
        if one.measure != other.measure or one.grain != other.grain or one.on != other.on:
            continue
        if one.from_day > (other.until or date.max) or other.from_day > (one.until or date.max):
            continue
        if any(not set(one.where[name]) & set(other.where[name]) for name in one.where.keys() & other.where.keys()):
            continue
        both = sorted(book.members(one.owed_by) & book.members(other.owed_by))
        if both:
            wrong = f"{both[0]} owes the same cells of {one.measure} by obligation[{first}]."
            yield f"obligation[{second}].owed_by", wrong, "Narrow one of the two by owed_by, where or until."


def _check_computable(book: _Book) -> Iterator[Problem]:
    """A filter can only be answered where the declared cells are split by its dimensions."""
    for path, written in _formulas(book):
        try:
            terms = formula.expand(formula.parse(written), book.measures).terms
        except formula.FormulaError:
            continue
        for term in terms:
            for index, rule in enumerate(book.plan.obligations):
                if rule.measure == term.measure and rule.on is None and _meets(rule, term):
                    yield from _answered(book, path, term, index)


def _meets(rule: ObligationRule, term: formula.Term) -> bool:
    return all(set(values) & set(rule.where.get(name, values)) for name, values in term.where)


def _answered(book: _Book, path: str, term: formula.Term, index: int) -> Iterator[Problem]:
    rule = book.plan.obligations[index]
    split = {*rule.split_by, *rule.where}
    missing = [name for name, _ in term.where if name not in split]
    if missing:
        wrong = f"{term} cannot be computed: obligation[{index}] does not split {term.measure} by {missing[0]}."
        yield path, wrong, f"Add {missing[0]} to its split_by."
    elif term.where and book.measures[term.measure].kind is Kind.DISTINCT and {name for name, _ in term.where} != split:
        wrong = f"{term} is a distinct count, declared only for whole combinations of {', '.join(sorted(split))}."
        yield path, wrong, "Filter on each of them, or split the obligation by fewer."
    elif book.measures[term.measure].kind is Kind.DISTINCT and any(len(values) > 1 for _, values in term.where):
        yield path, f"{term}: distinct counts are never summed.", "Filter on one value, or make a measure of its own."


def _check_grains(book: _Book) -> Iterator[Problem]:
    """A distinct count adds up with nothing; both sides of a ratio are recorded down to the levels of its indicator."""
    for index, row in enumerate(book.plan.indicators):
        for path, part in _parts(f"indicator[{index}]", row):
            sides = {"numerator": part.numerator, "denominator": part.denominator}
            reach: dict[str, tuple[int, str]] = {}
            for side, written in sides.items():
                measures = _recorded(book, written)
                counted = [each.code for each in measures if each.kind is Kind.DISTINCT]
                if counted and len(measures) > 1:
                    wrong = (
                        f"{counted[0]} counts each entity once and cannot be added to {_other(measures, counted[0])}."
                    )
                    yield f"{path}.{side}", wrong, "Make one measure that counts them together."
                by_area = [(_GRAINS.index(each.grain), each.code) for each in measures if each.grain is not Grain.UNIT]
                if by_area:
                    reach[side] = min(by_area)
            if part.denominator and len(reach) == len(sides):
                yield from _reach(path, row, reach)


_GRAINS = [Grain.PROVINCE, Grain.DISTRICT, Grain.COMMUNE]


def _reach(path: str, indicator: Indicator, reach: Mapping[str, tuple[int, str]]) -> Iterator[Problem]:
    deepest = max((_GRAINS.index(Grain(level.value)) for level in indicator.levels), default=0)
    coarse, fine = sorted(reach, key=lambda side: reach[side])
    (low, code), (high, other) = reach[coarse], reach[fine]
    if low < min(deepest, high):
        wrong = f"{code} is recorded by {_GRAINS[low]}, {other} by {_GRAINS[high]}: no ratio by {_GRAINS[min(deepest, high)]}."
        write = f"Record {code} by {_GRAINS[min(deepest, high)]}, or take the levels below {_GRAINS[low]} from {indicator.code}."
        yield f"{path}.{coarse}", wrong, write


def _recorded(book: _Book, written: str) -> list[Measure]:
    """Return the recorded measures of a formula, one for each term; none where it cannot be read."""
    try:
        terms = formula.expand(formula.parse(written), book.measures).terms if written else ()
    except formula.FormulaError:
        return []
    return [book.measures[term.measure] for term in terms]


def _other(measures: Sequence[Measure], code: str) -> str:
    return next((each.code for each in measures if each.code != code), code)


# --- Indicators.


def _check_indicators(book: _Book) -> Iterator[Problem]:
    yield from _repeated("indicator", "code", [row.code for row in book.plan.indicators])
    taken: dict[str, str] = {row.code: f"indicator[{index}]" for index, row in enumerate(book.plan.indicators)}
    for index, row in enumerate(book.plan.indicators):
        path = f"indicator[{index}]"
        yield from _code(book, f"{path}.code", row.code)
        if not row.clauses:
            yield f"{path}.clauses", "the indicator serves no clause.", "Name its clauses, the main one first."
        yield from _clauses(book, f"{path}.clauses", row.clauses)
        yield from _units(book, f"{path}.owed_by", row.owed_by, groups=True)
        yield from _one_of(f"{path}.direction", row.direction, ["up", "down"])
        yield from _one_of(f"{path}.paired_by", row.paired_by, ["", "unit"])
        for number, source in enumerate(row.usual_sources):
            yield from _one_of(f"{path}.usual_sources[{number}]", source, SOURCES)
        for field in ("owed_by", "levels", "usual_sources"):
            if not getattr(row, field):
                yield f"{path}.{field}", "is empty.", f"Name at least one in {field}."
        yield from _twin(book, f"{path}.same_as", row)
        yield from _indicator_words(book, path, row)
        for number, reading in enumerate(row.readings):
            at = f"{path}.reading[{number}]"
            if reading.code in taken:
                yield f"{at}.code", f"{reading.code!r} stands already in {taken[reading.code]}.", "Give each its own."
            taken[reading.code] = at
            yield from _code(book, f"{at}.code", reading.code)
            yield from _reading(book, at, row, reading)


def _code(book: _Book, path: str, code: str) -> Iterator[Problem]:
    if not _INDICATOR.fullmatch(code):
        yield path, f"{code!r} is not a code.", "Write letters, digits and dots: M1.2a."
    unit = max(
        (len(row.key) + (1 + _LONGEST_AREA if row.kind == COMMUNE_RULE else 0) for row in book.plan.units), default=1
    )
    length = sum((len(book.plan.key), len(code), _LONGEST_AREA, unit, _LONGEST_PERIOD, _LONGEST_REVISION)) + 5
    if length > FIGURE_KEY_LENGTH:
        wrong = f"figure keys with {code!r} take {length} characters, more than {FIGURE_KEY_LENGTH}."
        yield path, wrong, f"Write a code shorter by {length - FIGURE_KEY_LENGTH}, or shorter unit keys."


def _twin(book: _Book, path: str, indicator: Indicator) -> Iterator[Problem]:
    if not indicator.same_as:
        return
    twin = book.indicators.get(indicator.same_as)
    if twin is None or twin is indicator:
        yield from _unknown(path, "indicator", indicator.same_as, set(book.indicators) - {indicator.code})
        return
    mine = (indicator.numerator, indicator.denominator, [target.value for target in indicator.targets])
    if mine != (twin.numerator, twin.denominator, [target.value for target in twin.targets]):
        yield (
            path,
            f"is not the same figure as {twin.code}.",
            "Give both the same formulas and targets, or drop same_as.",
        )


def _indicator_words(book: _Book, path: str, indicator: Indicator) -> Iterator[Problem]:
    if indicator.quote and not _stands(indicator.quote, book.text):
        yield f"{path}.quote", "these words are not in the plan.", "Copy them from the plan, errors included."
    if indicator.readings and indicator.targets:
        wrong = "an indicator with readings has a target only by a decided one."
        yield f"{path}.target[0]", wrong, "Move it to [[indicator.reading.target]]."
    yield from _targets(
        book, f"{path}.target", indicator, indicator.targets, has_denominator=bool(indicator.denominator)
    )
    days = [target.from_day for target in indicator.targets if not (target.unit or target.area or target.level)]
    for number, day in enumerate(days):
        if day in days[:number]:
            yield f"{path}.target[{number}].from", f"two targets begin on {day}.", "Give the later one its own day."
    for number, deadline in enumerate(indicator.deadlines):
        at = f"{path}.deadline[{number}]"
        yield from _quoted(book, f"{at}.quote", deadline.quote, deadline.clause, document=deadline.document)
        yield from _unknown(f"{at}.clause", "clause", deadline.clause, book.clauses)
        yield from _changed_by(book, at, deadline.from_day, deadline.document)


def _targets(
    book: _Book, path: str, indicator: Indicator, targets: Sequence[Target], *, has_denominator: bool
) -> Iterator[Problem]:
    for number, target in enumerate(targets):
        at = f"{path}[{number}]"
        if not 0 < target.value <= 1:
            yield f"{at}.value", f"{target.value} is no share.", "Write a fraction above 0, at most 1: 50% is 0.5."
        if not has_denominator:
            yield (
                f"{at}.value",
                f"{indicator.code} is a count and has no share to reach.",
                "Add a denominator, or drop it.",
            )
        yield from _unknown(f"{at}.clause", "clause", target.clause, book.clauses)
        yield from _quoted(book, f"{at}.quote", target.quote, target.clause, document=target.document)
        if target.document:
            yield from _changed_by(book, at, target.from_day, target.document)
        yield from _stated(at, target)
        if target.deadline or target.deadline_quote:
            yield from _target_day(book, at, target)
        if target.unit:
            yield from _unknown(f"{at}.unit", "unit", target.unit, book.units)
        if target.area:
            yield from _area(book, f"{at}.area", target.area, target.from_day)


def _stated(path: str, target: Target) -> Iterator[Problem]:
    """The percent of the target either stands in its quote (`number`) or does not (`words`)."""
    percent = f"{plain_number(target.value * 100)}%"
    in_numbers = re.search(rf"(?<![\d.]){re.escape(percent)}", target.quote.replace(",", "."))
    yield from _one_of(f"{path}.stated", target.stated, ["number", "words"])
    if target.stated == "number" and not in_numbers:
        yield f"{path}.value", f"the quote does not say {percent}.", 'Correct the value, or write stated = "words".'
    if target.stated == "words" and in_numbers:
        yield f"{path}.stated", f"the quote says {percent}.", 'Write stated = "number".'


def _target_day(book: _Book, path: str, target: Target) -> Iterator[Problem]:
    if target.deadline is None:
        yield f"{path}.deadline_quote", "has no day.", "Add deadline = the last day, or drop the quote."
    elif not target.deadline_quote:
        yield f"{path}.deadline", "the plan's words for this day are missing.", "Add deadline_quote, or drop the day."
    else:
        yield from _quoted(
            book, f"{path}.deadline_quote", target.deadline_quote, target.clause, document=target.document
        )
        if target.deadline < target.from_day:
            yield (
                f"{path}.deadline",
                f"is before {target.from_day}, when the target begins.",
                "Correct one of the days.",
            )


def _changed_by(book: _Book, path: str, from_day: date | None, document: str) -> Iterator[Problem]:
    """A row that a document brought begins after the plan; a row of the plan needs no day of its own."""
    if document and (from_day is None or from_day <= book.plan.in_force_from):
        yield f"{path}.from", "is not later than the plan itself.", "Write the day from which the document holds."
    if from_day is not None and not document:
        yield f"{path}.document", "is missing.", "Name the document that changed it, or drop from."


def _quoted(book: _Book, path: str, quote: str, clause: str, *, document: str = "") -> Iterator[Problem]:
    """The words stand in the clause; those of a document that changed it only have to be there."""
    if not quote.strip():
        yield path, "the plan's words are missing.", "Copy them from the plan, errors included."
    elif document:
        return
    elif clause in book.clauses and not _stands(quote, book.clause_texts[clause]):
        yield path, f"these words are not in clause {clause}.", "Copy them from the plan, errors included."


def _reading(book: _Book, path: str, indicator: Indicator, reading: Reading) -> Iterator[Problem]:
    if not reading.parts:
        yield f"{path}.part", "the reading has no formula.", "Add [[indicator.reading.part]]."
    has_denominator = bool(reading.parts) and all(part.denominator for part in reading.parts)
    yield from _targets(book, f"{path}.target", indicator, reading.targets, has_denominator=has_denominator)
    for number, decision in enumerate(reading.decisions):
        if not (decision.decided_by.strip() and decision.document.strip()):
            at = f"{path}.decision[{number}]"
            yield at, "does not say who decided it by which document.", "Write decided_by and document."


def _check_decisions(book: _Book) -> Iterator[Problem]:
    for index, row in enumerate(book.plan.indicators):
        taken: dict[date, str] = {}
        for number, reading in enumerate(row.readings):
            for place, decision in enumerate(reading.decisions):
                if decision.from_day in taken:
                    wrong = f"{taken[decision.from_day]} is already chosen from {decision.from_day}."
                    yield (
                        f"indicator[{index}].reading[{number}].decision[{place}].from",
                        wrong,
                        "Choose one reading a day.",
                    )
                taken[decision.from_day] = reading.code


def _check_formulas(book: _Book) -> Iterator[Problem]:
    for path, written in _formulas(book):
        yield from _formula(book, path, written)
    for index, row in enumerate(book.plan.indicators):
        for path, part in _parts(f"indicator[{index}]", row):
            yield from _share(book, path, part)


def _share(book: _Book, path: str, part: Part) -> Iterator[Problem]:
    """A share of one measure: is what is counted part of the whole?"""
    try:
        top, bottom = formula.parse(part.numerator), formula.parse(part.denominator or part.numerator)
    except formula.FormulaError:
        return
    if not part.denominator:
        return
    if top == bottom:
        yield f"{path}.numerator", "is the same as the denominator: always 100%.", "Filter the numerator."
        return
    entities = {
        book.measures[term.measure].entity for term in top.terms + bottom.terms if term.measure in book.measures
    }
    if len(entities) > 1:
        wrong = f"counts {' over '.join(sorted(entities))}."
        yield f"{path}.numerator", wrong, "Use measures of one entity on both sides."
    if len(top.terms) == len(bottom.terms) == 1 and top.terms[0].measure == bottom.terms[0].measure:
        inside = dict(top.terms[0].where)
        for name, values in bottom.terms[0].where:
            if not set(inside.get(name, ("",))) <= set(values):
                wrong = f"is not part of the denominator: {name} may be {' or '.join(values)} there."
                yield f"{path}.numerator", wrong, "Give the numerator the same filter or a narrower one."


def _check_scope_lists(book: _Book) -> Iterator[Problem]:
    yield from _repeated("scope_list", "code", [row.code for row in book.plan.scope_lists])
    for index, row in enumerate(book.plan.scope_lists):
        path = f"scope_list[{index}]"
        for number, code in enumerate(row.indicators):
            yield from _unknown(f"{path}.indicators[{number}]", "indicator", code, book.indicators)
        if bool(row.number) != bool(row.issued_on):
            yield path, "has a number or a day, but not both.", "Write number and issued_on, or neither."


_CHECKS = (
    _check_plan,
    _check_report,
    _check_text,
    _check_clauses,
    _check_served,
    _check_pilots,
    _check_units,
    _check_groups,
    _check_assignments,
    _check_measures,
    _check_precedence,
    _check_labels,
    _check_obligations,
    _check_computable,
    _check_grains,
    _check_indicators,
    _check_decisions,
    _check_formulas,
    _check_scope_lists,
)
