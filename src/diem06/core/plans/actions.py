"""Loading a plan, opening its periods, amending it, milestones, drafts from documents."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.areas.actions import load_areas
from diem06.core.areas.models import Area
from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.organisation.actions import OrganisationError, load_units
from diem06.core.organisation.models import Unit
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.bundles import bundle_files, digest, plan_from_files
from diem06.core.plans.faults import fault_words
from diem06.core.plans.models import (
    DraftedFile,
    DraftedPlan,
    LoadedChange,
    LoadedPlan,
    Milestone,
    Obligation,
    Period,
)
from diem06.core.plans.queries import Loaded, first_day_to_change, known_areas, owing
from diem06.plan.amending import Value, next_version, with_key, with_row
from diem06.plan.changes import (
    GRADES,
    changes,
    chosen_reading,
    clauses_of,
    deadlines_on,
    newest_target,
    precedence_on,
)
from diem06.plan.checks import check
from diem06.plan.drafting import (
    Decisions,
    Draft,
    DraftError,
    KnownArea,
    Question,
    SourceFile,
    State,
    Verdict,
    as_json,
    bundle_of,
    decisions_as_json,
    decisions_from_json,
    from_json,
    open_questions,
    read_draft,
    with_areas,
)
from diem06.plan.drafting import apply as applied
from diem06.plan.faults import Fault, PlanErrors
from diem06.plan.formula import expand, parse
from diem06.plan.model import Indicator, Kind, ObligationRule, Plan, Reading, Target
from diem06.plan.periods import code_on, codes_until, following
from diem06.plan.periods import period as period_span
from diem06.plan.reader import read_plan
from vnlib.text import plain_number


class PlanChangeError(ValueError):
    """A new version of the plan changes what may not change."""


@transaction.atomic
def load_plan(*, folder: Path, at: datetime, by: int | None = None, is_made_up: bool = False) -> LoadedPlan:
    """
    Load the bundle in `folder`: check all of it, then its units, periods and obligations. Loading the same again changes
    nothing, unless another plan is in use by now: then it is taken into use again.

    Raises PlanErrors with every fault at once, and PlanChangeError where the calendar of a plan with periods would change, or
    where the files lack an amendment that was made here.
    """
    return _load(read_plan(folder), bundle_files(folder), at=at, by=by, is_made_up=is_made_up)


def _load(
    plan: Plan,
    files: dict[str, str],
    *,
    at: datetime,
    by: int | None,
    is_made_up: bool,
    keeps_units: bool = False,
) -> LoadedPlan:
    """`keeps_units`: units that are known here stay as they are, for a draft knows less of them."""
    if not Area.objects.exists():
        load_areas(by=by)
    if faults := check(plan, known_areas()):
        raise PlanErrors(faults)
    if Period.objects.filter(plan_id=plan.id).exclude(calendar=plan.periods.calendar.value).exists():
        raise PlanChangeError(f"{plan.id}: its periods follow another calendar; a plan keeps its calendar.")
    loaded, is_new = LoadedPlan.objects.get_or_create(
        plan_id=plan.id,
        hash=digest(files),
        defaults={
            "key": plan.key,
            "version": plan.version,
            "files": files,
            "loaded_at": at,
            "loaded_by_id": by,
            "is_made_up": is_made_up,
        },
    )
    if is_new:
        _keep_changes(plan, loaded)
        known = set(Unit.objects.values_list("code", flat=True)) if keeps_units else set()
        new = tuple(unit for unit in plan.units if unit.code not in known)
        load_units(dataclasses.replace(plan, units=new), by=by, at=at)
        details = {"version": plan.version, "hash": loaded.hash}
        record(by=by, action="plan.load", object_type="plan", object_id=plan.id, details=details, at=at)
        _add_new_rules(plan, loaded, at)
    elif _newest(plan.id).pk == loaded.pk:
        take_plan(bundle=loaded, at=at, by=by)
    open_periods(plan=plan, bundle=loaded, at=at, by=by)
    return loaded


@transaction.atomic
def take_plan(*, bundle: LoadedPlan, at: datetime, by: int | None = None) -> LoadedPlan:
    """
    Take a loaded plan into use again, after another one was: its pages, periods and reports stand as they stood.

    Does nothing where it is in use. Raises PlanChangeError for a version that a later one of the same plan replaced.
    """
    if LoadedPlan.objects.defer("files").first() == bundle:
        return bundle
    if _newest(bundle.plan_id).pk != bundle.pk:
        raise PlanChangeError(f"{bundle}: a later version of this plan is loaded; take that one.")
    bundle.taken_at = at
    bundle.save(update_fields=["taken_at"])
    plan = plan_from_files(bundle.files)
    details = {"version": bundle.version, "hash": bundle.hash}
    record(by=by, action="plan.take", object_type="plan", object_id=bundle.plan_id, details=details, at=at)
    open_periods(plan=plan, bundle=bundle, at=at, by=by)
    return bundle


def _newest(plan_id: str) -> LoadedPlan:
    return LoadedPlan.objects.filter(plan_id=plan_id).defer("files")[0]


def _keep_changes(plan: Plan, bundle: LoadedPlan) -> None:
    """Note which changes this version brings. Raises PlanChangeError where it lacks one that was made on the page."""
    keys = {change.key for change in changes(plan)}
    known = LoadedChange.objects.filter(plan_id=plan.id)
    if lost := sorted(set(known.filter(bundle__loaded_by__isnull=False).values_list("key", flat=True)) - keys):
        raise PlanChangeError(
            f"{plan.id}: these files lack amendments that were made here: {', '.join(lost)}. Add their rows first; "
            "`diem06 plan show --json` prints them."
        )
    new = sorted(keys - set(known.values_list("key", flat=True)))
    LoadedChange.objects.bulk_create(LoadedChange(plan_id=plan.id, key=key, bundle=bundle) for key in new)


def _add_new_rules(plan: Plan, bundle: LoadedPlan, at: datetime) -> None:
    """Let periods that are not yet due have the obligations of rules that this version adds; nothing is taken away."""
    for period in Period.objects.filter(plan_id=plan.id, opens_at__lte=at, due_at__gt=at):
        rows = list(Obligation.objects.filter(period=period))
        positions, cells = {row.rule for row in rows}, {_cells_key(row) for row in rows}
        Obligation.objects.bulk_create(
            row
            for row in _obligations(plan, bundle, period)
            if row.rule not in positions and _cells_key(row) not in cells
        )


def _cells_key(row: Obligation) -> tuple[object, ...]:
    where = tuple((name, tuple(values)) for name, values in sorted(row.where.items()))
    return (row.unit, row.measure, row.grain, where, row.day)


@transaction.atomic
def open_periods(*, plan: Plan, bundle: LoadedPlan, at: datetime, by: int | None = None) -> list[Period]:
    """Open every period that has begun by `at`, with the obligations of its last day. Returns the newly opened ones."""
    opened = []
    known = set(Period.objects.filter(plan_id=plan.id).values_list("code", flat=True))
    for code in codes_until(plan, at.date()):
        if code in known:
            continue
        span = period_span(plan, code)
        period = Period.objects.create(
            plan_id=plan.id,
            calendar=plan.periods.calendar.value,
            code=code,
            first_day=span.first_day,
            last_day=span.last_day,
            opens_at=span.opens_at,
            due_at=span.due_at,
            lock_at=span.lock_at,
        )
        Obligation.objects.bulk_create(_obligations(plan, bundle, period))
        record(by=by, action="period.open", object_type="period", object_id=f"{plan.id}/{code}", details={}, at=at)
        opened.append(period)
    return opened


def _obligations(plan: Plan, bundle: LoadedPlan, period: Period) -> Iterable[Obligation]:
    for position, rule in enumerate(plan.obligations):
        if not _applies(rule, period):
            continue
        for unit in owing(rule.owed_by, plan, on=period.last_day, clauses=clauses_of(rule, plan)):
            yield Obligation(
                period=period,
                unit=unit,
                measure=rule.measure,
                grain=rule.grain.value,
                where={name: list(values) for name, values in rule.where.items()},
                split_by=list(rule.split_by),
                levels=[level.value for level in rule.levels],
                day=rule.on or period.last_day,
                rule=position,
                bundle=bundle,
            )


def _applies(rule: ObligationRule, period: Period) -> bool:
    if rule.on is not None:  # withdrawn by an `until` before its day, when the deadline was moved
        return period.first_day <= rule.on <= period.last_day and (rule.until is None or rule.on <= rule.until)
    return rule.from_day <= period.last_day and (rule.until is None or rule.until >= period.last_day)


# -- amendments ----------------------------------------------------------------------------------------------------------
class AmendmentError(ValueError):
    """A change that is refused. `errors` are words by field of the form; "" is the whole form."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(word for words in errors.values() for word in words))
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The document by which the plan is changed: «Quyết định» of the chairman, «Công văn» of the standing office."""

    title: str
    number: str
    issued_on: date

    @property
    def words(self) -> str:
        """Return it as a document is cited."""
        return f"{self.title} số {self.number} ngày {self.issued_on:%d/%m/%Y}"


Files = Mapping[str, str]
# Which field of a form a fault of the plan belongs to, by the last key of its path.
_FIELDS = {
    "value": "value",
    "from": "from_day",
    "quote": "quote",
    "stated": "quote",
    "deadline": "day",
    "deadline_quote": "quote",
    "day": "day",
    "unit": "unit",
    "replaces": "task",
    "document": "number",
    "source": "number",
    "successor": "unit",
    "valid_to": "from_day",
}


@transaction.atomic
def choose_reading(
    *,
    loaded: Loaded,
    indicator: str,
    reading: str,
    from_day: date,
    basis: Basis,
    decided_by: str,
    at: datetime,
    by: int | None,
) -> LoadedPlan:
    """Decide which way an indicator is read from a day on. Raises AmendmentError."""
    _check_day(loaded.plan, from_day, at)
    row, index = _indicator(loaded.plan, indicator)
    number = next((n for n, each in enumerate(row.readings) if each.code == reading), None)
    if number is None:
        raise AmendmentError({"reading": [_("Chỉ tiêu %(code)s không có cách hiểu này.") % {"code": indicator}]})
    chosen = chosen_reading(row, from_day)
    if chosen and chosen.code == reading:
        raise AmendmentError({"reading": [_("Cách hiểu này đã được chọn. Chọn cách khác.")]})
    values: dict[str, Value] = {"from": from_day, "decided_by": decided_by, "document": basis.words}
    return _amend(
        loaded,
        lambda files, plan: with_row(
            files,
            plan,
            under=f"indicator[{index}].reading[{number}]",
            table="decision",
            values=values,
            comment=basis.words,
        ),
        details={"kind": "reading", "about": indicator, "new": reading, "from": from_day, "document": basis.words},
        at=at,
        by=by,
    )


@transaction.atomic
def change_target(
    *,
    loaded: Loaded,
    indicator: str,
    value: Decimal,
    quote: str,
    from_day: date,
    basis: Basis,
    at: datetime,
    by: int | None,
    unit: str = "",
) -> LoadedPlan:
    """
    Give an indicator (of one unit, or of the whole) another target from a day on; its deadline stays.

    `value` is a share from 0 to 1, `quote` the words of the document. Raises AmendmentError.
    """
    plan = loaded.plan
    _check_day(plan, from_day, at)
    row, _index = _indicator(plan, indicator)
    before = newest_target(_targets(row, from_day), from_day, (unit, "", None))
    whole = before or newest_target(_targets(row, from_day), from_day)
    if whole and before and before.value == value:
        raise AmendmentError({"value": [_("Mục tiêu đang là số này. Nhập số mới.")]})
    values: dict[str, Value] = {
        "value": value,
        "from": from_day,
        "clause": whole.clause if whole else row.clauses[0],
        "quote": quote,
        "stated": "number" if _percent(value) in quote.replace(".", ",") else "words",
        **({"deadline": whole.deadline, "deadline_quote": whole.deadline_quote} if whole and whole.deadline else {}),
        **({"unit": unit} if unit else {}),
        "document": basis.words,
    }
    return _amend(
        loaded,
        lambda files, plan: _with_targets(files, plan, row, from_day, values, basis),
        details={
            "kind": "target",
            "about": indicator,
            "unit": unit,
            "old": str(before.value) if before else "",
            "new": str(value),
            "from": from_day,
            "document": basis.words,
        },
        at=at,
        by=by,
    )


@transaction.atomic
def change_deadline(
    *, loaded: Loaded, indicator: str, day: date, quote: str, from_day: date, basis: Basis, at: datetime, by: int | None
) -> LoadedPlan:
    """
    Give an indicator another deadline from a day on; its target stays. A day inside a period is owed as an extra cell.

    `quote` are the words of the document. Raises AmendmentError.
    """
    plan = loaded.plan
    _check_day(plan, from_day, at)
    row, index = _indicator(plan, indicator)
    target = newest_target(_targets(row, from_day), from_day)
    held = deadlines_on(row, from_day)
    old = target.deadline if target else (held[0].day if held else None)
    _check_deadline(plan, row, day, old=old, from_day=from_day)

    def edit(files: Files, plan: Plan) -> Files:
        if target:
            values: dict[str, Value] = {
                "value": target.value, "from": from_day, "clause": target.clause, "quote": target.quote,
                "stated": target.stated, "deadline": day, "deadline_quote": quote, "document": basis.words,
            }  # fmt: skip
            files = _with_targets(files, plan, row, from_day, values, basis)
            return _with_extra_cells(files, plan, row, day=day, old=old, from_day=from_day, basis=basis)
        clause = held[0].clause if held else row.clauses[0]
        values = {"day": day, "quote": quote, "clause": clause, "from": from_day, "document": basis.words}
        return with_row(files, plan, under=f"indicator[{index}]", table="deadline", values=values, comment=basis.words)

    details = {
        "kind": "deadline", "about": indicator, "old": old, "new": day, "from": from_day, "document": basis.words,
    }  # fmt: skip
    return _amend(loaded, edit, details=details, at=at, by=by)


@transaction.atomic
def pass_assignment(
    *,
    loaded: Loaded,
    clause: str,
    pilot: str,
    unit: str,
    to: str,
    from_day: date,
    basis: Basis,
    at: datetime,
    by: int | None,
) -> LoadedPlan:
    """
    Let a pilot pass from `unit` to `to` from the first day of a period that has not opened yet.

    What the unit owes for this pilot alone passes with it; the periods before stay with who reported them. Raises
    AmendmentError.
    """
    plan = loaded.plan
    if from_day not in {span for _code, span in coming_periods(plan, at=at)}:
        raise AmendmentError({"from_day": [_("Chọn ngày đầu của một kỳ chưa mở.")]})
    new = units_on(from_day).get(to)
    if new is None:
        raise AmendmentError({"unit": [_("Không có đơn vị này vào ngày đó.")]})
    values: dict[str, Value] = {
        "clause": clause, "pilot": pilot, "unit": to, "unit_in_plan": new.name, "from": from_day,
        "source": basis.words, "replaces": unit,
    }  # fmt: skip
    details = {
        "kind": "assignment", "about": pilot, "old": unit, "new": to, "from": from_day, "document": basis.words,
    }  # fmt: skip
    return _amend(
        loaded,
        lambda files, plan: with_row(files, plan, table="assignment", values=values, comment=basis.words),
        details=details,
        at=at,
        by=by,
    )


@transaction.atomic
def rename_unit(
    *, loaded: Loaded, unit: str, name: str, short: str, from_day: date, basis: Basis, at: datetime, by: int | None
) -> LoadedPlan:
    """Give a unit another name from a day on; reports of earlier periods keep the old one. Raises AmendmentError."""
    _check_day(loaded.plan, from_day, at)
    index = _unit(loaded.plan, unit)
    values: dict[str, Value] = {"name": name, "short": short, "from": from_day, "document": basis.words}
    return _amend(
        loaded,
        lambda files, plan: with_row(
            files, plan, under=f"unit[{index}]", table="name", values=values, comment=basis.words
        ),
        details={"kind": "name", "about": unit, "new": name, "from": from_day, "document": basis.words},
        at=at,
        by=by,
    )


@transaction.atomic
def merge_unit(
    *, loaded: Loaded, unit: str, successor: str, from_day: date, basis: Basis, at: datetime, by: int | None
) -> LoadedPlan:
    """End a unit: from a day on `successor` owes what it owed and takes over what is open. Raises AmendmentError."""
    plan = loaded.plan
    _check_day(plan, from_day, at)
    index = _unit(plan, unit)
    if (last := plan.units[index].valid_to) and last < from_day:
        words = _("Đơn vị này đã kết thúc ngày %(day)s.") % {"day": f"{last:%d/%m/%Y}"}
        raise AmendmentError({"unit": [words]})
    if unit == successor:
        raise AmendmentError({"successor": [_("Chọn một đơn vị khác.")]})

    def edit(files: Files, plan: Plan) -> Files:
        path = f"unit[{index}]"
        keys: dict[str, Value] = {
            "valid_to": from_day - timedelta(days=1),
            "successor": successor,
            "ended_by": basis.words,
        }
        for key, value in keys.items():
            files = with_key(files, plan, table=path, key=key, value=value)
        return files

    details = {"kind": "unit", "about": unit, "new": successor, "from": from_day, "document": basis.words}
    return _amend(loaded, edit, details=details, at=at, by=by)


@transaction.atomic
def change_precedence(
    *,
    loaded: Loaded,
    measure: str,
    order: tuple[str, ...],
    from_day: date,
    basis: Basis,
    at: datetime,
    by: int | None,
) -> LoadedPlan:
    """
    Let another grade of sources count first in a measure from a day on; "": in every measure without a rule of its own.

    Raises AmendmentError.
    """
    _check_day(loaded.plan, from_day, at)
    before = precedence_on(loaded.plan, measure, from_day)
    if before == order:
        raise AmendmentError({"order": [_("Thứ tự đang là như vậy. Chọn thứ tự khác.")]})
    values: dict[str, Value] = {
        "from": from_day,
        "source": basis.words,
        **({"measures": (measure,)} if measure else {}),
        "order": order,
    }

    def edit(files: Files, plan: Plan) -> Files:
        if not plan.precedences:  # a plan that was loaded before such rows were known is read so
            said: dict[str, Value] = {"from": plan.in_force_from, "source": _UNSAID, "order": GRADES}
            files = with_row(files, plan, table="precedence", after="standing_rule", values=said)
        return with_row(files, plan, table="precedence", after="standing_rule", values=values, comment=basis.words)

    details = {
        "kind": "precedence", "about": measure, "old": ">".join(before), "new": ">".join(order), "from": from_day,
        "document": basis.words,
    }  # fmt: skip
    return _amend(loaded, edit, details=details, at=at, by=by)


_UNSAID = "ý kiến: Kế hoạch không nêu nguồn nào được tính khi hai nguồn khác nhau"


def coming_periods(plan: Plan, *, at: datetime, count: int = 6) -> list[tuple[str, date]]:
    """Return the next periods that have not opened at `at`: code and first day."""
    opened = codes_until(plan, at.date())
    code = following(opened[-1]) if opened else plan.periods.first
    found = []
    for _number in range(count):
        found.append((code, period_span(plan, code).first_day))
        code = following(code)
    return found


def _amend(
    loaded: Loaded, edit: Callable[[Files, Plan], Files], *, details: dict[str, Any], at: datetime, by: int | None
) -> LoadedPlan:
    """Make a new version of the plan in use, check and load it. The former one stays as it was."""
    before = LoadedPlan.objects.select_for_update().get(pk=loaded.bundle)
    if LoadedPlan.objects.defer("files").first() != before:
        raise AmendmentError({"": [_("Kế hoạch vừa được điều chỉnh ở nơi khác. Tải lại trang rồi làm lại.")]})
    files = next_version(dict(edit(before.files, loaded.plan)))
    try:
        plan = plan_from_files(files)
        after = _load(plan, files, at=at, by=by, is_made_up=before.is_made_up)
    except PlanErrors as errors:
        raise AmendmentError(_by_field(errors.faults)) from errors
    record(
        by=by,
        action="plan.amend",
        object_type="plan",
        object_id=plan.id,
        details={**{key: str(value) for key, value in details.items() if value}, "version": plan.version},
        at=at,
    )
    return after


def _by_field(faults: Iterable[Fault]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for fault in faults:
        errors.setdefault(_FIELDS.get(fault.path.rpartition(".")[2], ""), []).append(fault_words(fault))
    return errors


def _check_day(plan: Plan, from_day: date, at: datetime) -> None:
    first = first_day_to_change(plan, at=at)
    if from_day < first:
        words = _("Số liệu trước ngày %(day)s đã khóa và giữ mục tiêu của ngày đó. Chọn từ ngày %(day)s.")
        raise AmendmentError({"from_day": [words % {"day": f"{first:%d/%m/%Y}"}]})


def _check_deadline(plan: Plan, row: Indicator, day: date, *, old: date | None, from_day: date) -> None:
    if day == old:
        raise AmendmentError({"day": [_("Thời hạn đang là ngày này. Nhập ngày mới.")]})
    if day < from_day:
        raise AmendmentError({"day": [_("Thời hạn mới phải sau ngày bắt đầu điều chỉnh.")]})
    code = code_on(plan, day)
    if code and period_span(plan, code).last_day != day and row.kind is Kind.FLOW:
        last = period_span(plan, code).last_day
        words = _("Số phát sinh trong kỳ được chấm theo kỳ. Chọn ngày cuối kỳ, như %(day)s.")
        raise AmendmentError({"day": [words % {"day": f"{last:%d/%m/%Y}"}]})


def _indicator(plan: Plan, code: str) -> tuple[Indicator, int]:
    for index, row in enumerate(plan.indicators):
        if row.code == code:
            return row, index
    raise AmendmentError({"indicator": [_("Kế hoạch không có chỉ tiêu %(code)s.") % {"code": code}]})


def _unit(plan: Plan, code: str) -> int:
    for index, row in enumerate(plan.units):
        if row.code == code:
            return index
    raise AmendmentError({"unit": [_("Kế hoạch không có đơn vị này.")]})


def _reading(row: Indicator, on: date) -> tuple[Reading | None, int]:
    """Return the reading whose target is changed. Raises AmendmentError while none is chosen."""
    if not row.readings:
        return None, -1
    chosen = chosen_reading(row, on)
    if chosen is None:
        words = _("Chỉ tiêu %(code)s chưa chọn cách hiểu nên chưa có mục tiêu. Chọn cách hiểu trước.")
        raise AmendmentError({"indicator": [words % {"code": row.code}]})
    return chosen, row.readings.index(chosen)


def _targets(row: Indicator, on: date) -> tuple[Target, ...]:
    reading, _number = _reading(row, on)
    return reading.targets if reading else row.targets


def _with_targets(
    files: Files, plan: Plan, row: Indicator, from_day: date, values: Mapping[str, Value], basis: Basis
) -> Files:
    """Add the target to the indicator, and to those that are the same figure under another clause."""
    for index, each in enumerate(plan.indicators):
        if row.code not in (each.code, each.same_as) and (
            not row.same_as or row.same_as not in (each.code, each.same_as)
        ):
            continue
        _chosen, number = _reading(each, from_day)
        under = f"indicator[{index}].reading[{number}]" if number >= 0 else f"indicator[{index}]"
        own = newest_target(_targets(each, from_day), from_day)
        clause = own.clause if own else each.clauses[0]
        files = with_row(
            files, plan, under=under, table="target", values={**values, "clause": clause}, comment=basis.words
        )
    return files


def _with_extra_cells(
    files: Files, plan: Plan, row: Indicator, *, day: date, old: date | None, from_day: date, basis: Basis
) -> Files:
    """Let who declares the indicator's stocks owe them once more, dated the new deadline; the old day is owed no longer."""
    code = code_on(plan, day)
    is_inside = code is not None and period_span(plan, code).last_day != day
    measures = {measure.code: measure for measure in plan.measures}
    used = {
        term.measure
        for part in row.parts
        for formula in (part.numerator, part.denominator)
        if formula
        for term in expand(parse(formula), measures).terms
    }
    there = {(rule.measure, rule.on) for rule in plan.obligations if rule.on}
    for index, rule in enumerate(plan.obligations):
        if rule.measure not in used or measures[rule.measure].kind is Kind.FLOW:
            continue
        if rule.on and rule.on == old and old >= from_day and rule.until is None:
            files = with_key(files, plan, table=f"obligation[{index}]", key="until", value=from_day - timedelta(days=1))
        if rule.on is None and is_inside and (rule.measure, day) not in there:
            files = with_row(files, plan, table="obligation", values=_copied(rule, day, from_day), comment=basis.words)
    return files


def _copied(rule: ObligationRule, day: date, from_day: date) -> dict[str, Value]:
    values: dict[str, Value] = {"measure": rule.measure, "owed_by": rule.owed_by, "grain": rule.grain.value}
    if rule.where:
        values["where"] = rule.where
    if rule.split_by:
        values["split_by"] = rule.split_by
    if rule.levels:
        values["levels"] = tuple(level.value for level in rule.levels)
    return {**values, "on": day, "from": from_day, "source": rule.source}


def _percent(value: Decimal) -> str:
    return f"{plain_number(value * 100)}%".replace(".", ",")


# -- milestones ----------------------------------------------------------------------------------------------------------
class MilestoneError(ValueError):
    """A milestone that is refused: `field` of the form, and words for the person."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@transaction.atomic
def set_milestone(
    *,
    loaded: Loaded,
    indicator: str,
    value: Decimal,
    day: date,
    reason: str,
    at: datetime,
    by: int | None,
    area: str = "",
    unit: str = "",
) -> Milestone:
    """
    Set what the standing office wants to see of an indicator by a day; of an area, of a unit, or of the whole.

    `value` is a share from 0 to 1 for an indicator with a denominator, else a count. Raises MilestoneError.
    """
    row = next((each for each in loaded.plan.indicators if each.code == indicator), None)
    today = at.date()
    if row is None:
        raise MilestoneError("indicator", _("Kế hoạch không có chỉ tiêu %(code)s.") % {"code": indicator})
    if area and unit:
        raise MilestoneError("unit", _("Chọn địa bàn hoặc đơn vị, không chọn cả hai."))
    if area and area not in areas_on(today):
        raise MilestoneError("area", _("Không có địa bàn này."))
    if unit and unit not in units_on(today):
        raise MilestoneError("unit", _("Không có đơn vị này vào ngày đó."))
    if day <= today:
        raise MilestoneError("day", _("Chọn một ngày sau hôm nay."))
    if value <= 0 or (row.parts[0].denominator and value > 1):
        raise MilestoneError("value", _("Nhập số lớn hơn 0; tỷ lệ không quá 100%."))
    whole = "" if area == loaded.plan.area else area
    same = Milestone.objects.filter(
        plan_id=loaded.plan.id, indicator=indicator, area=whole, unit=unit, day=day, ended_on=None
    )
    if same.exists():
        raise MilestoneError("day", _("Đã có mốc vào ngày này. Kết thúc mốc cũ trước."))
    milestone = Milestone.objects.create(
        plan_id=loaded.plan.id,
        indicator=indicator,
        area=whole,
        unit=unit,
        value=value,
        day=day,
        reason=reason,
        set_on=today,
        set_at=at,
        set_by_id=by,
    )
    details = {"indicator": indicator, "area": whole, "unit": unit, "value": str(value), "day": day, "reason": reason}
    record(by=by, action="milestone.set", object_type="milestone", object_id=str(milestone.pk), details=details, at=at)
    return milestone


@transaction.atomic
def end_milestone(*, milestone: Milestone, reason: str, at: datetime, by: int | None) -> Milestone:
    """End a milestone: figures of windows that end today or later no longer look at it. Ending it again does nothing."""
    milestone = Milestone.objects.select_for_update().get(pk=milestone.pk)
    if milestone.ended_at is not None:
        return milestone
    if not reason.strip():
        raise MilestoneError("reason", _("Ghi lý do."))
    milestone.ended_on, milestone.ended_at, milestone.end_reason = at.date(), at, reason
    milestone.ended_by_id = by
    milestone.save(update_fields=["ended_on", "ended_at", "ended_by", "end_reason"])
    details = {"reason": reason}
    record(by=by, action="milestone.end", object_type="milestone", object_id=str(milestone.pk), details=details, at=at)
    return milestone


# -- drafts from documents -----------------------------------------------------------------------------------------------
class DraftClosedError(RuntimeError):
    """The draft was dropped or loaded already, or was changed since the page was read; the text tells the person."""


class PlanReplacedError(RuntimeError):
    """Loading would take another plan's place, and nobody confirmed it. `current` is the one in use."""

    def __init__(self, current: LoadedPlan) -> None:
        super().__init__(f"{current.plan_id} is in use.")
        self.current = current


@transaction.atomic
def draft_plan(*, files: Iterable[SourceFile], at: datetime, by: int | None) -> DraftedPlan:
    """
    Read the documents of a plan (the plan first, then its annexes) and keep what was read, for people to decide on.

    Areas are those of the plan's day where the document tells it. Units that are known here are proposed as they are known.
    Raises DraftError for a file that cannot be read.
    """
    sources = list(files)
    draft = read_draft(sources)
    if not Area.objects.exists():
        load_areas(by=by)
    draft = with_areas(draft, _known_areas(_day_of(draft) or at.date()))
    drafted = DraftedPlan.objects.create(
        name=sources[0].name[:200],
        draft=as_json(draft),
        decisions=decisions_as_json({**_known_units(draft, at.date()), **_plain_names(draft)}),
        uploaded_at=at,
        uploaded_by_id=by,
    )
    kept = [
        DraftedFile(
            drafted=drafted,
            position=position,
            name=source.name[:200],
            content=source.content,
            sha256=hashlib.sha256(source.content).hexdigest(),
        )
        for position, source in enumerate(sources, 1)
    ]
    DraftedFile.objects.bulk_create(kept)
    details = {"files": [{"name": file.name, "sha256": file.sha256} for file in kept]}
    record(by=by, action="draft.read", object_type="draft", object_id=str(drafted.pk), details=details, at=at)
    return drafted


def _day_of(draft: Draft) -> date | None:
    """Return the day from which the plan is in force, as far as the document tells it."""
    answer = next((each.answer for each in draft.questions if each.id == "plan.in_force_from"), "")
    try:
        return date.fromisoformat(answer)
    except ValueError:
        return None


def _known_areas(day: date) -> list[KnownArea]:
    return [
        KnownArea(code=area.code, name=area.name, level=area.level, parent=area.parent or "") for area in areas_on(day)
    ]


def _known_units(draft: Draft, day: date) -> dict[str, Verdict]:
    """Propose for each unit that is known here by this name its own code, key, kind and area; nothing is decided by it."""
    by_name: dict[str, UnitOn] = {}
    for unit in units_on(day).values():
        by_name.setdefault(unit.name.casefold(), unit)
        by_name.setdefault(unit.short.casefold(), unit)
    found = {}
    for each in draft.units:
        known = next((by_name[name.casefold()] for name in (each.name, *each.also) if name.casefold() in by_name), None)
        if known and not each.is_group:
            values = {
                "code": known.code,
                "key": known.key,
                "kind": known.kind,
                "level": known.level,
                "area": known.area,
            }
            changed = {name: value for name, value in values.items() if getattr(each, name) != value}
            if changed:
                found[each.id] = Verdict(state=State.PROPOSED, changes=changed)
    codes = {each.code: found[each.id].changes.get("code", each.code) for each in draft.units if each.id in found}
    for question in draft.questions:
        if codes.get(question.answer, question.answer) != question.answer:
            found[question.id] = Verdict(state=State.PROPOSED, changes={"answer": codes[question.answer]})
    return found


def _plain_names(draft: Draft) -> dict[str, Verdict]:
    """Propose names of indicators without their target: «Tỷ lệ hộ gia đình …», for a name stands in reports beside the figure."""
    found = {}
    targets = {target.id: target for target in draft.targets}
    for each in draft.indicators:
        target = targets.get(each.target)
        if target is None or "%" not in each.name:
            continue
        counted = each.counted
        if target.deadline:
            counted = counted.replace(target.deadline.words, "")
        name = f"Tỷ lệ {' '.join(counted.split()).rstrip(' ,;.')}"
        if "%" not in name:
            found[each.id] = Verdict(state=State.PROPOSED, changes={"name": name})
    return found


@transaction.atomic
def decide(*, drafted: DraftedPlan, verdicts: Decisions, at: datetime, by: int | None) -> DraftedPlan:
    """
    Keep what a person decided on items of a draft; what others decided on other items stays.

    Raises DecisionError for a change that does not fit its item, DraftClosedError where the draft is closed.
    """
    drafted = DraftedPlan.objects.select_for_update().get(pk=drafted.pk)
    if not drafted.is_open:
        raise DraftClosedError(_("Bản thảo đã nạp hoặc đã bỏ. Không sửa được nữa."))
    decisions = {**decisions_from_json(drafted.decisions), **verdicts}
    applied(from_json(drafted.draft), decisions)
    drafted.decisions = decisions_as_json(decisions)
    drafted.revision += 1
    drafted.save(update_fields=["decisions", "revision"])
    details = {"items": decisions_as_json(verdicts)}
    record(by=by, action="draft.decide", object_type="draft", object_id=str(drafted.pk), details=details, at=at)
    return drafted


@transaction.atomic
def drop_draft(*, drafted: DraftedPlan, at: datetime, by: int | None) -> DraftedPlan:
    """Put a draft aside; its documents and decisions stay. Raises DraftClosedError for one that was loaded."""
    drafted = DraftedPlan.objects.select_for_update().get(pk=drafted.pk)
    if drafted.bundle_id is not None:
        raise DraftClosedError(_("Bản thảo đã nạp. Không bỏ được nữa."))
    if drafted.dropped_at is None:
        drafted.dropped_at = at
        drafted.save(update_fields=["dropped_at"])
        record(by=by, action="draft.drop", object_type="draft", object_id=str(drafted.pk), details={}, at=at)
    return drafted


@dataclass(frozen=True, kw_only=True)
class DraftCheck:
    """
    What `plan check` says of the plan that a draft makes: its files, the plan (None: they cannot be read), every fault, and
    the questions that are open.
    """

    files: dict[str, str]
    plan: Plan | None
    faults: tuple[Fault, ...]
    questions: tuple[Question, ...]

    @property
    def is_clean(self) -> bool:
        return self.plan is not None and not self.faults and not self.questions


def check_draft(drafted: DraftedPlan) -> DraftCheck:
    """Make the plan of a draft as decided so far and check it. Writes nothing. Raises DraftError for a draft that is damaged."""
    draft, decisions = from_json(drafted.draft), decisions_from_json(drafted.decisions)
    questions = open_questions(draft, decisions)
    files = bundle_of(draft, decisions)
    try:
        plan = plan_from_files(files)
    except PlanErrors as errors:
        return DraftCheck(files=files, plan=None, faults=errors.faults, questions=questions)
    faults = (*_taken_names(plan), *_names_with_shares(plan), *check(plan, known_areas()))
    return DraftCheck(files=files, plan=plan, faults=faults, questions=questions)


def _names_with_shares(plan: Plan) -> Iterable[Fault]:
    """A percentage in a report is the system's or it is a fault; a name must not bring one that nobody can check."""
    for index, indicator in enumerate(plan.indicators):
        if "%" in indicator.name:
            yield Fault(
                "indicators.toml", 1, f"indicator[{index}].name", "holds a percentage.", "Leave it to the target."
            )


def _taken_names(plan: Plan) -> Iterable[Fault]:
    """A drafted plan is a plan of its own: it takes neither the id nor the key of one that is loaded."""
    if LoadedPlan.objects.filter(plan_id=plan.id).exists():
        yield Fault("plan.toml", 1, "id", f"'{plan.id}' is loaded already.", "Write another id.")
    if LoadedPlan.objects.filter(key=plan.key).exclude(plan_id=plan.id).exists():
        yield Fault("plan.toml", 1, "key", f"'{plan.key}' is the key of a loaded plan.", "Write another key.")


@transaction.atomic
def load_draft(
    *, drafted: DraftedPlan, revision: int, replaces: str, at: datetime, by: int | None, is_made_up: bool = False
) -> LoadedPlan:
    """
    Load the plan of a draft as it was checked at `revision`, and take it into use.

    An instance has one plan in use. Another one that is in use must be named in `replaces`; it stays, with its periods,
    values and reports, and can be taken into use again (`take_plan`). Raises DraftClosedError, PlanReplacedError, PlanErrors,
    PlanChangeError, OrganisationError.
    """
    drafted = DraftedPlan.objects.select_for_update().get(pk=drafted.pk)
    if not drafted.is_open or drafted.revision != revision:
        raise DraftClosedError(_("Bản thảo vừa được sửa ở nơi khác. Tải lại trang rồi kiểm tra lại."))
    made = check_draft(drafted)
    if made.faults or made.plan is None:
        raise PlanErrors(made.faults)
    if made.questions:
        raise DraftError(_("Kế hoạch còn thiếu thông tin. Trả lời các câu hỏi trước."))
    current = LoadedPlan.objects.defer("files").first()
    if current and current.plan_id not in (made.plan.id, replaces):
        raise PlanReplacedError(current)
    bundle = _load(made.plan, made.files, at=at, by=by, is_made_up=is_made_up, keeps_units=True)
    drafted.bundle = bundle
    drafted.save(update_fields=["bundle"])
    details = {"plan": made.plan.id, "hash": bundle.hash, "replaces": replaces}
    record(by=by, action="draft.load", object_type="draft", object_id=str(drafted.pk), details=details, at=at)
    return bundle


__all__ = [
    "AmendmentError",
    "Basis",
    "DraftCheck",
    "DraftClosedError",
    "MilestoneError",
    "OrganisationError",
    "PlanChangeError",
    "PlanReplacedError",
    "change_deadline",
    "change_target",
    "check_draft",
    "choose_reading",
    "coming_periods",
    "decide",
    "draft_plan",
    "drop_draft",
    "end_milestone",
    "load_draft",
    "load_plan",
    "merge_unit",
    "open_periods",
    "pass_assignment",
    "rename_unit",
    "set_milestone",
    "take_plan",
]
